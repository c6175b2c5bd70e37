//! What comes out of the press: one program of all tests, because each program more is linked, and lies on the disk, by itself.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod authority_page;
mod clinic_papers;
mod debrief;
mod directory_papers;
mod divert_papers;
mod incident_papers;
mod invitations;
mod key_papers;
mod letters;
mod literally;
mod log_sheet;
mod packs;
mod sample;
mod shift_card;
mod special_lists;

//! The one door to the record, from the outside: one program of all tests, because each program more is linked, and lies on the disk, by itself.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod access_room;
mod boards;
mod clinic_room;
mod common;
mod conservation;
mod damage;
mod disk;
mod divert_planner;
mod duplicates;
mod full_for_one_book;
mod hatch;
mod identity;
mod incident;
mod incident_proof;
mod lists;
mod moves;
mod northgate;
mod rebuild;
mod special_lists;

//! People, rights, sign-in, sessions, broken glass, looks: one program of all tests.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod credentials;
mod office;
mod people;
mod people_sheet;
mod shift_cards;
mod sign_in;
mod way_back;

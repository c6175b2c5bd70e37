//! People, rights, sign-in, sessions, broken glass, looks: one program of all tests.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod break_glass;
mod credentials;
mod devices;
mod frozen;
mod guesses;
mod looks;
mod office;
mod people;
mod people_sheet;
mod replay;
mod rights;
mod rights_cover_the_pages;
mod sessions;
mod shift_cards;
mod sign_in;
mod way_back;

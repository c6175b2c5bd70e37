//! Who may do what: people and their roles, rights page by page, signing in, sessions, broken glass, looks at patients.
//!
//! An [`Intent`] is what is wanted; [`decide`] answers with [`Fact`]s or a [`Refusal`]; the caller seals the facts as one
//! entry of the access book, and [`fold`] takes note of it. `rights` says from one readable file who may look at which page
//! and send which form; `looks` is what is recorded of every look at a patient. No clock, no disk, no randomness: time and
//! random bytes are handed in. Deliberately absent: pages, transport, keys, and any patient but as a number. Called by
//! `control_room` and `screens`; proved by `access/tests`.

pub mod alarms;
pub mod break_glass;
pub mod codec;
pub mod devices;
pub mod history;
pub mod looks;
pub mod people;
pub mod rights;
pub mod secrets;
pub mod sessions;
pub mod sign_in;
pub mod words;

mod book;
mod patient;
mod roles;

pub use book::{AccessBook, Act, Asked, By, Fact, Intent, NotYours, Refusal, Stamp, decide, fold};
pub use patient::Patient;
pub use people::StaffNumber;
pub use roles::Role;

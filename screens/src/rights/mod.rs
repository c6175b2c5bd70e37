//! Who may look at which page: the rights in force, for people to read.
//!
//! Always: as they are in force, and why the hospital's own file is not, where it has a fault. Never: a way to change them:
//! they are a file that is signed off. Proved by `tests/people.rs`.

pub mod page;

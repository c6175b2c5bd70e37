//! The control room's wall: one incident in letters that are read across a room.
//!
//! Never: a patient's name; the incident book knows none. Proved by `tests/wallboard.rs`.

pub mod page;

//! Find a patient: one box.

pub mod page;

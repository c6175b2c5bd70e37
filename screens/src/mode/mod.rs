//! Changing the mode: the one decision that this issue lets a person take for the whole hospital.

pub mod page;

//! The print centre: every ward's pack, ready, with its age.

pub mod page;
pub mod pdf;

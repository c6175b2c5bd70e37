//! Messages: written to roles, wards and everyone on duty; who has them, who read them, who has done what they ask.

pub mod list;
pub mod one;
pub mod person;
pub mod write;

//! The ward list: who is in which bed.

pub mod page;

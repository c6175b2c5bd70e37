//! Paste: what would Lifeboat make of this message? Nothing is recorded.

pub mod facts;
pub mod page;

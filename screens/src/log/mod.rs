//! The log: a box to write in that is always there, every entry newest first, searched and filtered; on paper; and as a
//! sealed bundle that proves itself elsewhere.
//!
//! Always: an entry keeps its number and its writer's initials for good; a mistake is put right by another entry; a page
//! is bounded however long the log is. Called by the router; proved by `tests/log.rs`.

pub mod entry;
pub mod export;
pub mod page;
pub mod question;
pub mod row;

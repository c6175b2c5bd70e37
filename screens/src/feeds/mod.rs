//! Feeds: who sends, since when, how fast, and how much waits.

pub mod page;
pub mod row;

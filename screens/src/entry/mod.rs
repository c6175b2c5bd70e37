//! An entry of the feed book: the message that a fact came from, exactly as received.

pub mod concerned;
pub mod page;

//! The tray: messages that could not be fully understood. See them, replay them, clear them with a reason; never lose
//! them.

pub mod deeds;
pub mod item;
pub mod page;

//! Home: the first page anybody opens. The mode, each feed's last message, the record, the packs.

pub mod demo;
pub mod page;

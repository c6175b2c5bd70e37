//! Hostile disks for tests: one that fails a chosen call, one that remembers everything so that power can be cut at
//! any instant afterwards, one with little room. Never used by the program; public so that every room may test with
//! them.

mod faulty;
mod power_cut;
mod quota;

pub use faulty::{FaultyDisk, Mishap, Op};
pub use power_cut::{Dice, PowerCutDisk};
pub use quota::QuotaDisk;

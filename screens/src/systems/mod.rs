//! The systems board: every IT system of every site, the worst first; a short form for whoever sees something; the
//! IT lead's form; the inventory as a table, in and out.
//!
//! Always: infected, isolated on purpose and unknown are told apart by colour, shape and word; what is practised in an
//! exercise is shown as such and changes nothing that is real. Called by the router; proved by `tests/systems.rs`.

pub mod board;
pub mod ground;
pub mod import;
pub mod one;
pub mod report;
pub mod settle;
pub mod sheet;
mod state;
mod strip;

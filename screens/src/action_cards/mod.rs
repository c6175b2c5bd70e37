//! Action cards: my next step, large; all cards and what is overdue; each card for reading and on paper; and whether
//! the planner's own cards can be used.
//!
//! Called by the router; proved by `tests/action_cards.rs`.

pub mod all;
pub mod check;
pub mod mine;
pub mod of_role;
pub mod pdf;
mod row;
pub mod step;

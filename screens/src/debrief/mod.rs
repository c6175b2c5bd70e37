//! The debrief of an incident: what happened when, what was late, who answered how fast, what was decided.

pub mod page;

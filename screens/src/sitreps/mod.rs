//! Sitreps: drafted from the boards, edited, approved, numbered, the next one's time kept; read on the screen, on
//! paper, as text and as data.
//!
//! Always: the draft shows what changed since the last one; what somebody typed outlives a refusal, also when another
//! was faster. Called by the router; proved by `tests/sitreps.rs`.

pub mod draft;
pub mod files;
pub mod one;
pub mod page;

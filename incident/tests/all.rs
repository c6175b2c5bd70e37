//! The running of an incident, rule by rule: one program of all tests, because each program more is linked, and lies on the disk, by itself.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod card_format;
mod cards;
mod common;
mod debrief;
mod decisions;
mod directory;
mod divert_broadcast;
mod divert_debrief;
mod divert_feeds;
mod divert_plans;
mod divert_replay;
mod diverts;
mod evidence;
mod frozen;
mod life;
mod messages;
mod public_updates;
mod replay;
mod roles;
mod sitreps;
mod systems;

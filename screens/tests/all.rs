//! Every screen as a browser would ask for it: one program of all tests, because each program more is linked, and lies on the disk, by itself.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod action_cards;
mod ages;
mod clinics;
mod clinics_import;
mod common;
mod debrief;
mod directory;
mod diverts;
mod escaping;
mod fixture;
mod forms;
mod golden;
mod hatch;
mod headers;
mod incident;
mod live;
mod log;
mod messages;
mod outbox;
mod pages;
#[path = "fixture/plan.rs"]
mod plan;
mod public_updates;
mod signs;
mod sitreps;
mod special_lists;
mod states;
mod systems;
mod who;

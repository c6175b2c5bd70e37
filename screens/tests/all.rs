//! Every screen as a browser would ask for it: one program of all tests, because each program more is linked, and lies on the disk, by itself.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod access_record;
mod action_cards;
mod ages;
mod break_glass;
mod clinics;
mod clinics_import;
mod common;
mod debrief;
mod devices;
mod directory;
mod diverts;
mod doors;
mod escaping;
mod fixture;
mod forms;
mod golden;
mod hatch;
mod headers;
mod incident;
mod live;
mod log;
mod looks;
mod messages;
mod office;
mod outbox;
mod pages;
mod people;
#[path = "fixture/plan.rs"]
mod plan;
mod public_updates;
mod shift_cards;
mod sign_in;
mod signs;
mod sitreps;
mod special_lists;
mod staff_room;
mod states;
mod systems;
mod who;

//! The program as people and scripts run it: one program of all tests, because each program more is linked, and lies on the disk, by itself.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod cards_check;
mod clinics_lists;
mod clinics_plan;
mod command_line;
mod common;
mod divert_plan;
mod divert_room;
mod divert_simulate;
mod exercise;
mod hardening;
mod keys;
mod keys_traces;
mod northgate;
mod people_command;
mod public_page;
#[path = "common/s3.rs"]
mod s3;
mod tls;

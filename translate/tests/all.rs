//! What messages and resources say about a patient: one program of all tests, because each program more is linked, and lies on the disk, by itself.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod appointments;
mod clocks;
mod common;
mod corpus;
mod fhir_census;
mod fhir_corpora;
mod fhir_references;
mod northgate;
mod sheet_columns;
mod sheet_hostile;
mod sheet_times;
mod sheets;
mod unseen;

//! Patients, bookings and notices: one program of all tests, because each program more is linked, and lies on the disk, by itself.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod clinic_rules;
mod clinic_triage;
mod clinics_counts;
mod clinics_decisions;
mod clinics_door;
mod clinics_frozen;
mod clinics_rebooking;
mod clinics_telling;
mod desk;
mod notice_routes;
mod notice_words;
mod notices;
mod records;
mod special_lists;

//! The doors for data: one program of all tests, because each program more is linked, and lies on the disk, by itself.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod common;
mod files;
mod http;
mod mllp;
mod mllp_tls;
mod neighbours;
mod osrm;
mod rows;

//! Fuzz target: bytes opened as a message, every part read, and answered.
//!
//! Promises what `tests/exercise` checks (RELIABILITY test 9).
//! Run with `cargo fuzz run -s none message` (nightly), or on stable with `RUSTC_BOOTSTRAP=1` set.
#![no_main]

#[path = "../../tests/exercise/mod.rs"]
mod exercise;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    exercise::message(bytes);
});

//! Fuzz target: bytes as they come over a connection.
//!
//! Promises what `tests/exercise` checks (RELIABILITY test 9).
#![no_main]

#[path = "../../tests/exercise/mod.rs"]
mod exercise;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    exercise::deframer(bytes);
});

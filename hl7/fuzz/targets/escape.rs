//! Fuzz target: bytes as text to be written and read back.
//!
//! Promises what `tests/exercise` checks (RELIABILITY test 9).
#![no_main]

#[path = "../../tests/exercise/mod.rs"]
mod exercise;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    exercise::escape(bytes);
});

//! Fuzz target: bytes as the document in a result.
//!
//! Promises what `tests/exercise` checks (RELIABILITY test 9).
#![no_main]

#[path = "../../tests/exercise/mod.rs"]
mod exercise;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    exercise::document(bytes);
});

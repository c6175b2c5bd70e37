//! Handing records back: what was decided here, in the words that the hospital's own systems read.
//!
//! Today the bookings: what was postponed as SIU^S15 (cancelled), what was given another time as SIU^S13 (rescheduled),
//! one message each, in one file. Always: every message is read back by Lifeboat's own reader as what was decided. Never:
//! anything sent; a person takes the file to the system that is well again. Called by the program; proved by `tests/`.

mod bookings;

pub use bookings::{BookingChange, Fault, Processing, bookings, siu};

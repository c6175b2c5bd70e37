//! Plans as numbers: who is taken where while hospitals divert their ambulances, and which bookings of a clinic are kept.
//!
//! On the day: five emergency departments cannot take more, and somebody must say who goes where without drowning the
//! neighbours; half of what was booked can be done, and somebody must say which half. Always: the same input gives the same plan, to the last flow; every plan says how good it is and why it
//! can be no better; work is bounded by counts, not by time. Never: a clock, a file, a network or chance.
//! Called by `incident` (diverts), `drill` (simulation), `care` (clinics) and the command line. Proved by `tests/` against best known
//! values that others computed, brute force over site subsets, and properties.

pub mod clinics;
pub mod diverts;

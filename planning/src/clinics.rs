//! Which bookings of a day's clinics can be kept when less can be done than was booked.
//!
//! On the day: pathology does 115 tests by hand and half the rooms have no computer, and somebody must say which patients
//! still come. Always: most of class A, then of B, C, D (`Instance` says what they are, `care` says who is in which); the
//! greedy choice, which can be explained in a sentence, and beside it the exact optimum; the same list in another order
//! gives the same choice. Never: a booking that cannot be done, a session or a shared limit overrun, postcode or cost.
//! Called by the clinics' lists and the command line; proved by `planning/tests/clinics*.rs`.

mod ceiling;
mod change;
mod exact;
mod frontier;
mod greedy;
mod instance;
mod merge;
mod rebook;
mod refusal;
mod selection;
mod worth;

pub use change::{Change, apply};
pub use exact::{Effort, Optimum, Proof, Swap, exact};
pub use greedy::{first_come, greedy};
pub use instance::{Booking, Class, Instance, Limits, Session, SharedLimit, Use};
pub use rebook::{Due, assign};
pub use refusal::Refusal;
pub use selection::{Counts, Outcome, Selection};

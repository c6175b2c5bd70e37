//! Clinic rescue: what people decided about bookings, what patients were told, who came anyway, what was made up for.
//!
//! The clinic book is the third book: `book` holds its picture, `decisions`, `telling`, `door` and `rebooking` their
//! rules, `counts` what adds up. Always: nothing is postponed without a person, a time and a rule; of two who decide at
//! once the second is told of the first; postponed = rebooked + outstanding, to the patient. Never: anything decided by
//! rule alone. Called by `control_room`; proved by `tests/clinics_*.rs`.

mod book;
mod booking;
mod codec;
mod counts;
mod decisions;
mod deprivation;
mod door;
mod equality;
mod rebooking;
mod telling;

pub use book::{
    Act, Asked, ClinicBook, Fact, Handled, Intent, Line, Picture, Practice, Refusal, Stamp, decide, fold,
};
pub use booking::{BookingKey, Snapshot, urgent_cancer};
pub use codec::{ACT, ACT_BYTES_MAX, Fault as CodecFault, read, write};
pub use counts::{Counts, DayCount, Tally, counts};
pub use decisions::{Choice, Considered, Decision, Escalation};
pub use deprivation::{Deprivation, DeprivationFault};
pub use door::{Arrival, Arrived};
pub use equality::{Group, Shares, shares};
pub use planning::clinics::Class;
pub use rebooking::{Capacity, Latest, Place, Proposed, Rebooked, Slot};
pub use telling::{
    CallOutcome, Knows, Notice, NoticeState, Planned, PlannedBooking, Preference, Told, ToldHow,
};

/// What can be wanted, and why not, part by part.
pub mod wanted {
    pub use super::decisions::{Intent as Decisions, Refusal as DecisionRefusal};
    pub use super::door::{Intent as Door, Refusal as DoorRefusal};
    pub use super::rebooking::{Intent as Rebooking, Refusal as RebookingRefusal};
    pub use super::telling::{Intent as Telling, Refusal as TellingRefusal};
}

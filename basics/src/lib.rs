//! Identifiers, moments and limits that every room shares.
//!
//! Promises: no type here knows a wire format, reads a clock or touches a disk; every identifier that exists is valid.
//! Called by every crate; proved by the tables beside each type.

pub mod csv;
pub mod words;

mod clock;
mod folded;
mod identifiers;
mod moment;
mod nhs_number;
mod partial_date;
mod person;
mod short_text;

pub use clock::{Clock, FixedClock};
pub use folded::folded;
pub use identifiers::{BookName, EntryNumber, FeedName, OdsCode, SiteId, WardId};
pub use moment::{Civil, Moment, Zone};
pub use nhs_number::NhsNumber;
pub use partial_date::PartialDate;
pub use person::Person;
pub use short_text::{clip, tidy};

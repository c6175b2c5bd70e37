//! A simulated trust: five invented hospitals whose feeds are made from a seed and sent over real MLLP.
//!
//! Promises: the same seed always gives the same messages; nobody in it is real (NHS numbers from 999, invented
//! places); beside the messages stands the truth about every patient, to be held against what Lifeboat shows.
//! Called by `lifeboat demo`, by the drills in `drills/` and by the benches. Proved by the tests of this crate.

pub mod alerts;
pub mod bulk;
pub mod chance;
pub mod compare;
pub mod divert_simulation;
pub mod fake_notify;
pub mod feeds;
pub mod formulary;
pub mod ledger;
pub mod messages;
pub mod mishaps;
pub mod names;
pub mod orders;
pub mod panels;
pub mod pdf;
pub mod people;
pub mod places;
pub mod play;
pub mod run;
pub mod scenario;
pub mod sender;
pub mod trust;
pub mod truth;
pub mod wire;

pub use feeds::{FeedPlan, SentWard, Source};
pub use ledger::{Acknowledged, Ledger};
pub use orders::{Controls, FeedProgress, Orders, Progress, Which};
pub use play::{Measure, Outcome, Planted, play, play_watched};
pub use run::{Targets, run};
pub use scenario::Scenario;
pub use sender::{Delivery, Patience, Sender};
pub use trust::{Outgoing, Size, Trust};
pub use truth::{PatientTruth, TruePlace, Truth};

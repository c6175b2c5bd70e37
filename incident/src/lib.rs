//! The running of a major incident, pure: who leads, who does what next, what was decided, what works and what does not.
//!
//! An [`Intent`] is what somebody wants; [`decide`] answers with [`Fact`]s or a [`Refusal`]; the caller seals the facts
//! as one entry of the incident book, and [`fold`] takes note of it. Boards are read from the [`IncidentBook`]. No
//! clock, no disk, no randomness, and no patient: the running of an incident sees none. Modules stand in the order of
//! the plan. Called by `control_room`, `screens`, `paper`, `public_page`; proved by `incident/tests`.

pub mod action_cards;
pub mod decisions;
pub mod declare;
pub mod directory;
pub mod diverts;
pub mod evidence;
pub mod hospitals;
pub mod messages;
pub mod methane;
pub mod public_updates;
pub mod roles;
pub mod sitreps;
pub mod stand_down;
pub mod systems;

pub mod boards;
pub mod codec;
pub mod csv;
pub mod debrief;
pub mod log;
pub mod wording;

mod book;
mod fact;
mod people;

pub use book::{Act, Asked, IncidentBook, decide, fold};
pub use declare::{Incident, Level, Nature, Stage};
pub use fact::{Fact, Intent, Refusal};
pub use people::{Ground, IncidentId, Person, Stamp};
pub use roles::{Post, RoleKey};

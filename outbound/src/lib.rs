//! What leaves the house for people: the durable outbox, and the gateways that carry it.
//!
//! Text messages and mail by GOV.UK Notify or the hospital's own mail relay, machines by webhook, paper by runner.
//! Promises: a message taken on is never silently lost and, where the gateway can be asked or keeps one of two, never
//! sent twice; where it cannot, a person decides ("perhaps sent"). Nothing lies in clear on the disk. An exercise says
//! so in every message. The crate reads no clock and no configuration; it knows no patient and no page. Called by
//! `lifeboat serve` (and by `incident` and the clinics' notices through the program); proved by `outbound/tests`.
//! What the book holds: `docs/formats/outbox_book.md`.

mod board;
mod courier;
mod decide;
mod gateway;
pub mod gateways;
mod lane;
mod ledger;
mod note;
mod outbox;
mod outgoing;
mod pace;
mod refusal;
#[cfg(test)]
mod simulation;
mod state;

pub use board::{GatewayBoard, ItemFilter, OutboxBoard};
pub use courier::Courier;
pub use gateway::{Blame, Doing, Gateway, Handed, Parcel, Progress, Question, Reference, Told};
pub use note::Settlement;
pub use outbox::{BATCH_MAX, Outbox, Queued};
pub use outgoing::{
    BODY_BYTES_MAX, EmailAddress, FIELDS_MAX, Outgoing, OutgoingId, PhoneNumber, Place, REASON_BYTES_MAX,
    Route, SUBJECT_BYTES_MAX, Urgency, Way, WebhookName, Words,
};
pub use pace::Patience;
pub use refusal::{Fault, Refusal, Refused};
#[doc(hidden)]
pub use state::Planted;
pub use state::{GatewaySetup, InDoubt, Item, OutboxSetup, State, StateKind};

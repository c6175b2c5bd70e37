//! What may be true of a message, and the setup that its outbox follows.
//!
//! queued → claimed (recorded before the socket is used) → sent, refused, or doubtful → asked → sent, queued again, or
//! perhaps sent (a person decides) → delivered or failed. Beside that: expired, cancelled, closed. Never: a way from
//! doubtful to a second sending that does not pass through a gateway's answer or a person's name.

use crate::gateway::Reference;
use crate::outgoing::{Outgoing, Route, Way};
use crate::pace::Patience;
use basics::{EntryNumber, Moment};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// A message in the outbox.
#[derive(Clone, Debug)]
pub struct Item {
    /// The entry that recorded it.
    pub number: EntryNumber,
    /// Its name outside the house.
    pub reference: Reference,
    /// What was asked for.
    pub outgoing: Arc<Outgoing>,
    /// Until when it may be sent: as asked, or as a person decided later.
    pub valid_until: Moment,
    /// Where it stands.
    pub state: State,
    /// When it was taken on.
    pub queued_at: Moment,
    /// When its state last changed.
    pub changed_at: Moment,
    /// When it was first handed over.
    pub claimed_at: Option<Moment>,
    /// Attempts that count against it.
    pub attempts: u32,
    /// What went wrong last, in words.
    pub last_error: Option<(Moment, String)>,
    /// A gateway had it, or nobody could say whether one had: it may have arrived, whatever was said or decided since.
    pub perhaps_left: bool,
    pub(crate) lane: Option<usize>,
    pub(crate) gateway: Option<String>,
    pub(crate) busy: bool,
    pub(crate) asked: u32,
}

/// Where a message stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum State {
    /// It waits; until `due`, where that is given.
    Queued {
        /// Not before this moment.
        due: Option<Moment>,
    },
    /// It is being handed over.
    Claimed,
    /// Nobody can say whether it was taken; the gateway is asked at `due`.
    Doubtful {
        /// When it is asked.
        due: Moment,
        /// How often it has said "never seen".
        never_seen: u8,
    },
    /// Nobody can say and nobody can be asked: a person decides.
    PerhapsSent,
    /// The gateway has it; whether it arrived is asked at `ask_due`.
    Sent {
        /// What the gateway calls it.
        gateway_id: String,
        /// When it is asked about.
        ask_due: Moment,
    },
    /// The gateway will never take it, or too many attempts failed: a person decides.
    Refused,
    /// The gateway took it and it did not arrive: a person decides.
    Failed,
    /// It was not sent before it became misleading: a person decides.
    Expired,
}

/// The states by name, those that are done with included.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StateKind {
    /// Waiting.
    Queued,
    /// Being handed over.
    Claimed,
    /// The gateway will be asked.
    Doubtful,
    /// A person must decide.
    PerhapsSent,
    /// The gateway has it.
    Sent,
    /// It arrived.
    Delivered,
    /// The gateway will not take it.
    Refused,
    /// It did not arrive.
    Failed,
    /// Too late.
    Expired,
    /// Taken out by a person.
    Cancelled,
    /// Dealt with in another way by a person.
    Closed,
}

impl StateKind {
    /// All of them, in the order of a message's life.
    pub const ALL: [Self; 11] = [
        Self::Queued,
        Self::Claimed,
        Self::Doubtful,
        Self::PerhapsSent,
        Self::Sent,
        Self::Delivered,
        Self::Refused,
        Self::Failed,
        Self::Expired,
        Self::Cancelled,
        Self::Closed,
    ];

    /// As a person reads it: "perhaps sent".
    pub fn words(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Claimed => "being handed over",
            Self::Doubtful => "in doubt",
            Self::PerhapsSent => "perhaps sent",
            Self::Sent => "sent",
            Self::Delivered => "delivered",
            Self::Refused => "refused",
            Self::Failed => "not delivered",
            Self::Expired => "expired",
            Self::Cancelled => "cancelled",
            Self::Closed => "closed",
        }
    }

    /// Waits for a person: nothing more happens by itself.
    pub fn needs_a_person(self) -> bool {
        matches!(self, Self::PerhapsSent | Self::Refused | Self::Failed | Self::Expired)
    }
}

impl State {
    /// Its name.
    pub fn kind(&self) -> StateKind {
        match self {
            Self::Queued { .. } => StateKind::Queued,
            Self::Claimed => StateKind::Claimed,
            Self::Doubtful { .. } => StateKind::Doubtful,
            Self::PerhapsSent => StateKind::PerhapsSent,
            Self::Sent { .. } => StateKind::Sent,
            Self::Refused => StateKind::Refused,
            Self::Failed => StateKind::Failed,
            Self::Expired => StateKind::Expired,
        }
    }
}

/// How the outbox is set up.
#[derive(Clone, Debug)]
pub struct OutboxSetup {
    /// The gateways, each with what it carries; the first that carries a way is used for it.
    pub gateways: Vec<GatewaySetup>,
    /// Most messages that may be open at once.
    pub open_max: usize,
    /// From which the spreading of waits is drawn.
    pub seed: u64,
    /// A bug put in on purpose, for the tests that must find it.
    #[doc(hidden)]
    pub planted: Planted,
}

impl Default for OutboxSetup {
    fn default() -> Self {
        Self { gateways: Vec::new(), open_max: 100_000, seed: 1, planted: Planted::Nothing }
    }
}

/// How one gateway is used.
#[derive(Clone, Debug)]
pub struct GatewaySetup {
    /// Its name; a webhook's is the one messages are addressed to.
    pub name: String,
    /// What it carries.
    pub carries: Vec<Way>,
    /// Most requests in any minute.
    pub per_minute_max: u32,
    /// Most messages being handed over at the same time.
    pub in_flight_max: usize,
    /// How long an answer may take.
    pub answer_ms_max: u64,
    /// How patient to be.
    pub patience: Patience,
    /// What to do when nobody can say whether a message was taken and the gateway cannot be asked.
    pub in_doubt: InDoubt,
}

impl GatewaySetup {
    /// With the usual ceilings.
    pub fn named(name: &str, carries: &[Way]) -> Self {
        Self {
            name: name.to_owned(),
            carries: carries.to_vec(),
            per_minute_max: 600,
            in_flight_max: 8,
            answer_ms_max: 20_000,
            patience: Patience::default(),
            in_doubt: InDoubt::Hold,
        }
    }

    /// Whether it is the way for this route.
    pub fn serves(&self, route: &Route) -> bool {
        let addressed = match route {
            Route::Webhook(name) => name.as_str() == self.name,
            _ => true,
        };
        addressed && self.carries.contains(&route.way())
    }
}

/// What to do about a message that perhaps was sent, where nobody can be asked.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InDoubt {
    /// A person decides. The default: a message told twice may be acted on twice.
    Hold,
    /// Send it again: where missing it is worse than getting it twice.
    SendAgain,
}

/// Bugs for the tests that must find them; see `tests/kill.rs`.
#[doc(hidden)]
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Planted {
    /// None.
    #[default]
    Nothing,
    /// The claim is not recorded before the socket is used.
    ClaimsInMemory,
    /// After a restart whatever was being handed over counts as sent.
    TakesDoubtForSent,
    /// After a restart whatever was being handed over is sent again without asking.
    TakesDoubtForUnsent,
}

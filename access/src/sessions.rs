//! Who is signed in where: short and locked when idle on devices of many, long on somebody's own, bound to the device.
//!
//! Always: what is kept of a session's token is its hash; a session shown by another device is refused and ended, and whoever
//! had it is told why; revoking a person, a device or everything holds from the next request on. At a ward terminal whoever
//! comes next locks the session before, and its owner opens it again by passphrase, passkey or PIN alone. Never: rights kept
//! in a session: what somebody may do is read from their account at each request. Proved by `tests/sessions.rs`.

mod check;
mod rules;

pub use check::{Activity, Check, Standing, check};
pub use rules::{Fact, How, Intent, Opening, Refusal, Revoke};
pub(crate) use rules::{decide, end_all_by_card, end_all_of, end_all_on, fold};

use crate::StaffNumber;
use crate::book::Stamp;
use crate::devices::DeviceKey;
use crate::secrets::Hashed;
use crate::sign_in::Way;
use basics::Moment;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, VecDeque};

/// For [`Hashed::of`]: what a session's token is hashed for.
pub const SESSION: &str = "session";

/// On what kind of device a session lives.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Kind {
    /// An enrolled device of many.
    Shared,
    /// An enrolled device of this person.
    Own,
    /// A device that nobody enrolled.
    Visiting,
}

/// How long sessions of one kind last.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Length {
    /// From signing in, in seconds.
    pub ends_seconds: u32,
    /// Without a request, in seconds: then it is locked, or ended on a device that nobody enrolled.
    pub idle_seconds: u32,
}

/// How long sessions last.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub struct Lengths {
    pub shared: Length,
    pub own: Length,
    pub visiting: Length,
}

/// Longest session, in seconds: thirty days.
const ENDS_SECONDS_MAX: u32 = 30 * 86_400;

impl Default for Lengths {
    /// A shift on devices of many, locked after ten minutes; a week on one's own, locked after half a day; an hour elsewhere.
    fn default() -> Self {
        Self {
            shared: Length { ends_seconds: 13 * 3600, idle_seconds: 600 },
            own: Length { ends_seconds: 7 * 86_400, idle_seconds: 12 * 3600 },
            visiting: Length { ends_seconds: 3600, idle_seconds: 600 },
        }
    }
}

impl Lengths {
    fn of(&self, kind: Kind) -> Length {
        let length = match kind {
            Kind::Shared => self.shared,
            Kind::Own => self.own,
            Kind::Visiting => self.visiting,
        };
        Length { ends_seconds: length.ends_seconds.min(ENDS_SECONDS_MAX), ..length }
    }
}

/// Somebody signed in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Session {
    /// Who.
    pub number: StaffNumber,
    /// By what.
    pub way: Way,
    /// On which device.
    pub device: DeviceKey,
    /// From which address.
    pub from: String,
    /// Since when, by which entry.
    pub opened: Stamp,
    /// On what kind of device.
    pub kind: Kind,
    /// The device is carried about, and its address may change.
    pub roams: bool,
    /// When it ends.
    pub ends: Moment,
    /// Without a request for so long it is locked or ended, in seconds.
    pub idle_seconds: u32,
    /// Since when it is locked, by somebody else who signed in there or by its owner.
    pub locked: Option<Moment>,
    /// When its owner last proved that it is them.
    pub proved: Moment,
}

/// Everybody who is signed in, and why the last ones are no longer.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Sessions {
    open: BTreeMap<Hashed, Session>,
    /// Of each person on each device.
    by_place: BTreeMap<(StaffNumber, DeviceKey), Hashed>,
    ended: BTreeMap<Hashed, String>,
    ended_order: VecDeque<Hashed>,
}

/// Ended sessions of which the reason is remembered.
const ENDED_MAX: usize = 5_000;
/// Open sessions beyond which those whose time is over are looked for.
const SWEEP_AT: usize = 1_024;

impl Sessions {
    /// A session that was not ended; its time may be over.
    pub fn session(&self, token: &Hashed) -> Option<&Session> {
        self.open.get(token)
    }

    /// The sessions of one person.
    pub fn of(&self, number: &StaffNumber, at: Moment) -> impl Iterator<Item = (&Hashed, &Session)> {
        self.open.iter().filter(move |(_, s)| s.number == *number && at < s.ends)
    }

    /// The sessions on one device: who can be switched to at a terminal.
    pub fn on(&self, device: &DeviceKey, at: Moment) -> impl Iterator<Item = (&Hashed, &Session)> {
        self.open.iter().filter(move |(_, s)| s.device == *device && at < s.ends)
    }

    /// Every session whose time is not over.
    pub fn all(&self, at: Moment) -> impl Iterator<Item = (&Hashed, &Session)> {
        self.open.iter().filter(move |(_, s)| at < s.ends)
    }

    /// Why a session is no more.
    pub fn why_ended(&self, token: &Hashed) -> Option<&str> {
        self.ended.get(token).map(String::as_str)
    }

    fn add(&mut self, token: Hashed, session: Session, at: Moment) {
        // One person, one session on one device.
        let place = (session.number.clone(), session.device);
        if let Some(old) = self.by_place.get(&place).copied() {
            self.end(&old, "You signed in there once more.");
        }
        if self.open.len() >= SWEEP_AT && self.open.len().is_power_of_two() {
            self.open.retain(|_, s| at < s.ends);
            let open = &self.open;
            self.by_place.retain(|_, token| open.contains_key(token));
        }
        self.by_place.insert(place, token);
        self.open.insert(token, session);
    }

    fn end(&mut self, token: &Hashed, why: &str) {
        let Some(session) = self.open.remove(token) else { return };
        let place = (session.number, session.device);
        if self.by_place.get(&place) == Some(token) {
            self.by_place.remove(&place);
        }
        self.ended.insert(*token, why.to_owned());
        self.ended_order.push_back(*token);
        if self.ended_order.len() > ENDED_MAX
            && let Some(oldest) = self.ended_order.pop_front()
        {
            self.ended.remove(&oldest);
        }
    }

    fn end_where(&mut self, ends: impl Fn(&Session) -> bool, why: &str) {
        let tokens: Vec<Hashed> =
            self.open.iter().filter(|(_, s)| ends(s)).map(|(token, _)| *token).collect();
        tokens.iter().for_each(|token| self.end(token, why));
    }
}

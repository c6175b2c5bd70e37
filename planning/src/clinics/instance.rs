//! What the selection is told: sessions with their minutes, limits that sessions share, bookings with their class.
//!
//! Always: plain numbers with their units in the names; places are indices into the instance's own lists. Never: a
//! patient, a reason for the visit, or why a booking has its class. Made by whoever knows the lists; `Instance::check`
//! holds it to its rules before anything is selected.

use super::refusal::Refusal;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// What no instance may exceed; beyond it is a mistake, not a day's clinics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits;

impl Limits {
    /// Bookings: six weeks of a large trust.
    pub const BOOKINGS_MAX: usize = 60_000;
    /// Sessions.
    pub const SESSIONS_MAX: usize = 10_000;
    /// Limits that sessions share.
    pub const SHARED_MAX: usize = 8;
    /// Minutes of one booking: a day.
    pub const MINUTES_MAX: u32 = 1_440;
    /// Minutes of one session: a day of 70 chairs.
    pub const SESSION_MINUTES_MAX: u32 = 100_000;
    /// Units of one shared limit.
    pub const UNITS_MAX: u32 = 1_000_000;
    /// Units that one booking uses of one limit.
    pub const USE_MAX: u32 = 10_000;
    /// Weeks waited: 40 years.
    pub const WEEKS_MAX: u32 = 2_080;
    /// Earlier cancellations.
    pub const CANCELLED_MAX: u32 = 1_000;
    /// Days of slack, either way.
    pub const SLACK_DAYS_MAX: i32 = 20_000;
}

/// How much a booking must not be lost. The order is that of keeping.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Class {
    /// Never cancelled by rule.
    A,
    /// Urgent.
    B,
    /// Soon.
    C,
    /// Routine.
    D,
}

impl Class {
    /// Every class, the first to be kept first.
    pub const ALL: [Self; 4] = [Self::A, Self::B, Self::C, Self::D];

    /// Its letter.
    pub fn letter(self) -> char {
        match self {
            Self::A => 'A',
            Self::B => 'B',
            Self::C => 'C',
            Self::D => 'D',
        }
    }

    /// The class with that letter; capitals do not count.
    pub fn of_letter(letter: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|c| letter.len() == 1 && letter.eq_ignore_ascii_case(&c.letter().to_string()))
    }

    /// Its place in [`Class::ALL`].
    pub(super) fn rank(self) -> usize {
        self as usize
    }
}

/// A session: a room or list with so many minutes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// Its name, one of its kind.
    pub name: String,
    /// Minutes that can be worked now.
    pub minutes: u32,
}

/// Something that sessions share, of which there is only so much: laboratory tests, CT slots.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SharedLimit {
    /// Its name, one of its kind.
    pub name: String,
    /// How many there are.
    pub units: u32,
}

/// What a booking uses of a shared limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Use {
    /// Index of the limit; each at most once in a booking.
    pub limit: usize,
    /// How many.
    pub units: u32,
}

/// A booking.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Booking {
    /// Its name, one of its kind.
    pub id: String,
    /// Index of its session.
    pub session: usize,
    /// Its class.
    pub class: Class,
    /// False when something it needs is down without a safe fallback: then no selection keeps it.
    pub doable: bool,
    /// Minutes that it takes.
    pub minutes: u32,
    /// What it uses of the shared limits.
    pub uses: Vec<Use>,
    /// Days until its tightest clock runs out, negative when past; `None` when no clock runs.
    pub slack_days: Option<i32>,
    /// How often it was cancelled before.
    pub cancelled_before: u32,
    /// Weeks waited since the referral.
    pub waited_weeks: u32,
}

impl Booking {
    /// Days until its tightest clock runs out; without one, more than any.
    pub(super) fn clock(&self) -> i32 {
        self.slack_days.unwrap_or(i32::MAX)
    }

    /// What it uses of all shared limits together.
    pub(super) fn units(&self) -> u32 {
        self.uses.iter().fold(0, |sum, one| sum.saturating_add(one.units))
    }
}

/// All that the selection is told.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Instance {
    /// For headings, and the seed of the lottery among equals.
    pub name: String,
    /// Sessions.
    pub sessions: Vec<Session>,
    /// Limits that sessions share.
    pub shared: Vec<SharedLimit>,
    /// Bookings.
    pub bookings: Vec<Booking>,
}

impl Instance {
    /// Holds the instance to its rules: within `Limits`, names that are unique, indices that exist.
    ///
    /// # Errors
    /// The first rule broken, with the booking, session or limit named.
    pub fn check(&self) -> Result<(), Refusal> {
        at_most("bookings", self.bookings.len(), Limits::BOOKINGS_MAX)?;
        at_most("sessions", self.sessions.len(), Limits::SESSIONS_MAX)?;
        at_most("shared limits", self.shared.len(), Limits::SHARED_MAX)?;
        unique("bookings", self.bookings.iter().map(|b| b.id.as_str()))?;
        self.check_capacities()?;
        self.bookings.iter().try_for_each(|booking| self.check_booking(booking))
    }

    /// The rules that a change can break.
    pub(super) fn check_capacities(&self) -> Result<(), Refusal> {
        unique("sessions", self.sessions.iter().map(|s| s.name.as_str()))?;
        unique("shared limits", self.shared.iter().map(|l| l.name.as_str()))?;
        for session in &self.sessions {
            let whole = format!("session {}", session.name);
            within(&whole, "minutes", session.minutes, 0, Limits::SESSION_MINUTES_MAX)?;
        }
        for limit in &self.shared {
            within(&format!("shared limit {}", limit.name), "units", limit.units, 0, Limits::UNITS_MAX)?;
        }
        Ok(())
    }

    fn check_booking(&self, booking: &Booking) -> Result<(), Refusal> {
        let whole = format!("booking {}", booking.id);
        if booking.session >= self.sessions.len() {
            return Err(Refusal::wrong(whole, format!("its session {} does not exist", booking.session)));
        }
        within(&whole, "minutes", booking.minutes, 1, Limits::MINUTES_MAX)?;
        within(&whole, "weeks waited", booking.waited_weeks, 0, Limits::WEEKS_MAX)?;
        within(&whole, "earlier cancellations", booking.cancelled_before, 0, Limits::CANCELLED_MAX)?;
        if booking.slack_days.is_some_and(|days| days.abs() > Limits::SLACK_DAYS_MAX) {
            return Err(Refusal::wrong(whole, "its slack is more than 50 years; give days"));
        }
        let mut named = BTreeSet::new();
        for one in &booking.uses {
            if one.limit >= self.shared.len() {
                return Err(Refusal::wrong(whole, format!("the shared limit {} does not exist", one.limit)));
            }
            if !named.insert(one.limit) {
                return Err(Refusal::wrong(whole, "it uses one shared limit in two places; add them up"));
            }
            within(&whole, "units of a shared limit", one.units, 0, Limits::USE_MAX)?;
        }
        Ok(())
    }

    /// The index of the session with this name; upper and lower case are one.
    ///
    /// # Errors
    /// No session of that name.
    pub fn session_named(&self, name: &str) -> Result<usize, Refusal> {
        named("session", name, self.sessions.iter().map(|s| s.name.as_str()))
    }

    /// The index of the shared limit with this name; upper and lower case are one.
    ///
    /// # Errors
    /// No limit of that name.
    pub fn limit_named(&self, name: &str) -> Result<usize, Refusal> {
        named("shared limit", name, self.shared.iter().map(|l| l.name.as_str()))
    }
}

fn at_most(what: &'static str, count: usize, max: usize) -> Result<(), Refusal> {
    if count > max { Err(Refusal::TooMany { what, count, max }) } else { Ok(()) }
}

fn within(whole: &str, what: &str, value: u32, least: u32, most: u32) -> Result<(), Refusal> {
    if (least..=most).contains(&value) {
        return Ok(());
    }
    Err(Refusal::wrong(whole, format!("{value} {what} cannot be; from {least} to {most} are taken")))
}

fn unique<'a>(what: &'static str, names: impl Iterator<Item = &'a str>) -> Result<(), Refusal> {
    let mut seen = BTreeSet::new();
    for name in names {
        if name.is_empty() {
            return Err(Refusal::wrong(what, "one has no name; each needs one"));
        }
        if !seen.insert(name) {
            return Err(Refusal::Twice { what, name: name.to_owned() });
        }
    }
    Ok(())
}

fn named<'a>(
    what: &'static str,
    name: &str,
    names: impl Iterator<Item = &'a str> + Clone,
) -> Result<usize, Refusal> {
    let wanted = name.trim().to_lowercase();
    if let Some(index) = names.clone().position(|n| n == name.trim()) {
        return Ok(index);
    }
    if let Some(index) = names.clone().position(|n| n.to_lowercase() == wanted) {
        return Ok(index);
    }
    let near: Vec<&str> =
        names.filter(|n| !wanted.is_empty() && n.to_lowercase().contains(&wanted)).take(5).collect();
    let near = if near.is_empty() { String::new() } else { format!(" Did you mean {}?", near.join(" or ")) };
    Err(Refusal::None { what, name: name.to_owned(), near })
}

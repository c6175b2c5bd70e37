//! How often somebody may be wrong, so that guessing gets nowhere and keeps nobody else out.
//!
//! Wrong tries are counted apart: on a device that the hospital enrolled, for each person by themselves; elsewhere by address,
//! by account and for all strangers together. Always: a person on an enrolled device on which they signed in before has an
//! allowance of their own, which nobody without that device can use up; right tries cost nothing. Never: an account locked;
//! memory without a bound; a wait that a clock set back makes long. Kept in memory. A passkey cannot be guessed and is not
//! counted. Test 25 of RELIABILITY.md is `tests/guesses.rs`.

use crate::StaffNumber;
use crate::alarms::Alarm;
use crate::devices::{DeviceKey, DeviceStanding};
use crate::words::duration;
use basics::Moment;
use std::collections::BTreeMap;

/// So many tries at once, and then one every so many seconds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub struct Pace {
    pub burst: u32,
    pub every_seconds: u32,
}

impl Pace {
    fn step_ms(self) -> i64 {
        i64::from(self.every_seconds.max(1)) * 1000
    }

    /// From when a try is there again until all are.
    fn filling_ms(self) -> i64 {
        i64::from(self.burst.max(1) - 1) * self.step_ms()
    }
}

/// The allowances.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// One person on one enrolled device.
    pub person_on_device: Pace,
    /// Everybody who is new on one enrolled device.
    pub new_on_device: Pace,
    /// One address of devices that are not enrolled.
    pub address: Pace,
    /// One account from devices that are not enrolled.
    pub account: Pace,
    /// All devices that are not enrolled: what the machine can hash beside its work.
    pub strangers: Pace,
    /// Entries remembered of each kind.
    pub remembered_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            person_on_device: Pace { burst: 10, every_seconds: 60 },
            new_on_device: Pace { burst: 60, every_seconds: 5 },
            address: Pace { burst: 10, every_seconds: 30 },
            account: Pace { burst: 10, every_seconds: 60 },
            strangers: Pace { burst: 120, every_seconds: 1 },
            remembered_max: 20_000,
        }
    }
}

/// Tries that are left, as the moment when all of them are there again.
#[derive(Clone, Copy, Debug, Default)]
struct Bucket {
    full_at_ms: i64,
}

impl Bucket {
    /// A clock that was set back leaves at most one whole filling to wait for.
    fn full_at(self, pace: Pace, now_ms: i64) -> i64 {
        self.full_at_ms.min(now_ms.saturating_add(pace.filling_ms() + pace.step_ms())).max(now_ms)
    }

    /// Until there is a try, in milliseconds.
    fn wait_ms(self, pace: Pace, now_ms: i64) -> i64 {
        (self.full_at(pace, now_ms) - now_ms - pace.filling_ms()).max(0)
    }

    fn take(&mut self, pace: Pace, now_ms: i64) {
        self.full_at_ms = self.full_at(pace, now_ms) + pace.step_ms();
    }

    fn give_back(&mut self, pace: Pace) {
        self.full_at_ms -= pace.step_ms();
    }
}

/// Allowances of one kind.
#[derive(Clone, Debug)]
struct Table<K> {
    buckets: BTreeMap<K, Bucket>,
    swept_at_ms: i64,
}

impl<K> Default for Table<K> {
    fn default() -> Self {
        Self { buckets: BTreeMap::new(), swept_at_ms: i64::MIN }
    }
}

impl<K: Ord + Clone> Table<K> {
    /// Until there is a try for that key; full allowances are forgotten when there is no room.
    fn wait_ms(&mut self, key: &K, pace: Pace, most: usize, now_ms: i64) -> i64 {
        if let Some(bucket) = self.buckets.get(key) {
            return bucket.wait_ms(pace, now_ms);
        }
        if self.buckets.len() >= most && self.swept_at_ms.abs_diff(now_ms) >= SWEEP_MS_MIN {
            self.swept_at_ms = now_ms;
            self.buckets.retain(|_, bucket| bucket.full_at(pace, now_ms) > now_ms);
        }
        if self.buckets.len() >= most { pace.step_ms() } else { 0 }
    }

    fn take(&mut self, key: &K, pace: Pace, now_ms: i64) {
        self.buckets.entry(key.clone()).or_default().take(pace, now_ms);
    }

    fn give_back(&mut self, key: &K, pace: Pace) {
        if let Some(bucket) = self.buckets.get_mut(key) {
            bucket.give_back(pace);
        }
    }
}

/// A full table is looked through at most this often.
const SWEEP_MS_MIN: u64 = 1_000;

/// Somebody about to try.
#[derive(Clone, Copy, Debug)]
pub struct Trying<'a> {
    /// Whom they say they are; see [`super::Held::counted_as`].
    pub number: &'a StaffNumber,
    /// The device.
    pub device: DeviceKey,
    /// How it stands to that person.
    pub standing: DeviceStanding,
    /// The network address, or the network where an address says little (a /64 of IPv6).
    pub from: &'a str,
}

/// A try that was counted: hand it back with what came of it.
#[derive(Debug)]
#[must_use = "say what came of the try: `right`, `slip` or `wrong`"]
pub struct Ticket {
    number: StaffNumber,
    from: String,
    counted: Counted,
}

#[derive(Debug)]
enum Counted {
    Person(DeviceKey),
    New(DeviceKey),
    Stranger,
}

/// Too soon.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[allow(missing_docs)]
pub enum Wait {
    #[error("Too many wrong tries on this device. Wait {}, then try once more; nothing is locked.", duration(*seconds))]
    Here { seconds: i64 },
    #[error(
        "Too many wrong tries from devices that are not enrolled. Wait {}, or go to a device of the hospital: one on \
         which you signed in before lets you in at once. A passkey works from anywhere.",
        duration(*seconds)
    )]
    Stranger { seconds: i64 },
}

/// Every allowance. One for the whole program.
#[derive(Clone, Debug, Default)]
pub struct Guesses {
    limits: Limits,
    people: Table<(DeviceKey, StaffNumber)>,
    devices: Table<DeviceKey>,
    addresses: Table<String>,
    accounts: Table<StaffNumber>,
    strangers: Bucket,
    /// Wrong tries for each account since it was last right.
    wrong: BTreeMap<StaffNumber, u32>,
}

/// So many wrong tries raise an alarm, and ten times as many the next.
const ALARM_AT: u32 = 20;

impl Guesses {
    /// With these limits, and nobody wrong yet.
    pub fn new(limits: Limits) -> Self {
        Self { limits, ..Self::default() }
    }

    /// Counts a try, if one may be made now.
    ///
    /// # Errors
    /// How long to wait, in a sentence.
    pub fn may_try(&mut self, trying: &Trying<'_>, at: Moment) -> Result<Ticket, Wait> {
        let (limits, now) = (self.limits, at.milliseconds());
        let most = limits.remembered_max;
        let key = (trying.device, trying.number.clone());
        let from = basics::tidy(trying.from, super::FROM_BYTES_MAX);
        let counted = match trying.standing {
            DeviceStanding::Known => {
                here(self.people.wait_ms(&key, limits.person_on_device, most, now))?;
                self.people.take(&key, limits.person_on_device, now);
                Counted::Person(trying.device)
            }
            DeviceStanding::Enrolled => {
                here(self.people.wait_ms(&key, limits.person_on_device, most, now))?;
                here(self.devices.wait_ms(&trying.device, limits.new_on_device, most, now))?;
                self.people.take(&key, limits.person_on_device, now);
                self.devices.take(&trying.device, limits.new_on_device, now);
                Counted::New(trying.device)
            }
            DeviceStanding::Stranger => {
                stranger(self.addresses.wait_ms(&from, limits.address, most, now))?;
                stranger(self.accounts.wait_ms(trying.number, limits.account, most, now))?;
                stranger(self.strangers.wait_ms(limits.strangers, now))?;
                self.addresses.take(&from, limits.address, now);
                self.accounts.take(trying.number, limits.account, now);
                self.strangers.take(limits.strangers, now);
                Counted::Stranger
            }
        };
        Ok(Ticket { number: trying.number.clone(), from, counted })
    }

    /// They are in: the try cost nothing.
    pub fn right(&mut self, ticket: Ticket) {
        self.wrong.remove(&ticket.number);
        self.slip(ticket);
    }

    /// No try was made after all: a slip in a code, an account that ran out.
    pub fn slip(&mut self, ticket: Ticket) {
        let limits = self.limits;
        let Ticket { number, from, counted } = ticket;
        match counted {
            Counted::Person(device) => self.people.give_back(&(device, number), limits.person_on_device),
            Counted::New(device) => {
                self.people.give_back(&(device, number), limits.person_on_device);
                self.devices.give_back(&device, limits.new_on_device);
            }
            Counted::Stranger => {
                self.addresses.give_back(&from, limits.address);
                self.accounts.give_back(&number, limits.account);
                self.strangers.give_back(limits.strangers);
            }
        }
    }

    /// They were wrong. Now and then somebody should know: seal the alarm.
    pub fn wrong(&mut self, ticket: Ticket) -> Option<Alarm> {
        let Ticket { number, from, .. } = ticket;
        if self.wrong.len() >= self.limits.remembered_max && !self.wrong.contains_key(&number) {
            self.wrong.clear();
        }
        let tries = self.wrong.entry(number.clone()).or_default();
        *tries = tries.saturating_add(1);
        let (tries, mut due) = (*tries, ALARM_AT);
        while due < tries {
            due = due.saturating_mul(10);
        }
        (tries == due).then_some(Alarm::Guessing { number, tries, from })
    }
}

fn seconds(wait_ms: i64) -> i64 {
    wait_ms.saturating_add(999) / 1000
}

fn here(wait_ms: i64) -> Result<(), Wait> {
    if wait_ms > 0 { Err(Wait::Here { seconds: seconds(wait_ms) }) } else { Ok(()) }
}

fn stranger(wait_ms: i64) -> Result<(), Wait> {
    if wait_ms > 0 { Err(Wait::Stranger { seconds: seconds(wait_ms) }) } else { Ok(()) }
}

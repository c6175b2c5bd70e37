//! Devices that the hospital enrolled: ward terminals, shared tablets, somebody's own.
//!
//! Always: a device is known by a hash (of its secret, or of its certificate), never by its address; whoever signed in on an
//! enrolled device before is remembered there, so that guesses made elsewhere cannot keep them out. Never: a revoked device
//! with an open session. How a device proves its secret is the transport's matter. Proved by `tests/devices.rs`.

use crate::book::{AccessBook, Asked, NotYours, Stamp};
use crate::people::Place;
use crate::secrets::Hashed;
use crate::words::{self, Wording};
use crate::{Role, StaffNumber, sessions};
use basics::Moment;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a browser is known by: the hash of the secret in its cookie, or its client certificate's fingerprint. Every browser
/// has one; those in [`Devices`] are enrolled.
pub type DeviceKey = Hashed;

/// For [`Hashed::of`] and [`crate::secrets::hashed_letters`]: what a device's secret is hashed for.
pub const DEVICE: &str = "device";

/// What kind of device.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum DeviceKind {
    /// Many use it, it stands in one place: its address does not change within a session.
    Terminal,
    /// Many use it and carry it about.
    Tablet,
    /// One person's own or issued to them alone.
    Own,
}

impl DeviceKind {
    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Terminal => "ward terminal",
            Self::Tablet => "shared tablet",
            Self::Own => "one person's device",
        }
    }
}

/// An enrolled device.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Device {
    /// What is written on it: "AMU terminal 3".
    pub label: String,
    /// What kind.
    pub kind: DeviceKind,
    /// Where it belongs.
    pub place: Option<Place>,
    /// Whose it is, for [`DeviceKind::Own`].
    pub owner: Option<StaffNumber>,
    /// When it was enrolled, and by whom.
    pub enrolled: Stamp,
    /// Revoked: when, by whom, why.
    pub revoked: Option<(Stamp, String)>,
    /// Who signed in on it, and when last.
    known: BTreeMap<StaffNumber, Moment>,
}

impl Device {
    /// Who signed in on it, and when last, in the order of staff numbers.
    pub fn known(&self) -> impl Iterator<Item = (&StaffNumber, Moment)> {
        self.known.iter().map(|(number, at)| (number, *at))
    }

    /// When somebody last signed in on it.
    pub fn last_sign_in(&self) -> Option<Moment> {
        self.known.values().copied().max()
    }
}

/// How a device stands to somebody who wants in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DeviceStanding {
    /// Enrolled, and they signed in on it before.
    Known,
    /// Enrolled; they are new on it.
    Enrolled,
    /// Not enrolled.
    Stranger,
}

/// Every device that was ever enrolled.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Devices(BTreeMap<DeviceKey, Device>);

/// Devices enrolled and not revoked.
const DEVICES_MAX: usize = 20_000;
/// People remembered on one device.
const KNOWN_MAX: usize = 2_000;

impl Devices {
    /// A device, enrolled or revoked.
    pub fn device(&self, key: &DeviceKey) -> Option<&Device> {
        self.0.get(key)
    }

    /// A device that is enrolled now.
    pub fn enrolled(&self, key: &DeviceKey) -> Option<&Device> {
        self.0.get(key).filter(|device| device.revoked.is_none())
    }

    /// Every device.
    pub fn all(&self) -> impl Iterator<Item = (&DeviceKey, &Device)> {
        self.0.iter()
    }

    /// How a device stands to somebody.
    pub fn standing(&self, key: &DeviceKey, number: &StaffNumber) -> DeviceStanding {
        match self.enrolled(key) {
            None => DeviceStanding::Stranger,
            Some(device) if device.known.contains_key(number) => DeviceStanding::Known,
            Some(_) => DeviceStanding::Enrolled,
        }
    }

    /// A device in words, with the address it was seen at: "AMU terminal 3 (10.1.4.7)".
    pub fn name(&self, key: &DeviceKey, from: &str) -> String {
        let device = self.0.get(key).map_or("a device that is not enrolled", |device| device.label.as_str());
        if from.is_empty() { device.to_owned() } else { format!("{device} ({from})") }
    }

    /// Somebody got in on it. Whoever signed in there longest ago is forgotten where it would be too many.
    pub(crate) fn note(&mut self, key: &DeviceKey, number: &StaffNumber, at: Moment) {
        let Some(device) = self.0.get_mut(key) else { return };
        device.known.insert(number.clone(), at);
        if device.known.len() > KNOWN_MAX
            && let Some(oldest) = device.known.iter().min_by_key(|(_, at)| **at).map(|(n, _)| n.clone())
        {
            device.known.remove(&oldest);
        }
    }
}

/// What became so.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum Fact {
    Enrolled {
        device: DeviceKey,
        label: String,
        kind: DeviceKind,
        place: Option<Place>,
        owner: Option<StaffNumber>,
    },
    Revoked {
        device: DeviceKey,
        why: String,
    },
}

/// What can be wanted.
#[derive(Clone, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub enum Intent {
    Enrol {
        device: DeviceKey,
        label: String,
        kind: DeviceKind,
        place: Option<Place>,
        owner: Option<StaffNumber>,
    },
    /// Its sessions end at once; it can be enrolled again under a new secret alone.
    Revoke { device: DeviceKey, why: String },
}

/// Why not.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[allow(missing_docs)]
pub enum Refusal {
    #[error(transparent)]
    NotYours(#[from] NotYours),
    #[error(transparent)]
    Wording(#[from] Wording),
    #[error("This device is {label} already. Revoke it first if it is to be another.")]
    Already { label: String },
    #[error("This device was revoked at {when}: {why}. Show it a new code and enrol it anew.")]
    Revoked { when: String, why: String },
    #[error("There is no such device; look at the list of devices.")]
    Unknown,
    #[error("Say whose device it is; a device of many is a terminal or a tablet.")]
    NoOwner,
    #[error("A device of many has no owner; choose “one person's device”, or leave the owner out.")]
    Owner,
    #[error("There is no open account {0}; check the staff number.")]
    NoSuchOwner(StaffNumber),
}

pub(crate) fn decide(asked: &Asked<'_>, intent: Intent) -> Result<Vec<Fact>, Refusal> {
    asked.must_be(&[Role::Administrator, Role::It])?;
    let devices = &asked.book.devices;
    match intent {
        Intent::Enrol { device, label, kind, place, owner } => {
            match devices.device(&device).map(|d| (&d.label, &d.revoked)) {
                Some((label, None)) => return Err(Refusal::Already { label: label.clone() }),
                Some((_, Some((stamp, why)))) => {
                    return Err(Refusal::Revoked { when: asked.say(stamp.at), why: why.clone() });
                }
                None => {}
            }
            match (kind, &owner) {
                (DeviceKind::Own, None) => return Err(Refusal::NoOwner),
                (DeviceKind::Own, Some(owner))
                    if asked.book.standing(owner, asked.zone, asked.at).is_err() =>
                {
                    return Err(Refusal::NoSuchOwner(owner.clone()));
                }
                (DeviceKind::Terminal | DeviceKind::Tablet, Some(_)) => return Err(Refusal::Owner),
                _ => {}
            }
            let enrolled = devices.0.values().filter(|d| d.revoked.is_none()).count();
            words::at_most("enrolled devices", enrolled + 1, DEVICES_MAX)?;
            let label = words::line("the label", &label, 80)?;
            Ok(vec![Fact::Enrolled { device, label, kind, place, owner }])
        }
        Intent::Revoke { device, why } => {
            let found = devices.device(&device).ok_or(Refusal::Unknown)?;
            if let Some((stamp, why)) = &found.revoked {
                return Err(Refusal::Revoked { when: asked.say(stamp.at), why: why.clone() });
            }
            let why = words::line("why it is revoked", &why, words::LINE_BYTES_MAX)?;
            Ok(vec![Fact::Revoked { device, why }])
        }
    }
}

pub(crate) fn fold(book: &mut AccessBook, stamp: &Stamp, fact: Fact) {
    match fact {
        Fact::Enrolled { device, label, kind, place, owner } => {
            let enrolled = stamp.clone();
            let new = Device { label, kind, place, owner, enrolled, revoked: None, known: BTreeMap::new() };
            book.devices.0.insert(device, new);
        }
        Fact::Revoked { device, why } => {
            sessions::end_all_on(book, stamp, &device, &format!("the device was revoked: {why}"));
            if let Some(found) = book.devices.0.get_mut(&device) {
                found.known.clear();
                found.revoked = Some((stamp.clone(), why));
            }
        }
    }
}

//! How sessions begin, are locked, opened again, ended and revoked.

use super::{Kind, Lengths, Session};
use crate::alarms::{self, Alarm};
use crate::book::{AccessBook, Asked, By, NotYours, Stamp};
use crate::devices::{DeviceKey, DeviceKind};
use crate::people::Barred;
use crate::secrets::Hashed;
use crate::sign_in::cards::NoGood;
use crate::sign_in::passkeys::goes_on;
use crate::sign_in::{Again, FROM_BYTES_MAX, Proven, Way};
use crate::words::{self, Wording};
use crate::{Role, StaffNumber};
use basics::Moment;
use serde::{Deserialize, Serialize};

/// How a session ended.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum How {
    SignedOut,
    /// It was shown by another device, or from another address by a device that stays where it is.
    Elsewhere {
        device: DeviceKey,
        from: String,
    },
}

/// What is revoked.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum Revoke {
    Person(StaffNumber),
    Device(DeviceKey),
    Everything,
    /// One person on one device.
    Session(Hashed),
}

/// What became so.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum Fact {
    Opened {
        session: Hashed,
        number: StaffNumber,
        way: Way,
        device: DeviceKey,
        from: String,
        kind: Kind,
        roams: bool,
        ends: Moment,
        idle_seconds: u32,
        /// The session that was open at this screen before: it is locked.
        in_place_of: Option<Hashed>,
    },
    Resumed {
        session: Hashed,
        /// The passkey that it was proved by, and its counter.
        passkey: Option<(Vec<u8>, u32)>,
        in_place_of: Option<Hashed>,
    },
    Locked {
        session: Hashed,
    },
    Ended {
        session: Hashed,
        how: How,
    },
    Revoked {
        what: Revoke,
        why: String,
    },
}

/// What can be wanted.
#[derive(Debug)]
#[allow(missing_docs)]
pub enum Intent {
    /// By whoever has just proved who they are.
    Open(Box<Opening>),
    /// By whoever has proved once more that it is still them.
    Resume {
        again: Again,
        device: DeviceKey,
        in_place_of: Option<Hashed>,
    },
    Lock {
        session: Hashed,
    },
    SignOut {
        session: Hashed,
    },
    /// By the program, when [`super::check`] found a session elsewhere.
    EndElsewhere {
        session: Hashed,
        device: DeviceKey,
        from: String,
    },
    Revoke {
        what: Revoke,
        why: String,
    },
}

/// What a new session needs.
#[derive(Debug)]
#[allow(missing_docs)]
pub struct Opening {
    pub proven: Proven,
    /// Of the token that the browser is given.
    pub session: Hashed,
    pub device: DeviceKey,
    pub from: String,
    pub lengths: Lengths,
    /// The session that is open at this screen, of whoever was there before.
    pub in_place_of: Option<Hashed>,
}

/// Why not.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[allow(missing_docs)]
pub enum Refusal {
    #[error(transparent)]
    NotYours(#[from] NotYours),
    #[error(transparent)]
    Wording(#[from] Wording),
    #[error(transparent)]
    Barred(#[from] Barred),
    #[error(transparent)]
    Card(#[from] NoGood),
    #[error("This code was used already. Wait for the next one, up to 30 seconds, and sign in with that.")]
    CodeUsed,
    #[error("This recovery code was used already. Take the next one on your sheet.")]
    RecoveryUsed,
    #[error(
        "This invitation was used already or is no more. If that was not you, tell an administrator at once."
    )]
    InvitationUsed,
    #[error("This way in was taken away a moment ago. Get in another way, or ask an administrator.")]
    WayGone,
    #[error(
        "This passkey was refused: there may be a copy of it. Get in another way and tell an administrator."
    )]
    PasskeyCopied,
    #[error("This session is no more. Sign in.")]
    Gone,
    #[error("That session is over already. Look at the list again.")]
    EndedAlready,
    #[error("This session belongs to another device. Sign in here.")]
    OtherDevice,
    #[error("Only whoever signed in can do this.")]
    NotSelf,
}

pub(crate) fn decide(asked: &Asked<'_>, intent: Intent) -> Result<Vec<Fact>, Refusal> {
    let sessions = &asked.book.sessions;
    let fact = match intent {
        Intent::Open(opening) => open(asked, *opening)?,
        Intent::Resume { again, device, in_place_of } => resume(asked, again, device, in_place_of)?,
        Intent::Lock { session } => {
            let found = sessions.session(&session).filter(|s| s.locked.is_none()).ok_or(Refusal::Gone)?;
            must_be(asked, &found.number)?;
            Fact::Locked { session }
        }
        Intent::SignOut { session } => {
            must_be(asked, &sessions.session(&session).ok_or(Refusal::Gone)?.number)?;
            Fact::Ended { session, how: How::SignedOut }
        }
        Intent::EndElsewhere { session, device, from } => {
            sessions.session(&session).ok_or(Refusal::Gone)?;
            let from = basics::tidy(&from, FROM_BYTES_MAX);
            Fact::Ended { session, how: How::Elsewhere { device, from } }
        }
        Intent::Revoke { what, why } => {
            match &what {
                Revoke::Person(number) => asked.must_be_self_or(number, &[Role::Administrator, Role::It])?,
                Revoke::Device(_) => asked.must_be(&[Role::Administrator, Role::It])?,
                Revoke::Everything => asked.must_be(&[Role::Administrator, Role::ControlRoom])?,
                Revoke::Session(session) => {
                    let found = sessions.session(session).ok_or(Refusal::EndedAlready)?;
                    asked.must_be_self_or(&found.number, &[Role::Administrator, Role::It])?;
                }
            }
            Fact::Revoked { what, why: words::line("why it is revoked", &why, words::LINE_BYTES_MAX)? }
        }
    };
    Ok(vec![fact])
}

fn must_be(asked: &Asked<'_>, number: &StaffNumber) -> Result<(), Refusal> {
    match asked.who {
        By::Staff(me) if me == number => Ok(()),
        _ => Err(Refusal::NotSelf),
    }
}

/// The session before is locked only if it is another one, and of this device.
fn other_here(book: &AccessBook, other: Option<Hashed>, new: Hashed, device: DeviceKey) -> Option<Hashed> {
    other.filter(|old| *old != new && book.sessions.session(old).is_some_and(|s| s.device == device))
}

fn resume(
    asked: &Asked<'_>,
    again: Again,
    device: DeviceKey,
    in_place_of: Option<Hashed>,
) -> Result<Fact, Refusal> {
    let Again { session, passkey } = again;
    let found = asked.book.sessions.session(&session).filter(|s| asked.at < s.ends).ok_or(Refusal::Gone)?;
    if found.device != device {
        return Err(Refusal::OtherDevice);
    }
    must_be(asked, &found.number)?;
    asked.book.standing(&found.number, asked.zone, asked.at)?;
    if let Some((id, counter)) = &passkey {
        passkey_goes_on(asked.book, &found.number, id, *counter)?;
    }
    let in_place_of = other_here(asked.book, in_place_of, session, device);
    Ok(Fact::Resumed { session, passkey, in_place_of })
}

fn open(asked: &Asked<'_>, opening: Opening) -> Result<Fact, Refusal> {
    let Opening { proven, session, device, from, lengths, in_place_of } = opening;
    let (number, way) = (proven.number(), proven.way());
    must_be(asked, number)?;
    let account = asked.book.standing(number, asked.zone, asked.at)?;
    still_counts(asked, number, way)?;
    let enrolled = asked.book.devices.enrolled(&device);
    let (kind, roams) = match enrolled.map(|d| (d.kind, &d.owner)) {
        None => (Kind::Visiting, false),
        Some((DeviceKind::Terminal, _)) => (Kind::Shared, false),
        Some((DeviceKind::Tablet, _)) => (Kind::Shared, true),
        Some((DeviceKind::Own, owner)) if owner.as_ref() == Some(number) => (Kind::Own, true),
        // Somebody else's own device is nothing that was enrolled for them.
        Some((DeviceKind::Own, _)) => (Kind::Visiting, true),
    };
    let length = lengths.of(kind);
    let mut ends = asked.at.plus_seconds(i64::from(length.ends_seconds));
    if let Way::Card { card } = way {
        ends = asked.book.cards.card(*card).map_or(ends, |card| card.shift_ends.min(ends));
    }
    ends = account.valid_until.map_or(ends, |until| until.min(ends));
    Ok(Fact::Opened {
        session,
        number: number.clone(),
        way: way.clone(),
        device,
        from: basics::tidy(&from, FROM_BYTES_MAX),
        kind,
        roams,
        ends,
        idle_seconds: length.idle_seconds,
        in_place_of: other_here(asked.book, in_place_of, session, device),
    })
}

/// What was proven a moment ago may have been used or taken away since, by somebody who was as quick.
fn still_counts(asked: &Asked<'_>, number: &StaffNumber, way: &Way) -> Result<(), Refusal> {
    let mine = asked.book.credentials(number);
    match way {
        Way::Passkey { id, counter } => passkey_goes_on(asked.book, number, id, *counter),
        Way::PassphraseAndCode { authenticator, step, .. } => {
            let phone =
                mine.authenticators.iter().find(|a| a.number == *authenticator).ok_or(Refusal::WayGone)?;
            if phone.used.contains(step) { Err(Refusal::CodeUsed) } else { Ok(()) }
        }
        Way::PassphraseAndRecovery { code } => {
            if mine.recovery.contains(code) {
                Ok(())
            } else {
                Err(Refusal::RecoveryUsed)
            }
        }
        Way::Card { card } => {
            let card = asked.book.cards.card(*card).ok_or(Refusal::WayGone)?;
            Ok(card.good(asked.book, asked.zone, asked.at)?)
        }
        Way::Invitation { code } => {
            let same = mine.invitation.as_ref().is_some_and(|i| i.code == *code && asked.at < i.until);
            if same { Ok(()) } else { Err(Refusal::InvitationUsed) }
        }
    }
}

fn passkey_goes_on(book: &AccessBook, number: &StaffNumber, id: &[u8], counter: u32) -> Result<(), Refusal> {
    let passkey = book.credentials(number).passkeys.iter().find(|p| p.id == id).ok_or(Refusal::WayGone)?;
    if goes_on(passkey.counter, counter) { Ok(()) } else { Err(Refusal::PasskeyCopied) }
}

pub(crate) fn fold(book: &mut AccessBook, stamp: &Stamp, fact: Fact) {
    match fact {
        Fact::Opened { session, number, way, device, from, kind, roams, ends, idle_seconds, in_place_of } => {
            lock(book, in_place_of, stamp.at);
            if let Way::Card { card } = &way {
                book.cards.note_use(*card, stamp, device, &from);
            }
            book.credentials.entry(number.clone()).or_default().note_use(&way);
            book.devices.note(&device, &number, stamp.at);
            let (opened, proved, locked) = (stamp.clone(), stamp.at, None);
            let new = Session {
                number,
                way,
                device,
                from,
                opened,
                kind,
                roams,
                ends,
                idle_seconds,
                locked,
                proved,
            };
            book.sessions.add(session, new, stamp.at);
        }
        Fact::Resumed { session, passkey, in_place_of } => {
            lock(book, in_place_of, stamp.at);
            let Some(found) = book.sessions.open.get_mut(&session) else { return };
            (found.locked, found.proved) = (None, stamp.at);
            let number = found.number.clone();
            if let (Some((id, counter)), Some(mine)) = (passkey, book.credentials.get_mut(&number)) {
                mine.note_use(&Way::Passkey { id, counter });
            }
        }
        Fact::Locked { session } => lock(book, Some(session), stamp.at),
        Fact::Ended { session, how } => end(book, stamp, session, how),
        Fact::Revoked { what, why } => {
            let said = said(book, stamp, &why);
            match what {
                Revoke::Person(number) => book.sessions.end_where(|s| s.number == number, &said),
                Revoke::Device(device) => book.sessions.end_where(|s| s.device == device, &said),
                Revoke::Everything => book.sessions.end_where(|_| true, &said),
                Revoke::Session(session) => book.sessions.end(&session, &said),
            }
        }
    }
}

fn end(book: &mut AccessBook, stamp: &Stamp, session: Hashed, how: How) {
    let How::Elsewhere { device, from } = how else {
        return book.sessions.end(&session, "You signed out.");
    };
    let Some(number) = book.sessions.session(&session).map(|s| s.number.clone()) else { return };
    let why = format!(
        "Your session was shown by {} and was ended, in case it was stolen. Sign in again; if you moved nothing, tell IT.",
        book.devices.name(&device, &from)
    );
    book.sessions.end(&session, &why);
    alarms::raise(book, stamp, Alarm::SessionElsewhere { number, device, from });
}

fn lock(book: &mut AccessBook, session: Option<Hashed>, at: Moment) {
    if let Some(found) = session.and_then(|session| book.sessions.open.get_mut(&session)) {
        found.locked = found.locked.or(Some(at));
    }
}

fn said(book: &AccessBook, stamp: &Stamp, why: &str) -> String {
    format!("{} ended this session: {why}. Sign in again, or ask them.", book.name(&stamp.by))
}

pub(crate) fn end_all_of(book: &mut AccessBook, stamp: &Stamp, number: &StaffNumber, why: &str) {
    let said = said(book, stamp, why);
    book.sessions.end_where(|s| s.number == *number, &said);
}

pub(crate) fn end_all_on(book: &mut AccessBook, stamp: &Stamp, device: &DeviceKey, why: &str) {
    let said = said(book, stamp, why);
    book.sessions.end_where(|s| s.device == *device, &said);
}

pub(crate) fn end_all_by_card(book: &mut AccessBook, stamp: &Stamp, card: u32, why: &str) {
    let said = said(book, stamp, why);
    book.sessions.end_where(|s| matches!(s.way, Way::Card { card: by } if by == card), &said);
}

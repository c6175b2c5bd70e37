//! What a request's session is worth: asked at every request, so that what was revoked a moment ago counts no more.

use super::{Kind, Session};
use crate::StaffNumber;
use crate::book::AccessBook;
use crate::devices::DeviceKey;
use crate::people::Account;
use crate::secrets::Hashed;
use crate::sign_in::Way;
use basics::{Moment, Zone};
use std::collections::BTreeMap;

/// Who asks for a page: read anew at each request.
#[derive(Clone, Copy, Debug)]
pub struct Standing<'a> {
    /// Who.
    pub number: &'a StaffNumber,
    /// As what they are here: their account, or a shift card's.
    pub account: &'a Account,
    /// Let in by an invitation, and not yet set up: they may do that and nothing else.
    pub newcomer: bool,
    /// Their session.
    pub session: &'a Session,
}

/// What a session is worth.
#[derive(Debug)]
pub enum Check<'a> {
    /// They are in.
    In(Standing<'a>),
    /// Theirs, and locked: passphrase, passkey or PIN opens it again.
    Locked(&'a Session),
    /// Shown by another device or address than it belongs to: end it ([`super::Intent::EndElsewhere`]), and say this.
    Elsewhere(String),
    /// Not signed in; why, where that is known.
    Out(Option<String>),
}

/// When each session was last used. Kept in memory: after a restart idle time counts from when its owner last proved
/// themselves.
#[derive(Clone, Debug, Default)]
pub struct Activity(BTreeMap<Hashed, Moment>);

/// Sessions remembered beyond those that are open.
const SPARE: usize = 1_024;

impl Activity {
    /// A request came. Ended sessions are forgotten now and then.
    pub fn note(&mut self, session: Hashed, book: &AccessBook, at: Moment) {
        if self.0.len() > book.sessions.open.len() + SPARE {
            self.0.retain(|token, _| book.sessions.open.contains_key(token));
        }
        self.0.insert(session, at);
    }

    /// When it was last used.
    pub fn last(&self, session: &Hashed) -> Option<Moment> {
        self.0.get(session).copied()
    }
}

/// A clock that was set back by more than this, in seconds, ends sessions: else they would last until it is there again.
const CLOCK_BACK_SECONDS_MAX: i64 = 86_400;

/// What the session of that token's hash is worth on that device, from that address, now. Revoking works whatever the clock
/// says.
pub fn check<'a>(
    book: &'a AccessBook,
    activity: &Activity,
    (token, device, from): (&Hashed, &DeviceKey, &str),
    zone: &Zone,
    at: Moment,
) -> Check<'a> {
    let Some(session) = book.sessions.session(token) else {
        return Check::Out(book.sessions.why_ended(token).map(str::to_owned));
    };
    if let Some(words) = elsewhere(session, device, from) {
        return Check::Elsewhere(words);
    }
    if at >= session.ends || session.opened.at.seconds_since(at) > CLOCK_BACK_SECONDS_MAX {
        let words = format!("Your session ended at {}. Sign in again.", zone.clinical(session.ends));
        return Check::Out(Some(words));
    }
    let account = match book.standing(&session.number, zone, at) {
        Ok(account) => account,
        Err(barred) => return Check::Out(Some(barred.to_string())),
    };
    let last = activity.last(token).map_or(session.proved, |last| last.max(session.proved));
    let idle = at.seconds_since(last) > i64::from(session.idle_seconds);
    if idle && session.kind == Kind::Visiting {
        let words = "This screen was left alone for a while, and its device is not enrolled. Sign in again.";
        return Check::Out(Some(words.to_owned()));
    }
    if idle || session.locked.is_some() {
        return Check::Locked(session);
    }
    let account = match &session.way {
        Way::Card { card } => book.cards.card(*card).map_or(account, |card| &card.account),
        _ => account,
    };
    let newcomer =
        matches!(session.way, Way::Invitation { .. }) && !book.credentials(&session.number).complete();
    Check::In(Standing { number: &session.number, account, newcomer, session })
}

/// What is said where a session is shown that belongs somewhere else.
fn elsewhere(session: &Session, device: &DeviceKey, from: &str) -> Option<String> {
    if session.device != *device {
        return Some(
            "This session belongs to another device. It was ended, in case it was stolen. Sign in here."
                .to_owned(),
        );
    }
    let from = basics::tidy(from, crate::sign_in::FROM_BYTES_MAX);
    (session.from != from && !session.roams).then(|| {
        format!(
            "This session began at the address {}, and this is {from}. It was ended, in case it was stolen. Sign in \
             again.",
            session.from
        )
    })
}

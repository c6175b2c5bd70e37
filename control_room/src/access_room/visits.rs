//! Who asks for a page, and whether it is theirs: asked at every request, from memory alone.
//!
//! Always: what was revoked a moment ago counts no more; a session shown elsewhere is ended before anything else is said.

use super::AccessRoom;
use access::devices::DeviceKey;
use access::people::{Account, Spot};
use access::rights::{Answer, Right, Wanted, Who, may};
use access::secrets::Hashed;
use access::sessions::{Check, Intent as Sessions, Kind, check};
use access::{By, Patient, StaffNumber};
use basics::Moment;

/// Somebody who is in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Visitor {
    /// Who.
    pub number: StaffNumber,
    /// As what they are here.
    pub account: Account,
    /// By an invitation, and not set up yet.
    pub newcomer: bool,
    /// Their session.
    pub session: Hashed,
    /// On what kind of device.
    pub kind: Kind,
    /// When the session ends.
    pub ends: Moment,
}

impl Visitor {
    /// Who acts, for [`AccessRoom::submit`].
    pub fn by(&self) -> By {
        By::Staff(self.number.clone())
    }
}

/// What a request's session is worth.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Visit {
    /// They are in.
    In(Box<Visitor>),
    /// Theirs, and locked: by [`AccessRoom::resume`] it is opened again.
    Locked {
        /// The session.
        session: Hashed,
        /// Whose.
        number: StaffNumber,
    },
    /// Not signed in; why, where that is known.
    Out(Option<String>),
}

impl AccessRoom {
    /// Who shows that session on that browser from that address, now. A session shown elsewhere is ended, and alarmed.
    pub fn visit(&self, session: &Hashed, device: &DeviceKey, from: &str, at: Moment) -> Visit {
        self.shown((session, device, from), true, at)
    }

    /// The same for what asks by itself, a page that stays live: it keeps no session from being locked.
    pub fn glance(&self, session: &Hashed, device: &DeviceKey, from: &str, at: Moment) -> Visit {
        self.shown((session, device, from), false, at)
    }

    fn shown(
        &self,
        (session, device, from): (&Hashed, &DeviceKey, &str),
        by_hand: bool,
        at: Moment,
    ) -> Visit {
        let found = self.read(|book| {
            let mut activity = crate::room::lock(&self.activity);
            match check(book, &activity, (session, device, from), &self.zone, at) {
                Check::In(standing) => {
                    let visitor = Visitor {
                        number: standing.number.clone(),
                        account: standing.account.clone(),
                        newcomer: standing.newcomer,
                        session: *session,
                        kind: standing.session.kind,
                        ends: standing.session.ends,
                    };
                    if by_hand {
                        activity.note(*session, book, at);
                    }
                    Ok(Visit::In(Box::new(visitor)))
                }
                Check::Locked(found) => Ok(Visit::Locked { session: *session, number: found.number.clone() }),
                Check::Out(why) => Ok(Visit::Out(why)),
                Check::Elsewhere(words) => Err(words),
            }
        });
        found.unwrap_or_else(|words| {
            let end = Sessions::EndElsewhere { session: *session, device: *device, from: from.to_owned() };
            // Refused here in any case; whether the owner too is out depends on the seal.
            if let Err(fault) = self.submit(end, &By::Lifeboat, at) {
                tracing::error!(%fault, "a session that was shown elsewhere could not be ended");
            }
            Visit::Out(Some(words))
        })
    }

    /// Whether somebody may look at a page, or send its form. `patient`: whom it shows, where it shows one: glass that is
    /// broken for them counts.
    pub fn may(
        &self,
        visitor: Option<&Visitor>,
        (right, address): (Right, &str),
        (spot, patient): (&Spot, Option<Patient>),
        at: Moment,
    ) -> Answer {
        let broken = visitor.zip(patient).and_then(|(visitor, patient)| {
            self.read(|book| book.glass.open_for(&visitor.number, patient, at).map(|broken| broken.number))
        });
        let who = visitor.map(|v| Who { account: &v.account, newcomer: v.newcomer });
        may(&self.forms.rights, who, Wanted { right, address, spot, broken })
    }
}

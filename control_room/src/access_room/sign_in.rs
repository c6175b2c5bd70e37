//! Somebody at the door: may they try, is it right, and then a session; all that must be done of it in one place.
//!
//! Always: what is hashed is hashed under no lock, and only so many at once; an alarm is sealed whatever else is said; what
//! was no real try is given back. Never: said which of name, passphrase and code was wrong.

use super::{AccessRefused, AccessRoom, Token};
use crate::Fault;
use access::alarms::Alarm;
use access::devices::DeviceKey;
use access::secrets::{Hashed, Typed};
use access::sessions::{Intent as Sessions, Opening};
use access::sign_in::guesses::{Ticket, Trying, Wait};
use access::sign_in::passkeys::PasskeyProof;
use access::sign_in::{Again, Attempt, Held, Verdict, WRONG};
use access::{By, StaffNumber};
use basics::{EntryNumber, Moment};
use std::sync::{Condvar, Mutex, PoisonError};

/// Where somebody stands who wants in.
#[derive(Clone, Debug)]
pub struct AtDoor {
    /// The browser; see [`AccessRoom::device_of`].
    pub device: DeviceKey,
    /// Its network address (of IPv6 the /64).
    pub from: String,
    /// The session that is open at this screen, of whoever was there before: it is locked.
    pub in_place_of: Option<Hashed>,
}

/// Somebody is in.
#[derive(Debug)]
pub struct SignedIn {
    /// For the browser's cookie, once.
    pub token: Token,
    /// What it is kept as.
    pub session: Hashed,
    /// Who.
    pub number: StaffNumber,
    /// The entry of the access book.
    pub entry: EntryNumber,
}

/// Somebody is not in.
#[derive(Debug, thiserror::Error)]
pub enum NotIn {
    /// Too soon.
    #[error(transparent)]
    Wait(#[from] Wait),
    /// Why, in a sentence for them.
    #[error("{0}")]
    Said(String),
    /// Nothing can be recorded, and so nobody can sign in; those who are in stay in.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// So many at once.
pub(super) struct Slots {
    free: Mutex<usize>,
    given_back: Condvar,
}

impl Slots {
    pub(super) fn new(count: usize) -> Self {
        Self { free: Mutex::new(count.max(1)), given_back: Condvar::new() }
    }

    /// Does something slow when there is room for it.
    pub(super) fn within<T>(&self, slow: impl FnOnce() -> T) -> T {
        let mut free = crate::room::lock(&self.free);
        while *free == 0 {
            free = self.given_back.wait(free).unwrap_or_else(PoisonError::into_inner);
        }
        *free -= 1;
        drop(free);
        let _slot = Slot(self);
        slow()
    }
}

/// Given back whatever happens.
struct Slot<'a>(&'a Slots);

impl Drop for Slot<'_> {
    fn drop(&mut self) {
        *crate::room::lock(&self.0.free) += 1;
        self.0.given_back.notify_one();
    }
}

impl AccessRoom {
    /// Brings somebody in, or says why not.
    ///
    /// # Errors
    /// A sentence for them; a fault when nothing can be recorded.
    pub fn sign_in(&self, attempt: &Attempt, door: &AtDoor, at: Moment) -> Result<SignedIn, NotIn> {
        let held = self.read(|book| Held::of(book, attempt, &self.zone, at));
        // A passkey cannot be guessed, and so no crowd keeps it out.
        let ticket = match attempt {
            Attempt::Passkey { .. } => None,
            _ => Some(self.may_try(held.counted_as(), door, at)?),
        };
        let verdict = self.hashing.within(|| held.verify(attempt, self.setup.costs, at));
        if let Some(alarm) = held.alarm(&verdict, door.device, &door.from) {
            self.raise(alarm, at);
        }
        let words = verdict.words();
        let proven = match verdict {
            Verdict::Proven(proven) => proven,
            Verdict::Wrong | Verdict::CardNoGood(_) | Verdict::PasskeyCopied(_) => {
                self.wrong(ticket, at);
                return Err(NotIn::Said(words.unwrap_or_default()));
            }
            Verdict::Slip(_) | Verdict::ClocksApart(_) | Verdict::InvitationOver(_) => {
                self.no_try(ticket);
                return Err(NotIn::Said(words.unwrap_or_default()));
            }
        };
        let (token, number) = (self.fresh_token()?, proven.number().clone());
        let session = Self::session_of(token.as_str());
        let opening = Opening {
            proven,
            session,
            device: door.device,
            from: door.from.clone(),
            lengths: self.setup.lengths,
            in_place_of: door.in_place_of,
        };
        match self.submit(Sessions::Open(Box::new(opening)), &By::Staff(number.clone()), at) {
            Ok(entry) => {
                if let Some(ticket) = ticket {
                    crate::room::lock(&self.guesses).right(ticket);
                }
                Ok(SignedIn { token, session, number, entry })
            }
            Err(refused) => {
                self.no_try(ticket);
                Err(refused.into())
            }
        }
    }

    /// Opens a locked session again: by passphrase, or the PIN of the card that began it.
    ///
    /// # Errors
    /// A sentence for them; a fault when nothing can be recorded.
    pub fn resume(
        &self,
        session: Hashed,
        typed: &Typed,
        door: &AtDoor,
        at: Moment,
    ) -> Result<EntryNumber, NotIn> {
        let (held, number) = self.locked_one(session)?;
        let ticket = self.may_try(&number, door, at)?;
        match self.hashing.within(|| held.verify(typed)) {
            Some(again) => {
                let resumed = self.resumed(again, number, door, at);
                match resumed.is_ok() {
                    true => crate::room::lock(&self.guesses).right(ticket),
                    false => self.no_try(Some(ticket)),
                }
                resumed
            }
            None => {
                self.wrong(Some(ticket), at);
                Err(NotIn::Said(WRONG.to_owned()))
            }
        }
    }

    /// Opens a locked session again by a passkey.
    ///
    /// # Errors
    /// As for [`AccessRoom::resume`].
    pub fn resume_by_passkey(
        &self,
        session: Hashed,
        proof: &PasskeyProof,
        door: &AtDoor,
        at: Moment,
    ) -> Result<EntryNumber, NotIn> {
        let (held, number) = self.locked_one(session)?;
        let again = held.verify_passkey(proof).ok_or_else(|| NotIn::Said(WRONG.to_owned()))?;
        self.resumed(again, number, door, at)
    }

    fn locked_one(&self, session: Hashed) -> Result<(access::sign_in::HeldAgain, StaffNumber), NotIn> {
        let found = self.read(|book| {
            let number = book.sessions.session(&session)?.number.clone();
            Some((Again::look_up(book, session)?, number))
        });
        found.ok_or_else(|| NotIn::Said("This session is no more. Sign in.".to_owned()))
    }

    fn resumed(
        &self,
        again: Again,
        number: StaffNumber,
        door: &AtDoor,
        at: Moment,
    ) -> Result<EntryNumber, NotIn> {
        let resume = Sessions::Resume { again, device: door.device, in_place_of: door.in_place_of };
        Ok(self.submit(resume, &By::Staff(number), at)?)
    }

    fn may_try(&self, number: &StaffNumber, door: &AtDoor, at: Moment) -> Result<Ticket, Wait> {
        let standing = self.read(|book| book.devices.standing(&door.device, number));
        let trying = Trying { number, device: door.device, standing, from: &door.from };
        crate::room::lock(&self.guesses).may_try(&trying, at)
    }

    fn no_try(&self, ticket: Option<Ticket>) {
        if let Some(ticket) = ticket {
            crate::room::lock(&self.guesses).slip(ticket);
        }
    }

    fn wrong(&self, ticket: Option<Ticket>, at: Moment) {
        let alarm = ticket.and_then(|ticket| crate::room::lock(&self.guesses).wrong(ticket));
        if let Some(alarm) = alarm {
            self.raise(alarm, at);
        }
    }

    /// Seals an alarm; where nothing can be sealed it stands in the program's own log alone.
    pub(super) fn raise(&self, alarm: Alarm, at: Moment) {
        if let Err(fault) = self.submit(access::alarms::Intent::Raise { alarm }, &By::Lifeboat, at) {
            tracing::error!(%fault, "an alarm about access could not be sealed");
        }
    }
}

impl From<AccessRefused> for NotIn {
    fn from(refused: AccessRefused) -> Self {
        match refused {
            AccessRefused::Refusal(refusal) => Self::Said(refusal.to_string()),
            AccessRefused::NotYours(refusal) => Self::Said(refusal.to_string()),
            AccessRefused::Fault(fault) => Self::Fault(fault),
        }
    }
}

//! Verifying what somebody typed or scanned: what is needed is copied out of the book first, for hashing is slow and must
//! hold no lock.
//!
//! Always: the same work and the same sentence for a name that is unknown, a passphrase that is wrong and a code that is
//! wrong. Never: anything taken as used here; that is for the rules of sessions, by the picture as it then is.

use super::cards::NoGood;
use super::credentials::{Authenticator, INVITATION, RECOVERY, apart_words};
use super::passkeys::{PasskeyProof, goes_on};
use super::passphrase::{Costs, Stored};
use super::totp::{Codes, TotpSecret, judge, read_code};
use super::{Proven, Way};
use crate::book::AccessBook;
use crate::secrets::{Code, CodeSlip, Hashed, Typed, same_bytes};
use crate::{StaffNumber, alarms::Alarm, devices::DeviceKey};
use basics::{Moment, Zone};

/// What somebody does to get in.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub enum Attempt {
    Passkey {
        proof: PasskeyProof,
    },
    /// `next_code`: the code after, for a phone whose clock is off.
    Passphrase {
        number: StaffNumber,
        passphrase: Typed,
        code: Typed,
        next_code: Option<Typed>,
    },
    Recovery {
        number: StaffNumber,
        passphrase: Typed,
        code: Typed,
    },
    Card {
        text: Typed,
        pin: Typed,
    },
    Invitation {
        number: StaffNumber,
        code: Typed,
    },
}

/// What came of it.
#[derive(Debug)]
pub enum Verdict {
    /// They are who they say.
    Proven(Proven),
    /// Something is wrong; what, nobody is told.
    Wrong,
    /// The paper's code was typed with a slip. No try was made; it can be given back.
    Slip(CodeSlip),
    /// The codes are theirs, but two clocks are far apart: what is said to them.
    ClocksApart(String),
    /// The card or its shift is over.
    CardNoGood(NoGood),
    /// The invitation is theirs and ran out.
    InvitationOver(String),
    /// The passkey's counter went back.
    PasskeyCopied(StaffNumber),
}

/// What is said of everything that is [`Verdict::Wrong`].
pub const WRONG: &str = "That does not fit: check the staff number, the passphrase and the code. If your phone's clock may be \
     off, type two codes, one after another. If something is lost: a recovery code, or a shift card from two people, lets \
     you in.";

/// The ways that still work when codes do not.
const OTHER_WAYS: &str = "Until that is mended, get in with a passkey, one of your recovery codes, or a shift card from two \
     people.";

impl Verdict {
    /// What the person is told; `None` for who is in.
    pub fn words(&self) -> Option<String> {
        match self {
            Self::Proven(_) => None,
            Self::Wrong => Some(WRONG.to_owned()),
            Self::Slip(slip) => Some(slip.to_string()),
            Self::ClocksApart(words) => Some(words.clone()),
            Self::CardNoGood(no_good) => Some(no_good.to_string()),
            Self::InvitationOver(when) => {
                Some(format!("This invitation ran out at {when}. Ask an administrator for another."))
            }
            Self::PasskeyCopied(_) => Some(
                "This passkey was refused: there may be a copy of it. Get in another way, remove it on your own page, and \
                 tell an administrator."
                    .to_owned(),
            ),
        }
    }
}

/// What is kept of whoever an attempt names: copied out of the book.
#[derive(Debug)]
pub struct Held {
    /// Whose tries these are counted as; the number as typed, whether there is such a person or not.
    counted_as: StaffNumber,
    kept: Kept,
}

#[derive(Debug)]
enum Kept {
    Nothing,
    Passkey {
        number: StaffNumber,
        id: Vec<u8>,
        counter: u32,
    },
    Person {
        number: StaffNumber,
        passphrase: Option<Stored>,
        phones: Vec<Authenticator>,
        recovery: Vec<Hashed>,
    },
    Card {
        number: StaffNumber,
        card: u32,
        pin: Stored,
        good: Result<(), NoGood>,
    },
    Invitation {
        number: StaffNumber,
        code: Hashed,
        until: Moment,
        until_words: String,
    },
}

impl Held {
    /// Looks up what an attempt needs: quick.
    pub fn of(book: &AccessBook, attempt: &Attempt, zone: &Zone, at: Moment) -> Self {
        let nobody = || StaffNumber::new("UNKNOWN").unwrap_or_else(|| unreachable!("a staff number"));
        match attempt {
            Attempt::Passkey { proof } => {
                let mut all = book.credentials.iter();
                let found =
                    all.find_map(|(n, c)| c.passkeys.iter().find(|p| p.id == proof.id).map(|p| (n, p)));
                let Some((number, passkey)) = found else {
                    return Self { counted_as: nobody(), kept: Kept::Nothing };
                };
                let (id, counter) = (passkey.id.clone(), passkey.counter);
                Self {
                    counted_as: number.clone(),
                    kept: Kept::Passkey { number: number.clone(), id, counter },
                }
            }
            Attempt::Passphrase { number, .. } | Attempt::Recovery { number, .. } => {
                let mine = book.credentials(number);
                let kept = Kept::Person {
                    number: number.clone(),
                    passphrase: mine.passphrase.clone(),
                    phones: mine.authenticators.clone(),
                    recovery: mine.recovery.clone(),
                };
                Self { counted_as: number.clone(), kept }
            }
            Attempt::Card { text, .. } => {
                let found = book.cards.shown(text).and_then(|n| book.cards.card(n).map(|card| (n, card)));
                let found = found.and_then(|(n, card)| card.issued.as_ref().map(|issued| (n, card, issued)));
                let Some((card, shown, issued)) = found else {
                    return Self { counted_as: nobody(), kept: Kept::Nothing };
                };
                let number = shown.holder.number.clone();
                let (pin, good) = (issued.pin.clone(), shown.good(book, zone, at));
                Self { counted_as: number.clone(), kept: Kept::Card { number, card, pin, good } }
            }
            Attempt::Invitation { number, .. } => {
                let invitation = book.credentials(number).invitation.clone();
                let kept = invitation.map_or(Kept::Nothing, |i| Kept::Invitation {
                    number: number.clone(),
                    code: i.code,
                    until: i.until,
                    until_words: zone.clinical(i.until),
                });
                Self { counted_as: number.clone(), kept }
            }
        }
    }

    /// As whose tries these count. Unknown cards and passkeys count together.
    pub fn counted_as(&self) -> &StaffNumber {
        &self.counted_as
    }

    /// Verifies. Slow where something is hashed: hold no lock. `costs`: of what is hashed for nobody.
    pub fn verify(&self, attempt: &Attempt, costs: Costs, at: Moment) -> Verdict {
        if let Attempt::Recovery { code, .. } | Attempt::Invitation { code, .. } = attempt
            && let Err(slip) = Code::read(code)
        {
            return Verdict::Slip(slip);
        }
        match (attempt, &self.kept) {
            (Attempt::Passkey { proof }, Kept::Passkey { number, id, counter }) => {
                if !goes_on(*counter, proof.counter) {
                    return Verdict::PasskeyCopied(number.clone());
                }
                proven(number, Way::Passkey { id: id.clone(), counter: proof.counter })
            }
            (
                Attempt::Passphrase { passphrase, code, next_code, .. },
                Kept::Person { number, passphrase: stored, phones, .. },
            ) => {
                let right = fits(stored.as_ref(), passphrase, costs);
                let found = codes_of(phones, code, next_code.as_ref(), at).filter(|_| right);
                found.map_or(Verdict::Wrong, |found| found.verdict(number))
            }
            (
                Attempt::Recovery { passphrase, code, .. },
                Kept::Person { number, passphrase: stored, recovery, .. },
            ) => {
                let Some(code) = read_as(code, RECOVERY) else { return Verdict::Wrong };
                let right = fits(stored.as_ref(), passphrase, costs);
                let known = recovery.iter().any(|kept| same_bytes(kept.bytes(), code.bytes()));
                if right && known {
                    proven(number, Way::PassphraseAndRecovery { code })
                } else {
                    Verdict::Wrong
                }
            }
            (Attempt::Card { pin, .. }, Kept::Card { number, card, pin: stored, good }) => match good {
                Err(no_good) => Verdict::CardNoGood(no_good.clone()),
                Ok(()) if stored.fits(&Typed::new(pin.as_str().trim())) => {
                    proven(number, Way::Card { card: *card })
                }
                Ok(()) => Verdict::Wrong,
            },
            (
                Attempt::Invitation { code, .. },
                Kept::Invitation { number, code: kept, until, until_words },
            ) => {
                let Some(code) = read_as(code, INVITATION) else { return Verdict::Wrong };
                match same_bytes(kept.bytes(), code.bytes()) {
                    true if at < *until => proven(number, Way::Invitation { code }),
                    true => Verdict::InvitationOver(until_words.clone()),
                    false => Verdict::Wrong,
                }
            }
            (Attempt::Card { pin, .. }, _) => {
                Stored::pretend(pin, costs);
                Verdict::Wrong
            }
            _ => Verdict::Wrong,
        }
    }

    /// What should be laid before people of this verdict: submit it, whatever else is done.
    pub fn alarm(&self, verdict: &Verdict, device: DeviceKey, from: &str) -> Option<Alarm> {
        let from = basics::tidy(from, FROM_BYTES_MAX);
        match (verdict, &self.kept) {
            (Verdict::CardNoGood(NoGood::UsedBefore { .. }), Kept::Card { card, .. }) => {
                Some(Alarm::CardShownAgain { card: *card, device, from })
            }
            (Verdict::Wrong, Kept::Card { card, .. }) => {
                Some(Alarm::CardGuessed { card: *card, device, from })
            }
            (Verdict::PasskeyCopied(number), _) => {
                Some(Alarm::PasskeyCopied { number: number.clone(), device, from })
            }
            _ => None,
        }
    }
}

/// Longest address kept, in bytes.
pub(crate) const FROM_BYTES_MAX: usize = 64;

fn proven(number: &StaffNumber, way: Way) -> Verdict {
    Verdict::Proven(Proven { number: number.clone(), way })
}

fn read_as(typed: &Typed, purpose: &str) -> Option<Hashed> {
    Code::read(typed).ok().map(|code| code.hashed(purpose))
}

/// The same work whether somebody is known or not.
fn fits(stored: Option<&Stored>, typed: &Typed, costs: Costs) -> bool {
    match stored {
        Some(stored) => stored.fits(typed),
        None => {
            Stored::pretend(typed, costs);
            false
        }
    }
}

/// What one of somebody's phones says to the codes.
struct Found {
    phone: u32,
    codes: Codes,
}

impl Found {
    fn verdict(&self, number: &StaffNumber) -> Verdict {
        match self.codes {
            Codes::Right { step, drift_steps } => {
                proven(number, Way::PassphraseAndCode { authenticator: self.phone, step, drift_steps })
            }
            Codes::Apart { seconds } => {
                Verdict::ClocksApart(format!("{} {OTHER_WAYS}", apart_words(seconds)))
            }
            Codes::Used | Codes::Wrong => Verdict::Wrong,
        }
    }
}

fn codes_of(phones: &[Authenticator], code: &Typed, next_code: Option<&Typed>, at: Moment) -> Option<Found> {
    let code = read_code(code)?;
    let next = match next_code.filter(|typed| !typed.as_str().trim().is_empty()) {
        Some(typed) => Some(read_code(typed)?),
        None => None,
    };
    if phones.is_empty() {
        // The same work, so that nobody tells by the time it takes who has a phone.
        judge(&TotpSecret::new([0; 20]), (code, next), (0, &[]), at);
    }
    let all = phones.iter().map(|phone| Found {
        phone: phone.number,
        codes: judge(&phone.secret, (code, next), (phone.drift_steps, &phone.used), at),
    });
    all.filter(|found| found.codes != Codes::Wrong).min_by_key(|found| match found.codes {
        Codes::Right { .. } => 0,
        Codes::Apart { .. } => 1,
        Codes::Used | Codes::Wrong => 2,
    })
}

/// Somebody whose session was locked has proved that it is still them. Made by [`Again::verify`] alone.
#[derive(Debug)]
pub struct Again {
    pub(crate) session: Hashed,
    /// The passkey that it was proved by, and its counter.
    pub(crate) passkey: Option<(Vec<u8>, u32)>,
}

/// What is kept of whoever's session is locked: copied out of the book.
#[derive(Debug)]
pub struct HeldAgain {
    session: Hashed,
    stored: Option<Stored>,
    passkeys: Vec<(Vec<u8>, u32)>,
}

impl Again {
    /// Looks up by what a locked session is opened again: the passphrase, a passkey, or the PIN of the card that began it.
    pub fn look_up(book: &AccessBook, session: Hashed) -> Option<HeldAgain> {
        let found = book.sessions.session(&session)?;
        let mine = book.credentials(&found.number);
        let pin = match &found.way {
            Way::Card { card } => {
                book.cards.card(*card).and_then(|c| c.issued.as_ref()).map(|issued| issued.pin.clone())
            }
            _ => None,
        };
        let passkeys = mine.passkeys.iter().map(|p| (p.id.clone(), p.counter)).collect();
        Some(HeldAgain { session, stored: mine.passphrase.clone().or(pin), passkeys })
    }
}

impl HeldAgain {
    /// By what was typed. Slow: hold no lock.
    pub fn verify(&self, typed: &Typed) -> Option<Again> {
        let right = self.stored.as_ref().is_some_and(|stored| stored.fits(typed));
        right.then_some(Again { session: self.session, passkey: None })
    }

    /// By a passkey.
    pub fn verify_passkey(&self, proof: &PasskeyProof) -> Option<Again> {
        let mine = self.passkeys.iter().find(|(id, _)| *id == proof.id);
        mine.filter(|(_, counter)| goes_on(*counter, proof.counter))
            .map(|(id, _)| Again { session: self.session, passkey: Some((id.clone(), proof.counter)) })
    }
}

//! What each person signs in by, and how they come to have it: passphrase, authenticators, passkeys, recovery codes, and the
//! invitation by which somebody gets in for the first time.
//!
//! Always: a person changes their own; an administrator only takes away or invites anew, and the person sees by whom. A new
//! invitation takes away everything else, so that what was lost lets nobody in. Never: a secret in `Debug`; a person left
//! without a way in by their own slip. Proved by `tests/credentials.rs`.

use super::Way;
use super::passkeys::{ID_BYTES_MAX, KEY_BYTES_MAX, Passkey};
use super::passphrase::Stored;
use super::totp::{Codes, TotpSecret, judge};
use crate::book::{AccessBook, Asked, NotYours, Stamp};
use crate::secrets::Hashed;
use crate::words::{self, Wording};
use crate::{Role, StaffNumber, sessions};
use basics::Moment;
use serde::{Deserialize, Serialize};

/// Authenticators of one person: a phone and a spare.
const AUTHENTICATORS_MAX: usize = 4;
/// Passkeys of one person.
const PASSKEYS_MAX: usize = 12;
/// Recovery codes that are made at once.
pub const RECOVERY_CODES: usize = 10;
/// An invitation holds for at most so many days.
pub const INVITATION_DAYS_MAX: i64 = 31;
/// Invitations in one entry.
pub const INVITED_AT_ONCE_MAX: usize = 5_000;
/// Steps remembered of codes that were taken, for each authenticator.
const USED_STEPS_MAX: usize = 16;

/// For [`crate::secrets::Code::hashed`]: what a recovery code is hashed for.
pub const RECOVERY: &str = "recovery";
/// For [`crate::secrets::Code::hashed`]: what an invitation's code is hashed for.
pub const INVITATION: &str = "invitation";

/// A phone that shows codes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Authenticator {
    /// Its number among the person's, never given twice.
    pub number: u32,
    /// What its owner calls it.
    pub label: String,
    /// What it shares with us.
    pub secret: TotpSecret,
    /// How far it was ahead when last seen, in steps of 30 seconds.
    pub drift_steps: i32,
    /// The steps of the codes that were taken lately.
    pub used: Vec<u64>,
}

impl Authenticator {
    /// A sentence where its clock is off by more than a minute.
    pub fn drift_words(&self) -> Option<String> {
        let seconds = i64::from(self.drift_steps) * super::totp::STEP_SECONDS;
        let way = if seconds > 0 { "ahead of" } else { "behind" };
        (seconds.abs() > 60).then(|| {
            format!("The clock of {} is {} {way} Lifeboat's.", self.label, words::duration(seconds.abs()))
        })
    }
}

/// A letter that lets somebody in for the first time.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Invitation {
    /// Of the code that is printed on it.
    pub code: Hashed,
    /// Until when it holds.
    pub until: Moment,
    /// By whom, and when.
    pub told: Stamp,
}

/// Everything one person signs in by.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Credentials {
    /// Of the passphrase.
    pub passphrase: Option<Stored>,
    /// Phones that show codes.
    pub authenticators: Vec<Authenticator>,
    /// Passkeys.
    pub passkeys: Vec<Passkey>,
    /// Recovery codes that were not used.
    pub recovery: Vec<Hashed>,
    /// An invitation that was not used.
    pub invitation: Option<Invitation>,
    /// Numbers given to authenticators.
    last_number: u32,
}

impl Credentials {
    /// Can get in without an invitation: a passkey, or a passphrase with something beside it.
    pub fn complete(&self) -> bool {
        !self.passkeys.is_empty()
            || (self.passphrase.is_some() && !(self.authenticators.is_empty() && self.recovery.is_empty()))
    }

    /// What is still to be set up, in words; nothing once it is complete.
    pub fn still_to_do(&self) -> Option<&'static str> {
        match (self.complete(), self.passphrase.is_some()) {
            (true, _) => None,
            (false, false) => {
                Some("Add a passkey; or choose a passphrase, and then add a phone that shows codes.")
            }
            (false, true) => Some("Add a phone that shows codes, or print recovery codes, or add a passkey."),
        }
    }

    /// Something was used that counts once, or that keeps count.
    pub(crate) fn note_use(&mut self, way: &Way) {
        match way {
            Way::Passkey { id, counter } => {
                if let Some(passkey) = self.passkeys.iter_mut().find(|p| p.id == *id) {
                    passkey.counter = *counter;
                }
            }
            Way::PassphraseAndCode { authenticator, step, drift_steps } => {
                if let Some(phone) = self.authenticators.iter_mut().find(|a| a.number == *authenticator) {
                    phone.drift_steps = *drift_steps;
                    phone.used.push(*step);
                    if phone.used.len() > USED_STEPS_MAX {
                        phone.used.remove(0);
                    }
                }
            }
            Way::PassphraseAndRecovery { code } => self.recovery.retain(|other| other != code),
            Way::Invitation { .. } => self.invitation = None,
            Way::Card { .. } => {}
        }
    }
}

/// What became so.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum Fact {
    PassphraseSet {
        number: StaffNumber,
        stored: Stored,
    },
    AuthenticatorAdded {
        number: StaffNumber,
        label: String,
        secret: TotpSecret,
        step: u64,
        drift_steps: i32,
    },
    AuthenticatorRemoved {
        number: StaffNumber,
        authenticator: u32,
    },
    PasskeyAdded {
        number: StaffNumber,
        passkey: Passkey,
    },
    PasskeyRemoved {
        number: StaffNumber,
        id: Vec<u8>,
    },
    RecoveryCodesMade {
        number: StaffNumber,
        codes: Vec<Hashed>,
    },
    /// Everything else of theirs was taken away.
    Invited {
        number: StaffNumber,
        code: Hashed,
        until: Moment,
    },
}

/// What can be wanted.
#[derive(Clone, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub enum Intent {
    /// Checked by [`super::passphrase::acceptable`] and hashed beforehand, for hashing is slow.
    SetPassphrase {
        number: StaffNumber,
        stored: Stored,
    },
    /// With a code that the phone shows now; where its clock is off, with the next one too.
    AddAuthenticator {
        number: StaffNumber,
        label: String,
        secret: TotpSecret,
        code: u32,
        next_code: Option<u32>,
    },
    RemoveAuthenticator {
        number: StaffNumber,
        authenticator: u32,
    },
    AddPasskey {
        number: StaffNumber,
        passkey: Passkey,
    },
    RemovePasskey {
        number: StaffNumber,
        id: Vec<u8>,
    },
    /// New ones take the place of those there are.
    MakeRecoveryCodes {
        number: StaffNumber,
        codes: Vec<Hashed>,
    },
    /// First letters for new people, or a fresh start for somebody who lost everything.
    Invite {
        people: Vec<(StaffNumber, Hashed)>,
        until: Moment,
    },
}

/// Why not.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[allow(missing_docs)]
pub enum Refusal {
    #[error(transparent)]
    NotYours(#[from] NotYours),
    #[error(transparent)]
    Wording(#[from] Wording),
    #[error(
        "The code is not one that this phone shows now. Scan the picture again; if the phone's clock is off, type two \
         codes, one after another."
    )]
    CodeWrong,
    #[error(
        "{0} Codes from this phone cannot be used until that is mended: let the phone set its clock by itself."
    )]
    ClocksApart(String),
    #[error("This code was used already. Wait for the next one, up to 30 seconds.")]
    CodeUsed,
    #[error("There is a passkey of this name or key already; look at the list and remove the old one first.")]
    PasskeyAlready,
    #[error("This passkey cannot be kept: its parts are longer than any that is known. Take another kind.")]
    PasskeyShape,
    #[error("There is nothing like that any more; look at the list again.")]
    Gone,
    #[error("That would leave you without a way in. Add another one first.")]
    LastWay,
    #[error("{RECOVERY_CODES} different recovery codes are made at once.")]
    RecoveryShape,
    #[error("An invitation holds from now on for at most {INVITATION_DAYS_MAX} days; choose such a day.")]
    InvitationEnd,
    #[error("There is no open account {0}; check the staff number.")]
    NoAccount(StaffNumber),
    #[error("Nobody was chosen.")]
    Nobody,
    #[error("Nobody invites themselves; ask another administrator, or use two of the three key shares.")]
    Oneself,
}

/// The rules.
pub(crate) fn decide(asked: &Asked<'_>, intent: Intent) -> Result<Vec<Fact>, Refusal> {
    let fact = match intent {
        Intent::SetPassphrase { number, stored } => {
            asked.must_be_self_or(&number, &[])?;
            Fact::PassphraseSet { number, stored }
        }
        Intent::AddAuthenticator { number, label, secret, code, next_code } => {
            add_authenticator(asked, number, label, secret, (code, next_code))?
        }
        Intent::RemoveAuthenticator { number, authenticator } => {
            asked.must_be_self_or(&number, &[Role::Administrator])?;
            let mut after = asked.book.credentials(&number).clone();
            let before = after.authenticators.len();
            after.authenticators.retain(|a| a.number != authenticator);
            stays(asked, &number, before != after.authenticators.len(), &after)?;
            Fact::AuthenticatorRemoved { number, authenticator }
        }
        Intent::AddPasskey { number, passkey } => add_passkey(asked, number, passkey)?,
        Intent::RemovePasskey { number, id } => {
            asked.must_be_self_or(&number, &[Role::Administrator])?;
            let mut after = asked.book.credentials(&number).clone();
            let before = after.passkeys.len();
            after.passkeys.retain(|p| p.id != id);
            stays(asked, &number, before != after.passkeys.len(), &after)?;
            Fact::PasskeyRemoved { number, id }
        }
        Intent::MakeRecoveryCodes { number, codes } => {
            asked.must_be_self_or(&number, &[])?;
            let different: std::collections::BTreeSet<&Hashed> = codes.iter().collect();
            if codes.len() != RECOVERY_CODES || different.len() != RECOVERY_CODES {
                return Err(Refusal::RecoveryShape);
            }
            Fact::RecoveryCodesMade { number, codes }
        }
        Intent::Invite { people, until } => return invite(asked, people, until),
    };
    Ok(vec![fact])
}

fn add_authenticator(
    asked: &Asked<'_>,
    number: StaffNumber,
    label: String,
    secret: TotpSecret,
    codes: (u32, Option<u32>),
) -> Result<Fact, Refusal> {
    asked.must_be_self_or(&number, &[])?;
    let mine = &asked.book.credentials(&number).authenticators;
    words::at_most("phones", mine.len() + 1, AUTHENTICATORS_MAX)?;
    let label = words::line("what you call this phone", &label, 60)?;
    match judge(&secret, codes, (0, &[]), asked.at) {
        Codes::Right { step, drift_steps } => {
            Ok(Fact::AuthenticatorAdded { number, label, secret, step, drift_steps })
        }
        Codes::Used => Err(Refusal::CodeUsed),
        Codes::Apart { seconds } => Err(Refusal::ClocksApart(apart_words(seconds))),
        Codes::Wrong => Err(Refusal::CodeWrong),
    }
}

/// How two clocks stand to each other; which one is wrong nobody can tell from here.
pub(super) fn apart_words(seconds: i64) -> String {
    let way = if seconds > 0 { "ahead of" } else { "behind" };
    format!(
        "The clock of your phone is {} {way} Lifeboat's. One of the two is wrong: compare both with a clock on the wall.",
        words::duration(seconds.abs())
    )
}

fn add_passkey(asked: &Asked<'_>, number: StaffNumber, passkey: Passkey) -> Result<Fact, Refusal> {
    asked.must_be_self_or(&number, &[])?;
    let Passkey { id, public_key, counter, label } = passkey;
    let fits = (1..=ID_BYTES_MAX).contains(&id.len()) && (1..=KEY_BYTES_MAX).contains(&public_key.len());
    if !fits {
        return Err(Refusal::PasskeyShape);
    }
    let label = words::line("what you call this passkey", &label, 60)?;
    // An id belongs to one person alone: else whoever holds it could be taken for somebody else.
    let taken = asked.book.credentials.values().any(|c| c.passkeys.iter().any(|p| p.id == id));
    let mine = &asked.book.credentials(&number).passkeys;
    if taken || mine.iter().any(|p| p.label == label) {
        return Err(Refusal::PasskeyAlready);
    }
    words::at_most("passkeys", mine.len() + 1, PASSKEYS_MAX)?;
    Ok(Fact::PasskeyAdded { number, passkey: Passkey { id, public_key, counter, label } })
}

/// Whether something may be taken away: it was there, and whoever takes it from themselves still gets in.
fn stays(
    asked: &Asked<'_>,
    number: &StaffNumber,
    was_there: bool,
    after: &Credentials,
) -> Result<(), Refusal> {
    if !was_there {
        return Err(Refusal::Gone);
    }
    let oneself = matches!(asked.who, crate::By::Staff(me) if me == number);
    if oneself && !after.complete() { Err(Refusal::LastWay) } else { Ok(()) }
}

fn invite(
    asked: &Asked<'_>,
    people: Vec<(StaffNumber, Hashed)>,
    until: Moment,
) -> Result<Vec<Fact>, Refusal> {
    asked.must_be(&[Role::Administrator])?;
    if people.is_empty() {
        return Err(Refusal::Nobody);
    }
    words::at_most("people at once", people.len(), INVITED_AT_ONCE_MAX)?;
    let holds = until.seconds_since(asked.at);
    if holds <= 0 || holds > INVITATION_DAYS_MAX * 86_400 {
        return Err(Refusal::InvitationEnd);
    }
    let mut facts = Vec::with_capacity(people.len());
    for (number, code) in people {
        if matches!(asked.who, crate::By::Staff(me) if *me == number) {
            return Err(Refusal::Oneself);
        }
        if asked.book.standing(&number, asked.zone, asked.at).is_err() {
            return Err(Refusal::NoAccount(number));
        }
        facts.push(Fact::Invited { number, code, until });
    }
    Ok(facts)
}

pub(crate) fn fold(book: &mut AccessBook, stamp: &Stamp, fact: Fact) {
    match fact {
        Fact::PassphraseSet { number, stored } => {
            of(book, number).passphrase = Some(stored);
        }
        Fact::AuthenticatorAdded { number, label, secret, step, drift_steps } => {
            let mine = of(book, number);
            mine.last_number += 1;
            let number = mine.last_number;
            mine.authenticators.push(Authenticator { number, label, secret, drift_steps, used: vec![step] });
        }
        Fact::AuthenticatorRemoved { number, authenticator } => {
            of(book, number).authenticators.retain(|a| a.number != authenticator);
        }
        Fact::PasskeyAdded { number, passkey } => of(book, number).passkeys.push(passkey),
        Fact::PasskeyRemoved { number, id } => of(book, number).passkeys.retain(|p| p.id != id),
        Fact::RecoveryCodesMade { number, codes } => of(book, number).recovery = codes,
        Fact::Invited { number, code, until } => {
            sessions::end_all_of(book, stamp, &number, "a new invitation was made");
            let mine = of(book, number);
            let last_number = mine.last_number;
            let invitation = Some(Invitation { code, until, told: stamp.clone() });
            *mine = Credentials { invitation, last_number, ..Credentials::default() };
        }
    }
}

fn of(book: &mut AccessBook, number: StaffNumber) -> &mut Credentials {
    book.credentials.entry(number).or_default()
}

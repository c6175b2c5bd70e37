//! Getting in with nothing else working: a passkey, a passphrase with a code, a printed card with a PIN; and the ways for
//! those who lost something.
//!
//! An [`Attempt`] is looked up ([`Held::of`]: quick, under the book's lock) and verified ([`Held::verify`]: slow, under no
//! lock); what was proven is handed to `sessions`, which judges it again by the picture as it then is, so that nothing that
//! counts once is taken twice. `guesses` says beforehand whether a try may be made. Always: a wrong name, passphrase or code
//! is refused in one and the same sentence. Never: an account that others' guesses lock. Proved by `tests/sign_in.rs`,
//! `tests/shift_cards.rs`, `tests/guesses.rs`.

pub mod cards;
pub mod credentials;
pub mod guesses;
pub mod passkeys;
pub mod passphrase;
pub mod totp;
mod verify;
pub mod way_back;

pub(crate) use verify::FROM_BYTES_MAX;
pub use verify::{Again, Attempt, Held, HeldAgain, Verdict, WRONG};

use crate::StaffNumber;
use crate::secrets::Hashed;
use serde::{Deserialize, Serialize};

/// By what somebody got in.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum Way {
    Passkey {
        id: Vec<u8>,
        counter: u32,
    },
    /// The code of step `step` (30 seconds since 1970 on the phone's clock), from a phone that is `drift_steps` ahead.
    PassphraseAndCode {
        authenticator: u32,
        step: u64,
        drift_steps: i32,
    },
    PassphraseAndRecovery {
        code: Hashed,
    },
    Card {
        card: u32,
    },
    Invitation {
        code: Hashed,
    },
}

impl Way {
    /// In words, for the record and the person's own page.
    pub fn words(&self) -> String {
        match self {
            Self::Passkey { .. } => "passkey".to_owned(),
            Self::PassphraseAndCode { .. } => "passphrase and code".to_owned(),
            Self::PassphraseAndRecovery { .. } => "passphrase and recovery code".to_owned(),
            Self::Card { card } => format!("shift card {card}"),
            Self::Invitation { .. } => "invitation".to_owned(),
        }
    }
}

/// Somebody has proved who they are. Made by [`Held::verify`] alone.
#[derive(Debug)]
pub struct Proven {
    number: StaffNumber,
    way: Way,
}

impl Proven {
    /// Who.
    pub fn number(&self) -> &StaffNumber {
        &self.number
    }

    /// By what.
    pub fn way(&self) -> &Way {
        &self.way
    }
}

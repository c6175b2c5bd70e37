//! What opens a key file: a passphrase, enough shares, or a machine's own key.
//!
//! The seam for every place that unseals: a console, a terminal, a page. Whoever has gathered one of these calls
//! `KeyFile::open` with it and has the keys. Always wiped when dropped; never shown by `Debug`.

use super::fill_random;
use super::shamir::Value;
use super::shares::{Ceremony, Share, ShareProblem};
use crate::disk::{RealDisk, put_whole, read_whole};
use crate::{Fault, keys::slot::MACHINE_KEY_BYTES};
use basics::words::{WORDS, word};
use std::fmt;
use std::path::Path;
use zeroize::Zeroizing;

/// Words of a passphrase that is proposed: 60 bits, each guess at them costing Argon2id.
const PASSPHRASE_WORDS: usize = 6;

/// One way to open a key file, or to wrap keys into it.
#[derive(Clone)]
pub enum Opener {
    /// What a person knows.
    Passphrase(Zeroizing<String>),
    /// What two people hold together.
    Shares {
        /// Of which ceremony.
        ceremony: Ceremony,
        /// How many are needed.
        needed: u8,
        /// How many were given; all of them when keys are wrapped.
        many: u8,
        /// What the shares hold.
        secret: Zeroizing<Value>,
    },
    /// What this machine has.
    Machine(Zeroizing<[u8; MACHINE_KEY_BYTES]>),
}

impl Opener {
    /// By a passphrase as it was typed. White space around it is dropped, and more of it within counts as one space.
    pub fn of_passphrase(typed: &str) -> Self {
        let mut tidy = Zeroizing::new(String::with_capacity(typed.len()));
        for word in typed.split_whitespace() {
            if !tidy.is_empty() {
                tidy.push(' ');
            }
            tidy.push_str(word);
        }
        Self::Passphrase(tidy)
    }

    /// By enough shares of one ceremony.
    pub fn of_shares(shares: &[Share]) -> Result<Self, ShareProblem> {
        let (ceremony, needed, secret) = Share::join(shares)?;
        let many = u8::try_from(shares.len()).unwrap_or(u8::MAX);
        Ok(Self::Shares { ceremony, needed, many, secret })
    }
}

impl fmt::Debug for Opener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Passphrase(_) => "Opener(a passphrase)",
            Self::Shares { .. } => "Opener(shares)",
            Self::Machine(_) => "Opener(a machine key)",
        })
    }
}

/// Six words, each drawn from 1,024 with equal chance.
pub fn suggest_passphrase() -> Result<Zeroizing<String>, Fault> {
    let mut phrase = Zeroizing::new(String::with_capacity(PASSPHRASE_WORDS * 9));
    for n in 0..PASSPHRASE_WORDS {
        let mut bytes = Zeroizing::new([0u8; 2]);
        fill_random(&mut *bytes)?;
        if n > 0 {
            phrase.push(' ');
        }
        phrase.push_str(word(u16::from_le_bytes(*bytes) % WORDS));
    }
    Ok(phrase)
}

/// The machine key in that file.
pub fn read_machine_key(path: &Path) -> Result<Opener, Fault> {
    let bytes = read_whole(&RealDisk, path, 4096).map_err(|e| Fault::io("read", path, e))?;
    let bytes = Zeroizing::new(bytes);
    let mut key = Zeroizing::new([0u8; MACHINE_KEY_BYTES]);
    if bytes.len() != MACHINE_KEY_BYTES {
        return Err(Fault::damaged(path, None, "a machine key has 32 bytes, this one has not"));
    }
    key.copy_from_slice(&bytes);
    Ok(Opener::Machine(key))
}

/// The machine key in that file, which is made (mode 0600, synced) when it is absent.
pub fn make_machine_key(path: &Path) -> Result<Opener, Fault> {
    if !path.exists() {
        let mut fresh = Zeroizing::new([0u8; MACHINE_KEY_BYTES]);
        fill_random(&mut *fresh)?;
        put_whole(&RealDisk, path, &*fresh).map_err(|e| Fault::io("write", path, e))?;
    }
    read_machine_key(path)
}

//! One slot of a key file: the whole secret, wrapped in one way, with all that is needed to open it again but the opener.
//!
//! Always: a wrapping key is used once (fresh salt), so that its nonce may be zero; a slot is bound to its file's keys
//! and to its own head, so that none can be moved, relabelled or weakened. Format: docs/formats/keys.md.

use super::opener::Opener;
use super::shares::Ceremony;
use super::{Keys, SECRET_BYTES, derive, fill_random};
use crate::Fault;
use argon2::{Algorithm, Argon2, Block, Params, Version};
use basics::Moment;
use chacha20poly1305::aead::{AeadInOut, KeyInit};
use chacha20poly1305::{ChaCha20Poly1305, Nonce, Tag};
use std::path::Path;
use zeroize::{Zeroize, Zeroizing};

/// Bytes of a machine key.
pub(crate) const MACHINE_KEY_BYTES: usize = 32;
/// Bytes of a slot's head, and of a slot.
pub(super) const HEAD_BYTES: usize = 56;
pub(super) const SLOT_BYTES: usize = HEAD_BYTES + SECRET_BYTES + TAG_BYTES;
const TAG_BYTES: usize = 16;
const SALT_AT: usize = 40;

const PASSPHRASE: u16 = 1;
const SHARES: u16 = 2;
const MACHINE: u16 = 3;

/// What a guess at a passphrase costs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Costs {
    /// Memory, in KiB.
    pub memory_kib: u32,
    /// Passes over it.
    pub passes: u32,
    /// Lanes.
    pub lanes: u32,
}

impl Default for Costs {
    /// 64 MiB and 3 passes: about 0.8 s a guess. Anything less is for tests alone.
    fn default() -> Self {
        Self { memory_kib: 64 * 1024, passes: 3, lanes: 1 }
    }
}

/// What opens a slot.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SlotKind {
    /// A passphrase that a person types.
    Passphrase,
    /// So many of so many printed shares.
    Shares {
        /// How many open it.
        needed: u8,
        /// How many there are.
        many: u8,
        /// Of which ceremony.
        ceremony: Ceremony,
    },
    /// A key that this machine holds.
    Machine,
}

impl SlotKind {
    /// Whether a person opens it, rather than a machine.
    pub fn is_for_people(self) -> bool {
        self != Self::Machine
    }
}

#[derive(Clone)]
pub(super) struct Slot {
    head: [u8; HEAD_BYTES],
    sealed: [u8; SECRET_BYTES],
    tag: [u8; TAG_BYTES],
}

impl Slot {
    /// Wraps the keys for that opener.
    pub fn wrap(
        keys: &Keys,
        number: u16,
        at: Moment,
        opener: &Opener,
        costs: Costs,
        path: &Path,
    ) -> Result<Self, Fault> {
        let mut slot =
            Self { head: head(number, at, opener, costs)?, sealed: [0; SECRET_BYTES], tag: [0; TAG_BYTES] };
        let wrapping = slot.wrapping(opener, path)?;
        let bound = slot.bound(&keys.verifying_key());
        slot.sealed.copy_from_slice(keys.parts());
        let sealed = ChaCha20Poly1305::new((&*wrapping).into()).encrypt_inout_detached(
            &Nonce::default(),
            &bound,
            slot.sealed.as_mut_slice().into(),
        );
        match sealed {
            Ok(tag) => slot.tag = tag.into(),
            Err(_) => {
                slot.sealed.zeroize();
                return Err(Fault::damaged(path, None, "could not be encrypted"));
            }
        }
        Ok(slot)
    }

    /// The keys, or `None` when this opener is not the right one.
    pub fn open(&self, opener: &Opener, verifying: &[u8; 32], path: &Path) -> Result<Option<Keys>, Fault> {
        let wrapping = self.wrapping(opener, path)?;
        let mut secret = Zeroizing::new(self.sealed);
        let opened = ChaCha20Poly1305::new((&*wrapping).into()).decrypt_inout_detached(
            &Nonce::default(),
            &self.bound(verifying),
            secret.as_mut_slice().into(),
            &Tag::from(self.tag),
        );
        if opened.is_err() {
            return Ok(None);
        }
        let keys = Keys::from_parts(&secret);
        if keys.verifying_key() != *verifying {
            return Err(Fault::damaged(path, None, "its verifying key belongs to other keys"));
        }
        Ok(Some(keys))
    }

    /// Whether this opener is of the kind, and for shares of the ceremony, that the slot asks for.
    pub fn asks_for(&self, opener: &Opener) -> bool {
        match (self.kind(), opener) {
            (Some(SlotKind::Passphrase), Opener::Passphrase(_))
            | (Some(SlotKind::Machine), Opener::Machine(_)) => true,
            (Some(SlotKind::Shares { ceremony: own, .. }), Opener::Shares { ceremony, .. }) => {
                own == *ceremony
            }
            _ => false,
        }
    }

    pub fn kind(&self) -> Option<SlotKind> {
        match u16::from_le_bytes(field(&self.head, 0)) {
            PASSPHRASE => Some(SlotKind::Passphrase),
            SHARES => {
                let [needed, many] = field(&self.head, 28);
                let ceremony = Ceremony(u32::from_le_bytes(field(&self.head, 32)));
                Some(SlotKind::Shares { needed, many, ceremony })
            }
            MACHINE => Some(SlotKind::Machine),
            _ => None,
        }
    }

    pub fn number(&self) -> u16 {
        u16::from_le_bytes(field(&self.head, 2))
    }

    pub fn at(&self) -> Moment {
        Moment::from_milliseconds(i64::from_le_bytes(field(&self.head, 8)))
    }

    pub fn bytes(&self) -> Vec<u8> {
        [self.head.as_slice(), &self.sealed, &self.tag].concat()
    }

    /// From its bytes; `None` when reserved ones are not zero or the kind is unknown.
    pub fn of_bytes(bytes: &[u8]) -> Option<Self> {
        let slot = Self {
            head: field(bytes, 0),
            sealed: field(bytes, HEAD_BYTES),
            tag: field(bytes, HEAD_BYTES + SECRET_BYTES),
        };
        let reserved = [(4, 8), (30, 32), (36, SALT_AT)];
        let zero = reserved
            .iter()
            .all(|(from, to)| slot.head.get(*from..*to).is_some_and(|b| b.iter().all(|b| *b == 0)));
        (bytes.len() == SLOT_BYTES && zero && slot.kind().is_some() && slot.number() > 0).then_some(slot)
    }

    fn salt(&self) -> [u8; 16] {
        field(&self.head, SALT_AT)
    }

    fn bound(&self, verifying: &[u8; 32]) -> Vec<u8> {
        [super::file::MAGIC.as_slice(), verifying, &self.head].concat()
    }

    fn wrapping(&self, opener: &Opener, path: &Path) -> Result<Zeroizing<[u8; 32]>, Fault> {
        match opener {
            Opener::Passphrase(phrase) => {
                let cost = |at| u32::from_le_bytes(field(&self.head, at));
                let costs = Costs { memory_kib: cost(16), passes: cost(20), lanes: cost(24) };
                passphrase_key(path, phrase.as_bytes(), costs, &self.salt())
            }
            Opener::Shares { secret, .. } => {
                Ok(derive(&**secret, Some(&self.salt()), b"lifeboat key shares"))
            }
            Opener::Machine(key) => Ok(derive(&**key, Some(&self.salt()), b"lifeboat machine key")),
        }
    }
}

fn head(number: u16, at: Moment, opener: &Opener, costs: Costs) -> Result<[u8; HEAD_BYTES], Fault> {
    let mut salt = [0u8; 16];
    fill_random(&mut salt)?;
    let (kind, costs, [needed, many], ceremony) = match opener {
        Opener::Passphrase(_) => (PASSPHRASE, [costs.memory_kib, costs.passes, costs.lanes], [0; 2], 0),
        Opener::Shares { ceremony, needed, many, .. } => (SHARES, [0; 3], [*needed, *many], ceremony.0),
        Opener::Machine(_) => (MACHINE, [0; 3], [0; 2], 0),
    };
    let mut bytes = Vec::with_capacity(HEAD_BYTES);
    bytes.extend_from_slice(&kind.to_le_bytes());
    bytes.extend_from_slice(&number.to_le_bytes());
    bytes.extend_from_slice(&[0; 4]);
    bytes.extend_from_slice(&at.milliseconds().to_le_bytes());
    costs.iter().for_each(|cost| bytes.extend_from_slice(&cost.to_le_bytes()));
    bytes.extend_from_slice(&[needed, many, 0, 0]);
    bytes.extend_from_slice(&ceremony.to_le_bytes());
    bytes.extend_from_slice(&[0; 4]);
    bytes.extend_from_slice(&salt);
    Ok(field(&bytes, 0))
}

/// Argon2id of a passphrase. A budget: a foreign file may not ask for more than our own costs times sixteen.
pub(super) fn passphrase_key(
    path: &Path,
    phrase: &[u8],
    costs: Costs,
    salt: &[u8; 16],
) -> Result<Zeroizing<[u8; 32]>, Fault> {
    let most = Costs::default();
    if costs.memory_kib > most.memory_kib * 16 || costs.passes > most.passes * 16 || costs.lanes > 16 {
        return Err(Fault::damaged(path, None, "it asks for an absurd amount of work"));
    }
    let params = Params::new(costs.memory_kib, costs.passes, costs.lanes, Some(32))
        .map_err(|e| Fault::damaged(path, None, format!("its costs are not usable: {e}")))?;
    let mut memory = vec![Block::default(); params.block_count()];
    let mut out = Zeroizing::new([0u8; 32]);
    let done = Argon2::new(Algorithm::Argon2id, Version::V0x13, params).hash_password_into_with_memory(
        phrase,
        salt,
        &mut *out,
        &mut memory,
    );
    memory.iter_mut().for_each(Zeroize::zeroize);
    done.map_err(|e| Fault::damaged(path, None, format!("Argon2id refused: {e}")))?;
    Ok(out)
}

/// `N` bytes at `at`; zeros past the end, which cannot be since the length was checked.
pub(super) fn field<const N: usize>(bytes: &[u8], at: usize) -> [u8; N] {
    let mut out = [0; N];
    if let Some(source) = bytes.get(at..at + N) {
        out.copy_from_slice(source);
    }
    out
}

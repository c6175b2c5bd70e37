//! The file in which a site's keys lie: the same secret wrapped several ways at once, each in a slot of its own.
//!
//! Always written whole and synced before it takes its name (mode 0600), and only after the bytes to be written were read
//! back and opened by every new opener; a wrong opener is told apart from a damaged file by a checksum; whoever opens it
//! also proves that nobody without the keys has edited it. Never: the last way in for a person taken away. The two older
//! kinds of file stay readable, and become this one when a slot is added. Format: docs/formats/keys.md.

use super::opener::Opener;
use super::slot::{Costs, SLOT_BYTES, Slot, SlotKind, field, passphrase_key};
use super::{Keys, derive};
use crate::Fault;
use crate::disk::{Disk, RealDisk, put_whole, read_whole};
use basics::Moment;
use chacha20poly1305::aead::{AeadInOut, KeyInit};
use chacha20poly1305::{ChaCha20Poly1305, Nonce, Tag};
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

pub(super) const MAGIC: &[u8; 8] = b"LBKEYS02";
const OLD_PASSPHRASE: &[u8; 8] = b"LBKEYS01";
const OLD_MACHINE: &[u8; 8] = b"LBKEYM01";
/// Bytes before the first slot, and of the seal and the checksum after the last.
const HEAD_BYTES: usize = 64;
const FOOT_BYTES: usize = 64;
/// Bytes of an old file's head, and of an old file.
const OLD_HEAD_BYTES: usize = 72;
const OLD_BYTES: usize = OLD_HEAD_BYTES + 64 + 16 + 32;
/// Most slots of one file.
const SLOTS_MAX: usize = 8;

/// A key file as it lies on the disk, checked as far as that needs no secret.
pub struct KeyFile {
    path: PathBuf,
    verifying: [u8; 32],
    change: u32,
    at: Option<Moment>,
    content: Content,
}

enum Content {
    /// Slots, and the seal over all that stands before it.
    Slots { slots: Vec<Slot>, sum: [u8; 32], seal: [u8; 32] },
    /// A file of the first kind, which has one way in.
    Old(Vec<u8>),
}

/// A slot as it may be shown to anybody.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SlotShown {
    /// Its number; it stays with the slot.
    pub number: u16,
    /// What opens it.
    pub kind: SlotKind,
    /// When it was made; `None` in a file of the first kind, which does not say.
    pub made: Option<Moment>,
}

/// Why the slots stay as they are.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum SlotRefusal {
    /// No person could open the record any more.
    #[error(
        "without slot {0} no person could open the record; add a passphrase or shares first (`lifeboat keys add`)"
    )]
    LastForPeople(u16),
    /// There is no such slot.
    #[error("there is no slot {0}; `lifeboat keys show` lists those there are")]
    NoSlot(u16),
    /// The file has no room.
    #[error("there are {SLOTS_MAX} ways in already; remove one first (`lifeboat keys remove`)")]
    Full,
}

impl KeyFile {
    /// A key file without any slot, not yet written.
    pub fn new(path: &Path, keys: &Keys) -> Self {
        let content = Content::Slots { slots: Vec::new(), sum: [0; 32], seal: [0; 32] };
        Self { path: path.to_owned(), verifying: keys.verifying_key(), change: 0, at: None, content }
    }

    /// The same file without its slots, for wrapping the keys anew in every way.
    pub fn without_slots(&self, keys: &Keys) -> Self {
        Self { change: self.change, at: self.at, ..Self::new(&self.path, keys) }
    }

    /// Reads a key file of any kind and checks everything that needs no secret.
    pub fn read(path: &Path) -> Result<Self, Fault> {
        let bytes = read_whole(&RealDisk, path, 64 << 10).map_err(|e| Fault::io("read", path, e))?;
        Self::of_bytes(path, &bytes)
    }

    fn of_bytes(path: &Path, bytes: &[u8]) -> Result<Self, Fault> {
        let damaged = |what: &str| Err(Fault::damaged(path, None, what));
        if bytes.len() < OLD_BYTES {
            return damaged("it is too short for a key file; put a copy of it back");
        }
        let (content, checksum) = bytes.split_at(bytes.len() - 32);
        if Sha256::digest(content).as_slice() != checksum {
            return damaged("its checksum does not agree; put a copy of it back");
        }
        if bytes.starts_with(OLD_PASSPHRASE) || bytes.starts_with(OLD_MACHINE) {
            if bytes.len() != OLD_BYTES {
                return damaged("a key file of the first kind has 184 bytes, this one has not");
            }
            let (path, verifying) = (path.to_owned(), field(bytes, 40));
            return Ok(Self { path, verifying, change: 0, at: None, content: Content::Old(bytes.to_vec()) });
        }
        let count = usize::from(u16::from_le_bytes(field(bytes, 8)));
        let as_long =
            (1..=SLOTS_MAX).contains(&count) && bytes.len() == HEAD_BYTES + count * SLOT_BYTES + FOOT_BYTES;
        if !bytes.starts_with(MAGIC)
            || !as_long
            || field::<2>(bytes, 10) != [0; 2]
            || field::<8>(bytes, 24) != [0; 8]
        {
            return damaged("it is no key file that this Lifeboat knows");
        }
        let end = HEAD_BYTES + count * SLOT_BYTES;
        let rows = bytes.get(HEAD_BYTES..end).unwrap_or_default();
        let Some(slots) = rows.chunks_exact(SLOT_BYTES).map(Slot::of_bytes).collect::<Option<Vec<Slot>>>()
        else {
            return damaged("one of its slots is of no known kind");
        };
        let sum = Sha256::digest(bytes.get(..end).unwrap_or_default()).into();
        Ok(Self {
            path: path.to_owned(),
            verifying: field(bytes, 32),
            change: u32::from_le_bytes(field(bytes, 12)),
            at: Some(Moment::from_milliseconds(i64::from_le_bytes(field(bytes, 16)))),
            content: Content::Slots { slots, sum, seal: field(bytes, end) },
        })
    }

    /// Where it lies.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The verifying key that the file shows in clear, for verifying without any secret; only opening proves it.
    pub fn verifying_key(&self) -> [u8; 32] {
        self.verifying
    }

    /// How often the file was written, and when last; an older file put back says less. 0 and `None`: one of the first kind.
    pub fn change(&self) -> (u32, Option<Moment>) {
        (self.change, self.at)
    }

    /// Whether it is of the first kind, with one way in and no kit key of its own.
    pub fn is_old(&self) -> bool {
        matches!(self.content, Content::Old(_))
    }

    /// Its ways in.
    pub fn slots(&self) -> Vec<SlotShown> {
        match &self.content {
            Content::Old(bytes) => {
                let by_passphrase = bytes.starts_with(OLD_PASSPHRASE);
                let kind = if by_passphrase { SlotKind::Passphrase } else { SlotKind::Machine };
                vec![SlotShown { number: 1, kind, made: None }]
            }
            Content::Slots { slots, .. } => slots
                .iter()
                .filter_map(|slot| {
                    Some(SlotShown { number: slot.number(), kind: slot.kind()?, made: Some(slot.at()) })
                })
                .collect(),
        }
    }

    /// Opens the keys. `WrongPassphrase`, `WrongShares`, `OtherCeremony`, `WrongMachineKey` or `NoSuchSlot` when the file
    /// is whole, `Damaged` when it is not, or was edited by somebody who does not have its keys.
    pub fn open(&self, opener: &Opener) -> Result<Keys, Fault> {
        match &self.content {
            Content::Old(bytes) => self.open_old(bytes, opener),
            Content::Slots { slots, sum, seal } => {
                let mut asked = false;
                for slot in slots.iter().filter(|slot| slot.asks_for(opener)) {
                    asked = true;
                    if let Some(keys) = slot.open(opener, &self.verifying, &self.path)? {
                        if seal_of(&keys, sum) != *seal {
                            let what =
                                "it was edited by somebody who does not have its keys; put a copy of it back";
                            return Err(Fault::damaged(&self.path, None, what));
                        }
                        return Ok(keys);
                    }
                }
                Err(self.not_opened(opener, asked))
            }
        }
    }

    fn not_opened(&self, opener: &Opener, asked: bool) -> Fault {
        let path = self.path.clone();
        let held = self.slots().into_iter().filter_map(|slot| match slot.kind {
            SlotKind::Shares { ceremony, .. } => Some(format!("'{ceremony}'")),
            _ => None,
        });
        let held: Vec<String> = held.collect();
        match opener {
            Opener::Passphrase(_) if asked => Fault::WrongPassphrase(path),
            Opener::Passphrase(_) => Fault::NoSuchSlot { path, what: "passphrase" },
            Opener::Machine(_) if asked => Fault::WrongMachineKey(path),
            Opener::Machine(_) => Fault::NoSuchSlot { path, what: "machine key" },
            Opener::Shares { .. } if asked => Fault::WrongShares(path),
            Opener::Shares { .. } if held.is_empty() => Fault::NoSuchSlot { path, what: "set of shares" },
            Opener::Shares { ceremony, .. } => {
                Fault::OtherCeremony { path, given: ceremony.to_string(), held: held.join(" or ") }
            }
        }
    }

    fn open_old(&self, file: &[u8], opener: &Opener) -> Result<Keys, Fault> {
        let by_passphrase = file.starts_with(OLD_PASSPHRASE);
        let salt = field::<16>(file, 24);
        let (wrapping, wrong) = match (opener, by_passphrase) {
            (Opener::Passphrase(phrase), true) => {
                let cost = |at| u32::from_le_bytes(field(file, at));
                let costs = Costs { memory_kib: cost(8), passes: cost(12), lanes: cost(16) };
                (
                    passphrase_key(&self.path, phrase.as_bytes(), costs, &salt)?,
                    Fault::WrongPassphrase(self.path.clone()),
                )
            }
            (Opener::Machine(key), false) => (
                derive(&**key, Some(&salt), b"lifeboat machine key"),
                Fault::WrongMachineKey(self.path.clone()),
            ),
            _ => return Err(self.not_opened(opener, false)),
        };
        let mut secret = Zeroizing::new(field::<64>(file, OLD_HEAD_BYTES));
        let opened = ChaCha20Poly1305::new((&*wrapping).into()).decrypt_inout_detached(
            &Nonce::default(),
            file.get(..OLD_HEAD_BYTES).unwrap_or_default(),
            secret.as_mut_slice().into(),
            &Tag::from(field::<16>(file, OLD_HEAD_BYTES + 64)),
        );
        if opened.is_err() {
            return Err(wrong);
        }
        let keys = Keys::from_secret(&secret);
        if keys.verifying_key() != self.verifying {
            return Err(Fault::damaged(&self.path, None, "its verifying key belongs to other keys"));
        }
        Ok(keys)
    }

    /// Adds a way in; returns its number. In a file of the first kind `old` (what opened it) is wrapped anew first.
    pub fn add(&mut self, keys: &Keys, opener: &Opener, at: Moment, costs: Costs) -> Result<u16, Fault> {
        let used: Vec<u16> = self.slots().iter().map(|slot| slot.number).collect();
        let number = (1..=u16::MAX).find(|number| !used.contains(number)).unwrap_or(u16::MAX);
        let slot = Slot::wrap(keys, number, at, opener, costs, &self.path)?;
        let slots = self.new_slots()?;
        if slots.len() >= SLOTS_MAX {
            return Err(SlotRefusal::Full.into());
        }
        slots.push(slot);
        Ok(number)
    }

    /// Puts another way in in the place of that slot, under its number.
    pub fn replace(
        &mut self,
        number: u16,
        keys: &Keys,
        opener: &Opener,
        at: Moment,
        costs: Costs,
    ) -> Result<(), Fault> {
        let slot = Slot::wrap(keys, number, at, opener, costs, &self.path)?;
        let own = self.new_slots()?.iter_mut().find(|slot| slot.number() == number);
        *own.ok_or(SlotRefusal::NoSlot(number))? = slot;
        Ok(())
    }

    /// Takes a way in away; never the last one for a person.
    pub fn remove(&mut self, number: u16) -> Result<(), Fault> {
        let slots = self.slots();
        if !slots.iter().any(|slot| slot.number == number) {
            return Err(SlotRefusal::NoSlot(number).into());
        }
        if !slots.iter().any(|slot| slot.number != number && slot.kind.is_for_people()) {
            return Err(SlotRefusal::LastForPeople(number).into());
        }
        self.new_slots()?.retain(|slot| slot.number() != number);
        Ok(())
    }

    /// A file of the first kind as one of slots, with the way in that opened it wrapped anew; any other as it is.
    pub fn with_slots(self, keys: &Keys, opener: &Opener, at: Moment, costs: Costs) -> Result<Self, Fault> {
        if !self.is_old() {
            return Ok(self);
        }
        let mut file = Self::new(&self.path, keys);
        file.add(keys, opener, at, costs)?;
        Ok(file)
    }

    fn new_slots(&mut self) -> Result<&mut Vec<Slot>, Fault> {
        match &mut self.content {
            Content::Slots { slots, .. } => Ok(slots),
            Content::Old(_) => {
                Err(Fault::damaged(&self.path, None, "it is of the first kind and has no slots"))
            }
        }
    }

    /// Writes the file whole and synced. Each of `proofs` must open the very bytes that are written before they are; when
    /// anything fails the file on the disk stays as it was.
    pub fn write(
        &mut self,
        keys: &Keys,
        disk: &dyn Disk,
        at: Moment,
        proofs: &[&Opener],
    ) -> Result<(), Fault> {
        self.change = self.change.saturating_add(1);
        self.at = Some(at);
        let bytes = self.bytes(keys, at)?;
        let proved = Self::of_bytes(&self.path, &bytes)?;
        for opener in proofs {
            if proved.open(opener)?.parts() != keys.parts() {
                return Err(Fault::damaged(&self.path, None, "what was to be written opens other keys"));
            }
        }
        put_whole(disk, &self.path, &bytes).map_err(|e| match Fault::is_full(&e) {
            true => Fault::DiskFull,
            false => Fault::io("write", &self.path, e),
        })?;
        self.content = proved.content;
        Ok(())
    }

    fn bytes(&mut self, keys: &Keys, at: Moment) -> Result<Vec<u8>, Fault> {
        let (change, verifying) = (self.change, self.verifying);
        let slots = self.new_slots()?;
        let count = u16::try_from(slots.len()).unwrap_or(u16::MAX);
        let mut bytes = Vec::with_capacity(HEAD_BYTES + slots.len() * SLOT_BYTES + FOOT_BYTES);
        bytes.extend_from_slice(MAGIC);
        bytes.extend_from_slice(&count.to_le_bytes());
        bytes.extend_from_slice(&[0; 2]);
        bytes.extend_from_slice(&change.to_le_bytes());
        bytes.extend_from_slice(&at.milliseconds().to_le_bytes());
        bytes.extend_from_slice(&[0; 8]);
        bytes.extend_from_slice(&verifying);
        slots.iter().for_each(|slot| bytes.extend_from_slice(&slot.bytes()));
        let seal = seal_of(keys, &Sha256::digest(&bytes).into());
        bytes.extend_from_slice(&seal);
        let checksum = Sha256::digest(&bytes);
        bytes.extend_from_slice(&checksum);
        Ok(bytes)
    }
}

/// What only somebody with the keys can write over a file with that sum.
fn seal_of(keys: &Keys, sum: &[u8; 32]) -> [u8; 32] {
    *derive(keys.data(), None, &[b"lifeboat key file".as_slice(), sum].concat())
}

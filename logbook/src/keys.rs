//! The keys of the record: one that hides the entries, one that signs the heads, one for the kits that leave the house.
//!
//! Never printed, never written unwrapped, wiped from memory when dropped; they lie on the heap, so that moving them
//! leaves no second copy behind. Every other secret of the program (the index's key, the packs' key) is derived here for
//! its one purpose, so that none can stand in for another. How they lie on the disk: `file`; what a person opens them
//! with: `shares` and `opener`. Proved by `tests/key_files.rs`, `tests/key_shares.rs` and `tests/key_traces.rs`.

mod check_words;
mod file;
mod opener;
mod shamir;
mod shares;
mod slot;
mod tries;

pub use file::{KeyFile, SlotRefusal, SlotShown};
pub use opener::{Opener, make_machine_key, read_machine_key, suggest_passphrase};
pub use shares::{Ceremony, SHARES_MAX, Share, ShareProblem};
pub use slot::{Costs, SlotKind};
pub use tries::Tries;

use crate::Fault;
use ed25519_dalek::SigningKey;
use hkdf::Hkdf;
use sha2::{Digest, Sha256};
use std::fmt;
use zeroize::Zeroizing;

/// Data key, signing seed, kit key: 32 bytes each, in this order.
const SECRET_BYTES: usize = 96;
/// Words in which people compare a record's verifying key: 80 bits.
const FINGERPRINT_WORDS: usize = 8;

/// The data key, the signing key and the kit key of one site.
pub struct Keys {
    secret: Box<Zeroizing<[u8; SECRET_BYTES]>>,
    /// Public; worked out once.
    verifying: [u8; 32],
}

impl Keys {
    /// Fresh keys from the operating system's randomness.
    pub fn generate() -> Result<Self, Fault> {
        let mut secret = Zeroizing::new([0u8; SECRET_BYTES]);
        fill_random(&mut *secret)?;
        Ok(Self::from_parts(&secret))
    }

    /// The key for one purpose: "index", "packs", …; HKDF-SHA256 over the data key, salt absent, info = `purpose`.
    /// Purposes that begin with "book:" belong to the record itself.
    pub fn derive(&self, purpose: &str) -> Zeroizing<[u8; 32]> {
        derive(self.data(), None, purpose.as_bytes())
    }

    /// The key for one ward kit or one purpose about kits: HKDF-SHA256 over the kit key, info = `purpose`. Nothing that is
    /// derived here says anything about the data key, and the kit key can be made anew without it.
    pub fn derive_for_kit(&self, purpose: &str) -> Zeroizing<[u8; 32]> {
        derive(self.secret.get(64..).unwrap_or_default(), None, purpose.as_bytes())
    }

    /// The public key that proves this site's heads.
    pub fn verifying_key(&self) -> [u8; 32] {
        self.verifying
    }

    /// Made for each use: an Ed25519 key cannot be put on the heap as one piece, and it wipes itself when dropped.
    pub(crate) fn signing(&self) -> SigningKey {
        signing_key(&self.secret)
    }

    /// 64 secret bytes: data key, then signing seed; the kit key is derived from them, as for key files of the first kind.
    /// Public for drills and frozen samples; guard them.
    pub fn from_secret(secret: &[u8; 64]) -> Self {
        let mut all = Zeroizing::new([0u8; SECRET_BYTES]);
        let (own, kit) = all.split_at_mut(64);
        own.copy_from_slice(secret);
        kit.copy_from_slice(&*derive(own.get(..32).unwrap_or_default(), None, b"kits"));
        Self::from_parts(&all)
    }

    pub(crate) fn from_parts(secret: &[u8; SECRET_BYTES]) -> Self {
        let mut own = Box::new(Zeroizing::new([0u8; SECRET_BYTES]));
        own.copy_from_slice(secret);
        let verifying = signing_key(&own).verifying_key().to_bytes();
        Self { secret: own, verifying }
    }

    pub(crate) fn parts(&self) -> &[u8; SECRET_BYTES] {
        &self.secret
    }

    fn data(&self) -> &[u8] {
        self.secret.get(..32).unwrap_or_default()
    }

    /// The same keys with another kit key. What was sealed for kits by the old one stays sealed by the old one.
    pub fn with_fresh_kit_key(&self) -> Result<Self, Fault> {
        let mut secret = Zeroizing::new(*self.parts());
        fill_random(secret.get_mut(64..).unwrap_or_default())?;
        Ok(Self::from_parts(&secret))
    }

    /// A second copy for a second thread of the same process.
    pub(crate) fn copy(&self) -> Self {
        Self::from_parts(self.parts())
    }

    /// Whether one of the keys stands in these bytes: raw, in hexadecimal digits or in base64. For tests that search what
    /// the program wrote; it says yes or no and nothing else.
    pub fn shows_in(&self, bytes: &[u8]) -> bool {
        let holds = |what: &[u8]| bytes.windows(what.len()).any(|part| part == what);
        self.secret.chunks_exact(32).any(|key| {
            let lower = Zeroizing::new(key.iter().map(|b| format!("{b:02x}")).collect::<String>());
            let upper = Zeroizing::new(lower.to_uppercase());
            holds(key)
                || holds(lower.as_bytes())
                || holds(upper.as_bytes())
                || (0..3).any(|skip| holds(base64(key.get(skip..).unwrap_or_default()).as_bytes()))
        })
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keys(…)")
    }
}

/// A verifying key in eight words, for people to compare aloud: the first 80 bits of its SHA-256.
pub fn fingerprint(verifying_key: &[u8; 32]) -> Vec<&'static str> {
    basics::words::in_words(&Sha256::digest(verifying_key), FINGERPRINT_WORDS)
}

fn signing_key(secret: &[u8; SECRET_BYTES]) -> SigningKey {
    let mut seed = Zeroizing::new([0u8; 32]);
    seed.copy_from_slice(secret.get(32..64).unwrap_or_default());
    SigningKey::from_bytes(&seed)
}

/// The whole groups of three bytes in base64: what stands in any longer text that holds them at this alignment.
fn base64(bytes: &[u8]) -> Zeroizing<String> {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let letter = |n: u32| LETTERS.get((n & 63) as usize).map_or('=', |b| char::from(*b));
    let groups = bytes.chunks_exact(3).map(|g| g.iter().fold(0u32, |sum, b| sum << 8 | u32::from(*b)));
    Zeroizing::new(groups.flat_map(|g| [18, 12, 6, 0].map(|shift| letter(g >> shift))).collect())
}

/// HKDF-SHA256 to 32 bytes, which is always within HKDF's range.
pub(crate) fn derive(secret: &[u8], salt: Option<&[u8]>, info: &[u8]) -> Zeroizing<[u8; 32]> {
    let mut out = Zeroizing::new([0u8; 32]);
    if Hkdf::<Sha256>::new(salt, secret).expand(info, &mut *out).is_err() {
        unreachable!("32 bytes are within HKDF-SHA256's range");
    }
    out
}

/// Random bytes from the operating system.
pub(crate) fn fill_random(bytes: &mut [u8]) -> Result<(), Fault> {
    getrandom::fill(bytes).map_err(|e| Fault::Randomness(e.to_string()))
}

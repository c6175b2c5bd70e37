//! The keys of the record: one that hides the entries, one that signs the heads.
//!
//! Never printed, never written unwrapped, wiped from memory when dropped. Every other secret of the program (the
//! index's key, the packs' key) is derived here for its one purpose, so that none can stand in for another.

use crate::Fault;
use ed25519_dalek::SigningKey;
use hkdf::Hkdf;
use sha2::Sha256;
use std::fmt;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// The data key and the signing key of one site.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct Keys {
    data: [u8; 32],
    #[zeroize(skip)] // SigningKey wipes itself when dropped.
    signing: SigningKey,
}

impl Keys {
    /// Fresh keys from the operating system's randomness.
    pub fn generate() -> Result<Self, Fault> {
        let mut secret = Zeroizing::new([0u8; 64]);
        fill_random(&mut *secret)?;
        Ok(Self::from_secret(&secret))
    }

    /// The key for one purpose: "index", "packs", …; HKDF-SHA256 over the data key, salt absent, info = `purpose`.
    /// Purposes that begin with "book:" belong to the record itself.
    pub fn derive(&self, purpose: &str) -> Zeroizing<[u8; 32]> {
        derive(&self.data, None, purpose.as_bytes())
    }

    /// The public key that proves this site's heads.
    pub fn verifying_key(&self) -> [u8; 32] {
        self.signing.verifying_key().to_bytes()
    }

    pub(crate) fn signing(&self) -> &SigningKey {
        &self.signing
    }

    /// 64 secret bytes: data key, then signing seed. Public for drills and frozen samples; guard them.
    pub fn from_secret(secret: &[u8; 64]) -> Self {
        let (data, seed) = secret.split_at(32);
        let mut keys = Self { data: [0; 32], signing: SigningKey::from_bytes(&[0; 32]) };
        keys.data.copy_from_slice(data);
        let mut own = Zeroizing::new([0u8; 32]);
        own.copy_from_slice(seed);
        keys.signing = SigningKey::from_bytes(&own);
        keys
    }

    pub(crate) fn secret(&self) -> Zeroizing<[u8; 64]> {
        let mut secret = Zeroizing::new([0u8; 64]);
        let (data, seed) = secret.split_at_mut(32);
        data.copy_from_slice(&self.data);
        seed.copy_from_slice(self.signing.as_bytes());
        secret
    }

    /// A second copy for a second thread of the same process.
    pub(crate) fn copy(&self) -> Self {
        Self::from_secret(&self.secret())
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keys(…)")
    }
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

//! Passkeys as they are kept: the credential, its public key and its counter. Checking a signature is the transport's
//! matter (WebAuthn needs the page's origin and its challenge); what it found comes here as a [`PasskeyProof`].
//!
//! Always: a counter that goes back means two of one passkey, and is refused. Never: a signature checked here; whoever makes
//! a [`PasskeyProof`] vouches for it. Proved by `tests/sign_in.rs`.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Longest credential id, in bytes (WebAuthn level 2).
pub const ID_BYTES_MAX: usize = 1_023;
/// Longest public key, in bytes (COSE).
pub const KEY_BYTES_MAX: usize = 2_048;

/// A passkey as it is kept.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Passkey {
    /// The credential's id.
    pub id: Vec<u8>,
    /// What checks its signatures, as the verifier wrote it.
    pub public_key: Vec<u8>,
    /// Its counter when last seen; 0 where the authenticator keeps none.
    pub counter: u32,
    /// What its owner calls it: "blue key", "phone".
    pub label: String,
}

impl fmt::Debug for Passkey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Passkey({}, counter {})", self.label, self.counter)
    }
}

/// A signature that was checked: the challenge was ours and fresh, the origin ours, and the authenticator verified its user.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PasskeyProof {
    /// The credential that signed.
    pub id: Vec<u8>,
    /// The counter that it signed.
    pub counter: u32,
}

/// Whether a counter goes on from the last one: an authenticator that keeps none always says 0.
pub fn goes_on(last: u32, now: u32) -> bool {
    now > last || (now == 0 && last == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_counter_only_goes_on() {
        for (last, now, want) in
            [(0, 0, true), (0, 5, true), (5, 6, true), (5, 5, false), (5, 4, false), (5, 0, false)]
        {
            assert_eq!(goes_on(last, now), want, "{last} → {now}");
        }
    }
}

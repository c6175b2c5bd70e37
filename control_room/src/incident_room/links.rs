//! Personal links: what a member of staff opens on their own telephone to answer one message, without signing in.
//!
//! A link is 24 bytes as 32 letters: message, person, and 16 bytes of HMAC-SHA256 over both and the message's salt, under
//! a key derived for this alone. Always: made again the same after a restart, so that a message that was half sent goes
//! on with the same links. Never: kept anywhere; neither the book nor a copy of it lets anybody work one out.

use super::IncidentRoom;
use crate::Fault;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use incident::messages::MessageId;
use sha2::Sha256;
use zeroize::Zeroizing;

/// Bytes of the proof in a link: 128 bits cannot be guessed.
const PROOF_BYTES: usize = 16;
const LINK_BYTES: usize = 8 + PROOF_BYTES;
const SALT_BYTES: usize = 16;

pub(super) struct Links {
    key: Zeroizing<[u8; 32]>,
}

impl Links {
    pub(super) fn new(key: Zeroizing<[u8; 32]>) -> Self {
        Self { key }
    }

    fn mac(&self, salt: &str, message: u32, person: u32) -> Option<Hmac<Sha256>> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&*self.key).ok()?;
        mac.update(&message.to_be_bytes());
        mac.update(&person.to_be_bytes());
        mac.update(salt.as_bytes());
        Some(mac)
    }

    fn make(&self, salt: &str, message: u32, person: u32) -> Option<String> {
        let proof = self.mac(salt, message, person)?.finalize().into_bytes();
        let mut bytes = Vec::with_capacity(LINK_BYTES);
        bytes.extend_from_slice(&message.to_be_bytes());
        bytes.extend_from_slice(&person.to_be_bytes());
        bytes.extend(proof.iter().take(PROOF_BYTES));
        Some(URL_SAFE_NO_PAD.encode(bytes))
    }

    /// What a link claims, and its proof; nothing of it is believed yet.
    fn read(link: &str) -> Option<(u32, u32, Vec<u8>)> {
        if link.len() != LINK_BYTES / 3 * 4 {
            return None;
        }
        let bytes = URL_SAFE_NO_PAD.decode(link).ok()?;
        let (message, rest) = bytes.split_first_chunk::<4>()?;
        let (person, proof) = rest.split_first_chunk::<4>()?;
        Some((u32::from_be_bytes(*message), u32::from_be_bytes(*person), proof.to_vec()))
    }
}

impl IncidentRoom {
    /// Chance for a new message: sixteen random bytes in hexadecimal digits.
    ///
    /// # Errors
    /// When the operating system gives none; then nothing is sent, for its links could be guessed.
    pub fn message_salt(&self) -> Result<String, Fault> {
        let mut bytes = [0u8; SALT_BYTES];
        getrandom::fill(&mut bytes).map_err(|e| Fault::Folder {
            doing: "draw randomness from",
            path: "the operating system".into(),
            what: e.to_string(),
        })?;
        Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
    }

    /// One person's link to one message; `None` when it did not go to them.
    pub fn message_link(&self, message: MessageId, person: u32) -> Option<String> {
        let salt = self.read(|book| {
            let message = book.messages.message(message)?;
            message.recipients.get(person as usize)?;
            Some(message.salt.clone())
        })?;
        self.links.make(&salt, message.0, person)
    }

    /// Whose link it is; `None` for anything that was not made here. Whether it is still open, the message says.
    pub fn read_message_link(&self, link: &str) -> Option<(MessageId, u32)> {
        let (message, person, proof) = Links::read(link)?;
        let salt = self.read(|book| {
            let message = book.messages.message(MessageId(message))?;
            message.recipients.get(person as usize)?;
            Some(message.salt.clone())
        })?;
        let mac = self.links.mac(&salt, message, person)?;
        mac.verify_truncated_left(&proof).ok()?;
        Some((MessageId(message), person))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_of_one_message_one_person_one_salt_and_one_house() {
        let links = Links::new(Zeroizing::new([7; 32]));
        let link = links.make("00", 3, 9).unwrap();
        assert_eq!(link.len(), 32);
        assert!(link.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_'), "{link}");
        let proof = |links: &Links, salt: &str, message, person| {
            let (_, _, proof) = Links::read(&link).unwrap();
            links.mac(salt, message, person).unwrap().verify_truncated_left(&proof).is_ok()
        };
        assert_eq!(Links::read(&link).map(|(m, p, _)| (m, p)), Some((3, 9)));
        assert!(proof(&links, "00", 3, 9));
        for (salt, message, person) in [("01", 3, 9), ("00", 4, 9), ("00", 3, 8)] {
            assert!(!proof(&links, salt, message, person));
        }
        assert!(!proof(&Links::new(Zeroizing::new([8; 32])), "00", 3, 9));
        for odd in ["", "x", &link[1..], "!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!"] {
            assert!(Links::read(odd).is_none(), "{odd}");
        }
    }
}

//! Secrets, and what is kept in their place: a hash where the secret cannot be guessed, letters that people can type.
//!
//! Always: what is typed is wiped from memory when it is dropped; the same secret used for two purposes leaves two
//! different hashes. Never: a secret in `Debug`. Called by sign-in, sessions, devices and cards; proved by the tables below.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// SHA-256 of a secret that nobody can guess (75 random bits or more): what is kept in its place.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Hashed([u8; 32]);

impl Hashed {
    /// The hash of `secret` for one purpose: "session", "device", …
    pub fn of(purpose: &str, secret: &[u8]) -> Self {
        let mut hash = Sha256::new();
        hash.update(b"lifeboat access\0");
        hash.update(purpose.as_bytes());
        hash.update(b"\0");
        hash.update(secret);
        Self(hash.finalize().into())
    }

    /// A hash that somebody else made: a client certificate's fingerprint.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Its bytes.
    pub fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for Hashed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, ..] = self.0;
        write!(f, "Hashed({a:02x}{b:02x}{c:02x}…)")
    }
}

/// Whether two byte strings are the same, without telling by the time it takes where they part.
pub fn same_bytes(a: &[u8], b: &[u8]) -> bool {
    a.ct_eq(b).into()
}

/// What somebody typed into a field for secrets.
#[derive(Clone)]
pub struct Typed(Zeroizing<String>);

impl Typed {
    /// Longest secret that is looked at, in bytes; more is never right.
    pub const BYTES_MAX: usize = 512;

    /// What was typed.
    pub fn new(text: impl Into<String>) -> Self {
        Self(Zeroizing::new(text.into()))
    }

    /// The text; nothing where it is longer than any secret.
    pub fn as_str(&self) -> &str {
        if self.0.len() > Self::BYTES_MAX { "" } else { &self.0 }
    }
}

impl fmt::Debug for Typed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Typed(…)")
    }
}

/// Letters for codes that people read and type: no I, L, O or U.
const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Letters that authenticators read (RFC 4648).
const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// Five bits a letter, the last ones filled up with zeros.
fn in_letters(bytes: &[u8], letters: &[u8; 32]) -> String {
    let mut out = String::with_capacity(bytes.len() * 8 / 5 + 1);
    let (mut held, mut bits) = (0u32, 0u32);
    let mut push = |five: u32| out.extend(letters.get((five & 31) as usize).map(|l| char::from(*l)));
    for byte in bytes {
        held = (held << 8) | u32::from(*byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            push(held >> bits);
        }
        held &= (1 << bits) - 1;
    }
    if bits > 0 {
        push(held << (5 - bits));
    }
    out
}

/// As authenticators read it.
pub fn base32(bytes: &[u8]) -> String {
    in_letters(bytes, BASE32)
}

/// The letters of a typed code as they were printed: small letters, spaces and hyphens do not count, and the letters that
/// people take for digits are read as those.
fn read_letters(typed: &str) -> Option<Zeroizing<String>> {
    let mut out = Zeroizing::new(String::with_capacity(typed.len()));
    for c in typed.chars().filter(|c| !c.is_whitespace() && !matches!(c, '-' | '–' | '_' | '.')) {
        let c = match c.to_ascii_uppercase() {
            'I' | 'L' => '1',
            'O' => '0',
            other => other,
        };
        u8::try_from(c).ok().filter(|byte| LETTERS.contains(byte))?;
        out.push(c);
    }
    Some(out)
}

/// A code that is typed once: a recovery code, the code of an invitation. 15 letters of chance (75 bits) and one that
/// finds most slips.
#[derive(Clone)]
pub struct Code(Zeroizing<String>);

/// Letters of a code, the last one among them.
const CODE_LETTERS: usize = 16;

/// What was typed is no code.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum CodeSlip {
    /// Not so many letters, or others.
    #[error("A code has 16 letters and digits in four groups; compare what you typed with the paper.")]
    Shape,
    /// A letter is wrong.
    #[error("There is a slip in the code: compare it letter by letter with the paper. No try was counted.")]
    Letter,
}

impl Code {
    /// A code made of random bytes.
    pub fn new(random: &[u8; 10]) -> Self {
        let mut letters = Zeroizing::new(in_letters(random, LETTERS));
        letters.truncate(CODE_LETTERS - 1);
        let check = check_letter(&letters);
        letters.push(check);
        Self(letters)
    }

    /// Reads what was typed.
    ///
    /// # Errors
    /// A sentence about the slip; such a slip costs no try.
    pub fn read(typed: &Typed) -> Result<Self, CodeSlip> {
        let letters = read_letters(typed.as_str()).ok_or(CodeSlip::Shape)?;
        let (body, last) = letters.split_at_checked(CODE_LETTERS - 1).ok_or(CodeSlip::Shape)?;
        let mut last = last.chars();
        match (last.next(), last.next()) {
            (Some(check), None) if check == check_letter(body) => Ok(Self(letters)),
            (Some(_), None) => Err(CodeSlip::Letter),
            _ => Err(CodeSlip::Shape),
        }
    }

    /// As it is printed: "ABCD-EFGH-JKMN-PQRS".
    pub fn printed(&self) -> Zeroizing<String> {
        let mut out = Zeroizing::new(String::with_capacity(CODE_LETTERS + 3));
        for (n, letter) in self.0.chars().enumerate() {
            if n > 0 && n % 4 == 0 {
                out.push('-');
            }
            out.push(letter);
        }
        out
    }

    /// What is kept of it.
    pub fn hashed(&self, purpose: &str) -> Hashed {
        Hashed::of(purpose, self.0.as_bytes())
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Code(…)")
    }
}

fn check_letter(body: &str) -> char {
    let sum = Sha256::digest(body.as_bytes());
    let five = usize::from(sum.first().copied().unwrap_or(0) & 31);
    LETTERS.get(five).map_or('0', |letter| char::from(*letter))
}

/// 128 bits of chance as they stand in a QR code: for a shift card, an enrolment.
#[derive(Clone)]
pub struct Secret128(Zeroizing<[u8; 16]>);

impl Secret128 {
    /// Made of random bytes.
    pub fn new(random: [u8; 16]) -> Self {
        Self(Zeroizing::new(random))
    }

    /// 26 letters.
    pub fn letters(&self) -> Zeroizing<String> {
        Zeroizing::new(in_letters(&*self.0, LETTERS))
    }

    /// What is kept of it.
    pub fn hashed(&self, purpose: &str) -> Hashed {
        hash_of_letters(purpose, &self.letters())
    }
}

impl fmt::Debug for Secret128 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret128(…)")
    }
}

/// What is kept of a secret whose letters were scanned or typed; `None` for anything but 26 letters.
pub fn hashed_letters(purpose: &str, typed: &str) -> Option<Hashed> {
    let letters = read_letters(typed)?;
    (letters.len() == 26).then(|| hash_of_letters(purpose, &letters))
}

fn hash_of_letters(purpose: &str, letters: &str) -> Hashed {
    Hashed::of(purpose, letters.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn authenticators_read_our_letters() {
        // RFC 4648, section 10, without the filling.
        for (bytes, want) in [
            (&b""[..], ""),
            (b"f", "MY"),
            (b"fo", "MZXQ"),
            (b"foo", "MZXW6"),
            (b"foob", "MZXW6YQ"),
            (b"fooba", "MZXW6YTB"),
            (b"foobar", "MZXW6YTBOI"),
        ] {
            assert_eq!(base32(bytes), want);
        }
    }

    #[test]
    fn a_code_is_read_as_people_type_it_and_slips_are_found() {
        let code = Code::new(&[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
        let printed = code.printed();
        assert_eq!(printed.len(), 19);
        let same = |typed: String| Code::read(&Typed::new(typed)).map(|c| c.hashed("x") == code.hashed("x"));
        assert_eq!(same(printed.to_string()), Ok(true));
        assert_eq!(same(printed.to_lowercase().replace('-', " ")), Ok(true));
        assert_eq!(same(printed.replace('1', "l").replace('0', "o")), Ok(true));
        assert_eq!(same(printed.replace('-', "").chars().take(15).collect()), Err(CodeSlip::Shape));
        assert_eq!(same(format!("{}!", printed.as_str())), Err(CodeSlip::Shape));
        // Every letter exchanged for the next one: nearly all are found.
        let letters: Vec<char> = printed.replace('-', "").chars().collect();
        let found = (0..letters.len()).filter(|at| {
            let mut other = letters.clone();
            other[*at] = if other[*at] == '7' { '8' } else { '7' };
            same(other.into_iter().collect()) == Err(CodeSlip::Letter)
        });
        assert!(found.count() >= 14);
    }

    #[test]
    fn one_secret_for_two_purposes_leaves_two_hashes() {
        let secret = Secret128::new([9; 16]);
        assert_ne!(secret.hashed("card"), secret.hashed("device"));
        assert_eq!(hashed_letters("card", &secret.letters().to_lowercase()), Some(secret.hashed("card")));
        assert_eq!(hashed_letters("card", "ABC"), None);
    }

    #[test]
    fn nothing_secret_is_in_debug() {
        let words =
            format!("{:?} {:?} {:?}", Typed::new("hush"), Code::new(&[7; 10]), Secret128::new([7; 16]));
        assert_eq!(words, "Typed(…) Code(…) Secret128(…)");
    }
}

//! Who is signed in where: seen, and ended: one session, all of a person, all on a device, everything.
//!
//! Always: what is ended counts no more at the next request, and whoever had it is told by whom and why. Never: a session's
//! token, nor its hash, on a page: a session is named by its person and its device. Proved by `tests/people.rs`.

pub mod everybody;
pub mod page;

use crate::desk::Look;
use access::AccessBook;
use access::devices::DeviceKey;
use access::sessions::{Kind, Session};

/// One session as pages show it.
#[derive(Clone, Debug)]
pub struct Line {
    /// Their account's page.
    pub address: String,
    /// Whose.
    pub number: String,
    /// Their name.
    pub name: String,
    /// Since when.
    pub since: String,
    /// When they last proved that it is them.
    pub proved: String,
    /// When it ends by itself.
    pub ends: String,
    /// By what they signed in.
    pub way: String,
    /// "AMU terminal 3 (10.1.4.7)".
    pub device: String,
    /// The device's key in hexadecimal digits.
    pub key: String,
    /// "shared", "their own", "not enrolled".
    pub kind: &'static str,
    /// Locked now.
    pub locked: bool,
}

/// A session as pages show it.
pub fn line(look: &Look<'_>, book: &AccessBook, session: &Session) -> Line {
    let zone = look.zone();
    let name = book.people.listed(&session.number).map(|listed| listed.account.name.to_string());
    Line {
        address: crate::people::address(&session.number),
        number: session.number.to_string(),
        name: name.unwrap_or_default(),
        since: zone.clinical(session.opened.at),
        proved: zone.clinical(session.proved),
        ends: zone.clinical(session.ends),
        way: session.way.words(),
        device: book.devices.name(&session.device, &session.from),
        key: hex(session.device.bytes()),
        kind: match session.kind {
            Kind::Shared => "used by many",
            Kind::Own => "their own",
            Kind::Visiting => "not enrolled",
        },
        locked: session.locked.is_some(),
    }
}

/// Bytes as hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Hexadecimal digits as bytes; `None` for anything else.
pub fn unhex(text: &str) -> Option<Vec<u8>> {
    const DIGITS_MAX: usize = 4_096;
    if text.is_empty() || text.len() > DIGITS_MAX || !text.len().is_multiple_of(2) {
        return None;
    }
    let pair = |pair: &[u8]| {
        let text = std::str::from_utf8(pair).ok().filter(|t| t.bytes().all(|b| b.is_ascii_hexdigit()))?;
        u8::from_str_radix(text, 16).ok()
    };
    text.as_bytes().chunks(2).map(pair).collect()
}

/// A device's key from its digits.
pub fn device_of(text: &str) -> Option<DeviceKey> {
    let bytes: [u8; 32] = unhex(text)?.try_into().ok()?;
    Some(DeviceKey::from_bytes(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_is_named_by_its_digits_and_by_nothing_else() {
        let key = DeviceKey::from_bytes([0xa7; 32]);
        assert_eq!(device_of(&hex(key.bytes())), Some(key));
        for odd in ["", "a", "+1", "zz", "a7a7", "ää", &"a7".repeat(33)] {
            assert_eq!(device_of(odd), None, "{odd}");
        }
    }
}

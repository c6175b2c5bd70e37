//! The two cookies of the door: the browser's own secret, and the tokens of the sessions that were opened on it.
//!
//! `lifeboat_device` makes a browser known again; `lifeboat_sessions` holds up to [`SESSIONS_MAX`] tokens parted by dots, the
//! one in use first, so that at a ward terminal whoever comes back opens their own session again. Always: host-only, unreadable
//! for scripts, marked secure over TLS; sent with a link from elsewhere, or whoever follows one would look like a stranger with a
//! stolen session, and never with a form from elsewhere (which is turned away besides). Never: anything in them but chance.

use access::secrets::Hashed;
use control_room::AccessRoom;
use http::header::SET_COOKIE;
use http::{HeaderMap, HeaderValue};
use std::fmt;

/// The browser's own secret.
pub const DEVICE: &str = "lifeboat_device";
/// The sessions opened on it.
pub const SESSIONS: &str = "lifeboat_sessions";
/// Sessions of one browser that are remembered.
pub const SESSIONS_MAX: usize = 6;
/// As long as browsers keep anything.
const DEVICE_SECONDS: u32 = 400 * 86_400;
/// Longer than any session.
const SESSIONS_SECONDS: u32 = 30 * 86_400;
/// Letters of a token.
const TOKEN_LETTERS: usize = 43;

/// A token that a browser showed.
#[derive(Clone, PartialEq, Eq)]
pub struct Shown(Box<str>);

impl Shown {
    /// The letters.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What is kept of it.
    pub fn session(&self) -> Hashed {
        AccessRoom::session_of(&self.0)
    }

    fn read(text: &str) -> Option<Self> {
        let letters = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
        (text.len() == TOKEN_LETTERS && text.bytes().all(letters)).then(|| Self(text.into()))
    }
}

impl fmt::Debug for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Shown(…)")
    }
}

/// The tokens that a browser shows, the one in use first.
pub fn sessions(headers: &HeaderMap) -> Vec<Shown> {
    let text = crate::headers::cookie(headers, SESSIONS).unwrap_or("");
    text.split('.').filter_map(Shown::read).take(SESSIONS_MAX).collect()
}

/// The browser's own secret.
pub fn device(headers: &HeaderMap) -> Option<Shown> {
    Shown::read(crate::headers::cookie(headers, DEVICE)?)
}

/// Keeps these tokens in the browser, the first in use; none forgets them.
pub fn keep_sessions<'a>(headers: &mut HeaderMap, tokens: impl IntoIterator<Item = &'a str>, secure: bool) {
    let tokens: Vec<&str> = tokens.into_iter().take(SESSIONS_MAX).collect();
    let seconds = if tokens.is_empty() { 0 } else { SESSIONS_SECONDS };
    set(headers, (SESSIONS, &tokens.join(".")), seconds, secure);
}

/// Keeps the browser's own secret in it.
pub fn keep_device(headers: &mut HeaderMap, token: &str, secure: bool) {
    set(headers, (DEVICE, token), DEVICE_SECONDS, secure);
}

fn set(headers: &mut HeaderMap, (name, value): (&str, &str), seconds: u32, secure: bool) {
    let secure = if secure { "; Secure" } else { "" };
    let text = format!("{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}");
    if let Ok(value) = HeaderValue::from_str(&text) {
        headers.append(SET_COOKIE, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_shown_again_in_its_order_and_rubbish_is_not() {
        let (a, b) = ("a".repeat(TOKEN_LETTERS), "B-_".repeat(14) + "9");
        let mut headers = HeaderMap::new();
        keep_sessions(&mut headers, [b.as_str(), a.as_str()], true);
        let set = headers.get(SET_COOKIE).unwrap().to_str().unwrap().to_owned();
        assert!(set.ends_with("; HttpOnly; SameSite=Lax; Secure"), "{set}");
        let mut back = HeaderMap::new();
        back.insert(http::header::COOKIE, HeaderValue::from_str(set.split(';').next().unwrap()).unwrap());
        let shown: Vec<String> = sessions(&back).iter().map(|s| s.as_str().to_owned()).collect();
        assert_eq!(shown, [b, a]);
        for odd in ["", ".", "short", "x.y.z", "ä"] {
            assert_eq!(Shown::read(odd), None, "{odd}");
        }
    }
}

//! Whether whoever sits here has to show once more that it is them, before how they get in is changed: a screen that was left
//! open must not become somebody else's way in for good.

use crate::desk::Look;
use crate::mishap::Mishap;
use crate::sign_in::{NO_COOKIE, Why};
use access::secrets::Typed;
use access::sign_in::Way;
use http::StatusCode;

/// A proof is good for so long, in seconds: long enough for setting everything up at once.
const PROVED_SECONDS_MAX: i64 = 600;

/// What is asked for where there is a passphrase.
const PASSPHRASE: &str = "Your passphrase as it is now";

/// Whether they must, and by what: the passphrase, or the PIN of the shift card.
///
/// # Errors
/// Nobody is signed in.
pub fn asked(look: &Look<'_>) -> Result<Option<&'static str>, Mishap> {
    let visitor = look.visitor()?;
    Ok(look.access().read(|book| {
        // Ended a moment ago: what is typed then finds no session.
        let Some(session) = book.sessions.session(&visitor.session) else { return Some(PASSPHRASE) };
        let fresh = (0..=PROVED_SECONDS_MAX).contains(&look.now.seconds_since(session.proved));
        let passphrase = book.credentials(&visitor.number).passphrase.is_some();
        match (fresh, passphrase, &session.way) {
            (true, ..) => None,
            (false, true, _) => Some(PASSPHRASE),
            (false, false, Way::Card { .. }) => Some("PIN of your shift card"),
            (false, false, _) => None,
        }
    }))
}

/// Goes on if nothing is asked, or if what was typed is right. Guesses are counted as at the door.
///
/// # Errors
/// Why not, for the top of the form.
pub fn shown(look: &Look<'_>, typed: &Typed) -> Result<(), Refused> {
    if asked(look)?.is_none() {
        return Ok(());
    }
    let session = look.visitor()?.session;
    let Some(door) = look.visit.door.at_door() else {
        return Err(Refused::Said(Why::said(NO_COOKIE, StatusCode::BAD_REQUEST)));
    };
    match look.access().resume(session, typed, &door, look.now) {
        Ok(_) => Ok(()),
        Err(not_in) => Err(Refused::Said(Why::of(look, not_in)?)),
    }
}

/// Why a form of one's own page was not taken.
#[derive(Debug)]
pub enum Refused {
    /// A sentence for the top of the form.
    Said(Why),
    /// There is no form to go back to.
    Mishap(Mishap),
}

impl Refused {
    /// A sentence about what was typed.
    pub fn said(words: impl Into<String>) -> Self {
        Self::Said(Why::said(words, StatusCode::CONFLICT))
    }
}

impl From<Mishap> for Refused {
    fn from(mishap: Mishap) -> Self {
        match mishap {
            Mishap::Refused(words) => Self::said(words),
            other => Self::Mishap(other),
        }
    }
}

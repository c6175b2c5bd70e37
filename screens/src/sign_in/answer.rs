//! What follows a try: the cookies of who is in, or the sentence of who is not.

use crate::desk::Look;
use crate::doors::cookies::{self, Shown};
use crate::mishap::Mishap;
use crate::view::own_address;
use access::secrets::Hashed;
use access::sign_in::guesses::Wait;
use axum::response::{IntoResponse, Redirect, Response};
use control_room::{NotIn, SignedIn};
use http::{HeaderValue, StatusCode, header};

/// What is said where a browser shows no cookie of its own.
pub const NO_COOKIE: &str = "This browser did not show Lifeboat’s cookie, without which nobody can stay signed in. It was \
     handed over again just now: try once more. If this comes back, cookies are switched off in this browser: allow them for \
     this address, or go to another screen.";

/// Where to go once somebody is in: an address of this site, and none of the door's own.
pub fn way_back(back: &str) -> &str {
    let back = own_address(back);
    let door = ["/sign-in", "/sign-out", "/switch", "/way-back"];
    if door.iter().any(|door| back.starts_with(door)) { "/" } else { back }
}

/// By what a page names a session: the beginning of its token's hash, by which nobody gets in.
pub fn key_of(session: &Hashed) -> String {
    session.bytes().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

/// Those tokens of this browser whose sessions still stand on it, in the order shown.
pub fn remembered<'a>(look: &Look<'a>) -> Vec<&'a Shown> {
    let door = &look.visit.door;
    look.access().read(|book| {
        let stands = |shown: &&Shown| {
            let session = book.sessions.session(&shown.session());
            session.is_some_and(|s| Some(s.device) == door.device && look.now < s.ends)
        };
        door.tokens.iter().filter(stands).collect()
    })
}

/// Somebody is in: their session first among this browser's, and on to where they wanted to go.
pub fn let_in(look: &Look<'_>, signed: &SignedIn, to: &str) -> Response {
    let mut response = Redirect::to(to).into_response();
    let others = remembered(look);
    let tokens = std::iter::once(signed.token.as_str()).chain(others.iter().map(|shown| shown.as_str()));
    cookies::keep_sessions(response.headers_mut(), tokens, look.visit.door.secure);
    response
}

/// Why somebody is not in.
#[derive(Clone, Debug)]
pub struct Why {
    /// The sentence.
    pub words: String,
    /// What the answer counts as.
    pub status: StatusCode,
    /// Too soon: when to try again, in seconds.
    wait_seconds: Option<i64>,
}

impl Why {
    /// A sentence of the page's own.
    pub fn said(words: impl Into<String>, status: StatusCode) -> Self {
        Self { words: words.into(), status, wait_seconds: None }
    }

    /// To be tried again after so many seconds.
    pub fn wait(look: &Look<'_>, words: &str, seconds: i64) -> Self {
        // The minute after, so that nobody comes back a moment too soon.
        let at = look.zone().hour_minute(look.now.plus_seconds(seconds.saturating_add(59)));
        let words = format!("{words} Try again at {at}.");
        Self { words, status: StatusCode::TOO_MANY_REQUESTS, wait_seconds: Some(seconds) }
    }

    /// What the rules said.
    ///
    /// # Errors
    /// A fault: nothing can be recorded, and so nobody can be let in.
    pub fn of(look: &Look<'_>, not_in: NotIn) -> Result<Self, Mishap> {
        match not_in {
            NotIn::Said(words) => Ok(Self::said(words, StatusCode::UNAUTHORIZED)),
            NotIn::Wait(wait) => {
                let seconds = match wait {
                    Wait::Here { seconds } | Wait::Stranger { seconds } => seconds,
                };
                Ok(Self::wait(look, &wait.to_string(), seconds))
            }
            NotIn::Fault(fault) => Err(Mishap::room("sign anybody in")(fault)),
        }
    }

    /// Puts status and waiting time on the page that says it.
    pub fn on(&self, mut response: Response) -> Response {
        *response.status_mut() = self.status;
        if let Some(seconds) = self.wait_seconds {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds.max(1)));
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::way_back;

    #[test]
    fn nobody_is_led_back_to_the_door_or_off_the_site() {
        for (back, goes) in [
            ("/wards?x=1", "/wards?x=1"),
            ("/sign-in?back=/wards", "/"),
            ("/switch", "/"),
            ("//evil.example", "/"),
            ("", "/"),
        ] {
            assert_eq!(way_back(back), goes, "{back}");
        }
    }
}

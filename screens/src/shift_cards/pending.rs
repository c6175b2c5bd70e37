//! Cards that were issued a moment ago and wait to be printed: in the server's memory alone, for they hold the secret.
//!
//! Always: handed out once, to the session that issued it, within five minutes; then forgotten. Never: written anywhere; more
//! than [`KEPT_MAX`] kept; shown in `Debug`. A restart forgets them all: that card is made void and another is issued. Held by
//! the desk, called by `one`; proved by the tests below and by `tests/shift_cards.rs`.

use access::secrets::Hashed;
use basics::Moment;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// How long a print waits, in seconds.
pub const KEPT_SECONDS: i64 = 300;
/// Prints that wait at once; each is some ten kilobytes.
pub const KEPT_MAX: usize = 64;

/// A clock may be set back by so much, in seconds, while a print waits.
const CLOCK_BACK_SECONDS_MAX: i64 = 60;

struct Print {
    card: u32,
    session: Hashed,
    pdf: Vec<u8>,
    until: Moment,
}

impl Drop for Print {
    fn drop(&mut self) {
        self.pdf.fill(0);
    }
}

/// The prints that wait. One for the whole program.
#[derive(Default)]
pub struct PrintedCards(Mutex<Vec<Print>>);

impl fmt::Debug for PrintedCards {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PrintedCards(…)")
    }
}

impl PrintedCards {
    /// Those whose time is not over; the others are forgotten.
    fn kept(&self, at: Moment) -> MutexGuard<'_, Vec<Print>> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // A clock that was set back makes no print wait much longer.
        let longest = KEPT_SECONDS + CLOCK_BACK_SECONDS_MAX;
        kept.retain(|print| at < print.until && print.until.seconds_since(at) <= longest);
        kept
    }

    /// Whether one more may wait.
    pub fn has_room(&self, at: Moment) -> bool {
        self.kept(at).len() < KEPT_MAX
    }

    /// Keeps a print for the session that issued the card. Where there is no room, whichever waits longest is forgotten.
    pub fn keep(&self, card: u32, session: Hashed, pdf: Vec<u8>, at: Moment) {
        let mut kept = self.kept(at);
        if kept.len() >= KEPT_MAX {
            kept.remove(0);
        }
        kept.push(Print { card, session, pdf, until: at.plus_seconds(KEPT_SECONDS) });
    }

    /// Until when that session can have the print of that card; `None` when it cannot.
    pub fn waits(&self, card: u32, session: &Hashed, at: Moment) -> Option<Moment> {
        let kept = self.kept(at);
        kept.iter().find(|print| print.card == card && print.session == *session).map(|print| print.until)
    }

    /// Hands the print out, this once.
    pub fn take(&self, card: u32, session: &Hashed, at: Moment) -> Option<Vec<u8>> {
        let mut kept = self.kept(at);
        let place = kept.iter().position(|print| print.card == card && print.session == *session)?;
        let mut print = kept.remove(place);
        Some(std::mem::take(&mut print.pdf))
    }

    /// Forgets the print of a card that was made void.
    pub fn forget(&self, card: u32, at: Moment) {
        self.kept(at).retain(|print| print.card != card);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session(n: u8) -> Hashed {
        Hashed::of("session", &[n])
    }

    fn noon() -> Moment {
        Moment::from_milliseconds(1_784_000_000_000)
    }

    #[test]
    fn a_print_is_handed_out_once_to_its_session_within_five_minutes() {
        let prints = PrintedCards::default();
        let keep = |card| prints.keep(card, session(1), b"%PDF".to_vec(), noon());
        keep(7);
        assert_eq!(prints.waits(7, &session(1), noon()), Some(noon().plus_seconds(300)));
        assert_eq!(prints.take(7, &session(2), noon()), None, "another session");
        assert_eq!(prints.take(8, &session(1), noon()), None, "another card");
        assert_eq!(prints.take(7, &session(1), noon().plus_seconds(299)), Some(b"%PDF".to_vec()));
        assert_eq!(prints.take(7, &session(1), noon().plus_seconds(299)), None, "a second time");
        keep(9);
        assert_eq!(prints.take(9, &session(1), noon().plus_seconds(300)), None, "too late");
        keep(10);
        prints.forget(10, noon());
        assert_eq!(prints.waits(10, &session(1), noon()), None, "void");
        keep(11);
        assert_eq!(prints.take(11, &session(1), noon().plus_seconds(-120)), None, "the clock was set back");
    }

    #[test]
    fn memory_is_bounded_and_debug_says_nothing() {
        let prints = PrintedCards::default();
        for card in 0..200 {
            prints.keep(card, session(1), vec![7; 10], noon());
        }
        assert_eq!(prints.kept(noon()).len(), KEPT_MAX);
        assert!(!prints.has_room(noon()) && prints.has_room(noon().plus_seconds(KEPT_SECONDS)));
        assert_eq!(format!("{prints:?}"), "PrintedCards(…)");
    }
}

//! Shift cards: asked for by one person, issued by a second, printed once, good for signing in once.
//!
//! `list` is all of them with the form that asks for one, `one` a card with its deeds and its print, `pending` the prints that
//! wait in memory. Always: the rules are `access::sign_in::cards`; a page only says them beforehand. Never: a card's secret or
//! PIN on a page, in a log or in a file of Lifeboat's. Proved by `tests/shift_cards.rs`.

pub mod list;
pub mod one;
pub mod pending;

use crate::desk::Look;
use crate::parts::{Level, Mark, Stamp};
use access::AccessBook;
use access::sign_in::cards::Card;

/// One card as lists and its own page show it.
struct Line {
    number: u32,
    name: String,
    roles: String,
    place: String,
    shift_ends: Stamp,
    asked: String,
    mark: Mark,
    state: State,
}

/// Where a card stands.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum State {
    /// A second person must issue it.
    ToIssue,
    /// Printed, not used.
    Issued,
    /// Used once; its holder may be signed in.
    Used,
    /// Void, or its time is over.
    Over,
}

impl Line {
    fn new(look: &Look<'_>, book: &AccessBook, number: u32, card: &Card) -> Self {
        let (state, mark) = state(look, book, number, card);
        let asked_at = look.zone().clinical(card.asked.at);
        Self {
            number,
            name: format!("{} ({})", card.holder.name, card.holder.number),
            roles: card.account.roles_words(),
            place: card.holder.scope.to_string(),
            shift_ends: look.stamp(card.shift_ends),
            asked: format!("{asked_at} by {}", book.name(&card.asked.by)),
            mark,
            state,
        }
    }
}

fn state(look: &Look<'_>, book: &AccessBook, number: u32, card: &Card) -> (State, Mark) {
    let when = |at| look.zone().clinical(at);
    if let Some((stamp, why)) = &card.void {
        let by = book.name(&stamp.by);
        return (
            State::Over,
            Mark::new(Level::Red, format!("Void since {}, by {by}: {why}", when(stamp.at))),
        );
    }
    if let Some(used) = &card.used {
        let place = book.devices.name(&used.device, &used.from);
        let words = format!("Used {} on {place}", when(used.stamp.at));
        let over = look.now >= card.shift_ends;
        return (if over { State::Over } else { State::Used }, Mark::new(Level::Good, words));
    }
    if look.now >= card.shift_ends {
        return (State::Over, Mark::new(Level::Plain, "The shift is over; it was never used"));
    }
    match &card.issued {
        Some(issued) => {
            let words =
                format!("Issued {} by {}, not used yet", when(issued.stamp.at), book.name(&issued.stamp.by));
            (State::Issued, Mark::new(Level::Amber, words))
        }
        None if book.cards.to_issue(look.now).any(|(waits, _)| waits == number) => {
            (State::ToIssue, Mark::new(Level::Amber, "A second person must issue it"))
        }
        None => (State::Over, Mark::new(Level::Plain, "Nobody issued it in time; ask for a new one")),
    }
}

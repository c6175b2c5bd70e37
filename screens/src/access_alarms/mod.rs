//! `GET /access-alarms`: what somebody should look at about access, the newest first, each with what to do now.
//!
//! Always: when, where and what to do in words; which are new since this person last looked. Never: an alarm that goes away
//! because it was looked at. What raises them is in `access::alarms`. Proved by `tests/shift_cards.rs`.

pub mod seen;

use crate::desk::{Desk, Html, Look, Visit};
use crate::layout::{Here, Layout};
use crate::mishap::Mishap;
use crate::names::counted;
use crate::parts::{Level, Mark, Stamp};
use access::alarms::{Alarm, Raised};
use access::devices::DeviceKey;
use access::{AccessBook, StaffNumber};
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use basics::EntryNumber;

/// Alarms listed; the book keeps all.
const LISTED_MAX: usize = 200;
/// For whoever never looked, since Lifeboat was started, the alarms of one day are new; in seconds.
const NEW_SECONDS: i64 = 86_400;
const ADDRESS: &str = "/access-alarms";

#[derive(Template)]
#[template(path = "access_alarms/page.html")]
struct AlarmsPage {
    layout: Layout,
    count: String,
    alarms: Vec<Line>,
    more: usize,
}

struct Line {
    kind: Mark,
    at: Stamp,
    fresh: bool,
    words: String,
    advice: &'static str,
    /// Where to do it, and the link's words; empty where it is not theirs.
    link: Option<(String, String)>,
}

/// How many alarms are new to whoever is signed in; none for those whose page it is not. Asks the picture of access: call it
/// outside of `AccessRoom::read`.
pub fn count_new(look: &Look<'_>) -> usize {
    let Some(visitor) = look.visit.visitor() else { return 0 };
    if !look.may_open(ADDRESS) {
        return 0;
    }
    let seen = look.desk.alarms_seen().up_to(&visitor.number);
    look.access().read(|book| book.alarms.newest().filter(|raised| fresh(look, raised, seen)).count())
}

fn fresh(look: &Look<'_>, raised: &Raised, seen: Option<EntryNumber>) -> bool {
    match seen {
        Some(seen) => raised.stamp.entry > seen,
        None => look.now.seconds_since(raised.stamp.at) < NEW_SECONDS,
    }
}

/// `GET /access-alarms`
pub async fn show(State(desk): State<Desk>, visit: Visit) -> Response {
    desk.page(visit, |look| Ok::<_, Mishap>(Html(page(look)))).await
}

fn page(look: &Look<'_>) -> AlarmsPage {
    let me = look.visit.visitor().map(|visitor| visitor.number.clone());
    let seen = me.as_ref().and_then(|me| look.desk.alarms_seen().up_to(me));
    let theirs = Theirs::of(look);
    let (alarms, all, new, last) = look.access().read(|book| {
        let lines: Vec<Line> = book
            .alarms
            .newest()
            .take(LISTED_MAX)
            .map(|raised| line(look, book, raised, seen, &theirs))
            .collect();
        let new = book.alarms.newest().filter(|raised| fresh(look, raised, seen)).count();
        (lines, book.alarms.newest().count(), new, book.last_entry)
    });
    if let Some(me) = &me {
        look.desk.alarms_seen().note(me, last);
    }
    AlarmsPage {
        layout: Layout::new(look, "Alarms about access", Here::Nowhere),
        count: format!("{}, {new} new to you", counted(all, "alarm", "alarms")),
        more: all - alarms.len(),
        alarms,
    }
}

/// Which of the pages that mend something are theirs.
struct Theirs {
    cards: bool,
    devices: bool,
    people: bool,
}

impl Theirs {
    fn of(look: &Look<'_>) -> Self {
        Self {
            cards: look.may_open("/shift-cards/{number}"),
            devices: look.may_open("/devices/{key}"),
            people: look.may_open("/people/{number}"),
        }
    }

    fn card(&self, card: u32) -> Option<(String, String)> {
        self.cards.then(|| (format!("/shift-cards/{card}"), format!("Shift card {card}")))
    }

    fn device(&self, book: &AccessBook, key: &DeviceKey) -> Option<(String, String)> {
        let device = book.devices.device(key)?;
        self.devices.then(|| (crate::devices::address(key), device.label.clone()))
    }

    fn person(&self, book: &AccessBook, number: &StaffNumber) -> Option<(String, String)> {
        let address = format!("/people/{}", crate::names::encoded(number.as_str()));
        self.people.then(|| (address, book.people.name(number)))
    }
}

fn line(
    look: &Look<'_>,
    book: &AccessBook,
    raised: &Raised,
    seen: Option<EntryNumber>,
    theirs: &Theirs,
) -> Line {
    let (level, kind, advice) = told(&raised.alarm);
    let link = match &raised.alarm {
        Alarm::CardShownAgain { card, .. } | Alarm::CardGuessed { card, .. } => theirs.card(*card),
        Alarm::SessionElsewhere { device, number, .. } => {
            theirs.device(book, device).or_else(|| theirs.person(book, number))
        }
        Alarm::PasskeyCopied { number, .. }
        | Alarm::Guessing { number, .. }
        | Alarm::WayBack { number, .. } => theirs.person(book, number),
        Alarm::LooksNotKept { .. } => None,
    };
    Line {
        kind: Mark::new(level, kind),
        at: look.stamp(raised.stamp.at),
        fresh: fresh(look, raised, seen),
        words: raised.words(book, look.zone()),
        advice,
        link,
    }
}

/// How bad it is, what it is called, and what to do now.
fn told(alarm: &Alarm) -> (Level, &'static str, &'static str) {
    match alarm {
        Alarm::CardShownAgain { .. } => (
            Level::Red,
            "A shift card was shown twice",
            "Ring whoever the card is for: was the first sign-in theirs? If yes, the second was nobody’s: it was refused; ask who \
             could have photographed the card. If not, make the card void now: that ends the session it began. Then ask the \
             privacy officer what was looked at in it, and print them another card.",
        ),
        Alarm::CardGuessed { .. } => (
            Level::Amber,
            "Wrong PIN at a shift card",
            "Ring whoever the card is for. They have it and mistyped: nothing to do. They do not have it: make it void and print \
             another. After five wrong PINs it is void by itself.",
        ),
        Alarm::SessionElsewhere { .. } => (
            Level::Red,
            "A session was shown elsewhere",
            "It is ended already. Ask the person: did their browser move, or the network of the device change? If neither, \
             somebody took the session: revoke the device it came from, and sign the person out everywhere.",
        ),
        Alarm::PasskeyCopied { .. } => (
            Level::Red,
            "A passkey may have been copied",
            "The sign-in was refused. Ring the person; let them get in another way, remove that passkey on their own page, and \
             add a new one. If they did not try: give them a new invitation, which ends all their sessions.",
        ),
        Alarm::Guessing { .. } => (
            Level::Amber,
            "Many wrong tries",
            "Nothing is locked, and guesses are slowed. Ask the person whether they tried. If yes, help them in: a recovery code, \
             a shift card, a new invitation. If not, tell IT the address; the person need not do anything.",
        ),
        Alarm::WayBack { .. } => (
            Level::Red,
            "Key shares made somebody administrator",
            "Ask both who keep those shares. They know of it: write down why. One does not: close that account now, revoke its \
             sessions, and make new shares.",
        ),
        Alarm::LooksNotKept { .. } => (
            Level::Red,
            "Looks at patients were not recorded",
            "Caring went on, and exports stopped. IT: look at the disk. Privacy officer: ask who worked in those hours, and write \
             it down; nobody can find it out later.",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use access::devices::DEVICE;

    #[test]
    fn every_kind_says_what_to_do_now() {
        let number = || StaffNumber::new("N1").unwrap();
        let (device, from) = (DeviceKey::of(DEVICE, b"x"), String::new);
        let at = basics::Moment::default();
        for alarm in [
            Alarm::CardShownAgain { card: 1, device, from: from() },
            Alarm::CardGuessed { card: 1, device, from: from() },
            Alarm::SessionElsewhere { number: number(), device, from: from() },
            Alarm::PasskeyCopied { number: number(), device, from: from() },
            Alarm::Guessing { number: number(), tries: 20, from: from() },
            Alarm::WayBack { number: number(), shares: [1, 2] },
            Alarm::LooksNotKept { count: 1, since: at, until: at, why: from() },
        ] {
            let (level, kind, advice) = told(&alarm);
            assert!(level >= Level::Amber && !kind.is_empty(), "{alarm:?}");
            assert!(advice.contains("Ask") || advice.contains("ask") || advice.contains("Ring"), "{advice}");
            assert!(advice.ends_with('.') && !advice.contains("  "), "{advice}");
        }
    }
}

//! `GET`, `POST /shift-cards`: the cards of these hours, those to be issued first, and the form that asks for one.

use super::{Line, State as Stands};
use crate::desk::{Desk, GoTo, Html, IntoPage, Look, Visit};
use crate::devices::answered;
use crate::devices::places::Places;
use crate::forms::{Posted, Typed};
use crate::layout::{Here, Layout};
use crate::mishap::Mishap;
use access::people::Scope;
use access::sign_in::cards::{Holder, Intent, SHIFT_HOURS_MAX};
use access::{Role, StaffNumber};
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use basics::{Moment, Person, Zone};
use std::collections::BTreeSet;

/// Cards listed; the record keeps all.
const LISTED_MAX: usize = 200;
/// When shifts usually end, and the least that is left of one for it to be meant.
const SHIFTS_END: [&str; 2] = ["08:00", "20:00"];
const LEFT_SECONDS_MIN: i64 = 3_600;
/// The value of the choice "the whole trust".
const TRUST: &str = "*";

#[derive(Template)]
#[template(path = "shift_cards/list.html")]
struct ListPage {
    layout: Layout,
    refused: Option<String>,
    /// There are accounts, so that two people can be told apart.
    begun: bool,
    groups: Vec<Group>,
    more: usize,
    typed: Typed,
    roles: Vec<(&'static str, bool)>,
    sites: Vec<(String, bool)>,
    wards: Vec<String>,
    trust: bool,
    hours_max: i64,
}

struct Group {
    id: &'static str,
    title: &'static str,
    none: &'static str,
    lines: Vec<Line>,
}

const GROUPS: [(Stands, &str, &str, &str); 4] = [
    (Stands::ToIssue, "to-issue", "To be issued, by a second person", "No card waits for a second person."),
    (Stands::Issued, "issued", "Issued, not used yet", "No card is out unused."),
    (Stands::Used, "used", "Used this shift", "No card of a running shift was used."),
    (Stands::Over, "over", "Void or over", "No older card."),
];

fn page(look: &Look<'_>, typed: Typed, refused: Option<String>) -> Result<ListPage, Mishap> {
    let places = Places::of(look)?;
    let typed = typed.or("ends", usual_end(look.zone(), look.now));
    let (mut lines, count, begun) = look.access().read(|book| {
        let newest = book.cards.newest().take(LISTED_MAX);
        let lines: Vec<Line> = newest.map(|(number, card)| Line::new(look, book, number, card)).collect();
        (lines, book.cards.newest().count(), !book.people.is_empty())
    });
    let more = count - lines.len();
    let groups = GROUPS.map(|(state, id, title, none)| {
        let (these, others) = std::mem::take(&mut lines).into_iter().partition(|line| line.state == state);
        lines = others;
        Group { id, title, none, lines: these }
    });
    let by_card = Role::ALL.into_iter().filter(|role| role.by_card());
    Ok(ListPage {
        layout: Layout::new(look, "Shift cards", Here::Nowhere),
        refused,
        begun,
        groups: groups.into(),
        more,
        roles: by_card.map(|role| (role.words(), typed.has("role", role.words()))).collect(),
        sites: places.sites(typed.text("site")),
        wards: places.wards(),
        trust: typed.text("site") == TRUST,
        hours_max: SHIFT_HOURS_MAX,
        typed,
    })
}

/// The end of this shift, as a proposal: eight in the morning or in the evening, whichever comes first and is not at once.
fn usual_end(zone: &Zone, now: Moment) -> String {
    let ends = SHIFTS_END.iter().filter_map(|time| crate::clock_times::coming(zone, now, time));
    let meant = |end: &Moment| {
        let left = end.seconds_since(now);
        (LEFT_SECONDS_MIN..=SHIFT_HOURS_MAX * 3_600).contains(&left)
    };
    let end = ends.filter(meant).min();
    // A night on which the clocks go back is longer than a card may hold.
    zone.hour_minute(end.unwrap_or_else(|| now.plus_seconds(12 * 3_600)))
}

/// `GET /shift-cards`
pub async fn show(State(desk): State<Desk>, visit: Visit) -> Response {
    desk.page(visit, |look| Ok(Html(page(look, Typed::default(), None)?))).await
}

/// `POST /shift-cards`: asks for a card.
pub async fn ask(State(desk): State<Desk>, visit: Visit, Posted(typed): Posted<Typed>) -> Response {
    desk.page(visit, move |look| {
        let typed = typed?;
        answered(look, asked(look, &typed), |why| page(look, typed, Some(why)))
    })
    .await
}

fn asked(look: &Look<'_>, typed: &Typed) -> Result<Response, Mishap> {
    let refused = |words: &str| Mishap::Refused(words.to_owned());
    let number = StaffNumber::new(typed.text("number")).ok_or_else(|| {
        refused("Write the holder's staff number, as on their staff card. An agency's number will do.")
    })?;
    let name = Person::new(typed.text("name")).ok_or_else(|| refused("Write the holder's name."))?;
    let roles: BTreeSet<Role> = typed.all("role").filter_map(Role::read).collect();
    let shift_ends = crate::clock_times::coming(look.zone(), look.now, typed.text("ends"))
        .ok_or_else(|| refused("Write when the shift ends as a time of day: 20:00."))?;
    let holder =
        Holder { number, name, roles, scope: scope(look, typed)?, contact: typed.text("contact").to_owned() };
    let entry = look.admit("ask for the shift card", Intent::Ask { holder, shift_ends })?;
    let card = look.access().read(|book| {
        book.cards.newest().find(|(_, card)| card.asked.entry == entry).map_or(0, |(number, _)| number)
    });
    GoTo(format!("/shift-cards/{card}?done=card-asked")).into_page()
}

fn scope(look: &Look<'_>, typed: &Typed) -> Result<Scope, Mishap> {
    let (site, wards) = (typed.trimmed("site"), typed.trimmed("ward"));
    if site == TRUST {
        return Ok(Scope::Trust);
    }
    let known = Places::of(look)?;
    let mut places = Vec::new();
    let each = wards.split([',', ';']).map(str::trim).filter(|ward| !ward.is_empty());
    for ward in each {
        places.extend(known.known_place(site, ward).map_err(Mishap::Refused)?);
    }
    if places.is_empty() {
        places.extend(known.place(site, "").map_err(Mishap::Refused)?);
    }
    if places.is_empty() {
        return Err(Mishap::Refused(
            "Say where they work this shift: the hospital, and the wards if it is not all of it.".to_owned(),
        ));
    }
    Ok(Scope::Places(places))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shift_ends_at_eight_unless_that_is_now() {
        let zone = Zone::london();
        for (now, want) in [
            ("2026-07-14T15:05:00Z", "20:00"),
            ("2026-07-14T18:05:00Z", "08:00"),
            ("2026-07-14T02:00:00Z", "08:00"),
            ("2026-07-14T06:30:00Z", "20:00"),
            // The clocks go back in this night: eight o'clock is more than thirteen hours away.
            ("2026-10-24T18:10:00Z", "06:10"),
        ] {
            assert_eq!(usual_end(&zone, Moment::parse_rfc3339(now).unwrap()), want, "{now}");
        }
    }
}

//! `GET /devices`: every device that the hospital enrolled, this browser first, those that wait for their code, those revoked.

use super::address;
use crate::desk::{Desk, Html, Look, Visit};
use crate::forms::Asked;
use crate::layout::{Here, Layout};
use crate::mishap::Mishap;
use crate::names::{capital, counted};
use crate::parts::{Level, Mark, Stamp};
use access::AccessBook;
use access::devices::{Device, DeviceKey};
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;
use std::collections::BTreeMap;

/// Devices listed at once; the rest are counted, and found by a word.
const LISTED_MAX: usize = 300;

#[derive(Template)]
#[template(path = "devices/list.html")]
struct ListPage {
    layout: Layout,
    /// This browser, where it is known.
    here: Option<HereLine>,
    /// There are accounts, so that somebody can be asked who they are.
    begun: bool,
    new_alarms: usize,
    waiting: Vec<WaitingLine>,
    enrolled: Vec<Line>,
    revoked: Vec<Line>,
    count: String,
    more: usize,
    q: String,
}

struct HereLine {
    address: String,
    words: String,
    enrolled: bool,
}

struct WaitingLine {
    number: u32,
    words: String,
    by: String,
    until: String,
}

/// One device as a list shows it.
pub(super) struct Line {
    pub(super) address: String,
    pub(super) label: String,
    pub(super) words: String,
    pub(super) enrolled: Stamp,
    pub(super) by: String,
    pub(super) last: Stamp,
    pub(super) known: String,
    pub(super) signed_in: usize,
    pub(super) mark: Mark,
    pub(super) here: bool,
}

impl Line {
    pub(super) fn new(
        look: &Look<'_>,
        book: &AccessBook,
        (key, device): (&DeviceKey, &Device),
        signed_in: usize,
    ) -> Self {
        let mark = match &device.revoked {
            None => Mark::new(Level::Good, "Enrolled"),
            Some((stamp, why)) => {
                let (when, by) = (look.zone().clinical(stamp.at), book.name(&stamp.by));
                Mark::new(Level::Red, format!("Revoked {when} by {by}: {why}"))
            }
        };
        Self {
            address: address(key),
            label: device.label.clone(),
            words: words(book, device),
            enrolled: look.stamp(device.enrolled.at),
            by: book.name(&device.enrolled.by),
            last: match device.last_sign_in() {
                Some(at) => look.stamp(at),
                None => Stamp::never("Nobody yet"),
            },
            known: counted(device.known().count(), "person", "people"),
            signed_in,
            mark,
            here: look.visit.door.device.as_ref() == Some(key),
        }
    }
}

/// "Shared tablet, AMU at Northgate General".
pub(super) fn words(book: &AccessBook, device: &Device) -> String {
    let owner = device.owner.as_ref().map(|owner| book.people.name(owner));
    described(device.kind.words(), device.place.as_ref(), owner.as_deref())
}

/// Kind, place and owner in one line.
pub(super) fn described(kind: &str, place: Option<&access::people::Place>, owner: Option<&str>) -> String {
    let mut parts = vec![capital(kind)];
    parts.extend(place.map(ToString::to_string));
    parts.extend(owner.map(|owner| format!("of {owner}")));
    parts.join(", ")
}

/// `?q=`
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Question {
    q: String,
}

/// `GET /devices`
pub async fn show(State(desk): State<Desk>, visit: Visit, Asked(asked): Asked<Question>) -> Response {
    desk.page(visit, move |look| Ok::<_, Mishap>(Html(page(look, &asked.q)))).await
}

fn page(look: &Look<'_>, q: &str) -> ListPage {
    let q = basics::tidy(q, 80);
    let wanted = q.to_lowercase();
    let (here, begun, [enrolled, revoked]) = look.access().read(|book| {
        let mut signed_in: BTreeMap<DeviceKey, usize> = BTreeMap::new();
        for (_, session) in book.sessions.all(look.now) {
            *signed_in.entry(session.device).or_default() += 1;
        }
        let lists = [false, true].map(|revoked| {
            let mut found: Vec<(&DeviceKey, &Device)> = book
                .devices
                .all()
                .filter(|(_, device)| device.revoked.is_some() == revoked && holds(book, device, &wanted))
                .collect();
            found.sort_by_cached_key(|(_, device)| device.label.to_lowercase());
            let count = found.len();
            let shown = found.into_iter().take(LISTED_MAX);
            let lines: Vec<Line> = shown
                .map(|(key, device)| {
                    Line::new(look, book, (key, device), signed_in.get(key).copied().unwrap_or(0))
                })
                .collect();
            (lines, count)
        });
        (here(look, book), !book.people.is_empty(), lists)
    });
    let (enrolled, count) = enrolled;
    let (revoked, revoked_count) = revoked;
    let more = (count - enrolled.len()) + (revoked_count - revoked.len());
    let count = counted(count, "device enrolled", "devices enrolled");
    ListPage {
        layout: Layout::new(look, "Devices", Here::Nowhere),
        here,
        begun,
        new_alarms: crate::access_alarms::count_new(look),
        waiting: waiting(look),
        enrolled,
        revoked,
        count,
        more,
        q,
    }
}

fn holds(book: &AccessBook, device: &Device, q: &str) -> bool {
    q.is_empty() || format!("{} {}", device.label, words(book, device)).to_lowercase().contains(q)
}

fn here(look: &Look<'_>, book: &AccessBook) -> Option<HereLine> {
    let key = look.visit.door.device?;
    let known = book.devices.enrolled(&key);
    let words = known.map_or_else(
        || "Not enrolled".to_owned(),
        |device| format!("{}: {}", device.label, words(book, device)),
    );
    Some(HereLine { address: address(&key), enrolled: known.is_some(), words })
}

fn waiting(look: &Look<'_>) -> Vec<WaitingLine> {
    let waiting = look.desk.enrolments().waiting(look.now).into_iter();
    let line = |(number, wanted, until): (u32, super::pending::Wanted, basics::Moment)| WaitingLine {
        number,
        words: format!(
            "{}: {}",
            wanted.label,
            described(wanted.kind.words(), wanted.place.as_ref(), wanted.owner.as_ref().map(|n| n.as_str()))
        ),
        by: wanted.by_name,
        until: look.zone().hour_minute(until),
    };
    waiting.map(line).collect()
}

//! To whom an accepted plan went, how far it got and who has acknowledged it; `GET /diverts/plans/{number}/slips.pdf`:
//! slips for whoever no telephone reaches.
//!
//! Always: every site concerned is listed, also one that was not told yet, with why; whoever has not acknowledged stands
//! first. Sent by Lifeboat itself (`tend_diverts`), never by a press on this page. Used by the page of a plan.

use super::{Place, Question};
use crate::desk::{Desk, Look, Visit};
use crate::forms::Asked;
use crate::messages::one::delivery_mark;
use crate::mishap::Mishap;
use crate::names::{capital, encoded};
use crate::parts::{Level, Mark, Stamp};
use crate::press::{letterhead, pdf};
use axum::extract::{Path, State};
use axum::response::Response;
use incident::IncidentBook;
use incident::diverts::{Proposed, Settled, Shown, concerned};
use incident::messages::{Delivery, Message, MessageId, Way, board};
use paper::RunnerSlip;

/// Everyone concerned.
pub struct Told {
    /// "3 of 5 sites have acknowledged it".
    pub words: String,
    /// Why somebody was not told; empty when everybody was.
    pub not_told: String,
    /// Who has not acknowledged it first.
    pub rows: Vec<ToldRow>,
    /// Some site is to be told on paper.
    pub slips: bool,
}

/// One site.
pub struct ToldRow {
    pub site: String,
    /// Its own page, where it acknowledges.
    pub address: String,
    /// The message: its page and number.
    pub message: Option<(String, u32)>,
    pub at: Stamp,
    /// Who, by which way and where to, in words; how far it got.
    pub people: Vec<(String, Mark)>,
    /// Who acknowledged it, and when.
    pub acknowledged: Option<(String, Stamp)>,
}

impl Told {
    /// Of an accepted plan; `None` for any other.
    pub fn of(look: &Look<'_>, place: &Place, number: u32) -> Option<Self> {
        look.incidents(|book| {
            let there = book.diverts.on(place.ground);
            let proposed = there.proposal(number).ok()?;
            let Settled::Accepted(_, accepted) = &proposed.settled else { return None };
            let change = there.changes.iter().find(|c| c.stamp.entry == accepted.entry);
            let mut rows: Vec<ToldRow> = concerned(there, proposed)
                .iter()
                .map(|site| {
                    let told = proposed.told.iter().find(|told| told.site == *site);
                    let acknowledged = change.and_then(|c| c.acknowledged.get(site));
                    ToldRow {
                        address: format!("/diverts/sites/{}{}", encoded(site.as_str()), place.query()),
                        message: told.map(|t| (format!("/messages/{}", t.message.0), t.message.0)),
                        at: told.map_or_else(Stamp::missing, |t| look.stamp(t.stamp.at)),
                        people: told.map(|t| people(book, look, t.message)).unwrap_or_default(),
                        acknowledged: acknowledged.map(|s| (s.by.to_string(), look.stamp(s.at))),
                        site: site.to_string(),
                    }
                })
                .collect();
            rows.sort_by_key(|row| row.acknowledged.is_some());
            let have = rows.iter().filter(|row| row.acknowledged.is_some()).count();
            let shown = proposed.shown(&book.diverts.rules, there.changed_at, book.now(look.now));
            Some(Self {
                words: format!(
                    "{have} of {} have acknowledged it",
                    crate::names::counted(rows.len(), "site", "sites")
                ),
                not_told: not_told(book, place, &rows, shown),
                slips: !on_paper(book, proposed).is_empty(),
                rows,
            })
        })
    }
}

fn people(book: &IncidentBook, look: &Look<'_>, message: MessageId) -> Vec<(String, Mark)> {
    let Some(board) = board(book, message, book.now(look.now)) else { return Vec::new() };
    let one = |row: &incident::messages::PersonRow| {
        let mark = match row.read {
            Some(at) => Mark::new(Level::Good, format!("Read {}", look.zone().hour_minute(at))),
            None => delivery_mark(row),
        };
        let way = capital(row.way.word());
        // A slip's place says already whose it is.
        let words = match row.way {
            Way::Slip => format!("{way} to {}", row.to),
            _ => format!("{}: {way}, {}", row.name, row.to),
        };
        (words, mark)
    };
    board.people.iter().map(one).collect()
}

fn not_told(book: &IncidentBook, place: &Place, rows: &[ToldRow], shown: Shown) -> String {
    if rows.iter().all(|row| row.message.is_some()) {
        return String::new();
    }
    let why = if !matches!(shown, Shown::Current | Shown::InForceGaps) {
        "the plan is not current any more. Plan again; until then tell them by telephone what holds"
    } else if !book.running().any(|i| i.ground() == place.ground) {
        "no incident is open, so that no message can go out. Open one, or print the sheets and read the list out"
    } else {
        "Lifeboat is telling them now. Should this stand here for more than a minute, print the sheets"
    };
    format!("Not every site was told: {why}.")
}

/// Whom only paper reaches: told by slip, or not reached by what was tried, and without an answer.
fn on_paper<'a>(book: &'a IncidentBook, proposed: &'a Proposed) -> Vec<(&'a Message, u32)> {
    let messages = proposed.told.iter().filter_map(|told| book.messages.message(told.message));
    let left = |message: &'a Message| {
        (0u32..).zip(&message.standing).filter_map(move |(person, standing)| {
            let by_hand = message.way(person).is_some_and(|(way, _)| way == Way::Slip);
            let arrived = matches!(standing.delivery, Delivery::Sent | Delivery::Delivered);
            (standing.read.is_none() && (by_hand || !arrived)).then_some((message, person))
        })
    };
    messages.flat_map(left).collect()
}

fn slip((message, person): (&Message, u32)) -> Option<RunnerSlip> {
    let to = message.recipients.get(person as usize)?;
    let place = if to.place.is_empty() { &to.name } else { &to.place };
    Some(RunnerSlip {
        number: u64::from(message.id.0),
        to: place.clone(),
        text: format!("{}\nFor {}. Sign below; the runner brings it back.", message.words(), to.name),
        asked_by: message.sent.by.to_string(),
        asked_at: message.sent.at,
        valid_until: message.until,
        // The text says so already, first and last.
        exercise: false,
    })
}

/// `GET /diverts/plans/{number}/slips.pdf`
pub async fn slips(
    State(desk): State<Desk>,
    visit: Visit,
    Path(number): Path<String>,
    Asked(asked): Asked<Question>,
) -> Response {
    desk.page(visit, move |look| {
        let place = look.incidents(|book| Place::of(book, &asked.exercise))?;
        let slips: Vec<RunnerSlip> = look.incidents(|book| {
            let there = book.diverts.on(place.ground);
            let proposed = there.proposal(number.parse().unwrap_or(0)).map_err(|_| Mishap::no_page())?;
            Ok::<_, Mishap>(on_paper(book, proposed).into_iter().filter_map(slip).collect())
        })?;
        if slips.is_empty() {
            return Err(Mishap::Refused(
                "Nobody needs a slip of this plan: everybody told has read it, or has its message."
                    .to_owned(),
            ));
        }
        let head = look.incidents(|book| letterhead(look, book, None));
        let rendered = look.press()?.runner_slips(&slips, &head, look.zone());
        pdf(look, rendered, &format!("divert-plan-{number}-slips"))
    })
    .await
}

//! `GET /hatch/{feed}?after=&away=&up_to=`, `POST /hatch/{feed}`: what was kept apart of one feed, message by message;
//! admitting it, in the order in which it came, and turning messages away for good.

use super::sure::{Question, ask};
use super::{clock, feed_address, messages};
use crate::desk::{Desk, GoTo, Html, IntoPage, Look, Visit};
use crate::forms::{Asked, Posted, Typed};
use crate::layout::{Here, Layout};
use crate::mishap::Mishap;
use crate::names::thousands;
use crate::parts::{Mark, Stamp};
use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use basics::{EntryNumber, FeedName};
use control_room::{ApartFilter, ApartItem, FeedHatch, Intent};
use serde::Deserialize;

/// Most messages listed on one page.
const ITEMS_MAX: usize = 100;

#[derive(Template)]
#[template(path = "hatch/feed.html")]
struct FeedPage {
    layout: Layout,
    feed: String,
    address: String,
    waiting: String,
    waits: bool,
    closed: bool,
    first: Stamp,
    last: Stamp,
    admitting: Option<Mark>,
    away: bool,
    away_count: String,
    kinds: Vec<Kind>,
    count: String,
    items: Vec<Item>,
    next: Option<String>,
    up_to: Option<u64>,
}

struct Kind {
    name: String,
    count: String,
}

struct Item {
    entry: u64,
    message_type: String,
    received: Stamp,
    size: String,
    /// Who turned it away and why; empty while it waits.
    away: String,
    away_at: Option<Stamp>,
}

/// Which messages.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Wanted {
    after: String,
    away: String,
    up_to: String,
}

/// `GET /hatch/{feed}`
pub async fn show(
    State(desk): State<Desk>,
    visit: Visit,
    Path(feed): Path<String>,
    Asked(wanted): Asked<Wanted>,
) -> Response {
    desk.page(visit, move |look| Ok(Html(page(look, &known(look, &feed)?, &wanted)?))).await
}

/// The feed of that name, when there is one.
fn known(look: &Look<'_>, name: &str) -> Result<FeedName, Mishap> {
    let unknown = || Mishap::NotFound {
        what: format!("There is no feed called {name}."),
        next: "Choose a feed on the page of the hatch.",
    };
    let feed = FeedName::new(name).ok_or_else(unknown)?;
    let hatch = look.screens().room.hatch();
    if look.feed(&feed).is_some() || hatch.feed(&feed).is_some() { Ok(feed) } else { Err(unknown()) }
}

fn page(look: &Look<'_>, feed: &FeedName, wanted: &Wanted) -> Result<FeedPage, Mishap> {
    let room = &look.screens().room;
    let hatch = room.hatch();
    let stands = hatch.feed(feed);
    let away = wanted.away == "yes";
    let filter = ApartFilter {
        feed: Some(feed.clone()),
        turned_away: away,
        after: wanted.after.parse().ok().map(EntryNumber),
        limit: ITEMS_MAX + 1,
    };
    let mut list = room.kept_apart(&filter).map_err(Mishap::room("read what is kept apart"))?;
    let more = list.items.len() > ITEMS_MAX;
    list.items.truncate(ITEMS_MAX);
    let address = feed_address(feed);
    let next = list
        .items
        .last()
        .filter(|_| more)
        .map(|last| format!("{address}?after={}{}", last.entry, if away { "&away=yes" } else { "" }));
    let admitting = |stands: &FeedHatch| {
        stands.admitting.map(|(done, total)| {
            let words = format!("Being admitted: {} of {}", thousands(done), thousands(total));
            Mark::new(crate::parts::Level::Amber, words)
        })
    };
    Ok(FeedPage {
        layout: Layout::new(look, format!("Kept apart: {feed}"), Here::Feeds),
        feed: feed.to_string(),
        waiting: messages(stands.map_or(0, |s| s.waiting)),
        waits: stands.is_some_and(|s| s.waiting > 0),
        closed: stands.is_some_and(|s| s.closing.is_some()),
        first: look.stamp_maybe(stands.and_then(|s| s.first)),
        last: look.stamp_maybe(stands.and_then(|s| s.last)),
        admitting: stands.and_then(admitting),
        away,
        away_count: thousands(stands.map_or(0, |s| s.turned_away)),
        kinds: list
            .kinds
            .iter()
            .map(|(name, count)| Kind { name: kind_words(name), count: thousands(*count) })
            .collect(),
        count: format!("{} listed of {}", list.items.len(), thousands(list.total)),
        items: list.items.into_iter().map(|item| shown(look, item)).collect(),
        next,
        up_to: wanted.up_to.parse().ok(),
        address,
    })
}

fn kind_words(message_type: &str) -> String {
    if message_type.is_empty() { "Type unreadable".to_owned() } else { message_type.to_owned() }
}

fn shown(look: &Look<'_>, item: ApartItem) -> Item {
    Item {
        entry: item.entry.0,
        message_type: kind_words(&item.message_type),
        received: look.stamp(item.received),
        size: thousands(item.bytes),
        away: item
            .turned_away
            .as_ref()
            .map(|away| format!("Turned away by {}: {}", away.by, away.reason))
            .unwrap_or_default(),
        away_at: item.turned_away.as_ref().map(|away| look.stamp(away.at)),
    }
}

/// `POST /hatch/{feed}`: `deed` is "admit" or "turn-away".
pub async fn set(
    State(desk): State<Desk>,
    visit: Visit,
    Path(feed): Path<String>,
    Posted(typed): Posted<Typed>,
) -> Response {
    desk.page(visit, move |look| {
        let (feed, typed) = (known(look, &feed)?, typed?);
        match typed.text("deed") {
            "admit" => admit(look, &feed, &typed),
            "turn-away" => turn_away(look, &feed, &typed),
            _ => Err(Mishap::Refused("Say first what is to be done with these messages.".to_owned())),
        }
    })
    .await
}

fn reason(typed: &Typed) -> Result<String, Mishap> {
    let reason = typed.trimmed("reason");
    if reason.is_empty() {
        let why = "Say in a few words why: somebody will read it tomorrow and has to understand it.";
        return Err(Mishap::Refused(why.to_owned()));
    }
    Ok(reason.to_owned())
}

fn submit(look: &Look<'_>, intent: Intent, by: &str) -> Result<(), Mishap> {
    let room = &look.screens().room;
    let doing = "write that decision about the hatch into the record";
    room.submit(intent, by, look.now).map(drop).map_err(Mishap::refused(doing))
}

fn admit(look: &Look<'_>, feed: &FeedName, typed: &Typed) -> Result<Response, Mishap> {
    let who = look.signer(typed.trimmed("by"))?;
    let reason = reason(typed)?;
    let up_to = match typed.text("which") {
        "up-to" => Some(typed.number("up_to").map(EntryNumber).ok_or_else(|| {
            Mishap::Refused("Type the number of the last message that is to be admitted.".to_owned())
        })?),
        _ => None,
    };
    let hatch = look.screens().room.hatch();
    let stands = hatch.feed(feed);
    let closed = stands.is_some_and(|s| s.closing.is_some());
    let opens = closed && up_to.is_none() && typed.has("open", "yes");
    if typed.text("sure") == "yes" {
        if opens {
            submit(
                look,
                Intent::OpenHatch { feeds: vec![feed.clone()], reason: reason.clone() },
                who.as_str(),
            )?;
        }
        submit(look, Intent::AdmitKept { feed: feed.clone(), up_to, reason }, who.as_str())?;
        return GoTo("/hatch?done=hatch-admitting".to_owned()).into_page();
    }
    let count = admitted(look, feed, up_to)?;
    let said = consequences(look, (feed, stands), count, (up_to, opens));
    let mut hidden = vec![("deed", "admit".to_owned()), ("reason", reason), ("by", who.as_str().to_owned())];
    // Without opening, what comes while somebody reads the question is not admitted with the rest.
    match up_to.or(stands.and_then(|s| s.last_entry).filter(|_| !opens)) {
        Some(entry) => hidden.extend([("which", "up-to".to_owned()), ("up_to", entry.to_string())]),
        None => hidden.push(("which", "all".to_owned())),
    }
    if opens {
        hidden.push(("open", "yes".to_owned()));
    }
    ask(
        look,
        Question {
            title: format!("Admit {} of {feed}?", messages(count)),
            said,
            action: feed_address(feed),
            hidden,
            button: "Admit them",
        },
    )
}

/// What admitting so many messages means, sentence by sentence.
fn consequences(
    look: &Look<'_>,
    (feed, stands): (&FeedName, Option<&FeedHatch>),
    count: u64,
    (up_to, opens): (Option<EntryNumber>, bool),
) -> Vec<String> {
    let closed = stands.is_some_and(|s| s.closing.is_some());
    let mut said = vec![format!(
        "{} of {feed} will be shown on wards, patients' pages, clinics and sheets.",
        messages(count)
    )];
    if let Some((first, last)) = stands.and_then(|s| s.first.zip(s.last)).filter(|_| up_to.is_none()) {
        said.push(format!("The first came at {}, the last at {}.", clock(look, first), clock(look, last)));
    }
    said.push("They are taken in the order in which they came. This cannot be taken back.".to_owned());
    said.push("If any of them is false, go back and turn it away first.".to_owned());
    said.push(if opens {
        format!("Then the hatch is open for {feed}: what comes afterwards is shown at once.")
    } else if closed {
        format!("The hatch stays closed for {feed}: what comes afterwards is kept apart.")
    } else {
        format!("Once nothing of {feed} waits any more, what comes afterwards is shown at once.")
    });
    said
}

/// How many messages would be admitted.
fn admitted(look: &Look<'_>, feed: &FeedName, up_to: Option<EntryNumber>) -> Result<u64, Mishap> {
    let filter = ApartFilter { feed: Some(feed.clone()), limit: 1, ..ApartFilter::default() };
    let room = &look.screens().room;
    let read = Mishap::room("read what is kept apart");
    let all = room.kept_apart(&filter).map_err(&read)?.total;
    let Some(entry) = up_to else { return Ok(all) };
    match room.apart_item(entry).map_err(&read)? {
        Some(item) if item.feed == *feed && item.turned_away.is_none() => {}
        _ => {
            let words = format!("Message {entry} of {feed} does not wait. Look at its number in the list.");
            return Err(Mishap::Refused(words));
        }
    }
    room.count_apart(feed, entry).map_err(&read)
}

fn turn_away(look: &Look<'_>, feed: &FeedName, typed: &Typed) -> Result<Response, Mishap> {
    let who = look.signer(typed.trimmed("by"))?;
    let reason = reason(typed)?;
    let entries: Vec<EntryNumber> =
        typed.all("entry").filter_map(|e| e.parse().ok()).map(EntryNumber).collect();
    if typed.text("sure") == "yes" {
        submit(look, Intent::TurnAway { entries, reason }, who.as_str())?;
        return GoTo(format!("{}?done=hatch-turned-away", feed_address(feed))).into_page();
    }
    if entries.is_empty() {
        return Err(Mishap::Refused("Tick the messages that are to be turned away first.".to_owned()));
    }
    let count = u64::try_from(entries.len()).unwrap_or(u64::MAX);
    let mut hidden =
        vec![("deed", "turn-away".to_owned()), ("reason", reason), ("by", who.as_str().to_owned())];
    hidden.extend(entries.iter().map(|entry| ("entry", entry.to_string())));
    ask(
        look,
        Question {
            title: format!("Turn {} of {feed} away for good?", messages(count)),
            said: vec![
                "They will never be shown on any ward, page or sheet, also not when the same message is sent again."
                    .to_owned(),
                "They stay in the record, byte for byte, as evidence. This cannot be taken back.".to_owned(),
                "If one of them may be true, see that somebody does by hand what it says.".to_owned(),
            ],
            action: feed_address(feed),
            hidden,
            button: "Turn them away",
        },
    )
}

//! `GET`, `POST /messages/new`: a message, a task or a roll-call, to roles, wards, people, or everyone on duty.

use crate::chosen::{IncidentBar, needed};
use crate::desk::{Desk, Html, Look, Visit};
use crate::forms::{Asked, Posted, Typed};
use crate::layout::{Beside, Layout};
use crate::mishap::Mishap;
use crate::who::Signed;
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use basics::SiteId;
use incident::directory::DirectoryId;
use incident::messages::{Ask, Audience, Intent, OPEN_HOURS_DEFAULT, TEXT_BYTES_MAX};
use incident::{IncidentId, RoleKey};
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Template)]
#[template(path = "messages/write.html")]
struct WritePage {
    layout: Layout,
    bar: IncidentBar,
    refused: Option<String>,
    incident: u32,
    typed: Typed,
    asks: Vec<(&'static str, &'static str, &'static str, bool)>,
    on_duty: String,
    roles: Vec<RoleLine>,
    sites: Vec<(String, bool)>,
    people: Vec<(u32, String)>,
    text_max: usize,
    hours: u32,
}

struct RoleLine {
    key: String,
    title: String,
    who: String,
    chosen: bool,
}

/// The question: `?entry=` names people of the directory to write to.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Question {
    incident: String,
    ask: String,
    entry: String,
    /// Words that another page suggests: an accepted divert plan, for the sites.
    text: String,
}

const ASKS: [(Ask, &str, &str, &str); 3] = [
    (Ask::Read, "message", "A message", "They say that they have read it."),
    (Ask::Done, "task", "A task", "They say when it is done."),
    (Ask::RollCall, "roll-call", "A roll-call", "Safe? Where? Able to work until when?"),
];

fn page(look: &Look<'_>, incident: &str, typed: Typed, refused: Option<String>) -> Result<WritePage, Mishap> {
    let typed = typed.or("ask", "message").or("hours", OPEN_HOURS_DEFAULT.to_string());
    look.incidents(|book| {
        let incident = needed(book, incident)?;
        let duty = book.directory.duty(incident.ground(), book.now(look.now)).len();
        let mut holders: BTreeMap<&RoleKey, Vec<String>> = BTreeMap::new();
        for (post, posting) in incident.roles.all() {
            if let Some(holder) = &posting.holder {
                holders.entry(&post.role).or_default().push(holder.person.to_string());
            }
        }
        let roles = incident.cards.all().iter().map(|card| RoleLine {
            key: card.role.to_string(),
            title: card.title.clone(),
            who: match holders.get(&card.role) {
                Some(names) => names.join(", "),
                None if book.directory.role(&card.role, None).is_some() => "by the directory".to_owned(),
                None => String::new(),
            },
            chosen: typed.has("role", card.role.as_str()),
        });
        let mut roles: Vec<RoleLine> = roles.collect();
        roles.sort_by(|a, b| (a.who.is_empty(), &a.title).cmp(&(b.who.is_empty(), &b.title)));
        let named = typed
            .all("entry")
            .filter_map(|id| id.parse().ok())
            .filter_map(|id| Some((id, book.directory.entry(DirectoryId(id))?.words())));
        Ok(WritePage {
            layout: Layout::of_incident(look, "Write a message", Beside::Messages)
                .on(incident.ground())
                .still(),
            bar: IncidentBar::new(book, incident, "/messages/new"),
            refused,
            incident: incident.id.0,
            asks: ASKS.map(|(_, value, word, hint)| (value, word, hint, typed.has("ask", value))).to_vec(),
            on_duty: format!(
                "{} of the directory on duty, and everyone who holds a role",
                crate::names::counted(duty, "entry", "entries")
            ),
            roles,
            sites: book
                .hospitals
                .sites()
                .iter()
                .map(|site| (site.to_string(), typed.has("site", site.as_str())))
                .collect(),
            people: named.collect(),
            text_max: TEXT_BYTES_MAX,
            hours: incident::messages::OPEN_HOURS_MAX,
            typed: typed.clone(),
        })
    })
}

/// `GET /messages/new`
pub async fn show(State(desk): State<Desk>, visit: Visit, Asked(asked): Asked<Question>) -> Response {
    desk.page(visit, move |look| {
        let mut typed = Typed::default();
        if asked.ask == "roll-call" {
            typed = typed
                .or("ask", "roll-call")
                .or("text", "Roll-call: are you safe, where are you, and until when can you work?")
                .or("duty", "yes");
        }
        if !asked.text.is_empty() {
            typed = typed.or("text", basics::clip(&asked.text, TEXT_BYTES_MAX));
        }
        if !asked.entry.is_empty() {
            typed = typed.or("entry", asked.entry.as_str());
        }
        Ok(Html(page(look, &asked.incident, typed, None)?))
    })
    .await
}

/// `POST /messages/new`
pub async fn send(State(desk): State<Desk>, visit: Visit, Posted(typed): Posted<Typed>) -> Response {
    desk.page(visit, move |look| {
        let typed = typed?;
        look.answered(sent(look, &typed), |why| {
            let incident = typed.text("incident").to_owned();
            page(look, &incident, typed, Some(why))
        })
    })
    .await
}

fn sent(look: &Look<'_>, typed: &Typed) -> Result<Signed, Mishap> {
    let number = u32::try_from(typed.number("incident").unwrap_or(0)).unwrap_or(0);
    let ask =
        ASKS.into_iter().find(|(_, value, ..)| typed.has("ask", value)).map_or(Ask::Read, |(ask, ..)| ask);
    let who = look.signer(typed.text("by"))?;
    let hours = match typed.trimmed("hours") {
        "" => None,
        text => Some(text.parse().map_err(|_| {
            Mishap::Refused("Write for how many hours answers can be taken: a whole number.".to_owned())
        })?),
    };
    let salt = look.screens().room.incident().message_salt().map_err(Mishap::room("make the links"))?;
    let intent = Intent::Send {
        incident: IncidentId(number),
        ask,
        text: typed.text("text").to_owned(),
        to: audiences(typed)?,
        slips_only: typed.has("slips", "yes"),
        open_hours: hours,
        salt,
    };
    let receipt = look.decide("send the message", intent, &who)?;
    let id = look.incidents(|book| {
        let newest = book.messages.of_incident(IncidentId(number)).find(|m| m.sent.entry == receipt.entry);
        newest.map_or(0, |message| message.id.0)
    });
    let to = match ask {
        Ask::RollCall => format!("/roll-call?incident={number}&done=sent"),
        _ => format!("/messages/{id}?done=sent"),
    };
    Ok(Signed { to, who })
}

fn audiences(typed: &Typed) -> Result<Vec<Audience>, Mishap> {
    let mut to = Vec::new();
    if typed.has("duty", "yes") {
        to.push(Audience::OnDuty);
    }
    for key in typed.all("role") {
        let key =
            RoleKey::new(key).ok_or_else(|| Mishap::Refused("Choose the roles from the list.".to_owned()))?;
        to.push(Audience::Role(key));
    }
    let site = SiteId::new(typed.text("site"));
    for place in typed.text("place").split([';', '\n']).map(str::trim).filter(|place| !place.is_empty()) {
        to.push(Audience::Place { site: site.clone(), place: place.to_owned() });
    }
    to.extend(typed.all("entry").filter_map(|id| id.parse().ok()).map(|id| Audience::Entry(DirectoryId(id))));
    let machine = typed.trimmed("machine");
    if !machine.is_empty() {
        to.push(Audience::Machine(machine.to_owned()));
    }
    Ok(to)
}

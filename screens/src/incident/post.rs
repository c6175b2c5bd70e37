//! `GET` and `POST /incidents/{id}/post?role=&place=`: one role. Take it, hand it over, stay longer, name or release a
//! deputy, give it up.
//!
//! Always: the next one is told something at a handover; two who take a role at once: the second is told who has it.

use super::declare::signed_as;
use super::roles::{HolderLine, holder_line, post_address};
use super::times::next_at;
use super::with_incident;
use crate::desk::{Desk, Html, Look, Visit};
use crate::forms::{Asked, Posted, Typed};
use crate::layout::{Beside, Layout};
use crate::mishap::Mishap;
use crate::parts::Stamp;
use crate::who::Signed;
use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use basics::Moment;
use incident::roles::{Intent, SHIFT_HOURS_DEFAULT, SHIFT_HOURS_MAX};
use incident::{IncidentId, Person, Post, RoleKey};

#[derive(Template)]
#[template(path = "incident/post.html")]
struct PostPage {
    layout: Layout,
    refused: Option<String>,
    typed: Typed,
    id: u32,
    name: String,
    role: String,
    place: String,
    title: String,
    purpose: String,
    base: String,
    reports_to: String,
    holder: Option<HolderLine>,
    deputies: Vec<HolderLine>,
    before: Vec<(String, Stamp, Stamp)>,
    hours_default: i64,
    hours_max: i64,
    /// Which form was sent and came back.
    deed: String,
}

impl PostPage {
    /// What was typed in a field of the form that came back; other forms stay empty.
    fn was(&self, deed: &str, field: &str) -> &str {
        if self.deed == deed { self.typed.text(field) } else { "" }
    }
}

/// `GET /incidents/{id}/post`
pub async fn show(
    State(desk): State<Desk>,
    visit: Visit,
    Path(id): Path<u32>,
    Asked(typed): Asked<Typed>,
) -> Response {
    desk.page(visit, move |look| page(look, id, typed, None).map(Html)).await
}

/// `POST /incidents/{id}/post`
pub async fn send(
    State(desk): State<Desk>,
    visit: Visit,
    Path(id): Path<u32>,
    Posted(form): Posted<Typed>,
) -> Response {
    desk.page(visit, move |look| {
        let typed = form?;
        look.answered(send_now(look, id, &typed), |why| page(look, id, typed, Some(why)))
    })
    .await
}

fn post_of(typed: &Typed) -> Result<Post, Mishap> {
    let role = RoleKey::new(typed.trimmed("role")).ok_or_else(|| Mishap::NotFound {
        what: "There is no such role.".to_owned(),
        next: "Choose one from the list of roles.",
    })?;
    Ok(Post { role, place: typed.trimmed("place").to_owned() })
}

/// A shift's end as it was typed; `None` for the usual length.
fn shift(look: &Look<'_>, typed: &Typed) -> Result<Option<Moment>, Mishap> {
    let text = typed.trimmed("shift_ends");
    if text.is_empty() {
        return Ok(None);
    }
    let at = next_at(look.zone(), look.now, text);
    at.map(Some)
        .ok_or_else(|| Mishap::Refused(format!("“{text}” is no time. Write the end of the shift as 22:00.")))
}

fn named(typed: &Typed, field: &str, what: &str) -> Result<Person, Mishap> {
    Person::new(typed.text(field)).ok_or_else(|| Mishap::Refused(format!("Write the name of {what}.")))
}

fn send_now(look: &Look<'_>, id: u32, typed: &Typed) -> Result<Signed, Mishap> {
    let who = look.signer(typed.text("by"))?;
    let (incident, post) = (IncidentId(id), post_of(typed)?);
    let contact = typed.text("contact").to_owned();
    let reason = typed.text("reason").to_owned();
    let (intent, done) = match typed.text("deed") {
        "take" => {
            let person = Person::new(typed.text("person")).unwrap_or_else(|| who.clone());
            let shift_ends = shift(look, typed)?;
            (Intent::Take { incident, post: post.clone(), person, contact, shift_ends }, "role")
        }
        "hand-over" => {
            let briefing = typed.text("briefing").to_owned();
            let (from, to) = (named(typed, "from", "who hands over")?, named(typed, "to", "who takes over")?);
            let shift_ends = shift(look, typed)?;
            let post = post.clone();
            (Intent::HandOver { incident, post, from, to, contact, shift_ends, briefing }, "handover")
        }
        "stay" => {
            let shift_ends = shift(look, typed)?
                .ok_or_else(|| Mishap::Refused("Write until when, as 22:00.".to_owned()))?;
            (Intent::ExtendShift { incident, post: post.clone(), shift_ends, reason }, "role")
        }
        "deputy" => {
            let (person, shift_ends) = (named(typed, "person", "the deputy")?, shift(look, typed)?);
            (Intent::NameDeputy { incident, post: post.clone(), person, contact, shift_ends }, "role")
        }
        "release" => {
            let person = named(typed, "person", "the deputy")?;
            (Intent::ReleaseDeputy { incident, post: post.clone(), person }, "role")
        }
        "give-up" => (Intent::GiveUp { incident, post: post.clone(), reason }, "role"),
        _ => return Err(Mishap::Refused("Choose what to do with the role first.".to_owned())),
    };
    look.decide("change who holds the role", intent, &who)?;
    Ok(Signed { to: format!("{}&done={done}", post_address(id, &post)), who })
}

fn page(look: &Look<'_>, id: u32, typed: Typed, refused: Option<String>) -> Result<PostPage, Mishap> {
    let mut layout = Layout::of_incident(look, "Role", Beside::Incident).still();
    signed_as(&mut layout, &typed);
    let post = post_of(&typed)?;
    with_incident(look, id, |book, incident| {
        let posting = incident.roles.posting(&post);
        let card = incident.cards.card(&post.role);
        let text = |read: fn(&incident::action_cards::ActionCard) -> &String| {
            card.map_or_else(String::new, |card| read(card).clone())
        };
        let title = post.words(incident);
        let line = |h: &incident::roles::Holder| holder_line(look, book, h);
        PostPage {
            layout: Layout { title: title.clone(), ..layout }.on(incident.ground()),
            id,
            name: incident.name.clone(),
            role: post.role.to_string(),
            place: post.place.clone(),
            title,
            purpose: text(|c| &c.purpose),
            base: text(|c| &c.base),
            reports_to: text(|c| &c.reports_to),
            holder: incident.roles.holder(&post).map(line),
            deputies: posting.map_or_else(Vec::new, |p| p.deputies.iter().map(line).collect()),
            before: posting.map_or_else(Vec::new, |p| {
                let said = |(who, from, to): &(Person, Moment, Moment)| {
                    (who.to_string(), look.stamp(*from), look.stamp(*to))
                };
                p.before.iter().rev().map(said).collect()
            }),
            hours_default: SHIFT_HOURS_DEFAULT,
            hours_max: SHIFT_HOURS_MAX,
            deed: if refused.is_some() { typed.text("deed").to_owned() } else { String::new() },
            refused,
            typed,
        }
    })
}

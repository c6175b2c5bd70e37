//! `GET /incidents/{id}/roles`: who holds which role, who may stand in, whose shift ends.

use super::with_incident;
use crate::desk::{Desk, Html, Look, Visit};
use crate::layout::{Beside, Layout};
use crate::mishap::Mishap;
use crate::names::{capital, counted, encoded};
use crate::parts::{Level, Stamp};
use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use incident::action_cards::{Tier, posts_expected};
use incident::boards::SHIFT_WARNING_MINUTES;
use incident::roles::Holder;
use incident::{Incident, IncidentBook, Post};

#[derive(Template)]
#[template(path = "incident/roles.html")]
struct RolesPage {
    layout: Layout,
    id: u32,
    name: String,
    tiers: Vec<TierRows>,
    held_words: String,
    /// Every role with a card: key and title, for a post that is not listed.
    cards: Vec<(String, String)>,
}

struct TierRows {
    word: String,
    rows: Vec<RoleRow>,
}

struct RoleRow {
    address: String,
    title: String,
    holder: Option<HolderLine>,
    deputies: Vec<String>,
}

/// Who holds a post, in a line.
pub struct HolderLine {
    pub name: String,
    pub contact: String,
    pub since: Stamp,
    pub ends: Stamp,
}

/// A holder with the shift judged.
pub fn holder_line(look: &Look<'_>, book: &IncidentBook, holder: &Holder) -> HolderLine {
    let now = book.now(look.now);
    let left = holder.shift_ends.seconds_since(now);
    let ends = Stamp::new(holder.shift_ends, now, look.zone());
    HolderLine {
        name: holder.person.to_string(),
        contact: holder.contact.clone(),
        since: Stamp::new(holder.since.at, now, look.zone()),
        ends: match () {
            () if left <= 0 => ends.warned(Level::Red, "Shift over: hand over"),
            () if left <= SHIFT_WARNING_MINUTES * 60 => {
                ends.warned(Level::Amber, "Shift ends soon: hand over")
            }
            () => ends,
        },
    }
}

/// The page of a post.
pub fn post_address(id: u32, post: &Post) -> String {
    let place =
        if post.place.is_empty() { String::new() } else { format!("&place={}", encoded(&post.place)) };
    format!("/incidents/{id}/post?role={}{place}", post.role)
}

/// `GET /incidents/{id}/roles`
pub async fn show(State(desk): State<Desk>, visit: Visit, Path(id): Path<u32>) -> Response {
    desk.page(visit, move |look| page(look, id).map(Html)).await
}

fn page(look: &Look<'_>, id: u32) -> Result<RolesPage, Mishap> {
    let layout = Layout::of_incident(look, "Roles", Beside::Incident).typed_into();
    with_incident(look, id, |book, incident| {
        let mut posts = posts_expected(book, incident);
        posts.extend(incident.roles.all().map(|(post, _)| post.clone()));
        let mut seen = std::collections::BTreeSet::new();
        posts.retain(|post| seen.insert(post.clone()));
        // Commanders are there even when the cards do not name them.
        for role in ["tactical-commander", "strategic-commander"] {
            if let Some(post) = incident::RoleKey::new(role).map(Post::trust)
                && !posts.contains(&post)
            {
                posts.insert(0, post);
            }
        }
        let held = posts.iter().filter(|post| incident.roles.holder(post).is_some()).count();
        RolesPage {
            layout: layout.on(incident.ground()),
            id,
            name: incident.name.clone(),
            held_words: format!("{held} of {} held", counted(posts.len(), "role", "roles")),
            tiers: tiers(look, book, incident, &posts),
            cards: incident.cards.all().iter().map(|c| (c.role.to_string(), c.title.clone())).collect(),
        }
    })
}

fn tiers(look: &Look<'_>, book: &IncidentBook, incident: &Incident, posts: &[Post]) -> Vec<TierRows> {
    let tier_of = |post: &Post| match incident.cards.card(&post.role) {
        Some(card) => card.tier,
        None if post.role.as_str().starts_with("strategic") => Tier::Strategic,
        None if post.role.as_str().starts_with("tactical") => Tier::Tactical,
        None => Tier::Operational,
    };
    let mut out = Vec::new();
    for tier in [Tier::Strategic, Tier::Tactical, Tier::Operational, Tier::Support] {
        let of_tier = posts.iter().filter(|post| tier_of(post) == tier);
        let rows: Vec<RoleRow> = of_tier.map(|post| row(look, book, incident, post)).collect();
        if !rows.is_empty() {
            out.push(TierRows { word: capital(tier.word()), rows });
        }
    }
    out
}

fn row(look: &Look<'_>, book: &IncidentBook, incident: &Incident, post: &Post) -> RoleRow {
    let posting = incident.roles.posting(post);
    let deputies = posting.map_or(&[][..], |p| &p.deputies);
    RoleRow {
        address: post_address(incident.id.0, post),
        title: post.words(incident),
        holder: incident.roles.holder(post).map(|h| holder_line(look, book, h)),
        deputies: deputies.iter().map(|d| d.person.to_string()).collect(),
    }
}

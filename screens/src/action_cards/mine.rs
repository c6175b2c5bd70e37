//! `GET /cards/mine`: the card of whoever is at this screen, the next step first and large. `POST /cards/take`: whoever
//! holds no role takes one.
//!
//! Always: one person sees one card; whoever holds several chooses; whoever holds none is led to take one, and what is
//! held already names its holder.

use super::row::{CardView, overdue_mark, post_of};
use crate::chosen::{IncidentBar, chosen, needed};
use crate::desk::{Desk, Html, IntoPage, Look, Visit};
use crate::forms::{Asked, Posted};
use crate::layout::{Beside, Layout};
use crate::mishap::Mishap;
use crate::names::encoded;
use crate::parts::Mark;
use crate::who::Signed;
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use incident::action_cards::{CardBoard, HeldAt, card_board, posts_expected};
use incident::{Incident, IncidentBook, Person, Post, roles};
use serde::Deserialize;

#[derive(Template)]
#[template(path = "action_cards/mine.html")]
struct MyCardPage {
    layout: Layout,
    bar: IncidentBar,
    card: CardView,
    /// The person's other cards: address, title, overdue, this one.
    cards: Vec<OwnCard>,
    deputy: bool,
    back: String,
}

struct OwnCard {
    address: String,
    title: String,
    overdue: Option<Mark>,
    here: bool,
}

#[derive(Template)]
#[template(path = "action_cards/take.html")]
struct TakePage {
    layout: Layout,
    bar: Option<IncidentBar>,
    incident: u32,
    /// Posts that nobody holds: value, title, chosen.
    free: Vec<(String, String, bool)>,
    /// Posts that somebody holds: title, holder.
    held: Vec<(String, String)>,
    place: String,
    contact: String,
    by: String,
    refused: Option<String>,
}

/// `?incident=&role=&place=`
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Question {
    incident: String,
    role: String,
    place: String,
}

/// `GET /cards/mine`
pub async fn show(State(desk): State<Desk>, visit: Visit, Asked(asked): Asked<Question>) -> Response {
    desk.page(visit, move |look| {
        let page = look.incidents(|book| mine(look, book, &asked))?;
        match page {
            Some(page) => Html(page).into_page(),
            None => Html(take(look, &TakeForm { incident: asked.incident, ..TakeForm::default() }, None)?)
                .into_page(),
        }
    })
    .await
}

/// The person's card; `None` when there is no incident, nobody said who they are, or they hold nothing.
fn mine(look: &Look<'_>, book: &IncidentBook, asked: &Question) -> Result<Option<MyCardPage>, Mishap> {
    let Some(incident) = chosen(book, &asked.incident)? else { return Ok(None) };
    let Some(person) = &look.visit.who else { return Ok(None) };
    let own: Vec<(CardBoard, bool)> = incident
        .roles
        .of(person)
        .into_iter()
        .filter_map(|(post, deputy)| Some((card_board(book, incident, &post, look.now)?, deputy)))
        .collect();
    let wanted = post_of(&asked.role, &asked.place);
    let shown = own.iter().find(|(board, _)| Some(&board.post) == wanted.as_ref()).or(own.first());
    let Some((board, deputy)) = shown else { return Ok(None) };
    let card = CardView::new(look, book, incident.id, board);
    let address = |post: &Post| format!("/cards/mine?{}", super::row::post_query(incident.id, post));
    let cards = own.iter().map(|(b, _)| OwnCard {
        address: address(&b.post),
        title: b.title.clone(),
        overdue: overdue_mark(b.overdue),
        here: b.post == board.post,
    });
    Ok(Some(MyCardPage {
        layout: Layout::of_incident(look, format!("My card: {}", card.title), Beside::MyCard)
            .on(incident.ground()),
        bar: IncidentBar::new(book, incident, "/cards/mine"),
        cards: cards.collect(),
        deputy: *deputy,
        back: address(&board.post),
        card,
    }))
}

fn take(look: &Look<'_>, form: &TakeForm, refused: Option<String>) -> Result<TakePage, Mishap> {
    look.incidents(|book| {
        let incident = chosen(book, &form.incident)?;
        let mut layout = Layout::of_incident(look, "My card", Beside::MyCard).still();
        if let Some(incident) = incident {
            layout = layout.on(incident.ground());
        }
        let (free, held) = incident.map_or_else(Default::default, |i| posts(book, i, &form.post));
        let who = look.visit.who.as_ref().map_or_else(String::new, ToString::to_string);
        Ok(TakePage {
            layout,
            bar: incident.map(|i| IncidentBar::new(book, i, "/cards/mine")),
            incident: incident.map_or(0, |i| i.id.0),
            free,
            held,
            place: form.place.clone(),
            contact: form.contact.clone(),
            by: if form.by.is_empty() { who } else { form.by.clone() },
            refused,
        })
    })
}

/// A post that nobody holds: its value in the form, its words, whether it is the one asked for.
type FreePost = (String, String, bool);

/// Values of the form: "site-manager|Northgate General".
fn posts(book: &IncidentBook, incident: &Incident, wanted: &str) -> (Vec<FreePost>, Vec<(String, String)>) {
    let (mut free, mut held) = (Vec::new(), Vec::new());
    let value = |post: &Post| format!("{}|{}", post.role, post.place);
    for post in posts_expected(book, incident) {
        match incident.roles.holder(&post) {
            Some(holder) => held.push((post.words(incident), holder.person.to_string())),
            None => free.push((value(&post), post.words(incident), value(&post) == wanted)),
        }
    }
    // A card held on each ward has no expected post: whoever takes it says which ward.
    for card in incident.cards.all().iter().filter(|card| card.held == HeldAt::EachWard) {
        let value = format!("{}|", card.role);
        if !free.iter().any(|(v, ..)| *v == value) {
            let chosen = value == wanted;
            free.push((value, format!("{} (write your ward below)", card.title), chosen));
        }
    }
    (free, held)
}

/// The form.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct TakeForm {
    incident: String,
    post: String,
    place: String,
    contact: String,
    by: String,
}

/// `POST /cards/take`
pub async fn take_role(State(desk): State<Desk>, visit: Visit, Posted(form): Posted<TakeForm>) -> Response {
    desk.page(visit, move |look| {
        let form = form?;
        look.answered(taken(look, &form), |why| take(look, &form, Some(why)))
    })
    .await
}

fn taken(look: &Look<'_>, form: &TakeForm) -> Result<Signed, Mishap> {
    let who: Person = look.signer(&form.by)?;
    let incident = look.incidents(|book| needed(book, &form.incident).map(|i| i.id))?;
    let post = post_to_take(look, form)?;
    let to = format!(
        "/cards/mine?incident={}&role={}&place={}&done=role-taken",
        incident.0,
        post.role,
        encoded(&post.place)
    );
    let intent = roles::Intent::Take {
        incident,
        post,
        person: who.clone(),
        contact: form.contact.clone(),
        shift_ends: None,
    };
    look.decide("take the role", intent, &who)?;
    Ok(Signed { to, who })
}

/// The post of the form: one of the list, at the ward that was written where the card is held on each ward.
fn post_to_take(look: &Look<'_>, form: &TakeForm) -> Result<Post, Mishap> {
    let refused = |words: &str| Err(Mishap::Refused(words.to_owned()));
    let Some((role, place)) = form.post.split_once('|') else {
        return refused("Choose a role first.");
    };
    let Some(mut post) = post_of(role, place) else { return refused("Choose a role from the list.") };
    let card = look.incidents(|book| {
        let incident = needed(book, &form.incident)?;
        Ok::<_, Mishap>(incident.cards.card(&post.role).map(|card| card.held))
    })?;
    match card {
        None => refused("This incident has no card for that role: choose one from the list."),
        Some(HeldAt::EachWard) if form.place.trim().is_empty() => {
            refused("Write which hospital and ward: this card is held once on each ward.")
        }
        Some(HeldAt::EachWard) => {
            post.place = basics::tidy(&form.place, 200);
            Ok(post)
        }
        Some(_) => Ok(post),
    }
}

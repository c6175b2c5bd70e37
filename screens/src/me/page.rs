//! `GET /me`: who I am here, in which roles and where, how I get in, and where I am signed in.

use super::phone::{Phone, phones};
use super::sessions::{self, Row};
use crate::desk::{Desk, Html, Look, Visit};
use crate::forms::Asked;
use crate::layout::{Here, Layout};
use crate::mishap::Mishap;
use crate::sign_in::way_back;
use access::sessions::Kind;
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;

/// A step of setting up how somebody gets in.
struct Step {
    address: &'static str,
    words: &'static str,
    hint: &'static str,
    done: bool,
    /// The one to do now.
    next: bool,
}

#[derive(Template)]
#[template(path = "me/page.html")]
struct MePage {
    layout: Layout,
    name: String,
    number: String,
    roles: String,
    places: String,
    until: String,
    kind: &'static str,
    ends: String,
    newcomer: bool,
    /// What is still to do; empty when nothing is.
    steps: Vec<Step>,
    passphrase: bool,
    phones: Vec<Phone>,
    passkeys: usize,
    recovery: usize,
    sessions: Vec<Row>,
    back: String,
    /// What else of access is theirs to open: address and words.
    offices: Vec<(&'static str, &'static str)>,
}

/// The pages of access that are for some alone.
const OFFICES: [(&str, &str); 9] = [
    ("/people", "People and their accounts"),
    ("/rights", "Who may open what"),
    ("/devices", "Devices"),
    ("/sessions", "Who is signed in where"),
    ("/shift-cards", "Shift cards"),
    ("/access-alarms", "Alarms about access"),
    ("/access-record", "Who saw whom"),
    ("/access-record/reviews", "Broken glass to review"),
    ("/sign-everybody-out", "Sign everybody out"),
];

/// `?back=`
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Question {
    back: String,
}

/// `GET /me`
pub async fn show(State(desk): State<Desk>, visit: Visit, Asked(asked): Asked<Question>) -> Response {
    desk.page(visit, move |look| Ok(Html(page(look, way_back(&asked.back))?))).await
}

fn page(look: &Look<'_>, back: &str) -> Result<MePage, Mishap> {
    let visitor = look.visitor()?;
    let account = &visitor.account;
    let (passphrase, passkeys, recovery) = look.access().read(|book| {
        let mine = book.credentials(&visitor.number);
        (mine.passphrase.is_some(), mine.passkeys.len(), mine.recovery.len())
    });
    let phones = phones(look, &visitor.number);
    let mut steps = steps(passphrase, !phones.is_empty(), recovery > 0);
    // Whoever is here for one shift by a card needs nothing more.
    let settled = steps.iter().all(|step| step.done) || (account.temporary && !visitor.newcomer);
    if settled || passkeys > 0 {
        steps.clear();
    }
    let until = match account.valid_until {
        Some(at) => format!("until {}", look.zone().clinical(at)),
        None => "as long as you work here".to_owned(),
    };
    Ok(MePage {
        layout: Layout::new(look, "My own page", Here::Nowhere).still(),
        name: account.name.to_string(),
        number: visitor.number.to_string(),
        roles: account.roles_words(),
        places: account.scope.to_string(),
        until,
        kind: match visitor.kind {
            Kind::Shared => "a screen of many",
            Kind::Own => "your own device",
            Kind::Visiting => "a device that is not enrolled: it is signed out when it is left alone",
        },
        ends: look.zone().clinical(visitor.ends),
        newcomer: visitor.newcomer,
        steps,
        passphrase,
        phones,
        passkeys,
        recovery,
        sessions: sessions::rows(look)?,
        back: back.to_owned(),
        offices: OFFICES.into_iter().filter(|(address, _)| look.may_open(address)).collect(),
    })
}

fn steps(passphrase: bool, phone: bool, recovery: bool) -> Vec<Step> {
    let step = |address, words, hint, done| Step { address, words, hint, done, next: false };
    let mut steps = vec![
        step(
            "/me/passphrase",
            "Choose a passphrase",
            "four words or more, that you can remember",
            passphrase,
        ),
        step("/me/phone", "Add your phone", "it shows a code, with or without a network", phone),
        step("/me/recovery", "Print recovery codes", "for the day when the phone is lost", recovery),
    ];
    if let Some(next) = steps.iter_mut().find(|step| !step.done) {
        next.next = true;
    }
    steps
}

#[cfg(test)]
mod tests {
    use super::steps;

    #[test]
    fn the_first_step_that_is_not_done_is_the_next() {
        for (done, next) in [
            ((false, false, false), Some("/me/passphrase")),
            ((true, false, false), Some("/me/phone")),
            ((true, true, false), Some("/me/recovery")),
            ((false, true, false), Some("/me/passphrase")),
            ((true, true, true), None),
        ] {
            let steps = steps(done.0, done.1, done.2);
            let found: Vec<_> = steps.iter().filter(|step| step.next).map(|step| step.address).collect();
            assert_eq!(found, next.into_iter().collect::<Vec<_>>(), "{done:?}");
        }
    }
}

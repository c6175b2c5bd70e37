//! Ambulance diverts: the board, its map and its plain list; one divert's life; a site's own page; moved patients; plans.
//!
//! Always: real is told from exercise on every page and form; a form that is not taken comes back with everything that
//! was typed; what is old says so. Each page's file lists what it needs, its `.html` shows it. Proved by
//! `screens/tests/diverts.rs` and the journey in `lifeboat/tests/browser/diverts.rs`.

mod alert;
mod ask;
mod board;
mod divert;
mod list;
mod map;
mod moved;
mod plan;
mod plan_pdf;
mod plans;
mod setup;
mod site;
mod told;

pub use ask::{ask, show as ask_form};
pub use board::{map_page, show as board_page};
pub use divert::{deed as divert_deed, show as divert_page};
pub use list::show as list_page;
pub use moved::{show as moved_page, tell as moved_tell};
pub use plan::{deed as plan_deed, show as plan_page};
pub use plan_pdf::{list as list_pdf, show as plan_pdf};
pub use plans::{propose as plans_propose, show as plans_page};
pub use setup::{deed as setup_deed, show as setup_page};
pub use site::{deed as site_deed, show as site_page};
pub use told::slips as plan_slips;

use crate::desk::{Html, IntoPage, Look};
use crate::forms::Typed;
use crate::layout::{Beside, Layout};
use crate::mishap::Mishap;
use crate::who::Signed;
use axum::response::Response;
use basics::SiteId;
use incident::declare::Nature;
use incident::diverts::{Intent, Pathway, Standing};
use incident::{Ground, IncidentBook, IncidentId, Person};
use serde::Deserialize;

/// Largest upload: a neighbour's report.
pub const UPLOAD_BYTES_MAX: usize = incident::diverts::HAVE_BYTES_MAX + (64 << 10);

/// `?exercise=`: 0 for what is real, the number of an incident for its exercise, nothing for what most people mean.
#[derive(Deserialize, Default, Clone)]
#[serde(default)]
pub struct Question {
    exercise: String,
}

/// On which ground a page stands, and how its addresses say so.
#[derive(Clone, Debug)]
pub struct Place {
    /// The ground.
    pub ground: Ground,
    /// The value of `exercise` in forms and addresses.
    pub number: u32,
    /// Addresses must say it, because leaving it out would mean another ground.
    said: bool,
    /// The other grounds on which something runs: address end and word.
    pub others: Vec<(String, String)>,
}

impl Place {
    /// As the address or form says; else real while anything real or nothing runs, else the newest exercise.
    pub fn of(book: &IncidentBook, asked: &str) -> Result<Self, Mishap> {
        let exercises: Vec<_> = book.running().filter(|i| i.nature != Nature::Real).collect();
        let real_runs = book.running().any(|i| i.nature == Nature::Real);
        let usual = if real_runs { 0 } else { exercises.first().map_or(0, |i| i.id.0) };
        let number = asked.parse::<u32>().unwrap_or(usual);
        let ground = if number == 0 { Ground::Real } else { Ground::Exercise(IncidentId(number)) };
        if number != 0 && book.incident(IncidentId(number)).is_none_or(|i| i.ground() != ground) {
            return Err(Mishap::NotFound {
                what: "There is no such exercise.".to_owned(),
                next: "Go back to the divert board.",
            });
        }
        let mut others: Vec<(String, String)> = exercises
            .iter()
            .filter(|i| i.id.0 != number)
            .map(|i| (format!("?exercise={}", i.id.0), format!("EXERCISE {}", i.name)))
            .collect();
        if number != 0 {
            others.insert(0, ("?exercise=0".to_owned(), "Real diverts".to_owned()));
        }
        Ok(Self { ground, number, said: number != 0 || usual != 0, others })
    }

    /// What an address must carry besides, so that one ground never turns into the other: "" or "?exercise=3".
    pub fn query(&self) -> String {
        if self.said { format!("?exercise={}", self.number) } else { String::new() }
    }

    /// The same, after a `?` that is there already.
    pub fn also(&self) -> String {
        if self.said { format!("&exercise={}", self.number) } else { String::new() }
    }

    /// The address of a page with the note of what was done.
    pub fn done(&self, address: &str, done: &str) -> String {
        format!("{address}?done={done}{}", self.also())
    }
}

/// The frame of a divert page.
fn layout(look: &Look<'_>, title: impl Into<String>, place: &Place) -> Layout {
    Layout::of_incident(look, title, Beside::Diverts).on(place.ground)
}

/// A pathway as a form or an address writes it.
fn code(pathway: Pathway) -> &'static str {
    match pathway {
        Pathway::Resuscitation => "resuscitation",
        Pathway::MajorTrauma => "trauma",
        Pathway::HyperAcuteStroke => "stroke",
        Pathway::PrimaryPci => "pci",
        Pathway::Children => "children",
        Pathway::Obstetrics => "obstetrics",
        Pathway::General => "general",
    }
}

fn pathway_of(code_sent: &str) -> Option<Pathway> {
    Pathway::ALL.into_iter().find(|p| code(*p) == code_sent)
}

/// A pathway that a form offers.
pub struct Tick {
    pub value: String,
    pub words: String,
    pub chosen: bool,
}

/// The pathways that a form offers, ticked as they were.
fn pathway_ticks(offered: &[Pathway], typed: &Typed) -> Vec<Tick> {
    let tick = |p: &Pathway| Tick {
        value: code(*p).to_owned(),
        words: p.words().to_owned(),
        chosen: typed.has("pathway", code(*p)),
    };
    offered.iter().map(tick).collect()
}

fn pathways_of(typed: &Typed) -> Vec<Pathway> {
    typed.all("pathway").filter_map(pathway_of).collect()
}

/// A site named by an address or a form.
fn site_of(book: &IncidentBook, name: &str) -> Result<SiteId, Mishap> {
    SiteId::new(name).filter(|site| book.diverts.site(site).is_ok()).ok_or_else(|| Mishap::NotFound {
        what: format!("There is no site called {} on the divert board.", basics::clip(name, 80)),
        next: "Choose one from the divert board.",
    })
}

/// A site that a form chose; the refusal says what to do.
fn chosen_site(text: &str) -> Result<SiteId, Mishap> {
    SiteId::new(text).ok_or_else(|| Mishap::Refused("Choose a site.".to_owned()))
}

fn person(text: &str, missing: &str) -> Result<Person, Mishap> {
    Person::new(text).ok_or_else(|| Mishap::Refused(missing.to_owned()))
}

/// The style sheet's name for a standing.
fn standing_class(standing: Standing) -> &'static str {
    match standing {
        Standing::Open => "open",
        Standing::Limited => "limited",
        Standing::Divert => "divert",
        Standing::Closed => "closed",
    }
}

/// Does it, signed; the next page, or the form's page again with the refusal in words.
fn does<P: askama::Template>(
    look: &Look<'_>,
    typed: &Typed,
    done: impl FnOnce(&Person) -> Result<String, Mishap>,
    again: impl FnOnce(String) -> Result<P, Mishap>,
) -> Result<Response, Mishap> {
    let done = look.signer(typed.text("by")).and_then(|who| Ok(Signed { to: done(&who)?, who }));
    look.answered(done, again)
}

/// Puts it to the rules.
fn decide(look: &Look<'_>, intent: Intent, who: &Person) -> Result<(), Mishap> {
    look.decide("write this about diverts into the record", intent, who).map(drop)
}

/// A page, as an answer.
fn page<P: askama::Template>(page: P) -> Result<Response, Mishap> {
    Html(page).into_page()
}

/// Thousandths an hour as people say them: "1.2", "0.04", "0".
fn per_h(milli: u32) -> String {
    match milli {
        0 => "0".to_owned(),
        1..100 => format!("{:.3}", f64::from(milli) / 1000.0).trim_end_matches('0').to_owned(),
        _ => format!("{:.1}", f64::from(milli) / 1000.0),
    }
}

/// Thousandths of a load in per cent: "92 %".
fn percent(milli: u32) -> String {
    format!("{} %", (milli + 5) / 10)
}

/// Minutes and seconds left in words for a cell: "32 min left"; under a minute says so.
fn left(seconds: i64) -> String {
    match seconds {
        ..=0 => "time is up".to_owned(),
        1..60 => "under 1 min left".to_owned(),
        _ => format!("{} min left", seconds / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_said_as_people_say_them() {
        for (milli, words) in
            [(0, "0"), (7, "0.007"), (40, "0.04"), (100, "0.1"), (1_250, "1.2"), (20_000, "20.0")]
        {
            assert_eq!(per_h(milli), words, "{milli}");
        }
        for (seconds, words) in
            [(-3, "time is up"), (59, "under 1 min left"), (61, "1 min left"), (3_600, "60 min left")]
        {
            assert_eq!(left(seconds), words);
        }
        assert_eq!(percent(924), "92 %");
        assert!(Pathway::ALL.into_iter().all(|p| pathway_of(code(p)) == Some(p)));
    }
}

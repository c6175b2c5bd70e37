//! `GET /diverts/{number}` and `POST /diverts/{number}/{deed}`: one divert from its request to its end.
//!
//! Always: only what can be done now is offered; whoever was slower is told who was faster, and what was typed stays.

use super::{
    Place, Question, Tick, chosen_site, code, decide, does, layout, left, page, pathway_of, pathway_ticks,
    pathways_of, person,
};
use crate::desk::{Desk, Look, Visit};
use crate::forms::{Asked, Posted, Typed};
use crate::layout::Layout;
use crate::mishap::Mishap;
use crate::parts::Stamp;
use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use basics::Moment;
use incident::diverts::{Divert, Figures, Intent, Receiver, Stage, board};
use incident::{IncidentBook, Person};

#[derive(Template)]
#[template(path = "diverts/divert.html")]
struct DivertPage {
    layout: Layout,
    place: Place,
    refused: Option<String>,
    /// The deed that was refused: its form is the one that stands open.
    deed: String,
    typed: Typed,
    number: u32,
    title: String,
    stage: &'static str,
    requested: bool,
    active: bool,
    reason: String,
    asked_by: String,
    asked_at: Stamp,
    until: Stamp,
    seen_ms: i64,
    left: String,
    ask_now: bool,
    words: Vec<String>,
    receivers: Vec<ReceiverLine>,
    covered: bool,
    executive: String,
    commander: String,
    authorised: Option<(String, String, Stamp)>,
    renewals: Vec<(String, String, Stamp)>,
    expiry_asked: Option<(String, Stamp)>,
    back: Vec<(String, Stamp)>,
    over: Option<(String, String, Stamp)>,
    overrides: Vec<(String, Stamp)>,
    pathways: Vec<Tick>,
    follows: Option<u32>,
    log: Vec<(u64, String, Stamp)>,
    usual_minutes: u32,
    go_on: String,
    /// What was typed into a form that is not there any more.
    kept: Vec<String>,
}

struct ReceiverLine {
    site: String,
    words: String,
    tag: &'static str,
    answer: &'static str,
    by: String,
    at: Option<Stamp>,
}

fn find(book: &IncidentBook, place: &Place, number: u32) -> Result<Divert, Mishap> {
    book.diverts.on(place.ground).divert(number).cloned().map_err(|why| Mishap::NotFound {
        what: format!("{}.", crate::names::capital(&why.to_string())),
        next: "Go back to the divert board.",
    })
}

/// `GET /diverts/{number}`
pub async fn show(
    State(desk): State<Desk>,
    visit: Visit,
    Path(number): Path<String>,
    Asked(asked): Asked<Question>,
) -> Response {
    desk.page(visit, move |look| {
        let place = look.incidents(|book| Place::of(book, &asked.exercise))?;
        page(divert_page(look, place, &number, Typed::default(), None, "")?)
    })
    .await
}

fn divert_page(
    look: &Look<'_>,
    place: Place,
    number: &str,
    typed: Typed,
    refused: Option<String>,
    deed: &str,
) -> Result<DivertPage, Mishap> {
    let number = number.parse().unwrap_or(0);
    let divert = look.incidents(|book| find(book, &place, number))?;
    let shown = look.incidents(|book| board(book, place.ground, look.now));
    let row = shown.diverts.iter().find(|row| row.divert.number == number);
    let stage = divert.stage(shown.now);
    let covered = look.incidents(|book| book.diverts.uncovered(place.ground, &divert, shown.now).is_none());
    let both = |a: &incident::diverts::Authorised| {
        (a.executive.to_string(), a.commander.to_string(), look.stamp(a.stamp.at))
    };
    let last = divert.renewals.last().or(divert.authorised.as_ref());
    let mut layout = layout(look, crate::names::capital(&divert.words()), &place).typed_into();
    if refused.is_some() {
        layout = layout.still();
    }
    let overrides = look.incidents(|book| {
        let own = book.diverts.on(place.ground).overrides.iter().filter(|o| o.divert == number);
        own.map(|o| (format!("Crew {}, {}: {}", o.crew, o.pathway.words(), o.reason), look.stamp(o.stamp.at)))
            .collect()
    });
    Ok(DivertPage {
        refused,
        deed: deed.to_owned(),
        number,
        title: crate::names::capital(&divert.words()),
        stage: stage.word(),
        requested: stage == Stage::Requested,
        active: stage == Stage::Active,
        reason: divert.reason.clone(),
        asked_by: divert.requested.by.to_string(),
        asked_at: look.stamp(divert.requested.at),
        until: look.stamp(divert.until),
        seen_ms: divert.until.milliseconds(),
        left: left(divert.left_seconds(shown.now)),
        ask_now: row.is_some_and(|row| row.ask_now),
        words: row.map_or_else(Vec::new, |row| row.words.clone()),
        receivers: divert.receivers.iter().map(|r| receiver(look, r)).collect(),
        covered,
        executive: last.map_or_else(String::new, |a| a.executive.to_string()),
        commander: last.map_or_else(String::new, |a| a.commander.to_string()),
        authorised: divert.authorised.as_ref().map(both),
        renewals: divert.renewals.iter().map(both).collect(),
        expiry_asked: divert.expiry_asked.as_ref().map(|(names, s)| (names.join(", "), look.stamp(s.at))),
        back: divert.back.iter().map(|(p, s)| (p.words().to_owned(), look.stamp(s.at))).collect(),
        over: over(look, &divert, stage),
        overrides,
        pathways: pathway_ticks(&divert.pathways, &typed),
        follows: divert.follows,
        log: log(look, &place, &divert),
        usual_minutes: look.incidents(|book| book.diverts.rules.expiry_minutes),
        go_on: format!(
            "/diverts/ask?from={}&follows={number}{}",
            crate::names::encoded(divert.from.as_str()),
            place.also()
        ),
        kept: if matches!(stage, Stage::Requested | Stage::Active) { Vec::new() } else { kept(&typed) },
        typed,
        layout,
        place,
    })
}

/// What was typed in a form's boxes, so that no refusal loses it.
pub fn kept(typed: &Typed) -> Vec<String> {
    let fields = ["reason", "figures", "crew", "sooner", "executive", "commander"];
    fields.into_iter().map(|field| typed.trimmed(field).to_owned()).filter(|text| !text.is_empty()).collect()
}

fn over(look: &Look<'_>, divert: &Divert, stage: Stage) -> Option<(String, String, Stamp)> {
    match (&divert.over, stage) {
        (Some((stage, stamp, why)), _) => {
            let at = if *stage == Stage::Expired { divert.until } else { stamp.at };
            Some((crate::names::capital(stage.word()), why.clone(), look.stamp(at)))
        }
        (None, Stage::Expired) => {
            Some(("Expired".to_owned(), "its time ran out".to_owned(), look.stamp(divert.until)))
        }
        _ => None,
    }
}

fn receiver(look: &Look<'_>, receiver: &Receiver) -> ReceiverLine {
    let (tag, answer) = match &receiver.answer {
        None => ("amber", "has not answered"),
        Some(answer) if answer.consents => ("green", "consents"),
        Some(_) => ("red", "refused"),
    };
    ReceiverLine {
        site: receiver.site.to_string(),
        words: receiver.words(),
        tag,
        answer,
        by: receiver.answer.as_ref().map_or_else(String::new, |a| a.stamp.by.to_string()),
        at: receiver.answer.as_ref().map(|a| look.stamp(a.stamp.at)),
    }
}

/// The log's lines about it, the oldest first.
fn log(look: &Look<'_>, place: &Place, divert: &Divert) -> Vec<(u64, String, Stamp)> {
    let name = format!("divert {} of {}", divert.number, divert.from);
    let asked = format!("(divert {}", divert.number);
    let exercise = place.ground.watermark();
    look.incidents(|book| {
        let own = book.log.lines().iter().filter(|line| {
            let text = line.text.as_ref();
            let ground = exercise.is_some() == text.starts_with("EXERCISE");
            ground
                && (text.contains(&format!("{name} "))
                    || (line.entry == divert.requested.entry && text.contains(&asked)))
        });
        own.map(|line| (line.entry.0, line.text.to_string(), look.stamp(line.at))).take(200).collect()
    })
}

/// `POST /diverts/{number}/{deed}`
pub async fn deed(
    State(desk): State<Desk>,
    visit: Visit,
    Path((number, deed)): Path<(String, String)>,
    Posted(typed): Posted<Typed>,
) -> Response {
    desk.page(visit, move |look| {
        let typed = typed?;
        let place = look.incidents(|book| Place::of(book, typed.text("exercise")))?;
        let divert = look.incidents(|book| find(book, &place, number.parse().unwrap_or(0)))?;
        let done = |who: &Person| {
            let (intent, done) = intent(&typed, &place, &divert, &deed)?;
            decide(look, intent, who)?;
            Ok(place.done(&format!("/diverts/{}", divert.number), done))
        };
        let again = |why| divert_page(look, place.clone(), &number, typed.clone(), Some(why), &deed);
        does(look, &typed, done, again)
    })
    .await
}

fn intent(
    typed: &Typed,
    place: &Place,
    divert: &Divert,
    deed: &str,
) -> Result<(Intent, &'static str), Mishap> {
    let (ground, number) = (place.ground, divert.number);
    let reason = typed.trimmed("reason").to_owned();
    let both = || {
        let executive = person(typed.text("executive"), "Name the executive who authorises it.")?;
        let commander = person(typed.text("commander"), "Name the ambulance service's commander.")?;
        Ok::<_, Mishap>((executive, commander))
    };
    Ok(match deed {
        "answer" => {
            let consents = match typed.trimmed("answer") {
                "consent" => true,
                "refuse" => false,
                _ => return Err(Mishap::Refused("Say whether the site consents or refuses.".to_owned())),
            };
            let site = chosen_site(typed.trimmed("site"))?;
            let figures = figures(typed)?;
            (Intent::Answer { ground, number, site, consents, figures, reason }, "divert-answered")
        }
        "authorise" => {
            let (executive, commander) = both()?;
            (Intent::Authorise { ground, number, executive, commander }, "divert-authorised")
        }
        "renew" => {
            let (executive, commander) = both()?;
            let seen = typed.trimmed("seen").parse().map(Moment::from_milliseconds).unwrap_or(divert.until);
            let minutes = super::ask::minutes(typed)?;
            (Intent::Renew { ground, number, executive, commander, minutes, seen, reason }, "divert-renewed")
        }
        "end" => {
            let sooner_because = typed.trimmed("sooner").to_owned();
            let pathways = pathways_of(typed);
            (Intent::End { ground, number, pathways, reason, sooner_because }, "divert-ended")
        }
        "withdraw" => (Intent::Withdraw { ground, number, reason }, "divert-withdrawn"),
        "override" => {
            let pathway = pathway_of(typed.trimmed("pathway"))
                .ok_or_else(|| Mishap::Refused("Choose as what the patient came.".to_owned()))?;
            let crew = typed.trimmed("crew").to_owned();
            (Intent::Override { ground, number, crew, pathway, reason }, "divert-override")
        }
        _ => return Err(Mishap::no_page()),
    })
}

/// Figures in the short form, if any were written.
fn figures(typed: &Typed) -> Result<Option<Figures>, Mishap> {
    match typed.trimmed("figures") {
        "" => Ok(None),
        text => Figures::read(text)
            .map(Some)
            .map_err(|why| Mishap::Refused(crate::mishap::sentence(&why.to_string()))),
    }
}

impl DivertPage {
    /// Whether a part with a form stands open.
    fn open(&self, deed: &str) -> bool {
        self.deed == deed
    }

    /// What was typed in a form's field, if that form was sent.
    fn was(&self, deed: &str, field: &str) -> &str {
        if self.deed == deed { self.typed.text(field) } else { "" }
    }

    /// What was typed, else what stood there last time.
    fn name(&self, deed: &str, field: &str) -> &str {
        match (self.was(deed, field), field) {
            ("", "executive") => &self.executive,
            ("", "commander") => &self.commander,
            (typed, _) => typed,
        }
    }

    /// The first pathway's value, for the form of a crew.
    fn is_pathway(&self, value: &str) -> bool {
        self.was("override", "pathway") == value && pathway_of(value).is_some_and(|p| code(p) == value)
    }
}

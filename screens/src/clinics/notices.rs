//! `GET`, `POST /clinics/notices`: who would be told what, counted before anything leaves; then sent, followed, printed.
//!
//! Always: a dry run first, with who gets none and why; what is sent is what was counted, or nothing; letters are printed
//! and then said to be posted. Never: a notice without a telephone number.

use super::row::Patient;
use super::{Place, Question, board, decide};
use crate::desk::{Desk, Html, Look, Visit};
use crate::forms::{Asked, Posted, Typed};
use crate::layout::{Beside, Layout};
use crate::mishap::Mishap;
use crate::names::thousands;
use crate::parts::{Level, Mark, Stamp};
use crate::who::Signed;
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use care::clinics::wanted::Telling;
use care::clinics::{Notice, NoticeState};
use care::notices::Channel;
use control_room::practice_of;

/// Notices in one entry of the book.
const AT_ONCE: usize = 500;
/// Samples of what would be sent.
const SAMPLES_MAX: usize = 4;
/// People listed to whom nothing is sent, and failures listed.
const LISTED_MAX: usize = 100;
/// Notices listed.
const NEWEST_MAX: usize = 30;

#[derive(Template)]
#[template(path = "clinics/notices.html")]
struct NoticesPage {
    layout: Layout,
    place: Place,
    links: Vec<(String, &'static str)>,
    refused: Option<String>,
    ready: usize,
    by_channel: Vec<(usize, &'static str)>,
    calls: usize,
    calls_address: String,
    left_out: Vec<(Patient, String)>,
    left_out_total: usize,
    faults: Vec<String>,
    samples: Vec<Sample>,
    letters: usize,
    letters_pdf: String,
    last_letter: u32,
    states: Vec<(usize, Mark)>,
    failures: Vec<(Stamp, u32, String, String)>,
    newest: Vec<(Stamp, u32, String, Mark)>,
    total: String,
    waits_for_permission: bool,
    /// What cannot leave the house, what happens instead, and what to set up.
    no_gateway: Option<String>,
    door: String,
    caution: Option<String>,
}

struct Sample {
    words: String,
    to: String,
    subject: String,
    text: String,
    reading: String,
    segments: String,
    notes: Vec<String>,
}

/// `GET /clinics/notices`
pub async fn show(State(desk): State<Desk>, visit: Visit, Asked(asked): Asked<Question>) -> Response {
    desk.page(visit, move |look| {
        let place = Place::new(look, &asked.incident, "", &asked.site, "/clinics/notices")?;
        Ok(Html(page(look, place, None)?))
    })
    .await
}

fn page(look: &Look<'_>, place: Place, refused: Option<String>) -> Result<NoticesPage, Mishap> {
    let room = &look.screens().room;
    let plan = room
        .clinic_notices(place.on.ground, place.site.as_ref(), look.now)
        .map_err(Mishap::room("plan notices"))?;
    let count = |channel| plan.ready.iter().filter(|n| n.channel == channel).count();
    let by_channel = Channel::ALL.map(|channel| (count(channel), channel.word()));
    let mut samples: Vec<Sample> = Vec::new();
    let mut shown: Vec<(Channel, care::notices::Message, care::notices::Language, care::notices::Format)> =
        Vec::new();
    for (planned, notice) in plan.ready.iter().zip(&plan.composed) {
        let kind = (notice.channel, notice.message, notice.language, notice.format);
        if samples.len() < SAMPLES_MAX && !shown.contains(&kind) {
            shown.push(kind);
            look.saw([planned.patient]);
            samples.push(sample(planned, notice));
        }
    }
    let (states, failures, newest, total) = room.clinics().read(|book| {
        let notices = &book.picture(practice_of(place.on.ground)).notices;
        let of = |wanted: fn(&NoticeState) -> bool| notices.iter().filter(|n| wanted(&n.state)).count();
        let states = vec![
            (of(|s| *s == NoticeState::OnItsWay), Mark::new(Level::Amber, "on their way")),
            (of(|s| *s == NoticeState::Sent), Mark::new(Level::Amber, "sent, arrival not known")),
            (
                of(|s| matches!(s, NoticeState::Delivered | NoticeState::Confirmed)),
                Mark::new(Level::Good, "arrived"),
            ),
            (of(|s| matches!(s, NoticeState::Failed(_))), Mark::new(Level::Red, "failed")),
            (
                of(|s| matches!(s, NoticeState::Withdrawn(_))),
                Mark::new(Level::Plain, "withdrawn before they left"),
            ),
        ];
        let failures: Vec<_> = notices
            .iter()
            .rev()
            .filter_map(|n| match &n.state {
                NoticeState::Failed(why) => Some((look.stamp(n.state_at), n.number, way(n), why.clone())),
                _ => None,
            })
            .take(LISTED_MAX)
            .collect();
        let newest: Vec<_> = notices
            .iter()
            .rev()
            .take(NEWEST_MAX)
            .map(|n| (look.stamp(n.stamp.at), n.number, way(n), state_mark(&n.state)))
            .collect();
        (states, failures, newest, thousands(notices.len() as u64))
    });
    let exercise = practice_of(place.on.ground).is_some();
    Ok(NoticesPage {
        links: board::links(&place),
        refused,
        ready: plan.ready.len(),
        by_channel: by_channel.into_iter().filter(|(n, _)| *n > 0).collect(),
        calls: plan.calls.len(),
        calls_address: place.address("/clinics/calls", ""),
        left_out_total: plan.left_out.len(),
        left_out: plan
            .left_out
            .iter()
            .take(LISTED_MAX)
            .map(|l| (Patient::new(look, &l.record), l.why.clone()))
            .collect(),
        faults: plan.faults,
        samples,
        letters: room.letters_to_print(place.on.ground).len(),
        last_letter: last_letter(look, &place),
        letters_pdf: place.address("/clinics/letters.pdf", ""),
        states: states.into_iter().filter(|(n, _)| *n > 0).collect(),
        failures,
        newest,
        total,
        waits_for_permission: exercise
            && !look.incidents(|book| book.messages.may_reach_phones(place.on.ground)),
        no_gateway: no_gateway(look, &place),
        door: place.address("/clinics/door", ""),
        caution: room
            .clinics()
            .forms
            .templates
            .caution(care::notices::Language::Welsh)
            .map(|words| format!("Welsh notices: {words}.")),
        layout: Layout::of_incident(look, "Notices", Beside::Clinics).on(place.on.ground).still(),
        place,
    })
}

/// What cannot leave the house: said before anybody presses anything, with what becomes of those patients.
fn no_gateway(look: &Look<'_>, place: &Place) -> Option<String> {
    let clinics = look.screens().room.clinics();
    let gateways = clinics.gateways();
    let lacking = gateways.lacking()?;
    let cannot = |channel: Channel| match channel {
        Channel::Sms => !gateways.texts,
        Channel::Email => !gateways.mails,
        Channel::Letter | Channel::Phone => false,
    };
    let stuck = clinics.read(|book| {
        let notices = &book.picture(practice_of(place.on.ground)).notices;
        let stuck = notices.iter().filter(|n| n.state == NoticeState::OnItsWay && cannot(n.planned.channel));
        stuck.count()
    });
    let (why, mend) = match look.screens().post {
        Some(_) => ("No gateway carries them", "set a gateway up under [outbound] in the configuration"),
        None => ("The outbox could not be opened", "look into the program’s log, where it says why"),
    };
    let mut words = format!(
        "No {lacking} can leave: who would have got one gets a letter where the post is quick enough, or is to be rung. \
         {why}; {mend}, ask “lifeboat doctor”, and start Lifeboat again."
    );
    if stuck > 0 {
        let (they, wait) = if stuck == 1 { ("notice", "waits") } else { ("notices", "wait") };
        words.push_str(&format!(
            " {stuck} {they} of before still {wait} in the outbox; until they are heard of, those patients are on the door list."
        ));
    }
    Some(words)
}

fn sample(planned: &care::clinics::Planned, notice: &care::notices::Notice) -> Sample {
    Sample {
        words: format!("{}, {}, {}", notice.channel.word(), notice.message.word(), notice.language.word()),
        to: planned.name.clone(),
        subject: notice.subject.clone(),
        text: notice.text.clone(),
        reading: match notice.reading_age {
            Some(age) => format!("reading age {age}"),
            None => "reading age not measured".to_owned(),
        },
        segments: notice.segments.map_or_else(String::new, |s| format!("{} parts", s.count)),
        notes: notice.notes.clone(),
    }
}

fn way(notice: &Notice) -> String {
    let n = notice.planned.bookings.len();
    format!("{}, {}", notice.planned.channel.word(), board::bookings(n))
}

/// How a notice fares, as a mark.
pub fn state_mark(state: &NoticeState) -> Mark {
    match state {
        NoticeState::Failed(why) => Mark::new(Level::Red, format!("Failed: {why}")),
        NoticeState::Withdrawn(why) => Mark::new(Level::Plain, format!("Withdrawn before it left: {why}")),
        NoticeState::Delivered | NoticeState::Confirmed => {
            Mark::new(Level::Good, crate::names::capital(state.word()))
        }
        state => Mark::new(Level::Amber, crate::names::capital(state.word())),
    }
}

/// `POST /clinics/notices`: `deed` is `send` or `posted`.
pub async fn set(State(desk): State<Desk>, visit: Visit, Posted(typed): Posted<Typed>) -> Response {
    desk.page(visit, move |look| {
        let typed = typed?;
        let place = || Place::new(look, typed.text("incident"), "", typed.text("site"), "/clinics/notices");
        look.answered(decided(look, &place()?, &typed), |why| page(look, place()?, Some(why)))
    })
    .await
}

fn decided(look: &Look<'_>, place: &Place, typed: &Typed) -> Result<Signed, Mishap> {
    let who = look.signer(typed.text("by"))?;
    let room = &look.screens().room;
    let to = |done| crate::action_cards::step::with_done(&place.address("/clinics/notices", ""), done);
    match typed.text("deed") {
        "send" => {
            let plan = room
                .clinic_notices(place.on.ground, place.site.as_ref(), look.now)
                .map_err(Mishap::room("plan notices"))?;
            if typed.number("ready") != u64::try_from(plan.ready.len()).ok() {
                return Err(Mishap::Refused(format!(
                    "What is to be told changed while this page was open: {} notices now. Look again, then send.",
                    plan.ready.len()
                )));
            }
            for some in plan.ready.chunks(AT_ONCE) {
                decide(look, place, "send notices", Telling::Queue { notices: some.to_vec() }, &who)?;
            }
            Ok(Signed { to: to("clinic-sent"), who })
        }
        "posted" => {
            let upto = typed.number("upto").unwrap_or(0);
            let receipts: Vec<(u32, NoticeState)> = room
                .letters_to_print(place.on.ground)
                .into_iter()
                .filter(|n| u64::from(n.number) <= upto)
                .map(|n| (n.number, NoticeState::Sent))
                .collect();
            decide(look, place, "note letters as posted", Telling::Report { receipts }, &who)?;
            Ok(Signed { to: to("clinic-posted"), who })
        }
        _ => Err(Mishap::Bad("The form does not say what is to be done.".to_owned())),
    }
}

/// The number of the last letter that waits for print: what "posted" speaks of.
fn last_letter(look: &Look<'_>, place: &Place) -> u32 {
    look.screens().room.letters_to_print(place.on.ground).last().map_or(0, |n| n.number)
}

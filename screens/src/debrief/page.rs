//! `GET /debrief`, `GET /debrief.pdf`: one incident looked back on, on the screen and as one PDF.
//!
//! Always: while it runs, that this is how it stands so far; the PDF carries the head of the incident book, read again
//! from its beginning for it. Proved by `tests/debrief.rs`.

use crate::chosen::{IncidentBar, Which, chosen, needed};
use crate::desk::{Desk, Html, Look, Visit};
use crate::forms::Asked;
use crate::layout::{Beside, Layout};
use crate::mishap::Mishap;
use crate::parts::Stamp;
use crate::press::{letterhead, pdf};
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use incident::debrief::{Debrief, debrief};
use incident::wording::duration;
use paper::DebriefSheet;

/// Lines of the timeline on the screen; the PDF and the log have all.
const TIMELINE_MAX: usize = 300;

#[derive(Template)]
#[template(path = "debrief/page.html")]
struct DebriefPage {
    layout: Layout,
    bar: Option<IncidentBar>,
    told: Option<Told>,
}

/// A debrief in words.
struct Told {
    incident: u32,
    running: bool,
    lasted: String,
    ended: Option<(String, Stamp)>,
    counts: Vec<(usize, &'static str)>,
    steps_words: String,
    late_steps: Vec<LateStep>,
    late_promises: Vec<String>,
    messages: Vec<MessageLine>,
    diverts: Vec<String>,
    decisions: Vec<(u32, String, String, Stamp)>,
    open: Vec<String>,
    timeline: Vec<(u64, Stamp, &'static str, String, String)>,
    timeline_all: usize,
    left_out: usize,
}

struct LateStep {
    post: String,
    text: String,
    target: String,
    due: String,
    done: String,
    late: String,
}

struct MessageLine {
    what: String,
    sent: Stamp,
    people: usize,
    arrived: usize,
    answered: usize,
    half: String,
    most: String,
    last: String,
}

/// `GET /debrief`
pub async fn show(State(desk): State<Desk>, visit: Visit, Asked(asked): Asked<Which>) -> Response {
    desk.page(visit, move |look| {
        let now = look.incident_now();
        let (found, bar, ground) = look.incidents(|book| {
            let Some(incident) = chosen(book, &asked.incident)? else { return Ok((None, None, None)) };
            let bar = IncidentBar::new(book, incident, "/debrief");
            Ok::<_, Mishap>((debrief(book, incident.id, now), Some(bar), Some(incident.ground())))
        })?;
        let mut layout = Layout::of_incident(look, "Debrief", Beside::Debrief);
        if let Some(ground) = ground {
            layout = layout.on(ground);
        }
        Ok(Html(DebriefPage { layout, bar, told: found.map(|debrief| told(look, &debrief)) }))
    })
    .await
}

/// `GET /debrief.pdf`
pub async fn as_pdf(State(desk): State<Desk>, visit: Visit, Asked(asked): Asked<Which>) -> Response {
    desk.page(visit, move |look| {
        let now = look.incident_now();
        let (debrief, mut head) = look.incidents(|book| {
            let incident = needed(book, &asked.incident)?;
            let debrief = debrief(book, incident.id, now).ok_or_else(Mishap::no_page)?;
            Ok::<_, Mishap>((debrief, letterhead(look, book, Some(incident))))
        })?;
        // Outside the picture's lock: the whole book is read again, and decisions go on meanwhile.
        let verified = look.screens().room.incident().verified();
        head.record = verified.words();
        let sheet = DebriefSheet { debrief: &debrief, seal: &verified.seal, flaw: verified.flaw.as_deref() };
        let rendered = look.press()?.debrief(&sheet, &head, look.zone());
        pdf(look, rendered, &format!("debrief-{}", debrief.id.0))
    })
    .await
}

fn told(look: &Look<'_>, debrief: &Debrief) -> Told {
    let clinical = |at| look.zone().clinical(at);
    let wait = |seconds: Option<i64>| seconds.map_or_else(|| "nobody yet".to_owned(), duration);
    Told {
        incident: debrief.id.0,
        running: debrief.ended.is_none(),
        lasted: duration(debrief.lasted_seconds),
        ended: debrief.ended.as_ref().map(|s| {
            (format!("{} by {}: {}", debrief.stage.word(), s.by, debrief.ended_because), look.stamp(s.at))
        }),
        counts: debrief.counts.clone(),
        steps_words: debrief.steps_words(),
        late_steps: debrief
            .late_steps
            .iter()
            .map(|step| LateStep {
                post: step.post.clone(),
                text: step.text.clone(),
                target: step.target.clone(),
                due: clinical(step.due),
                done: step.done.as_ref().map_or_else(
                    || if debrief.ended.is_some() { "Never done" } else { "Not done yet" }.to_owned(),
                    |s| format!("{} by {}", clinical(s.at), s.by),
                ),
                late: duration(step.late_seconds),
            })
            .collect(),
        late_promises: debrief
            .late_promises
            .iter()
            .map(|late| {
                let came = late.came.map_or_else(
                    || "had not come by the end".to_owned(),
                    |at| format!("came at {}", clinical(at)),
                );
                format!(
                    "{}: promised for {}, {came}, {} late",
                    late.what,
                    clinical(late.promised),
                    duration(late.late_seconds)
                )
            })
            .collect(),
        messages: debrief
            .messages
            .iter()
            .map(|message| MessageLine {
                what: message.what.clone(),
                sent: look.stamp(message.sent.at),
                people: message.people,
                arrived: message.arrived,
                answered: message.answered,
                half: wait(message.median_seconds),
                most: wait(message.most_seconds),
                last: wait(message.last_seconds),
            })
            .collect(),
        diverts: debrief.diverts.clone(),
        decisions: debrief
            .decisions
            .iter()
            .map(|d| {
                let by = format!("{} Decided by {}.", d.taken.decision, d.taken.decided_by);
                (d.number, d.taken.matter.clone(), by, look.stamp(d.stamp.at))
            })
            .collect(),
        open: debrief.open.clone(),
        timeline: debrief
            .timeline
            .iter()
            .take(TIMELINE_MAX)
            .map(|line| {
                let stamp = look.stamp(line.at);
                (line.entry.0, stamp, line.kind.word(), line.text.to_string(), line.by.initials())
            })
            .collect(),
        timeline_all: debrief.timeline.len(),
        left_out: debrief.left_out,
    }
}

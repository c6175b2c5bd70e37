//! The debrief: what happened when, what was late, who answered how fast, what was decided; made from the book alone.
//!
//! Afterwards nobody could say in 2017 what had been done when. Always: an incident's own entries in their order; a late
//! step with its due time and by how much; a message with how many it reached and how fast they answered; what was
//! left open. Never: a judgement, a name that the book does not have. While the incident runs it is how things stand so
//! far. Called by `paper`, `screens` and `lifeboat debrief`; proved by `tests/debrief.rs`.

use crate::action_cards::{HeldAt, Phase, StepKey, Target, phase_began, posts_expected};
use crate::decisions::Decision;
use crate::declare::{Incident, Stage};
use crate::log::{Kind, Line};
use crate::messages::{Delivery, Message, Way};
use crate::public_updates::Standing;
use crate::roles::Post;
use crate::wording::counted;
use crate::{Ground, IncidentBook, IncidentId, Stamp};
use basics::Moment;

/// Lines of the timeline; the log has every one.
pub const TIMELINE_MAX: usize = 5_000;

/// Everything that a debrief says.
#[derive(Clone, PartialEq, Debug)]
pub struct Debrief {
    /// Which incident.
    pub id: IncidentId,
    /// What people called it.
    pub name: String,
    /// "Major incident", "EXERCISE critical incident".
    pub words: String,
    /// "EXERCISE", or nothing.
    pub watermark: Option<&'static str>,
    /// Where it stands.
    pub stage: Stage,
    /// Why it was opened.
    pub reason: String,
    /// When and by whom it was opened.
    pub opened: Stamp,
    /// When and by whom it was declared.
    pub declared: Option<Stamp>,
    /// When and by whom it was ended; `None` while it runs.
    pub ended: Option<Stamp>,
    /// Why it was ended.
    pub ended_because: String,
    /// Seconds from its declaration, or opening, to its end, or to now.
    pub lasted_seconds: i64,
    /// What was counted: how many, and of what.
    pub counts: Vec<(usize, &'static str)>,
    /// Who led: post, person, from, until (`None`: to the end).
    pub led: Vec<(String, String, Moment, Option<Moment>)>,
    /// Lines of the log without the ticks of cards and single messages, the oldest first.
    pub timeline: Vec<Line>,
    /// Lines of the log that the timeline leaves out.
    pub left_out: usize,
    /// Steps with a time target that were done late or never; the latest first.
    pub late_steps: Vec<LateStep>,
    /// Steps that had a time target and had come due, or were done.
    pub timed_steps: usize,
    /// Decisions, the oldest first.
    pub decisions: Vec<Decision>,
    /// Sitreps and public updates that came after their promised time.
    pub late_promises: Vec<LatePromise>,
    /// Messages, the oldest first.
    pub messages: Vec<Answers>,
    /// Diverts, and patients moved, in lines; empty when there were none.
    pub diverts: Vec<String>,
    /// What is still open, in words.
    pub open: Vec<String>,
}

/// A step that was done after its time, or never.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LateStep {
    /// The post in words.
    pub post: String,
    /// Which step of its card.
    pub key: StepKey,
    /// What was to be done.
    pub text: String,
    /// "within 10 min".
    pub target: String,
    /// When it was due.
    pub due: Moment,
    /// When and by whom it was done; `None`: never.
    pub done: Option<Stamp>,
    /// By how much it was late, in seconds: until it was done, or until its phase ended.
    pub late_seconds: i64,
}

/// Something that was promised for a time and came later.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LatePromise {
    /// "Sitrep 2", "Public update 3".
    pub what: String,
    /// For when it was promised.
    pub promised: Moment,
    /// When it came; `None`: not by the end.
    pub came: Option<Moment>,
    /// By how much it was late, in seconds.
    pub late_seconds: i64,
}

/// One message and how fast people answered it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Answers {
    /// "task to everyone on duty".
    pub what: String,
    /// What it said, in a line.
    pub text: String,
    /// When and by whom it was sent.
    pub sent: Stamp,
    /// To how many.
    pub people: usize,
    /// To how many it is known to have come, not counting those who saw it on a screen alone.
    pub arrived: usize,
    /// How many gave what was asked for.
    pub answered: usize,
    /// Seconds until half of those who answered had done so; `None` when nobody did.
    pub median_seconds: Option<i64>,
    /// Seconds until nine tenths of those who answered had done so.
    pub most_seconds: Option<i64>,
    /// Seconds until the last of them had.
    pub last_seconds: Option<i64>,
}

/// The debrief of one incident at `clock`; `None` when there is no such incident.
pub fn debrief(book: &IncidentBook, id: IncidentId, clock: Moment) -> Option<Debrief> {
    let incident = book.incident(id)?;
    let now = book.now(clock);
    let end = incident.ended.as_ref().map_or(now, |stamp| stamp.at);
    let began = incident.declared.as_ref().unwrap_or(&incident.opened);
    let (timeline, left_out, lines) = timeline(book, incident);
    let (late_steps, timed_steps) = steps(book, incident, end);
    Some(Debrief {
        id,
        name: incident.name.clone(),
        words: incident.words(),
        watermark: incident.watermark(),
        stage: incident.stage,
        reason: incident.reason.clone(),
        opened: incident.opened.clone(),
        declared: incident.declared.clone(),
        ended: incident.ended.clone(),
        ended_because: incident.ended_because.clone(),
        lasted_seconds: end.seconds_since(began.at).max(0),
        counts: counts(book, incident, lines),
        led: led(incident),
        timeline,
        left_out,
        late_steps,
        timed_steps,
        decisions: incident.decisions.all().to_vec(),
        late_promises: promises(book, incident, end),
        messages: messages(book, id),
        diverts: divert_lines(book, incident.ground(), clock),
        open: crate::stand_down::still_open(book, incident, now),
    })
}

/// Whether a line belongs to the incident: its own, and between its beginning and end what is true of the hospital.
fn belongs(incident: &Incident, line: &Line) -> bool {
    if let Some(id) = line.incident {
        return id == incident.id;
    }
    let ended = incident.ended.as_ref().is_some_and(|stamp| line.entry > stamp.entry);
    incident.ground() == Ground::Real && line.entry >= incident.opened.entry && !ended
}

fn timeline(book: &IncidentBook, incident: &Incident) -> (Vec<Line>, usize, usize) {
    let from = book.log.lines().partition_point(|line| line.entry < incident.opened.entry);
    let own = book.log.lines().get(from..).unwrap_or_default().iter().filter(|line| belongs(incident, line));
    let (mut kept, mut left_out) = (Vec::new(), 0);
    for line in own {
        if matches!(line.kind, Kind::Card | Kind::Message | Kind::Directory) || kept.len() >= TIMELINE_MAX {
            left_out += 1;
        } else {
            kept.push(line.clone());
        }
    }
    let all = kept.len() + left_out;
    (kept, left_out, all)
}

fn counts(book: &IncidentBook, incident: &Incident, lines: usize) -> Vec<(usize, &'static str)> {
    let ground = incident.ground();
    let ended = incident.ended.as_ref().map(|stamp| stamp.entry);
    let during = |stamp: &Stamp| {
        stamp.entry >= incident.opened.entry && ended.is_none_or(|entry| stamp.entry <= entry)
    };
    let updates = book.public_updates.all(ground);
    let public = |is: fn(&Standing) -> Option<&Stamp>| {
        updates.iter().filter(|u| is(&u.standing).is_some_and(during)).count()
    };
    let approved = public(|standing| match standing {
        Standing::Approved(stamp) | Standing::Withdrawn { approved: stamp, .. } => Some(stamp),
        _ => None,
    });
    let withdrawn = public(|standing| match standing {
        Standing::Withdrawn { withdrawn, .. } => Some(withdrawn),
        _ => None,
    });
    let handovers: usize = incident.roles.all().map(|(_, posting)| posting.before.len()).sum();
    let done = incident.cards.completions().filter(|(_, completion)| completion.done).count();
    vec![
        (lines, "Entries in the log"),
        (incident.decisions.all().len(), "Decisions"),
        (incident.sitreps.approved().len(), "Approved sitreps"),
        (approved, "Public updates approved"),
        (withdrawn, "Public updates withdrawn"),
        (incident.roles.all().count(), "Posts held"),
        (handovers, "Handovers"),
        (done, "Steps of action cards done"),
        (book.messages.of_incident(incident.id).count(), "Messages and roll-calls"),
    ]
}

fn led(incident: &Incident) -> Vec<(String, String, Moment, Option<Moment>)> {
    let mut led = Vec::new();
    for (post, posting) in incident.roles.all() {
        let title = post.words(incident);
        for (person, from, to) in &posting.before {
            led.push((title.clone(), person.to_string(), *from, Some(*to)));
        }
        if let Some(holder) = &posting.holder {
            led.push((title, holder.person.to_string(), holder.since.at, None));
        }
    }
    led
}

/// Late steps, and how many had a time target that had come.
fn steps(book: &IncidentBook, incident: &Incident, end: Moment) -> (Vec<LateStep>, usize) {
    let (mut late, mut timed) = (Vec::new(), 0);
    for post in posts_expected(book, incident) {
        let Some(card) = incident.cards.card(&post.role) else { continue };
        for phase in Phase::ALL {
            let Some(began) = phase_began(incident, phase) else { continue };
            let until = phase_end(incident, phase, end);
            for (number, step) in (1u16..).zip(card.steps(phase)) {
                let Some(target) = step.target else { continue };
                let (Target::Within { minutes } | Target::Every { minutes }) = target;
                let due = began.at.plus_seconds(i64::from(minutes) * 60);
                let key = StepKey { phase, number };
                let completion = incident.cards.completion(&post, key);
                let counts = completion.is_some_and(|c| c.done) || (completion.is_none() && due < until);
                timed += usize::from(counts);
                // Of a step that comes again only the last tick is known: whether it was ever done counts.
                let again = matches!(target, Target::Every { .. }) && completion.is_some();
                let done = completion.map(|c| c.stamp.clone());
                let came = done.as_ref().map_or(until, |stamp| stamp.at);
                let late_seconds = came.seconds_since(due);
                if counts && !again && late_seconds > 0 {
                    let (text, target) = (step.text.clone(), target.words());
                    late.push(LateStep {
                        post: named(incident, &post, card.held),
                        key,
                        text,
                        target,
                        due,
                        done,
                        late_seconds,
                    });
                }
            }
        }
    }
    late.sort_by_key(|step| std::cmp::Reverse(step.late_seconds));
    (late, timed)
}

fn named(incident: &Incident, post: &Post, held: HeldAt) -> String {
    let words = post.words(incident);
    let known = incident.roles.posting(post).is_some();
    if known || held == HeldAt::EachWard { words } else { format!("{words} (nobody held it)") }
}

/// When a phase was over: the next one began, or everything ended. The stand-down's own steps go on.
fn phase_end(incident: &Incident, phase: Phase, end: Moment) -> Moment {
    let later = Phase::ALL.into_iter().filter(|other| *other > phase);
    later.filter_map(|other| phase_began(incident, other)).map(|stamp| stamp.at).next().unwrap_or(end)
}

fn promises(book: &IncidentBook, incident: &Incident, end: Moment) -> Vec<LatePromise> {
    let mut late = Vec::new();
    let mut check = |what: String, promised: Moment, came: Option<Moment>| {
        let late_seconds = came.unwrap_or(end).seconds_since(promised);
        if late_seconds > 0 {
            late.push(LatePromise { what, promised, came, late_seconds });
        }
    };
    let sitreps = incident.sitreps.approved();
    for (before, after) in sitreps.iter().zip(sitreps.iter().skip(1)) {
        if let (Some(promised), Some(stamp)) = (before.next_due, &after.approved) {
            check(format!("Sitrep {}", after.number), promised, Some(stamp.at));
        }
    }
    let opened = incident.opened.entry;
    let ended = incident.ended.as_ref().map(|stamp| stamp.entry);
    let mut public: Vec<(&Stamp, u32, Option<Moment>)> = Vec::new();
    for update in book.public_updates.all(incident.ground()) {
        if let Standing::Approved(stamp) | Standing::Withdrawn { approved: stamp, .. } = &update.standing {
            let during = stamp.entry >= opened && ended.is_none_or(|entry| stamp.entry <= entry);
            public.extend(during.then_some((stamp, update.number, update.content.next_update)));
        }
    }
    public.sort_by_key(|(stamp, ..)| stamp.entry);
    for (before, after) in public.iter().zip(public.iter().skip(1)) {
        if let Some(promised) = before.2 {
            check(format!("Public update {}", after.1), promised, Some(after.0.at));
        }
    }
    if let Some((_, number, Some(promised))) = public.last() {
        check(format!("The public update promised by update {number}"), *promised, None);
    }
    late
}

fn messages(book: &IncidentBook, id: IncidentId) -> Vec<Answers> {
    let mut all: Vec<Answers> = book.messages.of_incident(id).map(answers).collect();
    all.reverse();
    all
}

fn answers(message: &Message) -> Answers {
    use crate::messages::Ask;
    let when = |standing: &crate::messages::Standing| match message.ask {
        Ask::Read => standing.read,
        Ask::Done => standing.done.as_ref().map(|(at, _)| *at),
        // The first answer: a later one says that somebody moved on.
        Ask::RollCall => standing.answer.as_ref().map(|(stamp, ..)| standing.read.unwrap_or(stamp.at)),
    };
    let mut waits: Vec<i64> =
        message.standing.iter().filter_map(when).map(|at| at.seconds_since(message.sent.at).max(0)).collect();
    waits.sort_unstable();
    let arrived = (0u32..).zip(&message.standing).filter(|(person, standing)| {
        let screen = message.way(*person).is_some_and(|(way, _)| way == Way::Screen);
        !screen && standing.delivery == Delivery::Delivered
    });
    Answers {
        what: format!("{} to {}", message.ask.word(), message.to_words),
        text: message.text.lines().next().unwrap_or_default().to_owned(),
        sent: message.sent.clone(),
        people: message.recipients.len(),
        arrived: arrived.count(),
        answered: waits.len(),
        median_seconds: share(&waits, 50),
        most_seconds: share(&waits, 90),
        last_seconds: waits.last().copied(),
    }
}

/// The wait within which so many in a hundred had answered.
fn share(waits: &[i64], percent: usize) -> Option<i64> {
    let at = (waits.len() * percent).div_ceil(100).checked_sub(1)?;
    waits.get(at).copied()
}

fn divert_lines(book: &IncidentBook, ground: Ground, clock: Moment) -> Vec<String> {
    let board = crate::diverts::debrief_board(book, ground, clock);
    if board.diverts.is_empty() && board.moved_total == 0 {
        return Vec::new();
    }
    board.lines(|at| book.say(at, book.now(clock)))
}

impl Debrief {
    /// "3 of 41 timed steps were late or never done".
    pub fn steps_words(&self) -> String {
        format!(
            "{} of {} with a time target late or never done",
            self.late_steps.len(),
            counted(self.timed_steps, "step", "steps")
        )
    }
}

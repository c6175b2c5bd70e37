//! A card in a running incident as its pages show it: who holds it, the next step, the rest, what is done.
//!
//! Always: what is overdue says so in a shape, a colour and a word, with the time at which it was due.

use crate::desk::Look;
use crate::names::{counted, encoded};
use crate::parts::{Level, Mark, Stamp};
use incident::action_cards::{CardBoard, Due, Phase, StepKey, StepRow};
use incident::{IncidentBook, IncidentId, Post, RoleKey};

/// A post as an address holds it: "incident=1&role=site-manager&place=Northgate%20General".
pub fn post_query(incident: IncidentId, post: &Post) -> String {
    format!("incident={}&role={}&place={}", incident.0, post.role, encoded(&post.place))
}

/// A post from the parts of a form or an address.
pub fn post_of(role: &str, place: &str) -> Option<Post> {
    Some(Post { role: RoleKey::new(role)?, place: place.to_owned() })
}

/// A phase from its word in an address.
pub fn phase_of(word: &str) -> Option<Phase> {
    Phase::ALL.into_iter().find(|phase| phase_code(*phase) == word)
}

/// A phase in an address.
pub fn phase_code(phase: Phase) -> &'static str {
    match phase {
        Phase::Standby => "standby",
        Phase::Declared => "declared",
        Phase::StandDown => "stand-down",
    }
}

/// One step.
#[derive(Clone, Debug)]
pub struct StepLine {
    /// "standby"; in addresses.
    pub phase: &'static str,
    /// Number on the card.
    pub number: u16,
    /// What to do.
    pub text: String,
    /// "within 10 min"; may be empty.
    pub target: String,
    /// When it is due, marked when that is past; `None` without a time target.
    pub due: Option<DueLine>,
    /// What became of it; `None` while nothing did.
    pub done: Option<DoneLine>,
    /// Something is to be done now.
    pub open: bool,
    /// It is late.
    pub late: bool,
    /// The page on which a note, a reason or a correction is written.
    pub address: String,
}

/// When a step is due.
#[derive(Clone, Debug)]
pub struct DueLine {
    /// "Overdue", where it is.
    pub mark: Option<Mark>,
    /// The moment.
    pub at: Stamp,
}

/// What became of a step.
#[derive(Clone, Debug)]
pub struct DoneLine {
    /// "Done", "Not needed", "Last done".
    pub word: &'static str,
    /// When.
    pub at: Stamp,
    /// By whom.
    pub by: String,
    /// What was noted; may be empty.
    pub note: String,
    /// "4 times so far"; empty for steps that are done once.
    pub times: String,
    /// The entry of the incident book.
    pub entry: u64,
}

impl StepLine {
    /// A step of a post's card.
    pub fn new(look: &Look<'_>, query: &str, row: &StepRow) -> Self {
        let due = match row.due {
            Due::NoTarget => None,
            Due::At(at) => Some(DueLine { mark: None, at: look.stamp(at) }),
            Due::Overdue(at) => {
                Some(DueLine { mark: Some(Mark::new(Level::Red, "Overdue")), at: look.stamp(at) })
            }
        };
        let done = row.completion.as_ref().map(|c| DoneLine {
            word: match (c.done, row.open) {
                (false, _) => "Not needed",
                (true, true) => "Last done",
                (true, false) => "Done",
            },
            at: look.stamp(c.stamp.at),
            by: c.stamp.by.to_string(),
            note: c.note.clone(),
            times: if c.times > 1 {
                format!("{} so far", counted(c.times as usize, "time", "times"))
            } else {
                String::new()
            },
            entry: c.stamp.entry.0,
        });
        let StepKey { phase, number } = row.key;
        let phase = phase_code(phase);
        Self {
            phase,
            number,
            text: row.text.clone(),
            target: row.target.map_or_else(String::new, |t| t.words()),
            due,
            done,
            open: row.open,
            late: matches!(row.due, Due::Overdue(_)),
            address: format!("/cards/step?{query}&phase={phase}&number={number}"),
        }
    }
}

/// One post's card.
#[derive(Clone, Debug)]
pub struct CardView {
    /// The incident's number.
    pub incident: u32,
    /// The role's key.
    pub role: String,
    /// The place; empty for the trust.
    pub place: String,
    /// "Site manager, Northgate General".
    pub title: String,
    /// "Declared".
    pub phase: &'static str,
    /// What the role is for.
    pub purpose: String,
    /// Where its holder works from.
    pub base: String,
    /// To whom its holder reports.
    pub reports_to: String,
    /// Who holds it, with how to reach them; empty when nobody does.
    pub holder: String,
    /// When the holder's shift ends.
    pub shift_ends: Option<Stamp>,
    /// Who may stand in.
    pub deputies: Vec<String>,
    /// The first open step.
    pub next: Option<StepLine>,
    /// Further open steps.
    pub then: Vec<StepLine>,
    /// What is done.
    pub done: Vec<StepLine>,
    /// Steps of earlier phases that nobody ticked.
    pub left: Vec<StepLine>,
    /// Steps to come, by phase.
    pub later: Vec<(&'static str, Vec<StepLine>)>,
    /// Steps of this phase in all.
    pub total: usize,
    /// "2 overdue"; `None` when none is.
    pub overdue_mark: Option<Mark>,
    /// The card as PDF.
    pub pdf: String,
    /// This card's page, for coming back.
    pub address: String,
}

impl CardView {
    /// A card as its pages show it.
    pub fn new(look: &Look<'_>, book: &IncidentBook, incident: IncidentId, board: &CardBoard) -> Self {
        let query = post_query(incident, &board.post);
        let line = |row: &StepRow| StepLine::new(look, &query, row);
        let lines = |rows: &[StepRow]| rows.iter().map(line).collect::<Vec<_>>();
        let mut open = lines(&board.next).into_iter();
        let later = Phase::ALL.into_iter().filter_map(|phase| {
            let rows: Vec<StepLine> = board.later.iter().filter(|r| r.key.phase == phase).map(line).collect();
            (!rows.is_empty()).then(|| (phase.heading(), rows))
        });
        let holder = board.holder.as_ref();
        let said = |person: &incident::Person, contact: &str| match contact {
            "" => person.to_string(),
            contact => format!("{person}, {contact}"),
        };
        let now = book.now(look.now);
        Self {
            incident: incident.0,
            role: board.post.role.to_string(),
            place: board.post.place.clone(),
            title: board.title.clone(),
            phase: board.phase.heading(),
            purpose: board.card.purpose.clone(),
            base: board.card.base.clone(),
            reports_to: board.card.reports_to.clone(),
            holder: holder.map_or_else(String::new, |h| said(&h.person, &h.contact)),
            shift_ends: holder.map(|h| {
                let stamp = look.stamp(h.shift_ends);
                if h.shift_ends <= now { stamp.warned(Level::Red, "Shift is over: hand over") } else { stamp }
            }),
            deputies: board.deputies.iter().map(|d| said(&d.person, &d.contact)).collect(),
            next: open.next(),
            then: open.collect(),
            done: lines(&board.done),
            left: lines(&board.left),
            later: later.collect(),
            total: board.next.len() + board.done.len(),
            overdue_mark: overdue_mark(board.overdue),
            pdf: format!("/cards/of/{}/card.pdf?{query}", board.post.role),
            address: format!("/cards/of/{}?{query}", board.post.role),
        }
    }
}

/// "2 steps overdue", or nothing.
pub fn overdue_mark(overdue: usize) -> Option<Mark> {
    (overdue > 0).then(|| Mark::new(Level::Red, format!("{} overdue", counted(overdue, "step", "steps"))))
}

//! One booking as a line of a list: who, when, what class and why, what is proposed, what was decided and told.

use super::Place;
use crate::desk::Look;
use crate::names::patient_address;
use crate::parts::{Level, Mark};
use care::PatientRecord;
use care::appointments::{Proposal, Step};
use care::clinics::Class;
use care::clinics::{Handled, NoticeState, ToldHow};
use control_room::BookingRow;

/// A patient on a list.
#[derive(Clone, Debug)]
pub struct Patient {
    /// Their page.
    pub address: String,
    /// "SMITH, Fredrica (Mrs)".
    pub name: String,
    /// "born 14-Jul-1945".
    pub born: String,
    /// "NHS 999 000 0018".
    pub number: String,
}

impl Patient {
    /// From the record; noted as seen.
    pub fn new(look: &Look<'_>, record: &PatientRecord) -> Self {
        look.saw([record.key]);
        let number = match record.nhs_number() {
            Some(nhs) => format!("NHS {nhs}"),
            None => record.mrns().next().map_or_else(|| "no number".to_owned(), |mrn| format!("MRN {mrn}")),
        };
        Self {
            address: patient_address(record.key),
            name: record
                .name
                .as_ref()
                .map_or_else(|| "NAME NOT RECORDED".to_owned(), care::PersonName::banner),
            born: record
                .birth_date
                .map_or_else(|| "birth date not known".to_owned(), |d| format!("born {d}")),
            number,
        }
    }
}

/// A line.
#[derive(Clone, Debug)]
pub struct Row {
    /// Its key, for a form.
    pub key: String,
    /// Its page.
    pub address: String,
    /// "09:20".
    pub time: String,
    /// "12-May-2026".
    pub date: String,
    /// Who.
    pub patient: Patient,
    /// The list's name.
    pub list: String,
    /// The hospital.
    pub site: String,
    /// Reason, in the sender's words.
    pub reason: String,
    /// "A".
    pub class: char,
    /// The style sheet's name of the class.
    pub class_name: String,
    /// Why.
    pub rule: String,
    /// It cannot be done with what works.
    pub blocked: bool,
    /// What is proposed, and why.
    pub proposal: Option<(Mark, String)>,
    /// What was decided, told, done; and what its own system says.
    pub marks: Vec<Mark>,
    /// Nobody has decided yet.
    pub open: bool,
    /// It is ticked when the page is first shown, for the proposed deed.
    pub ticked: bool,
    /// With which clinician class A is, and until when.
    pub clinician: Option<(String, String, bool)>,
    /// Telephone numbers, as sent.
    pub phones: Vec<String>,
}

impl Row {
    /// From a booking, with what is proposed for it.
    pub fn new(look: &Look<'_>, place: &Place, row: &BookingRow, proposal: Option<&Proposal>) -> Self {
        let start = row.booking.start.unwrap_or_default();
        let handled = row.handled.as_ref();
        let open =
            handled.is_none_or(|h| h.decision.is_none() && h.asked.is_none() && h.escalation.is_none());
        let clinician = handled
            .filter(|h| h.decision.is_none())
            .and_then(|h| h.escalation.as_ref())
            .map(|e| (e.clinician.clone(), look.zone().hour_minute(e.due), e.due < look.now));
        let class = row.verdict.class;
        Self {
            key: row.key.text(),
            address: place.booking_address(&row.key),
            time: look.zone().hour_minute(start),
            date: look.zone().date(start).to_string(),
            patient: Patient::new(look, &row.record),
            list: row.snapshot.list().to_owned(),
            site: row.booking.site.as_ref().map(ToString::to_string).unwrap_or_default(),
            reason: row.booking.reason.clone(),
            class: class.letter(),
            class_name: class.letter().to_ascii_lowercase().to_string(),
            rule: row.verdict.words(),
            blocked: !row.verdict.doable,
            ticked: proposal.is_some_and(|p| p.step == Step::Postpone) && open && !row.cancelled_elsewhere(),
            proposal: proposal.filter(|_| open).map(proposed),
            marks: marks(look, row),
            open,
            clinician,
            phones: row.record.telecoms.iter().map(|t| t.value.clone()).take(4).collect(),
        }
    }
}

fn proposed(proposal: &Proposal) -> (Mark, String) {
    let mark = match proposal.step {
        Step::Keep => Mark::new(Level::Good, "Keep"),
        Step::Postpone => Mark::new(Level::Amber, "Postpone"),
        Step::Escalate { within_min } => Mark::new(Level::Red, format!("Clinician within {within_min} min")),
    };
    (mark, proposal.words.clone())
}

/// Everything that must be seen of a booking at once.
pub fn marks(look: &Look<'_>, row: &BookingRow) -> Vec<Mark> {
    let mut marks = Vec::new();
    if row.record.died.is_some() {
        marks.push(Mark::new(Level::Red, "Died"));
    }
    if row.on_a_ward() {
        marks.push(Mark::new(Level::Amber, "On a ward now"));
    }
    if row.cancelled_elsewhere() {
        marks.push(Mark::new(Level::Amber, "Cancelled by its own system"));
    }
    if let Some(moved) = row.moved_to() {
        let to = look.zone().clinical(moved);
        marks.push(Mark::new(Level::Amber, format!("Moved by its own system to {to}")));
    }
    if let Some(handled) = &row.handled {
        marks.extend(handled_marks(look, handled, row.verdict.doable));
    }
    marks
}

/// What was decided, told and done.
pub fn handled_marks(look: &Look<'_>, handled: &Handled, doable: bool) -> Vec<Mark> {
    let mut marks = Vec::new();
    let clock = |at| look.zone().hour_minute(at);
    if let Some((stamp, _)) = &handled.asked {
        let words = format!("{} asked to postpone class A: a second person must agree", stamp.by);
        marks.push(Mark::new(Level::Red, words));
    }
    if let Some(decision) = &handled.decision {
        let level = if handled.postponed() { Level::Amber } else { Level::Good };
        marks.push(Mark::new(level, format!("{} by {}", capital(decision.choice.word()), decision.stamp.by)));
        if handled.postponed() && doable && handled.rebooked.is_none() && handled.last_told().is_none() {
            marks.push(Mark::new(Level::Good, "Can be done again"));
        }
    }
    if let Some(rebooked) = &handled.rebooked {
        let late = if rebooked.days_late > 0 { ", later than is safe" } else { "" };
        let level = if rebooked.days_late > 0 { Level::Red } else { Level::Good };
        let to = look.zone().clinical(rebooked.start);
        marks.push(Mark::new(level, format!("Rebooked to {to}{late}")));
    }
    if let Some(told) = handled.told.last() {
        let how = match told.how {
            ToldHow::Notice(number) => format!("notice {number}"),
            ToldHow::Call => "telephone".to_owned(),
            ToldHow::Ward => "the ward".to_owned(),
            ToldHow::Door => "the door".to_owned(),
        };
        let mark = match &told.state {
            NoticeState::Failed(why) => Mark::new(Level::Red, format!("Not told, {how} failed: {why}")),
            NoticeState::Withdrawn(why) => {
                Mark::new(Level::Plain, format!("Not told, {how} withdrawn: {why}"))
            }
            NoticeState::Delivered | NoticeState::Confirmed => {
                Mark::new(Level::Good, format!("Told by {how}, {}", told.state.word()))
            }
            state => Mark::new(Level::Amber, format!("Told by {how}, {}", state.word())),
        };
        marks.push(mark);
    }
    if handled.to_tell().is_some() && handled.failed().is_none() {
        marks.push(Mark::new(Level::Amber, "To be told"));
    }
    if let Some(arrived) = &handled.arrived {
        let words = format!("Came: {} ({})", arrived.arrival.words(), clock(arrived.stamp.at));
        marks.push(Mark::new(Level::Good, words));
    }
    marks
}

fn capital(text: &str) -> String {
    crate::names::capital(text)
}

/// How many of each class, in words: "3 A, 4 B, 10 C, 2 D".
pub fn classes(by_class: [usize; 4]) -> String {
    let parts = by_class.iter().zip(Class::ALL).filter(|(n, _)| **n > 0);
    parts.map(|(n, class)| format!("{n} {}", class.letter())).collect::<Vec<_>>().join(", ")
}

//! A clinic's day on paper: who is booked when, what is known of each, what was decided and why.
//!
//! Always: everybody who is booked, whatever was decided; how many and how many of each decision; where nothing was decided it
//! says so; the age of the data; room for those who come besides. Never: a name cut short, an empty box where something is not
//! recorded. Rows of words that the caller fills. Called by `Press::clinic_lists`; proved by `tests/clinic_papers.rs`.

use crate::flow::{Flow, Table};
use crate::leaf::{Leaf, Style};
use crate::plain::{Letterhead, Plain, Stack};
use crate::typeface::Typeface;
use crate::words::{codes_for_letters, or_not_recorded};
use crate::wrap::{Rich, figures_tied};
use crate::{Fault, Press, Rendered};
use basics::Zone;

/// One clinic on one day.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ClinicList {
    /// The clinic: "Clinic 4".
    pub clinic: String,
    /// The day: "Tuesday 12 May 2026".
    pub day: String,
    /// Where, and with whom; may be empty.
    pub place: String,
    /// How old the data are: "Data as at 12-May-2026 13:00, 2 hours old".
    pub as_at: String,
    /// The bookings, in order of time.
    pub rows: Vec<ClinicRow>,
}

/// A booking. What is empty prints as "Not recorded".
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ClinicRow {
    /// "09:30".
    pub time: String,
    /// As on a banner: `SMITH, Fredrica (Mrs)`.
    pub name: String,
    /// "14-Jul-1945".
    pub born: String,
    /// In groups: "999 123 4567"; or the hospital's number, said to be so.
    pub nhs_number: String,
    /// Why they come.
    pub reason: String,
    /// Allergies, alerts and suchlike that the clinic must know; may be empty.
    pub problems: String,
    /// What was decided.
    pub decided: Decided,
    /// More of it: the new date, who decided, whether the patient has been told. May be empty.
    pub decided_note: String,
    /// "A".
    pub class: String,
    /// Why it is of that class.
    pub why: String,
    /// Numbers to call.
    pub phone: String,
}

/// What was decided of a booking.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
#[allow(missing_docs)]
pub enum Decided {
    Keep,
    Postponed,
    /// With a named clinician.
    Escalated,
    #[default]
    NotDecided,
}

impl Decided {
    const ALL: [Self; 4] = [Self::Keep, Self::Postponed, Self::Escalated, Self::NotDecided];

    /// The words on paper.
    pub fn word(self) -> &'static str {
        match self {
            Self::Keep => "Keep",
            Self::Postponed => "POSTPONED",
            Self::Escalated => "ESCALATED",
            Self::NotDecided => "Not decided",
        }
    }
}

const TEXT: Style = Style::plain(8.5);
const STRONG: Style = Style::bold(8.5);
const SMALL: Style = Style::soft(7.6);
/// Empty lines at the end, to write on.
const SPARE_ROWS: usize = 3;

impl Press {
    /// Clinics' lists, one after the other, each with its own pages.
    ///
    /// # Errors
    /// See [`Fault`].
    pub fn clinic_lists(
        &self,
        lists: &[ClinicList],
        head: &Letterhead,
        zone: &Zone,
    ) -> Result<Rendered, Fault> {
        self.ink_plain("Clinic lists", head, &self.lay_clinic_lists(lists, head, zone))
    }

    /// The words of [`Press::clinic_lists`], page by page in drawing order, exactly as drawn.
    pub fn clinic_lists_words(
        &self,
        lists: &[ClinicList],
        head: &Letterhead,
        zone: &Zone,
    ) -> Vec<Vec<String>> {
        self.lay_clinic_lists(lists, head, zone).leaves.iter().map(Leaf::read_out).collect()
    }

    fn lay_clinic_lists(&self, lists: &[ClinicList], head: &Letterhead, zone: &Zone) -> Stack {
        let mut stack = Stack::default();
        for list in lists {
            let title = titled(&list.clinic, &list.day);
            let frame = Plain { wide: true, ..self.plain(zone, head, title.clone(), list.as_at.clone()) };
            stack.add(&frame, title, sheet(&frame, list));
        }
        stack
    }
}

fn sheet(frame: &Plain<'_>, list: &ClinicList) -> Vec<Leaf> {
    let mut flow = Flow::new(frame);
    if !list.place.is_empty() {
        flow.say(&Rich::of(&list.place, Style::plain(10.0)));
    }
    flow.say(&Rich::of(&counts(&list.rows), Style::bold(10.0)));
    let mut table = Table {
        columns: vec![
            ("Time", 0.75),
            ("Patient", 2.7),
            ("Reason", 2.0),
            ("Problems", 1.9),
            ("Decided", 1.8),
            ("Class and why", 2.2),
            ("Telephone", 1.6),
            ("Came", 0.6),
        ],
        rows: list.rows.iter().map(|row| cells(frame.typeface, row)).collect(),
        row_min: 30.0,
    };
    let spare = if table.rows.is_empty() { 12 } else { SPARE_ROWS };
    if table.rows.is_empty() {
        flow.say(&Rich::of(
            "Nobody is known to be booked. The list may be wrong: write down who comes, and tell the clinics' desk.",
            Style::plain(10.0),
        ));
    }
    table.rows.extend((0..spare).map(|_| blank()));
    flow.table(&table);
    flow.say(&Rich::of(
        "Not decided: see the patient unless the clinics' desk says otherwise. Postponed and came anyway: ask the clinics' desk \
         before you send anybody home.",
        Style::soft(8.0),
    ));
    flow.finish()
}

/// What a list is called: "Clinic 4 · Tuesday 12 May 2026".
pub(crate) fn titled(name: &str, day: &str) -> String {
    if day.is_empty() { name.to_owned() } else { format!("{name} · {day}") }
}

/// "14 booked: 9 keep, 3 postponed, 1 escalated, 1 not decided".
fn counts(rows: &[ClinicRow]) -> String {
    let of = |decided: Decided| {
        let count = rows.iter().filter(|row| row.decided == decided).count();
        (count > 0).then(|| format!("{count} {}", decided.word().to_lowercase()))
    };
    let parts: Vec<String> = Decided::ALL.into_iter().filter_map(of).collect();
    if parts.is_empty() {
        return "0 booked".to_owned();
    }
    format!("{} booked: {}", rows.len(), parts.join(", "))
}

fn cells(typeface: &Typeface, row: &ClinicRow) -> Vec<Rich> {
    let mut decided = Rich::of(row.decided.word(), Style::bold(9.5));
    if !row.decided_note.is_empty() {
        decided.next_line(SMALL).say(&row.decided_note, TEXT);
    }
    let mut class = Rich::default();
    if row.class.is_empty() {
        class.say("Not recorded", TEXT);
    } else {
        class.say(&format!("Class {}", row.class), STRONG);
    }
    if !row.why.is_empty() {
        class.next_line(TEXT).say(&row.why, TEXT);
    }
    vec![
        Rich::of(or_not_recorded(&row.time), Style::bold(10.0)),
        who(typeface, &row.name, &row.born, Some(&row.nhs_number)),
        Rich::of(or_not_recorded(&row.reason), TEXT),
        Rich::of(if row.problems.trim().is_empty() { "None recorded" } else { &row.problems }, TEXT),
        decided,
        class,
        Rich::of(&figures_tied(or_not_recorded(&row.phone)), TEXT),
        tick(),
    ]
}

fn blank() -> Vec<Rich> {
    let mut cells = vec![Rich::default(); 7];
    cells.push(tick());
    cells
}

/// A box to tick.
pub(crate) fn tick() -> Rich {
    Rich::of("☐", Style::plain(17.0))
}

/// Name, date of birth and number; `None` for a list without numbers.
pub(crate) fn who(typeface: &Typeface, name: &str, born: &str, nhs_number: Option<&str>) -> Rich {
    let name = if name.trim().is_empty() { "NAME NOT RECORDED" } else { name };
    let mut rich = Rich::of(name, Style::bold(10.0));
    rich.next_line(TEXT).say("Born ", SMALL).say(or_not_recorded(born), STRONG);
    if let Some(number) = nhs_number {
        rich.next_line(TEXT).say("NHS No. ", SMALL).say(&figures_tied(or_not_recorded(number)), STRONG);
    }
    if typeface.spells_out(name) {
        let go_by = match nhs_number {
            Some(number) => codes_for_letters(!number.trim().is_empty()),
            None => {
                "Codes in [brackets] stand for letters this sheet cannot print. Go by date of birth and time."
            }
        };
        rich.next_line(SMALL).say(go_by, SMALL);
    }
    rich
}

//! Special lists on paper: people on a treatment that must not lapse, with when they are next due and how to reach them.
//!
//! Always: everybody who is on the list, overdue first; how many; why the list matters; the age of the data; lines for those
//! who come besides. Never: a name cut short, an empty box where something is not recorded. Rows of words that the caller
//! fills. Called by `Press::special_lists`; proved by `tests/special_lists.rs`.

use crate::clinic_list::{tick, who};
use crate::flow::{Flow, Table};
use crate::leaf::{Leaf, Style};
use crate::plain::{Letterhead, Plain, Stack};
use crate::typeface::Typeface;
use crate::words::or_not_recorded;
use crate::wrap::{Rich, figures_tied};
use crate::{Fault, Press, Rendered};
use basics::Zone;

/// One list.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct SpecialListSheet {
    /// "Dialysis".
    pub name: String,
    /// Why it matters, in a sentence.
    pub why: String,
    /// "14 people: 2 overdue, 1 without a known date, 8 due within 7 days".
    pub count: String,
    /// How old the data are.
    pub as_at: String,
    /// Which feeds say nothing, and since when; empty when all speak.
    pub silent: String,
    /// Who is on it, in the order of what is most pressing.
    pub rows: Vec<SpecialListLine>,
}

/// Somebody on a list. What is empty prints as "Not recorded".
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct SpecialListLine {
    /// "OVERDUE since 11-May-2026", "13-May-2026 08:00", "No date known".
    pub due: String,
    /// The date has passed, or none is known.
    pub pressing: bool,
    /// As on a banner.
    pub name: String,
    /// "14-Jul-1945".
    pub born: String,
    /// In groups; or the hospital's number, said to be so.
    pub nhs_number: String,
    /// What puts them on the list, and as at when.
    pub because: String,
    /// What the service adds; may be empty.
    pub note: String,
    /// Numbers to call.
    pub phone: String,
    /// The hospital; may be empty.
    pub site: String,
}

const TEXT: Style = Style::plain(8.5);
/// Empty lines at the end, to write on.
const SPARE_ROWS: usize = 3;

impl Press {
    /// Special lists, one after the other, each with its own pages.
    ///
    /// # Errors
    /// See [`Fault`].
    pub fn special_lists(
        &self,
        lists: &[SpecialListSheet],
        head: &Letterhead,
        zone: &Zone,
    ) -> Result<Rendered, Fault> {
        self.ink_plain("Special lists", head, &self.lay_special_lists(lists, head, zone))
    }

    /// The words of [`Press::special_lists`], page by page in drawing order, exactly as drawn.
    pub fn special_lists_words(
        &self,
        lists: &[SpecialListSheet],
        head: &Letterhead,
        zone: &Zone,
    ) -> Vec<Vec<String>> {
        self.lay_special_lists(lists, head, zone).leaves.iter().map(Leaf::read_out).collect()
    }

    fn lay_special_lists(&self, lists: &[SpecialListSheet], head: &Letterhead, zone: &Zone) -> Stack {
        let mut stack = Stack::default();
        for list in lists {
            let title = format!("Special list · {}", list.name);
            let frame = Plain { wide: true, ..self.plain(zone, head, title.clone(), list.as_at.clone()) };
            stack.add(&frame, title, sheet(&frame, list));
        }
        stack
    }
}

fn sheet(frame: &Plain<'_>, list: &SpecialListSheet) -> Vec<Leaf> {
    let mut flow = Flow::new(frame);
    flow.say(&Rich::of(&list.count, Style::bold(10.0)));
    if !list.silent.is_empty() {
        flow.say(&Rich::of(&list.silent, Style::bold(10.0)));
    }
    if !list.why.is_empty() {
        flow.say(&Rich::of(&list.why, Style::plain(10.0)));
    }
    let mut table = Table {
        columns: vec![
            ("Next due", 1.5),
            ("Patient", 2.7),
            ("On the list because", 2.6),
            ("Note of the service", 2.2),
            ("Telephone", 1.8),
            ("Hospital", 1.5),
            ("Done", 0.6),
        ],
        rows: list.rows.iter().map(|row| cells(frame.typeface, row)).collect(),
        row_min: 30.0,
    };
    let spare = if table.rows.is_empty() { 10 } else { SPARE_ROWS };
    if table.rows.is_empty() {
        flow.say(&Rich::of(
            "Nobody is known to be on this list. It may be wrong: ask the service, and write down who is.",
            Style::plain(10.0),
        ));
    }
    table.rows.extend((0..spare).map(|_| blank()));
    flow.table(&table);
    flow.say(&Rich::of(
        "Found by words in the record and by the lists that services hand in: somebody may be missing. The service knows best.",
        Style::soft(8.0),
    ));
    flow.finish()
}

fn cells(typeface: &Typeface, row: &SpecialListLine) -> Vec<Rich> {
    let due = if row.pressing { Style::bold(10.0) } else { Style::plain(10.0) };
    vec![
        Rich::of(or_not_recorded(&row.due), due),
        who(typeface, &row.name, &row.born, Some(&row.nhs_number)),
        Rich::of(or_not_recorded(&row.because), TEXT),
        Rich::of(if row.note.trim().is_empty() { "None" } else { &row.note }, TEXT),
        Rich::of(&figures_tied(or_not_recorded(&row.phone)), TEXT),
        Rich::of(or_not_recorded(&row.site), TEXT),
        tick(),
    ]
}

fn blank() -> Vec<Rich> {
    let mut cells = vec![Rich::default(); 6];
    cells.push(tick());
    cells
}

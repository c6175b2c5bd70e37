//! The door list: who may come although their booking was postponed or nobody could reach them, and what to do then.
//!
//! Always: by name, as somebody at a door looks it up; date of birth beside each, for names are shared; what to do in words; a box to
//! tick; how many. Never: a diagnosis or a reason, for the list lies where people queue. Called by `Press::door_list`; proved by
//! `tests/clinic_papers.rs`.

use crate::clinic_list::{tick, titled, who};
use crate::flow::{Flow, Table};
use crate::leaf::{Leaf, Style};
use crate::plain::{Letterhead, Plain, Stack};
use crate::words::or_not_recorded;
use crate::wrap::Rich;
use crate::{Fault, Press, Rendered};
use basics::Zone;

/// Who may come anyway, on one day at one door.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct DoorList {
    /// Which door: "Northgate General, main entrance".
    pub place: String,
    /// The day: "Tuesday 12 May 2026".
    pub day: String,
    /// How old the data are: "Data as at 12-May-2026 13:00, 2 hours old".
    pub as_at: String,
    /// Whom to call when in doubt: "Clinics' desk, extension 4021"; may be empty.
    pub in_doubt: String,
    /// In any order; they are printed by name.
    pub rows: Vec<DoorRow>,
}

/// Somebody who may come. What is empty prints as "Not recorded".
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub struct DoorRow {
    /// As on a banner: `SMITH, Fredrica (Mrs)`.
    pub name: String,
    /// "14-Jul-1945".
    pub born: String,
    /// "09:30".
    pub time: String,
    /// The clinic.
    pub clinic: String,
    /// "Postponed, not reached".
    pub decided: String,
    /// "Say sorry, take a number to call, ask the nurse if unwell".
    pub what_to_do: String,
}

const TEXT: Style = Style::plain(9.5);
const STRONG: Style = Style::bold(9.5);

impl Press {
    /// The list for a door.
    ///
    /// # Errors
    /// See [`Fault`].
    pub fn door_list(&self, list: &DoorList, head: &Letterhead, zone: &Zone) -> Result<Rendered, Fault> {
        self.ink_plain("Door list", head, &self.lay_door_list(list, head, zone))
    }

    /// The words of [`Press::door_list`], page by page in drawing order, exactly as drawn.
    pub fn door_list_words(&self, list: &DoorList, head: &Letterhead, zone: &Zone) -> Vec<Vec<String>> {
        self.lay_door_list(list, head, zone).leaves.iter().map(Leaf::read_out).collect()
    }

    fn lay_door_list(&self, list: &DoorList, head: &Letterhead, zone: &Zone) -> Stack {
        let title = titled("Door list", &list.day);
        let frame = Plain { wide: true, ..self.plain(zone, head, title.clone(), list.as_at.clone()) };
        let mut stack = Stack::default();
        stack.add(&frame, title, sheet(&frame, list));
        stack
    }
}

fn sheet(frame: &Plain<'_>, list: &DoorList) -> Vec<Leaf> {
    let mut flow = Flow::new(frame);
    let people = match list.rows.len() {
        0 => "Nobody is on this list".to_owned(),
        1 => "1 person may come".to_owned(),
        n => format!("{n} people may come"),
    };
    let mut first = Rich::default();
    if !list.place.is_empty() {
        first.say(&list.place, Style::bold(11.0)).say(": ", Style::plain(11.0));
    }
    first.say(&people, Style::bold(11.0));
    flow.say(&first);
    flow.say(&Rich::of(
        "Ask for name and date of birth; both must fit. Whoever looks or feels unwell is seen by a nurse first, whatever the \
         list says. Nobody is sent home who is not on this list.",
        Style::plain(10.0),
    ));
    if !list.in_doubt.is_empty() {
        let mut doubt = Rich::of("In doubt: ", Style::plain(10.0));
        doubt.say(&list.in_doubt, Style::bold(10.0));
        flow.say(&doubt);
    }
    flow.gap(3.0);
    let mut rows: Vec<&DoorRow> = list.rows.iter().collect();
    rows.sort_by_cached_key(|row| (row.name.to_lowercase(), *row));
    let mut table = Table {
        columns: vec![
            ("Came", 0.6),
            ("Name", 3.2),
            ("Time", 0.8),
            ("Clinic", 2.2),
            ("Decided", 2.4),
            ("What to do", 3.6),
        ],
        rows: rows.into_iter().map(|row| cells(frame, row)).collect(),
        row_min: 30.0,
    };
    let spare = if table.rows.is_empty() { 12 } else { 3 };
    table.rows.extend((0..spare).map(|_| {
        let mut cells = vec![tick()];
        cells.resize(6, Rich::default());
        cells
    }));
    flow.table(&table);
    flow.finish()
}

fn cells(frame: &Plain<'_>, row: &DoorRow) -> Vec<Rich> {
    vec![
        tick(),
        who(frame.typeface, &row.name, &row.born, None),
        Rich::of(or_not_recorded(&row.time), STRONG),
        Rich::of(or_not_recorded(&row.clinic), TEXT),
        Rich::of(or_not_recorded(&row.decided), STRONG),
        Rich::of(or_not_recorded(&row.what_to_do), TEXT),
    ]
}

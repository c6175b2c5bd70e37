//! The log on paper: every entry with its number, time and initials, the oldest first, as a loggist would hand it over.
//!
//! Always: numbers as in the book, a gap in them said (the filter left entries out); a corrected entry names what
//! corrects it; the whole text of each entry, however long; the book's head on each page and its whole seal at the end.
//! Called by `Press::log`; proved by `tests/log_sheet.rs`.

use crate::flow::{Flow, Table};
use crate::leaf::{Leaf, Style};
use crate::plain::{Letterhead, Plain, Stack};
use crate::wrap::Rich;
use crate::{Fault, Press, Rendered};
use basics::{Moment, Zone};
use incident::log::{Kind, Line};
use incident::{IncidentBook, IncidentId};

/// Entries in one file at most: about a thousand pages.
pub const LOG_LINES_MAX: usize = 20_000;

const TEXT: Style = Style::plain(8.6);
const STRONG: Style = Style::bold(8.6);
const SMALL: Style = Style::soft(7.4);

/// What is printed.
#[derive(Clone, Copy)]
pub struct LogSheet<'a> {
    /// The entries, the oldest first.
    pub lines: &'a [Line],
    /// Entries in the whole book.
    pub total: usize,
    /// The seal of the book's last entry, whole: 64 hexadecimal digits.
    pub seal: &'a str,
    /// Names the incidents.
    pub incident: &'a dyn Fn(IncidentId) -> String,
    /// Whether each entry names its incident: a log of one need not.
    pub name_incidents: bool,
    /// Beneath the time of printing: which entries these are ("Decisions only"); may be empty.
    pub filter: &'a str,
}

/// The incident's name in a book, for [`LogSheet::incident`].
pub fn incident_name(book: &IncidentBook, id: IncidentId) -> String {
    book.incident(id).map_or_else(|| id.to_string(), |incident| incident.name.clone())
}

impl Press {
    /// The log of an incident: numbered, timed, initialled. The letterhead's record is the book's head: entries and the
    /// first digits of the last one's seal.
    ///
    /// # Errors
    /// See [`Fault`].
    pub fn log(&self, log: &LogSheet<'_>, head: &Letterhead, zone: &Zone) -> Result<Rendered, Fault> {
        self.ink_plain("Log", head, &self.lay_log(log, head, zone))
    }

    /// The words of [`Press::log`], page by page in drawing order, exactly as drawn.
    pub fn log_words(&self, log: &LogSheet<'_>, head: &Letterhead, zone: &Zone) -> Vec<Vec<String>> {
        self.lay_log(log, head, zone).leaves.iter().map(Leaf::read_out).collect()
    }

    fn lay_log(&self, log: &LogSheet<'_>, head: &Letterhead, zone: &Zone) -> Stack {
        let frame = self.plain(zone, head, "Log".to_owned(), log.filter.to_owned());
        let mut stack = Stack::default();
        stack.add(&frame, "Log".to_owned(), sheet(&frame, log));
        stack
    }
}

fn sheet(frame: &Plain<'_>, log: &LogSheet<'_>) -> Vec<Leaf> {
    let mut flow = Flow::new(frame);
    if log.lines.is_empty() {
        flow.say(&Rich::of("No entry fits what was asked for.", STRONG));
    } else {
        let mut table = Table {
            columns: vec![
                ("No.", 0.075),
                ("Time", 0.115),
                ("What", 0.12),
                ("Entry", 0.6),
                ("Initials", 0.09),
            ],
            rows: Vec::with_capacity(log.lines.len()),
            row_min: 0.0,
        };
        let mut before: Option<&Line> = None;
        for line in log.lines {
            table.rows.push(row(frame, log, before, line));
            before = Some(line);
        }
        flow.table(&table);
    }
    closing(&mut flow, log);
    flow.finish()
}

fn row(frame: &Plain<'_>, log: &LogSheet<'_>, before: Option<&Line>, line: &Line) -> Vec<Rich> {
    let mut number = Rich::of(&line.entry.to_string(), STRONG);
    let left_out = before.map_or(0, |b| line.entry.0.saturating_sub(b.entry.0 + 1));
    if left_out > 0 {
        number.next_line(SMALL).say(&format!("{left_out} left out before"), SMALL);
    }
    let mut what = Rich::default();
    let kind = if line.kind == Kind::Decision { "DECISION".to_owned() } else { line.kind.word().to_owned() };
    what.say(&kind, if line.kind == Kind::Decision { STRONG } else { TEXT });
    if let Some(id) = line.incident.filter(|_| log.name_incidents) {
        what.next_line(SMALL).say(&(log.incident)(id), SMALL);
    }
    let mut entry = Rich::default();
    if let Some(by) = line.corrected_by {
        entry.say(&format!("CORRECTED BY ENTRY {by}. As it was written:"), STRONG);
    }
    whole(&mut entry, &line.text, TEXT);
    if line.clock_went_back {
        let said = "The clock read earlier here than at the entry before; the numbers are the order.";
        entry.next_line(SMALL).say(said, SMALL);
    }
    let mut initials = Rich::of(&line.by.initials(), STRONG);
    initials.next_line(SMALL).say(line.by.as_str(), SMALL);
    vec![number, time(frame, line.at), what, entry, initials]
}

fn time(frame: &Plain<'_>, at: Moment) -> Rich {
    let clinical = frame.zone.clinical(at);
    let (date, clock) = clinical.rsplit_once(' ').unwrap_or(("", &clinical));
    let mut time = Rich::of(clock, STRONG);
    time.next_line(SMALL).say(date, SMALL);
    time
}

fn closing(flow: &mut Flow<'_, Plain<'_>>, log: &LogSheet<'_>) {
    flow.gap(6.0);
    let count = |n: usize| if n == 1 { "1 entry".to_owned() } else { format!("{n} entries") };
    let mut end = Rich::default();
    end.say(&format!("End: {} printed, of {} in the book.", count(log.lines.len()), log.total), STRONG);
    end.next_line(SMALL)
        .say("Seal of the book's last entry when this was made: ", SMALL)
        .say(log.seal, SMALL);
    end.next_line(SMALL).say(
        "The same seal must come from the record (lifeboat verify): one changed byte anywhere before it gives another. \
         Entries are numbered without a gap in the book; nothing in it can be taken out or changed, only corrected by a \
         later entry.",
        SMALL,
    );
    flow.say(&end);
}

/// A text of any length: what the wrap kit would cut is handed to it in parts.
fn whole(rich: &mut Rich, text: &str, style: Style) {
    const PART_CHARS: usize = 4_000;
    for line in text.split('\n') {
        rich.next_line(style);
        let mut rest = line;
        while !rest.is_empty() {
            let cut = rest.char_indices().nth(PART_CHARS).map_or(rest.len(), |(at, _)| at);
            let (part, after) = rest.split_at(cut);
            rich.say(part, style);
            rest = after;
        }
    }
}

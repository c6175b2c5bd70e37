//! The directory as a table: read, with a report of every row that was refused.
//!
//! Always: one bad row loses that row alone, and says its line and what to mend; the report adds up: rows = added +
//! changed + same + refused. Described in `docs/formats/directory_sheet.md`; proved by `tests/directory.rs`.

use super::rules::{Row, tidied};
use super::{DirectoryEntry, DirectoryId, EntryKind, Key, LISTED_AT_ONCE_MAX, Route};
use crate::csv::{self, Limits, RefusedRow, SheetFault};
use crate::hospitals::site_named;
use crate::wording;
use crate::{IncidentBook, RoleKey};
use std::collections::{BTreeMap, BTreeSet};

/// What was read.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ImportReport {
    /// New and changed entries, and those newly on duty; see [`ImportReport::intents`].
    pub listed: Vec<Row>,
    /// Rows of the file.
    pub rows: usize,
    /// Entries that are not listed yet.
    pub added: usize,
    /// Entries that are listed with other words.
    pub changed: usize,
    /// Entries that are listed so already.
    pub same: usize,
    /// How many the file calls on duty.
    pub on_duty: usize,
    /// Rows that were refused.
    pub refused: Vec<RefusedRow>,
    /// Entries that the file does not name; they stay unless somebody takes them out.
    pub not_in_file: Vec<DirectoryId>,
}

impl ImportReport {
    /// What to submit, in order: each is one act. Submitting again after half of them changes nothing twice.
    pub fn intents(&self) -> Vec<super::Intent> {
        self.listed
            .chunks(LISTED_AT_ONCE_MAX)
            .map(|rows| super::Intent::List { rows: rows.to_vec() })
            .collect()
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Column {
    Kind,
    Name,
    Title,
    Role,
    Site,
    Place,
    Location,
    Notes,
    OnDuty,
    Number(Route),
}

/// Columns by the headings that people give them; the first is the one that the format's description uses.
const HEADINGS: [(Column, &[&str]); 16] = [
    (Column::Kind, &["kind", "type", "entry type"]),
    (Column::Name, &["name", "full name", "who", "display name"]),
    (Column::Title, &["title", "job title", "grade", "job"]),
    (Column::Role, &["role", "incident role", "action card"]),
    (Column::Site, &["site", "hospital"]),
    (Column::Place, &["place", "ward", "department", "team"]),
    (Column::Location, &["location", "where", "room", "floor"]),
    (Column::Number(Route::Direct), &["direct", "direct line", "direct dial", "ddi", "telephone", "phone"]),
    (Column::Number(Route::Extension), &["extension", "ext", "ext.", "internal"]),
    (Column::Number(Route::Mobile), &["mobile", "mobile phone", "cell", "mobile number"]),
    (Column::Number(Route::Bleep), &["bleep", "pager", "bleep number"]),
    (Column::Number(Route::Radio), &["radio", "call sign", "radio channel"]),
    (Column::Number(Route::Switchboard), &["switchboard", "via switchboard"]),
    (Column::Number(Route::Email), &["email", "e-mail", "mail", "email address"]),
    (Column::OnDuty, &["on duty", "on_duty", "duty", "on shift"]),
    (Column::Notes, &["notes", "note", "remarks", "comment"]),
];

struct Columns(Vec<(Column, usize)>);

impl Columns {
    fn of(heading: &[String]) -> Result<Self, SheetFault> {
        let mut found = Vec::new();
        for (column, names) in HEADINGS {
            let named = |h: &String| names.contains(&basics::tidy(h, 80).to_lowercase().as_str());
            found.extend(heading.iter().position(named).map(|at| (column, at)));
        }
        match found.iter().any(|(column, _)| *column == Column::Name) {
            true => Ok(Self(found)),
            false => {
                let known: Vec<&str> =
                    HEADINGS.iter().filter_map(|(_, names)| names.first().copied()).collect();
                Err(SheetFault::NoName(known.join(", ")))
            }
        }
    }

    fn field<'a>(&self, row: &'a csv::Row, column: Column) -> &'a str {
        self.0.iter().find(|(c, _)| *c == column).map_or("", |(_, at)| row.field(*at))
    }
}

/// Reads a directory beside what is listed now.
pub fn read_sheet(book: &IncidentBook, bytes: &[u8]) -> Result<ImportReport, SheetFault> {
    let table = csv::read(bytes, Limits::USUAL)?;
    let columns = Columns::of(&table.heading)?;
    let mut report = ImportReport { rows: table.rows.len(), ..ImportReport::default() };
    let mut lines: BTreeMap<Key, usize> = BTreeMap::new();
    for row in &table.rows {
        let read = row_of(book, &columns, row).and_then(|read| match lines.get(&read.entry.key()) {
            Some(line) => Err(format!("this entry stands in line {line} already; keep one of the two")),
            None => Ok(read),
        });
        match read {
            Ok(read) => {
                lines.insert(read.entry.key(), row.line);
                note(book, &mut report, read);
            }
            Err(why) => {
                let text = wording::plain_line(&row.fields.join(" · "), 120);
                report.refused.push(RefusedRow { line: row.line, row: text, why });
            }
        }
    }
    let named: BTreeSet<DirectoryId> =
        lines.keys().filter_map(|key| book.directory.keys.get(key).copied()).collect();
    report.not_in_file = book.directory.all().map(|(id, _)| id).filter(|id| !named.contains(id)).collect();
    Ok(report)
}

fn note(book: &IncidentBook, report: &mut ImportReport, read: Row) {
    let known = book.directory.keys.get(&read.entry.key()).and_then(|id| book.directory.entry(*id));
    report.on_duty += usize::from(read.on_duty);
    let same = known == Some(&read.entry);
    match known {
        Some(_) if same => report.same += 1,
        Some(_) => report.changed += 1,
        None => report.added += 1,
    }
    if !same || read.on_duty {
        report.listed.push(read);
    }
}

fn row_of(book: &IncidentBook, columns: &Columns, row: &csv::Row) -> Result<Row, String> {
    let field = |column| columns.field(row, column);
    let role = match field(Column::Role).trim() {
        "" => None,
        text => Some(role_key(text)?),
    };
    let mut numbers = Vec::new();
    for route in Route::ALL {
        for number in field(Column::Number(route)).split([';', '|', '\n']) {
            if !number.trim().is_empty() {
                numbers.push((route, number.trim().to_owned()));
            }
        }
    }
    let entry = DirectoryEntry {
        kind: kind(field(Column::Kind))?,
        name: field(Column::Name).to_owned(),
        title: field(Column::Title).to_owned(),
        role,
        site: site_named(book, field(Column::Site))?,
        place: field(Column::Place).to_owned(),
        location: field(Column::Location).to_owned(),
        numbers,
        notes: field(Column::Notes).to_owned(),
    };
    let entry = tidied(entry).map_err(|e| e.to_string())?;
    Ok(Row { entry, on_duty: yes(field(Column::OnDuty))? })
}

fn kind(field: &str) -> Result<EntryKind, String> {
    if field.trim().is_empty() {
        return Ok(EntryKind::Person);
    }
    EntryKind::read(field)
        .ok_or_else(|| format!("“{}” is no kind; write person, role or place", basics::tidy(field, 40)))
}

/// "Site manager" and "site-manager" name the same role.
fn role_key(text: &str) -> Result<RoleKey, String> {
    let plain: String = text
        .to_lowercase()
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
        .collect::<String>()
        .split('-')
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join("-");
    RoleKey::new(&plain).ok_or_else(|| {
        format!(
            "“{}” is no role; write it as its action card does, at most 40 letters",
            basics::tidy(text, 60)
        )
    })
}

fn yes(field: &str) -> Result<bool, String> {
    match basics::tidy(field, 20).to_lowercase().as_str() {
        "" | "no" | "n" | "0" | "false" | "off" => Ok(false),
        "yes" | "y" | "1" | "true" | "on" | "x" => Ok(true),
        other => Err(format!("“{other}” under “on duty”; write yes or no")),
    }
}

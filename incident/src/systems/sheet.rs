//! The inventory of systems as a table: read, with a report of every row that was refused.
//!
//! Always: one bad row loses that row alone, and says its line and what to mend; the report adds up: rows = added +
//! changed + same + refused. Described in `docs/formats/systems_sheet.md`; proved by `tests/systems.rs`.

use super::{DEPENDS_MAX, Listing};
use crate::csv::{self, Limits, RefusedRow, Row, SheetFault, meant};
use crate::hospitals::site_named;
use crate::wording;
use crate::{Ground, IncidentBook};
use basics::SiteId;
use std::collections::BTreeMap;

/// What was read.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ImportReport {
    /// What to hand to [`super::Intent::List`]: new and changed systems.
    pub systems: Vec<Listing>,
    /// Rows of the file.
    pub rows: usize,
    /// Systems that are not listed yet.
    pub added: usize,
    /// Systems that are listed with other words.
    pub changed: usize,
    /// Systems that are listed so already.
    pub same: usize,
    /// Rows that were refused.
    pub refused: Vec<RefusedRow>,
    /// Things to look at that cost no row: dependencies on systems that nobody listed.
    pub notes: Vec<String>,
    /// Listed systems that the file does not name; they stay.
    pub not_in_file: usize,
}

/// Which column is which.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
#[allow(missing_docs)]
pub struct Columns {
    pub site: Option<usize>,
    pub name: usize,
    pub owner: Option<usize>,
    pub workaround: Option<usize>,
    pub depends_on: Option<usize>,
    pub recovery_order: Option<usize>,
}

/// Columns by the headings that people give them.
const HEADINGS: [(&str, &[&str]); 6] = [
    ("site", &["site", "hospital", "location"]),
    ("name", &["name", "system", "system name", "application"]),
    ("owner", &["owner", "system owner", "contact", "managed by"]),
    ("workaround", &["workaround", "fallback", "downtime procedure", "without it"]),
    ("depends on", &["depends on", "depends_on", "dependencies", "needs"]),
    ("recovery order", &["recovery order", "recovery_order", "order", "priority"]),
];

impl Columns {
    fn of(heading: &[String]) -> Result<Self, SheetFault> {
        let at = |column: &str| {
            let names = HEADINGS.iter().find(|(c, _)| *c == column).map_or(&[][..], |(_, names)| names);
            heading.iter().position(|h| names.contains(&basics::tidy(h, 80).to_lowercase().as_str()))
        };
        let known = || HEADINGS.iter().map(|(c, _)| *c).collect::<Vec<_>>().join(", ");
        Ok(Self {
            site: at("site"),
            name: at("name").ok_or_else(|| SheetFault::NoName(known()))?,
            owner: at("owner"),
            workaround: at("workaround"),
            depends_on: at("depends on"),
            recovery_order: at("recovery order"),
        })
    }
}

/// Reads an inventory beside what is listed now.
pub fn read_sheet(book: &IncidentBook, bytes: &[u8]) -> Result<ImportReport, SheetFault> {
    let table = csv::read(bytes, Limits::USUAL)?;
    let columns = Columns::of(&table.heading)?;
    let mut report = ImportReport { rows: table.rows.len(), ..ImportReport::default() };
    let mut lines: BTreeMap<(Option<SiteId>, String), usize> = BTreeMap::new();
    let mut read: Vec<(usize, Listing)> = Vec::new();
    for row in &table.rows {
        let listing = listing(book, &columns, row).and_then(|listing| match lines.get(&listing.key()) {
            Some(line) => Err(format!("this system stands in line {line} already; keep one of the two")),
            None => Ok(listing),
        });
        match listing {
            Ok(listing) => {
                lines.insert(listing.key(), row.line);
                read.push((row.line, listing));
            }
            Err(why) => {
                let text = wording::plain_line(&row.fields.join(" · "), 120);
                report.refused.push(RefusedRow { line: row.line, row: text, why });
            }
        }
    }
    report.not_in_file = book.systems.all().filter(|(_, l)| !lines.contains_key(&l.key())).count();
    for (line, listing) in read {
        note_unknown_needs(book, &lines, &listing, line, &mut report.notes);
        match book.systems.names.get(&listing.key()).and_then(|id| book.systems.listing(*id)) {
            Some(known) if *known == listing => report.same += 1,
            Some(_) => {
                report.changed += 1;
                report.systems.push(listing);
            }
            None => {
                report.added += 1;
                report.systems.push(listing);
            }
        }
    }
    Ok(report)
}

fn listing(book: &IncidentBook, columns: &Columns, row: &Row) -> Result<Listing, String> {
    let field = |column: Option<usize>| column.map_or("", |column| meant(row.field(column)));
    let site = site_named(book, field(columns.site))?;
    let said = |what, text: &str| wording::line_or_empty(what, text).map_err(|e| e.to_string());
    let name =
        wording::line("the system's name", meant(row.field(columns.name))).map_err(|e| e.to_string())?;
    let depends_on: Vec<String> = field(columns.depends_on)
        .split([';', '|', '\n'])
        .map(|name| said("a system that it needs", name))
        .filter(|name| name.as_ref().is_ok_and(|n| !n.is_empty()) || name.is_err())
        .collect::<Result<_, _>>()?;
    if depends_on.len() > DEPENDS_MAX {
        return Err(format!("{} dependencies; at most {DEPENDS_MAX} are kept", depends_on.len()));
    }
    let order = field(columns.recovery_order).trim();
    let recovery_order = match (order, order.parse::<u32>()) {
        ("", _) => None,
        (_, Ok(number)) if (1..=100_000).contains(&number) => Some(number),
        _ => {
            return Err(format!(
                "“{}” is no recovery order; write a number from 1, or leave it empty",
                basics::tidy(order, 40)
            ));
        }
    };
    Ok(Listing {
        site,
        name,
        owner: said("the owner", field(columns.owner))?,
        workaround: wording::note_or_empty("what to do without it", field(columns.workaround))
            .map_err(|e| e.to_string())?,
        depends_on,
        recovery_order,
    })
}

/// The systems listed now as a sheet that can be read back: for a spreadsheet, and for the folder on the shelf. Each
/// row ends with the state on `ground`, which reading back leaves out.
pub fn write_sheet(book: &IncidentBook, ground: Ground) -> String {
    let mut out = format!("{HEADING},state,since,note\r\n");
    for (id, listing) in book.systems.all() {
        let standing = book.systems.standing(ground, id);
        let order = listing.recovery_order.map_or_else(String::new, |n| n.to_string());
        let since = standing.since.map_or_else(String::new, |at| book.zone.clinical(at));
        let fields = [
            listing.site.as_ref().map_or("", SiteId::as_str),
            &listing.name,
            &listing.owner,
            &listing.workaround,
            &listing.depends_on.join("; "),
            &order,
            standing.state.words(),
            &since,
            &standing.note,
        ];
        out.push_str(&csv::line(fields));
    }
    out
}

/// The first row of a sheet, for whoever begins one.
pub const HEADING: &str = "site,name,owner,workaround,depends on,recovery order";

fn note_unknown_needs(
    book: &IncidentBook,
    lines: &BTreeMap<(Option<SiteId>, String), usize>,
    listing: &Listing,
    line: usize,
    notes: &mut Vec<String>,
) {
    const NOTES_MAX: usize = 200;
    for name in &listing.depends_on {
        let small = name.to_lowercase();
        let in_file =
            [listing.site.clone(), None].into_iter().any(|site| lines.contains_key(&(site, small.clone())));
        if !in_file && book.systems.find(listing.site.as_ref(), name).is_none() && notes.len() < NOTES_MAX {
            notes.push(format!("line {line}: {} needs “{name}”, which is listed nowhere", listing.words()));
        }
    }
}

//! Staff as a table: read beside the accounts there are, with a report of every row that was refused. Reading changes
//! nothing; what the report says is done by submitting its intents.
//!
//! Always: one bad row loses that row alone, and says its line and what to mend; rows = joined + changed + same + merged +
//! refused; whoever the file leaves out keeps their account. Never: an account closed, the last administrator taken away.
//! Described in `docs/formats/staff_sheet.md`; proved by `tests/people_sheet.rs`.

use super::cells::{roles, scope, until, yes};
use super::rules::{administrators_left, tidied};
use super::scope::same;
use super::{Account, IMPORTED_AT_ONCE_MAX, Intent, Scope, StaffNumber};
use crate::Role;
use crate::book::{Asked, By};
use basics::csv::{self, Limits, RefusedRow, Row, TableFault};
use basics::{Moment, Person, SiteId, WardId, Zone};
use std::collections::{BTreeMap, BTreeSet};

/// What is known of the trust's places: a hospital that is not among them is a slip, a ward may be new.
#[derive(Clone, Copy, Debug, Default)]
pub struct Known<'a> {
    /// The hospitals; empty where nobody has listed them.
    pub sites: &'a [SiteId],
    /// The wards on which somebody lies or lay.
    pub wards: &'a [(SiteId, WardId)],
}

/// The file as a whole cannot be used.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[allow(missing_docs)]
pub enum SheetFault {
    #[error(transparent)]
    Table(#[from] TableFault),
    #[error("the first row must name the columns; “{missing}” is missing. Known columns: {known}")]
    NoColumn { missing: &'static str, known: String },
}

/// What was read.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ImportReport {
    /// Rows of the file.
    pub rows: usize,
    /// Accounts that would be opened: line, number, account.
    pub joined: Vec<(usize, StaffNumber, Account)>,
    /// Accounts that would change.
    pub changed: Vec<(usize, StaffNumber, Account)>,
    /// Each change in a sentence, with its line.
    pub changes: Vec<String>,
    /// Accounts that stand so already.
    pub same: usize,
    /// Rows that add a place or a role to a row above of the same person.
    pub merged: usize,
    /// Rows that were refused.
    pub refused: Vec<RefusedRow>,
    /// Things to look at that cost no row.
    pub notes: Vec<String>,
    /// Open accounts that the file does not name; they stay.
    pub not_in_file: Vec<StaffNumber>,
}

impl ImportReport {
    /// What to submit, in order: each is one act. Administrators come first, so that one always stands. Submitting again
    /// after half of them changes nothing twice.
    pub fn intents(&self) -> Vec<Intent> {
        let all = self.joined.iter().chain(&self.changed).map(|(_, number, account)| (number, account));
        let (first, then): (Vec<_>, Vec<_>) = all.partition(|(_, account)| account.stands_as_administrator());
        let rows: Vec<(StaffNumber, Account)> = first
            .into_iter()
            .chain(then)
            .map(|(number, account)| (number.clone(), account.clone()))
            .collect();
        rows.chunks(IMPORTED_AT_ONCE_MAX).map(|rows| Intent::Import { rows: rows.to_vec() }).collect()
    }

    /// Whether every row is accounted for.
    pub fn adds_up(&self) -> bool {
        self.rows == self.joined.len() + self.changed.len() + self.same + self.merged + self.refused.len()
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Column {
    Number,
    Name,
    FirstName,
    Surname,
    Roles,
    Site,
    Ward,
    Contact,
    ValidUntil,
    Temporary,
}

/// Columns by the headings that people give them, letters and digits alone; the first is the format's own.
const HEADINGS: [(Column, &[&str]); 10] = [
    (
        Column::Number,
        &[
            "staff number",
            "staff no",
            "staff id",
            "employee number",
            "employee no",
            "employee id",
            "payroll number",
            "assignment number",
            "esr number",
            "personnel number",
            "username",
            "user name",
            "login",
            "number",
        ],
    ),
    (Column::Name, &["name", "full name", "staff name", "employee name", "display name", "who"]),
    (Column::FirstName, &["first name", "forename", "given name", "firstname", "forenames", "first names"]),
    (Column::Surname, &["surname", "last name", "family name", "lastname"]),
    (Column::Roles, &["roles", "role", "access", "access role", "lifeboat role", "rights"]),
    (Column::Site, &["site", "hospital", "sites", "hospitals"]),
    (Column::Ward, &["ward", "wards", "department", "unit", "ward code"]),
    (
        Column::Contact,
        &["contact", "phone", "telephone", "mobile", "bleep", "extension", "ext", "work phone", "email"],
    ),
    (
        Column::ValidUntil,
        &[
            "valid until",
            "until",
            "expires",
            "expiry",
            "end date",
            "leaving date",
            "contract end",
            "valid to",
        ],
    ),
    (Column::Temporary, &["temporary", "temp", "agency", "bank", "bank or agency"]),
];

impl Column {
    /// As the format calls it.
    fn name(self) -> Option<&'static str> {
        HEADINGS.iter().find(|(column, _)| *column == self).and_then(|(_, names)| names.first().copied())
    }
}

/// A column of a sheet.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SheetColumn {
    /// Its heading, as it stands there.
    pub heading: String,
    /// As which column of the format it is read; `None`: it is passed over.
    pub read_as: Option<&'static str>,
    /// What stands in it in the first row, shortened.
    pub sample: String,
}

/// Each column of a sheet and as what it is read, in the order of the sheet.
///
/// # Errors
/// As for [`read_sheet`].
pub fn sheet_columns(bytes: &[u8]) -> Result<Vec<SheetColumn>, SheetFault> {
    let table = csv::read(bytes, Limits::USUAL)?;
    let columns = Columns::of(&table.heading)?;
    let shown = table.heading.iter().enumerate().map(|(at, heading)| SheetColumn {
        heading: basics::tidy(heading, 60),
        read_as: columns.0.iter().find(|(_, here)| *here == at).and_then(|(column, _)| column.name()),
        sample: table.rows.first().map_or_else(String::new, |row| basics::tidy(row.field(at), 60)),
    });
    Ok(shown.collect())
}

struct Columns(Vec<(Column, usize)>);

impl Columns {
    fn of(heading: &[String]) -> Result<Self, SheetFault> {
        let plain = |text: &str| {
            let words: Vec<String> = text
                .replace("(s)", "s")
                .split(|c: char| !c.is_alphanumeric())
                .filter(|word| !word.is_empty())
                .map(str::to_lowercase)
                .collect();
            words.join(" ")
        };
        let heading: Vec<String> = heading.iter().map(|h| plain(h)).collect();
        let mut found = Vec::new();
        for (column, names) in HEADINGS {
            // The name that comes first in our list wins, wherever it stands in theirs.
            let at = names.iter().find_map(|name| heading.iter().position(|h| h == name));
            found.extend(at.map(|at| (column, at)));
        }
        let columns = Self(found);
        let named = columns.has(Column::Name) || columns.has(Column::Surname);
        let missing = match (columns.has(Column::Number), named) {
            (false, _) => "staff number",
            (true, false) => "name",
            (true, true) => return Ok(columns),
        };
        let known: Vec<&str> = HEADINGS.iter().filter_map(|(_, names)| names.first().copied()).collect();
        Err(SheetFault::NoColumn { missing, known: known.join(", ") })
    }

    fn has(&self, column: Column) -> bool {
        self.0.iter().any(|(c, _)| *c == column)
    }

    /// The field of that column, without the apostrophe by which a spreadsheet guards a "+"; `None` where the sheet has no
    /// such column.
    fn field<'a>(&self, row: &'a Row, column: Column) -> Option<&'a str> {
        let (_, at) = self.0.iter().find(|(c, _)| *c == column)?;
        let field = row.field(*at).trim();
        Some(match field.strip_prefix('\'') {
            Some(rest) if rest.starts_with(['=', '+', '-', '@']) => rest,
            _ => field,
        })
    }
}

/// Reads a sheet beside the accounts there are. A dry run: nothing changes.
///
/// # Errors
/// A file that is no table, or names no column of staff numbers or names.
pub fn read_sheet(asked: &Asked<'_>, known: Known<'_>, bytes: &[u8]) -> Result<ImportReport, SheetFault> {
    let table = csv::read(bytes, Limits::USUAL)?;
    let columns = Columns::of(&table.heading)?;
    let mut reading = Reading {
        asked,
        known,
        columns,
        report: ImportReport::default(),
        read: BTreeMap::new(),
        named: BTreeSet::new(),
    };
    reading.report.rows = table.rows.len();
    for row in &table.rows {
        if let Err(why) = reading.row(row) {
            reading.refuse(row.line, &row.fields.join(" · "), why);
        }
    }
    Ok(reading.finish())
}

/// An account as a row gives it.
struct Read {
    line: usize,
    account: Account,
    merged: usize,
}

struct Reading<'a> {
    asked: &'a Asked<'a>,
    known: Known<'a>,
    columns: Columns,
    report: ImportReport,
    read: BTreeMap<StaffNumber, Read>,
    /// Every number that stands in the file, refused or not.
    named: BTreeSet<StaffNumber>,
}

/// Notes and sentences of changes kept for the page.
const NOTES_MAX: usize = 500;

impl Reading<'_> {
    fn refuse(&mut self, line: usize, row: &str, why: String) {
        self.report.refused.push(RefusedRow { line, row: basics::tidy(row, 120), why });
    }

    fn note(&mut self, note: String) {
        if self.report.notes.len() < NOTES_MAX && !self.report.notes.contains(&note) {
            self.report.notes.push(note);
        }
    }

    fn row(&mut self, row: &Row) -> Result<(), String> {
        let field = |column| self.columns.field(row, column).unwrap_or("");
        let number = StaffNumber::new(field(Column::Number)).ok_or_else(|| match field(Column::Number) {
            "" => "the staff number is missing".to_owned(),
            other => format!(
                "“{}” is no staff number; write letters and digits, at most {}",
                basics::tidy(other, 40),
                StaffNumber::BYTES_MAX
            ),
        })?;
        self.named.insert(number.clone());
        let listed = self.asked.book.people.listed(&number);
        if let Some((stamp, why)) = listed.and_then(|l| l.closed.as_ref()) {
            return Err(format!(
                "this account was closed at {} ({why}); an import opens none again: open it by hand if they are back",
                self.asked.zone.clinical(stamp.at)
            ));
        }
        let account = self.account(row, listed.map(|l| &l.account))?;
        let account = tidied(account, self.asked.at).map_err(|refusal| refusal.to_string())?;
        let Some(above) = self.read.get_mut(&number) else {
            self.read.insert(number, Read { line: row.line, account, merged: 0 });
            return Ok(());
        };
        if !same(above.account.name.as_str(), account.name.as_str()) {
            return Err(format!(
                "line {} gives this number to {}; one of the two is wrong",
                above.line, above.account.name
            ));
        }
        above.account = tidied(joined(&above.account, account), self.asked.at).map_err(|r| r.to_string())?;
        above.merged += 1;
        Ok(())
    }

    /// The account of one row; what the sheet has no column for stays as it is.
    fn account(&mut self, row: &Row, listed: Option<&Account>) -> Result<Account, String> {
        let field = |column| self.columns.field(row, column);
        let name = field(Column::Name).filter(|name| !name.is_empty()).map_or_else(
            || {
                let part = |column| field(column).unwrap_or("");
                format!("{} {}", part(Column::FirstName), part(Column::Surname))
            },
            str::to_owned,
        );
        let name = Person::new(&name).ok_or("the name is missing")?;
        let roles = match (field(Column::Roles), listed) {
            (None | Some(""), Some(listed)) => listed.roles.clone(),
            (text, _) => roles(text.unwrap_or(""))?,
        };
        let temporary = match (field(Column::Temporary), listed) {
            (None, Some(listed)) => listed.temporary,
            (text, _) => yes(text.unwrap_or(""))?,
        };
        let valid_until = match (field(Column::ValidUntil), listed) {
            (None, Some(listed)) => listed.valid_until,
            (text, _) => until(text.unwrap_or(""), self.asked.zone)?,
        };
        let contact = match (field(Column::Contact), listed) {
            (None, Some(listed)) => listed.contact.clone(),
            (text, _) => text.unwrap_or("").to_owned(),
        };
        let no_places = !self.columns.has(Column::Site) && !self.columns.has(Column::Ward);
        let scope = match listed {
            Some(listed) if no_places => listed.scope.clone(),
            _ => {
                let (site, ward) = (field(Column::Site).unwrap_or(""), field(Column::Ward).unwrap_or(""));
                let (scope, notes) = scope(self.known, site, ward, &roles)?;
                notes.into_iter().for_each(|note| self.note(format!("line {}: {note}", row.line)));
                scope
            }
        };
        Ok(Account { name, roles, scope, contact, valid_until, temporary })
    }

    /// Sorts what was read into what it would do.
    fn finish(mut self) -> ImportReport {
        self.keep_an_administrator();
        let people = &self.asked.book.people;
        for (number, Read { line, account, merged }) in std::mem::take(&mut self.read) {
            self.report.merged += merged;
            let listed = people.listed(&number).map(|l| &l.account);
            for role in [Role::Administrator, Role::PrivacyOfficer] {
                if account.roles.contains(&role) && !listed.is_some_and(|l| l.roles.contains(&role)) {
                    self.note(format!(
                        "line {line} makes {} {} {}",
                        account.name,
                        article(role),
                        role.words()
                    ));
                }
            }
            match listed {
                Some(listed) if *listed == account => self.report.same += 1,
                Some(listed) => {
                    if self.report.changes.len() < NOTES_MAX {
                        let words = change(listed, &account, self.asked.zone);
                        self.report.changes.push(format!("line {line}: {number}, {words}"));
                    }
                    self.report.changed.push((line, number, account));
                }
                None => self.report.joined.push((line, number, account)),
            }
        }
        let absent = people.open().map(|(number, _)| number).filter(|number| !self.named.contains(number));
        self.report.not_in_file = absent.cloned().collect();
        self.report.joined.sort_by_key(|(line, ..)| *line);
        self.report.changed.sort_by_key(|(line, ..)| *line);
        self.report
    }

    /// Rows that would leave no administrator are refused, each with its line; so are those by which somebody would take
    /// the role from themselves.
    fn keep_an_administrator(&mut self) {
        let book = self.asked.book;
        let after: BTreeMap<&StaffNumber, Option<&Account>> =
            self.read.iter().map(|(number, read)| (number, Some(&read.account))).collect();
        let none_left =
            administrators_left(book, &BTreeMap::new()) > 0 && administrators_left(book, &after) == 0;
        let takes = |number: &StaffNumber, read: &Read| {
            let was = book.people.listed(number).is_some_and(|l| l.account.stands_as_administrator());
            was && !read.account.stands_as_administrator()
        };
        let oneself = |number: &StaffNumber| *self.asked.who == By::Staff(number.clone());
        let taken: Vec<StaffNumber> = self
            .read
            .iter()
            .filter(|(number, read)| takes(number, read) && (none_left || oneself(number)))
            .map(|(number, _)| number.clone())
            .collect();
        for number in taken {
            let Some(read) = self.read.remove(&number) else { continue };
            let why = if none_left {
                "this would leave no administrator who does not run out; make somebody else an administrator first"
            } else {
                "this would take the administrator's role from yourself; let another administrator do it"
            };
            for _ in 0..=read.merged {
                self.refuse(read.line, &format!("{number} · {}", read.account.name), why.to_owned());
            }
        }
    }
}

fn article(role: Role) -> &'static str {
    if role == Role::Administrator { "an" } else { "a" }
}

/// Two rows of one person: all roles and all places of both.
fn joined(above: &Account, below: Account) -> Account {
    let scope = match (&above.scope, below.scope) {
        (Scope::Places(a), Scope::Places(b)) => Scope::Places(a.iter().cloned().chain(b).collect()),
        _ => Scope::Trust,
    };
    let roles = above.roles.union(&below.roles).copied().collect();
    let contact = if above.contact.is_empty() { below.contact } else { above.contact.clone() };
    let valid_until = match (above.valid_until, below.valid_until) {
        (Some(a), Some(b)) => Some(a.max(b)),
        _ => None,
    };
    let temporary = above.temporary && below.temporary;
    Account { name: above.name.clone(), roles, scope, contact, valid_until, temporary }
}

/// What a change changes, in words.
fn change(was: &Account, is: &Account, zone: &Zone) -> String {
    let until = |at: Option<Moment>| at.map_or_else(|| "no end".to_owned(), |at| zone.clinical(at));
    let told = [
        ("name", was.name.to_string(), is.name.to_string()),
        ("roles", was.roles_words(), is.roles_words()),
        ("works at", was.scope.to_string(), is.scope.to_string()),
        ("contact", was.contact.clone(), is.contact.clone()),
        ("valid until", until(was.valid_until), until(is.valid_until)),
        ("temporary", was.temporary.to_string(), is.temporary.to_string()),
    ];
    let changed = told.into_iter().filter(|(_, was, is)| was != is);
    let words: Vec<String> = changed.map(|(what, was, is)| format!("{what}: {was} → {is}")).collect();
    format!("{}: {}", is.name, words.join("; "))
}

//! Reading the rights from plain text. The format is described in `docs/formats/rights.md`.
//!
//! Always: every fault is told at once, with file and line; rights with a fault are not used at all. Never: a line passed over
//! in silence, an address in two rows.

use super::table::{Group, Rights, Whom};
use crate::Role;
use crate::people::Within;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// Longest file, in bytes.
const FILE_BYTES_MAX: usize = 256 << 10;
/// Longest value, in bytes.
const VALUE_BYTES_MAX: usize = 400;
/// Addresses in all.
const ADDRESSES_MAX: usize = 2_000;
/// Faults told.
const FAULTS_MAX: usize = 50;

/// One fault.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RightsFault {
    /// The file as it was named.
    pub file: String,
    /// The line, counted from 1; 0 for the file as a whole.
    pub line: usize,
    /// What is wrong and what to write instead.
    pub what: String,
}

impl fmt::Display for RightsFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => write!(f, "{}: {}", self.file, self.what),
            line => write!(f, "{}, line {line}: {}", self.file, self.what),
        }
    }
}

/// Every fault.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
pub struct RightsFaults(pub Vec<RightsFault>);

/// How a group of pages begins.
const HEADING: &str = "PAGES";
/// The lines that a group may have.
const NAMES: [&str; 5] = ["why", "look", "do", "within", "break the glass"];

/// Reads the rights: all of them, or every fault.
///
/// # Errors
/// Every fault, with its line.
pub fn read(file: &str, bytes: &[u8]) -> Result<Rights, RightsFaults> {
    let mut reading = Reading { file, faults: Vec::new(), groups: Vec::new(), addresses: BTreeMap::new() };
    match std::str::from_utf8(bytes) {
        Ok(_) if bytes.len() > FILE_BYTES_MAX => {
            reading.fault(
                0,
                format!("{} bytes are more than the file may have ({FILE_BYTES_MAX})", bytes.len()),
            );
        }
        Ok(text) => {
            for (at, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
                let line = line.trim();
                if !line.is_empty() && !line.starts_with('#') {
                    reading.line(at + 1, line);
                }
            }
        }
        Err(_) => reading.fault(0, "this is not plain text in UTF-8; save it again as plain text"),
    }
    reading.finish()
}

/// A group as read so far.
struct Section {
    line: usize,
    name: String,
    /// Line, name, value.
    values: Vec<(usize, String, String)>,
    addresses: Vec<String>,
}

impl Section {
    fn value(&self, name: &str) -> Option<(usize, &str)> {
        self.values.iter().find(|(_, n, _)| n == name).map(|(line, _, value)| (*line, value.as_str()))
    }
}

struct Reading<'a> {
    file: &'a str,
    faults: Vec<RightsFault>,
    groups: Vec<Section>,
    /// Address (with every place for anything written alike), and its line.
    addresses: BTreeMap<String, usize>,
}

impl Reading<'_> {
    fn fault(&mut self, line: usize, what: impl Into<String>) {
        if self.faults.len() < FAULTS_MAX {
            self.faults.push(RightsFault { file: self.file.to_owned(), line, what: what.into() });
        }
    }

    fn line(&mut self, number: usize, text: &str) {
        if let Some(name) = text.strip_prefix(HEADING).filter(|rest| rest.is_empty() || rest.starts_with(' '))
        {
            let name = basics::tidy(name, VALUE_BYTES_MAX);
            if name.is_empty() {
                self.fault(number, format!("write after {HEADING} what these pages are"));
            }
            self.groups.push(Section { line: number, name, values: Vec::new(), addresses: Vec::new() });
            return;
        }
        if self.groups.is_empty() {
            self.fault(
                number,
                format!("a heading ({HEADING} and what they are) must stand before this line"),
            );
            return;
        }
        if text.starts_with('/') {
            return self.address(number, text);
        }
        let Some((name, value)) = text.split_once(':') else {
            let what = format!("“{}” is neither “name: value” nor a page's address", shown(text));
            return self.fault(number, what);
        };
        let (name, value) = (basics::tidy(name, 60).to_lowercase(), basics::tidy(value, VALUE_BYTES_MAX + 1));
        let again = self.groups.last().is_some_and(|g| g.value(&name).is_some());
        match () {
            () if !NAMES.contains(&name.as_str()) => {
                let what =
                    format!("“{}” stands in no group; the names are: {}", shown(&name), NAMES.join(", "));
                self.fault(number, what);
            }
            () if again => self.fault(number, format!("“{name}” stands here a second time; keep one")),
            () if value.is_empty() => self.fault(number, format!("write something after “{name}:”")),
            () if value.len() > VALUE_BYTES_MAX => {
                self.fault(number, format!("“{name}” is longer than {VALUE_BYTES_MAX} bytes; shorten it"));
            }
            () => {
                if let Some(group) = self.groups.last_mut() {
                    group.values.push((number, name, value));
                }
            }
        }
    }

    fn address(&mut self, number: usize, text: &str) {
        if !well_formed(text) {
            let what = format!(
                "“{}” is no address: parts after slashes, each plain or in {{braces}}, without spaces",
                shown(text)
            );
            return self.fault(number, what);
        }
        if self.addresses.len() >= ADDRESSES_MAX {
            return self.fault(number, format!("more than {ADDRESSES_MAX} addresses"));
        }
        let alike: Vec<&str> =
            text.split('/').map(|part| if part.starts_with('{') { "{}" } else { part }).collect();
        if let Some(other) = self.addresses.insert(alike.join("/"), number) {
            return self
                .fault(number, format!("this address stands in line {other} already; keep one of the two"));
        }
        if let Some(group) = self.groups.last_mut() {
            group.addresses.push(text.to_owned());
        }
    }

    fn finish(mut self) -> Result<Rights, RightsFaults> {
        let sections = std::mem::take(&mut self.groups);
        let groups: Vec<Group> = sections.into_iter().map(|section| self.group(section)).collect();
        if groups.is_empty() && self.faults.is_empty() {
            self.fault(0, "no page stands here, and so nobody could open any; restore the file");
        }
        if self.faults.is_empty() { Ok(Rights::new(groups)) } else { Err(RightsFaults(self.faults)) }
    }

    fn group(&mut self, section: Section) -> Group {
        if section.addresses.is_empty() {
            self.fault(section.line, "no page stands under this heading; add one, or take the heading away");
        }
        let look = self.whom(&section, "look");
        let deed = self.whom(&section, "do");
        let within = self.within(&section);
        let glass = match section.value("break the glass") {
            Some((line, value)) => self.roles(line, value),
            None => BTreeSet::new(),
        };
        if within != Within::Trust && (look.anybody || deed.anybody) {
            self.fault(
                section.line,
                "“anybody” has no wards; write “within: the trust”, or who must be signed in",
            );
        }
        let why = section.value("why").map_or_else(String::new, |(_, why)| why.to_owned());
        Group { name: section.name, why, look, deed, within, glass, addresses: section.addresses }
    }

    /// Roles, or a word for many: "anybody", "everybody", "newcomers", "nobody".
    fn whom(&mut self, section: &Section, name: &str) -> Whom {
        let Some((line, value)) = section.value(name) else {
            self.fault(section.line, format!("“{name}:” is missing; write who, or nobody"));
            return Whom::default();
        };
        let mut whom = Whom::default();
        let mut rest = Vec::new();
        let words: Vec<&str> = value.split(',').map(str::trim).collect();
        for word in &words {
            match word.to_lowercase().as_str() {
                "anybody" => whom.anybody = true,
                "everybody" => whom.everybody = true,
                "newcomers" => whom.newcomers = true,
                "nobody" if words.len() == 1 => return Whom::default(),
                _ => rest.push(*word),
            }
        }
        if whom.anybody && words.len() > 1 || whom.everybody && !rest.is_empty() {
            self.fault(line, "“anybody” and “everybody” hold all roles; write them without others");
        }
        if !rest.is_empty() {
            whom.roles = self.roles(line, &rest.join(", "));
        }
        whom
    }

    fn roles(&mut self, line: usize, value: &str) -> BTreeSet<Role> {
        let mut roles = BTreeSet::new();
        for word in value.split(',').map(str::trim) {
            // Exactly as it is called: rights are no place for guessing.
            match Role::ALL.into_iter().find(|role| role.words() == word) {
                Some(role) if roles.insert(role) => {}
                Some(_) => self.fault(line, format!("“{word}” stands here twice; keep one")),
                None => self.fault(
                    line,
                    format!(
                        "“{}” is no role; the roles are: {}; or anybody, everybody, nobody",
                        shown(word),
                        Role::all_words()
                    ),
                ),
            }
        }
        roles
    }

    fn within(&mut self, section: &Section) -> Within {
        match section.value("within") {
            None => Within::Trust,
            Some((_, "the trust")) => Within::Trust,
            Some((_, "their hospitals")) => Within::Site,
            Some((_, "their wards")) => Within::Ward,
            Some((line, other)) => {
                let what =
                    format!("“{}”; write “the trust”, “their hospitals” or “their wards”", shown(other));
                self.fault(line, what);
                Within::Ward
            }
        }
    }
}

/// "/", or parts of letters, digits, hyphens, dots, underscores, or a name in braces.
fn well_formed(address: &str) -> bool {
    let plain = |text: &str| {
        !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_'))
    };
    let part = |part: &str| match part.strip_prefix('{') {
        Some(rest) => rest.strip_suffix('}').is_some_and(plain),
        None => plain(part),
    };
    address == "/" || address.strip_prefix('/').is_some_and(|rest| rest.split('/').all(part))
}

fn shown(text: &str) -> String {
    basics::tidy(text, 60)
}

//! Reading special lists from plain text. The format is described in `docs/formats/special_lists.md`.
//!
//! Always: every fault of every file is told at once, with file and line, in words that whoever edits the lists can act on; a
//! set with a fault is not used at all. Proved by `tests/special_lists.rs`.

use super::{LISTS_MAX, ListFault, ListRule, ListsFault, SpecialLists, WORDS_MAX};
use crate::problems::folded;
use std::collections::HashMap;

/// Longest file, in bytes.
const FILE_BYTES_MAX: usize = 256 << 10;
/// Longest value, in bytes.
const VALUE_BYTES_MAX: usize = 2_000;
/// Faults told of one set.
const FAULTS_MAX: usize = 50;
/// Days for which a booking may count at most.
const DAYS_MAX: u32 = 400;

const LINES: [&str; 6] = ["also called", "why", "bookings", "medicines", "conditions", "counts for"];

/// A list as read so far: its place, its name, its lines.
struct Section {
    file: String,
    line: usize,
    name: String,
    values: Vec<(usize, String, String)>,
}

impl Section {
    fn value(&self, name: &str) -> Option<(usize, &str)> {
        self.values.iter().find(|(_, n, _)| n == name).map(|(line, _, value)| (*line, value.as_str()))
    }

    fn words(&self, name: &str) -> Vec<String> {
        let value = self.value(name).map_or("", |(_, value)| value);
        value.split(',').map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()).collect()
    }
}

#[derive(Default)]
struct Reading {
    faults: Vec<ListFault>,
    sections: Vec<Section>,
}

/// Reads a set of lists: (file name, its bytes). Either all of it, or every fault of every file.
///
/// # Errors
/// Every fault, with file and line.
pub fn read_all<'a>(
    files: impl IntoIterator<Item = (&'a str, &'a [u8])>,
) -> Result<SpecialLists, ListsFault> {
    let mut reading = Reading::default();
    for (file, bytes) in files {
        reading.file(file, bytes);
    }
    reading.finish()
}

impl Reading {
    fn fault(&mut self, file: &str, line: usize, what: impl Into<String>) {
        if self.faults.len() < FAULTS_MAX {
            self.faults.push(ListFault { file: file.to_owned(), line, what: what.into() });
        }
    }

    fn file(&mut self, file: &str, bytes: &[u8]) {
        if bytes.len() > FILE_BYTES_MAX {
            let what = format!("{} bytes are more than a file may have ({FILE_BYTES_MAX})", bytes.len());
            return self.fault(file, 0, what);
        }
        let Ok(text) = std::str::from_utf8(bytes) else {
            return self.fault(file, 0, "this is not plain text in UTF-8; save it again as plain text");
        };
        let before = self.sections.len();
        for (number, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
            let line = line.trim();
            if !line.is_empty() && !line.starts_with('#') {
                self.line(file, number + 1, line, before);
            }
        }
    }

    fn line(&mut self, file: &str, number: usize, text: &str, before: usize) {
        if let Some(name) = text.strip_prefix("LIST") {
            let name = basics::tidy(name, 80);
            if name.is_empty() {
                self.fault(file, number, "write a name after “LIST”");
            }
            return self.sections.push(Section { file: file.to_owned(), line: number, name, values: vec![] });
        }
        let Some((name, value)) = text.split_once(':') else {
            let what = format!(
                "“{}” is neither “name: value” nor the heading of a list (LIST …)",
                basics::clip(text, 40)
            );
            return self.fault(file, number, what);
        };
        let name = basics::tidy(name, 40).to_lowercase();
        if !LINES.contains(&name.as_str()) {
            let what = format!("“{name}” stands in no list; the names are: {}", LINES.join(", "));
            return self.fault(file, number, what);
        }
        if value.len() > VALUE_BYTES_MAX {
            return self.fault(
                file,
                number,
                format!("“{name}” is longer than {VALUE_BYTES_MAX} bytes; shorten it"),
            );
        }
        let Some(section) = self.sections.get_mut(before..).and_then(<[Section]>::last_mut) else {
            return self.fault(file, number, "the heading of a list (LIST …) must stand before this line");
        };
        if section.value(&name).is_some() {
            return self.fault(file, number, format!("“{name}” stands here a second time; keep one"));
        }
        section.values.push((number, name, value.trim().to_owned()));
    }

    fn finish(mut self) -> Result<SpecialLists, ListsFault> {
        let sections = std::mem::take(&mut self.sections);
        if sections.len() > LISTS_MAX {
            self.fault("", 0, format!("more than {LISTS_MAX} lists; keep fewer"));
        }
        if sections.is_empty() {
            self.fault("", 0, "there is no list in these files; begin one with a line “LIST …”");
        }
        let mut seen: HashMap<String, String> = HashMap::new();
        let mut lists = Vec::new();
        for section in &sections {
            let list = self.list(section);
            for name in &list.names {
                match seen.insert(folded(name), section.name.clone()) {
                    Some(other) if !name.is_empty() => {
                        let what =
                            format!("“{name}” stands for “{other}” already; a name stands for one list");
                        self.fault(&section.file, section.line, what);
                    }
                    _ => {}
                }
            }
            lists.push(list);
        }
        if self.faults.is_empty() { Ok(SpecialLists::new(lists)) } else { Err(ListsFault(self.faults)) }
    }

    fn list(&mut self, section: &Section) -> ListRule {
        let words = ["bookings", "medicines", "conditions"].map(|name| section.words(name));
        if words.iter().any(|words| words.len() > WORDS_MAX) {
            self.fault(
                &section.file,
                section.line,
                format!("more than {WORDS_MAX} words in one line; keep fewer"),
            );
        }
        let days = section.value("counts for").map(|(line, text)| (line, text.parse::<u32>()));
        let counts_for_days = match days {
            Some((_, Ok(days))) if (1..=DAYS_MAX).contains(&days) => days,
            Some((line, _)) => {
                self.fault(
                    &section.file,
                    line,
                    format!("“counts for” is a number of days from 1 to {DAYS_MAX}"),
                );
                0
            }
            None => {
                let what = format!("“{}” needs a line “counts for: 42”, in days", section.name);
                self.fault(&section.file, section.line, what);
                0
            }
        };
        let [bookings, medicines, conditions] = words;
        let names = std::iter::once(section.name.clone()).chain(section.words("also called")).collect();
        let why = section.value("why").map_or("", |(_, value)| value).to_owned();
        ListRule { names, why, bookings, medicines, conditions, counts_for_days }
    }
}

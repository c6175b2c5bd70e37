//! What of the log is asked for: words, incident, kind, person, times; from the address, and back into it for the next
//! page, the printed log and the form that comes back.

use crate::desk::Look;
use crate::forms::Typed;
use crate::incident::times::local;
use crate::names::encoded;
use basics::EntryNumber;
use incident::log::{Filter, Kind};
use incident::{IncidentBook, IncidentId, Person};

/// Entries on one page.
pub const PAGE_LINES: usize = 50;

/// The question as it was asked.
#[derive(Clone, Debug, Default)]
pub struct Question {
    /// Words that must all be there.
    pub q: String,
    /// An incident's number; empty for all.
    pub incident: String,
    /// "decision"; empty for all kinds.
    pub kind: String,
    /// Who signed.
    pub by: String,
    /// Not before: "2026-07-14T13:00".
    pub from: String,
    /// Not after.
    pub until: String,
    /// Only entries before this one.
    pub before: Option<u64>,
}

/// The kind as an address has it.
pub fn kind_value(kind: Kind) -> String {
    kind.word().to_lowercase().replace(' ', "-")
}

impl Question {
    /// From an address, or from the hidden fields of the entry box.
    pub fn read(typed: &Typed) -> Self {
        let text = |field: &str| typed.trimmed(field).to_owned();
        Self {
            q: text("q"),
            incident: text("incident"),
            kind: text("kind"),
            by: text("person"),
            from: text("from"),
            until: text("until"),
            before: typed.number("before"),
        }
    }

    /// Whether anything is left out.
    pub fn narrows(&self) -> bool {
        [&self.q, &self.incident, &self.kind, &self.by, &self.from, &self.until].iter().any(|t| !t.is_empty())
    }

    /// The filter of a page.
    pub fn filter(&self, look: &Look<'_>, limit: usize) -> Filter {
        let until = local(look.zone(), &self.until);
        Filter {
            words: self.q.clone(),
            incident: self.incident.parse().ok().map(IncidentId),
            kinds: Kind::ALL.into_iter().filter(|kind| kind_value(*kind) == self.kind).collect(),
            by: Person::new(&self.by),
            from: local(look.zone(), &self.from),
            // The whole of that minute.
            until: until.map(|at| at.plus_seconds(59)),
            before: self.before.map(EntryNumber),
            limit,
        }
    }

    /// As the question part of an address, without the page: "?q=pay&kind=decision", or nothing.
    pub fn address(&self) -> String {
        let fields = [
            ("q", &self.q),
            ("incident", &self.incident),
            ("kind", &self.kind),
            ("person", &self.by),
            ("from", &self.from),
            ("until", &self.until),
        ];
        let said = fields.iter().filter(|(_, value)| !value.is_empty());
        let said: Vec<String> = said.map(|(name, value)| format!("{name}={}", encoded(value))).collect();
        if said.is_empty() { String::new() } else { format!("?{}", said.join("&")) }
    }

    /// The same with one more field.
    pub fn address_and(&self, more: &str) -> String {
        let address = self.address();
        if address.is_empty() { format!("?{more}") } else { format!("{address}&{more}") }
    }

    /// In words, for paper: "decisions; with “pay”; of Cyber attack".
    pub fn words(&self, book: &IncidentBook) -> String {
        let mut said = Vec::new();
        if let Some(kind) = Kind::ALL.into_iter().find(|kind| kind_value(*kind) == self.kind) {
            said.push(format!("kind: {}", kind.word().to_lowercase()));
        }
        if let Some(id) = self.incident.parse().ok().map(IncidentId) {
            let name = book.incident(id).map_or_else(|| id.to_string(), |i| i.name.clone());
            said.push(format!("{name}, and what belongs to none"));
        }
        for (value, what) in
            [(&self.q, "with"), (&self.by, "signed by"), (&self.from, "from"), (&self.until, "until")]
        {
            if !value.is_empty() {
                said.push(format!("{what} “{value}”"));
            }
        }
        if said.is_empty() { "Every entry".to_owned() } else { format!("Only {}", said.join("; ")) }
    }
}

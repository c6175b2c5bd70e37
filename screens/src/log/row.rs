//! One entry as a line of a list.

use crate::desk::Look;
use crate::parts::Stamp;
use incident::IncidentBook;
use incident::log::{Kind, Line};

/// One entry.
pub struct Row {
    /// Its number in the book.
    pub entry: u64,
    /// When, by the clock.
    pub at: Stamp,
    /// Who signed, in full.
    pub by: String,
    /// In the margin.
    pub initials: String,
    /// "Decision".
    pub kind: &'static str,
    /// The style sheet's tag for the kind.
    pub tag: &'static str,
    /// Its incident's page and name.
    pub incident: Option<(String, String)>,
    /// "EXERCISE", or nothing.
    pub watermark: Option<&'static str>,
    /// What it says.
    pub text: String,
    /// A decision: marked.
    pub decision: bool,
    /// The entry that corrects it.
    pub corrected_by: Option<u64>,
    /// The clock read earlier than at the entry before.
    pub clock_went_back: bool,
}

impl Row {
    /// The line as it is shown.
    pub fn new(look: &Look<'_>, book: &IncidentBook, line: &Line) -> Self {
        let incident = line.incident.and_then(|id| book.incident(id));
        Self {
            entry: line.entry.0,
            at: Stamp::new(line.at, book.now(look.now), look.zone()),
            by: line.by.to_string(),
            initials: line.by.initials(),
            kind: line.kind.word(),
            tag: tag(line.kind),
            incident: incident.map(|i| (format!("/incidents/{}", i.id.0), i.name.clone())),
            watermark: incident.and_then(incident::Incident::watermark),
            text: line.text.to_string(),
            decision: line.kind == Kind::Decision,
            corrected_by: line.corrected_by.map(|entry| entry.0),
            clock_went_back: line.clock_went_back,
        }
    }
}

fn tag(kind: Kind) -> &'static str {
    match kind {
        Kind::Decision => "purple",
        Kind::Correction => "amber",
        Kind::Stage => "red",
        Kind::Methane | Kind::Sitrep => "blue",
        Kind::Role | Kind::Card => "green",
        Kind::System | Kind::Hospital | Kind::Divert => "orange",
        Kind::PublicUpdate | Kind::Message => "pink",
        Kind::Note | Kind::Directory => "grey",
    }
}

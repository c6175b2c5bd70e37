//! What a message says about a patient: HL7 v2, FHIR and lists of bookings become care facts, each citing its entry.
//!
//! Always: one bad segment or resource loses that one and says so; text stays as sent, unescaped and tidied. Never: a
//! panic, a guess at an identity, a patient's data in a `Problem`.
//! Called by `control_room` with every entry of the feed book; proved by the play of a ten-day feed against its truth,
//! by every message of the corpora, and by mutants of them (`tests/`).

mod attachment;
mod clock;
mod fhir;
mod header;
mod locations;
mod rules;
mod sheet;
mod translation;
mod v2;
mod words;

pub use attachment::document;
pub use clock::clock_ahead_minutes;
pub use header::{Header, header};
pub use locations::{LocationMap, PlaceKind, PlaceName, PlaceRule, Suggestion, WardRule};
pub use rules::FeedRules;
pub use sheet::{
    Checked, Column, ColumnFault, ColumnMap, ColumnProposal, Headings, LIMITS as SHEET_LIMITS, MappedColumn,
    Mapping, RowNote, SAMPLES_MAX, TYPE as LIST_TYPE, check_sheet,
};
pub use translation::{Control, Outcome, Received, Translation};

/// Largest entry translated, in bytes; larger ones go to the tray unread.
pub const ENTRY_BYTES_MAX: usize = 16 * 1024 * 1024;

/// Translates an HL7 v2 message.
pub fn hl7(bytes: &[u8], received: &Received, rules: &FeedRules) -> Translation {
    v2::translate(bytes, received, rules)
}

/// Translates a FHIR R4 resource or bundle in JSON.
pub fn fhir(bytes: &[u8], received: &Received, rules: &FeedRules) -> Translation {
    fhir::translate(bytes, received, rules)
}

/// Translates whatever it is: JSON opens with a brace, a list of bookings with a heading that says so, everything else is
/// taken for HL7 v2.
pub fn any(bytes: &[u8], received: &Received, rules: &FeedRules) -> Translation {
    match first_letter(bytes) {
        Some(b'{' | b'[') => fhir(bytes, received, rules),
        _ => list(bytes, received, rules).unwrap_or_else(|| hl7(bytes, received, rules)),
    }
}

/// Translates a list of bookings, whatever else the feed's messages are written in: people read a list in under the feed of
/// the system whose numbers it holds. `None`: it looks like no list.
pub fn list(bytes: &[u8], received: &Received, rules: &FeedRules) -> Option<Translation> {
    match first_letter(bytes) {
        Some(b'{' | b'[') => None,
        Some(b'M' | b'F' | b'B') if hl7_begins(bytes) => None,
        _ => sheet::translate_list(bytes, received, rules),
    }
}

/// The first byte that says anything.
fn first_letter(bytes: &[u8]) -> Option<u8> {
    without_mark(bytes).iter().copied().find(|b| !b.is_ascii_whitespace())
}

fn without_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes)
}

/// Nearly every message of a feed begins so: then nothing else is looked for.
fn hl7_begins(bytes: &[u8]) -> bool {
    let start = without_mark(bytes).trim_ascii_start();
    [b"MSH", b"FHS", b"BHS"].iter().any(|sign| start.starts_with(*sign))
}

//! What a message says about a patient: HL7 v2, FHIR and lists of bookings become care facts, each citing its entry.
//!
//! Always: one bad segment or resource loses that one and says so; text stays as sent, unescaped and tidied. Never: a
//! panic, a guess at an identity, a patient's data in a `Problem`.
//! Called by `control_room` with every entry of the feed book; proved by the play of a ten-day feed against its truth,
//! by every message of the corpora, and by mutants of them (`tests/`).

mod attachment;
mod fhir;
mod header;
mod locations;
mod rules;
mod sheet;
mod translation;
mod v2;
mod words;

pub use attachment::document;
pub use header::{Header, header};
pub use locations::{LocationMap, PlaceKind, PlaceName, PlaceRule, Suggestion, WardRule};
pub use rules::FeedRules;
pub use sheet::{Checked, Column, ColumnMap, LIMITS as SHEET_LIMITS, Mapping, RowNote, check_sheet};
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
    let start = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    match start.iter().find(|b| !b.is_ascii_whitespace()) {
        Some(b'{' | b'[') => fhir(bytes, received, rules),
        Some(b'M' | b'F' | b'B') if hl7_begins(start) => hl7(bytes, received, rules),
        _ if sheet::is_sheet(bytes, rules) => sheet::translate(bytes, received, rules),
        _ => hl7(bytes, received, rules),
    }
}

/// Nearly every message of a feed begins so: then nothing else is looked for.
fn hl7_begins(start: &[u8]) -> bool {
    let start = start.trim_ascii_start();
    [b"MSH", b"FHS", b"BHS"].iter().any(|sign| start.starts_with(*sign))
}

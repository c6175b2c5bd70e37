//! What a message says about a patient: HL7 v2 and FHIR become care facts, each citing its entry.
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
mod translation;
mod v2;
mod words;

pub use attachment::document;
pub use header::{Header, header};
pub use locations::{LocationMap, PlaceKind, PlaceName, PlaceRule, Suggestion, WardRule};
pub use rules::FeedRules;
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

/// Translates whatever it is: JSON opens with a brace, everything else is taken for HL7 v2.
pub fn any(bytes: &[u8], received: &Received, rules: &FeedRules) -> Translation {
    let start = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    match start.iter().find(|b| !b.is_ascii_whitespace()) {
        Some(b'{' | b'[') => fhir(bytes, received, rules),
        _ => hl7(bytes, received, rules),
    }
}

//! FHIR R4 in JSON: a bundle or a resource becomes care facts.
//!
//! Always: one odd value loses that value, one unreadable resource loses that resource, and the problem names the
//! place. Never: a type error that loses a message, a tree of values built, a patient's data in a problem.
//! Called by `translate::fhir`; proved by `tests/fhir_*.rs`: a hospital's export against its census, sample
//! bundles, the official and vendors' examples, and mutants of them.

mod alerts;
mod allergies;
mod bookings;
mod bundle;
mod datatypes;
mod documents;
mod dosage;
mod identifiers;
mod lenient;
mod medicines;
mod observations;
mod person;
mod places;
mod reader;
mod reports;
mod stays;

use crate::{ENTRY_BYTES_MAX, FeedRules, Received, Translation};
use care::ProblemKind;
use reader::Reader;

/// Translates a resource, a bundle, or resources one a line.
pub fn translate(bytes: &[u8], received: &Received, rules: &FeedRules) -> Translation {
    if bytes.len() > ENTRY_BYTES_MAX {
        let text =
            format!("The message is larger than {} MB and was not read.", ENTRY_BYTES_MAX / 1024 / 1024);
        return Translation::not_understood("", &text);
    }
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let text = String::from_utf8_lossy(bytes);
    let damaged = matches!(text, std::borrow::Cow::Owned(_));
    let contents = match bundle::open(text.trim()) {
        Ok(contents) => contents,
        Err(reason) => return Translation::not_understood("", reason),
    };
    let sent = reader::exact(&contents.timestamp, rules);
    let mut reader = Reader::new(contents.items, sent, received, rules);
    reader.out.message_type = contents.message_type;
    reader.out.sent_at = sent;
    if damaged {
        let text = "Some letters are not UTF-8; they are shown as �.";
        reader.out.problem(ProblemKind::Imperfect, "", text);
    }
    for (kind, place, text) in contents.problems {
        reader.out.problem(kind, &place, text);
    }
    read_all(&mut reader);
    reader.note_clock();
    let mut out = reader.out;
    out.places = reader.places.into_values().collect();
    if out.facts.is_empty() && out.places.is_empty() && out.problems.is_empty() {
        out.problem(ProblemKind::Imperfect, "", "There is nothing in it that the wards show.");
    }
    out
}

/// Places first, so that stays find them; then people, their stays, and everything that refers to both.
fn read_all(reader: &mut Reader<'_, '_>) {
    let order = |kind: &str| match kind {
        "Location" => 0u8,
        "Patient" => 1,
        "RelatedPerson" => 2,
        "Encounter" => 3,
        // A report takes its observations in before they are read on their own.
        "DiagnosticReport" => 4,
        _ => 5,
    };
    let mut parts: Vec<(u8, usize)> =
        reader.items.iter().enumerate().map(|(part, item)| (order(&item.kind), part)).collect();
    parts.sort_unstable();
    for (_, part) in parts {
        read_one(reader, part);
    }
}

fn read_one(reader: &mut Reader<'_, '_>, part: usize) {
    let Some(kind) = reader.items.get(part).map(|item| item.kind.clone()) else { return };
    match kind.as_str() {
        "Location" => places::location(reader, part),
        "Patient" => person::patient(reader, part),
        "RelatedPerson" => person::related(reader, part),
        "Encounter" => stays::encounter(reader, part),
        "AllergyIntolerance" => allergies::allergy(reader, part),
        "Condition" => alerts::condition(reader, part),
        "Flag" => alerts::flag(reader, part),
        "MedicationRequest" => medicines::request(reader, part),
        "MedicationStatement" => medicines::statement(reader, part),
        "MedicationAdministration" => medicines::administration(reader, part),
        "Observation" => observations::observation(reader, part),
        "DiagnosticReport" => reports::report(reader, part),
        "ServiceRequest" => reports::order(reader, part),
        "DocumentReference" => documents::document(reader, part),
        "Appointment" => bookings::appointment(reader, part),
        _ => {}
    }
}

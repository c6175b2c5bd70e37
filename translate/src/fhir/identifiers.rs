//! Which of FHIR's identifiers is an NHS number, which a hospital number, and which neither.
//!
//! Never: a number of unknown kind used to find a record. Called by `reader` and `person`; proved by the table here.

use super::datatypes::Named;
use crate::FeedRules;
use basics::NhsNumber;
use care::{Identifier, IdentifierKind};

/// Longest identifier kept, in bytes; longer ones are no numbers.
const NUMBER_BYTES_MAX: usize = 64;
/// Most identifiers taken of one patient.
const IDENTIFIERS_MAX: usize = 30;

/// All identifiers, hospital and NHS numbers first; and whether one said to be an NHS number is none.
pub(super) fn identifiers(list: &[Named<'_>], rules: &FeedRules) -> (Vec<Identifier>, bool) {
    let mut found: Vec<Identifier> = Vec::with_capacity(list.len().min(IDENTIFIERS_MAX) + 1);
    let mut bad_nhs = false;
    for named in list.iter().take(IDENTIFIERS_MAX) {
        let number = match identifier(named, rules) {
            Some(Ok(number)) => number,
            Some(Err(number)) => {
                bad_nhs = true;
                number
            }
            None => continue,
        };
        if !found.contains(&number) {
            found.push(number);
        }
    }
    found.sort_by_key(|i| i.kind == IdentifierKind::Other);
    (found, bad_nhs)
}

/// One identifier; `Err` when it is said to be an NHS number and is none; `None` when it has no value.
pub(super) fn identifier(named: &Named<'_>, rules: &FeedRules) -> Option<Result<Identifier, Identifier>> {
    let value = basics::tidy(named.value.as_str(), NUMBER_BYTES_MAX);
    if value.is_empty() {
        return None;
    }
    let system = named.system.as_str();
    if is_nhs(named) {
        let other =
            Identifier { kind: IdentifierKind::Other, assigner: "NHS".to_owned(), value: value.clone() };
        return Some(NhsNumber::parse(&value).map(Identifier::nhs).ok_or(other));
    }
    let kind = if is_hospital(named) { IdentifierKind::Mrn } else { IdentifierKind::Other };
    let told = [named.assigner.identifier.value.as_str(), system, named.assigner.display.as_str()];
    // A UK local identifier has one system for all hospitals; its assigner's code tells them apart.
    let told = if is_local(system) { told } else { [system, told[0], told[2]] };
    let assigner =
        told.into_iter().find(|t| !t.is_empty() && !is_local(t)).unwrap_or(&rules.mrn_assigner_default);
    Some(Ok(Identifier { kind, assigner: basics::tidy(assigner, 2 * NUMBER_BYTES_MAX), value }))
}

fn is_local(system: &str) -> bool {
    system.ends_with("Id/local-patient-identifier")
}

/// By its system (old and new), or by its type of HL7 table 0203.
fn is_nhs(named: &Named<'_>) -> bool {
    let system = named.system.as_str().to_ascii_lowercase();
    system.ends_with("/id/nhs-number")
        || system.ends_with("2.16.840.1.113883.2.1.4.1")
        || named.kind.is_any(&["NH", "NHS", "NHS number"])
}

/// By its type of HL7 table 0203, by the UK system of local numbers, or by a system that calls itself so.
fn is_hospital(named: &Named<'_>) -> bool {
    if named.use_.as_str() == "old" {
        return false;
    }
    if !named.kind.is_empty() {
        let types = ["MR", "PI", "PT", "MRT", "MRN", "Medical record number", "Hospital number"];
        return named.kind.is_any(&types);
    }
    let system = named.system.as_str().to_ascii_lowercase();
    let names =
        ["mrn", "hospital-number", "hospitalnumber", "medical-record", "medicalrecord", "patient-number"];
    is_local(named.system.as_str()) || names.iter().any(|name| system.contains(name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use basics::FeedName;

    #[test]
    fn numbers_are_told_apart_by_system_and_type() {
        let rules = FeedRules::new(FeedName::new("epr").unwrap());
        for (json, kind, assigner) in [
            (
                r#"{"system":"https://fhir.nhs.uk/Id/nhs-number","value":"999 000 0019"}"#,
                IdentifierKind::Other,
                "NHS",
            ),
            (
                r#"{"system":"http://fhir.nhs.net/Id/nhs-number","value":"9997000005"}"#,
                IdentifierKind::Nhs,
                "NHS",
            ),
            (
                r#"{"type":{"coding":[{"code":"MR"}]},"system":"urn:oid:1.2","value":"7"}"#,
                IdentifierKind::Mrn,
                "urn:oid:1.2",
            ),
            (r#"{"type":{"coding":[{"code":"MR"}]},"value":"7"}"#, IdentifierKind::Mrn, "epr"),
            (r#"{"type":{"coding":[{"code":"SS"}]},"system":"s","value":"7"}"#, IdentifierKind::Other, "s"),
            (
                r#"{"system":"https://fhir.nhs.uk/Id/local-patient-identifier","value":"7","assigner":{"identifier":{"value":"R0A"}}}"#,
                IdentifierKind::Mrn,
                "R0A",
            ),
            (
                r#"{"system":"https://ward.example/mrn","value":"7","use":"old"}"#,
                IdentifierKind::Other,
                "https://ward.example/mrn",
            ),
            (
                r#"{"system":"https://ward.example/mrn","value":"7"}"#,
                IdentifierKind::Mrn,
                "https://ward.example/mrn",
            ),
            (r#"{"value":"7"}"#, IdentifierKind::Other, "epr"),
        ] {
            let named: Named<'_> = serde_json::from_str(json).unwrap();
            let (Ok(got) | Err(got)) = identifier(&named, &rules).unwrap();
            assert_eq!((got.kind, got.assigner.as_str()), (kind, assigner), "{json}");
        }
    }
}

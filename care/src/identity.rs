//! Who a fact is about: identifiers as the sender gave them, and the key under which a record is kept.

use basics::NhsNumber;
use serde::{Deserialize, Serialize};

/// The number under which the index keeps a record; given in the order in which patients first appeared, so that a
/// rebuild from the book gives the same keys.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize)]
pub struct PatientKey(pub u64);

/// What kind of number an identifier is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum IdentifierKind {
    /// A valid NHS number.
    Nhs,
    /// A hospital number (MRN), unique within its assigner.
    Mrn,
    /// A FHIR resource id or other key that only its feed understands; never shown to people.
    Technical,
    /// Anything else the sender gave (driving licence, old system's number); shown, never used to match.
    Other,
}

/// One identifier of a patient.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct Identifier {
    /// What kind of number it is.
    pub kind: IdentifierKind,
    /// Who gave the number: an assigning authority, organisation code or FHIR system; empty when the sender gave none.
    pub assigner: String,
    /// The number itself, as sent, without surrounding space; an NHS number as ten digits.
    pub value: String,
}

impl Identifier {
    /// The identifier for a valid NHS number.
    pub fn nhs(number: NhsNumber) -> Self {
        Self { kind: IdentifierKind::Nhs, assigner: "NHS".to_owned(), value: number.digits() }
    }

    /// The NHS number, if that is what this is.
    pub fn nhs_number(&self) -> Option<NhsNumber> {
        (self.kind == IdentifierKind::Nhs).then(|| NhsNumber::parse(&self.value)).flatten()
    }

    /// Whether a record may be found by this identifier.
    pub fn matches_records(&self) -> bool {
        self.kind != IdentifierKind::Other
    }
}

/// Whose record a message's facts belong to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Resolution {
    /// This record.
    Known(PatientKey),
    /// Nobody known: a new record.
    New,
    /// The hospital number and the NHS number belong to different records. The facts go to the one with the hospital
    /// number, with a `Problem`; nobody is joined.
    Conflict {
        /// The record under the hospital number.
        by_mrn: PatientKey,
        /// The record under the NHS number.
        by_nhs: PatientKey,
    },
}

/// Finds the record: by hospital number with its assigner first, then by NHS number, then by the feed's own key.
pub fn resolve(identifiers: &[Identifier], lookup: &dyn Fn(&Identifier) -> Option<PatientKey>) -> Resolution {
    let by = |kind: IdentifierKind| identifiers.iter().filter(|i| i.kind == kind).find_map(lookup);
    let (by_mrn, by_nhs) = (by(IdentifierKind::Mrn), by(IdentifierKind::Nhs));
    match (by_mrn, by_nhs) {
        (Some(by_mrn), Some(by_nhs)) if by_mrn != by_nhs => Resolution::Conflict { by_mrn, by_nhs },
        (Some(key), _) => Resolution::Known(key),
        (None, Some(key)) => Resolution::Known(key),
        (None, None) => match by(IdentifierKind::Technical) {
            Some(key) => Resolution::Known(key),
            None => Resolution::New,
        },
    }
}

/// As `resolve`, but a hospital number never heard of is not filed under an NHS number, or a number of another
/// assigner, whose record already has another number of the same assigner: one of the two numbers may be wrong, so the
/// record is kept apart (`New`) and the caller tells the `Problem` when the other number was known. `numbers_of` gives a record's identifiers.
pub fn resolve_apart(
    identifiers: &[Identifier],
    lookup: &dyn Fn(&Identifier) -> Option<PatientKey>,
    numbers_of: &dyn Fn(PatientKey) -> Vec<Identifier>,
) -> Resolution {
    let found = resolve(identifiers, lookup);
    let Resolution::Known(key) = found else { return found };
    let mrns = || identifiers.iter().filter(|i| i.kind == IdentifierKind::Mrn);
    // A number never heard of, and no other of its assigner in the message that is this record's.
    let unheard = |mrn: &&Identifier| {
        let vouched = |i: &Identifier| i.assigner == mrn.assigner && lookup(i) == Some(key);
        lookup(mrn).is_none() && !mrns().any(vouched)
    };
    if !mrns().any(|mrn| unheard(&mrn)) {
        return found;
    }
    let held = numbers_of(key);
    let other_number = |mrn: &Identifier| {
        held.iter()
            .any(|h| h.kind == IdentifierKind::Mrn && h.assigner == mrn.assigner && h.value != mrn.value)
    };
    if mrns().filter(unheard).any(other_number) { Resolution::New } else { found }
}

/// The record that stands for `key` after all merges; a cycle ends where it closes.
pub fn survivor(key: PatientKey, merged_into: &dyn Fn(PatientKey) -> Option<PatientKey>) -> PatientKey {
    let mut at = key;
    for _ in 0..CHAIN_MAX {
        match merged_into(at) {
            Some(next) if next != key => at = next,
            _ => break,
        }
    }
    at
}

/// Longest chain of merges followed.
pub const CHAIN_MAX: usize = 64;

/// A change to the links between records; the keeper of the records applies each with `PatientRecord::link` and
/// `PatientRecord::unlink` on both ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LinkChange {
    /// `prior` is from now on shown under `survivor`.
    Link {
        /// The record merged away.
        prior: PatientKey,
        /// The record that stands.
        survivor: PatientKey,
    },
    /// `prior` is a person of its own again.
    Unlink {
        /// The record that had been merged away.
        prior: PatientKey,
        /// Where it had been merged into.
        survivor: PatientKey,
    },
}

/// What a merge of `prior` into `survivor` changes. A merge told twice changes nothing; one told the other way round
/// takes the first back; a prior that was merged elsewhere moves.
pub fn merge(
    survivor: PatientKey,
    prior: PatientKey,
    merged_into: &dyn Fn(PatientKey) -> Option<PatientKey>,
) -> Vec<LinkChange> {
    let mut changes = Vec::new();
    if survivor == prior || merged_into(prior) == Some(survivor) {
        return changes;
    }
    if let Some(elsewhere) = merged_into(prior) {
        changes.push(LinkChange::Unlink { prior, survivor: elsewhere });
    }
    // If the survivor is itself shown under the prior (directly or along a chain), that link is what is taken back.
    let mut at = survivor;
    for _ in 0..CHAIN_MAX {
        match merged_into(at) {
            Some(next) if next == prior => {
                changes.push(LinkChange::Unlink { prior: at, survivor: prior });
                break;
            }
            Some(next) => at = next,
            None => break,
        }
    }
    changes.push(LinkChange::Link { prior, survivor });
    changes
}

/// What the undoing of a merge changes: `prior` becomes its own again, wherever it had been merged.
pub fn unmerge(
    prior: PatientKey,
    merged_into: &dyn Fn(PatientKey) -> Option<PatientKey>,
) -> Option<LinkChange> {
    merged_into(prior).map(|survivor| LinkChange::Unlink { prior, survivor })
}

/// What the undoing of a merge changes: `prior` becomes its own again if it is shown under `subject`, directly or
/// along a chain; otherwise nothing (an undo is told both ways round, and only one of them is meant).
pub fn unmerge_from(
    subject: PatientKey,
    prior: PatientKey,
    merged_into: &dyn Fn(PatientKey) -> Option<PatientKey>,
) -> Option<LinkChange> {
    let survivor = merged_into(prior)?;
    let mut at = survivor;
    for _ in 0..CHAIN_MAX {
        if at == subject {
            return Some(LinkChange::Unlink { prior, survivor });
        }
        at = merged_into(at)?;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;

    fn id(kind: IdentifierKind, assigner: &str, value: &str) -> Identifier {
        Identifier { kind, assigner: assigner.to_owned(), value: value.to_owned() }
    }

    #[test]
    fn numbers_find_their_records_and_conflicts_join_nobody() {
        use IdentifierKind::{Mrn, Nhs, Other, Technical};
        let known: HashMap<Identifier, PatientKey> = [
            (id(Mrn, "R0A", "1"), PatientKey(1)),
            (id(Mrn, "R0B", "1"), PatientKey(2)),
            (id(Nhs, "NHS", "9990000018"), PatientKey(1)),
            (id(Technical, "epr", "Patient/x"), PatientKey(3)),
        ]
        .into();
        let lookup = |i: &Identifier| known.get(i).copied();
        let table: [(Vec<Identifier>, Resolution); 7] = [
            (vec![id(Mrn, "R0A", "1")], Resolution::Known(PatientKey(1))),
            // The same digits from another assigner are another person.
            (vec![id(Mrn, "R0B", "1")], Resolution::Known(PatientKey(2))),
            (vec![id(Mrn, "R0C", "1")], Resolution::New),
            (vec![id(Nhs, "NHS", "9990000018")], Resolution::Known(PatientKey(1))),
            (
                vec![id(Mrn, "R0B", "1"), id(Nhs, "NHS", "9990000018")],
                Resolution::Conflict { by_mrn: PatientKey(2), by_nhs: PatientKey(1) },
            ),
            (vec![id(Technical, "epr", "Patient/x"), id(Mrn, "R0A", "7")], Resolution::Known(PatientKey(3))),
            (vec![id(Other, "DVLA", "1")], Resolution::New),
        ];
        for (identifiers, want) in table {
            assert_eq!(resolve(&identifiers, &lookup), want, "{identifiers:?}");
        }
        let numbers = |_| vec![id(Mrn, "R0A", "1")];
        let second = [id(Mrn, "R0A", "2"), id(Nhs, "NHS", "9990000018")];
        assert_eq!(resolve_apart(&second, &lookup, &numbers), Resolution::New);
        // Nor is it joined to somebody by a second number from elsewhere (a number cut short, without an assigner).
        let cut_short = [id(Mrn, "R0A", "2"), id(Mrn, "R0B", "1")];
        let of_second = |_| vec![id(Mrn, "R0A", "5"), id(Mrn, "R0B", "1")];
        assert_eq!(resolve_apart(&cut_short, &lookup, &of_second), Resolution::New);
        let vouched = [id(Mrn, "R0A", "2"), id(Mrn, "R0A", "1")];
        assert_eq!(resolve_apart(&vouched, &lookup, &numbers), Resolution::Known(PatientKey(1)));
        let elsewhere = [id(Mrn, "R0Z", "2"), id(Nhs, "NHS", "9990000018")];
        assert_eq!(resolve_apart(&elsewhere, &lookup, &numbers), Resolution::Known(PatientKey(1)));
    }

    fn play(steps: &[(u64, u64)]) -> HashMap<u64, u64> {
        let mut links: HashMap<u64, u64> = HashMap::new();
        for (survivor, prior) in steps {
            let now = links.clone();
            let look = |k: PatientKey| now.get(&k.0).map(|v| PatientKey(*v));
            for change in merge(PatientKey(*survivor), PatientKey(*prior), &look) {
                match change {
                    LinkChange::Link { prior, survivor } => drop(links.insert(prior.0, survivor.0)),
                    LinkChange::Unlink { prior, .. } => drop(links.remove(&prior.0)),
                }
            }
        }
        links
    }

    #[test]
    fn merges_chain_and_undo_and_never_circle() {
        assert_eq!(play(&[(1, 2)]), [(2, 1)].into());
        assert_eq!(play(&[(1, 2), (1, 2)]), [(2, 1)].into());
        assert_eq!(play(&[(1, 2), (2, 1)]), [(1, 2)].into());
        assert_eq!(play(&[(1, 2), (3, 1)]), [(2, 1), (1, 3)].into());
        assert_eq!(play(&[(1, 2), (3, 1), (2, 3)]), [(2, 1), (3, 2)].into());
        assert_eq!(play(&[(1, 1)]), HashMap::new());
        let links = play(&[(1, 2), (3, 1)]);
        let look = |k: PatientKey| links.get(&k.0).map(|v| PatientKey(*v));
        assert_eq!(survivor(PatientKey(2), &look), PatientKey(3));
        let circle = |k: PatientKey| Some(PatientKey(3 - k.0));
        assert_eq!(survivor(PatientKey(1), &circle), PatientKey(2));
    }
}

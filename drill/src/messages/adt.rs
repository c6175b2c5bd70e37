//! Admissions, transfers, discharges, their cancels, and who is who: ADT as the three patient systems write it.

use super::{Sent, allergies, doctor, identifiers, location, pid};
use crate::people::{Person, Register, Stay};
use crate::places::Bed;
use crate::wire::{Draft, Heading};
use basics::Moment;

/// What an ADT message tells beside the person.
#[derive(Clone, Copy, Debug, Default)]
#[allow(missing_docs)]
pub struct Visit<'a> {
    pub stay: Option<&'a Stay>,
    pub bed_before: Option<Bed>,
    pub discharged: Option<Moment>,
    /// HL7 table 0112 as the trust uses it: "19" usual place of residence, "79" died.
    pub discharge_to: &'static str,
    pub expected_discharge: Option<Moment>,
    /// PV1 carries no location, as some systems' A08 do.
    pub without_place: bool,
}

/// How full a message is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fullness {
    /// Kin, doctor, allergies, alerts, diagnosis.
    Full,
    /// Person and visit.
    Plain,
    /// Only what lazy senders send: no birth, no sex, no address.
    Thin,
}

/// An ADT message about one person.
pub fn about(
    sent: Sent<'_>,
    trigger: &str,
    happened: Moment,
    person: &Person,
    register: Register,
    visit: Visit<'_>,
    fullness: Fullness,
) -> Vec<u8> {
    let dialect = sent.source.dialect();
    let mut draft = begin(&dialect, sent, trigger, happened);
    pid(&mut draft, person, register, fullness == Fullness::Thin);
    if fullness == Fullness::Full {
        family_and_doctor(&mut draft, person);
    }
    visit_segments(&mut draft, sent, visit);
    if fullness == Fullness::Full {
        crate::alerts::as_sent(&mut draft, person, register, happened);
        allergies(&mut draft, person);
        diagnosis(&mut draft, visit);
    }
    draft.segment("ZPI", &[(1, "1"), (3, "WVH-LOCAL"), (6, if person.female { "F" } else { "M" })]);
    draft.bytes()
}

fn begin<'d>(
    dialect: &'d crate::wire::Dialect,
    sent: Sent<'_>,
    trigger: &str,
    happened: Moment,
) -> Draft<'d> {
    let heading = Heading {
        facility: sent.facility,
        kind: ["ADT", trigger],
        control_id: sent.control_id,
        sent: sent.at,
    };
    let mut draft = Draft::new(dialect, heading);
    let happened = dialect.stamp(happened);
    // Eastmere says when it happened only in EVN-2; the others fill EVN-6 too, EVN-2 being when it was keyed.
    if dialect.version == "2.3" {
        draft.segment("EVN", &[(1, trigger), (2, &happened)]);
    } else {
        draft.segment("EVN", &[(1, trigger), (2, &happened), (5, "WARDCLERK"), (6, &happened)]);
    }
    draft
}

fn family_and_doctor(draft: &mut Draft<'_>, person: &Person) {
    let d = draft.dialect();
    let (practice_code, practice) = person.practice;
    draft.segment("PD1", &[(3, &d.parts(&[practice, "", practice_code])), (4, &doctor(d, person.gp))]);
    let (family, first) = &person.kin;
    if !family.is_empty() {
        draft.segment(
            "NK1",
            &[
                (1, "1"),
                (2, &d.parts(&[family, first])),
                (3, &d.parts(&["", person.kin_relation])),
                (5, &d.parts(&[&person.kin_phone, "PRN", "PH"])),
                (7, &d.parts(&["N", "Next of kin"])),
            ],
        );
    }
}

fn visit_segments(draft: &mut Draft<'_>, sent: Sent<'_>, visit: Visit<'_>) {
    let d = draft.dialect();
    let Some(stay) = visit.stay else {
        return;
    };
    let place = if visit.without_place { String::new() } else { location(d, sent.source, stay.bed) };
    let before = visit.bed_before.map(|bed| location(d, sent.source, bed)).unwrap_or_default();
    let specialty = stay.bed.ward().map_or("", |(_, ward)| ward.specialty);
    let consultant = doctor(d, stay.consultant);
    draft.segment(
        "PV1",
        &[
            (1, "1"),
            (2, &stay.class.to_string()),
            (3, &place),
            (4, if stay.class == 'E' { "21" } else { "28" }),
            (6, &before),
            (7, &consultant),
            (9, &consultant),
            (10, specialty),
            (19, &d.parts(&[&stay.visit, "", "", "VISIT"])),
            (36, visit.discharge_to),
            (44, &d.stamp(stay.admitted)),
            (45, &visit.discharged.map(|at| d.stamp(at)).unwrap_or_default()),
        ],
    );
    let expected = visit.expected_discharge.map(|at| d.stamp(at)).unwrap_or_default();
    draft.segment("PV2", &[(3, &d.parts(&["", stay.reason])), (9, &expected)]);
}

fn diagnosis(draft: &mut Draft<'_>, visit: Visit<'_>) {
    let d = draft.dialect();
    if let Some(stay) = visit.stay {
        let code = format!("WV{:03}", crate::ledger::fingerprint(stay.reason.as_bytes()) % 1000);
        draft.segment(
            "DG1",
            &[(1, "1"), (3, &d.parts(&[&code, stay.reason, "WVDX"])), (5, &d.stamp(stay.admitted)), (6, "W")],
        );
    }
}

/// A17: two patients change places. Each stay already holds its new bed.
pub fn swap(sent: Sent<'_>, happened: Moment, register: Register, both: [(&Person, &Stay); 2]) -> Vec<u8> {
    let dialect = sent.source.dialect();
    let mut draft = begin(&dialect, sent, "A17", happened);
    let [(_, first), (_, second)] = both;
    for ((person, stay), before) in both.into_iter().zip([second.bed, first.bed]) {
        pid(&mut draft, person, register, true);
        let visit = Visit { stay: Some(stay), bed_before: Some(before), ..Visit::default() };
        visit_segments(&mut draft, sent, visit);
    }
    draft.bytes()
}

/// A40: the record of `prior` is the same person as `survivor`.
pub fn merge(
    sent: Sent<'_>,
    happened: Moment,
    register: Register,
    survivor: &Person,
    prior: &Person,
) -> Vec<u8> {
    let dialect = sent.source.dialect();
    let mut draft = begin(&dialect, sent, "A40", happened);
    pid(&mut draft, survivor, register, false);
    let prior_ids = identifiers(draft.dialect(), prior, register);
    let prior_name = super::name(draft.dialect(), prior);
    draft.segment("MRG", &[(1, &prior_ids), (7, &prior_name)]);
    draft.bytes()
}

/// A37: the two had been taken for one by mistake.
pub fn unmerge(
    sent: Sent<'_>,
    happened: Moment,
    register: Register,
    survivor: &Person,
    prior: &Person,
) -> Vec<u8> {
    let dialect = sent.source.dialect();
    let mut draft = begin(&dialect, sent, "A37", happened);
    pid(&mut draft, survivor, register, false);
    pid(&mut draft, prior, register, false);
    draft.bytes()
}

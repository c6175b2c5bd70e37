//! Requests, results, observations and reports: ORM, OML and ORU as laboratories, imaging and bedside systems write them.

use super::{Sent, doctor, location, pid};
use crate::panels::{Measured, Panel};
use crate::people::{Person, Register};
use crate::places::Bed;
use crate::wire::{Dialect, Draft, Heading};
use basics::Moment;

/// A request and what it is about.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct Request {
    pub placer: String,
    pub filler: String,
    pub code: &'static str,
    pub name: &'static str,
    pub requested: Moment,
    pub requester: &'static str,
    pub urgent: bool,
    /// Where the patient was when it was requested: laboratories go on saying so after a transfer.
    pub bed: Option<Bed>,
}

fn start<'d>(
    dialect: &'d Dialect,
    sent: Sent<'_>,
    kind: [&str; 2],
    person: &Person,
    register: Register,
    bed: Option<Bed>,
) -> Draft<'d> {
    let heading = Heading { facility: sent.facility, kind, control_id: sent.control_id, sent: sent.at };
    let mut draft = Draft::new(dialect, heading);
    pid(&mut draft, person, register, true);
    if let (Some(bed), Some(stay)) = (bed, &person.stay) {
        let place = location(dialect, sent.source, bed);
        draft.segment("PV1", &[(1, "1"), (2, &stay.class.to_string()), (3, &place)]);
    }
    draft
}

/// A request: `NW` new, `CA` cancelled.
pub fn request(
    sent: Sent<'_>,
    control: &str,
    person: &Person,
    register: Register,
    request: &Request,
) -> Vec<u8> {
    let dialect = sent.source.dialect();
    let d = &dialect;
    let kind = if dialect.version == "2.4" { ["OML", "O21"] } else { ["ORM", "O01"] };
    let mut draft = start(d, sent, kind, person, register, request.bed);
    let status = if control == "CA" { "CA" } else { "SC" };
    let priority = if request.urgent { "S" } else { "R" };
    let when = d.stamp(request.requested);
    let who = doctor(d, request.requester);
    draft.segment(
        "ORC",
        &[(1, control), (2, &request.placer), (3, &request.filler), (5, status), (9, &when), (12, &who)],
    );
    let timing = d.parts(&["", "", "", "", "", priority]);
    draft.segment(
        "OBR",
        &[
            (1, "1"),
            (2, &request.placer),
            (3, &request.filler),
            (4, &d.parts(&[request.code, request.name, "WVLAB"])),
            (5, priority),
            (6, &when),
            (16, &who),
            (27, &timing),
        ],
    );
    draft.bytes()
}

fn order(
    draft: &mut Draft<'_>,
    request: &Request,
    collected: Moment,
    reported: Moment,
    status: &str,
    set: usize,
) {
    let d = draft.dialect();
    let who = doctor(d, request.requester);
    draft.segment("ORC", &[(1, "RE"), (2, &request.placer), (3, &request.filler), (12, &who)]);
    draft.segment(
        "OBR",
        &[
            (1, &set.to_string()),
            (2, &request.placer),
            (3, &request.filler),
            (4, &d.parts(&[request.code, request.name, "WVLAB"])),
            (7, &d.stamp(collected)),
            (14, &d.stamp(collected)),
            (16, &who),
            (22, &d.stamp(reported)),
            (25, status),
        ],
    );
}

/// The measured panels of one or several requests, final (`F`) or corrected (`C`).
pub fn panels(
    sent: Sent<'_>,
    person: &Person,
    register: Register,
    collected: Moment,
    status: &str,
    results: &[(&Request, &Panel, Vec<Measured>)],
) -> Vec<u8> {
    let dialect = sent.source.dialect();
    let d = &dialect;
    let bed = results.first().and_then(|(request, ..)| request.bed);
    let mut draft = start(d, sent, ["ORU", "R01"], person, register, bed);
    for (set, (request, _, measured)) in (1..).zip(results) {
        order(&mut draft, request, collected, sent.at, status, set);
        for (number, line) in (1..).zip(measured) {
            let a = line.analyte;
            let code = if a.loinc.is_empty() {
                d.parts(&[a.code, a.name, "WVLAB"])
            } else {
                d.parts(&[a.code, a.name, "WVLAB", a.loinc, a.name, "LN"])
            };
            draft.segment(
                "OBX",
                &[
                    (1, &i32::to_string(&number)),
                    (2, "NM"),
                    (3, &code),
                    (5, &line.figure),
                    (6, &d.parts(&[a.unit])),
                    (7, &line.range),
                    (8, line.abnormal),
                    (11, status),
                    (14, &d.stamp(collected)),
                ],
            );
            if matches!(line.abnormal, "HH" | "LL") {
                draft.segment("NTE", &[(1, "1"), (3, &d.text("Critical result: telephoned to the ward"))]);
            }
        }
    }
    draft.bytes()
}

/// Words for an answer: cultures (`P`, `F`, `C`), imaging reports, group and save.
pub fn narrative(
    sent: Sent<'_>,
    person: &Person,
    register: Register,
    collected: Moment,
    status: &str,
    request: &Request,
    text: &str,
) -> Vec<u8> {
    let dialect = sent.source.dialect();
    let d = &dialect;
    let mut draft = start(d, sent, ["ORU", "R01"], person, register, request.bed);
    order(&mut draft, request, collected, sent.at, status, 1);
    let code = d.parts(&[request.code, request.name, "WVLAB"]);
    if dialect.version == "2.3.1" {
        // Imaging writes a report as one formatted text, the laboratory as a line a segment.
        draft.segment("OBX", &[(1, "1"), (2, "FT"), (3, &code), (5, &d.text(text)), (11, status)]);
    } else {
        for (number, line) in (1..).zip(text.lines()) {
            let number = i32::to_string(&number);
            draft.segment(
                "OBX",
                &[(1, &number), (2, "TX"), (3, &code), (4, &number), (5, &d.text(line)), (11, status)],
            );
        }
    }
    draft.bytes()
}

/// A letter as PDF within an ORU.
pub fn document(
    sent: Sent<'_>,
    person: &Person,
    register: Register,
    at: Moment,
    request: &Request,
    pdf: &[u8],
) -> Vec<u8> {
    let dialect = sent.source.dialect();
    let d = &dialect;
    let mut draft = start(d, sent, ["ORU", "R01"], person, register, request.bed);
    order(&mut draft, request, at, sent.at, "F", 1);
    let code = d.parts(&[request.code, request.name, "WVDOC"]);
    let body = d.parts(&["", "application", "pdf", "Base64", &crate::pdf::base64(pdf)]);
    draft.segment("OBX", &[(1, "1"), (2, "ED"), (3, &code), (5, &body), (11, "F")]);
    draft.bytes()
}

/// A set of vital signs: LOINC code, name, unit, figure each; oxygen and consciousness besides.
pub fn vitals(
    sent: Sent<'_>,
    person: &Person,
    register: Register,
    at: Moment,
    figures: &[(&str, &str, &str, String)],
    alert: bool,
    on_oxygen: bool,
) -> Vec<u8> {
    let dialect = sent.source.dialect();
    let d = &dialect;
    let bed = person.stay.as_ref().map(|stay| stay.bed);
    let mut draft = start(d, sent, ["ORU", "R01"], person, register, bed);
    let when = d.stamp(at);
    draft.segment(
        "OBR",
        &[
            (1, "1"),
            (4, &d.parts(&["85353-1", "Vital signs panel", "LN"])),
            (7, &when),
            (22, &when),
            (25, "F"),
        ],
    );
    let mut number = 0;
    for (code, name, unit, figure) in figures {
        number += 1;
        draft.segment(
            "OBX",
            &[
                (1, &i32::to_string(&number)),
                (2, "NM"),
                (3, &d.parts(&[code, name, "LN"])),
                (5, figure),
                (6, &d.parts(&[unit])),
                (11, "F"),
                (14, &when),
            ],
        );
    }
    consciousness_and_oxygen(&mut draft, number, &when, alert, on_oxygen);
    draft.bytes()
}

fn consciousness_and_oxygen(
    draft: &mut Draft<'_>,
    mut number: i32,
    when: &str,
    alert: bool,
    on_oxygen: bool,
) {
    let d = draft.dialect();
    let coded = [
        (
            "67775-7",
            "Level of consciousness (ACVPU)",
            if alert { "A" } else { "C" },
            if alert { "Alert" } else { "New confusion" },
        ),
        (
            "3151-8",
            "Inhaled oxygen",
            if on_oxygen { "O2" } else { "AIR" },
            if on_oxygen { "Oxygen" } else { "Air" },
        ),
    ];
    for (code, name, answer, words) in coded {
        number += 1;
        draft.segment(
            "OBX",
            &[
                (1, &i32::to_string(&number)),
                (2, "CE"),
                (3, &d.parts(&[code, name, "LN"])),
                (5, &d.parts(&[answer, words])),
                (11, "F"),
                (14, when),
            ],
        );
    }
}

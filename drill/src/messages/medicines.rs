//! Prescriptions and doses: RDE^O11 and RAS^O17 as the prescribing system writes them.

use super::{Sent, doctor, location, pid};
use crate::formulary::Prescription;
use crate::people::{Person, Register};
use crate::wire::{Dialect, Draft, Heading};
use basics::Moment;

/// What happened at the drug round.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Dose {
    /// Swallowed, injected, inhaled.
    Given,
    /// The patient said no.
    Refused,
    /// Not given, for this reason.
    Withheld(&'static str),
}

fn start<'d>(
    dialect: &'d Dialect,
    sent: Sent<'_>,
    kind: [&str; 2],
    person: &Person,
    register: Register,
) -> Draft<'d> {
    let heading = Heading { facility: sent.facility, kind, control_id: sent.control_id, sent: sent.at };
    let mut draft = Draft::new(dialect, heading);
    pid(&mut draft, person, register, true);
    if let Some(stay) = &person.stay {
        let place = location(dialect, sent.source, stay.bed);
        let visit = dialect.parts(&[&stay.visit, "", "", "VISIT"]);
        draft.segment("PV1", &[(1, "1"), (2, &stay.class.to_string()), (3, &place), (19, &visit)]);
    }
    draft
}

/// Prescriptions, new or changed: `NW` new, `XO` changed, `HD` held, `RL` released, `DC` stopped.
pub fn prescriptions(
    sent: Sent<'_>,
    control: &str,
    happened: Moment,
    person: &Person,
    register: Register,
    lines: &[&Prescription],
) -> Vec<u8> {
    let dialect = sent.source.dialect();
    let d = &dialect;
    let mut draft = start(d, sent, ["RDE", "O11"], person, register);
    for line in lines {
        let medicine = line.medicine;
        let filler = format!("{}F", line.id);
        let start = d.stamp(line.start);
        let timing = d.parts(&["", medicine.repeat, "", &start]);
        draft.segment(
            "ORC",
            &[
                (1, control),
                (2, &d.parts(&[&line.id, "WVEPMA"])),
                (3, &d.parts(&[&filler, "WVPHARM"])),
                (7, &timing),
                (9, &d.stamp(happened)),
                (12, &doctor(d, line.prescriber)),
            ],
        );
        draft.segment(
            "RXE",
            &[
                (1, &timing),
                (2, &d.parts(&[medicine.code, medicine.name, "WVDRUG"])),
                (3, line.dose),
                (5, &d.text(medicine.unit)),
                (6, &d.text(medicine.form)),
                (27, &d.parts(&["", medicine.indication])),
            ],
        );
        let (code, words) = medicine.route;
        draft.segment("TQ1", &[(1, "1"), (3, medicine.repeat), (7, &start)]);
        draft.segment("RXR", &[(1, &d.parts(&[code, words]))]);
    }
    draft.bytes()
}

/// Doses given or not: each with the prescription it belongs to.
pub fn doses(
    sent: Sent<'_>,
    person: &Person,
    register: Register,
    rounds: &[(&Prescription, Moment, Dose)],
) -> Vec<u8> {
    let dialect = sent.source.dialect();
    let d = &dialect;
    let mut draft = start(d, sent, ["RAS", "O17"], person, register);
    for (number, (line, at, dose)) in (1..).zip(rounds) {
        let medicine = line.medicine;
        let (status, refusal) = match dose {
            Dose::Given => ("CP", String::new()),
            Dose::Refused => ("RE", d.parts(&["PR", "Patient refused"])),
            Dose::Withheld(why) => ("NA", d.parts(&["WH", why])),
        };
        let filler = format!("{}F", line.id);
        let at = d.stamp(*at);
        draft.segment(
            "ORC",
            &[(1, "RE"), (2, &d.parts(&[&line.id, "WVEPMA"])), (3, &d.parts(&[&filler, "WVPHARM"]))],
        );
        draft.segment(
            "RXA",
            &[
                (1, "0"),
                (2, &i32::to_string(&number)),
                (3, &at),
                (4, &at),
                (5, &d.parts(&[medicine.code, medicine.name, "WVDRUG"])),
                (6, line.dose),
                (7, &d.text(medicine.unit)),
                (8, &d.text(medicine.form)),
                (18, &refusal),
                (20, status),
            ],
        );
        let (code, words) = medicine.route;
        draft.segment("RXR", &[(1, &d.parts(&[code, words]))]);
    }
    draft.bytes()
}

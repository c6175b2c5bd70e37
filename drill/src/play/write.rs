//! A drill's short form of a message, written out as HL7 v2.

use crate::scenario::{Scenario, Told, Who};
use crate::wire::{Charset, Dialect, Draft, Heading};
use basics::Moment;

/// The message, in the plain dialect, or in the character set that the drill asks for.
///
/// # Errors
/// Nobody is called so, or the character set is not known to drills.
pub fn message(
    scenario: &Scenario,
    feed: &str,
    told: &Told,
    at: Moment,
    number: u64,
) -> Result<Vec<u8>, String> {
    let person = |name: &str| scenario.people.get(name).ok_or_else(|| format!("nobody is called {name}"));
    let who = person(&told.who)?;
    let other = if told.other.is_empty() { None } else { Some(person(&told.other)?) };
    let charset = match told.charset.as_str() {
        "" | "utf-8" => Charset::Utf8,
        "undeclared" => Charset::Utf8Undeclared,
        "latin1" => Charset::Latin1,
        other => return Err(format!("the character set {other} is not known to drills; send raw bytes")),
    };
    let dialect = Dialect { application: "DRILL", charset, ..Dialect::default() };
    let d = &dialect;
    let trigger = told.trigger.as_str();
    let code = match trigger {
        "R01" => "ORU",
        "O11" => "RDE",
        "O17" => "RAS",
        _ => "ADT",
    };
    let control_id = if told.id.is_empty() { format!("D{number}") } else { told.id.clone() };
    let heading = Heading { facility: feed, kind: [code, trigger], control_id: &control_id, sent: at };
    let mut draft = Draft::new(d, heading);
    let happened = told.happened.unwrap_or(at);
    if code == "ADT" {
        draft.segment("EVN", &[(1, trigger), (2, &d.stamp(happened)), (6, &d.stamp(happened))]);
    }
    pid(&mut draft, who, &told.family);
    visit(&mut draft, told, &told.bed, &told.from, happened);
    match (trigger, other) {
        ("A40", Some(prior)) => {
            draft.segment("MRG", &[(1, &ids(d, prior)), (7, &name(d, prior, ""))]);
        }
        ("A37", Some(prior)) => pid(&mut draft, prior, ""),
        ("A17", Some(prior)) => {
            pid(&mut draft, prior, "");
            visit(
                &mut draft,
                &Told { visit: String::new(), ..told.clone() },
                &told.other_bed,
                &told.bed,
                happened,
            );
        }
        _ => {}
    }
    allergies_and_alerts(&mut draft, told);
    orders(&mut draft, told, happened);
    Ok(draft.bytes())
}

fn ids(d: &Dialect, who: &Who) -> String {
    let mut ids = vec![d.parts(&[&who.mrn, "", "", "DRILL", "MR"])];
    if !who.nhs.is_empty() {
        ids.push(d.parts(&[&who.nhs, "", "", "NHS", "NH"]));
    }
    d.repeat(&ids)
}

fn name(d: &Dialect, who: &Who, family: &str) -> String {
    let family = if family.is_empty() { &who.family } else { family };
    let first = who.given.first().map_or("", String::as_str);
    let rest: Vec<&str> = who.given.iter().skip(1).map(String::as_str).collect();
    d.parts(&[family, first, &rest.join(" "), "", &who.prefix])
}

fn pid(draft: &mut Draft<'_>, who: &Who, family: &str) {
    let d = draft.dialect();
    let born = who.born.map(Dialect::date).unwrap_or_default();
    draft.segment(
        "PID",
        &[(1, "1"), (3, &ids(d, who)), (5, &name(d, who, family)), (7, &born), (8, &who.sex)],
    );
}

fn visit(draft: &mut Draft<'_>, told: &Told, bed: &str, from: &str, happened: Moment) {
    if told.class.is_empty() && told.visit.is_empty() && bed.is_empty() {
        return;
    }
    let d = draft.dialect();
    let admitted =
        if matches!(told.trigger.as_str(), "A01" | "A04") { d.stamp(happened) } else { String::new() };
    let discharged = if told.trigger == "A03" { d.stamp(happened) } else { String::new() };
    // Beds are given as sent, components and all, so that a drill shows what the wire shows.
    draft.segment(
        "PV1",
        &[
            (1, "1"),
            (2, if told.class.is_empty() { "I" } else { &told.class }),
            (3, bed),
            (6, from),
            (19, &told.visit),
            (44, &admitted),
            (45, &discharged),
        ],
    );
}

fn allergies_and_alerts(draft: &mut Draft<'_>, told: &Told) {
    let d = draft.dialect();
    for (number, substance) in (1..).zip(&told.allergies) {
        let code = if substance == "NKDA" {
            d.parts(&["NKDA", "No known drug allergies"])
        } else {
            d.parts(&[substance, substance])
        };
        draft.segment("AL1", &[(1, &i32::to_string(&number)), (2, "DA"), (3, &code), (4, "SV")]);
    }
    for (number, alert) in (1..).zip(&told.alerts) {
        let (alert, active) = alert.strip_prefix('-').map_or((alert.as_str(), "Y"), |ended| (ended, "N"));
        draft.segment("ZFL", &[(1, &i32::to_string(&number)), (3, alert), (4, active)]);
    }
}

fn orders(draft: &mut Draft<'_>, told: &Told, happened: Moment) {
    let d = draft.dialect();
    let when = d.stamp(happened);
    if let [id, name, dose, unit, repeat] = told.medicine.as_slice() {
        let code = d.parts(&[id, name]);
        if told.trigger == "O17" {
            draft.segment("ORC", &[(1, "RE"), (2, id)]);
            let fields =
                [(1, "0"), (2, "1"), (3, &*when), (4, &when), (5, &code), (6, dose), (7, unit), (20, "CP")];
            draft.segment("RXA", &fields);
        } else {
            let control = if told.control.is_empty() { "NW" } else { &told.control };
            let timing = d.parts(&["", repeat, "", &when]);
            draft.segment("ORC", &[(1, control), (2, id), (7, &timing), (9, &when)]);
            draft.segment("RXE", &[(1, &timing), (2, &code), (3, dose), (5, unit)]);
            draft.segment("RXR", &[(1, "PO^Oral")]);
        }
    }
    if let [filler, code, name, figure, unit, status] = told.result.as_slice() {
        let coded = d.parts(&[code, name]);
        draft.segment("ORC", &[(1, "RE"), (3, filler)]);
        let order = [(1, "1"), (3, filler.as_str()), (4, &coded), (7, &when), (22, &when), (25, status)];
        draft.segment("OBR", &order);
        let kind = if figure.parse::<f64>().is_ok() { "NM" } else { "ST" };
        let line =
            [(1, "1"), (2, kind), (3, coded.as_str()), (5, figure), (6, unit), (11, status), (14, &when)];
        draft.segment("OBX", &line);
    }
}

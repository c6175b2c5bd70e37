//! Facts in words: what a message says, line by line, for a person.

use crate::desk::Look;
use crate::names::{class_word, counted};
use crate::ward_list::page::allergy_tag;
use care::{
    AllergyIntolerance, Appointment, DiagnosticReport, EncounterStep, Fact, Identifier, IdentifierKind,
    Location, MedicationRequest, Move, Observation, Update, What, fact::Demographics,
};

/// Most facts put into words on one page.
pub const FACTS_MAX: usize = 500;

/// One fact.
pub struct FactLine {
    /// "Patient", "Bed", "Result".
    pub kind: &'static str,
    /// The sentence.
    pub words: String,
}

/// The facts in words; whom they are about comes first.
pub fn fact_lines(look: &Look<'_>, facts: &[Fact]) -> Vec<FactLine> {
    let about = facts.first().map(|f| FactLine { kind: "About", words: identifiers(&f.about.identifiers) });
    about.into_iter().chain(facts.iter().take(FACTS_MAX).map(|f| line(look, &f.what))).collect()
}

fn line(look: &Look<'_>, what: &What) -> FactLine {
    let (kind, words) = match what {
        What::Person(d) => ("Person", person(look, d)),
        What::Merge { prior } => (
            "Merge",
            format!("{} is the same person: their record is merged into this one", identifiers(prior)),
        ),
        What::Unmerge { prior } => {
            ("Merge undone", format!("{} is a person of their own again", identifiers(prior)))
        }
        What::Renumber { prior } => ("New number", format!("{} is no longer used", identifiers(prior))),
        What::Contact(contact) => ("Contact", joined(&[&contact.name.banner(), &contact.relationship])),
        What::MoveNumbers { numbers } => {
            ("Number moved", format!("{} belongs to this patient", identifiers(numbers)))
        }
        What::MoveVisit { prior, visit } => {
            ("Visit moved", format!("visit {visit} of {} belongs to this patient", identifiers(prior)))
        }
        What::RenumberVisit { prior, visit } => {
            ("New visit number", format!("visit {prior} is now visit {visit}"))
        }
        What::Encounter(step) => ("Stay", encounter(look, step)),
        What::Allergies(a) => {
            let substances: Vec<String> = a.list.iter().map(substance).collect();
            ("Allergies", allergy_tag(a.knowledge, &substances).words)
        }
        What::Allergy(a) => ("Allergy", joined(&[&substance(a), &a.reaction, &a.verification])),
        What::AllergyRemoved(a) => ("Allergy withdrawn", substance(a)),
        What::Flag(f) => ("Alert", format!("{}{}", f.text, if f.active { "" } else { " (no longer)" })),
        What::Condition(c) => (
            "Condition",
            joined(&[&c.text, &c.code, &c.kind, if c.active { "active" } else { "not active" }]),
        ),
        What::Medication(m) => ("Medicine", medicine(m)),
        What::Administration(a) => {
            let done = if a.given { "given" } else { "not given" };
            (
                "Dose",
                joined(&[&a.medicine, &a.dose, &a.route, &format!("{done} {}", when(look, a.at)), &a.note]),
            )
        }
        What::Observation(o) => ("Observation", observation(look, o)),
        What::Report(r) => ("Report", report(look, r)),
        What::Order(o) => (
            "Order",
            joined(&[
                &o.name,
                &o.code,
                if o.urgent { "urgent" } else { "" },
                &format!("{:?}", o.status),
                &when(look, o.requested),
            ]),
        ),
        What::Document(d) => {
            ("Document", joined(&[&d.title, &d.mime, &format!("{} bytes", d.bytes), &when(look, d.at)]))
        }
        What::Appointment(a) => ("Appointment", appointment(look, a)),
        What::Listed(l) => (
            "Special list",
            joined(&[&l.list, &l.next_due.map_or(String::new(), |day| format!("next due {day}")), &l.note]),
        ),
        What::Contacts(c) => {
            let names: Vec<String> = c.iter().map(|c| joined(&[&c.name.banner(), &c.relationship])).collect();
            ("Contacts", names.join("; "))
        }
    };
    FactLine { kind, words }
}

/// The parts that say something, parted by commas.
fn joined(parts: &[&str]) -> String {
    let said: Vec<&str> = parts.iter().copied().filter(|p| !p.trim().is_empty()).collect();
    if said.is_empty() { "Nothing more was said".to_owned() } else { said.join(", ") }
}

fn when(look: &Look<'_>, at: Option<basics::Moment>) -> String {
    at.map_or(String::new(), |at| look.zone().clinical(at))
}

/// "NHS No. 999 123 4567, MRN 1234 (RXX)".
fn identifiers(all: &[Identifier]) -> String {
    if all.is_empty() {
        return "Nobody who can be told by a number".to_owned();
    }
    let said: Vec<String> = all
        .iter()
        .map(|i| match (i.nhs_number(), i.kind) {
            (Some(number), _) => format!("NHS No. {number}"),
            (None, IdentifierKind::Mrn) if i.assigner.is_empty() => format!("Hospital No. {}", i.value),
            (None, IdentifierKind::Mrn) => format!("Hospital No. {} ({})", i.value, i.assigner),
            (None, _) => format!("{} {}", i.assigner, i.value),
        })
        .collect();
    said.join(", ")
}

fn told<T>(name: &str, update: &Update<T>, say: impl Fn(&T) -> String) -> Option<String> {
    match update {
        Update::Keep => None,
        Update::Clear => Some(format!("{name}: none any more")),
        Update::Set(value) => Some(format!("{name}: {}", say(value))),
    }
}

fn person(look: &Look<'_>, d: &Demographics) -> String {
    let parts = [
        told("name", &d.name, care::PersonName::banner),
        told("born", &d.birth_date, ToString::to_string),
        told("gender", &d.sex, |s| s.word().to_owned()),
        told("died", &d.died, |at| {
            at.map_or("yes, moment not known".to_owned(), |at| look.zone().clinical(at))
        }),
        told("address", &d.address, |a| format!("{} {}", a.lines.join(", "), a.postcode)),
        told("language", &d.language, Clone::clone),
        told("GP", &d.gp, Clone::clone),
        told("GP practice", &d.gp_practice, Clone::clone),
        (!d.telecoms.is_empty()).then(|| {
            counted(d.telecoms.len(), "telephone number or address", "telephone numbers or addresses")
        }),
    ];
    let said: Vec<String> = parts.into_iter().flatten().collect();
    if said.is_empty() { "Known, nothing more said".to_owned() } else { said.join("; ") }
}

/// A place in words: site, ward, room, bed, as far as it is known.
pub fn place(location: &Location) -> String {
    let parts = [
        location.site.as_ref().map(ToString::to_string),
        location.ward.as_ref().map(ToString::to_string),
        location.room.clone(),
        location.bed.as_ref().map(|b| format!("bed {b}")),
    ];
    let said: Vec<String> = parts.into_iter().flatten().collect();
    if said.is_empty() { location.sent.clone() } else { said.join(", ") }
}

fn encounter(look: &Look<'_>, step: &EncounterStep) -> String {
    let verb = match step.step {
        Move::Admit => "admitted or registered",
        Move::Preadmit => "expected",
        Move::Transfer => "moved",
        Move::Swap => "swapped beds",
        Move::Discharge => "discharged",
        Move::PendDischarge => "discharge expected",
        Move::PendTransfer => "transfer expected",
        Move::Leave => "on leave",
        Move::Return => "back from leave",
        Move::Depart => "departed for a while",
        Move::Arrive => "arrived",
        Move::CancelAdmit => "the admission never was",
        Move::CancelPreadmit => "no longer expected",
        Move::CancelTransfer => "the move never was",
        Move::CancelDischarge => "the discharge never was",
        Move::CancelOther => "a pending step is taken back",
        Move::Amend => "details updated",
        Move::Mention => "mentioned",
    };
    let parts = [
        Some(verb.to_owned()),
        step.visit.as_ref().map(|v| format!("visit {v}")),
        step.class.map(|c| class_word(c).to_lowercase()),
        told("to", &step.location, place),
        told("for the moment at", &step.temporary_location, place),
        told("admitted", &step.admitted, |at| look.zone().clinical(*at)),
        told("discharged", &step.discharged, |at| look.zone().clinical(*at)),
        told("reason", &step.reason, Clone::clone),
        told("consultant", &step.consultant, Clone::clone),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join("; ")
}

fn substance(a: &AllergyIntolerance) -> String {
    if a.substance.is_empty() { a.code.clone() } else { a.substance.clone() }
}

fn medicine(m: &MedicationRequest) -> String {
    joined(&[
        &m.medicine,
        &m.dose,
        &m.route,
        &m.frequency,
        if m.as_required { "as required" } else { "" },
        &m.dosage_text,
    ])
}

fn observation(look: &Look<'_>, o: &Observation) -> String {
    let value = o.value.as_ref().map_or(String::new(), care::Value::shown);
    let range = if o.range.is_empty() { String::new() } else { format!("range {}", o.range) };
    joined(&[&o.name, &value, &range, &when(look, o.at)])
}

fn report(look: &Look<'_>, r: &DiagnosticReport) -> String {
    let results: Vec<String> = r
        .results
        .iter()
        .map(|o| format!("{} {}", o.name, o.value.as_ref().map_or(String::new(), care::Value::shown)))
        .collect();
    let text = basics::clip(&r.text, 200);
    joined(&[&r.name, &when(look, r.collected.or(r.reported)), &results.join("; "), text])
}

fn appointment(look: &Look<'_>, a: &Appointment) -> String {
    joined(&[&format!("{:?}", a.status), &when(look, a.start), &a.clinic, &a.clinician, &a.reason])
}

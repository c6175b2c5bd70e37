//! Patient and RelatedPerson: who the patient is, the people to ring, and which records are one.
//!
//! Never: a name, date or contact wiped because a sender left it out. Called by `fhir`.

use super::datatypes::{
    Address, Concept, ContactPoint, Extension, HumanName, Meta, Named, Reference, extension, telecoms,
};
use super::identifiers::identifiers;
use super::lenient::{Many, Raw, Text, Truth, object};
use super::reader::{Here, Reader, technical};
use crate::words::line;
use basics::PartialDate;
use care::fact::Demographics;
use care::{About, Contact, Identifier, IdentifierKind, PersonName, ProblemKind, Sex, Update, What};

object!(Patient {
    id "id": Text<'a>,
    meta "meta": Meta<'a>,
    contained "contained": Raw<'a>,
    extension "extension": Many<Extension<'a>>,
    identifier "identifier": Many<Named<'a>>,
    active "active": Truth,
    name "name": Many<HumanName<'a>>,
    telecom "telecom": Many<ContactPoint<'a>>,
    gender "gender": Text<'a>,
    birth "birthDate": Text<'a>,
    dead "deceasedBoolean": Truth,
    died "deceasedDateTime": Text<'a>,
    address "address": Many<Address<'a>>,
    contact "contact": Many<Kin<'a>>,
    communication "communication": Many<Communication<'a>>,
    gp "generalPractitioner": Many<Reference<'a>>,
    link "link": Many<Link<'a>>,
});

object!(Kin {
    relationship "relationship": Many<Concept<'a>>,
    name "name": HumanName<'a>,
    telecom "telecom": Many<ContactPoint<'a>>,
    organization "organization": Reference<'a>,
});

object!(Communication {
    language "language": Concept<'a>,
    preferred "preferred": Truth,
    extension "extension": Many<Extension<'a>>,
});

object!(Link { other "other": Reference<'a>, kind "type": Text<'a> });

object!(RelatedPerson {
    id "id": Text<'a>,
    meta "meta": Meta<'a>,
    contained "contained": Raw<'a>,
    active "active": Truth,
    patient "patient": Reference<'a>,
    relationship "relationship": Many<Concept<'a>>,
    name "name": Many<HumanName<'a>>,
    telecom "telecom": Many<ContactPoint<'a>>,
});

pub(super) fn patient(reader: &mut Reader<'_, '_>, part: usize) {
    let Some(patient) = reader.read::<Patient<'_>>(part) else { return };
    let here = reader.here(part, &patient.id, patient.contained);
    let (mut numbers, bad_nhs) = identifiers(&patient.identifier, reader.rules);
    if bad_nhs {
        let text = "An NHS number does not pass its check; it is not used to find the patient.";
        reader.problem(ProblemKind::Imperfect, &here, "identifier", text);
    }
    if !here.key.is_empty() {
        numbers.push(technical(reader.rules, &here.key));
    }
    if !numbers.iter().any(Identifier::matches_records) {
        let text =
            "This patient has neither an id nor a number by which a record can be found, so it is lost.";
        return reader.problem(ProblemKind::PartLost, &here, "identifier", text);
    }
    if patient.active.said == Some(false) {
        let text = "The sender marks this patient's record as no longer in use.";
        reader.problem(ProblemKind::Imperfect, &here, "active", text);
    }
    let about = About { identifiers: numbers };
    let cite = reader.cite(&patient.meta, None);
    let person = demographics(reader, &here, &patient);
    if person.name == Update::Keep {
        reader.problem(ProblemKind::Imperfect, &here, "name", "No name could be read.");
    }
    reader.push(&about, &cite, What::Person(Box::new(person)));
    let contacts: Vec<Contact> =
        patient.contact.iter().filter_map(|kin| contact(reader, &here, kin)).collect();
    if !contacts.is_empty() {
        reader.push(&about, &cite, What::Contacts(contacts));
    }
    links(reader, &here, &patient, &about);
}

/// A patient inside another resource: told about, if numbered; gives the numbers.
pub(super) fn contained<'a>(reader: &mut Reader<'a, '_>, here: &Here<'a>, raw: &'a str) -> Vec<Identifier> {
    let patient: Patient<'a> = serde_json::from_str(raw).unwrap_or_default();
    let (numbers, _) = identifiers(&patient.identifier, reader.rules);
    if numbers.iter().any(Identifier::matches_records) {
        let about = About { identifiers: numbers.clone() };
        let cite = reader.cite(&patient.meta, None);
        let person = demographics(reader, here, &patient);
        reader.push(&about, &cite, What::Person(Box::new(person)));
    }
    numbers
}

fn demographics<'a>(reader: &mut Reader<'a, '_>, here: &Here<'a>, patient: &Patient<'a>) -> Demographics {
    let mut person = Demographics { telecoms: telecoms(&patient.telecom), ..Demographics::default() };
    names(&patient.name, &mut person);
    person.birth_date = birth(reader, here, &patient.birth);
    person.died = died(reader, here, patient);
    person.sex = sex(patient.gender.as_str());
    person.address = address(&patient.address);
    let told = |words: String| if words.is_empty() { Update::Keep } else { Update::Set(words) };
    let spoken = patient.communication.iter().find(|c| c.preferred.yes()).or(patient.communication.first());
    person.language = told(spoken.map(|c| c.language.words()).unwrap_or_default());
    let needs = extension(&patient.extension, "interpreterRequired").or_else(|| {
        patient.communication.iter().find_map(|c| extension(&c.extension, "interpreterRequired"))
    });
    if let Some(needed) = needs.and_then(|e| e.truth.said) {
        person.interpreter_needed = Update::Set(needed);
    }
    let extended =
        |ending: &str| extension(&patient.extension, ending).map(Extension::words).unwrap_or_default();
    person.religion = told(extended("patient-religion"));
    let ethnicity = extended("EthnicCategory");
    person.ethnicity = told(if ethnicity.is_empty() { extended("us-core-ethnicity") } else { ethnicity });
    for gp in patient.gp.iter().take(5) {
        let name = reader.name_of(here, gp);
        let organisation = reader.key_of_reference(gp.reference.as_str()).starts_with("Organization")
            || gp.kind.as_str() == "Organization";
        let field = if organisation { &mut person.gp_practice } else { &mut person.gp };
        if !name.is_empty() && *field == Update::Keep {
            *field = Update::Set(name);
        }
    }
    person
}

/// The official name, else the usual one, else the first that is not a former, maiden or nickname.
fn names(list: &[HumanName<'_>], person: &mut Demographics) {
    let rank = |name: &HumanName<'_>| match name.use_.as_str() {
        "official" if name.period.end.is_empty() => 0u8,
        "usual" if name.period.end.is_empty() => 1,
        "" => 2,
        "temp" | "anonymous" => 3,
        "official" | "usual" => 4,
        _ => 5,
    };
    let mut ranked: Vec<(u8, PersonName)> =
        list.iter().take(20).filter_map(|n| n.person().map(|p| (rank(n), p))).collect();
    ranked.sort_by_key(|(rank, _)| *rank);
    let mut names = ranked.into_iter().map(|(_, name)| name);
    if let Some(name) = names.next() {
        person.name = Update::Set(name);
        person.other_names = names.take(10).collect();
    }
}

fn birth(reader: &mut Reader<'_, '_>, here: &Here<'_>, text: &Text<'_>) -> Update<PartialDate> {
    if text.is_empty() {
        return Update::Keep;
    }
    let day = text.as_str().split('T').next().unwrap_or_default();
    match PartialDate::parse_iso(day) {
        Some(date) => Update::Set(date),
        None => {
            reader.problem(ProblemKind::Imperfect, here, "birthDate", "The date of birth is no date.");
            Update::Keep
        }
    }
}

fn died(
    reader: &mut Reader<'_, '_>,
    here: &Here<'_>,
    patient: &Patient<'_>,
) -> Update<Option<basics::Moment>> {
    if !patient.died.is_empty() {
        // Dead, even when the moment cannot be read.
        return Update::Set(reader.moment(here, "deceasedDateTime", &patient.died));
    }
    match patient.dead.said {
        Some(true) => Update::Set(None),
        Some(false) => Update::Clear,
        None => Update::Keep,
    }
}

fn sex(word: &str) -> Update<Sex> {
    match word.to_ascii_lowercase().as_str() {
        "" => Update::Keep,
        "female" | "f" => Update::Set(Sex::Female),
        "male" | "m" => Update::Set(Sex::Male),
        "other" => Update::Set(Sex::Other),
        _ => Update::Set(Sex::Unknown),
    }
}

fn address(list: &[Address<'_>]) -> Update<care::patient::Address> {
    let current = || list.iter().filter(|a| !matches!(a.use_.as_str(), "old" | "billing"));
    let Some(address) = current().find(|a| a.use_.as_str() == "home").or_else(|| current().next()) else {
        return Update::Keep;
    };
    let parts = address.line.iter().chain([&address.city, &address.district, &address.state]);
    let mut lines: Vec<String> = parts.map(|p| line(p.as_str())).filter(|l| !l.is_empty()).take(8).collect();
    lines.dedup();
    let postcode = line(address.postcode.as_str());
    if lines.is_empty() && !address.text.is_empty() {
        lines.push(line(address.text.as_str()));
    }
    if lines.is_empty() && postcode.is_empty() {
        Update::Keep
    } else {
        Update::Set(care::patient::Address { lines, postcode })
    }
}

fn contact<'a>(reader: &Reader<'a, '_>, here: &Here<'a>, kin: &Kin<'a>) -> Option<Contact> {
    let mut name = kin.name.person().unwrap_or_default();
    if name == PersonName::default() {
        name.family = reader.name_of(here, &kin.organization);
    }
    made(name, &kin.relationship, &kin.telecom)
}

fn made(name: PersonName, relationship: &[Concept<'_>], points: &[ContactPoint<'_>]) -> Option<Contact> {
    let telecoms = telecoms(points);
    if name == PersonName::default() && telecoms.is_empty() {
        return None;
    }
    // HL7 table 0131's N, and what senders write.
    let next_of_kin = relationship.iter().any(|r| {
        r.is_any(&["N", "NK", "NOK", "Next of kin", "Next-of-kin"])
            || r.words().eq_ignore_ascii_case("next of kin")
    });
    Some(Contact { name, relationship: super::datatypes::words_of(relationship), telecoms, next_of_kin })
}

/// "replaced-by" and "replaces" say that two records are one person. An NHS number may rightly stand on both, so the
/// record merged away is named by its own numbers.
fn links<'a>(reader: &mut Reader<'a, '_>, here: &Here<'a>, patient: &Patient<'a>, about: &About) {
    for link in patient.link.iter().take(20) {
        let replaced = match link.kind.as_str() {
            "replaced-by" => true,
            "replaces" => false,
            _ => continue,
        };
        let Some(other) = reader.patient_by(here, &link.other) else {
            let text = "It names a patient to be merged who cannot be found by that reference.";
            reader.problem(ProblemKind::PartLost, here, "link", text);
            continue;
        };
        let (survivor, prior) =
            if replaced { (other, own(about)) } else { (about.identifiers.clone(), other) };
        let prior = own(&About { identifiers: prior });
        let cite = reader.cite(&patient.meta, None);
        reader.push(&About { identifiers: survivor }, &cite, What::Merge { prior });
    }
}

fn own(about: &About) -> Vec<Identifier> {
    let kept = |i: &&Identifier| matches!(i.kind, IdentifierKind::Mrn | IdentifierKind::Technical);
    let own: Vec<Identifier> = about.identifiers.iter().filter(kept).cloned().collect();
    if own.is_empty() { about.identifiers.clone() } else { own }
}

/// Added to the contacts of the patient's own resource in the same entry, which are told as a whole; one that comes
/// alone joins those that the record has.
pub(super) fn related(reader: &mut Reader<'_, '_>, part: usize) {
    let Some(related) = reader.read::<RelatedPerson<'_>>(part) else { return };
    let here = reader.here(part, &related.id, related.contained);
    if related.active.said == Some(false) {
        return;
    }
    let Some(about) = reader.subject(&here, "patient", &related.patient) else { return };
    let name = related.name.iter().find_map(HumanName::person).unwrap_or_default();
    let Some(contact) = made(name, &related.relationship, &related.telecom) else { return };
    let with_patient = reader.item_of(related.patient.reference.as_str()).is_some();
    if !with_patient {
        let cite = reader.cite(&related.meta, None);
        return reader.push(&about, &cite, What::Contact(Box::new(contact)));
    }
    let known = reader.out.facts.iter_mut().find_map(|fact| match &mut fact.what {
        What::Contacts(list) if fact.about == about => Some(list),
        _ => None,
    });
    match known {
        Some(list) => list.push(contact),
        None => {
            let cite = reader.cite(&related.meta, None);
            reader.push(&about, &cite, What::Contacts(vec![contact]));
        }
    }
}

//! PID, PD1, NK1: who the patient is, the general practitioner, the people to ring.

use super::reading::{clinician, coded, date, head, moment_field, place, words_field};
use super::{Reader, files_a_record};
use crate::words::line;
use basics::NhsNumber;
use care::patient::{Address, Telecom};
use care::{About, Contact, Identifier, IdentifierKind, PersonName, ProblemKind, Sex, Update};
use hl7::{Field, Repetition, Segment};

/// Longest identifier kept, in bytes; longer ones are no numbers.
const NUMBER_BYTES_MAX: usize = 64;
/// Most identifiers taken from one field.
const IDENTIFIERS_MAX: usize = 30;

pub(super) fn pid(reader: &mut Reader<'_>, segment: &Segment<'_>) {
    let identifiers = identifiers_of_pid(reader, segment);
    let about = About { identifiers };
    if !files_a_record(&about) {
        return;
    }
    names(reader, segment);
    birth_and_death(reader, segment);
    let person = &mut reader.group.person;
    person.sex = sex(segment.field(8));
    person.address = address(segment.field(11));
    for (n, use_) in [(13, "home"), (14, "work")] {
        person.telecoms.extend(segment.field(n).repetitions().take(10).filter_map(|r| telecom(r, use_)));
    }
    person.language = words_update(segment, 15);
    person.religion = words_update(segment, 17);
    person.ethnicity = match words_update(segment, 22) {
        Update::Keep => words_update(segment, 10),
        told => told,
    };
    reader.group.about = Some(about);
}

fn identifiers_of_pid(reader: &mut Reader<'_>, segment: &Segment<'_>) -> Vec<Identifier> {
    let mut found = identifiers(reader, segment, 3, None);
    let filed = |list: &[Identifier]| list.iter().any(|i| i.kind != IdentifierKind::Other);
    // Old senders put the number into PID-2 alone; PID-4 is the alternate one.
    for n in [2, 4] {
        if !filed(&found) {
            found.extend(identifiers(reader, segment, n, None));
        }
    }
    // Beside a hospital number in PID-3, the NHS number may stand in PID-2 or PID-4 with its type.
    for n in [2, 4] {
        if !segment.field(n).is_empty() && !found.iter().any(|i| i.kind == IdentifierKind::Nhs) {
            let also = identifiers(reader, segment, n, None);
            found.extend(also.into_iter().filter(|i| i.kind == IdentifierKind::Nhs));
        }
    }
    // PID-19 is where some British systems still carry the NHS number; an American number there has nine digits.
    if !found.iter().any(|i| i.kind == IdentifierKind::Nhs)
        && let Some(nhs) = NhsNumber::parse(&segment.field(19).text())
    {
        found.push(Identifier::nhs(nhs));
    }
    found
}

/// All identifiers of field `n` (CX, repeating). A number without an assigner is the default assigner's.
pub(super) fn identifiers(
    reader: &mut Reader<'_>,
    segment: &Segment<'_>,
    n: usize,
    assigner_default: Option<&str>,
) -> Vec<Identifier> {
    let mut found: Vec<Identifier> = Vec::with_capacity(2);
    for repetition in segment.field(n).repetitions().take(IDENTIFIERS_MAX) {
        match identifier(repetition, assigner_default.unwrap_or(&reader.rules.mrn_assigner_default)) {
            Read::Number(identifier) if !found.contains(&identifier) => found.push(identifier),
            Read::Number(_) | Read::Nothing => {}
            Read::BadNhs(identifier) => {
                reader.out.problem(
                    ProblemKind::Imperfect,
                    &place(segment, n),
                    "An NHS number does not pass its check; it is not used to find the patient.",
                );
                found.push(identifier);
            }
        }
    }
    found
}

enum Read {
    Number(Identifier),
    /// Said to be an NHS number, and not one.
    BadNhs(Identifier),
    Nothing,
}

/// `9449305552^^^NHS^NH`, `^^^^NH`, `^^^NHS`, `633^^^R0A^MR`.
fn identifier(repetition: Repetition<'_>, assigner_default: &str) -> Read {
    let value = repetition.component(1);
    if value.is_empty() || value.is_null() {
        return Read::Nothing;
    }
    let value = basics::tidy(&value.text(), NUMBER_BYTES_MAX);
    if value.is_empty() {
        return Read::Nothing;
    }
    let authority = repetition.component(4);
    let mut assigner = head(authority);
    if assigner.is_empty() {
        // HD.2, the universal id, when there is no namespace.
        assigner = line(&authority.subcomponent(2).text());
    }
    let kind = line(&repetition.component(5).text()).to_ascii_uppercase();
    if is_nhs(&kind, &assigner) {
        return match NhsNumber::parse(&value) {
            Some(nhs) => Read::Number(Identifier::nhs(nhs)),
            None => {
                Read::BadNhs(Identifier { kind: IdentifierKind::Other, assigner: "NHS".to_owned(), value })
            }
        };
    }
    if assigner.is_empty() {
        assigner = head(repetition.component(6));
    }
    if assigner.is_empty() {
        assigner = assigner_default.to_owned();
    }
    let kind = if is_other(&kind) { IdentifierKind::Other } else { IdentifierKind::Mrn };
    Read::Number(Identifier { kind, assigner, value })
}

fn is_nhs(kind: &str, assigner: &str) -> bool {
    match kind {
        "NH" | "NHS" | "NHSNMBR" | "NHSNBR" | "NHSN" | "NHSNO" => true,
        "" | "NI" | "NNGBR" | "PI" | "PN" => {
            matches!(assigner.to_ascii_uppercase().as_str(), "NHS" | "NHSNBR" | "NHSNMBR" | "NSTS" | "PDS")
                || assigner.ends_with("Id/nhs-number")
                || assigner == "2.16.840.1.113883.2.1.4.1"
        }
        _ => false,
    }
}

/// Types of HL7 table 0203 that are no hospital number.
fn is_other(kind: &str) -> bool {
    matches!(
        kind,
        "SS" | "SSN"
            | "DL"
            | "PPN"
            | "BC"
            | "AN"
            | "AC"
            | "VN"
            | "VS"
            | "NI"
            | "NIIP"
            | "MC"
            | "MA"
            | "MB"
            | "HC"
            | "JHN"
            | "WC"
            | "TAX"
            | "EI"
            | "EN"
            | "NPI"
            | "XX"
            | "RI"
            | "BR"
            | "CZ"
            | "PN"
            | "DR"
            | "MD"
            | "TIN"
            | "PASSPORT"
            | "PRN"
            | "UPIN"
            | "WP"
            | "MI"
            | "SR"
            | "DN"
            | "GI"
            | "LN"
            | "FI"
            | "PRC"
            | "BA"
            | "AM"
    )
}

fn names(reader: &mut Reader<'_>, segment: &Segment<'_>) {
    let field = segment.field(5);
    let person = &mut reader.group.person;
    if field.is_null() {
        person.name = Update::Clear;
    } else {
        let legal = |r: Repetition<'_>| {
            let kind = line(&r.component(7).text()).to_ascii_uppercase();
            matches!(kind.as_str(), "L" | "" | "CURRENT" | "OFFICIAL") && name(r).is_some()
        };
        // The name in law over a display or birth name that a sender puts before it.
        let has_legal = field.repetitions().take(10).skip(1).any(legal);
        for repetition in field.repetitions().take(10) {
            let Some(name) = name(repetition) else { continue };
            let kind = line(&repetition.component(7).text()).to_ascii_uppercase();
            // Alias, maiden, nickname, partner's, former and "bad" names are other names.
            let other = matches!(
                kind.as_str(),
                "A" | "M" | "N" | "K" | "P" | "BAD" | "FORMER" | "PREVIOUS" | "ALIAS"
            );
            let yields = has_legal && !legal(repetition);
            if !other && !yields && person.name == Update::Keep {
                person.name = Update::Set(name);
            } else {
                person.other_names.push(name);
            }
        }
        if person.name == Update::Keep && !person.other_names.is_empty() {
            person.name = Update::Set(person.other_names.remove(0));
        }
    }
    person.other_names.extend(segment.field(9).repetitions().take(10).filter_map(name));
    if person.name == Update::Keep {
        let text = "No name could be read.";
        reader.out.problem(ProblemKind::Imperfect, &place(segment, 5), text);
    }
}

/// XPN; `None` when neither family nor given name is there.
pub(super) fn name(repetition: Repetition<'_>) -> Option<PersonName> {
    if repetition.is_empty() {
        return None;
    }
    let part = |n: usize| line(&repetition.component(n).text());
    let family = head(repetition.component(1));
    let given: Vec<String> = [part(2), part(3)].into_iter().filter(|g| !g.is_empty()).collect();
    if family.is_empty() && given.is_empty() {
        return None;
    }
    Some(PersonName { family, given, prefix: part(5), suffix: part(4) })
}

fn birth_and_death(reader: &mut Reader<'_>, segment: &Segment<'_>) {
    let birth = segment.field(7);
    reader.group.person.birth_date = if birth.is_null() {
        Update::Clear
    } else if birth.is_empty() {
        Update::Keep
    } else {
        match date(birth) {
            Some(date) => {
                reader.birth_date = Some(date);
                Update::Set(date)
            }
            None => {
                let text = "The date of birth is no date.";
                reader.out.problem(ProblemKind::Imperfect, &place(segment, 7), text);
                Update::Keep
            }
        }
    };
    let at = moment_field(segment, 29, reader.rules);
    let indicator = segment.field(30);
    let word = line(&indicator.text()).to_ascii_uppercase();
    reader.group.person.died = match (at, word.as_str()) {
        (_, "N" | "NO" | "0") => Update::Clear,
        (Some(at), _) => Update::Set(Some(at)),
        (None, "Y" | "YES" | "1" | "D") => Update::Set(None),
        (None, _) if indicator.is_null() || segment.field(29).is_null() => Update::Clear,
        _ => Update::Keep,
    };
}

/// Letters of table 0001, words, and the NHS Data Dictionary's digits (1 male, 2 female, 9 not specified, 0 unknown).
fn sex(field: Field<'_>) -> Update<Sex> {
    if field.is_null() {
        return Update::Clear;
    }
    match line(&field.text()).to_ascii_uppercase().as_str() {
        "" => Update::Keep,
        "F" | "2" | "FEMALE" => Update::Set(Sex::Female),
        "M" | "1" | "MALE" => Update::Set(Sex::Male),
        "O" | "A" | "I" | "9" | "X" | "OTHER" => Update::Set(Sex::Other),
        _ => Update::Set(Sex::Unknown),
    }
}

fn address(field: Field<'_>) -> Update<Address> {
    if field.is_null() {
        return Update::Clear;
    }
    for repetition in field.repetitions().take(5) {
        let part = |n: usize| line(&repetition.component(n).text());
        let street = repetition.component(1);
        let street = if street.subcomponent(2).is_empty() {
            line(&street.text())
        } else {
            let parts = [street.subcomponent(3), street.subcomponent(1), street.subcomponent(2)];
            parts.iter().map(|p| line(&p.text())).filter(|p| !p.is_empty()).collect::<Vec<_>>().join(" ")
        };
        let lines: Vec<String> =
            [street, part(2), part(3), part(4)].into_iter().filter(|l| !l.is_empty()).collect();
        let postcode = part(5);
        if !lines.is_empty() || !postcode.is_empty() {
            return Update::Set(Address { lines, postcode });
        }
    }
    Update::Keep
}

/// XTN: the number as formatted, else put together from its parts, else the mail address.
fn telecom(repetition: Repetition<'_>, use_default: &str) -> Option<Telecom> {
    let part = |n: usize| line(&repetition.component(n).text());
    let mut value = part(1);
    if value.is_empty() {
        value = part(12);
    }
    if value.is_empty() {
        value =
            [part(5), part(6), part(7)].into_iter().filter(|p| !p.is_empty()).collect::<Vec<_>>().join(" ");
    }
    let mail = part(4);
    let (use_code, equipment) = (part(2).to_ascii_uppercase(), part(3).to_ascii_uppercase());
    let is_mail = use_code == "NET" || equipment == "INTERNET" || value.is_empty() && !mail.is_empty();
    if is_mail && !mail.is_empty() {
        value = mail;
    }
    if value.is_empty() {
        return None;
    }
    let use_ = if is_mail && value.contains('@') {
        "email"
    } else if equipment == "CP" || use_code == "PRS" || use_code == "MOBILE" {
        "mobile"
    } else if use_code == "WPN" || use_code == "WORK" {
        "work"
    } else {
        use_default
    };
    Some(Telecom { use_: use_.to_owned(), value })
}

fn words_update(segment: &Segment<'_>, n: usize) -> Update<String> {
    let field = segment.field(n);
    if field.is_null() {
        return Update::Clear;
    }
    let words = words_field(segment, n);
    if words.is_empty() { Update::Keep } else { Update::Set(words) }
}

pub(super) fn pd1(reader: &mut Reader<'_>, segment: &Segment<'_>) {
    if reader.group.about.is_none() {
        return;
    }
    let person = &mut reader.group.person;
    let practice = segment.field(3);
    let name = line(&practice.text());
    if practice.is_null() {
        person.gp_practice = Update::Clear;
    } else if !name.is_empty() {
        person.gp_practice = Update::Set(name);
    }
    let field = segment.field(4);
    let gp = clinician(field.first());
    if field.is_null() {
        person.gp = Update::Clear;
    } else if !gp.is_empty() {
        person.gp = Update::Set(gp);
    }
}

pub(super) fn nk1(reader: &mut Reader<'_>, segment: &Segment<'_>) {
    if reader.group.about.is_none() {
        return;
    }
    reader.group.contacts_told = true;
    let name = segment.field(2).repetitions().find_map(name).unwrap_or_default();
    let relationship = words_field(segment, 3);
    let mut telecoms = Vec::new();
    for (n, use_) in [(5, "home"), (6, "work")] {
        telecoms.extend(segment.field(n).repetitions().take(5).filter_map(|r| telecom(r, use_)));
    }
    if name == PersonName::default() && telecoms.is_empty() {
        return;
    }
    let role = coded(segment.field(7).first());
    let next = |t: &str| matches!(t.to_ascii_uppercase().as_str(), "N" | "NK" | "NOK" | "NEXT OF KIN");
    let next_of_kin = next(&role.code) || next(&role.words) || next(&relationship);
    reader.group.contacts.push(Contact { name, relationship, telecoms, next_of_kin });
}

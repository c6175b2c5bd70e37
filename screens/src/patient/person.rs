//! The person: address, telephone, language, GP, contacts, every number, merged records.

use crate::names::or_not_recorded;
use care::{Contact, Identifier, IdentifierKind, PatientRecord, Telecom};

/// Everything about the person that is not care.
pub struct PersonPart {
    /// Label and value, in reading order; no value is blank.
    pub lines: Vec<(&'static str, String)>,
    /// Next of kin first.
    pub contacts: Vec<ContactLine>,
    /// Every number with who gave it.
    pub identifiers: Vec<(String, String)>,
    /// Records merged into this one.
    pub merged: Vec<u64>,
}

/// A contact.
pub struct ContactLine {
    /// Banner form.
    pub name: String,
    /// "Spouse"; "Not recorded" when not said.
    pub relationship: String,
    /// Called next of kin by the sender.
    pub next_of_kin: bool,
    /// Numbers and addresses.
    pub telecoms: String,
}

/// As the record has it.
pub fn person(r: &PatientRecord) -> PersonPart {
    let address = r.address.as_ref().map(|a| {
        let mut lines: Vec<&str> = a.lines.iter().map(String::as_str).filter(|l| !l.is_empty()).collect();
        lines.push(&a.postcode);
        lines.retain(|l| !l.is_empty());
        lines.join(", ")
    });
    let others: Vec<String> = r.other_names.iter().map(care::PersonName::banner).collect();
    let interpreter = r.interpreter_needed.map(|n| if n { "Needed" } else { "Not needed" });
    let mut contacts: Vec<&Contact> = r.contacts.iter().collect();
    contacts.sort_by_key(|c| !c.next_of_kin);
    PersonPart {
        lines: vec![
            ("Address", or_not_recorded(address.as_deref())),
            ("Telephone, mail", or_not_recorded(Some(&telecoms(&r.telecoms)))),
            ("Other names", or_not_recorded(Some(&others.join("; ")))),
            ("Language", or_not_recorded(r.language.as_deref())),
            ("Interpreter", or_not_recorded(interpreter)),
            ("Religion", or_not_recorded(r.religion.as_deref())),
            ("Ethnic group", or_not_recorded(r.ethnicity.as_deref())),
            ("GP", or_not_recorded(r.gp.as_deref())),
            ("GP practice", or_not_recorded(r.gp_practice.as_deref())),
        ],
        contacts: contacts.into_iter().map(contact).collect(),
        identifiers: r.identifiers.iter().filter_map(identifier).collect(),
        merged: r.merged_from.iter().map(|k| k.0).collect(),
    }
}

fn contact(c: &Contact) -> ContactLine {
    ContactLine {
        name: c.name.banner(),
        relationship: or_not_recorded(Some(&c.relationship)),
        next_of_kin: c.next_of_kin,
        telecoms: or_not_recorded(Some(&telecoms(&c.telecoms))),
    }
}

fn telecoms(list: &[Telecom]) -> String {
    list.iter()
        .map(|t| if t.use_.is_empty() { t.value.clone() } else { format!("{} ({})", t.value, t.use_) })
        .collect::<Vec<_>>()
        .join(", ")
}

/// Kind with assigner, and the number; `None` for keys that only a feed understands.
fn identifier(i: &Identifier) -> Option<(String, String)> {
    let kind = match i.kind {
        IdentifierKind::Nhs => "NHS number",
        IdentifierKind::Mrn => "Hospital number",
        IdentifierKind::Other => "Other number",
        IdentifierKind::Technical => return None,
    };
    let kind = match i.assigner.as_str() {
        "" => kind.to_owned(),
        "NHS" if i.kind == IdentifierKind::Nhs => kind.to_owned(),
        assigner => format!("{kind} ({assigner})"),
    };
    Some((kind, i.nhs_number().map_or_else(|| i.value.clone(), |n| n.to_string())))
}

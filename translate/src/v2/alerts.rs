//! AL1, IAM, DG1, PRB and the alert segments: what a ward must know before it does anything.
//!
//! Alerts come as OBX of an admission (the name of the alert in OBX-3, its state in OBX-5) or in the Z segments ZAL
//! and ZFL: `ZAL|set id|kind|code^words^system|active Y/N|since`, where kind is one of the words that
//! `words::alert_kind` knows, or the code tells it.

use super::Reader;
use super::reading::{coded, coded_field, moment_field, place, text_field, words_field};
use crate::words::{alert_kind, line, says_no, says_yes};
use care::{
    Allergies, AllergyIntolerance, AllergyKnowledge, Condition, Flag, FlagKind, ProblemKind, Severity, What,
};
use hl7::{Field, Segment};

/// AL1 always comes as a snapshot: all of a message's AL1 together replace what the feed said before.
pub(super) fn al1(reader: &mut Reader<'_>, segment: &Segment<'_>) {
    if reader.group.about.is_none() {
        return;
    }
    let allergy = allergy(reader, segment, [2, 3, 4, 5, 6]);
    let deleted = segment.field(3).is_null();
    let all = reader.group.allergies.get_or_insert_with(Allergies::default);
    match allergy {
        Some(allergy) if allergy.says_none_known() => {
            if all.list.is_empty() {
                all.knowledge = AllergyKnowledge::NoneKnown;
            }
        }
        Some(allergy) => {
            all.knowledge = AllergyKnowledge::Known;
            all.list.push(allergy);
        }
        None if deleted => {}
        None => {
            if all.list.is_empty() && all.knowledge == AllergyKnowledge::NotRecorded {
                // An empty AL1 must not wipe what is known.
                reader.group.allergies = None;
            }
            reader.out.problem(
                ProblemKind::PartLost,
                &place(segment, 3),
                "It names no substance, so this allergy is lost.",
            );
        }
    }
}

/// Fields: category, code, severity, reaction, onset.
fn allergy(reader: &Reader<'_>, segment: &Segment<'_>, fields: [usize; 5]) -> Option<AllergyIntolerance> {
    let [category, code, severity, reaction, onset] = fields;
    let substance = coded_field(segment, code);
    if substance.words.is_empty() {
        return None;
    }
    let reactions: Vec<String> = segment
        .field(reaction)
        .repetitions()
        .take(10)
        .map(|r| coded(r).words)
        .filter(|r| !r.is_empty())
        .collect();
    Some(AllergyIntolerance {
        code: substance.code,
        substance: substance.words,
        category: category_words(&text_field(segment, category)),
        severity: severity_of(segment.field(severity)),
        reaction: reactions.join(", "),
        onset: moment_field(segment, onset, reader.rules),
        ..AllergyIntolerance::default()
    })
}

/// Table 0127.
fn category_words(code: &str) -> String {
    match code.to_ascii_uppercase().as_str() {
        "DA" | "DRUG" => "Drug".to_owned(),
        "FA" | "FOOD" => "Food".to_owned(),
        "EA" | "AA" | "PA" | "LA" => "Environment".to_owned(),
        "MC" => "Contraindication".to_owned(),
        "MA" => "Miscellaneous".to_owned(),
        _ => String::new(),
    }
}

/// Table 0128, and the words.
fn severity_of(field: Field<'_>) -> Option<Severity> {
    let said = coded(field.first());
    [said.code, said.words].iter().find_map(|word| match word.to_ascii_uppercase().as_str() {
        "SV" | "S" | "SEVERE" | "HIGH" => Some(Severity::Severe),
        "MO" | "MODERATE" => Some(Severity::Moderate),
        "MI" | "MILD" | "LOW" => Some(Severity::Mild),
        _ => None,
    })
}

/// IAM tells one change each (IAM-6: add, update, delete); without an action code it is a snapshot as AL1 is.
pub(super) fn iam(reader: &mut Reader<'_>, segment: &Segment<'_>) {
    if reader.group.about.is_none() {
        return;
    }
    let action = text_field(segment, 6).to_ascii_uppercase();
    if action.is_empty() {
        return al1(reader, segment);
    }
    let mut onset_at = 11;
    if segment.field(onset_at).is_empty() {
        onset_at = 13;
    }
    let Some(mut allergy) = allergy(reader, segment, [2, 3, 4, 5, onset_at]) else {
        let text = "It names no substance, so this allergy is lost.";
        return reader.out.problem(ProblemKind::PartLost, &place(segment, 3), text);
    };
    allergy.verification = match text_field(segment, 17).to_ascii_uppercase().as_str() {
        "U" => "unconfirmed".to_owned(),
        "S" | "P" => "suspected".to_owned(),
        _ => String::new(),
    };
    let inactive =
        matches!(text_field(segment, 17).to_ascii_uppercase().as_str(), "I" | "E" | "INACTIVE" | "ERRONEOUS");
    reader.group.others.push(match action.as_str() {
        _ if inactive => What::AllergyRemoved(allergy),
        "D" | "DELETE" => What::AllergyRemoved(allergy),
        _ => What::Allergy(allergy),
    });
}

pub(super) fn dg1(reader: &mut Reader<'_>, segment: &Segment<'_>) {
    if reader.group.about.is_none() {
        return;
    }
    let coded = coded_field(segment, 3);
    let description = text_field(segment, 4);
    let text = if coded.words.is_empty() || coded.words == coded.code && !description.is_empty() {
        description
    } else {
        coded.words
    };
    if text.is_empty() {
        let text = "The diagnosis has neither code nor words.";
        return reader.out.problem(ProblemKind::Imperfect, &place(segment, 3), text);
    }
    let kind = match text_field(segment, 6).to_ascii_uppercase().as_str() {
        "A" => "Admitting",
        "W" => "Working",
        "F" => "Final",
        _ => "",
    };
    reader.group.others.push(What::Condition(Condition {
        id: text_field(segment, 20),
        code: coded.code,
        text,
        active: !text_field(segment, 21).eq_ignore_ascii_case("D"),
        onset: moment_field(segment, 5, reader.rules),
        kind: kind.to_owned(),
        cite: None,
    }));
}

pub(super) fn prb(reader: &mut Reader<'_>, segment: &Segment<'_>) {
    if reader.group.about.is_none() {
        return;
    }
    let coded = coded_field(segment, 3);
    if coded.words.is_empty() {
        let text = "The problem has neither code nor words.";
        return reader.out.problem(ProblemKind::Imperfect, &place(segment, 3), text);
    }
    let state = words_field(segment, 14).to_ascii_lowercase();
    let deleted = matches!(text_field(segment, 1).to_ascii_uppercase().as_str(), "DE" | "D");
    let over = ["resolved", "inactive", "cured", "entered in error"].iter().any(|w| state.contains(w));
    reader.group.others.push(What::Condition(Condition {
        id: text_field(segment, 4),
        code: coded.code,
        text: coded.words,
        active: !deleted && !over,
        onset: moment_field(segment, 16, reader.rules).or_else(|| moment_field(segment, 7, reader.rules)),
        ..Condition::default()
    }));
}

/// An observation of an admission that is an alert; `None` when it is a plain observation.
pub(super) fn observed(segment: &Segment<'_>, reader: &Reader<'_>) -> Option<Flag> {
    let name = coded_field(segment, 3);
    let value = segment.field(5);
    let said = if value.is_empty() { super::reading::Coded::default() } else { coded(value.first()) };
    // The alert may be named by the question ("Resuscitation status") or by the answer ("Not for CPR").
    let is_alert =
        name.words.to_ascii_lowercase().contains("alert") || name.code.to_ascii_lowercase().contains("alert");
    let kind = alert_kind(&name.code, &name.words).or_else(|| alert_kind(&said.code, &said.words));
    let kind = match kind {
        Some(kind) => kind,
        None if is_alert => FlagKind::Other,
        None => return None,
    };
    let withdrawn = matches!(text_field(segment, 11).to_ascii_uppercase().as_str(), "D" | "W" | "X");
    let active = !withdrawn && !says_no(&said.words) && !said.words.is_empty();
    let text = if says_yes(&said.words) || says_no(&said.words) {
        name.words.clone()
    } else if alert_kind("", &said.words).is_some() || is_alert {
        said.words
    } else {
        line(&format!("{}: {}", name.words, said.words))
    };
    let since = moment_field(segment, 14, reader.rules);
    // The question's code is the key, so that a later answer replaces this one.
    let code = if name.code.is_empty() { name.words } else { name.code };
    Some(Flag { kind, code, text, active, since, cite: None })
}

pub(super) fn z_alert(reader: &mut Reader<'_>, segment: &Segment<'_>) {
    if reader.group.about.is_none() {
        return;
    }
    let kind_words = words_field(segment, 2);
    let coded = coded_field(segment, 3);
    if coded.words.is_empty() {
        return;
    }
    let kind = alert_kind(&coded.code, &coded.words).or_else(|| alert_kind(&kind_words, &kind_words));
    let state = text_field(segment, 4);
    reader.group.others.push(What::Flag(Flag {
        kind: kind.unwrap_or(FlagKind::Other),
        code: coded.code,
        text: coded.words,
        active: !says_no(&state),
        since: moment_field(segment, 5, reader.rules),
        cite: None,
    }));
}

//! Allergies: a snapshot replaces what its own feed said before, never what another feed said; "none known" never
//! hides a known one (hazard: hidden allergy).

use super::{ALLERGIES_MAX, not_older};
use crate::problems::folded;
use crate::{Allergies, AllergyIntolerance, AllergyKnowledge, Cite, PatientRecord};

pub(super) fn snapshot(record: &mut PatientRecord, said: &Allergies, cite: &Cite) {
    let silent = record.allergies.knowledge == AllergyKnowledge::NotRecorded;
    if !silent && !not_older(record.as_at.allergies.as_ref(), cite) {
        return;
    }
    let list = &mut record.allergies.list;
    list.retain(|known| known.cite.as_ref().is_some_and(|c| c.feed != cite.feed));
    let mut none_known = said.knowledge == AllergyKnowledge::NoneKnown;
    for allergy in &said.list {
        if allergy.says_none_known() {
            none_known = true;
        } else if !list.iter().any(|known| same_statement(known, allergy)) && list.len() < ALLERGIES_MAX {
            list.push(AllergyIntolerance { cite: Some(cite.clone()), ..allergy.clone() });
        }
    }
    record.allergies.knowledge = if !list.is_empty() {
        AllergyKnowledge::Known
    } else if none_known {
        AllergyKnowledge::NoneKnown
    } else {
        match said.knowledge {
            AllergyKnowledge::Known => AllergyKnowledge::NotRecorded,
            other => other,
        }
    };
}

pub(super) fn one(record: &mut PatientRecord, allergy: &AllergyIntolerance, cite: &Cite) {
    let allergies = &mut record.allergies;
    if allergy.says_none_known() {
        if allergies.list.is_empty() {
            allergies.knowledge = AllergyKnowledge::NoneKnown;
        }
        return;
    }
    let told = AllergyIntolerance { cite: Some(cite.clone()), ..allergy.clone() };
    let room = allergies.list.len() < ALLERGIES_MAX;
    let known = known_as(&allergies.list, allergy, cite);
    match known.and_then(|index| allergies.list.get_mut(index)) {
        Some(known) if not_older(known.cite.as_ref(), cite) => *known = told,
        Some(_) => {}
        None if room => allergies.list.push(told),
        None => {}
    }
    allergies.knowledge = AllergyKnowledge::Known;
}

pub(super) fn removed(record: &mut PatientRecord, allergy: &AllergyIntolerance, cite: &Cite) {
    let newest = not_older(record.as_at.allergies.as_ref(), cite);
    let allergies = &mut record.allergies;
    if let Some(index) = known_as(&allergies.list, allergy, cite)
        && allergies.list.get(index).is_some_and(|known| not_older(known.cite.as_ref(), cite))
    {
        allergies.list.remove(index);
        let words = folded(&allergy.substance);
        allergies.list.retain(|known| {
            words.is_empty() || folded(&known.substance) != words || !not_older(known.cite.as_ref(), cite)
        });
    }
    // That one is gone does not mean that there are none; a withdrawn "none known" says nothing any more.
    let taken_back =
        allergies.knowledge == AllergyKnowledge::NoneKnown && allergy.says_none_known() && newest;
    if allergies.list.is_empty() && (allergies.knowledge == AllergyKnowledge::Known || taken_back) {
        allergies.knowledge = AllergyKnowledge::NotRecorded;
    }
}

/// Which known allergy a word is about: that of the same words, whatever code its system gives them; else the only
/// one of the same code. A code alone joins nothing across systems unless all the world gives it (SNOMED CT), nor two
/// of one message: some senders put every allergy under one code ("OTHER"). Hazard: hidden allergy.
fn known_as(list: &[AllergyIntolerance], told: &AllergyIntolerance, cite: &Cite) -> Option<usize> {
    let words = folded(&told.substance);
    let same_words = |known: &AllergyIntolerance| !words.is_empty() && folded(&known.substance) == words;
    if let Some(index) = list.iter().position(same_words) {
        return Some(index);
    }
    let worldwide = told.code.len() >= 6 && told.code.bytes().all(|b| b.is_ascii_digit());
    let of_this_code = |known: &AllergyIntolerance| {
        let heard = known.cite.as_ref();
        let feed_fits = worldwide || heard.is_none_or(|c| c.feed == cite.feed);
        !told.code.is_empty() && known.code == told.code && feed_fits
    };
    let mut found = list.iter().enumerate().filter(|(_, known)| of_this_code(known));
    match (found.next(), found.next()) {
        (Some((index, known)), None)
            if worldwide || known.cite.as_ref().is_none_or(|c| c.entry != cite.entry) =>
        {
            Some(index)
        }
        _ => None,
    }
}

/// The same statement in every word that a ward reads, whatever code each system gives it; two reactions to one
/// substance are two statements, and so are two substances under one code.
fn same_statement(a: &AllergyIntolerance, b: &AllergyIntolerance) -> bool {
    let words = folded(&a.substance);
    let same_thing = words == folded(&b.substance) && (!words.is_empty() || a.code == b.code);
    same_thing
        && a.severity == b.severity
        && folded(&a.reaction) == folded(&b.reaction)
        && (a.category == b.category || a.code != b.code)
        && a.onset == b.onset
}

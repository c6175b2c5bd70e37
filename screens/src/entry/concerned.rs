//! Whom a message of the feed book is about, as far as records are kept of them: for the book of looks, and for the rights.
//!
//! Always: every number that the message gives, of whoever it is about or was, is asked for; whom two people could be is left
//! out. Called by the pages that show messages as they came; proved by `tests/looks.rs`.

use crate::desk::Look;
use care::{Identifier, IdentifierKind, PatientKey, What};
use control_room::{ControlRoom, FeedEntry, Preview};
use std::collections::BTreeSet;

/// Numbers of one message that are asked for: a list may hold a whole clinic.
const NUMBERS_MAX: usize = 20_000;

/// Notes whom a message shows; somebody unknown where no record is kept of any of them.
pub fn note(look: &Look<'_>, preview: &Preview) {
    if look.visit.visitor().is_none() {
        return;
    }
    let keys = of(&look.screens().room, preview);
    if keys.is_empty() {
        look.saw_somebody();
    }
    look.saw(keys);
}

/// The same for a message that was not read yet.
pub fn note_entry(look: &Look<'_>, entry: &FeedEntry) {
    if look.visit.visitor().is_some() {
        note(look, &look.screens().room.preview(Some(&entry.feed), &entry.bytes, entry.at));
    }
}

/// The one patient a message is about, where it is about one alone, and would be filed under that one.
pub fn only_one(room: &ControlRoom, entry: &FeedEntry) -> Option<PatientKey> {
    let preview = room.preview(Some(&entry.feed), &entry.bytes, entry.at);
    let filed = stands(room, preview.patient?);
    let all = of(room, &preview);
    (all.len() == 1 && all.contains(&filed)).then_some(filed)
}

/// Everybody a message is about, merges followed.
fn of(room: &ControlRoom, preview: &Preview) -> BTreeSet<PatientKey> {
    let numbers: BTreeSet<&str> = preview
        .facts
        .iter()
        .flat_map(|fact| fact.about.identifiers.iter().chain(others(&fact.what)))
        .filter(|identifier| matches!(identifier.kind, IdentifierKind::Nhs | IdentifierKind::Mrn))
        .map(|identifier| identifier.value.as_str())
        .take(NUMBERS_MAX)
        .collect();
    let mut keys: BTreeSet<PatientKey> =
        numbers.into_iter().filter_map(|number| room.find_exact(number).ok().flatten()).collect();
    keys.extend(preview.patient.map(|key| stands(room, key)));
    keys
}

/// Numbers of whoever else is named: the person that one was taken for.
fn others(what: &What) -> &[Identifier] {
    match what {
        What::Merge { prior } | What::Unmerge { prior } | What::Renumber { prior } => prior,
        What::MoveNumbers { numbers } => numbers,
        What::MoveVisit { prior, .. } => prior,
        _ => &[],
    }
}

fn stands(room: &ControlRoom, key: PatientKey) -> PatientKey {
    match room.patient(key) {
        Ok(Some(record)) => record.key,
        Ok(None) | Err(_) => key,
    }
}

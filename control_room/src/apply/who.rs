//! Whose record a fact belongs to: its identifiers compared with those that are known.
//!
//! Always: filed under the hospital number when numbers contradict each other, and the first message that says so laid
//! in the tray for a person; a record that has nothing but a sender's own key joins the person whose key it turns out to be. Never: two
//! people joined by a rule.
//! Called while facts are applied; proved by `tests/identity.rs`.

use super::{Applier, Filing, KEY_STEP, problem};
use crate::Fault;
use crate::find::Slot;
use crate::index::{CORE, Planted};
use basics::EntryNumber;
use care::identity::{Resolution, merge, resolve_apart, survivor};
use care::{Fact, Identifier, IdentifierKind, PatientKey, Problem, ProblemKind};
use std::collections::{BTreeSet, HashMap};

const CONFLICT: &str = "The hospital number and the NHS number belong to different records; filed under the hospital number. Check who this is.";
const APART: &str = "The NHS number, the sender's own key or another of the numbers belongs to a record with another hospital number; filed apart under the new hospital number. Check who this is.";
const TWO_NUMBERS: &str = "Two hospital numbers in this message belong to different records; filed under the first of them. Check who this is.";
const KEY_OF_TWO: &str = "The sender's own key for this patient belongs to two records; filed under the hospital or NHS number where there is one. Check who this is.";

/// Nothing is lost of such a message, but it may be filed under the wrong person: it waits in the tray for somebody
/// to look. Said once a message.
pub(super) fn note(problems: &mut Vec<Problem>, text: &str) {
    if !problems.iter().any(|p| p.text == text) {
        problems.push(problem(ProblemKind::PartLost, "PID-3", text));
    }
}

/// How a record shows a number that came with it and is another record's; never used to find anybody's record.
fn another_records(identifier: &Identifier) -> Identifier {
    Identifier {
        kind: IdentifierKind::Other,
        assigner: format!("{} number of another record", identifier.assigner),
        value: identifier.value.clone(),
    }
}

fn technical(identifier: &Identifier) -> bool {
    identifier.kind == IdentifierKind::Technical
}

impl Applier<'_> {
    /// The row of whom these identifiers name; a new one for somebody never heard of.
    pub(super) fn slot_for(
        &mut self,
        identifiers: &[Identifier],
        fact: &Fact,
        filing: &mut Filing,
        problems: &mut Vec<Problem>,
    ) -> Result<Slot, Fault> {
        let known = self.known(identifiers)?;
        let lookup = |i: &Identifier| known.iter().find(|(id, _)| id == i).map(|(_, key)| *key);
        let held: HashMap<PatientKey, Vec<Identifier>> = self.numbers_of(identifiers, &known)?;
        let numbers_of = |key: PatientKey| held.get(&key).cloned().unwrap_or_default();
        let unknown_number = || {
            let mut mrns = identifiers.iter().filter(|i| i.kind == IdentifierKind::Mrn).peekable();
            mrns.peek().is_some() && mrns.all(|i| lookup(i).is_none())
        };
        let slot = match resolve_apart(identifiers, &lookup, &numbers_of) {
            // The survivor of a merge is not the record merged away, though they share the NHS number.
            Resolution::Known(key) if filing.merging.contains(&key) && unknown_number() => {
                self.create(identifiers, fact.cite.entry)?
            }
            Resolution::Known(key) => self.row(key)?,
            Resolution::New => {
                if known.iter().any(|(_, key)| !filing.merging.contains(key)) {
                    note(problems, APART);
                }
                self.create(identifiers, fact.cite.entry)?
            }
            Resolution::Conflict { by_mrn, .. } => self.row(by_mrn)?,
        };
        self.contradictions(slot, &known, filing, problems)?;
        self.join_nameless(slot, identifiers, filing, problems)?;
        Ok(slot)
    }

    /// Numbers of a message that other records bear than the one it is filed under: they are left with those. A person
    /// is told of each such pair once, and the record shows the number beside its own; the messages that repeat it are
    /// read as all others, for a ward needs what they say.
    pub(super) fn contradictions(
        &mut self,
        slot: Slot,
        known: &[(Identifier, PatientKey)],
        filing: &mut Filing,
        problems: &mut Vec<Problem>,
    ) -> Result<(), Fault> {
        let own = self.writer.record(slot, CORE)?.key;
        for (identifier, key) in known.iter().filter(|(_, key)| *key != own) {
            let apart = self.stands_for(*key) != self.stands_for(own) && !filing.merging.contains(key);
            let text = match identifier.kind {
                IdentifierKind::Mrn => TWO_NUMBERS,
                IdentifierKind::Nhs if apart => CONFLICT,
                _ => continue,
            };
            let record = self.writer.record(slot, CORE)?;
            if record.identifiers.contains(identifier) {
                continue;
            }
            filing.left_out.insert(identifier.clone());
            let told = another_records(identifier);
            if apart && !record.identifiers.contains(&told) {
                self.writer.record_to_change(slot, CORE)?.identifiers.push(told);
                note(problems, text);
            }
        }
        Ok(())
    }

    /// A sender's own key may have been used (an allergy that came before its patient) before anybody knew whose it
    /// is. The record made then has no name and no number, so nobody would ever find it: now that the key stands
    /// beside numbers, it is linked to their record and shown with it. A record that is somebody is never joined.
    fn join_nameless(
        &mut self,
        slot: Slot,
        identifiers: &[Identifier],
        filing: &mut Filing,
        problems: &mut Vec<Problem>,
    ) -> Result<(), Fault> {
        if !identifiers.iter().any(technical) {
            return Ok(());
        }
        let key = self.writer.record(slot, CORE)?.key;
        for identifier in identifiers.iter().filter(|i| technical(i)) {
            for other in self.bearers(identifier)? {
                if other == key {
                    continue;
                }
                if self.stands_for(other) == self.stands_for(key) {
                    // The key stays with the record it was first filed under, so that what is told by the key alone
                    // (an allergy taken back) finds what it told before.
                    filing.left_out.insert(identifier.clone());
                    continue;
                }
                let row = self.row(other)?;
                let record = self.writer.record(row, CORE)?;
                let nameless = record.name.is_none()
                    && record.other_names.is_empty()
                    && record.merged_into.is_none()
                    && record.identifiers.iter().all(technical);
                if !nameless || self.shared.place.planted == Some(Planted::NamelessStayApart) {
                    note(problems, KEY_OF_TWO);
                    continue;
                }
                for change in merge(key, other, &|key| self.merged_into(key)) {
                    self.relink(change)?;
                }
                filing.left_out.insert(identifier.clone());
            }
        }
        Ok(())
    }

    /// Whether a fact that was filed before still names numbers of different records: then its message stays in the
    /// tray, until the records are merged or a person clears it.
    pub(super) fn still_apart(
        &mut self,
        fact: &Fact,
        filing: &Filing,
        problems: &mut Vec<Problem>,
    ) -> Result<(), Fault> {
        let identifiers = &fact.about.identifiers;
        if self.shared.place.planted == Some(Planted::ReplayForgets) {
            return Ok(());
        }
        if filing.last.as_ref().is_some_and(|(last, _)| last == identifiers) {
            return Ok(());
        }
        let known = self.known(identifiers)?;
        let mrns = known.iter().filter(|(i, _)| i.kind == IdentifierKind::Mrn);
        let people: BTreeSet<PatientKey> = mrns.map(|(_, key)| self.stands_for(*key)).collect();
        if people.len() > 1 {
            note(problems, TWO_NUMBERS);
        }
        let known_by = |kind| known.iter().find(|(i, _)| i.kind == kind).map(|(_, key)| *key);
        if let (Some(by_mrn), Some(_)) = (known_by(IdentifierKind::Mrn), known_by(IdentifierKind::Nhs)) {
            let filed_under = self.stands_for(by_mrn);
            for nhs in identifiers.iter().filter(|i| i.kind == IdentifierKind::Nhs) {
                if self.bearers(nhs)?.into_iter().any(|key| self.stands_for(key) != filed_under) {
                    note(problems, CONFLICT);
                }
            }
        }
        let mut keys = BTreeSet::new();
        for identifier in identifiers.iter().filter(|i| technical(i)) {
            keys.extend(self.bearers(identifier)?.into_iter().map(|key| self.stands_for(key)));
        }
        if keys.len() > 1 {
            note(problems, KEY_OF_TWO);
        }
        Ok(())
    }

    /// Everybody who bears an identifier, in the order of their keys.
    fn bearers(&mut self, identifier: &Identifier) -> Result<Vec<PatientKey>, Fault> {
        let mut slots: Vec<Slot> = self.shared.memory().find.numbers.bearers(identifier).collect();
        slots.extend(self.batch.identifiers.get(identifier).into_iter().flatten());
        let mut keys = Vec::new();
        for slot in slots {
            let record = self.writer.record(slot, CORE)?;
            if record.identifiers.contains(identifier) && !keys.contains(&record.key) {
                keys.push(record.key);
            }
        }
        keys.sort_unstable();
        Ok(keys)
    }

    fn stands_for(&self, key: PatientKey) -> PatientKey {
        survivor(key, &|key| self.merged_into(key))
    }

    fn row(&self, key: PatientKey) -> Result<Slot, Fault> {
        self.slot(key).ok_or_else(|| Fault::damaged("a patient has a key and no row"))
    }

    /// Which of the identifiers are known, and whose they are. Of several bearers the first known wins.
    pub(super) fn known(
        &mut self,
        identifiers: &[Identifier],
    ) -> Result<Vec<(Identifier, PatientKey)>, Fault> {
        let mut known = Vec::new();
        for identifier in identifiers.iter().filter(|i| i.matches_records()) {
            let first = self.bearers(identifier)?.first().copied();
            known.extend(first.map(|key| (identifier.clone(), key)));
        }
        Ok(known)
    }

    fn numbers_of(
        &mut self,
        identifiers: &[Identifier],
        known: &[(Identifier, PatientKey)],
    ) -> Result<HashMap<PatientKey, Vec<Identifier>>, Fault> {
        let mut held = HashMap::new();
        // Needed only when a hospital number was never heard of and another number was.
        let heard = |i: &Identifier| known.iter().any(|(known, _)| known == i);
        if identifiers.iter().filter(|i| i.kind == IdentifierKind::Mrn).all(heard) {
            return Ok(held);
        }
        for (_, key) in known {
            if let Some(slot) = self.slot(*key) {
                held.insert(*key, self.writer.record(slot, CORE)?.identifiers.clone());
            }
        }
        Ok(held)
    }

    fn create(&mut self, identifiers: &[Identifier], entry: EntryNumber) -> Result<Slot, Fault> {
        let mut key = PatientKey(entry.0);
        while self.slot(key).is_some() {
            key.0 += KEY_STEP;
        }
        let slot = self.shared.memory().rows() + self.batch.new.len() as Slot;
        self.batch.new.push(key);
        self.batch.new_slots.insert(key, slot);
        self.writer.create(slot, key);
        let record = self.writer.record_to_change(slot, CORE)?;
        record.identifiers = identifiers.to_vec();
        for identifier in identifiers {
            self.batch.identifiers.entry(identifier.clone()).or_default().push(slot);
        }
        Ok(slot)
    }

    pub(super) fn slot(&self, key: PatientKey) -> Option<Slot> {
        self.batch.new_slots.get(&key).copied().or_else(|| self.shared.memory().slot(key))
    }

    pub(super) fn merged_into(&self, key: PatientKey) -> Option<PatientKey> {
        match self.batch.links.get(&key) {
            Some(link) => *link,
            None => self.shared.memory().merged_into(key),
        }
    }
}

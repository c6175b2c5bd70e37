//! Merges, undone merges, new numbers and moved visits: what changes whose record is whose.
//!
//! Always: every record named as merged away is joined, not only the first; a visit that a survivor goes on with keeps
//! what was known of it (the admission, leave) and goes back whole when the merge is undone. Never: facts divided
//! between two people by a guess: where a number moves that is not a record's only one, a person is told.
//! Called while facts are applied; proved by `tests/moves.rs`.

use super::{Applier, Filing, problem};
use crate::Fault;
use crate::find::Slot;
use crate::index::CORE;
use care::identity::{CHAIN_MAX, LinkChange, merge, unmerge_from};
use care::{EncounterStep, Fact, Identifier, IdentifierKind, Move, PatientKey, Problem, ProblemKind};

const MOVED: &str = "A number was moved from one patient to another. What came under it before stays where it was filed, and what comes now goes to the new patient. Check both.";
const UNNUMBERED: &str = "It moves a visit that is not known by that number, and the patient it is moved from has a visit without one. Check both.";
const NOT_HERE: &str = "The visit that it moves was not filed under the other patient.";

fn is_mrn(identifier: &Identifier) -> bool {
    identifier.kind == IdentifierKind::Mrn
}

impl Applier<'_> {
    /// The records that a message's merges name, so that their numbers contradict nobody's in it.
    pub(super) fn note_merging(&mut self, facts: &[Fact], filing: &mut Filing) -> Result<(), Fault> {
        for fact in facts {
            if let care::What::Merge { prior } = &fact.what {
                let known = self.known(prior)?;
                let by_mrn = known.iter().any(|(i, _)| is_mrn(i));
                let keys = known.iter().filter(|(i, _)| !by_mrn || is_mrn(i)).map(|(_, key)| *key);
                filing.merging.extend(keys);
            }
        }
        Ok(())
    }

    pub(super) fn merge(
        &mut self,
        slot: Slot,
        prior: &[Identifier],
        fact: &Fact,
        filing: &mut Filing,
        problems: &mut Vec<Problem>,
    ) -> Result<(), Fault> {
        if !prior.iter().any(Identifier::matches_records) {
            problems.push(problem(ProblemKind::PartLost, "MRG", "the merge names no number to be merged"));
            return Ok(());
        }
        let subject = self.writer.record(slot, CORE)?.key;
        let mut priors = Vec::new();
        for one in apart(prior) {
            let row = self.slot_for(&one, fact, filing, problems)?;
            priors.push(self.writer.record(row, CORE)?.key);
        }
        priors.extend(self.known(prior)?.into_iter().filter(|(i, _)| is_mrn(i)).map(|(_, key)| key));
        for prior in priors {
            for change in merge(subject, prior, &|key| self.merged_into(key)) {
                self.relink(change)?;
            }
        }
        Ok(())
    }

    pub(super) fn unmerge(&mut self, slot: Slot, prior: &[Identifier]) -> Result<(), Fault> {
        let subject = self.writer.record(slot, CORE)?.key;
        for (_, key) in self.known(prior)?.into_iter().take(1) {
            if let Some(change) = unmerge_from(subject, key, &|key| self.merged_into(key)) {
                self.relink(change)?;
            }
        }
        Ok(())
    }

    pub(super) fn relink(&mut self, change: LinkChange) -> Result<(), Fault> {
        let (prior, stands, linked) = match change {
            LinkChange::Link { prior, survivor } => (prior, survivor, true),
            LinkChange::Unlink { prior, survivor } => (prior, survivor, false),
        };
        if !linked {
            self.give_visits_back(prior, stands)?;
        }
        if let Some(slot) = self.slot(prior) {
            let record = self.writer.record_to_change(slot, CORE)?;
            if linked { record.link_into(stands) } else { record.unlink() }
        }
        if let Some(slot) = self.slot(stands) {
            let record = self.writer.record_to_change(slot, CORE)?;
            if linked { record.adopt(prior) } else { record.release(prior) }
        }
        self.batch.links.insert(prior, linked.then_some(stands));
        Ok(())
    }

    /// The old number's record takes the new number; if both numbers have records already, it is a merge.
    pub(super) fn renumber(
        &mut self,
        fact: &Fact,
        prior: &[Identifier],
        filing: &mut Filing,
        problems: &mut Vec<Problem>,
    ) -> Result<(), Fault> {
        let old = self.known(prior)?.first().map(|(_, key)| *key);
        let mut known = self.known(&fact.about.identifiers)?;
        if fact.about.identifiers.iter().any(is_mrn) {
            // The NHS number stands on the old record already: only the new hospital number can be somebody else's.
            known.retain(|(i, _)| is_mrn(i));
        }
        let new = known.iter().map(|(_, key)| *key).find(|key| Some(*key) != old);
        match (old, new) {
            (Some(old), None) => {
                let slot = self.slot(old).ok_or_else(|| Fault::damaged("a patient has a key and no row"))?;
                let all = self.known(&fact.about.identifiers)?;
                self.contradictions(slot, &all, filing, problems)?;
                filing.last = Some((fact.about.identifiers.clone(), slot));
            }
            (Some(old), Some(new)) => {
                for change in merge(new, old, &|key| self.merged_into(key)) {
                    self.relink(change)?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Numbers filed under the wrong person. A record that has no other number moves as a whole.
    pub(super) fn move_numbers(
        &mut self,
        slot: Slot,
        numbers: &[Identifier],
        problems: &mut Vec<Problem>,
    ) -> Result<(), Fault> {
        let subject = self.writer.record(slot, CORE)?.key;
        for (number, key) in self.known(numbers)? {
            if key == subject {
                continue;
            }
            let Some(row) = self.slot(key) else { continue };
            let kept = |i: &Identifier| i.matches_records() && !numbers.contains(i);
            if !self.writer.record(row, CORE)?.identifiers.iter().any(kept) {
                for change in merge(subject, key, &|key| self.merged_into(key)) {
                    self.relink(change)?;
                }
                continue;
            }
            self.writer.record_to_change(row, CORE)?.identifiers.retain(|i| *i != number);
            super::who::note(problems, MOVED);
        }
        // Those that no other record bears any more are the subject's, also when nobody had heard of them.
        let mut own = Vec::new();
        for number in numbers.iter().filter(|i| i.matches_records()) {
            if self.known(std::slice::from_ref(number))?.is_empty() {
                own.push(number.clone());
            }
        }
        let record = self.writer.record_to_change(slot, CORE)?;
        for number in own {
            // Behind the number under which the message knows the patient.
            record.identifiers.push(number.clone());
            self.batch.identifiers.entry(number).or_default().push(slot);
        }
        Ok(())
    }

    /// A visit filed under the wrong person.
    pub(super) fn move_visit(
        &mut self,
        slot: Slot,
        (prior, visit): (&[Identifier], &str),
        problems: &mut Vec<Problem>,
    ) -> Result<(), Fault> {
        let source = self.known(prior)?.first().and_then(|(_, key)| self.slot(*key));
        let Some(source) = source.filter(|source| *source != slot) else {
            problems.push(problem(ProblemKind::Imperfect, "MRG", NOT_HERE));
            return Ok(());
        };
        let stays = &self.writer.record(source, CORE)?.encounters;
        let Some(index) = stays.iter().position(|e| e.visit.as_deref() == Some(visit)) else {
            if stays.iter().any(|e| e.visit.is_none() && e.is_open() && !e.mention) {
                problems.push(problem(ProblemKind::PartLost, "MRG", UNNUMBERED));
            } else {
                problems.push(problem(ProblemKind::Imperfect, "MRG", NOT_HERE));
            }
            return Ok(());
        };
        let stay = self.writer.record_to_change(source, CORE)?.encounters.remove(index);
        let record = self.writer.record_to_change(slot, CORE)?;
        if !record.encounters.iter().any(|e| !e.mention && e.visit == stay.visit) {
            record.encounters.retain(|e| e.visit != stay.visit);
            record.encounters.push(stay);
        }
        Ok(())
    }

    /// A survivor goes on with a visit that was begun under a number merged into it: what is known of that visit comes
    /// along, so that the next step is taken from there.
    pub(super) fn bring_visit(&mut self, slot: Slot, step: &EncounterStep) -> Result<(), Fault> {
        if step.visit.is_none() || step.step == Move::Mention {
            return Ok(());
        }
        let this = |e: &care::Encounter| !e.mention && e.visit == step.visit;
        let record = self.writer.record(slot, CORE)?;
        if record.merged_from.is_empty() || record.encounters.iter().any(this) {
            return Ok(());
        }
        let mut below: Vec<PatientKey> = record.merged_from.clone();
        for _ in 0..CHAIN_MAX {
            let Some(row) = below.pop().and_then(|key| self.slot(key)) else { break };
            let merged = self.writer.record(row, CORE)?;
            if let Some(stay) = merged.encounters.iter().find(|e| this(e)).cloned() {
                let record = self.writer.record_to_change(slot, CORE)?;
                record.encounters.retain(|e| e.visit != stay.visit);
                record.encounters.push(stay);
                break;
            }
            below.extend(merged.merged_from.iter().copied());
        }
        Ok(())
    }

    /// What the survivor was told of a visit that was the other's goes back to the other.
    fn give_visits_back(&mut self, prior: PatientKey, stands: PatientKey) -> Result<(), Fault> {
        let (Some(prior), Some(stands)) = (self.slot(prior), self.slot(stands)) else { return Ok(()) };
        let own: Vec<Option<String>> =
            self.writer.record(prior, CORE)?.encounters.iter().map(|e| e.visit.clone()).collect();
        let shared = |e: &care::Encounter| e.visit.is_some() && !e.mention && own.contains(&e.visit);
        if !self.writer.record(stands, CORE)?.encounters.iter().any(shared) {
            return Ok(());
        }
        let record = self.writer.record_to_change(stands, CORE)?;
        let (back, kept) = std::mem::take(&mut record.encounters).into_iter().partition(|e| shared(e));
        record.encounters = kept;
        let back: Vec<care::Encounter> = back;
        let record = self.writer.record_to_change(prior, CORE)?;
        record.encounters.retain(|e| !back.iter().any(|b| b.visit == e.visit));
        record.encounters.extend(back);
        record.encounters.sort_by_key(care::Encounter::began);
        Ok(())
    }
}

/// Several hospital numbers of one assigner are several records to be merged; otherwise all numbers name one.
fn apart(prior: &[Identifier]) -> Vec<Vec<Identifier>> {
    let mrns: Vec<&Identifier> = prior.iter().filter(|i| is_mrn(i)).collect();
    let several = mrns.iter().any(|a| mrns.iter().any(|b| a.assigner == b.assigner && a.value != b.value));
    if several { mrns.into_iter().map(|i| vec![i.clone()]).collect() } else { vec![prior.to_vec()] }
}

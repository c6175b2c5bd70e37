//! MRG and the identity triggers: who turned out to be the same person, who did not, and whose a number or visit is.

use super::Reader;
use super::person::identifiers;
use super::reading::{place, text_field};
use care::{Fact, Identifier, IdentifierKind, ProblemKind, What};
use hl7::Segment;

pub(super) fn mrg(reader: &mut Reader<'_>, segment: &Segment<'_>) {
    let Some(about) = reader.group.about.as_ref() else { return };
    let theirs = about.identifiers.clone();
    let assigner = theirs.iter().find(|i| i.kind == IdentifierKind::Mrn).map(|i| i.assigner.clone());
    let mut prior = identifiers(reader, segment, 1, assigner.as_deref());
    if prior.is_empty() {
        prior = identifiers(reader, segment, 4, assigner.as_deref());
    }
    let trigger = reader.trigger.clone();
    if matches!(trigger.as_str(), "A18" | "A30" | "A34" | "A36" | "A39" | "A40") {
        leave_to_prior(reader, &prior, &theirs);
    }
    let theirs = reader.group.about.as_ref().map(|a| a.identifiers.clone()).unwrap_or_default();
    // The survivor's own numbers among them (a shared NHS number) name nobody else.
    prior.retain(|i| i.kind != IdentifierKind::Other && !theirs.contains(i));
    match trigger.as_str() {
        "A18" | "A30" | "A34" | "A35" | "A36" | "A39" | "A40" => join(reader, segment, prior),
        "A46" | "A47" => {
            if prior.is_empty() {
                unnamed(reader, segment);
            } else {
                reader.group.merges.push(What::Renumber { prior });
            }
        }
        "A42" | "A50" => renumbered_visit(reader, segment),
        "A43" if prior.is_empty() => unnamed(reader, segment),
        "A43" => reader.group.merges.push(What::MoveNumbers { numbers: prior }),
        "A44" | "A45" if !prior.is_empty() => moved_visit(reader, segment, prior),
        _ => {}
    }
}

/// Some senders repeat the number merged away among the survivor's own, behind the one that stays.
fn leave_to_prior(reader: &mut Reader<'_>, prior: &[Identifier], theirs: &[Identifier]) {
    let mrn = |i: &&Identifier| i.kind == IdentifierKind::Mrn;
    let stays = theirs.iter().find(mrn);
    let named_only_here = prior.iter().filter(mrn).all(|i| theirs.contains(i));
    if !named_only_here || stays.is_none_or(|first| prior.contains(first)) {
        return;
    }
    if let Some(about) = reader.group.about.as_mut() {
        about.identifiers.retain(|i| i.kind != IdentifierKind::Mrn || !prior.contains(i));
    }
}

/// MRG-5, the visit number that is no longer used; PV1-19 has the one that is.
fn renumbered_visit(reader: &mut Reader<'_>, segment: &Segment<'_>) {
    let prior = text_field(segment, 5);
    if !prior.is_empty() {
        reader.group.prior_visit = Some(prior);
    }
}

/// A45: the visit of MRG-5. A44 moves an account, and no account is kept; the visit that it names moves.
fn moved_visit(reader: &mut Reader<'_>, segment: &Segment<'_>, prior: Vec<Identifier>) {
    reader.group.moved_from = Some((prior, text_field(segment, 5), place(segment, 5)));
}

/// When the whole of a patient's group was read: PV1 comes after MRG.
pub(super) fn finish(reader: &mut Reader<'_>) {
    let told = reader.group.step.as_ref().and_then(|step| step.visit.clone());
    if let Some(prior) = reader.group.prior_visit.take()
        && let Some(visit) = told.clone().filter(|visit| *visit != prior)
    {
        reader.group.merges.push(What::RenumberVisit { prior, visit });
    }
    let Some((prior, named, place)) = reader.group.moved_from.take() else { return };
    match told.or(Some(named)).filter(|visit| !visit.is_empty()) {
        Some(visit) => reader.group.merges.push(What::MoveVisit { prior, visit }),
        None => reader.out.problem(
            ProblemKind::PartLost,
            &place,
            "It moves a visit or an account from one patient to another and names no visit, so nothing was moved.",
        ),
    }
}

fn join(reader: &mut Reader<'_>, segment: &Segment<'_>, prior: Vec<Identifier>) {
    if prior.is_empty() {
        // A merge of two accounts of one person names that person twice: nothing to join.
        let accounts_only = matches!(reader.trigger.as_str(), "A35" | "A36") && !segment.field(1).is_empty();
        if !accounts_only {
            unnamed(reader, segment);
        }
        return;
    }
    reader.group.merges.push(What::Merge { prior });
}

fn unnamed(reader: &mut Reader<'_>, segment: &Segment<'_>) {
    reader.out.problem(
        ProblemKind::PartLost,
        &place(segment, 1),
        "It names no other number, so nobody can be joined.",
    );
}

/// A37: the first two patients of the message had been taken for one. Told both ways round, since senders differ in
/// which of them they put first; the one that is not merged into the other is left alone by whoever applies it.
pub(super) fn unlink(reader: &mut Reader<'_>) {
    if reader.code != "ADT" || reader.trigger != "A37" {
        return;
    }
    let mut patients = reader.out.facts.iter().filter(|f| matches!(f.what, What::Person(_))).cloned();
    let (Some(first), Some(second)) = (patients.next(), patients.next()) else { return };
    for (one, other) in [(&first, &second), (&second, &first)] {
        let mut prior = other.about.identifiers.clone();
        prior.retain(|i| !one.about.identifiers.contains(i));
        if !prior.is_empty() {
            reader.out.facts.push(Fact {
                about: one.about.clone(),
                cite: one.cite.clone(),
                what: What::Unmerge { prior },
            });
        }
    }
}

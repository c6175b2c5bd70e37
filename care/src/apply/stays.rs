//! Stays: admissions, transfers, discharges and the same taken back, as steps between states.
//!
//! Always: a step with an older source time than what is known only fills gaps and the history of places (admissions
//! arrive hours after the transfer that followed them); a cancel takes back the step and nothing else. Never: a bed
//! lost because a message left the place out; two open stays in hospital told as one patient in two beds.

use super::{ENCOUNTERS_MAX, PLACES_MAX, blend, not_older};
use crate::{
    Cite, Encounter, EncounterClass, EncounterStatus, EncounterStep, Location, Move, PatientRecord, Update,
};
use basics::Moment;

pub(super) fn apply(record: &mut PatientRecord, step: &EncounterStep, cite: &Cite) {
    if step.step == Move::Mention {
        mention(record, step, cite);
    } else {
        told(record, step, cite);
    }
    record.encounters.sort_by_key(Encounter::began);
    super::drop_oldest(&mut record.encounters, ENCOUNTERS_MAX, |e| !e.is_open());
}

/// A step that an admissions system told.
fn told(record: &mut PatientRecord, step: &EncounterStep, cite: &Cite) {
    let found = find(&record.encounters, step, cite.at);
    if found.is_none() && !worth_a_stay(record, step, cite.at) {
        return;
    }
    // Taken out of the list while it changes, so that it can be held against the others.
    let mut stay = match found {
        Some(index) => record.encounters.remove(index),
        None => {
            Encounter { visit: step.visit.clone(), status: EncounterStatus::Planned, ..Encounter::default() }
        }
    };
    if stay.visit.is_none() {
        stay.visit.clone_from(&step.visit);
    }
    let was_open = stay.is_open();
    let fresh = stay.cite.is_none() || stay.mention;
    stay.mention = false;
    let moved = take_step(&mut stay, step, cite.at, fresh);
    describe(&mut stay, step, cite);
    if moved {
        record.encounters.retain(|e| !(e.mention && e.visit.is_none() && e.began() <= Some(cite.at)));
    }
    if stay.is_open() && !was_open {
        take_over(&mut record.encounters, &mut stay);
    }
    if step.step == Move::CancelAdmit && was_open && !stay.is_open() {
        give_back(&mut record.encounters, &stay);
    }
    record.encounters.push(stay);
}

/// The stay a step speaks of: by its number; else, for a step without one or a number not yet heard, the current or
/// expected one.
fn find(stays: &[Encounter], step: &EncounterStep, at: Moment) -> Option<usize> {
    if step.visit.is_some()
        && let Some(index) = stays.iter().position(|e| e.visit == step.visit)
    {
        return Some(index);
    }
    let last = |wanted: &dyn Fn(&Encounter) -> bool| stays.iter().rposition(|e| !e.mention && wanted(e));
    // A number not yet heard is given to the stay that has none yet.
    let number_fits = |e: &Encounter| step.visit.is_none() || e.visit.is_none();
    let planned = || last(&|e| number_fits(e) && e.status == EncounterStatus::Planned);
    match step.step {
        Move::Preadmit => planned(),
        Move::CancelPreadmit => planned(),
        Move::CancelDischarge => {
            last(&|e| number_fits(e) && e.status == EncounterStatus::Finished && !e.superseded)
        }
        Move::Admit => planned()
            .or_else(|| {
                let open = current(stays)?;
                let stay = stays.get(open)?;
                let again = number_fits(stay) && same_admission(stay, step);
                again.then_some(open)
            })
            .or_else(|| last(&|e| number_fits(e) && ended_unadmitted(e, step, at))),
        _ => current(stays)
            .filter(|index| stays.get(*index).is_some_and(number_fits))
            .or_else(|| last(&|e| number_fits(e) && left_behind(e, step, at))),
    }
}

/// Without a number, an admission repeated is the same one if its time is the same or not given, and its class fits.
fn same_admission(stay: &Encounter, step: &EncounterStep) -> bool {
    let same_time = match (&step.admitted, stay.admitted) {
        (Update::Set(told), Some(known)) => *told == known,
        _ => true,
    };
    let same_class =
        step.class.is_none_or(|class| class == stay.class || stay.class == EncounterClass::Other);
    same_time && same_class
}

/// A stay whose discharge came before the word of its admission.
fn ended_unadmitted(stay: &Encounter, step: &EncounterStep, at: Moment) -> bool {
    let same = match &step.admitted {
        Update::Set(told) => stay.admitted.is_none_or(|known| known == *told),
        _ => stay.admitted.is_none(),
    };
    let over = stay.status == EncounterStatus::Finished && !stay.superseded;
    over && same && stay.placed_at.or(stay.stepped_at) > Some(at) && stay.stepped_at > Some(at)
}

/// The stay that is over and that a later update without a visit number still speaks of (codings, a letter's address):
/// it names the bed left behind or none, and no later admission.
fn left_behind(stay: &Encounter, step: &EncounterStep, at: Moment) -> bool {
    let only_details =
        matches!(step.step, Move::Amend | Move::PendDischarge | Move::PendTransfer | Move::CancelOther);
    let over = stay.status == EncounterStatus::Finished && !stay.superseded;
    let same_bed = match &step.location {
        Update::Set(told) => stay.location.as_ref().is_some_and(|left| left.same_place(told)),
        _ => true,
    };
    let same_stay = match (&step.admitted, stay.stepped_at) {
        (Update::Set(told), Some(ended)) => *told <= ended,
        _ => true,
    };
    only_details && step.status.is_none() && over && same_bed && same_stay && stay.stepped_at <= Some(at)
}

fn current(stays: &[Encounter]) -> Option<usize> {
    let open = stays.iter().enumerate().filter(|(_, e)| e.is_open() && !e.mention);
    open.max_by_key(|(_, e)| (e.weight(), e.began())).map(|(index, _)| index)
}

/// Whether a step about a stay never heard of makes one.
fn worth_a_stay(record: &PatientRecord, step: &EncounterStep, at: Moment) -> bool {
    let placed = matches!(step.location, Update::Set(_));
    match step.step {
        // A plan that comes late, after the admission it announced, is news no more.
        Move::Preadmit => {
            step.visit.is_some() || !record.encounters.iter().any(|e| !e.mention && e.stepped_at > Some(at))
        }
        Move::Admit | Move::Transfer | Move::Swap | Move::Return | Move::CancelDischarge => true,
        Move::Discharge => true,
        Move::CancelAdmit | Move::CancelPreadmit => step.visit.is_some(),
        Move::Mention => false,
        _ => placed || step.status.is_some() || step.visit.is_some() && step.class.is_some(),
    }
}

/// Changes state and place. Gives whether the step opened, closed or moved anything.
fn take_step(stay: &mut Encounter, step: &EncounterStep, at: Moment, fresh: bool) -> bool {
    if let Some(status) = step.status {
        return take_status(stay, status, step, at);
    }
    match step.step {
        Move::Preadmit => {
            if fresh {
                stay.stepped_at = stay.stepped_at.max(Some(at));
            }
            pend(stay, step);
            fresh
        }
        Move::Admit => admit(stay, step, at),
        Move::Transfer | Move::Swap | Move::Arrive | Move::Return => {
            open_if_needed(stay, at, fresh);
            if place(stay, &step.location, at, true) && step.step != Move::Return {
                stay.temporary_location = None;
            }
            step.temporary_location.clone().apply(&mut stay.temporary_location);
            if step.step == Move::Return && stay.status == EncounterStatus::OnLeave {
                stay.status = EncounterStatus::InProgress;
            }
            true
        }
        Move::Discharge => discharge(stay, step, at),
        Move::CancelAdmit | Move::CancelPreadmit => close(stay, EncounterStatus::Cancelled, at),
        Move::CancelDischarge => {
            if stay.stepped_at.is_none_or(|known| at >= known) {
                stay.status = EncounterStatus::InProgress;
                stay.stepped_at = Some(at);
                stay.discharged = None;
                stay.discharge_to = None;
            }
            place(stay, &step.location, at, true);
            true
        }
        Move::CancelTransfer => cancel_transfer(stay, step, at, fresh),
        Move::Leave => {
            open_if_needed(stay, at, fresh);
            if stay.status == EncounterStatus::InProgress {
                stay.status = EncounterStatus::OnLeave;
            }
            place(stay, &step.location, at, false)
        }
        Move::Depart => {
            open_if_needed(stay, at, fresh);
            place(stay, &step.location, at, false);
            step.temporary_location.clone().apply(&mut stay.temporary_location);
            true
        }
        Move::PendDischarge | Move::PendTransfer | Move::CancelOther | Move::Amend | Move::Mention => {
            amend(stay, step, at, fresh)
        }
    }
}

fn pend(stay: &mut Encounter, step: &EncounterStep) {
    // Where an expected patient will lie; a place in PV1-3 of a plan is a plan too.
    match (&step.pending_location, &step.location) {
        (Update::Keep, Update::Set(place)) if stay.status == EncounterStatus::Planned => {
            stay.pending_location = Some(place.clone());
        }
        _ => {}
    }
}

fn admit(stay: &mut Encounter, step: &EncounterStep, at: Moment) -> bool {
    let late = match stay.stepped_at {
        None => false,
        Some(known) => match stay.status {
            EncounterStatus::Finished | EncounterStatus::Cancelled => at <= known,
            _ => at < known,
        },
    };
    if late {
        place(stay, &step.location, at, false);
        return false;
    }
    if !stay.is_open() {
        stay.status = EncounterStatus::InProgress;
        stay.discharged = None;
        stay.discharge_to = None;
        stay.superseded = false;
        stay.pending_location = None;
    }
    stay.stepped_at = Some(at);
    // A transfer of the same second came after the admission, whichever message was first.
    place(stay, &step.location, at, false);
    true
}

/// A transfer or the like for a stay never admitted here (the feed was joined midway), or after its discharge: the
/// patient is there.
fn open_if_needed(stay: &mut Encounter, at: Moment, fresh: bool) {
    let reopen = stay.status == EncounterStatus::Finished && stay.stepped_at.is_some_and(|known| at > known);
    if fresh || stay.status == EncounterStatus::Planned || reopen {
        if reopen {
            stay.discharged = None;
            stay.stepped_at = Some(at);
        }
        stay.superseded = false;
        stay.status = EncounterStatus::InProgress;
    }
}

fn discharge(stay: &mut Encounter, step: &EncounterStep, at: Moment) -> bool {
    place(stay, &step.location, at, false);
    if !close(stay, EncounterStatus::Finished, at) {
        return false;
    }
    stay.discharged = match step.discharged {
        Update::Set(moment) => Some(moment),
        _ => stay.discharged.or(Some(at)),
    };
    stay.temporary_location = None;
    stay.pending_location = None;
    true
}

/// Closes, unless a newer step opened it again.
fn close(stay: &mut Encounter, status: EncounterStatus, at: Moment) -> bool {
    if stay.stepped_at.is_some_and(|known| at < known) {
        return false;
    }
    stay.status = status;
    stay.superseded = false;
    stay.stepped_at = Some(at);
    true
}

/// Back to where the message says; if that is where the patient is already, to the place before.
fn cancel_transfer(stay: &mut Encounter, step: &EncounterStep, at: Moment, fresh: bool) -> bool {
    open_if_needed(stay, at, fresh);
    if stay.placed_at.is_some_and(|known| at < known) {
        return false;
    }
    let before = stay.places.last().map(|(_, place)| place.clone());
    let here = |told: &Location| stay.location.as_ref().is_some_and(|now| now.same_place(told));
    let there_already = matches!(&step.location, Update::Set(told) if here(told));
    let leads_back =
        step.prior_location.as_ref().zip(before.as_ref()).is_some_and(|(prior, last)| prior.same_place(last));
    // The same cancel sent again (another id, a segment more): the patient was brought back at this very moment, and
    // a second step back would lead into a bed that nobody named.
    if there_already && !leads_back && stay.placed_at == Some(at) {
        return false;
    }
    let back = match &step.location {
        Update::Set(told) if stay.location.as_ref().is_none_or(|now| !now.same_place(told)) => {
            Some(told.clone())
        }
        _ => before.clone().or_else(|| step.prior_location.clone()),
    };
    if let Some(back) = back {
        if before.is_some_and(|b| b.same_place(&back)) {
            stay.places.pop();
        }
        stay.location = Some(back);
        stay.placed_at = Some(at);
    }
    true
}

fn amend(stay: &mut Encounter, step: &EncounterStep, at: Moment, fresh: bool) -> bool {
    if fresh {
        // Heard of for the first time by an update: in the house, unless it carries a discharge that has passed.
        stay.status = match step.discharged {
            Update::Set(moment) if moment <= at => EncounterStatus::Finished,
            _ if step.class == Some(EncounterClass::Preadmission) => EncounterStatus::Planned,
            _ => EncounterStatus::InProgress,
        };
        if stay.status == EncounterStatus::Finished {
            step.discharged.clone().apply(&mut stay.discharged);
            stay.stepped_at = Some(at);
        }
    }
    let mut moved = fresh;
    if stay.status != EncounterStatus::Planned {
        moved |= place(stay, &step.location, at, true);
    }
    if stay.cite.as_ref().is_none_or(|known| at >= known.at) {
        step.temporary_location.clone().apply(&mut stay.temporary_location);
    }
    if stay.status == EncounterStatus::Finished && matches!(step.discharged, Update::Set(_)) {
        step.discharged.clone().apply(&mut stay.discharged);
    }
    moved
}

/// A source that states the status outright (FHIR) is taken at its word when it is the newest.
fn take_status(stay: &mut Encounter, status: EncounterStatus, step: &EncounterStep, at: Moment) -> bool {
    let newer = stay.stepped_at.is_none_or(|known| at >= known);
    place(stay, &step.location, at, true);
    if newer {
        stay.status = status;
        stay.stepped_at = Some(at);
        stay.superseded = false;
        step.discharged.clone().apply(&mut stay.discharged);
        step.temporary_location.clone().apply(&mut stay.temporary_location);
    }
    newer
}

/// Puts the patient in a place told at `at`; an older word goes to the history. Gives whether it counted.
fn place(stay: &mut Encounter, told: &Update<Location>, at: Moment, tie_counts: bool) -> bool {
    let newer = match stay.placed_at {
        None => true,
        Some(known) => at > known || tie_counts && at == known,
    };
    match told {
        Update::Keep => false,
        Update::Clear => {
            if newer && let Some(left) = stay.location.take() {
                remember(stay, at, left);
            }
            newer
        }
        Update::Set(place) if newer || stay.location.is_none() => {
            match stay.location.replace(place.clone()) {
                Some(left) if !left.same_place(place) => remember(stay, at, left),
                _ => {}
            }
            stay.placed_at = stay.placed_at.max(Some(at));
            true
        }
        Update::Set(place) => {
            let known = stay.location.iter().chain(stay.places.iter().map(|(_, p)| p));
            if !known.into_iter().any(|p| p.same_place(place)) {
                remember(stay, at, place.clone());
            }
            false
        }
    }
}

fn remember(stay: &mut Encounter, at: Moment, place: Location) {
    stay.places.push((at, place));
    stay.places.sort_by_key(|(when, _)| *when);
    if stay.places.len() > PLACES_MAX {
        stay.places.remove(0);
    }
}

/// Details; an older message fills gaps only.
fn describe(stay: &mut Encounter, step: &EncounterStep, cite: &Cite) {
    let newer = not_older(stay.cite.as_ref(), cite);
    if let Some(class) = step.class
        && (newer || stay.class == EncounterClass::Other)
    {
        stay.class = class;
    }
    let backwards = matches!(step.step, Move::Discharge | Move::CancelAdmit | Move::CancelDischarge);
    if !(backwards && stay.admitted.is_some()) {
        blend(&mut stay.admitted, &step.admitted, newer);
    }
    if stay.admitted.is_none() && step.step == Move::Admit {
        stay.admitted = Some(cite.at);
    }
    blend(&mut stay.pending_location, &step.pending_location, newer);
    if step.step == Move::Transfer && newer && step.pending_location == Update::Keep {
        // The expected transfer has happened.
        stay.pending_location = None;
    }
    blend(&mut stay.expected_discharge, &step.expected_discharge, newer);
    blend(&mut stay.reason, &step.reason, newer);
    blend(&mut stay.service, &step.service, newer);
    blend(&mut stay.attending, &step.attending, newer);
    blend(&mut stay.consultant, &step.consultant, newer);
    if step.step != Move::CancelDischarge {
        blend(&mut stay.discharge_to, &step.discharge_to, newer);
    }
    if newer {
        stay.cite = Some(cite.clone());
    }
}

/// A visit's number changed; when the new one is known too, both were one visit, and the other is closed.
pub(super) fn renumber(record: &mut PatientRecord, prior: &str, visit: &str, cite: &Cite) {
    let of = |number: &str| {
        record.encounters.iter().position(|e| e.visit.as_deref().is_some_and(|known| known == number))
    };
    let (Some(old), known) = (of(prior), of(visit)) else { return };
    if old == known.unwrap_or(usize::MAX) {
        return;
    }
    let Some(stay) = record.encounters.get_mut(old) else { return };
    if known.is_none() {
        stay.visit = Some(visit.to_owned());
    } else if stay.is_open() {
        stay.status = EncounterStatus::Finished;
        stay.superseded = true;
        stay.discharged = Some(cite.at);
    }
}

/// A patient admitted to a bed has left the emergency department, and the bed of an older stay whose discharge never
/// came. An admission that arrives late is itself the one that was left.
fn take_over(others: &mut [Encounter], stay: &mut Encounter) {
    let stays_in = |class| matches!(class, EncounterClass::Inpatient | EncounterClass::DayCase);
    for other in others.iter_mut().filter(|e| e.is_open() && !e.mention) {
        let (older, newer) =
            if other.began() <= stay.began() { (other, &mut *stay) } else { (&mut *stay, other) };
        let same_kind = older.class == newer.class || older.class == EncounterClass::Other;
        let gives_way = stays_in(newer.class) || (same_kind && newer.class == EncounterClass::Emergency);
        if gives_way && older.is_open() {
            older.status = EncounterStatus::Finished;
            older.superseded = true;
            older.discharged = newer.began();
        }
    }
}

/// An admission that never was gives back the attendance that it had taken over.
fn give_back(others: &mut [Encounter], cancelled: &Encounter) {
    let began = cancelled.began();
    if let Some(other) = others.iter_mut().rev().find(|e| e.superseded && e.discharged == began) {
        other.status = EncounterStatus::InProgress;
        other.superseded = false;
        other.discharged = None;
    }
}

/// A result, order or document names the stay in passing. It moves nobody whom an admissions system has placed; it
/// shows a patient whom none has (a feed joined midway, or a sender without admissions).
fn mention(record: &mut PatientRecord, step: &EncounterStep, cite: &Cite) {
    let at = cite.at;
    let by_visit = |e: &&mut Encounter| step.visit.is_some() && e.visit == step.visit;
    if let Some(stay) = record.encounters.iter_mut().find(by_visit) {
        if stay.mention {
            amend(stay, step, at, false);
            describe(stay, step, cite);
        } else if stay.is_open() && stay.location.is_none() && stay.temporary_location.is_none() {
            place(stay, &step.location, at, false);
        }
        return;
    }
    if record.encounters.iter().any(|e| e.is_open() && !e.mention) || !matches!(step.location, Update::Set(_))
    {
        return;
    }
    let began = match step.admitted {
        Update::Set(moment) => moment.min(at),
        _ => at,
    };
    // A late result of a stay that is over says nothing about now.
    let over = |e: &Encounter| {
        !e.mention && !e.is_open() && e.status != EncounterStatus::Planned && e.stepped_at >= Some(began)
    };
    let undated = step.admitted == Update::Keep && record.encounters.iter().any(|e| !e.mention);
    if undated || record.encounters.iter().any(over) {
        return;
    }
    record.encounters.retain(|e| !(e.mention && e.began() <= Some(began)));
    if record.encounters.iter().any(|e| e.mention) {
        return;
    }
    let mut stay = Encounter {
        visit: step.visit.clone(),
        status: EncounterStatus::InProgress,
        mention: true,
        ..Encounter::default()
    };
    place(&mut stay, &step.location, at, true);
    describe(&mut stay, step, cite);
    record.encounters.push(stay);
}

//! A day's clinics planned: triage of every booking, the selection, and what is proposed for each, with its reason.
//!
//! Always: a proposal for every booking, in the list's order; keep, postpone, or class A to a named clinician within the
//! time set. Never: a booking of class A proposed to be cancelled; a decision (people take those). Called by
//! `control_room` and the command line; proved by `tests/clinic_triage.rs`.

use super::rules::TriageRules;
use super::triage::{Case, Verdict, triage};
use super::works::Works;
use planning::clinics::{
    Booking, Class, Effort, Instance, Optimum, Outcome, Refusal, Selection, Session, SharedLimit, Use, exact,
    greedy,
};

/// A booking on a day's list.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Booked {
    /// What triage needs.
    pub case: Case,
    /// Index of its session.
    pub session: usize,
    /// Minutes that it takes.
    pub minutes: u32,
}

/// A day's list.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct DayList {
    /// For headings, and the seed of the lottery.
    pub name: String,
    /// Sessions, with the minutes that can be worked.
    pub sessions: Vec<Session>,
    /// What is counted, with how many there are.
    pub shared: Vec<SharedLimit>,
    /// Bookings.
    pub bookings: Vec<Booked>,
}

/// What is proposed for a booking.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Step {
    /// It is kept.
    Keep,
    /// It is postponed, once a person has decided so.
    Postpone,
    /// Class A that cannot be kept: mutual aid, and a named clinician within so many minutes. Never a cancellation.
    Escalate {
        /// Minutes.
        within_min: u32,
    },
}

/// A proposal with its reason.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Proposal {
    /// What.
    pub step: Step,
    /// Why, in a sentence; empty for what is kept.
    pub words: String,
}

/// A day's list, planned.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DayPlan {
    /// Triage of each booking.
    pub verdicts: Vec<Verdict>,
    /// The list as the selection saw it.
    pub instance: Instance,
    /// The default selection.
    pub selection: Selection,
    /// "You could also keep …".
    pub optimum: Optimum,
    /// What is proposed for each booking.
    pub proposals: Vec<Proposal>,
}

/// Plans a day's list.
///
/// # Errors
/// A figure that cannot be, with the booking, session or limit named.
pub fn plan(list: &DayList, rules: &TriageRules, works: &Works, effort: Effort) -> Result<DayPlan, Refusal> {
    let verdicts: Vec<Verdict> = list.bookings.iter().map(|b| triage(&b.case, rules, works)).collect();
    let instance = instance(list, &verdicts, rules);
    let selection = greedy(&instance)?;
    let optimum = exact(&instance, effort)?;
    let proposals = verdicts
        .iter()
        .zip(&instance.bookings)
        .zip(&selection.outcomes)
        .map(|((verdict, booking), outcome)| proposal(verdict, booking, *outcome, &instance, rules))
        .collect();
    Ok(DayPlan { verdicts, instance, selection, optimum, proposals })
}

fn instance(list: &DayList, verdicts: &[Verdict], rules: &TriageRules) -> Instance {
    // What is used but not counted on this list has no limit.
    let limit = |name: &str| list.shared.iter().position(|l| rules.same_system(&l.name, name));
    let uses = |verdict: &Verdict| {
        let mut uses: Vec<Use> = Vec::new();
        for (name, units) in &verdict.uses {
            let Some(limit) = limit(name) else { continue };
            match uses.iter_mut().find(|u| u.limit == limit) {
                Some(same) => same.units = same.units.saturating_add(*units),
                None => uses.push(Use { limit, units: *units }),
            }
        }
        uses
    };
    let booking = |(booked, verdict): (&Booked, &Verdict)| Booking {
        id: booked.case.id.clone(),
        session: booked.session,
        class: verdict.class,
        doable: verdict.doable,
        minutes: booked.minutes,
        uses: uses(verdict),
        slack_days: verdict.slack_days,
        cancelled_before: booked.case.cancelled_before,
        waited_weeks: booked.case.waited_weeks,
    };
    Instance {
        name: list.name.clone(),
        sessions: list.sessions.clone(),
        shared: list.shared.clone(),
        bookings: list.bookings.iter().zip(verdicts).map(booking).collect(),
    }
}

fn proposal(
    verdict: &Verdict,
    booking: &Booking,
    outcome: Outcome,
    instance: &Instance,
    rules: &TriageRules,
) -> Proposal {
    let why = match outcome {
        Outcome::Kept => return Proposal { step: Step::Keep, words: String::new() },
        Outcome::Blocked => "it cannot be done safely with what works".to_owned(),
        Outcome::NoMinutes => {
            let session = instance.sessions.get(booking.session);
            let (name, minutes) = session.map_or(("", 0), |s| (s.name.as_str(), s.minutes));
            format!("of the {minutes} minutes of {name} too few are left after those who come first")
        }
        Outcome::NoUnits(limit) => {
            let shared = instance.shared.get(limit);
            let (name, units) = shared.map_or(("", 0), |l| (l.name.as_str(), l.units));
            let counted = rules.system(name).map(|s| s.counted_in.as_str()).filter(|words| !words.is_empty());
            format!("of the {units} {} too few are left after those who come first", counted.unwrap_or(name))
        }
    };
    if verdict.class > Class::A {
        return Proposal { step: Step::Postpone, words: format!("postponed: {why}") };
    }
    let within_min = rules.thresholds.clinician_within_min;
    let words = format!(
        "never cancelled by rule, but {why}: ask for mutual aid, and a named clinician takes it within {within_min} minutes"
    );
    Proposal { step: Step::Escalate { within_min }, words }
}

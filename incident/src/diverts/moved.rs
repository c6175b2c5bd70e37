//! How many patients were moved, from where to where: the number that nobody knew in 2017.
//!
//! Always: each patient once. A hand-off entry carries the ambulance's own job number, which counts once however often it
//! is sent; where the ambulance service gives figures for a pair of sites and a time, hand-off entries of that pair and
//! time are not added to them. Never: anything that names a patient. Called through `diverts::decide`.

use super::pathway::Pathway;
use super::{Fact, Refusal};
use crate::book::Asked;
use crate::wording;
use crate::{Ground, Stamp};
use basics::{Moment, NhsNumber, SiteId};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// A patient who was handed over elsewhere because of a divert.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct HandOff {
    /// The ambulance service's number of the job; never a number of the patient.
    pub job: String,
    /// Where they would have gone.
    pub from: SiteId,
    /// Where they were handed over.
    pub to: SiteId,
    /// As what.
    pub pathway: Pathway,
    /// When.
    pub at: Moment,
}

/// What the ambulance service counted.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ServiceCount {
    /// Who counted.
    pub service: String,
    /// From when.
    pub since: Moment,
    /// Until when.
    pub until: Moment,
    /// From where, to where, how many.
    pub patients: Vec<(SiteId, SiteId, u32)>,
}

/// Patients moved between two sites.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FromTo {
    /// Where they would have gone.
    pub from: SiteId,
    /// Where they went.
    pub to: SiteId,
    /// How many, each once.
    pub patients: u32,
    /// Of these, by the ambulance service's figures.
    pub by_service: u32,
    /// Hand-off entries that the service's figures cover, and which are therefore not added.
    pub entries_covered: u32,
}

/// Everything counted on one ground.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Moved {
    /// By job number in small letters.
    hand_offs: BTreeMap<String, (HandOff, Stamp)>,
    counts: Vec<(ServiceCount, Stamp)>,
}

/// Hand-offs in one act.
pub const HAND_OFFS_MAX: usize = 5_000;
/// Pairs of sites in one count.
pub const PAIRS_MAX: usize = 5_000;
/// Most patients that are believed of one pair.
pub const PATIENTS_MAX: u32 = 10_000;
/// Longest job number, in bytes.
const JOB_BYTES_MAX: usize = 40;

impl Moved {
    /// A ground on which nothing was counted.
    pub const fn none() -> Self {
        Self { hand_offs: BTreeMap::new(), counts: Vec::new() }
    }

    /// Each pair of sites with how many were moved, the most first.
    pub fn from_to(&self) -> Vec<FromTo> {
        let mut pairs: BTreeMap<(&SiteId, &SiteId), (u32, u32, u32)> = BTreeMap::new();
        for (count, _) in &self.counts {
            for (from, to, patients) in &count.patients {
                pairs.entry((from, to)).or_default().0 += patients;
            }
        }
        for (hand_off, _) in self.hand_offs.values() {
            let pair = pairs.entry((&hand_off.from, &hand_off.to)).or_default();
            if self.covered(hand_off) { pair.2 += 1 } else { pair.1 += 1 }
        }
        let row = |((from, to), (by_service, entered, entries_covered)): ((&SiteId, &SiteId), _)| FromTo {
            from: from.clone(),
            to: to.clone(),
            patients: by_service + entered,
            by_service,
            entries_covered,
        };
        let mut rows: Vec<FromTo> = pairs.into_iter().map(row).filter(|row| row.patients > 0).collect();
        rows.sort_by_key(|row| std::cmp::Reverse(row.patients));
        rows
    }

    /// How many in all.
    pub fn total(&self) -> u32 {
        self.from_to().iter().map(|row| row.patients).sum()
    }

    /// When patients were handed over at a site after `since` and up to `until`, the soonest first.
    pub fn arrivals(&self, to: &SiteId, since: Moment, until: Moment) -> impl Iterator<Item = Moment> {
        let there = self.hand_offs.values().map(|(h, _)| h).filter(|h| h.to == *to);
        let mut at: Vec<Moment> = there.map(|h| h.at).filter(|at| *at > since && *at <= until).collect();
        at.sort();
        at.into_iter()
    }

    /// Every hand-off entry with who entered it, the newest entry first.
    pub fn hand_offs(&self) -> Vec<(&HandOff, &Stamp)> {
        let mut all: Vec<(&HandOff, &Stamp)> = self.hand_offs.values().map(|(h, s)| (h, s)).collect();
        all.sort_by_key(|(_, stamp)| std::cmp::Reverse(stamp.entry));
        all
    }

    fn covered(&self, hand_off: &HandOff) -> bool {
        self.counts.iter().any(|(count, _)| {
            let pair = |(from, to, _): &(SiteId, SiteId, u32)| *from == hand_off.from && *to == hand_off.to;
            (count.since..=count.until).contains(&hand_off.at) && count.patients.iter().any(pair)
        })
    }

    pub(super) fn add_hand_offs(&mut self, hand_offs: Vec<HandOff>, stamp: &Stamp) {
        for hand_off in hand_offs {
            self.hand_offs.entry(hand_off.job.to_lowercase()).or_insert((hand_off, stamp.clone()));
        }
    }

    pub(super) fn add_count(&mut self, count: ServiceCount, stamp: &Stamp) {
        // A later reading of the same running total takes the place of the earlier one, pair by pair.
        let new: BTreeSet<_> = count.patients.iter().map(|(from, to, _)| (from, to)).collect();
        for (old, _) in self.counts.iter_mut().filter(|(old, _)| continues(old, &count)) {
            old.patients.retain(|(from, to, _)| !new.contains(&(from, to)));
        }
        self.counts.retain(|(old, _)| !old.patients.is_empty());
        self.counts.push((count, stamp.clone()));
    }
}

/// The same running total, read again later.
fn continues(old: &ServiceCount, new: &ServiceCount) -> bool {
    old.since == new.since && old.until <= new.until && old.service.eq_ignore_ascii_case(&new.service)
}

pub(super) fn hand_off(asked: &Asked<'_>, ground: Ground, hand_offs: Vec<HandOff>) -> Result<Fact, Refusal> {
    let (diverts, there) = (&asked.book.diverts, asked.book.diverts.on(ground));
    wording::at_most("hand-offs", hand_offs.len(), HAND_OFFS_MAX)?;
    let mut new: BTreeMap<String, HandOff> = BTreeMap::new();
    let mut first_known = None;
    for mut hand_off in hand_offs {
        hand_off.job = job(&hand_off.job)?;
        diverts.site(&hand_off.from)?;
        diverts.site(&hand_off.to)?;
        if hand_off.from == hand_off.to {
            return Err(Refusal::NotMoved(hand_off.from));
        }
        not_ahead(asked, "the hand-off", hand_off.at)?;
        if hand_off.pathway == Pathway::Resuscitation {
            return Err(Refusal::Resuscitation);
        }
        let key = hand_off.job.to_lowercase();
        match there.moved.hand_offs.get(&key) {
            // The same job told twice is the same patient; told with another end it is a question for a person.
            Some((known, stamp)) if known.to != hand_off.to || known.from != hand_off.from => {
                return Err(Refusal::JobElsewhere {
                    job: hand_off.job,
                    from: known.from.clone(),
                    to: known.to.clone(),
                    by: stamp.by.to_string(),
                    entry: stamp.entry.0,
                });
            }
            Some((known, stamp)) => first_known = first_known.or(Some((known.job.clone(), stamp.entry.0))),
            None => {
                new.entry(key).or_insert(hand_off);
            }
        }
    }
    match (new.is_empty(), first_known) {
        (false, _) => Ok(Fact::HandedOff { ground, hand_offs: new.into_values().collect() }),
        (true, Some((job, entry))) => Err(Refusal::CountedAlready { job, entry }),
        (true, None) => Err(Refusal::Same),
    }
}

/// A count that reached into the future would swallow hand-offs that are still to come.
fn not_ahead(asked: &Asked<'_>, what: &'static str, at: Moment) -> Result<(), Refusal> {
    let now = asked.book.now(asked.at);
    if at.seconds_since(now) > super::sites::AHEAD_SECONDS_MAX {
        return Err(Refusal::StillToCome { what, at: asked.book.say(at, now) });
    }
    Ok(())
}

fn job(text: &str) -> Result<String, Refusal> {
    let job = wording::line("the ambulance's job number", text)?;
    if NhsNumber::parse(&job).is_some() {
        return Err(Refusal::PatientNumber);
    }
    if job.len() > JOB_BYTES_MAX {
        let (what, bytes) = ("the ambulance's job number", job.len());
        return Err(wording::Wording::TooLong { what, bytes, bytes_max: JOB_BYTES_MAX }.into());
    }
    Ok(job)
}

pub(super) fn count(asked: &Asked<'_>, ground: Ground, mut count: ServiceCount) -> Result<Fact, Refusal> {
    let (diverts, there) = (&asked.book.diverts, asked.book.diverts.on(ground));
    count.service = wording::line("the ambulance service", &count.service)?;
    wording::at_most("pairs of sites", count.patients.len(), PAIRS_MAX)?;
    not_ahead(asked, "the end of the count", count.until)?;
    if count.until <= count.since {
        return Err(Refusal::PeriodBackwards);
    }
    let mut seen = BTreeSet::new();
    for (from, to, patients) in &count.patients {
        diverts.site(from)?;
        diverts.site(to)?;
        if from == to {
            return Err(Refusal::NotMoved(from.clone()));
        }
        if *patients > PATIENTS_MAX {
            return Err(Refusal::NotBelievable {
                what: "patients moved",
                value: *patients,
                most: PATIENTS_MAX,
            });
        }
        if !seen.insert((from, to)) {
            return Err(Refusal::PairTwice { from: from.clone(), to: to.clone() });
        }
        let overlaps = |(old, _): &&(ServiceCount, Stamp)| {
            let pair = old.patients.iter().any(|(f, t, _)| f == from && t == to);
            pair && old.since < count.until && count.since < old.until && !continues(old, &count)
        };
        if let Some((old, stamp)) = there.moved.counts.iter().find(overlaps) {
            return Err(Refusal::CountOverlaps {
                from: from.clone(),
                to: to.clone(),
                since: asked.say(old.since),
                until: asked.say(old.until),
                entry: stamp.entry.0,
            });
        }
    }
    if there.moved.counts.iter().any(|(old, _)| *old == count) || count.patients.is_empty() {
        return Err(Refusal::Same);
    }
    Ok(Fact::ServiceCounted { ground, count })
}

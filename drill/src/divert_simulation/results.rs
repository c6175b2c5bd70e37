//! What a policy did to crews, departments and walk-ins: runs added up, and the figures a planner reads.
//!
//! Always: a mean is over ambulances of all runs, never a mean of means; the figures are of crews that called from the zones
//! during the divert, whom a policy can send, and crews from outside are told apart; an ambulance that still waits when its
//! run is over counts with the wait so far and is counted as unfinished; one that nobody takes is counted as such. Called
//! by `divert_simulation::simulate`; proved by `figures_are_means_over_ambulances`.

use super::policy::Policy;
use super::world::{Ended, Journey};

/// The handover standard: nobody waits longer (NHS England, 45-minute handovers).
pub const HANDOVER_MAX_MIN: f64 = 45.0;

/// The aim: handed over within so many minutes (NHS standard contract).
pub const HANDOVER_AIM_MIN: f64 = 15.0;

/// A mean and how sure it is.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Mean {
    /// Over everything of all runs.
    pub mean: f64,
    /// Half the width of its 95 % interval, from the spread between runs; 0 for a single run.
    pub give_or_take: f64,
}

/// What happened at one site.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct SiteResult {
    /// The site's name.
    pub name: String,
    /// Ambulances from the zones, a run.
    pub ambulances: f64,
    /// Their mean minutes of waiting to hand over; 0 when none came.
    pub wait_min: f64,
}

/// What a policy came to.
#[derive(Clone, PartialEq, Debug)]
pub struct PolicyResult {
    /// Which.
    pub policy: Policy,
    /// Mean handover wait, in minutes, over ambulances that called from the zones during the divert.
    pub wait_min: Mean,
    /// Index into `sites` of the site with the longest mean wait.
    pub worst: usize,
    /// Every site, in the order of the instance.
    pub sites: Vec<SiteResult>,
    /// Mean minutes from scene to site.
    pub travel_min: Mean,
    /// Share of ambulances that waited longer than [`HANDOVER_AIM_MIN`].
    pub over_15: f64,
    /// Share of ambulances that waited longer than [`HANDOVER_MAX_MIN`].
    pub over_45: f64,
    /// Share of ambulances taken elsewhere than on a usual day.
    pub moved: f64,
    /// Share of ambulances that were sent elsewhere than their group.
    pub deflected: f64,
    /// Mean handover wait of the crews from outside the zones, whom no policy sends.
    pub outside_wait_min: f64,
    /// Ambulances that called from the zones during the divert, a run.
    pub ambulances: f64,
    /// Hours that all crews stood waiting, those from outside too, a run.
    pub crew_hours_lost: f64,
    /// The most crews that waited at once, mean of runs.
    pub crews_waiting_max: f64,
    /// Walk-ins waiting at all sites when the divert ended, mean of runs.
    pub walk_ins_at_end: f64,
    /// Ambulances that still waited when their run was given up, all runs.
    pub unfinished: u64,
    /// Ambulances that no site takes, all runs.
    pub nowhere: u64,
    /// Mean wait by the hour of the divert in which the ambulance arrived.
    pub by_hour: Vec<f64>,
    /// Mean wait and mean travel of each run, to hold run against run.
    pub runs: Vec<(f64, f64)>,
    /// A fingerprint of everybody met, run by run: equal for all policies.
    pub met: Vec<u64>,
}

impl PolicyResult {
    /// The site with the longest mean wait.
    pub fn worst_site(&self) -> SiteResult {
        self.sites.get(self.worst).cloned().unwrap_or_default()
    }
}

#[derive(Clone, Copy, Debug, Default)]
struct Sum {
    total: f64,
    number: u64,
}

impl Sum {
    fn add(&mut self, value: f64) {
        self.total += value;
        self.number += 1;
    }

    fn mean(self) -> f64 {
        if self.number == 0 { 0.0 } else { self.total / self.number as f64 }
    }
}

/// Runs of one policy, added up.
#[derive(Clone, Debug)]
pub struct Tally {
    policy: Policy,
    divert_min: f64,
    wait: Sum,
    outside: Sum,
    travel: Sum,
    sites: Vec<Sum>,
    hours: Vec<Sum>,
    over_15: u64,
    over_45: u64,
    moved: u64,
    deflected: u64,
    unfinished: u64,
    nowhere: u64,
    crews_waiting_max: Sum,
    walk_ins_at_end: Sum,
    runs: Vec<(f64, f64)>,
    met: Vec<u64>,
}

impl Tally {
    /// Nothing yet.
    pub fn new(policy: Policy, sites: usize, divert_min: f64) -> Self {
        Self {
            policy,
            divert_min,
            wait: Sum::default(),
            outside: Sum::default(),
            travel: Sum::default(),
            sites: vec![Sum::default(); sites],
            hours: vec![Sum::default(); ((divert_min / 60.0).ceil().max(1.0)) as usize],
            over_15: 0,
            over_45: 0,
            moved: 0,
            deflected: 0,
            unfinished: 0,
            nowhere: 0,
            crews_waiting_max: Sum::default(),
            walk_ins_at_end: Sum::default(),
            runs: Vec::new(),
            met: Vec::new(),
        }
    }

    /// Adds a run; `usual` is where a group goes on a usual day.
    pub fn add(&mut self, ended: &Ended, usual: &dyn Fn(usize) -> Option<usize>) {
        let (mut wait, mut travel) = (Sum::default(), Sum::default());
        let divert = 0.0..self.divert_min;
        for way in ended.journeys.iter().filter(|w| divert.contains(&w.called_min)) {
            self.add_journey(way, ended.end_min, usual, &mut wait, &mut travel);
        }
        for (all, run) in [(&mut self.wait, wait), (&mut self.travel, travel)] {
            all.total += run.total;
            all.number += run.number;
        }
        self.runs.push((wait.mean(), travel.mean()));
        self.met.push(ended.met);
        self.crews_waiting_max.add(ended.crews_waiting_max as f64);
        self.walk_ins_at_end.add(ended.walk_ins_at_end as f64);
    }

    fn add_journey(
        &mut self,
        way: &Journey,
        end_min: f64,
        usual: &dyn Fn(usize) -> Option<usize>,
        waits: &mut Sum,
        travels: &mut Sum,
    ) {
        let Some(choice) = way.choice else {
            self.nowhere += 1;
            return;
        };
        self.unfinished += u64::from(way.handed_over_min.is_none());
        let waited = way.wait_min(end_min).zip(way.arrived_min);
        let Some(group) = way.group else {
            waited.into_iter().for_each(|(wait, _)| self.outside.add(wait));
            return;
        };
        travels.add(choice.travel_min);
        self.moved += u64::from(usual(group) != Some(choice.site));
        self.deflected += u64::from(choice.deflected);
        let Some((wait, arrived)) = waited else { return };
        waits.add(wait);
        self.over_15 += u64::from(wait > HANDOVER_AIM_MIN);
        self.over_45 += u64::from(wait > HANDOVER_MAX_MIN);
        if let Some(site) = self.sites.get_mut(choice.site) {
            site.add(wait);
        }
        // Those who set off before the end and arrive after it belong to the last hour.
        let last = self.hours.len().saturating_sub(1);
        if let Some(hour) = self.hours.get_mut(((arrived / 60.0) as usize).min(last)) {
            hour.add(wait);
        }
    }

    /// The figures.
    pub fn result(self, names: &[String]) -> PolicyResult {
        let runs = (self.runs.len().max(1)) as f64;
        let share = |part: u64, of: u64| if of == 0 { 0.0 } else { part as f64 / of as f64 };
        let sites: Vec<SiteResult> = self
            .sites
            .iter()
            .zip(names)
            .map(|(sum, name)| SiteResult {
                name: name.clone(),
                ambulances: sum.number as f64 / runs,
                wait_min: sum.mean(),
            })
            .collect();
        // The first of the longest, so that the answer does not hang on how a machine sorts.
        let longest = sites.iter().map(|s| s.wait_min).fold(0.0, f64::max);
        let worst = sites.iter().position(|s| s.wait_min >= longest).unwrap_or(0);
        PolicyResult {
            policy: self.policy,
            wait_min: Mean { mean: self.wait.mean(), give_or_take: give_or_take(&self.runs, |r| r.0) },
            worst,
            sites,
            travel_min: Mean { mean: self.travel.mean(), give_or_take: give_or_take(&self.runs, |r| r.1) },
            over_15: share(self.over_15, self.wait.number),
            over_45: share(self.over_45, self.wait.number),
            moved: share(self.moved, self.travel.number),
            deflected: share(self.deflected, self.travel.number),
            outside_wait_min: self.outside.mean(),
            ambulances: self.wait.number as f64 / runs,
            crew_hours_lost: (self.wait.total + self.outside.total) / 60.0 / runs,
            crews_waiting_max: self.crews_waiting_max.mean(),
            walk_ins_at_end: self.walk_ins_at_end.mean(),
            unfinished: self.unfinished,
            nowhere: self.nowhere,
            by_hour: self.hours.iter().map(|h| h.mean()).collect(),
            runs: self.runs,
            met: self.met,
        }
    }
}

/// Half a 95 % interval by the normal approximation over runs.
fn give_or_take(runs: &[(f64, f64)], of: impl Fn(&(f64, f64)) -> f64) -> f64 {
    let n = runs.len() as f64;
    if runs.len() < 2 {
        return 0.0;
    }
    let mean = runs.iter().map(&of).sum::<f64>() / n;
    let spread = runs.iter().map(|r| (of(r) - mean).powi(2)).sum::<f64>() / (n - 1.0);
    1.96 * (spread / n).sqrt()
}

#[cfg(test)]
mod tests {
    use super::super::world::Choice;
    use super::*;

    #[test]
    fn figures_are_means_over_ambulances() {
        let way = |site, group, wait: Option<f64>| Journey {
            called_min: 10.0,
            group,
            choice: Some(Choice { site, travel_min: 20.0, deflected: site == 1 }),
            arrived_min: Some(30.0),
            arrivals: 1,
            handed_over_min: wait.map(|w| 30.0 + w),
        };
        let early = Journey { called_min: -1.0, ..way(0, Some(0), Some(500.0)) };
        let lost = Journey { choice: None, arrived_min: None, arrivals: 0, ..way(0, Some(1), None) };
        let ended = |journeys| Ended {
            journeys,
            still_waiting: vec![],
            still_driving: vec![],
            end_min: 130.0,
            crews_waiting_max: 2,
            walk_ins_at_end: 4,
            met: 9,
        };
        let mut tally = Tally::new(Policy::Plan, 2, 120.0);
        tally
            .add(&ended(vec![early, way(0, Some(0), Some(0.0)), way(1, Some(0), Some(20.0)), lost]), &|_| {
                Some(0)
            });
        tally.add(&ended(vec![way(1, Some(0), None), way(0, None, Some(30.0))]), &|_| Some(0));
        let result = tally.result(&["Ashford".to_owned(), "Bexhill".to_owned()]);
        assert_eq!(result.wait_min.mean, 40.0);
        assert_eq!(
            (result.worst, result.worst_site().wait_min, result.worst_site().ambulances),
            (1, 60.0, 1.0)
        );
        assert_eq!((result.travel_min.mean, result.moved, result.deflected), (20.0, 2.0 / 3.0, 2.0 / 3.0));
        assert_eq!((result.over_15, result.over_45), (2.0 / 3.0, 1.0 / 3.0));
        assert_eq!((result.unfinished, result.nowhere, result.by_hour), (1, 1, vec![40.0, 0.0]));
        assert_eq!(
            (result.crew_hours_lost, result.walk_ins_at_end, result.outside_wait_min),
            (1.25, 4.0, 30.0)
        );
    }
}

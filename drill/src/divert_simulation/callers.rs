//! Everybody who will need help in one run: written down before any policy is tried, so that all policies meet the same.
//!
//! Always: the same seed and run give the same people at the same moments with the same illness, whatever is decided for
//! them later (common random numbers); each stream has dice of its own; the divert begins with the queues of the
//! instance, and with as many places in use as on a usual day. Called by `divert_simulation::simulate`; proved by
//! `every_policy_meets_the_same_people` and `the_rates_are_those_asked_for`.

use crate::chance::Chance;

/// How often people need help, an hour, and who is there at the start.
#[derive(Clone, Debug, Default)]
pub struct Demand {
    /// Ambulance patients of each group (zone and pathway), an hour.
    pub groups: Vec<f64>,
    /// Every site's own.
    pub sites: Vec<SiteDemand>,
}

/// Those whom no policy moves.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct SiteDemand {
    /// Ambulance patients an hour from outside the zones.
    pub outside_per_h: f64,
    /// Walk-ins an hour.
    pub walk_ins_per_h: f64,
    /// Places on a usual day.
    pub usual_places: usize,
    /// The share of them that is in use, 0 to 1.
    pub usual_load: f64,
    /// Crews waiting at the start, on average: 0.3 is one in three runs of ten.
    pub crews_waiting: f64,
}

/// The hours of a run; the divert begins at 0.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Hours {
    /// The divert: ambulances that call in it are those that are measured.
    pub divert_h: f64,
    /// At most this much longer, until all of them have been handed over.
    pub after_h_max: f64,
}

/// When those come who are there at the start: first those in places, then those who wait.
pub const OPENING_MIN: f64 = -2.0;

/// How somebody comes.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Comes {
    /// A crew leaves the scene with a patient of this group; `split` in 0..1 falls among the sites of a plan that
    /// sends a group to several.
    FromGroup {
        /// Index into [`Demand::groups`].
        group: usize,
        /// A throw of the dice of its own.
        split: f64,
    },
    /// A crew from outside arrives at this site.
    FromOutside {
        /// Index of the site.
        site: usize,
    },
    /// A walk-in arrives at this site.
    OnFoot {
        /// Index of the site.
        site: usize,
    },
}

/// More crews than this at one door are a mistake in the file.
const WAITING_MAX: f64 = 1_000.0;

/// Somebody who needs help.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Caller {
    /// Minutes since the divert began; before it, negative.
    pub at_min: f64,
    /// How they come.
    pub comes: Comes,
    /// How long the treatment takes, as a multiple of the mean: exponential with mean 1.
    pub work: f64,
}

/// Everybody of run number `run`, in order of time.
pub fn everybody(demand: &Demand, hours: Hours, seed: u64, run: u64) -> Vec<Caller> {
    let dice = Chance::new(seed).fork(run.wrapping_add(1));
    let until_min = (hours.divert_h + hours.after_h_max) * 60.0;
    let mut callers = from_groups(demand, until_min, &mut dice.fork(1));
    for (number, own) in demand.sites.iter().enumerate() {
        let stream = |which: u64| dice.fork(1_000 + 3 * number as u64 + which);
        there_already(own, number, &mut stream(0), &mut callers);
        poisson(own.outside_per_h, until_min, &mut stream(1), &mut callers, |_| Comes::FromOutside {
            site: number,
        });
        poisson(own.walk_ins_per_h, until_min, &mut stream(2), &mut callers, |_| Comes::OnFoot {
            site: number,
        });
    }
    callers.sort_by(|a, b| a.at_min.total_cmp(&b.at_min));
    callers
}

/// Each place is in use with the chance of the usual load; where crews wait, all are.
fn there_already(own: &SiteDemand, site: usize, dice: &mut Chance, into: &mut Vec<Caller>) {
    let crews = if own.crews_waiting.is_finite() { own.crews_waiting.clamp(0.0, WAITING_MAX) } else { 0.0 };
    let waiting = crews.floor() as usize + usize::from(dice.fraction() < crews.fract());
    let in_use = (0..own.usual_places).filter(|_| dice.fraction() < own.usual_load).count();
    let in_use = if waiting > 0 { own.usual_places } else { in_use };
    for _ in 0..in_use {
        into.push(Caller { at_min: OPENING_MIN, comes: Comes::OnFoot { site }, work: exponential(dice) });
    }
    for _ in 0..waiting {
        into.push(Caller {
            at_min: OPENING_MIN / 2.0,
            comes: Comes::FromOutside { site },
            work: exponential(dice),
        });
    }
}

/// One stream for all groups: who it is falls in proportion to the groups' demand.
fn from_groups(demand: &Demand, until_min: f64, dice: &mut Chance) -> Vec<Caller> {
    let mut upto = Vec::with_capacity(demand.groups.len());
    let mut total = 0.0;
    for per_h in &demand.groups {
        total += per_h.max(0.0);
        upto.push(total);
    }
    let mut callers = Vec::new();
    poisson(total, until_min, dice, &mut callers, |dice| {
        let throw = dice.fraction() * total;
        let group = upto.partition_point(|reach| *reach <= throw);
        Comes::FromGroup { group: group.min(upto.len().saturating_sub(1)), split: dice.fraction() }
    });
    callers
}

fn poisson(
    per_h: f64,
    until_min: f64,
    dice: &mut Chance,
    into: &mut Vec<Caller>,
    mut comes: impl FnMut(&mut Chance) -> Comes,
) {
    if !per_h.is_finite() || per_h <= 0.0 {
        return;
    }
    let mut at_min = 0.0;
    loop {
        at_min += exponential(dice) * 60.0 / per_h;
        if at_min >= until_min {
            return;
        }
        let comes = comes(dice);
        into.push(Caller { at_min, comes, work: exponential(dice) });
    }
}

/// Exponential with mean 1, by inversion.
fn exponential(dice: &mut Chance) -> f64 {
    -(1.0 - dice.fraction()).ln()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOURS: Hours = Hours { divert_h: 1500.0, after_h_max: 500.0 };

    fn demand() -> Demand {
        let quiet = SiteDemand { outside_per_h: 1.0, ..SiteDemand::default() };
        let busy =
            SiteDemand { walk_ins_per_h: 4.0, usual_places: 10, usual_load: 0.8, ..SiteDemand::default() };
        Demand { groups: vec![2.0, 0.0, 6.0], sites: vec![busy, quiet] }
    }

    #[test]
    fn the_rates_are_those_asked_for() {
        let everybody = everybody(&demand(), HOURS, 7, 0);
        assert!(everybody.is_sorted_by_key(|c| c.at_min));
        let per_h = |of: &dyn Fn(&Caller) -> bool| {
            everybody.iter().filter(|c| c.at_min >= 0.0 && of(c)).count() as f64 / 2000.0
        };
        let group = |wanted: usize| move |c: &Caller| matches!(c.comes, Comes::FromGroup { group, .. } if group == wanted);
        for (got, wanted) in [
            (per_h(&group(0)), 2.0),
            (per_h(&group(1)), 0.0),
            (per_h(&group(2)), 6.0),
            (per_h(&|c| c.comes == Comes::FromOutside { site: 1 }), 1.0),
            (per_h(&|c| c.comes == Comes::OnFoot { site: 0 }), 4.0),
        ] {
            assert!((got - wanted).abs() <= 0.1 * wanted, "{got} an hour for {wanted}");
        }
        let work = everybody.iter().map(|c| c.work).sum::<f64>() / everybody.len() as f64;
        assert!((work - 1.0).abs() < 0.05, "{work}");
    }

    #[test]
    fn a_run_begins_with_the_queue_of_the_instance_and_usual_places_in_use() {
        let mut demand = demand();
        let there = |demand: &Demand, run| {
            let hours = Hours { divert_h: 1.0, after_h_max: 0.0 };
            let all = everybody(demand, hours, 7, run);
            let before = |comes| all.iter().filter(|c| c.at_min < 0.0 && c.comes == comes).count();
            (before(Comes::OnFoot { site: 0 }), before(Comes::FromOutside { site: 0 }))
        };
        let in_use: usize = (0..500).map(|run| there(&demand, run).0).sum();
        assert!((in_use as f64 / 500.0 - 8.0).abs() < 0.2, "{in_use}");
        demand.sites[0].crews_waiting = 2.3;
        let waiting: Vec<_> = (0..500).map(|run| there(&demand, run)).collect();
        assert!(waiting.iter().all(|w| w.0 == 10 && (w.1 == 2 || w.1 == 3)));
        let third = waiting.iter().filter(|w| w.1 == 3).count();
        assert!((110..190).contains(&third), "{third}");
    }

    #[test]
    fn the_same_seed_gives_the_same_people_and_another_run_others() {
        let everybody = |seed, run| super::everybody(&demand(), HOURS, seed, run);
        assert_eq!(everybody(7, 3), everybody(7, 3));
        assert_ne!(everybody(7, 3), everybody(7, 4));
        assert_ne!(everybody(7, 3), everybody(8, 3));
    }

    #[test]
    fn no_demand_and_broken_demand_bring_nobody() {
        let broken = SiteDemand { outside_per_h: f64::NAN, crews_waiting: f64::NAN, ..SiteDemand::default() };
        let broken = Demand { groups: vec![0.0, -1.0], sites: vec![broken] };
        assert_eq!(everybody(&broken, HOURS, 1, 0), []);
        assert_eq!(everybody(&Demand::default(), HOURS, 1, 0), []);
    }
}

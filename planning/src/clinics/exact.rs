//! The exact optimum: no choice keeps more of A, or as many of A and more of B, and so on.
//!
//! A session's bookings compete for its minutes; sessions compete only for the few limits they share. So each session is
//! worked out by itself (`frontier`), those that share a limit are put together one after another, and whoever cannot
//! come up to the greedy choice any more is left out. Limits that everything fits into bind nobody and are taken away first.
//! Always: among choices that keep as many, the one nearest to the greedy choice; proved best, or `Proof::AtMost` says
//! what no choice can exceed. Never: much more work than `Effort` allows, whatever the list; what was done is counted in
//! `Optimum::steps`. Proved by `tests/clinics_brute_force.rs` and `tests/clinics_hostile.rs`.

// Indices are sessions, limits and bookings of an instance that was checked.
#![allow(clippy::indexing_slicing)]

use super::ceiling::ceiling;
use super::frontier::{Budget, Frontier, Item, Spent, frontier};
use super::greedy::{by_need, greedy, in_order};
use super::instance::Instance;
use super::merge::Merge;
use super::refusal::Refusal;
use super::selection::{Counts, Selection};
use super::worth::Worth;
use std::collections::BTreeMap;

/// How much the search may do. Counted, not timed, so that every machine gives the same answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Effort {
    /// Labels looked at before the search hurries to its end.
    pub steps_max: u64,
    /// Labels kept side by side.
    pub labels_max: usize,
}

impl Default for Effort {
    /// Well under a second; a trust's day needs a thousandth of it.
    fn default() -> Self {
        Self { steps_max: 10_000_000, labels_max: 100_000 }
    }
}

/// How sure it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    /// No choice is better.
    Optimal,
    /// The work came to its ceiling: no choice is better than this, read from A to D.
    AtMost(Counts),
}

/// The best choice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Optimum {
    /// What becomes of each booking.
    pub selection: Selection,
    /// How sure it is.
    pub proof: Proof,
    /// What changes against the greedy choice.
    pub swap: Swap,
    /// How much was looked at: at most `steps_max`, and a few thousand for each session once that was used up.
    pub steps: u64,
}

/// "You could also keep …": the difference to the greedy choice. Bookings by index.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Swap {
    /// Kept in addition.
    pub also: Vec<usize>,
    /// Let go for them.
    pub instead_of: Vec<usize>,
}

/// The best choice of an instance, beside the greedy one.
///
/// # Errors
/// An instance that breaks its rules.
pub fn exact(instance: &Instance, effort: Effort) -> Result<Optimum, Refusal> {
    let mut budget = Budget::new(effort.steps_max, effort.labels_max);
    let default = greedy(instance)?;
    let problem = Problem::of(instance, &default);
    let mut kept = Vec::new();
    let mut at_most = Worth::default();
    for part in problem.parts() {
        let solved = problem.solve(&part, &default, &mut budget);
        at_most = at_most + solved.at_most;
        kept.extend(solved.kept);
    }
    // Whoever is not chosen is offered what is left: that finds the reason, and a place where the search was cut short.
    kept.sort_unstable();
    let mut order = kept.clone();
    order.extend(by_need(instance).into_iter().filter(|index| kept.binary_search(index).is_err()));
    let selection = in_order(instance, &order);
    let at_most = at_most.counts().min(ceiling(instance));
    let proof = if at_most <= selection.kept { Proof::Optimal } else { Proof::AtMost(at_most) };
    let swap = swap(&default, &selection);
    Ok(Optimum { selection, proof, swap, steps: budget.steps })
}

fn swap(default: &Selection, best: &Selection) -> Swap {
    let mut swap = Swap::default();
    for (index, (now, then)) in default.outcomes.iter().zip(&best.outcomes).enumerate() {
        match (now.is_kept(), then.is_kept()) {
            (false, true) => swap.also.push(index),
            (true, false) => swap.instead_of.push(index),
            _ => {}
        }
    }
    swap
}

/// The instance as the search sees it.
struct Problem {
    /// Units of each limit that binds; of the others, none is used.
    limits: Spent,
    /// Minutes and bookings of each session, by the sessions' names.
    sessions: Vec<(u32, Vec<Item>)>,
}

/// What was found for sessions that hang together.
struct Solved {
    kept: Vec<usize>,
    at_most: Worth,
}

impl Problem {
    fn of(instance: &Instance, default: &Selection) -> Self {
        let mut limits = Spent::default();
        let mut wanted = [0u64; super::Limits::SHARED_MAX];
        let fits = |b: &super::Booking| {
            let units = |u: &super::Use| u.units <= instance.shared[u.limit].units;
            b.doable && b.minutes <= instance.sessions[b.session].minutes && b.uses.iter().all(units)
        };
        for one in instance.bookings.iter().filter(|b| fits(b)).flat_map(|b| &b.uses) {
            wanted[one.limit] += u64::from(one.units);
        }
        let binds = |limit: usize| wanted[limit] > u64::from(instance.shared[limit].units);
        for (limit, shared) in instance.shared.iter().enumerate().filter(|(limit, _)| binds(*limit)) {
            limits[limit] = shared.units;
        }
        let mut sessions: Vec<(u32, Vec<Item>)> =
            instance.sessions.iter().map(|s| (s.minutes, Vec::new())).collect();
        let mut order: Vec<usize> = (0..instance.bookings.len()).collect();
        order.sort_by(|a, b| instance.bookings[*a].id.cmp(&instance.bookings[*b].id));
        for index in order {
            let booking = &instance.bookings[index];
            if !fits(booking) {
                continue;
            }
            let mut uses = Spent::default();
            for one in booking.uses.iter().filter(|u| binds(u.limit)) {
                uses[one.limit] = one.units;
            }
            let worth = Worth::of(booking.class, default.outcomes[index].is_kept());
            let item = Item { booking: index, minutes: booking.minutes, uses, worth };
            sessions[booking.session].1.push(item);
        }
        let mut named: Vec<usize> = (0..sessions.len()).collect();
        named.sort_by(|a, b| instance.sessions[*a].name.cmp(&instance.sessions[*b].name));
        let sessions = named.into_iter().map(|s| std::mem::take(&mut sessions[s])).collect();
        Self { limits, sessions }
    }

    /// Sessions that hang together through limits, directly or through others.
    fn parts(&self) -> Vec<Vec<usize>> {
        // For each limit, the first one of those that hang together with it.
        let mut group: [usize; super::Limits::SHARED_MAX] = std::array::from_fn(|limit| limit);
        let shares = |items: &[Item]| -> Vec<usize> {
            (0..group.len()).filter(|limit| items.iter().any(|item| item.uses[*limit] > 0)).collect()
        };
        let shared: Vec<Vec<usize>> = self.sessions.iter().map(|(_, items)| shares(items)).collect();
        for (first, other) in shared.iter().flat_map(|s| s.iter().zip(s.iter().skip(1))) {
            let (stays, joins) = (group[*first].min(group[*other]), group[*first].max(group[*other]));
            group.iter_mut().filter(|limit| **limit == joins).for_each(|limit| *limit = stays);
        }
        let mut together: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        let mut parts = Vec::new();
        for (session, limits) in shared.iter().enumerate() {
            match limits.first() {
                Some(limit) => together.entry(group[*limit]).or_default().push(session),
                None => parts.push(vec![session]),
            }
        }
        parts.extend(together.into_values());
        parts
    }

    fn solve(&self, part: &[usize], default: &Selection, budget: &mut Budget) -> Solved {
        let frontiers: Vec<Frontier> = part
            .iter()
            .map(|s| frontier(&self.sessions[*s].1, self.sessions[*s].0, &self.limits, budget))
            .collect();
        let chosen = |items: &Vec<Item>| -> Vec<Item> {
            items.iter().filter(|i| default.outcomes[i.booking].is_kept()).copied().collect()
        };
        let now: Vec<Item> = part.iter().flat_map(|s| chosen(&self.sessions[*s].1)).collect();
        let now_worth: Worth = now.iter().map(|i| i.worth).sum();
        let mut merge = Merge::over(&frontiers, &self.limits, now_worth, budget);
        let best = merge.run(budget);
        let whole = frontiers.iter().all(|f| f.whole);
        let loose: Worth = frontiers.iter().map(|f| f.at_most).sum();
        let (kept, worth) = match best {
            Some((kept, worth)) if worth >= now_worth => (kept, worth),
            _ => (now.iter().map(|i| i.booking).collect(), now_worth),
        };
        let bound = if whole { merge.dropped.unwrap_or_default().min(loose) } else { loose };
        Solved { kept, at_most: bound.max(worth) }
    }
}

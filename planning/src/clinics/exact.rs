//! The exact optimum: no choice keeps more of A, or as many of A and more of B, and so on.
//!
//! A session's bookings compete for its minutes; sessions compete only for the few limits they share. So each session is
//! worked out by itself (`frontier`), those that share a limit are put together one after another, and whoever cannot
//! come up to the greedy choice any more is left out. Limits that everything fits into bind nobody and are taken away first.
//! Always: among choices that keep as many, the one nearest to the greedy choice; proved best, or `Proof::AtMost` says
//! what no choice can exceed. Never: much more work than `Effort` allows. Proved by `tests/clinics_brute_force.rs`.

// Indices are sessions, limits and bookings of an instance that was checked.
#![allow(clippy::indexing_slicing)]

use super::ceiling::ceiling;
use super::frontier::{Budget, Frontier, Item, Spent, frontier, together};
use super::greedy::{by_need, greedy, in_order};
use super::instance::Instance;
use super::refusal::Refusal;
use super::selection::{Counts, Selection};
use super::worth::Worth;
use std::collections::BTreeMap;

/// Cells of one table of bounds.
const CELLS_MAX: usize = 1_000_000;

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
    let mut budget = Budget { steps_left: effort.steps_max, labels_max: effort.labels_max.max(1) };
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
    Ok(Optimum { selection, proof, swap })
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
        let mut parts: Vec<(Vec<usize>, Spent)> = Vec::new();
        for (session, (_, items)) in self.sessions.iter().enumerate() {
            let mut shares = Spent::default();
            for item in items {
                shares.iter_mut().zip(item.uses).for_each(|(slot, units)| *slot = (*slot).max(units.min(1)));
            }
            let mut members = vec![session];
            parts.retain_mut(|(others, theirs)| {
                let joined = theirs.iter().zip(shares).any(|(a, b)| *a > 0 && b > 0);
                if joined {
                    members.append(others);
                    shares.iter_mut().zip(*theirs).for_each(|(slot, units)| *slot = (*slot).max(units));
                }
                !joined
            });
            members.sort_unstable();
            parts.push((members, shares));
        }
        parts.into_iter().map(|(members, _)| members).collect()
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
        let mut search = Search::over(&frontiers, &self.limits, now_worth);
        let best = search.run(budget);
        let whole = frontiers.iter().all(|f| f.whole);
        let loose: Worth = frontiers.iter().map(|f| f.at_most).sum();
        let (kept, worth) = match best {
            Some((kept, worth)) if worth >= now_worth => (kept, worth),
            _ => (now.iter().map(|i| i.booking).collect(), now_worth),
        };
        let bound = if whole { search.dropped.unwrap_or_default() } else { loose };
        Solved { kept, at_most: bound.max(worth) }
    }
}

/// A choice for the sessions so far.
#[derive(Clone, Copy)]
struct Label {
    worth: Worth,
    /// The label of the sessions before, and the choice of this one.
    from: (usize, usize),
}

/// Puts sessions together, one after another.
struct Search<'a> {
    frontiers: &'a [Frontier],
    limits: &'a Spent,
    /// Worth of the greedy choice: whoever cannot come up to it is left out.
    now: Worth,
    /// For each limit: the most that the sessions from one on can be worth with so many units of it alone.
    bounds: Vec<(usize, Vec<Vec<Worth>>)>,
    /// The most that the sessions from one on can be worth without any limit.
    free: Vec<Worth>,
    /// The most that any label left out for want of room could have become.
    dropped: Option<Worth>,
}

impl<'a> Search<'a> {
    fn over(frontiers: &'a [Frontier], limits: &'a Spent, now: Worth) -> Self {
        let mut free = vec![Worth::default()];
        for frontier in frontiers.iter().rev() {
            free.push(free[free.len() - 1] + frontier.at_most);
        }
        free.reverse();
        let used = |limit: &usize| frontiers.iter().flat_map(|f| &f.points).any(|p| p.spent[*limit] > 0);
        let small = |limit: &usize| (limits[*limit] as usize + 1) * (frontiers.len() + 1) <= CELLS_MAX;
        let bounds = (0..limits.len())
            .filter(|limit| used(limit) && small(limit))
            .map(|limit| (limit, bound(frontiers, limit, limits[limit])))
            .collect();
        Self { frontiers, limits, now, bounds, free, dropped: None }
    }

    /// What the sessions from `next` on can be worth at most when so much is spent.
    fn rest(&self, next: usize, spent: &Spent) -> Worth {
        let of = |(limit, table): &(usize, Vec<Vec<Worth>>)| {
            table[next][(self.limits[*limit] - spent[*limit]) as usize]
        };
        self.bounds.iter().map(of).fold(self.free[next], Worth::min)
    }

    fn run(&mut self, budget: &mut Budget) -> Option<(Vec<usize>, Worth)> {
        let mut layers: Vec<Vec<Label>> = Vec::with_capacity(self.frontiers.len());
        let mut at: Vec<(Spent, usize, Worth)> = vec![(Spent::default(), 0, Worth::default())];
        for (number, frontier) in self.frontiers.iter().enumerate() {
            let mut next: BTreeMap<Spent, Label> = BTreeMap::new();
            budget.spend(at.len() * frontier.points.len());
            for (spent, label, worth) in &at {
                for (choice, point) in frontier.points.iter().enumerate() {
                    let Some(sum) = together(spent, &point.spent, self.limits) else { continue };
                    let worth = *worth + point.worth;
                    if worth + self.rest(number + 1, &sum) < self.now {
                        continue;
                    }
                    let new = Label { worth, from: (*label, choice) };
                    let known = next.entry(sum).or_insert(new);
                    if known.worth < worth {
                        *known = new;
                    }
                }
            }
            let layer = self.thinned(number + 1, next, budget.labels());
            at = layer.iter().enumerate().map(|(label, (spent, l))| (*spent, label, l.worth)).collect();
            layers.push(layer.into_iter().map(|(_, label)| label).collect());
        }
        let (_, mut label, worth) = at.into_iter().reduce(|a, b| if b.2 > a.2 { b } else { a })?;
        let mut kept = Vec::new();
        for (layer, frontier) in layers.iter().zip(self.frontiers).rev() {
            let (before, choice) = layer[label].from;
            kept.extend(&frontier.points[choice].kept);
            label = before;
        }
        Some((kept, worth))
    }

    /// The most hopeful labels of a layer, and a note of what the others could have become.
    fn thinned(&mut self, next: usize, layer: BTreeMap<Spent, Label>, most: usize) -> Vec<(Spent, Label)> {
        let mut layer: Vec<(Spent, Label)> = layer.into_iter().collect();
        if layer.len() > most {
            layer
                .sort_by_cached_key(|(spent, label)| std::cmp::Reverse(label.worth + self.rest(next, spent)));
            let first_out = layer.get(most).map(|(spent, label)| label.worth + self.rest(next, spent));
            self.dropped = self.dropped.max(first_out);
            layer.truncate(most);
        }
        layer
    }
}

/// For sessions from each one on and each number of units of one limit: the most they can be worth, other limits aside.
fn bound(frontiers: &[Frontier], limit: usize, units: u32) -> Vec<Vec<Worth>> {
    let mut table = vec![vec![Worth::default(); units as usize + 1]];
    for frontier in frontiers.iter().rev() {
        let after = &table[table.len() - 1];
        let mut best: BTreeMap<u32, Worth> = BTreeMap::new();
        for point in &frontier.points {
            let slot = best.entry(point.spent[limit]).or_default();
            *slot = (*slot).max(point.worth);
        }
        let with = |left: usize| {
            let of = |(spent, worth): (&u32, &Worth)| *worth + after[left - *spent as usize];
            best.range(..=left as u32).map(of).max().unwrap_or_default()
        };
        let row = (0..=units as usize).map(with).collect();
        table.push(row);
    }
    table.reverse();
    table
}

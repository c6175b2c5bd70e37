//! Puts the sessions of a part together, one after another, and leaves out whoever cannot come up to the greedy choice.
//!
//! Always: the best choice of those that were looked at, and in `dropped` the most that any left out could have become.
//! Never: more pairs than the budget has left, or more labels side by side than it allows, not even within one step.
//! Called by `exact`; proved through it by `tests/clinics_brute_force.rs` and `tests/clinics_hostile.rs`.

// Indices are sessions, limits and labels of a problem that was checked.
#![allow(clippy::indexing_slicing)]

use super::frontier::{Budget, Frontier, LOOKS_A_STEP, Point, Spent, together};
use super::worth::Worth;
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// Cells of one table of bounds.
const CELLS_MAX: usize = 1_000_000;

/// A choice for the sessions so far.
#[derive(Clone, Copy)]
struct Label {
    worth: Worth,
    /// The label of the sessions before, and the choice of this one.
    from: (usize, usize),
}

/// A label of the layer before: what it uses, its place there, what it is worth.
type At = (Spent, usize, Worth);

/// The sessions of a part.
pub struct Merge<'a> {
    frontiers: &'a [Frontier],
    limits: &'a Spent,
    /// Worth of the greedy choice: whoever cannot come up to it is left out.
    now: Worth,
    /// For each limit: the most that the sessions from one on can be worth with so many units of it alone.
    bounds: Vec<(usize, Vec<Vec<Worth>>)>,
    /// The most that the sessions from one on can be worth without any limit.
    free: Vec<Worth>,
    /// The most that any label left out for want of room could have become.
    pub dropped: Option<Worth>,
}

impl<'a> Merge<'a> {
    /// The sessions, with as many tables of bounds as the budget affords.
    pub fn over(frontiers: &'a [Frontier], limits: &'a Spent, now: Worth, budget: &mut Budget) -> Self {
        let mut free = vec![Worth::default()];
        for frontier in frontiers.iter().rev() {
            free.push(free[free.len() - 1] + frontier.at_most);
        }
        free.reverse();
        let used = |limit: &usize| frontiers.iter().flat_map(|f| &f.points).any(|p| p.spent[*limit] > 0);
        let small = |limit: &usize| (limits[*limit] as usize + 1) * (frontiers.len() + 1) <= CELLS_MAX;
        let mut bounds = Vec::new();
        for limit in (0..limits.len()).filter(|limit| used(limit) && small(limit)) {
            let best: Vec<Vec<(u32, Worth)>> = frontiers.iter().map(|f| best_by_use(f, limit)).collect();
            let looks = best.iter().map(Vec::len).sum::<usize>() * (limits[limit] as usize + 1);
            if budget.affords(looks / LOOKS_A_STEP) {
                bounds.push((limit, bound(&best, limits[limit])));
            }
        }
        Self { frontiers, limits, now, bounds, free, dropped: None }
    }

    /// What the sessions from `next` on can be worth at most when so much is spent.
    fn rest(&self, next: usize, spent: &Spent) -> Worth {
        let of = |(limit, table): &(usize, Vec<Vec<Worth>>)| {
            table[next][(self.limits[*limit] - spent[*limit]) as usize]
        };
        self.bounds.iter().map(of).fold(self.free[next], Worth::min)
    }

    /// The best choice for all sessions: bookings kept, and what it is worth.
    pub fn run(&mut self, budget: &mut Budget) -> Option<(Vec<usize>, Worth)> {
        let frontiers = self.frontiers;
        let mut layers: Vec<Vec<Label>> = Vec::with_capacity(frontiers.len());
        let mut at: Vec<At> = vec![(Spent::default(), 0, Worth::default())];
        for (number, frontier) in frontiers.iter().enumerate() {
            let points = self.narrowed(number, &mut at, &frontier.points, budget.pairs());
            let most = budget.labels();
            budget.spend(at.len() * points.len());
            let mut next: BTreeMap<Spent, Label> = BTreeMap::new();
            for (spent, label, worth) in &at {
                self.taken(number, (spent, *label, *worth), &points, &mut next);
                // What waits side by side is bounded within a step too.
                if next.len() / 2 > most {
                    budget.spend(next.len());
                    next = self.thinned(number + 1, next, most).into_iter().collect();
                }
            }
            let layer = self.thinned(number + 1, next, budget.labels());
            at = layer.iter().enumerate().map(|(label, (spent, l))| (*spent, label, l.worth)).collect();
            layers.push(layer.into_iter().map(|(_, label)| label).collect());
        }
        let (_, mut label, worth) = at.into_iter().reduce(|a, b| if b.2 > a.2 { b } else { a })?;
        let mut kept = Vec::new();
        for (layer, frontier) in layers.iter().zip(frontiers).rev() {
            let (before, choice) = layer[label].from;
            kept.extend(frontier.kept(&frontier.points[choice]));
            label = before;
        }
        Some((kept, worth))
    }

    /// One label with every choice of a session.
    fn taken(
        &self,
        number: usize,
        at: (&Spent, usize, Worth),
        points: &[(usize, &Point)],
        next: &mut BTreeMap<Spent, Label>,
    ) {
        let (spent, label, worth) = at;
        for (choice, point) in points {
            let Some(sum) = together(spent, &point.spent, self.limits) else { continue };
            let worth = worth + point.worth;
            if worth + self.rest(number + 1, &sum) < self.now {
                continue;
            }
            let new = Label { worth, from: (label, *choice) };
            let known = next.entry(sum).or_insert(new);
            if known.worth < worth {
                *known = new;
            }
        }
    }

    /// The labels and choices of a step, the most hopeful ones when there are too many to be put together, and a note of
    /// what the others could have become.
    fn narrowed<'p>(
        &mut self,
        number: usize,
        at: &mut Vec<At>,
        points: &'p [Point],
        pairs_max: usize,
    ) -> Vec<(usize, &'p Point)> {
        let mut points: Vec<(usize, &Point)> = points.iter().enumerate().collect();
        if at.len().saturating_mul(points.len()) <= pairs_max {
            return points;
        }
        let labels = at.len().min(pairs_max.isqrt().max(pairs_max / points.len()).max(1));
        let choices = points.len().min((pairs_max / labels).max(1));
        let best = at.iter().map(|(_, _, worth)| *worth).max().unwrap_or_default();
        if labels < at.len() {
            let hope = |(spent, _, worth): &At| *worth + self.rest(number, spent);
            at.sort_by_cached_key(|label| Reverse(hope(label)));
            let first_out = at.get(labels).map(hope);
            at.truncate(labels);
            self.dropped = self.dropped.max(first_out);
        }
        if choices < points.len() {
            // The one that uses least leaves the others most; then the best.
            if let Some((_, others)) = points.split_first_mut() {
                others.sort_by_key(|(_, point)| Reverse(point.worth));
            }
            let first_out = points.iter().skip(choices).map(|(_, point)| point.worth).max();
            points.truncate(choices);
            self.dropped = self.dropped.max(first_out.map(|out| best + out + self.free[number + 1]));
        }
        points
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

/// The best choices of a session by their use of one limit: more use only for more worth.
fn best_by_use(frontier: &Frontier, limit: usize) -> Vec<(u32, Worth)> {
    let mut best: BTreeMap<u32, Worth> = BTreeMap::new();
    for point in &frontier.points {
        let slot = best.entry(point.spent[limit]).or_default();
        *slot = (*slot).max(point.worth);
    }
    let mut most = None;
    best.retain(|_, worth| {
        let better = most.is_none_or(|most| most < *worth);
        most = most.max(Some(*worth));
        better
    });
    best.into_iter().collect()
}

/// For sessions from each one on and each number of units of one limit: the most they can be worth, other limits aside.
fn bound(sessions: &[Vec<(u32, Worth)>], units: u32) -> Vec<Vec<Worth>> {
    let mut table = vec![vec![Worth::default(); units as usize + 1]];
    for best in sessions.iter().rev() {
        let after = &table[table.len() - 1];
        let with = |left: usize| {
            let fits = best.iter().take_while(|(spent, _)| *spent as usize <= left);
            fits.map(|(spent, worth)| *worth + after[left - *spent as usize]).max().unwrap_or_default()
        };
        let row = (0..=units as usize).map(with).collect();
        table.push(row);
    }
    table.reverse();
    table
}

//! The network solver: groups of patients on one side, a few sites with caps and prices on the other.
//!
//! A minimum cost flow in the shape of the problem: tens of thousands of groups but at most some hundred sites. A group
//! sits where cost plus the site's price is least. Whoever is over its cap pushes patients along the cheapest chain of
//! sites to one with room (`push`); a site with room and a price draws them back (`pull`). What moves between two
//! sites next is the top of a heap for that pair, so a chain costs a search over sites, never over groups.
//!
//! Always: flows are whole units of 1e-12 patients an hour and costs whole units of 1e-9 weighted minutes, so sums are
//! exact, nobody is lost, and the result does not depend on the order of additions. Between calls no pair of sites has
//! a move that would gain (`reduced cost` never below zero). Bounded by a count of steps. Never a clock or chance.
//! Called by `levels` (L1) and `planner` (L2, L3, warm starts). Proved by `tests/brute_force.rs`, `tests/best_known.rs`
//! and, in here, by the certificate of optimality that `tests` checks after random changes.

// Indices are made once by `Network::new`, which takes them from `reach`; a check at every hop of the inner loops would
// cost more than the loops, and an index that is out of bounds would be a bug that the random tests find as a panic.
#![allow(clippy::indexing_slicing)]

mod pull;
mod push;

#[cfg(test)]
mod tests;

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::Arc;

/// Units of flow in one patient an hour.
pub const UNITS_PER_PATIENT: f64 = 1e12;
/// Units of cost in one weighted minute.
pub const UNITS_PER_MINUTE: f64 = 1e9;
/// Unreached.
const FAR: i64 = i64::MAX;

/// Patients an hour as whole units.
pub fn units(per_h: f64) -> i64 {
    // The reader bounds every quantity from 0 to far below what an i64 holds, so that adding a half rounds.
    (per_h * UNITS_PER_PATIENT + 0.5) as i64
}

/// A weighted minute as whole units.
pub fn cost_units(weighted_min: f64) -> i64 {
    (weighted_min * UNITS_PER_MINUTE + 0.5) as i64
}

/// A move that a group on one site could make to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Exit {
    /// What it costs a unit.
    cost: i64,
    /// The arc it leaves.
    from: u32,
    /// The arc it takes.
    to: u32,
}

/// Which group may go to which site: group by group, sites ascending within a group. Shared by all networks of a plan.
#[derive(Debug, Clone, Default)]
pub struct Shape {
    /// `first[g]..first[g + 1]` are the arcs of group g.
    pub first: Vec<u32>,
    /// The site of each arc.
    pub site: Vec<u32>,
    /// The group of each arc.
    group: Vec<u32>,
    /// Arcs by site: `at_first[s]..at_first[s + 1]` of `at`.
    at_first: Vec<u32>,
    at: Vec<u32>,
}

impl Shape {
    /// The shape of arcs to `sites` sites.
    pub fn new(first: Vec<u32>, site: Vec<u32>, sites: usize) -> Self {
        let mut shape =
            Self { first, group: vec![0; site.len()], at_first: Vec::new(), at: Vec::new(), site };
        for g in 0..shape.groups() {
            let arcs = shape.of(g);
            shape.group[arcs].fill(g as u32);
        }
        let mut first = vec![0u32; sites + 1];
        for site in &shape.site {
            first[*site as usize + 1] += 1;
        }
        for site in 0..sites {
            first[site + 1] += first[site];
        }
        let mut next = first.clone();
        shape.at = vec![0u32; shape.site.len()];
        for (arc, site) in shape.site.iter().enumerate() {
            shape.at[next[*site as usize] as usize] = arc as u32;
            next[*site as usize] += 1;
        }
        shape.at_first = first;
        shape
    }

    /// Number of groups.
    pub fn groups(&self) -> usize {
        self.first.len().saturating_sub(1)
    }

    /// The group of an arc.
    pub fn group_of(&self, arc: usize) -> usize {
        self.group[arc] as usize
    }

    /// The arcs of a group.
    pub fn of(&self, group: usize) -> std::ops::Range<usize> {
        self.first[group] as usize..self.first[group + 1] as usize
    }
}

/// The flow and the prices that prove it.
#[derive(Debug, Clone, Default)]
pub struct Network {
    pub shape: Arc<Shape>,
    /// Cost of each arc, in units.
    pub cost: Arc<Vec<i64>>,
    /// Patients of each group.
    pub supply: Arc<Vec<i64>>,
    /// Flow on each arc.
    pub flow: Vec<i64>,
    /// The arc that all of a group is on, or `SPLIT`.
    seat: Vec<u32>,
    /// Of each site: what it holds with what is already spoken for, and what it may.
    pub load: Vec<i64>,
    pub cap: Vec<i64>,
    /// What another unit of room at the site would save.
    pub price: Vec<i64>,
    sites: usize,
    pairs: Pairs,
    work: Work,
    /// Steps taken, against `STEPS_MAX`.
    pub steps: u64,
}

/// Exits kept for each arc before the heaps are emptied.
const EXITS_PER_ARC_MAX: usize = 16;

/// A group on several arcs, or on none yet.
const SPLIT: u32 = u32::MAX;

/// Steps (chains of moves) that one plan may take; England takes some thousands.
pub const STEPS_MAX: u64 = 20_000_000;

/// Exits between pairs of sites, filled row by row or column by column when first asked for.
#[derive(Debug, Clone, Default)]
struct Pairs {
    /// By from × sites + to. Entries whose group has left are dropped when they come to the top.
    heap: Vec<BinaryHeap<Reverse<Exit>>>,
    /// What the cheapest move of each pair costs, or `FAR`: what the searches read.
    best: Vec<i64>,
    /// Sites that each site has had an exit to, and from, with a mark for each pair.
    row: Vec<Vec<u32>>,
    column: Vec<Vec<u32>>,
    listed: Vec<bool>,
    row_built: Vec<bool>,
    column_built: Vec<bool>,
    /// Exits added since the heaps were empty.
    added: usize,
}

impl Pairs {
    fn new(sites: usize) -> Self {
        Self {
            heap: vec![BinaryHeap::new(); sites * sites],
            best: vec![FAR; sites * sites],
            row: vec![Vec::new(); sites],
            column: vec![Vec::new(); sites],
            listed: vec![false; sites * sites],
            row_built: vec![false; sites],
            column_built: vec![false; sites],
            added: 0,
        }
    }
}

/// Scratch of the searches.
#[derive(Debug, Clone, Default)]
struct Work {
    dist: Vec<i64>,
    /// The site before (push) or after (pull) on the cheapest chain.
    via: Vec<u32>,
    done: Vec<bool>,
    /// Reached and not done.
    open: Vec<u32>,
    /// Known to reach no room in this round of pushes.
    dead: Vec<bool>,
}

impl Network {
    /// A network with nobody placed. `base` is what each site already holds, in units.
    pub fn new(
        shape: Arc<Shape>,
        cost: Arc<Vec<i64>>,
        supply: Arc<Vec<i64>>,
        base: Vec<i64>,
        cap: Vec<i64>,
    ) -> Self {
        let sites = base.len();
        Self {
            flow: vec![0; shape.site.len()],
            seat: vec![SPLIT; supply.len()],
            supply,
            load: base,
            cap,
            price: vec![0; sites],
            sites,
            pairs: Pairs::new(sites),
            work: Work {
                dist: vec![FAR; sites],
                via: vec![0; sites],
                done: vec![false; sites],
                open: Vec::new(),
                dead: vec![false; sites],
            },
            steps: 0,
            cost,
            shape,
        }
    }

    /// A copy without the heaps, which fill again when asked.
    pub fn fork(&self) -> Self {
        Self {
            shape: self.shape.clone(),
            cost: self.cost.clone(),
            supply: self.supply.clone(),
            flow: self.flow.clone(),
            seat: self.seat.clone(),
            load: self.load.clone(),
            cap: self.cap.clone(),
            price: self.price.clone(),
            sites: self.sites,
            pairs: Pairs::new(self.sites),
            work: self.work.clone(),
            steps: 0,
        }
    }

    /// The arcs that hold all patients of a group.
    pub fn held(&self, group: usize) -> std::ops::Range<usize> {
        match self.seat[group] {
            SPLIT => self.shape.of(group),
            seat => seat as usize..seat as usize + 1,
        }
    }

    /// The site of an arc.
    fn site(&self, arc: usize) -> usize {
        self.shape.site[arc] as usize
    }

    /// What an arc costs with its site's price.
    fn dear(&self, arc: usize) -> i64 {
        self.cost[arc] + self.price[self.site(arc)]
    }

    /// Places all patients of a group on its cheapest arc at today's prices. It must have none placed.
    pub fn place(&mut self, group: usize) {
        if let Some(arc) = self.shape.of(group).min_by_key(|a| self.dear(*a)) {
            self.flow[arc] = self.supply[group];
            self.seat[group] = arc as u32;
            let site = self.site(arc);
            self.load[site] += self.supply[group];
        }
    }

    /// The same groups under other figures of the sites: flows, prices and heaps stay.
    pub fn rebase(&mut self, before: &[i64], base: &[i64]) {
        for (load, (before, base)) in self.load.iter_mut().zip(before.iter().zip(base)) {
            *load += base - before;
        }
        self.steps = 0;
        // Exits of groups that came, left and came again stand in a heap more than once; not for ever.
        if self.pairs.added > EXITS_PER_ARC_MAX * self.flow.len() {
            self.forget();
        }
    }

    /// Takes the flows of a group from another network, where it has the same arcs and the same patients.
    pub fn copy(&mut self, group: usize, other: &Self, there: usize) {
        let arcs = self.shape.of(group);
        let start = other.shape.of(there).start;
        if let Some(offset) = (other.seat[there] as usize).checked_sub(start).filter(|o| *o < arcs.len()) {
            let arc = arcs.start + offset;
            self.flow[arc] = self.supply[group];
            self.seat[group] = arc as u32;
            let site = self.site(arc);
            self.load[site] += self.supply[group];
            return;
        }
        for (k, arc) in arcs.enumerate() {
            let flow = other.flow[start + k];
            let site = self.site(arc);
            self.flow[arc] = flow;
            self.load[site] += flow;
        }
    }

    /// Other costs: forgets the heaps and moves whoever no longer sits where cost and price are least.
    pub fn reprice(&mut self, cost: Arc<Vec<i64>>) {
        self.cost = cost;
        self.forget();
        for group in 0..self.shape.groups() {
            let arcs = self.shape.of(group);
            let Some(best) = arcs.clone().min_by_key(|a| self.dear(*a)) else { continue };
            let seat = self.seat[group];
            if seat as usize == best || (seat != SPLIT && self.dear(seat as usize) == self.dear(best)) {
                continue;
            }
            let least = self.dear(best);
            for arc in arcs {
                if self.flow[arc] > 0 && self.dear(arc) > least {
                    self.carry_unlisted(arc, best, group);
                }
            }
        }
    }

    /// Moves a group's patients from one arc to another while no heap is kept.
    fn carry_unlisted(&mut self, from: usize, to: usize, group: usize) {
        let moved = std::mem::take(&mut self.flow[from]);
        let (before, after) = (self.site(from), self.site(to));
        self.load[before] -= moved;
        self.load[after] += moved;
        self.flow[to] += moved;
        self.seat[group] = if self.flow[to] == self.supply[group] { to as u32 } else { SPLIT };
    }

    /// True when the step budget is spent: the flow is whole but not proved best.
    pub fn exhausted(&self) -> bool {
        self.steps >= STEPS_MAX
    }

    /// Sites that `from` can hand patients to, directly or by a chain, itself included.
    pub fn reach_of(&mut self, from: usize) -> Vec<usize> {
        let mut seen = vec![false; self.sites];
        let mut todo = vec![from];
        seen[from] = true;
        while let Some(site) = todo.pop() {
            self.build_row(site);
            for next in &self.pairs.row[site] {
                let next = *next as usize;
                if !seen[next] && self.pairs.best[site * self.sites + next] != FAR {
                    seen[next] = true;
                    todo.push(next);
                }
            }
        }
        (0..self.sites).filter(|s| seen[*s]).collect()
    }

    /// Empties the heaps; they fill again when asked.
    fn forget(&mut self) {
        for (heap, best) in self.pairs.heap.iter_mut().zip(&mut self.pairs.best) {
            heap.clear();
            *best = FAR;
        }
        self.pairs.row.iter_mut().chain(&mut self.pairs.column).for_each(Vec::clear);
        self.pairs.listed.fill(false);
        self.pairs.row_built.fill(false);
        self.pairs.column_built.fill(false);
        self.pairs.added = 0;
    }

    /// The cheapest move of a pair whose `best` is not `FAR`.
    fn top(&self, from: usize, to: usize) -> Option<Exit> {
        self.pairs.heap[from * self.sites + to].peek().map(|Reverse(exit)| *exit)
    }

    /// All exits of a site, once.
    fn build_row(&mut self, site: usize) {
        if std::mem::replace(&mut self.pairs.row_built[site], true) {
            return;
        }
        let mut exits: Vec<Vec<Reverse<Exit>>> = vec![Vec::new(); self.sites];
        let here = self.shape.at_first[site]..self.shape.at_first[site + 1];
        let held: Vec<u32> =
            here.map(|k| self.shape.at[k as usize]).filter(|a| self.flow[*a as usize] > 0).collect();
        for from in held {
            for to in self.shape.of(self.shape.group[from as usize] as usize) {
                let next = self.site(to);
                if next != site && !self.pairs.column_built[next] {
                    exits[next].push(Reverse(self.exit(from, to as u32)));
                }
            }
        }
        for (next, found) in exits.into_iter().enumerate().filter(|(_, found)| !found.is_empty()) {
            self.fill(site, next, found);
        }
    }

    /// All exits towards a site, once.
    fn build_column(&mut self, site: usize) {
        if std::mem::replace(&mut self.pairs.column_built[site], true) {
            return;
        }
        let mut exits: Vec<Vec<Reverse<Exit>>> = vec![Vec::new(); self.sites];
        for k in self.shape.at_first[site]..self.shape.at_first[site + 1] {
            let to = self.shape.at[k as usize];
            let group = self.shape.group[to as usize] as usize;
            for from in self.held(group) {
                let before = self.site(from);
                if before != site && self.flow[from] > 0 && !self.pairs.row_built[before] {
                    exits[before].push(Reverse(self.exit(from as u32, to)));
                }
            }
        }
        for (before, found) in exits.into_iter().enumerate().filter(|(_, found)| !found.is_empty()) {
            self.fill(before, site, found);
        }
    }

    /// Makes the heap of a pair of exits that are all open.
    fn fill(&mut self, from: usize, to: usize, exits: Vec<Reverse<Exit>>) {
        let pair = from * self.sites + to;
        self.list(from, to);
        self.pairs.added += exits.len();
        let heap = BinaryHeap::from(exits);
        self.pairs.best[pair] = heap.peek().map_or(FAR, |Reverse(exit)| exit.cost);
        self.pairs.heap[pair] = heap;
    }

    /// Notes that a pair has exits to look at.
    fn list(&mut self, from: usize, to: usize) {
        if !std::mem::replace(&mut self.pairs.listed[from * self.sites + to], true) {
            self.pairs.row[from].push(to as u32);
            self.pairs.column[to].push(from as u32);
        }
    }

    fn exit(&self, from: u32, to: u32) -> Exit {
        Exit { cost: self.cost[to as usize] - self.cost[from as usize], from, to }
    }

    /// Moves `amount` along an exit, keeping loads and heaps true.
    fn carry(&mut self, exit: Exit, amount: i64) {
        let (from, to) = (exit.from as usize, exit.to as usize);
        let (before, after) = (self.site(from), self.site(to));
        self.load[before] -= amount;
        self.load[after] += amount;
        self.flow[from] -= amount;
        if self.flow[from] == 0 {
            self.close_exits(from);
        }
        let fresh = self.flow[to] == 0;
        self.flow[to] += amount;
        let group = self.shape.group[to] as usize;
        self.seat[group] = if self.flow[to] == self.supply[group] { exit.to } else { SPLIT };
        if fresh {
            self.open_exits(to);
        }
    }

    /// A group has left a site: its exits from there go where they stand on top.
    fn close_exits(&mut self, arc: usize) {
        let row = self.site(arc) * self.sites;
        for to in self.shape.of(self.shape.group[arc] as usize) {
            let pair = row + self.site(to);
            let heap = &mut self.pairs.heap[pair];
            if heap.peek().is_none_or(|Reverse(top)| top.from as usize != arc) {
                continue;
            }
            while heap.peek().is_some_and(|Reverse(top)| self.flow[top.from as usize] == 0) {
                heap.pop();
            }
            self.pairs.best[pair] = heap.peek().map_or(FAR, |Reverse(top)| top.cost);
        }
    }

    /// A group has come to a site where it had nobody: its exits from there join the heaps that are kept.
    fn open_exits(&mut self, arc: usize) {
        let site = self.site(arc);
        for to in self.shape.of(self.shape.group[arc] as usize) {
            let next = self.site(to);
            if next == site || !(self.pairs.row_built[site] || self.pairs.column_built[next]) {
                continue;
            }
            let exit = self.exit(arc as u32, to as u32);
            let pair = site * self.sites + next;
            self.list(site, next);
            self.pairs.best[pair] = self.pairs.best[pair].min(exit.cost);
            self.pairs.heap[pair].push(Reverse(exit));
            self.pairs.added += 1;
        }
    }

    /// Makes the scratch ready for a search from (or towards) a site.
    fn begin(&mut self, site: usize) {
        self.work.dist.fill(FAR);
        self.work.done.fill(false);
        self.work.open.clear();
        self.reach(site, 0, site);
    }

    /// Offers a distance to a site, and the site before or after it on that chain.
    #[inline]
    fn reach(&mut self, site: usize, dist: i64, via: usize) {
        let so_far = self.work.dist[site];
        if dist < so_far {
            if so_far == FAR {
                self.work.open.push(site as u32);
            }
            self.work.dist[site] = dist;
            self.work.via[site] = via as u32;
        }
    }

    /// The nearest site not yet done, marked as done; equally near, the first in the order of sites.
    #[inline]
    fn nearest(&mut self) -> Option<(i64, usize)> {
        let key = |site: u32| (self.work.dist[site as usize], site);
        let (place, site) = self.work.open.iter().copied().enumerate().min_by_key(|(_, site)| key(*site))?;
        self.work.open.swap_remove(place);
        self.work.done[site as usize] = true;
        Some((self.work.dist[site as usize], site as usize))
    }
}

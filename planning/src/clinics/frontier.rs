//! What one session can do: for each use of the shared limits, the best choice that its minutes allow.
//!
//! Always: every choice that is not worse than another in both worth and use is in it, or `whole` is false and `at_most`
//! says what those left out could be worth at most; whatever is looked at is counted, and once the budget is used up no
//! loop is longer than `LABELS_LATE_MAX`. Called by `exact`; proved through it by `tests/clinics_brute_force.rs`, and the
//! counting by `tests/clinics_hostile.rs`.

// Indices are places in the lists that are handed in.
#![allow(clippy::indexing_slicing)]

use super::instance::Limits;
use super::worth::Worth;
use std::collections::BTreeMap;

/// Units of each shared limit.
pub type Spent = [u32; Limits::SHARED_MAX];

/// A booking that could be kept, as the search sees it.
#[derive(Debug, Clone, Copy)]
pub struct Item {
    /// Index of the booking.
    pub booking: usize,
    /// Minutes.
    pub minutes: u32,
    /// Units of the limits that bind.
    pub uses: Spent,
    /// What keeping it is worth.
    pub worth: Worth,
}

/// A choice of one session.
#[derive(Debug, Clone, Copy)]
pub struct Point {
    /// What it uses.
    pub spent: Spent,
    /// What it is worth.
    pub worth: Worth,
    /// Its last taken item in the frontier's chain.
    last: u32,
}

/// The choices of one session that are worth looking at.
#[derive(Debug, Clone)]
pub struct Frontier {
    /// Choices, by use.
    pub points: Vec<Point>,
    /// No choice of the session is worth more.
    pub at_most: Worth,
    /// False when choices were left out, because there were too many.
    pub whole: bool,
    chain: Chain,
}

impl Frontier {
    /// Bookings that a choice keeps.
    pub fn kept(&self, point: &Point) -> Vec<usize> {
        let mut kept = Vec::new();
        let mut last = point.last;
        while last != 0 {
            let (before, booking) = self.chain[last as usize];
            kept.push(booking as usize);
            last = before;
        }
        kept
    }
}

/// How much the search may do: counted, so that the same list gives the same answer on every machine.
#[derive(Debug, Clone, Copy)]
pub struct Budget {
    steps_left: u64,
    labels_max: usize,
    /// Steps so far, also those past the end of the budget.
    pub steps: u64,
}

/// Labels kept side by side once the steps are used up: the search then runs to its end, and no longer proves.
const LABELS_LATE_MAX: usize = 32;
/// Looking at two choices side by side is so much less than making a label.
pub const LOOKS_A_STEP: usize = 16;
/// A choice that is kept for later has its price, for its room.
const STEPS_A_POINT: usize = 8;

impl Budget {
    /// A budget of so many labels looked at, of which so many are kept side by side.
    pub fn new(steps_max: u64, labels_max: usize) -> Self {
        Self { steps_left: steps_max, labels_max: labels_max.max(1), steps: 0 }
    }

    /// Counts steps.
    pub fn spend(&mut self, steps: usize) {
        self.steps = self.steps.saturating_add(steps as u64);
        self.steps_left = self.steps_left.saturating_sub(steps as u64);
    }

    /// Whether nothing is left.
    pub fn used_up(&self) -> bool {
        self.steps_left == 0
    }

    /// Labels that may be kept side by side now.
    pub fn labels(&self) -> usize {
        if self.used_up() { LABELS_LATE_MAX.min(self.labels_max) } else { self.labels_max }
    }

    /// Pairs of a label and a choice that may be put together now.
    pub fn pairs(&self) -> usize {
        let late = LABELS_LATE_MAX * LABELS_LATE_MAX;
        usize::try_from(self.steps_left).unwrap_or(usize::MAX).max(late)
    }

    /// Spends steps on something that can be done without, if a sixteenth of what is left is enough for it.
    pub fn affords(&mut self, steps: usize) -> bool {
        let affords = steps as u64 <= self.steps_left / 16;
        if affords {
            self.spend(steps);
        }
        affords
    }
}

/// `a` and `b` together, or `None` when that is over the limits.
pub fn together(a: &Spent, b: &Spent, limits: &Spent) -> Option<Spent> {
    let mut sum = *a;
    for (slot, (more, most)) in sum.iter_mut().zip(b.iter().zip(limits)) {
        *slot = slot.saturating_add(*more);
        if *slot > *most {
            return None;
        }
    }
    Some(sum)
}

#[derive(Debug, Clone, Copy)]
struct Label {
    minutes: u32,
    worth: Worth,
    /// Its last taken item in the chain.
    last: u32,
}

/// Items taken, each pointing to the one before: 0 is the beginning.
type Chain = Vec<(u32, u32)>;

/// The choices of a session with so many minutes. Items in the order of their names.
pub fn frontier(items: &[Item], minutes: u32, limits: &Spent, budget: &mut Budget) -> Frontier {
    let all: u64 = items.iter().map(|i| u64::from(i.minutes)).sum();
    let sharing = items.iter().any(|i| i.uses != Spent::default());
    if all <= u64::from(minutes) && !sharing {
        budget.spend(items.len());
        let worth = items.iter().map(|i| i.worth).sum();
        let chain: Chain = std::iter::once((0, 0))
            .chain(items.iter().enumerate().map(|(before, item)| (before as u32, item.booking as u32)))
            .collect();
        let points = vec![Point { spent: Spent::default(), worth, last: items.len() as u32 }];
        return Frontier { points, at_most: worth, whole: true, chain };
    }
    let mut search = Search { chain: vec![(0, 0)], dropped: None, at: BTreeMap::new() };
    search.at.insert(Spent::default(), vec![Label { minutes: 0, worth: Worth::default(), last: 0 }]);
    let mut rest: Worth = items.iter().map(|i| i.worth).sum();
    for item in items {
        let most = rest;
        rest = Worth::less(most, item.worth);
        search.take(item, minutes, limits, budget);
        search.thin(rest, budget);
    }
    search.points(items, budget)
}

struct Search {
    chain: Chain,
    /// The most that any label left out could have become.
    dropped: Option<Worth>,
    /// Labels by use; in each, more minutes only for more worth.
    at: BTreeMap<Spent, Vec<Label>>,
}

impl Search {
    /// Every label again with this item, where it fits.
    fn take(&mut self, item: &Item, minutes: u32, limits: &Spent, budget: &mut Budget) {
        let mut longer: Vec<(Spent, Vec<Label>)> = Vec::new();
        for (spent, labels) in &self.at {
            budget.spend(labels.len());
            let Some(sum) = together(spent, &item.uses, limits) else { continue };
            let mut taken = Vec::new();
            for label in labels.iter().take_while(|l| l.minutes + item.minutes <= minutes) {
                let last = self.chain.len() as u32;
                self.chain.push((label.last, item.booking as u32));
                taken.push(Label {
                    minutes: label.minutes + item.minutes,
                    worth: label.worth + item.worth,
                    last,
                });
            }
            if !taken.is_empty() {
                longer.push((sum, taken));
            }
        }
        for (spent, taken) in longer {
            let labels = self.at.entry(spent).or_default();
            *labels = merged(labels, &taken);
        }
    }

    /// Leaves out the least hopeful labels when there are too many, and remembers what they could have become.
    fn thin(&mut self, rest: Worth, budget: &mut Budget) {
        let most = budget.labels();
        let count: usize = self.at.values().map(Vec::len).sum();
        if count <= most {
            return;
        }
        budget.spend(count);
        let mut worths: Vec<Worth> = self.at.values().flatten().map(|l| l.worth).collect();
        worths.sort_unstable_by(|a, b| b.cmp(a));
        let least = worths[most - 1];
        let mut room = most;
        for labels in self.at.values_mut() {
            labels.retain(|label| {
                let stays = label.worth >= least && room > 0;
                if stays {
                    room -= 1;
                } else {
                    self.dropped = self.dropped.max(Some(label.worth + rest));
                }
                stays
            });
        }
        self.at.retain(|_, labels| !labels.is_empty());
    }

    fn points(self, items: &[Item], budget: &mut Budget) -> Frontier {
        let mut points: Vec<Point> = Vec::new();
        for (spent, labels) in &self.at {
            let Some(best) = labels.last() else { continue };
            // By use, ascending: whoever is no worse and uses no more stands before. One that is beaten does no harm, and
            // with many choices the looking is what costs.
            let beaten = |points: &[Point]| {
                points.iter().any(|p| {
                    p.worth >= best.worth && p.spent.iter().zip(spent).all(|(less, more)| less <= more)
                })
            };
            if budget.used_up() || !beaten(&points) {
                points.push(Point { spent: *spent, worth: best.worth, last: best.last });
            }
            if !budget.used_up() {
                budget.spend(points.len() / LOOKS_A_STEP + 1);
            }
        }
        let best = points.iter().map(|p| p.worth).max().unwrap_or_default();
        let everything: Worth = items.iter().map(|i| i.worth).sum();
        let at_most = self.dropped.map_or(best, |dropped| dropped.max(best).min(everything));
        let whole = self.dropped.is_none() && points.len() <= budget.labels();
        if points.len() > budget.labels() {
            // The one that uses least leaves the others most; then the best.
            if let Some((_, others)) = points.split_first_mut() {
                others.sort_by_key(|point| std::cmp::Reverse(point.worth));
            }
            points.truncate(budget.labels());
            points.sort_by_key(|point| point.spent);
        }
        budget.spend(points.len() * STEPS_A_POINT);
        Frontier { points, at_most, whole, chain: self.chain }
    }
}

/// Two lists as one, without whoever takes more minutes for no more worth. Of equals the first list's stays.
fn merged(a: &[Label], b: &[Label]) -> Vec<Label> {
    let mut both: Vec<Label> = Vec::with_capacity(a.len() + b.len());
    let (mut x, mut y) = (0, 0);
    while x < a.len() || y < b.len() {
        let first = y >= b.len()
            || (x < a.len()
                && (a[x].minutes, std::cmp::Reverse(a[x].worth))
                    <= (b[y].minutes, std::cmp::Reverse(b[y].worth)));
        let next = if first { a[x] } else { b[y] };
        if first {
            x += 1;
        } else {
            y += 1;
        }
        if both.last().is_none_or(|last: &Label| last.worth < next.worth) {
            both.push(next);
        }
    }
    both
}

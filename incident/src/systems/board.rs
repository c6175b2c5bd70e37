//! The systems board: tiles per site, the worst first, with what they need and what needs them.

use super::{Report, Standing, SystemId, SystemState, Systems};
use crate::Ground;
use basics::{Moment, SiteId};
use std::collections::{BTreeMap, BTreeSet};

/// Another system beside this one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Neighbour {
    /// Its name as written.
    pub name: String,
    /// Which, where it is listed.
    pub id: Option<SystemId>,
    /// Its state; unknown when not listed.
    pub state: SystemState,
}

/// A stretch of the history strip.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HistoryStretch {
    /// The state.
    pub state: SystemState,
    /// From when, as the clock said.
    pub from: Moment,
    /// Until when; `None` for now. Never before `from`, whatever the clock did.
    pub until: Option<Moment>,
    /// What was said.
    pub note: String,
}

/// One system.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SystemTile {
    /// Which.
    pub id: SystemId,
    /// Its name.
    pub name: String,
    /// Who looks after it.
    pub owner: String,
    /// What to do without it.
    pub workaround: String,
    /// How it is, since when, told by whom.
    pub standing: Standing,
    /// What it needs.
    pub needs: Vec<Neighbour>,
    /// What it needs, at any remove, that is not working.
    pub held_up_by: Vec<Neighbour>,
    /// What needs it directly.
    pub needed_by: Vec<Neighbour>,
    /// In which order it is to be brought back.
    pub recovery_order: Option<u32>,
    /// The history strip, the oldest first.
    pub history: Vec<HistoryStretch>,
}

/// Systems of one site.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SiteSystems {
    /// The site; `None` for systems of the whole trust.
    pub site: Option<SiteId>,
    /// Its systems: the worst first, then by name.
    pub tiles: Vec<SystemTile>,
    /// How many in which state.
    pub counts: StateCounts,
}

/// How many systems are in which state.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[allow(missing_docs)]
pub struct StateCounts {
    pub working: usize,
    pub degraded: usize,
    pub infected: usize,
    pub isolated: usize,
    pub unknown: usize,
}

impl StateCounts {
    /// One more.
    pub fn add(&mut self, state: SystemState) {
        *match state {
            SystemState::Working => &mut self.working,
            SystemState::Degraded => &mut self.degraded,
            SystemState::Infected => &mut self.infected,
            SystemState::Isolated => &mut self.isolated,
            SystemState::Unknown => &mut self.unknown,
        } += 1;
    }

    /// All of them.
    pub fn total(&self) -> usize {
        self.working + self.degraded + self.infected + self.isolated + self.unknown
    }

    /// "3 infected, 2 isolated on purpose, 1 unknown, 40 working"; what is nought is left out.
    pub fn words(&self) -> String {
        let parts = [
            (self.infected, "infected"),
            (self.isolated, "isolated on purpose"),
            (self.degraded, "degraded"),
            (self.unknown, "unknown"),
            (self.working, "working"),
        ];
        let said: Vec<String> =
            parts.iter().filter(|(n, _)| *n > 0).map(|(n, word)| format!("{n} {word}")).collect();
        if said.is_empty() { "no systems listed".to_owned() } else { said.join(", ") }
    }
}

/// The whole board.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SystemsBoard {
    /// The ground on which this is so.
    pub ground: Ground,
    /// Systems of the whole trust first, then the sites by name.
    pub sites: Vec<SiteSystems>,
    /// How many in which state, all together.
    pub counts: StateCounts,
    /// Reports that nobody has dealt with, the oldest first.
    pub waiting: Vec<Report>,
    /// Systems that are not working, in the order in which they are to be brought back.
    pub recovery: Vec<SystemId>,
}

impl Systems {
    /// The board of a ground.
    pub fn board(&self, ground: Ground) -> SystemsBoard {
        let needed = self.needed();
        let mut sites: Vec<SiteSystems> = Vec::new();
        let mut counts = StateCounts::default();
        let mut recovery: Vec<(u32, SystemId)> = Vec::new();
        for (id, listing) in self.all() {
            let needed_by = needed.get(&id).into_iter().flatten().map(|by| self.named(ground, *by)).collect();
            let tile = self.tile(ground, id, listing, needed_by);
            counts.add(tile.standing.state);
            if tile.standing.state != SystemState::Working {
                recovery.push((listing.recovery_order.unwrap_or(u32::MAX), id));
            }
            let at = sites.iter().position(|s| s.site == listing.site).unwrap_or_else(|| {
                sites.push(SiteSystems {
                    site: listing.site.clone(),
                    tiles: Vec::new(),
                    counts: StateCounts::default(),
                });
                sites.len() - 1
            });
            if let Some(site) = sites.get_mut(at) {
                site.counts.add(tile.standing.state);
                site.tiles.push(tile);
            }
        }
        for site in &mut sites {
            site.tiles
                .sort_by(|a, b| (a.standing.state.rank(), &a.name).cmp(&(b.standing.state.rank(), &b.name)));
        }
        sites.sort_by(|a, b| a.site.cmp(&b.site));
        recovery.sort();
        let waiting = self.reports(ground).iter().filter(|r| r.settled.is_none()).cloned().collect();
        SystemsBoard {
            ground,
            sites,
            counts,
            waiting,
            recovery: recovery.into_iter().map(|(_, id)| id).collect(),
        }
    }

    fn tile(
        &self,
        ground: Ground,
        id: SystemId,
        listing: &super::Listing,
        needed_by: Vec<Neighbour>,
    ) -> SystemTile {
        let standing = self.standing(ground, id);
        let needs: Vec<Neighbour> = listing
            .depends_on
            .iter()
            .map(|name| self.neighbour(ground, listing.site.as_ref(), name))
            .collect();
        SystemTile {
            id,
            name: listing.name.clone(),
            owner: listing.owner.clone(),
            workaround: listing.workaround.clone(),
            held_up_by: self.held_up_by(ground, id),
            needed_by,
            needs,
            recovery_order: listing.recovery_order,
            history: strip(&standing),
            standing,
        }
    }

    fn neighbour(&self, ground: Ground, site: Option<&SiteId>, name: &str) -> Neighbour {
        let id = self.find(site, name);
        let state = id.map_or(SystemState::Unknown, |id| self.state(ground, id));
        Neighbour { name: name.to_owned(), id, state }
    }

    /// What a system needs, at any remove, that is not working. Rings of dependencies end where they began.
    fn held_up_by(&self, ground: Ground, id: SystemId) -> Vec<Neighbour> {
        let mut seen = BTreeSet::from([id]);
        let mut todo = vec![id];
        let mut out: Vec<Neighbour> = Vec::new();
        while let Some(id) = todo.pop() {
            let Some(listing) = self.listing(id) else { continue };
            for name in &listing.depends_on {
                let neighbour = self.neighbour(ground, listing.site.as_ref(), name);
                let new = neighbour.id.is_none_or(|id| seen.insert(id));
                todo.extend(neighbour.id.filter(|_| new));
                if new && neighbour.id.is_some() && neighbour.state != SystemState::Working {
                    out.push(neighbour);
                }
            }
        }
        out.sort_by(|a, b| (a.state.rank(), &a.name).cmp(&(b.state.rank(), &b.name)));
        out
    }

    /// For each system, those that need it directly.
    fn needed(&self) -> BTreeMap<SystemId, Vec<SystemId>> {
        let mut needed: BTreeMap<SystemId, Vec<SystemId>> = BTreeMap::new();
        for (id, listing) in self.all() {
            for name in &listing.depends_on {
                if let Some(need) = self.find(listing.site.as_ref(), name) {
                    let by = needed.entry(need).or_default();
                    if by.last() != Some(&id) {
                        by.push(id);
                    }
                }
            }
        }
        needed
    }

    fn named(&self, ground: Ground, id: SystemId) -> Neighbour {
        let name = self.listing(id).map_or_else(String::new, super::Listing::words);
        Neighbour { name, id: Some(id), state: self.state(ground, id) }
    }
}

/// The history as stretches of one state each.
fn strip(standing: &Standing) -> Vec<HistoryStretch> {
    let mut out: Vec<HistoryStretch> = Vec::new();
    for (stamp, state, note) in &standing.history {
        match out.last_mut() {
            Some(last) if last.state == *state => continue,
            Some(last) => last.until = Some(stamp.at.max(last.from)),
            None => {}
        }
        let from = out.last().and_then(|last| last.until).unwrap_or(stamp.at);
        out.push(HistoryStretch { state: *state, from, until: None, note: note.clone() });
    }
    out
}

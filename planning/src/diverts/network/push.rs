//! Whoever is over its cap hands patients on: along the cheapest chain of sites to one with room.
//!
//! Always: afterwards every site is within its cap, or is named as stuck: none of the sites it can hand patients to,
//! however long the chain, has room. That closed set is the minimum cut. Never: a chain that could have been cheaper
//! (prices rise by exactly what the search found, so no pair of sites is left with a move that gains).
//! A target with room may still have a price after caps were raised; `pull` puts that right.

use super::{FAR, Network};

impl Network {
    /// Brings every site within its cap where that is possible; the others are returned, ascending.
    pub fn push(&mut self) -> Vec<usize> {
        self.work.dead.fill(false);
        let mut stuck = Vec::new();
        for site in 0..self.sites {
            while self.load[site] > self.cap[site] {
                if self.exhausted() || self.work.dead[site] || !self.hand_on(site) {
                    stuck.push(site);
                    break;
                }
            }
        }
        stuck
    }

    /// One chain from an overloaded site; false when there is no room anywhere it leads.
    fn hand_on(&mut self, from: usize) -> bool {
        self.steps += 1;
        self.begin(from);
        let mut found = None;
        while let Some((dist, site)) = self.nearest() {
            if self.load[site] < self.cap[site] {
                found = Some((dist, site));
                break;
            }
            self.build_row(site);
            let so_far = dist - self.price[site];
            // Sites known to lead nowhere are searched too: their prices must rise with those of who can reach them.
            for k in 0..self.pairs.row[site].len() {
                let next = self.pairs.row[site][k] as usize;
                let cost = self.pairs.best[site * self.sites + next];
                if cost != FAR {
                    self.reach(next, so_far + cost + self.price[next], site);
                }
            }
        }
        let Some((dist, to)) = found else {
            // Everything just seen leads nowhere, and nothing pushed later in this round can change that.
            for site in 0..self.sites {
                self.work.dead[site] |= self.work.done[site];
            }
            return false;
        };
        for site in 0..self.sites {
            if self.work.done[site] {
                self.price[site] += dist - self.work.dist[site];
            }
        }
        self.move_along(from, to);
        true
    }

    fn move_along(&mut self, from: usize, to: usize) {
        let mut amount = (self.load[from] - self.cap[from]).min(self.cap[to] - self.load[to]);
        let mut site = to;
        while site != from {
            let before = self.work.via[site] as usize;
            amount = amount.min(self.top(before, site).map_or(0, |exit| self.flow[exit.from as usize]));
            site = before;
        }
        let mut site = to;
        while site != from {
            let before = self.work.via[site] as usize;
            // A move changes exits from its own two sites only, so the next hop's top is what the search saw.
            if let Some(exit) = self.top(before, site) {
                self.carry(exit, amount);
            }
            site = before;
        }
    }
}

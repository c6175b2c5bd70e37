//! A site with room and a price draws patients back: along the cheapest chain from wherever it gains most.
//!
//! Always: afterwards no site with room has a price, which with `push`'s promise makes the flow the cheapest there is
//! under the caps. Never: a site over its cap because of it; who gives patients only gets lighter.

use super::{FAR, Network};

impl Network {
    /// Restores the cheapest flow under the caps, given that pairs are in order and caps are kept.
    pub fn pull(&mut self) {
        for site in 0..self.sites {
            while self.load[site] < self.cap[site] && self.price[site] > 0 && !self.exhausted() {
                self.draw(site);
            }
        }
    }

    /// One chain towards a site with room, or its price falls to nothing.
    fn draw(&mut self, to: usize) {
        self.steps += 1;
        self.begin(to);
        let mut fall = self.price[to];
        let mut giver = None;
        while let Some((dist, site)) = self.nearest() {
            if dist >= fall {
                break;
            }
            if site != to && self.price[site] + dist < fall {
                fall = self.price[site] + dist;
                giver = Some(site);
            }
            self.build_column(site);
            let so_far = dist + self.price[site];
            for k in 0..self.pairs.column[site].len() {
                let before = self.pairs.column[site][k] as usize;
                let cost = self.pairs.best[before * self.sites + site];
                if cost != FAR {
                    self.reach(before, so_far + cost - self.price[before], site);
                }
            }
        }
        for site in 0..self.sites {
            self.price[site] -= fall.saturating_sub(self.work.dist[site]).max(0);
        }
        if let Some(from) = giver {
            self.move_back(from, to);
        }
    }

    fn move_back(&mut self, from: usize, to: usize) {
        let mut amount = self.cap[to] - self.load[to];
        let mut site = from;
        while site != to {
            let after = self.work.via[site] as usize;
            amount = amount.min(self.top(site, after).map_or(0, |exit| self.flow[exit.from as usize]));
            site = after;
        }
        let mut site = from;
        while site != to {
            let after = self.work.via[site] as usize;
            if let Some(exit) = self.top(site, after) {
                self.carry(exit, amount);
            }
            site = after;
        }
    }
}

//! Small random instances with everything that can happen in them, from a seed.
//!
//! Always: the same seed gives the same instance. Values are decimals as people would type them, so that equal loads,
//! equal times and exact caps happen often.
#![allow(dead_code)]

pub mod clinics;

use planning::diverts::{
    Current, Instance, Pathway, PathwayKind, PathwaySet, Site, Status, TravelTime, Zone,
};

/// A generator of numbers (SplitMix64), good enough to draw cases.
pub struct Chance(u64);

impl Chance {
    pub fn of(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ 0x2545_F491_4F6C_DD1D)
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// From 0 to `below` − 1.
    pub fn below(&mut self, below: usize) -> usize {
        (self.next() % below.max(1) as u64) as usize
    }

    /// A decimal from 0 to `most` with `places` after the point.
    pub fn decimal(&mut self, most: f64, places: i32) -> f64 {
        let scale = 10f64.powi(places);
        (self.below((most * scale) as usize + 1)) as f64 / scale
    }

    pub fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    pub fn shuffle<T>(&mut self, list: &mut [T]) {
        for k in (1..list.len()).rev() {
            list.swap(k, self.below(k + 1));
        }
    }
}

fn pathways() -> Vec<Pathway> {
    let one = |id: &str, limit_min: f64, weight: f64, kind| Pathway {
        id: id.to_owned(),
        name: id.to_lowercase(),
        limit_min,
        weight,
        kind,
    };
    vec![
        one("RES", 30.0, 5.0, PathwayKind::Resuscitation),
        one("GEN", 45.0, 1.0, PathwayKind::Usual),
        one("CT", 40.0, 1.5, PathwayKind::Usual),
        one("TRA", 45.0, 4.0, PathwayKind::StandIn(2)),
    ]
}

fn site(chance: &mut Chance, number: usize) -> Site {
    let cap_per_h = if chance.one_in(25) { 0.0 } else { 0.5 + chance.decimal(3.0, 1) };
    Site {
        name: format!("Site {number:02}"),
        trust: None,
        postcode: None,
        place: None,
        able: (0..4).filter(|_| !chance.one_in(4)).collect(),
        off: if chance.one_in(4) { std::iter::once(chance.below(4)).collect() } else { PathwaySet::NONE },
        status: match chance.below(8) {
            0 => Status::Divert,
            1 => Status::Closed,
            _ => Status::Open,
        },
        cap_per_h,
        usual_cap_per_h: cap_per_h,
        servers: 3.0,
        walkin_per_h: chance.decimal(1.5, 1),
        usual_walkin_per_h: 1.0,
        background_per_h: chance.decimal(0.3, 1),
        queue: chance.decimal(3.0, 0),
        usual_load: chance.decimal(1.1, 2),
    }
}

/// An instance of up to 5 sites and 6 zones.
pub fn instance(seed: u64) -> Instance {
    let mut chance = Chance::of(seed);
    let sites: Vec<Site> = (0..1 + chance.below(5)).map(|n| site(&mut chance, n)).collect();
    let crowded = chance.one_in(2);
    let zones =
        (0..1 + chance.below(6))
            .map(|number| Zone {
                name: format!("Zone {number:02}"),
                service: None,
                place: None,
                demand: (0..4)
                    .map(|_| {
                        if chance.one_in(3) {
                            0.0
                        } else {
                            chance.decimal(if crowded { 1.5 } else { 0.6 }, 2)
                        }
                    })
                    .collect(),
                times: (0..sites.len())
                    .filter_map(|site| {
                        let places = i32::from(chance.one_in(2));
                        let minutes = 5.0 + chance.decimal(50.0, places);
                        (!chance.one_in(6)).then_some(TravelTime { site, minutes, estimated: false })
                    })
                    .collect(),
            })
            .collect();
    Instance {
        name: format!("random {seed}"),
        horizon_h: 4.0,
        target_load: 0.92,
        switch_penalty_min: 2.0,
        service_h: 2.5,
        pathways: pathways(),
        sites,
        zones,
        current: Current::Nearest,
    }
}

/// How many seeds a test tries, and how to play one again.
pub fn seeds(ordinarily: u64) -> std::ops::Range<u64> {
    if let Some(one) = std::env::var("LIFEBOAT_SEED").ok().and_then(|s| s.parse().ok()) {
        return one..one + 1;
    }
    0..if std::env::var_os("LIFEBOAT_TORTURE").is_some() { ordinarily.max(10_000) * 10 } else { ordinarily }
}

/// Panics with what went wrong and how to play it again.
pub fn fail(seed: u64, what: &str) -> ! {
    panic!("seed {seed}: {what}\nplay again: LIFEBOAT_SEED={seed} cargo test -p planning")
}

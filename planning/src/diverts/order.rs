//! One order for sites and zones, whatever order they were given in.
//!
//! Always: by name, then postcode or place, so that a plan does not change when somebody sorts the file. Ties between
//! equally near sites still go by the instance's own order, as its rules say. Called by `reach` and `planner`.

use super::instance::{Coordinates, Instance};
use std::cmp::Ordering;

/// Where everything stands in the order of planning.
#[derive(Debug, Clone, Default)]
pub struct Order {
    /// Rank → index in the instance.
    pub sites: Vec<usize>,
    /// Index in the instance → rank.
    pub rank: Vec<u32>,
    /// Zones of the instance, by rank.
    pub zones: Vec<usize>,
}

impl Order {
    /// The order of an instance.
    pub fn of(instance: &Instance) -> Self {
        let mut sites: Vec<usize> = (0..instance.sites.len()).collect();
        sites.sort_by(|a, b| match (instance.sites.get(*a), instance.sites.get(*b)) {
            (Some(x), Some(y)) => x
                .name
                .cmp(&y.name)
                .then_with(|| x.postcode.cmp(&y.postcode))
                .then_with(|| place(x.place, y.place)),
            _ => Ordering::Equal,
        });
        let mut rank = vec![0u32; sites.len()];
        for (position, site) in (0u32..).zip(&sites) {
            if let Some(slot) = rank.get_mut(*site) {
                *slot = position;
            }
        }
        let mut zones: Vec<usize> = (0..instance.zones.len()).collect();
        zones.sort_by(|a, b| match (instance.zones.get(*a), instance.zones.get(*b)) {
            (Some(x), Some(y)) => x.name.cmp(&y.name).then_with(|| place(x.place, y.place)),
            _ => Ordering::Equal,
        });
        Self { sites, rank, zones }
    }
}

fn place(a: Option<Coordinates>, b: Option<Coordinates>) -> Ordering {
    let parts = |c: Option<Coordinates>| c.map_or((f64::MIN, f64::MIN), |c| (c.lat, c.lon));
    let (a, b) = (parts(a), parts(b));
    a.0.total_cmp(&b.0).then_with(|| a.1.total_cmp(&b.1))
}

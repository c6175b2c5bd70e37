//! The same region with other capacities: does a policy still help when the departments' figures are others?
//!
//! Always: a site that is affected keeps the share of its usual capacity that it had; sites that treat no general
//! emergencies stay as they are; the same draw gives the same region. The range of loads is that of the region itself.
//! Called by the figures and their tests; proved by `a_draw_changes_capacities_and_nothing_else`.

use crate::chance::Chance;
use planning::diverts::Instance;

/// Sites emptier than this on a usual day are specialist centres, not emergency departments.
const DEPARTMENT_LOAD_MIN: f64 = 0.3;

/// The instance with each department's usual load drawn anew between the lowest and the highest of the region, and its
/// capacity and places to match.
pub fn capacities_drawn(instance: &Instance, draw: u64) -> Instance {
    let mut drawn = instance.clone();
    let is_department = |load: f64| load >= DEPARTMENT_LOAD_MIN;
    let loads = instance.sites.iter().map(|s| s.usual_load).filter(|l| is_department(*l));
    let (low, high) =
        loads.fold((f64::INFINITY, 0.0), |(low, high), l| (f64::min(low, l), f64::max(high, l)));
    for (number, site) in drawn.sites.iter_mut().enumerate().filter(|(_, s)| is_department(s.usual_load)) {
        let mut dice = Chance::new(draw).fork(number as u64 + 1);
        let load = low + dice.fraction() * (high - low);
        let times = site.usual_load / load;
        site.usual_load = load;
        site.usual_cap_per_h *= times;
        site.cap_per_h *= times;
        site.servers = (site.cap_per_h * instance.service_h).round().max(1.0);
    }
    drawn.name = format!("{} (capacities drawn anew, {draw})", instance.name);
    drawn
}

#[cfg(test)]
mod tests {
    use super::super::region_of_three;
    use super::*;

    #[test]
    fn a_draw_changes_capacities_and_nothing_else() {
        let region = region_of_three();
        let drawn = capacities_drawn(&region, 3);
        assert_eq!(drawn, capacities_drawn(&region, 3));
        assert_ne!(drawn.sites, capacities_drawn(&region, 4).sites);
        assert_eq!((&drawn.zones, &drawn.pathways), (&region.zones, &region.pathways));
        for (new, old) in drawn.sites.iter().zip(&region.sites) {
            assert!((0.7..=0.9).contains(&new.usual_load));
            let demand = |s: &planning::diverts::Site| s.usual_load * s.usual_cap_per_h;
            assert!((demand(new) - demand(old)).abs() < 1e-9, "the patients are the same");
            assert!((new.cap_per_h / new.usual_cap_per_h - old.cap_per_h / old.usual_cap_per_h).abs() < 1e-9);
            assert_eq!((new.walkin_per_h, new.status), (old.walkin_per_h, old.status));
        }
    }
}

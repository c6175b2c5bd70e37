//! Travel times when nobody has any: the great circle, a stated factor, and a mark that says so.
//!
//! Always: every time made here is marked `estimated`, and the mark goes with the flow to whoever reads the plan.
//! Called by `Matrix::fit`, the command line and `reach` (least bad answers); proved by distances that others publish.

use super::instance::{Coordinates, Instance, Limits, TravelTime};
use serde::{Deserialize, Serialize};

/// Mean radius of the Earth, km (IUGG).
const EARTH_RADIUS_KM: f64 = 6_371.008_8;

/// How a distance becomes minutes.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct EstimateRule {
    /// Road kilometres for one kilometre as the crow flies.
    pub factor: f64,
    /// Speed on the road, km/h.
    pub km_per_h: f64,
    /// Minutes for getting onto the road and off it.
    pub start_min: f64,
    /// Times beyond this are left out, minutes.
    pub minutes_max: f64,
}

/// Fitted to road times of English hospitals under an hour; off by 4 to 6 minutes on average.
impl Default for EstimateRule {
    fn default() -> Self {
        Self { factor: 1.3, km_per_h: 90.0, start_min: 14.0, minutes_max: 120.0 }
    }
}

impl EstimateRule {
    /// Minutes between two places, never more than a day.
    pub fn minutes(&self, from: Coordinates, to: Coordinates) -> f64 {
        let minutes = self.start_min + great_circle_km(from, to) * self.factor / self.km_per_h * 60.0;
        minutes.clamp(0.0, Limits::MINUTES_MAX)
    }

    /// In words: "great circle × 1.4 at 55 km/h and 5 min".
    pub fn words(&self) -> String {
        format!("great circle × {} at {} km/h and {} min", self.factor, self.km_per_h, self.start_min)
    }
}

/// Kilometres along the great circle (haversine formula).
pub fn great_circle_km(from: Coordinates, to: Coordinates) -> f64 {
    let half = |a: f64, b: f64| ((b - a).to_radians() / 2.0).sin().powi(2);
    let h = half(from.lat, to.lat)
        + from.lat.to_radians().cos() * to.lat.to_radians().cos() * half(from.lon, to.lon);
    2.0 * EARTH_RADIUS_KM * h.clamp(0.0, 1.0).sqrt().asin()
}

/// Gives every zone without travel times estimated ones, to every site within `minutes_max`; how many zones got some.
pub fn estimate_times(instance: &mut Instance, rule: &EstimateRule) -> usize {
    let sites: Vec<Option<Coordinates>> = instance.sites.iter().map(|s| s.place).collect();
    let mut zones = 0;
    for zone in instance.zones.iter_mut().filter(|z| z.times.is_empty()) {
        let Some(from) = zone.place else { continue };
        zone.times = estimated(rule, from, sites.iter().copied().enumerate()).collect();
        zones += usize::from(!zone.times.is_empty());
    }
    zones
}

/// Estimated times from a place to those sites whose place is known.
pub(super) fn estimated(
    rule: &EstimateRule,
    from: Coordinates,
    sites: impl Iterator<Item = (usize, Option<Coordinates>)>,
) -> impl Iterator<Item = TravelTime> {
    sites
        .filter_map(move |(site, place)| {
            Some(TravelTime { site, minutes: rule.minutes(from, place?), estimated: true })
        })
        .filter(move |t| t.minutes <= rule.minutes_max)
}

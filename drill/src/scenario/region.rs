//! The drill's region: where its hospitals and zones lie, what they take and from where calls come, for the planner.
//!
//! Always: made of the drill's own lines, so that a test, an exercise and a browser plan for the same region; travel times
//! are estimates and marked so. Read by `read`; used by `play::respond` and, as a file, by the program.

use super::Scenario;
use super::words::Line;
use basics::{Moment, SiteId};
use control_room::Region;
use incident::diverts::Pathway;
use planning::diverts::{EstimateRule, estimate_times, read_instance};
use serde_json::{Value, json};

/// Where a hospital lies and what it takes.
#[derive(Clone, PartialEq, Debug)]
pub struct Place {
    /// Which.
    pub site: SiteId,
    /// Degrees north and east.
    pub at: (f64, f64),
    /// Patients an hour with all its staff.
    pub per_h: f64,
}

/// Where calls come from.
#[derive(Clone, PartialEq, Debug)]
pub struct CallZone {
    /// Its name.
    pub name: String,
    /// Degrees north and east.
    pub at: (f64, f64),
    /// Ambulances an hour.
    pub per_h: f64,
}

/// Codes of the planner's pathways, their names, limits in minutes, weights, and their share of the calls.
const PATHWAYS: [(&str, &str, u32, f64, f64); 7] = [
    ("RES", "resuscitation", 45, 5.0, 0.05),
    ("TRA", "major trauma", 60, 3.0, 0.03),
    ("STR", "stroke", 60, 2.0, 0.06),
    ("STE", "heart attack", 60, 2.0, 0.03),
    ("PAE", "children", 60, 1.5, 0.12),
    ("MAT", "obstetrics", 60, 1.5, 0.04),
    ("GEN", "general", 60, 1.0, 0.67),
];
/// Staffed places for one patient an hour.
const PLACES_PER_H: f64 = 2.5;

/// `place "SITE" at 54.73 1.86 takes 9`
pub(super) fn place(line: &mut Line) -> Result<Place, String> {
    let name = line.value()?;
    let site = SiteId::new(&name).ok_or_else(|| format!("{name} is no hospital"))?;
    let at = at(line)?;
    line.keyword("takes")?;
    Ok(Place { site, at, per_h: amount(line)? })
}

/// `zone "NAME" at 54.73 1.86 calls 2.4`
pub(super) fn zone(line: &mut Line) -> Result<CallZone, String> {
    let name = line.value()?;
    let at = at(line)?;
    line.keyword("calls")?;
    Ok(CallZone { name, at, per_h: amount(line)? })
}

fn at(line: &mut Line) -> Result<(f64, f64), String> {
    line.keyword("at")?;
    let (north, east) = (degrees(line, 90.0)?, degrees(line, 180.0)?);
    Ok((north, east))
}

fn degrees(line: &mut Line, most: f64) -> Result<f64, String> {
    let word = line.word()?;
    let degrees = word.parse::<f64>().ok().filter(|d| d.abs() <= most);
    degrees.ok_or_else(|| format!("{word} is no place; write degrees north and east, such as 54.73 1.86"))
}

fn amount(line: &mut Line) -> Result<f64, String> {
    let word = line.word()?;
    let amount = word.parse::<f64>().ok().filter(|n| (0.0..=1_000.0).contains(n));
    amount.ok_or_else(|| format!("{word} is no number of patients an hour"))
}

impl Scenario {
    /// The drill's region as a divert instance (docs/formats/divert_instance.md); `None` when it names no zone.
    pub fn region_json(&self) -> Option<String> {
        if self.zones.is_empty() {
            return None;
        }
        let pathways: Vec<Value> = PATHWAYS
            .iter()
            .map(|(id, name, limit, weight, _)| json!({"id": id, "name": name, "limit_min": limit, "weight": weight}))
            .collect();
        let zones: Vec<Value> = self
            .zones
            .iter()
            .map(|zone| {
                let demand: Vec<f64> = PATHWAYS.iter().map(|(.., share)| zone.per_h * share).collect();
                json!({"name": zone.name, "lat": zone.at.0, "lon": zone.at.1, "demand": demand, "times": []})
            })
            .collect();
        let region = json!({
            "format": "lifeboat-divert-instance/1", "name": format!("{} (drill)", self.file),
            "horizon_h": 4, "target_load": 0.92, "service_h": PLACES_PER_H,
            "pathways": pathways, "sites": self.sites(), "zones": zones,
        });
        Some(region.to_string())
    }

    fn sites(&self) -> Vec<Value> {
        let site = |place: &Place| {
            let mut listed = self.hospitals.iter().chain(&self.neighbours);
            let able = listed.find(|(site, _)| *site == place.site).map_or(&[][..], |(_, able)| able);
            let caps: Vec<&str> = PATHWAYS
                .iter()
                .map(|(id, ..)| *id)
                .filter(|id| Pathway::of_code(id).is_some_and(|p| able.contains(&p)))
                .collect();
            json!({
                "name": place.site.as_str(), "lat": place.at.0, "lon": place.at.1, "caps": caps,
                "status": "open", "off": [], "cap_per_h": place.per_h,
                "servers": place.per_h * PLACES_PER_H, "usual_load": 0.8, "walkin_per_h": place.per_h * 0.3,
            })
        };
        self.places.iter().map(site).collect()
    }

    /// The region as the program would have read it, with estimated travel times.
    ///
    /// # Errors
    /// A sentence from the reader of instances.
    pub fn region(&self, at: Moment) -> Result<Option<Region>, String> {
        let Some(text) = self.region_json() else { return Ok(None) };
        let mut instance = read_instance(text.as_bytes()).map_err(|refusal| refusal.to_string())?;
        let rule = EstimateRule::default();
        estimate_times(&mut instance, &rule);
        let estimated = instance.zones.iter().map(|zone| zone.times.len()).sum();
        let (file, times) = (self.file.clone(), format!("all estimated, {}", rule.words()));
        Ok(Some(Region { instance, file, times, estimated, notes: Vec::new(), read_at: at }))
    }
}

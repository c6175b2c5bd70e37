//! `[diverts]`: the region that is planned for, where its travel times come from, and neighbours' reports.
//!
//! Always: reading the section opens no file and no socket. A region that cannot be read is said in a sentence and left
//! out: the board works without it, only no plan can be made. Read by `divert_room`; checked by `lifeboat doctor`.

use intake::osrm::Osrm;
use intake::pull::checked;
use planning::diverts::EstimateRule;
use serde::Deserialize;
use std::path::{Path, PathBuf};

/// The section as written; paths are relative to the configuration's folder.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Diverts {
    /// The region's file (docs/formats/divert_instance.md).
    pub region: Option<PathBuf>,
    /// A matrix of travel times (CSV, also gzip); it wins over the region's own.
    pub times: Option<PathBuf>,
    /// A routing server; it is asked when no matrix is named.
    pub osrm: Option<OsrmPart>,
    /// Estimate what is missing as the crow flies, marked as estimated.
    pub estimate: Option<EstimatePart>,
    /// Neighbours' reports.
    pub neighbours: Vec<Neighbour>,
    /// A region handed by the program itself (the demonstration's).
    #[serde(skip)]
    pub handed: Option<String>,
    #[serde(skip)]
    folder: PathBuf,
}

/// `[diverts.osrm]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OsrmPart {
    url: String,
    profile: Option<String>,
    places_max: Option<usize>,
    wait_seconds_max: Option<u64>,
    /// Minutes between two askings; 0 asks at the start and on demand only.
    every_minutes: Option<u64>,
    /// Certificates to trust instead of the public ones.
    pub ca_file: Option<PathBuf>,
}

/// `[diverts.estimate]`
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct EstimatePart {
    factor: Option<f64>,
    km_per_h: Option<f64>,
    start_minutes: Option<f64>,
}

/// `[[diverts.neighbours]]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Neighbour {
    /// Its name, shown beside all that it says.
    pub name: String,
    /// Where its report is pulled; without one the neighbour posts it.
    pub url: Option<String>,
    every_seconds: Option<u64>,
    /// Certificates to trust instead of the public ones.
    pub ca_file: Option<PathBuf>,
}

impl Neighbour {
    /// Seconds between two pulls.
    pub fn every_seconds(&self) -> u64 {
        self.every_seconds.unwrap_or(120).clamp(15, 86_400)
    }
}

impl Diverts {
    /// Checks what can be checked without opening anything.
    pub fn checked(mut self, folder: &Path) -> Result<Self, String> {
        self.folder = folder.to_owned();
        for path in [&mut self.region, &mut self.times].into_iter().flatten() {
            *path = folder.join(&*path);
        }
        let certificates = self.osrm.iter_mut().map(|o| &mut o.ca_file);
        for path in certificates.chain(self.neighbours.iter_mut().map(|n| &mut n.ca_file)).flatten() {
            *path = folder.join(&*path);
        }
        if self.region.is_none() && (self.times.is_some() || self.osrm.is_some()) {
            return Err("[diverts] names travel times but no region".to_owned());
        }
        if self.times.is_some() && self.osrm.is_some() {
            return Err("[diverts] names a matrix and a routing server; keep one".to_owned());
        }
        let addresses =
            self.osrm.iter().map(|o| &o.url).chain(self.neighbours.iter().filter_map(|n| n.url.as_ref()));
        for address in addresses {
            checked(address).map_err(|fault| format!("[diverts]: {fault}"))?;
        }
        for neighbour in &self.neighbours {
            if neighbour.name.trim().is_empty() {
                return Err("a neighbour of [[diverts.neighbours]] has no name".to_owned());
            }
        }
        if let Some(rule) = self.estimate_rule() {
            let sound = |value: f64, least: f64, most: f64| (least..=most).contains(&value);
            if !sound(rule.factor, 1.0, 5.0)
                || !sound(rule.km_per_h, 5.0, 200.0)
                || !sound(rule.start_min, 0.0, 120.0)
            {
                return Err(
                    "[diverts.estimate]: factor is 1 to 5, km_per_h 5 to 200, start_minutes 0 to 120"
                        .to_owned(),
                );
            }
        }
        Ok(self)
    }

    /// Whom Lifeboat asks: the routing server and the neighbours whose reports are pulled.
    pub fn addresses(&self) -> Vec<String> {
        let neighbours = self.neighbours.iter().filter_map(|neighbour| neighbour.url.clone());
        self.osrm.iter().map(|osrm| osrm.url.clone()).chain(neighbours).collect()
    }

    /// Whether there is a region to plan for.
    pub fn has_region(&self) -> bool {
        self.region.is_some() || self.handed.is_some()
    }

    /// How missing times are estimated, if they are.
    pub fn estimate_rule(&self) -> Option<EstimateRule> {
        let part = self.estimate?;
        let usual = EstimateRule::default();
        Some(EstimateRule {
            factor: part.factor.unwrap_or(usual.factor),
            km_per_h: part.km_per_h.unwrap_or(usual.km_per_h),
            start_min: part.start_minutes.unwrap_or(usual.start_min),
            ..usual
        })
    }

    /// Seconds until the routing server is asked again of its own accord; `None` when it is not.
    pub fn routing_every_seconds(&self) -> Option<u64> {
        let minutes = self.osrm.as_ref()?.every_minutes.unwrap_or(60);
        (minutes > 0).then(|| minutes.clamp(5, 1_440) * 60)
    }

    /// The routing server, if one is named.
    pub fn routing(&self) -> Option<Osrm> {
        let part = self.osrm.as_ref()?;
        Some(Osrm {
            address: part.url.clone(),
            profile: part.profile.clone().unwrap_or_else(|| "driving".to_owned()),
            places_max: part.places_max.unwrap_or(100).clamp(2, 10_000),
            wait_ms_max: part.wait_seconds_max.unwrap_or(30).clamp(1, 600) * 1000,
        })
    }
}

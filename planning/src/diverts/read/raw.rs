//! The file as it is written, before anything is believed.
//!
//! Always: the quick way reads straight into these shapes; only when that fails is the file read again, slowly, to say
//! which zone, site or pathway is wrong and how.

use super::super::instance::{
    Coordinates, Current, CurrentFlow, Instance, Pathway, PathwayKind, PathwaySet, Site, Status, TravelTime,
    Zone,
};
use super::super::refusal::Refusal;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// The format that is read here.
const FORMAT: &str = "lifeboat-divert-instance/1";

#[derive(Deserialize)]
pub struct File {
    #[serde(default)]
    format: Option<String>,
    #[serde(default)]
    name: String,
    horizon_h: f64,
    target_load: f64,
    #[serde(default = "two")]
    switch_penalty_min: f64,
    #[serde(default = "two_and_a_half")]
    service_h: f64,
    pathways: Vec<RawPathway>,
    sites: Vec<RawSite>,
    zones: Vec<RawZone>,
    #[serde(default)]
    current: Vec<RawCurrent>,
}

#[derive(Deserialize)]
struct RawPathway {
    id: String,
    #[serde(default)]
    name: String,
    limit_min: f64,
    #[serde(default = "one")]
    weight: f64,
}

#[derive(Deserialize)]
struct RawSite {
    name: String,
    #[serde(default)]
    trust: Option<String>,
    #[serde(default)]
    postcode: Option<String>,
    #[serde(default)]
    lat: Option<f64>,
    #[serde(default)]
    lon: Option<f64>,
    caps: Vec<String>,
    status: String,
    #[serde(default)]
    off: Vec<String>,
    cap_per_h: f64,
    #[serde(default)]
    usual_cap_per_h: Option<f64>,
    #[serde(default)]
    servers: Option<f64>,
    #[serde(default)]
    walkin_per_h: f64,
    #[serde(default)]
    usual_walkin_per_h: Option<f64>,
    #[serde(default)]
    background_per_h: f64,
    #[serde(default)]
    queue: f64,
    #[serde(default)]
    usual_load: f64,
}

#[derive(Deserialize)]
struct RawZone {
    name: String,
    #[serde(default)]
    service: Option<String>,
    #[serde(default)]
    lat: Option<f64>,
    #[serde(default)]
    lon: Option<f64>,
    demand: Vec<f64>,
    #[serde(default)]
    times: Vec<(usize, f64)>,
}

#[derive(Deserialize)]
struct RawCurrent {
    zone: usize,
    pathway: String,
    site: usize,
}

fn one() -> f64 {
    1.0
}

fn two() -> f64 {
    2.0
}

fn two_and_a_half() -> f64 {
    2.5
}

impl File {
    pub fn into_instance(self) -> Result<Instance, Refusal> {
        if let Some(format) = self.format.filter(|f| f != FORMAT) {
            return Err(Refusal::wrong(
                "the file",
                format!("its format is \"{format}\"; \"{FORMAT}\" is read here"),
            ));
        }
        let ids: Vec<String> = self.pathways.iter().map(|p| p.id.clone()).collect();
        if let Some(twice) = (1..ids.len()).find(|p| ids.iter().take(*p).any(|id| Some(id) == ids.get(*p))) {
            let id = ids.get(twice).map_or("", String::as_str);
            return Err(Refusal::wrong(format!("pathway {twice} ({id})"), "another pathway has the same id"));
        }
        let find = |whole: &dyn Fn() -> String, id: &str| {
            ids.iter().position(|known| known == id).ok_or_else(|| {
                Refusal::wrong(whole(), format!("there is no pathway \"{id}\"; there are {}", ids.join(", ")))
            })
        };
        let pathways = self.pathways.into_iter().map(|p| pathway(p, &ids)).collect();
        let mut sites = Vec::with_capacity(self.sites.len());
        for (index, site) in self.sites.into_iter().enumerate() {
            let whole = || format!("site {index} ({})", site.name);
            let set =
                |ids: &[String]| ids.iter().map(|id| find(&whole, id)).collect::<Result<PathwaySet, _>>();
            let (able, off) = (set(&site.caps)?, set(&site.off)?);
            let status = status(&site.status).ok_or_else(|| {
                let what = format!("the status \"{}\" is not one of open, divert, closed", site.status);
                Refusal::wrong(whole(), what)
            })?;
            sites.push(site.into_site(able, off, status));
        }
        let mut current = Vec::with_capacity(self.current.len());
        for (index, flow) in self.current.into_iter().enumerate() {
            let pathway = find(&|| format!("line {index} of the current plan"), &flow.pathway)?;
            current.push(CurrentFlow { zone: flow.zone, pathway, site: flow.site });
        }
        Ok(Instance {
            name: self.name,
            horizon_h: self.horizon_h,
            target_load: self.target_load,
            switch_penalty_min: self.switch_penalty_min,
            service_h: self.service_h,
            pathways,
            sites,
            zones: self.zones.into_iter().map(RawZone::into_zone).collect(),
            current: if current.is_empty() { Current::Nearest } else { Current::Given(current) },
        })
    }
}

/// The kinds are the format's rule: `RES` is resuscitation, `TRA` falls back on sites that accept `CT`.
fn pathway(raw: RawPathway, ids: &[String]) -> Pathway {
    let kind = match (raw.id.as_str(), ids.iter().position(|id| id == "CT")) {
        ("RES", _) => PathwayKind::Resuscitation,
        ("TRA", Some(ct)) => PathwayKind::StandIn(ct),
        _ => PathwayKind::Usual,
    };
    Pathway { id: raw.id, name: raw.name, limit_min: raw.limit_min, weight: raw.weight, kind }
}

fn status(text: &str) -> Option<Status> {
    match text {
        "open" => Some(Status::Open),
        "divert" => Some(Status::Divert),
        "closed" => Some(Status::Closed),
        _ => None,
    }
}

fn place(lat: Option<f64>, lon: Option<f64>) -> Option<Coordinates> {
    Some(Coordinates { lat: lat?, lon: lon? })
}

impl RawSite {
    fn into_site(self, able: PathwaySet, off: PathwaySet, status: Status) -> Site {
        Site {
            name: self.name,
            trust: self.trust,
            postcode: self.postcode,
            place: place(self.lat, self.lon),
            able,
            off,
            status,
            cap_per_h: self.cap_per_h,
            usual_cap_per_h: self.usual_cap_per_h.unwrap_or(self.cap_per_h),
            servers: self.servers.unwrap_or(0.0),
            walkin_per_h: self.walkin_per_h,
            usual_walkin_per_h: self.usual_walkin_per_h.unwrap_or(self.walkin_per_h),
            background_per_h: self.background_per_h,
            queue: self.queue,
            usual_load: self.usual_load,
        }
    }
}

impl RawZone {
    fn into_zone(self) -> Zone {
        let time = |(site, minutes)| TravelTime { site, minutes, estimated: false };
        Zone {
            name: self.name,
            service: self.service,
            place: place(self.lat, self.lon),
            demand: self.demand,
            times: self.times.into_iter().map(time).collect(),
        }
    }
}

/// Why the file could not be read, as near to the fault as can be said.
pub fn diagnose(json: &[u8], error: &serde_json::Error) -> Refusal {
    let value: Value = match serde_json::from_slice(json) {
        Ok(value) => value,
        Err(error) => return Refusal::NotJson { why: error.to_string() },
    };
    let Value::Object(file) = &value else {
        return Refusal::NotJson { why: "it holds no object".to_owned() };
    };
    for key in ["horizon_h", "target_load"] {
        if !file.get(key).is_some_and(Value::is_number) {
            return Refusal::wrong("the instance", format!("\"{key}\" is missing or no number"));
        }
    }
    for key in ["pathways", "sites", "zones"] {
        if !file.get(key).is_some_and(Value::is_array) {
            return Refusal::wrong("the instance", format!("\"{key}\" is missing or no list"));
        }
    }
    let list = |key: &str| file.get(key).and_then(Value::as_array).cloned().unwrap_or_default();
    let found = first_wrong::<RawPathway>(&list("pathways"), "pathway")
        .or_else(|| first_wrong::<RawSite>(&list("sites"), "site"))
        .or_else(|| wrong_zone(&list("zones"), &list("pathways"), &list("sites")))
        .or_else(|| first_wrong::<RawCurrent>(&list("current"), "line of the current plan"));
    found.unwrap_or_else(|| Refusal::wrong("the instance", plain(&error.to_string())))
}

fn first_wrong<T: DeserializeOwned>(list: &[Value], what: &str) -> Option<Refusal> {
    list.iter().enumerate().find_map(|(index, value)| {
        let error = serde_json::from_value::<T>(value.clone()).err()?;
        Some(Refusal::wrong(called(value, what, index), plain(&error.to_string())))
    })
}

fn called(value: &Value, what: &str, index: usize) -> String {
    let name = value.get("id").or_else(|| value.get("name")).and_then(Value::as_str);
    name.map_or_else(|| format!("{what} {index}"), |name| format!("{what} {index} ({name})"))
}

fn wrong_zone(zones: &[Value], pathways: &[Value], sites: &[Value]) -> Option<Refusal> {
    let label = |list: &[Value], index: usize, key: &str| {
        let name = list.get(index).and_then(|v| v.get(key)).and_then(Value::as_str);
        name.map_or_else(|| index.to_string(), str::to_owned)
    };
    zones.iter().enumerate().find_map(|(index, zone)| {
        let whole = called(zone, "zone", index);
        let entries = |key: &str| zone.get(key).and_then(Value::as_array).cloned().unwrap_or_default();
        let demand = entries("demand").into_iter().enumerate().find(|(_, d)| !d.is_number());
        if let Some((p, value)) = demand {
            let pathway = label(pathways, p, "id");
            return Some(Refusal::wrong(
                whole,
                format!("the demand for {pathway} is {value}; it must be a number"),
            ));
        }
        for time in entries("times") {
            let site = time.get(0).and_then(Value::as_u64);
            match (site, time.get(1)) {
                (Some(_), Some(minutes)) if minutes.is_number() => {}
                (Some(site), minutes) => {
                    let site = label(sites, usize::try_from(site).unwrap_or(usize::MAX), "name");
                    let shown = minutes.map_or("missing".to_owned(), ToString::to_string);
                    return Some(Refusal::wrong(
                        whole,
                        format!("the travel time to {site} is {shown}; it must be a number of minutes"),
                    ));
                }
                (None, _) => {
                    let what = format!("{time} is no travel time; it must be [site, minutes]");
                    return Some(Refusal::wrong(whole, what));
                }
            }
        }
        let error = serde_json::from_value::<RawZone>(zone.clone()).err()?;
        Some(Refusal::wrong(whole, plain(&error.to_string())))
    })
}

/// The reader's words in ours: `missing field `x`` → "x" is missing.
fn plain(words: &str) -> String {
    let words = words.split(" at line ").next().unwrap_or(words);
    match words.strip_prefix("missing field `").and_then(|rest| rest.split('`').next()) {
        Some(field) => format!("\"{field}\" is missing"),
        None => words.replace("invalid type: ", "found ").replace("expected f64", "expected a number"),
    }
}

//! The rules that every instance keeps, whoever made it.

use super::super::instance::{Coordinates, Current, Instance, Limits, PathwayKind, Site, Zone};
use super::super::refusal::Refusal;

/// All rules.
pub fn check(instance: &Instance) -> Result<(), Refusal> {
    check_small(instance)?;
    check_zones(instance)?;
    check_current(instance)
}

/// Everything but the zones: what a change on the board can break.
pub fn check_small(instance: &Instance) -> Result<(), Refusal> {
    let within = |what: &str, value: f64, least: f64, most: f64| {
        if value.is_finite() && value >= least && value <= most {
            Ok(())
        } else {
            Err(Refusal::wrong(
                "the instance",
                format!("{what} is {value}; it must be from {least} to {most}"),
            ))
        }
    };
    within("horizon_h", instance.horizon_h, 0.01, 168.0)?;
    within("target_load", instance.target_load, 0.01, 10.0)?;
    within("switch_penalty_min", instance.switch_penalty_min, 0.0, Limits::MINUTES_MAX)?;
    within("service_h", instance.service_h, 0.01, 168.0)?;
    few("pathways", instance.pathways.len(), Limits::PATHWAYS_MAX)?;
    few("sites", instance.sites.len(), Limits::SITES_MAX)?;
    if instance.pathways.is_empty() || instance.sites.is_empty() {
        return Err(Refusal::wrong("the instance", "it needs at least one pathway and one site"));
    }
    for (index, pathway) in instance.pathways.iter().enumerate() {
        let whole = || format!("pathway {index} ({})", pathway.id);
        number(&whole, "limit_min", pathway.limit_min, 0.01, Limits::MINUTES_MAX)?;
        number(&whole, "weight", pathway.weight, 0.0, Limits::WEIGHT_MAX)?;
        if instance.pathways.iter().take(index).any(|p| p.id == pathway.id) {
            return Err(Refusal::wrong(whole(), "another pathway has the same id"));
        }
        if let PathwayKind::StandIn(other) = pathway.kind
            && other >= instance.pathways.len()
        {
            return Err(Refusal::wrong(whole(), format!("its stand-in {other} does not exist")));
        }
    }
    instance.sites.iter().enumerate().try_for_each(|(index, site)| check_site(index, site))?;
    let base: f64 = instance.sites.iter().map(|s| s.base_per_h(instance.horizon_h)).sum();
    total("the sites' walk-ins, queues and other ambulances", base)
}

fn check_site(index: usize, site: &Site) -> Result<(), Refusal> {
    let whole = || format!("site {index} ({})", site.name);
    let figures = [
        ("cap_per_h", site.cap_per_h),
        ("usual_cap_per_h", site.usual_cap_per_h),
        ("servers", site.servers),
        ("walkin_per_h", site.walkin_per_h),
        ("usual_walkin_per_h", site.usual_walkin_per_h),
        ("background_per_h", site.background_per_h),
        ("queue", site.queue),
    ];
    for (what, value) in figures {
        number(&whole, what, value, 0.0, 10_000.0)?;
    }
    number(&whole, "usual_load", site.usual_load, 0.0, 100.0)?;
    place(&whole, site.place)
}

fn check_zones(instance: &Instance) -> Result<(), Refusal> {
    few("zones", instance.zones.len(), Limits::ZONES_MAX)?;
    few("travel times", instance.zones.iter().map(|z| z.times.len()).sum(), Limits::TIMES_MAX)?;
    let mut seen = vec![usize::MAX; instance.sites.len()];
    for (index, zone) in instance.zones.iter().enumerate() {
        check_zone(instance, index, zone, &mut seen)?;
    }
    total("the zones' demand", instance.zones.iter().flat_map(|z| z.demand.iter()).sum())
}

fn check_zone(instance: &Instance, index: usize, zone: &Zone, seen: &mut [usize]) -> Result<(), Refusal> {
    let whole = || format!("zone {index} ({})", zone.name);
    if zone.demand.len() != instance.pathways.len() {
        let (has, needs) = (zone.demand.len(), instance.pathways.len());
        return Err(Refusal::wrong(
            whole(),
            format!("it has {has} demands for {needs} pathways; one each is needed"),
        ));
    }
    for (pathway, value) in instance.pathways.iter().zip(&zone.demand) {
        if !(value.is_finite() && (0.0..=10_000.0).contains(value)) {
            let what =
                format!("the demand for {} is {value}; it must be from 0 to 10000 an hour", pathway.id);
            return Err(Refusal::wrong(whole(), what));
        }
    }
    for time in &zone.times {
        let Some(site) = instance.sites.get(time.site) else {
            let what = format!(
                "a travel time is for site {}; the last site is {}",
                time.site,
                instance.sites.len() - 1
            );
            return Err(Refusal::wrong(whole(), what));
        };
        if !(time.minutes.is_finite() && (0.0..=Limits::MINUTES_MAX).contains(&time.minutes)) {
            let what = format!(
                "the travel time to {} is {} minutes; it must be from 0 to 1440",
                site.name, time.minutes
            );
            return Err(Refusal::wrong(whole(), what));
        }
        match seen.get_mut(time.site) {
            Some(last) if *last == index => {
                return Err(Refusal::wrong(whole(), format!("it has two travel times to {}", site.name)));
            }
            Some(last) => *last = index,
            None => {}
        }
    }
    place(&whole, zone.place)
}

/// The plan in force names what exists.
pub fn check_current(instance: &Instance) -> Result<(), Refusal> {
    let Current::Given(flows) = &instance.current else { return Ok(()) };
    for (index, flow) in flows.iter().enumerate() {
        let known = flow.zone < instance.zones.len()
            && flow.pathway < instance.pathways.len()
            && flow.site < instance.sites.len();
        if !known {
            let what =
                format!("zone {}, pathway {} or site {} does not exist", flow.zone, flow.pathway, flow.site);
            return Err(Refusal::wrong(format!("line {index} of the current plan"), what));
        }
    }
    Ok(())
}

fn few(what: &'static str, count: usize, max: usize) -> Result<(), Refusal> {
    if count > max { Err(Refusal::TooMany { what, count, max }) } else { Ok(()) }
}

fn number(whole: &dyn Fn() -> String, what: &str, value: f64, least: f64, most: f64) -> Result<(), Refusal> {
    if value.is_finite() && value >= least && value <= most {
        Ok(())
    } else {
        Err(Refusal::wrong(whole(), format!("{what} is {value}; it must be from {least} to {most}")))
    }
}

fn total(what: &str, patients_per_h: f64) -> Result<(), Refusal> {
    if patients_per_h <= Limits::PATIENTS_PER_H_MAX {
        Ok(())
    } else {
        Err(Refusal::wrong(
            "the instance",
            format!("{what} come to {patients_per_h} an hour, more than can be planned"),
        ))
    }
}

fn place(whole: &dyn Fn() -> String, place: Option<Coordinates>) -> Result<(), Refusal> {
    match place {
        Some(Coordinates { lat, lon })
            if !(-90.0..=90.0).contains(&lat) || !(-180.0..=180.0).contains(&lon) =>
        {
            Err(Refusal::wrong(whole(), format!("latitude {lat}, longitude {lon} is no place on Earth")))
        }
        _ => Ok(()),
    }
}

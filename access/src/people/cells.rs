//! One cell of a staff sheet: roles, hospitals and wards, a day, yes or no, as people write them.
//!
//! Always: what is not understood is refused in a sentence that says what to write. Described in
//! `docs/formats/staff_sheet.md`; proved by `tests/people_sheet.rs`.

use super::scope::same;
use super::sheet::Known;
use super::{Place, Scope};
use crate::Role;
use basics::{Civil, Moment, PartialDate, SiteId, WardId, Zone};
use std::collections::BTreeSet;

fn several(text: &str) -> impl Iterator<Item = &str> {
    text.split([',', ';', '|', '\n', '+']).map(str::trim).filter(|part| !part.is_empty())
}

pub(super) fn roles(text: &str) -> Result<BTreeSet<Role>, String> {
    let mut roles = BTreeSet::new();
    for word in several(text).flat_map(|word| word.split('/')) {
        let role = Role::read(word).ok_or_else(|| {
            format!("“{}” is no role; the roles are: {}", basics::tidy(word, 60), Role::all_words())
        })?;
        roles.insert(role);
    }
    if roles.is_empty() {
        return Err(format!("the role is missing; write at least one of: {}", Role::all_words()));
    }
    Ok(roles)
}

/// Where somebody works, by what the sheet says of hospital and ward; with notes about wards nobody has heard of.
///
/// # Errors
/// What is not understood, and what to write instead.
pub fn scope(
    known: Known<'_>,
    site: &str,
    ward: &str,
    roles: &BTreeSet<Role>,
) -> Result<(Scope, Vec<String>), String> {
    let everywhere =
        |text: &str| matches!(text.to_lowercase().as_str(), "all" | "trust" | "everywhere" | "any" | "*");
    if everywhere(site) && (ward.is_empty() || everywhere(ward)) {
        return Ok((Scope::Trust, Vec::new()));
    }
    if site.is_empty() && (ward.is_empty() || everywhere(ward)) {
        if roles.iter().any(|role| role.needs_places()) {
            return Err("the hospital is missing; write its name, or “all” for the whole trust".to_owned());
        }
        return Ok((Scope::Trust, Vec::new()));
    }
    let sites = sites(known, site)?;
    let wards: Vec<&str> = several(ward).filter(|ward| !everywhere(ward)).collect();
    if wards.is_empty() {
        return Ok((
            Scope::Places(sites.into_iter().map(|site| Place { site, ward: None }).collect()),
            Vec::new(),
        ));
    }
    let (mut places, mut notes) = (Vec::new(), Vec::new());
    for ward in wards {
        let (site, ward) = place(known, &sites, ward)?;
        let heard = known.wards.iter().any(|(s, w)| *s == site && *w == ward);
        if !heard && !known.wards.is_empty() {
            notes.push(format!("nobody has heard of ward {ward} at {site} yet; check its code"));
        }
        places.push(Place { site, ward: Some(ward) });
    }
    Ok((Scope::Places(places), notes))
}

fn sites(known: Known<'_>, text: &str) -> Result<Vec<SiteId>, String> {
    several(text).map(|name| site(known, name)).collect()
}

fn site(known: Known<'_>, name: &str) -> Result<SiteId, String> {
    if let Some(site) = known.sites.iter().find(|site| same(site.as_str(), name)) {
        return Ok(site.clone());
    }
    if known.sites.is_empty() {
        return SiteId::new(name).ok_or_else(|| "the hospital is missing".to_owned());
    }
    let names: Vec<&str> = known.sites.iter().map(SiteId::as_str).collect();
    Err(format!(
        "“{}” is no hospital of this trust; the hospitals are: {}",
        basics::tidy(name, 60),
        names.join(", ")
    ))
}

/// "AMU" at the row's one hospital, or "Southmere: AMU".
fn place(known: Known<'_>, sites: &[SiteId], text: &str) -> Result<(SiteId, WardId), String> {
    let (site, ward) = match (text.split_once(':'), sites) {
        (Some((at, ward)), _) => (site(known, at.trim())?, ward),
        (None, [one]) => (one.clone(), text),
        (None, []) => return Err(format!("say at which hospital “{}” is", basics::tidy(text, 40))),
        (None, _) => {
            return Err(format!(
                "say at which of the hospitals “{0}” is: write “HOSPITAL: {0}”, or a row for each hospital",
                basics::tidy(text, 40)
            ));
        }
    };
    let spelt =
        known.wards.iter().find(|(s, w)| *s == site && same(w.as_str(), ward.trim())).map(|(_, w)| w.clone());
    let ward = spelt.or_else(|| WardId::new(ward)).ok_or("the ward is missing after the colon")?;
    Ok((site, ward))
}

pub(super) fn yes(field: &str) -> Result<bool, String> {
    match basics::tidy(field, 20).to_lowercase().as_str() {
        "" | "no" | "n" | "0" | "false" | "permanent" | "substantive" => Ok(false),
        "yes" | "y" | "1" | "true" | "x" | "temporary" | "temp" | "agency" | "bank" => Ok(true),
        other => Err(format!("“{other}” under “temporary”; write yes or no")),
    }
}

/// The end of that day; nothing for no end.
///
/// # Errors
/// What is no day, and what to write instead.
pub fn until(text: &str, zone: &Zone) -> Result<Option<Moment>, String> {
    let text = text.trim();
    if text.is_empty() || matches!(text.to_lowercase().as_str(), "none" | "never" | "no end" | "permanent") {
        return Ok(None);
    }
    let unread = || format!("“{}” is no day; write it as 2026-12-31 or 31/12/2026", basics::tidy(text, 40));
    let (year, month, day) = day(text).ok_or_else(unread)?;
    PartialDate::from_numbers(year, Some(month), Some(day)).ok_or_else(unread)?;
    let last = Civil { year, month, day, hour: 23, minute: 59, second: 59, millisecond: 0 };
    zone.moment(last).map(|at| Some(at.plus_seconds(1))).ok_or_else(unread)
}

/// "2026-12-31", "31/12/2026", "31.12.26", "31-Dec-2026", "31 December 2026"; with a time of day behind it or none.
fn day(text: &str) -> Option<(i16, i8, i8)> {
    let mut parts = text.split(['-', '/', '.', ' ', ',']).filter(|p| !p.is_empty());
    let (a, b, c) = (parts.next()?, parts.next()?, parts.next()?);
    // "31T00:00": a spreadsheet's date and time.
    let c = c.split(|c: char| !c.is_ascii_digit()).next().filter(|c| !c.is_empty())?;
    let month = |text: &str| {
        const MONTHS: [&str; 12] =
            ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
        let small = text.to_lowercase();
        let named = (1..).zip(MONTHS).find(|(_, name)| small.starts_with(name)).map(|(n, _)| n);
        named.or_else(|| text.parse::<i8>().ok())
    };
    let year = |text: &str| match (text.len(), text.parse::<i16>().ok()?) {
        (4, year) => Some(year),
        (2, year) => Some(2000 + year),
        _ => None,
    };
    if a.len() == 4 {
        return Some((year(a)?, month(b)?, c.parse().ok()?));
    }
    Some((year(c)?, month(b)?, a.parse().ok()?))
}

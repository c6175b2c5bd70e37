//! Hospitals and wards as a form names them, for devices and shift cards.
//!
//! Always: capitals do not count, and what is known is written as it is known. Never: a hospital that the trust does not have;
//! a ward guessed.

use crate::desk::Look;
use crate::mishap::Mishap;
use access::people::Place;
use basics::{SiteId, WardId};
use std::collections::BTreeSet;

/// What is known of the trust's places.
pub struct Places {
    sites: Vec<SiteId>,
    wards: Vec<(SiteId, WardId)>,
}

impl Places {
    /// The hospitals that were laid down or that feeds speak of, and the wards that patients lie on.
    ///
    /// # Errors
    /// The list of wards could not be read.
    pub fn of(look: &Look<'_>) -> Result<Self, Mishap> {
        let mut sites: Vec<SiteId> = look.incidents(|book| book.hospitals.sites().to_vec());
        let wards = look.screens().room.wards().map_err(Mishap::room("read the list of wards"))?;
        let wards: Vec<(SiteId, WardId)> =
            wards.into_iter().map(|ward| (ward.key.site, ward.key.ward)).collect();
        for (site, _) in &wards {
            if !sites.contains(site) {
                sites.push(site.clone());
            }
        }
        Ok(Self { sites, wards })
    }

    /// The hospitals, and whether each is the one that was chosen.
    pub fn sites(&self, chosen: &str) -> Vec<(String, bool)> {
        self.sites.iter().map(|site| (site.to_string(), same(site.as_str(), chosen))).collect()
    }

    /// The codes of all wards, for a list to choose from.
    pub fn wards(&self) -> Vec<String> {
        let codes: BTreeSet<&WardId> = self.wards.iter().map(|(_, ward)| ward).collect();
        codes.into_iter().map(ToString::to_string).collect()
    }

    /// The place that two fields name; `None` for two empty ones.
    ///
    /// # Errors
    /// What to write instead.
    pub fn place(&self, site: &str, ward: &str) -> Result<Option<Place>, String> {
        let (site, ward) = (site.trim(), ward.trim());
        if site.is_empty() && ward.is_empty() {
            return Ok(None);
        }
        let site = self.site(site, ward)?;
        let here = |(at, code): &&(SiteId, WardId)| *at == site && same(code.as_str(), ward);
        let spelt = self.wards.iter().find(here).map(|(_, code)| code.clone());
        Ok(Some(Place { ward: spelt.or_else(|| WardId::new(ward)), site }))
    }

    /// The same, where a ward must be one on which somebody lies: a card for a ward that nobody knows would show nothing.
    ///
    /// # Errors
    /// What to write instead.
    pub fn known_place(&self, site: &str, ward: &str) -> Result<Option<Place>, String> {
        let place = self.place(site, ward)?;
        if let Some(Place { site, ward: Some(ward) }) = &place {
            let codes: Vec<&str> =
                self.wards.iter().filter(|(at, _)| at == site).map(|(_, code)| code.as_str()).collect();
            if !codes.is_empty() && !codes.contains(&ward.as_str()) {
                return Err(format!(
                    "There is no ward “{ward}” at {site}. The wards there are: {}. Leave the ward empty for the whole hospital.",
                    codes.join(", ")
                ));
            }
        }
        Ok(place)
    }

    fn site(&self, name: &str, ward: &str) -> Result<SiteId, String> {
        if let Some(site) = self.sites.iter().find(|site| same(site.as_str(), name)) {
            return Ok(site.clone());
        }
        match (self.sites.as_slice(), name.is_empty()) {
            ([one], true) => Ok(one.clone()),
            (_, true) => Err(format!("Say at which hospital ward “{}” is.", basics::tidy(ward, 60))),
            ([], false) => SiteId::new(name).ok_or_else(|| "Write the hospital's name.".to_owned()),
            (sites, false) => {
                let names: Vec<&str> = sites.iter().map(SiteId::as_str).collect();
                Err(format!(
                    "“{}” is no hospital of this trust. The hospitals are: {}.",
                    basics::tidy(name, 60),
                    names.join(", ")
                ))
            }
        }
    }
}

fn same(a: &str, b: &str) -> bool {
    a == b || a.to_lowercase() == b.trim().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places() -> Places {
        let site = |name| SiteId::new(name).unwrap();
        let wards = vec![(site("Northgate General"), WardId::new("AMU").unwrap())];
        Places { sites: vec![site("Northgate General"), site("Southmere")], wards }
    }

    #[test]
    fn a_place_is_read_as_people_write_it_and_never_guessed() {
        let said = |site, ward| places().place(site, ward).map(|place| place.map(|p| p.to_string()));
        for (site, ward, want) in [
            ("", " ", Ok(None)),
            ("northgate general", "amu", Ok(Some("AMU at Northgate General"))),
            ("Southmere", "", Ok(Some("Southmere"))),
            ("Southmere", "Pharmacy", Ok(Some("Pharmacy at Southmere"))),
            ("", "AMU", Err("Say at which hospital ward “AMU” is.")),
            (
                "Westgate",
                "",
                Err(
                    "“Westgate” is no hospital of this trust. The hospitals are: Northgate General, Southmere.",
                ),
            ),
        ] {
            assert_eq!(
                said(site, ward),
                want.map(|w| w.map(str::to_owned)).map_err(str::to_owned),
                "{site} {ward}"
            );
        }
        let none = Places { sites: Vec::new(), wards: Vec::new() };
        assert_eq!(none.place("Anywhere", "A1").unwrap().unwrap().to_string(), "A1 at Anywhere");
    }

    #[test]
    fn a_ward_that_nobody_knows_is_refused_where_it_would_show_nothing() {
        assert!(
            places()
                .known_place("Northgate General", "AMUU")
                .unwrap_err()
                .contains("The wards there are: AMU")
        );
        assert!(places().known_place("Northgate General", "amu").unwrap().is_some());
        // Nobody lies at Southmere yet: nothing to hold it against.
        assert!(places().known_place("Southmere", "SAU").unwrap().is_some());
    }
}

//! Where somebody works, and where what is looked at lies: hospitals and wards.
//!
//! Always: capitals do not count; whoever works at a hospital works on each of its wards. Never: a place guessed; a patient
//! who lies nowhere is within the reach of those alone who work at a whole hospital. Proved by the table below.

use basics::{SiteId, WardId};
use serde::{Deserialize, Serialize};
use std::fmt;

/// A hospital, or one ward of it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct Place {
    /// The hospital.
    pub site: SiteId,
    /// The ward; `None` for all of it.
    pub ward: Option<WardId>,
}

impl Place {
    /// Whether it is the same place, or holds the other.
    fn covers(&self, site: &SiteId, ward: Option<&WardId>) -> bool {
        same(self.site.as_str(), site.as_str())
            && match (&self.ward, ward) {
                (None, _) => true,
                (Some(mine), Some(theirs)) => same(mine.as_str(), theirs.as_str()),
                (Some(_), None) => false,
            }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.ward {
            Some(ward) => write!(f, "{ward} at {}", self.site),
            None => write!(f, "{}", self.site),
        }
    }
}

/// The same name as far as people care.
pub(super) fn same(a: &str, b: &str) -> bool {
    a == b || a.to_lowercase() == b.to_lowercase()
}

/// Where somebody works.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Scope {
    /// At every hospital of the trust.
    Trust,
    /// At these places; never empty.
    Places(Vec<Place>),
}

/// Where what is looked at lies.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Spot {
    /// It belongs to no single place.
    Trust,
    /// A patient who lies on no ward: not yet admitted, discharged, or in a place that is not known.
    Nowhere,
    /// A hospital.
    Site(SiteId),
    /// A ward.
    Ward(SiteId, WardId),
}

impl fmt::Display for Spot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Trust => f.write_str("the whole trust"),
            Self::Nowhere => f.write_str("a patient who lies on no ward"),
            Self::Site(site) => write!(f, "{site}"),
            Self::Ward(site, ward) => write!(f, "{ward} at {site}"),
        }
    }
}

/// How near something must be to be within somebody's rights.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Within {
    /// Anywhere in the trust.
    Trust,
    /// At one of their hospitals, on whichever ward.
    Site,
    /// On one of their wards, or at a hospital of which they have all.
    Ward,
}

impl Scope {
    /// Whether that spot is near enough.
    pub fn reaches(&self, spot: &Spot, within: Within) -> bool {
        let Self::Places(places) = self else { return true };
        match (within, spot) {
            (Within::Trust, _) => true,
            (_, Spot::Trust) => false,
            (_, Spot::Nowhere) => places.iter().any(|place| place.ward.is_none()),
            (Within::Site, Spot::Site(site) | Spot::Ward(site, _)) => {
                places.iter().any(|place| same(place.site.as_str(), site.as_str()))
            }
            (Within::Ward, Spot::Site(site)) => places.iter().any(|place| place.covers(site, None)),
            (Within::Ward, Spot::Ward(site, ward)) => {
                places.iter().any(|place| place.covers(site, Some(ward)))
            }
        }
    }

    /// Whether everything within `other` is within this one: nobody hands on more than they have.
    pub fn holds(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Trust, _) => true,
            (Self::Places(_), Self::Trust) => false,
            (Self::Places(mine), Self::Places(theirs)) => {
                theirs.iter().all(|place| mine.iter().any(|m| m.covers(&place.site, place.ward.as_ref())))
            }
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Trust => f.write_str("the whole trust"),
            Self::Places(places) => {
                let names: Vec<String> = places.iter().map(ToString::to_string).collect();
                f.write_str(&names.join(", "))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(site: &str, ward: Option<&str>) -> Place {
        Place { site: SiteId::new(site).unwrap(), ward: ward.and_then(WardId::new) }
    }

    fn ward(site: &str, ward: &str) -> Spot {
        Spot::Ward(SiteId::new(site).unwrap(), WardId::new(ward).unwrap())
    }

    #[test]
    fn a_place_reaches_what_lies_in_it() {
        let amu = Scope::Places(vec![place("Northgate General", Some("AMU"))]);
        let all = Scope::Places(vec![place("northgate general", None)]);
        let site = Spot::Site(SiteId::new("Northgate General").unwrap());
        let (mine, next) = (ward("Northgate General", "amu"), ward("Northgate General", "COTE1"));
        let other = ward("Southmere", "AMU");
        for (scope, spot, within, want) in [
            (&amu, &mine, Within::Ward, true),
            (&amu, &next, Within::Ward, false),
            (&amu, &next, Within::Site, true),
            (&amu, &other, Within::Site, false),
            (&amu, &other, Within::Trust, true),
            (&amu, &site, Within::Ward, false),
            (&amu, &Spot::Nowhere, Within::Ward, false),
            (&amu, &Spot::Trust, Within::Site, false),
            (&all, &next, Within::Ward, true),
            (&all, &site, Within::Ward, true),
            (&all, &other, Within::Ward, false),
            (&all, &Spot::Nowhere, Within::Ward, true),
            (&Scope::Trust, &other, Within::Ward, true),
            (&Scope::Trust, &Spot::Trust, Within::Ward, true),
        ] {
            assert_eq!(scope.reaches(spot, within), want, "{scope} {spot} {within:?}");
        }
        assert!(all.holds(&amu) && !amu.holds(&all) && Scope::Trust.holds(&all) && !all.holds(&Scope::Trust));
    }
}

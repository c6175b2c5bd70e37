//! Places: which part of a sent location is the site, the ward, the room and the bed, feed by feed.
//!
//! Always: a location keeps the text that was sent, so that a corrected map can be applied again. Never: a patient
//! lost because a location is odd; what the map does not know is taken by the default reading.
//! Written down in `docs/formats/locations.md`; filled from the configuration file and from people's confirmations.

use basics::{SiteId, WardId, tidy};
use care::Location;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Longest location text kept, in bytes.
const SENT_BYTES_MAX: usize = 200;
/// Longest room or bed kept, in bytes.
const PART_BYTES_MAX: usize = 40;
/// Deepest nesting of FHIR locations followed (bed in room in ward in building in site).
const DEPTH_MAX: usize = 8;

/// How a feed writes places. Component numbers count from 1; 0 means that there is none.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LocationMap {
    /// The component that is the ward: 1 unless told otherwise (PL.1, point of care).
    pub ward: u8,
    /// The component that is the room: 2.
    pub room: u8,
    /// The component that is the bed: 3.
    pub bed: u8,
    /// The component that is the site: 4 (PL.4, facility).
    pub site: u8,
    /// PL.1 is the organisation and PL.2 the ward (`RCB^OBS1^BAY2-6^RCB55`). Unset: recognised by PL.4 beginning
    /// with PL.1.
    pub organisation_first: Option<bool>,
    /// Sites by the text sent: `RCB55 = "Northgate General"`.
    pub sites: BTreeMap<String, String>,
    /// Wards by the code sent.
    pub wards: BTreeMap<String, WardRule>,
    /// Whole locations by the text sent, trailing separators left out; they win over everything else.
    pub exact: BTreeMap<String, PlaceRule>,
    /// FHIR locations heard of, by reference ("Location/bed-3").
    #[serde(skip)]
    pub places: BTreeMap<String, PlaceName>,
}

/// What is known of a ward code.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WardRule {
    /// The code that Lifeboat uses, where it differs.
    pub code: Option<String>,
    /// Name for people: "Acute Medical Unit".
    pub name: Option<String>,
    /// Its site, where the message leaves it out.
    pub site: Option<String>,
}

/// A whole place.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[allow(missing_docs)]
pub struct PlaceRule {
    pub site: Option<String>,
    pub ward: Option<String>,
    pub room: Option<String>,
    pub bed: Option<String>,
}

/// What a FHIR Location is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum PlaceKind {
    Site,
    Ward,
    Room,
    Bed,
    #[default]
    Other,
}

/// A FHIR Location as sent.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct PlaceName {
    /// "Location/ward-AMU", or the `urn:uuid` of its bundle entry.
    pub reference: String,
    pub name: String,
    /// A short form: "AMU".
    pub alias: String,
    /// Reference of the place it lies in.
    pub part_of: Option<String>,
    pub kind: PlaceKind,
}

/// A proposal for a person to confirm.
#[derive(Clone, PartialEq, Debug)]
pub struct Suggestion {
    /// In words: "The ward is the second component".
    pub text: String,
    /// The map as it would be.
    pub map: LocationMap,
    /// Share of the samples that speak for it, 0 to 1.
    pub share: f32,
}

impl Default for LocationMap {
    fn default() -> Self {
        Self {
            ward: 1,
            room: 2,
            bed: 3,
            site: 4,
            organisation_first: None,
            sites: BTreeMap::new(),
            wards: BTreeMap::new(),
            exact: BTreeMap::new(),
            places: BTreeMap::new(),
        }
    }
}

impl LocationMap {
    /// Reads a location's components (PL.1 first). `None` when it names neither ward nor bed.
    pub fn locate(&self, components: &[&str], site_default: Option<&SiteId>) -> Option<Location> {
        let sent = joined(components);
        if sent.is_empty() {
            return None;
        }
        if let Some(rule) = self.exact.get(&sent) {
            return Some(self.by_rule(rule, sent, site_default));
        }
        let part = |n: u8| -> &str {
            let index = usize::from(n).wrapping_sub(1);
            components.get(index).map_or("", |c| c.trim())
        };
        let shift = u8::from(self.organisation_leads(&part));
        let ward = part(self.ward + shift * u8::from(self.ward > 0));
        let (room, bed) = if shift == 1 { ("", part(self.bed)) } else { (part(self.room), part(self.bed)) };
        let (room, bed) = (short(room), short(bed));
        if ward.is_empty() && room.is_none() && bed.is_none() {
            return None;
        }
        let rule = self.wards.get(ward);
        let site = self.site(part(self.site)).or_else(|| rule.and_then(|r| self.site(r.site.as_deref()?)));
        let code = rule.and_then(|r| r.code.as_deref()).unwrap_or(ward);
        Some(Location {
            site: site.or_else(|| site_default.cloned()),
            ward: WardId::new(code),
            room,
            bed,
            sent,
        })
    }

    /// The name of a ward for people, if the map gives one.
    pub fn ward_name(&self, ward: &WardId) -> Option<&str> {
        let code = ward.as_str();
        let direct = self.wards.get(code).and_then(|r| r.name.as_deref());
        direct.or_else(|| {
            let renamed = self.wards.values().find(|r| r.code.as_deref() == Some(code));
            renamed.and_then(|r| r.name.as_deref()).or_else(|| self.place_name(code))
        })
    }

    fn place_name(&self, code: &str) -> Option<&str> {
        let wards = self.places.values().filter(|p| p.kind == PlaceKind::Ward);
        wards.into_iter().find(|p| p.alias == code && !p.name.is_empty()).map(|p| p.name.as_str())
    }

    /// Keeps a FHIR Location for later references. Gives whether it was news.
    pub fn learn_place(&mut self, place: PlaceName) -> bool {
        if self.places.get(&place.reference) == Some(&place) {
            return false;
        }
        self.places.insert(place.reference.clone(), place);
        true
    }

    /// Follows a FHIR reference up through the places it lies in. `None` when it was never heard of.
    pub fn resolve_reference(&self, reference: &str, site_default: Option<&SiteId>) -> Option<Location> {
        self.resolve_among(reference, site_default, &|r| self.places.get(r))
    }

    pub(crate) fn resolve_among<'p>(
        &self,
        reference: &str,
        site_default: Option<&SiteId>,
        look: &dyn Fn(&str) -> Option<&'p PlaceName>,
    ) -> Option<Location> {
        let sent = tidy(reference, SENT_BYTES_MAX);
        if let Some(rule) = self.exact.get(&sent) {
            return Some(self.by_rule(rule, sent, site_default));
        }
        let mut location = Location { sent, ..Location::default() };
        let mut next = Some(look(reference)?);
        let mut bed_name = None;
        for _ in 0..DEPTH_MAX {
            let Some(place) = next else { break };
            let word = if place.alias.is_empty() { &place.name } else { &place.alias };
            match place.kind {
                PlaceKind::Bed => {
                    bed_name = short(if place.name.is_empty() { &place.alias } else { &place.name })
                }
                PlaceKind::Room => location.room = short(word),
                PlaceKind::Ward => {
                    let rule = self.wards.get(word.as_str());
                    location.ward = WardId::new(rule.and_then(|r| r.code.as_deref()).unwrap_or(word));
                    location.site = rule.and_then(|r| self.site(r.site.as_deref()?));
                }
                PlaceKind::Site => location.site = location.site.take().or_else(|| self.site(&place.name)),
                PlaceKind::Other if location.ward.is_none() && bed_name.is_none() => {
                    location.ward = WardId::new(word);
                }
                PlaceKind::Other => {}
            }
            next = place.part_of.as_deref().and_then(look);
        }
        location.bed = bed_name.map(|bed| without_ward(&bed, location.ward.as_ref()));
        location.site = location.site.or_else(|| site_default.cloned());
        Some(location)
    }

    fn by_rule(&self, rule: &PlaceRule, sent: String, site_default: Option<&SiteId>) -> Location {
        Location {
            site: rule.site.as_deref().and_then(|s| self.site(s)).or_else(|| site_default.cloned()),
            ward: rule.ward.as_deref().and_then(WardId::new),
            room: rule.room.as_deref().and_then(short),
            bed: rule.bed.as_deref().and_then(short),
            sent,
        }
    }

    fn site(&self, sent: &str) -> Option<SiteId> {
        SiteId::new(self.sites.get(sent).map_or(sent, String::as_str))
    }

    /// An ODS organisation code of three characters before a site code of five that begins with it.
    fn organisation_leads<'c>(&self, part: &dyn Fn(u8) -> &'c str) -> bool {
        if let Some(told) = self.organisation_first {
            return told;
        }
        let (organisation, site) = (part(1), part(4));
        (self.ward, self.room, self.bed, self.site) == (1, 2, 3, 4)
            && organisation.len() == 3
            && site.len() == 5
            && site.starts_with(organisation)
            && !part(2).is_empty()
    }

    /// Proposals from locations as sent (components joined by `^`), best first, for a person to confirm.
    pub fn learn(&self, samples: &[&str]) -> Vec<Suggestion> {
        let rows: Vec<Vec<&str>> =
            samples.iter().filter(|s| !s.is_empty()).map(|s| s.split('^').map(str::trim).collect()).collect();
        let mut suggestions = Vec::new();
        if rows.is_empty() {
            return suggestions;
        }
        let led = rows.iter().filter(|row| {
            let part = |n: u8| row.get(usize::from(n) - 1).copied().unwrap_or("");
            LocationMap::default().organisation_leads(&part)
        });
        let mut propose = |text: &str, map: LocationMap, share: f32| {
            if share > 0.0 && map != *self {
                suggestions.push(Suggestion { text: text.to_owned(), map, share });
            }
        };
        let led_share = share(led.count(), rows.len());
        propose(
            "The first component is the organisation; the ward is the second and the bed the third.",
            LocationMap { organisation_first: Some(true), ..self.clone() },
            led_share,
        );
        // A ward has many beds under it: the component with few values over one with many is the ward.
        let kinds = |n: usize| -> usize {
            let mut seen: Vec<&str> = rows.iter().filter_map(|r| r.get(n).copied()).collect();
            seen.sort_unstable();
            seen.dedup();
            seen.len()
        };
        if kinds(0) == 1 && kinds(1) > 1 && kinds(2) >= kinds(1) && led_share < 0.5 {
            propose(
                "The first component never changes; the ward is the second and the bed the third.",
                LocationMap { ward: 2, room: 0, bed: 3, organisation_first: Some(false), ..self.clone() },
                share(rows.iter().filter(|r| r.len() > 2).count(), rows.len()),
            );
        }
        suggestions.sort_by(|a, b| b.share.total_cmp(&a.share));
        suggestions
    }
}

#[allow(clippy::cast_precision_loss)]
fn share(part: usize, whole: usize) -> f32 {
    part as f32 / whole.max(1) as f32
}

fn short(text: &str) -> Option<String> {
    let text = tidy(text, PART_BYTES_MAX);
    (!text.is_empty()).then_some(text)
}

/// The components as sent, joined by `^`, without trailing empty ones.
fn joined(components: &[&str]) -> String {
    let used = components.iter().rposition(|c| !c.trim().is_empty()).map_or(0, |last| last + 1);
    let mut sent = String::with_capacity(40);
    for (index, component) in components.iter().take(used).enumerate() {
        if index > 0 {
            sent.push('^');
        }
        sent.push_str(component.trim());
    }
    tidy(&sent, SENT_BYTES_MAX)
}

/// "SAU Bed 1" on SAU is "Bed 1".
fn without_ward(bed: &str, ward: Option<&WardId>) -> String {
    let rest = ward.and_then(|w| bed.strip_prefix(w.as_str())).map(|r| r.trim_start_matches([' ', '-', '_']));
    rest.filter(|r| !r.is_empty()).unwrap_or(bed).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locations_are_read_as_each_sender_writes_them() {
        let mut map = LocationMap::default();
        map.sites.insert("RCB55".to_owned(), "York Road".to_owned());
        map.exact
            .insert("CHAIR 4".to_owned(), PlaceRule { ward: Some("DU".to_owned()), ..PlaceRule::default() });
        let site = SiteId::new("Home").unwrap();
        let cases: [(&str, [Option<&str>; 4]); 7] = [
            (
                "CARD^W6^Bed 22^Northgate General^^BED^Main Building^6",
                [Some("Northgate General"), Some("CARD"), Some("W6"), Some("Bed 22")],
            ),
            ("RCB^OBS1^BAY2-6^RCB55", [Some("York Road"), Some("OBS1"), None, Some("BAY2-6")]),
            ("THEATRE", [Some("Home"), Some("THEATRE"), None, None]),
            ("AMU^^3", [Some("Home"), Some("AMU"), None, Some("3")]),
            ("CHAIR 4^^", [Some("Home"), Some("DU"), None, None]),
            ("^^^FACILITY2^^^BUILDING2", [None, None, None, None]),
            ("", [None, None, None, None]),
        ];
        for (sent, [site_want, ward, room, bed]) in cases {
            let parts: Vec<&str> = sent.split('^').collect();
            let got = map.locate(&parts, Some(&site));
            let text = |o: Option<&String>| o.cloned();
            assert_eq!(got.as_ref().and_then(|l| l.site.as_ref()).map(SiteId::as_str), site_want, "{sent}");
            assert_eq!(got.as_ref().and_then(|l| l.ward.as_ref()).map(WardId::as_str), ward, "{sent}");
            assert_eq!(text(got.as_ref().and_then(|l| l.room.as_ref())).as_deref(), room, "{sent}");
            assert_eq!(text(got.as_ref().and_then(|l| l.bed.as_ref())).as_deref(), bed, "{sent}");
        }
    }

    #[test]
    fn a_leading_organisation_is_proposed() {
        let samples = ["RCB^OBS1^BAY2-6^RCB55", "RCB^OBS1^BAY2-5^RCB55", "RCB^W2^1^RCB55"];
        let told = LocationMap::default().learn(&samples);
        assert_eq!(told.first().and_then(|s| s.map.organisation_first), Some(true));
        assert!(LocationMap::default().learn(&["AMU^AMU^1^N", "SAU^SAU^2^N"]).is_empty());
    }

    #[test]
    fn fhir_places_are_followed_upwards() {
        let mut map = LocationMap::default();
        let place = |reference: &str, name: &str, alias: &str, part_of: Option<&str>, kind| PlaceName {
            reference: reference.to_owned(),
            name: name.to_owned(),
            alias: alias.to_owned(),
            part_of: part_of.map(str::to_owned),
            kind,
        };
        map.learn_place(place("Location/w", "Surgical Assessment", "SAU", None, PlaceKind::Ward));
        map.learn_place(place("Location/b", "SAU Bed 1", "", Some("Location/w"), PlaceKind::Bed));
        let bed = map.resolve_reference("Location/b", None).unwrap();
        assert_eq!((bed.ward, bed.bed.as_deref()), (WardId::new("SAU"), Some("Bed 1")));
        assert_eq!(map.ward_name(&WardId::new("SAU").unwrap()), Some("Surgical Assessment"));
        assert_eq!(map.resolve_reference("Location/x", None), None);
    }
}

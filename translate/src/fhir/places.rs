//! Location: the wards, rooms and beds that stays refer to, and where a stay's patient lies.
//!
//! Always: the deepest active place wins; what no Location explains is read from its words, and keeps the reference so
//! that it can be read again when the Location is known. Called by `fhir` and `stays`.

use super::datatypes::{Concept, Named, Reference};
use super::lenient::{Many, Raw, Text, object};
use super::reader::{Here, Reader};
use crate::words::line;
use crate::{PlaceKind, PlaceName};
use basics::WardId;
use care::Location;

object!(Place {
    id "id": Text<'a>,
    contained "contained": Raw<'a>,
    identifier "identifier": Many<Named<'a>>,
    name "name": Text<'a>,
    alias "alias": Many<Text<'a>>,
    kind "physicalType": Concept<'a>,
    role "type": Many<Concept<'a>>,
    part_of "partOf": Reference<'a>,
});

pub(super) fn location(reader: &mut Reader<'_, '_>, part: usize) {
    let Some(place) = reader.read::<Place<'_>>(part) else { return };
    let here = reader.here(part, &place.id, place.contained);
    if here.key.is_empty() {
        return;
    }
    let name = named(reader, &here.key, &place);
    reader.places.insert(here.key, name);
}

fn named(reader: &Reader<'_, '_>, reference: &str, place: &Place<'_>) -> PlaceName {
    let part_of = place.part_of.reference.as_str();
    PlaceName {
        reference: reference.to_owned(),
        name: line(place.name.as_str()),
        alias: place.alias.iter().map(|a| line(a.as_str())).find(|a| !a.is_empty()).unwrap_or_default(),
        part_of: (!part_of.is_empty()).then(|| reader.key_of_reference(part_of)),
        kind: kind_of(place),
    }
}

/// By FHIR's code for the physical type; else by what the service there is (HL7 v3 RoleCode); else by its name.
fn kind_of(place: &Place<'_>) -> PlaceKind {
    match place.kind.status().to_ascii_lowercase().as_str() {
        "si" | "site" => return PlaceKind::Site,
        "wa" | "ward" => return PlaceKind::Ward,
        "ro" | "room" | "bay" => return PlaceKind::Room,
        "bd" | "bed" => return PlaceKind::Bed,
        _ => {}
    }
    if place.role.iter().any(|r| r.is_any(&["HOSP", "GACH"])) {
        return PlaceKind::Site;
    }
    if place
        .role
        .iter()
        .any(|r| r.is_any(&["HU", "ER", "ETU", "ICU", "CCU", "PEDICU", "PEDNICU", "PEDU", "BMTU"]))
    {
        return PlaceKind::Ward;
    }
    if !place.kind.is_empty() {
        return PlaceKind::Other;
    }
    let name = format!(" {} ", place.name.as_str().to_ascii_lowercase());
    match () {
        () if name.contains(" bed ") => PlaceKind::Bed,
        () if name.contains(" ward ") => PlaceKind::Ward,
        () if name.contains(" bay ") || name.contains(" room ") => PlaceKind::Room,
        () => PlaceKind::Other,
    }
}

/// Where the references of a stay lead, best first: the deepest that is known, completed by the others. `None` when
/// there is none.
pub(super) fn whereabouts<'a>(
    reader: &Reader<'a, '_>,
    here: &Here<'a>,
    references: &[&Reference<'a>],
) -> Option<Location> {
    let mut known: Vec<Location> = references.iter().filter_map(|r| resolved(reader, here, r)).collect();
    let depth = |l: &Location| {
        u8::from(l.bed.is_some()) * 4 + u8::from(l.room.is_some()) * 2 + u8::from(l.ward.is_some())
    };
    known.sort_by_key(|l| std::cmp::Reverse(depth(l)));
    let mut known = known.into_iter();
    if let Some(mut best) = known.next() {
        for other in known {
            best.ward = best.ward.or(other.ward);
            best.room = best.room.or(other.room);
            best.site = best.site.or(other.site);
        }
        if best.ward.is_some() {
            return Some(best);
        }
    }
    by_words(reader, here, references).or_else(|| unheard_of(reader, references))
}

/// A place that nobody named yet: kept as sent, so that it can be told when the feed names it.
fn unheard_of<'a>(reader: &Reader<'a, '_>, references: &[&Reference<'a>]) -> Option<Location> {
    let sent =
        references.iter().map(|r| r.reference.as_str()).find(|r| !r.is_empty() && !r.starts_with('#'))?;
    Some(Location { sent: reader.key_of_reference(sent), ..Location::default() })
}

fn resolved<'a>(reader: &Reader<'a, '_>, here: &Here<'a>, reference: &Reference<'a>) -> Option<Location> {
    let site = reader.rules.site.as_ref();
    let sent = reference.reference.as_str();
    if sent.is_empty() {
        return None;
    }
    if sent.starts_with('#') {
        let place: Place<'_> = serde_json::from_str(reader.find(here, reference)?).ok()?;
        let name = named(reader, sent, &place);
        let look = |r: &str| if r == sent { Some(&name) } else { known_place(reader, r) };
        return reader.rules.locations.resolve_among(sent, site, &look);
    }
    let key = reader.key_of_reference(sent);
    reader.rules.locations.resolve_among(&key, site, &|r| known_place(reader, r))
}

fn known_place<'p>(reader: &'p Reader<'_, '_>, reference: &str) -> Option<&'p PlaceName> {
    reader.places.get(reference).or_else(|| reader.rules.locations.places.get(reference))
}

/// Nothing is known of the places but the words beside the references: "SAU Bed 1" and "SAU".
fn by_words<'a>(reader: &Reader<'a, '_>, here: &Here<'a>, references: &[&Reference<'a>]) -> Option<Location> {
    let mut shown: Vec<(String, String)> = Vec::new();
    for reference in references {
        let words = reader.name_of(here, reference);
        if !words.is_empty() {
            let key = reader.key_of_reference(reference.reference.as_str());
            shown.push((words.clone(), if key.is_empty() { words } else { key }));
        }
    }
    shown.sort_by_key(|(words, _)| words.len());
    let (words, sent) = shown.last()?.clone();
    let shorter = shown.first().filter(|(short, _)| shown.len() > 1 && words.len() > short.len());
    let within = shorter.and_then(|(ward, _)| Some((ward.as_str(), words.strip_prefix(ward.as_str())?)));
    let lower = words.to_ascii_lowercase();
    let (ward, bed) = match (within, lower.find(" bed ")) {
        (Some((ward, bed)), _) => (ward.to_owned(), bed),
        // "Acute Medical Unit Bed 3", "Ward 4, Bed 2".
        (None, Some(at)) if words.is_char_boundary(at) => {
            (words.get(..at).unwrap_or_default().to_owned(), words.get(at..).unwrap_or_default())
        }
        (None, _) => match shorter {
            Some((ward, _)) => (ward.clone(), words.as_str()),
            None => (words.clone(), ""),
        },
    };
    let trim = |text: &str| text.trim_matches([' ', ',', '-', '/', ':']).to_owned();
    let (ward, bed) = (trim(&ward), trim(bed));
    let rule = reader.rules.locations.wards.get(&ward);
    let ward = WardId::new(rule.and_then(|r| r.code.as_deref()).unwrap_or(&ward))?;
    let site = reader.rules.site.clone();
    Some(Location { site, ward: Some(ward), room: None, bed: (!bed.is_empty()).then_some(bed), sent })
}

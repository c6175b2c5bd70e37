//! The order of the files of one import: FHIR resources that others refer to come first.
//!
//! A bulk export names its files by type and has them in the order of the alphabet, in which an encounter comes long
//! before the ward that it was on. Only files of single resources change places, and only among themselves.

use super::cutter::{Content, sniff};
use super::gather::Found;
use crate::{BodyLimits, unpack};
use std::io::Read;

/// Enough of a file to see what it is.
const PEEK_BYTES: u64 = 16 << 10;
/// The types that others refer to, in the order in which they do.
const FIRST: [&str; 8] = [
    "Organization",
    "Location",
    "Practitioner",
    "PractitionerRole",
    "Patient",
    "RelatedPerson",
    "Encounter",
    "Medication",
];

/// Puts the files of resources that others refer to before those others.
pub(super) fn references_first(files: &mut [Found], limits: &BodyLimits) {
    if files.len() < 2 {
        return;
    }
    let ranks: Vec<Option<usize>> = files.iter().map(|file| rank(file, limits)).collect();
    let places: Vec<usize> =
        ranks.iter().enumerate().filter(|(_, rank)| rank.is_some()).map(|(n, _)| n).collect();
    let mut sorted = places.clone();
    sorted.sort_by_key(|n| ranks.get(*n).copied().flatten());
    let moved: Vec<Found> = sorted.iter().filter_map(|n| files.get(*n).cloned()).collect();
    for (place, file) in places.into_iter().zip(moved) {
        if let Some(slot) = files.get_mut(place) {
            *slot = file;
        }
    }
}

/// The rank of a file of single resources; `None` for all else.
fn rank(file: &Found, limits: &BodyLimits) -> Option<usize> {
    let mut head = Vec::new();
    unpack::reader(file.open().ok()?, limits).ok()?.take(PEEK_BYTES).read_to_end(&mut head).ok()?;
    if !matches!(sniff(&head), Content::Ndjson | Content::Json) {
        return None;
    }
    let found = memchr::memmem::find(&head, b"\"resourceType\"")?;
    let after = head
        .get(found + 14..)?
        .trim_ascii_start()
        .strip_prefix(b":")?
        .trim_ascii_start()
        .strip_prefix(b"\"")?;
    let kind = after.split(|b| *b == b'"').next()?;
    match kind {
        b"Bundle" => None,
        kind => Some(FIRST.iter().position(|first| first.as_bytes() == kind).unwrap_or(FIRST.len())),
    }
}

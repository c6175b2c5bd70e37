//! What an entry holds: one resource, a bundle of them, or one a line.
//!
//! Always: a bundle that breaks off gives the resources before the break. Never: a deletion or a change by patch left
//! out without saying so. Called by `fhir::translate`.

use super::datatypes::{Meta, Peek};
use super::lenient::{Raw, Text, object};
use care::ProblemKind;
use serde_json::value::RawValue;

/// Deepest nesting of bundles within bundles.
const NESTING_MAX: usize = 3;

/// One resource.
#[derive(Debug, Clone, Default)]
pub(super) struct Item<'a> {
    /// "Bundle.entry[4].resource", "line[2]"; empty when the entry is this one resource.
    pub path: String,
    /// Its `fullUrl` in a bundle; empty else.
    pub url: String,
    pub kind: String,
    /// Known only for resources of a bundle.
    pub id: String,
    pub raw: &'a str,
}

/// What was found at the top.
#[derive(Debug, Default)]
pub(super) struct Contents<'a> {
    pub items: Vec<Item<'a>>,
    /// "Bundle/transaction", "Patient".
    pub message_type: String,
    /// `Bundle.timestamp`, else `meta.lastUpdated`.
    pub timestamp: String,
    /// What could not be taken: kind, place, words.
    pub problems: Vec<(ProblemKind, String, &'static str)>,
}

object!(Bundle {
    kind "type": Text<'a>,
    timestamp "timestamp": Text<'a>,
    meta "meta": Meta<'a>,
    entry "entry": Raw<'a>,
});

object!(Entry {
    url "fullUrl": Text<'a>,
    resource "resource": Raw<'a>,
    request "request": Request<'a>,
});

object!(Request {
    method "method": Text<'a>,
    url "url": Text<'a>,
});

/// Opens the text. `Err` says why nothing could be understood.
pub(super) fn open(text: &str) -> Result<Contents<'_>, &'static str> {
    let mut contents = Contents::default();
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<&RawValue>();
    let first = match values.next() {
        Some(Ok(first)) => first.get(),
        Some(Err(_)) => return rescue(text),
        None => return Err("The message is empty."),
    };
    if first.starts_with('[') {
        list(&mut contents, first)?;
        return Ok(contents);
    }
    let Some(kind) = kind_of(first) else { return Err(no_resource(first)) };
    let mut line = 1;
    for value in values {
        line += 1;
        match value {
            Ok(value) => match kind_of(value.get()) {
                Some(kind) => contents.items.push(item(value.get(), kind, format!("line[{line}]"))),
                None => contents.problems.push((ProblemKind::PartLost, format!("line[{line}]"), NO_TYPE)),
            },
            Err(_) => {
                let text = "From here on the text is no JSON; what stood before it was taken.";
                contents.problems.push((ProblemKind::PartLost, format!("line[{line}]"), text));
                break;
            }
        }
    }
    if line > 1 {
        contents.message_type = "Lines".to_owned();
        contents.items.insert(0, item(first, kind, "line[1]".to_owned()));
        return Ok(contents);
    }
    if kind == "Bundle" {
        bundle(&mut contents, first, "Bundle", 0);
    } else {
        contents.message_type.clone_from(&kind);
        contents.items.push(Item { kind, raw: first, ..Item::default() });
    }
    Ok(contents)
}

const NO_TYPE: &str = "This has no resourceType, so it is no FHIR resource.";

fn no_resource(text: &str) -> &'static str {
    if text.starts_with('{') {
        "This is JSON but no FHIR resource: it has no resourceType."
    } else {
        "This is no FHIR resource."
    }
}

/// A resource of several; its id is wanted for references.
fn item(raw: &str, kind: String, path: String) -> Item<'_> {
    let peek: Peek<'_> = serde_json::from_str(raw).unwrap_or_default();
    Item { path, url: String::new(), kind, id: peek.id.as_str().to_owned(), raw }
}

/// A list of resources; at least one must be one.
fn list<'a>(contents: &mut Contents<'a>, text: &'a str) -> Result<(), &'static str> {
    let elements: Vec<&RawValue> = serde_json::from_str(text).unwrap_or_default();
    for (index, element) in elements.into_iter().enumerate() {
        let path = format!("[{index}]");
        match kind_of(element.get()) {
            Some(kind) => contents.items.push(item(element.get(), kind, path)),
            None => contents.problems.push((ProblemKind::PartLost, path, NO_TYPE)),
        }
    }
    if contents.items.is_empty() {
        return Err("This is a list of JSON values and none of them is a FHIR resource.");
    }
    contents.message_type = "List".to_owned();
    Ok(())
}

/// The resource's type: nearly always the first name in it.
fn kind_of(raw: &str) -> Option<String> {
    let quick = || -> Option<&str> {
        let rest = raw.strip_prefix('{')?.trim_start().strip_prefix("\"resourceType\"")?;
        let rest = rest.trim_start().strip_prefix(':')?.trim_start().strip_prefix('"')?;
        rest.split('"').next()
    };
    let kind = match quick() {
        Some(kind) => kind.to_owned(),
        None if raw.starts_with('{') => serde_json::from_str::<Peek<'_>>(raw).ok()?.kind.as_str().to_owned(),
        None => return None,
    };
    let plausible = (1..=64).contains(&kind.len()) && kind.bytes().all(|b| b.is_ascii_alphanumeric());
    plausible.then_some(kind)
}

fn bundle<'a>(contents: &mut Contents<'a>, raw: &'a str, path: &str, nesting: usize) {
    let Ok(bundle) = serde_json::from_str::<Bundle<'a>>(raw) else {
        let text = "This bundle could not be read.";
        return contents.problems.push((ProblemKind::PartLost, path.to_owned(), text));
    };
    let kind = bundle.kind.as_str();
    if nesting == 0 {
        contents.message_type = format!("Bundle/{}", crate::words::line(kind));
        contents.timestamp = [&bundle.timestamp, &bundle.meta.updated]
            .into_iter()
            .map(Text::as_str)
            .find(|t| !t.is_empty())
            .unwrap_or_default()
            .to_owned();
    }
    let Some(entries) = bundle.entry.get() else { return };
    let start = contents.items.len();
    // One entry without its brackets counts as a list of one.
    let list: Vec<&RawValue> = match serde_json::from_str(entries) {
        Ok(list) => list,
        Err(_) => serde_json::from_str(entries).map(|one| vec![one]).unwrap_or_default(),
    };
    let mut read = 0;
    for (index, raw) in list.iter().enumerate() {
        let path = format!("{path}.entry[{index}]");
        match serde_json::from_str::<Entry<'a>>(raw.get()) {
            Ok(entry) if raw.get().starts_with('{') => {
                read += 1;
                take(contents, &entry, &path, nesting);
            }
            _ => contents.problems.push((ProblemKind::PartLost, path, "This entry could not be read.")),
        }
    }
    if read == 0 && !list.is_empty() {
        let text = "None of the bundle's entries could be read.";
        contents.problems.push((ProblemKind::NotUnderstood, path.to_owned(), text));
    }
    if kind == "history" {
        // Newest first in a history; the ward needs them in the order in which they happened.
        if let Some(items) = contents.items.get_mut(start..) {
            items.reverse();
        }
    }
}

fn take<'a>(contents: &mut Contents<'a>, entry: &Entry<'a>, path: &str, nesting: usize) {
    match entry.request.method.as_str() {
        "DELETE" if concerns_ward(entry.request.url.as_str()) => {
            let text = "A deletion names no patient and cannot be followed; what it deletes is still shown.";
            return contents.problems.push((ProblemKind::PartLost, path.to_owned(), text));
        }
        "PATCH" => {
            let text = "A change by patch cannot be followed; a whole resource is needed.";
            return contents.problems.push((ProblemKind::PartLost, path.to_owned(), text));
        }
        _ => {}
    }
    let Some(raw) = entry.resource.get() else { return };
    let path = format!("{path}.resource");
    let Some(kind) = kind_of(raw) else {
        return contents.problems.push((ProblemKind::PartLost, path, NO_TYPE));
    };
    if kind == "Bundle" {
        if nesting < NESTING_MAX {
            bundle(contents, raw, &path, nesting + 1);
        } else {
            let text = "Bundles are nested too deeply here.";
            contents.problems.push((ProblemKind::PartLost, path, text));
        }
        return;
    }
    let mut item = item(raw, kind, path);
    item.url = entry.url.as_str().to_owned();
    contents.items.push(item);
}

/// Whether a deleted "Type/id" is of a type that is shown.
fn concerns_ward(url: &str) -> bool {
    const SHOWN: [&str; 12] = [
        "Patient",
        "Encounter",
        "AllergyIntolerance",
        "MedicationRequest",
        "MedicationStatement",
        "MedicationAdministration",
        "Observation",
        "DiagnosticReport",
        "Condition",
        "Flag",
        "ServiceRequest",
        "Appointment",
    ];
    url.split(['/', '?']).any(|part| SHOWN.contains(&part))
}

/// A bundle that breaks off: the whole resources before the break.
fn rescue(text: &str) -> Result<Contents<'_>, &'static str> {
    const BROKEN: &str = "This is no JSON: it breaks off or is damaged.";
    let mut contents = Contents::default();
    let trimmed = text.trim_start();
    if let Some(kind) = trimmed.starts_with('{').then(|| first_line(trimmed)).flatten() {
        // Lines, of which the first is whole and a later one broken, do not come here; a broken first line does.
        contents.message_type = kind;
    }
    let entries = text.find("\"entry\"").and_then(|at| text.get(at + 7..));
    let entries =
        entries.and_then(|t| t.trim_start().strip_prefix(':')).and_then(|t| t.trim_start().strip_prefix('['));
    let Some(mut rest) = entries.filter(|_| contents.message_type == "Bundle") else { return Err(BROKEN) };
    let mut index = 0;
    loop {
        rest = rest.trim_start_matches([' ', '\n', '\r', '\t', ',']);
        let mut values = serde_json::Deserializer::from_str(rest).into_iter::<Entry<'_>>();
        let Some(Ok(entry)) = values.next() else { break };
        let read = values.byte_offset();
        take(&mut contents, &entry, &format!("Bundle.entry[{index}]"), 0);
        rest = rest.get(read..).unwrap_or_default();
        index += 1;
    }
    if contents.items.is_empty() {
        return Err(BROKEN);
    }
    let text = "The bundle breaks off or is damaged here; what stood before was taken, the rest is lost.";
    contents.problems.push((ProblemKind::PartLost, format!("Bundle.entry[{index}]"), text));
    Ok(contents)
}

fn first_line(text: &str) -> Option<String> {
    let at = text.find("\"resourceType\"")?;
    let rest = text.get(at + 14..)?.trim_start().strip_prefix(':')?.trim_start().strip_prefix('"')?;
    rest.split('"').next().map(str::to_owned)
}

//! Reading a neighbour's hospital availability report (EDXL-HAVE 2.0, working draft): a few things of it, nothing trusted.
//!
//! Always: at most `HAVE_BYTES_MAX` bytes, a bounded number of elements, a bounded depth; a document type is refused, so
//! that no entity is ever expanded; what is not understood is passed over. Never: an address in the report opened. Bytes
//! come from the caller. Called by the page, the door and the poller; proved by `tests/divert_feeds.rs`.

use super::feeds::{Colour, FEED_SITES_MAX};
use crate::wording;
use basics::Moment;
use quick_xml::Reader;
use quick_xml::events::Event;

/// Largest report, in bytes.
pub const HAVE_BYTES_MAX: usize = 4 << 20;
/// Elements of one report.
const ELEMENTS_MAX: usize = 100_000;
/// Elements within elements.
const DEPTH_MAX: usize = 40;
/// Longest text kept of one element, in bytes.
const TEXT_BYTES_MAX: usize = 400;
/// Services kept of one site.
const SERVICES_MAX: usize = 200;
/// The namespace that the root must have.
const NAMESPACE: &[u8] = b"urn:oasis:names:tc:emergency:edxl:have:2.0";
/// Longest handover that is believed, in minutes.
const OFFLOAD_MINUTES_MAX: u32 = 2_880;

/// A report, as far as it is used here.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct HaveReport {
    /// Who reports.
    pub organisation: String,
    /// A word on the whole.
    pub comment: String,
    /// As at, if it says so.
    pub as_at: Option<Moment>,
    /// Its sites.
    pub facilities: Vec<HaveFacility>,
}

/// One site of a report.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct HaveFacility {
    /// Its code.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its colour.
    pub colour: Option<Colour>,
    /// A word on the colour.
    pub colour_words: String,
    /// Ambulance traffic: "Normal", "Advisory", "Closed".
    pub traffic: String,
    /// Why.
    pub traffic_reason: String,
    /// Minutes to hand over.
    pub offload_minutes: Option<u32>,
    /// As at, if it says so.
    pub as_at: Option<Moment>,
    /// Its services.
    pub services: Vec<HaveService>,
}

/// One service of a site.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct HaveService {
    /// Its name.
    pub name: String,
    /// Whether it is there.
    pub available: Option<bool>,
    /// Its colour.
    pub colour: Option<Colour>,
    /// A word on it.
    pub comment: String,
}

impl HaveFacility {
    /// Its name, or its code where it has none.
    pub fn named(&self) -> &str {
        if self.name.is_empty() { &self.id } else { &self.name }
    }
}

/// Why a report is not read: a sentence for whoever sent it.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum HaveFault {
    /// Too many bytes.
    #[error("the report has {bytes} bytes; at most {HAVE_BYTES_MAX} are read")]
    TooLarge {
        /// How many.
        bytes: usize,
    },
    /// Not UTF-8.
    #[error("the report is not UTF-8 text; send it in UTF-8")]
    NotUtf8,
    /// A document type, which could define entities.
    #[error(
        "the report has a document type (<!DOCTYPE …>), which is refused because it can hide text; leave it out"
    )]
    DocumentType,
    /// A reference that is none of the five.
    #[error("the report uses the entity &{0};, which is not read; write the character itself")]
    Entity(String),
    /// Too deep or too many.
    #[error("the report is too {0} to be one of hospitals")]
    Unbounded(&'static str),
    /// Not well-formed.
    #[error("the report cannot be read as XML: {0}")]
    NotXml(String),
    /// Something else.
    #[error(
        "this is no EDXL-HAVE 2.0 report: its first element is {0}, not HAVE of {ns}",
        ns = "urn:oasis:names:tc:emergency:edxl:have:2.0"
    )]
    NotHave(String),
    /// Nobody in it.
    #[error("the report names no hospital (facility)")]
    NoFacility,
}

/// An element: its name without prefix, its text, its children.
#[derive(Default)]
struct Element {
    name: String,
    text: String,
    children: Vec<Element>,
}

/// Reads a report.
///
/// # Errors
/// A sentence for whoever sent it.
pub fn read_have(bytes: &[u8]) -> Result<HaveReport, HaveFault> {
    if bytes.len() > HAVE_BYTES_MAX {
        return Err(HaveFault::TooLarge { bytes: bytes.len() });
    }
    let text = std::str::from_utf8(bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes));
    let root = tree(text.map_err(|_| HaveFault::NotUtf8)?)?;
    let facilities: Vec<HaveFacility> = root.all("facility").take(FEED_SITES_MAX + 1).map(facility).collect();
    if facilities.is_empty() {
        return Err(HaveFault::NoFacility);
    }
    let organisation = root.at(&["organizationInformation", "OrganisationName", "NameElement"]);
    Ok(HaveReport {
        organisation: organisation.map_or_else(String::new, Element::line),
        comment: root.at(&["reportComment"]).map_or_else(String::new, Element::line),
        as_at: root.at(&["reportingPeriod"]).and_then(period),
        facilities,
    })
}

fn facility(of: &Element) -> HaveFacility {
    let line = |path: &[&str]| of.at(path).map_or_else(String::new, Element::line);
    let emergency = &["facilityInformation", "emergencyDepartmentStatus"];
    let within = |more: &[&str]| line(&[emergency, more].concat());
    let minutes = within(&["emsAmbulanceStatus", "emsOffloadMinutes"]);
    HaveFacility {
        id: line(&["facilityInformation", "facilityID"]),
        name: line(&["facilityInformation", "facilityName"]),
        colour: of.at(&["facilityColourStatus"]).and_then(colour),
        colour_words: line(&["facilityColourStatus", "colourDescription"]),
        traffic: within(&["emsTraffic", "emsTrafficStatus"]),
        traffic_reason: within(&["emsTraffic", "emsTrafficReason"]),
        offload_minutes: minutes.parse().ok().filter(|m| *m <= OFFLOAD_MINUTES_MAX),
        as_at: of.at(&["reportingPeriod"]).and_then(period),
        services: of
            .all("serviceList")
            .flat_map(|list| list.all("serviceListItem"))
            .take(SERVICES_MAX)
            .map(service)
            .collect(),
    }
}

fn service(of: &Element) -> HaveService {
    let line = |path: &[&str]| of.at(path).map_or_else(String::new, Element::line);
    HaveService {
        name: line(&["serviceName"]),
        available: match line(&["serviceStatus", "isAvailable"]).as_str() {
            "true" | "1" => Some(true),
            "false" | "0" => Some(false),
            _ => None,
        },
        colour: of.at(&["serviceStatus", "colourStatus"]).and_then(colour),
        comment: line(&["serviceStatus", "comment"]),
    }
}

fn colour(status: &Element) -> Option<Colour> {
    let code = status.at(&["colourCodeDefault"]).or_else(|| status.at(&["colourCode"]))?;
    Colour::read(code.at(&["Value"])?.text.trim())
}

fn period(of: &Element) -> Option<Moment> {
    let end = of.at(&["toDateTime"]).or_else(|| of.at(&["fromDateTime"]))?;
    Moment::parse_rfc3339(end.text.trim())
}

impl Element {
    fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Element> {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// The first element of that path.
    fn at(&self, path: &[&str]) -> Option<&Element> {
        path.iter().try_fold(self, |here, name| here.children.iter().find(|child| child.name == *name))
    }

    fn line(&self) -> String {
        wording::plain_line(&self.text, TEXT_BYTES_MAX)
    }

    fn write(&mut self, text: &str) {
        // What is kept is cut to `TEXT_BYTES_MAX`; a little more is held so that white space before it costs nothing.
        if self.text.len() < TEXT_BYTES_MAX * 4 {
            self.text.push_str(basics::clip(text, TEXT_BYTES_MAX * 4));
        }
    }
}

/// The report as a tree, within the ceilings.
fn tree(text: &str) -> Result<Element, HaveFault> {
    let not_xml = |e: &dyn std::fmt::Display| HaveFault::NotXml(wording::plain_line(&e.to_string(), 160));
    let mut reader = Reader::from_str(text);
    let mut open: Vec<Element> = vec![Element::default()];
    let mut elements = 0;
    loop {
        let event = reader.read_event().map_err(|e| not_xml(&e))?;
        let mut closes = false;
        match event {
            Event::Start(ref start) | Event::Empty(ref start) => {
                elements += 1;
                if elements > ELEMENTS_MAX {
                    return Err(HaveFault::Unbounded("long"));
                }
                if open.len() > DEPTH_MAX {
                    return Err(HaveFault::Unbounded("deep"));
                }
                let name = String::from_utf8_lossy(start.local_name().into_inner()).into_owned();
                if elements == 1 {
                    let mut values = start.attributes().filter_map(Result::ok).map(|a| a.value);
                    if name != "HAVE" || !values.any(|v| v.as_ref() == NAMESPACE) {
                        return Err(HaveFault::NotHave(wording::plain_line(&name, 60)));
                    }
                } else if open.len() == 1 {
                    return Err(HaveFault::NotXml("there is more than one first element".to_owned()));
                }
                open.push(Element { name, ..Element::default() });
                closes = matches!(event, Event::Empty(_));
            }
            Event::End(_) => closes = true,
            Event::Text(text) => {
                let text = text.decode().map_err(|e| not_xml(&e))?;
                if let Some(here) = open.last_mut() {
                    here.write(&text);
                }
            }
            Event::CData(text) => {
                let text = text.decode().map_err(|e| not_xml(&e))?;
                if let Some(here) = open.last_mut() {
                    here.write(&text);
                }
            }
            Event::GeneralRef(reference) => {
                let mut bytes = [0; 4];
                let character = match reference.resolve_char_ref().map_err(|e| not_xml(&e))? {
                    Some(character) => &*character.encode_utf8(&mut bytes),
                    None => {
                        let name = reference.decode().map_err(|e| not_xml(&e))?;
                        match name.as_ref() {
                            "amp" => "&",
                            "lt" => "<",
                            "gt" => ">",
                            "quot" => "\"",
                            "apos" => "'",
                            other => return Err(HaveFault::Entity(wording::plain_line(other, 40))),
                        }
                    }
                };
                if let Some(here) = open.last_mut() {
                    here.write(character);
                }
            }
            Event::DocType(_) => return Err(HaveFault::DocumentType),
            Event::Eof => break,
            Event::Decl(_) | Event::PI(_) | Event::Comment(_) => {}
        }
        if closes
            && open.len() > 1
            && let Some(done) = open.pop()
            && let Some(parent) = open.last_mut()
        {
            parent.children.push(done);
        }
    }
    if open.len() > 1 {
        return Err(HaveFault::NotXml("it ends in the middle".to_owned()));
    }
    let root = open.pop().and_then(|top| top.children.into_iter().next());
    root.ok_or_else(|| HaveFault::NotHave("missing".to_owned()))
}

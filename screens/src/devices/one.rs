//! `GET /devices/{key}`, `POST /devices/{key}/{deed}`: one device; enrolling this browser, making a code for another one,
//! taking a code back, revoking.
//!
//! `/devices/new` is the form for a code, `/devices/new/code` the sheet that comes of it, `/devices/waiting/withdraw` takes one
//! back. Always: what the rules would refuse on the tablet is refused here already. Never: another browser than the one in hand
//! enrolled without its code.

use super::list::Line;
use super::places::Places;
use super::{address, answered, code, key_of};
use crate::desk::{Desk, GoTo, Html, IntoPage, Look, Visit};
use crate::forms::{Posted, Typed};
use crate::layout::{Here, Layout};
use crate::mishap::{Mishap, sentence};
use crate::parts::Stamp;
use access::StaffNumber;
use access::devices::{DeviceKey, DeviceKind, Intent};
use access::people::Place;
use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use http::{HeaderMap, Uri};

/// People named on a device's page; the rest are counted.
const NAMED_MAX: usize = 100;

#[derive(Template)]
#[template(path = "devices/one.html")]
struct OnePage {
    layout: Layout,
    refused: Option<String>,
    device: Line,
    revoked: bool,
    known: Vec<(String, Stamp)>,
    known_more: usize,
    why: String,
}

/// The form by which a device is described.
#[derive(Template)]
#[template(path = "devices/new.html")]
struct NewPage {
    layout: Layout,
    refused: Option<String>,
    typed: Typed,
    kinds: Vec<KindLine>,
    sites: Vec<(String, bool)>,
    wards: Vec<String>,
    no_site: &'static str,
    ward_hint: &'static str,
    /// For this browser: its page. Else for another device, by a code.
    here: Option<String>,
}

struct KindLine {
    value: &'static str,
    word: &'static str,
    hint: &'static str,
    chosen: bool,
}

const KINDS: [(DeviceKind, &str, &str, &str); 3] = [
    (
        DeviceKind::Terminal,
        "terminal",
        "A ward terminal",
        "Many use it, and it stays where it is. Locked after ten minutes; whoever comes next signs in over it.",
    ),
    (
        DeviceKind::Tablet,
        "tablet",
        "A shared tablet",
        "Many use it and carry it about. Locked after ten minutes.",
    ),
    (DeviceKind::Own, "own", "One person’s device", "Theirs alone: they stay signed in for up to a week."),
];

/// `GET /devices/{key}`
pub async fn show(State(desk): State<Desk>, visit: Visit, Path(key): Path<String>) -> Response {
    desk.page(visit, move |look| {
        if key == "new" {
            return Html(new_page(look, Typed::default(), None, None)?).into_page();
        }
        let key = key_of(&key).ok_or_else(no_device)?;
        match page(look, &key, "", None) {
            Some(page) => Html(page).into_page(),
            None if look.visit.door.device == Some(key) => {
                Html(new_page(look, Typed::default(), Some(key), None)?).into_page()
            }
            None => Err(no_device()),
        }
    })
    .await
}

fn no_device() -> Mishap {
    Mishap::NotFound {
        what: "No device is kept under this address.".to_owned(),
        next: "Look at the list of devices.",
    }
}

fn page(look: &Look<'_>, key: &DeviceKey, why: &str, refused: Option<String>) -> Option<OnePage> {
    let (device, revoked, known, count) = look.access().read(|book| {
        let device = book.devices.device(key)?;
        let mut known: Vec<_> = device.known().collect();
        known.sort_by_key(|(_, at)| std::cmp::Reverse(*at));
        let named = known.iter().take(NAMED_MAX);
        let named: Vec<_> = named.map(|(number, at)| (book.people.name(number), look.stamp(*at))).collect();
        let signed_in = book.sessions.on(key, look.now).count();
        let line = Line::new(look, book, (key, device), signed_in);
        Some((line, device.revoked.is_some(), named, known.len()))
    })?;
    Some(OnePage {
        layout: Layout::new(look, device.label.clone(), Here::Nowhere),
        refused,
        revoked,
        known_more: count.saturating_sub(known.len()),
        known,
        device,
        why: why.to_owned(),
    })
}

fn new_page(
    look: &Look<'_>,
    typed: Typed,
    here: Option<DeviceKey>,
    refused: Option<String>,
) -> Result<NewPage, Mishap> {
    let places = Places::of(look)?;
    let typed = typed.or("kind", "terminal");
    let title = if here.is_some() { "Enrol this browser" } else { "Enrol a device" };
    Ok(NewPage {
        layout: Layout::new(look, title, Here::Nowhere),
        refused,
        kinds: KINDS
            .map(|(_, value, word, hint)| KindLine { value, word, hint, chosen: typed.has("kind", value) })
            .into(),
        sites: places.sites(typed.text("site")),
        wards: places.wards(),
        no_site: "No one place",
        ward_hint: "Its code, as on the ward list: “AMU”. May be empty.",
        here: here.map(|key| address(&key)),
        typed,
    })
}

/// What a form says a device is.
#[derive(Clone)]
struct Described {
    label: String,
    kind: DeviceKind,
    place: Option<Place>,
    owner: Option<StaffNumber>,
}

impl Described {
    fn read(look: &Look<'_>, typed: &Typed) -> Result<Self, Mishap> {
        let kind = KINDS.into_iter().find(|(_, value, ..)| typed.has("kind", value)).map(|(kind, ..)| kind);
        let kind = kind.ok_or_else(|| Mishap::Refused("Choose what it is.".to_owned()))?;
        let place =
            Places::of(look)?.place(typed.text("site"), typed.text("ward")).map_err(Mishap::Refused)?;
        let owner = match typed.trimmed("owner") {
            "" => None,
            text => Some(StaffNumber::new(text).ok_or_else(|| {
                Mishap::Refused(
                    "The staff number is not one: write letters and digits, as on the staff card.".to_owned(),
                )
            })?),
        };
        Ok(Self { label: typed.text("label").to_owned(), kind, place, owner })
    }

    fn intent(self, device: DeviceKey) -> Intent {
        let Self { label, kind, place, owner } = self;
        Intent::Enrol { device, label, kind, place, owner }
    }
}

/// `POST /devices/{key}/{deed}`
pub async fn set(
    State(desk): State<Desk>,
    visit: Visit,
    Path((key, deed)): Path<(String, String)>,
    uri: Uri,
    headers: HeaderMap,
    Posted(typed): Posted<Typed>,
) -> Response {
    desk.page(visit, move |look| {
        let typed = typed?;
        match (key.as_str(), deed.as_str()) {
            ("new", "code") => {
                let made = code_for(look, &typed, code::host(&headers, &uri));
                answered(look, made, |why| new_page(look, typed, None, Some(why)))
            }
            ("waiting", "withdraw") => withdraw(look, &typed),
            (key, "enrol") => {
                let key = key_of(key).ok_or_else(no_device)?;
                answered(look, enrol_here(look, key, &typed), |why| {
                    new_page(look, typed, Some(key), Some(why))
                })
            }
            (key, "revoke") => {
                let key = key_of(key).ok_or_else(no_device)?;
                let why = typed.text("why");
                answered(look, revoke(look, key, why), |refused| {
                    page(look, &key, why, Some(refused)).ok_or_else(no_device)
                })
            }
            _ => Err(Mishap::no_page()),
        }
    })
    .await
}

fn code_for(look: &Look<'_>, typed: &Typed, host: Option<String>) -> Result<Response, Mishap> {
    let by = look.visitor()?.by();
    let described = Described::read(look, typed)?;
    let fresh = look.access().fresh_code().map_err(Mishap::room("make a code"))?;
    // What the rules would say of it: better said here than on a tablet at the other end of the house.
    let trial =
        described.clone().intent(DeviceKey::of("a trial of an enrolment", fresh.printed().as_bytes()));
    let said = look.access().read(|book| {
        let asked = access::Asked { book, zone: look.zone(), who: &by, at: look.now };
        access::decide(&asked, trial.into()).map(|_| book.name(&by))
    });
    let by_name = said.map_err(|refusal| Mishap::Refused(sentence(&refusal.to_string())))?;
    let Described { label, kind, place, owner } = described;
    let label = basics::tidy(&label, 80);
    code::sheet(look, super::pending::Wanted { label, kind, place, owner, by, by_name }, &fresh, host)
}

fn withdraw(look: &Look<'_>, typed: &Typed) -> Result<Response, Mishap> {
    look.visitor()?;
    let number = typed.number("number").and_then(|number| u32::try_from(number).ok()).unwrap_or(0);
    if !look.desk.enrolments().withdraw(number, look.now) {
        return Err(Mishap::Refused(
            "That code waits no more: it was used, ran out or was taken back. Look at the list of devices."
                .to_owned(),
        ));
    }
    GoTo("/devices?done=device-withdrawn".to_owned()).into_page()
}

fn enrol_here(look: &Look<'_>, key: DeviceKey, typed: &Typed) -> Result<Response, Mishap> {
    if look.visit.door.device != Some(key) {
        return Err(Mishap::Refused(
            "This form was for another browser than this one. For another device make a code: list of devices, “Enrol a \
             device”."
                .to_owned(),
        ));
    }
    look.admit("enrol this browser", Described::read(look, typed)?.intent(key))?;
    GoTo(format!("{}?done=device-enrolled", address(&key))).into_page()
}

fn revoke(look: &Look<'_>, device: DeviceKey, why: &str) -> Result<Response, Mishap> {
    look.admit("revoke the device", Intent::Revoke { device, why: why.to_owned() })?;
    GoTo(format!("{}?done=device-revoked", address(&device))).into_page()
}

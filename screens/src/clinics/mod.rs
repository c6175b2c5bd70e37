//! Clinic rescue on screen: the board, lists, one booking, the day's plan, notices, calls, the door desk, rebooking, counts.
//!
//! Always: class A that cannot be done stands first; whoever decides signs; a list that changed meanwhile is shown again
//! instead of decided; every number is of bookings and adds up. Called by the router; proved by `tests/clinics.rs`.

pub mod board;
pub mod booking;
pub mod calls;
pub mod counts;
mod deeds;
pub mod door;
pub mod import;
pub mod list;
pub mod notices;
pub mod plan;
pub mod prints;
pub mod rebooking;
pub mod room_sheet;
mod row;

pub use row::Patient;

use crate::desk::Look;
use crate::mishap::Mishap;
use crate::systems::ground::OnGround;
use basics::{EntryNumber, PartialDate, Person, SiteId};
use care::clinics::{BookingKey, Intent};
use control_room::{ClinicRefused, ListName, practice_of};
use serde::Deserialize;

/// Largest form of a list: every booking of a day may be ticked.
pub const FORM_BYTES_MAX: usize = 1 << 20;

/// `?incident=&day=&days=&site=&list=&clinician=&q=`
#[derive(Deserialize, Default, Clone, Debug)]
#[serde(default)]
pub struct Question {
    /// The exercise's number, "real", or empty.
    pub incident: String,
    /// A day, as 2026-05-12.
    pub day: String,
    /// How many days.
    pub days: String,
    /// A hospital.
    pub site: String,
    /// A clinic.
    pub list: String,
    /// Part of a clinician's name.
    pub clinician: String,
    /// What is looked for.
    pub q: String,
}

/// The picture that a page of clinics shows: ground, day, hospital, list.
#[derive(Clone, Debug)]
pub struct Place {
    /// What is so, or what is practised.
    pub on: OnGround,
    /// The day; today when none was asked for.
    pub day: PartialDate,
    /// The hospital asked for.
    pub site: Option<SiteId>,
}

impl Place {
    /// Reads it from an address or a form.
    ///
    /// # Errors
    /// `Mishap::NotFound` for an exercise that is not there.
    pub fn new(
        look: &Look<'_>,
        incident: &str,
        day: &str,
        site: &str,
        address: &str,
    ) -> Result<Self, Mishap> {
        let on = OnGround::new(look, incident, address)?;
        let today = look.zone().date(look.now);
        let whole = |d: &PartialDate| matches!(d.numbers(), (_, Some(_), Some(_)));
        let day = PartialDate::parse_iso(day).filter(whole).unwrap_or(today);
        Ok(Self { on, day, site: SiteId::new(site) })
    }

    /// An address on the same ground: `path` with more of a question, "day=2026-05-12".
    pub fn address(&self, path: &str, more: &str) -> String {
        match (self.on.query.as_str(), more) {
            ("", "") => path.to_owned(),
            ("", more) => format!("{path}?{more}"),
            (query, "") => format!("{path}{query}"),
            (query, more) => format!("{path}{query}&{more}"),
        }
    }

    /// Whether what is decided here is practice: an exercise, or a Lifeboat that is a demonstration.
    pub fn is_practice(&self, look: &Look<'_>) -> bool {
        self.on.ground.watermark().is_some() || look.screens().room.watermark().is_some()
    }

    /// A list's page.
    pub fn list_address(&self, name: &ListName) -> String {
        let site = name.site.as_ref().map_or("", SiteId::as_str);
        let more = format!(
            "day={}&site={}&list={}",
            name.day.iso(),
            crate::names::encoded(site),
            crate::names::encoded(&name.list)
        );
        self.address("/clinics/list", &more)
    }

    /// A booking's page.
    pub fn booking_address(&self, key: &BookingKey) -> String {
        self.address(&format!("/clinics/bookings/{}", crate::names::encoded(&key.text())), "")
    }
}

/// The days that a page shows, at most six weeks and a day.
fn days(text: &str, usual: u32) -> u32 {
    text.trim().parse().unwrap_or(usual).clamp(1, 43)
}

/// "Tue 12-May-2026".
fn day_words(look: &Look<'_>, day: PartialDate) -> String {
    let long = control_room::long_date(day);
    let weekday: String = long.chars().take(3).collect();
    let today = look.zone().date(look.now);
    let near = if day == today {
        "today, "
    } else if day == today.plus_days(1) {
        "tomorrow, "
    } else {
        ""
    };
    format!("{near}{weekday} {day}")
}

/// Decides something about clinics: sealed in the clinic book and in force once this returns.
fn decide(
    look: &Look<'_>,
    place: &Place,
    doing: &'static str,
    intent: impl Into<Intent>,
    who: &Person,
) -> Result<EntryNumber, Mishap> {
    let room = look.screens().room.clinics();
    room.submit(practice_of(place.on.ground), intent, who, look.now).map_err(|refused| match refused {
        ClinicRefused::Refusal(refusal) => Mishap::Refused(refusal.to_string()),
        ClinicRefused::Fault(fault) => Mishap::room(doing)(fault),
    })
}

/// A booking's key from an address or a form.
///
/// # Errors
/// `Mishap::NotFound` when it is none.
fn key_of(text: &str) -> Result<BookingKey, Mishap> {
    BookingKey::parse(text).ok_or_else(no_booking)
}

fn no_booking() -> Mishap {
    Mishap::NotFound {
        what: "There is no such booking.".to_owned(),
        next: "Look for the patient at the door desk, or go back to the clinics.",
    }
}

fn no_list() -> Mishap {
    Mishap::NotFound {
        what: "Nobody is booked on that list on that day.".to_owned(),
        next: "Choose a list from the clinics board.",
    }
}

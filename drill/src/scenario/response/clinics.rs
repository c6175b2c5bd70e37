//! Clinic rescue as a drill writes it: class A given to a clinician, lists postponed, patients told, rung, rebooked; what
//! must then be so.
//!
//! Always refuses a word it does not know, in a sentence. Read by `response`; performed by `play::respond::clinic_deeds`,
//! seen by `play::measure::clinics`; proved by `tests/drills.rs`.

use super::{What, because, count};
use crate::scenario::words::Line;

/// Most bookings of one line.
const BOOKED_MAX: u32 = 2_000;
/// Most places of one line.
const PLACES_MAX: u32 = 5_000;
/// Most days of one line.
const DAYS_MAX: u32 = 60;

/// What staff do about clinics. Each is done to whatever the pages show at that moment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ClinicDeed {
    /// Every booking of class A that cannot be done goes to this clinician.
    GivesClassA {
        /// Their name, with a number to reach them.
        clinician: String,
    },
    /// Everything that cannot be done and is not class A, list by list.
    Postpones {
        /// Why.
        reason: String,
    },
    /// One booking of class A: asks to postpone it, or agrees with who asked.
    PostponesClassA {
        /// Why.
        reason: String,
    },
    /// Queues a notice to everybody whom one can reach.
    Tells,
    /// Rings those whom no notice can reach; every third does not answer.
    Rings,
    /// What was postponed and can be done again: undone where nobody was told, else kept.
    Reopens,
    /// The first of the door list comes, is found, and is told.
    ReceivesWalkIn,
    /// Types in places for those who are to be rebooked.
    EntersRoom {
        /// How many.
        places: u32,
        /// On how many working days.
        days: u32,
    },
    /// Gives away the places as proposed, also those later than is safe.
    Rebooks,
}

/// What must be so about clinics.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ClinicSought {
    /// So many bookings stand on the drill's days.
    Booked(u32),
    /// There is class A that cannot be done, and none of it is without a clinician or a second person.
    ClassAWithClinician,
    /// So many are postponed; `None`: some.
    Postponed(Option<u32>),
    /// Notices went out, and nobody is left whom one could reach.
    Told,
    /// Somebody may come without knowing; or nobody.
    DoorList(bool),
    /// So many came although it was postponed.
    Came(u32),
    /// So many are postponed and have no new time.
    Outstanding(u32),
    /// Every row and day of the counts adds up, and the last sitrep says the same.
    AddUp,
    /// Something postponed, of which nobody was told, can be done again.
    CanReturn,
}

/// `books 90 over 3d seed 12`, after the feed's name: how many, over how many working days, by which dice.
pub(in crate::scenario) fn books(line: &mut Line) -> Result<(u32, u32, u64), String> {
    let bookings = at_most(count(line)?, BOOKED_MAX, "bookings")?;
    line.keyword("over")?;
    let days = days(line)?;
    line.keyword("seed")?;
    Ok((bookings, days, line.number()?))
}

/// A verb of clinics; `None` for any other.
pub(super) fn deed(verb: &str, line: &mut Line) -> Result<Option<What>, String> {
    let deed = match verb {
        "gives" => {
            line.keyword("class-a")?;
            line.keyword("to")?;
            ClinicDeed::GivesClassA { clinician: line.value()? }
        }
        "postpones" if line.take("class-a") => ClinicDeed::PostponesClassA { reason: because(line)? },
        "postpones" => {
            line.keyword("clinics")?;
            ClinicDeed::Postpones { reason: because(line)? }
        }
        "tells" if line.take("patients") => ClinicDeed::Tells,
        "rings" => ClinicDeed::Rings,
        "reopens" => {
            line.keyword("clinics")?;
            ClinicDeed::Reopens
        }
        "receives" => {
            line.keyword("walk-in")?;
            ClinicDeed::ReceivesWalkIn
        }
        "enters" => {
            line.keyword("room")?;
            let places = at_most(count(line)?, PLACES_MAX, "places")?;
            line.keyword("over")?;
            ClinicDeed::EntersRoom { places, days: days(line)? }
        }
        "rebooks" => ClinicDeed::Rebooks,
        _ => return Ok(None),
    };
    Ok(Some(What::Clinic(deed)))
}

/// `expect clinics booked 90`
pub(super) fn sought(line: &mut Line) -> Result<ClinicSought, String> {
    Ok(match line.word()?.as_str() {
        "booked" => ClinicSought::Booked(count(line)?),
        "class-a" => {
            line.keyword("with-clinician")?;
            ClinicSought::ClassAWithClinician
        }
        "postponed" if line.take("some") => ClinicSought::Postponed(None),
        "postponed" => ClinicSought::Postponed(Some(count(line)?)),
        "told" => ClinicSought::Told,
        "door-list" if line.take("none") => ClinicSought::DoorList(false),
        "door-list" => {
            line.keyword("some")?;
            ClinicSought::DoorList(true)
        }
        "came" => ClinicSought::Came(count(line)?),
        "outstanding" => ClinicSought::Outstanding(count(line)?),
        "add-up" => ClinicSought::AddUp,
        "can-return" => {
            line.keyword("some")?;
            ClinicSought::CanReturn
        }
        other => return Err(format!("clinics are not known to be {other}; see drills/README.md")),
    })
}

/// `3d`
fn days(line: &mut Line) -> Result<u32, String> {
    let word = line.word()?;
    let days = word.strip_suffix('d').and_then(|days| days.parse().ok());
    let days = days.ok_or_else(|| format!("{word} is no number of days; write 3d"))?;
    at_most(days, DAYS_MAX, "days")
}

fn at_most(number: u32, most: u32, what: &str) -> Result<u32, String> {
    if (1..=most).contains(&number) { Ok(number) } else { Err(format!("1 to {most} {what}, not {number}")) }
}

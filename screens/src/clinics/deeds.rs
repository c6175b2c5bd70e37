//! What a form of clinics asks to be done: the same decisions from a list, from a day's plan and from one booking.
//!
//! Always: what was on the page is decided, by the entry that the page showed; if anything of it changed since, nothing is
//! done and the reason is said.

use super::{Place, decide, key_of};
use crate::desk::Look;
use crate::forms::Typed;
use crate::mishap::Mishap;
use basics::{EntryNumber, Person};
use care::clinics::wanted::Decisions;
use care::clinics::{BookingKey, Choice, Considered};
use control_room::BookingRow;

/// Minutes that a clinician has when the form says nothing.
const CLINICIAN_MIN: i64 = 60;

/// The bookings that were ticked, as they stand now.
pub fn considered(look: &Look<'_>, place: &Place, typed: &Typed) -> Result<Vec<Considered>, Mishap> {
    let rows = look.screens().room.bookings(place.on.ground, &keys(typed)?);
    let rows = rows.map_err(Mishap::room("read bookings"))?;
    look.saw(rows.iter().flatten().map(|row| row.patient));
    rows.iter().map(|row| row.as_ref().map(of).ok_or_else(super::no_booking)).collect()
}

/// The keys that were ticked.
fn keys(typed: &Typed) -> Result<Vec<BookingKey>, Mishap> {
    typed.all("booking").map(key_of).collect()
}

fn of(row: &BookingRow) -> Considered {
    Considered { key: row.key.clone(), booking: row.snapshot.clone(), rule: row.verdict.words() }
}

/// The entry that the page showed.
fn seen(typed: &Typed) -> EntryNumber {
    EntryNumber(typed.number("seen").unwrap_or(0))
}

/// Does what the form's `deed` says; gives the code of the sentence that is shown next.
pub fn done(look: &Look<'_>, place: &Place, typed: &Typed, who: &Person) -> Result<&'static str, Mishap> {
    let deed = typed.text("deed");
    match deed {
        "keep" | "postpone" => {
            let choice = if deed == "keep" { Choice::Keep } else { Choice::Postpone };
            let intent = Decisions::Decide {
                bookings: considered(look, place, typed)?,
                choice,
                reason: typed.text("reason").to_owned(),
                signed_off: typed.text("signed_off").to_owned(),
                seen: seen(typed),
            };
            decide(look, place, "decide about bookings", intent, who)?;
            Ok(if deed == "keep" { "clinic-kept" } else { "clinic-postponed" })
        }
        "undo" => {
            let keys = keys(typed)?;
            look.saw(keys.iter().map(|key| key.patient));
            let why = typed.text("reason").to_owned();
            decide(look, place, "undo a decision", Decisions::Undo { keys, why, seen: seen(typed) }, who)?;
            Ok("clinic-undone")
        }
        "turn-down" => {
            let key = key_of(typed.text("booking"))?;
            look.saw([key.patient]);
            let reason = typed.text("reason").to_owned();
            decide(look, place, "turn a postponement down", Decisions::TurnDown { key, reason }, who)?;
            Ok("clinic-turned-down")
        }
        "escalate" => {
            let booking = considered(look, place, typed)?.pop().ok_or_else(super::no_booking)?;
            let minutes =
                typed.number("minutes").and_then(|m| i64::try_from(m).ok()).unwrap_or(CLINICIAN_MIN);
            let intent = Decisions::Escalate {
                booking,
                clinician: typed.text("clinician").to_owned(),
                due: look.now.plus_seconds(minutes.clamp(5, 24 * 60) * 60),
                note: typed.text("note").to_owned(),
                seen: seen(typed),
            };
            decide(look, place, "give a booking to a clinician", intent, who)?;
            Ok("clinic-escalated")
        }
        _ => Err(Mishap::Bad("The form does not say what is to be done.".to_owned())),
    }
}

//! The privacy officer's pages: who looked at whom, how often the glass was broken, and the review of every break.
//!
//! Always: patients by the number of their record alone, for whoever reads this may see no record; staff by name and number.
//! Never: open to anybody else, administrators included (the room itself asks that, whatever the rights say).
//! Called by the router; proved by `tests/access_record.rs`.

mod figures;
pub mod reviews;
pub mod search;

use crate::desk::Look;
use access::break_glass::Broken;
use access::looks::Found;
use access::{By, Patient, StaffNumber};

/// Patients of one look that are named; the rest are counted.
const PATIENTS_NAMED_MAX: usize = 6;
/// A review that waits longer is overdue, in seconds.
const OVERDUE_SECONDS: i64 = 86_400;

/// A look, as a line.
struct LookLine {
    at: String,
    who: String,
    who_address: String,
    patients: Vec<u64>,
    more: usize,
    deed: &'static str,
    page: String,
    device: String,
    broken: Option<u32>,
}

impl LookLine {
    /// The patient who was asked about stands first.
    fn new(look: &Look<'_>, found: &Found, asked: Option<Patient>) -> Self {
        let seen = &found.look;
        let first = asked.filter(|patient| seen.patients.contains(patient));
        let others = seen.patients.iter().copied().filter(|patient| Some(*patient) != first);
        let patients: Vec<u64> =
            first.into_iter().chain(others).take(PATIENTS_NAMED_MAX).map(|patient| patient.0).collect();
        let (who, device) = look.access().read(|book| {
            let device = book.devices.name(&seen.device, &seen.from);
            (book.people.name(&seen.who), device)
        });
        Self {
            at: look.zone().clinical(found.at),
            who,
            who_address: person_address(&seen.who),
            more: seen.patients.len().saturating_sub(patients.len()),
            patients,
            deed: seen.deed.word(),
            page: seen.address.clone(),
            device,
            broken: seen.broken,
        }
    }
}

fn person_address(number: &StaffNumber) -> String {
    format!("/access-record/people/{}", crate::names::encoded(number.as_str()))
}

/// "AMU at Northgate General".
fn place(broken: &Broken) -> String {
    broken.place.as_ref().map_or_else(|| "on no ward".to_owned(), ToString::to_string)
}

/// "Anna Bell (10482)".
fn breaker(look: &Look<'_>, broken: &Broken) -> String {
    look.access().read(|book| book.name(&By::Staff(broken.who.clone())))
}

/// Waits for a review, and has for too long.
fn overdue(look: &Look<'_>, broken: &Broken) -> bool {
    broken.closed.is_none() && look.now.seconds_since(broken.stamp.at) > OVERDUE_SECONDS
}

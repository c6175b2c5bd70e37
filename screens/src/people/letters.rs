//! Invitations: a code made, kept as its hash, and shown once: on a page to print, or as a file of letters.

use crate::desk::Look;
use crate::forms::Typed;
use crate::mishap::Mishap;
use crate::press::{letterhead, pdf};
use access::sign_in::credentials::{INVITATION, Intent};
use access::{Role, StaffNumber};
use axum::response::Response;
use paper::Invitation;

/// How many days a code may be made to hold, as the forms offer it.
pub const DAYS: [i64; 4] = [3, 7, 14, 31];

/// The days that were chosen.
pub fn days_of(typed: &Typed) -> Result<i64, Mishap> {
    let chosen = typed.trimmed("days").parse::<i64>().ok();
    DAYS.into_iter()
        .find(|days| Some(*days) == chosen)
        .ok_or_else(|| Mishap::Refused("Choose for how many days the code holds.".to_owned()))
}

/// Makes a code for each and seals the invitations: all of them, or none.
///
/// # Errors
/// The rule's sentence; a fault when nothing can be recorded.
pub fn invite(look: &Look<'_>, numbers: Vec<StaffNumber>, days: i64) -> Result<Vec<Invitation>, Mishap> {
    look.visitor()?;
    let until = look.now.plus_seconds(days * 86_400);
    let access = look.access();
    let mut coded = Vec::with_capacity(numbers.len());
    for number in numbers {
        let code = access.fresh_code().map_err(Mishap::room("make a code"))?;
        coded.push((number, code));
    }
    let people = coded.iter().map(|(number, code)| (number.clone(), code.hashed(INVITATION))).collect();
    look.admit("make the invitations", Intent::Invite { people, until })?;
    let address = look.screens().room.address();
    Ok(access.read(|book| {
        let whom = book.people.whom_to_ask(&[Role::Administrator], look.now);
        let letters = coded.iter().filter_map(|(number, code)| {
            let account = &book.people.listed(number)?.account;
            Some(Invitation {
                name: account.name.to_string(),
                number: number.to_string(),
                roles: account.roles_words(),
                places: account.scope.to_string(),
                code: code.printed().to_string(),
                until,
                address: address.trim_end_matches('/').to_owned(),
                whom: whom.clone(),
            })
        });
        letters.collect()
    }))
}

/// The letters as a file.
///
/// # Errors
/// `Mishap::NotPrintable` when they could not be laid out; then invite once more.
pub fn printed(look: &Look<'_>, letters: &[Invitation], name: &str) -> Result<Response, Mishap> {
    let head = look.incidents(|book| letterhead(look, book, None));
    let head = paper::Letterhead { record: String::new(), ..head };
    let press = look.press()?;
    pdf(look, press.invitations(letters, &head, look.zone()), name)
}

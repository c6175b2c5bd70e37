//! `POST /sign-in/demo`: in a demonstration, one press signs in as a ready-made person.
//!
//! Always: through the same door, by the same rules, as a passphrase and a phone's code. Never: anything at a real hospital:
//! there the program hands over no people, and no account there says of itself that it is of a demonstration.

use super::answer::Why;
use super::page::{Kept, Way, again, through};
use crate::desk::Look;
use crate::handed::DemoPerson;
use crate::mishap::Mishap;
use access::StaffNumber;
use access::secrets::Typed;
use access::sign_in::Attempt;
use access::sign_in::totp::STEP_SECONDS;
use axum::response::Response;

/// A ready-made person, as a button.
pub struct Row {
    /// Their staff number.
    pub number: String,
    /// Their name.
    pub name: String,
    /// Their role in words.
    pub role: String,
    /// Where they work, in words.
    pub place: String,
}

/// The people who can be pressed here.
pub fn rows(look: &Look<'_>) -> Vec<Row> {
    let row = |person: DemoPerson| {
        let DemoPerson { number, name, role, place, .. } = person;
        Row { number: number.to_string(), name, role, place }
    };
    people(look).into_iter().map(row).collect()
}

/// Those whom the demonstration hands over, as far as their accounts are of a demonstration too.
fn people(look: &Look<'_>) -> Vec<DemoPerson> {
    let Some(demo) = &look.screens().demo else { return Vec::new() };
    let mut people = demo.people();
    look.access().read(|book| {
        people.retain(|person| {
            let listed = book.people.listed(&person.number).filter(|listed| listed.closed.is_none());
            listed.is_some_and(|listed| listed.account.contact == DemoPerson::CONTACT)
        });
    });
    people
}

/// Signs in as the person of that number.
///
/// # Errors
/// No such page but in a demonstration with such a person; a fault when nothing can be recorded.
pub fn take(look: &Look<'_>, number: &str, to: &str) -> Result<Response, Mishap> {
    let number = StaffNumber::new(number).ok_or_else(Mishap::no_page)?;
    let person =
        people(look).into_iter().find(|person| person.number == number).ok_or_else(Mishap::no_page)?;
    let kept = Kept { back: to.to_owned(), ..Kept::default() };
    let Some(code) = code_now(look, &person) else {
        let words = "All codes that this person’s telephones show now were used already.";
        return again(look, (Way::Passphrase, kept), &Why::wait(look, words, STEP_SECONDS));
    };
    let code = Typed::new(format!("{code:06}"));
    let attempt = Attempt::Passphrase { number, passphrase: person.passphrase, code, next_code: None };
    through(look, (Way::Passphrase, kept), &attempt, to)
}

/// A code of one of their phones that is good now and was not used: of this half minute if there is one, else of its
/// neighbours, which the rules take too.
fn code_now(look: &Look<'_>, person: &DemoPerson) -> Option<u32> {
    let now = look.now.milliseconds().div_euclid(STEP_SECONDS * 1000);
    look.access().read(|book| {
        let phones = book.credentials(&person.number).authenticators.iter();
        let codes = phones.filter(|phone| person.authenticators.contains(&phone.secret)).flat_map(|phone| {
            let expected = now + i64::from(phone.drift_steps);
            let near = [expected, expected - 1, expected + 1].into_iter();
            near.filter_map(move |step| Some((step.abs_diff(now), u64::try_from(step).ok()?)))
                .filter(move |(_, step)| !phone.used.contains(step))
                .map(move |(away, step)| (away, phone.secret.code(step)))
        });
        codes.min_by_key(|(away, _)| *away).map(|(_, code)| code)
    })
}

//! `GET /people/{number}`: one account: as it stands, ways in, sessions, what became of it; and the forms that change it.

use super::form::AccountForm;
use super::letters::DAYS;
use super::{Places, Standing, address, no_account};
use crate::desk::{Desk, Html, Look, Visit};
use crate::forms::Typed;
use crate::layout::{Here, Layout};
use crate::mishap::Mishap;
use crate::parts::Mark;
use crate::sessions::{Line, hex, line};
use access::people::Listed;
use access::{AccessBook, StaffNumber};
use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use control_room::HistoryWithin;

/// How far back the history is looked for, and how much of it is shown.
const HISTORY: HistoryWithin = HistoryWithin { scanned_max: 20_000, shown_max: 60 };

#[derive(Template)]
#[template(path = "people/one.html")]
pub struct OnePage {
    layout: Layout,
    refused: Option<String>,
    address: String,
    number: String,
    name: String,
    standing: Mark,
    about: Vec<(&'static str, String)>,
    closed: Option<String>,
    ran_out: bool,
    ways: Ways,
    sessions: Vec<Line>,
    history: Vec<(String, String, String, u64)>,
    history_whole: bool,
    form: AccountForm,
    seen: u64,
    days: [i64; 4],
    why: String,
    /// It is the account of whoever looks.
    own: bool,
}

/// What somebody signs in by.
struct Ways {
    passphrase: bool,
    phones: Vec<(u32, String, String)>,
    passkeys: Vec<(String, String)>,
    recovery: usize,
    invitation: Option<String>,
    missing: Option<&'static str>,
}

/// `GET /people/{number}`
pub async fn show(State(desk): State<Desk>, visit: Visit, Path(number): Path<String>) -> Response {
    desk.page(visit, move |look| {
        let number = StaffNumber::new(&number).ok_or_else(no_account)?;
        Ok(Html(page(look, &number, None, None)?))
    })
    .await
}

/// The page; with what was typed and why it was not taken, where that is so.
pub fn page(
    look: &Look<'_>,
    number: &StaffNumber,
    refused: Option<String>,
    typed: Option<&Typed>,
) -> Result<OnePage, Mishap> {
    let places = Places::of(look)?;
    // Made before the book is read: a frame looks at much, and no book is read within itself.
    let layout = Layout::new(look, format!("Account {number}"), Here::Nowhere).still();
    let (told, history_whole) =
        look.access().history(number, HISTORY).map_err(Mishap::room("read what became of this account"))?;
    look.access().read(|book| {
        let listed = book.people.listed(number).ok_or_else(no_account)?;
        let standing = Standing::of(book, number, listed, look.now);
        let mut history = Vec::new();
        for told in &told {
            for words in &told.words {
                let at = look.zone().clinical(told.at);
                history.push((at, words.clone(), book.name(&told.by), told.entry.0));
            }
        }
        Ok(OnePage {
            layout,
            refused,
            address: address(number),
            number: number.to_string(),
            name: listed.account.name.to_string(),
            standing: standing.mark(),
            about: about(look, book, listed),
            closed: listed.closed.as_ref().map(|(stamp, why)| {
                format!("Closed at {} by {}: {why}", look.zone().clinical(stamp.at), book.name(&stamp.by))
            }),
            ran_out: standing == Standing::RanOut,
            ways: ways(look, book, number),
            sessions: book
                .sessions
                .of(number, look.now)
                .map(|(_, session)| line(look, book, session))
                .collect(),
            history,
            history_whole,
            form: match typed.filter(|typed| typed.has("deed", "change")) {
                Some(typed) => AccountForm::of_typed(&places, typed),
                None => AccountForm::of_account(look, &places, &listed.account),
            },
            seen: listed.told.entry.0,
            days: DAYS,
            why: typed.map_or_else(String::new, |typed| typed.text("why").to_owned()),
            own: look.visit.visitor().is_some_and(|visitor| visitor.number == *number),
        })
    })
}

fn about(look: &Look<'_>, book: &AccessBook, listed: &Listed) -> Vec<(&'static str, String)> {
    let account = &listed.account;
    let until = match account.valid_until {
        Some(at) => look.zone().clinical(at),
        None => "No end".to_owned(),
    };
    let kind = if account.temporary { "Agency, bank or from a neighbour" } else { "Employed here" };
    let contact = if account.contact.is_empty() { "Nobody has said" } else { account.contact.as_str() };
    vec![
        ("Roles", account.roles_words()),
        ("Works at", account.scope.to_string()),
        ("Reached by", contact.to_owned()),
        ("Until", until),
        ("Kind", kind.to_owned()),
        (
            "Stands so since",
            format!("{}, told by {}", look.zone().clinical(listed.told.at), book.name(&listed.told.by)),
        ),
    ]
}

fn ways(look: &Look<'_>, book: &AccessBook, number: &StaffNumber) -> Ways {
    let mine = book.credentials(number);
    let phones = mine.authenticators.iter();
    Ways {
        passphrase: mine.passphrase.is_some(),
        phones: phones
            .map(|phone| (phone.number, phone.label.clone(), phone.drift_words().unwrap_or_default()))
            .collect(),
        passkeys: mine.passkeys.iter().map(|key| (hex(&key.id), key.label.clone())).collect(),
        recovery: mine.recovery.len(),
        invitation: mine.invitation.as_ref().map(|invitation| {
            let until = look.zone().clinical(invitation.until);
            let holds = if look.now < invitation.until { "holds until" } else { "ran out at" };
            let (at, by) = (look.zone().clinical(invitation.told.at), book.name(&invitation.told.by));
            format!("The invitation of {at} by {by} {holds} {until}.")
        }),
        missing: mine.still_to_do(),
    }
}

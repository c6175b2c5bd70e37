//! `POST /people/{number}/{deed}`: change, close, reopen, invite, end-sessions, remove-phone, remove-passkey.

use super::form::account_of;
use super::letters::{days_of, invite, printed};
use super::{Places, address, no_account, one};
use crate::desk::{Desk, FormAgain, GoTo, Html, IntoPage, Look, Visit};
use crate::forms::{Posted, Typed};
use crate::layout::{Here, Layout};
use crate::mishap::Mishap;
use crate::sessions::unhex;
use access::StaffNumber;
use access::people::Intent as People;
use access::sessions::{Intent as Sessions, Revoke};
use access::sign_in::credentials::Intent as Credentials;
use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use paper::Invitation;

/// The letter, shown once.
#[derive(Template)]
#[template(path = "people/letter.html")]
struct LetterPage {
    layout: Layout,
    letter: Invitation,
    until: String,
    back: String,
}

/// `POST /people/{number}/{deed}`
pub async fn set(
    State(desk): State<Desk>,
    visit: Visit,
    Path((number, deed)): Path<(String, String)>,
    Posted(form): Posted<Typed>,
) -> Response {
    desk.page(visit, move |look| {
        let number = StaffNumber::new(&number).ok_or_else(no_account)?;
        let typed = form?;
        match done(look, &number, &deed, &typed) {
            Ok(response) => Ok(response),
            Err(mishap) => {
                let (why, status) = look.form_again(mishap)?;
                FormAgain { page: one::page(look, &number, Some(why), Some(&typed))?, status }.into_page()
            }
        }
    })
    .await
}

fn done(look: &Look<'_>, number: &StaffNumber, deed: &str, typed: &Typed) -> Result<Response, Mishap> {
    look.visitor()?;
    let (who, why) = (number.clone(), typed.trimmed("why").to_owned());
    let said = match deed {
        "change" => {
            let account = account_of(look, &Places::of(look)?, typed)?;
            unchanged_since(look, number, typed)?;
            look.admit("change the account", People::Change { number: who, account })?;
            "account-changed"
        }
        "close" => {
            look.admit("close the account", People::Close { number: who, why })?;
            "account-closed"
        }
        "reopen" => {
            look.admit("open the account again", People::Reopen { number: who, why })?;
            "account-reopened"
        }
        "end-sessions" => {
            look.admit("end the sessions", Sessions::Revoke { what: Revoke::Person(who), why })?;
            "sessions-ended"
        }
        "remove-phone" => {
            let authenticator =
                typed.trimmed("phone").parse().map_err(|_| Mishap::Bad("Which phone?".to_owned()))?;
            look.admit(
                "take the phone away",
                Credentials::RemoveAuthenticator { number: who, authenticator },
            )?;
            "way-removed"
        }
        "remove-passkey" => {
            let id =
                unhex(typed.trimmed("passkey")).ok_or_else(|| Mishap::Bad("Which passkey?".to_owned()))?;
            look.admit("take the passkey away", Credentials::RemovePasskey { number: who, id })?;
            "way-removed"
        }
        "invite" => return letter(look, number, typed),
        _ => return Err(Mishap::no_page()),
    };
    GoTo(format!("{}?done={said}", address(number))).into_page()
}

/// Refuses where somebody else changed the account since the form was shown.
fn unchanged_since(look: &Look<'_>, number: &StaffNumber, typed: &Typed) -> Result<(), Mishap> {
    let told = look.access().read(|book| book.people.listed(number).map(|listed| listed.told.entry.0));
    let seen = typed.number("seen");
    if seen.is_some() && seen != told {
        return Err(Mishap::Refused(
            "Somebody else changed this account while you typed. Look at it above, then save again."
                .to_owned(),
        ));
    }
    Ok(())
}

fn letter(look: &Look<'_>, number: &StaffNumber, typed: &Typed) -> Result<Response, Mishap> {
    let as_pdf = typed.has("as", "pdf");
    if as_pdf {
        // A press that does not work is found before the code is made.
        look.press()?;
    }
    let letters = invite(look, vec![number.clone()], days_of(typed)?)?;
    if as_pdf {
        return printed(look, &letters, "invitation");
    }
    let letter = letters.into_iter().next().ok_or_else(no_account)?;
    Html(LetterPage {
        layout: Layout::new(look, "Invitation", Here::Nowhere).still(),
        until: look.zone().clinical(letter.until),
        back: address(number),
        letter,
    })
    .into_page()
}

//! Adding a phone that shows codes, and taking one away.
//!
//! Always: the picture is shown to one session, for ten minutes; the phone counts once it has shown a code.

use super::deed::{MyForm, next};
use super::proof::{self, Refused};
use crate::desk::Look;
use crate::layout::{Here, Layout};
use crate::mishap::Mishap;
use crate::parts::qr::Qr;
use access::secrets::Typed;
use access::sign_in::credentials::Intent;
use access::sign_in::totp::read_code;
use askama::Template;

#[derive(Template)]
#[template(path = "me/phone.html")]
pub struct PhonePage {
    layout: Layout,
    qr: Option<Qr>,
    /// To be typed by hand, in groups of four.
    letters: String,
    account: String,
    label: String,
    newcomer: bool,
    asked: Option<&'static str>,
    why: Option<String>,
}

/// The picture and the form.
///
/// # Errors
/// Nobody is signed in; no chance from the operating system.
pub fn page(look: &Look<'_>, label: &str, why: Option<String>) -> Result<PhonePage, Mishap> {
    let visitor = look.visitor()?;
    let fresh = || look.access().fresh_authenticator().map_err(Mishap::room("make a secret for your phone"));
    let secret = look.desk.pending().of_or(visitor.session, look.now, fresh)?;
    let issuer = format!("Lifeboat, {}", look.screens().trust);
    let link = secret.link(&issuer, visitor.number.as_str());
    Ok(PhonePage {
        layout: Layout::new(look, "Add a phone", Here::Nowhere).still(),
        qr: Qr::new(&link, "Square code for the app on your phone"),
        letters: secret.letters().as_str().to_owned(),
        account: visitor.number.to_string(),
        label: label.to_owned(),
        newcomer: visitor.newcomer,
        asked: proof::asked(look)?,
        why,
    })
}

/// Adds it; where to go next.
///
/// # Errors
/// Why not: the code, the clocks, the time that passed.
pub fn take(look: &Look<'_>, form: MyForm) -> Result<String, Refused> {
    let MyForm { now, label, code, next_code, .. } = form;
    let (now, code, next_code) = (Typed::new(now), Typed::new(code), Typed::new(next_code));
    let visitor = look.visitor()?;
    let secret = look.desk.pending().of(&visitor.session, look.now).ok_or_else(|| {
        Refused::said(
            "The picture you scanned was more than ten minutes old and does not count any more. Below is a new one: remove \
             the old line from the app, and scan this one.",
        )
    })?;
    let six = || Refused::said("A code has six digits. Type the one that the phone shows now.");
    let code = read_code(&code).ok_or_else(six)?;
    let next_code = match next_code.as_str().trim() {
        "" => None,
        _ => Some(read_code(&next_code).ok_or_else(six)?),
    };
    proof::shown(look, &now)?;
    let number = visitor.number.clone();
    look.admit("add your phone", Intent::AddAuthenticator { number, label, secret, code, next_code })?;
    look.desk.pending().forget(&visitor.session);
    Ok(next(look, "phone-added")?)
}

/// A phone, to be chosen.
pub struct Phone {
    /// Its number among theirs.
    pub number: u32,
    /// What they call it.
    pub label: String,
    /// Where its clock is off.
    pub drift: Option<String>,
}

/// Their phones.
pub fn phones(look: &Look<'_>, number: &access::StaffNumber) -> Vec<Phone> {
    look.access().read(|book| {
        let mine = book.credentials(number).authenticators.iter();
        mine.map(|a| Phone { number: a.number, label: a.label.clone(), drift: a.drift_words() }).collect()
    })
}

#[derive(Template)]
#[template(path = "me/remove_phone.html")]
pub struct RemovePage {
    layout: Layout,
    phones: Vec<Phone>,
    asked: Option<&'static str>,
    why: Option<String>,
}

/// Which phone is to go.
///
/// # Errors
/// Nobody is signed in.
pub fn remove_page(look: &Look<'_>, why: Option<String>) -> Result<RemovePage, Mishap> {
    Ok(RemovePage {
        layout: Layout::new(look, "Take a phone away", Here::Nowhere).still(),
        phones: phones(look, &look.visitor()?.number),
        asked: proof::asked(look)?,
        why,
    })
}

/// Takes it away.
///
/// # Errors
/// Why not: it is the last way in, or gone already.
pub fn remove(look: &Look<'_>, form: MyForm) -> Result<String, Refused> {
    let MyForm { now, phone, .. } = form;
    let authenticator = phone
        .trim()
        .parse::<u32>()
        .map_err(|_| Refused::said("Choose the phone that is to be taken away."))?;
    proof::shown(look, &Typed::new(now))?;
    let number = look.visitor()?.number.clone();
    look.admit("take your phone away", Intent::RemoveAuthenticator { number, authenticator })?;
    Ok("/me?done=phone-removed".to_owned())
}

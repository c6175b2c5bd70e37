//! Choosing a passphrase, the first or another.

use super::deed::{MyForm, next};
use super::proof::{self, Refused};
use crate::desk::Look;
use crate::layout::{Here, Layout};
use crate::mishap::Mishap;
use access::secrets::Typed;
use access::sign_in::credentials::Intent;
use access::sign_in::passphrase::{LETTERS_MIN, Stored, acceptable};
use askama::Template;

#[derive(Template)]
#[template(path = "me/passphrase.html")]
pub struct PassphrasePage {
    layout: Layout,
    number: String,
    /// They have one already.
    another: bool,
    newcomer: bool,
    letters_min: usize,
    asked: Option<&'static str>,
    why: Option<String>,
}

/// The form.
///
/// # Errors
/// Nobody is signed in.
pub fn page(look: &Look<'_>, why: Option<String>) -> Result<PassphrasePage, Mishap> {
    let visitor = look.visitor()?;
    let another = look.access().read(|book| book.credentials(&visitor.number).passphrase.is_some());
    Ok(PassphrasePage {
        layout: Layout::new(look, "Your passphrase", Here::Nowhere).still(),
        number: visitor.number.to_string(),
        another,
        newcomer: visitor.newcomer,
        letters_min: LETTERS_MIN,
        asked: proof::asked(look)?,
        why,
    })
}

/// Keeps it; where to go next.
///
/// # Errors
/// Why it is no good, or why nothing can be kept.
pub fn take(look: &Look<'_>, form: MyForm) -> Result<String, Refused> {
    let MyForm { now, new, again, .. } = form;
    let (now, new, again) = (Typed::new(now), Typed::new(new), Typed::new(again));
    let visitor = look.visitor()?;
    if new.as_str() != again.as_str() {
        return Err(Refused::said("The two passphrases are not the same. Type the new one twice."));
    }
    acceptable(&new, &visitor.number, &visitor.account.name)
        .map_err(|weak| Refused::said(weak.to_string()))?;
    proof::shown(look, &now)?;
    let access = look.access();
    let salt = access.fresh_salt().map_err(Mishap::room("keep your passphrase"))?;
    let stored = Stored::new(&new, salt, access.costs())
        .map_err(|fault| Mishap::fault("keep your passphrase", fault))?;
    let set = Intent::SetPassphrase { number: visitor.number.clone(), stored };
    look.admit("keep your passphrase", set)?;
    Ok(next(look, "passphrase-kept")?)
}

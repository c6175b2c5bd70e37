//! Recovery codes: ten, on paper, each good once beside the passphrase when the phone is lost.
//!
//! Always: shown once, in the answer that made them; new ones take the place of the old.

use super::deed::MyForm;
use super::proof::{self, Refused};
use crate::desk::Look;
use crate::layout::{Here, Layout};
use crate::mishap::Mishap;
use access::secrets::{Code, Typed};
use access::sign_in::credentials::{Intent, RECOVERY, RECOVERY_CODES};
use askama::Template;

#[derive(Template)]
#[template(path = "me/recovery.html")]
pub struct RecoveryPage {
    layout: Layout,
    count: usize,
    /// Codes that were not used yet.
    left: usize,
    asked: Option<&'static str>,
    why: Option<String>,
}

/// What they are, and the button.
///
/// # Errors
/// Nobody is signed in.
pub fn page(look: &Look<'_>, why: Option<String>) -> Result<RecoveryPage, Mishap> {
    let visitor = look.visitor()?;
    Ok(RecoveryPage {
        layout: Layout::new(look, "Recovery codes", Here::Nowhere).still(),
        count: RECOVERY_CODES,
        left: look.access().read(|book| book.credentials(&visitor.number).recovery.len()),
        asked: proof::asked(look)?,
        why,
    })
}

/// The codes, this once.
#[derive(Template)]
#[template(path = "me/codes.html")]
pub struct CodesPage {
    layout: Layout,
    name: String,
    number: String,
    made: String,
    codes: Vec<Code>,
}

/// Makes ten.
///
/// # Errors
/// Why not.
pub fn take(look: &Look<'_>, form: MyForm) -> Result<CodesPage, Refused> {
    proof::shown(look, &Typed::new(form.now))?;
    let visitor = look.visitor()?;
    let made: Result<Vec<Code>, _> = (0..RECOVERY_CODES).map(|_| look.access().fresh_code()).collect();
    let codes = made.map_err(Mishap::room("make recovery codes"))?;
    let kept = codes.iter().map(|code| code.hashed(RECOVERY)).collect();
    let number = visitor.number.clone();
    look.admit("make recovery codes", Intent::MakeRecoveryCodes { number, codes: kept })?;
    Ok(CodesPage {
        layout: Layout::new(look, "Your recovery codes", Here::Nowhere).still(),
        name: visitor.account.name.to_string(),
        number: visitor.number.to_string(),
        made: look.zone().clinical(look.now),
        codes,
    })
}

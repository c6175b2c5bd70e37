//! The answer at every page: allowed, needs the glass broken, or refused with what to do instead.

use super::table::{Group, Rights, Whom};
use crate::people::{Account, Spot};
use crate::sessions::Standing;

/// The two rights that there are to a page.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Right {
    /// To look at it.
    Look,
    /// To send its form.
    Do,
}

/// Somebody signed in.
#[derive(Clone, Copy, Debug)]
pub struct Who<'a> {
    /// As what.
    pub account: &'a Account,
    /// By an invitation, and not set up yet.
    pub newcomer: bool,
}

impl<'a> From<Standing<'a>> for Who<'a> {
    fn from(standing: Standing<'a>) -> Self {
        Self { account: standing.account, newcomer: standing.newcomer }
    }
}

/// A question about one page.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// To look, or to send its form.
    pub right: Right,
    /// Its address as the table of pages has it.
    pub address: &'a str,
    /// Where what it shows lies.
    pub spot: &'a Spot,
    /// The number of the glass that is broken for this person and this patient now.
    pub broken: Option<u32>,
}

/// The answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Answer {
    /// Yes; by which broken glass, where their standing rights do not reach so far.
    Allowed {
        /// For the record of looks.
        broken: Option<u32>,
    },
    /// Only by breaking the glass: what they are told.
    NeedsBreakGlass(String),
    /// No: what they are told, and what to do instead.
    Refused(String),
}

impl Answer {
    /// Whether it is yes.
    pub fn allowed(&self) -> bool {
        matches!(self, Self::Allowed { .. })
    }

    fn refused(words: impl Into<String>) -> Self {
        Self::Refused(words.into())
    }
}

/// Whether `who` may. `None`: nobody is signed in.
pub fn may(rights: &Rights, who: Option<Who<'_>>, wanted: Wanted<'_>) -> Answer {
    let Some(group) = rights.group(wanted.address) else {
        return Answer::refused(
            "Nobody has been given the right to open this page. If it should be open, an administrator adds it to the \
             rights.",
        );
    };
    let whom = match wanted.right {
        Right::Look => &group.look,
        Right::Do => &group.deed,
    };
    if whom.anybody {
        return Answer::Allowed { broken: None };
    }
    let Some(Who { account, newcomer }) = who else {
        return Answer::refused("Sign in first: this page is for people who work here.");
    };
    if newcomer {
        return match whom.newcomers {
            true => Answer::Allowed { broken: None },
            false => Answer::refused(
                "First choose how you will sign in from now on, on your own page; your invitation opens nothing else.",
            ),
        };
    }
    let role = whom.everybody || whom.roles.iter().any(|role| account.roles.contains(role));
    let near = account.scope.reaches(wanted.spot, group.within);
    if role && near {
        return Answer::Allowed { broken: None };
    }
    by_glass(group, whom, account, wanted, role)
}

/// Standing rights do not reach: the glass may. It lets its breaker look; a form is sent by those alone whose role may, and
/// then at another place too.
fn by_glass(group: &Group, whom: &Whom, account: &Account, wanted: Wanted<'_>, role: bool) -> Answer {
    let may_break = group.glass.iter().any(|role| account.roles.contains(role));
    if may_break && (role || wanted.right == Right::Look) {
        return match wanted.broken {
            Some(number) => Answer::Allowed { broken: Some(number) },
            None => Answer::NeedsBreakGlass(format!(
                "{} is outside your rights ({}, {}). If you must see this patient now, break the glass: say why, and it \
                 opens at once for an hour. The ward and the privacy officer are told.",
                capital(&wanted.spot.to_string()),
                account.roles_words(),
                account.scope
            )),
        };
    }
    if role {
        return Answer::refused(format!(
            "{} is outside the places at which you work ({}). Ask somebody who works there, or an administrator to add \
             it to your account.",
            capital(&wanted.spot.to_string()),
            account.scope
        ));
    }
    let deed = if wanted.right == Right::Look { "open this page" } else { "do this" };
    Answer::refused(format!(
        "Your role ({}) may not {deed}; it is for: {}. Ask one of them to do it, or an administrator to change your role.",
        account.roles_words(),
        whom.words()
    ))
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

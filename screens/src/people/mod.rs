//! Accounts: who works here, as what, where, until when, and whether they can sign in yet.
//!
//! Always: the last administrator stays; a code is shown once, on the answer to the form that made it. Never: a secret on a
//! page that can be asked for. The rules are `access::people` and `access::sign_in`; proved by `tests/people.rs`.

pub mod deeds;
mod form;
pub mod import;
mod letters;
pub mod new;
pub mod one;
pub mod page;

use crate::desk::Look;
use crate::mishap::Mishap;
use crate::names::encoded;
use crate::parts::{Level, Mark};
use access::people::{Known, Listed};
use access::{AccessBook, StaffNumber};
use basics::{Moment, SiteId, WardId};

/// How an account stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Standing {
    /// They can sign in.
    Ready,
    /// An invitation waits to be used.
    Invited,
    /// Nothing to sign in by, and no invitation that still holds.
    NotSetUp,
    /// Its end has passed.
    RanOut,
    /// Closed by an administrator.
    Closed,
}

impl Standing {
    /// In the order of the page.
    pub const ALL: [Self; 5] = [Self::Ready, Self::Invited, Self::NotSetUp, Self::RanOut, Self::Closed];

    /// How somebody's account stands now.
    pub fn of(book: &AccessBook, number: &StaffNumber, listed: &Listed, at: Moment) -> Self {
        let mine = book.credentials(number);
        match () {
            () if listed.closed.is_some() => Self::Closed,
            () if !listed.account.valid(at) => Self::RanOut,
            () if mine.complete() => Self::Ready,
            () if mine.invitation.as_ref().is_some_and(|i| at < i.until) => Self::Invited,
            () => Self::NotSetUp,
        }
    }

    /// In the address.
    pub fn value(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Invited => "invited",
            Self::NotSetUp => "not-set-up",
            Self::RanOut => "ran-out",
            Self::Closed => "closed",
        }
    }

    /// For people.
    pub fn words(self) -> &'static str {
        match self {
            Self::Ready => "Can sign in",
            Self::Invited => "Invited",
            Self::NotSetUp => "Not set up yet",
            Self::RanOut => "Ran out",
            Self::Closed => "Closed",
        }
    }

    /// With its shape and colour.
    pub fn mark(self) -> Mark {
        let level = match self {
            Self::Ready => Level::Good,
            Self::Invited | Self::Closed => Level::Plain,
            Self::NotSetUp | Self::RanOut => Level::Amber,
        };
        Mark::new(level, self.words())
    }
}

/// `/people/{number}`
pub fn address(number: &StaffNumber) -> String {
    format!("/people/{}", encoded(number.as_str()))
}

/// Why an account cannot be found.
fn no_account() -> Mishap {
    Mishap::NotFound {
        what: "There is no account with this staff number.".to_owned(),
        next: "Look for the person by name on the page People, or open an account for them.",
    }
}

/// The trust's hospitals and the wards that somebody was on.
pub struct Places {
    sites: Vec<SiteId>,
    wards: Vec<(SiteId, WardId)>,
}

impl Places {
    fn of(look: &Look<'_>) -> Result<Self, Mishap> {
        let wards = look.screens().room.wards().map_err(Mishap::room("read the list of wards"))?;
        Ok(Self {
            sites: look.incidents(|book| book.hospitals.sites().to_vec()),
            wards: wards.into_iter().map(|ward| (ward.key.site, ward.key.ward)).collect(),
        })
    }

    fn known(&self) -> Known<'_> {
        Known { sites: &self.sites, wards: &self.wards }
    }

    /// "Northgate General, Southmere Community"; empty where none is listed.
    fn words(&self) -> String {
        self.sites.iter().map(SiteId::as_str).collect::<Vec<_>>().join(", ")
    }
}

//! Local accounts: who works here, in which roles, within which hospitals and wards, until when.
//!
//! Always: an account is known by its staff number; closing one ends its sessions at once; at least one administrator stays
//! who does not run out. Never: an account removed (it is closed, and its number stays taken), or closed by an import.
//! Read from a sheet by `sheet`; proved by `tests/people.rs`.

mod cells;
mod number;
mod rules;
mod scope;
mod sheet;

pub use cells::{scope as read_scope, until as last_day};
pub use number::StaffNumber;
pub use rules::{Fact, IMPORTED_AT_ONCE_MAX, Intent, PLACES_MAX, Refusal, VALID_DAYS_MAX};
pub(crate) use rules::{decide, fold, tidied};
pub use scope::{Place, Scope, Spot, Within};
pub use sheet::{ImportReport, Known, SheetColumn, SheetFault, read_sheet, sheet_columns};

use crate::book::{AccessBook, Stamp};
use crate::{Role, words};
use basics::{Moment, Person, Zone};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Somebody who works here.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Account {
    /// Their name.
    pub name: Person,
    /// Their roles; never empty.
    pub roles: BTreeSet<Role>,
    /// Where they work.
    pub scope: Scope,
    /// How to reach them: "ext 4021, bleep 112".
    pub contact: String,
    /// Until when they may sign in; `None` for as long as the account is open.
    pub valid_until: Option<Moment>,
    /// Agency, bank, neighbours: always with an end.
    pub temporary: bool,
}

impl Account {
    /// Has not run out at `at`.
    pub fn valid(&self, at: Moment) -> bool {
        self.valid_until.is_none_or(|until| at < until)
    }

    /// An administrator who does not run out: there is always one.
    pub fn stands_as_administrator(&self) -> bool {
        self.roles.contains(&Role::Administrator) && self.valid_until.is_none() && !self.temporary
    }

    /// "ward clinician, loggist".
    pub fn roles_words(&self) -> String {
        self.roles.iter().map(|role| role.words()).collect::<Vec<_>>().join(", ")
    }
}

/// An account with what became of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Listed {
    /// As it stands.
    pub account: Account,
    /// By which entry it stands so.
    pub told: Stamp,
    /// Closed: when, by whom, why.
    pub closed: Option<(Stamp, String)>,
}

/// Every account that ever was.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct People {
    listed: BTreeMap<StaffNumber, Listed>,
}

/// Somebody who has proved who they are may not come in all the same.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[allow(missing_docs)]
pub enum Barred {
    #[error("There is no account {0}. Ask an administrator to add it.")]
    Unknown(StaffNumber),
    #[error("This account was closed at {when} by {by}: {why}. If you still work here, ask {whom}.")]
    Closed { when: String, by: String, why: String, whom: String },
    #[error(
        "This account ran out at {when}. Ask {whom} to extend it; until then a shift card, issued by two people, lets \
         you in."
    )]
    RanOut { when: String, whom: String },
}

impl People {
    /// One account, open or closed.
    pub fn listed(&self, number: &StaffNumber) -> Option<&Listed> {
        self.listed.get(number)
    }

    /// Every account, in the order of staff numbers.
    pub fn all(&self) -> impl Iterator<Item = (&StaffNumber, &Listed)> {
        self.listed.iter()
    }

    /// Every account that is open.
    pub fn open(&self) -> impl Iterator<Item = (&StaffNumber, &Account)> {
        self.listed.iter().filter(|(_, l)| l.closed.is_none()).map(|(number, l)| (number, &l.account))
    }

    /// How many accounts there are, closed ones too.
    pub fn len(&self) -> usize {
        self.listed.len()
    }

    /// Whether there is no account yet.
    pub fn is_empty(&self) -> bool {
        self.listed.is_empty()
    }

    /// "Anna Bell (10482)".
    pub fn name(&self, number: &StaffNumber) -> String {
        match self.listed.get(number) {
            Some(listed) => format!("{} ({number})", listed.account.name),
            None => number.to_string(),
        }
    }

    /// Whom to ask where one of these roles is needed: up to three names with their contacts.
    pub fn whom_to_ask(&self, roles: &[Role], at: Moment) -> String {
        const NAMED_MAX: usize = 3;
        let can = |a: &&Account| a.valid(at) && roles.iter().any(|role| a.roles.contains(role));
        let names: Vec<String> = self
            .open()
            .map(|(_, account)| account)
            .filter(can)
            .take(NAMED_MAX)
            .map(|a| {
                if a.contact.is_empty() { a.name.to_string() } else { format!("{} ({})", a.name, a.contact) }
            })
            .collect();
        if names.is_empty() { format!("{} on duty", words::any_of(roles)) } else { names.join(" or ") }
    }

    pub(crate) fn standing(
        &self,
        book: &AccessBook,
        number: &StaffNumber,
        zone: &Zone,
        at: Moment,
    ) -> Result<&Account, Barred> {
        let listed = self.listed.get(number).ok_or_else(|| Barred::Unknown(number.clone()))?;
        let whom = || self.whom_to_ask(&[Role::Administrator], at);
        if let Some((stamp, why)) = &listed.closed {
            return Err(Barred::Closed {
                when: zone.clinical(stamp.at),
                by: book.name(&stamp.by),
                why: why.clone(),
                whom: whom(),
            });
        }
        match listed.account.valid_until {
            Some(until) if at >= until => Err(Barred::RanOut { when: zone.clinical(until), whom: whom() }),
            _ => Ok(&listed.account),
        }
    }

    pub(crate) fn list(&mut self, number: StaffNumber, account: Account, stamp: &Stamp) {
        let closed = self.listed.get(&number).and_then(|l| l.closed.clone());
        self.listed.insert(number, Listed { account, told: stamp.clone(), closed });
    }

    pub(crate) fn close(&mut self, number: &StaffNumber, closed: Option<(Stamp, String)>) {
        if let Some(listed) = self.listed.get_mut(number) {
            listed.closed = closed;
        }
    }
}

//! Who opens, changes and closes accounts, and what must stay true while they do.

use super::{Account, Barred, Place, Scope, StaffNumber};
use crate::book::{AccessBook, Asked, By, NotYours, Stamp};
use crate::words::{self, Wording};
use crate::{Role, sessions};
use basics::Moment;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Rows of one import that become one entry.
pub const IMPORTED_AT_ONCE_MAX: usize = 1_000;
/// Accounts in all, open and closed.
const ACCOUNTS_MAX: usize = 100_000;
/// Places of one account.
pub const PLACES_MAX: usize = 60;
/// Longest time that a temporary account may stand, in days.
pub const VALID_DAYS_MAX: i64 = 366;

/// What became so.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum Fact {
    Joined { number: StaffNumber, account: Account },
    Changed { number: StaffNumber, account: Account },
    Closed { number: StaffNumber, why: String },
    Reopened { number: StaffNumber, why: String },
}

/// What can be wanted.
#[derive(Clone, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub enum Intent {
    /// The very first account, an administrator's: from the program's console, while there is none.
    Begin {
        number: StaffNumber,
        account: Account,
    },
    Join {
        number: StaffNumber,
        account: Account,
    },
    Change {
        number: StaffNumber,
        account: Account,
    },
    /// What a sheet says; see [`super::ImportReport::intents`]. What is so already is passed over.
    Import {
        rows: Vec<(StaffNumber, Account)>,
    },
    Close {
        number: StaffNumber,
        why: String,
    },
    Reopen {
        number: StaffNumber,
        why: String,
    },
}

/// Why not.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[allow(missing_docs)]
pub enum Refusal {
    #[error(transparent)]
    NotYours(#[from] NotYours),
    #[error(transparent)]
    Wording(#[from] Wording),
    #[error(transparent)]
    Barred(#[from] Barred),
    #[error(
        "There are accounts already: the first one is made once. Sign in as an administrator to add others."
    )]
    Begun,
    #[error("Make the first account from the console of the machine on which Lifeboat runs.")]
    ConsoleOnly,
    #[error("The first account must be an administrator's, without an end.")]
    FirstIsAdministrator,
    #[error("{number} is {name}'s number already. Change that account, or check the number.")]
    NumberTaken { number: StaffNumber, name: String },
    #[error("Choose at least one role: {0}.")]
    NoRole(String),
    #[error("Say at which hospital or ward {0} works: the role sees patients of those places alone.")]
    NoPlace(String),
    #[error(
        "A temporary account needs an end: say until when it holds, at most {VALID_DAYS_MAX} days from now."
    )]
    NoEnd,
    #[error("The account would have ended already. Give a day to come, or close the account.")]
    Ended,
    #[error(
        "{0} is the last administrator who does not run out. Make somebody else an administrator first; if all are \
         gone, two of the three key shares let one back in."
    )]
    LastAdministrator(String),
    #[error("The account is closed already.")]
    ClosedAlready,
    #[error("{0} was closed meanwhile. Read the sheet once more, and look at its report again.")]
    ClosedMeanwhile(StaffNumber),
    #[error("The account is open.")]
    Open,
    #[error("Nothing would change: every row says what is so already.")]
    Same,
    #[error("You cannot take a role away from yourself or close your own account; ask {0}.")]
    OneSelf(String),
}

/// The rules.
pub(crate) fn decide(asked: &Asked<'_>, intent: Intent) -> Result<Vec<Fact>, Refusal> {
    if !matches!(intent, Intent::Begin { .. }) {
        asked.must_be(&[Role::Administrator])?;
    }
    let people = &asked.book.people;
    match intent {
        Intent::Begin { number, account } => {
            if *asked.who != By::Lifeboat {
                return Err(Refusal::ConsoleOnly);
            }
            if !people.is_empty() {
                return Err(Refusal::Begun);
            }
            let account = tidied(account, asked.at)?;
            if !account.stands_as_administrator() {
                return Err(Refusal::FirstIsAdministrator);
            }
            Ok(vec![Fact::Joined { number, account }])
        }
        Intent::Join { number, account } => {
            if let Some(listed) = people.listed(&number) {
                return Err(Refusal::NumberTaken { number, name: listed.account.name.to_string() });
            }
            words::at_most("accounts", people.len() + 1, ACCOUNTS_MAX)?;
            Ok(vec![Fact::Joined { number, account: tidied(account, asked.at)? }])
        }
        Intent::Change { number, account } => {
            let account = tidied(account, asked.at)?;
            let listed = people.listed(&number).ok_or_else(|| Barred::Unknown(number.clone()))?;
            if listed.account == account {
                return Err(Refusal::Same);
            }
            not_oneself(asked, &number, Some(&account))?;
            keeps_an_administrator(asked.book, &number, Some(&account))?;
            Ok(vec![Fact::Changed { number, account }])
        }
        Intent::Import { rows } => import(asked, rows),
        Intent::Close { number, why } => {
            asked.book.standing_or_ran_out(&number, asked)?;
            not_oneself(asked, &number, None)?;
            keeps_an_administrator(asked.book, &number, None)?;
            Ok(vec![Fact::Closed {
                number,
                why: words::line("why it is closed", &why, words::LINE_BYTES_MAX)?,
            }])
        }
        Intent::Reopen { number, why } => {
            let listed = people.listed(&number).ok_or_else(|| Barred::Unknown(number.clone()))?;
            if listed.closed.is_none() {
                return Err(Refusal::Open);
            }
            let why = words::line("why it is opened again", &why, words::LINE_BYTES_MAX)?;
            Ok(vec![Fact::Reopened { number, why }])
        }
    }
}

impl AccessBook {
    /// Fine for an account that is open, run out or not.
    fn standing_or_ran_out(&self, number: &StaffNumber, asked: &Asked<'_>) -> Result<(), Refusal> {
        match self.standing(number, asked.zone, asked.at) {
            Ok(_) | Err(Barred::RanOut { .. }) => Ok(()),
            Err(Barred::Closed { .. }) => Err(Refusal::ClosedAlready),
            Err(barred) => Err(barred.into()),
        }
    }
}

/// An administrator does not lock themselves out by a slip.
fn not_oneself(asked: &Asked<'_>, number: &StaffNumber, after: Option<&Account>) -> Result<(), Refusal> {
    let stays =
        after.is_some_and(|account| account.roles.contains(&Role::Administrator) && account.valid(asked.at));
    if stays || *asked.who != By::Staff(number.clone()) {
        return Ok(());
    }
    let others = asked.book.people.open().filter(|(other, _)| *other != number);
    let name = others
        .filter(|(_, a)| a.roles.contains(&Role::Administrator) && a.valid(asked.at))
        .map(|(_, a)| a.name.to_string())
        .next();
    match name {
        Some(name) => Err(Refusal::OneSelf(name)),
        None => Err(Refusal::LastAdministrator(asked.book.people.name(number))),
    }
}

/// How many administrators stand for good once these accounts are as given; closed accounts stay closed.
pub(super) fn administrators_left(
    book: &AccessBook,
    after: &BTreeMap<&StaffNumber, Option<&Account>>,
) -> usize {
    let unchanged = book.people.open().filter(|(number, _)| !after.contains_key(number));
    let unchanged = unchanged.filter(|(_, account)| account.stands_as_administrator()).count();
    let closed = |number: &StaffNumber| book.people.listed(number).is_some_and(|l| l.closed.is_some());
    let changed = after
        .iter()
        .filter(|(number, account)| !closed(number) && account.is_some_and(Account::stands_as_administrator));
    unchanged + changed.count()
}

/// Refuses what would leave nobody to look after accounts. Where there is none already, nothing gets worse.
fn keeps_an_administrator(
    book: &AccessBook,
    number: &StaffNumber,
    after: Option<&Account>,
) -> Result<(), Refusal> {
    let before = administrators_left(book, &BTreeMap::new());
    if before > 0 && administrators_left(book, &BTreeMap::from([(number, after)])) == 0 {
        return Err(Refusal::LastAdministrator(book.people.name(number)));
    }
    Ok(())
}

fn import(asked: &Asked<'_>, rows: Vec<(StaffNumber, Account)>) -> Result<Vec<Fact>, Refusal> {
    words::at_most("rows at once", rows.len(), IMPORTED_AT_ONCE_MAX)?;
    let people = &asked.book.people;
    let mut facts = Vec::new();
    for (number, account) in rows {
        let account = tidied(account, asked.at)?;
        match people.listed(&number) {
            Some(listed) if listed.account == account => {}
            Some(listed) if listed.closed.is_some() => return Err(Refusal::ClosedMeanwhile(number)),
            Some(_) => {
                not_oneself(asked, &number, Some(&account))?;
                facts.push(Fact::Changed { number, account });
            }
            None => facts.push(Fact::Joined { number, account }),
        }
    }
    if facts.is_empty() {
        return Err(Refusal::Same);
    }
    words::at_most("accounts", people.len() + facts.len(), ACCOUNTS_MAX)?;
    let after: BTreeMap<&StaffNumber, Option<&Account>> = facts
        .iter()
        .filter_map(|fact| match fact {
            Fact::Joined { number, account } | Fact::Changed { number, account } => {
                Some((number, Some(account)))
            }
            _ => None,
        })
        .collect();
    if administrators_left(asked.book, &BTreeMap::new()) > 0 && administrators_left(asked.book, &after) == 0 {
        let standing =
            |n: &&&StaffNumber| people.listed(n).is_some_and(|l| l.account.stands_as_administrator());
        let names = after.keys().find(standing).map(|n| people.name(n)).unwrap_or_default();
        return Err(Refusal::LastAdministrator(names));
    }
    Ok(facts)
}

/// An account as it is kept.
pub(crate) fn tidied(account: Account, at: Moment) -> Result<Account, Refusal> {
    let Account { name, roles, scope, contact, valid_until, temporary } = account;
    if roles.is_empty() {
        return Err(Refusal::NoRole(Role::all_words()));
    }
    let scope = match scope {
        Scope::Trust => Scope::Trust,
        Scope::Places(places) => Scope::Places(tidied_places(places)?),
    };
    if scope == Scope::Places(Vec::new()) {
        return Err(Refusal::NoPlace(name.to_string()));
    }
    match valid_until {
        None if temporary => return Err(Refusal::NoEnd),
        Some(until) if temporary && until.seconds_since(at) > VALID_DAYS_MAX * 86_400 => {
            return Err(Refusal::NoEnd);
        }
        Some(until) if until <= at => return Err(Refusal::Ended),
        _ => {}
    }
    let contact = words::line_or_empty("how to reach them", &contact, words::LINE_BYTES_MAX)?;
    Ok(Account { name, roles, scope, contact, valid_until, temporary })
}

/// Each place once, whole hospitals before their wards.
fn tidied_places(mut places: Vec<Place>) -> Result<Vec<Place>, Refusal> {
    words::at_most("places", places.len(), PLACES_MAX)?;
    places.sort();
    places.dedup();
    Ok(places)
}

pub(crate) fn fold(book: &mut AccessBook, stamp: &Stamp, fact: Fact) {
    match fact {
        Fact::Joined { number, account } | Fact::Changed { number, account } => {
            book.people.list(number, account, stamp);
        }
        Fact::Closed { number, why } => {
            sessions::end_all_of(book, stamp, &number, &format!("the account was closed: {why}"));
            // What let them in before lets nobody in should the account be opened again.
            book.credentials.remove(&number);
            book.people.close(&number, Some((stamp.clone(), why)));
        }
        Fact::Reopened { number, .. } => book.people.close(&number, None),
    }
}

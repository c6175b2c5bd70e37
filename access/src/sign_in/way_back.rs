//! The way back in when the only administrator is gone: two of the three key shares make somebody an administrator and give
//! them an invitation.
//!
//! Always: two different shares, read a short while ago; an alarm for everybody who looks after access. Never: a share seen
//! here. Whoever reads the shares (the room that keeps the keys) vouches for them with a [`Proof`]. The steps are on the
//! printed page of the key ceremony. Proved by `tests/way_back.rs`.

use super::credentials;
use crate::alarms::{self, Alarm};
use crate::book::{AccessBook, Asked, By, Stamp};
use crate::people::{Account, Scope};
use crate::secrets::Hashed;
use crate::{Role, StaffNumber};
use basics::{Moment, Person};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// A proof is good for so many minutes.
const PROOF_MINUTES_MAX: i64 = 15;

/// That two of the three key shares were read and fit each other. Made by the room that keeps the keys, and by no other.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Proof {
    shares: [u8; 2],
    at: Moment,
}

impl Proof {
    /// `None` unless these are two different ones of three.
    pub fn two_of_three(one: u8, other: u8, at: Moment) -> Option<Self> {
        let fit = (1..=3).contains(&one) && (1..=3).contains(&other) && one != other;
        fit.then(|| Self { shares: [one.min(other), one.max(other)], at })
    }
}

/// What became so.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum Fact {
    Taken { number: StaffNumber, name: Person, shares: [u8; 2], code: Hashed, until: Moment },
}

/// What can be wanted: by the program, for whoever stands before it with the shares.
#[derive(Clone, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub enum Intent {
    /// `code`: of the invitation that is shown once, now.
    Take { proof: Proof, number: StaffNumber, name: Person, code: Hashed },
}

/// Why not.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[allow(missing_docs)]
pub enum Refusal {
    #[error("This is done before the machine itself, or on its own page with two of the three key shares.")]
    NotByStaff,
    #[error("The shares were read more than {PROOF_MINUTES_MAX} minutes ago. Type two of them once more.")]
    Stale,
    #[error("{number} is {name}'s number. Write the name as it stands there, or take another number.")]
    OtherName { number: StaffNumber, name: String },
}

pub(crate) fn decide(asked: &Asked<'_>, intent: Intent) -> Result<Vec<Fact>, Refusal> {
    let Intent::Take { proof, number, name, code } = intent;
    if *asked.who != By::Lifeboat {
        return Err(Refusal::NotByStaff);
    }
    if asked.at.seconds_since(proof.at).abs() > PROOF_MINUTES_MAX * 60 {
        return Err(Refusal::Stale);
    }
    let listed = asked.book.people.listed(&number).map(|l| &l.account.name);
    if let Some(other) = listed.filter(|other| !other.same(&name)) {
        return Err(Refusal::OtherName { number, name: other.to_string() });
    }
    let until = asked.at.plus_seconds(24 * 3600);
    Ok(vec![Fact::Taken { number, name, shares: proof.shares, code, until }])
}

pub(crate) fn fold(book: &mut AccessBook, stamp: &Stamp, fact: Fact) {
    let Fact::Taken { number, name, shares, code, until } = fact;
    let listed = book.people.listed(&number).map(|l| l.account.clone());
    let mut account = listed.unwrap_or_else(|| Account {
        name,
        roles: BTreeSet::new(),
        scope: Scope::Trust,
        contact: String::new(),
        valid_until: None,
        temporary: false,
    });
    account.roles.insert(Role::Administrator);
    (account.valid_until, account.temporary) = (None, false);
    book.people.list(number.clone(), account, stamp);
    book.people.close(&number, None);
    let invited = credentials::Fact::Invited { number: number.clone(), code, until };
    credentials::fold(book, stamp, invited);
    alarms::raise(book, stamp, Alarm::WayBack { number, shares });
}

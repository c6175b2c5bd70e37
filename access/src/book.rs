//! The access book as a picture: people, devices, ways in, sessions and broken glass, folded in the order of entries.
//!
//! `decide` answers what is wanted with facts or a refusal; the caller seals the facts as one entry and hands it to `fold`.
//! Always: the same entries give the same picture; `decide` changes nothing; what two people decide at once is judged one
//! after the other. Never: a clock or chance used here. Called by `control_room`; proved by `tests/replay.rs`.

use crate::alarms::Alarms;
use crate::break_glass::Glass;
use crate::devices::Devices;
use crate::people::{Account, Barred, People};
use crate::sessions::Sessions;
use crate::sign_in::cards::Cards;
use crate::sign_in::credentials::Credentials;
use crate::{Role, StaffNumber, words};
use basics::{EntryNumber, Moment, Zone};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Who acts.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub enum By {
    /// Somebody with an account.
    Staff(StaffNumber),
    /// The program itself, or whoever sits at its console with the keys.
    Lifeboat,
}

/// Where, when and by whom something entered the book.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Stamp {
    /// The entry of the access book.
    pub entry: EntryNumber,
    /// What the clock said.
    pub at: Moment,
    /// Who.
    pub by: By,
}

/// One act, as it is sealed: one entry.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Act {
    /// Who.
    pub by: By,
    /// What thereby became so; never empty.
    pub facts: Vec<Fact>,
}

/// Everything recorded about access.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct AccessBook {
    /// Accounts.
    pub people: People,
    /// Enrolled devices.
    pub devices: Devices,
    /// By what each person signs in.
    pub credentials: BTreeMap<StaffNumber, Credentials>,
    /// Shift cards.
    pub cards: Cards,
    /// Who is signed in where.
    pub sessions: Sessions,
    /// Broken glass and its review.
    pub glass: Glass,
    /// What somebody should look at.
    pub alarms: Alarms,
    /// The last entry folded.
    pub last_entry: EntryNumber,
    /// What the clock said at the last entry.
    pub last_at: Moment,
}

impl AccessBook {
    /// What somebody signs in by; nothing yet for most.
    pub fn credentials(&self, number: &StaffNumber) -> &Credentials {
        static NONE: std::sync::LazyLock<Credentials> = std::sync::LazyLock::new(Credentials::default);
        self.credentials.get(number).unwrap_or(&NONE)
    }

    /// Who did it, in words: "Anna Bell (10482)".
    pub fn name(&self, by: &By) -> String {
        match by {
            By::Lifeboat => "Lifeboat".to_owned(),
            By::Staff(number) => self.people.name(number),
        }
    }

    /// Somebody's account if it is open and has not run out.
    ///
    /// # Errors
    /// Why not, for somebody who has proved who they are.
    pub fn standing(&self, number: &StaffNumber, zone: &Zone, at: Moment) -> Result<&Account, Barred> {
        self.people.standing(self, number, zone, at)
    }
}

/// A question to the rules: the picture as it is, who asks, and when.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// The picture.
    pub book: &'a AccessBook,
    /// The zone in which times are said.
    pub zone: &'a Zone,
    /// Who asks.
    pub who: &'a By,
    /// When.
    pub at: Moment,
}

/// It is for others to do.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[allow(missing_docs)]
pub enum NotYours {
    #[error("Only {roles} can do this. Ask {whom}.")]
    Roles { roles: String, whom: String },
    #[error(transparent)]
    Barred(#[from] Barred),
    #[error("This needs a person who is signed in. Sign in and try again.")]
    NoPerson,
}

impl<'a> Asked<'a> {
    /// Refuses whoever has none of these roles; the program's console has all of them.
    pub(crate) fn must_be(&self, roles: &[Role]) -> Result<(), NotYours> {
        let By::Staff(number) = self.who else { return Ok(()) };
        let account = self.book.standing(number, self.zone, self.at)?;
        if roles.iter().any(|role| account.roles.contains(role)) {
            return Ok(());
        }
        Err(NotYours::Roles {
            roles: words::any_of(roles),
            whom: self.book.people.whom_to_ask(roles, self.at),
        })
    }

    /// The person who asks; the console is nobody.
    pub(crate) fn person(&self) -> Result<(&'a StaffNumber, &'a Account), NotYours> {
        let By::Staff(number) = self.who else { return Err(NotYours::NoPerson) };
        Ok((number, self.book.standing(number, self.zone, self.at)?))
    }

    /// Refuses whoever is neither this person nor has one of these roles.
    pub(crate) fn must_be_self_or(&self, number: &StaffNumber, roles: &[Role]) -> Result<(), NotYours> {
        match self.who {
            By::Staff(me) if me == number => self.person().map(|_| ()),
            _ => self.must_be(roles),
        }
    }

    /// A moment in words.
    pub(crate) fn say(&self, at: Moment) -> String {
        if self.zone.date(at) == self.zone.date(self.at) {
            self.zone.hour_minute(at)
        } else {
            self.zone.clinical(at)
        }
    }
}

macro_rules! parts {
    ($($(#[$doc:meta])* $name:ident => $($module:ident)::+),+ $(,)?) => {
        /// What is wanted. Refused with a [`Refusal`], or sealed as facts.
        #[derive(Debug)]
        pub enum Intent { $($(#[$doc])* $name(crate::$($module)::+::Intent)),+ }

        /// What became so, one small statement each. The order is the order of their numbers in the book: frozen.
        #[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
        pub enum Fact { $($(#[$doc])* $name(crate::$($module)::+::Fact)),+ }

        /// Why something was not done: a sentence that says what to do instead.
        #[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
        pub enum Refusal {
            $($(#[$doc])* #[error(transparent)] $name(#[from] crate::$($module)::+::Refusal)),+
        }

        $(
            impl From<crate::$($module)::+::Fact> for Fact {
                fn from(fact: crate::$($module)::+::Fact) -> Self {
                    Self::$name(fact)
                }
            }

            impl From<crate::$($module)::+::Intent> for Intent {
                fn from(intent: crate::$($module)::+::Intent) -> Self {
                    Self::$name(intent)
                }
            }
        )+

        /// What would become so if this were done now: the facts to seal as one entry, or why not. Changes nothing.
        ///
        /// # Errors
        /// A sentence for the person who asked.
        pub fn decide(asked: &Asked<'_>, intent: Intent) -> Result<Vec<Fact>, Refusal> {
            match intent {
                $(Intent::$name(intent) => {
                    let facts = crate::$($module)::+::decide(asked, intent).map_err(Refusal::from)?;
                    Ok(facts.into_iter().map(Fact::from).collect())
                })+
            }
        }

        fn apply(book: &mut AccessBook, stamp: &Stamp, fact: Fact) {
            match fact {
                $(Fact::$name(fact) => crate::$($module)::+::fold(book, stamp, fact)),+
            }
        }
    };
}

parts! {
    /// Accounts open, change and close.
    People => people,
    /// Devices are enrolled and revoked.
    Devices => devices,
    /// What people sign in by.
    Credentials => sign_in::credentials,
    /// Shift cards.
    Cards => sign_in::cards,
    /// Sessions begin and end.
    Sessions => sessions,
    /// The glass is broken and reviewed.
    BreakGlass => break_glass,
    /// What somebody should look at.
    Alarms => alarms,
    /// The way back in when the only administrator is gone.
    WayBack => sign_in::way_back,
}

/// Takes note of a sealed entry. Entries are folded once each, in the order of their numbers.
pub fn fold(book: &mut AccessBook, entry: EntryNumber, at: Moment, act: Act) {
    let stamp = Stamp { entry, at, by: act.by };
    for fact in act.facts {
        apply(book, &stamp, fact);
    }
    book.last_entry = entry;
    book.last_at = at;
}

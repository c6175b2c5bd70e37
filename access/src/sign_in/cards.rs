//! Shift cards: printed for somebody who has nothing else, by two people, for one shift, good for signing in once.
//!
//! One person asks for a card, another issues it: then its secret is made and printed as a QR code, and its holder chooses a
//! PIN. Always: two different people, neither of them the holder; no more than they have themselves; used once. A second use
//! is refused and alarmed, with when and where the first was. Never: the secret or the PIN kept; a card that makes an
//! administrator. Proved by `tests/shift_cards.rs`.

use super::passphrase::Stored;
use crate::book::{AccessBook, Asked, By, NotYours, Stamp};
use crate::devices::DeviceKey;
use crate::people::{Account, Scope, tidied};
use crate::secrets::{Hashed, Secret128, Typed, hashed_letters};
use crate::words::{self, Wording};
use crate::{Role, StaffNumber, people, sessions};
use basics::{Moment, Person, Zone};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use zeroize::Zeroizing;

/// Longest shift, in hours: as for the roles of an incident.
pub const SHIFT_HOURS_MAX: i64 = 13;
/// A card that nobody issued is forgotten after so many hours.
const ASKED_HOURS_MAX: i64 = 12;
/// Wrong PINs until a card is void: whoever guesses has the card itself in their hands.
pub const WRONG_PINS_MAX: u32 = 5;
/// Cards issued and not over.
const CARDS_MAX: usize = 5_000;
/// What a card's secret is hashed for.
const CARD: &str = "card";
/// How the text of a card's QR code begins.
const QR_BEGINS: &str = "LIFEBOAT:CARD:";

/// For whom a card is.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Holder {
    /// Under which number what they see and do is recorded.
    pub number: StaffNumber,
    /// Their name.
    pub name: Person,
    /// Their roles this shift.
    pub roles: BTreeSet<Role>,
    /// Where they work this shift.
    pub scope: Scope,
    /// How to reach them.
    pub contact: String,
}

/// A card's first use.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Used {
    /// When.
    pub stamp: Stamp,
    /// On which device.
    pub device: DeviceKey,
    /// From which address.
    pub from: String,
}

/// A card.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Card {
    /// For whom.
    pub holder: Holder,
    /// What its sessions may see and do: the holder's own account may reach further.
    pub account: Account,
    /// Until when the shift goes.
    pub shift_ends: Moment,
    /// Who asked for it.
    pub asked: Stamp,
    /// Who issued it; with the hash of its secret and of its PIN.
    pub issued: Option<Issued>,
    /// Its one use.
    pub used: Option<Used>,
    /// Void: when, by whom, why.
    pub void: Option<(Stamp, String)>,
    /// Wrong PINs so far.
    pub wrong_pins: u32,
}

/// What was printed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Issued {
    /// When, by whom.
    pub stamp: Stamp,
    /// Of its secret.
    pub secret: Hashed,
    /// Of its PIN.
    pub pin: Stored,
}

/// Every card.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Cards {
    cards: BTreeMap<u32, Card>,
    by_secret: BTreeMap<Hashed, u32>,
}

/// The text of a card's QR code.
pub fn qr_text(secret: &Secret128) -> Zeroizing<String> {
    Zeroizing::new(format!("{QR_BEGINS}{}", secret.letters().as_str()))
}

/// What is kept of a card's secret.
pub fn hashed(secret: &Secret128) -> Hashed {
    secret.hashed(CARD)
}

impl Cards {
    /// One card.
    pub fn card(&self, number: u32) -> Option<&Card> {
        self.cards.get(&number)
    }

    /// Every card, the newest first.
    pub fn newest(&self) -> impl Iterator<Item = (u32, &Card)> {
        self.cards.iter().rev().map(|(number, card)| (*number, card))
    }

    /// Cards that somebody asked for and nobody issued yet.
    pub fn to_issue(&self, at: Moment) -> impl Iterator<Item = (u32, &Card)> {
        let waits = move |card: &Card| {
            card.issued.is_none()
                && card.void.is_none()
                && at.seconds_since(card.asked.at) < ASKED_HOURS_MAX * 3600
        };
        self.newest().filter(move |(_, card)| waits(card))
    }

    /// The card whose QR code was scanned, or whose letters were typed.
    pub fn shown(&self, text: &Typed) -> Option<u32> {
        let text = text.as_str().trim();
        let starts = text.get(..QR_BEGINS.len()).is_some_and(|start| start.eq_ignore_ascii_case(QR_BEGINS));
        let letters = if starts { text.get(QR_BEGINS.len()..)? } else { text };
        self.by_secret.get(&hashed_letters(CARD, letters)?).copied()
    }

    /// "It was first used at 07:02 on AMU terminal 3 (10.1.4.7)."
    pub fn first_use_words(&self, number: u32, book: &AccessBook, zone: &Zone) -> String {
        self.cards.get(&number).and_then(|card| card.used.as_ref()).map_or_else(
            || "It was not used before.".to_owned(),
            |used| {
                let place = book.devices.name(&used.device, &used.from);
                format!("It was first used at {} on {place}.", zone.clinical(used.stamp.at))
            },
        )
    }

    pub(crate) fn note_wrong_pin(&mut self, number: u32, stamp: &Stamp) {
        let Some(card) = self.cards.get_mut(&number) else { return };
        card.wrong_pins += 1;
        if card.wrong_pins >= WRONG_PINS_MAX && card.void.is_none() {
            card.void = Some((stamp.clone(), format!("its PIN was wrong {WRONG_PINS_MAX} times")));
        }
    }

    pub(crate) fn note_use(&mut self, number: u32, stamp: &Stamp, device: DeviceKey, from: &str) {
        if let Some(card) = self.cards.get_mut(&number)
            && card.used.is_none()
        {
            card.used = Some(Used { stamp: stamp.clone(), device, from: from.to_owned() });
        }
    }
}

impl Holder {
    /// The account that a shift makes.
    fn account(&self, shift_ends: Moment) -> Account {
        let Self { name, roles, scope, contact, .. } = self.clone();
        Account { name, roles, scope, contact, valid_until: Some(shift_ends), temporary: true }
    }
}

/// Why a card lets nobody in.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[allow(missing_docs)]
pub enum NoGood {
    #[error(
        "This card was used already, at {when} on {place}. If that was not you, say so at once to {who}, who issued it. \
         Two people can print you another."
    )]
    UsedBefore { when: String, place: String, who: String },
    #[error("The shift of this card ended at {0}. Two people can print another for the next one.")]
    Over(String),
    #[error("This card is void since {when}: {why}. Two people can print another.")]
    Void { when: String, why: String },
}

impl Card {
    /// Whether the card would let somebody in now.
    pub(crate) fn good(&self, book: &AccessBook, zone: &Zone, at: Moment) -> Result<(), NoGood> {
        if let Some(used) = &self.used {
            return Err(NoGood::UsedBefore {
                when: zone.clinical(used.stamp.at),
                place: book.devices.name(&used.device, &used.from),
                who: self.issued.as_ref().map_or_else(String::new, |i| book.name(&i.stamp.by)),
            });
        }
        if let Some((stamp, why)) = &self.void {
            return Err(NoGood::Void { when: zone.clinical(stamp.at), why: why.clone() });
        }
        if at >= self.shift_ends { Err(NoGood::Over(zone.clinical(self.shift_ends))) } else { Ok(()) }
    }
}

/// What became so.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum Fact {
    Asked { card: u32, holder: Holder, shift_ends: Moment },
    Issued { card: u32, secret: Hashed, pin: Stored },
    Voided { card: u32, why: String },
}

/// What can be wanted.
#[derive(Clone, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub enum Intent {
    Ask {
        holder: Holder,
        shift_ends: Moment,
    },
    /// By a second person; the PIN was checked by [`super::passphrase::acceptable_pin`] and hashed beforehand.
    Issue {
        card: u32,
        secret: Hashed,
        pin: Stored,
    },
    Void {
        card: u32,
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
    Account(#[from] Box<people::Refusal>),
    #[error(
        "A shift ends after now and within {SHIFT_HOURS_MAX} hours; print another card for the next one."
    )]
    Shift,
    #[error("No card makes somebody {0}; an administrator opens an account for that.")]
    Role(&'static str),
    #[error(
        "{0} has an account of their own that is not this shift's. A card is for those who have none, or who lost what \
         they sign in by; ask an administrator for a new invitation instead."
    )]
    OwnAccount(String),
    #[error("The account of {0} was closed. Ask an administrator whether it may be opened again.")]
    Closed(String),
    #[error("You can hand on no wider reach than your own ({0}). Ask somebody who works at that place.")]
    TooWide(String),
    #[error("There is no such card; look at the list.")]
    Unknown,
    #[error("{0} asked for this card; a second person must issue it.")]
    SamePerson(String),
    #[error("Nobody asks for or issues a card for themselves.")]
    Oneself,
    #[error("This card was issued already, at {when} by {by}.")]
    Already { when: String, by: String },
    #[error("Nobody issued this card within {ASKED_HOURS_MAX} hours; ask for a new one.")]
    TooLate,
    #[error("This card is void: {0}.")]
    Void(String),
}

/// Who may ask for cards and issue them.
pub const ISSUERS: [Role; 3] = [Role::EdCoordinator, Role::ControlRoom, Role::Administrator];

pub(crate) fn decide(asked: &Asked<'_>, intent: Intent) -> Result<Vec<Fact>, Refusal> {
    asked.must_be(&ISSUERS)?;
    let cards = &asked.book.cards;
    match intent {
        Intent::Ask { holder, shift_ends } => {
            let card = cards.cards.keys().next_back().map_or(1, |last| last + 1);
            Ok(vec![ask(asked, card, holder, shift_ends)?])
        }
        Intent::Issue { card: number, secret, pin } => {
            let card = cards.card(number).ok_or(Refusal::Unknown)?;
            may_issue(asked, card)?;
            let going = cards.newest().filter(|(_, c)| c.issued.is_some() && c.shift_ends > asked.at).count();
            words::at_most("shift cards", going + 1, CARDS_MAX)?;
            Ok(vec![Fact::Issued { card: number, secret, pin }])
        }
        Intent::Void { card, why } => {
            let found = cards.card(card).ok_or(Refusal::Unknown)?;
            if let Some((_, why)) = &found.void {
                return Err(Refusal::Void(why.clone()));
            }
            let why = words::line("why it is void", &why, words::LINE_BYTES_MAX)?;
            Ok(vec![Fact::Voided { card, why }])
        }
    }
}

fn ask(asked: &Asked<'_>, card: u32, holder: Holder, shift_ends: Moment) -> Result<Fact, Refusal> {
    let (me, mine) = asked.person()?;
    if *me == holder.number {
        return Err(Refusal::Oneself);
    }
    let lasts = shift_ends.seconds_since(asked.at);
    if lasts <= 0 || lasts > SHIFT_HOURS_MAX * 3600 {
        return Err(Refusal::Shift);
    }
    if let Some(role) = holder.roles.iter().find(|role| !role.by_card()) {
        return Err(Refusal::Role(role.words()));
    }
    if !mine.scope.holds(&holder.scope) {
        return Err(Refusal::TooWide(mine.scope.to_string()));
    }
    match asked.book.people.listed(&holder.number) {
        Some(listed) if listed.closed.is_some() => {
            return Err(Refusal::Closed(listed.account.name.to_string()));
        }
        // Whoever has an account keeps it: a card must not change its roles, nor let anybody in who has power over others'
        // access. With nothing to get in by, it serves them.
        Some(listed) if !listed.account.temporary => {
            let within = listed.account.valid(asked.at)
                && listed.account.roles.is_superset(&holder.roles)
                && listed.account.roles.iter().all(|role| role.by_card())
                && listed.account.scope.holds(&holder.scope);
            if !within || asked.book.credentials(&holder.number).complete() {
                return Err(Refusal::OwnAccount(listed.account.name.to_string()));
            }
        }
        _ => {}
    }
    let account = tidied(holder.account(shift_ends), asked.at).map_err(Box::new)?;
    let number = holder.number;
    let Account { name, roles, scope, contact, .. } = account;
    Ok(Fact::Asked { card, holder: Holder { number, name, roles, scope, contact }, shift_ends })
}

fn may_issue(asked: &Asked<'_>, card: &Card) -> Result<(), Refusal> {
    let (me, mine) = asked.person()?;
    if card.asked.by == By::Staff(me.clone()) {
        return Err(Refusal::SamePerson(asked.book.name(&card.asked.by)));
    }
    if *me == card.holder.number {
        return Err(Refusal::Oneself);
    }
    if let Some(issued) = &card.issued {
        let (when, by) = (asked.say(issued.stamp.at), asked.book.name(&issued.stamp.by));
        return Err(Refusal::Already { when, by });
    }
    if let Some((_, why)) = &card.void {
        return Err(Refusal::Void(why.clone()));
    }
    let waited = asked.at.seconds_since(card.asked.at);
    if waited > ASKED_HOURS_MAX * 3600 || asked.at >= card.shift_ends {
        return Err(Refusal::TooLate);
    }
    if mine.scope.holds(&card.holder.scope) { Ok(()) } else { Err(Refusal::TooWide(mine.scope.to_string())) }
}

pub(crate) fn fold(book: &mut AccessBook, stamp: &Stamp, fact: Fact) {
    match fact {
        Fact::Asked { card, holder, shift_ends } => {
            let (asked, account) = (stamp.clone(), holder.account(shift_ends));
            let new = Card {
                holder,
                account,
                shift_ends,
                asked,
                issued: None,
                used: None,
                void: None,
                wrong_pins: 0,
            };
            book.cards.cards.insert(card, new);
        }
        Fact::Issued { card: number, secret, pin } => {
            let Some(card) = book.cards.cards.get_mut(&number) else { return };
            card.issued = Some(Issued { stamp: stamp.clone(), secret, pin });
            book.cards.by_secret.insert(secret, number);
            let (holder, account) = (card.holder.number.clone(), card.account.clone());
            // Somebody with an account of their own keeps it as it is.
            if book.people.listed(&holder).is_none_or(|l| l.account.temporary) {
                book.people.list(holder, account, stamp);
            }
        }
        Fact::Voided { card: number, why } => {
            let Some(card) = book.cards.cards.get_mut(&number) else { return };
            card.void = Some((stamp.clone(), why.clone()));
            sessions::end_all_by_card(book, stamp, number, &format!("its card was made void: {why}"));
        }
    }
}

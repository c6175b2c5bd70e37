//! Who holds which role, who stands in for them, and when their shift ends.
//!
//! Always: a post has one holder; it passes by a handover that names who gives and who takes, or is given up. Never:
//! two people who each believe they lead: the second is refused, with the first one's name and time.
//! Called through `book::decide`; proved by `tests/roles.rs`.

use crate::book::Asked;
use crate::declare::{Incident, NotThere};
use crate::log::Kind;
use crate::wording::{self, Wording};
use crate::{IncidentBook, IncidentId, Person, Stamp};
use basics::Moment;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// A role's key, as action cards name it: "strategic-commander". Lower-case letters, digits and hyphens, 1 to 40.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct RoleKey(Box<str>);

impl RoleKey {
    /// Longest key, in bytes.
    pub const BYTES_MAX: usize = 40;

    /// `None` for anything but lower-case letters, digits and hyphens.
    pub fn new(text: &str) -> Option<Self> {
        let fits = (1..=Self::BYTES_MAX).contains(&text.len());
        let plain = text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        (fits && plain).then(|| Self(text.into()))
    }

    /// The key.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The key as words, for a role without a card: "strategic commander".
    pub fn words(&self) -> String {
        self.0.replace('-', " ")
    }
}

impl TryFrom<String> for RoleKey {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::new(&text).ok_or("a role's key has lower-case letters, digits and hyphens, at most 40")
    }
}

impl fmt::Display for RoleKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for RoleKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RoleKey({})", &self.0)
    }
}

/// A role at a place: the trust has one strategic commander, and each hospital its own nurse in charge of ED.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct Post {
    /// The role.
    pub role: RoleKey,
    /// The hospital, or hospital and ward ("Northgate General, AMU"); empty for the whole trust.
    pub place: String,
}

impl Post {
    /// A post for the whole trust.
    pub fn trust(role: RoleKey) -> Self {
        Self { role, place: String::new() }
    }

    /// "ED nurse in charge, Northgate General".
    pub fn words(&self, incident: &Incident) -> String {
        let title = incident.cards.card(&self.role).map_or_else(|| self.role.words(), |c| c.title.clone());
        if self.place.is_empty() { title } else { format!("{title}, {}", self.place) }
    }
}

/// Somebody in a post or standing in for it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Holder {
    /// Who.
    pub person: Person,
    /// How to reach them now: "ext 4021, bleep 112".
    pub contact: String,
    /// Since when, by which entry.
    pub since: Stamp,
    /// When their shift ends.
    pub shift_ends: Moment,
}

/// A post with who is in it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Posting {
    /// Who holds it now.
    pub holder: Option<Holder>,
    /// Who may stand in, in the order in which they were named.
    pub deputies: Vec<Holder>,
    /// Who held it before: person, from, to.
    pub before: Vec<(Person, Moment, Moment)>,
}

/// Every post of an incident.
#[derive(Clone, Debug, Default)]
pub struct Roles {
    posts: BTreeMap<Post, Posting>,
}

impl Roles {
    /// Who is in a post.
    pub fn posting(&self, post: &Post) -> Option<&Posting> {
        self.posts.get(post)
    }

    /// Who holds a post now.
    pub fn holder(&self, post: &Post) -> Option<&Holder> {
        self.posts.get(post)?.holder.as_ref()
    }

    /// Every post that anybody has held, in order of role and place.
    pub fn all(&self) -> impl Iterator<Item = (&Post, &Posting)> {
        self.posts.iter()
    }

    /// The posts that a person holds, or stands in for (second value true).
    pub fn of(&self, person: &Person) -> Vec<(Post, bool)> {
        let mut of = Vec::new();
        for (post, posting) in &self.posts {
            if posting.holder.as_ref().is_some_and(|h| h.person.same(person)) {
                of.push((post.clone(), false));
            } else if posting.deputies.iter().any(|d| d.person.same(person)) {
                of.push((post.clone(), true));
            }
        }
        of.sort_by_key(|(_, deputy)| *deputy);
        of
    }
}

/// Shift length when nobody says, in hours.
pub const SHIFT_HOURS_DEFAULT: i64 = 8;
/// Longest shift, in hours: a tired commander is a hazard.
pub const SHIFT_HOURS_MAX: i64 = 13;
/// Posts in one incident.
pub const POSTS_MAX: usize = 2_000;
/// Deputies of one post.
pub const DEPUTIES_MAX: usize = 6;

/// What became so.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum Fact {
    /// Somebody took a post that nobody held.
    Taken { incident: IncidentId, post: Post, person: Person, contact: String, shift_ends: Moment },
    /// A post passed from one person to the next.
    HandedOver {
        incident: IncidentId,
        post: Post,
        from: Person,
        to: Person,
        contact: String,
        shift_ends: Moment,
        /// What the next one was told.
        briefing: String,
    },
    /// A post was given up; nobody holds it now.
    GivenUp { incident: IncidentId, post: Post, person: Person, reason: String },
    /// Somebody may stand in.
    DeputyNamed { incident: IncidentId, post: Post, person: Person, contact: String, shift_ends: Moment },
    /// Somebody stands in no longer.
    DeputyReleased { incident: IncidentId, post: Post, person: Person },
    /// The holder stays longer.
    ShiftExtended { incident: IncidentId, post: Post, person: Person, shift_ends: Moment, reason: String },
}

/// What can be wanted. `shift_ends`: `None` for the default length.
#[derive(Clone, PartialEq, Debug)]
#[allow(missing_docs)]
pub enum Intent {
    /// Take a post that nobody holds.
    Take { incident: IncidentId, post: Post, person: Person, contact: String, shift_ends: Option<Moment> },
    /// Pass a post on; `from` is who the writer believes holds it.
    HandOver {
        incident: IncidentId,
        post: Post,
        from: Person,
        to: Person,
        contact: String,
        shift_ends: Option<Moment>,
        /// What the next one must know; never empty.
        briefing: String,
    },
    /// Give a post up.
    GiveUp { incident: IncidentId, post: Post, reason: String },
    /// Name somebody who may stand in.
    NameDeputy {
        incident: IncidentId,
        post: Post,
        person: Person,
        contact: String,
        shift_ends: Option<Moment>,
    },
    /// Release a deputy.
    ReleaseDeputy { incident: IncidentId, post: Post, person: Person },
    /// Stay longer.
    ExtendShift { incident: IncidentId, post: Post, shift_ends: Moment, reason: String },
}

/// Why not.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[allow(missing_docs)]
pub enum Refusal {
    /// What was written cannot be kept.
    #[error(transparent)]
    Wording(#[from] Wording),
    /// There is no such incident to act in.
    #[error(transparent)]
    NotThere(#[from] NotThere),
    /// Somebody holds it.
    #[error("{holder} has been {post} since {since} (entry {entry}); ask {holder} to hand over to you")]
    Held { post: String, holder: String, since: String, entry: u64 },
    /// It is theirs already.
    #[error("{person} is {post} already, since {since}")]
    HeldBySame { post: String, person: String, since: String },
    /// Nobody holds it.
    #[error("nobody is {0} now; take the role first")]
    NobodyHolds(String),
    /// Somebody else holds it than was believed.
    #[error(
        "{holder} took over as {post} at {since} (entry {entry}); hand over from {holder} if that is still meant"
    )]
    HeldByOther { post: String, holder: String, since: String, entry: u64 },
    /// No such deputy.
    #[error("{0} is no deputy of {1}")]
    NoDeputy(String, String),
    /// Named already.
    #[error("{0} is a deputy of {1} already")]
    DeputyAlready(String, String),
    /// The shift is over before it begins, or longer than people last.
    #[error("a shift ends after now and within {hours_max} hours; name another to follow instead")]
    Shift { hours_max: i64 },
}

/// The rules.
pub fn decide(asked: &Asked<'_>, intent: Intent) -> Result<Vec<Fact>, Refusal> {
    let fact = match intent {
        Intent::Take { incident, post, person, contact, shift_ends } => {
            let (found, post) = post_of(asked, incident, post)?;
            if let Some(holder) = found.roles.holder(&post) {
                return Err(held(asked, found, &post, holder, &person));
            }
            let contact = wording::line_or_empty("how to reach them", &contact)?;
            Fact::Taken { incident, post, person, contact, shift_ends: shift(asked, shift_ends)? }
        }
        Intent::HandOver { incident, post, from, to, contact, shift_ends, briefing } => {
            let (found, post) = post_of(asked, incident, post)?;
            let holder = holder_of(found, &post)?;
            if !holder.person.same(&from) || holder.person.same(&to) {
                return Err(match held(asked, found, &post, holder, &to) {
                    Refusal::Held { post, holder, since, entry } => {
                        Refusal::HeldByOther { post, holder, since, entry }
                    }
                    other => other,
                });
            }
            let contact = wording::line_or_empty("how to reach them", &contact)?;
            let briefing = wording::note("what the next one must know", &briefing)?;
            let from = holder.person.clone();
            let shift_ends = shift(asked, shift_ends)?;
            Fact::HandedOver { incident, post, from, to, contact, shift_ends, briefing }
        }
        Intent::GiveUp { incident, post, reason } => {
            let (found, post) = post_of(asked, incident, post)?;
            let person = holder_of(found, &post)?.person.clone();
            Fact::GivenUp { incident, post, person, reason: wording::note("the reason", &reason)? }
        }
        Intent::NameDeputy { incident, post, person, contact, shift_ends } => {
            let (found, post) = post_of(asked, incident, post)?;
            let deputies = found.roles.posting(&post).map_or(&[][..], |p| &p.deputies);
            if deputies.iter().any(|d| d.person.same(&person)) {
                return Err(Refusal::DeputyAlready(person.to_string(), post.words(found)));
            }
            wording::at_most("deputies", deputies.len() + 1, DEPUTIES_MAX)?;
            let contact = wording::line_or_empty("how to reach them", &contact)?;
            Fact::DeputyNamed { incident, post, person, contact, shift_ends: shift(asked, shift_ends)? }
        }
        Intent::ReleaseDeputy { incident, post, person } => {
            let (found, post) = post_of(asked, incident, post)?;
            let deputies = found.roles.posting(&post).map_or(&[][..], |p| &p.deputies);
            if !deputies.iter().any(|d| d.person.same(&person)) {
                return Err(Refusal::NoDeputy(person.to_string(), post.words(found)));
            }
            Fact::DeputyReleased { incident, post, person }
        }
        Intent::ExtendShift { incident, post, shift_ends, reason } => {
            let (found, post) = post_of(asked, incident, post)?;
            let person = holder_of(found, &post)?.person.clone();
            let shift_ends = shift(asked, Some(shift_ends))?;
            let reason = wording::note("the reason", &reason)?;
            Fact::ShiftExtended { incident, post, person, shift_ends, reason }
        }
    };
    Ok(vec![fact])
}

/// The incident and the post as it is kept. Roles outlive the stand-down: somebody must finish the work.
fn post_of<'a>(asked: &Asked<'a>, incident: IncidentId, post: Post) -> Result<(&'a Incident, Post), Refusal> {
    let found = asked.incident(incident)?;
    let place = wording::line_or_empty("the place", &post.place)?;
    let post = Post { place, ..post };
    if found.roles.posting(&post).is_none() {
        wording::at_most("posts", found.roles.posts.len() + 1, POSTS_MAX)?;
    }
    Ok((found, post))
}

fn holder_of<'a>(incident: &'a Incident, post: &Post) -> Result<&'a Holder, Refusal> {
    incident.roles.holder(post).ok_or_else(|| Refusal::NobodyHolds(post.words(incident)))
}

fn held(asked: &Asked<'_>, incident: &Incident, post: &Post, holder: &Holder, wanted: &Person) -> Refusal {
    let (post, since) = (post.words(incident), asked.say(holder.since.at));
    if holder.person.same(wanted) {
        return Refusal::HeldBySame { post, person: holder.person.to_string(), since };
    }
    Refusal::Held { post, holder: holder.person.to_string(), since, entry: holder.since.entry.0 }
}

fn shift(asked: &Asked<'_>, ends: Option<Moment>) -> Result<Moment, Refusal> {
    let ends = ends.unwrap_or_else(|| asked.at.plus_seconds(SHIFT_HOURS_DEFAULT * 3600));
    let length = ends.seconds_since(asked.at);
    if length > 0 && length <= SHIFT_HOURS_MAX * 3600 {
        Ok(ends)
    } else {
        Err(Refusal::Shift { hours_max: SHIFT_HOURS_MAX })
    }
}

pub(crate) fn fold(book: &mut IncidentBook, stamp: &Stamp, fact: Fact) {
    let Some(found) = fact.incident().and_then(|id| book.incidents.get_mut(&id)) else { return };
    let (since, posts) = (stamp.clone(), &mut found.roles.posts);
    match fact {
        Fact::Taken { post, person, contact, shift_ends, .. } => {
            posts.entry(post).or_default().take(Holder { person, contact, since, shift_ends });
        }
        Fact::HandedOver { post, to: person, contact, shift_ends, .. } => {
            posts.entry(post).or_default().take(Holder { person, contact, since, shift_ends });
        }
        Fact::GivenUp { post, .. } => posts.entry(post).or_default().leave(stamp.at),
        Fact::DeputyNamed { post, person, contact, shift_ends, .. } => {
            posts.entry(post).or_default().deputies.push(Holder { person, contact, since, shift_ends });
        }
        Fact::DeputyReleased { post, person, .. } => {
            posts.entry(post).or_default().deputies.retain(|d| !d.person.same(&person));
        }
        Fact::ShiftExtended { post, shift_ends, .. } => {
            if let Some(holder) = &mut posts.entry(post).or_default().holder {
                holder.shift_ends = shift_ends;
            }
        }
    }
}

impl Posting {
    fn take(&mut self, holder: Holder) {
        self.leave(holder.since.at);
        // Whoever takes the post is no longer its deputy.
        self.deputies.retain(|d| !d.person.same(&holder.person));
        self.holder = Some(holder);
    }

    fn leave(&mut self, at: Moment) {
        if let Some(holder) = self.holder.take() {
            self.before.push((holder.person, holder.since.at, at));
        }
    }
}

impl Fact {
    /// In words.
    pub fn line(&self, book: &IncidentBook) -> String {
        let post = |id: &IncidentId, post: &Post| {
            book.incident(*id).map_or_else(|| post.role.words(), |incident| post.words(incident))
        };
        let time = |at: &Moment| book.zone.hour_minute(*at);
        let reach = |c: &str| if c.is_empty() { String::new() } else { format!(", {c}") };
        match self {
            Self::Taken { incident, post: p, person, contact, shift_ends } => format!(
                "{person} is {}{}, shift until {}",
                post(incident, p),
                reach(contact),
                time(shift_ends)
            ),
            Self::HandedOver { incident, post: p, from, to, contact, shift_ends, briefing } => format!(
                "{from} handed over {} to {to}{}, shift until {}. Briefing: {briefing}",
                post(incident, p),
                reach(contact),
                time(shift_ends)
            ),
            Self::GivenUp { incident, post: p, person, reason } => {
                format!("{person} is {} no longer; nobody holds the role. {reason}", post(incident, p))
            }
            Self::DeputyNamed { incident, post: p, person, contact, .. } => {
                format!("{person} is deputy of {}{}", post(incident, p), reach(contact))
            }
            Self::DeputyReleased { incident, post: p, person } => {
                format!("{person} is deputy of {} no longer", post(incident, p))
            }
            Self::ShiftExtended { incident, post: p, person, shift_ends, reason } => {
                format!("{person} stays as {} until {}. {reason}", post(incident, p), time(shift_ends))
            }
        }
    }

    /// What kind of line.
    pub fn kind(&self) -> Kind {
        Kind::Role
    }

    /// Its incident.
    pub fn incident(&self) -> Option<IncidentId> {
        match self {
            Self::Taken { incident, .. }
            | Self::HandedOver { incident, .. }
            | Self::GivenUp { incident, .. }
            | Self::DeputyNamed { incident, .. }
            | Self::DeputyReleased { incident, .. }
            | Self::ShiftExtended { incident, .. } => Some(*incident),
        }
    }
}

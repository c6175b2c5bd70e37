//! Ambulance diverts: who takes whom, agreed and authorised, watched, counted; and plans as proposals.
//!
//! Always: a divert is asked for, consented to, authorised by two named people and expires by itself; every step is on
//! the record with its reason; each patient moved counts once; an exercise has a board of its own. Never: resuscitation
//! diverted, a patient named, or a plan called current when its figures are not. Parts: `sites` (who stands how, with
//! which figures), `agreement` (one divert's life), `changes` (who has acknowledged), `moved` (counting), `proposal` and
//! `region` (plans), `broadcast` (an accepted plan told to the sites), `board`, `waits`, `feeds` and
//! `have` (what neighbours' feeds say), `debrief`. Called through `book::decide`; proved by `tests/diverts.rs`, `tests/divert_plans.rs`.

mod agreement;
mod board;
mod broadcast;
mod changes;
mod debrief;
mod feeds;
mod have;
mod moved;
mod pathway;
mod proposal;
mod record;
mod refusal;
mod region;
mod sites;
mod waits;

pub use agreement::{Answered, Authorised, Divert, MINUTES_MAX, RECEIVERS_MAX, Receiver, Request, Stage};
pub use board::{
    Cell, DivertBoard, DivertRow, Due, FeedLine, PlanRow, SiteRow, Unacknowledged, board, due, radio_list,
};
pub use broadcast::{ToTell, ToldOf, concerned, to_tell, words as told_words};
pub use changes::Change;
pub use debrief::{Debrief, Neighbour, debrief, debrief_board};
pub use feeds::{Colour, FEED_SITES_MAX, FeedSays, FeedTold};
pub use have::{HAVE_BYTES_MAX, HaveFacility, HaveFault, HaveReport, HaveService, read_have};
pub use moved::{FromTo, HandOff, Moved, ServiceCount};
pub use pathway::{Pathway, Standing, named};
pub use proposal::{Effect, FiguresUsed, FlowLine, MoveLine, Proposal, Proposed, Settled, Shown};
pub use refusal::Refusal;
pub use region::{Built, build, propose};
pub use sites::{DivertSite, Figures, FiguresTold, HISTORY_MAX, Source, StandingTold};
pub use waits::{Wait, waits};

pub(crate) use broadcast::tell;
pub(crate) use record::fold;

use crate::book::Asked;
use crate::messages::MessageId;
use crate::{Ground, Person, Stamp};
use basics::{EntryNumber, Moment, SiteId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The times of the local agreement; defaults are usual practice, to be set by each region.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Rules {
    /// A divert stays at least so long, in minutes.
    pub dwell_minutes: u32,
    /// It expires after so long, in minutes, unless renewed.
    pub expiry_minutes: u32,
    /// Those who answer for it are asked so long before, in minutes.
    pub ask_before_minutes: u32,
    /// Figures older than this, in minutes, are not gone by.
    pub stale_minutes: u32,
}

impl Default for Rules {
    fn default() -> Self {
        Self { dwell_minutes: 30, expiry_minutes: 60, ask_before_minutes: 15, stale_minutes: 60 }
    }
}

impl Rules {
    /// Whether figures of that moment are too old to go by at `now`.
    pub fn stale(&self, as_at: Moment, now: Moment) -> bool {
        now.seconds_since(as_at) > i64::from(self.stale_minutes) * 60
    }
}

/// A crew that went to a site although it was on divert.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Override {
    /// Which divert.
    pub divert: u32,
    /// The crew's call sign.
    pub crew: String,
    /// As what the patient came.
    pub pathway: Pathway,
    /// Why.
    pub reason: String,
    /// Who recorded it, and when.
    pub stamp: Stamp,
}

/// Everything about diverts.
#[derive(Clone, Debug, Default)]
pub struct Diverts {
    sites: Vec<DivertSite>,
    /// The times that hold.
    pub rules: Rules,
    grounds: BTreeMap<Ground, OnGround>,
}

/// What stands on one ground.
#[derive(Clone, Debug)]
pub struct OnGround {
    standings: BTreeMap<(SiteId, Pathway), StandingTold>,
    figures: BTreeMap<SiteId, FiguresTold>,
    history: BTreeMap<SiteId, Vec<FiguresTold>>,
    feeds: BTreeMap<(SiteId, String), FeedTold>,
    /// Every divert, the oldest first.
    pub diverts: Vec<Divert>,
    /// Crews who went elsewhere than a divert said.
    pub overrides: Vec<Override>,
    /// Patients moved.
    pub moved: Moved,
    /// Every plan that was proposed, the oldest first.
    pub proposals: Vec<Proposed>,
    /// Changes that sites must acknowledge, the oldest first.
    pub changes: Vec<Change>,
    /// The last entry that changed what a site takes.
    pub changed_at: EntryNumber,
}

static NOTHING: OnGround = OnGround::nothing();

impl OnGround {
    const fn nothing() -> Self {
        Self {
            standings: BTreeMap::new(),
            figures: BTreeMap::new(),
            history: BTreeMap::new(),
            feeds: BTreeMap::new(),
            diverts: Vec::new(),
            overrides: Vec::new(),
            moved: Moved::none(),
            proposals: Vec::new(),
            changes: Vec::new(),
            changed_at: EntryNumber(0),
        }
    }

    /// That divert.
    pub fn divert(&self, number: u32) -> Result<&Divert, Refusal> {
        let found = self.diverts.get((number as usize).wrapping_sub(1));
        found.ok_or(Refusal::NoSuchDivert(number))
    }

    /// That plan.
    pub fn proposal(&self, number: u32) -> Result<&Proposed, Refusal> {
        let found = self.proposals.get((number as usize).wrapping_sub(1));
        found.ok_or(Refusal::NoSuchPlan(number))
    }

    /// Diverts asked for or in force at `now`.
    pub fn live(&self, now: Moment) -> impl Iterator<Item = &Divert> {
        self.diverts.iter().rev().filter(move |d| matches!(d.stage(now), Stage::Requested | Stage::Active))
    }

    /// Diverts in force at `now`.
    pub fn active(&self, now: Moment) -> impl Iterator<Item = &Divert> {
        self.live(now).filter(move |d| d.stage(now) == Stage::Active)
    }

    /// How a site stands to a pathway at `now`: closed before on divert before what it told.
    pub fn standing(&self, site: &SiteId, pathway: Pathway, now: Moment) -> Standing {
        let told = self.told(site, pathway);
        let diverted = || self.active(now).any(|d| d.from == *site && d.pathways.contains(&pathway));
        if told == Standing::Closed || !diverted() { told } else { Standing::Divert }
    }

    /// A site's figures, as they were last told.
    pub fn figures(&self, site: &SiteId) -> Option<&FiguresTold> {
        self.figures.get(site)
    }

    /// A site's figures as they were told, the oldest first; at most `HISTORY_MAX`.
    pub fn history(&self, site: &SiteId) -> &[FiguresTold] {
        self.history.get(site).map_or(&[], Vec::as_slice)
    }

    /// What neighbours' feeds say of a site, by the feeds' names.
    pub fn feeds_of(&self, site: &SiteId) -> impl Iterator<Item = (&str, &FeedTold)> {
        let own = self.feeds.range((site.clone(), String::new())..);
        own.take_while(move |((of, _), _)| of == site).map(|((_, feed), told)| (feed.as_str(), told))
    }

    /// The last entry that sites must hear of: a request, or a change that somebody has to acknowledge.
    pub fn alerted_at(&self) -> EntryNumber {
        let asked = self.diverts.iter().map(|d| d.requested.entry);
        let changed = self.changes.iter().map(|c| c.stamp.entry);
        asked.chain(changed).max().unwrap_or(EntryNumber(0))
    }

    /// Whether a site's last answer to a divert that lives is no.
    pub fn refuses(&self, site: &SiteId, now: Moment) -> bool {
        let answers = self.live(now).flat_map(|d| &d.receivers).filter(|r| r.site == *site);
        let newest = answers.filter_map(|r| r.answer.as_ref()).max_by_key(|a| a.stamp.entry);
        newest.is_some_and(|answer| !answer.consents)
    }
}

impl Diverts {
    /// Every site of the board, in the order in which they were listed.
    pub fn sites(&self) -> &[DivertSite] {
        &self.sites
    }

    /// That site.
    pub fn site(&self, site: &SiteId) -> Result<&DivertSite, Refusal> {
        self.sites.iter().find(|s| s.site == *site).ok_or_else(|| Refusal::NoSuchSite(site.clone()))
    }

    /// What stands on that ground.
    pub fn on(&self, ground: Ground) -> &OnGround {
        self.grounds.get(&ground).unwrap_or(&NOTHING)
    }

    fn on_mut(&mut self, ground: Ground) -> &mut OnGround {
        self.grounds.entry(ground).or_insert_with(OnGround::nothing)
    }
}

/// What became so.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum Fact {
    /// These are the sites of the board.
    SitesListed { sites: Vec<DivertSite> },
    /// These times hold.
    RulesSet { rules: Rules },
    /// A site said how it stands.
    StandingTold { ground: Ground, site: SiteId, pathways: Vec<Pathway>, standing: Standing, reason: String },
    /// A site's figures.
    FiguresTold { ground: Ground, site: SiteId, figures: Figures, as_at: Moment, source: Source },
    /// A divert was asked for.
    Requested {
        ground: Ground,
        number: u32,
        from: SiteId,
        receivers: Vec<SiteId>,
        pathways: Vec<Pathway>,
        reason: String,
        minutes: u32,
        follows: Option<u32>,
    },
    /// A receiver consented or refused.
    Answered {
        ground: Ground,
        number: u32,
        site: SiteId,
        consents: bool,
        figures: Option<Figures>,
        reason: String,
    },
    /// Two people answered for it: it is in force.
    Authorised { ground: Ground, number: u32, executive: Person, commander: Person, until: Moment },
    /// They were asked, before it expires.
    ExpiryAsked { ground: Ground, number: u32, asked: Vec<String> },
    /// It goes on.
    Renewed {
        ground: Ground,
        number: u32,
        executive: Person,
        commander: Person,
        minutes: u32,
        until: Moment,
        reason: String,
    },
    /// Its time had run out.
    Expired { ground: Ground, number: u32 },
    /// It, or some of its pathways, ended.
    Ended { ground: Ground, number: u32, pathways: Vec<Pathway>, reason: String, sooner_because: String },
    /// It was taken back before it was in force.
    Withdrawn { ground: Ground, number: u32, reason: String },
    /// A crew went there all the same.
    Overridden { ground: Ground, number: u32, crew: String, pathway: Pathway, reason: String },
    /// A neighbour's feed said this; it is shown as said and changes nothing.
    FeedSaid { ground: Ground, feed: String, says: Vec<FeedSays>, unlisted: Vec<String> },
    /// Patients were handed over elsewhere.
    HandedOff { ground: Ground, hand_offs: Vec<HandOff> },
    /// The ambulance service counted.
    ServiceCounted { ground: Ground, count: ServiceCount },
    /// A plan was put to people.
    Proposed { ground: Ground, number: u32, plan: Box<Proposal>, instead_of: Option<u32>, reason: String },
    /// A named person accepted it.
    PlanAccepted { ground: Ground, number: u32, person: Person },
    /// A named person refused it.
    PlanRefused { ground: Ground, number: u32, person: Person, reason: String },
    /// A site was told of an accepted plan, by that message.
    PlanTold { ground: Ground, number: u32, site: SiteId, message: MessageId },
    /// A site acknowledged a change.
    Acknowledged { ground: Ground, change: EntryNumber, site: SiteId },
}

/// What can be wanted.
#[derive(Clone, PartialEq, Debug)]
#[allow(missing_docs)]
pub enum Intent {
    /// List sites; one already listed is described anew, the others stay.
    List { sites: Vec<DivertSite> },
    /// Set the times of the local agreement.
    SetRules { rules: Rules },
    /// Say how a site stands to some pathways (none named: to all). A divert is asked for instead.
    TellStanding { ground: Ground, site: SiteId, pathways: Vec<Pathway>, standing: Standing, reason: String },
    /// Tell a site's figures; `as_at` is `None` for now.
    TellFigures { ground: Ground, site: SiteId, figures: Figures, as_at: Option<Moment>, source: Source },
    /// Ask for a divert.
    Request { ground: Ground, request: Request },
    /// Consent or refuse, for a receiver; also while it is in force.
    Answer {
        ground: Ground,
        number: u32,
        site: SiteId,
        consents: bool,
        figures: Option<Figures>,
        reason: String,
    },
    /// Put it in force, answered for by two people.
    Authorise { ground: Ground, number: u32, executive: Person, commander: Person },
    /// Record that they were asked, before it expires: by whoever sends the question.
    AskBeforeExpiry { ground: Ground, number: u32 },
    /// Let it go on. `seen`: until when it ran when the form was opened.
    Renew {
        ground: Ground,
        number: u32,
        executive: Person,
        commander: Person,
        minutes: Option<u32>,
        seen: Moment,
        reason: String,
    },
    /// Put on record that its time ran out.
    NoteExpiry { ground: Ground, number: u32 },
    /// End it, or some of its pathways (none named: all). `sooner_because`: why before its least time.
    End { ground: Ground, number: u32, pathways: Vec<Pathway>, reason: String, sooner_because: String },
    /// Take a request back.
    Withdraw { ground: Ground, number: u32, reason: String },
    /// Record that a crew went there all the same.
    Override { ground: Ground, number: u32, crew: String, pathway: Pathway, reason: String },
    /// Keep what a neighbour's feed says, beside the board.
    TakeFeed { ground: Ground, feed: String, report: Box<HaveReport> },
    /// Count hand-offs.
    HandOff { ground: Ground, hand_offs: Vec<HandOff> },
    /// Take the ambulance service's figures.
    CountByService { ground: Ground, count: ServiceCount },
    /// Put a plan to people; `instead_of` and `reason` for a changed one.
    Propose { ground: Ground, plan: Box<Proposal>, instead_of: Option<u32>, reason: String },
    /// Accept a plan. `knowing_gaps`: having read which sites gave no figures.
    AcceptPlan { ground: Ground, number: u32, person: Person, knowing_gaps: bool },
    /// Refuse a plan.
    RefusePlan { ground: Ground, number: u32, person: Person, reason: String },
    /// Tell a site of the plan in force: by Lifeboat itself. `salt`: as of a message.
    TellPlan { ground: Ground, number: u32, site: SiteId, salt: String },
    /// Acknowledge a change for a site.
    Acknowledge { ground: Ground, change: EntryNumber, site: SiteId },
}

impl Intent {
    fn ground(&self) -> Ground {
        match self {
            Self::List { .. } | Self::SetRules { .. } => Ground::Real,
            Self::TellStanding { ground, .. }
            | Self::TellFigures { ground, .. }
            | Self::Request { ground, .. }
            | Self::Answer { ground, .. }
            | Self::Authorise { ground, .. }
            | Self::AskBeforeExpiry { ground, .. }
            | Self::Renew { ground, .. }
            | Self::NoteExpiry { ground, .. }
            | Self::End { ground, .. }
            | Self::Withdraw { ground, .. }
            | Self::Override { ground, .. }
            | Self::TakeFeed { ground, .. }
            | Self::HandOff { ground, .. }
            | Self::CountByService { ground, .. }
            | Self::Propose { ground, .. }
            | Self::AcceptPlan { ground, .. }
            | Self::RefusePlan { ground, .. }
            | Self::TellPlan { ground, .. }
            | Self::Acknowledge { ground, .. } => *ground,
        }
    }
}

/// The rules.
pub fn decide(asked: &Asked<'_>, intent: Intent) -> Result<Vec<Fact>, Refusal> {
    asked.ground(intent.ground())?;
    let fact = match intent {
        Intent::Answer { .. } => return agreement::answer(asked, intent),
        Intent::List { sites } => sites::list(asked, sites),
        Intent::SetRules { rules } => set_rules(asked, rules),
        Intent::TellStanding { .. } => sites::tell_standing(asked, intent),
        Intent::TellFigures { ground, site, figures, as_at, source } => {
            sites::tell_figures(asked, ground, site, (figures, as_at, source))
        }
        Intent::Request { ground, request } => agreement::request(asked, ground, request),
        Intent::Authorise { .. } => agreement::authorise(asked, intent),
        Intent::AskBeforeExpiry { ground, number } => agreement::ask_before_expiry(asked, ground, number),
        Intent::Renew { .. } => agreement::renew(asked, intent),
        Intent::NoteExpiry { ground, number } => agreement::note_expiry(asked, ground, number),
        Intent::End { .. } => agreement::end(asked, intent),
        Intent::Withdraw { ground, number, reason } => agreement::withdraw(asked, ground, number, &reason),
        Intent::Override { .. } => agreement::overridden(asked, intent),
        Intent::TakeFeed { ground, feed, report } => feeds::take(asked, ground, &feed, *report),
        Intent::HandOff { ground, hand_offs } => moved::hand_off(asked, ground, hand_offs),
        Intent::CountByService { ground, count } => moved::count(asked, ground, count),
        Intent::Propose { ground, plan, instead_of, reason } => {
            proposal::propose(asked, ground, plan, (instead_of, reason))
        }
        Intent::AcceptPlan { ground, number, person, knowing_gaps } => {
            proposal::accept(asked, ground, (number, person, knowing_gaps))
        }
        Intent::RefusePlan { ground, number, person, reason } => {
            proposal::refuse(asked, ground, (number, person, reason))
        }
        // Its message is a fact of another module: `book::decide` asks `tell` for both.
        Intent::TellPlan { number, site, .. } => Err(Refusal::NotToBeTold { number, site }),
        Intent::Acknowledge { ground, change, site } => changes::acknowledge(asked, ground, change, site),
    };
    Ok(vec![fact?])
}

fn set_rules(asked: &Asked<'_>, rules: Rules) -> Result<Fact, Refusal> {
    let Rules { dwell_minutes: dwell, expiry_minutes: expiry, ask_before_minutes: ask, stale_minutes } =
        rules;
    if dwell > expiry || ask >= expiry || expiry > MINUTES_MAX || !(5..=1_440).contains(&stale_minutes) {
        return Err(Refusal::Rules { dwell, ask, expiry, max: MINUTES_MAX });
    }
    if asked.book.diverts.rules == rules { Err(Refusal::Same) } else { Ok(Fact::RulesSet { rules }) }
}

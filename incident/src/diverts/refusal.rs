//! Why something about a divert was not done: sentences that say what to do instead.

use super::sites::{HANDOVER_MINUTES_MAX, QUEUE_MAX};
use crate::declare::NotThere;
use crate::wording::Wording;
use basics::SiteId;

/// Why not.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[allow(missing_docs)]
pub enum Refusal {
    /// What was written cannot be kept.
    #[error(transparent)]
    Wording(#[from] Wording),
    /// There is no such exercise.
    #[error(transparent)]
    NotThere(#[from] NotThere),
    #[error("nothing would change")]
    Same,
    #[error("there is no site called {0} on the divert board; choose one of its list, or list it first")]
    NoSuchSite(SiteId),
    #[error("there is no divert {0}; choose one from the board")]
    NoSuchDivert(u32),
    #[error("there is no plan {0}; choose one from the list")]
    NoSuchPlan(u32),
    #[error("{0} must be able to take something; tick its pathways")]
    AbleOfNothing(SiteId),
    #[error("{site} does not take {pathway} even on a usual day")]
    NotAble { site: SiteId, pathway: &'static str },
    #[error("a divert of {0} is asked for and authorised, not told; ask for it with a receiver")]
    DivertIsAskedFor(SiteId),
    #[error("say in a few words why {site} is {word}")]
    ReasonMissing { site: SiteId, word: &'static str },
    #[error(
        "{0} keeps resuscitation while it takes anybody: it is never diverted. Close the whole site if it can take nobody"
    )]
    ResuscitationStays(SiteId),
    #[error(
        "“{0}” was not understood: give three numbers, such as “14 52 9” for 14 waiting, longest 52 minutes, 9 staffed places"
    )]
    FiguresNotRead(String),
    #[error(
        "{value} {what} are not believable; at most {most} are taken (queue {QUEUE_MAX}, handover {HANDOVER_MINUTES_MAX} minutes)"
    )]
    NotBelievable { what: &'static str, value: u32, most: u32 },
    #[error(
        "the figures of {site} say they are of {at}, which is still to come; the sender's clock is wrong"
    )]
    FromTheFuture { site: SiteId, at: String },
    #[error("these figures of {site} are of {at}; newer ones, of {known}, were told by {by}")]
    OlderThanKnown { site: SiteId, at: String, known: String, by: String },
    #[error(
        "resuscitation is never diverted: such a patient goes to the closest department that can take them"
    )]
    Resuscitation,
    #[error("say which patients shall go elsewhere")]
    NoPathway,
    #[error("name at least one other site that shall take the patients of {0}")]
    NoReceiver(SiteId),
    #[error("none of the sites asked takes {0}; ask one that does")]
    NobodyAble(&'static str),
    #[error("{site} is itself {word} for {pathway}; ask another site")]
    ReceiverTakesNone { site: SiteId, word: &'static str, pathway: &'static str },
    #[error("{what} is {stage} already; go on with that one")]
    AskedAlready { what: String, stage: &'static str },
    #[error("divert {0} is no expired divert of this site; leave it out")]
    FollowsNothing(u32),
    #[error(
        "{minutes} minutes cannot be; give at least {least} and at most {}, then renew",
        super::agreement::MINUTES_MAX
    )]
    Minutes { minutes: u32, least: u32 },
    /// Too late, for a consent, an authorisation or a renewal alike.
    #[error(
        "{what} {how} at {at}{by}; nothing of it is in force. Ask for a new divert if it is still needed"
    )]
    Over { what: String, how: &'static str, at: String, by: String },
    #[error("{site} was not asked about {what}")]
    NotAsked { site: SiteId, what: String },
    #[error("{0} refuses: give its figures (“14 52 9”) or say why, so that nobody needs to ring again")]
    RefusalWithoutFigures(SiteId),
    #[error("{what}: {by} recorded that at {at} already")]
    AnsweredAlready { what: String, by: String, at: String },
    #[error("nobody has consented to take {pathway}: {answers}. Ask another site")]
    NoConsent { pathway: &'static str, answers: String },
    #[error("{0} is named as executive and as ambulance commander; a divert needs two people")]
    OnePerson(String),
    #[error("{what} is authorised already: {by} recorded it at {at} (entry {entry}), by {both}")]
    AuthorisedAlready { what: String, by: String, both: String, at: String, entry: u64 },
    #[error("{0} is not in force yet; it must be authorised first")]
    NotInForce(String),
    #[error("{what} is told for {at}, which is still to come; look at the time again")]
    StillToCome { what: &'static str, at: String },
    #[error("{by} renewed {what} until {until} while you wrote; look again before you renew")]
    RenewedMeanwhile { what: String, by: String, until: String },
    #[error(
        "{what} has held for {held}; it stays at least {least}, so that crews are not turned twice. Say why it must end sooner"
    )]
    Dwell { what: String, held: String, least: String },
    #[error("{what} does not divert {pathway}")]
    NotDiverted { what: String, pathway: &'static str },
    #[error("{0} is in force; end it")]
    EndInstead(String),
    #[error("{what} is {stage}; it has not expired unrecorded")]
    NotExpired { what: String, stage: &'static str },
    #[error("{names} were asked at {at} already")]
    ExpiryAskedAlready { names: String, at: String },
    #[error(
        "{0} is where the patient would have been brought; only patients brought elsewhere are counted as moved"
    )]
    NotMoved(SiteId),
    #[error(
        "job {job} was counted from {from} to {to} already ({by}, entry {entry}); find out which is right"
    )]
    JobElsewhere { job: String, from: SiteId, to: SiteId, by: String, entry: u64 },
    #[error("job {job} was counted already (entry {entry}); each patient counts once")]
    CountedAlready { job: String, entry: u64 },
    #[error("that looks like an NHS number; give the ambulance's job number. No patient is named here")]
    PatientNumber,
    #[error("the time until which was counted must be after the time from which")]
    PeriodBackwards,
    #[error("{from} to {to} stands there twice; add the two figures")]
    PairTwice { from: SiteId, to: SiteId },
    #[error(
        "figures for {from} to {to} from {since} to {until} are there already (entry {entry}); the two times overlap and would count patients twice"
    )]
    CountOverlaps { from: SiteId, to: SiteId, since: String, until: String, entry: u64 },
    #[error("this plan does not fit together (a flow names no zone or site); plan again")]
    PlanUnsound,
    #[error("plan {number} was {how} by {by} at {at} (entry {entry})")]
    SettledAlready { number: u32, how: &'static str, by: String, at: String, entry: u64 },
    #[error("plan {number} cannot be accepted: {old}. Bring them up to date and plan again")]
    PlanTooOld { number: u32, old: String },
    #[error(
        "plan {number} cannot be accepted: entry {entry} changed what a site takes after it was made. Plan again"
    )]
    PlanOvertaken { number: u32, entry: u64 },
    #[error(
        "plan {number} was made without current figures of {sites}; ask them, or tick that you accept it knowing this"
    )]
    PlanHasGaps { number: u32, sites: String },
    #[error(
        "{site} has been told of plan {number} already, or the plan is not current; look at the plan again"
    )]
    NotToBeTold { number: u32, site: SiteId },
    #[error(
        "the feed {feed} names no site of the divert board (it names {named}); list its sites under the same names first"
    )]
    FeedOfOthers { feed: String, named: String },
    #[error("the feed {feed} says nothing newer than it said before (of {at})")]
    FeedNotNewer { feed: String, at: String },
    #[error("the feed {feed} says it is of {at}, which is still to come; the sender's clock is wrong")]
    FeedFromTheFuture { feed: String, at: String },
    #[error("there is no change of entry {entry} that {site} must acknowledge")]
    NothingToAcknowledge { site: SiteId, entry: u64 },
    #[error("{by} acknowledged this for {site} at {at}")]
    AcknowledgedAlready { site: SiteId, by: String, at: String },
    #[error(
        "these rules do not fit together: the least time ({dwell} min) and the time of asking ({ask} min) must be under the expiry ({expiry} min, at most {max}), and the figures' age at least 5 min"
    )]
    Rules { dwell: u32, ask: u32, expiry: u32, max: u32 },
}

//! One divert from its request to its end: who asked whom, who consented, who authorised it, until when.
//!
//! Always: a receiver consents before anybody authorises; a named executive and the ambulance service's commander
//! authorise; it expires by itself, and those who answer for it are asked before; it holds for its least time unless
//! somebody says why not. Never: resuscitation. Called through `diverts::decide`; proved by `tests/diverts.rs`.

use super::pathway::{Pathway, named};
use super::sites::Figures;
use super::{Diverts, Fact, Intent, Refusal};
use crate::book::Asked;
use crate::wording::{self, duration};
use crate::{Ground, Person, Stamp};
use basics::{Moment, SiteId};

/// A receiver's answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Answered {
    /// It takes them.
    pub consents: bool,
    /// Its figures when it answered, if it gave any.
    pub figures: Option<Figures>,
    /// Why, or on what condition.
    pub reason: String,
    /// Who and when.
    pub stamp: Stamp,
}

/// A site that is asked to take the patients.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Receiver {
    /// Which.
    pub site: SiteId,
    /// Its answer, the newest; `None` while it has not answered.
    pub answer: Option<Answered>,
}

impl Receiver {
    /// Whether it takes them.
    pub fn consents(&self) -> bool {
        self.answer.as_ref().is_some_and(|a| a.consents)
    }

    /// "Whipps Cross has refused: 14 waiting, longest 52 minutes".
    pub fn words(&self) -> String {
        match &self.answer {
            None => format!("{} has not answered", self.site),
            Some(answer) => answer_words(&self.site, answer.consents, answer.figures, &answer.reason),
        }
    }
}

pub(super) fn answer_words(site: &SiteId, consents: bool, figures: Option<Figures>, reason: &str) -> String {
    let what = if consents { "consents" } else { "has refused" };
    let mut said: Vec<String> = figures.iter().map(Figures::words).collect();
    said.extend((!reason.is_empty()).then(|| reason.to_owned()));
    if said.is_empty() { format!("{site} {what}") } else { format!("{site} {what}: {}", said.join(". ")) }
}

/// Who answered for a divert.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Authorised {
    /// The executive, by name.
    pub executive: Person,
    /// The ambulance service's commander, by name.
    pub commander: Person,
    /// Who recorded it, and when.
    pub stamp: Stamp,
}

/// How far it has come.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Stage {
    /// Asked for; not authorised yet.
    Requested,
    /// In force.
    Active,
    /// Its time ran out.
    Expired,
    /// Ended by a person.
    Ended,
    /// Taken back before it was in force.
    Withdrawn,
}

impl Stage {
    /// The word on a page.
    pub fn word(self) -> &'static str {
        match self {
            Self::Requested => "asked for",
            Self::Active => "in force",
            Self::Expired => "expired",
            Self::Ended => "ended",
            Self::Withdrawn => "withdrawn",
        }
    }
}

/// A divert, from its request on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Divert {
    /// Its number on its ground, from 1.
    pub number: u32,
    /// Whose patients go elsewhere.
    pub from: SiteId,
    /// Which of them; those that came back are no longer here.
    pub pathways: Vec<Pathway>,
    /// Which were ended before the rest, with when.
    pub back: Vec<(Pathway, Stamp)>,
    /// Who is asked to take them.
    pub receivers: Vec<Receiver>,
    /// Why.
    pub reason: String,
    /// How long it is asked for, in minutes.
    pub minutes: u32,
    /// The expired divert that this one goes on from.
    pub follows: Option<u32>,
    /// Who asked, and when.
    pub requested: Stamp,
    /// Who authorised it.
    pub authorised: Option<Authorised>,
    /// When it expires; for a request, when it lapses.
    pub until: Moment,
    /// Renewals, with who answered for each.
    pub renewals: Vec<Authorised>,
    /// Who was asked before it expires: names, and when. Emptied by a renewal.
    pub expiry_asked: Option<(Vec<String>, Stamp)>,
    /// Its end, as it was recorded: ended, expired or withdrawn, when, and why.
    pub over: Option<(Stage, Stamp, String)>,
}

/// Diverts of one ground.
pub const DIVERTS_MAX: usize = 2_000;
/// Receivers of one divert.
pub const RECEIVERS_MAX: usize = 20;
/// Longest divert, in minutes, before it must be renewed.
pub const MINUTES_MAX: u32 = 240;

impl Divert {
    /// How far it has come at `now`. Its time runs out by itself, whether or not anybody recorded that.
    pub fn stage(&self, now: Moment) -> Stage {
        match &self.over {
            Some((stage, ..)) => *stage,
            None if now >= self.until => Stage::Expired,
            None if self.authorised.is_some() => Stage::Active,
            None => Stage::Requested,
        }
    }

    /// Seconds left at `now`; never more than it was given, so that a clock that was set back shows no longer time.
    pub fn left_seconds(&self, now: Moment) -> i64 {
        self.until.seconds_since(now).clamp(0, i64::from(self.minutes) * 60)
    }

    /// Who takes the patients.
    pub fn consenting(&self) -> impl Iterator<Item = &SiteId> {
        self.receivers.iter().filter(|r| r.consents()).map(|r| &r.site)
    }

    /// "divert 3 of Northgate General (stroke, general)".
    pub fn words(&self) -> String {
        let pathways =
            if self.pathways.is_empty() { "nothing left".to_owned() } else { named(&self.pathways) };
        format!("divert {} of {} ({pathways})", self.number, self.from)
    }

    /// Who is asked before it expires: those who answered for it last, and the site.
    pub fn asked_before_expiry(&self) -> Vec<String> {
        let last = self.renewals.last().or(self.authorised.as_ref());
        let mut asked: Vec<String> = last
            .map(|a| vec![a.executive.to_string(), format!("{} (ambulance commander)", a.commander)])
            .unwrap_or_default();
        asked.push(self.from.to_string());
        asked
    }
}

/// What a request says.
#[derive(Clone, PartialEq, Debug)]
pub struct Request {
    /// Whose patients shall go elsewhere.
    pub from: SiteId,
    /// Who is asked to take them.
    pub receivers: Vec<SiteId>,
    /// Which patients.
    pub pathways: Vec<Pathway>,
    /// Why.
    pub reason: String,
    /// For how long, in minutes; `None` for the usual expiry.
    pub minutes: Option<u32>,
    /// The expired divert that this one goes on from.
    pub follows: Option<u32>,
}

pub(super) fn request(asked: &Asked<'_>, ground: Ground, request: Request) -> Result<Fact, Refusal> {
    let diverts = &asked.book.diverts;
    let (there, now) = (diverts.on(ground), asked.book.now(asked.at));
    let Request { from, mut receivers, mut pathways, reason, minutes, follows } = request;
    let known = diverts.site(&from)?;
    pathways.sort();
    pathways.dedup();
    receivers.sort();
    receivers.dedup();
    if pathways.contains(&Pathway::Resuscitation) {
        return Err(Refusal::Resuscitation);
    }
    if pathways.is_empty() {
        return Err(Refusal::NoPathway);
    }
    if receivers.is_empty() || receivers.contains(&from) {
        return Err(Refusal::NoReceiver(from));
    }
    wording::at_most("receivers", receivers.len(), RECEIVERS_MAX)?;
    wording::at_most("diverts", there.diverts.len() + 1, DIVERTS_MAX)?;
    for pathway in &pathways {
        if !known.able.contains(pathway) {
            return Err(Refusal::NotAble { site: from, pathway: pathway.words() });
        }
        if let Some(divert) = there.live(now).find(|d| d.from == from && d.pathways.contains(pathway)) {
            return Err(Refusal::AskedAlready { what: divert.words(), stage: divert.stage(now).word() });
        }
        let mut able = false;
        for receiver in &receivers {
            let takes = diverts.site(receiver)?.able.contains(pathway);
            let standing = there.standing(receiver, *pathway, now);
            if takes && !standing.takes() {
                return Err(Refusal::ReceiverTakesNone {
                    site: receiver.clone(),
                    word: standing.word(),
                    pathway: pathway.words(),
                });
            }
            able |= takes;
        }
        if !able {
            return Err(Refusal::NobodyAble(pathway.words()));
        }
    }
    let followed =
        |number: u32| there.divert(number).is_ok_and(|d| d.from == from && d.stage(now) == Stage::Expired);
    if let Some(number) = follows.filter(|number| !followed(*number)) {
        return Err(Refusal::FollowsNothing(number));
    }
    let minutes = believed(minutes.unwrap_or(diverts.rules.expiry_minutes), diverts.rules.dwell_minutes)?;
    let reason = wording::note("the reason", &reason)?;
    let number = u32::try_from(there.diverts.len() + 1).unwrap_or(u32::MAX);
    Ok(Fact::Requested { ground, number, from, receivers, pathways, reason, minutes, follows })
}

fn believed(minutes: u32, least: u32) -> Result<u32, Refusal> {
    if (least.max(1)..=MINUTES_MAX).contains(&minutes) {
        Ok(minutes)
    } else {
        Err(Refusal::Minutes { minutes, least: least.max(1) })
    }
}

/// The divert if nothing has ended it, at the moment that counts; a sentence otherwise.
fn alive<'a>(asked: &Asked<'a>, ground: Ground, number: u32) -> Result<(&'a Divert, Stage), Refusal> {
    let divert = asked.book.diverts.on(ground).divert(number)?;
    let now = asked.book.now(asked.at);
    let stage = divert.stage(now);
    if matches!(stage, Stage::Requested | Stage::Active) {
        return Ok((divert, stage));
    }
    let (at, by) = divert.over.as_ref().map_or((divert.until, String::new()), |(_, stamp, _)| {
        (stamp.at, format!(" (entry {}, {})", stamp.entry, stamp.by))
    });
    // When it expired is said by its own time, not by when somebody noted it.
    let at = if stage == Stage::Expired { divert.until } else { at };
    Err(Refusal::Over { what: divert.words(), how: stage.word(), at: asked.book.say(at, now), by })
}

pub(super) fn answer(asked: &Asked<'_>, intent: Intent) -> Result<Vec<Fact>, Refusal> {
    let Intent::Answer { ground, number, site, consents, figures, reason } = intent else {
        return Err(Refusal::Same);
    };
    let (divert, _) = alive(asked, ground, number)?;
    let Some(receiver) = divert.receivers.iter().find(|r| r.site == site) else {
        return Err(Refusal::NotAsked { site, what: divert.words() });
    };
    let reason = wording::note_or_empty("the reason", &reason)?;
    let figures = figures.map(Figures::checked).transpose()?;
    let known = asked.book.diverts.on(ground).figures.get(&site).map(|told| told.figures);
    if !consents && reason.is_empty() && figures.or(known).is_none() {
        return Err(Refusal::RefusalWithoutFigures(site));
    }
    if let Some(before) = &receiver.answer
        && before.consents == consents
        && (figures.is_none() || before.figures == figures)
    {
        return Err(Refusal::AnsweredAlready {
            what: receiver.words(),
            by: before.stamp.by.to_string(),
            at: asked.say(before.stamp.at),
        });
    }
    let mut facts = vec![Fact::Answered {
        ground,
        number,
        site: site.clone(),
        consents,
        figures: figures.or(known),
        reason,
    }];
    if let Some(figures) = figures {
        let told = (figures, None, super::sites::Source::Told);
        facts.extend(super::sites::tell_figures(asked, ground, site, told).ok());
    }
    Ok(facts)
}

pub(super) fn authorise(asked: &Asked<'_>, intent: Intent) -> Result<Fact, Refusal> {
    let Intent::Authorise { ground, number, executive, commander } = intent else {
        return Err(Refusal::Same);
    };
    let (divert, _) = alive(asked, ground, number)?;
    if let Some(first) = &divert.authorised {
        return Err(Refusal::AuthorisedAlready {
            what: divert.words(),
            by: first.stamp.by.to_string(),
            both: format!("{} and ambulance commander {}", first.executive, first.commander),
            at: asked.say(first.stamp.at),
            entry: first.stamp.entry.0,
        });
    }
    two_people(&executive, &commander)?;
    covered(asked, ground, divert)?;
    let until = asked.book.now(asked.at).plus_seconds(i64::from(divert.minutes) * 60);
    Ok(Fact::Authorised { ground, number, executive, commander, until })
}

fn two_people(executive: &Person, commander: &Person) -> Result<(), Refusal> {
    if executive.same(commander) { Err(Refusal::OnePerson(executive.to_string())) } else { Ok(()) }
}

/// Each pathway needs a receiver that consents, is able to take it, and has not meanwhile stopped taking it: two sites
/// that ask each other at the same time would otherwise send the same ambulances to and fro.
fn covered(asked: &Asked<'_>, ground: Ground, divert: &Divert) -> Result<(), Refusal> {
    let (diverts, now) = (&asked.book.diverts, asked.book.now(asked.at));
    match diverts.uncovered(ground, divert, now) {
        None => Ok(()),
        Some(pathway) => {
            let there = diverts.on(ground);
            let say = |receiver: &Receiver| {
                let standing = there.standing(&receiver.site, pathway, now);
                let but =
                    if standing.takes() { String::new() } else { format!(", but is {}", standing.word()) };
                format!("{}{but}", receiver.words())
            };
            let answers: Vec<String> = divert.receivers.iter().map(say).collect();
            Err(Refusal::NoConsent { pathway: pathway.words(), answers: answers.join("; ") })
        }
    }
}

impl Diverts {
    /// The first pathway of a divert that nobody takes who has consented.
    pub fn uncovered(&self, ground: Ground, divert: &Divert, now: Moment) -> Option<Pathway> {
        let there = self.on(ground);
        let takes = |site: &SiteId, p: Pathway| {
            self.site(site).is_ok_and(|s| s.able.contains(&p)) && there.standing(site, p, now).takes()
        };
        divert.pathways.iter().copied().find(|p| !divert.consenting().any(|site| takes(site, *p)))
    }
}

pub(super) fn renew(asked: &Asked<'_>, intent: Intent) -> Result<Fact, Refusal> {
    let Intent::Renew { ground, number, executive, commander, minutes, seen, reason } = intent else {
        return Err(Refusal::Same);
    };
    let (divert, stage) = alive(asked, ground, number)?;
    if stage != Stage::Active {
        return Err(Refusal::NotInForce(divert.words()));
    }
    if divert.until != seen {
        let last = divert.renewals.last().or(divert.authorised.as_ref());
        return Err(Refusal::RenewedMeanwhile {
            what: divert.words(),
            by: last.map_or_else(String::new, |a| a.stamp.by.to_string()),
            until: asked.say(divert.until),
        });
    }
    two_people(&executive, &commander)?;
    covered(asked, ground, divert)?;
    let minutes = believed(minutes.unwrap_or(asked.book.diverts.rules.expiry_minutes), 1)?;
    let reason = wording::note("the reason", &reason)?;
    let until = asked.book.now(asked.at).plus_seconds(i64::from(minutes) * 60);
    Ok(Fact::Renewed { ground, number, executive, commander, minutes, until, reason })
}

pub(super) fn end(asked: &Asked<'_>, intent: Intent) -> Result<Fact, Refusal> {
    let Intent::End { ground, number, mut pathways, reason, sooner_because } = intent else {
        return Err(Refusal::Same);
    };
    let (divert, stage) = alive(asked, ground, number)?;
    if stage != Stage::Active {
        return Err(Refusal::NotInForce(divert.words()));
    }
    if pathways.is_empty() {
        pathways.clone_from(&divert.pathways);
    }
    pathways.sort();
    pathways.dedup();
    if let Some(other) = pathways.iter().find(|p| !divert.pathways.contains(p)) {
        return Err(Refusal::NotDiverted { what: divert.words(), pathway: other.words() });
    }
    let reason = wording::note("the reason", &reason)?;
    let sooner_because = wording::note_or_empty("why sooner", &sooner_because)?;
    let dwell = i64::from(asked.book.diverts.rules.dwell_minutes) * 60;
    let held = divert
        .authorised
        .as_ref()
        .map_or(dwell, |a| asked.book.now(asked.at).seconds_since(a.stamp.at).max(0));
    if held < dwell && sooner_because.is_empty() {
        return Err(Refusal::Dwell { what: divert.words(), held: duration(held), least: duration(dwell) });
    }
    Ok(Fact::Ended { ground, number, pathways, reason, sooner_because })
}

pub(super) fn withdraw(
    asked: &Asked<'_>,
    ground: Ground,
    number: u32,
    reason: &str,
) -> Result<Fact, Refusal> {
    let (divert, stage) = alive(asked, ground, number)?;
    if stage == Stage::Active {
        return Err(Refusal::EndInstead(divert.words()));
    }
    Ok(Fact::Withdrawn { ground, number, reason: wording::note("the reason", reason)? })
}

pub(super) fn note_expiry(asked: &Asked<'_>, ground: Ground, number: u32) -> Result<Fact, Refusal> {
    let divert = asked.book.diverts.on(ground).divert(number)?;
    let now = asked.book.now(asked.at);
    if divert.over.is_none() && divert.stage(now) == Stage::Expired {
        return Ok(Fact::Expired { ground, number });
    }
    Err(Refusal::NotExpired { what: divert.words(), stage: divert.stage(now).word() })
}

pub(super) fn ask_before_expiry(asked: &Asked<'_>, ground: Ground, number: u32) -> Result<Fact, Refusal> {
    let (divert, stage) = alive(asked, ground, number)?;
    if stage != Stage::Active {
        return Err(Refusal::NotInForce(divert.words()));
    }
    if let Some((names, stamp)) = &divert.expiry_asked {
        return Err(Refusal::ExpiryAskedAlready { names: names.join(", "), at: asked.say(stamp.at) });
    }
    Ok(Fact::ExpiryAsked { ground, number, asked: divert.asked_before_expiry() })
}

pub(super) fn overridden(asked: &Asked<'_>, intent: Intent) -> Result<Fact, Refusal> {
    let Intent::Override { ground, number, crew, pathway, reason } = intent else {
        return Err(Refusal::Same);
    };
    let (divert, stage) = alive(asked, ground, number)?;
    if stage != Stage::Active {
        return Err(Refusal::NotInForce(divert.words()));
    }
    if !divert.pathways.contains(&pathway) {
        return Err(Refusal::NotDiverted { what: divert.words(), pathway: pathway.words() });
    }
    let crew = wording::line("the crew's call sign", &crew)?;
    Ok(Fact::Overridden { ground, number, crew, pathway, reason: wording::note("the reason", &reason)? })
}

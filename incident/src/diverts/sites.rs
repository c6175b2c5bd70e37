//! The sites of the region, how each stands to each pathway, and its few figures in one short form.
//!
//! Always: figures say as at when and from whom; what a neighbour's feed says never replaces newer figures. A divert is
//! never told here: it is asked for, consented to and authorised. Called through `diverts::decide`.

use super::Refusal;
use super::pathway::{Pathway, Standing, named};
use super::{Fact, Intent, OnGround};
use crate::book::Asked;
use crate::wording::{self, counted};
use crate::{Ground, Stamp};
use basics::{Moment, SiteId};
use serde::{Deserialize, Serialize};

/// A site that ambulances can go to: of this trust or a neighbour's.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct DivertSite {
    /// Its name on the board; the same as in the region's file, if there is one.
    pub site: SiteId,
    /// Who runs it.
    #[serde(default)]
    pub trust: String,
    /// Pathways that it is built and staffed for.
    pub able: Vec<Pathway>,
    /// Millionths of a degree north, for the map.
    #[serde(default)]
    pub latitude_micro: Option<i32>,
    /// Millionths of a degree east.
    #[serde(default)]
    pub longitude_micro: Option<i32>,
}

/// Sites of one region.
pub const SITES_MAX: usize = 400;
/// Most that is believed of a queue, in patients.
pub const QUEUE_MAX: u32 = 500;
/// Longest handover that is believed, in minutes: two days.
pub const HANDOVER_MINUTES_MAX: u32 = 2_880;
/// Most staffed places that are believed.
pub const STAFFED_MAX: u32 = 1_000;
/// Figures kept of one site for the debrief; older ones stay in the log.
pub const HISTORY_MAX: usize = 2_000;
/// Figures may be ahead of this clock by so much before they are refused, in seconds.
pub(super) const AHEAD_SECONDS_MAX: i64 = 300;

/// A site's figures, as they are said over a telephone.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Figures {
    /// Patients waiting in ambulances.
    pub waiting: u32,
    /// The longest of their waits, in minutes.
    pub longest_minutes: u32,
    /// Staffed majors places; `None` when not said.
    pub staffed: Option<u32>,
}

impl Figures {
    /// Reads the short form: "14 52 9" (waiting, longest handover in minutes, staffed places; the last may be left
    /// out), also with commas or slashes between.
    pub fn read(text: &str) -> Result<Self, Refusal> {
        let refused = || Refusal::FiguresNotRead(wording::plain_line(text, 80));
        let parts: Vec<&str> =
            text.split(|c: char| c.is_whitespace() || ",;/".contains(c)).filter(|p| !p.is_empty()).collect();
        let number = |part: &str| part.parse::<u32>().map_err(|_| refused());
        match parts.as_slice() {
            [waiting, longest] => Ok((*waiting, *longest, None)),
            [waiting, longest, staffed] => Ok((*waiting, *longest, Some(*staffed))),
            _ => Err(refused()),
        }
        .and_then(|(waiting, longest, staffed)| {
            let staffed = staffed.map(number).transpose()?;
            Self { waiting: number(waiting)?, longest_minutes: number(longest)?, staffed }.checked()
        })
    }

    /// "14 waiting, longest 52 minutes, 9 staffed places".
    pub fn words(&self) -> String {
        let longest = match self.waiting {
            0 if self.longest_minutes == 0 => "nobody waiting".to_owned(),
            _ => format!(
                "{} waiting, longest {}",
                self.waiting,
                counted(self.longest_minutes as usize, "minute", "minutes")
            ),
        };
        let staffed = self.staffed.map_or_else(String::new, |places| {
            format!(", {}", counted(places as usize, "staffed place", "staffed places"))
        });
        format!("{longest}{staffed}")
    }

    pub(crate) fn checked(self) -> Result<Self, Refusal> {
        let believed = |what, value: u32, most: u32| {
            if value > most { Err(Refusal::NotBelievable { what, value, most }) } else { Ok(()) }
        };
        believed("patients waiting", self.waiting, QUEUE_MAX)?;
        believed("minutes of handover", self.longest_minutes, HANDOVER_MINUTES_MAX)?;
        believed("staffed places", self.staffed.unwrap_or(0), STAFFED_MAX)?;
        Ok(self)
    }
}

/// Who told a site's figures. What a feed says is never trusted: it is shown with its name.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Source {
    /// Somebody at the site, or on the telephone with it.
    Told,
    /// A neighbour's feed of that name.
    Feed(String),
}

impl Source {
    /// " (from the feed LAS)", or nothing.
    pub fn words(&self) -> String {
        match self {
            Self::Told => String::new(),
            Self::Feed(name) => format!(" (from the feed {name})"),
        }
    }
}

/// A site's figures with their age.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FiguresTold {
    /// The figures.
    pub figures: Figures,
    /// When they were so.
    pub as_at: Moment,
    /// From whom.
    pub source: Source,
    /// When and by whom they entered the book.
    pub told: Stamp,
}

/// How a site stands to one pathway, as it was told.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StandingTold {
    /// How.
    pub standing: Standing,
    /// Why.
    pub reason: String,
    /// When and by whom.
    pub told: Stamp,
}

pub(super) fn list(asked: &Asked<'_>, sites: Vec<DivertSite>) -> Result<Fact, Refusal> {
    let mut all = asked.book.diverts.sites.clone();
    let before = all.clone();
    for mut site in sites {
        site.trust = wording::line_or_empty("the trust", &site.trust)?;
        site.able.sort();
        site.able.dedup();
        if site.able.is_empty() {
            return Err(Refusal::AbleOfNothing(site.site));
        }
        match all.iter_mut().find(|known| known.site == site.site) {
            Some(known) => *known = site,
            None => all.push(site),
        }
    }
    wording::at_most("sites", all.len(), SITES_MAX)?;
    if all == before { Err(Refusal::Same) } else { Ok(Fact::SitesListed { sites: all }) }
}

pub(super) fn tell_standing(asked: &Asked<'_>, intent: Intent) -> Result<Fact, Refusal> {
    let Intent::TellStanding { ground, site, pathways, standing, reason } = intent else {
        return Err(Refusal::Same);
    };
    let known = asked.book.diverts.site(&site)?;
    let there = asked.book.diverts.on(ground);
    if standing == Standing::Divert {
        return Err(Refusal::DivertIsAskedFor(site));
    }
    let mut pathways = if pathways.is_empty() { known.able.clone() } else { pathways };
    pathways.sort();
    pathways.dedup();
    if let Some(unable) = pathways.iter().find(|p| !known.able.contains(p)) {
        return Err(Refusal::NotAble { site, pathway: unable.words() });
    }
    let reason = wording::note_or_empty("the reason", &reason)?;
    if reason.is_empty() && standing != Standing::Open {
        return Err(Refusal::ReasonMissing { site, word: standing.word() });
    }
    // Closing resuscitation alone would divert it by another name: only a site that closes altogether may.
    let shut = |p: &Pathway| pathways.contains(p) || there.told(&site, *p) == Standing::Closed;
    if standing == Standing::Closed
        && pathways.contains(&Pathway::Resuscitation)
        && !known.able.iter().all(shut)
    {
        return Err(Refusal::ResuscitationStays(site));
    }
    // A site that says for the first time that it is open tells something: until then it was only taken to be.
    let same = |p: &Pathway| {
        let told = there.standings.get(&(site.clone(), *p));
        told.is_some_and(|t| t.standing == standing && t.reason == reason)
    };
    if pathways.iter().all(same) {
        return Err(Refusal::Same);
    }
    Ok(Fact::StandingTold { ground, site, pathways, standing, reason })
}

pub(super) fn tell_figures(
    asked: &Asked<'_>,
    ground: Ground,
    site: SiteId,
    (figures, as_at, source): (Figures, Option<Moment>, Source),
) -> Result<Fact, Refusal> {
    asked.book.diverts.site(&site)?;
    let figures = figures.checked()?;
    let now = asked.book.now(asked.at);
    let source = match source {
        Source::Told => Source::Told,
        Source::Feed(name) => Source::Feed(wording::line("the name of the feed", &name)?),
    };
    let as_at = as_at.unwrap_or(now);
    if as_at.seconds_since(now) > AHEAD_SECONDS_MAX {
        return Err(Refusal::FromTheFuture { site, at: asked.book.say(as_at, now) });
    }
    let before = asked.book.diverts.on(ground).figures.get(&site);
    if let Some(newer) = before.filter(|before| before.as_at > as_at) {
        return Err(Refusal::OlderThanKnown {
            site,
            at: asked.book.say(as_at, now),
            known: asked.book.say(newer.as_at, now),
            by: newer.told.by.to_string(),
        });
    }
    Ok(Fact::FiguresTold { ground, site, figures, as_at, source })
}

impl OnGround {
    /// How the site itself says it stands, diverts aside.
    pub fn told(&self, site: &SiteId, pathway: Pathway) -> Standing {
        self.standings.get(&(site.clone(), pathway)).map_or(Standing::Open, |told| told.standing)
    }
}

pub(super) fn standing_line(site: &SiteId, pathways: &[Pathway], standing: Standing, reason: &str) -> String {
    let reason = if reason.is_empty() { String::new() } else { format!(". {reason}") };
    format!("{site} is {} for {}{reason}", standing.word(), named(pathways))
}

//! Diverts on record: what each fact changes on the board, and its line in the log.

use super::agreement::{Answered, Authorised, Divert, Receiver, Stage, answer_words};
use super::broadcast::{ToldOf, concerned};
use super::changes::{CHANGES_MAX, Change};
use super::pathway::named;
use super::proposal::{Proposed, Settled};
use super::sites::{FiguresTold, HISTORY_MAX, StandingTold, standing_line};
use super::{Fact, FeedTold, OnGround, Override};
use crate::log::Kind;
use crate::wording::counted;
use crate::{Ground, IncidentBook, IncidentId, Stamp};
use basics::SiteId;

pub(crate) fn fold(book: &mut IncidentBook, stamp: &Stamp, fact: Fact) {
    let line = fact.line(book);
    let Some(ground) = fact.ground() else {
        match fact {
            Fact::SitesListed { sites } => book.diverts.sites = sites,
            Fact::RulesSet { rules } => book.diverts.rules = rules,
            _ => {}
        }
        return;
    };
    let there = book.diverts.on_mut(ground);
    match fact {
        Fact::StandingTold { site, pathways, standing, reason, .. } => {
            there.changed_at = stamp.entry;
            for pathway in pathways {
                let told = StandingTold { standing, reason: reason.clone(), told: stamp.clone() };
                there.standings.insert((site.clone(), pathway), told);
            }
        }
        Fact::FiguresTold { site, figures, as_at, source, .. } => {
            let told = FiguresTold { figures, as_at, source, told: stamp.clone() };
            let history = there.history.entry(site.clone()).or_default();
            if history.len() >= HISTORY_MAX {
                history.remove(0);
            }
            history.push(told.clone());
            there.figures.insert(site, told);
        }
        Fact::FeedSaid { feed, says, .. } => {
            for says in says {
                let key = (says.site.clone(), feed.clone());
                there.feeds.insert(key, FeedTold { says, told: stamp.clone() });
            }
        }
        Fact::HandedOff { hand_offs, .. } => there.moved.add_hand_offs(hand_offs, stamp),
        Fact::ServiceCounted { count, .. } => there.moved.add_count(count, stamp),
        Fact::Overridden { number, crew, pathway, reason, .. } => {
            there.overrides.push(Override { divert: number, crew, pathway, reason, stamp: stamp.clone() });
        }
        Fact::Acknowledged { change, site, .. } => {
            if let Some(change) = there.changes.iter_mut().find(|c| c.stamp.entry == change) {
                change.acknowledged.insert(site, stamp.clone());
            }
        }
        fact @ (Fact::Proposed { .. }
        | Fact::PlanAccepted { .. }
        | Fact::PlanRefused { .. }
        | Fact::PlanTold { .. }) => {
            fold_plan(there, stamp, fact, line);
        }
        fact => fold_divert(there, stamp, fact, line),
    }
}

fn requested(stamp: &Stamp, fact: Fact) -> Option<Divert> {
    let Fact::Requested { number, from, receivers, pathways, reason, minutes, follows, .. } = fact else {
        return None;
    };
    Some(Divert {
        number,
        from,
        pathways,
        back: Vec::new(),
        receivers: receivers.into_iter().map(|site| Receiver { site, answer: None }).collect(),
        reason,
        minutes,
        follows,
        requested: stamp.clone(),
        authorised: None,
        until: stamp.at.plus_seconds(i64::from(minutes) * 60),
        renewals: Vec::new(),
        expiry_asked: None,
        over: None,
    })
}

fn fold_divert(there: &mut OnGround, stamp: &Stamp, fact: Fact, line: String) {
    let number = match &fact {
        Fact::Requested { .. } => {
            there.diverts.extend(requested(stamp, fact));
            return;
        }
        Fact::Answered { number, .. }
        | Fact::Authorised { number, .. }
        | Fact::ExpiryAsked { number, .. }
        | Fact::Renewed { number, .. }
        | Fact::Expired { number, .. }
        | Fact::Ended { number, .. }
        | Fact::Withdrawn { number, .. } => *number,
        _ => return,
    };
    let Some(divert) = there.diverts.get_mut((number as usize).wrapping_sub(1)) else { return };
    let in_force = divert.authorised.is_some();
    let mut tell: Vec<SiteId> = divert.consenting().cloned().collect();
    tell.push(divert.from.clone());
    let told = match fact {
        Fact::Answered { site, consents, figures, reason, .. } => {
            if let Some(receiver) = divert.receivers.iter_mut().find(|r| r.site == site) {
                let answer = Answered { consents, figures, reason, stamp: stamp.clone() };
                receiver.answer = Some(answer);
            }
            in_force
        }
        Fact::Authorised { executive, commander, until, .. } => {
            divert.authorised = Some(Authorised { executive, commander, stamp: stamp.clone() });
            divert.until = until;
            true
        }
        Fact::ExpiryAsked { asked, .. } => {
            divert.expiry_asked = Some((asked, stamp.clone()));
            return;
        }
        Fact::Renewed { executive, commander, minutes, until, .. } => {
            divert.renewals.push(Authorised { executive, commander, stamp: stamp.clone() });
            (divert.until, divert.minutes, divert.expiry_asked) = (until, minutes, None);
            true
        }
        Fact::Expired { .. } => {
            divert.over = Some((Stage::Expired, stamp.clone(), "its time ran out".to_owned()));
            in_force
        }
        Fact::Ended { pathways, reason, .. } => {
            divert.pathways.retain(|p| !pathways.contains(p));
            divert.back.extend(pathways.into_iter().map(|p| (p, stamp.clone())));
            if divert.pathways.is_empty() {
                divert.over = Some((Stage::Ended, stamp.clone(), reason));
            }
            true
        }
        Fact::Withdrawn { reason, .. } => {
            divert.over = Some((Stage::Withdrawn, stamp.clone(), reason));
            return;
        }
        _ => return,
    };
    there.changed_at = stamp.entry;
    if told {
        add_change(there, stamp, line, tell);
    }
}

fn fold_plan(there: &mut OnGround, stamp: &Stamp, fact: Fact, line: String) {
    let place = |number: u32| (number as usize).wrapping_sub(1);
    match fact {
        Fact::Proposed { number, plan, instead_of, reason, .. } => {
            if let Some(old) = instead_of.and_then(|n| there.proposals.get_mut(place(n))) {
                old.settled = Settled::Changed(number, stamp.clone(), reason);
            }
            let (settled, stamp) = (Settled::Waiting, stamp.clone());
            let plan = *plan;
            let (replaced_by, told) = (None, Vec::new());
            there.proposals.push(Proposed { number, plan, instead_of, stamp, settled, replaced_by, told });
        }
        Fact::PlanAccepted { number, person, .. } => {
            for other in &mut there.proposals {
                if matches!(other.settled, Settled::Accepted(..)) && other.replaced_by.is_none() {
                    other.replaced_by = Some(number);
                }
            }
            let Some(accepted) = there.proposals.get_mut(place(number)) else { return };
            accepted.settled = Settled::Accepted(person, stamp.clone());
            let sites = there.proposals.get(place(number)).map(|p| concerned(there, p)).unwrap_or_default();
            add_change(there, stamp, line, sites);
        }
        Fact::PlanTold { number, site, message, .. } => {
            if let Some(told) = there.proposals.get_mut(place(number)) {
                told.told.push(ToldOf { site, message, stamp: stamp.clone() });
            }
        }
        Fact::PlanRefused { number, person, reason, .. } => {
            if let Some(refused) = there.proposals.get_mut(place(number)) {
                refused.settled = Settled::Refused(person, stamp.clone(), reason);
            }
        }
        _ => {}
    }
}

fn add_change(there: &mut OnGround, stamp: &Stamp, what: String, mut sites: Vec<SiteId>) {
    sites.sort();
    sites.dedup();
    if sites.is_empty() {
        return;
    }
    if there.changes.len() >= CHANGES_MAX {
        there.changes.remove(0);
    }
    there.changes.push(Change { stamp: stamp.clone(), what, sites, acknowledged: Default::default() });
}

impl Fact {
    /// The ground on which it is so; `None` for what holds on every ground.
    pub fn ground(&self) -> Option<Ground> {
        match self {
            Self::SitesListed { .. } | Self::RulesSet { .. } => None,
            Self::StandingTold { ground, .. }
            | Self::FiguresTold { ground, .. }
            | Self::Requested { ground, .. }
            | Self::Answered { ground, .. }
            | Self::Authorised { ground, .. }
            | Self::ExpiryAsked { ground, .. }
            | Self::Renewed { ground, .. }
            | Self::Expired { ground, .. }
            | Self::Ended { ground, .. }
            | Self::Withdrawn { ground, .. }
            | Self::Overridden { ground, .. }
            | Self::FeedSaid { ground, .. }
            | Self::HandedOff { ground, .. }
            | Self::ServiceCounted { ground, .. }
            | Self::Proposed { ground, .. }
            | Self::PlanAccepted { ground, .. }
            | Self::PlanRefused { ground, .. }
            | Self::PlanTold { ground, .. }
            | Self::Acknowledged { ground, .. } => Some(*ground),
        }
    }

    /// In words.
    pub fn line(&self, book: &IncidentBook) -> String {
        let mark = self.ground().and_then(Ground::watermark).map_or_else(String::new, |m| format!("{m} "));
        format!("{mark}{}", self.plain_line(book))
    }

    fn plain_line(&self, book: &IncidentBook) -> String {
        let divert = |number: u32| {
            let there = book.diverts.on(self.ground().unwrap_or_default());
            there.divert(number).map_or_else(|_| format!("divert {number}"), Divert::words)
        };
        match self {
            Self::Requested { number, from, receivers, pathways, reason, minutes, follows, .. } => {
                let to: Vec<&str> = receivers.iter().map(SiteId::as_str).collect();
                let follows = follows.map_or_else(String::new, |n| format!(", goes on from divert {n}"));
                format!(
                    "{from} asks to divert {} to {} for {minutes} min (divert {number}{follows}). {reason}",
                    named(pathways),
                    to.join(", ")
                )
            }
            Self::Answered { number, site, consents, figures, reason, .. } => {
                format!("{} ({})", answer_words(site, *consents, *figures, reason), divert(*number))
            }
            Self::Authorised { number, executive, commander, until, .. } => format!(
                "In force until {}: {}, authorised by {executive} and ambulance commander {commander}",
                book.zone.hour_minute(*until),
                divert(*number)
            ),
            Self::ExpiryAsked { number, asked, .. } => {
                format!("Asked whether {} is renewed: {}", divert(*number), asked.join(", "))
            }
            Self::Renewed { number, executive, commander, until, reason, .. } => format!(
                "Renewed until {}: {}, by {executive} and ambulance commander {commander}. {reason}",
                book.zone.hour_minute(*until),
                divert(*number)
            ),
            Self::Expired { number, .. } => format!("Expired: {}", divert(*number)),
            Self::Ended { number, pathways, reason, sooner_because, .. } => {
                let sooner = if sooner_because.is_empty() {
                    String::new()
                } else {
                    format!(" Before its least time: {sooner_because}")
                };
                format!("Ended for {}: {}. {reason}{sooner}", named(pathways), divert(*number))
            }
            Self::Withdrawn { number, reason, .. } => format!("Withdrawn: {}. {reason}", divert(*number)),
            Self::Overridden { number, crew, pathway, reason, .. } => format!(
                "Crew {crew} brought a patient ({}) in spite of {}. {reason}",
                pathway.words(),
                divert(*number)
            ),
            _ => self.other_line(book),
        }
    }

    /// Lines of what is no step of a divert: sites, figures, counts, plans.
    fn other_line(&self, book: &IncidentBook) -> String {
        match self {
            Self::SitesListed { sites } => {
                let names: Vec<&str> = sites.iter().map(|s| s.site.as_str()).collect();
                format!("The sites of the divert board: {}", names.join(", "))
            }
            Self::RulesSet { rules } => format!(
                "A divert stays at least {} min, expires after {} min, is asked about {} min before; figures older \
                 than {} min are not gone by",
                rules.dwell_minutes, rules.expiry_minutes, rules.ask_before_minutes, rules.stale_minutes
            ),
            Self::StandingTold { site, pathways, standing, reason, .. } => {
                standing_line(site, pathways, *standing, reason)
            }
            Self::FiguresTold { site, figures, as_at, source, .. } => {
                format!("{site} at {}: {}{}", book.zone.hour_minute(*as_at), figures.words(), source.words())
            }
            Self::FeedSaid { feed, says, unlisted, .. } => super::feeds::line(feed, says, unlisted),
            Self::HandedOff { hand_offs, .. } => hand_offs_line(hand_offs),
            Self::ServiceCounted { count, .. } => {
                let patients: u32 =
                    count.patients.iter().map(|(.., n)| n).fold(0, |a, n| a.saturating_add(*n));
                format!(
                    "{} counted {} moved from {} to {}",
                    count.service,
                    counted(patients as usize, "patient", "patients"),
                    book.zone.hour_minute(count.since),
                    book.zone.hour_minute(count.until)
                )
            }
            Self::Proposed { number, plan, instead_of, reason, .. } => {
                let instead = instead_of.map_or_else(String::new, |n| format!(", instead of plan {n}"));
                let reason = if reason.is_empty() { String::new() } else { format!(". {reason}") };
                format!("Plan {number} proposed for {}{instead}{reason}", plan.region)
            }
            Self::PlanAccepted { number, person, .. } => format!("Plan {number} accepted by {person}"),
            Self::PlanRefused { number, person, reason, .. } => {
                format!("Plan {number} refused by {person}. {reason}")
            }
            Self::PlanTold { number, site, message, .. } => {
                format!("Plan {number} told to {site} by message {}", message.0)
            }
            Self::Acknowledged { change, site, .. } => format!("{site} acknowledged entry {change}"),
            // Steps of a divert have their line above.
            _ => String::new(),
        }
    }

    /// What kind of line.
    pub fn kind(&self) -> Kind {
        Kind::Divert
    }

    /// Its incident: an exercise's, or none.
    pub fn incident(&self) -> Option<IncidentId> {
        match self.ground() {
            Some(Ground::Exercise(id)) => Some(id),
            _ => None,
        }
    }
}

fn hand_offs_line(hand_offs: &[super::HandOff]) -> String {
    let one = |h: &super::HandOff| format!("{} from {} to {} ({})", h.job, h.from, h.to, h.pathway.words());
    let few: Vec<String> = hand_offs.iter().take(5).map(one).collect();
    let more = hand_offs.len().saturating_sub(5);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let patients = counted(hand_offs.len(), "patient", "patients");
    format!("{patients} handed over elsewhere: {}{more}", few.join("; "))
}

//! What the debrief says of diverts: how many patients were moved, from where to where, and what it did to the neighbours.
//!
//! In 2017 nobody ever knew. Always: each patient once; a neighbour's figures before, at their worst and last, with the
//! times at which they were so; a neighbour that told none is said to have told none. Called by the incident's debrief
//! and the page of moved patients; proved by `tests/divert_debrief.rs`.

use super::agreement::Divert;
use super::moved::FromTo;
use super::pathway::{Pathway, named};
use super::proposal::Settled;
use super::{FiguresTold, OnGround};
use crate::wording::{counted, duration};
use crate::{Ground, IncidentBook};
use basics::{Moment, SiteId};

/// What the diverts did to one site that was asked, or that received.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Neighbour {
    /// Which.
    pub site: SiteId,
    /// Patients it received, each once.
    pub received: u32,
    /// From where, the most first.
    pub received_from: Vec<(SiteId, u32)>,
    /// Its last figures before the first divert was in force.
    pub before: Option<FiguresTold>,
    /// Its figures when the most were waiting, from then on.
    pub most_waiting: Option<FiguresTold>,
    /// Its figures when the handover took longest, from then on.
    pub longest: Option<FiguresTold>,
    /// Its last figures.
    pub last: Option<FiguresTold>,
    /// Diverts that it consented to, by its last answer.
    pub consented: usize,
    /// Diverts that it refused, by its last answer.
    pub refused: usize,
}

/// Everything about diverts that a debrief needs.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Debrief {
    /// Patients moved in all, each once.
    pub moved_total: u32,
    /// From where to where, the most first.
    pub moved: Vec<FromTo>,
    /// What it did to each neighbour, who received most first.
    pub neighbours: Vec<Neighbour>,
    /// Each divert in a line, the oldest first.
    pub diverts: Vec<String>,
    /// What became of the plans, in a line; empty when none was proposed.
    pub plans: String,
    /// Crews who went to a site in spite of its divert.
    pub overrides: usize,
}

/// The debrief of one ground at `clock`.
pub fn debrief_board(book: &IncidentBook, ground: Ground, clock: Moment) -> Debrief {
    let (there, now) = (book.diverts.on(ground), book.now(clock));
    let moved = there.moved.from_to();
    let begun = there.diverts.iter().filter_map(|d| d.authorised.as_ref()).map(|a| a.stamp.entry).min();
    let mut asked: Vec<&SiteId> = there.diverts.iter().flat_map(|d| &d.receivers).map(|r| &r.site).collect();
    asked.extend(moved.iter().map(|row| &row.to));
    asked.sort();
    asked.dedup();
    let mut neighbours: Vec<Neighbour> = asked
        .into_iter()
        .map(|site| {
            let received_from: Vec<(SiteId, u32)> =
                moved.iter().filter(|r| r.to == *site).map(|r| (r.from.clone(), r.patients)).collect();
            let answers = || {
                let of = |d: &&Divert| d.receivers.iter().any(|r| r.site == *site && r.answer.is_some());
                there.diverts.iter().filter(of)
            };
            let consented = answers().filter(|d| d.consenting().any(|c| c == site)).count();
            let told = there.history(site);
            let (earlier, later): (Vec<&FiguresTold>, Vec<&FiguresTold>) =
                told.iter().partition(|t| begun.is_none_or(|entry| t.told.entry < entry));
            Neighbour {
                site: site.clone(),
                received: received_from.iter().map(|(_, patients)| patients).sum(),
                received_from,
                before: earlier.last().map(|t| (*t).clone()),
                // The first of equals: when it began to be so.
                most_waiting: later.iter().rev().max_by_key(|t| t.figures.waiting).map(|t| (*t).clone()),
                longest: later.iter().rev().max_by_key(|t| t.figures.longest_minutes).map(|t| (*t).clone()),
                last: later.last().map(|t| (*t).clone()),
                consented,
                refused: answers().count() - consented,
            }
        })
        .collect();
    neighbours.sort_by_key(|n| std::cmp::Reverse(n.received));
    Debrief {
        moved_total: moved.iter().map(|row| row.patients).sum(),
        moved,
        neighbours,
        diverts: there.diverts.iter().map(|d| divert_line(d, now)).collect(),
        plans: plans_line(there),
        overrides: there.overrides.len(),
    }
}

/// The same as lines of text.
pub fn debrief(book: &IncidentBook, ground: Ground, clock: Moment) -> Vec<String> {
    debrief_board(book, ground, clock).lines(|at| book.say(at, book.now(clock)))
}

impl Debrief {
    /// Lines of text; `say` tells a moment in words.
    pub fn lines(&self, say: impl Fn(Moment) -> String) -> Vec<String> {
        let total = counted(self.moved_total as usize, "patient was", "patients were");
        let mut lines = vec![format!("{total} moved, each counted once")];
        lines.extend(self.moved.iter().map(FromTo::words));
        lines.extend(self.neighbours.iter().map(|n| n.words(&say)));
        lines.extend(self.diverts.iter().cloned());
        lines.extend((!self.plans.is_empty()).then(|| self.plans.clone()));
        if self.overrides > 0 {
            lines.push(format!("Crews who went to a site in spite of its divert: {}", self.overrides));
        }
        lines
    }
}

impl FromTo {
    /// "Northgate General to Whipps Green: 7 (5 by the ambulance service's figures, 2 hand-off entries not added)".
    pub fn words(&self) -> String {
        let covered = if self.entries_covered > 0 {
            let entries = counted(self.entries_covered as usize, "hand-off entry", "hand-off entries");
            format!(", {entries} not added")
        } else {
            String::new()
        };
        let by = if self.by_service > 0 {
            format!(" ({} by the ambulance service's figures{covered})", self.by_service)
        } else {
            String::new()
        };
        format!("{} to {}: {}{by}", self.from, self.to, self.patients)
    }
}

impl Neighbour {
    /// What it did to this neighbour, in sentences.
    pub fn words(&self, say: impl Fn(Moment) -> String) -> String {
        let mut said = vec![format!(
            "{} received {}",
            self.site,
            counted(self.received as usize, "patient", "patients")
        )];
        let at = |told: &FiguresTold| format!("{} at {}", told.figures.words(), say(told.as_at));
        match (&self.before, &self.most_waiting) {
            (None, None) => said.push("It told no figures: what it did there is not known".to_owned()),
            (before, worst) => {
                said.push(before.as_ref().map_or_else(
                    || "Its figures before are not known".to_owned(),
                    |told| format!("Before: {}", at(told)),
                ));
                match (worst, &self.longest) {
                    (Some(most), Some(longest)) if most == longest => {
                        said.push(format!("At worst: {}", at(most)));
                    }
                    (Some(most), Some(longest)) => {
                        said.push(format!("Most waiting: {}", at(most)));
                        said.push(format!("Longest handover: {}", at(longest)));
                    }
                    _ => said.push("It told no figures while diverts were in force".to_owned()),
                }
                if let Some(last) = self.last.as_ref().filter(|last| Some(*last) != worst.as_ref()) {
                    said.push(format!("Last: {}", at(last)));
                }
            }
        }
        if self.consented + self.refused > 0 {
            said.push(format!(
                "It consented to {} and refused {}",
                counted(self.consented, "divert", "diverts"),
                self.refused
            ));
        }
        said.join(". ")
    }
}

fn divert_line(divert: &Divert, now: Moment) -> String {
    let over = divert.over.as_ref().map(|(_, stamp, _)| stamp.at);
    let end = over.unwrap_or(now).min(divert.until);
    let length = divert
        .authorised
        .as_ref()
        .map_or_else(String::new, |a| format!(", in force for {}", duration(end.seconds_since(a.stamp.at))));
    let renewed = match divert.renewals.len() {
        0 => String::new(),
        count => format!(", renewed {}", counted(count, "time", "times")),
    };
    let follows = divert.follows.map_or_else(String::new, |n| format!(", went on from divert {n}"));
    let sooner = early_back(divert);
    let all: Vec<Pathway> =
        divert.pathways.iter().copied().chain(divert.back.iter().map(|(p, _)| *p)).collect();
    format!(
        "Divert {} of {} ({}): {}{length}{renewed}{follows}{sooner}",
        divert.number,
        divert.from,
        named(&all),
        divert.stage(now).word()
    )
}

/// Pathways that came back before the rest.
fn early_back(divert: &Divert) -> String {
    let last = divert.over.as_ref().map(|(_, stamp, _)| stamp.entry);
    let early: Vec<Pathway> =
        divert.back.iter().filter(|(_, stamp)| Some(stamp.entry) != last).map(|(p, _)| *p).collect();
    if early.is_empty() { String::new() } else { format!(", {} back before the rest", named(&early)) }
}

fn plans_line(there: &OnGround) -> String {
    let count = |is: fn(&Settled) -> bool| there.proposals.iter().filter(|p| is(&p.settled)).count();
    if there.proposals.is_empty() {
        return String::new();
    }
    format!(
        "{} proposed: {} accepted, {} changed, {} refused, {} left without an answer",
        counted(there.proposals.len(), "plan was", "plans were"),
        count(|s| matches!(s, Settled::Accepted(..))),
        count(|s| matches!(s, Settled::Changed(..))),
        count(|s| matches!(s, Settled::Refused(..))),
        count(|s| matches!(s, Settled::Waiting)),
    )
}

//! Diverts and plans as a drill writes them: asked for, answered, renewed, ended; a plan proposed, accepted, told, adapted.
//!
//! Read by `response`; performed by `play::respond::diverts`, seen by `play::measure::diverts`.

use super::{What, because, count, optional, pathway, site, site_named, span, until};
use crate::scenario::words::Line;
use basics::SiteId;
use incident::Person;
use incident::diverts::Figures;

/// What staff do about plans, and with figures, besides a divert's own life. Numbers are those of the incident book.
#[derive(Clone, PartialEq, Debug)]
#[allow(missing_docs)]
pub enum DivertDeed {
    /// Has Lifeboat plan for the board as it stands, and puts the plan to people.
    Proposes {
        instead_of: Option<u32>,
        reason: String,
    },
    Accepts {
        number: u32,
        knowing_gaps: bool,
    },
    RefusesPlan {
        number: u32,
        reason: String,
    },
    /// For a site, that it knows the plan.
    Acknowledges {
        number: u32,
        site: SiteId,
    },
    /// A receiver refuses, with its figures.
    RefusesWith {
        divert: u32,
        site: SiteId,
        figures: Figures,
        reason: String,
    },
    /// The ambulance service's own count of patients moved, over the time up to now.
    Counts {
        count: u32,
        from: SiteId,
        to: SiteId,
        service: String,
        over_minutes: u32,
    },
}

/// What must be so about plans.
#[derive(Clone, PartialEq, Debug)]
pub enum DivertSought {
    /// A plan stands so.
    Plan(u32, PlanStands),
    /// The plan was told to that site, by Lifeboat itself.
    Told(u32, SiteId),
    /// The site has acknowledged it.
    Acknowledged(u32, SiteId),
    /// The first plan sends fewer ambulances to the site than the second.
    Lighter(u32, u32, SiteId),
    /// A line of the debrief's part on diverts holds these words.
    Debrief(String),
}

/// How a plan stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub enum PlanStands {
    Proposed,
    /// Accepted, and nothing it rests on has changed.
    Current,
    /// Accepted, but overtaken by what a site takes now, or by the age of its figures.
    Overtaken,
    /// Refused, changed, or another is in force.
    Past,
}

impl PlanStands {
    fn of(word: &str) -> Result<Self, String> {
        Ok(match word {
            "proposed" => Self::Proposed,
            "current" => Self::Current,
            "overtaken" => Self::Overtaken,
            "past" => Self::Past,
            other => return Err(format!("a plan is proposed, current, overtaken or past, not {other}")),
        })
    }
}

/// A verb of diverts and plans, after all others.
pub(super) fn divert(
    verb: &str,
    line: &mut Line,
    staff: &impl Fn(String) -> Result<Person, String>,
) -> Result<What, String> {
    match verb {
        "tells" => {
            line.keyword("figures")?;
            return Ok(What::TellsFigures { site: site(line)?, figures: figures(line)? });
        }
        "proposes" | "accepts" | "acknowledges" | "counts" => return plan(verb, line).map(What::Divert),
        "refuses" if line.take("plan") => {
            let deed = DivertDeed::RefusesPlan { number: count(line)?, reason: because(line)? };
            return Ok(What::Divert(deed));
        }
        "stands" => {
            line.keyword("down")?;
            let reason = because(line)?;
            return Ok(What::StandsDown { reason, despite_open: line.take("despite-open") });
        }
        "requests" | "consents" | "refuses" | "authorises" | "renews" | "ends" => {}
        _ => return Err(format!("nobody is known to have {verb} to do; see drills/README.md")),
    }
    line.keyword("divert")?;
    if verb == "requests" {
        return request(line);
    }
    let number = count(line)?;
    Ok(match verb {
        "consents" | "refuses" => {
            line.keyword("at")?;
            let site = site(line)?;
            if verb == "refuses" && line.peek() == "waiting" {
                let (divert, figures) = (number, figures(line)?);
                let reason = optional(line, "because")?;
                return Ok(What::Divert(DivertDeed::RefusesWith { divert, site, figures, reason }));
            }
            What::Answers { number, site, consents: verb == "consents", reason: optional(line, "because")? }
        }
        "authorises" => {
            line.keyword("with")?;
            What::Authorises { number, executive: staff(line.word()?)? }
        }
        "renews" => {
            line.keyword("with")?;
            let executive = staff(line.word()?)?;
            let minutes = if line.take("for") { Some(span(line)?) } else { None };
            What::Renews { number, executive, minutes, reason: because(line)? }
        }
        _ => {
            line.keyword("of")?;
            let pathways =
                until(line, "because")?.iter().map(|name| pathway(name)).collect::<Result<_, _>>()?;
            What::Ends { number, pathways, reason: line.value()?, sooner: optional(line, "sooner")? }
        }
    })
}

fn request(line: &mut Line) -> Result<What, String> {
    line.keyword("from")?;
    let from = site(line)?;
    line.keyword("to")?;
    let receivers = until(line, "of")?.iter().map(|name| site_named(name)).collect::<Result<_, _>>()?;
    let pathways = until(line, "because")?.iter().map(|name| pathway(name)).collect::<Result<_, _>>()?;
    let reason = line.value()?;
    let minutes = if line.take("for") { Some(span(line)?) } else { None };
    let follows = if line.take("follows") { Some(count(line)?) } else { None };
    Ok(What::Requests { from, receivers, pathways, reason, minutes, follows })
}

fn plan(verb: &str, line: &mut Line) -> Result<DivertDeed, String> {
    if verb == "counts" {
        let count = count(line)?;
        line.keyword("from")?;
        let from = site(line)?;
        line.keyword("to")?;
        let to = site(line)?;
        line.keyword("by")?;
        let service = line.value()?;
        line.keyword("over")?;
        return Ok(DivertDeed::Counts { count, from, to, service, over_minutes: span(line)? });
    }
    line.keyword("plan")?;
    Ok(match verb {
        "proposes" => {
            let instead_of = if line.take("instead-of") { Some(count(line)?) } else { None };
            DivertDeed::Proposes { instead_of, reason: optional(line, "because")? }
        }
        "accepts" => DivertDeed::Accepts { number: count(line)?, knowing_gaps: line.take("knowing-gaps") },
        _ => {
            let number = count(line)?;
            line.keyword("at")?;
            DivertDeed::Acknowledges { number, site: site(line)? }
        }
    })
}

/// `waiting 14 longest 70m staffed 9`
fn figures(line: &mut Line) -> Result<Figures, String> {
    line.keyword("waiting")?;
    let waiting = count(line)?;
    line.keyword("longest")?;
    let longest_minutes = span(line)?;
    let staffed = if line.take("staffed") { Some(count(line)?) } else { None };
    Ok(Figures { waiting, longest_minutes, staffed })
}

/// `expect plan 1 current`, `expect plan 2 lighter-than 1 at "SITE"`, `expect debrief "words"`
pub(super) fn sought(word: &str, line: &mut Line) -> Result<Option<DivertSought>, String> {
    if word == "debrief" {
        return Ok(Some(DivertSought::Debrief(line.value()?)));
    }
    if word != "plan" {
        return Ok(None);
    }
    let number = count(line)?;
    Ok(Some(match line.word()?.as_str() {
        "told" => DivertSought::Told(number, site(line)?),
        "acknowledged" => DivertSought::Acknowledged(number, site(line)?),
        "lighter-than" => {
            let than = count(line)?;
            line.keyword("at")?;
            DivertSought::Lighter(number, than, site(line)?)
        }
        word => DivertSought::Plan(number, PlanStands::of(word)?),
    }))
}

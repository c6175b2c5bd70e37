//! The response to an incident, as a drill writes it: what the world does (injects), what staff do, what must then be so.
//!
//! Always refuses a word it does not know, in a sentence. Lengths of time are kept as lengths, so that the same file can
//! be played at any pace. Read by `read`; performed and measured by `play`.

mod clinics;
mod diverts;

pub(super) use clinics::books;
pub use clinics::{ClinicDeed, ClinicSought};
pub use diverts::{DivertDeed, DivertSought, PlanStands};

use super::words::{self, Line};
use basics::SiteId;
use incident::action_cards::{Phase, StepKey};
use incident::diverts::{Figures, Pathway, Stage as DivertStage};
use incident::hospitals::ServiceState;
use incident::methane::Methane;
use incident::public_updates::{Alternative, Words};
use incident::roles::{Post, RoleKey};
use incident::systems::SystemState;
use incident::{Level, Nature, Person, Stage};

/// Somebody does something, and may be told that it cannot be.
#[derive(Clone, PartialEq, Debug)]
pub struct Deed {
    /// Who.
    pub who: Person,
    /// What.
    pub what: What,
    /// Words of the refusal that must follow; `None` when it must be taken.
    pub refused: Option<String>,
}

/// What staff can do. Numbers of diverts and updates are those of the incident book, from 1.
#[derive(Clone, PartialEq, Debug)]
#[allow(missing_docs)]
pub enum What {
    Opens {
        nature: Nature,
        level: Level,
        name: String,
        standby: bool,
        reason: String,
    },
    Declares {
        level: Level,
        reason: String,
    },
    Reports {
        report: Methane,
    },
    Takes {
        post: Post,
        contact: String,
    },
    HandsOver {
        post: Post,
        to: Person,
        briefing: String,
    },
    Deputises {
        post: Post,
        person: Person,
    },
    Ticks {
        post: Post,
        steps: Vec<StepKey>,
        note: String,
    },
    Skips {
        post: Post,
        steps: Vec<StepKey>,
        reason: String,
    },
    Notes {
        text: String,
    },
    Decides {
        decision: String,
        matter: String,
        knowing: String,
        options: Vec<String>,
        reason: String,
        review_minutes: Option<i64>,
    },
    Lists {
        site: Option<SiteId>,
        system: String,
        owner: String,
        workaround: String,
    },
    Sets {
        site: Option<SiteId>,
        system: String,
        state: SystemState,
        note: String,
    },
    Serves {
        site: SiteId,
        service: String,
        state: ServiceState,
        wait_minutes: Option<u32>,
        note: String,
    },
    BeginsSitrep,
    ApprovesSitrep {
        next_minutes: Option<i64>,
    },
    DraftsUpdate {
        words: Words,
        alternatives: Vec<Alternative>,
        next_minutes: Option<i64>,
    },
    ApprovesUpdate {
        number: u32,
    },
    WithdrawsUpdate {
        number: u32,
        reason: String,
    },
    TellsFigures {
        site: SiteId,
        figures: Figures,
    },
    Requests {
        from: SiteId,
        receivers: Vec<SiteId>,
        pathways: Vec<Pathway>,
        reason: String,
        minutes: Option<u32>,
        follows: Option<u32>,
    },
    Answers {
        number: u32,
        site: SiteId,
        consents: bool,
        reason: String,
    },
    Authorises {
        number: u32,
        executive: Person,
    },
    Renews {
        number: u32,
        executive: Person,
        minutes: Option<u32>,
        reason: String,
    },
    Ends {
        number: u32,
        pathways: Vec<Pathway>,
        reason: String,
        sooner: String,
    },
    HandsOff {
        count: u32,
        from: SiteId,
        to: SiteId,
        pathway: Pathway,
    },
    StandsDown {
        reason: String,
        despite_open: bool,
    },
    /// Plans, and refusals and counts with figures.
    Divert(DivertDeed),
    /// Clinics.
    Clinic(ClinicDeed),
}

/// What must be so.
#[derive(Clone, PartialEq, Debug)]
#[allow(missing_docs)]
pub enum Sought {
    Incident(Stage),
    Held(Post),
    Done(Post, StepKey),
    Overdue(usize),
    System { site: Option<SiteId>, system: String, state: SystemState },
    Service { site: SiteId, service: String, state: ServiceState },
    Logged(String),
    Sitrep(u32),
    Public(u32),
    PublicLate,
    Divert(u32, DivertStage),
    Back(u32, Pathway),
    Asked(u32),
    Moved { count: u32, from: SiteId, to: SiteId },
    OfPlan(DivertSought),
    OfClinics(ClinicSought),
    Verified,
}

/// Something that must be so, in time.
#[derive(Clone, PartialEq, Debug)]
pub struct Measured {
    /// What.
    pub what: Sought,
    /// Within so many minutes after the inject of that name.
    pub within: Option<(i64, String)>,
}

pub(super) fn deed(
    line: &mut Line,
    who: Person,
    staff: impl Fn(String) -> Result<Person, String>,
) -> Result<Deed, String> {
    let what = what(line, &staff)?;
    let refused = if line.take("refused") { Some(line.value()?) } else { None };
    Ok(Deed { who, what, refused })
}

fn what(line: &mut Line, staff: &impl Fn(String) -> Result<Person, String>) -> Result<What, String> {
    let verb = line.word()?;
    Ok(match verb.as_str() {
        "opens" => {
            let nature = match line.word()?.as_str() {
                "exercise" => Nature::Exercise,
                "real" => Nature::Real,
                other => return Err(format!("an incident is an exercise or real, not {other}")),
            };
            let (level, name) = (level(line)?, line.value()?);
            let standby = line.take("on-standby");
            What::Opens { nature, level, name, standby, reason: because(line)? }
        }
        "declares" => What::Declares { level: level(line)?, reason: because(line)? },
        "reports" => What::Reports { report: methane(line)? },
        "takes" => What::Takes { post: post(line)?, contact: optional(line, "on")? },
        "hands" if line.take("off") => {
            let count = count(line)?;
            line.keyword("from")?;
            let from = site(line)?;
            line.keyword("to")?;
            What::HandsOff { count, from, to: site(line)?, pathway: pathway(&line.word()?)? }
        }
        "hands" => {
            line.keyword("over")?;
            let post = post(line)?;
            line.keyword("to")?;
            let to = staff(line.word()?)?;
            What::HandsOver { post, to, briefing: optional(line, "saying")? }
        }
        "names" => {
            line.keyword("deputy")?;
            What::Deputises { post: post(line)?, person: staff(line.word()?)? }
        }
        "ticks" => {
            let post = post(line)?;
            What::Ticks { post, steps: steps(line)?, note: optional(line, "saying")? }
        }
        "skips" => {
            let post = post(line)?;
            What::Skips { post, steps: steps(line)?, reason: because(line)? }
        }
        "notes" => What::Notes { text: line.value()? },
        "decides" => decides(line)?,
        "lists" => {
            let (site, system) = system(line)?;
            What::Lists {
                site,
                system,
                owner: optional(line, "owner")?,
                workaround: optional(line, "workaround")?,
            }
        }
        "sets" => {
            let (site, system) = system(line)?;
            What::Sets { site, system, state: state(line)?, note: optional(line, "saying")? }
        }
        "serves" => {
            let (site, service, state) = (site(line)?, line.value()?, service_state(line)?);
            let wait_minutes = if line.take("wait") { Some(span(line)?) } else { None };
            What::Serves { site, service, state, wait_minutes, note: optional(line, "saying")? }
        }
        "begins" => {
            line.keyword("sitrep")?;
            What::BeginsSitrep
        }
        "drafts" => drafts(line)?,
        "approves" if line.take("sitrep") => What::ApprovesSitrep { next_minutes: next(line)? },
        "approves" => {
            line.keyword("update")?;
            What::ApprovesUpdate { number: count(line)? }
        }
        "withdraws" => {
            line.keyword("update")?;
            What::WithdrawsUpdate { number: count(line)?, reason: because(line)? }
        }
        _ => match clinics::deed(&verb, line)? {
            Some(of_clinics) => of_clinics,
            None => diverts::divert(&verb, line, staff)?,
        },
    })
}

fn decides(line: &mut Line) -> Result<What, String> {
    let decision = line.value()?;
    line.keyword("on")?;
    let matter = line.value()?;
    let knowing = optional(line, "knowing")?;
    let mut options = Vec::new();
    while line.take("option") {
        options.push(line.value()?);
    }
    let reason = because(line)?;
    let review_minutes = if line.take("review") { Some(words::minutes(&line.word()?)?) } else { None };
    Ok(What::Decides { decision, matter, knowing, options, reason, review_minutes })
}

fn drafts(line: &mut Line) -> Result<What, String> {
    line.keyword("update")?;
    let mut told = Words { sentence: line.value()?, ..Words::default() };
    let mut alternatives = Vec::new();
    loop {
        if line.take("do") {
            told.do_this.push(line.value()?);
        } else if line.take("not-for") {
            told.not_for.push(line.value()?);
        } else if line.take("instead") {
            let name = line.value()?;
            let good_for = line.value()?;
            alternatives.push(Alternative { name, good_for, hours: line.value()?, contact: String::new() });
        } else {
            return Ok(What::DraftsUpdate { words: told, alternatives, next_minutes: next(line)? });
        }
    }
}

fn methane(line: &mut Line) -> Result<Methane, String> {
    line.keyword("methane")?;
    let mut report = Methane { major_incident: line.value()?, ..Methane::default() };
    while !line.is_done() && line.peek() != "refused" {
        let letter = line.word()?;
        let field = match letter.as_str() {
            "at" => &mut report.exact_location,
            "type" => &mut report.incident_type,
            "hazards" => &mut report.hazards,
            "access" => &mut report.access,
            "casualties" => &mut report.number_of_casualties,
            "services" => &mut report.emergency_services,
            other => return Err(format!("a METHANE report has no {other}")),
        };
        *field = line.value()?;
    }
    Ok(report)
}

/// What stands after `expect`, when it is about the response.
pub(super) fn sought(word: &str, line: &mut Line) -> Result<Option<Sought>, String> {
    Ok(Some(match word {
        "incident" => Sought::Incident(match line.word()?.as_str() {
            "standby" => Stage::Standby,
            "declared" => Stage::Declared,
            "stood-down" => Stage::StoodDown,
            "cancelled" => Stage::Cancelled,
            other => {
                return Err(format!(
                    "an incident is standby, declared, stood-down or cancelled, not {other}"
                ));
            }
        }),
        "post" => {
            let post = post(line)?;
            line.keyword("held")?;
            Sought::Held(post)
        }
        "step" => {
            let post = post(line)?;
            let steps = steps(line)?;
            line.keyword("done")?;
            Sought::Done(post, *steps.first().ok_or("name the step by its number")?)
        }
        "overdue" => Sought::Overdue(count(line)? as usize),
        "system" => {
            let (site, system) = system(line)?;
            Sought::System { site, system, state: state(line)? }
        }
        "service" => {
            Sought::Service { site: site(line)?, service: line.value()?, state: service_state(line)? }
        }
        "log" => Sought::Logged(line.value()?),
        "sitrep" => Sought::Sitrep(count(line)?),
        "public" if line.take("late") => Sought::PublicLate,
        "public" => {
            line.keyword("update")?;
            Sought::Public(count(line)?)
        }
        "divert" => {
            let number = count(line)?;
            match line.word()?.as_str() {
                "requested" => Sought::Divert(number, DivertStage::Requested),
                "active" => Sought::Divert(number, DivertStage::Active),
                "expired" => Sought::Divert(number, DivertStage::Expired),
                "ended" => Sought::Divert(number, DivertStage::Ended),
                "asked" => Sought::Asked(number),
                "back" => Sought::Back(number, pathway(&line.word()?)?),
                other => {
                    return Err(format!(
                        "a divert is requested, active, asked, back, expired or ended, not {other}"
                    ));
                }
            }
        }
        "moved" => {
            let count = count(line)?;
            line.keyword("from")?;
            let from = site(line)?;
            line.keyword("to")?;
            Sought::Moved { count, from, to: site(line)? }
        }
        "clinics" => Sought::OfClinics(clinics::sought(line)?),
        "book" => {
            line.keyword("verified")?;
            Sought::Verified
        }
        _ => return Ok(diverts::sought(word, line)?.map(Sought::OfPlan)),
    }))
}

/// `within 15m of ransom`.
pub(super) fn within(line: &mut Line) -> Result<Option<(i64, String)>, String> {
    if !line.take("within") {
        return Ok(None);
    }
    let minutes = words::minutes(&line.word()?)?;
    line.keyword("of")?;
    Ok(Some((minutes, line.word()?)))
}

/// `hospital "St Brannock's" able general stroke` of the drill's beginning.
pub(super) fn hospital(line: &mut Line) -> Result<(SiteId, Vec<Pathway>), String> {
    let site = site(line)?;
    let mut able = Vec::new();
    if line.take("able") {
        while !line.is_done() {
            able.push(pathway(&line.word()?)?);
        }
    }
    Ok((site, able))
}

fn level(line: &mut Line) -> Result<Level, String> {
    match line.word()?.as_str() {
        "business-continuity" => Ok(Level::BusinessContinuity),
        "critical" => Ok(Level::Critical),
        "major" => Ok(Level::Major),
        other => Err(format!("a level is business-continuity, critical or major, not {other}")),
    }
}

fn post(line: &mut Line) -> Result<Post, String> {
    let word = line.word()?;
    let role = RoleKey::new(&word).ok_or_else(|| format!("{word} is no role; write strategic-commander"))?;
    let place = if line.take("at") { line.value()? } else { String::new() };
    Ok(Post { role, place })
}

/// `1 2 3`, `standby 1`, `stand-down 2`: numbers under a card's heading; of the declared part where none is named.
fn steps(line: &mut Line) -> Result<Vec<StepKey>, String> {
    let phase = match line.peek() {
        "standby" => Phase::Standby,
        "stand-down" => Phase::StandDown,
        _ => Phase::Declared,
    };
    if phase != Phase::Declared {
        line.word()?;
    }
    let mut steps = Vec::new();
    while let Ok(number) = line.peek().parse() {
        line.word()?;
        steps.push(StepKey { phase, number });
    }
    if steps.is_empty() { Err("name the steps by their numbers".to_owned()) } else { Ok(steps) }
}

fn site(line: &mut Line) -> Result<SiteId, String> {
    site_named(&line.value()?)
}

fn site_named(name: &str) -> Result<SiteId, String> {
    SiteId::new(name).ok_or_else(|| format!("{name} is no hospital"))
}

/// `"St Brannock's" PACS`, or `trust Email` for what serves the whole trust.
fn system(line: &mut Line) -> Result<(Option<SiteId>, String), String> {
    let site = if line.take("trust") { None } else { Some(site(line)?) };
    Ok((site, line.value()?))
}

fn state(line: &mut Line) -> Result<SystemState, String> {
    match line.word()?.as_str() {
        "working" => Ok(SystemState::Working),
        "degraded" => Ok(SystemState::Degraded),
        "infected" => Ok(SystemState::Infected),
        "isolated" => Ok(SystemState::Isolated),
        "unknown" => Ok(SystemState::Unknown),
        other => Err(format!("a system is working, degraded, infected, isolated or unknown, not {other}")),
    }
}

fn service_state(line: &mut Line) -> Result<ServiceState, String> {
    match line.word()?.as_str() {
        "open" => Ok(ServiceState::Open),
        "reduced" => Ok(ServiceState::Reduced),
        "closed" => Ok(ServiceState::Closed),
        other => Err(format!("a service is open, reduced or closed, not {other}")),
    }
}

fn pathway(word: &str) -> Result<Pathway, String> {
    Ok(match word {
        "resuscitation" => Pathway::Resuscitation,
        "trauma" => Pathway::MajorTrauma,
        "stroke" => Pathway::HyperAcuteStroke,
        "pci" => Pathway::PrimaryPci,
        "children" => Pathway::Children,
        "obstetrics" => Pathway::Obstetrics,
        "general" => Pathway::General,
        other => {
            return Err(format!("{other} is no pathway: general, stroke, trauma, pci, children, obstetrics"));
        }
    })
}

fn because(line: &mut Line) -> Result<String, String> {
    line.keyword("because")?;
    line.value()
}

fn optional(line: &mut Line, keyword: &str) -> Result<String, String> {
    if line.take(keyword) { line.value() } else { Ok(String::new()) }
}

fn next(line: &mut Line) -> Result<Option<i64>, String> {
    if line.take("next") { words::minutes(&line.word()?).map(Some) } else { Ok(None) }
}

fn span(line: &mut Line) -> Result<u32, String> {
    u32::try_from(words::minutes(&line.word()?)?).map_err(|_| "too long".to_owned())
}

fn count(line: &mut Line) -> Result<u32, String> {
    u32::try_from(line.number()?).map_err(|_| "too many".to_owned())
}

/// The words before a keyword, at least one; the keyword is taken.
fn until(line: &mut Line, keyword: &str) -> Result<Vec<String>, String> {
    let mut found = Vec::new();
    while !line.take(keyword) {
        found.push(line.word()?);
    }
    if found.is_empty() { Err(format!("something must stand before {keyword}")) } else { Ok(found) }
}

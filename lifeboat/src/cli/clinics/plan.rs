//! `lifeboat clinics plan FILE`: who is kept, who is proposed to be postponed, and which of class A need a clinician.
//!
//! Always: the same file gives the same answer; what is asked with `--up`, `--down`, `--minutes`, `--units` or `--staff` is
//! shown beside the plan for things as they are. Ends with "needs a person" when class A cannot be kept. Proved by
//! `tests/clinics_plan.rs`.

use super::file::{self, Listed};
use super::plan_shown::{for_people, for_scripts};
use crate::exit_codes::Ending;
use crate::failure::Failure;
use care::appointments::{DayList, DayPlan, Step, SystemWorks, TriageRules, Works, plan};
use planning::clinics::{Change, Counts, Effort, Instance, apply};
use std::io::Read;
use std::path::{Path, PathBuf};

/// Six weeks of a large trust are a tenth of this.
const FILE_BYTES_MAX: u64 = 256 * 1024 * 1024;

#[derive(clap::Args)]
pub struct PlanArgs {
    /// The day's list (docs/formats/clinic_list.md)
    file: PathBuf,
    /// JSON lines: one for each booking, then the sum
    #[arg(long)]
    json: bool,
    /// A folder of rules instead of those that come with the program
    #[arg(long, value_name = "DIR")]
    rules: Option<PathBuf>,
    /// What if this system were down too? May be given several times, as may the next three
    #[arg(long, value_name = "SYSTEM")]
    down: Vec<String>,
    /// What if this system worked again?
    #[arg(long, value_name = "SYSTEM")]
    up: Vec<String>,
    /// What if this session had so many minutes? For example "Northgate/Clinic 1=120"
    #[arg(long, value_name = "SESSION=MINUTES")]
    minutes: Vec<String>,
    /// What if there were so many of what sessions share? For example "LAB=150"
    #[arg(long, value_name = "LIMIT=UNITS")]
    units: Vec<String>,
    /// What if so many per cent of the minutes could be staffed, of all sessions or of one? "50" or "Northgate/Clinic 1=50"
    #[arg(long, value_name = "[SESSION=]PERCENT")]
    staff: Vec<String>,
}

/// What is shown.
pub struct Shown<'a> {
    pub list: &'a DayList,
    pub rules: &'a TriageRules,
    pub plan: &'a DayPlan,
    /// What is kept by order of the list alone, to compare with.
    pub first_come: Counts,
    /// With what-if: what is kept as things are.
    pub as_it_is: Option<Counts>,
}

pub fn run(args: PlanArgs) -> Result<Ending, Failure> {
    let rules = match &args.rules {
        Some(folder) => super::rules_in(folder),
        None => super::shipped_rules(),
    };
    let rules = rules.map_err(|faults| Failure::failed(format!("these rules are not used:\n{faults}")))?;
    let Listed { list, works } = read(&args.file)?;
    let of_file = |why: String| Failure::failed(format!("{}: {why}", args.file.display()));
    let planned = |list: &DayList, works: &Works| {
        plan(list, &rules, works, Effort::default()).map_err(|refusal| of_file(refusal.to_string()))
    };
    let now = planned(&list, &works)?;
    let (asked_list, asked_works) = asked(&args, &list, &works, &rules).map_err(Failure::usage)?;
    let what_if = asked_list != list || asked_works != works;
    let asked = if what_if { Some(planned(&asked_list, &asked_works)?) } else { None };
    let plan = asked.as_ref().unwrap_or(&now);
    let first_come = planning::clinics::first_come(&plan.instance).map_err(|r| of_file(r.to_string()))?.kept;
    let as_it_is = what_if.then_some(now.selection.kept);
    let shown = Shown { list: &asked_list, rules: &rules, plan, first_come, as_it_is };
    if args.json {
        for_scripts(&shown);
    } else {
        for_people(&shown);
    }
    let escalated = plan.proposals.iter().any(|p| matches!(p.step, Step::Escalate { .. }));
    Ok(if escalated { Ending::NeedsAPerson } else { Ending::Fine })
}

fn read(path: &Path) -> Result<Listed, Failure> {
    let unread = |e: std::io::Error| Failure::failed(format!("could not read {}: {e}", path.display()));
    let mut bytes = Vec::new();
    std::fs::File::open(path)
        .and_then(|file| file.take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes))
        .map_err(unread)?;
    if bytes.len() as u64 > FILE_BYTES_MAX {
        return Err(Failure::failed(format!("{} is larger than any list; nothing was read", path.display())));
    }
    file::read(&bytes).map_err(|why| Failure::failed(format!("{}: {why}", path.display())))
}

/// The list and what works, as asked about.
fn asked(
    args: &PlanArgs,
    list: &DayList,
    works: &Works,
    rules: &TriageRules,
) -> Result<(DayList, Works), String> {
    let mut works = works.clone();
    let said = args.up.iter().map(|name| (name, SystemWorks::Works));
    let said = said.chain(args.down.iter().map(|name| (name, SystemWorks::Down("down".to_owned()))));
    for (name, how) in said {
        // Under each of its names, for the file may use another.
        let names = rules.system(name).map_or_else(|| vec![name.clone()], |s| s.names.clone());
        names.iter().for_each(|name| works.say(name, how.clone()));
    }
    let mut instance = Instance {
        name: String::new(),
        sessions: list.sessions.clone(),
        shared: list.shared.clone(),
        bookings: Vec::new(),
    };
    let changes = changes(args, &instance)?;
    apply(&mut instance, &changes).map_err(|refusal| refusal.to_string())?;
    let list = DayList { sessions: instance.sessions, shared: instance.shared, ..list.clone() };
    Ok((list, works))
}

fn changes(args: &PlanArgs, instance: &Instance) -> Result<Vec<Change>, String> {
    let mut changes = Vec::new();
    for text in &args.staff {
        let (session, percent) = match text.rsplit_once('=') {
            Some((session, percent)) => (Some(session_named(instance, session)?), percent),
            None => (None, text.as_str()),
        };
        changes.push(Change::Staff { session, percent: number(percent)? });
    }
    for text in &args.minutes {
        let (session, minutes) = pair(text, "--minutes")?;
        changes.push(Change::Minutes { session: session_named(instance, session)?, minutes });
    }
    for text in &args.units {
        let (limit, units) = pair(text, "--units")?;
        let limit = instance.limit_named(limit).map_err(|refusal| refusal.to_string())?;
        changes.push(Change::Units { limit, units });
    }
    Ok(changes)
}

fn session_named(instance: &Instance, name: &str) -> Result<usize, String> {
    instance.session_named(name).map_err(|refusal| refusal.to_string())
}

fn pair<'a>(text: &'a str, option: &str) -> Result<(&'a str, u32), String> {
    let (name, value) =
        text.rsplit_once('=').ok_or_else(|| format!("{option} {text}: write a name, =, and a number"))?;
    Ok((name, number(value)?))
}

fn number(text: &str) -> Result<u32, String> {
    text.trim().parse().map_err(|_| format!("“{text}” is no whole number"))
}

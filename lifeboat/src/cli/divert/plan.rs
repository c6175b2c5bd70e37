//! `lifeboat divert plan INSTANCE.json`: who goes where, why it can be no better, and what would help.
//!
//! Always: the same files give the same answer, to the last flow; what is asked with `--close`, `--lose` or
//! `--more-minutes` is shown beside the plan for things as they are. Ends with "needs a person" when nobody accepts some
//! patients. Proved by `tests/divert_plan.rs`.

use super::plan_shown::{human, line};
use crate::exit_codes::Ending;
use crate::failure::Failure;
use flate2::read::MultiGzDecoder;
use planning::diverts::{
    Change, Current, CurrentFlow, EstimateRule, HelpRule, Instance, Matrix, Planner, Refusal, estimate_times,
};
use serde::Deserialize;
use std::io::Read;
use std::path::{Path, PathBuf};

/// A matrix of every small area of England and every site is a tenth of this, unpacked.
const MATRIX_BYTES_MAX: u64 = 512 * 1024 * 1024;

#[derive(clap::Args)]
pub struct PlanArgs {
    /// The region, its sites and its zones, as a divert instance
    instance: PathBuf,
    /// One JSON object on one line
    #[arg(long)]
    json: bool,
    /// Travel times from a matrix instead (CSV, also gzip): zones down, sites across, minutes
    #[arg(long, value_name = "FILE")]
    times: Option<PathBuf>,
    /// Estimate travel times that are missing as the crow flies; they are marked as estimated
    #[arg(long)]
    estimate: bool,
    /// The plan in force, as `divert plan --json` printed it; leaving it costs 2 minutes a patient
    #[arg(long, value_name = "FILE")]
    current: Option<PathBuf>,
    /// What if this site closed? May be given several times, as may the next three
    #[arg(long, value_name = "SITE")]
    close: Vec<String>,
    /// What if this site diverted everything but resuscitation?
    #[arg(long, value_name = "SITE")]
    divert: Vec<String>,
    /// What if this site were open again?
    #[arg(long, value_name = "SITE")]
    open: Vec<String>,
    /// What if this site lost this pathway? For example "Homerton:STR"
    #[arg(long, value_name = "SITE:PATHWAY")]
    lose: Vec<String>,
    /// What if so many minutes more were allowed on every pathway but resuscitation?
    #[arg(long, value_name = "MINUTES")]
    more_minutes: Option<f64>,
}

pub fn run(args: PlanArgs) -> Result<Ending, Failure> {
    let mut instance = super::instance(&args.instance)?;
    let mut notes = Vec::new();
    travel_times(&args, &mut instance, &mut notes)?;
    if let Some(path) = &args.current {
        instance.current = in_force(path, &instance)?;
    }
    let changes = changes(&args, &instance).map_err(refused)?;
    let as_it_is = Planner::new(instance).map_err(refused)?;
    let asked = if changes.is_empty() { None } else { Some(as_it_is.what_if(&changes).map_err(refused)?) };
    let shown = asked.as_ref().unwrap_or(&as_it_is);
    let help = shown.help(&HelpRule::default());
    if args.json {
        crate::json::line(&line(shown, asked.as_ref().map(|_| as_it_is.plan()), &help, &notes));
    } else {
        human(shown, asked.as_ref().map(|_| as_it_is.plan()), &help, &notes);
    }
    Ok(if shown.plan().unserved.is_empty() { Ending::Fine } else { Ending::NeedsAPerson })
}

/// Times from a matrix, estimates, or as they are; what people must know of them goes to `notes`.
fn travel_times(args: &PlanArgs, instance: &mut Instance, notes: &mut Vec<String>) -> Result<(), Failure> {
    let rule = EstimateRule::default();
    if let Some(path) = &args.times {
        let of_file = |r: Refusal| Failure::failed(format!("{}: {r}", path.display()));
        let matrix = Matrix::read(&unpacked(path)?).map_err(of_file)?;
        let fitted = matrix.fit(instance, args.estimate.then_some(&rule)).map_err(of_file)?;
        if !fitted.sites_without.is_empty() {
            let names: Vec<&str> = fitted
                .sites_without
                .iter()
                .filter_map(|s| instance.sites.get(*s))
                .map(|s| s.name.as_str())
                .collect();
            let how = if args.estimate { "estimated" } else { "cannot be reached" };
            notes.push(format!("without a column in the matrix, {how}: {}", names.join(", ")));
        }
    } else if args.estimate {
        estimate_times(instance, &rule);
    }
    let estimated = instance.zones.iter().flat_map(|z| &z.times).filter(|t| t.estimated).count();
    if estimated > 0 {
        notes.push(format!("{estimated} travel times are estimated: {}", rule.words()));
    }
    Ok(())
}

/// A file's bytes, inflated when it is gzip.
pub fn unpacked(path: &Path) -> Result<Vec<u8>, Failure> {
    let unread = |e: std::io::Error| Failure::failed(format!("could not read {}: {e}", path.display()));
    let packed = super::bytes(path)?;
    if !packed.starts_with(&[0x1F, 0x8B]) {
        return Ok(packed);
    }
    let mut bytes = Vec::new();
    MultiGzDecoder::new(packed.as_slice())
        .take(MATRIX_BYTES_MAX + 1)
        .read_to_end(&mut bytes)
        .map_err(unread)?;
    if bytes.len() as u64 > MATRIX_BYTES_MAX {
        return Err(Failure::failed(format!("{} is larger than any matrix once opened", path.display())));
    }
    Ok(bytes)
}

/// The flows of a plan that was printed before.
fn in_force(path: &Path, instance: &Instance) -> Result<Current, Failure> {
    #[derive(Deserialize)]
    struct Printed {
        flows: Vec<PrintedFlow>,
    }
    #[derive(Deserialize)]
    struct PrintedFlow {
        zone: usize,
        pathway: String,
        site: usize,
    }
    let wrong = |why: String| Failure::failed(format!("{} is no plan: {why}", path.display()));
    let printed: Printed =
        serde_json::from_slice(&super::bytes(path)?).map_err(|error| wrong(error.to_string()))?;
    let one = |flow: PrintedFlow| {
        let pathway = instance.pathway_coded(&flow.pathway)?;
        Ok(CurrentFlow { zone: flow.zone, pathway, site: flow.site })
    };
    let flows = printed.flows.into_iter().map(one).collect::<Result<Vec<_>, Refusal>>();
    Ok(Current::Given(flows.map_err(|refusal| wrong(refusal.to_string()))?))
}

fn changes(args: &PlanArgs, instance: &Instance) -> Result<Vec<Change>, Refusal> {
    let mut changes = Vec::new();
    for name in &args.open {
        changes.push(Change::Open(instance.site_named(name)?));
    }
    for name in &args.divert {
        changes.push(Change::Divert(instance.site_named(name)?));
    }
    for name in &args.close {
        changes.push(Change::Close(instance.site_named(name)?));
    }
    for pair in &args.lose {
        // Names of sites may hold a colon, codes of pathways do not.
        let (site, pathway) = pair.rsplit_once(':').unwrap_or((pair, ""));
        let (site, pathway) = (instance.site_named(site)?, instance.pathway_coded(pathway)?);
        changes.push(Change::Lose { site, pathway });
    }
    changes.extend(args.more_minutes.map(Change::MoreMinutes));
    Ok(changes)
}

fn refused(refusal: Refusal) -> Failure {
    Failure::failed(refusal.to_string())
}

//! `lifeboat drill run FILE`: plays a drill on a record of its own and prints how the response measured up.
//!
//! Always: the file is read whole or refused by file and line; nothing touches the hospital's own record, unless it is
//! asked for: with `--live` the Lifeboat that runs there plays it, as an exercise and on no other ground. Ends with 3
//! when something that the drill expects was not so. The drills' language is in `drills/README.md`.

use super::Place;
use crate::exercise::door;
use crate::exit_codes::Ending;
use crate::failure::Failure;
use crate::table;
use drill::{Measure, Outcome, Planted, Scenario};
use serde::Serialize;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A drill is a page or two of text.
const FILE_BYTES_MAX: u64 = 4 << 20;

#[derive(clap::Args)]
pub struct DrillArgs {
    #[command(subcommand)]
    what: Drill,
}

#[derive(clap::Subcommand)]
enum Drill {
    /// Play a drill and say how the response measured up
    Run(RunArgs),
    /// Read a drill and say whether it can be played
    Check {
        /// The drill
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
}

#[derive(clap::Args)]
struct RunArgs {
    /// The drill: one of `drills/`, or your own
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Minutes of the drill in one minute: 1 is real time, 60 an hour a minute; without it nothing waits
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pace: Option<u32>,
    /// Keep the record that the drill wrote in this new folder
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,
    /// Play it as an exercise on the Lifeboat that runs on --data (or --config), for those who sit before its screens:
    /// in real time, or with shorter waits by --pace
    #[arg(long, conflicts_with_all = ["keep", "json"])]
    live: bool,
    /// JSON lines: one object a measure, then one for the whole
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct MeasureLine<'m> {
    what: &'m str,
    within_minutes: Option<i64>,
    took_minutes: Option<i64>,
    met: bool,
}

#[derive(Serialize)]
struct WholeLine<'o> {
    drill: &'o str,
    title: &'o str,
    expected: usize,
    messages: usize,
    passed: bool,
    failures: &'o [String],
}

pub fn run(place: &Place, args: DrillArgs) -> Result<Ending, Failure> {
    match args.what {
        Drill::Run(args) if args.live => live(place, &args),
        Drill::Run(args) => play(&args),
        Drill::Check { file } => {
            let scenario = read(&file)?;
            println!("{}: {} steps. {}", scenario.file, scenario.steps.len(), scenario.title);
            Ok(Ending::Fine)
        }
    }
}

/// Reads a drill, or says which file and line cannot be read.
pub fn read(file: &Path) -> Result<Scenario, Failure> {
    let text = text(file)?;
    Scenario::parse(&file.display().to_string(), &text).map_err(|why| Failure::failed(why.to_string()))
}

fn live(place: &Place, args: &RunArgs) -> Result<Ending, Failure> {
    // Read here first, so that what cannot be read is said without a server.
    read(&args.file)?;
    let data = place.config()?.data;
    door::hand_over(&data, &args.file.display().to_string(), &text(&args.file)?, args.pace.unwrap_or(1))
}

fn text(file: &Path) -> Result<String, Failure> {
    let unread = |why: String| Failure::failed(format!("could not read {}: {why}", file.display()));
    let size = std::fs::metadata(file).map_err(|e| unread(e.to_string()))?.len();
    if size > FILE_BYTES_MAX {
        return Err(unread("it is larger than any drill".to_owned()));
    }
    std::fs::read_to_string(file).map_err(|e| unread(e.to_string()))
}

fn play(args: &RunArgs) -> Result<Ending, Failure> {
    let scenario = read(&args.file)?;
    let own = args.keep.is_none();
    let folder = args.keep.clone().unwrap_or_else(own_folder);
    if folder.exists() {
        return Err(Failure::usage(format!("{} is there already; name a new folder", folder.display())));
    }
    let mut before = scenario.start;
    let outcome = drill::play_watched(&scenario, &folder, Planted::Nothing, &mut |step| {
        if let Some(pace) = args.pace {
            let waits = step.at.milliseconds() - before.milliseconds();
            before = step.at;
            std::thread::park_timeout(Duration::from_millis(
                u64::try_from(waits).unwrap_or(0) / u64::from(pace),
            ));
            if !args.json {
                println!("{}", step.text);
            }
        }
    });
    if own {
        // A folder of the machine's own for what does not last; a leftover harms nobody.
        let _ = std::fs::remove_dir_all(&folder);
    }
    let outcome = outcome.map_err(|fault| Failure::failed(fault.to_string()))?;
    match args.json {
        true => show_json(&scenario, &outcome)?,
        false => show(&scenario, &outcome),
    }
    Ok(if outcome.passed() { Ending::Fine } else { Ending::NeedsAPerson })
}

fn own_folder() -> PathBuf {
    let mut chance = [0; 8];
    // Without chance the process's number still makes it this run's own.
    let _ = getrandom::fill(&mut chance);
    let name = format!("lifeboat-drill-{}-{:016x}", std::process::id(), u64::from_le_bytes(chance));
    std::env::temp_dir().join(name)
}

fn show(scenario: &Scenario, outcome: &Outcome) {
    println!("{}\n", scenario.title);
    let rows: Vec<Vec<String>> =
        outcome.measures.iter().map(|m| vec![verdict(m).to_owned(), time(m), m.what.clone()]).collect();
    table::print(&["", "time", "what was expected"], &rows);
    let met = outcome.expected - outcome.failures.len().min(outcome.expected);
    println!("\n{met} of {} expectations met; {} messages kept.", outcome.expected, outcome.messages);
    for failure in &outcome.failures {
        println!("  {failure}");
    }
}

fn verdict(measure: &Measure) -> &'static str {
    match (measure.met, measure.took_minutes) {
        (true, _) => "met",
        (false, Some(_)) => "LATE",
        (false, None) => "NOT MET",
    }
}

fn time(measure: &Measure) -> String {
    match (measure.took_minutes, measure.within_minutes) {
        (Some(took), Some(within)) => format!("{took} of {within} min"),
        (None, Some(within)) => format!("within {within} min"),
        _ => String::new(),
    }
}

fn show_json(scenario: &Scenario, outcome: &Outcome) -> Result<(), Failure> {
    let failed = |e: serde_json::Error| Failure::failed(e.to_string());
    for m in &outcome.measures {
        let line = MeasureLine {
            what: &m.what,
            within_minutes: m.within_minutes,
            took_minutes: m.took_minutes,
            met: m.met,
        };
        println!("{}", serde_json::to_string(&line).map_err(failed)?);
    }
    let whole = WholeLine {
        drill: &scenario.file,
        title: &scenario.title,
        expected: outcome.expected,
        messages: outcome.messages,
        passed: outcome.passed(),
        failures: &outcome.failures,
    };
    println!("{}", serde_json::to_string(&whole).map_err(failed)?);
    Ok(())
}

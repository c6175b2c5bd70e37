//! Figures: whole jobs, measured beside peers and physical limits in the same run, printed as ratios.
//!
//! Always: the peer or limit runs in the same round on the same machine, and medians of rounds are shown. Never a verdict
//! in a test: these machines are shared and noisy. `make bench` runs everything; docs/figures.md keeps what was seen.

mod clinics;
mod declare;
mod divert_plan;
mod divert_simulation;
mod examples;
mod import;
mod load;
mod mllp;
mod outbox;
mod packs;
mod parse;
mod postgres;
mod process;
mod public;

use std::path::{Path, PathBuf};

/// One measured figure, beside what it is held against.
pub struct Figure {
    /// What was measured.
    pub name: String,
    /// In words with units: "15,300 messages/s".
    pub measured: String,
    /// The peer or limit, in words with units.
    pub beside: String,
    /// Measured against beside, as wanted.
    pub ratio: f64,
    /// The ratio that is wanted.
    pub wanted: f64,
    /// True when a smaller ratio is better (times, memory).
    pub less_is_better: bool,
}

impl Figure {
    fn met(&self) -> bool {
        if self.less_is_better { self.ratio <= self.wanted } else { self.ratio >= self.wanted }
    }
}

/// Where things are.
pub struct Place {
    /// The checkout.
    pub root: PathBuf,
    /// A folder for this run's files, on the same disk as the checkout.
    pub scratch: PathBuf,
    /// Test data that nobody here wrote, if present.
    pub shared: Option<PathBuf>,
}

type Group = fn(&Place) -> anyhow::Result<Vec<Figure>>;

const GROUPS: [(&str, Group); 14] = [
    ("parse", parse::figures),
    ("mllp", mllp::figures),
    ("import", import::figures),
    ("find", examples::find),
    ("packs", packs::figures),
    ("record", examples::record),
    ("incident", examples::incident),
    ("declare", declare::figures),
    ("directory", examples::directory),
    ("outbox", outbox::figures),
    ("public", public::figures),
    ("clinics", clinics::figures),
    ("divert_plan", divert_plan::figures),
    ("divert_simulation", divert_simulation::figures),
];

/// Runs the groups whose name contains `only`, or all; a group that cannot run says why and the others go on.
pub fn run(only: Option<&str>) -> anyhow::Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize()?;
    let scratch = root.join("target/bench");
    if scratch.exists() {
        std::fs::remove_dir_all(&scratch)?;
    }
    std::fs::create_dir_all(&scratch)?;
    let shared = std::env::var_os("LIFEBOAT_SHARED_DATA").map_or(root.join("../shared/data"), PathBuf::from);
    let place = Place { root, scratch, shared: shared.is_dir().then_some(shared) };
    let mut failed = Vec::new();
    for (name, group) in GROUPS.iter().filter(|(name, _)| only.is_none_or(|o| name.contains(o))) {
        eprintln!("measuring {name} …");
        match group(&place) {
            Ok(figures) => figures.iter().for_each(show),
            Err(error) => failed.push(format!("{name}: {error:#}")),
        }
    }
    for failure in &failed {
        println!("not measured: {failure}");
    }
    anyhow::ensure!(failed.is_empty(), "{} of the groups could not be measured", failed.len());
    Ok(())
}

fn show(figure: &Figure) {
    let bound = if figure.less_is_better { "at most" } else { "at least" };
    let met = if figure.met() { "met" } else { "NOT met" };
    println!(
        "{:<58} {:>26}  beside {:<34} ratio {:>8.2}  wanted {bound} {:<6} {met}",
        figure.name, figure.measured, figure.beside, figure.ratio, figure.wanted
    );
}

/// The middle of the values; 0 for none.
pub fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or(0.0)
}

/// A number with its thousands parted: 15300 → "15,300".
pub fn grouped(value: f64) -> String {
    let digits = format!("{value:.0}");
    let mut out = String::new();
    for (place, c) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) && c.is_ascii_digit() {
            out.push(',');
        }
        out.push(c);
    }
    out
}

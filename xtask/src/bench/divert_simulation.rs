//! The divert simulation of London: what plan and deflect does beside "nearest open" in the same runs, and Erlang-C.
//!
//! Always: the default seed of `lifeboat divert simulate`, so that anybody can repeat it; these figures do not hang on the
//! machine. `drill/examples/divert_simulation.rs` plays it, docs/divert_simulation.md says what it assumes.

use super::examples::{value, values};
use super::{Figure, Place};
use anyhow::Context;

/// 12 hours of divert, 40 runs, a board 30 minutes old; then eight draws of other capacities.
pub fn figures(place: &Place) -> anyhow::Result<Vec<Figure>> {
    let shared = place.shared.as_ref().context("the shared data are not here")?.canonicalize()?;
    let london = shared.join("divert/london_150.json");
    let path = london.to_str().context("a path that is not text")?;
    let v = values(place, "drill", "divert_simulation", &[path])?;
    let beside = |name: &str, what: &str, wanted: f64| -> anyhow::Result<Figure> {
        let ratio = value(&v, &format!("{name}_ratio"))?;
        Ok(Figure {
            name: format!("plan and deflect, {what}"),
            measured: format!("{:.1} min", value(&v, &format!("plan_and_deflect_{}_min", key(name)))?),
            beside: format!("nearest open {:.1} min", value(&v, &format!("nearest_open_{}_min", key(name)))?),
            ratio,
            wanted,
            less_is_better: true,
        })
    };
    let bounded = |name: &str, shown: &str, unit: &str, bound: f64, less: bool| -> anyhow::Result<Figure> {
        let got = value(&v, name)?;
        Ok(Figure {
            name: shown.to_owned(),
            measured: format!("{got:.3} {unit}"),
            beside: format!("{bound} {unit} asked for"),
            ratio: got / bound,
            wanted: 1.0,
            less_is_better: less,
        })
    };
    Ok(vec![
        beside("mean", "mean handover wait", 0.41)?,
        beside("worst", "worst site's handover wait", 0.34)?,
        bounded("travel_more_min", "plan and deflect, more travel than nearest open", "min", 1.3, true)?,
        bounded("draws_better", "draws of capacities in which it is better", "of 8", 8.0, false)?,
        bounded("erlang_off", "ambulance waits off the priority Erlang-C formula", "", 0.05, true)?,
    ])
}

/// The name of a figure in what the example prints.
fn key(ratio: &str) -> &'static str {
    if ratio == "worst" { "worst" } else { "wait" }
}

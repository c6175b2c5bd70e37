//! The divert planner on London and England: from cold, after one site changed, and beside OR-tools' minimum cost flow.
//!
//! Always: our time is everything from a checked instance to a plan that can be shown (all levels, comparisons, cuts);
//! OR-tools' is solving alone of one level, the least travel, on the same groups, sites and caps. Both are time on the
//! processor of one thread in the same run, and the values must agree.

use super::examples::{value, values};
use super::process::run;
use super::{Figure, Place};
use anyhow::Context;
use std::path::Path;
use std::process::Command;

/// Cold, changed and beside the peer, for London and for England.
pub fn figures(place: &Place) -> anyhow::Result<Vec<Figure>> {
    let shared = place.shared.as_ref().context("the shared data are not here")?.canonicalize()?;
    let file = |name: &str| shared.join("divert").join(format!("{name}.json"));
    let (london, england) = (file("london"), file("england"));
    let text = |path: &Path| path.to_str().map(str::to_owned).context("a path that is not text");
    let v = values(place, "planning", "measure_diverts", &[&text(&london)?, &text(&england)?])?;
    let at_most = |name: &str, shown: String, bound: f64| -> anyhow::Result<Figure> {
        let got = value(&v, name)?;
        Ok(Figure {
            name: shown,
            measured: format!("{got:.1} ms"),
            beside: format!("{bound} ms allowed"),
            ratio: got / bound,
            wanted: 1.0,
            less_is_better: true,
        })
    };
    let mut figures = Vec::new();
    for (key, name, path, cold_ms) in
        [("london", "London", &london, 150.0), ("england", "England", &england, 1_200.0)]
    {
        let cold = value(&v, &format!("{key}_cold_ms"))?;
        figures.push(at_most(
            &format!("{key}_cold_ms"),
            format!("divert plan of {name} from cold"),
            cold_ms,
        )?);
        for (change, shown) in [("figures", "new figures from one site"), ("open", "one site open again")] {
            let name = format!("{name} planned again, {shown}");
            figures.push(at_most(&format!("{key}_changed_{change}_ms"), name, cold_ms / 10.0)?);
        }
        let (peer_ms, peer_value, our_value) = peer(place, key, path)?;
        anyhow::ensure!(
            (peer_value / our_value - 1.0).abs() < 1e-5,
            "{name}: least travel is {our_value} here and {peer_value} by OR-tools"
        );
        figures.push(Figure {
            name: format!("{name}, all levels, beside least travel alone"),
            measured: format!("{cold:.1} ms"),
            beside: format!("{peer_ms:.1} ms OR-tools"),
            ratio: peer_ms / cold,
            wanted: 3.0,
            less_is_better: false,
        });
    }
    Ok(figures)
}

/// OR-tools' milliseconds and value on the least-travel problem of an instance, and our value.
fn peer(place: &Place, key: &str, instance: &Path) -> anyhow::Result<(f64, f64, f64)> {
    let program = place.root.join("target/release/examples/measure_diverts");
    let written = run(Command::new(program).arg("problem").arg(instance))?.stdout;
    let head = written.lines().next().and_then(|l| l.rsplit(' ').next());
    let ours: f64 = head.and_then(|v| v.parse().ok()).context("the problem has no value")?;
    let problem = place.scratch.join(format!("{key}.txt"));
    std::fs::write(&problem, written)?;
    let python = place.root.join(".venv/bin/python3");
    let script = place.root.join("bench/peers/ortools_flow.py");
    let out = run(Command::new(python).arg(script).arg(&problem).arg("5"))?.stdout;
    let mut numbers = out.split_whitespace().filter_map(|n| n.parse::<f64>().ok());
    let seconds = numbers.next().context("OR-tools printed nothing")?;
    Ok((seconds * 1e3, numbers.next().context("OR-tools printed no value")?, ours))
}

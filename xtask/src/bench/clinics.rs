//! Clinic rescue: selection of a known list and of random ones, six weeks of bookings rated again, notices, letters.

use super::examples::{at_most, value, values};
use super::{Figure, Place};
use anyhow::Context;
use serde_json::Value;
use std::process::Command;
use std::time::Instant;

pub fn figures(place: &Place) -> anyhow::Result<Vec<Figure>> {
    let mut figures = Vec::new();
    figures.extend(known_list(place)?);
    let random = values(place, "planning", "measure_selection", &[])?;
    for (which, words) in
        [("day", "30 random days of 200"), ("crowded", "30 lists of 200, three times too full")]
    {
        let of = |class: &str| value(&random, &format!("{which}_greedy_of_optimum_{class}"));
        let (a, b, c, d) = (of("a")?, of("b")?, of("c")?, of("d")?);
        let proved = value(&random, &format!("{which}_optima_proved_of_30"))?;
        figures.push(Figure {
            name: format!("class A kept by the usual order, {words}"),
            measured: format!("{a:.1} % (B {b:.1}, C {c:.1}, D {d:.1})"),
            beside: format!("optimum; {proved:.0} of 30 proved"),
            ratio: a / 100.0,
            wanted: 0.98,
            less_is_better: false,
        });
    }
    let room = values(place, "control_room", "measure_clinics", &["60000"])?;
    anyhow::ensure!(value(&room, "notices_twice")? < 1.0, "a notice was planned a second time");
    let notices = value(&room, "notices")?;
    figures.push(at_most(
        &room,
        "rated_again_worst_s",
        "60,000 bookings rated again, worst of 10",
        "s",
        1.0,
    )?);
    figures.push(at_most(&room, "list_p99_ms", "any list of them, p99", "ms", 50.0)?);
    let planned = format!("{notices:.0} notices planned and sealed");
    figures.push(at_most(&room, "notices_planned_and_sealed_s", &planned, "s", 10.0)?);
    let letters = values(place, "paper", "letters", &[])?;
    figures.push(at_most(&letters, "letters_standard_s", "20,000 letters as one PDF", "s", 60.0)?);
    figures.push(at_most(&letters, "letters_large_print_s", "the same in large print", "s", 60.0)?);
    Ok(figures)
}

/// `lifeboat clinics triage` of the known list, the whole command; nothing where the list is not at hand.
#[allow(clippy::disallowed_methods, reason = "this is where time is measured")]
fn known_list(place: &Place) -> anyhow::Result<Option<Figure>> {
    let Some(list) = place.shared.as_ref().map(|dir| dir.join("clinics/clinic.json")).filter(|p| p.is_file())
    else {
        eprintln!("clinics/clinic.json is not at hand: the known optimum is not measured");
        return Ok(None);
    };
    let file: Value = serde_json::from_slice(&std::fs::read(&list)?)?;
    let known = file.pointer("/best_known/lexicographic_kept").context("the best known optimum")?;
    let program = place.root.join("target/release/lifeboat");
    let mut seconds = Vec::new();
    for _ in 0..5 {
        let begin = Instant::now();
        let out = Command::new(&program).args(["clinics", "triage"]).arg(&list).arg("--json").output()?;
        seconds.push(begin.elapsed().as_secs_f64());
        // It ends with 3 where somebody of class A must go to a clinician, as on this list.
        anyhow::ensure!(matches!(out.status.code(), Some(0 | 3)), "lifeboat clinics triage: {}", out.status);
        let last =
            out.stdout.split(|byte| *byte == b'\n').rfind(|line| line.starts_with(b"{\"kind\":\"sum\""));
        let sum: Value = serde_json::from_slice(last.context("a line with the sums")?)?;
        let optimum = sum.get("optimum").context("the optimum")?;
        anyhow::ensure!(optimum == known, "the optimum is {optimum}, the best known is {known}");
    }
    let took = super::median(&seconds);
    Ok(Some(Figure {
        name: "the known list selected exactly, whole command".to_owned(),
        measured: format!("{took:.3} s"),
        beside: "1 s allowed".to_owned(),
        ratio: took,
        wanted: 1.0,
        less_is_better: true,
    }))
}

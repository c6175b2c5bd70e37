//! A day's plan as it is shown: class A that needs somebody first, then counts and reasons; for scripts one line a booking.

use super::plan::Shown;
use crate::{json, table};
use care::appointments::Step;
use planning::clinics::{Booking, Class, Counts, Outcome, Proof};
use serde::Serialize;

/// Bookings to postpone that are shown to people; those of class A are shown all, and `--json` has everybody.
const ROWS_MAX: usize = 40;

fn ids(shown: &Shown<'_>, indices: &[usize]) -> Vec<String> {
    let id = |index: &usize| shown.plan.instance.bookings.get(*index).map(|b: &Booking| b.id.clone());
    indices.iter().filter_map(id).collect()
}

/// "67 of A, 45 of B, 43 of C, 98 of D".
fn words(counts: Counts) -> String {
    let one = |class: Class| format!("{} of {}", counts.of(class), class.letter());
    Class::ALL.map(one).join(", ")
}

/// Words of a file may hold anything, terminal commands too.
fn without_control(line: &str) -> String {
    line.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

pub fn for_people(shown: &Shown<'_>) {
    let plan = shown.plan;
    let mut rows: Vec<(Step, String)> = Vec::new();
    for ((booking, verdict), proposal) in
        plan.instance.bookings.iter().zip(&plan.verdicts).zip(&plan.proposals)
    {
        let what = match proposal.step {
            Step::Keep => continue,
            Step::Postpone => "postpone ",
            Step::Escalate { .. } => "CLINICIAN",
        };
        let class = verdict.class.letter();
        let words =
            format!("{what}  {}  {class}  {}\n           {}", booking.id, verdict.words(), proposal.words);
        rows.push((proposal.step, words));
    }
    // Class A first; the sort keeps the order of the list among equals.
    rows.sort_by_key(|(step, _)| *step == Step::Postpone);
    let escalated = rows.iter().filter(|(step, _)| *step != Step::Postpone).count();
    let shown_max = escalated + ROWS_MAX;
    for (_, words) in rows.iter().take(shown_max) {
        words.lines().for_each(|line| table::put(&without_control(line)));
    }
    if rows.len() > shown_max {
        table::put(&format!("and {} more to postpone; --json has all", rows.len() - shown_max));
    }
    let kept = plan.selection.kept;
    table::put(&format!("kept        {:>6}   {}", kept.sum(), words(kept)));
    for (what, counts) in [
        ("blocked", plan.selection.blocked(&plan.instance)),
        ("no room", plan.selection.let_go(&plan.instance)),
    ] {
        table::put(&format!("{what:<11} {:>6}   {}", counts.sum(), words(counts)));
    }
    if let Some(before) = shown.as_it_is {
        table::put(&format!("as it is    {:>6}   {}", before.sum(), words(before)));
    }
    let best = &plan.optimum;
    if best.swap.also.is_empty() && best.proof == Proof::Optimal {
        table::put("no other choice keeps more");
    } else if !best.swap.also.is_empty() {
        table::put(&format!(
            "you could also keep {} in place of {}: {}",
            best.swap.also.len(),
            best.swap.instead_of.len(),
            words(best.selection.kept)
        ));
    }
    if let Proof::AtMost(most) = best.proof {
        table::put(&format!("the search was cut short; no choice keeps more than {}", words(most)));
    }
    if shown.rules.thresholds.signed_off_by.is_none() {
        table::put("These rules are proposals; nobody has signed them off locally yet.");
    }
}

#[derive(Serialize)]
struct ByClass {
    #[serde(rename = "A")]
    a: u32,
    #[serde(rename = "B")]
    b: u32,
    #[serde(rename = "C")]
    c: u32,
    #[serde(rename = "D")]
    d: u32,
}

impl From<Counts> for ByClass {
    fn from(counts: Counts) -> Self {
        let Counts([a, b, c, d]) = counts;
        Self { a, b, c, d }
    }
}

#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Line<'a> {
    Booking {
        id: &'a str,
        session: Option<&'a str>,
        recognised_as: Option<&'a str>,
        class: char,
        doable: bool,
        rules: Vec<&'static str>,
        why: String,
        decision: &'static str,
        reason: &'a str,
        clinician_within_min: Option<u32>,
        in_optimum: bool,
    },
    Sum {
        name: &'a str,
        bookings: usize,
        kept: ByClass,
        blocked: ByClass,
        no_room: ByClass,
        first_come: ByClass,
        optimum: ByClass,
        proved: bool,
        at_most: ByClass,
        also_keep: Vec<String>,
        instead_of: Vec<String>,
        as_it_is: Option<ByClass>,
        signed_off_by: Option<&'a str>,
    },
}

pub fn for_scripts(shown: &Shown<'_>) {
    let plan = shown.plan;
    let parts = plan.instance.bookings.iter().zip(&plan.verdicts).zip(&plan.proposals);
    for (((booking, verdict), proposal), best) in parts.zip(&plan.optimum.selection.outcomes) {
        let (decision, clinician_within_min) = match proposal.step {
            Step::Keep => ("keep", None),
            Step::Postpone => ("postpone", None),
            Step::Escalate { within_min } => ("escalate", Some(within_min)),
        };
        json::line(&Line::Booking {
            id: &booking.id,
            session: plan.instance.sessions.get(booking.session).map(|s| s.name.as_str()),
            recognised_as: verdict.kind.as_deref(),
            class: verdict.class.letter(),
            doable: verdict.doable,
            rules: verdict.grounds.iter().map(|g| g.rule.number()).collect(),
            why: verdict.words(),
            decision,
            reason: &proposal.words,
            clinician_within_min,
            in_optimum: *best == Outcome::Kept,
        });
    }
    let best = &plan.optimum;
    let at_most = match best.proof {
        Proof::Optimal => best.selection.kept,
        Proof::AtMost(most) => most,
    };
    json::line(&Line::Sum {
        name: &shown.list.name,
        bookings: plan.instance.bookings.len(),
        kept: plan.selection.kept.into(),
        blocked: plan.selection.blocked(&plan.instance).into(),
        no_room: plan.selection.let_go(&plan.instance).into(),
        first_come: shown.first_come.into(),
        optimum: best.selection.kept.into(),
        proved: best.proof == Proof::Optimal,
        at_most: at_most.into(),
        also_keep: ids(shown, &best.swap.also),
        instead_of: ids(shown, &best.swap.instead_of),
        as_it_is: shown.as_it_is.map(Into::into),
        signed_off_by: shown.rules.thresholds.signed_off_by.as_deref(),
    });
}

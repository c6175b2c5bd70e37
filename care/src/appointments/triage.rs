//! Triage of one booking: its class, whether it can be done, and the rule and a sentence for everything that was decided.
//!
//! R0 what is down; R1 never cancelled by rule (A); B, C, D by kind or priority; R2 long waits and earlier cancellations;
//! K a kind that no rule knows. Always: every verdict has a ground; the strictest rule wins; nobody sinks below urgent
//! because nobody said what the booking is. Never: postcode, cost, or a class lowered. From
//! `DIVERT_AND_TRIAGE`'s rules, which are proposals to be signed off locally. Proved by `tests/clinic_triage.rs`.

use super::rules::{Kind, TriageRules};
use super::works::{SystemWorks, Works};
use crate::problems::folded;
use planning::clinics::Class;

/// A booking as far as triage needs to know it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Case {
    /// Its number on the list.
    pub id: String,
    /// What the list calls its kind; empty when it does not.
    pub kind: String,
    /// Service, clinic and reason in the sender's words: where a kind is looked for when none is named.
    pub words: Vec<String>,
    /// Priority in the sender's words: "urgent", "P2", "routine".
    pub priority: String,
    /// The class that the list itself gives, if any: it may make stricter, never less strict.
    pub class_on_list: Option<Class>,
    /// Systems needed, where the list says so; `None`: as the kind's rule says.
    pub needs: Option<Vec<String>>,
    /// Systems that the list says it can be done without.
    pub can_do_without: Vec<String>,
    /// What it uses of what is counted, where the list says so; `None`: as the kind's rule says.
    pub uses: Option<Vec<(String, u32)>>,
    /// Weeks since the referral.
    pub waited_weeks: u32,
    /// How often it was cancelled before.
    pub cancelled_before: u32,
    /// Day of the faster diagnosis clock, while it runs.
    pub faster_diagnosis_day: Option<u32>,
    /// Day of the clock from referral to cancer treatment, while it runs.
    pub cancer_treatment_day: Option<u32>,
}

/// A rule.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Rule {
    /// What is needed and down.
    R0,
    /// Never cancelled by rule.
    R1,
    /// Urgent.
    B,
    /// Soon.
    C,
    /// Routine.
    D,
    /// Long waits, earlier cancellations.
    R2,
    /// No rule knows the kind.
    K,
}

impl Rule {
    /// Its number, as written beside a decision.
    pub fn number(self) -> &'static str {
        match self {
            Self::R0 => "R0",
            Self::R1 => "R1",
            Self::B => "B",
            Self::C => "C",
            Self::D => "D",
            Self::R2 => "R2",
            Self::K => "K",
        }
    }

    fn of(class: Class) -> Self {
        match class {
            Class::A => Self::R1,
            Class::B => Self::B,
            Class::C => Self::C,
            Class::D => Self::D,
        }
    }
}

/// Why something was decided.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Ground {
    /// By which rule.
    pub rule: Rule,
    /// In a sentence.
    pub words: String,
}

/// What triage says of a booking.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Verdict {
    /// Its class.
    pub class: Class,
    /// Whether it can be done with what works, or with what stands in safely.
    pub doable: bool,
    /// The kind that was recognised.
    pub kind: Option<String>,
    /// Every rule that applied: what made the class first, then what is down.
    pub grounds: Vec<Ground>,
    /// What it uses of what is counted.
    pub uses: Vec<(String, u32)>,
    /// Days until its tightest clock runs out, negative when past.
    pub slack_days: Option<i32>,
}

impl Verdict {
    /// The grounds as one line: "R1: …; R0: …".
    pub fn words(&self) -> String {
        let one = |g: &Ground| format!("{}: {}", g.rule.number(), g.words);
        self.grounds.iter().map(one).collect::<Vec<_>>().join("; ")
    }
}

/// Says what class a booking is of and whether it can be done.
pub fn triage(case: &Case, rules: &TriageRules, works: &Works) -> Verdict {
    let kinds = recognised(case, rules);
    let kind = kinds.first().copied();
    let mut grounds = Vec::new();
    let class = class_of(case, kind, rules, &mut grounds);
    let doable = doable(case, &kinds, rules, works, &mut grounds);
    let uses = case.uses.clone().unwrap_or_else(|| uses_of(&kinds, rules));
    let left = |day: Option<u32>, limit: u32| day.map(|day| signed(limit) - signed(day));
    let slack_days = [
        left(case.faster_diagnosis_day, rules.thresholds.faster_diagnosis_limit_days),
        left(case.cancer_treatment_day, rules.thresholds.cancer_treatment_limit_days),
    ];
    let slack_days = slack_days.into_iter().flatten().min();
    Verdict { class, doable, kind: kind.map(|k| k.name().to_owned()), grounds, uses, slack_days }
}

fn signed(days: u32) -> i32 {
    i32::try_from(days).unwrap_or(i32::MAX)
}

/// The kinds that a booking is of: what its class goes by first, then what else its words name and it therefore needs as well
/// ("CT chest, suspected cancer" is a clinic of suspected cancer that needs the scanner). A list that names the kind means
/// that one alone; a follow-up's words tell of other visits, so what they name is not needed for it.
fn recognised<'a>(case: &Case, rules: &'a TriageRules) -> Vec<&'a Kind> {
    if let Some(kind) = rules.kind_called(&case.kind) {
        return vec![kind];
    }
    let named = rules.kinds_within(&case.kind);
    let (first, beside) = match rules.kind_within(&case.kind) {
        Some(first) => (Some(first), named),
        None => {
            // "Follow-up" of a service must not hide "dialysis" of the reason: of several kinds the strictest.
            let best = case.words.iter().filter_map(|text| rules.kind_within(text));
            let first = best.min_by_key(|kind| kind.class);
            (first, case.words.iter().flat_map(|text| rules.kinds_within(text)).collect())
        }
    };
    let Some(first) = first else { return Vec::new() };
    let mut kinds = vec![first];
    if !beside.iter().any(|kind| kind.speaks_of_other_visits) {
        for kind in beside {
            if !kinds.iter().any(|known| known.names == kind.names) {
                kinds.push(kind);
            }
        }
    }
    kinds
}

/// What kinds use of what is counted; of one system the most.
fn uses_of(kinds: &[&Kind], rules: &TriageRules) -> Vec<(String, u32)> {
    let mut uses: Vec<(String, u32)> = Vec::new();
    for (system, count) in kinds.iter().flat_map(|kind| &kind.uses) {
        match uses.iter_mut().find(|(known, _)| rules.same_system(known, system)) {
            Some((_, most)) => *most = (*most).max(*count),
            None => uses.push((system.clone(), *count)),
        }
    }
    uses
}

/// The class by kind, priority and clocks; the strictest wins, and each that made it stricter is named.
fn class_of(case: &Case, kind: Option<&Kind>, rules: &TriageRules, grounds: &mut Vec<Ground>) -> Class {
    let (mut class, ground) = by_kind(case, kind);
    let mut decided = vec![ground];
    if let Some(on_list) = case.class_on_list
        && (on_list < class || kind.is_none())
    {
        class = on_list;
        decided =
            vec![Ground { rule: Rule::of(class), words: format!("the list says class {}", class.letter()) }];
    }
    if let Some((by_priority, words)) = surgical_priority(&case.priority)
        && by_priority < class
    {
        class = by_priority;
        decided = vec![Ground { rule: Rule::of(class), words }];
    }
    let clocks = clocks(case, rules);
    if !clocks.is_empty() {
        if class > Class::A {
            decided.clear();
        }
        class = Class::A;
        decided.extend(clocks);
    }
    if let Some((up, words)) = moved_up(case, class, rules) {
        class = up;
        decided.push(Ground { rule: Rule::R2, words });
    }
    grounds.append(&mut decided);
    class
}

fn by_kind(case: &Case, kind: Option<&Kind>) -> (Class, Ground) {
    let Some(kind) = kind else {
        let words = "no rule knows this kind of booking; it counts as urgent until somebody says what it is";
        return (Class::B, Ground { rule: Rule::K, words: words.to_owned() });
    };
    let urgent = says_urgent(&case.priority).then_some(kind.class_when_urgent).flatten();
    if let Some(class) = urgent.filter(|class| *class < kind.class) {
        let words = format!("{}, marked urgent", kind.name());
        return (class, Ground { rule: Rule::of(class), words });
    }
    let words = match (kind.class, kind.why.as_str()) {
        (Class::A, why) => format!("{} is never cancelled by rule: {why}", kind.name()),
        (_, "") => kind.name().to_owned(),
        (_, why) => format!("{}: {why}", kind.name()),
    };
    (kind.class, Ground { rule: Rule::of(kind.class), words })
}

/// Priorities of surgery (Federation of Surgical Specialty Associations' guide).
fn surgical_priority(priority: &str) -> Option<(Class, String)> {
    let words = folded(priority);
    let of = |word: &str| match word {
        "p1a" | "1a" => Some((Class::A, "within 24 hours")),
        "p1b" | "1b" | "p1" => Some((Class::A, "within 72 hours")),
        "p2" => Some((Class::B, "within 4 weeks")),
        "p3" => Some((Class::C, "within 3 months")),
        "p4" => Some((Class::D, "after 3 months")),
        _ => None,
    };
    let (class, time) = words.split(' ').filter_map(of).min_by_key(|(class, _)| *class)?;
    Some((class, format!("surgical priority {}: {time}", priority.trim())))
}

fn says_urgent(priority: &str) -> bool {
    const URGENT: [&str; 8] =
        ["urgent", "emergency", "stat", "asap", "2ww", "two week wait", "suspected cancer", "soon"];
    let words = format!(" {} ", folded(priority));
    !words.contains(" non urgent ")
        && !words.contains(" not urgent ")
        && URGENT.iter().any(|word| words.contains(&format!(" {word} ")))
}

/// R1 by the cancer clocks.
fn clocks(case: &Case, rules: &TriageRules) -> Vec<Ground> {
    let t = &rules.thresholds;
    let diagnosis = (
        case.faster_diagnosis_day,
        t.faster_diagnosis_from_day,
        t.faster_diagnosis_limit_days,
        "faster diagnosis",
    );
    let treatment = (
        case.cancer_treatment_day,
        t.cancer_treatment_from_day,
        t.cancer_treatment_limit_days,
        "referral to cancer treatment",
    );
    [diagnosis, treatment]
        .into_iter()
        .filter_map(|(day, from, limit, what)| Some((day.filter(|day| *day >= from)?, from, limit, what)))
        .map(|(day, from, limit, what)| Ground {
            rule: Rule::R1,
            words: format!("{what}, day {day} of {limit}; from day {from} on it is never cancelled by rule"),
        })
        .collect()
}

/// R2: only C and D move, and only up.
fn moved_up(case: &Case, class: Class, rules: &TriageRules) -> Option<(Class, String)> {
    if class < Class::C {
        return None;
    }
    let t = &rules.thresholds;
    if case.waited_weeks >= t.long_wait_weeks {
        let words = format!("waiting {} weeks, {} or more: urgent", case.waited_weeks, t.long_wait_weeks);
        return Some((Class::B, words));
    }
    if case.cancelled_before >= t.cancelled_before {
        let up = if class == Class::C { Class::B } else { Class::C };
        let times = match case.cancelled_before {
            1 => "once".to_owned(),
            times => format!("{times} times"),
        };
        return Some((
            up,
            format!("cancelled {times} before: one class up, from {} to {}", class.letter(), up.letter()),
        ));
    }
    None
}

/// R0: every system that is needed and does not work, and what stands in for it.
fn doable(
    case: &Case,
    kinds: &[&Kind],
    rules: &TriageRules,
    works: &Works,
    grounds: &mut Vec<Ground>,
) -> bool {
    let of_kinds = needs_of(kinds, rules);
    let said: Option<Vec<(&str, Option<&Kind>)>> = case
        .needs
        .as_ref()
        .map(|needs| needs.iter().map(|need| (need.as_str(), kinds.first().copied())).collect());
    let mut doable = true;
    for (need, kind) in said.unwrap_or(of_kinds) {
        let name = rules.system(need).map_or(need, |s| s.name());
        let words = match rules.works(works, need) {
            SystemWorks::Works | SystemWorks::Unknown => continue,
            SystemWorks::Down(why) => match stands_in(case, kind, rules, need) {
                Some(instead) => format!("needs {name}, which is {why}; instead: {instead}"),
                None => {
                    doable = false;
                    format!("needs {name}, which is {why}, and nothing stands in for it safely")
                }
            },
        };
        grounds.push(Ground { rule: Rule::R0, words });
    }
    doable
}

/// What kinds need, each system once, with the kind that needs it: the first kind's way without it counts.
fn needs_of<'a>(kinds: &[&'a Kind], rules: &TriageRules) -> Vec<(&'a str, Option<&'a Kind>)> {
    let mut needs: Vec<(&str, Option<&Kind>)> = Vec::new();
    for kind in kinds {
        for need in &kind.needs {
            if !needs.iter().any(|(known, _)| rules.same_system(known, need)) {
                needs.push((need, Some(kind)));
            }
        }
    }
    needs
}

/// What stands in safely for a system: the kind's own way first, then the list's word, then what serves every kind.
fn stands_in(case: &Case, kind: Option<&Kind>, rules: &TriageRules, need: &str) -> Option<String> {
    let own = kind.and_then(|k| k.without.iter().find(|(name, _)| rules.same_system(name, need)));
    if let Some((_, instead)) = own {
        return Some(instead.clone());
    }
    if case.can_do_without.iter().any(|name| rules.same_system(name, need)) {
        return Some("the list says that it can be done without".to_owned());
    }
    rules.system(need).map(|s| s.without.clone()).filter(|words| !words.is_empty())
}

//! The rules by which bookings are told apart: kinds with their class and needs, systems with their names, thresholds.
//!
//! Always: words that a hospital edits (`forms/clinics/`), checked as one set; a set with a fault is not used at all.
//! Never: a threshold that is not in here. Read by `format`, applied by `triage`; proved by `tests/clinic_rules.rs`.

use super::Works;
use super::works::SystemWorks;
use crate::problems::folded;
use planning::clinics::Class;
use std::collections::HashMap;

/// What a set of rules may hold.
pub const KINDS_MAX: usize = 500;
/// Systems.
pub const SYSTEMS_MAX: usize = 200;
/// Other names of one kind or system; needs of one kind.
pub const NAMES_MAX: usize = 40;

/// A kind of booking.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Kind {
    /// Its name and other names; never empty.
    pub names: Vec<String>,
    /// Its class.
    pub class: Class,
    /// The class when the booking is marked urgent.
    pub class_when_urgent: Option<Class>,
    /// Why, for class A.
    pub why: String,
    /// Systems it needs.
    pub needs: Vec<String>,
    /// What stands in safely for a system: its name, and what is done instead.
    pub without: Vec<(String, String)>,
    /// What it uses of what is counted: the system's name, and how many.
    pub uses: Vec<(String, u32)>,
    /// Its words may name what was done or will be done at another time: "follow-up, review CT".
    pub speaks_of_other_visits: bool,
}

/// A system that bookings need.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SystemRule {
    /// Its name and other names; never empty.
    pub names: Vec<String>,
    /// What stands in safely for every kind; empty for nothing.
    pub without: String,
    /// What of it is counted: "laboratory tests"; empty when nothing is.
    pub counted_in: String,
}

/// When a booking counts as more urgent than its kind. To be signed off locally.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Thresholds {
    /// Who signed them off; `None`: nobody yet, and every list says so.
    pub signed_off_by: Option<String>,
    /// Class A from this day of the faster diagnosis clock on.
    pub faster_diagnosis_from_day: u32,
    /// Days of the faster diagnosis clock.
    pub faster_diagnosis_limit_days: u32,
    /// Class A from this day of the clock from referral to cancer treatment on.
    pub cancer_treatment_from_day: u32,
    /// Days of that clock.
    pub cancer_treatment_limit_days: u32,
    /// Class B from so many weeks of waiting on (C and D only).
    pub long_wait_weeks: u32,
    /// One class up from so many earlier cancellations on (C and D only).
    pub cancelled_before: u32,
    /// Minutes until a named clinician has a booking of class A that cannot be kept.
    pub clinician_within_min: u32,
    /// Days from referral to treatment.
    pub referral_limit_days: u32,
    /// Days after its own day within which a postponed booking of class A, B, C, D is made up for.
    pub rebook_days: [u32; 4],
}

/// A checked set of rules.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TriageRules {
    /// Kinds, in the order of the files.
    pub kinds: Vec<Kind>,
    /// Systems.
    pub systems: Vec<SystemRule>,
    /// Thresholds.
    pub thresholds: Thresholds,
    names: Names,
}

/// Where a folded name leads: tens of thousands of bookings are told apart within a second.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
struct Names {
    /// The kind of a whole name.
    kinds: HashMap<String, usize>,
    /// Names by their first word, with the kind.
    within: HashMap<String, Vec<(String, usize)>>,
    /// The system of a whole name.
    systems: HashMap<String, usize>,
}

impl Names {
    fn of(kinds: &[Kind], systems: &[SystemRule]) -> Self {
        let mut names = Self::default();
        for (index, kind) in kinds.iter().enumerate() {
            for name in kind.names.iter().map(|n| folded(n)).filter(|n| !n.is_empty()) {
                names.kinds.entry(name.clone()).or_insert(index);
                let first = name.split(' ').next().unwrap_or_default().to_owned();
                names.within.entry(first).or_default().push((name, index));
            }
        }
        for (index, system) in systems.iter().enumerate() {
            for name in system.names.iter().map(|n| folded(n)) {
                names.systems.entry(name).or_insert(index);
            }
        }
        names
    }
}

impl Kind {
    /// What people call it.
    pub fn name(&self) -> &str {
        self.names.first().map_or("", String::as_str)
    }
}

impl SystemRule {
    /// What people call it.
    pub fn name(&self) -> &str {
        self.names.first().map_or("", String::as_str)
    }
}

impl TriageRules {
    /// A set of rules whose parts fit each other; `format` checks that they do.
    pub fn new(kinds: Vec<Kind>, systems: Vec<SystemRule>, thresholds: Thresholds) -> Self {
        Self { names: Names::of(&kinds, &systems), kinds, systems, thresholds }
    }

    /// The kind that a list calls so, in full.
    pub fn kind_called(&self, name: &str) -> Option<&Kind> {
        self.kinds.get(*self.names.kinds.get(&folded(name))?)
    }

    /// The kind whose name stands in the text as whole words; of several the longest name's.
    pub fn kind_within(&self, text: &str) -> Option<&Kind> {
        let longest = |(letters, kind): &(usize, usize)| (*letters, std::cmp::Reverse(*kind));
        let (_, kind) = self.named_in(&folded(text)).into_iter().max_by_key(longest)?;
        self.kinds.get(kind)
    }

    /// Every kind whose name stands in the text as whole words, in the text's order; a word belongs to the longest name that
    /// begins with it or before it.
    pub fn kinds_within(&self, text: &str) -> Vec<&Kind> {
        let named = self.named_in(&folded(text));
        named.into_iter().filter_map(|(_, kind)| self.kinds.get(kind)).collect()
    }

    /// Names in a folded text, from its left, the longest at each place: their letters and kinds.
    fn named_in(&self, text: &str) -> Vec<(usize, usize)> {
        let mut found = Vec::new();
        let mut rest = text;
        while !rest.is_empty() {
            let (word, after) = rest.split_once(' ').unwrap_or((rest, ""));
            let whole =
                |name: &str| rest.strip_prefix(name).is_some_and(|r| r.is_empty() || r.starts_with(' '));
            let names = self.names.within.get(word).into_iter().flatten();
            let longest = names
                .filter(|(name, _)| whole(name))
                .max_by_key(|(name, kind)| (name.len(), std::cmp::Reverse(*kind)));
            rest = match longest {
                Some((name, kind)) => {
                    found.push((name.len(), *kind));
                    rest.strip_prefix(name.as_str()).unwrap_or(after).trim_start()
                }
                None => after,
            };
        }
        found
    }

    /// The system with that name or other name.
    pub fn system(&self, name: &str) -> Option<&SystemRule> {
        self.systems.get(*self.names.systems.get(&folded(name))?)
    }

    /// Whether two names are one system's.
    pub fn same_system(&self, a: &str, b: &str) -> bool {
        match (self.system(a), self.system(b)) {
            (Some(a), Some(b)) => a.names == b.names,
            _ => folded(a) == folded(b),
        }
    }

    /// How a system stands, under any of its names.
    pub fn works(&self, works: &Works, name: &str) -> SystemWorks {
        match self.system(name) {
            Some(system) => works.of(system.names.iter().map(String::as_str)),
            None => works.of(std::iter::once(name)),
        }
    }
}

//! Reading the clinics' rules from plain text. The format is described in `docs/formats/clinic_rules.md`.
//!
//! Always: every fault of every file is told at once, with file and line, in words that a service manager can act on; a
//! set with a fault is not used at all. Never: a line passed over in silence. Proved by `tests/clinic_rules.rs`.

use super::rules::{KINDS_MAX, Kind, NAMES_MAX, SYSTEMS_MAX, SystemRule, Thresholds, TriageRules};
use crate::problems::folded;
use planning::clinics::Class;

/// Longest file, in bytes.
const FILE_BYTES_MAX: usize = 256 << 10;
/// Longest value, in bytes.
const VALUE_BYTES_MAX: usize = 400;
/// Faults told of one set.
const FAULTS_MAX: usize = 50;
/// Most units that one booking uses.
const UNITS_MAX: u32 = 1_000;

pub use crate::form_fault::{FormFault as RuleFault, FormsFault as RulesFault};

/// Reads a set of rules: (file name, its bytes). Either all of it, or every fault of every file.
///
/// # Errors
/// Every fault, with file and line.
pub fn read_all<'a>(files: impl IntoIterator<Item = (&'a str, &'a [u8])>) -> Result<TriageRules, RulesFault> {
    let mut reading = Reading::default();
    for (file, bytes) in files {
        reading.file(file, bytes);
    }
    reading.finish()
}

/// What a section is about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum About {
    Thresholds,
    System,
    Kind,
}

const HEADINGS: [(About, &str); 3] =
    [(About::Thresholds, "THRESHOLDS"), (About::System, "SYSTEM"), (About::Kind, "KIND")];

/// The names that a section may have.
const THRESHOLDS: [&str; 13] = [
    "signed off by",
    "faster diagnosis from day",
    "faster diagnosis limit",
    "cancer treatment from day",
    "cancer treatment limit",
    "long wait",
    "cancelled before",
    "clinician within",
    "referral to treatment limit",
    "made up for, class a",
    "made up for, class b",
    "made up for, class c",
    "made up for, class d",
];
const SYSTEM: [&str; 3] = ["also called", "without it", "counted in"];
const KIND: [&str; 7] =
    ["also called", "class", "class when urgent", "why", "needs", "uses", "tells of other visits"];

/// A section as read so far.
#[derive(Clone, Debug)]
struct Section {
    about: About,
    file: String,
    line: usize,
    name: String,
    /// Line, name, value.
    values: Vec<(usize, String, String)>,
}

impl Section {
    fn value(&self, name: &str) -> Option<(usize, &str)> {
        self.values.iter().find(|(_, n, _)| n == name).map(|(line, _, value)| (*line, value.as_str()))
    }

    fn list(&self, name: &str) -> Vec<String> {
        let value = self.value(name).map_or("", |(_, value)| value);
        value.split(',').map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()).collect()
    }

    fn names(&self) -> Vec<String> {
        std::iter::once(self.name.clone()).chain(self.list("also called")).collect()
    }
}

#[derive(Default)]
struct Reading {
    faults: Vec<RuleFault>,
    sections: Vec<Section>,
}

impl Reading {
    fn fault(&mut self, file: &str, line: usize, what: impl Into<String>) {
        if self.faults.len() < FAULTS_MAX {
            self.faults.push(RuleFault { file: file.to_owned(), line, what: what.into() });
        }
    }

    fn file(&mut self, file: &str, bytes: &[u8]) {
        if bytes.len() > FILE_BYTES_MAX {
            let what = format!("{} bytes are more than a file may have ({FILE_BYTES_MAX})", bytes.len());
            return self.fault(file, 0, what);
        }
        let Ok(text) = std::str::from_utf8(bytes) else {
            return self.fault(file, 0, "this is not plain text in UTF-8; save it again as plain text");
        };
        let before = self.sections.len();
        for (number, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
            let trimmed = line.trim();
            if !trimmed.is_empty() && !trimmed.starts_with('#') {
                self.line(file, number + 1, trimmed, before);
            }
        }
    }

    fn line(&mut self, file: &str, number: usize, text: &str, before: usize) {
        if let Some((about, name)) = heading(text) {
            if about != About::Thresholds && name.is_empty() {
                self.fault(file, number, format!("write a name after “{text}”"));
            }
            let section = Section { about, file: file.to_owned(), line: number, name, values: Vec::new() };
            return self.sections.push(section);
        }
        let Some((name, value)) = text.split_once(':') else {
            let what = format!(
                "“{}” is neither “name: value” nor a heading (KIND, SYSTEM, THRESHOLDS)",
                shown(text)
            );
            return self.fault(file, number, what);
        };
        let name = basics::tidy(name, 200).to_lowercase();
        let value = basics::tidy(value, VALUE_BYTES_MAX + 1);
        let Some(about) = self.sections.get(before..).and_then(|s| s.last()).map(|s| s.about) else {
            return self.fault(
                file,
                number,
                "a heading (KIND, SYSTEM or THRESHOLDS) must stand before this line",
            );
        };
        if let Err(what) = self.fits(about, &name, &value) {
            return self.fault(file, number, what);
        }
        if let Some(section) = self.sections.last_mut() {
            section.values.push((number, name, value));
        }
    }

    /// Whether a section of that kind may have such a line.
    fn fits(&self, about: About, name: &str, value: &str) -> Result<(), String> {
        let known: &[&str] = match about {
            About::Thresholds => &THRESHOLDS,
            About::System => &SYSTEM,
            About::Kind => &KIND,
        };
        let without = about == About::Kind && name.starts_with("without ");
        if !known.contains(&name) && !without {
            let also = if about == About::Kind { ", without …" } else { "" };
            return Err(format!(
                "“{}” stands in no such section; the names are: {}{also}",
                shown(name),
                known.join(", ")
            ));
        }
        if self.sections.last().is_some_and(|s| s.value(name).is_some()) {
            return Err(format!("“{name}” stands here a second time; keep one"));
        }
        if value.is_empty() {
            return Err(format!("write something after “{name}:”, or take the line away"));
        }
        if value.len() > VALUE_BYTES_MAX {
            return Err(format!("“{name}” is longer than {VALUE_BYTES_MAX} bytes; shorten it"));
        }
        Ok(())
    }

    fn finish(mut self) -> Result<TriageRules, RulesFault> {
        let sections = std::mem::take(&mut self.sections);
        let of = |about: About| sections.iter().filter(move |s| s.about == about);
        self.name_each_once(&sections, About::System, SYSTEMS_MAX);
        self.name_each_once(&sections, About::Kind, KINDS_MAX);
        let systems: Vec<SystemRule> = of(About::System).map(system).collect();
        let known = |name: &str| systems.iter().any(|s| s.names.iter().any(|n| folded(n) == folded(name)));
        let kinds: Vec<Kind> = of(About::Kind).filter_map(|section| self.kind(section, &known)).collect();
        let mut thresholds = None;
        for section in of(About::Thresholds) {
            if thresholds.is_some() {
                self.fault(&section.file, section.line, "THRESHOLDS stands here a second time; keep one");
            } else {
                thresholds = Some(self.thresholds(section));
            }
        }
        if kinds.is_empty() && self.faults.is_empty() {
            self.fault("", 0, "the rules hold no KIND; without kinds nothing can be told apart");
        }
        match thresholds {
            None => self.fault("", 0, "the rules hold no THRESHOLDS; they are needed once"),
            Some(thresholds) if self.faults.is_empty() => {
                return Ok(TriageRules::new(kinds, systems, thresholds));
            }
            Some(_) => {}
        }
        Err(RulesFault(self.faults))
    }

    /// No name may stand for two, and no section may have too many.
    fn name_each_once(&mut self, sections: &[Section], about: About, most: usize) {
        let mut seen: Vec<(String, String)> = Vec::new();
        for (number, section) in sections.iter().filter(|s| s.about == about).enumerate() {
            if number == most {
                return self.fault(
                    &section.file,
                    section.line,
                    format!("more than {most} of these; keep fewer"),
                );
            }
            let names = section.names();
            if names.len() > NAMES_MAX {
                self.fault(&section.file, section.line, format!("more than {NAMES_MAX} names; keep fewer"));
            }
            for name in names {
                let key = folded(&name);
                match seen.iter().find(|(other, _)| *other == key) {
                    Some((_, whose)) if *whose != section.name => {
                        let what = format!(
                            "“{}” is a name of “{whose}” already; each name stands for one",
                            shown(&name)
                        );
                        self.fault(&section.file, section.line, what);
                    }
                    Some(_) => self.fault(
                        &section.file,
                        section.line,
                        format!("“{}” stands here twice", shown(&name)),
                    ),
                    None => seen.push((key, section.name.clone())),
                }
            }
        }
    }

    fn kind(&mut self, section: &Section, known: &dyn Fn(&str) -> bool) -> Option<Kind> {
        let class = self.class(section, "class");
        let class_when_urgent = self.class(section, "class when urgent");
        if section.value("class").is_none() {
            self.fault(
                &section.file,
                section.line,
                format!("“{}” needs a line “class: A”, B, C or D", section.name),
            );
        }
        let why = section.value("why").map_or("", |(_, value)| value).to_owned();
        if class == Some(Class::A) && why.is_empty() {
            let what =
                format!("“{}” is of class A: write a line “why: …”, for people will ask", section.name);
            self.fault(&section.file, section.line, what);
        }
        let needs = section.list("needs");
        if needs.len() > NAMES_MAX {
            self.fault(&section.file, section.line, format!("more than {NAMES_MAX} needs; keep fewer"));
        }
        let line_of = |name: &str| section.value(name).map_or(section.line, |(line, _)| line);
        for need in needs.iter().filter(|need| !known(need)) {
            let what = format!(
                "“{}” is no system of these rules; list it under SYSTEM, or mend its name",
                shown(need)
            );
            self.fault(&section.file, line_of("needs"), what);
        }
        let mut without = Vec::new();
        for (line, name, value) in &section.values {
            let Some(system) = name.strip_prefix("without ") else { continue };
            if needs.iter().any(|need| folded(need) == folded(system)) {
                without.push((system.trim().to_owned(), value.clone()));
            } else {
                let what = format!(
                    "“{}” is not among the needs of “{}”; add it there, or take the line away",
                    shown(system),
                    section.name
                );
                self.fault(&section.file, *line, what);
            }
        }
        let uses = self.uses(section, known);
        let speaks_of_other_visits = self.yes(section, "tells of other visits");
        let names = section.names();
        Some(Kind {
            names,
            class: class?,
            class_when_urgent,
            why,
            needs,
            without,
            uses,
            speaks_of_other_visits,
        })
    }

    /// "yes" or "no"; no where nothing is said.
    fn yes(&mut self, section: &Section, name: &str) -> bool {
        match section.value(name) {
            Some((_, "yes")) => true,
            None | Some((_, "no")) => false,
            Some((line, value)) => {
                let what = format!("“{name}: {}” is not understood; write yes or no", shown(value));
                self.fault(&section.file, line, what);
                false
            }
        }
    }

    fn class(&mut self, section: &Section, name: &str) -> Option<Class> {
        let (line, value) = section.value(name)?;
        let class = Class::of_letter(value);
        if class.is_none() {
            self.fault(
                &section.file,
                line,
                format!("“{name}: {}” is no class; write A, B, C or D", shown(value)),
            );
        }
        class
    }

    /// "Pathology 2, CT scanner 1".
    fn uses(&mut self, section: &Section, known: &dyn Fn(&str) -> bool) -> Vec<(String, u32)> {
        let mut uses: Vec<(String, u32)> = Vec::new();
        let line = section.value("uses").map_or(section.line, |(line, _)| line);
        for part in section.list("uses") {
            let read = part.rsplit_once(' ').map(|(name, units)| (name.trim(), units.parse::<u32>()));
            match read {
                Some((name, Ok(units))) if (1..=UNITS_MAX).contains(&units) && known(name) => {
                    uses.push((name.to_owned(), units));
                }
                Some((name, Ok(_))) if !known(name) => {
                    let what = format!(
                        "“{}” is no system of these rules; list it under SYSTEM, or mend its name",
                        shown(name)
                    );
                    self.fault(&section.file, line, what);
                }
                _ => {
                    let what = format!(
                        "“{}” is not understood; write a system and how many, as in “Pathology 2” (1 to {UNITS_MAX})",
                        shown(&part)
                    );
                    self.fault(&section.file, line, what);
                }
            }
        }
        uses
    }

    fn thresholds(&mut self, section: &Section) -> Thresholds {
        let nobody = |who: &&str| matches!(folded(who).as_str(), "nobody" | "nobody yet" | "no one" | "none");
        let signed = section.value("signed off by").map(|(_, who)| who);
        if signed.is_none() {
            self.fault(
                &section.file,
                section.line,
                "write who signed these off: “signed off by: nobody yet” is honest",
            );
        }
        let mut number = |name: &str, least: u32, most: u32| self.number(section, name, least, most);
        let thresholds = Thresholds {
            signed_off_by: signed.filter(|who| !nobody(who)).map(str::to_owned),
            faster_diagnosis_from_day: number("faster diagnosis from day", 0, 365),
            faster_diagnosis_limit_days: number("faster diagnosis limit", 1, 365),
            cancer_treatment_from_day: number("cancer treatment from day", 0, 365),
            cancer_treatment_limit_days: number("cancer treatment limit", 1, 365),
            long_wait_weeks: number("long wait", 1, 520),
            cancelled_before: number("cancelled before", 1, 100),
            clinician_within_min: number("clinician within", 1, 1_440),
            referral_limit_days: number("referral to treatment limit", 1, 730),
            rebook_days: [
                number("made up for, class a", 1, 730),
                number("made up for, class b", 1, 730),
                number("made up for, class c", 1, 730),
                number("made up for, class d", 1, 730),
            ],
        };
        let pairs = [
            (
                "faster diagnosis from day",
                thresholds.faster_diagnosis_from_day,
                thresholds.faster_diagnosis_limit_days,
            ),
            (
                "cancer treatment from day",
                thresholds.cancer_treatment_from_day,
                thresholds.cancer_treatment_limit_days,
            ),
        ];
        for (name, from, limit) in pairs {
            if from > limit && limit > 0 {
                let line = section.value(name).map_or(section.line, |(line, _)| line);
                self.fault(
                    &section.file,
                    line,
                    format!("“{name}” is day {from}, after the limit of {limit} days; it must come before"),
                );
            }
        }
        thresholds
    }

    fn number(&mut self, section: &Section, name: &str, least: u32, most: u32) -> u32 {
        let Some((line, value)) = section.value(name) else {
            self.fault(&section.file, section.line, format!("“{name}:” is missing under THRESHOLDS"));
            return 0;
        };
        match value.parse() {
            Ok(number) if (least..=most).contains(&number) => number,
            _ => {
                let what = format!("“{name}: {}” is no number from {least} to {most}", shown(value));
                self.fault(&section.file, line, what);
                0
            }
        }
    }
}

fn system(section: &Section) -> SystemRule {
    let value = |name: &str| section.value(name).map_or("", |(_, value)| value).to_owned();
    SystemRule { names: section.names(), without: value("without it"), counted_in: value("counted in") }
}

/// "KIND fracture clinic" → what it is about, and its name.
fn heading(text: &str) -> Option<(About, String)> {
    HEADINGS.iter().find_map(|(about, word)| {
        let rest = text.strip_prefix(word)?;
        let end = rest.is_empty() || rest.starts_with([' ', '\t', ':']);
        let name = basics::tidy(rest.trim_start_matches(':'), 120);
        end.then_some((*about, name))
    })
}

fn shown(text: &str) -> String {
    let clipped = basics::tidy(text, 60);
    if clipped.len() < text.len() { format!("{clipped} …") } else { clipped }
}

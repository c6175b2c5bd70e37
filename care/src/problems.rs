//! Allergies, alerts, diagnoses, and the problems of a message that could only partly be understood.

use crate::Cite;
use basics::Moment;
use serde::{Deserialize, Serialize};

/// Words as compared between systems: letters and digits in small letters, everything else a single space.
pub(crate) fn folded(words: &str) -> String {
    let mut out = String::with_capacity(words.len());
    for c in words.chars() {
        if c.is_alphanumeric() {
            out.extend(c.to_lowercase());
        } else if !out.is_empty() && !out.ends_with(' ') {
            out.push(' ');
        }
    }
    out.truncate(out.trim_end().len());
    out
}

/// How bad a reaction was or may be.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum Severity {
    Mild,
    Moderate,
    Severe,
}

/// One allergy or intolerance.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct AllergyIntolerance {
    pub code: String,
    /// What the patient reacts to, in words; never empty when shown (falls back to the code).
    pub substance: String,
    /// "Drug", "Food", "Environment"; empty when not said.
    pub category: String,
    pub severity: Option<Severity>,
    pub reaction: String,
    pub onset: Option<Moment>,
    /// "unconfirmed" and suchlike; empty when confirmed or not said.
    pub verification: String,
    pub cite: Option<Cite>,
}

/// SNOMED CT's ways of saying that there is no known allergy (general, drug, food, environment, animal, latex).
const NONE_KNOWN: [&str; 8] =
    ["716186003", "409137002", "428607008", "428197003", "1003774007", "160244002", "64970000", "716184000"];

impl AllergyIntolerance {
    /// Whether this "allergy" is the statement that none is known: by SNOMED code or in plain words. Such a statement
    /// is never printed as an allergy.
    pub fn says_none_known(&self) -> bool {
        if NONE_KNOWN.contains(&self.code.as_str()) {
            return true;
        }
        [self.substance.as_str(), self.code.as_str()].iter().any(|words| says_none(words))
    }
}

fn says_none(words: &str) -> bool {
    const WHOLE: [&str; 20] = [
        "nka",
        "nkda",
        "nkfa",
        "nkea",
        "nil known",
        "nilknown",
        "none known",
        "no known",
        "none",
        "nil",
        "no allergies",
        "no allergy",
        "no known allergy",
        "no known allergies",
        "allergies none known",
        "no known drug allergies",
        "no known drug allergy",
        "nil known allergies",
        "no drug allergies",
        "not allergic",
    ];
    if words.len() > 60 {
        return false;
    }
    let plain: String = words
        .chars()
        .map(|c| if c.is_alphanumeric() { c.to_ascii_lowercase() } else { ' ' })
        .collect::<String>()
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ");
    let word_of_allergy =
        plain.contains("allerg") || plain.contains("adverse") || plain.contains("intoleranc");
    WHOLE.contains(&plain.as_str())
        || word_of_allergy
            && ["no known ", "nil known ", "no history of ", "no hx of ", "denies "]
                .iter()
                .any(|s| plain.starts_with(s))
}

/// What is known about allergies as a whole: the four headings of a patient screen.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub enum AllergyKnowledge {
    /// "Known allergies".
    Known,
    /// "No known allergies": somebody said so.
    NoneKnown,
    /// "Allergies not recorded": nobody said anything.
    #[default]
    NotRecorded,
    /// "Allergies unavailable": the source could not be read.
    Unavailable,
}

impl AllergyKnowledge {
    /// The heading, exactly.
    pub fn heading(self) -> &'static str {
        match self {
            Self::Known => "Known allergies",
            Self::NoneKnown => "No known allergies",
            Self::NotRecorded => "Allergies not recorded",
            Self::Unavailable => "Allergies unavailable",
        }
    }
}

/// The allergy section.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Allergies {
    pub knowledge: AllergyKnowledge,
    pub list: Vec<AllergyIntolerance>,
}

/// The alerts a ward must see beside the name.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum FlagKind {
    Resuscitation,
    Infection,
    Falls,
    Safeguarding,
    Other,
}

/// An alert.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Flag {
    pub kind: FlagKind,
    pub code: String,
    /// In words: "Not for cardiopulmonary resuscitation", "MRSA positive".
    pub text: String,
    pub active: bool,
    pub since: Option<Moment>,
    pub cite: Option<Cite>,
}

/// A problem or diagnosis.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Condition {
    /// The sender's key, so that a later message can change it; empty when none.
    pub id: String,
    pub code: String,
    pub text: String,
    pub active: bool,
    pub onset: Option<Moment>,
    /// "Working", "Final", "Admitting"; empty when not said.
    pub kind: String,
    pub cite: Option<Cite>,
}

/// Why part of a message could not be taken at its word. It travels beside the facts that could.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Problem {
    /// What kind it is.
    pub kind: ProblemKind,
    /// Where: "PID-7", "OBX[3]-5", "Bundle.entry[4].resource".
    pub place: String,
    /// In words, for a person; never contains the patient's data.
    pub text: String,
}

/// How much a problem costs.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub enum ProblemKind {
    /// A value was odd; everything else stands. The message counts as understood.
    Imperfect,
    /// A segment or resource was lost; the rest stands. The message goes to the tray too.
    PartLost,
    /// Nothing could be understood. The message goes to the tray.
    NotUnderstood,
}

//! What a site can be asked to take, and how it stands to each: the seven pathways and the four standings.
//!
//! Never: a divert of resuscitation; whoever is about to die goes to the closest department that can take them.
//! Called by every part of `diverts`; proved by `tests/diverts.rs`.

use serde::{Deserialize, Serialize};

/// Patients who need the same of a site. In the order of the board.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Pathway {
    /// About to die: the closest able department, never diverted.
    Resuscitation,
    /// Major trauma.
    MajorTrauma,
    /// Suspected stroke.
    HyperAcuteStroke,
    /// Heart attack that needs the catheter laboratory.
    PrimaryPci,
    /// Children.
    Children,
    /// Emergencies of pregnancy and birth.
    Obstetrics,
    /// Everybody else.
    General,
}

impl Pathway {
    /// Every pathway, in the order of the board.
    pub const ALL: [Self; 7] = [
        Self::Resuscitation,
        Self::MajorTrauma,
        Self::HyperAcuteStroke,
        Self::PrimaryPci,
        Self::Children,
        Self::Obstetrics,
        Self::General,
    ];

    /// As it is said on a page and over a radio.
    pub fn words(self) -> &'static str {
        match self {
            Self::Resuscitation => "resuscitation",
            Self::MajorTrauma => "major trauma",
            Self::HyperAcuteStroke => "stroke",
            Self::PrimaryPci => "heart attack (primary PCI)",
            Self::Children => "children",
            Self::Obstetrics => "obstetrics",
            Self::General => "general",
        }
    }

    /// The pathway that a planner's code stands for; scans (`CT`) go with the general patients, who need the same
    /// departments. `None` for a code that nobody here knows.
    pub fn of_code(code: &str) -> Option<Self> {
        match code.trim().to_uppercase().as_str() {
            "RES" => Some(Self::Resuscitation),
            "TRA" => Some(Self::MajorTrauma),
            "STR" => Some(Self::HyperAcuteStroke),
            "STE" => Some(Self::PrimaryPci),
            "PAE" => Some(Self::Children),
            "MAT" => Some(Self::Obstetrics),
            "GEN" | "CT" => Some(Self::General),
            _ => None,
        }
    }
}

/// Names of pathways in a row, in the order of the board: "stroke, general".
pub fn named(pathways: &[Pathway]) -> String {
    let words: Vec<&str> =
        Pathway::ALL.into_iter().filter(|p| pathways.contains(p)).map(Pathway::words).collect();
    words.join(", ")
}

/// How a site stands to a pathway.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize)]
pub enum Standing {
    /// Takes them.
    #[default]
    Open,
    /// Takes them, fewer than usual.
    Limited,
    /// On an authorised divert: others take them.
    Divert,
    /// Cannot take them at all.
    Closed,
}

impl Standing {
    /// The word on a screen and over a radio.
    pub fn word(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Limited => "limited",
            Self::Divert => "on divert",
            Self::Closed => "closed",
        }
    }

    /// Whether a crew may bring such a patient.
    pub fn takes(self) -> bool {
        matches!(self, Self::Open | Self::Limited)
    }
}

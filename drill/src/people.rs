//! Invented people: names, births, addresses, kin, allergies, and the alerts that a ward must see.
//!
//! Always plainly fictional: NHS numbers from 999 (never issued), telephone numbers from the ranges kept for drama,
//! postcodes in an area that does not exist. Never a real person's record in disguise: nothing is taken from one.
//! Called by `Trust` and the bulk generator.

use crate::chance::Chance;
use crate::formulary::Prescription;
use crate::names::{DOCTORS, PRACTICES, STREETS, TOWNS, TRADITIONS};
use crate::places::Bed;
use basics::{Moment, NhsNumber, PartialDate};

/// Which of the trust's patient systems a number was given by: 0 shared by three hospitals, 1 and 2 of one each.
pub type Register = usize;

/// The authorities that give hospital numbers, one a register; invented.
pub const AUTHORITIES: [&str; 3] = ["WVH", "EASTMERE", "PENNYFOLD"];

/// An allergy as this trust's systems hold it: code, substance, kind (DA drug, FA food, EA environment), severity, reaction.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub struct Allergy {
    pub code: &'static str,
    pub substance: &'static str,
    pub kind: &'static str,
    pub severity: &'static str,
    pub reaction: &'static str,
}

/// What is recorded about allergies.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub enum AllergyRecord {
    /// Nobody has said anything.
    #[default]
    NotRecorded,
    /// No known drug allergies.
    NoneKnown,
    /// These.
    Known(Vec<Allergy>),
}

/// Allergies as sent, with codes of the trust's own.
pub static ALLERGIES: [Allergy; 12] = [
    Allergy { code: "A01", substance: "Penicillin", kind: "DA", severity: "SV", reaction: "Anaphylaxis" },
    Allergy { code: "A02", substance: "Co-trimoxazole", kind: "DA", severity: "MO", reaction: "Rash" },
    Allergy { code: "A03", substance: "Aspirin", kind: "DA", severity: "MO", reaction: "Wheeze" },
    Allergy { code: "A04", substance: "Ibuprofen", kind: "DA", severity: "MI", reaction: "Urticaria" },
    Allergy { code: "A05", substance: "Codeine", kind: "DA", severity: "MI", reaction: "Vomiting" },
    Allergy { code: "A06", substance: "Latex", kind: "EA", severity: "MO", reaction: "Contact dermatitis" },
    Allergy { code: "A07", substance: "Peanut", kind: "FA", severity: "SV", reaction: "Anaphylaxis" },
    Allergy {
        code: "A08",
        substance: "Iodinated contrast",
        kind: "DA",
        severity: "SV",
        reaction: "Bronchospasm",
    },
    Allergy { code: "A09", substance: "Trimethoprim", kind: "DA", severity: "MI", reaction: "Rash" },
    Allergy { code: "A10", substance: "Egg", kind: "FA", severity: "MI", reaction: "Swelling of the lips" },
    Allergy {
        code: "A11",
        substance: "Morphine",
        kind: "DA",
        severity: "MO",
        reaction: "Itching, hallucinations",
    },
    Allergy {
        code: "A12",
        substance: "Chlorhexidine",
        kind: "DA",
        severity: "SV",
        reaction: "Anaphylaxis & collapse",
    },
];

/// An alert: kind as the senders write it, code, words.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
#[allow(missing_docs)]
pub struct Alert {
    pub kind: AlertKind,
    pub code: &'static str,
    pub text: &'static str,
}

/// What an alert is about.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
#[allow(missing_docs)]
pub enum AlertKind {
    Resuscitation,
    Infection,
    Falls,
    Safeguarding,
}

/// Alerts that people of this trust carry.
pub static ALERTS: [Alert; 8] = [
    Alert { kind: AlertKind::Resuscitation, code: "DNACPR", text: "Not for cardiopulmonary resuscitation" },
    Alert {
        kind: AlertKind::Resuscitation,
        code: "TEP",
        text: "Treatment escalation plan: ward-based care only",
    },
    Alert { kind: AlertKind::Infection, code: "MRSA", text: "MRSA positive" },
    Alert { kind: AlertKind::Infection, code: "CPE", text: "CPE carrier" },
    Alert { kind: AlertKind::Infection, code: "CDIFF", text: "Clostridioides difficile infection" },
    Alert { kind: AlertKind::Falls, code: "FALLS", text: "High risk of falls" },
    Alert { kind: AlertKind::Safeguarding, code: "SGA", text: "Safeguarding adult concern" },
    Alert { kind: AlertKind::Safeguarding, code: "SGC", text: "Safeguarding child concern" },
];

/// A stay or attendance under way.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct Stay {
    pub visit: String,
    pub register: Register,
    /// Inpatient, emergency, day case: HL7's letter.
    pub class: char,
    pub bed: Bed,
    pub admitted: Moment,
    pub reason: &'static str,
    pub consultant: &'static str,
    pub on_leave: bool,
    /// When the last step was told: nobody is moved twice in a minute.
    pub stepped: Moment,
}

/// A person.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct Person {
    pub nhs: Option<NhsNumber>,
    /// Hospital numbers, one a register that knows the person.
    pub mrns: [Option<String>; 3],
    pub family: String,
    pub given: Vec<String>,
    pub prefix: &'static str,
    pub birth: PartialDate,
    pub female: bool,
    pub died: Option<Moment>,
    pub address: [String; 3],
    pub postcode: String,
    pub phone: String,
    pub ethnicity: (&'static str, &'static str),
    pub religion: &'static str,
    pub language: &'static str,
    /// Family and given name of the next of kin.
    pub kin: (String, &'static str),
    pub kin_relation: &'static str,
    pub kin_phone: String,
    pub gp: &'static str,
    pub practice: (&'static str, &'static str),
    pub allergies: AllergyRecord,
    pub alerts: Vec<Alert>,
    /// Alerts that have ended and are sent as ended.
    pub alerts_ended: Vec<Alert>,
    pub prescriptions: Vec<Prescription>,
    pub stay: Option<Stay>,
    /// The person whose record this one was merged into.
    pub merged_into: Option<usize>,
    /// Newest age class, for doses and ranges: years.
    pub age: i16,
}

impl Person {
    /// The hospital number of this register.
    pub fn mrn(&self, register: Register) -> Option<&str> {
        self.mrns.get(register)?.as_deref()
    }

    /// The first hospital number and its register.
    pub fn any_mrn(&self) -> Option<(Register, &str)> {
        self.mrns.iter().enumerate().find_map(|(register, mrn)| Some((register, mrn.as_deref()?)))
    }

    /// Whether every letter of the name can be written in ISO 8859/1.
    pub fn is_latin(&self) -> bool {
        self.family.chars().chain(self.given.iter().flat_map(|g| g.chars())).all(|c| u32::from(c) < 256)
    }
}

/// What kind of person is wanted.
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs)]
pub struct Wanted {
    pub age_min: i16,
    pub age_max: i16,
    pub female: Option<bool>,
    /// Only names that ISO 8859/1 can write, for a system that speaks nothing else.
    pub latin_only: bool,
    /// The year it is.
    pub year: i16,
}

/// The `n`th NHS number of the test range that can exist; some nine-digit starts have no valid check digit.
pub fn nhs_number(n: u32) -> Option<NhsNumber> {
    // About 1 in 11 starts has no check digit: give each n its own start and step aside within a span of two.
    let start = 999_000_000 + n.saturating_mul(2) % 999_000;
    NhsNumber::test_number(start).or_else(|| NhsNumber::test_number(start + 1))
}

/// An invented person, without any number yet.
pub fn person(chance: &mut Chance, wanted: Wanted) -> Person {
    let tradition = tradition(chance, wanted.latin_only);
    let female = wanted.female.unwrap_or_else(|| chance.happens(5_100));
    let age = i16::try_from(chance.between(wanted.age_min.into(), wanted.age_max.into())).unwrap_or(50);
    let birth = birth(chance, wanted.year, age);
    let family = chance.word(tradition.families).to_owned();
    let firsts = if female { tradition.women } else { tradition.men };
    let single_name = tradition.language == "ind";
    let mut given = Vec::new();
    if !single_name {
        given.push(chance.word(firsts).to_owned());
        if chance.happens(3_500) {
            given.push(chance.word(firsts).to_owned());
        }
    }
    let prefix = match (age, female) {
        (0..=15, false) => "Master",
        (0..=15, true) => "Miss",
        (_, true) => chance.word(&["Mrs", "Mrs", "Ms", "Miss", "Dr", ""]),
        (_, false) => chance.word(&["Mr", "Mr", "Mr", "Dr", "Rev", ""]),
    };
    let kin_female = chance.happens(5_000);
    let kin_first = chance.word(if kin_female { tradition.women } else { tradition.men });
    let kin_relation = match (age < 16, kin_female) {
        (true, true) => "Mother",
        (true, false) => "Father",
        (false, true) if !female => chance.word(&["Wife", "Daughter", "Sister", "Partner"]),
        (false, true) => chance.word(&["Daughter", "Sister", "Partner", "Neighbour"]),
        (false, false) if female => chance.word(&["Husband", "Son", "Brother", "Partner"]),
        (false, false) => chance.word(&["Son", "Brother", "Partner", "Neighbour"]),
    };
    Person {
        nhs: None,
        mrns: [None, None, None],
        kin: (family.clone(), kin_first),
        kin_relation,
        family,
        given,
        prefix,
        birth,
        female,
        died: None,
        address: address(chance),
        postcode: postcode(chance),
        phone: format!("07700 900{:03}", chance.below(1000)),
        kin_phone: format!("01632 960{:03}", chance.below(1000)),
        ethnicity: tradition.ethnicity,
        religion: chance.word(tradition.religion),
        language: tradition.language,
        gp: chance.word(&DOCTORS),
        practice: chance.of(&PRACTICES).copied().unwrap_or(("", "")),
        allergies: allergies(chance),
        alerts: alerts(chance, age),
        alerts_ended: Vec::new(),
        prescriptions: Vec::new(),
        stay: None,
        merged_into: None,
        age,
    }
}

fn tradition(chance: &mut Chance, latin_only: bool) -> &'static crate::names::Tradition {
    let [first, ..] = &TRADITIONS;
    // The last three but one hold letters beyond ISO 8859/1; Welsh and single names stay within it or are respelt.
    for _ in 0..8 {
        let mut throw = u32::try_from(chance.below(100)).unwrap_or(0);
        for tradition in &TRADITIONS {
            if throw < tradition.share {
                let latin = tradition
                    .women
                    .iter()
                    .chain(tradition.men)
                    .chain(tradition.families)
                    .all(|name| name.chars().all(|c| u32::from(c) < 256));
                if latin || !latin_only {
                    return tradition;
                }
                break;
            }
            throw -= tradition.share;
        }
    }
    first
}

fn birth(chance: &mut Chance, year: i16, age: i16) -> PartialDate {
    let month = i8::try_from(chance.between(1, 12)).unwrap_or(1);
    let day = i8::try_from(chance.between(1, 28)).unwrap_or(1);
    // Nobody is born in the future: a birthday still to come this year belongs to the year before.
    PartialDate::from_numbers(year - age - 1, Some(month), Some(day)).unwrap_or_default()
}

fn address(chance: &mut Chance) -> [String; 3] {
    let house = if chance.happens(800) {
        format!("Flat {}, {} {}", chance.between(1, 40), chance.between(1, 200), chance.word(&STREETS))
    } else {
        format!("{} {}", chance.between(1, 240), chance.word(&STREETS))
    };
    [house, String::new(), chance.word(&TOWNS).to_owned()]
}

fn postcode(chance: &mut Chance) -> String {
    let (area, sector) = (chance.between(1, 29), chance.between(1, 9));
    let (first, second) = (letter(chance), letter(chance));
    format!("ZX{area} {sector}{first}{second}")
}

fn letter(chance: &mut Chance) -> char {
    chance.of(b"ABDEFGHJLNPQRSTUWXYZ").map_or('Q', |b| char::from(*b))
}

fn allergies(chance: &mut Chance) -> AllergyRecord {
    match chance.below(100) {
        0..=59 => AllergyRecord::NoneKnown,
        60..=69 => AllergyRecord::NotRecorded,
        _ => {
            let mut list: Vec<Allergy> = Vec::new();
            for _ in 0..=chance.below(3) {
                if let Some(allergy) = chance.of(&ALLERGIES)
                    && !list.contains(allergy)
                {
                    list.push(*allergy);
                }
            }
            AllergyRecord::Known(list)
        }
    }
}

fn alerts(chance: &mut Chance, age: i16) -> Vec<Alert> {
    let mut alerts = Vec::new();
    for alert in &ALERTS {
        let in_ten_thousand = match (alert.code, age) {
            ("DNACPR", 75..) => 2_600,
            ("DNACPR", 50..75) => 400,
            ("TEP", 50..) => 600,
            ("MRSA", 16..) => 500,
            ("CPE" | "CDIFF", 16..) => 150,
            ("FALLS", 70..) => 4_500,
            ("SGA", 18..) => 250,
            ("SGC", ..18) => 600,
            _ => 0,
        };
        // A patient has one resuscitation status, not two.
        let doubled =
            alerts.iter().any(|a: &Alert| a.kind == alert.kind && a.kind == AlertKind::Resuscitation);
        if chance.happens(in_ten_thousand) && !doubled {
            alerts.push(*alert);
        }
    }
    alerts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_nhs_number_is_a_test_number_and_none_is_given_twice() {
        let mut seen = std::collections::BTreeSet::new();
        for n in 0..20_000 {
            let number = nhs_number(n).expect("within the test range");
            assert!(number.digits().starts_with("999"));
            assert!(seen.insert(number), "{n}");
        }
    }

    #[test]
    fn a_crowd_is_as_various_as_a_waiting_room() {
        let mut chance = Chance::new(3);
        let wanted = Wanted { age_min: 0, age_max: 99, female: None, latin_only: false, year: 2026 };
        let crowd: Vec<_> = (0..2_000).map(|_| person(&mut chance, wanted)).collect();
        assert!(crowd.iter().any(|p| p.given.is_empty()), "single names");
        assert!(crowd.iter().any(|p| !p.is_latin()), "names beyond ISO 8859/1");
        assert!(crowd.iter().any(|p| p.family.contains('\'')), "apostrophes");
        assert!(crowd.iter().any(|p| p.family.len() > 25), "very long names");
        let latin = Wanted { latin_only: true, ..wanted };
        assert!((0..2_000).all(|_| person(&mut chance, latin).is_latin()));
    }
}

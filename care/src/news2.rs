//! NEWS2, the National Early Warning Score (Royal College of Physicians, 2017): bands and scores, unmodified.
//!
//! Always: a missing value makes a score incomplete, never zero; figures are rounded to the chart's precision before
//! they are banded. Never for under-16s or in pregnancy: the caller says so beside the score.
//! `paper` draws the chart from `CHART`, `screens` show scores; proved at every boundary by the tests here.

use crate::{Observation, PatientRecord, ResultStatus, Value};
use basics::Moment;

/// What is scored.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
#[allow(missing_docs)]
pub enum Parameter {
    Respiration,
    /// SpO2 on scale 1 or 2, whichever applies.
    Saturation,
    Oxygen,
    Systolic,
    Pulse,
    Consciousness,
    Temperature,
}

/// A band of the chart: figures from `low` to `high`, both included, in tenths of the unit; `None` is open.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Band {
    /// As printed on the chart: "21–24", "≥25", "Alert".
    pub label: &'static str,
    /// Lowest figure in tenths.
    pub low: Option<i32>,
    /// Highest figure in tenths.
    pub high: Option<i32>,
    /// 0 to 3, which is also the colour class: white, yellow, orange, red.
    pub score: u8,
}

/// A row of the chart: one parameter and its bands, highest figures first as the chart prints them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ChartRow {
    /// Which parameter.
    pub parameter: Parameter,
    /// The chart's heading.
    pub name: &'static str,
    /// The chart's subheading: unit or scale.
    pub unit: &'static str,
    /// Highest first.
    pub bands: &'static [Band],
}

const fn band(label: &'static str, low: Option<i32>, high: Option<i32>, score: u8) -> Band {
    Band { label, low, high, score }
}

/// Respiration, breaths a minute.
pub const RESPIRATION: [Band; 5] = [
    band("≥25", Some(250), None, 3),
    band("21–24", Some(210), Some(240), 2),
    band("12–20", Some(120), Some(200), 0),
    band("9–11", Some(90), Some(110), 1),
    band("≤8", None, Some(80), 3),
];
/// SpO2 scale 1, per cent.
pub const SATURATION_1: [Band; 4] = [
    band("≥96", Some(960), None, 0),
    band("94–95", Some(940), Some(950), 1),
    band("92–93", Some(920), Some(930), 2),
    band("≤91", None, Some(910), 3),
];
/// SpO2 scale 2 (target 88 to 92 %), per cent: the upper three bands count on oxygen only.
pub const SATURATION_2: [Band; 8] = [
    band("≥97 on O₂", Some(970), None, 3),
    band("95–96 on O₂", Some(950), Some(960), 2),
    band("93–94 on O₂", Some(930), Some(940), 1),
    band("≥93 on air", Some(930), None, 0),
    band("88–92", Some(880), Some(920), 0),
    band("86–87", Some(860), Some(870), 1),
    band("84–85", Some(840), Some(850), 2),
    band("≤83", None, Some(830), 3),
];
/// Air or oxygen.
pub const OXYGEN: [Band; 2] = [band("Air", None, None, 0), band("Oxygen", None, None, 2)];
/// Systolic blood pressure, mmHg.
pub const SYSTOLIC: [Band; 5] = [
    band("≥220", Some(2200), None, 3),
    band("111–219", Some(1110), Some(2190), 0),
    band("101–110", Some(1010), Some(1100), 1),
    band("91–100", Some(910), Some(1000), 2),
    band("≤90", None, Some(900), 3),
];
/// Pulse, beats a minute.
pub const PULSE: [Band; 6] = [
    band("≥131", Some(1310), None, 3),
    band("111–130", Some(1110), Some(1300), 2),
    band("91–110", Some(910), Some(1100), 1),
    band("51–90", Some(510), Some(900), 0),
    band("41–50", Some(410), Some(500), 1),
    band("≤40", None, Some(400), 3),
];
/// Consciousness.
pub const CONSCIOUSNESS: [Band; 5] = [
    band("Alert", None, None, 0),
    band("Confusion", None, None, 3),
    band("V", None, None, 3),
    band("P", None, None, 3),
    band("U", None, None, 3),
];
/// Temperature, degrees Celsius.
pub const TEMPERATURE: [Band; 5] = [
    band("≥39.1°", Some(391), None, 2),
    band("38.1–39.0°", Some(381), Some(390), 1),
    band("36.1–38.0°", Some(361), Some(380), 0),
    band("35.1–36.0°", Some(351), Some(360), 1),
    band("≤35.0°", None, Some(350), 3),
];

/// The chart's rows, in the chart's order.
pub const CHART: [ChartRow; 8] = [
    ChartRow {
        parameter: Parameter::Respiration,
        name: "Respirations",
        unit: "Breaths/min",
        bands: &RESPIRATION,
    },
    ChartRow {
        parameter: Parameter::Saturation,
        name: "SpO₂ Scale 1",
        unit: "Oxygen saturation (%)",
        bands: &SATURATION_1,
    },
    ChartRow {
        parameter: Parameter::Saturation,
        name: "SpO₂ Scale 2",
        unit: "Oxygen saturation (%): use only if the target range is 88–92%, under a qualified clinician's direction",
        bands: &SATURATION_2,
    },
    ChartRow { parameter: Parameter::Oxygen, name: "Air or oxygen?", unit: "", bands: &OXYGEN },
    ChartRow {
        parameter: Parameter::Systolic,
        name: "Blood pressure",
        unit: "mmHg: systolic only",
        bands: &SYSTOLIC,
    },
    ChartRow { parameter: Parameter::Pulse, name: "Pulse", unit: "Beats/min", bands: &PULSE },
    ChartRow {
        parameter: Parameter::Consciousness,
        name: "Consciousness",
        unit: "New confusion scores 3",
        bands: &CONSCIOUSNESS,
    },
    ChartRow { parameter: Parameter::Temperature, name: "Temperature", unit: "°C", bands: &TEMPERATURE },
];

/// Which saturation scale applies.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Scale {
    /// Everybody else.
    #[default]
    One,
    /// Hypercapnic respiratory failure, target 88 to 92 %, as directed by a clinician.
    Two,
}

/// Alert, new Confusion, Voice, Pain, Unresponsive.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub enum Acvpu {
    Alert,
    Confusion,
    Voice,
    Pain,
    Unresponsive,
}

impl Acvpu {
    /// Reads a letter or a word; `None` when it is neither.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim().to_ascii_lowercase();
        match text.as_str() {
            "a" | "alert" => Some(Self::Alert),
            "c" | "confusion" | "new confusion" | "confused" | "newly confused" => Some(Self::Confusion),
            "v" | "voice" | "responds to voice" => Some(Self::Voice),
            "p" | "pain" | "responds to pain" => Some(Self::Pain),
            "u" | "unresponsive" => Some(Self::Unresponsive),
            _ => None,
        }
    }
}

/// One set of observations.
#[derive(Clone, PartialEq, Debug, Default)]
#[allow(missing_docs)]
pub struct Set {
    pub scale: Scale,
    pub respiration: Option<f64>,
    pub saturation: Option<f64>,
    /// On supplemental oxygen.
    pub oxygen: Option<bool>,
    pub systolic: Option<f64>,
    pub pulse: Option<f64>,
    pub consciousness: Option<Acvpu>,
    pub temperature: Option<f64>,
}

/// Clinical risk by the aggregate score.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
#[allow(missing_docs)]
pub enum Risk {
    Low,
    /// A single parameter scores 3: urgent ward-based review.
    LowMedium,
    Medium,
    High,
}

/// A score and what it is made of.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Score {
    /// The aggregate; `None` when anything is missing: the score is incomplete.
    pub total: Option<u8>,
    /// Each parameter's score, in the chart's order; `None` where the value is missing.
    pub parts: [(Parameter, Option<u8>); 7],
    /// `None` when incomplete.
    pub risk: Option<Risk>,
}

/// Scores a set.
pub fn score(set: &Set) -> Score {
    let parts = [
        (Parameter::Respiration, banded(&RESPIRATION, set.respiration, 10.0)),
        (Parameter::Saturation, saturation(set)),
        (Parameter::Oxygen, set.oxygen.map(|on| if on { 2 } else { 0 })),
        (Parameter::Systolic, banded(&SYSTOLIC, set.systolic, 10.0)),
        (Parameter::Pulse, banded(&PULSE, set.pulse, 10.0)),
        (Parameter::Consciousness, set.consciousness.map(|c| if c == Acvpu::Alert { 0 } else { 3 })),
        (Parameter::Temperature, banded(&TEMPERATURE, set.temperature, 1.0)),
    ];
    let total = parts.iter().try_fold(0u8, |sum, (_, part)| part.map(|p| sum + p));
    let red = parts.iter().any(|(_, part)| *part == Some(3));
    let risk = total.map(|total| match total {
        7.. => Risk::High,
        5..=6 => Risk::Medium,
        _ if red => Risk::LowMedium,
        _ => Risk::Low,
    });
    Score { total, parts, risk }
}

/// Rounds to the chart's precision (`step` tenths: 10 for whole numbers, 1 for tenths) and looks the band up.
fn banded(bands: &[Band], figure: Option<f64>, step: f64) -> Option<u8> {
    let tenths = tenths(figure?, step)?;
    let inside =
        |b: &&Band| b.low.is_none_or(|low| tenths >= low) && b.high.is_none_or(|high| tenths <= high);
    bands.iter().find(inside).map(|b| b.score)
}

fn tenths(figure: f64, step: f64) -> Option<i32> {
    if !figure.is_finite() || !(0.0..=1000.0).contains(&figure) {
        return None;
    }
    // A hair is added first: 36.05 is held in binary as a little less, and a ward rounds it up.
    let rounded = (figure * 10.0 / step + 1e-6).round() * step;
    #[allow(clippy::cast_possible_truncation)]
    Some(rounded as i32)
}

fn saturation(set: &Set) -> Option<u8> {
    match set.scale {
        Scale::One => banded(&SATURATION_1, set.saturation, 10.0),
        Scale::Two => {
            let percent = tenths(set.saturation?, 10.0)?;
            if percent < 930 {
                return banded(&SATURATION_2, set.saturation, 10.0);
            }
            // Above the target range only oxygen scores; not knowing whether it is given leaves the score incomplete.
            if set.oxygen? { banded(&SATURATION_2, set.saturation, 10.0) } else { Some(0) }
        }
    }
}

/// The parameter that an observation measures, by LOINC code or by its plain name.
pub fn parameter_of(code: &str, name: &str) -> Option<Parameter> {
    let by_code = match code {
        "9279-1" => Parameter::Respiration,
        "2708-6" | "59408-5" | "20564-1" => Parameter::Saturation,
        "3151-8" | "3150-6" | "19994-3" | "57485-3" => Parameter::Oxygen,
        "8480-6" => Parameter::Systolic,
        "8867-4" | "8889-8" | "68999-2" => Parameter::Pulse,
        "67775-7" | "80288-4" | "11454-6" | "1104441000000107" => Parameter::Consciousness,
        "8310-5" | "8331-1" | "8332-9" | "8329-5" | "60830-9" => Parameter::Temperature,
        _ => return by_name(name),
    };
    Some(by_code)
}

fn by_name(name: &str) -> Option<Parameter> {
    const NAMES: [(&str, Parameter); 22] = [
        ("respiratory rate", Parameter::Respiration),
        ("respiration rate", Parameter::Respiration),
        ("respirations", Parameter::Respiration),
        ("oxygen saturation", Parameter::Saturation),
        ("o2 saturation", Parameter::Saturation),
        ("spo2", Parameter::Saturation),
        ("inspired oxygen", Parameter::Oxygen),
        ("supplemental oxygen", Parameter::Oxygen),
        ("air or oxygen", Parameter::Oxygen),
        ("systolic blood pressure", Parameter::Systolic),
        ("systolic bp", Parameter::Systolic),
        ("bp systolic", Parameter::Systolic),
        ("heart rate", Parameter::Pulse),
        ("pulse", Parameter::Pulse),
        ("pulse rate", Parameter::Pulse),
        ("acvpu", Parameter::Consciousness),
        ("avpu", Parameter::Consciousness),
        ("consciousness", Parameter::Consciousness),
        ("level of consciousness", Parameter::Consciousness),
        ("temperature", Parameter::Temperature),
        ("body temperature", Parameter::Temperature),
        ("temp", Parameter::Temperature),
    ];
    NAMES.iter().find(|(known, _)| name.trim().eq_ignore_ascii_case(known)).map(|(_, p)| *p)
}

/// The newest set that the record holds: the newest of each parameter among observations of the same moment. Gives
/// the set and its moment; `None` when there is no vital sign at all.
pub fn latest(record: &PatientRecord) -> Option<(Set, Moment)> {
    let standing = |o: &&Observation| {
        !matches!(o.status, ResultStatus::Withdrawn | ResultStatus::Cancelled)
            && parameter_of(&o.code, &o.name).is_some()
    };
    let at = record.observations.iter().filter(standing).filter_map(|o| o.at).max()?;
    let mut set = Set::default();
    for o in record.observations.iter().filter(standing).filter(|o| o.at == Some(at)) {
        fill(&mut set, o);
    }
    Some((set, at))
}

fn fill(set: &mut Set, o: &Observation) {
    let number = o.value.as_ref().and_then(figure);
    match parameter_of(&o.code, &o.name) {
        Some(Parameter::Respiration) => set.respiration = set.respiration.or(number),
        Some(Parameter::Saturation) => set.saturation = set.saturation.or(number),
        Some(Parameter::Oxygen) => set.oxygen = set.oxygen.or_else(|| on_oxygen(o)),
        Some(Parameter::Systolic) => set.systolic = set.systolic.or(number),
        Some(Parameter::Pulse) => set.pulse = set.pulse.or(number),
        Some(Parameter::Consciousness) => {
            let words = o.value.as_ref().and_then(|v| Acvpu::parse(&v.shown()));
            set.consciousness = set.consciousness.or(words);
        }
        Some(Parameter::Temperature) => set.temperature = set.temperature.or(number),
        None => {}
    }
}

fn figure(value: &Value) -> Option<f64> {
    match value {
        Value::Quantity { .. } => value.number(),
        Value::Text(text) | Value::Coded(text) => text.trim().parse().ok(),
        Value::Attachment { .. } => None,
    }
}

/// Air or oxygen from a flow (litres a minute: above 0), a fraction (above 21 %) or words.
fn on_oxygen(o: &Observation) -> Option<bool> {
    let value = o.value.as_ref()?;
    if let Some(number) = figure(value) {
        let fraction = matches!(o.code.as_str(), "3150-6" | "19994-3");
        return Some(if fraction && number <= 1.0 {
            number > 0.21
        } else if fraction {
            number > 21.0
        } else {
            number > 0.0
        });
    }
    let words = value.shown().to_ascii_lowercase();
    match words.trim() {
        "air" | "room air" | "no" | "n" | "none" | "a" => Some(false),
        "oxygen" | "o2" | "yes" | "y" | "supplemental oxygen" => Some(true),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Written down from the published chart, figure by figure, and not from the tables above.
    fn expected(parameter: Parameter, figure: f64) -> u8 {
        let f = figure;
        match parameter {
            Parameter::Respiration if f <= 8.0 => 3,
            Parameter::Respiration if f <= 11.0 => 1,
            Parameter::Respiration if f <= 20.0 => 0,
            Parameter::Respiration if f <= 24.0 => 2,
            Parameter::Respiration => 3,
            Parameter::Saturation if f <= 91.0 => 3,
            Parameter::Saturation if f <= 93.0 => 2,
            Parameter::Saturation if f <= 95.0 => 1,
            Parameter::Saturation => 0,
            Parameter::Systolic if f <= 90.0 => 3,
            Parameter::Systolic if f <= 100.0 => 2,
            Parameter::Systolic if f <= 110.0 => 1,
            Parameter::Systolic if f <= 219.0 => 0,
            Parameter::Systolic => 3,
            Parameter::Pulse if f <= 40.0 => 3,
            Parameter::Pulse if f <= 50.0 => 1,
            Parameter::Pulse if f <= 90.0 => 0,
            Parameter::Pulse if f <= 110.0 => 1,
            Parameter::Pulse if f <= 130.0 => 2,
            Parameter::Pulse => 3,
            _ => 0,
        }
    }

    fn well() -> Set {
        Set {
            scale: Scale::One,
            respiration: Some(16.0),
            saturation: Some(98.0),
            oxygen: Some(false),
            systolic: Some(120.0),
            pulse: Some(70.0),
            consciousness: Some(Acvpu::Alert),
            temperature: Some(37.0),
        }
    }

    fn part(set: &Set, parameter: Parameter) -> Option<u8> {
        score(set).parts.iter().find(|(p, _)| *p == parameter).and_then(|(_, s)| *s)
    }

    #[test]
    fn every_whole_figure_scores_as_the_chart_says() {
        for n in 0..=300 {
            let f = f64::from(n);
            let mut set = Set { respiration: Some(f), systolic: Some(f), pulse: Some(f), ..well() };
            set.saturation = Some(f.min(100.0));
            for p in [Parameter::Respiration, Parameter::Systolic, Parameter::Pulse] {
                assert_eq!(part(&set, p), Some(expected(p, f)), "{p:?} {f}");
            }
            let s = f.min(100.0);
            assert_eq!(
                part(&set, Parameter::Saturation),
                Some(expected(Parameter::Saturation, s)),
                "SpO2 {s}"
            );
        }
    }

    #[test]
    fn temperature_scores_at_every_tenth() {
        for tenth in 300..=430 {
            let want = match tenth {
                ..=350 => 3,
                351..=360 => 1,
                361..=380 => 0,
                381..=390 => 1,
                _ => 2,
            };
            let set = Set { temperature: Some(f64::from(tenth) / 10.0), ..well() };
            assert_eq!(part(&set, Parameter::Temperature), Some(want), "{tenth}");
        }
    }

    #[test]
    fn scale_two_scores_oxygen_above_its_target() {
        for (percent, oxygen, want) in [
            (83.0, Some(true), Some(3)),
            (84.0, Some(false), Some(2)),
            (85.0, Some(true), Some(2)),
            (86.0, Some(true), Some(1)),
            (87.0, None, Some(1)),
            (88.0, Some(true), Some(0)),
            (92.0, Some(true), Some(0)),
            (93.0, Some(true), Some(1)),
            (94.0, Some(true), Some(1)),
            (95.0, Some(true), Some(2)),
            (96.0, Some(true), Some(2)),
            (97.0, Some(true), Some(3)),
            (100.0, Some(true), Some(3)),
            (93.0, Some(false), Some(0)),
            (97.0, Some(false), Some(0)),
            (97.0, None, None),
        ] {
            let set = Set { scale: Scale::Two, saturation: Some(percent), oxygen, ..well() };
            assert_eq!(part(&set, Parameter::Saturation), want, "{percent} {oxygen:?}");
        }
    }

    #[test]
    fn figures_between_bands_are_rounded_first() {
        for (set, parameter, want) in [
            (Set { temperature: Some(36.05), ..well() }, Parameter::Temperature, 0),
            (Set { temperature: Some(36.04), ..well() }, Parameter::Temperature, 1),
            (Set { saturation: Some(95.6), ..well() }, Parameter::Saturation, 0),
            (Set { saturation: Some(95.4), ..well() }, Parameter::Saturation, 1),
            (Set { respiration: Some(20.5), ..well() }, Parameter::Respiration, 2),
            (Set { systolic: Some(219.6), ..well() }, Parameter::Systolic, 3),
        ] {
            assert_eq!(part(&set, parameter), Some(want), "{set:?}");
        }
    }

    #[test]
    fn a_missing_value_is_incomplete_and_totals_give_the_risk() {
        assert_eq!(score(&well()).total, Some(0));
        for gap in [
            Set { respiration: None, ..well() },
            Set { saturation: None, ..well() },
            Set { oxygen: None, ..well() },
            Set { systolic: None, ..well() },
            Set { pulse: None, ..well() },
            Set { consciousness: None, ..well() },
            Set { temperature: None, ..well() },
            Set { temperature: Some(f64::NAN), ..well() },
        ] {
            assert_eq!((score(&gap).total, score(&gap).risk), (None, None), "{gap:?}");
        }
        let worst = Set {
            respiration: Some(30.0),
            saturation: Some(80.0),
            oxygen: Some(true),
            systolic: Some(80.0),
            pulse: Some(140.0),
            consciousness: Some(Acvpu::Unresponsive),
            temperature: Some(34.0),
            scale: Scale::One,
        };
        assert_eq!((score(&worst).total, score(&worst).risk), (Some(20), Some(Risk::High)));
        let red = Set { consciousness: Some(Acvpu::Confusion), ..well() };
        assert_eq!(score(&red).risk, Some(Risk::LowMedium));
        let five = Set { pulse: Some(120.0), respiration: Some(22.0), temperature: Some(38.5), ..well() };
        assert_eq!((score(&five).total, score(&five).risk), (Some(5), Some(Risk::Medium)));
    }
}

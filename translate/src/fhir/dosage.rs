//! Dosage and Timing in the words of a medicine chart.
//!
//! Always: the hours between doses only where the source makes them certain; an instruction made of several steps is
//! given whole, in words, never its first step alone. Called by `medicines`; proved by the table here.

use super::datatypes::{Concept, Period, Quantity, Range, Ratio, words_of};
use super::lenient::{Many, Number, Text, Truth, object};
use crate::words::{self, dose_unit, figure, line};

object!(Dosage word text {
    text "text": Text<'a>,
    patient "patientInstruction": Text<'a>,
    additional "additionalInstruction": Many<Concept<'a>>,
    timing "timing": Timing<'a>,
    as_needed "asNeededBoolean": Truth,
    needed_for "asNeededCodeableConcept": Concept<'a>,
    route "route": Concept<'a>,
    rates "doseAndRate": Many<DoseAndRate<'a>>,
    maximum "maxDosePerPeriod": Ratio<'a>,
    // MedicationAdministration has these at its own level.
    dose "dose": Quantity<'a>,
    rate "rateQuantity": Quantity<'a>,
    rate_ratio "rateRatio": Ratio<'a>,
});

object!(DoseAndRate {
    kind "type": Concept<'a>,
    dose "doseQuantity": Quantity<'a>,
    dose_range "doseRange": Range<'a>,
    rate "rateQuantity": Quantity<'a>,
    rate_range "rateRange": Range<'a>,
    rate_ratio "rateRatio": Ratio<'a>,
});

object!(Timing {
    event "event": Many<Text<'a>>,
    code "code": Concept<'a>,
    repeat "repeat": Repeat<'a>,
});

object!(Repeat {
    bounds "boundsPeriod": Period<'a>,
    count "count": Number<'a>,
    count_max "countMax": Number<'a>,
    frequency "frequency": Number<'a>,
    frequency_max "frequencyMax": Number<'a>,
    period "period": Number<'a>,
    period_max "periodMax": Number<'a>,
    unit "periodUnit": Text<'a>,
    days "dayOfWeek": Many<Text<'a>>,
    times "timeOfDay": Many<Text<'a>>,
    when "when": Many<Text<'a>>,
});

/// A prescription's instructions in words.
#[derive(Default, Debug, PartialEq)]
pub(super) struct Told {
    pub dose: String,
    pub route: String,
    pub frequency: String,
    pub interval_hours: Option<f64>,
    pub as_required: bool,
    pub text: String,
}

/// All of a prescription's instructions.
pub(super) fn told(list: &[Dosage<'_>]) -> Told {
    match list {
        [] => Told::default(),
        [one] => single(one),
        many => {
            let steps: Vec<Told> = many.iter().take(10).map(single).collect();
            let words = |t: &Told| {
                if t.text.is_empty() {
                    line(&format!("{} {} {}", t.dose, t.route, t.frequency))
                } else {
                    t.text.clone()
                }
            };
            let same_route = steps.iter().all(|t| steps.first().is_some_and(|f| f.route == t.route));
            Told {
                text: words::running(&steps.iter().map(words).collect::<Vec<_>>().join("; then or also: ")),
                route: steps.first().filter(|_| same_route).map(|t| t.route.clone()).unwrap_or_default(),
                as_required: steps.iter().all(|t| t.as_required),
                ..Told::default()
            }
        }
    }
}

fn single(dosage: &Dosage<'_>) -> Told {
    let timing = timing(&dosage.timing);
    let sent = words::running(dosage.text.as_str());
    let as_required =
        dosage.as_needed.yes() || !dosage.needed_for.is_empty() || timing.as_required || says_prn(&sent);
    let mut frequency = timing.words;
    if as_required && !frequency.contains("as required") {
        let why = dosage.needed_for.words();
        let why = if why.is_empty() { String::new() } else { format!(" for {why}") };
        let comma = if frequency.is_empty() { "" } else { ", " };
        frequency = line(&format!("{frequency}{comma}as required{why}"));
    }
    let mut text = vec![sent];
    let maximum = dosage.maximum.words();
    if !maximum.is_empty() {
        text.push(format!("maximum {maximum}"));
    }
    for more in [words_of(&dosage.additional), words::running(dosage.patient.as_str())] {
        if !text.first().is_some_and(|t| t.contains(&more)) {
            text.push(more);
        }
    }
    Told {
        dose: dose(dosage),
        route: dosage.route.words(),
        frequency,
        interval_hours: if as_required { None } else { timing.interval_hours },
        as_required,
        text: text.into_iter().filter(|t| !t.is_empty()).collect::<Vec<_>>().join("; "),
    }
}

/// "PRN" or its words in the source's own text, where the coded part leaves it out.
fn says_prn(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    lower.split(|c: char| !c.is_ascii_alphanumeric()).any(|w| w == "prn")
        || lower.contains("as required")
        || lower.contains("as needed")
        || lower.contains("when required")
}

/// "500 mg", "1–2 tablet(s)", "500 mL at 80 mL/h", "10 micrograms/min".
pub(super) fn dose(dosage: &Dosage<'_>) -> String {
    let ordered = dosage.rates.iter().find(|r| r.kind.is_any(&["ordered"])).or(dosage.rates.first());
    let (dose, rate) = match ordered {
        Some(r) => (
            first([amount(&r.dose), amounts(&r.dose_range)]),
            first([amount(&r.rate), amounts(&r.rate_range), ratio(&r.rate_ratio)]),
        ),
        None => (amount(&dosage.dose), first([amount(&dosage.rate), ratio(&dosage.rate_ratio)])),
    };
    match (dose.is_empty(), rate.is_empty()) {
        (_, true) => dose,
        (true, false) => rate,
        (false, false) => format!("{dose} at {rate}"),
    }
}

fn first<const N: usize>(texts: [String; N]) -> String {
    texts.into_iter().find(|t| !t.is_empty()).unwrap_or_default()
}

fn amount(quantity: &Quantity<'_>) -> String {
    let dose = words::dose(quantity.value.figure(), quantity.unit());
    if dose.is_empty() { dose } else { format!("{}{dose}", line(quantity.comparator.as_str())) }
}

fn amounts(range: &Range<'_>) -> String {
    let (low, high) = (range.low.value.figure(), range.high.value.figure());
    let unit = dose_unit(range.unit());
    match (low, high) {
        ("", "") => String::new(),
        (one, "") => line(&format!("from {} {unit}", figure(one))),
        ("", one) => line(&format!("up to {} {unit}", figure(one))),
        (low, high) => line(&format!("{}–{} {unit}", figure(low), figure(high))),
    }
}

fn ratio(ratio: &Ratio<'_>) -> String {
    let (above, below) = (amount(&ratio.numerator), &ratio.denominator);
    let per = match (figure(below.value.figure()).as_str(), dose_unit(below.unit())) {
        (_, unit) if unit.is_empty() => return above,
        ("1" | "", unit) => unit,
        (n, unit) => format!("{n} {unit}"),
    };
    if above.is_empty() { above } else { format!("{above}/{per}") }
}

fn timing(timing: &Timing<'_>) -> words::Timing {
    let repeated = repeat(&timing.repeat);
    let code = timing.code.coding.iter().map(|c| c.code.as_str()).find(|c| !c.is_empty());
    let coded = words::timing(code.unwrap_or(timing.code.text.as_str()));
    if !repeated.words.is_empty() {
        // The code may add that it is as required; where the two differ, nothing about the hours is certain.
        let agree = coded.words.is_empty() || coded.interval_hours == repeated.interval_hours;
        let interval_hours = if agree { repeated.interval_hours } else { None };
        return words::Timing { as_required: coded.as_required, interval_hours, ..repeated };
    }
    if !coded.words.is_empty() {
        let own = line(timing.code.text.as_str());
        let words = if coded.interval_hours.is_none() && !coded.as_required && !own.is_empty() {
            own
        } else {
            coded.words
        };
        return words::Timing { words, ..coded };
    }
    let words = if timing.event.len() == 1 { "once only".to_owned() } else { String::new() };
    words::Timing { words, ..words::Timing::default() }
}

fn repeat(repeat: &Repeat<'_>) -> words::Timing {
    let number = |n: &Number<'_>| n.value().filter(|v| (0.0..=100_000.0).contains(v));
    let frequency = number(&repeat.frequency);
    let period = number(&repeat.period).filter(|p| *p > 0.0);
    let (name, hours) = match repeat.unit.as_str() {
        "s" => ("second", 1.0 / 3600.0),
        "min" => ("minute", 1.0 / 60.0),
        "h" => ("hour", 1.0),
        "d" => ("day", 24.0),
        "wk" => ("week", 168.0),
        "mo" => ("month", 0.0),
        "a" => ("year", 0.0),
        _ => ("", 0.0),
    };
    let ranged = !repeat.frequency_max.figure().is_empty() || !repeat.period_max.figure().is_empty();
    let mut parts: Vec<String> = Vec::new();
    let mut interval = None;
    if let (Some(period), false) = (period, name.is_empty()) {
        let times = frequency.unwrap_or(1.0);
        parts.push(rhythm(repeat, times, period, name));
        // Once or twice a day and single doses at a distance are certain; three and more a day follow the drug rounds.
        #[allow(clippy::float_cmp)]
        if !ranged && hours > 0.0 {
            interval = match times {
                1.0 => Some(period * hours),
                2.0 if name == "day" && period == 1.0 => Some(12.0),
                _ => None,
            };
        }
    } else if number(&repeat.count) == Some(1.0) && repeat.count_max.figure().is_empty() {
        parts.push("once only".to_owned());
    } else if let Some(times) = frequency.filter(|_| period.is_none()) {
        parts.push(format!("{times} times"));
    }
    let interval_hours = at_which_times(repeat, &mut parts, interval);
    words::Timing { words: line(&parts.join(", ")), interval_hours, as_required: false }
}

/// Days, clock times and meals; the hours between doses stay certain only for a single time each day.
fn at_which_times(repeat: &Repeat<'_>, parts: &mut Vec<String>, mut interval: Option<f64>) -> Option<f64> {
    let list = |many: &[Text<'_>]| many.iter().take(12).map(|t| line(t.as_str())).collect::<Vec<_>>();
    if !repeat.days.is_empty() {
        parts.push(format!("on {}", list(&repeat.days).join(", ")));
        interval = None;
    }
    if !repeat.times.is_empty() {
        let times: Vec<String> =
            list(&repeat.times).iter().map(|t| t.get(..5).unwrap_or(t).to_owned()).collect();
        parts.push(format!("at {}", times.join(", ")));
        interval = interval.filter(|h| times.len() == 1 && (*h - 24.0).abs() < 0.01);
    }
    if !repeat.when.is_empty() {
        let when: Vec<&str> = repeat.when.iter().take(12).map(|w| moment_of_day(w.as_str())).collect();
        parts.push(when.join(", "));
        interval = interval.filter(|h| when.len() == 1 && (*h - 24.0).abs() < 0.01);
    }
    interval
}

/// "once a day", "every 6 hours", "2 to 3 times a day", "3 times in 36 hours".
fn rhythm(repeat: &Repeat<'_>, times: f64, period: f64, name: &str) -> String {
    let single = (period - 1.0).abs() < f64::EPSILON && repeat.period_max.figure().is_empty();
    let most = repeat.frequency_max.figure();
    let count = if !most.is_empty() {
        format!("{times} to {most} times")
    } else if (times - 1.0).abs() < f64::EPSILON {
        "once".to_owned()
    } else if (times - 2.0).abs() < f64::EPSILON {
        "twice".to_owned()
    } else {
        match times.to_string().as_str() {
            "3" => "three times".to_owned(),
            "4" => "four times".to_owned(),
            other => format!("{other} times"),
        }
    };
    let longest = repeat.period_max.figure();
    let span = if longest.is_empty() { period.to_string() } else { format!("{period} to {longest}") };
    match (count.as_str(), name) {
        ("once", "hour" | "minute" | "second") if single => format!("every {name}"),
        (_, _) if single => format!("{count} {} {name}", if name == "hour" { "an" } else { "a" }),
        ("once", _) => format!("every {span} {name}s"),
        _ => format!("{count} in {span} {name}s"),
    }
}

/// HL7 v3 TimingEvent.
fn moment_of_day(code: &str) -> &str {
    match code {
        "MORN" | "MORN.early" | "MORN.late" | "CM" => "in the morning",
        "NOON" => "at noon",
        "AFT" | "AFT.early" | "AFT.late" | "CD" => "in the afternoon",
        "EVE" | "EVE.early" | "EVE.late" | "CV" => "in the evening",
        "NIGHT" => "at night",
        "HS" => "at bedtime",
        "WAKE" => "on waking",
        "C" => "with meals",
        "AC" => "before meals",
        "ACM" => "before breakfast",
        "ACD" => "before lunch",
        "ACV" => "before supper",
        "PC" => "after meals",
        "PCM" => "after breakfast",
        "PCD" => "after lunch",
        "PCV" => "after supper",
        other => other,
    }
}

/// From when, as the first instruction's bounds say.
pub(super) fn bounds<'x, 'a>(list: &'x [Dosage<'a>]) -> Option<&'x Period<'a>> {
    list.iter().map(|d| &d.timing.repeat.bounds).find(|p| !p.start.is_empty() || !p.end.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instructions_are_words_and_hours_only_where_certain() {
        for (json, dose, frequency, hours, prn) in [
            (
                r#"{"timing":{"repeat":{"frequency":1,"period":1,"periodUnit":"d"}},"doseAndRate":[{"doseQuantity":{"value":1000.0,"unit":"mg"}}]}"#,
                "1000 mg",
                "once a day",
                Some(24.0),
                false,
            ),
            (
                r#"{"timing":{"repeat":{"frequency":1,"period":6.0,"periodUnit":"h"}}}"#,
                "",
                "every 6 hours",
                Some(6.0),
                false,
            ),
            (
                r#"{"timing":{"repeat":{"frequency":3,"period":1,"periodUnit":"d"}}}"#,
                "",
                "three times a day",
                None,
                false,
            ),
            (
                r#"{"timing":{"repeat":{"frequency":2,"period":1,"periodUnit":"d"}}}"#,
                "",
                "twice a day",
                Some(12.0),
                false,
            ),
            (
                r#"{"timing":{"repeat":{"frequency":1,"frequencyMax":2,"period":1,"periodUnit":"d"}}}"#,
                "",
                "1 to 2 times a day",
                None,
                false,
            ),
            (
                r#"{"timing":{"repeat":{"frequency":1,"period":4,"periodMax":6,"periodUnit":"h"}}}"#,
                "",
                "every 4 to 6 hours",
                None,
                false,
            ),
            (r#"{"timing":{"repeat":{"when":["AC"]}}}"#, "", "before meals", None, false),
            (r#"{"timing":{"code":{"coding":[{"code":"BID"}]}}}"#, "", "twice a day", Some(12.0), false),
            (
                r#"{"timing":{"code":{"text":"BID"}},"asNeededBoolean":true}"#,
                "",
                "twice a day, as required",
                None,
                true,
            ),
            (r#"{"text":"500mg PO Q6H_PRN"}"#, "", "as required", None, true),
            (r#"{"asNeededCodeableConcept":{"text":"pain"}}"#, "", "as required for pain", None, true),
            (
                r#"{"doseAndRate":[{"doseRange":{"low":{"value":1},"high":{"value":2,"unit":"tablet"}},"rateQuantity":{"value":".5","unit":"mL/h"}}]}"#,
                "1–2 tablet(s) at 0.5 mL/h",
                "",
                None,
                false,
            ),
            (
                r#"{"doseAndRate":[{"rateRatio":{"numerator":{"value":10,"unit":"ug"},"denominator":{"value":1,"unit":"min"}}}]}"#,
                "10 micrograms/min",
                "",
                None,
                false,
            ),
        ] {
            let dosage: Dosage<'_> = serde_json::from_str(json).unwrap();
            let got = told(&[dosage]);
            assert_eq!((got.dose.as_str(), got.frequency.as_str()), (dose, frequency), "{json}");
            assert_eq!((got.interval_hours, got.as_required), (hours, prn), "{json}");
        }
    }

    #[test]
    fn an_instruction_of_several_steps_is_given_whole() {
        let steps: Many<Dosage<'_>> =
            serde_json::from_str(r#"[{"text":"2 tablets now"},{"text":"then 1 daily"}]"#).unwrap();
        let got = told(&steps);
        assert_eq!((got.dose.as_str(), got.text.as_str()), ("", "2 tablets now; then or also: then 1 daily"));
    }
}

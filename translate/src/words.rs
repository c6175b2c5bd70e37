//! Words and figures as a ward writes them: doses, units, timings, alerts; small tables, each with its source.

use care::FlagKind;

/// Longest single-line text kept, in bytes.
pub(crate) const LINE_BYTES_MAX: usize = 300;
/// Longest running text kept in a record, in bytes; the entry has the rest.
pub(crate) const TEXT_BYTES_MAX: usize = 16_000;

/// A single line, tidied. Nearly all text is plain already: one pass finds that out.
pub(crate) fn line(text: &str) -> String {
    let text = text.trim();
    let mut space_before = false;
    let mut plain = text.len() <= LINE_BYTES_MAX;
    for byte in text.bytes() {
        let space = byte == b' ';
        plain &= (b' '..0x7F).contains(&byte) && !(space && space_before);
        space_before = space;
    }
    if plain { text.to_owned() } else { basics::tidy(text, LINE_BYTES_MAX) }
}

/// Running text: line ends stay, other control characters go.
pub(crate) fn running(text: &str) -> String {
    let mut out = String::with_capacity(text.len().min(TEXT_BYTES_MAX));
    let mut chars = text.trim().chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\r' if chars.peek() == Some(&'\n') => {}
            '\r' | '\n' | '\u{85}' | '\u{2028}' | '\u{2029}' => out.push('\n'),
            '\t' => out.push(' '),
            c if c.is_control() => {}
            c => out.push(c),
        }
        if out.len() >= TEXT_BYTES_MAX {
            out.push_str(" …");
            break;
        }
    }
    out
}

/// A figure safely written: "0.5", never ".5"; "5", never "5.0"; anything else as sent.
pub(crate) fn figure(text: &str) -> String {
    let text = text.trim();
    let (sign, digits) = match text.as_bytes().first() {
        Some(b'-' | b'+') => text.split_at(1),
        _ => ("", text),
    };
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
        return line(text);
    }
    let Some((whole, fraction)) = digits.split_once('.') else { return line(text) };
    if fraction.contains('.') {
        return line(text);
    }
    let whole = if whole.is_empty() { "0" } else { whole };
    let fraction = fraction.trim_end_matches('0');
    if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }
}

/// A unit of dose, safely written: micrograms, nanograms and units in full.
pub(crate) fn dose_unit(text: &str) -> String {
    let text = line(text);
    match text.to_ascii_lowercase().as_str() {
        "mcg" | "ug" | "µg" | "μg" | "microg" | "microgram" | "micrograms" => "micrograms".to_owned(),
        "ng" | "nanogram" => "nanograms".to_owned(),
        "iu" | "[iu]" | "u" | "unt" | "unit" => "units".to_owned(),
        "mg" | "g" | "kg" | "ml" | "mmol" => text.to_ascii_lowercase(),
        "mcg/h" | "mcg/hr" | "ug/h" => "micrograms/hour".to_owned(),
        "tablet" | "tab" | "tabs" => "tablet(s)".to_owned(),
        _ => text,
    }
}

/// A unit of measurement as it is printed: UCUM's spellings that mean one thing only and that nobody writes by hand;
/// all others as sent.
pub(crate) fn unit(text: &str) -> String {
    let printed = match text.trim() {
        "Cel" => "°C",
        "[degF]" => "°F",
        "mm[Hg]" => "mmHg",
        "cm[H2O]" => "cmH2O",
        "10*9/L" => "×10⁹/L",
        "10*12/L" => "×10¹²/L",
        "[IU]/L" | "[iU]/L" => "IU/L",
        "[IU]/mL" | "[iU]/mL" => "IU/mL",
        "m[IU]/L" | "m[iU]/L" => "mIU/L",
        "{score}" | "{Score}" => "",
        other => return line(other),
    };
    printed.to_owned()
}

/// A form of medicine in words where only its usual short code was sent; a short code that may mean two forms (INH, an
/// inhaler or something to inhale; SYR, a syrup or a syringe) stays as sent.
pub(crate) fn form(text: &str) -> String {
    let word = match text.trim().to_ascii_uppercase().as_str() {
        "TAB" | "TABS" => "tablet",
        "CAP" | "CAPS" => "capsule",
        "INJ" => "injection",
        "SOL" | "SOLN" => "solution",
        "SUSP" => "suspension",
        "SUPP" => "suppository",
        "CRM" => "cream",
        "OINT" => "ointment",
        "AMP" => "ampoule",
        "ELIX" => "elixir",
        _ => return line(text),
    };
    word.to_owned()
}

/// Amount and unit as one dose.
pub(crate) fn dose(amount: &str, unit: &str) -> String {
    let amount = figure(amount);
    let unit = dose_unit(unit);
    match (amount.is_empty(), unit.is_empty()) {
        (true, _) => String::new(),
        (false, true) => amount,
        (false, false) => format!("{amount} {unit}"),
    }
}

/// A timing: the words, the hours between doses where that is certain, and whether it is as required.
#[derive(Clone, PartialEq, Debug, Default)]
pub(crate) struct Timing {
    pub words: String,
    pub interval_hours: Option<f64>,
    pub as_required: bool,
}

/// Reads an interval code (HL7 table 0335 and British habit): QD, BD, Q6H, PRN … Three and more times a day follow the
/// ward's drug rounds, so that the hours between doses are not certain.
pub(crate) fn timing(code: &str) -> Timing {
    let upper = code.trim().to_ascii_uppercase();
    let (base, as_required) = match upper.strip_suffix("PRN").or_else(|| upper.strip_prefix("PRN")) {
        Some(rest) => (rest.trim().to_owned(), true),
        None => (upper, false),
    };
    let (words, hours): (String, Option<f64>) = match base.as_str() {
        "" if as_required => ("as required".to_owned(), None),
        "OD" | "QD" | "DAILY" | "Q1D" | "ONCE DAILY" | "ONCE A DAY" | "Q24H" => {
            ("once a day".to_owned(), Some(24.0))
        }
        "OM" | "MANE" | "QAM" | "AM" => ("once a day, in the morning".to_owned(), Some(24.0)),
        "ON" | "NOCTE" | "QHS" | "HS" | "QPM" => ("once a day, at night".to_owned(), Some(24.0)),
        "BD" | "BID" | "TWICE DAILY" | "TWICE A DAY" => ("twice a day".to_owned(), Some(12.0)),
        "TDS" | "TID" => ("three times a day".to_owned(), None),
        "QDS" | "QID" => ("four times a day".to_owned(), None),
        "QOD" | "ALTERNATE DAYS" | "Q2D" => ("every second day".to_owned(), Some(48.0)),
        "WEEKLY" | "QW" | "Q1W" | "Q1J1" => ("once a week".to_owned(), Some(168.0)),
        "STAT" | "ONCE" | "1 TIME ONLY" => ("once only".to_owned(), None),
        "C" | "CONT" | "CONTINUOUS" => ("continuously".to_owned(), None),
        other => match every(other) {
            Some((1.0, 'H')) => ("every hour".to_owned(), Some(1.0)),
            Some((n, 'H')) => (format!("every {n} hours"), Some(n)),
            Some((n, 'M')) => (format!("every {n} minutes"), Some(n / 60.0)),
            Some((n, _)) => (format!("every {n} days"), Some(n * 24.0)),
            None => (line(code), None),
        },
    };
    let words = if as_required && words != "as required" { format!("{words}, as required") } else { words };
    Timing { words, interval_hours: if as_required { None } else { hours }, as_required }
}

/// "Q6H", "Q90M", "Q3D".
fn every(code: &str) -> Option<(f64, char)> {
    let inner = code.strip_prefix('Q')?;
    let unit = inner.chars().last().filter(|u| matches!(u, 'H' | 'M' | 'D'))?;
    let number: u16 = inner.get(..inner.len() - 1)?.trim().parse().ok()?;
    (1..=999).contains(&number).then_some((f64::from(number), unit))
}

/// What an alert is about, by its code or words. SNOMED CT codes for resuscitation decisions; the rest are the words
/// hospitals use.
pub(crate) fn alert_kind(code: &str, words: &str) -> Option<FlagKind> {
    const CODES: [(&str, FlagKind); 10] = [
        ("450476008", FlagKind::Resuscitation),
        ("304253006", FlagKind::Resuscitation),
        ("450475007", FlagKind::Resuscitation),
        ("304252001", FlagKind::Resuscitation),
        ("89666000", FlagKind::Resuscitation),
        ("427000000", FlagKind::Falls),
        ("129839007", FlagKind::Falls),
        ("266096002", FlagKind::Infection),
        ("115329001", FlagKind::Infection),
        ("725181002", FlagKind::Safeguarding),
    ];
    const WORDS: [(&str, FlagKind); 28] = [
        ("resus", FlagKind::Resuscitation),
        ("dnacpr", FlagKind::Resuscitation),
        ("dnar", FlagKind::Resuscitation),
        ("cardiopulmonary", FlagKind::Resuscitation),
        ("code status", FlagKind::Resuscitation),
        ("treatment escalation", FlagKind::Resuscitation),
        ("infection", FlagKind::Infection),
        ("mrsa", FlagKind::Infection),
        ("vre", FlagKind::Infection),
        ("cpe", FlagKind::Infection),
        ("difficile", FlagKind::Infection),
        ("c diff", FlagKind::Infection),
        ("c. diff", FlagKind::Infection),
        ("norovirus", FlagKind::Infection),
        ("covid", FlagKind::Infection),
        ("isolation", FlagKind::Infection),
        ("barrier nurs", FlagKind::Infection),
        ("biohazard", FlagKind::Infection),
        ("falls", FlagKind::Falls),
        ("fall risk", FlagKind::Falls),
        ("risk of fall", FlagKind::Falls),
        ("safeguard", FlagKind::Safeguarding),
        ("child protection", FlagKind::Safeguarding),
        ("vulnerable adult", FlagKind::Safeguarding),
        ("domestic abuse", FlagKind::Safeguarding),
        ("deprivation of liberty", FlagKind::Safeguarding),
        ("dols", FlagKind::Safeguarding),
        ("mental capacity", FlagKind::Safeguarding),
    ];
    if let Some((_, kind)) = CODES.iter().find(|(known, _)| *known == code) {
        return Some(*kind);
    }
    let short_code = code.to_ascii_uppercase();
    match short_code.as_str() {
        "DNACPR" | "DNAR" | "DNR" | "RESUS" | "CPR" => return Some(FlagKind::Resuscitation),
        "MRSA" | "INF" | "INFECT" | "INFECTION" | "CDIFF" | "VRE" | "CPE" => {
            return Some(FlagKind::Infection);
        }
        "FALL" | "FALLS" | "FALLRISK" => return Some(FlagKind::Falls),
        "SAFE" | "SAFEG" | "SAFEGUARDING" | "CP" | "VA" => return Some(FlagKind::Safeguarding),
        _ => {}
    }
    let lower = words.to_lowercase();
    // Short words must stand alone ("vre" is not in "severe").
    let has = |needle: &str| {
        if needle.len() > 4 {
            return lower.contains(needle);
        }
        lower.split(|c: char| !c.is_alphanumeric() && c != ' ' && c != '.').any(|part| {
            part.split_whitespace().any(|word| word == needle)
                || needle.contains([' ', '.']) && part.contains(needle)
        })
    };
    WORDS.iter().find(|(needle, _)| has(needle)).map(|(_, kind)| *kind)
}

/// Whether an alert's value says that it does not apply: "No", "Negative", "Not detected", "Low risk".
pub(crate) fn says_no(value: &str) -> bool {
    let lower = value.trim().to_lowercase();
    let lower = lower.trim_end_matches('.');
    matches!(
        lower,
        "n" | "no"
            | "none"
            | "negative"
            | "neg"
            | "false"
            | "0"
            | "inactive"
            | "not detected"
            | "low"
            | "low risk"
            | "nil"
            | "not applicable"
            | "n/a"
            | "resolved"
            | "cleared"
            | "ended"
            | "not at risk"
            | "no concerns"
            | "for resuscitation"
            | "for cpr"
            | "for full resuscitation"
            | "full"
            | "full escalation"
            | "for attempted cpr"
            | "unknown"
            | "not known"
    )
}

/// Whether a value only says that the alert applies, so that the alert's own name has to be shown.
pub(crate) fn says_yes(value: &str) -> bool {
    let lower = value.trim().to_lowercase();
    matches!(lower.as_str(), "" | "y" | "yes" | "true" | "1" | "active" | "positive" | "present" | "a")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doses_are_written_safely() {
        for (amount, unit, want) in [
            (".5", "mg", "0.5 mg"),
            ("0.50", "MG", "0.5 mg"),
            ("1.0", "g", "1 g"),
            ("100", "mcg", "100 micrograms"),
            ("10", "", "10"),
            ("10", "iu", "10 units"),
            ("1-2", "TAB", "1-2 tablet(s)"),
            ("", "mg", ""),
        ] {
            assert_eq!(dose(amount, unit), want, "{amount} {unit}");
        }
    }

    #[test]
    fn codes_are_put_in_words_only_where_they_mean_one_thing() {
        for (code, want) in
            [("Cel", "°C"), ("mm[Hg]", "mmHg"), ("g/L", "g/L"), ("10*9/L", "×10⁹/L"), ("C", "C")]
        {
            assert_eq!(unit(code), want);
        }
        for (code, want) in [("TAB", "tablet"), ("SYR", "SYR"), ("film-coated tablet", "film-coated tablet")]
        {
            assert_eq!(form(code), want);
        }
    }

    #[test]
    fn timings_are_words_and_hours_only_where_certain() {
        for (code, words, hours, prn) in [
            ("BD", "twice a day", Some(12.0), false),
            ("TDS", "three times a day", None, false),
            ("Q6H", "every 6 hours", Some(6.0), false),
            ("Q4H PRN", "every 4 hours, as required", None, true),
            ("PRN", "as required", None, true),
            ("NOCTE", "once a day, at night", Some(24.0), false),
            ("with meals", "with meals", None, false),
            ("Q0H", "Q0H", None, false),
        ] {
            let got = timing(code);
            assert_eq!(
                (got.words.as_str(), got.interval_hours, got.as_required),
                (words, hours, prn),
                "{code}"
            );
        }
    }

    #[test]
    fn alerts_are_told_by_code_and_words() {
        for (code, words, want) in [
            ("450476008", "", Some(FlagKind::Resuscitation)),
            ("X1", "Not for resuscitation", Some(FlagKind::Resuscitation)),
            ("X2", "MRSA positive", Some(FlagKind::Infection)),
            ("X3", "High risk of falls", Some(FlagKind::Falls)),
            ("X4", "Child protection plan", Some(FlagKind::Safeguarding)),
            ("X5", "Severe pain", None),
        ] {
            assert_eq!(alert_kind(code, words), want, "{words}");
        }
    }
}

//! The words of a sheet: ages of data, dates of birth, doses, flags.
//!
//! Rules of a patient's paper: "Not recorded" instead of a blank, `0.5` never `.5` or `0.50`, `micrograms` never `mcg`,
//! clinical dates. Called by every sheet; proved by the tables below.

use basics::{Moment, PartialDate, Zone};
use care::{AbnormalFlag, FlagKind, OrderStatus, ResultStatus, Severity};

/// What stands where nothing is known.
pub(crate) const NOT_RECORDED: &str = "Not recorded";

/// The text, or "Not recorded".
pub(crate) fn or_not_recorded(text: &str) -> &str {
    if text.trim().is_empty() { NOT_RECORDED } else { text }
}

/// What to go by where a name holds letters that the fonts of a sheet lack: they stand there as codes.
pub(crate) fn codes_for_letters(nhs_number_known: bool) -> &'static str {
    if nhs_number_known {
        "Codes in [brackets] stand for letters this sheet cannot print. Go by NHS number and date of birth."
    } else {
        "Codes in [brackets] stand for letters this sheet cannot print. Go by MRN and date of birth."
    }
}

/// A length of time in words: "less than a minute", "4 minutes", "3 hours 10 minutes", "2 days 4 hours".
pub(crate) fn length(seconds: i64) -> String {
    let count = |n: i64, unit: &str| if n == 1 { format!("1 {unit}") } else { format!("{n} {unit}s") };
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60);
    let pair = |first: String, rest: i64, unit: &str| {
        if rest == 0 { first } else { format!("{first} {}", count(rest, unit)) }
    };
    match () {
        () if days > 0 => pair(count(days, "day"), hours, "hour"),
        () if hours > 0 => pair(count(hours, "hour"), minutes, "minute"),
        () if minutes > 0 => count(minutes, "minute"),
        () => "less than a minute".to_owned(),
    }
}

/// "14-Jul-1945 (72y)"; months below two years, days below one month.
pub(crate) fn born(birth: Option<PartialDate>, on: PartialDate) -> String {
    match birth {
        None => NOT_RECORDED.to_owned(),
        Some(date) => match age(date, on) {
            Some(age) => format!("{date} ({age})"),
            None => date.to_string(),
        },
    }
}

fn age(birth: PartialDate, on: PartialDate) -> Option<String> {
    let years = birth.years_until(on)?;
    let ((by, bm, bd), (oy, om, od)) = (birth.numbers(), on.numbers());
    if years >= 2 || bm.is_none() {
        return Some(format!("{years}y"));
    }
    let months = i32::from(oy - by) * 12 + i32::from(om?) - i32::from(bm?) - i32::from(od? < bd.unwrap_or(1));
    if months >= 1 {
        return Some(format!("{months}m"));
    }
    let days = if om == bm { i32::from(od?) - i32::from(bd?) } else { i32::from(od?) + 31 - i32::from(bd?) };
    (days >= 0).then(|| format!("{days}d"))
}

/// Whether a patient is old enough for NEWS2, which is not for under-16s.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Sixteen {
    Reached,
    NotReached,
    /// Too little of the date of birth is known to be sure.
    Unsure,
    Unknown,
}

/// Whether somebody born then is sixteen by `on`; a year alone is taken at its latest day.
pub(crate) fn sixteen(birth: Option<PartialDate>, on: PartialDate) -> Sixteen {
    let Some(birth) = birth else { return Sixteen::Unknown };
    let (year, month, day) = birth.numbers();
    let latest = PartialDate::from_numbers(year, month.or(Some(12)), day.or(Some(28)));
    let certain = latest.and_then(|d| d.years_until(on)).is_some_and(|y| y >= 16);
    match birth.years_until(on) {
        _ if certain => Sixteen::Reached,
        Some(16..) => Sixteen::Unsure,
        _ => Sixteen::NotReached,
    }
}

/// Figures written so that they cannot be misread: a leading nought before a bare point, no trailing noughts after
/// one, `micrograms` and `units` in full. The value stays as sent.
pub(crate) fn safe_dose(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let take = if c.is_ascii_digit() || starts_with_bare_point(rest, &out) {
            figure(rest, &mut out)
        } else if c.is_alphabetic() || c == 'µ' || c == 'μ' {
            word(rest, &mut out)
        } else {
            out.push(c);
            c.len_utf8()
        };
        rest = rest.get(take..).unwrap_or("");
    }
    out
}

/// A safely written dose that is not parted at a line's end, unless it is too long to stand on one.
pub(crate) fn dose(text: &str) -> String {
    let safe = safe_dose(or_not_recorded(text));
    if safe.chars().count() <= 18 { safe.replace(' ', "\u{a0}") } else { safe }
}

fn starts_with_bare_point(rest: &str, before: &str) -> bool {
    rest.starts_with('.')
        && rest.chars().nth(1).is_some_and(|c| c.is_ascii_digit())
        && !before.ends_with(|c: char| c.is_alphanumeric() || c == '.')
}

/// Copies one figure; returns how many bytes it took.
fn figure(rest: &str, out: &mut String) -> usize {
    let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
    let sent = rest.get(..end).unwrap_or("");
    let dots = sent.matches('.').count();
    // Dates, versions and sentence ends are not decimals and stay untouched.
    if dots != 1 || sent.ends_with('.') {
        out.push_str(sent);
        return end;
    }
    let (whole, decimals) = sent.split_once('.').unwrap_or((sent, ""));
    let decimals = decimals.trim_end_matches('0');
    out.push_str(if whole.is_empty() { "0" } else { whole });
    if !decimals.is_empty() {
        out.push('.');
        out.push_str(decimals);
    }
    end
}

/// Copies one word, spelling out the units that have killed; returns how many bytes it took.
fn word(rest: &str, out: &mut String) -> usize {
    let end = rest.find(|c: char| !c.is_alphabetic() && c != 'µ' && c != 'μ').unwrap_or(rest.len());
    let sent = rest.get(..end).unwrap_or("");
    let after_figure = out.trim_end().ends_with(|c: char| c.is_ascii_digit());
    let full = match sent {
        "mcg" | "MCG" | "Mcg" | "mcgs" | "ug" | "µg" | "μg" | "microgram" => "micrograms",
        "ng" if after_figure => "nanograms",
        "IU" | "iu" | "U" | "u" if after_figure => "units",
        other => other,
    };
    if full != sent && out.ends_with(|c: char| c.is_ascii_digit()) {
        out.push(' ');
    }
    // "1 microgram" as sent is right and stays.
    let one = sent == "microgram" && (out.ends_with(" 1 ") || out == "1 ");
    out.push_str(if one { sent } else { full });
    end
}

/// A medicine's name as a ward writes it: lower case. Names that are codes or hold figures keep their capitals.
pub(crate) fn medicine_name(sent: &str) -> String {
    let name: Vec<String> = sent
        .split(' ')
        .map(|word| {
            let letters = word.chars().filter(|c| c.is_alphabetic()).count();
            let keep = letters < 4 && word.chars().all(|c| !c.is_lowercase())
                || word.chars().any(|c| c.is_ascii_digit());
            if keep { word.to_owned() } else { word.to_lowercase() }
        })
        .collect();
    safe_dose(&name.join(" "))
}

/// Words beside an abnormal result: a letter, an arrow and a word, never colour.
pub(crate) fn abnormal(flag: AbnormalFlag) -> &'static str {
    match flag {
        AbnormalFlag::Normal => "",
        AbnormalFlag::Low => "L ↓ low",
        AbnormalFlag::High => "H ↑ high",
        AbnormalFlag::CriticalLow => "LL ↓↓ critically low",
        AbnormalFlag::CriticalHigh => "HH ↑↑ critically high",
        AbnormalFlag::Abnormal => "A abnormal",
        AbnormalFlag::CriticalAbnormal => "AA critically abnormal",
    }
}

/// A result's status where it is more than "final".
pub(crate) fn status(status: ResultStatus) -> &'static str {
    match status {
        ResultStatus::Final => "",
        ResultStatus::Registered => "AWAITED",
        ResultStatus::Preliminary => "PRELIMINARY",
        ResultStatus::Corrected => "CORRECTED",
        ResultStatus::Cancelled => "CANCELLED",
        ResultStatus::Withdrawn => "WITHDRAWN",
    }
}

pub(crate) fn order_status(status: OrderStatus) -> &'static str {
    match status {
        OrderStatus::Requested => "Requested",
        OrderStatus::InProgress => "In progress",
        OrderStatus::Partial => "Some results back",
        OrderStatus::Completed => "Completed",
        OrderStatus::Cancelled => "Cancelled",
    }
}

pub(crate) fn flag_kind(kind: FlagKind) -> &'static str {
    match kind {
        FlagKind::Resuscitation => "Resuscitation",
        FlagKind::Infection => "Infection",
        FlagKind::Falls => "Falls",
        FlagKind::Safeguarding => "Safeguarding",
        FlagKind::Other => "Alert",
    }
}

pub(crate) fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Mild => "mild",
        Severity::Moderate => "moderate",
        Severity::Severe => "SEVERE",
    }
}

/// A moment in the clinical form, or "Not recorded".
pub(crate) fn moment(zone: &Zone, at: Option<Moment>) -> String {
    at.map_or_else(|| NOT_RECORDED.to_owned(), |at| zone.clinical(at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doses_cannot_be_misread() {
        for (sent, shown) in [
            ("500 mg", "500 mg"),
            (".5 mg", "0.5 mg"),
            ("0.50 mg", "0.5 mg"),
            ("1.0 g", "1 g"),
            ("100 mcg", "100 micrograms"),
            ("100mcg", "100 micrograms"),
            ("62.50 µg", "62.5 micrograms"),
            ("1 microgram", "1 microgram"),
            ("10 U", "10 units"),
            ("5000 IU", "5000 units"),
            ("10 units", "10 units"),
            ("100 micrograms/hour", "100 micrograms/hour"),
            ("50 ng", "50 nanograms"),
            ("10.25 mL", "10.25 mL"),
            ("1.000.000", "1.000.000"),
            ("vitamin D. 5 mL", "vitamin D. 5 mL"),
            ("100", "100"),
            ("1,000 mg", "1,000 mg"),
            ("0.05-0.10 mg", "0.05-0.1 mg"),
            ("Une gélule", "Une gélule"),
            ("", ""),
        ] {
            assert_eq!(safe_dose(sent), shown, "{sent}");
        }
    }

    #[test]
    fn medicines_are_lower_case() {
        for (sent, shown) in [
            ("AMOXICILLIN", "amoxicillin"),
            ("Co-amoxiclav 625 MG", "co-amoxiclav 625 MG"),
            ("Levothyroxine 50 mcg tablets", "levothyroxine 50 micrograms tablets"),
            ("Vitamin B12", "vitamin B12"),
            ("insulin NPH", "insulin NPH"),
        ] {
            assert_eq!(medicine_name(sent), shown, "{sent}");
        }
    }

    #[test]
    fn ages_of_data_are_in_words() {
        for (seconds, words) in [
            (0, "less than a minute"),
            (-5, "less than a minute"),
            (60, "1 minute"),
            (59 * 60, "59 minutes"),
            (3600, "1 hour"),
            (3 * 3600 + 600, "3 hours 10 minutes"),
            (2 * 86_400 + 4 * 3600, "2 days 4 hours"),
        ] {
            assert_eq!(length(seconds), words);
        }
    }

    #[test]
    fn a_childs_age_is_in_the_right_unit_and_sixteen_is_sure() {
        let date = |text: &str| PartialDate::parse_iso(text);
        let on = date("2017-05-12").unwrap();
        for (birth, shown, is) in [
            ("1945-07-14", "14-Jul-1945 (71y)", Sixteen::Reached),
            ("2001-05-12", "12-May-2001 (16y)", Sixteen::Reached),
            ("2001-05-13", "13-May-2001 (15y)", Sixteen::NotReached),
            ("2016-02-20", "20-Feb-2016 (14m)", Sixteen::NotReached),
            ("2017-05-01", "01-May-2017 (11d)", Sixteen::NotReached),
            ("2001", "2001 (16y)", Sixteen::Unsure),
            ("2000", "2000 (17y)", Sixteen::Reached),
            ("2018", "2018", Sixteen::NotReached),
        ] {
            assert_eq!(born(date(birth), on), shown);
            assert_eq!(sixteen(date(birth), on), is, "{birth}");
        }
        assert_eq!(born(None, on), "Not recorded");
        assert_eq!(sixteen(None, on), Sixteen::Unknown);
    }
}

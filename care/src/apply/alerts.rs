//! Alerts and diagnoses: each replaced by a newer word about the same thing.

use super::{CONDITIONS_MAX, FLAGS_MAX, drop_oldest, not_older};
use crate::problems::folded;
use crate::{Cite, Condition, Flag, PatientRecord};

pub(super) fn flag(record: &mut PatientRecord, flag: &Flag, cite: &Cite) {
    let told = Flag { cite: Some(cite.clone()), ..flag.clone() };
    let index = known_as(&record.flags, flag, cite);
    match index.and_then(|index| record.flags.get_mut(index)) {
        Some(known) if not_older(known.cite.as_ref(), cite) => {
            let since = known.since;
            *known = told;
            known.since = known.since.or(since);
        }
        Some(_) => {}
        None => record.flags.push(told),
    }
    drop_oldest(&mut record.flags, FLAGS_MAX, |f| !f.active);
}

/// Which known alert a word is about. Some senders put every alert under one question ("infection alert"): two answers
/// in one message are two alerts then, and a later answer finds the alert of its own words first. Hazard: hidden alert.
fn known_as(flags: &[Flag], flag: &Flag, cite: &Cite) -> Option<usize> {
    // Two systems give one alert two codes: the same words about the same kind of thing are the same alert.
    let words = folded(&flag.text);
    let same_words =
        |known: &Flag| known.kind == flag.kind && !words.is_empty() && folded(&known.text) == words;
    flags.iter().position(same_words).or_else(|| {
        let of_this_message = |known: &Flag| known.cite.as_ref().is_some_and(|c| c.entry == cite.entry);
        flags.iter().position(|known| same_flag(known, flag) && !(known.active && of_this_message(known)))
    })
}

fn same_flag(a: &Flag, b: &Flag) -> bool {
    a.kind == b.kind
        && if a.code.is_empty() || b.code.is_empty() {
            a.text.eq_ignore_ascii_case(&b.text)
        } else {
            a.code == b.code
        }
}

pub(super) fn condition(record: &mut PatientRecord, condition: &Condition, cite: &Cite) {
    let told = Condition { cite: Some(cite.clone()), ..condition.clone() };
    match record.conditions.iter_mut().find(|known| same_condition(known, condition)) {
        Some(known) if not_older(known.cite.as_ref(), cite) => *known = told,
        Some(_) => {}
        None => record.conditions.push(told),
    }
    drop_oldest(&mut record.conditions, CONDITIONS_MAX, |c| !c.active);
}

fn same_condition(a: &Condition, b: &Condition) -> bool {
    if !a.id.is_empty() && !b.id.is_empty() {
        return a.id == b.id;
    }
    if !a.code.is_empty() && !b.code.is_empty() {
        return a.code == b.code;
    }
    a.text.eq_ignore_ascii_case(&b.text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::FlagKind;
    use basics::{EntryNumber, FeedName, Moment};

    fn hear(record: &mut PatientRecord, entry: u64, code: &str, text: &str, active: bool) {
        let (code, text) = (code.to_owned(), text.to_owned());
        let told = Flag { kind: FlagKind::Infection, code, text, active, since: None, cite: None };
        let at = Moment::from_milliseconds(i64::try_from(entry).unwrap() * 60_000);
        let feed = FeedName::new("pas").unwrap();
        flag(record, &told, &Cite { entry: EntryNumber(entry), at, received: at, feed });
    }

    fn shown(record: &PatientRecord) -> Vec<&str> {
        record.flags.iter().filter(|f| f.active).map(|f| f.text.as_str()).collect()
    }

    #[test]
    fn two_alerts_under_one_question_are_both_shown() {
        let mut record = PatientRecord::default();
        hear(&mut record, 1, "INFECTION", "MRSA positive", true);
        hear(&mut record, 1, "INFECTION", "CPE carrier", true);
        assert_eq!(shown(&record), ["MRSA positive", "CPE carrier"]);
        hear(&mut record, 2, "INFECTION", "MRSA positive", true);
        hear(&mut record, 2, "INFECTION", "CPE carrier", true);
        assert_eq!(shown(&record), ["MRSA positive", "CPE carrier"]);
    }

    #[test]
    fn one_alert_with_two_codes_is_shown_once() {
        let mut record = PatientRecord::default();
        hear(&mut record, 1, "MRSA", "MRSA positive", true);
        hear(&mut record, 2, "115329001", "MRSA: Positive", true);
        assert_eq!(shown(&record), ["MRSA: Positive"]);
        hear(&mut record, 3, "115329001", "MRSA positive", false);
        assert!(shown(&record).is_empty());
    }

    #[test]
    fn a_later_answer_replaces_the_one_before() {
        let mut record = PatientRecord::default();
        hear(&mut record, 1, "MRSA", "MRSA: screen sent", true);
        hear(&mut record, 2, "MRSA", "MRSA: positive", true);
        assert_eq!(shown(&record), ["MRSA: positive"]);
        hear(&mut record, 3, "MRSA", "MRSA", false);
        assert!(shown(&record).is_empty());
    }
}

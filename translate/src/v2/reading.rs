//! Reading the parts that occur everywhere: coded texts, people, times, numbers of orders.

use crate::FeedRules;
use crate::words::line;
use basics::{Moment, PartialDate};
use hl7::{Component, Field, Precision, Repetition, Segment, Timestamp};

/// A coded element: code, words, system. Words fall back to the alternate's words, then to the code.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Coded {
    pub code: String,
    pub words: String,
    pub system: String,
}

/// CE, CWE, CNE: the first triplet; the alternate one when the first has nothing; CWE.9, the original text, last.
pub(super) fn coded(repetition: Repetition<'_>) -> Coded {
    // One pass over the components: this is the most read shape of all.
    let mut parts =
        repetition.components().map(|c| if c.is_empty() { String::new() } else { line(&c.text()) });
    let mut next = || parts.next().unwrap_or_default();
    let (mut code, mut words, mut system) = (next(), next(), next());
    if words.is_empty() {
        let (alternate_code, alternate_words, alternate_system) = (next(), next(), next());
        if code.is_empty() {
            (code, system) = (alternate_code, alternate_system);
        }
        words = alternate_words;
        if words.is_empty() {
            // CWE.7 and CWE.8 are versions.
            words = parts.nth(2).unwrap_or_default();
        }
    }
    if words.is_empty() {
        words.clone_from(&code);
    }
    Coded { code, words, system }
}

/// Field `n` of a segment as a coded element.
pub(super) fn coded_field(segment: &Segment<'_>, n: usize) -> Coded {
    coded(segment.field(n).first())
}

/// Words of field `n`: of a coded element its words, of plain text the text.
pub(super) fn words_field(segment: &Segment<'_>, n: usize) -> String {
    let field = segment.field(n);
    if field.is_empty() {
        return String::new();
    }
    coded(field.first()).words
}

/// First component of field `n`.
pub(super) fn text_field(segment: &Segment<'_>, n: usize) -> String {
    let field = segment.field(n);
    if field.is_empty() { String::new() } else { line(&field.text()) }
}

/// First subcomponent of a component, for parts that may be composite (`NHS&2.16.840&ISO`).
pub(super) fn head(component: Component<'_>) -> String {
    let first = component.subcomponent(1);
    if first.is_empty() { line(&component.text()) } else { line(&first.text()) }
}

/// A clinician (XCN): "Dr Kathleen Woolfson"; the bare code when no name is there.
pub(super) fn clinician(repetition: Repetition<'_>) -> String {
    if repetition.is_empty() {
        return String::new();
    }
    let part = |n: usize| head(repetition.component(n));
    let (family, given, prefix) = (part(2), part(3), part(6));
    let name = [prefix, given, family].into_iter().filter(|p| !p.is_empty()).collect::<Vec<_>>().join(" ");
    if name.is_empty() { part(1) } else { name }
}

/// A moment; a date alone is its midnight. `None` when there is none, or it is no date.
pub(super) fn moment(component: Component<'_>, rules: &FeedRules) -> Option<Moment> {
    if component.is_empty() {
        return None;
    }
    // DTM inside TS may carry a precision as second subcomponent.
    let text = component.subcomponent(1).text();
    Timestamp::parse(&text)?.moment(&rules.zone)
}

/// A moment that says at least the hour: times that order messages must not be midnights made of dates.
pub(super) fn exact_moment(component: Component<'_>, rules: &FeedRules) -> Option<Moment> {
    if component.is_empty() {
        return None;
    }
    let stamp = Timestamp::parse(&component.subcomponent(1).text())?;
    if stamp.precision() < Precision::Hour { None } else { stamp.moment(&rules.zone) }
}

/// Field `n` as a moment.
pub(super) fn moment_field(segment: &Segment<'_>, n: usize, rules: &FeedRules) -> Option<Moment> {
    let field = segment.field(n);
    if field.is_empty() { None } else { moment(field.component(1), rules) }
}

/// Field as a date, as precise as it was said.
pub(super) fn date(field: Field<'_>) -> Option<PartialDate> {
    Timestamp::parse(&field.component(1).subcomponent(1).text())?.date()
}

/// An entity identifier (EI): its first component.
pub(super) fn number(segment: &Segment<'_>, n: usize) -> String {
    text_field(segment, n)
}

/// The place of a problem: "OBX[3]-5"; segments are counted from 0 in the message.
pub(super) fn place(segment: &Segment<'_>, field: usize) -> String {
    let name = if segment.name().is_empty() { "segment" } else { segment.name() };
    if field == 0 {
        format!("{name}[{}]", segment.index())
    } else {
        format!("{name}[{}]-{field}", segment.index())
    }
}

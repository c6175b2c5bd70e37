//! Places in a message, written as interface people write them: `PID-3(2).4`.
//!
//! Promises: a path that is none finds nothing. Called by `Message::text`; proved by the table below.

use crate::Message;
use std::borrow::Cow;

/// See [`Message::text`].
pub(crate) fn text<'a>(message: &Message<'a>, path: &str) -> Option<Cow<'a, str>> {
    let (segment, rest) = path.split_once('-')?;
    let (name, occurrence) = counted(segment)?;
    let mut numbers = rest.split(['.', '-']);
    let (field, repetition) = counted(numbers.next()?)?;
    let component = number_or_none(numbers.next())?;
    let subcomponent = number_or_none(numbers.next())?;
    if numbers.next().is_some() {
        return None;
    }
    let segment = message.segments().filter(|s| s.name() == name).nth(occurrence - 1)?;
    let field = segment.field(number(field)?);
    let repetition = field.repetitions().nth(repetition - 1)?;
    let mut part = repetition.component(component.unwrap_or(1));
    if let Some(n) = subcomponent {
        part = part.subcomponent(n);
    }
    (!part.is_empty()).then(|| part.text())
}

/// `OBX(2)` as ("OBX", 2), `OBX` as ("OBX", 1).
fn counted(text: &str) -> Option<(&str, usize)> {
    match text.split_once(['(', '[']) {
        None => Some((text, 1)),
        Some((name, count)) => Some((name, number(count.strip_suffix([')', ']'])?)?)),
    }
}

fn number_or_none(text: Option<&str>) -> Option<Option<usize>> {
    match text {
        None => Some(None),
        Some(t) => number(t).map(Some),
    }
}

fn number(text: &str) -> Option<usize> {
    text.parse().ok().filter(|n| *n > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_lead_where_they_say() {
        let raw = "MSH|^~\\&|A\rPID|1||11^^^R0A~22^^^NHS&oid^NH||Smith^Ann\rOBX|1|ST|||a\rOBX|2|ST|||b";
        let message = Message::parse(raw.as_bytes()).expect("readable");
        for (path, expected) in [
            ("PID-5.1", Some("Smith")),
            ("PID-5.2", Some("Ann")),
            ("PID-5-2", Some("Ann")),
            ("PID-5", Some("Smith")),
            ("PID-3(2).4", Some("NHS&oid")),
            ("PID-3[2].4.2", Some("oid")),
            ("PID-3(3)", None),
            ("OBX(2)-5", Some("b")),
            ("OBX(3)-5", None),
            ("MSH-2", Some("^~\\&")),
            ("PID-0", None),
            ("PID", None),
            ("PID-x", None),
            ("PID-3(0)", None),
            ("PID-5.1.1.1", None),
            ("", None),
        ] {
            assert_eq!(message.text(path).as_deref(), expected, "{path}");
        }
    }
}

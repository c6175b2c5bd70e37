//! HL7 v2 as the trust's many suppliers write it: each with its own delimiters, endings, character set and times.
//!
//! Written apart from the `hl7` crate on purpose, so that writer and reader cannot agree on a mistake. Text is always
//! escaped for the dialect; never any promise that the dialect itself is good manners.
//! Called by `messages`; proved by the tests below and by everything Lifeboat understands of the stream.

use basics::{Moment, PartialDate, Zone};
use std::sync::LazyLock;

/// The hospital's zone, looked up once: a dialect is made for every message.
static LONDON: LazyLock<Zone> = LazyLock::new(Zone::london);

/// How letters become bytes, and what MSH-18 says of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub enum Charset {
    Utf8,
    /// UTF-8, but MSH-18 says nothing.
    Utf8Undeclared,
    Latin1,
}

/// How times are written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stamp {
    /// `20261122143000`, by the hospital's clocks.
    Local,
    /// `202611221430`.
    Minutes,
    /// `20261122143000.000+0000`.
    WithOffset,
}

/// A sender's way of writing.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct Dialect {
    pub application: &'static str,
    /// Field, component, repetition, escape, subcomponent.
    pub delimiters: [char; 5],
    /// What ends a segment.
    pub ending: &'static str,
    pub charset: Charset,
    pub version: &'static str,
    pub stamp: Stamp,
    pub zone: Zone,
}

impl Default for Dialect {
    fn default() -> Self {
        Self {
            application: "WV",
            delimiters: ['|', '^', '~', '\\', '&'],
            ending: "\r",
            charset: Charset::Utf8,
            version: "2.4",
            stamp: Stamp::Local,
            zone: LONDON.clone(),
        }
    }
}

impl Dialect {
    /// Text with the delimiters and line ends it contains escaped.
    pub fn text(&self, text: &str) -> String {
        let [field, component, repetition, escape, sub] = self.delimiters;
        let mut out = String::with_capacity(text.len());
        for c in text.chars() {
            let code = match c {
                _ if c == field => "F",
                _ if c == component => "S",
                _ if c == repetition => "R",
                _ if c == escape => "E",
                _ if c == sub => "T",
                '\n' => ".br",
                '\r' => continue,
                _ => {
                    out.push(c);
                    continue;
                }
            };
            out.push(escape);
            out.push_str(code);
            out.push(escape);
        }
        out
    }

    /// Parts of a field, each escaped, joined as components; empty ones at the end left out.
    pub fn parts(&self, parts: &[&str]) -> String {
        let [_, component, ..] = self.delimiters;
        let used = parts.iter().rposition(|part| !part.is_empty()).map_or(0, |at| at + 1);
        let mut out = String::new();
        for (at, part) in parts.iter().take(used).enumerate() {
            if at > 0 {
                out.push(component);
            }
            out.push_str(&self.text(part));
        }
        out
    }

    /// Ready fields joined as repetitions.
    pub fn repeat(&self, fields: &[String]) -> String {
        let [_, _, repetition, ..] = self.delimiters;
        fields.join(&repetition.to_string())
    }

    /// A moment as this sender writes it.
    pub fn stamp(&self, at: Moment) -> String {
        let zone = if self.stamp == Stamp::WithOffset { Zone::utc() } else { self.zone.clone() };
        let c = zone.civil(at);
        let minutes = format!("{:04}{:02}{:02}{:02}{:02}", c.year, c.month, c.day, c.hour, c.minute);
        match self.stamp {
            Stamp::Minutes => minutes,
            Stamp::Local => format!("{minutes}{:02}", c.second),
            Stamp::WithOffset => format!("{minutes}{:02}.{:03}+0000", c.second, c.millisecond),
        }
    }

    /// A date of birth.
    pub fn date(date: PartialDate) -> String {
        date.iso().replace('-', "")
    }
}

/// A message being written.
#[derive(Clone, Debug)]
pub struct Draft<'d> {
    dialect: &'d Dialect,
    text: String,
}

/// Who a message is from and what it is.
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs)]
pub struct Heading<'a> {
    pub facility: &'a str,
    /// Code and trigger: `["ADT", "A01"]`.
    pub kind: [&'a str; 2],
    pub control_id: &'a str,
    pub sent: Moment,
}

impl<'d> Draft<'d> {
    /// A message with its MSH.
    pub fn new(dialect: &'d Dialect, heading: Heading<'_>) -> Self {
        let [field, component, repetition, escape, sub] = dialect.delimiters;
        let d = dialect;
        let [code, trigger] = heading.kind;
        let charset = match d.charset {
            Charset::Utf8 => "UNICODE UTF-8",
            Charset::Utf8Undeclared => "",
            Charset::Latin1 => "8859/1",
        };
        let mut text = format!("MSH{field}{component}{repetition}{escape}{sub}{field}");
        let fields = [
            d.text(d.application),
            d.text(heading.facility),
            "LIFEBOAT".to_owned(),
            "WVH".to_owned(),
            d.stamp(heading.sent),
            String::new(),
            d.parts(&[code, trigger]),
            d.text(heading.control_id),
            "P".to_owned(),
            d.version.to_owned(),
            String::new(),
            String::new(),
            String::new(),
            String::new(),
            String::new(),
            charset.to_owned(),
        ];
        text.push_str(&fields.join(&field.to_string()));
        let kept = text.trim_end_matches(field).len();
        text.truncate(kept);
        text.push_str(d.ending);
        Self { dialect, text }
    }

    /// The dialect it is written in.
    pub fn dialect(&self) -> &'d Dialect {
        self.dialect
    }

    /// Adds a segment; fields are ready (escaped) and counted from 1; each is `(number, content)`, in any order.
    pub fn segment(&mut self, id: &str, fields: &[(usize, &str)]) -> &mut Self {
        let [separator, ..] = self.dialect.delimiters;
        let last =
            fields.iter().filter(|(_, content)| !content.is_empty()).map(|(n, _)| *n).max().unwrap_or(0);
        self.text.push_str(id);
        for number in 1..=last {
            self.text.push(separator);
            if let Some((_, content)) = fields.iter().find(|(n, _)| *n == number) {
                self.text.push_str(content);
            }
        }
        self.text.push_str(self.dialect.ending);
        self
    }

    /// The message as bytes in the dialect's character set; letters it cannot write become `?`, as senders do.
    pub fn bytes(&self) -> Vec<u8> {
        match self.dialect.charset {
            Charset::Utf8 | Charset::Utf8Undeclared => self.text.clone().into_bytes(),
            Charset::Latin1 => {
                self.text.chars().map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?')).collect()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_dialect_uses_is_escaped() {
        let plain = Dialect::default();
        let odd = Dialect { delimiters: ['#', '*', '~', '\\', '%'], ..Dialect::default() };
        for (dialect, text, want) in [
            (&plain, "Smith & Sons|^~\\", "Smith \\T\\ Sons\\F\\\\S\\\\R\\\\E\\"),
            (&plain, "one\r\ntwo", "one\\.br\\two"),
            (&odd, "100% | #3 *", "100\\T\\ | \\F\\3 \\S\\"),
        ] {
            assert_eq!(dialect.text(text), want);
        }
        assert_eq!(plain.parts(&["a", "", "b&c", "", ""]), "a^^b\\T\\c");
    }

    #[test]
    fn a_message_begins_with_its_own_delimiters() {
        let dialect = Dialect {
            delimiters: ['#', '*', '~', '\\', '%'],
            charset: Charset::Latin1,
            ..Dialect::default()
        };
        let sent = Moment::parse_rfc3339("2026-07-01T12:00:00Z").unwrap();
        let heading = Heading { facility: "EAS", kind: ["ADT", "A01"], control_id: "5", sent };
        let mut draft = Draft::new(&dialect, heading);
        draft.segment("PID", &[(5, &dialect.parts(&["Müller", "Zoë"])), (3, "1")]);
        let text: String = draft.bytes().iter().map(|b| char::from(*b)).collect();
        assert_eq!(
            text,
            "MSH#*~\\%#WV#EAS#LIFEBOAT#WVH#20260701130000##ADT*A01#5#P#2.4######8859/1\rPID###1##Müller*Zoë\r"
        );
    }
}

//! Writing messages: simulated feeds, acknowledgements, and later the back-load.
//!
//! Promises: every text is escaped, so that no value can end a field or start a segment; the result is UTF-8 and says
//! so when it is more than ASCII; what `Message` reads from it is what was put in. Called by `drill` and, after
//! recovery, by back-load; proved by the round trip in `tests/properties.rs`.

use crate::{Delimiters, escape};

/// No segment of the standard comes near.
const FIELDS_MAX: usize = 500;
/// As for reading.
const SEGMENTS_MAX: usize = crate::SEGMENTS_MAX;

/// Why a message cannot be written.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Unbuildable {
    /// A name that is not a capital and two capitals or digits.
    #[error("\"{0}\" is no segment's name.")]
    Name(String),
    /// Field 0, MSH-1, MSH-2, or a number above 500.
    #[error("{segment} has no field {field} that can be set.")]
    NoSuchField {
        /// The segment's name.
        segment: String,
        /// The field asked for.
        field: usize,
    },
    /// Raw bytes that would end the field.
    #[error("{segment}-{field} holds a field separator or a line end.")]
    RawEndsField {
        /// The segment's name.
        segment: String,
        /// The field asked for.
        field: usize,
    },
    /// Too many segments.
    #[error("The message has more than {segments_max} segments.")]
    TooManySegments {
        /// The ceiling.
        segments_max: usize,
    },
}

#[derive(Clone, Debug)]
struct Draft {
    name: String,
    /// Field 1 first, as the standard numbers them; for MSH the first two stay empty.
    fields: Vec<Vec<u8>>,
}

/// A message being written. It starts with an MSH whose first two fields are the delimiters.
#[derive(Clone, Debug)]
pub struct Builder {
    delimiters: Delimiters,
    segments: Vec<Draft>,
    refused: Option<Unbuildable>,
}

impl Default for Builder {
    fn default() -> Self {
        Self::new(Delimiters::default())
    }
}

impl Builder {
    /// A message with these delimiters.
    pub fn new(delimiters: Delimiters) -> Self {
        let header = Draft { name: "MSH".to_owned(), fields: Vec::new() };
        Self { delimiters, segments: vec![header], refused: None }
    }

    /// The MSH segment, to set its fields.
    pub fn header(&mut self) -> SegmentBuilder<'_> {
        SegmentBuilder { builder: self, place: 0 }
    }

    /// Adds a segment after the others.
    pub fn segment(&mut self, name: &str) -> SegmentBuilder<'_> {
        if name.len() != 3 || !crate::segment::names_a_segment(name.as_bytes(), b'|') || name == "MSH" {
            self.refuse(Unbuildable::Name(name.to_owned()));
        }
        if self.segments.len() >= SEGMENTS_MAX {
            self.refuse(Unbuildable::TooManySegments { segments_max: SEGMENTS_MAX });
        } else {
            self.segments.push(Draft { name: name.to_owned(), fields: Vec::new() });
        }
        let place = self.segments.len() - 1;
        SegmentBuilder { builder: self, place }
    }

    /// The message, each segment ended by CR; or the first thing that was wrong. MSH-18 says UTF-8 when anything is
    /// more than ASCII, unless it was set.
    pub fn build(mut self) -> Result<Vec<u8>, Unbuildable> {
        if let Some(refused) = self.refused {
            return Err(refused);
        }
        let all_ascii = self.segments.iter().flat_map(|s| &s.fields).all(|f| f.is_ascii());
        if let (false, Some(header)) = (all_ascii, self.segments.first_mut()) {
            if header.fields.len() < 18 {
                header.fields.resize(18, Vec::new());
            }
            if let Some(charset) = header.fields.get_mut(17).filter(|f| f.is_empty()) {
                *charset = b"UNICODE UTF-8".to_vec();
            }
        }
        let mut out = Vec::new();
        for (i, segment) in self.segments.iter().enumerate() {
            out.extend_from_slice(segment.name.as_bytes());
            let mut fields = segment.fields.as_slice();
            if i == 0 {
                out.push(self.delimiters.field);
                out.extend_from_slice(&self.delimiters.encoding_characters());
                fields = fields.get(2..).unwrap_or_default();
            }
            for field in fields {
                out.push(self.delimiters.field);
                out.extend_from_slice(field);
            }
            out.push(b'\r');
        }
        Ok(out)
    }

    fn refuse(&mut self, why: Unbuildable) {
        self.refused.get_or_insert(why);
    }
}

/// One segment of a [`Builder`]; field numbers as in the standard.
#[derive(Debug)]
pub struct SegmentBuilder<'b> {
    builder: &'b mut Builder,
    place: usize,
}

impl SegmentBuilder<'_> {
    /// Sets field `n` to a single text.
    pub fn text(self, n: usize, text: &str) -> Self {
        self.repetitions(n, &[&[text]])
    }

    /// Sets field `n` to components.
    pub fn components(self, n: usize, components: &[&str]) -> Self {
        self.repetitions(n, &[components])
    }

    /// Sets field `n` to repetitions of components; empty components at the end are left out.
    pub fn repetitions(self, n: usize, repetitions: &[&[&str]]) -> Self {
        let delimiters = self.builder.delimiters;
        let mut raw = Vec::new();
        for (i, components) in repetitions.iter().enumerate() {
            if i > 0 {
                raw.push(delimiters.repetition);
            }
            let used = components.iter().rposition(|c| !c.is_empty()).map_or(0, |last| last + 1);
            for (j, component) in components.iter().take(used).enumerate() {
                if j > 0 {
                    raw.push(delimiters.component);
                }
                raw.extend_from_slice(&escape(component, delimiters));
            }
        }
        self.set(n, raw)
    }

    /// Sets field `n` to the explicit null, which deletes what the receiver has.
    pub fn null(self, n: usize) -> Self {
        self.set(n, b"\"\"".to_vec())
    }

    /// Sets field `n` to bytes that are already escaped; they may not end the field.
    pub fn raw(self, n: usize, raw: &[u8]) -> Self {
        let separator = self.builder.delimiters.field;
        if raw.iter().any(|&b| b == separator || b == b'\r' || b == b'\n' || b == 0x1C || b == 0x0B) {
            let segment = self.name();
            self.builder.refuse(Unbuildable::RawEndsField { segment, field: n });
            return self;
        }
        self.set(n, raw.to_vec())
    }

    fn set(self, n: usize, raw: Vec<u8>) -> Self {
        let least = if self.place == 0 { 3 } else { 1 };
        if n < least || n > FIELDS_MAX {
            let segment = self.name();
            self.builder.refuse(Unbuildable::NoSuchField { segment, field: n });
            return self;
        }
        if let Some(draft) = self.builder.segments.get_mut(self.place) {
            if draft.fields.len() < n {
                draft.fields.resize(n, Vec::new());
            }
            if let Some(field) = draft.fields.get_mut(n - 1) {
                *field = raw;
            }
        }
        self
    }

    fn name(&self) -> String {
        self.builder.segments.get(self.place).map(|s| s.name.clone()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Charset, Message};

    #[test]
    fn what_is_built_reads_back() {
        let mut builder = Builder::default();
        builder.header().text(3, "LIFEBOAT").components(9, &["ADT", "A01"]).text(10, "7").text(12, "2.4");
        builder
            .segment("PID")
            .repetitions(3, &[&["9991234567", "", "", "NHS"], &["77|8", ""]])
            .components(5, &["O'Brien & Søn^s", "Ann"])
            .null(6);
        builder.segment("ZXX").raw(2, b"a^b");
        let bytes = builder.build().expect("buildable");
        let message = Message::parse(&bytes).expect("readable");
        assert_eq!(message.charset(), Charset::Utf8);
        assert_eq!(message.text("MSH-10").as_deref(), Some("7"));
        assert_eq!(message.text("PID-5.1").as_deref(), Some("O'Brien & Søn^s"));
        assert_eq!(message.text("PID-3(2)").as_deref(), Some("77|8"));
        assert!(message.segment("PID").expect("PID").field(6).is_null());
        assert_eq!(message.text("ZXX-2.2").as_deref(), Some("b"));
    }

    #[test]
    fn what_would_break_a_message_is_refused() {
        let check = |name: &str, n: usize, raw: &[u8]| {
            let mut builder = Builder::default();
            builder.segment(name).raw(n, raw);
            builder.build().is_err()
        };
        assert!(check("PI", 1, b"x") && check("MSH", 3, b"x") && check("pid", 1, b"x"));
        assert!(
            check("PID", 0, b"x")
                && check("PID", 501, b"x")
                && check("PID", 1, b"a|b")
                && check("PID", 1, b"\r")
        );
        assert!(!check("PID", 500, b"x"));
    }
}

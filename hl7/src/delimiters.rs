//! The characters a message says it uses between its parts (MSH-1 and MSH-2).
//!
//! Promises: any distinct punctuation a sender declares is honoured; what it leaves out takes the standard's
//! default; a declaration that would tear the message apart (letters or digits between components, as when MSH-2
//! was forgotten) is refused. Called when a message, a batch or a file is opened; proved by the table below.

/// The delimiters of one message. One that is not in use equals `field`, which cannot occur inside a field.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Delimiters {
    /// Between fields (MSH-1), usually `|`.
    pub field: u8,
    /// Between components, usually `^`.
    pub component: u8,
    /// Between repetitions, usually `~`.
    pub repetition: u8,
    /// Around escape sequences, usually `\`.
    pub escape: u8,
    /// Between subcomponents, usually `&`.
    pub subcomponent: u8,
    /// Marks a truncated value (v2.7, the fifth character of MSH-2), usually `#`.
    pub truncation: u8,
}

impl Default for Delimiters {
    fn default() -> Self {
        Self {
            field: b'|',
            component: b'^',
            repetition: b'~',
            escape: b'\\',
            subcomponent: b'&',
            truncation: b'#',
        }
    }
}

/// No declaration that can be meant is longer than this.
const DECLARATION_BYTES_MAX: usize = 32;

impl Delimiters {
    /// Reads them from a segment that opens with `MSH`, `FHS` or `BHS`; `None` when the separator is missing, or is
    /// a letter, digit, blank or control character, or the component separator is such.
    pub(crate) fn declared(header: &[u8]) -> Option<Self> {
        if header.get(3..9) == Some(b"|^~\\&|") {
            // Nearly every message there is.
            return Some(Self::default());
        }
        let field = *header.get(3)?;
        if !is_separator(field) {
            return None;
        }
        let rest = header.get(4..)?;
        let rest = rest.get(..rest.len().min(DECLARATION_BYTES_MAX)).unwrap_or(rest);
        let end = rest.iter().position(|&b| b == field || b == b'\r' || b == b'\n').unwrap_or(rest.len());
        let declared = rest.get(..end).unwrap_or_default();
        if let Some(&first) = declared.first()
            && !is_separator(first)
        {
            return None;
        }
        Some(Self::from_characters(field, declared))
    }

    /// The usual ones with another field separator, which takes the place of the one it equals.
    pub(crate) fn separated_by(field: u8) -> Self {
        Self::from_characters(field, &[])
    }

    fn from_characters(field: u8, declared: &[u8]) -> Self {
        let usual = Self::default();
        let mut roles =
            [declared.first(), declared.get(1), declared.get(2), declared.get(3), declared.get(4)]
                .map(|b| b.copied());
        if let [_, _, Some(b'&'), None, _] = roles {
            // `^~&`: the escape was left out, the ampersand keeps its usual part.
            roles = [roles[0], roles[1], None, Some(b'&'), None];
        } else if let [_, _, Some(escape), Some(again), Some(last)] = roles
            && escape == again
        {
            // `^~\\&`: a doubled backslash out of some program's source text.
            roles = [roles[0], roles[1], Some(escape), Some(last), None];
        }
        let mut taken = [field; 5];
        let usual = [usual.component, usual.repetition, usual.escape, usual.subcomponent, usual.truncation];
        // Declared characters are settled first, so that a default never takes one of them.
        for (i, role) in roles.iter().enumerate() {
            let fifth_must_be_punctuation = i < 4 || role.is_some_and(is_separator);
            if let (Some(b), true) = (role, fifth_must_be_punctuation)
                && b.is_ascii_graphic()
                && !taken.contains(b)
                && let Some(slot) = taken.get_mut(i)
            {
                *slot = *b;
            }
        }
        for (i, default) in usual.iter().enumerate() {
            let missing = roles.get(i).is_some_and(Option::is_none);
            if missing
                && !taken.contains(default)
                && let Some(slot) = taken.get_mut(i)
            {
                *slot = *default;
            }
        }
        let [component, repetition, escape, subcomponent, truncation] = taken;
        Self { field, component, repetition, escape, subcomponent, truncation }
    }

    /// For MSH-1 and MSH-2, whose content is never split: line ends cannot be part of them.
    pub(crate) fn none() -> Self {
        let n = b'\r';
        Self { field: n, component: n, repetition: n, escape: n, subcomponent: n, truncation: n }
    }

    /// MSH-2 as these delimiters would declare themselves.
    pub(crate) fn encoding_characters(self) -> Vec<u8> {
        let all = [self.component, self.repetition, self.escape, self.subcomponent];
        all.into_iter().take_while(|&b| b != self.field).collect()
    }
}

fn is_separator(b: u8) -> bool {
    b.is_ascii_punctuation()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(header: &str, expected: Option<&str>) {
        let shown = Delimiters::declared(header.as_bytes()).map(|d| {
            let all = [d.field, d.component, d.repetition, d.escape, d.subcomponent, d.truncation];
            all.map(char::from).iter().collect::<String>()
        });
        assert_eq!(shown.as_deref(), expected, "{header}");
    }

    #[test]
    fn what_is_declared_is_honoured_and_what_is_missing_is_usual() {
        check(r"MSH|^~\&|A", Some(r"|^~\&#"));
        check(r"MSH|^~\&#|A", Some(r"|^~\&#"));
        check(r"MSH|^~\\&|A", Some(r"|^~\&#"));
        check(r"MSH|^~&|A", Some(r"|^~\&#"));
        check(r"MSH|^~\|A", Some(r"|^~\&#"));
        check(r"MSH|^|A", Some(r"|^~\&#"));
        check(r"MSH||A", Some(r"|^~\&#"));
        check(r"MSH|^~\&amp;|A", Some(r"|^~\&|"));
        check(r"MSH$%~\&$A", Some(r"$%~\&#"));
        check(r"MSH!$r?@!A", Some(r"!$r?@#"));
        check(r"MSH|@%\&$|A", Some(r"|@%\&$"));
        check(r"MSH^~|\&^A", Some(r"^~|\&#"));
        check(r"MSH|^&&^|A", Some(r"|^&||#"));
    }

    #[test]
    fn what_would_tear_a_message_apart_is_refused() {
        for header in
            ["MSH", "MSHA^~", "MSH |^", "MSH|EPIC|X", "MSH|12345", "MSH_MRN^M", "MSH.9 not", "MSH| ~|"]
        {
            check(header, None);
        }
    }
}

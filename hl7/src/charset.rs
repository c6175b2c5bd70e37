//! Which characters the bytes of a message stand for (MSH-18).
//!
//! Promises: every byte shows as something; text that is plain ASCII is borrowed; a sender that declares nothing, or
//! declares ASCII and sends more, is read as UTF-8 where the bytes are that and as windows-1252 where they are not,
//! and one that declares a western set and sends UTF-8 is read as UTF-8, so that a name is readable rather than a row
//! of question marks. Proved by RELIABILITY test 16.

use encoding_rs::Encoding;
use std::borrow::Cow;

/// The character set of a message.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Charset {
    /// MSH-18 is empty.
    Undeclared,
    /// `ASCII`, which senders also declare over text that is not.
    Ascii,
    /// `UNICODE UTF-8`.
    Utf8,
    /// Any other that is known: `8859/1` to `8859/16`, windows code pages, Japanese, Chinese and Korean sets.
    Known(&'static Encoding),
    /// A name nobody here knows; read as if undeclared.
    Unknown,
}

impl Charset {
    /// The set that HL7 table 0211 (or a common spelling outside it) names so; blanks and case do not matter.
    pub fn named(name: &[u8]) -> Self {
        if name.is_empty() {
            return Self::Undeclared;
        }
        let mut key = String::new();
        for b in name.iter().take(40).filter(|b| b.is_ascii_alphanumeric()) {
            key.push(char::from(b.to_ascii_uppercase()));
        }
        if let Some(part) = key.strip_prefix("ISO").unwrap_or(&key).strip_prefix("8859") {
            return Self::latin(part);
        }
        match key.as_str() {
            "" => Self::Undeclared,
            "ASCII" | "USASCII" | "ISOIR6" | "ISO646" | "UNICODEUTF7" => Self::Ascii,
            "UNICODE" | "UNICODEUTF8" | "UTF8" | "ISO10646" => Self::Utf8,
            "UNICODEUTF16" | "UTF16" | "UNICODEUTF32" | "UTF32" => Self::Utf8,
            "ISOIR13" | "ISOIR14" | "SHIFTJIS" | "SJIS" => Self::Known(encoding_rs::SHIFT_JIS),
            "ISOIR87" | "ISOIR159" => Self::Known(encoding_rs::ISO_2022_JP),
            "GB180302000" | "GB18030" | "GB2312" | "GBK" => Self::Known(encoding_rs::GB18030),
            "KSX1001" | "KSC5601" => Self::Known(encoding_rs::EUC_KR),
            "BIG5" => Self::Known(encoding_rs::BIG5),
            other => {
                let label =
                    other.strip_prefix("CP").map_or_else(|| other.to_owned(), |n| format!("windows-{n}"));
                let label = label.replace("WINDOWS1", "windows-1");
                match Encoding::for_label(label.as_bytes()).or_else(|| Encoding::for_label(name)) {
                    Some(e) if e == encoding_rs::UTF_8 => Self::Utf8,
                    Some(e) if e.is_ascii_compatible() || e == encoding_rs::ISO_2022_JP => Self::Known(e),
                    _ => Self::Unknown,
                }
            }
        }
    }

    fn latin(part: &str) -> Self {
        // Parts 1, 9 and 11 are read by the windows pages that contain them; part 12 was never published.
        Self::Known(match part.trim_start_matches('0') {
            "1" => encoding_rs::WINDOWS_1252,
            "2" => encoding_rs::ISO_8859_2,
            "3" => encoding_rs::ISO_8859_3,
            "4" => encoding_rs::ISO_8859_4,
            "5" => encoding_rs::ISO_8859_5,
            "6" => encoding_rs::ISO_8859_6,
            "7" => encoding_rs::ISO_8859_7,
            "8" => encoding_rs::ISO_8859_8,
            "9" => encoding_rs::WINDOWS_1254,
            "10" => encoding_rs::ISO_8859_10,
            "11" => encoding_rs::WINDOWS_874,
            "13" => encoding_rs::ISO_8859_13,
            "14" => encoding_rs::ISO_8859_14,
            "15" => encoding_rs::ISO_8859_15,
            "16" => encoding_rs::ISO_8859_16,
            _ => return Self::Unknown,
        })
    }

    /// Whether a delimiter's byte can be half of a character in this set, so that the message has to be turned into
    /// UTF-8 before it is cut into fields.
    pub(crate) fn hides_delimiters(self) -> bool {
        let hiding = [
            encoding_rs::SHIFT_JIS,
            encoding_rs::ISO_2022_JP,
            encoding_rs::GB18030,
            encoding_rs::GBK,
            encoding_rs::BIG5,
        ];
        matches!(self, Self::Known(e) if hiding.contains(&e))
    }

    /// The text that `bytes` stand for, borrowed when they are already that.
    pub fn decode(self, bytes: &[u8]) -> Cow<'_, str> {
        match self {
            Self::Known(encoding)
                if western(encoding)
                    && !bytes.is_ascii()
                    && let Ok(text) = std::str::from_utf8(bytes) =>
            {
                Cow::Borrowed(text)
            }
            Self::Known(encoding) if !bytes.is_ascii() || encoding == encoding_rs::ISO_2022_JP => {
                encoding.decode_without_bom_handling(bytes).0
            }
            _ => match std::str::from_utf8(bytes) {
                Ok(text) => Cow::Borrowed(text),
                Err(_) => Cow::Owned(mixed(bytes)),
            },
        }
    }

    /// A name for a person to read: "UTF-8", "ISO-8859-15", "not declared".
    pub fn label(self) -> &'static str {
        match self {
            Self::Undeclared => "not declared",
            Self::Ascii => "ASCII",
            Self::Utf8 => "UTF-8",
            Self::Known(e) => e.name(),
            Self::Unknown => "unknown",
        }
    }
}

/// Sets in which no name makes UTF-8 by chance, so that bytes which are UTF-8 were declared wrongly.
fn western(encoding: &'static Encoding) -> bool {
    [encoding_rs::WINDOWS_1252, encoding_rs::ISO_8859_15, encoding_rs::ISO_8859_2].contains(&encoding)
}

/// UTF-8 where it is that, windows-1252 byte by byte where it is not.
fn mixed(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().saturating_mul(2));
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.push_str(&encoding_rs::WINDOWS_1252.decode_without_bom_handling(chunk.invalid()).0);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_known_in_the_spellings_senders_use() {
        for (name, label) in [
            ("", "not declared"),
            ("ASCII", "ASCII"),
            ("UNICODE UTF-8", "UTF-8"),
            ("UTF-8", "UTF-8"),
            ("utf8", "UTF-8"),
            ("8859/1", "windows-1252"),
            ("iso-8859-1", "windows-1252"),
            ("8859/15", "ISO-8859-15"),
            ("ISO 8859-2", "ISO-8859-2"),
            ("WINDOWS-1252", "windows-1252"),
            ("cp1250", "windows-1250"),
            ("GB 18030-2000", "gb18030"),
            ("KS X 1001", "EUC-KR"),
            ("ISO IR87", "ISO-2022-JP"),
            ("CNS 11643-1992", "unknown"),
            ("8859/12", "unknown"),
        ] {
            assert_eq!(Charset::named(name.as_bytes()).label(), label, "{name}");
        }
    }

    #[test]
    fn undeclared_bytes_are_read_as_far_as_they_can_be() {
        for (bytes, text) in [
            (&b"M\xC3\xBCller"[..], "Müller"),
            (b"M\xFCller", "Müller"),
            (b"M\xC3\xBCller-Sa\xEFd", "Müller-Saïd"),
            (b"\x80 5", "€ 5"),
        ] {
            assert_eq!(Charset::Undeclared.decode(bytes), text);
        }
    }

    #[test]
    fn a_wrong_declaration_does_not_garble_names() {
        for (declared, bytes, text) in [
            (&b"8859/1"[..], &b"M\xC3\xBCller"[..], "Müller"),
            (b"8859/15", b"Zo\xC3\xAB", "Zoë"),
            (b"8859/1", b"M\xFCller", "Müller"),
            (b"8859/1", b"\xC3\xBC \xFC", "Ã¼ ü"),
            (b"8859/2", b"Novotn\xFD", "Novotný"),
            (b"UNICODE UTF-8", b"M\xFCller", "Müller"),
        ] {
            assert_eq!(Charset::named(declared).decode(bytes), text, "{bytes:?}");
        }
    }
}

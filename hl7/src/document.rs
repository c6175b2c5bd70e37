//! A document inside a result: the PDF letter or the picture that OBX-5 carries (type ED).
//!
//! Promises: decodes what senders really write (the encoding in another case or place, line breaks inside, missing
//! padding, data URLs), says what kind of document the bytes themselves show, and never makes more than the budget
//! allows. Called by `translate`; proved by the table below and a fuzz target.

use crate::escape::{nibble, unescape};
use crate::field::{Component, Field};
use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

/// A decoded document.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Document {
    /// Its media type, "application/pdf"; "application/octet-stream" when nobody can say.
    pub mime: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// Why a field gives no document.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum NotADocument {
    /// No data, or nothing that is encoded as a document is.
    #[error("There is no document in it.")]
    NoneHere,
    /// Declared as encoded, but damaged.
    #[error("The document is damaged: its {encoding} text cannot be decoded.")]
    Damaged {
        /// "Base64" or "Hex".
        encoding: &'static str,
    },
    /// Above the budget.
    #[error("The document is larger than {bytes_max} bytes.")]
    TooBig {
        /// The budget.
        bytes_max: usize,
    },
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Encoding {
    Base64,
    Hex,
    Plain,
}

const DECODER: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// An ED has five components; vendors add a few.
const COMPONENTS_MAX: usize = 12;
/// Shorter text that merely could be base64 is taken for text.
const UNDECLARED_BYTES_MIN: usize = 64;

impl Document {
    /// Decodes an ED (`^application^pdf^Base64^JVBERi0…`) and its variants; at most `bytes_max` bytes of document.
    pub fn decode(field: Field<'_>, bytes_max: usize) -> Result<Document, NotADocument> {
        let first = field.first();
        let components: Vec<Component<'_>> = first.components().take(COMPONENTS_MAX).collect();
        let declared =
            components.iter().enumerate().skip(1).find_map(|(i, c)| encoding(c.raw()).map(|e| (i, e)));
        let Some((place, encoding)) = declared else {
            return undeclared(field, &components, bytes_max);
        };
        let data = components.get(place + 1..).unwrap_or_default().iter().find(|c| !c.is_empty());
        let Some(data) = data else { return Err(NotADocument::NoneHere) };
        let kind = |i: Option<usize>| i.and_then(|i| components.get(i)).map(|c| c.text()).unwrap_or_default();
        let mime = declared_mime(&kind(place.checked_sub(2)), &kind(place.checked_sub(1)));
        // Some senders cut the data into repetitions; the alphabet of base64 has no `~`, so they are joined again.
        let data = if encoding == Encoding::Plain { data.raw() } else { tail_from(field, data.raw()) };
        let (data, mime) = match data_url(data) {
            Some((mime, rest)) => (rest, Some(mime)),
            None => (data, mime),
        };
        let bytes = decode(data, encoding, field, bytes_max)?;
        Ok(Document {
            mime: told_by_content(&bytes).map(str::to_owned).or(mime).unwrap_or_else(octets),
            bytes,
        })
    }
}

/// Without a declared encoding only a data URL, or base64 that turns out to be a known kind of document, is one.
fn undeclared(
    field: Field<'_>,
    components: &[Component<'_>],
    bytes_max: usize,
) -> Result<Document, NotADocument> {
    let longest = components.iter().max_by_key(|c| c.raw().len()).ok_or(NotADocument::NoneHere)?;
    if let Some((mime, rest)) = data_url(longest.raw()) {
        let bytes = decode(rest, Encoding::Base64, field, bytes_max)?;
        let mime = told_by_content(&bytes).map_or(mime, str::to_owned);
        return Ok(Document { mime, bytes });
    }
    if longest.raw().len() < UNDECLARED_BYTES_MIN {
        return Err(NotADocument::NoneHere);
    }
    let data = tail_from(field, longest.raw());
    match decode(data, Encoding::Base64, field, bytes_max) {
        Ok(bytes) => match told_by_content(&bytes) {
            Some(mime) => Ok(Document { mime: mime.to_owned(), bytes }),
            None => Err(NotADocument::NoneHere),
        },
        Err(NotADocument::TooBig { bytes_max }) => Err(NotADocument::TooBig { bytes_max }),
        Err(_) => Err(NotADocument::NoneHere),
    }
}

fn encoding(name: &[u8]) -> Option<Encoding> {
    let is = |expected: &str| name.trim_ascii().eq_ignore_ascii_case(expected.as_bytes());
    if is("base64") || is("base-64") || is("b64") {
        Some(Encoding::Base64)
    } else if is("hex") {
        Some(Encoding::Hex)
    } else if is("a") {
        Some(Encoding::Plain)
    } else {
        None
    }
}

/// From where `part` begins to the end of the field, of which it is a slice, when what follows is repetitions of
/// pure data; `part` itself when something else follows.
fn tail_from<'a>(field: Field<'a>, part: &'a [u8]) -> &'a [u8] {
    let (whole, delimiters) = (field.raw(), field.context.delimiters);
    let start = (part.as_ptr() as usize).saturating_sub(whole.as_ptr() as usize);
    let tail = whole.get(start..).unwrap_or(part);
    let goes_on = tail.get(part.len()) == Some(&delimiters.repetition);
    if goes_on && !tail.contains(&delimiters.component) { tail } else { part }
}

fn data_url(data: &[u8]) -> Option<(String, &[u8])> {
    let rest = data.trim_ascii_start().strip_prefix(b"data:")?;
    let comma = memchr::memchr(b',', rest.get(..rest.len().min(200))?)?;
    let (head, data) = (rest.get(..comma)?, rest.get(comma + 1..)?);
    let head = std::str::from_utf8(head).ok()?.strip_suffix(";base64")?;
    let mime = head.split(';').next().filter(|m| m.contains('/'))?;
    Some((mime.to_ascii_lowercase(), data))
}

fn decode(
    data: &[u8],
    encoding: Encoding,
    field: Field<'_>,
    bytes_max: usize,
) -> Result<Vec<u8>, NotADocument> {
    let too_big = NotADocument::TooBig { bytes_max };
    let context = field.context;
    if encoding == Encoding::Plain {
        let text = unescape(data, context.delimiters, context.charset);
        return if text.len() > bytes_max { Err(too_big) } else { Ok(text.into_owned().into_bytes()) };
    }
    // Hex needs two characters a byte, base64 fewer; the rest leaves room for line breaks written as escapes.
    if data.len() > bytes_max.saturating_mul(8).saturating_add(1024) {
        return Err(too_big);
    }
    let text = unescape(data, context.delimiters, crate::Charset::Undeclared);
    match encoding {
        Encoding::Hex => from_hex(text.as_bytes(), bytes_max),
        _ => from_base64(text.as_bytes(), context.delimiters.repetition, bytes_max),
    }
}

fn from_base64(text: &[u8], repetition: u8, bytes_max: usize) -> Result<Vec<u8>, NotADocument> {
    let mut clean = Vec::with_capacity(text.len());
    for &b in text {
        match b {
            _ if b.is_ascii_whitespace() || b == repetition || b == b'=' => {}
            b'-' => clean.push(b'+'),
            b'_' => clean.push(b'/'),
            other => clean.push(other),
        }
    }
    if clean.len() / 4 * 3 > bytes_max {
        return Err(NotADocument::TooBig { bytes_max });
    }
    if clean.is_empty() {
        return Err(NotADocument::NoneHere);
    }
    DECODER.decode(&clean).map_err(|_| NotADocument::Damaged { encoding: "Base64" })
}

fn from_hex(text: &[u8], bytes_max: usize) -> Result<Vec<u8>, NotADocument> {
    let digits: Vec<u8> = text.iter().copied().filter(|b| !b.is_ascii_whitespace()).collect();
    if digits.len() / 2 > bytes_max {
        return Err(NotADocument::TooBig { bytes_max });
    }
    if digits.is_empty() {
        return Err(NotADocument::NoneHere);
    }
    if !digits.len().is_multiple_of(2) || !digits.iter().all(u8::is_ascii_hexdigit) {
        return Err(NotADocument::Damaged { encoding: "Hex" });
    }
    Ok(digits.chunks_exact(2).map(|pair| pair.iter().fold(0u8, |n, &d| (n << 4) | nibble(d))).collect())
}

/// The kind that the first bytes show, for the kinds hospitals send; it is believed before what the sender says.
fn told_by_content(bytes: &[u8]) -> Option<&'static str> {
    let signatures: [(&[u8], &'static str); 9] = [
        (b"%PDF-", "application/pdf"),
        (b"{\\rtf", "application/rtf"),
        (b"\xFF\xD8\xFF", "image/jpeg"),
        (b"\x89PNG\r\n", "image/png"),
        (b"GIF8", "image/gif"),
        (b"II*\0", "image/tiff"),
        (b"MM\0*", "image/tiff"),
        (b"<?xml", "application/xml"),
        (b"<html", "text/html"),
    ];
    signatures.into_iter().find(|(signature, _)| bytes.starts_with(signature)).map(|(_, mime)| mime)
}

/// The media type that HL7's type and subtype (tables 0834, 0191 and 0291) stand for.
fn declared_mime(kind: &str, subtype: &str) -> Option<String> {
    let subtype = subtype.trim().to_ascii_lowercase();
    let kind = kind.trim().to_ascii_lowercase();
    if let Some((k, s)) = subtype.split_once('/')
        && !k.is_empty()
        && !s.is_empty()
    {
        return Some(subtype);
    }
    let full = match subtype.as_str() {
        "pdf" => "application/pdf",
        "rtf" | "x-rtf" => "application/rtf",
        "jpeg" | "jpg" | "x-jpeg" | "x-jpg" => "image/jpeg",
        "png" => "image/png",
        "gif" => "image/gif",
        "tiff" | "tif" => "image/tiff",
        "html" | "x-hl7-cda-level-one" => "text/html",
        "xml" => "application/xml",
        "plain" | "txt" => "text/plain",
        "dicom" => "application/dicom",
        _ => "",
    };
    if !full.is_empty() {
        return Some(full.to_owned());
    }
    let plain =
        |t: &str| !t.is_empty() && t.bytes().all(|b| b.is_ascii_alphanumeric() || b"-+.".contains(&b));
    let kind = match kind.as_str() {
        "ap" | "application" => "application",
        "im" | "image" => "image",
        "text" | "tx" | "ft" => "text",
        "au" | "audio" => "audio",
        "video" => "video",
        _ => return None,
    };
    plain(&subtype).then(|| format!("{kind}/{subtype}"))
}

fn octets() -> String {
    "application/octet-stream".to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Message;

    fn decoded(obx5: &str, bytes_max: usize) -> Result<(String, Vec<u8>), NotADocument> {
        let raw = format!("MSH|^~\\&|A\rOBX|1|ED|X||{obx5}||||||F");
        let message = Message::parse(raw.as_bytes()).expect("readable");
        let field = message.segment("OBX").expect("OBX").field(5);
        Document::decode(field, bytes_max).map(|d| (d.mime, d.bytes))
    }

    #[test]
    fn documents_are_decoded_as_senders_write_them() {
        let pdf = (String::from("application/pdf"), b"%PDF-1.5\n".to_vec());
        for written in [
            "^application^pdf^Base64^JVBERi0xLjUK",
            "^^pdf^base64^JVBERi0xLjUK",
            "SYS^AP^PDF^BASE64^JVBERi0xLjUK",
            "^AP^^Base64^JVBERi0x\\.br\\LjUK",
            "^AP^PDF^Base64^JVBE Ri0x\\X0D0A\\LjUK\\X0A\\",
            "^AP^PDF^Base64^JVBERi0x\nLjUK",
            "^AP^PDF^Base64^JVBERi0x~LjUK",
            "^application/pdf^^Base64^JVBERi0xLjUK",
            "^^^Base64^data:application/pdf;base64,JVBERi0xLjUK",
            "data:application/pdf;base64,JVBERi0xLjUK",
            "^AP^PDF^Hex^255044462D312E350A",
            "^AP^PDF^Base64^^JVBERi0xLjUK",
        ] {
            assert_eq!(decoded(written, 100), Ok(pdf.clone()), "{written}");
        }
        assert_eq!(
            decoded("^IM^JPEG^Base64^VGhpcyBpcyBh", 100),
            Ok(("image/jpeg".into(), b"This is a".to_vec()))
        );
        assert_eq!(
            decoded("^TEXT^PLAIN^A^a\\T\\b\\.br\\c", 100),
            Ok(("text/plain".into(), b"a&b\nc".to_vec()))
        );
        assert_eq!(decoded("^NS^Octet-stream^Base64^QQ", 100), Ok((octets(), b"A".to_vec())));
    }

    #[test]
    fn what_is_none_is_said_plainly() {
        for (written, why) in [
            ("", NotADocument::NoneHere),
            ("App5^NS^Octet-stream^Base64", NotADocument::NoneHere),
            ("5.1", NotADocument::NoneHere),
            ("^AP^PDF^Base64^!!!!", NotADocument::Damaged { encoding: "Base64" }),
            ("^AP^PDF^Base64^JVBER", NotADocument::Damaged { encoding: "Base64" }),
            ("^AP^PDF^Hex^ABC", NotADocument::Damaged { encoding: "Hex" }),
        ] {
            assert_eq!(decoded(written, 100), Err(why), "{written}");
        }
        let long = format!("^AP^PDF^Base64^{}", "QUJD".repeat(100));
        assert_eq!(decoded(&long, 299), Err(NotADocument::TooBig { bytes_max: 299 }));
        assert_eq!(decoded(&long, 300).map(|d| d.1.len()), Ok(300));
    }
}

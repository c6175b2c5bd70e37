//! A document taken out of its message again, when somebody wants to see it: the record keeps where, the entry the bytes.
//!
//! Always within a ceiling; `None` when there is no document at that place, so that a screen can say so. Called by
//! `control_room::document`.

use base64::Engine;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde_json::Value;

/// Largest document taken out, in bytes.
pub const DOCUMENT_BYTES_MAX: usize = 12 * 1024 * 1024;

/// Media type and bytes of the document at `part` of an entry: the segment's index in an HL7 v2 message, the
/// resource's index in a FHIR bundle (0 for a single resource).
pub fn document(bytes: &[u8], part: u32) -> Option<(String, Vec<u8>)> {
    let start = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes).trim_ascii_start();
    if start.first() == Some(&b'{') { of_fhir(start, part) } else { of_hl7(bytes, part) }
}

fn of_hl7(bytes: &[u8], part: u32) -> Option<(String, Vec<u8>)> {
    let message = hl7::Message::parse(bytes).ok()?;
    let segment = message.segments().find(|s| u32::try_from(s.index()) == Ok(part))?;
    let field = segment.field(5);
    if let Ok(document) = hl7::Document::decode(field, DOCUMENT_BYTES_MAX) {
        return Some((document.mime, document.bytes));
    }
    // Not encoded: the words themselves.
    let first = field.first();
    let data = first.component(5);
    let words = if data.is_empty() { field.full_text() } else { data.text() };
    Some(("text/plain; charset=utf-8".to_owned(), words.into_owned().into_bytes()))
}

fn of_fhir(bytes: &[u8], part: u32) -> Option<(String, Vec<u8>)> {
    let whole: Value = serde_json::from_slice(bytes).ok()?;
    let resource = match whole.get("entry") {
        Some(entries) => entries.get(usize::try_from(part).ok()?)?.get("resource")?,
        None => &whole,
    };
    let attachments =
        ["content", "presentedForm"].into_iter().filter_map(|name| resource.get(name)?.as_array());
    let mut attachments = attachments.flatten().map(|one| one.get("attachment").unwrap_or(one));
    attachments.find_map(|attachment| {
        let data = attachment.get("data")?.as_str()?;
        if data.len() / 4 * 3 > DOCUMENT_BYTES_MAX {
            return None;
        }
        let lenient = GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
        let engine = GeneralPurpose::new(&base64::alphabet::STANDARD, lenient);
        let compact: Vec<u8> = data.bytes().filter(|b| !b.is_ascii_whitespace()).collect();
        let mime =
            attachment.get("contentType").and_then(Value::as_str).unwrap_or("application/octet-stream");
        Some((mime.to_owned(), engine.decode(compact).ok()?))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_come_back_as_they_were_sent() {
        let message = b"MSH|^~\\&|A|B|C|D|20260101||MDM^T02|1|P|2.4\rTXA|1\rOBX|1|ED|x||^application^pdf^Base64^JVBERi0=\r";
        let text = |(mime, bytes): (String, Vec<u8>)| (mime, String::from_utf8(bytes).unwrap());
        assert_eq!(document(message, 2).map(text).map(|(_, words)| words).as_deref(), Some("%PDF-"));
        assert_eq!(document(message, 9), None);
        let bundle = br#"{"resourceType":"Bundle","entry":[{"resource":{}},{"resource":{"content":[{"attachment":{"contentType":"text/plain","data":"SGVsbG8"}}]}}]}"#;
        assert_eq!(document(bundle, 1).map(text), Some(("text/plain".to_owned(), "Hello".to_owned())));
        assert_eq!(document(bundle, 0), None);
    }
}

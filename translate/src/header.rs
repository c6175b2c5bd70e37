//! Who sent a message and under which number, read without reading the message: for telling duplicates.
//!
//! Always cheap: looks at the first segment of HL7, and at the outermost names of a FHIR resource. Never fails; what
//! cannot be read is empty. Called by `control_room` before a message is kept.

/// What names a message. Bytes as sent, without surrounding spaces.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Header<'a> {
    /// HL7 v2: MSH-3, MSH-4 and MSH-10.
    Hl7 {
        /// MSH-3, whole field.
        sender: &'a [u8],
        /// MSH-4, whole field.
        facility: &'a [u8],
        /// MSH-10; empty when there is none.
        control: &'a [u8],
    },
    /// A FHIR resource in JSON.
    Fhir {
        /// Its type.
        resource: &'a [u8],
        /// Its id; empty when there is none.
        id: &'a [u8],
    },
    /// Neither.
    Unknown,
}

/// Reads the header of whatever it is.
pub fn header(bytes: &[u8]) -> Header<'_> {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes).trim_ascii_start();
    match bytes {
        [b'{', ..] => fhir(bytes),
        [b'M', b'S', b'H', separator, rest @ ..] => hl7(*separator, rest),
        _ => Header::Unknown,
    }
}

/// `rest` begins with MSH-2.
fn hl7(separator: u8, rest: &[u8]) -> Header<'_> {
    let end = rest.iter().position(|b| matches!(b, b'\r' | b'\n')).unwrap_or(rest.len());
    let mut fields = rest.get(..end).unwrap_or_default().split(|b| *b == separator).map(<[u8]>::trim_ascii);
    let sender = fields.nth(1).unwrap_or_default();
    let facility = fields.next().unwrap_or_default();
    let control = fields.nth(5).unwrap_or_default();
    Header::Hl7 { sender, facility, control }
}

/// Finds "resourceType" and "id" among the names of the outermost object.
fn fhir(bytes: &[u8]) -> Header<'_> {
    let (mut resource, mut id): (&[u8], &[u8]) = (b"", b"");
    let mut depth = 0usize;
    let mut name: &[u8] = b"";
    let mut is_value = false;
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            b':' => is_value = true,
            b',' => is_value = false,
            b'"' => {
                let start = at + 1;
                at = string_end(bytes, start);
                if depth == 1 {
                    let text = bytes.get(start..at).unwrap_or_default();
                    match (is_value, name) {
                        (false, _) => name = text,
                        (true, b"resourceType") => resource = text,
                        (true, b"id") => id = text,
                        _ => {}
                    }
                    if !resource.is_empty() && !id.is_empty() {
                        break;
                    }
                }
            }
            _ => {}
        }
        at += 1;
    }
    Header::Fhir { resource, id }
}

/// Where the string that begins at `start` ends: at its closing quotation mark, or the end.
fn string_end(bytes: &[u8], start: usize) -> usize {
    let mut at = start;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => return at,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_read_without_reading_the_message() {
        let hl7 = |sender, facility, control| Header::Hl7 { sender, facility, control };
        let cases: [(&[u8], Header<'_>); 7] = [
            (b"MSH|^~\\&|PAS|NGH|LB|T|20260101||ADT^A01|42|P|2.4\rPID|1", hl7(b"PAS", b"NGH", b"42")),
            (b"\nMSH#^~\\&#PAS#NGH#######42", hl7(b"PAS", b"NGH", b"")),
            (b"MSH|^~\\&|PAS", hl7(b"PAS", b"", b"")),
            (b"MSH|", hl7(b"", b"", b"")),
            (
                br#"{"meta":{"id":"no"},"resourceType":"Patient","x":["id"],"id":"p\"1"}"#,
                Header::Fhir { resource: b"Patient", id: br#"p\"1"# },
            ),
            (br#"{"resourceType":"Bundle""#, Header::Fhir { resource: b"Bundle", id: b"" }),
            (b"hello", Header::Unknown),
        ];
        for (bytes, want) in cases {
            assert_eq!(header(bytes), want, "{}", String::from_utf8_lossy(bytes));
        }
    }
}

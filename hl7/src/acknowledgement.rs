//! The answer to a message: kept, failed, or cannot be supported.
//!
//! Promises: MSA-2 is the original's MSH-10 byte for byte, also when the original cannot be read; sender and receiver
//! are swapped, version, processing id, character set and delimiters are the sender's own, since an engine that does
//! not recognise the answer sends the message again for ever. Called by `intake` after the bytes are on the disk;
//! proved by the tests below and by the corpus test.

use crate::segment::nth;
use crate::{Delimiters, Timestamp, escape};
use basics::{Moment, Zone};

/// HL7 table 0008.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum AckCode {
    /// Original mode: kept.
    AA,
    /// Original mode: could not be kept, or not read where the feed asks for that.
    AE,
    /// Original mode: cannot be supported.
    AR,
    /// Enhanced mode: kept.
    CA,
    /// Enhanced mode: could not be kept.
    CE,
    /// Enhanced mode: cannot be supported.
    CR,
}

impl AckCode {
    /// As written in MSA-1.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AA => "AA",
            Self::AE => "AE",
            Self::AR => "AR",
            Self::CA => "CA",
            Self::CE => "CE",
            Self::CR => "CR",
        }
    }
}

/// How far into unreadable bytes a header is looked for.
const SEARCH_BYTES_MAX: usize = 64 << 10;
/// Longer fields are not echoed; MSH-10 has 199 characters at most in any version.
const ECHO_BYTES_MAX: usize = 4096;

/// The acknowledgement of `original`, which may be any bytes, framed or not. `text` goes to MSA-3 (left out when
/// empty, plain ASCII), `control_id` to MSH-10. Segments end with CR; MLLP framing is the caller's.
pub fn acknowledgement(
    original: &[u8],
    code: AckCode,
    text: &str,
    control_id: &str,
    at: Moment,
    zone: &Zone,
) -> Vec<u8> {
    let header = find_header(original);
    let declared = Delimiters::declared(header);
    // Where MSH-2 makes no sense the separator may still be right: fields are found by it, and the answer uses it, so
    // that whatever is echoed stays in its field.
    let separator = separator_of(header);
    let d = declared.unwrap_or_else(|| Delimiters::separated_by(separator));
    let shift = usize::from(declared.is_none() && shifted(header, separator));
    let echo = |n: usize| -> &[u8] {
        // MSH-n is piece n-1 of the line; n-2 when MSH-2 itself is missing.
        let found = nth(header, separator, n.saturating_sub(1 + shift)).unwrap_or_default();
        if found.len() > ECHO_BYTES_MAX { &[] } else { found }
    };
    let plain = |text: &str| -> Vec<u8> {
        let ascii: String = text.chars().map(|c| if c.is_ascii() { c } else { '?' }).collect();
        escape(&ascii, d)
    };
    let mut kind = b"ACK".to_vec();
    let trigger = nth(echo(9), d.component, 1).unwrap_or_default();
    if !trigger.is_empty() {
        kind.push(d.component);
        kind.extend_from_slice(trigger);
    }
    let declared_characters = nth(header, separator, 1).filter(|_| declared.is_some());
    let encoding = declared_characters.map_or_else(|| d.encoding_characters(), <[u8]>::to_vec);
    let stamp = Timestamp::at(at, zone).to_string().into_bytes();
    let (processing, version) = (or(echo(11), b"P"), or(echo(12), b"2.4"));
    let (identity, charset) = (plain(control_id), echo(18));
    let header_fields: [&[u8]; 17] = [
        &encoding,
        echo(5),
        echo(6),
        echo(3),
        echo(4),
        &stamp,
        b"",
        &kind,
        &identity,
        processing,
        version,
        b"",
        b"",
        b"",
        b"",
        b"",
        charset,
    ];
    let used = if charset.is_empty() { 11 } else { 17 };
    let mut out = b"MSH".to_vec();
    write_fields(&mut out, d.field, header_fields.iter().take(used).copied());
    out.extend_from_slice(b"MSA");
    let message_text = plain(text);
    let answer: [&[u8]; 3] = [code.as_str().as_bytes(), echo(10), &message_text];
    write_fields(&mut out, d.field, answer.iter().take(if text.is_empty() { 2 } else { 3 }).copied());
    out
}

/// MSH-10 of bytes that may be unreadable, as received; empty when none is found.
pub fn control_id(original: &[u8]) -> &[u8] {
    let header = find_header(original);
    let separator = separator_of(header);
    let shift = usize::from(Delimiters::declared(header).is_none() && shifted(header, separator));
    let found = nth(header, separator, 9 - shift).unwrap_or_default();
    if found.len() > ECHO_BYTES_MAX { &[] } else { found }
}

fn separator_of(header: &[u8]) -> u8 {
    header.get(3).copied().filter(u8::is_ascii_punctuation).unwrap_or(b'|')
}

/// The line of the first MSH that declares delimiters, else of the first that looks like one, cut at its end; empty when there is none.
fn find_header(bytes: &[u8]) -> &[u8] {
    let head = bytes.get(..bytes.len().min(SEARCH_BYTES_MAX)).unwrap_or(bytes);
    let mut likely = None;
    let mut found = None;
    for place in memchr::memmem::find_iter(head, b"MSH") {
        let before = place.checked_sub(1).and_then(|i| head.get(i));
        let candidate = head.get(place..).unwrap_or_default();
        if before.is_some_and(u8::is_ascii_alphanumeric)
            || !candidate.get(3).is_some_and(u8::is_ascii_punctuation)
        {
            continue;
        }
        likely = likely.or(Some(candidate));
        if candidate.get(3) == Some(&b'|') || Delimiters::declared(candidate).is_some() {
            found = Some(candidate);
            break;
        }
    }
    let line = found.or(likely).unwrap_or_default();
    let end = line.iter().position(|b| matches!(b, b'\r' | b'\n' | 0x1C | 0x0B)).unwrap_or(line.len());
    line.get(..end).unwrap_or(line)
}

/// Whether MSH-2 seems to have been left out: what should be MSH-9 is no message type, the piece before it is.
fn shifted(header: &[u8], separator: u8) -> bool {
    let is_type = |n: usize| {
        let piece = nth(header, separator, n).unwrap_or_default();
        matches!(piece, [a, b, c, rest @ ..]
            if [a, b, c].iter().all(|b| b.is_ascii_uppercase()) && rest.first().is_none_or(|b| !b.is_ascii_alphanumeric()))
    };
    !is_type(8) && is_type(7)
}

fn or<'a>(value: &'a [u8], default: &'a [u8]) -> &'a [u8] {
    if value.is_empty() { default } else { value }
}

fn write_fields<'a>(out: &mut Vec<u8>, separator: u8, fields: impl Iterator<Item = &'a [u8]>) {
    for field in fields {
        out.push(separator);
        out.extend_from_slice(field);
    }
    out.push(b'\r');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(original: &[u8], code: AckCode, text: &str) -> String {
        let at = Moment::parse_rfc3339("2026-03-02T14:05:00Z").expect("a moment");
        String::from_utf8_lossy(&acknowledgement(original, code, text, "L7", at, &Zone::london()))
            .replace('\r', "\n")
    }

    #[test]
    fn an_answer_names_the_message_and_goes_back_where_it_came_from() {
        let original =
            b"MSH|^~\\&|PAS|NG|LB|LBF|20260302||ADT^A01^ADT_A01|Q 1\\T\\2|T|2.3|||AL||44|ASCII\rPID|1";
        assert_eq!(
            answer(original, AckCode::AA, ""),
            "MSH|^~\\&|LB|LBF|PAS|NG|20260302140500+0000||ACK^A01|L7|T|2.3||||||ASCII\nMSA|AA|Q 1\\T\\2\n"
        );
        let odd = b"MSH$%~*&#$PAS$NG$LB$LBF$$$ADT%A08$55$P$2.5\rPID$1";
        assert_eq!(
            answer(odd, AckCode::AE, "no $pace | left"),
            "MSH$%~*&#$LB$LBF$PAS$NG$20260302140500+0000$$ACK%A08$L7$P$2.5\nMSA$AE$55$no *F*pace | left\n"
        );
    }

    #[test]
    fn what_cannot_be_read_is_answered_as_well_as_can_be() {
        for (original, msa) in [
            (&b""[..], "MSA|AR|"),
            (b"garbage", "MSA|AR|"),
            (b"\x0B\xEF\xBB\xBFMSH|^~\\&|A|B|C|D|||ADT^A01|77\x1C\r", "MSA|AR|77"),
            (b"MSH|A|B|C|D|20260302||ADT^A01|78|P|2.3\rPID", "MSA|AR|78"),
            // No delimiter but a point: what is echoed stays in its field.
            (b"MSH.F9.R1.C.D.E.F.G.H.a|b^c.P", "MSA.AR.a|b^c"),
            (b"junk MSH|^~\\&|A|B|C|D|||ADT^A01|79|P", "MSA|AR|79"),
            (b"MSH|^~\\&|A|B|C|D|||ADT^A01|\xFF\xFE|P", "MSA|AR|\u{fffd}\u{fffd}"),
        ] {
            let shown = answer(original, AckCode::AR, "");
            assert!(shown.ends_with(&format!("\n{msa}\n")), "{shown}");
            assert_eq!(String::from_utf8_lossy(control_id(original)), msa.get(7..).unwrap_or_default());
        }
    }
}

//! What goes wrong on real feeds, made from the seed: doubles, late and damaged messages, nonsense, storms.
//!
//! Always extra to the right messages or repairing themselves, so that the truth stays true.
//! Called by `Trust` for each message sent, and by `Sender` when systems die.

use crate::chance::Chance;
use crate::feeds::Source;
use crate::trust::Outgoing;

/// What is sent beside a right message, and how many milliseconds later: doubles, the same id with other bytes,
/// cut-off copies, wrong letters, nonsense. Each happens to `in_ten_thousand` messages.
pub fn beside(
    chance: &mut Chance,
    in_ten_thousand: u32,
    source: Source,
    message: &Outgoing,
) -> Vec<(i64, Outgoing)> {
    let mut extra = Vec::new();
    if chance.happens(in_ten_thousand) {
        // The answer was lost, so the engine sends the same bytes again.
        extra.push((chance.between(5_000, 60_000), message.clone()));
    }
    if chance.happens(in_ten_thousand) {
        let ending = source.dialect().ending;
        let [separator, ..] = source.dialect().delimiters;
        let mut again = message.clone();
        again.bytes.extend_from_slice(format!("ZRS{separator}RESENT{ending}").as_bytes());
        extra.push((chance.between(5_000, 120_000), again));
    }
    if chance.happens(in_ten_thousand) {
        extra.extend(damaged(chance, source, message));
    }
    if chance.happens(in_ten_thousand / 4) {
        extra.push((chance.between(1_000, 30_000), nonsense(chance, message)));
    }
    extra
}

/// A copy cut off in the middle of a result, or with letters of another character set: never of an ADT message,
/// whose truth it would change.
fn damaged(chance: &mut Chance, source: Source, message: &Outgoing) -> Option<(i64, Outgoing)> {
    if !matches!(source, Source::Pathology | Source::Imaging) {
        return None;
    }
    let first = message.bytes.windows(4).position(|w| w == b"OBX|")?;
    let mut copy = message.clone();
    copy.control_id.push('D');
    // MSH-10 stands in the bytes too: the copy is a message of its own.
    let id = format!("|{}|", message.control_id);
    let at = copy.bytes.windows(id.len()).position(|w| w == id.as_bytes())?;
    copy.bytes.splice(at..at + id.len(), format!("|{}|", copy.control_id).into_bytes());
    if chance.happens(5_000) {
        let keep = first + (copy.bytes.len() - first) / 2;
        copy.bytes.truncate(keep);
    } else {
        // A comment in ISO 8859/1 although MSH-18 says UTF-8: "37 °C" with a bare 0xB0.
        copy.bytes.extend_from_slice(b"NTE|1||Sample received at 37 \xb0C\r");
    }
    Some((chance.between(1_000, 20_000), copy))
}

fn nonsense(chance: &mut Chance, message: &Outgoing) -> Outgoing {
    let bytes: &[u8] = match chance.below(5) {
        0 => b"Test message please ignore",
        1 => b"MSH|^~\\&|",
        2 => b"<?xml version=\"1.0\"?><ClinicalDocument/>",
        3 => b"PID|1||12345^^^WVH^MR||Orphan^Segment\r",
        _ => b"\x00\x00\xff\xfe\x00",
    };
    Outgoing { control_id: String::new(), bytes: bytes.to_vec(), ..message.clone() }
}

/// The last messages of systems that are being encrypted while they speak: cut off, or no longer text at all.
pub fn last_words(feed: &str) -> Vec<Vec<u8>> {
    let mut words = vec![
        format!("MSH|^~\\&|{feed}|WVH|LIFEBOAT|WVH|2026").into_bytes(),
        b"MSH|^~\\&|\x00\x00\x00\x00".to_vec(),
    ];
    let mut state = crate::ledger::fingerprint(feed.as_bytes());
    let noise: Vec<u8> = (0..600)
        .map(|_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            // Never the frame's own end, or the noise would be several messages.
            match (state >> 56) as u8 {
                0x1c => 0x1d,
                byte => byte,
            }
        })
        .collect();
    words.push(noise);
    words.push(b"YOUR FILES ARE ENCRYPTED. (This is a simulation.)".to_vec());
    words
}

//! How the feed book's entries are written: a small header and the message's bytes, or a person's decision.
//!
//! Frozen: an entry written by any version of Lifeboat is read by every later one. Each body begins with the version
//! of its encoding. Described in `docs/formats/feed_book.md`; the sample bytes below never change.

use crate::{Fault, Intent};
use basics::{EntryNumber, FeedName};
use serde::{Deserialize, Serialize};

/// Entry kind: a message received.
pub const RECEIVED: u16 = 1;
/// Entry kind: a person's decision.
pub const INTENT: u16 = 2;

const VERSION: u8 = 1;

/// Largest message kept, in bytes.
pub const MESSAGE_BYTES_MAX: usize = logbook::BODY_BYTES_MAX - 64;

/// A decision with who made it; when is the entry's own moment.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SignedIntent {
    /// Initials or name.
    pub by: String,
    /// The decision.
    pub intent: Intent,
}

/// An entry's meaning.
pub enum Body<'a> {
    /// A message and the feed it came by.
    Received(FeedName, &'a [u8]),
    /// A decision.
    Intent(SignedIntent),
}

/// What stands before a message's bytes: version 1, length of the feed's name, the name.
pub fn received_header(feed: &FeedName) -> Vec<u8> {
    let name = feed.as_str().as_bytes();
    let mut out = Vec::with_capacity(2 + name.len());
    out.push(VERSION);
    out.push(name.len() as u8);
    out.extend_from_slice(name);
    out
}

/// A decision's body: version 1, then JSON, so that it can be read in fifty years.
pub fn intent_body(intent: &SignedIntent) -> Result<Vec<u8>, Fault> {
    let mut out = vec![VERSION];
    serde_json::to_writer(&mut out, intent)
        .map_err(|e| Fault::Index { doing: "write a decision down", what: e.to_string() })?;
    Ok(out)
}

/// Reads an entry's body.
pub fn read(number: EntryNumber, kind: u16, body: &[u8]) -> Result<Body<'_>, Fault> {
    let unknown = || Fault::UnknownEntry(number);
    match (kind, body) {
        (RECEIVED, [VERSION, length, rest @ ..]) => {
            let (name, message) = rest.split_at_checked(*length as usize).ok_or_else(unknown)?;
            let name = std::str::from_utf8(name).ok().and_then(FeedName::new).ok_or_else(unknown)?;
            Ok(Body::Received(name, message))
        }
        (INTENT, [VERSION, rest @ ..]) => {
            serde_json::from_slice(rest).map(Body::Intent).map_err(|_| unknown())
        }
        _ => Err(unknown()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sample_bytes_never_change() {
        let feed = FeedName::new("pas").unwrap();
        let mut body = received_header(&feed);
        body.extend_from_slice(b"MSH|");
        assert_eq!(body, b"\x01\x03pasMSH|");
        let read_back = read(EntryNumber(1), RECEIVED, &body);
        assert!(matches!(read_back, Ok(Body::Received(f, b"MSH|")) if f == feed));
        let samples: [(Intent, &str); 11] = [
            (
                Intent::ClearTray { entry: EntryNumber(7), reason: "test message".into() },
                r#"{"by":"AB","intent":{"ClearTray":{"entry":7,"reason":"test message"}}}"#,
            ),
            (
                Intent::ReplayTray { entry: EntryNumber(7) },
                r#"{"by":"AB","intent":{"ReplayTray":{"entry":7}}}"#,
            ),
            (Intent::ReplayAll { feed: None }, r#"{"by":"AB","intent":{"ReplayAll":{"feed":null}}}"#),
            (
                Intent::SetMode { mode: crate::Mode::Downtime, reason: "attack".into() },
                r#"{"by":"AB","intent":{"SetMode":{"mode":"Downtime","reason":"attack"}}}"#,
            ),
            (
                Intent::CloseHatch { feeds: Vec::new(), reason: "odd results".into() },
                r#"{"by":"AB","intent":{"CloseHatch":{"feeds":[],"reason":"odd results"}}}"#,
            ),
            (
                Intent::OpenHatch { feeds: vec![feed.clone()], reason: "looked through".into() },
                r#"{"by":"AB","intent":{"OpenHatch":{"feeds":["pas"],"reason":"looked through"}}}"#,
            ),
            (
                Intent::AdmitKept { feed: feed.clone(), up_to: None, reason: "all good".into() },
                r#"{"by":"AB","intent":{"AdmitKept":{"feed":"pas","up_to":null,"reason":"all good"}}}"#,
            ),
            (
                Intent::AdmitKept {
                    feed: feed.clone(),
                    up_to: Some(EntryNumber(9)),
                    reason: "good so far".into(),
                },
                r#"{"by":"AB","intent":{"AdmitKept":{"feed":"pas","up_to":9,"reason":"good so far"}}}"#,
            ),
            (
                Intent::TurnAway {
                    entries: vec![EntryNumber(7), EntryNumber(9)],
                    reason: "nobody sent these".into(),
                },
                r#"{"by":"AB","intent":{"TurnAway":{"entries":[7,9],"reason":"nobody sent these"}}}"#,
            ),
            (
                Intent::ConfirmColumns {
                    feed: feed.clone(),
                    map: translate::ColumnMap {
                        columns: vec![
                            translate::MappedColumn {
                                heading: "Ref.".to_owned(),
                                holds: Some(translate::Column::Booking),
                            },
                            translate::MappedColumn { heading: "Colour".to_owned(), holds: None },
                        ],
                    },
                },
                r#"{"by":"AB","intent":{"ConfirmColumns":{"feed":"pas","map":{"columns":[{"heading":"Ref.","holds":"booking"},{"heading":"Colour","holds":null}]}}}}"#,
            ),
            (
                Intent::ConfirmLocations {
                    feed,
                    map: translate::LocationMap {
                        sites: [("N".to_owned(), "Northgate".to_owned())].into(),
                        ..translate::LocationMap::default()
                    },
                },
                r#"{"by":"AB","intent":{"ConfirmLocations":{"feed":"pas","map":{"ward":1,"room":2,"bed":3,"site":4,"organisation_first":null,"sites":{"N":"Northgate"},"wards":{},"exact":{}}}}}"#,
            ),
        ];
        for (intent, json) in samples {
            let signed = SignedIntent { by: "AB".into(), intent };
            let body = intent_body(&signed).unwrap();
            assert_eq!(body.split_first(), Some((&1, json.as_bytes())));
            assert!(matches!(read(EntryNumber(2), INTENT, &body), Ok(Body::Intent(back)) if back == signed));
        }
        for (kind, body) in [
            (RECEIVED, &b""[..]),
            (RECEIVED, b"\x02"),
            (RECEIVED, b"\x01\x09pas"),
            (9, b"\x01"),
            (INTENT, b"\x01{}"),
        ] {
            assert!(read(EntryNumber(3), kind, body).is_err());
        }
    }
}

//! What the outbox's book holds: one entry for each thing that became known about a message.
//!
//! Frozen: an entry written by any version of Lifeboat is read by every later one. A body is the version (1) and then
//! JSON, so that it can be read in fifty years; described in `docs/formats/outbox_book.md`, held by the samples below.

use crate::outgoing::Outgoing;
use crate::refusal::Fault;
use basics::{EntryNumber, Moment};
use logbook::Entry;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

const VERSION: u8 = 1;
/// Longest "why" that is recorded from a gateway, in bytes.
pub const WHY_BYTES_MAX: usize = 300;

/// One thing that became known. `number` is the entry that queued the message.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Note {
    /// A message was taken on. Its own entry's number is its number.
    Queued(Box<Outgoing>),
    /// It is about to be handed over: recorded before the socket is used.
    Claimed(Claimed),
    /// The gateway has it.
    Accepted(Accepted),
    /// It certainly was not taken; it waits.
    Deferred(Deferred),
    /// The gateway will never take it.
    Refused(Ended),
    /// Nobody can say whether it was taken; the gateway will be asked.
    Doubted(Deferred),
    /// Nobody can say and nobody can be asked: a person decides.
    PerhapsSent(Ended),
    /// It arrived.
    Delivered(Arrived),
    /// The gateway took it, and it will not arrive.
    Failed(Ended),
    /// It was not sent before it became misleading.
    Expired(Arrived),
    /// A person took it out before it was sent.
    Cancelled(Decided),
    /// A person decided about one that was stuck.
    Settled(Settled),
}

/// See [`Note::Claimed`].
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Claimed {
    /// The message.
    pub number: EntryNumber,
    /// By which gateway.
    pub gateway: String,
}

/// See [`Note::Accepted`].
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Accepted {
    /// The message.
    pub number: EntryNumber,
    /// What the gateway calls it.
    pub gateway_id: String,
    /// Whether the gateway will say later what became of it.
    pub will_report: bool,
}

/// See [`Note::Deferred`] and [`Note::Doubted`].
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Deferred {
    /// The message.
    pub number: EntryNumber,
    /// Why, in words.
    pub why: String,
    /// How long before the next attempt or question, in milliseconds.
    pub wait_ms: u64,
    /// The gateway took nothing at all, so that this does not count against the message.
    pub gateway_at_fault: bool,
}

/// See [`Note::Refused`], [`Note::PerhapsSent`] and [`Note::Failed`].
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Ended {
    /// The message.
    pub number: EntryNumber,
    /// Why, in words.
    pub why: String,
}

/// See [`Note::Delivered`] and [`Note::Expired`].
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Arrived {
    /// The message.
    pub number: EntryNumber,
    /// Who saw it arrive: a runner's initials; `None` for the gateway's word.
    pub by: Option<String>,
}

/// See [`Note::Cancelled`].
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Decided {
    /// The message.
    pub number: EntryNumber,
    /// Who decided.
    pub by: String,
    /// Why.
    pub why: String,
}

/// See [`Note::Settled`].
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Settled {
    /// The message.
    pub number: EntryNumber,
    /// Who decided.
    pub by: String,
    /// Why.
    pub why: String,
    /// What is to be done.
    pub settlement: Settlement,
}

/// What a person may decide about a message that is stuck.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Settlement {
    /// It went out: somebody knows.
    CountAsSent,
    /// Hand it over again, although it may arrive twice; valid until then.
    SendAgain {
        /// After this moment it would mislead.
        valid_until: Moment,
    },
    /// It is dealt with in another way (a telephone call, a runner) or not at all.
    Close,
}

impl Note {
    /// The entry's kind. Frozen.
    pub fn kind(&self) -> u16 {
        match self {
            Self::Queued(_) => 1,
            Self::Claimed(_) => 2,
            Self::Accepted(_) => 3,
            Self::Deferred(_) => 4,
            Self::Refused(_) => 5,
            Self::Doubted(_) => 6,
            Self::PerhapsSent(_) => 7,
            Self::Delivered(_) => 8,
            Self::Failed(_) => 9,
            Self::Expired(_) => 10,
            Self::Cancelled(_) => 11,
            Self::Settled(_) => 12,
        }
    }

    /// The entry's body.
    pub fn body(&self) -> Result<Vec<u8>, Fault> {
        match self {
            Self::Queued(it) => encode(it),
            Self::Claimed(it) => encode(it),
            Self::Accepted(it) => encode(it),
            Self::Deferred(it) | Self::Doubted(it) => encode(it),
            Self::Refused(it) | Self::PerhapsSent(it) | Self::Failed(it) => encode(it),
            Self::Delivered(it) | Self::Expired(it) => encode(it),
            Self::Cancelled(it) => encode(it),
            Self::Settled(it) => encode(it),
        }
    }

    /// Reads an entry.
    pub fn read(entry: &Entry) -> Result<Self, Fault> {
        Ok(match entry.kind {
            1 => Self::Queued(decode(entry)?),
            2 => Self::Claimed(decode(entry)?),
            3 => Self::Accepted(decode(entry)?),
            4 => Self::Deferred(decode(entry)?),
            5 => Self::Refused(decode(entry)?),
            6 => Self::Doubted(decode(entry)?),
            7 => Self::PerhapsSent(decode(entry)?),
            8 => Self::Delivered(decode(entry)?),
            9 => Self::Failed(decode(entry)?),
            10 => Self::Expired(decode(entry)?),
            11 => Self::Cancelled(decode(entry)?),
            12 => Self::Settled(decode(entry)?),
            other => return Err(Fault::UnknownEntry(entry.number, format!("kind {other}"))),
        })
    }
}

fn encode<T: Serialize>(value: &T) -> Result<Vec<u8>, Fault> {
    let mut out = vec![VERSION];
    serde_json::to_writer(&mut out, value).map_err(|e| Fault::Encode(e.to_string()))?;
    Ok(out)
}

fn decode<T: DeserializeOwned>(entry: &Entry) -> Result<T, Fault> {
    let unknown = |why: String| Fault::UnknownEntry(entry.number, why);
    match entry.body.split_first() {
        Some((&VERSION, json)) => serde_json::from_slice(json).map_err(|e| unknown(e.to_string())),
        Some((version, _)) => Err(unknown(format!("version {version}"))),
        None => Err(unknown("an empty body".to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outgoing::*;

    fn samples() -> Vec<(Note, &'static str)> {
        let number = EntryNumber(7);
        let outgoing = Outgoing {
            id: OutgoingId::new("clinic-4711").unwrap(),
            route: Route::Sms(PhoneNumber::new("07700 900123").unwrap()),
            words: Words {
                subject: "Clinic".into(),
                body: "Not today.".into(),
                template: Some("clinic_cancelled".into()),
                fields: [("clinic".to_owned(), "eyes".to_owned())].into(),
            },
            why: "pathology is down".into(),
            asked_by: "AB".into(),
            urgency: Urgency::Bulk,
            valid_until: Moment::from_milliseconds(1_494_600_000_000),
            exercise: false,
        };
        let (why, by) = ("busy".to_owned(), "AB".to_owned());
        let waits = Deferred { number, why: why.clone(), wait_ms: 2000, gateway_at_fault: false };
        let ended = Ended { number, why: why.clone() };
        let decided = Decided { number, by: by.clone(), why: why.clone() };
        let settled = |settlement| Settled { number, by: by.clone(), why: why.clone(), settlement };
        let again = Settlement::SendAgain { valid_until: Moment::from_milliseconds(1_494_600_000_000) };
        vec![
            (Note::Queued(Box::new(outgoing)), SAMPLE_QUEUED),
            (
                Note::Claimed(Claimed { number, gateway: "notify".into() }),
                r#"{"number":7,"gateway":"notify"}"#,
            ),
            (
                Note::Accepted(Accepted { number, gateway_id: "g1".into(), will_report: true }),
                r#"{"number":7,"gateway_id":"g1","will_report":true}"#,
            ),
            (Note::Deferred(waits.clone()), SAMPLE_WAITS),
            (Note::Refused(ended.clone()), r#"{"number":7,"why":"busy"}"#),
            (Note::Doubted(waits), SAMPLE_WAITS),
            (Note::PerhapsSent(ended.clone()), r#"{"number":7,"why":"busy"}"#),
            (Note::Delivered(Arrived { number, by: None }), r#"{"number":7,"by":null}"#),
            (Note::Failed(ended), r#"{"number":7,"why":"busy"}"#),
            (Note::Expired(Arrived { number, by: None }), r#"{"number":7,"by":null}"#),
            (Note::Cancelled(decided), r#"{"number":7,"by":"AB","why":"busy"}"#),
            (
                Note::Settled(settled(Settlement::CountAsSent)),
                r#"{"number":7,"by":"AB","why":"busy","settlement":"count_as_sent"}"#,
            ),
            (
                Note::Settled(settled(again)),
                r#"{"number":7,"by":"AB","why":"busy","settlement":{"send_again":{"valid_until":1494600000000}}}"#,
            ),
            (
                Note::Settled(settled(Settlement::Close)),
                r#"{"number":7,"by":"AB","why":"busy","settlement":"close"}"#,
            ),
        ]
    }

    const SAMPLE_QUEUED: &str = concat!(
        r#"{"id":"clinic-4711","route":{"sms":"+447700900123"},"words":{"subject":"Clinic","body":"Not today.","#,
        r#""template":"clinic_cancelled","fields":{"clinic":"eyes"}},"why":"pathology is down","asked_by":"AB","#,
        r#""urgency":"bulk","valid_until":1494600000000,"exercise":false}"#
    );

    const SAMPLE_WAITS: &str = r#"{"number":7,"why":"busy","wait_ms":2000,"gateway_at_fault":false}"#;

    #[test]
    fn the_bytes_of_version_1_are_frozen() {
        for (note, json) in samples() {
            let mut want = vec![1];
            want.extend_from_slice(json.as_bytes());
            assert_eq!(String::from_utf8_lossy(&note.body().unwrap()), String::from_utf8_lossy(&want));
            let entry =
                Entry { number: EntryNumber(9), at: Moment::default(), kind: note.kind(), body: want };
            assert_eq!(Note::read(&entry).unwrap(), note);
        }
    }

    #[test]
    fn what_is_not_known_is_named() {
        for (kind, body) in [(99, &b"\x01{}"[..]), (2, b"\x02{}"), (2, b""), (2, b"\x01{")] {
            let entry = Entry { number: EntryNumber(9), at: Moment::default(), kind, body: body.to_vec() };
            assert!(Note::read(&entry).unwrap_err().to_string().contains("entry 9"));
        }
    }
}

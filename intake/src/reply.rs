//! Which answer a message gets: kept, failed or unsupported; in the mode its sender asked for.
//!
//! `AA` and `CA` mean kept, not understood (RELIABILITY decision 3). `AR` and `CR` are given only where the header
//! alone makes it certain that no Lifeboat could ever use the message, and the bytes are kept nonetheless. In
//! enhanced mode MSH-15 decides whether an answer is sent; where it is empty and only MSH-16 is filled one is sent,
//! since an engine that waits in vain sends everything again. Used by `mllp` and `http`.

use crate::record::{Kept, NotKept};
use basics::{Moment, Zone};
use hl7::{AckCode, Message, acknowledgement};

/// How a message is to be answered, read from its header before it is handed over.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Plan {
    enhanced: bool,
    when: When,
    /// Why the message can certainly not be supported.
    unsupported: Option<&'static str>,
}

/// HL7 table 0155.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum When {
    Always,
    Never,
    OnError,
    OnSuccess,
}

/// What became of a message.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// Durable, and answered so.
    Kept,
    /// Durable, but this feed is strict and the message could not be understood.
    NotUnderstood,
    /// Durable, but certainly unsupported.
    Unsupported,
    /// Not durable.
    Failed,
}

impl Plan {
    /// Reads the header; a header that cannot be read is answered in original mode.
    pub fn of(message: &[u8]) -> Self {
        let mut plan = Self { enhanced: false, when: When::Always, unsupported: None };
        let header_end = message.iter().skip(4).position(|b| matches!(b, b'\r' | b'\n')).map(|n| n + 4);
        let line = message.get(..header_end.unwrap_or(message.len())).unwrap_or(message);
        let Ok(message) = Message::parse(line) else { return plan };
        let header = message.header();
        let (accept, application) = (header.field(15).text(), header.field(16).text());
        plan.enhanced = !accept.trim().is_empty() || !application.trim().is_empty();
        if plan.enhanced {
            plan.when = match accept.trim() {
                "NE" => When::Never,
                "ER" => When::OnError,
                "SU" => When::OnSuccess,
                _ => When::Always,
            };
        }
        plan.unsupported = unsupported(
            &header.field(9).component(1).text(),
            &header.field(11).component(1).text(),
            &header.field(12).component(1).text(),
        );
        plan
    }

    /// Whether its sender waits for an answer when all goes well.
    pub fn expects_answer(&self) -> bool {
        matches!(self.when, When::Always | When::OnSuccess)
    }

    /// What became of it, given what the record said.
    pub fn outcome(&self, result: &Result<Kept, NotKept>) -> Outcome {
        match result {
            Err(_) => Outcome::Failed,
            Ok(_) if self.unsupported.is_some() => Outcome::Unsupported,
            Ok(kept) if kept.understood == Some(false) => Outcome::NotUnderstood,
            Ok(_) => Outcome::Kept,
        }
    }

    /// The code for an outcome.
    pub fn code(&self, outcome: Outcome) -> AckCode {
        match (outcome, self.enhanced) {
            (Outcome::Kept, false) => AckCode::AA,
            (Outcome::Kept, true) => AckCode::CA,
            (Outcome::Unsupported, false) => AckCode::AR,
            (Outcome::Unsupported, true) => AckCode::CR,
            (Outcome::Failed | Outcome::NotUnderstood, false) => AckCode::AE,
            (Outcome::Failed | Outcome::NotUnderstood, true) => AckCode::CE,
        }
    }

    /// The acknowledgement of `original`, unframed; `None` when its sender wants none.
    pub fn answer(
        &self,
        original: &[u8],
        result: &Result<Kept, NotKept>,
        at: Moment,
        zone: &Zone,
    ) -> Option<Vec<u8>> {
        let outcome = self.outcome(result);
        let wanted = match self.when {
            When::Always => true,
            When::Never => false,
            When::OnError => outcome != Outcome::Kept,
            When::OnSuccess => outcome == Outcome::Kept,
        };
        if !wanted {
            return None;
        }
        let text = match (outcome, result) {
            (Outcome::Kept, _) => "",
            (Outcome::Unsupported, _) => self.unsupported.unwrap_or_default(),
            (Outcome::NotUnderstood, _) => {
                "kept, but it could not be understood; it waits in the tray for a person"
            }
            (Outcome::Failed, Err(why)) => &why.0,
            (Outcome::Failed, Ok(_)) => "",
        };
        // The same message again gets the same answer, down to its control id.
        let control_id = match result {
            Ok(kept) => format!("LB{}", kept.entry),
            Err(_) => "LB0".to_owned(),
        };
        Some(acknowledgement(original, self.code(outcome), text, &control_id, at, zone))
    }
}

/// Why a header makes a message useless for certain. Empty and unusual values are taken: the tray judges them.
fn unsupported(kind: &str, processing: &str, version: &str) -> Option<&'static str> {
    if matches!(kind.trim(), "QBP" | "QRY" | "QSB" | "QVR" | "QRF" | "EQQ" | "VQQ" | "SPQ" | "RQQ") {
        return Some("MSH-9 asks a question; Lifeboat receives, it does not answer queries");
    }
    let version = version.trim();
    let major = version.split('.').next().unwrap_or_default();
    if !major.is_empty() && major.bytes().all(|b| b.is_ascii_digit()) && major.trim_start_matches('0') != "2"
    {
        return Some("MSH-12 names a version that is not HL7 2.x");
    }
    if !matches!(processing.trim(), "" | "P" | "T" | "D") {
        return Some("MSH-11 is none of P, T and D (HL7 table 0103)");
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use basics::EntryNumber;

    fn check(tail: &str, result: Result<Kept, NotKept>, expected: Option<&str>) {
        let message = format!("MSH|^~\\&|PAS|NG|LB|LBF|20260302||{tail}\rPID|1\r");
        let plan = Plan::of(message.as_bytes());
        let answer = plan.answer(message.as_bytes(), &result, Moment::default(), &Zone::utc());
        let code =
            answer.map(|a| String::from_utf8(a).unwrap().split("MSA|").nth(1).unwrap()[..2].to_owned());
        assert_eq!(code.as_deref(), expected, "{tail} {result:?}");
    }

    const KEPT: Kept = Kept { entry: EntryNumber(7), duplicate: false, understood: None };

    #[test]
    fn answers_follow_the_mode_and_the_wish_of_the_sender() {
        let failed = || Err(NotKept("the disk is full".to_owned()));
        let strict = |understood| Ok(Kept { understood: Some(understood), ..KEPT });
        for (tail, result, expected) in [
            ("ADT^A01|1|P|2.4", Ok(KEPT), Some("AA")),
            ("ADT^A01|1|P|2.4", failed(), Some("AE")),
            ("ADT^A01|1|P|2.4", strict(true), Some("AA")),
            ("ADT^A01|1|P|2.4", strict(false), Some("AE")),
            ("ADT^A01|1|P|2.4|||AL", Ok(KEPT), Some("CA")),
            ("ADT^A01|1|P|2.4|||AL", failed(), Some("CE")),
            ("ADT^A01|1|P|2.4|||AL", strict(false), Some("CE")),
            ("ADT^A01|1|P|2.4|||NE", Ok(KEPT), None),
            ("ADT^A01|1|P|2.4|||NE", failed(), None),
            ("ADT^A01|1|P|2.4|||ER", Ok(KEPT), None),
            ("ADT^A01|1|P|2.4|||ER", failed(), Some("CE")),
            ("ADT^A01|1|P|2.4|||SU", Ok(KEPT), Some("CA")),
            ("ADT^A01|1|P|2.4|||SU", failed(), None),
            ("ADT^A01|1|P|2.4||||AL", Ok(KEPT), Some("CA")),
            ("ADT^A01|1|P|2.4||||NE", Ok(KEPT), Some("CA")),
            ("ADT^A01|1|T|2.3.1", Ok(KEPT), Some("AA")),
            ("ZZZ^Z99|1||", Ok(KEPT), Some("AA")),
            ("|1|P|2.4", Ok(KEPT), Some("AA")),
            ("QBP^Q22|1|P|2.5", Ok(KEPT), Some("AR")),
            ("QRY^A19|1|P|2.4", failed(), Some("AE")),
            ("ADT^A01|1|P|3.0", Ok(KEPT), Some("AR")),
            ("ADT^A01|1|X|2.4|||AL", Ok(KEPT), Some("CR")),
            ("ADT^A01|1|P|2.4^GBR", Ok(KEPT), Some("AA")),
            ("ADT^A01|1|P|draft", Ok(KEPT), Some("AA")),
        ] {
            check(tail, result, expected);
        }
    }
}

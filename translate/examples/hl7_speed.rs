//! Messages a second through the HL7 translation, and through translation and records together, on a file of messages:
//! `hl7_speed <file> [rounds]`.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, clippy::print_stdout, clippy::cast_precision_loss)]
#![allow(missing_docs, clippy::indexing_slicing)]

use basics::{EntryNumber, FeedName, Moment};
use care::{Identifier, PatientKey, PatientRecord, Resolution, resolve};
use std::collections::HashMap;
use std::io::Read;
use translate::{FeedRules, Received};

fn main() {
    let mut arguments = std::env::args().skip(1);
    let mut bytes = std::fs::read(arguments.next().unwrap()).unwrap();
    let rounds: usize = arguments.next().and_then(|n| n.parse().ok()).unwrap_or(5);
    if bytes.starts_with(&[0x1F, 0x8B]) {
        let packed = std::mem::take(&mut bytes);
        flate2::read::MultiGzDecoder::new(&packed[..]).read_to_end(&mut bytes).unwrap();
    }
    let messages: Vec<&[u8]> = hl7::split(&bytes).map(hl7::Piece::bytes).collect();
    let rules = FeedRules::new(FeedName::new("bench").unwrap());
    let received = |number: usize| Received {
        entry: EntryNumber(number as u64),
        received: Moment::from_milliseconds(1_800_000_000_000),
        feed: rules.feed.clone(),
    };
    let started = std::time::Instant::now();
    let mut facts = 0;
    for _ in 0..rounds {
        for (number, message) in messages.iter().enumerate() {
            facts += translate::hl7(message, &received(number), &rules).facts.len();
        }
    }
    let all = messages.len() * rounds;
    let rate = all as f64 / started.elapsed().as_secs_f64();
    println!("translate: {all} messages, {facts} facts, {rate:.0} messages a second");

    let started = std::time::Instant::now();
    for _ in 0..rounds {
        let mut records: Vec<PatientRecord> = Vec::new();
        let mut numbers: HashMap<Identifier, PatientKey> = HashMap::new();
        for (number, message) in messages.iter().enumerate() {
            for fact in translate::hl7(message, &received(number), &rules).facts {
                let found = resolve(&fact.about.identifiers, &|i| numbers.get(i).copied());
                let key = match found {
                    Resolution::Known(key) | Resolution::Conflict { by_mrn: key, .. } => key,
                    Resolution::New => {
                        let key = PatientKey(records.len() as u64);
                        records.push(PatientRecord { key, ..PatientRecord::default() });
                        for identifier in &fact.about.identifiers {
                            numbers.insert(identifier.clone(), key);
                        }
                        key
                    }
                };
                records[usize::try_from(key.0).unwrap()].apply_fact(&fact);
            }
        }
    }
    let rate = all as f64 / started.elapsed().as_secs_f64();
    println!("translate and apply: {rate:.0} messages a second");
}

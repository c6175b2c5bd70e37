//! Nothing received is ever thrown away (RELIABILITY test 12): received = understood + in the tray + cleared, bytes
//! exact, over every message of the corpora and over mutants of them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use crate::common;

use common::*;
use control_room::{ControlRoom, Intent, Receipt, TrayFilter};
use std::path::Path;

fn corpus(dir: &Path, out: &mut Vec<Vec<u8>>) {
    let mut files: Vec<_> = std::fs::read_dir(dir).unwrap().map(|f| f.unwrap().path()).collect();
    files.sort();
    for file in files {
        if file.is_dir() {
            corpus(&file, out);
        } else if let Ok(bytes) = std::fs::read(&file) {
            let cut = messages(&bytes);
            if cut.is_empty() { out.push(bytes) } else { out.extend(cut) }
        }
    }
}

/// What is wrong with the room's accounts. `lost`: entries that the planted bug leaves out.
fn audit(room: &ControlRoom, sent: &[(Vec<u8>, Receipt)], lost: usize) -> Vec<String> {
    room.catch_up(&mut |_, _| {}).unwrap();
    let mut wrong = Vec::new();
    let totals = room.totals();
    let in_tray = room.tray(&TrayFilter::default()).unwrap().len().min(10_000) as u64;
    let in_tray = in_tray.saturating_sub(lost as u64);
    if totals.in_tray < 10_000 && in_tray != totals.in_tray {
        wrong.push(format!("{in_tray} listed in the tray, {} counted", totals.in_tray));
    }
    if totals.received != totals.understood + totals.in_tray + totals.cleared {
        wrong.push(format!("{totals:?} does not add up"));
    }
    let new = sent.iter().filter(|(_, r)| !r.duplicate).count() as u64;
    if totals.received != new {
        wrong.push(format!("{new} were new, {} received", totals.received));
    }
    for (bytes, receipt) in sent {
        let kept = room.entry(receipt.entry).unwrap();
        if kept.is_none_or(|k| k.bytes != *bytes) {
            wrong.push(format!("entry {} is not what was sent", receipt.entry));
        }
    }
    wrong
}

fn send(room: &ControlRoom, all: Vec<Vec<u8>>) -> Vec<(Vec<u8>, Receipt)> {
    let batch = all.iter().map(|m| (m.clone(), start())).collect();
    let receipts = room.receive_batch(&pas(), batch).unwrap();
    all.into_iter().zip(receipts).collect()
}

#[test]
fn every_message_of_the_corpora_is_accounted_for() {
    let Some(data) = shared_data("the HL7 corpora") else { return };
    let mut all = Vec::new();
    corpus(&data.join("hl7v2"), &mut all);
    assert!(all.len() > 1000);
    let dir = tempfile::tempdir().unwrap();
    let room = offline(dir.path());
    let sent = send(&room, all);
    let wrong = audit(&room, &sent, 0);
    assert!(wrong.is_empty(), "{wrong:#?}");
    println!("{:?}", room.totals());
    assert!(room.tray_counts().total > 0, "the corpora hold broken messages");
    // The planted bug: a tray that forgets one.
    assert!(!audit(&room, &sent, 1).is_empty());
    // One is cleared by a person: the accounts still add up, also after a rebuild.
    let item = room.tray(&TrayFilter::default()).unwrap().remove(0);
    room.submit(Intent::ClearTray { entry: item.entry, reason: "a test message".into() }, "AB", start())
        .unwrap();
    assert_eq!(room.totals().cleared, 1);
    let live = dump(&room);
    room.close();
    ControlRoom::rebuild(setup(dir.path()), &keys(), clock(), &mut |_, _| {}).unwrap();
    assert_same(&live, &dump(&offline(dir.path())), "rebuilt and live differ");
}

#[test]
fn mutants_are_accounted_for() {
    let mut all = vec![adt("A01", "1", 1, "Adeyemi", "AMU", "3", "20260301080000")];
    if let Some(data) = shared_data("the HL7 corpora; mutants of one made-up message only") {
        corpus(&data.join("hl7v2"), &mut all);
        all.retain(|m| m.len() < 4_000);
    }
    let mut dice = Dice(seed());
    let count = if torture() { 100_000 } else { 3_000 };
    let mutants: Vec<Vec<u8>> = (0..count)
        .map(|_| {
            let mut mutant = all[dice.below(all.len() as u64) as usize].clone();
            for _ in 0..=dice.below(4) {
                let at = dice.below(mutant.len().max(1) as u64) as usize;
                match dice.below(4) {
                    0 => mutant.truncate(at),
                    1 => mutant.insert(at.min(mutant.len()), dice.next() as u8),
                    2 if at < mutant.len() => mutant[at] ^= 1 << dice.below(8),
                    _ if at < mutant.len() => drop(mutant.remove(at)),
                    _ => {}
                }
            }
            mutant
        })
        .collect();
    let dir = tempfile::tempdir().unwrap();
    let room = offline(dir.path());
    let mut sent = send(&room, mutants);
    let wrong = audit(&room, &sent, 0);
    assert!(wrong.is_empty(), "{wrong:#?}");
    println!("{:?}", room.totals());
    // The planted bugs: a room that throws one message away, and one that trims what it keeps.
    let one = sent.iter().find(|(_, receipt)| !receipt.duplicate).unwrap().clone();
    sent.push(one);
    assert!(!audit(&room, &sent, 0).is_empty(), "a message was thrown away, and nobody sees it");
    sent.pop();
    sent[0].0.push(b'x');
    assert!(!audit(&room, &sent, 0).is_empty(), "a byte is missing, and nobody sees it");
}

//! The bytes of the access book and of the looks are frozen: what was written once is read for ever, each fact as it was.

use access::codec::{ACT, Fault, read, write};
use access::looks::{self, LOOK};
use access::{Act, Fact, looks::Look};
use basics::EntryNumber;
use serde_json::Value;
use std::collections::BTreeSet;

/// One act of each fact, as it was first written: its bytes, and what they mean.
const ACTS: &str = include_str!("frozen_acts.jsonl");
/// Looks, likewise.
const LOOKS: &str = include_str!("frozen_looks.jsonl");

fn line(line: &str) -> (Vec<u8>, Value) {
    let value: Value = serde_json::from_str(line).unwrap();
    let hex = value["bytes"].as_str().unwrap();
    (
        hex.as_bytes()
            .chunks(2)
            .map(|two| u8::from_str_radix(std::str::from_utf8(two).unwrap(), 16).unwrap())
            .collect(),
        value,
    )
}

/// The names of enum variants within a value, as JSON tells them: "People.Joined", "way.Card".
fn names(within: &str, value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::String(text) => drop(found.insert(format!("{within}.{text}"))),
        Value::Object(fields) => {
            for (name, value) in fields {
                if name.starts_with(char::is_uppercase) {
                    found.insert(format!("{within}.{name}"));
                }
                names(name, value, found);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| names(within, item, found)),
        _ => {}
    }
}

#[test]
fn every_fact_that_was_ever_written_is_read_and_written_the_same() {
    let mut found = BTreeSet::new();
    for (number, text) in (1..).zip(ACTS.lines()) {
        let (bytes, value) = line(text);
        let act =
            read(EntryNumber(number), ACT, &bytes).unwrap_or_else(|fault| panic!("line {number}: {fault}"));
        let meant: Act = serde_json::from_value(value["act"].clone()).unwrap();
        assert_eq!(act, meant, "line {number}");
        assert_eq!(write(&act).unwrap(), bytes, "line {number}");
        names("act", &value["act"], &mut found);
    }
    // A new fact, role, way, reason or alarm gets a line in the file; this list says that none was left out.
    let named = |within: &str| -> Vec<String> {
        let found = found.iter().filter_map(|name| name.strip_prefix(&format!("{within}.")));
        found.map(str::to_owned).collect()
    };
    assert_eq!(
        named("facts"),
        ["Alarms", "BreakGlass", "Cards", "Credentials", "Devices", "People", "Sessions", "WayBack"]
    );
    for (part, facts) in [
        ("People", &["Changed", "Closed", "Joined", "Reopened"][..]),
        ("Devices", &["Enrolled", "Revoked"]),
        (
            "Credentials",
            &[
                "AuthenticatorAdded",
                "AuthenticatorRemoved",
                "Invited",
                "PasskeyAdded",
                "PasskeyRemoved",
                "PassphraseSet",
                "RecoveryCodesMade",
            ],
        ),
        ("Cards", &["Asked", "Issued", "Voided"]),
        ("Sessions", &["Ended", "Locked", "Opened", "Resumed", "Revoked"]),
        ("BreakGlass", &["Broken", "Closed"]),
        ("Alarms", &["Raised"]),
        ("WayBack", &["Taken"]),
        ("by", &["Lifeboat", "Staff"]),
        ("way", &["Card", "Invitation", "Passkey", "PassphraseAndCode", "PassphraseAndRecovery"]),
        ("kind", &["Own", "Shared", "Tablet", "Terminal", "Visiting"]),
        ("how", &["Elsewhere", "SignedOut"]),
        ("what", &["Device", "Everything", "Person", "Session"]),
        (
            "reason",
            &["AskedForAdvice", "ComingToMyWard", "CoveringTheWard", "Emergency", "FindingSomebody", "Other"],
        ),
        ("finding", &["MendRights", "NotRight", "Right"]),
        (
            "alarm",
            &[
                "CardGuessed",
                "CardShownAgain",
                "Guessing",
                "LooksNotKept",
                "PasskeyCopied",
                "SessionElsewhere",
                "WayBack",
            ],
        ),
        ("scope", &["Places", "Trust"]),
    ] {
        assert_eq!(named(part), facts, "{part}");
    }
    assert_eq!(named("roles").len(), access::Role::ALL.len());
}

#[test]
fn a_fact_of_each_kind_is_known_to_the_compiler_and_to_the_samples() {
    // This match fails to compile when a part is added, and the list above must then grow.
    let part = |fact: &Fact| match fact {
        Fact::People(_) => 0,
        Fact::Devices(_) => 1,
        Fact::Credentials(_) => 2,
        Fact::Cards(_) => 3,
        Fact::Sessions(_) => 4,
        Fact::BreakGlass(_) => 5,
        Fact::Alarms(_) => 6,
        Fact::WayBack(_) => 7,
    };
    let mut parts = BTreeSet::new();
    for text in ACTS.lines() {
        let (bytes, _) = line(text);
        parts.extend(read(EntryNumber(1), ACT, &bytes).unwrap().facts.iter().map(part));
    }
    assert_eq!(parts.len(), 8);
}

#[test]
fn every_look_that_was_ever_written_is_read_and_written_the_same() {
    let mut found = BTreeSet::new();
    for (number, text) in (1..).zip(LOOKS.lines()) {
        let (bytes, value) = line(text);
        let look = looks::read(EntryNumber(number), LOOK, &bytes).unwrap();
        let meant: Look = serde_json::from_value(value["look"].clone()).unwrap();
        assert_eq!(look, meant, "line {number}");
        assert_eq!(looks::write(&look).unwrap(), bytes, "line {number}");
        found.insert(look.deed);
    }
    assert_eq!(found.len(), 5);
}

#[test]
fn half_an_act_or_more_than_one_is_a_fault_that_names_the_entry() {
    let (bytes, _) = line(ACTS.lines().next().unwrap());
    for end in 0..bytes.len() {
        let Fault::Unknown(entry, ..) = read(EntryNumber(9), ACT, &bytes[..end]).unwrap_err() else {
            panic!()
        };
        assert_eq!(entry, EntryNumber(9));
    }
    let mut long = bytes.clone();
    long.push(0);
    let mut other = bytes.clone();
    other[0] = 2;
    for (kind, body, words) in [
        (ACT, &long[..], "1 bytes too many"),
        (ACT, &other[..], "version 2"),
        (7, &bytes[..], "kind 7"),
        (ACT, &[1, 1, 0][..], "an act without a fact"),
    ] {
        let fault = read(EntryNumber(9), kind, body).unwrap_err().to_string();
        assert!(fault.contains("entry 9 of the access book") && fault.contains(words), "{fault}");
    }
}

proptest::proptest! {
    #[test]
    fn no_bytes_whatever_make_the_reader_panic(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..200)) {
        let body = [&[1][..], &bytes].concat();
        if let Ok(act) = read(EntryNumber(1), ACT, &body) {
            proptest::prop_assert!(!act.facts.is_empty());
        }
        drop(looks::read(EntryNumber(1), LOOK, &body));
    }
}

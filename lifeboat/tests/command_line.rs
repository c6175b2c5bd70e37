//! The command line through the real program: import, patients, wards, tray, verify, rebuild, packs, and what it says
//! when it cannot. Exit codes are part of what is tested: scripts depend on them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use crate::common;

use common::{Server, adt, command, json_lines, ok, refused, write_messages};
use serde_json::json;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;

/// A record of three invented patients (two of them the same person), one broken message and one duplicate.
fn small_record(dir: &Path) -> PathBuf {
    let file = dir.join("small.hl7");
    let merge = "MSH|^~\\&|PAS|NG|LB|LBF|20260302110000||ADT^A40|4|P|2.4\nEVN|A40|20260302110000\n\
                 PID|1||100^^^NG^MR||ZZTEST^Ada||19450714|F\nMRG|200^^^NG^MR";
    write_messages(
        &file,
        &[
            adt("A01", "1", "100", "ZZTEST", "3"),
            adt("A28", "2", "200", "ZZTEST", ""),
            adt("A01", "3", "300", "ZZOTHER", "4"),
            adt("A01", "3", "300", "ZZOTHER", "4"),
            merge.to_owned(),
            "MSH|broken\nPID|1".to_owned(),
        ],
    );
    let data = dir.join("data");
    let said = ok(&["import", file.to_str().unwrap(), "--feed", "pas", "--data", data.to_str().unwrap()], 3);
    let numbers: Vec<u64> = said.lines().filter_map(|l| l.split_whitespace().last()?.parse().ok()).collect();
    assert_eq!(numbers, [5, 4, 1, 1], "received, understood, in the tray, duplicates\n{said}");
    data
}

#[test]
fn what_was_imported_can_be_listed_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let data = small_record(dir.path());
    let data = data.to_str().unwrap();
    let patients = json_lines(&ok(&["patients", "--json", "--data", data], 0));
    let expected = json!({
        "nhs_number": null, "mrns": ["100"], "family": "ZZTEST", "given": "Ada", "birth_date": "1945-07-14",
        "sex": "F", "class": "I", "site": "Northgate General", "ward": "AMU", "room": null, "bed": "3",
        "admitted": "2026-03-02T10:00:00Z", "discharged": null, "died": null, "allergies": [],
        "allergies_status": "not_recorded", "flags": [], "merged_into": null, "merged_from": ["200"], "as_at": "2026-03-02T11:00:00Z"
    });
    let first = patients.iter().find(|p| p["mrns"][0] == "100").unwrap();
    assert_eq!(first, &expected);
    let merged = patients.iter().find(|p| p["mrns"][0] == "200").unwrap();
    assert_eq!(merged["merged_into"], "100");
    assert_eq!(patients.len(), 3);
    let folded = json_lines(&ok(&["patients", "--folded", "--json", "--data", data], 0));
    assert!(folded.iter().any(|p| p["mrns"] == json!(["100", "200"])), "folded, a survivor has both numbers");
    let wards = json_lines(&ok(&["wards", "--json", "--data", data], 0));
    assert_eq!((wards.len(), &wards[0]["ward"], &wards[0]["patients"]), (1, &json!("AMU"), &json!(2)));
    let ward = ok(&["ward", "Northgate General", "AMU", "--data", data], 0);
    assert!(ward.contains("ZZTEST, Ada") && ward.contains("Allergies not recorded"), "{ward}");
    assert!(
        refused(&["ward", "Northgate General", "XYZ", "--data", data], 1).contains("there is no ward XYZ")
    );
    let found = json_lines(&ok(&["find", "zztset", "ada", "--json", "--data", data], 0));
    assert_eq!(found[0]["mrn"], "100", "a misspelt name is found");
    ok(&["find", "nobody", "--data", data], 1);
}

#[test]
fn what_was_not_understood_waits_for_a_person() {
    let dir = tempfile::tempdir().unwrap();
    let data = small_record(dir.path());
    let data = data.to_str().unwrap();
    let tray = json_lines(&ok(&["tray", "--json", "--data", data], 3));
    assert_eq!(tray.len(), 1);
    let entry = tray[0]["entry"].to_string();
    assert_eq!(tray[0]["kind"], "not_understood");
    assert_eq!(ok(&["tray", "show", &entry, "--data", data], 0), "MSH|broken\rPID|1", "byte for byte");
    refused(&["tray", "clear", &entry, "--reason", "  ", "--by", "AB", "--data", data], 1);
    refused(&["tray", "clear", &entry, "--by", "AB", "--data", data], 2);
    ok(&["tray", "replay", &entry, "--by", "AB", "--data", data], 0);
    assert_eq!(
        json_lines(&ok(&["tray", "--json", "--data", data], 3))[0]["replayed"],
        1,
        "still not understood"
    );
    ok(&["tray", "clear", &entry, "--reason", "test message of the vendor", "--by", "AB", "--data", data], 0);
    ok(&["tray", "--data", data], 0);
    assert_eq!(
        ok(&["tray", "show", &entry, "--data", data], 0),
        "MSH|broken\rPID|1",
        "cleared, and still kept"
    );
    refused(&["tray", "clear", &entry, "--reason", "again", "--by", "AB", "--data", data], 1);
}

#[test]
fn a_rebuilt_index_says_the_same_and_a_second_import_adds_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let data = small_record(dir.path());
    let data = data.to_str().unwrap();
    let before = ok(&["patients", "--json", "--data", data], 0);
    ok(&["rebuild", "--data", data], 0);
    assert_eq!(ok(&["patients", "--json", "--data", data], 0), before);
    let file = dir.path().join("small.hl7");
    let again = ok(&["import", file.to_str().unwrap(), "--feed", "pas", "--json", "--data", data], 0);
    let again = &json_lines(&again)[0];
    assert_eq!((&again["received"], &again["duplicates"], &again["read"]), (&json!(0), &json!(6), &json!(6)));
    assert_eq!(ok(&["patients", "--json", "--data", data], 0), before);
}

#[test]
fn damage_to_the_record_is_found_and_named() {
    let dir = tempfile::tempdir().unwrap();
    let data = small_record(dir.path());
    let text = data.to_str().unwrap();
    let head = dir.path().join("kept.head");
    ok(&["head", "--out", head.to_str().unwrap(), "--data", text], 0);
    ok(&["verify", "--head", head.to_str().unwrap(), "--data", text], 0);
    ok(&["verify", "--public", "--data", text], 0);
    let bundle = dir.path().join("all.bundle");
    ok(&["export", "--out", bundle.to_str().unwrap(), "--data", text], 0);
    ok(&["verify", "--bundle", bundle.to_str().unwrap(), "--data", text], 0);
    refused(&["export", "--out", bundle.to_str().unwrap(), "--data", text], 1);
    let book = fs::read_dir(data.join("book")).unwrap().map(|e| e.unwrap().path());
    let segment = book.max_by_key(|path| fs::metadata(path).unwrap().len()).unwrap();
    let sound = fs::read(&segment).unwrap();
    let mut bytes = sound.clone();
    bytes[600] ^= 1;
    fs::write(&segment, bytes).unwrap();
    let said = json_lines(&ok(&["verify", "--json", "--data", text], 4));
    let damaged: Vec<_> = said.iter().filter(|book| book["sound"] == false).collect();
    assert_eq!(damaged.len(), 1, "{said:?}");
    let file = damaged[0]["flaw"]["file"].as_str().unwrap();
    assert!(file.contains(segment.file_name().unwrap().to_str().unwrap()), "{file}");
    fs::write(&segment, sound).unwrap();
    ok(&["verify", "--data", text], 0);
}

#[test]
fn packs_are_written_under_harmless_names() {
    let dir = tempfile::tempdir().unwrap();
    let data = small_record(dir.path());
    let out = dir.path().join("packs");
    ok(&["packs", "--out", out.to_str().unwrap(), "--data", data.to_str().unwrap()], 0);
    let pdf = fs::read(out.join("Northgate-General-AMU.pdf"))
        .or_else(|_| fs::read(out.join("Northgate General AMU.pdf")));
    assert!(pdf.unwrap().starts_with(b"%PDF"));
}

#[test]
fn only_one_process_writes_a_record() {
    let dir = tempfile::tempdir().unwrap();
    let data = small_record(dir.path());
    let server = Server::start(&data, "");
    let said = refused(&["patients", "--json", "--data", data.to_str().unwrap()], 6);
    assert!(said.contains(&format!("process {}", server.child.id())), "{said}");
    let again = common::lifeboat(&["serve", "--config", data.with_extension("toml").to_str().unwrap()]);
    assert_eq!(again.status.code(), Some(6));
    assert_eq!(server.stop(), 0);
    ok(&["patients", "--json", "--data", data.to_str().unwrap()], 0);
}

#[test]
fn a_configuration_that_cannot_be_used_is_refused_with_its_line() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("lifeboat.toml");
    let config = path.to_str().unwrap();
    fs::write(
        &path,
        "trust = \"x\"\n[[feeds]]\nname = \"pas\"\nlisten = \"127.0.0.1:0\"\nsilent_afer_seconds = 5\n",
    )
    .unwrap();
    let said = refused(&["serve", "--config", config], 2);
    assert!(said.contains("line 5") && said.contains("silent_afer_seconds"), "{said}");
    assert!(refused(&["serve"], 2).contains("lifeboat init"));
    assert!(refused(&["doctor", "--config", "/nonexistent.toml"], 2).contains("could not read"));
    refused(&["frobnicate"], 2);
    fs::remove_file(&path).unwrap();
    ok(&["init", config], 0);
    assert!(refused(&["init", config], 1).contains("could not write"), "never overwrites");
    let written = fs::read_to_string(&path).unwrap();
    let free = written.replace(":8480", ":0").replace(":2575", ":0");
    fs::write(&path, free).unwrap();
    let said = ok(&["doctor", "--config", config], 0);
    assert!(said.contains("Nothing is wrong"), "{said}");
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    fs::write(&path, written.replace(":2575", &format!(":{port}"))).unwrap();
    let said = ok(&["doctor", "--config", config, "--json"], 3);
    let wrong = json_lines(&said).into_iter().filter(|f| f["grade"] == "wrong");
    assert!(wrong.into_iter().any(|f| f["sentence"].as_str().unwrap().contains(&port.to_string())), "{said}");
}

#[test]
fn a_record_opens_with_its_own_keys_alone() {
    let dir = tempfile::tempdir().unwrap();
    let (data, file) = (dir.path().join("data"), dir.path().join("one.hl7"));
    let (data, file) = (data.to_str().unwrap(), file.to_str().unwrap());
    write_messages(Path::new(file), &[adt("A01", "1", "100", "ZZTEST", "3")]);
    let with = |passphrase: &str, arguments: &[&str]| {
        let mut command = command(arguments);
        command.env("LIFEBOAT_PASSPHRASE", passphrase).stdin(Stdio::null()).output().unwrap().status.code()
    };
    assert_eq!(with("short", &["import", file, "--data", data]), Some(7), "too short a passphrase");
    let words = "correct horse battery staple boat life";
    assert_eq!(with(words, &["import", file, "--data", data]), Some(0));
    assert_eq!(with(words, &["patients", "--data", data]), Some(0));
    assert_eq!(with("another passphrase altogether", &["patients", "--data", data]), Some(7));
    assert!(refused(&["patients", "--data", data], 7).contains("LIFEBOAT_PASSPHRASE"));
    assert!(refused(&["patients", "--data", "/nonexistent"], 1).contains("no record"));
    fs::remove_file(Path::new(data).join("keys")).unwrap();
    assert!(
        refused(&["import", file, "--data", data], 7).contains("keys are gone"),
        "no new keys over an old record"
    );
}

#[test]
fn nothing_on_the_disk_names_a_patient() {
    let dir = tempfile::tempdir().unwrap();
    let data = small_record(dir.path());
    let server = Server::start(&data, "");
    let packs = data.join("packs");
    common::eventually("a pack lies on the disk", || {
        fs::read_dir(&packs)
            .is_ok_and(|d| d.flatten().any(|e| e.path().extension().is_some_and(|x| x == "pack")))
    });
    server.kill();
    let mut files = Vec::new();
    let mut folders = vec![data.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap().flatten() {
            let kind = entry.file_type().unwrap();
            if kind.is_dir() {
                folders.push(entry.path());
            } else if kind.is_file() {
                // A killed program leaves its socket, which holds nothing.
                files.push(entry.path());
            }
        }
    }
    let readable = |word: &[u8]| {
        let hits = files.iter().filter(|f| fs::read(f).unwrap().windows(word.len()).any(|w| w == word));
        hits.map(|f| f.display().to_string()).collect::<Vec<_>>()
    };
    for word in [&b"ZZTEST"[..], b"ZZOTHER", b"19450714", b"Northgate General", b"MSH|"] {
        assert_eq!(readable(word), Vec::<String>::new(), "{}", String::from_utf8_lossy(word));
    }
    // The checker would see it: one file that does hold a name.
    files.push(dir.path().join("small.hl7"));
    assert_eq!(files.iter().filter(|f| fs::read(f).unwrap().windows(6).any(|w| w == b"ZZTEST")).count(), 1);
}

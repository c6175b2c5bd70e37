//! Files and folders of every kind into a trial record. RELIABILITY tests 15 (bombs) and 20 (paths).
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use crate::common;

use basics::{FeedName, FixedClock, Moment};
use common::{Behaviour, Trial};
use flate2::{Compression, write::GzEncoder};
use intake::BodyLimits;
use intake::files::{Report, import};
use std::fs;
use std::io::Write;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn take(paths: &[&Path]) -> (Report, Vec<String>) {
    let trial = Trial::new(Behaviour::Honest);
    let paths: Vec<PathBuf> = paths.iter().map(|p| p.to_path_buf()).collect();
    let clock = FixedClock::new(Moment::from_milliseconds(0));
    let mut last = 0;
    let report = import(
        &trial,
        &FeedName::new("import").unwrap(),
        &paths,
        &BodyLimits::for_files(),
        &clock,
        &mut |progress| {
            assert!(progress.bytes_done >= last && progress.bytes_done <= progress.bytes_total);
            last = progress.bytes_done;
        },
    )
    .unwrap();
    (report, trial.kept())
}

#[test]
fn a_folder_is_read_whole_and_in_order() {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name);
    fs::create_dir(at("b")).unwrap();
    fs::write(at("b/2.txt"), "MSH|^~\\&|B1\rPID|1\r\n\r\nMSH|^~\\&|B2\rPID|2\r").unwrap();
    fs::write(
        at("a.hl7.gz"),
        gzip(b"FHS|^~\\&|x\rBHS|^~\\&|y\rMSH|^~\\&|A1\rPID|1\rstray text\rBTS|2\rFTS|1\r"),
    )
    .unwrap();
    fs::write(at("c.json"), "{\n \"resourceType\": \"Patient\"\n}\n").unwrap();
    fs::write(at(".hidden"), "MSH|^~\\&|H\r").unwrap();
    fs::write(at("empty"), "").unwrap();
    let (report, kept) = take(&[dir.path()]);
    let expected = [
        "MSH|^~\\&|A1\rPID|1\rstray text",
        "MSH|^~\\&|B1\rPID|1",
        "MSH|^~\\&|B2\rPID|2",
        "{\n \"resourceType\": \"Patient\"\n}",
    ];
    assert_eq!(kept, expected);
    assert_eq!((report.files, report.messages, report.strays, report.envelopes), (4, 4, 0, 4));
    assert_eq!(report.notes.len(), 1, "the batch says 2 and holds 1: {:?}", report.notes);
    assert_eq!(report.refused.len(), 1, "the empty file: {:?}", report.refused);
}

#[test]
fn resources_that_others_refer_to_come_first() {
    let dir = tempfile::tempdir().unwrap();
    for kind in ["AllergyIntolerance", "Encounter", "Location", "Patient"] {
        let line = format!(
            "{{\"resourceType\":\"{kind}\",\"id\":\"1\"}}\n{{\"resourceType\":\"{kind}\",\"id\":\"2\"}}\n"
        );
        fs::write(dir.path().join(format!("{kind}.ndjson")), line).unwrap();
    }
    let (_, kept) = take(&[dir.path()]);
    let kinds: Vec<&str> = kept.iter().step_by(2).map(|line| line.split('"').nth(3).unwrap()).collect();
    assert_eq!(kinds, ["Location", "Patient", "Encounter", "AllergyIntolerance"]);
}

/// Test 20: whatever a folder holds, nothing outside it is read, and nothing at all is written.
#[test]
fn links_out_of_the_folder_are_reported_and_not_followed() {
    let dir = tempfile::tempdir().unwrap();
    let (inside, outside) = (dir.path().join("in"), dir.path().join("out"));
    fs::create_dir(&inside).unwrap();
    fs::create_dir(&outside).unwrap();
    fs::write(outside.join("secret.hl7"), "MSH|^~\\&|SECRET\r").unwrap();
    fs::write(inside.join("own.hl7"), "MSH|^~\\&|OWN\r").unwrap();
    symlink(outside.join("secret.hl7"), inside.join("file-link.hl7")).unwrap();
    symlink(&outside, inside.join("folder-link")).unwrap();
    symlink("../out/secret.hl7", inside.join("relative-link")).unwrap();
    symlink("own.hl7", inside.join("inner-link")).unwrap();
    symlink(&inside, inside.join("loop")).unwrap();
    symlink("nowhere", inside.join("dangling")).unwrap();
    fs::write(inside.join("odd..\u{2044}..\u{2044}evil.hl7"), "MSH|^~\\&|ODD\r").unwrap();
    let before = snapshot(dir.path());
    let (report, mut kept) = take(&[&inside]);
    kept.sort();
    assert_eq!(kept, ["MSH|^~\\&|ODD", "MSH|^~\\&|OWN"]);
    let mut refused: Vec<_> =
        report.refused.iter().map(|r| r.path.file_name().unwrap().to_str().unwrap()).collect();
    refused.sort_unstable();
    assert_eq!(refused, ["dangling", "file-link.hl7", "folder-link", "relative-link"]);
    assert_eq!(snapshot(dir.path()), before);
    // The checker would see a secret: named by a person, the link is followed.
    assert_eq!(take(&[&inside.join("file-link.hl7")]).1, ["MSH|^~\\&|SECRET"]);
}

fn snapshot(dir: &Path) -> Vec<PathBuf> {
    let mut all = Vec::new();
    let mut folders = vec![dir.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap().flatten() {
            if entry.file_type().unwrap().is_dir() {
                folders.push(entry.path());
            }
            all.push(entry.path());
        }
    }
    all.sort();
    all
}

/// Test 15 for files: a bomb ends early, is reported, and what came before it is kept.
#[test]
fn a_gzip_bomb_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("bomb.gz");
    let mut plain = b"MSH|^~\\&|FIRST\rPID|1\rMSH|^~\\&|SECOND\rPID|2\rMSH|^~\\&|THIRD\rOBX|1|".to_vec();
    plain.resize(256 << 20, b'x');
    fs::write(&path, gzip(&plain)).unwrap();
    assert!(fs::metadata(&path).unwrap().len() < 2 << 20);
    let (report, kept) = take(&[&path]);
    assert_eq!(report.refused.len(), 1, "{report:?}");
    assert!(kept.iter().all(|message| message.len() < 64 << 20), "the bomb went off");
}

#[test]
fn pipes_and_missing_files_are_reported() {
    let dir = tempfile::tempdir().unwrap();
    let pipe = dir.path().join("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let (report, kept) = take(&[&pipe, &dir.path().join("absent"), dir.path()]);
    assert_eq!((report.refused.len(), kept.len()), (3, 0), "{report:?}");
}

//! The machine-read files: Atom, JSON, CAP, HAVE and iCalendar hold what their standards ask.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use crate::common;

use common::{Trust, at, content, settings};
use incident::Ground;
use incident::public_updates::{Content, Words};
use public_page::{Edition, press};
use std::path::{Path, PathBuf};
use std::process::Command;

const REAL: Ground = Ground::Real;

/// First alert, an update, Welsh too, and a withdrawn one.
fn editions() -> Vec<Edition> {
    let mut trust = Trust::new();
    let mut out = Vec::new();
    let mut take = |trust: &Trust| out.push(press(&trust.board(REAL), &settings(), at("15:10")).unwrap());
    trust.publishes(REAL, content());
    take(&trust);
    let welsh = Words {
        sentence: "Dim <newid> & mwy.".into(),
        do_this: vec!["Arhoswch.".into()],
        ..Words::default()
    };
    let number = trust.publishes(REAL, Content { welsh: Some(welsh), next_update: None, ..content() });
    take(&trust);
    trust.withdraws(number);
    take(&trust);
    out
}

fn text<'e>(edition: &'e Edition, path: &str) -> &'e str {
    std::str::from_utf8(edition.file(path).unwrap_or_else(|| panic!("no {path}"))).unwrap()
}

fn standards() -> PathBuf {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data");
    std::env::var_os("LIFEBOAT_SHARED_DATA").map_or_else(beside, PathBuf::from).join("standards")
}

/// Validates the second file against the schema in the first; exits with 3 when there is nothing to do it with.
const VALIDATE: &str = "
import sys
try:
    from lxml import etree
except ImportError:
    sys.exit(3)
schema = etree.XMLSchema(etree.parse(sys.argv[1]))
schema.assertValid(etree.parse(sys.argv[2]))
";

/// What libxml2 says of a document; `None` when its Python binding is not installed (`xtask/setup.sh test` does that).
fn judged(schema: &Path, document: &[u8]) -> Option<Result<(), String>> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("document.xml");
    std::fs::write(&file, document).unwrap();
    let python = Path::new(env!("CARGO_MANIFEST_DIR")).join("../.venv/bin/python3");
    let out = Command::new(python).arg("-c").arg(VALIDATE).arg(schema).arg(&file).output().ok()?;
    let said = String::from_utf8_lossy(&out.stderr).into_owned();
    match out.status.code() {
        Some(0) => Some(Ok(())),
        Some(3) => None,
        _ => Some(Err(said)),
    }
}

#[test]
fn alerts_and_availability_are_valid_against_their_schemas() {
    let cap = standards().join("cap-google/schema/cap12.xsd");
    let have = standards().join("edxl-have-2.0/edxl-have-v2.0-working-draft-patched.xsd");
    if !cap.exists() || !have.exists() {
        println!("shared data absent, skipped: CAP and EDXL-HAVE against their schemas");
        return;
    }
    for edition in editions() {
        for (path, schema) in [("cap.xml", &cap), ("have.xml", &have)] {
            let Some(document) = edition.file(path) else { continue };
            let Some(verdict) = judged(schema, document) else {
                println!("lxml is not installed, skipped: CAP and EDXL-HAVE against their schemas");
                return;
            };
            assert_eq!(verdict, Ok(()), "{path}");
        }
    }
    let broken = b"<alert xmlns=\"urn:oasis:names:tc:emergency:cap:1.2\"><identifier/></alert>";
    assert!(judged(&cap, broken).unwrap().is_err(), "a broken alert is found");
}

#[test]
fn alerts_refer_to_what_they_update_or_cancel() {
    let all = editions();
    let cap: Vec<&str> = all.iter().map(|edition| text(edition, "cap.xml")).collect();
    assert!(cap[0].contains("<msgType>Alert</msgType>") && !cap[0].contains("<references>"));
    assert!(cap[0].contains("<sent>2017-05-12T16:00:00+01:00</sent>"));
    assert!(cap[0].contains("<expires>2017-05-12T17:30:00+01:00</expires>"));
    assert!(cap[0].contains("<severity>Severe</severity>"));
    let first =
        "<references>updates@northgate.example,public-update-1,2017-05-12T16:00:00+01:00</references>";
    assert!(cap[1].contains("<msgType>Update</msgType>") && cap[1].contains(first), "{}", cap[1]);
    assert!(cap[1].contains("<language>cy-GB</language>") && cap[1].contains("Dim &lt;newid&gt; &amp; mwy."));
    assert!(cap[2].contains("<msgType>Cancel</msgType>") && cap[2].contains(",public-update-2,"));
    assert!(!cap[2].contains("<info>") && all[2].file("have.xml").is_none());
}

#[test]
fn the_summary_has_the_shape_that_dashboards_read() {
    let all = editions();
    let json: serde_json::Value = serde_json::from_slice(all[0].file("summary.json").unwrap()).unwrap();
    assert_eq!(all[0].file("summary.json"), all[0].file("api/v2/summary.json"));
    assert_eq!(json["status"]["indicator"], "major");
    assert_eq!(json["page"]["url"], "https://updates.northgate.example");
    assert_eq!(json["components"].as_array().unwrap().len(), 5);
    assert_eq!(json["components"][2]["name"], "Outpatients");
    assert_eq!(json["components"][2]["status"], "major_outage");
    assert_eq!(json["components"][2]["group_id"], json["components"][0]["id"]);
    assert_eq!(json["incidents"][0]["status"], "identified");
    assert_eq!(json["next_update_at"], "2017-05-12T16:30:00Z");
    let withdrawn: serde_json::Value = serde_json::from_slice(all[2].file("summary.json").unwrap()).unwrap();
    assert_eq!(withdrawn["incidents"].as_array().unwrap().len(), 0);
    assert_eq!(withdrawn["status"]["description"], "The last update was withdrawn");
}

#[test]
fn the_feed_keeps_an_entry_for_each_update_and_the_calendar_each_promise() {
    let all = editions();
    let atom = text(&all[2], "atom.xml");
    assert_eq!(atom.matches("<entry>").count(), 2);
    assert!(atom.contains("Withdrawn at 4pm on 12 May 2017.") && !atom.contains("newid"), "{atom}");
    assert!(atom.contains("Northgate &amp; Whipps Green Hospitals: service update"));
    let calendar = text(&all[0], "updates.ics");
    assert!(calendar.contains("DTSTART:20170512T163000Z\r\n") && calendar.ends_with("END:VCALENDAR\r\n"));
    assert!(calendar.split("\r\n").all(|line| line.len() <= 75), "{calendar}");
    assert!(calendar.split('\n').all(|line| line.is_empty() || line.ends_with('\r')));
}

//! The safety documents (`docs/safety/`) are all there and marked as what they are; every test that they name exists; every
//! hazard and threat has evidence or says plainly that there is none; every risk is what the matrix gives.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

const DOCUMENTS: [&str; 6] = [
    "hazard_log.md",
    "clinical_safety_case.md",
    "deployment_safety.md",
    "intended_use.md",
    "threat_model.md",
    "data_protection.md",
];
const MARK: &str = "**Template, not approved by a Clinical Safety Officer";
const NONE: &str = "no test yet: ";

/// Hazards and threats that say "no test yet", wholly or in part. These only fall: write the test, then the new number.
const HAZARDS_WITHOUT: usize = 13;
const THREATS_WITHOUT: usize = 5;

/// Columns of a row, counted from its number: hazards and threats.
const HAZARD_CELLS: usize = 8;
const THREAT_CELLS: usize = 5;
const HAZARD_EVIDENCE: usize = 6;
const THREAT_EVIDENCE: usize = 3;

/// What every downtime system must fear; each begins the name of a hazard, or stands in it.
const SEEDS: [&str; 13] = [
    "Stale shown as current",
    "Wrong patient",
    "Lost order or result",
    "Duplicate on back-load",
    "Wrong merge",
    "Hidden allergy",
    "Wrong NEWS2",
    "False all-clear",
    "Break-glass blocked",
    "Outdated card",
    "Alarm fatigue",
    "The record blocks care",
    "Misleading print",
];

const SEVERITIES: [&str; 5] = ["minor", "significant", "considerable", "major", "catastrophic"];

type Documents = BTreeMap<&'static str, String>;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn documents() -> Documents {
    let read = |name| std::fs::read_to_string(root().join("docs/safety").join(name)).unwrap_or_default();
    DOCUMENTS.into_iter().map(|name| (name, read(name))).collect()
}

/// The cells of a table's row.
fn cells(line: &str) -> Vec<&str> {
    let row = line.trim().trim_start_matches('|').trim_end_matches('|');
    row.split(" | ").map(str::trim).collect()
}

/// Rows whose number begins with this letter: H01, H02 …
fn rows(text: &str, letter: char) -> Vec<Vec<&str>> {
    let numbered = |line: &&str| {
        let number = line.strip_prefix("| ").and_then(|rest| rest.strip_prefix(letter));
        number.is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
    };
    text.lines().filter(numbered).map(cells).collect()
}

/// What is between backticks.
fn ticked(text: &str) -> Vec<&str> {
    text.split('`').skip(1).step_by(2).collect()
}

/// Files of Rust and the functions named after each: `file.rs`: `one`, `two`; `other.rs`: `three`.
fn pointers(line: &str) -> Vec<(&str, Vec<&str>)> {
    let mut found: Vec<(&str, Vec<&str>)> = Vec::new();
    let function = |word: &str| {
        word.contains('_') && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
    };
    for word in ticked(line) {
        if word.contains('/') && word.ends_with(".rs") {
            found.push((word, Vec::new()));
        } else if let (true, Some((_, names))) = (function(word), found.last_mut()) {
            names.push(word);
        }
    }
    found
}

/// Whether a source holds a test of this name: the function, with `#[test]` or its like among the lines just above.
fn has_test(source: &str, name: &str) -> bool {
    let lines: Vec<&str> = source.lines().map(str::trim).collect();
    let is_it = |line: &str| {
        line.starts_with(&format!("fn {name}(")) || line.starts_with(&format!("async fn {name}("))
    };
    lines.iter().enumerate().filter(|(_, line)| is_it(line)).any(|(at, _)| {
        let above = lines[..at].iter().rev().take_while(|l| l.starts_with("#[") || l.starts_with("///"));
        above.into_iter().any(|l| *l == "#[test]" || l.starts_with("#[tokio::test"))
    })
}

/// Pointers of any document that lead to no test. A file named alone must exist.
fn lost_pointers(documents: &Documents) -> Vec<String> {
    let mut lost = Vec::new();
    for (document, text) in documents {
        for (file, names) in text.lines().flat_map(pointers) {
            let Ok(source) = std::fs::read_to_string(root().join(file)) else {
                lost.push(format!("{document}: {file} is missing"));
                continue;
            };
            let absent = names.into_iter().filter(|name| !has_test(&source, name));
            lost.extend(absent.map(|name| format!("{document}: {file} has no test {name}")));
        }
    }
    lost
}

/// What is wrong with the rows of a table: numbers that jump, cells that are empty, evidence that is none.
fn faulty_rows(rows: &[Vec<&str>], letter: char, count: usize, evidence: usize) -> Vec<String> {
    let mut faults = Vec::new();
    for (n, row) in (1..).zip(rows) {
        let number = format!("{letter}{n:02}");
        if row[0] != number {
            faults.push(format!("{} stands where {number} belongs", row[0]));
        }
        if row.len() != count || row.iter().any(|cell| cell.is_empty()) {
            faults.push(format!("{}: {count} cells are wanted, none of them empty", row[0]));
            continue;
        }
        let tests: usize = pointers(row[evidence]).iter().map(|(_, names)| names.len()).sum();
        if tests == 0 && !row[evidence].contains(NONE) {
            faults.push(format!("{}: no evidence, and no \"{}\"", row[0], NONE.trim()));
        }
    }
    faults
}

fn without_test(rows: &[Vec<&str>], evidence: usize) -> usize {
    rows.iter().filter(|row| row.get(evidence).is_some_and(|cell| cell.contains(NONE))).count()
}

/// (severity, likelihood) → risk, as the hazard log's own matrix has it.
fn matrix(log: &str) -> BTreeMap<(String, String), u8> {
    let heads = format!("| Likelihood | {} |", SEVERITIES.join(" | "));
    let mut matrix = BTreeMap::new();
    for line in log.lines().skip_while(|line| *line != heads).skip(2).take(5) {
        let row = cells(line);
        for (severity, risk) in SEVERITIES.iter().zip(&row[1..]) {
            matrix.insert(((*severity).to_owned(), row[0].to_owned()), risk.parse().unwrap());
        }
    }
    matrix
}

/// What is wrong with the risks: not what the matrix gives, grown by a control, or lowered without any test.
fn faulty_risks(log: &str) -> Vec<String> {
    let matrix = matrix(log);
    let mut faults = Vec::new();
    if matrix.len() != 25 {
        faults.push(format!("the matrix has {} fields", matrix.len()));
    }
    for row in rows(log, 'H').iter().filter(|row| row.len() == HAZARD_CELLS) {
        let risk = |cell: &str| {
            let (kind, risk) = cell.split_once(": ")?;
            let (severity, likelihood) = kind.split_once(", ")?;
            let given = *matrix.get(&(severity.to_owned(), likelihood.to_owned()))?;
            (risk.parse() == Ok(given)).then_some(given)
        };
        let (Some(before), Some(after)) = (risk(row[4]), risk(row[7])) else {
            faults.push(format!("{}: not by the matrix: {} then {}", row[0], row[4], row[7]));
            continue;
        };
        if after > before || (pointers(row[HAZARD_EVIDENCE]).is_empty() && row[4] != row[7]) {
            faults.push(format!("{}: {} cannot become {}", row[0], row[4], row[7]));
        }
    }
    faults
}

/// Numbers of hazards and threats, anywhere in the documents, that no row has.
fn unknown_numbers(documents: &Documents) -> Vec<String> {
    let known: Vec<&str> = [("hazard_log.md", 'H'), ("threat_model.md", 'T')]
        .into_iter()
        .flat_map(|(document, letter)| rows(&documents[document], letter))
        .map(|row| row[0])
        .collect();
    let mut unknown = Vec::new();
    for (document, text) in documents {
        for word in text.split(|c: char| !c.is_ascii_alphanumeric()) {
            let numbered = word.len() == 3 && word.starts_with(['H', 'T']) && word[1..].parse::<u8>().is_ok();
            if numbered && !known.contains(&word) {
                unknown.push(format!("{document}: there is no {word}"));
            }
        }
    }
    unknown
}

/// Everything that is wrong with the documents.
fn faults(documents: &Documents) -> Vec<String> {
    let unmarked = documents.iter().filter(|(_, text)| !text.contains(MARK));
    let mut faults: Vec<String> =
        unmarked.map(|(name, _)| format!("{name} is missing or unmarked")).collect();
    let (log, model) = (&documents["hazard_log.md"], &documents["threat_model.md"]);
    let (hazards, threats) = (rows(log, 'H'), rows(model, 'T'));
    faults.extend(faulty_rows(&hazards, 'H', HAZARD_CELLS, HAZARD_EVIDENCE));
    faults.extend(faulty_rows(&threats, 'T', THREAT_CELLS, THREAT_EVIDENCE));
    faults.extend(faulty_risks(log));
    let named = |seed: &&str| hazards.iter().any(|row| row.get(1).is_some_and(|cell| cell.contains(*seed)));
    faults.extend(SEEDS.iter().filter(|seed| !named(seed)).map(|seed| format!("no hazard: {seed}")));
    faults.extend(lost_pointers(documents));
    faults.extend(unknown_numbers(documents));
    for (what, rows, evidence, pinned) in [
        ("hazards", &hazards, HAZARD_EVIDENCE, HAZARDS_WITHOUT),
        ("threats", &threats, THREAT_EVIDENCE, THREATS_WITHOUT),
    ] {
        let found = without_test(rows, evidence);
        if found != pinned {
            faults.push(format!("{found} {what} say \"no test yet\", {pinned} are pinned; it may only fall"));
        }
    }
    faults
}

#[test]
fn every_hazard_and_threat_points_at_tests_that_exist() {
    assert_eq!(faults(&documents()), Vec::<String>::new());
}

/// The documents with something changed in one of them; what is found then.
fn found_after(document: &'static str, from: &str, to: &str) -> Vec<String> {
    let mut changed = documents();
    let text = changed.get_mut(document).unwrap();
    assert!(text.contains(from), "{document} has no {from:?} to change");
    *text = text.replacen(from, to, 1);
    faults(&changed)
}

/// The planted bugs: each must be found, and nothing else.
#[test]
fn planted_faults_in_the_documents_are_found() {
    let log = "hazard_log.md";
    assert_eq!(
        found_after(log, "`a_known_allergy_is_never_hidden`", "`a_known_allergy_is_hidden`"),
        ["hazard_log.md: care/tests/records.rs has no test a_known_allergy_is_hidden"]
    );
    // A function that is there and is no test proves nothing.
    assert_eq!(
        found_after("threat_model.md", "`templates_never_switch_escaping_off`", "`inline_content`"),
        ["threat_model.md: screens/tests/headers.rs has no test inline_content"]
    );
    assert_eq!(
        found_after("data_protection.md", "`xtask/tests/import_table.rs`", "`xtask/tests/walls.rs`"),
        ["data_protection.md: xtask/tests/walls.rs is missing"]
    );
    let bare =
        "no test yet: charting is not built, and beside a dose nothing says that paper may be ahead of it";
    assert_eq!(
        found_after(log, bare, "to be written"),
        [
            "H15: no evidence, and no \"no test yet:\"".to_owned(),
            format!(
                "{} hazards say \"no test yet\", {HAZARDS_WITHOUT} are pinned; it may only fall",
                HAZARDS_WITHOUT - 1
            )
        ]
    );
    let more = "no test yet: charting; no test yet: another";
    assert_eq!(found_after(log, bare, more), Vec::<String>::new(), "a row counts once");
    assert_eq!(
        found_after(log, &format!("{bare} | major, high: 4"), &format!("{bare} | major, low: 3")),
        ["H15: major, high: 4 cannot become major, low: 3"]
    );
    assert_eq!(
        found_after(
            log,
            "| major, high: 4 | every page with patients",
            "| major, high: 3 | every page with patients"
        ),
        ["H01: not by the matrix: major, high: 3 then major, low: 3"]
    );
    assert_eq!(
        found_after(log, "Break-glass blocked", "Somebody kept out"),
        ["no hazard: Break-glass blocked"]
    );
    assert_eq!(found_after("intended_use.md", "(H15)", "(H99)"), ["intended_use.md: there is no H99"]);
    assert_eq!(
        found_after("deployment_safety.md", MARK, "**Approved"),
        ["deployment_safety.md is missing or unmarked"]
    );
    let lost = found_after("threat_model.md", "| T02 |", "| T03 |");
    assert!(lost.contains(&"T03 stands where T02 belongs".to_owned()), "{lost:?}");
}

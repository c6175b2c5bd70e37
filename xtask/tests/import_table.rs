//! The walls of the house: who may import whom (ARCHITECTURE.md), read from cargo's own metadata.
//!
//! Always: an arrow that the table does not have fails here, with the crate and the arrow named.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Crate → crates of the house that it may import.
fn table() -> BTreeMap<&'static str, Vec<&'static str>> {
    BTreeMap::from([
        ("basics", vec![]),
        ("hl7", vec!["basics"]),
        ("planning", vec![]),
        ("logbook", vec!["basics"]),
        ("access", vec!["basics"]),
        ("care", vec!["planning", "basics"]),
        ("incident", vec!["planning", "basics"]),
        ("translate", vec!["care", "hl7", "basics"]),
        ("control_room", vec!["access", "incident", "care", "translate", "logbook", "planning", "basics"]),
        ("paper", vec!["incident", "care", "basics"]),
        ("screens", vec!["control_room", "paper", "access", "incident", "care", "basics"]),
        ("intake", vec!["control_room", "hl7", "basics"]),
        ("outbound", vec!["control_room", "incident", "logbook", "basics"]),
        ("watch", vec!["control_room", "hl7", "basics"]),
        ("sites", vec!["control_room", "logbook", "basics"]),
        ("back_load", vec!["control_room", "care", "hl7", "basics"]),
        ("public_page", vec!["incident", "basics"]),
        ("drill", vec!["control_room", "incident", "care", "hl7", "logbook", "planning", "basics"]),
        ("xtask", vec!["basics"]),
    ])
}

/// Crates that must stay pure: no async, no files, no clock, no randomness.
const PURE: [&str; 7] = ["basics", "access", "care", "incident", "translate", "planning", "paper"];

/// What a pure crate may never reach, even through others.
const IMPURE: [&str; 9] =
    ["tokio", "mio", "async-io", "getrandom", "rand", "rusqlite", "socket2", "ureq", "reqwest"];

/// What a pure crate's own source may never name.
const IMPURE_WORDS: [&str; 6] =
    ["std::fs", "std::net", "std::process", "SystemTime::now", "Instant::now", "std::env"];

fn metadata() -> Metadata {
    MetadataCommand::new()
        .manifest_path(Path::new(env!("CARGO_MANIFEST_DIR")).join("../Cargo.toml"))
        .exec()
        .expect("cargo metadata")
}

/// Arrows of the house among `kinds` of dependencies: (from, to).
fn arrows(metadata: &Metadata, kinds: &[DependencyKind]) -> BTreeSet<(String, String)> {
    let house: BTreeSet<&str> = metadata.workspace_packages().iter().map(|p| p.name.as_str()).collect();
    let mut found = BTreeSet::new();
    for package in metadata.workspace_packages() {
        for dependency in &package.dependencies {
            if kinds.contains(&dependency.kind) && house.contains(dependency.name.as_str()) {
                found.insert((package.name.to_string(), dependency.name.clone()));
            }
        }
    }
    found
}

/// The arrows that the table does not allow.
fn forbidden(arrows: &BTreeSet<(String, String)>) -> Vec<String> {
    let table = table();
    arrows
        .iter()
        .filter(|(from, _)| from != "lifeboat")
        .filter(|(from, to)| !table.get(from.as_str()).is_some_and(|may| may.contains(&to.as_str())))
        .map(|(from, to)| format!("{from} must not import {to}"))
        .collect()
}

#[test]
fn no_crate_imports_what_the_table_forbids() {
    let arrows = arrows(&metadata(), &[DependencyKind::Normal, DependencyKind::Build]);
    assert_eq!(forbidden(&arrows), Vec::<String>::new());
}

#[test]
fn a_planted_arrow_is_found() {
    let mut arrows = arrows(&metadata(), &[DependencyKind::Normal]);
    arrows.insert(("logbook".to_owned(), "care".to_owned()));
    assert_eq!(forbidden(&arrows), ["logbook must not import care"]);
}

#[test]
fn pure_crates_reach_no_clock_disk_network_or_chance() {
    let metadata = metadata();
    let resolve = metadata.resolve.as_ref().expect("a resolved graph");
    let name = |id: &cargo_metadata::PackageId| metadata[id].name.to_string();
    let mut faults = Vec::new();
    for pure in metadata.workspace_packages().iter().filter(|p| PURE.contains(&p.name.as_str())) {
        let mut seen = BTreeSet::new();
        let mut todo = vec![pure.id.clone()];
        while let Some(id) = todo.pop() {
            let Some(node) = resolve.nodes.iter().find(|n| n.id == id) else { continue };
            for dep in &node.deps {
                let normal = dep.dep_kinds.iter().any(|k| k.kind == DependencyKind::Normal);
                if normal && seen.insert(dep.pkg.clone()) {
                    todo.push(dep.pkg.clone());
                    if IMPURE.contains(&name(&dep.pkg).as_str()) {
                        faults.push(format!(
                            "{} reaches {} (through {})",
                            pure.name,
                            name(&dep.pkg),
                            name(&id)
                        ));
                    }
                }
            }
        }
    }
    assert_eq!(faults, Vec::<String>::new());
}

#[test]
fn pure_crates_name_no_clock_disk_or_network() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut faults = Vec::new();
    for pure in PURE {
        let mut todo = vec![root.join(pure).join("src")];
        while let Some(dir) = todo.pop() {
            let Ok(entries) = std::fs::read_dir(&dir) else { continue };
            for entry in entries.flatten() {
                let path = entry.path();
                if path.is_dir() {
                    todo.push(path);
                } else if let Ok(text) = std::fs::read_to_string(&path) {
                    for word in IMPURE_WORDS.iter().filter(|w| text.contains(**w)) {
                        faults.push(format!("{} names {word}", path.display()));
                    }
                }
            }
        }
    }
    assert_eq!(faults, Vec::<String>::new());
}

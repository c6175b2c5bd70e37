//! House rules that a machine can hold: file headers, file sizes, words that do not belong here, documents that exist.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Every file of the repository that git knows, relative to the root.
fn tracked() -> Vec<PathBuf> {
    let out = std::process::Command::new("git").arg("ls-files").current_dir(root()).output();
    let Ok(out) = out else { return Vec::new() };
    String::from_utf8_lossy(&out.stdout).lines().map(PathBuf::from).collect()
}

fn rust_files() -> Vec<(PathBuf, String)> {
    tracked()
        .into_iter()
        .filter(|p| p.extension().is_some_and(|e| e == "rs"))
        .filter_map(|p| std::fs::read_to_string(root().join(&p)).ok().map(|t| (p, t)))
        .collect()
}

#[test]
fn every_rust_file_says_what_it_is() {
    let without: Vec<_> =
        rust_files().into_iter().filter(|(_, t)| !t.starts_with("//!")).map(|(p, _)| p).collect();
    assert_eq!(without, Vec::<PathBuf>::new(), "files without a `//!` header");
}

#[test]
fn no_rust_file_grows_past_reading() {
    let long: Vec<_> =
        rust_files().into_iter().map(|(p, t)| (t.lines().count(), p)).filter(|(n, _)| *n > 600).collect();
    assert_eq!(long, Vec::<(usize, PathBuf)>::new(), "split these along their meaning");
}

#[test]
fn nothing_is_left_undone_or_switched_off() {
    let marks = [concat!("FIX", "ME"), concat!("#[ign", "ore"), concat!("TO", "DO:")];
    let mut found = Vec::new();
    for (path, text) in rust_files() {
        found.extend(marks.iter().filter(|m| text.contains(**m)).map(|m| format!("{}: {m}", path.display())));
    }
    assert_eq!(found, Vec::<String>::new());
}

/// A cell quoted by hand is a cell whose formula somebody forgot.
#[test]
fn tables_for_spreadsheets_are_written_in_one_place() {
    let doubled = concat!(r#"replace('"', "\"#, r#""\""#, r#"")"#);
    let found: Vec<_> =
        rust_files().into_iter().filter(|(_, t)| t.contains(doubled)).map(|(p, _)| p).collect();
    assert_eq!(found, [PathBuf::from("basics/src/csv/written.rs")], "write cells with basics::csv::cell");
}

/// Where a crate's tests are one program, a file that `all.rs` does not name would never run.
#[test]
fn no_file_of_tests_is_left_out_of_its_program() {
    let files = rust_files();
    let mut left_out = Vec::new();
    for (all, text) in files.iter().filter(|(path, _)| path.ends_with("tests/all.rs")) {
        let folder = all.parent().unwrap();
        let manifest = std::fs::read_to_string(root().join(folder).join("../Cargo.toml")).unwrap();
        for (path, _) in files.iter().filter(|(path, _)| path.parent() == Some(folder)) {
            let name = path.file_stem().unwrap().to_string_lossy().into_owned();
            let named = text.lines().any(|line| line == format!("mod {name};"))
                || manifest.contains(&format!("[[test]]\nname = \"{name}\""));
            if !named {
                left_out.push(path.clone());
            }
        }
    }
    assert_eq!(left_out, Vec::<PathBuf>::new(), "name these in all.rs, or as a [[test]] of their own");
}

#[test]
fn the_documents_a_newcomer_needs_are_here() {
    for name in [
        "README.md",
        "ARCHITECTURE.md",
        "CONTRIBUTING.md",
        "GLOSSARY.md",
        "CHANGELOG.md",
        "SECURITY.md",
        "LICENSE-MIT",
        "LICENSE-APACHE",
        "docs/formats/logbook.md",
        "docs/figures.md",
    ] {
        assert!(root().join(name).is_file(), "{name} is missing");
    }
}

#[test]
fn links_between_documents_lead_somewhere() {
    let mut broken = Vec::new();
    for path in tracked().into_iter().filter(|p| p.extension().is_some_and(|e| e == "md")) {
        let Ok(text) = std::fs::read_to_string(root().join(&path)) else { continue };
        for target in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let target = target.split('#').next().unwrap_or("");
            if target.is_empty() || target.contains("://") || target.starts_with("mailto:") {
                continue;
            }
            let base = root().join(path.parent().unwrap_or(Path::new("")));
            if !base.join(target).exists() {
                broken.push(format!("{} → {target}", path.display()));
            }
        }
    }
    assert_eq!(broken, Vec::<String>::new());
}

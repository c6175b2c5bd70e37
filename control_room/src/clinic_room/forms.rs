//! The hospital's own rules of triage and words of notices, read when the program starts; else those that are shipped.
//!
//! Beside them the hospital's own table of deprivation. Always: a folder with a fault is not used at all, the shipped set
//! stands in for it, and the faults are shown with file and line. Never: half of a set.

use care::appointments::{RuleFault, RulesFault, TriageRules};
use care::clinics::Deprivation;
use care::notices::{Templates, WordFault, WordsFault};
use care::special_lists::{ListFault, ListsFault, SpecialLists};
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Files looked at in a folder.
const FILES_MAX: usize = 200;
/// More than a file may have.
const FILE_BYTES_MAX: u64 = 1 << 20;
/// More than a table of every postcode has.
const TABLE_BYTES_MAX: u64 = 129 << 20;

/// Rules and words in force.
#[derive(Clone, Debug)]
pub struct ClinicForms {
    /// By which bookings are told apart.
    pub rules: TriageRules,
    /// By which patients are told.
    pub templates: Templates,
    /// By which words people are found for special lists.
    pub special_lists: Arc<SpecialLists>,
    /// Where patients live by deprivation, for the equality report; `None`: the hospital has put no table there.
    pub deprivation: Option<Arc<Deprivation>>,
    /// Why the hospital's own are not used, each with file and line.
    pub faults: Vec<String>,
}

impl ClinicForms {
    /// Reads `forms/clinics`, `forms/notices`, `forms/special_lists` and `forms/deprivation.csv` of the data directory.
    pub fn read(data_dir: &Path) -> Self {
        let mut faults = Vec::new();
        let own = data_dir.join("forms");
        let rules = match own.join("clinics") {
            folder if folder.is_dir() => read_triage_rules(&folder).unwrap_or_else(|fault| {
                faults.push(format!("{}: the shipped rules are used. {fault}", folder.display()));
                shipped_rules()
            }),
            _ => shipped_rules(),
        };
        let templates = match own.join("notices") {
            folder if folder.is_dir() => read_notices(&folder).unwrap_or_else(|fault| {
                faults.push(format!("{}: the shipped words are used. {fault}", folder.display()));
                shipped_notices()
            }),
            _ => shipped_notices(),
        };
        let special_lists = match own.join("special_lists") {
            folder if folder.is_dir() => read_special_lists(&folder).unwrap_or_else(|fault| {
                faults.push(format!("{}: the shipped special lists are used. {fault}", folder.display()));
                shipped_special_lists()
            }),
            _ => shipped_special_lists(),
        };
        let table = own.join("deprivation.csv");
        let deprivation = table.is_file().then(|| read_deprivation(&table)).and_then(|read| {
            let told = |why| faults.push(format!("{}: deprivation is not shown: {why}", table.display()));
            read.map_err(told).ok().map(Arc::new)
        });
        Self { rules, templates, special_lists: Arc::new(special_lists), deprivation, faults }
    }
}

fn read_deprivation(table: &Path) -> Result<Deprivation, String> {
    let mut bytes = Vec::new();
    let read = File::open(table).and_then(|f| f.take(TABLE_BYTES_MAX).read_to_end(&mut bytes));
    read.map_err(|e| format!("it could not be read: {e}"))?;
    Deprivation::read(&bytes).map_err(|fault| fault.to_string())
}

fn shipped_rules() -> TriageRules {
    let files = care::appointments::shipped();
    let read = care::appointments::read_all(files.iter().map(|(name, text)| (*name, text.as_bytes())));
    // A test of the forms keeps the shipped set whole.
    read.unwrap_or_else(|fault| unreachable!("the shipped rules: {fault}"))
}

fn shipped_notices() -> Templates {
    let files = care::notices::shipped();
    let read = care::notices::read_all(files.iter().map(|(name, text)| (*name, text.as_bytes())));
    read.unwrap_or_else(|fault| unreachable!("the shipped notices: {fault}"))
}

fn shipped_special_lists() -> SpecialLists {
    let files = care::special_lists::shipped();
    let read = care::special_lists::read_all(files.iter().map(|(name, text)| (*name, text.as_bytes())));
    read.unwrap_or_else(|fault| unreachable!("the shipped special lists: {fault}"))
}

/// Reads the special lists (`*.txt`) of a folder.
///
/// # Errors
/// Every fault with file and line.
pub fn read_special_lists(folder: &Path) -> Result<SpecialLists, ListsFault> {
    let files =
        files_of(folder).map_err(|(file, what)| ListsFault(vec![ListFault { file, line: 0, what }]))?;
    care::special_lists::read_all(files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())))
}

/// Reads the rules (`*.txt`) of a folder.
///
/// # Errors
/// Every fault with file and line.
pub fn read_triage_rules(folder: &Path) -> Result<TriageRules, RulesFault> {
    let files =
        files_of(folder).map_err(|(file, what)| RulesFault(vec![RuleFault { file, line: 0, what }]))?;
    care::appointments::read_all(files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())))
}

/// Reads the words (`*.txt`) of a folder.
///
/// # Errors
/// Every fault with file and line.
pub fn read_notices(folder: &Path) -> Result<Templates, WordsFault> {
    let files =
        files_of(folder).map_err(|(file, what)| WordsFault(vec![WordFault { file, line: 0, what }]))?;
    care::notices::read_all(files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())))
}

/// A file's name and bytes.
type NamedFile = (String, Vec<u8>);

/// Files by name; or the file that could not be read, and why.
fn files_of(folder: &Path) -> Result<Vec<NamedFile>, (String, String)> {
    let unread = |file: &Path, e: std::io::Error| {
        let name = file.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned());
        (name, format!("could not be read: {e}"))
    };
    let listing = std::fs::read_dir(folder).map_err(|e| unread(folder, e))?;
    let mut paths: Vec<PathBuf> = Vec::new();
    for entry in listing.take(FILES_MAX) {
        let path = entry.map_err(|e| unread(folder, e))?.path();
        if path.extension().is_some_and(|ending| ending == "txt") {
            paths.push(path);
        }
    }
    paths.sort();
    let mut files: Vec<NamedFile> = Vec::new();
    for path in paths {
        let mut bytes = Vec::new();
        File::open(&path)
            .and_then(|f| f.take(FILE_BYTES_MAX).read_to_end(&mut bytes))
            .map_err(|e| unread(&path, e))?;
        let name = path.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned());
        files.push((name, bytes));
    }
    Ok(files)
}

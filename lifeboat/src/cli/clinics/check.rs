//! `lifeboat clinics check DIR`: whether a folder of rules can be used, for a service manager at any machine.

use crate::exit_codes::Ending;
use crate::failure::Failure;
use crate::{json, table};
use care::appointments::{RulesFault, TriageRules};
use serde::Serialize;
use std::path::PathBuf;

#[derive(clap::Args)]
pub struct CheckArgs {
    /// The folder of rules (*.txt)
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// JSON lines: one for each kind or fault, then the sum
    #[arg(long)]
    json: bool,
}

pub fn run(args: CheckArgs) -> Result<Ending, Failure> {
    if !args.folder.is_dir() {
        return Err(Failure::failed(format!("{} is no folder", args.folder.display())));
    }
    let read = super::rules_in(&args.folder);
    if args.json {
        for_scripts(&read);
    } else {
        for_people(&read);
    }
    Ok(if read.is_ok() { Ending::Fine } else { Ending::NeedsAPerson })
}

fn for_people(read: &Result<TriageRules, RulesFault>) {
    match read {
        Ok(rules) => {
            let row = |kind: &care::appointments::Kind| {
                vec![kind.class.letter().to_string(), kind.name().to_owned(), kind.needs.join(", ")]
            };
            table::print(&["class", "kind", "needs"], &rules.kinds.iter().map(row).collect::<Vec<_>>());
            let signed = match &rules.thresholds.signed_off_by {
                Some(who) => format!("signed off by {who}"),
                None => "not signed off locally yet".to_owned(),
            };
            table::put(&format!(
                "{} kinds, {} systems, no fault; they can be used; {signed}",
                rules.kinds.len(),
                rules.systems.len()
            ));
        }
        Err(faults) => {
            for fault in &faults.0 {
                // A fault is a sentence of ours with words of the file in it: no control characters may get through.
                let told = fault.to_string();
                table::put(&told.chars().map(|c| if c.is_control() { ' ' } else { c }).collect::<String>());
            }
            let count = incident::wording::counted(faults.0.len(), "fault", "faults");
            table::put(&format!("{count}; with one fault none of these rules is used"));
        }
    }
}

#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Line<'a> {
    Rule { name: &'a str, class: char, needs: &'a [String] },
    Fault { file: &'a str, line: Option<usize>, what: &'a str },
    Sum { kinds: usize, systems: usize, faults: usize, usable: bool, signed_off_by: Option<&'a str> },
}

fn for_scripts(read: &Result<TriageRules, RulesFault>) {
    match read {
        Ok(rules) => {
            for kind in &rules.kinds {
                json::line(&Line::Rule { name: kind.name(), class: kind.class.letter(), needs: &kind.needs });
            }
            json::line(&Line::Sum {
                kinds: rules.kinds.len(),
                systems: rules.systems.len(),
                faults: 0,
                usable: true,
                signed_off_by: rules.thresholds.signed_off_by.as_deref(),
            });
        }
        Err(faults) => {
            for fault in &faults.0 {
                let line = (fault.line > 0).then_some(fault.line);
                json::line(&Line::Fault { file: &fault.file, line, what: &fault.what });
            }
            let faults = faults.0.len();
            json::line(&Line::Sum { kinds: 0, systems: 0, faults, usable: false, signed_off_by: None });
        }
    }
}

//! `lifeboat cards check DIR`: whether a folder of action cards can be used, for a planner at any machine; no server, no
//! record, no keys.
//!
//! Always: every fault with its file and line; nothing is written.

use crate::exit_codes::Ending;
use crate::failure::Failure;
use crate::{json, table};
use control_room::read_action_cards;
use incident::action_cards::{ActionCard, CardsFault, Phase};
use serde::Serialize;
use std::path::PathBuf;

#[derive(clap::Args)]
pub struct CardsArgs {
    #[command(subcommand)]
    what: Cards,
}

#[derive(clap::Subcommand)]
enum Cards {
    /// Check a folder of action cards: every fault with its file and line
    Check(CheckArgs),
}

#[derive(clap::Args)]
struct CheckArgs {
    /// The folder of cards (*.txt)
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// JSON lines: one for each card or fault, then the sum
    #[arg(long)]
    json: bool,
}

pub fn run(args: CardsArgs) -> Result<Ending, Failure> {
    let Cards::Check(args) = args.what;
    if !args.folder.is_dir() {
        return Err(Failure::failed(format!("{} is no folder", args.folder.display())));
    }
    let read = read_action_cards(&args.folder);
    let ending = match &read {
        Ok(cards) if cards.is_empty() => Ending::NeedsAPerson,
        Ok(_) => Ending::Fine,
        Err(_) => Ending::NeedsAPerson,
    };
    if args.json {
        for_scripts(&read);
    } else {
        for_people(&args, &read);
    }
    Ok(ending)
}

fn for_people(args: &CheckArgs, read: &Result<Vec<ActionCard>, CardsFault>) {
    match read {
        Ok(cards) if cards.is_empty() => {
            table::put(&format!("{} holds no card (*.txt); nothing can be used", args.folder.display()));
        }
        Ok(cards) => {
            let rows: Vec<Vec<String>> = cards.iter().map(row).collect();
            table::print(&["role", "title", "tier", "steps", "version"], &rows);
            table::put(&format!("{} cards, no fault; they can be used", cards.len()));
        }
        Err(faults) => {
            for fault in &faults.0 {
                // A fault is a sentence of ours with words of the file in it: no control characters may get through.
                table::put(
                    &fault
                        .to_string()
                        .chars()
                        .map(|c| if c.is_control() { ' ' } else { c })
                        .collect::<String>(),
                );
            }
            let count = incident::wording::counted(faults.0.len(), "fault", "faults");
            table::put(&format!("{count}; with one fault none of these cards is used"));
        }
    }
}

fn row(card: &ActionCard) -> Vec<String> {
    let role = card.role.to_string();
    vec![
        role,
        card.title.clone(),
        card.tier.word().to_owned(),
        steps(card).to_string(),
        paper::card_version(card),
    ]
}

fn steps(card: &ActionCard) -> usize {
    Phase::ALL.iter().map(|phase| card.steps(*phase).len()).sum()
}

#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Line<'a> {
    Card { role: &'a str, title: &'a str, tier: &'static str, steps: usize, version: String },
    Fault { file: &'a str, line: Option<usize>, what: &'a str },
    Sum { cards: usize, faults: usize, usable: bool },
}

fn for_scripts(read: &Result<Vec<ActionCard>, CardsFault>) {
    match read {
        Ok(cards) => {
            for card in cards {
                json::line(&Line::Card {
                    role: card.role.as_str(),
                    title: &card.title,
                    tier: card.tier.word(),
                    steps: steps(card),
                    version: paper::card_version(card),
                });
            }
            json::line(&Line::Sum { cards: cards.len(), faults: 0, usable: !cards.is_empty() });
        }
        Err(faults) => {
            for fault in &faults.0 {
                let line = (fault.line > 0).then_some(fault.line);
                json::line(&Line::Fault { file: &fault.file, line, what: &fault.what });
            }
            json::line(&Line::Sum { cards: 0, faults: faults.0.len(), usable: false });
        }
    }
}

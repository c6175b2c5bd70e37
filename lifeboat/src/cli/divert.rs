//! `lifeboat divert …`: plans and tries ambulance diverts from a file; no server, no record, no keys.
//!
//! Always: the file is read whole or refused with what is wrong in it; nothing is written but what was asked for.

mod plan;
mod plan_shown;
mod simulate;

use crate::exit_codes::Ending;
use crate::failure::Failure;
use planning::diverts::{Instance, read_instance};
use std::io::Read;
use std::path::Path;

/// A region of a thousand sites and fifty thousand zones is well below this.
const FILE_BYTES_MAX: u64 = 256 * 1024 * 1024;

#[derive(clap::Args)]
pub struct DivertArgs {
    #[command(subcommand)]
    what: Divert,
}

#[derive(clap::Subcommand)]
enum Divert {
    /// Plan who goes where while hospitals divert, with the reason and what would help
    Plan(plan::PlanArgs),
    /// Try policies on a simulated divert before using one: who waits, where and how long
    Simulate(simulate::SimulateArgs),
}

pub fn run(args: DivertArgs) -> Result<Ending, Failure> {
    match args.what {
        Divert::Plan(args) => plan::run(args),
        Divert::Simulate(args) => simulate::run(args),
    }
}

pub use plan::unpacked;

/// The instance in a file (docs/formats/divert_instance.md).
pub fn instance(path: &Path) -> Result<Instance, Failure> {
    read_instance(&bytes(path)?).map_err(|refusal| Failure::failed(format!("{}: {refusal}", path.display())))
}

/// All bytes of a file of bearable size.
fn bytes(path: &Path) -> Result<Vec<u8>, Failure> {
    let unread = |e: std::io::Error| Failure::failed(format!("could not read {}: {e}", path.display()));
    let mut bytes = Vec::new();
    std::fs::File::open(path)
        .and_then(|file| file.take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes))
        .map_err(unread)?;
    if bytes.len() as u64 > FILE_BYTES_MAX {
        return Err(Failure::failed(format!(
            "{} is larger than any region; nothing was read",
            path.display()
        )));
    }
    Ok(bytes)
}

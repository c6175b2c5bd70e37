//! Chores of the house: licences and figures.
//!
//! `cargo run -p xtask -- licences` lists every dependency's licence and fails on one that is not allowed;
//! `cargo run --release -p xtask -- bench` prints the figures (see docs/figures.md). Called by the Makefile.

mod bench;
mod licences;

use clap::{Parser, Subcommand};

#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Subcommand)]
enum Chore {
    /// Fails when a dependency's licence is not on the allowed list.
    Licences,
    /// Measures whole jobs beside peers and physical limits.
    Bench {
        /// Only the groups whose name contains this.
        only: Option<String>,
    },
}

fn main() -> anyhow::Result<()> {
    match Arguments::parse().chore {
        Chore::Licences => licences::check(),
        Chore::Bench { only } => bench::run(only.as_deref()),
    }
}

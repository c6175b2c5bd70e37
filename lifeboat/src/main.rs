//! Lifeboat: what a hospital runs on when its own computers cannot be trusted.
//!
//! This file reads like a table of contents: every subcommand is one file of `cli`, the server's rooms are wired in
//! `serve`, the simulated trust in `demo`. Always: exit codes mean what `exit_codes` says; what goes wrong is said
//! once, in a sentence, on stderr; results go to stdout. Proved by `tests/`, which run the real program.

mod back_load_desk;
mod cli;
mod clock;
mod config;
mod demo;
mod divert_room;
mod exercise;
mod exit_codes;
mod failure;
mod hardening;
mod incident_forms;
mod json;
mod keys;
mod post_room;
mod print_room;
mod public_desk;
mod serve;
mod store;
mod table;
mod traces;
mod transport;

use clap::Parser;
use exit_codes::Ending;
use failure::Failure;
use std::process::ExitCode;

fn main() -> ExitCode {
    traces::leave_no_core();
    let arguments = match cli::Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(refused) => {
            let ending = if refused.use_stderr() { Ending::Usage } else { Ending::Fine };
            // A closed pipe is no reason to fail over the help text.
            let _ = refused.print();
            return ending.into();
        }
    };
    match run(arguments) {
        Ok(ending) => ending.into(),
        Err(failure) => {
            // A sentence that asks ("did you mean …?") has its end already.
            let end = if failure.sentence.ends_with('?') { "" } else { "." };
            eprintln!("lifeboat: {failure}{end}");
            failure.ending.into()
        }
    }
}

fn run(arguments: cli::Arguments) -> Result<Ending, Failure> {
    use cli::Command;
    let place = arguments.place;
    match arguments.command {
        Command::Demo(args) => demo::run(place, args),
        Command::Serve => serve::run(place),
        Command::Init(args) => cli::init::run(args),
        Command::Doctor(args) => cli::doctor::run(place, args),
        Command::Import(args) => cli::import::run(place, args),
        Command::Patients(args) => cli::patients::run(place, args),
        Command::Wards(args) => cli::wards::run(place, args),
        Command::Ward(args) => cli::ward::run(place, args),
        Command::Find(args) => cli::find::run(place, args),
        Command::Outbox(args) => cli::outbox::run(place, args),
        Command::Tray(args) => cli::tray::run(place, args),
        Command::Packs(args) => cli::packs::run(place, args),
        Command::Verify(args) => cli::verify::run(place, args),
        Command::Rebuild(args) => cli::rebuild::run(place, args),
        Command::Export(args) => cli::export::run(place, args),
        Command::Head(args) => cli::head::run(place, args),
        Command::Ca(args) => cli::ca::run(place, args),
        Command::Keys(args) => cli::keys::run(place, args),
        Command::People(args) => cli::people::run(place, args),
        Command::Seal(args) => cli::seal::run(place, args),
        Command::Replay(args) => cli::replay::run(args),
        Command::Cards(args) => cli::cards::run(args),
        Command::Clinics(args) => cli::clinics::run(place, args),
        Command::Debrief(args) => cli::debrief::run(place, args),
        Command::Divert(args) => cli::divert::run(args),
        Command::Drill(args) => cli::drill::run(&place, args),
    }
}

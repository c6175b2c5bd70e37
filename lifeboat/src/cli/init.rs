//! `lifeboat init`: a commented configuration to start from. Never overwrites one.

use crate::config::TEMPLATE;
use crate::exit_codes::Ending;
use crate::failure::Failure;
use std::fs::OpenOptions;
use std::io::Write;
use std::path::PathBuf;

#[derive(clap::Args)]
pub struct InitArgs {
    /// Where to write it
    #[arg(default_value = "lifeboat.toml")]
    path: PathBuf,
}

pub fn run(args: InitArgs) -> Result<Ending, Failure> {
    let path = if args.path.is_dir() { args.path.join("lifeboat.toml") } else { args.path };
    let opened = OpenOptions::new().write(true).create_new(true).open(&path);
    opened
        .and_then(|mut file| file.write_all(TEMPLATE.as_bytes()))
        .map_err(|e| Failure::failed(format!("could not write {}: {e}", path.display())))?;
    println!("Wrote {}. Every setting is explained in it. Then:", path.display());
    println!(
        "  lifeboat doctor --config {0}\n  lifeboat people begin --config {0} --number NUMBER --name NAME\n  lifeboat serve \
         --config {0}",
        path.display()
    );
    println!("Until `people begin` has made the first administrator, nobody has to sign in.");
    Ok(Ending::Fine)
}

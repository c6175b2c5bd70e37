//! Where the keys of a record lie and how they are opened: by a passphrase, or by this machine's own key.
//!
//! Always: keys lie wrapped, never in clear; which way a key file is wrapped is seen from the file itself. The
//! passphrase comes from `LIFEBOAT_PASSPHRASE` or is asked for at a terminal, unseen. A machine key lets the program
//! start unattended; whoever holds it and the data can read the record, so in earnest it is kept elsewhere
//! (`keys.machine_key` in the configuration). Never: a key, a passphrase or a part of one in a log or on a screen.

use crate::config::{Config, Unlock};
use crate::exit_codes::Ending;
use crate::failure::Failure;
use logbook::Keys;
use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};
use std::io::{BufRead, IsTerminal, Write};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// The environment variable that may hold the passphrase.
pub const PASSPHRASE_VARIABLE: &str = "LIFEBOAT_PASSPHRASE";
/// Shorter passphrases are not taken for a new record; six words of a word list are far above it.
const PASSPHRASE_CHARACTERS_MIN: usize = 12;

/// The key file of a data directory.
pub fn key_file(data: &Path) -> PathBuf {
    data.join("keys")
}

/// Opens the keys; makes fresh ones when there are none and `begin` says so.
pub fn open(config: &Config, begin: bool) -> Result<Keys, Failure> {
    let path = key_file(&config.data);
    let machine_key = config.machine_key();
    if path.exists() {
        return match is_wrapped_by_passphrase(&path)? {
            true => Ok(Keys::load_wrapped(&path, &passphrase(false)?)?),
            false if machine_key.exists() => Ok(Keys::load_machine(&path, &machine_key)?),
            false => Err(Failure::new(
                Ending::NoKeys,
                format!(
                    "the machine key {} is missing; put it back, or name it in the configuration (keys.machine_key)",
                    machine_key.display()
                ),
            )),
        };
    }
    if !begin {
        let sentence = format!("there are no keys at {}: nothing was ever recorded there", path.display());
        return Err(Failure::new(Ending::NoKeys, sentence));
    }
    if config.data.join("book").is_dir() {
        let sentence = format!(
            "{} holds a record but its keys are gone; put the file {} back",
            config.data.display(),
            path.display()
        );
        return Err(Failure::new(Ending::NoKeys, sentence));
    }
    make(config, &path, &machine_key)
}

fn make(config: &Config, path: &Path, machine_key: &Path) -> Result<Keys, Failure> {
    let keys = Keys::generate()?;
    let by_passphrase = match config.unlock {
        Some(unlock) => unlock == Unlock::Passphrase,
        None => std::env::var_os(PASSPHRASE_VARIABLE).is_some(),
    };
    if by_passphrase {
        let passphrase = passphrase(true)?;
        if passphrase.chars().count() < PASSPHRASE_CHARACTERS_MIN {
            let sentence = format!(
                "the passphrase is too short: take six words, at least {PASSPHRASE_CHARACTERS_MIN} characters"
            );
            return Err(Failure::new(Ending::NoKeys, sentence));
        }
        keys.save_wrapped(path, &passphrase)?;
        eprintln!(
            "A new record begins in {}. Its keys are in {}, wrapped by your passphrase.",
            config.data.display(),
            path.display()
        );
        eprintln!(
            "Without that passphrase nobody can ever read the record again: write it down and lock it away."
        );
    } else {
        keys.save_machine(path, machine_key)?;
        eprintln!("A new record begins in {}. Its keys are in {},", config.data.display(), path.display());
        eprintln!(
            "wrapped by this machine's own key {}, so that it opens unattended.",
            machine_key.display()
        );
        eprintln!(
            "Whoever has both files and the record can read it: for real data keep the machine key elsewhere"
        );
        eprintln!("(keys.machine_key in the configuration), or use a passphrase ({PASSPHRASE_VARIABLE}).");
    }
    Ok(keys)
}

/// The verifying key, which needs no secret.
pub fn verifying_key(data: &Path) -> Result<[u8; 32], Failure> {
    Ok(Keys::read_verifying_key(&key_file(data))?)
}

/// Whether a passphrase would be asked for.
pub fn needs_passphrase(data: &Path) -> bool {
    is_wrapped_by_passphrase(&key_file(data)).unwrap_or(false)
}

fn is_wrapped_by_passphrase(path: &Path) -> Result<bool, Failure> {
    let bytes = std::fs::read(path)
        .map_err(|e| Failure::new(Ending::NoKeys, format!("could not read {}: {e}", path.display())))?;
    Ok(bytes.starts_with(b"LBKEYS"))
}

fn passphrase(new: bool) -> Result<Zeroizing<String>, Failure> {
    if let Ok(text) = std::env::var(PASSPHRASE_VARIABLE) {
        return Ok(Zeroizing::new(text));
    }
    if !std::io::stdin().is_terminal() {
        let sentence = format!(
            "the record opens by a passphrase: give it in {PASSPHRASE_VARIABLE}, or start at a terminal"
        );
        return Err(Failure::new(Ending::NoKeys, sentence));
    }
    let first = ask("Passphrase: ")?;
    if new && *ask("Once more: ")? != *first {
        return Err(Failure::new(Ending::NoKeys, "the two passphrases differ"));
    }
    Ok(first)
}

/// Reads one line from the terminal without showing it.
fn ask(question: &str) -> Result<Zeroizing<String>, Failure> {
    let terminal = std::io::stdin();
    eprint!("{question}");
    std::io::stderr().flush()?;
    let before = tcgetattr(&terminal).map_err(std::io::Error::from)?;
    let mut unseen = before.clone();
    unseen.local_modes.remove(LocalModes::ECHO);
    tcsetattr(&terminal, OptionalActions::Flush, &unseen).map_err(std::io::Error::from)?;
    let mut line = Zeroizing::new(String::new());
    let read = terminal.lock().read_line(&mut line);
    let restored = tcsetattr(&terminal, OptionalActions::Flush, &before);
    eprintln!();
    read?;
    restored.map_err(std::io::Error::from)?;
    Ok(Zeroizing::new(line.trim_end_matches(['\r', '\n']).to_owned()))
}

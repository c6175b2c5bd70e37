//! Where the keys of a record lie and how they are opened: by this machine's own key, by a passphrase, by shares.
//!
//! Always: keys lie wrapped, never in clear; what opens a key file is seen from the file itself. A machine key lets the
//! program start unattended; whoever holds it and the data can read the record, so in earnest it is kept elsewhere
//! (`keys.machine_key` in the configuration, or a credential that systemd hands over). What needs a person is asked for at
//! the terminal, or, for `serve` without one, waited for (`door`). Never: a key, a passphrase, a share or a part of one in a
//! log or on a screen. Proved by `tests/keys.rs` and `tests/keys_traces.rs`.

pub mod door;
pub mod papers;
pub mod terminal;
pub mod unseal;

use crate::clock::SystemClock;
use crate::config::{Config, Unlock};
use crate::exit_codes::Ending;
use crate::failure::Failure;
use basics::Clock;
use logbook::{Costs, Disk, KeyFile, Keys, Opener, RealDisk, make_machine_key, read_machine_key};
use std::path::{Path, PathBuf};
use unseal::By;
pub use unseal::PASSPHRASE_VARIABLE;
use zeroize::Zeroizing;

/// Shorter passphrases are not taken; six words of a word list are far above it.
const PASSPHRASE_CHARACTERS_MIN: usize = 12;

/// What to do when the keys need a person and none is there.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Patience {
    /// Say so and end.
    GiveUp,
    /// Wait for `lifeboat keys unseal`.
    Wait,
}

/// The key file of a data directory.
pub fn key_file(data: &Path) -> PathBuf {
    data.join("keys")
}

/// Opens the keys; makes fresh ones when there are none and `begin` says so.
pub fn open(config: &Config, begin: bool, patience: Patience) -> Result<Keys, Failure> {
    let path = key_file(&config.data);
    if path.exists() {
        return open_existing(config, &KeyFile::read(&path)?, patience);
    }
    no_record_without_keys(config)?;
    if !begin {
        let sentence = format!("there are no keys at {}: nothing was ever recorded there", path.display());
        return Err(Failure::new(Ending::NoKeys, sentence));
    }
    make(config, &path)
}

/// Refuses where a record lies whose keys are gone: fresh ones would open nothing of it.
pub fn no_record_without_keys(config: &Config) -> Result<(), Failure> {
    let path = key_file(&config.data);
    if path.exists() || !config.data.join("book").is_dir() {
        return Ok(());
    }
    let sentence = format!(
        "{} holds a record but its keys are gone; put the file {} back",
        config.data.display(),
        path.display()
    );
    Err(Failure::new(Ending::NoKeys, sentence))
}

fn open_existing(config: &Config, file: &KeyFile, patience: Patience) -> Result<Keys, Failure> {
    if let Some(keys) = by_machine(config, file)? {
        return Ok(keys);
    }
    let asked = std::env::var_os(PASSPHRASE_VARIABLE).is_some() || terminal::is_there();
    if !asked && patience == Patience::Wait {
        return door::wait(&config.data, file);
    }
    unseal::unsealed(file, &unseal::gather(&By::default(), file)?.opener)
}

/// The keys by this machine's own key. `None` when a person has to open them, which is told where it was not expected.
fn by_machine(config: &Config, file: &KeyFile) -> Result<Option<Keys>, Failure> {
    let for_people = file.slots().iter().any(|slot| slot.kind.is_for_people());
    if file.slots().iter().all(|slot| slot.kind.is_for_people()) {
        return Ok(None);
    }
    let path = config.machine_key();
    let failure = if path.exists() {
        match read_machine_key(&path).and_then(|opener| file.open(&opener)) {
            Ok(keys) => return Ok(Some(keys)),
            Err(fault) => Failure::from(fault),
        }
    } else {
        Failure::new(
            Ending::NoKeys,
            format!(
                "the machine key {} is missing; put it back, or name it in the configuration (keys.machine_key)",
                path.display()
            ),
        )
    };
    if !for_people {
        return Err(failure);
    }
    eprintln!("lifeboat: {failure}. A person has to open the record.");
    Ok(None)
}

/// Opens the keys for a change to them: by what the command line says, else by the machine's own key, else by a person.
/// Gives also what opened them.
pub fn open_for_change(config: &Config, file: &KeyFile, by: &By) -> Result<(Keys, Opener), Failure> {
    let said = by.shares || !by.share_files.is_empty() || by.passphrase_file.is_some();
    if !said && by_machine(config, file)?.is_some() {
        let opener = read_machine_key(&config.machine_key())?;
        return Ok((unseal::unsealed(file, &opener)?, opener));
    }
    let opener = unseal::gather(by, file)?.opener;
    Ok((unseal::unsealed(file, &opener)?, opener))
}

fn make(config: &Config, path: &Path) -> Result<Keys, Failure> {
    let keys = Keys::generate()?;
    let now = SystemClock::default().now();
    let by_passphrase = match config.unlock {
        Some(unlock) => unlock == Unlock::Passphrase,
        None => std::env::var_os(PASSPHRASE_VARIABLE).is_some(),
    };
    let mut file = KeyFile::new(path, &keys);
    let machine_key = config.machine_key();
    let opener = match by_passphrase {
        true => Opener::of_passphrase(&new_passphrase(PASSPHRASE_VARIABLE, None)?),
        false => make_machine_key(&machine_key)?,
    };
    file.add(&keys, &opener, now, Costs::default())?;
    file.write(&keys, &RealDisk, now, &[&opener])?;
    let (data, path, machine_key) = (config.data.display(), path.display(), machine_key.display());
    if by_passphrase {
        eprintln!("A new record begins in {data}. Its keys are in {path}, wrapped by your passphrase.");
        eprintln!(
            "Without that passphrase nobody can ever read the record again: write it down and lock it away,"
        );
        eprintln!("or make printed shares as well: lifeboat keys add shares.");
    } else {
        eprintln!("A new record begins in {data}. Its keys are in {path},");
        eprintln!("wrapped by this machine's own key {machine_key}, so that it opens unattended.");
        eprintln!(
            "Whoever has both files and the record can read it: for real data keep the machine key elsewhere"
        );
        eprintln!("(keys.machine_key in the configuration), and hold a ceremony: lifeboat keys ceremony.");
    }
    Ok(keys)
}

/// A new passphrase: from that environment variable, that file (its first line), or typed twice at the terminal.
pub fn new_passphrase(variable: &str, file: Option<&Path>) -> Result<Zeroizing<String>, Failure> {
    let passphrase = match (file, std::env::var(variable)) {
        (Some(path), _) => unseal::first_line(path)?,
        (None, Ok(text)) => Zeroizing::new(text),
        (None, Err(_)) if terminal::is_there() => typed_twice()?,
        (None, Err(_)) => {
            let sentence = format!(
                "a new passphrase is wanted: give it in {variable} or in a file (never on the command line), or start \
                 at a terminal"
            );
            return Err(Failure::new(Ending::NoKeys, sentence));
        }
    };
    if passphrase.trim().chars().count() < PASSPHRASE_CHARACTERS_MIN {
        let sentence = format!(
            "the passphrase is too short: take six words, at least {PASSPHRASE_CHARACTERS_MIN} characters"
        );
        return Err(Failure::new(Ending::NoKeys, sentence));
    }
    Ok(passphrase)
}

/// Proposes six words, again for each Enter, until a passphrase was typed twice alike.
fn typed_twice() -> Result<Zeroizing<String>, Failure> {
    loop {
        let proposed = logbook::suggest_passphrase()?;
        terminal::say("A passphrase that nobody has used (write it down; it is shown this once):\n");
        terminal::say(&format!("    {}\n", *proposed));
        let Some(first) =
            terminal::ask_unseen("Type it, or one of your own; Enter alone proposes another: ")?
        else {
            return Err(Failure::new(Ending::NoKeys, "no passphrase was given"));
        };
        if first.is_empty() {
            continue;
        }
        let again = terminal::ask_unseen("Once more: ")?.unwrap_or_default();
        if again.split_whitespace().eq(first.split_whitespace()) {
            return Ok(first);
        }
        terminal::say("The two differ; begin again.");
    }
}

/// Held while the key file is changed, by whatever process: the program that serves need not stop for it.
pub struct Changing(#[allow(dead_code)] Box<dyn Send + Sync>);

/// Waits for nobody: two people changing keys at once is a mistake to be told.
pub fn changing(data: &Path) -> Result<Changing, Failure> {
    let path = data.join("keys.lock");
    let lock = RealDisk
        .lock(&path)
        .map_err(|e| Failure::failed(format!("could not lock {}: {e}", path.display())))?;
    lock.map(Changing).ok_or_else(|| {
        Failure::new(Ending::InUse, "somebody else is changing these keys just now; wait until they are done")
    })
}

/// Takes the machine's way in away, so that the next start needs a person; how many there were.
pub fn forget_machine(data: &Path, keys: &Keys) -> Result<usize, Failure> {
    let _changing = changing(data)?;
    let mut file = KeyFile::read(&key_file(data))?;
    let own: Vec<u16> =
        file.slots().iter().filter(|slot| !slot.kind.is_for_people()).map(|slot| slot.number).collect();
    for number in &own {
        file.remove(*number)?;
    }
    if !own.is_empty() {
        file.write(keys, &RealDisk, SystemClock::default().now(), &[])?;
    }
    Ok(own.len())
}

/// The verifying key, which needs no secret.
pub fn verifying_key(data: &Path) -> Result<[u8; 32], Failure> {
    Ok(KeyFile::read(&key_file(data))?.verifying_key())
}

/// Whether the keys open only when a person is there.
pub fn needs_person(config: &Config) -> bool {
    let slots = KeyFile::read(&key_file(&config.data)).map(|file| file.slots()).unwrap_or_default();
    let by_machine = slots.iter().any(|slot| !slot.kind.is_for_people()) && config.machine_key().exists();
    !slots.is_empty() && !by_machine
}

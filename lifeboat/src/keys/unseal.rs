//! From what people have to the record's keys: a passphrase, or enough shares, typed or in files.
//!
//! The seam for every way to unseal is [`unsealed`]: it takes a key file and an opener and gives the keys. The console
//! (here), the door for a Lifeboat that waits (`door`) and a page of the future gather the opener, each in its own
//! way. Always: a slip of the hand is named and asked for again; a number of wrong tries ends the asking. Never: what was
//! typed in an error or a log.

use super::terminal;
use crate::exit_codes::Ending;
use crate::failure::Failure;
use logbook::{KeyFile, Keys, Opener, Share, SlotKind, fingerprint};
use std::io::Read;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// The environment variable that may hold the passphrase.
pub const PASSPHRASE_VARIABLE: &str = "LIFEBOAT_PASSPHRASE";
/// Wrong passphrases, or shares typed wrongly, after which nobody is asked any more.
const TRIES_MAX: usize = 5;
/// Largest file of a passphrase or of one share.
const SECRET_BYTES_MAX: u64 = 4_096;
/// Words of a share; with so many typed no further line is waited for.
const SHARE_WORDS: usize = 20;

/// How a person opens the keys, on a command line. Never a secret itself: what stands there is seen by everybody.
#[derive(clap::Args, Clone, Default)]
pub struct By {
    /// Open by printed shares: they are asked for, unless --share names files
    #[arg(long)]
    pub shares: bool,
    /// A file with one share's words, or what its square code says ("-": standard input); once for each share
    #[arg(long = "share", value_name = "FILE")]
    pub share_files: Vec<PathBuf>,
    /// A file whose first line is the passphrase ("-": standard input; /dev/fd/3: an open descriptor)
    #[arg(long, value_name = "FILE")]
    pub passphrase_file: Option<PathBuf>,
}

/// What people gave: for opening here, and as text for handing to a Lifeboat that waits.
pub struct Given {
    /// What opens.
    pub opener: Opener,
    /// The same, line by line, as the door takes it.
    pub lines: Vec<Zeroizing<String>>,
}

/// The keys, by what people gave. The one function behind every way to unseal.
pub fn unsealed(file: &KeyFile, opener: &Opener) -> Result<Keys, Failure> {
    Ok(file.open(opener)?)
}

/// A passphrase as an opener of that file. Files of the first kind took white space as it was typed.
pub fn by_passphrase(file: &KeyFile, typed: &str) -> Opener {
    match file.is_old() {
        true => Opener::Passphrase(Zeroizing::new(typed.to_owned())),
        false => Opener::of_passphrase(typed),
    }
}

/// Gathers what opens the file, as the command line says, else from the environment, else from the person who sits there.
pub fn gather(by: &By, file: &KeyFile) -> Result<Given, Failure> {
    if by.shares || !by.share_files.is_empty() {
        return shares(by, file);
    }
    if let Some(path) = &by.passphrase_file {
        return Ok(given_passphrase(file, first_line(path)?));
    }
    if let Ok(text) = std::env::var(PASSPHRASE_VARIABLE) {
        return Ok(given_passphrase(file, Zeroizing::new(text)));
    }
    if !terminal::is_there() {
        let sentence = format!(
            "the record opens by a passphrase: give it in {PASSPHRASE_VARIABLE} or --passphrase-file, or start at a \
             terminal; or open it by shares (--shares)"
        );
        return Err(Failure::new(Ending::NoKeys, sentence));
    }
    from_person(file)
}

/// Asks whoever sits at the terminal, until what they type opens the file or they have tried often enough.
pub fn from_person(file: &KeyFile) -> Result<Given, Failure> {
    let by_shares = file.slots().iter().any(|slot| matches!(slot.kind, SlotKind::Shares { .. }));
    let question = if by_shares { "Passphrase (Enter alone: by shares): " } else { "Passphrase: " };
    for _ in 0..TRIES_MAX {
        let Some(typed) = terminal::ask_unseen(question)? else { break };
        if typed.is_empty() && by_shares {
            return shares(&By { shares: true, ..By::default() }, file);
        }
        let given = given_passphrase(file, typed);
        match file.open(&given.opener) {
            Ok(_) => return Ok(given),
            Err(fault @ logbook::Fault::WrongPassphrase(_)) => terminal::say(&format!("{fault}.")),
            Err(fault) => return Err(fault.into()),
        }
    }
    Err(Failure::new(
        Ending::NoKeys,
        "that was not the passphrase; start again, or open the record by shares",
    ))
}

fn given_passphrase(file: &KeyFile, typed: Zeroizing<String>) -> Given {
    let opener = by_passphrase(file, &typed);
    Given { opener, lines: vec![Zeroizing::new(format!("passphrase {}", *typed))] }
}

fn shares(by: &By, file: &KeyFile) -> Result<Given, Failure> {
    let mut shares: Vec<Share> = Vec::new();
    for path in &by.share_files {
        let text = whole(path)?;
        let share = Share::read(&text)
            .map_err(|problem| Failure::new(Ending::NoKeys, format!("{}: {problem}", path.display())))?;
        shares.push(share);
    }
    let mut tries = 0;
    while by.share_files.is_empty() && shares.len() < needed(&shares, file) {
        let nth = shares.len() + 1;
        let question = format!(
            "Share {nth} of {}: type its twenty words, or what its square code says.",
            needed(&shares, file)
        );
        terminal::say(&question);
        let Some(typed) = one_share()? else { break };
        match added(&shares, &typed) {
            Ok(share) => shares.push(share),
            Err(why) => {
                tries += 1;
                terminal::say(&why);
                if tries >= TRIES_MAX {
                    return Err(Failure::new(Ending::NoKeys, "too many mistakes; rest, and start again"));
                }
            }
        }
    }
    let lines = shares.iter().map(|share| Zeroizing::new(format!("share {}", *share.code()))).collect();
    let opener =
        Opener::of_shares(&shares).map_err(|problem| Failure::new(Ending::NoKeys, problem.to_string()))?;
    Ok(Given { opener, lines })
}

/// How many shares are to be asked for: as the first says, or the file before there is one.
fn needed(shares: &[Share], file: &KeyFile) -> usize {
    let of_file = file.slots().iter().find_map(|slot| match slot.kind {
        SlotKind::Shares { needed, .. } => Some(needed),
        _ => None,
    });
    usize::from(shares.first().map(Share::needed).or(of_file).unwrap_or(2))
}

/// The share that was typed, if it goes with those before it: better said now than after the last.
fn added(before: &[Share], typed: &str) -> Result<Share, String> {
    let share = Share::read(typed).map_err(|problem| problem.to_string())?;
    let all: Vec<Share> = before.iter().chain([&share]).cloned().collect();
    match Opener::of_shares(&all) {
        Ok(_) | Err(logbook::ShareProblem::TooFew { .. }) => Ok(share),
        Err(problem) => Err(problem.to_string()),
    }
}

/// The lines of one share: until there are twenty words, or an empty line.
fn one_share() -> Result<Option<Zeroizing<String>>, Failure> {
    let mut text = Zeroizing::new(String::with_capacity(SECRET_BYTES_MAX as usize));
    while let Some(line) = terminal::ask("> ")? {
        let more = text.len() + line.len() < SECRET_BYTES_MAX as usize;
        if line.trim().is_empty() || !more {
            break;
        }
        text.push_str(&line);
        text.push('\n');
        let words = text.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty()).count();
        if words >= SHARE_WORDS {
            break;
        }
    }
    Ok((!text.is_empty()).then_some(text))
}

/// The text of a small file, or of stdin for "-".
pub fn whole(path: &Path) -> Result<Zeroizing<String>, Failure> {
    let mut text = Zeroizing::new(String::with_capacity(SECRET_BYTES_MAX as usize));
    let read = match path == Path::new("-") {
        true => std::io::stdin().lock().take(SECRET_BYTES_MAX).read_to_string(&mut text),
        false => {
            std::fs::File::open(path).and_then(|file| file.take(SECRET_BYTES_MAX).read_to_string(&mut text))
        }
    };
    read.map_err(|e| Failure::failed(format!("could not read {}: {e}", path.display())))?;
    Ok(text)
}

/// The first line of a small file, or of stdin for "-".
pub fn first_line(path: &Path) -> Result<Zeroizing<String>, Failure> {
    if path == Path::new("-") {
        // One line and no more: what follows answers other questions.
        return Ok(terminal::ask_unseen("")?.unwrap_or_default());
    }
    let text = whole(path)?;
    Ok(Zeroizing::new(text.lines().next().unwrap_or("").to_owned()))
}

/// The record's verifying key in words, as it stands on the printed sheets.
pub fn in_words(verifying_key: &[u8; 32]) -> String {
    fingerprint(verifying_key).join(" ")
}

//! The papers of a key ceremony: written to a folder that is not the record's, and proved to be readable by whoever holds
//! them before they count.
//!
//! Always: mode 0600, synced, never over a file; never inside the data directory, where a thief of the disk would find
//! them; removed again when the ceremony comes to nothing. What counts is the paper: the files are to be printed and
//! removed. Called by `keys ceremony`, `keys add shares` and `keys replace shares`; proved by `tests/keys.rs`.

use super::terminal;
use super::unseal::in_words;
use crate::clock::SystemClock;
use crate::config::Config;
use crate::exit_codes::Ending;
use crate::failure::Failure;
use basics::Clock;
use basics::words::word_place;
use logbook::{Share, SlotKind, SlotShown};
use paper::{KeyInstructions, KeyShareSheet, Letterhead, Press};
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// Words before these say which share it is; only what follows is known from the paper alone.
const FIRST_ASKED: usize = 4;
/// Wrong answers for one share after which the ceremony comes to nothing.
const TRIES_MAX: usize = 3;

/// What is to be put on paper.
pub struct Papers<'a> {
    /// Whose record it is.
    pub config: &'a Config,
    /// Where the files go.
    pub out: &'a Path,
    /// The same words as plain text beside each PDF.
    pub text: bool,
    /// The record's verifying key.
    pub verifying_key: [u8; 32],
}

/// Files that were written, and are removed again unless they are kept.
pub struct Written(Vec<PathBuf>);

impl Written {
    /// The ceremony counts: they stay until they are printed. Gives their paths.
    pub fn keep(mut self) -> Vec<PathBuf> {
        std::mem::take(&mut self.0)
    }
}

impl Drop for Written {
    fn drop(&mut self) {
        for path in &self.0 {
            // A file of no worth that cannot be removed opens nothing either.
            let _ = fs::remove_file(path);
        }
    }
}

/// Refuses a folder inside the data directory, and makes it otherwise.
pub fn folder(out: &Path, data: &Path) -> Result<(), Failure> {
    let failed = |e: std::io::Error| Failure::failed(format!("could not make {}: {e}", out.display()));
    // What does not exist yet is judged by the nearest folder above it that does, and made only if that is elsewhere.
    let real = |path: &Path| {
        let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        let above =
            absolute.ancestors().find_map(|folder| Some((folder.canonicalize().ok()?, folder.to_owned())));
        match above {
            Some((real, folder)) => real.join(absolute.strip_prefix(&folder).unwrap_or(Path::new(""))),
            None => absolute,
        }
    };
    if real(out).starts_with(real(data)) {
        return Err(Failure::usage(format!(
            "{} is inside the data directory: whoever takes that disk would have the shares too; name another folder \
             (--out), best on a stick or in memory (/dev/shm)",
            out.display()
        )));
    }
    fs::DirBuilder::new().recursive(true).mode(0o700).create(out).map_err(failed)
}

impl Papers<'_> {
    /// Writes a PDF for each share and one of instructions.
    pub fn write(&self, shares: &[Share], slots: &[SlotShown]) -> Result<Written, Failure> {
        let press = Press::new().map_err(|fault| Failure::failed(fault.to_string()))?;
        let (head, zone) = (self.head(), &self.config.zone);
        let many = u8::try_from(shares.len()).unwrap_or(u8::MAX);
        let ceremony = shares.first().map(|share| share.ceremony().to_string()).unwrap_or_default();
        let name = ceremony.replace(' ', "-");
        let mut written = Written(Vec::new());
        for share in shares {
            let sheet = self.sheet(share, many);
            let stem = format!("key-share-{}-of-{many}-{name}", share.number());
            let pdf =
                press.key_share(&sheet, &head, zone).map_err(|fault| Failure::failed(fault.to_string()))?;
            put(&mut written, self.out.join(format!("{stem}.pdf")), &pdf.pdf)?;
            if self.text {
                let lines = sheet.words.iter().zip(1..).map(|(word, n)| format!("{n:2} {word}\n"));
                put(
                    &mut written,
                    self.out.join(format!("{stem}.txt")),
                    lines.collect::<String>().as_bytes(),
                )?;
            }
        }
        let about = self.about(shares.first().map_or(2, Share::needed), many, ceremony, slots);
        let pdf = press
            .key_instructions(&about, &head, zone)
            .map_err(|fault| Failure::failed(fault.to_string()))?;
        put(&mut written, self.out.join(format!("key-instructions-{name}.pdf")), &pdf.pdf)?;
        Ok(written)
    }

    fn head(&self) -> Letterhead {
        Letterhead {
            trust: self.config.trust.clone(),
            incident: String::new(),
            printed: SystemClock::default().now(),
            watermark: self.config.watermark.clone(),
            record: in_words(&self.verifying_key),
        }
    }

    fn sheet(&self, share: &Share, many: u8) -> KeyShareSheet {
        KeyShareSheet {
            number: share.number(),
            many,
            needed: share.needed(),
            ceremony: share.ceremony().to_string(),
            words: share.words().iter().map(|word| (*word).to_owned()).collect(),
            code: share.code().to_string(),
            fingerprint: in_words(&self.verifying_key),
            record: self.record(),
            data: self.data(),
        }
    }

    fn about(&self, needed: u8, many: u8, ceremony: String, slots: &[SlotShown]) -> KeyInstructions {
        KeyInstructions {
            many,
            needed,
            ceremony,
            fingerprint: in_words(&self.verifying_key),
            verifying_key: self.verifying_key.iter().map(|byte| format!("{byte:02x}")).collect(),
            record: self.record(),
            data: self.data(),
            ways: slots.iter().map(|slot| format!("Slot {}: {}.", slot.number, kind(slot.kind))).collect(),
        }
    }

    fn data(&self) -> String {
        let data = &self.config.data;
        data.canonicalize().unwrap_or_else(|_| data.clone()).display().to_string()
    }

    fn record(&self) -> String {
        let machine = rustix::system::uname();
        format!("{} on {}", self.data(), machine.nodename().to_string_lossy())
    }
}

/// A way in, in words for people.
pub fn kind(kind: SlotKind) -> String {
    match kind {
        SlotKind::Passphrase => "a passphrase that a person types".to_owned(),
        SlotKind::Shares { needed, many, ceremony } => {
            format!("any {needed} of the {many} printed shares '{ceremony}'")
        }
        SlotKind::Machine => "this machine's own key, for unattended starts".to_owned(),
    }
}

fn put(written: &mut Written, path: PathBuf, bytes: &[u8]) -> Result<(), Failure> {
    let failed = |e: std::io::Error| Failure::failed(format!("could not write {}: {e}", path.display()));
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path).map_err(failed)?;
    let done = file.write_all(bytes).and_then(|()| file.sync_all()).map_err(failed);
    written.0.push(path.clone());
    done
}

/// Asks for two words of each share, as they are read from the paper: what cannot be read back is no way in.
pub fn typed_back(shares: &[Share]) -> Result<(), Failure> {
    for share in shares {
        let words = share.words();
        let (one, other) = two_places(words.len())?;
        let right = |typed: &str| {
            let typed: Vec<Option<u16>> = typed.split_whitespace().map(word_place).collect();
            let wanted = [one, other].map(|place| words.get(place - 1).and_then(|word| word_place(word)));
            typed == wanted
        };
        let question =
            format!("Share {}: read words {one} and {other} from the paper and type them: ", share.number());
        let mut tries = 0;
        loop {
            let Some(typed) = terminal::ask(&question)? else {
                return Err(Failure::new(Ending::Failed, NOTHING_CAME));
            };
            if right(&typed) {
                break;
            }
            tries += 1;
            if tries >= TRIES_MAX {
                return Err(Failure::new(Ending::Failed, NOTHING_CAME));
            }
            terminal::say("Those are not the words; look at the numbers on the paper.");
        }
    }
    Ok(())
}

const NOTHING_CAME: &str = "the words were not read back, so nothing was changed: burn the sheets of this ceremony, they open \
                            nothing, and begin again";

/// Two different places, from the first that is asked for on, drawn anew each time.
fn two_places(words: usize) -> Result<(usize, usize), Failure> {
    let mut random = [0u8; 2];
    getrandom::fill(&mut random).map_err(|e| Failure::failed(format!("no random bytes: {e}")))?;
    let [one, other] = random.map(usize::from);
    let choice = words.saturating_sub(FIRST_ASKED - 1).max(2);
    let first = one % choice;
    let second = (first + 1 + other % (choice - 1)) % choice;
    let (first, second) = (first.min(second), first.max(second));
    Ok((FIRST_ASKED + first, FIRST_ASKED + second))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_places_differ_and_lie_behind_the_share_s_name() {
        for _ in 0..2_000 {
            let (one, other) = two_places(20).unwrap();
            assert!(FIRST_ASKED <= one && one < other && other <= 20, "{one} {other}");
        }
    }

    #[test]
    fn no_folder_inside_the_data_directory_takes_shares() {
        let dir = tempfile::tempdir().unwrap();
        let data = dir.path().join("data");
        fs::create_dir(&data).unwrap();
        let link = dir.path().join("link");
        std::os::unix::fs::symlink(&data, &link).unwrap();
        for inside in
            [data.clone(), data.join("papers/deeper"), link.join("papers"), data.join("../data/papers")]
        {
            assert!(folder(&inside, &data).unwrap_err().to_string().contains("inside the data directory"));
            assert!(!inside.exists() || inside == data, "{}", inside.display());
        }
        folder(&dir.path().join("data-papers/deeper"), &data).unwrap();
    }
}

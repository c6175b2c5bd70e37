//! Action cards from a folder: what an emergency planner edits, read when the program starts.
//!
//! Always: either every card of the folder is used or none, and each fault names file and line; files other than `.txt`
//! are passed over. Never: more than a card's ceiling read of any file.

use incident::action_cards::{self, ActionCard, CARD_BYTES_MAX, CardFault, CardsFault};
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

/// Files looked at in the folder; the ceiling of a set of cards is lower.
const FILES_MAX: usize = 1_000;

/// The planner's own folder of cards, and what stands in it.
#[derive(Clone, PartialEq, Debug)]
pub struct OwnCards {
    /// Where it lies.
    pub folder: PathBuf,
    /// Every card, or every fault with file and line.
    pub cards: Result<Vec<ActionCard>, CardsFault>,
}

impl OwnCards {
    /// Where a planner's own cards lie under a data directory.
    pub fn folder(data_dir: &Path) -> PathBuf {
        data_dir.join("forms").join("action_cards")
    }

    /// Reads them; `None` when there is no such folder.
    pub fn read(data_dir: &Path) -> Option<Self> {
        let folder = Self::folder(data_dir);
        folder.is_dir().then(|| Self { cards: read_action_cards(&folder), folder })
    }
}

/// Reads every card (`*.txt`) of a folder.
pub fn read_action_cards(folder: &Path) -> Result<Vec<ActionCard>, CardsFault> {
    let unread = |file: String, e: std::io::Error| {
        CardsFault(vec![CardFault { file, line: 0, what: format!("could not be read: {e}") }])
    };
    let listing = std::fs::read_dir(folder).map_err(|e| unread(folder.display().to_string(), e))?;
    let mut files: Vec<(String, Vec<u8>)> = Vec::new();
    for entry in listing.take(FILES_MAX) {
        let path = entry.map_err(|e| unread(folder.display().to_string(), e))?.path();
        if path.extension().is_none_or(|ending| ending != "txt") {
            continue;
        }
        let name = path.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned());
        let mut bytes = Vec::new();
        // One byte more than a card may have, so that a longer one is seen to be too long.
        let read = File::open(&path).and_then(|f| f.take(CARD_BYTES_MAX as u64 + 1).read_to_end(&mut bytes));
        read.map_err(|e| unread(name.clone(), e))?;
        files.push((name, bytes));
    }
    files.sort();
    action_cards::read_all(files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())))
}

/// The cards that are built into the program.
pub fn shipped_action_cards() -> Result<Vec<ActionCard>, CardsFault> {
    action_cards::read_all(action_cards::shipped().iter().map(|(file, text)| (*file, text.as_bytes())))
}

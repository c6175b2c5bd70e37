//! What the public reads: a folder of static files pressed from approved updates, and from nothing else.
//!
//! The page is what people hold on to when switchboard and mail are gone, so it is complete without JavaScript, small,
//! and can lie on any host. Always: [`press`] is pure, and the same board, settings and time give the same bytes; a
//! promised time that has passed is called late; an exercise says so on every file. Never: a draft, withdrawn words, a
//! name of staff, a patient, text that a browser could take for code. Handed a `PublicBoard`, knows nothing else.
//! Called by `lifeboat`; proved by `public_page/tests`.

mod calendar;
mod cap;
mod feed;
mod have;
mod markup;
mod page;
mod settings;
mod social;
mod status;
mod words;

pub mod push;
pub mod store;

pub use settings::{Settings, SettingsFault};
pub use social::{NETWORKS, Network, Post, posts};
pub use words::Language;

use basics::Moment;
use incident::Ground;
use incident::public_updates::{PublicBoard, Spoken};

/// The folder as it is to stand: paths are relative, with `/`, in a fixed order.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Edition {
    /// Pressed from an exercise: never pushed where the real page stands.
    pub exercise: bool,
    /// Updates withdrawn so far: when it grows, no older edition may be kept where anybody can read it.
    pub withdrawn: u32,
    /// Path and bytes of each file.
    pub files: Vec<(String, Vec<u8>)>,
}

impl Edition {
    /// One file's bytes.
    pub fn file(&self, path: &str) -> Option<&[u8]> {
        self.files.iter().find(|(p, _)| p == path).map(|(_, bytes)| bytes.as_slice())
    }
}

/// A fixed word is missing or damaged: the program itself is.
#[derive(Debug, thiserror::Error)]
#[error("the public page's words in {language} cannot be read: {what}")]
pub struct WordsFault {
    /// "en" or "cy".
    pub language: &'static str,
    /// What is wrong.
    pub what: String,
}

/// Presses the folder as it is true at `now`. Press again whenever an update is approved or withdrawn, and when
/// [`next_press`] says so.
pub fn press(board: &PublicBoard, settings: &Settings, now: Moment) -> Result<Edition, WordsFault> {
    let english = words::Words::read(Language::English)?;
    let welsh = words::Words::read(Language::Welsh)?;
    let mut files = Vec::new();
    for words in [&english, &welsh] {
        files.extend(page::pages(board, settings, words, now));
    }
    let summary = status::summary(board, settings, now);
    files.push(("api/v2/summary.json".to_owned(), summary.clone()));
    files.push(("summary.json".to_owned(), summary));
    files.push(("atom.xml".to_owned(), feed::atom(board, settings, &english, now)));
    files.push(("updates.ics".to_owned(), calendar::calendar(board, settings)));
    files.extend(cap::alert(board, settings, &english).map(|bytes| ("cap.xml".to_owned(), bytes)));
    files.extend(have::report(board, settings).map(|bytes| ("have.xml".to_owned(), bytes)));
    for words in [&english, &welsh] {
        if let Some(what) = words.missing() {
            return Err(WordsFault { language: words.language.code(), what });
        }
    }
    let withdrawn = board.history.iter().filter(|item| matches!(item, Spoken::Withdrawn { .. })).count();
    let withdrawn = u32::try_from(withdrawn).unwrap_or(u32::MAX);
    Ok(Edition { exercise: board.ground != Ground::Real, withdrawn, files })
}

/// When the folder must be pressed again though nothing was said: a second after the promised time, to say "late".
pub fn next_press(board: &PublicBoard, now: Moment) -> Option<Moment> {
    board.next_update.map(|at| at.plus_seconds(1)).filter(|at| *at > now)
}

//! Places to which the public page is pushed, each by itself: a folder, a store.
//!
//! Always: the newest edition is pushed, and again with growing rests until it stands; what was pushed when, and what
//! failed since when, is known to the screens. Never: one place waits for another. Called by `public_desk`; proved by
//! `tests/public_page.rs`.

use basics::{Clock, Moment};
use object_store::ObjectStore;
use public_page::Edition;
use std::error::Error;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::watch;

/// First rest after a failed push; doubled each time up to [`REST_MS_MAX`].
const REST_MS_MIN: u64 = 1_000;
/// Longest rest after a failed push.
const REST_MS_MAX: u64 = 30_000;

/// A place.
pub struct Place {
    name: String,
    kind: Kind,
    board: PlaceBoard,
}

enum Kind {
    Folder(PathBuf),
    Store(Arc<dyn ObjectStore>),
    Broken(String),
}

/// How pushing to a place goes, shared with the screens.
#[derive(Clone, Default)]
pub struct PlaceBoard(Arc<Mutex<PlaceState>>);

/// The same at one moment.
#[derive(Clone, Default)]
pub struct PlaceState {
    /// In words.
    pub name: String,
    /// When a whole edition last got there.
    pub pushed: Option<Moment>,
    /// Since when and why it does not, if it does not.
    pub failing: Option<(Moment, String)>,
    /// Something newer than what stands there is on its way.
    pub waiting: bool,
}

impl PlaceBoard {
    /// How it goes now.
    pub fn state(&self) -> PlaceState {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set(&self, change: impl FnOnce(&mut PlaceState)) {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

impl Place {
    /// A folder that a web server serves.
    pub fn folder(path: PathBuf) -> Self {
        Self::new(format!("the folder {}", path.display()), Kind::Folder(path))
    }

    /// A store.
    pub fn store(name: String, store: Arc<dyn ObjectStore>) -> Self {
        Self::new(name, Kind::Store(store))
    }

    /// A place that cannot be used until the configuration is mended.
    pub fn broken(name: String, why: String) -> Self {
        Self::new(name, Kind::Broken(why))
    }

    fn new(name: String, kind: Kind) -> Self {
        let board = PlaceBoard::default();
        board.set(|state| state.name.clone_from(&name));
        Self { name, kind, board }
    }

    /// Its board.
    pub fn board(&self) -> PlaceBoard {
        self.board.clone()
    }

    /// Pushes each edition until it stands, the newest first; ends when the program closes.
    pub async fn run(
        self,
        mut editions: watch::Receiver<Option<Arc<Edition>>>,
        clock: Arc<dyn Clock>,
        mut closing: watch::Receiver<bool>,
    ) {
        loop {
            tokio::select! {
                _ = closing.wait_for(|closing| *closing) => return,
                changed = editions.changed() => if changed.is_err() { return },
            }
            let mut rest_ms = REST_MS_MIN;
            loop {
                let newest = editions.borrow_and_update().clone();
                let Some(edition) = newest else { break };
                self.board.set(|state| state.waiting = true);
                let pushed = self.push(&edition).await;
                let at = clock.now();
                match pushed {
                    Ok(()) => {
                        self.board.set(|state| {
                            (state.pushed, state.failing, state.waiting) = (Some(at), None, false);
                        });
                        break;
                    }
                    Err(why) => {
                        tracing::warn!(place = %self.name, %why, "the public page could not be pushed");
                        self.board.set(|state| {
                            let since = state.failing.take().map_or(at, |(since, _)| since);
                            state.failing = Some((since, why));
                        });
                    }
                }
                tokio::select! {
                    _ = closing.wait_for(|closing| *closing) => return,
                    // Something newer: at once, without the rest.
                    changed = editions.changed() => {
                        if changed.is_err() { return }
                        editions.mark_changed();
                    }
                    () = tokio::time::sleep(Duration::from_millis(rest_ms)) => {}
                }
                rest_ms = (rest_ms * 2).min(REST_MS_MAX);
            }
        }
    }

    async fn push(&self, edition: &Arc<Edition>) -> Result<(), String> {
        match &self.kind {
            Kind::Folder(path) => {
                let (edition, path) = (Arc::clone(edition), path.clone());
                let done =
                    tokio::task::spawn_blocking(move || public_page::push::push(&edition, &path)).await;
                done.map_err(|e| e.to_string())?.map(drop).map_err(|fault| all_of(&fault))
            }
            Kind::Store(store) => {
                public_page::store::push(edition, store).await.map(drop).map_err(|fault| all_of(&fault))
            }
            Kind::Broken(why) => Err(why.clone()),
        }
    }
}

/// A fault with its innermost cause: the one that tells people something.
fn all_of(fault: &dyn Error) -> String {
    let mut cause = fault;
    while let Some(next) = cause.source() {
        cause = next;
    }
    if std::ptr::addr_eq(fault, cause) { fault.to_string() } else { format!("{fault}: {cause}") }
}

//! An edition into an S3-compatible store, so that whoever reads sees one whole edition, whatever fails.
//!
//! A store has no rename. So all files go under `editions/NAME/`, NAME made from their bytes; then the first page of
//! each language is switched by one write, its links leading into that folder; then the addresses that machines and
//! bookmarks know are written; then `standing.json`, which says that it is done. Always: a first page leads only to
//! what is there; a push that broke off goes on where it stopped; words that were withdrawn are removed from old
//! editions too, at once. Never: an exercise where the real page stands. Knows no network: it is handed the store.
//! Called by `lifeboat`; proved by `tests/store.rs`, which fails every request.

use crate::Edition;
use crate::push::{Pushed, inside};
use object_store::path::Path;
use object_store::{Attribute, Attributes, Error, ObjectStore, ObjectStoreExt, PutOptions, PutPayload};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// Editions kept beside the one that stands, for people who are reading them now.
const KEPT_MAX: usize = 2;
/// What the store is for: "real" or "exercise".
const PURPOSE: &str = "purpose";
/// What stands there.
const STANDING: &str = "standing.json";
/// The pages that are switched, the English one first.
const SWITCHED: [&str; 2] = ["index.html", "cy.html"];
/// Largest of our own notes that is read back, in bytes.
const NOTE_BYTES_MAX: u64 = 256 << 10;

/// Why an edition did not get there. What stood there before still stands.
#[derive(Debug, thiserror::Error)]
pub enum StoreFault {
    /// The store is for the other purpose.
    #[error("the store holds the {there} public page; an edition of {here} must not go there")]
    WrongStore {
        /// What it holds.
        there: String,
        /// What was to go there.
        here: &'static str,
    },
    /// A file's path leads out of the folder.
    #[error("the path {0} leads out of the folder")]
    Path(String),
    /// The store refused or could not be reached.
    #[error("{doing} {path} failed; the page that stood there still stands, and the push goes on from here")]
    Store {
        /// What was being done.
        doing: &'static str,
        /// To what.
        path: String,
        /// Why.
        source: Error,
    },
}

/// What stands in the store; written last.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
struct Standing {
    edition: String,
    withdrawn: u32,
    #[serde(default)]
    kept: Vec<String>,
    #[serde(default)]
    aliases: Vec<String>,
}

/// Pushes `edition` to the root of `store`.
pub async fn push(edition: &Edition, store: &dyn ObjectStore) -> Result<Pushed, StoreFault> {
    if let Some((path, _)) = edition.files.iter().find(|(path, _)| !inside(path)) {
        return Err(StoreFault::Path(path.clone()));
    }
    let shelf = Shelf { store };
    shelf.purpose(edition).await?;
    let before = shelf.standing().await?;
    let name = name(edition);
    if before.edition == name {
        // Switched, but perhaps broken off before the old ones were gone.
        shelf.clear(&before).await?;
        return Ok(Pushed::Same);
    }
    shelf.edition(edition, &name).await?;
    for path in SWITCHED {
        if let Some(bytes) = edition.file(path) {
            shelf.put("switching", path, at_root(bytes, &name), path).await?;
        }
    }
    let aliases: Vec<&(String, Vec<u8>)> =
        edition.files.iter().filter(|(path, _)| !SWITCHED.contains(&path.as_str())).collect();
    for (path, bytes) in &aliases {
        shelf.put("writing", path, bytes.clone(), path).await?;
    }
    for gone in before.aliases.iter().filter(|old| inside(old) && edition.file(old).is_none()) {
        shelf.delete(gone).await?;
    }
    let mut kept = Vec::new();
    if before.withdrawn == edition.withdrawn && !before.edition.is_empty() {
        kept.push(before.edition);
        kept.extend(before.kept);
        kept.truncate(KEPT_MAX);
    }
    let aliases = aliases.into_iter().map(|(path, _)| path.clone()).collect();
    let standing = Standing { edition: name, withdrawn: edition.withdrawn, kept, aliases };
    let note = serde_json::to_vec(&standing).unwrap_or_default();
    shelf.put("writing", STANDING, note, STANDING).await?;
    shelf.clear(&standing).await?;
    Ok(Pushed::New)
}

/// A name made from the bytes: the same edition always has the same, another never.
fn name(edition: &Edition) -> String {
    let mut hash = Sha256::new();
    for (path, bytes) in &edition.files {
        hash.update((path.len() as u64).to_be_bytes());
        hash.update(path.as_bytes());
        hash.update((bytes.len() as u64).to_be_bytes());
        hash.update(bytes);
    }
    hash.finalize().iter().take(12).map(|byte| format!("{byte:02x}")).collect()
}

/// A first page, its links to the history leading into its own edition. What people wrote is escaped in our pages, so
/// `href="` is always our own.
fn at_root(bytes: &[u8], name: &str) -> Vec<u8> {
    let page = String::from_utf8_lossy(bytes);
    page.replace("href=\"history", &format!("href=\"editions/{name}/history")).into_bytes()
}

/// A page inside its edition, its links to the first pages leading to the ones that stand now.
fn in_edition(path: &str, bytes: &[u8]) -> Vec<u8> {
    if !path.ends_with(".html") {
        return bytes.to_vec();
    }
    let mut page = String::from_utf8_lossy(bytes).into_owned();
    for first in SWITCHED {
        page = page.replace(&format!("href=\"{first}\""), &format!("href=\"../../{first}\""));
    }
    page.into_bytes()
}

struct Shelf<'a> {
    store: &'a dyn ObjectStore,
}

impl Shelf<'_> {
    async fn purpose(&self, edition: &Edition) -> Result<(), StoreFault> {
        let here = if edition.exercise { "exercise" } else { "real" };
        match self.note(PURPOSE).await? {
            Some(there) if String::from_utf8_lossy(&there).trim() == here => Ok(()),
            Some(there) => {
                let there = String::from_utf8_lossy(&there).trim().to_owned();
                Err(StoreFault::WrongStore { there, here })
            }
            None => self.put("writing", PURPOSE, here.as_bytes().to_vec(), PURPOSE).await,
        }
    }

    async fn standing(&self) -> Result<Standing, StoreFault> {
        let note = self.note(STANDING).await?;
        // One that cannot be read is as none: everything is written again.
        Ok(note.and_then(|note| serde_json::from_slice(&note).ok()).unwrap_or_default())
    }

    async fn note(&self, path: &'static str) -> Result<Option<Vec<u8>>, StoreFault> {
        let fault = |source| StoreFault::Store { doing: "reading", path: path.to_owned(), source };
        let got = match self.store.get(&Path::from(path)).await {
            Ok(got) if got.meta.size > NOTE_BYTES_MAX => return Ok(None),
            Ok(got) => got,
            Err(Error::NotFound { .. }) => return Ok(None),
            Err(source) => return Err(fault(source)),
        };
        Ok(Some(got.bytes().await.map_err(fault)?.to_vec()))
    }

    /// Every file of the edition, but for those that an earlier attempt left there whole.
    async fn edition(&self, edition: &Edition, name: &str) -> Result<(), StoreFault> {
        let folder = format!("editions/{name}");
        let there = self.list(&folder).await?;
        for (path, bytes) in &edition.files {
            let bytes = in_edition(path, bytes);
            let whole = format!("{folder}/{path}");
            if there.get(&whole) != Some(&(bytes.len() as u64)) {
                self.put("writing", &whole, bytes, path).await?;
            }
        }
        Ok(())
    }

    /// Removes every edition that is neither the one that stands nor kept.
    async fn clear(&self, standing: &Standing) -> Result<(), StoreFault> {
        for path in self.list("editions").await?.keys() {
            let edition = path.split('/').nth(1).unwrap_or_default();
            if edition != standing.edition && !standing.kept.iter().any(|kept| kept == edition) {
                self.delete(path).await?;
            }
        }
        Ok(())
    }

    async fn list(&self, folder: &str) -> Result<BTreeMap<String, u64>, StoreFault> {
        let mut listing = self.store.list(Some(&Path::from(folder)));
        let mut found = BTreeMap::new();
        while let Some(object) = std::future::poll_fn(|cx| listing.as_mut().poll_next(cx)).await {
            let fault = |source| StoreFault::Store { doing: "listing", path: folder.to_owned(), source };
            let object = object.map_err(fault)?;
            found.insert(object.location.to_string(), object.size);
        }
        Ok(found)
    }

    async fn put(&self, doing: &'static str, path: &str, bytes: Vec<u8>, of: &str) -> Result<(), StoreFault> {
        let mut attributes = Attributes::new();
        attributes.insert(Attribute::ContentType, content_type(of).into());
        attributes.insert(Attribute::CacheControl, CACHE.into());
        let options = PutOptions { attributes, ..PutOptions::default() };
        let put = self.store.put_opts(&Path::from(path), PutPayload::from(bytes), options).await;
        put.map(drop).map_err(|source| StoreFault::Store { doing, path: path.to_owned(), source })
    }

    async fn delete(&self, path: &str) -> Result<(), StoreFault> {
        match self.store.delete(&Path::from(path)).await {
            Ok(()) | Err(Error::NotFound { .. }) => Ok(()),
            Err(source) => Err(StoreFault::Store { doing: "removing", path: path.to_owned(), source }),
        }
    }
}

/// How long anybody may keep a file without asking again: what is withdrawn must be gone soon.
pub const CACHE: &str = "public, max-age=10, must-revalidate";

/// What a browser or machine is told that a file is.
pub fn content_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map_or("", |(_, ending)| ending) {
        "html" => "text/html; charset=utf-8",
        "json" => "application/json",
        "ics" => "text/calendar; charset=utf-8",
        "xml" if path.ends_with("atom.xml") => "application/atom+xml; charset=utf-8",
        "xml" if path.ends_with("cap.xml") => "application/cap+xml; charset=utf-8",
        "xml" => "application/xml; charset=utf-8",
        _ => "text/plain; charset=utf-8",
    }
}

//! The push to a store: every request failed once, and whoever reads still sees one whole edition.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use async_trait::async_trait;
use futures_util::stream::{self, BoxStream, StreamExt};
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{
    CopyOptions, Error, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta, ObjectStore,
    ObjectStoreExt, PutMultipartOptions, PutOptions, PutPayload, PutResult, Result,
};
use public_page::Edition;
use public_page::push::Pushed;
use public_page::store::{StoreFault, push};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A store whose line breaks after so many requests; `lost` says that the request that broke had been carried out.
#[derive(Debug)]
struct Breaks {
    store: Arc<InMemory>,
    left: Arc<AtomicUsize>,
    lost: bool,
}

impl Breaks {
    fn broken(&self) -> bool {
        self.left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |n| n.checked_sub(1)).is_err()
    }
}

fn line_cut() -> Error {
    Error::Generic { store: "test", source: "the line was cut".into() }
}

impl std::fmt::Display for Breaks {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a store whose line breaks")
    }
}

#[async_trait]
impl ObjectStore for Breaks {
    async fn put_opts(&self, at: &Path, payload: PutPayload, options: PutOptions) -> Result<PutResult> {
        let broken = self.broken();
        if broken && !(self.lost && self.left.load(Ordering::SeqCst) == 0) {
            return Err(line_cut());
        }
        let put = self.store.put_opts(at, payload, options).await;
        if broken { Err(line_cut()) } else { put }
    }
    async fn put_multipart_opts(&self, _: &Path, _: PutMultipartOptions) -> Result<Box<dyn MultipartUpload>> {
        Err(line_cut())
    }
    async fn get_opts(&self, at: &Path, options: GetOptions) -> Result<GetResult> {
        if self.broken() { Err(line_cut()) } else { self.store.get_opts(at, options).await }
    }
    fn delete_stream(&self, locations: BoxStream<'static, Result<Path>>) -> BoxStream<'static, Result<Path>> {
        let (store, left) = (Arc::clone(&self.store), Arc::clone(&self.left));
        locations
            .then(move |path| {
                let (store, left) = (Arc::clone(&store), Arc::clone(&left));
                async move {
                    let path = path?;
                    left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |n| n.checked_sub(1))
                        .map_err(|_| line_cut())?;
                    store.delete(&path).await.map(|()| path)
                }
            })
            .boxed()
    }
    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        if self.broken() {
            return stream::once(async { Err(line_cut()) }).boxed();
        }
        self.store.list(prefix)
    }
    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        self.store.list_with_delimiter(prefix).await
    }
    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        self.store.copy_opts(from, to, options).await
    }
}

fn edition(word: &str, withdrawn: u32) -> Edition {
    let page = |path: &str| {
        let links = "<a href=\"index.html\"></a><a href=\"cy.html\"></a><a href=\"history.html\"></a>";
        (path.to_owned(), format!("{links}<a href=\"atom.xml\"></a> {word}").into_bytes())
    };
    let machine = |path: &str| (path.to_owned(), format!("{path} {word}").into_bytes());
    let pages = ["index.html", "cy.html", "history.html"].map(page);
    let files = pages.into_iter().chain(["api/v2/summary.json", "atom.xml"].map(machine)).collect();
    Edition { exercise: false, withdrawn, files }
}

async fn text(store: &InMemory, path: &str) -> Option<String> {
    let got = store.get(&Path::from(path)).await.ok()?;
    Some(String::from_utf8(got.bytes().await.unwrap().to_vec()).unwrap())
}

async fn paths(store: &InMemory) -> Vec<String> {
    store.list(None).map(|object| object.unwrap().location.to_string()).collect().await
}

/// The word of the edition that a reader of the first page sees, every link of it followed.
async fn reader_sees(store: &InMemory) -> String {
    let first = text(store, "index.html").await.expect("there is a first page");
    let word = first.rsplit(' ').next().unwrap().to_owned();
    let history = first.split("href=\"").find(|link| link.contains("history")).unwrap();
    let history = history.split('"').next().unwrap();
    assert!(history.starts_with("editions/"), "{history}");
    let page = text(store, history).await.unwrap_or_else(|| panic!("{history} is not there"));
    assert!(page.ends_with(&word), "the first page says {word}, its history {page}");
    assert!(page.contains("href=\"../../index.html\""), "the history leads to an old first page: {page}");
    word
}

#[tokio::test]
async fn whichever_request_fails_one_whole_edition_is_read_and_the_next_push_goes_on() {
    for lost in [false, true] {
        for fails in 0.. {
            let store = Arc::new(InMemory::new());
            push(&edition("older", 0), &store).await.unwrap();
            push(&edition("old", 0), &store).await.unwrap();
            let left = Arc::new(AtomicUsize::new(fails));
            let breaks = Breaks { store: Arc::clone(&store), left, lost };
            let outcome = push(&edition("new", 1), &breaks).await;
            let seen = reader_sees(&store).await;
            match outcome {
                Ok(_) => {
                    assert_eq!(seen, "new");
                    assert!(fails > 12, "too few requests were failed: {fails}");
                    break;
                }
                Err(fault) => assert!(fault.to_string().contains("goes on from here"), "{fault}"),
            }
            assert!(seen == "old" || seen == "new", "{seen}");
            push(&edition("new", 1), &store).await.unwrap();
            assert_eq!(reader_sees(&store).await, "new", "after failing request {fails}");
            for path in paths(&store).await {
                let text = text(&store, &path).await.unwrap();
                assert!(!text.ends_with("old") && !text.ends_with("older"), "{path} keeps withdrawn words");
            }
        }
    }
}

/// What a push that wrote the first page before the rest would leave behind is found by the reader's eye.
#[tokio::test]
async fn a_first_page_switched_too_early_is_found() {
    let store = InMemory::new();
    let page = "<a href=\"editions/abc/history.html\"></a> new";
    store.put(&Path::from("index.html"), PutPayload::from(page)).await.unwrap();
    let seen = tokio::spawn(async move { reader_sees(&store).await }).await;
    assert!(seen.is_err(), "nobody noticed");
}

#[tokio::test]
async fn a_push_that_broke_off_writes_only_what_is_missing() {
    let store = Arc::new(InMemory::new());
    let breaks =
        |left| Breaks { store: Arc::clone(&store), left: Arc::new(AtomicUsize::new(left)), lost: false };
    // Purpose read and written, standing read, folder listed, three files written.
    push(&edition("new", 0), &breaks(7)).await.unwrap_err();
    let there = paths(&store).await.iter().filter(|path| path.starts_with("editions/")).count();
    assert_eq!(there, 3);
    let enough = 1_000;
    let counted = breaks(enough);
    assert_eq!(push(&edition("new", 0), &counted).await.unwrap(), Pushed::New);
    // Purpose, standing, list; 2 files left; 2 first pages; 3 others; standing; list.
    assert_eq!(enough - counted.left.load(Ordering::SeqCst), 3 + 2 + 2 + 3 + 1 + 1);
    assert_eq!(push(&edition("new", 0), &*store).await.unwrap(), Pushed::Same);
}

#[tokio::test]
async fn editions_that_people_may_be_reading_stay_a_while_and_the_rest_goes() {
    let store = InMemory::new();
    for n in 0..6 {
        push(&edition(&n.to_string(), 0), &store).await.unwrap();
    }
    let mut editions: Vec<String> = paths(&store)
        .await
        .iter()
        .filter_map(|path| Some(path.strip_prefix("editions/")?.split('/').next()?.to_owned()))
        .collect();
    editions.dedup();
    assert_eq!(editions.len(), 3, "{editions:?}");
    // A file that the new edition does not have is gone from its known address.
    let mut shorter = edition("short", 0);
    shorter.files.retain(|(path, _)| path != "atom.xml");
    push(&shorter, &store).await.unwrap();
    assert_eq!(text(&store, "atom.xml").await, None);
}

#[tokio::test]
async fn an_exercise_never_goes_where_the_real_page_stands() {
    let store = InMemory::new();
    push(&edition("real", 0), &store).await.unwrap();
    let practice = Edition { exercise: true, ..edition("practice", 0) };
    let fault = push(&practice, &store).await.unwrap_err();
    assert!(matches!(fault, StoreFault::WrongStore { .. }), "{fault}");
    assert_eq!(reader_sees(&store).await, "real");
    let bad = Edition { exercise: false, withdrawn: 0, files: vec![("../x".to_owned(), Vec::new())] };
    assert!(matches!(push(&bad, &store).await, Err(StoreFault::Path(_))));
}

//! The hatch's door: a socket in the data directory through which `lifeboat hatch` closes the hatch of the Lifeboat that
//! runs there, says how it stands, and admits what waits.
//!
//! Always: whoever may open the data directory may do so, nobody else; each decision is signed with a name and sealed like
//! one from a page. Never: a message's content. Called by `serve` and `cli::hatch`; proved by the tests below.

use crate::failure::Failure;
use basics::{Clock, FeedName, Moment};
use control_room::{ControlRoom, HatchBoard, Intent, Refused};
use serde::{Deserialize, Serialize};
use std::fs::Permissions;
use std::io::{Read as _, Write as _};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::watch;

const SOCKET: &str = "hatch.socket";
/// Longest request: a few names and a reason.
const REQUEST_BYTES_MAX: u64 = 16_384;
/// Longest answer: a line for each feed.
const ANSWER_BYTES_MAX: u64 = 1 << 20;
/// Longest wait for a request, and for the answer to one.
const REQUEST_MS_MAX: u64 = 10_000;
const ANSWER_MS_MAX: u64 = 60_000;
/// Rest after a caller could not be let in.
const ACCEPT_REST_MS: u64 = 50;
/// Begins an answer that means: done.
const DONE: &str = "= ";

/// What is asked, as one line of JSON.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Ask {
    /// How does the hatch stand?
    Show,
    /// Close it.
    Close {
        /// For these feeds; none named: for all.
        feeds: Vec<String>,
        /// Why.
        reason: String,
        /// Who.
        by: String,
    },
    /// Admit everything that waits of a feed.
    Admit {
        /// The feed.
        feed: String,
        /// Open the hatch for it too.
        open: bool,
        /// Why.
        reason: String,
        /// Who.
        by: String,
    },
}

/// Does what is asked, and says in words what became of it.
///
/// # Errors
/// A sentence for whoever asked.
pub fn answer(room: &ControlRoom, ask: Ask, now: Moment) -> Result<String, String> {
    let named = |name: &str| FeedName::new(name).ok_or_else(|| "a feed's name is empty".to_owned());
    let submit = |intent: Intent, by: &str| room.submit(intent, by, now).map(drop);
    match ask {
        Ask::Show => Ok(standing(&room.hatch())),
        Ask::Close { feeds, reason, by } => {
            let feeds = feeds.iter().map(|name| named(name)).collect::<Result<Vec<_>, _>>()?;
            match submit(Intent::CloseHatch { feeds, reason }, &by) {
                Ok(()) => Ok(standing(&room.hatch())),
                Err(Refused::Fault(_)) if room.hatch().not_recorded.is_some() => Err(
                    "the hatch is closed in memory, and that could not be recorded: write on paper who closed it, when and \
                     why, and close it again if Lifeboat is started again"
                        .to_owned(),
                ),
                Err(refused) => Err(refused.to_string()),
            }
        }
        Ask::Admit { feed, open, reason, by } => {
            let feed = named(&feed)?;
            if open && room.hatch().feed(&feed).is_some_and(|stands| stands.closing.is_some()) {
                submit(Intent::OpenHatch { feeds: vec![feed.clone()], reason: reason.clone() }, &by)
                    .map_err(|refused| refused.to_string())?;
            }
            submit(Intent::AdmitKept { feed: feed.clone(), up_to: None, reason }, &by)
                .map_err(|refused| refused.to_string())?;
            Ok(format!("what was kept apart of {feed} is admitted, in the order in which it came"))
        }
    }
}

/// The hatch in words, a line for each feed of which there is something to say.
fn standing(hatch: &HatchBoard) -> String {
    let mut lines = vec![match &hatch.closed {
        Some(closed) => {
            format!("The hatch is closed since {} by {}: {}", closed.at.rfc3339(), closed.by, closed.reason)
        }
        None if hatch.waiting > 0 => "The hatch is open again, and messages still wait.".to_owned(),
        None => "The hatch is open and nothing waits.".to_owned(),
    }];
    for feed in &hatch.feeds {
        let state = match (&feed.closing, feed.held) {
            (Some(_), _) => "closed",
            (None, true) => "open again, kept apart until nothing waits",
            (None, false) => "open",
        };
        let when = match (feed.first, feed.last) {
            (Some(first), Some(last)) => format!(", first {}, last {}", first.rfc3339(), last.rfc3339()),
            _ => String::new(),
        };
        lines.push(format!(
            "{}: {state}; {} kept apart{when}; {} turned away",
            feed.feed, feed.waiting, feed.turned_away
        ));
    }
    // A name or a reason may hold anything; a line stays a line.
    lines.iter().map(|line| line.replace(['\n', '\r'], " ")).collect::<Vec<_>>().join("\n")
}

/// Answers whoever asks, until the program closes.
pub async fn listen(
    room: ControlRoom,
    clock: Arc<dyn Clock>,
    dir: PathBuf,
    mut closing: watch::Receiver<bool>,
) {
    let path = dir.join(SOCKET);
    // One is left over where the last Lifeboat was killed; the folder's lock says that it is nobody's.
    let _ = std::fs::remove_file(&path);
    let bound = UnixListener::bind(&path).and_then(|listener| {
        std::fs::set_permissions(&path, Permissions::from_mode(0o600))?;
        Ok(listener)
    });
    let listener = match bound {
        Ok(listener) => listener,
        Err(error) => {
            return tracing::warn!(%error, "`lifeboat hatch` cannot reach this Lifeboat; use its page");
        }
    };
    loop {
        tokio::select! {
            () = async { drop(closing.wait_for(|closing| *closing).await) } => break,
            stream = listener.accept() => {
                let Ok((stream, _)) = stream else {
                    // Out of descriptors, most likely: no use in asking again at once.
                    tokio::time::sleep(Duration::from_millis(ACCEPT_REST_MS)).await;
                    continue;
                };
                tokio::spawn(serve(room.clone(), Arc::clone(&clock), stream));
            }
        }
    }
    let _ = std::fs::remove_file(&path);
}

async fn serve(room: ControlRoom, clock: Arc<dyn Clock>, mut stream: UnixStream) {
    let read = async {
        let mut line = String::new();
        let mut reader = tokio::io::BufReader::new((&mut stream).take(REQUEST_BYTES_MAX));
        reader.read_line(&mut line).await.ok()?;
        serde_json::from_str::<Ask>(&line).ok()
    };
    let asked = tokio::time::timeout(Duration::from_millis(REQUEST_MS_MAX), read).await.ok().flatten();
    let said = match asked {
        None => Err("that was not understood".to_owned()),
        Some(ask) => tokio::task::spawn_blocking(move || answer(&room, ask, clock.now()))
            .await
            .unwrap_or_else(|_| Err("the hatch could not be asked".to_owned())),
    };
    let said = match said {
        Ok(words) => format!("{DONE}{words}\n"),
        Err(why) => format!("{why}\n"),
    };
    // Whoever asked may have gone.
    let _ = stream.write_all(said.as_bytes()).await;
    let _ = stream.shutdown().await;
}

/// Asks the Lifeboat that runs on that folder; `None` when there is none.
///
/// # Errors
/// The connection broke.
pub fn ask(data: &Path, ask: &Ask) -> Result<Option<Result<String, String>>, Failure> {
    let Ok(mut stream) = std::os::unix::net::UnixStream::connect(data.join(SOCKET)) else { return Ok(None) };
    stream.set_read_timeout(Some(Duration::from_millis(ANSWER_MS_MAX)))?;
    let request = serde_json::to_string(ask).map_err(|error| Failure::failed(error.to_string()))?;
    stream.write_all(format!("{request}\n").as_bytes())?;
    let mut said = String::new();
    stream.take(ANSWER_BYTES_MAX).read_to_string(&mut said)?;
    let said = said.trim_end();
    Ok(Some(match said.strip_prefix(DONE) {
        Some(words) => Ok(words.to_owned()),
        None if said.is_empty() => Err("the Lifeboat ended before it answered".to_owned()),
        None => Err(said.to_owned()),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use basics::FixedClock;
    use control_room::{FeedSetup, Setup};

    #[tokio::test(flavor = "multi_thread")]
    async fn whoever_may_open_the_folder_closes_looks_and_admits_and_a_stranger_s_words_do_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let at = Moment::parse_rfc3339("2026-07-14T15:05:00Z").unwrap();
        let clock: Arc<dyn Clock> = Arc::new(FixedClock::new(at));
        let pas = FeedName::new("pas").unwrap();
        let feeds = vec![FeedSetup::named(pas.clone())];
        let setup = Setup { data_dir: dir.path().to_owned(), feeds, index_cache_mb: 16, ..Setup::default() };
        let keys = logbook::Keys::from_secret(&[7; 64]);
        let room = ControlRoom::open(setup, &keys, Arc::clone(&clock)).unwrap();
        assert!(ask(dir.path(), &Ask::Show).unwrap().is_none(), "nobody listens yet");
        let (close, closing) = watch::channel(false);
        let door = tokio::spawn(listen(room.clone(), clock, dir.path().to_owned(), closing));
        while !dir.path().join(SOCKET).exists() {
            tokio::task::yield_now().await;
        }
        let folder = dir.path().to_owned();
        let asked = move |what: Ask| {
            let folder = folder.clone();
            async move {
                tokio::task::spawn_blocking(move || ask(&folder, &what)).await.unwrap().unwrap().unwrap()
            }
        };
        let (by, reason) = ("Anna Bell".to_owned(), "odd results".to_owned());
        assert_eq!(asked(Ask::Show).await.unwrap(), "The hatch is open and nothing waits.");
        let shut = Ask::Close { feeds: vec![], reason: reason.clone(), by: by.clone() };
        let words = asked(shut.clone()).await.unwrap();
        assert!(words.starts_with("The hatch is closed since 2026-07-14T15:05:00Z by Anna Bell"), "{words}");
        assert_eq!(asked(shut).await, Err("the hatch is closed for these feeds already".to_owned()));
        room.receive_batch(
            &pas,
            vec![(b"MSH|^~\\&|PAS|N|||20260714||ADT^A01|1|P|2.4\rPID|1\r".to_vec(), at)],
        )
        .unwrap();
        room.catch_up(&mut |_, _| {}).unwrap();
        let words = asked(Ask::Show).await.unwrap();
        assert!(words.contains("pas: closed; 1 kept apart"), "{words}");
        let let_in = Ask::Admit { feed: "pas".to_owned(), open: true, reason, by };
        assert!(asked(let_in.clone()).await.is_ok());
        room.catch_up(&mut |_, _| {}).unwrap();
        assert_eq!((room.hatch().waiting, room.totals().received), (0, 1));
        assert!(asked(let_in).await.is_err(), "nothing waits any more");
        close.send(true).unwrap();
        door.await.unwrap();
        room.close();
    }
}

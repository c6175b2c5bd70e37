//! The keys' door: a socket in the data directory through which a person opens a Lifeboat that waits for its keys
//! (`lifeboat keys unseal`), and pulls the plug of one that runs (`lifeboat seal`).
//!
//! Always: whoever may open the data directory may do so, nobody else; wrong tries are slowed down and never answered
//! with more than that they were wrong; what came through is wiped. Never: what came through, in a log. Called by `serve`;
//! proved by `tests/keys.rs`.

use super::unseal::{by_passphrase, in_words, unsealed};
use crate::clock::SystemClock;
use crate::exit_codes::Ending;
use crate::failure::Failure;
use basics::Clock;
use logbook::{KeyFile, Keys, Opener, Share, Tries};
use std::fs::Permissions;
use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt};
use tokio::sync::{mpsc, oneshot, watch};
use zeroize::Zeroizing;

const SOCKET: &str = "keys.socket";
/// Longest request: a word, a passphrase or a few shares.
const REQUEST_BYTES_MAX: u64 = 16_384;
/// Longest wait for a request, and for the answer to one (a guess costs a second).
const REQUEST_MS_MAX: u64 = 10_000;
const ANSWER_MS_MAX: u64 = 60_000;
/// Rest after a caller could not be let in.
const ACCEPT_REST_MS: u64 = 50;
const SEAL: &str = "seal";
const SEAL_AND_FORGET: &str = "seal and forget";
const UNSEAL: &str = "unseal";
/// Begins an answer that means: done.
const DONE: &str = "= ";

/// Somebody pulls the plug.
pub struct Plug {
    /// The machine's way in is to be taken away too.
    pub forget: bool,
    /// Whoever pulls it hears what became of that.
    pub answer: oneshot::Sender<Result<String, String>>,
}

/// Waits until somebody brings what opens the file. Blocks: there is nothing else to do without keys.
pub fn wait(data: &Path, file: &KeyFile) -> Result<Keys, Failure> {
    let path = data.join(SOCKET);
    // One is left over where the last Lifeboat was killed; the folder's lock says that it is nobody's.
    let _ = std::fs::remove_file(&path);
    let failed = |e: std::io::Error| Failure::failed(format!("could not listen at {}: {e}", path.display()));
    let listener = UnixListener::bind(&path).map_err(failed)?;
    std::fs::set_permissions(&path, Permissions::from_mode(0o600)).map_err(failed)?;
    eprintln!(
        "lifeboat: sealed. It waits for a person: lifeboat keys unseal --data {} (--shares without the passphrase).",
        data.display()
    );
    let (mut tries, clock) = (Tries::default(), SystemClock::default());
    let opened = loop {
        let (mut stream, _) = listener.accept().map_err(failed)?;
        let heard = heard(&stream);
        let answer = match heard.as_deref().map(|text| text.split_once('\n')) {
            Some(Some((UNSEAL, rest))) => match tried(file, rest, &mut tries, &clock) {
                Ok(keys) => {
                    let words = in_words(&keys.verifying_key());
                    // Whoever asked may have gone.
                    let _ = stream.write_all(format!("{DONE}{words}\n").as_bytes());
                    break Ok(keys);
                }
                Err(why) => why,
            },
            Some(Some((SEAL | SEAL_AND_FORGET, _))) => {
                let _ = stream.write_all(format!("{DONE}it held no keys yet; it has stopped\n").as_bytes());
                break Err(Failure::new(Ending::Fine, "stopped while it was sealed"));
            }
            _ => "that was not understood".to_owned(),
        };
        let _ = stream.write_all(format!("{answer}\n").as_bytes());
    };
    let _ = std::fs::remove_file(&path);
    opened
}

/// The request of a caller who does not dawdle.
fn heard(stream: &UnixStream) -> Option<Zeroizing<String>> {
    stream.set_read_timeout(Some(Duration::from_millis(REQUEST_MS_MAX))).ok()?;
    let mut text = Zeroizing::new(String::with_capacity(REQUEST_BYTES_MAX as usize));
    let mut reader = BufReader::new(stream.take(REQUEST_BYTES_MAX));
    loop {
        match reader.read_line(&mut text) {
            // An empty line ends a request.
            Ok(0) => return None,
            Ok(1) => return Some(text),
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(_) => return None,
        }
    }
}

fn tried(file: &KeyFile, lines: &str, tries: &mut Tries, clock: &dyn Clock) -> Result<Keys, String> {
    tries.may_try(clock.now()).map_err(|wait_ms| {
        format!("too many wrong tries; try again in {} seconds", wait_ms.div_ceil(1_000))
    })?;
    let opener = opener(file, lines).map_err(|failure| failure.to_string())?;
    match unsealed(file, &opener) {
        Ok(keys) => {
            tries.right();
            Ok(keys)
        }
        Err(failure) => {
            tries.wrong(clock.now());
            Err(failure.to_string())
        }
    }
}

/// What the lines of a request open with: "passphrase …", or a line "share …" each.
fn opener(file: &KeyFile, lines: &str) -> Result<Opener, Failure> {
    let mut shares = Vec::new();
    for line in lines.lines().filter(|line| !line.is_empty()) {
        match line.split_once(' ') {
            Some(("passphrase", typed)) => return Ok(by_passphrase(file, typed)),
            Some(("share", text)) => shares.push(Share::read(text).map_err(logbook::Fault::from)?),
            _ => return Err(Failure::failed("that was not understood")),
        }
    }
    Ok(Opener::of_shares(&shares).map_err(logbook::Fault::from)?)
}

/// Hands on whoever pulls the plug, until the program closes. The door stands open when this returns, before anybody is
/// told that the program runs; the work is in the future that it gives.
pub fn listen(
    data: &Path,
    plugs: mpsc::Sender<Plug>,
    closing: watch::Receiver<bool>,
) -> impl Future<Output = ()> + Send + 'static {
    let path = data.join(SOCKET);
    let _ = std::fs::remove_file(&path);
    let bound = tokio::net::UnixListener::bind(&path).and_then(|listener| {
        std::fs::set_permissions(&path, Permissions::from_mode(0o600))?;
        Ok(listener)
    });
    async move {
        match bound {
            Ok(listener) => hand_on(listener, plugs, closing).await,
            Err(error) => {
                return tracing::warn!(%error, "`lifeboat seal` cannot reach this Lifeboat; stop it to seal it");
            }
        }
        let _ = std::fs::remove_file(&path);
    }
}

async fn hand_on(
    listener: tokio::net::UnixListener,
    plugs: mpsc::Sender<Plug>,
    mut closing: watch::Receiver<bool>,
) {
    loop {
        tokio::select! {
            () = async { drop(closing.wait_for(|closing| *closing).await) } => break,
            stream = listener.accept() => {
                let Ok((stream, _)) = stream else {
                    // Out of descriptors, most likely: no use in asking again at once.
                    tokio::time::sleep(Duration::from_millis(ACCEPT_REST_MS)).await;
                    continue;
                };
                let plugs = plugs.clone();
                tokio::spawn(answer(stream, plugs));
            }
        }
    }
}

async fn answer(mut stream: tokio::net::UnixStream, plugs: mpsc::Sender<Plug>) {
    let read = async {
        let mut line = String::new();
        tokio::io::BufReader::new((&mut stream).take(64)).read_line(&mut line).await.ok()?;
        Some(line)
    };
    let line = tokio::time::timeout(Duration::from_millis(REQUEST_MS_MAX), read).await.ok().flatten();
    let said = match line.as_deref().map(str::trim_end) {
        Some(asked @ (SEAL | SEAL_AND_FORGET)) => {
            let (answer, told) = oneshot::channel();
            let sent = plugs.send(Plug { forget: asked == SEAL_AND_FORGET, answer }).await;
            match (sent, told.await) {
                (Ok(()), Ok(Ok(words))) => format!("{DONE}{words}"),
                (Ok(()), Ok(Err(why))) => why,
                _ => "this Lifeboat is closing already".to_owned(),
            }
        }
        Some(UNSEAL) => "this Lifeboat runs and has its keys; nothing is to be opened".to_owned(),
        _ => "that was not understood".to_owned(),
    };
    // Whoever asked may have gone.
    let _ = stream.write_all(format!("{said}\n").as_bytes()).await;
    let _ = stream.shutdown().await;
}

/// Says something to the Lifeboat of that folder; `None` when there is none.
fn told(data: &Path, request: &str) -> Result<Option<Result<String, String>>, Failure> {
    let Ok(mut stream) = UnixStream::connect(data.join(SOCKET)) else { return Ok(None) };
    stream.set_read_timeout(Some(Duration::from_millis(ANSWER_MS_MAX)))?;
    stream.write_all(request.as_bytes())?;
    let mut answer = String::new();
    stream.take(REQUEST_BYTES_MAX).read_to_string(&mut answer)?;
    let answer = answer.trim_end();
    Ok(Some(match answer.strip_prefix(DONE) {
        Some(words) => Ok(words.to_owned()),
        None if answer.is_empty() => Err("the Lifeboat ended before it answered".to_owned()),
        None => Err(answer.to_owned()),
    }))
}

/// Brings what opens the keys to the Lifeboat that waits on that folder; `None` when none does.
pub fn bring(data: &Path, lines: &[Zeroizing<String>]) -> Result<Option<Result<String, String>>, Failure> {
    let mut request = Zeroizing::new(String::with_capacity(REQUEST_BYTES_MAX as usize));
    request.push_str(UNSEAL);
    for line in lines {
        request.push('\n');
        request.push_str(line);
    }
    request.push_str("\n\n");
    told(data, &request)
}

/// Pulls the plug of the Lifeboat that runs, or waits, on that folder; `None` when there is none.
pub fn pull(data: &Path, forget: bool) -> Result<Option<Result<String, String>>, Failure> {
    told(data, &format!("{}\n\n", if forget { SEAL_AND_FORGET } else { SEAL }))
}

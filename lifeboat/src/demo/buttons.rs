//! The demonstration's two buttons: on the home page, and from another terminal through a socket in its folder.

use super::plan::Plan;
use crate::exit_codes::Ending;
use crate::failure::Failure;
use basics::Clock;
use drill::{Controls, Which};
use screens::{DemoControls, DemoState};
use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixListener;

const SOCKET: &str = "demo.socket";
const WORD_BYTES_MAX: u64 = 64;

/// The buttons, and what they have done.
pub struct Buttons {
    controls: Controls,
    clock: Arc<dyn Clock>,
    plan: Mutex<Plan>,
    dir: PathBuf,
}

impl Buttons {
    /// An attack that was played before the last stop is still on.
    pub fn new(controls: Controls, clock: Arc<dyn Clock>, plan: Plan, dir: &Path) -> Arc<Self> {
        if plan.attacked.is_some() {
            controls.cut(&Which::All, false);
        }
        Arc::new(Self { controls, clock, plan: Mutex::new(plan), dir: dir.to_owned() })
    }

    fn plan(&self) -> MutexGuard<'_, Plan> {
        self.plan.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set(&self, attacked: bool) {
        let mut plan = self.plan();
        plan.attacked = attacked.then(|| self.clock.now());
        if let Err(error) = plan.keep(&self.dir) {
            tracing::warn!(%error, "the demonstration's state could not be written down");
        }
    }
}

impl DemoControls for Buttons {
    fn state(&self) -> DemoState {
        let since = self.plan().attacked;
        let words = match since {
            Some(_) => {
                "The attack is being played: every computer of the five hospitals is locked, and no feed says \
                anything any more. What Lifeboat was told until then is all here; the packs are ready to print."
            }
            None => "Five invented hospitals send their feeds over real MLLP connections on this machine.",
        };
        DemoState { attacked: since.is_some(), since, words: words.to_owned() }
    }

    fn attack(&self) {
        if self.plan().attacked.is_none() {
            self.set(true);
            self.controls.cut(&Which::All, true);
        }
    }

    fn restore(&self) {
        if self.plan().attacked.is_some() {
            self.set(false);
            self.controls.restore(&Which::All);
        }
    }
}

/// Obeys words that come through the folder's socket, until the task is ended.
pub async fn listen(buttons: Arc<Buttons>, dir: PathBuf) {
    let path = dir.join(SOCKET);
    // One is left over where the last demonstration was killed; the folder's lock says that it is nobody's.
    let _ = std::fs::remove_file(&path);
    let listener = match UnixListener::bind(&path) {
        Ok(listener) => listener,
        Err(error) => {
            tracing::warn!(%error, "`lifeboat demo attack` cannot reach this demonstration; use the button");
            return;
        }
    };
    while let Ok((stream, _)) = listener.accept().await {
        let (read, mut write) = stream.into_split();
        let mut read = read.take(WORD_BYTES_MAX);
        let mut word = String::new();
        if !matches!(
            tokio::time::timeout(Duration::from_secs(5), read.read_to_string(&mut word)).await,
            Ok(Ok(_))
        ) {
            continue;
        }
        let answer = match word.trim() {
            "attack" => {
                buttons.attack();
                "The attack is being played: the feeds fall silent."
            }
            "restore" => {
                buttons.restore();
                "The feeds come back."
            }
            _ => "It knows attack and restore.",
        };
        // Whoever asked may have gone.
        let _ = write.write_all(answer.as_bytes()).await;
    }
}

/// Says a word to the demonstration that runs in that folder.
pub fn press(data: &Path, word: &str) -> Result<Ending, Failure> {
    let path = data.join(SOCKET);
    let nobody = |e: std::io::Error| {
        Failure::failed(format!(
            "no demonstration is running in {} ({e}); start one with `lifeboat demo`",
            data.display()
        ))
    };
    let mut stream = UnixStream::connect(&path).map_err(nobody)?;
    stream.write_all(word.as_bytes()).map_err(nobody)?;
    stream.shutdown(std::net::Shutdown::Write).map_err(nobody)?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).map_err(nobody)?;
    println!("{answer}");
    Ok(Ending::Fine)
}

//! The exercise door: a socket in the data directory through which `lifeboat drill run FILE --live` hands a drill to the
//! Lifeboat that runs there, and hears line by line what became of it.
//!
//! Always: whoever may open the data directory may play an exercise, nobody else; one at a time; a drill that opens a
//! real incident is refused; it stops when whoever started it goes away. Called by `serve`; proved by
//! `tests/exercise.rs`.

use super::Exercise;
use crate::exit_codes::Ending;
use crate::failure::Failure;
use basics::{Clock, Moment};
use control_room::ControlRoom;
use drill::Scenario;
use drill::play::live::{Record, Told, may_be_played};
use std::fs::Permissions;
use std::io::{BufRead, BufReader, Write as _};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{Mutex, mpsc, watch};

const SOCKET: &str = "exercise.socket";
/// A drill is a page or two of text.
const DRILL_BYTES_MAX: usize = 4 << 20;
/// Longest first line: pace, size, name.
const HEAD_BYTES_MAX: u64 = 4_096;
/// Longest wait for a drill to be handed over.
const HAND_OVER_MS_MAX: u64 = 10_000;
/// Rest after a caller could not be let in.
const ACCEPT_REST_MS: u64 = 50;
/// Begins the last line that is said: whether all was as the drill has it.
const LAST: &str = "= ";
const AS_EXPECTED: &str = "as expected";

/// What plays.
pub struct Stage {
    /// On this record.
    pub room: ControlRoom,
    /// By this clock.
    pub clock: Arc<dyn Clock>,
    /// Whose record it is.
    pub record: Record,
}

/// Plays what is handed in, until the program closes.
pub async fn listen(stage: Stage, dir: PathBuf, mut closing: watch::Receiver<bool>) {
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
            return tracing::warn!(%error, "no exercise can be played on this Lifeboat from the command line");
        }
    };
    let stage = Arc::new((stage, Mutex::new(())));
    let own = closing.clone();
    loop {
        tokio::select! {
            () = async { drop(closing.wait_for(|closing| *closing).await) } => break,
            stream = listener.accept() => {
                let Ok((stream, _)) = stream else {
                    // Out of descriptors, most likely: no use in asking again at once.
                    tokio::time::sleep(Duration::from_millis(ACCEPT_REST_MS)).await;
                    continue;
                };
                let (stage, closing) = (Arc::clone(&stage), own.clone());
                tokio::spawn(async move { serve(&stage.0, &stage.1, stream, closing).await });
            }
        }
    }
    let _ = std::fs::remove_file(&path);
}

async fn serve(stage: &Stage, one: &Mutex<()>, mut stream: UnixStream, closing: watch::Receiver<bool>) {
    let answer = match handed_over(&mut stream).await {
        Err(why) => Err(why),
        Ok((scenario, pace)) => match one.try_lock() {
            Err(_) => {
                Err("an exercise is being played already; wait for its end, or stop it first".to_owned())
            }
            Ok(_guard) => played(stage, scenario, pace, &mut stream, closing).await,
        },
    };
    let last = match answer {
        Ok(words) => format!("{LAST}{words}\n"),
        Err(why) => format!("{LAST}{why}\n"),
    };
    // Whoever asked may have gone.
    let _ = stream.write_all(last.as_bytes()).await;
}

/// A line "PACE BYTES NAME", then so many bytes of drill. The other end stays open for as long as somebody listens.
async fn handed_over(stream: &mut UnixStream) -> Result<(Scenario, u32), String> {
    let read = async {
        let mut reader = tokio::io::BufReader::new(stream);
        let mut head = String::new();
        (&mut reader).take(HEAD_BYTES_MAX).read_line(&mut head).await.ok()?;
        let (pace, rest) = head.trim_end().split_once(' ')?;
        let (bytes, name) = rest.split_once(' ')?;
        let (pace, bytes): (u32, usize) = (pace.parse().ok()?, bytes.parse().ok()?);
        let mut drill = vec![0; Some(bytes).filter(|bytes| *bytes <= DRILL_BYTES_MAX)?];
        reader.read_exact(&mut drill).await.ok()?;
        Some((name.to_owned(), String::from_utf8(drill).ok()?, pace))
    };
    let read = tokio::time::timeout(Duration::from_millis(HAND_OVER_MS_MAX), read).await;
    let (name, drill, pace) = read.ok().flatten().ok_or("the drill was not handed over whole")?;
    let scenario = Scenario::parse(&name, &drill).map_err(|why| why.to_string())?;
    may_be_played(&scenario)?;
    Ok((scenario, pace))
}

async fn played(
    stage: &Stage,
    scenario: Scenario,
    pace: u32,
    stream: &mut UnixStream,
    mut closing: watch::Receiver<bool>,
) -> Result<String, String> {
    let exercise = Exercise::new();
    let (tell, mut told) = mpsc::unbounded_channel();
    let title = scenario.title.clone();
    let (room, clock) = (stage.room.clone(), Arc::clone(&stage.clock));
    let play = {
        let exercise = exercise.clone();
        let record = stage.record;
        tokio::spawn(async move {
            let after = move |line: &str, told: &Told| {
                // Nobody listens any more: the exercise is stopped below.
                let _ = tell.send(said(line, told));
            };
            // A hospital's clock waits for nobody.
            let ears = (|_: Moment| (), after);
            exercise.play(Arc::new(scenario), room, clock, record, pace, ears).await
        })
    };
    let _ = stream.write_all(format!("{title}\n\n").as_bytes()).await;
    loop {
        let mut ear = [0; 1];
        tokio::select! {
            line = told.recv() => match line {
                None => break,
                Some(line) => if stream.write_all(line.as_bytes()).await.is_err() { exercise.stop() },
            },
            () = async { drop(closing.wait_for(|closing| *closing).await) } => { exercise.stop(); break }
            // The other end has said all that it had to say: it is gone.
            _ = stream.read(&mut ear) => { exercise.stop(); break }
        }
    }
    play.await.map_err(|error| error.to_string())??;
    let standing = exercise.standing();
    let missed = standing.otherwise.len() + standing.measures.iter().filter(|m| !m.met).count();
    Ok(if standing.lines.0 < standing.lines.1 {
        "stopped before its end".to_owned()
    } else if missed == 0 {
        AS_EXPECTED.to_owned()
    } else {
        format!("{missed} of {} lines went otherwise than the drill has it", standing.lines.1)
    })
}

/// A line as whoever started the drill reads it.
fn said(line: &str, told: &Told) -> String {
    match told {
        Told::Done => format!("          {line}\n"),
        Told::Held => format!("  later   {line}\n"),
        Told::NotHere => format!("  (not here) {line}\n"),
        Told::Otherwise(why) => format!("  OTHERWISE {line}: {why}\n"),
        Told::Measured(measure) => {
            let time = match (measure.took_minutes, measure.within_minutes) {
                (Some(took), Some(within)) => format!(" ({took} of {within} min)"),
                _ => String::new(),
            };
            let met = if measure.met { "met    " } else { "NOT MET" };
            format!("  {met} {line}{time}\n")
        }
    }
}

/// Hands the drill `text` to the Lifeboat that runs on `data`, and prints what it says.
pub fn hand_over(data: &Path, name: &str, text: &str, pace: u32) -> Result<Ending, Failure> {
    let path = data.join(SOCKET);
    let nobody = |e: std::io::Error| {
        Failure::failed(format!(
            "no Lifeboat runs on {} ({e}); start one with `lifeboat serve`, or play the drill without --live",
            data.display()
        ))
    };
    let mut stream = std::os::unix::net::UnixStream::connect(&path).map_err(nobody)?;
    let name = name.replace(['\n', '\r'], " ");
    stream.write_all(format!("{pace} {} {name}\n{text}", text.len()).as_bytes()).map_err(nobody)?;
    for line in BufReader::new(stream).lines() {
        let line = line.map_err(nobody)?;
        match line.strip_prefix(LAST) {
            None => println!("{line}"),
            Some(AS_EXPECTED) => {
                println!("\nEverything went as the drill has it.");
                return Ok(Ending::Fine);
            }
            Some(words) if words.contains("went otherwise") || words.contains("stopped") => {
                println!("\n{words}.");
                return Ok(Ending::NeedsAPerson);
            }
            Some(why) => return Err(Failure::failed(why.to_owned())),
        }
    }
    Err(Failure::failed("the Lifeboat ended before the exercise did".to_owned()))
}

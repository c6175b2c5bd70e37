//! The demonstration's two buttons: on the home page, and from another terminal through a socket in its folder.

use super::plan::Plan;
use crate::cli;
use crate::clock::HurriedClock;
use crate::exercise::Exercise;
use crate::exit_codes::Ending;
use crate::failure::Failure;
use basics::Clock;
use control_room::ControlRoom;
use drill::play::live::{Record, Told};
use drill::{Controls, Scenario, Which};
use screens::handed::DemoPerson;
use screens::{DemoControls, DemoState};
use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixListener;
use tokio::runtime::Handle;

/// The day that the attack plays.
const FRIDAY: &str = include_str!("../../../drills/friday-12-may.drill");
const SOCKET: &str = "demo.socket";
const WORD_BYTES_MAX: u64 = 64;

/// The day that is played when the attack is.
pub struct Day {
    scenario: Option<Arc<Scenario>>,
    pace: u32,
}

impl Day {
    /// The drill of that file, else the built-in one; none at pace 0.
    pub fn of(file: Option<&Path>, pace: u32) -> Result<Self, Failure> {
        let scenario = match (file, pace) {
            (_, 0) => None,
            (Some(file), _) => Some(cli::drill::read(file)?),
            (None, _) => {
                let read = Scenario::parse("drills/friday-12-may.drill", FRIDAY);
                Some(read.map_err(|why| Failure::failed(why.to_string()))?)
            }
        };
        Ok(Self { scenario: scenario.map(Arc::new), pace })
    }

    /// Lays the drill's rules of triage into the forms of the data directory, where it has any and no other lie there.
    pub fn lay_down_rules(&self, data_dir: &Path) -> Result<(), Failure> {
        let folder = data_dir.join("forms/clinics");
        let rules = self.scenario.as_deref().map(drill::play::triage_rules).unwrap_or_default();
        if rules.is_empty() || folder.exists() {
            return Ok(());
        }
        std::fs::create_dir_all(&folder)?;
        for (name, text) in rules {
            std::fs::write(folder.join(name), text)?;
        }
        Ok(())
    }
}

/// The buttons, and what they have done.
pub struct Buttons {
    controls: Controls,
    clock: Arc<HurriedClock>,
    plan: Mutex<Plan>,
    dir: PathBuf,
    day: Day,
    /// The record that the day is played on, and the runtime that plays it; from when the server is up.
    stage: OnceLock<(ControlRoom, Handle)>,
    playing: Mutex<Option<Exercise>>,
    /// One day after the other: the line at which one was stopped is written before the next begins.
    turn: tokio::sync::Mutex<()>,
}

impl Buttons {
    /// An attack that was played before the last stop is still on.
    pub fn new(controls: Controls, clock: Arc<HurriedClock>, plan: Plan, dir: &Path, day: Day) -> Arc<Self> {
        if plan.attacked.is_some() {
            controls.cut(&Which::All, false);
        }
        Arc::new(Self {
            controls,
            clock,
            plan: Mutex::new(plan),
            dir: dir.to_owned(),
            day,
            stage: OnceLock::new(),
            playing: Mutex::default(),
            turn: tokio::sync::Mutex::default(),
        })
    }

    /// The day is played on this record. Called once, within the runtime that plays it.
    pub fn plays_on(&self, room: ControlRoom) {
        // A second call would change nothing.
        let _ = self.stage.set((room, Handle::current()));
    }

    fn plan(&self) -> MutexGuard<'_, Plan> {
        self.plan.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn playing(&self) -> MutexGuard<'_, Option<Exercise>> {
        self.playing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set(&self, attacked: bool) {
        self.plan().attacked = attacked.then(|| self.clock.now());
        self.keep();
    }

    /// Writes down how it stands, with what the clock has gained: the next start goes on from there.
    fn keep(&self) {
        let mut plan = self.plan();
        plan.ahead_ms = self.clock.ahead_ms();
        if let Err(error) = plan.keep(&self.dir) {
            tracing::warn!(%error, "the demonstration's state could not be written down");
        }
    }

    /// Plays the day from its first ransom note, in quick time.
    fn play(self: &Arc<Self>) {
        let (Some(scenario), Some((room, runtime))) = (self.day.scenario.clone(), self.stage.get()) else {
            return;
        };
        let mut playing = self.playing();
        if playing.as_ref().is_some_and(|exercise| !exercise.stopped() && !exercise.standing().over) {
            return;
        }
        let exercise = Exercise::new();
        *playing = Some(exercise.clone());
        let (buttons, room) = (Arc::clone(self), room.clone());
        runtime.spawn(async move {
            let _turn = buttons.turn.lock().await;
            buttons.clock.hurry(buttons.day.pace);
            let clock = Arc::clone(&buttons.clock) as Arc<dyn Clock>;
            // The clock itself is hurried, so that promises pass and diverts expire as on the day; it waits for the next
            // line, so that on a machine that is busy with other things nothing expires before it was renewed.
            let hold = |due| buttons.clock.no_later_than(due);
            let told = (hold, |_: &str, _: &Told| buttons.keep());
            let played = exercise.play(scenario, room, clock, Record::Demonstration, 1, told).await;
            if let Err(why) = played {
                tracing::error!(why, "the day could not be played on");
            }
            buttons.clock.hurry(1);
            buttons.keep();
        });
    }

    /// Nothing more of the day is played.
    pub fn stop_playing(&self) {
        if let Some(exercise) = self.playing().as_ref() {
            exercise.stop();
        }
    }

    /// What is being played, in a sentence; empty when nothing is.
    fn day_words(&self) -> String {
        let Some(standing) = self.playing().as_ref().map(Exercise::standing) else {
            return match self.day.scenario {
                None => String::new(),
                Some(_) => {
                    " Its day is not played on, because the demonstration was started again meanwhile: bring \
                            the feeds back, then play the attack once more."
                        .to_owned()
                }
            };
        };
        let (done, all) = standing.lines;
        match (standing.over, self.day.scenario.as_ref()) {
            (false, Some(scenario)) => {
                let title = scenario.title.split(':').next().unwrap_or_default();
                let inject = match standing.inject.as_str() {
                    "" => String::new(),
                    words => format!(" Last: {words}."),
                };
                format!(
                    " As an exercise the day is played ({title}), {} minutes in one: it is {} there, line {done} of \
                     {all}.{inject} Look at Incident, Systems, Diverts, Log and Public updates.",
                    self.day.pace, standing.clock
                )
            }
            (true, _) if done == all => {
                " The day has been played to its evening; the exercise goes on in your hands.".to_owned()
            }
            (true, _) => " The day was stopped before its evening.".to_owned(),
            (false, None) => String::new(),
        }
    }
}

/// What the home page and the socket press.
pub struct Pressed(pub Arc<Buttons>);

impl DemoControls for Pressed {
    fn state(&self) -> DemoState {
        let since = self.0.plan().attacked;
        let words = match since {
            Some(_) => {
                "The attack is being played: every computer of the five hospitals is locked, and no feed says \
                anything any more. What Lifeboat was told until then is all here; the packs are ready to print."
            }
            None => "Five invented hospitals send their feeds over real MLLP connections on this machine.",
        };
        let day = if since.is_some() { self.0.day_words() } else { String::new() };
        DemoState { attacked: since.is_some(), since, words: format!("{words}{day}") }
    }

    fn attack(&self) {
        if self.0.plan().attacked.is_none() {
            self.0.set(true);
            self.0.controls.cut(&Which::All, true);
            self.0.play();
        }
    }

    fn restore(&self) {
        if self.0.plan().attacked.is_some() {
            self.0.stop_playing();
            self.0.set(false);
            self.0.controls.restore(&Which::All);
        }
    }

    fn people(&self) -> Vec<DemoPerson> {
        super::people::people()
    }
}

/// Obeys words that come through the folder's socket, until the task is ended.
pub async fn listen(buttons: Pressed, dir: PathBuf) {
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
                "The attack is being played: the feeds fall silent, and the day's response begins."
            }
            "restore" => {
                buttons.restore();
                "The feeds come back; nothing more of the day is played."
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

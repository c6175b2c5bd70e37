//! A drill played on the Lifeboat that is running: each line when its moment comes by that Lifeboat's own clock.
//!
//! Always: one at a time; stops when told, between two lines; what was taken otherwise than the drill has it is told and
//! the day goes on. Never: plays the world; feeds are cut by whoever runs the machine. Called by the demonstration's
//! attack button and by the exercise door; proved by `tests/exercise.rs` and the browser's journey of the demonstration.

pub mod door;

use basics::{Clock, Moment};
use control_room::ControlRoom;
use drill::Scenario;
use drill::play::Measure;
use drill::play::live::{Live, Record, Told};
use drill::scenario::{Act, Step};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::watch;

/// Longest sleep between two looks at the clock, which may be hurried meanwhile.
const LOOK_MS: u64 = 100;
/// A pause of the drill longer than this ends its day: what comes days later is not waited for.
const DAY_ENDS_AFTER_SECONDS: i64 = 6 * 3_600;

/// How an exercise stands.
#[derive(Clone, Debug, Default)]
pub struct Standing {
    /// Lines so far, of how many.
    pub lines: (usize, usize),
    /// What the clocks of the drill's day show: "13:42".
    pub clock: String,
    /// The last inject, in its own words.
    pub inject: String,
    /// What was measured.
    pub measures: Vec<Measure>,
    /// Lines that were taken otherwise than the drill has it.
    pub otherwise: Vec<String>,
    /// It is over: played through, or stopped.
    pub over: bool,
}

/// The hand that stops it, and the eye that looks at it.
#[derive(Clone)]
pub struct Exercise {
    standing: Arc<Mutex<Standing>>,
    stop: watch::Sender<bool>,
}

impl Exercise {
    /// Ready; nothing is played yet.
    pub fn new() -> Self {
        Self { standing: Arc::default(), stop: watch::Sender::new(false) }
    }

    /// How it stands.
    pub fn standing(&self) -> Standing {
        self.lock().clone()
    }

    /// Whether it was told to stop; its last line may still be on its way.
    pub fn stopped(&self) -> bool {
        *self.stop.borrow()
    }

    /// Stops it before its next line.
    pub fn stop(&self) {
        self.stop.send_replace(true);
    }

    fn lock(&self) -> MutexGuard<'_, Standing> {
        self.standing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Plays the day of `scenario` by `clock`, from its first inject on, `pace` minutes of it in one; what stands before
    /// that is laid down at once. `before` hears of each line when it is due, `after` what became of it.
    pub async fn play(
        &self,
        scenario: Arc<Scenario>,
        room: ControlRoom,
        clock: Arc<dyn Clock>,
        record: Record,
        pace: u32,
        (before, after): (impl Fn(Moment) + Send, impl Fn(&str, &Told) + Send),
    ) -> Result<(), String> {
        let played = self.lines(scenario, room, clock, record, pace, (before, after)).await;
        self.lock().over = true;
        played
    }

    async fn lines(
        &self,
        scenario: Arc<Scenario>,
        room: ControlRoom,
        clock: Arc<dyn Clock>,
        record: Record,
        pace: u32,
        (before, after): (impl Fn(Moment) + Send, impl Fn(&str, &Told) + Send),
    ) -> Result<(), String> {
        let day = day_of(&scenario);
        let inject = |step: &&Step| matches!(step.act, Act::Inject { .. });
        let begins = day.iter().find(inject).map_or(scenario.start, |step| step.at);
        let from = clock.now();
        let (first_room, first) = (room.clone(), Arc::clone(&scenario));
        let begun = tokio::task::spawn_blocking(move || Live::begin(&first_room, &first, record, from));
        let mut live = begun.await.map_err(|e| e.to_string())??;
        self.lock().lines = (0, day.len());
        for step in day {
            let wait_ms = (step.at.milliseconds() - begins.milliseconds()).max(0) / i64::from(pace.max(1));
            let due = Moment::from_milliseconds(from.milliseconds().saturating_add(wait_ms));
            before(due);
            if !self.wait_until(due, clock.as_ref()).await {
                return Ok(());
            }
            let (own, door, at) = (step.clone(), room.clone(), clock.now());
            let played = tokio::task::spawn_blocking(move || {
                let tended = door.incident().tend_diverts(at).map(drop).map_err(|e| e.to_string());
                let told = tended.and_then(|()| live.step(&door, &own, at).map_err(|e| e.to_string()));
                (live, told)
            });
            let (back, told) = played.await.map_err(|e| e.to_string())?;
            live = back;
            let told = told?;
            after(&step.text, &told);
            self.note(step, told);
        }
        Ok(())
    }

    fn note(&self, step: &Step, told: Told) {
        let mut standing = self.lock();
        standing.lines.0 += 1;
        standing.clock = basics::Zone::london().hour_minute(step.at);
        if let Act::Inject { text, .. } = &step.act {
            standing.inject.clone_from(text);
        }
        match told {
            Told::Otherwise(why) => {
                tracing::warn!(line = step.line, why, "a line of the drill went otherwise");
                standing.otherwise.push(format!("line {}: {}: {why}", step.line, step.text));
            }
            Told::Measured(measure) => standing.measures.push(measure),
            Told::Done | Told::Held | Told::NotHere => {}
        }
    }

    /// Waits until the clock shows that moment; false when it is stopped.
    async fn wait_until(&self, due: Moment, clock: &dyn Clock) -> bool {
        let mut stop = self.stop.subscribe();
        while !*stop.borrow_and_update() {
            if clock.now() >= due {
                return true;
            }
            tokio::select! {
                () = tokio::time::sleep(Duration::from_millis(LOOK_MS)) => {}
                _ = stop.changed() => {}
            }
        }
        false
    }
}

/// The lines of the drill's first day.
fn day_of(scenario: &Scenario) -> &[Step] {
    let pause = |pair: &[Step]| match pair {
        [one, next] => next.at.seconds_since(one.at) > DAY_ENDS_AFTER_SECONDS,
        _ => false,
    };
    let end = scenario.steps.windows(2).position(pause).map_or(scenario.steps.len(), |last| last + 1);
    scenario.steps.get(..end).unwrap_or(&scenario.steps)
}

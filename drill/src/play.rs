//! The stage: plays a drill through the control room's door with a clock that stands where the drill puts it.
//!
//! Always the real book, index and translation on a folder of its own; only the network and the time are played.
//! A drill that fails says which line, what it wanted and what it saw. `Planted` bugs prove that drills can fail.
//! Called by `tests/drills.rs`, which plays every file in `drills/`.

mod clinic_bookings;
mod expect;
pub mod live;
mod measure;
pub mod respond;
mod write;

pub use clinic_bookings::{bookings as booked, triage_rules, working_days};
pub use measure::Measure;
use respond::{NotDone, Response};
pub use write::message as written;

use crate::compare::Difference;
use crate::scenario::response::Deed;
use crate::scenario::{Act, Expectation, Feed, Scenario, Step};
use crate::{Acknowledged, FeedPlan, Outgoing, Size, Trust};
use basics::{Clock, FeedName, FixedClock, Moment, SiteId};
use control_room::{ClinicSetup, ControlRoom, FeedFormat, FeedSetup, Intent, Setup, SiteContact};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use thiserror::Error;

/// Whom patients ring about their bookings, in a drill.
const CLINICS_PHONE: &str = "01632 960 100";

/// A bug put in on purpose, to see that the drill notices.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Planted {
    /// None.
    #[default]
    Nothing,
    /// The message of this number (from 0) is acknowledged and never kept.
    Loses(usize),
    /// Every transfer (A02) of the simulated trust is acknowledged and never kept.
    LosesTransfers,
}

/// What came of a drill.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// Each failed line: file, line, what was wanted and what was seen.
    pub failures: Vec<String>,
    /// Lines that expected something.
    pub expected: usize,
    /// How the response measured up, line by line.
    pub measures: Vec<Measure>,
    /// Messages handed over.
    pub messages: usize,
    /// Of these, by number from 0, those whose very bytes had been handed over before: losing one changes nothing.
    pub repeats: BTreeSet<usize>,
}

impl Outcome {
    /// Whether everything expected was seen.
    pub fn passed(&self) -> bool {
        self.failures.is_empty()
    }
}

/// Why a drill could not be played at all.
#[derive(Debug, Error)]
#[allow(missing_docs)]
pub enum Fault {
    #[error("{place}: the control room: {source}")]
    Room { place: String, source: control_room::Fault },
    #[error("{place}: {what}")]
    Stage { place: String, what: String },
    #[error("{place}: {doing}: {source}")]
    Disk { place: String, doing: &'static str, source: std::io::Error },
}

/// Plays `scenario` in the folder `dir`, which must be empty or new.
pub fn play(scenario: &Scenario, dir: &Path, planted: Planted) -> Result<Outcome, Fault> {
    play_watched(scenario, dir, planted, &mut |_| ())
}

/// The same, telling `watch` each step before it is played: to show it, or to wait for its time.
pub fn play_watched(
    scenario: &Scenario,
    dir: &Path,
    planted: Planted,
    watch: &mut dyn FnMut(&Step),
) -> Result<Outcome, Fault> {
    let mut stage = Stage::set(scenario, dir, planted)?;
    for step in &scenario.steps {
        watch(step);
        stage.step(step)?;
    }
    stage.close();
    Ok(stage.outcome)
}

struct Stage<'s> {
    scenario: &'s Scenario,
    dir: PathBuf,
    setup: Setup,
    clock: Arc<FixedClock>,
    room: Option<ControlRoom>,
    planted: Planted,
    cut: BTreeSet<String>,
    all_cut: bool,
    /// Messages that a feed holds back while it is cut.
    held: Vec<(String, Vec<u8>)>,
    last: BTreeMap<String, Vec<u8>>,
    acknowledged: BTreeSet<Acknowledged>,
    trust: Option<Trust>,
    ids: u64,
    handed: usize,
    restarts: u32,
    response: Response,
    outcome: Outcome,
    place: String,
}

impl<'s> Stage<'s> {
    fn set(scenario: &'s Scenario, dir: &Path, planted: Planted) -> Result<Self, Fault> {
        let simulates = scenario.steps.iter().any(|step| matches!(step.act, Act::Simulate { .. }));
        let mut feeds: Vec<FeedSetup> = scenario.feeds.iter().filter_map(feed_setup).collect();
        if simulates {
            let trust = crate::feeds::SOURCES.iter().filter_map(|source| source.plan());
            feeds.extend(trust.map(|plan: FeedPlan| plan.setup()));
        }
        let trust = SiteContact {
            name: scenario.title.clone(),
            phone: CLINICS_PHONE.to_owned(),
            hours: "8am to 8pm".to_owned(),
        };
        let clinics = ClinicSetup { trust, ..ClinicSetup::default() };
        let setup = Setup { feeds, trust: scenario.title.clone(), clinics, ..Setup::default() };
        let mut stage = Self {
            scenario,
            dir: dir.to_owned(),
            setup,
            clock: Arc::new(FixedClock::new(scenario.start)),
            room: None,
            planted,
            cut: BTreeSet::new(),
            all_cut: false,
            held: Vec::new(),
            last: BTreeMap::new(),
            acknowledged: BTreeSet::new(),
            trust: None,
            ids: 0,
            handed: 0,
            restarts: 0,
            response: Response::default(),
            outcome: Outcome::default(),
            place: scenario.file.clone(),
        };
        stage.open(dir.join("data-0"))?;
        stage.prepare()?;
        Ok(stage)
    }

    /// A drill that names hospitals begins with what a trust's configuration lays down.
    fn prepare(&mut self) -> Result<(), Fault> {
        if self.scenario.hospitals.is_empty() {
            return Ok(());
        }
        let start = self.scenario.start;
        self.response = Response::to(self.scenario, start).map_err(|why| self.fault(&why))?;
        respond::prepare(self.room()?, self.scenario, start).map_err(|why| self.fault(&why))
    }

    fn deed(&mut self, deed: &Deed, at: Moment) -> Result<(), Fault> {
        let room = self.room()?.clone();
        let refused = match self.response.perform(&room, deed, at) {
            Ok(()) => None,
            Err(NotDone::Refused(why)) => Some(why),
            Err(NotDone::Fault(source)) => return Err(self.trouble(source)),
        };
        match (refused, &deed.refused) {
            (None, None) => {}
            (None, Some(wanted)) => {
                self.fail(&format!("it was taken, and should have been refused: {wanted}"))
            }
            (Some(why), None) => self.fail(&format!("it was refused: {why}")),
            (Some(why), Some(wanted)) if why.contains(wanted.as_str()) => {}
            (Some(why), Some(_)) => self.fail(&format!("it was refused otherwise: {why}")),
        }
        Ok(())
    }

    fn open(&mut self, data_dir: PathBuf) -> Result<(), Fault> {
        self.own_rules(&data_dir)?;
        self.setup.data_dir = data_dir;
        // A key of its own for every drill would prove nothing more; this one guards nobody's data.
        let keys = logbook::Keys::from_secret(&[7; 64]);
        let clock: Arc<dyn Clock> = Arc::clone(&self.clock) as Arc<dyn Clock>;
        let room = ControlRoom::open(self.setup.clone(), &keys, clock);
        self.room = Some(room.map_err(|source| Fault::Room { place: self.place.clone(), source })?);
        Ok(())
    }

    /// The hospital's own rules of triage, where the drill has some.
    fn own_rules(&self, data_dir: &Path) -> Result<(), Fault> {
        let folder = data_dir.join("forms/clinics");
        let disk =
            |source| Fault::Disk { place: self.place.clone(), doing: "writing rules of triage", source };
        for (name, text) in triage_rules(self.scenario) {
            std::fs::create_dir_all(&folder).map_err(disk)?;
            std::fs::write(folder.join(name), text).map_err(disk)?;
        }
        Ok(())
    }

    fn close(&mut self) {
        if let Some(room) = self.room.take() {
            room.close();
        }
    }

    fn room(&self) -> Result<&ControlRoom, Fault> {
        self.room.as_ref().ok_or_else(|| self.fault("the control room is not open"))
    }

    fn fault(&self, what: &str) -> Fault {
        Fault::Stage { place: self.place.clone(), what: what.to_owned() }
    }

    fn trouble(&self, source: control_room::Fault) -> Fault {
        Fault::Room { place: self.place.clone(), source }
    }

    fn fail(&mut self, why: &str) {
        self.outcome.failures.push(format!("{}: {why}", self.place));
    }

    fn step(&mut self, step: &Step) -> Result<(), Fault> {
        self.place = format!("{}:{}: {}", self.scenario.file, step.line, step.text);
        self.clock.set(step.at);
        // A screen on the wall looks at the feeds all the time, as the program does every few seconds.
        self.room()?.feeds();
        self.room()?.incident().tend_diverts(step.at).map_err(|refused| self.fault(&refused.to_string()))?;
        match &step.act {
            Act::Wait => Ok(()),
            Act::Inject { name, text } => {
                let room = self.room()?.clone();
                let told = self.response.inject(&room, name, text, step.at);
                told.map_err(|refused| self.fault(&refused.to_string()))
            }
            Act::Deed(deed) => self.deed(deed, step.at),
            Act::Expect { what: Expectation::Response(wanted) } => {
                self.outcome.expected += 1;
                self.expect_response(wanted, &step.text, step.at)
            }
            Act::Send { feed, message } => {
                self.ids += 1;
                let bytes = write::message(self.scenario, feed, message, step.at, self.ids)
                    .map_err(|why| self.fault(&why))?;
                self.send(feed, bytes)
            }
            Act::Raw { feed, bytes } => self.send(feed, bytes.clone()),
            Act::Repeat { feed } => {
                let again = self.last.get(feed).cloned();
                let bytes = again.ok_or_else(|| self.fault("this feed has sent nothing yet"))?;
                self.send(feed, bytes)
            }
            Act::Books { feed, bookings, days, seed } => self.books(feed, (*bookings, *days, *seed), step.at),
            Act::GatewayAnswers => {
                let answered = self.response.gateway_answers(self.room()?, step.at);
                answered.map_err(|why| self.fault(&why.to_string()))
            }
            Act::Simulate { minutes, seed } => self.simulate(*minutes, *seed, step.at),
            Act::Cut { feed: Some(feed) } => {
                self.cut.insert(feed.clone());
                Ok(())
            }
            Act::Cut { feed: None } => {
                self.all_cut = true;
                Ok(())
            }
            Act::Restore { feed } => self.restore(feed.as_deref()),
            Act::Reopen => {
                self.close();
                self.open(self.setup.data_dir.clone())
            }
            Act::Kill => self.kill(),
            Act::Rebuild => self.rebuild(),
            Act::Reconfigure { feed } => self.reconfigure(feed),
            Act::ReplayTray { feed } => self.replay(feed.as_deref(), step.at),
            Act::ClearTray { reason } => self.clear(reason, step.at),
            Act::Expect { what } => {
                self.outcome.expected += 1;
                self.settle()?;
                self.expect(what, step.at)
            }
        }
    }

    /// Waits until everything kept has been understood or put in the tray.
    fn settle(&self) -> Result<(), Fault> {
        self.room()?.catch_up(&mut |_, _| {}).map_err(|source| self.trouble(source))
    }

    fn send(&mut self, feed: &str, bytes: Vec<u8>) -> Result<(), Fault> {
        self.last.insert(feed.to_owned(), bytes.clone());
        if self.all_cut || self.cut.contains(feed) {
            self.held.push((feed.to_owned(), bytes));
            return Ok(());
        }
        self.hand_over(feed, bytes)
    }

    fn books(&mut self, feed: &str, what: (u32, u32, u64), at: Moment) -> Result<(), Fault> {
        let days = working_days(&self.setup.zone, at, what.1);
        if let Some(days) = days.first().copied().zip(days.last().copied()) {
            self.response.booked_on(days);
        }
        for message in clinic_bookings::bookings(self.scenario, feed, what, at) {
            self.send(feed, message)?;
        }
        Ok(())
    }

    fn hand_over(&mut self, feed: &str, bytes: Vec<u8>) -> Result<(), Fault> {
        let number = self.handed;
        self.handed += 1;
        self.outcome.messages += 1;
        let line = Acknowledged::of(feed, "", &bytes);
        if !self.acknowledged.insert(line) {
            self.outcome.repeats.insert(number);
        }
        let transfer = bytes.windows(4).take(120).any(|w| w == b"^A02" || w == b"*A02");
        let lost = match self.planted {
            Planted::Nothing => false,
            Planted::Loses(which) => which == number,
            Planted::LosesTransfers => transfer,
        };
        if lost {
            return Ok(());
        }
        let name = FeedName::new(feed).ok_or_else(|| self.fault("a feed needs a name"))?;
        let receipts = self.room()?.receive_batch(&name, vec![(bytes, self.clock.now())]);
        receipts.map(|_| ()).map_err(|source| self.trouble(source))
    }

    fn restore(&mut self, feed: Option<&str>) -> Result<(), Fault> {
        match feed {
            None => {
                self.all_cut = false;
                self.cut.clear();
            }
            Some(feed) => {
                self.cut.remove(feed);
            }
        }
        for (feed, bytes) in std::mem::take(&mut self.held) {
            self.send(&feed, bytes)?;
        }
        Ok(())
    }

    fn simulate(&mut self, minutes: u32, seed: u64, from: Moment) -> Result<(), Fault> {
        let mut trust = match self.trust.take() {
            Some(trust) => trust,
            None => Trust::new(seed, from, Size::TINY),
        };
        let until = from.plus_seconds(i64::from(minutes) * 60);
        while trust.now() < until {
            let Some(message) = trust.next() else { break };
            self.simulated(message)?;
        }
        self.trust = Some(trust);
        Ok(())
    }

    fn simulated(&mut self, message: Outgoing) -> Result<(), Fault> {
        self.clock.set(message.at);
        self.send(message.feed.as_str(), message.bytes)
    }

    /// What the trust has under way arrives, and then every patient is compared.
    fn compare_truth(&mut self) -> Result<Vec<Difference>, Fault> {
        let mut trust = self.trust.take().ok_or_else(|| self.fault("nothing was simulated"))?;
        trust.quiet();
        for message in trust.by_ref() {
            self.simulated(message)?;
        }
        self.settle()?;
        let truth = trust.truth();
        self.trust = Some(trust);
        crate::compare::compare(&truth, self.room()?).map_err(|source| self.trouble(source))
    }

    /// The power fails. What lies on the disk now is copied away as it is, and Lifeboat starts on the copy.
    fn kill(&mut self) -> Result<(), Fault> {
        self.restarts += 1;
        let copy = self.dir.join(format!("data-{}", self.restarts));
        let from = self.setup.data_dir.clone();
        let copied = copy_folder(&from, &copy);
        copied.map_err(|source| Fault::Disk {
            place: self.place.clone(),
            doing: "copying what lies on the disk",
            source,
        })?;
        self.close();
        self.open(copy)
    }

    fn rebuild(&mut self) -> Result<(), Fault> {
        self.close();
        let index = self.setup.data_dir.join("index");
        if index.exists() {
            std::fs::remove_dir_all(&index).map_err(|source| Fault::Disk {
                place: self.place.clone(),
                doing: "throwing the index away",
                source,
            })?;
        }
        self.open(self.setup.data_dir.clone())
    }

    fn reconfigure(&mut self, feed: &Feed) -> Result<(), Fault> {
        let new = feed_setup(feed).ok_or_else(|| self.fault("a feed needs a name"))?;
        self.close();
        self.setup.feeds.retain(|old| old.name != new.name);
        self.setup.feeds.push(new);
        self.open(self.setup.data_dir.clone())
    }

    fn replay(&mut self, feed: Option<&str>, at: Moment) -> Result<(), Fault> {
        self.settle()?;
        let feed = feed.and_then(FeedName::new);
        self.submit(Intent::ReplayAll { feed }, at)
    }

    fn clear(&mut self, reason: &str, at: Moment) -> Result<(), Fault> {
        self.settle()?;
        let items =
            self.room()?.tray(&control_room::TrayFilter::default()).map_err(|source| self.trouble(source))?;
        for item in items {
            self.submit(Intent::ClearTray { entry: item.entry, reason: reason.to_owned() }, at)?;
        }
        Ok(())
    }

    fn submit(&mut self, intent: Intent, at: Moment) -> Result<(), Fault> {
        let said = self.room()?.submit(intent, "DRILL", at);
        said.map(|_| ()).map_err(|refused| self.fault(&refused.to_string()))
    }
}

fn feed_setup(feed: &Feed) -> Option<FeedSetup> {
    let mut setup = FeedSetup::named(FeedName::new(&feed.name)?);
    setup.site = SiteId::new(&feed.site);
    setup.silent_after_seconds = feed.silent_minutes.saturating_mul(60);
    setup.format = match feed.format.as_str() {
        "hl7" => FeedFormat::Hl7,
        "fhir" => FeedFormat::Fhir,
        _ => FeedFormat::Either,
    };
    Some(setup)
}

fn copy_folder(from: &Path, to: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_folder(&entry.path(), &target)?;
        } else {
            std::fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

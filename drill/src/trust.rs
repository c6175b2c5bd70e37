//! The trust itself: its people, its beds, and what happens to them, minute by minute, told as messages.
//!
//! Always the same for the same seed, start and size; messages come in the order of their moments. Never reads a
//! clock: simulated time is given at the start and moves on by chance. Called by `run`, by tests and benches; proved
//! by the truth test, which plays hours of it through Lifeboat and compares every patient.

mod bedside;
mod beginning;
mod bookings;
mod flow;
mod identity;
mod medicine_rounds;

use crate::chance::Chance;
use crate::feeds::{FeedPlan, SOURCES, Source};
use crate::messages::Sent;
use crate::messages::clinics::Booking;
use crate::messages::results::Request;
use crate::people::{Person, Register};
use crate::places::{Bed, HOSPITALS, TRUST_NAME};
use crate::truth::Truth;
use basics::{FeedName, Moment, Zone};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// A message on its way out of the trust.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Outgoing {
    /// When it is due to be sent; never earlier than that of the message before.
    pub at: Moment,
    /// By which feed.
    pub feed: FeedName,
    /// MSH-10; empty for nonsense without one.
    pub control_id: String,
    /// The message, unframed.
    pub bytes: Vec<u8>,
}

/// How large and how lively.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Size {
    /// Wards in use at each hospital, at most (of 14).
    pub wards_max: usize,
    /// Beds filled at the start, in a hundred.
    pub occupied_percent: u32,
    /// Days of results, doses and observations sent for those already in bed.
    pub history_days: u32,
    /// Messages a second after the beginning, on average.
    pub messages_per_second: f64,
    /// Clinic appointments sent at the beginning, over six weeks.
    pub appointments: usize,
    /// Of 10,000 messages, how many suffer a mishap of each kind.
    pub mishaps: u32,
}

impl Size {
    /// The demo: everything, lively.
    pub const DEMO: Self = Self {
        wards_max: 14,
        occupied_percent: 88,
        history_days: 2,
        messages_per_second: 3.5,
        appointments: 3_000,
        mishaps: 40,
    };
    /// The demo on a slow machine, or for the impatient.
    pub const QUICK: Self =
        Self { wards_max: 5, occupied_percent: 80, history_days: 1, appointments: 300, ..Self::DEMO };
    /// For tests.
    pub const TINY: Self = Self {
        wards_max: 3,
        occupied_percent: 50,
        history_days: 1,
        messages_per_second: 2.0,
        appointments: 40,
        mishaps: 200,
    };
}

/// What is due later.
#[derive(Clone, Debug)]
pub(crate) enum Task {
    /// Something happens somewhere.
    Happening,
    /// A message that was held up.
    Send(Outgoing),
    /// Panels come back.
    Results { who: usize, collected: Moment, requests: Vec<(Request, usize)> },
    /// A culture reaches its next stage: 0 preliminary, 1 final, 2 corrected.
    Culture { who: usize, collected: Moment, request: Request, organism: usize, stage: u8 },
    /// An examination is reported.
    Report { who: usize, collected: Moment, request: Request, examination: usize },
    /// Back from leave.
    Return { who: usize },
    /// What was just done is taken back; the letter says what: A11, A12, A13.
    TakeBack { who: usize, trigger: &'static str, bed: Bed },
    /// The merge of `prior` into `survivor` proves right, or wrong.
    JudgeMerge { survivor: usize, prior: usize },
    /// An expected patient arrives.
    Arrive { who: usize, hospital: usize, visit: String },
}

/// Numbers given out so far.
#[derive(Clone, Debug, Default)]
pub(crate) struct Numbers {
    nhs: u32,
    mrn: [u32; 3],
    temporary: u32,
    visit: u32,
    order: u32,
    prescription: u32,
    control: BTreeMap<Source, u64>,
    sequence: u64,
}

/// The simulated trust. An endless iterator of messages, until told to be quiet.
#[derive(Debug)]
pub struct Trust {
    size: Size,
    chance: Chance,
    now: Moment,
    year: i16,
    people: Vec<Person>,
    /// Who lies where; a bed whose patient may come back at once stays here too.
    beds: BTreeMap<Bed, usize>,
    beds_total: usize,
    /// People whom nothing may happen to until something is settled.
    held: BTreeSet<usize>,
    bookings: Vec<Booking>,
    numbers: Numbers,
    tasks: BTreeMap<(Moment, u64), Task>,
    ready: VecDeque<Outgoing>,
    burst_left: usize,
    quiet: bool,
}

impl Trust {
    /// A trust made from `seed`, at work since before `start`.
    pub fn new(seed: u64, start: Moment, size: Size) -> Self {
        let mut trust = Self {
            size,
            chance: Chance::new(seed),
            now: start,
            year: Zone::london().civil(start).year,
            people: Vec::new(),
            beds: BTreeMap::new(),
            beds_total: 0,
            held: BTreeSet::new(),
            bookings: Vec::new(),
            numbers: Numbers::default(),
            tasks: BTreeMap::new(),
            ready: VecDeque::new(),
            burst_left: 0,
            quiet: false,
        };
        trust.begin();
        trust.burst_left = trust.ready.len();
        trust.later_ms(1_000, Task::Happening);
        trust
    }

    /// Its name.
    pub fn name(&self) -> &'static str {
        TRUST_NAME
    }

    /// Its feeds, and how each writes the wards.
    pub fn feeds(&self) -> Vec<FeedPlan> {
        SOURCES.iter().filter_map(|source| source.plan()).collect()
    }

    /// Messages of the initial picture (everybody already in a bed, as known at `start`) still to come.
    pub fn burst_left(&self) -> usize {
        self.burst_left
    }

    /// Nothing new happens any more; the iterator ends when what is under way has been told.
    pub fn quiet(&mut self) {
        self.quiet = true;
    }

    /// The truth about every patient, as it is once all messages made so far have arrived and nothing is under way:
    /// call `quiet` and take the remaining messages first.
    pub fn truth(&self) -> Truth {
        crate::truth::of(&self.people, &self.bookings)
    }

    /// The simulated moment.
    pub fn now(&self) -> Moment {
        self.now
    }

    /// People made so far.
    pub fn people(&self) -> &[Person] {
        &self.people
    }

    fn later_ms(&mut self, ms: i64, task: Task) {
        let due = Moment::from_milliseconds(self.now.milliseconds().saturating_add(ms.max(1)));
        self.numbers.sequence += 1;
        self.tasks.insert((due, self.numbers.sequence), task);
    }

    fn later_between(&mut self, low_seconds: i64, high_seconds: i64, task: Task) {
        let ms = self.chance.between(low_seconds * 1000, high_seconds * 1000);
        self.later_ms(ms, task);
    }

    fn control_id(&mut self, source: Source) -> String {
        let number = self.numbers.control.entry(source).or_insert(0);
        *number += 1;
        match source {
            Source::PennyfoldPas => format!("PF{number:09}"),
            Source::Pathology => format!("LIMS-{number}"),
            _ => number.to_string(),
        }
    }

    fn order_number(&mut self, prefix: &str) -> String {
        self.numbers.order += 1;
        format!("{prefix}{:07}", self.numbers.order)
    }

    /// Builds a message of `source` now and sends it, mishaps and all.
    fn send(&mut self, source: Source, hospital: usize, build: impl FnOnce(Sent<'_>, &[Person]) -> Vec<u8>) {
        let now = self.now;
        if let Some(message) = self.build(source, hospital, now, build) {
            self.emit(source, message);
        }
    }

    /// Builds a message of `source` as sent at `at`.
    fn build(
        &mut self,
        source: Source,
        hospital: usize,
        at: Moment,
        build: impl FnOnce(Sent<'_>, &[Person]) -> Vec<u8>,
    ) -> Option<Outgoing> {
        let control_id = self.control_id(source);
        let facility = HOSPITALS.get(hospital).map_or("WVH", |h| h.code);
        let bytes = build(Sent { source, control_id: &control_id, at, facility }, &self.people);
        Some(Outgoing { at, feed: source.feed()?, control_id, bytes })
    }

    /// Sends a message that is ready, with whatever goes wrong beside it.
    fn emit(&mut self, source: Source, message: Outgoing) {
        for (delay_ms, extra) in crate::mishaps::beside(&mut self.chance, self.size.mishaps, source, &message)
        {
            let at = Moment::from_milliseconds(self.now.milliseconds() + delay_ms);
            self.later_ms(delay_ms, Task::Send(Outgoing { at, ..extra }));
        }
        self.ready.push_back(message);
    }

    fn person(&self, who: usize) -> Option<&Person> {
        self.people.get(who)
    }

    /// The register under which messages about this person go, and the hospital they come from.
    fn register(&self, who: usize) -> (Register, usize) {
        let Some(person) = self.person(who) else { return (0, 0) };
        match &person.stay {
            Some(stay) => (stay.register, stay.bed.hospital),
            None => {
                let register = person.any_mrn().map_or(0, |(register, _)| register);
                (
                    register,
                    match register {
                        1 => 1,
                        2 => 4,
                        _ => 0,
                    },
                )
            }
        }
    }

    fn perform(&mut self, task: Task) {
        match task {
            Task::Happening => {
                if !self.quiet {
                    self.happen();
                    // A happening is told in one and a half messages on average.
                    let wait = self.chance.wait_ms(self.size.messages_per_second / 1.5);
                    self.later_ms(wait, Task::Happening);
                }
            }
            Task::Send(message) => self.ready.push_back(message),
            Task::Results { who, collected, requests } => self.results_come(who, collected, &requests),
            Task::Culture { who, collected, request, organism, stage } => {
                self.culture_comes(who, collected, request, organism, stage);
            }
            Task::Report { who, collected, request, examination } => {
                self.report_comes(who, collected, &request, examination);
            }
            Task::Return { who } => self.back_from_leave(who),
            Task::TakeBack { who, trigger, bed } => self.take_back(who, trigger, bed),
            Task::JudgeMerge { survivor, prior } => self.judge_merge(survivor, prior),
            Task::Arrive { who, hospital, visit } => self.expected_arrives(who, hospital, visit),
        }
    }

    /// One thing happens; the weights are those of a busy day, bedside messages being the most.
    fn happen(&mut self) {
        match self.chance.below(1000) {
            0..240 => self.observations(),
            240..390 => self.drug_round(),
            390..550 => self.blood_is_taken(),
            550..580 => self.culture_is_taken(),
            580..615 => self.imaging_is_requested(),
            615..660 => self.prescription_changes(),
            660..680 => self.allergies_change(),
            680..695 => self.alerts_change(),
            695..745 => self.details_change(),
            745..800 => self.arrives_in_emergency(),
            800..835 => self.admitted_from_emergency(),
            835..862 => self.leaves_emergency(),
            862..874 => self.expected_patient(),
            874..914 => self.moves(),
            914..921 => self.swaps(),
            921..927 => self.goes_on_leave(),
            927..969 => self.goes_home(),
            969..972 => self.dies(),
            972..976 => self.mistaken_admission(),
            976..981 => self.identity_is_found(),
            981..984 => self.goes_to_another_hospital(),
            984..999 => self.clinic_changes(),
            _ => self.storm(),
        }
    }
}

impl Iterator for Trust {
    type Item = Outgoing;

    fn next(&mut self) -> Option<Outgoing> {
        loop {
            if let Some(message) = self.ready.pop_front() {
                self.burst_left = self.burst_left.saturating_sub(1);
                return Some(message);
            }
            let ((due, _), task) = self.tasks.pop_first()?;
            self.now = self.now.max(due);
            self.perform(task);
        }
    }
}

//! Any order of answers, losses, crashes and clocks, by seed: nobody told twice, nothing lost.
//!
//! The durable notes are a list; a crash folds a new ledger from it. The gateway keeps what it accepted and merges
//! nothing. Each planted bug must be found. Replay: LIFEBOAT_SEED=<seed> cargo test -p outbound simulation

use crate::gateway::{Blame, Handed, Progress, Reference, Told};
use crate::ledger::Ledger;
use crate::note::{Arrived, Claimed, Note};
use crate::outgoing::*;
use crate::pace::Chance;
use crate::state::*;
use basics::{EntryNumber, Moment};
use std::collections::BTreeMap;
use zeroize::Zeroizing;

const MESSAGES: usize = 30;

struct World {
    chance: Chance,
    now: i64,
    notes: Vec<(Note, Moment)>,
    ledger: Ledger,
    /// How often the gateway accepted each reference.
    accepted: BTreeMap<Reference, usize>,
    planted: Planted,
}

fn setup(planted: Planted) -> OutboxSetup {
    let mut gateway = GatewaySetup::named("notify", &[Way::Sms]);
    gateway.per_minute_max = 60;
    OutboxSetup { gateways: vec![gateway], planted, ..OutboxSetup::default() }
}

fn message(n: usize) -> Outgoing {
    Outgoing {
        id: OutgoingId::new(&format!("m-{n}")).unwrap(),
        route: Route::Sms(PhoneNumber::new("07700 900123").unwrap()),
        words: Words { body: format!("Message {n}"), ..Words::default() },
        why: "drill".into(),
        asked_by: "AB".into(),
        urgency: [Urgency::Urgent, Urgency::Routine, Urgency::Bulk][n % 3],
        valid_until: Moment::from_milliseconds(i64::MAX / 2),
        exercise: false,
    }
}

impl World {
    fn new(seed: u64, planted: Planted) -> Self {
        let mut world = Self {
            chance: Chance::new(seed),
            now: 1_494_590_000_000,
            notes: Vec::new(),
            ledger: Ledger::new(setup(planted), Zeroizing::new([7; 32])),
            accepted: BTreeMap::new(),
            planted,
        };
        for n in 0..MESSAGES {
            let at = world.at();
            assert_eq!(world.ledger.reserve(&message(n), at), Ok(None));
            world.record(Note::Queued(Box::new(message(n))));
        }
        world
    }

    fn at(&self) -> Moment {
        Moment::from_milliseconds(self.now)
    }

    fn record(&mut self, note: Note) {
        let at = self.at();
        self.notes.push((note.clone(), at));
        self.ledger.apply(&note, EntryNumber(self.notes.len() as u64), at);
    }

    fn crash(&mut self) {
        let mut ledger = Ledger::new(setup(self.planted), Zeroizing::new([7; 32]));
        for (n, (note, at)) in self.notes.iter().enumerate() {
            ledger.remember_pace(note, *at);
            ledger.apply(note, EntryNumber(n as u64 + 1), *at);
        }
        assert_eq!(ledger.awake(self.at()), []);
        self.ledger = ledger;
    }

    /// The gateway answers, wrongly or not at all now and then; what it accepted it has, whatever it says.
    fn handed(&mut self, reference: Reference) -> Handed {
        let why = "mishap".to_owned();
        let kind = self.chance.below(20);
        if kind < 14 {
            *self.accepted.entry(reference).or_default() += 1;
        }
        match kind {
            0..10 => Handed::Accepted { gateway_id: "g".into() },
            10..14 => Handed::Unknown { why },
            14..16 => Handed::Unknown { why },
            16 => Handed::NotNow { why, wait_ms: None, blame: Blame::Message },
            17 => Handed::NotNow { why, wait_ms: Some(3_000), blame: Blame::Gateway },
            _ => Handed::NotNow { why, wait_ms: None, blame: Blame::Gateway },
        }
    }

    fn told(&mut self, reference: Reference) -> Told {
        let progress = if self.chance.below(2) == 0 { Progress::Delivered } else { Progress::OnItsWay };
        match (self.chance.below(5), self.accepted.contains_key(&reference)) {
            (0, _) => Told::NotNow { why: "mishap".into(), wait_ms: None },
            (_, true) => Told::Accepted { gateway_id: "g".into(), progress },
            (_, false) => Told::NeverSeen,
        }
    }

    /// One turn of the courier; a crash may come at any point of it.
    fn turn(&mut self, calm: bool) {
        let jump = match self.chance.below(30) {
            0 if !calm => -3_600_000,
            _ => self.chance.below(20_000) as i64,
        };
        self.now += jump;
        let at = self.at();
        let turn = self.ledger.plan(0, 4, at);
        for number in turn.expired {
            self.record(Note::Expired(Arrived { number, by: None }));
        }
        for parcel in turn.send {
            let claimed = Note::Claimed(Claimed { number: parcel.number, gateway: "notify".into() });
            match self.planted {
                Planted::ClaimsInMemory => self.ledger.apply(&claimed, parcel.number, at),
                _ => self.record(claimed),
            }
            if !calm && self.chance.below(40) == 0 {
                return self.crash();
            }
            let handed = self.handed(parcel.reference);
            if !calm && self.chance.below(20) == 0 {
                return self.crash();
            }
            let note = self.ledger.after_handing(0, parcel.number, handed, true, at);
            self.record(note);
            self.ledger.landed(0);
        }
        for (number, question) in turn.ask {
            let told = self.told(question.reference);
            if let Some(note) = self.ledger.after_asking(0, number, told, true, at) {
                self.record(note);
            }
            self.ledger.landed(0);
        }
    }

    /// What is wrong at the end, if anything.
    fn verdict(&mut self) -> Result<(), String> {
        for n in 0..MESSAGES {
            let reference = self.ledger.reference(&message(n).id);
            match self.accepted.get(&reference) {
                None => return Err(format!("message {n} was lost")),
                Some(1) => {}
                Some(times) => return Err(format!("message {n} was sent {times} times")),
            }
        }
        let at = self.at();
        let counts = self.ledger.board(at, 0, None).counts;
        match counts.get(&StateKind::Delivered) == Some(&MESSAGES) && self.ledger.items.is_empty() {
            true => Ok(()),
            false => Err(format!("the board says {counts:?}")),
        }
    }
}

fn lived(seed: u64, planted: Planted) -> Result<(), String> {
    let mut world = World::new(seed, planted);
    for _ in 0..300 {
        world.turn(false);
    }
    // Then all is calm for as long as the longest wait takes.
    let mut turns = 0;
    while !world.ledger.items.is_empty() && turns < 20_000 {
        world.turn(true);
        turns += 1;
    }
    world.verdict()
}

fn seeds() -> std::ops::Range<u64> {
    let first = std::env::var("LIFEBOAT_SEED").ok().and_then(|s| s.parse().ok());
    let many = if std::env::var_os("LIFEBOAT_TORTURE").is_some() { 20_000 } else { 200 };
    first.map_or(0..many, |seed| seed..seed + 1)
}

#[test]
fn nobody_is_told_twice_and_nothing_is_lost_whatever_happens() {
    for seed in seeds() {
        let verdict = lived(seed, Planted::Nothing);
        assert_eq!(verdict, Ok(()), "replay: LIFEBOAT_SEED={seed} cargo test -p outbound simulation");
    }
}

#[test]
fn every_planted_bug_is_found() {
    for (planted, words) in [
        (Planted::ClaimsInMemory, "times"),
        (Planted::TakesDoubtForUnsent, "times"),
        (Planted::TakesDoubtForSent, "lost"),
    ] {
        let found = (0..60).any(|seed| lived(seed, planted).is_err_and(|why| why.contains(words)));
        assert!(found, "{planted:?} went unseen");
    }
}

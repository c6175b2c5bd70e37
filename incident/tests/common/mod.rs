//! A scene for the incident's tests: a book, a clock, and people who do things; every act goes through its written form.
#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)]

use basics::{EntryNumber, Moment, SiteId, Zone};
use incident::action_cards::{self, ActionCard};
use incident::declare::{self, Level, Nature};
use incident::{
    Act, Ground, Incident, IncidentBook, IncidentId, Intent, Person, Post, RoleKey, codec, decide, fold,
};

pub struct Scene {
    pub book: IncidentBook,
    pub now: Moment,
    /// Every entry as it is written in the book.
    pub sealed: Vec<(Moment, Vec<u8>)>,
}

pub const FIRST: IncidentId = IncidentId(1);

pub fn person(name: &str) -> Person {
    Person::new(name).unwrap()
}

pub fn site(name: &str) -> SiteId {
    SiteId::new(name).unwrap()
}

pub fn at(text: &str) -> Moment {
    Moment::parse_rfc3339(&format!("2026-05-12T{text}:00Z")).unwrap()
}

pub fn post(role: &str, place: &str) -> Post {
    Post { role: RoleKey::new(role).unwrap(), place: place.into() }
}

pub fn opening(name: &str, nature: Nature, declared: bool) -> declare::Intent {
    declare::Intent::Open {
        name: name.into(),
        level: Level::Major,
        nature,
        declared,
        reason: "Ransom note on the screens of three wards".into(),
        sites: Vec::new(),
        methane: None,
    }
}

pub fn shipped_cards() -> Vec<ActionCard> {
    let files = action_cards::shipped().iter().map(|(file, text)| (*file, text.as_bytes()));
    action_cards::read_all(files).unwrap()
}

impl Scene {
    /// An empty book at 13:00 UTC, 14:00 on the ward's clock.
    pub fn empty() -> Self {
        Self { book: IncidentBook::new(Zone::london()), now: at("13:00"), sealed: Vec::new() }
    }

    /// Two hospitals and the shipped cards; entries 1 and 2.
    pub fn prepared() -> Self {
        let mut scene = Self::empty();
        let sites = vec![site("Northgate General"), site("Whipps Green")];
        scene.does("Lifeboat", incident::hospitals::Intent::List { sites });
        scene.does("Lifeboat", action_cards::Intent::AdoptLibrary { cards: shipped_cards() });
        scene
    }

    /// As prepared, with a real major incident declared at 13:00 as entry 3.
    pub fn declared() -> Self {
        let mut scene = Self::prepared();
        scene.does("Anna Bell", opening("Cyber attack", Nature::Real, true));
        scene
    }

    pub fn later(&mut self, minutes: i64) -> &mut Self {
        self.now = self.now.plus_seconds(minutes * 60);
        self
    }

    /// Does it, or says why not. Nothing changes when refused.
    pub fn tries(&mut self, who: &str, intent: impl Into<Intent>) -> Result<EntryNumber, String> {
        let who = person(who);
        let facts =
            decide(&self.book, intent.into(), &who, self.now).map_err(|refusal| refusal.to_string())?;
        assert!(!facts.is_empty(), "an act without a fact");
        let number = EntryNumber(self.sealed.len() as u64 + 1);
        let bytes = codec::write(&Act { by: who, facts: facts.clone() }).unwrap();
        let act = codec::read(number, codec::ACT, &bytes).unwrap();
        assert_eq!(act.facts, facts, "what is read is what was written");
        fold(&mut self.book, number, self.now, act);
        self.sealed.push((self.now, bytes));
        Ok(number)
    }

    pub fn does(&mut self, who: &str, intent: impl Into<Intent>) -> EntryNumber {
        self.tries(who, intent).unwrap_or_else(|why| panic!("refused: {why}"))
    }

    /// Asserts that it is refused in words that hold each of `words`.
    pub fn refused(&mut self, who: &str, intent: impl Into<Intent>, words: &[&str]) {
        let before = format!("{:?}", self.book);
        let said = self.tries(who, intent).expect_err("it was not refused");
        for word in words {
            assert!(said.contains(word), "“{said}” does not say “{word}”");
        }
        assert_eq!(format!("{:?}", self.book), before, "a refusal changes nothing");
    }

    pub fn incident(&self, id: IncidentId) -> &Incident {
        self.book.incident(id).unwrap()
    }

    pub fn last_line(&self) -> String {
        self.book.log.lines().last().unwrap().text.to_string()
    }

    /// The book folded anew from what was written.
    pub fn replayed(&self) -> IncidentBook {
        let mut book = IncidentBook::new(Zone::london());
        for ((at, bytes), number) in self.sealed.iter().zip(1..) {
            let entry = EntryNumber(number);
            fold(&mut book, entry, *at, codec::read(entry, codec::ACT, bytes).unwrap());
        }
        book
    }

    pub fn ends_the_same_when_replayed(&self) {
        assert_eq!(format!("{:?}", self.replayed()), format!("{:?}", self.book));
    }
}

pub const REAL: Ground = Ground::Real;

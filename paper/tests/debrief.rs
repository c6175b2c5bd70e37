//! The debrief on paper: every section, the head on every page, and what is damaged said.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use basics::{EntryNumber, Moment, SiteId, Zone};
use incident::decisions::{self, Taken};
use incident::declare::{self, Level, Nature};
use incident::{
    Act, IncidentBook, IncidentId, Intent, Person, action_cards, debrief, decide, fold, stand_down,
};
use paper::{DebriefSheet, Letterhead, Press};

struct Scene {
    book: IncidentBook,
    now: Moment,
}

impl Scene {
    fn does(&mut self, intent: impl Into<Intent>) {
        let by = Person::new("Anna Bell").unwrap();
        let facts = decide(&self.book, intent.into(), &by, self.now).unwrap();
        let entry = EntryNumber(self.book.last_entry.0 + 1);
        fold(&mut self.book, entry, self.now, Act { by, facts });
        self.now = self.now.plus_seconds(300);
    }
}

const FIRST: IncidentId = IncidentId(1);

fn scene(nature: Nature) -> Scene {
    let now = Moment::parse_rfc3339("2026-05-12T13:00:00Z").unwrap();
    let mut scene = Scene { book: IncidentBook::new(Zone::london()), now };
    let sites = vec![SiteId::new("Northgate General").unwrap(), SiteId::new("Whipps Green").unwrap()];
    scene.does(incident::hospitals::Intent::List { sites });
    let files = action_cards::shipped().iter().map(|(file, text)| (*file, text.as_bytes()));
    scene.does(action_cards::Intent::AdoptLibrary { cards: action_cards::read_all(files).unwrap() });
    scene.does(declare::Intent::Open {
        name: "Cyber attack".into(),
        level: Level::Major,
        nature,
        declared: true,
        reason: "Ransom note".into(),
        sites: Vec::new(),
        methane: None,
    });
    for n in 0..30 {
        let seen = scene.book.incident(FIRST).unwrap().decisions.last_entry();
        let taken = Taken {
            matter: format!("Matter {n}"),
            information: "What was known. ".repeat(12),
            options: vec!["This".into(), "That <b>".into()],
            decision: format!("Decision {n}"),
            reason: "Because".into(),
            decided_by: Person::new("Ben Cole").unwrap(),
            role: "Tactical commander".into(),
            review_at: None,
        };
        scene.does(decisions::Intent::Decide { incident: FIRST, taken, seen });
    }
    scene
}

fn words(scene: &Scene, flaw: Option<&str>) -> Vec<Vec<String>> {
    let debrief = debrief::debrief(&scene.book, FIRST, scene.now).unwrap();
    let head = Letterhead {
        trust: "Fenland Vale Hospitals".into(),
        incident: format!("{}, {}", debrief.name, debrief.words),
        printed: scene.now,
        watermark: debrief.watermark.map(str::to_owned),
        record: "incident book, entry 33 · 0123456789abcdef · verified".into(),
    };
    let seal = "0123456789abcdef".repeat(4);
    let sheet = DebriefSheet { debrief: &debrief, seal: &seal, flaw };
    let press = Press::new().unwrap();
    let pdf = press.debrief(&sheet, &head, &scene.book.zone).unwrap();
    assert!(pdf.pdf.starts_with(b"%PDF"));
    let words = press.debrief_words(&sheet, &head, &scene.book.zone);
    assert_eq!(words.len(), pdf.pages as usize);
    words
}

/// Pages that do not bear the head.
fn without_head(pages: &[Vec<String>]) -> Vec<usize> {
    let bears = |page: &Vec<String>| page.iter().any(|w| w.contains("0123456789abcdef · verified"));
    pages.iter().enumerate().filter(|(_, page)| !bears(page)).map(|(n, _)| n + 1).collect()
}

fn joined(pages: &[Vec<String>]) -> String {
    pages.concat().join(" ").split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn every_page_bears_the_head_and_no_decision_is_missing() {
    let mut scene = scene(Nature::Real);
    scene.does(stand_down::Intent::StandDown {
        incident: FIRST,
        reason: "All is well again".into(),
        despite_open: true,
    });
    let mut pages = words(&scene, None);
    assert!(pages.len() > 3, "{} pages", pages.len());
    assert_eq!(without_head(&pages), Vec::<usize>::new());
    let text = joined(&pages);
    for n in 0..30 {
        assert!(text.contains(&format!("Decision {n}")), "decision {n} is missing");
    }
    for section in [
        "In numbers",
        "Decisions: 30",
        "Steps late or never done",
        "NEVER",
        "No message was sent",
        "No divert was asked for",
        "Every promised time was kept",
        "Decisions (30)",
        "What happened when",
        "All is well again",
        "every entry fits its seal",
    ] {
        assert!(text.contains(section), "{section}: {text}");
    }
    // A page that lost its foot is found.
    pages[1].retain(|w| !w.contains("verified"));
    assert_eq!(without_head(&pages), [2]);
}

#[test]
fn a_running_exercise_and_a_damaged_book_say_so() {
    let text =
        joined(&words(&scene(Nature::Exercise), Some("incident-1.log, entry 12: the seal does not fit")));
    for said in ["EXERCISE", "STILL RUNNING", "INCIDENT BOOK IS DAMAGED", "entry 12: the seal does not fit"] {
        assert!(text.contains(said), "{said}: {text}");
    }
}

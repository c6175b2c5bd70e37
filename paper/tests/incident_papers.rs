//! Papers of an incident, read back: every step on its card, every line of a sitrep, an exercise on every page.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use basics::{EntryNumber, Moment, SiteId, Zone};
use incident::action_cards::{self, ActionCard, CardBoard, Phase, StepKey, Target, card_board};
use incident::declare::{self, Level, Nature};
use incident::sitreps::{self, Section, Sitrep};
use incident::{Act, IncidentBook, IncidentId, Intent, Person, Post, RoleKey, decide, fold, roles};
use paper::{CardSheet, Letterhead, Press, card_version};
use std::path::Path;

const FIRST: IncidentId = IncidentId(1);

struct Scene {
    book: IncidentBook,
    now: Moment,
}

impl Scene {
    fn declared(nature: Nature) -> Self {
        let now = Moment::parse_rfc3339("2026-05-12T13:00:00Z").unwrap();
        let mut scene = Self { book: IncidentBook::new(Zone::london()), now };
        let sites = vec![SiteId::new("Northgate General").unwrap(), SiteId::new("Whipps Green").unwrap()];
        scene.does("Lifeboat", incident::hospitals::Intent::List { sites });
        scene.does("Lifeboat", action_cards::Intent::AdoptLibrary { cards: shipped() });
        scene.does(
            "Anna Bell",
            declare::Intent::Open {
                name: "Cyber attack".into(),
                level: Level::Major,
                nature,
                declared: true,
                reason: "Ransom note on the screens of three wards".into(),
                sites: Vec::new(),
                methane: None,
            },
        );
        scene
    }

    fn does(&mut self, who: &str, intent: impl Into<Intent>) {
        let by = Person::new(who).unwrap();
        let facts = decide(&self.book, intent.into(), &by, self.now).unwrap();
        let entry = self.book.last_entry.next();
        fold(&mut self.book, entry, self.now, Act { by, facts });
    }

    fn later(&mut self, minutes: i64) {
        self.now = self.now.plus_seconds(minutes * 60);
    }

    fn board(&self, post: &Post) -> CardBoard {
        card_board(&self.book, self.book.incident(FIRST).unwrap(), post, self.now).unwrap()
    }

    fn head(&self) -> Letterhead {
        let incident = self.book.incident(FIRST).unwrap();
        Letterhead {
            trust: "Fenland Vale Hospitals".into(),
            incident: format!("{}, {}", incident.name, incident.words()),
            printed: self.now,
            watermark: incident.watermark().map(str::to_owned),
            record: format!("incident book, entry {}", self.book.last_entry),
        }
    }
}

fn shipped() -> Vec<ActionCard> {
    let files = action_cards::shipped().iter().map(|(file, text)| (*file, text.as_bytes()));
    action_cards::read_all(files).unwrap()
}

fn post(role: &str, place: &str) -> Post {
    Post { role: RoleKey::new(role).unwrap(), place: place.into() }
}

fn shelf() -> Letterhead {
    Letterhead {
        trust: "Fenland Vale Hospitals".into(),
        incident: String::new(),
        printed: Moment::parse_rfc3339("2026-05-01T08:00:00Z").unwrap(),
        watermark: None,
        record: String::new(),
    }
}

fn joined(pages: &[Vec<String>]) -> String {
    pages.concat().join(" ").split_whitespace().collect::<Vec<_>>().join(" ")
}

fn golden(name: &str, pages: &[Vec<String>]) {
    let mut shown = String::new();
    for (n, page) in pages.iter().enumerate() {
        shown.push_str(&format!("==== page {} ====\n{}\n", n + 1, page.join("\n")));
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    if std::env::var_os("LIFEBOAT_BLESS").is_some() {
        std::fs::write(&path, &shown).unwrap();
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    for (n, (got, want)) in shown.lines().zip(expected.lines()).enumerate() {
        assert_eq!(got, want, "line {} of tests/golden/{name}; LIFEBOAT_BLESS=1 rewrites it", n + 1);
    }
    assert_eq!(shown.lines().count(), expected.lines().count(), "{name}");
}

/// Words of the card that the pages lack.
fn missing(card: &ActionCard, pages: &[Vec<String>]) -> Vec<String> {
    let text = joined(pages);
    let mut wanted =
        vec![card.title.clone(), card.base.clone(), card.reports_to.clone(), card.purpose.clone()];
    for phase in Phase::ALL {
        wanted.push(phase.heading().to_owned());
        wanted.extend(card.steps(phase).iter().map(|step| step.text.clone()));
        wanted.extend(card.steps(phase).iter().filter_map(|step| step.target).map(Target::words));
    }
    wanted.retain(|words| !text.contains(&words.split_whitespace().collect::<Vec<_>>().join(" ")));
    wanted
}

#[test]
fn a_card_in_use_prints_word_for_word_with_what_is_done() {
    let mut scene = Scene::declared(Nature::Real);
    let site_manager = post("site-manager", "Northgate General");
    scene.does(
        "Ben Okoro",
        roles::Intent::Take {
            incident: FIRST,
            post: site_manager.clone(),
            person: Person::new("Ben Okoro").unwrap(),
            contact: "ext 4021, bleep 112".into(),
            shift_ends: None,
        },
    );
    scene.later(7);
    let step = |number| StepKey { phase: Phase::Declared, number };
    let (incident, post) = (FIRST, site_manager.clone());
    scene
        .does("Ben Okoro", action_cards::Intent::Done { incident, post, step: step(1), note: String::new() });
    let post = site_manager.clone();
    let reason = "The lifts work".into();
    scene.does("Ben Okoro", action_cards::Intent::NotNeeded { incident, post, step: step(3), reason });
    scene.later(2);
    let board = scene.board(&site_manager);
    let press = Press::new().unwrap();
    let sheet = [CardSheet::Held(&board)];
    let pages = press.action_cards_words(&sheet, &scene.head(), &Zone::london());
    golden("action_card.txt", &pages);
    let text = joined(&pages);
    for want in ["14:07 BO", "not needed", "Ben Okoro", "ext 4021, bleep 112", "Printed 12-May-2026 14:09"] {
        assert!(text.contains(want), "{want:?} is missing: {text}");
    }
    assert_eq!(missing(&board.card, &pages), Vec::<String>::new());
    let done = press.action_cards(&sheet, &scene.head(), &Zone::london()).unwrap();
    assert!(done.pdf.starts_with(b"%PDF-") && done.pages as usize == pages.len());
}

#[test]
fn every_shipped_card_is_whole_on_one_or_two_sheets() {
    let (press, cards) = (Press::new().unwrap(), shipped());
    for card in &cards {
        let pages = press.action_cards_words(&[CardSheet::Blank(card)], &shelf(), &Zone::london());
        assert!(pages.len() <= 2, "{} needs {} sheets", card.title, pages.len());
        assert_eq!(missing(card, &pages), Vec::<String>::new(), "{}", card.title);
        for (n, page) in pages.iter().enumerate() {
            let text = page.join(" ");
            assert!(text.contains(&format!("version {}", card_version(card))), "{text}");
            assert!(text.contains(&format!("page {} of {}", n + 1, pages.len())), "{text}");
            assert!(text.contains("Printed 01-May-2026 09:00"), "{text}");
        }
    }
    let all: Vec<CardSheet<'_>> = cards.iter().map(CardSheet::Blank).collect();
    let pages = press.action_cards_words(&all, &shelf(), &Zone::london());
    assert!(pages.len() >= cards.len() && pages.len() <= 2 * cards.len());
}

#[test]
fn a_step_lost_on_paper_would_be_noticed() {
    let card = shipped().remove(0);
    let mut shorter = card.clone();
    shorter.declared.pop();
    let pages =
        Press::new().unwrap().action_cards_words(&[CardSheet::Blank(&shorter)], &shelf(), &Zone::london());
    assert_eq!(missing(&card, &pages).len(), 1);
}

#[test]
fn a_version_stands_for_the_words_of_a_card() {
    let cards = shipped();
    let mut versions: Vec<String> = cards.iter().map(card_version).collect();
    assert!(versions.iter().all(|v| v.len() == 6));
    versions.sort();
    versions.dedup();
    assert_eq!(versions.len(), cards.len());
    let changes: [fn(&mut ActionCard); 4] = [
        |c| c.purpose.push('.'),
        |c| c.declared[0].text.push('!'),
        |c| c.declared[0].target = Some(Target::Within { minutes: 9_999 }),
        |c| {
            let step = c.declared.pop().unwrap();
            c.stand_down.insert(0, step);
        },
    ];
    for change in changes {
        let mut other = cards[0].clone();
        change(&mut other);
        assert_ne!(card_version(&other), card_version(&cards[0]));
    }
    assert_eq!(card_version(&cards[0].clone()), card_version(&cards[0]));
}

#[test]
fn an_exercise_is_watermarked_on_every_page() {
    let mut scene = Scene::declared(Nature::Exercise);
    scene.later(30);
    let press = Press::new().unwrap();
    let board = scene.board(&post("strategic-commander", ""));
    let sitrep = sitrep(&mut scene, (0..200).map(|n| format!("Line {n}")).collect::<Vec<_>>().join("\n"));
    let mut papers = press.action_cards_words(&[CardSheet::Held(&board)], &scene.head(), &Zone::london());
    papers.extend(press.sitrep_words(&sitrep, &scene.head(), &Zone::london()));
    assert!(papers.len() > 4);
    for page in &papers {
        assert!(page.join(" ").contains("EXERCISE · Lifeboat"), "{page:?}");
    }
    // The word across the page is a shared drawing: the file that has it is larger than the same without it.
    let sheet = [CardSheet::Held(&board)];
    let with = press.action_cards(&sheet, &scene.head(), &Zone::london()).unwrap().pdf.len();
    let head = Letterhead { watermark: None, ..scene.head() };
    let without = press.action_cards(&sheet, &head, &Zone::london()).unwrap().pdf.len();
    assert!(with > without, "{with} against {without} bytes");
}

/// A sitrep, approved, whose last section holds `risks`.
fn sitrep(scene: &mut Scene, risks: String) -> Sitrep {
    let incident = FIRST;
    scene.does("Carys Pugh", sitreps::Intent::Begin { incident, more: Vec::new() });
    let draft = scene.book.incident(FIRST).unwrap().sitreps.waiting().unwrap().clone();
    let mut sections: Vec<Section> = draft.sections.clone();
    sections.iter_mut().find(|s| s.heading == "Risks").unwrap().body = risks;
    scene.does("Carys Pugh", sitreps::Intent::Edit { incident, number: 1, revision: 1, sections });
    let next_due = Some(scene.now.plus_seconds(3_600));
    scene.does("Anna Bell", sitreps::Intent::Approve { incident, number: 1, revision: 2, next_due });
    scene.book.incident(FIRST).unwrap().sitreps.approved()[0].clone()
}

#[test]
fn a_sitrep_prints_word_for_word() {
    let mut scene = Scene::declared(Nature::Real);
    scene.later(55);
    let sitrep = sitrep(&mut scene, "Blood stocks last until 18:00.".into());
    assert_eq!(sitrep.covers, (EntryNumber(0), EntryNumber(3)));
    let press = Press::new().unwrap();
    let pages = press.sitrep_words(&sitrep, &scene.head(), &Zone::london());
    golden("sitrep.txt", &pages);
    let text = joined(&pages);
    for want in [
        "Situation report 1",
        "Revision 2",
        "Approved by Anna Bell at 12-May-2026 14:55",
        "Next sitrep by 12-May-2026 15:55",
        "Blood stocks last until 18:00.",
        "Nothing was written here.",
        "page 1 of",
    ] {
        assert!(text.contains(want), "{want:?} is missing: {text}");
    }
    assert!(press.sitrep(&sitrep, &scene.head(), &Zone::london()).unwrap().pdf.starts_with(b"%PDF-"));
}

#[test]
fn a_draft_says_that_nobody_approved_it_on_every_page() {
    let mut scene = Scene::declared(Nature::Real);
    scene.does("Carys Pugh", sitreps::Intent::Begin { incident: FIRST, more: Vec::new() });
    let mut draft = scene.book.incident(FIRST).unwrap().sitreps.waiting().unwrap().clone();
    draft.sections.push(Section {
        heading: "Long".into(),
        body: (0..150).map(|n| format!("Line number {n}\n")).collect(),
    });
    let pages = Press::new().unwrap().sitrep_words(&draft, &scene.head(), &Zone::london());
    assert!(pages.len() > 2);
    for page in &pages {
        assert!(page.join(" ").contains("DRAFT"), "{page:?}");
    }
    assert!(joined(&pages).contains("Line number 149"), "a long section is not cut");
}

#[test]
fn hostile_words_are_printed_literally_and_push_nothing_away() {
    let mut card = shipped().remove(0);
    card.title = format!("{} \u{202e}evil <script>", "Long title ".repeat(30));
    card.declared[0].text = "W".repeat(600);
    card.declared[1].text = "مرحبا <b>now</b>".into();
    let pages =
        Press::new().unwrap().action_cards_words(&[CardSheet::Blank(&card)], &shelf(), &Zone::london());
    let text = joined(&pages);
    assert!(text.contains("<b>now</b>") && text.contains("[U+202E]evil <script>"), "{text}");
    assert!(pages.len() <= 3);
    let held: usize = pages.concat().iter().map(|w| w.matches('W').count()).sum();
    assert!(held >= 600, "{held} of 600 letters");
}

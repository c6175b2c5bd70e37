//! An accepted plan goes to the sites by itself: to each its own words, on paper where no telephone is known, once.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use crate::common;

use basics::{EntryNumber, SiteId};
use common::{REAL, Scene, person, site};
use incident::directory::{self, DirectoryEntry, EntryKind, Route};
use incident::diverts::{
    DivertSite, Effect, Figures, FiguresUsed, FlowLine, Intent, MoveLine, Pathway, Proposal, Source, ToTell,
    to_tell,
};
use incident::messages::roll_call::Answer;
use incident::messages::{self, Heard, MessageId, TEXT_BYTES_MAX, Way};

const SALT: &str = "000102030405060708090a0b0c0d0e0f";
const SITES: [&str; 4] = ["Northgate General", "Whipps Green", "Homer Fields", "Low Marsh"];

fn listed(name: &str) -> DivertSite {
    let able = Pathway::ALL.to_vec();
    DivertSite { site: site(name), trust: String::new(), able, latitude_micro: None, longitude_micro: None }
}

/// Patients an hour, thousandths, by places in `SITES`.
fn proposal(scene: &Scene, moves: &[(u16, u16, u32)]) -> Box<Proposal> {
    Box::new(Proposal {
        region: "North".into(),
        seen: scene.book.last_entry,
        zones: vec!["Zone N".into()],
        pathways: vec!["GEN".into()],
        sites: SITES.map(str::to_owned).to_vec(),
        flows: vec![FlowLine { zone: 0, pathway: 0, site: 1, per_h_micro: 2_000_000, estimated: false }],
        moves: moves.iter().map(|(from, to, n)| MoveLine { from: *from, to: *to, per_h_milli: *n }).collect(),
        effects: vec![Effect {
            site: 1,
            tolerated_milli: 920,
            load_milli: 874,
            nearest_milli: 500,
            now_per_h_milli: 1_000,
            planned_per_h_milli: 4_100,
        }],
        figures: vec![FiguresUsed { site: site(SITES[1]), waiting: 1, staffed: None, as_at: scene.now }],
        proved: true,
        ..Proposal::default()
    })
}

fn board(scene: &mut Scene) {
    scene.does("Lifeboat", Intent::List { sites: SITES.map(listed).to_vec() });
    let figures = Figures::read("1 10 10").unwrap();
    let (site, source) = (site(SITES[1]), Source::Told);
    scene.does("Ben Cole", Intent::TellFigures { ground: REAL, site, figures, as_at: None, source });
}

fn accepted(scene: &mut Scene, moves: &[(u16, u16, u32)]) -> EntryNumber {
    let plan = proposal(scene, moves);
    scene.does("Anna Bell", Intent::Propose { ground: REAL, plan, instead_of: None, reason: String::new() });
    let number = scene.book.diverts.on(REAL).proposals.len() as u32;
    let person = person("Dr Osei");
    scene.does("Dr Osei", Intent::AcceptPlan { ground: REAL, number, person, knowing_gaps: false })
}

fn tell(number: u32, name: &str) -> Intent {
    Intent::TellPlan { ground: REAL, number, site: site(name), salt: SALT.into() }
}

/// As the control room does it: whatever is due is done.
fn tend(scene: &mut Scene) -> usize {
    let due = to_tell(&scene.book, REAL, scene.now);
    for due in &due {
        match due.clone() {
            ToTell::Tell { number, site } => scene.does("Lifeboat", tell(number, site.as_str())),
            ToTell::Heard { change, site, by } => {
                scene.does(by.as_str(), Intent::Acknowledge { ground: REAL, change, site })
            }
        };
    }
    due.len()
}

fn told(scene: &Scene, number: u32) -> Vec<SiteId> {
    let proposed = scene.book.diverts.on(REAL).proposal(number).unwrap();
    proposed.told.iter().map(|told| told.site.clone()).collect()
}

#[test]
fn every_site_concerned_is_told_its_own_words_once() {
    let mut scene = Scene::declared();
    board(&mut scene);
    let change = accepted(&mut scene, &[(0, 1, 2_100), (2, 1, 1_040)]);
    assert_eq!(tend(&mut scene), 3, "who receives, and both who send; Low Marsh has no part in it");
    assert_eq!(told(&scene, 1), [site(SITES[2]), site(SITES[0]), site(SITES[1])]);
    let message = |id| scene.book.messages.message(MessageId(id)).unwrap();
    let receives = "Ambulance divert plan 1, accepted by Dr Osei at 14:00. Whipps Green takes 3.1 patients an hour more \
                    than today: from Northgate General (2.1), Homer Fields (1.0). In all 4.1 an hour come by ambulance: \
                    load 87 %, at most 92 %.";
    assert!(message(3).text.starts_with(receives), "{}", message(3).text);
    let sends =
        "Of those who come to Northgate General today, 2.1 patients an hour go to Whipps Green (2.1).";
    assert!(message(2).text.contains(sends), "{}", message(2).text);
    assert_eq!(message(3).to_words, "emergency department, Whipps Green");
    assert!(scene.last_line().ends_with("Plan 1 told to Whipps Green by message 3"), "{}", scene.last_line());
    assert_eq!(tend(&mut scene), 0, "told once");
    scene.refused("Lifeboat", tell(1, SITES[1]), &["has been told of plan 1 already"]);
    scene.refused("Lifeboat", tell(1, SITES[3]), &["Low Marsh"]);
    let waiting: Vec<_> = scene.book.diverts.on(REAL).changes.last().unwrap().waiting().cloned().collect();
    assert_eq!(waiting, [site(SITES[2]), site(SITES[0]), site(SITES[1])]);
    // Whoever answers the message has acknowledged the change for the site.
    let answer = messages::Intent::Answer {
        message: MessageId(3),
        person: 0,
        answer: Answer::Read,
        heard: Heard::Link,
    };
    scene.does("Emergency department, Whipps Green", answer);
    assert_eq!(tend(&mut scene), 1);
    let changes = &scene.book.diverts.on(REAL).changes;
    let stamp = &changes.iter().find(|c| c.stamp.entry == change).unwrap().acknowledged[&site(SITES[1])];
    assert_eq!(stamp.by.as_str(), "Emergency department, Whipps Green");
    assert_eq!(tend(&mut scene), 0);
    scene.ends_the_same_when_replayed();
}

#[test]
fn a_telephone_that_is_known_is_used_and_paper_where_none_is() {
    let mut scene = Scene::declared();
    board(&mut scene);
    let phone = DirectoryEntry {
        kind: EntryKind::Place,
        name: "Whipps Green emergency department".into(),
        numbers: vec![(Route::Mobile, "07700 900101".into())],
        ..DirectoryEntry::default()
    };
    scene.does(
        "Anna Bell",
        directory::Intent::List { rows: vec![directory::Row { entry: phone, on_duty: false }] },
    );
    accepted(&mut scene, &[(0, 1, 2_100)]);
    tend(&mut scene);
    let ways: Vec<(Way, String)> = (1..=2)
        .map(|id| scene.book.messages.message(MessageId(id)).unwrap().recipients[0].clone())
        .map(|to| (to.way, to.to))
        .collect();
    let slip = "Northgate General: emergency department, nurse in charge".to_owned();
    assert_eq!(ways, [(Way::Slip, slip), (Way::Sms, "07700 900101".to_owned())]);
}

#[test]
fn who_has_no_part_in_the_new_plan_is_told_that_too() {
    let mut scene = Scene::declared();
    board(&mut scene);
    accepted(&mut scene, &[(0, 1, 2_100)]);
    tend(&mut scene);
    accepted(&mut scene, &[(0, 2, 2_100)]);
    tend(&mut scene);
    assert_eq!(told(&scene, 2), [site(SITES[2]), site(SITES[0]), site(SITES[1])]);
    let text = &scene.book.messages.message(MessageId(5)).unwrap().text;
    let words = "plan 2, accepted by Dr Osei at 14:00, instead of plan 1. Nothing changes for Whipps Green beside what held under plan 1";
    assert!(text.contains(words), "{text}");
    assert_eq!(told(&scene, 1).len(), 2, "the old plan, and to whom it went, stay on record");
}

#[test]
fn nothing_is_told_that_is_not_current_or_that_nobody_could_send() {
    let mut scene = Scene::prepared();
    board(&mut scene);
    accepted(&mut scene, &[(0, 1, 2_100)]);
    assert_eq!(tend(&mut scene), 0, "no incident is open");
    scene.refused("Lifeboat", tell(1, SITES[1]), &["look at the plan again"]);
    scene.later(61);
    scene.does("Anna Bell", common::opening("Cyber attack", incident::Nature::Real, true));
    assert_eq!(
        tend(&mut scene),
        0,
        "its figures are an hour old: it is not current, and nobody is told it is"
    );
}

#[test]
fn many_flows_still_fit_in_a_text_message() {
    let mut scene = Scene::declared();
    board(&mut scene);
    let mut plan = proposal(&scene, &[]);
    plan.sites = (0..60).map(|n| format!("The hospital of the long and winding name, number {n}")).collect();
    plan.moves = (1..60).map(|from| MoveLine { from, to: 0, per_h_milli: 40 }).collect();
    plan.moves.extend((1..60).map(|to| MoveLine { from: 0, to, per_h_milli: 1_000 }));
    scene.does("Anna Bell", Intent::Propose { ground: REAL, plan, instead_of: None, reason: String::new() });
    let person = person("Dr Osei");
    scene.does("Dr Osei", Intent::AcceptPlan { ground: REAL, number: 1, person, knowing_gaps: false });
    assert_eq!(tend(&mut scene), 60);
    let text = &scene.book.messages.message(MessageId(1)).unwrap().text;
    assert!(text.len() <= TEXT_BYTES_MAX && text.ends_with("you have read it."), "{text}");
    assert!(text.contains("more sites") && text.contains("under 0.1"), "{text}");
}

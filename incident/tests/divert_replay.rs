//! Whatever people ask, answer, authorise, renew, end and count, by whatever clock: replay shows the same, and no promise breaks.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use crate::common;

use common::{REAL, Scene, person, site};
use incident::diverts::{
    self, DivertSite, Figures, HandOff, Intent, Pathway, Request, ServiceCount, Source, Standing, board,
    debrief, radio_list,
};
use proptest::prelude::*;

const SITES: [&str; 3] = ["Northgate General", "Whipps Green", "Homer Fields"];

fn act(what: u8, n: u8, scene: &Scene) -> Intent {
    // Mostly the newest divert, so that many come into force.
    let diverts = &scene.book.diverts.on(REAL).diverts;
    let number = (diverts.len() as u32).saturating_sub(u32::from(n % 8 == 7));
    let asked = diverts.last().map(|d| d.receivers[0].site.clone());
    let ground = REAL;
    let (here, there) = (site(SITES[usize::from(n % 3)]), site(SITES[usize::from(n / 3 % 3)]));
    let pathway = Pathway::ALL[usize::from(n % 7)];
    let (reason, now) = (format!("reason {n}"), scene.now);
    let (executive, commander) =
        (person("Dr Osei"), person(["Kit Marlow", "Dr Osei"][usize::from(n.is_multiple_of(5))]));
    let figures = Figures { waiting: u32::from(n), longest_minutes: u32::from(n), staffed: None };
    match what % 14 {
        0 | 1 => {
            let pathways = vec![pathway, Pathway::General];
            let request = Request {
                from: here,
                receivers: vec![there],
                pathways,
                reason,
                minutes: None,
                follows: None,
            };
            Intent::Request { ground, request }
        }
        2 | 3 => {
            let (consents, figures) = (!n.is_multiple_of(4), Some(figures));
            let site = asked.unwrap_or(here);
            Intent::Answer { ground, number, site, consents, figures, reason }
        }
        4 | 5 => Intent::Authorise { ground, number, executive, commander },
        6 => {
            let seen = scene.book.diverts.on(REAL).divert(number).map_or(now, |d| d.until);
            Intent::Renew { ground, number, executive, commander, minutes: None, seen, reason }
        }
        7 => Intent::NoteExpiry { ground, number },
        8 => {
            let (pathways, sooner_because) = (vec![pathway], "why".to_owned());
            Intent::End { ground, number, pathways, reason, sooner_because }
        }
        9 => Intent::TellFigures { ground, site: here, figures, as_at: None, source: Source::Told },
        10 => {
            let standing = [Standing::Open, Standing::Limited, Standing::Closed][usize::from(n / 9 % 3)];
            Intent::TellStanding { ground, site: here, pathways: vec![pathway], standing, reason }
        }
        11 => {
            let job = format!("J{}", n % 16);
            let hand_off = HandOff { job, from: here, to: there, pathway: Pathway::General, at: now };
            Intent::HandOff { ground, hand_offs: vec![hand_off] }
        }
        12 => {
            let (service, patients) = ("East".to_owned(), vec![(here, there, u32::from(n % 9))]);
            let count = ServiceCount { service, since: now.plus_seconds(-1800), until: now, patients };
            Intent::CountByService { ground, count }
        }
        _ => Intent::AskBeforeExpiry { ground, number },
    }
}

fn holds(scene: &Scene) -> Result<(), TestCaseError> {
    let now = scene.book.now(scene.now);
    let shown = board(&scene.book, REAL, scene.now);
    for row in &shown.sites {
        prop_assert_ne!(row.cells[0].standing, Some(Standing::Divert), "resuscitation is never diverted");
    }
    for divert in scene.book.diverts.on(REAL).active(now) {
        let by = divert.authorised.as_ref().unwrap();
        prop_assert!(!by.executive.same(&by.commander));
        prop_assert!(divert.receivers.iter().any(|r| r.answer.is_some()), "somebody answered");
        prop_assert!((1..=i64::from(diverts::MINUTES_MAX) * 60).contains(&divert.left_seconds(now)));
    }
    let received: u32 = shown.sites.iter().map(|row| row.received).sum();
    prop_assert_eq!(received, shown.moved_total);
    prop_assert!(radio_list(&shown).iter().all(|line| !line.contains("  ") && line.ends_with('.')));
    prop_assert!(!debrief(&scene.book, REAL, scene.now).is_empty());
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn replay_equals_live_and_no_promise_breaks(
        acts in prop::collection::vec((0u8..14, 0u8..120, -90i64..90), 1..80)
    ) {
        let mut scene = Scene::declared();
        let listed = |name: &str| DivertSite {
            site: site(name),
            trust: String::new(),
            able: Pathway::ALL.to_vec(),
            latitude_micro: None,
            longitude_micro: None,
        };
        scene.does("Lifeboat", Intent::List { sites: SITES.map(listed).to_vec() });
        for (what, n, minutes) in acts {
            // Small steps as a rule, a clock that jumps now and then.
            scene.later(if n % 16 == 3 { minutes } else { minutes.abs() / 12 });
            let intent = act(what, n, &scene);
            if let Err(why) = scene.tries(["Anna Bell", "Ben Cole"][usize::from(n % 2)], intent) {
                prop_assert!(why.len() > 10 && !why.contains("  "), "a sentence to act on: {}", why);
            }
            holds(&scene)?;
        }
        scene.ends_the_same_when_replayed();
    }
}

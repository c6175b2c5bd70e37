//! Replay equals live: whatever people do, in whatever order and by whatever clock, folding the book again shows the same.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use crate::common;

use basics::EntryNumber;
use common::{FIRST, REAL, Scene, opening, person, post, site};
use incident::action_cards::{self, Phase, StepKey};
use incident::decisions::{self, Finding, Taken};
use incident::declare::{self, Level, Nature};
use incident::hospitals::{self, ServiceState};
use incident::methane::{self, Methane};
use incident::systems::{self, Listing, SystemId, SystemState};
use incident::{Ground, IncidentId, Intent, boards, roles, sitreps, stand_down};
use proptest::prelude::*;

/// One of the things that people do, chosen by numbers; many are refused.
fn intent(what: u8, number: u8, seen: EntryNumber) -> Intent {
    let incident = IncidentId(u32::from(number % 3) + 1);
    let text = format!("text {number}");
    let ground = if number.is_multiple_of(2) { REAL } else { Ground::Exercise(incident) };
    let role = post(["strategic-commander", "loggist"][usize::from(number % 2)], "");
    let who = person(["Anna Bell", "Ben Cole"][usize::from(number / 2 % 2)]);
    let state = SystemState::ALL[usize::from(number % 5)];
    let seen_state = SystemState::ALL[usize::from(number / 5 % 5)];
    let step = StepKey { phase: Phase::ALL[usize::from(number % 3)], number: u16::from(number % 4) + 1 };
    match what % 20 {
        0 => {
            let nature = if number.is_multiple_of(2) { Nature::Real } else { Nature::Exercise };
            opening(&text, nature, number.is_multiple_of(3)).into()
        }
        1 => declare::Intent::Declare { incident, level: Level::Critical, reason: text }.into(),
        2 => declare::Intent::Cancel { incident, reason: text }.into(),
        3 => stand_down::Intent::StandDown { incident, reason: text, despite_open: true }.into(),
        4 => stand_down::Intent::Resume { incident, reason: text }.into(),
        5 => {
            let report = Methane { hazards: text, ..Methane::default() };
            methane::Intent::Report { incident, report, corrects: Some(seen) }.into()
        }
        6 | 7 => {
            roles::Intent::Take { incident, post: role, person: who, contact: text, shift_ends: None }.into()
        }
        8 => roles::Intent::GiveUp { incident, post: role, reason: text }.into(),
        9 => action_cards::Intent::Done { incident, post: role, step, note: text }.into(),
        10 => action_cards::Intent::Reopen { incident, post: role, step, reason: text }.into(),
        11 => decisions::Intent::Note { incident: Some(incident), text }.into(),
        12 => {
            let taken = Taken {
                matter: text.clone(),
                information: text.clone(),
                options: vec![text.clone()],
                decision: text.clone(),
                reason: text,
                decided_by: who,
                role: String::new(),
                review_at: None,
            };
            decisions::Intent::Decide { incident, taken, seen }.into()
        }
        13 => decisions::Intent::Review {
            incident,
            number: u32::from(number % 3),
            finding: Finding::Stands,
            text,
            review_at: None,
        }
        .into(),
        14 => decisions::Intent::Correct {
            entry: EntryNumber(u64::from(number % 9)),
            text: text.clone(),
            reason: text,
        }
        .into(),
        15 => systems::Intent::List {
            systems: vec![Listing {
                site: None,
                name: text,
                owner: String::new(),
                workaround: String::new(),
                depends_on: vec!["text 1".into()],
                recovery_order: None,
            }],
        }
        .into(),
        16 => systems::Intent::TellState {
            ground,
            system: SystemId(u32::from(number % 4)),
            state,
            seen: seen_state,
            note: text,
            since: None,
        }
        .into(),
        17 => hospitals::Intent::TellService {
            ground,
            site: site("Northgate General"),
            service: text.clone(),
            state: ServiceState::Reduced,
            wait_minutes: None,
            note: text,
        }
        .into(),
        18 => sitreps::Intent::Begin { incident, more: Vec::new() }.into(),
        _ => sitreps::Intent::Approve { incident, number: 1, revision: 1, next_due: None }.into(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn replay_equals_live(acts in prop::collection::vec((0u8..20, 0u8..60, -5_000i64..5_000), 1..60)) {
        let mut scene = Scene::declared();
        let mut kept = scene.sealed.len();
        for (what, number, minutes) in acts {
            scene.later(minutes);
            let seen = EntryNumber(scene.sealed.len() as u64);
            let who = ["Anna Bell", "Ben Cole", "Cara Dunn"][usize::from(number % 3)];
            match scene.tries(who, intent(what, number, seen)) {
                Ok(entry) => {
                    kept += 1;
                    prop_assert_eq!(entry.0 as usize, kept);
                }
                Err(why) => prop_assert!(why.len() > 10 && !why.contains("  "), "a sentence to act on: {}", why),
            }
            let home = boards::home_board(&scene.book, scene.now);
            prop_assert!(home.running.iter().all(|i| i.elapsed_seconds >= 0));
        }
        prop_assert_eq!(scene.book.log.len(), kept);
        prop_assert_eq!(format!("{:?}", scene.replayed()), format!("{:?}", scene.book));
        prop_assert!(scene.book.incident(FIRST).is_some());
    }
}

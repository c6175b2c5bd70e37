//! Ambulance diverts on record: asked, consented, authorised, renewed, expired; counted once; and a bug planted for each promise.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use crate::common;

use basics::Moment;
use common::{FIRST, REAL, Scene, at, opening, person, site};
use incident::declare::Nature;
use incident::diverts::{
    self, DivertSite, Due, Fact, Figures, HandOff, Intent, Pathway, Request, Rules, ServiceCount, Source,
    Stage, Standing, board, debrief, radio_list,
};
use incident::{Act, Ground, codec, fold, stand_down};

const NORTH: &str = "Northgate General";
const WHIPPS: &str = "Whipps Green";
const HOMER: &str = "Homer Fields";

fn listed(name: &str, able: &[Pathway]) -> DivertSite {
    let able = able.to_vec();
    DivertSite { site: site(name), trust: String::new(), able, latitude_micro: None, longitude_micro: None }
}

/// Three sites; Homer Fields takes no stroke.
fn region() -> Scene {
    let mut scene = Scene::declared();
    let few: Vec<Pathway> = Pathway::ALL.into_iter().filter(|p| *p != Pathway::HyperAcuteStroke).collect();
    let sites = vec![listed(NORTH, &Pathway::ALL), listed(WHIPPS, &Pathway::ALL), listed(HOMER, &few)];
    scene.does("Lifeboat", Intent::List { sites });
    scene
}

fn asking(to: &[&str], pathways: &[Pathway]) -> Intent {
    Intent::Request {
        ground: REAL,
        request: Request {
            from: site(NORTH),
            receivers: to.iter().map(|name| site(name)).collect(),
            pathways: pathways.to_vec(),
            reason: "No imaging".into(),
            minutes: None,
            follows: None,
        },
    }
}

fn answer(number: u32, name: &str, consents: bool, figures: &str) -> Intent {
    let figures = (!figures.is_empty()).then(|| Figures::read(figures).unwrap());
    Intent::Answer { ground: REAL, number, site: site(name), consents, figures, reason: String::new() }
}

fn authorise(number: u32) -> Intent {
    let (executive, commander) = (person("Dr Osei"), person("Kit Marlow"));
    Intent::Authorise { ground: REAL, number, executive, commander }
}

fn renew(number: u32, seen: Moment) -> Intent {
    Intent::Renew {
        ground: REAL,
        number,
        executive: person("Dr Osei"),
        commander: person("Kit Marlow"),
        minutes: None,
        seen,
        reason: "Imaging still out".into(),
    }
}

fn end(pathways: &[Pathway], sooner_because: &str) -> Intent {
    let (pathways, sooner_because) = (pathways.to_vec(), sooner_because.to_owned());
    Intent::End { ground: REAL, number: 1, pathways, reason: "Scanner back".into(), sooner_because }
}

const TWO: [Pathway; 2] = [Pathway::HyperAcuteStroke, Pathway::General];

/// Stroke and general patients of Northgate go to Whipps Green from 14:00 on the ward's clock.
fn in_force() -> Scene {
    let mut scene = region();
    scene.does("Anna Bell", asking(&[WHIPPS, HOMER], &TWO));
    scene.does("Ben Cole", answer(1, WHIPPS, true, "3 12 11"));
    scene.does("Anna Bell", authorise(1));
    scene
}

fn stage(scene: &Scene) -> Stage {
    scene.book.diverts.on(REAL).diverts[0].stage(scene.book.now(scene.now))
}

#[test]
fn a_divert_needs_a_consent_and_two_people_and_every_step_is_on_record() {
    let mut scene = region();
    scene.does("Anna Bell", asking(&[WHIPPS], &TWO));
    assert_eq!(
        scene.last_line(),
        "Northgate General asks to divert stroke, general to Whipps Green for 60 min (divert 1). No imaging"
    );
    scene.refused("Anna Bell", authorise(1), &["nobody has consented", "Whipps Green has not answered"]);
    scene.refused("Ben Cole", answer(1, WHIPPS, false, ""), &["give its figures"]);
    scene.refused("Ben Cole", answer(1, HOMER, true, ""), &["was not asked"]);
    scene.does("Ben Cole", answer(1, WHIPPS, false, "14 52"));
    assert!(scene.last_line().contains("Whipps Green has refused: 14 waiting, longest 52 minutes"));
    scene.refused(
        "Anna Bell",
        authorise(1),
        &["Whipps Green has refused: 14 waiting, longest 52 minutes", "Ask another site"],
    );
    scene.refused("Ben Cole", answer(1, WHIPPS, false, "14 52"), &["Ben Cole recorded that at 14:00"]);
    scene.does("Ben Cole", answer(1, WHIPPS, true, ""));
    let (executive, commander) = (person("Kit Marlow"), person("KIT marlow"));
    let alone = Intent::Authorise { ground: REAL, number: 1, executive, commander };
    scene.refused("Anna Bell", alone, &["needs two people"]);
    scene.does("Anna Bell", authorise(1));
    assert!(scene.last_line().contains("In force until 15:00"));
    scene.refused(
        "Ben Cole",
        authorise(1),
        &[
            "authorised already",
            "Anna Bell recorded it at 14:00",
            "Dr Osei and ambulance commander Kit Marlow",
        ],
    );
    assert_eq!(stage(&scene), Stage::Active);
    scene.ends_the_same_when_replayed();
}

#[test]
fn two_sites_that_ask_each_other_do_not_send_ambulances_to_and_fro() {
    let mut scene = region();
    scene.does("Anna Bell", asking(&[WHIPPS], &[Pathway::General]));
    let Intent::Request { ground, mut request } = asking(&[NORTH], &[Pathway::General]) else { panic!() };
    request.from = site(WHIPPS);
    request.receivers = vec![site(NORTH)];
    scene.does("Ben Cole", Intent::Request { ground, request });
    scene.does("Ben Cole", answer(1, WHIPPS, true, ""));
    scene.does("Anna Bell", answer(2, NORTH, true, ""));
    scene.does("Anna Bell", authorise(1));
    scene.refused("Ben Cole", authorise(2), &["Northgate General consents, but is on divert"]);
    let closed = Intent::TellStanding {
        ground: REAL,
        site: site(WHIPPS),
        pathways: vec![Pathway::General],
        standing: Standing::Closed,
        reason: "Flood".into(),
    };
    scene.does("Ben Cole", closed);
    let row = board(&scene.book, REAL, scene.now).diverts.pop().unwrap();
    assert!(row.without_receiver, "{:?}", row.words);
    assert_eq!(row.words.last().unwrap(), "Nobody takes general any more: end it or ask another site");
}

#[test]
fn what_may_not_be_diverted_is_refused_in_words() {
    for (intent, words) in [
        (asking(&[WHIPPS], &[Pathway::General, Pathway::Resuscitation]), "never diverted"),
        (asking(&[WHIPPS], &[]), "which patients"),
        (asking(&[], &TWO), "at least one other site"),
        (asking(&[NORTH], &TWO), "at least one other site"),
        (asking(&[HOMER], &[Pathway::HyperAcuteStroke]), "none of the sites asked takes stroke"),
        (asking(&["Nowhere"], &TWO), "no site called Nowhere"),
    ] {
        region().refused("Anna Bell", intent, &[words]);
    }
    let mut scene = in_force();
    scene.refused("Anna Bell", asking(&[HOMER], &[Pathway::General]), &["in force already"]);
    let closes = |pathways: &[Pathway]| Intent::TellStanding {
        ground: REAL,
        site: site(NORTH),
        pathways: pathways.to_vec(),
        standing: Standing::Closed,
        reason: "Flood".into(),
    };
    scene.refused("Anna Bell", closes(&[Pathway::Resuscitation]), &["keeps resuscitation"]);
    scene.does("Anna Bell", closes(&[]));
    let told = Intent::TellStanding {
        ground: REAL,
        site: site(HOMER),
        pathways: vec![],
        standing: Standing::Divert,
        reason: "Full".into(),
    };
    scene.refused("Anna Bell", told, &["asked for and authorised, not told"]);
}

#[test]
fn a_divert_expires_by_itself_and_a_consent_after_that_is_too_late() {
    let mut scene = in_force();
    scene.later(44);
    assert!(diverts::due(&scene.book, REAL, scene.now).is_empty());
    scene.later(1);
    let due = diverts::due(&scene.book, REAL, scene.now);
    let Due::Ask { whom, .. } = &due[0] else { panic!("{due:?}") };
    assert_eq!(*whom, ["Dr Osei", "Kit Marlow (ambulance commander)", NORTH]);
    let ask = Intent::AskBeforeExpiry { ground: REAL, number: 1 };
    scene.does("Lifeboat", ask.clone());
    scene.refused("Lifeboat", ask, &["Dr Osei", "were asked at 14:45 already"]);
    assert!(diverts::due(&scene.book, REAL, scene.now).is_empty());
    let seen = scene.book.diverts.on(REAL).diverts[0].until;
    scene.does("Anna Bell", renew(1, seen));
    scene.refused("Ben Cole", renew(1, seen), &["Anna Bell renewed", "until 15:45"]);
    scene.later(60);
    assert_eq!(stage(&scene), Stage::Expired);
    let cell = |scene: &Scene| board(&scene.book, REAL, scene.now).sites[0].cells[6].standing;
    assert_eq!(cell(&scene), Some(Standing::Open), "what expired diverts nobody");
    let late = ["expired at 15:45", "Ask for a new divert"];
    scene.refused("Ben Cole", answer(1, HOMER, true, "1 5 9"), &late);
    scene.refused("Ben Cole", authorise(1), &late);
    scene.refused("Ben Cole", renew(1, at("14:45")), &late);
    assert_eq!(diverts::due(&scene.book, REAL, scene.now), [Due::Expired { divert: 1 }]);
    scene.does("Lifeboat", Intent::NoteExpiry { ground: REAL, number: 1 });
    assert!(scene.last_line().starts_with("Expired: divert 1 of Northgate General"));
    let Intent::Request { ground, mut request } = asking(&[WHIPPS], &TWO) else { panic!() };
    request.follows = Some(1);
    scene.does("Anna Bell", Intent::Request { ground, request });
    assert!(scene.last_line().contains("goes on from divert 1"));
    scene.later(61);
    let late = ["expired at 16:45"];
    scene.refused("Ben Cole", answer(2, WHIPPS, true, "1 5 9"), &late);
    scene.ends_the_same_when_replayed();
}

#[test]
fn a_divert_holds_its_least_time_and_stroke_comes_back_before_the_rest() {
    let mut scene = in_force();
    scene.later(10);
    scene.refused("Anna Bell", end(&[], ""), &["held for 10 minutes", "at least 30 minutes", "sooner"]);
    scene.refused("Anna Bell", end(&[Pathway::Children], "x"), &["does not divert children"]);
    scene.later(25).does("Anna Bell", end(&[Pathway::HyperAcuteStroke], ""));
    let row = &board(&scene.book, REAL, scene.now).sites[0];
    assert_eq!(row.cells[2].standing, Some(Standing::Open));
    assert_eq!(row.cells[6].standing, Some(Standing::Divert));
    assert_eq!(row.cells[6].left_seconds, Some(25 * 60));
    scene.does("Anna Bell", end(&[], ""));
    assert_eq!(stage(&scene), Stage::Ended);
    let mut scene = in_force();
    scene.later(5).does("Anna Bell", end(&[], "Whipps Green has a fire"));
    assert!(scene.last_line().contains("Before its least time: Whipps Green has a fire"));
}

#[test]
fn a_clock_set_back_neither_lengthens_nor_revives_a_divert() {
    let mut scene = in_force();
    let before = board(&scene.book, REAL, scene.now).diverts[0].left_seconds;
    scene.now = scene.now.plus_seconds(-7200);
    let back = board(&scene.book, REAL, scene.now);
    assert_eq!(back.diverts[0].left_seconds, before, "counted from the last entry");
    assert!(back.clock_doubt.unwrap().contains("before the last entry"));
    scene.does("Ben Cole", incident::decisions::Intent::Note { incident: None, text: "clock".into() });
    assert_eq!(board(&scene.book, REAL, scene.now).diverts[0].left_seconds, 3600, "never more than granted");
    let mut scene = in_force();
    scene.later(60).does("Lifeboat", Intent::NoteExpiry { ground: REAL, number: 1 });
    scene.now = at("10:00");
    scene.does("Ben Cole", incident::decisions::Intent::Note { incident: None, text: "clock".into() });
    assert_eq!(stage(&scene), Stage::Expired);
    scene.ends_the_same_when_replayed();
}

#[test]
fn figures_come_in_one_short_form_and_older_ones_never_replace_newer() {
    for (text, want) in [
        ("14 52 9", Ok("14 waiting, longest 52 minutes, 9 staffed places")),
        (" 14, 52 ", Ok("14 waiting, longest 52 minutes")),
        ("0/0/9", Ok("nobody waiting, 9 staffed places")),
        ("14", Err("give three numbers")),
        ("a b c", Err("“a b c” was not understood")),
        ("-3 4", Err("give three numbers")),
        ("501 4", Err("501 patients waiting are not believable")),
    ] {
        match (Figures::read(text), want) {
            (Ok(figures), Ok(want)) => assert_eq!(figures.words(), want, "{text}"),
            (Err(why), Err(want)) => assert!(why.to_string().contains(want), "{text}: {why}"),
            (got, _) => panic!("{text}: {got:?}"),
        }
    }
    let mut scene = region();
    let tell = |text: &str, as_at, source| {
        let figures = Figures::read(text).unwrap();
        Intent::TellFigures { ground: REAL, site: site(WHIPPS), figures, as_at, source }
    };
    scene.later(90).does("Ben Cole", tell("14 52 9", None, Source::Told));
    let feed = || Source::Feed("East Ambulance".into());
    scene.refused("Lifeboat", tell("2 5 9", Some(at("13:30")), feed()), &["of 14:30", "15:30", "Ben Cole"]);
    scene.refused("Lifeboat", tell("2 5 9", Some(at("15:30")), feed()), &["still to come"]);
    scene.later(30).does("Lifeboat", tell("2 5 9", Some(at("14:45")), feed()));
    assert!(scene.last_line().contains("(from the feed East Ambulance)"));
    scene.later(46);
    let row = board(&scene.book, REAL, scene.now).sites[1].clone();
    assert!(row.stale && row.age_seconds == Some(61 * 60));
    let list = radio_list(&board(&scene.book, REAL, scene.now));
    assert!(list.iter().any(|line| line.contains("but that is 1 h 1 min old")), "{list:?}");
}

fn hand_off(job: &str, to: &str, time: &str) -> HandOff {
    HandOff { job: job.into(), from: site(NORTH), to: site(to), pathway: Pathway::General, at: at(time) }
}

fn count(since: &str, until: &str, patients: u32) -> Intent {
    let patients = vec![(site(NORTH), site(WHIPPS), patients)];
    let (since, until) = (at(since), at(until));
    let count = ServiceCount { service: "East Ambulance".into(), since, until, patients };
    Intent::CountByService { ground: REAL, count }
}

/// Three hand-offs of which the ambulance service's figures cover two, and one elsewhere.
fn counted() -> Scene {
    let mut scene = in_force();
    scene.refused("Lifeboat", count("13:00", "14:00", 5), &["still to come"]);
    let hand_offs = vec![
        hand_off("A1", WHIPPS, "13:10"),
        hand_off("a1", WHIPPS, "13:10"),
        hand_off("A2", WHIPPS, "13:50"),
        hand_off("A3", WHIPPS, "14:30"),
        hand_off("A4", HOMER, "13:20"),
    ];
    scene.later(90).does("Lifeboat", Intent::HandOff { ground: REAL, hand_offs });
    scene.does("Lifeboat", count("13:00", "13:30", 2));
    scene.does("Lifeboat", count("13:00", "14:00", 5));
    scene
}

#[test]
fn each_patient_moved_counts_once() {
    let mut scene = counted();
    let moved = board(&scene.book, REAL, scene.now).moved;
    let pairs: Vec<(&str, u32, u32)> =
        moved.iter().map(|row| (row.to.as_str(), row.patients, row.entries_covered)).collect();
    assert_eq!(pairs, [(WHIPPS, 6, 2), (HOMER, 1, 0)]);
    let again = |job: &str, to| Intent::HandOff { ground: REAL, hand_offs: vec![hand_off(job, to, "13:10")] };
    scene.refused("Lifeboat", again("A1", WHIPPS), &["job A1 was counted already"]);
    scene.refused("Lifeboat", again("A1", HOMER), &["to Whipps Green already", "find out"]);
    scene.refused("Lifeboat", again("999 000 0018", HOMER), &["NHS number"]);
    scene.refused("Lifeboat", count("13:30", "14:30", 3), &["overlap", "twice"]);
    scene.refused("Lifeboat", count("13:00", "13:00", 3), &["must be after"]);
    let lines = debrief(&scene.book, REAL, scene.now);
    assert_eq!(lines[0], "7 patients were moved, each counted once");
    assert!(lines[1].contains("Northgate General to Whipps Green: 6 (5 by the ambulance service's figures"));
    assert_eq!(lines[2], "Northgate General to Homer Fields: 1");
    scene.ends_the_same_when_replayed();
}

#[test]
fn changes_wait_until_each_site_has_acknowledged_them() {
    let mut scene = in_force();
    let entry = scene.book.last_entry;
    let ack = |name: &str| Intent::Acknowledge { ground: REAL, change: entry, site: site(name) };
    scene.later(3);
    let waits = board(&scene.book, REAL, scene.now).unacknowledged;
    assert_eq!(
        (waits[0].sites.as_slice(), waits[0].waiting_seconds),
        (&[site(NORTH), site(WHIPPS)][..], 180)
    );
    scene.does("Ben Cole", ack(WHIPPS));
    scene.refused("Ben Cole", ack(WHIPPS), &["Ben Cole acknowledged this for Whipps Green"]);
    scene.refused("Ben Cole", ack(HOMER), &["no change"]);
    scene.does("Anna Bell", ack(NORTH));
    assert!(board(&scene.book, REAL, scene.now).unacknowledged.is_empty());
    scene.does("Ben Cole", answer(1, WHIPPS, false, "20 75"));
    let board = board(&scene.book, REAL, scene.now);
    assert!(board.diverts[0].without_receiver && board.unacknowledged.len() == 1);
}

#[test]
fn the_list_can_be_read_over_a_radio_and_nothing_is_left_unsaid() {
    let mut scene = in_force();
    let crew = Intent::Override {
        ground: REAL,
        number: 1,
        crew: "E12".into(),
        pathway: Pathway::General,
        reason: "Bleeding on the way".into(),
    };
    scene.later(5).does("Ben Cole", crew);
    assert!(scene.last_line().starts_with("Crew E12 brought a patient (general) in spite of divert 1"));
    let list = radio_list(&board(&scene.book, REAL, scene.now));
    assert_eq!(
        list[..5],
        [
            "Divert list as at 12-May-2026 14:05.",
            "1 divert in force.",
            "Northgate General: do not take stroke, general. Go to Whipps Green. 55 minutes left.",
            "Resuscitation is never diverted: the closest department that can take it.",
            "Northgate General: on divert for stroke, general; has told nothing of resuscitation, major trauma, \
             heart attack (primary PCI), children, obstetrics. no figures.",
        ]
    );
    assert_eq!(
        list[5],
        "Whipps Green: has told nothing, taken to be open. 3 waiting, longest 12 minutes, 11 staffed places, 5 minutes ago."
    );
    let open = stand_down::still_open(&scene.book, scene.incident(FIRST), scene.now);
    assert!(open.contains(&"1 divert asked for or in force".to_owned()), "{open:?}");
    let sections = incident::sitreps::draft(&scene.book, scene.incident(FIRST), scene.now, Vec::new());
    let diverts = sections.iter().find(|s| s.heading == "Ambulance diverts").unwrap();
    assert!(diverts.body.contains("Northgate General diverts stroke, general until 15:00"));
}

#[test]
fn what_is_practised_is_not_shown_as_real() {
    let mut scene = region();
    scene.does("Anna Bell", opening("Autumn drill", Nature::Exercise, true));
    let ground = scene.book.running().next().unwrap().ground();
    let Intent::Request { request, .. } = asking(&[WHIPPS], &TWO) else { panic!() };
    scene.does("Anna Bell", Intent::Request { ground, request: request.clone() });
    assert!(scene.last_line().starts_with("EXERCISE Northgate General asks"));
    assert!(board(&scene.book, REAL, scene.now).diverts.is_empty());
    let played = board(&scene.book, ground, scene.now);
    assert_eq!((played.watermark, played.diverts.len()), (Some("EXERCISE"), 1));
    assert!(radio_list(&played)[0].starts_with("EXERCISE EXERCISE EXERCISE."));
    let nowhere = Ground::Exercise(FIRST);
    scene.refused("Anna Bell", Intent::Request { ground: nowhere, request }, &["is no exercise"]);
}

#[test]
fn the_times_of_the_agreement_are_local_and_must_fit_together() {
    let mut scene = region();
    let rules = |dwell_minutes, expiry_minutes, ask_before_minutes, stale_minutes| Intent::SetRules {
        rules: Rules { dwell_minutes, expiry_minutes, ask_before_minutes, stale_minutes },
    };
    for wrong in [rules(90, 60, 15, 60), rules(30, 60, 60, 60), rules(30, 300, 15, 60), rules(30, 60, 15, 0)]
    {
        scene.refused("Anna Bell", wrong, &["do not fit together"]);
    }
    scene.does("Anna Bell", rules(20, 40, 10, 30));
    scene.does("Anna Bell", asking(&[WHIPPS], &TWO));
    assert!(scene.last_line().contains("for 40 min"));
}

/// What a board must never show; empty when every promise holds.
fn broken_promises(scene: &Scene) -> Vec<&'static str> {
    let now = scene.book.now(scene.now);
    let there = scene.book.diverts.on(REAL);
    let shown = board(&scene.book, REAL, scene.now);
    let mut broken = Vec::new();
    let diverts_resuscitation = shown.sites.iter().any(|row| row.cells[0].standing == Some(Standing::Divert));
    if diverts_resuscitation || there.diverts.iter().any(|d| d.pathways.contains(&Pathway::Resuscitation)) {
        broken.push("resuscitation is diverted");
    }
    for divert in there.active(now) {
        let by = divert.authorised.as_ref().unwrap();
        if by.executive.same(&by.commander) {
            broken.push("authorised by one person");
        }
        if divert.consenting().next().is_none() && divert.receivers.iter().all(|r| r.answer.is_none()) {
            broken.push("in force without a consent");
        }
        if divert.left_seconds(now) > i64::from(diverts::MINUTES_MAX) * 60 || now >= divert.until {
            broken.push("in force for ever");
        }
    }
    if shown.moved_total != 7 && shown.moved_total != 0 {
        broken.push("a patient is not counted once");
    }
    broken
}

#[test]
fn each_planted_bug_is_caught() {
    assert!(broken_promises(&counted()).is_empty());
    let requested = |pathways: &[Pathway]| Fact::Requested {
        ground: REAL,
        number: 2,
        from: site(NORTH),
        receivers: vec![site(WHIPPS)],
        pathways: pathways.to_vec(),
        reason: "planted".into(),
        minutes: 60,
        follows: None,
    };
    let authorised = |executive: &str, until| Fact::Authorised {
        ground: REAL,
        number: 2,
        executive: person(executive),
        commander: person("Kit Marlow"),
        until,
    };
    let children = [Pathway::Children];
    for (planted, want) in [
        (vec![requested(&[Pathway::Resuscitation])], "resuscitation is diverted"),
        (vec![requested(&children), authorised("Kit Marlow", at("15:00"))], "authorised by one person"),
        (vec![requested(&children), authorised("Dr Osei", at("15:00"))], "in force without a consent"),
        (
            vec![Fact::HandedOff { ground: REAL, hand_offs: vec![hand_off("A1 again", WHIPPS, "14:31")] }],
            "a patient is not counted once",
        ),
    ] {
        // Rules that let it through: the facts are sealed without having been judged.
        let mut scene = counted();
        let facts = planted.into_iter().map(Into::into).collect();
        let bytes = codec::write(&Act { by: person("Planted"), facts }).unwrap();
        let entry = scene.book.last_entry.next();
        fold(&mut scene.book, entry, scene.now, codec::read(entry, codec::ACT, &bytes).unwrap());
        assert!(broken_promises(&scene).contains(&want), "{want}: {:?}", broken_promises(&scene));
    }
    // A counter that adds entries to the service's figures.
    let scene = counted();
    let twice: u32 =
        board(&scene.book, REAL, scene.now).moved.iter().map(|r| r.patients + r.entries_covered).sum();
    assert_eq!((twice, scene.book.diverts.on(REAL).moved.total()), (9, 7));
}

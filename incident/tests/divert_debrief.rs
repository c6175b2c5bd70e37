//! The debrief: how many were moved, from where to where, and what it did to the neighbours; and waits as the simulation reckons them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use crate::common;

use common::{REAL, Scene, at, person, site};
use incident::diverts::{
    DivertSite, Figures, HandOff, Intent, Pathway, Request, Source, debrief, debrief_board, waits,
};
use planning::diverts::{Instance, read_instance};

const NORTH: &str = "Northgate General";
const WHIPPS: &str = "Whipps Green";
const HOMER: &str = "Homer Fields";

fn tell(scene: &mut Scene, name: &str, figures: &str) {
    let figures = Figures::read(figures).unwrap();
    let intent =
        Intent::TellFigures { ground: REAL, site: site(name), figures, as_at: None, source: Source::Told };
    scene.does("Ben Cole", intent);
}

fn hand_offs(scene: &mut Scene, jobs: std::ops::Range<u32>, to: &str) {
    let at = scene.now;
    let one = |job: u32| HandOff {
        job: format!("E{job}"),
        from: site(NORTH),
        to: site(to),
        pathway: Pathway::General,
        at,
    };
    scene.does("Ben Cole", Intent::HandOff { ground: REAL, hand_offs: jobs.map(one).collect() });
}

fn scene() -> Scene {
    let mut scene = Scene::declared();
    let listed = |name: &str| DivertSite {
        site: site(name),
        trust: String::new(),
        able: Pathway::ALL.to_vec(),
        latitude_micro: None,
        longitude_micro: None,
    };
    scene.does("Lifeboat", Intent::List { sites: [NORTH, WHIPPS, HOMER].map(listed).to_vec() });
    tell(&mut scene, WHIPPS, "3 12 10");
    let request = Request {
        from: site(NORTH),
        receivers: vec![site(WHIPPS), site(HOMER)],
        pathways: vec![Pathway::General, Pathway::HyperAcuteStroke],
        reason: "No imaging".into(),
        minutes: Some(120),
        follows: None,
    };
    scene.later(5).does("Anna Bell", Intent::Request { ground: REAL, request });
    for (name, consents) in [(WHIPPS, true), (HOMER, false)] {
        let (ground, number, site) = (REAL, 1, site(name));
        let reason = "only six nurses".to_owned();
        scene.does("Ben Cole", Intent::Answer { ground, number, site, consents, figures: None, reason });
    }
    let (executive, commander) = (person("Dr Osei"), person("Kit Marlow"));
    scene.does("Anna Bell", Intent::Authorise { ground: REAL, number: 1, executive, commander });
    scene
}

#[test]
fn the_debrief_says_who_was_moved_where_and_what_it_did_to_the_neighbours() {
    let mut scene = scene();
    hand_offs(scene.later(10), 0..24, WHIPPS);
    tell(scene.later(30), WHIPPS, "14 52 10");
    tell(scene.later(10), WHIPPS, "9 70 10");
    hand_offs(&mut scene, 100..103, HOMER);
    let (pathways, sooner_because) = (vec![Pathway::HyperAcuteStroke], String::new());
    scene.does(
        "Anna Bell",
        Intent::End { ground: REAL, number: 1, pathways, reason: "scanner back".into(), sooner_because },
    );
    tell(scene.later(20), WHIPPS, "2 9 10");
    let (pathways, sooner_because) = (Vec::new(), String::new());
    scene.does(
        "Anna Bell",
        Intent::End { ground: REAL, number: 1, pathways, reason: "all back".into(), sooner_because },
    );

    let told = debrief_board(&scene.book, REAL, scene.now);
    assert_eq!(told.moved_total, 27);
    let names: Vec<(&str, u32)> = told.neighbours.iter().map(|n| (n.site.as_str(), n.received)).collect();
    assert_eq!(names, [(WHIPPS, 24), (HOMER, 3)]);
    assert_eq!(
        debrief(&scene.book, REAL, scene.now),
        [
            "27 patients were moved, each counted once",
            "Northgate General to Whipps Green: 24",
            "Northgate General to Homer Fields: 3",
            "Whipps Green received 24 patients. Before: 3 waiting, longest 12 minutes, 10 staffed places at 14:00. \
             Most waiting: 14 waiting, longest 52 minutes, 10 staffed places at 14:45. Longest handover: 9 waiting, \
             longest 70 minutes, 10 staffed places at 14:55. Last: 2 waiting, longest 9 minutes, 10 staffed places at \
             15:15. It consented to 1 divert and refused 0",
            "Homer Fields received 3 patients. It told no figures: what it did there is not known. It consented to 0 \
             diverts and refused 1",
            "Divert 1 of Northgate General (stroke, general): ended, in force for 1 h 10 min, stroke back before the rest",
        ]
    );
    scene.ends_the_same_when_replayed();
}

#[test]
fn without_diverts_the_debrief_says_so_in_one_line() {
    let scene = Scene::declared();
    assert_eq!(debrief(&scene.book, REAL, at("14:00")), ["0 patients were moved, each counted once"]);
}

fn region() -> Instance {
    let json = r#"{
      "format": "lifeboat-divert-instance/1", "name": "North", "horizon_h": 4, "target_load": 0.92, "service_h": 2.5,
      "pathways": [{"id": "GEN", "name": "general", "limit_min": 45, "weight": 1}],
      "sites": [
        {"name": "Northgate General", "caps": ["GEN"], "status": "open", "off": [], "cap_per_h": 4, "servers": 10, "usual_load": 0.7},
        {"name": "whipps green", "caps": ["GEN"], "status": "open", "off": [], "cap_per_h": 6, "servers": 10, "usual_load": 0.5}],
      "zones": [{"name": "Zone N", "demand": [2.0], "times": [[0, 5], [1, 12]]}]
    }"#;
    read_instance(json.as_bytes()).unwrap()
}

#[test]
fn a_wait_is_reckoned_from_the_figures_and_the_crews_counted_since() {
    let mut scene = scene();
    let wait = |scene: &Scene| waits(&scene.book, REAL, &region(), scene.now).get(&site(WHIPPS)).copied();
    // Three waited five minutes ago; one leaves every ten minutes; this crew is the one after.
    assert_eq!(wait(&scene).unwrap().minutes, 35);
    hand_offs(scene.later(5), 0..2, WHIPPS);
    let now = wait(&scene).unwrap();
    assert_eq!((now.minutes, now.crews_since, now.stale), (50, 2, false));
    assert_eq!(
        now.words(),
        "about 50 minutes for one more crew, reckoned from figures 10 minutes old and 2 crews since"
    );
    // Half the places: half as quick.
    tell(&mut scene, WHIPPS, "3 12 5");
    assert_eq!(wait(&scene).unwrap().minutes, 80);
    scene.later(61);
    assert!(wait(&scene).unwrap().words().ends_with("too old to go by"));
    // Nobody has told Homer's figures, and Northgate told none either.
    assert_eq!(waits(&scene.book, REAL, &region(), scene.now).len(), 1);
}

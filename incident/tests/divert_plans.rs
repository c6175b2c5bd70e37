//! Plans for diverts: built from the board, proposed, accepted, changed or refused; never called current on old figures.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use crate::common;

use basics::SiteId;
use common::{REAL, Scene, person, site};
use incident::diverts::{
    self, DivertSite, Figures, Intent, Pathway, Proposal, Request, Shown, Source, Standing, board, build,
};
use planning::diverts::{Current, Instance, Status, plan, read_instance};
use std::path::PathBuf;

const NORTH: &str = "Northgate General";
const WHIPPS: &str = "Whipps Green";
const HOMER: &str = "Homer Fields";

/// Two zones and three sites; the first zone lies beside Northgate, the second between the others.
const REGION: &str = r#"{
  "format": "lifeboat-divert-instance/1", "name": "North", "horizon_h": 4, "target_load": 0.92, "service_h": 2.5,
  "pathways": [
    {"id": "RES", "name": "resuscitation", "limit_min": 30, "weight": 5},
    {"id": "GEN", "name": "general", "limit_min": 45, "weight": 1},
    {"id": "CT", "name": "scan", "limit_min": 45, "weight": 1.5}],
  "sites": [
    {"name": "Northgate General", "caps": ["RES","GEN","CT"], "status": "open", "off": [], "cap_per_h": 4, "servers": 10, "usual_load": 0.7},
    {"name": "Whipps Green", "caps": ["RES","GEN","CT"], "status": "open", "off": [], "cap_per_h": 4, "servers": 10, "usual_load": 0.5},
    {"name": "Homer Fields", "caps": ["RES","GEN","CT"], "status": "open", "off": [], "cap_per_h": 4, "servers": 10, "usual_load": 0.5}],
  "zones": [
    {"name": "Zone N", "demand": [0.1, 2.0, 0.4], "times": [[0, 5], [1, 12], [2, 15]]},
    {"name": "Zone W", "demand": [0.1, 1.0, 0.2], "times": [[0, 20], [1, 6], [2, 9]]}]
}"#;

fn region() -> Instance {
    read_instance(REGION.as_bytes()).unwrap()
}

fn listed(name: &str) -> DivertSite {
    let able = Pathway::ALL.to_vec();
    DivertSite { site: site(name), trust: String::new(), able, latitude_micro: None, longitude_micro: None }
}

fn tell(scene: &mut Scene, name: &str, figures: &str) {
    let figures = Figures::read(figures).unwrap();
    let (site, source) = (site(name), Source::Told);
    scene.does("Ben Cole", Intent::TellFigures { ground: REAL, site, figures, as_at: None, source });
}

/// Northgate asks to divert its general patients to the other two, who consent; all have told figures.
fn scene() -> Scene {
    let mut scene = Scene::declared();
    scene.does("Lifeboat", Intent::List { sites: [NORTH, WHIPPS, HOMER].map(listed).to_vec() });
    for (name, figures) in [(NORTH, "12 70 5"), (WHIPPS, "1 10 10"), (HOMER, "0 0 8")] {
        tell(&mut scene, name, figures);
    }
    let request = Request {
        from: site(NORTH),
        receivers: vec![site(WHIPPS), site(HOMER)],
        pathways: vec![Pathway::General],
        reason: "No imaging".into(),
        minutes: Some(240),
        follows: None,
    };
    scene.does("Anna Bell", Intent::Request { ground: REAL, request });
    for name in [WHIPPS, HOMER] {
        answers(&mut scene, name, true);
    }
    let (executive, commander) = (person("Dr Osei"), person("Kit Marlow"));
    scene.does("Anna Bell", Intent::Authorise { ground: REAL, number: 1, executive, commander });
    scene
}

fn answers(scene: &mut Scene, name: &str, consents: bool) {
    let (site, reason) = (site(name), "the ward is full".to_owned());
    scene.does("Ben Cole", Intent::Answer { ground: REAL, number: 1, site, consents, figures: None, reason });
}

fn proposal(scene: &Scene) -> Box<Proposal> {
    let built = build(&scene.book, REAL, &region(), scene.now);
    Box::new(diverts::propose(&built, &plan(&built.instance).unwrap()))
}

fn put(scene: &mut Scene) -> Box<Proposal> {
    let plan = proposal(scene);
    let reason = String::new();
    scene.does("Anna Bell", Intent::Propose { ground: REAL, plan: plan.clone(), instead_of: None, reason });
    plan
}

fn accept(number: u32) -> Intent {
    Intent::AcceptPlan { ground: REAL, number, person: person("Dr Osei"), knowing_gaps: false }
}

fn shown(scene: &Scene, number: u32) -> (Shown, String) {
    let (diverts, now) = (&scene.book.diverts, scene.book.now(scene.now));
    let proposed = diverts.on(REAL).proposal(number).unwrap();
    let changed = diverts.on(REAL).changed_at;
    (proposed.shown(&diverts.rules, changed, now), proposed.words(&diverts.rules, changed, now))
}

/// Thousandths of a patient an hour that the plan sends to a site for a pathway.
fn sent(plan: &Proposal, name: &str, pathway: &str) -> u32 {
    let to = |line: &&diverts::FlowLine| {
        plan.sites[usize::from(line.site)] == name && plan.pathways[usize::from(line.pathway)] == pathway
    };
    plan.flows.iter().filter(to).map(|line| line.per_h_micro / 1000).sum()
}

#[test]
fn the_board_becomes_an_instance_and_its_plan_a_proposal() {
    let scene = scene();
    let built = build(&scene.book, REAL, &region(), scene.now);
    let north = &built.instance.sites[0];
    assert_eq!((north.status, north.queue, north.servers, north.cap_per_h), (Status::Open, 12.0, 5.0, 2.0));
    assert_eq!(north.off.iter().collect::<Vec<_>>(), [1, 2], "scans go with the general patients");
    assert_eq!(built.instance.sites[2].cap_per_h, 3.2);
    assert_eq!((built.figures.len(), built.without_figures.len()), (3, 0));
    let plan = proposal(&scene);
    assert_eq!(sent(&plan, NORTH, "GEN") + sent(&plan, NORTH, "CT"), 0);
    assert_eq!(sent(&plan, NORTH, "RES"), 100, "resuscitation goes to the closest, divert or not");
    let all: u32 = [NORTH, WHIPPS, HOMER].iter().map(|name| sent(&plan, name, "GEN")).sum();
    assert_eq!(all, 3000, "everybody goes somewhere");
    assert_eq!(plan.receiving().count(), 2);
    assert_eq!(plan.estimate_mark(), None);
}

#[test]
fn a_plan_is_accepted_by_a_named_person_and_the_old_one_stays_on_record() {
    let mut scene = scene();
    put(&mut scene);
    assert_eq!(shown(&scene, 1).0, Shown::Waiting);
    scene.does("Anna Bell", accept(1));
    assert_eq!(scene.last_line(), "Plan 1 accepted by Dr Osei");
    scene.refused("Ben Cole", accept(1), &["plan 1 was accepted by Dr Osei at 14:00"]);
    assert_eq!(shown(&scene, 1), (Shown::Current, "Plan 1 is in force".into()));
    let now = board(&scene.book, REAL, scene.now);
    assert!(now.sites[1].load_milli.is_some() && now.sites[1].tolerated_milli == Some(920));
    assert!(now.unacknowledged.iter().any(|c| c.what == "Plan 1 accepted by Dr Osei"));
    let built = build(&scene.book, REAL, &region(), scene.now);
    assert!(matches!(built.instance.current, Current::Given(_)), "the next plan starts from this one");
    put(&mut scene);
    let changed = Intent::Propose {
        ground: REAL,
        plan: proposal(&scene),
        instead_of: Some(2),
        reason: "Zone W stays".into(),
    };
    scene.does("Anna Bell", changed.clone());
    scene.refused("Ben Cole", changed, &["plan 2 was changed by Anna Bell"]);
    scene.does("Anna Bell", accept(3));
    assert_eq!(shown(&scene, 1), (Shown::Past, "Plan 1 was in force and is replaced by plan 3".into()));
    assert_eq!(shown(&scene, 2).1, "Plan 2 was changed by Anna Bell into plan 3");
    put(&mut scene);
    let reason = "Crews cannot do it".to_owned();
    let refuse = Intent::RefusePlan { ground: REAL, number: 4, person: person("Kit Marlow"), reason };
    scene.does("Anna Bell", refuse);
    assert_eq!(shown(&scene, 4).1, "Plan 4 was refused by Kit Marlow: Crews cannot do it");
    assert_eq!(shown(&scene, 3).0, Shown::Current);
    scene.ends_the_same_when_replayed();
}

#[test]
fn a_receiver_refuses_and_the_next_plan_adapts() {
    let mut scene = scene();
    let before = put(&mut scene);
    assert!(sent(&before, WHIPPS, "GEN") > 1100, "Northgate's go to the nearer neighbour at first");
    scene.does("Anna Bell", accept(1));
    answers(&mut scene, WHIPPS, false);
    let (how, words) = shown(&scene, 1);
    assert_eq!(how, Shown::InForceOvertaken);
    assert!(words.contains("is not current") && words.contains("Plan again"), "{words}");
    let after = put(&mut scene);
    assert!(
        sent(&after, WHIPPS, "GEN") < sent(&before, WHIPPS, "GEN"),
        "{} then {}",
        sent(&before, WHIPPS, "GEN"),
        sent(&after, WHIPPS, "GEN")
    );
    scene.does("Anna Bell", accept(2));
    assert_eq!(shown(&scene, 2).0, Shown::Current);
}

#[test]
fn a_plan_made_before_something_changed_is_not_accepted() {
    let mut scene = scene();
    put(&mut scene);
    let closes = Intent::TellStanding {
        ground: REAL,
        site: site(HOMER),
        pathways: vec![],
        standing: Standing::Closed,
        reason: "Flood".into(),
    };
    scene.does("Ben Cole", closes);
    scene.refused("Anna Bell", accept(1), &["changed what a site takes after it was made", "Plan again"]);
    let built = build(&scene.book, REAL, &region(), scene.now);
    assert_eq!(built.instance.sites[2].status, Status::Closed);
}

#[test]
fn no_plan_is_current_when_its_figures_are_not() {
    let mut scene = scene();
    put(&mut scene);
    scene.does("Anna Bell", accept(1));
    put(&mut scene);
    scene.later(60);
    assert_eq!(shown(&scene, 1).0, Shown::Current);
    scene.later(1);
    let (how, words) = shown(&scene, 1);
    assert_eq!(how, Shown::InForceOldFigures);
    assert!(words.contains("is not current: the figures of") && words.contains("1 h 1 min old"), "{words}");
    scene.refused("Anna Bell", accept(2), &["1 h 1 min old", "plan again"]);
    for name in [NORTH, WHIPPS] {
        tell(&mut scene, name, "4 20 9");
    }
    let built = build(&scene.book, REAL, &region(), scene.now);
    assert_eq!(built.without_figures, [site(HOMER)], "old figures are not gone by, and said so");
    assert_eq!(built.instance.sites[2].cap_per_h, 4.0, "a usual day stands in");
    put(&mut scene);
    scene.refused("Anna Bell", accept(3), &["without current figures of Homer Fields", "tick"]);
    let knowing =
        Intent::AcceptPlan { ground: REAL, number: 3, person: person("Dr Osei"), knowing_gaps: true };
    scene.does("Anna Bell", knowing);
    assert_eq!(shown(&scene, 3).0, Shown::InForceGaps);
    assert!(shown(&scene, 3).1.contains("without current figures of Homer Fields"));
}

#[test]
fn a_plan_for_sites_that_the_board_does_not_have_says_that_it_knows_nothing_of_them() {
    let mut scene = Scene::declared();
    scene.does("Lifeboat", Intent::List { sites: vec![listed(NORTH)] });
    tell(&mut scene, NORTH, "2 20 9");
    put(&mut scene);
    scene.refused("Anna Bell", accept(1), &["without current figures of Whipps Green"]);
}

#[test]
fn a_planted_board_that_trusts_old_figures_is_caught() {
    // The checker: whatever is called current rests on figures of at most an hour.
    let honest = |scene: &Scene, how: Shown| {
        let plan = &scene.book.diverts.on(REAL).proposal(1).unwrap().plan;
        let oldest = plan.figures.iter().map(|f| scene.now.seconds_since(f.as_at)).max().unwrap();
        how != Shown::Current || oldest <= 3600
    };
    let mut scene = scene();
    put(&mut scene);
    scene.does("Anna Bell", accept(1));
    scene.later(75);
    assert!(honest(&scene, shown(&scene, 1).0));
    assert!(!honest(&scene, Shown::Current), "a board without the rule would be caught");
}

#[test]
fn a_plan_that_does_not_fit_together_or_rests_on_estimates_says_so() {
    let mut scene = scene();
    let mut plan = proposal(&scene);
    plan.flows[0].site = 99;
    let reason = String::new();
    let put = Intent::Propose { ground: REAL, plan, instead_of: None, reason };
    scene.refused("Anna Bell", put, &["does not fit together"]);
    scene.refused("Anna Bell", accept(7), &["no plan 7"]);
    let mut built = build(&scene.book, REAL, &region(), scene.now);
    for time in &mut built.instance.zones[0].times {
        time.estimated = true;
    }
    let marked = diverts::propose(&built, &planning::diverts::plan(&built.instance).unwrap());
    assert_eq!(marked.estimate_mark().unwrap(), "estimated: 66 % of patients travel by great-circle times");
}

#[test]
fn a_real_region_is_built_planned_and_kept_within_one_entry() {
    for name in ["trust", "london"] {
        let folder = std::env::var_os("LIFEBOAT_SHARED_DATA").map_or_else(
            || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data")),
            PathBuf::from,
        );
        let path = folder.join(format!("divert/{name}.json"));
        let Ok(bytes) = std::fs::read(&path) else {
            println!("shared data absent, skipped: {name}");
            continue;
        };
        let region = read_instance(&bytes).unwrap();
        let mut scene = Scene::declared();
        let sites = region.sites.iter().filter_map(|s| SiteId::new(&s.name)).map(|s| listed(s.as_str()));
        scene.does("Lifeboat", Intent::List { sites: sites.collect() });
        let built = build(&scene.book, REAL, &region, scene.now);
        assert!(built.not_on_board.is_empty(), "{:?}", built.not_on_board);
        let plan = Box::new(diverts::propose(&built, &planning::diverts::plan(&built.instance).unwrap()));
        let reason = String::new();
        scene.does("Anna Bell", Intent::Propose { ground: REAL, plan, instead_of: None, reason });
        let bytes = scene.sealed.last().unwrap().1.len();
        assert!(bytes < 1 << 20, "{name}: {bytes} bytes");
        println!("{name}: {bytes} bytes as one entry");
    }
}

//! The planner on the board behind the real door: plans, what-ifs, one crew, bad regions; and what Lifeboat tends by itself.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use basics::{FixedClock, Moment, SiteId};
use control_room::{ControlRoom, DivertPlanner, PlannerRefused, Region, Setup, WhatIf, sites_of};
use incident::diverts::{Figures, Intent, Pathway, Request, Settled, Shown, Source, Stage};
use incident::{Ground, Person};
use logbook::Keys;
use planning::diverts::read_instance;
use std::sync::Arc;
use tempfile::TempDir;

const REGION: &str = r#"{
  "format": "lifeboat-divert-instance/1", "name": "North", "horizon_h": 4, "target_load": 0.92, "service_h": 2.5,
  "pathways": [
    {"id": "RES", "name": "resuscitation", "limit_min": 30, "weight": 5},
    {"id": "GEN", "name": "general", "limit_min": 45, "weight": 1}],
  "sites": [
    {"name": "Northgate General", "caps": ["RES","GEN"], "status": "open", "off": [], "cap_per_h": 4, "servers": 10, "usual_load": 0.7, "lat": 51.5, "lon": -0.1},
    {"name": "Whipps Green", "caps": ["RES","GEN"], "status": "open", "off": [], "cap_per_h": 4, "servers": 10, "usual_load": 0.5},
    {"name": "Homer Fields", "caps": ["RES","GEN"], "status": "open", "off": [], "cap_per_h": 4, "servers": 10, "usual_load": 0.5}],
  "zones": [
    {"name": "Zone N", "demand": [0.1, 2.0], "times": [[0, 5], [1, 12], [2, 15]]},
    {"name": "Zone W", "demand": [0.1, 1.0], "times": [[0, 20], [1, 6], [2, 9]]}]
}"#;

const REAL: Ground = Ground::Real;

struct House {
    room: ControlRoom,
    planner: DivertPlanner,
    now: Moment,
    _dir: TempDir,
}

fn person(name: &str) -> Person {
    Person::new(name).unwrap()
}

fn site(name: &str) -> SiteId {
    SiteId::new(name).unwrap()
}

fn region(json: &str, at: Moment) -> Region {
    let instance = read_instance(json.as_bytes()).unwrap();
    let (file, times) = ("region.json".to_owned(), "the region's own file".to_owned());
    Region { instance, file, times, estimated: 0, notes: Vec::new(), read_at: at }
}

impl House {
    fn open() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let now = Moment::parse_rfc3339("2026-05-12T13:00:00Z").unwrap();
        let setup = Setup { data_dir: dir.path().to_owned(), ..Setup::default() };
        let keys = Keys::from_secret(&[7; 64]);
        let room = ControlRoom::open_offline(setup, &keys, Arc::new(FixedClock::new(now))).unwrap();
        let planner = DivertPlanner::default();
        planner.set(Ok(region(REGION, now)));
        let house = Self { room, planner, now, _dir: dir };
        let sites = sites_of(&house.planner.region().unwrap().instance);
        house.does(Intent::List { sites });
        house
    }

    fn does(&self, intent: Intent) {
        self.room.incident().submit(intent, &person("Anna Bell"), self.now).unwrap();
    }

    fn tells(&self, name: &str, figures: &str) {
        let figures = Figures::read(figures).unwrap();
        let source = Source::Told;
        self.does(Intent::TellFigures { ground: REAL, site: site(name), figures, as_at: None, source });
    }

    /// Northgate's general patients go to Whipps Green for an hour.
    fn diverts(&self) {
        let request = Request {
            from: site("Northgate General"),
            receivers: vec![site("Whipps Green")],
            pathways: vec![Pathway::General],
            reason: "No imaging".into(),
            minutes: Some(60),
            follows: None,
        };
        self.does(Intent::Request { ground: REAL, request });
        let (site, reason) = (site("Whipps Green"), String::new());
        self.does(Intent::Answer { ground: REAL, number: 1, site, consents: true, figures: None, reason });
        let (executive, commander) = (person("Dr Osei"), person("Kit Marlow"));
        self.does(Intent::Authorise { ground: REAL, number: 1, executive, commander });
    }

    fn propose(&self, asked: &[WhatIf]) -> Result<u32, PlannerRefused> {
        let who = person("Ben Cole");
        let room = self.room.incident();
        self.planner.propose(room, REAL, (asked, None, String::new()), &who, self.now)?;
        Ok(room.read(|book| book.diverts.on(REAL).proposals.len() as u32))
    }
}

#[test]
fn a_region_puts_its_sites_on_the_board_with_their_places() {
    let house = House::open();
    let sites = house.room.incident().read(|book| book.diverts.sites().to_vec());
    assert_eq!(sites.len(), 3);
    assert_eq!((sites[0].latitude_micro, sites[0].longitude_micro), (Some(51_500_000), Some(-100_000)));
    assert_eq!(sites[1].able, [Pathway::Resuscitation, Pathway::General]);
    assert_eq!(sites[1].latitude_micro, None);
}

#[test]
fn a_plan_is_put_to_people_with_its_help_and_the_source_of_its_times() {
    let house = House::open();
    for (name, figures) in
        [("Northgate General", "12 70 5"), ("Whipps Green", "1 10 10"), ("Homer Fields", "0 0 8")]
    {
        house.tells(name, figures);
    }
    house.diverts();
    assert_eq!(house.propose(&[]).unwrap(), 1);
    house.room.incident().read(|book| {
        let proposed = &book.diverts.on(REAL).proposals[0];
        assert_eq!(proposed.settled, Settled::Waiting);
        assert_eq!(proposed.plan.times, "the region's own file, as of 12-May-2026 14:00");
        assert_eq!(proposed.plan.figures.len(), 3);
        let sent = |name: &str| {
            let index = proposed.plan.sites.iter().position(|s| s == name).unwrap() as u16;
            let to = proposed.plan.flows.iter().filter(|f| f.site == index && f.pathway == 1);
            to.map(|f| f.per_h_micro).sum::<u32>()
        };
        assert_eq!((sent("Northgate General"), sent("Whipps Green") + sent("Homer Fields")), (0, 3_000_000));
    });
    let accept =
        Intent::AcceptPlan { ground: REAL, number: 1, person: person("Dr Osei"), knowing_gaps: false };
    house.does(accept);
    let advice = house.planner.advise(house.room.incident(), REAL, ("zone n", "GEN"), house.now).unwrap();
    assert_ne!(advice.site, "Northgate General");
    assert!(advice.plan.contains("Plan 1 is in force"), "{}", advice.plan);
    let advice = house.planner.advise(house.room.incident(), REAL, ("Zone N", "RES"), house.now).unwrap();
    assert_eq!((advice.site.as_str(), advice.travel_minutes), ("Northgate General", 5));
    assert!(advice.words.contains("never deflected"), "{}", advice.words);
}

#[test]
fn what_if_changes_nothing_and_refuses_in_words() {
    let house = House::open();
    let think = |asked: &[WhatIf]| house.planner.think(house.room.incident(), REAL, asked, house.now);
    let asked = [WhatIf::Close("whipps green".into()), WhatIf::MoreMinutes(10)];
    let thought = think(&asked).unwrap();
    assert_eq!(thought.proposal.asked, ["if whipps green closed", "with 10 more minutes allowed"]);
    let load =
        |p: &incident::diverts::Proposal| p.effects.iter().find(|e| e.site == 1).unwrap().planned_per_h_milli;
    assert_eq!(load(&thought.proposal), 0);
    assert!(load(&thought.as_it_is.unwrap()) > 0);
    assert!(house.room.incident().read(|book| book.diverts.on(REAL).proposals.is_empty()));
    for (asked, words) in [
        (WhatIf::Close("Nowhere".into()), "no site called Nowhere"),
        (WhatIf::Lose("Whipps Green".into(), Pathway::Obstetrics), "no pathway for obstetrics"),
        (WhatIf::Lose("Whipps Green".into(), Pathway::Resuscitation), "never diverted"),
        (WhatIf::MoreMinutes(0), "cannot be asked about"),
        (WhatIf::MoreMinutes(500), "cannot be asked about"),
    ] {
        let said = think(&[asked]).unwrap_err().to_string();
        assert!(said.contains(words), "{said}");
    }
    let many: Vec<WhatIf> = (1..30).map(WhatIf::MoreMinutes).collect();
    assert!(think(&many).unwrap_err().to_string().contains("at most 20"));
}

#[test]
fn nobody_to_take_them_is_said_with_the_least_bad_answer() {
    let house = House::open();
    let close = |name: &str| WhatIf::Close(name.to_owned());
    let all = [close("Northgate General"), close("Whipps Green"), close("Homer Fields")];
    let thought = house.planner.think(house.room.incident(), REAL, &all, house.now).unwrap();
    let unserved = thought.proposal.unserved.join("\n");
    assert!(
        unserved.contains("Zone N, GEN (general)") && unserved.contains("nobody takes them"),
        "{unserved}"
    );
    // Without staffed capacity nobody is able, and it is said whom.
    let none = REGION.replace("\"cap_per_h\": 4", "\"cap_per_h\": 0");
    house.planner.set(Ok(region(&none, house.now)));
    let thought = house.planner.think(house.room.incident(), REAL, &[], house.now).unwrap();
    assert_eq!(thought.proposal.unserved.len(), 4, "{:?}", thought.proposal.unserved);
}

#[test]
fn without_a_region_there_is_a_sentence_and_no_plan() {
    let house = House::open();
    let planner = DivertPlanner::default();
    let said = planner.think(house.room.incident(), REAL, &[], house.now).unwrap_err().to_string();
    assert!(said.contains("lifeboat.toml"), "{said}");
    planner.set(Err("times.csv: row 3 (\"Zone W\"), column \"B\": the cell is empty".to_owned()));
    let said = planner.think(house.room.incident(), REAL, &[], house.now).unwrap_err().to_string();
    assert!(said.contains("row 3") && said.contains("the cell is empty"), "{said}");
    assert!(planner.waits(house.room.incident(), REAL, house.now).is_empty());
}

#[test]
fn a_plan_on_old_figures_is_never_current_and_cannot_be_accepted() {
    let mut house = House::open();
    house.tells("Northgate General", "12 70 5");
    house.tells("Whipps Green", "1 10 10");
    house.tells("Homer Fields", "0 0 8");
    house.propose(&[]).unwrap();
    house.now = house.now.plus_seconds(61 * 60);
    let number = 1;
    let accept = Intent::AcceptPlan { ground: REAL, number, person: person("Dr Osei"), knowing_gaps: true };
    let said = house.room.incident().submit(accept, &person("Anna Bell"), house.now).unwrap_err().to_string();
    assert!(said.contains("old") && said.contains("plan again"), "{said}");
    house.room.incident().read(|book| {
        let there = book.diverts.on(REAL);
        let shown = there.proposals[0].shown(&book.diverts.rules, there.changed_at, book.now(house.now));
        assert_ne!(shown, Shown::Current);
    });
    // A clock that was set back does not make them young again.
    house.does(Intent::SetRules {
        rules: incident::diverts::Rules { dwell_minutes: 20, ..Default::default() },
    });
    let back = house.now.plus_seconds(-3_600);
    let again = Intent::AcceptPlan { ground: REAL, number: 1, person: person("Dr Osei"), knowing_gaps: true };
    let said = house.room.incident().submit(again, &person("Anna Bell"), back).unwrap_err().to_string();
    assert!(said.contains("old"), "{said}");
}

#[test]
fn those_who_answer_are_asked_before_expiry_and_its_end_is_noted_each_once() {
    let mut house = House::open();
    house.diverts();
    let tend = |house: &House| house.room.incident().tend_diverts(house.now).unwrap();
    assert_eq!(tend(&house), 0);
    house.now = house.now.plus_seconds(46 * 60);
    assert_eq!((tend(&house), tend(&house)), (1, 0));
    house.now = house.now.plus_seconds(15 * 60);
    assert_eq!((tend(&house), tend(&house)), (1, 0));
    house.room.incident().read(|book| {
        let divert = &book.diverts.on(REAL).diverts[0];
        assert_eq!(divert.stage(house.now), Stage::Expired);
        assert!(divert.expiry_asked.as_ref().unwrap().0.contains(&"Dr Osei".to_owned()));
        let by: Vec<&str> = book.log.lines().iter().rev().take(2).map(|line| line.by.as_str()).collect();
        assert_eq!(by, ["Lifeboat", "Lifeboat"]);
    });
    // A consent, an authorisation or a renewal that comes after is told so.
    let late = Intent::Answer {
        ground: REAL,
        number: 1,
        site: site("Whipps Green"),
        consents: true,
        figures: None,
        reason: "now we can".into(),
    };
    let said = house.room.incident().submit(late, &person("Ben Cole"), house.now).unwrap_err().to_string();
    assert!(said.contains("expired") && said.contains("Ask for a new divert"), "{said}");
}

/// Sixteen people press at the same moment; one is first, and every other is told who and when.
#[test]
fn of_those_who_authorise_at_once_one_does_and_the_others_are_told_who() {
    let house = House::open();
    let request = Request {
        from: site("Northgate General"),
        receivers: vec![site("Whipps Green")],
        pathways: vec![Pathway::General],
        reason: "No imaging".into(),
        minutes: Some(60),
        follows: None,
    };
    house.does(Intent::Request { ground: REAL, request });
    let (site, reason) = (site("Whipps Green"), String::new());
    house.does(Intent::Answer { ground: REAL, number: 1, site, consents: true, figures: None, reason });
    let said: Vec<Result<(), String>> = std::thread::scope(|scope| {
        let presses: Vec<_> = (0..16)
            .map(|n| {
                let (room, at) = (&house.room, house.now);
                scope.spawn(move || {
                    let (executive, commander) = (person(&format!("Executive {n}")), person("Kit Marlow"));
                    let intent = Intent::Authorise { ground: REAL, number: 1, executive, commander };
                    let done = room.incident().submit(intent, &person(&format!("Typist {n}")), at);
                    done.map(drop).map_err(|refused| refused.to_string())
                })
            })
            .collect();
        presses.into_iter().map(|press| press.join().unwrap()).collect()
    });
    let refused: Vec<&String> = said.iter().filter_map(|said| said.as_ref().err()).collect();
    assert_eq!(refused.len(), 15, "{said:?}");
    let first = house.room.incident().read(|book| {
        let divert = book.diverts.on(REAL).divert(1).unwrap().clone();
        divert.authorised.unwrap()
    });
    let words = format!("{} recorded it at", first.stamp.by);
    assert!(
        refused.iter().all(|why| why.contains("authorised already") && why.contains(&words)),
        "{refused:?}"
    );
}

/// An accepted plan goes to the sites by itself, once, also when the program ended before it had told all.
#[test]
fn an_accepted_plan_is_told_to_each_site_once_also_after_a_restart() {
    let house = House::open();
    let opening = incident::declare::Intent::Open {
        name: "Cyber attack".into(),
        level: incident::Level::Major,
        nature: incident::Nature::Real,
        declared: true,
        reason: "Ransom note".into(),
        sites: Vec::new(),
        methane: None,
    };
    house.room.incident().submit(opening, &person("Anna Bell"), house.now).unwrap();
    for (name, figures) in
        [("Northgate General", "12 70 5"), ("Whipps Green", "1 10 10"), ("Homer Fields", "0 0 8")]
    {
        house.tells(name, figures);
    }
    house.diverts();
    let number = house.propose(&[]).unwrap();
    let person_ = person("Dr Osei");
    house.does(Intent::AcceptPlan { ground: REAL, number, person: person_, knowing_gaps: false });
    let told = |room: &ControlRoom| {
        room.incident().read(|book| {
            let plan = book.diverts.on(REAL).proposal(number).unwrap();
            let sites: Vec<String> = plan.told.iter().map(|told| told.site.to_string()).collect();
            (sites, book.messages.unfinished().count())
        })
    };
    // One is told; then the plug is pulled.
    let due = house.room.incident().read(|book| incident::diverts::to_tell(book, REAL, house.now));
    let incident::diverts::ToTell::Tell { number: of, site } = due[0].clone() else { panic!("{due:?}") };
    let salt = house.room.incident().message_salt().unwrap();
    house.does(Intent::TellPlan { ground: REAL, number: of, site, salt });
    let House { room, now, _dir: dir, .. } = house;
    room.close();
    let setup = Setup { data_dir: dir.path().to_owned(), ..Setup::default() };
    let keys = Keys::from_secret(&[7; 64]);
    let room = ControlRoom::open_offline(setup, &keys, Arc::new(FixedClock::new(now))).unwrap();
    assert_eq!(told(&room).0.len(), 1);
    assert_eq!(room.incident().tend_diverts(now).unwrap(), due.len() - 1);
    let (sites, messages) = told(&room);
    assert_eq!((sites.len(), messages), (due.len(), due.len()), "{sites:?}");
    assert!(sites.contains(&"Northgate General".to_owned()) && sites.contains(&"Whipps Green".to_owned()));
    assert_eq!(room.incident().tend_diverts(now).unwrap(), 0, "nobody is told twice");
    room.close();
}

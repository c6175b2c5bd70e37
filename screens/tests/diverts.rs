//! Divert pages as a browser without scripts uses them: the board, the telephone form, one divert's life, plans, refusals.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use crate::common;
use crate::fixture;

use axum::Router;
use basics::{Clock, Moment, SiteId};
use common::{Answer, get, post, words};
use control_room::Region;
use fixture::Hospital;
use http::StatusCode;
use incident::diverts::{DivertSite, Intent, Pathway, Settled, Shown};
use incident::{Ground, Person};
use planning::diverts::read_instance;

const REGION: &str = r#"{
  "format": "lifeboat-divert-instance/1", "name": "North", "horizon_h": 4, "target_load": 0.92, "service_h": 2.5,
  "pathways": [
    {"id": "RES", "name": "resuscitation", "limit_min": 30, "weight": 5},
    {"id": "GEN", "name": "general", "limit_min": 45, "weight": 1},
    {"id": "STR", "name": "stroke", "limit_min": 45, "weight": 2}],
  "sites": [
    {"name": "Northgate General", "caps": ["RES","GEN","STR"], "status": "open", "off": [], "cap_per_h": 4, "servers": 10, "usual_load": 0.7, "lat": 51.52, "lon": -0.10},
    {"name": "Whipps Green", "caps": ["RES","GEN","STR"], "status": "open", "off": [], "cap_per_h": 4, "servers": 10, "usual_load": 0.5, "lat": 51.56, "lon": 0.02},
    {"name": "Homer <b>Fields</b>", "caps": ["RES","GEN"], "status": "open", "off": [], "cap_per_h": 4, "servers": 10, "usual_load": 0.5, "lat": 51.48, "lon": 0.05}],
  "zones": [
    {"name": "Zone N", "demand": [0.1, 2.0, 0.2], "times": [[0, 5], [1, 12], [2, 15]]},
    {"name": "Zone W", "demand": [0.1, 1.0, 0.1], "times": [[0, 20], [1, 6], [2, 9]]}]
}"#;

struct Desk {
    hospital: Hospital,
    router: Router,
}

fn site(name: &str) -> SiteId {
    SiteId::new(name).unwrap()
}

impl Desk {
    /// Three sites on the board, with their region.
    fn open() -> Self {
        let hospital = Hospital::empty();
        let screens = hospital.screens();
        let instance = read_instance(REGION.as_bytes()).unwrap();
        let at = hospital.clock.now();
        let sites: Vec<DivertSite> = control_room::sites_of(&instance);
        screens.planner.set(Ok(Region {
            instance,
            file: "region.json".to_owned(),
            times: "the region's own file".to_owned(),
            estimated: 0,
            notes: Vec::new(),
            read_at: at,
        }));
        hospital.room.incident().submit(Intent::List { sites }, &Person::lifeboat(), at).unwrap();
        let router = screens::router(screens);
        Self { hospital, router }
    }

    async fn sends(&self, address: &str, fields: &[(&str, &str)]) -> Answer {
        let mut all = vec![("by", "Anna Bell"), ("exercise", "0")];
        all.extend_from_slice(fields);
        post(&self.router, address, &all).await
    }

    /// Sends a form that is taken; gives the page to which it leads.
    async fn does(&self, address: &str, fields: &[(&str, &str)]) -> String {
        let answer = self.sends(address, fields).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{address}: {}", words(&answer.text()));
        let shown = get(&self.router, answer.header("location")).await;
        assert_eq!(shown.status, StatusCode::OK);
        words(&shown.text())
    }

    /// Sends a form that is not taken: what was typed and why stand on the page.
    async fn refused(&self, address: &str, fields: &[(&str, &str)], why: &[&str]) {
        let answer = self.sends(address, fields).await;
        let text = answer.text();
        assert_eq!(answer.status, StatusCode::CONFLICT, "{address}: {}", words(&text));
        let said = words(&text).to_lowercase();
        for word in why {
            assert!(said.contains(&word.to_lowercase()), "“{word}” is not in {said}");
        }
        for (name, value) in
            fields.iter().filter(|(n, v)| ["reason", "figures", "waiting"].contains(n) && !v.is_empty())
        {
            assert!(text.contains(value), "what was typed in {name} is lost: {value}");
        }
    }

    async fn page(&self, address: &str) -> String {
        let answer = get(&self.router, address).await;
        assert_eq!(answer.status, StatusCode::OK, "{address}");
        words(&answer.text())
    }

    fn later(&self, minutes: i64) -> Moment {
        let at = self.hospital.clock.now().plus_seconds(minutes * 60);
        self.hospital.clock.set(at);
        at
    }

    async fn tells(&self, site: &str, figures: &str) {
        self.does(&format!("/diverts/sites/{site}/figures"), &[("waiting", figures)]).await;
    }

    /// Northgate's general and stroke patients go to Whipps Green.
    async fn in_force(&self) {
        let ask = [
            ("from", "Northgate General"),
            ("pathway", "general"),
            ("pathway", "stroke"),
            ("to", "Whipps Green"),
            ("reason", "No imaging since 13:40"),
        ];
        let asked = self.does("/diverts/ask", &ask).await;
        assert!(asked.contains("must consent before it can be authorised"), "{asked}");
        self.does("/diverts/1/answer", &[("site", "Whipps Green"), ("answer", "consent")]).await;
        let both = [("executive", "Dr Osei"), ("commander", "Kit Marlow")];
        let shown = self.does("/diverts/1/authorise", &both).await;
        assert!(shown.contains("authorised by Dr Osei and Kit Marlow"), "{shown}");
    }
}

#[tokio::test]
async fn an_empty_board_says_what_to_do() {
    let router = Hospital::empty().router();
    for (address, word) in [
        ("/diverts", "List the sites"),
        ("/diverts/list", "No divert is in force"),
        ("/diverts/map", "No map can be drawn"),
        ("/diverts/ask", "List the sites first"),
        ("/diverts/moved", "List at least two sites first"),
        ("/diverts/plans", "name its file in lifeboat.toml"),
        ("/diverts/setup", "None yet"),
    ] {
        let answer = get(&router, address).await;
        assert_eq!(answer.status, StatusCode::OK, "{address}");
        assert!(words(&answer.text()).contains(word), "{address}: {}", words(&answer.text()));
    }
    for address in
        ["/diverts/1", "/diverts/x", "/diverts/plans/9", "/diverts/sites/Nowhere", "/diverts?exercise=7"]
    {
        assert_eq!(get(&router, address).await.status, StatusCode::NOT_FOUND, "{address}");
    }
}

#[tokio::test]
async fn figures_are_told_in_one_short_form_and_shown_with_their_age() {
    let desk = Desk::open();
    let site = "/diverts/sites/Whipps%20Green";
    let told = desk
        .does(&format!("{site}/figures"), &[("waiting", "14"), ("longest", "52"), ("staffed", "9")])
        .await;
    assert!(told.contains("14 waiting , longest 52 min, 9 staffed places"), "{told}");
    // The same in one box, and nobody waiting in one digit.
    desk.tells("Northgate%20General", "3 12 10").await;
    desk.tells("Northgate%20General", "0").await;
    let board = desk.page("/diverts").await;
    assert!(board.contains("0 waiting , longest 0 min") && board.contains("about"), "{board}");
    for (waiting, longest, why) in [
        ("many", "52", "was not understood"),
        ("", "52", "Write how many wait"),
        ("9999", "52", "not believable"),
        ("-1", "5", "was not understood"),
    ] {
        desk.refused(&format!("{site}/figures"), &[("waiting", waiting), ("longest", longest)], &[why]).await;
    }
    desk.later(61);
    assert!(desk.page("/diverts").await.contains("too old to go by"));
}

#[tokio::test]
async fn a_divert_is_asked_for_refused_consented_authorised_and_acknowledged() {
    let desk = Desk::open();
    let ask = |pathway: &'static str, to: &'static str| {
        vec![
            ("from", "Northgate General"),
            ("pathway", pathway),
            ("to", to),
            ("reason", "No imaging since 13:40"),
        ]
    };
    desk.refused("/diverts/ask", &ask("resuscitation", "Whipps Green"), &["resuscitation is never diverted"])
        .await;
    desk.refused("/diverts/ask", &ask("general", "Northgate General"), &["at least one other site"]).await;
    desk.refused(
        "/diverts/ask",
        &ask("stroke", "Homer <b>Fields</b>"),
        &["none of the sites asked takes stroke"],
    )
    .await;
    let mut odd = ask("general", "Whipps Green");
    odd.push(("minutes", "soon"));
    desk.refused("/diverts/ask", &odd, &["no number of minutes"]).await;
    desk.does("/diverts/ask", &ask("general", "Whipps Green")).await;
    let both = [("executive", "Dr Osei"), ("commander", "Kit Marlow")];
    desk.refused("/diverts/1/authorise", &both, &["nobody has consented"]).await;
    // A refusal in words, with the figures.
    let no = [("site", "Whipps Green"), ("answer", "refuse"), ("figures", "14 52 9")];
    let shown = desk.does("/diverts/1/answer", &no).await;
    assert!(shown.contains("Whipps Green has refused: 14 waiting, longest 52 minutes"), "{shown}");
    desk.does("/diverts/1/answer", &[("site", "Whipps Green"), ("answer", "consent")]).await;
    let one = [("executive", "Kit Marlow"), ("commander", "kit marlow")];
    desk.refused("/diverts/1/authorise", &one, &["needs two people"]).await;
    desk.does("/diverts/1/authorise", &both).await;
    // Whoever was slower is told who was faster.
    desk.refused("/diverts/1/authorise", &both, &["authorised already", "Anna Bell", "Dr Osei"]).await;
    // Everybody concerned is asked to acknowledge it, and who has not is named.
    let board = desk.page("/diverts").await;
    assert!(board.contains("not been acknowledged by everybody"), "{board}");
    let change =
        desk.hospital.room.incident().read(|book| book.diverts.on(Ground::Real).changes[0].stamp.entry.0);
    let acknowledge = [("change", change.to_string())];
    let acknowledge: Vec<(&str, &str)> = acknowledge.iter().map(|(n, v)| (*n, v.as_str())).collect();
    desk.does("/diverts/sites/Whipps%20Green/acknowledge", &acknowledge).await;
    desk.refused("/diverts/sites/Whipps%20Green/acknowledge", &acknowledge, &["acknowledged this"]).await;
    let list = desk.page("/diverts/list").await;
    assert!(list.contains("Northgate General: do not take general. Go to Whipps Green."), "{list}");
}

#[tokio::test]
async fn a_divert_is_renewed_loses_pathways_and_ends_and_nothing_works_after() {
    let desk = Desk::open();
    desk.in_force().await;
    desk.refused("/diverts/1/end", &[("reason", "scanner back"), ("pathway", "stroke")], &["stays at least"])
        .await;
    desk.later(46);
    assert!(desk.page("/diverts/1").await.contains("Time to renew it or let it end"));
    let until = desk.hospital.room.incident().read(|book| book.diverts.on(Ground::Real).diverts[0].until);
    let seen = until.milliseconds().to_string();
    let renew = [
        ("executive", "Dr Osei"),
        ("commander", "Kit Marlow"),
        ("reason", "CT not back"),
        ("seen", seen.as_str()),
    ];
    assert!(desk.does("/diverts/1/renew", &renew).await.contains("Renewed"));
    // The second of two who renew at once is told.
    desk.refused("/diverts/1/renew", &renew, &["renewed", "while you wrote"]).await;
    let shown = desk.does("/diverts/1/end", &[("reason", "scanner back"), ("pathway", "stroke")]).await;
    assert!(shown.contains("Back: stroke"), "{shown}");
    let crew = [("crew", "E12"), ("pathway", "general"), ("reason", "closest, in labour")];
    assert!(desk.does("/diverts/1/override", &crew).await.contains("Crew E12, general"));
    desk.later(61);
    let late = [("site", "Whipps Green"), ("answer", "consent"), ("reason", "we have found two nurses")];
    desk.refused("/diverts/1/answer", &late, &["expired at", "Ask for a new divert"]).await;
    let shown = desk.page("/diverts/1").await;
    assert!(shown.contains("Expired") && shown.contains("Ask for a new one that goes on from it"), "{shown}");
}

#[tokio::test]
async fn patients_moved_are_counted_once_and_told_from_where_to_where() {
    let desk = Desk::open();
    desk.in_force().await;
    let jobs = [
        ("what", "jobs"),
        ("jobs", "E101\nE102\nE101"),
        ("from", "Northgate General"),
        ("to", "Whipps Green"),
        ("pathway", "general"),
    ];
    let shown = desk.does("/diverts/moved", &jobs).await;
    assert!(shown.contains("Northgate General to Whipps Green: 2"), "{shown}");
    desk.refused("/diverts/moved", &jobs, &["counted already"]).await;
    let nhs = fixture::nhs(1);
    let mut named = jobs;
    named[1] = ("jobs", &nhs);
    desk.refused("/diverts/moved", &named, &["looks like an NHS number"]).await;
    let count = [
        ("what", "count"),
        ("service", "East Ambulance"),
        ("from", "Northgate General"),
        ("to", "Whipps Green"),
        ("since", "15:00"),
        ("until", "16:05"),
        ("patients", "7"),
    ];
    let shown = desk.does("/diverts/moved", &count).await;
    assert!(
        shown.contains("Northgate General to Whipps Green: 7 (7 by the ambulance service's figures"),
        "{shown}"
    );
    let mut odd = count;
    odd[4] = ("since", "lunch");
    desk.refused("/diverts/moved", &odd, &["is no time"]).await;
}

#[tokio::test]
async fn a_plan_is_a_proposal_until_a_named_person_accepts_it_and_old_plans_stay() {
    let desk = Desk::open();
    for (site, figures) in [("Northgate%20General", "12 70 5"), ("Whipps%20Green", "1 10 10")] {
        desk.tells(site, figures).await;
    }
    desk.in_force().await;
    let proposed = desk.does("/diverts/plans", &[]).await;
    assert!(proposed.contains("Plan 1 is proposed; nobody has accepted it"), "{proposed}");
    assert!(proposed.contains("Made without current figures of Homer <b>Fields</b>"), "{proposed}");
    desk.refused("/diverts/plans/1/accept", &[], &["without current figures", "tick"]).await;
    let change = [("close", "Homer <b>Fields</b>"), ("reason", "Homer is about to close")];
    let changed = desk.does("/diverts/plans/1/change", &change).await;
    assert!(
        changed.contains("if Homer <b>Fields</b> closed") && changed.contains("It changes plan 1"),
        "{changed}"
    );
    desk.refused("/diverts/plans/1/accept", &[("knowing", "yes")], &["was changed by Anna Bell"]).await;
    let accepted = desk.does("/diverts/plans/2/accept", &[("knowing", "yes")]).await;
    assert!(accepted.contains("Accepted by Anna Bell"), "{accepted}");
    // A receiver takes its word back: the plan is no longer current, and a new one adapts.
    desk.does("/diverts/1/answer", &[("site", "Whipps Green"), ("answer", "refuse"), ("figures", "14 52 9")])
        .await;
    assert!(desk.page("/diverts/plans/2").await.contains("is not current"));
    let third = desk.does("/diverts/plans", &[]).await;
    assert!(third.contains("Plan 3 is proposed"), "{third}");
    desk.does("/diverts/plans/3/refuse", &[("reason", "Homer told nothing")]).await;
    let list = desk.page("/diverts/plans").await;
    for word in
        ["3 plans on record", "Plan 3 was refused by Anna Bell: Homer told nothing", "Plan 1 was changed"]
    {
        assert!(list.contains(word), "{word}: {list}");
    }
    desk.hospital.room.incident().read(|book| {
        let there = book.diverts.on(Ground::Real);
        assert!(matches!(there.proposals[1].settled, Settled::Accepted(..)));
        let shown = there.proposals[1].shown(
            &book.diverts.rules,
            there.changed_at,
            book.now(desk.hospital.clock.now()),
        );
        assert_ne!(shown, Shown::Current);
    });
    let pdf = get(&desk.router, "/diverts/plans/2/plan.pdf").await;
    assert_eq!((pdf.status, pdf.header("content-type")), (StatusCode::OK, "application/pdf"));
    assert!(
        pdf.body.starts_with(b"%PDF")
            && get(&desk.router, "/diverts/list.pdf").await.body.starts_with(b"%PDF")
    );
}

/// A plan goes to the sites by itself when it is accepted; its page says to whom, how, and who has acknowledged it.
#[tokio::test]
async fn an_accepted_plan_says_to_whom_it_went_and_who_has_acknowledged_it() {
    let desk = Desk::open();
    for (site, figures) in [("Northgate%20General", "12 70 5"), ("Whipps%20Green", "1 10 10")] {
        desk.tells(site, figures).await;
    }
    desk.in_force().await;
    desk.does("/diverts/plans", &[]).await;
    // While no incident is open nobody can be sent a message, and the page says what to do.
    let accepted = desk.does("/diverts/plans/1/accept", &[("knowing", "yes")]).await;
    assert!(accepted.contains("no incident is open, so that no message can go out"), "{accepted}");
    assert!(accepted.contains("Told to the sites: 0 of") && accepted.contains("Not told yet"), "{accepted}");
    let opening = incident::declare::Intent::Open {
        name: "Cyber attack".into(),
        level: incident::Level::Major,
        nature: incident::Nature::Real,
        declared: true,
        reason: "Ransom note".into(),
        sites: Vec::new(),
        methane: None,
    };
    let (room, at) = (desk.hospital.room.incident(), desk.hospital.clock.now());
    room.submit(opening, &Person::lifeboat(), at).unwrap();
    desk.does("/diverts/plans", &[]).await;
    let told = desk.does("/diverts/plans/2/accept", &[("knowing", "yes")]).await;
    assert!(told.contains("Message 1") && told.contains("Not acknowledged"), "{told}");
    assert!(!told.contains("Not told yet"), "{told}");
    let slips = get(&desk.router, "/diverts/plans/2/slips.pdf").await;
    assert!(slips.status == StatusCode::OK && slips.body.starts_with(b"%PDF"));
    let site = desk.page("/diverts/sites/Whipps%20Green").await;
    for words in ["The plan in force, for here", "Ambulance divert plan 2, accepted by Anna Bell"] {
        assert!(site.contains(words), "{words}: {site}");
    }
    let change = room.read(|book| book.diverts.on(Ground::Real).changes.last().unwrap().stamp.entry.0);
    desk.does("/diverts/sites/Whipps%20Green/acknowledge", &[("change", &change.to_string())]).await;
    let page = desk.page("/diverts/plans/2").await;
    assert!(page.contains("Acknowledged by Anna Bell") && page.contains("Told to the sites: 1 of"), "{page}");
    let old = desk.page("/diverts/plans/1").await;
    assert!(old.contains("Plan 2 took its place"), "the old plan stays on record: {old}");
}

#[tokio::test]
async fn what_if_is_only_asked_and_one_crew_is_told_where_to_go() {
    let desk = Desk::open();
    let asked = desk.page("/diverts/plans?ask=what-if&close=Whipps%20Green&more=10").await;
    assert!(asked.contains("if Whipps Green closed, with 10 more minutes allowed"), "{asked}");
    assert!(asked.contains("Nothing was changed"), "{asked}");
    for (query, why) in [
        ("ask=what-if", "Say what to ask about"),
        ("ask=what-if&more=ten", "no number of minutes"),
        ("ask=what-if&close=Nowhere", "no site called Nowhere"),
        ("ask=what-if&lose=Whipps%20Green", "Choose which patients"),
        ("ask=crew&zone=Mars&code=GEN", "no zone called"),
    ] {
        let said = desk.page(&format!("/diverts/plans?{query}")).await;
        assert!(said.contains(why), "{query}: {said}");
    }
    let crew = desk.page("/diverts/plans?ask=crew&zone=Zone%20N&code=GEN").await;
    assert!(crew.contains("Go to Northgate General") && crew.contains("No plan is in force"), "{crew}");
    assert!(desk.hospital.room.incident().read(|book| book.diverts.on(Ground::Real).proposals.is_empty()));
}

#[tokio::test]
async fn a_neighbours_report_stands_beside_the_board_unconfirmed_and_with_its_age() {
    let desk = Desk::open();
    let report = |when: &str| {
        format!(
            "<have:HAVE xmlns:have=\"urn:oasis:names:tc:emergency:edxl:have:2.0\" xmlns:ct=\"y\"><have:facility>\
             <have:facilityInformation><have:facilityName>Whipps Green</have:facilityName></have:facilityInformation>\
             <have:reportingPeriod><ct:fromDateTime>{when}</ct:fromDateTime><ct:toDateTime>{when}</ct:toDateTime></have:reportingPeriod>\
             <have:facilityColourStatus><have:colourCodeDefault><ct:Value>red</ct:Value></have:colourCodeDefault></have:facilityColourStatus>\
             </have:facility></have:HAVE>"
        )
    };
    // An hour and five minutes old.
    let old = report("2026-07-14T14:00:00Z");
    desk.does("/diverts/setup/feed", &[("feed", "Eastern network"), ("report", &old)]).await;
    let board = desk.page("/diverts").await;
    assert!(board.contains("Feed Eastern network, 1 h 5 min ago, not confirmed: red (old)"), "{board}");
    desk.refused("/diverts/setup/feed", &[("feed", "Eastern network"), ("report", &old)], &["nothing newer"])
        .await;
    let bomb = "<!DOCTYPE x [<!ENTITY a \"b\">]><x/>";
    desk.refused("/diverts/setup/feed", &[("feed", "X"), ("report", bomb)], &["document type"]).await;
}

#[tokio::test]
async fn the_map_draws_every_site_where_it_lies_and_says_the_same_in_words() {
    let desk = Desk::open();
    desk.in_force().await;
    let html = get(&desk.router, "/diverts/map").await.text();
    assert_eq!(html.matches("class=\"dm-site").count(), 3);
    assert_eq!(html.matches("class=\"dm-flow").count(), 1);
    assert!(words(&html).contains("Northgate General: on divert for stroke, general"), "{}", words(&html));
    assert!(!html.contains("<b>Fields</b>"), "a name is escaped");
    assert!(words(&html).contains("Northgate General to Whipps Green: by divert, no plan says how many"));
}

#[tokio::test]
async fn an_exercise_has_a_board_of_its_own_and_says_so() {
    let desk = Desk::open();
    let at = desk.hospital.clock.now();
    let open = incident::declare::Intent::Open {
        name: "Autumn exercise".into(),
        level: incident::declare::Level::Major,
        nature: incident::declare::Nature::Exercise,
        declared: true,
        reason: "practice".into(),
        sites: Vec::new(),
        methane: None,
    };
    desk.hospital.room.incident().submit(open, &Person::new("Anna Bell").unwrap(), at).unwrap();
    let tell = [("waiting", "5 20 9"), ("exercise", "1")];
    let answer =
        post(&desk.router, "/diverts/sites/Whipps%20Green/figures", &[&tell[..], &[("by", "Ben")]].concat())
            .await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert!(answer.header("location").contains("exercise=1"), "{}", answer.header("location"));
    let real = desk.page("/diverts?exercise=0").await;
    assert!(real.contains("No figures") && !real.contains("5 waiting"), "{real}");
    let exercise = get(&desk.router, "/diverts").await.text();
    assert!(words(&exercise).contains("EXERCISE: nothing here is real") && exercise.contains("EXERCISE"));
    assert!(words(&exercise).contains("5 waiting"));
    let told = desk
        .hospital
        .room
        .incident()
        .read(|book| book.diverts.on(Ground::Real).figures(&site("Whipps Green")).is_none());
    assert!(told, "what is practised never changes what is real");
    assert!(Pathway::ALL.len() == 7);
}

//! The written form of every fact: the sample bytes never change, and no fact is without a sample.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use crate::common;
#[path = "frozen/reaching.rs"]
mod reaching;

use basics::EntryNumber;
use common::{FIRST, at, person, post, site};
use incident::action_cards::{self, ActionCard, HeldAt, Phase, Step, StepKey, Target, Tier};
use incident::codec::{self, ACT};
use incident::decisions::{self, Finding, Taken};
use incident::declare::{self, Level, Nature};
use incident::diverts::{self, Pathway};
use incident::hospitals::{self, ServiceState};
use incident::messages::MessageId;
use incident::methane::{self, Methane};
use incident::public_updates::{self, Alternative, Content, ServiceNotice, Words};
use incident::roles;
use incident::sitreps::{self, Section};
use incident::stand_down;
use incident::systems::{self, Listing, SystemId, SystemState};
use incident::{Act, Fact, Ground};
use std::collections::BTreeSet;
use std::path::Path;

/// One act a line, as it was written by the version that first knew the fact.
fn frozen() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/frozen/acts_v1.jsonl");
    std::fs::read_to_string(path).unwrap()
}

fn incident_facts() -> Vec<Fact> {
    let methane = Methane { hazards: "Pumps".into(), ..Methane::default() };
    let (incident, reason) = (FIRST, "why".to_owned());
    vec![
        declare::Fact::Opened {
            incident,
            name: "Cyber attack".into(),
            level: Level::Major,
            nature: Nature::Exercise,
            declared: true,
            reason: reason.clone(),
            sites: vec![site("Northgate General")],
            methane: Some(methane.clone()),
        }
        .into(),
        declare::Fact::Declared { incident, level: Level::Critical, reason: reason.clone() }.into(),
        declare::Fact::LevelChanged { incident, level: Level::BusinessContinuity, reason: reason.clone() }
            .into(),
        declare::Fact::SitesChanged { incident, sites: vec![], reason: reason.clone() }.into(),
        declare::Fact::Cancelled { incident, reason: reason.clone() }.into(),
        methane::Fact::Reported { incident, report: methane, corrects: Some(EntryNumber(4)) }.into(),
        stand_down::Fact::StoodDown { incident, reason: reason.clone(), open: vec!["1 step".into()] }.into(),
        stand_down::Fact::Resumed { incident, reason }.into(),
    ]
}

fn role_facts() -> Vec<Fact> {
    let (incident, post, contact) = (FIRST, post("site-manager", "Northgate General"), "ext 1".to_owned());
    let (person, shift_ends) = (person("Anna Bell"), at("22:00"));
    let to = common::person("Ben Cole");
    vec![
        roles::Fact::Taken {
            incident,
            post: post.clone(),
            person: person.clone(),
            contact: contact.clone(),
            shift_ends,
        }
        .into(),
        roles::Fact::HandedOver {
            incident,
            post: post.clone(),
            from: person.clone(),
            to,
            contact: contact.clone(),
            shift_ends,
            briefing: "all".into(),
        }
        .into(),
        roles::Fact::GivenUp { incident, post: post.clone(), person: person.clone(), reason: "ill".into() }
            .into(),
        roles::Fact::DeputyNamed {
            incident,
            post: post.clone(),
            person: person.clone(),
            contact,
            shift_ends,
        }
        .into(),
        roles::Fact::DeputyReleased { incident, post: post.clone(), person: person.clone() }.into(),
        roles::Fact::ShiftExtended { incident, post, person, shift_ends, reason: "nobody".into() }.into(),
    ]
}

fn card_facts() -> Vec<Fact> {
    let post = post("loggist", "");
    let step = StepKey { phase: Phase::StandDown, number: 2 };
    let steps = |target| vec![Step { text: "Do it.".into(), target }];
    let card = ActionCard {
        role: post.role.clone(),
        title: "Loggist".into(),
        tier: Tier::Support,
        held: HeldAt::EachWard,
        base: "Here".into(),
        reports_to: "All".into(),
        purpose: "Writes.".into(),
        standby: steps(None),
        declared: steps(Some(Target::Within { minutes: 5 })),
        stand_down: steps(Some(Target::Every { minutes: 60 })),
    };
    let (incident, reason) = (FIRST, "why".to_owned());
    vec![
        action_cards::Fact::LibraryAdopted { cards: vec![card] }.into(),
        action_cards::Fact::Issued { incident }.into(),
        action_cards::Fact::StepDone { incident, post: post.clone(), step, note: String::new() }.into(),
        action_cards::Fact::StepNotNeeded { incident, post: post.clone(), step, reason: reason.clone() }
            .into(),
        action_cards::Fact::StepReopened { incident, post, step, reason }.into(),
    ]
}

fn log_facts() -> Vec<Fact> {
    let taken = Taken {
        matter: "Network".into(),
        information: "Known".into(),
        options: vec!["On".into(), "Off".into()],
        decision: "Off".into(),
        reason: "Spreads".into(),
        decided_by: person("Anna Bell"),
        role: "Strategic commander".into(),
        review_at: Some(at("15:00")),
    };
    let text = "text".to_owned();
    vec![
        decisions::Fact::Noted { incident: None, text: text.clone() }.into(),
        decisions::Fact::Decided { incident: FIRST, number: 1, taken }.into(),
        decisions::Fact::Reviewed {
            incident: FIRST,
            number: 1,
            finding: Finding::Withdrawn,
            text: text.clone(),
            review_at: None,
        }
        .into(),
        decisions::Fact::Corrected {
            incident: Some(FIRST),
            entry: EntryNumber(4),
            text,
            reason: "misheard".into(),
        }
        .into(),
    ]
}

fn ground_facts() -> Vec<Fact> {
    let (real, exercise, system) = (Ground::Real, Ground::Exercise(FIRST), SystemId(7));
    let listing = Listing {
        site: Some(site("Northgate General")),
        name: "Pathology".into(),
        owner: "Lab".into(),
        workaround: "Paper".into(),
        depends_on: vec!["Network".into()],
        recovery_order: Some(3),
    };
    vec![
        hospitals::Fact::Listed { sites: vec![site("Northgate General")] }.into(),
        hospitals::Fact::ServiceTold {
            ground: exercise,
            site: site("Northgate General"),
            service: "Outpatients".into(),
            state: ServiceState::Reduced,
            wait_minutes: Some(40),
            note: "no records".into(),
        }
        .into(),
        systems::Fact::Listed { systems: vec![(system, listing)] }.into(),
        systems::Fact::Retired { system, reason: "replaced".into() }.into(),
        systems::Fact::StateTold {
            ground: real,
            system,
            state: SystemState::Isolated,
            note: "precaution".into(),
            since: Some(at("12:00")),
        }
        .into(),
        systems::Fact::WorkaroundTold { system, workaround: "Radios".into() }.into(),
        systems::Fact::Reported {
            ground: real,
            number: 1,
            site: site("Northgate General"),
            system: None,
            what: "Red padlock".into(),
            contact: "AMU".into(),
        }
        .into(),
        systems::Fact::ReportSettled { ground: real, number: 1, how: "told IT".into() }.into(),
    ]
}

fn divert_plan() -> diverts::Proposal {
    diverts::Proposal {
        region: "North".into(),
        seen: EntryNumber(3),
        zones: vec!["Zone 1".into()],
        pathways: vec!["GEN".into()],
        sites: vec!["Northgate General".into(), "Whipps Green".into()],
        flows: vec![diverts::FlowLine { zone: 0, pathway: 0, site: 1, per_h_micro: 40, estimated: true }],
        moves: vec![diverts::MoveLine { from: 0, to: 1, per_h_milli: 7 }],
        effects: vec![diverts::Effect {
            site: 1,
            tolerated_milli: 920,
            load_milli: 900,
            nearest_milli: 1100,
            now_per_h_milli: 500,
            planned_per_h_milli: 507,
        }],
        figures: vec![diverts::FiguresUsed {
            site: site("Whipps Green"),
            waiting: 14,
            staffed: Some(9),
            as_at: at("13:00"),
        }],
        without_figures: vec![site("Northgate General")],
        estimated_milli: 1000,
        travel_tenths: 131,
        nearest_travel_tenths: 120,
        reasons: vec!["full".into()],
        unserved: vec![],
        proved: true,
        ..diverts::Proposal::default()
    }
}

fn divert_site_facts() -> Vec<Fact> {
    let (ground, whipps) = (Ground::Real, site("Whipps Green"));
    let figures = diverts::Figures { waiting: 14, longest_minutes: 52, staffed: Some(9) };
    let able = vec![Pathway::Resuscitation, Pathway::General];
    let (latitude_micro, longitude_micro) = (Some(51_000_000), Some(-1_000));
    let listed = diverts::DivertSite {
        site: whipps.clone(),
        trust: "East".into(),
        able,
        latitude_micro,
        longitude_micro,
    };
    vec![
        diverts::Fact::SitesListed { sites: vec![listed] }.into(),
        diverts::Fact::RulesSet { rules: diverts::Rules::default() }.into(),
        diverts::Fact::StandingTold {
            ground,
            site: whipps.clone(),
            pathways: vec![Pathway::MajorTrauma, Pathway::HyperAcuteStroke, Pathway::PrimaryPci],
            standing: diverts::Standing::Limited,
            reason: "one scanner".into(),
        }
        .into(),
        diverts::Fact::FiguresTold {
            ground,
            site: whipps.clone(),
            figures,
            as_at: at("13:00"),
            source: diverts::Source::Feed("LAS".into()),
        }
        .into(),
        diverts::Fact::FeedSaid {
            ground,
            feed: "Eastern network".into(),
            says: vec![diverts::FeedSays {
                site: whipps.clone(),
                as_at: at("13:00"),
                no_time: true,
                colour: Some(diverts::Colour::Yellow),
                offload_minutes: Some(40),
                words: "busy".into(),
            }],
            unlisted: vec!["Elsewhere".into()],
        }
        .into(),
        diverts::Fact::HandedOff {
            ground,
            hand_offs: vec![diverts::HandOff {
                job: "A100".into(),
                from: site("Northgate General"),
                to: whipps.clone(),
                pathway: Pathway::Children,
                at: at("13:30"),
            }],
        }
        .into(),
        diverts::Fact::ServiceCounted {
            ground,
            count: diverts::ServiceCount {
                service: "East Ambulance".into(),
                since: at("13:00"),
                until: at("14:00"),
                patients: vec![(site("Northgate General"), whipps, 5)],
            },
        }
        .into(),
    ]
}

fn divert_facts() -> Vec<Fact> {
    let (ground, number, reason) = (Ground::Exercise(FIRST), 1, "why".to_owned());
    let (executive, commander) = (person("Anna Bell"), person("Ben Cole"));
    let (from, whipps) = (site("Northgate General"), site("Whipps Green"));
    let pathways = vec![Pathway::Obstetrics];
    vec![
        diverts::Fact::Requested {
            ground,
            number,
            from,
            receivers: vec![whipps.clone()],
            pathways: pathways.clone(),
            reason: reason.clone(),
            minutes: 60,
            follows: Some(3),
        }
        .into(),
        diverts::Fact::Answered {
            ground,
            number,
            site: whipps.clone(),
            consents: false,
            figures: None,
            reason: reason.clone(),
        }
        .into(),
        diverts::Fact::Authorised {
            ground,
            number,
            executive: executive.clone(),
            commander: commander.clone(),
            until: at("14:00"),
        }
        .into(),
        diverts::Fact::ExpiryAsked { ground, number, asked: vec!["Anna Bell".into()] }.into(),
        diverts::Fact::Renewed {
            ground,
            number,
            executive,
            commander: commander.clone(),
            minutes: 60,
            until: at("15:00"),
            reason: reason.clone(),
        }
        .into(),
        diverts::Fact::Expired { ground, number }.into(),
        diverts::Fact::Ended {
            ground,
            number,
            pathways,
            reason: reason.clone(),
            sooner_because: String::new(),
        }
        .into(),
        diverts::Fact::Withdrawn { ground, number, reason: reason.clone() }.into(),
        diverts::Fact::Overridden {
            ground,
            number,
            crew: "E12".into(),
            pathway: Pathway::General,
            reason: reason.clone(),
        }
        .into(),
        diverts::Fact::Proposed {
            ground,
            number,
            plan: Box::new(divert_plan()),
            instead_of: None,
            reason: reason.clone(),
        }
        .into(),
        diverts::Fact::PlanAccepted { ground, number, person: commander.clone() }.into(),
        diverts::Fact::PlanRefused { ground, number, person: commander, reason }.into(),
        diverts::Fact::PlanTold { ground, number, site: whipps.clone(), message: MessageId(3) }.into(),
        diverts::Fact::Acknowledged { ground, change: EntryNumber(5), site: whipps }.into(),
    ]
}

fn sitrep_facts() -> Vec<Fact> {
    let sections = vec![Section { heading: "Situation".into(), body: "Bad.\nContained.".into() }];
    let covers = (EntryNumber(0), EntryNumber(9));
    let (incident, number, revision) = (FIRST, 1, 2);
    vec![
        sitreps::Fact::Drafted { incident, number, revision, sections, covers }.into(),
        sitreps::Fact::Approved { incident, number, revision, next_due: Some(at("16:00")) }.into(),
        sitreps::Fact::Discarded { incident, number, reason: "early".into() }.into(),
        sitreps::Fact::NextDue { incident, at: None, reason: "over".into() }.into(),
    ]
}

fn public_facts() -> Vec<Fact> {
    let (ground, number, reason) = (Ground::Exercise(FIRST), 1, "wrong hours".to_owned());
    let words = |sentence: &str| Words {
        sentence: sentence.into(),
        do_this: vec!["Call 111".into()],
        not_for: vec!["Blood tests".into()],
    };
    let content = Content {
        english: words("Our computers do not work."),
        welsh: Some(words("Nid yw ein cyfrifiaduron yn gweithio.")),
        alternatives: vec![Alternative {
            name: "Walk-in centre".into(),
            good_for: "cuts".into(),
            hours: "8am to 8pm".into(),
            contact: "High Street".into(),
        }],
        services: vec![ServiceNotice {
            site: site("Northgate General"),
            service: "Outpatients".into(),
            state: ServiceState::Closed,
            wait_minutes: Some(30),
            note: "until Monday".into(),
        }],
        next_update: Some(at("16:00")),
    };
    vec![
        public_updates::Fact::Drafted { ground, number, revision: 1, content }.into(),
        public_updates::Fact::Approved { ground, number, revision: 1 }.into(),
        public_updates::Fact::Withdrawn { ground, number, reason: reason.clone() }.into(),
        public_updates::Fact::Discarded { ground, number, reason }.into(),
    ]
}

fn samples() -> Vec<Fact> {
    [
        incident_facts(),
        role_facts(),
        card_facts(),
        log_facts(),
        ground_facts(),
        sitrep_facts(),
        public_facts(),
        divert_site_facts(),
        divert_facts(),
        reaching::directory_facts(),
        reaching::message_facts(),
    ]
    .concat()
}

fn written(fact: &Fact) -> Vec<u8> {
    codec::write(&Act { by: person("Anna Bell"), facts: vec![fact.clone()] }).unwrap()
}

#[test]
fn sample_bytes_never_change() {
    let frozen = frozen();
    let lines: BTreeSet<&str> = frozen.lines().filter(|line| !line.is_empty()).collect();
    let mut missing = String::new();
    for fact in samples() {
        let bytes = written(&fact);
        let (version, json) = bytes.split_first().unwrap();
        assert_eq!(*version, 1);
        let json = std::str::from_utf8(json).unwrap();
        if !lines.contains(json) {
            missing.push_str(json);
            missing.push('\n');
        }
    }
    assert!(missing.is_empty(), "not among the frozen samples; a new fact adds its line:\n{missing}");
}

#[test]
fn every_frozen_sample_is_still_read() {
    for line in frozen().lines().filter(|line| !line.is_empty()) {
        let body: Vec<u8> = std::iter::once(1).chain(line.bytes()).collect();
        let act = codec::read(EntryNumber(1), ACT, &body).unwrap_or_else(|fault| panic!("{fault}\n{line}"));
        assert_eq!(codec::write(&act).unwrap(), body, "what is read is written back the same");
    }
}

#[test]
fn what_is_not_understood_names_its_entry() {
    for (kind, body, want) in [
        (ACT, &b""[..], "kind 1, 0 bytes"),
        (ACT, b"\x02{}", "version 2"),
        (7, b"\x01{}", "kind 7"),
        (ACT, b"\x01{\"by\":\"AB\",\"facts\":[]}", "without a fact"),
        (ACT, b"\x01{\"by\":\"AB\",\"facts\":[{\"Astrology\":{}}]}", "Astrology"),
        (
            ACT,
            b"\x01{\"by\":\" \",\"facts\":[{\"Decisions\":{\"Noted\":{\"incident\":null,\"text\":\"x\"}}}]}",
            "EOF",
        ),
    ] {
        let told = codec::read(EntryNumber(12), kind, body);
        let told = match told {
            // A name of blanks is kept as it was written: the entry is sealed, and reading must not fail for it.
            Ok(act) => {
                assert_eq!(act.by.as_str(), " ");
                continue;
            }
            Err(fault) => fault.to_string(),
        };
        assert!(told.contains("entry 12") && told.contains(want), "{told}");
    }
}

/// Names of the variants of `pub enum Fact` in a source file.
fn variants(source: &str) -> Vec<String> {
    let Some((_, rest)) = source.split_once("\npub enum Fact {\n") else { return Vec::new() };
    let body = rest.split("\n}").next().unwrap_or("");
    let named = |line: &str| {
        let name: String =
            line.strip_prefix("    ")?.chars().take_while(char::is_ascii_alphanumeric).collect();
        name.chars().next().is_some_and(|c| c.is_ascii_uppercase()).then_some(name)
    };
    body.lines().filter_map(named).collect()
}

fn sources(folder: &Path, out: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, out);
        } else {
            out.push(std::fs::read_to_string(path).unwrap());
        }
    }
}

#[test]
fn no_fact_is_without_a_sample() {
    let mut all = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut all);
    let mut wanted: Vec<String> = all.iter().flat_map(|source| variants(source)).collect();
    let mut sampled = Vec::new();
    for line in frozen().lines().filter(|line| !line.is_empty()) {
        let act: serde_json::Value = serde_json::from_str(line).unwrap();
        let fact = act["facts"][0].as_object().unwrap().values().next().unwrap();
        sampled.extend(fact.as_object().unwrap().keys().cloned());
    }
    wanted.sort();
    sampled.sort();
    assert_eq!(sampled, wanted, "samples (left) and facts (right) differ");
}

//! Divert plans on paper: how it stands, whom it rests on, and a sheet for each site that receives.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use basics::{EntryNumber, Moment, SiteId, Zone};
use incident::diverts::{Effect, FiguresUsed, FlowLine, MoveLine, Proposal, Proposed, Settled};
use incident::{Person, Stamp};
use paper::{Letterhead, Press};

fn at(text: &str) -> Moment {
    Moment::parse_rfc3339(&format!("2026-05-12T{text}:00Z")).unwrap()
}

fn stamp(text: &str) -> Stamp {
    Stamp { entry: EntryNumber(7), at: at(text), by: Person::new("Anna Bell").unwrap() }
}

fn proposed(settled: Settled) -> Proposed {
    let effect = |site, load_milli| Effect {
        site,
        tolerated_milli: 920,
        load_milli,
        nearest_milli: 1_100,
        now_per_h_milli: 500,
        planned_per_h_milli: 1_700,
    };
    let plan = Proposal {
        region: "North".into(),
        zones: vec!["Zone N".into(), "Zone W".into()],
        pathways: vec!["GEN".into()],
        sites: vec!["Northgate General".into(), "Whipps Green".into()],
        flows: vec![
            FlowLine { zone: 0, pathway: 0, site: 1, per_h_micro: 1_200_000, estimated: true },
            FlowLine { zone: 1, pathway: 0, site: 1, per_h_micro: 500_000, estimated: false },
        ],
        moves: vec![MoveLine { from: 0, to: 1, per_h_milli: 1_200 }],
        effects: vec![effect(0, 500), effect(1, 1_010)],
        figures: vec![FiguresUsed {
            site: SiteId::new("Whipps Green").unwrap(),
            waiting: 3,
            staffed: None,
            as_at: at("12:55"),
        }],
        without_figures: vec![SiteId::new("Northgate General").unwrap()],
        estimated_milli: 700,
        reasons: vec!["Whipps Green is the only site".into()],
        help: vec!["two more majors nurses at Whipps Green are worth 0.4 patients an hour".into()],
        ..Proposal::default()
    };
    Proposed {
        number: 3,
        plan,
        instead_of: None,
        stamp: stamp("13:00"),
        settled,
        replaced_by: None,
        told: Vec::new(),
    }
}

fn words(settled: Settled, watermark: Option<&str>) -> Vec<String> {
    let head = Letterhead {
        trust: "Northgate and Southmere Hospitals".into(),
        incident: "Ambulance diverts".into(),
        printed: at("13:05"),
        watermark: watermark.map(str::to_owned),
        record: String::new(),
    };
    let (press, zone) = (Press::new().unwrap(), Zone::london());
    let proposed = proposed(settled);
    let rendered = press.divert_plan(&proposed, "Plan 3 is in force", &head, &zone).unwrap();
    let pages = press.divert_plan_words(&proposed, "Plan 3 is in force", &head, &zone);
    assert!(rendered.pdf.starts_with(b"%PDF") && rendered.pages as usize == pages.len());
    pages.into_iter().map(|page| page.join(" ").split_whitespace().collect::<Vec<_>>().join(" ")).collect()
}

#[test]
fn each_receiving_site_has_a_sheet_that_says_who_comes_from_where() {
    let pages = words(Settled::Accepted(Person::new("Dr Osei").unwrap(), stamp("13:04")), None);
    assert_eq!(pages.len(), 2);
    for word in [
        "Plan 3 is in force",
        "Accepted by Dr Osei",
        "Northgate General to Whipps Green: 1.2 an hour patients",
        "load 101 % of at most 92 % OVER",
        "Without current figures of: Northgate General",
        "estimated: 70 % of patients",
        "two more majors nurses",
        "A crew may always override",
    ] {
        assert!(pages[0].contains(word), "{word}: {}", pages[0]);
    }
    for word in
        ["Whipps Green: divert plan 3", "GEN: 1.7 an hour (some travel times estimated), from Zone N, Zone W"]
    {
        assert!(pages[1].contains(word), "{word}: {}", pages[1]);
    }
}

#[test]
fn a_plan_that_nobody_accepted_says_so_on_every_sheet() {
    for (settled, word) in [
        (Settled::Waiting, "A PROPOSAL: nobody has accepted it"),
        (
            Settled::Refused(Person::new("Dr Osei").unwrap(), stamp("13:04"), "no".into()),
            "REFUSED by Dr Osei",
        ),
        (Settled::Changed(4, stamp("13:04"), "why".into()), "CHANGED into plan 4"),
    ] {
        for page in words(settled.clone(), Some("EXERCISE")) {
            assert!(page.contains(word) && page.contains("EXERCISE"), "{word}: {page}");
        }
    }
}

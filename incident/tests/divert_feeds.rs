//! What neighbours' feeds say: read within bounds, shown with source and age, never gone by.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use crate::common;

use common::{REAL, Scene, at, site};
use incident::diverts::{
    Colour, DivertSite, HAVE_BYTES_MAX, HaveFault, Intent, Pathway, Standing, board, radio_list, read_have,
};

const HEAD: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<have:HAVE xmlns:have="urn:oasis:names:tc:emergency:edxl:have:2.0" xmlns:xnl="x" xmlns:ct="y">"#;

/// A report of one hospital, as of a moment.
fn report(name: &str, when: &str, colour: &str, more: &str) -> String {
    let period = if when.is_empty() {
        String::new()
    } else {
        format!(
            "<have:reportingPeriod><ct:fromDateTime>2026-05-12T00:00:00Z</ct:fromDateTime><ct:toDateTime>2026-05-12T{when}:00Z</ct:toDateTime></have:reportingPeriod>"
        )
    };
    format!(
        r#"{HEAD}{period}<have:facility><have:facilityInformation><have:facilityID>f1</have:facilityID>
<have:facilityName>{name}</have:facilityName><have:emergencyDepartmentStatus>
<have:emsTraffic><have:emsTrafficStatus>Advisory</have:emsTrafficStatus><have:emsTrafficReason>full &amp; waiting</have:emsTrafficReason></have:emsTraffic>
<have:emsAmbulanceStatus><have:emsOffloadStatus>Delayed</have:emsOffloadStatus><have:emsOffloadMinutes>40</have:emsOffloadMinutes></have:emsAmbulanceStatus>
</have:emergencyDepartmentStatus></have:facilityInformation>{more}
<have:facilityColourStatus><have:colourCodeDefault><ct:ValueListURI>u</ct:ValueListURI><ct:Value>{colour}</ct:Value></have:colourCodeDefault></have:facilityColourStatus>
</have:facility></have:HAVE>"#
    )
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
    let sites = ["Northgate General", "Whipps Green"].map(listed).to_vec();
    scene.does("Lifeboat", Intent::List { sites });
    scene
}

fn take(xml: &str) -> Intent {
    let report = Box::new(read_have(xml.as_bytes()).unwrap());
    Intent::TakeFeed { ground: REAL, feed: "Eastern network".into(), report }
}

#[test]
fn what_a_feed_says_is_shown_with_its_name_and_age_and_changes_nothing_else() {
    let mut scene = scene();
    let service = "<have:serviceList><have:serviceListItem><have:serviceTaxonomyKeyValue>t</have:serviceTaxonomyKeyValue>\
        <have:serviceName>Trauma</have:serviceName><have:serviceStatus><have:isAvailable>false</have:isAvailable>\
        <have:comment>theatre flooded</have:comment></have:serviceStatus></have:serviceListItem></have:serviceList>";
    scene.does("Lifeboat", take(&report("whipps green", "12:00", "red", service)));
    let shown = board(&scene.book, REAL, at("13:05"));
    let row = shown.sites.iter().find(|s| s.site.as_str() == "Whipps Green").unwrap();
    let line = &row.feeds[0];
    assert_eq!((line.feed.as_str(), line.age_seconds, line.stale), ("Eastern network", 65 * 60, true));
    assert_eq!(
        line.words,
        "red, handover 40 minutes. ambulance traffic Advisory (full & waiting). Trauma: not available (theatre flooded)"
    );
    // An hour old or fresh: nobody is sent anywhere by it, and it is not read out.
    assert!(
        row.figures.is_none() && row.cells.iter().all(|c| c.standing == Some(Standing::Open) && c.not_told)
    );
    assert!(!radio_list(&shown).join(" ").contains("handover 40"));
    assert!(scene.last_line().contains("Eastern network says, unconfirmed: Whipps Green: red"));
    scene.ends_the_same_when_replayed();
}

#[test]
fn older_reports_and_reports_from_the_future_are_refused_in_words() {
    let mut scene = scene();
    scene.does("Lifeboat", take(&report("Whipps Green", "12:30", "yellow", "")));
    scene.refused(
        "Lifeboat",
        take(&report("Whipps Green", "12:00", "green", "")),
        &["nothing newer", "13:30"],
    );
    scene.refused("Lifeboat", take(&report("Whipps Green", "12:30", "yellow", "")), &["nothing newer"]);
    scene.refused(
        "Lifeboat",
        take(&report("Whipps Green", "13:40", "green", "")),
        &["still to come", "clock is wrong"],
    );
    scene.refused(
        "Lifeboat",
        take(&report("Elsewhere", "12:50", "green", "")),
        &["names no site", "Elsewhere"],
    );
    // Without a time of its own it is as old as its arrival, and the same words are not recorded every minute.
    scene.does("Lifeboat", take(&report("Northgate General", "", "green", "")));
    scene.later(5).refused(
        "Lifeboat",
        take(&report("Northgate General", "", "green", "")),
        &["nothing newer"],
    );
    scene.later(6).does("Lifeboat", take(&report("Northgate General", "", "green", "")));
    let shown = board(&scene.book, REAL, scene.now);
    assert!(
        shown.sites[0].feeds[0].words.ends_with("gives no time of its own"),
        "{:?}",
        shown.sites[0].feeds
    );
}

#[test]
fn hostile_reports_are_refused_in_a_sentence() {
    let fault = |bytes: &[u8]| read_have(bytes).unwrap_err();
    let deep = format!("{HEAD}{}", "<a>".repeat(60));
    let twice = format!("{HEAD}</have:HAVE><x/>");
    for (bytes, words) in [
        (format!("<!DOCTYPE x [<!ENTITY a \"b\">]>{HEAD}&a;</have:HAVE>"), "document type"),
        (format!("{HEAD}<have:facility>&secret;</have:facility></have:HAVE>"), "&secret;"),
        (deep, "too deep"),
        (twice, "more than one first element"),
        (format!("{HEAD}<have:facility>"), "cannot be read as XML"),
        (format!("{HEAD}<have:facility></have:HAVE>"), "cannot be read as XML"),
        (format!("{HEAD}</have:HAVE>"), "names no hospital"),
        ("<HAVE xmlns=\"urn:other\"/>".to_owned(), "no EDXL-HAVE 2.0 report"),
        ("hello".to_owned(), "no EDXL-HAVE 2.0 report"),
        (String::new(), "no EDXL-HAVE 2.0 report"),
    ] {
        let said = fault(bytes.as_bytes()).to_string();
        assert!(said.contains(words), "{bytes}: {said}");
    }
    assert_eq!(fault(&vec![b' '; HAVE_BYTES_MAX + 1]), HaveFault::TooLarge { bytes: HAVE_BYTES_MAX + 1 });
    assert_eq!(fault(b"\xFF\xFE<"), HaveFault::NotUtf8);
    let many = format!("{HEAD}{}</have:HAVE>", "<b/>".repeat(100_001));
    assert_eq!(fault(many.as_bytes()), HaveFault::Unbounded("long"));
}

#[test]
fn the_working_drafts_own_example_is_read() {
    let folder = std::env::var("LIFEBOAT_SHARED_DATA")
        .unwrap_or_else(|_| concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data").to_owned());
    let path = std::path::Path::new(&folder).join("standards/edxl-have-2.0/HAVE.xml");
    let Ok(bytes) = std::fs::read(&path) else {
        println!("shared data absent, skipped: the example report");
        return;
    };
    let report = read_have(&bytes).unwrap();
    assert_eq!(report.facilities[0].name, "Saint John Regional");
    assert_eq!(report.facilities[0].colour, Some(Colour::Green));
    assert_eq!(report.facilities[1].services[0].colour, Some(Colour::Yellow));
    assert!(report.facilities.len() >= 5, "{}", report.facilities.len());
}

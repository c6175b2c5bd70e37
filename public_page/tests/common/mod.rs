//! A trust on the afternoon of an attack, for the public page's tests: every update goes through the incident's rules.
#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)]

use basics::{EntryNumber, Moment, SiteId, Zone};
use incident::hospitals::{self, ServiceState};
use incident::public_updates::{Alternative, Content, Intent, PublicBoard, ServiceNotice, Words};
use incident::{Act, Ground, IncidentBook, Intent as Any, Person, decide, fold};
use public_page::Settings;

pub fn at(text: &str) -> Moment {
    Moment::parse_rfc3339(&format!("2017-05-12T{text}:00Z")).unwrap()
}

pub fn settings() -> Settings {
    Settings {
        trust: "Northgate & Whipps Green Hospitals".into(),
        address: "https://updates.northgate.example/".into(),
        contact: "0300 000 0000".into(),
        sender: "updates@northgate.example".into(),
        area: "Northgate and Whipps Green".into(),
        zone_name: "Europe/London".into(),
    }
    .checked()
    .unwrap()
}

pub fn service(site: &str, service: &str, state: ServiceState) -> ServiceNotice {
    let (site, note) = (SiteId::new(site).unwrap(), String::new());
    ServiceNotice { site, service: service.into(), state, wait_minutes: None, note }
}

pub fn content() -> Content {
    let mut imaging = service("Whipps Green", "Imaging", ServiceState::Reduced);
    imaging.wait_minutes = Some(240);
    imaging.note = "Urgent scans only".into();
    Content {
        english: Words {
            sentence: "Our computers are not working, so many appointments cannot go ahead today.".into(),
            do_this: vec![
                "Come only in an emergency.".into(),
                "We will call you about your appointment.".into(),
            ],
            not_for: vec!["Blood tests".into(), "Routine X-rays".into()],
        },
        welsh: None,
        alternatives: vec![Alternative {
            name: "High Street walk-in centre".into(),
            good_for: "cuts, sprains, infections".into(),
            hours: "every day 8am to 8pm".into(),
            contact: "1 High Street".into(),
        }],
        services: vec![
            service("Northgate General", "Emergency department", ServiceState::Open),
            service("Northgate General", "Outpatients", ServiceState::Closed),
            imaging,
        ],
        next_update: Some(at("16:30")),
    }
}

pub struct Trust {
    pub book: IncidentBook,
    pub now: Moment,
}

impl Trust {
    /// Two hospitals, 15:00 UTC (4pm in London).
    pub fn new() -> Self {
        let mut trust = Self { book: IncidentBook::new(Zone::london()), now: at("15:00") };
        let sites = ["Northgate General", "Whipps Green"].map(|name| SiteId::new(name).unwrap()).to_vec();
        trust.does("Lifeboat", hospitals::Intent::List { sites });
        trust
    }

    pub fn does(&mut self, who: &str, intent: impl Into<Any>) {
        let by = Person::new(who).unwrap();
        let facts = decide(&self.book, intent.into(), &by, self.now).unwrap_or_else(|why| panic!("{why}"));
        let entry = EntryNumber(self.book.last_entry.0 + 1);
        fold(&mut self.book, entry, self.now, Act { by, facts });
    }

    pub fn drafts(&mut self, ground: Ground, content: Content) -> u32 {
        self.does("Cara Dean", Intent::Draft { ground, content });
        self.book.public_updates.all(ground).len() as u32
    }

    pub fn publishes(&mut self, ground: Ground, content: Content) -> u32 {
        let number = self.drafts(ground, content);
        self.does("Anna Bell", Intent::Approve { ground, number, revision: 1 });
        number
    }

    pub fn withdraws(&mut self, number: u32) {
        let reason = "SECRETREASON".to_owned();
        self.does("Ben Cole", Intent::Withdraw { ground: Ground::Real, number, reason });
    }

    pub fn board(&self, ground: Ground) -> PublicBoard {
        self.book.public_updates.board(&self.book, ground)
    }
}

/// Every file as text, one after the other.
pub fn all_text(edition: &public_page::Edition) -> String {
    edition.files.iter().map(|(_, bytes)| String::from_utf8_lossy(bytes).into_owned()).collect()
}

/// What a reader sees of a page: its words without tags, a block on a line.
pub fn seen(html: &[u8]) -> String {
    let html = std::str::from_utf8(html).unwrap();
    let body = html.split_once("<body>").unwrap().1;
    let mut out = String::new();
    let mut inside = false;
    for c in body.chars() {
        match c {
            '<' => inside = true,
            '>' => {
                inside = false;
                out.push('\u{1}');
            }
            c if !inside => out.push(c),
            _ => {}
        }
    }
    let out = out.replace("&amp;", "&").replace("&#39;", "'").replace("&quot;", "\"");
    out.split(['\u{1}', '\n']).map(str::trim).filter(|l| !l.is_empty()).collect::<Vec<_>>().join("\n")
}

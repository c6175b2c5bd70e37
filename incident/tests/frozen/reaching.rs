//! Samples of what reaches people: the directory, messages, roll-calls, evidence.

use crate::common::{FIRST, at, site};
use incident::directory::{self, DirectoryEntry, DirectoryId, EntryKind, Route, RouteState};
use incident::evidence::{self, FileKind, Piece};
use incident::messages::roll_call::{Answer, Work};
use incident::messages::{self, Ask, Audience, Delivery, Heard, MessageId, Receipt, Recipient, Way};
use incident::{Fact, Ground, RoleKey};

pub fn directory_facts() -> Vec<Fact> {
    let (real, id) = (Ground::Real, DirectoryId(3));
    let entry = DirectoryEntry {
        kind: EntryKind::Role,
        name: "Site manager".into(),
        title: "manager".into(),
        role: RoleKey::new("site-manager"),
        site: Some(site("Northgate General")),
        place: "Control room".into(),
        location: "Level 1".into(),
        numbers: vec![
            (Route::Direct, "01632 960011".into()),
            (Route::Extension, "4021".into()),
            (Route::Mobile, "07700 900101".into()),
            (Route::Bleep, "112".into()),
            (Route::Radio, "channel 2".into()),
            (Route::Switchboard, "0".into()),
            (Route::Email, "site.manager@northgate.example".into()),
        ],
        notes: "nights too".into(),
    };
    let few = DirectoryEntry { name: "Ward 7".into(), kind: EntryKind::Place, ..DirectoryEntry::default() };
    let told = |state| directory::Fact::RouteTold {
        ground: real,
        site: None,
        route: Route::Switchboard,
        state,
        note: "use the red phones".into(),
    };
    vec![
        directory::Fact::Listed { entries: vec![(id, entry), (DirectoryId(4), few)] }.into(),
        directory::Fact::Retired { entries: vec![id], reason: "left".into() }.into(),
        told(RouteState::Down).into(),
        directory::Fact::DutyTold { ground: Ground::Exercise(FIRST), entries: vec![id], until: None }.into(),
    ]
}

pub fn message_facts() -> Vec<Fact> {
    let (incident, message) = (FIRST, MessageId(2));
    let to = vec![
        Audience::OnDuty,
        Audience::Role(RoleKey::new("site-manager").unwrap()),
        Audience::Place { site: Some(site("Northgate General")), place: "Ward 7".into() },
        Audience::Entry(DirectoryId(3)),
        Audience::Machine("team-chat".into()),
    ];
    let recipients = vec![
        Recipient {
            name: "Ada Quill".into(),
            entry: Some(DirectoryId(3)),
            way: Way::Sms,
            to: "07700 900101".into(),
            place: "Level 1".into(),
        },
        Recipient {
            name: "Ward 7".into(),
            entry: None,
            way: Way::Slip,
            to: "Ward 7".into(),
            place: String::new(),
        },
    ];
    let receipt =
        |round, delivery, why: &str| Receipt { message, person: 1, round, delivery, why: why.into() };
    let items = vec![receipt(0, Delivery::Queued, ""), receipt(1, Delivery::Failed, "no such number")];
    let present = Answer::Present { safe: true, place: "AMU".into(), work: Work::Until(at("18:00")) };
    vec![
        messages::Fact::Sent {
            message,
            incident,
            ground: Ground::Exercise(FIRST),
            ask: Ask::RollCall,
            text: "Are you safe?".into(),
            to,
            to_words: "everyone on duty".into(),
            salt: "00112233445566778899aabbccddeeff".into(),
            recipients,
            until: at("20:00"),
        }
        .into(),
        messages::Fact::SentAgain { incident, message, people: vec![1], by_slip: true }.into(),
        messages::Fact::Receipts { incident, items }.into(),
        messages::Fact::Answered { incident, message, person: 0, answer: present, heard: Heard::Link }.into(),
        messages::Fact::Closed { incident, message, reason: "over".into() }.into(),
        messages::Fact::PhonesTold { incident, allowed: true, reason: "agreed".into() }.into(),
        evidence::Fact::Kept {
            incident,
            piece: Piece {
                number: 1,
                shows: "red padlock".into(),
                found_at: "AMU".into(),
                file_name: "photo.png".into(),
                kind: FileKind::Png,
                bytes: 12,
                sha256: "00".repeat(32),
            },
        }
        .into(),
    ]
}

//! Prints fictional letters, a clinic list and a door list to look at, or measures: how long 20,000 letters take, how much memory.
//!
//! `cargo run --release -p paper --example letters -- DIR` writes samples into a folder; without anything it measures.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, missing_docs)]

use basics::{Moment, Zone};
use care::notices::{self, Booking, Channel, Draft, Fields, Format, Language, Message};
use paper::{
    ClinicList, ClinicRow, Decided, DoorList, DoorRow, LETTERS_MAX, Letter, LetterHead, Letterhead, Press,
};
use std::time::Instant;

fn main() {
    let press = Press::new().unwrap();
    match std::env::args().nth(1) {
        Some(dir) => samples(&press, &dir),
        None => measure(&press),
    }
}

fn letter(n: usize, message: Message, format: Format, language: Language, bookings: usize) -> Letter {
    let files = notices::shipped().iter().map(|(name, text)| (*name, text.as_bytes()));
    let templates = notices::read_all(files).unwrap();
    let outcomes = Message::ALL;
    let booking = |nth: usize| Booking {
        date: format!("Tuesday {} May", 12 + nth),
        time: "10:30am".into(),
        clinic: "Clinic 4, level 2".into(),
        new_date: format!("Wednesday {} June", 3 + nth),
        new_time: "2pm".into(),
        outcome: if message == Message::Changes { outcomes.get(nth % 5).copied() } else { None },
    };
    let fields = Fields {
        hospital: "Northgate General Hospital".into(),
        phone: "020 7946 0000".into(),
        hours: "8am to 8pm, every day".into(),
        name: "Mrs Example".into(),
        hear_by: "30 May".into(),
        bookings: (0..bookings).map(booking).collect(),
        ..Fields::default()
    };
    let draft = Draft { message, channel: Channel::Letter, language, format, fields };
    let notice = notices::compose(&templates, &draft).unwrap();
    Letter {
        to: format!("Mrs Fredrica Anne Example\n{n} Example Street\nNether Example\nNorthgate\nNG1 1AA"),
        date: "11 May 2026".into(),
        reference: format!("LB-{n:05}"),
        subject: notice.subject,
        body: notice.paragraphs,
        language: notice.language,
        large_print: format == Format::LargePrint,
    }
}

fn letter_head(watermark: Option<&str>) -> LetterHead {
    LetterHead {
        hospital: "Northgate General Hospital".into(),
        sender: [
            "Appointments team",
            "Northgate General Hospital",
            "1 Hospital Road",
            "Northgate NG1 2ZZ",
            "",
            "Telephone 020 7946 0000",
        ]
        .map(str::to_owned)
        .into(),
        signed: "The appointments team".into(),
        watermark: watermark.map(str::to_owned),
        both_sides: false,
    }
}

fn samples(press: &Press, dir: &str) {
    let zone = Zone::london();
    let letters = [
        letter(1, Message::Postponed, Format::Standard, Language::English, 1),
        letter(2, Message::Changes, Format::Standard, Language::English, 5),
        letter(3, Message::Postponed, Format::EasyRead, Language::English, 3),
        letter(4, Message::ComeAsPlanned, Format::LargePrint, Language::English, 1),
        letter(5, Message::Rebooked, Format::Standard, Language::Welsh, 1),
        Letter {
            to: "To the parent or guardian of Mr Maximilian-Alexander Featherstonehaugh-Example\nFlat 12, The Old Corn Exchange \
                 and Assembly Rooms\n1 Example Street\nNether Example\nNorthgate\nNorthshire\nNG1 1AA"
                .into(),
            ..letter(6, Message::GoingAhead, Format::Standard, Language::English, 1)
        },
    ];
    let write = |name: &str, pdf: &[u8]| std::fs::write(format!("{dir}/{name}.pdf"), pdf).unwrap();
    write("letters", &press.letters(&letters, &letter_head(None)).unwrap().pdf);
    write("letters-exercise", &press.letters(&letters, &letter_head(Some("EXERCISE"))).unwrap().pdf);
    let head = Letterhead {
        trust: "Northgate and Southmere Hospitals".into(),
        incident: "Cyber attack 12 May, critical incident".into(),
        printed: Moment::parse_rfc3339("2026-05-12T06:00:00Z").unwrap(),
        watermark: Some("EXERCISE".into()),
        record: "incident book 400 · 0123456789abcdef".into(),
    };
    let decided = [Decided::Keep, Decided::Postponed, Decided::Keep, Decided::Escalated, Decided::NotDecided];
    let rows = (0..23usize).map(|n| ClinicRow {
        time: format!("{:02}:{:02}", 9 + n / 6, n % 6 * 10),
        name: if n == 4 {
            "FEATHERSTONEHAUGH-EXAMPLE-WOLFESCHLEGELSTEIN, Maximilian-Alexander Bartholomew Christopher (Professor)".into()
        } else {
            format!("EXAMPLE{n}, Fredrica (Mrs)")
        },
        born: "14-Jul-1945".into(),
        nhs_number: if n == 7 { String::new() } else { "999 123 4567".into() },
        reason: if n == 4 { "Review after operation, dressing, results of scan, plan for next steps".into() } else { "Review".into() },
        problems: if n % 3 == 0 { "Allergic to penicillin. Falls risk. Needs hoist.".into() } else { String::new() },
        decided: decided.get(n % 5).copied().unwrap_or_default(),
        decided_note: if n % 5 == 1 { "to 3 June 14:00, told by text 08:10".into() } else { String::new() },
        class: ["A", "B", "C", "D"].get(n % 4).copied().unwrap_or("").into(),
        why: "urgent by its kind (rule B); waited 54 weeks (rule R2)".into(),
        phone: "07700 900123, 020 7946 0000".into(),
    });
    let list = ClinicList {
        clinic: "Clinic 4".into(),
        day: "Tuesday 12 May 2026".into(),
        place: "Level 2, rooms 3 to 5".into(),
        as_at: "Data as at 12-May-2026 05:00, 2 hours old".into(),
        rows: rows.collect(),
    };
    let empty = ClinicList { clinic: "Clinic 9".into(), rows: Vec::new(), ..list.clone() };
    write("clinics", &press.clinic_lists(&[list, empty], &head, &zone).unwrap().pdf);
    let door = DoorList {
        place: "Northgate General, main entrance".into(),
        day: "Tuesday 12 May 2026".into(),
        as_at: "Data as at 12-May-2026 05:00, 2 hours old".into(),
        in_doubt: "Clinics' desk, extension 4021".into(),
        rows: (0..31usize)
            .map(|n| DoorRow {
                name: format!("EXAMPLE{}, Fredrica Anne (Mrs)", n * 7 % 31),
                born: "14-Jul-1945".into(),
                time: "09:30".into(),
                clinic: "Clinic 4, level 2".into(),
                decided: "Postponed, not reached".into(),
                what_to_do: "Say sorry. Take a number to call. New date within two weeks.".into(),
            })
            .collect(),
    };
    write(
        "door",
        &press.door_list(&door, &Letterhead { watermark: None, ..head.clone() }, &zone).unwrap().pdf,
    );
    write("door-empty", &press.door_list(&DoorList::default(), &head, &zone).unwrap().pdf);
}

fn measure(press: &Press) {
    for (name, format) in [("standard", Format::Standard), ("large_print", Format::LargePrint)] {
        let one = letter(1, Message::Postponed, format, Language::English, 1);
        let letters: Vec<Letter> = (0..LETTERS_MAX)
            .map(|n| Letter {
                reference: format!("LB-{n:05}"),
                to: format!("Mrs Example {n}\n{}", one.to),
                ..one.clone()
            })
            .collect();
        let started = Instant::now();
        let done = press.letters(&letters, &letter_head(None)).unwrap();
        let wall = started.elapsed().as_secs_f64();
        // One figure a line, for `xtask bench`.
        println!("figure\tletters_{name}_s\t{wall:.3}\ts");
        println!("figure\tletters_{name}_pages\t{}\t", done.pages);
        println!("figure\tletters_{name}_mb\t{}\tMB", done.pdf.len() / 1_000_000);
    }
}

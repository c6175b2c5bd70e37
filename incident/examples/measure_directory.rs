//! Measures the directory: 20,000 entries listed, then searched as tired people type.
//!
//! `cargo run --release -p incident --example measure_directory -- [SEARCHES]`. Prints one figure a line.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    missing_docs
)]

use basics::{EntryNumber, Moment, Zone};
use incident::directory::{Question, read_sheet};
use incident::{Act, Ground, IncidentBook, Person, decide, fold};
use std::time::Instant;

const FIRST: [&str; 12] =
    ["Ada", "Ben", "Cara", "Dan", "Eva", "Finn", "Grace", "Hugh", "Iris", "Jonah", "Kim", "Lena"];
const ENDINGS: [&str; 8] = ["son", "ley", "wood", "field", "ton", "well", "smith", "worth"];
const JOBS: [&str; 6] = ["nurse", "consultant", "porter", "pharmacist", "radiographer", "site manager"];

fn main() {
    let searches = std::env::args().nth(1).map_or(5_000, |n| n.parse().unwrap());
    let at = Moment::parse_rfc3339("2026-05-12T13:00:00Z").unwrap();
    let who = Person::new("Eva Frost").unwrap();
    let mut book = IncidentBook::new(Zone::london());
    let mut sheet = "name,title,ward,ext,direct,mobile,email\n".to_owned();
    let family =
        |n: usize| format!("{}{}{}", ["Brad", "Ash", "Whit", "Hart"][n % 4], n / 31 % 97, ENDINGS[n % 8]);
    for n in 0..20_000 {
        sheet.push_str(&format!(
            "{} {} {n},{},Ward {},{},01632 9{n:05},07700 9{n:05},p{n}@northgate.example\n",
            FIRST[n % 12],
            family(n),
            JOBS[n % 6],
            n % 80,
            1_000 + n
        ));
    }
    let began = Instant::now();
    let report = read_sheet(&book, sheet.as_bytes()).unwrap();
    for (intent, number) in report.intents().into_iter().zip(1..) {
        let facts = decide(&book, intent.into(), &who, at).unwrap();
        fold(&mut book, EntryNumber(number), at, Act { by: who.clone(), facts });
    }
    println!("figure\timport_s\t{:.4}\ts", began.elapsed().as_secs_f64());
    let asked = |n: usize| match n % 6 {
        0 => format!("{} {}", FIRST[n % 12].to_lowercase(), &family(n)[..4]),
        1 => format!("site mangaer ward {}", n % 80),
        2 => format!("{}", 1_000 + n % 20_000),
        3 => format!("radiograhper {}", FIRST[n % 12]),
        4 => "consultnat".to_owned(),
        _ => format!("zebra quagga okapi gnu {}", n % 9),
    };
    let mut spent: Vec<f64> = (0..searches)
        .map(|n| {
            let words = asked(n);
            let began = Instant::now();
            let question = Question { words, limit: 40, ..Question::default() };
            let board = book.directory.board(&book, Ground::Real, &question, at);
            std::hint::black_box(board.matching);
            began.elapsed().as_secs_f64() * 1_000.0
        })
        .collect();
    spent.sort_by(f64::total_cmp);
    println!("figure\tsearch_p50_ms\t{:.4}\tms", spent[spent.len() / 2]);
    println!("figure\tsearch_p99_ms\t{:.4}\tms", spent[spent.len() * 99 / 100]);
}

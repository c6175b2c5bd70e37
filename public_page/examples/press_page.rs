//! Presses a sample page into a folder, to be looked at in a browser: `cargo run -p public_page --example press_page -- DIR`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

#[path = "../tests/common/mod.rs"]
mod common;

use common::{Trust, at, content, settings};
use incident::Ground;
use incident::public_updates::{Content, Words};
use public_page::{posts, press, push};
use std::path::PathBuf;

fn main() {
    let folder = PathBuf::from(std::env::args().nth(1).expect("name a folder"));
    let mut trust = Trust::new();
    if let Some(updates) = std::env::args().nth(2) {
        // How long a long history takes: `time cargo run --example press_page -- DIR 1000`.
        for _ in 0..updates.parse().expect("a number of updates") {
            trust.publishes(Ground::Real, content());
        }
        let edition = press(&trust.board(Ground::Real), &settings(), at("15:10")).unwrap();
        push::push(&edition, &folder).unwrap();
        println!("{} files", edition.files.len());
        return;
    }
    for (name, now) in
        [("nothing", "15:00"), ("published", "15:10"), ("late", "16:31"), ("withdrawn", "16:40")]
    {
        match name {
            "published" => {
                let sentence = "We are looking into a fault with our computers.".to_owned();
                trust.publishes(
                    Ground::Real,
                    Content { english: Words { sentence, ..Words::default() }, ..content() },
                );
                trust.publishes(Ground::Real, content());
            }
            "withdrawn" => trust.withdraws(2),
            _ => {}
        }
        let edition = press(&trust.board(Ground::Real), &settings(), at(now)).unwrap();
        push::push(&edition, &folder.join(name)).unwrap();
        for post in posts(&trust.board(Ground::Real), &settings()).unwrap() {
            println!(
                "{} ({} of {})\n{}\n",
                post.network.name, post.characters, post.network.characters_max, post.text
            );
        }
    }
}

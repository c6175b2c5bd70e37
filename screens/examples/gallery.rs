//! Serves every screen over the fictional hospital of the tests, for whoever wants to look at them:
//! `cargo run -p screens --example gallery` and open http://127.0.0.1:8089/.
//!
//! `gallery full 20` stands twenty minutes later: feeds have fallen silent. Other hospitals to look at: `odd` (names of
//! every length and script, a ward with nobody and one with too many, a record far too long), `empty` (nobody yet),
//! `frozen` (the record has stopped), `full-disk`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]

#[path = "../tests/fixture/mod.rs"]
mod fixture;

use fixture::{Hospital, odd};

#[tokio::main]
async fn main() {
    let mut asked = std::env::args().skip(1);
    let which = asked.next().unwrap_or_default();
    let hospital = match which.as_str() {
        "odd" => Hospital::odd(),
        "empty" => Hospital::empty(),
        "frozen" => odd::frozen(),
        "full-disk" => odd::full_disk().0,
        _ => Hospital::full(),
    };
    if let Some(minutes) = asked.next().and_then(|m| m.parse::<i64>().ok()) {
        hospital.clock.set(fixture::now().plus_seconds(60 * minutes));
    }
    let port = asked.next().unwrap_or_else(|| "8089".to_owned());
    let mut screens = hospital.screens();
    screens.watermark = Some("DEMONSTRATION".to_owned());
    let listener = tokio::net::TcpListener::bind(format!("127.0.0.1:{port}")).await.unwrap();
    println!("http://127.0.0.1:{port}/");
    axum::serve(listener, screens::router(screens)).await.unwrap();
}

//! The routing client against a faithful fake of the table service on a real socket, with its limits and its mishaps.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use axum::Router;
use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use intake::osrm::{Osrm, OsrmFault, Spot};
use intake::pull::{PullFault, PullLimits, Puller, checked};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// How the fake behaves.
#[derive(Clone, Copy, PartialEq)]
enum Way {
    Well,
    /// Two places have no road between them.
    Island,
    NotJson,
    WrongShape,
    Refuses,
    Fails,
    Hangs,
    Endless,
    /// Sends whoever asks elsewhere.
    Redirects,
}

#[derive(Clone)]
struct Fake {
    way: Way,
    asked: Arc<AtomicUsize>,
}

/// Ten seconds for each thousandth of a degree: a road like a ruler.
fn seconds(a: (f64, f64), b: (f64, f64)) -> f64 {
    ((a.0 - b.0).abs() + (a.1 - b.1).abs()) * 10_000.0
}

async fn table(
    State(fake): State<Fake>,
    Path((profile, spots)): Path<(String, String)>,
    RawQuery(query): RawQuery,
) -> Response {
    fake.asked.fetch_add(1, Ordering::SeqCst);
    let json = |text: String| ([("content-type", "application/json")], text).into_response();
    let invalid = |code: &str, words: &str| {
        (StatusCode::OK, format!(r#"{{"code":"{code}","message":"{words}"}}"#)).into_response()
    };
    if profile != "driving" {
        return invalid("InvalidUrl", "no such profile");
    }
    let spots: Vec<(f64, f64)> = spots
        .split(';')
        .map(|s| s.split_once(',').map(|(a, b)| (a.parse().unwrap(), b.parse().unwrap())).unwrap())
        .collect();
    // The service's own ceiling.
    if spots.len() > 100 {
        return invalid("TooBig", "Too many table coordinates");
    }
    let query = query.unwrap();
    let list = |name: &str| -> Vec<usize> {
        let value = query.split('&').find_map(|p| p.strip_prefix(name)?.strip_prefix('=')).unwrap();
        value.split(';').map(|n| n.parse().unwrap()).collect()
    };
    let (sources, destinations) = (list("sources"), list("destinations"));
    match fake.way {
        Way::NotJson => return json("<html>not here</html>".to_owned()),
        Way::WrongShape => return json(r#"{"code":"Ok","durations":[[1.0]]}"#.to_owned()),
        Way::Refuses => return invalid("NoTable", "No table found"),
        Way::Fails => return StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        Way::Hangs => std::future::pending::<()>().await,
        Way::Endless => return json(" ".repeat(40 << 20)),
        Way::Redirects => return (StatusCode::FOUND, [("location", "http://127.0.0.1:1/")]).into_response(),
        Way::Well | Way::Island => {}
    }
    let one = |s: &usize, d: &usize| {
        if fake.way == Way::Island && *s == 0 {
            "null".to_owned()
        } else {
            format!("{:.1}", seconds(spots[*s], spots[*d]))
        }
    };
    let row = |s: &usize| {
        let cells: Vec<String> = destinations.iter().map(|d| one(s, d)).collect();
        format!("[{}]", cells.join(","))
    };
    let rows: Vec<String> = sources.iter().map(row).collect();
    json(format!(r#"{{"code":"Ok","durations":[{}],"sources":[],"destinations":[]}}"#, rows.join(",")))
}

async fn fake(way: Way) -> (SocketAddr, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let router = Router::new()
        .route("/table/v1/{profile}/{spots}", get(table))
        .with_state(Fake { way, asked: Arc::clone(&asked) });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    (address, asked)
}

fn osrm(address: SocketAddr, wait_ms_max: u64) -> Osrm {
    Osrm {
        address: format!("http://{address}/"),
        profile: "driving".to_owned(),
        places_max: 100,
        wait_ms_max,
    }
}

fn spots(count: usize) -> Vec<Spot> {
    (0..count).map(|n| Spot { latitude: 51.0 + n as f64 / 1000.0, longitude: -0.1 }).collect()
}

const LONG: u64 = 60_000;

#[tokio::test]
async fn a_large_table_is_asked_for_in_blocks_and_put_together() {
    let (address, asked) = fake(Way::Well).await;
    let (from, to) = (spots(230), spots(70));
    let table = osrm(address, LONG).table(&Puller::new(None).unwrap(), &from, &to).await.unwrap();
    assert_eq!((table.len(), table[229].len()), (230, 70));
    for (f, t) in [(0, 0), (229, 69), (100, 3), (49, 50), (50, 49)] {
        let wanted = ((f as f64) - (t as f64)).abs() * 10.0;
        assert!((table[f][t].unwrap() - wanted).abs() < 0.2, "{f} {t}: {:?}", table[f][t]);
    }
    // 50 and 20 columns, with 50 and 80 rows each.
    assert_eq!(asked.load(Ordering::SeqCst), 5 + 3);
}

#[tokio::test]
async fn a_place_without_a_road_is_none_and_never_nought() {
    let (address, _) = fake(Way::Island).await;
    let table = osrm(address, LONG).table(&Puller::new(None).unwrap(), &spots(3), &spots(2)).await.unwrap();
    assert_eq!(table[0], [None, None]);
    assert_eq!(table[1], [Some(10.0), Some(0.0)]);
}

#[tokio::test]
async fn every_mishap_of_the_server_is_a_sentence() {
    for (way, wait, words) in [
        (Way::NotJson, LONG, "not understood"),
        (Way::WrongShape, LONG, "no table of 3 by 2"),
        (Way::Refuses, LONG, "refused: NoTable: No table found"),
        (Way::Fails, LONG, "answered 500"),
        (Way::Redirects, LONG, "answered 302"),
        (Way::Hangs, 300, "has not answered within 1 seconds"),
        (Way::Endless, LONG, "larger than"),
    ] {
        let (address, _) = fake(way).await;
        let said = osrm(address, wait).table(&Puller::new(None).unwrap(), &spots(3), &spots(2)).await;
        let said = said.unwrap_err().to_string();
        assert!(said.contains(words), "{said}");
    }
    // Nobody listens there.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let gone = listener.local_addr().unwrap();
    drop(listener);
    let said = osrm(gone, LONG).table(&Puller::new(None).unwrap(), &spots(1), &spots(1)).await.unwrap_err();
    assert!(said.to_string().contains("127.0.0.1 cannot be reached"), "{said}");
}

#[tokio::test]
async fn what_cannot_be_asked_is_refused_before_anybody_is() {
    let puller = Puller::new(None).unwrap();
    let small = Osrm { places_max: 1, ..osrm(SocketAddr::from(([127, 0, 0, 1], 1)), LONG) };
    assert_eq!(small.table(&puller, &spots(1), &spots(1)).await, Err(OsrmFault::Places(1)));
    let much = osrm(SocketAddr::from(([127, 0, 0, 1], 1)), LONG);
    let said = much.table(&puller, &spots(3_000), &spots(2_000)).await.unwrap_err();
    assert!(said.to_string().contains("6000000 travel times are more"), "{said}");
    for (address, words) in [
        ("ftp://x/", "must begin with http"),
        ("http://user:secret@x/", "must not hold a user"),
        ("nonsense here", "not an address"),
        ("/path", "must begin with http"),
    ] {
        let limits = PullLimits { answer_bytes_max: 10, wait_ms_max: 10 };
        let said = puller.get(address, limits).await.unwrap_err();
        assert!(said.to_string().contains(words), "{said}");
        assert!(matches!(said, PullFault::Address { .. }) && checked(address).is_err());
    }
    assert!(Puller::new(Some(b"no certificate")).is_err());
}

//! The door for neighbours' reports: who is heard, how much, how often, and what is said of a report that is not taken.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::Request;
use basics::{EntryNumber, FeedName, FixedClock, Moment, Zone};
use flate2::{Compression, write::GzEncoder};
use intake::http::{Door, SECONDS_BETWEEN_MIN, router};
use intake::{BodyLimits, Done, Kept, NotKept, NotTaken, Peers, Record, Taken};
use std::io::Write;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use tower::ServiceExt;

/// Names with the bytes that came under them.
type Heard = Vec<(String, Vec<u8>)>;

/// A record that takes reports: "old" says nothing newer, "bad" is refused, "full" cannot be kept.
#[derive(Clone, Default)]
struct Reports(Arc<Mutex<Heard>>);

impl Record for Reports {
    fn receive(&self, _: &FeedName, _: Vec<u8>, _: Moment, _: Done) {
        panic!("a report is no message of a feed");
    }

    fn receive_batch(&self, _: &FeedName, _: Vec<(Vec<u8>, Moment)>) -> Result<Vec<Kept>, NotKept> {
        panic!("a report is no message of a feed");
    }

    fn hear_neighbour(&self, name: &str, report: &[u8], _: Moment) -> Result<Taken, NotTaken> {
        match report {
            b"<old/>" => return Ok(Taken::NothingNewer),
            b"<bad/>" => return Err(NotTaken::Report("it names nobody".to_owned())),
            b"<full/>" => return Err(NotTaken::NotKept(NotKept("the disk is full".to_owned()))),
            _ => {}
        }
        let mut kept = self.0.lock().unwrap();
        kept.push((name.to_owned(), report.to_vec()));
        Ok(Taken::Kept(EntryNumber(kept.len() as u64)))
    }
}

struct House {
    router: Router,
    record: Reports,
    clock: Arc<FixedClock>,
}

fn house() -> House {
    let door = Door {
        feeds: Vec::new(),
        neighbours: vec!["Eastern network".to_owned()],
        certified: Vec::new(),
        peers: Peers::new(vec!["192.0.2.0/24".parse().unwrap()]),
        limits: BodyLimits::default(),
        zone: Zone::utc(),
    };
    let (record, clock) = (Reports::default(), Arc::new(FixedClock::new(Moment::from_milliseconds(0))));
    House { router: router(door, record.clone(), clock.clone()), record, clock }
}

const DOOR: &str = "/neighbours/Eastern%20network/have";
const XML: (&str, &str) = ("content-type", "application/xml");

impl House {
    /// A post from a listed machine, a minute after the last.
    async fn says(&self, path: &str, headers: &[(&str, &str)], body: &[u8]) -> (u16, String) {
        use basics::Clock;
        self.clock.set(self.clock.now().plus_seconds(60));
        self.at_once("192.0.2.7", path, headers, body).await
    }

    async fn at_once(&self, from: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> (u16, String) {
        let mut request = Request::post(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let mut request = request.body(Body::from(body.to_vec())).unwrap();
        let peer: SocketAddr = format!("{from}:4000").parse().unwrap();
        request.extensions_mut().insert(ConnectInfo(peer));
        let response = self.router.clone().oneshot(request).await.unwrap();
        let status = response.status().as_u16();
        let body = axum::body::to_bytes(response.into_body(), 1 << 20).await.unwrap();
        (status, String::from_utf8_lossy(&body).into_owned())
    }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[tokio::test]
async fn a_report_is_taken_from_named_neighbours_on_listed_machines_and_answered_in_words() {
    let house = house();
    let long = vec![b' '; (4 << 20) + 1];
    let origin = ("origin", "https://elsewhere.example");
    for (path, headers, body, status, words) in [
        (DOOR, &[XML][..], &b"<report/>"[..], 200, "Kept as entry 1"),
        (DOOR, &[("content-type", "text/xml; charset=utf-8")][..], b"<report/>", 200, "not confirmed"),
        (DOOR, &[XML, ("content-encoding", "gzip")][..], &gzip(b"<packed/>"), 200, "Kept as entry 3"),
        (DOOR, &[XML][..], b"<old/>", 200, "nothing newer"),
        (DOOR, &[XML][..], b"<bad/>", 422, "it names nobody"),
        (DOOR, &[XML][..], b"<full/>", 503, "the disk is full"),
        (DOOR, &[("content-type", "application/json")][..], b"{}", 415, "application/xml"),
        (DOOR, &[XML, origin][..], b"<report/>", 403, "A web page of another address"),
        (DOOR, &[XML][..], &long, 413, "longer than"),
        (DOOR, &[XML, ("content-encoding", "gzip")][..], &gzip(&long), 413, "refused"),
        ("/neighbours/nobody/have", &[XML][..], b"<report/>", 404, "[[diverts.neighbours]]"),
    ] {
        let (got, said) = house.says(path, headers, body).await;
        assert!(got == status && said.contains(words), "{path} {headers:?}: {got} {said}");
    }
    let kept = house.record.0.lock().unwrap().clone();
    assert_eq!(kept.len(), 3);
    assert_eq!(
        kept[2],
        ("Eastern network".to_owned(), b"<packed/>".to_vec()),
        "read as it was before packing"
    );
    let (status, said) = house.at_once("198.51.100.1", DOOR, &[XML], b"<report/>").await;
    assert!(status == 403 && said.contains("not on the list"), "{said}");
}

#[tokio::test]
async fn a_neighbour_that_floods_is_told_to_wait_and_a_clock_put_back_holds_nobody_up() {
    use basics::Clock;
    let house = house();
    assert_eq!(house.says(DOOR, &[XML], b"<one/>").await.0, 200);
    let (status, said) = house.at_once("192.0.2.7", DOOR, &[XML], b"<two/>").await;
    assert!(status == 429 && said.contains(&format!("less than {SECONDS_BETWEEN_MIN} seconds")), "{said}");
    house.clock.set(house.clock.now().plus_seconds(-3_600));
    assert_eq!(house.at_once("192.0.2.7", DOOR, &[XML], b"<three/>").await.0, 200);
    assert_eq!(house.record.0.lock().unwrap().len(), 2);
}

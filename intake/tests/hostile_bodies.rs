//! RELIABILITY test 9 at the HTTP door and what it opens bodies with (gzip, the JSON scan, the HL7 split): hostile bodies
//! by the million, no panic, and bounded time and memory for each.
//!
//! Bodies are made from a seed; a failure prints the seed and the number of the body, and `LIFEBOAT_SEED` and
//! `LIFEBOAT_FIRST` replay it. `LIFEBOAT_TORTURE=1` sends ten million. Planted bug: a door that indexes where it should
//! ask.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::Request;
use basics::{EntryNumber, FeedName, FixedClock, Moment, Zone};
use flate2::{Compression, write::GzEncoder};
use intake::http::{Door, router};
use intake::{BodyLimits, Done, Kept, NotKept, Peers, Record};
use std::io::Write;
use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use tower::ServiceExt;

const MEMORY_KIB_MAX: u64 = 256 << 10;

/// A record that keeps nothing.
#[derive(Clone)]
struct Nothing;

impl Record for Nothing {
    fn receive(&self, _: &FeedName, _: Vec<u8>, _: Moment, done: Done) {
        done(Ok(Kept { entry: EntryNumber(1), duplicate: false, understood: None }));
    }
    fn receive_batch(&self, _: &FeedName, messages: Vec<(Vec<u8>, Moment)>) -> Result<Vec<Kept>, NotKept> {
        Ok(messages
            .iter()
            .map(|_| Kept { entry: EntryNumber(1), duplicate: false, understood: None })
            .collect())
    }
}

const SNIPPETS: [&str; 24] = [
    "{\"resourceType\":\"Bundle\",\"type\":\"collection\",\"entry\":[",
    "{\"resource\":{\"resourceType\":\"Patient\",\"id\":\"1\"}},",
    "]}",
    "{\"a\":\"\\\"}\\\\\"}",
    "{}\n",
    "[[[[[[[[[[[[",
    "}}}}",
    "\"",
    "\\",
    "\\u0000",
    "\u{feff}",
    "\r\n\r\n",
    "<?xml version='1.0'?><!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/hostname'>]><x>&e;</x>",
    "MSH|^~\\&|PAS|NG|LB|NG|20260302140500+0000||ADT^A01^ADT_A01|77|P|2.4|||AL||44|8859/1\r",
    "MSH|^~\\&|A|B|C|D|||QBP^Q22|q1|P|2.5\r",
    "MSH|",
    "PID|1||9991234567^^^NHS&2.16&ISO^NH~77^^^R0A^MR||Smith&de^Ann\\T\\^\"\"||19450714|F\r",
    "FHS|^~\\&|x\r",
    "BHS|^~\\&|y\r",
    "BTS|2\r",
    "FTS|1\r",
    "\u{b}",
    "\u{1c}\r",
    "\0",
];

const KINDS: [(&str, &str); 3] = [
    ("/feeds/pas/hl7", "application/hl7-v2+er7"),
    ("/feeds/pas/fhir", "application/fhir+json"),
    ("/feeds/pas/fhir", "application/fhir+ndjson"),
];

/// Marsaglia's xorshift: the same bodies from the same seed on every machine.
struct Xorshift(u64);

impl Xorshift {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }
    fn below(&mut self, n: usize) -> usize {
        (self.next() % n.max(1) as u64) as usize
    }
}

/// One post: where to, as what, whether it says that it is gzip, and the bytes.
struct Post {
    path: &'static str,
    kind: &'static str,
    gzip: bool,
    body: Vec<u8>,
}

/// Post number `n` of a seed; each is made alone, so that one can be replayed without those before it.
fn post(seed: u64, n: u64) -> Post {
    let mut random = Xorshift(seed ^ (n + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
    random.next();
    let (path, kind) = KINDS[random.below(KINDS.len())];
    let mut body = Vec::new();
    for _ in 0..1 + random.below(8) {
        body.extend_from_slice(SNIPPETS[random.below(SNIPPETS.len())].as_bytes());
    }
    let mut spoil = |body: &mut Vec<u8>, times: usize| {
        for _ in 0..random.below(times) {
            let at = random.below(body.len());
            match random.below(4) {
                _ if body.is_empty() => {}
                0 => body[at] = random.next() as u8,
                1 => body.insert(at, random.next() as u8),
                2 => body.truncate(at),
                _ => drop(body.remove(at)),
            }
        }
        random.below(4)
    };
    let mut gzip = spoil(&mut body, 4) == 0;
    if gzip {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(&body).unwrap();
        body = encoder.finish().unwrap();
        // Half of them are spoilt once more after packing, or do not say what they are.
        gzip = spoil(&mut body, 3) > 0;
    }
    Post { path, kind, gzip, body }
}

/// The most memory this process has held, in KiB; `None` where the system does not say.
fn peak_kib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    status.lines().find(|l| l.starts_with("VmHWM:"))?.split_whitespace().nth(1)?.parse().ok()
}

/// Sends so many posts; the first at which `door` panicked, or (in full size) took a second.
#[allow(clippy::disallowed_methods)]
fn first_failure(seed: u64, first: u64, count: u64, door: impl Fn(Post)) -> Option<(u64, String)> {
    (first..first + count).find_map(|n| {
        let begun = std::time::Instant::now();
        if catch_unwind(AssertUnwindSafe(|| door(post(seed, n)))).is_err() {
            return Some((n, "it panicked".to_owned()));
        }
        let took = begun.elapsed();
        (torture() && took.as_secs() >= 1).then(|| (n, format!("it took {took:?}")))
    })
}

fn torture() -> bool {
    std::env::var_os("LIFEBOAT_TORTURE").is_some()
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().and_then(|v| v.parse().ok())
}

#[test]
fn hostile_bodies_never_cause_a_panic() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let door = Door {
        feeds: vec![FeedName::new("pas").unwrap()],
        neighbours: Vec::new(),
        certified: Vec::new(),
        peers: Peers::new(vec!["192.0.2.0/24".parse().unwrap()]),
        limits: BodyLimits::default(),
        zone: Zone::utc(),
    };
    let router = router(door, Nothing, Arc::new(FixedClock::new(Moment::from_milliseconds(0))));
    let peer: SocketAddr = "192.0.2.7:4000".parse().unwrap();
    let answered = std::cell::Cell::new([0u64; 6]);
    let send = |post: Post| {
        let mut request = Request::post(post.path).header("content-type", post.kind);
        if post.gzip {
            request = request.header("content-encoding", "gzip");
        }
        let mut request = request.body(Body::from(post.body)).unwrap();
        request.extensions_mut().insert(ConnectInfo(peer));
        let status = runtime.block_on(router.clone().oneshot(request)).unwrap().status().as_u16();
        let mut counts = answered.get();
        counts[usize::from(status / 100).min(5)] += 1;
        answered.set(counts);
        assert_ne!(status, 500, "the door broke");
    };
    let seed = number("LIFEBOAT_SEED").unwrap_or(0x11FE_B0A7);
    let first = number("LIFEBOAT_FIRST").unwrap_or(0);
    let count = if torture() { 10_000_000 } else { 20_000 };
    if let Some((n, why)) = first_failure(seed, first, count, send) {
        panic!(
            "body {n} of seed {seed}: {why}\nreplay: LIFEBOAT_SEED={seed} LIFEBOAT_FIRST={n} cargo test -p intake --test hostile_bodies"
        );
    }
    let counts = answered.get();
    println!(
        "{count} bodies, seed {seed}: {} taken, {} refused; peak {:?} KiB",
        counts[2],
        counts[4],
        peak_kib()
    );
    assert!(counts[2] > count / 50 && counts[4] > count / 50, "one-sided bodies prove little: {counts:?}");
    assert!(peak_kib().is_none_or(|kib| kib < MEMORY_KIB_MAX));
}

#[test]
fn a_door_that_indexes_where_it_should_ask_is_caught() {
    let planted = |post: Post| {
        if post.gzip {
            // What some doors do: take the two magic bytes for granted.
            assert_eq!(post.body[..2].len(), 2);
        }
    };
    assert!(first_failure(0x11FE_B0A7, 0, 200_000, planted).is_some(), "the planted bug was not found");
}

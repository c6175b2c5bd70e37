//! The senders against a receiver that misbehaves as receivers do: nothing is taken as delivered that was not.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use basics::{Clock, FixedClock, Moment};
use drill::{Acknowledged, Controls, Ledger, Patience, Progress, Size, Targets, Trust, Which};
use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// What the receiver has kept before it answered.
type Kept = Arc<Mutex<Vec<Vec<u8>>>>;

/// A receiver that keeps what it acknowledges, and in one of eight cases answers blank, wrong, late or not at all.
/// `forgets`: the planted bug, it acknowledges without keeping.
async fn receiver(forgets: bool) -> (SocketAddr, Kept) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let kept: Kept = Arc::default();
    let (count, inner) = (Arc::new(AtomicUsize::new(0)), Arc::clone(&kept));
    tokio::spawn(async move {
        while let Ok((mut line, _)) = listener.accept().await {
            let (count, kept) = (Arc::clone(&count), Arc::clone(&inner));
            tokio::spawn(async move {
                let mut buffer = Vec::new();
                let mut chunk = [0u8; 65536];
                loop {
                    let Ok(n @ 1..) = line.read(&mut chunk).await else { return };
                    buffer.extend_from_slice(&chunk[..n]);
                    while let Some(end) = buffer.windows(2).position(|w| w == [0x1c, 0x0d]) {
                        let frame: Vec<u8> = buffer.drain(..end + 2).collect();
                        let message = frame[1..end].to_vec();
                        let id = control_id(&message);
                        let turn = count.fetch_add(1, Ordering::SeqCst);
                        let answer = match turn % 8 {
                            3 => String::new(),
                            5 => "MSH|^~\\&|X\rMSA|AA|another\r".to_owned(),
                            6 => return,
                            7 => format!("MSH|^~\\&|X\rMSA|AE|{id}\r"),
                            _ => {
                                if !(forgets && turn % 16 == 0) {
                                    kept.lock().unwrap().push(message);
                                }
                                format!("MSH|^~\\&|X\rMSA|AA|{id}\r")
                            }
                        };
                        if line.write_all(&drill::sender::framed(answer.as_bytes())).await.is_err() {
                            return;
                        }
                    }
                }
            });
        }
    });
    (address, kept)
}

fn control_id(message: &[u8]) -> String {
    let text = String::from_utf8_lossy(message);
    let separator = text.chars().nth(3).unwrap_or('|');
    let header = text.split(['\r', '\n']).next().unwrap_or("");
    header.split(separator).nth(9).unwrap_or("").to_owned()
}

async fn wait_for(what: &str, done: impl Fn() -> bool) {
    for _ in 0..6_000 {
        if done() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("waited in vain for {what}");
}

struct Run {
    ledger: Arc<Ledger>,
    kept: Kept,
    trust: Trust,
}

/// The tiny trust's beginning is sent, cut in the middle, restored, and sent to the end.
async fn run(forgets: bool) -> Run {
    let (address, kept) = receiver(forgets).await;
    let start = Moment::parse_rfc3339("2026-03-02T08:00:00Z").unwrap();
    let clock = Arc::new(FixedClock::new(start));
    let size = Size { wards_max: 1, occupied_percent: 20, appointments: 10, mishaps: 0, ..Size::TINY };
    let mut trust = Trust::new(11, start, size);
    trust.quiet();
    let total = trust.burst_left() as u64;
    let feeds: Vec<_> = trust.feeds().into_iter().map(|plan| (plan.name, address)).collect();
    let mut targets = Targets::new(feeds);
    targets.patience =
        Patience { answer_ms_max: 500, retry_ms_min: 1, retry_ms_max: 4, ..Patience::default() };
    targets.patience.catch_up_per_second_max = 5_000;
    let (controls, ledger, progress) =
        (Controls::new(), Arc::new(Ledger::in_memory()), Arc::new(Progress::default()));
    let clock: Arc<dyn Clock> = clock;
    let running = tokio::spawn(drill::run(
        trust,
        targets,
        clock,
        controls.orders(),
        Arc::clone(&ledger),
        Arc::clone(&progress),
    ));
    let seen = Arc::clone(&progress);
    wait_for("a third of the messages", || seen.acknowledged_total() > total / 3).await;
    controls.cut(&Which::All, true);
    wait_for("the lines to be cut", || !seen.feeds().values().any(|feed| feed.connected)).await;
    let at_cut = progress.acknowledged_total();
    assert!(at_cut < total, "cut too late to prove anything");
    controls.restore(&Which::All);
    let trust = running.await.unwrap();
    assert_eq!(progress.acknowledged_total(), total);
    assert!(progress.feeds().values().any(|feed| feed.resent > 0));
    Run { ledger, kept, trust }
}

fn missing(run: &Run) -> usize {
    let kept: BTreeSet<(u64, u64)> = run
        .kept
        .lock()
        .unwrap()
        .iter()
        .map(|bytes| (bytes.len() as u64, drill::ledger::fingerprint(bytes)))
        .collect();
    let lines: Vec<Acknowledged> = run.ledger.lines();
    lines.iter().filter(|line| !kept.contains(&(line.bytes_length, line.fingerprint))).count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everything_acknowledged_was_kept_through_wrong_answers_cuts_and_lost_lines() {
    let run = run(false).await;
    assert_eq!(missing(&run), 0);
    assert!(run.trust.truth().present().count() > 0);
}

/// Planted bug: the receiver answers `AA` to some messages that it does not keep.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_ledger_notices_a_receiver_that_forgets() {
    assert!(missing(&run(true).await) > 0, "the ledger noticed nothing");
}

#[test]
fn a_ledger_file_is_read_again_and_a_torn_last_line_is_no_line() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("ledger");
    let message = drill::Outgoing {
        at: Moment::default(),
        feed: basics::FeedName::new("pas").unwrap(),
        control_id: "7".to_owned(),
        bytes: b"MSH|".to_vec(),
    };
    Ledger::in_file(&path).unwrap().record(&message);
    std::fs::OpenOptions::new()
        .append(true)
        .open(&path)
        .map(|mut f| std::io::Write::write_all(&mut f, b"pas\t8").unwrap())
        .unwrap();
    let ledger = Ledger::in_file(&path).unwrap();
    assert_eq!(ledger.lines(), [Acknowledged::of("pas", "7", b"MSH|")]);
    assert_eq!(ledger.missing([]).len(), 1);
    assert!(ledger.missing([Acknowledged::of("pas", "7", b"MSH|")]).is_empty());
}

#[test]
fn the_same_seed_gives_the_same_messages() {
    let start = Moment::parse_rfc3339("2026-03-02T08:00:00Z").unwrap();
    let take = |seed| Trust::new(seed, start, Size::TINY).take(6_000).collect::<Vec<_>>();
    let first = take(3);
    assert_eq!(first, take(3));
    assert_ne!(first, take(4));
    assert!(first.windows(2).all(|pair| pair[0].at <= pair[1].at), "moments run backwards");
    let triggers: BTreeSet<String> = first
        .iter()
        .filter_map(|m| Some(String::from_utf8_lossy(&m.bytes).split(['|', '#']).nth(8)?.replace('*', "^")))
        .collect();
    for wanted in [
        "ADT^A01", "ADT^A02", "ADT^A03", "ADT^A04", "ADT^A08", "ADT^A12", "ADT^A40", "ORU^R01", "RAS^O17",
        "SIU^S12",
    ] {
        assert!(triggers.contains(wanted), "{wanted} never occurs: {triggers:?}");
    }
}

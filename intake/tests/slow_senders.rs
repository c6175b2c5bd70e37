//! RELIABILITY test 13: thousands of sockets that hold half a frame, and real feeds that must not notice. Alone in its
//! own process, so that the sockets of other tests are not counted.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod common;

use common::{Behaviour, Sender, framed, message, run, torture};
use rustix::process::{Resource, getrlimit, setrlimit};
use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::AbortHandle;

/// What an honest door's answer may take on the busiest machine that this runs on; the real bound is tried in full size.
const ANSWER_WAIT: Duration = Duration::from_secs(60);
/// The bound of test 13, on a machine that does nothing else.
const P99_MAX: Duration = Duration::from_millis(500);

/// A fake door with a planted bug.
#[derive(Clone, Copy)]
enum Planted {
    /// Full is full: who came first stays, whatever it does.
    KeepsWhoCameFirst,
    /// The oldest connection makes room, delivering or not.
    TurnsOutTheOldest,
}

/// Raises this process's limit of open files as far as it may.
fn open_files_wanted(files: u64) {
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum.map_or(Some(files), |most| Some(most.min(files)));
    setrlimit(Resource::Nofile, limit).unwrap();
}

/// Sends one message and reads its answer; how long that took.
#[allow(clippy::disallowed_methods)]
async fn ask(sender: &mut Sender, id: &str, wait: Duration) -> Result<Duration, String> {
    let begun = tokio::time::Instant::now();
    let asking = async {
        sender.stream.write_all(&framed(&message(id))).await.ok()?;
        sender.msa().await
    };
    match tokio::time::timeout(wait, asking).await {
        Ok(Some((code, of))) if code == "AA" && of == id.as_bytes() => Ok(begun.elapsed()),
        Ok(other) => Err(format!("message {id} was answered {other:?}")),
        Err(_) => Err(format!("message {id} was not answered in {wait:?}")),
    }
}

/// A feed that delivers all along, one that comes late, and so many sockets that hold half a frame. How long each answer
/// took, or which never came.
async fn among_slow_senders(
    address: SocketAddr,
    sockets: usize,
    wait: Duration,
) -> Result<Vec<Duration>, String> {
    let mut feed = Sender::to(address).await;
    let mut took = vec![ask(&mut feed, "first", wait).await?];
    let mut slow = Vec::new();
    for n in 0..sockets {
        let mut stream = TcpStream::connect(address).await.map_err(|e| format!("socket {n}: {e}"))?;
        let _ = stream.write_all(b"\x0BMSH|^~\\&|SLOW").await;
        slow.push(stream);
        if n % 10 == 0 {
            took.push(ask(&mut feed, &format!("m{n}"), wait).await?);
        }
    }
    // A second feed that comes late still gets in: it pushes out one of those that never delivered.
    let mut late = Sender::to(address).await;
    took.push(ask(&mut late, "late", wait).await?);
    for n in 0..if torture() { 1_000 } else { 10 } {
        took.push(ask(&mut feed, &format!("n{n}"), wait).await?);
    }
    took.sort_unstable();
    Ok(took)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn slow_senders_do_not_keep_a_real_feed_waiting() {
    let sockets = if torture() { 5_000 } else { 300 };
    open_files_wanted(3 * sockets as u64 + 200);
    let connections_max = sockets / 2;
    let running = run(Behaviour::Honest, |door| door.limits.connections_max = connections_max).await;
    let took = among_slow_senders(running.address, sockets, ANSWER_WAIT).await;
    let took = took.expect("a feed was kept waiting");
    assert!(running.tallies.now().connections_evicted >= (sockets - connections_max) as u64);
    let p99 = took[took.len() * 99 / 100];
    println!("{sockets} slow senders, {} answers, p99 {p99:?}, longest {:?}", took.len(), took.last());
    assert!(!torture() || p99 < P99_MAX, "p99 {p99:?}");
}

/// A door of the test's own with one of the planted bugs; it acknowledges whole frames and knows at most 20 connections.
async fn planted_door(planted: Planted) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let mut inside: VecDeque<AbortHandle> = VecDeque::new();
        let mut waiting = Vec::new();
        while let Ok((stream, _)) = listener.accept().await {
            inside.retain(|task| !task.is_finished());
            if inside.len() >= 20 {
                match planted {
                    Planted::KeepsWhoCameFirst => {
                        waiting.push(stream);
                        continue;
                    }
                    Planted::TurnsOutTheOldest => inside.pop_front().unwrap().abort(),
                }
            }
            inside.push_back(tokio::spawn(acknowledge(stream)).abort_handle());
        }
    });
    address
}

async fn acknowledge(mut stream: TcpStream) {
    let mut frame = Vec::new();
    while stream.read_buf(&mut frame).await.is_ok_and(|read| read > 0) {
        if frame.ends_with(b"\x1C\r") {
            let answer = format!("MSH|^~\\&|||||||ACK|1|P|2.4\rMSA|AA|{}\r", common::id_of(&frame[1..]));
            let _ = stream.write_all(&framed(answer.as_bytes())).await;
            frame.clear();
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_door_that_serves_the_crowd_before_the_feed_is_caught() {
    for planted in [Planted::KeepsWhoCameFirst, Planted::TurnsOutTheOldest] {
        // With room for all, the fake door is as good as any: what is caught below is the planted bug alone.
        let address = planted_door(planted).await;
        among_slow_senders(address, 10, ANSWER_WAIT).await.expect("the fake door does not work at all");
        let address = planted_door(planted).await;
        let told = among_slow_senders(address, 60, Duration::from_secs(2)).await;
        assert!(told.is_err(), "the planted bug was not found: {told:?}");
    }
}

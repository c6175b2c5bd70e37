//! RELIABILITY test 14: a message of a gigabyte without an end makes the program grow by less than 64 MB. Alone in its
//! own process, so that no other test's memory is counted.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod common;

use common::{Behaviour, run};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

const GROWTH_BYTES_MAX: usize = 64 << 20;

fn resident_bytes() -> usize {
    let text = std::fs::read_to_string("/proc/self/statm").unwrap();
    text.split_whitespace().nth(1).unwrap().parse::<usize>().unwrap() * 4096
}

/// How far memory grows while a message without an end is sent by several connections at once.
async fn growth(
    frame_bytes_max: usize,
    unfinished_bytes_max: usize,
    connections: usize,
    each: usize,
) -> usize {
    let running = run(Behaviour::Honest, |door| {
        door.limits.frame_bytes_max = frame_bytes_max;
        door.limits.unfinished_bytes_max = unfinished_bytes_max;
    })
    .await;
    let before = resident_bytes();
    let mut most = before;
    let mut streams = Vec::new();
    for _ in 0..connections {
        let mut stream = TcpStream::connect(running.address).await.unwrap();
        stream.write_all(b"\x0BMSH|^~\\&|A|B|C|D|||ADT^A01|endless|P|2.4\rOBX|1|ED|||").await.unwrap();
        streams.push(Some(stream));
    }
    let part = vec![b'x'; 64 << 10];
    for _ in 0..each / part.len() {
        for slot in &mut streams {
            if let Some(stream) = slot
                && stream.write_all(&part).await.is_err()
            {
                *slot = None;
            }
        }
        most = most.max(resident_bytes());
        if streams.iter().all(Option::is_none) {
            break;
        }
    }
    most.saturating_sub(before)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn memory_stays_bounded_whatever_is_sent() {
    let limits = intake::MllpLimits::default();
    let one = growth(limits.frame_bytes_max, limits.unfinished_bytes_max, 1, 1 << 30).await;
    assert!(one < GROWTH_BYTES_MAX, "one endless message: {} MiB", one >> 20);
    let many = growth(limits.frame_bytes_max, 24 << 20, 20, 16 << 20).await;
    assert!(many < GROWTH_BYTES_MAX, "twenty at once with a budget of 24 MiB: {} MiB", many >> 20);
    // The planted bug: without a ceiling the checker must see the growth.
    let unbounded = growth(1 << 30, 1 << 30, 1, 160 << 20).await;
    assert!(unbounded >= GROWTH_BYTES_MAX, "the checker sees nothing: {} MiB", unbounded >> 20);
}

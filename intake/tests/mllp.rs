//! The MLLP listener against honest, broken and hostile senders, and records that fail or lie.
//! RELIABILITY tests 10 (order of answer and sync) and 14 (a message without an end).
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use crate::common;

use basics::Moment;
use common::{Behaviour, Running, Sender, framed, id_of, message, run, torture};
use intake::Record;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Sends `count` messages one by one and logs each answer when it is seen.
async fn talk(running: &Running, count: usize) {
    let mut sender = Sender::to(running.address).await;
    for n in 0..count {
        sender.send(&framed(&message(&format!("m{n}")))).await;
        let (code, id) = sender.msa().await.unwrap();
        assert_eq!((code.as_str(), id), ("AA", format!("m{n}").into_bytes()));
        running.trial.log.write(format!("answered m{n}"));
    }
}

/// Answers that were seen before their message was synced.
fn answered_too_early(lines: &[String]) -> Vec<String> {
    let early = |(place, line): (usize, &String)| {
        let id = line.strip_prefix("answered ")?;
        let synced = lines.iter().position(|l| *l == format!("synced {id}"));
        synced.is_none_or(|synced| synced > place).then(|| id.to_owned())
    };
    lines.iter().enumerate().filter_map(early).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_leaves_only_after_the_sync() {
    let honest = run(Behaviour::Honest, |_| {}).await;
    talk(&honest, if torture() { 10_000 } else { 200 }).await;
    assert_eq!(answered_too_early(&honest.trial.log.lines()), Vec::<String>::new());
    // The checker must notice a record that answers first.
    let lying = run(Behaviour::AnswersBeforeSync, |_| {}).await;
    talk(&lying, 3).await;
    let lines = &lying.trial.log;
    assert!(lines.wait_for(Duration::from_secs(60), |lines| lines.iter().any(|l| l == "synced m2")));
    assert_eq!(answered_too_early(&lines.lines()), ["m0", "m1", "m2"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn answers_keep_the_order_of_the_messages() {
    let running = run(Behaviour::Reverses(50), |_| {}).await;
    let mut sender = Sender::to(running.address).await;
    let all: Vec<u8> = (0..100).flat_map(|n| framed(&message(&format!("m{n}")))).collect();
    sender.send(&all).await;
    for n in 0..100 {
        assert_eq!(sender.msa().await.unwrap().1, format!("m{n}").into_bytes());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_sent_is_kept_and_named_byte_for_byte() {
    let running = run(Behaviour::Honest, |_| {}).await;
    let mut sender = Sender::to(running.address).await;
    for id in ["1", "", " lead and trail ", "a\\T\\b", "caf\u{e9}"] {
        let sent = message(id);
        sender.send(&framed(&sent)).await;
        assert_eq!(sender.msa().await.unwrap(), ("AA".to_owned(), id.as_bytes().to_vec()), "{id:?}");
        assert_eq!(running.trial.kept().last(), Some(&String::from_utf8(sent).unwrap()));
    }
    let latin = b"MSH|^~\\&|PAS|NG|LB|LBF|20260302||ADT^A01|\xE9\xFF|P|2.4\r";
    sender.send(&framed(latin)).await;
    assert_eq!(sender.msa().await.unwrap().1, b"\xE9\xFF");
    sender.send(&framed(b"no message at all")).await;
    assert_eq!(
        sender.msa().await.unwrap(),
        ("AA".to_owned(), Vec::new()),
        "kept is kept; the tray judges it"
    );
    assert_eq!(running.trial.kept().last().map(String::as_str), Some("no message at all"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_could_not_be_kept_is_never_called_kept() {
    let failing = run(Behaviour::Fails, |_| {}).await;
    let mut sender = Sender::to(failing.address).await;
    sender.send(&framed(&message("m1"))).await;
    assert_eq!(sender.msa().await.unwrap(), ("AE".to_owned(), b"m1".to_vec()));
    assert_eq!((failing.tallies.now().kept, failing.tallies.now().storage_failed), (0, 1));
    let strict = run(Behaviour::Misunderstands, |_| {}).await;
    let mut sender = Sender::to(strict.address).await;
    sender.send(&framed(&message("m1"))).await;
    assert_eq!(sender.msa().await.unwrap(), ("AE".to_owned(), b"m1".to_vec()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn enhanced_mode_answers_as_the_sender_wishes() {
    let running = run(Behaviour::Honest, |_| {}).await;
    let mut sender = Sender::to(running.address).await;
    let with = |id: &str, wish: &str| {
        framed(format!("MSH|^~\\&|A|B|C|D|||ADT^A01|{id}|P|2.4|||{wish}\r").as_bytes())
    };
    let all = [with("1", "AL"), with("2", "NE"), with("3", "ER"), with("4", "SU"), with("5", "")].concat();
    sender.send(&all).await;
    for (code, id) in [("CA", "1"), ("CA", "4"), ("AA", "5")] {
        assert_eq!(sender.msa().await.unwrap(), (code.to_owned(), id.as_bytes().to_vec()));
    }
    assert_eq!(running.tallies.now().kept, 5, "unanswered ones are kept all the same");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rubbish_between_frames_is_counted_and_goes_to_the_tray() {
    let running = run(Behaviour::Honest, |_| {}).await;
    let mut sender = Sender::to(running.address).await;
    sender.send(b"GET / HTTP/1.1\r\n").await;
    sender.send(&framed(&message("m1"))).await;
    assert_eq!(sender.msa().await.unwrap().1, b"m1");
    assert!(running.trial.kept().iter().any(|kept| kept.starts_with("GET / HTTP/1.1")));
    assert_eq!(running.tallies.now().rubbish_bytes, 16);
    // A sender that speaks something else altogether is shown the door.
    let mut babbler = TcpStream::connect(running.address).await.unwrap();
    let _ = babbler.write_all(&vec![b'x'; 1 << 20]).await;
    assert!(closed(&mut babbler).await);
    assert!(running.tallies.now().rubbish_bytes < 1 << 20);
}

/// Whether the other side closes within a bounded time.
async fn closed(stream: &mut TcpStream) -> bool {
    let mut buffer = [0; 4096];
    let reading = async { while stream.read(&mut buffer).await.is_ok_and(|read| read > 0) {} };
    tokio::time::timeout(Duration::from_secs(60), reading).await.is_ok()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn machines_not_on_the_list_are_not_heard() {
    let running = run(Behaviour::Honest, |door| {
        door.peers = intake::Peers::new(vec!["203.0.113.0/24".parse().unwrap()]);
    })
    .await;
    let mut stream = TcpStream::connect(running.address).await.unwrap();
    let _ = stream.write_all(&framed(&message("m1"))).await;
    assert!(closed(&mut stream).await);
    assert_eq!((running.tallies.now().peers_refused, running.trial.kept().len()), (1, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_frame_that_takes_too_long_ends_its_connection() {
    let running = run(Behaviour::Honest, |door| door.limits.frame_wait_ms_max = 200).await;
    let mut sender = Sender::to(running.address).await;
    sender.send(&framed(&message("m1"))).await;
    sender.msa().await.unwrap();
    sender.send(b"\x0BMSH|^~\\&|half").await;
    // Bytes that trickle in do not lengthen the wait.
    let trickling = async {
        while sender.stream.write_all(b"x").await.is_ok() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), trickling).await.expect("the trickle was never cut off");
    assert_eq!(running.tallies.now().connections_too_slow, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sender_cannot_pile_up_more_than_its_share() {
    let running = run(Behaviour::Hangs, |door| door.limits.pipelined_max = 16).await;
    let mut sender = Sender::to(running.address).await;
    let all: Vec<u8> = (0..200).flat_map(|n| framed(&message(&format!("m{n}")))).collect();
    sender.send(&all).await;
    let arrived = |lines: &[String]| lines.iter().filter(|l| l.starts_with("arrived")).count();
    let log = &running.trial.log;
    assert!(log.wait_for(Duration::from_secs(60), |lines| arrived(lines) >= 16));
    assert!(
        !log.wait_for(Duration::from_millis(200), |lines| arrived(lines) > 16),
        "{}",
        arrived(&log.lines())
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn answers_that_are_owed_are_given_before_the_door_closes() {
    let running = run(Behaviour::Reverses(2), |_| {}).await;
    let mut sender = Sender::to(running.address).await;
    sender.send(&framed(&message("m0"))).await;
    assert!(running.trial.log.wait_for(Duration::from_secs(60), |lines| !lines.is_empty()));
    running.stop.send(true).unwrap();
    // The record finishes the first message only when a second one has come, here by another door.
    let feed = basics::FeedName::new("other").unwrap();
    running.trial.receive(&feed, message("n0"), Moment::default(), Box::new(|_| {}));
    assert_eq!(sender.msa().await.unwrap().1, b"m0");
    tokio::time::timeout(Duration::from_secs(60), running.task)
        .await
        .expect("the door did not close")
        .unwrap();
}

/// Sends a message without an end until the door closes or `bytes_max` are sent; returns how much was sent.
async fn endless(running: &Running, bytes_max: usize) -> (usize, Option<Vec<u8>>) {
    let stream = TcpStream::connect(running.address).await.unwrap();
    let (mut read, mut write) = stream.into_split();
    write.write_all(b"\x0BMSH|^~\\&|A|B|C|D|||ADT^A01|endless|P|2.4\rOBX|1|ED|||").await.unwrap();
    let part = vec![b'x'; 256 << 10];
    let mut sent = 0;
    while sent < bytes_max && write.write_all(&part).await.is_ok() {
        sent += part.len();
    }
    let mut answer = Vec::new();
    let reading = read.read_to_end(&mut answer);
    let answered = tokio::time::timeout(Duration::from_secs(2), reading).await.is_ok_and(|r| r.is_ok());
    (sent, answered.then_some(answer))
}

/// The answer of test 14; its memory is measured in `tests/endless.rs`.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_without_an_end_is_refused_by_name() {
    let running = run(Behaviour::Honest, |door| door.limits.frame_bytes_max = 1 << 20).await;
    let (sent, answer) = endless(&running, 1 << 30).await;
    assert!(sent < 1 << 30, "a gigabyte was taken");
    if let Some(answer) = answer.filter(|answer| !answer.is_empty()) {
        assert_eq!(id_of(&answer).chars().take(2).collect::<String>(), "LB");
        assert!(String::from_utf8_lossy(&answer).contains("MSA|AE|endless"));
    }
    assert_eq!((running.tallies.now().too_big, running.tallies.now().kept), (1, 0));
}

//! Messages through the outbox to a limited gateway, killed with -9 again and again: nothing lost, nothing doubled.
//!
//! Full size (`LIFEBOAT_TORTURE=1`): 20,000 messages, 3,000 a minute by the machine's clock, 20 kills, about eight
//! minutes. In small the clocks of both sides run thirty times as fast.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]
#![allow(clippy::disallowed_methods)]

mod common;

use basics::Clock;
use common::fake_notify::{FakeNotify, FakeNotifySetup, Mishap};
use common::*;
use outbound::{ItemFilter, Outbox, Patience, Planted, StateKind, Way};
use std::io::Write;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

const FOLDER: &str = "OUTBOX_KILL_FOLDER";
const URL: &str = "OUTBOX_KILL_URL";
const KEY: &str = "OUTBOX_KILL_KEY";
const CLOCK: &str = "OUTBOX_KILL_CLOCK";
const LIMIT: &str = "OUTBOX_KILL_LIMIT";
const PLANTED: &str = "OUTBOX_KILL_PLANTED";

fn setup(limit: u32, speed: i64, planted: Planted) -> outbound::OutboxSetup {
    let mut gateway = gateway_setup("notify", &[Way::Sms]);
    gateway.per_minute_max = limit;
    gateway.in_flight_max = 16;
    gateway.answer_ms_max = 2_000;
    // Settling: longer than an answer may take on the slowest machine, in the clock's own time.
    gateway.patience = Patience {
        settle_ms: 1_000 * speed as u64,
        delivery_first_ms: 5_000,
        delivery_ms_max: 60_000,
        rest_first_ms: 2_000,
        ..Patience::default()
    };
    outbound::OutboxSetup { planted, ..one_gateway(gateway) }
}

/// Not a test by itself: the process that is killed. Hands over whatever the outbox holds.
#[test]
fn child() {
    let Ok(folder) = std::env::var(FOLDER) else { return };
    let var = |name: &str| std::env::var(name).unwrap();
    let (began, speed) =
        var(CLOCK).split_once(' ').map(|(a, b)| (a.parse().unwrap(), b.parse().unwrap())).unwrap();
    let clock = TestClock { began_ms: began, speed };
    let planted = match var(PLANTED).as_str() {
        "ClaimsInMemory" => Planted::ClaimsInMemory,
        "TakesDoubtForSent" => Planted::TakesDoubtForSent,
        "TakesDoubtForUnsent" => Planted::TakesDoubtForUnsent,
        _ => Planted::Nothing,
    };
    let outbox = open(Path::new(&folder), setup(var(LIMIT).parse().unwrap(), speed, planted), clock.now());
    std::io::stdout().lock().write_all(b"\nopened\n").unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let gateway = Arc::new(notify_gateway(&var(URL), &var(KEY)));
        let work = AtWork::start(&outbox, vec![gateway], Arc::new(clock));
        // Ends when nobody waits and nobody is in doubt; the parent has long killed it otherwise.
        let open = [StateKind::Queued, StateKind::Claimed, StateKind::Doubtful];
        let filter = ItemFilter { states: open.to_vec(), items_max: 1, ..ItemFilter::default() };
        while !outbox.items(&filter).is_empty() {
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        work.stop().await;
    });
    outbox.close().unwrap();
}

struct Plan {
    messages: usize,
    kills: usize,
    limit: u32,
    speed: i64,
    planted: Planted,
    wait_s_max: u64,
}

fn start(dir: &Path, fake: &FakeNotify, clock: TestClock, plan: &Plan) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "child", "--nocapture"])
        .env(FOLDER, dir)
        .env(URL, fake.base_url())
        .env(KEY, fake.key())
        .env(CLOCK, format!("{} {}", clock.began_ms, clock.speed))
        .env(LIMIT, plan.limit.to_string())
        .env(PLANTED, format!("{:?}", plan.planted))
        .stdout(Stdio::null())
        .spawn()
        .unwrap()
}

/// Queues, hands over, kills; what is wrong at the end, if anything.
async fn lived(plan: &Plan) -> Result<(), String> {
    let dir = tempfile::tempdir().unwrap();
    let clock = TestClock::fast(plan.speed);
    // One in fifty answers goes wrong, after acceptance or before.
    let mishaps = [Mishap::KeptTruncated, Mishap::InternalError, Mishap::KeptInternalError, Mishap::Garbage];
    let faults = AtomicUsize::new(0);
    let mishap = move |n: u64| match n % 50 {
        17 => mishaps[faults.fetch_add(1, Ordering::Relaxed) % mishaps.len()],
        // Slow enough that kills find messages in flight.
        _ => Mishap::KeptSlow(40),
    };
    let fake_setup = FakeNotifySetup {
        per_minute_max: plan.limit as usize,
        mishap: Arc::new(mishap),
        ..FakeNotifySetup::default()
    };
    let fake = FakeNotify::start(fake_setup, Arc::new(clock)).await.unwrap();
    let queueing = Instant::now();
    {
        let outbox = open(dir.path(), setup(plan.limit, plan.speed, Planted::Nothing), clock.now());
        let messages = (0..plan.messages).map(|n| message(&format!("m-{n}"), sms())).collect();
        assert_eq!(outbox.queue(messages, clock.now()).unwrap().len(), plan.messages);
        outbox.close().unwrap();
    }
    println!("figure\toutbox_queued_s\t{:.3}\ts", queueing.elapsed().as_secs_f64());
    let (began, mut killed) = (Instant::now(), 0);
    let mut child = start(dir.path(), &fake, clock, plan);
    let ended = loop {
        if child.try_wait().unwrap().is_some() {
            break true;
        }
        // The kills come when so many have been accepted, evenly over the whole.
        let due = (killed + 1) * plan.messages / (plan.kills + 1);
        if killed < plan.kills && fake.accepted_count() >= due {
            child.kill().unwrap();
            child.wait().unwrap();
            killed += 1;
            child = start(dir.path(), &fake, clock, plan);
        }
        if began.elapsed().as_secs() > plan.wait_s_max {
            child.kill().unwrap();
            child.wait().unwrap();
            break false;
        }
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    };
    println!("figure\toutbox_through_s\t{:.1}\ts", began.elapsed().as_secs_f64());
    println!(
        "{} accepted through {killed} kills in {:?}; the gateway refused {} for their pace",
        fake.accepted_count(),
        began.elapsed(),
        fake.refused_for_pace()
    );
    verdict(dir.path(), &fake, plan, ended && killed == plan.kills)
}

fn verdict(dir: &Path, fake: &FakeNotify, plan: &Plan, ended: bool) -> Result<(), String> {
    let twice = fake.told_twice();
    if !twice.is_empty() {
        return Err(format!("told twice: {twice:?}"));
    }
    if fake.accepted_count() != plan.messages {
        return Err(format!("{} of {} messages arrived", fake.accepted_count(), plan.messages));
    }
    if !ended {
        return Err("the outbox did not come to an end".to_owned());
    }
    let setup = setup(plan.limit, plan.speed, Planted::Nothing);
    let now = TestClock::real().now();
    let (board, _) =
        Outbox::look(dir, &keys(), setup, &ItemFilter::default(), now).map_err(|e| e.to_string())?;
    let known: usize =
        [StateKind::Sent, StateKind::Delivered].iter().filter_map(|kind| board.counts.get(kind)).sum();
    match known == plan.messages {
        true => Ok(()),
        false => Err(format!("the board says {:?}", board.counts)),
    }
}

/// One test after another: between `fork` and `exec` a child holds a copy of every lock, its neighbour's record's too.
static ALONE: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_lost_or_doubled_through_kills() {
    let _alone = ALONE.lock().await;
    let full = size(0, 1) == 1;
    let plan = match full {
        true => Plan {
            messages: 20_000,
            kills: 20,
            limit: 3_000,
            speed: 1,
            planted: Planted::Nothing,
            wait_s_max: 1_800,
        },
        false => Plan {
            messages: 600,
            kills: 5,
            limit: 600,
            speed: 30,
            planted: Planted::Nothing,
            wait_s_max: 240,
        },
    };
    assert_eq!(lived(&plan).await, Ok(()), "replay: cargo test -p outbound --test kill");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_planted_bug_is_found() {
    let _alone = ALONE.lock().await;
    // What was taken for sent is lost when the kill came before the gateway had it; else the book alone does not know.
    let unsent = &["messages arrived", "the board says"][..];
    for (planted, words) in [
        (Planted::ClaimsInMemory, &["told twice"][..]),
        (Planted::TakesDoubtForUnsent, &["told twice"][..]),
        (Planted::TakesDoubtForSent, unsent),
    ] {
        let seen = |verdict: &Result<(), String>| {
            verdict.as_ref().is_err_and(|why| words.iter().any(|words| why.contains(words)))
        };
        let mut found = Vec::new();
        for _ in 0..5 {
            let plan = Plan { messages: 150, kills: 5, limit: 600, speed: 30, planted, wait_s_max: 60 };
            found.push(lived(&plan).await);
            if found.last().is_some_and(&seen) {
                break;
            }
        }
        assert!(found.last().is_some_and(&seen), "{planted:?} went unseen: {found:?}");
    }
}

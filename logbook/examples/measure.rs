//! Measures the record on this machine's disk beside the bare system calls: `cargo run --release -p logbook
//! --example measure -- FOLDER`. Figures are ratios of two things done in one run, alternating.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, clippy::indexing_slicing, clippy::expect_used)]

use basics::{BookName, EntryNumber, Moment};
use logbook::{Keys, Loggist, Options, Reader, RealDisk, VerifyWith, verify};
use std::fs::{File, OpenOptions};
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, mpsc};
use std::time::Instant;

const BODY_BYTES: usize = 1024;

fn main() {
    let dir = std::path::PathBuf::from(std::env::args().nth(1).expect("a folder to measure in"));
    std::fs::create_dir_all(&dir).unwrap();
    let keys = Arc::new(Keys::generate().unwrap());
    let only_reading = std::env::args().nth(2).is_some_and(|what| what == "reading");
    for round in 0..if only_reading { 0 } else { 3 } {
        println!("round {round}");
        let bare = bare(&dir, 1, 3000);
        let one = single(&dir.join(format!("one{round}")), &keys, 3000);
        println!("  one in flight:    bare {bare:8.0}/s  record {one:8.0}/s  ratio {:.2}", bare / one);
        let bare = 64.0 * self::bare(&dir, 64, 1000);
        let many = in_flight(&dir.join(format!("many{round}")), &keys, 64, 64_000);
        println!(
            "  64 in flight:     bare {bare:8.0}/s  record {many:8.0}/s  {:.0} % of it",
            100.0 * many / bare
        );
        let threads = threads(&dir.join(format!("threads{round}")), &keys, 64, 32_000);
        println!(
            "  64 threads append:                  record {threads:8.0}/s  {:.0} % of it",
            100.0 * threads / bare
        );
    }
    if std::env::var_os("SHORT").is_some() {
        return;
    }
    reading(&dir.join("many"), &keys);
}

/// CPU seconds of this process so far, all threads.
fn cpu_s() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
    (fields[11].parse::<f64>().unwrap() + fields[12].parse::<f64>().unwrap()) / 100.0
}

fn bare(dir: &Path, at_once: usize, rounds: usize) -> f64 {
    let path = dir.join("bare");
    let file: File = OpenOptions::new().create(true).write(true).truncate(true).open(path).unwrap();
    let bytes = vec![7u8; at_once * BODY_BYTES];
    let start = Instant::now();
    for n in 0..rounds {
        file.write_all_at(&bytes, (n * bytes.len()) as u64).unwrap();
        file.sync_data().unwrap();
    }
    rounds as f64 / start.elapsed().as_secs_f64()
}

fn open(dir: &Path, keys: &Keys) -> Loggist {
    let book = BookName::new("feed").unwrap();
    let step = std::env::var("GATHER_STEP_US").ok().and_then(|s| s.parse().ok());
    let options =
        Options { gather_step_us: step.unwrap_or(Options::default().gather_step_us), ..Options::default() };
    Loggist::open(dir, book, keys, Arc::new(RealDisk), options, Moment::default()).unwrap().0
}

fn single(dir: &Path, keys: &Keys, rounds: usize) -> f64 {
    let loggist = open(dir, keys);
    let body = vec![7u8; BODY_BYTES];
    loggist.append(1, &body, Moment::default()).unwrap();
    let start = Instant::now();
    for _ in 0..rounds {
        loggist.append(1, &body, Moment::default()).unwrap();
    }
    rounds as f64 / start.elapsed().as_secs_f64()
}

fn in_flight(dir: &Path, keys: &Keys, flights: usize, total: u64) -> f64 {
    let loggist = open(dir, keys);
    let body = vec![7u8; BODY_BYTES];
    let (sender, receiver) = mpsc::channel();
    loggist.append(1, &body, Moment::default()).unwrap();
    let start = Instant::now();
    let mut sent = 0;
    for done in 0..total {
        while sent < total && sent - done < flights as u64 {
            let sender = sender.clone();
            loggist.submit(1, &body, Moment::default(), move |r| sender.send(r.is_ok()).unwrap());
            sent += 1;
        }
        assert!(receiver.recv().unwrap());
    }
    total as f64 / start.elapsed().as_secs_f64()
}

fn threads(dir: &Path, keys: &Keys, threads: u64, total: u64) -> f64 {
    let loggist = open(dir, keys);
    let left = AtomicU64::new(total);
    let start = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                let body = vec![7u8; BODY_BYTES];
                while left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |n| n.checked_sub(1)).is_ok() {
                    loggist.append(1, &body, Moment::default()).unwrap();
                }
            });
        }
    });
    total as f64 / start.elapsed().as_secs_f64()
}

fn reading(dir: &Path, keys: &Keys) {
    let loggist = open(dir, keys);
    let count = 1_000_000u64;
    let start = Instant::now();
    for _ in 0..count / 1000 {
        let batch = (0..1000).map(|_| (1, vec![7u8; BODY_BYTES], Moment::default())).collect();
        loggist.append_batch(batch).unwrap();
    }
    println!("bulk append:   {:9.0} entries/s", count as f64 / start.elapsed().as_secs_f64());
    loggist.close().unwrap();
    let start = Instant::now();
    let loggist = open(dir, keys);
    let opened = start.elapsed().as_secs_f64();
    println!("opening:       {opened:9.3} s for {} entries", loggist.len());
    println!("figure\topen_million_s\t{opened:.4}");
    loggist.close().unwrap();
    let book = BookName::new("feed").unwrap();
    let start = Instant::now();
    let reader = Reader::open(dir, &book, keys, Arc::new(RealDisk)).unwrap();
    let opened = start.elapsed();
    let spent = cpu_s();
    let read = reader.read_from(EntryNumber(1)).filter(|e| e.is_ok()).count();
    println!(
        "reading:       {:9.0} entries/s ({read} read; opened in {opened:?})",
        read as f64 / (start.elapsed() - opened).as_secs_f64()
    );
    println!("figure\tread_entries_per_cpu_s\t{:.0}", read as f64 / (cpu_s() - spent));
    let start = Instant::now();
    for n in 0..20_000u64 {
        reader.entry(EntryNumber(1 + n * 7919 % count)).unwrap().unwrap();
    }
    println!("one by one:    {:9.0} entries/s", 20_000.0 / start.elapsed().as_secs_f64());
    let start = Instant::now();
    let verdict = verify(dir, VerifyWith::Keys(keys), &[]).unwrap();
    assert!(verdict.is_clean(), "{verdict:?}");
    println!(
        "verify, keys:  {:9.0} entries/s ({:.1} s)",
        count as f64 / start.elapsed().as_secs_f64(),
        start.elapsed().as_secs_f64()
    );
    println!("figure\tverify_million_s\t{:.3}", start.elapsed().as_secs_f64());
    let key = keys.verifying_key();
    let start = Instant::now();
    verify(dir, VerifyWith::VerifyingKey(&key), &[]).unwrap();
    println!("verify, chain: {:9.0} entries/s", count as f64 / start.elapsed().as_secs_f64());
}

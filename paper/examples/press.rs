//! Prints a fictional ward's pack to look at, or measures the press: pages a second and memory.
//!
//! `cargo run --release -p paper --example press -- out.pdf` writes the sample ward; `-- strokes` lists all
//! that a full ward draws; without anything it measures.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, clippy::indexing_slicing, missing_docs)]

#[path = "../tests/sample/mod.rs"]
mod sample;

use basics::Zone;
use paper::Press;
use std::time::Instant;

fn main() {
    let zone = Zone::london();
    let press = Press::new().unwrap();
    if std::env::args().nth(1).as_deref() == Some("strokes") {
        // For a peer to draw the very same.
        print!("{}", press.ward_pack_strokes(&sample::full_ward(30), &zone));
        return;
    }
    if let Some(path) = std::env::args().nth(1) {
        let mut pack = sample::ward();
        if std::env::args().nth(2).as_deref() == Some("exercise") {
            pack.watermark = Some("EXERCISE".to_owned());
        }
        let done = press.ward_pack(&pack, &zone).unwrap();
        std::fs::write(&path, &done.pdf).unwrap();
        let blank = press.blank_forms(&pack, &zone).unwrap();
        std::fs::write(path.replace(".pdf", "-blank.pdf"), blank.pdf).unwrap();
        println!("{} pages, {} kB", done.pages, done.pdf.len() / 1024);
        return;
    }
    measure(&press, &zone);
}

/// Seconds of processor time that this program has used.
fn processor_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or("").split_whitespace().collect();
    let ticks = |n: usize| fields.get(n).and_then(|f| f.parse::<f64>().ok()).unwrap_or(0.0);
    (ticks(11) + ticks(12)) / 100.0
}

fn measure(press: &Press, zone: &Zone) {
    let wards: Vec<_> = (0..34).map(|_| sample::full_ward(30)).collect();
    let started = Instant::now();
    let one = press.ward_pack(&wards[0], zone).unwrap();
    let wall = started.elapsed().as_secs_f64();
    println!("one ward of 30 patients: {} pages, {} kB, {wall:.3} s", one.pages, one.pdf.len() / 1024);
    println!("figure\tward_again_s\t{wall:.3}");
    let (started, spent) = (Instant::now(), processor_seconds());
    let (mut pages, mut bytes) = (0u64, 0u64);
    for ward in &wards {
        let done = press.ward_pack(ward, zone).unwrap();
        pages += u64::from(done.pages);
        bytes += done.pdf.len() as u64;
    }
    let (wall, spent) = (started.elapsed().as_secs_f64(), processor_seconds() - spent);
    println!(
        "{} patients on one thread: {pages} pages, {} MB, {wall:.2} s, {:.0} pages per processor second",
        34 * 30,
        bytes / 1_000_000,
        pages as f64 / spent
    );
    println!("figure\tpages_per_cpu_s\t{:.0}", pages as f64 / spent);
    thousand(zone);
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    for line in status.lines().filter(|l| l.starts_with("VmHWM")) {
        let words = line.trim_start_matches("VmHWM:").trim();
        println!("peak memory {words}");
        let kib: f64 = words.trim_end_matches(" kB").parse().unwrap();
        println!("figure\tthousand_peak_mib\t{:.0}", kib / 1024.0);
    }
}

/// A thousand patients' packs from nothing on two threads, each pack let go when it is done, as the print room does.
fn thousand(zone: &Zone) {
    let started = Instant::now();
    let press = Press::new().unwrap();
    let left = std::sync::atomic::AtomicUsize::new(34);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                let order = std::sync::atomic::Ordering::SeqCst;
                while left.fetch_update(order, order, |n| n.checked_sub(1)).is_ok() {
                    press.ward_pack(&sample::full_ward(30), zone).unwrap();
                }
            });
        }
    });
    let wall = started.elapsed().as_secs_f64();
    println!("{} patients on two threads from nothing: {wall:.2} s", 34 * 30);
    println!("figure\tthousand_s\t{wall:.2}");
}

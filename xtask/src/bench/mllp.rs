//! Received over MLLP to a durable acknowledgement, beside the bare disk and beside @medplum/hl7 with PostgreSQL.

use super::load::{frame, send};
use super::postgres::{PORT, Postgres};
use super::process::Server;
use super::{Figure, Place, grouped, median};
use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

const LIFEBOAT_PORT: u16 = 42_575;
const PEER_PORT: u16 = 42_576;
const ROUNDS: usize = 5;
const SECONDS: f64 = 2.0;
/// Longer than the index lets a flood pass before it takes its share again.
const LONG_SECONDS: f64 = 20.0;

/// Appends `batch` messages and syncs, again and again for a while: messages a second that this disk can make durable.
#[allow(clippy::disallowed_methods)]
fn bare(dir: &Path, batch: usize) -> anyhow::Result<f64> {
    let path = dir.join("bare");
    let mut file = OpenOptions::new().create(true).append(true).open(&path)?;
    let message = frame();
    let block: Vec<u8> = message.repeat(batch);
    let (start, mut written) = (Instant::now(), 0usize);
    while start.elapsed() < Duration::from_secs_f64(SECONDS) {
        file.write_all(&block)?;
        file.sync_data()?;
        written += batch;
    }
    let elapsed = start.elapsed().as_secs_f64();
    std::fs::remove_file(path)?;
    #[allow(clippy::cast_precision_loss)]
    Ok(written as f64 / elapsed)
}

/// Sixteen connections for longer than showing waits: messages a second answered, and counted to where the last is shown.
#[allow(clippy::disallowed_methods)]
fn sustained(lifeboat: &Server) -> anyhow::Result<(f64, f64)> {
    let start = Instant::now();
    let round = send(LIFEBOAT_PORT, 16, LONG_SECONDS)?;
    lifeboat.settle()?;
    Ok((round.rate, round.rate * LONG_SECONDS / start.elapsed().as_secs_f64()))
}

fn lifeboat(place: &Place) -> anyhow::Result<Server> {
    let data = place.scratch.join("mllp-data");
    let config = place.scratch.join("mllp.toml");
    std::fs::write(&config, super::import::server_config(&data, LIFEBOAT_PORT))?;
    let program = place.root.join("target/release/lifeboat");
    Server::start(Command::new(program).arg("serve").arg("--config").arg(config), "feed bench listens")
}

/// One, 16 and 64 connections, in rounds that measure limit, peer and Lifeboat one after the other.
pub fn figures(place: &Place) -> anyhow::Result<Vec<Figure>> {
    let postgres = Postgres::start(&place.scratch.join("pg"))?;
    let peers = place.root.join("bench/peers");
    let _peer = Server::start(
        Command::new("node")
            .arg(peers.join("medplum_server.mjs"))
            .arg(PEER_PORT.to_string())
            .arg(&postgres.dir)
            .arg(PORT),
        "ready",
    )?;
    let lifeboat = lifeboat(place)?;
    let mut rows: [Vec<f64>; 7] = Default::default();
    let mut ratios: [Vec<f64>; 3] = Default::default();
    let mut p99 = Vec::new();
    for _ in 0..ROUNDS {
        let bare_1 = bare(&place.scratch, 1)?;
        let one = send(LIFEBOAT_PORT, 1, SECONDS)?.rate;
        let sixteen = send(LIFEBOAT_PORT, 16, SECONDS)?;
        // What was put off while the flood lasted is done before the peer is measured.
        lifeboat.settle()?;
        let medplum = send(PEER_PORT, 16, SECONDS)?.rate;
        let bare_16 = bare(&place.scratch, 16)?;
        let bare_64 = bare(&place.scratch, 64)?;
        let sixty_four = send(LIFEBOAT_PORT, 64, SECONDS)?.rate;
        lifeboat.settle()?;
        let round = [bare_1, one, medplum, bare_16, sixteen.rate, bare_64, sixty_four];
        rows.iter_mut().zip(round).for_each(|(row, value)| row.push(value));
        let round = [bare_1 / one, sixteen.rate / medplum, sixty_four / bare_64];
        ratios.iter_mut().zip(round).for_each(|(row, value)| row.push(value));
        p99.push(sixteen.p99_ms);
    }
    let (long, shown) = sustained(&lifeboat)?;
    let [bare_1, one, medplum, bare_16, sixteen, bare_64, sixty_four] = rows.map(|row| median(&row));
    let [near, beats, groups] = ratios.map(|row| median(&row));
    let figure = |name: &str, measured: String, beside: String, ratio, wanted, less_is_better| Figure {
        name: name.to_owned(),
        measured,
        beside,
        ratio,
        wanted,
        less_is_better,
    };
    let rate = |value: f64| format!("{} messages/s", grouped(value));
    Ok(vec![
        figure(
            "MLLP to durable answer, 1 connection",
            rate(one),
            format!("{} write+fdatasync", rate(bare_1)),
            near,
            1.2,
            true,
        ),
        figure(
            &format!("the same, 16 connections (p99 {:.1} ms)", median(&p99)),
            rate(sixteen),
            // What the disk allows sixteen who each wait for their answer, so that a slow disk is seen for what it is.
            format!("{} @medplum/hl7+PG ({} append 16)", rate(medplum), grouped(bare_16)),
            beats,
            10.0,
            false,
        ),
        figure(
            &format!("the same, 16 connections for {LONG_SECONDS} s"),
            rate(long),
            format!("{} @medplum/hl7+PG", rate(medplum)),
            long / medplum,
            1.0,
            false,
        ),
        figure(
            "the same, until every one of them is shown",
            rate(shown),
            format!("{} @medplum/hl7+PG, shown nowhere", rate(medplum)),
            shown / medplum,
            1.0,
            false,
        ),
        figure(
            "the same, 64 connections",
            rate(sixty_four),
            format!("{} append 64", rate(bare_64)),
            groups,
            0.6,
            false,
        ),
    ])
}

//! From "declare" pressed to the last of 200 browsers showing it: 200 live streams, told, each asking for home again.
//!
//! Each listener holds a live stream and, when it is told, asks for the page as a browser does and looks for the
//! incident's name in it. Half of the rounds begin while the streams have just been told something else, so that the
//! gathering of changes is in the figure. The clock runs from before the form is sent to the last page read. Pages are asked
//! for uncompressed.

use super::process::Server;
use super::{Figure, Place};
use anyhow::{Context, bail, ensure};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::Command;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

/// Where `server_config` lets the pages be served.
const PORT: u16 = 42_577;
const FEED_PORT: u16 = 42_581;
const LISTENERS: usize = 200;
const ROUNDS: usize = 100;
/// No page within this time is a fault.
const WAIT: Duration = Duration::from_secs(30);

/// Declares, and waits until every listener has read the page that says so.
#[allow(clippy::disallowed_methods)]
pub fn figures(place: &Place) -> anyhow::Result<Vec<Figure>> {
    let built = Command::new("cargo")
        .args(["build", "--release", "-q", "-p", "lifeboat"])
        .current_dir(&place.root)
        .status()?;
    ensure!(built.success(), "lifeboat does not build");
    let data = place.scratch.join("declare-data");
    let config = place.scratch.join("declare.toml");
    std::fs::write(&config, super::import::server_config(&data, FEED_PORT))?;
    let program = place.root.join("target/release/lifeboat");
    let _server =
        Server::start(Command::new(program).arg("serve").arg("--config").arg(config), "feed bench listens")?;
    let (heard, hears) = channel();
    for _ in 0..LISTENERS {
        listen(heard.clone())?;
    }
    let mut last_ms = Vec::with_capacity(ROUNDS);
    for round in 0..ROUNDS {
        if round % 2 == 0 {
            // Quiet: nothing was told in the last second.
            std::thread::sleep(Duration::from_millis(1_300));
        } else {
            post("/log", &format!("text=Before+round+{round}&by=Bench&to=0"))?;
            std::thread::sleep(Duration::from_millis(150));
        }
        last_ms.push(declare(round, &hears)?);
        let number = round + 1;
        post(&format!("/incidents/{number}/stage"), "deed=cancel&reason=Measured&by=Bench")?;
    }
    last_ms.sort_by(f64::total_cmp);
    let p99 = last_ms.get(ROUNDS * 99 / 100 - 1).copied().unwrap_or(f64::MAX);
    let p50 = last_ms.get(ROUNDS / 2).copied().unwrap_or(f64::MAX);
    let at_most = |name: String, got: f64, bound: f64| Figure {
        name,
        measured: format!("{got:.0} ms"),
        beside: format!("{bound} ms allowed"),
        ratio: got / bound,
        wanted: 1.0,
        less_is_better: true,
    };
    Ok(vec![
        at_most(format!("declared to the last of {LISTENERS} browsers, p99"), p99, 1000.0),
        at_most(format!("declared to the last of {LISTENERS} browsers, p50"), p50, 1000.0),
    ])
}

/// One declaration: milliseconds from the form's first byte to the last page that shows it.
#[allow(clippy::disallowed_methods)]
fn declare(round: usize, hears: &Receiver<String>) -> anyhow::Result<f64> {
    let name = format!("Round-{round}-of-the-bench");
    while hears.try_recv().is_ok() {}
    let began = Instant::now();
    post("/incidents/declare", &format!("level=critical&reason=Measured&by=Bench&name={name}"))?;
    let mut waiting = LISTENERS;
    while waiting > 0 {
        let left = WAIT.saturating_sub(began.elapsed());
        let page =
            hears.recv_timeout(left).with_context(|| format!("{waiting} browsers never showed {name}"))?;
        // A page that was asked for before the declaration shows the one before; the next one comes.
        waiting -= usize::from(page == name);
    }
    Ok(began.elapsed().as_secs_f64() * 1000.0)
}

fn connect() -> anyhow::Result<TcpStream> {
    let stream = TcpStream::connect(("127.0.0.1", PORT)).context("connecting")?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(WAIT * 4))?;
    Ok(stream)
}

/// A browser: holds the live stream; each time it is told, asks for home again and says which incident it shows. The
/// same incident is said once.
fn listen(heard: Sender<String>) -> anyhow::Result<()> {
    let mut stream = connect()?;
    stream.write_all(b"GET /live?topics=all HTTP/1.1\r\nHost: bench\r\nAccept: text/event-stream\r\n\r\n")?;
    let mut lines = BufReader::new(stream);
    let mut line = String::new();
    while !line.ends_with("\r\n\r\n") {
        ensure!(lines.read_line(&mut line)? > 0, "no live stream");
    }
    ensure!(line.starts_with("HTTP/1.1 200"), "no live stream: {line}");
    let mut home = BufReader::new(connect()?);
    std::thread::spawn(move || {
        let mut said = String::new();
        loop {
            line.clear();
            match lines.read_line(&mut line) {
                Ok(0) | Err(_) => return,
                Ok(_) if !line.starts_with("event: change") => continue,
                Ok(_) => {}
            }
            let Ok(page) = fetch(&mut home) else { return };
            let shown = page.split("Round-").nth(1).and_then(|rest| rest.split("-of-the-bench").next());
            if let Some(number) = shown {
                let name = format!("Round-{number}-of-the-bench");
                if name != said {
                    said.clone_from(&name);
                    if heard.send(name).is_err() {
                        return;
                    }
                }
            }
        }
    });
    Ok(())
}

/// Home, over a connection that is kept.
fn fetch(home: &mut BufReader<TcpStream>) -> anyhow::Result<String> {
    home.get_mut().write_all(b"GET / HTTP/1.1\r\nHost: bench\r\n\r\n")?;
    let (mut line, mut length, mut chunked) = (String::new(), 0usize, false);
    loop {
        line.clear();
        ensure!(home.read_line(&mut line)? > 0, "the server hung up");
        let lower = line.to_lowercase();
        if let Some(value) = lower.strip_prefix("content-length:") {
            length = value.trim().parse()?;
        }
        chunked |= lower.starts_with("transfer-encoding: chunked");
        if line == "\r\n" {
            break;
        }
    }
    let mut body = Vec::new();
    if !chunked {
        body.resize(length, 0);
        home.read_exact(&mut body)?;
        return Ok(String::from_utf8_lossy(&body).into_owned());
    }
    loop {
        line.clear();
        ensure!(home.read_line(&mut line)? > 0, "the server hung up");
        let size = usize::from_str_radix(line.trim(), 16)?;
        let start = body.len();
        body.resize(start + size + 2, 0);
        let Some(part) = body.get_mut(start..) else { bail!("no room") };
        home.read_exact(part)?;
        body.truncate(start + size);
        if size == 0 {
            return Ok(String::from_utf8_lossy(&body).into_owned());
        }
    }
}

/// Sends a form; anything but a redirect to the next page is a fault.
fn post(address: &str, form: &str) -> anyhow::Result<()> {
    let mut stream = connect()?;
    write!(
        stream,
        "POST {address} HTTP/1.1\r\nHost: bench\r\nContent-Type: application/x-www-form-urlencoded\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n{form}",
        form.len()
    )?;
    let mut answer = String::new();
    BufReader::new(stream).read_line(&mut answer)?;
    ensure!(answer.contains(" 303 "), "{address} was not taken: {answer}");
    Ok(())
}

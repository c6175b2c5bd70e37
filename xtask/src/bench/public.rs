//! The public page: from a sealed entry to the page rebuilt with a long history; and a crowd at its door, beside nginx
//! serving the same files on the same machine, while a ward goes on asking for its pages.
//!
//! Peers take turns: Lifeboat, nginx, Lifeboat, nginx, and so on, each with the same crowd from the same tool (wrk). A ward's pages are asked
//! for every 50 ms all the while; the wait counts from the moment at which the page was to be asked for, so that a stall
//! is not hidden by the questions that it held up.

use super::process::Server;
use super::{Figure, Place, grouped, median};
use anyhow::{Context, bail, ensure};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

const WEB_PORT: u16 = 42_577;
const FEED_PORT: u16 = 42_581;
const PUBLIC_PORT: u16 = 42_583;
const NGINX_PORT: u16 = 42_585;
/// Updates before the one that is timed.
const HISTORY: usize = 1_000;
/// Updates timed.
const TIMED: usize = 20;
const CROWD: usize = 2_000;
const ROUNDS: usize = 5;
const ROUND_SECONDS: u64 = 10;
/// Nothing takes longer than this, or it is a fault.
const WAIT: Duration = Duration::from_secs(30);

/// The rebuild, then the crowd. `LIFEBOAT_BENCH_SHORT=1` makes it short, to see that it works.
pub fn figures(place: &Place) -> anyhow::Result<Vec<Figure>> {
    let short = std::env::var_os("LIFEBOAT_BENCH_SHORT").is_some();
    let built = Command::new("cargo")
        .args(["build", "--release", "-q", "-p", "lifeboat"])
        .current_dir(&place.root)
        .status()?;
    ensure!(built.success(), "lifeboat does not build");
    let data = place.scratch.join("public-data");
    let config = place.scratch.join("public.toml");
    let more = format!(
        "[public_page]\naddress = \"http://updates.example\"\npublic_web = \"127.0.0.1:{PUBLIC_PORT}\"\n"
    );
    std::fs::write(&config, format!("{}\n{more}", super::import::server_config(&data, FEED_PORT)))?;
    let program = place.root.join("target/release/lifeboat");
    let _server =
        Server::start(Command::new(program).arg("serve").arg("--config").arg(config), "the public reads")?;
    let mut figures = vec![rebuilt(if short { 50 } else { HISTORY })?];
    figures.extend(crowd(place, &data.join("public_page/real/current"), short)?);
    Ok(figures)
}

/// Approves updates one after the other; the worst time from an entry sealed to the page that shows it.
#[allow(clippy::disallowed_methods)]
fn rebuilt(history: usize) -> anyhow::Result<Figure> {
    for n in 0..history {
        publish(&format!("Update {n} of the history."))?;
    }
    shown(&format!("Update {} of the history.", history - 1))?;
    let mut worst = 0.0f64;
    for n in 0..TIMED {
        let sentence = format!("Timed update {n}.");
        let number = draft(&sentence)?;
        let start = Instant::now();
        approve(number)?;
        shown(&sentence)?;
        worst = worst.max(start.elapsed().as_secs_f64());
    }
    Ok(Figure {
        name: format!("approve pressed to public page read, {} updates before", grouped(history as f64)),
        measured: format!("{worst:.3} s, worst of {TIMED}"),
        beside: "1 s allowed".to_owned(),
        ratio: worst,
        wanted: 1.0,
        less_is_better: true,
    })
}

fn publish(sentence: &str) -> anyhow::Result<()> {
    approve(draft(sentence)?)
}

fn draft(sentence: &str) -> anyhow::Result<u32> {
    let todo = "Come+only+in+an+emergency.%0AWe+will+call+you+about+your+appointment.";
    let form = format!(
        "ground=real&by=Cara+Dean&next=60&do_this={todo}&not_for=Blood+tests%0ARoutine+X-rays&sentence={}",
        sentence.replace(' ', "+")
    );
    let head = post("/public-updates/draft", &form)?;
    let number = head.split("/public-updates/").nth(1).and_then(|rest| rest.split('?').next());
    number.and_then(|n| n.parse().ok()).with_context(|| format!("no draft: {head}"))
}

fn approve(number: u32) -> anyhow::Result<()> {
    post(&format!("/public-updates/{number}/approve"), "ground=real&revision=1&by=Anna+Bell").map(drop)
}

fn post(path: &str, form: &str) -> anyhow::Result<String> {
    let answer = ask(
        WEB_PORT,
        &format!(
            "POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{WEB_PORT}\r\nConnection: close\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{form}",
            form.len()
        ),
    )?;
    ensure!(answer.starts_with("HTTP/1.1 303"), "{path}: {}", answer.lines().next().unwrap_or_default());
    Ok(answer)
}

fn get(port: u16, path: &str) -> anyhow::Result<String> {
    ask(port, &format!("GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n"))
}

fn ask(port: u16, request: &str) -> anyhow::Result<String> {
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_read_timeout(Some(WAIT))?;
    stream.write_all(request.as_bytes())?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

/// Waits until the public's own door says it.
#[allow(clippy::disallowed_methods)]
fn shown(sentence: &str) -> anyhow::Result<()> {
    let start = Instant::now();
    while start.elapsed() < WAIT {
        if get(PUBLIC_PORT, "/")?.contains(sentence) {
            return Ok(());
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    bail!("the public page never said {sentence}")
}

fn crowd(place: &Place, files: &Path, short: bool) -> anyhow::Result<Vec<Figure>> {
    let files = settled(files)?;
    let _nginx = Nginx::start(&place.scratch.join("nginx"), &files)?;
    same_files(&files)?;
    let (rounds, seconds) = if short { (1, 3) } else { (ROUNDS, ROUND_SECONDS) };
    let (mut ours, mut theirs, mut staff, mut errors, mut their_errors) = (vec![], vec![], vec![], 0, 0);
    for _ in 0..rounds {
        let ward = Ward::asks();
        let round = wrk(PUBLIC_PORT, seconds)?;
        staff.extend(ward.stop()?);
        ours.push(round.rate);
        errors += round.errors;
        let round = wrk(NGINX_PORT, seconds)?;
        theirs.push(round.rate);
        their_errors += round.errors;
    }
    staff.sort_by(f64::total_cmp);
    let p99 = staff.get(staff.len() * 99 / 100).copied().unwrap_or(f64::MAX);
    let (ours, theirs) = (median(&ours), median(&theirs));
    Ok(vec![
        Figure {
            name: format!("public page, {} connections", grouped(CROWD as f64)),
            measured: format!("{} requests/s", grouped(ours)),
            beside: format!("{} requests/s (nginx)", grouped(theirs)),
            ratio: ours / theirs,
            wanted: 1.0,
            less_is_better: false,
        },
        Figure {
            name: "the same: errors".to_owned(),
            measured: format!("{errors} errors"),
            beside: format!("{their_errors} errors (nginx); 0 allowed"),
            ratio: errors as f64,
            wanted: 0.0,
            less_is_better: true,
        },
        Figure {
            name: format!("the staff's pages meanwhile, p99 of {}", grouped(staff.len() as f64)),
            measured: format!("{:.0} ms", p99 * 1_000.0),
            beside: "1,000 ms allowed".to_owned(),
            ratio: p99,
            wanted: 1.0,
            less_is_better: true,
        },
    ])
}

/// The folder of the edition that stands at the door, once it stands there too.
#[allow(clippy::disallowed_methods)]
fn settled(current: &Path) -> anyhow::Result<PathBuf> {
    let start = Instant::now();
    while start.elapsed() < WAIT {
        let edition = current.canonicalize().context("the public page's folder")?;
        let there = std::fs::read_to_string(edition.join("index.html")).unwrap_or_default();
        if !there.is_empty() && get(PUBLIC_PORT, "/index.html")?.ends_with(&there) {
            return Ok(edition);
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    bail!("the folder never had what the door has")
}

/// Both answer with the same bytes, or the comparison says nothing.
fn same_files(files: &Path) -> anyhow::Result<()> {
    let body = |answer: String| answer.split_once("\r\n\r\n").map(|(_, body)| body.to_owned());
    let there = std::fs::read_to_string(files.join("index.html"))?;
    for port in [PUBLIC_PORT, NGINX_PORT] {
        ensure!(
            body(get(port, "/index.html")?).as_deref() == Some(there.as_str()),
            "port {port} answers otherwise"
        );
    }
    Ok(())
}

struct Round {
    rate: f64,
    errors: u64,
}

fn wrk(port: u16, seconds: u64) -> anyhow::Result<Round> {
    let crowd = format!(
        "ulimit -n 65536 2>/dev/null || ulimit -n $(ulimit -H -n); exec wrk -t2 -c{CROWD} -d{seconds}s --timeout 10s \
         http://127.0.0.1:{port}/index.html"
    );
    let out = Command::new("sh").arg("-c").arg(crowd).output().context("running wrk")?;
    let text = String::from_utf8_lossy(&out.stdout).into_owned();
    ensure!(out.status.success(), "wrk: {text}{}", String::from_utf8_lossy(&out.stderr));
    let after = |mark: &str| text.lines().find_map(|line| Some(line.split_once(mark)?.1.to_owned()));
    let rate = after("Requests/sec:").and_then(|r| r.trim().parse().ok()).context("wrk told no rate")?;
    let sockets: u64 = after("Socket errors:").map_or(0, |line| {
        line.split(|c: char| !c.is_ascii_digit()).filter_map(|n| n.parse::<u64>().ok()).sum()
    });
    let refused: u64 = after("Non-2xx or 3xx responses:").and_then(|n| n.trim().parse().ok()).unwrap_or(0);
    Ok(Round { rate, errors: sockets + refused })
}

/// A ward that asks for its pages every 50 ms.
struct Ward {
    stop: Arc<AtomicBool>,
    thread: std::thread::JoinHandle<anyhow::Result<Vec<f64>>>,
}

impl Ward {
    fn asks() -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        Self { stop, thread: std::thread::spawn(move || asking(&stopped)) }
    }

    fn stop(self) -> anyhow::Result<Vec<f64>> {
        self.stop.store(true, Ordering::SeqCst);
        self.thread.join().ok().context("the ward stopped asking")?
    }
}

#[allow(clippy::disallowed_methods)]
fn asking(stopped: &AtomicBool) -> anyhow::Result<Vec<f64>> {
    let mut waits = Vec::new();
    let start = Instant::now();
    let mut due = Duration::ZERO;
    while !stopped.load(Ordering::SeqCst) {
        if let Some(rest) = due.checked_sub(start.elapsed()) {
            std::thread::sleep(rest);
        }
        let page = ["/", "/wards", "/public-updates"].into_iter().cycle().nth(waits.len() % 3).unwrap_or("/");
        let answer = get(WEB_PORT, page)?;
        ensure!(answer.starts_with("HTTP/1.1 200"), "{page}: {}", answer.lines().next().unwrap_or_default());
        waits.push((start.elapsed().saturating_sub(due)).as_secs_f64());
        due += Duration::from_millis(50);
    }
    Ok(waits)
}

/// An nginx of our own in the scratch folder, set up as its manual advises for plain files.
struct Nginx(Child);

impl Nginx {
    #[allow(clippy::disallowed_methods)]
    fn start(dir: &Path, files: &Path) -> anyhow::Result<Self> {
        std::fs::create_dir_all(dir)?;
        let root = Command::new("id").arg("-u").output().is_ok_and(|out| out.stdout.starts_with(b"0\n"));
        let user = if root { "user root;" } else { "" };
        let (at, files) = (dir.display(), files.display());
        let config = format!(
            "{user} daemon off; worker_processes auto; worker_rlimit_nofile 65536; pid {at}/pid; error_log {at}/errors;\n\
             events {{ worker_connections 16384; multi_accept on; }}\n\
             http {{ types {{ text/html html; application/json json; application/xml xml; text/calendar ics; }}\n\
             access_log off; sendfile on; tcp_nopush on; tcp_nodelay on; keepalive_requests 1000000; keepalive_timeout 65;\n\
             open_file_cache max=1000 inactive=60s; client_body_temp_path {at}/a; proxy_temp_path {at}/b;\n\
             fastcgi_temp_path {at}/c; uwsgi_temp_path {at}/d; scgi_temp_path {at}/e;\n\
             server {{ listen 127.0.0.1:{NGINX_PORT} backlog=4096; root {files}; index index.html; }} }}\n"
        );
        let path = dir.join("nginx.conf");
        std::fs::write(&path, config)?;
        let program = ["/usr/sbin/nginx", "/usr/local/sbin/nginx", "nginx"]
            .into_iter()
            .map(PathBuf::from)
            .find(|program| program.exists() || program.components().count() == 1)
            .context("nginx")?;
        let child = Command::new(program)
            .arg("-c")
            .arg(&path)
            .stdout(Stdio::null())
            .spawn()
            .context("starting nginx")?;
        let nginx = Self(child);
        let start = Instant::now();
        while get(NGINX_PORT, "/").is_err() {
            ensure!(start.elapsed() < WAIT, "nginx did not start");
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(nginx)
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // Asked to end, it ends its workers too; killed, it would leave them behind.
        drop(Command::new("kill").arg("-TERM").arg(self.0.id().to_string()).status());
        drop(self.0.wait());
    }
}

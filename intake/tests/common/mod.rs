//! A record for trying the doors: it keeps what it is handed and writes a log of what happened in which order.
#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)]

use basics::{EntryNumber, FeedName, FixedClock, Moment};
use intake::mllp::Door;
use intake::{Done, Kept, NotKept, Record, Tallies};
use std::net::SocketAddr;
use std::sync::{Arc, Condvar, Mutex, mpsc};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::watch;

/// How the trial record behaves.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Behaviour {
    /// Syncs, then says so.
    Honest,
    /// The planted bug: says so, and syncs only once the answer was seen (or a minute later).
    AnswersBeforeSync,
    /// Gathers so many messages and finishes them in reverse.
    Reverses(usize),
    /// Never finishes.
    Hangs,
    /// Fails every message.
    Fails,
    /// Says that nothing was understood, as a strict feed would.
    Misunderstands,
}

#[derive(Clone)]
pub struct Trial {
    pub log: Arc<Log>,
    jobs: mpsc::Sender<(Vec<u8>, Done)>,
    behaviour: Behaviour,
}

#[derive(Default)]
pub struct Log {
    lines: Mutex<Vec<String>>,
    changed: Condvar,
}

impl Log {
    pub fn write(&self, line: String) {
        self.lines.lock().unwrap().push(line);
        self.changed.notify_all();
    }

    pub fn lines(&self) -> Vec<String> {
        self.lines.lock().unwrap().clone()
    }

    /// Waits, up to `wait`, until `seen` holds of the lines.
    pub fn wait_for(&self, wait: Duration, seen: impl Fn(&[String]) -> bool) -> bool {
        let lines = self.lines.lock().unwrap();
        let waited = self.changed.wait_timeout_while(lines, wait, |lines| !seen(lines)).unwrap();
        seen(&waited.0)
    }

    pub fn has(&self, line: &str) -> bool {
        self.lines().iter().any(|l| l == line)
    }
}

pub fn id_of(bytes: &[u8]) -> String {
    String::from_utf8_lossy(hl7::control_id(bytes)).into_owned()
}

impl Trial {
    pub fn new(behaviour: Behaviour) -> Self {
        let log = Arc::new(Log::default());
        let (jobs, received) = mpsc::channel::<(Vec<u8>, Done)>();
        let own = Arc::clone(&log);
        std::thread::spawn(move || work(behaviour, &own, &received));
        Self { log, jobs, behaviour }
    }

    /// Everything synced, as text.
    pub fn kept(&self) -> Vec<String> {
        self.log.lines().iter().filter_map(|l| l.strip_prefix("bytes ").map(str::to_owned)).collect()
    }
}

fn work(behaviour: Behaviour, log: &Log, received: &mpsc::Receiver<(Vec<u8>, Done)>) {
    let mut waiting: Vec<(Vec<u8>, Done)> = Vec::new();
    let mut number = 0;
    let mut kept = |understood| {
        number += 1;
        Ok(Kept { entry: EntryNumber(number), duplicate: false, understood })
    };
    while let Ok((bytes, done)) = received.recv() {
        let id = id_of(&bytes);
        log.write(format!("arrived {id}"));
        match behaviour {
            Behaviour::Honest | Behaviour::Misunderstands => {
                log.write(format!("bytes {}", String::from_utf8_lossy(&bytes)));
                log.write(format!("synced {id}"));
                done(kept((behaviour == Behaviour::Misunderstands).then_some(false)));
            }
            Behaviour::AnswersBeforeSync => {
                done(kept(None));
                let answered = format!("answered {id}");
                log.wait_for(Duration::from_secs(60), |lines| lines.contains(&answered));
                log.write(format!("synced {id}"));
            }
            Behaviour::Reverses(count) => {
                waiting.push((bytes, done));
                if waiting.len() >= count {
                    for (bytes, done) in waiting.drain(..).rev() {
                        log.write(format!("synced {}", id_of(&bytes)));
                        done(kept(None));
                    }
                }
            }
            Behaviour::Hangs => waiting.push((bytes, done)),
            Behaviour::Fails => done(Err(NotKept("the disk is full".to_owned()))),
        }
    }
}

impl Record for Trial {
    fn receive(&self, _: &FeedName, bytes: Vec<u8>, _: Moment, done: Done) {
        self.jobs.send((bytes, done)).unwrap();
    }

    fn receive_batch(&self, _: &FeedName, messages: Vec<(Vec<u8>, Moment)>) -> Result<Vec<Kept>, NotKept> {
        if self.behaviour == Behaviour::Fails {
            return Err(NotKept("the disk is full".to_owned()));
        }
        for (bytes, _) in &messages {
            self.log.write(format!("bytes {}", String::from_utf8_lossy(bytes)));
        }
        Ok(messages
            .iter()
            .map(|_| Kept { entry: EntryNumber(1), duplicate: false, understood: None })
            .collect())
    }
}

/// A listener on this machine with a trial record behind it.
pub struct Running {
    pub address: SocketAddr,
    pub trial: Trial,
    pub tallies: Arc<Tallies>,
    pub stop: watch::Sender<bool>,
    pub task: tokio::task::JoinHandle<()>,
}

pub async fn run(behaviour: Behaviour, change: impl FnOnce(&mut Door)) -> Running {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let mut door = Door::new(FeedName::new("pas").unwrap());
    change(&mut door);
    let trial = Trial::new(behaviour);
    let tallies = Arc::new(Tallies::default());
    let (stop, stopped) = watch::channel(false);
    let clock = Arc::new(FixedClock::new(Moment::parse_rfc3339("2026-03-02T14:05:00Z").unwrap()));
    let task = tokio::spawn(intake::mllp::serve(
        listener,
        door,
        trial.clone(),
        clock,
        Arc::clone(&tallies),
        stopped,
    ));
    Running { address, trial, tallies, stop, task }
}

/// A sender that reads answers.
pub struct Sender {
    pub stream: tokio::net::TcpStream,
    deframer: hl7::mllp::Deframer,
    buffer: bytes::BytesMut,
}

impl Sender {
    pub async fn to(address: SocketAddr) -> Self {
        let stream = tokio::net::TcpStream::connect(address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        Self {
            stream,
            deframer: hl7::mllp::Deframer::new(hl7::mllp::Limits::default()),
            buffer: bytes::BytesMut::new(),
        }
    }

    pub async fn send(&mut self, bytes: &[u8]) {
        use tokio::io::AsyncWriteExt;
        self.stream.write_all(bytes).await.unwrap();
    }

    /// The next answer, as text; `None` when the connection was closed.
    pub async fn answer(&mut self) -> Option<Vec<u8>> {
        use tokio::io::AsyncReadExt;
        loop {
            match self.deframer.next(&mut self.buffer).unwrap() {
                Some(hl7::mllp::Received::Message(bytes)) => return Some(bytes.to_vec()),
                Some(other) => panic!("not an answer: {other:?}"),
                None => {
                    let reading = self.stream.read_buf(&mut self.buffer);
                    match tokio::time::timeout(Duration::from_secs(60), reading)
                        .await
                        .expect("no answer came")
                    {
                        Ok(0) | Err(_) => return None,
                        Ok(_) => {}
                    }
                }
            }
        }
    }

    /// MSA-1 and MSA-2 of the next answer.
    pub async fn msa(&mut self) -> Option<(String, Vec<u8>)> {
        let answer = self.answer().await?;
        let message = hl7::Message::parse(&answer).unwrap();
        let msa = message.segment("MSA").unwrap();
        Some((msa.field(1).text().into_owned(), msa.field(2).raw().to_vec()))
    }
}

pub fn message(id: &str) -> Vec<u8> {
    format!("MSH|^~\\&|PAS|NG|LB|LBF|20260302||ADT^A01|{id}|P|2.4\rPID|1||9990000018^^^NHS^NH\r").into_bytes()
}

pub fn framed(content: &[u8]) -> Vec<u8> {
    [b"\x0B", content, b"\x1C\r"].concat()
}

pub fn torture() -> bool {
    std::env::var_os("LIFEBOAT_TORTURE").is_some()
}

//! An MLLP sender for measuring: each connection sends, waits for the answer, checks it, sends the next.
//!
//! One thread serves all connections and messages are stamped into prepared bytes, so that the sender takes little of
//! the processors that the receiver is measured on. Every receiver gets the same sender and the same messages.

use anyhow::{Context, bail, ensure};
use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token};
use std::io::{ErrorKind, Read, Write};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

static CONTROL: AtomicU64 = AtomicU64::new(1);

/// Patients that the messages are about: as many as lie in a large hospital, 25 on each of 40 wards.
const PATIENTS: u64 = 1_000;
/// No answer within this time is a fault.
const ANSWER_WAIT: Duration = Duration::from_secs(20);

/// What a round of sending came to.
pub struct Round {
    /// Acknowledged messages a second.
    pub rate: f64,
    /// 99th percentile of a message's wait for its answer, milliseconds.
    pub p99_ms: f64,
}

/// Sends for `seconds` over `connections`; every answer must accept its own message.
#[allow(clippy::disallowed_methods)] // Measuring is what this is for.
pub fn send(port: u16, connections: usize, seconds: f64) -> anyhow::Result<Round> {
    let mut poll = Poll::new()?;
    let mut events = Events::with_capacity(connections.max(16));
    let mut senders = Vec::with_capacity(connections);
    for token in 0..connections {
        let mut sender = Sender::connect(port)?;
        poll.registry().register(&mut sender.stream, Token(token), Interest::READABLE)?;
        senders.push(sender);
    }
    let start = Instant::now();
    let until = start + Duration::from_secs_f64(seconds);
    let mut waits: Vec<f64> = Vec::new();
    for sender in &mut senders {
        sender.send_next()?;
    }
    let mut open = connections;
    while open > 0 {
        match poll.poll(&mut events, Some(ANSWER_WAIT)) {
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            polled => polled?,
        }
        ensure!(!events.is_empty(), "no answer for {} s", ANSWER_WAIT.as_secs());
        for event in &events {
            let Some(sender) = senders.get_mut(event.token().0) else { continue };
            let Some(wait) = sender.read_answer()? else { continue };
            waits.push(wait.as_secs_f64() * 1000.0);
            if Instant::now() < until { sender.send_next()? } else { open -= 1 }
        }
    }
    let elapsed = start.elapsed().as_secs_f64();
    waits.sort_by(f64::total_cmp);
    let p99 = waits.get(waits.len() * 99 / 100).copied().unwrap_or(0.0);
    #[allow(clippy::cast_precision_loss)]
    Ok(Round { rate: waits.len() as f64 / elapsed, p99_ms: p99 })
}

struct Sender {
    stream: TcpStream,
    message: Prepared,
    began: Instant,
    answer: Vec<u8>,
}

impl Sender {
    #[allow(clippy::disallowed_methods)]
    fn connect(port: u16) -> anyhow::Result<Self> {
        let stream = std::net::TcpStream::connect(("127.0.0.1", port)).context("connecting")?;
        stream.set_nodelay(true)?;
        stream.set_nonblocking(true)?;
        let stream = TcpStream::from_std(stream);
        Ok(Self { stream, message: Prepared::new(), began: Instant::now(), answer: Vec::new() })
    }

    #[allow(clippy::disallowed_methods)]
    fn send_next(&mut self) -> anyhow::Result<()> {
        self.message.stamp(CONTROL.fetch_add(1, Ordering::Relaxed));
        self.began = Instant::now();
        // One message of 1 KB always fits an empty socket.
        let written = self.stream.write(&self.message.bytes)?;
        ensure!(written == self.message.bytes.len(), "the receiver does not take a whole message");
        Ok(())
    }

    /// How long the answer took, once it is whole and accepts this message.
    fn read_answer(&mut self) -> anyhow::Result<Option<Duration>> {
        let mut buffer = [0u8; 4096];
        match self.stream.read(&mut buffer) {
            Ok(0) => bail!("the connection was closed"),
            Ok(n) => self.answer.extend_from_slice(buffer.get(..n).unwrap_or_default()),
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(None),
            Err(error) => return Err(error).context("waiting for an answer"),
        }
        if !self.answer.ends_with(b"\x1c\r") {
            return Ok(None);
        }
        let wait = self.began.elapsed();
        let accepted = [b"MSA|AA|", self.message.control()].concat();
        let found = self.answer.windows(accepted.len()).any(|some| some == accepted);
        ensure!(found, "not accepted: {}", String::from_utf8_lossy(&self.answer));
        self.answer.clear();
        Ok(Some(wait))
    }
}

/// A message of about 1 KB in its frame, with the places that change from one message to the next.
struct Prepared {
    bytes: Vec<u8>,
    control: Vec<usize>,
    patient: Vec<usize>,
    ward: Vec<usize>,
    bed: Vec<usize>,
}

impl Prepared {
    fn new() -> Self {
        let bytes = TEMPLATE.as_bytes().to_vec();
        let places = |mark: &str| TEMPLATE.match_indices(mark).map(|(place, _)| place).collect();
        Self {
            bytes,
            control: places("CCCCCCCCC"),
            patient: places("NNNN"),
            ward: places("WW"),
            bed: places("BB"),
        }
    }

    fn stamp(&mut self, number: u64) {
        let patient = number % PATIENTS;
        let fields = [
            (&self.control, 9, number),
            (&self.patient, 4, patient),
            (&self.ward, 2, patient % 40),
            (&self.bed, 2, patient / 40),
        ];
        for (places, width, value) in fields {
            for place in places {
                let mut left = value;
                for digit in self.bytes.iter_mut().skip(*place).take(width).rev() {
                    *digit = b'0' + u8::try_from(left % 10).unwrap_or(0);
                    left /= 10;
                }
            }
        }
    }

    fn control(&self) -> &[u8] {
        let start = self.control.first().copied().unwrap_or(0) - 1;
        self.bytes.get(start..start + 10).unwrap_or_default()
    }
}

/// A message of about 1 KB in its frame.
pub fn frame() -> Vec<u8> {
    let mut message = Prepared::new();
    message.stamp(0);
    message.bytes
}

/// What is known of a fictional inpatient, sent again: C stands for the control id, N for the patient, W and B for
/// ward and bed.
const TEMPLATE: &str = "\x0bMSH|^~\\&|BENCH|EASTMERE|LIFEBOAT|TRUST|20260302101500||ADT^A08|BCCCCCCCCC|P|2.4||||||ASCII\r\
    EVN|A08|20260302101500|||C006^Example^Kathleen^^^Dr^^^DRNBR^PRSNL^^^ORGDR|\r\
    PID|1|70NNNN^^^EASTMERE^MR|70NNNN^^^EASTMERE^MR||Sample^PersonNNNN^Guy^^Mr^^CURRENT||19481109|M|||45 \
    Invented House^Nowhere Avenue^Eastmere^^ZZ99 1KO^GBR^HOME||020 7946 0929^HOME|||||||||A^White - British|\r\
    PD1|||EXAMPLE PRACTICE^^12345|\r\
    PV1|1|I|WARD WW^Bay 2^Bed BB^EASTMERE^^BED^Main Building^1|28b|||C006^Example^Kathleen^^^Dr^^^DRNBR^PRSNL^^^ORGDR||\
    |MED||||||||EMERGENCY|70NNNN77^^^^visitid||||||||||||||||||||||ARRIVED|||20260302101500||\r\
    NK1|1|Sample^Jo^^^Mrs|SPO|45 Invented House^Nowhere Avenue^Eastmere^^ZZ99 1KO|020 7946 0930\r\
    AL1|1|DA|91936005^Allergy to penicillin^SNM3|SV|Rash|20251005\r\
    DG1|1||J18.9^Pneumonia, unspecified^I10|Pneumonia|20260302|W\r\x1c\r";

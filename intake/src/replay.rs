//! Sending messages on to an MLLP listener at a steady rate, checking every answer.
//!
//! On the ward: to feed a test system, a recovered system or a Lifeboat in training from a file. Always: the next
//! message leaves only after the answer to the last (or after its sender said that it wants none), no faster than
//! asked; an answer counts only when its MSA-2 is the message's MSH-10. Called by `lifeboat replay`.

use crate::reply::Plan;
use bytes::BytesMut;
use hl7::mllp::{Deframer, Limits, Received, frame};
use std::io;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::mpsc::Receiver;
use tokio::time::{MissedTickBehavior, interval, timeout};

/// Most refused messages that are named in the report.
const NAMED_MAX: usize = 100;

/// Where to and how fast.
#[derive(Clone, Debug)]
pub struct Replay {
    /// `host:port`.
    pub to: String,
    /// Messages a second; 0 means as fast as they are answered.
    pub per_second: f64,
    /// How long an answer may take, in milliseconds; after that the replay stops.
    pub answer_wait_ms_max: u64,
}

/// What came of it. `sent = accepted + refused + unasked`, unless the connection failed.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Replayed {
    /// Messages sent.
    pub sent: u64,
    /// Answered AA or CA.
    pub accepted: u64,
    /// Answered otherwise, or with another message's id.
    pub refused: u64,
    /// Sent without an answer, because their header asks for none.
    pub unasked: u64,
    /// The first refused: control id, code and text.
    pub named: Vec<(String, String, String)>,
}

/// Sends what comes out of `messages` until it ends. `after_each` sees the counts as they grow.
pub async fn replay(
    order: &Replay,
    mut messages: Receiver<Vec<u8>>,
    after_each: &mut (dyn FnMut(&Replayed) + Send),
) -> (Replayed, io::Result<()>) {
    let mut replayed = Replayed::default();
    let result = send_all(order, &mut messages, &mut replayed, after_each).await;
    (replayed, result)
}

async fn send_all(
    order: &Replay,
    messages: &mut Receiver<Vec<u8>>,
    replayed: &mut Replayed,
    after_each: &mut (dyn FnMut(&Replayed) + Send),
) -> io::Result<()> {
    let mut stream = TcpStream::connect(&order.to).await?;
    stream.set_nodelay(true)?;
    let mut line = Line { deframer: Deframer::new(Limits::default()), buffer: BytesMut::new() };
    let mut pace = pace(order.per_second);
    while let Some(message) = messages.recv().await {
        if let Some(pace) = &mut pace {
            pace.tick().await;
        }
        let framed = frame(&message).map_err(|fault| io::Error::new(io::ErrorKind::InvalidData, fault))?;
        stream.write_all(&framed).await?;
        replayed.sent += 1;
        if Plan::of(&message).expects_answer() {
            let wait = Duration::from_millis(order.answer_wait_ms_max);
            let answer = timeout(wait, line.answer(&mut stream)).await.map_err(|_| {
                io::Error::new(io::ErrorKind::TimedOut, "no answer came in time; what follows was not sent")
            })??;
            note(replayed, &message, &answer);
        } else {
            replayed.unasked += 1;
        }
        after_each(replayed);
    }
    Ok(())
}

fn pace(per_second: f64) -> Option<tokio::time::Interval> {
    if per_second <= 0.0 || !per_second.is_finite() {
        return None;
    }
    let mut pace = interval(Duration::from_secs_f64((1.0 / per_second).clamp(1e-6, 86_400.0)));
    // A slow answer is not made up for by a burst.
    pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
    Some(pace)
}

fn note(replayed: &mut Replayed, message: &[u8], answer: &[u8]) {
    let own = String::from_utf8_lossy(hl7::control_id(message)).into_owned();
    let parsed = hl7::Message::parse(answer).ok();
    let text = |path: &str| parsed.as_ref().and_then(|m| m.text(path)).unwrap_or_default().into_owned();
    let raw_id = parsed.as_ref().and_then(|m| m.segment("MSA")).map(|msa| msa.field(2).raw().to_vec());
    let code = text("MSA-1");
    let same = raw_id.as_deref().unwrap_or_default() == hl7::control_id(message);
    if same && matches!(code.as_str(), "AA" | "CA") {
        replayed.accepted += 1;
        return;
    }
    replayed.refused += 1;
    if replayed.named.len() < NAMED_MAX {
        let why = if same { text("MSA-3") } else { "the answer names another message".to_owned() };
        replayed.named.push((own, code, why));
    }
}

struct Line {
    deframer: Deframer,
    buffer: BytesMut,
}

impl Line {
    async fn answer(&mut self, stream: &mut TcpStream) -> io::Result<Vec<u8>> {
        loop {
            let next = self.deframer.next(&mut self.buffer);
            match next.map_err(|fault| io::Error::new(io::ErrorKind::InvalidData, fault))? {
                Some(Received::Message(bytes)) => return Ok(Vec::from(bytes)),
                Some(_) => {}
                None => {
                    if stream.read_buf(&mut self.buffer).await? == 0 {
                        let why = "the receiver closed the connection without an answer";
                        return Err(io::Error::new(io::ErrorKind::UnexpectedEof, why));
                    }
                }
            }
        }
    }
}

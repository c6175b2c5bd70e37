//! The trust's interface engine: sends each feed over MLLP and waits for its answer, as real engines do.
//!
//! Always waits 5 s for `AA` naming the message's own control id, and sends again on silence, a blank, or a wrong
//! answer; never takes a message as delivered that was not acknowledged. Written without the `hl7` crate on purpose:
//! a mistake in framing cannot hide by being made on both sides.
//! Called by `run` for the demo and by the journey tests; proved by the tests below and the drills.

use crate::Outgoing;
use crate::ledger::Ledger;
use crate::orders::{Orders, Progress};
use basics::FeedName;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::{mpsc, watch};

const START: u8 = 0x0b;
const END: [u8; 2] = [0x1c, 0x0d];
/// Longest answer read before the receiver is held to be mad.
const ANSWER_BYTES_MAX: usize = 64 * 1024;

/// How patient the engine is.
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs)]
pub struct Patience {
    /// Wait for an answer; 5 s in real engines.
    pub answer_ms_max: u64,
    /// First wait before connecting again; doubles up to `retry_ms_max`.
    pub retry_ms_min: u64,
    pub retry_ms_max: u64,
    /// Messages a second while catching up after a cut; 0 for as fast as answers come.
    pub catch_up_per_second_max: u32,
    /// Times a message answered `AR` is sent again before it is put aside.
    pub rejects_max: u32,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            answer_ms_max: 5_000,
            retry_ms_min: 100,
            retry_ms_max: 5_000,
            catch_up_per_second_max: 100,
            rejects_max: 1,
        }
    }
}

/// What came of one attempt to deliver a message.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Delivery {
    /// `AA` or `CA`, naming this message.
    Acknowledged,
    /// `AR` or `CR`: the receiver will never take it.
    Rejected,
    /// `AE`, `CE`, a blank or an answer naming another message: send again.
    Again(&'static str),
    /// The line broke or stayed silent: connect again, then send again.
    Lost(&'static str),
}

/// One feed's sender.
#[derive(Debug)]
pub struct Sender {
    feed: FeedName,
    target: SocketAddr,
    patience: Patience,
    line: Option<TcpStream>,
}

impl Sender {
    /// A sender for one feed; connects when it first has something to send.
    pub fn new(feed: FeedName, target: SocketAddr, patience: Patience) -> Self {
        Self { feed, target, patience, line: None }
    }

    /// Which feed it sends.
    pub fn feed(&self) -> &FeedName {
        &self.feed
    }

    /// Whether a line stands, as far as is known.
    pub fn connected(&self) -> bool {
        self.line.is_some()
    }

    /// Closes the line at once, whatever was on its way.
    pub fn hang_up(&mut self) {
        self.line = None;
    }

    /// Sends once and waits for the answer. A message without control id (`""`) is content with any `AA`.
    pub async fn attempt(&mut self, control_id: &str, bytes: &[u8]) -> Delivery {
        if self.line.is_none() {
            match TcpStream::connect(self.target).await {
                Ok(line) => {
                    let _ = line.set_nodelay(true);
                    self.line = Some(line);
                }
                Err(_) => return Delivery::Lost("no connection"),
            }
        }
        let Some(line) = self.line.as_mut() else { return Delivery::Lost("no connection") };
        let wait = Duration::from_millis(self.patience.answer_ms_max);
        let outcome = match tokio::time::timeout(wait, exchange(line, bytes)).await {
            Err(_) => Delivery::Lost("no answer in time"),
            Ok(Err(_)) => Delivery::Lost("the line broke"),
            Ok(Ok(answer)) => judge(control_id, &answer),
        };
        if matches!(outcome, Delivery::Lost(_)) {
            self.line = None;
        }
        outcome
    }

    /// Puts bytes on the line as they are, framed, and does not wait: the last words of a dying system.
    pub async fn blurt(&mut self, bytes: &[u8]) {
        if let Some(line) = self.line.as_mut() {
            let _ = line.write_all(&framed(bytes)).await;
        }
    }

    /// Sends every message of `queue` in order until the queue is closed and empty, obeying `orders`; each is sent
    /// until it is acknowledged or rejected for good. Returns when the queue ends or orders say stop.
    pub async fn deliver_all(
        mut self,
        queue: mpsc::Receiver<Outgoing>,
        orders: watch::Receiver<Orders>,
        ledger: Arc<Ledger>,
        progress: Arc<Progress>,
    ) {
        self.deliver_queue(queue, orders, &ledger, &progress).await;
        self.hang_up();
        progress.connected(&self.feed, false);
    }

    async fn deliver_queue(
        &mut self,
        mut queue: mpsc::Receiver<Outgoing>,
        mut orders: watch::Receiver<Orders>,
        ledger: &Ledger,
        progress: &Progress,
    ) {
        let mut catching_up = false;
        loop {
            if !self.wait_until_up(&mut orders, &mut catching_up, progress).await {
                return;
            }
            let message = tokio::select! {
                message = queue.recv() => match message { Some(message) => message, None => return },
                changed = orders.changed() => match changed { Ok(()) => continue, Err(_) => return },
            };
            progress.queued(&self.feed, queue.len());
            catching_up &= !queue.is_empty();
            if !self.deliver(&message, &mut orders, &mut catching_up, ledger, progress).await {
                return;
            }
            if catching_up && self.patience.catch_up_per_second_max > 0 {
                let gap = 1_000_000 / u64::from(self.patience.catch_up_per_second_max);
                tokio::time::sleep(Duration::from_micros(gap)).await;
            }
        }
    }

    /// Sends one message until it is settled. False when orders say stop.
    async fn deliver(
        &mut self,
        message: &Outgoing,
        orders: &mut watch::Receiver<Orders>,
        catching_up: &mut bool,
        ledger: &Ledger,
        progress: &Progress,
    ) -> bool {
        let (mut retry_ms, mut rejects) = (self.patience.retry_ms_min, 0);
        loop {
            if !self.wait_until_up(orders, catching_up, progress).await {
                return false;
            }
            progress.connected(&self.feed, true);
            match self.attempt(&message.control_id, &message.bytes).await {
                Delivery::Acknowledged => {
                    ledger.record(message);
                    progress.acknowledged(&self.feed);
                    return true;
                }
                Delivery::Rejected => {
                    rejects += 1;
                    if rejects > self.patience.rejects_max {
                        progress.rejected(&self.feed);
                        return true;
                    }
                }
                Delivery::Again(why) | Delivery::Lost(why) => {
                    progress.resent(&self.feed, why);
                    progress.connected(&self.feed, self.connected());
                }
            }
            let wait = tokio::time::sleep(Duration::from_millis(retry_ms));
            tokio::select! { () = wait => {}, changed = orders.changed() => if changed.is_err() { return false } }
            retry_ms = (retry_ms * 2).min(self.patience.retry_ms_max);
        }
    }

    /// Waits while this feed is cut or paused. False when orders say stop, or nobody is left to give any.
    async fn wait_until_up(
        &mut self,
        orders: &mut watch::Receiver<Orders>,
        catching_up: &mut bool,
        progress: &Progress,
    ) -> bool {
        loop {
            let now = orders.borrow_and_update().clone();
            if now.stopped {
                return false;
            }
            if !now.paused && !now.is_cut(&self.feed) {
                return true;
            }
            if now.is_cut(&self.feed) {
                if now.last_words {
                    for words in crate::mishaps::last_words(self.feed.as_str()) {
                        self.blurt(&words).await;
                    }
                }
                self.hang_up();
                *catching_up = true;
                progress.connected(&self.feed, false);
            }
            if orders.changed().await.is_err() {
                return false;
            }
        }
    }
}

/// The message in its frame.
pub fn framed(bytes: &[u8]) -> Vec<u8> {
    let mut frame = Vec::with_capacity(bytes.len() + 3);
    frame.push(START);
    frame.extend_from_slice(bytes);
    frame.extend_from_slice(&END);
    frame
}

async fn exchange(line: &mut TcpStream, bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    line.write_all(&framed(bytes)).await?;
    let mut answer = Vec::new();
    let mut chunk = [0u8; 2048];
    loop {
        let n = line.read(&mut chunk).await?;
        if n == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        answer.extend_from_slice(chunk.get(..n).unwrap_or_default());
        if let Some(end) = answer.windows(2).position(|pair| pair == END) {
            answer.truncate(end);
            let start = answer.iter().position(|b| *b == START).map_or(0, |at| at + 1);
            return Ok(answer.split_off(start));
        }
        if answer.len() > ANSWER_BYTES_MAX {
            return Err(std::io::ErrorKind::InvalidData.into());
        }
    }
}

/// What an answer means for the message with this control id.
pub fn judge(control_id: &str, answer: &[u8]) -> Delivery {
    let text = String::from_utf8_lossy(answer);
    let separator = text.chars().nth(3).unwrap_or('|');
    let msa = text.split(['\r', '\n']).find(|segment| segment.starts_with("MSA"));
    let Some(msa) = msa else { return Delivery::Again("a blank answer") };
    let mut fields = msa.split(separator).skip(1);
    let code = fields.next().unwrap_or("").trim();
    let about = fields.next().unwrap_or("").trim();
    if !control_id.is_empty() && about != control_id {
        return Delivery::Again("an answer to another message");
    }
    match code {
        "AA" | "CA" => Delivery::Acknowledged,
        "AR" | "CR" => Delivery::Rejected,
        "AE" | "CE" => Delivery::Again("AE"),
        _ => Delivery::Again("an answer that says nothing"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_positive_answer_naming_the_message_counts() {
        for (control_id, answer, want) in [
            ("7", "MSH|^~\\&|L\rMSA|AA|7\r", Delivery::Acknowledged),
            ("7", "MSH|^~\\&|L\rMSA|CA|7|ok\r", Delivery::Acknowledged),
            ("7", "MSH|^~\\&|L\rMSA|AR|7\r", Delivery::Rejected),
            ("7", "MSH|^~\\&|L\rMSA|AA|8\r", Delivery::Again("an answer to another message")),
            ("7", "MSH|^~\\&|L\rMSA|AE|7\r", Delivery::Again("AE")),
            ("7", "", Delivery::Again("a blank answer")),
            ("7", "MSH#^~\\&#L\rMSA#AA#7\r", Delivery::Acknowledged),
            ("", "MSH|^~\\&|L\rMSA|AA|\r", Delivery::Acknowledged),
        ] {
            assert_eq!(judge(control_id, answer.as_bytes()), want, "{answer:?}");
        }
    }
}

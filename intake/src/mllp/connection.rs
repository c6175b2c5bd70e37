//! One connection: its frames in, its answers out.

use super::answers::Answers;
use super::crowd::Place;
use super::{Shared, stopped};
use crate::record::{NotKept, Record};
use crate::reply::{Outcome, Plan};
use crate::tallies::count;
use bytes::BytesMut;
use hl7::mllp::{Deframer, Fault, Limits, Received, frame};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep};
use tokio_rustls::TlsAcceptor;

/// Room for the next read when a frame is begun, and once a connection has proved itself.
const READ_BYTES: usize = 2 << 10;
const READ_PROVEN_BYTES: usize = 16 << 10;
/// How long the end of a connection over TLS may take to be said.
const FAREWELL: Duration = Duration::from_millis(500);
/// Most room made at once for a long frame.
const READ_GROW_BYTES_MAX: usize = 1 << 20;

struct Connection<R> {
    shared: Arc<Shared<R>>,
    place: Place,
    answers: Arc<Answers>,
    deframer: Deframer,
    buffer: BytesMut,
    stray: Vec<u8>,
    stray_bytes_seen: usize,
    patience: Patience,
}

/// Why reading stopped.
#[derive(PartialEq, Eq)]
enum Stop {
    /// The sender closed, or the program stops: what is owed is still answered.
    Finished,
    /// The sender asked too much or was too slow: answered as far as there is an answer, then closed.
    Refused,
}

pub(super) async fn run<R: Record>(shared: Arc<Shared<R>>, stream: TcpStream, place: Place) {
    // Answers are small and awaited: the delay that gathers small writes would cost each of them 40 ms.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "TCP_NODELAY could not be set");
    }
    let limits = shared.door.limits;
    let answer_wait = Duration::from_millis(limits.answer_wait_ms_max);
    let feed = shared.door.feed.clone();
    if let Some(tls) = shared.door.tls.clone() {
        // Whoever dawdles over the greeting is treated like one who dawdles over the first frame.
        let wait = Duration::from_millis(limits.first_frame_wait_ms_max);
        match tokio::time::timeout(wait, TlsAcceptor::from(tls).accept(stream)).await {
            Ok(Ok(stream)) => {
                let (read_half, mut write_half) = tokio::io::split(stream);
                let answers = Answers::new(None);
                let connection = Connection::new(&shared, &answers, place);
                tokio::select! {
                    () = connection.serve(read_half) => {}
                    () = answers.write_through(&mut write_half, answer_wait) => {}
                }
                // A farewell that is not read is no matter.
                let _ = tokio::time::timeout(FAREWELL, write_half.shutdown()).await;
            }
            Ok(Err(error)) => {
                drop(place);
                count(&shared.tallies.peers_refused, 1);
                tracing::warn!(%feed, %error, "a sender without the right certificate tried to connect");
            }
            Err(_) => {
                drop(place);
                count(&shared.tallies.connections_too_slow, 1);
            }
        }
    } else {
        let (read_half, write_half) = stream.into_split();
        let answers = Answers::new(Some(write_half));
        let connection = Connection::new(&shared, &answers, place);
        tokio::select! {
            () = connection.serve(read_half) => {}
            () = answers.write_left_over(answer_wait) => {}
        }
    }
    shared.record.note_connections(&feed, shared.crowd.count());
}

impl<R: Record> Connection<R> {
    fn new(shared: &Arc<Shared<R>>, answers: &Arc<Answers>, place: Place) -> Self {
        let limits = shared.door.limits;
        Self {
            deframer: Deframer::new(Limits {
                frame_bytes_max: limits.frame_bytes_max,
                end_mark_alone: shared.door.end_mark_alone,
            }),
            answers: Arc::clone(answers),
            buffer: BytesMut::new(),
            stray: Vec::new(),
            stray_bytes_seen: 0,
            patience: Patience::new(limits.first_frame_wait_ms_max),
            place,
            shared: Arc::clone(shared),
        }
    }

    /// Reads until the end, then waits for the answers that are owed.
    async fn serve(mut self, mut read_half: impl AsyncRead + Unpin) {
        let mut shutdown = self.shared.shutdown.clone();
        let stop = tokio::select! {
            biased;
            stop = self.read(&mut read_half) => stop,
            () = stopped(&mut shutdown) => Stop::Finished,
        };
        self.keep_stray();
        if stop == Stop::Finished || self.place.is_proven() {
            let wait = Duration::from_millis(self.shared.door.limits.answer_wait_ms_max);
            // Too late means that the sender does not read; it will send again, and be told then.
            let _ = tokio::time::timeout(wait, self.answers.all_written()).await;
        }
        self.answers.break_off();
    }

    async fn read(&mut self, half: &mut (impl AsyncRead + Unpin)) -> Stop {
        loop {
            match self.take_all(false).await {
                Ok(()) => {}
                Err(stop) => return stop,
            }
            self.make_room();
            let read = tokio::select! {
                biased;
                read = half.read_buf(&mut self.buffer) => read,
                () = &mut self.patience.sleep => {
                    count(&self.shared.tallies.connections_too_slow, 1);
                    return Stop::Refused;
                }
            };
            match read {
                Ok(0) => return self.take_all(true).await.err().unwrap_or(Stop::Finished),
                Ok(_) => {}
                // A connection that was reset: what came whole before is kept and answered to nobody.
                Err(_) => return Stop::Finished,
            }
        }
    }

    /// Takes every whole frame out of the buffer.
    async fn take_all(&mut self, ended: bool) -> Result<(), Stop> {
        loop {
            let limits = self.shared.door.limits;
            if !self.answers.has_room(limits.pipelined_max) && !self.answers.room(limits.pipelined_max).await
            {
                return Err(Stop::Refused);
            }
            let next = match ended {
                false => self.deframer.next(&mut self.buffer),
                true => self.deframer.finish(&mut self.buffer),
            };
            match next {
                Ok(None) => break,
                Ok(Some(Received::Message(bytes))) => self.message(&bytes)?,
                Ok(Some(Received::Unfinished(_))) => {
                    // Never acknowledged, so its sender will send it again, whole; half a message is not kept.
                    count(&self.shared.tallies.unfinished, 1);
                    tracing::warn!(feed = %self.shared.door.feed, "a frame never ended");
                }
                Ok(Some(Received::Stray(bytes))) => self.rubbish(&bytes)?,
                Err(fault) => return Err(self.too_big(&fault)),
            }
        }
        match self.place.hold(self.buffer.len()) {
            true => {}
            false => {
                count(&self.shared.tallies.too_big, 1);
                tracing::warn!(feed = %self.shared.door.feed, "unfinished frames fill the listener's budget; one was refused");
                return Err(Stop::Refused);
            }
        }
        self.patience.now_waiting(&self.shared.door.limits, self.place.is_proven(), !self.buffer.is_empty());
        Ok(())
    }

    /// Hands a message to the record; the answer is sent by whoever finishes it.
    fn message(&mut self, bytes: &[u8]) -> Result<(), Stop> {
        if !self.place.prove() {
            return Err(Stop::Refused);
        }
        self.keep_stray();
        self.stray_bytes_seen = 0;
        self.patience.begin_anew();
        count(&self.shared.tallies.messages, 1);
        let shared = Arc::clone(&self.shared);
        let ticket = self.answers.ticket();
        let at = shared.clock.now();
        let plan = Plan::of(bytes);
        let original = header_of(bytes);
        let done = Box::new(move |result| {
            note(&shared, plan.outcome(&result), &result);
            let answer = plan.answer(&original, &result, shared.clock.now(), &shared.door.zone);
            // An acknowledgement holds no end mark, since what it echoes came out of a frame.
            ticket.give(answer.and_then(|a| frame(&a).ok()).map(Vec::from).unwrap_or_default());
        });
        self.shared.record.receive(&self.shared.door.feed, bytes.to_vec(), at, done);
        Ok(())
    }

    /// Bytes between frames: kept for the tray up to a limit, counted always, answered never.
    fn rubbish(&mut self, bytes: &[u8]) -> Result<(), Stop> {
        count(&self.shared.tallies.rubbish_bytes, bytes.len() as u64);
        self.stray_bytes_seen += bytes.len();
        let limit = self.shared.door.limits.rubbish_bytes_max;
        let room = limit.saturating_sub(self.stray.len()).min(bytes.len());
        self.stray.extend_from_slice(bytes.get(..room).unwrap_or_default());
        if self.stray_bytes_seen > limit {
            tracing::warn!(feed = %self.shared.door.feed, "a sender does not speak MLLP; its connection is closed");
            return Err(Stop::Refused);
        }
        Ok(())
    }

    fn keep_stray(&mut self) {
        if self.stray.is_empty() {
            return;
        }
        let bytes = std::mem::take(&mut self.stray);
        tracing::warn!(feed = %self.shared.door.feed, bytes = bytes.len(), "bytes between frames went to the tray");
        let at = self.shared.clock.now();
        self.shared.record.receive(&self.shared.door.feed, bytes, at, Box::new(|_| {}));
    }

    fn too_big(&mut self, fault: &Fault) -> Stop {
        count(&self.shared.tallies.too_big, 1);
        tracing::warn!(feed = %self.shared.door.feed, %fault, "a frame was refused");
        if let Fault::FrameTooBig { head, .. } = fault
            && self.place.prove()
        {
            let refused = Err(NotKept(format!("not kept: {fault}")));
            let answer =
                Plan::of(head).answer(head, &refused, self.shared.clock.now(), &self.shared.door.zone);
            self.answers
                .ticket()
                .give(answer.and_then(|a| frame(&a).ok()).map(Vec::from).unwrap_or_default());
        }
        Stop::Refused
    }

    fn make_room(&mut self) {
        if self.buffer.is_empty() && self.buffer.capacity() > 4 * READ_PROVEN_BYTES {
            // A long frame has gone; its memory goes too.
            self.buffer = BytesMut::new();
        }
        let least = if self.place.is_proven() { READ_PROVEN_BYTES } else { READ_BYTES };
        if self.buffer.capacity() - self.buffer.len() < least / 2 {
            self.buffer.reserve(least.max(self.buffer.len()).min(READ_GROW_BYTES_MAX));
        }
    }
}

/// The header segment, all that an answer needs of a message; the whole message where none is recognised.
fn header_of(message: &[u8]) -> Vec<u8> {
    let end =
        message.iter().skip(4).position(|b| matches!(b, b'\r' | b'\n')).map_or(message.len(), |n| n + 4);
    match message.starts_with(b"MSH") {
        true => message.get(..end).unwrap_or(message).to_vec(),
        false => message.get(..message.len().min(64 << 10)).unwrap_or(message).to_vec(),
    }
}

fn note<R>(shared: &Shared<R>, outcome: Outcome, result: &Result<crate::record::Kept, NotKept>) {
    let tallies = &shared.tallies;
    match outcome {
        Outcome::Kept => count(&tallies.kept, 1),
        Outcome::Unsupported => count(&tallies.unsupported, 1),
        Outcome::NotUnderstood => count(&tallies.strict_failures, 1),
        Outcome::Failed => count(&tallies.storage_failed, 1),
    }
    if result.as_ref().is_ok_and(|kept| kept.duplicate) {
        count(&tallies.duplicates, 1);
    }
}

/// How long a connection may still take over what it is doing.
struct Patience {
    sleep: Pin<Box<Sleep>>,
    waiting_for: WaitingFor,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum WaitingFor {
    FirstFrame,
    FrameEnd,
    NextFrame,
    /// A frame just ended: whatever comes next starts a wait of its own.
    Anew,
}

impl Patience {
    fn new(first_frame_wait_ms_max: u64) -> Self {
        let sleep = Box::pin(tokio::time::sleep(Duration::from_millis(first_frame_wait_ms_max)));
        Self { sleep, waiting_for: WaitingFor::FirstFrame }
    }

    fn begin_anew(&mut self) {
        self.waiting_for = WaitingFor::Anew;
    }

    /// A wait runs from its beginning: bytes that trickle in do not lengthen it.
    fn now_waiting(&mut self, limits: &crate::MllpLimits, proven: bool, in_frame: bool) {
        let (waiting_for, wait_ms) = match (proven, in_frame) {
            (_, true) => (WaitingFor::FrameEnd, limits.frame_wait_ms_max),
            (false, false) => (WaitingFor::FirstFrame, limits.first_frame_wait_ms_max),
            (true, false) => (WaitingFor::NextFrame, limits.idle_ms_max),
        };
        if waiting_for != self.waiting_for {
            self.waiting_for = waiting_for;
            self.sleep.as_mut().reset(Instant::now() + Duration::from_millis(wait_ms));
        }
    }
}

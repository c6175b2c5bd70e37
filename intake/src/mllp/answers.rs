//! One connection's answers: given in any order, sent in the order in which the messages arrived.
//!
//! On the ward: a sender pairs answers with messages by their order, so answer two never overtakes answer one.
//! Always: an answer leaves only when `give` was called with it, which happens after the bytes are on the disk
//! (RELIABILITY test 10); it is written by whichever thread brings it, without waiting, so that one connection pays
//! for no thread change after the `fdatasync`; what the socket does not take at once is left to the connection's
//! own task. Over TLS all is left to that task, since a part of a record cannot be taken back. A sender that does not read
//! its answers holds up itself alone.

use std::collections::VecDeque;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::io::{AsyncWrite, AsyncWriteExt};
use tokio::net::tcp::OwnedWriteHalf;
use tokio::sync::Notify;

/// Bytes of answers that a sender may leave unread before its next message is read.
const UNREAD_BYTES_MAX: usize = 64 << 10;

/// The answers of one connection.
pub(super) struct Answers {
    /// The plain socket, written by whoever brings an answer; `None` over TLS.
    half: Option<OwnedWriteHalf>,
    state: Mutex<State>,
    /// Something is left for the connection's task to write, or the connection is broken.
    left_over: Notify,
    /// A slot was freed.
    freed: Notify,
}

#[derive(Default)]
struct State {
    slots: VecDeque<Slot>,
    /// The number of the first slot.
    first: u64,
    out: Vec<u8>,
    written: usize,
    broken: bool,
}

impl State {
    fn forget_written(&mut self) {
        if self.written == self.out.len() {
            self.out.clear();
            self.written = 0;
        }
    }
}

enum Slot {
    Waiting,
    Ready(Vec<u8>),
}

/// One message's place in the row of answers. Dropped without an answer, it breaks the connection: the sender then
/// sends again, which is safe, whereas a gap would shift every later answer to the wrong message.
pub(super) struct Ticket {
    answers: Arc<Answers>,
    number: u64,
    used: bool,
}

impl Ticket {
    /// Sends `answer` in its turn; empty for none.
    pub(super) fn give(mut self, answer: Vec<u8>) {
        self.used = true;
        self.answers.fill(self.number, answer);
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        if !self.used {
            self.answers.break_off();
        }
    }
}

impl Answers {
    /// `half`: the plain socket; without one the answers wait for [`Self::write_through`].
    pub(super) fn new(half: Option<OwnedWriteHalf>) -> Arc<Self> {
        Arc::new(Self { half, state: Mutex::default(), left_over: Notify::new(), freed: Notify::new() })
    }

    /// The next place in the row.
    pub(super) fn ticket(self: &Arc<Self>) -> Ticket {
        let mut state = self.state();
        state.slots.push_back(Slot::Waiting);
        let number = state.first + state.slots.len() as u64 - 1;
        Ticket { answers: Arc::clone(self), number, used: false }
    }

    /// Whether a message may be read without first waiting for `room`.
    pub(super) fn has_room(&self, pipelined_max: usize) -> bool {
        let state = self.state();
        state.slots.len() < pipelined_max && state.out.len() - state.written < UNREAD_BYTES_MAX
    }

    /// Waits until fewer than `pipelined_max` messages wait for their answers; `false` when the connection broke.
    pub(super) async fn room(&self, pipelined_max: usize) -> bool {
        loop {
            let freed = self.freed.notified();
            if self.is_broken() {
                return false;
            }
            if self.has_room(pipelined_max) {
                return true;
            }
            freed.await;
        }
    }

    /// Waits until every message has its answer and every answer is written; `false` when the connection broke.
    pub(super) async fn all_written(&self) -> bool {
        loop {
            let freed = self.freed.notified();
            {
                let state = self.state();
                if state.broken {
                    return false;
                }
                if state.slots.is_empty() && state.written == state.out.len() {
                    return true;
                }
            }
            freed.await;
        }
    }

    /// Writes what the socket did not take at once; ends when the connection breaks.
    pub(super) async fn write_left_over(&self, wait: Duration) {
        let Some(half) = &self.half else { return std::future::pending().await };
        loop {
            self.left_over.notified().await;
            loop {
                {
                    let mut state = self.state();
                    self.flush(&mut state);
                    if state.broken {
                        return;
                    }
                    if state.written == state.out.len() {
                        break;
                    }
                }
                match tokio::time::timeout(wait, half.writable()).await {
                    Ok(Ok(())) => {}
                    _ => self.break_off(),
                }
            }
        }
    }

    /// Writes every answer to that end of a connection over TLS; ends when the connection breaks.
    pub(super) async fn write_through(&self, mut end: impl AsyncWrite + Unpin, wait: Duration) {
        loop {
            self.left_over.notified().await;
            while let Some(rest) = self.rest() {
                let written = async {
                    end.write_all(&rest).await?;
                    end.flush().await
                };
                match tokio::time::timeout(wait, written).await {
                    Ok(Ok(())) => self.was_written(rest.len()),
                    _ => self.break_off(),
                }
            }
            if self.is_broken() {
                return;
            }
        }
    }

    /// What is still to be written; `None` when nothing is, or nothing can be any more.
    fn rest(&self) -> Option<Vec<u8>> {
        let state = self.state();
        let rest = state.out.get(state.written..).filter(|rest| !rest.is_empty() && !state.broken)?;
        Some(rest.to_vec())
    }

    fn was_written(&self, bytes: usize) {
        let mut state = self.state();
        state.written += bytes;
        state.forget_written();
        drop(state);
        self.freed.notify_waiters();
    }

    /// Gives the connection up: nothing more is written.
    pub(super) fn break_off(&self) {
        self.state().broken = true;
        self.left_over.notify_one();
        self.freed.notify_waiters();
    }

    pub(super) fn is_broken(&self) -> bool {
        self.state().broken
    }

    fn fill(&self, number: u64, answer: Vec<u8>) {
        let mut state = self.state();
        let place = number.checked_sub(state.first).and_then(|n| usize::try_from(n).ok());
        if let Some(slot) = place.and_then(|n| state.slots.get_mut(n)) {
            *slot = Slot::Ready(answer);
        }
        let mut moved = false;
        while matches!(state.slots.front(), Some(Slot::Ready(_))) {
            if let Some(Slot::Ready(answer)) = state.slots.pop_front() {
                state.out.extend_from_slice(&answer);
            }
            state.first += 1;
            moved = true;
        }
        if moved {
            self.flush(&mut state);
        }
        if state.written < state.out.len() || state.broken {
            self.left_over.notify_one();
        }
    }

    /// Writes what the socket takes now, and frees what was written.
    fn flush(&self, state: &mut State) {
        while let Some(half) = self.half.as_ref().filter(|_| !state.broken) {
            let Some(rest) = state.out.get(state.written..).filter(|rest| !rest.is_empty()) else { break };
            match half.try_write(rest) {
                Ok(0) => state.broken = true,
                Ok(written) => state.written += written,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => state.broken = true,
            }
        }
        state.forget_written();
        self.freed.notify_waiters();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // A thread that panicked while holding the lock left nothing half done: each change is one statement.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

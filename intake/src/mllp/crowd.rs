//! The open connections of one listener: how many there may be, and who makes room for whom.
//!
//! Always: a connection that has delivered a whole frame is never turned out for a newcomer; among the others the
//! one that came first goes first. Thousands of sockets that only hold the line therefore push out each other, not
//! the laboratory (RELIABILITY test 13).

use crate::MllpLimits;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;
use tokio::task::AbortHandle;

/// All open connections.
pub(super) struct Crowd {
    limits: MllpLimits,
    members: Mutex<Members>,
    unfinished_bytes: AtomicUsize,
    left: Notify,
}

#[derive(Default)]
struct Members {
    next: u64,
    unproven: BTreeMap<u64, Option<AbortHandle>>,
    proven: usize,
}

/// One connection's place; given back when dropped.
pub(super) struct Place {
    crowd: Arc<Crowd>,
    number: u64,
    proven: bool,
    unfinished_bytes: usize,
}

/// How a newcomer got in.
pub(super) enum Entered {
    Free(Place),
    AfterEviction(Place),
    Full,
}

impl Crowd {
    pub(super) fn new(limits: MllpLimits) -> Arc<Self> {
        Arc::new(Self {
            limits,
            members: Mutex::default(),
            unfinished_bytes: AtomicUsize::new(0),
            left: Notify::new(),
        })
    }

    pub(super) fn len(&self) -> usize {
        let members = self.members();
        members.unproven.len() + members.proven
    }

    /// How many there are, as boards want it.
    pub(super) fn count(&self) -> u32 {
        u32::try_from(self.len()).unwrap_or(u32::MAX)
    }

    pub(super) fn enter(self: &Arc<Self>) -> Entered {
        let mut members = self.members();
        let mut evicted = None;
        if members.unproven.len() + members.proven >= self.limits.connections_max {
            match members.unproven.pop_first() {
                Some((_, task)) => evicted = Some(task),
                None => return Entered::Full,
            }
        }
        let number = members.next;
        members.next += 1;
        members.unproven.insert(number, None);
        drop(members);
        let place = Place { crowd: Arc::clone(self), number, proven: false, unfinished_bytes: 0 };
        match evicted {
            None => Entered::Free(place),
            Some(task) => {
                if let Some(task) = task {
                    task.abort();
                }
                Entered::AfterEviction(place)
            }
        }
    }

    /// Says which task serves the connection, so that it can be ended.
    pub(super) fn note_task(&self, number: u64, task: AbortHandle) {
        if let Some(slot) = self.members().unproven.get_mut(&number) {
            *slot = Some(task);
        }
    }

    /// Waits until everybody has left.
    pub(super) async fn empty(&self) {
        loop {
            let left = self.left.notified();
            if self.len() == 0 {
                return;
            }
            left.await;
        }
    }

    fn members(&self) -> MutexGuard<'_, Members> {
        self.members.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place {
    pub(super) fn number(&self) -> u64 {
        self.number
    }

    /// The connection has delivered a whole frame. `false` when it was turned out at this very moment.
    pub(super) fn prove(&mut self) -> bool {
        if !self.proven {
            let mut members = self.crowd.members();
            if members.unproven.remove(&self.number).is_none() {
                return false;
            }
            members.proven += 1;
            self.proven = true;
        }
        true
    }

    pub(super) fn is_proven(&self) -> bool {
        self.proven
    }

    /// Notes how much of an unfinished frame is held; `false` when all connections together hold too much.
    pub(super) fn hold(&mut self, bytes: usize) -> bool {
        let total = &self.crowd.unfinished_bytes;
        let now = if bytes >= self.unfinished_bytes {
            let more = bytes - self.unfinished_bytes;
            total.fetch_add(more, Ordering::Relaxed) + more
        } else {
            let less = self.unfinished_bytes - bytes;
            total.fetch_sub(less, Ordering::Relaxed) - less
        };
        let grew = bytes > self.unfinished_bytes;
        self.unfinished_bytes = bytes;
        !grew || now <= self.crowd.limits.unfinished_bytes_max
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.hold(0);
        {
            let mut members = self.crowd.members();
            if self.proven {
                members.proven -= 1;
            } else {
                members.unproven.remove(&self.number);
            }
        }
        self.crowd.left.notify_waiters();
    }
}

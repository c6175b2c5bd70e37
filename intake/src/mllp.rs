//! The MLLP listener: the hospital's engines connect, frames come in, answers go out once the bytes are durable.
//!
//! On the ward: this is the door that has been open all along, so that the lists are there on the day. Promises: an
//! answer leaves only after the record says that the bytes are on the disk; answers keep the order of the messages;
//! MSA-2 is the sender's MSH-10 byte for byte; a slow, silent, endless or babbling sender costs a bounded amount of
//! memory and harms no other; only listed machines are heard, or only senders whose certificate the program's TLS settings
//! take. Called by the program once for each feed that listens; proved by RELIABILITY tests 10, 13 and 14 and `tests/mllp_tls.rs`.

mod answers;
mod connection;
mod crowd;

use crate::record::Record;
use crate::tallies::{Tallies, count};
use crate::{MllpLimits, Peers};
use basics::{Clock, FeedName, Zone};
use crowd::Crowd;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::watch;

/// One listener's settings.
#[derive(Clone, Debug)]
pub struct Door {
    /// The feed that its messages belong to.
    pub feed: FeedName,
    /// The zone of the times in its answers.
    pub zone: Zone,
    /// Who may connect.
    pub peers: Peers,
    /// Its ceilings.
    pub limits: MllpLimits,
    /// For senders that never send the carriage return after a frame's end mark.
    pub end_mark_alone: bool,
    /// TLS, by these settings alone, which also say whose certificates are taken; without it plain MLLP.
    pub tls: Option<Arc<rustls::ServerConfig>>,
}

impl Door {
    /// A door for that feed with the default ceilings, open to this machine alone.
    pub fn new(feed: FeedName) -> Self {
        Self {
            feed,
            zone: Zone::london(),
            peers: Peers::default(),
            limits: MllpLimits::default(),
            end_mark_alone: false,
            tls: None,
        }
    }
}

/// What all connections of a listener share.
struct Shared<R> {
    door: Door,
    record: R,
    clock: Arc<dyn Clock>,
    tallies: Arc<Tallies>,
    crowd: Arc<Crowd>,
    shutdown: watch::Receiver<bool>,
}

/// Accepts connections until `shutdown` turns true (or its sender is gone), then lets open connections finish the
/// answers they owe.
pub async fn serve<R: Record>(
    listener: TcpListener,
    door: Door,
    record: R,
    clock: Arc<dyn Clock>,
    tallies: Arc<Tallies>,
    mut shutdown: watch::Receiver<bool>,
) {
    let crowd = Crowd::new(door.limits);
    let shared = Arc::new(Shared { door, record, clock, tallies, crowd, shutdown: shutdown.clone() });
    loop {
        tokio::select! {
            biased;
            _ = stopped(&mut shutdown) => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => admit(&shared, stream, peer.ip()),
                // Out of file descriptors or suchlike: wait for connections to close, and go on.
                Err(error) => {
                    tracing::warn!(feed = %shared.door.feed, %error, "a connection could not be accepted");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            },
        }
    }
    drop(listener);
    shared.crowd.empty().await;
}

fn admit<R: Record>(shared: &Arc<Shared<R>>, stream: tokio::net::TcpStream, peer: std::net::IpAddr) {
    // A certificate says who may speak; a list beside it narrows from where, and none leaves that open.
    let anywhere = shared.door.tls.is_some() && shared.door.peers == Peers::default();
    if !anywhere && !shared.door.peers.admit(peer) {
        count(&shared.tallies.peers_refused, 1);
        tracing::warn!(feed = %shared.door.feed, %peer, "a machine that is not on the feed's list tried to connect");
        return;
    }
    let place = match shared.crowd.enter() {
        crowd::Entered::Free(place) => place,
        crowd::Entered::AfterEviction(place) => {
            count(&shared.tallies.connections_evicted, 1);
            place
        }
        crowd::Entered::Full => {
            count(&shared.tallies.peers_refused, 1);
            tracing::warn!(feed = %shared.door.feed, "too many connections, and all of them deliver; one was refused");
            return;
        }
    };
    count(&shared.tallies.connections_accepted, 1);
    shared.record.note_connections(&shared.door.feed, shared.crowd.count());
    let number = place.number();
    let running = tokio::spawn(connection::run(Arc::clone(shared), stream, place));
    shared.crowd.note_task(number, running.abort_handle());
}

/// Returns when the signal is given or its giver is gone.
pub(crate) async fn stopped(shutdown: &mut watch::Receiver<bool>) {
    // An error means that the sender is gone, which is a signal as well.
    let _ = shutdown.wait_for(|stop| *stop).await;
}

//! The post room: the outbox and its courier, opened with the program and closed with it.
//!
//! Always: whatever is wrong here is said and stops nothing else; the wards come first. The messenger brings the
//! incident's messages here and what became of them back.

pub mod clinic_messenger;
pub mod desk;
mod many;
pub mod messenger;

use crate::store::Store;
use basics::Clock;
use care::notices::Gateways;
use clinic_messenger::ClinicMessenger;
use control_room::ControlRoom;
use desk::Desk;
use logbook::{Options, RealDisk};
use messenger::Messenger;
use outbound::gateways::SlipShelf;
use outbound::{Courier, Outbox};
use screens::PostDesk;
use std::sync::Arc;
use tokio::sync::watch;
use tokio::task::JoinSet;

/// The outbox of a running Lifeboat.
pub struct PostRoom {
    outbox: Outbox,
    shelf: SlipShelf,
    clock: Arc<dyn Clock>,
    /// What leaves by its gateways for patients.
    pub carries: Gateways,
}

impl PostRoom {
    /// Opens the outbox and sets the courier to work, where `[outbound]` names a gateway.
    pub fn open(
        store: &Store,
        room: &ControlRoom,
        doors: &mut JoinSet<()>,
        closing: watch::Receiver<bool>,
    ) -> Option<Self> {
        let config = &store.config.outbound;
        if !config.is_configured() {
            return None;
        }
        let mut seed = [0; 8];
        // Without chance all waits are alike, which is no reason not to send.
        let _ = getrandom::fill(&mut seed);
        let folder = ControlRoom::book_dir(store.dir());
        let setup = config.setup(u64::from_le_bytes(seed));
        let at = store.clock.now();
        let opened = Outbox::open(&folder, &store.keys, Arc::new(RealDisk), Options::default(), setup, at);
        let outbox = match opened {
            Ok((outbox, _)) => outbox,
            Err(fault) => {
                tracing::error!(%fault, "the outbox could not be opened; no message will leave");
                eprintln!("lifeboat: the outbox could not be opened, so no message will leave: {fault}.");
                return None;
            }
        };
        let shelf = SlipShelf::default();
        shelf.match_with(&outbox);
        let host = host_name();
        let made = config.make(&shelf, &host);
        for fault in &made.faults {
            tracing::error!(%fault, "a gateway could not be set up");
            eprintln!("lifeboat: a gateway could not be set up; its messages wait: {fault}.");
        }
        let carries = config.carried(&made);
        let courier = Courier::new(outbox.clone(), made.gateways, Arc::clone(&store.clock));
        doors.spawn(courier.run(closing.clone()));
        let clock = Arc::clone(&store.clock);
        let messenger =
            Messenger::new(room.clone(), outbox.clone(), Arc::clone(&clock), &store.config.address);
        doors.spawn(messenger.run(closing.clone()));
        let notices = ClinicMessenger::new(room.clone(), outbox.clone(), Arc::clone(&clock));
        doors.spawn(notices.run(closing));
        Some(Self { outbox, shelf, clock, carries })
    }

    /// The outbox as its page sees it.
    pub fn desk(&self) -> Arc<dyn PostDesk> {
        let (outbox, shelf) = (self.outbox.clone(), self.shelf.clone());
        Arc::new(Desk { outbox, shelf, clock: Arc::clone(&self.clock) })
    }

    /// Signs the last head. Blocks.
    pub fn close(self) {
        if let Err(fault) = self.outbox.close() {
            tracing::error!(%fault, "the outbox could not be closed in order; the next start finds out what is there");
        }
    }
}

/// This machine's name, as far as a mail relay may see it.
pub fn host_name() -> String {
    let name = rustix::system::uname().nodename().to_string_lossy().into_owned();
    let fine = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || ".-".contains(c));
    if fine { name } else { "lifeboat".to_owned() }
}

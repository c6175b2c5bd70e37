//! The divert room: the region that is planned for, those asked before a divert expires, and neighbours' reports.
//!
//! Always: opened with the program and closed with it; whatever is wrong here is said on the page of plans and stops
//! nothing else; reading and planning happen off the threads that serve pages. Never: a neighbour's report trusted.
//! Called by `serve`; proved by `tests/divert_room.rs`.

mod region;

use crate::config::{DivertNeighbour, Diverts};
use crate::store::Store;
use basics::Clock;
use control_room::{ControlRoom, DivertPlanner, REPORT_BYTES_MAX, Region, sites_of};
use incident::Person;
use incident::diverts::Intent;
use intake::pull::{PullLimits, Puller};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinSet;

pub use region::{from_files, read_region};

/// Time between two looks at what is due.
const TEND_MS: u64 = 2_000;
/// Longest wait for a neighbour's report.
const REPORT_WAIT_MS_MAX: u64 = 20_000;

/// Opens it: gives the planner that pages use; the rest runs until `closing`.
pub fn open(
    store: &Store,
    room: &ControlRoom,
    doors: &mut JoinSet<()>,
    closing: watch::Receiver<bool>,
) -> DivertPlanner {
    let planner = DivertPlanner::default();
    doors.spawn(tend(room.clone(), Arc::clone(&store.clock), closing.clone()));
    let settings = store.config.diverts.clone();
    for neighbour in settings.neighbours.clone() {
        if neighbour.url.is_none() {
            continue;
        }
        doors.spawn(listen(neighbour, room.clone(), Arc::clone(&store.clock), closing.clone()));
    }
    if settings.has_region() {
        planner.set(Err("it is being read; look again in a few seconds".to_owned()));
        let (room, clock, planner) = (room.clone(), Arc::clone(&store.clock), planner.clone());
        doors.spawn(async move {
            let mut closing = closing;
            tokio::select! {
                () = keep_region(settings, room, clock, planner) => {}
                // The giver of the signal being gone is a signal as well.
                _ = closing.wait_for(|closing| *closing) => {}
            }
        });
    }
    planner
}

/// Reads the region, asks the routing server if there is one, lists the sites on the board; asks again while it runs,
/// of its own accord and on demand. What cannot be had anew leaves what is there, and the pages say from when it is.
async fn keep_region(settings: Diverts, room: ControlRoom, clock: Arc<dyn Clock>, planner: DivertPlanner) {
    let mut failures: u32 = 0;
    loop {
        let (region, at) = (read_region(&settings, clock.now()).await, clock.now());
        match region {
            Ok(region) => {
                failures = 0;
                list(&region, &room, clock.as_ref()).await;
                planner.set(Ok(region));
            }
            Err(why) => {
                if failures == 0 {
                    tracing::error!(why, "the divert region could not be read");
                    eprintln!("lifeboat: the divert region could not be read: {why}.");
                }
                failures = failures.saturating_add(1);
                planner.could_not(why, at);
            }
        }
        let pause = pause_seconds(settings.routing_every_seconds(), failures);
        let again = planner.asked_again();
        match pause {
            None => again.await,
            Some(seconds) => tokio::select! {
                () = again => {}
                () = tokio::time::sleep(Duration::from_secs(seconds)) => {}
            },
        }
    }
}

/// Seconds until the region is read again: as configured after a success, sooner after a failure, each time later.
fn pause_seconds(every: Option<u64>, failures: u32) -> Option<u64> {
    const SECONDS_AFTER_FAILURE: u64 = 15;
    let every = match every {
        Some(every) => every,
        // Files are read once and then on demand; what could not be read shows no button to ask again.
        None if failures == 0 => return None,
        None => 3_600,
    };
    if failures == 0 {
        return Some(every);
    }
    Some(SECONDS_AFTER_FAILURE.saturating_mul(1 << (failures - 1).min(16)).min(every))
}

/// The region's sites stand on the board; those that people listed or described themselves stay as they are.
async fn list(region: &Region, room: &ControlRoom, clock: &dyn Clock) {
    let (sites, room, at) = (sites_of(&region.instance), room.clone(), clock.now());
    let listed = tokio::task::spawn_blocking(move || {
        let incident = room.incident();
        let new = incident.read(|book| {
            sites.into_iter().filter(|s| book.diverts.site(&s.site).is_err()).collect::<Vec<_>>()
        });
        if new.is_empty() {
            return Ok(());
        }
        incident.submit(Intent::List { sites: new }, &Person::lifeboat(), at).map(drop)
    });
    match listed.await {
        Ok(Ok(())) => {}
        Ok(Err(refused)) => tracing::error!(%refused, "the region's sites could not be listed"),
        Err(error) => tracing::error!(%error, "the region's sites could not be listed"),
    }
}

/// Those who answer for a divert are asked before it expires; its end is noted.
async fn tend(room: ControlRoom, clock: Arc<dyn Clock>, mut closing: watch::Receiver<bool>) {
    let mut failing = false;
    loop {
        tokio::select! {
            _ = closing.wait_for(|closing| *closing) => return,
            () = tokio::time::sleep(Duration::from_millis(TEND_MS)) => {}
        }
        let (room, at) = (room.clone(), clock.now());
        let tended = tokio::task::spawn_blocking(move || room.incident().tend_diverts(at)).await;
        let fault = match tended {
            Ok(Ok(_)) => None,
            Ok(Err(refused)) => Some(refused.to_string()),
            Err(error) => Some(error.to_string()),
        };
        // Told once, not every two seconds: the pages say themselves that nothing is recorded.
        if let Some(fault) = fault.as_ref().filter(|_| !failing) {
            tracing::error!(fault, "what is due about diverts could not be recorded");
        }
        failing = fault.is_some();
    }
}

/// Pulls one neighbour's report again and again, and keeps what it says beside the board.
async fn listen(
    neighbour: DivertNeighbour,
    room: ControlRoom,
    clock: Arc<dyn Clock>,
    mut closing: watch::Receiver<bool>,
) {
    let mut told = String::new();
    loop {
        let heard = tokio::select! {
            _ = closing.wait_for(|closing| *closing) => return,
            heard = hear(&neighbour, &room, clock.as_ref()) => heard,
        };
        let why = heard.err().unwrap_or_default();
        if !why.is_empty() && why != told {
            tracing::warn!(neighbour = neighbour.name, why, "a neighbour's report was not taken");
        }
        told = why;
        tokio::select! {
            _ = closing.wait_for(|closing| *closing) => return,
            () = tokio::time::sleep(Duration::from_secs(neighbour.every_seconds())) => {}
        }
    }
}

async fn hear(neighbour: &DivertNeighbour, room: &ControlRoom, clock: &dyn Clock) -> Result<(), String> {
    let Some(url) = &neighbour.url else { return Ok(()) };
    let puller = puller(neighbour.ca_file.as_deref()).await?;
    let limits = PullLimits { answer_bytes_max: REPORT_BYTES_MAX, wait_ms_max: REPORT_WAIT_MS_MAX };
    let bytes = puller.get(url, limits).await.map_err(|fault| fault.to_string())?;
    let (room, feed, at) = (room.clone(), neighbour.name.clone(), clock.now());
    let taken = tokio::task::spawn_blocking(move || {
        room.incident().hear_neighbour(&feed, &bytes, at).map(drop).map_err(|refused| refused.to_string())
    });
    taken.await.map_err(|error| error.to_string())?
}

/// A client that trusts the public certificates, or those of a file.
async fn puller(ca_file: Option<&Path>) -> Result<Puller, String> {
    const CERTIFICATES_BYTES_MAX: u64 = 1 << 20;
    let Some(path) = ca_file else { return Puller::new(None).map_err(|fault| fault.to_string()) };
    let unread = |e: std::io::Error| format!("could not read {}: {e}", path.display());
    let size = tokio::fs::metadata(path).await.map_err(unread)?.len();
    if size > CERTIFICATES_BYTES_MAX {
        return Err(format!("{} is too large to be certificates", path.display()));
    }
    let pem = tokio::fs::read(path).await.map_err(unread)?;
    Puller::new(Some(&pem)).map_err(|fault| fault.to_string())
}

#[cfg(test)]
mod tests {
    use super::pause_seconds;

    #[test]
    fn a_server_that_fails_is_asked_sooner_and_then_ever_later() {
        let after = |failures| pause_seconds(Some(3_600), failures);
        assert_eq!([0, 1, 2, 3].map(after), [Some(3_600), Some(15), Some(30), Some(60)]);
        assert_eq!([9, 40, u32::MAX].map(after), [Some(3_600); 3], "never later than without a failure");
        assert_eq!(pause_seconds(None, 0), None, "files are read again on demand alone");
        assert_eq!(pause_seconds(None, 3), Some(60), "until they have been read");
    }
}

//! The print room: renders each ward's pack again as its data change, so that the newest lies on the disk, ready.
//!
//! On the ward: when the systems fall silent nobody has to ask for paper; it was made already. Promises: the newest
//! finished pack of every ward is on the disk, sealed (no patient is readable on a stolen disk), put in place whole;
//! after a restart, also after the plug was pulled, the packs can be read at once, before anything is rendered; a
//! busy ward is not rendered more often than its rendering is worth, a quiet one never older than the configured age;
//! every sheet that was handed out can be traced back to its patient by its code. Handed to `screens` as its shelf;
//! proved by the tests below and the planner's.

mod codes;
mod planner;
mod sealed;

use crate::clock::uptime_ms;
use basics::{Clock, FeedName, SiteId, Zone};
use care::PatientKey;
use care::ward_list::{WardKey, WardSummary};
use codes::Codes;
use control_room::{Change, ControlRoom};
use paper::{Press, Rendered, read_sheet_code};
use planner::{Planner, Timing};
use rustix::process::setpriority_process;
use rustix::thread::gettid;
use screens::{PackOnShelf, PackShelf, PackState};
use sealed::{About, Cabinet};
pub use sealed::{label_digest, put_whole};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::sync::broadcast::error::RecvError;

/// How often an idle worker looks whether a pack has grown too old.
const LOOK_EVERY_MS: u64 = 1_000;

/// Keeps the codes of sheets that were rendered outside the print room, before they are handed out.
pub fn note_codes(dir: &Path, packs_key: &[u8; 32], rendered: &Rendered) -> std::io::Result<()> {
    let cabinet = Cabinet::open(dir, packs_key)?;
    Codes::open(&cabinet)?.note(&cabinet, &codes::sheets_of(rendered))
}

/// The workers' priority: 0 is ordinary, 19 the lowest.
const WORKER_NICENESS: i32 = 10;

/// How the print room works.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// Packs rendered at the same time.
    pub at_once_max: usize,
    /// Seconds after which a pack is made again although nothing changed.
    pub age_seconds_max: u32,
}

/// The print room; dropped, its workers end after the pack in hand.
pub struct PrintRoom {
    shared: Arc<Shared>,
    workers: Vec<JoinHandle<()>>,
    listener: Option<JoinHandle<()>>,
}

struct Shared {
    room: ControlRoom,
    clock: Arc<dyn Clock>,
    zone: Zone,
    press: Press,
    cabinet: Cabinet,
    state: Mutex<State>,
    wake: Condvar,
}

struct State {
    planner: Planner,
    shelf: BTreeMap<WardKey, About>,
    failed: BTreeMap<WardKey, String>,
    codes: Codes,
    closing: bool,
}

impl PrintRoom {
    /// Reads the packs that lie there and begins to work. `packs_key` seals them.
    pub fn open(
        room: ControlRoom,
        clock: Arc<dyn Clock>,
        zone: Zone,
        dir: &Path,
        packs_key: &[u8; 32],
        pace: Pace,
    ) -> Result<Self, String> {
        let press = Press::new().map_err(|fault| fault.to_string())?;
        let cabinet =
            Cabinet::open(dir, packs_key).map_err(|e| format!("could not open {}: {e}", dir.display()))?;
        let codes = Codes::open(&cabinet).map_err(|e| format!("could not read the sheets' codes: {e}"))?;
        let shelf: BTreeMap<WardKey, About> =
            cabinet.all().into_iter().map(|about| (about.ward.clone(), about)).collect();
        let planner = Planner::new(Timing::new(u64::from(pace.age_seconds_max) * 1000));
        let state = State { planner, shelf, failed: BTreeMap::new(), codes, closing: false };
        let follow = room.follow();
        let shared = Arc::new(Shared {
            room,
            clock,
            zone,
            press,
            cabinet,
            state: Mutex::new(state),
            wake: Condvar::new(),
        });
        shared.note_all();
        let workers = (0..pace.at_once_max.max(1)).map(|_| spawn(&shared, Shared::work)).collect();
        let listener = spawn(&shared, move |shared| shared.listen(follow));
        Ok(Self { shared, workers, listener: Some(listener) })
    }

    /// The shelf, for the pages.
    pub fn shelf(&self) -> Arc<dyn PackShelf> {
        Arc::new(Shelf(Arc::clone(&self.shared)))
    }

    /// Lets the workers finish the pack in hand and stop.
    pub fn close(mut self) {
        self.shared.state().closing = true;
        self.shared.wake.notify_all();
        for worker in self.workers.drain(..) {
            // A worker that panicked has said so; the others still have to be waited for.
            let _ = worker.join();
        }
        // The listener ends with the control room's channel; it holds nothing that has to be finished.
        drop(self.listener.take());
    }
}

fn spawn(shared: &Arc<Shared>, work: impl FnOnce(&Shared) + Send + 'static) -> JoinHandle<()> {
    let shared = Arc::clone(shared);
    std::thread::spawn(move || work(&shared))
}

impl Shared {
    /// Marks what changes.
    fn listen(&self, mut follow: tokio::sync::broadcast::Receiver<Change>) {
        loop {
            match follow.blocking_recv() {
                Ok(change) if change.many => self.note_all(),
                Ok(change) => self.heard(&change),
                Err(RecvError::Lagged(_)) => self.note_all(),
                Err(RecvError::Closed) => return,
            }
            if self.state().closing {
                return;
            }
            self.wake.notify_one();
        }
    }

    /// Marks the wards that a change concerns.
    fn heard(&self, change: &Change) {
        let mut state = self.state();
        for ward in &change.wards {
            state.planner.changed(ward.clone(), uptime_ms());
        }
        drop(state);
        if !change.silence.is_empty() {
            self.note_silence(&change.silence);
        }
    }

    /// Marks the wards of every hospital for which one of these feeds speaks: paper says which feeds are silent.
    fn note_silence(&self, feeds: &[FeedName]) {
        let boards = self.room.feeds();
        let sites: Vec<Option<SiteId>> =
            boards.into_iter().filter(|board| feeds.contains(&board.name)).map(|board| board.site).collect();
        let concerned =
            |ward: &WardSummary| sites.iter().any(|s| s.as_ref().is_none_or(|s| *s == ward.key.site));
        match self.room.wards() {
            Ok(wards) => {
                let mut state = self.state();
                for ward in wards.into_iter().filter(concerned) {
                    state.planner.silence(ward.key, uptime_ms());
                }
            }
            Err(fault) => tracing::error!(%fault, "the wards of a silent feed could not be listed"),
        }
    }

    /// Marks every ward: at the start, and when changes were too many to be told one by one.
    fn note_all(&self) {
        match self.room.wards() {
            Ok(wards) => {
                let mut state = self.state();
                for ward in wards {
                    state.planner.changed(ward.key, uptime_ms());
                }
            }
            Err(fault) => tracing::error!(%fault, "the wards could not be listed for their packs"),
        }
        self.wake.notify_all();
    }

    /// Renders whatever is due, until closed.
    fn work(&self) {
        // Paper waits for the record, not the record for paper: on a busy machine the printers yield.
        if let Err(error) = setpriority_process(Some(gettid()), WORKER_NICENESS) {
            tracing::debug!(%error, "the print room works at ordinary priority");
        }
        let mut state = self.state();
        while !state.closing {
            let now = uptime_ms();
            match state.planner.take(now) {
                Some(ward) => {
                    drop(state);
                    let result = self.render(&ward);
                    state = self.state();
                    state.planner.done(&ward, now, uptime_ms());
                    match result {
                        Ok(Some(about)) => {
                            state.failed.remove(&ward);
                            state.shelf.insert(ward, about);
                        }
                        // The ward has gone: nobody lies there and its beds are forgotten.
                        Ok(None) => {
                            state.planner.forget(&ward);
                            state.failed.remove(&ward);
                        }
                        Err(why) => {
                            tracing::error!(%why, "a ward's pack could not be made");
                            state.failed.insert(ward, why);
                        }
                    }
                }
                None => {
                    let wait = state.planner.wait_ms(now).clamp(10, LOOK_EVERY_MS);
                    let waited = self.wake.wait_timeout(state, Duration::from_millis(wait));
                    state = waited.unwrap_or_else(PoisonError::into_inner).0;
                }
            }
        }
    }

    fn render(&self, ward: &WardKey) -> Result<Option<About>, String> {
        let at = self.clock.now();
        let Some(pack) = self.room.ward_pack(ward, at).map_err(|fault| fault.to_string())? else {
            return Ok(None);
        };
        let rendered = self.press.ward_pack(&pack, &self.zone).map_err(|fault| fault.to_string())?;
        let about = About {
            ward: ward.clone(),
            ward_name: pack.list.name.clone(),
            made_at: at,
            data_as_at: pack.data_as_at,
            pages: rendered.pages,
            patients: u32::try_from(pack.patients.len()).unwrap_or(u32::MAX),
            sheets: codes::sheets_of(&rendered),
        };
        let put = self.cabinet.put(&about, &rendered.pdf);
        put.map_err(|e| format!("the pack could not be written to the disk: {e}"))?;
        Ok(Some(about))
    }

    /// Notes the codes of sheets that leave the room: from here on they may be on paper.
    fn hand_out(&self, sheets: &[(String, PatientKey)]) -> Result<(), String> {
        let noted = self.state().codes.note(&self.cabinet, sheets);
        noted.map_err(|e| format!("the sheets' codes could not be kept, so nothing was handed out: {e}"))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What the pages see of the print room.
struct Shelf(Arc<Shared>);

impl PackShelf for Shelf {
    fn shelf(&self) -> Vec<PackOnShelf> {
        let wards = self.0.room.wards().unwrap_or_else(|fault| {
            tracing::error!(%fault, "the wards could not be listed for the print centre");
            Vec::new()
        });
        let state = self.0.state();
        let mut packs: Vec<PackOnShelf> = wards.iter().map(|ward| on_shelf(&state, ward)).collect();
        // A pack whose ward is not listed any more may be the last that is known of it.
        for (ward, about) in &state.shelf {
            if !wards.iter().any(|listed| listed.key == *ward) {
                packs.push(pack_of(about, PackState::Ready));
            }
        }
        packs
    }

    fn pdf(&self, ward: &WardKey) -> Result<Option<Vec<u8>>, String> {
        let got = self
            .0
            .cabinet
            .get(ward)
            .map_err(|e| format!("The pack could not be read from the disk: {e}."))?;
        let Some((about, pdf)) = got else { return Ok(None) };
        self.0.hand_out(&about.sheets)?;
        Ok(Some(pdf))
    }

    fn all_pdf(&self) -> Result<Vec<u8>, String> {
        let shared = &self.0;
        let said = |fault: control_room::Fault| format!("The packs could not be put together: {fault}.");
        let at = shared.clock.now();
        let mut packs = Vec::new();
        for ward in shared.room.wards().map_err(said)? {
            packs.extend(
                shared.room.ward_pack(&ward.key, at).map_err(said)?.filter(|pack| !pack.patients.is_empty()),
            );
        }
        let rendered = shared.press.ward_packs(&packs, &shared.zone);
        let rendered: Rendered =
            rendered.map_err(|fault| format!("The packs could not be printed: {fault}."))?;
        shared.hand_out(&codes::sheets_of(&rendered))?;
        Ok(rendered.pdf)
    }

    fn sheet(&self, code: &str) -> Option<PatientKey> {
        self.0.state().codes.find(&read_sheet_code(code)?)
    }

    fn patient_pdf(&self, patient: PatientKey) -> Result<Option<Vec<u8>>, String> {
        let shared = &self.0;
        let said = |fault: control_room::Fault| format!("The sheets could not be put together: {fault}.");
        let Some(record) = shared.room.patient(patient).map_err(said)? else { return Ok(None) };
        let at = shared.clock.now();
        let Some(pack) = patient_pack(&shared.room, &record, at).map_err(said)? else { return Ok(None) };
        let rendered = shared.press.patient_sheets(&pack, record.key, &shared.zone);
        let rendered = rendered.map_err(|fault| format!("The sheets could not be printed: {fault}."))?;
        shared.hand_out(&codes::sheets_of(&rendered))?;
        Ok(Some(rendered.pdf))
    }

    fn reprint(&self, ward: &WardKey) {
        self.0.state().planner.urgent(ward.clone());
        self.0.wake.notify_one();
    }
}

/// The ward's pack that holds the patient; for a patient on no ward, a pack of that patient alone.
fn patient_pack(
    room: &ControlRoom,
    record: &Arc<care::PatientRecord>,
    at: basics::Moment,
) -> Result<Option<care::ward_pack::WardPack>, control_room::Fault> {
    let placed = care::ward_list::ward_of(record);
    let wards = room.wards()?;
    let own = wards.iter().find(|w| {
        placed
            .as_ref()
            .is_some_and(|(s, ward)| *ward == w.key.ward && s.as_ref().is_none_or(|s| *s == w.key.site))
    });
    let Some(some_ward) = own.or(wards.first()) else { return Ok(None) };
    let Some(mut pack) = room.ward_pack(&some_ward.key, at)? else { return Ok(None) };
    if !pack.patients.iter().any(|p| p.key == record.key) {
        pack.list.rows.clear();
        "Not on a ward".clone_into(&mut pack.list.name);
        pack.patients = vec![Arc::clone(record)];
    }
    Ok(Some(pack))
}

fn on_shelf(state: &State, ward: &WardSummary) -> PackOnShelf {
    let pack_state = match state.failed.get(&ward.key) {
        Some(why) => PackState::Failed(why.clone()),
        None if state.planner.is_waiting(&ward.key) => PackState::Rendering,
        None => PackState::Ready,
    };
    match state.shelf.get(&ward.key) {
        Some(about) => pack_of(about, pack_state),
        None => PackOnShelf {
            ward: ward.key.clone(),
            ward_name: ward.name.clone(),
            made_at: basics::Moment::default(),
            data_as_at: None,
            pages: 0,
            patients: 0,
            state: if pack_state == PackState::Ready { PackState::Rendering } else { pack_state },
        },
    }
}

fn pack_of(about: &About, state: PackState) -> PackOnShelf {
    PackOnShelf {
        ward: about.ward.clone(),
        ward_name: about.ward_name.clone(),
        made_at: about.made_at,
        data_as_at: about.data_as_at,
        pages: about.pages,
        patients: about.patients,
        state,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use basics::{FixedClock, Moment};
    use control_room::{FeedSetup, Setup};

    fn at() -> Moment {
        Moment::parse_rfc3339("2026-05-12T13:00:00Z").unwrap()
    }

    fn feed(name: &str, site: &str) -> FeedSetup {
        FeedSetup { site: SiteId::new(site), ..FeedSetup::named(FeedName::new(name).unwrap()) }
    }

    fn admission(n: u32) -> Vec<u8> {
        format!(
            "MSH|^~\\&|PAS|X|LB|X|202605121300||ADT^A01|C{n}|P|2.4\rPID|1||{n}^^^X^MR||Example^Ada\rPV1|1|I|AMU^^{n}\r"
        )
        .into_bytes()
    }

    /// A room with a feed at each of two hospitals, a patient on a ward of each, and a print room whose packs are all made.
    fn house(dir: &Path, clock: &Arc<FixedClock>) -> Shared {
        let setup = Setup {
            data_dir: dir.to_owned(),
            feeds: vec![feed("pas", "Northgate"), feed("southmere", "Southmere")],
            ..Setup::default()
        };
        let keys = logbook::Keys::from_secret(&[7; 64]);
        let room = ControlRoom::open(setup, &keys, Arc::clone(clock) as Arc<dyn Clock>).unwrap();
        for (n, name) in [(1, "pas"), (2, "southmere")] {
            let feed = FeedName::new(name).unwrap();
            room.receive_batch(&feed, vec![(admission(n), at())]).unwrap();
        }
        room.catch_up(&mut |_, _| {}).unwrap();
        let cabinet = Cabinet::open(&dir.join("packs"), &[7; 32]).unwrap();
        let mut planner = Planner::new(Timing::new(900_000));
        for ward in room.wards().unwrap() {
            planner.changed(ward.key.clone(), uptime_ms());
            assert_eq!(planner.take(uptime_ms()), Some(ward.key.clone()));
            planner.done(&ward.key, uptime_ms(), uptime_ms());
        }
        let codes = Codes::open(&cabinet).unwrap();
        let state = State { planner, shelf: BTreeMap::new(), failed: BTreeMap::new(), codes, closing: false };
        Shared {
            room,
            clock: Arc::clone(clock) as Arc<dyn Clock>,
            zone: Zone::london(),
            press: Press::new().unwrap(),
            cabinet,
            state: Mutex::new(state),
            wake: Condvar::new(),
        }
    }

    /// Wards that come up for printing within five minutes though nobody moved on them.
    fn due(shared: &Shared) -> Vec<String> {
        let mut wards = Vec::new();
        let mut state = shared.state();
        while let Some(ward) = state.planner.take(uptime_ms() + 300_000) {
            wards.push(ward.site.to_string());
        }
        wards
    }

    /// The next change that tells of feeds falling silent or returning.
    fn silence(follow: &mut tokio::sync::broadcast::Receiver<Change>) -> Change {
        loop {
            let change = follow.blocking_recv().unwrap();
            if !change.silence.is_empty() {
                return change;
            }
        }
    }

    #[test]
    fn a_feed_that_falls_silent_or_returns_has_the_wards_of_its_hospital_printed_again() {
        let dir = tempfile::tempdir().unwrap();
        let clock = Arc::new(FixedClock::new(at()));
        let shared = house(dir.path(), &clock);
        assert_eq!(due(&shared), Vec::<String>::new());
        let mut follow = shared.room.follow();
        clock.set(at().plus_seconds(800));
        let south = FeedName::new("southmere").unwrap();
        shared.room.receive_batch(&south, vec![(admission(3), clock.now())]).unwrap();
        shared.room.catch_up(&mut |_, _| {}).unwrap();
        clock.set(at().plus_seconds(901));
        shared.room.feeds();
        shared.heard(&silence(&mut follow));
        assert_eq!(due(&shared), ["Northgate"], "Southmere's feed still speaks");
        shared.state().planner = Planner::new(Timing::new(900_000));
        let pas = FeedName::new("pas").unwrap();
        shared.room.receive_batch(&pas, vec![(admission(4), clock.now())]).unwrap();
        shared.room.feeds();
        shared.heard(&silence(&mut follow));
        assert_eq!(due(&shared), ["Northgate"], "and it is printed again when the feed is heard again");
        shared.room.close();
    }
}

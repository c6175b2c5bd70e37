//! The public desk: follows the incident book, presses the public page and sees that it gets to where people read it.
//!
//! Always: an approved or withdrawn update is pressed at once, and a promised time that passes is pressed too, so that
//! "late" is said by the page itself; each place is pushed to by itself, the newest edition first, and again until it
//! stands there; an exercise gets a folder of its own on this machine and goes nowhere else. Never: holds up a
//! decision, a ward's page or another place. Called by `serve`; proved by `tests/public_page.rs`.

mod places;
mod s3;
mod served;
mod shown;
mod web;

pub use s3::store as store_of;

use crate::store::Store;
use basics::{Clock, Moment};
use control_room::{ControlRoom, IncidentChange};
use incident::Ground;
use incident::log::Kind;
use incident::public_updates::{PublicBoard, Spoken};
use places::{Place, PlaceBoard};
use public_page::{Edition, Settings, press};
use std::collections::{BTreeMap, BTreeSet};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::net::TcpSocket;
use tokio::sync::broadcast::error::{RecvError, TryRecvError};
use tokio::sync::watch;
use tokio::task::JoinSet;

/// Longest time between two looks at the clock: a promise that passes is called late so soon after, whatever the
/// machine's clock did meanwhile.
const LOOK_MS_MAX: u64 = 1_000;
/// Visitors of the public page who may wait outside its door at once: a crowd comes all together.
const WAITING_MAX: u32 = 4_096;

/// The public desk of a running Lifeboat.
pub struct PublicDesk {
    inner: Arc<Inner>,
    door: Option<web::Door>,
}

struct Inner {
    room: ControlRoom,
    clock: Arc<dyn Clock>,
    /// What the page knows of the trust.
    settings: Settings,
    /// Whether there is a public page at all; else there is only a preview.
    set_up: bool,
    folder: PathBuf,
    shelf: Arc<web::Shelf>,
    grounds: Mutex<BTreeMap<Ground, Pressed>>,
}

/// What was last pressed of one ground.
struct Pressed {
    said: Said,
    places: Vec<(PlaceBoard, watch::Sender<Option<Arc<Edition>>>)>,
}

/// What tells one edition from another: how much was said and taken back, what is promised, and whether it is late.
#[derive(Clone, PartialEq, Eq)]
struct Said {
    spoken: usize,
    withdrawn: usize,
    next_update: Option<Moment>,
    late: bool,
}

impl Said {
    fn of(board: &PublicBoard, now: Moment) -> Self {
        let withdrawn = board.history.iter().filter(|item| matches!(item, Spoken::Withdrawn { .. })).count();
        let (next_update, late) = (board.next_update, board.late(now));
        Self { spoken: board.history.len(), withdrawn, next_update, late }
    }
}

/// The public's listener, taken before the record is opened. Called within a runtime.
pub fn listen(store: &Store) -> Result<Option<TcpListener>, crate::failure::Failure> {
    let Some(address) = store.config.public_page.public_web else { return Ok(None) };
    let refused = |e| {
        crate::failure::Failure::failed(format!("could not listen on {address} for the public page: {e}"))
    };
    let listened = || {
        let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
        socket.set_reuseaddr(true)?;
        socket.bind(address)?;
        socket.listen(WAITING_MAX)?.into_std()
    };
    listened().map(Some).map_err(refused)
}

impl PublicDesk {
    /// Opens the desk; whatever is wrong here is said and stops nothing else.
    pub fn open(
        store: &Store,
        room: &ControlRoom,
        listener: Option<TcpListener>,
        doors: &mut JoinSet<()>,
        closing: watch::Receiver<bool>,
    ) -> Self {
        let page = &store.config.public_page;
        let bound = listener.as_ref().and_then(|listener| listener.local_addr().ok());
        // Checked when the configuration was read; the address alone is new.
        let settings = page.settings(bound).unwrap_or_else(|fault| {
            tracing::error!(%fault, "the public page's settings");
            Settings {
                trust: "Our hospitals".to_owned(),
                address: "https://address-not-set.invalid".to_owned(),
                contact: String::new(),
                sender: "lifeboat@address-not-set.invalid".to_owned(),
                area: "Our hospitals".to_owned(),
                zone_name: "Europe/London".to_owned(),
            }
        });
        let shelf = Arc::new(web::Shelf::default());
        let inner = Arc::new(Inner {
            room: room.clone(),
            clock: Arc::clone(&store.clock),
            settings,
            set_up: page.is_configured(),
            folder: store.dir().join("public_page"),
            shelf: Arc::clone(&shelf),
            grounds: Mutex::default(),
        });
        let mut door = None;
        if let Some(listener) = listener {
            match web::Door::open(listener, shelf, page.connections(), closing.clone()) {
                Ok(opened) => door = Some(opened),
                Err(error) => {
                    tracing::error!(%error, "the public page is not served");
                    eprintln!("lifeboat: the public page is not served: {error}.");
                }
            }
        }
        if inner.set_up {
            let places = configured_places(store);
            // Heard from now on, so that nothing that is decided meanwhile is missed.
            let changes = room.incident().follow();
            doors.spawn(Arc::clone(&inner).run(places, changes, closing));
        }
        Self { inner, door }
    }

    /// Where the public reads here, if it does.
    pub fn address(&self) -> Option<SocketAddr> {
        self.door.as_ref().map(|door| door.address)
    }

    /// What the staff's screens show of it.
    pub fn shown(&self) -> Arc<dyn screens::PublicPress> {
        Arc::clone(&self.inner) as _
    }
}

fn configured_places(store: &Store) -> Vec<Place> {
    let page = &store.config.public_page;
    let mut places = Vec::new();
    places.extend(page.folder.clone().map(Place::folder));
    match s3::store(page) {
        Ok(Some(made)) => {
            let words = page.store.as_ref().map_or_else(String::new, |part| {
                format!("{}/{}/{}", part.endpoint.trim_end_matches('/'), part.bucket, part.prefix)
            });
            places.push(Place::store(words.trim_end_matches('/').to_owned(), made));
        }
        Ok(None) => {}
        Err(fault) => {
            tracing::error!(%fault, "the public page's store");
            eprintln!("lifeboat: the public page is not pushed to its store: {fault}.");
            places.push(Place::broken("the store".to_owned(), fault));
        }
    }
    places
}

impl Inner {
    async fn run(
        self: Arc<Self>,
        places: Vec<Place>,
        mut changes: tokio::sync::broadcast::Receiver<IncidentChange>,
        mut closing: watch::Receiver<bool>,
    ) {
        let mut pushing = JoinSet::new();
        let mut places = Some(places);
        for ground in self.grounds_now() {
            let more = if ground == Ground::Real { places.take() } else { None };
            self.press(ground, more.unwrap_or_default(), &mut pushing, &closing).await;
        }
        loop {
            let mut due: BTreeSet<Ground> = tokio::select! {
                _ = closing.wait_for(|closing| *closing) => break,
                change = changes.recv() => match change {
                    Ok(change) => spoken_on(&change).into_iter().collect(),
                    Err(RecvError::Lagged(_)) => self.grounds_now(),
                    Err(RecvError::Closed) => break,
                },
                () = tokio::time::sleep(Duration::from_millis(LOOK_MS_MAX)) => self.turned_late(),
            };
            // Whatever else was said meanwhile goes into the same edition.
            loop {
                match changes.try_recv() {
                    Ok(change) => due.extend(spoken_on(&change)),
                    Err(TryRecvError::Lagged(_)) => due.extend(self.grounds_now()),
                    Err(TryRecvError::Empty | TryRecvError::Closed) => break,
                }
            }
            for ground in due {
                self.press(ground, Vec::new(), &mut pushing, &closing).await;
            }
        }
        // What is being pushed may end; what fails now is pushed at the next start.
        while pushing.join_next().await.is_some() {}
    }

    /// The real page always; an exercise's while it runs and has said something.
    fn grounds_now(&self) -> BTreeSet<Ground> {
        self.room.incident().read(|book| {
            let exercises = book.running().map(incident::declare::Incident::ground);
            let spoken = exercises.filter(|g| *g != Ground::Real && !book.public_updates.all(*g).is_empty());
            std::iter::once(Ground::Real).chain(spoken).collect()
        })
    }

    /// Grounds whose page says another thing about the promised time than is true by now.
    fn turned_late(&self) -> BTreeSet<Ground> {
        let now = self.now();
        let grounds = self.grounds.lock().unwrap_or_else(PoisonError::into_inner);
        let wrong = |said: &Said| said.next_update.is_some_and(|at| now > at) != said.late;
        grounds.iter().filter(|(_, pressed)| wrong(&pressed.said)).map(|(ground, _)| *ground).collect()
    }

    fn said(&self, ground: Ground) -> Option<Said> {
        let grounds = self.grounds.lock().unwrap_or_else(PoisonError::into_inner);
        grounds.get(&ground).map(|pressed| pressed.said.clone())
    }

    fn now(&self) -> Moment {
        let clock = self.clock.now();
        self.room.incident().read(|book| book.now(clock))
    }

    fn board(&self, ground: Ground) -> PublicBoard {
        self.room.incident().read(|book| book.public_updates.board(book, ground))
    }

    /// Presses one ground's page and hands it to its places; the first time with the places that it has.
    async fn press(
        self: &Arc<Self>,
        ground: Ground,
        more: Vec<Place>,
        pushing: &mut JoinSet<()>,
        closing: &watch::Receiver<bool>,
    ) {
        let desk = Arc::clone(self);
        let pressed = tokio::task::spawn_blocking(move || {
            let (board, now) = (desk.board(ground), desk.now());
            let said = Said::of(&board, now);
            if desk.said(ground).as_ref() == Some(&said) {
                return Ok(None);
            }
            let edition = press(&board, &desk.settings, now).map(Arc::new)?;
            let served = (ground == Ground::Real).then(|| served::Served::of(&edition));
            Ok::<_, public_page::WordsFault>(Some((edition, served, said)))
        })
        .await;
        let (edition, served, said) = match pressed {
            Ok(Ok(Some(pressed))) => pressed,
            // A draft changes nothing that the public may know.
            Ok(Ok(None)) => return,
            Ok(Err(fault)) => return tracing::error!(%fault, "the public page could not be pressed"),
            Err(fault) => return tracing::error!(%fault, "pressing the public page failed"),
        };
        let mut grounds = self.grounds.lock().unwrap_or_else(PoisonError::into_inner);
        let pressed = grounds.entry(ground).or_insert_with(|| {
            let own = Place::folder(self.folder.join(folder_name(ground)));
            let places = std::iter::once(own).chain(more).map(|place| {
                let (sender, editions) = watch::channel(None);
                let board = place.board();
                let clock = Arc::clone(&self.clock);
                pushing.spawn(place.run(editions, clock, closing.clone()));
                (board, sender)
            });
            Pressed { said: said.clone(), places: places.collect() }
        });
        pressed.said = said;
        if let Some(served) = served {
            self.shelf.put(served);
        }
        for (_, sender) in &pressed.places {
            sender.send_replace(Some(Arc::clone(&edition)));
        }
    }
}

/// The ground on which a change says something of the public's updates.
fn spoken_on(change: &IncidentChange) -> Option<Ground> {
    let spoken = change.kinds.contains(&Kind::PublicUpdate);
    spoken.then(|| change.incident.map_or(Ground::Real, Ground::Exercise))
}

/// The folder of a ground on this machine, beside the record.
fn folder_name(ground: Ground) -> PathBuf {
    match ground {
        Ground::Real => Path::new("real").to_owned(),
        Ground::Exercise(id) => PathBuf::from(format!("exercise-{}", id.0)),
    }
}

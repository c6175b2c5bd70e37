//! `lifeboat serve`: the rooms wired together, and taken apart again in order.
//!
//! Always: the record is opened before any door is, the doors are closed before the record is; a stop asked for by
//! SIGTERM or SIGINT ends within a fixed time, whatever still hangs; when recording has stopped the pages stay up.

use crate::back_load_desk::BackLoadDesk;
use crate::cli::Place;
use crate::divert_room;
use crate::exercise;
use crate::exit_codes::Ending;
use crate::failure::Failure;
use crate::hardening;
use crate::incident_forms;
use crate::keys::door::{self, Plug};
use crate::keys::forget_machine;
use crate::post_room::PostRoom;
use crate::print_room::{Pace, PrintRoom};
use crate::public_desk::{self, PublicDesk};
use crate::store::Store;
use crate::traces;
use crate::transport::{self, Certified, door as tls_door};
use axum::Router;
use basics::FeedName;
use care::notices::Gateways;
use control_room::{ControlRoom, DivertPlanner, Recording};
use drill::play::live::Record;
use intake::{Tallies, http, mllp};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use screens::{DemoControls, PostDesk, PublicPress, Screens};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

/// How long the doors may take to close, and how long the print room.
const CLOSE_WAIT_MS_MAX: u64 = 8_000;
/// How long everything may take to close when the plug is pulled.
const SEAL_WAIT_MS_MAX: u64 = 3_000;

/// A running Lifeboat.
pub struct Server {
    /// Its control room.
    pub room: ControlRoom,
    /// Where its pages are.
    pub web: SocketAddr,
    /// The words of the authority, where its doors speak TLS.
    pub authority: Option<String>,
    /// Its pages are served by TLS.
    pub by_tls: bool,
    /// Where each feed listens.
    pub feeds: BTreeMap<FeedName, SocketAddr>,
    closing: watch::Sender<bool>,
    doors: JoinSet<()>,
    print_room: PrintRoom,
    post_room: Option<PostRoom>,
    plugs: mpsc::Receiver<Plug>,
    stops: Option<Stops>,
    /// What the public reads.
    pub public_desk: PublicDesk,
}

pub fn run(place: Place) -> Result<Ending, Failure> {
    if place.config.is_none() {
        return Err(Failure::usage("name a configuration with --config FILE; `lifeboat init` writes one"));
    }
    log_to_stderr();
    if !traces::lock_memory() && traces::has_swap() {
        tracing::warn!(
            "this machine may write memory to its swap; LimitMEMLOCK=infinity lets Lifeboat lock its own"
        );
    }
    let store = Store::open_patiently(place.config()?)?;
    // Before any thread is begun: each is bound by what was denied when it began.
    hardening::confine(&store.config).say();
    let runtime = runtime()?;
    let ended = runtime.block_on(async {
        let mut server = start(&store, None).await?;
        let scheme = if server.by_tls { "https" } else { "http" };
        say(&format!("Lifeboat is running. Its pages: {scheme}://{}", server.web));
        for (feed, address) in &server.feeds {
            say(&format!("  feed {feed} listens on {address} (MLLP)"));
        }
        if let Some(public) = server.public_desk.address() {
            say(&format!("  the public reads at http://{public}"));
        }
        if let Some(words) = &server.authority {
            say(&format!("  its certificates are of the authority: {words} (print it: lifeboat ca page)"));
        }
        let told = told_to_stop(&mut server, &store).await?;
        Ok((stop_as_told(server, told).await, told))
    });
    let ended: Result<(Ending, Told), Failure> = ended;
    let (ending, told) = ended?;
    // The keys are wiped now, whatever thread still hangs; the process ends with this function's caller.
    drop(store);
    if told == Told::PlugPulled {
        runtime.shutdown_background();
    }
    Ok(ending)
}

/// Why the program stops.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Told {
    /// The machine or a person asked for it.
    Stop,
    /// `lifeboat seal`: at once, and without its keys.
    PlugPulled,
}

/// Returns when the program is to stop. Whoever pulls the plug is answered here, while the keys are still at hand.
pub async fn told_to_stop(server: &mut Server, store: &Store) -> Result<Told, Failure> {
    tokio::select! {
        () = asked_to_stop(&mut server.stops) => Ok(Told::Stop),
        Some(plug) = server.plugs.recv() => {
            let said = match plug.forget {
                false => Ok("the next start opens it as the last did".to_owned()),
                true => forget_machine(store.dir(), &store.keys)
                    .map(|slots| crate::cli::seal::forgotten(slots).to_owned())
                    .map_err(|failure| failure.to_string()),
            };
            // Whoever asked may have gone.
            let _ = plug.answer.send(said);
            tracing::warn!("the plug was pulled: the keys are wiped");
            Ok(Told::PlugPulled)
        }
    }
}

/// Stops in order, or at once.
pub async fn stop_as_told(server: Server, told: Told) -> Ending {
    match told {
        Told::Stop => stop(server).await,
        Told::PlugPulled => {
            let wait = Duration::from_millis(SEAL_WAIT_MS_MAX);
            // What does not close in time is cut off: nothing acknowledged is lost by that.
            tokio::time::timeout(wait, stop(server)).await.unwrap_or(Ending::Fine)
        }
    }
}

/// Tells whoever started it; that nobody listens any more is no reason to stop.
fn say(line: &str) {
    use std::io::Write;
    let _ = writeln!(std::io::stdout().lock(), "{line}");
}

/// The runtime of every command that serves.
pub fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    Ok(tokio::runtime::Builder::new_multi_thread().enable_all().build()?)
}

/// Opens the record, then every door.
pub async fn start(store: &Store, demo: Option<Arc<dyn DemoControls>>) -> Result<Server, Failure> {
    allow_many_sockets();
    let config = &store.config;
    // The doors' ports are taken before the record is opened, so that a port in use is found at once.
    let web_listener = listen(config.web, "the pages").await?;
    let mut feed_listeners = Vec::new();
    for feed in &config.feeds {
        if let Some(address) = feed.listen {
            feed_listeners.push((feed.clone(), listen(address, feed.setup.name.as_str()).await?));
        }
    }
    let public_listener = public_desk::listen(store)?;
    let certified = Certified::open(store)?;
    let tls_terms = certified.as_ref().map_or(Ok(None), |certified| certified.pages(config))?;
    let room = ControlRoom::open(store.setup(), &store.keys, Arc::clone(&store.clock))?;
    incident_forms::prepare(store, &room);
    let pace = Pace { at_once_max: config.packs_at_once_max, age_seconds_max: config.packs_age_seconds_max };
    let packs_key = store.keys.derive("packs");
    let print_room = PrintRoom::open(
        room.clone(),
        Arc::clone(&store.clock),
        config.zone.clone(),
        &store.dir().join("packs"),
        &packs_key,
        pace,
    )
    .map_err(Failure::failed)?;
    let (closing, closed) = watch::channel(false);
    let mut doors = JoinSet::new();
    let mut feeds = BTreeMap::new();
    for (feed, listener) in feed_listeners {
        feeds.insert(feed.setup.name.clone(), listener.local_addr()?);
        let door = mllp::Door {
            feed: feed.setup.name,
            zone: feed.setup.zone,
            peers: feed.peers,
            limits: feed.limits,
            end_mark_alone: feed.end_mark_alone,
            tls: match (&certified, &feed.tls_sender) {
                (Some(certified), Some(sender)) => Some(certified.feed(sender)?),
                _ => None,
            },
        };
        let (clock, tallies) = (Arc::clone(&store.clock), Arc::new(Tallies::default()));
        doors.spawn(mllp::serve(listener, door, room.clone(), clock, tallies, closed.clone()));
    }
    let post_room = PostRoom::open(store, &room, &mut doors, closed.clone());
    // The demonstration plays its gateways itself.
    let leaves = post_room.as_ref().map_or(Gateways::NONE, |post| post.carries);
    room.clinics().note_gateways(if demo.is_some() { Gateways::ALL } else { leaves });
    let web = web_listener.local_addr()?;
    let public_desk = PublicDesk::open(store, &room, public_listener, &mut doors, closed.clone());
    let planner = divert_room::open(store, &room, &mut doors, closed.clone());
    let record = if demo.is_some() { Record::Demonstration } else { Record::Hospital };
    let stage = exercise::door::Stage { room: room.clone(), clock: Arc::clone(&store.clock), record };
    doors.spawn(exercise::door::listen(stage, store.dir().to_owned(), closed.clone()));
    let (plug, plugs) = mpsc::channel(1);
    doors.spawn(door::listen(store.dir(), plug, closed.clone()));
    let pages = pages(
        store,
        &room,
        &print_room,
        public_desk.shown(),
        post_room.as_ref().map(PostRoom::desk),
        (demo, planner),
        closed.clone(),
    );
    // Before anybody is told that it runs: whoever asks it to stop from then on is heard.
    let stops = Some(Stops::listen()?);
    if let Some(certified) = &certified {
        doors.spawn(certified.tend(store, closed.clone()));
    }
    let (authority, by_tls) = (certified.as_ref().map(Certified::words), tls_terms.is_some());
    match tls_terms {
        Some(terms) => {
            let pages = transport::with_certificate(pages, &terms.certificate);
            doors.spawn(tls_door::serve(web_listener, terms, pages, closed))
        }
        None => doors.spawn(serve_pages(web_listener, pages, closed)),
    };
    Ok(Server {
        room,
        web,
        authority,
        by_tls,
        feeds,
        closing,
        doors,
        print_room,
        post_room,
        plugs,
        stops,
        public_desk,
    })
}

/// Closes the doors, then the print room, then the record.
pub async fn stop(server: Server) -> Ending {
    let Server { room, closing, mut doors, print_room, post_room, .. } = server;
    // Nobody listening any more is as good as everybody told.
    let _ = closing.send(true);
    let wait = Duration::from_millis(CLOSE_WAIT_MS_MAX);
    if tokio::time::timeout(wait, async { while doors.join_next().await.is_some() {} }).await.is_err() {
        tracing::warn!("some connections did not close in time; they are cut off");
        doors.abort_all();
    }
    let printing = tokio::task::spawn_blocking(move || print_room.close());
    if tokio::time::timeout(wait, printing).await.is_err() {
        tracing::warn!("a pack was still being rendered; it is made again at the next start");
    }
    // What was in flight and did not end is asked about at the next start.
    doors.shutdown().await;
    if let Some(post_room) = post_room {
        let closing = tokio::task::spawn_blocking(move || post_room.close());
        if tokio::time::timeout(wait, closing).await.is_err() {
            tracing::warn!("the outbox did not close in time; nothing of it is lost");
        }
    }
    let frozen = matches!(room.status().recording, Recording::Frozen { .. });
    if let Err(fault) = room.sync_head() {
        tracing::error!(%fault, "the last head could not be signed");
    }
    room.close();
    if frozen { Ending::StoppedRecording } else { Ending::Fine }
}

/// Returns when the machine or a person asks the program to stop. A second time, it stops at once.
async fn asked_to_stop(stops: &mut Option<Stops>) {
    let Some(asked) = stops else { return };
    asked.next().await;
    if let Some(mut again) = stops.take() {
        tokio::spawn(async move {
            again.next().await;
            // Asked twice. Nothing acknowledged is lost by this: the record needs no farewell.
            std::process::exit(Ending::Failed as i32);
        });
    }
    eprintln!("lifeboat: closing the doors; ask again to stop at once.");
}

/// The two ways in which a machine or a person asks the program to stop.
struct Stops {
    terminate: Signal,
    interrupt: Signal,
}

impl Stops {
    fn listen() -> Result<Self, Failure> {
        let (terminate, interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
        Ok(Self { terminate, interrupt })
    }

    async fn next(&mut self) {
        tokio::select! { _ = self.terminate.recv() => {}, _ = self.interrupt.recv() => {} }
    }
}

/// The program's log: never patient data. `LIFEBOAT_LOG` sets what is told (default: warnings).
pub fn log_to_stderr() {
    let filter = tracing_subscriber::EnvFilter::try_from_env("LIFEBOAT_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("warn"));
    // A second call in one process changes nothing.
    let _ = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).try_init();
}

async fn listen(address: SocketAddr, what: &str) -> Result<TcpListener, Failure> {
    let refused = |e| Failure::failed(format!("could not listen on {address} for {what}: {e}"));
    TcpListener::bind(address).await.map_err(refused)
}

fn pages(
    store: &Store,
    room: &ControlRoom,
    print_room: &PrintRoom,
    public: Arc<dyn PublicPress>,
    post: Option<Arc<dyn PostDesk>>,
    (demo, planner): (Option<Arc<dyn DemoControls>>, DivertPlanner),
    closing: watch::Receiver<bool>,
) -> Router {
    let config = &store.config;
    let screens = screens::router(Screens {
        room: room.clone(),
        clock: Arc::clone(&store.clock),
        zone: config.zone.clone(),
        shelf: print_room.shelf(),
        planner,
        demo,
        trust: config.trust.clone(),
        thresholds: config.ages,
        public: Some(public),
        post,
        back_load: Some(Arc::new(BackLoadDesk { room: room.clone(), zone: config.zone.clone() })),
        watermark: config.watermark.clone(),
        closing,
    });
    let door = http::Door {
        feeds: config.feeds.iter().map(|feed| feed.setup.name.clone()).collect(),
        neighbours: config.diverts.neighbours.iter().map(|neighbour| neighbour.name.clone()).collect(),
        certified: config
            .feeds
            .iter()
            .filter(|feed| feed.tls_sender.is_some())
            .map(|feed| feed.setup.name.clone())
            .collect(),
        peers: config.post_peers.clone(),
        limits: intake::BodyLimits::default(),
        zone: config.zone.clone(),
    };
    // What is no post to a feed is a page.
    http::router(door, room.clone(), Arc::clone(&store.clock)).fallback_service(screens)
}

async fn serve_pages(listener: TcpListener, pages: Router, mut closing: watch::Receiver<bool>) {
    let service = pages.into_make_service_with_connect_info::<SocketAddr>();
    let closed = async move {
        // An error means that the giver of the signal is gone, which is a signal as well.
        let _ = closing.wait_for(|closing| *closing).await;
    };
    if let Err(error) = axum::serve(listener, service).with_graceful_shutdown(closed).await {
        tracing::error!(%error, "the pages are not served any more");
    }
}

/// Thousands of idle sockets must not keep a laboratory out: the soft limit is raised to what the machine allows.
fn allow_many_sockets() {
    let now = getrlimit(Resource::Nofile);
    let wanted = now.maximum.map_or(65_536, |most| most.min(65_536));
    if now.current.is_some_and(|current| current < wanted)
        && let Err(error) =
            setrlimit(Resource::Nofile, Rlimit { current: Some(wanted), maximum: now.maximum })
    {
        tracing::debug!(%error, "the limit of open files stays as it is");
    }
}

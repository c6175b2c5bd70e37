//! The public's own door: the pressed files from memory, at an address where nothing else is.
//!
//! Always: one whole edition an answer; `ETag` and 304, gzip made beforehand, `HEAD`; a ceiling on connections, on the
//! time in which a question must be asked, and on how long anybody may hold a line. Never: a file of the disk, a page of
//! the staff's, anything but what was pressed. It runs on threads of its own that give way to everybody else's, so that
//! a crowd at this door does not slow the wards. Called by `public_desk`; proved by `tests/public_page.rs`, measured by
//! `make bench`.

use super::served::{Served, answer};
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioIo, TokioTimer};
use std::convert::Infallible;
use std::net::{SocketAddr, TcpStream};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, watch};

/// How long somebody may take to ask, when there is room; half of the places taken, it is [`ASK_CROWDED_MS_MAX`].
const ASK_MS_MAX: u64 = 10_000;
/// The same when half of the places are taken.
const ASK_CROWDED_MS_MAX: u64 = 2_000;
/// How long anybody may hold a line, asking or reading.
const HOLD_MS_MAX: u64 = 120_000;
/// Largest head of a question, in bytes.
const HEAD_BYTES_MAX: usize = 16 << 10;
/// Rest after a failed accept (no descriptors left): shorter would only burn time.
const REST_MS: u64 = 50;
/// How far its threads give way to those of the wards, as `nice` counts.
const GIVES_WAY: i32 = 5;

/// The shelf from which the door answers.
#[derive(Default)]
pub struct Shelf(RwLock<Arc<Served>>);

impl Shelf {
    /// Another edition stands, all at once.
    pub fn put(&self, served: Served) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(served);
    }

    fn get(&self) -> Arc<Served> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The door, open.
pub struct Door {
    /// Where it is.
    pub address: SocketAddr,
    /// Dropped with the door: then every thread stops.
    _open: watch::Sender<()>,
}

/// Somebody at the door: their line, their place, and how long they may take to ask, in milliseconds.
type Visitor = (TcpStream, OwnedSemaphorePermit, u64);

impl Door {
    /// Opens it on threads of its own: each looks after its own visitors, so that no answer crosses from one to another.
    pub fn open(
        listener: std::net::TcpListener,
        shelf: Arc<Shelf>,
        connections_max: usize,
        closing: watch::Receiver<bool>,
    ) -> std::io::Result<Self> {
        let address = listener.local_addr()?;
        listener.set_nonblocking(true)?;
        let (open, closed) = watch::channel(());
        let threads = std::thread::available_parallelism().map_or(1, |n| n.get().min(4));
        let mut hands = Vec::with_capacity(threads);
        for _ in 0..threads {
            let (hand, visitors) = mpsc::unbounded_channel();
            let (shelf, closed) = (Arc::clone(&shelf), closed.clone());
            on_a_thread("public-door", async move { look_after(visitors, shelf, closed).await })?;
            hands.push(hand);
        }
        on_a_thread("public-accept", async move {
            serve(listener, hands, connections_max, closing, closed).await
        })?;
        Ok(Self { address, _open: open })
    }
}

/// Runs it on a thread that gives way to those of the wards, until it ends.
fn on_a_thread(name: &str, work: impl Future<Output = ()> + Send + 'static) -> std::io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let run = move || {
        // On Linux this is the thread's own. Where it is not allowed, the door merely does not give way.
        let _ = rustix::process::nice(GIVES_WAY);
        // Readers lose their line when it ends; nothing of theirs is half done.
        runtime.block_on(work);
    };
    std::thread::Builder::new().name(name.to_owned()).spawn(run).map(drop)
}

/// One thread's visitors.
async fn look_after(
    mut visitors: mpsc::UnboundedReceiver<Visitor>,
    shelf: Arc<Shelf>,
    mut closed: watch::Receiver<()>,
) {
    loop {
        let visitor = tokio::select! {
            _ = closed.changed() => return,
            visitor = visitors.recv() => visitor,
        };
        let Some((stream, place, ask_ms_max)) = visitor else { return };
        tokio::spawn(hold(stream, place, Arc::clone(&shelf), ask_ms_max));
    }
}

async fn serve(
    listener: std::net::TcpListener,
    hands: Vec<mpsc::UnboundedSender<Visitor>>,
    connections_max: usize,
    mut closing: watch::Receiver<bool>,
    mut closed: watch::Receiver<()>,
) {
    let listener = match tokio::net::TcpListener::from_std(listener) {
        Ok(listener) => listener,
        Err(error) => {
            tracing::error!(%error, "the public page is not served");
            return;
        }
    };
    let places = Arc::new(Semaphore::new(connections_max));
    // In turn, so that each thread has as many as the others.
    for hand in hands.iter().cycle() {
        let (stream, place) = loop {
            let taken = tokio::select! {
                _ = closing.wait_for(|closing| *closing) => return,
                _ = closed.changed() => return,
                taken = next(&listener, &places) => taken,
            };
            if let Some(taken) = taken {
                break taken;
            }
        };
        let crowded = places.available_permits() < connections_max / 2;
        let ask_ms_max = if crowded { ASK_CROWDED_MS_MAX } else { ASK_MS_MAX };
        let _ = hand.send((stream, place, ask_ms_max));
    }
}

/// The next visitor, once there is a place; until then they wait outside, where they cost nothing.
async fn next(
    listener: &tokio::net::TcpListener,
    places: &Arc<Semaphore>,
) -> Option<(TcpStream, OwnedSemaphorePermit)> {
    let place = Arc::clone(places).acquire_owned().await.ok()?;
    // Taken out of this thread's hands: the one that looks after it takes it into its own.
    match listener.accept().await.and_then(|(stream, _)| stream.into_std()) {
        Ok(stream) => Some((stream, place)),
        Err(error) => {
            tracing::debug!(%error, "a visitor of the public page was lost");
            tokio::time::sleep(Duration::from_millis(REST_MS)).await;
            None
        }
    }
}

async fn hold(stream: TcpStream, place: OwnedSemaphorePermit, shelf: Arc<Shelf>, ask_ms_max: u64) {
    let Ok(stream) = tokio::net::TcpStream::from_std(stream) else { return };
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request: Request<Incoming>| {
        let served = shelf.get();
        async move { Ok::<Response<Full<Bytes>>, Infallible>(answer(&served, &request)) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(Duration::from_millis(ask_ms_max))
        .max_buf_size(HEAD_BYTES_MAX)
        .pipeline_flush(true)
        .serve_connection(TokioIo::new(stream), service);
    tokio::pin!(connection);
    // Whoever hangs up, dawdles or talks nonsense loses the line; there is nobody to tell.
    if tokio::time::timeout(Duration::from_millis(HOLD_MS_MAX), connection.as_mut()).await.is_err() {
        connection.as_mut().graceful_shutdown();
        let _ = tokio::time::timeout(Duration::from_millis(ASK_CROWDED_MS_MAX), connection).await;
    }
    drop(place);
}

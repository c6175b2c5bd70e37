//! Posting messages over HTTP: HL7 v2 and FHIR R4, one or many, plain or gzip.
//!
//! On the ward: for engines and laboratories that speak HTTP rather than MLLP, and for neighbours' reports. Promises: an answer of success leaves
//! only once every byte of the body is durable; a body over any ceiling is refused in words within milliseconds
//! (RELIABILITY test 15); nothing outside this machine is ever fetched, whatever a body refers to; XML is read as a
//! neighbour's report alone, and never with a document type. Only listed machines are heard, or senders that proved by a certificate who
//! they are ([`Proven`]), and a web page of another address is not. Called by the program; proved by `tests/http.rs`.

mod body;
mod fhir;
mod hl7v2;
mod neighbours;
mod said;

use crate::record::{Kept, NotKept, Record};
use crate::{BodyLimits, Peers};
use axum::Router;
use axum::extract::{ConnectInfo, Path, Request, State};
use axum::http::{HeaderMap, header};
use axum::response::Response;
use axum::routing::post;
use basics::{Clock, FeedName, Zone};
pub use neighbours::SECONDS_BETWEEN_MIN;
use said::Said;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::Mutex;
use tokio::sync::Semaphore;

/// Settings of the door for posts.
#[derive(Clone, Debug)]
pub struct Door {
    /// Feeds that may be posted to.
    pub feeds: Vec<FeedName>,
    /// Neighbours whose reports may be posted, by the names they have in the configuration.
    pub neighbours: Vec<String>,
    /// Feeds that are taken from senders with a certificate alone.
    pub certified: Vec<FeedName>,
    /// Who may post; none listed means this machine alone.
    pub peers: Peers,
    /// The ceilings of a body.
    pub limits: BodyLimits,
    /// The zone of the times in HL7 answers.
    pub zone: Zone,
}

/// The feeds for which a sender has proved by a certificate that it may send them; put on a request by whoever serves it
/// over TLS.
#[derive(Clone, Debug, Default)]
pub struct Proven(pub Arc<[FeedName]>);

struct Shared<R> {
    door: Door,
    record: R,
    clock: Arc<dyn Clock>,
    bodies: Semaphore,
    /// When each neighbour's last report came.
    reports: Mutex<BTreeMap<String, basics::Moment>>,
}

type Desk<R> = State<Arc<Shared<R>>>;

/// `POST /feeds/{feed}/hl7`, `POST /feeds/{feed}/fhir` and `POST /neighbours/{name}/have`. To be served with connection information, since the
/// sender's address decides whether it is heard.
pub fn router<R: Record>(door: Door, record: R, clock: Arc<dyn Clock>) -> Router {
    let bodies = Semaphore::new(door.limits.bodies_at_once_max);
    Router::new()
        .route("/feeds/{feed}/hl7", post(post_hl7::<R>))
        .route("/feeds/{feed}/fhir", post(post_fhir::<R>))
        .route("/neighbours/{name}/have", post(neighbours::post::<R>))
        .with_state(Arc::new(Shared { door, record, clock, bodies, reports: Mutex::default() }))
}

async fn post_hl7<R: Record>(State(desk): Desk<R>, Path(feed): Path<String>, request: Request) -> Response {
    let kinds = ["application/hl7-v2+er7", "application/hl7-v2", "x-application/hl7-v2+er7", "text/plain"];
    let answered = async {
        let feed = desk.admit(&feed, &request)?;
        let kind = kind_of(request.headers());
        if !kinds.contains(&kind.as_str()) {
            return Err(Said::unsupported("Send HL7 v2 as application/hl7-v2+er7 or text/plain."));
        }
        let body = body::read(&desk, request).await?;
        hl7v2::receive(&desk, &feed, body).await
    };
    answered.await.unwrap_or_else(|said| said.plain())
}

async fn post_fhir<R: Record>(State(desk): Desk<R>, Path(feed): Path<String>, request: Request) -> Response {
    let answered = async {
        let feed = desk.admit(&feed, &request)?;
        let kind = kind_of(request.headers());
        let many = match kind.as_str() {
            "application/fhir+json" | "application/json" => false,
            "application/fhir+ndjson" | "application/ndjson" | "application/x-ndjson" => true,
            _ => {
                return Err(Said::unsupported(
                    "Send FHIR R4 as application/fhir+json or application/fhir+ndjson.",
                ));
            }
        };
        let body = body::read(&desk, request).await?;
        fhir::receive(&desk, &feed, body, many).await
    };
    answered.await.unwrap_or_else(|said| said.operation_outcome())
}

/// The media type without its parameters, in lower case.
fn kind_of(headers: &HeaderMap) -> String {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

impl<R: Record> Shared<R> {
    /// Whether this sender may post to this feed.
    fn admit(&self, feed: &str, request: &Request) -> Result<FeedName, Said> {
        let proven = request.extensions().get::<Proven>();
        if proven.is_some_and(|proven| proven.0.iter().any(|known| known.as_str() == feed)) {
            own_page(request)?;
        } else if self.door.certified.iter().any(|known| known.as_str() == feed) {
            return Err(Said::forbidden(
                "This feed is taken over https with a certificate alone; ask for one (lifeboat ca issue).",
            ));
        } else {
            self.admit_sender(request)?;
        }
        self.door.feeds.iter().find(|known| known.as_str() == feed).cloned().ok_or_else(|| {
            Said::not_found(
                "There is no feed of that name; add it to the configuration, or correct the address.",
            )
        })
    }

    /// Whether this machine, and the page it may be showing, may post at all.
    fn admit_sender(&self, request: &Request) -> Result<(), Said> {
        let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
        if !peer.is_some_and(|peer| self.door.peers.admit(peer)) {
            return Err(Said::forbidden("This machine is not on the list of those that may post messages."));
        }
        own_page(request)
    }

    async fn keep_one(&self, feed: &FeedName, bytes: Vec<u8>) -> Result<Kept, NotKept> {
        let (tell, told) = tokio::sync::oneshot::channel();
        let done = Box::new(move |result| {
            // The poster may have hung up; the bytes are kept all the same.
            let _ = tell.send(result);
        });
        self.record.receive(feed, bytes, self.clock.now(), done);
        told.await.unwrap_or_else(|_| Err(NotKept("the record is closed".to_owned())))
    }

    async fn keep_many(&self, feed: &FeedName, pieces: Vec<Vec<u8>>) -> Result<Vec<Kept>, NotKept> {
        let at = self.clock.now();
        let (record, feed) = (self.record.clone(), feed.clone());
        let batch = pieces.into_iter().map(|piece| (piece, at)).collect();
        match tokio::task::spawn_blocking(move || record.receive_batch(&feed, batch)).await {
            Ok(result) => result,
            Err(_) => Err(NotKept("the record did not answer".to_owned())),
        }
    }
}

fn own_page(request: &Request) -> Result<(), Said> {
    match from_another_page(request.headers()) {
        true => Err(Said::forbidden("A web page of another address may not post messages.")),
        false => Ok(()),
    }
}

/// A browser says from which page a post comes; engines say nothing.
fn from_another_page(headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).and_then(|v: &header::HeaderValue| v.to_str().ok());
    let Some(origin) = text(header::ORIGIN) else { return false };
    let origin_host = origin.split_once("://").map(|(_, host)| host);
    origin_host.is_none() || origin_host != text(header::HOST)
}

//! A stand-in for GOV.UK Notify, made from its published REST documentation, for drills, tests and the demonstration.
//!
//! Speaks real HTTP on the loopback address. Always: tokens are checked (HS256, service id, 30 seconds), templates and
//! their fields, recipients, the limit in any minute, the answers' shapes and error names; a message is kept once for
//! every request that was accepted, because Notify merges nothing, whatever its reference. Told to, it answers late,
//! wrongly or never, before or after accepting. Nothing it takes leaves the machine. Proved by `outbound/tests`.

mod answers;
mod mishaps;
mod requests;
mod token;

pub use mishaps::Mishap;

use axum::Router;
use axum::routing::{get, post};
use basics::{Clock, Moment};
use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// The service's id in the stand-in's key.
const SERVICE: &str = "26785a09-ab16-4eb0-8407-a37497a57506";
/// The secret in the stand-in's key.
const SECRET: &str = "3d844edf-8d35-48ac-975b-e847b4f122b0";
/// The template of text messages with the one field `body`.
pub const SMS_TEMPLATE: &str = "f33517ff-2a88-4f6e-b855-c550268ce08a";
/// The template of mail with the fields `subject` and `body`.
pub const EMAIL_TEMPLATE: &str = "ceb50d92-100d-4b8b-b559-14fa3b091cda";
/// A template of text messages with the fields `clinic` and `day`.
pub const CLINIC_TEMPLATE: &str = "8e222534-7f05-4972-86e3-17c5d9f894e2";
/// Most messages kept.
const KEPT_MAX: usize = 200_000;

/// How the stand-in behaves.
#[derive(Clone)]
pub struct FakeNotifySetup {
    /// Requests accepted in any minute.
    pub per_minute_max: usize,
    /// Messages accepted altogether: the daily limit.
    pub per_day_max: usize,
    /// How long after acceptance a message counts as delivered (or not).
    pub delivered_after_ms: i64,
    /// What goes wrong with request number n (from 0) that would have been accepted.
    pub mishap: Arc<dyn Fn(u64) -> Mishap + Send + Sync>,
}

impl Default for FakeNotifySetup {
    fn default() -> Self {
        Self {
            per_minute_max: 3_000,
            per_day_max: 250_000,
            delivered_after_ms: 2_000,
            mishap: Arc::new(|_| Mishap::None),
        }
    }
}

/// A message that was accepted.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Notification {
    /// Notify's id.
    pub id: String,
    /// The sender's reference.
    pub reference: Option<String>,
    /// `sms` or `email`.
    pub kind: &'static str,
    /// The number or address.
    pub to: String,
    /// The template used.
    pub template: String,
    /// The text as filled in.
    pub body: String,
    /// The subject as filled in; mail only.
    pub subject: Option<String>,
    /// When it was accepted.
    pub created_at: Moment,
}

/// The stand-in. Stops when dropped.
pub struct FakeNotify {
    address: SocketAddr,
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

struct Shared {
    clock: Arc<dyn Clock>,
    setup: FakeNotifySetup,
    book: Mutex<Book>,
}

#[derive(Default)]
struct Book {
    notifications: Vec<Notification>,
    by_id: BTreeMap<String, usize>,
    by_reference: BTreeMap<String, Vec<usize>>,
    recent: VecDeque<i64>,
    requests: u64,
    refused_for_pace: u64,
    ids: u64,
}

impl Shared {
    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl FakeNotify {
    /// Starts listening on a free port of the loopback address.
    pub async fn start(setup: FakeNotifySetup, clock: Arc<dyn Clock>) -> std::io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared { clock, setup, book: Mutex::default() });
        let routes = Router::new()
            .route("/v2/notifications/sms", post(requests::sms))
            .route("/v2/notifications/email", post(requests::email))
            .route("/v2/notifications/{id}", get(requests::one))
            .route("/v2/notifications", get(requests::list))
            .with_state(Arc::clone(&shared));
        let task = tokio::spawn(async move {
            if let Err(error) = axum::serve(listener, routes).await {
                tracing::warn!(%error, "the stand-in for GOV.UK Notify has stopped");
            }
        });
        Ok(Self { address, shared, task })
    }

    /// Where it listens: the base URL for clients.
    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The key that it takes.
    pub fn key(&self) -> String {
        format!("stand-in-{SERVICE}-{SECRET}")
    }

    /// Everything it accepted, in order.
    pub fn accepted(&self) -> Vec<Notification> {
        self.shared.book().notifications.clone()
    }

    /// How many it accepted.
    pub fn accepted_count(&self) -> usize {
        self.shared.book().notifications.len()
    }

    /// How often it answered 429 for the pace.
    pub fn refused_for_pace(&self) -> u64 {
        self.shared.book().refused_for_pace
    }

    /// References accepted more than once, with how often: people told twice.
    pub fn told_twice(&self) -> Vec<(String, usize)> {
        let book = self.shared.book();
        let twice = book.by_reference.iter().filter(|(_, places)| places.len() > 1);
        twice.map(|(reference, places)| (reference.clone(), places.len())).collect()
    }
}

impl Drop for FakeNotify {
    fn drop(&mut self) {
        self.task.abort();
    }
}

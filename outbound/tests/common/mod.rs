//! What the outbox's tests share: messages, clocks, keys, and the machines at the other end.
#![allow(dead_code, clippy::disallowed_methods)]

#[path = "../../../drill/src/fake_notify/mod.rs"]
pub mod fake_notify;
pub mod mail_server;
pub mod scripted;
pub mod stands;
pub mod webhook_server;

use basics::{Clock, Moment};
use logbook::{Disk, Keys, Options, RealDisk};
use outbound::gateways::{Notify, NotifySetup};
use outbound::{
    Courier, EmailAddress, Gateway, GatewaySetup, Outbox, OutboxSetup, Outgoing, OutgoingId, Patience,
    PhoneNumber, Place, Route, Urgency, Way, WebhookName, Words,
};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// The larger size when `LIFEBOAT_TORTURE` is set.
pub fn size(normal: u64, torture: u64) -> u64 {
    if std::env::var_os("LIFEBOAT_TORTURE").is_some() { torture } else { normal }
}

/// The seed of this run: `LIFEBOAT_SEED`, else 1.
pub fn seed() -> u64 {
    std::env::var("LIFEBOAT_SEED").ok().and_then(|s| s.parse().ok()).unwrap_or(1)
}

pub fn keys() -> Keys {
    Keys::from_secret(&[42; 64])
}

pub fn at(ms: i64) -> Moment {
    Moment::from_milliseconds(1_780_000_000_000 + ms)
}

fn machine_ms() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis() as i64
}

/// The machine's clock, or one that began at the same moment and runs `speed` times as fast.
#[derive(Clone, Copy)]
pub struct TestClock {
    pub began_ms: i64,
    pub speed: i64,
}

impl TestClock {
    pub fn real() -> Self {
        Self::fast(1)
    }
    pub fn fast(speed: i64) -> Self {
        Self { began_ms: machine_ms(), speed }
    }
}

impl Clock for TestClock {
    fn now(&self) -> Moment {
        Moment::from_milliseconds(self.began_ms + (machine_ms() - self.began_ms) * self.speed)
    }
}

pub fn message(id: &str, route: Route) -> Outgoing {
    Outgoing {
        id: OutgoingId::new(id).unwrap(),
        route,
        words: Words {
            subject: "Your clinic — Llandudno".into(),
            body: format!("Message {id}.\nÔ Dewi, your clinic is cancelled.\n.\nDo not come."),
            ..Words::default()
        },
        why: "pathology is down".into(),
        asked_by: "AB".into(),
        urgency: Urgency::Routine,
        valid_until: Moment::from_milliseconds(4_000_000_000_000),
        exercise: false,
    }
}

pub fn sms() -> Route {
    Route::Sms(PhoneNumber::new("07700 900123").unwrap())
}

pub fn email() -> Route {
    Route::Email(EmailAddress::new("dewi@patients.example").unwrap())
}

pub fn webhook(name: &str) -> Route {
    Route::Webhook(WebhookName::new(name).unwrap())
}

pub fn slip() -> Route {
    Route::Slip(Place::new("Ward 7, nurse in charge").unwrap())
}

/// Waits short enough for tests.
pub fn quick() -> Patience {
    Patience {
        retry_first_ms: 20,
        retry_ms_max: 200,
        settle_ms: 150,
        delivery_first_ms: 20,
        delivery_ms_max: 200,
        rest_first_ms: 100,
        rest_ms_max: 400,
        ..Patience::default()
    }
}

pub fn gateway_setup(name: &str, carries: &[Way]) -> GatewaySetup {
    let mut setup = GatewaySetup::named(name, carries);
    setup.patience = quick();
    setup.per_minute_max = 60_000;
    setup.answer_ms_max = 1_000;
    setup
}

pub fn one_gateway(setup: GatewaySetup) -> OutboxSetup {
    OutboxSetup { gateways: vec![setup], seed: seed(), ..OutboxSetup::default() }
}

pub fn open(dir: &Path, setup: OutboxSetup, now: Moment) -> Outbox {
    open_on(dir, Arc::new(RealDisk), setup, now)
}

pub fn open_on(dir: &Path, disk: Arc<dyn Disk>, setup: OutboxSetup, now: Moment) -> Outbox {
    let options = Options { fill_ahead_bytes: 64 << 10, head_every_ms: 100, ..Options::default() };
    Outbox::open(dir, &keys(), disk, options, setup, now).unwrap().0
}

pub fn notify_gateway(base_url: &str, key: &str) -> Notify {
    Notify::new(NotifySetup {
        name: "notify".into(),
        base_url: base_url.into(),
        key: key.to_owned().into(),
        sms_template: fake_notify::SMS_TEMPLATE.into(),
        email_template: fake_notify::EMAIL_TEMPLATE.into(),
        templates: [("clinic_cancelled".to_owned(), fake_notify::CLINIC_TEMPLATE.to_owned())].into(),
        ca_pem: None,
    })
    .unwrap()
}

/// A courier at work, until it is told to stop.
pub struct AtWork {
    closing: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl AtWork {
    pub fn start(outbox: &Outbox, gateways: Vec<Arc<dyn Gateway>>, clock: Arc<dyn Clock>) -> Self {
        let (closing, closed) = watch::channel(false);
        let courier = Courier::new(outbox.clone(), gateways, clock).look_every(20);
        Self { closing, task: tokio::spawn(courier.run(closed)) }
    }

    pub async fn stop(self) {
        self.closing.send(true).unwrap();
        self.task.await.unwrap();
    }
}

/// Waits until `done`, for at most a minute.
pub async fn until(what: &str, mut done: impl FnMut() -> bool) {
    for _ in 0..6_000 {
        if done() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("a minute passed before {what}");
}

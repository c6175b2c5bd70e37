//! An office for page tests: accounts of every role, each with a passphrase and a phone, and browsers that are signed in.
//!
//! Opened through the room itself, so that a test of one page needs no other page. Everybody in it is invented.
#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)]

use crate::common::{Answer, encoded};
use crate::fixture::{Hospital, now};

use access::devices::{DeviceKey, DeviceKind};
use access::people::{Account, Place, Scope};
use access::secrets::{Code, Typed};
use access::sign_in::Attempt;
use access::sign_in::credentials::{Intent as Credentials, RECOVERY};
use access::sign_in::passphrase::{Costs, Stored};
use access::sign_in::totp::TotpSecret;
use access::{By, Role, StaffNumber};
use axum::Router;
use axum::body::Body;
use basics::{Moment, Person, SiteId, WardId};
use control_room::{AccessRoom, AtDoor, ControlRoom};
use http::{Request, header};
use http_body_util::BodyExt;
use std::collections::BTreeMap;
use tower::ServiceExt;

/// Everybody's passphrase.
pub const PASSPHRASE: &str = "rivet lantern opal drum";
/// What the browser of the enrolled ward terminal keeps.
pub const TERMINAL: &str = "AMU-terminal-3-AMU-terminal-3-AMU-terminal-";

/// Staff numbers with names, roles and places; A1 began.
pub const PEOPLE: [(&str, &str, Role, Option<&str>); 13] = [
    ("A1", "Alex Rowe", Role::Administrator, None),
    ("A2", "Ada Finch", Role::Administrator, None),
    ("N1", "Anna Bell", Role::WardClinician, Some("AMU")),
    ("N2", "Omar Reed", Role::WardClinician, Some("COTE1")),
    ("E1", "Eve Dale", Role::EdCoordinator, Some("")),
    ("E2", "Ed Marsh", Role::EdCoordinator, Some("")),
    ("C1", "Cora Lane", Role::ControlRoom, None),
    ("L1", "Lena Holt", Role::Loggist, None),
    ("B1", "Ben Cole", Role::Bookings, Some("")),
    ("M1", "Mia Frost", Role::Communications, None),
    ("I1", "Ivan Pike", Role::It, None),
    ("P1", "Petra Voss", Role::PrivacyOfficer, None),
    ("R1", "Ray Moss", Role::ReadOnly, None),
];

/// Opens the accounts, gives everybody a passphrase, a phone and recovery codes, and enrols the terminal: from then on the
/// doors are shut.
pub fn office(hospital: &Hospital) {
    let access = hospital.room.access();
    for (n, name, role, ward) in PEOPLE {
        let account = account(name, role, ward);
        let number = number(n);
        let intent = match n {
            "A1" => access::people::Intent::Begin { number, account },
            _ => access::people::Intent::Join { number, account },
        };
        access.submit(intent, &By::Lifeboat, now()).unwrap();
        give(access, n);
    }
    let enrol = access::devices::Intent::Enrol {
        device: AccessRoom::device_of(TERMINAL),
        label: "AMU terminal 3".to_owned(),
        kind: DeviceKind::Terminal,
        place: Some(place(Some("AMU"))),
        owner: None,
    };
    access.submit(enrol, &staff("I1"), now()).unwrap();
}

/// A passphrase, a phone and ten recovery codes.
pub fn give(access: &AccessRoom, n: &str) {
    let stored = Stored::new(&Typed::new(PASSPHRASE), [7; 16], Costs::TRIAL).unwrap();
    access.submit(Credentials::SetPassphrase { number: number(n), stored }, &staff(n), now()).unwrap();
    let secret = phone(n);
    let code = secret.code(step(now()));
    let label = "my phone".to_owned();
    let add = Credentials::AddAuthenticator { number: number(n), label, secret, code, next_code: None };
    access.submit(add, &staff(n), now()).unwrap();
    let codes = (0..10).map(|i| recovery(n, i).hashed(RECOVERY)).collect();
    access.submit(Credentials::MakeRecoveryCodes { number: number(n), codes }, &staff(n), now()).unwrap();
}

pub fn account(name: &str, role: Role, ward: Option<&str>) -> Account {
    let scope = match ward {
        None => Scope::Trust,
        Some("") => Scope::Places(vec![place(None)]),
        Some(ward) => Scope::Places(vec![place(Some(ward))]),
    };
    Account {
        name: Person::new(name).unwrap(),
        roles: [role].into(),
        scope,
        contact: "ext 4021".to_owned(),
        valid_until: None,
        temporary: false,
    }
}

pub fn place(ward: Option<&str>) -> Place {
    Place { site: SiteId::new("Northgate General").unwrap(), ward: ward.and_then(WardId::new) }
}

pub fn number(n: &str) -> StaffNumber {
    StaffNumber::new(n).unwrap()
}

pub fn staff(n: &str) -> By {
    By::Staff(number(n))
}

/// What somebody's phone makes codes from.
pub fn phone(n: &str) -> TotpSecret {
    let mut secret = [1; 20];
    secret[..n.len()].copy_from_slice(n.as_bytes());
    TotpSecret::new(secret)
}

/// One of somebody's ten recovery codes.
pub fn recovery(n: &str, i: u8) -> Code {
    let mut random = [i; 10];
    random[..n.len()].copy_from_slice(n.as_bytes());
    Code::new(&random)
}

pub fn step(at: Moment) -> u64 {
    u64::try_from(at.milliseconds().div_euclid(30_000)).unwrap()
}

/// A code of somebody's phone that would be taken at `at` and was not used.
pub fn fresh_code(room: &ControlRoom, n: &str, at: Moment) -> String {
    room.access().read(|book| {
        let mine = &book.credentials(&number(n)).authenticators[0];
        let expected = step(at).checked_add_signed(i64::from(mine.drift_steps)).unwrap();
        let near = [expected, expected + 1, expected - 1];
        let free = near.into_iter().find(|step| !mine.used.contains(step)).expect("a free code");
        format!("{:06}", mine.secret.code(free))
    })
}

/// Signs somebody in at a browser of their own; the `Cookie` header to send from then on. The router is not asked.
pub async fn signed_in_as(_router: &Router, room: &ControlRoom, n: &str) -> String {
    let device = room.access().fresh_token().unwrap();
    signed_in_on(room, n, device.as_str(), now())
}

/// The same at the ward terminal, where somebody before them may be signed in.
pub fn signed_in_at_terminal(room: &ControlRoom, n: &str) -> String {
    signed_in_on(room, n, TERMINAL, now())
}

/// The same in the browser that keeps this secret of its own.
pub fn signed_in_on(room: &ControlRoom, n: &str, device: &str, at: Moment) -> String {
    let code = Typed::new(fresh_code(room, n, at));
    let attempt =
        Attempt::Passphrase { number: number(n), passphrase: Typed::new(PASSPHRASE), code, next_code: None };
    let key: DeviceKey = AccessRoom::device_of(device);
    let door = AtDoor { device: key, from: String::new(), in_place_of: None };
    let signed = room.access().sign_in(&attempt, &door, at).unwrap();
    format!("lifeboat_device={device}; lifeboat_sessions={}", signed.token.as_str())
}

/// A form with cookies, from our own page.
pub async fn post_with_cookie(
    router: &Router,
    address: &str,
    cookie: &str,
    fields: &[(&str, &str)],
) -> Answer {
    let body: Vec<String> = fields.iter().map(|(k, v)| format!("{k}={}", encoded(v))).collect();
    let request = Request::post(address)
        .header(header::HOST, "lifeboat.test")
        .header(header::ORIGIN, "http://lifeboat.test")
        .header(header::COOKIE, cookie)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from(body.join("&")))
        .unwrap();
    send(router, request).await
}

async fn send(router: &Router, request: Request<Body>) -> Answer {
    let response = router.clone().oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let body = body.collect().await.unwrap().to_bytes().to_vec();
    Answer { status: parts.status, headers: parts.headers, body }
}

/// A browser that keeps its cookies.
#[derive(Clone)]
pub struct Browser {
    router: Router,
    pub cookies: BTreeMap<String, String>,
}

impl Browser {
    /// With nothing in it.
    pub fn new(router: &Router) -> Self {
        Self { router: router.clone(), cookies: BTreeMap::new() }
    }

    /// That of the ward terminal.
    pub fn terminal(router: &Router) -> Self {
        let mut browser = Self::new(router);
        browser.cookies.insert("lifeboat_device".to_owned(), TERMINAL.to_owned());
        browser
    }

    fn header(&self) -> String {
        self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
    }

    fn keep(&mut self, answer: &Answer) {
        for set in answer.headers.get_all(header::SET_COOKIE) {
            let set = set.to_str().unwrap();
            let (name, value) = set.split(';').next().unwrap().split_once('=').unwrap();
            if value.is_empty() || set.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
    }

    pub async fn get(&mut self, address: &str) -> Answer {
        let request = Request::get(address).header(header::HOST, "lifeboat.test");
        let request = request.header(header::COOKIE, self.header()).body(Body::empty()).unwrap();
        let answer = send(&self.router, request).await;
        self.keep(&answer);
        answer
    }

    pub async fn post(&mut self, address: &str, fields: &[(&str, &str)]) -> Answer {
        let answer = post_with_cookie(&self.router, address, &self.header(), fields).await;
        self.keep(&answer);
        answer
    }
}

//! People with accounts, and browsers of their own with their cookies: for pages that ask who somebody is.
#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)]

use crate::common::{Answer, encoded};
use crate::fixture::Hospital;
use access::devices::DeviceKey;
use access::people::{Account, Place, Scope};
use access::secrets::{Hashed, Typed};
use access::sign_in::Attempt;
use access::sign_in::credentials::{Intent as Credentials, RECOVERY};
use access::sign_in::passphrase::{Costs, Stored};
use access::{By, Role, StaffNumber};
use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use basics::{Clock, Moment, Person, SiteId, WardId};
use control_room::{AccessRoom, AtDoor, NotIn, SignedIn};
use http::{Method, Request, header};
use http_body_util::BodyExt;
use std::net::SocketAddr;
use tower::ServiceExt;

/// The address of every browser here.
pub const FROM: &str = "10.1.4.7";
const PASSPHRASE: &str = "rivet lantern opal drum";

pub fn number(n: &str) -> StaffNumber {
    StaffNumber::new(n).unwrap()
}

pub fn staff(n: &str) -> By {
    By::Staff(number(n))
}

pub fn place(site: &str, ward: Option<&str>) -> Place {
    Place { site: SiteId::new(site).unwrap(), ward: ward.and_then(WardId::new) }
}

pub fn now(hospital: &Hospital) -> Moment {
    Clock::now(&*hospital.clock)
}

pub fn later(hospital: &Hospital, seconds: i64) {
    hospital.clock.set(now(hospital).plus_seconds(seconds));
}

/// Accounts: an administrator, IT, two coordinators, the control room, a nurse, the privacy officer.
pub fn with_people(hospital: &Hospital) {
    use access::people::Intent::{Begin, Join};
    let access = hospital.room.access();
    let account = |name: &str, role: Role, scope: Scope| Account {
        name: Person::new(name).unwrap(),
        roles: [role].into(),
        scope,
        contact: "ext 4021".to_owned(),
        valid_until: None,
        temporary: false,
    };
    let first = account("Alex Rowe", Role::Administrator, Scope::Trust);
    access.submit(Begin { number: number("A1"), account: first }, &By::Lifeboat, now(hospital)).unwrap();
    let northgate = || Scope::Places(vec![place("Northgate General", None)]);
    for (n, name, role, scope) in [
        ("I1", "Ivan Pike", Role::It, Scope::Trust),
        ("E1", "Eve Dale", Role::EdCoordinator, northgate()),
        ("E2", "Ed Marsh", Role::EdCoordinator, northgate()),
        ("C1", "Cora Lane", Role::ControlRoom, Scope::Trust),
        ("N1", "Anna Bell", Role::WardClinician, northgate()),
        ("P1", "Petra Voss", Role::PrivacyOfficer, Scope::Trust),
    ] {
        let join = Join { number: number(n), account: account(name, role, scope) };
        access.submit(join, &staff("A1"), now(hospital)).unwrap();
    }
}

/// A browser with its cookies.
pub struct Browser {
    device: Option<String>,
    sessions: Vec<String>,
}

impl Browser {
    /// That Lifeboat has seen before, with nobody signed in.
    pub fn new(hospital: &Hospital) -> Self {
        let token = hospital.room.access().fresh_token().unwrap();
        Self { device: Some(token.as_str().to_owned()), sessions: Vec::new() }
    }

    /// That keeps no cookies.
    pub fn forgetful() -> Self {
        Self { device: None, sessions: Vec::new() }
    }

    /// With somebody signed in.
    pub fn of(hospital: &Hospital, n: &str) -> Self {
        let mut browser = Self::new(hospital);
        browser.signs_in(hospital, n);
        browser
    }

    /// What it is known by.
    pub fn key(&self) -> DeviceKey {
        AccessRoom::device_of(self.device.as_deref().unwrap())
    }

    /// The session in use.
    pub fn session(&self) -> Hashed {
        AccessRoom::session_of(&self.sessions[0])
    }

    fn door(&self) -> AtDoor {
        AtDoor { device: self.key(), from: FROM.to_owned(), in_place_of: None }
    }

    /// Somebody signs in, by passphrase and a recovery code.
    pub fn signs_in(&mut self, hospital: &Hospital, n: &str) {
        let (access, at, mine) = (hospital.room.access(), now(hospital), number(n));
        let stored = Stored::new(&Typed::new(PASSPHRASE), [7; 16], Costs::TRIAL).unwrap();
        access.submit(Credentials::SetPassphrase { number: mine.clone(), stored }, &staff(n), at).unwrap();
        let codes: Vec<_> = (0..10).map(|_| access.fresh_code().unwrap()).collect();
        let kept = codes.iter().map(|code| code.hashed(RECOVERY)).collect();
        let make = Credentials::MakeRecoveryCodes { number: mine.clone(), codes: kept };
        access.submit(make, &staff(n), at).unwrap();
        let code = Typed::new(codes[0].printed().as_str());
        let attempt = Attempt::Recovery { number: mine, passphrase: Typed::new(PASSPHRASE), code };
        self.tries(hospital, &attempt).unwrap();
    }

    /// Tries to get in.
    pub fn tries(&mut self, hospital: &Hospital, attempt: &Attempt) -> Result<SignedIn, NotIn> {
        let signed = hospital.room.access().sign_in(attempt, &self.door(), now(hospital))?;
        self.sessions.insert(0, signed.token.as_str().to_owned());
        Ok(signed)
    }

    pub async fn get(&mut self, router: &Router, address: &str) -> Answer {
        self.asks(router, (Method::GET, address), &[], String::new()).await
    }

    pub async fn asks_with(
        &mut self,
        router: &Router,
        method: Method,
        address: &str,
        headers: &[(&str, &str)],
    ) -> Answer {
        self.asks(router, (method, address), headers, String::new()).await
    }

    /// A form, from our own page.
    pub async fn post(&mut self, router: &Router, address: &str, fields: &[(&str, &str)]) -> Answer {
        let body: Vec<String> = fields.iter().map(|(k, v)| format!("{k}={}", encoded(v))).collect();
        let headers =
            [("origin", "http://lifeboat.test"), ("content-type", "application/x-www-form-urlencoded")];
        self.asks(router, (Method::POST, address), &headers, body.join("&")).await
    }

    async fn asks(
        &mut self,
        router: &Router,
        (method, address): (Method, &str),
        headers: &[(&str, &str)],
        body: String,
    ) -> Answer {
        let from: SocketAddr = format!("{FROM}:40000").parse().unwrap();
        let mut cookies: Vec<String> = Vec::new();
        if let Some(device) = &self.device {
            cookies.push(format!("lifeboat_device={device}"));
        }
        if !self.sessions.is_empty() {
            cookies.push(format!("lifeboat_sessions={}", self.sessions.join(".")));
        }
        let mut request = Request::builder()
            .method(method)
            .uri(address)
            .header(header::HOST, "lifeboat.test")
            .header(header::COOKIE, cookies.join("; "))
            .extension(ConnectInfo(from));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = router.clone().oneshot(request.body(Body::from(body)).unwrap()).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes().to_vec();
        let answer = Answer { status: parts.status, headers: parts.headers, body };
        if self.device.is_some() {
            self.keeps(&answer);
        }
        answer
    }

    fn keeps(&mut self, answer: &Answer) {
        for set in answer.headers.get_all(header::SET_COOKIE) {
            let pair = set.to_str().unwrap().split(';').next().unwrap();
            if let Some(device) = pair.strip_prefix("lifeboat_device=") {
                self.device = Some(device.to_owned());
            }
        }
    }
}

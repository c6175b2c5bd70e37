//! Every route, every role, looking and sending: let through or refused exactly as the rights say, and refused where they say
//! nothing (test 26). What is expected is read from the rights in force; the planted bugs below show that the checker sees a
//! door that is open.

use crate::common::{Answer, encoded};
use crate::fixture::Hospital;
use crate::headers::concrete;
use access::devices::DeviceKey;
use access::people::{Account, Intent as People, Place, Scope, Spot};
use access::rights::{Right, Rights, Wanted, Who, may, read, shipped};
use access::secrets::{Hashed, Typed};
use access::sign_in::Attempt;
use access::sign_in::credentials::{INVITATION, Intent as Credentials, RECOVERY};
use access::sign_in::passphrase::{Costs, Stored};
use access::{By, Role, StaffNumber};
use axum::Router;
use axum::body::Body;
use basics::{Clock, Person, SiteId, WardId};
use control_room::{AccessRoom, AtDoor, NotIn, Visit};
use http::{Method, Request, StatusCode, header};
use http_body_util::BodyExt;
use screens::routes;
use tower::ServiceExt;

const PASSPHRASE: &str = "rivet lantern opal drum";
/// What the guard says when it says no, and no page does.
const REFUSALS: [&str; 6] = [
    "Sign in first: this page is for people who work here",
    "may not open this page; it is for:",
    "may not do this; it is for:",
    "is outside your rights",
    "is outside the places at which you work",
    "Nobody has been given the right to open this page",
];

pub fn number(text: &str) -> StaffNumber {
    StaffNumber::new(text).unwrap()
}

pub fn account(name: &str, roles: &[Role], scope: Scope) -> Account {
    Account {
        name: Person::new(name).unwrap(),
        roles: roles.iter().copied().collect(),
        scope,
        contact: "ext 4021".to_owned(),
        valid_until: None,
        temporary: false,
    }
}

/// The first account: Alex Rowe, administrator, A1. From now on the doors are shut.
pub fn begin(hospital: &Hospital) {
    let account = account("Alex Rowe", &[Role::Administrator], Scope::Trust);
    let begin = People::Begin { number: number("A1"), account };
    hospital.room.access().submit(begin, &By::Lifeboat, hospital.clock.now()).unwrap();
}

/// Another account.
pub fn join(hospital: &Hospital, n: &str, name: &str, role: Role, scope: Scope) -> Account {
    let account = account(name, &[role], scope);
    let join = People::Join { number: number(n), account: account.clone() };
    hospital.room.access().submit(join, &By::Staff(number("A1")), hospital.clock.now()).unwrap();
    account
}

/// Somebody signed in on a browser of their own.
pub struct Signed {
    pub cookie: String,
    pub session: Hashed,
    pub device: DeviceKey,
    pub number: StaffNumber,
}

impl Signed {
    pub fn is_in(&self, hospital: &Hospital) -> bool {
        matches!(self.visit(hospital), Visit::In(_))
    }

    pub fn visit(&self, hospital: &Hospital) -> Visit {
        hospital.room.access().glance(&self.session, &self.device, "", hospital.clock.now())
    }
}

/// Invites somebody, who comes in by it and sets up a passphrase with recovery codes.
pub fn sign_in(hospital: &Hospital, n: &str) -> Signed {
    let (access, at) = (hospital.room.access(), hospital.clock.now());
    let code = access.fresh_code().unwrap();
    let people = vec![(number(n), code.hashed(INVITATION))];
    let by = if n == "A1" { By::Lifeboat } else { By::Staff(number("A1")) };
    access.submit(Credentials::Invite { people, until: at.plus_seconds(86_400) }, &by, at).unwrap();
    let attempt = Attempt::Invitation { number: number(n), code: Typed::new(code.printed().as_str()) };
    let browser = access.fresh_token().unwrap();
    let device = AccessRoom::device_of(browser.as_str());
    let door = AtDoor { device, from: String::new(), in_place_of: None };
    let (signed, at) = loop {
        let at = hospital.clock.now();
        match access.sign_in(&attempt, &door, at) {
            Ok(signed) => break (signed, at),
            // So many from one address at one moment: they wait, as they are told to.
            Err(NotIn::Wait(_)) => hospital.clock.set(at.plus_seconds(60)),
            Err(other) => panic!("{other}"),
        }
    };
    let me = By::Staff(number(n));
    let salt = access.fresh_salt().unwrap();
    let stored = Stored::new(&Typed::new(PASSPHRASE), salt, Costs::TRIAL).unwrap();
    access.submit(Credentials::SetPassphrase { number: number(n), stored }, &me, at).unwrap();
    let codes = (0..10).map(|_| access.fresh_code().unwrap().hashed(RECOVERY)).collect();
    access.submit(Credentials::MakeRecoveryCodes { number: number(n), codes }, &me, at).unwrap();
    Signed {
        cookie: format!("lifeboat_device={}; lifeboat_sessions={}", browser.as_str(), signed.token.as_str()),
        session: signed.session,
        device,
        number: number(n),
    }
}

/// A form from our own page, with somebody's cookies.
pub async fn post_as(router: &Router, address: &str, cookie: &str, fields: &[(&str, &str)]) -> Answer {
    let response =
        router.clone().oneshot(request(&Method::POST, address, Some(cookie), fields)).await.unwrap();
    let (parts, body) = response.into_parts();
    let body = body.collect().await.unwrap().to_bytes().to_vec();
    Answer { status: parts.status, headers: parts.headers, body }
}

fn request(method: &Method, address: &str, cookie: Option<&str>, fields: &[(&str, &str)]) -> Request<Body> {
    let mut request = Request::builder().method(method).uri(address).header(header::HOST, "lifeboat.test");
    if let Some(cookie) = cookie {
        request = request.header(header::COOKIE, cookie);
    }
    if *method != Method::POST {
        return request.body(Body::empty()).unwrap();
    }
    let body: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect();
    request
        .header(header::ORIGIN, "http://lifeboat.test")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from(body.join("&")))
        .unwrap()
}

/// Whether a request reached its page. The body is read of refusals alone: a live stream never ends.
async fn let_through(router: &Router, method: &Method, address: &str, cookie: Option<&str>) -> bool {
    let fields = [("by", "X"), ("message", "MSH|^~\\&|")];
    let response = router.clone().oneshot(request(method, address, cookie, &fields)).await.unwrap();
    let status = response.status();
    let to = response.headers().get(header::LOCATION).map_or("", |to| to.to_str().unwrap());
    if cookie.is_none() && *method == Method::GET && status == StatusCode::SEE_OTHER {
        // The guard leads there and back; a page that is anybody's may lead there by itself.
        return !to.starts_with("/sign-in?back=") && address != "/";
    }
    if status != StatusCode::UNAUTHORIZED && status != StatusCode::FORBIDDEN {
        return true;
    }
    let body = response.into_body().collect().await.unwrap().to_bytes();
    let text = String::from_utf8_lossy(&body).into_owned();
    !REFUSALS.iter().any(|words| text.contains(words))
}

/// Somebody at the door: what they are called in a fault, their account, and their number where they sign in.
struct Caller {
    name: String,
    who: Option<(Account, String)>,
}

/// Where the answers part from what the rights say.
async fn faults(hospital: &Hospital, rights: &Rights, callers: &[Caller], only: &[&str]) -> Vec<String> {
    let router = hospital.router();
    let mut faults = Vec::new();
    for caller in callers {
        let mut signed = caller.who.as_ref().map(|(_, n)| sign_in(hospital, n));
        for route in routes() {
            if !only.is_empty() && !only.contains(&route.address) {
                continue;
            }
            for (method, right) in [(Method::GET, Right::Look), (Method::POST, Right::Do)] {
                let who = caller.who.as_ref().map(|(account, _)| Who { account, newcomer: false });
                let wanted = Wanted { right, address: route.address, spot: &Spot::Trust, broken: None };
                let theirs = may(rights, who, wanted).allowed();
                let address = concrete(route.address);
                let cookie = signed.as_ref().map(|signed| signed.cookie.as_str());
                let got = let_through(&router, &method, &address, cookie).await;
                if got != theirs {
                    let what = if got { "let through" } else { "refused" };
                    faults.push(format!("{} {method} {}: {what}", caller.name, route.address));
                }
                // What they did may have signed them out.
                if let (Some(now), Some((_, n))) = (&signed, &caller.who)
                    && !now.is_in(hospital)
                {
                    signed = Some(sign_in(hospital, n));
                }
            }
        }
    }
    faults
}

/// One of each role, at the whole trust, and nobody.
fn everyone(hospital: &Hospital) -> Vec<Caller> {
    begin(hospital);
    let mut callers = vec![Caller { name: "nobody".to_owned(), who: None }];
    for (n, role) in (1..).zip(Role::ALL) {
        let n = format!("R{n}");
        let account = join(hospital, &n, &format!("Person {n}"), role, Scope::Trust);
        callers.push(Caller { name: role.words().to_owned(), who: Some((account, n)) });
    }
    callers
}

fn shipped_rights() -> Rights {
    let (file, text) = shipped();
    read(file, text.as_bytes()).unwrap()
}

/// A hospital with rights of its own.
fn with_rights(text: &str) -> Hospital {
    let hospital = Hospital::full();
    let folder = hospital.data_dir().join("forms/access");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("rights.txt"), text).unwrap();
    let hospital = hospital.with_clinics(control_room::ClinicSetup::default());
    assert_eq!(hospital.room.access().forms.faults, Vec::<String>::new());
    hospital
}

#[tokio::test]
async fn every_route_and_every_role_is_answered_as_the_rights_say() {
    let hospital = Hospital::full();
    let callers = everyone(&hospital);
    assert_eq!(callers.len(), 11);
    assert_eq!(faults(&hospital, &shipped_rights(), &callers, &[]).await, Vec::<String>::new());
}

#[tokio::test]
async fn planted_a_row_that_is_more_open_is_found() {
    let shipped = shipped().1;
    let closed = "why: counts by feed, no patient\nlook: ward clinician,";
    let open = "why: counts by feed, no patient\nlook: loggist, ward clinician,";
    assert!(shipped.contains(closed));
    let hospital = with_rights(&shipped.replacen(closed, open, 1));
    let callers = everyone(&hospital);
    let found = faults(&hospital, &shipped_rights(), &callers, &["/tray", "/feeds", "/wards"]).await;
    assert_eq!(found, ["loggist GET /tray: let through"]);
}

#[tokio::test]
async fn planted_a_house_without_a_guard_is_found() {
    // Without an account every door is open: just what a router built without its guard would do.
    let hospital = Hospital::full();
    let nobody = [Caller { name: "nobody".to_owned(), who: None }];
    let found = faults(&hospital, &shipped_rights(), &nobody, &["/tray", "/mode", "/view"]).await;
    let wanted = ["/mode", "/tray"].map(|address| format!("nobody GET {address}: let through"));
    for fault in wanted {
        assert!(found.contains(&fault), "{fault} is not in {found:?}");
    }
    assert!(!found.iter().any(|fault| fault.contains("/view")), "{found:?}");
}

#[tokio::test]
async fn a_page_that_stands_in_no_row_is_nobodys() {
    let shipped = shipped().1;
    assert!(shipped.contains("\n/incidents/{id}/roles\n"));
    let hospital = with_rights(&shipped.replacen("\n/incidents/{id}/roles\n", "\n", 1));
    let callers = everyone(&hospital);
    let found = faults(&hospital, &shipped_rights(), &callers, &["/incidents/{id}/roles"]).await;
    // Whoever had it before has it no more, the administrator among them.
    assert_eq!(found.len(), 10, "{found:?}");
    assert!(found.iter().all(|fault| fault.ends_with("GET /incidents/{id}/roles: refused")), "{found:?}");
}

#[tokio::test]
async fn places_bound_what_somebody_sees() {
    let hospital = Hospital::full();
    begin(&hospital);
    let place = |site: &str, ward: Option<&str>| {
        Scope::Places(vec![Place { site: SiteId::new(site).unwrap(), ward: ward.and_then(WardId::new) }])
    };
    for (n, scope) in [
        ("N1", place("Northgate General", Some("AMU"))),
        ("N2", place("Northgate General", Some("COTE1"))),
        ("N3", place("northgate general", None)),
        ("N4", place("Southmere Community", None)),
        ("N5", Scope::Trust),
    ] {
        join(&hospital, n, &format!("Person {n}"), Role::WardClinician, scope);
    }
    let router = hospital.router();
    for (n, theirs) in [("N1", true), ("N2", false), ("N3", true), ("N4", false), ("N5", true)] {
        let signed = sign_in(&hospital, n);
        for address in ["/wards/Northgate%20General/AMU", "/print/Northgate%20General/AMU/pack.pdf"] {
            let got = let_through(&router, &Method::GET, address, Some(&signed.cookie)).await;
            assert_eq!(got, theirs, "{n} {address}");
        }
        // The list of wards shows no patient, and is everybody's.
        assert!(let_through(&router, &Method::GET, "/wards", Some(&signed.cookie)).await);
    }
}

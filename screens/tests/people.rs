//! Accounts on the screen: a sheet looked at before anything is done, the last administrator kept, an invitation shown once and
//! used once, sessions ended at the next request, five thousand people, hostile names, everybody signed out, rights to read.

use crate::common::{Answer, get_with_cookie, words};
use crate::doors::{Signed, begin, join, number, post_as, sign_in};
use crate::fixture::Hospital;
use access::StaffNumber;
use access::people::{Place, Scope};
use access::secrets::Typed;
use access::sign_in::Attempt;
use access::{By, Role};
use axum::Router;
use axum::body::Body;
use basics::{Clock, SiteId};
use control_room::{AccessRoom, AtDoor, Preparation, Visit};
use http::{Request, StatusCode, header};
use http_body_util::BodyExt;
use std::time::Duration;
use tower::ServiceExt;

/// The doors shut, Alex Rowe (A1) signed in.
fn opened() -> (Hospital, Router, Signed) {
    let hospital = Hospital::full();
    begin(&hospital);
    let alex = sign_in(&hospital, "A1");
    let router = hospital.router();
    (hospital, router, alex)
}

fn northgate() -> Scope {
    Scope::Places(vec![Place { site: SiteId::new("Northgate General").unwrap(), ward: None }])
}

async fn page(router: &Router, who: &Signed, address: &str) -> Answer {
    get_with_cookie(router, address, &who.cookie).await
}

/// A sheet, sent as the page's own form sends it.
async fn sheet(router: &Router, who: &Signed, fields: &[(&str, &str)]) -> Answer {
    const EDGE: &str = "----edge4711";
    let part = |(name, value): &(&str, &str)| {
        format!("--{EDGE}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    };
    let body = fields.iter().map(part).collect::<String>() + &format!("--{EDGE}--\r\n");
    let request = Request::post("/people/import")
        .header(header::HOST, "lifeboat.test")
        .header(header::ORIGIN, "http://lifeboat.test")
        .header(header::COOKIE, &who.cookie)
        .header(header::CONTENT_TYPE, format!("multipart/form-data; boundary={EDGE}"))
        .body(Body::from(body))
        .unwrap();
    let response = router.clone().oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let body = body.collect().await.unwrap().to_bytes().to_vec();
    Answer { status: parts.status, headers: parts.headers, body }
}

fn checked(answer: &Answer) -> String {
    let text = answer.text();
    let after = text.split("name=\"checked\" value=\"").nth(1).expect("nothing was checked");
    after.split('"').next().unwrap().to_owned()
}

fn accounts(hospital: &Hospital) -> usize {
    hospital.room.access().read(|book| book.people.len())
}

const HOSTILE: &str = "<script>alert(1)</script>";

#[tokio::test]
async fn a_sheet_with_faults_is_shown_whole_before_anything_is_done() {
    let (hospital, router, alex) = opened();
    let sites = ["Northgate General", "Southmere Community"].into_iter().filter_map(SiteId::new).collect();
    let cards = control_room::shipped_action_cards().unwrap();
    hospital.room.incident().prepare(Preparation { cards, hospitals: sites }, hospital.clock.now()).unwrap();
    let table = format!(
        "Staff number,Name,Role,Hospital,Shoe size\n20001,Anna Bell,nurse,Northgate General,38\n20002,{HOSTILE},admin,all,40\n\
         20003,Omar Reed,king,all,44\n20004,Eve Dale,nurse,Eastbrook,41\n,Nobody,nurse,all,39\n"
    );
    let looked = sheet(&router, &alex, &[("sheet", table.as_str()), ("deed", "check")]).await;
    assert_eq!(looked.status, StatusCode::OK);
    let said = words(&looked.text());
    for wanted in [
        "5 rows, nothing done yet",
        "Role roles nurse",
        "Shoe size passed over 38",
        "Line 4 : “king” is no role",
        "Line 5 : “Eastbrook” is no hospital of this trust",
        "Line 6 : The staff number is missing",
        "makes <script>alert(1)</script> an administrator",
        "Take 2 accounts, leave 3 refused",
    ] {
        assert!(said.contains(wanted), "{wanted:?} is not said:\n{said}");
    }
    assert!(!looked.text().contains(HOSTILE), "a name is no page");
    assert_eq!(accounts(&hospital), 1, "nothing was done");
    // Taken without a look, or after the table changed: nothing either.
    let taken = checked(&looked);
    let blind = sheet(&router, &alex, &[("sheet", table.as_str()), ("deed", "take")]).await;
    assert_eq!((blind.status, accounts(&hospital)), (StatusCode::CONFLICT, 1));
    let longer = format!("{table}20005,Ada Finch,nurse,all,37\n");
    let other =
        sheet(&router, &alex, &[("sheet", longer.as_str()), ("deed", "take"), ("checked", taken.as_str())])
            .await;
    assert_eq!((other.status, accounts(&hospital)), (StatusCode::CONFLICT, 1));
    let done =
        sheet(&router, &alex, &[("sheet", table.as_str()), ("deed", "take"), ("checked", taken.as_str())])
            .await;
    assert_eq!((done.status, accounts(&hospital)), (StatusCode::SEE_OTHER, 3), "{}", done.text());
    // The hostile name on every page that shows it.
    for address in ["/people", "/people/20002", "/people?q=script"] {
        let shown = page(&router, &alex, address).await.text();
        assert!(shown.contains("alert(1)") && !shown.contains(HOSTILE), "{address}");
    }
    let unread = sheet(&router, &alex, &[("sheet", "colour\nred\n"), ("deed", "check")]).await;
    assert!(words(&unread.text()).contains("“staff number” is missing"), "{}", unread.text());
}

#[tokio::test]
async fn five_thousand_people_are_taken_listed_and_found() {
    let (hospital, router, alex) = opened();
    let mut table = "staff number,name,role,site\n".to_owned();
    for n in 0..5_000 {
        table.push_str(&format!("{},Person {n},nurse,Northgate General\n", 30_000 + n));
    }
    let looked = sheet(&router, &alex, &[("sheet", table.as_str()), ("deed", "check")]).await;
    let taken = checked(&looked);
    let fields = [("sheet", table.as_str()), ("deed", "take"), ("checked", taken.as_str())];
    let done = sheet(&router, &alex, &fields).await;
    assert_eq!((done.status, accounts(&hospital)), (StatusCode::SEE_OTHER, 5_001));
    let first = page(&router, &alex, "/people").await.text();
    assert!(words(&first).contains("5001 people, page 1 of 51"), "{}", words(&first));
    assert!(first.matches("<tr>").count() <= 101 && first.len() < 150_000, "{} bytes", first.len());
    let last = page(&router, &alex, "/people?page=51").await.text();
    assert!(last.contains("page 51 of 51") && !last.contains(">Next<"));
    let beyond = page(&router, &alex, "/people?page=9999").await.text();
    assert!(beyond.contains("page 51 of 51"));
    let found = words(&page(&router, &alex, "/people?q=person%204321&role=ward%20clinician").await.text());
    assert!(found.contains("34321") && found.contains("1 person"), "{found}");
    let none = words(&page(&router, &alex, "/people?role=loggist").await.text());
    assert!(none.contains("Nobody fits"), "{none}");
    let waiting = words(&page(&router, &alex, "/people?state=not-set-up").await.text());
    assert!(waiting.contains("5000 people"), "{waiting}");
}

#[tokio::test]
async fn the_last_administrator_stays_and_is_told_so() {
    let (hospital, router, alex) = opened();
    let closed = post_as(&router, "/people/A1/close", &alex.cookie, &[("why", "retired")]).await;
    assert_eq!(closed.status, StatusCode::CONFLICT);
    assert!(words(&closed.text()).contains("last administrator"), "{}", words(&closed.text()));
    assert!(closed.text().contains("value=\"retired\""), "what was typed stands in its field");
    let change = [
        ("deed", "change"),
        ("name", "Alex Rowe"),
        ("role", "loggist"),
        ("places", "all"),
        ("contact", ""),
        ("until", ""),
    ];
    let changed = post_as(&router, "/people/A1/change", &alex.cookie, &change).await;
    assert_eq!(changed.status, StatusCode::CONFLICT, "{}", words(&changed.text()));
    let stands = |n: &str| {
        hospital.room.access().read(|book| {
            book.people
                .listed(&number(n))
                .is_some_and(|l| l.closed.is_none() && l.account.stands_as_administrator())
        })
    };
    assert!(stands("A1"));
    // With a second one, by the form, the first may go; nobody but an administrator sees any of it.
    let account = [("number", "a2"), ("name", "Ada Finch"), ("role", "administrator"), ("places", "all")];
    let opened = post_as(&router, "/people/new", &alex.cookie, &account).await;
    assert_eq!(opened.status, StatusCode::SEE_OTHER, "{}", words(&opened.text()));
    assert!(stands("A2"));
    let ada = sign_in(&hospital, "A2");
    let closed = post_as(&router, "/people/A1/close", &ada.cookie, &[("why", "retired")]).await;
    assert_eq!(closed.status, StatusCode::SEE_OTHER);
    assert!(!stands("A1") && !alex.is_in(&hospital));
    join_by(&hospital, "N1", "Anna Bell", Role::WardClinician);
    let anna = sign_in_by(&hospital, "N1");
    for address in ["/people", "/people/A2", "/rights", "/sessions"] {
        assert_eq!(page(&router, &anna, address).await.status, StatusCode::FORBIDDEN, "{address}");
    }
}

/// As `join` and `sign_in`, where A1 is gone.
fn join_by(hospital: &Hospital, n: &str, name: &str, role: Role) {
    let account = crate::doors::account(name, &[role], northgate());
    let join = access::people::Intent::Join { number: number(n), account };
    hospital.room.access().submit(join, &By::Lifeboat, hospital.clock.now()).unwrap();
}

fn sign_in_by(hospital: &Hospital, n: &str) -> Signed {
    let why = "back for this".to_owned();
    let reopen = access::people::Intent::Reopen { number: number("A1"), why };
    hospital.room.access().submit(reopen, &By::Lifeboat, hospital.clock.now()).unwrap();
    sign_in(hospital, n)
}

/// The code in a page: four groups of four.
fn code_in(page: &str) -> Option<String> {
    let group =
        |part: &str| part.len() == 4 && part.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
    let mut parts = page.split(|c: char| !c.is_ascii_alphanumeric() && c != '-');
    parts.find(|word| word.split('-').count() == 4 && word.split('-').all(group)).map(str::to_owned)
}

#[tokio::test]
async fn an_invitation_is_shown_once_and_lets_in_once() {
    let (hospital, router, alex) = opened();
    join(&hospital, "N1", "Anna Bell", Role::WardClinician, northgate());
    let form = [("days", "14"), ("as", "page")];
    let letter = post_as(&router, "/people/N1/invite", &alex.cookie, &form).await;
    assert_eq!((letter.status, letter.header("cache-control")), (StatusCode::OK, "no-store"));
    let text = words(&letter.text());
    for wanted in ["Anna Bell", "N1", "works once, until 28-Jul-2026", "Alex Rowe (ext 4021)"] {
        assert!(text.contains(wanted), "{wanted}: {text}");
    }
    let code = code_in(&text).expect("no code on the letter");
    for address in ["/people/N1", "/people", "/sessions"] {
        assert!(
            !page(&router, &alex, address).await.text().contains(&code),
            "{address} shows the code again"
        );
    }
    let access = hospital.room.access();
    let comes = || {
        let device = AccessRoom::device_of(access.fresh_token().unwrap().as_str());
        let door = AtDoor { device, from: String::new(), in_place_of: None };
        let attempt = Attempt::Invitation { number: number("N1"), code: Typed::new(code.as_str()) };
        access.sign_in(&attempt, &door, hospital.clock.now()).is_ok()
    };
    assert!(comes(), "the letter lets them in");
    assert!(!comes(), "and nobody a second time");
    // Nobody invites themselves, nor for longer than the forms offer.
    for (address, days) in [("/people/A1/invite", "14"), ("/people/N1/invite", "400")] {
        let refused = post_as(&router, address, &alex.cookie, &[("days", days)]).await;
        assert_eq!(refused.status, StatusCode::CONFLICT, "{address}");
        assert!(code_in(&words(&refused.text())).is_none());
    }
}

#[tokio::test]
async fn all_who_wait_are_invited_into_one_file() {
    let (hospital, router, alex) = opened();
    for n in ["N1", "N2", "N3"] {
        join(&hospital, n, &format!("Person {n}"), Role::WardClinician, northgate());
    }
    let file = post_as(&router, "/people", &alex.cookie, &[("days", "7")]).await;
    assert_eq!((file.status, file.header("content-type")), (StatusCode::OK, "application/pdf"));
    assert!(file.body.starts_with(b"%PDF") && file.header("cache-control") == "no-store");
    let held = |n: &str| access_code(&hospital, &number(n));
    let before = held("N1");
    assert!(before.is_some() && held("N3").is_some() && held("A1").is_none(), "each is invited, Alex is not");
    let none = post_as(&router, "/people", &alex.cookie, &[("days", "7")]).await;
    assert_eq!((none.status, held("N1")), (StatusCode::CONFLICT, before));
    let again = post_as(&router, "/people", &alex.cookie, &[("days", "7"), ("again", "yes")]).await;
    assert_eq!(again.status, StatusCode::OK);
    assert_ne!(held("N1"), before, "the old letter opens nothing");
}

fn access_code(hospital: &Hospital, number: &StaffNumber) -> Option<access::secrets::Hashed> {
    hospital.room.access().read(|book| book.credentials(number).invitation.as_ref().map(|i| i.code))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_revoked_session_is_refused_at_the_next_request_and_its_live_page_ends() {
    let (hospital, router, alex) = opened();
    for n in ["N1", "N2"] {
        join(&hospital, n, &format!("Person {n}"), Role::WardClinician, northgate());
    }
    let (one, two) = (sign_in(&hospital, "N1"), sign_in(&hospital, "N1"));
    // A second invitation ended the first session.
    assert!(!one.is_in(&hospital) && two.is_in(&hospital));
    let other = sign_in(&hospital, "N2");
    let request =
        Request::get("/live?topics=all").header(header::COOKIE, &two.cookie).body(Body::empty()).unwrap();
    let mut live = router.clone().oneshot(request).await.unwrap();
    assert_eq!(live.status(), StatusCode::OK);
    let shown = page(&router, &alex, "/sessions").await.text();
    assert!(shown.contains("Person N1") && shown.contains("3 sessions"), "{}", words(&shown));
    let key: String = two.device.bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    let which = format!("N1 {key}");
    let unsaid =
        post_as(&router, "/sessions/one", &alex.cookie, &[("session", which.as_str()), ("why", " ")]).await;
    assert_eq!(unsaid.status, StatusCode::CONFLICT);
    assert!(two.is_in(&hospital), "without a reason nothing ends");
    let fields = [("session", which.as_str()), ("why", "tablet left on a bus")];
    let ended = post_as(&router, "/sessions/one", &alex.cookie, &fields).await;
    assert_eq!(ended.status, StatusCode::SEE_OTHER, "{}", words(&ended.text()));
    let refused = page(&router, &two, "/wards").await;
    assert_eq!(refused.status, StatusCode::SEE_OTHER);
    assert!(refused.header("location").starts_with("/sign-in"), "{}", refused.header("location"));
    let Visit::Out(Some(why)) = two.visit(&hospital) else { panic!("they are in, or not told why") };
    assert!(why.contains("Alex Rowe (A1) ended this session: tablet left on a bus"), "{why}");
    let end = async { while live.body_mut().frame().await.is_some() {} };
    tokio::time::timeout(Duration::from_secs(60), end).await.expect("the live page went on");
    assert!(other.is_in(&hospital) && page(&router, &other, "/wards").await.status == StatusCode::OK);
    for (address, field, value) in [
        ("/sessions/device", "device", "zz"),
        ("/sessions/one", "session", "N1"),
        ("/sessions/all", "x", "y"),
    ] {
        let odd = post_as(&router, address, &alex.cookie, &[(field, value), ("why", "x")]).await;
        assert!(odd.status.is_client_error() && other.is_in(&hospital), "{address}");
    }
    let person = post_as(&router, "/people/N2/end-sessions", &alex.cookie, &[("why", "left")]).await;
    assert_eq!((person.status, other.is_in(&hospital)), (StatusCode::SEE_OTHER, false));
}

#[tokio::test]
async fn everybody_is_signed_out_after_one_more_look_and_told_why() {
    let (hospital, router, alex) = opened();
    join(&hospital, "N1", "Anna Bell", Role::WardClinician, northgate());
    let anna = sign_in(&hospital, "N1");
    let address = "/sign-everybody-out";
    assert!(words(&page(&router, &alex, address).await.text()).contains("2 sessions of 2 people"));
    for fields in [&[("why", "")][..], &[("why", "stolen passwords")], &[("why", " "), ("confirm", "yes")]] {
        post_as(&router, address, &alex.cookie, fields).await;
        assert!(anna.is_in(&hospital) && alex.is_in(&hospital), "{fields:?}");
    }
    let not_hers = post_as(&router, address, &anna.cookie, &[("why", "x"), ("confirm", "yes")]).await;
    assert_eq!((not_hers.status, alex.is_in(&hospital)), (StatusCode::FORBIDDEN, true));
    let pulled =
        post_as(&router, address, &alex.cookie, &[("why", "stolen passwords"), ("confirm", "yes")]).await;
    assert_eq!((pulled.status, pulled.header("location")), (StatusCode::SEE_OTHER, "/sign-in"));
    for who in [&anna, &alex] {
        let Visit::Out(Some(why)) = who.visit(&hospital) else { panic!("{} is in", who.number) };
        assert!(why.contains("stolen passwords"), "{why}");
    }
}

#[tokio::test]
async fn the_rights_are_there_to_read_with_the_faults_of_the_hospitals_own() {
    let (_hospital, router, alex) = opened();
    let said = words(&page(&router, &alex, "/rights").await.text());
    for wanted in ["Who saw whom", "privacy officer", "the wards on which they work", "/patients/{key}"] {
        assert!(said.contains(wanted), "{wanted}");
    }
    assert!(!said.contains("not in force"), "{said}");
    let hospital = Hospital::empty();
    let folder = hospital.data_dir().join("forms/access");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("rights.txt"), "PAGES All\nlook: <b>king</b>\ndo: nobody\n/\n").unwrap();
    let hospital = hospital.with_clinics(control_room::ClinicSetup::default());
    begin(&hospital);
    let alex = sign_in(&hospital, "A1");
    let shown = page(&hospital.router(), &alex, "/rights").await.text();
    let said = words(&shown);
    assert!(said.contains("not in force") && said.contains("line 2: “<b>king</b>” is no role"), "{said}");
    assert!(!shown.contains("<b>king"), "{shown}");
}

#[tokio::test]
async fn an_account_tells_what_became_of_it_and_before_the_first_one_the_page_says_how() {
    let (hospital, router, alex) = opened();
    join(&hospital, "N1", "Anna Bell", Role::WardClinician, northgate());
    sign_in(&hospital, "N1");
    let said = words(&page(&router, &alex, "/people/n1").await.text());
    for wanted in
        ["Opened: Anna Bell, ward clinician", "Recovery codes made", "by Alex Rowe (A1)", "10 recovery codes"]
    {
        assert!(said.contains(wanted), "{wanted}: {said}");
    }
    assert_eq!(page(&router, &alex, "/people/N9").await.status, StatusCode::NOT_FOUND);
    let empty = Hospital::empty();
    let page = crate::common::get(&empty.router(), "/people").await.text();
    assert!(words(&page).contains("lifeboat people begin"), "{page}");
}

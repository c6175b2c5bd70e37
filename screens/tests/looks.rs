//! Every page that shows patients leaves a look in the book of looks, under its own address, with who looked and at whom;
//! and when looks cannot be kept reading goes on, and nothing leaves as a file.

use crate::break_glass::OneBookFull;
use crate::clinics::{self, DAY, list_page, send_list, siu, values};
use crate::common::{get_with_cookie, words};
use crate::fixture::{Hospital, messages, now};
use crate::office::{number, office, signed_in_as, staff};
use access::looks::{Deed, Limits, Look, Question};
use basics::Moment;
use control_room::{AccessRoom, ClinicSetup, SiteContact, TrayFilter};
use http::StatusCode;
use screens::{BackLoad, routes};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Pages that show patients and are not visited here, each with why. This list only shrinks.
const NOT_VISITED: [(&str, &str); 3] = [
    ("/paste", "shows what its reader brought; whom it is about is noted when it is sent"),
    (
        "/clinics/import",
        "shows what its reader brought; a list that waits in the tray is noted like any entry",
    ),
    ("/clinics/letters.pdf", "no notice of this house goes by letter"),
];
/// Pages that may be about nobody whom a record is kept of: a look without a patient.
const PERHAPS_NOBODY: [&str; 1] = ["/tray/{entry}"];

/// A page, who asks for it, and as what address.
struct Visit {
    who: &'static str,
    address: String,
}

fn visit(who: &'static str, address: impl Into<String>) -> Visit {
    Visit { who, address: address.into() }
}

struct TinBackLoad;

impl BackLoad for TinBackLoad {
    fn bookings(&self, _: incident::Ground, _: Moment) -> Result<Vec<u8>, String> {
        Ok(b"MSH|^~\\&|LIFEBOAT\r".to_vec())
    }
}

/// Every look in the book but our own: an export is on the disk before it is answered, and all before it.
pub fn looks(hospital: &Hospital) -> Vec<Look> {
    let access = hospital.room.access();
    let flush = Look {
        who: number("P1"),
        patients: Vec::new(),
        deed: Deed::Exported,
        address: "flush".to_owned(),
        device: AccessRoom::device_of("flush"),
        from: String::new(),
        broken: None,
    };
    access.look(flush, now()).unwrap();
    let limits = Limits { scanned_max: 100_000, found_max: 100_000 };
    let found = access.search_looks(&staff("P1"), &Question::default(), None, (limits, now())).unwrap();
    found.found.into_iter().map(|found| found.look).filter(|look| look.address != "flush").collect()
}

/// Which visits left no look under their page's address, by whoever made them, at somebody.
fn unseen(visited: &[(&str, &str)], looks: &[Look]) -> Vec<String> {
    let seen = |page: &str, who: &str| {
        looks.iter().any(|look| {
            look.address == page
                && look.who.as_str() == who
                && (PERHAPS_NOBODY.contains(&page) || !look.patients.is_empty())
        })
    };
    let missing = visited.iter().filter(|(page, who)| !seen(page, who));
    missing.map(|(page, who)| format!("{who} {page}")).collect()
}

/// Wards, patients and messages.
fn of_the_wards(hospital: &Hospital) -> BTreeMap<&'static str, Visit> {
    let record = hospital.room.patient(care::PatientKey(1)).unwrap().unwrap();
    let index = record.documents.iter().position(|document| document.bytes > 0).unwrap();
    let waiting = hospital.room.tray(&TrayFilter::default()).unwrap()[0].entry;
    BTreeMap::from([
        ("/wards/{site}/{ward}", visit("N1", "/wards/Northgate%20General/AMU")),
        ("/patients/{key}", visit("N1", "/patients/1")),
        ("/patients/{key}/signs", visit("N1", "/patients/1/signs")),
        ("/patients/{key}/documents/{index}", visit("N1", format!("/patients/1/documents/{index}"))),
        ("/patients/{key}/sheets.pdf", visit("N1", "/patients/1/sheets.pdf")),
        ("/s/{code}", visit("N1", "/s/K7Q2")),
        ("/entries/{number}", visit("I1", "/entries/1")),
        ("/find", visit("N1", "/find?q=smith")),
        ("/tray/{entry}", visit("I1", format!("/tray/{waiting}"))),
        ("/print/all.pdf", visit("C1", "/print/all.pdf")),
        ("/print/{site}/{ward}/pack.pdf", visit("N1", "/print/Northgate%20General/AMU/pack.pdf")),
    ])
}

/// A day's bookings, three of them postponed and untold, with people on dialysis; accounts for everybody.
async fn clinic_house() -> (Hospital, String) {
    let hospital = clinics::hospital();
    hospital.play(&[("pas", 50, siu(7, "1100", "Renal", "Haemodialysis", "NEPHRO", "07700900107"))]);
    let router = hospital.router();
    let (html, seen) = list_page(&router, "Imaging").await;
    let keys: Vec<String> =
        values(&html, "name=\"booking\" value=\"").iter().map(|key| (*key).to_owned()).collect();
    let three: Vec<&str> = keys[..3].iter().map(String::as_str).collect();
    let done = send_list(&router, &seen, "postpone", "Anna Bell", &three).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", words(&done.text()));
    let trust = SiteContact {
        name: "Northgate Hospitals".to_owned(),
        phone: "01632 960 100".to_owned(),
        hours: "8am to 8pm".to_owned(),
    };
    let hospital = hospital.with_clinics(ClinicSetup { trust, ..ClinicSetup::default() });
    office(&hospital);
    (hospital, keys[0].clone())
}

fn of_the_clinics(key: &str) -> BTreeMap<&'static str, Visit> {
    let list = format!("day={DAY}&site=Northgate%20General&list=Imaging");
    let of = |address: String| visit("B1", address);
    BTreeMap::from([
        ("/clinics", of(format!("/clinics?day={DAY}&days=1"))),
        ("/clinics/list", of(format!("/clinics/list?{list}"))),
        ("/clinics/list.pdf", of(format!("/clinics/list.pdf?{list}"))),
        ("/clinics/plan", of(format!("/clinics/plan?day={DAY}&site=Northgate%20General"))),
        ("/clinics/bookings/{key}", of(format!("/clinics/bookings/{key}"))),
        ("/clinics/notices", of("/clinics/notices".to_owned())),
        ("/clinics/calls", of("/clinics/calls".to_owned())),
        ("/clinics/door", of(format!("/clinics/door?day={DAY}&q=sample"))),
        ("/clinics/door.pdf", of(format!("/clinics/door.pdf?day={DAY}"))),
        ("/clinics/rebooking", of("/clinics/rebooking".to_owned())),
        ("/clinics/rebooking.csv", of("/clinics/rebooking.csv".to_owned())),
        ("/clinics/rebooking.hl7", of("/clinics/rebooking.hl7".to_owned())),
        ("/special-lists/{name}", of("/special-lists/Dialysis".to_owned())),
        ("/special-lists.pdf", of("/special-lists.pdf".to_owned())),
    ])
}

/// Asks for every page as a browser of whoever may see it, and says which visits left no look.
async fn visited(hospital: &Hospital, visits: &BTreeMap<&'static str, Visit>) -> Vec<String> {
    let mut screens = hospital.screens();
    screens.back_load = Some(Arc::new(TinBackLoad));
    let router = screens::router(screens);
    let mut cookies: BTreeMap<&str, String> = BTreeMap::new();
    for visit in visits.values() {
        if !cookies.contains_key(visit.who) {
            cookies.insert(visit.who, signed_in_as(&router, &hospital.room, visit.who).await);
        }
    }
    for (page, visit) in visits {
        let answer = get_with_cookie(&router, &visit.address, &cookies[visit.who]).await;
        let shown = answer.status == StatusCode::OK || *page == "/s/{code}";
        assert!(shown, "{page}: {} {}", answer.status, words(&answer.text()));
    }
    let made: Vec<(&str, &str)> = visits.iter().map(|(page, visit)| (*page, visit.who)).collect();
    unseen(&made, &looks(hospital))
}

#[tokio::test]
async fn every_page_that_shows_patients_leaves_a_look() {
    let wards = Hospital::full();
    office(&wards);
    let (clinics, key) = clinic_house().await;
    let (of_wards, of_clinics) = (of_the_wards(&wards), of_the_clinics(&key));
    for route in routes().into_iter().filter(|route| route.get && route.patients) {
        let named = of_wards.contains_key(route.address) || of_clinics.contains_key(route.address);
        let excepted = NOT_VISITED.iter().any(|(page, _)| *page == route.address);
        assert!(named != excepted, "{}: visit it here, or say why not", route.address);
    }
    assert_eq!(visited(&wards, &of_wards).await, Vec::<String>::new());
    assert_eq!(visited(&clinics, &of_clinics).await, Vec::<String>::new());
}

#[tokio::test]
async fn planted_a_page_that_notes_nobody_is_found() {
    // These show no patient and note none: just what a page of patients would do that forgot to.
    let hospital = Hospital::full();
    office(&hospital);
    let visits = BTreeMap::from([
        ("/patients/{key}", visit("N1", "/patients/1")),
        ("/special-lists", visit("N1", "/special-lists")),
        ("/wards", visit("N1", "/wards")),
    ]);
    assert_eq!(visited(&hospital, &visits).await, ["N1 /special-lists", "N1 /wards"]);
}

#[tokio::test]
async fn a_look_says_whom_it_showed_and_nobody_else() {
    let hospital = Hospital::full();
    office(&hospital);
    let router = hospital.router();
    let cookie = signed_in_as(&router, &hospital.room, "N1").await;
    get_with_cookie(&router, "/patients/1", &cookie).await;
    get_with_cookie(&router, "/wards/Northgate%20General/AMU", &cookie).await;
    get_with_cookie(&router, "/find?q=smith%20fredrica", &cookie).await;
    let found = looks(&hospital);
    let of = |page: &str| found.iter().find(|look| look.address == page).unwrap();
    assert_eq!(
        (of("/patients/{key}").patients.clone(), of("/patients/{key}").deed),
        (vec![access::Patient(1)], Deed::Looked)
    );
    let ward = hospital.room.ward_list(&amu()).unwrap().unwrap();
    let mut there: Vec<_> =
        ward.rows.iter().filter_map(|row| Some(access::Patient(row.patient.as_ref()?.key.0))).collect();
    there.sort_unstable();
    assert_eq!(of("/wards/{site}/{ward}").patients, there);
    assert_eq!(of("/find").deed, Deed::Found);
    assert!(of("/find").patients.contains(&access::Patient(1)));
}

fn amu() -> care::ward_list::WardKey {
    care::ward_list::WardKey {
        site: basics::SiteId::new("Northgate General").unwrap(),
        ward: basics::WardId::new("AMU").unwrap(),
    }
}

#[tokio::test]
async fn a_message_about_one_patient_is_open_to_their_ward_and_notes_them() {
    let hospital = Hospital::full();
    office(&hospital);
    let router = hospital.router();
    let record = hospital.room.patient(care::PatientKey(1)).unwrap().unwrap();
    let entry = record.as_at.who().unwrap().entry.0;
    let (mine, other) = (
        signed_in_as(&router, &hospital.room, "N1").await,
        signed_in_as(&router, &hospital.room, "N2").await,
    );
    let address = format!("/entries/{entry}");
    assert_eq!(get_with_cookie(&router, &address, &mine).await.status, StatusCode::OK);
    let refused = get_with_cookie(&router, &address, &other).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert!(refused.text().contains("/break-glass/1"), "{}", words(&refused.text()));
    let found = looks(&hospital);
    let look = found.iter().find(|look| look.address == "/entries/{number}").unwrap();
    assert_eq!((look.who.clone(), look.patients.clone()), (number("N1"), vec![access::Patient(1)]));
    assert!(!found.iter().any(|look| look.who == number("N2")), "nothing was shown");
}

#[tokio::test]
async fn while_looks_cannot_be_kept_reading_goes_on_and_nothing_is_exported() {
    let full = Arc::new(AtomicBool::new(false));
    let hospital = Hospital::on(Arc::new(OneBookFull { book: "looks", full: full.clone() }));
    hospital.play(&messages::all());
    hospital.play(&[("pas", 60, siu(2, "0920", "Imaging", "MRI knee", "SAMPLE", "07700900102"))]);
    // One booking is kept and then postponed by hand, so that there is something to take out.
    let open = hospital.router();
    let (html, seen) = list_page(&open, "Imaging").await;
    let key = values(&html, "name=\"booking\" value=\"")[0].to_owned();
    let done = send_list(&open, &seen, "postpone", "Anna Bell", &[&key]).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", words(&done.text()));
    office(&hospital);
    let router = hospital.router();
    let nurse = signed_in_as(&router, &hospital.room, "N1").await;
    let bookings = signed_in_as(&router, &hospital.room, "B1").await;
    let csv = "/clinics/rebooking.csv";
    assert_eq!(get_with_cookie(&router, csv, &bookings).await.status, StatusCode::OK);
    full.store(true, Ordering::SeqCst);
    let refused = get_with_cookie(&router, csv, &bookings).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    assert!(refused.text().contains("Nothing can be exported now") && !refused.text().contains("SAMPLE"));
    for _ in 0..2 {
        let page = get_with_cookie(&router, "/patients/1", &nurse).await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(page.text().contains("furosemide"), "reading goes on");
        // What is laid in a commit is known to be lost when that commit is over.
        let _ = get_with_cookie(&router, csv, &bookings).await;
    }
    let alarm = "Who looks at patients cannot be recorded now";
    assert!(get_with_cookie(&router, "/wards", &nurse).await.text().contains(alarm), "every page says so");
    full.store(false, Ordering::SeqCst);
    assert_eq!(get_with_cookie(&router, csv, &bookings).await.status, StatusCode::OK);
    assert!(!get_with_cookie(&router, "/wards", &nurse).await.text().contains(alarm), "it is over");
}

//! Breaking the glass on screen: sealed before anything shows (test 28 of RELIABILITY.md), one patient, an hour, the ward told,
//! and what is said when it cannot be recorded.

use crate::common::{Answer, get_with_cookie, words};
use crate::fixture::{Hospital, messages, now};
use crate::looks::looks;
use crate::office::{number, office, post_with_cookie, signed_in_as, signed_in_on};
use access::Fact;
use basics::EntryNumber;
use control_room::{AccessRoom, ControlRoom};
use http::StatusCode;
use logbook::{Disk, DiskFile, Keys, Reader, RealDisk};
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// What stands on the record of patient 1 and nowhere else.
const SHOWN: &str = "furosemide";
const REASON: [(&str, &str); 2] = [("reason", "1"), ("words", "collapsed in the corridor, treating now")];

/// Whether a page shows the record while no broken glass for it is on the disk.
fn shown_unrecorded(hospital: &Hospital, answer: &Answer) -> bool {
    let dir = ControlRoom::book_dir(hospital.data_dir());
    let keys = Keys::from_secret(&[7; 64]);
    let book = Reader::open(&dir, &AccessRoom::book_name(), &keys, Arc::new(RealDisk)).unwrap();
    let recorded = book.read_from(EntryNumber(1)).map_while(Result::ok).any(|entry| {
        let act = access::codec::read(entry.number, entry.kind, &entry.body).unwrap();
        act.facts.iter().any(|fact| matches!(fact, Fact::BreakGlass(_)))
    });
    answer.text().contains(SHOWN) && !recorded
}

#[tokio::test]
async fn one_patient_opens_for_an_hour_and_the_ward_is_told() {
    let hospital = Hospital::full();
    office(&hospital);
    let router = hospital.router();
    let doctor = signed_in_as(&router, &hospital.room, "N2").await;
    let ward = signed_in_as(&router, &hospital.room, "N1").await;
    let refused = get_with_cookie(&router, "/patients/1", &doctor).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert!(refused.text().contains("href=\"/break-glass/1\"") && !refused.text().contains(SHOWN));
    // Before: what a search shows, and no more.
    let form = get_with_cookie(&router, "/break-glass/1", &doctor).await.text();
    for text in ["SMITH, Fredrica", "until 17:05", "60 minutes", "The ward is told"] {
        assert!(words(&form).contains(text), "{text}: {}", words(&form));
    }
    for text in [SHOWN, "Penicillin", "Heart failure"] {
        assert!(!form.contains(text), "{text} is shown before the glass is broken");
    }
    // Without a reason nothing opens, and what was typed stays.
    for (fields, text) in [
        (&[("words", "treating her now, as I said")][..], "Choose the reason"),
        (&[("reason", "1"), ("words", "help")], "Write in a few words why"),
        (&[("reason", "7"), ("words", "treating her now")], "Choose the reason"),
    ] {
        let answer = post_with_cookie(&router, "/break-glass/1", &doctor, fields).await;
        assert_eq!(answer.status, StatusCode::CONFLICT);
        assert!(words(&answer.text()).contains(text), "{}", words(&answer.text()));
        assert!(answer.text().contains(fields.last().unwrap().1), "what was typed is gone");
    }
    let broken = post_with_cookie(&router, "/break-glass/1", &doctor, &REASON).await;
    assert_eq!((broken.status, broken.header("location")), (StatusCode::SEE_OTHER, "/patients/1?done=glass"));
    for address in ["/patients/1", "/patients/1/signs"] {
        let page = get_with_cookie(&router, address, &doctor).await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(page.text().contains("Glass broken by you until 17:05"), "{address}");
    }
    // One patient alone; and pressed twice it leads to them.
    let list = get_with_cookie(&router, "/wards/Northgate%20General/AMU", &ward).await.text();
    let beside = list.split("href=\"/patients/").skip(1).filter_map(|rest| rest.split('"').next());
    let beside =
        beside.map(|key| format!("/patients/{key}")).find(|address| address != "/patients/1").unwrap();
    assert_eq!(get_with_cookie(&router, &beside, &doctor).await.status, StatusCode::FORBIDDEN, "{beside}");
    let twice = post_with_cookie(&router, "/break-glass/1", &doctor, &REASON).await;
    assert_eq!((twice.status, twice.header("location")), (StatusCode::SEE_OTHER, "/patients/1"));
    let told = "Omar Reed (N2) sees this patient by breaking the glass, until 17:05";
    for address in ["/wards/Northgate%20General/AMU", "/patients/1"] {
        let page = words(&get_with_cookie(&router, address, &ward).await.text());
        assert!(page.contains(told), "{address}: {page}");
        assert!(!page.contains("collapsed in the corridor"), "what was typed is for the reviewer");
    }
    let looks = looks(&hospital);
    let by_glass: Vec<_> = looks.iter().filter(|look| look.broken == Some(1)).collect();
    assert!(by_glass.iter().all(|look| look.who == number("N2") && look.patients == [access::Patient(1)]));
    assert_eq!(by_glass.len(), 2, "{looks:?}");
}

#[tokio::test]
async fn after_an_hour_it_is_shut_and_after_a_day_the_line_is_gone() {
    let hospital = Hospital::full();
    office(&hospital);
    let router = hospital.router();
    let doctor = signed_in_as(&router, &hospital.room, "N2").await;
    post_with_cookie(&router, "/break-glass/1", &doctor, &REASON).await;
    for (minutes, told) in [(61, true), (23 * 60, true), (24 * 60 + 1, false)] {
        let at = now().plus_seconds(minutes * 60);
        hospital.clock.set(at);
        let sign = |n: &str| {
            let device = hospital.room.access().fresh_token().unwrap();
            signed_in_on(&hospital.room, n, device.as_str(), at)
        };
        let (doctor, ward) = (sign("N2"), sign("N1"));
        let refused = get_with_cookie(&router, "/patients/1", &doctor).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{minutes}");
        assert!(!refused.text().contains(SHOWN));
        let page = get_with_cookie(&router, "/wards/Northgate%20General/AMU", &ward).await;
        let line = "Omar Reed (N2) saw this patient by breaking the glass, until 14-Jul-2026 17:05";
        assert_eq!(words(&page.text()).contains(line), told, "{minutes}: {}", words(&page.text()));
    }
}

#[tokio::test]
async fn a_live_page_of_a_patient_does_not_outlive_the_glass() {
    let hospital = Hospital::full();
    office(&hospital);
    let router = hospital.router();
    let doctor = signed_in_as(&router, &hospital.room, "N2").await;
    let request = http::Request::get("/patients/1")
        .header(http::header::COOKIE, &doctor)
        .header("hx-request", "true")
        .header("hx-trigger", "live")
        .body(axum::body::Body::empty())
        .unwrap();
    let answer = tower::ServiceExt::oneshot(router.clone(), request).await.unwrap();
    assert_eq!(answer.status(), StatusCode::FORBIDDEN);
    assert_eq!(answer.headers().get("hx-redirect").unwrap(), "/patients/1");
}

#[tokio::test]
async fn nothing_shows_before_the_glass_is_on_the_disk_and_without_it_the_ward_reads_on() {
    let full = Arc::new(AtomicBool::new(false));
    let hospital = Hospital::on(Arc::new(OneBookFull { book: "access", full: full.clone() }));
    hospital.play(&messages::all());
    office(&hospital);
    let router = hospital.router();
    let doctor = signed_in_as(&router, &hospital.room, "N2").await;
    let ward = signed_in_as(&router, &hospital.room, "N1").await;
    full.store(true, Ordering::SeqCst);
    let refused = post_with_cookie(&router, "/break-glass/1", &doctor, &REASON).await;
    assert_eq!(refused.status, StatusCode::SERVICE_UNAVAILABLE);
    for text in ["stays shut", "ring AMU at Northgate General", "paper pack", "reference", REASON[1].1] {
        assert!(refused.text().contains(text), "{text}: {}", words(&refused.text()));
    }
    let page = get_with_cookie(&router, "/patients/1", &doctor).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    for answer in [&refused, &page] {
        assert!(!shown_unrecorded(&hospital, answer));
    }
    // Whoever opens the form now is told before they type.
    let form = get_with_cookie(&router, "/break-glass/1", &doctor).await.text();
    assert!(form.contains("The glass cannot be broken now"), "{}", words(&form));
    // Their own ward reads on.
    let theirs = get_with_cookie(&router, "/patients/1", &ward).await;
    assert_eq!(theirs.status, StatusCode::OK);
    // The planted bug: a record that shows while no glass is on the disk is found.
    assert!(shown_unrecorded(&hospital, &theirs));
    full.store(false, Ordering::SeqCst);
    let broken = post_with_cookie(&router, "/break-glass/1", &doctor, &REASON).await;
    assert_eq!(broken.status, StatusCode::SEE_OTHER, "{}", words(&broken.text()));
    let page = get_with_cookie(&router, "/patients/1", &doctor).await;
    assert!(page.text().contains(SHOWN) && !shown_unrecorded(&hospital, &page));
}

/// The machine's disk, on which the files of one book find no room while `full`.
pub struct OneBookFull {
    pub book: &'static str,
    pub full: Arc<AtomicBool>,
}

impl OneBookFull {
    fn is_of_it(&self, path: &Path) -> bool {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        name.starts_with(&format!("{}-", self.book))
    }

    fn wrapped(&self, path: &Path, file: Arc<dyn DiskFile>) -> Arc<dyn DiskFile> {
        match self.is_of_it(path) {
            true => Arc::new(FullFile { file, full: self.full.clone() }),
            false => file,
        }
    }
}

impl Disk for OneBookFull {
    fn create_dir(&self, path: &Path) -> io::Result<()> {
        RealDisk.create_dir(path)
    }
    fn create(&self, path: &Path) -> io::Result<Arc<dyn DiskFile>> {
        if self.full.load(Ordering::SeqCst) && self.is_of_it(path) {
            return Err(io::Error::from_raw_os_error(28));
        }
        RealDisk.create(path).map(|file| self.wrapped(path, file))
    }
    fn open_write(&self, path: &Path) -> io::Result<Arc<dyn DiskFile>> {
        RealDisk.open_write(path).map(|file| self.wrapped(path, file))
    }
    fn open_read(&self, path: &Path) -> io::Result<Arc<dyn DiskFile>> {
        RealDisk.open_read(path)
    }
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        RealDisk.rename(from, to)
    }
    fn sync_dir(&self, path: &Path) -> io::Result<()> {
        RealDisk.sync_dir(path)
    }
    fn list(&self, path: &Path) -> io::Result<Vec<String>> {
        RealDisk.list(path)
    }
    fn lock(&self, path: &Path) -> io::Result<Option<Box<dyn Send + Sync>>> {
        RealDisk.lock(path)
    }
}

struct FullFile {
    file: Arc<dyn DiskFile>,
    full: Arc<AtomicBool>,
}

impl DiskFile for FullFile {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        self.file.read_at(buffer, offset)
    }
    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<usize> {
        match self.full.load(Ordering::SeqCst) {
            true => Err(io::Error::from_raw_os_error(28)),
            false => self.file.write_at(bytes, offset),
        }
    }
    fn sync_data(&self) -> io::Result<()> {
        self.file.sync_data()
    }
    fn set_len(&self, bytes: u64) -> io::Result<()> {
        self.file.set_len(bytes)
    }
    fn len(&self) -> io::Result<u64> {
        self.file.len()
    }
}

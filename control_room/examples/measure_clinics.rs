//! Measures clinic rescue: six weeks of a large trust rated again after a change of the systems board, lists on the screen,
//! notices planned and queued.
//!
//! `cargo run --release -p control_room --example measure_clinics -- [BOOKINGS]`. Prints one figure a line.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    missing_docs
)]

use basics::{Clock, FeedName, FixedClock, Moment, Person, SiteId};
use care::clinics::wanted::{Decisions, Telling};
use care::clinics::{Choice, Considered};
use control_room::{ClinicSetup, ControlRoom, FeedSetup, Ground, ListName, Setup, SiteContact};
use incident::systems::{Listing, SystemState};
use logbook::Keys;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

const CLINICS: [(&str, &str); 12] = [
    ("Dermatology", "Follow-up"),
    ("Lower GI", "2ww suspected cancer"),
    ("Imaging", "MRI knee"),
    ("CT", "CT chest"),
    ("Renal", "Dialysis"),
    ("Fracture", "Fracture clinic"),
    ("Eye", "Wet AMD injection"),
    ("Cardiology", "Echocardiogram"),
    ("Diabetes", "Review with HbA1c"),
    ("Antenatal", "Antenatal booking"),
    ("Oncology", "Chemotherapy cycle 3"),
    ("Orthopaedics", "Knee replacement review, P4"),
];

fn main() {
    let bookings = std::env::args().nth(1).map_or(60_000, |n| n.parse().unwrap());
    let dir = std::env::temp_dir().join(format!("lifeboat-measure-clinics-{}", std::process::id()));
    measure(&dir, bookings);
    drop(std::fs::remove_dir_all(&dir));
}

fn figure(name: &str, value: f64, unit: &str) {
    println!("figure\t{name}\t{value:.4}\t{unit}");
}

fn now() -> Moment {
    Moment::parse_rfc3339("2026-05-12T08:00:00Z").unwrap()
}

fn open(dir: &Path) -> ControlRoom {
    let feed = FeedSetup {
        site: SiteId::new("Northgate General"),
        ..FeedSetup::named(FeedName::new("clinics").unwrap())
    };
    let trust = SiteContact {
        name: "Northgate Hospitals".to_owned(),
        phone: "01632 960 100".to_owned(),
        hours: "8am to 8pm".to_owned(),
    };
    let setup = Setup {
        data_dir: dir.to_owned(),
        feeds: vec![feed],
        clinics: ClinicSetup { trust, ..ClinicSetup::default() },
        ..Setup::default()
    };
    let clock: Arc<dyn Clock> = Arc::new(FixedClock::new(now()));
    ControlRoom::open_offline(setup, &Keys::from_secret(&[1; 64]), clock).unwrap()
}

/// Booking `n`: on one of 30 working days, one of 5 hospitals, one of 12 clinics.
fn siu(n: usize) -> Vec<u8> {
    let (clinic, reason) = CLINICS[n % 12];
    let site = ["Northgate General", "Southmere", "Eastfield", "Westbrook", "Hillside"][n / 12 % 5];
    let zone = basics::Zone::london();
    let day = zone.date(now()).plus_days(u32::try_from(n / 60 % 42).unwrap()).iso().replace('-', "");
    let (hour, minute) = (8 + n / 2520 % 9, n / 22_680 * 10 % 60);
    format!(
        "MSH|^~\\&|CLINICS|NG|LB|LB|202605110900||SIU^S12|C{n}|P|2.5\r\
         SCH|B{n}|B{n}||||S12|{reason}||20|min|^^^{day}{hour:02}{minute:02}00^^Routine\r\
         PID|1||M{n}^^^NG^MR||EXAMPLE{n}^Sam||19600101|F|||{n} Example Street^^Northgate^^NG1 1AA||07{n:09}\r\
         RGS|1\rAIS|1||^{clinic}|{day}{hour:02}{minute:02}00\rAIL|1||{clinic}^^^{site}\r"
    )
    .into_bytes()
}

fn seconds(what: impl FnOnce()) -> f64 {
    let begin = Instant::now();
    what();
    begin.elapsed().as_secs_f64()
}

fn measure(dir: &Path, bookings: usize) {
    let room = open(dir);
    let feed = FeedName::new("clinics").unwrap();
    for from in (0..bookings).step_by(5_000) {
        let some = (from..bookings.min(from + 5_000)).map(|n| (siu(n), now())).collect();
        room.receive_batch(&feed, some).unwrap();
        room.catch_up(&mut |_, _| {}).unwrap();
    }
    let person = Person::new("Anna Bell").unwrap();
    let rules = room.clinics().forms.rules.clone();
    let listing = |name: &str| Listing {
        site: None,
        name: name.to_owned(),
        owner: String::new(),
        workaround: String::new(),
        depends_on: Vec::new(),
        recovery_order: None,
    };
    let systems = rules.systems.iter().map(|s| listing(s.name())).collect();
    room.incident().submit(incident::systems::Intent::List { systems }, &person, now()).unwrap();
    let today = basics::Zone::london().date(now());
    let board = || room.clinic_board(Ground::Real, today, 42, now()).unwrap();
    let all = board();
    figure("bookings", all.booked as f64, "");
    let mut changes: Vec<f64> = Vec::new();
    let mut state = SystemState::Unknown;
    for round in 0..10 {
        let system = room.incident().read(|book| book.systems.all().next().unwrap().0);
        let new = if round % 2 == 0 { SystemState::Infected } else { SystemState::Working };
        let note = "checked".to_owned();
        let intent = incident::systems::Intent::TellState {
            ground: Ground::Real,
            system,
            state: new,
            seen: state,
            note,
            since: None,
        };
        state = new;
        changes.push(seconds(|| {
            room.incident().submit(intent, &person, now()).unwrap();
            drop(board());
        }));
    }
    figure("rated_again_worst_s", changes.iter().copied().fold(0.0, f64::max), "s");
    let mut lists: Vec<f64> = Vec::new();
    for list in all.lists.iter().take(1_000) {
        lists.push(seconds(|| drop(room.clinic_list(Ground::Real, &list.name).unwrap())) * 1e3);
    }
    lists.sort_by(f64::total_cmp);
    figure("list_p99_ms", lists[lists.len() * 99 / 100], "ms");
    figure("lists", lists.len() as f64, "");
    postpone(&room, &person, &all.lists.iter().map(|l| l.name.clone()).collect::<Vec<_>>());
    let begin = Instant::now();
    let plan = room.clinic_notices(Ground::Real, None, now()).unwrap();
    let notices = plan.ready.len();
    for some in plan.ready.chunks(500) {
        let intent = Telling::Queue { notices: some.to_vec() };
        room.clinics().submit(None, intent, &person, now()).unwrap();
    }
    let left = room.clinic_notices(Ground::Real, None, now()).unwrap().ready.len();
    figure("notices", notices as f64, "");
    figure("notices_twice", left as f64, "");
    figure("notices_planned_and_sealed_s", begin.elapsed().as_secs_f64(), "s");
}

/// Postpones what is not class A until 20,000 are.
fn postpone(room: &ControlRoom, person: &Person, lists: &[ListName]) {
    let mut done = 0;
    for name in lists {
        let list = room.clinic_list(Ground::Real, name).unwrap();
        let bookings: Vec<Considered> = list
            .rows
            .iter()
            .filter(|r| r.verdict.class != care::clinics::Class::A)
            .map(|r| Considered { key: r.key.clone(), booking: r.snapshot.clone(), rule: r.verdict.words() })
            .collect();
        if bookings.is_empty() {
            continue;
        }
        done += bookings.len();
        let intent = Decisions::Decide {
            bookings,
            choice: Choice::Postpone,
            reason: "measured".to_owned(),
            signed_off: String::new(),
            seen: list.seen,
        };
        room.clinics().submit(None, intent, person, now()).unwrap();
        if done >= 20_000 {
            return;
        }
    }
}

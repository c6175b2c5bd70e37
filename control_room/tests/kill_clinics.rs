//! The program is killed (kill -9) in the midst of bulk decisions about clinics: each is there whole or not at all, what was
//! acknowledged is there, and nobody is forgotten between two states.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod common;

use basics::{EntryNumber, PartialDate, Person, SiteId};
use care::clinics::wanted::Decisions;
use care::clinics::{Choice, Considered, Handled};
use common::*;
use control_room::{BookingRow, ClinicList, ControlRoom, Ground, ListName};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};

/// Bookings of the list.
const BOOKED: usize = 60;
/// One test after another: between `fork` and `exec` a child holds a copy of every lock, its neighbour's record's too.
static ALONE: Mutex<()> = Mutex::new(());

fn siu(n: usize) -> Vec<u8> {
    let (hour, minute) = (8 + n / 12, n % 12 * 5);
    format!(
        "MSH|^~\\&|CLINICS|NG|LB|LB|202603010900||SIU^S12|S{n}|P|2.5\r\
         SCH|B{n}|B{n}||||S12|MRI knee||5|min|^^^20260312{hour:02}{minute:02}00\r\
         PID|1||C{n}^^^NG^MR||EXAMPLE{n}^Sam||19600101|F\r\
         RGS|1\rAIS|1||^Imaging|20260312{hour:02}{minute:02}00\rAIL|1||Imaging^^^Northgate General\r"
    )
    .into_bytes()
}

fn list(room: &ControlRoom) -> ClinicList {
    let day = PartialDate::parse_iso("2026-03-12").unwrap();
    let name = ListName { day, site: SiteId::new("Northgate General"), list: "Imaging".to_owned() };
    room.clinic_list(Ground::Real, &name).unwrap()
}

fn considered(row: &BookingRow) -> Considered {
    Considered { key: row.key.clone(), booking: row.snapshot.clone(), rule: row.verdict.words() }
}

fn postpone(room: &ControlRoom, rows: &[BookingRow], seen: EntryNumber) {
    let intent = Decisions::Decide {
        bookings: rows.iter().map(considered).collect(),
        choice: Choice::Postpone,
        reason: "no imaging".to_owned(),
        signed_off: String::new(),
        seen,
    };
    room.clinics().submit(None, intent, &Person::new("Anna Bell").unwrap(), start()).unwrap();
}

/// The child: postpones the whole list and takes it back, again and again, and says what it did. Does nothing unless asked
/// to by `killed`.
#[test]
fn child() {
    let Some(dir) = std::env::var_os("LIFEBOAT_KILL_CHILD") else { return };
    let room = open(Path::new(&dir));
    let planted = std::env::var_os("LIFEBOAT_KILL_PLANTED").is_some();
    if postponed(&room) > 0 {
        undo(&room);
    }
    for round in 1.. {
        let now = list(&room);
        if planted {
            return one_by_one(&room, &now);
        }
        postpone(&room, &now.rows, now.seen);
        println!("did {round} {BOOKED}");
        undo(&room);
        println!("did {round} 0");
    }
}

fn undo(room: &ControlRoom) {
    let now = list(room);
    let keys = now.rows.iter().map(|row| row.key.clone()).collect();
    let intent = Decisions::Undo { keys, why: "imaging is back".to_owned(), seen: now.seen };
    room.clinics().submit(None, intent, &Person::new("Anna Bell").unwrap(), start()).unwrap();
}

/// The planted bug: a bulk decision that is taken booking by booking.
fn one_by_one(room: &ControlRoom, now: &ClinicList) {
    let mut seen = now.seen;
    for (n, row) in now.rows.iter().enumerate() {
        postpone(room, std::slice::from_ref(row), seen);
        seen = list(room).seen;
        if n == BOOKED / 2 {
            // The parent kills here; it has all the time it wants.
            println!("did 1 {BOOKED}");
            loop {
                std::thread::park();
            }
        }
    }
}

/// Runs the child until it has said so many deeds, and kills it while it goes on; gives what the last one left postponed.
fn killed(dir: &Path, deeds: u64, planted: bool) -> usize {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "child", "--nocapture"]).env("LIFEBOAT_KILL_CHILD", dir);
    if planted {
        command.env("LIFEBOAT_KILL_PLANTED", "1");
    }
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut last = None;
    let mut said = 0;
    for line in BufReader::new(child.stdout.take().unwrap()).lines() {
        let line = line.unwrap();
        // The test harness writes its own words before the first of ours.
        let Some(at) = line.find("did ") else { continue };
        last = line[at..].split(' ').nth(2).and_then(|n| n.parse().ok()).or(last);
        said += 1;
        if said == deeds {
            child.kill().unwrap();
        }
    }
    child.wait().unwrap();
    last.expect("the child did nothing")
}

fn postponed(room: &ControlRoom) -> usize {
    list(room).rows.iter().filter(|row| row.handled.as_ref().is_some_and(Handled::postponed)).count()
}

/// What is wrong after a kill: a decision that is there in part; one that was acknowledged and is not there.
fn audit(dir: &Path, acknowledged: usize) -> Vec<String> {
    let room = offline(dir);
    let (there, booked) = (postponed(&room), list(&room).rows.len());
    let mut wrong = Vec::new();
    if booked != BOOKED {
        wrong.push(format!("{booked} bookings of {BOOKED}"));
    }
    if there != 0 && there != BOOKED {
        wrong.push(format!("{there} of {BOOKED} are postponed: the decision is there in part"));
    }
    // The deed after the last acknowledged one may have landed as well; each turns the state round.
    let may_be = [acknowledged, BOOKED - acknowledged];
    if !may_be.contains(&there) {
        wrong.push(format!("{there} are postponed after {acknowledged} were acknowledged"));
    }
    let counts =
        room.clinics().read(|book| care::clinics::counts(book.picture(None), &basics::Zone::london()));
    if counts.all.postponed as usize != there || !counts.all.adds_up() {
        wrong.push(format!("{there} are postponed and the counts say {:?}", counts.all));
    }
    room.close();
    wrong
}

fn booked() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let room = offline(dir.path());
    room.receive_batch(&pas(), (0..BOOKED).map(|n| (siu(n), start())).collect()).unwrap();
    room.catch_up(&mut |_, _| {}).unwrap();
    room.close();
    dir
}

#[test]
fn a_bulk_decision_is_there_whole_or_not_at_all() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let dir = booked();
    let mut dice = Dice(seed());
    for round in 0..if torture() { 200 } else { 8 } {
        let acknowledged = killed(dir.path(), 1 + dice.below(12), false);
        let wrong = audit(dir.path(), acknowledged);
        assert!(wrong.is_empty(), "round {round}: {wrong:#?}");
    }
}

#[test]
fn a_decision_taken_booking_by_booking_is_caught() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let dir = booked();
    let acknowledged = killed(dir.path(), 1, true);
    let wrong = audit(dir.path(), acknowledged);
    assert!(wrong.iter().any(|w| w.contains("in part")), "the planted bug was not caught: {wrong:#?}");
}

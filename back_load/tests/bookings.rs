//! What was decided here reads back as the same in Lifeboat's own reader: the booking found, moved or cancelled.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use back_load::bookings;
use basics::{Clock, FeedName, FixedClock, Moment, PartialDate, Person, SiteId, Zone};
use care::AppointmentStatus;
use care::clinics::wanted::{Decisions, Rebooking};
use care::clinics::{BookingKey, Choice, Considered, Place};
use control_room::{ControlRoom, FeedSetup, Ground, ListName, Setup, practice_of};
use logbook::Keys;
use std::sync::Arc;

const BOOKED: &str = "MSH|^~\\&|CLINICS|NG|LB|LB|202605110900||SIU^S12|C1|P|2.5\r\
    SCH|B1|B1||||S12|Knee & hip||20|min|^^^20260513092000^^Routine\r\
    PID|1||M1^^^NG^MR~9990000018^^^NHS^NH||EXAMPLE^Zoë^Ann^^Mrs||19600101|F\r\
    RGS|1\rAIS|1||^Orthopaedics|20260513092000\rAIL|1||Clinic 4^^^Northgate General\r";

fn room(dir: &std::path::Path) -> ControlRoom {
    room_marked(dir, None)
}

fn room_marked(dir: &std::path::Path, watermark: Option<&str>) -> ControlRoom {
    let now = Moment::parse_rfc3339("2026-05-12T08:00:00Z").unwrap();
    let feed = FeedSetup {
        site: SiteId::new("Northgate General"),
        ..FeedSetup::named(FeedName::new("clinics").unwrap())
    };
    let setup = Setup {
        data_dir: dir.to_owned(),
        feeds: vec![feed],
        index_cache_mb: 16,
        watermark: watermark.map(str::to_owned),
        ..Setup::default()
    };
    let clock: Arc<dyn Clock> = Arc::new(FixedClock::new(now));
    ControlRoom::open_offline(setup, &Keys::from_secret(&[7; 64]), clock).unwrap()
}

fn hears(room: &ControlRoom, messages: &[u8]) {
    let at = Moment::parse_rfc3339("2026-05-12T08:00:00Z").unwrap();
    room.receive_batch(&FeedName::new("clinics").unwrap(), vec![(messages.to_vec(), at)]).unwrap();
    room.catch_up(&mut |_, _| {}).unwrap();
    assert_eq!(room.tray_counts().total, 0, "everything is understood");
}

/// Postpones the booking on that ground; gives its key.
fn postpone(room: &ControlRoom, ground: Ground) -> BookingKey {
    let name = ListName {
        day: PartialDate::parse_iso("2026-05-13").unwrap(),
        site: SiteId::new("Northgate General"),
        list: "Clinic 4".to_owned(),
    };
    let list = room.clinic_list(ground, &name).unwrap();
    let row = list.rows[0].clone();
    let considered =
        Considered { key: row.key.clone(), booking: row.snapshot.clone(), rule: "D: follow-up".to_owned() };
    let postpone = Decisions::Decide {
        bookings: vec![considered],
        choice: Choice::Postpone,
        reason: "no imaging".to_owned(),
        signed_off: String::new(),
        seen: list.seen,
    };
    let at = Moment::parse_rfc3339("2026-05-12T08:00:00Z").unwrap();
    let who = Person::new("Anna Bell").unwrap();
    room.clinics().submit(practice_of(ground), postpone, &who, at).unwrap();
    row.key
}

/// A system that is well again must not cancel a clinic because somebody practised.
#[test]
fn what_was_practised_is_marked_as_training() {
    let exercise = Ground::Exercise(incident_id(3));
    for (watermark, ground, code) in [
        (None, Ground::Real, "P"),
        (None, exercise, "T"),
        (Some("DEMONSTRATION"), Ground::Real, "T"),
        (Some("DEMONSTRATION"), exercise, "T"),
    ] {
        let dir = tempfile::tempdir().unwrap();
        let room = room_marked(dir.path(), watermark);
        hears(&room, BOOKED.as_bytes());
        postpone(&room, ground);
        let at = Moment::parse_rfc3339("2026-05-12T08:00:00Z").unwrap();
        let file = bookings(&room, ground, at, &Zone::london()).unwrap();
        let message = hl7::Message::parse(&file).unwrap();
        assert_eq!(message.header().field(11).text(), code, "{watermark:?} {ground:?}");
        room.close();
    }
}

#[test]
fn postponed_and_rebooked_bookings_are_read_back_as_what_was_decided() {
    let (here, there) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (here, there) = (room(here.path()), room(there.path()));
    for room in [&here, &there] {
        hears(room, BOOKED.as_bytes());
    }
    let at = Moment::parse_rfc3339("2026-05-12T08:00:00Z").unwrap();
    let (zone, who) = (Zone::london(), Person::new("Anna Bell").unwrap());
    let key = postpone(&here, Ground::Real);
    let read = |file: &[u8]| {
        hears(&there, file);
        let patient = there.find_exact("9990000018").unwrap().unwrap();
        there.patient(patient).unwrap().unwrap().appointments.clone()
    };
    // Postponed without a new time: its own system is told to cancel it.
    let cancelled = read(&bookings(&here, Ground::Real, at, &zone).unwrap());
    assert_eq!((cancelled.len(), cancelled[0].status), (1, AppointmentStatus::Cancelled));
    let start = Moment::parse_rfc3339("2026-05-20T13:30:00Z").unwrap();
    let places = vec![Place { key, slot: None, start, list: "Clinic 5".to_owned() }];
    here.clinics().submit(None, Rebooking::Rebook { places, late_known: true }, &who, at).unwrap();
    let moved = read(&bookings(&here, Ground::Real, at.plus_seconds(60), &zone).unwrap());
    assert_eq!((moved.len(), moved[0].status), (1, AppointmentStatus::Rescheduled));
    assert_eq!((moved[0].start, moved[0].clinic.as_str()), (Some(start), "Clinic 5"));
    assert_eq!((moved[0].reason.as_str(), moved[0].minutes), ("Knee & hip", Some(20)));
    // Nothing was decided on the exercise's ground.
    let exercise = Ground::Exercise(incident_id(3));
    assert!(bookings(&here, exercise, at, &zone).unwrap().is_empty());
}

fn incident_id(n: u32) -> control_room::IncidentId {
    control_room::IncidentId(n)
}

//! Lists of bookings through the room's door.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use crate::common;

use common::*;
use control_room::{ControlRoom, FeedFormat};

const LIST: &str = "Booking ID,MRN,Surname,Date,Time,Clinic\r\nT1,7,Example,12/03/2026,08:30,Eye\r\n";

fn counts(room: &ControlRoom) -> (u64, u64, u64) {
    room.catch_up(&mut |_, _| {}).unwrap();
    let totals = room.totals();
    (totals.received, totals.understood, totals.in_tray)
}

#[test]
fn a_list_is_taken_by_a_feed_whose_messages_are_of_one_format_alone() {
    for format in [FeedFormat::Hl7, FeedFormat::Fhir, FeedFormat::Either] {
        let dir = tempfile::tempdir().unwrap();
        let mut setup = setup(dir.path());
        setup.feeds[0].format = format;
        let room = ControlRoom::open(setup, &keys(), clock()).unwrap();
        receive(&room, &pas(), LIST.as_bytes(), start()).unwrap();
        assert_eq!(counts(&room), (1, 1, 0), "{format:?}");
        let key = room.find_exact("7").unwrap().unwrap();
        assert_eq!(room.patient(key).unwrap().unwrap().appointments[0].id, "T1");
        // Anything else of another format still waits.
        let other = if format == FeedFormat::Fhir { "MSH|^~\\&|A\rPID|1\r" } else { "{\"a\":1}" };
        receive(&room, &pas(), other.as_bytes(), start()).unwrap();
        assert_eq!(counts(&room), (2, 1, 1), "{format:?}");
    }
}

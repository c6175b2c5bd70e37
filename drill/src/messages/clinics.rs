//! Clinic appointments: SIU as the booking system writes it.

use super::{Sent, doctor, pid};
use crate::people::{Person, Register};
use crate::wire::{Draft, Heading};
use basics::Moment;

/// A clinic of the trust.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub struct Clinic {
    pub code: &'static str,
    pub name: &'static str,
    pub clinician: &'static str,
    pub reason: &'static str,
}

/// The clinics that are booked.
pub static CLINICS: [Clinic; 10] = [
    Clinic {
        code: "CARDFU",
        name: "Cardiology follow-up",
        clinician: "Cavendish",
        reason: "Review after echocardiogram",
    },
    Clinic { code: "ONCCHEMO", name: "Chemotherapy day unit", clinician: "Eze", reason: "Cycle 3 of 6" },
    Clinic { code: "RADTHER", name: "Radiotherapy", clinician: "Ghoshal", reason: "Fraction 8 of 15" },
    Clinic {
        code: "RENDIAL",
        name: "Dialysis",
        clinician: "Igwe",
        reason: "Haemodialysis, three times a week",
    },
    Clinic { code: "ANTENAT", name: "Antenatal clinic", clinician: "Khatun", reason: "28 week check" },
    Clinic {
        code: "BREAST2W",
        name: "Breast two-week wait",
        clinician: "Moorcroft",
        reason: "Urgent suspected cancer",
    },
    Clinic { code: "DIABFOOT", name: "Diabetic foot clinic", clinician: "Nakamura", reason: "Ulcer review" },
    Clinic {
        code: "FRACTURE",
        name: "Fracture clinic",
        clinician: "Pargeter",
        reason: "Cast check at two weeks",
    },
    Clinic {
        code: "OPHTH",
        name: "Eye clinic (macular)",
        clinician: "Ravindran",
        reason: "Intravitreal injection",
    },
    Clinic {
        code: "PAEDASTH",
        name: "Children's asthma clinic",
        clinician: "Strachan",
        reason: "Annual review",
    },
];

/// A booking.
#[derive(Clone, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub struct Booking {
    pub id: String,
    pub person: usize,
    pub clinic: Clinic,
    pub hospital: &'static str,
    pub start: Moment,
    pub minutes: u32,
    pub cancelled: bool,
}

/// S12 booked, S13 moved, S14 changed, S15 cancelled.
pub fn booking(
    sent: Sent<'_>,
    trigger: &str,
    person: &Person,
    register: Register,
    booking: &Booking,
) -> Vec<u8> {
    let dialect = sent.source.dialect();
    let d = &dialect;
    let heading = Heading {
        facility: sent.facility,
        kind: ["SIU", trigger],
        control_id: sent.control_id,
        sent: sent.at,
    };
    let mut draft = Draft::new(d, heading);
    let (start, end) =
        (d.stamp(booking.start), d.stamp(booking.start.plus_seconds(i64::from(booking.minutes) * 60)));
    let status = if trigger == "S15" { "Cancelled" } else { "Booked" };
    let Clinic { code, name, clinician, reason } = booking.clinic;
    let timing = d.parts(&["", "", &format!("M{}", booking.minutes), &start, &end]);
    draft.segment(
        "SCH",
        &[
            (1, &booking.id),
            (2, &booking.id),
            (6, &d.parts(&[trigger, ""])),
            (7, &d.parts(&["", reason])),
            (8, &d.parts(&["FU", "Follow-up"])),
            (9, &booking.minutes.to_string()),
            (10, "min"),
            (11, &timing),
            (16, &doctor(d, clinician)),
            (25, status),
        ],
    );
    pid(&mut draft, person, register, false);
    draft.segment("RGS", &[(1, "1"), (2, "A")]);
    let minutes = booking.minutes.to_string();
    draft.segment(
        "AIS",
        &[(1, "1"), (2, "A"), (3, &d.parts(&[code, name])), (4, &start), (7, &minutes), (8, "min")],
    );
    draft
        .segment("AIL", &[(1, "1"), (2, "A"), (3, &d.parts(&[code, "", "", booking.hospital])), (6, &start)]);
    draft.segment("AIP", &[(1, "1"), (2, "A"), (3, &doctor(d, clinician)), (6, &start)]);
    draft.bytes()
}

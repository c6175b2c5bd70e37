//! Alerts as the trust's patient systems send them: no standard says how, so each has its own way.
//!
//! The shared system sends a `ZFL` segment an alert; Eastmere and Pennyfold send `OBX` segments in the ADT message:
//! the question in OBX-3, its answer in OBX-5.
//! An alert that ended is sent as ended for ever after, never silently left out.

use crate::people::{Alert, AlertKind, Person, Register};
use crate::wire::Draft;
use basics::Moment;

/// Adds the person's alerts in the style of the register's system.
pub fn as_sent(draft: &mut Draft<'_>, person: &Person, register: Register, at: Moment) {
    let has_status = person.alerts.iter().any(|alert| alert.kind == AlertKind::Resuscitation);
    // Where the question is the key (OBX), an ended status must not follow the one that took its place.
    let ended = person
        .alerts_ended
        .iter()
        .filter(|alert| register == 0 || alert.kind != AlertKind::Resuscitation || !has_status);
    let all = ended.map(|alert| (alert, false)).chain(person.alerts.iter().map(|alert| (alert, true)));
    for (number, (alert, active)) in (1..).zip(all) {
        let number = i32::to_string(&number);
        match register {
            0 => zfl(draft, &number, alert, active, at),
            _ => obx(draft, &number, alert, active, at),
        }
    }
}

fn kind_word(kind: AlertKind) -> &'static str {
    match kind {
        AlertKind::Resuscitation => "RESUS",
        AlertKind::Infection => "INFECTION",
        AlertKind::Falls => "FALLS",
        AlertKind::Safeguarding => "SAFEGUARDING",
    }
}

fn zfl(draft: &mut Draft<'_>, number: &str, alert: &Alert, active: bool, at: Moment) {
    let d = draft.dialect();
    draft.segment(
        "ZFL",
        &[
            (1, number),
            (2, kind_word(alert.kind)),
            (3, &d.parts(&[alert.code, alert.text])),
            (4, if active { "Y" } else { "N" }),
            (5, &d.stamp(at)),
        ],
    );
}

fn obx(draft: &mut Draft<'_>, number: &str, alert: &Alert, active: bool, at: Moment) {
    let d = draft.dialect();
    let (question, words) = match alert.kind {
        AlertKind::Resuscitation => ("RESUS", "Resuscitation status"),
        AlertKind::Infection => (alert.code, "Infection alert"),
        AlertKind::Falls => ("FALLS", "Falls risk alert"),
        AlertKind::Safeguarding => (alert.code, "Safeguarding alert"),
    };
    draft.segment(
        "OBX",
        &[
            (1, number),
            (2, "CE"),
            (3, &d.parts(&[question, words])),
            (5, &d.parts(&[alert.code, alert.text])),
            (11, if active { "F" } else { "D" }),
            (14, &d.stamp(at)),
        ],
    );
}

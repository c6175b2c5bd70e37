//! What leaves the clinics' pages as a file: printed lists, the door list, letters, tables, and messages for the systems
//! that are well again.
//!
//! Always: on paper the moment, the ground and the head of the record stand on each sheet.

use super::{Place, Question, door, no_list};
use crate::desk::{Desk, Look, Visit};
use crate::forms::Asked;
use crate::mishap::Mishap;
use crate::press::{file, pdf};
use axum::extract::State;
use axum::response::Response;
use basics::csv::line;
use care::PatientKey;
use care::clinics::{Notice, counts};
use care::notices::{Format, Paragraph};
use control_room::{BookingRow, ListName, practice_of};
use paper::{ClinicList, ClinicRow, Decided, DoorList, DoorRow, Letter, LetterHead};
use std::collections::BTreeSet;

/// `GET /clinics/rebooking.csv`: everything that was postponed, with what became of it.
pub async fn rebooking_csv(
    State(desk): State<Desk>,
    visit: Visit,
    Asked(asked): Asked<Question>,
) -> Response {
    desk.page(visit, move |look| {
        let place = Place::new(look, &asked.incident, "", "", "/clinics/rebooking")?;
        let head = [
            "booking",
            "number",
            "hospital",
            "service",
            "list",
            "was",
            "class",
            "latest safe day",
            "decided by",
            "decided at",
            "rule",
            "new time",
            "new list",
            "days late",
            "told",
            "reached",
        ];
        look.saw_by_key(postponed(look, &place));
        let rows = look.screens().room.clinics().read(|book| {
            let all = book.picture(practice_of(place.on.ground)).all();
            let postponed = all.filter(|(_, h)| h.postponed());
            postponed
                .map(|(key, h)| {
                    let decision = h.decision.as_ref();
                    let rebooked = h.rebooked.as_ref();
                    vec![
                        key.id.clone(),
                        h.booking.number.clone(),
                        h.booking.site.as_ref().map(ToString::to_string).unwrap_or_default(),
                        h.booking.service.clone(),
                        h.booking.list().to_owned(),
                        h.booking.start.rfc3339(),
                        h.booking.class.letter().to_string(),
                        h.booking.latest.day.iso(),
                        decision.map(|d| d.stamp.by.to_string()).unwrap_or_default(),
                        decision.map(|d| d.stamp.at.rfc3339()).unwrap_or_default(),
                        decision.map(|d| d.rule.clone()).unwrap_or_default(),
                        rebooked.map(|r| r.start.rfc3339()).unwrap_or_default(),
                        rebooked.map(|r| r.list.clone()).unwrap_or_default(),
                        rebooked.map(|r| r.days_late.to_string()).unwrap_or_default(),
                        h.last_told().map(|t| t.state.word().to_owned()).unwrap_or_default(),
                        if h.reached() { "yes".to_owned() } else { "no".to_owned() },
                    ]
                })
                .collect::<Vec<_>>()
        });
        let name = handed_back(look, &place, "rebooking.csv");
        file(look, csv(&head, &rows), "text/csv; charset=utf-8", "attachment", &name)
    })
    .await
}

/// `GET /clinics/counts.csv`
pub async fn counts_csv(State(desk): State<Desk>, visit: Visit, Asked(asked): Asked<Question>) -> Response {
    desk.page(visit, move |look| {
        let place = Place::new(look, &asked.incident, "", "", "/clinics/counts")?;
        let head = [
            "hospital",
            "service",
            "kept",
            "postponed",
            "suspected cancer postponed",
            "class A postponed",
            "surely know",
            "not sure",
            "rebooked",
            "rebooked late",
            "outstanding",
            "came",
            "came and seen",
        ];
        let counts = look
            .screens()
            .room
            .clinics()
            .read(|book| counts(book.picture(practice_of(place.on.ground)), look.zone()));
        let rows: Vec<Vec<String>> = counts
            .by_service
            .iter()
            .map(|((site, service), t)| {
                let numbers = [
                    t.kept,
                    t.postponed,
                    t.urgent_cancer_postponed,
                    t.class_a_postponed,
                    t.reached,
                    t.not_reached,
                    t.rebooked,
                    t.rebooked_late,
                    t.outstanding,
                    t.came,
                    t.came_seen,
                ];
                let site = site.as_ref().map(ToString::to_string).unwrap_or_default();
                [site, service.clone()].into_iter().chain(numbers.map(|n| n.to_string())).collect()
            })
            .collect();
        file(look, csv(&head, &rows), "text/csv; charset=utf-8", "attachment", "clinic-counts.csv")
    })
    .await
}

/// `GET /clinics/rebooking.hl7`: SIU messages for the hospital's own system.
pub async fn rebooking_hl7(
    State(desk): State<Desk>,
    visit: Visit,
    Asked(asked): Asked<Question>,
) -> Response {
    desk.page(visit, move |look| {
        let place = Place::new(look, &asked.incident, "", "", "/clinics/rebooking")?;
        let Some(back_load) = &look.screens().back_load else {
            return Err(Mishap::Refused("This Lifeboat hands nothing back.".to_owned()));
        };
        let bytes = back_load
            .bookings(place.on.ground, look.now)
            .map_err(|why| Mishap::fault("write messages", why))?;
        look.saw_by_key(postponed(look, &place));
        file(look, bytes, "application/hl7-v2", "attachment", &handed_back(look, &place, "rebooking.hl7"))
    })
    .await
}

/// Whose bookings were postponed on that ground: the files of rebooking are of these.
fn postponed(look: &Look<'_>, place: &Place) -> BTreeSet<PatientKey> {
    look.screens().room.clinics().read(|book| {
        let all = book.picture(practice_of(place.on.ground)).all();
        all.filter(|(_, handled)| handled.postponed()).map(|(key, _)| key.patient).collect()
    })
}

/// The name of a file that is loaded into the hospital's own system: what was practised is named so.
fn handed_back(look: &Look<'_>, place: &Place, name: &str) -> String {
    if place.is_practice(look) { format!("TRAINING-{name}") } else { name.to_owned() }
}

/// A table for a spreadsheet.
fn csv(head: &[&str], rows: &[Vec<String>]) -> Vec<u8> {
    let mut out = line(head);
    out.extend(rows.iter().map(line));
    out.into_bytes()
}

/// `GET /clinics/list.pdf`
pub async fn list_pdf(State(desk): State<Desk>, visit: Visit, Asked(asked): Asked<Question>) -> Response {
    desk.page(visit, move |look| {
        let place = Place::new(look, &asked.incident, &asked.day, &asked.site, "/clinics")?;
        let name = ListName { day: place.day, site: place.site.clone(), list: asked.list.clone() };
        let room = &look.screens().room;
        let found = room.clinic_list(place.on.ground, &name).map_err(Mishap::room("read a clinic's list"))?;
        if found.rows.is_empty() {
            return Err(no_list());
        }
        let list = ClinicList {
            clinic: if name.list.is_empty() { "No clinic named".to_owned() } else { name.list.clone() },
            day: control_room::long_date(name.day),
            place: name.site.as_ref().map(ToString::to_string).unwrap_or_default(),
            as_at: as_at(look),
            rows: found.rows.iter().map(|row| clinic_row(look, row)).collect(),
        };
        let head = letterhead(look, &place);
        pdf(look, look.press()?.clinic_lists(&[list], &head, look.zone()), "clinic-list")
    })
    .await
}

fn clinic_row(look: &Look<'_>, row: &BookingRow) -> ClinicRow {
    look.saw([row.record.key]);
    let handled = row.handled.as_ref();
    let decided = match handled {
        Some(h) if h.postponed() => Decided::Postponed,
        Some(h) if h.kept() => Decided::Keep,
        Some(h) if h.escalation.is_some() => Decided::Escalated,
        _ => Decided::NotDecided,
    };
    let note = handled.map(|h| {
        if let Some(rebooked) = &h.rebooked {
            return format!("now {}", look.zone().clinical(rebooked.start));
        }
        match (&h.decision, &h.escalation) {
            (Some(d), _) => format!("{}, {}", d.stamp.by, look.zone().hour_minute(d.stamp.at)),
            (None, Some(e)) => format!("{}, by {}", e.clinician, look.zone().hour_minute(e.due)),
            (None, None) => String::new(),
        }
    });
    let problems = row.record.conditions.iter().filter(|c| c.active).map(|c| c.text.as_str());
    let phones = row.record.telecoms.iter().map(|t| t.value.as_str()).take(2);
    ClinicRow {
        time: row.booking.start.map(|at| look.zone().hour_minute(at)).unwrap_or_default(),
        name: row.record.name.as_ref().map(care::PersonName::banner).unwrap_or_default(),
        born: row.record.birth_date.map(|d| d.to_string()).unwrap_or_default(),
        nhs_number: number(row),
        reason: row.booking.reason.clone(),
        problems: problems.take(4).collect::<Vec<_>>().join("; "),
        decided,
        decided_note: note.unwrap_or_default(),
        class: row.verdict.class.letter().to_string(),
        why: row.verdict.words(),
        phone: phones.collect::<Vec<_>>().join(", "),
    }
}

/// The NHS number; of a patient without one the hospital's, and that it is that.
fn number(row: &BookingRow) -> String {
    let nhs = row.record.nhs_number().map(|n| n.to_string());
    let mrn = || row.record.mrns().next().map(|mrn| format!("not recorded, MRN {mrn}"));
    nhs.or_else(mrn).unwrap_or_default()
}

/// `GET /clinics/door.pdf`
pub async fn door_pdf(State(desk): State<Desk>, visit: Visit, Asked(asked): Asked<Question>) -> Response {
    desk.page(visit, move |look| {
        let place = Place::new(look, &asked.incident, &asked.day, &asked.site, "/clinics/door")?;
        let rows = door::may_come(look, &place)?;
        look.saw(rows.iter().map(|row| row.record.key));
        let told = |row: &BookingRow| row.handled.as_ref().and_then(|h| h.last_told()).map(|t| t.state.word());
        let list = DoorList {
            place: place.site.as_ref().map_or_else(|| "All hospitals".to_owned(), ToString::to_string),
            day: control_room::long_date(place.day),
            as_at: as_at(look),
            in_doubt: "Postponed, and it is not sure that they know. If you have not been contacted, come: so they may."
                .to_owned(),
            rows: rows
                .iter()
                .map(|row| DoorRow {
                    name: row.record.name.as_ref().map(care::PersonName::banner).unwrap_or_default(),
                    born: row.record.birth_date.map(|d| d.to_string()).unwrap_or_default(),
                    time: row.handled.as_ref().map(|h| look.zone().hour_minute(h.booking.start)).unwrap_or_default(),
                    clinic: row.snapshot.list().to_owned(),
                    decided: match told(row) {
                        Some(state) => format!("Postponed; notice {state}"),
                        None => "Postponed; not told".to_owned(),
                    },
                    what_to_do: door::advice(look, row),
                })
                .collect(),
        };
        let head = letterhead(look, &place);
        pdf(look, look.press()?.door_list(&list, &head, look.zone()), "door-list")
    })
    .await
}

/// `GET /clinics/letters.pdf`: every letter that waits for print, in the order of its number.
pub async fn letters_pdf(State(desk): State<Desk>, visit: Visit, Asked(asked): Asked<Question>) -> Response {
    desk.page(visit, move |look| {
        let place = Place::new(look, &asked.incident, "", "", "/clinics/notices")?;
        let room = &look.screens().room;
        let waiting = room.letters_to_print(place.on.ground);
        if waiting.is_empty() {
            return Err(Mishap::NotFound {
                what: "No letter waits to be printed.".to_owned(),
                next: "Send notices first; letters then wait here.",
            });
        }
        let date = control_room::long_date(look.zone().date(look.now));
        let printed = || waiting.iter().take(paper::LETTERS_MAX);
        look.saw(printed().map(|notice| notice.planned.patient));
        let letters: Vec<Letter> = printed().map(|n| letter(n, &date)).collect();
        let contact = room.clinic_contact(None);
        let hospital = if contact.name.is_empty() { look.screens().trust.clone() } else { contact.name };
        let head = LetterHead {
            sender: [hospital.clone(), contact.phone, contact.hours]
                .into_iter()
                .filter(|l| !l.is_empty())
                .collect(),
            hospital,
            signed: look.screens().trust.clone(),
            watermark: place
                .on
                .ground
                .watermark()
                .map(str::to_owned)
                .or_else(|| look.screens().watermark.clone()),
            both_sides: false,
        };
        pdf(look, look.press()?.letters(&letters, &head), "letters")
    })
    .await
}

fn letter(notice: &Notice, date: &str) -> Letter {
    let planned = &notice.planned;
    Letter {
        to: planned.to.clone(),
        date: date.to_owned(),
        reference: format!("LB{}", notice.number),
        subject: planned.subject.clone(),
        body: paragraphs(&planned.text),
        language: planned.language,
        large_print: planned.format == Format::LargePrint,
    }
}

/// The words of a notice as they were sealed, in the parts that print shows: blocks with an empty line between them, a
/// heading above what it heads, a hyphen before each point.
fn paragraphs(text: &str) -> Vec<Paragraph> {
    let mut parts = Vec::new();
    for block in text.split("\n\n").map(str::trim).filter(|b| !b.is_empty()) {
        let heads = block.contains('\n');
        for (index, line) in block.lines().map(str::trim).enumerate() {
            parts.push(match line.strip_prefix("- ") {
                Some(point) => Paragraph::Bullet(point.to_owned()),
                None if index == 0 && heads => Paragraph::Heading(line.to_owned()),
                None => Paragraph::Text(line.to_owned()),
            });
        }
    }
    parts
}

fn as_at(look: &Look<'_>) -> String {
    format!("Data as at {}", look.zone().clinical(look.now))
}

fn letterhead(look: &Look<'_>, place: &Place) -> paper::Letterhead {
    let mut head = look.incidents(|book| {
        let running = book.running().find(|i| i.ground() == place.on.ground);
        crate::press::letterhead(look, book, running)
    });
    let last = look.screens().room.clinics().read(|book| book.last_entry);
    head.record = if last.0 > 0 { format!("clinic book up to entry {last}") } else { String::new() };
    head
}

//! A patient's summary: what the next nurse or doctor must know, most dangerous first.
//!
//! Always: allergies first, under one of the four headings; every section says how old it is; an empty section says so;
//! what is not listed is counted. Called by `Press`; proved by `tests/packs.rs` and the golden text.

use crate::Sheet;
use crate::flow::{Flow, Table};
use crate::frame::{Frame, House, Whom};
use crate::leaf::{Leaf, Style};
use crate::medicine_words::{Due, how_often, last_given, listed};
use crate::summary_results;
use crate::words::{self, NOT_RECORDED, or_not_recorded};
use crate::wrap::Rich;
use care::{AllergyKnowledge, Cite, Contact, MedicationRequest, PatientRecord, Telecom};

pub(crate) const BODY: Style = Style::plain(9.5);
pub(crate) const STRONG: Style = Style::bold(9.5);
pub(crate) const NOTE: Style = Style::soft(8.5);

/// The summary's pages.
pub(crate) fn sheet(house: &House<'_>, sheet: &Sheet, record: &PatientRecord) -> Vec<Leaf> {
    let frame = Frame { house, sheet, title: "Summary", whom: Whom::Patient(record), wide: false };
    let mut flow = Flow::new(&frame);
    allergies(&mut flow, record);
    alerts(&mut flow, record);
    stay(&mut flow, record);
    conditions(&mut flow, record);
    medicines(&mut flow, record);
    summary_results::vital_signs(&mut flow, record);
    summary_results::results(&mut flow, record);
    summary_results::reports(&mut flow, record);
    orders(&mut flow, record);
    appointments(&mut flow, record);
    people(&mut flow, record);
    flow.finish()
}

/// "As at 12-May-2017 13:06, 2 hours 59 minutes old".
pub(crate) fn age(house: &House<'_>, cite: Option<&Cite>) -> String {
    match cite {
        None => "Nothing received".to_owned(),
        Some(cite) => format!(
            "As at {}, {} old",
            house.zone.clinical(cite.at),
            words::length(house.pack.as_at.seconds_since(cite.at)),
        ),
    }
}

/// The allergies as one text under their heading, for the summary and for the medicines chart.
pub(crate) fn allergy_words(record: &PatientRecord, size: f32) -> Rich {
    let (strong, plain) = (Style::bold(size), Style::plain(size));
    let mut rich = Rich::of(record.allergies.knowledge.heading(), Style::bold(size + 1.0));
    match record.allergies.knowledge {
        AllergyKnowledge::NoneKnown => {}
        AllergyKnowledge::NotRecorded => {
            rich.say("   Nobody has said. Ask before giving any medicine.", plain);
        }
        AllergyKnowledge::Unavailable => {
            rich.say("   The source could not be read. Ask before giving any medicine.", plain);
        }
        AllergyKnowledge::Known if record.allergies.list.is_empty() => {
            rich.say("   To what is not recorded. Ask before giving any medicine.", plain);
        }
        AllergyKnowledge::Known => {}
    }
    for allergy in &record.allergies.list {
        rich.next_line(plain).say("• ", strong).say(&allergy.substance, strong);
        let severity = allergy.severity.map_or("", words::severity);
        for (label, text) in [
            ("reaction ", allergy.reaction.as_str()),
            ("", severity),
            ("", &allergy.category),
            ("", &allergy.verification),
        ] {
            if !text.trim().is_empty() {
                rich.say(", ", plain).say(label, plain).say(text, plain);
            }
        }
    }
    rich
}

fn allergies(flow: &mut Flow<'_>, record: &PatientRecord) {
    flow.boxed(&allergy_words(record, 10.5), &age(flow.house(), record.as_at.allergies.as_ref()));
}

fn alerts(flow: &mut Flow<'_>, record: &PatientRecord) {
    flow.heading("Alerts", &age(flow.house(), record.as_at.flags.as_ref()));
    let mut any = false;
    for flag in record.flags.iter().filter(|f| f.active) {
        let mut rich = Rich::of(&format!("{}: ", words::flag_kind(flag.kind)), BODY);
        rich.say(&flag.text, STRONG);
        if let Some(since) = flag.since {
            rich.say(&format!("   since {}", flow.house().zone.clinical(since)), NOTE);
        }
        flow.say(&rich);
        any = true;
    }
    if !any {
        flow.say(&Rich::of("No alerts recorded", BODY));
    }
    flow.end_section();
}

fn stay(flow: &mut Flow<'_>, record: &PatientRecord) {
    let house = flow.house();
    flow.heading("This stay", &age(house, record.as_at.encounters.as_ref()));
    let Some(stay) = record.current_encounter().or(record.encounters.last()) else {
        flow.say(&Rich::of(NOT_RECORDED, BODY));
        return flow.end_section();
    };
    let text = |value: &Option<String>| value.as_deref().map_or(NOT_RECORDED, or_not_recorded).to_owned();
    let mut rich = Rich::default();
    let mut pair = |label: &str, value: &str| {
        rich.say(label, BODY).say(value, STRONG).say("     ", BODY);
    };
    pair("Reason ", &text(&stay.reason));
    pair("Admitted ", &words::moment(house.zone, stay.admitted));
    pair("Consultant ", &text(&stay.consultant));
    pair("Service ", &text(&stay.service));
    if let Some(at) = stay.expected_discharge {
        pair("Discharge expected ", &house.zone.clinical(at));
    }
    if let Some(place) = &stay.temporary_location {
        pair("Now at ", &place.sent);
    }
    if let Some(visit) = &stay.visit {
        pair("Visit ", visit);
    }
    if let Some(at) = stay.discharged {
        pair("DISCHARGED ", &house.zone.clinical(at));
    }
    flow.say(&rich);
    flow.end_section();
}

fn conditions(flow: &mut Flow<'_>, record: &PatientRecord) {
    flow.heading("Conditions", &age(flow.house(), record.as_at.conditions.as_ref()));
    let mut rich = Rich::default();
    for condition in record.conditions.iter().filter(|c| c.active) {
        rich.say(if rich.is_empty() { "" } else { "  ·  " }, BODY);
        let text = if condition.text.trim().is_empty() { &condition.code } else { &condition.text };
        rich.say(text, BODY);
        if !condition.kind.is_empty() {
            rich.say(&format!(" ({})", condition.kind.to_lowercase()), NOTE);
        }
    }
    if rich.is_empty() {
        rich.say("No conditions recorded", BODY);
    }
    flow.say(&rich);
    flow.end_section();
}

fn medicines(flow: &mut Flow<'_>, record: &PatientRecord) {
    let house = flow.house();
    flow.heading("Medicines", &age(house, record.as_at.medications.as_ref()));
    let list = listed(record);
    let rows: Vec<Vec<Rich>> = list.shown().map(|m| medicine_row(house, record, m)).collect();
    if rows.is_empty() {
        flow.say(&Rich::of("No current medicines recorded", BODY));
    } else {
        let columns = vec![
            ("Medicine", 1.9),
            ("Dose", 1.75),
            ("Route, how often", 1.7),
            ("Last given", 1.5),
            ("Next due", 1.35),
            ("For", 1.3),
        ];
        flow.table(&Table { columns, rows, row_min: 0.0 });
    }
    if list.ended > 0 {
        flow.say(&Rich::of(&format!("{} stopped, completed or cancelled not listed.", list.ended), NOTE));
    }
    flow.end_section();
}

fn medicine_row(house: &House<'_>, record: &PatientRecord, medicine: &MedicationRequest) -> Vec<Rich> {
    let small = Style::plain(8.5);
    let mut name = Rich::of(&words::medicine_name(or_not_recorded(&medicine.medicine)), Style::bold(10.0));
    if medicine.status == care::MedicationStatus::OnHold {
        name.next_line(small).say("ON HOLD", Style::bold(8.5));
    }
    let mut dose = Rich::of("Dose ", small);
    dose.say(&words::dose(&medicine.dose), Style::bold(10.0));
    let mut how = Rich::of(or_not_recorded(&medicine.route), small);
    how.say(", ", small).say(&how_often(medicine), small);
    let due = Due::of(house, medicine);
    vec![
        name,
        dose,
        how,
        Rich::of(&last_given(house, record, medicine), small),
        Rich::of(&due.words, if due.past { Style::bold(8.5) } else { small }),
        Rich::of(or_not_recorded(&medicine.indication), small),
    ]
}

fn orders(flow: &mut Flow<'_>, record: &PatientRecord) {
    let house = flow.house();
    flow.heading("Orders waited for", &age(house, record.as_at.orders.as_ref()));
    let rows: Vec<Vec<Rich>> = record
        .orders
        .iter()
        .filter(|o| o.status.outstanding())
        .map(|order| {
            let mut name = Rich::of(or_not_recorded(&order.name), Style::bold(9.0));
            if order.urgent {
                name.say("   URGENT", Style::bold(9.0));
            }
            if !order.note.trim().is_empty() {
                name.next_line(NOTE).lines(&order.note, NOTE);
            }
            let small = Style::plain(8.5);
            let number = if order.placer.is_empty() { &order.filler } else { &order.placer };
            vec![
                name,
                Rich::of(words::order_status(order.status), small),
                Rich::of(&words::moment(house.zone, order.requested), small),
                Rich::of(or_not_recorded(&order.requester), small),
                Rich::of(or_not_recorded(number), small),
            ]
        })
        .collect();
    if rows.is_empty() {
        flow.say(&Rich::of("No outstanding orders recorded", BODY));
    } else {
        let columns = vec![("Order", 3.2), ("Status", 1.3), ("Asked", 1.4), ("By", 1.6), ("Number", 1.1)];
        flow.table(&Table { columns, rows, row_min: 0.0 });
    }
    flow.end_section();
}

fn appointments(flow: &mut Flow<'_>, record: &PatientRecord) {
    use care::AppointmentStatus::{Booked, Listed, Rescheduled};
    let made = flow.house().pack.as_at;
    let coming = |a: &&care::Appointment| {
        matches!(a.status, Booked | Listed | Rescheduled) && a.start.is_none_or(|s| s >= made)
    };
    let zone = flow.house().zone;
    let lines: Vec<Rich> = record
        .appointments
        .iter()
        .filter(coming)
        .map(|a| {
            let mut rich = Rich::of(&words::moment(zone, a.start), STRONG);
            for text in [&a.clinic, &a.service, &a.clinician, &a.reason] {
                if !text.trim().is_empty() {
                    rich.say(" · ", BODY).say(text, BODY);
                }
            }
            rich
        })
        .collect();
    if lines.is_empty() {
        return;
    }
    flow.heading("Appointments to come", &age(flow.house(), record.as_at.appointments.as_ref()));
    for line in &lines {
        flow.say(line);
    }
    flow.end_section();
}

fn people(flow: &mut Flow<'_>, record: &PatientRecord) {
    flow.heading("People to call, and who they are", &age(flow.house(), record.as_at.who()));
    let mut contacts: Vec<&Contact> = record.contacts.iter().collect();
    contacts.sort_by_key(|c| !c.next_of_kin);
    for contact in &contacts {
        let kin = if contact.next_of_kin { "Next of kin " } else { "Contact " };
        let mut rich = Rich::of(kin, BODY);
        rich.say(&contact.name.banner(), STRONG);
        rich.say(&format!(", {}", or_not_recorded(&contact.relationship).to_lowercase()), BODY);
        numbers(&mut rich, &contact.telecoms);
        flow.say(&rich);
    }
    if !contacts.iter().any(|c| c.next_of_kin) {
        flow.say(&Rich::of("Next of kin not recorded", BODY));
    }
    let mut gp = Rich::of("GP ", BODY);
    gp.say(record.gp.as_deref().map_or(NOT_RECORDED, or_not_recorded), STRONG);
    gp.say(&format!(", practice {}", record.gp_practice.as_deref().unwrap_or("not recorded")), BODY);
    flow.say(&gp);
    let mut own = Rich::of("Address ", BODY);
    match &record.address {
        Some(a) => own.say(&format!("{} {}", a.lines.join(", "), a.postcode), BODY),
        None => own.say(NOT_RECORDED, BODY),
    };
    numbers(&mut own, &record.telecoms);
    flow.say(&own);
    let mut speech = Rich::of("Language ", BODY);
    speech.say(record.language.as_deref().unwrap_or(NOT_RECORDED), STRONG);
    speech.say(
        match record.interpreter_needed {
            Some(true) => ", INTERPRETER NEEDED",
            Some(false) => ", no interpreter needed",
            None => "",
        },
        BODY,
    );
    for (label, value) in [("Religion ", &record.religion), ("Ethnicity ", &record.ethnicity)] {
        if let Some(value) = value {
            speech.say("     ", BODY).say(label, BODY).say(value, BODY);
        }
    }
    flow.say(&speech);
    flow.end_section();
}

fn numbers(rich: &mut Rich, telecoms: &[Telecom]) {
    if telecoms.is_empty() {
        rich.say("     telephone not recorded", BODY);
    }
    for telecom in telecoms {
        let label = if telecom.use_.is_empty() { "telephone" } else { &telecom.use_ };
        rich.say(&format!("     {label} "), BODY).say(&telecom.value, STRONG);
    }
}

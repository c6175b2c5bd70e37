//! A fictional ward, rich enough to meet every sheet's odd corners. Everybody on it is invented.
#![allow(dead_code)]

use basics::{EntryNumber, FeedName, Moment, NhsNumber, PartialDate, SiteId, WardId};
use care::ward_list::{WardKey, WardList, WardPatient, WardRow};
use care::ward_pack::WardPack;
use care::*;
use std::sync::Arc;

pub fn at(text: &str) -> Moment {
    Moment::parse_rfc3339(text).unwrap()
}

fn cite(text: &str) -> Option<Cite> {
    Some(Cite {
        entry: EntryNumber(4_821),
        at: at(text),
        received: at(text),
        feed: FeedName::new("pas").unwrap(),
    })
}

fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

pub fn person(family: &str, given: &str, prefix: &str) -> PersonName {
    PersonName {
        family: family.to_owned(),
        given: vec![given.to_owned()],
        prefix: prefix.to_owned(),
        suffix: String::new(),
    }
}

fn record(n: u32, name: PersonName, born: &str, sex: Sex) -> PatientRecord {
    let number =
        NhsNumber::test_number(999_100_000 + n).or_else(|| NhsNumber::test_number(999_200_000 + n)).unwrap();
    let mrn = Identifier {
        kind: IdentifierKind::Mrn,
        assigner: "NGH".to_owned(),
        value: format!("NG{:06}", 431_000 + n),
    };
    let mut record = PatientRecord {
        key: PatientKey(n.into()),
        identifiers: vec![Identifier::nhs(number), mrn],
        name: Some(name),
        birth_date: PartialDate::parse_iso(born),
        sex: Some(sex),
        ..PatientRecord::default()
    };
    record.encounters.push(Encounter {
        class: EncounterClass::Inpatient,
        location: Some(Location {
            site: SiteId::new("Northgate General"),
            ward: WardId::new("COTE1"),
            room: some("Bay 1"),
            bed: some(&n.to_string()),
            sent: format!("COTE1^Bay 1^{n}"),
        }),
        admitted: Some(at("2017-05-09T14:20:00Z")),
        reason: some("Community-acquired pneumonia, fall at home"),
        consultant: some("Dr Imogen Fairweather"),
        service: some("Care of the elderly"),
        expected_discharge: Some(at("2017-05-16T11:00:00Z")),
        cite: cite("2017-05-12T09:02:00Z"),
        ..Encounter::default()
    });
    record.as_at.any = cite("2017-05-12T15:58:00Z");
    record.as_at.person = cite("2017-05-09T14:20:00Z");
    record.as_at.encounters = cite("2017-05-12T09:02:00Z");
    record
}

pub fn medicine(
    name: &str,
    dose: &str,
    route: &str,
    frequency: &str,
    hours: Option<f64>,
) -> MedicationRequest {
    MedicationRequest {
        id: name.to_owned(),
        medicine: name.to_owned(),
        dose: dose.to_owned(),
        route: route.to_owned(),
        frequency: frequency.to_owned(),
        interval_hours: hours,
        prescriber: "Dr Tomasz Brzozowski".to_owned(),
        start: Some(at("2017-05-09T18:00:00Z")),
        last_given: hours.map(|_| at("2017-05-12T12:05:00Z")),
        last_given_dose: if hours.is_some() { dose.to_owned() } else { String::new() },
        cite: cite("2017-05-12T12:06:00Z"),
        ..MedicationRequest::default()
    }
}

pub fn observation(
    name: &str,
    figure: &str,
    unit: &str,
    range: &str,
    when: &str,
    abnormal: Option<AbnormalFlag>,
) -> Observation {
    Observation {
        id: String::new(),
        code: name.to_lowercase(),
        system: "local".to_owned(),
        name: name.to_owned(),
        value: Some(Value::Quantity { figure: figure.to_owned(), unit: unit.to_owned() }),
        range: range.to_owned(),
        abnormal,
        status: ResultStatus::Final,
        at: Some(at(when)),
        note: String::new(),
        cite: cite(when),
    }
}

fn report(name: &str, when: &str, status: ResultStatus, results: Vec<Observation>) -> DiagnosticReport {
    DiagnosticReport {
        id: format!("{name}{when}"),
        name: name.to_owned(),
        status,
        collected: Some(at(when)),
        reported: Some(at(when)),
        results,
        requester: "Dr Tomasz Brzozowski".to_owned(),
        cite: cite(when),
        ..DiagnosticReport::default()
    }
}

/// A patient with something in every section.
pub fn fredrica() -> PatientRecord {
    let mut r = record(1, person("Smith", "Fredrica", "Mrs"), "1945-07-14", Sex::Female);
    r.allergies = Allergies {
        knowledge: AllergyKnowledge::Known,
        list: vec![
            AllergyIntolerance {
                substance: "Penicillin".to_owned(),
                category: "Drug".to_owned(),
                severity: Some(Severity::Severe),
                reaction: "Anaphylaxis".to_owned(),
                ..AllergyIntolerance::default()
            },
            AllergyIntolerance {
                substance: "Latex".to_owned(),
                severity: Some(Severity::Mild),
                reaction: "Rash".to_owned(),
                verification: "unconfirmed".to_owned(),
                ..AllergyIntolerance::default()
            },
        ],
    };
    r.as_at.allergies = cite("2017-05-09T15:10:00Z");
    let flag = |kind, text: &str| Flag {
        kind,
        code: String::new(),
        text: text.to_owned(),
        active: true,
        since: Some(at("2017-05-10T10:00:00Z")),
        cite: cite("2017-05-10T10:00:00Z"),
    };
    r.flags = vec![
        flag(FlagKind::Resuscitation, "Not for cardiopulmonary resuscitation"),
        flag(FlagKind::Falls, "High risk of falls: two staff to move"),
        flag(FlagKind::Infection, "MRSA positive (nose), side room"),
    ];
    r.as_at.flags = cite("2017-05-10T10:00:00Z");
    r.conditions = [
        "Community-acquired pneumonia",
        "Atrial fibrillation",
        "Type 2 diabetes mellitus",
        "Chronic kidney disease stage 3",
    ]
    .iter()
    .map(|text| Condition {
        text: (*text).to_owned(),
        active: true,
        onset: Some(at("2017-05-09T14:20:00Z")),
        kind: "Working".to_owned(),
        ..Condition::default()
    })
    .collect();
    r.as_at.conditions = cite("2017-05-09T16:40:00Z");
    fill_medicines(&mut r);
    fill_results(&mut r);
    r.address = Some(Address {
        lines: vec!["14 Larkspur Row".to_owned(), "Northgate".to_owned()],
        postcode: "ZZ99 3VZ".to_owned(),
    });
    r.telecoms = vec![Telecom { use_: "home".to_owned(), value: "01632 960 114".to_owned() }];
    r.language = some("English");
    r.interpreter_needed = Some(false);
    r.gp = some("Dr Oluwaseun Adeyemi-Hart");
    r.gp_practice = some("Millbeck Surgery, Northgate");
    r.contacts = vec![
        Contact {
            name: person("Smith", "Harold", "Mr"),
            relationship: "Husband".to_owned(),
            telecoms: vec![Telecom { use_: "mobile".to_owned(), value: "07700 900 231".to_owned() }],
            next_of_kin: true,
        },
        Contact {
            name: person("Okafor-Smith", "Bernadette", "Ms"),
            relationship: "Daughter".to_owned(),
            telecoms: vec![Telecom { use_: "work".to_owned(), value: "01632 960 877".to_owned() }],
            next_of_kin: false,
        },
    ];
    r
}

fn fill_medicines(r: &mut PatientRecord) {
    r.medications = vec![
        MedicationRequest {
            indication: "Pneumonia".to_owned(),
            ..medicine("DOXYCYCLINE", "100 mg", "oral", "every 12 hours", Some(12.0))
        },
        MedicationRequest {
            indication: "Atrial fibrillation".to_owned(),
            ..medicine("Bisoprolol", "2.50 mg", "oral", "once a day", Some(24.0))
        },
        medicine("Levothyroxine", "75 mcg", "oral", "once a day, before breakfast", Some(24.0)),
        MedicationRequest {
            indication: "Atrial fibrillation; see the anticoagulant clinic's letter of 2 May".to_owned(),
            ..medicine("Apixaban", "2.5 mg", "oral", "twice a day", Some(12.0))
        },
        medicine("Insulin glargine", "14 U", "subcutaneous", "at bedtime", Some(24.0)),
        MedicationRequest {
            as_required: true,
            indication: "Pain".to_owned(),
            ..medicine("Paracetamol", "1.0 g", "oral", "as required, up to four times a day", None)
        },
        MedicationRequest {
            as_required: true,
            indication: "Nausea".to_owned(),
            ..medicine("Ondansetron", "4 mg", "oral or intravenous", "as required, every 8 hours", None)
        },
        MedicationRequest {
            status: MedicationStatus::OnHold,
            ..medicine("Metformin", "500 mg", "oral", "twice a day", None)
        },
        MedicationRequest {
            status: MedicationStatus::Stopped,
            ..medicine("Amoxicillin", "500 mg", "oral", "three times a day", None)
        },
    ];
    r.as_at.medications = cite("2017-05-12T12:06:00Z");
}

fn fill_results(r: &mut PatientRecord) {
    let bloods = |when: &str, hb: &str, k: &str, crp: &str, status| {
        report(
            "Full blood count, renal profile",
            when,
            status,
            vec![
                observation("Haemoglobin", hb, "g/L", "115-165", when, Some(AbnormalFlag::Low)),
                observation(
                    "White cell count",
                    "14.10",
                    "10*9/L",
                    "4.0-11.0",
                    when,
                    Some(AbnormalFlag::High),
                ),
                observation("Platelets", "310", "10*9/L", "150-400", when, None),
                observation("Sodium", "138", "mmol/L", "133-146", when, Some(AbnormalFlag::Normal)),
                observation("Potassium", k, "mmol/L", "3.5-5.3", when, Some(AbnormalFlag::CriticalHigh)),
                observation("Creatinine", "141", "umol/L", "45-84", when, Some(AbnormalFlag::High)),
                observation("C-reactive protein", crp, "mg/L", "<5", when, Some(AbnormalFlag::High)),
            ],
        )
    };
    r.reports = vec![
        DiagnosticReport {
            text: "There is consolidation in the right lower zone with air bronchograms.\nNo effusion. Heart size at the upper limit of normal.\nConclusion: right lower lobe pneumonia. Repeat in six weeks.".to_owned(),
            ..report("X-ray chest", "2017-05-12T08:30:00Z", ResultStatus::Preliminary, vec![])
        },
        bloods("2017-05-12T06:10:00Z", "104", "6.20", "88", ResultStatus::Corrected),
        bloods("2017-05-11T06:05:00Z", "106", "5.10", "143", ResultStatus::Final),
        bloods("2017-05-09T15:00:00Z", "110", "4.9", "211", ResultStatus::Final),
    ];
    r.as_at.reports = cite("2017-05-12T15:58:00Z");
    for (when, rr, spo2, bp, dia, pulse, temp) in [
        ("2017-05-12T14:00:00Z", "21", "93", "118", "66", "96", "37.9"),
        ("2017-05-12T10:00:00Z", "22", "92", "112", "61", "104", "38.4"),
        ("2017-05-12T06:00:00Z", "24", "91", "108", "58", "110", "38.8"),
    ] {
        for (name, figure, unit) in [
            ("Respiratory rate", rr, "/min"),
            ("Oxygen saturation", spo2, "%"),
            ("Systolic blood pressure", bp, "mmHg"),
            ("Diastolic blood pressure", dia, "mmHg"),
            ("Pulse", pulse, "/min"),
            ("Temperature", temp, "Cel"),
        ] {
            r.observations.push(observation(name, figure, unit, "", when, None));
        }
    }
    r.as_at.observations = cite("2017-05-12T14:00:00Z");
    r.orders = vec![
        ServiceRequest {
            placer: "ORD-5512".to_owned(),
            name: "CT head without contrast".to_owned(),
            urgent: true,
            status: OrderStatus::Requested,
            requested: Some(at("2017-05-12T13:40:00Z")),
            requester: "Dr Tomasz Brzozowski".to_owned(),
            note: "Fall, on anticoagulant".to_owned(),
            ..ServiceRequest::default()
        },
        ServiceRequest {
            placer: "ORD-5498".to_owned(),
            name: "Blood cultures".to_owned(),
            status: OrderStatus::Partial,
            requested: Some(at("2017-05-11T09:10:00Z")),
            requester: "Dr Tomasz Brzozowski".to_owned(),
            ..ServiceRequest::default()
        },
        ServiceRequest {
            placer: "ORD-5310".to_owned(),
            name: "Chest X-ray".to_owned(),
            status: OrderStatus::Completed,
            ..ServiceRequest::default()
        },
    ];
    r.as_at.orders = cite("2017-05-12T13:40:00Z");
}

/// The list row of a record.
fn row(bed: &str, r: &PatientRecord) -> WardRow {
    let e = r.encounters.first().cloned().unwrap_or_default();
    WardRow {
        bed: bed.to_owned(),
        patient: Some(WardPatient {
            key: r.key,
            name: r.name.as_ref().map_or_else(|| "NAME NOT RECORDED".to_owned(), PersonName::banner),
            birth_date: r.birth_date,
            sex: r.sex,
            nhs_number: r.nhs_number(),
            mrn: r.mrns().next().map(str::to_owned),
            class: e.class,
            location: e.location.clone().unwrap_or_default(),
            temporary_location: e.temporary_location.clone(),
            admitted: e.admitted,
            reason: e.reason.clone(),
            consultant: e.consultant.clone(),
            allergy_knowledge: r.allergies.knowledge,
            allergies: r.allergies.list.iter().map(|a| a.substance.clone()).collect(),
            flags: r.flags.iter().map(|f| (f.kind, f.text.clone())).collect(),
            on_leave: e.status == EncounterStatus::OnLeave,
            died: r.died.is_some(),
            as_at: None,
        }),
    }
}

/// A pack around records, bed by bed, with one empty bed at the end.
pub fn pack(records: Vec<PatientRecord>) -> WardPack {
    let mut rows: Vec<WardRow> = records
        .iter()
        .enumerate()
        .map(|(n, r)| row(&format!("Bay {} Bed {}", n / 6 + 1, n % 6 + 1), r))
        .collect();
    rows.push(WardRow { bed: "Side room 1".to_owned(), patient: None });
    WardPack {
        list: WardList {
            key: WardKey {
                site: SiteId::new("Northgate General").unwrap(),
                ward: WardId::new("COTE1").unwrap(),
            },
            name: "Care of the elderly 1".to_owned(),
            rows,
            as_at: Some(at("2017-05-12T15:58:00Z")),
        },
        patients: records.into_iter().map(Arc::new).collect(),
        trust: "Fenland Vale Hospitals".to_owned(),
        as_at: at("2017-05-12T16:05:00Z"),
        data_as_at: Some(at("2017-05-12T16:01:00Z")),
        silent: Vec::new(),
        apart: Vec::new(),
        head: "48213:ab12cd34".to_owned(),
        watermark: None,
        address: "https://lifeboat.fenlandvale.example".to_owned(),
    }
}

/// The fixed ward of the golden text.
pub fn ward() -> WardPack {
    let mut child = record(2, person("Achterberg", "Jip", ""), "2009-02-20", Sex::Male);
    child.allergies.knowledge = AllergyKnowledge::NoneKnown;
    child.medications = vec![medicine("Salbutamol", "100 mcg", "inhaled", "every 4 hours", Some(4.0))];
    let mut dead =
        record(3, person("Vandersteen", "Maximiliaan Oberon Theodoric", "Prof"), "1931-11-30", Sex::Male);
    dead.died = Some(Some(at("2017-05-12T03:10:00Z")));
    dead.allergies.knowledge = AllergyKnowledge::Unavailable;
    let mut unknown = PatientRecord { key: PatientKey(4), ..PatientRecord::default() };
    unknown.encounters.push(Encounter::default());
    let mut scripts = record(5, person("Łukaszewicz-Ωμέγα", "Иван محمد 王芳", "Mx"), "1988", Sex::Other);
    scripts.encounters[0].status = EncounterStatus::InProgress;
    scripts.encounters[0].temporary_location =
        Some(Location { sent: "Theatre 3".to_owned(), ..Location::default() });
    pack(vec![fredrica(), child, dead, unknown, scripts])
}

/// A full ward of `n` patients like Fredrica, each with a name of her own.
pub fn full_ward(n: u32) -> WardPack {
    let records = (1..=n)
        .map(|i| {
            let mut r = fredrica();
            let own =
                record(i, person(&format!("Testperson{i}"), "Fredrica", "Mrs"), "1945-07-14", Sex::Female);
            (r.key, r.identifiers, r.name) = (own.key, own.identifiers, own.name);
            r
        })
        .collect();
    pack(records)
}

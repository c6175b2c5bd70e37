//! Records grow from facts in whatever order these come: steps of stays, corrections of results, merges and undos.

use basics::{EntryNumber, FeedName, Moment, PartialDate, WardId};
use care::fact::Demographics;
use care::identity::LinkChange;
use care::*;

fn cite(minute: i64) -> Cite {
    from("pas", minute)
}

fn from(feed: &str, minute: i64) -> Cite {
    let at = Moment::from_milliseconds(minute * 60_000);
    Cite { entry: EntryNumber(1), at, received: at, feed: FeedName::new(feed).unwrap() }
}

fn bed(text: &str) -> Location {
    let (ward, bed) = text.split_once(' ').unwrap_or((text, ""));
    Location {
        ward: WardId::new(ward),
        bed: (!bed.is_empty()).then(|| bed.to_owned()),
        sent: text.to_owned(),
        ..Location::default()
    }
}

/// "time Step class visit place", each but the first two may be "-".
fn step(record: &mut PatientRecord, line: &str) {
    let parts: Vec<&str> = line.split_whitespace().collect();
    let part = |n: usize| parts.get(n).copied().filter(|p| *p != "-");
    let minute: i64 = parts[0].parse().unwrap();
    let kind = match parts[1] {
        "Admit" => Move::Admit,
        "Preadmit" => Move::Preadmit,
        "Transfer" => Move::Transfer,
        "Swap" => Move::Swap,
        "Discharge" => Move::Discharge,
        "Leave" => Move::Leave,
        "Return" => Move::Return,
        "Depart" => Move::Depart,
        "Arrive" => Move::Arrive,
        "CancelAdmit" => Move::CancelAdmit,
        "CancelPreadmit" => Move::CancelPreadmit,
        "CancelTransfer" => Move::CancelTransfer,
        "CancelDischarge" => Move::CancelDischarge,
        "Amend" => Move::Amend,
        "Mention" => Move::Mention,
        other => panic!("{other}"),
    };
    let mut told = EncounterStep::new(kind);
    told.class = part(2).map(|c| match c {
        "I" => EncounterClass::Inpatient,
        "E" => EncounterClass::Emergency,
        "O" => EncounterClass::Outpatient,
        _ => EncounterClass::DayCase,
    });
    told.visit = part(3).map(str::to_owned);
    let place = part(4).map(|p| bed(&p.replace('_', " ")));
    if kind == Move::Depart {
        told.temporary_location = place.map_or(Update::Keep, Update::Set);
    } else {
        told.location = place.map_or(Update::Keep, Update::Set);
    }
    record.apply(&What::Encounter(Box::new(told)), &cite(minute));
}

/// Class, place, temporary place and whether on leave; "-" when nowhere.
fn now(record: &PatientRecord) -> String {
    let Some(stay) = record.current_encounter() else { return "-".to_owned() };
    let place = stay.location.as_ref().map_or("nowhere", |l| l.sent.as_str());
    let temporary = stay.temporary_location.as_ref().map(|t| format!(" in {}", t.sent)).unwrap_or_default();
    let leave = if stay.status == EncounterStatus::OnLeave { " on leave" } else { "" };
    format!("{} {place}{temporary}{leave}", stay.class.letter())
}

fn check(steps: &[&str], want: &str) {
    let mut record = PatientRecord::default();
    steps.iter().for_each(|s| step(&mut record, s));
    assert_eq!(now(&record), want, "{steps:#?}\n{:#?}", record.encounters);
}

#[test]
fn steps_lead_from_state_to_state() {
    for (steps, want) in [
        (&["1 Admit I v1 AMU_3"][..], "I AMU 3"),
        (&["1 Admit I v1 AMU_3", "2 Transfer I v1 CARD_1"], "I CARD 1"),
        (&["1 Admit I v1 AMU_3", "2 Discharge I v1"], "-"),
        (&["1 Admit I v1 AMU_3", "2 Discharge I v1", "3 CancelDischarge I v1"], "I AMU 3"),
        (&["1 Admit I v1 AMU_3", "2 CancelAdmit I v1"], "-"),
        (&["1 Admit I v1 AMU_3", "2 Transfer I v1 CARD_1", "3 CancelTransfer I v1 AMU_3"], "I AMU 3"),
        // The cancel names the place cancelled, or none at all.
        (&["1 Admit I v1 AMU_3", "2 Transfer I v1 CARD_1", "3 CancelTransfer I v1 CARD_1"], "I AMU 3"),
        (&["1 Admit I v1 AMU_3", "2 Transfer I v1 CARD_1", "3 CancelTransfer I v1"], "I AMU 3"),
        (&["1 Admit I v1 AMU_3", "2 Depart I v1 THEATRE"], "I AMU 3 in THEATRE"),
        (&["1 Admit I v1 AMU_3", "2 Depart I v1 THEATRE", "3 Arrive I v1 AMU_9"], "I AMU 9"),
        (&["1 Admit I v1 AMU_3", "2 Leave I v1"], "I AMU 3 on leave"),
        (&["1 Admit I v1 AMU_3", "2 Leave I v1", "3 Return I v1 AMU_4"], "I AMU 4"),
        (&["1 Admit I v1 AMU_3", "2 Swap I v1 AMU_4"], "I AMU 4"),
        (&["1 Admit E v1 ED_1", "2 Transfer I v1 AMU_4"], "I AMU 4"),
        (&["1 Admit I v1 AMU_3", "2 Transfer O v1"], "O AMU 3"),
        (&["1 Preadmit I - ", "2 Admit I v1 AMU_3"], "I AMU 3"),
        (&["1 Preadmit I v1", "2 CancelPreadmit I v1"], "-"),
        // Joined midway: any step shows the patient.
        (&["1 Amend I v1 AMU_3"], "I AMU 3"),
        (&["1 Mention I v1 AMU_3"], "I AMU 3"),
        // Without visit numbers.
        (&["1 Admit I - AMU_3", "2 Transfer I - CARD_1", "3 Discharge"], "-"),
        (&["1 Admit I - AMU_3", "2 Admit I - AMU_3"], "I AMU 3"),
        // A number learnt later belongs to the stay that had none.
        (&["1 Admit I - AMU_3", "2 Transfer I v1 CARD_1", "3 Discharge I v1"], "-"),
    ] {
        check(steps, want);
    }
}

#[test]
fn late_steps_do_not_undo_newer_ones() {
    for (steps, want) in [
        // The transfer of the same second, or earlier by arrival, stands over the admission.
        (&["1 Transfer I v1 CARD_1", "1 Admit I v1 AMU_3"][..], "I CARD 1"),
        (&["5 Transfer I v1 CARD_1", "1 Admit I v1 AMU_3"], "I CARD 1"),
        (&["5 Discharge I v1", "1 Admit I v1 AMU_3"], "-"),
        (&["5 Discharge I v1", "1 Admit I v1 AMU_3", "3 Transfer I v1 CARD_1"], "-"),
        (&["1 Admit I v1 AMU_3", "5 CancelDischarge I v1", "4 Discharge I v1"], "I AMU 3"),
        (&["5 CancelAdmit I v1", "1 Admit I v1 AMU_3"], "-"),
        // Without visit numbers: the admission told late is that of the stay that is over.
        (&["5 Discharge I -", "1 Admit I - AMU_3"], "-"),
        (&["5 Discharge I - AMU_3", "1 Admit I - AMU_3", "9 Admit I - AMU_4"], "I AMU 4"),
        // Details told after the discharge put nobody back into the bed; another bed does.
        (&["1 Admit I - AMU_3", "2 Discharge I - AMU_3", "3 Amend I - AMU_3"], "-"),
        (&["1 Admit I - AMU_3", "2 Discharge I - AMU_3", "3 Amend I -"], "-"),
        (&["1 Admit I - AMU_3", "2 Discharge I - AMU_3", "3 Amend I - CARD_1"], "I CARD 1"),
        (&["1 Admit I v1 AMU_3", "5 Amend I v1 CARD_1", "3 Transfer I v1 RESP_2"], "I CARD 1"),
        (&["5 Admit I v1 AMU_3", "1 Preadmit I -"], "I AMU 3"),
        // An older stay told late is over.
        (&["9 Admit I v2 AMU_3", "1 Admit I v1 CARD_1"], "I AMU 3"),
        // A readmission under the same number is none of these.
        (&["1 Admit I v1 AMU_3", "2 Discharge I v1", "3 Admit I v1 AMU_8"], "I AMU 8"),
        (&["1 Admit I v1 AMU_3", "2 Discharge I v1", "3 Transfer I v1 AMU_8"], "I AMU 8"),
    ] {
        check(steps, want);
    }
}

#[test]
fn one_patient_lies_in_one_bed() {
    for (steps, want) in [
        (&["1 Admit E v1 ED_1", "2 Admit I v2 AMU_3"][..], "I AMU 3"),
        (&["1 Admit E v1 ED_1", "2 Admit I v2 AMU_3", "3 Discharge I v2"], "-"),
        (&["1 Admit E v1 ED_1", "2 Admit I v2 AMU_3", "3 CancelAdmit I v2"], "E ED 1"),
        (&["1 Admit I v1 AMU_3", "2 Admit I v2 CARD_1"], "I CARD 1"),
        (&["1 Admit I v1 AMU_3", "2 Admit I v2 CARD_1", "3 Discharge I v2"], "-"),
        // A clinic visit moves no inpatient, and does not take the bed when it ends.
        (&["1 Admit I v1 AMU_3", "2 Admit O v2 CLINIC"], "I AMU 3"),
        (&["1 Admit I v1 AMU_3", "2 Admit O v2 CLINIC", "3 Discharge O v2"], "I AMU 3"),
        // Results name old places; they move nobody.
        (&["1 Admit I v1 AMU_3", "2 Mention I v1 CARD_9"], "I AMU 3"),
        (&["1 Admit I v1 AMU_3", "2 Discharge I v1", "3 Mention I v1 AMU_3"], "-"),
        (&["1 Mention O - ED", "2 Admit I v1 AMU_3", "3 Discharge I v1"], "-"),
    ] {
        check(steps, want);
    }
}

fn result(status: ResultStatus, figure: &str) -> What {
    What::Report(Box::new(DiagnosticReport {
        id: "F1".to_owned(),
        code: "UE".to_owned(),
        name: "Urea and electrolytes".to_owned(),
        status,
        results: vec![Observation {
            id: String::new(),
            code: "K".to_owned(),
            system: String::new(),
            name: "Potassium".to_owned(),
            value: Some(Value::Quantity { figure: figure.to_owned(), unit: "mmol/L".to_owned() }),
            range: String::new(),
            abnormal: None,
            status,
            at: None,
            note: String::new(),
            cite: None,
        }],
        ..DiagnosticReport::default()
    }))
}

#[test]
fn a_result_never_goes_back() {
    use ResultStatus::{Corrected, Final, Preliminary, Withdrawn};
    for (told, want) in [
        (&[(1, Preliminary, "4.0"), (2, Final, "4.1")][..], (Final, "4.1")),
        (&[(2, Final, "4.1"), (1, Preliminary, "4.0")], (Final, "4.1")),
        (&[(1, Final, "4.1"), (2, Preliminary, "4.0")], (Final, "4.1")),
        (&[(1, Final, "4.1"), (2, Corrected, "6.1")], (Corrected, "6.1")),
        (&[(2, Corrected, "6.1"), (1, Final, "4.1")], (Corrected, "6.1")),
        (&[(1, Final, "4.1"), (3, Final, "4.2"), (2, Final, "4.3")], (Final, "4.2")),
        (&[(1, Final, "4.1"), (2, Withdrawn, "4.1")], (Withdrawn, "4.1")),
    ] {
        let mut record = PatientRecord::default();
        for (minute, status, figure) in told {
            record.apply(&result(*status, figure), &cite(*minute));
        }
        assert_eq!(record.reports.len(), 1);
        let kept = &record.reports[0].results[0];
        let shown = kept.value.as_ref().map(Value::shown).unwrap();
        assert_eq!((kept.status, shown), (want.0, format!("{} mmol/L", want.1)), "{told:?}");
    }
}

fn allergy(substance: &str) -> AllergyIntolerance {
    AllergyIntolerance { substance: substance.to_owned(), ..AllergyIntolerance::default() }
}

#[test]
fn a_known_allergy_is_never_hidden() {
    let all = |list: &[&str]| {
        What::Allergies(Allergies {
            knowledge: if list.is_empty() { AllergyKnowledge::NoneKnown } else { AllergyKnowledge::Known },
            list: list.iter().map(|s| allergy(s)).collect(),
        })
    };
    let mut record = PatientRecord::default();
    record.apply(&all(&["Penicillin", "Latex"]), &from("pas", 5));
    // Another feed knows of none; an older snapshot of the same feed knew of one.
    record.apply(&all(&[]), &from("theatre", 6));
    record.apply(&all(&["Penicillin"]), &from("pas", 4));
    assert_eq!((record.allergies.knowledge, record.allergies.list.len()), (AllergyKnowledge::Known, 2));
    // The feed itself takes one back.
    record.apply(&all(&["Latex"]), &from("pas", 7));
    assert_eq!(record.allergies.list.len(), 1);
    record.apply(&What::Allergy(allergy("NKDA")), &from("epr", 8));
    assert_eq!((record.allergies.knowledge, record.allergies.list.len()), (AllergyKnowledge::Known, 1));
    record.apply(&What::AllergyRemoved(allergy("latex")), &from("epr", 9));
    assert_eq!(record.allergies.knowledge, AllergyKnowledge::NotRecorded);
    record.apply(&What::Allergy(allergy("No known allergies")), &from("epr", 10));
    assert_eq!((record.allergies.knowledge, record.allergies.list.len()), (AllergyKnowledge::NoneKnown, 0));
}

#[test]
fn a_code_alone_neither_hides_nor_doubles_an_allergy() {
    let coded = |code: &str, words: &str| AllergyIntolerance { code: code.to_owned(), ..allergy(words) };
    let all = |list: &[(&str, &str)]| {
        let list = list.iter().map(|(code, words)| coded(code, words)).collect();
        What::Allergies(Allergies { knowledge: AllergyKnowledge::Known, list })
    };
    // What each feed tells, and what is shown then.
    type Told<'a> = &'a [(&'a str, What)];
    let table: [(Told<'_>, &[&str]); 7] = [
        // Two systems, two codes, the same words.
        (&[("pas", all(&[("1", "Penicillin")])), ("epr", all(&[("PEN", "PENICILLIN.")]))], &["Penicillin"]),
        // Two systems, the same local code for two things.
        (&[("pas", all(&[("1", "Penicillin")])), ("epr", all(&[("1", "Latex")]))], &["Penicillin", "Latex"]),
        (
            &[("pas", all(&[("1", "Penicillin")])), ("epr", What::Allergy(coded("1", "Latex")))],
            &["Penicillin", "Latex"],
        ),
        // One system that puts everything under one code.
        (&[("pas", all(&[("OTH", "Latex"), ("OTH", "Plasters")]))], &["Latex", "Plasters"]),
        (
            &[
                ("pas", all(&[("OTH", "Latex"), ("OTH", "Plasters")])),
                ("pas", What::AllergyRemoved(coded("OTH", "Latex"))),
            ],
            &["Plasters"],
        ),
        // The same code with better words is the same allergy; SNOMED CT's is so everywhere.
        (
            &[("pas", all(&[("PEN", "Penicillin")])), ("pas", What::Allergy(coded("PEN", "Penicillin V")))],
            &["Penicillin V"],
        ),
        (
            &[
                ("pas", all(&[("91936005", "Penicillin")])),
                ("epr", What::Allergy(coded("91936005", "Allergy to penicillin"))),
            ],
            &["Allergy to penicillin"],
        ),
    ];
    for (i, (told, want)) in table.iter().enumerate() {
        let mut record = PatientRecord::default();
        for (n, (feed, what)) in told.iter().enumerate() {
            let entry = EntryNumber(n as u64 + 1);
            record.apply(what, &Cite { entry, ..from(feed, i64::try_from(n).unwrap()) });
        }
        let shown: Vec<&str> = record.allergies.list.iter().map(|a| a.substance.as_str()).collect();
        assert_eq!(shown, *want, "row {i}");
    }
}

#[test]
fn a_dose_finds_its_prescription_whichever_comes_first() {
    let request = What::Medication(Box::new(MedicationRequest {
        id: "P1".to_owned(),
        medicine: "amoxicillin".to_owned(),
        interval_hours: Some(8.0),
        ..MedicationRequest::default()
    }));
    let dose = |minute: i64, given: bool| {
        What::Administration(MedicationAdministration {
            request: "P1".to_owned(),
            medicine: "amoxicillin".to_owned(),
            dose: "500 mg".to_owned(),
            at: Some(Moment::from_milliseconds(minute * 60_000)),
            given,
            ..MedicationAdministration::default()
        })
    };
    for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0], [1, 0, 2]] {
        let facts = [request.clone(), dose(10, true), dose(20, false)];
        let mut record = PatientRecord::default();
        order.iter().for_each(|i| record.apply(&facts[*i], &cite(30)));
        let kept = &record.medications[0];
        assert_eq!(kept.last_given, Some(Moment::from_milliseconds(600_000)), "{order:?}");
        assert_eq!(kept.next_due(), Some(Moment::from_milliseconds(600_000 + 8 * 3_600_000)));
    }
}

#[test]
fn lists_are_bounded_and_keep_the_newest() {
    let mut record = PatientRecord::default();
    for minute in 0..2_000 {
        record.apply(
            &What::Administration(MedicationAdministration {
                id: minute.to_string(),
                at: Some(Moment::from_milliseconds(minute * 60_000)),
                ..MedicationAdministration::default()
            }),
            &cite(minute),
        );
    }
    assert_eq!(record.administrations.len(), care::apply::ADMINISTRATIONS_MAX);
    assert_eq!(record.administrations[0].id, "1999");
    let mut record = PatientRecord::default();
    for n in 0..200 {
        step(&mut record, &format!("{} Admit I v{n} AMU_{n}", n * 2));
        step(&mut record, &format!("{} Discharge I v{n}", n * 2 + 1));
    }
    step(&mut record, "900 Admit I last AMU_1");
    assert_eq!(record.encounters.len(), care::apply::ENCOUNTERS_MAX);
    assert_eq!(now(&record), "I AMU 1");
}

#[test]
fn the_survivor_shows_what_was_known_under_either_number_and_an_undo_loses_nothing() {
    let mut named = PatientRecord { key: PatientKey(1), ..PatientRecord::default() };
    let mut unknown = PatientRecord { key: PatientKey(2), ..PatientRecord::default() };
    let name = PersonName { family: "Grey".to_owned(), ..PersonName::default() };
    let person = Demographics { name: Update::Set(name), ..Demographics::default() };
    named.apply(&What::Person(Box::new(person)), &cite(1));
    step(&mut unknown, "2 Admit I v1 ITU_4");
    unknown.apply(&What::Allergy(allergy("Penicillin")), &cite(3));
    let before = (named.clone(), unknown.clone());
    for change in identity::merge(named.key, unknown.key, &|_| None) {
        let LinkChange::Link { prior, survivor } = change else { panic!("{change:?}") };
        unknown.link_into(survivor);
        named.adopt(prior);
    }
    let whole = fold(&named, std::slice::from_ref(&unknown));
    assert_eq!(now(&whole), "I ITU 4");
    assert_eq!(whole.allergies.knowledge, AllergyKnowledge::Known);
    assert_eq!(ward_list::ward_of(&unknown), None, "a merged record stands on no list of its own");
    // The discharge under the surviving number ends the stay under the other.
    let mut discharged = named.clone();
    step(&mut discharged, "9 Discharge O");
    assert_eq!(now(&fold(&discharged, std::slice::from_ref(&unknown))), "-");
    unknown.unlink();
    named.release(unknown.key);
    assert_eq!((named, unknown), before);
}

fn who(only_fills: bool, family: &str, born: &str, phones: &[&str], language: &str) -> What {
    let telecom = |value: &&str| Telecom { use_: "mobile".to_owned(), value: (*value).to_owned() };
    let address = Address { lines: vec![format!("1 {family} Road")], postcode: String::new() };
    What::Person(Box::new(Demographics {
        only_fills,
        name: Update::Set(PersonName {
            family: family.to_owned(),
            given: vec!["Ann".to_owned()],
            ..PersonName::default()
        }),
        birth_date: Update::Set(PartialDate::parse_iso(born).unwrap()),
        sex: Update::Set(if only_fills { Sex::Male } else { Sex::Female }),
        address: Update::Set(address),
        telecoms: phones.iter().map(telecom).collect(),
        language: if language.is_empty() { Update::Keep } else { Update::Set(language.to_owned()) },
        interpreter_needed: if only_fills { Update::Set(true) } else { Update::Keep },
        ..Demographics::default()
    }))
}

#[test]
fn a_list_however_new_fills_what_nobody_told_and_takes_nothing_back() {
    let message = (who(false, "Example", "1945-07-14", &["07700 900111"], ""), cite(10));
    let list = (who(true, "Sample", "1954-07-14", &["07700900222", "+44 7700 900111"], "Polish"), cite(90));
    for order in [[&message, &list], [&list, &message]] {
        let mut record = PatientRecord::default();
        order.iter().for_each(|(what, cite)| record.apply(what, cite));
        assert_eq!(record.name.as_ref().unwrap().family, "Example");
        assert_eq!(record.other_names[0].family, "Sample", "it can still be found under the list's name");
        assert_eq!(record.birth_date, PartialDate::parse_iso("1945-07-14"));
        assert_eq!(
            (record.sex, record.address.unwrap().lines),
            (Some(Sex::Female), vec!["1 Example Road".to_owned()])
        );
        // What nobody else said is filled; a number that was not known is added behind the one in use.
        assert_eq!((record.language.as_deref(), record.interpreter_needed), (Some("Polish"), Some(true)));
        let numbers: Vec<&str> = record.telecoms.iter().map(|t| t.value.as_str()).collect();
        assert_eq!(numbers, ["07700 900111", "07700900222"]);
        assert_eq!((record.as_at.person, record.as_at.listed), (Some(cite(10)), Some(cite(90))));
    }
}

#[test]
fn numbers_that_lists_added_stay_when_a_message_names_others() {
    let mut record = PatientRecord::default();
    let phones = |record: &PatientRecord| {
        record.telecoms.iter().map(|t| t.value.clone()).collect::<Vec<_>>().join(", ")
    };
    for (told, minute, wanted) in [
        // The zero in front is lost in a spreadsheet, the country is written in many ways: it is one number.
        (who(true, "Example", "1945-07-14", &["7700900222"], ""), 90, "7700900222"),
        (who(false, "Example", "1945-07-14", &["07700 900111"], ""), 20, "07700 900111, 7700900222"),
        (who(false, "Example", "1945-07-14", &["07700 900333"], ""), 30, "07700 900333, 7700900222"),
        (
            who(true, "Example", "1945-07-14", &["0044 7700 900333", "ANN@mail.example"], ""),
            95,
            "07700 900333, 7700900222, ANN@mail.example",
        ),
        (
            who(true, "Example", "1945-07-14", &["ann@mail.example"], ""),
            96,
            "07700 900333, 7700900222, ANN@mail.example",
        ),
        // Told by a message too, it is in use like any other, and goes with the next that names others.
        (
            who(false, "Example", "1945-07-14", &["+44 (0)7700 900222"], ""),
            40,
            "+44 (0)7700 900222, ANN@mail.example",
        ),
        (who(false, "Example", "1945-07-14", &["07700 900444"], ""), 50, "07700 900444, ANN@mail.example"),
        (who(false, "Example", "1945-07-14", &["07700 900000"], ""), 5, "07700 900444, ANN@mail.example"),
    ] {
        record.apply(&told, &cite(minute));
        assert_eq!(phones(&record), wanted);
    }
    assert!(record.other_names.is_empty());
    for n in 0..100 {
        record.apply(&who(true, "Example", "1945-07-14", &[&format!("0770090{n:04}")], ""), &cite(100));
    }
    assert_eq!(record.telecoms.len(), care::apply::CONTACTS_MAX);
}

#[test]
fn a_list_puts_no_old_number_before_the_one_in_use() {
    let mrn = |value: &str| Identifier {
        kind: IdentifierKind::Mrn,
        assigner: "NGH".to_owned(),
        value: value.to_owned(),
    };
    let fact = |what: What, number: &str, minute| Fact {
        about: About { identifiers: vec![mrn(number)] },
        cite: cite(minute),
        what,
    };
    let booking = || What::Appointment(Box::default());
    let mut record = PatientRecord::default();
    record.apply_fact(&fact(who(false, "Example", "1945-07-14", &[], ""), "NEW", 10));
    record.apply_fact(&fact(who(true, "Example", "1945-07-14", &[], ""), "OLD", 90));
    record.apply_fact(&fact(booking(), "OLD", 90));
    assert_eq!(record.mrns().collect::<Vec<_>>(), ["NEW", "OLD"]);
}

//! Whom a FHIR resource is about and what it says, case by case: every way of referring to a patient, merges, results
//! inside reports, histories, deletions, and bundles that break off.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use crate::common;

use basics::Zone;
use care::{IdentifierKind, Value, What};
use common::{Index, received};
use translate::{Outcome, Translation, fhir};

fn told(json: &str) -> Translation {
    fhir(json.as_bytes(), &received(1), &common::rules(Zone::london()))
}

const PATIENT: &str = r#"{"resourceType":"Patient","id":"a","identifier":[{"system":"https://fhir.nhs.uk/Id/nhs-number","value":"9990000018"},{"type":{"coding":[{"code":"MR"}]},"system":"https://ward.example/mrn","value":"7"}],"name":[{"family":"Test","given":["Ann"]}]}"#;

fn bundle(kind: &str, entries: &[&str]) -> String {
    format!(r#"{{"resourceType":"Bundle","type":"{kind}","entry":[{}]}}"#, entries.join(","))
}

/// A condition with that subject, alone or beside the patient (whose fullUrl is `https://s/fhir/Patient/a`).
fn identifiers_of(subject: &str, with_patient: bool) -> String {
    let condition = format!(
        r#"{{"resourceType":"Condition","id":"c","code":{{"text":"Gout"}},"subject":{subject},"contained":[{{"resourceType":"Patient","id":"p","identifier":[{{"system":"https://fhir.nhs.uk/Id/nhs-number","value":"9990000018"}}]}},{{"resourceType":"Group","id":"g"}}]}}"#
    );
    let translation = if with_patient {
        let patient = format!(r#"{{"fullUrl":"https://s/fhir/Patient/a","resource":{PATIENT}}}"#);
        told(&bundle("collection", &[&patient, &format!(r#"{{"resource":{condition}}}"#)]))
    } else {
        told(&condition)
    };
    let fact = translation.facts.iter().find(|f| matches!(f.what, What::Condition(_)));
    let Some(fact) = fact else { return format!("{:?}", translation.problems[0].kind) };
    let words = fact.about.identifiers.iter().map(|i| match i.kind {
        IdentifierKind::Nhs => "nhs".to_owned(),
        IdentifierKind::Mrn => format!("mrn {}", i.value),
        IdentifierKind::Technical => i.value.clone(),
        IdentifierKind::Other => "other".to_owned(),
    });
    words.collect::<Vec<_>>().join(", ")
}

#[test]
fn every_way_of_referring_to_a_patient_is_followed_and_none_is_guessed() {
    for (subject, alone, beside) in [
        (r#"{"reference":"Patient/a"}"#, "Patient/a", "nhs, mrn 7, Patient/a"),
        (r#""Patient/a""#, "Patient/a", "nhs, mrn 7, Patient/a"),
        (r#"{"reference":"https://s/fhir/Patient/a"}"#, "Patient/a", "nhs, mrn 7, Patient/a"),
        (r#"{"reference":"https://s/fhir/Patient/a/_history/2"}"#, "Patient/a", "nhs, mrn 7, Patient/a"),
        // Another server's patient of the same id is another person.
        (r#"{"reference":"https://other/Patient/a"}"#, "Patient/a", "https://other/Patient/a"),
        (r#"{"reference":"urn:uuid:none"}"#, "PartLost", "PartLost"),
        (r##"{"reference":"#p"}"##, "nhs", "nhs"),
        (r##"{"reference":"#g"}"##, "Imperfect", "Imperfect"),
        (r##"{"reference":"#none"}"##, "PartLost", "PartLost"),
        (r#"{"reference":"Group/1"}"#, "Imperfect", "Imperfect"),
        (r#"{"reference":"Patient?identifier=https://fhir.nhs.uk/Id/nhs-number|9990000018"}"#, "nhs", "nhs"),
        (r#"{"reference":"Patient?identifier=https://ward.example/mrn|7"}"#, "mrn 7", "mrn 7"),
        (
            r#"{"identifier":{"system":"https://fhir.nhs.uk/Id/nhs-number","value":"9990000018"}}"#,
            "nhs",
            "nhs",
        ),
        (
            r#"{"identifier":{"system":"https://fhir.nhs.uk/Id/nhs-number","value":"9990000019"}}"#,
            "PartLost",
            "PartLost",
        ),
        (r#"{"display":"Ann Test"}"#, "PartLost", "PartLost"),
        ("{}", "PartLost", "PartLost"),
        ("7", "Imperfect", "Imperfect"),
    ] {
        assert_eq!(identifiers_of(subject, false), alone, "alone: {subject}");
        assert_eq!(identifiers_of(subject, true), beside, "beside the patient: {subject}");
    }
}

#[test]
fn odd_values_lose_themselves_and_their_places_are_named() {
    let json = r#"{"resource":{"resourceType":"Patient","id":"a","name":[{"family":"Test"}],"birthDate":"1974-13-45","gender":{"x":1},"deceasedDateTime":"long ago"}}"#;
    let translation = told(&bundle("collection", &["{}", json]));
    let places: Vec<&str> = translation.problems.iter().map(|p| p.place.as_str()).collect();
    let base = "Bundle.entry[1].resource";
    let want = ["gender", "birthDate", "deceasedDateTime"].map(|field| format!("{base}.{field}"));
    assert_eq!(places, want);
    assert!(translation.problems.iter().all(|p| !p.text.contains("1974") && !p.text.contains("Test")));
    let What::Person(person) = &translation.facts[0].what else { panic!() };
    assert_eq!(person.died, care::Update::Set(None), "dead, though nobody can read when");
    assert_eq!(translation.outcome(), Outcome::Understood);
}

#[test]
fn results_of_one_message_stand_in_their_report_with_figures_as_sent() {
    let patient = format!(r#"{{"fullUrl":"urn:uuid:p","resource":{PATIENT}}}"#);
    let observation = r#"{"fullUrl":"urn:uuid:o","resource":{"resourceType":"Observation","id":"o","status":"final","code":{"text":"Potassium","coding":[{"system":"http://loinc.org","code":"2823-3"}]},"subject":{"reference":"urn:uuid:p"},"valueQuantity":{"value":4.10,"comparator":"<","unit":"mmol/L"},"referenceRange":[{"low":{"value":3.5},"high":{"value":5.30},"text":"normal"}],"interpretation":[{"coding":[{"code":"N"}]}]}}"#;
    let report = r#"{"resource":{"resourceType":"DiagnosticReport","id":"d","status":"amended","code":{"text":"Renal profile"},"subject":{"reference":"urn:uuid:p"},"result":[{"reference":"urn:uuid:o"}],"conclusion":"Normal.","presentedForm":[{"contentType":"application/pdf","data":"JVBERi0xLjQK"}]}}"#;
    let translation = told(&bundle("transaction", &[observation, report, &patient]));
    assert_eq!(translation.outcome(), Outcome::Understood, "{:?}", translation.problems);
    let mut index = Index::default();
    index.apply(&translation);
    let record = &index.records[0];
    assert!(record.observations.is_empty());
    assert_eq!((record.reports.len(), record.documents.len()), (1, 1));
    let result = &record.reports[0].results[0];
    assert_eq!(result.value, Some(Value::Quantity { figure: "<4.10".to_owned(), unit: "mmol/L".to_owned() }));
    assert_eq!(result.range, "3.5–5.30");
    assert_eq!(record.reports[0].status, care::ResultStatus::Corrected);
}

#[test]
fn a_replaced_patient_is_merged_by_its_own_numbers() {
    let old = r#"{"resource":{"resourceType":"Patient","id":"b","identifier":[{"system":"https://ward.example/mrn","value":"8"},{"system":"https://fhir.nhs.uk/Id/nhs-number","value":"9990000018"}],"active":false,"name":[{"family":"Test"}],"link":[{"type":"replaced-by","other":{"reference":"Patient/a"}}]}}"#;
    let patient = format!(r#"{{"resource":{PATIENT}}}"#);
    let translation = told(&bundle("collection", &[&patient, old]));
    let merge = translation.facts.iter().find_map(|f| match &f.what {
        What::Merge { prior } => Some((f.about.identifiers.clone(), prior.clone())),
        _ => None,
    });
    let (survivor, prior) = merge.unwrap();
    let values =
        |list: &[care::Identifier]| list.iter().map(|i| i.value.clone()).collect::<Vec<_>>().join(", ");
    assert_eq!(values(&survivor), "9990000018, 7, Patient/a");
    assert_eq!(values(&prior), "8, Patient/b");
}

#[test]
fn facts_that_come_before_their_patient_join_the_record() {
    let allergy = r#"{"resourceType":"AllergyIntolerance","id":"x","code":{"text":"Penicillin"},"patient":{"reference":"Patient/a"},"clinicalStatus":{"coding":[{"code":"active"}]}}"#;
    let mut index = Index::default();
    index.apply(&told(allergy));
    index.apply(&told(PATIENT));
    assert_eq!(index.records.len(), 1);
    assert_eq!(index.records[0].allergies.list[0].substance, "Penicillin");
    assert_eq!(index.records[0].mrns().next(), Some("7"));
    // Withdrawn again, and the statement of none withdrawn: nothing is known then.
    index.apply(&told(&allergy.replace("active", "resolved")));
    assert_eq!(index.records[0].allergies.knowledge, care::AllergyKnowledge::NotRecorded);
    let none = allergy.replace("Penicillin", "No known allergies");
    index.apply(&told(&none.replace("active", "resolved")));
    assert_eq!(index.records[0].allergies.knowledge, care::AllergyKnowledge::NoneKnown);
    let wrong = r#""verificationStatus":{"coding":[{"code":"entered-in-error"}]},"patient""#;
    index.apply(&told(&none.replace(r#""patient""#, wrong)));
    assert_eq!(index.records[0].allergies.knowledge, care::AllergyKnowledge::NotRecorded);
}

#[test]
fn prescriptions_are_told_from_plans_and_prohibitions() {
    let base = r##"{"resourceType":"MedicationRequest","id":"m","status":"active","intent":"order","medicationReference":{"reference":"#med"},"contained":[{"resourceType":"Medication","id":"med","code":{"text":"Morphine"},"form":{"text":"Oral solution"}}],"subject":{"reference":"Patient/a"},"dosageInstruction":[{"doseAndRate":[{"doseQuantity":{"value":0.50,"unit":"mg"}}],"timing":{"repeat":{"frequency":1,"period":4,"periodUnit":"h"}}}]}"##;
    let translation = told(base);
    let What::Medication(medicine) = &translation.facts[0].what else { panic!() };
    assert_eq!((medicine.medicine.as_str(), medicine.form.as_str()), ("Morphine", "Oral solution"));
    assert_eq!((medicine.dose.as_str(), medicine.frequency.as_str()), ("0.5 mg", "every 4 hours"));
    assert_eq!((medicine.id.as_str(), medicine.interval_hours), ("MedicationRequest/m", Some(4.0)));
    for (from, to, outcome) in [
        ("\"order\"", "\"proposal\"", Outcome::Understood),
        ("\"order\"", "\"plan\"", Outcome::Understood),
        ("\"active\"", "\"draft\"", Outcome::Understood),
        ("\"status\"", "\"doNotPerform\":true,\"status\"", Outcome::PartLost),
    ] {
        let translation = told(&base.replacen(from, to, 1));
        assert_eq!((translation.facts.len(), translation.outcome()), (0, outcome), "{to}");
    }
}

#[test]
fn histories_deletions_lines_and_breaks_are_read_as_meant() {
    let patient = format!(r#"{{"resource":{PATIENT}}}"#);
    let newer = patient.replace("Ann", "Anna");
    let mut index = Index::default();
    index.apply(&told(&bundle("history", &[&newer, &patient])));
    assert_eq!(
        index.records[0].name.as_ref().unwrap().given,
        ["Anna"],
        "the newest stands first in a history"
    );

    let deletion = r#"{"request":{"method":"DELETE","url":"AllergyIntolerance/x"}}"#;
    assert_eq!(told(&bundle("transaction", &[deletion])).outcome(), Outcome::PartLost);

    let lines = format!("{PATIENT}\n{}\n", PATIENT.replace("\"a\"", "\"b\"").replace("9990000018", ""));
    assert_eq!(told(&lines).facts.len(), 2);
    let broken = bundle("collection", &[&patient, &newer]);
    let translation = told(&broken[..broken.len() - 30]);
    assert_eq!((translation.facts.len(), translation.outcome()), (1, Outcome::PartLost));
    for (nothing, place) in
        [("", "empty"), ("{}", "no FHIR"), ("[1,2]", "none of them"), ("{\"resourceType\":", "damaged")]
    {
        let translation = told(nothing);
        assert_eq!(translation.outcome(), Outcome::NotUnderstood, "{nothing}");
        assert!(translation.problems[0].text.contains(place), "{nothing}: {}", translation.problems[0].text);
    }
}

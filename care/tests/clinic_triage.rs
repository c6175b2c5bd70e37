//! Triage: each rule by its number with a sentence; class A is never proposed to be cancelled; a day planned whole.

use basics::{EntryNumber, FeedName, Moment, PartialDate, Zone};
use care::appointments::{
    Booked, Case, DayList, Step, SystemWorks, TriageRules, Works, case_of, plan, read_all, shipped, triage,
};
use care::{Appointment, AppointmentStatus, Cite, PatientRecord, What};
use planning::clinics::{Class, Effort, Session, SharedLimit};

fn rules() -> TriageRules {
    read_all(shipped().iter().map(|(name, text)| (*name, text.as_bytes()))).unwrap()
}

fn down(names: &[&str]) -> Works {
    let mut works = Works::default();
    for name in names {
        works.say(name, SystemWorks::Down("down".to_owned()));
    }
    works
}

fn of(kind: &str) -> Case {
    Case { id: "B1".to_owned(), kind: kind.to_owned(), ..Case::default() }
}

fn check(case: &Case, works: &Works, class: Class, doable: bool, words: &str) {
    let verdict = triage(case, &rules(), works);
    assert_eq!((verdict.class, verdict.doable, verdict.words().as_str()), (class, doable, words), "{case:?}");
}

#[test]
fn every_class_has_its_rule_and_its_sentence() {
    let works = Works::default();
    check(
        &of("dialysis"),
        &works,
        Class::A,
        true,
        "R1: dialysis is never cancelled by rule: a missed session endangers life within days",
    );
    check(&of("fracture clinic"), &works, Class::B, true, "B: fracture clinic");
    check(&of("CT/MRI scan"), &works, Class::C, true, "C: CT or MRI scan");
    check(&of("follow-up outpatient"), &works, Class::D, true, "D: follow-up outpatient");
    let urgent = Case { priority: "Urgent".to_owned(), ..of("follow-up outpatient") };
    check(&urgent, &works, Class::B, true, "B: follow-up outpatient, marked urgent");
    for (kind, words) in [
        ("CT/MRI scan", "B: CT or MRI scan, marked urgent"),
        ("P3 surgery", "B: P3 surgery, marked urgent"),
        ("P4 surgery", "B: P4 surgery, marked urgent"),
        ("new outpatient (RTT)", "B: new outpatient, marked urgent"),
    ] {
        for priority in ["Urgent", "2WW", "emergency"] {
            check(&Case { priority: priority.to_owned(), ..of(kind) }, &works, Class::B, true, words);
        }
    }
    let not_urgent = Case { priority: "non-urgent".to_owned(), ..of("follow-up outpatient") };
    check(&not_urgent, &works, Class::D, true, "D: follow-up outpatient");
    // Nobody sinks because nobody said what the booking is.
    check(
        &of("tilt table test"),
        &works,
        Class::B,
        true,
        "K: no rule knows this kind of booking; it counts as urgent until somebody says what it is",
    );
    let by_words =
        Case { words: vec!["Ward 3".to_owned(), "Renal dialysis, second slot".to_owned()], ..of("") };
    assert_eq!(triage(&by_words, &rules(), &works).kind.as_deref(), Some("dialysis"));
}

#[test]
fn the_lists_own_class_may_make_stricter_and_stands_where_no_rule_knows_the_kind() {
    let works = Works::default();
    let with = |kind: &str, class| Case { class_on_list: Some(class), ..of(kind) };
    check(&with("P4 surgery", Class::B), &works, Class::B, true, "B: the list says class B");
    check(&with("P4 surgery", Class::D), &works, Class::D, true, "D: P4 surgery");
    check(
        &with("dialysis", Class::D),
        &works,
        Class::A,
        true,
        "R1: dialysis is never cancelled by rule: a missed session endangers life within days",
    );
    check(&with("tilt table test", Class::C), &works, Class::C, true, "C: the list says class C");
}

#[test]
fn surgical_priority_makes_stricter_and_never_less_strict() {
    let works = Works::default();
    let with = |priority: &str, kind: &str| Case { priority: priority.to_owned(), ..of(kind) };
    check(&with("P1b", "P4 surgery"), &works, Class::A, true, "R1: surgical priority P1b: within 72 hours");
    check(&with("p2", "P4 surgery"), &works, Class::B, true, "B: surgical priority p2: within 4 weeks");
    for words in ["P1b urgent", "P1a (24h)", "Category P1b", "1a"] {
        let case = with(words, "P4 surgery");
        assert_eq!(triage(&case, &rules(), &works).class, Class::A, "{words}");
    }
    check(&with("P4", "P3 surgery"), &works, Class::C, true, "C: P3 surgery");
}

#[test]
fn a_harmless_word_of_the_service_hides_no_strict_one_of_the_reason() {
    let words = ["Follow-up", "", "Dialysis"].map(str::to_owned).to_vec();
    let case = Case { words, ..Case::default() };
    assert_eq!(triage(&case, &rules(), &Works::default()).class, Class::A);
}

#[test]
fn clocks_make_class_a_from_their_day_on() {
    let works = Works::default();
    let clinic = |day| Case { faster_diagnosis_day: Some(day), ..of("urgent suspected cancer clinic") };
    check(&clinic(20), &works, Class::B, true, "B: urgent suspected cancer clinic");
    check(
        &clinic(21),
        &works,
        Class::A,
        true,
        "R1: faster diagnosis, day 21 of 28; from day 21 on it is never cancelled by rule",
    );
    let surgery = Case { cancer_treatment_day: Some(66), ..of("cancer surgery P2") };
    check(
        &surgery,
        &works,
        Class::A,
        true,
        "R1: referral to cancer treatment, day 66 of 62; from day 48 on it is never cancelled by rule",
    );
    assert_eq!(triage(&surgery, &rules(), &works).slack_days, Some(-4));
}

#[test]
fn long_waits_and_earlier_cancellations_move_c_and_d_up_alone() {
    let works = Works::default();
    let with =
        |kind: &str, waited_weeks, cancelled_before| Case { waited_weeks, cancelled_before, ..of(kind) };
    check(
        &with("P4 surgery", 52, 3),
        &works,
        Class::B,
        true,
        "D: P4 surgery; R2: waiting 52 weeks, 52 or more: urgent",
    );
    check(
        &with("P4 surgery", 51, 1),
        &works,
        Class::C,
        true,
        "D: P4 surgery; R2: cancelled once before: one class up, from D to C",
    );
    check(
        &with("P3 surgery", 9, 2),
        &works,
        Class::B,
        true,
        "C: P3 surgery; R2: cancelled 2 times before: one class up, from C to B",
    );
    check(&with("fracture clinic", 90, 4), &works, Class::B, true, "B: fracture clinic");
}

#[test]
fn what_is_down_blocks_unless_something_stands_in_safely() {
    check(
        &of("P3 surgery"),
        &down(&["BLOODBANK"]),
        Class::C,
        false,
        "C: P3 surgery; R0: needs Blood bank, which is down, and nothing stands in for it safely",
    );
    check(
        &of("P3 surgery"),
        &down(&["theatres"]),
        Class::C,
        true,
        "C: P3 surgery; R0: needs Theatre system, which is down; instead: paper theatre list and paper safety checklist",
    );
    check(
        &of("fracture clinic"),
        &down(&["PACS"]),
        Class::B,
        true,
        "B: fracture clinic; R0: needs Imaging archive, which is down; instead: images are read at the scanner, the urgent ones first",
    );
    // The list may say what it needs, and what it can do without.
    let own = Case {
        needs: Some(vec!["Blood bank".to_owned(), "Steriliser".to_owned()]),
        can_do_without: vec!["bloodbank".to_owned()],
        ..of("P3 surgery")
    };
    check(
        &own,
        &down(&["Blood bank", "steriliser"]),
        Class::C,
        false,
        "C: P3 surgery; R0: needs Blood bank, which is down; instead: the list says that it can be done without; R0: needs Steriliser, which is down, and nothing stands in for it safely",
    );
    // What the board says is said again; what nobody has spoken of does not block.
    let mut works = Works::default();
    works.say("Blood bank", SystemWorks::Down("isolated on purpose".to_owned()));
    works.say("Theatre system", SystemWorks::Unknown);
    check(
        &of("P3 surgery"),
        &works,
        Class::C,
        false,
        "C: P3 surgery; R0: needs Blood bank, which is isolated on purpose, and nothing stands in for it safely",
    );
    works.say("Blood bank", SystemWorks::Works);
    check(&of("P3 surgery"), &works, Class::C, true, "C: P3 surgery");
}

fn day() -> DayList {
    let booked = |id: &str, kind: &str, minutes| Booked {
        case: Case { id: id.to_owned(), ..of(kind) },
        session: 0,
        minutes,
    };
    DayList {
        name: "Tuesday".to_owned(),
        sessions: vec![Session { name: "Northgate/1".to_owned(), minutes: 100 }],
        shared: vec![SharedLimit { name: "LAB".to_owned(), units: 3 }],
        bookings: vec![
            booked("follow-up", "follow-up outpatient", 20),
            booked("dialysis 1", "dialysis", 20),
            booked("section", "planned caesarean / induction", 20),
            booked("chemo", "chemo cycle", 20),
            booked("dialysis 2", "dialysis", 20),
            booked("long", "fracture clinic", 90),
        ],
    }
}

#[test]
fn a_day_is_planned_with_a_proposal_and_a_reason_for_everybody() {
    let planned = plan(&day(), &rules(), &down(&["BLOODBANK", "LAB"]), Effort::default()).unwrap();
    let steps: Vec<(&str, Step)> = planned
        .instance
        .bookings
        .iter()
        .map(|b| b.id.as_str())
        .zip(planned.proposals.iter().map(|p| p.step))
        .collect();
    let escalate = Step::Escalate { within_min: 60 };
    // Three tests for five: who comes first among A, the lottery says; nobody of A is ever postponed.
    let kept = steps.iter().filter(|(_, s)| *s == Step::Keep).count();
    let escalated = steps.iter().filter(|(_, s)| *s == escalate).count();
    assert_eq!((steps[0].1, steps[2].1, steps[5].1), (Step::Keep, escalate, Step::Postpone), "{steps:?}");
    assert_eq!((kept, escalated), (3, 2), "{steps:?}");
    assert!(planned.proposals[2].words.starts_with("never cancelled by rule, but it cannot be done safely with what works: ask for mutual aid, and a named clinician"));
    assert_eq!(
        planned.proposals[5].words,
        "postponed: of the 100 minutes of Northgate/1 too few are left after those who come first"
    );
    let short = planned.proposals.iter().find(|p| p.words.contains("laboratory")).unwrap();
    assert!(short.words.contains("of the 3 laboratory tests too few are left"), "{}", short.words);
}

#[test]
fn when_a_system_comes_back_the_list_opens_again() {
    let kept =
        |names: &[&str]| plan(&day(), &rules(), &down(names), Effort::default()).unwrap().selection.kept;
    assert!(kept(&["BLOODBANK"]).sum() >= kept(&["BLOODBANK", "CHEMO_RX"]).sum());
    let blocked = plan(&day(), &rules(), &down(&["BLOODBANK"]), Effort::default()).unwrap();
    assert!(blocked.verdicts.iter().any(|v| !v.doable), "what is down blocks something");
    let planned = plan(&day(), &rules(), &down(&[]), Effort::default()).unwrap();
    assert!(planned.verdicts.iter().all(|v| v.doable));
}

#[test]
fn whatever_is_down_class_a_is_never_proposed_to_be_cancelled() {
    let rules = rules();
    let names: Vec<&str> = rules.systems.iter().map(|s| s.name()).collect();
    for set in 0u32..1 << names.len() {
        let broken: Vec<&str> =
            names.iter().enumerate().filter(|(n, _)| set >> n & 1 == 1).map(|(_, n)| *n).collect();
        let planned = plan(&day(), &rules, &down(&broken), Effort::default()).unwrap();
        for (verdict, proposal) in planned.verdicts.iter().zip(&planned.proposals) {
            assert!(
                !(verdict.class == Class::A && proposal.step == Step::Postpone),
                "{broken:?} {verdict:?}"
            );
            assert!(!verdict.grounds.is_empty());
            assert_eq!(proposal.step == Step::Keep, proposal.words.is_empty());
        }
    }
}

#[test]
fn what_else_its_words_name_a_booking_needs_as_well() {
    let ct = down(&["CT scanner"]);
    let of_words = |words: &[&str]| Case {
        id: "B1".to_owned(),
        words: words.iter().map(|w| (*w).to_owned()).collect(),
        ..Case::default()
    };
    for (words, kind, doable) in [
        (&["CT chest, suspected cancer"][..], "urgent suspected cancer clinic", false),
        (&["Lung two week wait", "CT scan"], "urgent suspected cancer clinic", false),
        (&["suspected cancer"], "urgent suspected cancer clinic", true),
        (&["Follow-up of suspected cancer, CT done"], "urgent suspected cancer clinic", true),
        (&["Follow-up", "review CT"], "CT or MRI scan", false),
        (&["CT scan"], "CT or MRI scan", false),
    ] {
        let verdict = triage(&of_words(words), &rules(), &ct);
        assert_eq!((verdict.kind.as_deref(), verdict.doable), (Some(kind), doable), "{words:?}");
    }
    // What is counted is counted too, the most of what the kinds use.
    let uses = triage(&of_words(&["CT chest, suspected cancer"]), &rules(), &Works::default()).uses;
    assert_eq!(uses, [("CT scanner".to_owned(), 1)]);
    let both = triage(&of_words(&["P2 surgery after chemotherapy"]), &rules(), &Works::default()).uses;
    assert_eq!(both, [("Pathology".to_owned(), 3)], "chemotherapy is the strictest; of one system the most");
    // A list that names the kind means that one alone.
    let named = Case { kind: "suspected cancer".to_owned(), ..of_words(&["CT chest"]) };
    assert!(triage(&named, &rules(), &ct).doable);
}

#[test]
fn a_booking_of_the_record_is_seen_with_its_clocks_as_they_stand_on_its_day() {
    let zone = Zone::london();
    let date = |text: &str| PartialDate::parse_iso(text);
    let booking = Appointment {
        id: "B1".to_owned(),
        clinic: "Lower GI suspected cancer".to_owned(),
        referred: date("2025-03-01"),
        faster_diagnosis_from: date("2026-03-12"),
        cancer_treatment_from: date("2026-03"),
        cancelled_before: Some(2),
        ..Appointment::default()
    };
    // Over the change of the clocks a day stays a day; a clock known to the month alone does not run.
    let case = case_of(&booking, &zone, Moment::parse_rfc3339("2026-04-02T23:30:00Z").unwrap());
    assert_eq!((case.faster_diagnosis_day, case.cancer_treatment_day), (Some(22), None));
    assert_eq!((case.waited_weeks, case.cancelled_before), (56, 2));
    let verdict = triage(&case, &rules(), &Works::default());
    assert_eq!((verdict.class, verdict.kind.as_deref()), (Class::A, Some("urgent suspected cancer clinic")));
    // A clock that begins after the day does not run yet.
    let early = case_of(&booking, &zone, Moment::parse_rfc3339("2026-03-01T09:00:00Z").unwrap());
    assert_eq!((early.faster_diagnosis_day, early.waited_weeks), (None, 52));
}

#[test]
fn a_list_fills_what_messages_left_out_and_takes_nothing_back() {
    let cite = |hour: i64| {
        let at = Moment::from_milliseconds(hour * 3_600_000);
        Cite { entry: EntryNumber(1), at, received: at, feed: FeedName::new("pas").unwrap() }
    };
    let told = |status, start: i64, minutes| {
        What::Appointment(Box::new(Appointment {
            id: "B1".to_owned(),
            status,
            start: Some(Moment::from_milliseconds(start)),
            minutes,
            cancelled_before: (status == AppointmentStatus::Listed).then_some(1),
            ..Appointment::default()
        }))
    };
    let message = (told(AppointmentStatus::Cancelled, 7, None), cite(1));
    let list = (told(AppointmentStatus::Listed, 5, Some(30)), cite(9));
    for order in [[&message, &list], [&list, &message]] {
        let mut record = PatientRecord::default();
        order.iter().for_each(|(what, cite)| record.apply(what, cite));
        let kept = &record.appointments[0];
        let seen = (record.appointments.len(), kept.status, kept.start.unwrap().milliseconds());
        assert_eq!(seen, (1, AppointmentStatus::Cancelled, 7), "{order:?}");
        assert_eq!((kept.minutes, kept.cancelled_before), (Some(30), Some(1)), "{order:?}");
        assert_eq!(kept.cite, Some(cite(1)), "{order:?}");
    }
    // Of two lists the later counts.
    let mut record = PatientRecord::default();
    record.apply(&list.0, &list.1);
    record.apply(&told(AppointmentStatus::Listed, 6, None), &cite(10));
    assert_eq!(record.appointments[0].start.unwrap().milliseconds(), 6);
}

//! Looks: frozen bytes, and questions that are bounded and miss nothing.

use crate::office::{Dice, Office, number, tablet, terminal};
use access::codec::Fault;
use access::looks::{Answer, Deed, LOOK, Limits, Look, Question, Tally, ask, may_ask, read, write};
use access::{By, NotYours, Patient};
use basics::{EntryNumber, Moment, Zone};

fn look(n: &str, patients: &[u64], broken: Option<u32>) -> Look {
    let look = Look {
        who: number(n),
        patients: patients.iter().map(|key| Patient(*key)).collect(),
        deed: Deed::Looked,
        address: "/patients/{key}".to_owned(),
        device: tablet(),
        from: "10.1.4.7".to_owned(),
        broken,
    };
    look.tidied()
}

fn at(minute: i64) -> Moment {
    Moment::parse_rfc3339("2026-05-12T08:00:00Z").unwrap().plus_seconds(minute * 60)
}

fn asks(looks: &[(i64, Look)], question: &Question, limits: Limits) -> Answer {
    let all = looks
        .iter()
        .zip(1..)
        .map(|((minute, look), n)| Ok::<_, Fault>((EntryNumber(n), at(*minute), look.clone())));
    ask(all, question, limits).unwrap()
}

#[test]
fn a_look_is_written_and_read_as_it_was() {
    for look in [look("N1", &[17], None), look("N1", &[9, 17, 17, 3], Some(4)), look("C1", &[], None)] {
        let bytes = write(&look).unwrap();
        assert_eq!(read(EntryNumber(1), LOOK, &bytes).unwrap(), look);
        for end in 0..bytes.len() {
            assert!(read(EntryNumber(5), LOOK, &bytes[..end]).is_err(), "half a look is none");
        }
    }
    assert_eq!(look("N1", &[9, 17, 17, 3], None).patients, [3, 9, 17].map(Patient));
    let mut long = write(&look("N1", &[17], None)).unwrap();
    long.push(0);
    for (kind, body) in [(LOOK, &long[..]), (2, &long[..]), (LOOK, &[9][..]), (LOOK, &[][..])] {
        let Fault::Unknown(entry, book, _) = read(EntryNumber(5), kind, body).unwrap_err() else { panic!() };
        assert_eq!((entry, book), (EntryNumber(5), "looks"));
    }
    let many = Look { patients: (0..60_000).map(Patient).collect(), ..look("N1", &[], None) };
    assert!(write(&many).is_err());
}

#[test]
fn who_saw_whom_and_when_is_found() {
    let looks = [
        (0, look("N1", &[17], None)),
        (5, look("N2", &[17, 18], None)),
        // The clock was put back meanwhile.
        (2, look("N1", &[18], Some(1))),
        (9, look("N1", &[19], None)),
    ];
    let entries = |question: &Question| -> Vec<u64> {
        asks(&looks, question, Limits::PAGE).found.iter().map(|f| f.entry.0).collect()
    };
    let all = Question::default();
    assert_eq!(entries(&all), [1, 2, 3, 4]);
    assert_eq!(entries(&Question { patient: Some(Patient(18)), ..all.clone() }), [2, 3]);
    assert_eq!(entries(&Question { who: Some(number("N1")), ..all.clone() }), [1, 3, 4]);
    assert_eq!(entries(&Question { from: Some(at(2)), until: Some(at(9)), ..all.clone() }), [2, 3]);
    assert_eq!(entries(&Question { broken: true, ..all.clone() }), [3]);
    assert_eq!(entries(&Question { patient: Some(Patient(99)), ..all }), [0; 0]);
}

#[test]
fn a_question_is_answered_in_pieces_that_miss_nothing() {
    let mut dice = Dice(7);
    let looks: Vec<(i64, Look)> = (0..500)
        .map(|n| (n, look(["N1", "N2", "E1"][dice.below(3) as usize], &[dice.below(9), dice.below(9)], None)))
        .collect();
    let question = Question { patient: Some(Patient(4)), ..Question::default() };
    let whole = asks(&looks, &question, Limits::PAGE).found;
    let (mut pieces, mut from) = (Vec::new(), 0usize);
    loop {
        let limits = Limits { scanned_max: 1 + dice.below(40), found_max: 1 + dice.below(5) as usize };
        let rest = looks.iter().enumerate().skip(from).map(|(n, (minute, look))| {
            Ok::<_, Fault>((EntryNumber(n as u64 + 1), at(*minute), look.clone()))
        });
        let answer = ask(rest, &question, limits).unwrap();
        assert!(answer.scanned <= limits.scanned_max && answer.found.len() <= limits.found_max);
        pieces.extend(answer.found);
        match answer.next {
            Some(next) => from = next.0 as usize - 1,
            None => break,
        }
    }
    assert_eq!(pieces, whole);
}

#[test]
fn the_looks_tell_nothing_to_anybody_but_the_privacy_officer() {
    let (office, zone) = (Office::new(), Zone::london());
    for (n, may) in [("P1", true), ("A1", false), ("I1", false), ("C1", false), ("N1", false), ("X9", false)]
    {
        let who = By::Staff(number(n));
        assert_eq!(may_ask(&office.asked(&who, &zone)).is_ok(), may, "{n}");
    }
    let refusal = may_ask(&office.asked(&By::Lifeboat, &zone)).unwrap_err();
    assert_eq!(refusal, NotYours::NoPerson, "nor to the console");
}

#[test]
fn views_are_counted_by_patient() {
    let mut tally = Tally::default();
    for look in [look("N1", &[1, 2, 3], None), look("N1", &[4], Some(2)), look("N1", &[], None)] {
        tally.add(&look);
    }
    assert_eq!(tally, Tally { views: 4, broken: 1 });
    assert_ne!(terminal(), tablet());
}

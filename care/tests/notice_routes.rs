//! By which way a patient is told, and who is told by nobody: each rule in a table.

use basics::{EntryNumber, FeedName, Moment, PartialDate, WardId};
use care::notices::*;
use care::*;

fn day(text: &str) -> PartialDate {
    PartialDate::parse_iso(text).unwrap()
}

/// The appointment is on 20 May, today is the 12th, and the post takes four days.
fn when() -> When {
    When { today: day("2026-05-12"), on: day("2026-05-20"), post_days: 4 }
}

fn telecom(use_: &str, value: &str) -> Telecom {
    Telecom { use_: use_.into(), value: value.into() }
}

/// A fictional adult with a mobile, a landline and an address.
fn adult() -> PatientRecord {
    PatientRecord {
        name: Some(PersonName {
            family: "Example".into(),
            given: vec!["Fredrica".into(), "Anne".into()],
            prefix: "Mrs".into(),
            suffix: String::new(),
        }),
        birth_date: Some(day("1945-07-14")),
        telecoms: vec![telecom("mobile", "07700 900123"), telecom("home", "020 7946 0000")],
        address: Some(Address {
            lines: vec!["1 Example Street".into(), "Northgate".into()],
            postcode: "ng1 1aa".into(),
        }),
        ..PatientRecord::default()
    }
}

const LETTER: &str = "Letter to Mrs Fredrica Anne Example/1 Example Street/Northgate/NG1 1AA";

/// The way in short: "Sms to …", "call … because …", "ward …", or the exclusion.
fn short(routed: &Routed) -> String {
    match &routed.route {
        Route::Send { channel, to } => format!("{channel:?} to {}", to.replace('\n', "/")),
        Route::Call { numbers, why, letter_too } => {
            let letter = if letter_too.is_some() { " and a letter" } else { "" };
            format!("call {}: {why}{letter}", numbers.join(" "))
        }
        Route::TellOnWard { ward, .. } => format!("ward {ward}"),
        Route::Nobody(exclusion) => format!("{exclusion:?}"),
    }
}

fn on_ward(record: &mut PatientRecord) {
    let at = Moment::parse_rfc3339("2026-05-11T12:00:00Z").unwrap();
    let mut step = EncounterStep::new(Move::Admit);
    step.class = Some(EncounterClass::Inpatient);
    step.visit = Some("v1".into());
    step.location =
        Update::Set(Location { ward: WardId::new("AMU"), sent: "AMU".into(), ..Location::default() });
    let cite = Cite { entry: EntryNumber(1), at, received: at, feed: FeedName::new("pas").unwrap() };
    record.apply(&What::Encounter(Box::new(step)), &cite);
}

fn flagged(kind: FlagKind, active: bool) -> Flag {
    Flag { kind, code: String::new(), text: String::new(), active, since: None, cite: None }
}

/// What is changed of the adult, what is known beside, and what comes of it.
type Row = (&'static str, fn(&mut PatientRecord), fn(&mut Known, &mut When), &'static str);

fn same(_: &mut PatientRecord) {}
fn nothing(_: &mut Known, _: &mut When) {}

fn check(rows: &[Row]) {
    for (case, change, know, want) in rows {
        let (mut record, mut known, mut when) = (adult(), Known::default(), when());
        change(&mut record);
        know(&mut known, &mut when);
        let routed = route(&record, &known, when, Gateways::ALL);
        assert_eq!(short(&routed), *want, "{case}");
        assert!(routed.route.sentence().ends_with('.'), "{case}: {}", routed.route.sentence());
    }
}

#[test]
fn nothing_is_sent_to_those_who_must_not_get_it() {
    check(&[
        ("an ordinary adult", same, nothing, "Sms to +447700900123"),
        ("died, moment not known", |r| r.died = Some(None), nothing, "Deceased"),
        (
            "died, and on a ward as far as anybody knows",
            |r| {
                on_ward(r);
                r.died = Some(Some(Moment::from_milliseconds(0)));
            },
            nothing,
            "Deceased",
        ),
        ("joined to another record", |r| r.merged_into = Some(PatientKey::default()), nothing, "Merged"),
        ("told already", same, |k, _| k.contacted_already = true, "ContactedAlready"),
        ("on a ward", on_ward, nothing, "ward AMU"),
        ("on a ward, told already", on_ward, |k, _| k.contacted_already = true, "ContactedAlready"),
        (
            "on a ward, whatever they asked for",
            on_ward,
            |k, _| k.preferred = Some(Channel::Letter),
            "ward AMU",
        ),
        (
            "safeguarding",
            |r| r.flags.push(flagged(FlagKind::Safeguarding, true)),
            |k, _| k.preferred = Some(Channel::Sms),
            "call +447700900123 +442079460000: a safeguarding flag is active, so a named person decides how to tell the patient",
        ),
        (
            "safeguarding that is over",
            |r| r.flags.push(flagged(FlagKind::Safeguarding, false)),
            nothing,
            "Sms to +447700900123",
        ),
        ("another flag", |r| r.flags.push(flagged(FlagKind::Falls, true)), nothing, "Sms to +447700900123"),
        (
            "safeguarding, no number: still a person",
            |r| {
                r.flags.push(flagged(FlagKind::Safeguarding, true));
                r.telecoms.clear();
            },
            nothing,
            "call : a safeguarding flag is active, so a named person decides how to tell the patient",
        ),
        (
            "no way at all",
            |r| (r.telecoms, r.address) = (vec![telecom("mobile", "none"), telecom("email", "none")], None),
            nothing,
            "NoSafeContact",
        ),
    ]);
}

#[test]
fn a_text_goes_to_the_one_mobile_that_is_sure() {
    const SEVERAL: &str = "call +447700900123 +447700900456 +442079460000: several mobile numbers are recorded and none is confirmed";
    check(&[
        ("two mobiles", |r| r.telecoms.push(telecom("", "07700900456")), nothing, SEVERAL),
        (
            "two mobiles and texts asked for",
            |r| r.telecoms.push(telecom("", "07700900456")),
            |k, _| k.preferred = Some(Channel::Sms),
            SEVERAL,
        ),
        (
            "one mobile written twice",
            |r| r.telecoms.push(telecom("", "+44 (0)7700 900-123")),
            nothing,
            "Sms to +447700900123",
        ),
        (
            "one of two is confirmed",
            |r| r.telecoms.push(telecom("", "07700900456")),
            |k, _| k.confirmed = Some("07700 900456".into()),
            "Sms to +447700900456",
        ),
        (
            "another one is confirmed",
            same,
            |k, _| k.confirmed = Some("07700 900789".into()),
            "Sms to +447700900789",
        ),
        (
            "the landline is confirmed: it is never texted",
            same,
            |k, _| k.confirmed = Some("020 7946 0000".into()),
            "call +442079460000 +447700900123: the number that was confirmed cannot be texted",
        ),
        (
            "what was confirmed is no number",
            same,
            |k, _| k.confirmed = Some("her own".into()),
            "Sms to +447700900123",
        ),
        (
            "a landline said to be a mobile",
            |r| r.telecoms = vec![telecom("mobile", "020 7946 0000")],
            nothing,
            LETTER,
        ),
        ("a mobile at work", |r| r.telecoms = vec![telecom("work", "07700 900123")], nothing, LETTER),
        ("a mobile abroad", |r| r.telecoms = vec![telecom("mobile", "+353 20 915 5555")], nothing, LETTER),
        ("a number that is none", |r| r.telecoms = vec![telecom("mobile", "07700 9001")], nothing, LETTER),
    ]);
}

#[test]
fn a_letter_goes_only_where_the_post_is_quick_enough() {
    fn no_mobile(record: &mut PatientRecord) {
        record.telecoms = vec![telecom("home", "020 7946 0000")];
    }
    check(&[
        ("eight days", no_mobile, nothing, LETTER),
        ("four days", no_mobile, |_, w| w.on = day("2026-05-16"), LETTER),
        (
            "three days",
            no_mobile,
            |_, w| w.on = day("2026-05-15"),
            "call +442079460000: no mobile number is recorded, and a letter may take 4 days and only 3 days are left",
        ),
        (
            "over the end of February",
            no_mobile,
            |_, w| (w.today, w.on) = (day("2028-02-27"), day("2028-03-01")),
            "call +442079460000: no mobile number is recorded, and a letter may take 4 days and only 3 days are left",
        ),
        (
            "over the end of the year",
            no_mobile,
            |_, w| (w.today, w.on) = (day("2026-12-30"), day("2027-01-03")),
            LETTER,
        ),
        (
            "the day is past",
            no_mobile,
            |_, w| w.on = day("2026-05-11"),
            "call +442079460000: no mobile number is recorded, and the day is past",
        ),
        (
            "the day is not known",
            no_mobile,
            |_, w| w.on = day("2026-06"),
            "call +442079460000: no mobile number is recorded, and the day is not known",
        ),
        (
            "letters asked for, no time",
            same,
            |k, w| (k.preferred, w.on) = (Some(Channel::Letter), day("2026-05-13")),
            "call +447700900123 +442079460000: the patient asked for letters, and a letter may take 4 days and only 1 day is left",
        ),
        ("letters asked for", same, |k, _| k.preferred = Some(Channel::Letter), LETTER),
        ("large print", same, |k, _| k.format = Format::LargePrint, LETTER),
        (
            "large print, but texts asked for",
            same,
            |k, _| (k.format, k.preferred) = (Format::LargePrint, Some(Channel::Sms)),
            "Sms to +447700900123",
        ),
        (
            "easy read, no time",
            same,
            |k, w| (k.format, w.on) = (Format::EasyRead, day("2026-05-13")),
            "call +447700900123 +442079460000: the patient needs easy read, and a letter may take 4 days and only 1 day is left",
        ),
        (
            "no fixed abode",
            |r| {
                no_mobile(r);
                r.address =
                    Some(Address { lines: vec!["No fixed abode".into()], postcode: "ZZ99 3VZ".into() });
            },
            nothing,
            "call +442079460000: no mobile number is recorded, and no address that the post can use is recorded",
        ),
        (
            "calls asked for",
            same,
            |k, _| k.preferred = Some(Channel::Phone),
            "call +447700900123 +442079460000: the patient asked to be called",
        ),
    ]);
}

#[test]
fn mail_goes_to_those_who_asked_for_it_and_where_there_is_no_other_way() {
    fn with_mail(record: &mut PatientRecord) {
        record.telecoms.push(telecom("email", "F.Example@Mail.Example.org"));
    }
    check(&[
        ("not asked for", with_mail, nothing, "Sms to +447700900123"),
        (
            "asked for",
            with_mail,
            |k, _| k.preferred = Some(Channel::Email),
            "Email to F.Example@mail.example.org",
        ),
        (
            "asked for, but none recorded",
            same,
            |k, _| k.preferred = Some(Channel::Email),
            "Sms to +447700900123",
        ),
        (
            "the only way",
            |r| {
                (r.telecoms, r.address) = (Vec::new(), None);
                with_mail(r);
            },
            nothing,
            "Email to F.Example@mail.example.org",
        ),
        (
            "calls asked for, but no number",
            |r| {
                r.telecoms.clear();
                with_mail(r);
            },
            |k, _| k.preferred = Some(Channel::Phone),
            "Email to F.Example@mail.example.org",
        ),
    ]);
}

/// Where no gateway carries it, nobody is said to be told: the next way is taken, and a patient who has any is on no door list.
#[test]
fn what_no_gateway_carries_becomes_a_letter_or_a_call() {
    const NO_MAIL: Gateways = Gateways { texts: true, mails: false };
    const NO_TEXT: Gateways = Gateways { texts: false, mails: true };
    const ADDRESS: &str = "f.example@mail.example.org";
    fn with_mail(record: &mut PatientRecord) {
        record.telecoms.push(telecom("email", ADDRESS));
    }
    fn mail_alone(record: &mut PatientRecord) {
        (record.telecoms, record.address) = (vec![telecom("email", ADDRESS)], None);
    }
    let tomorrow: fn(&mut Known, &mut When) = |_, w| w.on = day("2026-05-13");
    let asked: fn(&mut Known, &mut When) = |k, _| k.preferred = Some(Channel::Email);
    let late = "call +447700900123 +442079460000: no gateway carries text messages, and a letter may take 4 days and only 1 day is left";
    let by_hand = "call : nothing but f.example@mail.example.org is recorded, and no gateway carries mail";
    for (case, gateways, change, know, want) in [
        (
            "no texts, time for the post",
            NO_TEXT,
            same as fn(&mut PatientRecord),
            nothing as fn(&mut Known, &mut When),
            LETTER,
        ),
        ("no texts, too late for the post", NO_TEXT, same, tomorrow, late),
        ("nothing leaves, too late for the post", Gateways::NONE, same, tomorrow, late),
        ("texts asked for", NO_TEXT, same, |k, _| k.preferred = Some(Channel::Sms), LETTER),
        ("mail asked for goes", NO_TEXT, with_mail, asked, "Email to f.example@mail.example.org"),
        ("mail asked for, none leaves", NO_MAIL, with_mail, asked, "Sms to +447700900123"),
        ("mail asked for, nothing leaves", Gateways::NONE, with_mail, asked, LETTER),
        (
            "nothing but mail, and it leaves",
            NO_TEXT,
            mail_alone,
            nothing,
            "Email to f.example@mail.example.org",
        ),
        ("nothing but mail, and none leaves", NO_MAIL, mail_alone, nothing, by_hand),
        (
            "nothing at all",
            Gateways::NONE,
            |r| (r.telecoms, r.address) = (Vec::new(), None),
            nothing,
            "NoSafeContact",
        ),
        ("the guard stands before", Gateways::NONE, |r| r.died = Some(None), nothing, "Deceased"),
    ] {
        let (mut record, mut known, mut when) = (adult(), Known::default(), when());
        change(&mut record);
        know(&mut known, &mut when);
        let routed = route(&record, &known, when, gateways);
        assert_eq!(short(&routed), want, "{case}");
    }
    for (gateways, lacking) in [
        (Gateways::ALL, None),
        (NO_TEXT, Some("text messages")),
        (NO_MAIL, Some("emails")),
        (Gateways::NONE, Some("text messages and emails")),
    ] {
        assert_eq!(gateways.lacking(), lacking);
    }
}

#[test]
fn whoever_does_not_read_english_or_welsh_is_called_with_an_interpreter() {
    check(&[
        (
            "Polish",
            |r| r.language = Some("Polish".into()),
            nothing,
            "call +447700900123 +442079460000: an interpreter is needed (Polish) and a letter",
        ),
        (
            "English, with an interpreter",
            |r| (r.language, r.interpreter_needed) = (Some("en-GB".into()), Some(true)),
            nothing,
            "call +447700900123 +442079460000: an interpreter is needed (en-GB) and a letter",
        ),
        (
            "an interpreter, language not recorded",
            |r| r.interpreter_needed = Some(true),
            nothing,
            "call +447700900123 +442079460000: an interpreter is needed (a language that is not recorded) and a letter",
        ),
        (
            "Polish, too late for the post",
            |r| r.language = Some("pl".into()),
            |_, w| w.on = day("2026-05-13"),
            "call +447700900123 +442079460000: an interpreter is needed (pl)",
        ),
        (
            "Polish, no number",
            |r| {
                r.language = Some("pl".into());
                r.telecoms.clear();
            },
            nothing,
            LETTER,
        ),
        (
            "sign language",
            |r| r.language = Some("British Sign Language".into()),
            nothing,
            "call +447700900123 +442079460000: the patient uses sign language, so by text relay (18001) or with an interpreter on video and a letter",
        ),
        ("Welsh", |r| r.language = Some("cy".into()), nothing, "Sms to +447700900123"),
        ("no interpreter", |r| r.interpreter_needed = Some(false), nothing, "Sms to +447700900123"),
    ]);
    let mut welsh = adult();
    welsh.language = Some("Cymraeg".into());
    let routed = route(&welsh, &Known::default(), when(), Gateways::ALL);
    assert_eq!((routed.language, routed.interpreter), (Language::Welsh, None));
    let mut polish = adult();
    polish.language = Some("Polish".into());
    let routed = route(&polish, &Known::default(), when(), Gateways::ALL);
    assert_eq!((routed.language, routed.interpreter.as_deref()), (Language::English, Some("Polish")));
}

#[test]
fn a_childs_notice_is_addressed_to_the_parent_or_guardian() {
    for (born, on, child) in [
        ("2010-05-21", "2026-05-20", true),
        ("2010-05-20", "2026-05-20", false),
        ("2011", "2026-05-20", true),
        // By the year alone this may be a child of 15 or not: addressed by name.
        ("2010", "2026-05-20", false),
    ] {
        let mut record = adult();
        record.birth_date = Some(day(born));
        let addressee = addressee(&record, day(on), Language::English);
        assert_eq!(addressee.child, child, "{born}");
        let line = if child {
            "To the parent or guardian of Mrs Fredrica Anne Example"
        } else {
            "Mrs Fredrica Anne Example"
        };
        let greeting = if child { "parent or guardian of Mrs Fredrica Anne Example" } else { "Mrs Example" };
        assert_eq!((addressee.line.as_str(), addressee.greeting.as_str()), (line, greeting), "{born}");
    }
    let nobody = addressee(&PatientRecord::default(), day("2026-05-20"), Language::English);
    assert_eq!((nobody.line.as_str(), nobody.greeting.as_str()), ("patient", "patient"));
    check(&[
        (
            "a child by post",
            |r| (r.birth_date, r.telecoms) = (Some(day("2020-01-01")), Vec::new()),
            nothing,
            "Letter to To the parent or guardian of Mrs Fredrica Anne Example/1 Example Street/Northgate/NG1 1AA",
        ),
        (
            "a child that is called: the parents' numbers too, no aunt's",
            |r| {
                r.birth_date = Some(day("2020-01-01"));
                let contact = |relationship: &str, number: &str| Contact {
                    relationship: relationship.into(),
                    telecoms: vec![telecom("mobile", number)],
                    ..Contact::default()
                };
                r.contacts = vec![contact("Mother", "07700 900456"), contact("Aunt", "07700 900789")];
            },
            |k, _| k.preferred = Some(Channel::Phone),
            "call +447700900123 +442079460000 +447700900456: the patient asked to be called; ask for the parent or guardian",
        ),
    ]);
}

#[test]
fn numbers_are_read_as_people_write_them() {
    use PhoneNumber::{Abroad, Landline, Mobile};
    for (text, want) in [
        ("07700 900123", Some(Mobile("+447700900123".into()))),
        ("+44 (0)7700 900-123", Some(Mobile("+447700900123".into()))),
        ("0044 7700 900123", Some(Mobile("+447700900123".into()))),
        (" (07700) 900.123 ", Some(Mobile("+447700900123".into()))),
        ("07624 900123", Some(Mobile("+447624900123".into()))),
        ("020 7946 0000", Some(Landline("+442079460000".into()))),
        ("01632 960123", Some(Landline("+441632960123".into()))),
        ("016977 2345", Some(Landline("+44169772345".into()))),
        ("0300 123 4567", Some(Landline("+443001234567".into()))),
        ("+353 20 915 5555", Some(Abroad("+353209155555".into()))),
        // Personal numbers and pagers are no mobiles.
        ("07000 123456", None),
        ("07600 123456", None),
        ("0770090012", None),
        ("077009001234", None),
        ("7700900123", None),
        ("07000 000000", None),
        ("07777 777777", None),
        ("07712345678", None),
        ("0800 111", None),
        ("0900 123 4567", None),
        ("07700 900123 ext 4", None),
        ("call mum", None),
        ("", None),
        ("+", None),
        ("+44", None),
        ("０７７００", None),
    ] {
        assert_eq!(phone_number(text), want, "{text}");
    }
}

#[test]
fn mail_addresses_are_checked_for_their_form() {
    for (text, want) in [
        ("f.example@example.org", Some("f.example@example.org")),
        (" mailto:F.Example@EXAMPLE.org ", Some("F.Example@example.org")),
        ("o'brien+clinic@mail.example.co.uk", Some("o'brien+clinic@mail.example.co.uk")),
        ("f.example@example", None),
        ("f..example@example.org", None),
        ("f example@example.org", None),
        ("@example.org", None),
        ("f.example@-example.org", None),
        ("f.example@example.o", None),
        ("f.example@example.org\r\nBcc: all@example.org", None),
        ("none@example.org", None),
        ("f@nowhere.invalid", None),
        ("07700 900123", None),
    ] {
        assert_eq!(email_address(text).as_deref(), want, "{text}");
    }
}

#[test]
fn the_post_goes_only_where_there_is_a_place() {
    for (lines, postcode, want) in [
        (&["1 Example Street", " ", "Northgate"][..], "ng11aa", Some("1 Example Street/Northgate/NG1 1AA")),
        (&["1 Example Street", "NG1 1AA"], "NG1 1AA", Some("1 Example Street/NG1 1AA")),
        (&["1 Example Street"], "", None),
        (&["1 Example Street"], "ZZ99 3WZ", None),
        (&["NFA"], "NG1 1AA", None),
        (&["No fixed abode, c/o Northgate"], "NG1 1AA", None),
        (&[], "NG1 1AA", None),
        (&["1 Example Street"], "12345", None),
    ] {
        let address =
            Address { lines: lines.iter().map(|l| (*l).to_owned()).collect(), postcode: postcode.into() };
        assert_eq!(postal_lines(&address).map(|l| l.join("/")).as_deref(), want, "{lines:?} {postcode}");
    }
}

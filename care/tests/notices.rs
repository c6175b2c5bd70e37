//! Notices to patients: their words are checked line by line, filled for one person, counted and measured.

use care::notices::*;

/// A file of English that is whole: every message, as text, letter, mail, easy read letter and script.
fn whole() -> String {
    let mut text = String::from(
        "LANGUAGE English\nchecked by: A. Example, 1 March\nPHRASE end\nCall {phone}, {hours}.\n111 or 999.\n",
    );
    for message in Message::ALL {
        let (day, several) = match message {
            Message::Postponed => ("{date}, by {hear_by}", "{dates}, by {hear_by}"),
            Message::PostponedNewDate | Message::Rebooked => ("{date} is {new_date} {new_time}", ""),
            _ => ("{date}", "{dates}"),
        };
        let body = if message == Message::Changes {
            "At {hospital}.\n\
             [each postponed] - {date} off, by {hear_by}.\n\
             [each postponed with a new date] - {date} is {new_date} {new_time}.\n\
             [each going ahead] - {date} after all.\n\
             [each rebooked] - {date} new {new_date} {new_time}.\n\
             [each come as planned] - {date} on.\n"
                .to_owned()
        } else {
            let several =
                if several.is_empty() { format!("[each] - {day}") } else { format!("[several] {several}") };
            format!("At {{hospital}}.\n[one] {day}\n{several}\n")
        };
        let word = message.word();
        text += &format!("NOTICE {word}\nas: text message\ntext:\n{body}@end\n");
        text += &format!(
            "NOTICE {word}\nas: letter, email, easy read letter\nsubject: News\ntext:\nDear {{name}}\n\n{body}@end\n"
        );
        text += &format!(
            "NOTICE {word}\nas: phone\ntext:\nPART check\nIs this {{name}}, {{born}}?\nPART machine\nNothing.\nPART say\n{body}@end\n\
             PART record\nWrite.\n"
        );
    }
    text
}

fn read(files: &[(&str, &str)]) -> Result<Templates, Vec<String>> {
    read_all(files.iter().map(|(name, text)| (*name, text.as_bytes())))
        .map_err(|faults| faults.0.iter().map(ToString::to_string).collect())
}

/// The line on which `words` stand first.
fn line_of(text: &str, words: &str) -> usize {
    text[..text.find(words).unwrap()].matches('\n').count() + 1
}

fn draft(message: Message, channel: Channel) -> Draft {
    let bookings = vec![Booking {
        date: "12 May".into(),
        time: "9am".into(),
        clinic: "Clinic 4".into(),
        new_date: "3 June".into(),
        new_time: "10am".into(),
        outcome: None,
    }];
    let fields = Fields {
        hospital: "Northgate General".into(),
        phone: "020 7946 0000".into(),
        hours: "8am to 8pm".into(),
        name: "Mrs Example".into(),
        born: "14-Jul-1945".into(),
        reference: "R1".into(),
        hear_by: "30 May".into(),
        bookings,
        interpreter: false,
    };
    Draft { message, channel, language: Language::English, format: Format::Standard, fields }
}

#[test]
fn a_whole_set_is_read_and_filled() {
    let text = whole();
    let templates = read(&[("all.txt", &text)]).unwrap();
    assert_eq!(templates.caution(Language::English), None);
    let notice = compose(&templates, &draft(Message::Postponed, Channel::Letter)).unwrap();
    assert_eq!(notice.subject, "News");
    assert_eq!(
        notice.text,
        "Dear Mrs Example\n\nAt Northgate General. 12 May, by 30 May\n\nCall 020 7946 0000, 8am to 8pm. 111 or 999."
    );
    assert_eq!(notice.segments, None);
    assert_eq!(notice.notes, Vec::<String>::new());
    // The same in two files, the phrase in the other one, in whatever order.
    let (head, rest) = text.split_once("NOTICE").unwrap();
    let rest = format!("LANGUAGE English\nchecked by: A. Example, 1 March\nNOTICE{rest}");
    assert!(read(&[("b.txt", &rest), ("a.txt", head)]).is_ok());
}

#[test]
fn every_damage_is_told_with_its_line() {
    let text = whole();
    for (old, new, at, wanted) in [
        (
            "{hospital}.\n[one] {date}, by",
            "{hospitl}.\n[one] {date}, by",
            "{hospitl}",
            "“{hospitl}” is no field; the fields are: {hospital}",
        ),
        ("[one] {date}, by {hear_by}", "[one] {date}, by {hear_by", "{hear_by\n", "has no closing brace"),
        ("Call {phone}", "Call {phone}}", "Call", "a closing brace stands here without an opening one"),
        (
            "Call {phone}, ",
            "Call ",
            "NOTICE postponed",
            "{phone} is missing (the number to call): the notice for one booking must say it",
        ),
        (
            "111 or 999",
            "111",
            "NOTICE postponed",
            "999 is missing: every notice says what to do when it gets worse",
        ),
        (
            "[one] {date}, by {hear_by}",
            "[one] {date}",
            "NOTICE postponed",
            "{hear_by} is missing (the day by which the patient will hear)",
        ),
        (
            "[several] {dates}, by {hear_by}",
            "[several] by {hear_by}",
            "NOTICE postponed",
            "{date} or {dates} is missing: the notice for several bookings",
        ),
        (
            "[one] {date}, by",
            "{date}, by",
            "{date}, by",
            "“{date}” is of one booking: begin the line with [one] or [each], or write {dates}",
        ),
        (
            "At {hospital}.\n[one]",
            "At {hospital}, {clinic}.\n[one]",
            "At {hospital}, {clinic}",
            "“{clinic}” may not stand in a text message",
        ),
        (
            "At {hospital}.\n[one]",
            "At {hospital}, cancer clinic.\n[one]",
            "cancer clinic",
            "“cancer” may tell others what the patient is treated for",
        ),
        ("subject: News", "", "NOTICE postponed\nas: letter", "“letter” needs a line “subject: …”"),
        (
            "subject: News",
            "subject: On {date}",
            "NOTICE postponed\nas: letter",
            "write a line “subject for several: …” as well",
        ),
        (
            "subject: News",
            "subject: For {name}",
            "NOTICE postponed\nas: letter",
            "“{name}” may not stand in a subject",
        ),
        (
            "subject: News",
            "subjct: News",
            "subjct",
            "“subjct: News” is not understood here; write “as: …”, “subject: …”",
        ),
        (
            "as: text message",
            "as: telegram",
            "as: telegram",
            "“telegram” is no kind of notice; the kinds are: text message, email",
        ),
        ("as: text message\n", "", "NOTICE postponed", "write how this notice is sent, as in “as: letter”"),
        (
            "as: text message\n",
            "as: text message\nsubject: X\n",
            "NOTICE postponed",
            "a text message has no subject; take the line away",
        ),
        (
            "NOTICE rebooked\nas: text",
            "NOTICE booked\nas: text",
            "NOTICE booked",
            "“booked” is no message; the messages are: postponed,",
        ),
        (
            "NOTICE rebooked\nas: text",
            "NOTICE postponed\nas: text",
            "NOTICE postponed\nas: text message\ntext:\nAt {hospital}.\n[one] {date} is",
            "“postponed” as text message stands in all.txt, line 6 already; keep one",
        ),
        (
            "@end\n",
            "@fin\n",
            "@fin",
            "“@fin” is no phrase in English; write “PHRASE fin” in one of its files",
        ),
        ("PHRASE end\n", "PHRASE end\n@end\n", "@end", "“@end” may not stand in a phrase"),
        (
            "[one] {date}, by",
            "[once] {date}, by",
            "[once]",
            "“[once] {date}, by {hear_by}” begins with a mark that is not known",
        ),
        (
            "[several] {dates}, by",
            "[each postponed] {date}, by",
            "[each postponed]",
            "write [each]: only “changes” has bookings of other outcomes",
        ),
        (
            "[each come as planned] - {date} on.\n",
            "",
            "At {hospital}.\n[each postponed]",
            "“changes” needs a line that begins with [each come as planned]",
        ),
        (
            "[each rebooked] - {date} new {new_date} {new_time}",
            "[each rebooked] - {date} new {new_date}",
            "[each rebooked]",
            "[each rebooked] must say {new_time} (the new time)",
        ),
        (
            "[each going ahead] - {date} after all.",
            "[each] - {date} after all.",
            "[each] - {date} after",
            "in “changes” each outcome has its own line",
        ),
        (
            "[each going ahead] - {date} after",
            "[one] - {date}\n[each going ahead] - {date} after",
            "[one] - {date}\n[each",
            "“changes” always tells of several bookings; take [one] away",
        ),
        (
            "[each going ahead] - {date}",
            "[each going ahead] - {date} {hear_by}",
            "[each going ahead]",
            "“{hear_by}” has no value in “going ahead”; take it away",
        ),
        (
            "PART machine\nNothing.",
            "PART machine\nFrom {hospital}.",
            "From {hospital}",
            "“{hospital}” may not stand in PART machine: nothing is left on an answering machine",
        ),
        (
            "Is this {name}",
            "Is this {name} of {clinic}",
            "Is this",
            "“{clinic}” may not stand in PART check: nothing is said before it is clear who it is",
        ),
        (
            "PART say\nAt",
            "PART say\n{born}\nAt",
            "{born}\nAt",
            "“{born}” may not stand in PART say: the patient is asked for the date of birth",
        ),
        (
            "PART machine\nNothing.\n",
            "",
            "NOTICE postponed\nas: phone",
            "a phone script has four parts with words in each",
        ),
        ("PART say\n", "PART speak\n", "PART speak", "“PART speak” is no part of a script"),
        (
            "Dear {name}",
            "Dear {name}, born {born}",
            "Dear {name}, born",
            "“{born}” stands only in the first part of a phone script",
        ),
        ("Dear {name}", "PART say\nDear {name}", "Dear", "PART stands only in a phone script"),
        ("checked by: A. Example, 1 March\n", "", "LANGUAGE", "write who has checked these words"),
        (
            "LANGUAGE English\n",
            "",
            "checked by",
            "a line “LANGUAGE English” (or Welsh) must stand before this one",
        ),
        ("LANGUAGE English", "LANGUAGE French", "LANGUAGE", "“French” is no language of the notices"),
        (
            "PHRASE end\n",
            "LANGUAGE Welsh\nPHRASE end\n",
            "LANGUAGE Welsh",
            "LANGUAGE stands in this file a second time",
        ),
        (
            "NOTICE changes\nas: phone\ntext:\n",
            "NOTICE changes\nas: phone\n",
            "PART check\nIs this {name}, {born}?\nPART machine\nNothing.\nPART say\nAt {hospital}.\n[each",
            "“PART check” is not understood here",
        ),
    ] {
        let damaged = text.replacen(old, new, 1);
        assert_ne!(damaged, text, "{old}");
        let told = read(&[("all.txt", &damaged)]).unwrap_err();
        let line = format!("all.txt, line {}: ", line_of(&damaged, at));
        assert!(
            told.iter().any(|fault| fault.starts_with(&line) && fault.contains(wanted)),
            "{line}{wanted}\n{told:#?}"
        );
    }
    let without = text.replacen("NOTICE rebooked\nas: letter, email,", "NOTICE rebooked\nas: letter,", 1);
    assert_eq!(
        read(&[("all.txt", &without)]).unwrap_err(),
        ["there is no “rebooked” as email in English; write one (those that ship can be copied)"]
    );
    let long = format!("{text}{}", "#".repeat(300 << 10));
    assert!(read(&[("all.txt", &long)]).unwrap_err()[0].starts_with("all.txt: "));
    let faults = read_all([("x.txt", &b"\xff\xfe"[..])]).unwrap_err();
    assert!(faults.to_string().starts_with("x.txt: this is not plain text in UTF-8"), "{faults}");
}

#[test]
fn one_patient_gets_one_notice_for_all_bookings() {
    let templates = read(&[("all.txt", &whole())]).unwrap();
    let mut several = draft(Message::Postponed, Channel::Letter);
    for date in ["15 May", "12 May", "3 June"] {
        several.fields.bookings.push(Booking { date: date.into(), ..Booking::default() });
    }
    let text = compose(&templates, &several).unwrap().text;
    assert!(text.contains("At Northgate General. 12 May, 15 May and 3 June, by 30 May"), "{text}");

    let mut changes = draft(Message::Changes, Channel::Letter);
    changes.fields.bookings[0].outcome = Some(Message::PostponedNewDate);
    changes.fields.bookings.push(Booking {
        date: "15 May".into(),
        outcome: Some(Message::ComeAsPlanned),
        ..Booking::default()
    });
    let notice = compose(&templates, &changes).unwrap();
    let points: Vec<&str> = notice
        .paragraphs
        .iter()
        .filter_map(|p| if let Paragraph::Bullet(words) = p { Some(words.as_str()) } else { None })
        .collect();
    assert_eq!(points, ["12 May is 3 June 10am.", "15 May on."]);
    assert_eq!(Message::of_all(&[Message::Rebooked, Message::Rebooked]), Some(Message::Rebooked));
    assert_eq!(Message::of_all(&[Message::Rebooked, Message::Postponed]), Some(Message::Changes));
    assert_eq!(Message::of_all(&[]), None);
}

#[test]
fn what_is_missing_or_does_not_fit_is_refused_in_a_sentence() {
    let templates = read(&[("all.txt", &whole())]).unwrap();
    let refused = |change: &dyn Fn(&mut Draft), message: Message, channel: Channel| {
        let mut draft = draft(message, channel);
        change(&mut draft);
        compose(&templates, &draft).unwrap_err().to_string()
    };
    let second = |draft: &mut Draft, date: &str, outcome| {
        draft.fields.bookings.push(Booking { date: date.into(), outcome, ..Booking::default() });
    };
    let cases: [(String, &str); 12] = [
        (
            refused(&|d| d.fields.phone.clear(), Message::Postponed, Channel::Sms),
            "{phone} is missing: write the number to call",
        ),
        (
            refused(&|d| d.fields.hear_by = " \n".into(), Message::Postponed, Channel::Sms),
            "{hear_by} is missing: write the day by which the patient will hear",
        ),
        (
            refused(&|d| d.fields.bookings[0].new_time.clear(), Message::Rebooked, Channel::Letter),
            "{new_time} is missing for the booking of 12 May: write the new time",
        ),
        (
            refused(&|d| d.fields.bookings[0].date.clear(), Message::Postponed, Channel::Letter),
            "{date} is missing: write the day of the booking",
        ),
        (
            refused(&|d| d.fields.bookings.clear(), Message::Postponed, Channel::Letter),
            "no booking was named; a notice tells of one at least",
        ),
        (
            refused(&|d| (0..20).for_each(|_| second(d, "1 May", None)), Message::Postponed, Channel::Letter),
            "21 bookings are more than one notice can tell of (20); call the patient instead",
        ),
        (
            refused(&|_| {}, Message::Changes, Channel::Letter),
            "a notice of changes tells of two bookings at least; of one say what becomes of it",
        ),
        (
            refused(&|d| second(d, "1 May", None), Message::Changes, Channel::Letter),
            "what becomes of the booking of 12 May was not said",
        ),
        (
            refused(
                &|d| d.fields.bookings[0].outcome = Some(Message::Rebooked),
                Message::Postponed,
                Channel::Letter,
            ),
            "the booking of 12 May has another outcome than the notice; send one notice of changes",
        ),
        (
            refused(
                &|d| {
                    d.fields.bookings[0].outcome = Some(Message::Postponed);
                    second(d, "12 May", Some(Message::ComeAsPlanned));
                },
                Message::Changes,
                Channel::Sms,
            ),
            "two bookings of 12 May have different outcomes; a text message says the day alone, so call or write",
        ),
        (
            refused(
                &|d| d.fields.hospital = "Northgate Heart Hospital".into(),
                Message::Postponed,
                Channel::Sms,
            ),
            "“heart” may tell others what the patient is treated for; give the hospital a neutral name for text messages",
        ),
        (
            refused(&|d| d.fields.phone = "1".repeat(201), Message::Postponed, Channel::Sms),
            "{phone} is longer than 200 bytes; shorten it",
        ),
    ];
    for (told, wanted) in cases {
        assert_eq!(told, wanted);
    }
    let mut long = draft(Message::Postponed, Channel::Sms);
    (long.fields.hospital, long.fields.hours) = ("h".repeat(190), "w".repeat(190));
    (long.fields.hear_by, long.fields.phone) = ("b".repeat(190), "1".repeat(190));
    long.fields.bookings[0].date = "d".repeat(190);
    assert_eq!(compose(&templates, &long), Err(Refusal::TooManySegments { count: 7 }));
    // In a letter the hospital's own name is right.
    let mut letter = draft(Message::Postponed, Channel::Letter);
    letter.fields.hospital = "Northgate Heart Hospital".into();
    assert!(compose(&templates, &letter).is_ok());
}

#[test]
fn values_are_words_and_never_fields_or_lines() {
    let templates = read(&[("all.txt", &whole())]).unwrap();
    let mut sly = draft(Message::Postponed, Channel::Letter);
    sly.fields.name = "{phone}\n\nPART say\u{0}".into();
    let text = compose(&templates, &sly).unwrap().text;
    assert!(text.starts_with("Dear {phone} PART say\n\nAt Northgate"), "{text}");
    // What lists often lack has words that stand in for it.
    let shipped = read(shipped()).unwrap();
    let mut bare = draft(Message::Postponed, Channel::Letter);
    (bare.fields.bookings[0].time, bare.fields.bookings[0].clinic) = (String::new(), String::new());
    let text = compose(&shipped, &bare).unwrap().text;
    assert!(text.contains("at the time in your appointment letter: hospital appointment."), "{text}");
}

#[test]
fn welsh_that_a_hospital_has_not_written_falls_back_to_english_and_says_so() {
    let welsh = "LANGUAGE Welsh\nchecked by: not yet checked by a speaker\n\
                 NOTICE rebooked\nas: letter\nsubject: Newydd\ntext:\nAnnwyl {name}\n\
                 [one] {hospital} {new_date} {new_time}\n[each] {hospital} {new_date} {new_time}\n\n{phone} {hours} 111 999\n";
    let templates = read(&[("all.txt", &whole()), ("welsh.txt", welsh)]).unwrap();
    let mut wanted = draft(Message::Rebooked, Channel::Letter);
    wanted.language = Language::Welsh;
    let notice = compose(&templates, &wanted).unwrap();
    assert_eq!((notice.language, notice.subject.as_str()), (Language::Welsh, "Newydd"));
    assert_eq!(notice.notes, ["The Welsh words: not yet checked by a speaker."]);
    assert_eq!(notice.reading_age, None, "the formula is made for English");
    // Large print has the letter's words.
    wanted.format = Format::LargePrint;
    assert_eq!(compose(&templates, &wanted).unwrap().subject, "Newydd");
    wanted.format = Format::EasyRead;
    let notice = compose(&templates, &wanted).unwrap();
    assert_eq!((notice.language, notice.subject.as_str()), (Language::English, "News"));
    assert_eq!(
        notice.notes,
        ["There are no words in Welsh for “rebooked” as easy read letter; the English ones are used."]
    );
    assert!(templates.has(Message::Rebooked, Kind::Letter, Language::Welsh));
    assert!(!templates.has(Message::Rebooked, Kind::TextMessage, Language::Welsh));
}

#[test]
fn text_messages_are_counted_as_networks_do() {
    let gsm = |count, units| Segments { count, encoding: Encoding::Gsm7, units };
    let ucs = |count, units| Segments { count, encoding: Encoding::Ucs2, units };
    for (text, want) in [
        (String::new(), gsm(0, 0)),
        ("a".repeat(160), gsm(1, 160)),
        ("a".repeat(161), gsm(2, 161)),
        ("a".repeat(306), gsm(2, 306)),
        ("a".repeat(307), gsm(3, 307)),
        ("a".repeat(918), gsm(6, 918)),
        ("£é@".to_owned(), gsm(1, 3)),
        ("€[]".to_owned(), gsm(1, 6)),
        // An escape and its character stay together: the 153rd place of the first part stays empty.
        (format!("{}€{}", "a".repeat(152), "a".repeat(151)), gsm(2, 305)),
        (format!("{}€{}", "a".repeat(152), "a".repeat(152)), gsm(3, 306)),
        ("ŵ".repeat(70), ucs(1, 70)),
        ("ŵ".repeat(71), ucs(2, 71)),
        ("ŵ".repeat(134), ucs(2, 134)),
        ("ŵ".repeat(135), ucs(3, 135)),
        (format!("{}😀", "ŵ".repeat(69)), ucs(2, 71)),
        (format!("{}😀{}", "ŵ".repeat(66), "ŵ".repeat(66)), ucs(3, 134)),
        ("`".to_owned(), ucs(1, 1)),
    ] {
        assert_eq!(segments(&text), want, "{text}");
    }
    // Quotation marks and dashes of a word processor do not make a text dearer.
    let templates = read(&[("all.txt", &whole())]).unwrap();
    let mut text = draft(Message::Postponed, Channel::Sms);
    text.fields.hours = "8am\u{2013}8pm, “every” day\u{2026}".into();
    let notice = compose(&templates, &text).unwrap();
    assert_eq!(notice.segments.unwrap().encoding, Encoding::Gsm7);
    assert!(notice.text.contains("8am-8pm, \"every\" day..."), "{}", notice.text);
}

#[test]
fn words_that_reveal_are_found_and_places_are_not_taken_for_them() {
    for (text, found) in [
        ("Cardiff and Liverpool, Heartlands Hospital", None),
        ("Scunthorpe General, Bury, Penistone", None),
        ("the Cardiology clinic", Some("cardiology")),
        ("ENT", Some("ent")),
        ("Northgate Eye Hospital", Some("eye")),
        ("Your HIV test", Some("hiv")),
        ("your dialysis", Some("dialysis")),
        ("Antenatal", Some("antenatal")),
        ("appointment on Monday at Northgate General Hospital", None),
    ] {
        assert_eq!(reveals(text).as_deref(), found, "{text}");
    }
}

/// Words, sentences and syllables counted by hand: 0.39 words a sentence + 11.8 syllables a word − 15.59, and 5 years.
#[test]
fn the_reading_age_is_what_is_worked_out_by_hand() {
    for (text, want) in [
        // 6 words, 1 sentence, 6 syllables: −1.45; nobody reads before 5.
        ("The cat sat on the mat.", Some(5)),
        // 10 words, 2 sentences, 14 syllables (we are sor-ry your ap-point-ment on 12 May is post-poned): 2.88 → 7.88.
        ("We are sorry. Your appointment on 12 May is postponed.", Some(8)),
        // 9 words, 1 sentence, 12 syllables (please bring a list of your med-i-cines and let-ters): 3.65 → 8.65.
        ("Please bring a list of your medicines and letters.", Some(9)),
        // 6 words, 1 sentence, 28 syllables: 2.34 + 55.07 − 15.59 = 41.82 → 46.82.
        ("Radiological examinations necessitate comprehensive administrative preparation.", Some(47)),
        // A line that ends is a sentence that ends: 4 words, 2 sentences, 4 syllables: −3.01.
        ("Call us\nCome in", Some(5)),
        // Figures, numbers to call and abbreviations are one syllable each: 8 words, 1 sentence, 8 syllables: −0.67.
        ("Call the NHS on 020 7946 0000 now.", Some(5)),
        ("", None),
        ("— … !", None),
    ] {
        assert_eq!(reading_age(text, Language::English), want, "{text}");
    }
    assert_eq!(reading_age("Mae eich apwyntiad wedi'i ohirio.", Language::Welsh), None, "not measured");
}

proptest::proptest! {
    #[test]
    fn no_words_cause_a_panic(
        text in "(LANGUAGE|PHRASE|NOTICE| English| postponed|as: |text:|PART say|@end|\\[one\\]|\\{date\\}|[a-z0-9:, \\{\\}\u{0}-\u{ff}]{0,9}|\n){0,60}"
    ) {
        let _ = read(&[("any.txt", &text)]);
    }

    #[test]
    fn no_value_causes_a_panic_or_is_taken_for_a_field(value in "\\PC{0,80}") {
        let templates = read(shipped()).unwrap();
        for channel in Channel::ALL {
            let mut draft = draft(Message::Postponed, channel);
            for field in [&mut draft.fields.hospital, &mut draft.fields.name, &mut draft.fields.hear_by] {
                field.clone_from(&value);
            }
            draft.fields.bookings[0].clinic.clone_from(&value);
            if let Ok(notice) = compose(&templates, &draft) {
                proptest::prop_assert!(notice.text.contains("020 7946 0000"));
            }
        }
        let _ = (segments(&value), reading_age(&value, Language::English), reveals(&value));
        let _ = (phone_number(&value), email_address(&value));
    }
}

//! The notices that ship: whole, readable, and saying what a notice must say first.

use care::notices::*;

fn templates() -> Templates {
    let files = shipped().iter().map(|(name, text)| (*name, text.as_bytes()));
    read_all(files).unwrap_or_else(|faults| panic!("{faults}"))
}

/// What is to be sent to a fictional patient with so many bookings.
fn draft(message: Message, channel: Channel, format: Format, language: Language, bookings: usize) -> Draft {
    let outcomes = [
        Message::Postponed,
        Message::PostponedNewDate,
        Message::GoingAhead,
        Message::Rebooked,
        Message::ComeAsPlanned,
    ];
    let booking = |nth: usize| Booking {
        date: format!("Tuesday {} May", 12 + nth),
        time: "10:30am".into(),
        clinic: "Clinic 4, level 2".into(),
        new_date: format!("Wednesday {} June", 3 + nth),
        new_time: "2pm".into(),
        outcome: (message == Message::Changes).then(|| outcomes[nth % outcomes.len()]),
    };
    let fields = Fields {
        hospital: "Northgate General Hospital".into(),
        phone: "020 7946 0000".into(),
        hours: "8am to 8pm, every day".into(),
        name: "Mrs Example".into(),
        born: "14-Jul-1945".into(),
        reference: "LB-0042".into(),
        hear_by: "30 May".into(),
        bookings: (0..bookings).map(booking).collect(),
        interpreter: false,
    };
    Draft { message, channel, language, format, fields }
}

/// Every notice that can be sent, for one booking and for several.
fn all() -> Vec<Draft> {
    let mut drafts = Vec::new();
    for message in Message::ALL {
        for channel in Channel::ALL {
            for format in Format::ALL {
                for language in Language::ALL {
                    let counts: &[usize] = if message == Message::Changes { &[5] } else { &[1, 3] };
                    drafts.extend(counts.iter().map(|n| draft(message, channel, format, language, *n)));
                }
            }
        }
    }
    drafts
}

#[test]
fn what_ships_names_every_file_of_its_folder_and_says_who_has_not_checked_it() {
    let mut files: Vec<String> = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../forms/notices"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    files.sort();
    assert_eq!(files, shipped().iter().map(|(name, _)| (*name).to_owned()).collect::<Vec<_>>());
    let templates = templates();
    assert_eq!(templates.caution(Language::Welsh), Some("not yet checked by a speaker"));
    assert!(templates.caution(Language::English).is_some(), "nobody has checked what ships");
    for (name, text) in shipped() {
        let welsh = name.starts_with("welsh");
        assert_eq!(text.contains("checked by: not yet checked by a speaker"), welsh, "{name}");
    }
}

#[test]
fn every_notice_can_be_sent_in_both_languages_and_leaves_no_brace() {
    let templates = templates();
    for draft in all() {
        let notice = compose(&templates, &draft).unwrap_or_else(|refusal| panic!("{refusal}: {draft:?}"));
        assert_eq!(notice.language, draft.language, "{draft:?}");
        assert!(
            !notice.text.contains(['{', '}', '[', ']', '@']) && !notice.subject.contains(['{', '}']),
            "{notice:#?}"
        );
        assert!(
            notice.text.contains("020 7946 0000") && notice.text.contains("Northgate General"),
            "{notice:#?}"
        );
        let written = matches!(draft.channel, Channel::Letter | Channel::Email);
        assert_eq!(notice.subject.is_empty(), !written);
        assert_eq!(notice.segments.is_some(), draft.channel == Channel::Sms);
    }
}

#[test]
fn every_english_notice_is_read_by_an_eleven_year_old_and_easy_read_by_one_of_nine() {
    let templates = templates();
    for draft in all().into_iter().filter(|draft| draft.language == Language::English) {
        let notice = compose(&templates, &draft).unwrap();
        let written = matches!(draft.channel, Channel::Letter | Channel::Email);
        let most = if draft.format == Format::EasyRead && written { 9 } else { 11 };
        let age = notice.reading_age.unwrap();
        assert!(age <= most, "reading age {age}, at most {most}: {}", notice.text);
    }
}

#[test]
fn the_most_important_fact_comes_first_and_the_rest_is_there() {
    let templates = templates();
    for draft in all().into_iter().filter(|draft| draft.language == Language::English) {
        let notice = compose(&templates, &draft).unwrap();
        let text = notice.text.to_lowercase();
        for word in ["111", "999", "sorry"] {
            assert!(text.contains(word), "{word}: {}", notice.text);
        }
        let written = matches!(draft.channel, Channel::Letter | Channel::Email);
        if written {
            for word in ["transport", "interpreter", "8am to 8pm", "please come"] {
                assert!(text.contains(word), "{word}: {}", notice.text);
            }
            // The first paragraph after the name says what happens, and where.
            let first = notice.paragraphs[1].text();
            let wanted: &[&str] = match draft.message {
                Message::Postponed => &["Please do not come", "Northgate General"],
                Message::PostponedNewDate => &["Northgate General"],
                Message::Changes => &["have changed", "Northgate General"],
                _ => &["lease come", "Northgate General"],
            };
            for word in wanted {
                assert!(first.contains(word), "{word}: {first}");
            }
        }
        if draft.channel == Channel::Letter && draft.message == Message::Postponed {
            assert!(text.contains("30 may"), "{text}");
        }
    }
}

#[test]
fn a_text_message_says_hospital_and_day_alone_and_stays_short() {
    let templates = templates();
    for draft in all().into_iter().filter(|draft| draft.channel == Channel::Sms) {
        let notice = compose(&templates, &draft).unwrap();
        for word in ["Example", "Clinic 4", "10:30", "1945", "LB-0042"] {
            assert!(!notice.text.contains(word), "{word}: {}", notice.text);
        }
        let count = notice.segments.unwrap().count;
        let most = match (draft.language, draft.fields.bookings.len()) {
            (Language::English, 1) => 2,
            (Language::English, 3) => 3,
            (Language::English, _) => 4,
            // One â makes it UCS-2.
            (Language::Welsh, 1) => 4,
            (Language::Welsh, _) => 6,
        };
        assert!(count <= most, "{count} parts, at most {most}: {}", notice.text);
    }
}

#[test]
fn a_caller_asks_who_it_is_before_anything_is_said() {
    let templates = templates();
    for draft in all().into_iter().filter(|d| d.channel == Channel::Phone && d.language == Language::English)
    {
        let text = compose(&templates, &draft).unwrap().text;
        let at = |words: &str| text.find(words).unwrap_or_else(|| panic!("{words}: {text}"));
        assert!(at("date of birth") < at("Leave no message"), "{text}");
        assert!(at("Leave no message") < at("3. Say") && at("3. Say") < at("4. Write down"), "{text}");
        let before = &text[..at("3. Say")];
        for word in ["Tuesday", "Clinic 4", "10:30am", "Wednesday"] {
            assert!(!before.contains(word), "{word}: {before}");
        }
    }
}

#[test]
fn a_line_in_plain_english_is_added_where_an_interpreter_is_needed() {
    let templates = templates();
    for message in Message::ALL {
        let count = if message == Message::Changes { 5 } else { 1 };
        for format in Format::ALL {
            let mut wanted = draft(message, Channel::Letter, format, Language::English, count);
            let without = compose(&templates, &wanted).unwrap().text;
            wanted.fields.interpreter = true;
            let with = compose(&templates, &wanted).unwrap().text;
            assert!(
                !without.contains("name of your language") && with.contains("name of your language"),
                "{with}"
            );
        }
    }
}

//! What the words of a notice must hold, and what they must not, whoever edits them.
//!
//! Always in every notice: hospital, number to call, the day meant, 111 and 999. Never in a text message: the name, the clinic,
//! the time, or a word that reveals a condition; never in a phone script before the caller knows who it is, nor on a machine: what it
//! is about. Called by `format`; proved by the table of damages in `tests/notices.rs`.

use super::fields::Field;
use super::format::Place;
use super::templates::{Applies, Kind, Line, Part, Piece, Shape, Template, fields};
use super::{Language, Message, reveals};

/// A fault and where it is.
type Found = Vec<(Place, String)>;

/// Checks one notice; `place` is its heading.
pub(super) fn of_template(place: Place, template: &Template) -> Found {
    let mut found = Found::new();
    subjects(place, template, &mut found);
    marks(template, &mut found);
    new_dates(template, &mut found);
    needed(place, template, &mut found);
    match template.kind {
        Kind::TextMessage => text_message(template, &mut found),
        Kind::Phone => script(place, template, &mut found),
        _ => written(template, &mut found),
    }
    found
}

/// What the set as a whole lacks: English is complete, for everything else falls back to it.
pub(super) fn of_set(all: &[Template]) -> Vec<String> {
    let needed = Kind::ALL.into_iter().filter(|kind| *kind != Kind::LargePrintLetter);
    let mut missing = Vec::new();
    for kind in needed {
        for message in Message::ALL {
            let has =
                all.iter().any(|t| (t.message, t.kind, t.language) == (message, kind, Language::English));
            if !has {
                missing.push(format!(
                    "there is no “{}” as {} in English; write one (those that ship can be copied)",
                    message.word(),
                    kind.word()
                ));
            }
        }
    }
    missing
}

fn at(line: &Line) -> Place {
    (line.file, line.number)
}

fn subjects(place: Place, template: &Template, found: &mut Found) {
    let kind = template.kind;
    if !kind.has_subject() {
        if !template.subject.is_empty() || template.subject_for_several.is_some() {
            found.push((place, format!("a {} has no subject; take the line away", kind.word())));
        }
        return;
    }
    if template.subject.is_empty() {
        found.push((place, format!("“{}” needs a line “subject: …”", kind.word())));
    }
    let of_one = |pieces: &[Piece]| fields(pieces).find(|field| field.of_one_booking());
    let several = template.subject_for_several.as_deref();
    if let Some(field) = several.and_then(of_one) {
        let what = format!(
            "“{{{}}}” is of one booking and cannot stand in a subject for several; write {{dates}}",
            field.word()
        );
        found.push((place, what));
    }
    if let Some(field) = of_one(&template.subject) {
        if template.message == Message::Changes {
            let what = format!(
                "“changes” always tells of several bookings; “{{{}}}” cannot stand in its subject",
                field.word()
            );
            found.push((place, what));
        } else if several.is_none() {
            let what = format!(
                "the subject speaks of one booking ({{{}}}): write a line “subject for several: …” as well",
                field.word()
            );
            found.push((place, what));
        }
    }
    let all = fields(&template.subject).chain(several.into_iter().flat_map(fields));
    for field in all.filter(|field| matches!(field, Field::Clinic | Field::Name | Field::Born)) {
        let what = format!(
            "“{{{}}}” may not stand in a subject: it is seen on locked screens and through windows",
            field.word()
        );
        found.push((place, what));
    }
}

/// Each line must say of which booking it speaks.
fn marks(template: &Template, found: &mut Found) {
    let changes = template.message == Message::Changes;
    for line in &template.lines {
        match line.applies {
            Applies::One if changes => {
                found.push((
                    at(line),
                    "“changes” always tells of several bookings; take [one] away".to_owned(),
                ));
            }
            Applies::Each(None) if changes => {
                let what = "in “changes” each outcome has its own line: write [each postponed], [each going ahead] …";
                found.push((at(line), what.to_owned()));
            }
            Applies::Each(Some(message)) if !changes => {
                let what = format!(
                    "write [each]: only “changes” has bookings of other outcomes than “{}”",
                    message.word()
                );
                found.push((at(line), what));
            }
            _ => {}
        }
        let names_one = matches!(line.applies, Applies::One | Applies::Each(_));
        for field in line.fields().filter(|field| field.of_one_booking() && !names_one) {
            let what = format!(
                "“{{{}}}” is of one booking: begin the line with [one] or [each], or write {{dates}}",
                field.word()
            );
            found.push((at(line), what));
        }
        let twice = line.shape == Shape::Heading && matches!(line.applies, Applies::Each(_));
        if twice {
            found.push((at(line), "a heading cannot be repeated for each booking; write “- ”".to_owned()));
        }
    }
    if changes {
        outcomes(template, found);
    }
}

/// A notice of changes can tell of each outcome, and of which booking it speaks.
fn outcomes(template: &Template, found: &mut Found) {
    let first = template.lines.first().map_or((usize::MAX, 0), at);
    for message in Message::ALL.into_iter().filter(|message| *message != Message::Changes) {
        let of = |line: &&Line| line.applies == Applies::Each(Some(message));
        let Some(line) = template.lines.iter().find(of) else {
            let word = message.word();
            found.push((first, format!("“changes” needs a line that begins with [each {word}]")));
            continue;
        };
        let mut fields = vec![Field::Date];
        match message {
            Message::Postponed => fields.push(Field::HearBy),
            _ if message.has_new_date() => fields.extend([Field::NewDate, Field::NewTime]),
            _ => {}
        }
        let has =
            |field: Field| template.lines.iter().filter(of).any(|line| line.fields().any(|f| f == field));
        for field in fields.into_iter().filter(|field| !has(*field)) {
            let what =
                format!("[each {}] must say {{{}}} ({})", message.word(), field.word(), field.meaning());
            found.push((at(line), what));
        }
    }
}

/// A new date, or the day by which they will hear, stands only where there is one.
fn new_dates(template: &Template, found: &mut Found) {
    for line in &template.lines {
        let message = match line.applies {
            Applies::Each(Some(message)) => message,
            _ => template.message,
        };
        for field in line.fields() {
            let fits = match field {
                Field::NewDate | Field::NewTime => message.has_new_date(),
                Field::HearBy => message == Message::Postponed,
                _ => true,
            };
            if !fits {
                let what =
                    format!("“{{{}}}” has no value in “{}”; take it away", field.word(), message.word());
                found.push((at(line), what));
            }
        }
    }
}

/// What every notice says, whether it tells of one booking or of several.
fn needed(place: Place, template: &Template, found: &mut Found) {
    let message = template.message;
    let mut missing = |what: String| {
        if !found.iter().any(|(_, known)| *known == what) {
            found.push((place, what));
        }
    };
    let cases: &[bool] = if message == Message::Changes { &[true] } else { &[false, true] };
    for several in cases {
        let lines: Vec<&Line> = template.lines.iter().filter(|line| used(line, *several)).collect();
        let has = |field: Field| lines.iter().any(|line| line.fields().any(|f| f == field));
        let case = if *several { "several bookings" } else { "one booking" };
        let mut fields = vec![Field::Hospital, Field::Phone];
        if template.kind != Kind::TextMessage {
            fields.push(Field::Hours);
        }
        match message {
            Message::Postponed => fields.push(Field::HearBy),
            Message::PostponedNewDate | Message::Rebooked => fields.extend([Field::NewDate, Field::NewTime]),
            _ => {}
        }
        for field in fields.into_iter().filter(|field| !has(*field)) {
            missing(format!(
                "{{{}}} is missing ({}): the notice for {case} must say it",
                field.word(),
                field.meaning()
            ));
        }
        let day =
            has(Field::Date) || has(Field::Dates) || (message == Message::Rebooked && has(Field::NewDate));
        if !day {
            missing(format!(
                "{{date}} or {{dates}} is missing: the notice for {case} must say which day is meant"
            ));
        }
        for number in ["111", "999"] {
            let says = |line: &&Line| words(line).contains(number);
            if !lines.iter().any(says) {
                missing(format!("{number} is missing: every notice says what to do when it gets worse"));
            }
        }
    }
}

fn used(line: &Line, several: bool) -> bool {
    match line.applies {
        Applies::Always => true,
        Applies::One => !several,
        Applies::Several | Applies::Each(_) => several,
        Applies::Interpreter => false,
    }
}

/// The words of a line without its fields.
fn words(line: &Line) -> String {
    let of = |piece: &Piece| match piece {
        Piece::Words(words) => words.clone(),
        Piece::Field(_) => " ".to_owned(),
    };
    line.pieces.iter().map(of).collect()
}

fn text_message(template: &Template, found: &mut Found) {
    for line in &template.lines {
        for field in line.fields() {
            if matches!(field, Field::Name | Field::Born | Field::Clinic | Field::Time | Field::Reference) {
                let what = format!(
                    "“{{{}}}” may not stand in a text message, which others may read; hospital and day are enough",
                    field.word()
                );
                found.push((at(line), what));
            }
        }
        if let Some(word) = reveals(&words(line)) {
            let what = format!(
                "“{word}” may tell others what the patient is treated for; take it out of the text message"
            );
            found.push((at(line), what));
        }
        if line.shape == Shape::Heading {
            found.push((at(line), "a text message has no headings".to_owned()));
        }
    }
    no_parts(template, found);
}

/// Letters and mails.
fn written(template: &Template, found: &mut Found) {
    for line in template.lines.iter().filter(|line| line.fields().any(|field| field == Field::Born)) {
        let what = "“{born}” stands only in the first part of a phone script, for the caller to compare";
        found.push((at(line), what.to_owned()));
    }
    no_parts(template, found);
}

fn no_parts(template: &Template, found: &mut Found) {
    if let Some(line) = template.lines.iter().find(|line| line.part != Part::Whole) {
        found.push((at(line), "PART stands only in a phone script; take it away".to_owned()));
    }
}

/// A script: who is it, what if a machine answers, what is said, what is written down; details only after the check.
fn script(place: Place, template: &Template, found: &mut Found) {
    let mut order: Vec<Part> = template.lines.iter().map(|line| line.part).collect();
    order.dedup();
    if order != Part::OF_A_SCRIPT {
        let what = "a phone script has four parts with words in each, in this order: PART check (who is it), PART machine \
                    (when a machine answers), PART say, PART record";
        found.push((place, what.to_owned()));
        return;
    }
    for line in &template.lines {
        for field in line.fields() {
            let fits = match line.part {
                Part::Check => matches!(field, Field::Name | Field::Born | Field::Hospital),
                Part::Machine => false,
                Part::Say => field != Field::Born,
                Part::Record | Part::Whole => true,
            };
            if !fits {
                let why = match line.part {
                    Part::Machine => "nothing is left on an answering machine",
                    Part::Check => "nothing is said before it is clear who it is",
                    _ => "the patient is asked for the date of birth and never told it",
                };
                let what =
                    format!("“{{{}}}” may not stand in PART {}: {why}", field.word(), line.part.word());
                found.push((at(line), what));
            }
        }
    }
}

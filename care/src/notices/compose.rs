//! One notice to one person: the words of a set, filled.
//!
//! Always: every value that the words use is there, or the notice is refused with a sentence that says which is missing; a language
//! without words of its own falls back to English and says so. Never: half a notice, a field in braces left over, a text
//! message longer than a network carries. Pure. Called by `control_room` and the pages of notices; proved by
//! `tests/notices.rs` and, for the words that ship, `tests/notice_words.rs`.

use super::fields::{Field, VALUE_BYTES_MAX};
use super::templates::{Applies, Kind, Line, Piece, Shape, Template};
use super::text_message::plain_signs;
use super::{
    BOOKINGS_MAX, Booking, Channel, Fields, Format, Language, Message, SEGMENTS_MAX, Segments, Templates,
    reading_age, reveals, segments,
};

/// What somebody wants to be told to one person.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Draft {
    /// What is told.
    pub message: Message,
    /// By which way.
    pub channel: Channel,
    /// In which language.
    pub language: Language,
    /// How the person reads; of no matter for text messages and calls.
    pub format: Format,
    /// The values.
    pub fields: Fields,
}

/// A notice, ready to send, print or read out.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Notice {
    /// What it tells.
    pub message: Message,
    /// By which way it goes.
    pub channel: Channel,
    /// The language that it is really in.
    pub language: Language,
    /// The format asked for.
    pub format: Format,
    /// Empty for text messages and phone scripts.
    pub subject: String,
    /// All of it as plain text.
    pub text: String,
    /// The same in paragraphs, for paper and pages.
    pub paragraphs: Vec<Paragraph>,
    /// For text messages.
    pub segments: Option<Segments>,
    /// In years; `None` when it is not measured (Welsh).
    pub reading_age: Option<u8>,
    /// What the sender should know of it, in sentences.
    pub notes: Vec<String>,
}

/// A paragraph of a notice.
#[derive(Clone, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub enum Paragraph {
    Heading(String),
    Text(String),
    Bullet(String),
}

impl Paragraph {
    /// Its words.
    pub fn text(&self) -> &str {
        match self {
            Self::Heading(words) | Self::Text(words) | Self::Bullet(words) => words,
        }
    }
}

/// Why there is no notice.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[allow(missing_docs)]
pub enum Refusal {
    #[error("no booking was named; a notice tells of one at least")]
    NoBooking,
    #[error(
        "{count} bookings are more than one notice can tell of ({BOOKINGS_MAX}); call the patient instead"
    )]
    TooManyBookings { count: usize },
    #[error("a notice of changes tells of two bookings at least; of one say what becomes of it")]
    OneChange,
    #[error("what becomes of the booking of {date} was not said")]
    NoOutcome { date: String },
    #[error("the booking of {date} has another outcome than the notice; send one notice of changes")]
    OtherOutcome { date: String },
    #[error(
        "two bookings of {date} have different outcomes; a text message says the day alone, so call or write"
    )]
    SameDay { date: String },
    #[error("{{{field}}} is missing: write {meaning}")]
    Missing { field: &'static str, meaning: &'static str },
    #[error("{{{field}}} is missing for the booking of {date}: write {meaning}")]
    MissingForBooking { field: &'static str, meaning: &'static str, date: String },
    #[error("{{{field}}} is longer than {VALUE_BYTES_MAX} bytes; shorten it")]
    TooLong { field: &'static str },
    #[error(
        "“{word}” may tell others what the patient is treated for; give the hospital a neutral name for text messages"
    )]
    Reveals { word: String },
    #[error(
        "this text would go out in {count} parts, and at most {SEGMENTS_MAX} are carried; send a letter or call"
    )]
    TooManySegments { count: u32 },
    #[error("the notices have no words for “{message}” as {kind}")]
    NoWords { message: &'static str, kind: &'static str },
}

/// Fills the words for one person.
///
/// # Errors
/// A sentence that says what is missing or does not fit.
pub fn compose(templates: &Templates, draft: &Draft) -> Result<Notice, Refusal> {
    check_bookings(draft)?;
    let (template, mut notes) = choose(templates, draft)?;
    let filling = Filling { draft, language: template.language };
    let several = draft.fields.bookings.len() > 1;
    let subject = match &template.subject_for_several {
        Some(subject) if several => filling.pieces(subject, None)?,
        _ => filling.pieces(&template.subject, draft.fields.bookings.first())?,
    };
    let mut paragraphs = filling.paragraphs(template)?;
    let mut count = None;
    if draft.channel == Channel::Sms {
        let words: Vec<&str> = paragraphs.iter().map(Paragraph::text).collect();
        let text = plain_signs(&words.join(" "));
        let segments = check_text(&text)?;
        (paragraphs, count) = (vec![Paragraph::Text(text)], Some(segments));
    }
    if let Some(caution) = templates.caution(template.language) {
        notes.push(format!("The {} words: {caution}.", template.language.word()));
    }
    Ok(Notice {
        message: draft.message,
        channel: draft.channel,
        language: template.language,
        format: draft.format,
        subject,
        text: plain_text(&paragraphs),
        segments: count,
        reading_age: reading_age(&sentences(&paragraphs), template.language),
        paragraphs,
        notes,
    })
}

fn check_bookings(draft: &Draft) -> Result<(), Refusal> {
    let bookings = &draft.fields.bookings;
    let count = bookings.len();
    if count == 0 {
        return Err(Refusal::NoBooking);
    }
    if count > BOOKINGS_MAX {
        return Err(Refusal::TooManyBookings { count });
    }
    let date = |booking: &Booking| basics::tidy(&booking.date, VALUE_BYTES_MAX);
    if draft.message == Message::Changes {
        if count == 1 {
            return Err(Refusal::OneChange);
        }
        for booking in bookings {
            if matches!(booking.outcome, None | Some(Message::Changes)) {
                return Err(Refusal::NoOutcome { date: date(booking) });
            }
        }
    } else if let Some(other) = bookings.iter().find(|b| b.outcome.is_some_and(|o| o != draft.message)) {
        return Err(Refusal::OtherOutcome { date: date(other) });
    }
    if draft.channel == Channel::Sms {
        for (nth, booking) in bookings.iter().enumerate() {
            let clash = |other: &Booking| date(other) == date(booking) && other.outcome != booking.outcome;
            if bookings.iter().take(nth).any(clash) {
                return Err(Refusal::SameDay { date: date(booking) });
            }
        }
    }
    Ok(())
}

/// The words that serve, in the language asked for or else in English.
fn choose<'a>(templates: &'a Templates, draft: &Draft) -> Result<(&'a Template, Vec<String>), Refusal> {
    let kinds = Kind::serving(draft.channel, draft.format);
    let in_language =
        |language: Language| kinds.iter().find_map(|kind| templates.find(draft.message, *kind, language));
    if let Some(template) = in_language(draft.language) {
        return Ok((template, Vec::new()));
    }
    let word = |kinds: &[Kind]| kinds.first().map_or("", |kind| kind.word());
    let template = in_language(Language::English)
        .ok_or_else(|| Refusal::NoWords { message: draft.message.word(), kind: word(kinds) })?;
    let note = format!(
        "There are no words in {} for “{}” as {}; the English ones are used.",
        draft.language.word(),
        draft.message.word(),
        word(kinds)
    );
    Ok((template, vec![note]))
}

fn check_text(text: &str) -> Result<Segments, Refusal> {
    if let Some(word) = reveals(text) {
        return Err(Refusal::Reveals { word });
    }
    let segments = segments(text);
    if segments.count > SEGMENTS_MAX {
        return Err(Refusal::TooManySegments { count: segments.count });
    }
    Ok(segments)
}

struct Filling<'a> {
    draft: &'a Draft,
    language: Language,
}

impl Filling<'_> {
    fn paragraphs(&self, template: &Template) -> Result<Vec<Paragraph>, Refusal> {
        let mut paragraphs: Vec<Paragraph> = Vec::new();
        // The block of the last paragraph, while more of it may come.
        let mut open: Option<usize> = None;
        for line in &template.lines {
            for booking in self.times(line) {
                let words = self.pieces(&line.pieces, booking)?;
                match (line.shape, paragraphs.last_mut()) {
                    (Shape::Text, Some(Paragraph::Text(before))) if open == Some(line.block) => {
                        before.push(' ');
                        before.push_str(&words);
                    }
                    (Shape::Text, _) => paragraphs.push(Paragraph::Text(words)),
                    (Shape::Heading, _) => paragraphs.push(Paragraph::Heading(words)),
                    (Shape::Bullet, _) => paragraphs.push(Paragraph::Bullet(words)),
                }
                open = Some(line.block);
            }
        }
        Ok(paragraphs)
    }

    /// For which bookings a line is used: for none, once without any, or for each.
    fn times(&self, line: &Line) -> Vec<Option<&Booking>> {
        let fields = &self.draft.fields;
        let several = fields.bookings.len() > 1;
        match line.applies {
            Applies::Always => vec![None],
            Applies::Interpreter if fields.interpreter => vec![None],
            Applies::One if !several => vec![fields.bookings.first()],
            Applies::Several if several => vec![None],
            Applies::Each(outcome) if several => fields
                .bookings
                .iter()
                .filter(|booking| outcome.is_none() || booking.outcome == outcome)
                .map(Some)
                .collect(),
            _ => Vec::new(),
        }
    }

    fn pieces(&self, pieces: &[Piece], booking: Option<&Booking>) -> Result<String, Refusal> {
        let mut out = String::new();
        for piece in pieces {
            match piece {
                Piece::Words(words) => out.push_str(words),
                Piece::Field(field) => out.push_str(&self.value(*field, booking)?),
            }
        }
        Ok(out)
    }

    fn value(&self, field: Field, booking: Option<&Booking>) -> Result<String, Refusal> {
        let fields = &self.draft.fields;
        let of_booking = |value: fn(&Booking) -> &String| booking.map_or("", |b| value(b).as_str());
        let value = match field {
            Field::Hospital => fields.hospital.as_str(),
            Field::Name => fields.name.as_str(),
            Field::Born => fields.born.as_str(),
            Field::Phone => fields.phone.as_str(),
            Field::Hours => fields.hours.as_str(),
            Field::HearBy => fields.hear_by.as_str(),
            Field::Reference => fields.reference.as_str(),
            Field::Dates => return self.dates(),
            Field::Date => of_booking(|b| &b.date),
            Field::Time => of_booking(|b| &b.time),
            Field::Clinic => of_booking(|b| &b.clinic),
            Field::NewDate => of_booking(|b| &b.new_date),
            Field::NewTime => of_booking(|b| &b.new_time),
        };
        let (word, meaning) = (field.word(), field.meaning());
        let tidy = basics::tidy(value, VALUE_BYTES_MAX + 1);
        if tidy.len() > VALUE_BYTES_MAX {
            return Err(Refusal::TooLong { field: word });
        }
        if !tidy.is_empty() {
            return Ok(tidy);
        }
        // What a list often lacks has words that stand in for it; nothing else has.
        match (field, self.language, booking) {
            (Field::Time, Language::English, _) => Ok("the time in your appointment letter".to_owned()),
            (Field::Time, Language::Welsh, _) => Ok("yr amser yn eich llythyr apwyntiad".to_owned()),
            (Field::Clinic, Language::English, _) => Ok("hospital appointment".to_owned()),
            (Field::Clinic, Language::Welsh, _) => Ok("apwyntiad ysbyty".to_owned()),
            (_, _, Some(b)) if field != Field::Date && field.of_one_booking() => {
                let date = basics::tidy(&b.date, VALUE_BYTES_MAX);
                Err(Refusal::MissingForBooking { field: word, meaning, date })
            }
            _ => Err(Refusal::Missing { field: word, meaning }),
        }
    }

    /// "12 May", "12 May and 15 May", "12 May, 15 May and 3 June"; each day once.
    fn dates(&self) -> Result<String, Refusal> {
        let mut dates: Vec<String> = Vec::new();
        for booking in &self.draft.fields.bookings {
            let date = self.value(Field::Date, Some(booking))?;
            if !dates.contains(&date) {
                dates.push(date);
            }
        }
        let and = match self.language {
            Language::English => "and",
            Language::Welsh => "a",
        };
        let last = dates.pop().unwrap_or_default();
        Ok(if dates.is_empty() { last } else { format!("{} {and} {last}", dates.join(", ")) })
    }
}

/// Paragraphs parted by an empty line; headings stand above theirs, the points of a list together.
fn plain_text(paragraphs: &[Paragraph]) -> String {
    let mut out = String::new();
    let mut before: Option<&Paragraph> = None;
    for paragraph in paragraphs {
        match (before, paragraph) {
            (None, _) => {}
            (Some(Paragraph::Heading(_)), _) | (Some(Paragraph::Bullet(_)), Paragraph::Bullet(_)) => {
                out.push('\n')
            }
            _ => out.push_str("\n\n"),
        }
        if matches!(paragraph, Paragraph::Bullet(_)) {
            out.push_str("- ");
        }
        out.push_str(paragraph.text());
        before = Some(paragraph);
    }
    out
}

/// What is measured: everything but headings.
fn sentences(paragraphs: &[Paragraph]) -> String {
    let running = paragraphs.iter().filter(|paragraph| !matches!(paragraph, Paragraph::Heading(_)));
    running.map(Paragraph::text).collect::<Vec<_>>().join("\n")
}

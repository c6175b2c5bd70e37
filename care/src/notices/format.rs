//! Reading the notices from plain text. The format is described in `docs/formats/notices.md`.
//!
//! Always: every fault of every file is told at once, with file and line, in words that whoever edits the notices can act on;
//! a set with a fault is not used at all. Never: a line passed over in silence. What the words must and must not hold is in
//! `checks`. Proved by `tests/notices.rs`.

use super::checks;
use super::fields::Field;
use super::templates::{Applies, Line, Part, Piece, Shape, Template};
use super::{Kind, Language, Message, Templates};

/// Longest file, in bytes.
const FILE_BYTES_MAX: usize = 256 << 10;
/// Longest line of a text, in bytes.
const LINE_BYTES_MAX: usize = 1_000;
/// Lines of one text.
const TEXT_LINES_MAX: usize = 200;
/// Notices and phrases of a set.
const SECTIONS_MAX: usize = 1_000;
/// Faults told of one set.
const FAULTS_MAX: usize = 50;

pub use crate::form_fault::{FormFault as WordFault, FormsFault as WordsFault};

/// Reads a set of notices: (file name, its bytes). Either all of it, or every fault of every file.
///
/// # Errors
/// Every fault, with file and line.
pub fn read_all<'a>(files: impl IntoIterator<Item = (&'a str, &'a [u8])>) -> Result<Templates, WordsFault> {
    let mut reading = Reading::default();
    for (file, bytes) in files {
        reading.file(file, bytes);
    }
    reading.finish()
}

/// What a section is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum About {
    Language,
    Phrase,
    Notice,
}

const HEADINGS: [(About, &str); 3] =
    [(About::Language, "LANGUAGE"), (About::Phrase, "PHRASE"), (About::Notice, "NOTICE")];

/// The lines that may stand before a text.
const OF_LANGUAGE: [&str; 1] = ["checked by"];
const OF_NOTICE: [&str; 3] = ["as", "subject", "subject for several"];

/// A section as read so far.
#[derive(Clone, Debug)]
struct Section {
    about: About,
    file: usize,
    line: usize,
    name: String,
    language: Language,
    /// Line, name, value.
    values: Vec<(usize, String, String)>,
    /// The text has begun.
    in_text: bool,
    /// Line number and words; an empty line ends a paragraph.
    text: Vec<(usize, String)>,
}

impl Section {
    fn value(&self, name: &str) -> Option<(usize, &str)> {
        self.values.iter().find(|(_, n, _)| n == name).map(|(line, _, value)| (*line, value.as_str()))
    }
}

/// Where a fault is: the file's place in the set, and the line.
pub(super) type Place = (usize, usize);

#[derive(Default)]
struct Reading {
    names: Vec<String>,
    faults: Vec<WordFault>,
    sections: Vec<Section>,
}

impl Reading {
    fn fault(&mut self, (file, line): Place, what: impl Into<String>) {
        let file = self.names.get(file).cloned().unwrap_or_default();
        let fault = WordFault { file, line, what: what.into() };
        // A phrase that is wrong is wrong in every notice that uses it.
        if self.faults.len() < FAULTS_MAX && !self.faults.contains(&fault) {
            self.faults.push(fault);
        }
    }

    fn file(&mut self, name: &str, bytes: &[u8]) {
        let file = self.names.len();
        self.names.push(name.to_owned());
        if bytes.len() > FILE_BYTES_MAX {
            let what = format!("{} bytes are more than a file may have ({FILE_BYTES_MAX})", bytes.len());
            return self.fault((file, 0), what);
        }
        let Ok(text) = std::str::from_utf8(bytes) else {
            return self.fault((file, 0), "this is not plain text in UTF-8; save it again as plain text");
        };
        let before = self.sections.len();
        for (number, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
            let trimmed = line.trim();
            if !trimmed.starts_with('#') {
                self.line((file, number + 1), trimmed, before);
            }
        }
    }

    fn line(&mut self, place: Place, text: &str, before: usize) {
        if let Some((about, name)) = heading(text) {
            return self.begin(place, about, name, before);
        }
        let section = self.sections.get(before..).and_then(<[Section]>::last);
        let Some((about, in_text)) = section.map(|section| (section.about, section.in_text)) else {
            if !text.is_empty() {
                self.fault(place, "a line “LANGUAGE English” (or Welsh) must stand before this one");
            }
            return;
        };
        match (about, in_text) {
            (_, true) => self.text_line(place, text),
            (_, false) if text.is_empty() => {}
            (About::Notice, false) if text.eq_ignore_ascii_case("text:") => {
                if let Some(section) = self.sections.last_mut() {
                    section.in_text = true;
                }
            }
            (About::Language, _) => self.value(place, text, &OF_LANGUAGE),
            (About::Notice | About::Phrase, _) => self.value(place, text, &OF_NOTICE),
        }
    }

    fn begin(&mut self, place: Place, about: About, name: String, before: usize) {
        let above = self.sections.get(before..).and_then(<[Section]>::first);
        let named = Language::ALL.into_iter().find(|language| language.word().eq_ignore_ascii_case(&name));
        let language = match (about, above.map(|section| (section.about, section.language))) {
            (About::Language, None) => named.unwrap_or_else(|| {
                let what =
                    format!("“{}” is no language of the notices; write English or Welsh", shown(&name));
                self.fault(place, what);
                Language::English
            }),
            (About::Language, Some((_, language))) => {
                self.fault(place, "LANGUAGE stands in this file a second time; one file is in one language");
                language
            }
            (_, Some((About::Language, language))) => language,
            _ => {
                self.fault(place, "a line “LANGUAGE English” (or Welsh) must stand before this one");
                Language::English
            }
        };
        if name.is_empty() {
            self.fault(place, format!("write a name after “{}”", word_of(about)));
        }
        if self.sections.len() >= SECTIONS_MAX {
            return self.fault(place, format!("more than {SECTIONS_MAX} notices and phrases; keep fewer"));
        }
        let (file, line) = place;
        let in_text = about == About::Phrase;
        let (values, text) = (Vec::new(), Vec::new());
        self.sections.push(Section { about, file, line, name, language, values, in_text, text });
    }

    fn value(&mut self, place: Place, text: &str, known: &[&str]) {
        let split = text.split_once(':').map(|(name, value)| (basics::tidy(name, 200).to_lowercase(), value));
        let Some((name, value)) = split.filter(|(name, _)| known.contains(&name.as_str())) else {
            let names = known.iter().map(|name| format!("“{name}: …”")).collect::<Vec<_>>().join(", ");
            let text_begins =
                if known == OF_NOTICE { ", or “text:”, after which the words begin" } else { "" };
            return self.fault(
                place,
                format!("“{}” is not understood here; write {names}{text_begins}", shown(text)),
            );
        };
        let value = basics::tidy(value, LINE_BYTES_MAX);
        if value.is_empty() {
            return self.fault(place, format!("write something after “{name}:”, or take the line away"));
        }
        if self.sections.last().is_some_and(|s| s.value(&name).is_some()) {
            return self.fault(place, format!("“{name}” stands here a second time; keep one"));
        }
        if let Some(section) = self.sections.last_mut() {
            section.values.push((place.1, name, value));
        }
    }

    fn text_line(&mut self, place: Place, text: &str) {
        if text.len() > LINE_BYTES_MAX {
            return self
                .fault(place, format!("this line is longer than {LINE_BYTES_MAX} bytes; part it in two"));
        }
        let full = self.sections.last().is_some_and(|section| section.text.len() >= TEXT_LINES_MAX);
        if full && !text.is_empty() {
            return self.fault(place, format!("a text has at most {TEXT_LINES_MAX} lines; shorten it"));
        }
        if let Some(section) = self.sections.last_mut() {
            let words: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
            section.text.push((place.1, words));
        }
    }

    fn finish(mut self) -> Result<Templates, WordsFault> {
        let sections = std::mem::take(&mut self.sections);
        let mut all: Vec<(Place, Template)> = Vec::new();
        for section in sections.iter().filter(|section| section.about == About::Notice) {
            for template in self.notice(section, &sections) {
                let place = (section.file, section.line);
                let same = |t: &Template| {
                    (t.message, t.kind, t.language) == (template.message, template.kind, template.language)
                };
                if let Some(((file, line), _)) = all.iter().find(|(_, other)| same(other)) {
                    let whose = self.names.get(*file).cloned().unwrap_or_default();
                    let (message, kind) = (template.message.word(), template.kind.word());
                    let what =
                        format!("“{message}” as {kind} stands in {whose}, line {line} already; keep one");
                    self.fault(place, what);
                    continue;
                }
                for (place, what) in checks::of_template(place, &template) {
                    self.fault(place, what);
                }
                all.push((place, template));
            }
        }
        self.phrases(&sections);
        let cautions = self.cautions(&sections);
        let all: Vec<Template> = all.into_iter().map(|(_, template)| template).collect();
        for what in checks::of_set(&all) {
            self.fault((usize::MAX, 0), what);
        }
        if self.faults.is_empty() { Ok(Templates { all, cautions }) } else { Err(WordsFault(self.faults)) }
    }

    /// Phrases stand for themselves: each name once a language, no phrase in another.
    fn phrases(&mut self, sections: &[Section]) {
        let phrases: Vec<&Section> = sections.iter().filter(|s| s.about == About::Phrase).collect();
        for (nth, phrase) in phrases.iter().enumerate() {
            let place = (phrase.file, phrase.line);
            let earlier = phrases.iter().take(nth);
            if earlier.clone().any(|other| (other.language, &other.name) == (phrase.language, &phrase.name)) {
                self.fault(
                    place,
                    format!("the phrase “{}” stands here a second time; keep one", phrase.name),
                );
            }
            let strange = |text: &str| text.starts_with('@') || text.starts_with("PART");
            for (line, text) in phrase.text.iter().filter(|(_, text)| strange(text)) {
                let what = format!("“{}” may not stand in a phrase; write it in the notices", shown(text));
                self.fault((phrase.file, *line), what);
            }
        }
    }

    /// What each language's files say of who has checked them, where nobody has.
    fn cautions(&mut self, sections: &[Section]) -> Vec<(Language, String)> {
        let mut cautions: Vec<(Language, String)> = Vec::new();
        for section in sections.iter().filter(|section| section.about == About::Language) {
            let Some((_, who)) = section.value("checked by") else {
                let what =
                    "write who has checked these words: “checked by: not yet checked by a speaker” is honest";
                self.fault((section.file, section.line), what);
                continue;
            };
            let folded = crate::problems::folded(who);
            let nobody = ["not yet", "nobody", "no one", "none"].iter().any(|word| folded.starts_with(word));
            if nobody && !cautions.iter().any(|(language, _)| *language == section.language) {
                cautions.push((section.language, who.to_owned()));
            }
        }
        cautions
    }

    /// The templates of one notice: one for each kind that it names.
    fn notice(&mut self, section: &Section, sections: &[Section]) -> Vec<Template> {
        let place = (section.file, section.line);
        let Some(message) = Message::of_word(&section.name) else {
            let words = Message::ALL.map(Message::word).join(", ");
            self.fault(place, format!("“{}” is no message; the messages are: {words}", shown(&section.name)));
            return Vec::new();
        };
        let kinds = self.kinds(section);
        if !section.in_text {
            self.fault(place, "this notice has no words: write “text:”, and the words beneath it");
            return Vec::new();
        }
        let subject = |reading: &mut Self, name: &str| {
            let (line, value) = section.value(name)?;
            Some(reading.pieces((section.file, line), value))
        };
        let (one, several) = (subject(&mut *self, "subject"), subject(&mut *self, "subject for several"));
        let lines = self.lines(section, sections);
        let template = |kind: Kind| Template {
            message,
            kind,
            language: section.language,
            subject: one.clone().unwrap_or_default(),
            subject_for_several: several.clone(),
            lines: lines.clone(),
        };
        kinds.into_iter().map(template).collect()
    }

    fn kinds(&mut self, section: &Section) -> Vec<Kind> {
        let known = || Kind::ALL.map(Kind::word).join(", ");
        let Some((line, value)) = section.value("as") else {
            let what =
                format!("write how this notice is sent, as in “as: letter”; the kinds are: {}", known());
            self.fault((section.file, section.line), what);
            return Vec::new();
        };
        let mut kinds = Vec::new();
        for word in value.split(',').map(str::trim).filter(|word| !word.is_empty()) {
            match Kind::of_word(word) {
                Some(kind) if !kinds.contains(&kind) => kinds.push(kind),
                Some(_) => self.fault((section.file, line), format!("“{}” stands here twice", shown(word))),
                None => {
                    let what = format!("“{}” is no kind of notice; the kinds are: {}", shown(word), known());
                    self.fault((section.file, line), what);
                }
            }
        }
        kinds
    }

    /// The lines of a notice, its phrases put in.
    fn lines(&mut self, section: &Section, sections: &[Section]) -> Vec<Line> {
        let mut lines = Vec::new();
        let (mut block, mut now) = (0, Part::Whole);
        for (number, text) in &section.text {
            let place = (section.file, *number);
            if let Some(begun) = part(text) {
                (now, block) = (begun, block + 1);
            } else if text.starts_with("PART") {
                let what = format!(
                    "“{}” is no part of a script; the parts are: PART check, PART machine, PART say, PART record",
                    shown(text)
                );
                self.fault(place, what);
            } else if let Some(name) = text.strip_prefix('@') {
                let phrase = sections.iter().find(|other| {
                    (other.about, other.language) == (About::Phrase, section.language)
                        && other.name == name.trim()
                });
                let Some(phrase) = phrase else {
                    let what = format!(
                        "“{}” is no phrase in {}; write “PHRASE {}” in one of its files, or mend the name",
                        shown(text),
                        section.language.word(),
                        name.trim()
                    );
                    self.fault(place, what);
                    continue;
                };
                block += 1;
                for (number, text) in &phrase.text {
                    self.text((phrase.file, *number), text, now, &mut block, &mut lines);
                }
                block += 1;
            } else {
                self.text(place, text, now, &mut block, &mut lines);
            }
        }
        lines
    }

    fn text(&mut self, place: Place, text: &str, part: Part, block: &mut usize, lines: &mut Vec<Line>) {
        if text.is_empty() {
            *block += 1;
            return;
        }
        let (applies, rest) = match tag(text) {
            None => (Applies::Always, text),
            Some((Some(applies), rest)) => (applies, rest),
            Some((None, _)) => {
                let what = format!(
                    "“{}” begins with a mark that is not known; the marks are: [one], [several], [each], [each …] with \
                     a message, [interpreter]",
                    shown(text)
                );
                return self.fault(place, what);
            }
        };
        let (shape, words) = match (rest.strip_prefix("= "), rest.strip_prefix("- ")) {
            (Some(words), _) => (Shape::Heading, words),
            (None, Some(words)) => (Shape::Bullet, words),
            (None, None) => (Shape::Text, rest),
        };
        if words.trim().is_empty() {
            return self.fault(place, "write words after the mark, or take the line away");
        }
        let pieces = self.pieces(place, words.trim());
        // In a script every line stands for itself: it is read out line by line.
        *block += usize::from(part != Part::Whole);
        let (file, number) = place;
        lines.push(Line { file, number, block: *block, part, applies, shape, pieces });
    }

    /// Words and fields of a line.
    fn pieces(&mut self, place: Place, text: &str) -> Vec<Piece> {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((words, after)) = rest.split_once('{') {
            self.no_closing(place, words);
            if !words.is_empty() {
                pieces.push(Piece::Words(words.to_owned()));
            }
            let Some((name, after)) = after.split_once('}') else {
                let what = format!("“{{{}” has no closing brace", shown(after));
                self.fault(place, what);
                return pieces;
            };
            match Field::of_word(name.trim()) {
                Some(field) => pieces.push(Piece::Field(field)),
                None => {
                    let known = Field::ALL.map(|field| format!("{{{}}}", field.word())).join(", ");
                    let what = format!("“{{{}}}” is no field; the fields are: {known}", shown(name));
                    self.fault(place, what);
                }
            }
            rest = after;
        }
        self.no_closing(place, rest);
        if !rest.is_empty() {
            pieces.push(Piece::Words(rest.to_owned()));
        }
        pieces
    }

    fn no_closing(&mut self, place: Place, words: &str) {
        if words.contains('}') {
            self.fault(place, "a closing brace stands here without an opening one");
        }
    }
}

/// "NOTICE postponed" → what it begins, and its name.
fn heading(text: &str) -> Option<(About, String)> {
    HEADINGS.iter().find_map(|(about, word)| {
        let rest = text.strip_prefix(word)?;
        let end = rest.is_empty() || rest.starts_with([' ', '\t', ':']);
        let name = basics::tidy(rest.trim_start_matches(':'), 120);
        end.then_some((*about, name))
    })
}

fn word_of(about: About) -> &'static str {
    HEADINGS.iter().find(|(of, _)| *of == about).map_or("", |(_, word)| word)
}

/// "PART say" → the part of a script that begins.
fn part(text: &str) -> Option<Part> {
    let name = text.strip_prefix("PART ")?.trim();
    Part::OF_A_SCRIPT.into_iter().find(|part| part.word() == name)
}

/// "[one] words" → when the line is used (`None` for a mark that is not known), and the words.
fn tag(text: &str) -> Option<(Option<Applies>, &str)> {
    let Some((mark, rest)) = text.strip_prefix('[')?.split_once(']') else { return Some((None, text)) };
    let applies = match mark.trim() {
        "one" => Some(Applies::One),
        "several" => Some(Applies::Several),
        "interpreter" => Some(Applies::Interpreter),
        "each" => Some(Applies::Each(None)),
        other => other
            .strip_prefix("each ")
            .and_then(Message::of_word)
            .filter(|message| *message != Message::Changes)
            .map(|message| Applies::Each(Some(message))),
    };
    Some((applies, rest.trim()))
}

fn shown(text: &str) -> String {
    let clipped = basics::tidy(text, 60);
    if clipped.len() < text.len() { format!("{clipped} …") } else { clipped }
}

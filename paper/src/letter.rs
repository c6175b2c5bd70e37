//! Letters to patients: one PDF of many, each addressed for a window envelope, in ordinary or in large print.
//!
//! Where the address stands: the windows of the usual British DL and C5 envelopes are 90 mm by 35 mm and begin 20 mm from the left;
//! on an A4 page folded for them they show what stands from about 46 to 81 mm from the top (common practice, measured on no
//! envelope here). GOV.UK Notify, whose letters are made for C5, wants the address within 24.6 to 120 mm from the left and 39.5 to
//! 66.3 mm from the top, nothing else near it, the sender to the right of 125 mm and the body below 95 mm (its own checker,
//! notifications-template-preview, `app/precompiled.py`). So the words begin 25 mm from the left and 49 mm from the top, which is
//! inside all of them; seven lines fit the window, more get smaller letters. Try one envelope before printing thousands.
//!
//! Always: each letter has its own pages "x of y"; the next one begins on a sheet of its own, also when both sides are printed;
//! an exercise says so across every page and in words. Never: anything but the address in the window, a cut address, a cut
//! paragraph. Letters are laid out one after the other while they are inked, so that memory grows with the file and not with the
//! drawing. Proved by `tests/letters.rs`; how long 20,000 take: `examples/letters.rs`.

use crate::leaf::{Form, LONG, Leaf, MM, Op, Part, SHORT, Style, Tone};
use crate::plain::fitting;
use crate::typeface::{Face, Typeface};
use crate::wrap::{Rich, Wrapped, figures_tied};
use crate::{Fault, Press, Rendered, ink, settings};
use care::notices::{Language, Paragraph};
use krilla::SerializeSettings;
use std::cell::Cell;

/// Letters in one file at most.
pub const LETTERS_MAX: usize = 20_000;

/// Files of more letters are for a printer and bear no marks for those who listen to a file; the marks took more room than the
/// letters. Whoever is sent a letter as a file is sent it alone.
const TAGGED_LETTERS_MAX: usize = 200;

/// What all letters of a file have in common.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct LetterHead {
    /// The hospital, large, at the top.
    pub hospital: String,
    /// The sender at the right: department, address, telephone. Eight lines look well.
    pub sender: Vec<String>,
    /// Who signs: "Appointments team".
    pub signed: String,
    /// "EXERCISE" or "DEMONSTRATION", printed across every page; `None` on the day.
    pub watermark: Option<String>,
    /// The printer prints both sides: an empty page follows a letter of an odd number of pages, so that nobody gets the
    /// beginning of somebody else's letter.
    pub both_sides: bool,
}

/// One letter.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Letter {
    /// To whom: the lines of the window, parted by line ends.
    pub to: String,
    /// The day, in words: "12 May 2026".
    pub date: String,
    /// The reference; may be empty.
    pub reference: String,
    /// The subject.
    pub subject: String,
    /// The words, as `care::notices::compose` makes them.
    pub body: Vec<Paragraph>,
    /// The language of the few words that the letter adds.
    pub language: Language,
    /// In 18 point.
    pub large_print: bool,
}

/// Space after a paragraph, as a share of the size of type; and where a page is saved by less.
const GAP: f32 = 0.65;
const GAP_CLOSER: f32 = 0.4;

/// Left edge of address and words, right edge, top of the address, of the body, of later pages; foot.
const LEFT: f32 = 25.0 * MM;
const RIGHT: f32 = SHORT - 20.0 * MM;
const SENDER_LEFT: f32 = 125.0 * MM;
const ADDRESS_TOP: f32 = 49.0 * MM;
const ADDRESS_WIDE: f32 = 82.0 * MM;
const ADDRESS_HIGH: f32 = 31.0 * MM;
const BODY_TOP: f32 = 95.0 * MM;
const LATER_TOP: f32 = 27.0 * MM;
const BOTTOM: f32 = LONG - 22.0 * MM;
const FOOT: f32 = LONG - 13.0 * MM;

impl Press {
    /// Many letters as one file, in the order in which they are handed over.
    ///
    /// # Errors
    /// See [`Fault`].
    pub fn letters(&self, letters: &[Letter], head: &LetterHead) -> Result<Rendered, Fault> {
        if letters.is_empty() {
            return Err(Fault::NothingToPrint);
        }
        if letters.len() > LETTERS_MAX {
            return Err(Fault::TooManyLetters { letters: letters.len() });
        }
        let enable_tagging = letters.len() <= TAGGED_LETTERS_MAX;
        self.ink_letters(letters, head, SerializeSettings { enable_tagging, ..settings() })
    }

    fn ink_letters(
        &self,
        letters: &[Letter],
        head: &LetterHead,
        settings: SerializeSettings,
    ) -> Result<Rendered, Fault> {
        let word = head.watermark.as_deref().unwrap_or("");
        let form = |form: Form| match form {
            Form::Watermark(wide) => crate::frame::watermark(&self.typeface, wide, word),
            // No other drawing is shared by letters.
            _ => Leaf::new(false),
        };
        let sets = ["Letters".to_owned()];
        let manuscript =
            ink::Manuscript { title: format!("Letters · {}", head.hospital), sets: &sets, form: &form };
        let pages = Cell::new(0u32);
        let leaves = (1usize..).zip(letters).flat_map(|(number, letter)| {
            let leaves = self.lay_letter(letter, number, head);
            pages.set(pages.get().saturating_add(u32::try_from(leaves.len()).unwrap_or(u32::MAX)));
            leaves
        });
        let pdf = ink::print(&self.typeface, &manuscript, leaves, settings)?;
        Ok(Rendered { pdf, pages: pages.get(), sheets: Vec::new() })
    }

    /// The words of [`Press::letters`], page by page in drawing order, exactly as drawn.
    pub fn letters_words(&self, letters: &[Letter], head: &LetterHead) -> Vec<Vec<String>> {
        let lay = |(number, letter): (usize, &Letter)| self.lay_letter(letter, number, head);
        (1usize..).zip(letters).flat_map(lay).map(|leaf| leaf.read_out()).collect()
    }

    fn lay_letter(&self, letter: &Letter, number: usize, head: &LetterHead) -> Vec<Leaf> {
        let lay = |gap: f32| {
            let mut laying = Laying::begin(&self.typeface, letter, number, head, gap);
            laying.body();
            laying.finish()
        };
        let leaves = lay(GAP);
        if leaves.len() == 1 {
            return leaves;
        }
        // A little less between the paragraphs, where that saves a page that would hold no more than the signature.
        let closer = lay(GAP_CLOSER);
        if closer.len() < leaves.len() { closer } else { leaves }
    }
}

/// The few words that a letter adds.
struct Labels {
    reference: &'static str,
    page: &'static str,
    of: &'static str,
    sincerely: &'static str,
}

fn labels(language: Language) -> Labels {
    match language {
        Language::English => {
            Labels { reference: "Our reference", page: "Page", of: "of", sincerely: "Yours sincerely" }
        }
        Language::Welsh => {
            Labels { reference: "Ein cyfeirnod", page: "Tudalen", of: "o", sincerely: "Yn gywir" }
        }
    }
}

/// A letter being laid out.
struct Laying<'a> {
    typeface: &'a Typeface,
    letter: &'a Letter,
    head: &'a LetterHead,
    labels: Labels,
    /// Points of running text.
    size: f32,
    /// Points of what stands beside it: sender, date, reference, page numbers.
    small: f32,
    /// Points after a paragraph.
    gap: f32,
    done: Vec<Leaf>,
    leaf: Leaf,
    y: f32,
}

impl<'a> Laying<'a> {
    fn begin(
        typeface: &'a Typeface,
        letter: &'a Letter,
        number: usize,
        head: &'a LetterHead,
        gap: f32,
    ) -> Self {
        let (size, small) = if letter.large_print { (18.0, 14.0) } else { (11.0, 9.5) };
        let gap = gap * size;
        let labels = labels(letter.language);
        let leaf = Leaf::new(false);
        let done = Vec::new();
        let mut laying = Self { typeface, letter, head, labels, size, small, gap, done, leaf, y: BODY_TOP };
        let name = if letter.reference.is_empty() {
            format!("Letter {number}")
        } else {
            format!("Letter {number} · {}", letter.reference)
        };
        laying.leaf.bookmark = Some(name);
        laying.watermark();
        laying.first_head();
        laying.address();
        laying
    }

    fn watermark(&mut self) {
        if self.head.watermark.is_some() {
            self.leaf.ops.push(Op::Stamp { form: Form::Watermark(false), x: 0.0, y: 0.0, scale: 1.0 });
        }
    }

    /// Hospital at the left, above the window; sender, date and reference at the right of it.
    fn first_head(&mut self) {
        let face = self.typeface;
        let room = SENDER_LEFT - LEFT - 4.0 * MM;
        let hospital = self.head.hospital.as_str();
        let style = Style::bold(fitting(face, Face::Bold, hospital, 16.0, room));
        self.leaf.part(Part::Paragraph, |leaf| {
            leaf.words(face, LEFT, 20.0 * MM, style, hospital);
        });
        if let Some(mark) = &self.head.watermark {
            let mark = format!("{mark}: not a real letter, do not post");
            self.leaf.part(Part::Paragraph, |leaf| {
                leaf.words(face, LEFT, 27.0 * MM, Style::bold(10.0), &mark);
            });
        }
        let small = self.small;
        let mut rich = Rich::default();
        for line in &self.head.sender {
            rich.next_line(Style::plain(small)).say(&figures_tied(line), Style::plain(small));
        }
        let mut y = self.block(&rich, 14.0 * MM) + 3.0 * MM;
        let mut rich = Rich::of(&self.letter.date, Style::bold(small));
        if !self.letter.reference.is_empty() {
            rich.next_line(Style::plain(small));
            rich.say(&format!("{}: ", self.labels.reference), Style::plain(small));
            rich.say(&self.letter.reference, Style::bold(small));
        }
        // Beside the window where the sender leaves room, so that every letter looks alike.
        y = self.block(&rich, y.max(ADDRESS_TOP));
        self.y = BODY_TOP.max(y + 5.0 * MM);
    }

    /// Words at the right of the first page; returns their bottom.
    fn block(&mut self, rich: &Rich, top: f32) -> f32 {
        let wrapped = Wrapped::new(self.typeface, rich, RIGHT - SENDER_LEFT);
        self.leaf.open(Part::Paragraph);
        let bottom = wrapped.draw(&mut self.leaf, SENDER_LEFT, top);
        self.leaf.close();
        bottom
    }

    /// Whom the letter is for: whole, in the window, in letters as large as fit it.
    fn address(&mut self) {
        let mut size = if self.letter.large_print { 12.0 } else { 10.5 };
        let mut wrapped = self.address_at(size);
        while wrapped.height() > ADDRESS_HIGH && size > 6.0 {
            size -= 0.5;
            wrapped = self.address_at(size);
        }
        self.leaf.open(Part::Paragraph);
        let bottom = wrapped.draw(&mut self.leaf, LEFT, ADDRESS_TOP);
        self.leaf.close();
        self.y = self.y.max(bottom + 6.0 * MM);
    }

    fn address_at(&self, size: f32) -> Wrapped {
        let mut rich = Rich::default();
        for line in self.letter.to.lines().map(str::trim).filter(|line| !line.is_empty()) {
            rich.next_line(Style::plain(size)).say(line, Style::plain(size));
        }
        Wrapped::new(self.typeface, &rich, ADDRESS_WIDE)
    }

    fn body(&mut self) {
        let letter = self.letter;
        let (size, gap) = (self.size, self.gap);
        self.say(&letter.subject, Style::bold(size * 1.1), Part::Title, 0.0);
        self.y += gap;
        let mut before_bullet = false;
        for paragraph in &letter.body {
            let bullet = matches!(paragraph, Paragraph::Bullet(_));
            if before_bullet && bullet {
                // Points of one list stand together.
                self.y -= gap * 0.6;
            }
            before_bullet = bullet;
            match paragraph {
                Paragraph::Heading(words) => {
                    self.y += gap * 0.3;
                    // A heading is not left alone at the foot of a page.
                    self.need(size * 1.22 * 4.0);
                    self.say(words, Style::bold(size), Part::Heading, 0.0);
                    self.y += gap * 0.25;
                }
                Paragraph::Text(words) => {
                    self.say(words, Style::plain(size), Part::Paragraph, 0.0);
                    self.y += gap;
                }
                Paragraph::Bullet(words) => {
                    self.bullet(words);
                    self.y += gap;
                }
            }
        }
        if !self.head.signed.is_empty() {
            self.y += gap;
            self.need(size * 1.22 * 2.0 + gap);
            self.say(self.labels.sincerely, Style::plain(size), Part::Paragraph, 0.0);
            self.y += gap;
            let signed = &self.head.signed;
            self.say(signed, Style::bold(size), Part::Paragraph, 0.0);
        }
    }

    fn bullet(&mut self, words: &str) {
        let style = Style::plain(self.size);
        self.need(self.size * 1.22);
        let (face, y) = (self.typeface, self.y + self.size * 0.95);
        self.leaf.part(Part::Paragraph, |leaf| {
            leaf.words(face, LEFT, y, style, "•");
        });
        self.say(words, style, Part::Paragraph, self.size);
    }

    /// A paragraph, over as many pages as it takes.
    fn say(&mut self, words: &str, style: Style, part: Part, indent: f32) {
        let wrapped =
            Wrapped::new(self.typeface, &Rich::of(&figures_tied(words), style), RIGHT - LEFT - indent);
        self.leaf.open(part);
        for line in &wrapped.lines {
            if self.y + line.height > BOTTOM {
                self.leaf.close();
                self.turn();
                self.leaf.open(part);
            }
            wrapped.draw_line(&mut self.leaf, line, LEFT + indent, self.y);
            self.y += line.height;
        }
        self.leaf.close();
    }

    fn need(&mut self, height: f32) {
        if self.y + height > BOTTOM {
            self.turn();
        }
    }

    fn turn(&mut self) {
        self.done.push(std::mem::replace(&mut self.leaf, Leaf::new(false)));
        self.watermark();
        self.y = LATER_TOP;
        let face = self.typeface;
        let mut line = self.head.hospital.clone();
        if !self.letter.reference.is_empty() {
            line = format!("{line} · {} {}", self.labels.reference, self.letter.reference);
        }
        if let Some(mark) = &self.head.watermark {
            line = format!("{mark} · {line}");
        }
        let style = Style::soft(fitting(face, Face::Regular, &line, self.small, RIGHT - LEFT));
        self.leaf.words(face, LEFT, 18.0 * MM, style, &line);
    }

    fn finish(mut self) -> Vec<Leaf> {
        self.done.push(std::mem::take(&mut self.leaf));
        let total = self.done.len();
        let face = self.typeface;
        let labels = &self.labels;
        for (page, leaf) in (1usize..).zip(self.done.iter_mut()) {
            let rule = FOOT - self.small - 2.0;
            leaf.rule((LEFT, rule), (RIGHT, rule), 0.5, Tone::Line);
            let words = format!("{} {page} {} {total}", labels.page, labels.of);
            leaf.words_ending(face, RIGHT, FOOT, Style::plain(self.small), &words);
            if page < total {
                // The arrow says that there is more overleaf; its words would need every language.
                leaf.words(face, LEFT, FOOT, Style::bold(self.small), "→");
            }
        }
        if self.head.both_sides && !total.is_multiple_of(2) {
            self.done.push(Leaf::new(false));
        }
        self.done
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use krilla::configure::{Accessibility, ConfigurationBuilder};

    #[test]
    fn letters_meet_the_checks_of_pdf_ua() {
        let letter = Letter {
            to: "Mrs Example\nNG1 1AA".into(),
            subject: "Please come".into(),
            body: vec![
                Paragraph::Text("Text ".repeat(900)),
                Paragraph::Heading("Heading".into()),
                Paragraph::Bullet("Point".into()),
            ],
            ..Letter::default()
        };
        let head =
            LetterHead { watermark: Some("EXERCISE".into()), both_sides: true, ..LetterHead::default() };
        let configuration =
            ConfigurationBuilder::new().with_accessibility_validator(Accessibility::UA1).finish().unwrap();
        let settings = SerializeSettings { configuration, ..settings() };
        let done = Press::new().unwrap().ink_letters(&[letter.clone(), letter], &head, settings);
        assert!(done.is_ok(), "{:?}", done.err());
    }

    /// Left, right and baseline of every piece of text on a page, in millimetres, with its words.
    fn pieces(typeface: &Typeface, leaf: &Leaf) -> Vec<(f32, f32, f32, String)> {
        leaf.ops
            .iter()
            .filter_map(|op| match op {
                Op::Words { x, y, style, from, to } => {
                    let words = leaf.text.get(*from as usize..*to as usize).unwrap_or("");
                    let right = x + typeface.width(style.face, words, style.size);
                    Some((x / MM, right / MM, y / MM, words.to_owned()))
                }
                _ => None,
            })
            .collect()
    }

    #[test]
    fn the_window_shows_the_whole_address_and_nothing_else() {
        let press = Press::new().unwrap();
        let short = "Mrs Example\n1 Example Street\nNorthgate\nNG1 1AA".to_owned();
        let long = "To the parent or guardian of Mr Maximilian-Alexander Bartholomew Featherstonehaugh-Example\nFlat 12, The \
                    Old Corn Exchange and Assembly Rooms\n1 Example Street\nNether Example\nNorthgate\nNorthshire\nNG1 1AA"
            .to_owned();
        let head = LetterHead {
            hospital: "Northgate and Southmere University Hospitals NHS Foundation Trust".into(),
            sender: (1..=8).map(|n| format!("Line {n} of the sender's address")).collect(),
            watermark: Some("EXERCISE".into()),
            ..LetterHead::default()
        };
        for (to, large_print) in [(&short, false), (&short, true), (&long, false), (&long, true)] {
            let letter = Letter {
                to: to.clone(),
                date: "12 May 2026".into(),
                reference: "LB-0042".into(),
                subject: "Your appointment on 12 May is postponed. Please do not come.".into(),
                body: vec![Paragraph::Text("Dear Mrs Example".into())],
                large_print,
                ..Letter::default()
            };
            let leaves = press.lay_letter(&letter, 1, &head);
            let mut seen = String::new();
            for (left, right, y, words) in pieces(&press.typeface, leaves.first().unwrap()) {
                // The window of DL and C5, as the header of this file has it; words stand 2 mm within.
                let in_window = y > 46.0 && y < 83.0 && left < 110.0;
                if in_window {
                    assert!(
                        left >= 22.0 && right <= 108.0 && (48.0..=81.0).contains(&y),
                        "{left} {right} {y} {words}"
                    );
                    seen.push_str(&words);
                    seen.push(' ');
                } else {
                    assert!(
                        y < 40.0 || left > 120.0 || y > 92.0,
                        "too near the window: {left} {right} {y} {words}"
                    );
                    assert!(
                        left >= 15.0 && right <= 195.5 && y <= 292.0,
                        "outside the page: {left} {right} {y} {words}"
                    );
                }
            }
            let squeezed =
                |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ").replace("- ", "-");
            assert_eq!(squeezed(&seen), squeezed(to));
        }
    }
}

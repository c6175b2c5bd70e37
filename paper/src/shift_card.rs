//! A shift card: of A6, to be cut out of an A4 page; a square code and the same in letters, for whom, as what, until when.
//!
//! Always: that it is good once, and what to do when it is lost, on the card itself, for the rest of the page is thrown away.
//! Never: the PIN, or room to write it down; the code or its letters in `Debug`. Called by the page that issues cards; proved by
//! `tests/shift_card.rs`.

use crate::flow::Sheets;
use crate::identity;
use crate::leaf::{Leaf, MM, Part, Style, Tone};
use crate::plain::{Letterhead, Plain, Stack, fitting};
use crate::typeface::Face;
use crate::wrap::{Rich, Wrapped};
use crate::{Fault, Press, Rendered};
use basics::{Moment, Zone};

/// What stands on a shift card.
#[derive(Clone, PartialEq, Eq)]
pub struct ShiftCard {
    /// Its number, as people name it.
    pub number: u32,
    /// Whose it is.
    pub name: String,
    /// Their staff number.
    pub staff_number: String,
    /// Their roles this shift, in words.
    pub roles: String,
    /// Where they work this shift, in words.
    pub place: String,
    /// When it ends.
    pub shift_ends: Moment,
    /// Who asked for it, and who issued it.
    pub asked_by: String,
    /// The second person.
    pub issued_by: String,
    /// What the square code says.
    pub code: String,
    /// The same secret in letters, to be typed where there is no camera; printed in groups of five.
    pub letters: String,
}

impl std::fmt::Debug for ShiftCard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ShiftCard({}, …)", self.number)
    }
}

/// A6 across: of the card, in points.
const WIDE: f32 = 148.0 * MM;
const HIGH: f32 = 105.0 * MM;
/// Free edge within the card.
const PAD: f32 = 6.0 * MM;
/// Side of the square code, and its least module.
const CODE_SIDE: f32 = 44.0 * MM;
const CODE_STEP: f32 = 0.1;
/// Size of what to do, where there is room.
const RULES: f32 = 8.5;
/// Letters of one group.
const GROUP: usize = 5;

impl Press {
    /// A shift card, on a page of its own.
    ///
    /// # Errors
    /// See [`Fault`].
    pub fn shift_card(&self, card: &ShiftCard, head: &Letterhead, zone: &Zone) -> Result<Rendered, Fault> {
        self.ink_plain(&title(card), head, &self.lay_shift_card(card, head, zone))
    }

    /// The words of [`Press::shift_card`], page by page.
    pub fn shift_card_words(&self, card: &ShiftCard, head: &Letterhead, zone: &Zone) -> Vec<Vec<String>> {
        self.lay_shift_card(card, head, zone).leaves.iter().map(Leaf::read_out).collect()
    }

    fn lay_shift_card(&self, card: &ShiftCard, head: &Letterhead, zone: &Zone) -> Stack {
        let frame = self.plain(zone, head, title(card), "One copy, for its holder alone".to_owned());
        let (mut leaf, head_ends) = frame.page(false);
        let (left, top) = ((leaf.size().0 - WIDE) / 2.0, head_ends + 12.0 * MM);
        cut_marks(&mut leaf, left, top);
        face(&frame, &mut leaf, card, (left, top));
        for_the_issuer(&frame, &mut leaf, (left, top + HIGH + 14.0 * MM));
        let mut stack = Stack::default();
        stack.add(&frame, title(card), vec![leaf]);
        stack
    }
}

fn title(card: &ShiftCard) -> String {
    format!("Shift card {}", card.number)
}

/// Where to cut: at the corners, outside of the card.
fn cut_marks(leaf: &mut Leaf, left: f32, top: f32) {
    let (off, long) = (2.0 * MM, 6.0 * MM);
    for (x, way) in [(left, -1.0), (left + WIDE, 1.0)] {
        for (y, down) in [(top, -1.0), (top + HIGH, 1.0)] {
            leaf.rule((x + way * off, y), (x + way * (off + long), y), 0.5, Tone::Ink);
            leaf.rule((x, y + down * off), (x, y + down * (off + long)), 0.5, Tone::Ink);
        }
    }
    leaf.dashes((left, top), (left + WIDE, top), 0.4, Tone::Line);
    leaf.dashes((left, top + HIGH), (left + WIDE, top + HIGH), 0.4, Tone::Line);
    leaf.dashes((left, top), (left, top + HIGH), 0.4, Tone::Line);
    leaf.dashes((left + WIDE, top), (left + WIDE, top + HIGH), 0.4, Tone::Line);
}

/// Draws text from a point down; returns its bottom.
fn say(leaf: &mut Leaf, text: &Wrapped, (x, y): (f32, f32)) -> f32 {
    leaf.open(Part::Paragraph);
    let bottom = text.draw(leaf, x, y);
    leaf.close();
    bottom
}

/// The card itself; returns the bottom of its last words.
fn face(frame: &Plain<'_>, leaf: &mut Leaf, card: &ShiftCard, (left, top): (f32, f32)) -> f32 {
    let typeface = frame.typeface;
    let (x, right) = (left + PAD, left + WIDE - PAD);
    let room = right - CODE_SIDE - 4.0 * MM - x;
    leaf.open(Part::Chart("A square code that says the same as the letters"));
    identity::draw(leaf, &card.code, (right - CODE_SIDE, top + PAD), CODE_SIDE, CODE_STEP);
    leaf.close();

    let capped =
        |text: &str, style: Style, lines_max: usize| Wrapped::capped(typeface, text, style, room, lines_max);
    let trust = frame.head.trust.as_str();
    let small = fitting(typeface, Face::Regular, trust, 8.5, room - 1.0);
    let mut y = say(leaf, &capped(trust, Style::soft(small), 1), (x, top + PAD));
    y = say(leaf, &capped(&format!("Lifeboat, shift card {}", card.number), Style::bold(12.0), 1), (x, y));
    if let Some(mark) = &frame.head.watermark {
        y = say(leaf, &capped(mark, Style::bold(11.0), 1), (x, y));
    }
    y = say(leaf, &capped(&card.name, Style::bold(15.0), 2), (x, y + 3.0));
    for (text, style, lines_max) in [
        (format!("Staff number {}", card.staff_number), Style::plain(10.0), 1),
        (card.roles.clone(), Style::plain(10.0), 2),
        (card.place.clone(), Style::plain(10.0), 2),
    ] {
        y = say(leaf, &capped(&text, style, lines_max), (x, y));
    }
    let ends = format!("Shift ends {}", frame.zone.clinical(card.shift_ends));
    y = say(leaf, &capped(&ends, Style::bold(12.0), 1), (x, y + 2.0));

    // Under the code or under the words, whichever reach further down, over the whole width.
    let y = (y + 3.0).max(top + PAD + CODE_SIDE + 3.0);
    let wide = |size: f32| Wrapped::new(typeface, &rules(card, size), right - x);
    let fits = |text: &Wrapped| y + text.height() <= top + HIGH - PAD;
    // Two long names take more room: then the letters are smaller, never fewer.
    let sizes = [RULES, RULES - 1.0].into_iter().map(wide).find(fits);
    let text = sizes.unwrap_or_else(|| wide(RULES - 2.0));
    say(leaf, &text, (x, y))
}

fn rules(card: &ShiftCard, size: f32) -> Rich {
    let (plain, bold) = (Style::plain(size), Style::bold(size));
    let mut rich = Rich::of(&grouped(&card.letters), Style::bold(12.0));
    rich.next_line(plain).say("Good for signing in once. ", Style::bold(10.0)).say(
        "At the sign-in choose “Shift card”, scan the square or type the letters, then your PIN of 8 digits.",
        plain,
    );
    rich.next_line(plain)
        .say("Screen locked? ", bold)
        .say("The PIN opens it again. Never write it on this card.", plain);
    rich.next_line(plain).say("Lost, photographed, or “used already”? ", bold).say(
        &format!(
            "Tell {} or {} at once: they make it void, and everybody it let in is signed out.",
            card.asked_by, card.issued_by
        ),
        plain,
    );
    rich.next_line(plain).say("Shift over? ", bold).say("Tear it up.", plain);
    rich
}

/// "ABCDE FGHJK M": how people read letters out and type them.
fn grouped(letters: &str) -> String {
    let mut out = String::with_capacity(letters.len() + letters.len() / GROUP);
    for (n, letter) in letters.chars().enumerate() {
        if n > 0 && n % GROUP == 0 {
            out.push(' ');
        }
        out.push(letter);
    }
    out
}

/// Under the card, for whoever prints it.
fn for_the_issuer(frame: &Plain<'_>, leaf: &mut Leaf, (left, top): (f32, f32)) {
    const LINES: [&str; 3] = [
        "Cut along the marks and hand the card to its holder, to nobody else. Look at their staff card or another proof of who \
         they are.",
        "Printed once: it cannot be printed again. Did the printer jam? Make this card void in Lifeboat and issue another.",
        "Take away every copy: the printer's tray, its memory of jobs, this rest of the page.",
    ];
    let mut y = top;
    for line in LINES {
        let text = Wrapped::new(frame.typeface, &Rich::of(line, Style::plain(9.5)), WIDE);
        y = say(leaf, &text, (left, y)) + 3.0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn longest() -> ShiftCard {
        ShiftCard {
            number: 48_213,
            name: "Maximilian-Alexander Bartholomew Featherstonehaugh-Cholmondeley of Nether Example".into(),
            staff_number: "W".repeat(32),
            roles:
                "ward clinician, ED coordinator, control room, loggist, bookings, communications, read-only"
                    .into(),
            place: (1..=60).map(|n| format!("COTE{n} at Northgate General, ")).collect(),
            shift_ends: Moment::parse_rfc3339("2026-07-14T19:00:00Z").unwrap(),
            asked_by: "Wolfeschlegelsteinhausenbergerdorff Adolph Charles David Earl Frederick Gerald Hubert"
                .into(),
            issued_by: "Featherstonehaugh-Cholmondeley Wilhelmina Alexandrina Josephine of Nether Example"
                .into(),
            code: format!("LIFEBOAT:CARD:{}", "W".repeat(26)),
            letters: "W".repeat(26),
        }
    }

    /// How far the words of a card reach below its edge, in points; nothing where they stay within.
    fn below_the_edge(card: &ShiftCard) -> f32 {
        let press = Press::new().unwrap();
        let head = Letterhead {
            trust: "Fenland Vale and Southmere University Hospitals NHS Foundation Trust".into(),
            incident: String::new(),
            printed: card.shift_ends,
            watermark: Some("EXERCISE".into()),
            record: String::new(),
        };
        let zone = Zone::london();
        let frame = press.plain(&zone, &head, title(card), String::new());
        let mut leaf = Leaf::new(false);
        (face(&frame, &mut leaf, card, (50.0, 100.0)) - (100.0 + HIGH)).max(0.0)
    }

    #[test]
    fn the_longest_names_and_places_stay_on_the_card() {
        assert!(below_the_edge(&longest()) <= 0.0, "{} points too long", below_the_edge(&longest()));
        // The planted fault: a name that nobody bounds.
        let mut endless = longest();
        endless.asked_by = "Anna Bell ".repeat(200);
        assert!(below_the_edge(&endless) > 0.0, "the planted fault went unseen");
    }

    #[test]
    fn letters_stand_in_groups() {
        assert_eq!(grouped("ABCDEFGHJKM"), "ABCDE FGHJK M");
        assert_eq!(format!("{:?}", longest()), "ShiftCard(48213, …)");
    }
}

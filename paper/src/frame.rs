//! What every sheet carries: letterhead, fixed banner, age of the data, code, page numbers, watermark.
//!
//! Always: one patient's banner on each of that patient's pages, in the same place; a deceased patient's banner has
//! another pattern; the age of the data is in words. Called by every sheet; proved by `tests/packs.rs`.

use crate::Sheet;
use crate::identity::{SIDE, grouped};
use crate::leaf::{EDGE, Form, LONG, Leaf, Part, SHORT, Style, Tone};
use crate::typeface::{Face, Typeface};
use crate::words;
use crate::wrap::{Rich, Wrapped};
use basics::{PartialDate, Zone};
use care::PatientRecord;
use care::ward_pack::{SilentFeed, WardPack};

/// Side of the square code on paper: 19 mm.
const CODE_SIDE: f32 = 54.0;
/// The mark of silent feeds.
const MARK: Style = Style::bold(8.0);
/// Room kept at the foot.
pub(crate) const FOOT: f32 = 15.0;

/// Where a sheet is printed: fonts, clock's zone and the pack's letterhead.
pub(crate) struct House<'a> {
    pub(crate) typeface: &'a Typeface,
    pub(crate) zone: &'a Zone,
    pub(crate) pack: &'a WardPack,
}

impl House<'_> {
    /// The day the pack was made, where the hospital is.
    pub(crate) fn today(&self) -> PartialDate {
        self.zone.date(self.pack.as_at)
    }

    /// The day to which a patient's age is counted: the day of death where there is one.
    pub(crate) fn age_day(&self, record: &PatientRecord) -> PartialDate {
        record.died.flatten().map_or_else(|| self.today(), |at| self.zone.date(at))
    }

    /// "Bay 2 Bed 7", as the ward list has it; from the record when the list lacks the patient.
    pub(crate) fn bed(&self, record: &PatientRecord) -> String {
        let row =
            self.pack.list.rows.iter().find(|r| r.patient.as_ref().is_some_and(|p| p.key == record.key));
        if let Some(row) = row {
            return row.bed.clone();
        }
        let location = record.current_encounter().and_then(|e| e.location.as_ref());
        let parts: Vec<&str> = location
            .map(|l| [l.room.as_deref(), l.bed.as_deref()].into_iter().flatten().collect())
            .unwrap_or_default();
        if parts.is_empty() { "No bed".to_owned() } else { parts.join(" ") }
    }

    fn place(&self) -> String {
        let key = &self.pack.list.key;
        let ward = if self.pack.list.name == key.ward.as_str() {
            format!("Ward {}", key.ward)
        } else {
            format!("Ward {} · {}", key.ward, self.pack.list.name)
        };
        format!("{} · {} · {ward}", self.pack.trust, key.site)
    }
}

/// Whom a sheet is for.
#[derive(Clone, Copy)]
pub(crate) enum Whom<'a> {
    Ward,
    Patient(&'a PatientRecord),
    Nobody,
}

/// The frame of one sheet's pages.
pub(crate) struct Frame<'a> {
    pub(crate) house: &'a House<'a>,
    pub(crate) sheet: &'a Sheet,
    pub(crate) title: &'static str,
    pub(crate) whom: Whom<'a>,
    pub(crate) wide: bool,
}

impl Frame<'_> {
    /// A fresh page with its frame; the second value is where its content may begin.
    pub(crate) fn page(&self, continued: bool) -> (Leaf, f32) {
        let mut leaf = Leaf::new(self.wide);
        if !continued {
            leaf.bookmark = Some(self.title.to_owned());
        }
        if self.house.pack.watermark.is_some() {
            leaf.ops.push(crate::leaf::Op::Stamp {
                form: Form::Watermark(self.wide),
                x: 0.0,
                y: 0.0,
                scale: 1.0,
            });
        }
        let right = leaf.right();
        code(self.house, self.sheet, &mut leaf, right - CODE_SIDE, EDGE, CODE_SIDE);
        let text_right = right - CODE_SIDE - 12.0;
        self.letterhead(&mut leaf, text_right, continued);
        let bottom = match self.whom {
            Whom::Patient(record) => banner(self.house, &mut leaf, record, EDGE + 31.0, text_right),
            Whom::Nobody => write_in_banner(self.house, &mut leaf, EDGE + 31.0, text_right),
            Whom::Ward => EDGE + 38.0,
        };
        (leaf, bottom.max(EDGE + CODE_SIDE + 11.0) + 6.0)
    }

    fn letterhead(&self, leaf: &mut Leaf, right: f32, continued: bool) {
        let face = self.house.typeface;
        let pack = self.house.pack;
        let place = self.house.place();
        let mark = self.silent_mark(right);
        let room = right - EDGE - mark.as_ref().map_or(0.0, |(_, width)| width + 10.0);
        let natural = face.width(Face::Regular, &face.literal(&place), 8.0).max(1.0);
        let size = (8.0 * room / natural).clamp(4.5, 8.0);
        leaf.words(face, EDGE, EDGE + 7.0, Style::soft(size), &place);
        let title = if continued { format!("{}, continued", self.title) } else { self.title.to_owned() };
        let part = if continued { Part::Paragraph } else { Part::Title };
        leaf.part(part, |leaf| {
            leaf.words(face, EDGE, EDGE + 24.0, Style::bold(15.0), &title);
        });
        let made = self.house.zone.clinical(pack.as_at);
        let (line, age) = match pack.data_as_at {
            _ if matches!(self.whom, Whom::Nobody) => ("Blank form".to_owned(), format!("made {made}")),
            None => ("Age of the data unknown".to_owned(), format!("no message received · made {made}")),
            Some(at) => (
                format!("Data as at {}", self.house.zone.clinical(at)),
                format!("{} old when made, {made}", words::length(pack.as_at.seconds_since(at))),
            ),
        };
        leaf.part(Part::Paragraph, |leaf| {
            if let Some((words, _)) = &mark {
                leaf.words_ending(face, right, EDGE + 7.0, MARK, words);
            }
            leaf.words_ending(face, right, EDGE + 16.0, Style::bold(9.0), &line);
            leaf.words_ending(face, right, EDGE + 25.5, Style::plain(8.0), &age);
        });
    }
}

impl Frame<'_> {
    /// Which feeds were silent or kept apart, above the age of the data that the others still told; how many, where their names would
    /// take the place of the hospital's. With its width.
    fn silent_mark(&self, right: f32) -> Option<(String, f32)> {
        let (silent, apart) = (&self.house.pack.silent, &self.house.pack.apart);
        if (silent.is_empty() && apart.is_empty()) || matches!(self.whom, Whom::Nobody) {
            return None;
        }
        let face = self.house.typeface;
        let width = |words: &str| face.width(Face::Bold, &face.literal(words), MARK.size);
        let named = |what: &str, feeds: &[SilentFeed]| {
            let names: Vec<&str> = feeds.iter().map(|feed| feed.name.as_str()).collect();
            (!names.is_empty()).then(|| format!("Feeds {what}: {}", names.join(", ")))
        };
        let counted = |what: &str, feeds: &[SilentFeed]| {
            let word = if feeds.len() == 1 { "feed" } else { "feeds" };
            (!feeds.is_empty()).then(|| format!("{} {word} {what}", feeds.len()))
        };
        let both = |one: Option<String>, other: Option<String>| {
            one.into_iter().chain(other).collect::<Vec<_>>().join("; ")
        };
        let names = both(named("silent", silent), named("kept apart", apart));
        let words = if width(&names) <= (right - EDGE) * 0.4 {
            names
        } else {
            both(counted("silent", silent), counted("kept apart", apart))
        };
        let width = width(&words);
        Some((words, width))
    }
}

/// The square code with its letters beneath.
pub(crate) fn code(house: &House<'_>, sheet: &Sheet, leaf: &mut Leaf, x: f32, y: f32, side: f32) {
    leaf.ops.push(crate::leaf::Op::Stamp { form: Form::Code(sheet.number), x, y, scale: side / SIDE });
    let size = side / 54.0 * 6.6;
    leaf.words_centred(
        house.typeface,
        x + side / 2.0,
        y + side + size * 1.2,
        Style::bold(size),
        &grouped(&sheet.code),
    );
}

/// The patient's fixed banner; returns its bottom.
fn banner(house: &House<'_>, leaf: &mut Leaf, record: &PatientRecord, top: f32, right: f32) -> f32 {
    let face = house.typeface;
    let left = EDGE + 6.0;
    let name = record.name.as_ref().map_or_else(|| "NAME NOT RECORDED".to_owned(), care::PersonName::banner);
    let coded = face.spells_out(&name);
    let bed = Wrapped::capped(face, &house.bed(record), Style::bold(12.0), 110.0, 2);
    let bed_width = bed.lines.iter().map(|l| l.width).fold(0.0, f32::max);
    let name = Wrapped::capped(face, &name, Style::bold(15.0), right - left - bed_width - 18.0, 3);
    let mut y = top + 2.0;
    if record.died.is_some() {
        y += 16.0;
    }
    leaf.open(Part::Paragraph);
    if let Some(died) = record.died {
        deceased(house, leaf, died, top, right);
    }
    let below_bed = bed.draw(leaf, right - 6.0 - bed_width, y + 2.0);
    let below = name.draw(leaf, left, y).max(below_bed) + 11.0;
    let mut identity = Rich::default();
    let born = words::born(record.birth_date, house.age_day(record));
    let number = record.nhs_number().map_or_else(|| words::NOT_RECORDED.to_owned(), |n| n.to_string());
    let mrn = shortened(record.mrns().next().unwrap_or(words::NOT_RECORDED), 40);
    let sex = record.sex.map_or(words::NOT_RECORDED, care::Sex::word);
    for (label, value) in
        [("Born ", born.as_str()), ("Gender ", sex), ("NHS No. ", number.as_str()), ("MRN ", mrn.as_str())]
    {
        identity.say(label, Style::plain(8.5)).say(value, Style::bold(10.5)).say("    ", Style::plain(8.5));
    }
    if coded {
        let known = record.nhs_number().is_some();
        identity.next_line(Style::bold(8.5)).say(words::codes_for_letters(known), Style::bold(8.5));
    }
    let bottom = Wrapped::new(face, &identity, right - left).draw(leaf, left, below - 9.0) + 4.0;
    leaf.close();
    leaf.frame(EDGE, top, right - EDGE, bottom - top, 1.2, Tone::Ink);
    if record.died.is_some() {
        leaf.frame(EDGE + 2.5, top + 15.0, right - EDGE - 5.0, bottom - top - 17.5, 0.8, Tone::Ink);
    }
    bottom
}

/// A name or number that is printed again and again; one of absurd length says how much of it is missing.
pub(crate) fn shortened(text: &str, chars_max: usize) -> String {
    let count = text.chars().count();
    if count <= chars_max {
        return text.to_owned();
    }
    let start: String = text.chars().take(chars_max).collect();
    format!("{start} … and {} more characters", count - chars_max)
}

/// A hatched band with the word, so that nobody takes the sheet for a living patient's, in black and white too.
fn deceased(house: &House<'_>, leaf: &mut Leaf, died: Option<basics::Moment>, top: f32, right: f32) {
    leaf.hatch((EDGE, top), (right - EDGE, 15.0), 5.0, 1.6, Tone::Ink);
    let words = match died {
        Some(at) => format!("DECEASED {}", house.zone.clinical(at)),
        None => "DECEASED, time not recorded".to_owned(),
    };
    let width = house.typeface.width(Face::Bold, &words, 11.0);
    leaf.fill(EDGE + 24.0, top, width + 14.0, 15.0, Tone::White);
    leaf.words(house.typeface, EDGE + 31.0, top + 11.5, Style::bold(11.0), &words);
}

/// The banner of a blank form: lines to write on.
fn write_in_banner(house: &House<'_>, leaf: &mut Leaf, top: f32, right: f32) -> f32 {
    let bottom = top + 44.0;
    leaf.frame(EDGE, top, right - EDGE, bottom - top, 1.2, Tone::Ink);
    let width = right - EDGE - 12.0;
    leaf.open(Part::Paragraph);
    for (y, labels) in [
        (top + 17.0, [("Surname, first name (title)", 0.0, 0.66), ("Ward, bed", 0.68, 1.0)].as_slice()),
        (
            top + 37.0,
            &[
                ("Born", 0.0, 0.2),
                ("Gender", 0.22, 0.4),
                ("NHS No.", 0.42, 0.68),
                ("MRN or downtime no.", 0.7, 1.0),
            ],
        ),
    ] {
        for (label, from, to) in labels {
            let (x1, x2) = (EDGE + 6.0 + from * width, EDGE + 6.0 + to * width);
            let after = leaf.words(house.typeface, x1, y, Style::plain(7.5), label);
            leaf.rule((after + 3.0, y + 1.0), (x2, y + 1.0), 0.6, Tone::Ink);
        }
    }
    leaf.close();
    bottom
}

/// Page numbers, when the pack was made and which state of the record it shows.
pub(crate) fn footer(house: &House<'_>, leaf: &mut Leaf, set: (usize, usize), pack: (usize, usize)) {
    let (_, height) = leaf.size();
    let y = height - EDGE;
    let right = leaf.right();
    leaf.rule((EDGE, y - 10.0), (right, y - 10.0), 0.5, Tone::Line);
    let page = if pack.1 == set.1 {
        format!("Page {} of {}", pack.0, pack.1)
    } else {
        format!("Page {} of {} in this set · {} of {} in the pack", set.0, set.1, pack.0, pack.1)
    };
    leaf.words(house.typeface, EDGE, y, Style::bold(9.0), &page);
    let mut note = format!("Lifeboat · record {}", house.pack.head);
    if let Some(mark) = &house.pack.watermark {
        note = format!("{mark}: not for patient care · {note}");
    }
    leaf.words_ending(house.typeface, right, y, Style::soft(7.5), &note);
}

/// The word across the page, corner to corner, under everything else.
pub(crate) fn watermark(typeface: &Typeface, wide: bool, word: &str) -> Leaf {
    let mut leaf = Leaf::new(wide);
    let (w, h) = if wide { (LONG, SHORT) } else { (SHORT, LONG) };
    let word = typeface.literal(word);
    let natural = typeface.width(Face::Bold, &word, 1.0).max(1.0);
    let size = (w * 0.8 / natural).min(90.0);
    for row in 0..4u8 {
        let y = h * (0.2 + 0.22 * f32::from(row));
        let shift = if row % 2 == 0 { 0.06 } else { 0.14 };
        leaf.put(w * shift, y, Style { face: Face::Bold, size, tone: Tone::Ghost }, &word);
    }
    leaf
}

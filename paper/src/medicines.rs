//! The medicines chart: allergies on top, each active medicine with 24 hours of boxes, as-required ones, blank rows.
//!
//! Always: allergies on every page; the dose bold, labelled and never cut; a medicine on hold has no boxes; the next
//! dose is marked only where the source makes it certain. Called by `Press`; proved by `tests/packs.rs`.

use crate::Sheet;
use crate::frame::{FOOT, Frame, House, Whom};
use crate::leaf::{EDGE, Form, Leaf, Op, Part, Style, Tone};
use crate::medicine_words::{Due, how_often, last_given, listed};
use crate::summary::{age, allergy_words};
use crate::typeface::Typeface;
use crate::words::{self, or_not_recorded};
use crate::wrap::{Rich, Wrapped};
use basics::Moment;
use care::{MedicationRequest, MedicationStatus, PatientRecord};

/// Hours on the chart.
const HOURS: u8 = 24;
/// Width of one hour's box: 7.4 mm.
const HOUR: f32 = 21.0;
/// Least height of a medicine's row.
const ROW_MIN: f32 = 46.0;
/// Boxes for as-required doses.
const DOSES: u8 = 12;
/// Blank rows for new prescriptions that a chart ends with at least.
const BLANK_ROWS_MIN: usize = 2;

/// The chart's pages.
pub(crate) fn sheet(house: &House<'_>, sheet: &Sheet, record: &PatientRecord) -> Vec<Leaf> {
    let frame = Frame { house, sheet, title: "Medicines chart", whom: Whom::Patient(record), wide: true };
    let mut chart = Chart::new(&frame, Some(record));
    let list = listed(record);
    if list.shown().next().is_none() {
        chart.note("No current medicines recorded. Nothing here says that there are none.");
    }
    for medicine in &list.regular {
        chart.medicine(record, medicine, Boxes::Hours);
    }
    if !list.as_required.is_empty() {
        chart.note("As required");
        for medicine in &list.as_required {
            chart.medicine(record, medicine, Boxes::Doses);
        }
    }
    if !list.on_hold.is_empty() {
        chart.note("On hold: not to be given unless a prescriber says so on this chart");
        for medicine in &list.on_hold {
            chart.medicine(record, medicine, Boxes::None);
        }
    }
    if list.ended > 0 {
        chart.note(&format!("{} stopped, completed or cancelled not listed", list.ended));
    }
    chart.finish()
}

/// A chart without a patient.
pub(crate) fn blank(house: &House<'_>, sheet: &Sheet) -> Vec<Leaf> {
    let frame = Frame { house, sheet, title: "Medicines chart", whom: Whom::Nobody, wide: true };
    Chart::new(&frame, None).finish()
}

/// Words that stand for a blank row.
const BLANK_ROW_WORDS: &str = "Blank row for a new prescription: medicine, dose, route, how often, what for, prescriber, \
    and boxes for 24 hours";

#[derive(Clone, Copy, PartialEq, Eq)]
enum Boxes {
    Hours,
    Doses,
    None,
}

struct Chart<'a> {
    frame: &'a Frame<'a>,
    record: Option<&'a PatientRecord>,
    done: Vec<Leaf>,
    leaf: Leaf,
    y: f32,
}

impl<'a> Chart<'a> {
    fn new(frame: &'a Frame<'a>, record: Option<&'a PatientRecord>) -> Self {
        let (leaf, y) = frame.page(false);
        let mut chart = Self { frame, record, done: Vec::new(), leaf, y };
        chart.head();
        chart
    }

    fn bottom(&self) -> f32 {
        self.leaf.size().1 - EDGE - FOOT
    }

    fn boxes(&self) -> f32 {
        boxes_left(&self.leaf)
    }

    fn turn(&mut self) {
        let (leaf, y) = self.frame.page(true);
        self.done.push(std::mem::replace(&mut self.leaf, leaf));
        self.y = y;
        self.head();
    }

    fn first_hour(&self) -> Moment {
        let made = self.frame.house.pack.as_at;
        let civil = self.frame.house.zone.civil(made);
        made.plus_seconds(-(i64::from(civil.minute) * 60 + i64::from(civil.second)))
    }

    /// Allergies, then the row of hours.
    fn head(&mut self) {
        self.allergies();
        let house = self.frame.house;
        let (left, right, boxes) = (EDGE, self.leaf.right(), self.boxes());
        self.leaf.fill(left, self.y, right - left, 21.0, Tone::Wash);
        let base = self.y + 17.0;
        self.leaf.open(Part::Paragraph);
        self.leaf.words(house.typeface, left + 3.0, base, Style::bold(9.0), "Medicine");
        self.leaf.words_ending(
            house.typeface,
            boxes - 4.0,
            base,
            Style::plain(7.5),
            "upper half: time and dose given · lower half: initials",
        );
        let first = self.first_hour();
        for hour in 0..HOURS {
            let at = first.plus_seconds(i64::from(hour) * 3600);
            let civil = house.zone.civil(at);
            let x = boxes + HOUR * f32::from(hour);
            if self.record.is_some() {
                self.leaf.words_centred(
                    house.typeface,
                    x + HOUR / 2.0,
                    base,
                    Style::bold(8.5),
                    &format!("{:02}", civil.hour),
                );
                if hour == 0 && civil.hour < 22 || civil.hour == 0 {
                    self.leaf.words(
                        house.typeface,
                        x + 2.0,
                        base - 9.5,
                        Style::bold(7.5),
                        &house.zone.date(at).to_string(),
                    );
                }
            }
        }
        if self.record.is_none() {
            self.leaf.words(house.typeface, boxes + 3.0, base - 9.0, Style::plain(7.5), "Date and hours:");
        }
        self.leaf.close();
        self.y += 21.0;
    }

    fn allergies(&mut self) {
        let house = self.frame.house;
        let right = self.leaf.right();
        let rich = match self.record {
            Some(record) => allergy_words(record, 9.5),
            None => Rich::of(
                "Allergies (write \u{201c}No known allergies\u{201d} only after asking):",
                Style::bold(9.5),
            ),
        };
        let wrapped = Wrapped::new(house.typeface, &rich, right - EDGE - 14.0);
        let top = self.y;
        let mut y = top + 3.0;
        self.leaf.open(Part::Paragraph);
        if let Some(record) = self.record {
            let age = age(house, record.as_at.allergies.as_ref());
            self.leaf.words_ending(house.typeface, right - 7.0, y + 10.0, Style::plain(8.0), &age);
        }
        // A list too long for a third of the page is on the summary in full, and says so here.
        let room = self.leaf.size().1 * 0.3;
        for (n, line) in wrapped.lines.iter().enumerate() {
            if y - top + line.height > room {
                let left = wrapped.lines.len() - n;
                let words =
                    format!("… and {left} more lines of allergies: see the summary before giving anything");
                self.leaf.words(house.typeface, EDGE + 7.0, y + 9.0, Style::bold(9.5), &words);
                y += 12.0;
                break;
            }
            wrapped.draw_line(&mut self.leaf, line, EDGE + 7.0, y);
            y += line.height;
        }
        if self.record.is_none() {
            y += 16.0;
        }
        self.leaf.close();
        self.leaf.frame(EDGE, top, right - EDGE, y + 4.0 - top, 1.6, Tone::Ink);
        self.y = y + 9.0;
    }

    /// A line over the whole width.
    fn note(&mut self, text: &str) {
        if self.y + 16.0 + ROW_MIN > self.bottom() {
            self.turn();
        }
        let (face, y) = (self.frame.house.typeface, self.y + 12.0);
        self.leaf.part(Part::Paragraph, |leaf| {
            leaf.words(face, EDGE + 3.0, y, Style::bold(9.5), text);
        });
        self.y += 16.0;
        let right = self.leaf.right();
        self.leaf.rule((EDGE, self.y), (right, self.y), 0.5, Tone::Ink);
    }

    fn medicine(&mut self, record: &PatientRecord, medicine: &MedicationRequest, kind: Boxes) {
        let house = self.frame.house;
        let due = Due::of(house, medicine);
        let rich = self.medicine_words(record, medicine, &due);
        let wrapped = Wrapped::new(house.typeface, &rich, self.boxes() - EDGE - 9.0);
        let height = (wrapped.height() + 6.0).max(ROW_MIN);
        if self.y + height > self.bottom() {
            self.turn();
        }
        let mut rest = wrapped.lines.as_slice();
        let mut kind = kind;
        loop {
            let top = self.y;
            let (mut y, mut fits) = (top + 2.0, 0);
            self.leaf.open(Part::Paragraph);
            for line in rest {
                if y + line.height > self.bottom() && fits > 0 {
                    break;
                }
                wrapped.draw_line(&mut self.leaf, line, EDGE + 4.0, y);
                y += line.height;
                fits += 1;
            }
            self.leaf.close();
            let height = (y - top + 4.0).max(ROW_MIN.min(self.bottom() - top));
            boxes(&mut self.leaf, top, height, kind);
            if kind == Boxes::Hours {
                self.mark_due(top, height, &due);
            }
            self.y = top + height;
            rest = rest.get(fits..).unwrap_or(&[]);
            if rest.is_empty() {
                return;
            }
            // The boxes are on the first page; the rest of an overlong text follows without them.
            kind = Boxes::None;
            self.turn();
        }
    }

    fn medicine_words(&self, record: &PatientRecord, medicine: &MedicationRequest, due: &Due) -> Rich {
        let (plain, strong) = (Style::plain(8.5), Style::bold(8.5));
        let mut rich =
            Rich::of(&words::medicine_name(or_not_recorded(&medicine.medicine)), Style::bold(11.5));
        if !medicine.form.trim().is_empty() {
            rich.say(&format!("  {}", medicine.form), plain);
        }
        rich.next_line(plain).say("Dose ", plain);
        rich.say(&words::dose(&medicine.dose), Style::bold(11.0));
        rich.say("   Route ", plain).say(or_not_recorded(&medicine.route), strong);
        rich.say(" · ", plain).say(&how_often(medicine), strong);
        rich.next_line(plain).say("For ", plain).say(or_not_recorded(&medicine.indication), plain);
        rich.say("   Prescriber ", plain).say(or_not_recorded(&medicine.prescriber), plain);
        rich.next_line(plain).say("Last given ", plain);
        rich.say(&last_given(self.frame.house, record, medicine), strong);
        if !medicine.as_required && medicine.status == MedicationStatus::Active {
            rich.next_line(plain).say(if due.past { "" } else { "Next due " }, plain).say(&due.words, strong);
        }
        rich
    }

    /// A heavier box with the time at the hour in which the next dose falls due.
    fn mark_due(&mut self, top: f32, height: f32, due: &Due) {
        let Some(at) = due.at else { return };
        let hour = at.seconds_since(self.first_hour()).div_euclid(3600);
        let Ok(hour) = u8::try_from(hour) else { return };
        if hour >= HOURS {
            return;
        }
        let x = self.boxes() + HOUR * f32::from(hour);
        let house = self.frame.house;
        self.leaf.frame(x + 0.6, top + 1.0, HOUR - 1.2, height - 2.0, 1.4, Tone::Ink);
        let time = house.zone.hour_minute(at);
        self.leaf.words_centred(house.typeface, x + HOUR / 2.0, top + 7.5, Style::bold(6.2), &time);
        self.leaf.words_centred(house.typeface, x + HOUR / 2.0, top + 13.5, Style::plain(5.8), "due");
    }

    /// Fills the page with rows for new prescriptions.
    fn finish(mut self) -> Vec<Leaf> {
        #[allow(clippy::cast_precision_loss)]
        let wanted = ROW_MIN * BLANK_ROWS_MIN as f32 + 16.0;
        if self.y + wanted > self.bottom() {
            self.turn();
        }
        self.note("New prescriptions");
        while self.y + ROW_MIN <= self.bottom() {
            let stamp = Op::Stamp { form: Form::BlankRow, x: 0.0, y: self.y, scale: 1.0 };
            self.leaf.part(Part::Chart(BLANK_ROW_WORDS), |leaf| leaf.ops.push(stamp));
            self.y += ROW_MIN;
        }
        self.done.push(self.leaf);
        self.done
    }
}

/// A blank row's drawing; x as on the page, y from its own top.
pub(crate) fn blank_row(typeface: &Typeface) -> Leaf {
    let mut leaf = Leaf::new(true);
    let width = boxes_left(&leaf) - EDGE - 8.0;
    for (y, labels) in [
        (11.0, [("Medicine", 0.0, 1.0)].as_slice()),
        (25.5, &[("Dose", 0.0, 0.34), ("Route", 0.36, 0.6), ("How often", 0.62, 1.0)]),
        (40.0, &[("For", 0.0, 0.44), ("Prescriber, signature", 0.46, 1.0)]),
    ] {
        for (label, from, to) in labels {
            let (x1, x2) = (EDGE + 4.0 + from * width, EDGE + 4.0 + to * width);
            let after = leaf.words(typeface, x1, y, Style::soft(7.5), label);
            leaf.rule((after + 2.0, y + 1.0), (x2, y + 1.0), 0.4, Tone::Line);
        }
    }
    boxes(&mut leaf, 0.0, ROW_MIN, Boxes::Hours);
    leaf
}

/// Left edge of the boxes.
fn boxes_left(leaf: &Leaf) -> f32 {
    leaf.right() - HOUR * f32::from(HOURS)
}

/// The boxes of one row, and the row's outline.
fn boxes(leaf: &mut Leaf, top: f32, height: f32, kind: Boxes) {
    let (right, boxes, bottom) = (leaf.right(), boxes_left(leaf), top + height);
    let (count, width) = match kind {
        Boxes::Hours => (HOURS, HOUR),
        Boxes::Doses => (DOSES, HOUR * f32::from(HOURS / DOSES)),
        Boxes::None => {
            leaf.hatch((boxes, top), (right - boxes, height), 7.0, 0.4, Tone::Line);
            (0, 0.0)
        }
    };
    if count > 0 {
        leaf.dashes((boxes, top + height * 0.55), (right, top + height * 0.55), 0.4, Tone::Line);
    }
    for n in 1..count {
        let x = boxes + width * f32::from(n);
        leaf.rule((x, top), (x, bottom), 0.5, Tone::Line);
    }
    for (from, to) in [
        ((EDGE, bottom), (right, bottom)),
        ((EDGE, top), (EDGE, bottom)),
        ((boxes, top), (boxes, bottom)),
        ((right, top), (right, bottom)),
    ] {
        leaf.rule(from, to, 0.8, Tone::Ink);
    }
}

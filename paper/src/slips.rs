//! Order and result slips: four to a page, cut apart, each with the patient's identity and room for a downtime number.
//!
//! Always: name, date of birth, NHS number and the sheet's code on every slip, because slips travel alone.
//! Called by `Press`; proved by `tests/packs.rs`.

use crate::Sheet;
use crate::frame::{FOOT, Frame, House, Whom, code, shortened};
use crate::leaf::{EDGE, Form, Leaf, Op, Part, SHORT, Style, Tone};
use crate::typeface::Typeface;
use crate::words::{self, NOT_RECORDED};
use crate::wrap::{Rich, Wrapped};
use care::PatientRecord;

/// Slips on a page.
const SLIPS: [Kind; 4] = [Kind::Order, Kind::Order, Kind::Result, Kind::Result];
/// Height of a slip's drawing; a tall banner makes it a little smaller, never cut.
const HEIGHT: f32 = 166.0;
/// Where the patient's identity stands, and where the lines to write on begin.
const IDENTITY_TOP: f32 = 26.0;
const LINES_TOP: f32 = 63.0;
/// Side of a slip's square code.
const CODE: f32 = 46.0;

/// What a slip is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, PartialOrd, Ord)]
pub(crate) enum Kind {
    Order,
    Result,
}

/// A patient's slips.
pub(crate) fn sheet(house: &House<'_>, sheet: &Sheet, record: &PatientRecord) -> Vec<Leaf> {
    page(house, sheet, Whom::Patient(record))
}

/// Slips without a patient.
pub(crate) fn blank(house: &House<'_>, sheet: &Sheet) -> Vec<Leaf> {
    page(house, sheet, Whom::Nobody)
}

fn page(house: &House<'_>, sheet: &Sheet, whom: Whom<'_>) -> Vec<Leaf> {
    let frame = Frame { house, sheet, title: "Order and result slips", whom, wide: false };
    let (mut leaf, top) = frame.page(false);
    let height = (leaf.size().1 - EDGE - FOOT - top - 4.0) / 4.0;
    let scale = (height / HEIGHT).min(1.0);
    for (n, kind) in (0u8..).zip(SLIPS) {
        let y = top + height * f32::from(n);
        let words = match kind {
            Kind::Order => {
                "Order slip to cut out: downtime number, test or examination, urgent or routine, question, \
                specimen, asked by, tell result to, date and time"
            }
            Kind::Result => {
                "Result slip to cut out: downtime number, test, specimen taken, result with unit and range, \
                given by, taken by, read back, date and time"
            }
        };
        let blank = matches!(whom, Whom::Nobody);
        let x = EDGE * (1.0 - scale);
        leaf.part(Part::Chart(words), |leaf| {
            leaf.ops.push(Op::Stamp { form: Form::Slip(kind, blank), x, y, scale });
        });
        code(house, sheet, &mut leaf, leaf_right(scale) - CODE, y + 8.0 * scale, CODE * scale);
        if let Whom::Patient(record) = whom {
            identity(house, &mut leaf, record, kind, y + IDENTITY_TOP * scale);
        }
    }
    vec![leaf]
}

/// Right edge of a slip drawn at `scale`, its left edge staying at the page's.
fn leaf_right(scale: f32) -> f32 {
    EDGE + (SHORT - 2.0 * EDGE) * scale + CODE * (1.0 - scale)
}

/// A slip's drawing; x as on the page, y from its own cut line.
pub(crate) fn body(typeface: &Typeface, kind: Kind, blank: bool) -> Leaf {
    let mut leaf = Leaf::new(false);
    let right = leaf.right();
    leaf.words(typeface, EDGE - 2.0, 3.2, Style::plain(9.0), "✂");
    leaf.dashes((EDGE + 10.0, 0.0), (right, 0.0), 0.6, Tone::Soft);
    leaf.fill(EDGE, 8.0, 54.0, 15.0, Tone::Ink);
    let title = if kind == Kind::Order { "ORDER" } else { "RESULT" };
    leaf.words_centred(typeface, EDGE + 27.0, 19.2, Style::bold(10.5).tone(Tone::White), title);
    let text_right = right - CODE - 10.0;
    field(typeface, &mut leaf, EDGE + 62.0, text_right, 20.0, "Downtime number");
    if blank {
        field(typeface, &mut leaf, EDGE, text_right, 40.0, "Surname, first name");
        let third = (text_right - EDGE) / 3.0;
        for (n, label) in (0u8..).zip(["Born", "NHS No.", "MRN, ward, bed"]) {
            let x = EDGE + third * f32::from(n);
            field(typeface, &mut leaf, x, x + third - 8.0, 58.0, label);
        }
    }
    let width = right - EDGE;
    let step = (HEIGHT - LINES_TOP - 5.0) / 4.0;
    for (n, row) in (1u8..).zip(lines(kind)) {
        let base = LINES_TOP + step * f32::from(n);
        for (label, from, to) in *row {
            let (x1, x2) = (EDGE + from * width, EDGE + to * width);
            if *to > 0.0 {
                field(typeface, &mut leaf, x1, x2, base, label);
            } else {
                leaf.words(typeface, x1, base, Style::plain(9.5), label);
            }
        }
    }
    leaf
}

/// Labels of a slip's lines with the shares of the width between which they stand; 0 to the right: a box to tick.
type Line = &'static [(&'static str, f32, f32)];

fn lines(kind: Kind) -> &'static [Line; 4] {
    match kind {
        Kind::Order => &[
            &[("Test or examination", 0.0, 0.66), ("☐ Urgent   ☐ Routine", 0.68, 0.0)],
            &[("Question, clinical details", 0.0, 1.0)],
            &[("Specimen, taken by", 0.0, 0.6), ("at", 0.62, 1.0)],
            &[("Asked by, signature", 0.0, 0.42), ("Tell result to", 0.44, 0.74), ("Date, time", 0.76, 1.0)],
        ],
        Kind::Result => &[
            &[("Test", 0.0, 0.48), ("Specimen taken", 0.5, 1.0)],
            &[("Result, unit, range", 0.0, 1.0)],
            &[("", 0.0, 1.0)],
            &[
                ("Given by", 0.0, 0.25),
                ("Taken by", 0.27, 0.5),
                ("☐ Read back", 0.52, 0.0),
                ("Date, time", 0.68, 1.0),
            ],
        ],
    }
}

/// A label with a line to write on.
fn field(typeface: &Typeface, leaf: &mut Leaf, x1: f32, x2: f32, y: f32, label: &str) {
    let after = leaf.words(typeface, x1, y, Style::plain(8.5), label);
    leaf.rule((if label.is_empty() { x1 } else { after + 3.0 }, y + 1.5), (x2, y + 1.5), 0.5, Tone::Ink);
}

/// Who the slip is about; a name may take several lines, small enough to stay above the lines to write on.
fn identity(house: &House<'_>, leaf: &mut Leaf, record: &PatientRecord, kind: Kind, top: f32) {
    let room = leaf.right() - CODE - 10.0 - EDGE;
    let mut size = 11.5;
    let mut wrapped = Wrapped::new(house.typeface, &identity_words(house, record, kind, size), room);
    while wrapped.height() > LINES_TOP - IDENTITY_TOP + 8.0 && size > 5.0 {
        size -= 1.0;
        wrapped = Wrapped::new(house.typeface, &identity_words(house, record, kind, size), room);
    }
    leaf.open(Part::Paragraph);
    wrapped.draw(leaf, EDGE, top);
    leaf.close();
}

fn identity_words(house: &House<'_>, record: &PatientRecord, kind: Kind, size: f32) -> Rich {
    let name = record.name.as_ref().map_or_else(|| "NAME NOT RECORDED".to_owned(), care::PersonName::banner);
    let mut rich = Rich::of(&shortened(&name, 120), Style::bold(size));
    if record.died.is_some() {
        rich.say("   DECEASED", Style::bold(size - 1.5));
    }
    rich.next_line(Style::plain(9.0));
    let number = record.nhs_number().map_or_else(|| NOT_RECORDED.to_owned(), |n| n.to_string());
    let ward = format!("{} {}", house.pack.list.key.ward, house.bed(record));
    let born = words::born(record.birth_date, house.age_day(record));
    let mrn = shortened(record.mrns().next().unwrap_or(NOT_RECORDED), 40);
    let (label_size, value_size) = (size.min(8.5), size.min(9.0));
    for (label, value) in [("Born ", born.as_str()), ("NHS No. ", &number), ("MRN ", &mrn), ("", &ward)] {
        rich.say(label, Style::plain(label_size)).say(value, Style::bold(value_size));
        rich.say("   ", Style::plain(label_size));
    }
    let mark = if kind == Kind::Order { "Order slip" } else { "Result slip" };
    let site = &house.pack.list.key.site;
    let data = words::moment(house.zone, house.pack.data_as_at);
    rich.next_line(Style::soft(7.0)).say(&format!("{mark} · {site} · data as at {data}"), Style::soft(7.0));
    rich
}

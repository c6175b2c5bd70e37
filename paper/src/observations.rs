//! The observation chart: NEWS2 in its colours, unmodified, 24 columns to write in; a plain one for children.
//!
//! Always: the score's digit stands at both ends of each band and its hatching differs, so that a grey copy scores the
//! same. Never a score for under-16s, for whom NEWS2 is not made, nor where the age is in doubt.
//! Called by `Press`; proved by `chart_rows` and `tests/packs.rs`. Source: Royal College of Physicians, 2017.

use crate::Sheet;
use crate::chart_rows::{PlotGroup, groups};
use crate::frame::{FOOT, Frame, House, Whom};
use crate::leaf::{EDGE, Form, Leaf, Op, Part, SHORT, Style, Tone};
use crate::typeface::Typeface;
use crate::words::{Sixteen, sixteen};
use crate::wrap::{Rich, Wrapped};
use care::PatientRecord;

/// Sets of observations on one chart.
const COLUMNS: u8 = 24;
/// Height of a row to plot in: 3.2 mm, about as on the college's chart.
const ROW: f32 = 9.0;
/// Height of a row to write in.
const WRITE: f32 = 12.0;
/// Widths of the parameter's name, the band's label and the score's digit.
const NAME: f32 = 66.0;
const LABEL: f32 = 47.0;
const DIGIT: f32 = 10.0;

/// Words that stand for the drawn chart.
const SCORED_WORDS: &str = "Blank NEWS2 observation chart for 24 sets of observations: respirations, oxygen saturation \
    on scales 1 and 2, air or oxygen, blood pressure, pulse, consciousness, temperature, total, monitoring frequency, \
    escalation and initials, each band with its score, and thresholds and triggers at the foot";
const UNSCORED_WORDS: &str = "Blank observation chart without scores for 24 sets of observations";

/// A patient's chart.
pub(crate) fn sheet(house: &House<'_>, sheet: &Sheet, record: &PatientRecord) -> Vec<Leaf> {
    let age = sixteen(record.birth_date, house.today());
    let title = if age == Sixteen::NotReached || age == Sixteen::Unsure {
        "Observation chart without scores"
    } else {
        "Observation chart (NEWS2)"
    };
    let frame = Frame { house, sheet, title, whom: Whom::Patient(record), wide: false };
    let (mut leaf, top) = frame.page(false);
    match age {
        Sixteen::Reached => scored(house, &mut leaf, top, ""),
        Sixteen::Unknown => {
            let words =
                "Date of birth not recorded: make sure that the patient is 16 or over before scoring.";
            scored(house, &mut leaf, top, words);
        }
        Sixteen::NotReached => {
            let words = "Scores are not printed: NEWS2 is not for patients under 16. \
                Use the hospital's paediatric chart where there is one.";
            unscored(house, &mut leaf, top, words);
        }
        Sixteen::Unsure => {
            let words = "Scores are not printed: the recorded date of birth does not show whether the patient is 16, \
                and NEWS2 is not for patients under 16.";
            unscored(house, &mut leaf, top, words);
        }
    }
    vec![leaf]
}

/// Charts without a patient: one scored, one not.
pub(crate) fn blank(house: &House<'_>, sheet: &Sheet) -> Vec<Leaf> {
    let adult = Frame { house, sheet, title: "Observation chart (NEWS2)", whom: Whom::Nobody, wide: false };
    let (mut first, top) = adult.page(false);
    scored(house, &mut first, top, "");
    let child =
        Frame { house, sheet, title: "Observation chart without scores", whom: Whom::Nobody, wide: false };
    let (mut second, top) = child.page(false);
    unscored(house, &mut second, top, "For patients under 16 and in pregnancy, for whom NEWS2 is not made.");
    vec![first, second]
}

fn scored(house: &House<'_>, leaf: &mut Leaf, top: f32, warning: &str) {
    let top = warn(house, leaf, top, warning);
    stamp(leaf, Form::Scored, top, scored_height(), SCORED_WORDS);
}

fn unscored(house: &House<'_>, leaf: &mut Leaf, top: f32, warning: &str) {
    let top = warn(house, leaf, top, warning);
    stamp(leaf, Form::Unscored, top, UNSCORED_HEIGHT, UNSCORED_WORDS);
}

fn warn(house: &House<'_>, leaf: &mut Leaf, top: f32, warning: &str) -> f32 {
    if warning.is_empty() {
        return top;
    }
    let wrapped = Wrapped::new(house.typeface, &Rich::of(warning, Style::bold(10.0)), leaf.right() - EDGE);
    leaf.open(Part::Paragraph);
    let bottom = wrapped.draw(leaf, EDGE, top);
    leaf.close();
    bottom + 4.0
}

/// Places the drawing; a tall banner makes it a little smaller, never cut.
fn stamp(leaf: &mut Leaf, form: Form, top: f32, height: f32, words: &'static str) {
    let room = leaf.size().1 - EDGE - FOOT - top;
    let scale = (room / height).min(1.0);
    let x = EDGE * (1.0 - scale) + (leaf.right() - EDGE) * (1.0 - scale) / 2.0;
    leaf.part(Part::Chart(words), |leaf| leaf.ops.push(Op::Stamp { form, x, y: top, scale }));
}

fn right() -> f32 {
    SHORT - EDGE
}

/// Left edge of the columns, and the width of one.
fn columns() -> (f32, f32) {
    let left = EDGE + NAME + LABEL + DIGIT;
    (left, (right() - DIGIT - left) / f32::from(COLUMNS))
}

fn scored_height() -> f32 {
    let rows: usize = groups().iter().map(|g| g.rows.len()).sum();
    #[allow(clippy::cast_precision_loss)]
    let rows = rows as f32;
    2.0 * WRITE + rows * ROW + 4.0 * WRITE + TRIGGERS
}

/// The scored chart's drawing; x as on the page, y from its own top.
pub(crate) fn scored_body(typeface: &Typeface) -> Leaf {
    let mut leaf = Leaf::new(false);
    let mut y = 0.0;
    for label in ["Date", "Time"] {
        y = write_row(typeface, &mut leaf, y, label, WRITE);
    }
    for group in groups() {
        y = plot_group(typeface, &mut leaf, y, &group);
    }
    for label in ["NEWS2 TOTAL", "Monitoring frequency", "Escalation of care Y/N", "Initials"] {
        y = write_row(typeface, &mut leaf, y, label, WRITE);
    }
    grid(&mut leaf, y);
    triggers(typeface, &mut leaf, y + 5.0);
    leaf
}

fn write_row(typeface: &Typeface, leaf: &mut Leaf, y: f32, label: &str, height: f32) -> f32 {
    leaf.words(typeface, EDGE + 3.0, y + height / 2.0 + 2.8, Style::bold(8.0), label);
    leaf.rule((EDGE, y + height), (right(), y + height), 0.7, Tone::Ink);
    y + height
}

fn plot_group(typeface: &Typeface, leaf: &mut Leaf, top: f32, group: &PlotGroup) -> f32 {
    let (left, width) = columns();
    let across = width * f32::from(COLUMNS);
    let mut y = top;
    for row in &group.rows {
        band(leaf, row.score, (left - DIGIT, y), across + 2.0 * DIGIT);
        leaf.words(typeface, EDGE + NAME + 2.0, y + 7.1, Style::plain(7.3), &row.label);
        if let Some(score) = row.score.filter(|s| *s > 0) {
            let digit = score.to_string();
            leaf.words_centred(typeface, left - DIGIT / 2.0, y + 7.2, Style::bold(7.5), &digit);
            leaf.words_centred(typeface, right() - DIGIT / 2.0, y + 7.2, Style::bold(7.5), &digit);
        }
        y += ROW;
        leaf.rule((EDGE + NAME, y), (right(), y), 0.3, Tone::Line);
    }
    let mut rich = Rich::of(group.name, Style::bold(8.0));
    rich.next_line(Style::plain(5.8)).say(group.unit, Style::plain(5.8));
    Wrapped::new(typeface, &rich, NAME - 5.0).draw(leaf, EDGE + 3.0, top + 1.5);
    leaf.rule((EDGE, y), (right(), y), 1.0, Tone::Ink);
    y
}

/// A band's colour and hatching: none for 0, tint for 1, wide lines for 2, close lines for 3.
fn band(leaf: &mut Leaf, score: Option<u8>, (x, y): (f32, f32), w: f32) {
    let (tone, gap) = match score {
        Some(1) => (Tone::ScoreOne, 0.0),
        Some(2) => (Tone::ScoreTwo, 11.0),
        Some(3) => (Tone::ScoreThree, 4.6),
        _ => return,
    };
    leaf.fill(x, y, w, ROW, tone);
    if gap > 0.0 {
        leaf.hatch((x, y), (w, ROW), gap, 0.25, Tone::Hatch);
    }
}

fn grid(leaf: &mut Leaf, bottom: f32) {
    let (left, width) = columns();
    for n in 0..=COLUMNS {
        let x = left + width * f32::from(n);
        leaf.rule(
            (x, 0.0),
            (x, bottom),
            if n % 6 == 0 { 0.9 } else { 0.4 },
            if n % 6 == 0 { Tone::Ink } else { Tone::Line },
        );
    }
    for x in [EDGE + NAME, EDGE + NAME + LABEL] {
        leaf.rule((x, 2.0 * WRITE), (x, bottom - 4.0 * WRITE), 0.4, Tone::Line);
    }
    leaf.frame(EDGE, 0.0, right() - EDGE, bottom, 1.0, Tone::Ink);
}

/// Height of the thresholds and triggers at the foot.
const TRIGGERS: f32 = 77.0;

/// Thresholds, responses and frequency of monitoring as published with NEWS2.
const RESPONSES: [(&str, &str, &str); 5] = [
    ("0", "Low: ward-based response", "at least every 12 hours"),
    ("1–4", "Low: ward-based response", "at least every 4–6 hours"),
    ("3 in any single parameter", "Low–medium: urgent ward-based response", "at least every hour"),
    ("5–6", "Medium: urgent response, key threshold", "at least every hour"),
    ("7 or more", "High: urgent or emergency response", "continuous"),
];

fn triggers(typeface: &Typeface, leaf: &mut Leaf, top: f32) {
    let (a, b, c) = (EDGE + 3.0, EDGE + 112.0, EDGE + 300.0);
    let mut y = top + 7.5;
    for (x, word) in [(a, "NEWS2 total"), (b, "Clinical risk and response"), (c, "Monitor")] {
        leaf.words(typeface, x, y, Style::bold(7.5), word);
    }
    for (n, (total, response, monitor)) in RESPONSES.iter().enumerate() {
        y += 9.0;
        let style = if n >= 2 { Style::bold(7.5) } else { Style::plain(7.5) };
        for (x, words) in [(a, total), (b, response), (c, monitor)] {
            leaf.words(typeface, x, y, style, words);
        }
    }
    let mut rich = Rich::of("Not for under-16s or in pregnancy", Style::bold(8.0));
    rich.next_line(Style::plain(6.0)).say(
        "Something worries you? Call for help whatever the score. Source: Royal College of Physicians, National Early \
         Warning Score (NEWS) 2: Standardising the assessment of acute-illness severity in the NHS. London: RCP, 2017. \
         Bands and scores unmodified.",
        Style::plain(6.0),
    );
    Wrapped::new(typeface, &rich, right() - EDGE - 392.0).draw(leaf, EDGE + 389.0, top + 2.0);
    leaf.frame(EDGE, top, right() - EDGE, TRIGGERS - 6.0, 0.6, Tone::Ink);
    y += 9.5;
    leaf.words(typeface, a, y, Style::soft(6.8), "Mark each set in its column; add the scores at the edges; SpO₂ on one scale only; new confusion scores 3.");
}

const UNSCORED_ROWS: [&str; 14] = [
    "Date",
    "Time",
    "Respirations /min",
    "SpO₂ %",
    "Air or oxygen: L/min, device",
    "Heart rate /min",
    "Blood pressure mmHg",
    "Capillary refill, seconds",
    "Consciousness ACVPU",
    "Temperature °C",
    "Pain 0–10",
    "Blood glucose mmol/L",
    "Who was told, when",
    "Initials",
];
const UNSCORED_ROW: f32 = 41.0;
const UNSCORED_HEIGHT: f32 = 14.0 * UNSCORED_ROW;

/// The chart without scores.
pub(crate) fn unscored_body(typeface: &Typeface) -> Leaf {
    let mut leaf = Leaf::new(false);
    let mut y = 0.0;
    for label in UNSCORED_ROWS {
        let wrapped = Wrapped::new(typeface, &Rich::of(label, Style::bold(9.0)), NAME + LABEL - 6.0);
        wrapped.draw(&mut leaf, EDGE + 3.0, y + (UNSCORED_ROW - wrapped.height()) / 2.0);
        y += UNSCORED_ROW;
        leaf.rule((EDGE, y), (right(), y), 0.7, Tone::Ink);
    }
    let left = EDGE + NAME + LABEL;
    let width = (right() - left) / f32::from(COLUMNS);
    for n in 0..COLUMNS {
        let x = left + width * f32::from(n);
        leaf.rule((x, 0.0), (x, y), if n % 6 == 0 { 0.9 } else { 0.4 }, Tone::Line);
    }
    leaf.frame(EDGE, 0.0, right() - EDGE, y, 1.0, Tone::Ink);
    leaf
}

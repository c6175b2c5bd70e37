//! One page before it is ink: a list of strokes, fills and words in drawing order, with the structure they form.
//!
//! Promises: coordinates are points from the top left corner; every word on it is literal. Pages are laid out first
//! and inked when all of them are known, because "page 3 of 7" must be true.
//! Called by every sheet; inked by `ink`.

use crate::typeface::{Face, Typeface};

/// Points in a millimetre.
pub(crate) const MM: f32 = 72.0 / 25.4;
/// A4, short and long side.
pub(crate) const SHORT: f32 = 210.0 * MM;
pub(crate) const LONG: f32 = 297.0 * MM;
/// Free edge: more than any office printer needs.
pub(crate) const EDGE: f32 = 11.0 * MM;

/// The few tones used. On a black and white printer each stays apart from the others; none carries meaning alone.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Hash)]
pub(crate) enum Tone {
    #[default]
    Ink,
    Soft,
    Line,
    Wash,
    White,
    Ghost,
    /// Backgrounds of scores 1, 2 and 3 on the observation chart, and their hatching.
    ScoreOne,
    ScoreTwo,
    ScoreThree,
    Hatch,
}

/// Size, cut and tone of a piece of text.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Style {
    pub(crate) face: Face,
    /// Points.
    pub(crate) size: f32,
    pub(crate) tone: Tone,
}

impl Style {
    pub(crate) const fn plain(size: f32) -> Self {
        Self { face: Face::Regular, size, tone: Tone::Ink }
    }
    pub(crate) const fn bold(size: f32) -> Self {
        Self { face: Face::Bold, size, tone: Tone::Ink }
    }
    pub(crate) const fn soft(size: f32) -> Self {
        Self { face: Face::Regular, size, tone: Tone::Soft }
    }
    pub(crate) const fn tone(self, tone: Tone) -> Self {
        Self { tone, ..self }
    }
}

/// What a stretch of a page is, for people who listen to it instead of looking.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Part {
    Title,
    Heading,
    Paragraph,
    Table,
    Row,
    HeadCell,
    Cell,
    /// A drawn chart with words that stand for it.
    Chart(&'static str),
}

/// A drawing used on several pages, stored once in a document.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, PartialOrd, Ord)]
pub(crate) enum Form {
    /// The code of the sheet of this number, 1 point square.
    Code(u32),
    /// The word across the page: upright or wide.
    Watermark(bool),
    /// The scored observation chart's body.
    Scored,
    /// The observation chart's body without scores.
    Unscored,
    /// A slip; true: with lines for a patient's identity.
    Slip(crate::slips::Kind, bool),
    /// A blank row of the medicines chart.
    BlankRow,
}

/// One thing drawn.
#[derive(Clone, Debug)]
pub(crate) enum Op {
    Words { x: f32, y: f32, style: Style, from: u32, to: u32 },
    Fill { x: f32, y: f32, w: f32, h: f32, tone: Tone },
    Rule { x1: f32, y1: f32, x2: f32, y2: f32, width: f32, tone: Tone, dashed: bool },
    Stamp { form: Form, x: f32, y: f32, scale: f32 },
    Open(Part),
    Close,
}

/// A coordinate to a tenth of a point: a thirtieth of a millimetre, and half the bytes to compress.
fn near(v: f32) -> f32 {
    (v * 10.0).round() / 10.0
}

/// One page.
#[derive(Clone, Debug, Default)]
pub(crate) struct Leaf {
    /// Landscape.
    pub(crate) wide: bool,
    pub(crate) ops: Vec<Op>,
    pub(crate) text: String,
    /// Number of the set (patient or ward) this page belongs to.
    pub(crate) set: u32,
    /// Entry in the document's list of contents, on the first page of a sheet.
    pub(crate) bookmark: Option<String>,
}

impl Leaf {
    pub(crate) fn new(wide: bool) -> Self {
        Self { wide, ..Self::default() }
    }

    /// Width and height in points.
    pub(crate) fn size(&self) -> (f32, f32) {
        if self.wide { (LONG, SHORT) } else { (SHORT, LONG) }
    }

    /// Right edge of what may be printed.
    pub(crate) fn right(&self) -> f32 {
        self.size().0 - EDGE
    }

    /// Writes one line with its baseline at `y`; returns where it ends.
    pub(crate) fn words(&mut self, typeface: &Typeface, x: f32, y: f32, style: Style, text: &str) -> f32 {
        let text = typeface.literal(text);
        let width = typeface.width(style.face, &text, style.size);
        self.put(x, y, style, &text);
        x + width
    }

    /// Writes one line that ends at `x`.
    pub(crate) fn words_ending(&mut self, typeface: &Typeface, x: f32, y: f32, style: Style, text: &str) {
        let text = typeface.literal(text);
        let width = typeface.width(style.face, &text, style.size);
        self.put(x - width, y, style, &text);
    }

    /// Writes one line centred on `x`.
    pub(crate) fn words_centred(&mut self, typeface: &Typeface, x: f32, y: f32, style: Style, text: &str) {
        let text = typeface.literal(text);
        let width = typeface.width(style.face, &text, style.size);
        self.put(x - width / 2.0, y, style, &text);
    }

    /// Writes text that is already literal.
    pub(crate) fn put(&mut self, x: f32, y: f32, style: Style, text: &str) {
        if text.is_empty() {
            return;
        }
        let at = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        let from = at(self.text.len());
        self.text.push_str(text);
        self.ops.push(Op::Words { x: near(x), y: near(y), style, from, to: at(self.text.len()) });
    }

    pub(crate) fn fill(&mut self, x: f32, y: f32, w: f32, h: f32, tone: Tone) {
        let (left, top) = (near(x), near(y));
        self.ops.push(Op::Fill { x: left, y: top, w: near(x + w) - left, h: near(y + h) - top, tone });
    }

    pub(crate) fn rule(&mut self, (x1, y1): (f32, f32), (x2, y2): (f32, f32), width: f32, tone: Tone) {
        let (x1, y1, x2, y2) = (near(x1), near(y1), near(x2), near(y2));
        self.ops.push(Op::Rule { x1, y1, x2, y2, width, tone, dashed: false });
    }

    pub(crate) fn dashes(&mut self, (x1, y1): (f32, f32), (x2, y2): (f32, f32), width: f32, tone: Tone) {
        let (x1, y1, x2, y2) = (near(x1), near(y1), near(x2), near(y2));
        self.ops.push(Op::Rule { x1, y1, x2, y2, width, tone, dashed: true });
    }

    /// An outlined box.
    pub(crate) fn frame(&mut self, x: f32, y: f32, w: f32, h: f32, width: f32, tone: Tone) {
        let half = width / 2.0;
        self.rule((x - half, y), (x + w + half, y), width, tone);
        self.rule((x - half, y + h), (x + w + half, y + h), width, tone);
        self.rule((x, y), (x, y + h), width, tone);
        self.rule((x + w, y), (x + w, y + h), width, tone);
    }

    /// Slanted lines filling a box, `gap` points apart.
    pub(crate) fn hatch(&mut self, (x, y): (f32, f32), (w, h): (f32, f32), gap: f32, width: f32, tone: Tone) {
        let mut start = x - h + gap / 2.0;
        while start < x + w {
            let (from, to) = (start.max(x), (start + h).min(x + w));
            if to > from {
                self.rule((from, y + h - (from - start)), (to, y + h - (to - start)), width, tone);
            }
            start += gap;
        }
    }

    pub(crate) fn open(&mut self, part: Part) {
        self.ops.push(Op::Open(part));
    }

    pub(crate) fn close(&mut self) {
        self.ops.push(Op::Close);
    }

    /// Writes one line as a part of its own.
    pub(crate) fn part(&mut self, part: Part, write: impl FnOnce(&mut Self)) {
        self.open(part);
        write(self);
        self.close();
    }

    /// The words in drawing order, for tests and for people who compare.
    pub(crate) fn read_out(&self) -> Vec<String> {
        self.ops
            .iter()
            .filter_map(|op| match op {
                Op::Words { from, to, .. } => self.text.get(*from as usize..*to as usize),
                _ => None,
            })
            .map(str::to_owned)
            .collect()
    }
}

//! The letters: one narrow sans in regular and bold, embedded, with every letter's width at hand.
//!
//! Always: text is made literal here before it is measured or drawn, so that a name in a script that the font lacks,
//! a control character or an override of the writing direction shows as `[U+202E]` instead of vanishing or acting.
//! Never: looks at a file. Called by the wrap kit and the press; proved by the tests below and `tests/literally.rs`.

use crate::Fault;
use krilla::text::{Font, Glyph, GlyphId};
use rustybuzz::{Direction, UnicodeBuffer};
use std::borrow::Cow;
use std::ops::Range;

static REGULAR: &[u8] = include_bytes!("../fonts/DejaVuSansCondensed.ttf");
static BOLD: &[u8] = include_bytes!("../fonts/DejaVuSansCondensed-Bold.ttf");

/// Which of the two cuts.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) enum Face {
    #[default]
    Regular,
    Bold,
}

/// One glyph to draw, its measures in ems.
#[derive(Clone, Debug)]
pub(crate) struct Placed {
    id: u32,
    from: u32,
    to: u32,
    advance: f32,
    right: f32,
    up: f32,
}

impl Glyph for Placed {
    fn glyph_id(&self) -> GlyphId {
        GlyphId::new(self.id)
    }
    fn text_range(&self) -> Range<usize> {
        self.from as usize..self.to as usize
    }
    fn x_advance(&self, size: f32) -> f32 {
        self.advance * size
    }
    fn x_offset(&self, size: f32) -> f32 {
        self.right * size
    }
    fn y_offset(&self, size: f32) -> f32 {
        self.up * size
    }
    fn y_advance(&self, _size: f32) -> f32 {
        0.0
    }
    fn location(&self) -> Option<krilla::surface::Location> {
        None
    }
}

/// One cut with its tables, read once.
pub(crate) struct Cut {
    pub(crate) font: Font,
    shaper: rustybuzz::Face<'static>,
    /// Glyph by character below U+10000; 0 where the font has none.
    glyphs: Vec<u16>,
    /// Width by glyph, in ems.
    advances: Vec<f32>,
    units: f32,
}

impl Cut {
    fn read(bytes: &'static [u8]) -> Result<Self, Fault> {
        let font = Font::new(bytes.into(), 0).ok_or(Fault::Font)?;
        let shaper = rustybuzz::Face::from_slice(bytes, 0).ok_or(Fault::Font)?;
        #[allow(clippy::cast_precision_loss)]
        let units = shaper.units_per_em() as f32;
        let glyphs = (0u32..0x1_0000)
            .map(|c| char::from_u32(c).and_then(|c| shaper.glyph_index(c)).map_or(0, |g| g.0))
            .collect();
        let advances = (0..shaper.number_of_glyphs())
            .map(|g| {
                f32::from(shaper.glyph_hor_advance(rustybuzz::ttf_parser::GlyphId(g)).unwrap_or(0)) / units
            })
            .collect();
        Ok(Self { font, shaper, glyphs, advances, units })
    }

    fn glyph(&self, c: char) -> u16 {
        self.glyphs.get(c as usize).copied().unwrap_or_else(|| self.shaper.glyph_index(c).map_or(0, |g| g.0))
    }

    fn advance(&self, glyph: u16) -> f32 {
        self.advances.get(usize::from(glyph)).copied().unwrap_or(0.0)
    }

    /// Shapes one run of one direction and appends it.
    fn shape(&self, text: &str, run: Range<usize>, rightwards: bool, out: &mut Vec<Placed>) {
        let Some(part) = text.get(run.clone()) else { return };
        let mut buffer = UnicodeBuffer::new();
        buffer.push_str(part);
        buffer.guess_segment_properties();
        buffer.set_direction(if rightwards { Direction::LeftToRight } else { Direction::RightToLeft });
        let shaped = rustybuzz::shape(&self.shaper, &[], buffer);
        let mut starts: Vec<u32> = shaped.glyph_infos().iter().map(|i| i.cluster).collect();
        starts.sort_unstable();
        starts.dedup();
        let last = u32::try_from(part.len()).unwrap_or(u32::MAX);
        let base = u32::try_from(run.start).unwrap_or(0);
        for (info, at) in shaped.glyph_infos().iter().zip(shaped.glyph_positions()) {
            let next = starts.get(starts.partition_point(|s| *s <= info.cluster)).copied().unwrap_or(last);
            #[allow(clippy::cast_precision_loss)]
            let em = |v: i32| v as f32 / self.units;
            out.push(Placed {
                id: info.glyph_id,
                from: base + info.cluster,
                to: base + next,
                advance: em(at.x_advance),
                right: em(at.x_offset),
                up: em(at.y_offset),
            });
        }
    }
}

/// Both cuts.
pub(crate) struct Typeface {
    regular: Cut,
    bold: Cut,
}

impl Typeface {
    /// Reads the embedded fonts.
    pub(crate) fn read() -> Result<Self, Fault> {
        Ok(Self { regular: Cut::read(REGULAR)?, bold: Cut::read(BOLD)? })
    }

    pub(crate) fn cut(&self, face: Face) -> &Cut {
        match face {
            Face::Regular => &self.regular,
            Face::Bold => &self.bold,
        }
    }

    /// The text as it will be read: what cannot be drawn, and what would act instead of being read, is spelt out.
    pub(crate) fn literal<'a>(&self, text: &'a str) -> Cow<'a, str> {
        if text.bytes().all(|b| (0x20..0x7f).contains(&b)) {
            return Cow::Borrowed(text);
        }
        let mut out = String::with_capacity(text.len());
        for c in text.chars() {
            match c {
                '\n' | '\t' | '\r' | '\u{2000}'..='\u{200a}' | '\u{2028}' | '\u{2029}' => out.push(' '),
                c if acts(c) || self.regular.glyph(c) == 0 || self.bold.glyph(c) == 0 => {
                    out.push_str(&format!("[U+{:04X}]", c as u32));
                }
                c => out.push(c),
            }
        }
        Cow::Owned(out)
    }

    /// Whether letters of the text are spelt out as codes: the reader then needs to be told what to go by instead.
    pub(crate) fn spells_out(&self, text: &str) -> bool {
        !text.contains("[U+") && self.literal(text).contains("[U+")
    }

    /// Width of one character in ems, before shaping.
    pub(crate) fn advance(&self, face: Face, c: char) -> f32 {
        if ('\u{300}'..='\u{36f}').contains(&c) {
            return 0.0;
        }
        let cut = self.cut(face);
        cut.advance(cut.glyph(c))
    }

    /// Width of a literal text in points at `size`.
    pub(crate) fn width(&self, face: Face, text: &str, size: f32) -> f32 {
        if text.chars().all(stands_alone) {
            return text.chars().map(|c| self.advance(face, c)).sum::<f32>() * size;
        }
        let mut glyphs = Vec::new();
        self.place(face, text, &mut glyphs);
        glyphs.iter().map(|g| g.advance).sum::<f32>() * size
    }

    /// The glyphs of a literal text, in the order in which they are drawn.
    pub(crate) fn place(&self, face: Face, text: &str, out: &mut Vec<Placed>) {
        out.clear();
        let cut = self.cut(face);
        if text.chars().all(stands_alone) {
            let mut from = 0u32;
            for c in text.chars() {
                let to = from + u32::try_from(c.len_utf8()).unwrap_or(4);
                let id = cut.glyph(c);
                out.push(Placed { id: id.into(), from, to, advance: cut.advance(id), right: 0.0, up: 0.0 });
                from = to;
            }
            return;
        }
        for (run, rightwards) in runs(text) {
            cut.shape(text, run, rightwards, out);
        }
    }
}

/// Characters that would change how others are shown, or that show nothing at all.
fn acts(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}'
            | '\u{e000}'..='\u{f8ff}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffc}'
            | '\u{f0000}'..)
        || ('\u{e0000}'..='\u{e0fff}').contains(&c)
}

/// Scripts whose letters need no shaping: one character, one glyph, left to right.
fn stands_alone(c: char) -> bool {
    matches!(c, '\u{20}'..='\u{2ff}' | '\u{370}'..='\u{482}' | '\u{48a}'..='\u{58f}' | '\u{10a0}'..='\u{10ff}'
        | '\u{1e00}'..='\u{20cf}' | '\u{2100}'..='\u{2dff}')
}

fn leftwards(c: char) -> bool {
    matches!(c, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}')
}

/// The text in runs of one direction, left to right. What stands between two words of a leftward script, such as the
/// comma of a name, stays with them, as the Unicode rules for direction (UAX 9, N1) have it.
fn runs(text: &str) -> Vec<(Range<usize>, bool)> {
    let mut out: Vec<(Range<usize>, bool)> = Vec::new();
    for (at, c) in text.char_indices() {
        let end = at + c.len_utf8();
        let rest = text.get(end..).unwrap_or("");
        let joins = !c.is_alphanumeric() && rest.chars().find(|c| c.is_alphanumeric()).is_some_and(leftwards);
        match out.last_mut() {
            Some((run, right)) if leftwards(c) != *right || (!*right && joins) => run.end = end,
            _ => out.push((at..end, !leftwards(c))),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_read_is_spelt_out() {
        let typeface = Typeface::read().unwrap();
        for (text, want) in [
            ("SMITH, Fredrica", "SMITH, Fredrica"),
            ("Łódź Ωμέγα Иванов", "Łódź Ωμέγα Иванов"),
            ("שלום", "שלום"),
            ("王 芳", "[U+738B] [U+82B3]"),
            ("a\u{202e}b\u{0}\u{7f}", "a[U+202E]b[U+0000][U+007F]"),
            ("one\ttwo", "one two"),
            ("µg \u{200b}", "µg [U+200B]"),
            ("\u{e000}\u{10ffff}", "[U+E000][U+10FFFF]"),
        ] {
            assert_eq!(typeface.literal(text), want);
        }
    }

    #[test]
    fn every_letter_of_a_shaped_name_is_drawn() {
        let typeface = Typeface::read().unwrap();
        for text in ["محمد علی", "e\u{301}", "ABC שלום עולם 12"] {
            let mut glyphs = Vec::new();
            typeface.place(Face::Bold, text, &mut glyphs);
            assert!(glyphs.iter().all(|g| g.id != 0), "{text}: {glyphs:?}");
            for (at, c) in text.char_indices() {
                assert!(glyphs.iter().any(|g| g.text_range().contains(&at)), "{text}: {c} lost");
            }
            assert!(typeface.width(Face::Bold, text, 10.0) > 5.0);
        }
        for (text, directions) in [
            ("AB של לא C", &[true, false, true][..]),
            ("בן־גוריון, שרה (Mrs)", &[false, true]),
            ("محمد, 12 علي", &[false, true, false]),
            ("SMITH, Fredrica (Mrs)", &[true]),
        ] {
            assert_eq!(runs(text).iter().map(|r| r.1).collect::<Vec<_>>(), directions, "{text}");
        }
    }
}

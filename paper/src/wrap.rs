//! Text that wraps: runs of several styles broken into lines of a width.
//!
//! Always: no character is lost; a word wider than the column is broken where it must be. Never: hyphenates.
//! Called by the flow and table kits; proved by the tests below.

use crate::leaf::{Leaf, Style};
use crate::typeface::Typeface;

/// Line height as a multiple of the size of type.
const LEADING: f32 = 1.22;
/// Baseline below the top of a line, as a multiple of the size of type.
const BASELINE: f32 = 0.95;
/// Longest single text printed; what is longer says so and how much is missing.
const TEXT_CHARS_MAX: usize = 6_000;
/// A space at which no line ends; drawn as a plain one.
pub(crate) const TIE: char = '\u{a0}';

/// The same text with a tie between two figures: "020 7946 0000" and "999 123 4567" stay on one line.
pub(crate) fn figures_tied(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut before = ' ';
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        let tied = c == ' ' && before.is_ascii_digit() && rest.peek().is_some_and(char::is_ascii_digit);
        out.push(if tied { TIE } else { c });
        before = c;
    }
    out
}

/// Words in several styles, waiting for a width.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rich {
    text: String,
    /// Where each style ends.
    runs: Vec<(usize, Style)>,
}

impl Rich {
    /// One text in one style.
    pub(crate) fn of(text: &str, style: Style) -> Self {
        let mut rich = Self::default();
        rich.say(text, style);
        rich
    }

    /// Appends a text as one paragraph: line ends and tabs become spaces.
    pub(crate) fn say(&mut self, text: &str, style: Style) -> &mut Self {
        self.append(text, style, |c| if matches!(c, '\n' | '\r' | '\t') { ' ' } else { c })
    }

    /// Appends a text keeping its lines.
    pub(crate) fn lines(&mut self, text: &str, style: Style) -> &mut Self {
        let tidy = text.replace("\r\n", "\n").replace('\r', "\n");
        self.append(tidy.trim_end_matches('\n'), style, |c| if c == '\t' { ' ' } else { c })
    }

    /// Starts a new line unless nothing was said yet.
    pub(crate) fn next_line(&mut self, style: Style) -> &mut Self {
        if !self.text.is_empty() && !self.text.ends_with('\n') {
            self.append("\n", style, |c| c);
        }
        self
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    fn append(&mut self, text: &str, style: Style, change: impl Fn(char) -> char) -> &mut Self {
        match text.char_indices().nth(TEXT_CHARS_MAX) {
            None => self.text.extend(text.chars().map(change)),
            Some((cut, _)) => {
                self.text.extend(text.chars().take(TEXT_CHARS_MAX).map(change));
                let left = text.get(cut..).unwrap_or("").chars().count();
                self.text.push_str(&format!(" … and {left} more characters, not printed here"));
            }
        }
        match self.runs.last_mut() {
            Some((end, last)) if *last == style => *end = self.text.len(),
            _ => self.runs.push((self.text.len(), style)),
        }
        self
    }
}

/// Part of a line in one style.
#[derive(Clone, Debug)]
struct Piece {
    from: usize,
    to: usize,
    style: Style,
    /// Offset from the start of the line.
    dx: f32,
}

/// One line: which pieces, how high and how wide.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    pieces: std::ops::Range<usize>,
    /// Points.
    pub(crate) height: f32,
    size: f32,
    /// Points.
    pub(crate) width: f32,
}

/// Text broken into lines.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wrapped {
    text: String,
    pieces: Vec<Piece>,
    pub(crate) lines: Vec<Line>,
}

impl Wrapped {
    /// Breaks `rich` into lines of at most `width` points.
    pub(crate) fn new(typeface: &Typeface, rich: &Rich, width: f32) -> Self {
        let mut out = Self::default();
        let mut runs = Vec::with_capacity(rich.runs.len());
        let mut start = 0;
        for (end, style) in &rich.runs {
            let run = rich.text.get(start..*end).unwrap_or("");
            for (n, part) in run.split('\n').enumerate() {
                if n > 0 {
                    out.text.push('\n');
                }
                out.text.push_str(&typeface.literal(part));
            }
            runs.push((out.text.len(), *style));
            start = *end;
        }
        Breaker { typeface, runs: &runs, width }.fill(&mut out);
        out
    }

    /// Wraps a text that must not push the page away: smaller letters past `lines_max` lines, and past twice that
    /// the rest is counted instead of printed.
    pub(crate) fn capped(
        typeface: &Typeface,
        text: &str,
        style: Style,
        width: f32,
        lines_max: usize,
    ) -> Self {
        let whole = Self::new(typeface, &Rich::of(text, style), width);
        if whole.lines.len() <= lines_max {
            return whole;
        }
        let small = Style { size: (style.size * 0.6).max(6.5), ..style };
        let whole = Self::new(typeface, &Rich::of(text, small), width);
        if whole.lines.len() <= 2 * lines_max {
            return whole;
        }
        let kept: usize = whole
            .lines
            .iter()
            .take(2 * lines_max - 1)
            .filter_map(|l| whole.pieces.get(l.pieces.clone())?.last())
            .map(|p| p.to)
            .max()
            .unwrap_or(0);
        let shown = whole.text.get(..kept).unwrap_or("");
        let left = whole.text.get(kept..).unwrap_or("").chars().count();
        Self::new(typeface, &Rich::of(&format!("{shown} … and {left} more characters"), small), width)
    }

    /// Height of all lines.
    pub(crate) fn height(&self) -> f32 {
        self.lines.iter().map(|l| l.height).sum()
    }

    /// Draws one line with its top at `y`.
    pub(crate) fn draw_line(&self, leaf: &mut Leaf, line: &Line, x: f32, y: f32) {
        for piece in self.pieces.get(line.pieces.clone()).unwrap_or(&[]) {
            let text = self.text.get(piece.from..piece.to).unwrap_or("");
            let at = y + line.size * BASELINE;
            if text.contains(TIE) {
                leaf.put(x + piece.dx, at, piece.style, &text.replace(TIE, " "));
            } else {
                leaf.put(x + piece.dx, at, piece.style, text);
            }
        }
    }

    /// Draws all lines; returns the bottom.
    pub(crate) fn draw(&self, leaf: &mut Leaf, x: f32, mut y: f32) -> f32 {
        for line in &self.lines {
            self.draw_line(leaf, line, x, y);
            y += line.height;
        }
        y
    }
}

struct Breaker<'a> {
    typeface: &'a Typeface,
    runs: &'a [(usize, Style)],
    width: f32,
}

impl Breaker<'_> {
    fn fill(&self, out: &mut Wrapped) {
        let text = std::mem::take(&mut out.text);
        let (mut start, mut x, mut run) = (0usize, 0.0f32, 0usize);
        // Where the line could end, and how wide it is up to there.
        let mut opportunity: Option<(usize, f32)> = None;
        // The same for a tie, where a line ends only before a word would have to be broken.
        let mut last_resort: Option<(usize, f32)> = None;
        // The word so far began with a digit.
        let mut figure = false;
        for (at, c) in text.char_indices() {
            while self.runs.get(run).is_some_and(|(end, _)| *end <= at) {
                run += 1;
            }
            let Some((_, style)) = self.runs.get(run) else { break };
            if c == '\n' {
                self.line(out, &text, start, at, *style);
                (start, x, opportunity, last_resort) = (at + 1, 0.0, None, None);
                continue;
            }
            let advance = self.typeface.advance(style.face, c) * style.size;
            if x + advance > self.width && c != ' ' && at > start {
                let (end, used) = opportunity.or(last_resort).unwrap_or((at, x));
                self.line(out, &text, start, end, *style);
                (start, x, opportunity, last_resort) = (end, x - used, None, None);
            }
            x += advance;
            if c == TIE {
                last_resort = Some((at + c.len_utf8(), x));
            }
            // A date or a strength such as 5 mg/5 mL is not parted at its hyphen or stroke.
            if c == ' ' || (matches!(c, '-' | '/' | ',' | ';') && !figure) {
                opportunity = Some((at + c.len_utf8(), x));
            }
            figure = c.is_ascii_digit() || (figure && c != ' ');
        }
        if start < text.len() {
            let style = self.runs.last().map_or(Style::plain(9.0), |(_, s)| *s);
            self.line(out, &text, start, text.len(), style);
        }
        out.text = text;
    }

    fn line(&self, out: &mut Wrapped, text: &str, start: usize, end: usize, style_if_empty: Style) {
        let trimmed = text.get(start..end).unwrap_or("").trim_end();
        let end = start + trimmed.len();
        let first = out.pieces.len();
        let (mut dx, mut size, mut from) = (0.0, 0.0f32, start);
        let mut run = self.runs.partition_point(|(e, _)| *e <= start);
        while from < end {
            let Some((run_end, style)) = self.runs.get(run) else { break };
            let to = (*run_end).min(end);
            let part = text.get(from..to).unwrap_or("");
            if !part.trim_start_matches(' ').is_empty() {
                out.pieces.push(Piece { from, to, style: *style, dx });
            }
            dx += self.typeface.width(style.face, part, style.size);
            size = size.max(style.size);
            (from, run) = (to, run + 1);
        }
        if size == 0.0 {
            size = style_if_empty.size;
        }
        out.lines.push(Line { pieces: first..out.pieces.len(), height: size * LEADING, size, width: dx });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn broken(text: &str, width: f32) -> Vec<String> {
        let typeface = Typeface::read().unwrap();
        let mut rich = Rich::default();
        rich.lines(text, Style::plain(10.0));
        let wrapped = Wrapped::new(&typeface, &rich, width);
        let mut leaf = Leaf::new(false);
        wrapped.draw(&mut leaf, 0.0, 0.0);
        assert!(wrapped.lines.iter().all(|l| l.width <= width + 0.01));
        leaf.read_out()
    }

    #[test]
    fn lines_break_at_words_and_lose_nothing() {
        assert_eq!(broken("one two three", 40.0), ["one two", "three"]);
        assert_eq!(broken("one\n\ntwo", 40.0), ["one", "two"]);
        assert_eq!(broken("", 40.0), Vec::<String>::new());
        assert_eq!(broken("Pneumonoultramicroscopic", 40.0).concat(), "Pneumonoultramicroscopic");
        assert_eq!(broken("paracetamol 500 mg/5 mL", 60.0).join(" "), "paracetamol 500 mg/5 mL");
        assert_eq!(broken("on 12-May-2017", 60.0), ["on", "12-May-2017"]);
        assert_eq!(broken("Dose 75\u{a0}mg", 40.0), ["Dose", "75 mg"]);
        assert_eq!(broken("75\u{a0}micrograms", 60.0), ["75 ", "micrograms"].map(str::trim));
    }

    #[test]
    fn the_figures_of_a_number_stay_together() {
        assert_eq!(figures_tied("Call 020 7946 0000 or 999 x"), "Call 020\u{a0}7946\u{a0}0000 or 999 x");
        assert_eq!(broken(&figures_tied("Call us on 020 7946 0000"), 90.0), ["Call us on", "020 7946 0000"]);
    }

    #[test]
    fn a_text_past_its_ceiling_says_how_much_is_missing() {
        let shown = broken(&"x".repeat(TEXT_CHARS_MAX + 7), 500.0).join(" ");
        assert!(shown.contains("and 7 more characters"), "{shown}");
    }
}

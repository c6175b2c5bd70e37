//! A column that flows over as many pages as it needs: headings, paragraphs and tables that never lose a line.
//!
//! Always: a table's heading is repeated on the next page; a row stays together unless it is taller than a page.
//! Called by the census, the summary, the medicines chart and every paper of an incident; proved by `tests/packs.rs`.

use crate::frame::{FOOT, Frame, House};
use crate::leaf::{EDGE, Leaf, Part, Style, Tone};
use crate::typeface::Typeface;
use crate::wrap::{Rich, Wrapped};

/// Padding inside a cell.
const PAD: f32 = 3.0;

/// What a column stands on: fresh pages with their head, and the letters to write with.
pub(crate) trait Sheets {
    fn typeface(&self) -> &Typeface;
    /// A fresh page; the second value is where its content may begin.
    fn page(&self, continued: bool) -> (Leaf, f32);
}

impl Sheets for Frame<'_> {
    fn typeface(&self) -> &Typeface {
        self.house.typeface
    }

    fn page(&self, continued: bool) -> (Leaf, f32) {
        Frame::page(self, continued)
    }
}

/// A column over pages.
pub(crate) struct Flow<'a, S = Frame<'a>> {
    frame: &'a S,
    done: Vec<Leaf>,
    /// The page being filled.
    pub(crate) leaf: Leaf,
    /// Where the next thing goes.
    pub(crate) y: f32,
    top: f32,
    /// Heading to repeat on the next page.
    section: Option<String>,
}

/// A table: titles with the share of the width each column gets, then rows.
#[derive(Default)]
pub(crate) struct Table {
    pub(crate) columns: Vec<(&'static str, f32)>,
    pub(crate) rows: Vec<Vec<Rich>>,
    /// Least height of a row.
    pub(crate) row_min: f32,
}

impl<'a> Flow<'a> {
    pub(crate) fn house(&self) -> &'a House<'a> {
        self.frame.house
    }
}

impl<'a, S: Sheets> Flow<'a, S> {
    pub(crate) fn new(frame: &'a S) -> Self {
        let (leaf, top) = frame.page(false);
        Self { frame, done: Vec::new(), leaf, y: top, top, section: None }
    }

    /// The letters to write with.
    pub(crate) fn typeface(&self) -> &'a Typeface {
        self.frame.typeface()
    }

    /// Left edge, right edge.
    pub(crate) fn sides(&self) -> (f32, f32) {
        (EDGE, self.leaf.right())
    }

    pub(crate) fn bottom(&self) -> f32 {
        self.leaf.size().1 - EDGE - FOOT
    }

    /// Goes on to a new page.
    pub(crate) fn turn(&mut self) {
        let (leaf, top) = self.frame.page(true);
        self.done.push(std::mem::replace(&mut self.leaf, leaf));
        (self.y, self.top) = (top, top);
        if let Some(section) = self.section.clone() {
            self.write_heading(&format!("{section}, continued"), "", Part::Paragraph);
        }
    }

    /// Goes on to a new page unless `height` fits here.
    pub(crate) fn need(&mut self, height: f32) {
        if self.y + height > self.bottom() && self.y > self.top {
            self.turn();
        }
    }

    pub(crate) fn gap(&mut self, height: f32) {
        self.y += height;
    }

    /// A section's heading with its age at the right.
    pub(crate) fn heading(&mut self, title: &str, age: &str) {
        self.section = None;
        self.need(44.0);
        self.write_heading(title, age, Part::Heading);
        self.section = Some(title.to_owned());
    }

    /// Ends the section: nothing is repeated on the next page.
    pub(crate) fn end_section(&mut self) {
        self.section = None;
        self.gap(6.0);
    }

    fn write_heading(&mut self, title: &str, age: &str, part: Part) {
        let (left, right) = self.sides();
        let face = self.typeface();
        let y = self.y + 11.0;
        self.leaf.part(part, |leaf| {
            leaf.words(face, left, y, Style::bold(11.0), title);
            leaf.words_ending(face, right, y, Style::plain(8.0), age);
        });
        self.leaf.rule((left, y + 3.5), (right, y + 3.5), 0.9, Tone::Ink);
        self.y = y + 7.0;
    }

    /// A paragraph over the whole width.
    pub(crate) fn say(&mut self, rich: &Rich) {
        let (left, right) = self.sides();
        let wrapped = Wrapped::new(self.typeface(), rich, right - left);
        if wrapped.height() < 120.0 {
            self.need(wrapped.height());
        }
        self.leaf.open(Part::Paragraph);
        for line in &wrapped.lines {
            if self.y + line.height > self.bottom() {
                self.leaf.close();
                self.turn();
                self.leaf.open(Part::Paragraph);
            }
            wrapped.draw_line(&mut self.leaf, line, left, self.y);
            self.y += line.height;
        }
        self.leaf.close();
        self.gap(2.0);
    }

    /// Words in a heavy box, with their age in its corner; never parted from their box.
    pub(crate) fn boxed(&mut self, rich: &Rich, age: &str) {
        let (left, right) = self.sides();
        let face = self.typeface();
        let wrapped = Wrapped::new(face, rich, right - left - 14.0);
        let mut rest = wrapped.lines.as_slice();
        while !rest.is_empty() {
            let top = self.y;
            let (mut y, mut fits) = (top + 4.0, 0);
            self.leaf.open(Part::Paragraph);
            for line in rest {
                if y + line.height + 6.0 > self.bottom() && fits > 0 {
                    break;
                }
                wrapped.draw_line(&mut self.leaf, line, left + 7.0, y);
                y += line.height;
                fits += 1;
            }
            self.leaf.words_ending(face, right - 7.0, top + 13.5, Style::plain(8.0), age);
            self.leaf.close();
            self.leaf.frame(left, top, right - left, y + 4.0 - top, 1.6, Tone::Ink);
            self.y = y + 10.0;
            rest = rest.get(fits..).unwrap_or(&[]);
            if !rest.is_empty() {
                self.turn();
            }
        }
    }

    /// A table with its heading row.
    pub(crate) fn table(&mut self, table: &Table) {
        let widths = self.widths(table);
        let first = table.rows.first().map_or(0.0, |row| self.wrap_row(row, &widths).1.max(table.row_min));
        self.need((16.0 + first).min(200.0));
        self.table_head(table, &widths);
        for row in &table.rows {
            self.row(table, row, &widths);
        }
        self.leaf.close();
        self.gap(3.0);
    }

    fn widths(&self, table: &Table) -> Vec<f32> {
        let (left, right) = self.sides();
        let total: f32 = table.columns.iter().map(|c| c.1).sum();
        table.columns.iter().map(|c| c.1 / total * (right - left)).collect()
    }

    fn table_head(&mut self, table: &Table, widths: &[f32]) {
        let (left, right) = self.sides();
        let face = self.typeface();
        self.leaf.open(Part::Table);
        self.leaf.fill(left, self.y, right - left, 12.5, Tone::Wash);
        self.leaf.open(Part::Row);
        let mut x = left;
        for ((title, _), width) in table.columns.iter().zip(widths) {
            let y = self.y + 9.0;
            self.leaf.part(Part::HeadCell, |leaf| {
                leaf.words(face, x + PAD, y, Style::bold(7.8), title);
            });
            x += width;
        }
        self.leaf.close();
        self.y += 12.5;
    }

    fn wrap_row(&self, row: &[Rich], widths: &[f32]) -> (Vec<Wrapped>, f32) {
        let face = self.typeface();
        let cells: Vec<Wrapped> =
            row.iter().zip(widths).map(|(cell, width)| Wrapped::new(face, cell, width - 2.0 * PAD)).collect();
        let height = cells.iter().map(Wrapped::height).fold(0.0, f32::max) + 2.0 * PAD - 1.0;
        (cells, height)
    }

    fn row(&mut self, table: &Table, row: &[Rich], widths: &[f32]) {
        let (cells, height) = self.wrap_row(row, widths);
        let height = height.max(table.row_min);
        if self.y + height > self.bottom() && self.y > self.top + 40.0 {
            self.turn_in_table(table, widths);
        }
        let mut drawn = vec![0usize; cells.len()];
        loop {
            let start = self.y;
            let used = self.slice(&cells, widths, &mut drawn);
            let finished = cells.iter().zip(&drawn).all(|(cell, n)| *n >= cell.lines.len());
            let row_height = if finished { used.max(table.row_min.min(self.bottom() - start)) } else { used };
            self.y = start + row_height;
            let (left, right) = self.sides();
            self.leaf.rule((left, self.y), (right, self.y), 0.4, Tone::Line);
            if finished {
                return;
            }
            self.turn_in_table(table, widths);
        }
    }

    fn turn_in_table(&mut self, table: &Table, widths: &[f32]) {
        self.leaf.close();
        self.turn();
        self.table_head(table, widths);
    }

    /// Draws as many lines of each cell as fit on this page; at least one each, so that it ends.
    fn slice(&mut self, cells: &[Wrapped], widths: &[f32], drawn: &mut [usize]) -> f32 {
        let (left, _) = self.sides();
        let (mut x, mut used, bottom) = (left, 0.0f32, self.bottom());
        self.leaf.open(Part::Row);
        for ((cell, width), done) in cells.iter().zip(widths).zip(drawn.iter_mut()) {
            let mut y = self.y + PAD - 1.0;
            self.leaf.open(Part::Cell);
            let mut first = true;
            while let Some(line) = cell.lines.get(*done) {
                if y + line.height > bottom && !first {
                    break;
                }
                cell.draw_line(&mut self.leaf, line, x + PAD, y);
                y += line.height;
                *done += 1;
                first = false;
            }
            self.leaf.close();
            used = used.max(y - self.y + PAD);
            x += width;
        }
        self.leaf.close();
        used
    }

    /// All pages.
    pub(crate) fn finish(mut self) -> Vec<Leaf> {
        self.done.push(self.leaf);
        self.done
    }
}

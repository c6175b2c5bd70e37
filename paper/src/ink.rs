//! Leaves become a PDF: the only file that speaks to krilla while drawing.
//!
//! Promises: fonts embedded and cut down to the letters used; language, title, headings and tables marked for people
//! who listen; drawings used on many pages stored once; no clock and no randomness, so equal leaves give equal bytes.
//! Called by `Press`; proved by `tests/packs.rs`.

use crate::Fault;
use crate::leaf::{Form, Leaf, Op, Part, Style, Tone};
use crate::typeface::{Placed, Typeface};
use krilla::color::{luma, rgb};
use krilla::destination::XyzDestination;
use krilla::geom::{Path, PathBuilder, Point, Rect, Transform};
use krilla::graphic::Graphic;
use krilla::metadata::{Metadata, PageLayout};
use krilla::num::NormalizedF32;
use krilla::outline::{Outline, OutlineNode};
use krilla::page::PageSettings;
use krilla::paint::{Fill, Paint, Stroke, StrokeDash};
use krilla::surface::Surface;
use krilla::tagging::{Artifact, ContentTag, Identifier, TableHeaderScope, Tag, TagGroup, TagKind, TagTree};
use krilla::{Document, SerializeSettings};
use std::borrow::Borrow;
use std::collections::BTreeMap;
use std::num::NonZeroU16;

/// What is printed as one file, beside its leaves.
pub(crate) struct Manuscript<'a> {
    pub(crate) title: String,
    /// Name of each set, for the list of contents.
    pub(crate) sets: &'a [String],
    /// Draws a shared drawing when it is first needed.
    pub(crate) form: &'a dyn Fn(Form) -> Leaf,
}

/// Inks all leaves. They are taken one after the other, so that thousands of them need not be laid out at once.
pub(crate) fn print<L: Borrow<Leaf>>(
    typeface: &Typeface,
    manuscript: &Manuscript<'_>,
    leaves: impl IntoIterator<Item = L>,
    settings: SerializeSettings,
) -> Result<Vec<u8>, Fault> {
    let tagged = settings.enable_tagging;
    let mut document = Document::new_with(settings);
    document.set_metadata(
        Metadata::new()
            .title(manuscript.title.clone())
            .language("en-GB".to_owned())
            .creator("Lifeboat".to_owned())
            .producer("Lifeboat".to_owned())
            .page_layout(PageLayout::SinglePage),
    );
    let mut tree = TagTree::new().with_lang(Some("en-GB".to_owned()));
    let mut forms = BTreeMap::new();
    let mut glyphs = Vec::new();
    let mut contents = Contents::default();
    for (index, leaf) in leaves.into_iter().enumerate() {
        let leaf = leaf.borrow();
        contents.take(manuscript, index, leaf);
        let (w, h) = leaf.size();
        let settings = PageSettings::from_wh(w, h).ok_or(Fault::PageSize)?;
        let mut page = document.start_page_with(settings);
        let mut surface = page.surface();
        prepare_forms(&mut surface, leaf, manuscript.form, typeface, &mut forms, &mut glyphs);
        let mut pen = Pen::new(&mut surface, typeface, &forms, &mut glyphs, tagged);
        pen.draw(leaf);
        for group in pen.finish() {
            tree.push(group);
        }
        surface.finish();
        page.finish();
    }
    if tagged {
        document.set_tag_tree(tree);
    }
    document.set_outline(contents.finish());
    document.finish().map_err(|source| Fault::Write { source: Box::new(source) })
}

/// The list of contents, as it grows.
#[derive(Default)]
struct Contents {
    outline: Outline,
    /// The set being read, and its entry.
    current: Option<(u32, OutlineNode)>,
}

impl Contents {
    fn take(&mut self, manuscript: &Manuscript<'_>, index: usize, leaf: &Leaf) {
        let Some(sheet) = &leaf.bookmark else { return };
        let here = || XyzDestination::new(index, Point::from_xy(0.0, 0.0));
        if self.current.as_ref().is_none_or(|(set, _)| *set != leaf.set) {
            let name = manuscript.sets.get(leaf.set as usize).cloned().unwrap_or_default();
            if let Some((_, done)) = self.current.replace((leaf.set, OutlineNode::new(name, here()))) {
                self.outline.push_child(done);
            }
        }
        if let Some((_, node)) = &mut self.current {
            node.push_child(OutlineNode::new(sheet.clone(), here()));
        }
    }

    fn finish(self) -> Outline {
        let mut outline = self.outline;
        if let Some((_, done)) = self.current {
            outline.push_child(done);
        }
        outline
    }
}

fn prepare_forms(
    surface: &mut Surface<'_>,
    leaf: &Leaf,
    form: &dyn Fn(Form) -> Leaf,
    typeface: &Typeface,
    forms: &mut BTreeMap<Form, Graphic>,
    glyphs: &mut Vec<Placed>,
) {
    for op in &leaf.ops {
        let Op::Stamp { form: wanted, .. } = op else { continue };
        if forms.contains_key(wanted) {
            continue;
        }
        let drawing = form(*wanted);
        let mut builder = surface.stream_builder();
        let mut inner = builder.surface();
        let none = BTreeMap::new();
        Pen::new(&mut inner, typeface, &none, glyphs, false).draw(&drawing);
        inner.finish();
        forms.insert(*wanted, Graphic::new(builder.finish(), false));
    }
}

enum Mark {
    None,
    Artifact,
    Content(Identifier),
}

struct Pen<'p, 's> {
    surface: &'p mut Surface<'s>,
    typeface: &'p Typeface,
    forms: &'p BTreeMap<Form, Graphic>,
    glyphs: &'p mut Vec<Placed>,
    /// Whether structure is marked; drawings used on several pages have none of their own.
    marked: bool,
    mark: Mark,
    open: Vec<(Part, TagGroup)>,
    done: Vec<TagGroup>,
    /// The words of the heading being written: a heading carries its own title.
    heading: String,
    tone: Option<Tone>,
}

impl<'p, 's> Pen<'p, 's> {
    fn new(
        surface: &'p mut Surface<'s>,
        typeface: &'p Typeface,
        forms: &'p BTreeMap<Form, Graphic>,
        glyphs: &'p mut Vec<Placed>,
        marked: bool,
    ) -> Self {
        let (mark, open, done) = (Mark::None, Vec::new(), Vec::new());
        let heading = String::new();
        Self { surface, typeface, forms, glyphs, marked, mark, open, done, heading, tone: None }
    }

    fn draw(&mut self, leaf: &Leaf) {
        let mut rest = leaf.ops.as_slice();
        while let Some((op, tail)) = rest.split_first() {
            rest = tail;
            match op {
                Op::Open(part) => self.open_part(*part),
                Op::Close => self.close_part(),
                Op::Words { x, y, style, from, to } => {
                    self.enter(true);
                    let text = leaf.text.get(*from as usize..*to as usize).unwrap_or("");
                    self.words(*x, *y, *style, text);
                }
                Op::Stamp { form, x, y, scale } => {
                    self.enter(true);
                    self.stamp(*form, *x, *y, *scale);
                }
                Op::Fill { tone, .. } => {
                    self.enter(false);
                    rest = self.fills(op, tail, *tone);
                }
                Op::Rule { width, tone, dashed, .. } => {
                    self.enter(false);
                    rest = self.rules(op, tail, (*width, *tone, *dashed));
                }
            }
        }
        self.leave();
    }

    fn finish(mut self) -> Vec<TagGroup> {
        self.leave();
        while !self.open.is_empty() {
            self.close_part();
        }
        self.done
    }

    /// Words and drawings inside a paragraph, heading or cell are content; everything else is furniture.
    fn enter(&mut self, speaks: bool) {
        if !self.marked {
            return;
        }
        let inside = self.open.last().is_some_and(|(part, _)| !matches!(part, Part::Table | Part::Row));
        match (&self.mark, inside && speaks) {
            (Mark::Content(_), _) if inside => {}
            (Mark::Artifact, false) => {}
            (_, true) => {
                self.leave();
                self.mark = Mark::Content(self.surface.start_tagged(ContentTag::Other));
            }
            (_, false) => {
                self.leave();
                self.surface.start_tagged(ContentTag::Artifact(Artifact::default()));
                self.mark = Mark::Artifact;
            }
        }
    }

    fn leave(&mut self) {
        match std::mem::replace(&mut self.mark, Mark::None) {
            Mark::None => {}
            Mark::Artifact => self.surface.end_tagged(),
            Mark::Content(id) => {
                self.surface.end_tagged();
                if let Some((_, group)) = self.open.last_mut() {
                    group.push(id);
                }
            }
        }
    }

    fn open_part(&mut self, part: Part) {
        self.leave();
        if self.marked {
            self.open.push((part, TagGroup::new(tag(part))));
        }
    }

    fn close_part(&mut self) {
        self.leave();
        if let Some((part, mut group)) = self.open.pop() {
            if let Some(level) = level(part) {
                group.tag = Tag::Hn(level, Some(std::mem::take(&mut self.heading))).into();
            }
            match self.open.last_mut() {
                Some((_, parent)) => parent.push(group),
                None => self.done.push(group),
            }
        }
    }

    fn words(&mut self, x: f32, y: f32, style: Style, text: &str) {
        if self.open.last().is_some_and(|(part, _)| level(*part).is_some()) {
            self.heading.push_str(if self.heading.is_empty() { "" } else { ", " });
            self.heading.push_str(text);
        }
        self.typeface.place(style.face, text, self.glyphs);
        self.surface.set_stroke(None);
        self.set_fill(style.tone);
        let font = self.typeface.cut(style.face).font.clone();
        self.surface.draw_glyphs(Point::from_xy(x, y), self.glyphs, font, text, style.size, false);
    }

    fn set_fill(&mut self, tone: Tone) {
        if self.tone != Some(tone) {
            self.surface.set_fill(Some(Fill { paint: paint(tone), ..Fill::default() }));
            self.tone = Some(tone);
        }
    }

    fn stamp(&mut self, form: Form, x: f32, y: f32, scale: f32) {
        let Some(graphic) = self.forms.get(&form) else { return };
        self.surface.push_transform(&Transform::from_row(scale, 0.0, 0.0, scale, x, y));
        self.surface.draw_graphic(graphic.clone());
        self.surface.pop();
    }

    fn fills<'o>(&mut self, first: &Op, rest: &'o [Op], tone: Tone) -> &'o [Op] {
        let same = rest.iter().take_while(|op| matches!(op, Op::Fill { tone: t, .. } if *t == tone)).count();
        let mut path = PathBuilder::new();
        for op in std::iter::once(first).chain(rest.iter().take(same)) {
            if let Op::Fill { x, y, w, h, .. } = op
                && let Some(rect) = Rect::from_xywh(*x, *y, *w, *h)
            {
                path.push_rect(rect);
            }
        }
        self.surface.set_stroke(None);
        self.set_fill(tone);
        self.path(path.finish());
        rest.get(same..).unwrap_or(&[])
    }

    fn rules<'o>(&mut self, first: &Op, rest: &'o [Op], style: (f32, Tone, bool)) -> &'o [Op] {
        let alike = |op: &&Op| matches!(op, Op::Rule { width, tone, dashed, .. } if (*width, *tone, *dashed) == style);
        let same = rest.iter().take_while(alike).count();
        let mut path = PathBuilder::new();
        for op in std::iter::once(first).chain(rest.iter().take(same)) {
            if let Op::Rule { x1, y1, x2, y2, .. } = op {
                path.move_to(*x1, *y1);
                path.line_to(*x2, *y2);
            }
        }
        let (width, tone, dashed) = style;
        let dash = dashed.then(|| StrokeDash { array: vec![3.0, 2.0], offset: 0.0 });
        self.surface.set_fill(None);
        self.tone = None;
        self.surface.set_stroke(Some(Stroke {
            paint: paint(tone),
            width,
            opacity: NormalizedF32::ONE,
            dash,
            ..Stroke::default()
        }));
        self.path(path.finish());
        rest.get(same..).unwrap_or(&[])
    }

    fn path(&mut self, path: Option<Path>) {
        if let Some(path) = path {
            self.surface.draw_path(&path);
        }
    }
}

fn level(part: Part) -> Option<NonZeroU16> {
    match part {
        Part::Title => NonZeroU16::new(1),
        Part::Heading => NonZeroU16::new(2),
        _ => None,
    }
}

fn tag(part: Part) -> TagKind {
    match part {
        Part::Title | Part::Heading => Tag::Hn(level(part).unwrap_or(NonZeroU16::MIN), None).into(),
        Part::Paragraph => Tag::P.into(),
        Part::Table => Tag::Table.into(),
        Part::Row => Tag::TR.into(),
        Part::HeadCell => Tag::TH(TableHeaderScope::Column).into(),
        Part::Cell => Tag::TD.into(),
        Part::Chart(words) => Tag::Figure(Some(words.to_owned())).into(),
    }
}

fn paint(tone: Tone) -> Paint {
    match tone {
        Tone::Ink => luma::Color::black().into(),
        Tone::Soft => luma::Color::new(70).into(),
        Tone::Line => luma::Color::new(140).into(),
        Tone::Wash => luma::Color::new(232).into(),
        Tone::White => luma::Color::white().into(),
        Tone::Ghost => luma::Color::new(228).into(),
        Tone::ScoreOne => rgb::Color::new(255, 242, 150).into(),
        Tone::ScoreTwo => rgb::Color::new(252, 196, 120).into(),
        Tone::ScoreThree => rgb::Color::new(240, 142, 120).into(),
        Tone::Hatch => rgb::Color::new(150, 70, 50).into(),
    }
}

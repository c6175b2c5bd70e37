//! Papers that are no patient's own sheet: the head and foot of everything printed about the running of an incident, and of
//! the lists of clinics and doors.
//!
//! Always: the trust, what it is, which incident, when it was printed, page x of y, and the watermark of an exercise on
//! every page. Called by the action cards, sitreps and every other paper of an incident, by `clinic_list` and `door_list`;
//! proved by `tests/incident_papers.rs` and `tests/clinic_papers.rs`.

use crate::flow::Sheets;
use crate::frame::watermark;
use crate::ink;
use crate::leaf::{EDGE, Form, Leaf, Op, Part, Style};
use crate::typeface::{Face, Typeface};
use crate::{Fault, PAGES_MAX, Press, Rendered, settings};
use basics::{Moment, Zone};

/// What stands on every page of a paper about an incident.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Letterhead {
    /// The trust's name.
    pub trust: String,
    /// Which incident: "Cyber attack 12 May, major incident"; empty for what is read before any.
    pub incident: String,
    /// When it is printed.
    pub printed: Moment,
    /// "EXERCISE" or "DEMONSTRATION", printed across every page; `None` on the day.
    pub watermark: Option<String>,
    /// At the foot: the entry of the incident book up to which this speaks, and its head. May be empty.
    pub record: String,
}

/// The frame of one paper's pages.
pub(crate) struct Plain<'a> {
    pub(crate) typeface: &'a Typeface,
    pub(crate) zone: &'a Zone,
    pub(crate) head: &'a Letterhead,
    /// "Action card".
    pub(crate) title: String,
    /// At the right, beneath the time of printing: "Version 3F7K2M".
    pub(crate) aside: String,
    /// Landscape.
    pub(crate) wide: bool,
}

impl Sheets for Plain<'_> {
    fn typeface(&self) -> &Typeface {
        self.typeface
    }

    fn page(&self, continued: bool) -> (Leaf, f32) {
        let mut leaf = Leaf::new(self.wide);
        if !continued {
            leaf.bookmark = Some(self.title.clone());
        }
        if self.head.watermark.is_some() {
            leaf.ops.push(Op::Stamp { form: Form::Watermark(self.wide), x: 0.0, y: 0.0, scale: 1.0 });
        }
        let (face, right) = (self.typeface, leaf.right());
        let place = match self.head.incident.as_str() {
            "" => self.head.trust.clone(),
            incident => format!("{} · {incident}", self.head.trust),
        };
        leaf.words(
            face,
            EDGE,
            EDGE + 7.0,
            Style::soft(fitting(face, Face::Regular, &place, 8.0, right - EDGE)),
            &place,
        );
        let title = if continued { format!("{}, continued", self.title) } else { self.title.clone() };
        let part = if continued { Part::Paragraph } else { Part::Title };
        let room = right - EDGE - 150.0;
        leaf.part(part, |leaf| {
            let style = Style::bold(fitting(face, Face::Bold, &title, 17.0, room));
            leaf.words(face, EDGE, EDGE + 26.0, style, &title);
        });
        leaf.part(Part::Paragraph, |leaf| {
            let printed = format!("Printed {}", self.zone.clinical(self.head.printed));
            leaf.words_ending(face, right, EDGE + 18.0, Style::bold(9.0), &printed);
            leaf.words_ending(face, right, EDGE + 28.0, Style::plain(8.0), &self.aside);
        });
        (leaf, EDGE + 38.0)
    }
}

/// The size at which a line fits `room`, at most `size` and never too small to read at all.
pub(crate) fn fitting(typeface: &Typeface, face: Face, text: &str, size: f32, room: f32) -> f32 {
    let natural = typeface.width(face, &typeface.literal(text), size).max(1.0);
    (size * room / natural).clamp(4.5, size)
}

/// Papers laid out one after the other, each with its own page numbers.
#[derive(Default)]
pub(crate) struct Stack {
    pub(crate) leaves: Vec<Leaf>,
    sets: Vec<String>,
}

impl Stack {
    /// Adds one paper under its name in the list of contents, and numbers its pages.
    pub(crate) fn add(&mut self, frame: &Plain<'_>, name: String, mut leaves: Vec<Leaf>) {
        let set = u32::try_from(self.sets.len()).unwrap_or(u32::MAX);
        self.sets.push(name);
        let pages = leaves.len();
        for (page, leaf) in leaves.iter_mut().enumerate() {
            leaf.set = set;
            foot(frame, leaf, page + 1, pages);
        }
        self.leaves.append(&mut leaves);
    }
}

fn foot(frame: &Plain<'_>, leaf: &mut Leaf, page: usize, pages: usize) {
    let y = leaf.size().1 - EDGE;
    let right = leaf.right();
    leaf.rule((EDGE, y - 10.0), (right, y - 10.0), 0.5, crate::leaf::Tone::Line);
    leaf.words(
        frame.typeface,
        EDGE,
        y,
        Style::bold(9.0),
        &format!("{} · page {page} of {pages}", clipped(&frame.title)),
    );
    let mut note = "Lifeboat".to_owned();
    if !frame.head.record.is_empty() {
        note = format!("{note} · {}", frame.head.record);
    }
    if let Some(mark) = &frame.head.watermark {
        note = format!("{mark} · {note}");
    }
    leaf.words_ending(frame.typeface, right, y, Style::soft(7.5), &note);
}

/// A title short enough to stand beside the page number.
fn clipped(title: &str) -> String {
    const CHARS_MAX: usize = 48;
    if title.chars().count() <= CHARS_MAX {
        return title.to_owned();
    }
    title.chars().take(CHARS_MAX).chain(['…']).collect()
}

impl Press {
    pub(crate) fn plain<'a>(
        &'a self,
        zone: &'a Zone,
        head: &'a Letterhead,
        title: String,
        aside: String,
    ) -> Plain<'a> {
        Plain { typeface: &self.typeface, zone, head, title, aside, wide: false }
    }

    /// Inks papers that are no patient's own.
    pub(crate) fn ink_plain(&self, title: &str, head: &Letterhead, stack: &Stack) -> Result<Rendered, Fault> {
        let pages = stack.leaves.len();
        if pages > PAGES_MAX {
            return Err(Fault::TooManyPages { pages });
        }
        if pages == 0 {
            return Err(Fault::NothingToPrint);
        }
        let word = head.watermark.as_deref().unwrap_or("");
        let form = |form: Form| match form {
            Form::Watermark(wide) => watermark(&self.typeface, wide, word),
            // No other drawing is shared by these papers.
            _ => Leaf::new(false),
        };
        let manuscript =
            ink::Manuscript { title: format!("{title} · {}", head.trust), sets: &stack.sets, form: &form };
        let pdf = ink::print(&self.typeface, &manuscript, &stack.leaves, settings())?;
        Ok(Rendered { pdf, pages: u32::try_from(pages).unwrap_or(u32::MAX), sheets: Vec::new() })
    }
}

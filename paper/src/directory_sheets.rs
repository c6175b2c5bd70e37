//! The directory on paper: a sheet for the wall, cards of A6 to cut apart, and a pocket card that is folded in four.
//!
//! Always: the number to dial first, as things stood when it was printed; a way that is down says so; the print's moment on
//! every card, for an old number is worse than none; what does not fit on the pocket card is counted. Proved by
//! `tests/directory_papers.rs`.

use crate::flow::Flow;
use crate::leaf::{EDGE, Leaf, Part, Style, Tone};
use crate::plain::{Letterhead, Plain, Stack};
use crate::wrap::{Rich, Wrapped};
use crate::{Fault, Press, Rendered};
use basics::{SiteId, Zone};
use incident::directory::{EntryBoard, EntryKind, RouteState};

/// What a card or sheet is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DirectorySheet {
    /// Every entry in large letters.
    Wall,
    /// Every entry on cards of A6, four to a page.
    Cards,
    /// The first entries on one page, folded in four.
    Pocket,
}

impl DirectorySheet {
    fn title(self) -> &'static str {
        match self {
            Self::Wall => "Directory",
            Self::Cards => "Directory cards",
            Self::Pocket => "Pocket directory",
        }
    }
}

const FOOT: f32 = 22.0;
const PANEL_HEAD: f32 = 16.0;
const GAP: f32 = 8.0;

impl Press {
    /// The directory. `routes`: what is known of telephones, a sentence for each hospital.
    ///
    /// # Errors
    /// See [`Fault`].
    pub fn directory(
        &self,
        sheet: DirectorySheet,
        entries: &[EntryBoard],
        routes: &[String],
        head: &Letterhead,
        zone: &Zone,
    ) -> Result<Rendered, Fault> {
        self.ink_plain(sheet.title(), head, &self.lay_directory(sheet, entries, routes, head, zone))
    }

    /// The words of [`Press::directory`], page by page.
    pub fn directory_words(
        &self,
        sheet: DirectorySheet,
        entries: &[EntryBoard],
        routes: &[String],
        head: &Letterhead,
        zone: &Zone,
    ) -> Vec<Vec<String>> {
        self.lay_directory(sheet, entries, routes, head, zone).leaves.iter().map(Leaf::read_out).collect()
    }

    fn lay_directory(
        &self,
        sheet: DirectorySheet,
        entries: &[EntryBoard],
        routes: &[String],
        head: &Letterhead,
        zone: &Zone,
    ) -> Stack {
        let aside = format!("{} entries", entries.len());
        let frame = self.plain(zone, head, sheet.title().to_owned(), aside);
        let leaves = match sheet {
            DirectorySheet::Wall => wall(&frame, entries, routes),
            DirectorySheet::Cards => panels(&frame, entries, routes, usize::MAX),
            DirectorySheet::Pocket => panels(&frame, entries, routes, 1),
        };
        let mut stack = Stack::default();
        stack.add(&frame, sheet.title().to_owned(), leaves);
        stack
    }
}

fn wall(frame: &Plain<'_>, entries: &[EntryBoard], routes: &[String]) -> Vec<Leaf> {
    let mut flow = Flow::new(frame);
    for sentence in routes {
        flow.say(&Rich::of(sentence, Style::bold(10.5)));
    }
    for kind in EntryKind::ALL {
        let of: Vec<&EntryBoard> = entries.iter().filter(|entry| entry.entry.kind == kind).collect();
        if of.is_empty() {
            continue;
        }
        flow.heading(&format!("{} ({})", kind.heading(), of.len()), "");
        for entry in of {
            flow.say(&words(entry, 12.0));
        }
        flow.end_section();
    }
    flow.finish()
}

/// One entry: its name, the number to dial now, the others, where it is.
fn words(board: &EntryBoard, size: f32) -> Rich {
    let entry = &board.entry;
    let mut rich = Rich::of(&entry.name, Style::bold(size));
    let site = entry.site.as_ref().map_or("", SiteId::as_str);
    for part in [entry.place.as_str(), site].into_iter().filter(|part| !part.is_empty()) {
        rich.say(&format!(", {part}"), Style::plain(size * 0.8));
    }
    rich.next_line(Style::plain(size));
    for (nth, row) in board.dial.iter().enumerate() {
        let label = format!("{}{} ", if nth == 0 { "" } else { "   " }, row.route.word());
        rich.say(&label, Style::soft(size * 0.75));
        let style = if nth == 0 { Style::bold(size * 1.1) } else { Style::plain(size * 0.9) };
        rich.say(&row.number, style);
        match row.state {
            RouteState::Down => drop(rich.say(" (down)", Style::bold(size * 0.75))),
            RouteState::Unreliable => drop(rich.say(" (unreliable)", Style::plain(size * 0.75))),
            RouteState::Working | RouteState::Unknown => {}
        }
    }
    if board.dial.is_empty() {
        rich.say("no number: send a runner", Style::soft(size * 0.8));
    }
    if !entry.location.is_empty() {
        rich.say(&format!("   {}", entry.location), Style::soft(size * 0.75));
    }
    rich
}

/// Pages of four panels; at most `pages_max` of them, and the last panel says how many entries found no room.
fn panels(frame: &Plain<'_>, entries: &[EntryBoard], routes: &[String], pages_max: usize) -> Vec<Leaf> {
    let (page_width, page_height) = Leaf::new(false).size();
    let (width, height) = ((page_width - 2.0 * EDGE) / 2.0, (page_height - 2.0 * EDGE - FOOT) / 2.0);
    let mut leaves: Vec<Leaf> = Vec::new();
    let mut waiting = entries.iter().peekable();
    let mut first = true;
    while first || (waiting.peek().is_some() && leaves.len() < pages_max) {
        let mut leaf = Leaf::new(false);
        for panel in 0u8..4 {
            let (x, y) = (EDGE + width * f32::from(panel % 2), EDGE + height * f32::from(panel / 2));
            let mut top = panel_head(frame, &mut leaf, (x, y), width);
            if first {
                for sentence in routes {
                    top = say(frame, &mut leaf, &Rich::of(sentence, Style::bold(7.5)), (x, top), width);
                }
                first = false;
            }
            let last = leaves.len() + 1 == pages_max && panel == 3;
            let bottom = y + height - if last { 22.0 } else { 10.0 };
            while let Some(entry) = waiting.peek() {
                let text = Wrapped::new(frame.typeface, &words(entry, 8.5), width - 2.0 * GAP);
                // An entry taller than a panel is put into an empty one all the same.
                if top + text.height() > bottom && top > y + PANEL_HEAD + 4.0 {
                    break;
                }
                leaf.open(Part::Paragraph);
                text.draw(&mut leaf, x + GAP, top);
                leaf.close();
                top += text.height() + 3.0;
                waiting.next();
            }
            let left = waiting.len();
            if last && left > 0 {
                let say_so = format!("{left} more entries found no room: print the cards or the wall sheet.");
                say(frame, &mut leaf, &Rich::of(&say_so, Style::bold(7.5)), (x, bottom + 2.0), width);
            }
        }
        let (middle_x, middle_y) = (EDGE + width, EDGE + height);
        leaf.dashes((middle_x, EDGE), (middle_x, EDGE + 2.0 * height), 0.6, Tone::Soft);
        leaf.dashes((EDGE, middle_y), (page_width - EDGE, middle_y), 0.6, Tone::Soft);
        leaves.push(leaf);
    }
    leaves
}

fn panel_head(frame: &Plain<'_>, leaf: &mut Leaf, (x, y): (f32, f32), width: f32) -> f32 {
    let printed = format!("Printed {}", frame.zone.clinical(frame.head.printed));
    let mark = frame.head.watermark.as_deref().map_or_else(String::new, |mark| format!("{mark} "));
    leaf.part(Part::Paragraph, |leaf| {
        leaf.words(frame.typeface, x + GAP, y + 11.0, Style::bold(7.5), &format!("{mark}{}", frame.title));
        leaf.words_ending(frame.typeface, x + width - GAP, y + 11.0, Style::bold(6.5), &printed);
    });
    y + PANEL_HEAD + 2.0
}

fn say(frame: &Plain<'_>, leaf: &mut Leaf, rich: &Rich, (x, y): (f32, f32), width: f32) -> f32 {
    let text = Wrapped::new(frame.typeface, rich, width - 2.0 * GAP);
    leaf.open(Part::Paragraph);
    text.draw(leaf, x + GAP, y);
    leaf.close();
    y + text.height() + 2.0
}

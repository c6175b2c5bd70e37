//! A sitrep on paper: what the room knew, who approved it, and when the next one comes.
//!
//! Always: its number, revision, the entries of the log of which it speaks, who wrote and who approved it; a draft
//! says on every page that nobody approved it. Nothing is cut short. Proved by `tests/incident_papers.rs`.

use crate::flow::Flow;
use crate::leaf::{Leaf, Style};
use crate::plain::{Letterhead, Stack};
use crate::wrap::Rich;
use crate::{Fault, Press, Rendered};
use basics::Zone;
use incident::sitreps::Sitrep;

impl Press {
    /// One sitrep.
    ///
    /// # Errors
    /// See [`Fault`].
    pub fn sitrep(&self, sitrep: &Sitrep, head: &Letterhead, zone: &Zone) -> Result<Rendered, Fault> {
        let title = format!("Situation report {}", sitrep.number);
        self.ink_plain(&title, head, &self.lay_sitrep(sitrep, head, zone))
    }

    /// The words of [`Press::sitrep`], page by page in drawing order, exactly as drawn.
    pub fn sitrep_words(&self, sitrep: &Sitrep, head: &Letterhead, zone: &Zone) -> Vec<Vec<String>> {
        self.lay_sitrep(sitrep, head, zone).leaves.iter().map(Leaf::read_out).collect()
    }

    fn lay_sitrep(&self, sitrep: &Sitrep, head: &Letterhead, zone: &Zone) -> Stack {
        let name = format!("Situation report {}", sitrep.number);
        let state = if sitrep.approved.is_some() { "" } else { ", DRAFT" };
        let aside = format!("Revision {}{state}", sitrep.revision);
        let frame = self.plain(zone, head, name.clone(), aside);
        let mut flow = Flow::new(&frame);
        flow.boxed(&about(sitrep, zone), "");
        for section in &sitrep.sections {
            flow.heading(&section.heading, "");
            if section.body.is_empty() {
                flow.say(&Rich::of("Nothing was written here.", Style::soft(10.0)));
            }
            for line in section.body.lines().filter(|line| !line.is_empty()) {
                flow.say(&Rich::of(line, Style::plain(10.0)));
            }
            flow.end_section();
        }
        let leaves = flow.finish();
        let mut stack = Stack::default();
        stack.add(&frame, name, leaves);
        stack
    }
}

fn about(sitrep: &Sitrep, zone: &Zone) -> Rich {
    const SIZE: f32 = 9.5;
    let mut rich = Rich::default();
    match &sitrep.approved {
        Some(stamp) => {
            rich.say("Approved by ", Style::plain(SIZE)).say(stamp.by.as_str(), Style::bold(SIZE));
            rich.say(&format!(" at {} (entry {})", zone.clinical(stamp.at), stamp.entry), Style::plain(SIZE));
        }
        None => {
            rich.say("DRAFT: nobody has approved this", Style::bold(SIZE + 2.0));
        }
    }
    rich.next_line(Style::plain(SIZE));
    let written = &sitrep.written;
    rich.say(
        &format!("Written by {} at {} (entry {})", written.by, zone.clinical(written.at), written.entry),
        Style::plain(SIZE),
    );
    rich.next_line(Style::plain(SIZE));
    let (after, up_to) = sitrep.covers;
    rich.say(
        &format!("Speaks of entries {} to {} of the incident book", after.0 + 1, up_to.0),
        Style::plain(SIZE),
    );
    rich.next_line(Style::plain(SIZE));
    match sitrep.next_due {
        Some(at) => {
            rich.say("Next sitrep by ", Style::plain(SIZE)).say(&zone.clinical(at), Style::bold(SIZE + 1.0))
        }
        None if sitrep.approved.is_none() => &mut rich,
        None => rich.say("No further sitrep is promised", Style::bold(SIZE)),
    };
    rich
}

//! Slips for runners: four to a page, cut apart, each a message for one place with room for the answer.
//!
//! Always: where to, what, who asked, when, until when it is true, and the number a runner reads back; an exercise says so on
//! every slip, for slips travel alone. What is too long goes on a slip of its own size, never cut. Proved by
//! `tests/directory_papers.rs`.

use crate::leaf::{EDGE, Leaf, Part, Style, Tone};
use crate::plain::{Letterhead, Plain, Stack};
use crate::wrap::{Rich, Wrapped};
use crate::{Fault, Press, Rendered};
use basics::{Moment, Zone};

/// A message for a runner.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct RunnerSlip {
    /// Its number in the outbox.
    pub number: u64,
    /// Where it is to be taken.
    pub to: String,
    /// The text; lines as written.
    pub text: String,
    /// Who asked for it.
    pub asked_by: String,
    /// When.
    pub asked_at: Moment,
    /// After this it misleads.
    pub valid_until: Moment,
    /// Said in an exercise.
    pub exercise: bool,
}

/// Least height of a slip: four fit on a page.
const SLIP_HEIGHT: f32 = 176.0;
/// Room under the text for what the receiver answers.
const ANSWER_HEIGHT: f32 = 58.0;
const FOOT: f32 = 22.0;

impl Press {
    /// Slips, in the order in which they are handed over.
    ///
    /// # Errors
    /// See [`Fault`].
    pub fn runner_slips(
        &self,
        slips: &[RunnerSlip],
        head: &Letterhead,
        zone: &Zone,
    ) -> Result<Rendered, Fault> {
        self.ink_plain("Slips for runners", head, &self.lay_slips(slips, head, zone))
    }

    /// The words of [`Press::runner_slips`], page by page.
    pub fn runner_slips_words(
        &self,
        slips: &[RunnerSlip],
        head: &Letterhead,
        zone: &Zone,
    ) -> Vec<Vec<String>> {
        self.lay_slips(slips, head, zone).leaves.iter().map(Leaf::read_out).collect()
    }

    fn lay_slips(&self, slips: &[RunnerSlip], head: &Letterhead, zone: &Zone) -> Stack {
        let frame = self.plain(zone, head, "Slips for runners".to_owned(), String::new());
        let mut leaves = Vec::new();
        let mut leaf = Leaf::new(false);
        let (mut y, bottom) = (EDGE, leaf.size().1 - EDGE - FOOT);
        for slip in slips {
            let words = words(slip, zone);
            let text = Wrapped::new(frame.typeface, &words, leaf.right() - EDGE);
            let height = (text.height() + ANSWER_HEIGHT + 14.0).max(SLIP_HEIGHT);
            if y > EDGE && y + height > bottom {
                leaves.push(std::mem::replace(&mut leaf, Leaf::new(false)));
                y = EDGE;
            }
            draw(&frame, &mut leaf, &text, y, height);
            y += height;
        }
        if !slips.is_empty() {
            leaves.push(leaf);
        }
        let mut stack = Stack::default();
        stack.add(&frame, "Slips for runners".to_owned(), leaves);
        stack
    }
}

fn words(slip: &RunnerSlip, zone: &Zone) -> Rich {
    let mut rich = Rich::default();
    if slip.exercise {
        rich.say("EXERCISE EXERCISE EXERCISE", Style::bold(12.0)).next_line(Style::plain(9.0));
    }
    rich.say("To: ", Style::plain(11.0)).say(&slip.to, Style::bold(13.0)).next_line(Style::plain(9.0));
    for line in slip.text.lines().filter(|line| !line.trim().is_empty()) {
        rich.say(line, Style::plain(11.5)).next_line(Style::plain(11.5));
    }
    rich.say(
        &format!(
            "Slip {} · from {}, {} · do not act on it after {}",
            slip.number,
            slip.asked_by,
            zone.clinical(slip.asked_at),
            zone.clinical(slip.valid_until)
        ),
        Style::soft(8.5),
    );
    rich
}

fn draw(frame: &Plain<'_>, leaf: &mut Leaf, text: &Wrapped, y: f32, height: f32) {
    let (face, right) = (frame.typeface, leaf.right());
    leaf.open(Part::Paragraph);
    text.draw(leaf, EDGE, y + 4.0);
    leaf.close();
    let base = y + height - ANSWER_HEIGHT + 16.0;
    for (line, labels) in [(0.0, ["Answer", "", ""]), (24.0, ["Name", "Time", "Runner"])] {
        leaf.part(Part::Chart("Room for the answer, a name, the time and the runner"), |leaf| {
            let third = (right - EDGE) / 3.0;
            for (nth, label) in (0u8..).zip(labels) {
                let x = EDGE + third * f32::from(nth);
                let after = leaf.words(face, x, base + line, Style::plain(8.5), label);
                let from = if label.is_empty() { x } else { after + 3.0 };
                leaf.rule((from, base + line + 1.5), (x + third - 6.0, base + line + 1.5), 0.5, Tone::Ink);
            }
        });
    }
    leaf.dashes((EDGE, y + height - 4.0), (right, y + height - 4.0), 0.6, Tone::Soft);
}

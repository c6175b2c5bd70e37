//! Action cards on paper: one or two sheets a person carries, with a box to tick by hand for every step.
//!
//! Always: every step of all three phases, its time target and room to write when it was done and by whom; what was
//! ticked on the screen before the printer was asked stands ticked; the version tells whether a card in the hand is the
//! card in use. Read in black and white: nothing is said by colour. Proved by `tests/incident_papers.rs`.

use crate::flow::Flow;
use crate::leaf::{Part, Style, Tone};
use crate::plain::{Letterhead, Plain, Stack};
use crate::wrap::{Rich, Wrapped};
use crate::{Fault, Press, Rendered};
use basics::{Moment, Zone};
use incident::Stamp;
use incident::action_cards::{ActionCard, CardBoard, Phase, Step, StepKey};
use sha2::{Digest, Sha256};

/// A card to print.
#[derive(Clone, Debug)]
pub enum CardSheet<'a> {
    /// As the planner wrote it, for the folder on the shelf.
    Blank(&'a ActionCard),
    /// As it stands in a running incident: who holds it, and what is done.
    Held(&'a CardBoard),
}

impl CardSheet<'_> {
    fn card(&self) -> &ActionCard {
        match self {
            Self::Blank(card) => card,
            Self::Held(board) => &board.card,
        }
    }

    fn title(&self) -> &str {
        match self {
            Self::Blank(card) => &card.title,
            Self::Held(board) => &board.title,
        }
    }

    /// Who did the step and when, or that it is not needed here.
    fn done(&self, key: StepKey) -> Option<(&Stamp, bool)> {
        let Self::Held(board) = self else { return None };
        let mut rows = board.next.iter().chain(&board.done).chain(&board.left).chain(&board.later);
        let row = rows.find(|row| row.key == key && !row.open)?;
        row.completion.as_ref().map(|c| (&c.stamp, c.done))
    }
}

/// Six characters that stand for a card's words: two cards with the same words have the same version, others do not.
pub fn card_version(card: &ActionCard) -> String {
    let mut digest = Sha256::new();
    let mut take = |text: &str| {
        digest.update(u64::try_from(text.len()).unwrap_or(0).to_be_bytes());
        digest.update(text.as_bytes());
    };
    for text in [
        card.role.as_str(),
        &card.title,
        card.tier.word(),
        held(card),
        &card.base,
        &card.reports_to,
        &card.purpose,
    ] {
        take(text);
    }
    for phase in Phase::ALL {
        take(phase.heading());
        for step in card.steps(phase) {
            take(&step.text);
            take(&step.target.map_or_else(String::new, |t| t.words()));
        }
    }
    let value = digest.finalize().iter().take(4).fold(0u64, |v, b| (v << 8) | u64::from(*b));
    crate::identity::letters(value, 6)
}

fn held(card: &ActionCard) -> &'static str {
    match card.held {
        incident::action_cards::HeldAt::Trust => "one in the trust",
        incident::action_cards::HeldAt::EachHospital => "one at each hospital",
        incident::action_cards::HeldAt::EachWard => "one on each ward",
    }
}

impl Press {
    /// These cards as one file, each with its own page numbers.
    ///
    /// # Errors
    /// See [`Fault`].
    pub fn action_cards(
        &self,
        cards: &[CardSheet<'_>],
        head: &Letterhead,
        zone: &Zone,
    ) -> Result<Rendered, Fault> {
        let title = match cards {
            [one] => format!("Action card: {}", one.title()),
            _ => "Action cards".to_owned(),
        };
        self.ink_plain(&title, head, &self.lay_action_cards(cards, head, zone))
    }

    /// The words of [`Press::action_cards`], page by page in drawing order, exactly as drawn.
    pub fn action_cards_words(
        &self,
        cards: &[CardSheet<'_>],
        head: &Letterhead,
        zone: &Zone,
    ) -> Vec<Vec<String>> {
        self.lay_action_cards(cards, head, zone).leaves.iter().map(crate::leaf::Leaf::read_out).collect()
    }

    fn lay_action_cards(&self, cards: &[CardSheet<'_>], head: &Letterhead, zone: &Zone) -> Stack {
        let mut stack = Stack::default();
        for card in cards {
            let aside = format!("Action card, version {}", card_version(card.card()));
            let frame = self.plain(zone, head, card.title().to_owned(), aside);
            let leaves = lay(&frame, card);
            stack.add(&frame, card.title().to_owned(), leaves);
        }
        stack
    }
}

/// Least height of a step's row: room to write in.
const ROW_MIN: f32 = 21.0;
/// Widths from the right edge: by whom, at what time.
const BY: f32 = 58.0;
const AT: f32 = 44.0;
/// Width of the time target.
const TARGET: f32 = 62.0;
/// Side of the box to tick.
const BOX: f32 = 11.0;

fn lay(frame: &Plain<'_>, sheet: &CardSheet<'_>) -> Vec<crate::leaf::Leaf> {
    let mut flow = Flow::new(frame);
    let card = sheet.card();
    let mut about = Rich::of(&card.purpose, Style::bold(11.0));
    about.next_line(Style::plain(4.0));
    for (label, value) in [
        ("Base ", card.base.as_str()),
        ("Reports to ", card.reports_to.as_str()),
        ("Tier ", card.tier.word()),
        ("Held by ", held(card)),
    ] {
        about.say(label, Style::plain(9.0)).say(value, Style::bold(9.0)).say("     ", Style::plain(9.0));
    }
    flow.boxed(&about, "");
    who(&mut flow, frame, sheet);
    for phase in Phase::ALL {
        flow.heading(phase.heading(), "Done at, by");
        for (at, step) in card.steps(phase).iter().enumerate() {
            let number = u16::try_from(at + 1).unwrap_or(u16::MAX);
            row(
                &mut flow,
                frame.zone,
                step,
                number,
                sheet.done(StepKey { phase, number }),
                frame.head.printed,
            );
        }
        flow.end_section();
    }
    flow.say(&Rich::of(
        "Tick each step, write the time and your initials. Write “not needed” and why where a step does not apply. Give \
         this sheet to the loggist when your shift ends.",
        Style::soft(8.0),
    ));
    flow.finish()
}

/// Who holds the card: as recorded, and lines for whoever takes it next.
fn who(flow: &mut Flow<'_, Plain<'_>>, frame: &Plain<'_>, sheet: &CardSheet<'_>) {
    if let CardSheet::Held(board) = sheet {
        let mut rich = Rich::of("Held by ", Style::plain(9.0));
        match &board.holder {
            Some(holder) => {
                rich.say(holder.person.as_str(), Style::bold(9.0));
                if !holder.contact.is_empty() {
                    rich.say(&format!(", {}", holder.contact), Style::plain(9.0));
                }
                let until = frame.zone.clinical(holder.shift_ends);
                rich.say(&format!(", shift until {until}"), Style::plain(9.0));
            }
            None => {
                rich.say("nobody when this was printed", Style::bold(9.0));
            }
        }
        flow.say(&rich);
    }
    flow.need(24.0);
    let (left, right) = flow.sides();
    let (y, width, face) = (flow.y + 17.0, right - left, flow.typeface());
    flow.leaf.open(Part::Paragraph);
    for (label, from, to) in
        [("Name", 0.0, 0.4), ("Telephone, bleep", 0.42, 0.72), ("From", 0.74, 0.86), ("To", 0.88, 1.0)]
    {
        let (x1, x2) = (left + from * width, left + to * width);
        let after = flow.leaf.words(face, x1, y, Style::plain(8.5), label);
        flow.leaf.rule((after + 3.0, y + 1.5), (x2, y + 1.5), 0.6, Tone::Ink);
    }
    flow.leaf.close();
    flow.gap(26.0);
}

/// One step: box, number, target, words, and lines for the time and the initials.
fn row(
    flow: &mut Flow<'_, Plain<'_>>,
    zone: &Zone,
    step: &Step,
    number: u16,
    done: Option<(&Stamp, bool)>,
    printed: Moment,
) {
    let (left, right) = flow.sides();
    let face = flow.typeface();
    let words_x = left + BOX + 28.0;
    let by_x = right - BY;
    let at_x = by_x - AT;
    let target = step.target.map_or_else(String::new, |t| t.words());
    let target_x = at_x - TARGET;
    let words = Wrapped::new(face, &Rich::of(&step.text, Style::plain(10.5)), target_x - words_x - 6.0);
    let height = (words.height() + 6.0).max(ROW_MIN);
    flow.need(height);
    let y = flow.y;
    let leaf = &mut flow.leaf;
    leaf.frame(left, y + 4.0, BOX, BOX, 1.1, Tone::Ink);
    leaf.open(Part::Paragraph);
    leaf.words_ending(face, left + BOX + 22.0, y + 13.5, Style::bold(10.5), &format!("{number}."));
    words.draw(leaf, words_x, y + 3.0);
    leaf.words(face, target_x, y + 13.0, Style::bold(9.0), &target);
    match done {
        Some((stamp, true)) => {
            leaf.rule((left + 2.0, y + 9.5), (left + 4.8, y + 12.6), 1.6, Tone::Ink);
            leaf.rule((left + 4.8, y + 12.6), (left + 9.8, y + 5.6), 1.6, Tone::Ink);
            leaf.words(face, at_x + 2.0, y + 13.0, Style::bold(9.0), &time(zone, stamp.at, printed));
            leaf.words(face, by_x + 4.0, y + 13.0, Style::bold(9.0), &stamp.by.initials());
        }
        Some((stamp, false)) => {
            leaf.rule((left + 2.0, y + 9.5), (left + BOX - 2.0, y + 9.5), 1.6, Tone::Ink);
            leaf.words(face, at_x + 2.0, y + 9.0, Style::bold(7.0), "not needed");
            leaf.words(face, at_x + 2.0, y + 17.0, Style::plain(7.0), &time(zone, stamp.at, printed));
            leaf.words(face, by_x + 4.0, y + 13.0, Style::bold(9.0), &stamp.by.initials());
        }
        None => {}
    }
    leaf.close();
    if done.is_none() {
        leaf.rule((at_x + 2.0, y + 16.0), (by_x - 4.0, y + 16.0), 0.5, Tone::Ink);
        leaf.rule((by_x + 2.0, y + 16.0), (right, y + 16.0), 0.5, Tone::Ink);
    }
    leaf.rule((words_x, y + height), (right, y + height), 0.3, Tone::Line);
    flow.y += height + 1.0;
}

/// The time alone on the day of printing, else with its day.
fn time(zone: &Zone, at: Moment, printed: Moment) -> String {
    if zone.date(at) == zone.date(printed) {
        return zone.hour_minute(at);
    }
    let civil = zone.civil(at);
    format!("{:02}/{:02} {}", civil.day, civil.month, zone.hour_minute(at))
}

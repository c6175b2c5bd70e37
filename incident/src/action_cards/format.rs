//! Reading an action card from plain text. The format is described in `docs/formats/action_cards.md`.
//!
//! Always: every fault of a file is told at once, each with file and line, in words an emergency planner can act on;
//! a card with a fault is not used at all. Never: a step dropped in silence. Proved by `tests/card_format.rs`.

use super::{ActionCard, HeldAt, Phase, Step, Target, Tier};
use crate::roles::RoleKey;
use std::fmt;

/// Longest card file, in bytes.
pub const CARD_BYTES_MAX: usize = 64 << 10;
/// Steps in one phase of a card.
pub const STEPS_MAX: usize = 60;
/// Longest step, in bytes.
pub const STEP_BYTES_MAX: usize = 600;
/// Longest heading value, in bytes.
pub const VALUE_BYTES_MAX: usize = 300;
/// Longest time target, in minutes: a week.
pub const TARGET_MINUTES_MAX: u32 = 10_080;
/// Faults told of one file.
const FAULTS_MAX: usize = 50;

/// One fault of a card's text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CardFault {
    /// The file as it was named.
    pub file: String,
    /// The line, counted from 1; 0 for the file as a whole.
    pub line: usize,
    /// What is wrong and what to write instead.
    pub what: String,
}

impl fmt::Display for CardFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => write!(f, "{}: {}", self.file, self.what),
            line => write!(f, "{}, line {line}: {}", self.file, self.what),
        }
    }
}

/// Every fault of a set of cards.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
pub struct CardsFault(pub Vec<CardFault>);

/// Reads a set of cards: (file name, its bytes). Either all of them, or every fault of every file.
pub fn read_all<'a>(
    files: impl IntoIterator<Item = (&'a str, &'a [u8])>,
) -> Result<Vec<ActionCard>, CardsFault> {
    let mut cards: Vec<(String, ActionCard)> = Vec::new();
    let mut faults = Vec::new();
    for (file, bytes) in files {
        match parse(file, bytes) {
            Ok(card) => match cards.iter().find(|(_, c)| c.role == card.role) {
                None => cards.push((file.to_owned(), card)),
                Some((other, _)) => faults.push(CardFault {
                    file: file.to_owned(),
                    line: 0,
                    what: format!("the role “{}” has a card in {other} already; keep one", card.role),
                }),
            },
            Err(CardsFault(more)) => faults.extend(more),
        }
    }
    if !faults.is_empty() {
        return Err(CardsFault(faults));
    }
    let mut cards: Vec<ActionCard> = cards.into_iter().map(|(_, card)| card).collect();
    // The order of a folder's listing is nobody's wish: leaders first, then by name.
    cards.sort_by(|a, b| (a.tier, &a.title).cmp(&(b.tier, &b.title)));
    Ok(cards)
}

/// Reads one card.
pub fn parse(file: &str, bytes: &[u8]) -> Result<ActionCard, CardsFault> {
    let whole = |what: String| CardsFault(vec![CardFault { file: file.to_owned(), line: 0, what }]);
    if bytes.len() > CARD_BYTES_MAX {
        return Err(whole(format!("{} bytes are more than a card may have ({CARD_BYTES_MAX})", bytes.len())));
    }
    let text = std::str::from_utf8(bytes)
        .map_err(|_| whole("this is not plain text in UTF-8; save it again as plain text".to_owned()))?;
    let mut reading = Reading { file, faults: Vec::new(), draft: Draft::default(), phase: None };
    for (number, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
        reading.line(number + 1, line);
    }
    reading.finish()
}

/// What was read so far.
#[derive(Default)]
struct Draft {
    values: Vec<(&'static str, String)>,
    phases: Vec<(Phase, Vec<Step>)>,
}

struct Reading<'a> {
    file: &'a str,
    faults: Vec<CardFault>,
    draft: Draft,
    /// The phase whose steps are being read.
    phase: Option<Phase>,
}

/// The names that a card begins with; all are needed.
const NAMES: [&str; 7] = ["role", "title", "tier", "held", "base", "reports to", "purpose"];

impl Reading<'_> {
    fn fault(&mut self, line: usize, what: impl Into<String>) {
        if self.faults.len() < FAULTS_MAX {
            self.faults.push(CardFault { file: self.file.to_owned(), line, what: what.into() });
        }
    }

    fn line(&mut self, number: usize, line: &str) {
        let trimmed = line.trim();
        if trimmed.is_empty() || trimmed.starts_with('#') {
            return;
        }
        if let Some(phase) = heading(trimmed) {
            self.begin(number, phase);
        } else if self.phase.is_none() {
            self.name(number, trimmed);
        } else if let Some((step, text)) = numbered(trimmed) {
            self.step(number, step, text);
        } else if line.starts_with([' ', '\t']) {
            self.more(number, trimmed);
        } else {
            self.fault(number, format!("“{}” is no step: begin it with its number, as in “3. Call …”, or indent a line that belongs to the step above", shown(trimmed)));
        }
    }

    fn begin(&mut self, line: usize, phase: Phase) {
        if self.draft.phases.iter().any(|(p, _)| *p == phase) {
            self.fault(
                line,
                format!("“{}” stands here a second time; put its steps together", phase.heading()),
            );
        } else {
            self.draft.phases.push((phase, Vec::new()));
        }
        self.phase = Some(phase);
    }

    fn name(&mut self, line: usize, text: &str) {
        let Some((name, value)) = text.split_once(':') else {
            let what = format!(
                "“{}” is neither “name: value” nor a heading (STANDBY, DECLARED, STAND DOWN)",
                shown(text)
            );
            return self.fault(line, what);
        };
        let name = basics::tidy(name, 40).to_lowercase();
        let Some(known) = NAMES.iter().find(|n| **n == name) else {
            return self.fault(
                line,
                format!("“{}” is no name that a card has; the names are: {}", shown(&name), NAMES.join(", ")),
            );
        };
        if self.draft.values.iter().any(|(n, _)| n == known) {
            return self.fault(line, format!("“{known}” stands here a second time; keep one"));
        }
        let value = value.trim();
        if value.is_empty() {
            return self.fault(line, format!("write something after “{known}:”"));
        }
        if value.len() > VALUE_BYTES_MAX {
            return self.fault(
                line,
                format!("“{known}” is {} bytes long; keep it under {VALUE_BYTES_MAX}", value.len()),
            );
        }
        self.draft.values.push((known, plain(value, VALUE_BYTES_MAX)));
        self.check(line, known, value);
    }

    /// Values with few possibilities are checked where they stand, so that the line can be named.
    fn check(&mut self, line: usize, name: &str, value: &str) {
        let wanted = match name {
            "role" if RoleKey::new(value).is_none() => {
                "lower-case letters, digits and hyphens, as in “site-manager”"
            }
            "tier" if tier(value).is_none() => "strategic, tactical, operational or support",
            "held" if held(value).is_none() => "trust, each hospital or each ward",
            _ => return,
        };
        self.fault(line, format!("“{name}: {}” is not understood; write {wanted}", shown(value)));
    }

    fn steps(&mut self) -> Option<&mut Vec<Step>> {
        let phase = self.phase?;
        self.draft.phases.iter_mut().find(|(p, _)| *p == phase).map(|(_, steps)| steps)
    }

    fn step(&mut self, line: usize, number: usize, text: &str) {
        let next = self.steps().map_or(1, |steps| steps.len() + 1);
        if number != next {
            self.fault(line, format!("this step has number {number}; the next number is {next}"));
        }
        if next > STEPS_MAX {
            return self.fault(
                line,
                format!("more than {STEPS_MAX} steps; nobody works through them. Split the card"),
            );
        }
        let (target, text) = match target(text) {
            Ok(read) => read,
            Err(what) => {
                self.fault(line, what);
                (None, text)
            }
        };
        if text.trim().is_empty() {
            self.fault(line, "the step says nothing; write what to do");
        }
        if text.len() > STEP_BYTES_MAX {
            self.fault(
                line,
                format!("the step is {} bytes long; keep it under {STEP_BYTES_MAX}", text.len()),
            );
        }
        let step = Step { text: plain(text, STEP_BYTES_MAX), target };
        if let Some(steps) = self.steps() {
            steps.push(step);
        }
    }

    /// A line that goes on with the step above.
    fn more(&mut self, line: usize, text: &str) {
        let text = plain(text, STEP_BYTES_MAX);
        let Some(step) = self.steps().and_then(|steps| steps.last_mut()) else {
            return self.fault(line, "there is no step above that this line could belong to");
        };
        let bytes = step.text.len() + 1 + text.len();
        if bytes <= STEP_BYTES_MAX {
            step.text.push(' ');
            step.text.push_str(&text);
        } else {
            self.fault(line, format!("the step is {bytes} bytes long; keep it under {STEP_BYTES_MAX}"));
        }
    }

    fn finish(mut self) -> Result<ActionCard, CardsFault> {
        for name in NAMES {
            if !self.draft.values.iter().any(|(n, _)| *n == name)
                && !self.faults.iter().any(|f| f.what.starts_with(&format!("“{name}")))
            {
                self.fault(0, format!("“{name}:” is missing at the beginning"));
            }
        }
        for phase in Phase::ALL {
            let steps = self.draft.phases.iter().find(|(p, _)| *p == phase).map(|(_, steps)| steps.len());
            match steps {
                None => self.fault(0, format!("the heading {} is missing", phase.heading().to_uppercase())),
                Some(0) => {
                    self.fault(0, format!("there is no step under {}", phase.heading().to_uppercase()))
                }
                Some(_) => {}
            }
        }
        let Self { faults, mut draft, .. } = self;
        let card = draft.card();
        match card {
            Some(card) if faults.is_empty() => Ok(card),
            _ => Err(CardsFault(faults)),
        }
    }
}

impl Draft {
    fn value(&self, name: &str) -> Option<&str> {
        self.values.iter().find(|(n, _)| *n == name).map(|(_, value)| value.as_str())
    }

    fn take(&mut self, phase: Phase) -> Vec<Step> {
        self.phases.iter_mut().find(|(p, _)| *p == phase).map_or_else(Vec::new, |(_, s)| std::mem::take(s))
    }

    fn card(&mut self) -> Option<ActionCard> {
        Some(ActionCard {
            role: RoleKey::new(self.value("role")?)?,
            title: self.value("title")?.to_owned(),
            tier: tier(self.value("tier")?)?,
            held: held(self.value("held")?)?,
            base: self.value("base")?.to_owned(),
            reports_to: self.value("reports to")?.to_owned(),
            purpose: self.value("purpose")?.to_owned(),
            standby: self.take(Phase::Standby),
            declared: self.take(Phase::Declared),
            stand_down: self.take(Phase::StandDown),
        })
    }
}

fn heading(line: &str) -> Option<Phase> {
    let word = line.trim_end_matches(':').trim_end();
    Phase::ALL.into_iter().find(|phase| word.eq_ignore_ascii_case(phase.heading()))
}

/// "12. Text" or "12) Text" → 12, "Text".
fn numbered(line: &str) -> Option<(usize, &str)> {
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    let (number, rest) = line.split_at_checked(digits)?;
    let rest = rest.strip_prefix(['.', ')'])?;
    // "3.5 mg" is no step.
    if !rest.is_empty() && !rest.starts_with([' ', '\t']) {
        return None;
    }
    Some((number.parse().ok()?, rest.trim()))
}

/// "(within 10 min) Text" → target and text. Other brackets are text.
fn target(text: &str) -> Result<(Option<Target>, &str), String> {
    let Some((inside, rest)) = text.strip_prefix('(').and_then(|t| t.split_once(')')) else {
        return Ok((None, text));
    };
    let words: Vec<&str> = inside.split_whitespace().collect();
    let (every, length) = match words.as_slice() {
        [word, length @ ..] if word.eq_ignore_ascii_case("within") => (false, length),
        [word, length @ ..] if word.eq_ignore_ascii_case("every") => (true, length),
        _ => return Ok((None, text)),
    };
    let minutes = match length {
        [number, unit] => minutes(number, unit),
        _ => None,
    };
    let minutes = minutes.ok_or_else(|| {
        format!(
            "“({})” is no time target; write (within 10 min), (within 2 h) or (every 60 min)",
            shown(inside)
        )
    })?;
    Ok((Some(if every { Target::Every { minutes } } else { Target::Within { minutes } }), rest.trim_start()))
}

fn minutes(number: &str, unit: &str) -> Option<u32> {
    let number: u32 = number.parse().ok()?;
    let minutes = match unit.to_ascii_lowercase().as_str() {
        "min" | "mins" | "minute" | "minutes" => number,
        "h" | "hour" | "hours" => number.checked_mul(60)?,
        _ => return None,
    };
    (1..=TARGET_MINUTES_MAX).contains(&minutes).then_some(minutes)
}

fn tier(value: &str) -> Option<Tier> {
    [Tier::Strategic, Tier::Tactical, Tier::Operational, Tier::Support]
        .into_iter()
        .find(|tier| value.trim().eq_ignore_ascii_case(tier.word()))
}

fn held(value: &str) -> Option<HeldAt> {
    let value = basics::tidy(value, 40).to_lowercase();
    match value.as_str() {
        "trust" => Some(HeldAt::Trust),
        "each hospital" => Some(HeldAt::EachHospital),
        "each ward" => Some(HeldAt::EachWard),
        _ => None,
    }
}

fn plain(text: &str, bytes_max: usize) -> String {
    crate::wording::plain_line(text, bytes_max)
}

fn shown(text: &str) -> String {
    let clipped = basics::tidy(text, 60);
    if clipped.len() < text.len() { format!("{clipped} …") } else { clipped }
}

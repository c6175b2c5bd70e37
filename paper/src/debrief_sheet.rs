//! The debrief on paper: what happened when, what was late, who answered how fast, what was decided.
//!
//! Always: the verified head of the incident book on each page; every section says how many; what there was none of is
//! said too. Nothing is cut short. Called by `Press::debrief`; proved by `tests/debrief.rs`.

use crate::flow::{Flow, Table};
use crate::leaf::{Leaf, Style};
use crate::plain::{Letterhead, Plain, Stack};
use crate::wrap::Rich;
use crate::{Fault, Press, Rendered};
use basics::{Moment, Zone};
use incident::Stamp;
use incident::debrief::{Answers, Debrief, LateStep};
use incident::decisions::Decision;
use incident::log::{Kind, Line};
use incident::wording::{counted, duration};

const TEXT: Style = Style::plain(9.0);
const STRONG: Style = Style::bold(9.0);
const SMALL: Style = Style::soft(7.6);

/// A debrief and what proves it.
#[derive(Clone, Copy)]
pub struct DebriefSheet<'a> {
    /// What it says.
    pub debrief: &'a Debrief,
    /// The seal of the book's last entry, whole: 64 hexadecimal digits.
    pub seal: &'a str,
    /// What of the book does not fit its seals; `None` when all of it was read again and does.
    pub flaw: Option<&'a str>,
}

impl Press {
    /// The debrief of an incident. The letterhead's record is the verified head.
    ///
    /// # Errors
    /// See [`Fault`].
    pub fn debrief(
        &self,
        sheet: &DebriefSheet<'_>,
        head: &Letterhead,
        zone: &Zone,
    ) -> Result<Rendered, Fault> {
        self.ink_plain("Debrief", head, &self.lay_debrief(sheet, head, zone))
    }

    /// The words of [`Press::debrief`], page by page in drawing order, exactly as drawn.
    pub fn debrief_words(
        &self,
        sheet: &DebriefSheet<'_>,
        head: &Letterhead,
        zone: &Zone,
    ) -> Vec<Vec<String>> {
        self.lay_debrief(sheet, head, zone).leaves.iter().map(Leaf::read_out).collect()
    }

    fn lay_debrief(&self, sheet: &DebriefSheet<'_>, head: &Letterhead, zone: &Zone) -> Stack {
        let aside = if sheet.debrief.ended.is_some() { "" } else { "STILL RUNNING" };
        let frame = self.plain(zone, head, "Debrief".to_owned(), aside.to_owned());
        let mut flow = Flow::new(&frame);
        Pen { zone, debrief: sheet.debrief }.write(&mut flow);
        closing(&mut flow, sheet);
        let leaves = flow.finish();
        let mut stack = Stack::default();
        stack.add(&frame, format!("Debrief of {}", sheet.debrief.name), leaves);
        stack
    }
}

struct Pen<'a> {
    zone: &'a Zone,
    debrief: &'a Debrief,
}

type Column<'a> = Flow<'a, Plain<'a>>;

impl Pen<'_> {
    fn write(&self, flow: &mut Column<'_>) {
        flow.boxed(&self.about(), "");
        self.counts(flow);
        self.led(flow);
        self.late_steps(flow);
        self.late_promises(flow);
        self.messages(flow);
        self.lines(flow, "Diverts and patients moved", &self.debrief.diverts, "No divert was asked for.");
        self.decisions(flow);
        self.timeline(flow);
        self.lines(flow, "Still open", &self.debrief.open, "Nothing was left open.");
    }

    fn time(&self, at: Moment) -> String {
        self.zone.clinical(at)
    }

    fn about(&self) -> Rich {
        let debrief = self.debrief;
        let mut rich = Rich::of(&debrief.words, Style::bold(11.0));
        rich.next_line(TEXT).say(&debrief.reason, TEXT);
        let mut step = |how: &str, stamp: &Stamp, why: &str| {
            let why = if why.is_empty() { String::new() } else { format!(": {why}") };
            rich.next_line(TEXT)
                .say(how, STRONG)
                .say(&format!(" {} by {} (entry {}){why}", self.time(stamp.at), stamp.by, stamp.entry), TEXT);
        };
        step("Opened", &debrief.opened, "");
        if let Some(declared) = &debrief.declared {
            step("Declared", declared, "");
        }
        match &debrief.ended {
            Some(ended) => step(debrief.stage.word(), ended, &debrief.ended_because),
            None => {
                rich.next_line(STRONG).say("It is still running: this is how it stands so far.", STRONG);
            }
        }
        rich.next_line(TEXT).say("It lasted ", TEXT).say(&duration(debrief.lasted_seconds), STRONG);
        rich
    }

    fn counts(&self, flow: &mut Column<'_>) {
        flow.heading("In numbers", "");
        let words: Vec<String> = self.debrief.counts.iter().map(|(n, what)| format!("{what}: {n}")).collect();
        flow.say(&Rich::of(&words.join(" · "), TEXT));
        flow.end_section();
    }

    fn led(&self, flow: &mut Column<'_>) {
        let led = &self.debrief.led;
        flow.heading(&format!("Who held which post ({})", led.len()), "");
        if led.is_empty() {
            flow.say(&Rich::of("Nobody took a post.", TEXT));
        } else {
            let row = |(post, person, from, to): &(String, String, Moment, Option<Moment>)| {
                let until = to.map_or_else(|| "to the end".to_owned(), |to| self.time(to));
                vec![text(post), strong(person), text(&self.time(*from)), text(&until)]
            };
            flow.table(&Table {
                columns: vec![("Post", 0.4), ("Who", 0.26), ("From", 0.17), ("Until", 0.17)],
                rows: led.iter().map(row).collect(),
                row_min: 0.0,
            });
        }
        flow.end_section();
    }

    fn late_steps(&self, flow: &mut Column<'_>) {
        flow.heading(&format!("Steps late or never done ({})", self.debrief.late_steps.len()), "");
        flow.say(&Rich::of(
            &format!(
                "{}. Of a step that comes again only its first time is judged.",
                self.debrief.steps_words()
            ),
            TEXT,
        ));
        let row = |step: &LateStep| {
            let mut done = match &step.done {
                Some(stamp) => Rich::of(&format!("{} by {}", self.time(stamp.at), stamp.by), TEXT),
                None if self.debrief.ended.is_none() => Rich::of("NOT YET", STRONG),
                None => Rich::of("NEVER", STRONG),
            };
            let late = duration(step.late_seconds);
            done.next_line(SMALL).say(
                &if step.done.is_some() { format!("{late} late") } else { format!("{late} past its time") },
                SMALL,
            );
            let mut what = Rich::of(&step.text, TEXT);
            what.next_line(SMALL)
                .say(&format!("{} {}, {}", step.key.phase.heading(), step.key.number, step.target), SMALL);
            vec![strong(&step.post), what, text(&self.time(step.due)), done]
        };
        if !self.debrief.late_steps.is_empty() {
            flow.table(&Table {
                columns: vec![("Post", 0.23), ("Step", 0.43), ("Due", 0.15), ("Done", 0.19)],
                rows: self.debrief.late_steps.iter().map(row).collect(),
                row_min: 0.0,
            });
        }
        flow.end_section();
    }

    fn late_promises(&self, flow: &mut Column<'_>) {
        let lines: Vec<String> = self
            .debrief
            .late_promises
            .iter()
            .map(|late| {
                let came = late.came.map_or_else(
                    || "had not come by the end".to_owned(),
                    |at| format!("came at {}", self.time(at)),
                );
                format!(
                    "{}: promised for {}, {came}, {} late",
                    late.what,
                    self.time(late.promised),
                    duration(late.late_seconds)
                )
            })
            .collect();
        self.lines(
            flow,
            "Sitreps and public updates that came late",
            &lines,
            "Every promised time was kept.",
        );
    }

    fn messages(&self, flow: &mut Column<'_>) {
        let messages = &self.debrief.messages;
        flow.heading(&format!("Messages and how fast they were answered ({})", messages.len()), "");
        if messages.is_empty() {
            flow.say(&Rich::of("No message was sent.", TEXT));
        } else {
            let wait = |seconds: Option<i64>| seconds.map_or_else(|| "–".to_owned(), duration);
            let row = |message: &Answers| {
                let mut what = strong(&message.what);
                what.next_line(SMALL).say(&message.text, SMALL);
                what.next_line(SMALL).say(
                    &format!(
                        "{} by {} (entry {})",
                        self.time(message.sent.at),
                        message.sent.by,
                        message.sent.entry
                    ),
                    SMALL,
                );
                let reached = format!("{} of {}", message.answered, message.people);
                vec![
                    what,
                    text(&message.arrived.to_string()),
                    text(&reached),
                    text(&wait(message.median_seconds)),
                    text(&wait(message.most_seconds)),
                    text(&wait(message.last_seconds)),
                ]
            };
            flow.table(&Table {
                columns: vec![
                    ("What and to whom", 0.42),
                    ("Known to have come", 0.12),
                    ("Answered", 0.12),
                    ("Half within", 0.11),
                    ("Nine in ten", 0.12),
                    ("Last", 0.11),
                ],
                rows: messages.iter().map(row).collect(),
                row_min: 0.0,
            });
        }
        flow.end_section();
    }

    fn lines(&self, flow: &mut Column<'_>, title: &str, lines: &[String], none: &str) {
        flow.heading(&format!("{title} ({})", lines.len()), "");
        if lines.is_empty() {
            flow.say(&Rich::of(none, TEXT));
        }
        for line in lines {
            flow.say(&Rich::of(line, TEXT));
        }
        flow.end_section();
    }

    fn decisions(&self, flow: &mut Column<'_>) {
        flow.heading(&format!("Decisions ({})", self.debrief.decisions.len()), "");
        if self.debrief.decisions.is_empty() {
            flow.say(&Rich::of("None was written down.", TEXT));
        }
        for decision in &self.debrief.decisions {
            flow.say(&self.decision(decision));
            flow.gap(4.0);
        }
        flow.end_section();
    }

    fn decision(&self, decision: &Decision) -> Rich {
        let taken = &decision.taken;
        let mut rich = Rich::of(&format!("{}. {}", decision.number, taken.matter), STRONG);
        let role = if taken.role.is_empty() { String::new() } else { format!(", {}", taken.role) };
        rich.next_line(SMALL).say(
            &format!(
                "{} by {}{role} (entry {})",
                self.time(decision.stamp.at),
                taken.decided_by,
                decision.stamp.entry
            ),
            SMALL,
        );
        let options = taken.options.join("; ");
        for (what, words) in [
            ("Known: ", taken.information.as_str()),
            ("Considered: ", options.as_str()),
            ("Decided: ", taken.decision.as_str()),
            ("Because: ", taken.reason.as_str()),
        ] {
            if !words.is_empty() {
                rich.next_line(TEXT).say(what, STRONG);
                rich.lines(words, TEXT);
            }
        }
        for (stamp, finding, words) in &decision.reviews {
            rich.next_line(TEXT).say(
                &format!("Reviewed {} by {}: it {}. {words}", self.time(stamp.at), stamp.by, finding.words()),
                TEXT,
            );
        }
        rich
    }

    fn timeline(&self, flow: &mut Column<'_>) {
        let lines = &self.debrief.timeline;
        flow.heading(&format!("What happened when ({})", counted(lines.len(), "entry", "entries")), "");
        flow.say(&Rich::of(
            &format!(
                "In the order of the book. {} of cards, messages and the directory are in the log.",
                counted(self.debrief.left_out, "entry", "entries")
            ),
            SMALL,
        ));
        let row = |line: &Line| {
            let mut entry = Rich::default();
            if let Some(by) = line.corrected_by {
                entry.say(&format!("CORRECTED BY ENTRY {by}. "), STRONG);
            }
            entry.lines(&line.text, TEXT);
            let kind = if line.kind == Kind::Decision { strong("Decision") } else { text(line.kind.word()) };
            let number = strong(&line.entry.to_string());
            vec![number, text(&self.time(line.at)), kind, entry, text(&line.by.initials())]
        };
        flow.table(&Table {
            columns: vec![("No.", 0.07), ("Time", 0.14), ("What", 0.12), ("Entry", 0.59), ("Initials", 0.08)],
            rows: lines.iter().map(row).collect(),
            row_min: 0.0,
        });
        flow.end_section();
    }
}

fn closing(flow: &mut Column<'_>, sheet: &DebriefSheet<'_>) {
    flow.gap(6.0);
    let mut end = Rich::default();
    match sheet.flaw {
        None => end.say(
            "The whole incident book was read again when this was made, and every entry fits its seal.",
            STRONG,
        ),
        Some(flaw) => end.say(
            &format!("THE INCIDENT BOOK IS DAMAGED, and what follows the damage is not proved: {flaw}"),
            STRONG,
        ),
    };
    end.next_line(SMALL).say("Seal of its last entry: ", SMALL).say(sheet.seal, SMALL);
    end.next_line(SMALL).say("Prove it on another machine: lifeboat export, lifeboat verify.", SMALL);
    flow.say(&end);
}

fn text(words: &str) -> Rich {
    Rich::of(words, TEXT)
}

fn strong(words: &str) -> Rich {
    Rich::of(words, STRONG)
}

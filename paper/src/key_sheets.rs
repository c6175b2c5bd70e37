//! The sheets of a key ceremony: one for each share, to be locked away, and one of instructions that holds no secret.
//!
//! Always: a share's words large and numbered, twice over as a square code; what to do with it at three in the morning on
//! the same page, for whoever holds it has nothing else; the words by which its record is known. Never: a share's words
//! on the instructions. Called by the ceremony; proved by `tests/key_papers.rs`.

use crate::flow::Flow;
use crate::identity;
use crate::leaf::{EDGE, Leaf, Part, Style, Tone};
use crate::plain::{Letterhead, Plain, Stack};
use crate::wrap::Rich;
use crate::{Fault, Press, Rendered};
use basics::Zone;

/// One share, as it is locked away.
#[derive(Clone, PartialEq, Eq)]
pub struct KeyShareSheet {
    /// Which share, from 1, of how many, of which so many open the record.
    pub number: u8,
    /// How many there are.
    pub many: u8,
    /// How many are needed.
    pub needed: u8,
    /// The ceremony's two words.
    pub ceremony: String,
    /// The share's words.
    pub words: Vec<String>,
    /// What the square code says.
    pub code: String,
    /// The record's verifying key in words.
    pub fingerprint: String,
    /// Where the record lies: folder and machine.
    pub record: String,
    /// Its data directory, as a command names it.
    pub data: String,
}

impl std::fmt::Debug for KeyShareSheet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "KeyShareSheet({} of {}, …)", self.number, self.many)
    }
}

/// What everybody may read about the keys of a record.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct KeyInstructions {
    /// How many shares there are.
    pub many: u8,
    /// How many are needed.
    pub needed: u8,
    /// The ceremony's two words.
    pub ceremony: String,
    /// The record's verifying key in words.
    pub fingerprint: String,
    /// The same in hexadecimal digits.
    pub verifying_key: String,
    /// Where the record lies: folder and machine.
    pub record: String,
    /// Its data directory, as a command names it.
    pub data: String,
    /// The ways in that there are, a sentence each.
    pub ways: Vec<String>,
}

/// Columns of words, and their measures in points.
const WORD_COLUMNS: usize = 2;
const WORD_WIDTH: f32 = 176.0;
const WORD_HEIGHT: f32 = 23.5;
const WORD_SIZE: f32 = 18.0;
/// Side of the square code, and its least module.
const CODE_SIDE: f32 = 156.0;
const CODE_STEP: f32 = 0.1;
/// Size of what is read in a hurry, and of what is read in peace.
const URGENT: f32 = 11.5;
const CALM: f32 = 9.5;

impl Press {
    /// One share's sheet.
    ///
    /// # Errors
    /// See [`Fault`].
    pub fn key_share(
        &self,
        share: &KeyShareSheet,
        head: &Letterhead,
        zone: &Zone,
    ) -> Result<Rendered, Fault> {
        self.ink_plain(&share_title(share), head, &self.lay_key_share(share, head, zone))
    }

    /// The words of [`Press::key_share`], page by page.
    pub fn key_share_words(&self, share: &KeyShareSheet, head: &Letterhead, zone: &Zone) -> Vec<Vec<String>> {
        self.lay_key_share(share, head, zone).leaves.iter().map(Leaf::read_out).collect()
    }

    /// The sheet of instructions.
    ///
    /// # Errors
    /// See [`Fault`].
    pub fn key_instructions(
        &self,
        about: &KeyInstructions,
        head: &Letterhead,
        zone: &Zone,
    ) -> Result<Rendered, Fault> {
        self.ink_plain(INSTRUCTIONS, head, &self.lay_key_instructions(about, head, zone))
    }

    /// The words of [`Press::key_instructions`], page by page.
    pub fn key_instructions_words(
        &self,
        about: &KeyInstructions,
        head: &Letterhead,
        zone: &Zone,
    ) -> Vec<Vec<String>> {
        self.lay_key_instructions(about, head, zone).leaves.iter().map(Leaf::read_out).collect()
    }

    fn lay_key_share(&self, share: &KeyShareSheet, head: &Letterhead, zone: &Zone) -> Stack {
        let aside = format!("Ceremony “{}”", share.ceremony);
        let frame = self.plain(zone, head, share_title(share), aside);
        let mut flow = Flow::new(&frame);
        flow.boxed(&secret(share), "");
        flow.heading("The twenty words of this share", "");
        words(&mut flow, share);
        flow.end_section();
        flow.heading("At three in the morning", "");
        for step in steps(share) {
            flow.say(&step);
        }
        flow.end_section();
        flow.heading("Where to keep it", "");
        for line in KEEPING {
            flow.say(&Rich::of(line, Style::plain(CALM)));
        }
        flow.end_section();
        blanks(&mut flow);
        let leaves = flow.finish();
        let mut stack = Stack::default();
        stack.add(&frame, share_title(share), leaves);
        stack
    }

    fn lay_key_instructions(&self, about: &KeyInstructions, head: &Letterhead, zone: &Zone) -> Stack {
        let aside = format!("Ceremony “{}”", about.ceremony);
        let frame = self.plain(zone, head, INSTRUCTIONS.to_owned(), aside);
        let mut flow = Flow::new(&frame);
        flow.boxed(
            &Rich::of(
                "This sheet holds no secret. Keep a copy with each share, in the control room's folder and with \
                 whoever is called at night.",
                Style::bold(URGENT),
            ),
            "",
        );
        for (heading, lines) in instructions(about) {
            flow.heading(heading, "");
            for line in lines {
                flow.say(&Rich::of(&line, Style::plain(CALM)));
            }
            flow.end_section();
        }
        let leaves = flow.finish();
        let mut stack = Stack::default();
        stack.add(&frame, INSTRUCTIONS.to_owned(), leaves);
        stack
    }
}

const INSTRUCTIONS: &str = "The record's keys: instructions";

fn share_title(share: &KeyShareSheet) -> String {
    format!("Key share {} of {}", share.number, share.many)
}

fn secret(share: &KeyShareSheet) -> Rich {
    let mut rich = Rich::of("SECRET. ", Style::bold(12.0));
    rich.say(
        &format!(
            "Any {} of the {} sheets of the ceremony “{}” open everything that this record holds; fewer tell \
             nothing. Do not copy, photograph, scan or send this sheet.",
            share.needed, share.many, share.ceremony
        ),
        Style::plain(URGENT),
    );
    rich.next_line(Style::plain(CALM))
        .say("Record: ", Style::plain(CALM))
        .say(&share.record, Style::bold(CALM));
    rich
}

/// The words, numbered down the columns, and the square code beside them.
fn words(flow: &mut Flow<'_, Plain<'_>>, share: &KeyShareSheet) {
    let rows = share.words.len().div_ceil(WORD_COLUMNS);
    #[allow(clippy::cast_precision_loss)]
    let height = (rows as f32 * WORD_HEIGHT).max(CODE_SIDE) + 8.0;
    flow.need(height);
    let (face, top, right) = (flow.typeface(), flow.y + 4.0, flow.sides().1);
    for (n, word) in share.words.iter().enumerate() {
        #[allow(clippy::cast_precision_loss)]
        let (x, y) = (
            EDGE + (n / rows.max(1)) as f32 * WORD_WIDTH,
            top + (n % rows.max(1)) as f32 * WORD_HEIGHT + WORD_SIZE,
        );
        flow.leaf.part(Part::Paragraph, |leaf| {
            leaf.words_ending(face, x + 18.0, y, Style::soft(10.0), &format!("{}", n + 1));
            leaf.words(face, x + 25.0, y, Style::bold(WORD_SIZE), word);
        });
    }
    flow.leaf.open(Part::Chart("A square code that says the same twenty words"));
    identity::draw(&mut flow.leaf, &share.code, (right - CODE_SIDE, top + 6.0), CODE_SIDE, CODE_STEP);
    flow.leaf.close();
    let under = top + CODE_SIDE + 18.0;
    flow.leaf.part(Part::Paragraph, |leaf| {
        leaf.words(
            face,
            right - CODE_SIDE,
            under,
            Style::soft(8.0),
            "The same words, for a reader that has no network",
        );
    });
    flow.gap(height);
}

fn steps(share: &KeyShareSheet) -> Vec<Rich> {
    let lines = [
        format!(
            "Bring this sheet and {} “{}” to the console of the machine on which Lifeboat runs.",
            match share.needed {
                2 => "one other that begins with".to_owned(),
                needed => format!("{} others that begin with", needed - 1),
            },
            share.ceremony
        ),
        format!("Type: lifeboat keys unseal --shares --data {}", share.data),
        "Type the words in order when asked. The first four letters of each are enough. A mistake is told by the number \
         of its word: look at the paper and type that share again."
            .to_owned(),
        format!(
            "Compare the eight words that it shows with these: {}. If they are others, stop: that is not this record.",
            share.fingerprint
        ),
        "Put the sheet into a new envelope, seal it, and write into the log who used it, when and why.".to_owned(),
    ];
    let step = |(n, line): (u8, String)| {
        let mut rich = Rich::of(&format!("{n}.  "), Style::bold(URGENT));
        rich.say(&line, Style::plain(URGENT));
        rich
    };
    (1u8..).zip(lines).map(step).collect()
}

const KEEPING: [&str; 3] = [
    "In a sealed envelope, in a safe or with a person who cannot get at another of these sheets: another building, another \
     office. Never two in one place, never with the passphrase, never in the machine room.",
    "Once a year: open it, check it with “lifeboat keys check -” (type the words), seal it again.",
    "Lost, seen by somebody, or its holder leaves: “lifeboat keys replace shares” makes new sheets; these then open nothing.",
];

/// Lines to be filled in by hand.
fn blanks(flow: &mut Flow<'_, Plain<'_>>) {
    flow.need(44.0);
    let (face, y) = (flow.typeface(), flow.y + 16.0);
    let (left, right) = flow.sides();
    let half = (right - left) / 2.0;
    for (n, label) in (0u8..).zip(["Held by", "Kept where", "Envelope sealed on", "Signed"]) {
        let (x, y) = (left + f32::from(n % 2) * half, y + f32::from(n / 2) * 22.0);
        flow.leaf.part(Part::Chart("Room to write by hand"), |leaf| {
            let after = leaf.words(face, x, y, Style::plain(CALM), label);
            leaf.rule((after + 4.0, y + 1.5), (x + half - 10.0, y + 1.5), 0.5, Tone::Ink);
        });
    }
    flow.gap(44.0);
}

/// Heading and lines of each part of the instructions.
fn instructions(about: &KeyInstructions) -> Vec<(&'static str, Vec<String>)> {
    let data = &about.data;
    let line = str::to_owned;
    vec![
        (
            "What there is",
            [
                vec![format!("Record: {}. Its verifying key in words: {}.", about.record, about.fingerprint)],
                about.ways.clone(),
                vec![format!(
                    "Shares: {} sheets, any {} of which open the record. All begin with “{}”; sheets that begin with \
                     other words are of another ceremony and do not go with these.",
                    about.many, about.needed, about.ceremony
                )],
            ]
            .concat(),
        ),
        (
            "To start Lifeboat",
            vec![
                line("1.  lifeboat serve --config FILE. With a machine credential it opens by itself."),
                line(
                    "2.  Otherwise it asks for the passphrase; without a terminal it waits, and says so in its log. Then, at \
                     the console:",
                ),
                format!("     lifeboat keys unseal --data {data}   (by passphrase)"),
                format!("     lifeboat keys unseal --shares --data {data}   (by {} sheets)", about.needed),
                line("3.  Compare the words that it shows with those above."),
            ],
        ),
        (
            "The passphrase is forgotten, or known to too many",
            vec![format!(
                "lifeboat keys replace passphrase --data {data} : it asks for what opens the record (two sheets will do), \
                 then for the new passphrase. The old one opens nothing any more; the record itself is not touched."
            )],
        ),
        (
            "A sheet is lost, or its holder leaves",
            vec![format!(
                "lifeboat keys replace shares --data {data} --out FOLDER : makes new sheets. Burn the old ones. Whoever kept a \
                 copy of the old key file and enough old sheets can still read what that record holds: if that is \
                 feared, begin a new record."
            )],
        ),
        (
            "The machine is stolen, or an attacker is at it",
            vec![
                format!("lifeboat seal --data {data} : wipes the keys and stops at once. The record stays, sealed."),
                format!(
                    "lifeboat seal --forget-machine-credential --data {data} : and the next start needs a person. A machine that \
                     was switched off opens to nobody without the passphrase, the sheets or its machine credential."
                ),
            ],
        ),
        (
            "On another machine",
            vec![
                line("1.  Install Lifeboat. Put the data directory back from the backup, with the file “keys” in it."),
                line("2.  Unseal by passphrase or sheets, as above. Compare the words."),
                format!("3.  lifeboat verify --data {data}, with a head kept elsewhere (--head), shows that nothing is missing."),
            ],
        ),
        (
            "Once a year",
            vec![
                format!("lifeboat keys show --data {data} : the ways in are those that you expect."),
                line("lifeboat keys check - : each holder types the words of their own sheet; none sees another's."),
                line("Unseal by the sheets once, in an exercise, timed."),
            ],
        ),
        ("The verifying key", vec![about.verifying_key.clone()]),
    ]
}

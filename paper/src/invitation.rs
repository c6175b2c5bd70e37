//! The letter that lets somebody into Lifeboat for the first time: one page each, handed over by a person.
//!
//! Always: where to go, the staff number, the code in groups of letters that people do not mix up, until when it holds, and
//! what to do when it does not work, in plain words; a square code of the address alone. Never: the code in the square code,
//! in `Debug`, or on another person's page. Called by the page of accounts and by `lifeboat people`; proved by
//! `tests/invitations.rs`.

use crate::flow::Flow;
use crate::identity;
use crate::leaf::{Leaf, Part, Style};
use crate::plain::{Letterhead, Plain, Stack};
use crate::wrap::Rich;
use crate::{Fault, Press, Rendered};
use basics::{Moment, Zone};

/// Letters in one file at most.
pub const INVITATIONS_MAX: usize = 5_000;

/// One person's invitation.
#[derive(Clone, PartialEq, Eq)]
pub struct Invitation {
    /// Who.
    pub name: String,
    /// Their staff number.
    pub number: String,
    /// Their roles, in words.
    pub roles: String,
    /// Where they work, in words.
    pub places: String,
    /// The code as it is typed: "ABCD-EFGH-JKMN-PQRS".
    pub code: String,
    /// Until when it holds.
    pub until: Moment,
    /// Where Lifeboat is opened: "https://lifeboat.example"; empty where nobody has said.
    pub address: String,
    /// Whom to ask: names with their contacts.
    pub whom: String,
}

impl std::fmt::Debug for Invitation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Invitation({}, …)", self.number)
    }
}

const TITLE: &str = "Your way into Lifeboat";
/// Size of what is copied letter by letter, and of what is read.
const LARGE: f32 = 22.0;
const CALM: f32 = 11.0;
/// Side of the square code, and its least module.
const CODE_SIDE: f32 = 110.0;
const CODE_STEP: f32 = 0.1;

impl Press {
    /// Letters of invitation, one page for each person.
    ///
    /// # Errors
    /// [`Fault::NothingToPrint`] for nobody, [`Fault::TooManyLetters`] past [`INVITATIONS_MAX`], and see [`Fault`].
    pub fn invitations(
        &self,
        letters: &[Invitation],
        head: &Letterhead,
        zone: &Zone,
    ) -> Result<Rendered, Fault> {
        if letters.len() > INVITATIONS_MAX {
            return Err(Fault::TooManyLetters { letters: letters.len() });
        }
        self.ink_plain(TITLE, head, &self.lay_invitations(letters, head, zone))
    }

    /// The words of [`Press::invitations`], page by page.
    pub fn invitations_words(
        &self,
        letters: &[Invitation],
        head: &Letterhead,
        zone: &Zone,
    ) -> Vec<Vec<String>> {
        self.lay_invitations(letters, head, zone).leaves.iter().map(Leaf::read_out).collect()
    }

    fn lay_invitations(&self, letters: &[Invitation], head: &Letterhead, zone: &Zone) -> Stack {
        let mut stack = Stack::default();
        for letter in letters {
            let frame = self.plain(zone, head, TITLE.to_owned(), format!("For {} alone", letter.number));
            let mut flow = Flow::new(&frame);
            lay(&mut flow, letter, zone);
            let leaves = flow.finish();
            stack.add(&frame, format!("{} · {}", letter.number, letter.name), leaves);
        }
        stack
    }
}

fn lay(flow: &mut Flow<'_, Plain<'_>>, letter: &Invitation, zone: &Zone) {
    let plain = |text: &str| Rich::of(text, Style::plain(CALM));
    let mut whom = Rich::of(&letter.name, Style::bold(14.0));
    whom.next_line(Style::plain(CALM))
        .say(&format!("{}; {}", letter.roles, letter.places), Style::plain(CALM));
    flow.boxed(&whom, "");
    flow.heading("What you need", "");
    for (label, value) in [("Staff number", &letter.number), ("Code", &letter.code)] {
        let mut rich = Rich::of(&format!("{label}:  "), Style::plain(CALM));
        rich.say(value, Style::bold(LARGE));
        flow.say(&rich);
    }
    flow.say(&plain(&format!(
        "The code works once, until {}. Capitals, spaces and hyphens do not matter.",
        zone.clinical(letter.until)
    )));
    flow.end_section();
    flow.heading("What to do", "");
    for (n, step) in (1u8..).zip(steps(letter)) {
        let mut rich = Rich::of(&format!("{n}.  "), Style::bold(CALM));
        rich.say(&step, Style::plain(CALM));
        flow.say(&rich);
    }
    flow.end_section();
    address_code(flow, letter);
    flow.heading("If it does not work", "");
    flow.say(&plain(&format!(
        "Ask {}. If it says that the invitation was used already and that was not you, tell them at once.",
        letter.whom
    )));
    flow.say(&plain(
        "Nobody from IT will ever ask you for this code. Lost the letter? Say so: another one makes this code worthless.",
    ));
    flow.end_section();
}

fn steps(letter: &Invitation) -> [String; 4] {
    let open = match letter.address.as_str() {
        "" => "Open Lifeboat at the address that your site manager gives out.".to_owned(),
        address => {
            format!("Open {address}/sign-in in the browser of a hospital computer or of your telephone.")
        }
    };
    [
        open,
        "Choose “I have an invitation”, and type your staff number and the code above.".to_owned(),
        "Choose how you sign in from now on: a passkey, or a passphrase together with a phone that shows codes. \
         Print your recovery codes when it offers them."
            .to_owned(),
        "Tear up this letter. It opens nothing any more.".to_owned(),
    ]
}

/// The address alone: whoever photographs it gets no code.
fn address_code(flow: &mut Flow<'_, Plain<'_>>, letter: &Invitation) {
    if letter.address.is_empty() {
        return;
    }
    flow.need(CODE_SIDE + 12.0);
    let (left, top) = (flow.sides().0, flow.y + 4.0);
    let says = format!("{}/sign-in", letter.address);
    flow.leaf.open(Part::Chart("A square code that says the address, and nothing else"));
    identity::draw(&mut flow.leaf, &says, (left, top), CODE_SIDE, CODE_STEP);
    flow.leaf.close();
    flow.gap(CODE_SIDE + 12.0);
}

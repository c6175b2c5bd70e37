//! One page by which a device learns to trust this Lifeboat: where to fetch its authority, and the words to compare.
//!
//! Always: the words large and numbered, with the warning not to go on where they differ; no secret on it. Called by
//! `lifeboat ca page`; proved by `tests/authority_page.rs`.

use crate::flow::Flow;
use crate::identity;
use crate::leaf::{EDGE, Leaf, Part, Style};
use crate::plain::{Letterhead, Plain, Stack};
use crate::wrap::Rich;
use crate::{Fault, Press, Rendered};
use basics::Zone;

/// What the page says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AuthorityPage {
    /// The authority, as devices list it.
    pub name: String,
    /// Its fingerprint in words.
    pub words: Vec<String>,
    /// The whole SHA-256 in digits.
    pub sha256: String,
    /// Where its certificate is fetched, before it is trusted.
    pub certificate: String,
    /// Where the pages are, once it is.
    pub pages: String,
}

const TITLE: &str = "Trusting this Lifeboat";
/// Columns of words, and their measures in points.
const WORD_COLUMNS: usize = 2;
const WORD_WIDTH: f32 = 170.0;
const WORD_HEIGHT: f32 = 25.0;
const WORD_SIZE: f32 = 18.0;
/// Side of the square code, and its least module.
const CODE_SIDE: f32 = 156.0;
const CODE_STEP: f32 = 0.1;
/// Size of what is read in a hurry, and of what is read in peace.
const URGENT: f32 = 11.5;
const CALM: f32 = 9.5;

impl Press {
    /// The page.
    ///
    /// # Errors
    /// See [`Fault`].
    pub fn authority_page(
        &self,
        page: &AuthorityPage,
        head: &Letterhead,
        zone: &Zone,
    ) -> Result<Rendered, Fault> {
        self.ink_plain(TITLE, head, &self.lay_authority_page(page, head, zone))
    }

    /// The words of [`Press::authority_page`], page by page.
    pub fn authority_page_words(
        &self,
        page: &AuthorityPage,
        head: &Letterhead,
        zone: &Zone,
    ) -> Vec<Vec<String>> {
        self.lay_authority_page(page, head, zone).leaves.iter().map(Leaf::read_out).collect()
    }

    fn lay_authority_page(&self, page: &AuthorityPage, head: &Letterhead, zone: &Zone) -> Stack {
        let frame = self.plain(zone, head, TITLE.to_owned(), page.name.clone());
        let mut flow = Flow::new(&frame);
        flow.boxed(
            &Rich::of(
                "This page holds no secret. It lets a device know this Lifeboat and no other machine: keep it where devices \
                 are set up, and put it up only where nobody can exchange it.",
                Style::bold(URGENT),
            ),
            "",
        );
        flow.heading("The twelve words of its authority", "");
        words(&mut flow, page);
        flow.end_section();
        flow.heading("Once on each device", "");
        for step in steps(page) {
            flow.say(&step);
        }
        flow.end_section();
        flow.heading("For whoever sets up many devices, or a sender of messages", "");
        for line in [
            format!("The authority is called “{}”. Its SHA-256, as browsers and certificate tools show it:", page.name),
            page.sha256.clone(),
            "The same by command, on the machine of Lifeboat: lifeboat ca show. Its certificate as a file: lifeboat ca show \
             --pem. A certificate for a sender: lifeboat ca issue NAME."
                .to_owned(),
        ] {
            flow.say(&Rich::of(&line, Style::plain(CALM)));
        }
        flow.end_section();
        let leaves = flow.finish();
        let mut stack = Stack::default();
        stack.add(&frame, TITLE.to_owned(), leaves);
        stack
    }
}

/// The words, numbered down the columns, and the square code beside them.
fn words(flow: &mut Flow<'_, Plain<'_>>, page: &AuthorityPage) {
    let rows = page.words.len().div_ceil(WORD_COLUMNS).max(1);
    #[allow(clippy::cast_precision_loss)]
    let height = (rows as f32 * WORD_HEIGHT).max(CODE_SIDE + 14.0) + 8.0;
    flow.need(height);
    let (face, top, right) = (flow.typeface(), flow.y + 4.0, flow.sides().1);
    for (n, word) in page.words.iter().enumerate() {
        #[allow(clippy::cast_precision_loss)]
        let (x, y) =
            (EDGE + (n / rows) as f32 * WORD_WIDTH, top + (n % rows) as f32 * WORD_HEIGHT + WORD_SIZE);
        flow.leaf.part(Part::Paragraph, |leaf| {
            leaf.words_ending(face, x + 18.0, y, Style::soft(10.0), &format!("{}", n + 1));
            leaf.words(face, x + 25.0, y, Style::bold(WORD_SIZE), word);
        });
    }
    flow.leaf.open(Part::Chart("A square code with the address of the authority's certificate"));
    identity::draw(&mut flow.leaf, &page.certificate, (right - CODE_SIDE, top + 2.0), CODE_SIDE, CODE_STEP);
    flow.leaf.close();
    flow.leaf.part(Part::Paragraph, |leaf| {
        let under = top + CODE_SIDE + 12.0;
        leaf.words(face, right - CODE_SIDE, under, Style::soft(8.0), "The authority's certificate");
    });
    flow.gap(height);
}

fn steps(page: &AuthorityPage) -> Vec<Rich> {
    let lines = [
        format!(
            "On the device open {} (or read the square code with its camera) and keep the file that comes.",
            page.certificate
        ),
        "Open the file. Compare the fingerprint that the device shows (SHA-256) with the digits below, the first and the last \
         eight at the least. A device that can run lifeboat ca show compares the twelve words."
            .to_owned(),
        "If they are others: stop. Somebody stands between this device and Lifeboat. Tell whoever looks after Lifeboat."
            .to_owned(),
        "If they are the same: let the device trust it as an authority for web pages, for nothing else where it asks.".to_owned(),
        format!("Then open {}. There must be no warning; if there is one, do not click it away, but begin again.", page.pages),
    ];
    let step = |(n, line): (u8, String)| {
        let mut rich = Rich::of(&format!("{n}.  "), Style::bold(URGENT));
        rich.say(&line, Style::plain(URGENT));
        rich
    };
    (1u8..).zip(lines).map(step).collect()
}

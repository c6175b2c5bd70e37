//! Boards: what screens, paper and the command line read. Plain values, made for one reader at one moment.

use basics::{EntryNumber, FeedName, Moment, SiteId};
use care::ward_list::{WardKey, WardPatient};
use care::{Fact, PatientKey, Problem, ProblemKind};
use serde::{Deserialize, Serialize};

/// What the sender is told: which entry keeps the message.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Receipt {
    /// The entry that keeps the bytes; the first one's when this was a duplicate.
    pub entry: EntryNumber,
    /// The same message, byte for byte, is kept already: nothing new was stored.
    pub duplicate: bool,
    /// A message with the same id but other bytes was received before; both are kept.
    pub same_id_other_bytes: bool,
    /// For strict feeds: whether the message was understood (nothing lost). `None` for other feeds.
    pub understood: Option<bool>,
}

/// What has just changed. Sent after the index has it, so that a reader who asks now sees it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Change {
    /// The last entry applied.
    pub entry: EntryNumber,
    /// Wards whose list or patients changed.
    pub wards: Vec<WardKey>,
    /// Patients whose record changed; at most `Change::PATIENTS_MAX` of them.
    pub patients: Vec<PatientKey>,
    /// A feed's board changed.
    pub feeds: bool,
    /// Feeds that fell silent or were heard again; that were closed at the hatch or are let in again: paper names them.
    pub silence: Vec<FeedName>,
    /// The tray changed.
    pub tray: bool,
    /// The mode changed.
    pub mode: bool,
    /// More patients changed than are named: whoever shows any should look again.
    pub many: bool,
}

impl Change {
    /// Most patients and wards named in one change.
    pub const PATIENTS_MAX: usize = 500;
}

/// One feed, as the feeds board shows it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct FeedBoard {
    /// Its name.
    pub name: FeedName,
    /// The site of a location that names none.
    pub site: Option<SiteId>,
    /// When its last message was received.
    pub last_received: Option<Moment>,
    /// What the last message's own time says.
    pub last_source_time: Option<Moment>,
    /// Messages kept.
    pub received: u64,
    /// Messages understood with nothing lost.
    pub understood: u64,
    /// Messages waiting in the tray.
    pub in_tray: u64,
    /// Messages a person cleared from the tray.
    pub cleared: u64,
    /// Messages that were kept already; stored once.
    pub duplicates: u64,
    /// Messages whose id came before with other bytes.
    pub same_id_other_bytes: u64,
    /// Messages received in each of the last 60 minutes, the current one last.
    pub rate_per_minute: Vec<u32>,
    /// Messages kept, not yet in the index.
    pub queue: u64,
    /// No message for longer than `silent_after_seconds`; never heard of counts as silent.
    pub silent: bool,
    /// The threshold, in seconds.
    pub silent_after_seconds: u32,
    /// Whether the sender proves who it is.
    pub authenticated: bool,
    /// Connections open now.
    pub connections: u32,
    /// What comes now is kept apart at the hatch.
    pub held: bool,
    /// Messages that are kept apart and wait.
    pub kept_apart: u64,
    /// Messages turned away at the hatch.
    pub turned_away: u64,
    /// When the last message that pages show was received.
    pub last_shown: Option<Moment>,
}

impl FeedBoard {
    /// How new what pages show of this feed is: while it is kept apart, no newer than what was let in.
    pub fn shown_as_at(&self) -> Option<Moment> {
        if self.held { self.last_shown } else { self.last_received }
    }

    /// By how many minutes the sender's clock is ahead of this machine's, as its last message shows; `None` when by no more
    /// than clocks wander.
    pub fn clock_ahead_minutes(&self) -> Option<i64> {
        translate::clock_ahead_minutes(self.last_source_time?, self.last_received?)
    }
}

/// How a patient was found.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize)]
pub enum How {
    /// Every word or number is exactly the patient's.
    Exact,
    /// A word begins so.
    Prefix,
    /// A word is spelt nearly so.
    Similar,
    /// By a former, other or merged record's name or number.
    Former,
}

/// One patient found.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Match {
    /// Who.
    pub patient: WardPatient,
    /// The ward where the patient is now.
    pub ward: Option<WardKey>,
    /// Bed in words; empty when in none.
    pub bed: String,
    /// How.
    pub how: How,
}

/// What was found.
#[derive(Clone, PartialEq, Debug, Default, Serialize)]
pub struct Found {
    /// The best matches first.
    pub matches: Vec<Match>,
    /// At least so many patients match; counting stops early.
    pub total_at_least: usize,
    /// There are more than are listed.
    pub more: bool,
}

/// One message that waits for a person.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct TrayItem {
    /// The entry that keeps its bytes.
    pub entry: EntryNumber,
    /// The feed it came by.
    pub feed: FeedName,
    /// When.
    pub received: Moment,
    /// Whether part was lost, or all.
    pub kind: ProblemKind,
    /// What was wrong; never holds the patient's data.
    pub problems: Vec<Problem>,
    /// "ADT^A01", "Bundle"; empty when not even that could be read.
    pub message_type: String,
    /// How often it was replayed in vain.
    pub replayed: u32,
}

/// Which tray items to list.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct TrayFilter {
    /// Only this feed's.
    pub feed: Option<FeedName>,
    /// Only of this kind.
    pub kind: Option<ProblemKind>,
    /// Only entries after this one: for paging.
    pub after: Option<EntryNumber>,
    /// At most so many, oldest first; 0 means `TrayFilter::ITEMS_MAX`.
    pub limit: usize,
}

impl TrayFilter {
    /// Most items listed at once.
    pub const ITEMS_MAX: usize = 10_000;
}

/// How much waits in the tray.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
pub struct TrayCounts {
    /// All of it.
    pub total: u64,
    /// Of these, not understood at all.
    pub not_understood: u64,
    /// Of these, understood in part.
    pub part_lost: u64,
    /// By feed; only feeds with something in the tray.
    pub by_feed: Vec<(FeedName, u64)>,
}

/// What Lifeboat would make of a message; nothing was recorded.
#[derive(Clone, PartialEq, Debug)]
pub struct Preview {
    /// What it says.
    pub facts: Vec<Fact>,
    /// What was odd about it.
    pub problems: Vec<Problem>,
    /// Understood, understood in part, or not.
    pub outcome: Outcome,
    /// "ADT^A01", "Bundle"; empty when not even that could be read.
    pub message_type: String,
    /// The patient it would be filed under, where one is known already.
    pub patient: Option<PatientKey>,
}

/// What became of a message.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Outcome {
    /// Nothing was lost.
    Understood,
    /// Some of it was lost; it waits in the tray.
    PartLost,
    /// All of it was lost; it waits in the tray.
    NotUnderstood,
}

/// A received message as it is kept.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FeedEntry {
    /// The feed it came by.
    pub feed: FeedName,
    /// Its bytes, exactly as received.
    pub bytes: Vec<u8>,
    /// When.
    pub at: Moment,
    /// Its entry.
    pub number: EntryNumber,
}

/// What the hospital is doing.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub enum Mode {
    /// The hospital's own systems run; Lifeboat follows.
    #[default]
    Normal,
    /// An attack is suspected; be ready.
    Standby,
    /// The hospital's own systems are down.
    Downtime,
    /// They come back; what was written on paper goes back in.
    Recovery,
    /// All of this is practice.
    Exercise,
}

impl Mode {
    /// The word on a screen.
    pub fn word(self) -> &'static str {
        match self {
            Mode::Normal => "Normal",
            Mode::Standby => "Standby",
            Mode::Downtime => "Downtime",
            Mode::Recovery => "Recovery",
            Mode::Exercise => "Exercise",
        }
    }
}

/// The mode, since when, by whom and why.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct ModeBoard {
    /// The mode.
    pub mode: Mode,
    /// Since when; `None` while nobody has set it yet.
    pub since: Option<Moment>,
    /// Initials or name of who set it.
    pub by: String,
    /// Why.
    pub reason: String,
}

/// Whether messages are being kept.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub enum Recording {
    /// They are.
    Recording,
    /// The disk is full: nothing is acknowledged until there is room; recording then goes on by itself.
    Full {
        /// The first message refused.
        since: Moment,
    },
    /// Frozen: recording has stopped until the program is started again. Boards stay readable; use the paper log.
    Frozen {
        /// Since when.
        since: Moment,
        /// Why, in words.
        why: String,
    },
}

/// How the record and the index stand.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Status {
    /// Whether messages are being kept.
    pub recording: Recording,
    /// Entries in the feed book.
    pub book_size: u64,
    /// The book's head: "1234 · 9f86d081…": size and first 16 hexadecimal digits of its seal.
    pub head: String,
    /// The last entry that the index has applied.
    pub index_entry: EntryNumber,
    /// The index is being made again from the book: entries done of entries in all.
    pub rebuilding: Option<(u64, u64)>,
    /// The index was thrown away and made again when opened or since, and why.
    pub rebuilt_because: Option<String>,
    /// A message was understood on replay: `lifeboat rebuild` would put it in its own place in time.
    pub rebuild_advised: bool,
    /// The index cannot be written; boards may be old. Why, in words.
    pub index_trouble: Option<String>,
    /// When this control room was opened.
    pub opened: Moment,
}

/// Sums over all feeds. received = understood + in the tray + cleared + kept apart + turned away, once the index has come to
/// the end of the book.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
pub struct Totals {
    /// Messages kept, as far as the index has come.
    pub received: u64,
    /// Understood with nothing lost.
    pub understood: u64,
    /// Waiting in the tray.
    pub in_tray: u64,
    /// Cleared from the tray by a person.
    pub cleared: u64,
    /// Kept apart at the hatch, waiting.
    pub kept_apart: u64,
    /// Turned away at the hatch for good.
    pub turned_away: u64,
    /// Kept already when they came: stored once, counted here alone.
    pub duplicates: u64,
    /// Patients known, merged records not counted.
    pub patients: u64,
}

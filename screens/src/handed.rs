//! What the program hands to the pages: the control room, the clock, the shelf of printed packs, the demo's buttons.
//!
//! Promises: the pages reach the record only through `ControlRoom`, the packs only through `PackShelf`, and read no
//! clock but the one handed here.
//! Called by `lifeboat`, which implements the traits; proved by the page tests, which hand their own.

use access::StaffNumber;
use access::secrets::Typed;
use access::sign_in::totp::TotpSecret;
use basics::{Clock, Moment, Zone};
use care::PatientKey;
use care::ward_list::WardKey;
use control_room::{ControlRoom, DivertPlanner};
use incident::Ground;
use incident::public_updates::PublicBoard;
use paper::RunnerSlip;
use std::sync::Arc;
use tokio::sync::watch;

/// Everything the pages need; handed to `router` once.
#[derive(Clone)]
pub struct Screens {
    /// The one door to the record.
    pub room: ControlRoom,
    /// Tells the moment; every age on a page is counted from it.
    pub clock: Arc<dyn Clock>,
    /// The zone that the hospital's clocks show.
    pub zone: Zone,
    /// Where the printed packs lie.
    pub shelf: Arc<dyn PackShelf>,
    /// Plans ambulance diverts; without a region it says so.
    pub planner: DivertPlanner,
    /// The demonstration's buttons; `None` at a real hospital.
    pub demo: Option<Arc<dyn DemoControls>>,
    /// The trust's name, at the top of every page.
    pub trust: String,
    /// When ages turn amber and red.
    pub thresholds: AgeThresholds,
    /// The public page as the program presses and pushes it; `None` where there is none.
    pub public: Option<Arc<dyn PublicPress>>,
    /// The outbox; `None` where nothing can leave the house.
    pub post: Option<Arc<dyn PostDesk>>,
    /// Hands decisions back to the hospital's own systems; `None` where nothing is handed back.
    pub back_load: Option<Arc<dyn BackLoad>>,
    /// "EXERCISE" or "DEMONSTRATION", across the top of every page; `None` on the day.
    pub watermark: Option<String>,
    /// Turns true when the program stops: live streams then end, so that they do not hold up the shutdown.
    pub closing: watch::Receiver<bool>,
}

/// Hands decisions back to the hospital's own systems, as files that a person takes there.
pub trait BackLoad: Send + Sync {
    /// What was postponed and rebooked on that ground, as HL7 messages.
    ///
    /// # Errors
    /// A sentence for the log when they could not be written.
    fn bookings(&self, ground: Ground, at: Moment) -> Result<Vec<u8>, String>;
}

/// How old the last message of a feed may be before its data are marked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AgeThresholds {
    /// Seconds after which an age is shown as "getting old" (amber).
    pub amber_seconds: u32,
    /// Seconds after which an age is shown as "old" (red).
    pub red_seconds: u32,
}

impl Default for AgeThresholds {
    fn default() -> Self {
        Self { amber_seconds: 15 * 60, red_seconds: 60 * 60 }
    }
}

/// How a request came; put on it by whoever serves it, and nothing where it came in clear.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Transport {
    /// By TLS.
    Tls,
}

/// Where a ward's pack stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum PackState {
    /// On the disk, ready to print.
    Ready,
    /// Being made again because the ward changed; the one before is still there if it has pages.
    Rendering,
    /// Could not be made; the words say why and what to do.
    Failed(String),
}

/// One ward's pack as it lies on the shelf.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PackOnShelf {
    /// Which ward.
    pub ward: WardKey,
    /// Its name for people.
    pub ward_name: String,
    /// When the pack was made.
    pub made_at: Moment,
    /// The newest message the pack knows of; `None` when its feeds have sent nothing.
    pub data_as_at: Option<Moment>,
    /// Sheets of A4; 0 when none was made yet.
    pub pages: u32,
    /// Patients in it.
    pub patients: u32,
    /// Ready, being made, or failed.
    pub state: PackState,
}

/// The shelf where the newest pack of every ward lies ready as PDF.
///
/// Calls may read the disk, so pages make them on a blocking thread. An `Err` is a sentence for the user.
pub trait PackShelf: Send + Sync {
    /// Every ward's pack, in the order of the list of wards.
    fn shelf(&self) -> Vec<PackOnShelf>;
    /// The newest finished pack of a ward as PDF bytes; `None` when there is none.
    ///
    /// # Errors
    /// A sentence for the user when it could not be read.
    fn pdf(&self, ward: &WardKey) -> Result<Option<Vec<u8>>, String>;
    /// All wards' packs as one PDF.
    ///
    /// # Errors
    /// A sentence for the user when it could not be made.
    fn all_pdf(&self) -> Result<Vec<u8>, String>;
    /// The patient that a sheet's QR code leads to; `None` for an unknown code.
    fn sheet(&self, code: &str) -> Option<PatientKey>;
    /// One patient's sheets as PDF bytes; `None` when the patient is unknown.
    ///
    /// # Errors
    /// A sentence for the user when it could not be made.
    fn patient_pdf(&self, patient: PatientKey) -> Result<Option<Vec<u8>>, String>;
    /// Asks for a ward's pack to be made again now.
    fn reprint(&self, ward: &WardKey);
}

/// What the demonstration is doing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DemoState {
    /// Whether the attack has been played.
    pub attacked: bool,
    /// Since when.
    pub since: Option<Moment>,
    /// One or two sentences for the home page: what is being simulated.
    pub words: String,
}

/// The demonstration's two buttons; a real hospital has none.
pub trait DemoControls: Send + Sync {
    /// What is being played now.
    fn state(&self) -> DemoState;
    /// The simulated hospital's systems fall over: every feed goes silent.
    fn attack(&self);
    /// The feeds come back.
    fn restore(&self);
    /// Ready-made people, who sign in by one press; nobody unless the demonstration has opened accounts.
    fn people(&self) -> Vec<DemoPerson> {
        Vec::new()
    }
}

/// A ready-made person of the demonstration. At a real hospital there is none: only an account whose contact is
/// [`DemoPerson::CONTACT`] can be signed in to by one press, and only where the program hands over [`DemoControls`].
#[derive(Clone, Debug)]
pub struct DemoPerson {
    /// Their staff number.
    pub number: StaffNumber,
    /// Their name.
    pub name: String,
    /// Their role, in words.
    pub role: String,
    /// Where they work, in words.
    pub place: String,
    /// Their passphrase.
    pub passphrase: Typed,
    /// What their telephones make codes from, up to four: each makes one code in half a minute.
    pub authenticators: Vec<TotpSecret>,
}

impl DemoPerson {
    /// The contact by which an account says that it is of a demonstration.
    pub const CONTACT: &str = "invented, of the demonstration";
}

/// A post for a social network, as text to copy.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SocialPost {
    /// The network's name.
    pub network: &'static str,
    /// The text.
    pub text: String,
    /// Its length as the network counts, in characters.
    pub characters: usize,
    /// The longest post that the network takes, in characters.
    pub characters_max: usize,
}

/// A place to which the public page is pushed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PublicPlace {
    /// In words: "the folder /var/www/updates".
    pub name: String,
    /// When a whole edition last got there.
    pub pushed: Option<Moment>,
    /// Since when and why pushing fails, if it does.
    pub failing: Option<(Moment, String)>,
    /// Something newer than what stands there is on its way.
    pub waiting: bool,
}

/// The public page as the program presses and pushes it.
///
/// Calls may take milliseconds, so pages make them on a blocking thread. An `Err` is a sentence for the user.
pub trait PublicPress: Send + Sync {
    /// Where the public finds the page; `None` when no public page is set up, and only a preview can be had.
    fn address(&self) -> Option<String>;
    /// The first page as this board would show it, as HTML.
    ///
    /// # Errors
    /// A sentence for the user when it could not be pressed.
    fn preview(&self, board: &PublicBoard, welsh: bool) -> Result<Vec<u8>, String>;
    /// Posts to copy; none while no update holds.
    ///
    /// # Errors
    /// A sentence for the user when they could not be made.
    fn posts(&self, board: &PublicBoard) -> Result<Vec<SocialPost>, String>;
    /// The places to which that ground's page goes, and how pushing to each goes.
    fn places(&self, ground: Ground) -> Vec<PublicPlace>;
}

/// A message in the outbox, as its page shows it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct PostItem {
    /// Its number.
    pub number: u64,
    /// "text message", "mail", "printed slip".
    pub way: String,
    /// The number, address, name or place to which it goes.
    pub to: String,
    /// One line.
    pub subject: String,
    /// "queued", "perhaps sent".
    pub state: String,
    /// What went wrong last.
    pub why: String,
    /// When it was taken on.
    pub queued_at: Moment,
    /// Who asked for it.
    pub asked_by: String,
    /// It waits for a person's decision.
    pub stuck: bool,
    /// It can still be taken out.
    pub queued: bool,
    /// It is a slip that a runner can take.
    pub slip_printed: bool,
}

/// A way out of the house, as the outbox's page shows it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct PostGateway {
    /// Its name.
    pub name: String,
    /// "text messages, mail".
    pub carries: String,
    /// How many wait for it.
    pub waiting: usize,
    /// Until when it is left alone, and why.
    pub resting: Option<(Moment, String)>,
    /// When it is tried next.
    pub next_attempt: Option<Moment>,
    /// What went wrong last.
    pub last_error: Option<(Moment, String)>,
    /// Requests in the last minute, and the most there may be.
    pub last_minute: usize,
    /// The most there may be.
    pub per_minute_max: u32,
}

/// The outbox at one moment.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct PostBoard {
    /// Why nothing is sent at all.
    pub halted: Option<String>,
    /// Messages that are not done with.
    pub open: usize,
    /// How many in each state, in words.
    pub counts: Vec<(String, usize)>,
    /// The ways out.
    pub gateways: Vec<PostGateway>,
    /// What waits for a person, the oldest first.
    pub stuck: Vec<PostItem>,
    /// Slips for runners, the oldest first.
    pub slips: Vec<PostItem>,
    /// What waits to be sent or to be heard of, the oldest first.
    pub waiting: Vec<PostItem>,
}

/// What a person decides about a message in the outbox.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PostDeed {
    /// Send it again.
    SendAgain,
    /// It did arrive.
    CountAsSent,
    /// Give it up.
    Close,
    /// Take it out before it is sent.
    Cancel,
    /// A runner took the slip.
    SlipTaken,
}

/// The outbox, as far as people look at it and decide about it. Calls may write to the disk.
pub trait PostDesk: Send + Sync {
    /// The outbox now, at most so many messages of each kind.
    fn board(&self, items_max: usize) -> PostBoard;
    /// Slips that wait for a runner, the oldest first.
    fn slips(&self) -> Vec<RunnerSlip>;
    /// Carries out what a person decided.
    ///
    /// # Errors
    /// A sentence for the person when it was not done.
    fn decide(&self, number: u64, deed: PostDeed, by: &str, reason: &str) -> Result<(), String>;
}

//! The frame around every page: whose it is, the mode, what is wrong, how old the data are, where else to go.
//!
//! Always there: the mode in words, the age of the data, a red line when the record is frozen or feeds are silent, the
//! watermark of an exercise or demonstration. Templates extend `layout.html` and hold a `layout: Layout`.

use crate::desk::Look;
use crate::parts::{Level, Mark, Stamp};
use basics::SiteId;
use control_room::{Mode, Recording};
use incident::{Ground, IncidentBook};

/// Which of the navigation's pages this is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub enum Here {
    Home,
    Wards,
    Find,
    Print,
    Feeds,
    Paste,
    /// A page of the incident; which one, `Beside` says.
    Incident,
    Directory,
    /// None of them.
    Nowhere,
}

/// Which of the incident's pages this is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub enum Beside {
    Incident,
    MyCard,
    Cards,
    Log,
    Systems,
    Diverts,
    Clinics,
    Messages,
    RollCall,
    Sitreps,
    PublicUpdates,
    Evidence,
    Outbox,
    Debrief,
    Wallboard,
}

/// The incident's own navigation, in the order of the plan. A page stands here once it is there.
const INCIDENT_PLACES: &[(Beside, &str, &str)] = &[
    (Beside::Incident, "/incidents", "Incident"),
    (Beside::MyCard, "/cards/mine", "My card"),
    (Beside::Cards, "/cards", "All cards"),
    (Beside::Log, "/log", "Log"),
    (Beside::Systems, "/systems", "Systems"),
    (Beside::Diverts, "/diverts", "Diverts"),
    (Beside::Clinics, "/clinics", "Clinics"),
    (Beside::Messages, "/messages", "Messages"),
    (Beside::RollCall, "/roll-call", "Roll-call"),
    (Beside::Sitreps, "/sitreps", "Sitreps"),
    (Beside::PublicUpdates, "/public-updates", "Public updates"),
    (Beside::Evidence, "/evidence", "Evidence"),
    (Beside::Outbox, "/outbox", "Outbox"),
    (Beside::Debrief, "/debrief", "Debrief"),
    (Beside::Wallboard, "/wallboard", "Wallboard"),
];

/// The address of one of the incident's pages, once it is there: for links from other pages.
pub fn address_of(which: Beside) -> Option<&'static str> {
    INCIDENT_PLACES.iter().find(|(beside, ..)| *beside == which).map(|(_, address, _)| *address)
}

/// An incident that runs, for the strip of every page.
#[derive(Clone, Debug)]
pub struct Running {
    /// Its page.
    pub address: String,
    /// "Major incident declared", "EXERCISE critical incident on standby".
    pub words: String,
    /// What people call it.
    pub name: String,
    /// Declared, not on standby.
    pub declared: bool,
}

fn running(book: &IncidentBook) -> Vec<Running> {
    let running = book.running().map(|incident| {
        let declared = incident.stage == incident::Stage::Declared;
        let stage = if declared { "declared" } else { "on standby" };
        Running {
            address: format!("/incidents/{}", incident.id.0),
            words: crate::names::capital(&format!("{} {stage}", incident.words())),
            name: incident.name.clone(),
            declared,
        }
    });
    running.collect()
}

/// One line of the navigation.
#[derive(Clone, Debug)]
pub struct Place {
    /// Where it leads.
    pub address: &'static str,
    /// Its word.
    pub word: &'static str,
    /// This page is it.
    pub here: bool,
}

/// How a page stays current.
#[derive(Clone, Debug)]
pub struct Live {
    /// The page's own address, asked again when something changed.
    pub address: String,
    /// What it listens to.
    pub topics: String,
}

/// Everything the frame shows.
#[derive(Clone, Debug)]
pub struct Layout {
    /// The page's title.
    pub title: String,
    /// The trust's name.
    pub trust: String,
    /// "DEMONSTRATION", "EXERCISE".
    pub watermark: Option<String>,
    /// Night mode is on.
    pub night: bool,
    /// Single-key shortcuts are off.
    pub keys_off: bool,
    /// Path and query, to come back to after the night switch.
    pub address: String,
    /// "Normal", "Downtime".
    pub mode: &'static str,
    /// The style sheet's name for the mode.
    pub mode_class: &'static str,
    /// What is wrong, worst first.
    pub alarms: Vec<Mark>,
    /// The page that says what to do about the worst of it.
    pub alarms_address: &'static str,
    /// Age of the newest message that this page may depend on.
    pub data_age: Stamp,
    /// When this page was made, for paper.
    pub made: String,
    /// The navigation.
    pub places: Vec<Place>,
    /// The incident's own navigation, on its pages.
    pub beside: Vec<Place>,
    /// Who is at this screen; empty when nobody said.
    pub who: String,
    /// They are signed in: pressing their name leads to their own page.
    pub signed_in: bool,
    /// Nobody who works here: nothing of the hospital's state is shown.
    pub stranger: bool,
    /// Incidents that run, the newest first.
    pub running: Vec<Running>,
    /// The hatch is closed, or something still waits at it.
    pub hatch: Option<Mark>,
    /// Somebody may be typing: without a script the page does not load itself again.
    pub typed_into: bool,
    /// Whether and how the page stays current.
    pub live: Option<Live>,
    /// What a form just did.
    pub done: Option<&'static str>,
}

impl Layout {
    /// The frame of a page that depends on every feed.
    pub fn new(look: &Look<'_>, title: impl Into<String>, here: Here) -> Self {
        Self::of_site(look, title, here, None)
    }

    /// The frame of a page that depends on one site's feeds.
    pub fn of_site(look: &Look<'_>, title: impl Into<String>, here: Here, site: Option<&SiteId>) -> Self {
        let screens = look.screens();
        let mode = screens.room.mode().mode;
        let stranger = look.visit.door.stranger();
        Self {
            title: title.into(),
            trust: screens.trust.clone(),
            watermark: watermark(screens.watermark.as_deref(), mode, look.incidents(IncidentBook::watermark)),
            night: look.visit.night,
            keys_off: look.visit.keys_off,
            address: look.visit.address.clone(),
            mode: mode.word(),
            mode_class: mode_class(mode),
            alarms: if stranger { Vec::new() } else { alarms(look) },
            alarms_address: if recording(look) { "/feeds" } else { "/" },
            data_age: look.data_age(site),
            made: look.zone().clinical(look.now),
            places: if stranger { Vec::new() } else { places(here) },
            beside: Vec::new(),
            who: look.visit.who.as_ref().map(ToString::to_string).unwrap_or_default(),
            signed_in: look.visit.visitor().is_some(),
            stranger,
            running: if stranger { Vec::new() } else { look.incidents(running) },
            hatch: if stranger { None } else { at_the_hatch(look) },
            typed_into: false,
            live: None,
            done: look.visit.done,
        }
    }

    /// The frame of a page of the incident, live on all that happens in it.
    pub fn of_incident(look: &Look<'_>, title: impl Into<String>, which: Beside) -> Self {
        let mut layout = Self::new(look, title, Here::Incident).live("incident");
        layout.beside = INCIDENT_PLACES
            .iter()
            .map(|(beside, address, word)| Place { address, word, here: *beside == which })
            .collect();
        layout
    }

    /// The same page for one incident: watermarked when that is an exercise, even beside a real one.
    #[must_use]
    pub fn on(mut self, ground: Ground) -> Self {
        self.watermark = self.watermark.or_else(|| ground.watermark().map(str::to_owned));
        self
    }

    /// The same page with a form outside the part that is renewed: it stays live, but without a script it does not load
    /// itself again and take away what somebody types.
    #[must_use]
    pub fn typed_into(mut self) -> Self {
        self.typed_into = true;
        self
    }

    /// The same page, asked for again only by its reader: for pages with a form that somebody is typing into.
    #[must_use]
    pub fn still(mut self) -> Self {
        self.live = None;
        self
    }

    /// The same page, kept current by listening to `topics`.
    #[must_use]
    pub fn live(mut self, topics: impl Into<String>) -> Self {
        self.live = Some(Live { address: without_done(&self.address), topics: topics.into() });
        self
    }
}

/// Whether new messages are being kept.
pub fn recording(look: &Look<'_>) -> bool {
    look.screens().room.status().recording == Recording::Recording
}

/// The address to ask again: without the note of what was just done, which would else be said for ever.
fn without_done(address: &str) -> String {
    let Some((path, query)) = address.split_once('?') else { return address.to_owned() };
    let kept: Vec<&str> = query.split('&').filter(|p| !p.starts_with("done=")).collect();
    if kept.is_empty() { path.to_owned() } else { format!("{path}?{}", kept.join("&")) }
}

fn watermark(handed: Option<&str>, mode: Mode, incidents: Option<&str>) -> Option<String> {
    let practised = incidents.or((mode == Mode::Exercise).then_some("EXERCISE"));
    match (handed, practised) {
        // An exercise within a demonstration is both.
        (Some(words), Some(practised)) if words != practised => Some(format!("{words}: {practised}")),
        (words, practised) => words.or(practised).map(str::to_owned),
    }
}

/// The style sheet's name for a mode.
pub fn mode_class(mode: Mode) -> &'static str {
    match mode {
        Mode::Normal => "normal",
        Mode::Standby => "standby",
        Mode::Downtime => "downtime",
        Mode::Recovery => "recovery",
        Mode::Exercise => "exercise",
    }
}

fn at_the_hatch(look: &Look<'_>) -> Option<Mark> {
    let hatch = look.screens().room.hatch();
    let level = if hatch.not_recorded.is_some() { Level::Red } else { Level::Amber };
    crate::hatch::standing(look, &hatch).map(|words| Mark::new(level, words))
}

fn alarms(look: &Look<'_>) -> Vec<Mark> {
    let status = look.screens().room.status();
    let mut alarms = Vec::new();
    match &status.recording {
        Recording::Recording => {}
        Recording::Full { since } => alarms.push(Mark::new(
            Level::Red,
            format!(
                "Disk full since {}: nothing new is recorded, use the paper log",
                look.zone().clinical(*since)
            ),
        )),
        Recording::Frozen { since, .. } => alarms.push(Mark::new(
            Level::Red,
            format!("Record frozen since {}: use the paper log", look.zone().clinical(*since)),
        )),
    }
    if let Some((done, total)) = status.rebuilding {
        alarms.push(Mark::new(
            Level::Amber,
            format!("Pages are being made again from the record, {done} of {total} entries: lists may be incomplete"),
        ));
    }
    if status.index_trouble.is_some() {
        alarms.push(Mark::new(Level::Red, "New messages are kept but not shown: pages may be old"));
    }
    if let Some(words) = look.access().looks_state().words() {
        alarms.push(Mark::new(Level::Red, words));
    }
    let new = crate::access_alarms::count_new(look);
    if new > 0 {
        let words = crate::names::counted(new, "new alarm", "new alarms");
        alarms.push(Mark::new(Level::Amber, format!("{words} about access")));
    }
    let silent = look.feeds.iter().filter(|f| f.silent).count();
    if silent > 0 {
        alarms.push(Mark::new(Level::Red, format!("{silent} of {} feeds silent", look.feeds.len())));
    }
    alarms
}

fn places(here: Here) -> Vec<Place> {
    [
        (Here::Home, "/", "Home"),
        (Here::Incident, "/incidents", "Incident"),
        (Here::Wards, "/wards", "Wards"),
        (Here::Directory, "/directory", "Directory"),
        (Here::Find, "/find", "Find"),
        (Here::Print, "/print", "Print centre"),
        (Here::Feeds, "/feeds", "Feeds and tray"),
        (Here::Paste, "/paste", "Paste"),
    ]
    .map(|(place, address, word)| Place { address, word, here: place == here })
    .to_vec()
}

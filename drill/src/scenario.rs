//! Scenarios as text: what arrives, what breaks, and what the ward must then see.
//!
//! A drill is a file of lines, read from top to bottom; the words are documented in `drills/README.md`. Always refuses
//! what it does not know, naming file and line; never runs a drill it could only partly read.
//! Called by `play`; the files in `drills/` are tests, the demo's parts and staff exercises alike.

mod read;
mod region;
pub mod response;
mod words;

use basics::{Moment, PartialDate, SiteId};
use incident::Person;
use incident::diverts::Pathway;
pub use region::{CallZone, Place};
use response::{Deed, Measured};
use std::collections::BTreeMap;
pub use words::Unreadable;

/// A whole drill.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// The file it was read from, for reports.
    pub file: String,
    /// In one sentence.
    pub title: String,
    /// Where the clock stands at first.
    pub start: Moment,
    /// The feeds that exist.
    pub feeds: Vec<Feed>,
    /// Who appears, by the name the drill gives them.
    pub people: BTreeMap<String, Who>,
    /// Who works there, by the name the drill gives them.
    pub staff: BTreeMap<String, Person>,
    /// The trust's hospitals, and what their emergency departments can take.
    pub hospitals: Vec<(SiteId, Vec<Pathway>)>,
    /// Other trusts' hospitals that may be asked to take patients.
    pub neighbours: Vec<(SiteId, Vec<Pathway>)>,
    /// Where hospitals lie and what they take: the planner's region.
    pub places: Vec<Place>,
    /// Where calls come from.
    pub zones: Vec<CallZone>,
    /// Systems for which nothing stands in on this day, by the hospital's own rules of triage.
    pub no_way_without: Vec<String>,
    /// What happens, in order.
    pub steps: Vec<Step>,
}

/// A feed of the drill.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
#[allow(missing_docs)]
pub struct Feed {
    pub name: String,
    pub site: String,
    pub silent_minutes: u32,
    /// "hl7", "fhir" or "either".
    pub format: String,
}

/// A person of the drill.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
#[allow(missing_docs)]
pub struct Who {
    pub family: String,
    pub given: Vec<String>,
    pub prefix: String,
    pub born: Option<PartialDate>,
    pub sex: String,
    pub mrn: String,
    pub nhs: String,
}

/// One line of action, and where it stands.
#[derive(Clone, PartialEq, Debug)]
#[allow(missing_docs)]
pub struct Step {
    pub line: usize,
    /// The line as written, for reports.
    pub text: String,
    pub at: Moment,
    pub act: Act,
}

/// What a line asks for.
#[derive(Clone, PartialEq, Debug)]
#[allow(missing_docs)]
pub enum Act {
    /// A feed sends a message that the drill describes.
    Send {
        feed: String,
        message: Box<Told>,
    },
    /// A feed sends exactly these bytes.
    Raw {
        feed: String,
        bytes: Vec<u8>,
    },
    /// A feed sends its last message once more, byte for byte.
    Repeat {
        feed: String,
    },
    /// A feed sends the bookings of the next working days: of invented people, at the drill's hospitals.
    Books {
        feed: String,
        bookings: u32,
        days: u32,
        seed: u64,
    },
    /// The gateway says what became of every notice that is on its way.
    GatewayAnswers,
    /// So many minutes of the simulated trust.
    Simulate {
        minutes: u32,
        seed: u64,
    },
    Cut {
        feed: Option<String>,
    },
    Restore {
        feed: Option<String>,
    },
    /// The program ends in good order and starts again.
    Reopen,
    /// The power fails: what is on the disk now is all there is; the program starts again on it.
    Kill,
    /// The index is thrown away and made again from the book.
    Rebuild,
    Reconfigure {
        feed: Feed,
    },
    ReplayTray {
        feed: Option<String>,
    },
    ClearTray {
        reason: String,
    },
    Expect {
        what: Expectation,
    },
    /// Something happens in the world, told to everybody; from its name times are measured.
    Inject {
        name: String,
        text: String,
    },
    /// Somebody responds.
    Deed(Box<Deed>),
    /// Time passes; nothing else.
    Wait,
}

/// A message as the drill describes it.
#[derive(Clone, PartialEq, Debug, Default)]
#[allow(missing_docs)]
pub struct Told {
    pub trigger: String,
    pub who: String,
    pub visit: String,
    pub class: String,
    /// PV1-3 as sent.
    pub bed: String,
    pub from: String,
    pub happened: Option<Moment>,
    pub id: String,
    /// Substances; `NKDA` for none known.
    pub allergies: Vec<String>,
    /// `CODE^words`, with a leading `-` for an alert that has ended.
    pub alerts: Vec<String>,
    /// The other person: of a merge, of a swap.
    pub other: String,
    pub other_bed: String,
    /// Prescription: `id name dose unit repeat`.
    pub medicine: Vec<String>,
    pub control: String,
    /// Result: `filler code name figure unit status`.
    pub result: Vec<String>,
    pub charset: String,
    pub family: String,
}

/// What must be seen.
#[derive(Clone, PartialEq, Debug)]
#[allow(missing_docs)]
pub enum Expectation {
    /// The response stands so, in time.
    Response(Measured),
    /// The ward's list (or pack) has this banner, in this bed if given; or lacks it.
    Ward {
        pack: bool,
        site: String,
        ward: String,
        banner: String,
        bed: Option<String>,
        has: bool,
    },
    WardAge {
        site: String,
        ward: String,
        minutes: u32,
    },
    Patient {
        who: String,
        what: Seen,
        not: bool,
    },
    FeedState {
        feed: String,
        what: FeedSeen,
    },
    Tray {
        count: u64,
    },
    Found {
        text: String,
        banner: String,
    },
    /// Every patient of the simulated trust is as the trust has it.
    Truth,
    /// received = understood + in the tray + cleared.
    AccountsBalance,
    /// Every message sent and acknowledged is kept byte for byte.
    NothingLost,
}

/// What must be seen of a patient.
#[derive(Clone, PartialEq, Debug)]
#[allow(missing_docs)]
pub enum Seen {
    Banner(String),
    Nhs(String),
    Born(String),
    At { site: String, ward: String, room: String, bed: String },
    NotInHospital,
    Allergy(String),
    AllergyHeading(String),
    Flag(String),
    Medicine { name: String, dose: String },
    LastGiven(Moment),
    Result { name: String, value: String },
    MergedInto(String),
    NotMerged,
    Died,
    OnLeave,
}

/// What must be seen of a feed.
#[derive(Clone, PartialEq, Debug)]
#[allow(missing_docs)]
pub enum FeedSeen {
    Silent,
    Talking,
    AgeMinutes(u32),
    Duplicates(u64),
    SameIdOtherBytes(u64),
    Received(u64),
}

impl Scenario {
    /// Reads a drill. Errors name the file and the line.
    pub fn parse(file: &str, text: &str) -> Result<Self, Unreadable> {
        read::scenario(file, text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_read_is_refused_by_file_and_line() {
        let head = "drill \"x\"\nstart 2026-03-02T08:00:00Z\nfeed pas site \"S\"\nperson a family A mrn W1\n";
        for (line, want) in [
            ("08:00 pas send A01 a", "t.drill:5: a feed sends or repeats; it cannot send"),
            ("08:00 lab sends A01 a", "t.drill:5: lab is no step and no feed"),
            ("08:00 pas sends A01 b", "t.drill:5: nobody is called b"),
            ("25:00 wait", "t.drill:5: 25:00 is no time of day"),
            ("07:00 wait", "t.drill:5: time runs backwards here"),
            ("08:00 expect tray many", "t.drill:5: many is no number"),
            ("08:00 expect patient a at \"S\" AMU", "t.drill:5: the line ends too soon"),
            ("08:00 expect tray 1 2", "t.drill:5: 2 is one word too many"),
            ("08:00 expect find \"x gives", "t.drill:5: a quotation mark is missing"),
            ("person b family B mrn W2 nhs 1234567890", "t.drill:5: 1234567890 is no NHS number"),
        ] {
            let told = Scenario::parse("t.drill", &format!("{head}{line}\n")).unwrap_err().to_string();
            assert!(told.starts_with(want), "{line}: {told}");
        }
    }

    #[test]
    fn times_are_of_the_clock_or_after_the_line_before() {
        let text = "drill \"x\"\nstart 2026-03-02T08:00:00Z\n08:10 wait\n+20m wait\n+2h wait # later\n+1d 09:00 wait\n";
        let scenario = Scenario::parse("t.drill", text).unwrap();
        let at: Vec<String> = scenario.steps.iter().map(|step| step.at.rfc3339()).collect();
        assert_eq!(
            at,
            ["2026-03-02T08:10:00Z", "2026-03-02T08:30:00Z", "2026-03-02T10:30:00Z", "2026-03-03T09:00:00Z"]
        );
    }

    #[test]
    fn raw_messages_keep_their_bytes() {
        let text = "drill \"x\"\nstart 2026-03-02T08:00:00Z\nfeed pas\n08:10 pas sends raw\n  |MSH|^~\\\\&|A # b\n  |PID|\\xe9\n";
        let scenario = Scenario::parse("t.drill", text).unwrap();
        let Act::Raw { bytes, .. } = &scenario.steps[0].act else { panic!() };
        assert_eq!(bytes, b"MSH|^~\\&|A # b\rPID|\xe9\r");
    }
}

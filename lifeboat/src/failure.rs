//! Why a command ended without doing its work: an ending for scripts and a sentence for people.

use crate::exit_codes::Ending;
use control_room::{AccessRefused, Fault, Refused};
use std::fmt;

/// A failure, to be printed once, by `main`.
#[derive(Debug)]
pub struct Failure {
    /// For the exit code.
    pub ending: Ending,
    /// For the person.
    pub sentence: String,
}

impl Failure {
    /// A failure with its own words.
    pub fn new(ending: Ending, sentence: impl Into<String>) -> Self {
        Self { ending, sentence: sentence.into() }
    }

    /// It could not be done.
    pub fn failed(sentence: impl Into<String>) -> Self {
        Self::new(Ending::Failed, sentence)
    }

    /// The command line or the configuration is wrong.
    pub fn usage(sentence: impl Into<String>) -> Self {
        Self::new(Ending::Usage, sentence)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sentence)
    }
}

impl std::error::Error for Failure {}

impl From<logbook::Fault> for Failure {
    fn from(fault: logbook::Fault) -> Self {
        Self::new(ending_of(&fault), fault.to_string())
    }
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        let ending = match &fault {
            Fault::Record(fault) => ending_of(fault),
            _ => Ending::Failed,
        };
        Self::new(ending, fault.to_string())
    }
}

impl From<Refused> for Failure {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Refusal(refusal) => Self::new(Ending::Failed, refusal.to_string()),
            Refused::Fault(fault) => fault.into(),
        }
    }
}

impl From<AccessRefused> for Failure {
    fn from(refused: AccessRefused) -> Self {
        match refused {
            AccessRefused::Refusal(refusal) => Self::failed(sentence_of(&refusal.to_string())),
            AccessRefused::NotYours(refusal) => Self::failed(sentence_of(&refusal.to_string())),
            AccessRefused::Fault(fault) => fault.into(),
        }
    }
}

/// `main` ends each sentence itself.
fn sentence_of(text: &str) -> String {
    text.trim_end_matches('.').to_owned()
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::failed(error.to_string())
    }
}

fn ending_of(fault: &logbook::Fault) -> Ending {
    match fault {
        logbook::Fault::Damaged { .. } | logbook::Fault::Forked(_) => Ending::Damaged,
        logbook::Fault::Stopped { .. } | logbook::Fault::DiskFull => Ending::StoppedRecording,
        logbook::Fault::InUse(_) => Ending::InUse,
        logbook::Fault::WrongPassphrase(_)
        | logbook::Fault::WrongMachineKey(_)
        | logbook::Fault::WrongShares(_)
        | logbook::Fault::OtherCeremony { .. }
        | logbook::Fault::NoSuchSlot { .. }
        | logbook::Fault::Shares(_) => Ending::NoKeys,
        _ => Ending::Failed,
    }
}

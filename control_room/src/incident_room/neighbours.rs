//! A neighbour's report, from whichever door: read within its bounds, and kept beside the board, never trusted.
//!
//! Always: refused in a sentence for whoever sent it; the same report sent again is no entry. Called by the door for
//! posts and by the program's poller; proved by `intake/tests/neighbours.rs` and `lifeboat/tests/divert_room.rs`.

use super::{IncidentRefused, IncidentRoom};
use crate::Fault;
use basics::{EntryNumber, Moment};
use incident::diverts::{self, HAVE_BYTES_MAX, Intent, read_have};
use incident::{Ground, Person, Refusal};

/// Largest report that is read, in bytes.
pub const REPORT_BYTES_MAX: usize = HAVE_BYTES_MAX;

/// What came of a report.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Heard {
    /// It stands beside the board since that entry.
    Kept(EntryNumber),
    /// It says nothing that is not known.
    NothingNewer,
}

/// Why a report was not taken.
#[derive(Clone, Debug, thiserror::Error)]
pub enum ReportRefused {
    /// The report is at fault; the sentence is for whoever sent it.
    #[error("{0}")]
    Report(String),
    /// Something is broken here.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl IncidentRoom {
    /// Takes a report (EDXL-HAVE 2.0) of the neighbour of that name.
    ///
    /// # Errors
    /// The report cannot be read or kept.
    pub fn hear_neighbour(&self, feed: &str, bytes: &[u8], at: Moment) -> Result<Heard, ReportRefused> {
        let report = read_have(bytes).map_err(|fault| ReportRefused::Report(fault.to_string()))?;
        let feed = feed.to_owned();
        let intent = Intent::TakeFeed { ground: Ground::Real, feed, report: Box::new(report) };
        match self.submit(intent, &Person::lifeboat(), at) {
            Ok(receipt) => Ok(Heard::Kept(receipt.entry)),
            Err(IncidentRefused::Refusal(Refusal::Diverts(diverts::Refusal::FeedNotNewer { .. }))) => {
                Ok(Heard::NothingNewer)
            }
            Err(IncidentRefused::Refusal(refusal)) => Err(ReportRefused::Report(refusal.to_string())),
            Err(IncidentRefused::Fault(fault)) => Err(fault.into()),
        }
    }
}

//! What a ward pack holds, before it is paper: the census and each patient's sheets.

use crate::PatientRecord;
use crate::ward_list::WardList;
use basics::{FeedName, Moment};
use std::sync::Arc;

/// A feed of which nothing comes any more, or nothing is let in: what its system would have told since is on no sheet.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SilentFeed {
    /// Its name.
    pub name: FeedName,
    /// When its last message that stands in here was received; `None` when none ever was.
    pub since: Option<Moment>,
}

/// The contents of one ward's pack.
#[derive(Clone, PartialEq, Debug)]
pub struct WardPack {
    /// The census.
    pub list: WardList,
    /// Each patient's record, in ward order.
    pub patients: Vec<Arc<PatientRecord>>,
    /// The trust's name, printed on every sheet.
    pub trust: String,
    /// When the pack was put together.
    pub as_at: Moment,
    /// When the last message of any feed for this site that stands in here was received: how old the data are.
    pub data_as_at: Option<Moment>,
    /// Feeds for this site of which nothing came any more when the pack was put together, by name.
    pub silent: Vec<SilentFeed>,
    /// Feeds for this site that are kept apart at the hatch: since when nothing of them was let in, by name.
    pub apart: Vec<SilentFeed>,
    /// The head of the feed book when the pack was made: size and the first hexadecimal digits of its seal.
    pub head: String,
    /// "EXERCISE" or "DEMONSTRATION", printed across every sheet; `None` on the day.
    pub watermark: Option<String>,
    /// Base of the address in each sheet's QR code; empty for a plain sheet identity.
    pub address: String,
}

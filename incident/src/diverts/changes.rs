//! Which changes the receiving sites have acknowledged, and which wait.
//!
//! Always: a divert that begins, is renewed, ends or expires, and a plan that is accepted, is a change that every site
//! concerned acknowledges by itself; who has not is listed by name. Called by `diverts`; proved by `tests/diverts.rs`.

use super::{Fact, Refusal};
use crate::book::Asked;
use crate::{Ground, Stamp};
use basics::{EntryNumber, SiteId};
use std::collections::BTreeMap;

/// A change that sites must know.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Change {
    /// When and by whom; its entry is its number.
    pub stamp: Stamp,
    /// In words.
    pub what: String,
    /// Who must acknowledge it.
    pub sites: Vec<SiteId>,
    /// Who has.
    pub acknowledged: BTreeMap<SiteId, Stamp>,
}

/// Changes kept for the board; older ones stay in the log.
pub const CHANGES_MAX: usize = 1_000;

impl Change {
    /// Sites that have not acknowledged it.
    pub fn waiting(&self) -> impl Iterator<Item = &SiteId> {
        self.sites.iter().filter(|site| !self.acknowledged.contains_key(*site))
    }
}

pub(super) fn acknowledge(
    asked: &Asked<'_>,
    ground: Ground,
    change: EntryNumber,
    site: SiteId,
) -> Result<Fact, Refusal> {
    let there = asked.book.diverts.on(ground);
    let found = there.changes.iter().find(|c| c.stamp.entry == change && c.sites.contains(&site));
    let Some(found) = found else { return Err(Refusal::NothingToAcknowledge { site, entry: change.0 }) };
    if let Some(stamp) = found.acknowledged.get(&site) {
        return Err(Refusal::AcknowledgedAlready { site, by: stamp.by.to_string(), at: asked.say(stamp.at) });
    }
    Ok(Fact::Acknowledged { ground, change, site })
}

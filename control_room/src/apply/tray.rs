//! The tray while entries are applied: what could not be understood goes in; a person's decisions replay it or clear
//! it. Never: taken out without being understood or cleared.

use super::{Admission, Applier};
use crate::entries::SignedIntent;
use crate::hatch::Closing;
use crate::index::TrayRow;
use crate::{Fault, FeedEntry, Intent, ModeBoard, TrayItem};
use basics::{EntryNumber, FeedName, Moment};
use care::ProblemKind;
use translate::{Outcome, Translation};

impl Applier<'_> {
    pub(super) fn lay_in_tray(
        &mut self,
        entry: EntryNumber,
        received: Moment,
        feed: &FeedName,
        told: Translation,
        outcome: Outcome,
        applied: Vec<u64>,
    ) -> Result<(), Fault> {
        let kind = kind_of(outcome);
        self.tally(feed).in_tray += 1;
        self.batch.tray.push((feed.clone(), kind, 1));
        let item = TrayItem {
            entry,
            feed: feed.clone(),
            received,
            kind,
            problems: told.problems,
            message_type: told.message_type,
            replayed: 0,
        };
        self.writer.set_tray(entry, Some(&TrayRow { item, applied }))
    }

    pub(super) fn intent(
        &mut self,
        number: EntryNumber,
        at: Moment,
        signed: SignedIntent,
    ) -> Result<(), Fault> {
        match signed.intent {
            Intent::ClearTray { entry, .. } => {
                if let Some(row) = self.writer.tray(entry)? {
                    self.take_from_tray(&row)?;
                    self.tally(&row.item.feed).cleared += 1;
                }
            }
            Intent::ReplayTray { entry } => self.replay(entry)?,
            Intent::ReplayAll { feed } => {
                for entry in self.writer.tray_entries(feed.as_ref())? {
                    self.replay(entry)?;
                }
            }
            Intent::SetMode { mode, reason } => {
                self.writer.state.mode = ModeBoard { mode, since: Some(at), by: signed.by, reason };
                self.batch.mode = true;
            }
            Intent::ConfirmLocations { feed, map } => {
                let words = serde_json::to_string(&map)
                    .map_err(|e| Fault::Index { doing: "keep a location map", what: e.to_string() })?;
                let maps = &mut self.writer.state.locations;
                maps.retain(|(f, _)| *f != feed);
                maps.push((feed.clone(), words));
                maps.sort();
                self.shared.confirm_locations(&feed, &map);
            }
            Intent::ConfirmColumns { feed, map } => {
                let all = self.shared.confirm_columns(&feed, map);
                let words = serde_json::to_string(&all)
                    .map_err(|e| Fault::Index { doing: "keep a list's columns", what: e.to_string() })?;
                let maps = &mut self.writer.state.column_maps;
                maps.retain(|(f, _)| *f != feed);
                maps.push((feed, words));
                maps.sort();
            }
            decision @ (Intent::CloseHatch { .. } | Intent::OpenHatch { .. }) => {
                self.writer.state.hatch.decide(number, at, &signed.by, &decision);
                self.batch.mode = true;
            }
            Intent::TurnAway { entries, reason } => {
                let signed = Closing { entry: number, at, by: signed.by, reason };
                self.turn_away(&signed, &entries)?;
            }
            // The follower gives an admission a batch of its own, cut into pieces; whole, it comes to the same.
            Intent::AdmitKept { feed, up_to, reason } => {
                let admission = Admission { entry: number, at, by: signed.by, feed, up_to, reason };
                self.admit(&admission, usize::MAX)?;
            }
        }
        Ok(())
    }

    fn take_from_tray(&mut self, row: &TrayRow) -> Result<(), Fault> {
        self.writer.set_tray(row.item.entry, None)?;
        self.batch.tray.push((row.item.feed.clone(), row.item.kind, -1));
        let tally = self.tally(&row.item.feed);
        tally.in_tray = tally.in_tray.saturating_sub(1);
        Ok(())
    }

    /// Reads a message again with today's rules. What was applied of it before is not applied again.
    fn replay(&mut self, entry: EntryNumber) -> Result<(), Fault> {
        let Some(mut row) = self.writer.tray(entry)? else { return Ok(()) };
        let Some(FeedEntry { feed, bytes, at, .. }) = self.shared.entry(entry)? else { return Ok(()) };
        let mut told = self.shared.translate(&feed, &bytes, entry, at);
        self.learn_places(&feed, &told)?;
        let done = row.applied.clone();
        let mut added = Vec::new();
        self.facts(&mut told, Some(&done), &mut added)?;
        self.writer.state.rebuild_advised |= !added.is_empty();
        row.applied.append(&mut added);
        match told.outcome() {
            Outcome::Understood => {
                self.take_from_tray(&row)?;
                self.tally(&feed).understood += 1;
            }
            outcome => {
                let before = std::mem::replace(&mut row.item.kind, kind_of(outcome));
                self.batch.tray.push((feed.clone(), before, -1));
                self.batch.tray.push((feed, row.item.kind, 1));
                row.item.problems = told.problems;
                row.item.message_type = told.message_type;
                row.item.replayed += 1;
                self.writer.set_tray(entry, Some(&row))?;
            }
        }
        Ok(())
    }
}

fn kind_of(outcome: Outcome) -> ProblemKind {
    match outcome {
        Outcome::NotUnderstood => ProblemKind::NotUnderstood,
        _ => ProblemKind::PartLost,
    }
}

//! Places while facts are applied: beds are remembered, and whoever was said to be in a place that nobody had named
//! yet is told when the feed names it.

use super::Applier;
use crate::Fault;
use crate::find::Slot;
use crate::index::CORE;
use basics::FeedName;
use care::ward_list::WardKey;
use care::{Fact, Update};
use translate::Translation;

impl Applier<'_> {
    /// Remembers the bed named, and who waits to hear what a place is that was only referred to.
    pub(super) fn note_place_of(
        &mut self,
        slot: Slot,
        step: &care::EncounterStep,
        fact: &Fact,
    ) -> Result<(), Fault> {
        let Update::Set(location) = &step.location else { return Ok(()) };
        match &location.ward {
            Some(ward) => {
                let site = location.site.clone().unwrap_or_else(|| self.shared.site_default(&fact.cite.feed));
                let key = WardKey { site, ward: ward.clone() };
                self.writer.note_bed(&key, location, fact.cite.received);
                self.batch.wards.insert(key);
            }
            None if location.sent.contains('/') || location.sent.starts_with("urn:") => {
                let place = (fact.cite.feed.clone(), location.sent.clone());
                let row = self.places.entry(place).or_default();
                if !row.waiting.contains(&slot) {
                    row.waiting.push(slot);
                    let row = row.clone();
                    self.writer.set_place(&fact.cite.feed, &location.sent, &row)?;
                }
            }
            None => {}
        }
        Ok(())
    }

    /// Takes in places that a message names, and tells those who waited for them.
    pub(super) fn learn_places(&mut self, feed: &FeedName, told: &Translation) -> Result<(), Fault> {
        let mut news = false;
        for place in &told.places {
            if !self.shared.learn_place(feed, place) {
                continue;
            }
            news = true;
            let row = self.places.entry((feed.clone(), place.reference.clone())).or_default();
            row.place = Some(place.clone());
            let row = row.clone();
            self.writer.set_place(feed, &place.reference, &row)?;
            self.batch.places.push(place.clone());
        }
        if !news {
            return Ok(());
        }
        let waited: Vec<(String, Vec<u32>)> = self
            .places
            .iter()
            .filter(|((f, _), row)| f == feed && !row.waiting.is_empty())
            .map(|((_, reference), row)| (reference.clone(), row.waiting.clone()))
            .collect();
        for (reference, waiting) in waited {
            if let Some(location) = self.shared.resolve_place(feed, &reference).filter(|l| l.ward.is_some()) {
                self.tell_place(feed, &reference, &location, &waiting)?;
            }
        }
        Ok(())
    }

    fn tell_place(
        &mut self,
        feed: &FeedName,
        reference: &str,
        location: &care::Location,
        waiting: &[u32],
    ) -> Result<(), Fault> {
        for slot in waiting {
            let record = self.writer.record_to_change(*slot, CORE)?;
            let mut seen = None;
            for encounter in &mut record.encounters {
                let cite = encounter.cite.as_ref().map(|c| c.received);
                let lists = [
                    &mut encounter.location,
                    &mut encounter.temporary_location,
                    &mut encounter.pending_location,
                ];
                let places = encounter.places.iter_mut().map(|(_, l)| l);
                for unknown in lists.into_iter().flatten().chain(places).filter(|l| l.sent == reference) {
                    *unknown = location.clone();
                    seen = seen.max(cite);
                }
            }
            if let (Some(seen), Some(ward)) = (seen, &location.ward) {
                let site = location.site.clone().unwrap_or_else(|| self.shared.site_default(feed));
                self.writer.note_bed(&WardKey { site, ward: ward.clone() }, location, seen);
            }
        }
        if let Some(row) = self.places.get_mut(&(feed.clone(), reference.to_owned())) {
            row.waiting.clear();
            let row = row.clone();
            self.writer.set_place(feed, reference, &row)?;
        }
        Ok(())
    }
}

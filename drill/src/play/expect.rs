//! What a drill expects, asked through the control room's door as a screen would ask.

use super::{Fault, Stage};
use crate::Acknowledged;
use crate::scenario::{Expectation, FeedSeen, Seen};
use basics::{EntryNumber, Moment, SiteId, WardId};
use care::ward_list::{WardKey, WardList};
use care::{EncounterStatus, MedicationStatus, PatientRecord};
use control_room::FeedBoard;
use std::collections::BTreeSet;

/// Differences named in a failure; the rest are counted.
const DIFFERENCES_SHOWN_MAX: usize = 12;

impl Stage<'_> {
    pub(super) fn expect(&mut self, what: &Expectation, at: Moment) -> Result<(), Fault> {
        match what {
            // Asked by the stage, which has the line's words.
            Expectation::Response(_) => {}
            Expectation::Ward { pack, site, ward, banner, bed, has } => {
                let list = self.list(*pack, site, ward, at)?;
                self.expect_ward(list.as_ref(), banner, bed.as_deref(), *has);
            }
            Expectation::WardAge { site, ward, minutes } => {
                let list = self.list(false, site, ward, at)?;
                let age = list.and_then(|list| list.as_at).map(|as_at| at.seconds_since(as_at) / 60);
                self.same("the age of the newest fact in minutes", Some(i64::from(*minutes)), age);
            }
            Expectation::Patient { who, what, not } => self.expect_patient(who, what, *not)?,
            Expectation::FeedState { feed, what } => self.expect_feed(feed, what, at)?,
            Expectation::Tray { count } => {
                let seen = self.room()?.tray_counts().total;
                self.same("messages in the tray", *count, seen);
            }
            Expectation::Found { text, banner } => {
                let found = self.room()?.find(text, 10).map_err(|source| self.trouble(source))?;
                let names: Vec<String> = found.matches.into_iter().map(|found| found.patient.name).collect();
                if !names.contains(banner) {
                    self.fail(&format!("wanted {banner} among those found, got {names:?}"));
                }
            }
            Expectation::Truth => {
                let differences = self.compare_truth()?;
                if !differences.is_empty() {
                    let shown: Vec<String> =
                        differences.iter().take(DIFFERENCES_SHOWN_MAX).map(ToString::to_string).collect();
                    self.fail(&format!("{} differences:\n  {}", differences.len(), shown.join("\n  ")));
                }
            }
            Expectation::AccountsBalance => {
                let totals = self.room()?.totals();
                let at_hatch = totals.kept_apart + totals.turned_away;
                let kept = totals.understood + totals.in_tray + totals.cleared + at_hatch;
                self.same(
                    "understood + in the tray + cleared + kept apart + turned away",
                    totals.received,
                    kept,
                );
            }
            Expectation::NothingLost => self.expect_nothing_lost()?,
        }
        Ok(())
    }

    fn same<T: PartialEq + std::fmt::Debug>(&mut self, what: &str, want: T, got: T) {
        if want != got {
            self.fail(&format!("{what}: wanted {want:?}, got {got:?}"));
        }
    }

    fn list(&self, pack: bool, site: &str, ward: &str, at: Moment) -> Result<Option<WardList>, Fault> {
        let key = SiteId::new(site).zip(WardId::new(ward));
        let Some((site, ward)) = key else { return Err(self.fault("a ward needs a site and a code")) };
        let key = WardKey { site, ward };
        let room = self.room()?;
        if pack {
            let pack = room.ward_pack(&key, at).map_err(|source| self.trouble(source))?;
            // The pack's own sheets, not only its census: a row without its sheets does not count.
            return Ok(pack.map(|pack| {
                let sheets: BTreeSet<_> = pack.patients.iter().map(|patient| patient.key).collect();
                let mut list = pack.list;
                list.rows
                    .retain(|row| row.patient.as_ref().is_none_or(|patient| sheets.contains(&patient.key)));
                list
            }));
        }
        room.ward_list(&key).map_err(|source| self.trouble(source))
    }

    fn expect_ward(&mut self, list: Option<&WardList>, banner: &str, bed: Option<&str>, has: bool) {
        let rows = list.map(|list| list.rows.as_slice()).unwrap_or_default();
        let beds: Vec<&str> = rows
            .iter()
            .filter(|row| row.patient.as_ref().is_some_and(|patient| patient.name == banner))
            .map(|row| row.bed.as_str())
            .collect();
        let fits = match bed {
            Some(bed) => beds.contains(&bed),
            None => !beds.is_empty(),
        };
        // Twice in one ward is once too often, wherever the drill looks.
        if fits != has || beds.len() > 1 {
            let seen: Vec<String> = rows
                .iter()
                .map(|row| {
                    format!("{}: {}", row.bed, row.patient.as_ref().map_or("empty", |p| p.name.as_str()))
                })
                .collect();
            self.fail(&format!("the ward shows {seen:?}"));
        }
    }

    fn expect_patient(&mut self, who: &str, what: &Seen, not: bool) -> Result<(), Fault> {
        let Some(person) = self.scenario.people.get(who) else {
            return Err(self.fault("nobody is called so"));
        };
        let room = self.room()?;
        let key = room.find_exact(&person.mrn).map_err(|source| self.trouble(source))?;
        let Some(key) = key else {
            if !not {
                self.fail("the patient is not known");
            }
            return Ok(());
        };
        if let Seen::MergedInto(survivor) = what {
            let survivor = self.scenario.people.get(survivor).map(|p| p.mrn.clone()).unwrap_or_default();
            let survivor = room.find_exact(&survivor).map_err(|source| self.trouble(source))?;
            let raw = room.patient_raw(key).map_err(|source| self.trouble(source))?;
            let into = raw.and_then(|record| record.merged_into);
            let one = survivor.is_some() && (into == survivor || Some(key) == survivor);
            if one == not {
                self.fail(&format!("merged into {into:?}"));
            }
            return Ok(());
        }
        let record = room.patient(key).map_err(|source| self.trouble(source))?;
        let Some(record) = record else {
            self.fail("the patient has no record");
            return Ok(());
        };
        let (fits, seen) = look(what, &record);
        if fits == not {
            self.fail(&format!("seen: {seen}"));
        }
        Ok(())
    }

    fn expect_feed(&mut self, feed: &str, what: &FeedSeen, at: Moment) -> Result<(), Fault> {
        let boards = self.room()?.feeds();
        let Some(board) = boards.into_iter().find(|board| board.name.as_str() == feed) else {
            self.fail("the feed is not on the board");
            return Ok(());
        };
        let FeedBoard { silent, last_received, duplicates, same_id_other_bytes, received, .. } = board;
        match what {
            FeedSeen::Silent => self.same("silent", true, silent),
            FeedSeen::Talking => self.same("silent", false, silent),
            FeedSeen::AgeMinutes(minutes) => {
                let age = last_received.map(|last| at.seconds_since(last) / 60);
                self.same("age in minutes", Some(i64::from(*minutes)), age);
            }
            FeedSeen::Duplicates(count) => self.same("duplicates", *count, duplicates),
            FeedSeen::SameIdOtherBytes(count) => {
                self.same("same id, other bytes", *count, same_id_other_bytes)
            }
            FeedSeen::Received(count) => self.same("received", *count, received),
        }
        Ok(())
    }

    fn expect_nothing_lost(&mut self) -> Result<(), Fault> {
        let room = self.room()?;
        let mut kept = BTreeSet::new();
        for number in 1..=room.status().book_size {
            // Entries that are decisions, not messages, hold no bytes of a feed.
            if let Ok(Some(entry)) = room.entry(EntryNumber(number)) {
                kept.insert(Acknowledged::of(entry.feed.as_str(), "", &entry.bytes));
            }
        }
        let missing = self.acknowledged.iter().filter(|sent| !kept.contains(sent)).count();
        self.same("acknowledged messages that are not kept", 0, missing);
        Ok(())
    }
}

/// Whether it is so, and what is there in words.
fn look(what: &Seen, record: &PatientRecord) -> (bool, String) {
    let stay = record
        .current_encounter()
        .or_else(|| record.encounters.iter().rev().find(|stay| stay.status == EncounterStatus::OnLeave));
    match what {
        Seen::Banner(want) => {
            let banner = record.name.as_ref().map(care::PersonName::banner).unwrap_or_default();
            (banner == *want, banner)
        }
        Seen::Nhs(want) => {
            let number = record.nhs_number().map(|number| number.digits()).unwrap_or_default();
            (number == *want, number)
        }
        Seen::Born(want) => {
            let born = record.birth_date.map(|date| date.iso()).unwrap_or_default();
            (born == *want, born)
        }
        Seen::At { site, ward, room, bed } => {
            let location = stay.and_then(|stay| stay.location.clone()).unwrap_or_default();
            let parts = [
                location.site.as_ref().map_or("", SiteId::as_str),
                location.ward.as_ref().map_or("", WardId::as_str),
                location.room.as_deref().unwrap_or(""),
                location.bed.as_deref().unwrap_or(""),
            ];
            (parts == [site.as_str(), ward, room, bed], format!("{parts:?}"))
        }
        Seen::NotInHospital => {
            (stay.is_none(), format!("{:?}", stay.map(|stay| (stay.status, &stay.location))))
        }
        Seen::Allergy(want) => {
            let list: Vec<&str> = record.allergies.list.iter().map(|a| a.substance.as_str()).collect();
            (list.contains(&want.as_str()), format!("{list:?}"))
        }
        Seen::AllergyHeading(want) => {
            let heading = record.allergies.knowledge.heading();
            (heading == want, heading.to_owned())
        }
        Seen::Flag(want) => {
            let flags: Vec<&str> =
                record.flags.iter().filter(|f| f.active).map(|f| f.text.as_str()).collect();
            (flags.contains(&want.as_str()), format!("{flags:?}"))
        }
        Seen::Died => (record.died.is_some(), format!("{:?}", record.died)),
        Seen::OnLeave => {
            let status = stay.map(|stay| stay.status);
            (status == Some(EncounterStatus::OnLeave), format!("{status:?}"))
        }
        Seen::NotMerged => (record.merged_into.is_none(), format!("{:?}", record.merged_into)),
        Seen::MergedInto(_) => (false, String::new()),
        Seen::Medicine { .. } | Seen::LastGiven(_) | Seen::Result { .. } => look_at_charts(what, record),
    }
}

fn look_at_charts(what: &Seen, record: &PatientRecord) -> (bool, String) {
    match what {
        Seen::Medicine { name, dose } => {
            let active: Vec<(&str, &str)> = record
                .medications
                .iter()
                .filter(|line| line.status == MedicationStatus::Active)
                .map(|line| (line.medicine.as_str(), line.dose.as_str()))
                .collect();
            (active.contains(&(name.as_str(), dose.as_str())), format!("{active:?}"))
        }
        Seen::LastGiven(want) => {
            let given: Vec<Option<Moment>> = record.medications.iter().map(|line| line.last_given).collect();
            (given.contains(&Some(*want)), format!("{given:?}"))
        }
        Seen::Result { name, value } => {
            let results: Vec<(String, String)> = record
                .reports
                .iter()
                .flat_map(|report| &report.results)
                .chain(&record.observations)
                .map(|line| {
                    (line.name.clone(), line.value.as_ref().map(care::Value::shown).unwrap_or_default())
                })
                .collect();
            (results.contains(&(name.clone(), value.clone())), format!("{results:?}"))
        }
        _ => (false, String::new()),
    }
}

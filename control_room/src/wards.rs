//! Who is on which ward, held in memory, so that a ward's list is there at once however many patients are known.
//!
//! Filled from the summaries when the index opens and kept up to date with each batch. Beds are remembered from what
//! messages say of them, so that empty ones are shown; a bed that nobody was said to be in for a while is left out.

use crate::find::words::words;
use crate::index::{Beds, Summary};
use basics::Moment;
use care::ward_list::{WardKey, WardList, WardPatient, WardSummary, bed_label, build};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Everybody who is on a ward, and the beds.
#[derive(Default)]
pub struct Wards {
    wards: BTreeMap<WardKey, Ward>,
    of: HashMap<u32, WardKey>,
}

#[derive(Default)]
struct Ward {
    patients: BTreeMap<u32, WardPatient>,
    beds: Beds,
}

impl Wards {
    /// Notes where a patient is now. Gives the wards that changed.
    pub fn note(&mut self, slot: u32, summary: &Summary) -> Vec<WardKey> {
        let mut changed = Vec::new();
        if let Some(before) = self.of.get(&slot)
            && summary.ward.as_ref() != Some(before)
        {
            if let Some(ward) = self.wards.get_mut(before) {
                ward.patients.remove(&slot);
            }
            changed.extend(self.of.remove(&slot));
        }
        if let Some(key) = &summary.ward {
            self.wards.entry(key.clone()).or_default().patients.insert(slot, summary.row.clone());
            self.of.insert(slot, key.clone());
            changed.push(key.clone());
        }
        changed
    }

    /// Notes a ward's beds.
    pub fn note_beds(&mut self, key: WardKey, beds: Beds) {
        self.wards.entry(key).or_default().beds = beds;
    }

    /// All wards, by site and code. `name` names a ward for people; beds seen before `since` are not counted.
    pub fn summaries(&self, name: &dyn Fn(&WardKey) -> String, since: Moment) -> Vec<WardSummary> {
        let one = |(key, ward): (&WardKey, &Ward)| {
            let list = ward.list(key, String::new(), since);
            let beds = list.rows.iter().filter(|r| !r.bed.to_ascii_lowercase().ends_with("no bed"));
            let beds: BTreeSet<&str> = beds.map(|r| r.bed.as_str()).collect();
            WardSummary {
                key: key.clone(),
                name: name(key),
                patients: ward.patients.len(),
                beds: beds.len(),
                as_at: list.as_at,
            }
        };
        self.wards.iter().map(one).filter(|w| w.patients + w.beds > 0).collect()
    }

    /// A ward's list.
    pub fn list(&self, key: &WardKey, name: &dyn Fn(&WardKey) -> String, since: Moment) -> Option<WardList> {
        self.wards.get(key).map(|ward| ward.list(key, name(key), since))
    }

    /// Patients whose place answers to all these words ("amu", "3"): the ward by code or name, room and bed by their
    /// words, numbers without leading zeros; "bed", "bay", "ward" and "room" may be left out or put in. Only asked for
    /// when a word names the ward. Gives row and whether bed or room was named too.
    pub fn at_place(&self, asked: &[String], name: &dyn Fn(&WardKey) -> String) -> Vec<(u32, bool)> {
        let filler = |w: &str| matches!(w, "bed" | "bay" | "ward" | "room");
        let asked: Vec<String> = asked.iter().filter(|w| !filler(w)).map(|w| bare(w)).collect();
        let mut found = Vec::new();
        if asked.is_empty() {
            return found;
        }
        for (key, ward) in &self.wards {
            let mut ward_words = pieces(key.ward.as_str());
            ward_words.push(bare(&key.ward.as_str().to_lowercase()));
            ward_words.extend(pieces(&name(key)));
            let of_ward = |w: &&String| {
                w.len() >= 2 && ward_words.iter().any(|v| v == *w) || ward_words.last() == Some(w)
            };
            if !asked.iter().any(|w| of_ward(&w)) {
                continue;
            }
            let rest: Vec<&String> = asked.iter().filter(|w| !of_ward(w)).collect();
            for (slot, patient) in &ward.patients {
                let mut bed_words = pieces(&bed_label(&patient.location));
                bed_words.extend(patient.location.bed.iter().flat_map(|b| pieces(b)));
                if rest.iter().all(|w| bed_words.contains(w)) {
                    found.push((*slot, !rest.is_empty()));
                }
            }
        }
        found.sort_unstable();
        found
    }
}

impl Ward {
    fn list(&self, key: &WardKey, name: String, since: Moment) -> WardList {
        let beds: Vec<_> =
            self.beds.beds.values().filter(|(_, seen)| *seen >= since).map(|(l, _)| l.clone()).collect();
        build(key.clone(), &name, self.patients.values().cloned().collect(), &beds)
    }
}

/// Words, with letters and digits parted: "BAY2-6" is bay, 2, 6.
fn pieces(text: &str) -> Vec<String> {
    let mut out = Vec::new();
    for word in words(text) {
        let mut piece = String::new();
        for c in word.chars() {
            if piece.chars().last().is_some_and(|l| l.is_ascii_digit() != c.is_ascii_digit()) {
                out.push(bare(&piece));
                piece.clear();
            }
            piece.push(c);
        }
        out.push(bare(&piece));
        if out.last() != Some(&word) {
            out.push(bare(&word));
        }
    }
    out
}

/// Without leading zeros.
fn bare(word: &str) -> String {
    let cut = word.trim_start_matches('0');
    if cut.is_empty() { word.to_owned() } else { cut.to_owned() }
}

//! What the index's rows hold, and how a record is divided among them.
//!
//! A record is one row of its core and a few rows for each long list (reports, observations, administrations,
//! documents), sixteen items a row, oldest first, so that a new result writes the newest row alone. Rows are postcard
//! of the types below; no other version reads them: when a type changes, `VERSION` goes up and the index is made
//! again.

use crate::ModeBoard;
use basics::{EntryNumber, FeedName, Moment};
use care::ward_list::{WardKey, WardPatient};
use care::{Identifier, Location, PatientKey, PatientRecord, PersonName};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// Goes up with every change of the schema, of a row's type, or of what facts make of a record.
pub const VERSION: i32 = 11;

/// Items in one row of a long list.
const ITEMS_A_ROW: usize = 16;

/// The long lists of a record.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Section {
    /// Reports.
    Reports = 1,
    /// Single observations.
    Observations = 2,
    /// Doses.
    Administrations = 3,
    /// Documents.
    Documents = 4,
}

impl Section {
    /// All of them.
    pub const ALL: [Section; 4] =
        [Section::Reports, Section::Observations, Section::Administrations, Section::Documents];

    /// Its bit in a set of sections.
    pub fn bit(self) -> u8 {
        1 << (self as u8)
    }
}

/// The bit of the core in a set of sections.
pub const CORE: u8 = 1;
/// Core and all sections.
pub const WHOLE: u8 = 0b1_1111;

/// What is known of a patient without opening the record: enough for lists and for finding.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Summary {
    /// The patient.
    pub key: PatientKey,
    /// The row on lists; made from the record with all merged ones folded in.
    pub row: WardPatient,
    /// The name, and the others.
    pub name: Option<PersonName>,
    /// Former and other names.
    pub other_names: Vec<PersonName>,
    /// All identifiers of this record alone.
    pub identifiers: Vec<Identifier>,
    /// The ward on whose list the patient stands.
    pub ward: Option<WardKey>,
    /// In the hospital now.
    pub current: bool,
    /// The record that this one was merged into.
    pub merged_into: Option<PatientKey>,
    /// Bookings of this record alone that have a time.
    pub bookings: Vec<care::Appointment>,
    /// Special lists that this record alone is on.
    pub special: Vec<care::special_lists::OnList>,
    /// Died, as far as it is known.
    pub died: bool,
    /// Sum of the core's row.
    pub core_sum: u64,
    /// Sums of the lists' rows: row number within the patient, sum.
    pub part_sums: Vec<(u16, u64)>,
}

/// A feed's tally.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Tally {
    /// The feed.
    pub feed: FeedName,
    /// Messages the index has come to, duplicates not counted.
    pub received: u64,
    /// Understood with nothing lost.
    pub understood: u64,
    /// In the tray.
    pub in_tray: u64,
    /// Cleared by a person.
    pub cleared: u64,
    /// Kept twice (while the index was being made), applied once.
    pub kept_twice: u64,
    /// Came before with other bytes.
    pub same_id_other_bytes: u64,
    /// When the last was received.
    pub last_received: Option<Moment>,
    /// Its own time.
    pub last_source_time: Option<Moment>,
    /// Kept apart at the hatch, waiting.
    pub kept_apart: u64,
    /// Turned away at the hatch.
    pub turned_away: u64,
    /// When the last that was applied was received.
    pub last_shown: Option<Moment>,
}

impl Tally {
    /// Nothing yet.
    pub fn new(feed: FeedName) -> Self {
        Self {
            feed,
            received: 0,
            understood: 0,
            in_tray: 0,
            cleared: 0,
            kept_twice: 0,
            same_id_other_bytes: 0,
            last_received: None,
            last_source_time: None,
            kept_apart: 0,
            turned_away: 0,
            last_shown: None,
        }
    }
}

/// How far the index has come, and what it should add up to. One row, written in every transaction.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct State {
    /// The last entry applied.
    pub applied: EntryNumber,
    /// Sum of that entry as it stands in the book: an index of another book does not pass.
    pub applied_sum: u64,
    /// When that entry was received.
    pub applied_at: Moment,
    /// See `Sums::witness`.
    pub witness: u64,
    /// Sum over all rows of `patient`, `tray`, `apart`, `ward` and `place`.
    pub rows_sum: u64,
    /// Rows in `patient`.
    pub patients: u64,
    /// Rows in `seen`.
    pub seen: u64,
    /// Sum over all rows of `seen`.
    pub seen_sum: u64,
    /// The feeds' tallies, by name.
    pub tallies: Vec<Tally>,
    /// The mode.
    pub mode: ModeBoard,
    /// Location maps that a person confirmed, by feed, as JSON.
    pub locations: Vec<(FeedName, String)>,
    /// What the columns of lists hold, as a person confirmed it, by feed, as JSON.
    pub column_maps: Vec<(FeedName, String)>,
    /// Something was understood on replay, out of its place in time.
    pub rebuild_advised: bool,
    /// How the hatch stands.
    pub hatch: crate::hatch::HatchState,
}

/// A tray item with what was already applied of its message.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct TrayRow {
    /// What people see.
    pub item: crate::TrayItem,
    /// Sums of the facts applied, so that a replay adds only what was lost.
    pub applied: Vec<u64>,
}

/// The beds of a ward: where, and the hour in which somebody was last said to be there.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Beds {
    /// By label.
    pub beds: std::collections::BTreeMap<String, (Location, Moment)>,
}

/// A place that a feed named (FHIR Location), and who waits to hear what it is.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct PlaceRow {
    /// What it is; `None` while it was only referred to.
    pub place: Option<translate::PlaceName>,
    /// Rows of patients said to be there.
    pub waiting: Vec<u32>,
}

/// Encodes a row.
pub fn encode<T: Serialize>(value: &T) -> Result<Vec<u8>, crate::Fault> {
    postcard::to_stdvec(value).map_err(|e| crate::Fault::Index { doing: "encode a row", what: e.to_string() })
}

/// Decodes a row whose sum was right; failing is damage all the same.
pub fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, crate::Fault> {
    postcard::from_bytes(bytes).map_err(|e| crate::Fault::damaged(format!("a row cannot be read: {e}")))
}

/// The core's row: the record without its long lists, which come back unharmed.
pub fn encode_core(record: &mut PatientRecord) -> Result<Vec<u8>, crate::Fault> {
    let reports = std::mem::take(&mut record.reports);
    let observations = std::mem::take(&mut record.observations);
    let administrations = std::mem::take(&mut record.administrations);
    let documents = std::mem::take(&mut record.documents);
    let encoded = encode(record);
    record.reports = reports;
    record.observations = observations;
    record.administrations = administrations;
    record.documents = documents;
    encoded
}

/// The rows of one long list: row number within the patient, bytes.
pub fn encode_section(record: &PatientRecord, section: Section) -> Result<Vec<(u16, Vec<u8>)>, crate::Fault> {
    match section {
        Section::Reports => rows_of(&record.reports, section),
        Section::Observations => rows_of(&record.observations, section),
        Section::Administrations => rows_of(&record.administrations, section),
        Section::Documents => rows_of(&record.documents, section),
    }
}

fn rows_of<T: Serialize>(list: &[T], section: Section) -> Result<Vec<(u16, Vec<u8>)>, crate::Fault> {
    // Lists are newest first; counted from the old end, a new item leaves all full rows as they are.
    let row = |(i, items): (usize, &[T])| Ok((part_number(section, i), encode(&items)?));
    list.rchunks(ITEMS_A_ROW).enumerate().map(row).collect()
}

/// The number of a list's `i`th row within its patient: section in the upper four bits of sixteen.
fn part_number(section: Section, i: usize) -> u16 {
    (section as u16) << 12 | (i as u16 & 0xfff)
}

/// The section that a row belongs to.
pub fn section_of(part: u16) -> Option<Section> {
    Section::ALL.into_iter().find(|s| *s as u16 == part >> 12)
}

/// Puts a list's rows, in ascending order, back into a record.
pub fn decode_part(record: &mut PatientRecord, part: u16, bytes: &[u8]) -> Result<(), crate::Fault> {
    fn front<T: DeserializeOwned>(list: &mut Vec<T>, bytes: &[u8]) -> Result<(), crate::Fault> {
        let mut items: Vec<T> = decode(bytes)?;
        items.append(list);
        *list = items;
        Ok(())
    }
    match section_of(part) {
        Some(Section::Reports) => front(&mut record.reports, bytes),
        Some(Section::Observations) => front(&mut record.observations, bytes),
        Some(Section::Administrations) => front(&mut record.administrations, bytes),
        Some(Section::Documents) => front(&mut record.documents, bytes),
        None => Err(crate::Fault::damaged("a row of an unknown list")),
    }
}

/// A part's row id: all rows of a patient lie side by side.
pub fn part_id(slot: u32, part: u16) -> i64 {
    i64::from(slot) << 16 | i64::from(part)
}

#[cfg(test)]
mod tests {
    use super::*;
    use care::Observation;

    fn observation(n: usize) -> Observation {
        Observation {
            id: n.to_string(),
            code: String::new(),
            system: String::new(),
            name: String::new(),
            value: None,
            range: String::new(),
            abnormal: None,
            status: care::ResultStatus::Final,
            at: None,
            note: String::new(),
            cite: None,
        }
    }

    #[test]
    fn lists_come_back_as_they_went() {
        for length in [0, 1, 15, 16, 17, 40] {
            let observations = (0..length).map(observation).collect();
            let mut record = PatientRecord { observations, ..PatientRecord::default() };
            let rows = encode_section(&record, Section::Observations).unwrap();
            let mut back = PatientRecord::default();
            for (part, bytes) in &rows {
                decode_part(&mut back, *part, bytes).unwrap();
            }
            assert_eq!(back.observations, record.observations);
            // One more in front changes the last row, or begins another; the rest stays.
            record.observations.insert(0, observation(99));
            let after = encode_section(&record, Section::Observations).unwrap();
            let same = rows.iter().filter(|row| after.contains(row)).count();
            assert!(same + 1 >= rows.len(), "{length}");
        }
    }
}

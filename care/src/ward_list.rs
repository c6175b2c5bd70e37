//! The ward list: who is in which bed, in the ward's own order, empty beds shown.

use crate::problems::folded;
use crate::{
    AllergyKnowledge, EncounterClass, EncounterStatus, FlagKind, Location, PatientKey, PatientRecord,
    PersonName, Sex,
};
use basics::{Moment, NhsNumber, PartialDate, SiteId, WardId};
use serde::{Deserialize, Serialize};
use std::cmp::Ordering;

/// A ward of a site.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct WardKey {
    /// The hospital.
    pub site: SiteId,
    /// The ward's code within it.
    pub ward: WardId,
}

/// One ward in the list of wards.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct WardSummary {
    /// Which ward.
    pub key: WardKey,
    /// Name for people; the code when no map gives one.
    pub name: String,
    /// Patients there now.
    pub patients: usize,
    /// Beds known, occupied or not.
    pub beds: usize,
    /// Newest fact about anybody there.
    pub as_at: Option<Moment>,
}

/// A ward's list.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct WardList {
    /// Which ward.
    pub key: WardKey,
    /// Name for people.
    pub name: String,
    /// In ward order; empty beds have no patient.
    pub rows: Vec<WardRow>,
    /// Newest fact about anybody there.
    pub as_at: Option<Moment>,
}

/// One bed, or a patient on the ward without a bed.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct WardRow {
    /// Room and bed in words; "No bed" for a patient without one.
    pub bed: String,
    /// Who is in it.
    pub patient: Option<WardPatient>,
}

/// What the ward list shows of a patient.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct WardPatient {
    pub key: PatientKey,
    /// Banner form: `SMITH, Fredrica (Mrs)`.
    pub name: String,
    pub birth_date: Option<PartialDate>,
    pub sex: Option<Sex>,
    pub nhs_number: Option<NhsNumber>,
    pub mrn: Option<String>,
    pub class: EncounterClass,
    pub location: Location,
    pub temporary_location: Option<Location>,
    pub admitted: Option<Moment>,
    pub reason: Option<String>,
    pub consultant: Option<String>,
    pub allergy_knowledge: AllergyKnowledge,
    /// Substances, worst first.
    pub allergies: Vec<String>,
    /// Active alerts: kind and words.
    pub flags: Vec<(FlagKind, String)>,
    pub on_leave: bool,
    pub died: bool,
    pub as_at: Option<Moment>,
}

impl WardPatient {
    /// The row for a patient; for one merged from several records, pass the folded record.
    pub fn of(record: &PatientRecord) -> Self {
        let stay = record.current_encounter();
        let mut allergies: Vec<_> = record.allergies.list.iter().collect();
        allergies.sort_by_key(|a| std::cmp::Reverse(a.severity));
        let words = |a: &&crate::AllergyIntolerance| {
            if a.substance.is_empty() { a.code.clone() } else { a.substance.clone() }
        };
        let mut flags: Vec<_> =
            record.flags.iter().filter(|f| f.active).map(|f| (f.kind, f.text.clone())).collect();
        flags.sort();
        flags.dedup();
        let mut substances: Vec<String> = Vec::with_capacity(allergies.len());
        for word in allergies.iter().map(words) {
            if !substances.iter().any(|known| folded(known) == folded(&word)) {
                substances.push(word);
            }
        }
        Self {
            key: record.key,
            name: record.name.as_ref().map_or_else(|| "NAME NOT RECORDED".to_owned(), PersonName::banner),
            birth_date: record.birth_date,
            sex: record.sex,
            nhs_number: record.nhs_number(),
            mrn: record.mrns().next().map(str::to_owned),
            class: stay.map_or(EncounterClass::Other, |e| e.class),
            location: stay.and_then(|e| e.location.clone()).unwrap_or_default(),
            temporary_location: stay.and_then(|e| e.temporary_location.clone()),
            admitted: stay.and_then(|e| e.admitted),
            reason: stay.and_then(|e| e.reason.clone()),
            consultant: stay.and_then(|e| e.consultant.clone().or_else(|| e.attending.clone())),
            allergy_knowledge: record.allergies.knowledge,
            allergies: substances,
            flags,
            on_leave: stay.is_some_and(|e| e.status == EncounterStatus::OnLeave),
            died: record.died.is_some(),
            as_at: record.as_at.any.as_ref().map(|c| c.at),
        }
    }
}

/// The ward on whose list a patient stands, if any; `None` for the site when neither message nor feed names one.
pub fn ward_of(record: &PatientRecord) -> Option<(Option<SiteId>, WardId)> {
    if record.merged_into.is_some() {
        return None;
    }
    let location = record.current_encounter().filter(|e| e.on_ward())?.location.as_ref()?;
    Some((location.site.clone(), location.ward.clone()?))
}

/// Room and bed in words: "Bed 12", "W7 Bed 12", "Bay 2 Bed 6"; "No bed" when none is named. A room that only repeats
/// the ward's name is left out, and so is the ward's name in front of a bed ("SAU Bed 1" on SAU).
pub fn bed_label(location: &Location) -> String {
    let ward = location.ward.as_ref().map_or("", WardId::as_str);
    let room =
        location.room.as_deref().map(str::trim).filter(|r| !r.is_empty() && !r.eq_ignore_ascii_case(ward));
    let Some(bed) = location.bed.as_deref().map(str::trim).filter(|b| !b.is_empty()) else {
        return room.map_or_else(|| "No bed".to_owned(), |room| format!("{room}, no bed"));
    };
    let short = bed
        .get(..ward.len())
        .filter(|start| !ward.is_empty() && start.eq_ignore_ascii_case(ward))
        .and_then(|start| bed.get(start.len()..))
        .map(|rest| rest.trim_start_matches([' ', '-', '_']))
        .filter(|rest| !rest.is_empty())
        .unwrap_or(bed);
    let bare = short.len() <= 3 && short.starts_with(|c: char| c.is_ascii_digit());
    let bed = if bare { format!("Bed {short}") } else { short.to_owned() };
    match room {
        Some(room) if !bed.to_ascii_lowercase().contains(&room.to_ascii_lowercase()) => {
            format!("{room} {bed}")
        }
        _ => bed,
    }
}

/// Compares as a ward counts: "Bed 2" before "Bed 10", letters without regard to case.
pub fn natural(a: &str, b: &str) -> Ordering {
    let (mut a, mut b) = (a, b);
    loop {
        match (split(a), split(b)) {
            (None, None) => return Ordering::Equal,
            (None, _) => return Ordering::Less,
            (_, None) => return Ordering::Greater,
            (Some((part_a, rest_a)), Some((part_b, rest_b))) => {
                let order = compare_parts(part_a, part_b);
                if order != Ordering::Equal {
                    return order;
                }
                (a, b) = (rest_a, rest_b);
            }
        }
    }
}

/// The first run of digits or of other characters, and what follows it.
fn split(text: &str) -> Option<(&str, &str)> {
    let first = text.chars().next()?;
    let digits = first.is_ascii_digit();
    let end = text.find(|c: char| c.is_ascii_digit() != digits).unwrap_or(text.len());
    text.split_at_checked(end)
}

fn compare_parts(a: &str, b: &str) -> Ordering {
    let digits = |t: &str| t.starts_with(|c: char| c.is_ascii_digit());
    if digits(a) && digits(b) {
        let (a, b) = (a.trim_start_matches('0'), b.trim_start_matches('0'));
        return a.len().cmp(&b.len()).then_with(|| a.cmp(b));
    }
    a.to_lowercase().cmp(&b.to_lowercase())
}

/// Puts rows in ward order: room, then bed; patients without a bed last; two patients in one bed by name.
pub fn order_rows(rows: &mut [WardRow]) {
    rows.sort_by(|a, b| {
        let without = |row: &WardRow| row.bed.to_ascii_lowercase().ends_with("no bed");
        let name = |row: &WardRow| row.patient.as_ref().map_or(String::new(), |p| p.name.clone());
        without(a).cmp(&without(b)).then_with(|| natural(&a.bed, &b.bed)).then_with(|| name(a).cmp(&name(b)))
    });
}

/// A ward's list: everybody on it, and the beds known to be there and empty. Two patients in one bed are both shown.
pub fn build(key: WardKey, name: &str, patients: Vec<WardPatient>, beds: &[Location]) -> WardList {
    let as_at = patients.iter().filter_map(|p| p.as_at).max();
    let mut rows: Vec<WardRow> =
        patients.into_iter().map(|p| WardRow { bed: bed_label(&p.location), patient: Some(p) }).collect();
    for bed in beds.iter().filter(|b| b.bed.is_some()) {
        let label = bed_label(bed);
        if !rows.iter().any(|row| row.bed == label) {
            rows.push(WardRow { bed: label, patient: None });
        }
    }
    order_rows(&mut rows);
    WardList { key, name: name.to_owned(), rows, as_at }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beds_are_named_and_ordered_as_a_ward_does() {
        let place = |ward: &str, room: &str, bed: &str| Location {
            ward: WardId::new(ward),
            room: (!room.is_empty()).then(|| room.to_owned()),
            bed: (!bed.is_empty()).then(|| bed.to_owned()),
            ..Location::default()
        };
        for (ward, room, bed, label) in [
            ("AMU", "AMU", "Bed 3", "Bed 3"),
            ("CARD", "W6", "Bed 26", "W6 Bed 26"),
            ("SAU", "", "SAU Bed 1", "Bed 1"),
            ("OBS1", "", "BAY2-6", "BAY2-6"),
            ("2000", "2012", "01", "2012 Bed 01"),
            ("ED", "", "", "No bed"),
            ("ED", "Resus", "", "Resus, no bed"),
        ] {
            assert_eq!(bed_label(&place(ward, room, bed)), label, "{ward} {room} {bed}");
        }
        let mut rows: Vec<WardRow> = ["Bed 10", "No bed", "Bed 2", "Bay 2 Bed 1", "bed 1", "Bay 1 Bed 9"]
            .map(|bed| WardRow { bed: bed.to_owned(), patient: None })
            .into();
        order_rows(&mut rows);
        let order: Vec<_> = rows.iter().map(|r| r.bed.as_str()).collect();
        assert_eq!(order, ["Bay 1 Bed 9", "Bay 2 Bed 1", "bed 1", "Bed 2", "Bed 10", "No bed"]);
    }
}

//! Medicines: what is prescribed, last given, next due. Names in bold, doses bold and labelled, never cut short.

use crate::desk::Look;
use crate::names::or_not_recorded;
use crate::parts::{Level, Mark, Stamp};
use care::{MedicationRequest, MedicationStatus, PatientRecord};

/// Most doses listed.
pub const DOSES_MAX: usize = 30;

/// One prescription.
pub struct MedicineLine {
    /// Generic name, lower case.
    pub name: String,
    /// "500 mg" or "Not recorded".
    pub dose: String,
    /// Route, form, how often, what for.
    pub details: Vec<(&'static str, String)>,
    /// The source's own words where parts are missing.
    pub text: String,
    /// When last given.
    pub last: Stamp,
    /// The dose then, when it was said.
    pub last_dose: String,
    /// When next due.
    pub next: NextDue,
    /// "On hold", "Stopped"; `None` for active ones.
    pub status: Option<&'static str>,
    /// The fact's own time.
    pub as_at: Stamp,
    /// The entry it comes from.
    pub entry: Option<u64>,
}

/// When a dose falls due.
pub enum NextDue {
    /// At this moment; past it a mark says "Overdue".
    At(Stamp, Option<Mark>),
    /// It cannot be said, and why.
    Words(&'static str),
}

/// One dose given or not.
pub struct DoseLine {
    /// The medicine.
    pub medicine: String,
    /// Dose and route.
    pub dose: String,
    /// Given, or "Not given" with why.
    pub done: Mark,
    /// Why not, or a remark.
    pub note: String,
    /// When.
    pub at: Stamp,
    /// The entry it comes from.
    pub entry: Option<u64>,
}

/// Active prescriptions (and those on hold), then the others that are kept.
pub fn medicines(look: &Look<'_>, r: &PatientRecord) -> (Vec<MedicineLine>, Vec<MedicineLine>) {
    let current =
        |m: &&MedicationRequest| matches!(m.status, MedicationStatus::Active | MedicationStatus::OnHold);
    let listed = |m: &&MedicationRequest| m.status != MedicationStatus::EnteredInError;
    let (now, past): (Vec<_>, Vec<_>) = r.medications.iter().filter(listed).partition(current);
    let lines = |list: Vec<&MedicationRequest>| list.into_iter().map(|m| line(look, m)).collect();
    (lines(now), lines(past))
}

fn line(look: &Look<'_>, m: &MedicationRequest) -> MedicineLine {
    let details = [
        ("Route", &m.route),
        ("Form", &m.form),
        ("How often", &m.frequency),
        ("For", &m.indication),
        ("Prescriber", &m.prescriber),
    ];
    MedicineLine {
        name: generic_name(if m.medicine.is_empty() { &m.code } else { &m.medicine }),
        dose: or_not_recorded(Some(&m.dose)),
        details: details.into_iter().filter(|(_, v)| !v.is_empty()).map(|(k, v)| (k, v.clone())).collect(),
        text: m.dosage_text.clone(),
        last: look.stamp_maybe(m.last_given),
        last_dose: m.last_given_dose.clone(),
        next: next_due(look, m),
        status: status_word(m.status),
        as_at: look.stamp_fact(m.cite.as_ref()),
        entry: m.cite.as_ref().map(|c| c.entry.0),
    }
}

fn next_due(look: &Look<'_>, m: &MedicationRequest) -> NextDue {
    match m.next_due() {
        Some(at) => {
            let mark = match (look.now > at, m.last_given) {
                (false, _) => None,
                (true, Some(_)) => Some(Mark::new(Level::Red, "Overdue by the record")),
                // Many feeds carry prescriptions but no doses: silence is no proof of a missed one.
                (true, None) => Some(Mark::new(Level::Amber, "No dose is recorded: check the chart")),
            };
            NextDue::At(look.stamp(at), mark)
        }
        None if m.as_required => NextDue::Words("As required: no fixed time"),
        None if m.status != MedicationStatus::Active => NextDue::Words("None: not active"),
        None => NextDue::Words("Cannot be worked out from the record: ask, or read the paper chart"),
    }
}

fn status_word(status: MedicationStatus) -> Option<&'static str> {
    match status {
        MedicationStatus::Active => None,
        MedicationStatus::OnHold => Some("On hold"),
        MedicationStatus::Completed => Some("Completed"),
        MedicationStatus::Stopped => Some("Stopped"),
        MedicationStatus::Cancelled => Some("Cancelled"),
        MedicationStatus::EnteredInError => Some("Entered in error"),
    }
}

/// Generic names are written in lower case. Words with figures in them and short ones (units, "NaCl") stay as sent.
fn generic_name(name: &str) -> String {
    let lower = |word: &str| {
        let plain = word.chars().count() > 3 && word.chars().all(|c| c.is_alphabetic() || c == '-');
        if plain { word.to_lowercase() } else { word.to_owned() }
    };
    let words: Vec<String> = name.split_whitespace().map(lower).collect();
    if words.is_empty() { "Not recorded".to_owned() } else { words.join(" ") }
}

/// Doses, newest first, and how many more are kept.
pub fn doses(look: &Look<'_>, r: &PatientRecord) -> (Vec<DoseLine>, usize) {
    let lines = r.administrations.iter().take(DOSES_MAX).map(|a| DoseLine {
        medicine: generic_name(&a.medicine),
        dose: [a.dose.as_str(), a.route.as_str()]
            .iter()
            .filter(|t| !t.is_empty())
            .copied()
            .collect::<Vec<_>>()
            .join(", "),
        done: if a.given { Mark::new(Level::Good, "Given") } else { Mark::new(Level::Amber, "Not given") },
        note: a.note.clone(),
        at: look.stamp_maybe(a.at),
        entry: a.cite.as_ref().map(|c| c.entry.0),
    });
    (lines.collect(), r.administrations.len().saturating_sub(DOSES_MAX))
}

#[cfg(test)]
mod tests {
    use super::generic_name;

    #[test]
    fn generic_names_are_lower_case_and_units_stay() {
        for (sent, shown) in [
            ("PARACETAMOL", "paracetamol"),
            ("Co-amoxiclav", "co-amoxiclav"),
            ("Insulin Glargine 100 units/mL", "insulin glargine 100 units/mL"),
            ("", "Not recorded"),
        ] {
            assert_eq!(generic_name(sent), shown);
        }
    }
}

//! Addresses of pages and the words that several screens share.

use basics::{SiteId, WardId};
use care::ward_list::WardKey;
use care::{EncounterClass, PatientKey, Sex};

/// A ward from the two parts of its address.
pub fn ward_of(site: &str, ward: &str) -> Option<WardKey> {
    Some(WardKey { site: SiteId::new(site)?, ward: WardId::new(ward)? })
}

/// `/wards/{site}/{ward}`
pub fn ward_address(ward: &WardKey) -> String {
    format!("/wards/{}", ward_path(ward))
}

/// `{site}/{ward}`, each percent-encoded.
pub fn ward_path(ward: &WardKey) -> String {
    format!("{}/{}", encoded(ward.site.as_str()), encoded(ward.ward.as_str()))
}

/// `/patients/{key}`
pub fn patient_address(key: PatientKey) -> String {
    format!("/patients/{}", key.0)
}

/// Percent-encodes everything but letters, digits and `-._~` (RFC 3986, unreserved).
pub fn encoded(text: &str) -> String {
    use std::fmt::Write;
    text.bytes().fold(String::with_capacity(text.len()), |mut out, b| {
        if b.is_ascii_alphanumeric() || b"-._~".contains(&b) {
            out.push(char::from(b));
        } else {
            let _ = write!(out, "%{b:02X}");
        }
        out
    })
}

/// The first letter large: "major incident" → "Major incident".
pub fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |c| c.to_uppercase().chain(chars).collect())
}

/// "1 patient", "3 patients".
pub fn counted(n: usize, one: &str, many: &str) -> String {
    if n == 1 { format!("1 {one}") } else { format!("{n} {many}") }
}

/// Whole numbers with thousands parted: "18,440".
pub fn thousands(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}

/// The text, or "Not recorded": a patient screen has no blanks.
pub fn or_not_recorded(text: Option<&str>) -> String {
    match text.map(str::trim) {
        Some(text) if !text.is_empty() => text.to_owned(),
        _ => "Not recorded".to_owned(),
    }
}

/// The word for a gender on a banner.
pub fn sex_word(sex: Option<Sex>) -> &'static str {
    sex.map_or("Not recorded", Sex::word)
}

/// The word for a class of encounter.
pub fn class_word(class: EncounterClass) -> &'static str {
    match class {
        EncounterClass::Inpatient => "Inpatient",
        EncounterClass::Emergency => "Emergency",
        EncounterClass::Outpatient => "Outpatient",
        EncounterClass::DayCase => "Day case",
        EncounterClass::Preadmission => "Preadmission",
        EncounterClass::Other => "Other",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_survive_odd_names() {
        let ward = ward_of("St Mary's / East", "A&E?").unwrap();
        assert_eq!(ward_address(&ward), "/wards/St%20Mary%27s%20%2F%20East/A%26E%3F");
        assert_eq!(thousands(18_440), "18,440");
        assert_eq!(thousands(999), "999");
    }
}

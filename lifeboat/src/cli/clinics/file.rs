//! A day's list as a file (`docs/formats/clinic_list.md`): JSON, read whole or refused with the booking named.
//!
//! Always: unknown keys are ignored, so that newer files can be read; figures are held to their limits by the selection.
//! Never: a hole filled by a guess. Proved by `tests/clinics_plan.rs`.

use care::appointments::{Booked, Case, DayList, SystemWorks, Works};
use planning::clinics::{Class, Session, SharedLimit};
use serde::Deserialize;
use std::collections::BTreeMap;

/// The format that is read here.
const FORMAT: &str = "lifeboat-list-instance/1";

#[derive(Deserialize)]
struct File {
    #[serde(default)]
    format: Option<String>,
    #[serde(default)]
    name: String,
    #[serde(default)]
    down: Vec<String>,
    bookings: Vec<RawBooking>,
    sessions: BTreeMap<String, RawSession>,
    #[serde(default)]
    shared: BTreeMap<String, u32>,
}

#[derive(Deserialize)]
struct RawSession {
    capacity: u32,
}

#[derive(Deserialize)]
struct RawBooking {
    id: String,
    #[serde(default)]
    kind: String,
    session: String,
    minutes: u32,
    #[serde(default)]
    priority: String,
    #[serde(default)]
    base_class: Option<String>,
    #[serde(default)]
    needs: Option<Vec<String>>,
    #[serde(default)]
    fallback_ok: Vec<String>,
    #[serde(default)]
    uses: Option<BTreeMap<String, u32>>,
    #[serde(default)]
    rtt_weeks: u32,
    #[serde(default)]
    prev_cancelled: u32,
    #[serde(default)]
    fds_day: Option<u32>,
    #[serde(default)]
    cancer62_day: Option<u32>,
}

/// A list and what works on its day.
pub struct Listed {
    /// The list.
    pub list: DayList,
    /// What is down.
    pub works: Works,
}

/// Reads a list.
pub fn read(json: &[u8]) -> Result<Listed, String> {
    let json = json.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(json);
    let file: File = serde_json::from_slice(json).map_err(|e| format!("this is no day's list: {e}"))?;
    if let Some(format) = file.format.filter(|f| f != FORMAT) {
        return Err(format!("its format is {format}; only {FORMAT} is read here"));
    }
    let mut works = Works::default();
    for name in &file.down {
        works.say(name, SystemWorks::Down("down".to_owned()));
    }
    let names: BTreeMap<&str, usize> =
        file.sessions.keys().enumerate().map(|(index, name)| (name.as_str(), index)).collect();
    let booked = |raw: RawBooking| {
        let session = names.get(raw.session.as_str()).copied().ok_or_else(|| {
            format!("booking {}: its session {} is not among the sessions", raw.id, raw.session)
        })?;
        booked(raw, session)
    };
    let bookings = file.bookings.into_iter().map(booked).collect::<Result<Vec<Booked>, String>>()?;
    let sessions =
        file.sessions.iter().map(|(name, s)| Session { name: name.clone(), minutes: s.capacity }).collect();
    let shared = file.shared.iter().map(|(name, units)| SharedLimit { name: name.clone(), units: *units });
    let list = DayList { name: file.name, sessions, shared: shared.collect(), bookings };
    Ok(Listed { list, works })
}

fn booked(raw: RawBooking, session: usize) -> Result<Booked, String> {
    let class_on_list = match raw.base_class.as_deref() {
        None | Some("") => None,
        Some(letter) => Some(
            Class::of_letter(letter)
                .ok_or_else(|| format!("booking {}: {letter} is no class; write A, B, C or D", raw.id))?,
        ),
    };
    let case = Case {
        id: raw.id,
        kind: raw.kind,
        words: Vec::new(),
        priority: raw.priority,
        class_on_list,
        needs: raw.needs,
        can_do_without: raw.fallback_ok,
        uses: raw.uses.map(|uses| uses.into_iter().collect()),
        waited_weeks: raw.rtt_weeks,
        cancelled_before: raw.prev_cancelled,
        faster_diagnosis_day: raw.fds_day,
        cancer_treatment_day: raw.cancer62_day,
    };
    Ok(Booked { case, session, minutes: raw.minutes })
}

//! Who is to be told what, and how: notices planned from what was decided, one for each patient, and those left to people.
//!
//! Always: planned anew from the picture each time, so that a plan interrupted half way goes on where it stopped; the
//! guard of `care::notices` says who gets none; a way on which no gateway carries anything is planned for nobody. Never:
//! anything sent here; the messenger and the printer do that. Called by
//! screens; proved by `tests/clinic_room.rs`.

use super::{SiteContact, gather, practice_of};
use crate::{ControlRoom, Fault};
use basics::{Moment, PartialDate, SiteId, Zone};
use care::clinics::{BookingKey, Handled, NoticeState, Planned, PlannedBooking};
use care::notices::{
    Booking, Channel, Draft, Fields, Known, Message, Notice, Paragraph, Route, Routed, When, compose, route,
};
use care::{PatientKey, PatientRecord};
use incident::Ground;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Somebody whom a person must ring, or tell on the ward.
#[derive(Clone, Debug)]
pub struct ToCall {
    /// The patient.
    pub patient: PatientKey,
    /// Their record.
    pub record: Arc<PatientRecord>,
    /// About which bookings.
    pub bookings: Vec<(BookingKey, Handled)>,
    /// Numbers to ring; none when nobody knows one.
    pub numbers: Vec<String>,
    /// Why nothing was sent: "two mobile numbers, none confirmed".
    pub why: String,
    /// Attempts so far.
    pub attempts: u32,
    /// On this ward now.
    pub on_ward: bool,
    /// What to say, after the patient was made sure of.
    pub script: Vec<Paragraph>,
}

/// Somebody to whom nothing is sent.
#[derive(Clone, Debug)]
pub struct LeftOut {
    /// The patient.
    pub patient: PatientKey,
    /// Their record.
    pub record: Arc<PatientRecord>,
    /// About which bookings.
    pub keys: Vec<BookingKey>,
    /// Why.
    pub why: String,
}

/// What would be sent, and what is left to people.
#[derive(Clone, Debug, Default)]
pub struct NoticePlan {
    /// Notices, ready to be queued.
    pub ready: Vec<Planned>,
    /// How each reads, beside `ready`: its parts for print, and its reading age.
    pub composed: Vec<Notice>,
    /// To be rung, whoever comes soonest first.
    pub calls: Vec<ToCall>,
    /// To whom nothing is sent, and why.
    pub left_out: Vec<LeftOut>,
    /// Why notices cannot be written, each reason once: "no telephone number is set".
    pub faults: Vec<String>,
}

struct ToTell {
    patient: PatientKey,
    bookings: Vec<(BookingKey, Handled)>,
}

impl ControlRoom {
    /// Plans notices to everybody who is to be told something on that ground; `site`: of this hospital's bookings alone.
    ///
    /// # Errors
    /// The index could not be read.
    pub fn clinic_notices(
        &self,
        ground: Ground,
        site: Option<&SiteId>,
        at: Moment,
    ) -> Result<NoticePlan, Fault> {
        let mut plan = NoticePlan::default();
        for to_tell in self.to_tell(ground, site) {
            let Some(record) = self.patient(to_tell.patient)? else { continue };
            self.plan_one(ground, &mut plan, to_tell, record, at);
        }
        let soonest = |call: &ToCall| call.bookings.first().map(|(_, h)| h.booking.start);
        plan.calls.sort_by_key(|call| (call.on_ward, soonest(call), call.patient));
        Ok(plan)
    }

    /// Everybody who is to be told something, or of whom it is not sure that they heard it because a notice failed.
    fn to_tell(&self, ground: Ground, site: Option<&SiteId>) -> Vec<ToTell> {
        let shared = &self.0.shared;
        let mut by_patient: BTreeMap<PatientKey, Vec<(BookingKey, Handled)>> = BTreeMap::new();
        shared.clinics.read(|book| {
            let memory = shared.memory();
            for (key, handled) in book.picture(practice_of(ground)).all() {
                let of_site = site.is_none() || handled.booking.site.as_ref() == site;
                if of_site && handled.to_tell().is_some() {
                    let patient = gather::survivor(&memory, key.patient);
                    by_patient.entry(patient).or_default().push((key.clone(), handled.clone()));
                }
            }
        });
        let to_tell = by_patient.into_iter().map(|(patient, mut bookings)| {
            bookings.sort_by_key(|(_, h)| h.booking.start);
            ToTell { patient, bookings }
        });
        to_tell.collect()
    }

    fn plan_one(
        &self,
        ground: Ground,
        plan: &mut NoticePlan,
        to_tell: ToTell,
        record: Arc<PatientRecord>,
        at: Moment,
    ) {
        let shared = &self.0.shared;
        let zone = &shared.setup.zone;
        let ToTell { patient, bookings } = to_tell;
        let known = self.known(ground, patient, &record);
        let on = bookings.first().map_or(zone.date(at), |(_, h)| zone.date(h.booking.start));
        let when = When { today: zone.date(at), on, post_days: shared.clinic_setup().post_days };
        let routed = route(&record, &known, when, shared.clinics.gateways());
        let failed = bookings.iter().find_map(|(_, h)| h.failed().map(str::to_owned));
        let keys = || bookings.iter().map(|(key, _)| key.clone()).collect::<Vec<_>>();
        let (numbers, why, on_ward) = match (&routed.route, failed) {
            (Route::Nobody(exclusion), _) => {
                let why = exclusion.sentence().to_owned();
                plan.left_out.push(LeftOut { patient, record, keys: keys(), why });
                return;
            }
            (Route::TellOnWard { ward, .. }, _) => {
                (Vec::new(), format!("On ward {}: tell them there", ward.as_str()), true)
            }
            // What failed once is not tried again by itself: somebody rings.
            (Route::Send { .. }, Some(why)) => {
                (numbers_of(&record), format!("The notice failed: {why}"), false)
            }
            (Route::Call { numbers, why, .. }, _) => (numbers.clone(), why.clone(), false),
            (Route::Send { channel, to }, None) => {
                let (channel, to) = (*channel, to.clone());
                match self.composed(&bookings, &record, &routed, channel, at) {
                    Ok(notice) => {
                        plan.ready.push(planned(patient, &bookings, &routed, channel, to, &notice));
                        plan.composed.push(notice);
                    }
                    Err(why) => {
                        if !plan.faults.contains(&why) && plan.faults.len() < FAULTS_MAX {
                            plan.faults.push(why);
                        }
                    }
                }
                return;
            }
        };
        let script = self.composed(&bookings, &record, &routed, Channel::Phone, at);
        let attempts = bookings.iter().map(|(_, h)| h.attempts).max().unwrap_or(0);
        let script = script.map(|notice| notice.paragraphs).unwrap_or_default();
        plan.calls.push(ToCall { patient, record, bookings, numbers, why, attempts, on_ward, script });
    }

    /// What the patient said about being told, under any record that was merged into theirs.
    fn known(&self, ground: Ground, patient: PatientKey, record: &PatientRecord) -> Known {
        self.0.shared.clinics.read(|book| {
            let preferences = &book.picture(practice_of(ground)).preferences;
            let said = std::iter::once(patient)
                .chain(record.merged_from.iter().copied())
                .find_map(|key| preferences.get(&key));
            said.map_or_else(Known::default, |said| Known {
                preferred: said.channel,
                format: said.format,
                confirmed: said.number.clone(),
                contacted_already: false,
            })
        })
    }

    fn composed(
        &self,
        bookings: &[(BookingKey, Handled)],
        record: &PatientRecord,
        routed: &Routed,
        channel: Channel,
        at: Moment,
    ) -> Result<Notice, String> {
        let shared = &self.0.shared;
        let zone = &shared.setup.zone;
        let site = bookings.first().and_then(|(_, h)| h.booking.site.clone());
        let setup = shared.clinic_setup();
        let contact = setup.contact(site.as_ref());
        if contact.phone.is_empty() {
            return Err(
                "No telephone number for patients is set: write it under [clinics] in the configuration."
                    .to_owned(),
            );
        }
        let outcomes: Vec<Message> = bookings.iter().filter_map(|(_, h)| h.to_tell()).collect();
        let message = Message::of_all(&outcomes).ok_or("There is nothing to tell.")?;
        let hear_by = zone.date(at.plus_seconds(i64::from(setup.hear_within_days) * 86_400));
        let fields = Fields {
            hospital: hospital(&contact, site.as_ref(), &shared.setup.trust),
            phone: contact.phone,
            hours: contact.hours,
            name: routed.addressee.greeting.clone(),
            born: record.birth_date.map(long_date).unwrap_or_default(),
            reference: bookings.first().map(|(key, _)| reference(key)).unwrap_or_default(),
            hear_by: long_date(hear_by),
            bookings: bookings.iter().map(|(_, h)| said(h, zone)).collect(),
            interpreter: routed.interpreter.is_some(),
        };
        let draft = Draft { message, channel, language: routed.language, format: routed.format, fields };
        compose(&shared.clinics.forms.templates, &draft).map_err(|refusal| refusal.to_string())
    }

    /// How patients reach a hospital, or the trust.
    pub fn clinic_contact(&self, site: Option<&SiteId>) -> SiteContact {
        self.0.shared.clinic_setup().contact(site)
    }

    /// Letters that wait to be printed, as they were sealed.
    pub fn letters_to_print(&self, ground: Ground) -> Vec<care::clinics::Notice> {
        self.0.shared.clinics.read(|book| {
            let notices = book.picture(practice_of(ground)).notices.iter();
            let waiting = |n: &&care::clinics::Notice| {
                n.planned.channel == Channel::Letter && n.state == NoticeState::OnItsWay
            };
            notices.filter(waiting).cloned().collect()
        })
    }
}

/// Reasons listed.
const FAULTS_MAX: usize = 20;

fn numbers_of(record: &PatientRecord) -> Vec<String> {
    let mut numbers: Vec<String> = Vec::new();
    for telecom in &record.telecoms {
        if let Some(number) = care::notices::phone_number(&telecom.value) {
            let number = number.e164().to_owned();
            if !numbers.contains(&number) {
                numbers.push(number);
            }
        }
    }
    numbers
}

fn hospital(contact: &SiteContact, site: Option<&SiteId>, trust: &str) -> String {
    let named = if contact.name.is_empty() { site.map_or("", SiteId::as_str) } else { &contact.name };
    if named.is_empty() { trust.to_owned() } else { named.to_owned() }
}

fn reference(key: &BookingKey) -> String {
    basics::clip(&key.id, 40).to_owned()
}

fn said(handled: &Handled, zone: &Zone) -> Booking {
    let start = handled.booking.start;
    let new = handled.rebooked.as_ref().map(|r| r.start);
    Booking {
        date: long_date(zone.date(start)),
        time: clock_time(&zone.hour_minute(start)),
        clinic: handled.booking.list().to_owned(),
        new_date: new.map(|at| long_date(zone.date(at))).unwrap_or_default(),
        new_time: new.map(|at| clock_time(&zone.hour_minute(at))).unwrap_or_default(),
        outcome: handled.to_tell(),
    }
}

fn planned(
    patient: PatientKey,
    bookings: &[(BookingKey, Handled)],
    routed: &Routed,
    channel: Channel,
    to: String,
    notice: &Notice,
) -> Planned {
    let bookings = bookings.iter().filter_map(|(key, handled)| {
        let new_start = handled.rebooked.as_ref().map(|r| r.start);
        Some(PlannedBooking { key: key.clone(), message: handled.to_tell()?, new_start })
    });
    Planned {
        patient,
        bookings: bookings.collect(),
        channel,
        to,
        name: routed.addressee.line.clone(),
        language: notice.language,
        format: notice.format,
        subject: notice.subject.clone(),
        text: notice.text.clone(),
    }
}

/// "Tuesday 12 May 2026": as patients read a date.
pub fn long_date(date: PartialDate) -> String {
    const DAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
    const MONTHS: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    let (year, Some(month), Some(day)) = date.numbers() else { return date.to_string() };
    let name = usize::try_from(month).ok().and_then(|m| MONTHS.get(m.checked_sub(1)?));
    let Some(name) = name else { return date.to_string() };
    let weekday = date.weekday().and_then(|d| DAYS.get(d)).unwrap_or(&"");
    format!("{weekday} {day} {name} {year}")
}

/// "10:30" as "10:30am".
pub fn clock_time(hour_minute: &str) -> String {
    let Some((hour, minute)) = hour_minute.split_once(':') else { return hour_minute.to_owned() };
    let Ok(hour) = hour.parse::<u32>() else { return hour_minute.to_owned() };
    let (twelve, half) = match hour {
        0 => (12, "am"),
        1..=11 => (hour, "am"),
        12 => (12, "pm"),
        _ => (hour - 12, "pm"),
    };
    if minute == "00" { format!("{twelve}{half}") } else { format!("{twelve}:{minute}{half}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_and_times_read_as_patients_read_them() {
        for (iso, want) in [
            ("2026-05-12", "Tuesday 12 May 2026"),
            ("2024-02-29", "Thursday 29 February 2024"),
            ("2017-05-12", "Friday 12 May 2017"),
            ("2000-01-01", "Saturday 1 January 2000"),
            ("2026-12-06", "Sunday 6 December 2026"),
            ("2026-12-07", "Monday 7 December 2026"),
        ] {
            assert_eq!(PartialDate::parse_iso(iso).map(long_date), Some(want.to_owned()));
        }
        for (clock, want) in [
            ("00:05", "12:05am"),
            ("09:00", "9am"),
            ("12:00", "12pm"),
            ("12:30", "12:30pm"),
            ("17:30", "5:30pm"),
        ] {
            assert_eq!(clock_time(clock), want);
        }
    }
}

//! The clinics of a drill's days: bookings of invented people as a booking system sends them, and the hospital's own rules
//! of triage where nothing stands in for a system.
//!
//! Always: the same drill gives the same bookings, byte for byte; every hospital of the drill gets its share of every kind.
//! Never: a day on which clinics are closed. Called by the stage, and by whoever plays a drill elsewhere; proved by
//! `tests/drills.rs`.

use crate::chance::Chance;
use crate::people::{self, Person, Wanted};
use crate::scenario::Scenario;
use crate::wire::{Dialect, Draft, Heading};
use basics::{Civil, Moment, PartialDate, Zone};

/// A clinic and what is booked there. Different classes, different needs.
const KINDS: [(&str, &str); 10] = [
    ("Dialysis", "Haemodialysis, three times a week"),
    ("Chemotherapy day unit", "Chemotherapy, cycle 3 of 6"),
    ("Two week wait clinic", "Urgent suspected cancer"),
    ("MRI", "MRI scan of the knee"),
    ("CT", "CT scan of the chest"),
    ("Fracture clinic", "Cast check at two weeks"),
    ("Dermatology", "Follow-up"),
    ("Radiotherapy", "Radiotherapy, fraction 8 of 15"),
    ("Eye clinic", "Macular injection"),
    ("Diabetic clinic", "Follow-up"),
];
/// Quarters of an hour from the first booking of a day, at nine, to the last, at a quarter to five.
const QUARTERS: usize = 32;
/// The year from which ages are counted back; nobody's age is said.
const YEAR: i16 = 2017;

/// The bookings of `days` working days after `at`, one message each.
pub fn bookings(
    scenario: &Scenario,
    feed: &str,
    (count, days, seed): (u32, u32, u64),
    at: Moment,
) -> Vec<Vec<u8>> {
    let dialect = Dialect { application: "DRILL", ..Dialect::default() };
    let days = working_days(&dialect.zone, at, days);
    let chance = Chance::new(seed);
    let hospitals = scenario.hospitals.len().max(1);
    let one = |index: usize| {
        let mut chance = chance.fork(index as u64);
        let (clinic, reason) = KINDS.get(index / hospitals % KINDS.len()).copied()?;
        let (site, _) = scenario.hospitals.get(index % hospitals)?;
        let day = *chance.of(&days)?;
        let start = quarter(&dialect.zone, day, chance.below(QUARTERS))?;
        let sent = Sent { dialect: &dialect, feed, at, number: index };
        Some(sent.message(&mut chance, [site.as_str(), clinic, reason], start))
    };
    (0..count as usize).filter_map(one).collect()
}

/// The next `count` days after the day of `at` on which clinics are held.
pub fn working_days(zone: &Zone, at: Moment, count: u32) -> Vec<PartialDate> {
    let today = zone.date(at);
    let days = (1..).map(|after| today.plus_days(after));
    let works = |day: &PartialDate| day.weekday().is_some_and(|weekday| weekday < 5);
    days.filter(works).take(count as usize).collect()
}

/// So many quarters of an hour after nine on that day.
pub fn quarter(zone: &Zone, day: PartialDate, quarters: usize) -> Option<Moment> {
    let (year, Some(month), Some(day)) = day.numbers() else { return None };
    let nine = Civil { year, month, day, hour: 9, minute: 0, second: 0, millisecond: 0 };
    let after = i64::try_from(quarters).ok()?.checked_mul(15 * 60)?;
    Some(zone.moment(nine)?.plus_seconds(after))
}

struct Sent<'a> {
    dialect: &'a Dialect,
    feed: &'a str,
    at: Moment,
    number: usize,
}

impl Sent<'_> {
    /// S12: somebody is booked.
    fn message(&self, chance: &mut Chance, [site, clinic, reason]: [&str; 3], start: Moment) -> Vec<u8> {
        let d = self.dialect;
        let wanted = Wanted { age_min: 25, age_max: 85, female: None, latin_only: true, year: YEAR };
        let person = people::person(chance, wanted);
        let id = format!("CB{:04}", self.number + 1);
        let control_id = format!("C{:04}", self.number + 1);
        let heading =
            Heading { facility: self.feed, kind: ["SIU", "S12"], control_id: &control_id, sent: self.at };
        let mut draft = Draft::new(d, heading);
        let end = start.plus_seconds(15 * 60);
        let (start, end) = (d.stamp(start), d.stamp(end));
        draft.segment(
            "SCH",
            &[
                (1, &id),
                (2, &id),
                (6, "S12"),
                (7, &d.parts(&["", reason])),
                (9, "15"),
                (10, "min"),
                (11, &d.parts(&["", "", "M15", &start, &end])),
                (25, "Booked"),
            ],
        );
        self.pid(&mut draft, chance, &person);
        draft.segment("RGS", &[(1, "1"), (2, "A")]);
        draft.segment("AIS", &[(1, "1"), (2, "A"), (3, &d.parts(&["", clinic])), (4, &start)]);
        draft.segment("AIL", &[(1, "1"), (2, "A"), (3, &d.parts(&[clinic, "", "", site])), (6, &start)]);
        draft.bytes()
    }

    fn pid(&self, draft: &mut Draft<'_>, chance: &mut Chance, person: &Person) {
        let d = self.dialect;
        let phones = self.phones(chance);
        // Whoever has no telephone has an address, and a few others.
        let address = if phones.is_empty() || chance.happens(1_500) {
            let [line, locality, town] = &person.address;
            d.parts(&[line, locality, town, "", &person.postcode])
        } else {
            String::new()
        };
        let number = u32::try_from(self.number).unwrap_or(0);
        let mut ids = vec![d.parts(&[&format!("K{:04}", self.number + 1), "", "", "DRILL", "MR"])];
        // Numbers that no other feed of a drill gives away.
        if let Some(nhs) = people::nhs_number(200_000 + number) {
            ids.push(d.parts(&[&nhs.digits(), "", "", "NHS", "NH"]));
        }
        let first = person.given.first().map_or("", String::as_str);
        draft.segment(
            "PID",
            &[
                (1, "1"),
                (3, &d.repeat(&ids)),
                (5, &d.parts(&[&person.family, first, "", "", person.prefix])),
                (7, &Dialect::date(person.birth)),
                (8, if person.female { "F" } else { "M" }),
                (11, &address),
                (13, &d.repeat(&phones)),
            ],
        );
    }

    /// One mobile, two, a landline, or none; of the numbers that are kept for stories.
    fn phones(&self, chance: &mut Chance) -> Vec<String> {
        let mobile = |n: usize| format!("07700900{:03}", n % 1_000);
        match chance.below(10) {
            0..=5 => vec![mobile(self.number)],
            6 => vec![mobile(self.number), mobile(self.number + 500)],
            7 | 8 => vec![format!("01632960{:03}", self.number % 1_000)],
            _ => Vec::new(),
        }
    }
}

/// The shipped rules of triage, with nothing that stands in for the systems for which the drill says so: file by file, as
/// they belong into `forms/clinics` of the data directory. Empty when the drill says nothing of it.
pub fn triage_rules(scenario: &Scenario) -> Vec<(&'static str, String)> {
    if scenario.no_way_without.is_empty() {
        return Vec::new();
    }
    let shipped = care::appointments::shipped();
    shipped.iter().map(|(name, text)| (*name, strict(text, &scenario.no_way_without))).collect()
}

/// Leaves out what stands in for those systems for every kind of booking.
fn strict(text: &str, systems: &[String]) -> String {
    let mut of_one = false;
    let mut kept = String::with_capacity(text.len());
    for line in text.lines() {
        if let Some(name) = line.strip_prefix("SYSTEM ") {
            of_one = systems.iter().any(|system| system == name.trim());
        }
        if !(of_one && line.starts_with("without it:")) {
            kept.push_str(line);
            kept.push('\n');
        }
    }
    kept
}

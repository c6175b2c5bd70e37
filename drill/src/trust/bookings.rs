//! Clinics: six weeks of appointments, booked, moved, changed and cancelled.

use super::Trust;
use crate::feeds::Source;
use crate::messages::clinics::{self, Booking, CLINICS};
use crate::people::{self, Wanted};
use crate::places::HOSPITALS;
use basics::{Moment, Zone};

impl Trust {
    pub(super) fn book_six_weeks(&mut self) {
        for _ in 0..self.size.appointments {
            self.book();
        }
    }

    /// A slot in the next six weeks, on a weekday, on the quarter hour between 9 and 16.
    fn slot(&mut self) -> Moment {
        let zone = Zone::london();
        for _ in 0..20 {
            let day = self.now.plus_seconds(self.chance.between(1, 42) * 86_400);
            let mut civil = zone.civil(day);
            civil.hour = i8::try_from(self.chance.between(9, 16)).unwrap_or(9);
            civil.minute = i8::try_from(self.chance.between(0, 3) * 15).unwrap_or(0);
            civil.second = 0;
            civil.millisecond = 0;
            // 1970-01-01 was a Thursday: days 2 and 3 of each week counted from it are Saturday and Sunday.
            let weekday = day.milliseconds().div_euclid(86_400_000).rem_euclid(7);
            if let (Some(slot), false) = (zone.moment(civil), matches!(weekday, 2 | 3)) {
                return slot;
            }
        }
        self.now.plus_seconds(86_400)
    }

    fn book(&mut self) {
        let Some(clinic) = self.chance.of(&CLINICS).copied() else { return };
        let (age_min, age_max, female) = match clinic.code {
            "PAEDASTH" => (2, 15, None),
            "ANTENAT" => (18, 43, Some(true)),
            "BREAST2W" => (25, 85, Some(true)),
            _ => (20, 92, None),
        };
        let wanted = Wanted { age_min, age_max, female, latin_only: false, year: self.year };
        // One in three is somebody who is known already.
        let known = self.chance.below(self.people.len() * 3);
        let suits = |p: &people::Person| {
            p.any_mrn().is_some_and(|(register, _)| register == 0)
                && (age_min..=age_max).contains(&p.age)
                && female.is_none_or(|f| f == p.female)
                && p.died.is_none()
                && p.merged_into.is_none()
                && p.nhs.is_some()
        };
        let who = if self.person(known).is_some_and(suits) {
            known
        } else {
            let mut person = people::person(&mut self.chance, wanted);
            // A booking system knows neither allergies nor alerts.
            person.allergies = people::AllergyRecord::NotRecorded;
            person.alerts.clear();
            self.register_person(person, 0, true)
        };
        let booking = Booking {
            id: self.order_number("AP"),
            person: who,
            clinic,
            hospital: self.chance.of(&HOSPITALS).map_or("", |h| h.name),
            start: self.slot(),
            minutes: u32::try_from(self.chance.between(1, 4)).unwrap_or(1) * 15,
            cancelled: false,
        };
        self.tell_booking("S12", &booking);
        self.bookings.push(booking);
    }

    fn tell_booking(&mut self, trigger: &str, booking: &Booking) {
        let (register, hospital) = self.register(booking.person);
        self.send(Source::Clinics, hospital, |sent, people| {
            let Some(person) = people.get(booking.person) else { return Vec::new() };
            clinics::booking(sent, trigger, person, register, booking)
        });
    }

    pub(super) fn clinic_changes(&mut self) {
        let throw = self.chance.below(100);
        let which = self.chance.below(self.bookings.len());
        let Some(mut booking) = self.bookings.get(which).filter(|b| throw >= 50 && !b.cancelled).cloned()
        else {
            return self.book();
        };
        let trigger = match throw {
            50..70 => {
                booking.start = self.slot();
                "S13"
            }
            70..80 => {
                booking.minutes = if booking.minutes == 30 { 45 } else { 30 };
                "S14"
            }
            _ => {
                booking.cancelled = true;
                "S15"
            }
        };
        self.tell_booking(trigger, &booking);
        if let Some(slot) = self.bookings.get_mut(which) {
            *slot = booking;
        }
    }
}

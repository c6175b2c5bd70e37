//! The beginning: everybody who already lies in a bed, and what has been recorded about them, told as one burst.
//!
//! Lifeboat has been there all along; a receiver that starts today is told the present state first.

use super::Trust;
use crate::feeds::{Source, register_of};
use crate::messages::adt::{self, Fullness, Visit};
use crate::names::DOCTORS;
use crate::people::{self, Person, Register, Stay, Wanted};
use crate::places::{Bed, HOSPITALS, WardKind};
use basics::Moment;

/// Why people come in, by kind of ward.
fn reasons(kind: WardKind) -> &'static [&'static str] {
    match kind {
        WardKind::Emergency => &[
            "Chest pain",
            "Fall",
            "Shortness of breath",
            "Abdominal pain",
            "Head injury",
            "Collapse",
            "Laceration",
        ],
        WardKind::Assessment => &[
            "Sepsis, source unknown",
            "Chest pain",
            "Acute kidney injury",
            "Pulmonary embolism?",
            "Cellulitis",
        ],
        WardKind::Intensive => {
            &["Septic shock", "Respiratory failure", "Major trauma", "Post-operative, emergency laparotomy"]
        }
        WardKind::Medicine => &[
            "Community-acquired pneumonia",
            "Heart failure",
            "COPD exacerbation",
            "Acute stroke",
            "Diabetic ketoacidosis",
        ],
        WardKind::Elderly => &[
            "Fall with long lie",
            "Delirium",
            "Urinary tract infection",
            "Reduced mobility",
            "Fractured neck of femur",
        ],
        WardKind::Surgery => &[
            "Acute appendicitis",
            "Cholecystitis",
            "Elective hip replacement",
            "Bowel obstruction",
            "Renal colic",
        ],
        WardKind::Maternity => &["Labour", "Pre-eclampsia", "Postnatal care", "Induction of labour"],
        WardKind::Neonatal => &["Prematurity", "Neonatal jaundice", "Transient tachypnoea of the newborn"],
        WardKind::Children => {
            &["Bronchiolitis", "Asthma attack", "Febrile convulsion", "Appendicitis", "Gastroenteritis"]
        }
    }
}

impl Trust {
    /// Fills the wards and tells it all.
    pub(super) fn begin(&mut self) {
        let beds = self.beds_in_use();
        self.beds_total = beds.len();
        for bed in beds {
            if self.chance.happens(self.size.occupied_percent * 100) {
                let who = self.somebody_for(bed);
                let age_seconds = self.stay_so_far(bed);
                let admitted = self.now.plus_seconds(-age_seconds);
                self.put_to_bed(who, bed, admitted);
                self.tell_admission(who, admitted);
                self.tell_history(who, admitted);
            }
        }
        self.book_six_weeks();
    }

    /// Every bed of the wards in use, in ward order.
    pub(super) fn beds_in_use(&self) -> Vec<Bed> {
        let mut beds = Vec::new();
        for (hospital, place) in HOSPITALS.iter().enumerate() {
            for (ward, plan) in place.wards.iter().enumerate().take(self.size.wards_max) {
                beds.extend((1..=plan.beds()).map(|number| Bed { hospital, ward, number }));
            }
        }
        beds
    }

    fn stay_so_far(&mut self, bed: Bed) -> i64 {
        let kind = bed.ward().map_or(WardKind::Medicine, |(_, ward)| ward.kind);
        match kind {
            WardKind::Emergency => self.chance.between(600, 14_000),
            WardKind::Elderly => self.chance.between(20_000, 3_000_000),
            _ => self.chance.between(10_000, 900_000),
        }
    }

    /// Somebody who could lie in this bed, with numbers of its register.
    pub(super) fn somebody_for(&mut self, bed: Bed) -> usize {
        let kind = bed.ward().map_or(WardKind::Medicine, |(_, ward)| ward.kind);
        let (age_min, age_max, female) = match kind {
            WardKind::Neonatal => (0, 0, None),
            WardKind::Children => (0, 15, None),
            WardKind::Maternity => (18, 43, Some(true)),
            WardKind::Elderly => (72, 99, None),
            WardKind::Emergency if bed.hospital == 4 => (0, 15, None),
            _ => (18, 96, None),
        };
        let register = register_of(bed.hospital);
        let wanted = Wanted { age_min, age_max, female, latin_only: register == 1, year: self.year };
        let mut person = people::person(&mut self.chance, wanted);
        if kind == WardKind::Neonatal {
            person.given = vec![if person.female { "Baby Girl" } else { "Baby Boy" }.to_owned()];
            person.prefix = "";
        }
        let with_nhs = !self.chance.happens(300);
        self.register_person(person, register, with_nhs)
    }

    /// Gives a person numbers and a place among the people.
    pub(super) fn register_person(
        &mut self,
        mut person: Person,
        register: Register,
        with_nhs: bool,
    ) -> usize {
        if with_nhs {
            person.nhs = people::nhs_number(self.numbers.nhs);
            self.numbers.nhs += 1;
        }
        let mrn = self.new_mrn(register);
        if let Some(slot) = person.mrns.get_mut(register) {
            *slot = Some(mrn);
        }
        self.people.push(person);
        self.people.len() - 1
    }

    pub(super) fn new_mrn(&mut self, register: Register) -> String {
        let number = self.numbers.mrn.get_mut(register).map_or(0, |number| {
            *number += 1;
            *number
        });
        match register {
            1 => format!("E{:07}", 4_000 + number),
            2 => format!("PF-{:05}", 20_000 + number),
            _ => format!("W{:06}", 100_000 + number),
        }
    }

    /// Starts a stay in this bed; tells nobody.
    pub(super) fn put_to_bed(&mut self, who: usize, bed: Bed, admitted: Moment) {
        let kind = bed.ward().map_or(WardKind::Medicine, |(_, ward)| ward.kind);
        let class = match (kind, bed.ward().map(|(_, ward)| ward.code)) {
            (WardKind::Emergency, _) => 'E',
            (_, Some("DAY")) => 'D',
            _ => 'I',
        };
        self.numbers.visit += 1;
        let stay = Stay {
            visit: format!("V{:07}", self.numbers.visit),
            register: register_of(bed.hospital),
            class,
            bed,
            admitted,
            reason: self.chance.word(reasons(kind)),
            consultant: self.chance.word(&DOCTORS),
            on_leave: false,
            stepped: admitted,
        };
        self.beds.insert(bed, who);
        if let Some(person) = self.people.get_mut(who) {
            person.stay = Some(stay);
        }
    }

    pub(super) fn tell_admission(&mut self, who: usize, happened: Moment) {
        let (register, hospital) = self.register(who);
        let trigger = match self.person(who).and_then(|p| p.stay.as_ref()).map(|stay| stay.class) {
            Some('E') => "A04",
            _ => "A01",
        };
        self.send(Source::pas(register), hospital, |sent, people| {
            let Some(person) = people.get(who) else { return Vec::new() };
            let visit = Visit { stay: person.stay.as_ref(), ..Visit::default() };
            adt::about(sent, trigger, happened, person, register, visit, Fullness::Full)
        });
    }

    fn tell_history(&mut self, who: usize, admitted: Moment) {
        let since = self.now.plus_seconds(-i64::from(self.size.history_days) * 86_400).max(admitted);
        let stay_seconds = self.now.seconds_since(since).max(60);
        if let Some('E') = self.person(who).and_then(|p| p.stay.as_ref()).map(|stay| stay.class) {
            let ago = self.chance.between(30, stay_seconds.min(3_600));
            self.observations_of(who, self.now.plus_seconds(-ago));
            return;
        }
        let lines = self.chance.between(2, 8);
        self.prescribe(who, lines, admitted);
        self.last_doses(who);
        for day in 0..i64::from(self.size.history_days) {
            let ago = day * 86_400 + self.chance.between(3_600, 40_000);
            let collected = self.now.plus_seconds(-ago).max(admitted);
            self.routine_bloods(who, collected);
        }
        for back in [9, 5, 1] {
            let at = self.now.plus_seconds(-back * 3_600 + self.chance.between(0, 1_800));
            if at > admitted {
                self.observations_of(who, at);
            }
        }
        if self.chance.happens(800) {
            self.old_report(who, since);
        }
    }
}

//! Who is who, and what must be known of them: unknown patients, merges and their undo, allergies, alerts, details.

use super::flow::Told;
use super::{Task, Trust};
use crate::feeds::Source;
use crate::messages::adt::{self, Fullness};
use crate::people::{self, ALERTS, ALLERGIES, AlertKind, AllergyRecord, Person, Register, Wanted};
use basics::PartialDate;

/// The family name under which the unknown are registered.
const UNKNOWN: &str = "UNKNOWN";

impl Trust {
    /// Somebody brought in without a name: a temporary number, no birth, no NHS number.
    pub(super) fn unknown_person(&mut self, register: Register) -> usize {
        let wanted = Wanted { age_min: 20, age_max: 80, female: None, latin_only: true, year: self.year };
        let mut person = people::person(&mut self.chance, wanted);
        self.numbers.temporary += 1;
        let number = self.numbers.temporary;
        let word = if person.female { "Female" } else { "Male" };
        person.family = UNKNOWN.to_owned();
        person.given = vec![format!("{word} {number}")];
        person.prefix = "";
        person.birth = PartialDate::default();
        person.address = Default::default();
        person.postcode = String::new();
        person.phone = String::new();
        person.kin = (String::new(), "");
        (person.language, person.religion, person.ethnicity) = ("", "", ("", ""));
        (person.gp, person.practice) = ("", ("", ""));
        person.allergies = AllergyRecord::NotRecorded;
        person.alerts = Vec::new();
        let who = self.register_person(person, register, false);
        if let Some(slot) = self.people.get_mut(who).and_then(|p| p.mrns.get_mut(register)) {
            *slot = Some(format!("TMP{number:05}"));
        }
        who
    }

    pub(super) fn is_known(p: &Person) -> bool {
        p.family != UNKNOWN
    }

    /// An unknown patient turns out to be somebody: A40, sometimes with the person registered first (A28).
    pub(super) fn identity_is_found(&mut self) {
        let nobody = |p: &Person| !Self::is_known(p);
        // The few unknown are sought among all, not by chance.
        let found = self
            .beds
            .values()
            .copied()
            .find(|who| !self.held.contains(who) && self.person(*who).is_some_and(nobody));
        let Some(prior) = found else { return };
        let Some((stay, female)) = self.person(prior).and_then(|p| Some((p.stay.clone()?, p.female))) else {
            return;
        };
        let register = stay.register;
        let known = self
            .somebody_outside(register, false)
            .filter(|who| self.person(*who).is_some_and(|p| p.female == female && Self::is_known(p)));
        let survivor = known.unwrap_or_else(|| {
            let latin_only = register == 1;
            let wanted =
                Wanted { age_min: 20, age_max: 80, female: Some(female), latin_only, year: self.year };
            let person = people::person(&mut self.chance, wanted);
            let who = self.register_person(person, register, true);
            self.tell(who, "A28", &Told { without_visit: true, fullness: Fullness::Full, ..Told::default() });
            who
        });
        self.move_stay(prior, survivor);
        if let Some(person) = self.people.get_mut(prior) {
            person.merged_into = Some(survivor);
        }
        let now = self.now;
        self.send(Source::pas(register), stay.bed.hospital, |sent, people| {
            match (people.get(survivor), people.get(prior)) {
                (Some(survivor), Some(prior)) => adt::merge(sent, now, register, survivor, prior),
                _ => Vec::new(),
            }
        });
        self.held.extend([survivor, prior]);
        self.later_between(60, 600, Task::JudgeMerge { survivor, prior });
    }

    fn move_stay(&mut self, from: usize, to: usize) {
        if let Some(stay) = self.people.get_mut(from).and_then(|p| p.stay.take()) {
            self.beds.insert(stay.bed, to);
            if let Some(person) = self.people.get_mut(to) {
                person.stay = Some(stay);
            }
        }
    }

    pub(super) fn judge_merge(&mut self, survivor: usize, prior: usize) {
        self.held.remove(&survivor);
        self.held.remove(&prior);
        let (register, hospital) = self.register(survivor);
        if !self.chance.happens(3_500) {
            // It was right. The patient system then sends the whole record again under the surviving number.
            return self.tell(survivor, "A08", &Told { fullness: Fullness::Full, ..Told::default() });
        }
        if let Some(person) = self.people.get_mut(prior) {
            person.merged_into = None;
        }
        self.move_stay(survivor, prior);
        let now = self.now;
        self.send(Source::pas(register), hospital, |sent, people| {
            match (people.get(survivor), people.get(prior)) {
                (Some(survivor), Some(prior)) => adt::unmerge(sent, now, register, survivor, prior),
                _ => Vec::new(),
            }
        });
        self.tell(prior, "A08", &Told::default());
    }

    pub(super) fn allergies_change(&mut self) {
        let Some(who) = self.somebody(Self::is_known) else { return };
        let throw = self.chance.below(100);
        let new = self.chance.of(&ALLERGIES).copied();
        let Some((person, new)) = self.people.get_mut(who).zip(new) else { return };
        let changed = match (&mut person.allergies, throw) {
            (AllergyRecord::NotRecorded, 0..60) => AllergyRecord::NoneKnown,
            (AllergyRecord::NotRecorded | AllergyRecord::NoneKnown, _) => AllergyRecord::Known(vec![new]),
            (AllergyRecord::Known(list), 0..20) if list.len() == 1 => {
                list.clear();
                AllergyRecord::NoneKnown
            }
            (AllergyRecord::Known(list), 20..50) if list.len() > 1 => {
                list.pop();
                AllergyRecord::Known(std::mem::take(list))
            }
            (AllergyRecord::Known(list), _) => {
                if !list.contains(&new) {
                    list.push(new);
                }
                AllergyRecord::Known(std::mem::take(list))
            }
        };
        person.allergies = changed;
        let trigger = if throw.is_multiple_of(3) { "A31" } else { "A08" };
        let told = Told { without_visit: trigger == "A31", fullness: Fullness::Full, ..Told::default() };
        self.tell(who, trigger, &told);
        self.tell_other_registers(who);
    }

    /// The other patient systems that know this person are told too; else each would go on saying what it knew.
    fn tell_other_registers(&mut self, who: usize) {
        let (own, _) = self.register(who);
        let now = self.now;
        for (register, hospital) in [(0, 0), (1, 1), (2, 4)] {
            if register == own || self.person(who).is_none_or(|p| p.mrn(register).is_none()) {
                continue;
            }
            self.send(Source::pas(register), hospital, |sent, people| {
                let Some(person) = people.get(who) else { return Vec::new() };
                adt::about(sent, "A31", now, person, register, adt::Visit::default(), Fullness::Full)
            });
        }
    }

    pub(super) fn alerts_change(&mut self) {
        let Some(who) = self.somebody(|p| Self::is_known(p) && p.age > 17) else { return };
        let new = self.chance.of(&ALERTS).copied();
        let Some((person, new)) = self.people.get_mut(who).zip(new) else { return };
        if new.code == "SGC" {
            return;
        }
        match person.alerts.iter().position(|alert| *alert == new) {
            Some(at) => {
                let ended = person.alerts.remove(at);
                person.alerts_ended.retain(|alert| *alert != ended);
                person.alerts_ended.push(ended);
            }
            None => {
                // One resuscitation status at a time: the old one ends when a new one is recorded.
                if new.kind == AlertKind::Resuscitation {
                    let old: Vec<_> = person.alerts.iter().copied().filter(|a| a.kind == new.kind).collect();
                    person.alerts.retain(|a| a.kind != new.kind);
                    person.alerts_ended.extend(old);
                }
                person.alerts_ended.retain(|alert| *alert != new);
                person.alerts.push(new);
            }
        }
        self.tell(who, "A08", &Told { fullness: Fullness::Full, ..Told::default() });
        self.tell_other_registers(who);
    }

    /// Address, telephone, title or family name change; some systems then leave out half of the person.
    pub(super) fn details_change(&mut self) {
        let Some(who) = self.somebody(Self::is_known) else { return };
        let throw = self.chance.below(100);
        let house = self.chance.between(1, 90);
        let street = self.chance.word(&crate::names::STREETS);
        let phone = self.chance.below(1000);
        let Some(person) = self.people.get_mut(who) else { return };
        match throw {
            0..50 => person.address = [format!("{house} {street}"), String::new(), "Wendmere".to_owned()],
            50..80 => person.phone = format!("07700 900{phone:03}"),
            80..90 if person.age > 20 && !person.family.contains('-') && person.family.len() < 24 => {
                person.family.push_str("-Oakes");
            }
            90..95 if person.age > 25 => person.prefix = "Dr",
            _ => {}
        }
        let told = match throw % 10 {
            0 => Told { fullness: Fullness::Thin, ..Told::default() },
            1 => Told { without_place: true, ..Told::default() },
            2 | 3 => Told { without_visit: true, ..Told::default() },
            4 | 5 => Told { fullness: Fullness::Full, ..Told::default() },
            _ => Told::default(),
        };
        self.tell(who, if told.without_visit { "A31" } else { "A08" }, &told);
    }

    /// A batch job of the patient system sends a whole ward's records again.
    pub(super) fn storm(&mut self) {
        let nth = self.chance.below(self.beds.len());
        let Some(bed) = self.beds.keys().nth(nth).copied() else {
            return;
        };
        let there: Vec<usize> = self
            .beds
            .iter()
            .filter(|(b, who)| b.hospital == bed.hospital && b.ward == bed.ward && !self.held.contains(who))
            .map(|(_, who)| *who)
            .collect();
        for who in there {
            self.tell(who, "A08", &Told { fullness: Fullness::Full, ..Told::default() });
        }
    }
}

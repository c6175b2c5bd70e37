//! Coming, moving and going: emergency attendances, admissions, transfers, swaps, leave, discharges, deaths, and their cancels.

use super::{Task, Trust};
use crate::feeds::{Source, register_of};
use crate::messages::adt::{self, Fullness, Visit};
use crate::people::{Person, Stay};
use crate::places::{Bed, HOSPITALS, Ward, WardKind};
use basics::Moment;

/// What an ADT message says beside the person.
#[derive(Clone, Debug)]
pub(super) struct Told {
    /// The stay as told, when it is not the person's own now.
    pub stay: Option<Stay>,
    pub before: Option<Bed>,
    pub discharged: Option<Moment>,
    pub discharge_to: &'static str,
    pub expected: Option<Moment>,
    pub without_place: bool,
    /// No PV1 at all.
    pub without_visit: bool,
    pub fullness: Fullness,
    /// Whether the message may be held up for minutes, as interface engines do.
    pub may_be_late: bool,
}

impl Default for Told {
    fn default() -> Self {
        Self {
            stay: None,
            before: None,
            discharged: None,
            discharge_to: "",
            expected: None,
            without_place: false,
            without_visit: false,
            fullness: Fullness::Plain,
            may_be_late: false,
        }
    }
}

impl Trust {
    /// Tells of somebody with an ADT message of the patient system that the stay belongs to.
    pub(super) fn tell(&mut self, who: usize, trigger: &str, told: &Told) {
        let (mut register, mut hospital) = self.register(who);
        if let Some(stay) = &told.stay {
            (register, hospital) = (stay.register, stay.bed.hospital);
        }
        let happened = self.now;
        if !matches!(trigger, "A08" | "A31")
            && let Some(stay) = self.people.get_mut(who).and_then(|p| p.stay.as_mut())
        {
            stay.stepped = happened;
        }
        let late = told.may_be_late && self.chance.happens(self.size.mishaps.saturating_mul(4));
        let delay_ms = if late { self.chance.between(90_000, 1_500_000) } else { 0 };
        let sent_at = Moment::from_milliseconds(happened.milliseconds() + delay_ms);
        let source = Source::pas(register);
        let message = self.build(source, hospital, sent_at, |sent, people| {
            let Some(person) = people.get(who) else { return Vec::new() };
            let stay = if told.without_visit { None } else { told.stay.as_ref().or(person.stay.as_ref()) };
            let visit = Visit {
                stay,
                bed_before: told.before,
                discharged: told.discharged,
                discharge_to: told.discharge_to,
                expected_discharge: told.expected,
                without_place: told.without_place,
            };
            adt::about(sent, trigger, happened, person, register, visit, told.fullness)
        });
        match message {
            Some(message) if late => self.later_ms(delay_ms, Task::Send(message)),
            Some(message) => self.emit(source, message),
            None => {}
        }
    }

    /// A free bed of this hospital on a ward that fits.
    pub(super) fn free_bed(&mut self, hospital: usize, fits: impl Fn(&Ward) -> bool) -> Option<Bed> {
        let wards = HOSPITALS.get(hospital)?.wards;
        let used = self.size.wards_max.min(wards.len());
        let first = self.chance.below(used);
        for step in 0..used {
            let ward = (first + step) % used;
            let plan = wards.get(ward).filter(|plan| fits(plan))?.beds();
            let bed = (1..=plan)
                .map(|number| Bed { hospital, ward, number })
                .find(|bed| !self.beds.contains_key(bed));
            if bed.is_some() {
                return bed;
            }
        }
        None
    }

    /// A free inpatient bed that suits this person.
    fn ward_bed(&mut self, hospital: usize, who: usize) -> Option<Bed> {
        let (child, female) = self.person(who).map(|p| (p.age < 16, p.female))?;
        let critical = self.chance.happens(800);
        for _ in 0..6 {
            let bed = self.free_bed(hospital, |ward| match ward.kind {
                WardKind::Emergency | WardKind::Neonatal => false,
                WardKind::Children => child,
                WardKind::Maternity => !child && female && hospital == 4,
                WardKind::Intensive => critical && !child,
                _ => !child,
            });
            if bed.is_some() {
                return bed;
            }
        }
        None
    }

    pub(super) fn free(&mut self, bed: Bed) {
        self.beds.remove(&bed);
    }

    pub(super) fn arrives_in_emergency(&mut self) {
        let hospital = self.chance.below(HOSPITALS.len());
        let Some(bed) = self.free_bed(hospital, |ward| ward.kind == WardKind::Emergency) else {
            return self.leaves_emergency();
        };
        let register = register_of(hospital);
        let unknown = hospital != 4 && self.chance.happens(1_500);
        let known =
            self.chance.happens(3_500).then(|| self.somebody_outside(register, hospital == 4)).flatten();
        let who = match known {
            _ if unknown => self.unknown_person(register),
            Some(who) => who,
            None => self.somebody_for(bed),
        };
        let now = self.now;
        self.put_to_bed(who, bed, now);
        self.tell_admission(who, now);
    }

    /// Somebody with a number of this register who is alive and at home.
    pub(super) fn somebody_outside(&mut self, register: usize, child: bool) -> Option<usize> {
        (0..24).find_map(|_| {
            let who = self.chance.below(self.people.len());
            let person = self.person(who)?;
            let fits = person.stay.is_none()
                && person.died.is_none()
                && person.merged_into.is_none()
                && person.mrn(register).is_some()
                && person.nhs.is_some()
                && (person.age < 16) == child
                && !self.held.contains(&who);
            fits.then_some(who)
        })
    }

    fn in_emergency(p: &Person) -> bool {
        p.stay.as_ref().is_some_and(|stay| stay.class == 'E')
    }

    fn on_a_ward(p: &Person) -> bool {
        p.stay.as_ref().is_some_and(|stay| stay.class != 'E' && !stay.on_leave)
    }

    pub(super) fn admitted_from_emergency(&mut self) {
        let Some(who) = self.somebody(Self::in_emergency) else { return };
        let Some(old) = self.person(who).and_then(|p| p.stay.clone()) else { return };
        let Some(bed) = self.ward_bed(old.bed.hospital, who) else { return };
        let now = self.now;
        if old.register == 0 {
            // The shared system turns the attendance into an inpatient stay: one visit, a new class.
            self.change_bed(who, bed);
            if let Some(stay) = self.people.get_mut(who).and_then(|p| p.stay.as_mut()) {
                stay.class = 'I';
            }
            let told = Told { before: Some(old.bed), may_be_late: true, ..Told::default() };
            self.tell(who, "A06", &told);
        } else {
            let told = Told {
                stay: Some(old.clone()),
                discharged: Some(now),
                discharge_to: "51",
                ..Told::default()
            };
            self.tell(who, "A03", &told);
            self.free(old.bed);
            self.put_to_bed(who, bed, now);
            self.tell_admission(who, now);
        }
        let lines = self.chance.between(1, 6);
        self.prescribe(who, lines, now);
    }

    pub(super) fn change_bed(&mut self, who: usize, bed: Bed) {
        if let Some(stay) = self.people.get_mut(who).and_then(|p| p.stay.as_mut()) {
            let old = std::mem::replace(&mut stay.bed, bed);
            self.beds.remove(&old);
            self.beds.insert(bed, who);
        }
    }

    pub(super) fn leaves_emergency(&mut self) {
        if let Some(who) = self.somebody(Self::in_emergency) {
            self.discharge(who, "19");
        }
    }

    fn discharge(&mut self, who: usize, discharge_to: &'static str) {
        let now = self.now;
        let Some(stay) = self.people.get_mut(who).and_then(|p| p.stay.take()) else { return };
        self.free(stay.bed);
        let told = Told { stay: Some(stay), discharged: Some(now), discharge_to, ..Told::default() };
        self.tell(who, "A03", &told);
    }

    /// Whether the wards are emptier than at the beginning; a hospital fills again by itself.
    fn is_emptying(&self) -> bool {
        let filled = usize::try_from(self.size.occupied_percent).unwrap_or(0).saturating_sub(2);
        self.beds.len() * 100 < self.beds_total * filled
    }

    /// Straight to a ward: sent in by a general practitioner, or from another trust.
    fn admitted_directly(&mut self) {
        let hospital = self.chance.below(HOSPITALS.len());
        let outside = |ward: &Ward| ward.kind != WardKind::Emergency && ward.kind != WardKind::Neonatal;
        let Some(bed) = self.free_bed(hospital, outside) else { return };
        let who = self.somebody_for(bed);
        let now = self.now;
        self.put_to_bed(who, bed, now);
        self.tell_admission(who, now);
        let lines = self.chance.between(1, 6);
        self.prescribe(who, lines, now);
    }

    pub(super) fn goes_home(&mut self) {
        if self.is_emptying() && self.chance.happens(7_500) {
            return self.admitted_directly();
        }
        let Some(who) = self.somebody(Self::on_a_ward) else { return };
        if self.chance.happens(2_000) {
            let tomorrow = self.now.plus_seconds(80_000);
            return self.tell(who, "A16", &Told { expected: Some(tomorrow), ..Told::default() });
        }
        if !self.chance.happens(1_000) {
            return self.discharge(who, "19");
        }
        // The wrong patient was discharged: told, and taken back soon after. The bed is kept.
        let Some(bed) = self.person(who).and_then(|p| p.stay.as_ref()).map(|stay| stay.bed) else { return };
        let told = Told { discharged: Some(self.now), discharge_to: "19", ..Told::default() };
        self.tell(who, "A03", &told);
        self.held.insert(who);
        self.later_between(30, 300, Task::TakeBack { who, trigger: "A13", bed });
    }

    pub(super) fn moves(&mut self) {
        let Some(who) = self.somebody(Self::on_a_ward) else { return };
        let Some(old) = self.person(who).and_then(|p| p.stay.as_ref()).map(|stay| stay.bed) else { return };
        let Some(bed) = self.ward_bed(old.hospital, who) else { return };
        let mistaken = self.chance.happens(1_200);
        self.change_bed(who, bed);
        self.tell(who, "A02", &Told { before: Some(old), may_be_late: !mistaken, ..Told::default() });
        if mistaken {
            self.beds.insert(old, who);
            self.held.insert(who);
            self.later_between(30, 300, Task::TakeBack { who, trigger: "A12", bed: old });
        }
    }

    pub(super) fn mistaken_admission(&mut self) {
        let hospital = self.chance.below(HOSPITALS.len());
        let Some(bed) = self.free_bed(hospital, |ward| ward.kind == WardKind::Assessment) else { return };
        let who = self.somebody_for(bed);
        let now = self.now;
        self.put_to_bed(who, bed, now);
        self.tell_admission(who, now);
        self.held.insert(who);
        self.later_between(20, 240, Task::TakeBack { who, trigger: "A11", bed });
    }

    pub(super) fn take_back(&mut self, who: usize, trigger: &'static str, bed: Bed) {
        self.held.remove(&who);
        match trigger {
            "A12" => {
                let wrong = self.person(who).and_then(|p| p.stay.as_ref()).map(|stay| stay.bed);
                self.change_bed(who, bed);
                self.tell(who, "A12", &Told { before: wrong, ..Told::default() });
            }
            "A13" => self.tell(who, "A13", &Told::default()),
            _ => {
                let stay = self.people.get_mut(who).and_then(|p| p.stay.take());
                self.free(bed);
                self.tell(who, "A11", &Told { stay, ..Told::default() });
            }
        }
    }

    pub(super) fn swaps(&mut self) {
        let Some(first) = self.somebody(Self::on_a_ward) else { return };
        let Some(here) = self.person(first).and_then(|p| p.stay.as_ref()).map(|stay| stay.bed) else {
            return;
        };
        let same_ward = |p: &Person| {
            Self::on_a_ward(p)
                && p.stay.as_ref().is_some_and(|s| s.bed.hospital == here.hospital && s.bed.ward == here.ward)
        };
        let Some(second) = (0..8).find_map(|_| self.somebody(same_ward).filter(|who| *who != first)) else {
            return;
        };
        let Some(there) = self.person(second).and_then(|p| p.stay.as_ref()).map(|stay| stay.bed) else {
            return;
        };
        for (who, bed) in [(first, there), (second, here)] {
            self.beds.insert(bed, who);
            if let Some(stay) = self.people.get_mut(who).and_then(|p| p.stay.as_mut()) {
                stay.bed = bed;
                stay.stepped = self.now;
            }
        }
        let (register, now) = (register_of(here.hospital), self.now);
        self.send(Source::pas(register), here.hospital, |sent, people| {
            let pair = |who: usize| people.get(who).and_then(|p| Some((p, p.stay.as_ref()?)));
            match (pair(first), pair(second)) {
                (Some(first), Some(second)) => adt::swap(sent, now, register, [first, second]),
                _ => Vec::new(),
            }
        });
    }

    pub(super) fn goes_on_leave(&mut self) {
        let known = |p: &Person| Self::on_a_ward(p) && Self::is_known(p) && p.age > 15;
        let Some(who) = self.somebody(known) else { return };
        if let Some(stay) = self.people.get_mut(who).and_then(|p| p.stay.as_mut()) {
            stay.on_leave = true;
        }
        self.tell(who, "A21", &Told::default());
        if self.chance.happens(6_000) {
            self.held.insert(who);
            self.later_between(600, 3_000, Task::Return { who });
        }
    }

    pub(super) fn back_from_leave(&mut self, who: usize) {
        self.held.remove(&who);
        if let Some(stay) = self.people.get_mut(who).and_then(|p| p.stay.as_mut()) {
            stay.on_leave = false;
            self.tell(who, "A22", &Told::default());
        }
    }

    pub(super) fn dies(&mut self) {
        let Some(who) = self.somebody(|p| Self::on_a_ward(p) && p.age > 60) else { return };
        let now = self.now;
        if let Some(person) = self.people.get_mut(who) {
            person.died = Some(now);
        }
        self.discharge(who, "79");
    }

    pub(super) fn expected_patient(&mut self) {
        let hospital = self.chance.below(HOSPITALS.len() - 1);
        let Some(bed) =
            self.free_bed(hospital, |ward| !matches!(ward.kind, WardKind::Emergency | WardKind::Intensive))
        else {
            return;
        };
        let who = self.somebody_for(bed);
        let now = self.now;
        self.put_to_bed(who, bed, now.plus_seconds(1_800));
        let stay = self.people.get_mut(who).and_then(|p| p.stay.take());
        self.free(bed);
        let Some(mut stay) = stay else { return };
        stay.class = 'P';
        let visit = stay.visit.clone();
        let told =
            Told { stay: Some(stay), without_place: true, fullness: Fullness::Full, ..Told::default() };
        self.tell(who, "A05", &told);
        self.held.insert(who);
        self.later_between(120, 1_500, Task::Arrive { who, hospital, visit });
    }

    pub(super) fn expected_arrives(&mut self, who: usize, hospital: usize, visit: String) {
        self.held.remove(&who);
        let Some(bed) = self.ward_bed(hospital, who) else { return };
        let now = self.now;
        self.put_to_bed(who, bed, now);
        if let Some(stay) = self.people.get_mut(who).and_then(|p| p.stay.as_mut()) {
            stay.visit = visit;
        }
        self.tell_admission(who, now);
        let lines = self.chance.between(1, 4);
        self.prescribe(who, lines, now);
    }

    /// To another hospital of the trust: within the shared system a transfer, else a discharge here and an
    /// admission there under another hospital number.
    pub(super) fn goes_to_another_hospital(&mut self) {
        let Some(who) = self.somebody(|p| Self::on_a_ward(p) && p.nhs.is_some()) else { return };
        let Some(old) = self.person(who).and_then(|p| p.stay.clone()) else { return };
        let hospital = self.chance.below(HOSPITALS.len() - 1);
        let register = register_of(hospital);
        let writable = register != 1 || self.person(who).is_some_and(Person::is_latin);
        let Some(bed) = self.ward_bed(hospital, who) else { return };
        if hospital == old.bed.hospital || !writable {
            return;
        }
        let now = self.now;
        if register == old.register {
            self.change_bed(who, bed);
            return self.tell(who, "A02", &Told { before: Some(old.bed), ..Told::default() });
        }
        self.discharge(who, "51");
        if self.person(who).is_some_and(|p| p.mrn(register).is_none()) {
            let mrn = self.new_mrn(register);
            if let Some(slot) = self.people.get_mut(who).and_then(|p| p.mrns.get_mut(register)) {
                *slot = Some(mrn);
            }
        }
        // The ambulance takes its time; the person is in nobody's bed until then.
        self.put_to_bed(who, bed, now.plus_seconds(1));
        self.tell_admission(who, now.plus_seconds(1));
    }
}

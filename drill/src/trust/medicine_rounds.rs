//! Prescriptions and drug rounds: new lines, other doses, held, released, stopped; doses given, refused, withheld.

use super::Trust;
use crate::feeds::Source;
use crate::formulary::{self, Prescription, PrescriptionState};
use crate::messages::medicines::{self, Dose};
use crate::names::DOCTORS;
use basics::Moment;

/// Most lines a chart holds here.
const LINES_MAX: usize = 14;

impl Trust {
    /// Writes some new lines on somebody's chart and tells them in one message.
    pub(super) fn prescribe(&mut self, who: usize, lines: i64, start: Moment) {
        let Some(person) = self.person(who) else { return };
        let age = person.age;
        let mut have: Vec<&str> = person.prescriptions.iter().map(|line| line.medicine.name).collect();
        let mut new = Vec::new();
        for _ in 0..lines {
            let Some(medicine) = formulary::medicine(&mut self.chance, age) else { continue };
            if have.contains(&medicine.name) || have.len() >= LINES_MAX {
                continue;
            }
            have.push(medicine.name);
            self.numbers.prescription += 1;
            new.push(Prescription {
                id: format!("RX{:07}", self.numbers.prescription),
                medicine,
                dose: medicine.dose,
                start,
                last_given: None,
                state: PrescriptionState::Active,
                prescriber: self.chance.word(&DOCTORS),
            });
        }
        if !new.is_empty() {
            self.tell_prescriptions(who, "NW", &new);
            if let Some(person) = self.people.get_mut(who) {
                person.prescriptions.append(&mut new);
            }
        }
    }

    fn tell_prescriptions(&mut self, who: usize, control: &str, lines: &[Prescription]) {
        let (register, hospital) = self.register(who);
        let now = self.now;
        self.send(Source::Prescribing, hospital, |sent, people| {
            let Some(person) = people.get(who) else { return Vec::new() };
            let lines: Vec<&Prescription> = lines.iter().collect();
            medicines::prescriptions(sent, control, now, person, register, &lines)
        });
    }

    pub(super) fn prescription_changes(&mut self) {
        let Some(who) = self.somebody(|p| p.stay.as_ref().is_some_and(|stay| stay.class == 'I')) else {
            return;
        };
        let lines = self.person(who).map_or(0, |p| p.prescriptions.len());
        let which = self.chance.below(lines);
        let throw = self.chance.below(100);
        let now = self.now;
        let changed = self.people.get_mut(who).and_then(|person| {
            let line = person.prescriptions.get_mut(which)?;
            let control = match (throw, line.state) {
                (0..20, PrescriptionState::Active) => {
                    let dose = formulary::other_dose(&line.medicine)?;
                    line.dose = if line.dose == dose { line.medicine.dose } else { dose };
                    "XO"
                }
                (20..35, PrescriptionState::Active) => {
                    line.state = PrescriptionState::Held;
                    "HD"
                }
                (_, PrescriptionState::Held) => {
                    line.state = PrescriptionState::Active;
                    "RL"
                }
                (35..65, PrescriptionState::Active) => {
                    line.state = PrescriptionState::Stopped;
                    "DC"
                }
                _ => return None,
            };
            Some((control, line.clone()))
        });
        match changed {
            Some((control, line)) => self.tell_prescriptions(who, control, &[line]),
            None => {
                let lines = self.chance.between(1, 2);
                self.prescribe(who, lines, now);
            }
        }
    }

    /// The doses last given before the beginning.
    pub(super) fn last_doses(&mut self, who: usize) {
        let now = self.now;
        let mut rounds = Vec::new();
        let lines = self.person(who).map_or(0, |p| p.prescriptions.len());
        for which in 0..lines {
            let ago = self.chance.between(600, 20_000);
            let dose = self.dose();
            rounds.push((which, now.plus_seconds(-ago), dose));
        }
        self.tell_doses(who, &rounds);
    }

    pub(super) fn drug_round(&mut self) {
        let active = |line: &Prescription| line.state == PrescriptionState::Active;
        let Some(who) = self.somebody(|p| {
            p.prescriptions.iter().any(active) && p.stay.as_ref().is_some_and(|stay| !stay.on_leave)
        }) else {
            return;
        };
        let Some(person) = self.person(who) else { return };
        let due: Vec<usize> = (0..)
            .zip(&person.prescriptions)
            .filter(|(_, line)| active(line))
            .map(|(which, _)| which)
            .collect();
        let skip = self.chance.below(due.len());
        let at = self.now.plus_seconds(-self.chance.between(5, 240));
        let rounds: Vec<_> =
            due.into_iter().skip(skip).take(3).map(|which| (which, at, self.dose())).collect();
        self.tell_doses(who, &rounds);
    }

    fn dose(&mut self) -> Dose {
        match self.chance.below(100) {
            0..=91 => Dose::Given,
            92..=95 => Dose::Refused,
            _ => Dose::Withheld(self.chance.word(&[
                "Nil by mouth",
                "Not available on the ward",
                "Pulse below 50",
                "Off the ward",
            ])),
        }
    }

    fn tell_doses(&mut self, who: usize, rounds: &[(usize, Moment, Dose)]) {
        if rounds.is_empty() {
            return;
        }
        let (register, hospital) = self.register(who);
        self.send(Source::Prescribing, hospital, |sent, people| {
            let Some(person) = people.get(who) else { return Vec::new() };
            let rounds: Vec<_> = rounds
                .iter()
                .filter_map(|(which, at, dose)| Some((person.prescriptions.get(*which)?, *at, *dose)))
                .collect();
            medicines::doses(sent, person, register, &rounds)
        });
        if let Some(person) = self.people.get_mut(who) {
            for (which, at, dose) in rounds {
                if let (Some(line), Dose::Given) = (person.prescriptions.get_mut(*which), dose) {
                    line.last_given = line.last_given.max(Some(*at));
                }
            }
        }
    }
}

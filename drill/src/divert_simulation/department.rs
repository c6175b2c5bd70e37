//! An emergency department as a queue: so many places, and who goes in next when one is free.
//!
//! Always: resuscitation goes straight in, even where every place is in use; other ambulances go in before walk-ins, and
//! within each the first who came is the first seen; nobody who is being treated is put out for another; a place that is
//! lost is lost when its patient leaves. Never: somebody forgotten. Called by the `world`; proved against the priority
//! Erlang-C formula by `tests/divert_simulation.rs`, which also sees that the planted bugs here are found.

use std::collections::VecDeque;

/// A bug put in on purpose, to see that the checks notice.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Planted {
    /// None.
    #[default]
    Nothing,
    /// Every tenth ambulance that must wait is dropped from its queue.
    ForgetsOne,
    /// Walk-ins go in before ambulances.
    WalkInsFirst,
    /// Every policy throws its own dice, so that policies differ by luck.
    OwnDice,
    /// Every hundredth ambulance arrives a second time.
    ArrivesTwice,
}

/// Who goes in before whom; the order of the variants is the order of the queue.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Urgency {
    /// Brought by a crew with a patient in peri-arrest: straight in, a place is made.
    Resuscitation,
    /// Brought by any other crew, which waits until it can hand over.
    Ambulance,
    /// Came on their own feet.
    WalkIn,
}

/// Somebody at the door.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Patient {
    /// Who goes in before whom.
    pub urgency: Urgency,
    /// The ambulance's number in the run; `None` for a walk-in.
    pub journey: Option<usize>,
    /// How long the treatment takes, as a multiple of the department's mean stay.
    pub work: f64,
}

/// What a department can do.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Capacity {
    /// Patients treated at once.
    pub places: usize,
    /// Mean minutes that a patient holds a place.
    pub stay_min: f64,
}

impl Capacity {
    /// So many places that together take `per_h` patients an hour; none when either is 0 or not a number.
    pub fn of(places: usize, per_h: f64) -> Self {
        let able = places > 0 && per_h.is_finite() && per_h > 0.0;
        if able { Self { places, stay_min: places as f64 / per_h * 60.0 } } else { Self::default() }
    }

    /// Patients an hour when every place is in use.
    pub fn per_h(self) -> f64 {
        if self.places == 0 { 0.0 } else { self.places as f64 / self.stay_min * 60.0 }
    }
}

/// One department at one moment.
#[derive(Clone, Debug, Default)]
pub struct Department {
    capacity: Capacity,
    treated: usize,
    waiting: [VecDeque<Patient>; 3],
    planted: Planted,
    waited: usize,
}

impl Department {
    /// An empty department.
    pub fn new(capacity: Capacity, planted: Planted) -> Self {
        Self { capacity, planted, ..Self::default() }
    }

    /// From now on it can do this; patients already treated stay until they are done.
    pub fn set_capacity(&mut self, capacity: Capacity) {
        self.capacity = capacity;
    }

    /// What it can do.
    pub fn capacity(&self) -> Capacity {
        self.capacity
    }

    /// Somebody joins the queue; ask `goes_in` afterwards.
    pub fn arrives(&mut self, patient: Patient) {
        if patient.journey.is_some() && self.treated >= self.capacity.places {
            self.waited += 1;
            if self.planted == Planted::ForgetsOne && self.waited.is_multiple_of(10) {
                return;
            }
        }
        let [resuscitation, ambulances, walk_ins] = &mut self.waiting;
        match patient.urgency {
            Urgency::Resuscitation => resuscitation.push_back(patient),
            Urgency::Ambulance => ambulances.push_back(patient),
            Urgency::WalkIn => walk_ins.push_back(patient),
        }
    }

    /// The next who goes in now, with the minutes they will hold their place; call until `None`.
    pub fn goes_in(&mut self) -> Option<(Patient, f64)> {
        let [resuscitation, ambulances, walk_ins] = &mut self.waiting;
        let patient = if self.capacity.places > 0 && !resuscitation.is_empty() {
            resuscitation.pop_front()
        } else if self.treated >= self.capacity.places {
            None
        } else if self.planted == Planted::WalkInsFirst {
            walk_ins.pop_front().or_else(|| ambulances.pop_front())
        } else {
            ambulances.pop_front().or_else(|| walk_ins.pop_front())
        }?;
        self.treated += 1;
        Some((patient, patient.work * self.capacity.stay_min))
    }

    /// A treated patient leaves; ask `goes_in` afterwards.
    pub fn leaves(&mut self) {
        self.treated = self.treated.saturating_sub(1);
    }

    /// Crews waiting to hand over.
    pub fn crews_waiting(&self) -> usize {
        let [resuscitation, ambulances, _] = &self.waiting;
        resuscitation.len() + ambulances.len()
    }

    /// Walk-ins waiting to be seen.
    pub fn walk_ins_waiting(&self) -> usize {
        let [_, _, walk_ins] = &self.waiting;
        walk_ins.len()
    }

    /// The journeys of the crews that wait.
    pub fn journeys_waiting(&self) -> impl Iterator<Item = usize> {
        self.waiting.iter().flatten().filter_map(|p| p.journey)
    }

    /// Places that nobody holds.
    pub fn free(&self) -> usize {
        self.capacity.places.saturating_sub(self.treated)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn patient(urgency: Urgency, journey: usize) -> Patient {
        let journey = (urgency != Urgency::WalkIn).then_some(journey);
        Patient { urgency, journey, work: 1.0 }
    }

    #[test]
    fn resuscitation_goes_straight_in_and_crews_before_walk_ins() {
        let mut department = Department::new(Capacity::of(1, 2.0), Planted::Nothing);
        department.arrives(patient(Urgency::WalkIn, 0));
        assert_eq!(department.goes_in(), Some((patient(Urgency::WalkIn, 0), 30.0)));
        for (urgency, journey) in [(Urgency::WalkIn, 0), (Urgency::Ambulance, 1), (Urgency::Ambulance, 2)] {
            department.arrives(patient(urgency, journey));
        }
        assert_eq!(department.goes_in(), None);
        department.arrives(patient(Urgency::Resuscitation, 3));
        assert_eq!(department.goes_in().and_then(|(p, _)| p.journey), Some(3));
        assert_eq!((department.crews_waiting(), department.walk_ins_waiting(), department.free()), (2, 1, 0));
        let mut order = Vec::new();
        for _ in 0..4 {
            department.leaves();
            order.extend(department.goes_in().map(|(p, _)| p.journey));
        }
        assert_eq!(order, [Some(1), Some(2), None]);
    }

    #[test]
    fn a_lost_place_is_lost_when_its_patient_leaves() {
        let mut department = Department::new(Capacity::of(2, 2.0), Planted::Nothing);
        for journey in 0..3 {
            department.arrives(patient(Urgency::Ambulance, journey));
        }
        assert!(department.goes_in().is_some() && department.goes_in().is_some());
        department.set_capacity(Capacity::of(1, 1.0));
        department.leaves();
        assert_eq!(department.goes_in(), None);
        department.leaves();
        assert!(department.goes_in().is_some());
    }

    #[test]
    fn a_department_without_places_takes_nobody_and_forgets_nobody() {
        let mut department = Department::new(Capacity::of(0, 3.0), Planted::Nothing);
        department.arrives(patient(Urgency::Resuscitation, 7));
        assert_eq!(department.goes_in(), None);
        assert_eq!(department.journeys_waiting().collect::<Vec<_>>(), [7]);
    }
}

//! One run: crews leave the scene, drive, wait to hand over; walk-ins wait behind them; a discrete-event loop.
//!
//! Always: the same callers and the same dispatcher give the same run, to the last bit; every ambulance arrives exactly
//! once and is handed over or still stands in a queue (`conserved` says so, or says which one is amiss). A dispatcher sees
//! the other departments only through the `Board`, as old as the board is. Called by `divert_simulation::simulate`; proved
//! by `tests/divert_simulation.rs`.

use super::board::{Board, Seen};
use super::callers::{Caller, Comes, OPENING_MIN};
use super::department::{Capacity, Department, Patient, Planted, Urgency};
use std::cmp::Ordering;
use std::collections::BinaryHeap;

/// Where a crew goes.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Choice {
    /// Index of the site.
    pub site: usize,
    /// Minutes from the scene.
    pub travel_min: f64,
    /// Whether this ambulance alone was sent elsewhere than its group.
    pub deflected: bool,
}

/// Who decides where a crew goes.
pub trait Dispatch {
    /// For an ambulance of `group`; `None` when nobody takes it.
    fn choose(&self, group: usize, split: f64, board: &Board) -> Option<Choice>;
    /// Whether patients of the group are in peri-arrest.
    fn urgency(&self, group: usize) -> Urgency;
}

/// One ambulance's way.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Journey {
    /// Minute at which the crew left the scene (from outside the zones: arrived).
    pub called_min: f64,
    /// Its group; `None` from outside the zones.
    pub group: Option<usize>,
    /// Where it goes; `None` when nobody takes it.
    pub choice: Option<Choice>,
    /// Minute of arrival.
    pub arrived_min: Option<f64>,
    /// Times it arrived; anything but one is a bug.
    pub arrivals: u32,
    /// Minute at which the crew was free again.
    pub handed_over_min: Option<f64>,
}

impl Journey {
    /// Minutes of waiting to hand over, for somebody who looks at `end_min`; `None` before arrival.
    pub fn wait_min(&self, end_min: f64) -> Option<f64> {
        let arrived = self.arrived_min?;
        Some((self.handed_over_min.unwrap_or(end_min) - arrived).max(0.0))
    }
}

#[derive(Clone, Copy, Debug)]
enum What {
    Arrives { journey: usize, site: usize, urgency: Urgency, work: f64 },
    Leaves { site: usize },
}

#[derive(Clone, Copy, Debug)]
struct Due {
    at_min: f64,
    number: u64,
    what: What,
}

impl Ord for Due {
    /// The earliest is the greatest, for the heap; of two at one moment the one that was entered first.
    fn cmp(&self, other: &Self) -> Ordering {
        other.at_min.total_cmp(&self.at_min).then(other.number.cmp(&self.number))
    }
}
impl PartialOrd for Due {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl PartialEq for Due {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}
impl Eq for Due {}

/// Everything at one moment.
#[derive(Clone, Debug)]
pub struct World {
    now_min: f64,
    divert_min: f64,
    departments: Vec<Department>,
    due: BinaryHeap<Due>,
    entered: u64,
    next_caller: usize,
    board: Board,
    planted: Planted,
    /// Every ambulance so far, in the order of the calls.
    pub journeys: Vec<Journey>,
    unsettled: usize,
    crews_waiting: usize,
    crews_waiting_max: usize,
    walk_ins_at_end: usize,
    met: u64,
}

/// What is left of a run when it is over.
#[derive(Clone, PartialEq, Debug)]
pub struct Ended {
    /// Every ambulance, in the order of the calls.
    pub journeys: Vec<Journey>,
    /// Journeys whose crews still stand in a queue, in no order.
    pub still_waiting: Vec<usize>,
    /// Journeys still on the road.
    pub still_driving: Vec<usize>,
    /// When the run was over, in minutes since the divert began.
    pub end_min: f64,
    /// The most crews that waited at once during the divert, over all sites.
    pub crews_waiting_max: usize,
    /// Walk-ins waiting when the divert ended, over all sites.
    pub walk_ins_at_end: usize,
    /// A fingerprint of everybody who needed help up to the divert's end, with their moments and illnesses.
    pub met: u64,
}

impl World {
    /// Empty departments; ambulances that call from 0 to `divert_min` are those to be measured.
    pub fn new(usual: &[Capacity], divert_min: f64, board: Board, planted: Planted) -> Self {
        Self {
            now_min: OPENING_MIN,
            divert_min,
            departments: usual.iter().map(|c| Department::new(*c, planted)).collect(),
            due: BinaryHeap::new(),
            entered: 0,
            next_caller: 0,
            board,
            planted,
            journeys: Vec::new(),
            unsettled: 0,
            crews_waiting: 0,
            crews_waiting_max: 0,
            walk_ins_at_end: 0,
            met: 0xcbf2_9ce4_8422_2325,
        }
    }

    /// The divert begins: from now on the departments can do this.
    pub fn begins(&mut self, capacities: &[Capacity]) {
        for (site, capacity) in capacities.iter().enumerate() {
            if let Some(department) = self.departments.get_mut(site) {
                department.set_capacity(*capacity);
            }
            self.serve(site);
        }
        self.board.begins();
    }

    /// Plays everything up to, without, `until_min`; after the divert it stops once all measured are handed over.
    pub fn play(&mut self, callers: &[Caller], dispatch: &dyn Dispatch, until_min: f64) {
        while self.now_min < self.divert_min || self.unsettled > 0 {
            let caller = callers.get(self.next_caller).copied();
            let call_min = caller.map_or(f64::INFINITY, |c| c.at_min);
            let due_min = self.due.peek().map_or(f64::INFINITY, |d| d.at_min);
            let next_min = call_min.min(due_min);
            if next_min >= until_min {
                self.pass_to(until_min);
                return;
            }
            self.pass_to(next_min);
            if due_min <= call_min {
                if let Some(due) = self.due.pop() {
                    self.happens(due.what);
                }
            } else if let Some(caller) = caller {
                self.next_caller += 1;
                self.calls(caller, dispatch);
            }
        }
    }

    /// Ends the run.
    pub fn end(mut self) -> Ended {
        self.pass_to(self.divert_min);
        let driving = self.due.iter().filter_map(|due| match due.what {
            What::Arrives { journey, .. } => Some(journey),
            What::Leaves { .. } => None,
        });
        Ended {
            still_driving: driving.collect(),
            still_waiting: self.departments.iter().flat_map(Department::journeys_waiting).collect(),
            journeys: self.journeys,
            end_min: self.now_min,
            crews_waiting_max: self.crews_waiting_max,
            walk_ins_at_end: self.walk_ins_at_end,
            met: self.met,
        }
    }

    fn pass_to(&mut self, at_min: f64) {
        if self.now_min < self.divert_min && at_min >= self.divert_min {
            self.walk_ins_at_end = self.departments.iter().map(Department::walk_ins_waiting).sum();
        }
        self.now_min = self.now_min.max(at_min);
    }

    fn calls(&mut self, caller: Caller, dispatch: &dyn Dispatch) {
        if caller.at_min < self.divert_min {
            self.meets(&caller);
        }
        match caller.comes {
            Comes::OnFoot { site } => {
                let patient = Patient { urgency: Urgency::WalkIn, journey: None, work: caller.work };
                if let Some(department) = self.departments.get_mut(site) {
                    department.arrives(patient);
                }
                self.serve(site);
            }
            Comes::FromOutside { site } => {
                let choice = Choice { site, travel_min: 0.0, deflected: false };
                self.sets_off(caller, None, Some(choice), Urgency::Ambulance);
            }
            Comes::FromGroup { group, split } => {
                self.board.turn_to(self.now_min);
                let choice = dispatch.choose(group, split, &self.board);
                if let Some(chosen) = choice {
                    self.board.send(chosen.site, self.now_min + chosen.travel_min);
                }
                self.sets_off(caller, Some(group), choice, dispatch.urgency(group));
            }
        }
    }

    fn sets_off(&mut self, caller: Caller, group: Option<usize>, choice: Option<Choice>, urgency: Urgency) {
        let journey = self.journeys.len();
        self.journeys.push(Journey {
            called_min: caller.at_min,
            group,
            choice,
            arrived_min: None,
            arrivals: 0,
            handed_over_min: None,
        });
        let Some(Choice { site, travel_min, .. }) = choice else { return };
        self.unsettled += usize::from(self.is_measured(journey));
        let arrives = What::Arrives { journey, site, urgency, work: caller.work };
        self.enter(self.now_min + travel_min.max(0.0), arrives);
        if self.planted == Planted::ArrivesTwice && journey % 100 == 99 {
            self.enter(self.now_min + travel_min.max(0.0), arrives);
        }
    }

    fn happens(&mut self, what: What) {
        match what {
            What::Arrives { journey, site, urgency, work } => {
                if let Some(way) = self.journeys.get_mut(journey) {
                    way.arrivals += 1;
                    way.arrived_min = Some(self.now_min);
                }
                if let Some(department) = self.departments.get_mut(site) {
                    department.arrives(Patient { urgency, journey: Some(journey), work });
                }
                self.serve(site);
            }
            What::Leaves { site } => {
                if let Some(department) = self.departments.get_mut(site) {
                    department.leaves();
                }
                self.serve(site);
            }
        }
    }

    /// Lets in whom the department has places for, and puts what is left on the board.
    fn serve(&mut self, site: usize) {
        while let Some((patient, stay_min)) = self.departments.get_mut(site).and_then(Department::goes_in) {
            self.enter(self.now_min + stay_min, What::Leaves { site });
            if let Some(journey) = patient.journey {
                self.unsettled -= usize::from(self.is_measured(journey) && self.unsettled > 0);
                if let Some(way) = self.journeys.get_mut(journey) {
                    way.handed_over_min = Some(self.now_min);
                }
            }
        }
        let Some(department) = self.departments.get(site) else { return };
        let was = self.board.newest(site).crews_waiting;
        let seen = Seen {
            crews_waiting: department.crews_waiting(),
            free: department.free(),
            takes_per_h: department.capacity().per_h(),
        };
        self.crews_waiting = (self.crews_waiting + seen.crews_waiting).saturating_sub(was);
        if (0.0..self.divert_min).contains(&self.now_min) {
            self.crews_waiting_max = self.crews_waiting_max.max(self.crews_waiting);
        }
        self.board.write(site, self.now_min, seen);
    }

    fn is_measured(&self, journey: usize) -> bool {
        self.journeys.get(journey).is_some_and(|j| (0.0..self.divert_min).contains(&j.called_min))
    }

    fn enter(&mut self, at_min: f64, what: What) {
        self.due.push(Due { at_min, number: self.entered, what });
        self.entered += 1;
    }

    fn meets(&mut self, caller: &Caller) {
        let (how, place, split) = match caller.comes {
            Comes::FromGroup { group, split } => (1, group, split),
            Comes::FromOutside { site } => (2, site, 0.0),
            Comes::OnFoot { site } => (3, site, 0.0),
        };
        for word in [caller.at_min.to_bits(), how, place as u64, split.to_bits(), caller.work.to_bits()] {
            self.met = (self.met ^ word).wrapping_mul(0x0000_0100_0000_01b3).rotate_left(23);
        }
    }
}

/// Whether every ambulance arrived exactly once and was handed over, or stands in a queue, or is still on the road.
///
/// `Err` says which journey is amiss, and how.
pub fn conserved(ended: &Ended) -> Result<(), String> {
    let mut waiting = vec![0_u32; ended.journeys.len()];
    let mut driving = waiting.clone();
    for (journeys, counts) in [(&ended.still_waiting, &mut waiting), (&ended.still_driving, &mut driving)] {
        for journey in journeys {
            let count = counts.get_mut(*journey).ok_or(format!("journey {journey} was never called for"))?;
            *count += 1;
        }
    }
    for (number, ((way, waits), drives)) in ended.journeys.iter().zip(waiting).zip(driving).enumerate() {
        let over = u32::from(way.handed_over_min.is_some());
        let sound = match (way.choice, way.arrivals) {
            (None, arrivals) => arrivals + waits + drives + over == 0,
            (Some(_), 0) => drives == 1 && waits + over == 0,
            (Some(_), arrivals) => arrivals == 1 && drives == 0 && waits + over == 1,
        };
        if !sound {
            return Err(format!(
                "ambulance {number}: arrived {} times, handed over {over}, in a queue {waits}, on the road {drives}",
                way.arrivals
            ));
        }
    }
    Ok(())
}

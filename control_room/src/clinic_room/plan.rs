//! A day at one hospital, planned: who can be kept with the minutes, tests and scans there are, and what if there were others.
//!
//! Always: sessions are the day's lists with the minutes that are booked, until somebody says otherwise; the plan is a
//! proposal beside what people decided. Called by screens; proved by `tests/clinic_room.rs`.

use super::works::AllWorks;
use super::{BookingRow, ListName};
use crate::{ControlRoom, Fault};
use basics::{EntryNumber, PartialDate, SiteId};
use care::appointments::{Booked, DayList, DayPlan, SystemWorks, Works, case_of, plan};
use incident::Ground;
use planning::clinics::{Effort, Proof, Session, SharedLimit, first_come};
use std::collections::BTreeMap;

/// Minutes of a booking of which nobody told them.
const MINUTES_DEFAULT: u32 = 20;

/// What is asked about: nothing of it is kept.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ClinicWhatIf {
    /// Systems that are down.
    pub down: Vec<String>,
    /// Systems that work again.
    pub up: Vec<String>,
    /// Minutes of a list, by its name.
    pub minutes: Vec<(String, u32)>,
    /// How many there are of what is counted: "laboratory tests" by the system's name.
    pub units: Vec<(String, u32)>,
    /// So many per cent of all minutes can be staffed.
    pub staff_percent: Option<u32>,
}

impl ClinicWhatIf {
    /// Whether anything is asked.
    pub fn any(&self) -> bool {
        *self != Self::default()
    }
}

/// A day, planned.
#[derive(Clone, Debug)]
pub struct ClinicPlan {
    /// The bookings, in the order of the plan's.
    pub rows: Vec<BookingRow>,
    /// The plan, as asked.
    pub plan: DayPlan,
    /// Kept of classes A, B, C, D by the proposal.
    pub kept: [u32; 4],
    /// Kept by the best choice.
    pub best: [u32; 4],
    /// The search for it was cut short: no choice keeps more than this.
    pub at_most: Option<[u32; 4]>,
    /// Bookings that the best choice keeps in addition, and those that it lets go for them, by their place.
    pub also: (Vec<usize>, Vec<usize>),
    /// What is kept as things are, where something was asked.
    pub as_it_is: Option<[u32; 4]>,
    /// What would be kept in the order of the list alone.
    pub first_come: [u32; 4],
    /// The day's lists with the minutes that are booked.
    pub sessions: Vec<(String, u32)>,
    /// Systems that are counted: name, in what, and how many this day's bookings use.
    pub counted: Vec<(String, String, u32)>,
    /// The last entry of the clinic book that it shows.
    pub seen: EntryNumber,
}

impl ControlRoom {
    /// Plans a day at one hospital. The error within is a sentence for the person who asked.
    ///
    /// # Errors
    /// The index could not be read.
    pub fn clinic_plan(
        &self,
        ground: Ground,
        day: PartialDate,
        site: Option<&SiteId>,
        what_if: &ClinicWhatIf,
    ) -> Result<Result<ClinicPlan, String>, Fault> {
        let shared = &self.0.shared;
        let rules = &shared.clinics.forms.rules;
        let (mut rows, seen) = self.clinic_day(ground, day, site)?;
        rows.retain(|row| !row.cancelled_elsewhere());
        let all = shared.incident.read(|book| AllWorks::of(book, ground));
        let works = all.at(site);
        let asked_works = asked(&works, what_if, |name| {
            rules.system(name).map_or_else(|| vec![name.to_owned()], |s| s.names.clone())
        });
        let list = self.day_list(day, site, &rows, &ClinicWhatIf::default());
        let asked_list = self.day_list(day, site, &rows, what_if);
        let planned = |list: &DayList, works: &Works| {
            plan(list, rules, works, Effort::default()).map_err(|r| r.to_string())
        };
        let now = match planned(&list, &works) {
            Ok(now) => now,
            Err(why) => return Ok(Err(why)),
        };
        let mut used: BTreeMap<&str, u32> = BTreeMap::new();
        for (name, units) in now.verdicts.iter().flat_map(|v| &v.uses) {
            *used.entry(rules.system(name).map_or(name.as_str(), |s| s.name())).or_default() += units;
        }
        let counted = rules
            .systems
            .iter()
            .filter(|s| !s.counted_in.is_empty())
            .map(|s| (s.name().to_owned(), s.counted_in.clone(), used.get(s.name()).copied().unwrap_or(0)))
            .collect();
        let as_it_is = what_if.any().then_some(now.selection.kept.0);
        let plan = match what_if.any().then(|| planned(&asked_list, &asked_works)) {
            None => now,
            Some(Ok(plan)) => plan,
            Some(Err(why)) => return Ok(Err(why)),
        };
        let first_come = match first_come(&plan.instance) {
            Ok(selection) => selection.kept.0,
            Err(why) => return Ok(Err(why.to_string())),
        };
        let best = &plan.optimum;
        Ok(Ok(ClinicPlan {
            kept: plan.selection.kept.0,
            best: best.selection.kept.0,
            at_most: match best.proof {
                Proof::Optimal => None,
                Proof::AtMost(most) => Some(most.0),
            },
            also: (best.swap.also.clone(), best.swap.instead_of.clone()),
            as_it_is,
            first_come,
            sessions: list.sessions.iter().map(|s| (s.name.clone(), s.minutes)).collect(),
            counted,
            seen,
            rows,
            plan,
        }))
    }

    fn day_list(
        &self,
        day: PartialDate,
        site: Option<&SiteId>,
        rows: &[BookingRow],
        what_if: &ClinicWhatIf,
    ) -> DayList {
        let zone = &self.0.shared.setup.zone;
        let mut sessions: Vec<Session> = Vec::new();
        let bookings = rows
            .iter()
            .map(|row| {
                let start = row.booking.start.unwrap_or_default();
                let minutes = row.booking.minutes.filter(|m| *m > 0).unwrap_or(MINUTES_DEFAULT);
                let list = ListName::of(&row.booking, zone, start).list;
                let session = sessions.iter().position(|s| s.name == list).unwrap_or(sessions.len());
                match sessions.get_mut(session) {
                    Some(known) => known.minutes = known.minutes.saturating_add(minutes),
                    None => sessions.push(Session { name: list, minutes }),
                }
                let mut case = case_of(&row.booking, zone, start);
                case.id = row.key.text();
                Booked { case, session, minutes }
            })
            .collect();
        for session in &mut sessions {
            if let Some(percent) = what_if.staff_percent {
                session.minutes =
                    u32::try_from(u64::from(session.minutes) * u64::from(percent.min(100)) / 100)
                        .unwrap_or(session.minutes);
            }
            if let Some((_, minutes)) = what_if.minutes.iter().find(|(name, _)| *name == session.name) {
                session.minutes = *minutes;
            }
        }
        let shared =
            what_if.units.iter().map(|(name, units)| SharedLimit { name: name.clone(), units: *units });
        let site = site.map_or("", SiteId::as_str);
        DayList { name: format!("{site} {}", day.iso()), sessions, shared: shared.collect(), bookings }
    }
}

fn asked(works: &Works, what_if: &ClinicWhatIf, names: impl Fn(&str) -> Vec<String>) -> Works {
    let mut works = works.clone();
    let up = what_if.up.iter().map(|name| (name, SystemWorks::Works));
    let down = what_if.down.iter().map(|name| (name, SystemWorks::Down("down".to_owned())));
    for (name, how) in up.chain(down) {
        names(name).iter().for_each(|name| works.say(name, how.clone()));
    }
    works
}

//! A drill on a running Lifeboat: injects told, deeds done and expectations measured on the record that people are
//! looking at, by whatever clock that Lifeboat goes.
//!
//! Always: through the same door and the same rules as everybody. Where the record is a hospital's own, nothing is done
//! outside the exercise: what the drill lays down before its incident is open waits until it is, inventories stay as
//! they are, and a drill that opens a real incident is refused. Never: plays the world (feeds, gateway, power); that is
//! whoever runs the machine. Bookings are of the world too: in a demonstration the drill's invented people are booked and
//! its clinics decided about, beside the demonstration's own; in a hospital's record neither. Called by the program's
//! `exercise`; proved by its tests and by `tests/drills.rs`.

use super::clinic_bookings::{bookings, working_days};
use super::measure::{Measure, judge, look};
use super::respond::{NotDone, Response, prepare_sites};
use crate::scenario::response::{Deed, Sought, What};
use crate::scenario::{Act, Expectation, Scenario, Step};
use basics::{FeedName, Moment, Zone};
use control_room::{ControlRoom, IncidentRefused};
use incident::{IncidentId, Nature};

/// Names that are tried for a drill that is played while it still runs.
const RUNS_MAX: usize = 100;

/// Whose record it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Record {
    /// A demonstration's: nothing in it is real.
    Demonstration,
    /// A hospital's own.
    Hospital,
}

/// What became of a line.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Told {
    /// Done, or told.
    Done,
    /// The rule said no where the drill has it taken, or the other way round; in words.
    Otherwise(String),
    /// Measured.
    Measured(Measure),
    /// Waits until the incident is open.
    Held,
    /// Of the world, or of what only a drill on a record of its own can see.
    NotHere,
}

/// A drill under way on a running Lifeboat.
#[derive(Debug)]
pub struct Live {
    record: Record,
    scenario: Scenario,
    response: Response,
    held: Vec<Step>,
}

impl Live {
    /// Ready to play on `room`; lists the drill's emergency departments on the divert board where they are not there.
    ///
    /// # Errors
    /// The drill opens a real incident on a hospital's record; or the book cannot be written.
    pub fn begin(
        room: &ControlRoom,
        scenario: &Scenario,
        record: Record,
        at: Moment,
    ) -> Result<Self, String> {
        if record == Record::Hospital {
            may_be_played(scenario)?;
        } else {
            prepare_sites(room, scenario, at)?;
        }
        let response = Response::to(scenario, at)?;
        Ok(Self { record, scenario: scenario.clone(), response, held: Vec::new() })
    }

    /// The exercise's incident, once it is open.
    pub fn incident(&self) -> Option<IncidentId> {
        self.response.incident
    }

    /// Plays one line at `at`, the moment by that Lifeboat's own clock.
    ///
    /// # Errors
    /// The book cannot be written.
    pub fn step(&mut self, room: &ControlRoom, step: &Step, at: Moment) -> Result<Told, control_room::Fault> {
        if let Act::Expect { what: Expectation::Response(wanted) } = &step.act {
            if wanted.what == Sought::Verified || matches!(wanted.what, Sought::OfClinics(_)) {
                return Ok(Told::NotHere);
            }
            let seen = look(room, &self.response, &wanted.what, at);
            let judged = judge(wanted, &step.text, &seen, &self.response.injects);
            return Ok(judged.map_or_else(Told::Otherwise, Told::Measured));
        }
        // The lists of a drill's clinics are of its own world; a hospital's Lifeboat has others, and they are people's.
        let of_clinics = matches!(&step.act, Act::Deed(deed) if matches!(deed.what, What::Clinic(_)));
        if of_clinics && self.record == Record::Hospital {
            return Ok(Told::NotHere);
        }
        if let Act::Books { feed, bookings, days, seed } = &step.act {
            return match self.record {
                Record::Hospital => Ok(Told::NotHere),
                Record::Demonstration => self.books(room, feed, (*bookings, *days, *seed), at),
            };
        }
        if self.record == Record::Hospital && self.response.incident.is_none() {
            match &step.act {
                Act::Deed(deed) if matches!(deed.what, What::Opens { .. }) => {}
                Act::Deed(deed) if matches!(deed.what, What::Lists { .. }) => return Ok(Told::NotHere),
                Act::Inject { name, .. } => {
                    // Times are measured from when people were told, even where the log tells it later.
                    self.response.injects.insert(name.clone(), at);
                    self.held.push(step.clone());
                    return Ok(Told::Held);
                }
                Act::Deed(_) => {
                    self.held.push(step.clone());
                    return Ok(Told::Held);
                }
                _ => return Ok(Told::NotHere),
            }
        }
        let mut told = self.act(room, &step.act, at)?;
        if self.response.incident.is_some() {
            let injects = self.response.injects.clone();
            for held in std::mem::take(&mut self.held) {
                if let Told::Otherwise(why) = self.act(room, &held.act, at)? {
                    let why = format!("line {} ({}): {why}", held.line, held.text);
                    told = Told::Otherwise(match told {
                        Told::Otherwise(before) => format!("{before}; {why}"),
                        _ => why,
                    });
                }
            }
            // What was held keeps the moment at which it came.
            self.response.injects.extend(injects);
        }
        Ok(told)
    }

    /// The drill's invented people are booked on the next working days.
    fn books(
        &mut self,
        room: &ControlRoom,
        feed: &str,
        what: (u32, u32, u64),
        at: Moment,
    ) -> Result<Told, control_room::Fault> {
        let Some(feed_name) = FeedName::new(feed) else { return Ok(Told::NotHere) };
        let days = working_days(&Zone::london(), at, what.1);
        if let Some(days) = days.first().copied().zip(days.last().copied()) {
            self.response.booked_on(days);
        }
        let messages = bookings(&self.scenario, feed, what, at);
        room.receive_batch(&feed_name, messages.into_iter().map(|message| (message, at)).collect())?;
        Ok(Told::Done)
    }

    fn act(&mut self, room: &ControlRoom, act: &Act, at: Moment) -> Result<Told, control_room::Fault> {
        match act {
            Act::Inject { name, text } => Ok(match self.response.inject(room, name, text, at) {
                Ok(()) => Told::Done,
                Err(IncidentRefused::Refusal(why)) => Told::Otherwise(why.to_string()),
                Err(IncidentRefused::Fault(fault)) => return Err(fault),
            }),
            Act::Deed(deed) if self.record == Record::Hospital && matches!(deed.what, What::Lists { .. }) => {
                Ok(Told::NotHere)
            }
            Act::Deed(deed) => self.deed(room, deed, at),
            Act::Wait => Ok(Told::Done),
            _ => Ok(Told::NotHere),
        }
    }

    fn deed(&mut self, room: &ControlRoom, deed: &Deed, at: Moment) -> Result<Told, control_room::Fault> {
        let deed = &named_anew(room, deed);
        let refused = match self.response.perform(room, deed, at) {
            Ok(()) => None,
            Err(NotDone::Refused(why)) => Some(why),
            Err(NotDone::Fault(fault)) => return Err(fault),
        };
        Ok(match (refused, &deed.refused) {
            (None, None) => Told::Done,
            (Some(why), Some(wanted)) if why.contains(wanted.as_str()) => Told::Done,
            (None, Some(wanted)) => {
                Told::Otherwise(format!("it was taken, and should have been refused: {wanted}"))
            }
            (Some(why), _) => Told::Otherwise(format!("it was refused: {why}")),
        })
    }
}

/// Two running incidents never have one name: played a second time while the first still runs, a drill opens "… (2)".
fn named_anew(room: &ControlRoom, deed: &Deed) -> Deed {
    let mut deed = deed.clone();
    if let What::Opens { name, .. } = &mut deed.what {
        let taken = |name: &str| room.incident().read(|book| book.running().any(|i| i.name == name));
        let next = (2..).map(|number| format!("{name} ({number})"));
        let free = std::iter::once(name.clone()).chain(next).take(RUNS_MAX).find(|name| !taken(name));
        *name = free.unwrap_or_else(|| name.clone());
    }
    deed
}

/// Whether a drill may be played on a hospital's own record.
///
/// # Errors
/// A sentence: it opens a real incident, or none at all.
pub fn may_be_played(scenario: &Scenario) -> Result<(), String> {
    let mut opens = scenario.steps.iter().filter_map(|step| match &step.act {
        Act::Deed(deed) => match &deed.what {
            What::Opens { nature, .. } => Some((step.line, *nature)),
            _ => None,
        },
        _ => None,
    });
    let mut any = false;
    if let Some((line, _)) = opens.by_ref().inspect(|_| any = true).find(|(_, n)| *n != Nature::Exercise) {
        return Err(format!(
            "{}:{line}: this drill opens a real incident; on a hospital's record write: opens exercise",
            scenario.file
        ));
    }
    if any { Ok(()) } else { Err(format!("{}: this drill opens no exercise", scenario.file)) }
}

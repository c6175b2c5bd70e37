//! How the response stands: what a drill wants to be so, whether it is, and how long after its inject it came to be so.
//!
//! Always: asked of the boards that staff see, at the moment of the line. Called by the stage; its figures are what a
//! drill prints at its end.

mod clinics;
mod diverts;

use super::respond::{Response, find_system};
use super::{Fault, Stage};
use crate::scenario::response::{Measured, Sought};
use basics::Moment;
use control_room::ControlRoom;
use incident::action_cards;
use incident::public_updates::{Latest, Spoken};
use incident::{Ground, Incident, IncidentBook};
use std::collections::BTreeMap;

/// Largest bundle that is proved, in bytes.
const BUNDLE_BYTES_MAX: u64 = 256 << 20;

/// One thing that was measured.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Measure {
    /// The line as the drill has it.
    pub what: String,
    /// Minutes allowed after the inject; `None` when no time was set.
    pub within_minutes: Option<i64>,
    /// Minutes it took; `None` when it never came to be so, or no time was set.
    pub took_minutes: Option<i64>,
    /// Whether it was so, in time.
    pub met: bool,
}

/// So since then; or what is seen instead.
pub(super) type Seen = Result<Moment, String>;

impl Stage<'_> {
    pub(super) fn expect_response(&mut self, wanted: &Measured, text: &str, at: Moment) -> Result<(), Fault> {
        let seen = match wanted.what {
            Sought::Verified => self.prove(at)?,
            _ => look(self.room()?, &self.response, &wanted.what, at),
        };
        let measure = judge(wanted, text, &seen, &self.response.injects).map_err(|why| self.fault(&why))?;
        match seen {
            Err(instead) => self.fail(&instead),
            Ok(_) if !measure.met => {
                let took = measure.took_minutes.map_or("?".to_owned(), |t| t.to_string());
                self.fail(&format!("it took {took} minutes"));
            }
            Ok(_) => {}
        }
        self.outcome.measures.push(measure);
        Ok(())
    }

    /// The incident book as a bundle proves itself with nothing but the public key, and one changed byte is found.
    fn prove(&mut self, at: Moment) -> Result<Seen, Fault> {
        let exported = self.room()?.incident().export(at, BUNDLE_BYTES_MAX);
        let Some((head, mut bytes)) = exported.map_err(|source| self.trouble(source))? else {
            return Ok(Err("the book is too large to be proved here".to_owned()));
        };
        let folder = self.dir.join("elsewhere");
        let disk = |doing| {
            let place = self.place.clone();
            move |source| Fault::Disk { place, doing, source }
        };
        std::fs::create_dir_all(&folder).map_err(disk("make a folder for the bundle"))?;
        let path = folder.join("incident.bundle");
        std::fs::write(&path, &bytes).map_err(disk("write the bundle"))?;
        if let Err(flaw) = logbook::verify_bundle(&path, &head.key) {
            return Ok(Err(format!("the bundle is not sound: {flaw}")));
        }
        let middle = bytes.len() / 2;
        if let Some(byte) = bytes.get_mut(middle) {
            *byte ^= 1;
        }
        std::fs::write(&path, &bytes).map_err(disk("write the bundle"))?;
        Ok(match logbook::verify_bundle(&path, &head.key) {
            Ok(_) => Err("a changed byte of the bundle is not found".to_owned()),
            Err(_) => Ok(at),
        })
    }
}

/// What was seen, held against the time that the drill allows.
///
/// # Errors
/// There was no inject of that name.
pub(super) fn judge(
    wanted: &Measured,
    text: &str,
    seen: &Seen,
    injects: &BTreeMap<String, Moment>,
) -> Result<Measure, String> {
    let begun = match &wanted.within {
        Some((minutes, name)) => {
            let from = injects.get(name).copied();
            Some((*minutes, from.ok_or_else(|| format!("there was no inject {name}"))?))
        }
        None => None,
    };
    let took = begun.and_then(|(_, from)| Some((seen.as_ref().ok()?.seconds_since(from) + 59) / 60));
    let in_time = begun.is_none_or(|(minutes, _)| took.is_some_and(|took| took <= minutes));
    Ok(Measure {
        what: text.to_owned(),
        within_minutes: begun.map(|(minutes, _)| minutes),
        took_minutes: took,
        met: seen.is_ok() && in_time,
    })
}

pub(super) fn look(room: &ControlRoom, response: &Response, what: &Sought, at: Moment) -> Seen {
    let ground = response.ground(room);
    match what {
        Sought::System { site, system, state } => {
            match find_system(room, ground, site.as_ref(), system).map(|(_, state)| state) {
                Some(seen) if seen == *state => {
                    Ok(room.incident().read(|book| told(book, ground, system, at)))
                }
                Some(seen) => Err(format!("{system} is {}", seen.words())),
                None => Err(format!("{system} is not listed")),
            }
        }
        Sought::OfClinics(what) => clinics::of_clinics(room, response, what, at),
        _ => room.incident().read(|book| {
            let incident = response.incident.and_then(|id| book.incident(id));
            match (of_ground(book, ground, what, at), incident) {
                (Some(seen), _) => seen,
                (None, Some(incident)) => of_incident(book, incident, what, at),
                (None, None) => Err("no incident is open".to_owned()),
            }
        }),
    }
}

/// When a system's state was last told.
fn told(book: &IncidentBook, ground: Ground, system: &str, at: Moment) -> Moment {
    let board = book.systems.board(ground);
    let mut tiles = board.sites.iter().flat_map(|group| &group.tiles);
    let tile = tiles.find(|tile| tile.name == system);
    tile.and_then(|tile| tile.standing.told.as_ref()).map_or(at, |told| told.at)
}

fn of_incident(book: &IncidentBook, incident: &Incident, what: &Sought, at: Moment) -> Seen {
    let missing = |words: String| Err::<Moment, _>(words);
    match what {
        Sought::Incident(stage) if incident.stage == *stage => {
            let last = incident.ended.as_ref().or(incident.declared.as_ref()).unwrap_or(&incident.opened);
            Ok(last.at)
        }
        Sought::Incident(_) => missing(format!("the incident is {}", incident.stage.word().to_lowercase())),
        Sought::Held(post) => match incident.roles.holder(post) {
            Some(holder) => Ok(holder.since.at),
            None => missing(format!("nobody is {}", post.role.words())),
        },
        Sought::Done(post, step) => match incident.cards.completion(post, *step) {
            Some(done) if done.done => Ok(done.stamp.at),
            _ => missing(format!("the step of {} is not done", post.role.words())),
        },
        Sought::Overdue(wanted) => {
            let board = action_cards::cards_board(book, incident, book.now(at));
            let overdue = board.overdue;
            if overdue == *wanted { Ok(at) } else { missing(format!("{overdue} steps are overdue")) }
        }
        Sought::Sitrep(number) => match incident.sitreps.approved().iter().find(|s| s.number == *number) {
            Some(sitrep) => Ok(sitrep.approved.as_ref().map_or(at, |stamp| stamp.at)),
            None => missing(format!("sitrep {number} is not approved")),
        },
        _ => missing("nothing is known of this".to_owned()),
    }
}

/// What stands on a ground whether an incident is open or not; `None` for what belongs to an incident.
fn of_ground(book: &IncidentBook, ground: Ground, what: &Sought, at: Moment) -> Option<Seen> {
    let now = book.now(at);
    Some(match what {
        Sought::Service { site, service, state } => {
            let board = book.hospitals.board(ground);
            let services = board.iter().filter(|hospital| hospital.site == *site).flat_map(|h| &h.services);
            match services.into_iter().find(|seen| seen.name == *service) {
                Some(seen) if seen.state == *state => Ok(seen.told.at),
                Some(seen) => Err(format!("{service} is {:?}", seen.state)),
                None => Err(format!("nobody has said how {service} is")),
            }
        }
        Sought::Logged(words) => {
            let line = book.log.lines().iter().rev().find(|line| line.text.contains(words.as_str()));
            line.map(|line| line.at).ok_or_else(|| "the log does not say so".to_owned())
        }
        Sought::Public(number) => {
            let board = book.public_updates.board(book, ground);
            let spoken = board.history.iter().find_map(|spoken| match spoken {
                Spoken::Update(update) if update.number == *number => Some(update.at),
                _ => None,
            });
            let latest = match &board.latest {
                Latest::Update(update) => format!("the public reads update {}", update.number),
                _ => "the public reads no update".to_owned(),
            };
            spoken.ok_or(latest)
        }
        Sought::PublicLate => {
            let late = book.public_updates.board(book, ground).late(now);
            if late { Ok(at) } else { Err("the public page is not late".to_owned()) }
        }
        Sought::OfPlan(what) => diverts::of_plan(book, ground, what, at),
        Sought::Divert(..) | Sought::Back(..) | Sought::Asked(_) | Sought::Moved { .. } => {
            of_divert(book, ground, what, at)
        }
        _ => return None,
    })
}

fn of_divert(book: &IncidentBook, ground: Ground, what: &Sought, at: Moment) -> Seen {
    let now = book.now(at);
    let on = book.diverts.on(ground);
    let find = |number: u32| {
        on.diverts.iter().find(|d| d.number == number).ok_or_else(|| format!("there is no divert {number}"))
    };
    match what {
        Sought::Divert(number, stage) => {
            let divert = find(*number)?;
            let seen = divert.stage(now);
            if seen != *stage {
                return Err(format!("divert {number} is {}", seen.word()));
            }
            let over = divert.over.as_ref().map(|(_, stamp, _)| stamp);
            let since = over.or(divert.authorised.as_ref().map(|a| &a.stamp)).unwrap_or(&divert.requested);
            Ok(since.at)
        }
        Sought::Back(number, pathway) => {
            let back = find(*number)?.back.iter().find(|(back, _)| back == pathway);
            back.map(|(_, stamp)| stamp.at).ok_or_else(|| format!("{} is not back", pathway.words()))
        }
        Sought::Asked(number) => {
            let asked = find(*number)?.expiry_asked.as_ref();
            asked.map(|(_, stamp)| stamp.at).ok_or_else(|| "nobody was asked".to_owned())
        }
        Sought::Moved { count, from, to } => {
            let moved = on.moved.from_to();
            let patients = moved.iter().find(|m| m.from == *from && m.to == *to).map_or(0, |m| m.patients);
            if patients == *count { Ok(at) } else { Err(format!("{patients} patients were moved")) }
        }
        _ => Err("nothing is known of this".to_owned()),
    }
}

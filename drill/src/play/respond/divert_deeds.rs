//! What a drill's staff do about diverts and plans, as the person's page would have sent it at that moment.

use super::{NotDone, Response, one};
use crate::scenario::response::{DivertDeed, What};
use basics::{EntryNumber, Moment};
use control_room::ControlRoom;
use incident::diverts::{HandOff, Intent as Divert, Request, ServiceCount, Settled, Source};
use incident::{Ground, IncidentBook, Intent, Person, diverts};

impl Response {
    /// Has Lifeboat plan for the board as it stands, and puts the plan to people.
    pub(super) fn propose(
        &self,
        room: &ControlRoom,
        who: &Person,
        (instead_of, reason): (Option<u32>, String),
        at: Moment,
    ) -> Result<(), NotDone> {
        let ground = self.ground(room);
        self.planner.propose(room.incident(), ground, (&[], instead_of, reason), who, at)?;
        Ok(())
    }

    pub(super) fn of_a_divert(
        &mut self,
        room: &ControlRoom,
        what: What,
        (ground, who): (Ground, &Person),
        at: Moment,
    ) -> Vec<Intent> {
        let commander = |book: &IncidentBook| {
            let post = incident::Post::trust(incident::RoleKey::new("strategic-commander")?);
            let held = book.incident(self.incident?)?.roles.holder(&post)?;
            Some(held.person.clone())
        };
        let commander = || room.incident().read(commander).unwrap_or_else(Person::lifeboat);
        match what {
            What::TellsFigures { site, figures } => {
                one(Divert::TellFigures { ground, site, figures, as_at: Some(at), source: Source::Told })
            }
            What::Requests { from, receivers, pathways, reason, minutes, follows } => {
                let request = Request { from, receivers, pathways, reason, minutes, follows };
                one(Divert::Request { ground, request })
            }
            What::Answers { number, site, consents, reason } => {
                one(Divert::Answer { ground, number, site, consents, figures: None, reason })
            }
            What::Authorises { number, executive } => {
                one(Divert::Authorise { ground, number, executive, commander: commander() })
            }
            What::Renews { number, executive, minutes, reason } => {
                let until = |book: &IncidentBook| {
                    book.diverts.on(ground).diverts.iter().find(|d| d.number == number).map(|d| d.until)
                };
                let seen = room.incident().read(until).unwrap_or(at);
                let commander = commander();
                one(Divert::Renew { ground, number, executive, commander, minutes, seen, reason })
            }
            What::Ends { number, pathways, reason, sooner } => {
                one(Divert::End { ground, number, pathways, reason, sooner_because: sooner })
            }
            What::HandsOff { count, from, to, pathway } => {
                let hand_offs = (0..count)
                    .map(|_| {
                        self.jobs += 1;
                        let job = format!("JOB{:04}", self.jobs);
                        HandOff { job, from: from.clone(), to: to.clone(), pathway, at }
                    })
                    .collect();
                one(Divert::HandOff { ground, hand_offs })
            }
            What::Divert(deed) => of_a_plan(room, deed, (ground, who), at),
            _ => Vec::new(),
        }
    }
}

fn of_a_plan(
    room: &ControlRoom,
    deed: DivertDeed,
    (ground, who): (Ground, &Person),
    at: Moment,
) -> Vec<Intent> {
    let person = who.clone();
    match deed {
        // Put by `propose`, which must think first.
        DivertDeed::Proposes { .. } => Vec::new(),
        DivertDeed::Accepts { number, knowing_gaps } => {
            one(Divert::AcceptPlan { ground, number, person, knowing_gaps })
        }
        DivertDeed::RefusesPlan { number, reason } => {
            one(Divert::RefusePlan { ground, number, person, reason })
        }
        DivertDeed::Acknowledges { number, site } => {
            let change = room.incident().read(|book| accepted_at(book, ground, number));
            one(Divert::Acknowledge { ground, change: change.unwrap_or(EntryNumber(0)), site })
        }
        DivertDeed::RefusesWith { divert: number, site, figures, reason } => {
            let figures = Some(figures);
            one(Divert::Answer { ground, number, site, consents: false, figures, reason })
        }
        DivertDeed::Counts { count, from, to, service, over_minutes } => {
            let since = at.plus_seconds(-i64::from(over_minutes) * 60);
            let count = ServiceCount { service, since, until: at, patients: vec![(from, to, count)] };
            one(Divert::CountByService { ground, count })
        }
    }
}

/// The entry in which a plan was accepted: the change that sites acknowledge.
pub(in crate::play) fn accepted_at(book: &IncidentBook, ground: Ground, number: u32) -> Option<EntryNumber> {
    let on: &diverts::OnGround = book.diverts.on(ground);
    match &on.proposal(number).ok()?.settled {
        Settled::Accepted(_, stamp) => Some(stamp.entry),
        _ => None,
    }
}

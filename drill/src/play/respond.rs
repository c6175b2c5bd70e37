//! The response: what a drill's staff do, through the same door as everybody, judged by the same rules.
//!
//! Always: every deed is an intent of its own person, sealed before it counts; a refusal is told in the rule's own words.
//! Never: a way around a rule. Called by the stage.

mod clinic_deeds;
mod divert_deeds;

pub(in crate::play) use clinic_deeds::{cannot_be_done, class_a, with_somebody};
pub(in crate::play) use divert_deeds::accepted_at;

use crate::scenario::Scenario;
use crate::scenario::response::{Deed, DivertDeed, What};
use basics::{EntryNumber, Moment, PartialDate, SiteId};
use control_room::{
    ControlRoom, DivertPlanner, IncidentRefused, PlannerRefused, Preparation, shipped_action_cards, sites_of,
};
use incident::diverts::DivertSite;
use incident::systems::{Listing, SystemId, SystemState};
use incident::{Ground, IncidentBook, IncidentId, Intent, Person};
use incident::{
    action_cards, decisions, declare, diverts, hospitals, methane, public_updates, roles, sitreps,
    stand_down, systems,
};
use std::collections::BTreeMap;

/// The response so far.
#[derive(Debug, Default)]
pub struct Response {
    /// The drill's incident, once it is open.
    pub incident: Option<IncidentId>,
    /// When each inject came.
    pub injects: BTreeMap<String, Moment>,
    jobs: u32,
    /// The first and the last day of the drill's bookings.
    clinic_days: Option<(PartialDate, PartialDate)>,
    /// Plans diverts for the drill's region.
    planner: DivertPlanner,
}

/// Why a deed was not done.
#[derive(Debug, thiserror::Error)]
pub enum NotDone {
    /// A rule, or the planner, says why not in words for the person.
    #[error("{0}")]
    Refused(String),
    /// Something is broken.
    #[error(transparent)]
    Fault(#[from] control_room::Fault),
}

impl From<IncidentRefused> for NotDone {
    fn from(refused: IncidentRefused) -> Self {
        match refused {
            IncidentRefused::Refusal(refusal) => Self::Refused(refusal.to_string()),
            IncidentRefused::Fault(fault) => Self::Fault(fault),
        }
    }
}

impl From<PlannerRefused> for NotDone {
    fn from(refused: PlannerRefused) -> Self {
        match refused {
            PlannerRefused::Book(refused) => refused.into(),
            other => Self::Refused(other.to_string()),
        }
    }
}

/// Lays down what a trust's configuration would: hospitals, cards, and what emergency departments can take.
///
/// # Errors
/// The shipped cards cannot be read, or the book cannot be written.
pub fn prepare(room: &ControlRoom, scenario: &Scenario, at: Moment) -> Result<(), String> {
    let cards = shipped_action_cards().map_err(|faults| faults.to_string())?;
    let hospitals = scenario.hospitals.iter().map(|(site, _)| site.clone()).collect();
    let door = room.incident();
    door.prepare(Preparation { cards, hospitals }, at).map_err(|refused| refused.to_string())?;
    prepare_sites(room, scenario, at)
}

/// Lists on the divert board those of the drill's emergency departments that do not stand there already.
///
/// # Errors
/// The book cannot be written; the drill's region does not fit together.
pub(super) fn prepare_sites(room: &ControlRoom, scenario: &Scenario, at: Moment) -> Result<(), String> {
    let door = room.incident();
    let placed = scenario.region(at)?.map(|region| sites_of(&region.instance)).unwrap_or_default();
    let sites: Vec<DivertSite> = scenario
        .hospitals
        .iter()
        .chain(&scenario.neighbours)
        .filter(|(site, able)| !able.is_empty() && door.read(|book| book.diverts.site(site).is_err()))
        .map(|(site, able)| {
            let place = placed.iter().find(|placed| placed.site == *site);
            DivertSite {
                site: site.clone(),
                trust: String::new(),
                able: able.clone(),
                latitude_micro: place.and_then(|placed| placed.latitude_micro),
                longitude_micro: place.and_then(|placed| placed.longitude_micro),
            }
        })
        .collect();
    if sites.is_empty() {
        return Ok(());
    }
    let listed = door.submit(diverts::Intent::List { sites }, &Person::lifeboat(), at);
    listed.map(|_| ()).map_err(|refused| refused.to_string())
}

impl Response {
    /// The response to a drill whose region, if it names one, is planned for.
    ///
    /// # Errors
    /// A sentence: the region does not fit together.
    pub fn to(scenario: &Scenario, at: Moment) -> Result<Self, String> {
        let response = Self::default();
        if let Some(region) = scenario.region(at)? {
            response.planner.set(Ok(region));
        }
        Ok(response)
    }

    /// The ground that the drill's incident stands on.
    pub fn ground(&self, room: &ControlRoom) -> Ground {
        let there = |book: &IncidentBook| book.incident(self.incident?).map(incident::Incident::ground);
        room.incident().read(there).unwrap_or_default()
    }

    /// Something happens: told in the log of the exercise, by nobody of the staff.
    ///
    /// # Errors
    /// As [`Response::perform`].
    pub fn inject(
        &mut self,
        room: &ControlRoom,
        name: &str,
        text: &str,
        at: Moment,
    ) -> Result<(), IncidentRefused> {
        self.injects.insert(name.to_owned(), at);
        let text = format!("Inject: {text}");
        let note = decisions::Intent::Note { incident: self.incident, text };
        let who = Person::new("Drill").unwrap_or_else(Person::lifeboat);
        room.incident().submit(note, &who, at).map(|_| ())
    }

    /// Somebody does something.
    ///
    /// # Errors
    /// The rule's refusal, in words for the person; or the book's fault.
    pub fn perform(&mut self, room: &ControlRoom, deed: &Deed, at: Moment) -> Result<(), NotDone> {
        if let What::Divert(DivertDeed::Proposes { instead_of, reason }) = &deed.what {
            return self.propose(room, &deed.who, (*instead_of, reason.clone()), at);
        }
        if let What::Clinic(of_clinics) = &deed.what {
            return self.of_clinics(room, &deed.who, of_clinics, at);
        }
        for intent in self.intents(room, deed, at) {
            let receipt = room.incident().submit(intent, &deed.who, at)?;
            if matches!(deed.what, What::Opens { .. }) {
                self.incident = receipt.incident;
            }
        }
        Ok(())
    }

    /// The intents of a deed, as the person's page would have sent them at this moment.
    fn intents(&mut self, room: &ControlRoom, deed: &Deed, at: Moment) -> Vec<Intent> {
        let incident = self.incident.unwrap_or_default();
        let ground = self.ground(room);
        let after = |minutes: Option<i64>| minutes.map(|minutes| at.plus_seconds(minutes * 60));
        let who = deed.who.clone();
        match deed.what.clone() {
            What::Opens { nature, level, name, standby, reason } => one(declare::Intent::Open {
                name,
                level,
                nature,
                declared: !standby,
                reason,
                sites: Vec::new(),
                methane: None,
            }),
            What::Declares { level, reason } => one(declare::Intent::Declare { incident, level, reason }),
            What::Reports { report } => {
                let last = |book: &IncidentBook| {
                    book.incident(incident).and_then(|i| i.methane.current().map(|(stamp, _)| stamp.entry))
                };
                let corrects = room.incident().read(last);
                one(methane::Intent::Report { incident, report, corrects })
            }
            What::Takes { post, contact } => {
                one(roles::Intent::Take { incident, post, person: who, contact, shift_ends: None })
            }
            What::HandsOver { post, to, briefing } => one(roles::Intent::HandOver {
                incident,
                post,
                from: who,
                to,
                contact: String::new(),
                shift_ends: None,
                briefing,
            }),
            What::Deputises { post, person } => one(roles::Intent::NameDeputy {
                incident,
                post,
                person,
                contact: String::new(),
                shift_ends: None,
            }),
            What::Ticks { post, steps, note } => steps
                .into_iter()
                .map(|step| {
                    let (post, note) = (post.clone(), note.clone());
                    action_cards::Intent::Done { incident, post, step, note }.into()
                })
                .collect(),
            What::Skips { post, steps, reason } => steps
                .into_iter()
                .map(|step| {
                    let (post, reason) = (post.clone(), reason.clone());
                    action_cards::Intent::NotNeeded { incident, post, step, reason }.into()
                })
                .collect(),
            What::Notes { text } => one(decisions::Intent::Note { incident: self.incident, text }),
            What::Decides { decision, matter, knowing, options, reason, review_minutes } => {
                let role = |book: &IncidentBook| {
                    let mine = book.incident(incident).map(|i| i.roles.of(&who)).unwrap_or_default();
                    mine.first().map(|(post, _)| post.role.words()).unwrap_or_default()
                };
                let role = room.incident().read(role);
                let seen = room.incident().read(|book| {
                    book.incident(incident).map_or(EntryNumber(0), |i| i.decisions.last_entry())
                });
                let taken = decisions::Taken {
                    matter,
                    information: knowing,
                    options,
                    decision,
                    reason,
                    decided_by: deed.who.clone(),
                    role,
                    review_at: after(review_minutes),
                };
                one(decisions::Intent::Decide { incident, taken, seen })
            }
            What::BeginsSitrep => one(sitreps::Intent::Begin { incident, more: room.clinic_figures(ground) }),
            What::ApprovesSitrep { next_minutes } => {
                let waiting = |book: &IncidentBook| {
                    let draft = book.incident(incident)?.sitreps.waiting()?;
                    Some((draft.number, draft.revision))
                };
                let (number, revision) = room.incident().read(waiting).unwrap_or_default();
                let next_due = after(next_minutes);
                one(sitreps::Intent::Approve { incident, number, revision, next_due })
            }
            What::StandsDown { reason, despite_open } => {
                one(stand_down::Intent::StandDown { incident, reason, despite_open })
            }
            other => self.of_the_hospital(room, other, (ground, &deed.who), at),
        }
    }

    /// What is true of the hospital, on the drill's ground.
    fn of_the_hospital(
        &mut self,
        room: &ControlRoom,
        what: What,
        (ground, who): (Ground, &Person),
        at: Moment,
    ) -> Vec<Intent> {
        match what {
            What::Lists { site, system, owner, workaround } => {
                let listing = Listing {
                    site,
                    name: system,
                    owner,
                    workaround,
                    depends_on: Vec::new(),
                    recovery_order: None,
                };
                one(systems::Intent::List { systems: vec![listing] })
            }
            What::Sets { site, system, state, note } => {
                let found = find_system(room, ground, site.as_ref(), &system);
                // A system that is not listed is refused by the rule, not by the drill.
                let (system, seen) = found.unwrap_or((SystemId(u32::MAX), SystemState::Unknown));
                one(systems::Intent::TellState { ground, system, state, seen, note, since: None })
            }
            What::Serves { site, service, state, wait_minutes, note } => {
                one(hospitals::Intent::TellService { ground, site, service, state, wait_minutes, note })
            }
            What::DraftsUpdate { words, alternatives, next_minutes } => {
                let mut content =
                    room.incident().read(|book| public_updates::begin(book, ground, book.now(at)));
                (content.english, content.welsh, content.alternatives) = (words, None, alternatives);
                content.next_update = next_minutes.map(|minutes| at.plus_seconds(minutes * 60));
                one(public_updates::Intent::Draft { ground, content })
            }
            What::ApprovesUpdate { number } => {
                let revision = room
                    .incident()
                    .read(|book| book.public_updates.update(ground, number).map_or(0, |u| u.revision));
                one(public_updates::Intent::Approve { ground, number, revision })
            }
            What::WithdrawsUpdate { number, reason } => {
                one(public_updates::Intent::Withdraw { ground, number, reason })
            }
            other => self.of_a_divert(room, other, (ground, who), at),
        }
    }
}

fn one(intent: impl Into<Intent>) -> Vec<Intent> {
    vec![intent.into()]
}

/// A system by its name, and the state that its tile shows.
pub fn find_system(
    room: &ControlRoom,
    ground: Ground,
    site: Option<&SiteId>,
    name: &str,
) -> Option<(SystemId, SystemState)> {
    room.incident().read(|book| {
        let board = book.systems.board(ground);
        let group = board.sites.into_iter().find(|group| group.site.as_ref() == site)?;
        let tile = group.tiles.into_iter().find(|tile| tile.name == name)?;
        Some((tile.id, tile.standing.state))
    })
}

//! The clinics' messenger: notices to patients go into the outbox, and what became of them goes back into the clinic book.
//!
//! Always: a notice's id in the outbox is made of its ground and number, so that whatever was cut off half way is queued
//! again and refused by the outbox as known: nobody is told twice, nobody forgotten. What cannot be sent is told at once
//! as failed, and a person rings. Never: an exercise's notice on its way to a telephone that the exercise may not reach;
//! it waits. Proved by the tests below.

use basics::{Clock, Moment, Person};
use care::clinics::wanted::{Telling, TellingRefusal};
use care::clinics::{ClinicBook, NoticeState, Practice, Refusal};
use care::notices::Channel;
use control_room::{ClinicRefused, ControlRoom};
use incident::{Ground, IncidentId};
use outbound::{
    EmailAddress, Outbox, Outgoing, OutgoingId, PhoneNumber, Refused, Route, StateKind, Urgency, Words,
};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{broadcast, watch};

/// Notices looked after in one step.
const STEP_MAX: usize = 20_000;
/// Notices in one entry of what was heard.
const RECEIPTS_MAX: usize = 5_000;
/// Time between two looks while there is something to hear of, at first and at most.
const LOOK_MS_MIN: u64 = 500;
const LOOK_MS_MAX: u64 = 8_000;
/// A notice is of no use so long after the booking's time, in seconds.
const USEFUL_SECONDS: i64 = 3_600;

/// The clinics' messenger of a running Lifeboat.
#[derive(Clone)]
pub struct ClinicMessenger {
    room: ControlRoom,
    outbox: Outbox,
    clock: Arc<dyn Clock>,
}

/// One notice on its way.
#[derive(Clone, Debug)]
struct Errand {
    practice: Practice,
    number: u32,
    channel: Channel,
    to: String,
    subject: String,
    text: String,
    by: String,
    until: Moment,
    state: NoticeState,
}

impl Errand {
    fn id(&self) -> Option<OutgoingId> {
        OutgoingId::new(&format!("clinic-{}-{}", self.practice.unwrap_or(0), self.number)).ok()
    }

    fn outgoing(&self) -> Result<Outgoing, String> {
        let said = |refusal: outbound::Refusal| refusal.to_string();
        let route = match self.channel {
            Channel::Sms => Route::Sms(PhoneNumber::new(&self.to).map_err(said)?),
            Channel::Email => Route::Email(EmailAddress::new(&self.to).map_err(said)?),
            Channel::Letter | Channel::Phone => return Err("this is not sent by a gateway".to_owned()),
        };
        Ok(Outgoing {
            id: self.id().ok_or_else(|| "it could not be named".to_owned())?,
            route,
            words: Words { subject: self.subject.clone(), body: self.text.clone(), ..Words::default() },
            why: format!("notice {} to a patient", self.number),
            asked_by: self.by.clone(),
            urgency: Urgency::Routine,
            valid_until: self.until,
            exercise: self.practice.is_some(),
        })
    }
}

impl ClinicMessenger {
    pub fn new(room: ControlRoom, outbox: Outbox, clock: Arc<dyn Clock>) -> Self {
        Self { room, outbox, clock }
    }

    /// Looks after notices until the program closes.
    pub async fn run(self, mut closing: watch::Receiver<bool>) {
        let mut follow = self.room.clinics().follow();
        let mut wait_ms = LOOK_MS_MIN;
        loop {
            let messenger = self.clone();
            match tokio::task::spawn_blocking(move || messenger.step()).await {
                Ok(true) => wait_ms = LOOK_MS_MIN,
                Ok(false) => wait_ms = (wait_ms * 2).min(LOOK_MS_MAX),
                Err(error) => tracing::error!(%error, "the clinics' messenger stumbled; it looks again"),
            }
            tokio::select! {
                () = tokio::time::sleep(Duration::from_millis(wait_ms)) => {}
                closed = closing.changed() => if closed.is_err() || *closing.borrow() { return },
                change = follow.recv() => if matches!(change, Err(broadcast::error::RecvError::Closed)) { return },
            }
            if *closing.borrow() {
                return;
            }
        }
    }

    /// Queues what waits and writes down what was heard. Returns whether anything was new. Blocks.
    pub fn step(&self) -> bool {
        let errands = self.room.clinics().read(errands);
        let waiting: Vec<&Errand> = errands.iter().filter(|e| self.may_leave(e.practice)).collect();
        let mut receipts: BTreeMap<Practice, Vec<(u32, NoticeState)>> = BTreeMap::new();
        let failed = self.queue(&waiting);
        for (errand, state) in failed.into_iter().chain(self.heard(&waiting)) {
            receipts.entry(errand.practice).or_default().push((errand.number, state));
        }
        let mut new = false;
        for (practice, receipts) in receipts {
            for some in receipts.chunks(RECEIPTS_MAX) {
                let intent = Telling::Report { receipts: some.to_vec() };
                let at = self.clock.now();
                match self.room.clinics().submit(practice, intent, &Person::lifeboat(), at) {
                    Ok(_) => new = true,
                    Err(ClinicRefused::Refusal(Refusal::Telling(TellingRefusal::NothingNew))) => {}
                    Err(refused) => {
                        tracing::error!(%refused, "what became of notices could not be written down; tried again");
                    }
                }
            }
        }
        new
    }

    fn may_leave(&self, practice: Practice) -> bool {
        let Some(exercise) = practice else { return true };
        let ground = Ground::Exercise(IncidentId(exercise));
        self.room.incident().read(|book| book.messages.may_reach_phones(ground))
    }

    /// Queues what the outbox does not know yet; gives those that cannot be sent.
    fn queue<'e>(&self, errands: &[&'e Errand]) -> Vec<(&'e Errand, NoticeState)> {
        let mut failed = Vec::new();
        let mut ready: Vec<(&'e Errand, Outgoing)> = Vec::new();
        for errand in errands.iter().filter(|e| e.state == NoticeState::OnItsWay) {
            match errand.outgoing() {
                Ok(outgoing) => ready.push((errand, outgoing)),
                Err(why) => failed.push((*errand, NoticeState::Failed(why))),
            }
        }
        let ids: Vec<OutgoingId> = ready.iter().map(|(_, o)| o.id.clone()).collect();
        let known = self.outbox.standings(&ids);
        let ready: Vec<(&'e Errand, Outgoing)> =
            ready.into_iter().zip(known).filter(|(_, known)| known.is_none()).map(|(r, _)| r).collect();
        if ready.is_empty() {
            return failed;
        }
        let now = self.clock.now();
        let all = ready.iter().map(|(_, outgoing)| outgoing.clone()).collect();
        match self.outbox.queue(all, now) {
            Ok(_) => {}
            Err(Refused::Fault(fault)) => tracing::error!(%fault, "notices could not be queued; they wait"),
            // One of them is at fault: each is asked for alone, so that it holds up nobody else.
            Err(Refused::Refusal(_)) => {
                for (errand, outgoing) in ready {
                    match self.outbox.queue(vec![outgoing], now) {
                        Ok(_) | Err(Refused::Refusal(outbound::Refusal::SameIdOtherMessage(_))) => {}
                        Err(Refused::Refusal(outbound::Refusal::Full { .. }) | Refused::Fault(_)) => break,
                        Err(Refused::Refusal(refusal)) => {
                            failed.push((errand, NoticeState::Failed(refusal.to_string())));
                        }
                    }
                }
            }
        }
        failed
    }

    /// What the outbox says of notices that are under way, where it is news.
    fn heard<'e>(&self, errands: &[&'e Errand]) -> Vec<(&'e Errand, NoticeState)> {
        let named: Vec<(&'e Errand, OutgoingId)> =
            errands.iter().filter_map(|errand| Some((*errand, errand.id()?))).collect();
        let ids: Vec<OutgoingId> = named.iter().map(|(_, id)| id.clone()).collect();
        let told =
            named.into_iter().zip(self.outbox.standings(&ids)).filter_map(|((errand, _), standing)| {
                let (kind, why) = standing?;
                let state = state(kind, &why);
                (state != errand.state).then_some((errand, state))
            });
        told.collect()
    }
}

fn state(kind: StateKind, why: &str) -> NoticeState {
    match kind {
        StateKind::Queued | StateKind::Claimed | StateKind::Doubtful | StateKind::PerhapsSent => {
            NoticeState::OnItsWay
        }
        StateKind::Sent => NoticeState::Sent,
        StateKind::Delivered => NoticeState::Delivered,
        StateKind::Refused | StateKind::Failed => NoticeState::Failed(basics::tidy(why, 160)),
        StateKind::Expired => NoticeState::Failed("it could not be sent in time".to_owned()),
        StateKind::Cancelled | StateKind::Closed => NoticeState::Failed("somebody took it out".to_owned()),
    }
}

/// Notices by text and mail of which the last word is not heard.
fn errands(book: &ClinicBook) -> Vec<Errand> {
    let mut errands = Vec::new();
    for practice in book.practices() {
        let picture = book.picture(practice);
        for notice in &picture.notices {
            let by_gateway = matches!(notice.planned.channel, Channel::Sms | Channel::Email);
            let open = matches!(notice.state, NoticeState::OnItsWay | NoticeState::Sent);
            if !by_gateway || !open || errands.len() >= STEP_MAX {
                continue;
            }
            let starts = notice.planned.bookings.iter().filter_map(|b| {
                let handled = picture.handled(&b.key)?;
                Some(b.new_start.unwrap_or(handled.booking.start).max(handled.booking.start))
            });
            let until = starts.max().unwrap_or(notice.stamp.at).plus_seconds(USEFUL_SECONDS);
            errands.push(Errand {
                practice,
                number: notice.number,
                channel: notice.planned.channel,
                to: notice.planned.to.clone(),
                subject: notice.planned.subject.clone(),
                text: notice.planned.text.clone(),
                by: notice.stamp.by.to_string(),
                until,
                state: notice.state.clone(),
            });
        }
    }
    errands
}

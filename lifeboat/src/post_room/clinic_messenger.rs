//! The clinics' messenger: notices to patients go into the outbox, and what became of them goes back into the clinic book.
//!
//! Always: a notice's id in the outbox is made of its ground and number, so that whatever was cut off half way is queued
//! again and refused by the outbox as known: nobody is told twice, nobody forgotten. What cannot be sent is told at once
//! as failed, and a person rings; what has not left and is no longer so is taken out and withdrawn, and nobody rings. Never:
//! an exercise's notice on its way to a telephone that the exercise may not reach; it waits. A letter is not taken back: it may
//! lie in an envelope already. Proved by its `tests`.

use super::many::{self, Fared};
use basics::{Clock, Moment, Person};
use care::clinics::wanted::{Telling, TellingRefusal};
use care::clinics::{ClinicBook, NoticeState, Practice, Refusal};
use care::notices::Channel;
use control_room::{ClinicRefused, ControlRoom};
use incident::{Ground, IncidentId};
use outbound::{
    EmailAddress, Outbox, Outgoing, OutgoingId, PhoneNumber, Refusal as NotQueued, Route, StateKind, Urgency,
    Words,
};
use std::collections::{BTreeMap, BTreeSet};
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
    /// All that it says is still so.
    still_so: bool,
}

/// Why a notice is taken back.
const NO_LONGER_SO: &str = "it was no longer so";

/// What is to be written down, ground by ground.
#[derive(Default)]
struct News {
    receipts: BTreeMap<Practice, Vec<(u32, NoticeState)>>,
    withdrawn: BTreeMap<Practice, Vec<u32>>,
}

impl News {
    fn became(&mut self, errand: &Errand, state: NoticeState) {
        self.receipts.entry(errand.practice).or_default().push((errand.number, state));
    }

    fn withdrawn(&mut self, errand: &Errand) {
        self.withdrawn.entry(errand.practice).or_default().push(errand.number);
    }

    fn intents(self) -> Vec<(Practice, Telling)> {
        let mut intents = Vec::new();
        for (practice, numbers) in self.withdrawn {
            intents.extend(numbers.chunks(RECEIPTS_MAX).map(|some| {
                (practice, Telling::Withdraw { numbers: some.to_vec(), why: NO_LONGER_SO.to_owned() })
            }));
        }
        for (practice, receipts) in self.receipts {
            let some = receipts.chunks(RECEIPTS_MAX);
            intents.extend(some.map(|some| (practice, Telling::Report { receipts: some.to_vec() })));
        }
        intents
    }
}

/// A notice that has not been heard of as sent, and where it stands in the outbox; `None` where it is not there yet.
struct Waiting<'e> {
    errand: &'e Errand,
    outgoing: Outgoing,
    standing: Option<StateKind>,
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

    /// Takes back what is no longer so, queues what waits and writes down what was heard. Returns whether anything was new.
    /// Blocks.
    pub fn step(&self) -> bool {
        let errands = self.room.clinics().read(errands);
        let open: Vec<&Errand> = errands.iter().filter(|e| self.may_leave(e.practice)).collect();
        let mut news = News::default();
        let waiting = self.waiting(&open, &mut news);
        let (back, rest): (Vec<_>, Vec<_>) = waiting.into_iter().partition(|w| self.is_to_come_back(w));
        let back = self.take_back(back, &mut news);
        self.queue(rest, &mut news);
        // What was taken back just now stands in the outbox as cancelled; that is no news.
        let under_way: Vec<&Errand> =
            open.into_iter().filter(|e| !back.contains(&(e.practice, e.number))).collect();
        self.heard(&under_way, &mut news);
        self.write_down(news)
    }

    fn write_down(&self, news: News) -> bool {
        let mut new = false;
        for (practice, intent) in news.intents() {
            match self.room.clinics().submit(practice, intent, &Person::lifeboat(), self.clock.now()) {
                Ok(_) => new = true,
                Err(ClinicRefused::Refusal(Refusal::Telling(TellingRefusal::NothingNew))) => {}
                Err(refused) => {
                    tracing::error!(%refused, "what became of notices could not be written down; tried again");
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

    /// Notices that may still be on this side of the door; what can never be sent is news at once.
    fn waiting<'e>(&self, errands: &[&'e Errand], news: &mut News) -> Vec<Waiting<'e>> {
        let mut waiting: Vec<Waiting<'e>> = Vec::new();
        for errand in errands.iter().filter(|e| e.state == NoticeState::OnItsWay) {
            match errand.outgoing() {
                Ok(outgoing) => waiting.push(Waiting { errand, outgoing, standing: None }),
                Err(why) => news.became(errand, NoticeState::Failed(why)),
            }
        }
        let ids: Vec<OutgoingId> = waiting.iter().map(|w| w.outgoing.id.clone()).collect();
        for (one, standing) in waiting.iter_mut().zip(self.outbox.standings(&ids)) {
            one.standing = standing.map(|(kind, _)| kind);
        }
        waiting
    }

    /// Whether it has not left yet and must not, or cannot any more.
    fn is_to_come_back(&self, waiting: &Waiting<'_>) -> bool {
        let stale = !waiting.errand.still_so;
        match waiting.standing {
            None => stale,
            Some(StateKind::Queued) => stale || !self.outbox.carries(&waiting.outgoing.route),
            Some(_) => false,
        }
    }

    /// Takes notices out of the outbox; gives those that came back. One that is being handed over at this moment, or that a
    /// gateway may have had before, has left: what is so now is told as well. Cut off before it is written down, it counts
    /// as taken out by somebody, and whoever must still be told is rung.
    fn take_back(&self, waiting: Vec<Waiting<'_>>, news: &mut News) -> BTreeSet<(Practice, u32)> {
        let (mut back, by) = (BTreeSet::new(), Person::lifeboat().to_string());
        for Waiting { errand, outgoing, standing } in waiting {
            let no_gateway = NotQueued::NoGateway(outgoing.route.way()).to_string();
            if standing == Some(StateKind::Queued) {
                let why = if errand.still_so { no_gateway.as_str() } else { NO_LONGER_SO };
                if let Err(refused) = self.outbox.withdraw(&outgoing.id, &by, why, self.clock.now()) {
                    tracing::debug!(%refused, "a notice was not taken back");
                    continue;
                }
            }
            back.insert((errand.practice, errand.number));
            match errand.still_so {
                true => news.became(errand, NoticeState::Failed(no_gateway)),
                false => news.withdrawn(errand),
            }
        }
        back
    }

    /// Queues what the outbox does not know yet.
    fn queue(&self, waiting: Vec<Waiting<'_>>, news: &mut News) {
        let unknown = waiting.into_iter().filter(|w| w.standing.is_none());
        let ready = unknown.map(|w| (w.errand, w.outgoing)).collect();
        for (errand, fared) in many::queue(&self.outbox, ready, self.clock.now()) {
            if let Fared::Refused(refusal) = fared {
                news.became(errand, NoticeState::Failed(refusal.to_string()));
            }
        }
    }

    /// What the outbox says of notices that are under way, where it is news.
    fn heard(&self, errands: &[&Errand], news: &mut News) {
        let named: Vec<(&Errand, OutgoingId)> =
            errands.iter().filter_map(|errand| Some((*errand, errand.id()?))).collect();
        let ids: Vec<OutgoingId> = named.iter().map(|(_, id)| id.clone()).collect();
        for ((errand, _), standing) in named.into_iter().zip(self.outbox.standings(&ids)) {
            let Some((kind, why)) = standing else { continue };
            let state = state(kind, &why);
            if state != errand.state {
                news.became(errand, state);
            }
        }
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
            let mut said = notice.planned.bookings.iter();
            let still_so = said.all(|b| picture.handled(&b.key).is_none_or(|h| h.still_so(b)));
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
                still_so,
            });
        }
    }
    errands
}

#[cfg(test)]
mod tests;

//! The messenger: what the incident book says is to be sent goes into the outbox, and what became of it goes back.
//!
//! Always: a message's id in the outbox is made of message, person and sending, so that whatever was cut off half way is
//! queued again and refused by the outbox as known: nothing doubled, nothing lost. What cannot be queued is told at
//! once as failed, with the reason; whom no gateway can reach gets a runner's slip, without anybody asking. Never: an exercise's message queued for a telephone that the exercise may not reach.
//! Receipts of thousands of people are one entry. Proved by the tests below.

use super::many::{self, Fared};
use basics::Clock;
use control_room::{ControlRoom, IncidentRefused};
use incident::log::Kind;
use incident::messages::{Ask, Delivery, Intent, Message, MessageId, Receipt, Refusal, Way};
use incident::{Ground, IncidentBook, Person};
use outbound::{
    EmailAddress, Outbox, Outgoing, OutgoingId, PhoneNumber, Place, Route, StateKind, Urgency, WebhookName,
    Words,
};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{broadcast, watch};

/// Messages looked after in one step.
const STEP_MAX: usize = 20_000;
/// Time between two looks while there is something to hear of, at first and at most.
const LOOK_MS_MIN: u64 = 500;
const LOOK_MS_MAX: u64 = 8_000;

/// The messenger of a running Lifeboat.
#[derive(Clone)]
pub struct Messenger {
    room: ControlRoom,
    outbox: Outbox,
    clock: Arc<dyn Clock>,
    /// Base of the personal links; without one the words alone are sent.
    address: String,
}

/// One message to one person.
#[derive(Clone, Debug)]
struct Errand {
    message: MessageId,
    person: u32,
    round: u16,
    way: Way,
    to: String,
    name: String,
    delivery: Delivery,
    why: String,
}

impl Errand {
    fn id(&self) -> Option<OutgoingId> {
        OutgoingId::new(&format!("message-{}-{}-{}", self.message.0, self.person, self.round)).ok()
    }

    fn receipt(&self, delivery: Delivery, why: String) -> Receipt {
        Receipt { message: self.message, person: self.person, round: self.round, delivery, why }
    }
}

/// What belongs to the message as a whole.
struct Common {
    words: String,
    ask: Ask,
    ground: Ground,
    by: String,
    until: basics::Moment,
}

impl Messenger {
    pub fn new(room: ControlRoom, outbox: Outbox, clock: Arc<dyn Clock>, address: &str) -> Self {
        Self { room, outbox, clock, address: address.trim_end_matches('/').to_owned() }
    }

    /// Looks after messages until the program closes.
    pub async fn run(self, mut closing: watch::Receiver<bool>) {
        let mut follow = self.room.incident().follow();
        let mut wait_ms = LOOK_MS_MIN;
        loop {
            let messenger = self.clone();
            match tokio::task::spawn_blocking(move || messenger.step()).await {
                Ok(true) => wait_ms = LOOK_MS_MIN,
                Ok(false) => wait_ms = (wait_ms * 2).min(LOOK_MS_MAX),
                Err(error) => tracing::error!(%error, "the messenger stumbled; it looks again"),
            }
            let pause = tokio::time::sleep(Duration::from_millis(wait_ms));
            tokio::pin!(pause);
            loop {
                tokio::select! {
                    () = &mut pause => break,
                    closed = closing.changed() => if closed.is_err() || *closing.borrow() { return },
                    change = follow.recv() => match change {
                        Ok(change) if change.kinds.contains(&Kind::Message) => break,
                        Ok(_) => {}
                        Err(broadcast::error::RecvError::Lagged(_)) => break,
                        Err(broadcast::error::RecvError::Closed) => return,
                    },
                }
            }
            if *closing.borrow() {
                return;
            }
        }
    }

    /// Queues what waits and writes down what was heard. Returns whether anything was new. Blocks.
    pub fn step(&self) -> bool {
        let (waiting, under_way, common) = self.room.incident().read(errands);
        let (mut receipts, no_gateway) = self.queue(&waiting, &common);
        let (redirected, left) = self.send_runners(&no_gateway);
        receipts.extend(left);
        receipts.extend(self.heard(&under_way));
        if receipts.is_empty() {
            return redirected;
        }
        let intent = Intent::Receipts { items: receipts };
        match self.room.incident().submit(intent, &Person::lifeboat(), self.clock.now()) {
            Ok(_) => true,
            Err(IncidentRefused::Refusal(incident::Refusal::Messages(Refusal::NothingNew))) => false,
            Err(refused) => {
                tracing::error!(%refused, "what became of messages could not be written down; tried again");
                false
            }
        }
    }

    /// Whoever can be reached by no gateway that is there gets a runner's slip: one entry a message. Gives whether there
    /// was anybody, and the receipts of those to whom no runner can be sent either.
    fn send_runners(&self, errands: &[(&Errand, String)]) -> (bool, Vec<Receipt>) {
        let mut of_message: BTreeMap<MessageId, Vec<&(&Errand, String)>> = BTreeMap::new();
        for errand in errands {
            of_message.entry(errand.0.message).or_default().push(errand);
        }
        let (mut any, mut left) = (false, Vec::new());
        for (message, errands) in of_message {
            let people = errands.iter().map(|(errand, _)| errand.person).collect();
            let intent = Intent::SendAgain { message, people, by_slip: true };
            match self.room.incident().submit(intent, &Person::lifeboat(), self.clock.now()) {
                Ok(_) => any = true,
                Err(IncidentRefused::Refusal(_)) => {
                    left.extend(errands.iter().map(|(e, why)| e.receipt(Delivery::Failed, why.clone())));
                }
                Err(refused) => tracing::error!(%refused, "a runner could not be sent; tried again"),
            }
        }
        (any, left)
    }

    /// Receipts of what was queued or cannot be; and those who can be texted or mailed by no gateway that is there.
    fn queue<'e>(
        &self,
        waiting: &'e [Errand],
        common: &BTreeMap<MessageId, Common>,
    ) -> (Vec<Receipt>, Vec<(&'e Errand, String)>) {
        let mut receipts = Vec::new();
        let mut no_gateway = Vec::new();
        let mut ready: Vec<(&'e Errand, Outgoing)> = Vec::new();
        for errand in waiting {
            let Some(of) = common.get(&errand.message) else { continue };
            match self.outgoing(errand, of) {
                Ok(outgoing) => ready.push((errand, outgoing)),
                Err(why) => receipts.push(errand.receipt(Delivery::Failed, why)),
            }
        }
        for (errand, fared) in many::queue(&self.outbox, ready, self.clock.now()) {
            match fared {
                Fared::Queued => receipts.push(queued(errand)),
                Fared::Refused(refusal @ outbound::Refusal::NoGateway(_))
                    if matches!(errand.way, Way::Sms | Way::Email) =>
                {
                    no_gateway.push((errand, refusal.to_string()));
                }
                Fared::Refused(refusal) => {
                    receipts.push(errand.receipt(Delivery::Failed, refusal.to_string()));
                }
            }
        }
        (receipts, no_gateway)
    }

    fn outgoing(&self, errand: &Errand, of: &Common) -> Result<Outgoing, String> {
        let allowed = self.room.incident().read(|book| book.messages.may_reach_phones(of.ground));
        if !allowed && errand.way != Way::Slip {
            return Err("the exercise may reach no telephone any more".to_owned());
        }
        let said = |refusal: outbound::Refusal| refusal.to_string();
        let route = match errand.way {
            Way::Sms => Route::Sms(PhoneNumber::new(&errand.to).map_err(said)?),
            Way::Email => Route::Email(EmailAddress::new(&errand.to).map_err(said)?),
            Way::Slip => Route::Slip(Place::new(&errand.to).map_err(said)?),
            Way::Webhook => Route::Webhook(WebhookName::new(&errand.to).map_err(said)?),
            Way::Screen => return Err("this is shown on screens only".to_owned()),
        };
        let id = errand.id().ok_or_else(|| "it could not be named".to_owned())?;
        Ok(Outgoing {
            id,
            route,
            words: Words { subject: subject(of, errand), body: self.body(errand, of), ..Words::default() },
            why: format!("{} {} to {}", of.ask.word(), errand.message.0, basics::tidy(&errand.name, 80)),
            asked_by: of.by.clone(),
            urgency: if of.ask == Ask::RollCall { Urgency::Urgent } else { Urgency::Routine },
            valid_until: of.until,
            exercise: of.ground.watermark().is_some(),
        })
    }

    /// The words with the way to answer. An exercise's mark is put on by the outbox, whichever way it goes.
    fn body(&self, errand: &Errand, of: &Common) -> String {
        match (errand.way, of.ask) {
            (Way::Slip, Ask::RollCall) => {
                format!(
                    "{}\nFor {}. Safe? Where? Able to work until? The runner brings the answer back.",
                    of.words, errand.name
                )
            }
            (Way::Slip, _) => {
                format!("{}\nFor {}. Sign below; the runner brings it back.", of.words, errand.name)
            }
            (Way::Webhook, _) => of.words.clone(),
            _ => match self.room.incident().message_link(errand.message, errand.person) {
                Some(link) if !self.address.is_empty() => {
                    format!("{}\nAnswer: {}/q/{link}", of.words, self.address)
                }
                _ => format!("{}\nAnswer by ringing the control room.", of.words),
            },
        }
    }

    /// What the outbox says of messages that are under way.
    fn heard(&self, under_way: &[Errand]) -> Vec<Receipt> {
        let named: Vec<(&Errand, OutgoingId)> =
            under_way.iter().filter_map(|errand| Some((errand, errand.id()?))).collect();
        let ids: Vec<OutgoingId> = named.iter().map(|(_, id)| id.clone()).collect();
        let standings = self.outbox.standings(&ids);
        let told = named.into_iter().zip(standings).filter_map(|((errand, _), standing)| {
            let (kind, why) = standing?;
            let delivery = delivery(kind);
            let why =
                if matches!(delivery, Delivery::Failed | Delivery::InDoubt) { why } else { String::new() };
            let why = basics::tidy(&why, 160);
            ((delivery, &why) != (errand.delivery, &errand.why)).then(|| errand.receipt(delivery, why))
        });
        told.collect()
    }
}

fn queued(errand: &Errand) -> Receipt {
    errand.receipt(Delivery::Queued, String::new())
}

fn subject(of: &Common, errand: &Errand) -> String {
    match of.ask {
        Ask::RollCall => format!("Roll-call {}", errand.message.0),
        Ask::Done => format!("Task {}", errand.message.0),
        Ask::Read => format!("Message {}", errand.message.0),
    }
}

fn delivery(kind: StateKind) -> Delivery {
    match kind {
        StateKind::Queued | StateKind::Claimed => Delivery::Queued,
        StateKind::Doubtful | StateKind::PerhapsSent => Delivery::InDoubt,
        StateKind::Sent => Delivery::Sent,
        StateKind::Delivered => Delivery::Delivered,
        StateKind::Refused | StateKind::Failed | StateKind::Expired => Delivery::Failed,
        StateKind::Cancelled | StateKind::Closed => Delivery::GivenUp,
    }
}

/// What waits to be queued, what is under way, and what each message says.
fn errands(book: &IncidentBook) -> (Vec<Errand>, Vec<Errand>, BTreeMap<MessageId, Common>) {
    let (mut waiting, mut under_way, mut common) = (Vec::new(), Vec::new(), BTreeMap::new());
    for message in book.messages.unfinished() {
        for (person, standing) in (0u32..).zip(&message.standing) {
            let Some((way, to)) = message.way(person).filter(|(way, _)| *way != Way::Screen) else {
                continue;
            };
            if standing.delivery.is_final() || waiting.len() + under_way.len() >= STEP_MAX {
                continue;
            }
            let name =
                message.recipients.get(person as usize).map_or("", |recipient| recipient.name.as_str());
            let list = if standing.delivery == Delivery::Waiting { &mut waiting } else { &mut under_way };
            list.push(Errand {
                message: message.id,
                person,
                round: standing.round,
                way,
                to: to.to_owned(),
                name: name.to_owned(),
                delivery: standing.delivery,
                why: standing.why.clone(),
            });
        }
        common.insert(message.id, of(message));
    }
    (waiting, under_way, common)
}

fn of(message: &Message) -> Common {
    Common {
        words: message.text.clone(),
        ask: message.ask,
        ground: message.ground,
        by: message.sent.by.to_string(),
        until: message.until,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use basics::{FixedClock, Moment, SiteId};
    use control_room::Setup;
    use incident::declare::{self, Level, Nature};
    use incident::directory::read_sheet;
    use incident::messages::Audience;
    use incident::{IncidentId, hospitals};
    use logbook::{Keys, Options, RealDisk};
    use outbound::{GatewaySetup, ItemFilter, OutboxSetup};
    use std::path::Path;

    const ONE: MessageId = MessageId(1);

    fn at() -> Moment {
        Moment::parse_rfc3339("2026-05-12T13:00:00Z").unwrap()
    }

    fn keys() -> Keys {
        Keys::from_secret(&[7; 64])
    }

    /// A control room, an outbox with a gateway for everything but mail, and the messenger between them.
    fn house(dir: &Path) -> Messenger {
        let gateways = vec![
            GatewaySetup::named("notify", &[outbound::Way::Sms]),
            GatewaySetup::named("slips", &[outbound::Way::Slip]),
        ];
        house_with(dir, gateways)
    }

    fn house_with(dir: &Path, gateways: Vec<GatewaySetup>) -> Messenger {
        let clock: Arc<dyn Clock> = Arc::new(FixedClock::new(at()));
        let setup = Setup { data_dir: dir.to_owned(), ..Setup::default() };
        let room = ControlRoom::open(setup, &keys(), Arc::clone(&clock)).unwrap();
        let setup = OutboxSetup { gateways, ..OutboxSetup::default() };
        let folder = ControlRoom::book_dir(dir);
        let (outbox, _) =
            Outbox::open(&folder, &keys(), Arc::new(RealDisk), Options::default(), setup, at()).unwrap();
        Messenger::new(room, outbox, clock, "https://lifeboat.example/")
    }

    fn closed(messenger: Messenger) {
        let Messenger { room, outbox, .. } = messenger;
        outbox.close().unwrap();
        room.close();
    }

    fn does(messenger: &Messenger, intent: impl Into<incident::Intent>) {
        messenger.room.incident().submit(intent, &Person::new("Sam").unwrap(), at()).unwrap();
    }

    fn ready(messenger: &Messenger, nature: Nature, people: &str) {
        let sites = vec![SiteId::new("Northgate General").unwrap()];
        does(messenger, hospitals::Intent::List { sites });
        let sheet = format!("name,mobile,email,location,on duty\n{people}");
        let report = messenger.room.incident().read(|book| read_sheet(book, sheet.as_bytes())).unwrap();
        report.intents().into_iter().for_each(|intent| does(messenger, intent));
        does(
            messenger,
            declare::Intent::Open {
                name: "Cyber attack".into(),
                level: Level::Major,
                nature,
                declared: true,
                reason: "notes".into(),
                sites: Vec::new(),
                methane: None,
            },
        );
    }

    fn send(messenger: &Messenger) {
        let salt = messenger.room.incident().message_salt().unwrap();
        does(
            messenger,
            Intent::Send {
                incident: IncidentId(1),
                ask: Ask::RollCall,
                text: "Are you safe?".into(),
                to: vec![Audience::OnDuty],
                slips_only: false,
                open_hours: None,
                salt,
            },
        );
    }

    fn deliveries(messenger: &Messenger) -> Vec<Delivery> {
        messenger.room.incident().read(|book| {
            book.messages.message(ONE).unwrap().standing.iter().map(|standing| standing.delivery).collect()
        })
    }

    fn queued(messenger: &Messenger) -> Vec<outbound::Item> {
        messenger.outbox.items(&ItemFilter { items_max: 100_000, ..ItemFilter::default() })
    }

    const THREE: &str = "Ada,07700 900102,,,yes\nBen,,ben@a.example,,yes\nCy,,,Lodge,yes\n";

    #[test]
    fn each_person_is_reached_by_their_way_and_what_cannot_go_is_said() {
        let dir = tempfile::tempdir().unwrap();
        let messenger = house(dir.path());
        ready(&messenger, Nature::Real, THREE);
        send(&messenger);
        assert!(messenger.step());
        // No gateway is there for Ben's mail: a runner goes instead, and the log says so.
        assert_eq!(deliveries(&messenger), [Delivery::Queued, Delivery::Waiting, Delivery::Queued]);
        let told = messenger.room.incident().read(|book| {
            book.log
                .lines()
                .iter()
                .any(|line| line.text.contains("by runner's slip") && line.by == Person::lifeboat())
        });
        assert!(told, "the log says that a runner goes");
        assert!(messenger.step());
        assert_eq!(deliveries(&messenger), [Delivery::Queued; 3]);
        let items = queued(&messenger);
        let ben = items.iter().find(|item| item.outgoing.words.body.contains("For Ben.")).unwrap();
        assert_eq!(ben.outgoing.route.way(), outbound::Way::Slip);
        let link = messenger.room.incident().message_link(ONE, 0).unwrap();
        let bodies: Vec<String> = items.iter().map(|item| item.outgoing.words.body.clone()).collect();
        assert_eq!(
            bodies.first().unwrap(),
            &format!("Are you safe?\nAnswer: https://lifeboat.example/q/{link}")
        );
        assert!(bodies.iter().any(|body| body.contains("For Cy. Safe? Where?")), "{bodies:?}");
        assert!(!messenger.step(), "nothing new, nothing written");
        let number = items.first().unwrap().number;
        messenger.outbox.cancel(number, "Sam", "told by radio", at()).unwrap();
        assert!(messenger.step());
        assert_eq!(deliveries(&messenger).first(), Some(&Delivery::GivenUp));
        does(&messenger, Intent::SendAgain { message: ONE, people: vec![0], by_slip: true });
        messenger.step();
        assert_eq!(deliveries(&messenger).first(), Some(&Delivery::Queued), "by runner it goes");
        closed(messenger);
    }

    /// The program ends after the outbox took the messages on and before the book heard of it.
    #[test]
    fn cut_off_in_the_middle_nothing_is_doubled_and_nothing_lost() {
        let dir = tempfile::tempdir().unwrap();
        let people: String = (0..500).map(|n| format!("Nurse {n},07700 9{n:05},,,yes\n")).collect();
        let messenger = house(dir.path());
        ready(&messenger, Nature::Real, &people);
        send(&messenger);
        let (waiting, _, common) = messenger.room.incident().read(errands);
        let part = waiting.get(..200).unwrap();
        let (unheard, _) = messenger.queue(part, &common);
        assert_eq!(unheard.len(), 200);
        drop(unheard);
        closed(messenger);
        let messenger = house(dir.path());
        assert_eq!(queued(&messenger).len(), 200);
        assert!(messenger.step());
        assert!(deliveries(&messenger).iter().all(|delivery| *delivery == Delivery::Queued));
        let items = queued(&messenger);
        let ids: std::collections::BTreeSet<String> =
            items.iter().map(|item| item.outgoing.id.as_str().to_owned()).collect();
        assert_eq!((items.len(), ids.len()), (500, 500));
        closed(messenger);
    }

    /// Where not even slips are set up, it is told as failed, with the reason, and not tried for ever.
    #[test]
    fn without_any_gateway_it_is_told_as_failed() {
        let dir = tempfile::tempdir().unwrap();
        let messenger = house_with(dir.path(), Vec::new());
        ready(&messenger, Nature::Real, THREE);
        send(&messenger);
        while messenger.step() {}
        assert_eq!(deliveries(&messenger), [Delivery::Failed; 3]);
        closed(messenger);
    }

    #[test]
    fn an_exercise_queues_nothing_for_a_telephone() {
        let dir = tempfile::tempdir().unwrap();
        let messenger = house(dir.path());
        ready(&messenger, Nature::Exercise, THREE);
        send(&messenger);
        messenger.step();
        let items = queued(&messenger);
        assert_eq!(items.len(), 1, "the slip alone");
        assert!(
            items
                .iter()
                .all(|item| item.outgoing.exercise && item.outgoing.route.way() == outbound::Way::Slip)
        );
        closed(messenger);
    }
}

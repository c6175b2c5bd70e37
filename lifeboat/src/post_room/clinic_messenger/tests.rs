//! The clinics' messenger between a real control room and a real outbox, with gateways that behave badly.

use super::*;
use basics::{FeedName, FixedClock, PartialDate, SiteId};
use care::clinics::wanted::Decisions;
use care::clinics::{BookingKey, Choice, Considered, Knows, Planned};
use control_room::{ClinicSetup, FeedSetup, ListName, NoticePlan, Setup, SiteContact, practice_of};
use incident::declare::{self, Level, Nature};
use incident::messages;
use logbook::{Keys, Options, RealDisk};
use outbound::{
    Courier, Doing, Gateway, GatewaySetup, Handed, Item, ItemFilter, OutboxSetup, Parcel, Progress, Question,
    Told, Way,
};
use std::path::Path;
use std::sync::Mutex;

const REAL: Ground = Ground::Real;

fn at() -> Moment {
    Moment::parse_rfc3339("2026-05-12T08:00:00Z").unwrap()
}

fn keys() -> Keys {
    Keys::from_secret(&[7; 64])
}

fn person() -> Person {
    Person::new("Anna Bell").unwrap()
}

/// A control room, an outbox and the messenger between them.
struct House {
    messenger: ClinicMessenger,
    clock: Arc<FixedClock>,
}

/// The gateway for text messages; it is asked about arrivals as soon as the clock is put on.
fn texts() -> Vec<GatewaySetup> {
    let mut setup = GatewaySetup::named("notify", &[Way::Sms]);
    setup.patience.delivery_first_ms = 1_000;
    vec![setup]
}

impl House {
    fn open(dir: &Path) -> Self {
        Self::with(dir, texts())
    }

    fn with(dir: &Path, gateways: Vec<GatewaySetup>) -> Self {
        let clock = Arc::new(FixedClock::new(at()));
        let contact = SiteContact {
            name: "Northgate Hospitals".to_owned(),
            phone: "01632 960 100".to_owned(),
            hours: "8am to 8pm".to_owned(),
        };
        let feed = FeedName::new("clinics").unwrap();
        let setup = Setup {
            data_dir: dir.to_owned(),
            feeds: vec![FeedSetup { site: SiteId::new("Northgate General"), ..FeedSetup::named(feed) }],
            index_cache_mb: 16,
            clinics: ClinicSetup { trust: contact, ..ClinicSetup::default() },
            ..Setup::default()
        };
        let room = ControlRoom::open_offline(setup, &keys(), Arc::clone(&clock) as Arc<dyn Clock>).unwrap();
        room.catch_up(&mut |_, _| {}).unwrap();
        let setup = OutboxSetup { gateways, ..OutboxSetup::default() };
        let folder = ControlRoom::book_dir(dir);
        let (outbox, _) =
            Outbox::open(&folder, &keys(), Arc::new(RealDisk), Options::default(), setup, at()).unwrap();
        let messenger = ClinicMessenger::new(room, outbox, Arc::clone(&clock) as Arc<dyn Clock>);
        Self { messenger, clock }
    }

    fn close(self) {
        let ClinicMessenger { room, outbox, .. } = self.messenger;
        outbox.close().unwrap();
        room.close();
    }

    fn room(&self) -> &ControlRoom {
        &self.messenger.room
    }

    /// So many people, each with one booking tomorrow and one mobile.
    fn books(&self, people: u32) {
        let message = |n: u32| {
            let text = format!(
                "MSH|^~\\&|CLINICS|NG|LB|LB|202605120800||SIU^S12|K{n}|P|2.5\rSCH|K{n}|K{n}||||S12|Follow-up||20|min|\
                 ^^^20260513{:02}{:02}00\rPID|1||C{n}^^^NG^MR||EXAMPLE^Sam||19600101|F|||||07700 9{n:05}\rRGS|1\r\
                 AIS|1||^Dermatology\rAIL|1||Dermatology^^^Northgate General\r",
                9 + n / 60,
                n % 60
            );
            (text.into_bytes(), at())
        };
        let feed = FeedName::new("clinics").unwrap();
        self.room().receive_batch(&feed, (1..=people).map(message).collect()).unwrap();
        self.room().catch_up(&mut |_, _| {}).unwrap();
    }

    /// Decides about these people's bookings.
    fn decides(&self, ground: Ground, choice: Choice, people: &[u32]) {
        let day = PartialDate::parse_iso("2026-05-13").unwrap();
        let name = ListName { day, site: SiteId::new("Northgate General"), list: "Dermatology".to_owned() };
        let list = self.room().clinic_list(ground, &name).unwrap();
        let of = list.rows.iter().filter(|row| people.iter().any(|n| row.key.id == format!("K{n}")));
        let considered = |row: &control_room::BookingRow| Considered {
            key: row.key.clone(),
            booking: row.snapshot.clone(),
            rule: "D: follow-up".to_owned(),
        };
        let bookings: Vec<Considered> = of.map(considered).collect();
        assert_eq!(bookings.len(), people.len());
        let (reason, signed_off) = ("no imaging".to_owned(), String::new());
        let decide = Decisions::Decide { bookings, choice, reason, signed_off, seen: list.seen };
        self.room().clinics().submit(practice_of(ground), decide, &person(), self.clock.now()).unwrap();
    }

    fn plan(&self, ground: Ground) -> NoticePlan {
        self.room().clinic_notices(ground, None, self.clock.now()).unwrap()
    }

    fn sends(&self, ground: Ground, notices: Vec<Planned>) {
        let queue = Telling::Queue { notices };
        self.room().clinics().submit(practice_of(ground), queue, &person(), self.clock.now()).unwrap();
    }

    /// So many people's bookings postponed, and each told by a text that waits.
    fn told(dir: &Path, people: u32) -> Self {
        let house = Self::open(dir);
        house.books(people);
        house.decides(REAL, Choice::Postpone, &(1..=people).collect::<Vec<u32>>());
        let plan = house.plan(REAL);
        assert_eq!((plan.ready.len(), plan.calls.len()), (people as usize, 0), "{:?}", plan.faults);
        house.sends(REAL, plan.ready);
        house
    }

    /// Steps until nothing is new.
    fn steps(&self) {
        while self.messenger.step() {}
    }

    fn items(&self) -> Vec<Item> {
        self.messenger.outbox.items(&ItemFilter { items_max: 100_000, ..ItemFilter::default() })
    }

    fn states(&self, ground: Ground) -> Vec<NoticeState> {
        self.room().clinics().read(|book| {
            let notices = &book.picture(practice_of(ground)).notices;
            notices.iter().map(|notice| notice.state.clone()).collect()
        })
    }

    fn knows(&self, n: u32) -> (Knows, bool) {
        self.room().clinics().read(|book| {
            let mut all = book.picture(None).all();
            let of = |key: &BookingKey| key.id == format!("K{n}");
            let (_, handled) = all.find(|(key, _)| of(key)).unwrap();
            (handled.knows(), handled.to_tell().is_some())
        })
    }

    /// The courier at work with this gateway until `done`.
    async fn courier(&self, gateway: &Texts, done: impl Fn(&Self) -> bool) {
        let (close, closing) = watch::channel(false);
        let clock = Arc::clone(&self.clock) as Arc<dyn Clock>;
        let gateways: Vec<Arc<dyn Gateway>> = vec![Arc::new(gateway.clone())];
        let courier = Courier::new(self.messenger.outbox.clone(), gateways, clock).look_every(2);
        let work = tokio::spawn(courier.run(closing));
        let waiting = async {
            while !done(self) {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(60), waiting).await.expect("the courier did its work");
        close.send(true).unwrap();
        work.await.unwrap();
    }
}

/// Takes every text; whether it arrived is asked later.
#[derive(Clone, Default)]
struct Texts {
    taken: Arc<Mutex<Vec<String>>>,
    /// Of these nothing arrives.
    dead: Option<&'static str>,
}

impl Gateway for Texts {
    fn name(&self) -> &str {
        "notify"
    }
    fn hand_over<'a>(&'a self, parcel: &'a Parcel, _: Moment) -> Doing<'a, Handed> {
        self.taken.lock().unwrap().push(parcel.outgoing.route.to().to_owned());
        Box::pin(async { Handed::Accepted { gateway_id: "g".to_owned() } })
    }
    fn ask<'a>(&'a self, _: &'a Question, _: Moment) -> Doing<'a, Told> {
        let progress = match self.dead {
            Some(why) => Progress::Failed { why: why.to_owned() },
            None => Progress::Delivered,
        };
        Box::pin(async { Told::Accepted { gateway_id: "g".to_owned(), progress } })
    }
    fn reports_delivery(&self) -> bool {
        true
    }
}

/// The program ends before anything was queued, and again after some were and before the book heard of it.
#[test]
fn through_restarts_each_notice_is_taken_on_once() {
    let dir = tempfile::tempdir().unwrap();
    House::told(dir.path(), 40).close();
    let house = House::open(dir.path());
    let errands = house.room().clinics().read(errands);
    let some: Vec<&Errand> = errands.iter().take(15).collect();
    let mut unheard = News::default();
    let waiting = house.messenger.waiting(&some, &mut unheard);
    house.messenger.queue(waiting, &mut unheard);
    assert_eq!((house.items().len(), unheard.intents().len()), (15, 0));
    house.close();
    for _ in 0..2 {
        let house = House::open(dir.path());
        house.steps();
        let ids: BTreeSet<String> =
            house.items().iter().map(|item| item.outgoing.id.as_str().to_owned()).collect();
        assert_eq!((house.items().len(), ids.len()), (40, 40));
        assert!(house.states(REAL).iter().all(|state| *state == NoticeState::OnItsWay));
        assert!(!house.messenger.step(), "nothing new, nothing written");
        house.close();
    }
}

#[tokio::test]
async fn what_a_gateway_took_and_then_failed_is_a_failed_notice_and_a_call() {
    let dir = tempfile::tempdir().unwrap();
    let house = House::told(dir.path(), 1);
    let gateway = Texts { dead: Some("no such number"), ..Texts::default() };
    house.steps();
    house.courier(&gateway, |house| house.items().iter().all(|i| i.state.kind() == StateKind::Sent)).await;
    house.steps();
    assert_eq!(house.states(REAL), [NoticeState::Sent], "taken is not heard");
    assert_eq!(house.plan(REAL).calls.len(), 0);
    house.clock.set(at().plus_seconds(60));
    house.courier(&gateway, |house| house.items().iter().all(|i| i.state.kind() == StateKind::Failed)).await;
    house.steps();
    assert!(matches!(&house.states(REAL)[..], [NoticeState::Failed(why)] if why.contains("no such number")));
    let plan = house.plan(REAL);
    assert_eq!((plan.ready.len(), plan.calls.len()), (0, 1), "rung, and not texted again by itself");
    assert!(plan.calls[0].why.contains("no such number"), "{}", plan.calls[0].why);
    assert_eq!(gateway.taken.lock().unwrap().len(), 1);
    house.close();
}

/// One commit for all; and where some are at fault they hold up nobody else.
#[tokio::test]
async fn of_twenty_at_once_those_at_fault_hold_up_nobody() {
    let dir = tempfile::tempdir().unwrap();
    let house = House::open(dir.path());
    house.books(20);
    house.decides(REAL, Choice::Postpone, &(1..=20).collect::<Vec<u32>>());
    let mut notices = house.plan(REAL).ready;
    assert_eq!(notices.len(), 20);
    // One that could not even be addressed, and one that the outbox refuses among the others.
    notices[4].to = "her neighbour's".to_owned();
    notices[11].subject = "x".repeat(300);
    house.sends(REAL, notices);
    assert!(house.messenger.step());
    assert_eq!(house.items().len(), 18);
    let failed = |state: &&NoticeState| matches!(state, NoticeState::Failed(_));
    assert_eq!(house.states(REAL).iter().filter(failed).count(), 2);
    assert_eq!(house.plan(REAL).calls.len(), 2, "whom it could not be sent to is rung");
    let gateway = Texts::default();
    house.courier(&gateway, |house| house.items().iter().all(|i| i.state.kind() == StateKind::Sent)).await;
    house.clock.set(at().plus_seconds(60));
    house.courier(&gateway, |house| house.items().is_empty()).await;
    house.steps();
    let arrived = house.states(REAL).into_iter().filter(|state| *state == NoticeState::Delivered);
    assert_eq!(arrived.count(), 18);
    let taken = gateway.taken.lock().unwrap().clone();
    assert_eq!((taken.len(), taken.iter().collect::<BTreeSet<_>>().len()), (18, 18), "nobody twice");
    house.close();
}

#[tokio::test]
async fn what_is_no_longer_so_is_not_sent_if_it_has_not_left() {
    let dir = tempfile::tempdir().unwrap();
    let house = House::told(dir.path(), 4);
    // Kept before it was queued, kept while it waits in the outbox, kept once it has left, and not kept.
    house.decides(REAL, Choice::Keep, &[1]);
    house.steps();
    assert_eq!(house.items().len(), 3, "the first was never queued");
    house.decides(REAL, Choice::Keep, &[2]);
    house.steps();
    let numbers = |items: Vec<Item>| -> Vec<String> {
        items.iter().map(|item| item.outgoing.route.to().to_owned()).collect()
    };
    assert_eq!(numbers(house.items()), ["+447700900003", "+447700900004"]);
    let gateway = Texts::default();
    house.courier(&gateway, |house| house.items().iter().all(|i| i.state.kind() == StateKind::Sent)).await;
    house.decides(REAL, Choice::Keep, &[3]);
    house.steps();
    let withdrawn = NoticeState::Withdrawn(NO_LONGER_SO.to_owned());
    assert_eq!(house.states(REAL), [withdrawn.clone(), withdrawn, NoticeState::Sent, NoticeState::Sent]);
    // Whoever was told nothing is told nothing more; whoever was told wrongly is told what holds.
    for (n, knows) in [
        (1, (Knows::AsBooked, false)),
        (2, (Knows::AsBooked, false)),
        (3, (Knows::Postponed, true)),
        (4, (Knows::Postponed, false)),
    ] {
        assert_eq!(house.knows(n), knows, "{n}");
    }
    let plan = house.plan(REAL);
    assert_eq!((plan.ready.len(), plan.calls.len()), (1, 0));
    let taken = gateway.taken.lock().unwrap().clone();
    assert_eq!(taken.len(), 2);
    // Postponed after all, they get their notice, and it is a notice of its own.
    house.decides(REAL, Choice::Postpone, &[1, 2]);
    let plan = house.plan(REAL);
    assert_eq!((plan.ready.len(), plan.calls.len()), (3, 0));
    house.sends(REAL, plan.ready);
    house.steps();
    assert_eq!(house.items().iter().filter(|i| i.state.kind() == StateKind::Queued).count(), 3);
    house.close();
}

/// The route plans nothing that cannot leave; what was planned before the gateway was taken away must not wait for good.
#[test]
fn what_no_gateway_carries_any_more_becomes_a_call_once() {
    for queued_before in [false, true] {
        let dir = tempfile::tempdir().unwrap();
        let house = House::told(dir.path(), 2);
        if queued_before {
            house.steps();
            assert_eq!(house.items().len(), 2);
        }
        house.close();
        let house = House::with(dir.path(), Vec::new());
        house.steps();
        for state in house.states(REAL) {
            let NoticeState::Failed(why) = state else { panic!("{state:?}") };
            assert!(
                why.contains("no gateway is configured for text messages; set one under [outbound]"),
                "{why}"
            );
        }
        assert_eq!(house.plan(REAL).calls.len(), 2, "queued before: {queued_before}");
        house.close();
        // The gateway is back: who is to be rung is not texted as well.
        let house = House::open(dir.path());
        house.steps();
        let plan = house.plan(REAL);
        assert_eq!((house.items().len(), plan.ready.len(), plan.calls.len()), (0, 0, 2));
        house.close();
    }
}

#[test]
fn an_exercise_sends_no_patient_anything_until_it_may_and_then_says_what_it_is() {
    let dir = tempfile::tempdir().unwrap();
    let house = House::open(dir.path());
    house.books(3);
    let incident = |intent: incident::Intent| {
        house.room().incident().submit(intent, &person(), house.clock.now()).unwrap();
    };
    incident(
        declare::Intent::Open {
            name: "Practice".into(),
            level: Level::Major,
            nature: Nature::Exercise,
            declared: true,
            reason: "practice".into(),
            sites: Vec::new(),
            methane: None,
        }
        .into(),
    );
    let exercise = Ground::Exercise(IncidentId(1));
    house.decides(exercise, Choice::Postpone, &[1, 2, 3]);
    house.sends(exercise, house.plan(exercise).ready);
    house.steps();
    assert_eq!(house.items().len(), 0);
    assert_eq!(house.states(exercise), [const { NoticeState::OnItsWay }; 3]);
    // What ceased to be so while it waited does not leave once the others may.
    house.decides(exercise, Choice::Keep, &[1]);
    let allow = messages::Intent::TellPhones {
        incident: IncidentId(1),
        allowed: true,
        reason: "the telephones are ours".into(),
    };
    incident(allow.into());
    house.steps();
    assert_eq!(house.items().len(), 2);
    assert!(house.items().iter().all(|item| item.outgoing.exercise));
    assert!(house.states(REAL).is_empty());
    house.close();
}

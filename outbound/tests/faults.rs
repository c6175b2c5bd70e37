//! What goes wrong on the day: gateways that are slow, wrong or silent, a full disk, a clock put back, people in two minds.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod common;

use basics::{Clock, EntryNumber, FixedClock};
use common::fake_notify::{FakeNotify, FakeNotifySetup, Mishap};
use common::scripted::{Next, Scripted};
use common::*;
use logbook::trial_disks::QuotaDisk;
use logbook::{Options, RealDisk};
use outbound::gateways::{SlipShelf, Slips};
use outbound::*;
use std::sync::{Arc, Mutex};

fn unknown() -> Handed {
    Handed::Unknown { why: "the line broke".into() }
}

fn later(blame: Blame, wait_ms: Option<u64>) -> Next {
    Next::Say(Handed::NotNow { why: "busy".into(), wait_ms, blame })
}

struct House {
    outbox: Outbox,
    gateway: Scripted,
    clock: Arc<TestClock>,
    _dir: tempfile::TempDir,
}

impl House {
    fn new(change: impl Fn(&mut GatewaySetup)) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let mut setup = gateway_setup("scripted", &[Way::Sms, Way::Email]);
        change(&mut setup);
        let clock = Arc::new(TestClock::real());
        let outbox = open(dir.path(), one_gateway(setup), clock.now());
        Self { outbox, gateway: Scripted::default(), clock, _dir: dir }
    }

    fn queue(&self, messages: Vec<Outgoing>) -> Vec<EntryNumber> {
        let queued = self.outbox.queue(messages, self.clock.now()).unwrap();
        queued.into_iter().map(|queued| queued.number).collect()
    }

    fn start(&self) -> AtWork {
        AtWork::start(&self.outbox, vec![Arc::new(self.gateway.clone())], self.clock.clone())
    }

    fn count(&self, kind: StateKind) -> usize {
        self.outbox.board(self.clock.now()).counts.get(&kind).copied().unwrap_or(0)
    }

    async fn until_open(&self, open: usize) {
        until("the outbox came to rest", || self.outbox.board(self.clock.now()).open == open).await;
    }
}

fn messages(count: usize) -> Vec<Outgoing> {
    (0..count).map(|n| message(&format!("m-{n}"), sms())).collect()
}

#[tokio::test]
async fn whatever_a_gateway_says_nobody_is_told_twice_and_nothing_is_lost() {
    let house = House::new(|_| {});
    house.gateway.will([
        Next::TakeAndSay(unknown()),
        Next::Say(unknown()),
        later(Blame::Message, None),
        later(Blame::Gateway, Some(50)),
        later(Blame::Gateway, None),
        Next::Panic,
        Next::TakeAndSay(unknown()),
    ]);
    house.queue(messages(20));
    let work = house.start();
    house.until_open(0).await;
    work.stop().await;
    assert_eq!(house.gateway.taken().len(), 20);
    assert_eq!(house.gateway.twice(), Vec::<String>::new());
    assert!(house.gateway.asked() >= 4);
}

#[tokio::test]
async fn the_urgent_go_first_and_what_is_asked_twice_is_sent_once() {
    let house = House::new(|setup| setup.in_flight_max = 1);
    let mut all = messages(6);
    all[1].urgency = Urgency::Bulk;
    all[4].urgency = Urgency::Urgent;
    house.queue(all.clone());
    let again = house.outbox.queue(all.clone(), house.clock.now()).unwrap();
    assert!(again.iter().all(|queued| queued.repeated));
    let mut other = all[0].clone();
    other.words.body.push('!');
    let refused = house.outbox.queue(vec![other], house.clock.now()).unwrap_err().to_string();
    assert!(refused.contains("already has this id"), "{refused}");
    let work = house.start();
    house.until_open(0).await;
    work.stop().await;
    let order: Vec<String> = house.gateway.texts();
    assert_eq!(
        order,
        ["Message m-4.", "Message m-0.", "Message m-2.", "Message m-3.", "Message m-5.", "Message m-1."]
    );
    let after = house.outbox.queue(all, house.clock.now()).unwrap();
    assert!(after.iter().all(|queued| queued.repeated), "also when they are long done");
}

#[tokio::test]
async fn where_nobody_can_be_asked_a_person_decides() {
    let house = House::new(|_| {});
    house.gateway.inner.lock().unwrap().cannot_be_asked = true;
    house.gateway.will([Next::TakeAndSay(unknown())]);
    let number = house.queue(messages(1))[0];
    let work = house.start();
    until("a person is asked", || house.count(StateKind::PerhapsSent) == 1).await;
    let item = house.outbox.item(number).unwrap();
    assert!(item.last_error.unwrap().1.contains("the line broke"));
    let now = house.clock.now();
    let refused = house.outbox.settle(number, Settlement::CountAsSent, "AB", " ", now).unwrap_err();
    assert!(refused.to_string().contains("say why"), "{refused}");
    house.outbox.settle(number, Settlement::CountAsSent, "AB", "she rang back", now).unwrap();
    house.until_open(0).await;
    work.stop().await;
    assert_eq!(house.gateway.taken().len(), 1);
    assert_eq!(house.count(StateKind::Sent), 1);

    let eager = House::new(|setup| setup.in_doubt = InDoubt::SendAgain);
    eager.gateway.inner.lock().unwrap().cannot_be_asked = true;
    eager.gateway.will([Next::Say(unknown())]);
    eager.queue(messages(1));
    let work = eager.start();
    eager.until_open(0).await;
    work.stop().await;
    assert_eq!(eager.gateway.taken().len(), 1, "the configuration says: send again");
}

#[tokio::test]
async fn refused_expired_and_cancelled_wait_for_or_name_a_person() {
    let house = House::new(|setup| setup.in_flight_max = 1);
    let mut all = messages(3);
    all[1].valid_until = house.clock.now().plus_seconds(1);
    house.gateway.will([Next::Say(Handed::Refused { why: "no such\u{7} number".into() })]);
    let numbers = house.queue(all);
    house.outbox.cancel(numbers[2], "AB", "told by telephone", house.clock.now()).unwrap();
    let wrong = house.outbox.cancel(numbers[2], "AB", "again", house.clock.now()).unwrap_err();
    assert!(wrong.to_string().contains("no open message"), "{wrong}");
    until("the second is too late", || {
        house.clock.now() > house.outbox.item(numbers[1]).unwrap().valid_until
    })
    .await;
    let work = house.start();
    until("both are stuck", || house.count(StateKind::Refused) + house.count(StateKind::Expired) == 2).await;
    assert_eq!(house.outbox.item(numbers[0]).unwrap().last_error.unwrap().1, "no such  number");
    let (now, tomorrow) = (house.clock.now(), house.clock.now().plus_seconds(86_400));
    let again = Settlement::SendAgain { valid_until: tomorrow };
    house.outbox.settle(numbers[1], again, "AB", "still true", now).unwrap();
    house.outbox.settle(numbers[0], Settlement::Close, "AB", "a letter instead", now).unwrap();
    house.until_open(0).await;
    work.stop().await;
    let counts = house.outbox.board(now).counts;
    let want = [(StateKind::Sent, 1), (StateKind::Cancelled, 1), (StateKind::Closed, 1)];
    assert_eq!(counts, want.into_iter().collect());
}

/// Who takes a message back because it is no longer so must know that nobody has read it.
#[tokio::test]
async fn what_never_left_is_taken_back_and_what_perhaps_left_is_not() {
    let house = House::new(|setup| setup.in_flight_max = 1);
    house.gateway.inner.lock().unwrap().cannot_be_asked = true;
    house.gateway.will([later(Blame::Message, Some(3_600_000)), Next::Say(unknown())]);
    let all = messages(4);
    let id = |n: usize| all[n].id.clone();
    let numbers = house.queue(all[..2].to_vec());
    let work = house.start();
    until("a person is asked", || house.count(StateKind::PerhapsSent) == 1).await;
    work.stop().await;
    house.queue(all[2..].to_vec());
    let (now, tomorrow) = (house.clock.now(), house.clock.now().plus_seconds(86_400));
    let again = Settlement::SendAgain { valid_until: tomorrow };
    house.outbox.settle(numbers[1], again, "AB", "nobody rang back", now).unwrap();
    assert_eq!(house.count(StateKind::Queued), 4, "all wait alike");
    let House { outbox, gateway, clock, _dir } = house;
    let back = |outbox: &Outbox, n: usize| outbox.withdraw(&id(n), "Lifeboat", "no longer so", clock.now());
    assert!(back(&outbox, 1).is_err(), "it may have been read");
    back(&outbox, 2).unwrap();
    assert!(back(&outbox, 2).is_err(), "once");
    assert!(outbox.withdraw(&OutgoingId::new("m-9").unwrap(), "Lifeboat", "why", now).is_err());
    // A restart forgets none of that.
    outbox.close().unwrap();
    let setup = gateway_setup("scripted", &[Way::Sms, Way::Email]);
    let outbox = open(_dir.path(), one_gateway(setup), clock.now());
    assert!(back(&outbox, 1).is_err(), "it may have been read");
    back(&outbox, 0).unwrap();
    assert!(outbox.carries(&sms()) && !outbox.carries(&slip()));
    let house = House { outbox, gateway, clock, _dir };
    let work = house.start();
    house.until_open(0).await;
    work.stop().await;
    assert_eq!(house.gateway.texts(), ["Message m-1.", "Message m-3."]);
    assert_eq!(house.count(StateKind::Cancelled), 2);
}

#[tokio::test]
async fn a_gateway_that_is_down_rests_and_costs_no_message_its_attempts() {
    let house = House::new(|setup| setup.patience.attempts_max = 3);
    house.gateway.will((0..12).map(|_| later(Blame::Gateway, None)));
    house.queue(messages(3));
    let work = house.start();
    until("it rests", || house.outbox.board(house.clock.now()).gateways[0].resting_until.is_some()).await;
    house.until_open(0).await;
    work.stop().await;
    assert_eq!(house.gateway.taken().len(), 3);
    // A message that is sent back for itself again and again is given up, in words, for a person.
    let house = House::new(|setup| setup.patience.attempts_max = 3);
    house.gateway.will((0..3).map(|_| later(Blame::Message, None)));
    let number = house.queue(messages(1))[0];
    let work = house.start();
    until("it is given up", || house.count(StateKind::Refused) == 1).await;
    work.stop().await;
    assert!(house.outbox.item(number).unwrap().last_error.unwrap().1.contains("given up after 3 attempts"));
}

#[tokio::test]
async fn a_full_disk_sends_nothing_that_is_not_recorded_and_goes_on_when_there_is_room() {
    let dir = tempfile::tempdir().unwrap();
    let disk = QuotaDisk::new(Arc::new(RealDisk), u64::MAX / 2);
    let clock = Arc::new(TestClock::real());
    let setup = one_gateway(gateway_setup("scripted", &[Way::Sms]));
    let options = Options { fill_ahead_bytes: 0, ..Options::default() };
    let outbox =
        Outbox::open(dir.path(), &keys(), Arc::new(disk.clone()), options, setup.clone(), clock.now())
            .unwrap()
            .0;
    outbox.queue(messages(5), clock.now()).unwrap();
    disk.set_room(0);
    let refused = outbox.queue(vec![message("one-more", sms())], clock.now()).unwrap_err().to_string();
    assert!(refused.contains("nothing was sent"), "{refused}");
    let gateway = Scripted::default();
    let work = AtWork::start(&outbox, vec![Arc::new(gateway.clone())], clock.clone());
    until("the board says why", || outbox.board(clock.now()).halted.is_some()).await;
    until("it was tried", || outbox.items(&ItemFilter::default()).iter().any(|i| i.last_error.is_some()))
        .await;
    assert_eq!(gateway.taken().len(), 0, "nothing is handed over that is not claimed on the disk");
    disk.set_room(u64::MAX / 2);
    until("all are sent", || outbox.board(clock.now()).open == 0).await;
    assert!(!outbox.queue(vec![message("one-more", sms())], clock.now()).unwrap()[0].repeated);
    until("the last too", || outbox.board(clock.now()).open == 0).await;
    work.stop().await;
    assert_eq!((gateway.taken().len(), gateway.twice().len()), (6, 0));
}

#[tokio::test]
async fn a_clock_put_back_holds_nobody_up() {
    let dir = tempfile::tempdir().unwrap();
    let clock = Arc::new(FixedClock::new(at(0)));
    let mut setup = gateway_setup("scripted", &[Way::Sms]);
    setup.patience.retry_first_ms = 2_000;
    setup.patience.retry_ms_max = 2_000;
    let outbox = open(dir.path(), one_gateway(setup), clock.now());
    let gateway = Scripted::default();
    gateway.will([later(Blame::Message, None)]);
    outbox.queue(messages(1), clock.now()).unwrap();
    let work = AtWork::start(&outbox, vec![Arc::new(gateway.clone())], clock.clone());
    until("it waits", || outbox.items(&ItemFilter::default()).iter().any(|i| i.attempts == 1)).await;
    // A day back: the two seconds are still two seconds.
    clock.set(at(-86_400_000));
    until("the board has seen the new time", || {
        let next = outbox.board(clock.now()).gateways[0].next_attempt;
        next.is_some_and(|next| next.milliseconds() <= clock.now().milliseconds() + 2_000)
    })
    .await;
    clock.set(at(-86_400_000 + 2_001));
    until("it is sent", || gateway.taken().len() == 1).await;
    until("it is done", || outbox.board(clock.now()).open == 0).await;
    work.stop().await;
}

#[tokio::test]
async fn a_slow_wrong_and_silent_notify_gets_everything_once() {
    let mishaps = [
        Mishap::None,
        Mishap::KeptSlow(300),
        Mishap::KeptLate(300),
        Mishap::KeptSilent,
        Mishap::Silent,
        Mishap::KeptGarbage,
        Mishap::Garbage,
        Mishap::KeptTruncated,
        Mishap::KeptErrorInside,
        Mishap::ErrorInside,
        Mishap::KeptInternalError,
        Mishap::InternalError,
        Mishap::TooMany(1),
        Mishap::BadGateway,
        Mishap::Proxy,
    ];
    let left = Arc::new(Mutex::new(mishaps.to_vec()));
    let setup = FakeNotifySetup {
        mishap: Arc::new(move |_| left.lock().unwrap().pop().unwrap_or(Mishap::None)),
        delivered_after_ms: 0,
        ..FakeNotifySetup::default()
    };
    let clock = Arc::new(TestClock::real());
    let fake = FakeNotify::start(setup, clock.clone()).await.unwrap();
    let dir = tempfile::tempdir().unwrap();
    let mut gateway = gateway_setup("notify", &[Way::Sms, Way::Email]);
    gateway.patience.settle_ms = 1_500;
    let outbox = open(dir.path(), one_gateway(gateway), clock.now());
    let mut all = messages(20);
    all[18].route = Route::Sms(PhoneNumber::new("07700 900002").unwrap());
    all[19].route = Route::Email(EmailAddress::new("temp-fail@simulator.notify").unwrap());
    outbox.queue(all, clock.now()).unwrap();
    let work =
        AtWork::start(&outbox, vec![Arc::new(notify_gateway(&fake.base_url(), &fake.key()))], clock.clone());
    let counts = || outbox.board(clock.now()).counts;
    until("18 are delivered and 2 are known to have failed", || {
        counts() == [(StateKind::Delivered, 18), (StateKind::Failed, 2)].into_iter().collect()
    })
    .await;
    work.stop().await;
    assert_eq!((fake.accepted_count(), fake.told_twice()), (20, Vec::new()));
    let failed = outbox.items(&ItemFilter { states: vec![StateKind::Failed], ..ItemFilter::default() });
    assert!(failed[0].last_error.as_ref().unwrap().1.contains("no such number"), "{failed:?}");
}

#[tokio::test]
async fn slips_survive_a_restart_until_a_runner_takes_them() {
    let dir = tempfile::tempdir().unwrap();
    let clock = Arc::new(TestClock::real());
    let setup = || one_gateway(gateway_setup("slips", &[Way::Slip]));
    let outbox = open(dir.path(), setup(), clock.now());
    let shelf = SlipShelf::default();
    outbox.queue(vec![message("s-1", slip()), message("s-2", slip())], clock.now()).unwrap();
    let work = AtWork::start(&outbox, vec![Arc::new(Slips::new("slips", shelf.clone()))], clock.clone());
    until("both lie on the shelf", || outbox.slips_waiting().len() == 2).await;
    work.stop().await;
    outbox.close().unwrap();
    let outbox = open(dir.path(), setup(), clock.now());
    let again = SlipShelf::default();
    again.match_with(&outbox);
    assert_eq!(again.waiting(), shelf.waiting());
    let first = again.waiting()[0].number;
    outbox.slip_taken(first, "runner 3", clock.now()).unwrap();
    again.match_with(&outbox);
    assert_eq!(again.waiting().len(), 1);
    assert!(outbox.slip_taken(first, "runner 3", clock.now()).is_err());
}

#[test]
fn what_does_not_fit_is_refused_and_nothing_of_it_is_kept() {
    let dir = tempfile::tempdir().unwrap();
    let mut setup = one_gateway(gateway_setup("scripted", &[Way::Sms]));
    setup.open_max = 5;
    let outbox = open(dir.path(), setup.clone(), at(0));
    let refused = outbox.queue(messages(6), at(0)).unwrap_err().to_string();
    assert!(refused.contains("5 is its ceiling"), "{refused}");
    let refused = outbox.queue(vec![message("m", email())], at(0)).unwrap_err().to_string();
    assert!(refused.contains("no gateway is configured for mail"), "{refused}");
    let refused =
        outbox.queue(vec![message("m", sms()), message("m", sms())], at(0)).unwrap_err().to_string();
    assert!(refused.contains("the same id"), "{refused}");
    assert_eq!(outbox.board(at(0)).open, 0);
    assert_eq!(outbox.queue(messages(5), at(0)).unwrap().len(), 5);
    outbox.close().unwrap();
    // And nobody who has the disk reads a word of it.
    for entry in std::fs::read_dir(dir.path()).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        for word in ["447700900123", "Llandudno", "Dewi", "pathology is down", "m-3"] {
            let found = bytes.windows(word.len()).any(|window| window == word.as_bytes());
            assert!(!found, "{word} lies in clear on the disk");
        }
    }
    let (board, items) = Outbox::look(dir.path(), &keys(), setup, &ItemFilter::default(), at(1)).unwrap();
    assert_eq!((board.open, items.len()), (5, 5));
    assert_eq!(board.gateways[0].oldest_queued_at, Some(at(0)));
}

#[test]
fn a_restart_with_a_gateway_gone_asks_a_person() {
    let dir = tempfile::tempdir().unwrap();
    let setup = one_gateway(gateway_setup("scripted", &[Way::Sms]));
    let outbox = open(dir.path(), setup, at(0));
    outbox.queue(messages(1), at(0)).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let clock = Arc::new(FixedClock::new(at(0)));
    runtime.block_on(async {
        let gateway = Scripted::default();
        gateway.will([Next::TakeAndSay(unknown())]);
        let work = AtWork::start(&outbox, vec![Arc::new(gateway)], clock.clone());
        let doubtful = || outbox.board(clock.now()).counts.contains_key(&StateKind::Doubtful);
        until("it is in doubt", doubtful).await;
        work.stop().await;
    });
    outbox.close().unwrap();
    let outbox = open(dir.path(), one_gateway(gateway_setup("another", &[Way::Sms])), at(1_000));
    assert_eq!(outbox.board(at(1_000)).counts, [(StateKind::PerhapsSent, 1)].into_iter().collect());
}

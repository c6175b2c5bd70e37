//! The hatch: closed in one action, what comes afterwards is acknowledged and kept apart, admitted in order or turned away
//! for good; and a rebuild from the book says the same, whatever was closed, opened, killed and restarted between.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use crate::common;

use basics::{EntryNumber, FeedName, Moment, SiteId, WardId};
use care::ward_list::WardKey;
use common::*;
use control_room::{
    ApartFilter, ControlRoom, FeedSetup, HatchWhat, Intent, Mode, Planted, Recording, Refusal, Refused, Setup,
};
use logbook::trial_disks::{FaultyDisk, Mishap, Op, QuotaDisk};
use logbook::{Disk, RealDisk};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

const TIME: &str = "20260301080000";

fn lab() -> FeedName {
    FeedName::new("pathology").unwrap()
}

fn two_feeds(dir: &Path) -> Setup {
    Setup { feeds: vec![FeedSetup::named(pas()), FeedSetup::named(lab())], ..setup(dir) }
}

fn running(dir: &Path) -> ControlRoom {
    ControlRoom::open(two_feeds(dir), &keys(), clock()).unwrap()
}

fn close(feeds: &[FeedName]) -> Intent {
    Intent::CloseHatch { feeds: feeds.to_vec(), reason: "results that nobody ordered".into() }
}

fn open_again(feeds: &[FeedName]) -> Intent {
    Intent::OpenHatch { feeds: feeds.to_vec(), reason: "looked through with pathology".into() }
}

fn admit(feed: &FeedName, up_to: Option<u64>) -> Intent {
    let up_to = up_to.map(EntryNumber);
    Intent::AdmitKept { feed: feed.clone(), up_to, reason: "checked against the ward".into() }
}

fn turn_away(entries: &[u64]) -> Intent {
    let entries = entries.iter().copied().map(EntryNumber).collect();
    Intent::TurnAway { entries, reason: "nobody sent these".into() }
}

fn decide(room: &ControlRoom, intent: Intent) {
    room.submit(intent, "Anna Bell", start()).unwrap();
    room.catch_up(&mut |_, _| {}).unwrap();
}

fn refusal(result: Result<control_room::Receipt, Refused>) -> Refusal {
    match result {
        Err(Refused::Refusal(refusal)) => refusal,
        other => panic!("{other:?}"),
    }
}

fn send(room: &ControlRoom, feed: &FeedName, n: u64, bed: u64) -> u64 {
    let message = adt("A01", &format!("H{n}"), n % 12, "Adeyemi", "AMU", &bed.to_string(), TIME);
    let receipt = receive(room, feed, &message, start().plus_seconds(n as i64)).unwrap();
    assert!(!receipt.duplicate);
    receipt.entry.0
}

fn waiting(room: &ControlRoom, feed: &FeedName) -> Vec<u64> {
    room.catch_up(&mut |_, _| {}).unwrap();
    let filter = ApartFilter { feed: Some(feed.clone()), ..ApartFilter::default() };
    room.kept_apart(&filter).unwrap().items.iter().map(|item| item.entry.0).collect()
}

fn turned_away(room: &ControlRoom) -> Vec<u64> {
    let filter = ApartFilter { turned_away: true, ..ApartFilter::default() };
    room.kept_apart(&filter).unwrap().items.iter().map(|item| item.entry.0).collect()
}

/// Everything that a room shows, the hatch with it.
fn all(room: &ControlRoom) -> String {
    let records = dump(room);
    let apart = room.kept_apart(&ApartFilter::default()).unwrap();
    let away = room.kept_apart(&ApartFilter { turned_away: true, ..ApartFilter::default() }).unwrap();
    format!("{records}{:?}\n{apart:?}\n{away:?}\n", room.hatch())
}

/// What is known of patients, wards and the tray; not the mode, which is the last line.
fn records(room: &ControlRoom) -> String {
    let text = dump(room);
    let mut lines: Vec<&str> = text.lines().collect();
    lines.pop();
    lines.join("\n")
}

fn rebuilt(dir: &Path) -> ControlRoom {
    ControlRoom::rebuild(two_feeds(dir), &keys(), clock(), &mut |_, _| {}).unwrap();
    ControlRoom::open_offline(two_feeds(dir), &keys(), clock()).unwrap()
}

fn balanced(room: &ControlRoom) {
    let t = room.totals();
    let there = t.understood + t.in_tray + t.cleared + t.kept_apart + t.turned_away;
    assert_eq!(t.received, there, "{t:?}");
}

#[test]
fn closing_stops_what_is_shown_while_messages_are_kept_and_acknowledged() {
    let dir = tempfile::tempdir().unwrap();
    let mut room = running(dir.path());
    send(&room, &pas(), 1, 1);
    decide(&room, close(&[]));
    let message = adt("A01", "H2", 2, "Okafor", "AMU", "2", TIME);
    let receipt = receive(&room, &pas(), &message, start().plus_seconds(600)).unwrap();
    for again in 0..2 {
        room.catch_up(&mut |_, _| {}).unwrap();
        assert_eq!(room.entry(receipt.entry).unwrap().unwrap().bytes, message, "kept, byte for byte");
        assert!(room.find("Okafor", 5).unwrap().matches.is_empty(), "and not shown");
        assert!(receive(&room, &pas(), &message, start().plus_seconds(601)).unwrap().duplicate);
        let hatch = room.hatch();
        let closed = hatch.closed.clone().unwrap();
        assert_eq!((closed.by.as_str(), closed.at, hatch.waiting), ("Anna Bell", start(), 1));
        assert_eq!(hatch.first, Some(start().plus_seconds(600)));
        assert!(hatch.all && hatch.feeds.len() == 2 && hatch.feeds.iter().all(|f| f.held));
        let board = room.feeds().into_iter().find(|b| b.name == pas()).unwrap();
        assert_eq!((board.kept_apart, board.queue, board.held), (1, 0, true));
        assert!(board.last_received > board.last_shown, "{board:?}");
        assert_eq!(board.shown_as_at(), Some(start().plus_seconds(1)), "no fresher than what is shown");
        let ward = WardKey { site: SiteId::new("Northgate").unwrap(), ward: WardId::new("AMU").unwrap() };
        let pack = room.ward_pack(&ward, start()).unwrap().unwrap();
        assert_eq!(pack.data_as_at, Some(start().plus_seconds(1)));
        let apart: Vec<String> = pack.apart.iter().map(|f| f.name.to_string()).collect();
        assert_eq!(apart, ["pas", "pathology"], "each sheet says whose news is missing");
        balanced(&room);
        if again == 0 {
            room.close();
            room = running(dir.path());
        }
    }
    // It speaks, so it is not silent.
    assert!(!room.feeds().iter().any(|b| b.name == pas() && b.silent), "{:?}", room.feeds());
}

/// A day on which the feed is closed and admitted again, or the same day on which it never was.
fn day(dir: &Path, closed: bool, planted: Option<Planted>) -> String {
    let room = match planted {
        Some(planted) => ControlRoom::open_planted(two_feeds(dir), &keys(), clock(), planted).unwrap(),
        None => running(dir),
    };
    let modes = [Mode::Standby, Mode::Downtime, Mode::Recovery, Mode::Normal];
    let mut at = 0;
    // Where one day decides about the hatch the other decides about the mode, so that entries have the same numbers.
    let mut decided = |intent: Intent| {
        let instead = Intent::SetMode { mode: modes[at % 4], reason: "drill".into() };
        at += 1;
        // A person decides about what they see.
        room.catch_up(&mut |_, _| {}).unwrap();
        decide(&room, if closed { intent } else { instead });
    };
    let mut n = 0;
    let mut sent = |count: u64| {
        let mut last = 0;
        for _ in 0..count {
            n += 1;
            // All at one time by the sender's clock: only the order says which bed is right.
            last = send(&room, &pas(), n, n);
        }
        last
    };
    sent(10);
    decided(close(&[]));
    let some = sent(20);
    sent(20);
    decided(admit(&pas(), Some(some)));
    sent(5);
    decided(open_again(&[pas()]));
    sent(5);
    decided(admit(&pas(), None));
    sent(5);
    if closed && planted.is_none() {
        assert!(!room.hatch().feed(&pas()).is_some_and(|f| f.held), "{:?}", room.hatch());
        assert!(room.hatch().feed(&lab()).is_some_and(|f| f.held), "the other stays closed");
    }
    balanced(&room);
    let shown = records(&room);
    room.close();
    shown
}

#[test]
fn admitted_in_order_it_is_as_if_the_hatch_had_never_been_closed() {
    let dirs: Vec<_> = (0..3).map(|_| tempfile::tempdir().unwrap()).collect();
    let never = day(dirs[0].path(), false, None);
    assert_same(&never, &day(dirs[1].path(), true, None), "closed and admitted");
    assert_same(&never, &records(&rebuilt(dirs[1].path())), "and rebuilt");
    let planted = day(dirs[2].path(), true, Some(Planted::AdmitsBackwards));
    assert_ne!(never, planted, "the planted bug was not caught: the newest was admitted first");
}

#[test]
fn what_was_turned_away_is_never_applied_also_after_a_rebuild() {
    let dir = tempfile::tempdir().unwrap();
    let room = running(dir.path());
    send(&room, &pas(), 1, 1);
    decide(&room, close(&[pas()]));
    let good = send(&room, &pas(), 2, 2);
    let bad = receive(&room, &pas(), &adt("A01", "BAD", 66, "Forged", "AMU", "6", TIME), start()).unwrap();
    let last = send(&room, &pas(), 3, 3);
    assert_eq!(waiting(&room, &pas()), [good, bad.entry.0, last]);
    assert_eq!(refusal(room.submit(turn_away(&[]), "AB", start())), Refusal::NoneChosen);
    let blank = Intent::TurnAway { entries: vec![bad.entry], reason: "  ".into() };
    assert_eq!(refusal(room.submit(blank, "AB", start())), Refusal::HatchReasonMissing);
    decide(&room, turn_away(&[bad.entry.0]));
    let again = refusal(room.submit(turn_away(&[bad.entry.0]), "AB", start()));
    assert_eq!(again, Refusal::NotKeptApart(bad.entry));
    decide(&room, open_again(&[]));
    decide(&room, admit(&pas(), None));
    let nothing = refusal(room.submit(admit(&pas(), None), "AB", start()));
    assert_eq!(nothing, Refusal::NothingKeptApart(pas()));
    let check = |room: &ControlRoom| {
        assert!(room.find("Forged", 5).unwrap().matches.is_empty());
        assert_eq!((waiting(room, &pas()), turned_away(room)), (vec![], vec![bad.entry.0]));
        let item = room.apart_item(bad.entry).unwrap().unwrap();
        let away = item.turned_away.unwrap();
        assert_eq!((away.by.as_str(), away.reason.as_str()), ("Anna Bell", "nobody sent these"));
        assert!(room.entry(bad.entry).unwrap().is_some(), "it stays in the book");
        assert_eq!((room.totals().understood, room.totals().turned_away), (3, 1));
        balanced(room);
    };
    check(&room);
    // The sender sends it again: it is the same message, and stays away.
    let message = adt("A01", "BAD", 66, "Forged", "AMU", "6", TIME);
    assert!(receive(&room, &pas(), &message, start()).unwrap().duplicate);
    let whats: Vec<HatchWhat> = room.hatch().deeds.iter().map(|deed| deed.what).collect();
    use HatchWhat::{Admitted, Closed, Opened, TurnedAway};
    assert_eq!(whats, [Admitted, Opened, TurnedAway, Closed]);
    let live = all(&room);
    room.close();
    let rebuilt = rebuilt(dir.path());
    check(&rebuilt);
    assert_same(&live, &all(&rebuilt), "rebuilt");
}

#[test]
fn an_opened_feed_flows_only_when_nothing_older_waits() {
    let dir = tempfile::tempdir().unwrap();
    let room = running(dir.path());
    decide(&room, close(&[]));
    assert_eq!(refusal(room.submit(close(&[pas()]), "AB", start())), Refusal::HatchClosedAlready);
    let first = send(&room, &pas(), 1, 1);
    let second = send(&room, &pas(), 2, 2);
    decide(&room, open_again(&[]));
    assert_eq!(refusal(room.submit(open_again(&[]), "AB", start())), Refusal::HatchOpenAlready);
    let third = send(&room, &pas(), 3, 3);
    send(&room, &lab(), 4, 4);
    assert_eq!(waiting(&room, &pas()), [first, second, third]);
    assert!(waiting(&room, &lab()).is_empty(), "nothing of it waited, so it flows");
    decide(&room, admit(&pas(), Some(second)));
    assert_eq!(waiting(&room, &pas()), [third]);
    let fourth = send(&room, &pas(), 5, 5);
    assert_eq!(waiting(&room, &pas()), [third, fourth]);
    decide(&room, turn_away(&[third, fourth]));
    send(&room, &pas(), 6, 6);
    assert!(waiting(&room, &pas()).is_empty() && room.hatch().idle(), "{:?}", room.hatch());
    balanced(&room);
    let live = all(&room);
    room.close();
    assert_same(&live, &all(&rebuilt(dir.path())), "rebuilt");
}

#[test]
fn many_messages_are_admitted_in_pieces_that_say_how_far_they_are() {
    let dir = tempfile::tempdir().unwrap();
    let room = running(dir.path());
    decide(&room, close(&[pas()]));
    let message = |n: u64| {
        (adt("A01", &format!("M{n}"), n % 50, "Adeyemi", "AMU", &(n % 30).to_string(), TIME), start())
    };
    room.receive_batch(&pas(), (0..2_500).map(message).collect()).unwrap();
    decide(&room, open_again(&[]));
    let mut changes = room.follow();
    decide(&room, admit(&pas(), None));
    let mut pieces = 0;
    while changes.try_recv().is_ok() {
        pieces += 1;
    }
    assert!(pieces >= 3, "{pieces} pieces");
    assert_eq!((room.totals().understood, room.hatch().waiting), (2_500, 0));
    assert_eq!(room.hatch().deeds[0].messages, 2_500);
    let live = all(&room);
    room.close();
    assert_same(&live, &all(&rebuilt(dir.path())), "rebuilt");
}

/// What should be so, told by the rules alone and not by the program.
#[derive(Default)]
struct Expected {
    closed: BTreeMap<FeedName, bool>,
    waiting: BTreeMap<FeedName, Vec<u64>>,
    away: Vec<u64>,
    applied: u64,
}

impl Expected {
    fn message(&mut self, feed: &FeedName, entry: u64) {
        let waiting = self.waiting.entry(feed.clone()).or_default();
        if self.closed.get(feed).copied().unwrap_or(false) || !waiting.is_empty() {
            waiting.push(entry);
        } else {
            self.applied += 1;
        }
    }

    fn admitted(&mut self, feed: &FeedName, up_to: u64) {
        let waiting = self.waiting.entry(feed.clone()).or_default();
        let before = waiting.len();
        waiting.retain(|entry| *entry > up_to);
        self.applied += (before - waiting.len()) as u64;
    }

    fn wrong(&self, room: &ControlRoom) -> Vec<String> {
        let mut wrong = Vec::new();
        for feed in [pas(), lab()] {
            let (is, should) = (waiting(room, &feed), self.waiting.get(&feed).cloned().unwrap_or_default());
            if is != should {
                wrong.push(format!("of {feed} wait {is:?}, and should {should:?}"));
            }
        }
        let mut away = self.away.clone();
        away.sort_unstable();
        if turned_away(room) != away {
            wrong.push(format!("{:?} are turned away, and should be {away:?}", turned_away(room)));
        }
        let t = room.totals();
        if t.understood != self.applied || t.received != t.understood + t.kept_apart + t.turned_away {
            wrong.push(format!("{t:?}, and {} should be applied", self.applied));
        }
        wrong
    }
}

/// Messages of two feeds, closings, openings, admissions, restarts and lost indexes in any order, at any time of a clock
/// that jumps. Gives what is wrong.
fn schedule(dir: &Path, dice: &mut Dice, steps: u64, opened: &dyn Fn(&Path) -> ControlRoom) -> Vec<String> {
    let mut expected = Expected::default();
    let mut room = opened(dir);
    let elsewhere = tempfile::tempdir().unwrap();
    for n in 0..steps {
        let feed = if dice.below(3) == 0 { lab() } else { pas() };
        let feeds = [vec![], vec![feed.clone()], vec![pas(), lab()]][dice.below(3) as usize].clone();
        let concerned = if feeds.is_empty() { vec![pas(), lab()] } else { feeds.clone() };
        let at: Moment = start().plus_seconds(dice.below(100_000) as i64 - 50_000);
        match dice.below(20) {
            0..=11 => {
                let (mrn, bed) = (dice.below(15), dice.below(9).to_string());
                let message = adt("A01", &format!("{feed}{n}"), mrn, "Adeyemi", "AMU", &bed, TIME);
                expected.message(&feed, receive(&room, &feed, &message, at).unwrap().entry.0);
            }
            12 | 13 => {
                if room.submit(close(&feeds), "AB", at).is_ok() {
                    concerned.iter().for_each(|f| {
                        expected.closed.insert(f.clone(), true);
                    });
                }
            }
            14 => {
                if room.submit(open_again(&feeds), "AB", at).is_ok() {
                    concerned.iter().for_each(|f| {
                        expected.closed.insert(f.clone(), false);
                    });
                }
            }
            15 | 16 => {
                let there = waiting(&room, &feed);
                let up_to = there.get(dice.below(8) as usize).copied();
                let admitted = room.submit(admit(&feed, up_to), "AB", at);
                assert_eq!(admitted.is_ok(), !there.is_empty(), "{admitted:?} {there:?}");
                if let Ok(receipt) = admitted {
                    expected.admitted(&feed, up_to.unwrap_or(receipt.entry.0));
                }
            }
            17 => {
                let there = waiting(&room, &feed);
                if let Some(entry) = there.get(dice.below(4) as usize) {
                    room.submit(turn_away(&[*entry]), "AB", at).unwrap();
                    expected.away.push(*entry);
                    expected.waiting.entry(feed.clone()).or_default().retain(|e| e != entry);
                }
            }
            18 => {
                drop(std::mem::replace(&mut room, offline(elsewhere.path())));
                room = opened(dir);
            }
            _ => {
                drop(std::mem::replace(&mut room, offline(elsewhere.path())));
                if dice.below(3) == 0 {
                    std::fs::remove_dir_all(dir.join("index")).unwrap();
                }
                room = opened(dir);
            }
        }
    }
    let mut wrong = expected.wrong(&room);
    let live = all(&room);
    room.close();
    let rebuilt = rebuilt(dir);
    if live != all(&rebuilt) {
        wrong.push("the live index differs from a rebuilt one".into());
    }
    wrong.extend(expected.wrong(&rebuilt).into_iter().map(|w| format!("rebuilt: {w}")));
    wrong
}

#[test]
fn a_rebuild_equals_the_live_index_whatever_was_closed_and_admitted() {
    let first = seed();
    for day in 0..if torture() { 60 } else { 6 } {
        let dir = tempfile::tempdir().unwrap();
        let mut dice = Dice(first + day);
        let steps = 60 + dice.below(80);
        let wrong = schedule(dir.path(), &mut dice, steps, &running);
        assert!(wrong.is_empty(), "seed {}: {wrong:#?}", first + day);
    }
}

#[test]
fn a_hatch_that_opens_by_itself_at_a_restart_is_caught() {
    let forgetful = |dir: &Path| {
        let planted = Planted::ForgetsTheHatch;
        ControlRoom::open_planted(two_feeds(dir), &keys(), clock(), planted).unwrap()
    };
    let first = seed();
    let caught = (0..20).any(|day| {
        let dir = tempfile::tempdir().unwrap();
        let play = || schedule(dir.path(), &mut Dice(first + day), 80, &forgetful);
        // Its own board may contradict itself so that the play stops: that is caught too.
        std::panic::catch_unwind(std::panic::AssertUnwindSafe(play)).map_or(true, |wrong| !wrong.is_empty())
    });
    assert!(caught, "the planted bug was not caught");
}

fn on(dir: &Path, disk: impl Disk + 'static) -> Result<ControlRoom, control_room::Fault> {
    ControlRoom::open_on(two_feeds(dir), &keys(), clock(), Arc::new(disk))
}

#[test]
fn on_a_full_disk_the_hatch_closes_at_once_and_is_recorded_before_any_message() {
    let dir = tempfile::tempdir().unwrap();
    let quota = QuotaDisk::new(Arc::new(RealDisk), 8_000);
    let room = on(dir.path(), quota.clone()).unwrap();
    let message = |n: u64| adt("A01", &format!("D{n}"), n, "Adeyemi", "AMU", &n.to_string(), TIME);
    let kept = (0..200).take_while(|n| receive(&room, &pas(), &message(*n), start()).is_ok()).count() as u64;
    assert!(kept > 0 && kept < 200, "{kept}: the disk was never full");
    // Until not even a few bytes find room.
    let crumb = |n: u64| receive(&room, &pas(), format!("crumb {n}").as_bytes(), start());
    assert!((0..500).any(|n| crumb(n).is_err()));
    let Err(Refused::Fault(fault)) = room.submit(close(&[]), "Anna Bell", start()) else {
        panic!("recorded")
    };
    assert!(fault.disk_full(), "{fault}");
    let hatch = room.hatch();
    let pressed = hatch.not_recorded.clone().unwrap();
    assert_eq!((pressed.closing.by.as_str(), hatch.all), ("Anna Bell", true));
    assert!(room.feeds().iter().all(|b| b.held), "closed in memory, and every page says so");
    quota.set_room(10 << 20);
    // Nothing comes in before the closing is in the book; once there is room it goes there by itself, or with the next
    // decision.
    let mode = || Intent::SetMode { mode: Mode::Downtime, reason: "attack".into() };
    let recorded = (0..1_000).find_map(|_| room.submit(mode(), "AB", start()).ok());
    assert!(recorded.is_some(), "with room again nothing is recorded: {:?}", room.status());
    assert!(room.hatch().not_recorded.is_none() && room.hatch().closed.is_some());
    receive(&room, &pas(), &message(900), start()).unwrap();
    assert_eq!(waiting(&room, &pas()).len(), 1);
    assert_eq!(room.totals().understood, kept, "what was kept before the closing is shown");
    let live = all(&room);
    room.close();
    assert_same(&live, &all(&rebuilt(dir.path())), "rebuilt");
}

#[test]
fn with_the_record_frozen_the_hatch_closes_in_memory_and_says_that_it_is_not_recorded() {
    let mut tried = 0;
    for call in 0..60 {
        let dir = tempfile::tempdir().unwrap();
        let mishap = Mishap { call, only: Some(Op::Sync), errno: 5, landed: false, lies: false };
        let Ok(room) = on(dir.path(), FaultyDisk::new(Arc::new(RealDisk), mishap)) else { continue };
        let message = |n: u64| adt("A01", &format!("F{n}"), n, "Adeyemi", "AMU", &n.to_string(), TIME);
        let kept = (0..30).take_while(|n| receive(&room, &pas(), &message(*n), start()).is_ok()).count();
        if kept == 30 || kept == 0 || !matches!(room.status().recording, Recording::Frozen { .. }) {
            continue;
        }
        tried += 1;
        let refused = room.submit(close(&[]), "Anna Bell", start());
        assert!(matches!(&refused, Err(Refused::Fault(fault)) if fault.frozen()), "{refused:?}");
        assert!(room.hatch().not_recorded.is_some() && room.hatch().closed.is_some());
        assert!(receive(&room, &pas(), &message(99), start()).is_err(), "nothing comes in behind its back");
        // A press too many: it can be taken back.
        assert!(matches!(room.submit(open_again(&[]), "Anna Bell", start()), Err(Refused::Fault(_))));
        assert!(room.hatch().idle(), "{:?}", room.hatch());
        room.close();
        let room = running(dir.path());
        let live = all(&room);
        room.close();
        assert_same(&live, &all(&rebuilt(dir.path())), "started again");
        if tried == 3 {
            break;
        }
    }
    assert!(tried > 0, "the record never froze");
}

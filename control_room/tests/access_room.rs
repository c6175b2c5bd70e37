//! Access behind the real door: signing in and out, restarts, broken glass that is on the disk before anything shows (test
//! 28 of RELIABILITY.md), looks that cannot be written, and the privacy officer's search.

use crate::common::{clock, keys, setup};
use crate::full_for_one_book::FullFor;
use access::alarms::Alarm;
use access::break_glass::{Intent as Glass, Reason};
use access::devices::{DeviceKey, DeviceKind};
use access::looks::{Deed, LOOK, Limits, Look, Question};
use access::people::{Account, Place, Scope, Spot};
use access::rights::{Answer, Right};
use access::secrets::Typed;
use access::sign_in::credentials::{self, INVITATION};
use access::sign_in::passphrase::{Costs, Stored};
use access::sign_in::{Attempt, cards};
use access::{By, Patient, Role, StaffNumber};
use basics::{EntryNumber, Moment, Person, SiteId, WardId};
use control_room::{
    AccessRefused, AccessRoom, AccessSetup, AtDoor, ControlRoom, HistoryWithin, Kept, NotIn, Setup, SignedIn,
    Visit, Visitor,
};
use logbook::trial_disks::{Dice, PowerCutDisk};
use logbook::{Disk, Reader, RealDisk};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tempfile::TempDir;

const WARD_ADDRESS: &str = "10.1.4.7";
const PASSPHRASE: &str = "rivet lantern opal drum";

/// A house with its people.
struct House {
    room: ControlRoom,
    now: Moment,
    dir: TempDir,
}

fn trial_setup(dir: &Path) -> Setup {
    let access = AccessSetup { costs: Costs::TRIAL, ..AccessSetup::default() };
    Setup { access, ..setup(dir) }
}

fn number(n: &str) -> StaffNumber {
    StaffNumber::new(n).unwrap()
}

fn staff(n: &str) -> By {
    By::Staff(number(n))
}

fn amu() -> Place {
    Place { site: SiteId::new("Northgate General").unwrap(), ward: WardId::new("AMU") }
}

fn spot(ward: &str) -> Spot {
    Spot::Ward(SiteId::new("Northgate General").unwrap(), WardId::new(ward).unwrap())
}

fn account(name: &str, role: Role, scope: Scope) -> Account {
    Account {
        name: Person::new(name).unwrap(),
        roles: [role].into(),
        scope,
        contact: "ext 4021".to_owned(),
        valid_until: None,
        temporary: false,
    }
}

fn terminal() -> DeviceKey {
    AccessRoom::device_of("the cookie of AMU terminal 3")
}

fn door() -> AtDoor {
    AtDoor { device: terminal(), from: WARD_ADDRESS.to_owned(), in_place_of: None }
}

impl House {
    fn open() -> Self {
        Self::open_on(Arc::new(RealDisk))
    }

    fn open_on(disk: Arc<dyn Disk>) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let now = Moment::parse_rfc3339("2026-05-12T08:00:00Z").unwrap();
        let room = ControlRoom::open_on(trial_setup(dir.path()), &keys(), clock(), disk).unwrap();
        Self { room, now, dir }
    }

    fn access(&self) -> &AccessRoom {
        self.room.access()
    }

    /// An administrator, a nurse on AMU, a privacy officer, and a ward terminal.
    fn with_people(self) -> Self {
        use access::people::Intent::{Begin, Join};
        let access = self.access();
        let first = account("Alex Rowe", Role::Administrator, Scope::Trust);
        access.submit(Begin { number: number("A1"), account: first }, &By::Lifeboat, self.now).unwrap();
        for (n, name, role, scope) in [
            ("N1", "Anna Bell", Role::WardClinician, Scope::Places(vec![amu()])),
            ("N2", "Omar Reed", Role::WardClinician, Scope::Places(vec![amu()])),
            ("E1", "Eve Dale", Role::EdCoordinator, Scope::Trust),
            ("C1", "Cora Lane", Role::ControlRoom, Scope::Trust),
            ("P1", "Petra Voss", Role::PrivacyOfficer, Scope::Trust),
        ] {
            let join = Join { number: number(n), account: account(name, role, scope) };
            access.submit(join, &staff("A1"), self.now).unwrap();
        }
        let (label, kind) = ("AMU terminal 3".to_owned(), DeviceKind::Terminal);
        let enrol = access::devices::Intent::Enrol {
            device: terminal(),
            label,
            kind,
            place: Some(amu()),
            owner: None,
        };
        access.submit(enrol, &staff("A1"), self.now).unwrap();
        self
    }

    /// Invites somebody, who signs in by it and takes a passphrase and recovery codes.
    fn sets_up(&self, n: &str) -> Vec<String> {
        let access = self.access();
        let code = access.fresh_code().unwrap();
        let invite = credentials::Intent::Invite {
            people: vec![(number(n), code.hashed(INVITATION))],
            until: self.now.plus_seconds(86_400),
        };
        let by = if n == "A1" { By::Lifeboat } else { staff("A1") };
        access.submit(invite, &by, self.now).unwrap();
        let attempt = Attempt::Invitation { number: number(n), code: Typed::new(code.printed().as_str()) };
        let signed = access.sign_in(&attempt, &door(), self.now).unwrap();
        assert!(self.visitor(&signed).newcomer);
        let stored =
            Stored::new(&Typed::new(PASSPHRASE), access.fresh_salt().unwrap(), access.costs()).unwrap();
        access
            .submit(credentials::Intent::SetPassphrase { number: number(n), stored }, &staff(n), self.now)
            .unwrap();
        let codes: Vec<_> = (0..10).map(|_| access.fresh_code().unwrap()).collect();
        let kept = codes.iter().map(|code| code.hashed(credentials::RECOVERY)).collect();
        let make = credentials::Intent::MakeRecoveryCodes { number: number(n), codes: kept };
        access.submit(make, &staff(n), self.now).unwrap();
        codes.iter().map(|code| code.printed().to_string()).collect()
    }

    fn signs_in(&self, n: &str, code: &str) -> SignedIn {
        self.access().sign_in(&recovery(n, code), &door(), self.now).unwrap()
    }

    fn visit(&self, signed: &SignedIn) -> Visit {
        let session = AccessRoom::session_of(signed.token.as_str());
        self.access().visit(&session, &terminal(), WARD_ADDRESS, self.now)
    }

    fn visitor(&self, signed: &SignedIn) -> Visitor {
        match self.visit(signed) {
            Visit::In(visitor) => *visitor,
            other => panic!("{other:?}"),
        }
    }

    /// Closed and opened again.
    fn again(self) -> Self {
        let Self { room, now, dir } = self;
        room.close();
        let room = ControlRoom::open_offline(trial_setup(dir.path()), &keys(), clock()).unwrap();
        Self { room, now, dir }
    }
}

fn recovery(n: &str, code: &str) -> Attempt {
    Attempt::Recovery { number: number(n), passphrase: Typed::new(PASSPHRASE), code: Typed::new(code) }
}

fn look(n: &str, patient: u64, broken: Option<u32>) -> Look {
    Look {
        who: number(n),
        patients: vec![Patient(patient)],
        deed: Deed::Looked,
        address: "/patients/{key}".to_owned(),
        device: terminal(),
        from: WARD_ADDRESS.to_owned(),
        broken,
    }
}

fn breaks(patient: u64) -> Glass {
    Glass::Break {
        patient: Patient(patient),
        place: None,
        reason: Reason::Emergency,
        words: "collapsed in the corridor, treating now".to_owned(),
        device: terminal(),
        from: WARD_ADDRESS.to_owned(),
    }
}

#[test]
fn somebody_gets_in_is_known_at_each_request_and_still_is_after_a_restart() {
    let house = House::open().with_people();
    let codes = house.sets_up("N1");
    let signed = house.signs_in("N1", &codes[0]);
    let visitor = house.visitor(&signed);
    assert_eq!((visitor.account.name.as_str(), visitor.newcomer), ("Anna Bell", false));
    let before = house.access().read(Clone::clone);
    let house = house.again();
    assert_eq!(house.access().read(Clone::clone), before, "the book gives the same picture");
    assert_eq!(house.visitor(&signed).number, number("N1"));
    // Used once, whatever was restarted.
    assert!(matches!(
        house.access().sign_in(&recovery("N1", &codes[0]), &door(), house.now),
        Err(NotIn::Said(_))
    ));
    let by = house.visitor(&signed).by();
    house
        .access()
        .submit(access::sessions::Intent::SignOut { session: signed.session }, &by, house.now)
        .unwrap();
    assert!(matches!(house.visit(&signed), Visit::Out(Some(_))));
}

#[test]
fn a_session_shown_elsewhere_is_out_at_once_for_both() {
    let house = House::open().with_people();
    let codes = house.sets_up("N1");
    let signed = house.signs_in("N1", &codes[0]);
    let thief = AccessRoom::device_of("a thief's cookie");
    let Visit::Out(Some(words)) = house.access().visit(&signed.session, &thief, "203.0.113.9", house.now)
    else {
        panic!("the thief is in")
    };
    assert!(words.contains("belongs to another device"), "{words}");
    let Visit::Out(Some(words)) = house.visit(&signed) else { panic!("it was not ended") };
    assert!(words.contains("203.0.113.9"), "{words}");
    let raised = house.access().read(|book| book.alarms.newest().next().cloned()).unwrap();
    assert!(matches!(raised.alarm, Alarm::SessionElsewhere { .. }), "{raised:?}");
}

#[test]
fn what_is_revoked_is_told_to_followers_and_counts_at_the_next_request() {
    let house = House::open().with_people();
    let codes = house.sets_up("N1");
    let signed = house.signs_in("N1", &codes[0]);
    let mut follow = house.access().follow();
    let what = access::sessions::Revoke::Device(terminal());
    let revoke = access::sessions::Intent::Revoke { what, why: "stolen".to_owned() };
    let entry = house.access().submit(revoke, &staff("A1"), house.now).unwrap();
    assert_eq!(follow.try_recv().unwrap().entry, entry);
    assert!(matches!(house.visit(&signed), Visit::Out(Some(_))));
}

#[test]
fn a_screen_left_alone_is_opened_again_by_the_passphrase_and_guesses_wait() {
    let mut house = House::open().with_people();
    let codes = house.sets_up("N1");
    let signed = house.signs_in("N1", &codes[0]);
    house.now = house.now.plus_seconds(1_200);
    assert!(matches!(house.visit(&signed), Visit::Locked { .. }));
    let resume = |typed: &str| house.access().resume(signed.session, &Typed::new(typed), &door(), house.now);
    assert!(matches!(resume("somebody else's words"), Err(NotIn::Said(_))));
    resume(PASSPHRASE).unwrap();
    house.visitor(&signed);
    // Somebody who sits down at the terminal and guesses has to wait after a while.
    let mut waits = 0;
    for guess in 0..40 {
        match house.access().resume(
            signed.session,
            &Typed::new(format!("a guess {guess}")),
            &door(),
            house.now,
        ) {
            Err(NotIn::Wait(wait)) => {
                assert!(wait.to_string().contains("nothing is locked"), "{wait}");
                waits += 1;
            }
            Err(NotIn::Said(_)) => {}
            other => panic!("{other:?}"),
        }
    }
    assert!(waits >= 25, "{waits}");
}

#[test]
fn a_card_shown_twice_is_alarmed_by_the_room_itself() {
    let house = House::open().with_people();
    let access = house.access();
    let holder = cards::Holder {
        number: number("T7"),
        name: Person::new("Tess Vane").unwrap(),
        roles: [Role::WardClinician].into(),
        scope: Scope::Places(vec![amu()]),
        contact: "agency".to_owned(),
    };
    let ask = cards::Intent::Ask { holder, shift_ends: house.now.plus_seconds(8 * 3_600) };
    access.submit(ask, &staff("E1"), house.now).unwrap();
    let secret = access.fresh_secret().unwrap();
    let pin = Stored::new(&Typed::new("40718263"), access.fresh_salt().unwrap(), access.costs()).unwrap();
    let issue = cards::Intent::Issue { card: 1, secret: cards::hashed(&secret), pin };
    access.submit(issue, &staff("C1"), house.now).unwrap();
    let shown =
        Attempt::Card { text: Typed::new(cards::qr_text(&secret).as_str()), pin: Typed::new("40718263") };
    access.sign_in(&shown, &door(), house.now).unwrap();
    let Err(NotIn::Said(words)) = access.sign_in(&shown, &door(), house.now.plus_seconds(600)) else {
        panic!()
    };
    assert!(words.contains("used already") && words.contains("AMU terminal 3"), "{words}");
    let raised = access.read(|book| book.alarms.newest().next().cloned()).unwrap();
    assert!(matches!(raised.alarm, Alarm::CardShownAgain { card: 1, .. }), "{raised:?}");
}

/// What a patient's page does: asks, breaks the glass, asks again, records the look, and shows.
fn shows_by_glass(house: &House, visitor: &Visitor) -> Result<bool, String> {
    let access = house.access();
    let page = (Right::Look, "/patients/{key}");
    let there = (&spot("ITU"), Some(Patient(17)));
    let asked = |at| access.may(Some(visitor), page, there, at);
    assert!(matches!(asked(house.now), Answer::NeedsBreakGlass(_)));
    access.submit(breaks(17), &visitor.by(), house.now).map_err(|refused| refused.to_string())?;
    let Answer::Allowed { broken: Some(number) } = asked(house.now) else {
        return Err("still shut".to_owned());
    };
    let kept = access.look(look("N1", 17, Some(number)), house.now)?;
    Ok(kept == Kept::Yes)
}

/// Whether the broken glass, and the look by it, are in the books of this image of the disk.
fn on_disk(image: &BTreeMap<PathBuf, Vec<u8>>, dir: &Path) -> (bool, bool) {
    let disk: Arc<dyn Disk> = Arc::new(PowerCutDisk::holding(image));
    let read = |name| Reader::open(&ControlRoom::book_dir(dir), &name, &keys(), disk.clone()).unwrap();
    let mut acts = read(AccessRoom::book_name()).read_from(EntryNumber(1)).map_while(Result::ok);
    let glass = acts.any(|entry| {
        let act = access::codec::read(entry.number, entry.kind, &entry.body).unwrap();
        act.facts.iter().any(|fact| matches!(fact, access::Fact::BreakGlass(_)))
    });
    let mut looks = read(AccessRoom::looks_book_name()).read_from(EntryNumber(1)).map_while(Result::ok);
    let look = looks.any(|entry| {
        entry.kind == LOOK && access::looks::read(entry.number, LOOK, &entry.body).unwrap().broken == Some(1)
    });
    (glass, look)
}

#[test]
fn broken_glass_is_on_the_disk_before_the_page_shows() {
    let seed = crate::common::seed();
    for round in 0..if crate::common::torture() { 200 } else { 8 } {
        let disk = PowerCutDisk::new();
        let house = House::open_on(Arc::new(disk.clone())).with_people();
        let codes = house.sets_up("N1");
        let visitor = house.visitor(&house.signs_in("N1", &codes[0]));
        let before = disk.calls();
        assert_eq!(shows_by_glass(&house, &visitor), Ok(true));
        let shown = disk.calls();
        let dir = house.dir.path().to_owned();
        drop(house);
        let mut dice = Dice::new(seed.wrapping_add(round));
        // From the instant at which the page showed, whenever the plug is pulled, both are there.
        for calls in [shown, (shown + disk.calls()) / 2, disk.calls()] {
            let found = on_disk(&disk.image(calls, &mut dice, false), &dir);
            assert_eq!(found, (true, true), "power cut after call {calls}, seed {seed}, round {round}");
        }
        // Planted: a page that shows before, and a disk that lies about syncs, are found.
        assert_eq!(on_disk(&disk.image(before, &mut dice, false), &dir), (false, false));
        let lied =
            (0..40).any(|_| on_disk_or_torn(&disk.image(shown, &mut dice, true), &dir) != (true, true));
        assert!(lied, "a disk that lies was not noticed");
    }
}

/// As [`on_disk`]; a book that does not even open is not there.
fn on_disk_or_torn(image: &BTreeMap<PathBuf, Vec<u8>>, dir: &Path) -> (bool, bool) {
    std::panic::catch_unwind(|| on_disk(image, dir)).unwrap_or((false, false))
}

#[test]
fn glass_that_cannot_be_recorded_stays_shut() {
    let closed = Arc::new(AtomicBool::new(false));
    let house = House::open_on(Arc::new(FullFor { book: "access", full: closed.clone() })).with_people();
    let codes = house.sets_up("N1");
    let visitor = house.visitor(&house.signs_in("N1", &codes[0]));
    closed.store(true, Ordering::SeqCst);
    let words = shows_by_glass(&house, &visitor).unwrap_err();
    assert!(words.contains("disk is full"), "{words}");
    let answer = house.access().may(
        Some(&visitor),
        (Right::Look, "/patients/{key}"),
        (&spot("ITU"), Some(Patient(17))),
        house.now,
    );
    assert!(matches!(answer, Answer::NeedsBreakGlass(_)));
    // Who is in stays in, and their own ward is open to them.
    assert!(
        house
            .access()
            .may(Some(&visitor), (Right::Look, "/patients/{key}"), (&spot("AMU"), None), house.now)
            .allowed()
    );
}

#[test]
fn reading_goes_on_when_looks_cannot_be_written_and_exports_stop() {
    let full = Arc::new(AtomicBool::new(false));
    let house = House::open_on(Arc::new(FullFor { book: "looks", full: full.clone() })).with_people();
    let codes = house.sets_up("N1");
    let visitor = house.visitor(&house.signs_in("N1", &codes[0]));
    let access = house.access();
    // By broken glass, for that one is on the disk when it returns.
    assert_eq!(access.look(look("N1", 3, Some(7)), house.now), Ok(Kept::Yes));
    full.store(true, Ordering::SeqCst);
    // Broken glass is sealed in its own book; the look by it is marked.
    assert_eq!(shows_by_glass(&house, &visitor), Ok(false));
    let Ok(Kept::No(words)) = access.look(look("N1", 4, None), house.now) else { panic!() };
    assert!(words.contains("Go on caring") && words.contains("disk is full"), "{words}");
    let export = Look { deed: Deed::Exported, ..look("N1", 4, None) };
    let words = access.look(export.clone(), house.now).unwrap_err();
    assert!(words.contains("Nothing can be exported now"), "{words}");
    assert!(access.looks_state().words().is_some());
    let first = access.read(|book| book.alarms.newest().next().cloned()).unwrap();
    assert!(matches!(first.alarm, Alarm::LooksNotKept { count: 1, .. }), "{first:?}");
    // There is room again: what was lost is counted and sealed, and exports go on.
    full.store(false, Ordering::SeqCst);
    let later = house.now.plus_seconds(600);
    access.look(export, later).unwrap();
    assert_eq!(access.looks_state().words(), None);
    let last = access.read(|book| book.alarms.newest().next().cloned()).unwrap();
    let Alarm::LooksNotKept { count, since, .. } = last.alarm else { panic!("{last:?}") };
    assert!((1..=2).contains(&count) && since == house.now, "{count}");
    assert_eq!(access.look(look("N1", 5, None), later), Ok(Kept::Yes));
}

#[test]
fn a_book_of_looks_that_does_not_open_closes_no_ward() {
    let house = House::open().with_people();
    let codes = house.sets_up("N1");
    for patient in 0..5 {
        assert_eq!(house.access().look(look("N1", patient, Some(1)), house.now), Ok(Kept::Yes));
    }
    let House { room, now, dir } = house;
    room.close();
    let book = ControlRoom::book_dir(dir.path());
    let segments = std::fs::read_dir(&book).unwrap().map(|e| e.unwrap().path());
    let looks: Vec<PathBuf> =
        segments.filter(|p| p.file_name().unwrap().to_string_lossy().starts_with("looks-")).collect();
    assert_eq!(looks.len(), 1);
    std::fs::write(&looks[0], b"nothing that was ever a book").unwrap();
    let room = ControlRoom::open_offline(trial_setup(dir.path()), &keys(), clock()).unwrap();
    let house = House { room, now, dir };
    let Ok(Kept::No(words)) = house.access().look(look("N1", 7, None), house.now) else { panic!() };
    assert!(words.contains("looks-"), "the file is named: {words}");
    let export = Look { deed: Deed::Exported, ..look("N1", 7, None) };
    assert!(house.access().look(export, house.now).is_err());
    house.signs_in("N1", &codes[0]);
    assert!(
        house
            .access()
            .search_looks(&staff("P1"), &Question::default(), None, (Limits::PAGE, house.now))
            .is_err()
    );
}

#[test]
fn the_privacy_officer_finds_who_saw_whom_the_newest_first_and_nobody_else_does() {
    let house = House::open().with_people();
    let access = house.access();
    for n in 0..5_000u64 {
        let who = if n % 7 == 0 { "N2" } else { "N1" };
        access.look(look(who, n % 50, None), house.now.plus_seconds(n as i64)).unwrap();
    }
    // The last one waits for the disk, and so for all before it.
    access.look(look("N2", 3, Some(9)), house.now.plus_seconds(5_000)).unwrap();
    let ask = |who: &str, question: &Question, before, limits| {
        access.search_looks(&staff(who), question, before, (limits, house.now))
    };
    let about = Question { patient: Some(Patient(3)), ..Question::default() };
    for who in ["A1", "C1", "N1"] {
        let refused = ask(who, &about, None, Limits::PAGE).unwrap_err();
        assert!(matches!(&refused, AccessRefused::NotYours(_)), "{refused}");
        assert!(refused.to_string().contains("Petra Voss"), "{refused}");
    }
    let all = ask("P1", &about, None, Limits::PAGE).unwrap();
    assert_eq!((all.found.len(), all.scanned, all.earlier), (101, 5_001, None));
    assert_eq!((all.found[0].entry, all.found[0].look.broken), (EntryNumber(5_001), Some(9)));
    assert!(all.found.windows(2).all(|two| two[0].entry > two[1].entry));
    // In pieces: the same, and each within its limits.
    let (mut pieces, mut before) = (Vec::new(), None);
    loop {
        let piece = ask("P1", &about, before, Limits { scanned_max: 700, found_max: 9 }).unwrap();
        assert!(piece.scanned <= 700 && piece.found.len() <= 9);
        pieces.extend(piece.found);
        match piece.earlier {
            Some(earlier) => before = Some(earlier),
            None => break,
        }
    }
    assert_eq!(pieces, all.found);
    access.submit(breaks(3), &staff("N2"), house.now.plus_seconds(5_000)).unwrap();
    let rate = access.glass_rate(100_000, house.now.plus_seconds(5_001)).unwrap();
    assert_eq!((rate.broken, rate.looks), (1, 5_001));
    assert_eq!(rate.words(), "0.1 per 1,000 views (1 of 5001)");
    let days = access.glass_rates_by_day(100_000, house.now.plus_seconds(5_001)).unwrap();
    let sum = |of: fn(&access::break_glass::Rate) -> u64| days.iter().map(|(_, rate)| of(rate)).sum::<u64>();
    assert_eq!((sum(|r| r.broken), sum(|r| r.looks)), (rate.broken, rate.looks));
}

#[test]
fn a_hospitals_own_rights_are_used_and_with_a_fault_the_shipped_ones() {
    let house = House::open();
    let folder = house.dir.path().join("forms/access");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("rights.txt"), "PAGES all\nlook: IT\ndo: nobody\n/feeds\n").unwrap();
    let house = house.again();
    assert_eq!(house.access().forms.faults, Vec::<String>::new());
    assert_eq!(house.access().forms.rights.groups().len(), 1);
    std::fs::write(folder.join("rights.txt"), "PAGES all\nlook: king\ndo: nobody\n/feeds\n").unwrap();
    let house = house.again();
    let faults = &house.access().forms.faults;
    assert!(faults[0].contains("rights.txt, line 2: “king” is no role"), "{faults:?}");
    assert!(house.access().forms.rights.group("/wards").is_some(), "the shipped ones stand in");
}

#[test]
fn what_became_of_an_account_is_read_back_the_newest_first_and_from_outside_too() {
    let house = House::open().with_people();
    house.sets_up("N1");
    let (access, n1) = (house.access(), number("N1"));
    let within = HistoryWithin { scanned_max: 1_000, shown_max: 50 };
    let (told, whole) = access.history(&n1, within).unwrap();
    let words: Vec<&str> = told.iter().flat_map(|told| told.words.iter().map(String::as_str)).collect();
    assert!(whole, "{words:?}");
    assert!(words.last().unwrap().starts_with("Opened: Anna Bell, ward clinician"), "{words:?}");
    assert_eq!(words.first(), Some(&"Recovery codes made"), "{words:?}");
    assert!(words.iter().any(|w| w.starts_with("Signed in by invitation")), "{words:?}");
    assert!(!words.join(" ").contains("Omar"), "{words:?}");
    let (two, whole) = access.history(&n1, HistoryWithin { shown_max: 2, ..within }).unwrap();
    assert_eq!((two.as_slice(), whole), (&told[..2], false));
    // Beside the room that writes it.
    let seen = AccessRoom::look_at(house.dir.path(), &keys()).unwrap();
    assert_eq!(seen.people.len(), access.read(|book| book.people.len()));
}

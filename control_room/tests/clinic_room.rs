//! Clinics behind the real door: lists by day, the systems board, merges, restarts, two who decide at once, plans, notices.

use basics::{Clock, EntryNumber, FeedName, FixedClock, Moment, PartialDate, Person, SiteId};
use care::clinics::wanted::{Decisions, Rebooking, Telling};
use care::clinics::{Choice, Considered, NoticeState, Place};
use care::notices::{Channel, Gateways};
use control_room::{
    BookingRow, ClinicRefused, ClinicSetup, ClinicWhatIf, ControlRoom, FeedSetup, Ground, ListName,
    Postponed, Setup, SiteContact,
};
use incident::systems::{Listing, SystemState};
use logbook::Keys;
use std::sync::Arc;
use tempfile::TempDir;

const REAL: Ground = Ground::Real;

/// A trust that holds its clinics on 13 May 2026.
struct House {
    room: ControlRoom,
    now: Moment,
    dir: TempDir,
}

fn person(name: &str) -> Person {
    Person::new(name).unwrap()
}

fn day() -> PartialDate {
    PartialDate::parse_iso("2026-05-13").unwrap()
}

fn name(list: &str) -> ListName {
    ListName { day: day(), site: SiteId::new("Northgate General"), list: list.to_owned() }
}

/// SIU of a booking; `at` on 13 May, `pid` what PID-3 says, `more` fields of the person.
fn siu(
    trigger: &str,
    control: u32,
    id: &str,
    at: &str,
    clinic: &str,
    reason: &str,
    (mrn, family, phone): (&str, &str, &str),
) -> String {
    format!(
        "MSH|^~\\&|CLINICS|NG|LB|LB|202605110900||SIU^{trigger}|C{control}|P|2.5\r\
         SCH|{id}|{id}||||{trigger}|{reason}||20|min|^^^20260513{at}00^^Routine\r\
         PID|1||{mrn}^^^NG^MR||{family}^Sam||19600101|F|||1 Example Street^^Northgate^^NG1 1AA||{phone}\r\
         RGS|1\rAIS|1||^{clinic}|20260513{at}00\rAIL|1||{clinic}^^^Northgate General\r"
    )
}

fn setup(dir: &std::path::Path) -> Setup {
    let feed = FeedName::new("clinics").unwrap();
    Setup {
        data_dir: dir.to_owned(),
        feeds: vec![FeedSetup { site: SiteId::new("Northgate General"), ..FeedSetup::named(feed) }],
        trust: "Northgate Hospitals".to_owned(),
        index_cache_mb: 16,
        clinics: ClinicSetup {
            trust: SiteContact {
                name: "Northgate Hospitals".to_owned(),
                phone: "01632 960 100".to_owned(),
                hours: "8am to 8pm".to_owned(),
            },
            ..ClinicSetup::default()
        },
        ..Setup::default()
    }
}

impl House {
    fn open() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let now = Moment::parse_rfc3339("2026-05-12T08:00:00Z").unwrap();
        let room = Self::opened(dir.path(), now);
        Self { room, now, dir }
    }

    fn opened(dir: &std::path::Path, now: Moment) -> ControlRoom {
        let clock: Arc<dyn Clock> = Arc::new(FixedClock::new(now));
        ControlRoom::open_offline(setup(dir), &Keys::from_secret(&[7; 64]), clock).unwrap()
    }

    /// Closed and opened again, as after a power cut.
    fn again(self) -> Self {
        let Self { room, now, dir } = self;
        room.close();
        let room = Self::opened(dir.path(), now);
        room.catch_up(&mut |_, _| {}).unwrap();
        Self { room, now, dir }
    }

    fn hears(&self, messages: &[String]) {
        let feed = FeedName::new("clinics").unwrap();
        let all = messages.iter().map(|m| (m.as_bytes().to_vec(), self.now)).collect();
        self.room.receive_batch(&feed, all).unwrap();
        self.room.catch_up(&mut |_, _| {}).unwrap();
    }

    fn with_clinics() -> Self {
        let house = Self::open();
        house.hears(&[
            siu("S12", 1, "B1", "0900", "Renal", "Dialysis", ("M1", "EXAMPLE", "07700900101")),
            siu("S12", 2, "B2", "0920", "Imaging", "MRI knee", ("M2", "SAMPLE", "07700900102")),
            siu("S12", 3, "B3", "0940", "Imaging", "MRI head", ("M3", "TESTER", "01632960003")),
            siu("S12", 4, "B4", "1000", "Dermatology", "Follow-up", ("M4", "NOBODY", "07700900104")),
        ]);
        house
    }

    fn lists_systems(&self) {
        let listing = |name: &str| Listing {
            site: None,
            name: name.to_owned(),
            owner: String::new(),
            workaround: String::new(),
            depends_on: Vec::new(),
            recovery_order: None,
        };
        let rules = &self.room.clinics().forms.rules;
        let systems = rules.systems.iter().map(|s| listing(s.name())).collect();
        let intent = incident::systems::Intent::List { systems };
        self.room.incident().submit(intent, &person("Iris Lane"), self.now).unwrap();
    }

    fn tells(&self, system: &str, state: SystemState) {
        let intent = self.room.incident().read(|book| {
            let id = book.systems.find(None, system).unwrap();
            let seen = book.systems.state(REAL, id);
            let note = "checked by Iris Lane".to_owned();
            incident::systems::Intent::TellState { ground: REAL, system: id, state, seen, note, since: None }
        });
        self.room.incident().submit(intent, &person("Iris Lane"), self.now).unwrap();
    }

    fn row(&self, list: &str, id: &str) -> BookingRow {
        let list = self.room.clinic_list(REAL, &name(list)).unwrap();
        list.rows.into_iter().find(|r| r.booking.id == id).unwrap()
    }

    fn decide(
        &self,
        who: &str,
        choice: Choice,
        rows: &[BookingRow],
        seen: EntryNumber,
    ) -> Result<EntryNumber, ClinicRefused> {
        let bookings = rows
            .iter()
            .map(|r| Considered { key: r.key.clone(), booking: r.snapshot.clone(), rule: r.verdict.words() })
            .collect();
        let reason = "no imaging".to_owned();
        let intent = Decisions::Decide { bookings, choice, reason, signed_off: String::new(), seen };
        self.room.clinics().submit(None, intent, &person(who), self.now)
    }

    fn seen(&self) -> EntryNumber {
        self.room.clinics().read(|book| book.picture(None).last_entry)
    }

    fn postpones(&self, list: &str, id: &str) {
        self.decide("Anna Bell", Choice::Postpone, &[self.row(list, id)], self.seen()).unwrap();
    }
}

#[test]
fn a_change_of_the_systems_board_changes_every_list_at_once() {
    let house = House::with_clinics();
    house.lists_systems();
    let board = |house: &House| house.room.clinic_board(REAL, day(), 1, house.now).unwrap();
    let before = board(&house);
    assert_eq!((before.booked, before.lists.len()), (4, 3));
    assert_eq!(before.lists.iter().map(|l| l.blocked).sum::<usize>(), 0, "unknown systems block nothing");
    let kind = house.row("Imaging", "B2").verdict.kind.expect("an MRI is recognised");
    let rules = &house.room.clinics().forms.rules;
    // Without the archive images are read at the scanner; without the scanner there are none.
    let system = rules.kind_called(&kind).unwrap().needs.last().unwrap().clone();
    house.tells(&system, SystemState::Infected);
    let imaging = board(&house).lists.into_iter().find(|l| l.name.list == "Imaging").unwrap();
    assert_eq!((imaging.blocked, imaging.to_decide), (2, 2));
    let row = house.row("Imaging", "B2");
    assert!(!row.verdict.doable && row.verdict.words().contains("infected"), "{}", row.verdict.words());
    // It returns, and the lists open again: what nobody was told of can be done again.
    house.postpones("Imaging", "B2");
    house.tells(&system, SystemState::Working);
    let imaging = board(&house).lists.into_iter().find(|l| l.name.list == "Imaging").unwrap();
    assert_eq!((imaging.blocked, imaging.postponed, imaging.can_return), (0, 1, 1));
}

#[test]
fn what_was_decided_is_there_after_a_restart_and_two_at_once_do_not_both_win() {
    let house = House::with_clinics();
    let (row, page) = (house.row("Imaging", "B2"), house.seen());
    house.decide("Anna Bell", Choice::Postpone, std::slice::from_ref(&row), page).unwrap();
    let late = house.decide("Omar Reed", Choice::Keep, &[row], page).unwrap_err().to_string();
    assert!(late.starts_with("Anna Bell decided"), "{late}");
    let house = house.again();
    let row = house.row("Imaging", "B2");
    assert!(row.handled.as_ref().unwrap().postponed());
    assert_eq!(house.room.clinic_board(REAL, day(), 1, house.now).unwrap().counts.all.postponed, 1);
    // An exercise sees nothing of it, and nothing of an exercise is seen.
    let exercise = Ground::Exercise(incident::IncidentId(4));
    assert_eq!(house.room.clinic_board(exercise, day(), 1, house.now).unwrap().counts.all.postponed, 0);
}

#[test]
fn a_special_list_says_what_was_postponed_here_and_puts_it_first() {
    let house = House::with_clinics();
    house.hears(&[
        siu("S12", 5, "B5", "0840", "Anticoagulation", "INR check", ("M5", "EARLIER", "07700900105")),
        siu("S12", 6, "B6", "1100", "Anticoagulation", "INR check", ("M6", "LATER", "07700900106")),
    ]);
    let list = |house: &House| {
        let (_, rows) = house.room.special_list("Anticoagulation", house.now).unwrap().unwrap();
        rows.iter().map(|r| (r.record.mrns().next().unwrap().to_owned(), r.postponed)).collect::<Vec<_>>()
    };
    assert_eq!(list(&house), [("M5".to_owned(), None), ("M6".to_owned(), None)]);
    house.postpones("Anticoagulation", "B6");
    assert_eq!(list(&house), [("M6".to_owned(), Some(Postponed::Open)), ("M5".to_owned(), None)]);
    let house = house.again();
    assert_eq!(list(&house)[0].1, Some(Postponed::Open), "after a restart");
}

#[test]
fn a_merge_after_the_notice_tells_nobody_twice() {
    let house = House::with_clinics();
    house.postpones("Imaging", "B2");
    let plan = house.room.clinic_notices(REAL, None, house.now).unwrap();
    assert_eq!((plan.ready.len(), &plan.faults), (1, &Vec::<String>::new()));
    let send = Telling::Queue { notices: plan.ready };
    house.room.clinics().submit(None, send, &person("Omar Reed"), house.now).unwrap();
    // M2 is merged into M9, and the booking is told again under the new number.
    house.hears(&[
        "MSH|^~\\&|PAS|NG|LB|LB|202605121000||ADT^A40^ADT_A39|C20|P|2.5\rEVN|A40|202605121000\r\
         PID|1||M9^^^NG^MR||SAMPLE^Sam||19600101|F\rMRG|M2^^^NG^MR\r"
            .to_owned(),
        siu("S14", 21, "B2", "0920", "Imaging", "MRI knee", ("M9", "SAMPLE", "07700900102")),
    ]);
    let list = house.room.clinic_list(REAL, &name("Imaging")).unwrap();
    let rows: Vec<_> = list.rows.iter().filter(|r| r.booking.id == "B2").collect();
    assert_eq!(rows.len(), 1, "one booking, however often it was told");
    assert!(rows[0].handled.as_ref().is_some_and(care::clinics::Handled::postponed), "the decision is found");
    assert_eq!(house.room.clinic_notices(REAL, None, house.now).unwrap().ready.len(), 0);
    assert_eq!(house.room.bookings_of(REAL, rows[0].patient).unwrap().len(), 1);
}

#[test]
fn a_cancellation_by_its_own_system_after_ours_leaves_it_to_be_rebooked_once() {
    let house = House::with_clinics();
    house.postpones("Imaging", "B2");
    house.hears(&[siu("S15", 30, "B2", "0920", "Imaging", "MRI knee", ("M2", "SAMPLE", "07700900102"))]);
    let row = house.row("Imaging", "B2");
    assert!(row.cancelled_elsewhere(), "it still stands on its list, and says so");
    let board = house.room.clinic_board(REAL, day(), 1, house.now).unwrap();
    assert_eq!((board.counts.all.outstanding, board.to_tell), (1, 1));
    // One that nobody decided about is gone from the list.
    house.hears(&[siu("S15", 31, "B4", "1000", "Dermatology", "Follow-up", ("M4", "NOBODY", ""))]);
    assert!(house.room.clinic_list(REAL, &name("Dermatology")).unwrap().rows.is_empty());
    // Moved to another day by its own system, it stands where people look for it, with the new time.
    house.postpones("Imaging", "B3");
    house.hears(&[siu("S13", 32, "B3", "0940", "Imaging", "MRI head", ("M3", "TESTER", ""))
        .replace("20260513", "20260520")]);
    let row = house.row("Imaging", "B3");
    assert_eq!(row.moved_to(), Moment::parse_rfc3339("2026-05-20T08:40:00Z"));
}

#[test]
fn two_appointments_with_one_number_are_two_bookings() {
    let house = House::with_clinics();
    house.hears(&[siu("S12", 40, "B2", "1100", "Imaging", "MRI hip", ("M7", "OTHER", "07700900107"))]);
    let list = house.room.clinic_list(REAL, &name("Imaging")).unwrap();
    assert_eq!(list.rows.iter().filter(|r| r.booking.id == "B2").count(), 2);
    let other =
        list.rows.into_iter().find(|r| r.booking.id == "B2" && r.booking.reason == "MRI hip").unwrap();
    house.decide("Anna Bell", Choice::Postpone, &[other], list.seen).unwrap();
    assert!(house.row("Imaging", "B2").handled.is_none(), "the first is untouched");
}

#[test]
fn notices_go_to_whom_they_may_and_the_others_are_left_to_people() {
    let house = House::with_clinics();
    house.hears(&[
        // Two mobile numbers, none confirmed.
        siu("S12", 50, "B5", "1020", "Imaging", "MRI hand", ("M5", "DOUBLE", "07700900105~07700900106")),
        siu("S12", 51, "B6", "1040", "Imaging", "MRI foot", ("M6", "GONE", "07700900109")),
        "MSH|^~\\&|PAS|NG|LB|LB|202605121000||ADT^A08|C52|P|2.5\rEVN|A08|202605121000\r\
         PID|1||M6^^^NG^MR||GONE^Sam||19600101|F|||||||||||||||||||||20260501|Y\r"
            .to_owned(),
    ]);
    for id in ["B2", "B3", "B5", "B6"] {
        house.postpones("Imaging", id);
    }
    let plan = house.room.clinic_notices(REAL, None, house.now).unwrap();
    let named = |record: &care::PatientRecord| record.name.as_ref().unwrap().family.clone();
    assert_eq!(plan.ready.len(), 1, "{:?}", plan.faults);
    assert_eq!(plan.ready[0].to, "+447700900102");
    let calls: Vec<String> = plan.calls.iter().map(|c| named(&c.record)).collect();
    assert_eq!(calls, ["TESTER", "DOUBLE"], "a landline and two mobiles are rung, the soonest first");
    assert_eq!(plan.calls[1].numbers.len(), 2);
    assert!(!plan.calls[0].script.is_empty(), "the caller is told what to say");
    let left: Vec<String> = plan.left_out.iter().map(|l| named(&l.record)).collect();
    assert_eq!(left, ["GONE"], "no notice to the dead");
    // The text names no clinic and no reason.
    let text = &plan.ready[0].text;
    assert!(text.contains("01632 960 100") && !text.contains("MRI") && !text.contains("Imaging"), "{text}");
    // A failure makes it a call.
    let send = Telling::Queue { notices: plan.ready };
    house.room.clinics().submit(None, send, &person("Omar Reed"), house.now).unwrap();
    let failed = Telling::Report { receipts: vec![(1, NoticeState::Failed("no such number".to_owned()))] };
    house.room.clinics().submit(None, failed, &Person::lifeboat(), house.now).unwrap();
    let plan = house.room.clinic_notices(REAL, None, house.now).unwrap();
    assert_eq!((plan.ready.len(), plan.calls.len()), (0, 3));
    assert!(plan.calls.iter().any(|c| c.why.contains("no such number")));
    // Without a number for patients nothing can be told, and that is said.
    let figures = house.room.clinic_figures(REAL);
    assert!(figures[0].body.contains("4 postponed = 0 rebooked"), "{}", figures[0].body);
    assert!(!figures[0].body.contains("SAMPLE"), "figures know no patient");
}

/// A hospital without a gateway must find out before it presses "send", not from those who come.
#[test]
fn where_no_gateway_carries_texts_the_plan_has_calls_and_letters() {
    let house = House::with_clinics();
    house.postpones("Imaging", "B2");
    let planned = |gateways: Gateways| {
        house.room.clinics().note_gateways(gateways);
        house.room.clinic_notices(REAL, None, house.now).unwrap()
    };
    let texts: Vec<Channel> = planned(Gateways::ALL).ready.iter().map(|n| n.channel).collect();
    assert_eq!(texts, [Channel::Sms]);
    let plan = planned(Gateways::NONE);
    // The booking is tomorrow: too late for the post.
    assert_eq!((plan.ready.len(), plan.calls.len(), plan.left_out.len()), (0, 1, 0));
    assert!(plan.calls[0].why.contains("no gateway carries text messages"), "{}", plan.calls[0].why);
    assert_eq!(plan.calls[0].numbers, ["+447700900102"]);
    assert!(!plan.calls[0].script.is_empty());
    // A gateway that comes back is used again; nobody was told meanwhile, so nobody is told twice.
    assert_eq!(planned(Gateways::ALL).ready.len(), 1);
}

#[test]
fn a_day_is_planned_with_what_is_asked() {
    let house = House::with_clinics();
    let site = SiteId::new("Northgate General");
    let plan = |what_if: &ClinicWhatIf| {
        house.room.clinic_plan(REAL, day(), site.as_ref(), what_if).unwrap().unwrap()
    };
    let now = plan(&ClinicWhatIf::default());
    assert_eq!(now.kept.iter().sum::<u32>(), 4);
    assert_eq!(now.sessions.len(), 3);
    let half = plan(&ClinicWhatIf { staff_percent: Some(50), ..ClinicWhatIf::default() });
    assert_eq!(half.as_it_is, Some(now.kept));
    assert!(half.kept.iter().sum::<u32>() < 4);
    assert!(half.kept.iter().sum::<u32>() <= half.best.iter().sum::<u32>() || half.kept[0] <= half.best[0]);
    let none = plan(&ClinicWhatIf { minutes: vec![("Renal".to_owned(), 0)], ..ClinicWhatIf::default() });
    let dialysis = none.rows.iter().position(|r| r.booking.id == "B1").unwrap();
    assert!(
        none.plan.proposals[dialysis].words.contains("named clinician"),
        "class A is never proposed to be cancelled"
    );
}

#[test]
fn rebooked_patients_are_told_of_the_new_time() {
    let house = House::with_clinics();
    house.postpones("Imaging", "B2");
    let start = Moment::parse_rfc3339("2026-05-20T13:30:00Z").unwrap();
    let key = house.row("Imaging", "B2").key;
    let places = vec![Place { key, slot: None, start, list: String::new() }];
    let intent = Rebooking::Rebook { places, late_known: false };
    house.room.clinics().submit(None, intent, &person("Anna Bell"), house.now).unwrap();
    let plan = house.room.clinic_notices(REAL, None, house.now).unwrap();
    assert!(plan.ready[0].text.contains("20 May"), "{}", plan.ready[0].text);
    assert_eq!(plan.ready[0].bookings[0].new_start, Some(start));
}

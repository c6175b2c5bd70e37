//! Messages and roll-calls: to whom they go, how, what comes back; the unaccounted first; an exercise rings nobody.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use crate::common;

use common::{FIRST, REAL, Scene, opening, person, post, site};
use incident::declare::Nature;
use incident::directory::{self, Question, Route, RouteState, read_sheet};
use incident::messages::roll_call::{Accounted, Answer, Work, roll_board};
use incident::messages::{
    Ask, Audience, Delivery, Heard, Intent, Message, MessageId, Receipt, Way, board, messages_board,
};
use incident::{Ground, RoleKey, roles};

const SHEET: &str = "\
kind,name,role,hospital,ward,location,direct,mobile,email,on duty\r
role,Site manager,site-manager,Northgate General,,Level 1,01632 960011,07700 900101,,\r
place,Ward 7,,Northgate General,,Level 2 east,01632 960077,,,\r
person,Dr Ada Quill,,Northgate General,Ward 7,,,07700 900102,ada.quill@northgate.example,yes\r
person,Ben Cole,,Northgate General,Ward 7,,,,ben.cole@northgate.example,yes\r
person,Cy Dunn,porter,Northgate General,Porters,Lodge,,,,yes\r
person,Off Shift,,Northgate General,Ward 7,,,07700 900103,,\r
";
const SALT: &str = "00112233445566778899aabbccddeeff";
const ONE: MessageId = MessageId(1);

fn scene(nature: Nature) -> Scene {
    let mut scene = Scene::prepared();
    for intent in read_sheet(&scene.book, SHEET.as_bytes()).unwrap().intents() {
        scene.does("Eva Frost", intent);
    }
    scene.does("Anna Bell", opening("Cyber attack", nature, true));
    scene
}

fn send(ask: Ask, to: Vec<Audience>) -> Intent {
    let text = "Switch every computer off at the wall.".to_owned();
    let (incident, salt) = (FIRST, SALT.to_owned());
    Intent::Send { incident, ask, text, to, slips_only: false, open_hours: None, salt }
}

fn role(key: &str) -> Audience {
    Audience::Role(RoleKey::new(key).unwrap())
}

fn ward(place: &str) -> Audience {
    Audience::Place { site: Some(site("Northgate General")), place: place.into() }
}

fn message(scene: &Scene) -> &Message {
    scene.book.messages.message(ONE).unwrap()
}

fn reached(scene: &Scene) -> Vec<(String, Way, String)> {
    message(scene).recipients.iter().map(|r| (r.name.clone(), r.way, r.to.clone())).collect()
}

fn receipt(person: u32, delivery: Delivery) -> Receipt {
    Receipt { message: ONE, person, round: 0, delivery, why: String::new() }
}

fn answer(person: u32, answer: Answer) -> Intent {
    Intent::Answer { message: ONE, person, answer, heard: Heard::Link }
}

fn present(safe: bool, place: &str) -> Answer {
    Answer::Present { safe, place: place.into(), work: Work::NotSaid }
}

#[test]
fn a_message_goes_to_everyone_meant_by_the_way_that_works_and_to_nobody_twice() {
    let mut s = scene(Nature::Real);
    let take = |role: &str, who: &str, contact: &str| roles::Intent::Take {
        incident: FIRST,
        post: post(role, "Northgate General"),
        person: person(who),
        contact: contact.into(),
        shift_ends: None,
    };
    s.does("Kim Osei", take("site-manager", "Kim Osei", "ext 4400"));
    s.does("Lee Park", take("loggist", "Lee Park", "mobile 07700 900 199"));
    s.does(
        "Sam",
        send(Ask::Read, vec![role("site-manager"), role("loggist"), ward("Ward 7"), Audience::OnDuty]),
    );
    let row = |name: &str, way, to: &str| (name.to_owned(), way, to.to_owned());
    assert_eq!(
        reached(&s),
        [
            row("Kim Osei", Way::Sms, "07700 900101"),
            row("Lee Park", Way::Sms, "07700900199"),
            row("Ward 7", Way::Slip, "Ward 7, Level 2 east, Northgate General"),
            row("Dr Ada Quill", Way::Sms, "07700 900102"),
            row("Ben Cole", Way::Email, "ben.cole@northgate.example"),
            row("Cy Dunn", Way::Slip, "Cy Dunn, Porters, Lodge, Northgate General"),
        ]
    );
    assert!(s.last_line().starts_with("Message 1 to "), "{}", s.last_line());
    assert!(s.last_line().contains("Ward 7, Northgate General; everyone on duty (6 people): Switch every"));
    let open = &message(&s).to_words;
    assert!(open.contains("Loggist"), "{open}");
    s.ends_the_same_when_replayed();
}

#[test]
fn what_reaches_nobody_is_said_and_not_sent() {
    let mut s = scene(Nature::Real);
    s.refused("Sam", send(Ask::Read, vec![]), &["choose to whom"]);
    s.refused("Sam", send(Ask::Read, vec![role("mortuary-manager")]), &["nobody is reached by", "mortuary"]);
    let text = "x".repeat(601);
    let (incident, salt) = (FIRST, SALT.to_owned());
    let to = vec![Audience::OnDuty];
    let long = Intent::Send { incident, ask: Ask::Read, text, to, slips_only: false, open_hours: None, salt };
    s.refused("Sam", long, &["601 bytes"]);
    let nowhere = Audience::Place { site: Some(site("Atlantis")), place: "Ward 1".into() };
    s.refused("Sam", send(Ask::Read, vec![nowhere]), &["no hospital called Atlantis"]);
    s.does("Sam", send(Ask::Read, vec![ward("Ward 99")]));
    assert_eq!(reached(&s)[0].1, Way::Slip, "a ward that the directory does not know is still there");
}

#[test]
fn a_route_that_is_down_is_not_used() {
    let mut s = scene(Nature::Real);
    let told = directory::Intent::TellRoute {
        ground: REAL,
        site: None,
        route: Route::Mobile,
        state: RouteState::Down,
        seen: RouteState::Unknown,
        note: String::new(),
    };
    s.does("Sam", told);
    s.does("Sam", send(Ask::Read, vec![Audience::OnDuty]));
    let ways: Vec<Way> = reached(&s).iter().map(|(_, way, _)| *way).collect();
    assert_eq!(ways, [Way::Email, Way::Email, Way::Slip]);
}

#[test]
fn deliveries_come_back_as_one_entry_and_only_what_is_new() {
    let mut s = scene(Nature::Real);
    s.does("Sam", send(Ask::Done, vec![Audience::OnDuty]));
    let queued =
        |all: &[u32]| Intent::Receipts { items: all.iter().map(|n| receipt(*n, Delivery::Queued)).collect() };
    s.does("Lifeboat", queued(&[0, 1, 2, 77]));
    s.refused("Lifeboat", queued(&[0, 1, 2]), &["nothing new"]);
    let old_round = Receipt { round: 3, ..receipt(0, Delivery::Failed) };
    s.refused("Lifeboat", Intent::Receipts { items: vec![old_round] }, &["nothing new"]);
    let failed = Receipt { why: "no such number\r\nX".into(), ..receipt(1, Delivery::Failed) };
    s.does("Lifeboat", Intent::Receipts { items: vec![receipt(0, Delivery::Delivered), failed] });
    assert_eq!(s.last_line(), "Deliveries of message 1: 1 delivered, 1 failed (no such number X)");
    s.does("Ada", answer(0, Answer::Read));
    s.does("Ada", answer(0, Answer::Done));
    s.refused("Ada", answer(0, Answer::Done), &["recorded already"]);
    s.refused("Ada", answer(0, present(true, "")), &["no answer to a task"]);
    s.refused("Ada", answer(9, Answer::Read), &["did not go to this person"]);
    let list = messages_board(&s.book, s.incident(FIRST), s.now, 100);
    let counts = list.rows[0].counts;
    assert_eq!((counts.people, counts.delivered, counts.not_arrived, counts.on_the_way), (3, 1, 1, 1));
    assert_eq!((counts.read, counts.done, counts.answered), (1, 1, 1));
    let people = board(&s.book, ONE, s.now).unwrap().people;
    assert_eq!(people[0].delivery, Delivery::Failed, "whoever could not be reached stands first");
    assert!(people.last().unwrap().answered);
    s.does("Sam", Intent::SendAgain { message: ONE, people: vec![], by_slip: true });
    assert_eq!(message(&s).way(1).unwrap().0, Way::Slip);
    assert_eq!(message(&s).standing[0].round, 0, "whoever answered is left in peace");
    assert_eq!(message(&s).standing[2].round, 1);
    s.ends_the_same_when_replayed();
}

#[test]
fn a_roll_call_shows_who_needs_help_then_who_is_missing() {
    let mut s = scene(Nature::Real);
    s.does("Sam", send(Ask::RollCall, vec![Audience::OnDuty]));
    s.later(2).does("Cy Dunn", answer(2, present(false, "stuck in lift 3")));
    let until = s.now.plus_seconds(4 * 3600);
    let able = Answer::Present { safe: true, place: "Ward 7".into(), work: Work::Until(until) };
    s.later(1).does("Ada Quill", answer(0, able));
    assert!(
        s.last_line().contains("Dr Ada Quill answered roll-call 1: safe, at Ward 7, can work until 18:02")
    );
    let board = roll_board(message(&s), s.now);
    let names: Vec<(&str, Accounted)> = board.rows.iter().map(|r| (r.name.as_str(), r.accounted)).collect();
    assert_eq!(
        names,
        [
            ("Cy Dunn", Accounted::NeedsHelp),
            ("Ben Cole", Accounted::Unaccounted),
            ("Dr Ada Quill", Accounted::Safe),
        ]
    );
    assert_eq!((board.need_help, board.unaccounted, board.safe, board.able), (1, 1, 1, 1));
    assert_eq!(board.progress, [(0, 0), (120, 1), (180, 2)]);
    s.later(1).does("Cy Dunn", answer(2, present(true, "Lodge")));
    assert_eq!(
        roll_board(message(&s), s.now).need_help,
        0,
        "the last answer holds, the first stays in the log"
    );
    let past = Answer::Present { safe: true, place: String::new(), work: Work::Until(s.now) };
    s.refused("Ben Cole", answer(1, past), &["must lie ahead"]);
    s.refused("Ben Cole", answer(1, Answer::Read), &["no answer to a roll-call"]);
    let left = incident::stand_down::still_open(&s.book, s.incident(FIRST), s.now);
    assert!(left.iter().any(|line| line == "1 person unaccounted for in roll-call 1"), "{left:?}");
}

#[test]
fn a_link_is_answered_only_while_it_is_open() {
    let mut s = scene(Nature::Real);
    s.does("Sam", send(Ask::RollCall, vec![Audience::OnDuty]));
    s.later(24 * 60);
    s.refused("Ada Quill", answer(0, present(true, "")), &["question is closed"]);
    let by_screen = Intent::Answer {
        message: ONE,
        person: 0,
        answer: present(true, "seen on Ward 7"),
        heard: Heard::Screen,
    };
    s.does("Kim Osei", by_screen);
    assert!(s.last_line().contains("written down at a screen"));
    s.refused("Sam", Intent::SendAgain { message: ONE, people: vec![], by_slip: false }, &["is closed"]);
    s.does("Sam", Intent::Close { message: ONE, reason: "over".into() });
    s.refused("Kim", Intent::Close { message: ONE, reason: "over".into() }, &["Sam closed it"]);
}

#[test]
fn an_exercise_rings_nobody_unless_it_says_so_and_says_three_times_what_it_is() {
    let mut s = scene(Nature::Exercise);
    s.does("Sam", send(Ask::Read, vec![Audience::OnDuty]));
    let ways: Vec<Way> = reached(&s).iter().map(|(_, way, _)| *way).collect();
    assert_eq!(ways, [Way::Screen, Way::Screen, Way::Slip], "paper rings no telephone");
    assert_eq!(message(&s).ground, Ground::Exercise(FIRST));
    assert!(message(&s).words().starts_with("EXERCISE EXERCISE EXERCISE\n"));
    assert!(s.last_line().starts_with("EXERCISE Message 1"));
    let allow = Intent::TellPhones { incident: FIRST, allowed: true, reason: "test of the gateway".into() };
    s.does("Sam", allow.clone());
    s.refused("Sam", allow, &["recorded already"]);
    s.does("Sam", send(Ask::Read, vec![Audience::OnDuty]));
    assert_eq!(s.book.messages.message(MessageId(2)).unwrap().recipients[0].way, Way::Sms);
    let mut real = scene(Nature::Real);
    let allow = Intent::TellPhones { incident: FIRST, allowed: true, reason: "x".into() };
    real.refused("Sam", allow, &["is real"]);
}

#[test]
fn twenty_thousand_people_are_asked_and_heard() {
    let mut s = Scene::declared();
    let mut sheet = "name,mobile,on duty\n".to_owned();
    for n in 0..20_000 {
        sheet.push_str(&format!("Nurse {n},07700 9{n:05},yes\n"));
    }
    for intent in read_sheet(&s.book, sheet.as_bytes()).unwrap().intents() {
        s.does("Eva", intent);
    }
    s.does("Sam", send(Ask::RollCall, vec![Audience::OnDuty]));
    assert_eq!(message(&s).recipients.len(), 20_000);
    let before = s.sealed.len();
    let items = (0..20_000).map(|n| receipt(n, Delivery::Sent)).collect();
    s.does("Lifeboat", Intent::Receipts { items });
    assert_eq!(s.sealed.len(), before + 1, "one entry for all of them");
    s.does("Nurse 19999", answer(19_999, present(true, "home")));
    let board = roll_board(message(&s), s.now);
    assert_eq!((board.unaccounted, board.safe), (19_999, 1));
    let question = Question { words: "nurse 777".into(), ..Question::default() };
    assert!(!s.book.directory.find(&question).is_empty());
}

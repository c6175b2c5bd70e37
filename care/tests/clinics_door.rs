//! The door desk: each who came counted once; who is seen is no longer outstanding; who is told at the door is told.

use crate::desk::{Desk, considered, key};
use basics::Zone;
use care::clinics::wanted::{Door, DoorRefusal};
use care::clinics::{Arrival, Class, Refusal, counts};
use care::notices::Channel;

fn came(n: u64, arrival: Arrival) -> Door {
    Door::Arrive { key: key(n), booking: considered(n, Class::C).booking, arrival, note: String::new() }
}

#[test]
fn whoever_comes_is_told_or_seen_and_counted_once() {
    let mut desk = Desk::new();
    desk.postpone(&[1, 2]);
    desk.submit("Omar Reed", came(1, Arrival::ToldAndHome)).unwrap();
    assert!(desk.handled(1).reached() && desk.handled(1).outstanding());
    let twice = desk.submit("Anna Bell", came(1, Arrival::Seen));
    assert!(matches!(twice, Err(Refusal::Door(DoorRefusal::Already { .. }))), "{twice:?}");
    // Told by text that it is postponed, came all the same, and was seen: nothing is left to tell or to make up for.
    desk.send(&[2], Channel::Sms).unwrap();
    desk.submit("Omar Reed", came(2, Arrival::Seen)).unwrap();
    assert!(desk.handled(2).kept() && desk.handled(2).to_tell().is_none() && !desk.handled(2).outstanding());
    // Nothing was decided about the third.
    let home = desk.submit("Omar Reed", came(3, Arrival::ToldAndHome));
    assert_eq!(home, Err(Refusal::Door(DoorRefusal::NotPostponed)));
    desk.submit("Omar Reed", came(3, Arrival::SentOn("Southmere, radiology".to_owned()))).unwrap();
    let unlisted = Door::ArriveUnlisted { name: "Kim Example".to_owned(), note: "sent home".to_owned() };
    desk.submit("Omar Reed", unlisted).unwrap();
    let counts = counts(desk.picture(), &Zone::london());
    assert_eq!((counts.all.came, counts.all.came_seen, counts.came_unlisted), (3, 1, 1));
    assert!(counts.all.adds_up(), "{:?}", counts.all);
}

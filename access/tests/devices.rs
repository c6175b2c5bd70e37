//! Devices: enrolled by who may, known by their hash, never again under a secret that was revoked.

use crate::office::{Office, device, number, own, terminal};
use access::devices::{DeviceKind, DeviceStanding, Intent, Refusal};
use basics::EntryNumber;

fn refused(result: Result<EntryNumber, access::Refusal>) -> Refusal {
    match result {
        Err(access::Refusal::Devices(refusal)) => refusal,
        other => panic!("{other:?}"),
    }
}

fn enrol(name: &str, kind: DeviceKind, owner: Option<&str>) -> Intent {
    Intent::Enrol {
        device: device(name),
        label: name.to_owned(),
        kind,
        place: None,
        owner: owner.map(number),
    }
}

#[test]
fn a_device_is_enrolled_once_by_who_may() {
    let mut office = Office::new();
    assert!(matches!(
        refused(office.submit("N1", enrol("x", DeviceKind::Terminal, None))),
        Refusal::NotYours(_)
    ));
    for (kind, owner, want) in [
        (DeviceKind::Own, None, Refusal::NoOwner),
        (DeviceKind::Own, Some("N77"), Refusal::NoSuchOwner(number("N77"))),
        (DeviceKind::Tablet, Some("N1"), Refusal::Owner),
    ] {
        assert_eq!(refused(office.submit("I1", enrol("x", kind, owner))), want);
    }
    office.submit("I1", enrol("x", DeviceKind::Terminal, None)).unwrap();
    let again = refused(office.submit("A1", enrol("x", DeviceKind::Tablet, None)));
    assert_eq!(again, Refusal::Already { label: "x".to_owned() });
}

#[test]
fn a_revoked_device_is_a_stranger_and_its_secret_is_never_taken_again() {
    let mut office = Office::set_up();
    let attempt = office.attempt("N1");
    office.sign_in(&attempt, terminal(), "10.1.4.7").unwrap();
    assert_eq!(office.book.devices.standing(&terminal(), &number("N1")), DeviceStanding::Known);
    let (known, last) = {
        let device = office.book.devices.device(&terminal()).unwrap();
        (device.known().map(|(n, _)| n.clone()).collect::<Vec<_>>(), device.last_sign_in())
    };
    assert_eq!((known, last), (vec![number("N1")], Some(office.now)));
    assert_eq!(office.book.devices.standing(&terminal(), &number("N2")), DeviceStanding::Enrolled);
    assert_eq!(office.book.devices.standing(&device("?"), &number("N1")), DeviceStanding::Stranger);
    office.submit("I1", Intent::Revoke { device: terminal(), why: "stolen".to_owned() }).unwrap();
    assert_eq!(office.book.devices.standing(&terminal(), &number("N1")), DeviceStanding::Stranger);
    let again = refused(office.submit("I1", enrol("AMU terminal 3", DeviceKind::Terminal, None)));
    assert!(matches!(again, Refusal::Revoked { .. }), "{again:?}");
    assert!(matches!(
        refused(office.submit("I1", Intent::Revoke { device: device("?"), why: "x".to_owned() })),
        Refusal::Unknown
    ));
    assert_eq!(office.book.devices.name(&own(), "10.0.0.1"), "Anna's tablet (10.0.0.1)");
}

//! The demonstration's ready-made people: one of every role, each of whom signs in by one press.
//!
//! Always: invented, and their accounts say so; their passphrase and telephones stand below for everybody to read, which is
//! why no hospital's Lifeboat opens such accounts: it is done by `lifeboat demo --sign-in` alone, on the demonstration's own
//! folder. Opening them again changes nothing that somebody changed since. Proved by the tests below.

use crate::failure::Failure;
use access::people::{Account, Intent as People, Place, Scope};
use access::secrets::Typed;
use access::sessions::{Length, Lengths};
use access::sign_in::credentials::Intent as Credentials;
use access::sign_in::passphrase::{Costs, Stored};
use access::sign_in::totp::{STEP_SECONDS, TotpSecret};
use access::{By, Role, StaffNumber};
use basics::{Moment, Person, SiteId, WardId};
use control_room::{AccessRoom, AccessSetup};
use screens::handed::DemoPerson;

/// Everybody's passphrase.
const PASSPHRASE: &str = "kestrel anchor thimble lagoon";
/// Telephones of each: a code counts once in half a minute, and people press more often.
const PHONES: u8 = 4;
/// Hashed as little as can be: the passphrase stands above, so work would keep nobody out.
const COSTS: Costs = Costs::TRIAL;

/// Somebody: staff number, name, role; at which hospital, and on which ward where it is one.
type Ready = (&'static str, &'static str, Role, Option<(&'static str, Option<&'static str>)>);

static READY: [Ready; 11] = [
    ("D10", "Nell Harbour", Role::WardClinician, Some(("St Brannock's", Some("AMU")))),
    ("D11", "Tom Quayle", Role::WardClinician, Some(("Eastmere General", Some("WARD9")))),
    ("D20", "Edie Marlow", Role::EdCoordinator, Some(("St Brannock's", None))),
    ("D30", "Cass Winterton", Role::ControlRoom, None),
    ("D40", "Lou Pemberley", Role::Loggist, None),
    ("D50", "Bea Holloway", Role::Bookings, Some(("Quillford Infirmary", None))),
    ("D60", "Mina Corrie", Role::Communications, None),
    ("D70", "Ivo Thackley", Role::It, None),
    ("D01", "Ada Fenwright", Role::Administrator, None),
    ("D80", "Pia Osterley", Role::PrivacyOfficer, None),
    ("D90", "Rob Dunmore", Role::ReadOnly, None),
];

/// The people, as their buttons show them.
pub fn people() -> Vec<DemoPerson> {
    let person = |(number, name, role, place): &Ready| {
        let number = StaffNumber::new(number)?;
        Some(DemoPerson {
            authenticators: (0..PHONES).map(|phone| authenticator(&number, phone)).collect(),
            number,
            name: (*name).to_owned(),
            role: role.words().to_owned(),
            place: match place {
                None => "the whole trust".to_owned(),
                Some((site, None)) => (*site).to_owned(),
                Some((site, Some(ward))) => format!("{ward}, {site}"),
            },
            passphrase: Typed::new(PASSPHRASE),
        })
    };
    READY.iter().filter_map(person).collect()
}

/// What one of their telephones makes codes from: the same at every start.
fn authenticator(number: &StaffNumber, phone: u8) -> TotpSecret {
    let mut secret = [b'd'; 20];
    for (slot, byte) in secret.iter_mut().zip(number.as_str().bytes().chain([phone])) {
        *slot = byte;
    }
    TotpSecret::new(secret)
}

/// Sessions that outlast a clock which is hurried: nobody is to be locked out of the middle of a demonstration.
pub fn access_setup() -> AccessSetup {
    let length = Length { ends_seconds: 30 * 86_400, idle_seconds: 30 * 86_400 };
    let lengths = Lengths { shared: length, own: length, visiting: length };
    AccessSetup { lengths, ..AccessSetup::default() }
}

/// Opens the accounts that are not there yet, the administrator's first, and gives each a passphrase and telephones.
pub fn open(access: &AccessRoom, at: Moment) -> Result<(), Failure> {
    let (first, others): (Vec<&Ready>, Vec<&Ready>) =
        READY.iter().partition(|(_, _, role, _)| *role == Role::Administrator);
    for (number, name, role, place) in first.into_iter().chain(others) {
        let Some(number) = StaffNumber::new(number) else { continue };
        let (nobody_yet, listed) =
            access.read(|book| (book.people.is_empty(), book.people.listed(&number).is_some()));
        if !listed && let Some(account) = account(name, *role, *place) {
            let number = number.clone();
            let intent = match nobody_yet {
                true => People::Begin { number, account },
                false => People::Join { number, account },
            };
            submit(access, intent, at)?;
        }
        // What somebody changed since stays: a closed account, a new invitation, another passphrase.
        let waits = access.read(|book| {
            let mine = book.credentials(&number);
            let open = book.people.listed(&number).is_some_and(|listed| listed.closed.is_none());
            open && !mine.complete() && mine.invitation.is_none()
        });
        if waits {
            give(access, &number, at)?;
        }
    }
    Ok(())
}

/// A passphrase and telephones.
fn give(access: &AccessRoom, number: &StaffNumber, at: Moment) -> Result<(), Failure> {
    let stored = Stored::new(&Typed::new(PASSPHRASE), access.fresh_salt()?, COSTS)
        .map_err(|fault| Failure::failed(fault.to_string()))?;
    submit(access, Credentials::SetPassphrase { number: number.clone(), stored }, at)?;
    let step = u64::try_from(at.milliseconds().div_euclid(STEP_SECONDS * 1000)).unwrap_or(0);
    for phone in 0..PHONES {
        let (secret, label) = (authenticator(number, phone), format!("telephone {}", phone + 1));
        let (number, code) = (number.clone(), secret.code(step));
        let add = Credentials::AddAuthenticator { number, label, secret, code, next_code: None };
        submit(access, add, at)?;
    }
    Ok(())
}

fn submit(access: &AccessRoom, intent: impl Into<access::Intent>, at: Moment) -> Result<(), Failure> {
    let done = access.submit(intent, &By::Lifeboat, at);
    done.map(|_| ()).map_err(|refused| Failure::failed(format!("could not open the accounts: {refused}")))
}

fn account(name: &str, role: Role, place: Option<(&'static str, Option<&'static str>)>) -> Option<Account> {
    let scope = match place {
        None => Scope::Trust,
        Some((site, ward)) => {
            let ward = match ward {
                Some(ward) => Some(WardId::new(ward)?),
                None => None,
            };
            Scope::Places(vec![Place { site: SiteId::new(site)?, ward }])
        }
    };
    Some(Account {
        name: Person::new(name)?,
        roles: [role].into(),
        scope,
        contact: DemoPerson::CONTACT.to_owned(),
        valid_until: None,
        temporary: false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use access::devices::DeviceKey;
    use access::sign_in::Attempt;
    use access::sign_in::passphrase::acceptable;
    use basics::{Clock, FixedClock};
    use control_room::{AtDoor, ControlRoom, Setup};
    use std::collections::BTreeSet;
    use std::sync::Arc;

    fn at() -> Moment {
        Moment::parse_rfc3339("2026-05-12T08:00:00Z").unwrap()
    }

    fn open_room(dir: &std::path::Path) -> ControlRoom {
        let setup = Setup { data_dir: dir.to_owned(), access: access_setup(), ..Setup::default() };
        let clock = Arc::new(FixedClock::new(at())) as Arc<dyn Clock>;
        ControlRoom::open_offline(setup, &logbook::Keys::from_secret(&[7; 64]), clock).unwrap()
    }

    #[test]
    fn there_is_somebody_of_every_role_at_places_that_exist() {
        let roles: BTreeSet<Role> = READY.iter().map(|(_, _, role, _)| *role).collect();
        assert_eq!(roles, BTreeSet::from(Role::ALL));
        assert_eq!(people().len(), READY.len());
        for (_, name, role, place) in READY {
            assert!(place.is_some() || !role.needs_places(), "{name} needs a place");
            let Some((site, ward)) = place else { continue };
            let hospital = drill::places::HOSPITALS.iter().find(|h| h.name == site).expect(site);
            assert!(ward.is_none_or(|ward| hospital.wards.iter().any(|w| w.code == ward)), "{site} {ward:?}");
        }
    }

    #[test]
    fn everybody_gets_in_once_with_each_telephone_and_opening_again_changes_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let room = open_room(dir.path());
        let access = room.access();
        open(access, at()).unwrap();
        let last = access.read(|book| book.last_entry);
        open(access, at().plus_seconds(60)).unwrap();
        assert_eq!(access.read(|book| book.last_entry), last, "nothing is said twice");
        let (now, step) = (at().plus_seconds(30), at().milliseconds() / 30_000 + 1);
        let device: DeviceKey = AccessRoom::device_of("a browser");
        let door = AtDoor { device, from: "127.0.0.1".to_owned(), in_place_of: None };
        for person in people() {
            let name = Person::new(&person.name).unwrap();
            acceptable(&person.passphrase, &person.number, &name).unwrap();
            for secret in &person.authenticators {
                let code = Typed::new(format!("{:06}", secret.code(u64::try_from(step).unwrap())));
                let attempt = Attempt::Passphrase {
                    number: person.number.clone(),
                    passphrase: person.passphrase.clone(),
                    code,
                    next_code: None,
                };
                access.sign_in(&attempt, &door, now).unwrap();
            }
        }
        room.close();
    }
}

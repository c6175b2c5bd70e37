//! Whatever people do in whatever order: what is so stays sound, and folding the acts once more gives the same picture.

use crate::office::{
    Dice, Office, PASSPHRASE, account, attempt_with, device, number, own, phone, place, recovery, site, step,
    tablet, terminal, ward,
};
use access::people::Scope;
use access::secrets::{Hashed, Secret128, Typed};
use access::sessions::{Intent as Sessions, Revoke};
use access::sign_in::cards::{self, Holder, qr_text};
use access::sign_in::credentials::{self, INVITATION};
use access::sign_in::passphrase::{Costs, Stored};
use access::sign_in::way_back;
use access::sign_in::{Again, Attempt, Way};
use access::{AccessBook, By, Fact, Intent, Patient, Role, break_glass, devices, fold, people};
use basics::{EntryNumber, Person};
use std::collections::BTreeSet;

const STAFF: [&str; 10] = ["A1", "A2", "N1", "N2", "E1", "E2", "C1", "I1", "P1", "T7"];
const PIN: &str = "40718263";

fn pick<T: Clone>(dice: &mut Dice, of: &[T]) -> T {
    of[dice.below(of.len() as u64) as usize].clone()
}

fn some_account(dice: &mut Dice, office: &Office) -> people::Account {
    let scopes =
        [Scope::Trust, site("Northgate General"), ward("Northgate General", "AMU"), Scope::Places(vec![])];
    let role = pick(dice, &Role::ALL);
    let mut account = account("Kim Lark", &[role, pick(dice, &Role::ALL)], pick(dice, &scopes));
    account.temporary = dice.below(4) == 0;
    account.valid_until =
        (dice.below(3) == 0).then(|| office.now.plus_seconds(dice.below(9 * 86_400) as i64 - 86_400));
    account
}

fn card_secret(card: u32) -> Secret128 {
    Secret128::new([(card % 251) as u8; 16])
}

/// Something that somebody might want.
fn wish(dice: &mut Dice, office: &Office) -> Intent {
    let (n, other) = (number(pick(dice, &STAFF)), number(pick(dice, &STAFF)));
    let on = pick(dice, &[terminal(), tablet(), own(), device("a phone from home")]);
    let card = 1 + dice.below(8) as u32;
    let why = pick(dice, &["left", "", "stolen"]).to_owned();
    let session = office.book.sessions.all(office.now).map(|(token, _)| *token).nth(dice.below(6) as usize);
    let session = session.unwrap_or(Hashed::of("session", b"none"));
    match dice.below(19) {
        0 => people::Intent::Join { number: n, account: some_account(dice, office) }.into(),
        1 => people::Intent::Change { number: n, account: some_account(dice, office) }.into(),
        2 => people::Intent::Import {
            rows: vec![(n, some_account(dice, office)), (other, some_account(dice, office))],
        }
        .into(),
        3 => people::Intent::Close { number: n, why }.into(),
        4 => people::Intent::Reopen { number: n, why }.into(),
        5 => devices::Intent::Revoke { device: on, why }.into(),
        6 => devices::Intent::Enrol {
            device: on,
            label: "x".to_owned(),
            kind: devices::DeviceKind::Tablet,
            place: None,
            owner: None,
        }
        .into(),
        7 => {
            let holder = Holder {
                number: number("T7"),
                name: Person::new("Tess Vane").unwrap(),
                roles: [pick(dice, &Role::ALL)].into(),
                scope: ward("Northgate General", "AMU"),
                contact: String::new(),
            };
            cards::Intent::Ask { holder, shift_ends: office.now.plus_seconds(8 * 3_600) }.into()
        }
        8 => {
            let pin = Stored::new(&Typed::new(PIN), [9; 16], Costs::TRIAL).unwrap();
            cards::Intent::Issue { card, secret: cards::hashed(&card_secret(card)), pin }.into()
        }
        9 => cards::Intent::Void { card, why }.into(),
        10 => {
            let until = office.now.plus_seconds(86_400);
            credentials::Intent::Invite {
                people: vec![(n.clone(), recovery(n.as_str(), 9).hashed(INVITATION))],
                until,
            }
            .into()
        }
        11 => credentials::Intent::RemoveAuthenticator { number: n, authenticator: 1 + dice.below(3) as u32 }
            .into(),
        12 => {
            let stored = Stored::new(&Typed::new(PASSPHRASE), [7; 16], Costs::TRIAL).unwrap();
            credentials::Intent::SetPassphrase { number: n, stored }.into()
        }
        13 => Sessions::Lock { session }.into(),
        14 => Sessions::SignOut { session }.into(),
        15 => {
            let what = match dice.below(12) {
                0 => Revoke::Everything,
                1..4 => Revoke::Device(on),
                _ => Revoke::Person(n),
            };
            Sessions::Revoke { what, why }.into()
        }
        16 => break_glass::Intent::Break {
            patient: Patient(dice.below(5)),
            place: Some(place("Northgate General", Some("COTE1"))),
            reason: pick(dice, &break_glass::Reason::ALL),
            words: "coming to us from COTE1".to_owned(),
            device: on,
            from: "10.1.4.7".to_owned(),
        }
        .into(),
        17 => {
            let number = 1 + dice.below(9) as u32;
            break_glass::Intent::Close { number, finding: break_glass::Finding::Right, note: String::new() }
                .into()
        }
        _ => {
            let proof = way_back::Proof::two_of_three(1, 2, office.now).unwrap();
            let code = recovery(n.as_str(), 8).hashed(INVITATION);
            way_back::Intent::Take { proof, number: n, name: Person::new("Kim Lark").unwrap(), code }.into()
        }
    }
}

/// Somebody tries to get in, or to open a locked screen.
fn tries(dice: &mut Dice, office: &mut Office) {
    let n = pick(dice, &STAFF);
    let on = pick(dice, &[terminal(), tablet(), own(), device("a phone from home")]);
    let here = office.book.sessions.on(&on, office.now).map(|(token, _)| *token).next();
    let attempt = match dice.below(5) {
        0 => Attempt::Card {
            text: Typed::new(qr_text(&card_secret(1 + dice.below(8) as u32)).as_str()),
            pin: Typed::new(PIN),
        },
        1 => Attempt::Invitation { number: number(n), code: Typed::new(recovery(n, 9).printed().as_str()) },
        2 => Attempt::Recovery {
            number: number(n),
            passphrase: Typed::new(PASSPHRASE),
            code: Typed::new(recovery(n, dice.below(10) as u8).printed().as_str()),
        },
        3 => {
            if let Some(session) = here
                && let Some(again) =
                    Again::look_up(&office.book, session).and_then(|h| h.verify(&Typed::new(PASSPHRASE)))
            {
                let who = By::Staff(office.book.sessions.session(&session).unwrap().number.clone());
                drop(office.submit_now(who, Sessions::Resume { again, device: on, in_place_of: None }));
            }
            return;
        }
        _ => attempt_with(n, PASSPHRASE, phone(n).code(step(office.now))),
    };
    drop(office.sign_in_over(&attempt, on, "10.1.4.7", here));
}

/// What must be so after every act.
fn sound(office: &Office) {
    let book = &office.book;
    let administrators = book.people.open().filter(|(_, a)| a.stands_as_administrator()).count();
    assert!(administrators > 0, "nobody looks after accounts");
    let mut seen = BTreeSet::new();
    for (_, session) in book.sessions.all(office.now) {
        assert!(
            seen.insert((session.number.clone(), session.device)),
            "two sessions of one person on one device"
        );
        let listed = book.people.listed(&session.number).expect("an account");
        assert!(listed.closed.is_none(), "a session of a closed account");
        assert!(
            book.devices
                .device(&session.device)
                .is_none_or(|d| d.revoked.is_none() || session.kind == access::sessions::Kind::Visiting)
        );
    }
}

/// Every single-use thing was used once.
fn used_once(office: &Office) {
    let mut used = BTreeSet::new();
    for fact in office.acts.iter().flat_map(|(_, act)| &act.facts) {
        let Fact::Sessions(access::sessions::Fact::Opened { number, way, .. }) = fact else { continue };
        if matches!(way, Way::Card { .. } | Way::PassphraseAndCode { .. }) {
            assert!(used.insert(format!("{number} {way:?}")), "used twice: {number} {way:?}");
        }
    }
}

fn run(seed: u64, steps: u64) -> Office {
    let mut dice = Dice(seed);
    let mut office = Office::set_up();
    for _ in 0..steps {
        office.later(dice.below(900) as i64);
        if dice.below(3) == 0 {
            tries(&mut dice, &mut office);
        } else {
            let who =
                if dice.below(6) == 0 { By::Lifeboat } else { By::Staff(number(pick(&mut dice, &STAFF))) };
            let intent = wish(&mut dice, &office);
            drop(office.submit_as(who, intent));
        }
        sound(&office);
    }
    used_once(&office);
    office
}

#[test]
fn whatever_is_done_stays_sound_and_is_folded_to_the_same_picture() {
    let mut kinds = BTreeSet::new();
    for seed in 0..20 {
        let office = run(seed, 600);
        let mut again = AccessBook::default();
        for ((at, act), n) in office.acts.iter().zip(1..) {
            fold(&mut again, EntryNumber(n), *at, act.clone());
            kinds.extend(
                act.facts.iter().map(|fact| format!("{fact:?}").split([' ', '{']).next().unwrap().to_owned()),
            );
        }
        assert_eq!(again, office.book, "seed {seed}");
    }
    for kind in [
        "Sessions(Opened",
        "Sessions(Resumed",
        "Sessions(Revoked",
        "Cards(Issued",
        "BreakGlass(Closed",
        "WayBack(Taken",
    ] {
        assert!(kinds.contains(kind), "{kind} never came: {kinds:?}");
    }
}

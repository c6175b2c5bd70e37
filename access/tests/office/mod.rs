//! An office for the tests of access: people of every role, devices, a book that is written and read back at each act.
#![allow(dead_code)]

use access::devices::{DEVICE, DeviceKey, DeviceKind};
use access::people::{Account, Place, Scope};
use access::secrets::{Code, Hashed, Typed};
use access::sessions::{Activity, Check, Lengths, Opening, SESSION, check};
use access::sign_in::credentials::RECOVERY;
use access::sign_in::passphrase::{Costs, Stored};
use access::sign_in::totp::TotpSecret;
use access::sign_in::{Attempt, Held, Verdict};
use access::{AccessBook, Act, Asked, By, Intent, Refusal, Role, StaffNumber, codec, decide, fold};
use basics::{EntryNumber, Moment, Person, SiteId, WardId, Zone};

pub const NOW: &str = "2026-05-12T08:00:00Z";
pub const PASSPHRASE: &str = "rivet lantern opal drum";
pub const WARD_ADDRESS: &str = "10.1.4.7";

/// The book, with its clock and what the program keeps in memory beside it.
#[derive(Clone)]
pub struct Office {
    pub book: AccessBook,
    pub now: Moment,
    pub activity: Activity,
    pub acts: Vec<(Moment, Act)>,
    tokens: u64,
}

impl Office {
    /// Empty.
    pub fn empty() -> Self {
        let now = Moment::parse_rfc3339(NOW).unwrap();
        let (book, activity) = (AccessBook::default(), Activity::default());
        Self { book, now, activity, acts: Vec::new(), tokens: 0 }
    }

    /// Two administrators, one of every other role, two ward clinicians; two devices.
    pub fn new() -> Self {
        let mut office = Self::empty();
        let first = account("Alex Rowe", &[Role::Administrator], Scope::Trust);
        office
            .submit_as(By::Lifeboat, access::people::Intent::Begin { number: number("A1"), account: first })
            .unwrap();
        for (n, name, role, scope) in [
            ("A2", "Ada Finch", Role::Administrator, Scope::Trust),
            ("N1", "Anna Bell", Role::WardClinician, ward("Northgate General", "AMU")),
            ("N2", "Omar Reed", Role::WardClinician, ward("Northgate General", "COTE1")),
            ("E1", "Eve Dale", Role::EdCoordinator, site("Northgate General")),
            ("E2", "Ed Marsh", Role::EdCoordinator, site("Northgate General")),
            ("C1", "Cora Lane", Role::ControlRoom, Scope::Trust),
            ("L1", "Lena Holt", Role::Loggist, Scope::Trust),
            ("B1", "Ben Cole", Role::Bookings, site("Northgate General")),
            ("M1", "Mia Frost", Role::Communications, Scope::Trust),
            ("I1", "Ivan Pike", Role::It, Scope::Trust),
            ("P1", "Petra Voss", Role::PrivacyOfficer, Scope::Trust),
            ("R1", "Ray Moss", Role::ReadOnly, Scope::Trust),
        ] {
            let account = account(name, &[role], scope);
            office.submit("A1", access::people::Intent::Join { number: number(n), account }).unwrap();
        }
        for (key, label, kind, owner) in [
            (terminal(), "AMU terminal 3", DeviceKind::Terminal, None),
            (tablet(), "AMU tablet 1", DeviceKind::Tablet, None),
            (own(), "Anna's tablet", DeviceKind::Own, Some(number("N1"))),
        ] {
            let place = Some(place("Northgate General", Some("AMU")));
            let enrol =
                access::devices::Intent::Enrol { device: key, label: label.to_owned(), kind, place, owner };
            office.submit("I1", enrol).unwrap();
        }
        office
    }

    /// With a passphrase, a phone and recovery codes for everybody.
    pub fn set_up() -> Self {
        let mut office = Self::new();
        for n in ["A1", "A2", "N1", "N2", "E1", "E2", "C1", "I1", "P1"] {
            office.give_credentials(n);
        }
        office
    }

    pub fn give_credentials(&mut self, n: &str) {
        use access::sign_in::credentials::Intent::{AddAuthenticator, MakeRecoveryCodes, SetPassphrase};
        let mine = number(n);
        let stored = Stored::new(&Typed::new(PASSPHRASE), [7; 16], Costs::TRIAL).unwrap();
        self.submit(n, SetPassphrase { number: mine.clone(), stored }).unwrap();
        let secret = phone(n);
        let code = secret.code(step(self.now.plus_seconds(60)));
        let label = "my phone".to_owned();
        self.submit(n, AddAuthenticator { number: mine.clone(), label, secret, code, next_code: None })
            .unwrap();
        let codes = (0..10).map(|i| recovery(n, i).hashed(RECOVERY)).collect();
        self.submit(n, MakeRecoveryCodes { number: mine, codes }).unwrap();
        self.now = self.now.plus_seconds(120);
    }

    pub fn asked<'a>(&'a self, who: &'a By, zone: &'a Zone) -> Asked<'a> {
        Asked { book: &self.book, zone, who, at: self.now }
    }

    /// Decides, writes and reads back, folds; a minute later.
    pub fn submit(&mut self, who: &str, intent: impl Into<Intent>) -> Result<EntryNumber, Refusal> {
        self.submit_as(By::Staff(number(who)), intent)
    }

    pub fn submit_as(&mut self, who: By, intent: impl Into<Intent>) -> Result<EntryNumber, Refusal> {
        self.now = self.now.plus_seconds(60);
        self.submit_now(who, intent)
    }

    pub fn submit_now(&mut self, who: By, intent: impl Into<Intent>) -> Result<EntryNumber, Refusal> {
        let zone = Zone::london();
        let facts = decide(&Asked { book: &self.book, zone: &zone, who: &who, at: self.now }, intent.into())?;
        assert!(!facts.is_empty(), "an act says something");
        let act = Act { by: who, facts };
        let entry = self.book.last_entry.next();
        let bytes = codec::write(&act).unwrap();
        let read = codec::read(entry, codec::ACT, &bytes).unwrap();
        assert_eq!(read, act, "what is written is what is read");
        self.acts.push((self.now, act));
        fold(&mut self.book, entry, self.now, read);
        Ok(entry)
    }

    pub fn verify(&self, attempt: &Attempt) -> Verdict {
        Held::of(&self.book, attempt, &Zone::london(), self.now).verify(attempt, Costs::TRIAL, self.now)
    }

    /// Signs in by an attempt, on a device, from an address.
    pub fn sign_in(&mut self, attempt: &Attempt, device: DeviceKey, from: &str) -> Result<Hashed, String> {
        self.sign_in_over(attempt, device, from, None)
    }

    pub fn sign_in_over(
        &mut self,
        attempt: &Attempt,
        device: DeviceKey,
        from: &str,
        in_place_of: Option<Hashed>,
    ) -> Result<Hashed, String> {
        let held = Held::of(&self.book, attempt, &Zone::london(), self.now);
        let verdict = held.verify(attempt, Costs::TRIAL, self.now);
        if let Some(alarm) = held.alarm(&verdict, device, from) {
            self.submit_now(By::Lifeboat, access::alarms::Intent::Raise { alarm }).unwrap();
        }
        let words = verdict.words();
        let Verdict::Proven(proven) = verdict else { return Err(words.unwrap()) };
        self.tokens += 1;
        let session = token(self.tokens);
        let who = By::Staff(proven.number().clone());
        let (from, lengths) = (from.to_owned(), Lengths::default());
        let opening = Opening { proven, session, device, from, lengths, in_place_of };
        let opened = self.submit_now(who, access::sessions::Intent::Open(Box::new(opening)));
        opened.map(|_| session).map_err(|refusal| refusal.to_string())
    }

    /// With passphrase and the code that this person's phone shows now.
    pub fn attempt(&self, n: &str) -> Attempt {
        attempt_with(n, PASSPHRASE, phone(n).code(step(self.now)))
    }

    pub fn check(&self, session: &Hashed, device: DeviceKey, from: &str) -> Check<'_> {
        check(&self.book, &self.activity, (session, &device, from), &Zone::london(), self.now)
    }

    pub fn later(&mut self, seconds: i64) {
        self.now = self.now.plus_seconds(seconds);
    }
}

pub fn attempt_with(n: &str, passphrase: &str, code: u32) -> Attempt {
    let (passphrase, code) = (Typed::new(passphrase), Typed::new(format!("{code:06}")));
    Attempt::Passphrase { number: number(n), passphrase, code, next_code: None }
}

pub fn step(at: Moment) -> u64 {
    (at.milliseconds() / 30_000) as u64
}

pub fn phone(n: &str) -> TotpSecret {
    let mut secret = [1; 20];
    secret[..n.len()].copy_from_slice(n.as_bytes());
    TotpSecret::new(secret)
}

pub fn recovery(n: &str, i: u8) -> Code {
    let mut random = [i; 10];
    random[..n.len()].copy_from_slice(n.as_bytes());
    Code::new(&random)
}

pub fn token(n: u64) -> Hashed {
    Hashed::of(SESSION, &n.to_le_bytes())
}

pub fn number(n: &str) -> StaffNumber {
    StaffNumber::new(n).unwrap()
}

pub fn device(name: &str) -> DeviceKey {
    Hashed::of(DEVICE, name.as_bytes())
}

pub fn terminal() -> DeviceKey {
    device("AMU terminal 3")
}

pub fn tablet() -> DeviceKey {
    device("AMU tablet 1")
}

pub fn own() -> DeviceKey {
    device("Anna's tablet")
}

pub fn place(site: &str, ward: Option<&str>) -> Place {
    Place { site: SiteId::new(site).unwrap(), ward: ward.and_then(WardId::new) }
}

pub fn ward(site: &str, ward: &str) -> Scope {
    Scope::Places(vec![place(site, Some(ward))])
}

pub fn site(site: &str) -> Scope {
    Scope::Places(vec![place(site, None)])
}

pub fn account(name: &str, roles: &[Role], scope: Scope) -> Account {
    Account {
        name: Person::new(name).unwrap(),
        roles: roles.iter().copied().collect(),
        scope,
        contact: "ext 4021".to_owned(),
        valid_until: None,
        temporary: false,
    }
}

/// A small generator of numbers, so that every run can be played again from its seed.
pub struct Dice(pub u64);

impl Dice {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, n: u64) -> u64 {
        self.next() % n
    }
}

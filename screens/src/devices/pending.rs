//! Enrolments that wait for their device: in the server's memory alone.
//!
//! Always: a code is compared by its hash, is good for fifteen minutes and once; what became of one is remembered for a day, so
//! that whoever comes second is told when it was used. Never: the code itself kept; more than [`OPEN_MAX`] open at once; a code
//! spent by a rule that said no. A restart forgets them all: make another. Held by the desk, called by `one`, `list` and
//! `enrol`; proved by the tests below and by `tests/devices.rs`.

use access::devices::{DeviceKey, DeviceKind};
use access::people::Place;
use access::secrets::{Code, Hashed, Typed};
use access::{By, StaffNumber};
use basics::{Moment, Zone};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// How long a code is good, in seconds.
pub const GOOD_SECONDS: i64 = 15 * 60;
/// Codes that are open at once.
const OPEN_MAX: usize = 50;
/// Codes remembered, those that are over among them.
const KEPT_MAX: usize = 200;
/// How long a code that is over is remembered, in seconds.
const REMEMBERED_SECONDS: i64 = 86_400;
/// What a code is hashed for.
const CODE: &str = "enrolment";

/// What the device is to be.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Wanted {
    /// What is written on it: "AMU terminal 3".
    pub label: String,
    /// What kind.
    pub kind: DeviceKind,
    /// Where it belongs.
    pub place: Option<Place>,
    /// Whose it is, for a device of one person.
    pub owner: Option<StaffNumber>,
    /// In whose name it will be enrolled.
    pub by: By,
    /// Their name, for people.
    pub by_name: String,
}

/// Why a code enrols nothing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum NoGood {
    /// It was typed with a slip; what is wrong.
    Slip(String),
    /// Nobody made such a code since Lifeboat was started.
    Unknown,
    /// It was used before.
    Used {
        /// When.
        at: Moment,
        /// What that device is called.
        label: String,
    },
    /// Its time is over.
    Expired {
        /// Since when.
        at: Moment,
    },
    /// Whoever made it took it back.
    Withdrawn {
        /// When.
        at: Moment,
    },
}

impl NoGood {
    /// What is said to whoever shows it.
    pub fn words(&self, zone: &Zone) -> String {
        match self {
            Self::Slip(slip) => slip.clone(),
            Self::Unknown => "This code is not known here. It may be older than Lifeboat's last start. Ask whoever gave it \
                 to you for a new one."
                .to_owned(),
            Self::Used { at, label } => format!(
                "This code was used already, at {}, and made that device {label}. A code is good for one device. If that was \
                 not you, tell IT at once: they revoke that device. Ask for a new code.",
                zone.clinical(*at)
            ),
            Self::Expired { at } => format!(
                "This code ran out at {}. A code is good for 15 minutes. Ask whoever gave it to you for a new one.",
                zone.clinical(*at)
            ),
            Self::Withdrawn { at } => {
                format!("This code was taken back at {}. Ask whoever gave it to you.", zone.clinical(*at))
            }
        }
    }
}

enum State {
    Open,
    Used { at: Moment, device: DeviceKey },
    Withdrawn { at: Moment },
}

struct Enrolment {
    number: u32,
    code: Hashed,
    wanted: Wanted,
    until: Moment,
    state: State,
}

impl Enrolment {
    fn open(&self, at: Moment) -> bool {
        matches!(self.state, State::Open) && at < self.until
    }

    fn good(&self, at: Moment) -> Result<(), NoGood> {
        match &self.state {
            State::Used { at, .. } => Err(NoGood::Used { at: *at, label: self.wanted.label.clone() }),
            State::Withdrawn { at } => Err(NoGood::Withdrawn { at: *at }),
            State::Open if at >= self.until => Err(NoGood::Expired { at: self.until }),
            State::Open => Ok(()),
        }
    }
}

#[derive(Default)]
struct Kept {
    last_number: u32,
    /// The oldest first.
    all: Vec<Enrolment>,
}

impl Kept {
    fn find(&mut self, shown: &str) -> Result<&mut Enrolment, NoGood> {
        let code = Code::read(&Typed::new(shown)).map_err(|slip| NoGood::Slip(slip.to_string()))?;
        let code = code.hashed(CODE);
        self.all.iter_mut().find(|enrolment| enrolment.code == code).ok_or(NoGood::Unknown)
    }
}

/// Every enrolment that waits. One for the whole program.
#[derive(Default)]
pub struct Enrolments(Mutex<Kept>);

impl Enrolments {
    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Opens one; returns until when it is good.
    ///
    /// # Errors
    /// A sentence when too many are open.
    pub fn open(&self, code: &Code, wanted: Wanted, at: Moment) -> Result<Moment, String> {
        let mut kept = self.kept();
        kept.all.retain(|e| e.open(at) || at.seconds_since(e.until) < REMEMBERED_SECONDS);
        if kept.all.iter().filter(|e| e.open(at)).count() >= OPEN_MAX {
            return Err(format!(
                "{OPEN_MAX} devices wait to be enrolled already. Enrol those, or take their codes back in the list of devices."
            ));
        }
        if kept.all.len() >= KEPT_MAX
            && let Some(oldest) = kept.all.iter().position(|e| !e.open(at))
        {
            kept.all.remove(oldest);
        }
        kept.last_number = kept.last_number.saturating_add(1);
        let (number, until) = (kept.last_number, at.plus_seconds(GOOD_SECONDS));
        kept.all.push(Enrolment { number, code: code.hashed(CODE), wanted, until, state: State::Open });
        Ok(until)
    }

    /// What a code would make of a device, and until when.
    ///
    /// # Errors
    /// Why it makes nothing of any.
    pub fn shown(&self, code: &str, at: Moment) -> Result<(Wanted, Moment), NoGood> {
        let mut kept = self.kept();
        let found = kept.find(code)?;
        found.good(at)?;
        Ok((found.wanted.clone(), found.until))
    }

    /// What the device is called that used that code, if it is this one: whose answer was lost on the way asks again.
    pub fn used_by(&self, code: &str, device: &DeviceKey) -> Option<String> {
        let mut kept = self.kept();
        let found = kept.find(code).ok()?;
        match &found.state {
            State::Used { device: by, .. } if by == device => Some(found.wanted.label.clone()),
            _ => None,
        }
    }

    /// Uses a code up for a device. Of two at the same moment one alone is given it.
    ///
    /// # Errors
    /// Why it makes nothing of it.
    pub fn take(&self, code: &str, device: DeviceKey, at: Moment) -> Result<Wanted, NoGood> {
        let mut kept = self.kept();
        let found = kept.find(code)?;
        found.good(at)?;
        found.state = State::Used { at, device };
        Ok(found.wanted.clone())
    }

    /// The rules said no, or nothing could be recorded: the code is as good as before.
    pub fn give_back(&self, code: &str, device: &DeviceKey) {
        let mut kept = self.kept();
        if let Ok(found) = kept.find(code)
            && matches!(&found.state, State::Used { device: by, .. } if by == device)
        {
            found.state = State::Open;
        }
    }

    /// Those that wait for their device: number, what, until when; the newest first.
    pub fn waiting(&self, at: Moment) -> Vec<(u32, Wanted, Moment)> {
        let kept = self.kept();
        let open = kept.all.iter().rev().filter(|e| e.open(at));
        open.map(|e| (e.number, e.wanted.clone(), e.until)).collect()
    }

    /// Takes a code back; false when there is no such one any more.
    pub fn withdraw(&self, number: u32, at: Moment) -> bool {
        let mut kept = self.kept();
        let Some(found) = kept.all.iter_mut().find(|e| e.number == number && e.open(at)) else {
            return false;
        };
        found.state = State::Withdrawn { at };
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use access::devices::DEVICE;

    fn wanted() -> Wanted {
        Wanted {
            label: "AMU tablet 1".to_owned(),
            kind: DeviceKind::Tablet,
            place: None,
            owner: None,
            by: By::Staff(StaffNumber::new("A1").unwrap()),
            by_name: "Alex Rowe (A1)".to_owned(),
        }
    }

    fn code(n: u8) -> Code {
        Code::new(&[n; 10])
    }

    fn device(name: &str) -> DeviceKey {
        DeviceKey::of(DEVICE, name.as_bytes())
    }

    fn noon() -> Moment {
        Moment::from_milliseconds(1_784_000_000_000)
    }

    #[test]
    fn a_code_is_good_once_for_fifteen_minutes() {
        let all = Enrolments::default();
        assert_eq!(all.open(&code(1), wanted(), noon()), Ok(noon().plus_seconds(900)));
        let letters = code(1).printed().to_lowercase();
        assert_eq!(all.shown(&letters, noon()).unwrap().0, wanted());
        assert_eq!(
            all.shown(&letters, noon().plus_seconds(900)),
            Err(NoGood::Expired { at: noon().plus_seconds(900) })
        );
        assert_eq!(all.take(&letters, device("a"), noon()), Ok(wanted()));
        let used = NoGood::Used { at: noon(), label: "AMU tablet 1".to_owned() };
        assert_eq!(all.take(&letters, device("b"), noon()), Err(used.clone()));
        assert_eq!(all.used_by(&letters, &device("a")).as_deref(), Some("AMU tablet 1"));
        assert_eq!(all.used_by(&letters, &device("b")), None);
        // The first was refused by a rule: another may have it; nobody else gives it back.
        all.give_back(&letters, &device("b"));
        assert_eq!(all.shown(&letters, noon()), Err(used));
        all.give_back(&letters, &device("a"));
        assert!(all.shown(&letters, noon()).is_ok());
    }

    #[test]
    fn what_was_guessed_mistyped_or_taken_back_enrols_nothing() {
        let all = Enrolments::default();
        all.open(&code(1), wanted(), noon()).unwrap();
        assert_eq!(all.shown(&code(2).printed(), noon()), Err(NoGood::Unknown));
        assert!(matches!(all.shown("K7Q2", noon()), Err(NoGood::Slip(_))));
        let number = all.waiting(noon()).first().unwrap().0;
        assert!(all.withdraw(number, noon()) && !all.withdraw(number, noon()));
        assert_eq!(all.take(&code(1).printed(), device("a"), noon()), Err(NoGood::Withdrawn { at: noon() }));
        assert!(all.waiting(noon()).is_empty());
    }

    #[test]
    fn memory_is_bounded() {
        let all = Enrolments::default();
        for round in 0..10u8 {
            let at = noon().plus_seconds(i64::from(round) * GOOD_SECONDS);
            for n in 0..25u8 {
                all.open(&code(round * 25 + n), wanted(), at).unwrap();
            }
            assert!(all.kept().all.len() <= KEPT_MAX);
        }
        let at = noon().plus_seconds(10 * GOOD_SECONDS);
        let open = |n: u8| all.open(&Code::new(&[7, n, 7, n, 7, n, 7, n, 7, n]), wanted(), at);
        assert!((0..50).all(|n| open(n).is_ok()));
        assert!(open(51).unwrap_err().contains("wait to be enrolled already"));
        // A day later all are forgotten.
        all.open(&code(1), wanted(), at.plus_seconds(2 * REMEMBERED_SECONDS)).unwrap();
        assert_eq!(all.kept().all.len(), 1);
    }
}

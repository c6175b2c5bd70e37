//! Test 25: a hundred thousand guesses, none in, and the real user on an enrolled device is in at once.

use crate::office::{
    Dice, Office, PASSPHRASE, attempt_with, device, number, own, phone, step, tablet, terminal,
};
use access::devices::{DeviceKey, DeviceStanding};
use access::sign_in::guesses::{Guesses, Limits, Ticket, Trying, Wait};
use access::sign_in::passphrase::Costs;
use access::sign_in::{Attempt, Held, Verdict};
use basics::{Moment, Zone};
use std::collections::BTreeMap;

/// Whoever says how often somebody may try.
trait Porter {
    type Token;
    fn may_try(&mut self, trying: &Trying<'_>, at: Moment) -> Result<Self::Token, i64>;
    fn right(&mut self, token: Self::Token);
    fn wrong(&mut self, token: Self::Token);
}

impl Porter for Guesses {
    type Token = Ticket;

    fn may_try(&mut self, trying: &Trying<'_>, at: Moment) -> Result<Ticket, i64> {
        Guesses::may_try(self, trying, at).map_err(|wait| match wait {
            Wait::Here { seconds } | Wait::Stranger { seconds } => seconds,
        })
    }

    fn right(&mut self, ticket: Ticket) {
        Guesses::right(self, ticket);
    }

    fn wrong(&mut self, ticket: Ticket) {
        drop(Guesses::wrong(self, ticket));
    }
}

/// The planted bug: a limit for each account alone, ten wrong and locked for a quarter of an hour.
#[derive(Default)]
struct AccountAlone(BTreeMap<String, (u32, Moment)>);

impl Porter for AccountAlone {
    type Token = (String, Moment);

    fn may_try(&mut self, trying: &Trying<'_>, at: Moment) -> Result<(String, Moment), i64> {
        let (wrong, since) = self.0.get(trying.number.as_str()).copied().unwrap_or((0, at));
        let over = 900 - at.seconds_since(since);
        if wrong >= 10 && over > 0 { Err(over) } else { Ok((trying.number.to_string(), at)) }
    }

    fn right(&mut self, (number, _): (String, Moment)) {
        self.0.remove(&number);
    }

    fn wrong(&mut self, (number, at): (String, Moment)) {
        let entry = self.0.entry(number).or_insert((0, at));
        *entry = (entry.0 + 1, at);
    }
}

/// No limit at all: the other planted bug.
struct Nobody;

impl Porter for Nobody {
    type Token = ();

    fn may_try(&mut self, _: &Trying<'_>, _: Moment) -> Result<(), i64> {
        Ok(())
    }

    fn right(&mut self, (): ()) {}

    fn wrong(&mut self, (): ()) {}
}

#[derive(Debug, Default, PartialEq, Eq)]
struct Outcome {
    /// Guesses that got in.
    guesses_in: u32,
    /// Guesses that were looked at at all.
    looked_at: u32,
    /// Longest wait of the real user, in seconds.
    waited_seconds_max: i64,
    /// How often the real user got in.
    real_in: u32,
}

/// One try through the porter: whether it got in, or how long to wait.
fn try_in<P: Porter>(
    office: &mut Office,
    porter: &mut P,
    attempt: &Attempt,
    (on, from): (DeviceKey, &str),
) -> Result<bool, i64> {
    let held = Held::of(&office.book, attempt, &Zone::london(), office.now);
    let standing = office.book.devices.standing(&on, held.counted_as());
    let trying = Trying { number: held.counted_as(), device: on, standing, from };
    let token = porter.may_try(&trying, office.now)?;
    match held.verify(attempt, Costs::TRIAL, office.now) {
        Verdict::Proven(_) => {
            porter.right(token);
            Ok(true)
        }
        _ => {
            porter.wrong(token);
            Ok(false)
        }
    }
}

/// Guesses at a hundred a second from everywhere: from addresses without number, from a ward terminal that somebody sits at.
/// They know the passphrase from a shoulder, and guess the code. The real user signs in on her own device now and then.
fn attack<P: Porter>(guesses: u32, seed: u64, porter: &mut P) -> Outcome {
    let mut office = Office::set_up();
    let attempt = office.attempt("N1");
    office.sign_in(&attempt, own(), "10.2.0.9").unwrap();
    assert_eq!(office.book.devices.standing(&own(), &number("N1")), DeviceStanding::Known);
    office.later(60);
    let (mut dice, mut outcome) = (Dice(seed), Outcome::default());
    for guess in 0..guesses {
        if guess % 100 == 99 {
            office.later(1);
        }
        let passphrase = if guess % 2 == 0 { PASSPHRASE } else { "a guess from a list" };
        let attempt = attempt_with("N1", passphrase, dice.below(1_000_000) as u32);
        let address = format!("203.0.{}.{}", dice.below(256), dice.below(256));
        let at = match dice.below(4) {
            0 => (terminal(), "10.1.4.7"),
            1 => (tablet(), "10.1.4.8"),
            _ => (device(&address), address.as_str()),
        };
        if let Ok(is_in) = try_in(&mut office, porter, &attempt, at) {
            outcome.looked_at += 1;
            outcome.guesses_in += u32::from(is_in);
        }
        if guess % 5_000 == 4_999 {
            // A slip of the finger, and then right.
            let slip = attempt_with("N1", "rivet lantern opal drumm", phone("N1").code(step(office.now)));
            let real = office.attempt("N1");
            for attempt in [slip, real] {
                match try_in(&mut office, porter, &attempt, (own(), "10.2.0.9")) {
                    Ok(is_in) => outcome.real_in += u32::from(is_in),
                    Err(seconds) => outcome.waited_seconds_max = outcome.waited_seconds_max.max(seconds),
                }
            }
        }
    }
    outcome
}

fn torture() -> bool {
    std::env::var_os("LIFEBOAT_TORTURE").is_some_and(|v| v == "1")
}

fn seed() -> u64 {
    let seed = std::env::var("LIFEBOAT_SEED").ok().and_then(|s| s.parse().ok()).unwrap_or(20_260_512);
    println!("seed {seed}; play again with LIFEBOAT_SEED={seed}");
    seed
}

/// What is wrong with an outcome.
fn faults(outcome: &Outcome, guesses: u32) -> Vec<String> {
    let mut faults = Vec::new();
    if outcome.guesses_in > 0 {
        faults.push(format!("{} guesses got in", outcome.guesses_in));
    }
    if outcome.real_in != guesses / 5_000 || outcome.waited_seconds_max > 0 {
        faults.push(format!("the real user was kept out: {outcome:?}"));
    }
    // Three codes of a million fit at any time: a few hundred tries are nothing, a hundred thousand are one in four.
    if outcome.looked_at > guesses / 100 + 300 {
        faults.push(format!("{} guesses were looked at", outcome.looked_at));
    }
    faults
}

#[test]
fn guesses_get_nowhere_and_the_real_user_gets_in_at_once() {
    let guesses = 100_000;
    for round in 0..if torture() { 20 } else { 1 } {
        let outcome = attack(guesses, seed().wrapping_add(round), &mut Guesses::new(Limits::default()));
        println!("{outcome:?}");
        assert_eq!(faults(&outcome, guesses), Vec::<String>::new());
    }
}

#[test]
fn a_limit_for_each_account_alone_is_caught() {
    let outcome = attack(20_000, seed(), &mut AccountAlone::default());
    let faults = faults(&outcome, 20_000);
    assert!(faults.iter().any(|f| f.contains("kept out")), "{faults:?}");
}

#[test]
fn no_limit_at_all_is_caught() {
    let outcome = attack(20_000, seed(), &mut Nobody);
    let faults = faults(&outcome, 20_000);
    assert!(faults.iter().any(|f| f.contains("looked at")), "{faults:?}");
}

fn trying<'a>(
    n: &'a access::StaffNumber,
    on: DeviceKey,
    standing: DeviceStanding,
    from: &'a str,
) -> Trying<'a> {
    Trying { number: n, device: on, standing, from }
}

#[test]
fn whoever_waits_is_told_how_long_and_where_to_go_instead() {
    let (mut guesses, now, n) =
        (Guesses::default(), Moment::from_milliseconds(1_788_000_000_000), number("N1"));
    let stranger = |from: &'static str| (device(from), DeviceStanding::Stranger, from);
    let mut last = None;
    for _ in 0..12 {
        let (on, standing, from) = stranger("203.0.113.9");
        match guesses.may_try(&trying(&n, on, standing, from), now) {
            Ok(ticket) => drop(guesses.wrong(ticket)),
            Err(wait) => last = Some(wait),
        }
    }
    let words = last.unwrap().to_string();
    assert!(words.contains("Wait 30 seconds") && words.contains("lets you in at once"), "{words}");
    // Half a minute later there is one try, and only one.
    let (on, standing, from) = stranger("203.0.113.9");
    let later = now.plus_seconds(30);
    let other = number("N2");
    assert!(guesses.may_try(&trying(&other, on, standing, from), later).is_ok());
    assert!(guesses.may_try(&trying(&other, on, standing, from), later).is_err());
    // On her own device she has an allowance of her own.
    let known = trying(&n, own(), DeviceStanding::Known, "10.2.0.9");
    let ticket = guesses.may_try(&known, now).unwrap();
    guesses.right(ticket);
}

#[test]
fn what_was_right_costs_nothing_and_slips_are_given_back() {
    let (mut guesses, now, n) =
        (Guesses::default(), Moment::from_milliseconds(1_788_000_000_000), number("N1"));
    for round in 0..500 {
        for standing in [DeviceStanding::Known, DeviceStanding::Enrolled, DeviceStanding::Stranger] {
            let ticket = guesses.may_try(&trying(&n, own(), standing, "10.0.0.1"), now).unwrap();
            if round % 2 == 0 { guesses.right(ticket) } else { guesses.slip(ticket) }
        }
    }
}

#[test]
fn a_clock_that_was_set_back_makes_nobody_wait_for_years() {
    let (mut guesses, n) = (Guesses::default(), number("N1"));
    let ahead = Moment::from_milliseconds(1_788_000_000_000 + 10 * 366 * 86_400_000);
    for _ in 0..10 {
        drop(guesses.may_try(&trying(&n, own(), DeviceStanding::Known, ""), ahead).unwrap());
    }
    let now = Moment::from_milliseconds(1_788_000_000_000);
    let Err(Wait::Here { seconds }) = guesses.may_try(&trying(&n, own(), DeviceStanding::Known, ""), now)
    else {
        panic!("the allowance was used up")
    };
    assert!(seconds <= 60, "{seconds}");
}

#[test]
fn memory_has_a_bound_and_a_full_one_keeps_no_enrolled_device_out() {
    let limits = Limits { remembered_max: 50, ..Limits::default() };
    let (mut guesses, now, n) =
        (Guesses::new(limits), Moment::from_milliseconds(1_788_000_000_000), number("N1"));
    let mut refused = 0;
    for i in 0..200 {
        let from = format!("203.0.113.{i}");
        match guesses
            .may_try(&trying(&number(&format!("X{i}")), device(&from), DeviceStanding::Stranger, &from), now)
        {
            Ok(ticket) => drop(guesses.wrong(ticket)),
            Err(_) => refused += 1,
        }
    }
    assert!(refused >= 100, "{refused}");
    assert!(guesses.may_try(&trying(&n, own(), DeviceStanding::Known, ""), now).is_ok());
    // What is full again is forgotten.
    let later = now.plus_seconds(3_600);
    assert!(
        guesses.may_try(&trying(&n, device("new"), DeviceStanding::Stranger, "198.51.100.1"), later).is_ok()
    );
}

#[test]
fn many_wrong_tries_raise_an_alarm_now_and_then_and_lock_nothing() {
    let (mut guesses, mut at, n) =
        (Guesses::default(), Moment::from_milliseconds(1_788_000_000_000), number("N1"));
    let mut alarms = Vec::new();
    for _ in 0..2_000 {
        at = at.plus_seconds(60);
        let ticket = guesses.may_try(&trying(&n, own(), DeviceStanding::Known, "10.0.0.1"), at).unwrap();
        if let Some(access::alarms::Alarm::Guessing { tries, .. }) = guesses.wrong(ticket) {
            alarms.push(tries);
        }
    }
    assert_eq!(alarms, [20, 200, 2_000]);
}

//! Codes from an authenticator on a phone (RFC 6238: HMAC-SHA1, six digits, 30 seconds), when the phone's clock is wrong.
//!
//! Always: a code counts once; how far a phone's clock is off is remembered, so that it costs its owner two codes once and
//! not every time. A phone that is hours off is found by two codes one after another; one that is days off is told so, for
//! old codes may have been seen by others. Never: which of the two clocks is wrong claimed. Proved by the tests below.

use crate::secrets::{Typed, base32};
use basics::Moment;
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha1::Sha1;
use std::fmt;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// Seconds of one step.
pub const STEP_SECONDS: i64 = 30;
/// A code is good for so many steps before and after its own.
const NEAR_STEPS: i64 = 1;
/// Found by two codes one after another: a clock that is wrong by so many steps, two hours.
pub const DRIFT_STEPS_MAX: i64 = 240;
/// Looked for by two codes, to say what is wrong: a week.
const APART_STEPS_MAX: i64 = 7 * 24 * 120;
/// Digits of a code.
const DIGITS: usize = 6;

/// What an authenticator and Lifeboat both hold. It lies in the sealed book and in memory, nowhere else.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop, Serialize, Deserialize)]
pub struct TotpSecret([u8; 20]);

impl TotpSecret {
    /// Made of random bytes.
    pub fn new(random: [u8; 20]) -> Self {
        Self(random)
    }

    /// For typing in by hand, in groups of four.
    pub fn letters(&self) -> Zeroizing<String> {
        let letters = Zeroizing::new(base32(&self.0));
        let mut out = Zeroizing::new(String::with_capacity(40));
        for (n, letter) in letters.chars().enumerate() {
            if n > 0 && n % 4 == 0 {
                out.push(' ');
            }
            out.push(letter);
        }
        out
    }

    /// The text of the QR code that authenticators read. `issuer` and `account` are shown by the phone.
    pub fn link(&self, issuer: &str, account: &str) -> Zeroizing<String> {
        let plain =
            |text: &str| -> String {
                text.bytes()
                    .map(|b| {
                        if b.is_ascii_alphanumeric() {
                            char::from(b).to_string()
                        } else {
                            format!("%{b:02X}")
                        }
                    })
                    .collect()
            };
        let (issuer, account, secret) = (plain(issuer), plain(account), Zeroizing::new(base32(&self.0)));
        Zeroizing::new(format!(
            "otpauth://totp/{issuer}:{account}?secret={}&issuer={issuer}&algorithm=SHA1&digits=6&period=30",
            secret.as_str()
        ))
    }

    /// The code of one step.
    pub fn code(&self, step: u64) -> u32 {
        let Ok(mut mac) = Hmac::<Sha1>::new_from_slice(&self.0) else {
            unreachable!("HMAC takes keys of any length")
        };
        mac.update(&step.to_be_bytes());
        let sum = mac.finalize().into_bytes();
        let at = usize::from(sum.last().copied().unwrap_or(0) & 0x0f);
        let four = sum.get(at..at + 4).unwrap_or(&[0; 4]);
        let number = four.iter().fold(0u32, |n, byte| (n << 8) | u32::from(*byte)) & 0x7fff_ffff;
        number % 1_000_000
    }
}

impl fmt::Debug for TotpSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TotpSecret(…)")
    }
}

/// What codes say.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Codes {
    /// Right: of this step, from a clock so many steps ahead.
    Right {
        /// The step of the (last) code on the phone's clock.
        step: u64,
        /// How far the phone is ahead of Lifeboat.
        drift_steps: i32,
    },
    /// Right once, and used already.
    Used,
    /// Both codes are the phone's, but its clock and ours are so many seconds apart; positive: the phone is ahead.
    Apart {
        /// How far the phone is ahead, in seconds.
        seconds: i64,
    },
    /// Not its codes.
    Wrong,
}

/// A code as typed: six digits, spaces do not count.
pub fn read_code(typed: &Typed) -> Option<u32> {
    let digits: Zeroizing<String> =
        Zeroizing::new(typed.as_str().chars().filter(|c| !c.is_whitespace() && *c != '-').collect());
    let all = digits.len() == DIGITS && digits.bytes().all(|b| b.is_ascii_digit());
    if all { digits.parse().ok() } else { None }
}

/// Judges one code, or two that the phone showed one after another. `drift_steps`: how far this phone was ahead when last
/// seen; `used`: the steps of the codes that were taken lately. Those are named one by one, so that a phone whose clock was
/// put back gets in.
pub fn judge(
    secret: &TotpSecret,
    codes: (u32, Option<u32>),
    (drift_steps, used): (i32, &[u64]),
    at: Moment,
) -> Codes {
    let now = at.milliseconds().div_euclid(STEP_SECONDS * 1000);
    let found = match codes {
        (code, None) => {
            let expected = now + i64::from(drift_steps);
            // Of ±1 the middle one first: where two fit, the likelier.
            let near = [0, -NEAR_STEPS, NEAR_STEPS].into_iter().map(|away| expected + away);
            steps(near).find(|step| secret.code(*step) == code)
        }
        (code, Some(next)) => {
            // The second code is of now; the first of the step before.
            let around = (0..=APART_STEPS_MAX).flat_map(|away| [now + away, now - away]);
            let fits = |step: &u64| {
                secret.code(*step) == next && step.checked_sub(1).is_some_and(|s| secret.code(s) == code)
            };
            steps(around).find(fits)
        }
    };
    let Some(step) = found else { return Codes::Wrong };
    let ahead = i64::try_from(step).unwrap_or(i64::MAX).saturating_sub(now);
    if used.contains(&step) {
        return Codes::Used;
    }
    if ahead.abs() > DRIFT_STEPS_MAX {
        return Codes::Apart { seconds: ahead * STEP_SECONDS };
    }
    Codes::Right { step, drift_steps: i32::try_from(ahead).unwrap_or(0) }
}

fn steps(of: impl Iterator<Item = i64>) -> impl Iterator<Item = u64> {
    of.filter_map(|step| u64::try_from(step).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Moment {
        Moment::from_milliseconds(seconds * 1000)
    }

    /// The code that a phone shows whose clock is `ahead` seconds ahead.
    fn shown(secret: &TotpSecret, now: i64, ahead: i64) -> u32 {
        secret.code(((now + ahead) / STEP_SECONDS) as u64)
    }

    #[test]
    fn codes_are_those_of_the_standard() {
        // RFC 6238, appendix B: the last six of its eight digits.
        let secret = TotpSecret::new(*b"12345678901234567890");
        for (seconds, want) in [
            (59, 287_082),
            (1_111_111_109, 81_804),
            (1_111_111_111, 50_471),
            (1_234_567_890, 5_924),
            (2_000_000_000, 279_037),
            (20_000_000_000, 353_130),
        ] {
            assert_eq!(shown(&secret, seconds, 0), want, "at {seconds}");
        }
        assert_eq!(secret.letters().as_str(), "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ");
        let link = secret.link("Lifeboat, Northgate", "10482");
        assert_eq!(
            link.as_str(),
            "otpauth://totp/Lifeboat%2C%20Northgate:10482?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\
             &issuer=Lifeboat%2C%20Northgate&algorithm=SHA1&digits=6&period=30"
        );
        assert_eq!(format!("{secret:?}"), "TotpSecret(…)");
    }

    const NOW: i64 = 1_788_000_015;

    #[test]
    fn a_phone_that_is_a_little_off_gets_in_and_is_remembered() {
        let secret = TotpSecret::new([7; 20]);
        for ahead in [-30, 0, 30] {
            let code = shown(&secret, NOW, ahead);
            let Codes::Right { drift_steps, .. } = judge(&secret, (code, None), (0, &[]), at(NOW)) else {
                panic!("{ahead}")
            };
            assert_eq!(i64::from(drift_steps), ahead / 30);
        }
        // Twenty minutes off: one code is not enough, two are; from then on one is.
        let code = shown(&secret, NOW, 1_200);
        assert_eq!(judge(&secret, (code, None), (0, &[]), at(NOW)), Codes::Wrong);
        let next = shown(&secret, NOW + 30, 1_200);
        let Codes::Right { step, drift_steps } = judge(&secret, (code, Some(next)), (0, &[]), at(NOW + 30))
        else {
            panic!()
        };
        assert_eq!(drift_steps, 40);
        let later = shown(&secret, NOW + 86_400, 1_200);
        assert!(matches!(
            judge(&secret, (later, None), (drift_steps, &[step]), at(NOW + 86_400)),
            Codes::Right { drift_steps: 40, .. }
        ));
    }

    #[test]
    fn a_phone_that_is_days_off_is_told_so_and_its_codes_are_not_taken() {
        let secret = TotpSecret::new([7; 20]);
        for ahead in [-2 * 86_400, 2 * 86_400, 3 * 3_600] {
            let code = shown(&secret, NOW, ahead);
            let next = shown(&secret, NOW + 30, ahead);
            assert_eq!(
                judge(&secret, (code, Some(next)), (0, &[]), at(NOW + 30)),
                Codes::Apart { seconds: ahead },
                "{ahead}"
            );
        }
        // Past a week, and codes that are not its own.
        let far = (shown(&secret, NOW, 9 * 86_400), Some(shown(&secret, NOW + 30, 9 * 86_400)));
        assert_eq!(judge(&secret, far, (0, &[]), at(NOW + 30)), Codes::Wrong);
        assert_eq!(judge(&secret, (123_456, Some(654_321)), (0, &[]), at(NOW)), Codes::Wrong);
    }

    #[test]
    fn a_code_counts_once() {
        let secret = TotpSecret::new([7; 20]);
        let code = shown(&secret, NOW, 0);
        let Codes::Right { step, drift_steps } = judge(&secret, (code, None), (0, &[]), at(NOW)) else {
            panic!()
        };
        assert_eq!(judge(&secret, (code, None), (drift_steps, &[step]), at(NOW + 5)), Codes::Used);
        let next = secret.code(step + 1);
        assert_eq!(judge(&secret, (code, Some(next)), (0, &[step + 1]), at(NOW + 35)), Codes::Used);
        // A phone whose clock was put back by an hour: what it shows now was never used.
        let (early, then) = (shown(&secret, NOW, -3_600), shown(&secret, NOW + 30, -3_600));
        assert!(matches!(
            judge(&secret, (early, Some(then)), (0, &[step]), at(NOW + 30)),
            Codes::Right { .. }
        ));
    }

    #[test]
    fn codes_are_read_as_people_type_them() {
        for (typed, want) in [
            ("012 345", Some(12_345)),
            ("012345", Some(12_345)),
            ("12345", None),
            ("1234567", None),
            ("abc123", None),
        ] {
            assert_eq!(read_code(&Typed::new(typed)), want, "{typed}");
        }
    }
}

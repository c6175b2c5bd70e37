//! Ways to reach a person as a record holds them: which of them can be a number, an address, a place where the post goes.
//!
//! Always: only the form is judged; whether it is still theirs nobody can see. Never: a landline counts as a number to text,
//! nor a made-up number ("07000 000000") or a made-up postcode (ZZ99) as a way. Called by `route`; proved by the tables of
//! `tests/notice_routes.rs`.

use crate::problems::folded;
use crate::{Address, Telecom};

/// A telephone number in international form (E.164).
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum PhoneNumber {
    /// A British mobile: it can be called and texted.
    Mobile(String),
    /// Any other British number: it can be called.
    Landline(String),
    /// A number of another country: it can be called.
    Abroad(String),
}

impl PhoneNumber {
    /// "+447700900123".
    pub fn e164(&self) -> &str {
        match self {
            Self::Mobile(number) | Self::Landline(number) | Self::Abroad(number) => number,
        }
    }
}

/// Reads a number as people write it: "07700 900123", "+44 (0)7700 900-123", "0044 20 7946 0000". `None` for what can be no
/// number, or is one that people make up to fill a box.
pub fn phone_number(text: &str) -> Option<PhoneNumber> {
    let plain = text.trim().replace("(0)", "");
    let plus = plain.starts_with('+');
    let bare = plain.strip_prefix('+').unwrap_or(&plain);
    let mut digits = String::with_capacity(bare.len());
    for c in bare.chars() {
        match c {
            '0'..='9' => digits.push(c),
            ' ' | '-' | '.' | '(' | ')' | '/' | '\u{a0}' | '\u{2011}' | '\u{2013}' => {}
            _ => return None,
        }
    }
    let international = if plus { Some(digits.as_str()) } else { digits.strip_prefix("00") };
    match international {
        Some(number) => match number.strip_prefix("44") {
            Some(national) => british(national.trim_start_matches('0')),
            None => {
                let fits = (8..=15).contains(&number.len()) && !number.starts_with('0') && !made_up(number);
                fits.then(|| PhoneNumber::Abroad(format!("+{number}")))
            }
        },
        None => british(digits.strip_prefix('0')?),
    }
}

/// The digits after the 0 or +44. 070 is no mobile (personal numbers), 076 is pagers but for 07624, the Isle of Man.
fn british(national: &str) -> Option<PhoneNumber> {
    if !national.bytes().all(|b| b.is_ascii_digit()) || made_up(national) {
        return None;
    }
    let number = format!("+44{national}");
    let second = national.chars().nth(1)?;
    match (national.chars().next()?, national.len()) {
        ('7', 10) if second != '0' && (second != '6' || national.starts_with("7624")) => {
            Some(PhoneNumber::Mobile(number))
        }
        ('1', 9 | 10) | ('2' | '3', 10) => Some(PhoneNumber::Landline(number)),
        _ => None,
    }
}

/// Whether all but the first digits are one or two in turn, or counted up: nobody has such a number.
fn made_up(digits: &str) -> bool {
    let tail = digits.get(digits.len().saturating_sub(8)..).unwrap_or("");
    let mut kinds: Vec<char> = tail.chars().collect();
    kinds.sort_unstable();
    kinds.dedup();
    kinds.len() < 2 || tail == "12345678" || tail == "23456789"
}

/// Reads a mail address; `None` for what can be none. Small letters in the domain, the rest as written.
pub fn email_address(text: &str) -> Option<String> {
    let text = text.trim();
    let text = text.strip_prefix("mailto:").unwrap_or(text);
    let (local, domain) = text.rsplit_once('@')?;
    let local_fits = (1..=64).contains(&local.len())
        && local.chars().all(|c| c.is_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c))
        && !local.starts_with('.')
        && !local.ends_with('.')
        && !local.contains("..");
    let domain = domain.to_lowercase();
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.chars().all(|c| c.is_alphanumeric() || c == '-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let last = domain.rsplit('.').next().unwrap_or("");
    let domain_fits = domain.len() <= 253
        && domain.contains('.')
        && domain.split('.').all(label)
        && last.len() >= 2
        && last.chars().all(char::is_alphabetic);
    let nobody = last == "invalid" || ["noemail", "no email", "none"].contains(&folded(local).as_str());
    (local_fits && domain_fits && !nobody).then(|| format!("{local}@{domain}"))
}

/// The lines of an address to which the post goes; `None` where it cannot: no postcode, no fixed abode, or one of the
/// postcodes that the NHS gives to no place (ZZ99).
pub fn postal_lines(address: &Address) -> Option<Vec<String>> {
    let mut lines: Vec<String> =
        address.lines.iter().map(|line| basics::tidy(line, 80)).filter(|line| !line.is_empty()).collect();
    let postcode = postcode(&address.postcode)?;
    let nowhere = ["no fixed abode", "nfa", "unknown", "not known", "no address"];
    let says_nowhere = lines.iter().any(|line| {
        let line = folded(line);
        nowhere.contains(&line.as_str()) || line.starts_with("no fixed abode")
    });
    if lines.is_empty() || says_nowhere || postcode.starts_with("ZZ") {
        return None;
    }
    lines.retain(|line| self::postcode(line).as_ref() != Some(&postcode));
    lines.push(postcode);
    Some(lines)
}

/// A British postcode in its usual form: "SW1A 1AA". The form alone is looked at.
fn postcode(text: &str) -> Option<String> {
    let plain: String = text.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_uppercase();
    if !(5..=7).contains(&plain.len()) {
        return None;
    }
    let (outward, inward) = plain.split_at_checked(plain.len() - 3)?;
    let mut inner = inward.chars();
    let inner_fits = inner.next()?.is_ascii_digit() && inner.all(|c| c.is_ascii_alphabetic());
    let outer_fits = outward.starts_with(|c: char| c.is_ascii_alphabetic())
        && outward.contains(|c: char| c.is_ascii_digit());
    (inner_fits && outer_fits).then(|| format!("{outward} {inward}"))
}

/// What a record holds of a person's ways, sorted.
#[derive(Clone, Debug, Default)]
pub(super) struct Ways {
    /// Mobiles that are not somebody's at work; each once.
    pub(super) mobiles: Vec<String>,
    /// Every number that can be called: mobiles, then others, those at work last.
    pub(super) numbers: Vec<String>,
    pub(super) emails: Vec<String>,
}

impl Ways {
    pub(super) fn of<'a>(telecoms: impl Iterator<Item = &'a Telecom>) -> Self {
        let mut ways = Self::default();
        let (mut others, mut at_work) = (Vec::new(), Vec::new());
        for telecom in telecoms {
            let work = folded(&telecom.use_).contains("work");
            if let Some(address) = email_address(&telecom.value) {
                keep(&mut ways.emails, address);
            } else if let Some(number) = phone_number(&telecom.value) {
                let e164 = number.e164().to_owned();
                match number {
                    _ if work => keep(&mut at_work, e164),
                    PhoneNumber::Mobile(_) => keep(&mut ways.mobiles, e164),
                    PhoneNumber::Landline(_) | PhoneNumber::Abroad(_) => keep(&mut others, e164),
                }
            }
        }
        ways.numbers.clone_from(&ways.mobiles);
        for number in others.into_iter().chain(at_work) {
            keep(&mut ways.numbers, number);
        }
        ways
    }
}

/// Adds what is not there yet.
pub(super) fn keep(list: &mut Vec<String>, value: String) {
    if !list.contains(&value) {
        list.push(value);
    }
}

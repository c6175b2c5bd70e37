//! One message that is to leave the house, and what it must be before anybody takes it on.
//!
//! On the ward: "tell the on-call team", "tell this patient that her clinic is cancelled", "a slip for the runner".
//! Always: checked before it is recorded; a line break or control character never reaches a header, a number or an
//! address; whoever prints one for the log (`Debug`) sees no person's number, address or words. Called by whoever has
//! something to say; proved by the table below and by `tests/contract.rs`.

use crate::Refusal;
use basics::Moment;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// Longest text of one message, in bytes.
pub const BODY_BYTES_MAX: usize = 32 << 10;
/// Longest subject, in bytes: one line of a mail's header.
pub const SUBJECT_BYTES_MAX: usize = 200;
/// Longest reason and longest name of who asked, in bytes.
pub const REASON_BYTES_MAX: usize = 500;
/// Most fields of a template, and the longest name of one, in bytes.
pub const FIELDS_MAX: usize = 40;
const FIELD_NAME_BYTES_MAX: usize = 60;

/// One message that is to leave the house.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Outgoing {
    /// Whoever asks derives it from what is to be said ("clinic-4711-cancelled"), so that asking twice sends once.
    pub id: OutgoingId,
    /// To whom, and how.
    pub route: Route,
    /// What it says.
    pub words: Words,
    /// Why it is sent, for the record.
    pub why: String,
    /// Who asked for it: a name or initials.
    pub asked_by: String,
    /// What goes first.
    pub urgency: Urgency,
    /// After this moment it would mislead and is not sent.
    pub valid_until: Moment,
    /// Said in an exercise: the word EXERCISE stands before subject and text, whichever way it goes.
    pub exercise: bool,
}

/// To whom, and how.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Route {
    /// A text message.
    Sms(PhoneNumber),
    /// A mail.
    Email(EmailAddress),
    /// A machine that takes JSON, by the name it has in the configuration.
    Webhook(WebhookName),
    /// Paper for a runner: where it is to be taken.
    Slip(Place),
}

/// The four ways out.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// Text messages.
    Sms,
    /// Mail.
    Email,
    /// Machines.
    Webhook,
    /// Paper.
    Slip,
}

impl Route {
    /// Which of the four ways this is.
    pub fn way(&self) -> Way {
        match self {
            Self::Sms(_) => Way::Sms,
            Self::Email(_) => Way::Email,
            Self::Webhook(_) => Way::Webhook,
            Self::Slip(_) => Way::Slip,
        }
    }

    /// The number, address, name or place as people write it.
    pub fn to(&self) -> &str {
        match self {
            Self::Sms(number) => number.as_str(),
            Self::Email(address) => address.as_str(),
            Self::Webhook(name) => name.as_str(),
            Self::Slip(place) => place.as_str(),
        }
    }
}

impl Way {
    /// In words: "text messages".
    pub fn words(self) -> &'static str {
        match self {
            Self::Sms => "text messages",
            Self::Email => "mail",
            Self::Webhook => "webhooks",
            Self::Slip => "printed slips",
        }
    }
}

/// What goes first. The order is that of sending.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Urgency {
    /// Somebody's safety depends on it: call-outs, roll-calls.
    Urgent,
    /// Ordinary.
    Routine,
    /// Thousands at once: notices to patients.
    Bulk,
}

/// What a message says. The text is always complete in itself; a gateway that only fills templates of its own (GOV.UK
/// Notify) takes the template's name and fields where it knows that template, else its plain one with this text.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Words {
    /// One line; text messages and slips show it only where there is room.
    pub subject: String,
    /// The whole text, personalised, as the person is to read it.
    pub body: String,
    /// The template it was made from, by its name in `forms/`.
    pub template: Option<String>,
    /// What was filled in.
    pub fields: BTreeMap<String, String>,
}

impl fmt::Debug for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Words({} bytes)", self.body.len())
    }
}

macro_rules! checked_text {
    ($(#[$doc:meta])* $name:ident, $shown:literal) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(Box<str>);

        impl $name {
            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = Refusal;
            fn try_from(text: String) -> Result<Self, Refusal> {
                Self::new(&text)
            }
        }

        impl From<$name> for String {
            fn from(text: $name) -> Self {
                text.0.into()
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                if $shown { f.write_str(&self.0) } else { f.write_str(concat!(stringify!($name), "(hidden)")) }
            }
        }
    };
}

checked_text!(
    /// The asker's own name for a message: 1 to 80 letters, digits, `-`, `_` and `.`. Never shown to a gateway.
    OutgoingId,
    true
);
checked_text!(
    /// A telephone number in international form (E.164): `+447700900123`.
    PhoneNumber,
    false
);
checked_text!(
    /// A mail address, ASCII, at most 254 bytes.
    EmailAddress,
    false
);
checked_text!(
    /// A webhook's name in the configuration: 1 to 40 letters, digits and hyphens.
    WebhookName,
    true
);
checked_text!(
    /// Where a slip is to be taken: "Ward 7, nurse in charge". One line, at most 120 bytes.
    Place,
    true
);

impl OutgoingId {
    /// Refuses what is empty, long or holds other characters.
    pub fn new(text: &str) -> Result<Self, Refusal> {
        let fine = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        match (1..=80).contains(&text.len()) && text.chars().all(fine) {
            true => Ok(Self(text.into())),
            false => Err(Refusal::Id),
        }
    }
}

impl PhoneNumber {
    /// Takes `07700 900123`, `+44 (0)7700 900123`, `0044 7700 900123`. A number without a country is a British one.
    pub fn new(text: &str) -> Result<Self, Refusal> {
        let text = text.trim().replace("(0)", "");
        if text.len() > 40 || text.chars().any(|c| !c.is_ascii_digit() && !"+ -().".contains(c)) {
            return Err(Refusal::PhoneNumber);
        }
        if text.rfind('+').is_some_and(|place| place > 0) {
            return Err(Refusal::PhoneNumber);
        }
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        let full = match (text.starts_with('+'), digits.strip_prefix("00"), digits.strip_prefix('0')) {
            (true, _, _) => digits,
            (false, Some(rest), _) => rest.to_owned(),
            (false, None, Some(rest)) => format!("44{rest}"),
            (false, None, None) => return Err(Refusal::PhoneNumber),
        };
        // E.164: at most 15 digits, no country begins with 0. A British number has ten after the 44.
        let right_length = match full.strip_prefix("44") {
            Some(national) => national.len() == 10,
            None => (8..=15).contains(&full.len()),
        };
        match right_length && !full.starts_with('0') {
            true => Ok(Self(format!("+{full}").into())),
            false => Err(Refusal::PhoneNumber),
        }
    }
}

impl EmailAddress {
    /// One address, without a display name.
    pub fn new(text: &str) -> Result<Self, Refusal> {
        let text = text.trim();
        let Some((local, domain)) = text.rsplit_once('@') else { return Err(Refusal::EmailAddress) };
        let local_fine = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+/=?^_`{|}~.-".contains(c);
        let domain_fine = |c: char| c.is_ascii_alphanumeric() || ".-".contains(c);
        let dots_fine = |part: &str| !part.starts_with('.') && !part.ends_with('.') && !part.contains("..");
        let fine = text.len() <= 254
            && (1..=64).contains(&local.len())
            && !domain.is_empty()
            && local.chars().all(local_fine)
            && domain.chars().all(domain_fine)
            && dots_fine(local)
            && dots_fine(domain)
            && !domain.starts_with('-');
        if fine { Ok(Self(text.into())) } else { Err(Refusal::EmailAddress) }
    }
}

impl WebhookName {
    /// Refuses what is empty, long or holds other characters.
    pub fn new(text: &str) -> Result<Self, Refusal> {
        let fine = |c: char| c.is_ascii_alphanumeric() || c == '-';
        match (1..=40).contains(&text.len()) && text.chars().all(fine) {
            true => Ok(Self(text.into())),
            false => Err(Refusal::WebhookName),
        }
    }
}

impl Place {
    /// Refuses what is empty, long or not one line.
    pub fn new(text: &str) -> Result<Self, Refusal> {
        let text = text.trim();
        match (1..=120).contains(&text.len()) && !text.chars().any(char::is_control) {
            true => Ok(Self(text.into())),
            false => Err(Refusal::Place),
        }
    }
}

impl Outgoing {
    /// Whether it can be taken on; the sentence says what to change.
    pub fn check(&self, at: Moment) -> Result<(), Refusal> {
        one_line("subject", &self.words.subject, SUBJECT_BYTES_MAX)?;
        one_line("reason", &self.why, REASON_BYTES_MAX)?;
        one_line("name of who asked", &self.asked_by, REASON_BYTES_MAX)?;
        if self.asked_by.trim().is_empty() {
            return Err(Refusal::NobodyAsked);
        }
        text("text", &self.words.body)?;
        if self.words.body.trim().is_empty() {
            return Err(Refusal::NothingSaid);
        }
        if self.words.fields.len() > FIELDS_MAX {
            return Err(Refusal::TooLong { what: "list of fields", most: FIELDS_MAX });
        }
        if let Some(template) = &self.words.template {
            one_line("template's name", template, FIELD_NAME_BYTES_MAX)?;
        }
        for (name, value) in &self.words.fields {
            one_line("name of a field", name, FIELD_NAME_BYTES_MAX)?;
            text("value of a field", value)?;
        }
        if self.valid_until <= at {
            return Err(Refusal::AlreadyPast);
        }
        Ok(())
    }
}

/// No control character at all: a line break here would begin another header or another column.
fn one_line(what: &'static str, text: &str, most: usize) -> Result<(), Refusal> {
    if text.len() > most {
        return Err(Refusal::TooLong { what, most });
    }
    match text.chars().any(|c| c.is_control() || is_disguise(c)) {
        true => Err(Refusal::ControlCharacter { what }),
        false => Ok(()),
    }
}

/// Lines may break and tabs may stand; nothing else that a terminal, a printer or a mail reader would act upon.
fn text(what: &'static str, text: &str) -> Result<(), Refusal> {
    if text.len() > BODY_BYTES_MAX {
        return Err(Refusal::TooLong { what, most: BODY_BYTES_MAX });
    }
    match text.chars().any(|c| (c.is_control() && c != '\n' && c != '\t') || is_disguise(c)) {
        true => Err(Refusal::ControlCharacter { what }),
        false => Ok(()),
    }
}

/// Line separators and marks that turn the direction of writing: they make a text read other than it is.
fn is_disguise(c: char) -> bool {
    matches!(c, '\u{2028}' | '\u{2029}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Outgoing {
        Outgoing {
            id: OutgoingId::new("roll-call-1-ab").unwrap(),
            route: Route::Sms(PhoneNumber::new("07700 900123").unwrap()),
            words: Words {
                subject: "Roll-call".into(),
                body: "Are you safe?\nReply.".into(),
                ..Words::default()
            },
            why: "roll-call".into(),
            asked_by: "AB".into(),
            urgency: Urgency::Urgent,
            valid_until: Moment::from_milliseconds(2_000),
            exercise: false,
        }
    }

    #[test]
    fn numbers_come_into_one_form() {
        for (text, want) in [
            ("07700 900123", Some("+447700900123")),
            ("+44 (0)7700 900-123", Some("+447700900123")),
            ("0044 7700 900123", Some("+447700900123")),
            ("+353 20 915 5555", Some("+353209155555")),
            ("7700900123", None),
            ("0770090012", None),
            ("+0123456789", None),
            ("+44+7700900123", None),
            ("07700 900123\r\nX: y", None),
            ("nurse", None),
            ("", None),
        ] {
            assert_eq!(PhoneNumber::new(text).ok().as_ref().map(PhoneNumber::as_str), want, "{text:?}");
        }
    }

    #[test]
    fn addresses_hold_nothing_but_an_address() {
        for (text, fine) in [
            ("site.manager@northgate.example", true),
            ("o'neill+rota@a.example", true),
            ("a@localhost", true),
            ("a@b@c.example", false),
            ("Ann <a@b.example>", false),
            ("a@b.example\nBcc: c@d.example", false),
            ("a@b.example, c@d.example", false),
            ("@b.example", false),
            ("a@", false),
            ("a..b@c.example", false),
        ] {
            assert_eq!(EmailAddress::new(text).is_ok(), fine, "{text:?}");
        }
    }

    #[test]
    fn what_cannot_be_sent_is_refused_in_words() {
        type Change = fn(&mut Outgoing);
        let at = Moment::from_milliseconds(1_000);
        assert_eq!(sample().check(at), Ok(()));
        let cases: [(Change, &str); 11] = [
            (|m| m.words.subject = "Hello\r\nBcc: x@y.example".into(), "subject"),
            (|m| m.words.subject = "Hello\u{202E}".into(), "subject"),
            (|m| m.words.body = "\u{1b}[2J".into(), "text"),
            (|m| m.words.body = " \n".into(), "says nothing"),
            (|m| m.words.body = "x".repeat(BODY_BYTES_MAX + 1), "too long"),
            (|m| m.why = "a\nb".into(), "reason"),
            (|m| m.asked_by = " ".into(), "who asked"),
            (|m| drop(m.words.fields.insert("a\nb".into(), "c".into())), "name of a field"),
            (|m| drop(m.words.fields.insert("a".into(), "b\u{0}".into())), "value of a field"),
            (|m| m.words.fields = (0..41).map(|n| (n.to_string(), String::new())).collect(), "fields"),
            (|m| m.valid_until = Moment::from_milliseconds(1_000), "past"),
        ];
        for (change, words) in cases {
            let mut message = sample();
            change(&mut message);
            let refusal = message.check(at).unwrap_err().to_string();
            assert!(refusal.contains(words), "{refusal:?} should hold {words:?}");
        }
    }

    #[test]
    fn the_log_shows_no_person() {
        let shown = format!("{:?}", sample());
        assert!(!shown.contains("900123") && !shown.contains("safe"), "{shown}");
    }
}

//! By which way one patient is told, and who is told by nobody: the guard that stands before everything that is sent.
//!
//! Rules, the first that fits: the dead, never; a record that was joined to another, by that one; told already, nothing; on a
//! ward, there; a safeguarding flag, a named person; a language that the words are not in, a call with an interpreter; then what
//! the patient asked for; then a text to the one mobile that is known; then a letter, if the post is quick enough; then a call;
//! then a mail; then the door list. Always: a sentence that says why. Never: a text to a landline, to a number at work, or to
//! one of two mobiles of which nobody has said which is right; a notice by a way on which nothing leaves the house: where no
//! gateway carries it, the next way that fits is taken. Pure: the day is handed over. Called by `control_room`; proved by
//! `tests/notice_routes.rs`.

use super::contact::{PhoneNumber, Ways, keep, phone_number, postal_lines};
use super::{Channel, Format, Language};
use crate::problems::folded;
use crate::ward_list::ward_of;
use crate::{FlagKind, PatientRecord};
use basics::{PartialDate, SiteId, WardId};
use serde::{Deserialize, Serialize};

/// Below this age a notice goes to the parent or guardian.
const ADULT_YEARS: u16 = 16;

/// What is known of a patient beside the record.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Known {
    /// The way that the patient asked for.
    pub preferred: Option<Channel>,
    /// How the patient reads.
    pub format: Format,
    /// A number that somebody has confirmed to be the patient's own.
    pub confirmed: Option<String>,
    /// The patient has been told of this already, or has called.
    pub contacted_already: bool,
}

/// When it is, and when it matters.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct When {
    /// Today.
    pub today: PartialDate,
    /// The first day on which the patient would act on the notice.
    pub on: PartialDate,
    /// Calendar days that a letter may take.
    pub post_days: u32,
}

/// What can leave the house by a gateway. Letters are printed here, and calls are made by people.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Gateways {
    /// One carries text messages.
    pub texts: bool,
    /// One carries mail.
    pub mails: bool,
}

impl Gateways {
    /// Both leave.
    pub const ALL: Self = Self { texts: true, mails: true };
    /// Nothing leaves by itself.
    pub const NONE: Self = Self { texts: false, mails: false };

    /// What does not leave, for a sentence.
    pub fn lacking(self) -> Option<&'static str> {
        match (self.texts, self.mails) {
            (true, true) => None,
            (false, true) => Some("text messages"),
            (true, false) => Some("emails"),
            (false, false) => Some("text messages and emails"),
        }
    }
}

/// How a patient is told.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Route {
    /// It goes out by itself.
    Send {
        /// By which way.
        channel: Channel,
        /// A number (E.164), a mail address, or the lines of a postal address.
        to: String,
    },
    /// A person calls.
    Call {
        /// The numbers, the likeliest first; may be none, where a named person has to find a way.
        numbers: Vec<String>,
        /// Why nothing goes out by itself.
        why: String,
        /// The lines of an address to which a letter goes as well.
        letter_too: Option<String>,
    },
    /// The patient is on a ward now.
    TellOnWard {
        /// The hospital, where it is known.
        site: Option<SiteId>,
        /// The ward.
        ward: WardId,
    },
    /// Nothing is sent and nobody calls.
    Nobody(Exclusion),
}

/// Why nobody is told.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum Exclusion {
    Deceased,
    Merged,
    ContactedAlready,
    /// For the door list.
    NoSafeContact,
}

impl Exclusion {
    /// Why, and what follows.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Deceased => "The patient has died: nothing is sent, and nobody calls.",
            Self::Merged => "This record was joined to another: the notice goes by that one.",
            Self::ContactedAlready => "The patient has been told of this already: nothing more is sent.",
            Self::NoSafeContact => {
                "No number, address or email that can be used is recorded: the patient is on the door list."
            }
        }
    }
}

impl Route {
    /// What happens, in a sentence.
    pub fn sentence(&self) -> String {
        match self {
            Self::Send { channel, to } => {
                let what = match channel {
                    Channel::Sms => "A text message goes",
                    Channel::Email => "An email goes",
                    Channel::Letter => "A letter goes",
                    Channel::Phone => "A call goes",
                };
                format!("{what} to {}.", to.replace('\n', ", "))
            }
            Self::Call { numbers, why, letter_too } => {
                let whom = if numbers.is_empty() {
                    "no number is recorded".to_owned()
                } else {
                    numbers.join(", then ")
                };
                let letter = if letter_too.is_some() { " A letter goes as well." } else { "" };
                format!("A person calls ({whom}): {why}.{letter}")
            }
            Self::TellOnWard { site, ward } => {
                let site = site.as_ref().map_or_else(String::new, |site| format!(" of {site}"));
                format!("The patient is on ward {ward}{site} now and is told there: nothing is sent.")
            }
            Self::Nobody(exclusion) => exclusion.sentence().to_owned(),
        }
    }
}

/// To whom a notice is addressed.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Addressee {
    /// The first line of the address: "Mrs Fredrica Smith", "To the parent or guardian of Sam Example".
    pub line: String,
    /// After "Dear".
    pub greeting: String,
    /// Under 16 on the day.
    pub child: bool,
}

/// The way, and how the notice is written for it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Routed {
    /// The way.
    pub route: Route,
    /// The language of the words.
    pub language: Language,
    /// How the patient reads.
    pub format: Format,
    /// To whom it is addressed.
    pub addressee: Addressee,
    /// The language for which an interpreter is needed; the letter then gets its line in plain English.
    pub interpreter: Option<String>,
}

/// Decides for one patient. A patient of several records is handed over folded.
pub fn route(record: &PatientRecord, known: &Known, when: When, gateways: Gateways) -> Routed {
    let said = record.language.as_deref().map(str::trim).filter(|said| !said.is_empty());
    let spoken = said.and_then(Language::of_record);
    let language = spoken.unwrap_or_default();
    let addressee = addressee(record, when.on, language);
    let interpreter = match (said, spoken) {
        (Some(other), None) => Some(basics::tidy(other, 60)),
        _ if record.interpreter_needed == Some(true) => Some(
            said.map_or_else(|| "a language that is not recorded".to_owned(), |said| basics::tidy(said, 60)),
        ),
        _ => None,
    };
    let person = Person::new(record, known, when, gateways, &addressee);
    let route = guarded(record, known).unwrap_or_else(|| person.way(interpreter.as_deref()));
    Routed { route, language, format: known.format, addressee, interpreter }
}

/// Those to whom nothing goes, whatever way there is.
fn guarded(record: &PatientRecord, known: &Known) -> Option<Route> {
    if record.died.is_some() {
        return Some(Route::Nobody(Exclusion::Deceased));
    }
    if record.merged_into.is_some() {
        return Some(Route::Nobody(Exclusion::Merged));
    }
    if known.contacted_already {
        return Some(Route::Nobody(Exclusion::ContactedAlready));
    }
    ward_of(record).map(|(site, ward)| Route::TellOnWard { site, ward })
}

/// To whom a notice is addressed: a child's to the parent or guardian. Somebody of whom too little is known to be sure that
/// they are a child is addressed by name, for at 16 a letter to the parents would break a confidence.
pub fn addressee(record: &PatientRecord, on: PartialDate, language: Language) -> Addressee {
    let child =
        record.birth_date.and_then(|born| born.years_until(on)).is_some_and(|years| years < ADULT_YEARS);
    let name = record.name.clone().unwrap_or_default();
    let part = |text: &str| basics::tidy(text, 80);
    let parts = [part(&name.prefix), part(&name.given.join(" ")), part(&name.family), part(&name.suffix)];
    let full = parts.iter().filter(|part| !part.is_empty()).cloned().collect::<Vec<_>>().join(" ");
    let patient = match language {
        Language::English => "patient",
        Language::Welsh => "glaf",
    };
    let full = if full.is_empty() { patient.to_owned() } else { full };
    if child {
        let (line, greeting) = match language {
            Language::English => ("To the parent or guardian of", "parent or guardian of"),
            Language::Welsh => ("At riant neu warcheidwad", "riant neu warcheidwad"),
        };
        return Addressee { line: format!("{line} {full}"), greeting: format!("{greeting} {full}"), child };
    }
    let [prefix, _, family, _] = &parts;
    let greeting =
        if prefix.is_empty() || family.is_empty() { full.clone() } else { format!("{prefix} {family}") };
    Addressee { line: full, greeting, child }
}

/// One patient's ways, as far as they can be used.
struct Person<'a> {
    known: &'a Known,
    when: When,
    gateways: Gateways,
    ways: Ways,
    /// Numbers to call, the confirmed one first, for a child those of the parents last.
    numbers: Vec<String>,
    /// The number to text, if there is one that is safe.
    text_to: Option<String>,
    /// The lines of the address, with whom it is addressed to.
    post: Option<String>,
    safeguarding: bool,
    child: bool,
}

impl<'a> Person<'a> {
    fn new(
        record: &PatientRecord,
        known: &'a Known,
        when: When,
        gateways: Gateways,
        addressee: &Addressee,
    ) -> Self {
        let ways = Ways::of(record.telecoms.iter());
        let confirmed = known.confirmed.as_deref().and_then(phone_number);
        let text_to = match (&confirmed, ways.mobiles.as_slice()) {
            (Some(PhoneNumber::Mobile(number)), _) => Some(number.clone()),
            (None, [only]) => Some(only.clone()),
            _ => None,
        };
        let mut numbers: Vec<String> = confirmed.iter().map(|number| number.e164().to_owned()).collect();
        for number in ways.numbers.iter().cloned() {
            keep(&mut numbers, number);
        }
        if addressee.child {
            let parents = record.contacts.iter().filter(|contact| {
                let whose = folded(&contact.relationship);
                let parent =
                    ["mother", "father", "parent", "guardian"].iter().any(|word| whose.contains(word));
                parent || contact.next_of_kin
            });
            for number in Ways::of(parents.flat_map(|contact| contact.telecoms.iter())).numbers {
                keep(&mut numbers, number);
            }
        }
        let lines = record.address.as_ref().and_then(postal_lines);
        let post = lines.map(|lines| format!("{}\n{}", addressee.line, lines.join("\n")));
        let safeguarding = record.flags.iter().any(|flag| flag.active && flag.kind == FlagKind::Safeguarding);
        Self { known, when, gateways, ways, numbers, text_to, post, safeguarding, child: addressee.child }
    }

    fn way(&self, interpreter: Option<&str>) -> Route {
        if self.safeguarding {
            let why =
                "a safeguarding flag is active, so a named person decides how to tell the patient".to_owned();
            return Route::Call {
                numbers: self.numbers.clone(),
                why: self.with_child(why),
                letter_too: None,
            };
        }
        if let Some(language) = interpreter {
            return self.with_interpreter(language);
        }
        match self.known.preferred {
            Some(Channel::Phone) => self.call("the patient asked to be called"),
            Some(Channel::Email) if self.gateways.mails && !self.ways.emails.is_empty() => self.mail(),
            Some(Channel::Letter) => self.post("the patient asked for letters"),
            // Other letters than those of a telephone are needed.
            preferred if self.known.format != Format::Standard && preferred != Some(Channel::Sms) => {
                self.post(&format!("the patient needs {}", self.known.format.word()))
            }
            _ => self.text(),
        }
    }

    fn with_interpreter(&self, language: &str) -> Route {
        let letter = self.post.clone().filter(|_| self.post_is_in_time());
        if self.numbers.is_empty() {
            return match letter {
                Some(to) => Route::Send { channel: Channel::Letter, to },
                None => self.mail(),
            };
        }
        let folded = folded(language);
        let signs = folded.contains("sign language") || ["bsl", "bfi"].contains(&folded.as_str());
        let why = if signs {
            "the patient uses sign language, so by text relay (18001) or with an interpreter on video"
                .to_owned()
        } else {
            format!("an interpreter is needed ({language})")
        };
        Route::Call { numbers: self.numbers.clone(), why: self.with_child(why), letter_too: letter }
    }

    fn text(&self) -> Route {
        if let Some(to) = &self.text_to {
            return match self.gateways.texts {
                true => Route::Send { channel: Channel::Sms, to: to.clone() },
                false => self.post("no gateway carries text messages"),
            };
        }
        if self.known.confirmed.as_deref().and_then(phone_number).is_some() {
            return self.call("the number that was confirmed cannot be texted");
        }
        if self.ways.mobiles.len() > 1 {
            return self.call("several mobile numbers are recorded and none is confirmed");
        }
        self.post("no mobile number is recorded")
    }

    /// A letter, if it comes in time; otherwise a call.
    fn post(&self, because: &str) -> Route {
        match &self.post {
            Some(to) if self.post_is_in_time() => Route::Send { channel: Channel::Letter, to: to.clone() },
            Some(_) => self.call(&format!("{because}, and {}", self.too_late())),
            None => self.call(&format!("{because}, and no address that the post can use is recorded")),
        }
    }

    fn call(&self, why: &str) -> Route {
        if self.numbers.is_empty() {
            return self.mail();
        }
        Route::Call { numbers: self.numbers.clone(), why: self.with_child(why.to_owned()), letter_too: None }
    }

    /// The last way that there is: an address of which only the form is known.
    fn mail(&self) -> Route {
        match self.ways.emails.first() {
            Some(to) if self.gateways.mails => Route::Send { channel: Channel::Email, to: to.clone() },
            // Not for the door list: there is a way, though a person has to go it.
            Some(to) => Route::Call {
                numbers: self.numbers.clone(),
                why: self.with_child(format!("nothing but {to} is recorded, and no gateway carries mail")),
                letter_too: None,
            },
            None => Route::Nobody(Exclusion::NoSafeContact),
        }
    }

    fn with_child(&self, why: String) -> String {
        if self.child { format!("{why}; ask for the parent or guardian") } else { why }
    }

    fn days_left(&self) -> Option<i64> {
        self.when.today.days_until(self.when.on)
    }

    fn post_is_in_time(&self) -> bool {
        self.days_left().is_some_and(|days| days >= i64::from(self.when.post_days))
    }

    fn too_late(&self) -> String {
        let days = |n: i64| if n == 1 { "1 day".to_owned() } else { format!("{n} days") };
        match self.days_left() {
            Some(left) if left >= 0 => {
                let are = if left == 1 { "is" } else { "are" };
                format!(
                    "a letter may take {} and only {} {are} left",
                    days(i64::from(self.when.post_days)),
                    days(left)
                )
            }
            Some(_) => "the day is past".to_owned(),
            None => "the day is not known".to_owned(),
        }
    }
}

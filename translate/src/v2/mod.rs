//! HL7 v2: a walk over the segments, patient by patient.
//!
//! What happened is read from the trigger (MSH-9.2); everything else from the segments, whatever message they come in,
//! so that an allergy in an order is as good as one in an admission. Unknown and Z segments are passed over, except
//! the few that `alerts` knows.

mod alerts;
mod bookings;
mod documents;
mod medicines;
mod merges;
mod orders;
mod person;
mod reading;
mod results;

pub(crate) use results::abnormal;
mod stay;

use crate::translation::Control;
use crate::words::line;
use crate::{FeedRules, Received, Translation};
use basics::{Moment, PartialDate};
use care::fact::Demographics;
use care::{
    About, Allergies, Cite, Contact, EncounterStep, Fact, Identifier, IdentifierKind, ProblemKind, What,
};
use hl7::{Message, Segment};

/// What sort of message it is, as far as care goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Family {
    /// ADT and its like.
    Movement,
    /// Results, orders, medicines, documents: everything told in ORC groups.
    Orders,
    Documents,
    Bookings,
    /// Persons and problems may be in it; nothing else is taken.
    PersonOnly,
    /// Acknowledgements, queries, master files.
    Nothing,
}

/// Times of a message: when it was sent, when its news was recorded, when the thing happened.
#[derive(Clone, Copy, Debug)]
struct Times {
    told: Moment,
    happened: Moment,
}

/// Everything said so far about the patient whose group is being read.
#[derive(Default)]
struct Group {
    about: Option<About>,
    person: Demographics,
    contacts: Vec<Contact>,
    contacts_told: bool,
    merges: Vec<What>,
    step: Option<EncounterStep>,
    /// The visit number that a message says is no longer used (A42, A50).
    prior_visit: Option<String>,
    /// Whose visit is moved to this patient, its number as far as MRG names it, and where it says so (A44, A45).
    moved_from: Option<(Vec<Identifier>, String, String)>,
    allergies: Option<Allergies>,
    others: Vec<What>,
}

struct Reader<'m> {
    rules: &'m FeedRules,
    cite: Cite,
    family: Family,
    code: String,
    trigger: String,
    times: Times,
    out: Translation,
    group: Group,
    patients: usize,
    identified: usize,
    order: Option<orders::OrderGroup<'m>>,
    document: Option<documents::Draft>,
    booking: Option<bookings::Draft>,
    birth_date: Option<PartialDate>,
}

/// Translates one message.
pub(crate) fn translate(bytes: &[u8], received: &Received, rules: &FeedRules) -> Translation {
    if bytes.len() > crate::ENTRY_BYTES_MAX {
        return Translation::not_understood("", "It is larger than Lifeboat reads.");
    }
    let readable = hl7::readable(bytes);
    let message = match Message::parse(&readable) {
        Ok(message) => message,
        Err(unreadable) => return Translation::not_understood("MSH", &unreadable.to_string()),
    };
    // On the night on which the clocks go back, what is heard decides which run of the repeated hour is meant.
    let tonight = rules.zone.heard_at(received.received).map(|zone| FeedRules { zone, ..rules.clone() });
    let rules = tonight.as_ref().unwrap_or(rules);
    let mut reader = Reader::open(&message, received, rules);
    reader.walk(&message);
    reader.close()
}

impl<'m> Reader<'m> {
    fn open(message: &Message<'_>, received: &Received, rules: &'m FeedRules) -> Self {
        let header = message.header();
        let (code, trigger) = message_type(message);
        let sent = reading::exact_moment(header.field(7).component(1), rules);
        let mut out = Translation { sent_at: sent, ..Translation::default() };
        let times = times(message, &trigger, received, rules, &mut out);
        out.message_type = match (code.is_empty(), trigger.is_empty()) {
            (true, _) => String::new(),
            (false, true) => code.clone(),
            (false, false) => format!("{code}^{trigger}"),
        };
        out.control = Some(Control {
            sender: reading::head(header.field(3).component(1)),
            facility: reading::head(header.field(4).component(1)),
            control_id: line(&header.field(10).text()),
        });
        Self {
            rules,
            cite: Cite {
                entry: received.entry,
                at: times.told,
                received: received.received,
                feed: received.feed.clone(),
            },
            family: family(&code, &trigger),
            code,
            trigger,
            times,
            out,
            group: Group::default(),
            patients: 0,
            identified: 0,
            order: None,
            document: None,
            booking: None,
            birth_date: None,
        }
    }

    fn walk(&mut self, message: &Message<'m>) {
        let mut segments = message.segments();
        segments.next();
        if self.family == Family::Nothing {
            return;
        }
        for segment in segments {
            self.segment(segment);
        }
        self.end_group();
    }

    fn segment(&mut self, segment: Segment<'m>) {
        match segment.name() {
            "PID" => {
                self.end_group();
                self.patients += 1;
                person::pid(self, &segment);
            }
            "PD1" => person::pd1(self, &segment),
            "NK1" => person::nk1(self, &segment),
            "MRG" => merges::mrg(self, &segment),
            "PV1" => stay::pv1(self, &segment),
            "PV2" => stay::pv2(self, &segment),
            "AL1" => alerts::al1(self, &segment),
            "IAM" => alerts::iam(self, &segment),
            "DG1" => alerts::dg1(self, &segment),
            "PRB" => alerts::prb(self, &segment),
            "ZAL" | "ZFL" => alerts::z_alert(self, &segment),
            "TXA" => documents::txa(self, &segment),
            "SCH" => bookings::sch(self, &segment),
            "AIS" | "AIL" | "AIP" | "AIG" | "RGS" | "TQ1" | "NTE" if self.booking.is_some() => {
                bookings::resource(self, &segment);
            }
            "ORC" | "OBR" | "OBX" | "NTE" | "TQ1" | "RXO" | "RXE" | "RXR" | "RXC" | "RXA" | "RXD" => {
                orders::segment(self, segment);
            }
            "" => self.out.problem(
                ProblemKind::PartLost,
                &reading::place(&segment, 0),
                "This line is no segment; what it says is lost.",
            ),
            _ => {}
        }
    }

    /// Facts about the patient read so far, in the order in which they are to be applied.
    fn end_group(&mut self) {
        orders::finish(self);
        documents::finish(self);
        if self.group.about.is_some() {
            bookings::finish(self);
        }
        merges::finish(self);
        let group = std::mem::take(&mut self.group);
        let Some(about) = group.about else { return };
        self.identified += 1;
        let told = self.cite.clone();
        let happened = Cite { at: self.times.happened, ..told.clone() };
        self.push(&about, &told, What::Person(Box::new(group.person)));
        for merge in group.merges {
            self.push(&about, &happened, merge);
        }
        if let Some(step) = group.step {
            self.push(&about, &happened, What::Encounter(Box::new(step)));
        }
        if group.contacts_told {
            self.push(&about, &told, What::Contacts(group.contacts));
        }
        if let Some(allergies) = group.allergies {
            self.push(&about, &told, What::Allergies(allergies));
        }
        for what in group.others {
            self.push(&about, &told, what);
        }
    }

    fn push(&mut self, about: &About, cite: &Cite, what: What) {
        if self.out.facts.len() < FACTS_MAX {
            self.out.facts.push(Fact { about: about.clone(), cite: cite.clone(), what });
        } else {
            self.out.problem(ProblemKind::PartLost, "", "It says more than Lifeboat takes from one message.");
        }
    }

    fn close(mut self) -> Translation {
        merges::unlink(&mut self);
        stay::swap(&mut self);
        let silent = self.out.facts.is_empty();
        match self.family {
            Family::Nothing => self.note("There is nothing in it for the ward."),
            Family::PersonOnly if self.patients == 0 && !self.out.message_type.is_empty() => {
                self.note("There is nothing in it for the ward.");
            }
            _ if self.patients == 0 && self.carries_nothing() => {
                self.note("There is nothing in it for the ward.")
            }
            _ if self.patients == 0 => {
                self.out.problem(
                    ProblemKind::NotUnderstood,
                    "PID",
                    "It names no patient: there is no PID segment.",
                );
            }
            _ if silent => self.out.problem(
                ProblemKind::NotUnderstood,
                "PID-3",
                "The patient has no number under which Lifeboat could file this.",
            ),
            _ if self.identified < self.patients => self.out.problem(
                ProblemKind::PartLost,
                "PID-3",
                "One of its patients has no number under which Lifeboat could file what it says.",
            ),
            _ => {}
        }
        self.out
    }

    fn note(&mut self, text: &str) {
        self.out.problem(ProblemKind::Imperfect, "MSH-9", text);
    }

    /// Bed status, responses without a patient and the like.
    fn carries_nothing(&self) -> bool {
        matches!(
            (self.code.as_str(), self.trigger.as_str()),
            ("ADT", "A20") | ("ORR" | "ORL" | "RRE" | "RRD" | "RRA" | "SRR", _)
        )
    }
}

/// Most facts taken from one message.
const FACTS_MAX: usize = 20_000;

/// MSH-9 in its several spellings: `ADT^A01^ADT_A01`, `ADT_A01`, `ADT`; the trigger may stand in EVN-1 alone.
fn message_type(message: &Message<'_>) -> (String, String) {
    let field = message.header().field(9);
    let part = |n: usize| line(&field.component(n).text()).to_ascii_uppercase();
    let (mut code, mut trigger) = (part(1), part(2));
    if trigger.is_empty() {
        let structure = part(3);
        let whole = if structure.is_empty() { code.clone() } else { structure };
        if let Some((head, tail)) = whole.split_once(['_', '-']) {
            (code, trigger) = (head.to_owned(), tail.to_owned());
        }
    }
    if trigger.is_empty() && code == "ADT" {
        trigger =
            message.segment("EVN").map(|e| line(&e.field(1).text()).to_ascii_uppercase()).unwrap_or_default();
    }
    (clipped(code), clipped(trigger))
}

/// Message types are short words; anything longer is somebody's text in the wrong place and must not reach a list.
fn clipped(text: String) -> String {
    if text.len() <= 12 && text.bytes().all(|b| b.is_ascii_alphanumeric()) { text } else { String::new() }
}

fn family(code: &str, trigger: &str) -> Family {
    match code {
        "ADT" | "BAR" => match trigger {
            // A19 is a query, A20 the state of a bed.
            "A19" | "A20" => Family::Nothing,
            _ if code == "BAR" => Family::PersonOnly,
            _ => Family::Movement,
        },
        "ORU" | "ORM" | "ORR" | "OML" | "ORL" | "OUL" | "ORG" | "ORF" | "OMG" | "ORI" | "OMI" | "OMP"
        | "ORP" | "OMB" | "OMD" | "OMN" | "OMS" | "OSR" | "RDE" | "RRE" | "RDS" | "RRD" | "RAS" | "RRA"
        | "RGV" | "RRG" | "RDR" | "RAR" | "RER" | "ROR" | "PPR" | "PGL" | "PC1" => Family::Orders,
        "MDM" => Family::Documents,
        "SIU" | "SRM" | "SRR" => Family::Bookings,
        "ACK" | "MCF" | "QRY" | "QBP" | "RSP" | "QCN" | "QCK" | "QVR" | "RQQ" | "QSX" | "RTB" | "DSR"
        | "DSP" | "ADR" | "MFN" | "MFK" | "MFD" | "MFQ" | "MFR" | "NMD" | "NMQ" | "NMR" | "UDM" | "EDR"
        | "ERQ" | "ERP" | "SQR" | "SQM" | "EQQ" | "VQQ" | "TBR" | "VXQ" | "VXX" | "VXR" | "OSQ" | "ESU"
        | "ESR" | "INU" | "INR" | "SSU" | "SSR" | "LSU" | "LSR" | "TCU" | "TCR" | "EAC" | "EAN" | "EAR"
        | "EHC" | "PMU" | "STC" | "SLR" | "STI" | "SDR" | "SMD" => Family::Nothing,
        _ => Family::PersonOnly,
    }
}

/// MSH-7 is the sending, EVN-2 the recording, EVN-6 the event itself. A cancel's EVN-6 is often the time of the step
/// that it takes back, so it does not count there; and nothing has happened later than it was sent, nor than it came.
fn times(
    message: &Message<'_>,
    trigger: &str,
    received: &Received,
    rules: &FeedRules,
    out: &mut Translation,
) -> Times {
    let evn = message.segment("EVN");
    let evn_time =
        |n: usize| evn.as_ref().and_then(|e| reading::exact_moment(e.field(n).component(1), rules));
    let sent = out.sent_at;
    let latest = |at: Moment| sent.map_or(at, |s| s.min(at));
    let recorded = evn_time(2);
    if let Some(said) = sent.or(recorded) {
        out.note_clock(said, received, if sent.is_some() { "MSH-7" } else { "EVN-2" });
    }
    let told = received.no_later(recorded.map(latest).or(sent).unwrap_or(received.received));
    let occurs = matches!(
        trigger,
        "A01" | "A02" | "A03" | "A04" | "A06" | "A07" | "A09" | "A10" | "A17" | "A21" | "A22"
    );
    let happened = if occurs { evn_time(6).map(latest) } else { None };
    Times { told, happened: happened.map_or(told, |at| received.no_later(at)) }
}

/// Whether an identifier can find a record.
fn files_a_record(about: &About) -> bool {
    about.identifiers.iter().any(|i| i.kind != IdentifierKind::Other)
}

//! A bookings desk for the tests of clinic rescue: people who decide, and bookings to decide about.

use basics::{EntryNumber, Moment, PartialDate, Person, SiteId, Zone};
use care::PatientKey;
use care::clinics::wanted::{Decisions, Telling};
use care::clinics::{
    Act, Asked, BookingKey, Choice, Class, ClinicBook, Considered, Handled, Intent, Latest, Picture, Planned,
    PlannedBooking, Practice, Refusal, Snapshot, decide, fold,
};
use care::notices::{Channel, Format, Language};

pub const NOW: &str = "2026-05-12T08:00:00Z";

/// The book, with its clock.
pub struct Desk {
    pub book: ClinicBook,
    pub now: Moment,
    pub practice: Practice,
    entries: u64,
}

impl Desk {
    pub fn new() -> Self {
        let now = Moment::parse_rfc3339(NOW).unwrap();
        Self { book: ClinicBook::default(), now, practice: None, entries: 0 }
    }

    /// Decides, writes and reads back, folds.
    pub fn submit(&mut self, who: &str, intent: impl Into<Intent>) -> Result<EntryNumber, Refusal> {
        self.now = self.now.plus_seconds(60);
        let who = Person::new(who).unwrap();
        let zone = Zone::london();
        let asked = Asked { picture: self.book.picture(self.practice), zone: &zone, who: &who, at: self.now };
        let facts = decide(&asked, intent.into())?;
        assert!(!facts.is_empty(), "an act says something");
        let act = Act { by: who, practice: self.practice, facts };
        let entry = EntryNumber(self.entries + 1);
        let bytes = care::clinics::write(&act).unwrap();
        let read = care::clinics::read(entry, care::clinics::ACT, &bytes).unwrap();
        assert_eq!(read, act, "what is written is what is read");
        self.entries = entry.0;
        fold(&mut self.book, entry, self.now, read);
        Ok(entry)
    }

    pub fn picture(&self) -> &Picture {
        self.book.picture(self.practice)
    }

    pub fn seen(&self) -> EntryNumber {
        self.picture().last_entry
    }

    pub fn handled(&self, n: u64) -> &Handled {
        self.picture().handled(&key(n)).unwrap()
    }

    pub fn decide(&mut self, who: &str, choice: Choice, of: &[Considered]) -> Result<EntryNumber, Refusal> {
        let seen = self.seen();
        self.submit(who, decision(choice, of, seen))
    }

    pub fn postpone(&mut self, numbers: &[u64]) {
        let of: Vec<Considered> = numbers.iter().map(|n| considered(*n, Class::C)).collect();
        self.decide("Anna Bell", Choice::Postpone, &of).unwrap();
    }

    /// Queues one notice about these bookings, as they are to be told.
    pub fn send(&mut self, numbers: &[u64], channel: Channel) -> Result<u32, Refusal> {
        let notice = self.notice(numbers, channel);
        self.submit("Omar Reed", Telling::Queue { notices: vec![notice] })?;
        Ok(self.picture().notices.last().unwrap().number)
    }

    pub fn notice(&self, numbers: &[u64], channel: Channel) -> Planned {
        let bookings = numbers.iter().map(|n| {
            let handled = self.handled(*n);
            PlannedBooking {
                key: key(*n),
                message: handled.to_tell().unwrap_or(care::notices::Message::Postponed),
                new_start: handled.rebooked.as_ref().map(|r| r.start),
            }
        });
        Planned {
            patient: PatientKey(numbers[0]),
            bookings: bookings.collect(),
            channel,
            to: "+447700900123".to_owned(),
            name: "Sam Example".to_owned(),
            language: Language::English,
            format: Format::Standard,
            subject: String::new(),
            text: "Your appointment is postponed.".to_owned(),
        }
    }
}

pub fn decision(choice: Choice, of: &[Considered], seen: EntryNumber) -> Decisions {
    Decisions::Decide {
        bookings: of.to_vec(),
        choice,
        reason: "no pathology".to_owned(),
        signed_off: String::new(),
        seen,
    }
}

pub fn key(n: u64) -> BookingKey {
    BookingKey { patient: PatientKey(n), id: format!("B-{n}") }
}

/// A booking at 10:00 on 13 May at Northgate's dermatology.
pub fn considered(n: u64, class: Class) -> Considered {
    let start = Moment::parse_rfc3339("2026-05-13T09:00:00Z").unwrap();
    Considered {
        key: key(n),
        booking: Snapshot {
            start,
            minutes: Some(20),
            site: SiteId::new("Northgate General"),
            service: "Dermatology".to_owned(),
            clinic: "Dermatology".to_owned(),
            class,
            urgent_cancer: false,
            cancelled_before: 0,
            latest: Latest { day: PartialDate::parse_iso("2026-06-10").unwrap(), why: "class C".to_owned() },
            number: "9990000018".to_owned(),
        },
        rule: "C: dermatology".to_owned(),
    }
}

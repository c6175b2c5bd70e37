//! What a drill's staff do about clinics, as the person's page would have sent it at that moment, on the drill's ground.
//!
//! Always: done to what the pages show then; a deed that finds nothing to do is refused, so that a drill notices. The
//! gateway's word comes from nobody of the staff. Called by `respond`; proved by `tests/drills.rs`.

use super::{NotDone, Response};
use crate::play::clinic_bookings::{quarter, working_days};
use crate::scenario::response::ClinicDeed;
use basics::{EntryNumber, Moment, PartialDate, SiteId, Zone};
use care::clinics::wanted::{Decisions, Door, Rebooking, Telling};
use care::clinics::{
    Arrival, BookingKey, CallOutcome, Choice, Class, Considered, Intent, NoticeState, Place, Slot, ToldHow,
};
use care::notices::Channel;
use control_room::{BookingRow, ClinicRefused, ControlRoom, Fault, ListName, practice_of};
use incident::Person;
use std::collections::BTreeMap;

/// Notices in one act, as the page sends them.
const NOTICES_AT_ONCE: usize = 500;
/// Of so many calls one is not answered.
const NOT_ANSWERED_EVERY: usize = 3;
/// Of so many notices one fails.
const FAILS_EVERY: u32 = 7;
/// Patients looked at who bear the number of one who stands at the door.
const FOUND_MAX: usize = 10;

impl From<ClinicRefused> for NotDone {
    fn from(refused: ClinicRefused) -> Self {
        match refused {
            ClinicRefused::Refusal(refusal) => Self::Refused(refusal.to_string()),
            ClinicRefused::Fault(fault) => Self::Fault(fault),
        }
    }
}

/// Whoever does it, and when.
#[derive(Clone, Copy)]
struct Doing<'a> {
    room: &'a ControlRoom,
    who: &'a Person,
    at: Moment,
}

impl Response {
    /// The drill's bookings stand on these days.
    pub fn booked_on(&mut self, days: (PartialDate, PartialDate)) {
        self.clinic_days = Some(days);
    }

    /// The days on which the drill's bookings stand.
    pub fn clinic_days(&self) -> Option<(PartialDate, PartialDate)> {
        self.clinic_days
    }

    /// Every booking of the drill's days, in the order of time, and the entry that shows it so.
    ///
    /// # Errors
    /// The index could not be read.
    pub fn clinic_rows(&self, room: &ControlRoom) -> Result<(Vec<BookingRow>, EntryNumber), Fault> {
        room.catch_up(&mut |_, _| {})?;
        let Some(days) = self.clinic_days else { return Ok((Vec::new(), EntryNumber(0))) };
        room.booking_rows(self.ground(room), days, &|_, _| true)
    }

    /// What the gateway would say of every text and mail that is on its way: it arrived, or there is no such number.
    ///
    /// # Errors
    /// The clinic book cannot be written.
    pub fn gateway_answers(&self, room: &ControlRoom, at: Moment) -> Result<(), NotDone> {
        let practice = practice_of(self.ground(room));
        let receipts: Vec<(u32, NoticeState)> = room.clinics().read(|book| {
            let notices = book.picture(practice).notices.iter();
            let waits = notices
                .filter(|n| n.planned.channel != Channel::Letter && n.state == NoticeState::OnItsWay)
                .map(|n| (n.number, answer(n.number)));
            waits.collect()
        });
        if receipts.is_empty() {
            return Ok(());
        }
        self.decides(Doing { room, who: &Person::lifeboat(), at }, Telling::Report { receipts })
    }

    pub(super) fn of_clinics(
        &self,
        room: &ControlRoom,
        who: &Person,
        deed: &ClinicDeed,
        at: Moment,
    ) -> Result<(), NotDone> {
        let doing = Doing { room, who, at };
        match deed {
            ClinicDeed::GivesClassA { clinician } => self.gives_class_a(doing, clinician),
            ClinicDeed::Postpones { reason } => self.postpones(doing, reason),
            ClinicDeed::PostponesClassA { reason } => self.postpones_class_a(doing, reason),
            ClinicDeed::Tells => self.tells(doing),
            ClinicDeed::Rings => self.rings(doing),
            ClinicDeed::Reopens => self.reopens(doing),
            ClinicDeed::ReceivesWalkIn => self.receives_walk_in(doing),
            ClinicDeed::EntersRoom { places, days } => self.enters_room(doing, *places, *days),
            ClinicDeed::Rebooks => self.rebooks(doing),
        }
    }

    fn decides(&self, doing: Doing<'_>, intent: impl Into<Intent>) -> Result<(), NotDone> {
        let practice = practice_of(self.ground(doing.room));
        doing.room.clinics().submit(practice, intent, doing.who, doing.at)?;
        Ok(())
    }

    fn gives_class_a(&self, doing: Doing<'_>, clinician: &str) -> Result<(), NotDone> {
        let minutes = doing.room.clinics().forms.rules.thresholds.clinician_within_min;
        let due = doing.at.plus_seconds(i64::from(minutes) * 60);
        let (rows, seen) = self.clinic_rows(doing.room)?;
        let waits = |row: &&BookingRow| cannot_be_done(row) && class_a(row) && !with_somebody(row);
        let waiting: Vec<&BookingRow> = rows.iter().filter(waits).collect();
        if waiting.is_empty() {
            return Err(nothing("No class A waits for a clinician."));
        }
        for row in waiting {
            let (booking, clinician, note) = (considered(row), clinician.to_owned(), String::new());
            self.decides(doing, Decisions::Escalate { booking, clinician, due, note, seen })?;
        }
        Ok(())
    }

    /// List by list, as a list's page has it ticked.
    fn postpones(&self, doing: Doing<'_>, reason: &str) -> Result<(), NotDone> {
        let (rows, seen) = self.clinic_rows(doing.room)?;
        let blocked = rows.iter().filter(|row| cannot_be_done(row) && !class_a(row));
        let lists = by_list(blocked);
        if lists.is_empty() {
            return Err(nothing("Everything that is not class A can be done, or was decided."));
        }
        for bookings in lists.into_values() {
            self.decides(doing, decide(bookings, Choice::Postpone, reason, seen))?;
        }
        Ok(())
    }

    /// The one that somebody asked for, else the first of all.
    fn postpones_class_a(&self, doing: Doing<'_>, reason: &str) -> Result<(), NotDone> {
        let (rows, seen) = self.clinic_rows(doing.room)?;
        let open = || rows.iter().filter(|row| cannot_be_done(row) && class_a(row));
        let asked = |row: &&BookingRow| row.handled.as_ref().is_some_and(|h| h.asked.is_some());
        let row = open().find(asked).or_else(|| open().next());
        let row = row.ok_or_else(|| nothing("No class A waits for a decision."))?;
        self.decides(doing, decide(vec![considered(row)], Choice::Postpone, reason, seen))
    }

    fn tells(&self, doing: Doing<'_>) -> Result<(), NotDone> {
        let plan = doing.room.clinic_notices(self.ground(doing.room), None, doing.at)?;
        if let Some(fault) = plan.faults.first() {
            return Err(nothing(fault));
        }
        if plan.ready.is_empty() {
            return Err(nothing("There is nobody whom a notice can reach."));
        }
        for notices in plan.ready.chunks(NOTICES_AT_ONCE) {
            self.decides(doing, Telling::Queue { notices: notices.to_vec() })?;
        }
        Ok(())
    }

    fn rings(&self, doing: Doing<'_>) -> Result<(), NotDone> {
        let plan = doing.room.clinic_notices(self.ground(doing.room), None, doing.at)?;
        let mut rung = 0;
        for call in plan.calls.into_iter().filter(|call| !call.on_ward) {
            let Some(number) = call.numbers.first() else { continue };
            rung += 1;
            let silent = rung % NOT_ANSWERED_EVERY == 0;
            let outcome = if silent { CallOutcome::NoAnswer } else { CallOutcome::Spoke };
            let keys = call.bookings.iter().map(|(key, _)| key.clone()).collect();
            let (how, number, note) = (ToldHow::Call, number.clone(), String::new());
            self.decides(doing, Telling::Speak { keys, how, outcome, number, note })?;
        }
        if rung == 0 { Err(nothing("There is nobody to ring.")) } else { Ok(()) }
    }

    fn reopens(&self, doing: Doing<'_>) -> Result<(), NotDone> {
        const WHY: &str = "It can be done again";
        let (rows, seen) = self.clinic_rows(doing.room)?;
        let back = |row: &&BookingRow| {
            let outstanding = row.handled.as_ref().is_some_and(care::clinics::Handled::outstanding);
            outstanding && row.verdict.doable && !row.cancelled_elsewhere()
        };
        let told = |row: &BookingRow| row.handled.as_ref().is_some_and(|h| h.last_told().is_some());
        let (told, untold): (Vec<&BookingRow>, Vec<&BookingRow>) =
            rows.iter().filter(back).partition(|row| told(row));
        if told.is_empty() && untold.is_empty() {
            return Err(nothing("Nothing that was postponed can be done again."));
        }
        if !untold.is_empty() {
            let keys = untold.into_iter().map(|row| row.key.clone()).collect();
            self.decides(doing, Decisions::Undo { keys, why: WHY.to_owned(), seen })?;
        }
        for bookings in by_list(told.into_iter()).into_values() {
            self.decides(doing, decide(bookings, Choice::Keep, WHY, seen))?;
        }
        Ok(())
    }

    /// Looked for by the number in the search box, as the door desk does.
    fn receives_walk_in(&self, doing: Doing<'_>) -> Result<(), NotDone> {
        let today = Zone::london().date(doing.at);
        let (rows, _) = self.clinic_rows(doing.room)?;
        let may_come = |row: &&BookingRow| {
            let handled = row.handled.as_ref();
            handled.is_some_and(|h| {
                h.may_come() && h.arrived.is_none() && Zone::london().date(h.booking.start) == today
            })
        };
        let row = rows.iter().find(may_come).ok_or_else(|| nothing("Nobody stands on today's door list."))?;
        let found = doing.room.find(&row.snapshot.number, FOUND_MAX)?;
        if !found.matches.iter().any(|found| found.patient.key == row.patient) {
            return Err(nothing("Whoever stands at the door is not found."));
        }
        let (key, booking) = (row.key.clone(), row.snapshot.clone());
        self.decides(doing, Door::Arrive { key, booking, arrival: Arrival::ToldAndHome, note: String::new() })
    }

    /// Places go round the lists of those who are outstanding, one for each booking at a time.
    fn enters_room(&self, doing: Doing<'_>, places: u32, days: u32) -> Result<(), NotDone> {
        let zone = Zone::london();
        let practice = practice_of(self.ground(doing.room));
        let lists: Vec<(Option<SiteId>, String)> = doing.room.clinics().read(|book| {
            let outstanding = book.picture(practice).outstanding();
            outstanding.map(|(_, h)| (h.booking.site.clone(), h.booking.list().to_owned())).collect()
        });
        if lists.is_empty() {
            return Err(nothing("Nobody waits for a new time."));
        }
        let days = working_days(&zone, doing.at, days);
        let slots = (0..places as usize).zip(lists.iter().cycle()).filter_map(|(index, (site, list))| {
            let day = *days.get(index % days.len())?;
            let start = quarter(&zone, day, index / days.len() % 32)?;
            Some(Slot { site: site.clone(), list: list.clone(), start, minutes: None, places: 1 })
        });
        self.decides(doing, Rebooking::EnterRoom { slots: slots.collect() })
    }

    fn rebooks(&self, doing: Doing<'_>) -> Result<(), NotDone> {
        let practice = practice_of(self.ground(doing.room));
        let proposed = doing
            .room
            .clinics()
            .read(|book| book.picture(practice).propose_places(&Zone::london(), doing.at));
        let places = proposed.into_iter().filter(|proposed| proposed.slot.is_some()).map(|proposed| {
            let (key, slot): (BookingKey, Option<u32>) = (proposed.key, proposed.slot);
            Place { key, slot, start: Moment::default(), list: String::new() }
        });
        self.decides(doing, Rebooking::Rebook { places: places.collect(), late_known: true })
    }
}

/// Cannot be done with what works, and nobody has decided about it.
pub(in crate::play) fn cannot_be_done(row: &BookingRow) -> bool {
    let undecided = row.handled.as_ref().is_none_or(|h| h.decision.is_none());
    !row.verdict.doable && undecided && !row.cancelled_elsewhere()
}

/// By the rules now, or when somebody first decided.
pub(in crate::play) fn class_a(row: &BookingRow) -> bool {
    row.verdict.class == Class::A || row.handled.as_ref().is_some_and(|h| h.booking.class == Class::A)
}

/// With a clinician, or somebody asked for a second person.
pub(in crate::play) fn with_somebody(row: &BookingRow) -> bool {
    row.handled.as_ref().is_some_and(|h| h.escalation.is_some() || h.asked.is_some())
}

fn answer(number: u32) -> NoticeState {
    match number % FAILS_EVERY {
        0 => NoticeState::Failed("no such number".to_owned()),
        _ => NoticeState::Delivered,
    }
}

fn by_list<'r>(rows: impl Iterator<Item = &'r BookingRow>) -> BTreeMap<ListName, Vec<Considered>> {
    let mut lists: BTreeMap<ListName, Vec<Considered>> = BTreeMap::new();
    for row in rows {
        let Some(start) = row.booking.start else { continue };
        lists.entry(ListName::of(&row.booking, &Zone::london(), start)).or_default().push(considered(row));
    }
    lists
}

fn considered(row: &BookingRow) -> Considered {
    Considered { key: row.key.clone(), booking: row.snapshot.clone(), rule: row.verdict.words() }
}

fn decide(bookings: Vec<Considered>, choice: Choice, reason: &str, seen: EntryNumber) -> Decisions {
    Decisions::Decide { bookings, choice, reason: reason.to_owned(), signed_off: String::new(), seen }
}

fn nothing(why: &str) -> NotDone {
    NotDone::Refused(why.to_owned())
}

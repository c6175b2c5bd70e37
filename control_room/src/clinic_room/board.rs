//! The clinics board: the days ahead, list by list, with what cannot be done; class A that waits for somebody first.
//!
//! Always: of one moment; every number is of bookings, each counted once. Called by screens; proved by
//! `tests/clinic_room.rs`.

use super::gather::{self, Found, gone};
use super::list::{BookingRow, ListName};
use super::rated::Rated;
use super::works::AllWorks;
use super::{ClinicRoom, practice_of};
use crate::{ControlRoom, Fault};
use basics::{Moment, PartialDate};
use care::clinics::{Counts, Handled, counts};
use incident::Ground;
use planning::clinics::Class;
use std::collections::BTreeMap;

/// One list at a glance.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ListBoard {
    /// Which.
    pub name: ListName,
    /// Its first booking.
    pub first: Moment,
    /// Bookings.
    pub booked: usize,
    /// Of these in class A, B, C, D.
    pub by_class: [usize; 4],
    /// That cannot be done with what works.
    pub blocked: usize,
    /// Of these in class A, undecided and with no clinician.
    pub blocked_a: usize,
    /// That cannot be done and nobody has decided about.
    pub to_decide: usize,
    /// Postponed.
    pub postponed: usize,
    /// Kept by a person's word.
    pub kept: usize,
    /// Postponed, not told yet, and can be done again.
    pub can_return: usize,
}

/// The days ahead.
#[derive(Clone, Debug)]
pub struct ClinicBoard {
    /// The first and the last day.
    pub days: (PartialDate, PartialDate),
    /// Lists, by day, site and name.
    pub lists: Vec<ListBoard>,
    /// Class A that cannot be done: without a clinician first, then by when the clinician decides.
    pub class_a: Vec<BookingRow>,
    /// Class A that waits for a second person.
    pub waiting: Vec<BookingRow>,
    /// How many of both there are, when not all are shown.
    pub class_a_total: usize,
    /// Everything counted.
    pub counts: Counts,
    /// How many patients' bookings are to be told.
    pub to_tell: usize,
    /// Postponed and not sure to know, from today on: the door list.
    pub may_come: usize,
    /// Bookings on these days.
    pub booked: usize,
}

/// Class A shown in full on the board.
const CLASS_A_SHOWN_MAX: usize = 60;

impl ControlRoom {
    /// The clinics of `days` days from `from` on, on that ground.
    ///
    /// # Errors
    /// The index could not be read.
    pub fn clinic_board(
        &self,
        ground: Ground,
        from: PartialDate,
        days: u32,
        now: Moment,
    ) -> Result<ClinicBoard, Fault> {
        let shared = &self.0.shared;
        let zone = &shared.setup.zone;
        let room: &ClinicRoom = &shared.clinics;
        let practice = practice_of(ground);
        let to = from.plus_days(days.saturating_sub(1));
        let works = shared.incident.read(|book| AllWorks::of(book, ground));
        let mut board = ClinicBoard {
            days: (from, to),
            lists: Vec::new(),
            class_a: Vec::new(),
            waiting: Vec::new(),
            class_a_total: 0,
            counts: Counts::default(),
            to_tell: 0,
            may_come: 0,
            booked: 0,
        };
        let mut lists: BTreeMap<ListName, ListBoard> = BTreeMap::new();
        let mut urgent: Vec<(Option<Moment>, bool, Found)> = Vec::new();
        room.read(|book| {
            let picture = book.picture(practice);
            let found = gather::between(&shared.memory(), picture, zone, (from, to));
            let rated =
                crate::room::lock(&room.rated).rate(practice, &works, &room.forms.rules, zone, &found);
            for (found, rated) in found.into_iter().zip(rated) {
                let (Some(rated), Some(booking)) = (rated, found.booking()) else { continue };
                let Some(start) = booking.start else { continue };
                let handled = picture.handled(&found.key);
                board.booked += 1;
                let name = ListName::of(booking, zone, start);
                let list = lists.entry(name.clone()).or_insert_with(|| ListBoard::new(name, start));
                list.add(start, rated, handled, gone(booking));
                let undecided = handled.is_none_or(|h| h.decision.is_none());
                if rated.class == Class::A && !rated.doable && undecided && !gone(booking) {
                    let due = handled.and_then(|h| h.escalation.as_ref()).map(|e| e.due);
                    let waits = handled.is_some_and(|h| h.asked.is_some());
                    urgent.push((due, waits, found));
                } else if handled.is_some_and(|h| h.asked.is_some()) {
                    urgent.push((None, true, found));
                }
            }
            board.counts = counts(picture, zone);
            board.to_tell = picture.all().filter(|(_, h)| h.to_tell().is_some()).count();
            let today = zone.date(now);
            let ahead = |h: &Handled| zone.date(h.booking.start) >= today;
            board.may_come = picture.all().filter(|(_, h)| h.may_come() && ahead(h)).count();
        });
        board.lists = lists.into_values().collect();
        urgent.sort_by_key(|(due, _, found)| (*due, found.booking().and_then(|b| b.start)));
        board.class_a_total = urgent.len();
        for (_, waits, found) in urgent.into_iter().take(CLASS_A_SHOWN_MAX) {
            let Some(row) = self.booking_row(ground, &works, found)? else { continue };
            if waits { board.waiting.push(row) } else { board.class_a.push(row) }
        }
        Ok(board)
    }
}

impl ListBoard {
    fn new(name: ListName, first: Moment) -> Self {
        Self {
            name,
            first,
            booked: 0,
            by_class: [0; 4],
            blocked: 0,
            blocked_a: 0,
            to_decide: 0,
            postponed: 0,
            kept: 0,
            can_return: 0,
        }
    }

    fn add(&mut self, start: Moment, rated: Rated, handled: Option<&Handled>, gone: bool) {
        let one = |yes: bool| usize::from(yes);
        self.first = self.first.min(start);
        self.booked += 1;
        let [a, b, c, d] = &mut self.by_class;
        *match rated.class {
            Class::A => a,
            Class::B => b,
            Class::C => c,
            Class::D => d,
        } += 1;
        let undecided = handled.is_none_or(|h| h.decision.is_none()) && !gone;
        let postponed = handled.is_some_and(Handled::postponed);
        let with_clinician = handled.is_some_and(|h| h.escalation.is_some() || h.asked.is_some());
        self.blocked += one(!rated.doable);
        self.blocked_a += one(!rated.doable && rated.class == Class::A && undecided && !with_clinician);
        self.to_decide += one(!rated.doable && undecided);
        self.postponed += one(postponed);
        self.kept += one(handled.is_some_and(Handled::kept));
        let told = handled.is_some_and(|h| h.last_told().is_some() || h.rebooked.is_some());
        self.can_return += one(postponed && rated.doable && !told && !gone);
    }
}

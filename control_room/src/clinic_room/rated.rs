//! Every booking's class and whether it can be done, kept until the booking or the systems board changes.
//!
//! Always: rated anew when the board of that ground changes, all at once, so that no list shows yesterday's systems.
//! Sixty thousand bookings are rated within a second; a change of one rates one. Proved by `tests/clinic_room.rs`.

use super::gather::Found;
use super::works::AllWorks;
use crate::find::Slot;
use basics::Zone;
use care::Appointment;
use care::appointments::{TriageRules, Verdict, Works, case_of, triage};
use care::clinics::{Practice, urgent_cancer};
use planning::clinics::Class;
use std::collections::{BTreeMap, HashMap};

/// What a board needs of a booking.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Rated {
    /// Its class.
    pub class: Class,
    /// Whether it can be done with what works.
    pub doable: bool,
    /// Whether a cancer clock runs or cancer is suspected.
    pub urgent_cancer: bool,
}

/// What was rated, by ground.
#[derive(Default)]
pub struct Cache {
    grounds: BTreeMap<Practice, OfGround>,
}

#[derive(Default)]
struct OfGround {
    works: AllWorks,
    rows: HashMap<Slot, (u64, Vec<Option<Rated>>)>,
}

impl Cache {
    /// Rates these bookings, as far as they are not rated yet; in their order, `None` for one without a time.
    pub fn rate(
        &mut self,
        practice: Practice,
        works: &AllWorks,
        rules: &TriageRules,
        zone: &Zone,
        found: &[Found],
    ) -> Vec<Option<Rated>> {
        let ground = self.grounds.entry(practice).or_default();
        if ground.works != *works {
            ground.works = works.clone();
            ground.rows.clear();
        }
        let mut missing: Vec<&Found> = Vec::new();
        for found in found {
            let known = ground.rows.get(&found.slot).is_some_and(|(version, _)| *version == found.version);
            // Bookings of one record stand together.
            if !known && missing.last().is_none_or(|last| last.slot != found.slot) {
                missing.push(found);
            }
        }
        let rows = &|some: &[&Found]| rows_of(some, works, rules, zone);
        let share = missing.len().div_ceil(threads(missing.len()));
        let shares: Vec<&[&Found]> = missing.chunks(share.max(1)).collect();
        // One after another where that is as quick; else each thread its share, this one the first.
        let made = std::thread::scope(|scope| {
            let (first, others) = shares.split_first().map_or((&[][..], &[][..]), |(f, o)| (*f, o));
            let others: Vec<_> = others.iter().map(|some| scope.spawn(move || rows(some))).collect();
            let mut made = rows(first);
            for other in others {
                // A thread that panicked rated nothing: those bookings are rated anew the next time.
                made.extend(other.join().unwrap_or_default());
            }
            made
        });
        ground.rows.extend(made);
        let row = |found: &Found| ground.rows.get(&found.slot).and_then(|(_, rows)| rows.get(found.index));
        found.iter().map(|found| row(found).copied().flatten()).collect()
    }
}

/// Records that are rated on one thread; more are shared out.
const OF_ONE_THREAD: usize = 4_000;
/// Threads for it, at most: the machine has other work.
const THREADS_MAX: usize = 4;

fn threads(records: usize) -> usize {
    let there = std::thread::available_parallelism().map_or(1, usize::from);
    (records / OF_ONE_THREAD).clamp(1, there.min(THREADS_MAX))
}

/// What was rated of a record: its version, and one for each of its bookings.
type OfRecord = (Slot, (u64, Vec<Option<Rated>>));

fn rows_of(some: &[&Found], works: &AllWorks, rules: &TriageRules, zone: &Zone) -> Vec<OfRecord> {
    let mut at_site: HashMap<Option<basics::SiteId>, Works> = HashMap::new();
    let mut rated = |booking: &Appointment| {
        let works = at_site.entry(booking.site.clone()).or_insert_with(|| works.at(booking.site.as_ref()));
        let start = booking.start?;
        let case = case_of(booking, zone, start);
        let verdict: Verdict = triage(&case, rules, works);
        let urgent_cancer = urgent_cancer(&case, &verdict);
        Some(Rated { class: verdict.class, doable: verdict.doable, urgent_cancer })
    };
    let mut of_record = |found: &&Found| {
        let rows = found.bookings.iter().map(&mut rated).collect();
        (found.slot, (found.version, rows))
    };
    some.iter().map(&mut of_record).collect()
}

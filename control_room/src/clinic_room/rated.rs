//! Every booking's class and whether it can be done, kept until the booking or the systems board changes.
//!
//! Always: rated anew when the board of that ground changes, all at once, so that no list shows yesterday's systems.
//! Sixty thousand bookings are rated within a second; a change of one rates one. Proved by `tests/clinic_room.rs`.

use super::gather::Found;
use super::works::AllWorks;
use crate::find::Slot;
use basics::Zone;
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
        let mut at_site: HashMap<Option<basics::SiteId>, Works> = HashMap::new();
        let mut rated = Vec::with_capacity(found.len());
        for found in found {
            let known = ground.rows.get(&found.slot).filter(|(version, _)| *version == found.version);
            if known.is_none() {
                let rows = found.bookings.iter().map(|booking| {
                    let works = at_site
                        .entry(booking.site.clone())
                        .or_insert_with(|| works.at(booking.site.as_ref()));
                    let start = booking.start?;
                    let case = case_of(booking, zone, start);
                    let verdict: Verdict = triage(&case, rules, works);
                    Some(Rated {
                        class: verdict.class,
                        doable: verdict.doable,
                        urgent_cancer: urgent_cancer(&case, &verdict),
                    })
                });
                ground.rows.insert(found.slot, (found.version, rows.collect()));
            }
            let row = ground.rows.get(&found.slot).and_then(|(_, rows)| rows.get(found.index));
            rated.push(row.copied().flatten());
        }
        rated
    }
}

//! What works at each hospital, from the systems board, as clinics need to know it.
//!
//! Always: infected and isolated systems are down, degraded ones work; what nobody has spoken of is unknown, which blocks
//! nothing. A system of the trust stands for every hospital. Proved by `tests/clinic_room.rs`.

use basics::SiteId;
use care::appointments::{SystemWorks, Works};
use incident::systems::SystemState;
use incident::{Ground, IncidentBook};
use std::collections::BTreeMap;

/// What works, by hospital; whoever has no entry sees the trust's (`None`).
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct AllWorks {
    by_site: BTreeMap<Option<SiteId>, Works>,
}

impl AllWorks {
    /// As the board stands on that ground.
    pub fn of(book: &IncidentBook, ground: Ground) -> Self {
        let mut by_site: BTreeMap<Option<SiteId>, Works> = BTreeMap::new();
        let sites: Vec<Option<SiteId>> =
            book.systems.all().map(|(_, listing)| listing.site.clone()).collect();
        for site in sites.into_iter().chain([None]) {
            by_site.entry(site).or_default();
        }
        // The trust's first, so that a hospital's own word stands over it.
        for own in [false, true] {
            for (id, listing) in book.systems.all().filter(|(_, l)| l.site.is_some() == own) {
                let how = match book.systems.state(ground, id) {
                    SystemState::Working | SystemState::Degraded => SystemWorks::Works,
                    state @ (SystemState::Infected | SystemState::Isolated) => {
                        SystemWorks::Down(state.words().to_owned())
                    }
                    SystemState::Unknown => SystemWorks::Unknown,
                };
                for (site, works) in &mut by_site {
                    if listing.site.is_none() || listing.site == *site {
                        works.say(&listing.name, how.clone());
                    }
                }
            }
        }
        Self { by_site }
    }

    /// What works at that hospital.
    pub fn at(&self, site: Option<&SiteId>) -> Works {
        let own = self.by_site.get(&site.cloned());
        own.or_else(|| self.by_site.get(&None)).cloned().unwrap_or_default()
    }
}

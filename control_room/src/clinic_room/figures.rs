//! The clinics in figures for those who know no patient: a section of a sitrep, made of counts.
//!
//! Always: what the counts page shows, to the booking. Never: a name, or a number that is not a count. Proved by
//! `tests/clinic_room.rs`.

use super::practice_of;
use crate::ControlRoom;
use care::clinics::{Counts, Tally, counts};
use incident::Ground;
use incident::sitreps::Section;

/// Services listed by themselves.
const SERVICES_MAX: usize = 20;

impl ControlRoom {
    /// The clinics on that ground as a section for a sitrep; nothing while nobody has decided anything.
    pub fn clinic_figures(&self, ground: Ground) -> Vec<Section> {
        let zone = &self.0.shared.setup.zone;
        let counts = self.clinics().read(|book| counts(book.picture(practice_of(ground)), zone));
        if counts.all == Tally::default() && counts.came_unlisted == 0 {
            return Vec::new();
        }
        vec![Section { heading: "Clinics".to_owned(), body: lines(&counts).join("\n") }]
    }
}

fn lines(counts: &Counts) -> Vec<String> {
    let all = &counts.all;
    let mut lines = vec![
        format!(
            "{} postponed, {} of them with suspected cancer, {} of class A; {} kept; {} of class A with a clinician",
            all.postponed, all.urgent_cancer_postponed, all.class_a_postponed, all.kept, all.escalated
        ),
        format!(
            "Of those postponed {} surely know and {} may not; {} came anyway, {} of them were seen",
            all.reached,
            all.not_reached,
            all.came + counts.came_unlisted,
            all.came_seen
        ),
        format!(
            "{} postponed = {} rebooked ({} later than is safe) + {} outstanding",
            all.postponed, all.rebooked, all.rebooked_late, all.outstanding
        ),
    ];
    let mut services: Vec<_> = counts.by_service.iter().filter(|(_, t)| t.postponed > 0).collect();
    services.sort_by_key(|(_, t)| std::cmp::Reverse(t.postponed));
    for ((site, service), t) in services.iter().take(SERVICES_MAX) {
        let site = site.as_ref().map_or("no hospital named", basics::SiteId::as_str);
        lines.push(format!(
            "{service}, {site}: {} postponed, {} rebooked, {} outstanding",
            t.postponed, t.rebooked, t.outstanding
        ));
    }
    if services.len() > SERVICES_MAX {
        lines.push(format!("… and {} more services", services.len() - SERVICES_MAX));
    }
    lines
}

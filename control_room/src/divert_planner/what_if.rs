//! What somebody wonders about: a site closes, loses a pathway, opens again; ten minutes more are allowed.
//!
//! Always: names that the region does not have are refused with what it has. Called by `DivertPlanner::think`.

use super::PlannerRefused;
use incident::diverts::Pathway;
use planning::diverts::{Change, Instance};

/// Longest time that can be allowed besides, in minutes.
pub const MORE_MINUTES_MAX: u32 = 120;

/// One change that is asked about.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum WhatIf {
    /// The site takes nobody.
    Close(String),
    /// The site is open again, with everything on.
    Open(String),
    /// The site loses a pathway.
    Lose(String, Pathway),
    /// The site has a pathway back.
    Regain(String, Pathway),
    /// So many minutes more are allowed on every pathway but resuscitation.
    MoreMinutes(u32),
}

impl WhatIf {
    /// "if Homer Fields closed".
    pub fn words(&self) -> String {
        match self {
            Self::Close(site) => format!("if {site} closed"),
            Self::Open(site) => format!("if {site} were open again"),
            Self::Lose(site, pathway) => format!("if {site} lost {}", pathway.words()),
            Self::Regain(site, pathway) => format!("if {site} had {} back", pathway.words()),
            Self::MoreMinutes(minutes) => format!("with {minutes} more minutes allowed"),
        }
    }

    /// For the planner.
    pub(super) fn changes(&self, instance: &Instance) -> Result<Vec<Change>, PlannerRefused> {
        let of = |site: &str, pathway: Pathway, change: fn(usize, usize) -> Change| {
            let site = instance.site_named(site)?;
            let codes = instance.pathways.iter().enumerate();
            let codes = codes.filter(|(_, p)| Pathway::of_code(&p.id) == Some(pathway));
            let changes: Vec<Change> = codes.map(|(index, _)| change(site, index)).collect();
            if changes.is_empty() {
                return Err(PlannerRefused::Asked(format!(
                    "the region's file has no pathway for {}",
                    pathway.words()
                )));
            }
            Ok(changes)
        };
        match self {
            Self::Close(site) => Ok(vec![Change::Close(instance.site_named(site)?)]),
            Self::Open(site) => Ok(vec![Change::Open(instance.site_named(site)?)]),
            Self::Lose(_, Pathway::Resuscitation) => Err(PlannerRefused::Asked(
                "resuscitation is never diverted: ask what if the site closed".to_owned(),
            )),
            Self::Lose(site, pathway) => of(site, *pathway, |site, pathway| Change::Lose { site, pathway }),
            Self::Regain(site, pathway) => {
                of(site, *pathway, |site, pathway| Change::Regain { site, pathway })
            }
            Self::MoreMinutes(minutes) if (1..=MORE_MINUTES_MAX).contains(minutes) => {
                Ok(vec![Change::MoreMinutes(f64::from(*minutes))])
            }
            Self::MoreMinutes(minutes) => Err(PlannerRefused::Asked(format!(
                "{minutes} more minutes cannot be asked about; give 1 to {MORE_MINUTES_MAX}"
            ))),
        }
    }
}

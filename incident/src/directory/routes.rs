//! The ways of reaching somebody, and which of them work at which hospital.
//!
//! "Northgate switchboard down, direct lines working." Always: of what was said for one hospital and for the whole trust
//! the later holds; nothing told means unknown, never working.

use super::Directory;
use crate::{Ground, Stamp};
use basics::SiteId;
use serde::{Deserialize, Serialize};

/// A way of reaching somebody, in the order in which they are tried while nothing is known.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Route {
    /// A line of its own, past the switchboard.
    Direct,
    /// An extension of the hospital's own exchange.
    Extension,
    /// A mobile telephone.
    Mobile,
    /// A bleep or pager.
    Bleep,
    /// A radio channel or call sign.
    Radio,
    /// Through the switchboard.
    Switchboard,
    /// Mail.
    Email,
}

impl Route {
    /// Every route, in the order of trying.
    pub const ALL: [Self; 7] = [
        Self::Direct,
        Self::Extension,
        Self::Mobile,
        Self::Bleep,
        Self::Radio,
        Self::Switchboard,
        Self::Email,
    ];

    /// "direct line".
    pub fn word(self) -> &'static str {
        match self {
            Self::Direct => "direct line",
            Self::Extension => "extension",
            Self::Mobile => "mobile",
            Self::Bleep => "bleep",
            Self::Radio => "radio",
            Self::Switchboard => "switchboard",
            Self::Email => "email",
        }
    }

    /// "direct lines": what is said to work or not.
    pub fn plural(self) -> &'static str {
        match self {
            Self::Direct => "direct lines",
            Self::Extension => "extensions",
            Self::Mobile => "mobiles",
            Self::Bleep => "bleeps",
            Self::Radio => "radios",
            Self::Switchboard => "switchboard",
            Self::Email => "email",
        }
    }
}

/// Whether a route works. The order is that of trust.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize)]
pub enum RouteState {
    /// Tried, and it works.
    Working,
    /// Nobody has said.
    #[default]
    Unknown,
    /// Works now and then.
    Unreliable,
    /// Does not work.
    Down,
}

impl RouteState {
    /// Every state, the best first.
    pub const ALL: [Self; 4] = [Self::Working, Self::Unknown, Self::Unreliable, Self::Down];

    /// The word on a screen.
    pub fn word(self) -> &'static str {
        match self {
            Self::Working => "working",
            Self::Unknown => "unknown",
            Self::Unreliable => "unreliable",
            Self::Down => "down",
        }
    }
}

/// What was last said of a route.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RouteTold {
    /// Whether it works.
    pub state: RouteState,
    /// What was said with it: "use the red phones".
    pub note: String,
    /// When, by whom and in which entry.
    pub told: Stamp,
    /// When it came to be in this state.
    pub since: basics::Moment,
}

impl Directory {
    /// What holds for a route at a hospital on that ground: the later of what was said for it and for the whole trust.
    pub fn route(&self, ground: Ground, site: Option<&SiteId>, route: Route) -> Option<&RouteTold> {
        let on = self.grounds.get(&ground)?;
        let at_site = site.and_then(|site| on.routes.get(&(Some(site.clone()), route)));
        let at_all = on.routes.get(&(None, route));
        [at_site, at_all].into_iter().flatten().max_by_key(|told| told.told.entry)
    }

    /// Whether a route works there, as far as was said.
    pub fn route_state(&self, ground: Ground, site: Option<&SiteId>, route: Route) -> RouteState {
        self.route(ground, site, route).map_or(RouteState::Unknown, |told| told.state)
    }
}

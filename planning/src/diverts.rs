//! Ambulance diverts as flows: from zones and pathways to sites, in patients an hour.
//!
//! The levels, in order: L0 the pathways' time limits decide which sites a group may reach at all (`reach`); L1 the
//! excess over each site's tolerated load is made as small as can be, the largest first (`levels`); L2 least weighted
//! travel under that; L3 the same with a charge for leaving the current site, and its flows are the plan (`plan`).
//! Always: every group's patients are all somewhere, or it is named in `Plan::unserved` with the reason and the least
//! bad answer. Never: a plan over the caps it states. Proved by `planning/tests/`.

mod change;
mod cuts;
mod deflect;
mod estimate;
mod ground;
mod help;
mod instance;
mod levels;
mod matrix;
mod network;
mod order;
mod plan;
mod planner;
mod reach;
mod read;
mod refusal;
mod report;
mod waits;
mod words;

pub use change::{Change, apply};
pub use cuts::Cut;
pub use deflect::{Advice, BoardWait, DeflectRule, Stay, deflect};
pub use estimate::{EstimateRule, estimate_times, great_circle_km};
pub use help::{Help, HelpRule};
pub use instance::{
    Coordinates, Current, CurrentFlow, Instance, Limits, Pathway, PathwayKind, PathwaySet, Site, Status,
    TravelTime, Zone,
};
pub use matrix::{Fitted, Matrix};
pub use plan::{Flow, LeastBad, Move, Plan, SiteEffect, Summary, Unserved, WhyUnserved};
pub use planner::{Planner, plan};
pub use reach::{Allowed, Reach};
pub use read::read_instance;
pub use refusal::Refusal;
pub use waits::{Known, WAIT_MIN_MAX, reckoned_wait_min};

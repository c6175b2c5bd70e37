//! The planner's answers in plain words, for people who have a telephone in the other hand.
//!
//! Always: names, not indices; numbers with their units; the reason before the arithmetic. Called by `report`, `help`
//! and the command line; proved by the table below.

use super::help::Help;
use super::instance::Instance;
use super::plan::{LeastBad, Unserved, WhyUnserved};
use super::{Advice, Cut, Stay};

/// Names listed before "and n more".
const NAMES_MAX: usize = 15;

/// Why the sites of a cut cannot carry less.
pub(super) fn cut(instance: &Instance, cut: &Cut) -> String {
    let names = sites(instance, &cut.sites);
    let one = cut.sites.len() == 1;
    let points = format!("{:.1} %", cut.excess * 100.0);
    if cut.demand_per_h <= 0.0 {
        let (its, is, it) = if one { ("its", "is", "it") } else { ("their", "are", "them") };
        return format!(
            "{names} {is} {points} over the tolerated load by {its} own walk-ins, queue and patients from elsewhere \
             alone: no divert of ambulances can relieve {it}, only more room or fewer walk-ins."
        );
    }
    let (only, they, each) = if one {
        ("is the only site".to_owned(), "it", "it is".to_owned())
    } else {
        (format!("are the only {} sites", cut.sites.len()), "they", "each is".to_owned())
    };
    let pathways: Vec<&str> =
        cut.pathways.iter().filter_map(|p| instance.pathways.get(*p)).map(|p| p.id.as_str()).collect();
    format!(
        "{names} {only} that {} patients an hour in {} can reach ({}). With {:.2} an hour already spoken for {they} \
         must take {:.2} and can take {:.2} within the tolerated load: {each} {points} over.",
        if cut.demand_per_h < 0.1 {
            format!("{:.3}", cut.demand_per_h)
        } else {
            format!("{:.2}", cut.demand_per_h)
        },
        zones(instance, &cut.zones),
        pathways.join(", "),
        cut.spoken_for_per_h,
        cut.demand_per_h + cut.spoken_for_per_h,
        cut.room_per_h,
    )
}

impl Unserved {
    /// Who is meant, why nobody takes them, and the least bad answer.
    pub fn words(&self, instance: &Instance) -> String {
        let zone = instance.zones.get(self.zone).map_or("a zone", |z| z.name.as_str());
        let (id, pathway) =
            instance.pathways.get(self.pathway).map_or(("", ""), |p| (p.id.as_str(), p.name.as_str()));
        let why = match &self.why {
            WhyUnserved::NoTravelTimes => "it has no travel time to any site".to_owned(),
            WhyUnserved::NobodyAble => "no site that it has a travel time to is able".to_owned(),
            WhyUnserved::AllRefuse(able) => {
                format!("those that are able do not take them now: {}", sites(instance, able))
            }
        };
        let answer = match self.least_bad {
            None => "There is no site to name: take them to the nearest emergency department".to_owned(),
            Some((site, minutes, how)) => {
                let site = name(instance, site);
                match how {
                    LeastBad::AskToTakeAfterAll => {
                        format!("Least bad: ask {site} to take them after all ({minutes:.0} min)")
                    }
                    LeastBad::NearestOpenDepartment => format!(
                        "Least bad: {site}, the nearest open department, though not made for this ({minutes:.0} min)"
                    ),
                    LeastBad::NearestOfAny => {
                        format!("Least bad: {site}, the nearest that is not closed ({minutes:.0} min)")
                    }
                    LeastBad::ByGreatCircle => {
                        format!("Least bad: {site}, by an estimated {minutes:.0} min as the crow flies")
                    }
                }
            }
        };
        format!(
            "{zone}, {id} ({pathway}), {:.3} an hour: nobody takes them, because {why}. {answer}.",
            self.per_h
        )
    }
}

impl Help {
    /// "two more majors nurses at Homerton are worth 0.4 patients an hour".
    pub fn words(&self, instance: &Instance) -> String {
        let site = name(instance, self.site);
        let nurses = count(self.nurses);
        let (plural, are) = if self.nurses == 1 { ("nurse", "is") } else { ("nurses", "are") };
        let worth = if self.relieves_per_h >= 0.05 {
            format!("{:.1} patients an hour", self.relieves_per_h)
        } else if self.relieves_per_h > 0.0 {
            format!("{:.3} patients an hour", self.relieves_per_h)
        } else {
            format!("{:.1} weighted minutes of travel an hour", self.saves_min_per_h)
        };
        format!("{nurses} more majors {plural} at {site} {are} worth {worth}")
    }
}

impl Advice {
    /// What the crew is told and why.
    pub fn words(&self, instance: &Instance, planned: usize) -> String {
        let there = name(instance, planned);
        match self {
            Self::Deflect { to, saves_min, needed_min } => format!(
                "Go to {}: {saves_min:.0} min better than {there} on travel and wait ({needed_min:.0} are needed)",
                name(instance, *to)
            ),
            Self::Follow(Stay::NeverDiverted) => format!("Go to {there}: resuscitation is never deflected"),
            Self::Follow(Stay::NoFigures) => {
                format!("Go to {there}, as planned: the board has no waits to go by")
            }
            Self::Follow(Stay::TooOld { age_min }) => {
                format!("Go to {there}, as planned: the board is {age_min:.0} min old, too old to deflect by")
            }
            Self::Follow(Stay::ClockSetBack) => {
                format!(
                    "Go to {there}, as planned: the board's figures are from the future, a clock is wrong"
                )
            }
            Self::Follow(Stay::NothingBetter { saves_min, needed_min }) => format!(
                "Go to {there}, as planned: the best other site saves {saves_min:.0} min, {needed_min:.0} are needed"
            ),
        }
    }
}

fn name(instance: &Instance, site: usize) -> &str {
    instance.sites.get(site).map_or("an unknown site", |s| s.name.as_str())
}

/// "A, B and C"; long lists are cut with their number.
fn sites(instance: &Instance, of: &[usize]) -> String {
    listed(of.iter().map(|s| name(instance, *s)).collect())
}

fn zones(instance: &Instance, of: &[usize]) -> String {
    let name = |z: &usize| instance.zones.get(*z).map_or("a zone", |z| z.name.as_str());
    match of {
        [] => "no zone".to_owned(),
        [one] => name(one).to_owned(),
        [first, last] => format!("{} and {}", name(first), name(last)),
        [first, .., last] => format!("{} zones, from {} to {}", of.len(), name(first), name(last)),
    }
}

fn listed(names: Vec<&str>) -> String {
    let mut names: Vec<String> = names.into_iter().map(str::to_owned).collect();
    let more = names.len().saturating_sub(NAMES_MAX);
    if more > 0 {
        names.truncate(NAMES_MAX);
        names.push(format!("{more} more"));
    }
    match names.split_last() {
        None => String::new(),
        Some((only, [])) => only.clone(),
        Some((last, before)) => format!("{} and {last}", before.join(", ")),
    }
}

fn count(n: u32) -> String {
    const WORDS: [&str; 11] =
        ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];
    WORDS.get(n as usize).map_or_else(|| n.to_string(), |w| (*w).to_owned())
}

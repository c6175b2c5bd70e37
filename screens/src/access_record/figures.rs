//! How often the glass is broken: beside how often patients are looked at, by day and by ward. Where it is broken often,
//! standing rights are too narrow; these figures say where to widen them.

use super::place;
use crate::desk::Look;
use crate::mishap::Mishap;
use access::break_glass::{Finding, Rate};
use std::collections::BTreeMap;

/// Looks that are counted: the newest.
const LOOKS_MAX: u64 = 100_000;
/// Days drawn.
const DAYS_MAX: usize = 28;
/// Wards named.
const WARDS_MAX: usize = 30;
/// Figures by ward are of so many days.
const WARD_DAYS: i64 = 28;
/// Of the drawing, in its own units.
const HEIGHT: u64 = 90;
const STEP: usize = 46;

/// The figures.
pub(super) struct Figures {
    /// "2.5 per 1,000 views (5 of 2000)".
    pub rate: String,
    /// Since when the looks are counted.
    pub since: String,
    pub plot: Option<Plot>,
    pub wards: Vec<WardFigures>,
    pub ward_days: i64,
}

/// Broken glass by day, as bars.
pub(super) struct Plot {
    pub bars: Vec<Bar>,
    pub width: usize,
    pub words: String,
}

/// One day.
pub(super) struct Bar {
    pub x: usize,
    pub middle: usize,
    pub y: u64,
    pub height: u64,
    pub above: u64,
    pub broken: u64,
    pub day: String,
    /// "5 broken on 14-Jul-2026: 2.5 per 1,000 views (5 of 2000)".
    pub words: String,
}

/// One ward.
pub(super) struct WardFigures {
    pub place: String,
    pub broken: usize,
    /// Of these found right by a reviewer who says that standing rights should have allowed them.
    pub mend: usize,
    pub not_right: usize,
}

impl Figures {
    pub(super) fn new(look: &Look<'_>) -> Result<Self, Mishap> {
        let days = look.access().glass_rates_by_day(LOOKS_MAX, look.now);
        let days = days.map_err(Mishap::room("count broken glass"))?;
        let sum = days.iter().fold(Rate::default(), |sum, (_, day)| Rate {
            broken: sum.broken.saturating_add(day.broken),
            looks: sum.looks.saturating_add(day.looks),
        });
        Ok(Self {
            rate: sum.words(),
            since: days.last().map_or_else(String::new, |(day, _)| day.to_string()),
            plot: Plot::new(&days),
            wards: wards(look),
            ward_days: WARD_DAYS,
        })
    }
}

impl Plot {
    fn new(days: &[(basics::PartialDate, Rate)]) -> Option<Self> {
        let mut days: Vec<_> = days.iter().take(DAYS_MAX).collect();
        days.reverse();
        let most = days.iter().map(|(_, rate)| rate.broken).max().filter(|most| *most > 0)?;
        let bars = days.iter().enumerate().map(|(index, (day, rate))| {
            let height = (rate.broken * HEIGHT).div_ceil(most);
            let y = HEIGHT + 18 - height.min(HEIGHT);
            let x = index * STEP + 10;
            Bar {
                x,
                middle: x + 13,
                y,
                height,
                above: y.saturating_sub(3),
                broken: rate.broken,
                day: day.to_string().chars().take(6).collect(),
                words: format!("{} broken on {day}: {}", rate.broken, rate.words()),
            }
        });
        let total: u64 = days.iter().map(|(_, rate)| rate.broken).sum();
        Some(Self {
            bars: bars.collect(),
            width: days.len() * STEP + 20,
            words: format!(
                "Glass broken by day: {total} in {} days with looks, {most} on the worst",
                days.len()
            ),
        })
    }
}

/// Wards for whose patients the glass was broken, the most often first.
fn wards(look: &Look<'_>) -> Vec<WardFigures> {
    let mut by_ward: BTreeMap<String, WardFigures> = BTreeMap::new();
    look.access().read(|book| {
        let recent =
            book.glass.newest().filter(|broken| look.now.seconds_since(broken.stamp.at) < WARD_DAYS * 86_400);
        for broken in recent {
            let place = place(broken);
            let ward = by_ward.entry(place.clone()).or_insert(WardFigures {
                place,
                broken: 0,
                mend: 0,
                not_right: 0,
            });
            ward.broken += 1;
            match &broken.closed {
                Some((_, Finding::MendRights, _)) => ward.mend += 1,
                Some((_, Finding::NotRight, _)) => ward.not_right += 1,
                Some((_, Finding::Right, _)) | None => {}
            }
        }
    });
    let mut wards: Vec<WardFigures> = by_ward.into_values().collect();
    wards.sort_by_key(|ward| std::cmp::Reverse(ward.broken));
    wards.truncate(WARDS_MAX);
    wards
}

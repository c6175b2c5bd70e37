//! What neighbours' feeds say of sites: kept and shown with the feed's name and its age, and never gone by.
//!
//! Always: a feed changes no standing and no figure of the board, so that nobody is sent anywhere by it; what is older
//! than what the same feed said before is refused; a report without a time of its own is as old as its arrival and says
//! so. Never: a feed's moment in the future, or text of any length. Called through `diverts::decide`; proved by
//! `tests/divert_feeds.rs`.

use super::have::{HaveFacility, HaveReport, HaveService};
use super::{Fact, Refusal};
use crate::book::Asked;
use crate::wording::{self, counted};
use crate::{Ground, Stamp};
use basics::{Moment, SiteId};
use serde::{Deserialize, Serialize};

/// Sites of one report.
pub const FEED_SITES_MAX: usize = 400;
/// Longest text kept of one site, in bytes.
const WORDS_BYTES_MAX: usize = 600;
/// Names kept of sites that the board does not have.
const UNLISTED_MAX: usize = 40;
/// A report without a time of its own that says the same is recorded again after so long, in seconds.
const AGAIN_SECONDS_MIN: i64 = 600;

/// The colour that a feed gives a site.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum Colour {
    Green,
    Yellow,
    Red,
}

impl Colour {
    /// The word, since a colour is never told alone.
    pub fn word(self) -> &'static str {
        match self {
            Self::Green => "green",
            Self::Yellow => "yellow",
            Self::Red => "red",
        }
    }

    /// As a report writes it.
    pub fn read(text: &str) -> Option<Self> {
        [Self::Green, Self::Yellow, Self::Red].into_iter().find(|c| text.eq_ignore_ascii_case(c.word()))
    }
}

/// What a feed says of one site.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct FeedSays {
    /// Of which site of the board.
    pub site: SiteId,
    /// As at.
    pub as_at: Moment,
    /// The report gave no time: `as_at` is when it came.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub no_time: bool,
    /// Its colour, if given.
    #[serde(default)]
    pub colour: Option<Colour>,
    /// Minutes to hand over from an ambulance, if given.
    #[serde(default)]
    pub offload_minutes: Option<u32>,
    /// The rest in words.
    #[serde(default)]
    pub words: String,
}

impl FeedSays {
    /// "yellow, handover 40 minutes. Trauma: not available".
    pub fn sentence(&self) -> String {
        let colour = self.colour.map(|c| c.word().to_owned());
        let offload =
            self.offload_minutes.map(|m| format!("handover {}", counted(m as usize, "minute", "minutes")));
        let first = colour.into_iter().chain(offload).collect::<Vec<_>>().join(", ");
        let time = if self.no_time { "The report gives no time of its own" } else { "" };
        let parts: Vec<&str> =
            [first.as_str(), self.words.as_str(), time].into_iter().filter(|p| !p.is_empty()).collect();
        if parts.is_empty() { "nothing but its name".to_owned() } else { parts.join(". ") }
    }

    fn same_words(&self, other: &Self) -> bool {
        (self.colour, self.offload_minutes, &self.words)
            == (other.colour, other.offload_minutes, &other.words)
    }
}

/// What a feed said, with when it entered the book.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FeedTold {
    /// What it says.
    pub says: FeedSays,
    /// When it entered the book.
    pub told: Stamp,
}

pub(super) fn take(
    asked: &Asked<'_>,
    ground: Ground,
    feed: &str,
    report: HaveReport,
) -> Result<Fact, Refusal> {
    let feed = wording::line("the name of the feed", feed)?;
    wording::at_most("sites in one report", report.facilities.len(), FEED_SITES_MAX)?;
    let now = asked.book.now(asked.at);
    let there = asked.book.diverts.on(ground);
    let (mut says, mut unlisted, mut older) = (Vec::new(), Vec::new(), None);
    for facility in &report.facilities {
        let Some(site) = listed(asked, facility) else {
            unlisted.push(wording::plain_line(facility.named(), 80));
            continue;
        };
        let own = facility.as_at.or(report.as_at);
        if let Some(at) = own.filter(|at| at.seconds_since(now) > super::sites::AHEAD_SECONDS_MAX) {
            return Err(Refusal::FeedFromTheFuture { feed, at: asked.book.say(at, now) });
        }
        let new = FeedSays {
            site: site.clone(),
            as_at: own.unwrap_or(now),
            no_time: own.is_none(),
            colour: facility.colour,
            offload_minutes: facility.offload_minutes,
            words: words(&report, facility),
        };
        let before = there.feeds.get(&(site.clone(), feed.clone())).map(|told| &told.says);
        match before {
            Some(known) if !newer(known, &new) => older = older.max(Some(known.as_at)),
            _ if says.iter().any(|known: &FeedSays| known.site == new.site) => {}
            _ => says.push(new),
        }
    }
    match (says.is_empty(), older) {
        (false, _) => {
            unlisted.truncate(UNLISTED_MAX);
            Ok(Fact::FeedSaid { ground, feed, says, unlisted })
        }
        (true, Some(at)) => Err(Refusal::FeedNotNewer { feed, at: asked.book.say(at, now) }),
        (true, None) => {
            unlisted.truncate(5);
            let named = if unlisted.is_empty() { "none at all".to_owned() } else { unlisted.join(", ") };
            Err(Refusal::FeedOfOthers { feed, named })
        }
    }
}

fn newer(known: &FeedSays, new: &FeedSays) -> bool {
    if new.no_time {
        !known.same_words(new) || new.as_at.seconds_since(known.as_at) >= AGAIN_SECONDS_MIN
    } else {
        new.as_at > known.as_at || (new.as_at == known.as_at && !known.same_words(new))
    }
}

fn listed<'a>(asked: &Asked<'a>, facility: &HaveFacility) -> Option<&'a SiteId> {
    let is = |site: &SiteId, name: &str| site.as_str().eq_ignore_ascii_case(name.trim());
    let sites = || asked.book.diverts.sites().iter().map(|s| &s.site);
    let by = |name: &str| sites().find(|site| is(site, name));
    by(&facility.name).or_else(|| by(&facility.id))
}

/// What else it says, in a few words: the traffic, services that are not as usual, comments.
fn words(report: &HaveReport, facility: &HaveFacility) -> String {
    let mut parts = Vec::new();
    if !facility.traffic.is_empty() && !facility.traffic.eq_ignore_ascii_case("normal") {
        let reason = &facility.traffic_reason;
        let reason = if reason.is_empty() { String::new() } else { format!(" ({reason})") };
        parts.push(format!("ambulance traffic {}{reason}", facility.traffic));
    }
    let unusual =
        |s: &&HaveService| s.available == Some(false) || s.colour.is_some_and(|c| c != Colour::Green);
    for service in facility.services.iter().filter(unusual) {
        let how = match (service.available, service.colour) {
            (Some(false), _) => "not available",
            (_, Some(colour)) => colour.word(),
            _ => "",
        };
        let comment = &service.comment;
        let comment = if comment.is_empty() { String::new() } else { format!(" ({comment})") };
        parts.push(format!("{}: {how}{comment}", service.name));
    }
    parts.extend([&facility.colour_words, &report.comment].into_iter().filter(|w| w.len() > 3).cloned());
    wording::plain_line(&parts.join(". "), WORDS_BYTES_MAX)
}

pub(super) fn line(feed: &str, says: &[FeedSays], unlisted: &[String]) -> String {
    const SHOWN: usize = 5;
    let some: Vec<String> =
        says.iter().take(SHOWN).map(|s| format!("{}: {}", s.site, s.sentence())).collect();
    let more = says.len().saturating_sub(SHOWN);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let others = match unlisted.len() {
        0 => String::new(),
        count => format!(". {} not on the board", counted(count, "site of it is", "sites of it are")),
    };
    format!("The feed {feed} says, unconfirmed: {}{more}{others}", some.join("; "))
}

//! A feed's own ways: whose numbers it sends, which clock it keeps, how it writes places.

use crate::{ColumnMap, Headings, LocationMap};
use basics::{FeedName, SiteId, Zone};

/// How one feed is to be read.
#[derive(Clone, Debug)]
pub struct FeedRules {
    /// The feed.
    pub feed: FeedName,
    /// The site of a location that names none.
    pub site: Option<SiteId>,
    /// The zone of times sent without an offset.
    pub zone: Zone,
    /// How it writes places.
    pub locations: LocationMap,
    /// Headings of its lists that are not recognised by themselves.
    pub columns: Headings,
    /// What the columns of its lists hold, as a person confirmed it; each for lists with its headings.
    pub column_maps: Vec<ColumnMap>,
    /// Who gave a hospital number that comes without its assigner.
    pub mrn_assigner_default: String,
}

impl FeedRules {
    /// Sensible ways for a feed of which nothing is known yet: London time, `PL.1` is the ward.
    pub fn new(feed: FeedName) -> Self {
        let mrn_assigner_default = feed.as_str().to_owned();
        Self {
            feed,
            site: None,
            zone: Zone::london(),
            locations: LocationMap::default(),
            columns: Headings::new(),
            column_maps: Vec::new(),
            mrn_assigner_default,
        }
    }
}

//! The minimum cut as something to show people: who can go nowhere else, and what that costs the sites.
//!
//! Always: the numbers of a cut are a proof: what its sites must take, over what they can, is its excess. Made from
//! `levels`; put in words by `words`.

use serde::{Deserialize, Serialize};

/// A bottleneck: sites that must carry more than they should, and the groups that can reach no other.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Cut {
    /// Excess of each of its sites over the tolerated load.
    pub excess: f64,
    /// Site indices, ascending.
    pub sites: Vec<usize>,
    /// Number of groups that can reach no site outside.
    pub groups: usize,
    /// Pathway indices among them, ascending.
    pub pathways: Vec<usize>,
    /// Zone indices among them, ascending.
    pub zones: Vec<usize>,
    /// Their patients an hour.
    pub demand_per_h: f64,
    /// Walk-ins, ambulances from elsewhere and the queue spread over the horizon, patients an hour.
    pub spoken_for_per_h: f64,
    /// What the sites can take at their tolerated load, patients an hour.
    pub room_per_h: f64,
    /// In words.
    pub words: String,
}

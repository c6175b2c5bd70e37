//! Equality: whether postponing falls on some more than on others, by deprivation, language and disability where recorded.
//!
//! Always: a share beside the share of all who were booked, with the numbers; "not recorded" is a group of its own;
//! groups of fewer than five are put together, so that nobody is recognised. Never: a ground for a decision. Used by
//! screens; proved by `tests/clinics_counts.rs`.

use std::collections::BTreeMap;

/// One group.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Group {
    /// Its name.
    pub name: String,
    /// Booked.
    pub booked: u32,
    /// Of these postponed.
    pub postponed: u32,
}

impl Group {
    /// Postponed of a hundred booked; `None` of nobody.
    pub fn percent(&self) -> Option<u32> {
        (self.booked > 0).then(|| (self.postponed * 100 + self.booked / 2) / self.booked)
    }
}

/// The groups of one ground of comparison.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Shares {
    /// Groups, the largest first; "not recorded" last.
    pub groups: Vec<Group>,
    /// All together.
    pub all: Group,
}

/// The name of those of whom nothing is recorded.
pub const NOT_RECORDED: &str = "Not recorded";
/// The name of those whose groups are too small to be shown.
const SMALL: &str = "Smaller groups together";
/// Groups of fewer are put together.
const GROUP_MIN: u32 = 5;

/// Counts groups: for everyone booked the group's name (empty: not recorded) and whether they were postponed.
pub fn shares<'a>(people: impl Iterator<Item = (&'a str, bool)>) -> Shares {
    let mut by_name: BTreeMap<String, Group> = BTreeMap::new();
    let mut all = Group { name: "All".to_owned(), booked: 0, postponed: 0 };
    for (name, postponed) in people {
        let name = if name.trim().is_empty() { NOT_RECORDED } else { name.trim() };
        let group = by_name.entry(name.to_owned()).or_insert_with(|| Group {
            name: name.to_owned(),
            booked: 0,
            postponed: 0,
        });
        for group in [group, &mut all] {
            group.booked += 1;
            group.postponed += u32::from(postponed);
        }
    }
    let mut small = Group { name: SMALL.to_owned(), booked: 0, postponed: 0 };
    let mut groups = Vec::new();
    for group in by_name.into_values() {
        if group.booked < GROUP_MIN && group.name != NOT_RECORDED {
            small.booked += group.booked;
            small.postponed += group.postponed;
        } else {
            groups.push(group);
        }
    }
    if small.booked > 0 {
        groups.push(small);
    }
    groups.sort_by(|a, b| {
        let last = |g: &Group| (g.name == NOT_RECORDED, g.name == SMALL);
        (last(a), std::cmp::Reverse(a.booked), &a.name).cmp(&(last(b), std::cmp::Reverse(b.booked), &b.name))
    });
    Shares { groups, all }
}

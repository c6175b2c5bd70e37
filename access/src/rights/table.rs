//! The rights as they were read: groups of pages, and to which group an address belongs.

use crate::Role;
use crate::people::Within;
use std::collections::{BTreeMap, BTreeSet};

/// Who.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Whom {
    /// Also who is not signed in.
    pub anybody: bool,
    /// Also who came by an invitation and has still to choose how to sign in.
    pub newcomers: bool,
    /// Everybody who is signed in.
    pub everybody: bool,
    /// Those with one of these roles.
    pub roles: BTreeSet<Role>,
}

impl Whom {
    /// "ward clinician, ED coordinator"; "everybody who is signed in"; "nobody".
    pub fn words(&self) -> String {
        if self.anybody {
            return "anybody".to_owned();
        }
        if self.everybody {
            return "everybody who is signed in".to_owned();
        }
        if self.roles.is_empty() {
            return "nobody".to_owned();
        }
        self.roles.iter().map(|role| role.words()).collect::<Vec<_>>().join(", ")
    }
}

/// Pages with the same rights.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Group {
    /// What they are.
    pub name: String,
    /// Why the rights are so; may be empty.
    pub why: String,
    /// Who may look.
    pub look: Whom,
    /// Who may send the forms.
    pub deed: Whom,
    /// Within which part of the trust.
    pub within: Within,
    /// Who may break the glass to look all the same.
    pub glass: BTreeSet<Role>,
    /// The addresses, as the table of pages has them.
    pub addresses: Vec<String>,
}

/// Every right.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Rights {
    groups: Vec<Group>,
    by_address: BTreeMap<String, usize>,
}

impl Rights {
    pub(super) fn new(groups: Vec<Group>) -> Self {
        let each = groups.iter().enumerate();
        let by_address = each.flat_map(|(n, g)| g.addresses.iter().map(move |a| (a.clone(), n))).collect();
        Self { groups, by_address }
    }

    /// Every group, in the order of the file.
    pub fn groups(&self) -> &[Group] {
        &self.groups
    }

    /// The group of an address, written as the table of pages has it ("/patients/{key}") or as a browser asks for it
    /// ("/patients/17"). Of two that fit, the one whose letters stand earlier in it counts, as for the pages themselves.
    pub fn group(&self, address: &str) -> Option<&Group> {
        if let Some(at) = self.by_address.get(address) {
            return self.groups.get(*at);
        }
        let path: Vec<&str> = address.split('/').collect();
        let mut best: Option<(Vec<bool>, usize)> = None;
        for (pattern, at) in &self.by_address {
            let Some(open) = fits(pattern, &path) else { continue };
            // `false` (letters) comes before `true` (a place for anything).
            if best.as_ref().is_none_or(|(other, _)| open < *other) {
                best = Some((open, *at));
            }
        }
        best.and_then(|(_, at)| self.groups.get(at))
    }
}

/// Whether a path has the pattern's shape; of each part, whether it is a place for anything.
fn fits(pattern: &str, path: &[&str]) -> Option<Vec<bool>> {
    let parts: Vec<&str> = pattern.split('/').collect();
    if parts.len() != path.len() {
        return None;
    }
    parts
        .iter()
        .zip(path)
        .map(|(part, is)| match part.starts_with('{') {
            true => (!is.is_empty()).then_some(true),
            false => (part == is).then_some(false),
        })
        .collect()
}

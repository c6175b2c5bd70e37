//! What works at a hospital, as told from outside: patients' lists know systems by name alone.
//!
//! Always: a system of which nothing was told is unknown, which is neither working nor down. Never: a look at the systems
//! board itself; whoever has it (`control_room`, the command line) says how each system stands.

use crate::problems::folded;
use std::collections::BTreeMap;

/// How a system stands, for those who need it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub enum SystemWorks {
    /// It can be used, perhaps slowly.
    Works,
    /// It cannot be used; why, in the board's words: "infected", "isolated on purpose", "down".
    Down(String),
    /// Nobody has said.
    #[default]
    Unknown,
}

/// How the systems of one hospital stand.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Works {
    by_name: BTreeMap<String, SystemWorks>,
}

impl Works {
    /// Says how a system stands; capitals and signs in its name do not count.
    pub fn say(&mut self, name: &str, how: SystemWorks) {
        self.by_name.insert(folded(name), how);
    }

    /// How the system with any of these names stands; the worst, where the names are told apart.
    pub fn of<'a>(&self, names: impl Iterator<Item = &'a str>) -> SystemWorks {
        let mut found = SystemWorks::Unknown;
        for name in names {
            match self.by_name.get(&folded(name)) {
                Some(SystemWorks::Down(why)) => return SystemWorks::Down(why.clone()),
                Some(SystemWorks::Works) => found = SystemWorks::Works,
                Some(SystemWorks::Unknown) | None => {}
            }
        }
        found
    }
}

//! The three lists that hold the modules together: what can be wanted, what can become so, and why something cannot.
//!
//! A new module adds one variant to each, one arm to `book::decide` and `book::apply`, and one to the two tables here.

use crate::log::Kind;
use crate::{IncidentBook, IncidentId};
use serde::{Deserialize, Serialize};

macro_rules! modules {
    ($($(#[$doc:meta])* $name:ident => $module:ident),+ $(,)?) => {
        /// What a person wants done. Refused with a [`Refusal`], or sealed as facts.
        #[derive(Clone, PartialEq, Debug)]
        pub enum Intent { $($(#[$doc])* $name(crate::$module::Intent)),+ }

        /// What became so, one small statement each, as it is sealed in the incident book.
        #[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
        pub enum Fact { $($(#[$doc])* $name(crate::$module::Fact)),+ }

        /// Why something was not done: a sentence that says what to do instead.
        #[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
        pub enum Refusal { $($(#[$doc])* #[error(transparent)] $name(#[from] crate::$module::Refusal)),+ }

        $(
            impl From<crate::$module::Fact> for Fact {
                fn from(fact: crate::$module::Fact) -> Self {
                    Self::$name(fact)
                }
            }

            impl From<crate::$module::Intent> for Intent {
                fn from(intent: crate::$module::Intent) -> Self {
                    Self::$name(intent)
                }
            }
        )+

        impl Fact {
            /// The fact in words, for the log. Asked before the fact takes effect.
            pub fn line(&self, book: &IncidentBook) -> String {
                match self { $(Self::$name(fact) => fact.line(book)),+ }
            }

            /// What kind of line it is.
            pub fn kind(&self) -> Kind {
                match self { $(Self::$name(fact) => fact.kind()),+ }
            }

            /// The incident to which it belongs; `None` for what belongs to none or to all.
            pub fn incident(&self) -> Option<IncidentId> {
                match self { $(Self::$name(fact) => fact.incident()),+ }
            }
        }
    };
}

modules! {
    /// An incident opens, is declared, changes its level, is cancelled.
    Declare => declare,
    /// The opening report and its corrections.
    Methane => methane,
    /// Who holds which role.
    Roles => roles,
    /// Action cards and their steps.
    ActionCards => action_cards,
    /// Free entries, decisions, corrections.
    Decisions => decisions,
    /// What each hospital's services can do.
    Hospitals => hospitals,
    /// The state of each IT system.
    Systems => systems,
    /// Situation reports.
    Sitreps => sitreps,
    /// What the public is told.
    PublicUpdates => public_updates,
    /// Ambulance diverts: who takes whom, agreed and counted, and plans.
    Diverts => diverts,
    /// The directory and the ways of reaching people.
    Directory => directory,
    /// Messages and roll-calls.
    Messages => messages,
    /// Evidence that is kept.
    Evidence => evidence,
    /// Standing down.
    StandDown => stand_down,
}

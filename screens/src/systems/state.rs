//! A system's state as a shape, a colour and a word; each of the three alone tells it.

use askama::Template;
use askama::filters::HtmlSafe;
use incident::systems::SystemState;

/// The mark of a state.
#[derive(Template, Clone, Debug)]
#[template(path = "systems/state.html")]
pub struct StateMark {
    state: SystemState,
    word: String,
}

impl StateMark {
    /// "Isolated on purpose", with its shape.
    pub fn new(state: SystemState) -> Self {
        Self { state, word: crate::names::capital(state.words()) }
    }

    /// The same for a count: "3 infected".
    pub fn counted(state: SystemState, count: usize) -> Self {
        Self { state, word: format!("{count} {}", state.words()) }
    }
}

impl HtmlSafe for StateMark {}

/// The style sheet's name of a state; also its value in a form.
pub fn class(state: SystemState) -> &'static str {
    match state {
        SystemState::Working => "working",
        SystemState::Degraded => "degraded",
        SystemState::Infected => "infected",
        SystemState::Isolated => "isolated",
        SystemState::Unknown => "unknown",
    }
}

/// A state from a form.
pub fn read(text: &str) -> Option<SystemState> {
    SystemState::ALL.into_iter().find(|state| class(*state) == text)
}

//! The history strip of one system: a stretch for each state, as high as it is grave, so that it can be read without
//! colour. Drawn on the server; says in words what it shows.

use super::state::class;
use askama::Template;
use askama::filters::HtmlSafe;
use basics::{Moment, Zone};
use incident::systems::{HistoryStretch, SystemState};

/// Most stretches drawn; the newest are kept. All of them stand in the table of the system's page.
const STRETCHES_MAX: usize = 120;
/// Longest time shown, in seconds: three days.
const SHOWN_SECONDS_MAX: i64 = 3 * 86_400;
const WIDTH: f64 = 240.0;
const HEIGHT: f64 = 24.0;

/// The strip.
#[derive(Template, Clone, Debug)]
#[template(path = "systems/strip.html")]
pub struct HistoryStrip {
    words: String,
    from: String,
    stretches: Vec<Bar>,
}

#[derive(Clone, Debug)]
struct Bar {
    class: &'static str,
    x: String,
    y: String,
    width: String,
    height: String,
}

impl HistoryStrip {
    /// A system's strip up to `now`; `None` while nobody has said anything.
    pub fn new(history: &[HistoryStretch], now: Moment, zone: &Zone) -> Option<Self> {
        let first = history.first()?;
        let earliest = now.plus_seconds(-SHOWN_SECONDS_MAX);
        let from = first.from.max(earliest);
        let span = now.seconds_since(from).max(60) as f64;
        let x = |at: Moment| (at.seconds_since(from) as f64 / span * WIDTH).clamp(0.0, WIDTH);
        let drawn = history.len().saturating_sub(STRETCHES_MAX);
        let stretches = history.iter().skip(drawn).filter(|s| s.until.is_none_or(|until| until > from));
        let bar = |stretch: &HistoryStretch| {
            let (left, right) = (x(stretch.from), stretch.until.map_or(WIDTH, x));
            let height = height(stretch.state);
            Bar {
                class: class(stretch.state),
                x: format!("{left:.1}"),
                y: format!("{:.1}", HEIGHT - height),
                width: format!("{:.1}", (right - left).max(1.5)),
                height: format!("{height:.1}"),
            }
        };
        Some(Self {
            words: words(history, zone),
            from: zone.clinical(from),
            stretches: stretches.map(bar).collect(),
        })
    }
}

/// How high a state stands: the graver the higher.
fn height(state: SystemState) -> f64 {
    match state {
        SystemState::Infected => 24.0,
        SystemState::Isolated => 19.0,
        SystemState::Degraded => 14.0,
        SystemState::Unknown => 9.0,
        SystemState::Working => 4.0,
    }
}

/// The last few states in words: "infected since 12-May-2026 14:00; before: working".
fn words(history: &[HistoryStretch], zone: &Zone) -> String {
    let mut newest = history.iter().rev();
    let Some(now) = newest.next() else { return String::new() };
    let before: Vec<&str> = newest.take(4).map(|s| s.state.words()).collect();
    let told = format!("Told to be {} at {}", now.state.words(), zone.clinical(now.from));
    if before.is_empty() { told } else { format!("{told}; before that, newest first: {}", before.join(", ")) }
}

impl HtmlSafe for HistoryStrip {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_strip_is_drawn_by_time_and_says_what_it_shows() {
        let at = |seconds: i64| Moment::from_milliseconds(1_760_000_000_000).plus_seconds(seconds);
        let stretch = |state, from, until: Option<i64>| HistoryStretch {
            state,
            from: at(from),
            until: until.map(at),
            note: String::new(),
        };
        let history = [
            stretch(SystemState::Working, 0, Some(3_600)),
            stretch(SystemState::Infected, 3_600, Some(3_600)),
            stretch(SystemState::Isolated, 3_600, None),
        ];
        let strip = HistoryStrip::new(&history, at(7_200), &Zone::london()).unwrap();
        let bars: Vec<(&str, &str, &str)> =
            strip.stretches.iter().map(|b| (b.class, b.x.as_str(), b.width.as_str())).collect();
        assert_eq!(
            bars,
            [("working", "0.0", "120.0"), ("infected", "120.0", "1.5"), ("isolated", "120.0", "120.0")]
        );
        assert!(strip.words.contains("isolated on purpose at") && strip.words.ends_with("infected, working"));
        assert!(strip.to_string().contains("role=\"img\""));
        assert!(HistoryStrip::new(&[], at(0), &Zone::london()).is_none());
        // A clock that was set back, and a history longer than is shown.
        let odd = HistoryStrip::new(&history, at(-50_000), &Zone::london()).unwrap();
        assert!(!odd.stretches.is_empty());
        let long = HistoryStrip::new(&history, at(30 * 86_400), &Zone::london()).unwrap();
        assert_eq!(long.stretches.len(), 1);
    }
}

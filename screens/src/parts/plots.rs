//! Small plots drawn on the server as SVG: a feed's messages a minute, a result's trend.
//!
//! Each says in words what it shows, for those who do not see it. Coordinates are presentation attributes, so the
//! strict content policy holds.

use askama::Template;
use askama::filters::HtmlSafe;

/// Bars: messages a minute over the last hour, oldest first.
#[derive(Template, Clone, Debug)]
#[template(path = "parts/rate_plot.html")]
pub struct RatePlot {
    /// x, y, height of each bar, in a box of 180 by 32.
    bars: Vec<(f64, f64, f64)>,
    words: String,
}

impl RatePlot {
    /// From counts a minute, oldest first; the last 60 are drawn.
    pub fn new(per_minute: &[u32]) -> Self {
        let shown = per_minute.get(per_minute.len().saturating_sub(60)..).unwrap_or(per_minute);
        let highest = shown.iter().copied().max().unwrap_or(0);
        let offset = 60 - shown.len().min(60);
        let bars = shown
            .iter()
            .enumerate()
            .filter(|(_, n)| **n > 0)
            .map(|(i, n)| {
                let height = (f64::from(*n) / f64::from(highest.max(1)) * 30.0).max(1.5);
                let x = f64::from(u32::try_from(i + offset).unwrap_or(0)) * 3.0;
                (round(x), round(32.0 - height), round(height))
            })
            .collect();
        let total: u64 = shown.iter().map(|n| u64::from(*n)).sum();
        let words = format!(
            "Messages a minute over the last 60 minutes: {total} in all, {} in the minute now running, at most {highest} a minute.",
            shown.last().copied().unwrap_or(0)
        );
        Self { bars, words }
    }

    /// What the plot shows, in words.
    pub fn words(&self) -> &str {
        &self.words
    }
}

impl HtmlSafe for RatePlot {}

/// One earlier value of a result.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct TrendPoint {
    /// Milliseconds since 1970.
    pub at_ms: i64,
    /// The figure.
    pub value: f64,
}

/// A line: the values of one test over time with its reference range as a band.
#[derive(Template, Clone, Debug)]
#[template(path = "parts/trend_plot.html")]
pub struct TrendPlot {
    line: String,
    dots: Vec<(f64, f64)>,
    last: (f64, f64),
    /// y and height of the band of the reference range.
    band: Option<(f64, f64)>,
    words: String,
}

const WIDTH: f64 = 120.0;
const HEIGHT: f64 = 32.0;
const MARGIN: f64 = 4.0;

impl TrendPlot {
    /// From at least two values in time order; `None` for fewer, or when they cannot be drawn.
    pub fn new(name: &str, points: &[TrendPoint], range: Option<(f64, f64)>) -> Option<Self> {
        let (first, last) = (points.first()?, points.last()?);
        if points.len() < 2 || points.iter().any(|p| !p.value.is_finite()) {
            return None;
        }
        let values = || points.iter().map(|p| p.value).chain(range.iter().flat_map(|r| [r.0, r.1]));
        let low = values().fold(f64::INFINITY, f64::min);
        let high = values().fold(f64::NEG_INFINITY, f64::max);
        let tall = if high > low { high - low } else { 1.0 };
        #[allow(clippy::cast_precision_loss)]
        let long = (last.at_ms - first.at_ms).max(1) as f64;
        #[allow(clippy::cast_precision_loss)]
        let x = |ms: i64| round(MARGIN + (ms - first.at_ms) as f64 / long * (WIDTH - 2.0 * MARGIN));
        let y = |v: f64| round(HEIGHT - MARGIN - (v - low) / tall * (HEIGHT - 2.0 * MARGIN));
        let dots: Vec<(f64, f64)> = points.iter().map(|p| (x(p.at_ms), y(p.value))).collect();
        let line = dots.iter().map(|(x, y)| format!("{x},{y}")).collect::<Vec<_>>().join(" ");
        let spoken = points.iter().map(|p| p.value.to_string()).collect::<Vec<_>>().join(", ");
        Some(Self {
            line,
            last: *dots.last()?,
            dots,
            band: range.map(|(from, to)| (y(to), round(y(from) - y(to)))),
            words: format!("{name}, {} values, oldest first: {spoken}.", points.len()),
        })
    }
}

impl HtmlSafe for TrendPlot {}

fn round(v: f64) -> f64 {
    (v * 10.0).round() / 10.0
}

/// Reads a reference range such as "3.5-5.3", "3.5 - 5.3", "(135–145)"; `None` for one-sided and odd ones.
pub fn numeric_range(range: &str) -> Option<(f64, f64)> {
    let text = range.trim().trim_matches(['(', ')', '[', ']']);
    let (from, to) = text.split_once(['-', '–'])?;
    let to = to.split_whitespace().next()?;
    let (from, to) = (from.trim().parse().ok()?, to.trim().parse().ok()?);
    (from < to).then_some((from, to))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read_only_when_they_are_certain() {
        for (text, want) in [
            ("3.5-5.3", Some((3.5, 5.3))),
            ("(135 – 145) mmol/L", None),
            ("135 – 145 mmol/L", Some((135.0, 145.0))),
            ("<5", None),
            ("", None),
            ("5-3", None),
        ] {
            assert_eq!(numeric_range(text), want, "{text}");
        }
    }

    #[test]
    fn a_single_value_has_no_trend() {
        let p = TrendPoint { at_ms: 0, value: 4.1 };
        assert!(TrendPlot::new("Potassium", &[p], None).is_none());
        let plot = TrendPlot::new("<K>", &[p, TrendPoint { at_ms: 9, value: 5.0 }], Some((3.5, 5.3)));
        let svg = plot.map(|p| p.to_string()).unwrap_or_default();
        assert!(svg.contains("4.1, 5") && !svg.contains("<K>"), "{svg}");
    }
}

//! A larger plot of one test: values over time with the scale beside them, the range as a band, abnormal ones as diamonds.
//!
//! Says in words what it shows; the values themselves stand in the table of the page. Drawn in true pixels, so that its
//! letters are as large on a telephone as on a desk.
//! Called by the page of vital signs; proved by the tests below.

use super::TrendPoint;
use askama::Template;
use askama::filters::HtmlSafe;

/// Most values drawn; the newest are kept.
pub const POINTS_MAX: usize = 120;

const LEFT: f64 = 44.0;
const RIGHT: f64 = 290.0;
const TOP: f64 = 12.0;
const FLOOR: f64 = 92.0;

/// Values of one test over time.
#[derive(Template, Clone, Debug)]
#[template(path = "parts/series_plot.html")]
pub struct SeriesPlot {
    line: String,
    dots: Vec<Dot>,
    /// y and height of the band of the reference range.
    band: Option<(f64, f64)>,
    high: String,
    low: String,
    words: String,
}

#[derive(Clone, Debug)]
struct Dot {
    x: f64,
    y: f64,
    /// The sender marked it abnormal.
    odd: bool,
}

impl HtmlSafe for SeriesPlot {}

impl SeriesPlot {
    /// From at least two values in time order, each with whether it is abnormal; `None` for fewer, or when they cannot
    /// be drawn.
    pub fn new(
        name: &str,
        unit: &str,
        points: &[(TrendPoint, bool)],
        range: Option<(f64, f64)>,
    ) -> Option<Self> {
        let points = points.get(points.len().saturating_sub(POINTS_MAX)..)?;
        let (first, last) = (points.first()?.0, points.last()?.0);
        if points.len() < 2 || points.iter().any(|(p, _)| !p.value.is_finite()) {
            return None;
        }
        let values = || points.iter().map(|(p, _)| p.value);
        let (lowest, highest) = (least(values()), most(values()));
        let (low, high) = range.map_or((lowest, highest), |(from, to)| (lowest.min(from), highest.max(to)));
        let tall = if high > low { high - low } else { 1.0 };
        #[allow(clippy::cast_precision_loss)]
        let long = (last.at_ms - first.at_ms).max(1) as f64;
        #[allow(clippy::cast_precision_loss)]
        let x = |ms: i64| round(LEFT + (ms - first.at_ms) as f64 / long * (RIGHT - LEFT));
        let y = |v: f64| round(FLOOR - (v - low) / tall * (FLOOR - TOP));
        let dots: Vec<Dot> =
            points.iter().map(|(p, odd)| Dot { x: x(p.at_ms), y: y(p.value), odd: *odd }).collect();
        let odd = dots.iter().filter(|d| d.odd).count();
        Some(Self {
            line: dots.iter().map(|d| format!("{},{}", d.x, d.y)).collect::<Vec<_>>().join(" "),
            dots,
            band: range.map(|(from, to)| (y(to), round(y(from) - y(to)))),
            high: short(high),
            low: short(low),
            words: format!(
                "{name}: {} values from {} to {} {unit}, lowest {}, highest {}, {odd} marked abnormal.",
                points.len(),
                short(first.value),
                short(last.value),
                short(lowest),
                short(highest)
            ),
        })
    }
}

fn least(values: impl Iterator<Item = f64>) -> f64 {
    values.fold(f64::INFINITY, f64::min)
}

fn most(values: impl Iterator<Item = f64>) -> f64 {
    values.fold(f64::NEG_INFINITY, f64::max)
}

/// A figure as short as the scale's room, never rounded to another one unless it has more than two decimals.
fn short(v: f64) -> String {
    ((v * 100.0).round() / 100.0).to_string()
}

fn round(v: f64) -> f64 {
    (v * 10.0).round() / 10.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(at_ms: i64, value: f64) -> TrendPoint {
        TrendPoint { at_ms, value }
    }

    #[test]
    fn the_scale_holds_every_value_and_the_range() {
        let points = [(point(0, 36.4), false), (point(10, 39.25), true), (point(20, 37.0), false)];
        let plot = SeriesPlot::new("<Temp>", "°C", &points, Some((36.1, 38.0))).unwrap().to_string();
        for part in
            ["36.1", "39.25", "lowest 36.4", "highest 39.25", "1 marked abnormal", "plot-odd", "plot-band"]
        {
            assert!(plot.contains(part), "{part}: {plot}");
        }
        assert!(!plot.contains("<Temp>"));
        assert!(SeriesPlot::new("T", "", &points[..1], None).is_none());
        let same = [(point(5, 1.0), false), (point(5, 1.0), false)];
        assert!(SeriesPlot::new("T", "", &same, None).is_some_and(|p| !p.line.contains("NaN")));
    }
}

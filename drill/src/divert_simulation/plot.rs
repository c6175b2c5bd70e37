//! The picture of a simulation: every site's wait under each policy, and the hours of the divert, as one SVG file.
//!
//! Always: readable by day, at night and in print without colour (each policy has its row, its line's dash and its
//! marker, and its name beside them); needs nothing from a network; says what was simulated and that it is a model. The
//! axis begins at 0 and is even. Called by `lifeboat divert simulate`; proved by `the_picture_names_everything_it_shows`.

use super::results::{HANDOVER_AIM_MIN, HANDOVER_MAX_MIN, PolicyResult};
use super::{Simulated, policy::Policy};
use std::fmt::Write;

const WIDTH: f64 = 960.0;
const LEFT: f64 = 236.0;
const RIGHT: f64 = 924.0;
const STRIPS_TOP: f64 = 116.0;
const STRIP: f64 = 66.0;
const LINES_HEIGHT: f64 = 210.0;

/// Colours after Okabe and Ito, which people with any colour vision can tell apart; lighter ones at night.
const STYLE: &str = "\
text{font-family:system-ui,'Segoe UI','Liberation Sans',Arial,sans-serif;font-size:13px;fill:#1d1d1f}\
.paper{fill:#fff}.title{font-size:20px;font-weight:700}.head{font-size:15px;font-weight:700}.name{font-weight:700;font-size:14px}\
.small{font-size:12px;fill:#55555c}.halo{paint-order:stroke;stroke:#fff;stroke-width:4px;stroke-linejoin:round}\
.grid{stroke:#d9d9de;stroke-width:1}.rule{stroke:#55555c;stroke-width:1.2;stroke-dasharray:2 3}.base{stroke:#9a9aa2;stroke-width:1}\
.dot{fill-opacity:.5;stroke-width:1.2}.mean{stroke-width:4}.line{fill:none;stroke-width:2.4;stroke-linejoin:round}\
.f0{fill:#666}.s0{stroke:#666}.f1{fill:#c24e00}.s1{stroke:#c24e00}.f2{fill:#a34a85}.s2{stroke:#a34a85}\
.f3{fill:#0067a3}.s3{stroke:#0067a3}.f4{fill:#007a58}.s4{stroke:#007a58}\
@media screen and (prefers-color-scheme:dark){text{fill:#ececf1}.paper{fill:#15161a}.small{fill:#b5b5be}\
.halo{stroke:#15161a}.grid{stroke:#34353c}.rule{stroke:#b5b5be}.base{stroke:#70717a}\
.f0{fill:#b0b0b8}.s0{stroke:#b0b0b8}.f1{fill:#ff9248}.s1{stroke:#ff9248}.f2{fill:#e795c6}.s2{stroke:#e795c6}\
.f3{fill:#62b8f0}.s3{stroke:#62b8f0}.f4{fill:#35cf9f}.s4{stroke:#35cf9f}}";

/// Dashes by policy, so that lines differ without colour.
const DASHES: [&str; 5] = ["2 4", "none", "9 4", "12 3 3 3", "none"];

/// The whole picture as the text of an SVG file.
pub fn svg(simulated: &Simulated) -> String {
    let policies = simulated.policies.len() as f64;
    let lines_top = STRIPS_TOP + STRIP * policies + 104.0;
    let height = lines_top + LINES_HEIGHT + 84.0;
    let mut out = String::with_capacity(40_000);
    // Writing to a String cannot fail; the results of `write!` below are dropped for that reason.
    let _ = write!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" width=\"{WIDTH}\" \
         height=\"{height}\" role=\"img\" aria-labelledby=\"t d\"><title id=\"t\">{}</title><desc id=\"d\">{}</desc>\
         <style>{STYLE}</style><rect class=\"paper\" width=\"100%\" height=\"100%\"/>",
        clean(&heading(simulated)),
        clean(&in_words(simulated)),
    );
    text(&mut out, 36.0, 40.0, "title", "start", &format!("Ambulance divert simulated: {}", simulated.name));
    text(&mut out, 36.0, 63.0, "small", "start", &conditions(simulated));
    text(
        &mut out,
        36.0,
        94.0,
        "head",
        "start",
        "Waiting to hand over at each site, mean in minutes (a circle a site, larger with more ambulances)",
    );
    strips(&mut out, simulated);
    text(
        &mut out,
        36.0,
        lines_top - 22.0,
        "head",
        "start",
        "Hour by hour: mean wait of the ambulances that arrive, in minutes",
    );
    lines(&mut out, simulated, lines_top);
    text(
        &mut out,
        36.0,
        height - 18.0,
        "small",
        "start",
        "A model, not a forecast: read the differences between policies, which met the same patients in every run.",
    );
    out.push_str("</svg>\n");
    out
}

fn heading(simulated: &Simulated) -> String {
    format!("Ambulance divert simulated: {}. {}", simulated.name, conditions(simulated))
}

fn conditions(simulated: &Simulated) -> String {
    let order = &simulated.order;
    format!(
        "{} h of divert, {} runs, board {} min old, seed {}",
        order.divert_h, order.runs, order.data_age_min, order.seed
    )
}

/// For those who hear the picture.
fn in_words(simulated: &Simulated) -> String {
    let mut words = String::new();
    for result in &simulated.policies {
        let worst = result.worst_site();
        let _ = write!(
            words,
            "{}: mean wait {:.1} min, longest at {} with {:.0} min, travel {:.1} min. ",
            result.policy.words(),
            result.wait_min.mean,
            worst.name,
            worst.wait_min,
            result.travel_min.mean
        );
    }
    words.trim_end().to_owned()
}

/// An even axis from 0 with round steps.
struct Axis {
    from: f64,
    to: f64,
    end: f64,
    step: f64,
}

impl Axis {
    fn upto(highest: f64, from: f64, to: f64) -> Self {
        let highest = highest.max(20.0);
        let step = [5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 240.0, 480.0, 1440.0]
            .into_iter()
            .find(|step| highest / step <= 8.0)
            .unwrap_or(highest / 8.0);
        Self { from, to, end: (highest * 1.02 / step).ceil() * step, step }
    }

    fn at(&self, value: f64) -> f64 {
        self.from + (value / self.end).clamp(0.0, 1.0) * (self.to - self.from)
    }

    fn ticks(&self) -> impl Iterator<Item = f64> {
        let (step, end) = (self.step, self.end);
        (0..=64).map(move |n| f64::from(n) * step).take_while(move |v| *v <= end + 1e-9)
    }
}

fn strips(out: &mut String, simulated: &Simulated) {
    let highest = simulated.policies.iter().map(|p| p.worst_site().wait_min).fold(0.0, f64::max);
    let axis = Axis::upto(highest, LEFT, RIGHT);
    let bottom = STRIPS_TOP + STRIP * simulated.policies.len() as f64;
    for tick in axis.ticks() {
        let x = axis.at(tick);
        stroke(out, "grid", (x, STRIPS_TOP), (x, bottom));
        text(out, x, bottom + 18.0, "small", "middle", &format!("{tick:.0}"));
    }
    for (minutes, what) in [(HANDOVER_AIM_MIN, "aim"), (HANDOVER_MAX_MIN, "limit")] {
        let x = axis.at(minutes);
        stroke(out, "rule", (x, STRIPS_TOP - 4.0), (x, bottom + 26.0));
        text(out, x, bottom + 40.0, "small", "middle", &format!("{what} {minutes:.0}"));
    }
    text(out, RIGHT, bottom + 40.0, "small", "end", "minutes");
    for (row, result) in simulated.policies.iter().enumerate() {
        strip(out, result, &axis, STRIPS_TOP + STRIP * row as f64);
    }
}

fn strip(out: &mut String, result: &PolicyResult, axis: &Axis, top: f64) {
    let middle = top + STRIP / 2.0;
    let worst = result.worst_site();
    let colour = result.policy.number();
    text(out, 36.0, top + 22.0, "name", "start", result.policy.words());
    let figures = format!("mean {:.1} · worst {:.0}", result.wait_min.mean, worst.wait_min);
    text(out, 36.0, top + 40.0, "", "start", &figures);
    let travel = format!("travel {:.1} · {:.0} % moved", result.travel_min.mean, result.moved * 100.0);
    text(out, 36.0, top + 57.0, "small", "start", &travel);
    stroke(out, "base", (LEFT, top + STRIP), (RIGHT, top + STRIP));
    for (x, y, radius) in swarm(result, axis, middle) {
        let _ = write!(
            out,
            "<circle class=\"dot f{colour} s{colour}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{radius:.1}\"/>"
        );
    }
    let mean = axis.at(result.wait_min.mean);
    stroke(out, &format!("mean s{colour}"), (mean, top + 5.0), (mean, top + STRIP - 5.0));
    let x = axis.at(worst.wait_min);
    let label = format!("{} {:.0}", worst.name, worst.wait_min);
    // The name stands right of its circle, where nothing is; near the edge, above and left of it.
    if x + 14.0 + label.chars().count() as f64 * 7.0 < RIGHT + 30.0 {
        text(out, x + 13.0, middle + 4.5, "halo", "start", &label);
    } else {
        text(out, x - 13.0, top + 16.0, "halo", "end", &label);
    }
}

/// Circles that do not hide each other: each goes as near to the middle of its row as there is room.
fn swarm(result: &PolicyResult, axis: &Axis, middle: f64) -> Vec<(f64, f64, f64)> {
    let most = result.sites.iter().map(|s| s.ambulances).fold(1.0, f64::max);
    let mut sites: Vec<_> = result.sites.iter().filter(|s| s.ambulances > 0.0).collect();
    sites.sort_by(|a, b| b.wait_min.total_cmp(&a.wait_min));
    let mut placed: Vec<(f64, f64, f64)> = Vec::new();
    for site in sites {
        let (x, radius) = (axis.at(site.wait_min), 2.2 + 4.8 * (site.ambulances / most).sqrt());
        let free = |y: f64| placed.iter().all(|(px, py, pr)| (px - x).hypot(py - y) >= (pr + radius) * 0.8);
        let offsets = (0..=11).flat_map(|n| [f64::from(n) * 2.0, f64::from(n) * -2.0]);
        let y = offsets.map(|o| middle + o).find(|y| free(*y)).unwrap_or(middle);
        placed.push((x, y, radius));
    }
    placed
}

fn lines(out: &mut String, simulated: &Simulated, top: f64) {
    let bottom = top + LINES_HEIGHT;
    let highest = simulated.policies.iter().flat_map(|p| &p.by_hour).copied().fold(0.0, f64::max);
    let axis = Axis::upto(highest, bottom, top);
    let hours = simulated.policies.iter().map(|p| p.by_hour.len()).max().unwrap_or(1).max(1);
    let end = RIGHT - 216.0;
    let x_of = |hour: usize| 72.0 + (hour as f64 + 0.5) / hours as f64 * (end - 72.0);
    for tick in axis.ticks() {
        stroke(out, "grid", (72.0, axis.at(tick)), (end, axis.at(tick)));
        text(out, 62.0, axis.at(tick) + 4.0, "small", "end", &format!("{tick:.0}"));
    }
    let every = hours.div_ceil(12);
    for hour in (0..hours).step_by(every) {
        text(out, x_of(hour), bottom + 18.0, "small", "middle", &format!("{}", hour + 1));
    }
    text(out, end, bottom + 36.0, "small", "end", "hour of the divert");
    let mut labels: Vec<(f64, &PolicyResult)> = Vec::new();
    for result in &simulated.policies {
        let points: Vec<_> =
            result.by_hour.iter().enumerate().map(|(hour, wait)| (x_of(hour), axis.at(*wait))).collect();
        line(out, result.policy, &points);
        labels.push((points.last().map_or(bottom, |p| p.1), result));
    }
    name_lines(out, labels, end, top, bottom);
}

fn line(out: &mut String, policy: Policy, points: &[(f64, f64)]) {
    let colour = policy.number();
    let dash = DASHES.get(colour).copied().unwrap_or("none");
    let path: String = points.iter().map(|(x, y)| format!("{x:.1},{y:.1} ")).collect();
    let _ = write!(
        out,
        "<polyline class=\"line s{colour}\" stroke-dasharray=\"{dash}\" points=\"{}\"/>",
        path.trim_end()
    );
    for (x, y) in points {
        marker(out, policy, *x, *y);
    }
}

fn marker(out: &mut String, policy: Policy, x: f64, y: f64) {
    let colour = policy.number();
    let shape = match policy {
        Policy::NoDivert => format!("M{:.1} {:.1}l8 8m0 -8l-8 8", x - 4.0, y - 4.0),
        Policy::NearestOpen => format!("M{:.1} {:.1}h8v8h-8z", x - 4.0, y - 4.0),
        Policy::NearestNeighbour => format!("M{:.1} {:.1}l5 9h-10z", x, y - 5.0),
        Policy::Plan => format!("M{:.1} {:.1}l5 5l-5 5l-5 -5z", x, y - 5.0),
        Policy::PlanAndDeflect => format!("M{:.1} {y:.1}a4 4 0 1 0 8 0a4 4 0 1 0 -8 0z", x - 4.0),
    };
    let _ = write!(out, "<path class=\"f{colour} s{colour}\" stroke-width=\"1.6\" d=\"{shape}\"/>");
}

/// The lines' names at their ends, pushed apart where lines end close together.
fn name_lines(out: &mut String, mut labels: Vec<(f64, &PolicyResult)>, end: f64, top: f64, bottom: f64) {
    labels.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut from = top;
    for (y, _) in &mut labels {
        *y = y.max(from);
        from = *y + 19.0;
    }
    let mut upto = bottom;
    for (y, _) in labels.iter_mut().rev() {
        *y = y.min(upto);
        upto = *y - 19.0;
    }
    for (y, result) in labels {
        marker(out, result.policy, end + 14.0, y);
        text(out, end + 26.0, y + 4.5, "", "start", result.policy.words());
    }
}

fn stroke(out: &mut String, class: &str, from: (f64, f64), to: (f64, f64)) {
    let _ = write!(
        out,
        "<line class=\"{class}\" x1=\"{:.1}\" y1=\"{:.1}\" x2=\"{:.1}\" y2=\"{:.1}\"/>",
        from.0, from.1, to.0, to.1
    );
}

fn text(out: &mut String, x: f64, y: f64, class: &str, anchor: &str, words: &str) {
    let _ = write!(
        out,
        "<text x=\"{x:.1}\" y=\"{y:.1}\" class=\"{class}\" text-anchor=\"{anchor}\">{}</text>",
        clean(words)
    );
}

/// Names come from a file somebody made: nothing in them may become markup.
fn clean(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::{Order, region_of_three, simulate};
    use super::*;

    #[test]
    fn the_picture_names_everything_it_shows() {
        let mut region = region_of_three();
        region.sites[0].name = "West & <East>".to_owned();
        let order = Order { runs: 2, divert_h: 3.0, ..Order::default() };
        let simulated = simulate(&region, &order, &mut |_, _| {}).unwrap();
        let picture = svg(&simulated);
        for policy in Policy::ALL {
            assert!(picture.contains(policy.words()), "{policy:?}");
        }
        for wanted in [
            "region of three",
            "3 h of divert, 2 runs",
            "aim 15",
            "limit 45",
            "A model, not a forecast",
            "<title",
        ] {
            assert!(picture.contains(wanted), "{wanted}");
        }
        assert!(
            !picture.contains("<East>") && !picture.contains("NaN") && !picture.contains("inf"),
            "{picture}"
        );
        let opened = picture.matches("<text").count();
        assert_eq!(opened, picture.matches("</text>").count());
    }

    #[test]
    fn an_axis_has_round_steps_and_reaches_the_highest() {
        for (highest, step, end) in
            [(0.0, 5.0, 25.0), (64.0, 10.0, 70.0), (176.0, 30.0, 180.0), (900.0, 120.0, 960.0)]
        {
            let axis = Axis::upto(highest, 0.0, 1.0);
            assert_eq!((axis.step, axis.end), (step, end), "{highest}");
            assert!(axis.ticks().count() <= 10);
        }
    }
}

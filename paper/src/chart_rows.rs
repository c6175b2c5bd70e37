//! The rows of the observation chart as a ward plots them, finer than the scoring bands where the paper chart is.
//!
//! Always: each row lies within exactly one band of `care::news2`, and takes its score from there; the tests prove it
//! for every row and every boundary. Called by `observations`.

use care::news2::{Band, CHART, ChartRow};

/// One row to plot in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PlotRow {
    pub(crate) label: String,
    /// `None`: written, not scored.
    pub(crate) score: Option<u8>,
}

/// One parameter with its rows, highest figures first.
#[derive(Clone, Debug)]
pub(crate) struct PlotGroup {
    pub(crate) name: &'static str,
    pub(crate) unit: &'static str,
    pub(crate) rows: Vec<PlotRow>,
}

/// Lower ends of finer rows inside a band, in tenths, highest first, by the chart's row number.
const FINER: [(usize, &[i32]); 4] = [
    (0, &[180, 150]),
    (4, &[2010, 1810, 1610, 1410, 1210, 810, 710, 610, 510]),
    (5, &[1210, 1010, 810, 710, 610, 310]),
    (7, &[371]),
];

/// All groups, in the chart's order.
pub(crate) fn groups() -> Vec<PlotGroup> {
    CHART
        .iter()
        .enumerate()
        .map(|(n, row)| {
            let cuts = FINER.iter().find(|(at, _)| *at == n).map_or(&[] as &[i32], |(_, cuts)| *cuts);
            PlotGroup { name: row.name, unit: row.unit, rows: rows(n, row, cuts) }
        })
        .collect()
}

fn rows(number: usize, chart: &ChartRow, cuts: &[i32]) -> Vec<PlotRow> {
    // Air or oxygen is written as litres and device, as on the college's chart.
    if number == 3 {
        let score = |n: usize| chart.bands.get(n).map(|b| b.score);
        return vec![
            PlotRow { label: "A = air".to_owned(), score: score(0) },
            PlotRow { label: "O₂ L/min, %".to_owned(), score: score(1) },
            PlotRow { label: "Device".to_owned(), score: None },
        ];
    }
    chart.bands.iter().flat_map(|band| split(band, cuts, number == 7)).collect()
}

/// A band, cut where the plot is finer. Figures are in tenths; only temperature shows them.
fn split(band: &Band, cuts: &[i32], tenths: bool) -> Vec<PlotRow> {
    let inside = |cut: &&i32| band.low.is_none_or(|l| **cut > l) && band.high.is_none_or(|h| **cut <= h);
    let cuts: Vec<i32> = match (band.low, band.high) {
        (None, None) => Vec::new(),
        _ => cuts.iter().filter(inside).copied().collect(),
    };
    let score = Some(band.score);
    if cuts.is_empty() {
        return vec![PlotRow { label: band.label.to_owned(), score }];
    }
    let step = if tenths { 1 } else { 10 };
    let mut rows = Vec::new();
    let mut high = band.high;
    for low in cuts.iter().copied().map(Some).chain([band.low]) {
        rows.push(PlotRow { label: label(low, high, tenths), score });
        high = low.map(|l| l - step);
    }
    rows
}

fn label(low: Option<i32>, high: Option<i32>, tenths: bool) -> String {
    let figure = |v: i32| if tenths { format!("{}.{}", v / 10, v % 10) } else { (v / 10).to_string() };
    let degree = if tenths { "°" } else { "" };
    match (low, high) {
        (Some(low), Some(high)) => format!("{}–{}{degree}", figure(low), figure(high)),
        (Some(low), None) => format!("≥{}{degree}", figure(low)),
        (None, Some(high)) => format!("≤{}{degree}", figure(high)),
        (None, None) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The published bands (Royal College of Physicians, 2017), written out again by hand.
    fn published(group: usize, figure: i32) -> u8 {
        match group {
            0 => match figure {
                ..=8 => 3,
                9..=11 => 1,
                12..=20 => 0,
                21..=24 => 2,
                _ => 3,
            },
            1 => match figure {
                ..=91 => 3,
                92..=93 => 2,
                94..=95 => 1,
                _ => 0,
            },
            4 => match figure {
                ..=90 => 3,
                91..=100 => 2,
                101..=110 => 1,
                111..=219 => 0,
                _ => 3,
            },
            5 => match figure {
                ..=40 => 3,
                41..=50 => 1,
                51..=90 => 0,
                91..=110 => 1,
                111..=130 => 2,
                _ => 3,
            },
            _ => match figure {
                ..=350 => 3,
                351..=360 => 1,
                361..=380 => 0,
                381..=390 => 1,
                _ => 2,
            },
        }
    }

    fn ends(label: &str) -> (Option<i32>, Option<i32>) {
        let digits = label.replace(['°', '.'], "");
        if let Some(low) = digits.strip_prefix('≥') {
            return (low.parse().ok(), None);
        }
        if let Some(high) = digits.strip_prefix('≤') {
            return (None, high.parse().ok());
        }
        let (low, high) = digits.split_once('–').unwrap();
        (low.parse().ok(), high.parse().ok())
    }

    #[test]
    fn every_figure_falls_into_one_row_with_the_published_score() {
        let groups = groups();
        for (group, from, to) in [(0, 0, 60), (1, 50, 100), (4, 30, 300), (5, 10, 250), (7, 300, 430)] {
            for figure in from..=to {
                let hits: Vec<_> = groups[group]
                    .rows
                    .iter()
                    .filter(|r| {
                        let (low, high) = ends(&r.label);
                        low.is_none_or(|l| figure >= l) && high.is_none_or(|h| figure <= h)
                    })
                    .collect();
                assert_eq!(hits.len(), 1, "{} {figure}: {hits:?}", groups[group].name);
                assert_eq!(hits[0].score, Some(published(group, figure)), "{} {figure}", groups[group].name);
            }
        }
    }

    #[test]
    fn the_chart_has_its_published_rows() {
        let counts: Vec<usize> = groups().iter().map(|g| g.rows.len()).collect();
        assert_eq!(counts, [7, 4, 8, 3, 14, 12, 5, 6]);
        let scale_two: Vec<_> = groups()[2].rows.iter().map(|r| r.score).collect();
        assert_eq!(scale_two, [3, 2, 1, 0, 0, 1, 2, 3].map(Some));
        let awake: Vec<_> = groups()[6].rows.iter().map(|r| r.score).collect();
        assert_eq!(awake, [0, 3, 3, 3, 3].map(Some));
        let air: Vec<_> = groups()[3].rows.iter().map(|r| r.score).collect();
        assert_eq!(air, [Some(0), Some(2), None]);
    }
}

//! Results, newest first, each with its range, what is abnormal in words, and the trend of the same test before.
//!
//! Withdrawn results are counted and never shown as results. A trend needs two numbers of the same test in the same
//! unit.

use crate::desk::Look;
use crate::names::or_not_recorded;
use crate::parts::{Stamp, TrendPlot, TrendPoint, numeric_range};
use care::{AbnormalFlag, DiagnosticReport, Observation, PatientRecord, ResultStatus, Value};
use std::collections::HashMap;

/// Most reports on the page.
pub const REPORTS_MAX: usize = 40;
/// Reports shown open; the older ones of the page are folded.
pub const REPORTS_OPEN: usize = 8;
/// Most values in a trend.
pub const TREND_MAX: usize = 20;

/// A report.
pub struct ReportPart {
    /// Its name.
    pub name: String,
    /// "Preliminary", "Corrected"; `None` for final ones.
    pub status: Option<&'static str>,
    /// Specimen taken.
    pub collected: Stamp,
    /// Reported.
    pub reported: Stamp,
    /// Who asked.
    pub requester: String,
    /// Its lines.
    pub results: Vec<ResultLine>,
    /// Lines withdrawn by the sender.
    pub withdrawn: usize,
    /// Narrative.
    pub text: String,
    /// The entry it comes from.
    pub entry: Option<u64>,
}

/// A line of a report.
pub struct ResultLine {
    /// The test.
    pub name: String,
    /// Value with unit; text keeps its lines.
    pub value: String,
    /// It is prose, not a figure.
    pub prose: bool,
    /// Reference range with its unit as sent.
    pub range: String,
    /// "High", "Critically low"; `None` when normal or not said.
    pub abnormal: Option<&'static str>,
    /// Critical ones stand out more.
    pub critical: bool,
    /// "Preliminary"; `None` when final.
    pub status: Option<&'static str>,
    /// The same test before.
    pub trend: Option<TrendPlot>,
    /// Remarks.
    pub note: String,
}

/// Name and unit of a test: only like is compared with like.
type TestKey = (String, String);

fn key(o: &Observation) -> Option<TestKey> {
    let Some(Value::Quantity { unit, .. }) = &o.value else { return None };
    let name = if o.code.is_empty() { o.name.to_lowercase() } else { o.code.clone() };
    Some((name, unit.to_lowercase()))
}

/// All numbers of each test, oldest first.
pub struct Trends(HashMap<TestKey, Vec<TrendPoint>>);

impl Trends {
    /// Of everything that the record keeps.
    pub fn of(r: &PatientRecord) -> Self {
        let mut all: HashMap<TestKey, Vec<TrendPoint>> = HashMap::new();
        let from_reports = r.reports.iter().flat_map(|report| {
            report.results.iter().map(move |o| (o, o.at.or(report.collected).or(report.reported)))
        });
        let single = r.observations.iter().map(|o| (o, o.at));
        for (o, at) in from_reports.chain(single).filter(|(o, _)| stands(o.status)) {
            let value = o.value.as_ref().and_then(Value::number);
            if let (Some(key), Some(at), Some(value)) = (key(o), at, value) {
                all.entry(key).or_default().push(TrendPoint { at_ms: at.milliseconds(), value });
            }
        }
        for points in all.values_mut() {
            points.sort_by_key(|p| p.at_ms);
            points.dedup();
        }
        Self(all)
    }

    /// The trend up to and including the moment of this value.
    pub fn plot(&self, o: &Observation, until: Option<basics::Moment>) -> Option<TrendPlot> {
        let points = self.0.get(&key(o)?)?;
        let until = until?.milliseconds();
        let before: Vec<TrendPoint> = points.iter().filter(|p| p.at_ms <= until).copied().collect();
        let shown = before.get(before.len().saturating_sub(TREND_MAX)..)?;
        TrendPlot::new(&o.name, shown, numeric_range(&o.range))
    }
}

/// Whether a result still counts.
pub fn stands(status: ResultStatus) -> bool {
    !matches!(status, ResultStatus::Withdrawn | ResultStatus::Cancelled)
}

/// The newest reports, and how many more are kept.
pub fn reports(look: &Look<'_>, r: &PatientRecord) -> (Vec<ReportPart>, usize) {
    let trends = Trends::of(r);
    let standing = r.reports.iter().filter(|p| p.status != ResultStatus::Withdrawn);
    let parts: Vec<ReportPart> =
        standing.clone().take(REPORTS_MAX).map(|p| report(look, p, &trends)).collect();
    let more = standing.count().saturating_sub(parts.len());
    (parts, more)
}

fn report(look: &Look<'_>, p: &DiagnosticReport, trends: &Trends) -> ReportPart {
    let at = p.collected.or(p.reported);
    ReportPart {
        name: or_not_recorded(Some(if p.name.is_empty() { &p.code } else { &p.name })),
        status: status_word(p.status),
        collected: look.stamp_maybe(p.collected),
        reported: look.stamp_maybe(p.reported),
        requester: p.requester.clone(),
        withdrawn: p.results.iter().filter(|o| o.status == ResultStatus::Withdrawn).count(),
        results: p
            .results
            .iter()
            .filter(|o| o.status != ResultStatus::Withdrawn)
            .map(|o| line(o, trends.plot(o, o.at.or(at))))
            .collect(),
        text: p.text.clone(),
        entry: p.cite.as_ref().map(|c| c.entry.0),
    }
}

/// One value as a line.
pub fn line(o: &Observation, trend: Option<TrendPlot>) -> ResultLine {
    ResultLine {
        name: or_not_recorded(Some(if o.name.is_empty() { &o.code } else { &o.name })),
        value: or_not_recorded(o.value.as_ref().map(Value::shown).as_deref()),
        prose: matches!(&o.value, Some(Value::Text(text)) if text.len() > 40),
        range: o.range.clone(),
        abnormal: o.abnormal.and_then(abnormal_word),
        critical: matches!(
            o.abnormal,
            Some(AbnormalFlag::CriticalLow | AbnormalFlag::CriticalHigh | AbnormalFlag::CriticalAbnormal)
        ),
        status: status_word(o.status),
        trend,
        note: o.note.clone(),
    }
}

fn abnormal_word(flag: AbnormalFlag) -> Option<&'static str> {
    match flag {
        AbnormalFlag::Normal => None,
        AbnormalFlag::Low => Some("Low"),
        AbnormalFlag::High => Some("High"),
        AbnormalFlag::CriticalLow => Some("Critically low"),
        AbnormalFlag::CriticalHigh => Some("Critically high"),
        AbnormalFlag::Abnormal => Some("Abnormal"),
        AbnormalFlag::CriticalAbnormal => Some("Critically abnormal"),
    }
}

/// The word for a status that is not final.
pub fn status_word(status: ResultStatus) -> Option<&'static str> {
    match status {
        ResultStatus::Final => None,
        ResultStatus::Registered => Some("Registered, no result yet"),
        ResultStatus::Preliminary => Some("Preliminary"),
        ResultStatus::Corrected => Some("Corrected"),
        ResultStatus::Cancelled => Some("Cancelled"),
        ResultStatus::Withdrawn => Some("Withdrawn"),
    }
}

//! `GET /patients/{key}/signs?kind=&from=`: every vital sign that is kept, its trend, and all values by time.
//!
//! Always: each value with its unit, what is abnormal in words, the entries it comes from; how many are listed and how
//! many more there are. Never: a withdrawn value shown as a value, values of two units in one plot.
//! The patient's page shows the newest of each kind from here; proved by `tests/signs.rs`.

use crate::desk::{Desk, Html, Look, Visit};
use crate::forms::Asked;
use crate::layout::{Here, Layout};
use crate::mishap::Mishap;
use crate::names::{counted, encoded, patient_address};
use crate::parts::{SectionHead, SeriesPlot, Stamp, TrendPoint, numeric_range};
use crate::patient::banner::{Banner, banner};
use crate::patient::page::ward_now;
use crate::patient::results::{ResultLine, Trends, line, stands};
use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use care::apply::OBSERVATIONS_MAX;
use care::{Observation, PatientKey, PatientRecord, Value};
use serde::Deserialize;

/// Most values listed on one page, unless one moment alone has more.
pub const VALUES_MAX: usize = 150;

/// The newest of one kind of vital sign, with those before.
pub struct SignLine {
    /// The newest.
    pub newest: ResultLine,
    /// When.
    pub at: Stamp,
    /// How many are kept.
    pub kept: usize,
    /// The page that lists them.
    pub address: String,
    /// The entry it comes from.
    pub entry: Option<u64>,
}

#[derive(Template)]
#[template(path = "patient/signs.html")]
struct SignsPage {
    layout: Layout,
    banner: Banner,
    patient: String,
    all: String,
    head: SectionHead,
    count: String,
    only: Option<String>,
    kinds: Vec<KindPart>,
    sets: Vec<SetPart>,
    listed: String,
    newer: Option<String>,
    older: Option<(String, usize)>,
    withdrawn: usize,
    full: bool,
    kept_max: usize,
}

struct KindPart {
    newest: ResultLine,
    unit: String,
    at: Stamp,
    plot: Option<SeriesPlot>,
    span: String,
    kept: usize,
    address: String,
}

/// What was measured at one moment.
struct SetPart {
    at: Stamp,
    lines: Vec<ResultLine>,
    entries: Vec<u64>,
}

/// Which values.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Question {
    kind: String,
    from: String,
}

/// The page that lists a patient's vital signs, all or of one kind.
pub fn signs_address(patient: PatientKey, kind: Option<&str>) -> String {
    let all = format!("{}/signs", patient_address(patient));
    kind.map_or_else(|| all.clone(), |kind| format!("{all}?kind={}", encoded(kind)))
}

/// `GET /patients/{key}/signs`
pub async fn show(
    State(desk): State<Desk>,
    visit: Visit,
    Path(key): Path<String>,
    Asked(question): Asked<Question>,
) -> Response {
    desk.page(visit, move |look| {
        let key = PatientKey(key.parse().map_err(|_| Mishap::no_patient())?);
        let record = look.screens().room.patient(key).map_err(Mishap::room("read this patient's record"))?;
        let record = record.ok_or_else(Mishap::no_patient)?;
        Ok(Html(page(look, key, &record, &question)))
    })
    .await
}

fn page(look: &Look<'_>, asked: PatientKey, r: &PatientRecord, question: &Question) -> SignsPage {
    let banner = banner(look, r);
    let ward = ward_now(r);
    let only = (!question.kind.is_empty()).then_some(question.kind.as_str());
    let wanted: Vec<Kind<'_>> =
        kinds(r).into_iter().filter(|k| only.is_none_or(|only| k.code == only)).collect();
    let mut values: Vec<&Observation> = wanted.iter().flat_map(|k| k.values.iter().copied()).collect();
    values.sort_by_key(|o| std::cmp::Reverse(o.at));
    let from = question.from.parse().unwrap_or(0).min(values.len());
    let (sets, to) = sets(look, &values, from);
    let at = |from: usize| {
        let all = signs_address(r.key, only);
        if from == 0 { all } else { format!("{all}{}from={from}", if only.is_some() { '&' } else { '?' }) }
    };
    let withdrawn = r.observations.iter().filter(|o| !stands(o.status)).count();
    SignsPage {
        layout: Layout::of_site(
            look,
            format!("Vital signs of {}", banner.name),
            Here::Nowhere,
            ward.as_ref().map(|w| &w.site),
        )
        .live(format!("patient:{},patient:{}", r.key.0, asked.0)),
        patient: patient_address(r.key),
        all: signs_address(r.key, None),
        head: look.section(
            "trends",
            "Newest and trend",
            counted(wanted.len(), "kind", "kinds"),
            r.as_at.observations.as_ref(),
        ),
        count: counted(values.len(), "value", "values"),
        only: only.map(|only| wanted.first().map_or(only.to_owned(), |k| line(k.newest, None).name)),
        listed: if values.is_empty() {
            String::new()
        } else {
            format!("{} to {to} of {}", from + 1, counted(values.len(), "value", "values"))
        },
        newer: (from > 0).then(|| at(0)),
        older: (to < values.len()).then(|| (at(to), values.len() - to)),
        kinds: wanted.iter().map(|k| kind_part(look, r, k)).collect(),
        sets,
        withdrawn,
        full: r.observations.len() >= OBSERVATIONS_MAX,
        kept_max: OBSERVATIONS_MAX,
        banner,
    }
}

/// The values of one kind.
struct Kind<'a> {
    /// The code, or the name where there is none.
    code: String,
    newest: &'a Observation,
    values: Vec<&'a Observation>,
}

/// Every kind with what still counts, in the order in which a ward measures them.
fn kinds(r: &PatientRecord) -> Vec<Kind<'_>> {
    let mut kinds: Vec<Kind<'_>> = Vec::new();
    for o in r.observations.iter().filter(|o| stands(o.status)) {
        let code = if o.code.is_empty() { o.name.to_lowercase() } else { o.code.clone() };
        match kinds.iter_mut().find(|k| k.code == code) {
            Some(kind) => {
                if o.at > kind.newest.at {
                    kind.newest = o;
                }
                kind.values.push(o);
            }
            None => kinds.push(Kind { code, newest: o, values: vec![o] }),
        }
    }
    kinds.sort_by_key(|k| (ward_order(&k.newest.name), k.newest.name.to_lowercase(), k.code.clone()));
    kinds
}

/// The order of the observation chart; everything else follows by name.
fn ward_order(name: &str) -> usize {
    let name = name.to_lowercase();
    [
        &["respirat"][..],
        &["saturation", "spo2"],
        &["oxygen", "fio2"],
        &["systolic"],
        &["diastolic"],
        &["blood pressure"],
        &["heart rate", "pulse"],
        &["conscious", "avpu", "acvpu", "coma"],
        &["temperature"],
    ]
    .iter()
    .position(|words| words.iter().any(|w| name.contains(w)))
    .unwrap_or(usize::MAX)
}

/// The newest of each kind, for the patient's page.
pub fn newest(look: &Look<'_>, r: &PatientRecord) -> Vec<SignLine> {
    let trends = Trends::of(r);
    kinds(r)
        .into_iter()
        .map(|k| SignLine {
            newest: line(k.newest, trends.plot(k.newest, k.newest.at)),
            at: look.stamp_maybe(k.newest.at),
            kept: k.values.len(),
            address: signs_address(r.key, Some(&k.code)),
            entry: k.newest.cite.as_ref().map(|c| c.entry.0),
        })
        .collect()
}

fn unit(o: &Observation) -> &str {
    match &o.value {
        Some(Value::Quantity { unit, .. }) => unit,
        _ => "",
    }
}

fn kind_part(look: &Look<'_>, r: &PatientRecord, kind: &Kind<'_>) -> KindPart {
    let newest = line(kind.newest, None);
    let unit = unit(kind.newest);
    let mut points: Vec<(TrendPoint, bool)> = kind
        .values
        .iter()
        .filter(|o| self::unit(o).eq_ignore_ascii_case(unit))
        .filter_map(|o| {
            let value = o.value.as_ref().and_then(Value::number)?;
            let point = TrendPoint { at_ms: o.at?.milliseconds(), value };
            Some((point, line(o, None).abnormal.is_some()))
        })
        .collect();
    points.sort_by_key(|(p, _)| p.at_ms);
    let span = match (points.first(), points.last()) {
        (Some((first, _)), Some((last, _))) => {
            let clinical = |p: &TrendPoint| look.zone().clinical(basics::Moment::from_milliseconds(p.at_ms));
            format!("{} to {}", clinical(first), clinical(last))
        }
        _ => String::new(),
    };
    KindPart {
        plot: SeriesPlot::new(&newest.name, unit, &points, numeric_range(&newest.range)),
        unit: unit.to_owned(),
        at: look.stamp_maybe(kind.newest.at),
        span,
        kept: kind.values.len(),
        address: signs_address(r.key, Some(&kind.code)),
        newest,
    }
}

/// The sets from the value numbered `from`, and the number of the value after them. `values` are newest first; what was
/// measured at one moment is never parted.
fn sets(look: &Look<'_>, values: &[&Observation], from: usize) -> (Vec<SetPart>, usize) {
    let mut to = from;
    let mut sets = Vec::new();
    for set in values.get(from..).unwrap_or(&[]).chunk_by(|a, b| a.at == b.at) {
        if !sets.is_empty() && to - from + set.len() > VALUES_MAX {
            break;
        }
        to += set.len();
        let mut set: Vec<&Observation> = set.to_vec();
        set.sort_by_key(|o| (ward_order(&o.name), o.name.to_lowercase()));
        let mut entries: Vec<u64> = set.iter().filter_map(|o| Some(o.cite.as_ref()?.entry.0)).collect();
        entries.sort_unstable();
        entries.dedup();
        sets.push(SetPart {
            at: look.stamp_maybe(set.first().and_then(|o| o.at)),
            lines: set.into_iter().map(|o| line(o, None)).collect(),
            entries,
        });
    }
    (sets, to)
}

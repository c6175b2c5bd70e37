//! `GET /wards`: hospitals and their wards, beds filled, age of the data.

use crate::desk::{Desk, Html, Look, Visit};
use crate::layout::{Here, Layout};
use crate::mishap::Mishap;
use crate::names::{counted, ward_address};
use crate::parts::Stamp;
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use care::ward_list::WardSummary;

#[derive(Template)]
#[template(path = "wards/page.html")]
struct WardsPage {
    layout: Layout,
    sites: Vec<SiteWards>,
    count: String,
}

struct SiteWards {
    name: String,
    anchor: String,
    count: String,
    data_age: Stamp,
    wards: Vec<WardLine>,
}

struct WardLine {
    address: String,
    name: String,
    code: Option<String>,
    patients: usize,
    beds: usize,
    empty: usize,
    as_at: Stamp,
}

/// `GET /wards`
pub async fn show(State(desk): State<Desk>, visit: Visit) -> Response {
    desk.page(visit, |look| {
        let wards = look.screens().room.wards().map_err(Mishap::room("read the list of wards"))?;
        Ok(Html(page(look, &wards)))
    })
    .await
}

fn page(look: &Look<'_>, wards: &[WardSummary]) -> WardsPage {
    let mut sites: Vec<SiteWards> = Vec::new();
    for site in wards.chunk_by(|a, b| a.key.site == b.key.site) {
        let Some(first) = site.first() else { continue };
        sites.push(SiteWards {
            name: first.key.site.to_string(),
            anchor: format!("site-{}", sites.len() + 1),
            count: ward_count(site),
            data_age: look.data_age(Some(&first.key.site)),
            wards: site.iter().map(|w| line(look, w)).collect(),
        });
    }
    WardsPage { layout: Layout::new(look, "Wards", Here::Wards).live("all"), count: ward_count(wards), sites }
}

fn ward_count(wards: &[WardSummary]) -> String {
    let patients: usize = wards.iter().map(|w| w.patients).sum();
    format!("{}, {}", counted(wards.len(), "ward", "wards"), counted(patients, "patient", "patients"))
}

fn line(look: &Look<'_>, ward: &WardSummary) -> WardLine {
    let code = ward.key.ward.to_string();
    WardLine {
        address: ward_address(&ward.key),
        name: ward.name.clone(),
        code: (code != ward.name).then_some(code),
        patients: ward.patients,
        beds: ward.beds,
        empty: ward.beds.saturating_sub(ward.patients),
        as_at: look.stamp_maybe(ward.as_at),
    }
}

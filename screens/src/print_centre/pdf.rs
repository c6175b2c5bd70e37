//! The PDFs themselves: one ward, all wards, one patient. Shown in the browser's viewer, never kept by a cache.

use crate::desk::{Desk, Look, Visit};
use crate::mishap::Mishap;
use crate::names::ward_of;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::response::Response;
use care::PatientKey;
use care::ward_list::WardKey;
use http::{HeaderValue, header};

/// `GET /print/{site}/{ward}/pack.pdf`
pub async fn ward(
    State(desk): State<Desk>,
    visit: Visit,
    Path((site, ward)): Path<(String, String)>,
) -> Response {
    desk.page(visit, move |look| {
        let key = ward_of(&site, &ward).ok_or_else(|| no_pack(&site, &ward))?;
        let bytes = look.screens().shelf.pdf(&key).map_err(Mishap::NotPrintable)?;
        let bytes = bytes.ok_or_else(|| no_pack(&site, &ward))?;
        look.saw(on_the_ward(look, &key)?);
        answer(look, bytes, "ward-pack")
    })
    .await
}

/// `GET /print/all.pdf`
pub async fn all(State(desk): State<Desk>, visit: Visit) -> Response {
    desk.page(visit, |look| {
        let bytes = look.screens().shelf.all_pdf().map_err(Mishap::NotPrintable)?;
        for pack in look.screens().shelf.shelf() {
            look.saw(on_the_ward(look, &pack.ward)?);
        }
        answer(look, bytes, "all-ward-packs")
    })
    .await
}

/// `GET /patients/{key}/sheets.pdf`
pub async fn patient(State(desk): State<Desk>, visit: Visit, Path(key): Path<String>) -> Response {
    desk.page(visit, move |look| {
        let key = PatientKey(key.parse().map_err(|_| Mishap::no_patient())?);
        let shelf = &look.screens().shelf;
        let bytes = shelf.patient_pdf(key).map_err(Mishap::NotPrintable)?;
        let bytes = bytes.ok_or_else(Mishap::no_patient)?;
        look.saw_by_key([key]);
        answer(look, bytes, "patient-sheets")
    })
    .await
}

/// Whose sheets lie in a ward's pack: those on its list now. Packs are made again within seconds of a change; whoever left the
/// ward in between is in the pack and not among these.
fn on_the_ward(look: &Look<'_>, ward: &WardKey) -> Result<Vec<PatientKey>, Mishap> {
    let list = look.screens().room.ward_list(ward).map_err(Mishap::room("read who is on the ward"))?;
    let rows = list.map(|list| list.rows).unwrap_or_default();
    Ok(rows.into_iter().filter_map(|row| row.patient.map(|patient| patient.key)).collect())
}

fn no_pack(site: &str, ward: &str) -> Mishap {
    Mishap::NotFound {
        what: format!("There is no pack for ward {ward} at {site} yet."),
        next: "Open the print centre to see which packs there are. Meanwhile print the ward list from the browser.",
    }
}

/// A PDF to be shown. The file's name holds the moment and no patient.
pub fn answer(look: &Look<'_>, bytes: Vec<u8>, name: &str) -> Result<Response, Mishap> {
    let stamp = look.zone().clinical(look.now).replace([' ', ':'], "-");
    let mut response = Response::new(Body::from(bytes));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/pdf"));
    let disposition = HeaderValue::from_str(&format!("inline; filename=\"{name}-{stamp}.pdf\""))
        .map_err(|e| Mishap::fault("name the PDF", e))?;
    headers.insert(header::CONTENT_DISPOSITION, disposition);
    Ok(response)
}

//! `GET /wards/{site}/{ward}`: beds in ward order, empty ones shown, names as on a banner, allergies and alerts beside
//! the name, the age of the data, one key to print.
//!
//! Always: an allergy tag says one of the four headings or names the substances; nobody's allergies are blank.

use crate::break_glass::told::{Line, for_ward};
use crate::desk::{Desk, Html, Look, Visit};
use crate::layout::{Here, Layout};
use crate::mishap::Mishap;
use crate::names::{counted, or_not_recorded, patient_address, sex_word, ward_of, ward_path};
use crate::parts::Stamp;
use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use care::ward_list::{WardList, WardPatient, WardRow};
use care::{AllergyKnowledge, FlagKind};

#[derive(Template)]
#[template(path = "ward_list/page.html")]
struct WardListPage {
    layout: Layout,
    site: String,
    name: String,
    code: Option<String>,
    count: String,
    as_at: Stamp,
    nobody: bool,
    glass: Vec<Line>,
    rows: Vec<Row>,
    pdf: String,
    pack: String,
}

struct Row {
    bed: String,
    patient: Option<Patient>,
}

/// One patient in a list; the find page shows the same.
pub struct Patient {
    /// Where the record is.
    pub address: String,
    /// For the row's id.
    pub key: u64,
    /// Banner form.
    pub name: String,
    /// "14-Jul-1945 (72y)".
    pub born: String,
    /// "Female".
    pub sex: &'static str,
    /// "999 123 4567" or "Not recorded".
    pub nhs: String,
    /// Hospital number.
    pub mrn: Option<String>,
    /// The allergy tag.
    pub allergies: Tag,
    /// Alerts.
    pub flags: Vec<Tag>,
    /// Why they are here.
    pub reason: String,
    /// Who looks after them.
    pub consultant: String,
    /// Since when.
    pub admitted: Stamp,
    /// Where they are for the moment.
    pub away: Option<String>,
    /// On leave: the bed is kept.
    pub on_leave: bool,
    /// Dead.
    pub died: bool,
    /// Newest fact.
    pub as_at: Stamp,
}

/// A word in a coloured frame.
pub struct Tag {
    /// The style sheet's name.
    pub class: &'static str,
    /// The words.
    pub words: String,
}

/// `GET /wards/{site}/{ward}`
pub async fn show(
    State(desk): State<Desk>,
    visit: Visit,
    Path((site, ward)): Path<(String, String)>,
) -> Response {
    desk.page(visit, move |look| {
        let unknown = || Mishap::NotFound {
            what: format!("There is no ward {ward} at {site}."),
            next: "It may be called something else: choose it from Wards.",
        };
        let key = ward_of(&site, &ward).ok_or_else(unknown)?;
        let list = look.screens().room.ward_list(&key).map_err(Mishap::room("read the ward list"))?;
        Ok(Html(page(look, &list.ok_or_else(unknown)?)))
    })
    .await
}

fn page(look: &Look<'_>, list: &WardList) -> WardListPage {
    let code = list.key.ward.to_string();
    let topics = format!("ward:{}", ward_path(&list.key));
    WardListPage {
        layout: Layout::of_site(look, list.name.clone(), Here::Wards, Some(&list.key.site)).live(topics),
        site: list.key.site.to_string(),
        name: list.name.clone(),
        code: (code != list.name).then_some(code),
        count: count(&list.rows),
        as_at: look.stamp_maybe(list.as_at),
        glass: for_ward(look, list),
        nobody: list.rows.iter().all(|r| r.patient.is_none()),
        rows: list
            .rows
            .iter()
            .map(|row| Row {
                bed: row.bed.clone(),
                patient: row.patient.as_ref().map(|p| Patient::new(look, p)),
            })
            .collect(),
        pdf: format!("/print/{}/pack.pdf", ward_path(&list.key)),
        pack: pack_words(look, list),
    }
}

fn count(rows: &[WardRow]) -> String {
    let patients = rows.iter().filter(|r| r.patient.is_some()).count();
    let empty = rows.len() - patients;
    format!(
        "{} in {}, {} empty",
        counted(patients, "patient", "patients"),
        counted(rows.len(), "bed or place", "beds and places"),
        empty
    )
}

fn pack_words(look: &Look<'_>, list: &WardList) -> String {
    let shelf = look.screens().shelf.shelf();
    match shelf.iter().find(|p| p.ward == list.key && p.pages > 0) {
        Some(pack) => format!(
            "{}, made {}",
            counted(usize::try_from(pack.pages).unwrap_or(0), "page", "pages"),
            look.zone().clinical(pack.made_at)
        ),
        None => "not made yet".to_owned(),
    }
}

impl Patient {
    /// As the ward list has them; noted as seen.
    pub fn new(look: &Look<'_>, p: &WardPatient) -> Self {
        look.saw([p.key]);
        Self {
            address: patient_address(p.key),
            key: p.key.0,
            name: p.name.clone(),
            born: born(look, p.birth_date),
            sex: sex_word(p.sex),
            nhs: p.nhs_number.map_or("Not recorded".to_owned(), |n| n.to_string()),
            mrn: p.mrn.clone(),
            allergies: allergy_tag(p.allergy_knowledge, &p.allergies),
            flags: p.flags.iter().map(|(kind, words)| flag_tag(*kind, words)).collect(),
            reason: or_not_recorded(p.reason.as_deref()),
            consultant: or_not_recorded(p.consultant.as_deref()),
            admitted: look.stamp_maybe(p.admitted),
            away: p.temporary_location.as_ref().map(|l| l.sent.clone()),
            on_leave: p.on_leave,
            died: p.died,
            as_at: look.stamp_maybe(p.as_at),
        }
    }
}

/// "14-Jul-1945 (72y)"; the age is left out where too little of the date is known.
pub fn born(look: &Look<'_>, date: Option<basics::PartialDate>) -> String {
    let Some(date) = date else { return "Not recorded".to_owned() };
    match date.years_until(look.zone().date(look.now)) {
        Some(years) => format!("{date} ({years}y)"),
        None => date.to_string(),
    }
}

/// The allergy tag: substances by name where they are known, else the heading.
pub fn allergy_tag(knowledge: AllergyKnowledge, substances: &[String]) -> Tag {
    let class = match knowledge {
        AllergyKnowledge::Known => "tag-red",
        AllergyKnowledge::NoneKnown => "tag-plain",
        AllergyKnowledge::NotRecorded | AllergyKnowledge::Unavailable => "tag-amber",
    };
    let words = match knowledge {
        AllergyKnowledge::Known if !substances.is_empty() => format!("Allergies: {}", substances.join(", ")),
        _ => knowledge.heading().to_owned(),
    };
    Tag { class, words }
}

/// The tag of an alert.
pub fn flag_tag(kind: FlagKind, words: &str) -> Tag {
    let (class, name) = match kind {
        FlagKind::Resuscitation => ("tag-purple", "Resuscitation"),
        FlagKind::Infection => ("tag-orange", "Infection"),
        FlagKind::Falls => ("tag-blue", "Falls"),
        FlagKind::Safeguarding => ("tag-pink", "Safeguarding"),
        FlagKind::Other => ("tag-grey", "Alert"),
    };
    let words = if words.trim().is_empty() { name.to_owned() } else { format!("{name}: {words}") };
    Tag { class, words }
}

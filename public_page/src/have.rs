//! Hospital availability (EDXL-HAVE 2.0, working draft): each hospital's services for coordinators' systems.
//!
//! Always: only what an approved update says. Never: beds, staff or ambulances' access, which no update speaks of.
//! The published draft schema does not compile; this is valid against its mended form. Called by `press`; proved by
//! `tests/feeds.rs`.

use crate::markup::Markup;
use crate::page::{by_hospital, overall};
use crate::settings::Settings;
use incident::Ground;
use incident::hospitals::ServiceState;
use incident::public_updates::{PublicBoard, ServiceNotice};

/// The report's bytes; `None` while no update tells of a hospital.
pub fn report(board: &PublicBoard, settings: &Settings) -> Option<Vec<u8>> {
    let published = board.latest.published().filter(|p| !p.content.services.is_empty())?;
    let mut m = Markup::default();
    m.raw("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<have:HAVE xmlns:have=\"urn:oasis:names:tc:emergency:edxl:have:2.0\" xmlns:xnl=\"urn:oasis:names:tc:emergency:edxl:ciq:1.0:xnl\" xmlns:ct=\"urn:oasis:names:tc:emergency:edxl:ct:1.0\">\n");
    m.raw("<have:organizationInformation><xnl:OrganisationName><xnl:NameElement>").text(&settings.trust);
    m.raw("</xnl:NameElement></xnl:OrganisationName></have:organizationInformation>\n<have:reportComment>");
    m.raw(if board.ground == Ground::Real { "" } else { "EXERCISE. " });
    m.text(&format!("As told to the public at {}. ", published.at.rfc3339()));
    m.text(&published.content.english.sentence).raw("</have:reportComment>\n");
    for (index, (site, services)) in by_hospital(&published.content).into_iter().enumerate() {
        m.raw("<have:facility>\n<have:facilityInformation>");
        m.raw("<have:facilityID>").text(&format!("facility-{}", index + 1)).raw("</have:facilityID>");
        m.wrap("<have:facilityName>", site.as_str(), "</have:facilityName>");
        m.raw("<have:facilityDetails><xnl:OrganisationName><xnl:NameElement>").text(site.as_str());
        m.raw("</xnl:NameElement></xnl:OrganisationName></have:facilityDetails>");
        m.raw("<have:facilityKind>Hospital</have:facilityKind></have:facilityInformation>\n");
        m.raw("<have:serviceList><have:taxonomyURI>").text(&settings.address);
        m.raw(
            "/</have:taxonomyURI><have:taxonomyName>Services as the trust names them</have:taxonomyName>\n",
        );
        for told in &services {
            service(&mut m, told);
        }
        m.raw("</have:serviceList>\n<have:facilityColourStatus>");
        colour(&mut m, overall(&services));
        m.raw("</have:facilityColourStatus>\n</have:facility>\n");
    }
    m.raw("</have:HAVE>\n");
    Some(m.bytes())
}

fn service(m: &mut Markup, told: &ServiceNotice) {
    let key: String = told.service.to_lowercase().split_whitespace().collect::<Vec<_>>().join("-");
    m.wrap("<have:serviceListItem><have:serviceTaxonomyKeyValue>", &key, "</have:serviceTaxonomyKeyValue>");
    m.wrap("<have:serviceName>", &told.service, "</have:serviceName><have:serviceStatus><have:isAvailable>");
    m.raw(if told.state == ServiceState::Closed { "false" } else { "true" });
    m.raw("</have:isAvailable><have:colourStatus>");
    colour(m, told.state);
    let wait = told.wait_minutes.map_or_else(String::new, |wait| format!(", wait {wait} minutes"));
    let note = if told.note.is_empty() { String::new() } else { format!(". {}", told.note) };
    let comment = format!("{}{wait}{note}", told.state.word());
    m.wrap("</have:colourStatus><have:comment>", &comment, "</have:comment></have:serviceStatus>");
    m.raw("</have:serviceListItem>\n");
}

fn colour(m: &mut Markup, state: ServiceState) {
    m.raw("<have:colourCodeDefault><ct:ValueListURI>urn:oasis:names:tc:emergency:EDXL:HAVE:2.0:Defaults:ColourCode</ct:ValueListURI><ct:Value>");
    m.raw(match state {
        ServiceState::Open => "green",
        ServiceState::Reduced => "yellow",
        ServiceState::Closed => "red",
    });
    m.raw("</ct:Value></have:colourCodeDefault>");
}

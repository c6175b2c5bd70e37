//! The summary as status pages give it (the shape of Statuspage's `/api/v2/summary.json`): for dashboards that read it.
//!
//! Always: hospitals as groups, services as their components, the updates as one incident. Never: staff, drafts,
//! withdrawn words. Called by `press`; proved by `tests/feeds.rs`.

use crate::page::{by_hospital, overall};
use crate::settings::Settings;
use basics::Moment;
use incident::Ground;
use incident::hospitals::ServiceState;
use incident::public_updates::{PublicBoard, Published, Spoken};
use serde_json::{Value, json};

/// Updates given; the rest stand in the history.
const UPDATES_MAX: usize = 50;

/// The summary's bytes.
pub fn summary(board: &PublicBoard, settings: &Settings, now: Moment) -> Vec<u8> {
    let published = board.latest.published();
    let updated = board.history.first().map_or(now, |item| match item {
        Spoken::Update(p) => p.at,
        Spoken::Withdrawn { withdrawn_at, .. } => *withdrawn_at,
    });
    let (indicator, description) = indicator(published, board);
    let mark = if board.ground == Ground::Real { "" } else { "EXERCISE " };
    let whole = json!({
        "page": {
            "id": "lifeboat",
            "name": format!("{mark}{}", settings.trust),
            "url": settings.address,
            "time_zone": settings.zone_name,
            "updated_at": updated.rfc3339(),
        },
        "status": { "indicator": indicator, "description": description },
        "components": published.map_or_else(Vec::new, components),
        "incidents": incidents(board, settings, mark),
        "scheduled_maintenances": [],
        // Beyond Statuspage: when the next word is promised, and whether it is late.
        "next_update_at": board.next_update.map(Moment::rfc3339),
        "next_update_late": board.late(now),
    });
    let mut bytes = serde_json::to_vec_pretty(&whole).unwrap_or_default();
    bytes.push(b'\n');
    bytes
}

fn indicator(published: Option<&Published>, board: &PublicBoard) -> (&'static str, &'static str) {
    let services = published.map_or(&[][..], |p| &p.content.services);
    let any = |state| services.iter().any(|told| told.state == state);
    match () {
        () if published.is_none() && !board.history.is_empty() => ("minor", "The last update was withdrawn"),
        () if published.is_none() => ("none", "No update yet"),
        () if any(ServiceState::Closed) => ("major", "Some services are closed"),
        () if any(ServiceState::Reduced) => ("minor", "Some services are reduced"),
        () if services.is_empty() => ("minor", "See the latest update"),
        () => ("none", "All services named are open"),
    }
}

fn status(state: ServiceState) -> &'static str {
    match state {
        ServiceState::Open => "operational",
        ServiceState::Reduced => "partial_outage",
        ServiceState::Closed => "major_outage",
    }
}

fn components(published: &Published) -> Vec<Value> {
    let at = published.at.rfc3339();
    let mut out = Vec::new();
    for (site, services) in by_hospital(&published.content) {
        let group = format!("hospital-{}", out.len() + 1);
        let position = out.len() + 1;
        let children: Vec<String> = (1..=services.len()).map(|n| format!("{group}-service-{n}")).collect();
        out.push(json!({
            "id": group, "name": site.as_str(), "status": status(overall(&services)), "description": null,
            "group": true, "group_id": null, "components": children, "position": position, "showcase": false,
            "only_show_if_degraded": false, "page_id": "lifeboat", "created_at": at, "updated_at": at,
        }));
        for (told, id) in services.iter().zip(&children) {
            let note = (!told.note.is_empty()).then_some(&told.note);
            out.push(json!({
                "id": id, "name": told.service, "status": status(told.state), "description": note,
                "group": false, "group_id": group, "position": out.len() + 1, "showcase": true,
                "only_show_if_degraded": false, "page_id": "lifeboat", "created_at": at, "updated_at": at,
            }));
        }
    }
    out
}

fn incidents(board: &PublicBoard, settings: &Settings, mark: &str) -> Vec<Value> {
    let (Some(Spoken::Update(latest)), Some(first)) = (board.history.first(), board.history.last()) else {
        return Vec::new();
    };
    let started = match first {
        Spoken::Update(p) => p.at,
        Spoken::Withdrawn { published_at, .. } => *published_at,
    };
    let last = latest.content.next_update.is_none();
    let word = |resolved: bool| if resolved { "resolved" } else { "identified" };
    let said: Vec<Value> = board
        .history
        .iter()
        .take(UPDATES_MAX)
        .filter_map(|item| if let Spoken::Update(p) = item { Some(p) } else { None })
        .map(|p| {
            let at = p.at.rfc3339();
            json!({
                "id": format!("update-{}", p.number), "incident_id": "public-updates",
                "status": word(p.content.next_update.is_none()), "body": p.content.english.sentence,
                "created_at": at, "updated_at": at, "display_at": at,
            })
        })
        .collect();
    let (at, impact) = (latest.at.rfc3339(), indicator(Some(latest), board).0);
    vec![json!({
        "id": "public-updates", "name": format!("{mark}{}", latest.content.english.sentence),
        "status": word(last), "impact": impact, "page_id": "lifeboat", "shortlink": settings.address,
        "started_at": started.rfc3339(), "created_at": started.rfc3339(), "updated_at": at,
        "monitoring_at": null, "resolved_at": last.then_some(&at), "components": [], "incident_updates": said,
    })]
}

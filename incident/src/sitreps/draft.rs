//! The draft of a sitrep: what the boards say, and what changed since the last one.
//!
//! A module that has something to report adds its section to `draft`. Always: counts are of the record as it stands;
//! what a person must write stands there as an empty section, never as invented prose.

use super::{SECTIONS_MAX, Section};
use crate::IncidentBook;
use crate::action_cards::{CardsBoard, Due, cards_board};
use crate::declare::Incident;
use crate::log::{Kind, Line};
use crate::public_updates::Latest;
use crate::roles::{Post, RoleKey};
use crate::systems::SystemState;
use crate::wording::{self, counted, duration};
use basics::Moment;

/// Lines listed under one heading; the rest are counted.
const LINES_MAX: usize = 30;

/// The sections of the next sitrep at `now`, with `more` of figures from elsewhere.
pub fn draft(book: &IncidentBook, incident: &Incident, now: Moment, more: Vec<Section>) -> Vec<Section> {
    let now = book.now(now);
    let mut sections = vec![
        situation(book, incident, now),
        changes(book, incident),
        systems(book, incident, now),
        hospitals(book, incident),
        public_information(book, incident, now),
        diverts(book, incident, now),
        roll_call(book, incident, now),
        decisions(book, incident, now),
        cards(book, &cards_board(book, incident, now), now),
    ];
    sections.extend(more);
    sections.extend([empty("Risks"), empty("What we need"), empty("Next steps")]);
    sections.truncate(SECTIONS_MAX);
    sections
}

/// Staff: the newest roll-call, and telephones that do not work.
fn roll_call(book: &IncidentBook, incident: &Incident, now: Moment) -> Section {
    let mut lines = Vec::new();
    if let Some(message) = book.messages.roll_call(incident.id) {
        let roll = crate::messages::roll_call::roll_board(message, now);
        lines.push(format!(
            "Roll-call {} at {}: {} safe, {} need help, {} unaccounted for; {} able to work now",
            message.id.0,
            book.say(message.sent.at, now),
            roll.safe,
            roll.need_help,
            roll.unaccounted,
            roll.able
        ));
    }
    for site in book.directory.routes(incident.ground(), book.hospitals.sites()) {
        let name = site.site.as_ref().map_or("Whole trust", basics::SiteId::as_str);
        lines.extend(site.words().map(|words| format!("{name}: {words}")));
    }
    section("Staff and telephones", lines)
}

fn empty(heading: &str) -> Section {
    Section { heading: heading.to_owned(), body: String::new() }
}

fn section(heading: &str, lines: Vec<String>) -> Section {
    let mut body = String::new();
    for line in lines {
        // A section stays within what can be edited and kept.
        if body.len() + line.len() + 1 > wording::NOTE_BYTES_MAX {
            break;
        }
        if !body.is_empty() {
            body.push('\n');
        }
        body.push_str(&line);
    }
    Section { heading: heading.to_owned(), body }
}

fn few<T>(lines: &mut Vec<String>, all: &[T], say: impl Fn(&T) -> String) {
    lines.extend(all.iter().take(LINES_MAX).map(say));
    if all.len() > LINES_MAX {
        lines.push(format!("… and {} more", all.len() - LINES_MAX));
    }
}

fn situation(book: &IncidentBook, incident: &Incident, now: Moment) -> Section {
    let since = incident.declared.as_ref().unwrap_or(&incident.opened);
    let mut lines = vec![format!(
        "{}: {}, {} since {} ({})",
        incident.words(),
        incident.name,
        incident.stage.word().to_lowercase(),
        book.zone.clinical(since.at),
        duration(incident.elapsed_seconds(now))
    )];
    if let Some((stamp, methane)) = incident.methane.current() {
        let said = methane.headings().into_iter().filter(|(_, _, text)| !text.is_empty());
        lines.extend(said.map(|(_, heading, text)| format!("{heading}: {}", basics::tidy(text, 600))));
        lines.push(format!("(METHANE of {}, entry {})", book.say(stamp.at, now), stamp.entry));
    }
    for role in ["strategic-commander", "tactical-commander"] {
        let Some(post) = RoleKey::new(role).map(Post::trust) else { continue };
        let who = incident.roles.holder(&post).map_or_else(
            || "nobody".to_owned(),
            |h| format!("{}, shift until {}", h.person, book.say(h.shift_ends, now)),
        );
        lines.push(format!("{}: {who}", post.words(incident)));
    }
    section("Situation", lines)
}

fn changes(book: &IncidentBook, incident: &Incident) -> Section {
    let covered = incident.sitreps.covered();
    let since: Vec<&Line> = book.log.of_incident(incident.id, covered).collect();
    let mut counts: Vec<(Kind, usize)> = Vec::new();
    for line in &since {
        match counts.iter_mut().find(|(kind, _)| *kind == line.kind) {
            Some((_, count)) => *count += 1,
            None => counts.push((line.kind, 1)),
        }
    }
    counts.sort();
    let words: Vec<String> =
        counts.iter().map(|(kind, count)| format!("{count} × {}", kind.word().to_lowercase())).collect();
    let mut lines = vec![if since.is_empty() {
        "Nothing was recorded for this incident.".to_owned()
    } else {
        format!("{}: {}", counted(since.len(), "entry", "entries"), words.join(", "))
    }];
    let telling = [Kind::Stage, Kind::Role, Kind::Divert, Kind::PublicUpdate, Kind::Correction];
    let told: Vec<&&Line> = since.iter().filter(|line| telling.contains(&line.kind)).collect();
    few(&mut lines, &told, |line| {
        format!("{} (entry {}) {}", book.zone.hour_minute(line.at), line.entry, basics::tidy(&line.text, 300))
    });
    section("Since the last sitrep", lines)
}

fn systems(book: &IncidentBook, incident: &Incident, now: Moment) -> Section {
    let board = book.systems.board(incident.ground());
    let mut lines = vec![board.counts.words()];
    let changed: Vec<_> = board
        .sites
        .iter()
        .flat_map(|site| site.tiles.iter().map(move |tile| (site.site.as_ref(), tile)))
        .filter(|(_, tile)| {
            let told = tile.standing.told.as_ref();
            let new = told.is_some_and(|told| told.entry > incident.sitreps.covered());
            new || matches!(tile.standing.state, SystemState::Infected | SystemState::Isolated)
        })
        .collect();
    few(&mut lines, &changed, |(site, tile)| {
        let site = site.map_or_else(String::new, |site| format!(", {site}"));
        let since =
            tile.standing.since.map_or_else(String::new, |at| format!(" since {}", book.say(at, now)));
        let note =
            if tile.standing.note.is_empty() { String::new() } else { format!(". {}", tile.standing.note) };
        basics::tidy(&format!("{}{site}: {}{since}{note}", tile.name, tile.standing.state.words()), 400)
    });
    if !board.waiting.is_empty() {
        lines.push(format!(
            "{} wait to be dealt with",
            counted(board.waiting.len(), "staff report", "staff reports")
        ));
    }
    section("IT systems", lines)
}

fn hospitals(book: &IncidentBook, incident: &Incident) -> Section {
    let mut lines = Vec::new();
    for hospital in book.hospitals.board(incident.ground()) {
        let Some(overall) = hospital.overall else {
            lines.push(format!("{}: nothing told yet", hospital.site));
            continue;
        };
        let services: Vec<String> = hospital
            .services
            .iter()
            .map(|s| {
                let wait = s.wait_minutes.map_or_else(String::new, |m| format!(", wait {m} min"));
                format!("{} {}{wait}", s.name, s.state.word())
            })
            .collect();
        lines.push(format!("{}: {} ({})", hospital.site, overall.word(), services.join("; ")));
    }
    section("Hospitals", lines)
}

fn public_information(book: &IncidentBook, incident: &Incident, now: Moment) -> Section {
    let ground = incident.ground();
    let board = book.public_updates.board(book, ground);
    let mut lines = vec![match &board.latest {
        Latest::Nothing => "The public was told nothing yet".to_owned(),
        Latest::Update(p) => {
            basics::tidy(&format!("Since {}: {}", book.say(p.at, now), p.content.english.sentence), 400)
        }
        Latest::Withdrawn { withdrawn_at, .. } => {
            format!(
                "The last update was withdrawn at {}; none has taken its place",
                book.say(*withdrawn_at, now)
            )
        }
    }];
    if let Some(at) = board.next_update {
        let late = if board.late(now) { "; this is late" } else { "" };
        lines.push(format!("Next update promised by {}{late}", book.say(at, now)));
    }
    let drafts = book.public_updates.drafts(ground).count();
    if drafts > 0 {
        lines.push(format!(
            "{} for a second person's approval",
            counted(drafts, "draft waits", "drafts wait")
        ));
    }
    section("Public information", lines)
}

fn diverts(book: &IncidentBook, incident: &Incident, now: Moment) -> Section {
    let board = crate::diverts::board(book, incident.ground(), now);
    let mut lines = Vec::new();
    if board.diverts.is_empty() {
        lines.push("No divert is asked for or in force.".to_owned());
    }
    few(&mut lines, &board.diverts, |row| basics::tidy(&row.words.join(". "), 600));
    lines.extend(board.plans.iter().map(|plan| plan.words.clone()));
    if board.moved_total > 0 {
        let total = counted(board.moved_total as usize, "patient", "patients");
        lines.push(format!("Moved so far: {total}"));
        few(&mut lines, &board.moved, |row| format!("{} to {}: {}", row.from, row.to, row.patients));
    }
    if !board.unacknowledged.is_empty() {
        let changes = counted(board.unacknowledged.len(), "change", "changes");
        lines.push(format!("{changes} not acknowledged by every site"));
    }
    section("Ambulance diverts", lines)
}

fn decisions(book: &IncidentBook, incident: &Incident, now: Moment) -> Section {
    let covered = incident.sitreps.covered();
    let all = incident.decisions.all();
    let new: Vec<_> = all.iter().filter(|d| d.stamp.entry > covered).collect();
    let due: Vec<_> = all.iter().filter(|d| d.review_due(now)).collect();
    let mut lines = Vec::new();
    few(&mut lines, &new, |d| {
        basics::tidy(&format!("Decision {} ({}): {}", d.number, d.taken.decided_by, d.taken.decision), 400)
    });
    if new.is_empty() {
        lines.push("No new decisions".to_owned());
    }
    few(&mut lines, &due, |d| {
        let at = d.review_at.map_or_else(String::new, |at| book.say(at, now));
        basics::tidy(&format!("Review of decision {} was due at {at}: {}", d.number, d.taken.matter), 400)
    });
    section("Decisions", lines)
}

fn cards(book: &IncidentBook, board: &CardsBoard, now: Moment) -> Section {
    let (done, all) = board.done;
    let mut lines = vec![format!(
        "{done} of {} done, {} overdue, {} held by nobody",
        counted(all, "step", "steps"),
        board.overdue,
        counted(board.unheld, "role", "roles")
    )];
    let overdue: Vec<(&str, &str, Moment)> = board
        .cards
        .iter()
        .flat_map(|card| card.next.iter().map(move |row| (card, row)))
        .filter_map(|(card, row)| match row.due {
            Due::Overdue(at) => Some((card.title.as_str(), row.text.as_str(), at)),
            Due::At(_) | Due::NoTarget => None,
        })
        .collect();
    few(&mut lines, &overdue, |(title, text, at)| {
        basics::tidy(&format!("Overdue since {}: {title}: {text}", book.say(*at, now)), 300)
    });
    section("Action cards", lines)
}

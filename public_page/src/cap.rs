//! The alert (OASIS CAP 1.2): what alert systems, broadcasters and neighbours take in by machine.
//!
//! Always: an exercise has status Exercise; a later update refers to the one before it; a withdrawn one is cancelled by
//! name. Never: an alert while nothing was published. Called by `press`; proved by `tests/feeds.rs` against the schema.

use crate::markup::Markup;
use crate::settings::Settings;
use crate::words::{Words, offset_time};
use basics::Moment;
use incident::Ground;
use incident::hospitals::ServiceState;
use incident::public_updates::{Latest, PublicBoard, Published, Spoken};

/// The alert's bytes; `None` while nothing was published.
pub fn alert(board: &PublicBoard, settings: &Settings, words: &Words) -> Option<Vec<u8>> {
    let (identifier, sent, kind, refers) = match &board.latest {
        Latest::Nothing => return None,
        Latest::Update(p) => {
            let before = board.history.get(1).map(|item| reference(board, settings, item));
            let kind = if before.is_some() { "Update" } else { "Alert" };
            (identifier(board, p.number), p.at, kind, before)
        }
        Latest::Withdrawn { number, withdrawn_at, .. } => {
            let withdrawn = board.history.first().map(|item| reference(board, settings, item));
            (format!("{}-withdrawn", identifier(board, *number)), *withdrawn_at, "Cancel", withdrawn)
        }
    };
    let mut m = Markup::default();
    m.raw("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<alert xmlns=\"urn:oasis:names:tc:emergency:cap:1.2\">\n");
    m.wrap("<identifier>", &identifier, "</identifier>\n<sender>").text(&settings.sender);
    m.wrap("</sender>\n<sent>", &offset_time(sent, &board.zone), "</sent>\n<status>");
    m.raw(if board.ground == Ground::Real { "Actual" } else { "Exercise" });
    m.raw("</status>\n<msgType>").text(kind).raw("</msgType>\n<scope>Public</scope>\n");
    if board.ground != Ground::Real {
        m.wrap("<note>", &words.say("exercise"), "</note>\n");
    }
    if let Some(refers) = refers {
        m.wrap("<references>", &refers, "</references>\n");
    }
    if let Some(published) = board.latest.published() {
        info(&mut m, board, settings, words, published, false);
        if published.content.welsh.is_some() {
            info(&mut m, board, settings, words, published, true);
        }
    }
    m.raw("</alert>\n");
    Some(m.bytes())
}

fn identifier(board: &PublicBoard, number: u32) -> String {
    match board.ground {
        Ground::Real => format!("public-update-{number}"),
        Ground::Exercise(incident) => format!("exercise-{}-public-update-{number}", incident.0),
    }
}

/// "sender,identifier,sent", as CAP refers to an earlier message.
fn reference(board: &PublicBoard, settings: &Settings, item: &Spoken) -> String {
    let (number, at): (u32, Moment) = match item {
        Spoken::Update(p) => (p.number, p.at),
        Spoken::Withdrawn { number, published_at, .. } => (*number, *published_at),
    };
    format!("{},{},{}", settings.sender, identifier(board, number), offset_time(at, &board.zone))
}

fn info(
    m: &mut Markup,
    board: &PublicBoard,
    settings: &Settings,
    words: &Words,
    published: &Published,
    welsh: bool,
) {
    let content = &published.content;
    let spoken = content.welsh.as_ref().filter(|_| welsh).unwrap_or(&content.english);
    let state = |state| content.services.iter().any(|told| told.state == state);
    let severity = match () {
        () if state(ServiceState::Closed) => "Severe",
        () if state(ServiceState::Reduced) => "Moderate",
        () if content.services.is_empty() => "Unknown",
        () => "Minor",
    };
    m.raw("<info>\n<language>").raw(if welsh { "cy-GB" } else { "en-GB" });
    m.raw("</language>\n<category>Health</category>\n<event>Hospital services</event>\n");
    m.raw("<urgency>Immediate</urgency>\n<severity>").text(severity).raw("</severity>\n");
    m.raw("<certainty>Observed</certainty>\n");
    if let Some(next) = content.next_update {
        m.wrap("<expires>", &offset_time(next, &board.zone), "</expires>\n");
    }
    m.wrap("<senderName>", &settings.trust, "</senderName>\n<headline>");
    let mark = if board.ground == Ground::Real { "" } else { "EXERCISE " };
    m.raw(mark).text(&spoken.sentence).raw("</headline>\n");
    if !welsh {
        let text = crate::feed::plain(content, board, words);
        m.wrap("<description>", &text, "</description>\n");
    }
    if !spoken.do_this.is_empty() {
        m.wrap("<instruction>", &spoken.do_this.join("\n"), "</instruction>\n");
    }
    m.wrap("<web>", &settings.address, "/</web>\n<area><areaDesc>").text(&settings.area);
    m.raw("</areaDesc></area>\n</info>\n");
}

//! The Atom feed (RFC 4287): the newest updates for whoever follows by a reader or a bot.
//!
//! Always: one entry an update, its identifier never changing; a withdrawn one stays as an entry without its words, so
//! that a reader's copy of it is overwritten. Called by `press`; proved by `tests/feeds.rs`.

use crate::markup::Markup;
use crate::settings::Settings;
use crate::words::Words;
use basics::Moment;
use incident::Ground;
use incident::public_updates::{Content, PublicBoard, Spoken};

/// Updates in the feed; the rest stand in the history.
const ENTRIES_MAX: usize = 50;

/// The feed's bytes.
pub fn atom(board: &PublicBoard, settings: &Settings, words: &Words, now: Moment) -> Vec<u8> {
    let mut m = Markup::default();
    let address = &settings.address;
    let mark = if board.ground == Ground::Real { "" } else { "EXERCISE " };
    let updated = board.history.iter().map(changed).max().unwrap_or(now);
    m.raw("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<feed xmlns=\"http://www.w3.org/2005/Atom\" xml:lang=\"en\">\n");
    m.raw("<id>").text(address).raw("/</id>\n<title>").raw(mark);
    m.text(&words.with("trust-title", &[("trust", &settings.trust)])).raw("</title>\n<updated>");
    m.text(&updated.rfc3339()).raw("</updated>\n<author><name>").text(&settings.trust);
    m.raw("</name></author>\n<link rel=\"self\" href=\"").text(address).raw("/atom.xml\"/>\n");
    m.raw("<link rel=\"alternate\" type=\"text/html\" href=\"").text(address).raw("/\"/>\n");
    for item in board.history.iter().take(ENTRIES_MAX) {
        let (number, published) = match item {
            Spoken::Update(p) => (p.number, p.at),
            Spoken::Withdrawn { number, published_at, .. } => (*number, *published_at),
        };
        let (title, text) = match item {
            Spoken::Update(p) => (p.content.english.sentence.clone(), plain(&p.content, board, words)),
            Spoken::Withdrawn { withdrawn_at, .. } => {
                let at = words.time(*withdrawn_at, &board.zone);
                let said = words.with("history-withdrawn", &[("at", &at)]);
                (said.clone(), said)
            }
        };
        m.raw("<entry>\n<id>").text(address).raw("/#update-").text(&number.to_string()).raw("</id>\n");
        m.raw("<title>").raw(mark).text(&title).raw("</title>\n<published>").text(&published.rfc3339());
        m.raw("</published>\n<updated>").text(&changed(item).rfc3339()).raw("</updated>\n");
        m.raw("<link rel=\"alternate\" type=\"text/html\" href=\"").text(address).raw("/history.html\"/>\n");
        m.raw("<content type=\"text\">").text(&text).raw("</content>\n</entry>\n");
    }
    m.raw("</feed>\n");
    m.bytes()
}

fn changed(item: &Spoken) -> Moment {
    match item {
        Spoken::Update(p) => p.at,
        Spoken::Withdrawn { withdrawn_at, published_at, .. } => *withdrawn_at.max(published_at),
    }
}

/// An update as plain lines, without its first sentence.
pub fn plain(content: &Content, board: &PublicBoard, words: &Words) -> String {
    let mut lines: Vec<String> = content.english.do_this.clone();
    if !content.english.not_for.is_empty() {
        lines.push(format!("{}: {}.", words.say("not-for"), content.english.not_for.join("; ")));
    }
    for place in &content.alternatives {
        let hours = words.with("hours", &[("hours", &place.hours)]);
        lines.push(format!("{}. {hours}", place.name));
    }
    for told in &content.services {
        lines.push(format!("{}: {} {}", told.site, told.service, words.say(told.state.word())));
    }
    lines.push(match content.next_update {
        Some(at) => words.with("next", &[("at", &words.time(at, &board.zone))]),
        None => words.say("last"),
    });
    lines.join("\n")
}

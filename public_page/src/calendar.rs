//! The calendar of update times (iCalendar, RFC 5545): newsrooms and GPs see when to look again.
//!
//! Always: the promised time stands as one event whose identifier is its update's; lines of at most 75 octets.
//! Called by `press`; proved by `tests/feeds.rs`.

use crate::settings::Settings;
use basics::{Moment, Zone};
use incident::Ground;
use incident::public_updates::{PublicBoard, Spoken};

/// Promises in the calendar; older ones are left out.
const EVENTS_MAX: usize = 50;

/// The calendar's bytes.
pub fn calendar(board: &PublicBoard, settings: &Settings) -> Vec<u8> {
    let mut out = String::new();
    for text in
        ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Lifeboat//Public page//EN", "CALSCALE:GREGORIAN"]
    {
        line(&mut out, text);
    }
    let mark = if board.ground == Ground::Real { "" } else { "EXERCISE " };
    for item in board.history.iter().take(EVENTS_MAX) {
        let Spoken::Update(published) = item else { continue };
        let Some(next) = published.content.next_update else { continue };
        let host = settings.address.rsplit("//").next().unwrap_or_default();
        let summary = format!("{mark}{}: next public update by now", settings.trust);
        for text in [
            "BEGIN:VEVENT".to_owned(),
            format!("UID:update-{}@{}", published.number, escaped(host)),
            format!("DTSTAMP:{}", utc(published.at)),
            format!("DTSTART:{}", utc(next)),
            "DURATION:PT5M".to_owned(),
            format!("SUMMARY:{}", escaped(&summary)),
            format!("URL:{}/", settings.address),
            "TRANSP:TRANSPARENT".to_owned(),
            "END:VEVENT".to_owned(),
        ] {
            line(&mut out, &text);
        }
    }
    line(&mut out, "END:VCALENDAR");
    out.into_bytes()
}

fn utc(at: Moment) -> String {
    let c = Zone::utc().civil(at);
    format!("{:04}{:02}{:02}T{:02}{:02}{:02}Z", c.year, c.month, c.day, c.hour, c.minute, c.second)
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' | ';' | ',' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out
}

/// One content line, folded at a character within 75 octets (RFC 5545, 3.1).
fn line(out: &mut String, text: &str) {
    let mut octets = 0;
    for c in text.chars() {
        if octets + c.len_utf8() > 75 {
            out.push_str("\r\n ");
            octets = 1;
        }
        out.push(c);
        octets += c.len_utf8();
    }
    out.push_str("\r\n");
}

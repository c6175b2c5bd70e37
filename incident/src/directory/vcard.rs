//! Entries as vCards (RFC 6350, version 4.0), for a telephone's own address book.
//!
//! Always: the number to dial first is preferred; text is escaped and lines are folded at 75 bytes, so that no name can
//! begin a property of its own. Never: a line longer than 75 bytes, a bare line feed. Proved by `tests/directory.rs`.

use super::{Directory, DirectoryEntry, DirectoryId, EntryKind, Route, RouteState};
use crate::Ground;
use basics::{Moment, SiteId};

/// Longest line, in bytes without its end.
const LINE_BYTES_MAX: usize = 75;

impl Directory {
    /// The entries as one file of vCards; those that are not listed are left out.
    pub fn vcards(&self, ground: Ground, ids: impl IntoIterator<Item = DirectoryId>, at: Moment) -> String {
        let mut out = String::new();
        for id in ids {
            if let Some(entry) = self.entry(id) {
                self.vcard(ground, id, entry, at, &mut out);
            }
        }
        out
    }

    fn vcard(&self, ground: Ground, id: DirectoryId, entry: &DirectoryEntry, at: Moment, out: &mut String) {
        let mark = ground.watermark().map_or_else(String::new, |mark| format!("{mark} "));
        line(out, "BEGIN:VCARD");
        line(out, "VERSION:4.0");
        line(out, "PRODID:-//Lifeboat//Directory//EN");
        line(
            out,
            match entry.kind {
                EntryKind::Person => "KIND:individual",
                EntryKind::Role => "KIND:org",
                EntryKind::Place => "KIND:location",
            },
        );
        line(out, &format!("UID;VALUE=text:lifeboat-directory-{}", id.0));
        line(out, &format!("FN:{mark}{}", escaped(&entry.name)));
        if entry.site.is_some() || !entry.place.is_empty() {
            let site = entry.site.as_ref().map_or("", SiteId::as_str);
            line(out, &format!("ORG:{};{}", escaped(site), escaped(&entry.place)));
        }
        if !entry.title.is_empty() {
            line(out, &format!("TITLE:{}", escaped(&entry.title)));
        }
        if let Some(role) = &entry.role {
            line(out, &format!("ROLE:{}", escaped(&role.words())));
        }
        for (nth, row) in self.dial(ground, entry).iter().enumerate() {
            let preferred = (nth + 1).min(100);
            let number = escaped(&row.number);
            match row.route {
                Route::Email => line(out, &format!("EMAIL;TYPE=work;PREF={preferred}:{number}")),
                Route::Mobile => {
                    line(out, &format!("TEL;TYPE=\"work,voice,cell,text\";PREF={preferred}:{number}"))
                }
                Route::Bleep => line(out, &format!("TEL;TYPE=\"work,pager\";PREF={preferred}:{number}")),
                Route::Direct => line(out, &format!("TEL;TYPE=\"work,voice\";PREF={preferred}:{number}")),
                // What no outside telephone can dial is no TEL: it would be dialled, and somebody else would answer.
                Route::Extension | Route::Radio | Route::Switchboard => {
                    line(out, &format!("NOTE:{}: {number}", row.route.word()));
                }
            }
            if row.state == RouteState::Down {
                line(out, &format!("NOTE:{} was down when this card was made", row.route.word()));
            }
        }
        for (label, text) in [("location", &entry.location), ("notes", &entry.notes)] {
            if !text.is_empty() {
                line(out, &format!("NOTE:{label}: {}", escaped(text)));
            }
        }
        let stamp: String = at.rfc3339().chars().filter(|c| !matches!(c, '-' | ':')).collect();
        let stamp = stamp.split('.').next().unwrap_or("").trim_end_matches('Z');
        line(out, &format!("REV:{stamp}Z"));
        line(out, "END:VCARD");
    }
}

/// Text of a property: backslash, comma, semicolon and line break escaped; control characters left out.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' | ',' | ';' => {
                out.push('\\');
                out.push(c);
            }
            '\n' => out.push_str("\\n"),
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out
}

/// One line, folded: what goes on begins with a space.
fn line(out: &mut String, text: &str) {
    let mut rest = text;
    let mut room = LINE_BYTES_MAX;
    loop {
        let now = basics::clip(rest, room);
        out.push_str(now);
        out.push_str("\r\n");
        rest = rest.get(now.len()..).unwrap_or("");
        if rest.is_empty() {
            return;
        }
        out.push(' ');
        room = LINE_BYTES_MAX - 1;
    }
}

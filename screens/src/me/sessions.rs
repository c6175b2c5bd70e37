//! Where I am signed in, and ending what I left open somewhere else.

use crate::desk::Look;
use crate::mishap::Mishap;
use crate::parts::Stamp;
use crate::sign_in::key_of;
use access::secrets::Hashed;
use access::sessions::Intent;

/// A session of one's own.
pub struct Row {
    /// By what the page names it.
    pub key: String,
    /// "AMU terminal 3 (10.1.4.7)".
    pub place: String,
    /// By what it began.
    pub way: String,
    /// Since when.
    pub since: Stamp,
    /// It is locked.
    pub locked: bool,
    /// The one at this screen.
    pub here: bool,
}

/// All of them, this one first.
///
/// # Errors
/// Nobody is signed in.
pub fn rows(look: &Look<'_>) -> Result<Vec<Row>, Mishap> {
    let visitor = look.visitor()?;
    let mut rows: Vec<Row> = look.access().read(|book| {
        let mine = book.sessions.of(&visitor.number, look.now);
        let row = mine.map(|(token, session)| Row {
            key: key_of(token),
            place: book.devices.name(&session.device, &session.from),
            way: session.way.words(),
            since: look.stamp(session.opened.at),
            locked: session.locked.is_some(),
            here: *token == visitor.session,
        });
        row.collect()
    });
    rows.sort_by_key(|row| !row.here);
    Ok(rows)
}

/// Their sessions but the one at this screen.
fn others(look: &Look<'_>) -> Result<Vec<Hashed>, Mishap> {
    let visitor = look.visitor()?;
    Ok(look.access().read(|book| {
        let mine = book.sessions.of(&visitor.number, look.now).map(|(token, _)| *token);
        mine.filter(|token| *token != visitor.session).collect()
    }))
}

/// Ends one of them; where to go next.
///
/// # Errors
/// It is no more, or nothing can be recorded.
pub fn end(look: &Look<'_>, key: &str) -> Result<String, Mishap> {
    let found = others(look)?.into_iter().find(|token| key_of(token) == key);
    let session = found.ok_or_else(|| {
        Mishap::Refused("That session is no more: it ended already. Look at your page again.".to_owned())
    })?;
    look.admit("end your session", Intent::SignOut { session })?;
    Ok("/me?done=session-ended".to_owned())
}

/// Ends all of them but this one; where to go next.
///
/// # Errors
/// Nothing can be recorded.
pub fn end_others(look: &Look<'_>) -> Result<String, Mishap> {
    for session in others(look)? {
        match look.admit("end your sessions", Intent::SignOut { session }) {
            // Refused: it ended by itself a moment ago.
            Ok(_) | Err(Mishap::Refused(_)) => {}
            Err(mishap) => return Err(mishap),
        }
    }
    Ok("/me?done=sessions-ended".to_owned())
}

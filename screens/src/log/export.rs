//! `GET /log.pdf`, `GET /log/bundle`: the log on paper, and the whole book sealed for another machine.
//!
//! Always: bounded in entries and bytes, one at a time, with a sentence that says what to do when it is too much; the
//! printed pages carry the head of the book up to which they speak.

use super::question::Question;
use crate::desk::{Desk, Look, Visit};
use crate::forms::{Asked, Typed};
use crate::mishap::Mishap;
use axum::body::Body;
use axum::extract::State;
use axum::response::Response;
use basics::EntryNumber;
use http::{HeaderValue, header};
use incident::IncidentId;
use incident::log::{Filter, Line};
use paper::{LOG_LINES_MAX, Letterhead, LogSheet, incident_name};
use std::sync::{Mutex, MutexGuard, TryLockError};

/// A bundle is put together in memory; a larger book is exported from the command line, in bytes.
const BUNDLE_BYTES_MAX: u64 = 128 << 20;

/// One long print or bundle at a time: they must not starve those who only read.
static AT_WORK: Mutex<()> = Mutex::new(());

fn at_work() -> Result<MutexGuard<'static, ()>, Mishap> {
    match AT_WORK.try_lock() {
        Ok(alone) => Ok(alone),
        // A print that panicked left nothing behind.
        Err(TryLockError::Poisoned(left)) => Ok(left.into_inner()),
        Err(TryLockError::WouldBlock) => Err(Mishap::NotPrintable(
            "Somebody else's log is being put together just now; ask again in a few seconds".to_owned(),
        )),
    }
}

/// `GET /log.pdf`
pub async fn pdf(State(desk): State<Desk>, visit: Visit, Asked(typed): Asked<Typed>) -> Response {
    desk.page(visit, move |look| {
        let _alone = at_work()?;
        print(look, &Question { before: None, ..Question::read(&typed) })
    })
    .await
}

fn print(look: &Look<'_>, question: &Question) -> Result<Response, Mishap> {
    let screens = look.screens();
    let room = screens.room.incident();
    // The head first: entries that come after it are not printed, so the head speaks for all that is.
    let Some(head) = room.head() else { return Err(closed()) };
    let lines = lines(look, question, head.size)?;
    let short: String = head.seal.to_string().chars().take(16).collect();
    let (filter, title, watermark, total) = look.incidents(|book| {
        let one = question.incident.parse().ok().map(IncidentId).and_then(|id| book.incident(id));
        let title = one.map_or_else(String::new, |i| format!("{}, {}", i.name, i.words()));
        let exercise = one.and_then(incident::Incident::watermark).or_else(|| book.watermark());
        (question.words(book), title, exercise, usize::try_from(head.size).unwrap_or(usize::MAX))
    });
    let name = |id: IncidentId| look.incidents(|book| incident_name(book, id));
    let sheet = LogSheet {
        lines: &lines,
        total,
        seal: &head.seal.to_string(),
        incident: &name,
        name_incidents: question.incident.is_empty(),
        filter: &filter,
    };
    let letterhead = Letterhead {
        trust: screens.trust.clone(),
        incident: title,
        printed: look.now,
        watermark: screens.watermark.clone().or_else(|| watermark.map(str::to_owned)),
        record: format!("incident book {} · {short}", head.size),
    };
    let printed = look.press()?.log(&sheet, &letterhead, look.zone());
    let printed = printed.map_err(|e| Mishap::NotPrintable(e.to_string()))?;
    crate::print_centre::pdf::answer(look, printed.pdf, "log")
}

fn closed() -> Mishap {
    Mishap::fault("read the incident book's head", "the incident book is closed")
}

/// Every line asked for, up to and with entry `last`, the oldest first.
fn lines(look: &Look<'_>, question: &Question, last: u64) -> Result<Vec<Line>, Mishap> {
    let mut filter = question.filter(look, Filter::LINES_MAX);
    filter.before = Some(EntryNumber(last).next());
    let mut lines: Vec<Line> = Vec::new();
    loop {
        let board = look.incidents(|book| book.log.board(&filter));
        if board.matching > LOG_LINES_MAX && lines.is_empty() {
            return Err(Mishap::NotPrintable(format!(
                "{} entries are more than one file holds ({LOG_LINES_MAX}). Choose an incident, a kind or times in the \
                 log's filter and print that; or download the sealed bundle, which holds everything",
                board.matching
            )));
        }
        filter.before = board.lines.last().map(|line| line.entry);
        lines.extend(board.lines);
        if !board.more {
            break;
        }
    }
    lines.reverse();
    Ok(lines)
}

/// `GET /log/bundle`
pub async fn bundle(State(desk): State<Desk>, visit: Visit) -> Response {
    desk.page(visit, move |look| {
        let _alone = at_work()?;
        let room = look.screens().room.incident();
        if room.status().book_size == 0 {
            return Err(Mishap::NotPrintable("Nothing has been recorded yet, so there is nothing to take".to_owned()));
        }
        let made = room.export(look.now, BUNDLE_BYTES_MAX).map_err(Mishap::room("put the bundle together"))?;
        let Some((head, bytes)) = made else {
            return Err(Mishap::NotPrintable(format!(
                "The book is larger than {} MiB, which is what a page can carry. On the machine itself run: lifeboat \
                 export --book incident --out FILE",
                BUNDLE_BYTES_MAX >> 20
            )));
        };
        let mut response = Response::new(Body::from(bytes));
        let name = format!("attachment; filename=\"incident-book-{}.bundle\"", head.size);
        let name = HeaderValue::from_str(&name).map_err(|e| Mishap::fault("name the bundle", e))?;
        response.headers_mut().insert(header::CONTENT_DISPOSITION, name);
        let kind = HeaderValue::from_static("application/octet-stream");
        response.headers_mut().insert(header::CONTENT_TYPE, kind);
        Ok(response)
    })
    .await
}

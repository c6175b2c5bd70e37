//! `POST /feeds/{feed}/fhir`: a bundle or a resource, or one resource a line; answered by an OperationOutcome.

use super::Shared;
use super::said::{Said, outcome};
use crate::json::{Scan, scan};
use crate::record::Record;
use axum::http::StatusCode;
use axum::response::Response;
use basics::FeedName;

pub(super) async fn receive<R: Record>(
    desk: &Shared<R>,
    feed: &FeedName,
    body: Vec<u8>,
    many: bool,
) -> Result<Response, Said> {
    if many { lines(desk, feed, &body).await } else { one(desk, feed, body).await }
}

async fn one<R: Record>(desk: &Shared<R>, feed: &FeedName, body: Vec<u8>) -> Result<Response, Said> {
    let value = body.trim_ascii();
    let depth_max = desk.door.limits.json_depth_max;
    match scan(value, depth_max) {
        Scan::Ends(end) if end == value.len() => {}
        Scan::Ends(_) => {
            return Err(Said::bad("The body holds more than one JSON value; send it as NDJSON."));
        }
        Scan::Unfinished => return Err(Said::bad("The JSON ends before it is whole; nothing was kept.")),
        Scan::TooDeep => {
            return Err(Said::too_large(format!(
                "The JSON is nested more than {depth_max} deep; nothing was kept."
            )));
        }
        Scan::NotAValue => return Err(Said::bad("The body is no JSON object; nothing was kept.")),
    }
    let kept = desk.keep_one(feed, body).await.map_err(|why| Said::not_kept(&why))?;
    if kept.understood == Some(false) {
        let sentence =
            format!("Kept as entry {}, but it could not be understood; it waits in the tray.", kept.entry);
        return Ok(outcome(StatusCode::UNPROCESSABLE_ENTITY, "error", "processing", &sentence));
    }
    let again = if kept.duplicate { " It had been kept before." } else { "" };
    let sentence = format!("Kept as entry {}.{again}", kept.entry);
    Ok(outcome(StatusCode::OK, "information", "informational", &sentence))
}

async fn lines<R: Record>(desk: &Shared<R>, feed: &FeedName, body: &[u8]) -> Result<Response, Said> {
    let lines = body.split(|b| *b == b'\n').map(<[u8]>::trim_ascii).filter(|line| !line.is_empty());
    let lines: Vec<Vec<u8>> = lines.take(desk.door.limits.messages_max + 1).map(<[u8]>::to_vec).collect();
    if lines.is_empty() {
        return Err(Said::bad("There is nothing in the body."));
    }
    if lines.len() > desk.door.limits.messages_max {
        return Err(Said::too_large("The body holds too many resources; send it in parts."));
    }
    let kept = desk.keep_many(feed, lines).await.map_err(|why| Said::not_kept(&why))?;
    let duplicates = kept.iter().filter(|kept| kept.duplicate).count();
    let sentence = format!("Kept {} resources, of which {duplicates} had been kept before.", kept.len());
    Ok(outcome(StatusCode::OK, "information", "informational", &sentence))
}

//! `POST /neighbours/{name}/have`: a neighbour's report, pushed where no address can be pulled.
//!
//! Always: from listed machines and for named neighbours alone; within the ceilings of a report; at most one each
//! `SECONDS_BETWEEN_MIN` seconds of each neighbour, so that nobody fills the book. Never: believed; it is shown beside
//! the board with its source and age. What is in it is read behind this door, without entities. Proved by
//! `tests/neighbours.rs`.

use super::said::{Said, json};
use super::{Desk, Shared, body, kind_of};
use crate::record::{NotTaken, Record, Taken};
use crate::{BodyLimits, json::quoted};
use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use basics::Moment;
use control_room::REPORT_BYTES_MAX;
use std::sync::PoisonError;

/// Least time between two reports of one neighbour, in seconds.
pub const SECONDS_BETWEEN_MIN: i64 = 10;

pub(super) async fn post<R: Record>(
    State(desk): Desk<R>,
    Path(name): Path<String>,
    request: Request,
) -> Response {
    receive(&desk, &name, request).await.unwrap_or_else(Said::plain)
}

async fn receive<R: Record>(desk: &Shared<R>, name: &str, request: Request) -> Result<Response, Said> {
    desk.admit_sender(&request)?;
    let known = desk.door.neighbours.iter().find(|known| known.as_str() == name).cloned();
    let name = known.ok_or_else(|| {
        Said::not_found(
            "There is no neighbour of that name; add it to the configuration ([[diverts.neighbours]]).",
        )
    })?;
    if !["application/xml", "text/xml"].contains(&kind_of(request.headers()).as_str()) {
        return Err(Said::unsupported("Send an EDXL-HAVE 2.0 report as application/xml."));
    }
    let limits = desk.door.limits;
    let limits = BodyLimits {
        body_bytes_max: limits.body_bytes_max.min(REPORT_BYTES_MAX),
        inflated_bytes_max: limits.inflated_bytes_max.min(REPORT_BYTES_MAX as u64),
        ..limits
    };
    let body = body::read_within(desk, request, limits).await?;
    let at = desk.clock.now();
    desk.not_too_often(&name, at)?;
    let record = desk.record.clone();
    let taken = tokio::task::spawn_blocking(move || record.hear_neighbour(&name, &body, at)).await;
    match taken {
        Ok(Ok(Taken::Kept(entry))) => Ok(said(&format!(
            "Kept as entry {entry}. It is shown beside the board with its source and age, not confirmed."
        ))),
        Ok(Ok(Taken::NothingNewer)) => {
            Ok(said("This says nothing newer than what is known; nothing was written."))
        }
        Ok(Err(NotTaken::Report(why))) => Err(Said::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "invalid",
            format!("The report was not taken: {why}."),
        )),
        Ok(Err(NotTaken::NotKept(why))) => Err(Said::not_kept(&why)),
        Err(_) => Err(Said::not_kept(&crate::NotKept("the record did not answer".to_owned()))),
    }
}

fn said(words: &str) -> Response {
    json(StatusCode::OK, "application/json", format!("{{\"said\":{}}}\n", quoted(words)))
}

impl<R: Record> Shared<R> {
    /// One report of each neighbour in a while; a clock that was put back holds nobody up.
    fn not_too_often(&self, name: &str, at: Moment) -> Result<(), Said> {
        let mut heard = self.reports.lock().unwrap_or_else(PoisonError::into_inner);
        let since = heard.get(name).map(|last| at.seconds_since(*last));
        if since.is_some_and(|seconds| (0..SECONDS_BETWEEN_MIN).contains(&seconds)) {
            let sentence = format!(
                "A report of this neighbour came less than {SECONDS_BETWEEN_MIN} seconds ago; send the next one later."
            );
            return Err(Said::new(StatusCode::TOO_MANY_REQUESTS, "throttled", sentence));
        }
        heard.insert(name.to_owned(), at);
        Ok(())
    }
}

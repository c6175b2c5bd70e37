//! `POST /feeds/{feed}/hl7`: one message is answered by its acknowledgement, a batch by a result for each message.

use super::Shared;
use super::said::{Said, json};
use crate::json::quoted;
use crate::record::{Kept, NotKept, Record};
use crate::reply::{Outcome, Plan};
use axum::http::StatusCode;
use axum::response::Response;
use basics::FeedName;
use hl7::Piece;

const ER7: &str = "application/hl7-v2+er7";

pub(super) async fn receive<R: Record>(
    desk: &Shared<R>,
    feed: &FeedName,
    body: Vec<u8>,
) -> Result<Response, Said> {
    let pieces: Vec<Piece<'_>> = hl7::split(&body).take(desk.door.limits.messages_max + 1).collect();
    match pieces.as_slice() {
        [] => Err(Said::bad("There is nothing in the body.")),
        [Piece::Message(_)] => Ok(one(desk, feed, body).await),
        many if many.len() > desk.door.limits.messages_max => {
            Err(Said::too_large("The body holds too many messages; send it in parts."))
        }
        many => {
            let kept = many.iter().filter(|piece| !matches!(piece, Piece::Envelope(_)));
            let kept: Vec<Vec<u8>> = kept.map(|piece| piece.bytes().to_vec()).collect();
            let headers: Vec<Plan> = kept.iter().map(|bytes| Plan::of(bytes)).collect();
            let ids: Vec<String> =
                kept.iter().map(|b| String::from_utf8_lossy(hl7::control_id(b)).into_owned()).collect();
            let receipts = desk.keep_many(feed, kept).await.map_err(|why| Said::not_kept(&why))?;
            Ok(results(&headers, &ids, receipts))
        }
    }
}

async fn one<R: Record>(desk: &Shared<R>, feed: &FeedName, body: Vec<u8>) -> Response {
    let plan = Plan::of(&body);
    let result = desk.keep_one(feed, body.clone()).await;
    let status = match plan.outcome(&result) {
        Outcome::Kept => StatusCode::OK,
        Outcome::NotUnderstood | Outcome::Unsupported => StatusCode::UNPROCESSABLE_ENTITY,
        Outcome::Failed => StatusCode::SERVICE_UNAVAILABLE,
    };
    match plan.answer(&body, &result, desk.clock.now(), &desk.door.zone) {
        Some(answer) => json(status, ER7, answer),
        None => json(StatusCode::NO_CONTENT, ER7, ""),
    }
}

/// `{"received": 3, "duplicates": 0, "results": [{"control_id", "code", "entry", "duplicate"}…]}`.
fn results(plans: &[Plan], ids: &[String], receipts: Vec<Kept>) -> Response {
    let mut body = format!(
        "{{\"received\":{},\"duplicates\":{},\"results\":[",
        receipts.len(),
        receipts.iter().filter(|kept| kept.duplicate).count()
    );
    for (n, ((plan, id), kept)) in plans.iter().zip(ids).zip(receipts).enumerate() {
        let (entry, duplicate) = (kept.entry, kept.duplicate);
        let result: Result<Kept, NotKept> = Ok(kept);
        let code = plan.code(plan.outcome(&result)).as_str();
        let comma = if n == 0 { "" } else { "," };
        body.push_str(&format!(
            "{comma}{{\"control_id\":{},\"code\":\"{code}\",\"entry\":{entry},\"duplicate\":{duplicate}}}",
            quoted(id)
        ));
    }
    body.push_str("]}\n");
    json(StatusCode::OK, "application/json", body)
}

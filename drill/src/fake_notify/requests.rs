//! The four requests that the house makes of Notify.

use super::answers::{created, dated, error, json_response};
use super::{CLINIC_TEMPLATE, EMAIL_TEMPLATE, KEPT_MAX, Notification, SMS_TEMPLATE, Shared, token};
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use basics::Moment;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

type House = State<Arc<Shared>>;
/// Messages in one answer to a list.
const LIST_MAX: usize = 250;

pub(super) async fn sms(State(shared): House, headers: HeaderMap, body: Bytes) -> Response {
    send(&shared, "sms", &headers, &body).await
}

pub(super) async fn email(State(shared): House, headers: HeaderMap, body: Bytes) -> Response {
    send(&shared, "email", &headers, &body).await
}

async fn send(shared: &Arc<Shared>, kind: &'static str, headers: &HeaderMap, body: &[u8]) -> Response {
    let now = shared.clock.now();
    if let Err((status, message)) = token::check(headers, now) {
        return dated(error(status, "AuthError", message), now);
    }
    let mut wanted = match read(kind, body, now) {
        Ok(wanted) => wanted,
        Err((name, message)) => return dated(error(StatusCode::BAD_REQUEST, name, &message), now),
    };
    let number = match shared.pace(now) {
        Ok(number) => number,
        Err((name, message)) => return dated(error(StatusCode::TOO_MANY_REQUESTS, name, &message), now),
    };
    let mishap = (shared.setup.mishap)(number);
    mishap.before().await;
    let mut good = Value::Null;
    if mishap.keeps() {
        shared.keep(&mut wanted);
        good = created(&wanted);
    }
    let good = dated(json_response(StatusCode::CREATED, &good), now);
    mishap.instead_of(good).await
}

pub(super) async fn one(State(shared): House, headers: HeaderMap, Path(id): Path<String>) -> Response {
    let now = shared.clock.now();
    if let Err((status, message)) = token::check(&headers, now) {
        return dated(error(status, "AuthError", message), now);
    }
    let uuid = id.len() == 36 && id.chars().all(|c| c.is_ascii_hexdigit() || c == '-');
    if !uuid {
        let message = "notification_id is not a valid UUID";
        return dated(error(StatusCode::BAD_REQUEST, "ValidationError", message), now);
    }
    let book = shared.book();
    let found = book.by_id.get(&id).and_then(|place| book.notifications.get(*place));
    let response = match found {
        Some(notification) => json_response(StatusCode::OK, &shared.described(notification, now)),
        None => error(StatusCode::NOT_FOUND, "NoResultFound", "No result found"),
    };
    dated(response, now)
}

pub(super) async fn list(
    State(shared): House,
    headers: HeaderMap,
    Query(query): Query<BTreeMap<String, String>>,
) -> Response {
    let now = shared.clock.now();
    if let Err((status, message)) = token::check(&headers, now) {
        return dated(error(status, "AuthError", message), now);
    }
    let book = shared.book();
    let all: Vec<usize> = match query.get("reference") {
        Some(reference) => book.by_reference.get(reference).cloned().unwrap_or_default(),
        None => (0..book.notifications.len()).collect(),
    };
    let newest_first = all.iter().rev().filter_map(|place| book.notifications.get(*place)).take(LIST_MAX);
    let notifications: Vec<Value> = newest_first.map(|one| shared.described(one, now)).collect();
    let current = "https://api.notifications.service.gov.uk/v2/notifications";
    let body = json!({ "notifications": notifications, "links": { "current": current } });
    dated(json_response(StatusCode::OK, &body), now)
}

/// What a request asks for; else the error's name and words.
fn read(kind: &'static str, body: &[u8], now: Moment) -> Result<Notification, (&'static str, String)> {
    let invalid = |message: &str| ("ValidationError", message.to_owned());
    let Ok(Value::Object(body)) = serde_json::from_slice::<Value>(body) else {
        return Err(("BadRequestError", "Invalid JSON supplied in POST data".to_owned()));
    };
    let to_field = if kind == "sms" { "phone_number" } else { "email_address" };
    let known =
        [to_field, "template_id", "personalisation", "reference", "sms_sender_id", "email_reply_to_id"];
    if let Some(extra) = body.keys().find(|name| !known.contains(&name.as_str())) {
        return Err(invalid(&format!("Additional properties are not allowed ({extra} was unexpected)")));
    }
    let text = |name: &str| body.get(name).and_then(Value::as_str);
    let to = text(to_field).ok_or_else(|| invalid(&format!("{to_field} is a required property")))?;
    let template = text("template_id").ok_or_else(|| invalid("template_id is a required property"))?;
    if kind == "sms" && !fine_number(to) {
        return Err(invalid("phone_number Not enough digits"));
    }
    if kind == "email" && !to.contains('@') {
        return Err(invalid("email_address Not a valid email address"));
    }
    let (of_kind, subject, text_of) =
        template_of(template).ok_or_else(|| ("BadRequestError", "Template not found".to_owned()))?;
    if of_kind != kind {
        return Err((
            "BadRequestError",
            format!("{of_kind} template is not suitable for {kind} notification"),
        ));
    }
    let empty = serde_json::Map::new();
    let fields = body.get("personalisation").and_then(Value::as_object).unwrap_or(&empty);
    let body_text = filled(text_of, fields)?;
    let subject = subject.map(|subject| filled(subject, fields)).transpose()?;
    if kind == "sms" && body_text.chars().count() > 918 {
        let message = "Content for template has a character count greater than the limit of 918";
        return Err(("BadRequestError", message.to_owned()));
    }
    Ok(Notification {
        id: String::new(),
        reference: text("reference").map(str::to_owned),
        kind,
        to: to.to_owned(),
        template: template.to_owned(),
        body: body_text,
        subject,
        created_at: now,
    })
}

fn fine_number(text: &str) -> bool {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    (10..=15).contains(&digits) && text.chars().all(|c| c.is_ascii_digit() || "+ -()".contains(c))
}

/// Kind, subject and text of the stand-in's templates.
fn template_of(id: &str) -> Option<(&'static str, Option<&'static str>, &'static str)> {
    match id {
        SMS_TEMPLATE => Some(("sms", None, "((body))")),
        EMAIL_TEMPLATE => Some(("email", Some("((subject))"), "((body))")),
        CLINIC_TEMPLATE => Some(("sms", None, "Your ((clinic)) appointment on ((day)) is cancelled.")),
        _ => None,
    }
}

/// Fills in `((field))`; a missing one is Notify's own error.
fn filled(template: &str, fields: &serde_json::Map<String, Value>) -> Result<String, (&'static str, String)> {
    let mut parts = template.split("((");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (name, rest) = part.split_once("))").unwrap_or((part, ""));
        match fields.get(name) {
            Some(Value::String(value)) => out.push_str(value),
            Some(other) => out.push_str(&other.to_string()),
            None => return Err(("BadRequestError", format!("Missing personalisation: {name}"))),
        }
        out.push_str(rest);
    }
    Ok(out)
}

impl Shared {
    /// Counts a request against the limits: its number, or the refusal.
    fn pace(&self, now: Moment) -> Result<u64, (&'static str, String)> {
        let mut book = self.book();
        let ms = now.milliseconds();
        while book.recent.front().is_some_and(|first| ms - first >= 60_000) {
            book.recent.pop_front();
        }
        let most = self.setup.per_minute_max;
        if book.recent.len() >= most {
            book.refused_for_pace += 1;
            let message = format!("Exceeded rate limit for key type LIVE of {most} requests per 60 seconds");
            return Err(("RateLimitError", message));
        }
        let per_day = self.setup.per_day_max.min(KEPT_MAX);
        if book.notifications.len() >= per_day {
            return Err(("TooManyRequestsError", format!("Exceeded send limits ({per_day}) for today")));
        }
        book.recent.push_back(ms);
        book.requests += 1;
        Ok(book.requests - 1)
    }

    /// Keeps an accepted message.
    fn keep(&self, wanted: &mut Notification) {
        let mut book = self.book();
        book.ids += 1;
        wanted.id = format!("740e5834-3a29-46b4-9a6f-{:012x}", book.ids);
        let place = book.notifications.len();
        book.by_id.insert(wanted.id.clone(), place);
        if let Some(reference) = &wanted.reference {
            book.by_reference.entry(reference.clone()).or_default().push(place);
        }
        book.notifications.push(wanted.clone());
    }
}

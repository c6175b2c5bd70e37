//! The shapes of Notify's answers.

use super::{Notification, Shared};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use basics::Moment;
use serde_json::{Value, json};
use std::time::{Duration, UNIX_EPOCH};

pub(super) fn json_response(status: StatusCode, body: &Value) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json")], body.to_string()).into_response()
}

pub(super) fn error_body(status: StatusCode, error: &str, message: &str) -> String {
    json!({ "status_code": status.as_u16(), "errors": [{ "error": error, "message": message }] }).to_string()
}

pub(super) fn error(status: StatusCode, error: &str, message: &str) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json")], error_body(status, error, message)).into_response()
}

/// The stand-in's own time, as a client's only hint at the right one.
pub(super) fn dated(mut response: Response, now: Moment) -> Response {
    let seconds = u64::try_from(now.milliseconds().div_euclid(1000)).unwrap_or(0);
    let date = httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_secs(seconds));
    if let Ok(date) = HeaderValue::from_str(&date) {
        response.headers_mut().insert(header::DATE, date);
    }
    response
}

/// The answer to an accepted message.
pub(super) fn created(notification: &Notification) -> Value {
    let base = "https://api.notifications.service.gov.uk/v2";
    let content = match &notification.subject {
        Some(subject) => json!({
            "subject": subject,
            "body": notification.body,
            "from_email": "stand-in@notifications.service.gov.uk",
        }),
        None => json!({ "body": notification.body, "from_number": "GOVUK" }),
    };
    json!({
        "id": notification.id,
        "reference": notification.reference,
        "content": content,
        "uri": format!("{base}/notifications/{}", notification.id),
        "template": {
            "id": notification.template,
            "version": 1,
            "uri": format!("{base}/template/{}", notification.template),
        },
    })
}

impl Shared {
    /// The answer to a question about one message.
    pub(super) fn described(&self, notification: &Notification, now: Moment) -> Value {
        let (status, completed) = self.status(notification, now);
        let sms = notification.kind == "sms";
        let time = |at: Moment| at.rfc3339();
        json!({
            "id": notification.id,
            "reference": notification.reference,
            "email_address": (!sms).then_some(&notification.to),
            "phone_number": sms.then_some(&notification.to),
            "line_1": null, "line_2": null, "line_3": null, "line_4": null, "line_5": null, "line_6": null,
            "postcode": null,
            "type": notification.kind,
            "status": status,
            "template": {
                "version": 1,
                "id": notification.template,
                "uri": format!("/v2/template/{}/1", notification.template),
            },
            "body": notification.body,
            "subject": notification.subject,
            "created_at": time(notification.created_at),
            "created_by_name": null,
            "sent_at": time(notification.created_at),
            "completed_at": completed.map(time),
            "scheduled_for": null,
        })
    }

    /// The recipients that Notify documents for trying failures, and everybody else delivered.
    fn status(&self, notification: &Notification, now: Moment) -> (&'static str, Option<Moment>) {
        let end = notification.created_at.milliseconds() + self.setup.delivered_after_ms;
        if now.milliseconds() < end {
            return ("sending", None);
        }
        let status = match notification.to.as_str() {
            to if to.ends_with("7700900003") || to == "temp-fail@simulator.notify" => "temporary-failure",
            to if to.ends_with("7700900002") || to == "perm-fail@simulator.notify" => "permanent-failure",
            _ => "delivered",
        };
        (status, Some(Moment::from_milliseconds(end)))
    }
}

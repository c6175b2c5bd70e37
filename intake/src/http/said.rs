//! What a sender is told when its post was not taken: a status and a sentence, in the form its kind expects.

use crate::json::quoted;
use axum::body::Body;
use axum::http::{StatusCode, header};
use axum::response::Response;

/// A refusal in words.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Said {
    status: StatusCode,
    /// FHIR's issue type.
    issue: &'static str,
    sentence: String,
}

impl Said {
    pub(super) fn new(status: StatusCode, issue: &'static str, sentence: impl Into<String>) -> Self {
        Self { status, issue, sentence: sentence.into() }
    }

    pub(super) fn unsupported(sentence: &str) -> Self {
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "not-supported", sentence)
    }

    pub(super) fn forbidden(sentence: &str) -> Self {
        Self::new(StatusCode::FORBIDDEN, "forbidden", sentence)
    }

    pub(super) fn not_found(sentence: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not-found", sentence)
    }

    pub(super) fn too_large(sentence: impl Into<String>) -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too-long", sentence)
    }

    pub(super) fn bad(sentence: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid", sentence)
    }

    pub(super) fn not_kept(why: &crate::NotKept) -> Self {
        let sentence =
            format!("Nothing of this post is known to be kept; send it again later. The reason: {why}");
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "exception", sentence)
    }

    /// `{"error": "…"}`.
    pub(super) fn plain(self) -> Response {
        json(self.status, "application/json", format!("{{\"error\":{}}}\n", quoted(&self.sentence)))
    }

    /// A FHIR OperationOutcome.
    pub(super) fn operation_outcome(self) -> Response {
        outcome(self.status, "error", self.issue, &self.sentence)
    }
}

/// A FHIR OperationOutcome with one issue.
pub(super) fn outcome(status: StatusCode, severity: &str, issue: &str, sentence: &str) -> Response {
    let body = format!(
        "{{\"resourceType\":\"OperationOutcome\",\"issue\":[{{\"severity\":\"{severity}\",\"code\":\"{issue}\",\"diagnostics\":{}}}]}}\n",
        quoted(sentence)
    );
    json(status, "application/fhir+json", body)
}

/// A body of that media type.
pub(super) fn json(status: StatusCode, kind: &'static str, body: impl Into<Body>) -> Response {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, header::HeaderValue::from_static(kind));
    response
}

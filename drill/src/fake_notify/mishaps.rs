//! What can go wrong between accepting a message and saying so.

use axum::body::{Body, Bytes};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use std::time::Duration;

/// What goes wrong with one request. "Kept" ones have accepted the message.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mishap {
    /// Nothing.
    None,
    /// The answer comes late, in milliseconds; the message is kept at once.
    KeptSlow(u64),
    /// The message is kept only after so many milliseconds, when nobody waits any more; then the answer.
    KeptLate(u64),
    /// Kept; no answer ever.
    KeptSilent,
    /// No answer ever.
    Silent,
    /// Kept; the answer is no JSON.
    KeptGarbage,
    /// The answer is no JSON.
    Garbage,
    /// Kept; the connection ends in the middle of the answer.
    KeptTruncated,
    /// Kept; 200 with an error in it.
    KeptErrorInside,
    /// 200 with an error in it.
    ErrorInside,
    /// Kept; 500.
    KeptInternalError,
    /// 500.
    InternalError,
    /// 429 with `Retry-After`, in seconds.
    TooMany(u64),
    /// A page of HTML with 502, from a proxy between.
    BadGateway,
    /// A page of HTML with 403, from a proxy between.
    Proxy,
}

impl Mishap {
    /// Whether the message is accepted all the same.
    pub(super) fn keeps(self) -> bool {
        matches!(
            self,
            Self::None
                | Self::KeptSlow(_)
                | Self::KeptLate(_)
                | Self::KeptSilent
                | Self::KeptGarbage
                | Self::KeptTruncated
                | Self::KeptErrorInside
                | Self::KeptInternalError
        )
    }

    /// What stands before acceptance.
    pub(super) async fn before(self) {
        match self {
            Self::KeptLate(ms) => tokio::time::sleep(Duration::from_millis(ms)).await,
            Self::Silent => std::future::pending().await,
            _ => {}
        }
    }

    /// The answer in place of the good one.
    pub(super) async fn instead_of(self, good: Response) -> Response {
        let page = "<html><body><h1>Sorry</h1></body></html>";
        match self {
            Self::None | Self::KeptLate(_) => good,
            Self::KeptSlow(ms) => {
                tokio::time::sleep(Duration::from_millis(ms)).await;
                good
            }
            Self::KeptSilent | Self::Silent => std::future::pending().await,
            Self::KeptGarbage | Self::Garbage => (StatusCode::CREATED, "{\"id\": \"740e58").into_response(),
            Self::KeptTruncated => truncated(),
            Self::KeptErrorInside | Self::ErrorInside => {
                let body = super::answers::error_body(StatusCode::OK, "Exception", "Internal server error");
                (StatusCode::OK, body).into_response()
            }
            Self::KeptInternalError | Self::InternalError => {
                super::answers::error(StatusCode::INTERNAL_SERVER_ERROR, "Exception", "Internal server error")
            }
            Self::TooMany(seconds) => {
                let mut response = super::answers::error(
                    StatusCode::TOO_MANY_REQUESTS,
                    "RateLimitError",
                    "Exceeded rate limit for key type LIVE of 3000 requests per 60 seconds",
                );
                response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
                response
            }
            Self::BadGateway => (StatusCode::BAD_GATEWAY, page).into_response(),
            Self::Proxy => (StatusCode::FORBIDDEN, page).into_response(),
        }
    }
}

/// Promises 500 bytes, sends 20 and hangs up.
fn truncated() -> Response {
    let parts: [Result<Bytes, std::io::Error>; 2] = [
        Ok(Bytes::from_static(b"{\"id\": \"740e5834-3a2")),
        Err(std::io::Error::other("the connection ends here, on purpose")),
    ];
    let body = Body::from_stream(futures_util::stream::iter(parts));
    (StatusCode::CREATED, [(header::CONTENT_LENGTH, "500")], body).into_response()
}

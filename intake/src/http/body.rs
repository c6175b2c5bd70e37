//! Reading a posted body within its ceilings: bytes, growth by decompression, time, and how many at once.

use super::Shared;
use super::said::Said;
use crate::{BodyLimits, unpack};
use axum::extract::Request;
use axum::http::{StatusCode, header};
use std::time::Duration;

/// The body, inflated where it was packed.
pub(super) async fn read<R>(desk: &Shared<R>, request: Request) -> Result<Vec<u8>, Said> {
    read_within(desk, request, desk.door.limits).await
}

/// The same within other ceilings than the door's own.
pub(super) async fn read_within<R>(
    desk: &Shared<R>,
    request: Request,
    limits: BodyLimits,
) -> Result<Vec<u8>, Said> {
    let encoding =
        request.headers().get(header::CONTENT_ENCODING).and_then(|v| v.to_str().ok()).unwrap_or("");
    if !matches!(encoding.trim().to_ascii_lowercase().as_str(), "" | "identity" | "gzip" | "x-gzip") {
        return Err(Said::unsupported("Send the body as it is, or packed with gzip."));
    }
    let too_large = || {
        Said::too_large(format!("The body is longer than {} bytes; send it in parts.", limits.body_bytes_max))
    };
    let length =
        request.headers().get(header::CONTENT_LENGTH).and_then(|v| v.to_str().ok()?.parse::<usize>().ok());
    if length.is_some_and(|length| length > limits.body_bytes_max) {
        return Err(too_large());
    }
    let Ok(_place) = desk.bodies.try_acquire() else {
        let sentence = "Too many posts are being read at this moment; send it again in a few seconds.";
        return Err(Said::new(StatusCode::SERVICE_UNAVAILABLE, "throttled", sentence));
    };
    let wait = Duration::from_millis(limits.body_wait_ms_max);
    let reading = axum::body::to_bytes(request.into_body(), limits.body_bytes_max);
    let body = match tokio::time::timeout(wait, reading).await {
        Ok(Ok(body)) => Vec::from(body),
        Ok(Err(error)) if is_length(&error) => return Err(too_large()),
        Ok(Err(_)) => return Err(Said::bad("The body ended before it was whole; nothing was kept.")),
        Err(_) => {
            let sentence = "The body took too long to arrive; nothing was kept.";
            return Err(Said::new(StatusCode::REQUEST_TIMEOUT, "timeout", sentence));
        }
    };
    if !unpack::is_gzip(&body) {
        return Ok(body);
    }
    match tokio::task::spawn_blocking(move || unpack::whole(body, &limits)).await {
        Ok(Ok(body)) => Ok(body),
        Ok(Err(error)) if error.kind() == std::io::ErrorKind::FileTooLarge => {
            Err(Said::too_large(format!("The packed body was refused: {error}.")))
        }
        Ok(Err(error)) => Err(Said::bad(format!("The packed body cannot be opened: {error}."))),
        Err(_) => Err(Said::bad("The packed body cannot be opened.")),
    }
}

fn is_length(error: &axum::Error) -> bool {
    let mut source: Option<&dyn std::error::Error> = Some(error);
    while let Some(error) = source {
        if error.to_string().contains("length limit") {
            return true;
        }
        source = error.source();
    }
    false
}

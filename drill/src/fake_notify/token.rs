//! The token of a request: HS256 over the service's id and the time, at most 30 seconds from ours.

use super::{SECRET, SERVICE};
use axum::http::{HeaderMap, StatusCode, header};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use basics::Moment;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;

const TOLERANCE_S: i64 = 30;

/// `Ok` for a good token; else the status and the words of the refusal.
pub(super) fn check(headers: &HeaderMap, now: Moment) -> Result<(), (StatusCode, &'static str)> {
    let bearer = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let Some(token) = bearer.and_then(|text| text.strip_prefix("Bearer ")) else {
        return Err((StatusCode::UNAUTHORIZED, "Unauthorized: authentication token must be provided"));
    };
    let invalid = (StatusCode::FORBIDDEN, "Invalid token: signature, api token not found");
    let mut parts = token.split('.');
    let (Some(head), Some(claims), Some(signature), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(invalid);
    };
    let json =
        |part: &str| -> Option<Value> { serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok() };
    let algorithm = json(head).and_then(|head| head.get("alg").and_then(Value::as_str).map(str::to_owned));
    if algorithm.as_deref() != Some("HS256") {
        return Err((StatusCode::FORBIDDEN, "Invalid token: algorithm used is not HS256"));
    }
    let claims_said = json(claims).ok_or(invalid)?;
    if claims_said.get("iss").and_then(Value::as_str) != Some(SERVICE) {
        return Err((StatusCode::FORBIDDEN, "Invalid token: service not found"));
    }
    let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| invalid)?;
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).map_err(|_| invalid)?;
    mac.update(format!("{head}.{claims}").as_bytes());
    mac.verify_slice(&signature).map_err(|_| invalid)?;
    let issued = claims_said.get("iat").and_then(Value::as_i64).ok_or(invalid)?;
    if (now.milliseconds().div_euclid(1000) - issued).abs() > TOLERANCE_S {
        return Err((
            StatusCode::FORBIDDEN,
            "Error: Your system clock must be accurate to within 30 seconds",
        ));
    }
    Ok(())
}

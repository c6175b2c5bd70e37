//! A generic webhook: JSON posted to a machine of the hospital's choosing, signed, with nobody's product in it.
//!
//! The body is described in `docs/formats/webhook.md`. `Idempotency-Key` is the message's reference, and
//! `Lifeboat-Signature: t=<seconds>,v1=<HMAC-SHA256 of "<seconds>.<body>">` proves who sent it. Where the receiver keeps
//! only one of two requests of one key (`idempotent`), sending again is the way to ask; where it does not, a person
//! decides. Proved by `tests/contract.rs`.

use super::http::{Answer, HttpClient, Reply, base_url};
use crate::Fault;
use crate::gateway::{Blame, Doing, Gateway, Handed, Parcel, Question, Told};
use basics::Moment;
use hmac::{Hmac, KeyInit, Mac};
use http::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, USER_AGENT};
use http::{Method, StatusCode};
use serde_json::{Value, json};
use sha2::Sha256;
use zeroize::Zeroizing;

/// Shorter secrets can be guessed.
const SECRET_BYTES_MIN: usize = 16;

/// How a webhook is reached.
#[derive(Clone)]
pub struct WebhookSetup {
    /// Its name: the one messages are addressed to.
    pub name: String,
    /// Where requests are posted.
    pub url: String,
    /// With which they are signed; at least 16 bytes.
    pub secret: Zeroizing<String>,
    /// The receiver keeps only one of two requests that carry the same `Idempotency-Key`.
    pub idempotent: bool,
    /// Certificates to trust instead of the public ones.
    pub ca_pem: Option<Vec<u8>>,
}

/// The adapter.
pub struct Webhook {
    setup: WebhookSetup,
    url: String,
    http: HttpClient,
}

impl Webhook {
    /// Checks address and secret; connects to nothing.
    pub fn new(setup: WebhookSetup) -> Result<Self, Fault> {
        if setup.secret.len() < SECRET_BYTES_MIN {
            let why = format!("its secret is shorter than {SECRET_BYTES_MIN} bytes");
            return Err(Fault::Setup { gateway: setup.name, why });
        }
        base_url(&setup.name, &setup.url)?;
        let http = HttpClient::new(&setup.name, setup.ca_pem.as_deref())?;
        Ok(Self { url: setup.url.clone(), http, setup })
    }

    async fn post(&self, parcel: &Parcel, at: Moment) -> Handed {
        let outgoing = &parcel.outgoing;
        let body = json!({
            "version": 1,
            "id": parcel.reference.to_string(),
            "way": outgoing.route.way(),
            "to": outgoing.route.to(),
            "subject": parcel.subject(),
            "body": parcel.body(),
            "template": outgoing.words.template,
            "fields": outgoing.words.fields,
            "urgency": outgoing.urgency,
            "valid_until": parcel.valid_until.rfc3339(),
            "exercise": outgoing.exercise,
        })
        .to_string();
        let seconds = at.milliseconds().div_euclid(1000);
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(USER_AGENT, HeaderValue::from_static(concat!("lifeboat/", env!("CARGO_PKG_VERSION"))));
        let signature = sign(&self.setup.secret, seconds, body.as_bytes());
        for (name, value) in [
            ("idempotency-key", parcel.reference.to_string()),
            ("lifeboat-signature", format!("t={seconds},v1={signature}")),
        ] {
            // Both are digits and letters, which every header takes.
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(HeaderName::from_static(name), value);
            }
        }
        match self.http.send(Method::POST, &self.url, headers, body.into_bytes()).await {
            Reply::Answered(answer) => handed(&answer, &parcel.reference.to_string()),
            Reply::NeverLeft(why) => Handed::NotNow { why, wait_ms: None, blame: Blame::Gateway },
            Reply::Lost(why) => Handed::Unknown { why },
        }
    }
}

impl Gateway for Webhook {
    fn name(&self) -> &str {
        &self.setup.name
    }

    fn hand_over<'a>(&'a self, parcel: &'a Parcel, at: Moment) -> Doing<'a, Handed> {
        Box::pin(self.post(parcel, at))
    }

    fn ask<'a>(&'a self, _: &'a Question, _: Moment) -> Doing<'a, Told> {
        let told = if self.setup.idempotent { Told::SafeToRepeat } else { Told::CannotBeAsked };
        Box::pin(std::future::ready(told))
    }

    fn reports_delivery(&self) -> bool {
        false
    }
}

/// HMAC-SHA256 of `"<seconds>.<body>"`, in hexadecimal digits.
fn sign(secret: &str, seconds: i64, body: &[u8]) -> String {
    // HMAC takes a key of any length.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else { return String::new() };
    mac.update(format!("{seconds}.").as_bytes());
    mac.update(body);
    mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn handed(answer: &Answer, reference: &str) -> Handed {
    let status = answer.status;
    let code = status.as_u16();
    let why = format!("the receiver answered {code}");
    match status {
        _ if status.is_success() => accepted(answer, reference),
        StatusCode::TOO_MANY_REQUESTS => Handed::NotNow {
            why,
            wait_ms: Some(answer.retry_after_ms().unwrap_or(20_000)),
            blame: Blame::Gateway,
        },
        // These say something about the address, the secret or a machine in between, and nothing about the message.
        StatusCode::UNAUTHORIZED
        | StatusCode::FORBIDDEN
        | StatusCode::NOT_FOUND
        | StatusCode::METHOD_NOT_ALLOWED
        | StatusCode::PROXY_AUTHENTICATION_REQUIRED => {
            let why = format!("{why}. Check its address and secret");
            Handed::NotNow {
                why,
                wait_ms: Some(answer.retry_after_ms().unwrap_or(60_000)),
                blame: Blame::Gateway,
            }
        }
        // Another request of the same key is being worked on: the first may have been ours.
        StatusCode::CONFLICT | StatusCode::REQUEST_TIMEOUT => Handed::Unknown { why },
        _ if status.is_redirection() => Handed::NotNow { why, wait_ms: None, blame: Blame::Gateway },
        _ if status.is_client_error() => Handed::Refused { why },
        _ => Handed::Unknown { why },
    }
}

/// A 2xx says "accepted", unless its body says otherwise or is not what a receiver may send.
fn accepted(answer: &Answer, reference: &str) -> Handed {
    let unknown = |why: &str| Handed::Unknown { why: why.to_owned() };
    if answer.body.is_empty() {
        return Handed::Accepted { gateway_id: reference.to_owned() };
    }
    let Some(Value::Object(body)) = answer.json() else {
        return unknown("the receiver's answer was neither empty nor a JSON object");
    };
    let says_no = body.get("accepted") == Some(&Value::Bool(false));
    let has_error = body.get("error").is_some_and(|error| !error.is_null());
    match (says_no, has_error) {
        (true, _) => {
            let why = body.get("error").and_then(Value::as_str).unwrap_or("no reason given");
            Handed::Refused { why: format!("the receiver did not accept it: {why}") }
        }
        (false, true) => unknown("the receiver said that all is well and that there was an error"),
        (false, false) => {
            let id = body.get("id").and_then(Value::as_str).unwrap_or(reference);
            Handed::Accepted { gateway_id: id.to_owned() }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signature_is_what_others_compute() {
        // printf '1494600000.{"a":1}' | openssl dgst -sha256 -hmac 0123456789abcdef
        assert_eq!(
            sign("0123456789abcdef", 1_494_600_000, br#"{"a":1}"#),
            "f13a06d83e3168b270e5cb955c475266a048d06d39957d7b751074472be6ebc7"
        );
    }
}

//! GOV.UK Notify: text messages and mail by its REST API, as its documentation describes it.
//!
//! `POST /v2/notifications/{sms,email}` with our reference, `GET /v2/notifications/{id}` and `?reference=` to ask.
//! Each request carries a token (HS256) with the service's id and the time; Notify takes 30 seconds either way, so when
//! it calls the time wrong, the difference to its own `Date` is used from then on: the hospital may have no time server.
//! Always: "not accepted" is only believed of an answer in Notify's own form; anything else is unknown and asked about.
//! Notify does not merge two messages of one reference, so asking first is what keeps from telling somebody twice.
//! It forgets messages after seven days: after six it is no longer asked. Proved by `tests/contract.rs` against
//! `drill::fake_notify`.

use super::http::{Answer, HttpClient, Reply, base_url};
use crate::Fault;
use crate::gateway::{Blame, Doing, Gateway, Handed, Parcel, Progress, Question, Told};
use crate::outgoing::Route;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use basics::Moment;
use hmac::{Hmac, KeyInit, Mac};
use http::header::{AUTHORIZATION, CONTENT_TYPE, DATE, HeaderMap, HeaderValue, USER_AGENT};
use http::{Method, StatusCode};
use serde_json::{Value, json};
use sha2::Sha256;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::UNIX_EPOCH;
use zeroize::Zeroizing;

/// Notify keeps messages for seven days; after six it is no longer believed when it says "never seen".
const REMEMBERED_MS: i64 = 6 * 24 * 3_600_000;
/// A key or a clock that Notify does not take is put right by people: look again after a minute.
const KEY_REFUSED_WAIT_MS: u64 = 60_000;
/// Notify names no time in its answers about limits.
const LIMIT_WAIT_MS: u64 = 20_000;
const DAILY_LIMIT_WAIT_MS: u64 = 600_000;

/// How Notify is reached.
#[derive(Clone)]
pub struct NotifySetup {
    /// The gateway's name in the outbox's setup.
    pub name: String,
    /// `https://api.notifications.service.gov.uk`, or a stand-in.
    pub base_url: String,
    /// The key, `{name}-{service id}-{secret}`.
    pub key: Zeroizing<String>,
    /// Template of a text message that has the one field `body`.
    pub sms_template: String,
    /// Template of a mail that has the fields `subject` and `body`.
    pub email_template: String,
    /// Templates of Notify by the name that the house has for them.
    pub templates: BTreeMap<String, String>,
    /// Certificates to trust instead of the public ones.
    pub ca_pem: Option<Vec<u8>>,
}

/// The adapter.
pub struct Notify {
    setup: NotifySetup,
    service: String,
    secret: Zeroizing<String>,
    base: String,
    http: HttpClient,
    /// What is added to our clock to get Notify's, in seconds.
    clock_difference_s: AtomicI64,
}

impl Notify {
    /// Checks key, address and templates; connects to nothing.
    pub fn new(setup: NotifySetup) -> Result<Self, Fault> {
        let fault = |why: String| Fault::Setup { gateway: setup.name.clone(), why };
        let (service, secret) = split_key(&setup.key)
            .ok_or_else(|| fault("its key is not {name}-{service id}-{secret}".to_owned()))?;
        let plain = [("sms_template", &setup.sms_template), ("email_template", &setup.email_template)];
        let named = setup.templates.iter().map(|(name, id)| (name.as_str(), id));
        for (name, id) in plain.into_iter().chain(named) {
            if !id.is_empty() && !is_uuid(id) {
                return Err(fault(format!("the template {name} is not an id of Notify (a UUID)")));
            }
        }
        let base = base_url(&setup.name, &setup.base_url)?;
        let http = HttpClient::new(&setup.name, setup.ca_pem.as_deref())?;
        Ok(Self { service, secret, base, http, clock_difference_s: AtomicI64::new(0), setup })
    }

    fn headers(&self, at: Moment) -> HeaderMap {
        let seconds = at.milliseconds().div_euclid(1000) + self.clock_difference_s.load(Ordering::Relaxed);
        let bearer = Zeroizing::new(format!("Bearer {}", token(&self.service, &self.secret, seconds)));
        let mut headers = HeaderMap::new();
        if let Ok(mut value) = HeaderValue::from_str(&bearer) {
            value.set_sensitive(true);
            headers.insert(AUTHORIZATION, value);
        }
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(USER_AGENT, HeaderValue::from_static(concat!("lifeboat/", env!("CARGO_PKG_VERSION"))));
        headers
    }

    /// What is posted, and where. `None` when there is no template for it.
    fn request(&self, parcel: &Parcel) -> Option<(&'static str, Value)> {
        let words = &parcel.outgoing.words;
        // In an exercise Notify's own templates are not used: only our text is sure to say so.
        let named = words.template.as_ref().filter(|_| !parcel.outgoing.exercise);
        let named = named.and_then(|name| self.setup.templates.get(name));
        let (path, to, plain) = match &parcel.outgoing.route {
            Route::Sms(number) => ("sms", ("phone_number", number.as_str()), &self.setup.sms_template),
            Route::Email(address) => {
                ("email", ("email_address", address.as_str()), &self.setup.email_template)
            }
            Route::Webhook(_) | Route::Slip(_) => return None,
        };
        let template = named.unwrap_or(plain);
        if template.is_empty() {
            return None;
        }
        let mut fields: BTreeMap<&str, String> = BTreeMap::new();
        if named.is_some() {
            fields.extend(words.fields.iter().map(|(name, value)| (name.as_str(), value.clone())));
        } else if path == "email" {
            fields.insert("subject", parcel.subject());
        }
        if named.is_none() {
            fields.insert("body", parcel.body());
        }
        let mut body = json!({
            "template_id": template,
            "personalisation": fields,
            "reference": parcel.reference.to_string(),
        });
        if let Some(body) = body.as_object_mut() {
            body.insert(to.0.to_owned(), Value::from(to.1));
        }
        Some((path, body))
    }

    /// Notify calls our time wrong: take its own from now on.
    fn learn_time(&self, answer: &Answer, at: Moment) -> bool {
        let date = answer.headers.get(DATE).and_then(|date| date.to_str().ok());
        let Some(theirs) = date.and_then(|date| httpdate::parse_http_date(date).ok()) else { return false };
        let Ok(theirs) = theirs.duration_since(UNIX_EPOCH) else { return false };
        let difference = i64::try_from(theirs.as_secs()).unwrap_or(0) - at.milliseconds().div_euclid(1000);
        let known = self.clock_difference_s.swap(difference, Ordering::Relaxed);
        (difference - known).abs() > 5
    }

    /// What a refusal in Notify's own form means. `None`: not in its form.
    fn refused(&self, answer: &Answer, at: Moment) -> Option<Handed> {
        let (error, message) = error_of(answer)?;
        let why = format!("GOV.UK Notify answered {}: {error}: {message}", answer.status.as_u16());
        let gateway = |why: String, wait_ms| Some(Handed::NotNow { why, wait_ms, blame: Blame::Gateway });
        match answer.status {
            StatusCode::BAD_REQUEST => Some(Handed::Refused { why }),
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
                if self.learn_time(answer, at) {
                    let why =
                        "this machine's clock differs from GOV.UK Notify's; its time is used from now on";
                    return gateway(why.to_owned(), Some(1_000));
                }
                gateway(format!("{why}. Check the key, and this machine's clock"), Some(KEY_REFUSED_WAIT_MS))
            }
            StatusCode::TOO_MANY_REQUESTS => {
                let usual = if error == "TooManyRequestsError" { DAILY_LIMIT_WAIT_MS } else { LIMIT_WAIT_MS };
                gateway(why, Some(answer.retry_after_ms().unwrap_or(usual)))
            }
            // Its documentation says to send again after a 500. Some of those were accepted all the same.
            status if status.is_client_error() || status.is_redirection() => gateway(why, None),
            // And an error inside an answer that calls itself a success is no statement at all.
            _ => Some(Handed::Unknown { why }),
        }
    }

    fn handed(&self, answer: &Answer, reference: &str, at: Moment) -> Handed {
        let status = answer.status;
        if status == StatusCode::CREATED {
            let body = answer.json();
            let text = |name: &str| body.as_ref().and_then(|b| b.get(name)).and_then(Value::as_str);
            return match (text("id"), text("reference")) {
                (Some(id), Some(theirs)) if is_uuid(id) && theirs == reference => {
                    Handed::Accepted { gateway_id: id.to_owned() }
                }
                _ => Handed::Unknown { why: "the answer 201 was not in GOV.UK Notify's form".to_owned() },
            };
        }
        if let Some(handed) = self.refused(answer, at) {
            return handed;
        }
        let why = format!("the answer {} was not in GOV.UK Notify's form", status.as_u16());
        match status.is_client_error() || status.is_redirection() {
            // Something that stands between refused it: no message passes there.
            true => Handed::NotNow { why, wait_ms: answer.retry_after_ms(), blame: Blame::Gateway },
            false => Handed::Unknown { why },
        }
    }

    async fn post(&self, parcel: &Parcel, at: Moment) -> Handed {
        let Some((path, body)) = self.request(parcel) else {
            let why = "no template of GOV.UK Notify is configured for this kind of message".to_owned();
            return Handed::Refused { why };
        };
        let url = format!("{}/v2/notifications/{path}", self.base);
        match self.http.send(Method::POST, &url, self.headers(at), body.to_string().into_bytes()).await {
            Reply::Answered(answer) => self.handed(&answer, &parcel.reference.to_string(), at),
            Reply::NeverLeft(why) => Handed::NotNow { why, wait_ms: None, blame: Blame::Gateway },
            Reply::Lost(why) => Handed::Unknown { why },
        }
    }

    async fn get(&self, question: &Question, at: Moment) -> Told {
        let reference = question.reference.to_string();
        let url = match &question.gateway_id {
            Some(id) if is_uuid(id) => format!("{}/v2/notifications/{id}", self.base),
            _ if at.milliseconds() - question.since.milliseconds() > REMEMBERED_MS => {
                return Told::CannotBeAsked;
            }
            _ => format!("{}/v2/notifications?reference={reference}", self.base),
        };
        let answer = match self.http.send(Method::GET, &url, self.headers(at), Vec::new()).await {
            Reply::Answered(answer) => answer,
            Reply::NeverLeft(why) | Reply::Lost(why) => return Told::NotNow { why, wait_ms: None },
        };
        let not_now = |why: String| Told::NotNow { why, wait_ms: answer.retry_after_ms() };
        if answer.status == StatusCode::NOT_FOUND && error_of(&answer).is_some() {
            return Told::NeverSeen;
        }
        if answer.status != StatusCode::OK {
            return match self.refused(&answer, at) {
                Some(Handed::NotNow { why, wait_ms, .. }) => Told::NotNow { why, wait_ms },
                _ => not_now(format!("asked about a message, it answered {}", answer.status.as_u16())),
            };
        }
        told(answer.json(), &reference).unwrap_or_else(|| {
            not_now(
                "asked about a message, it answered something that is not in GOV.UK Notify's form".to_owned(),
            )
        })
    }
}

impl Gateway for Notify {
    fn name(&self) -> &str {
        &self.setup.name
    }

    fn hand_over<'a>(&'a self, parcel: &'a Parcel, at: Moment) -> Doing<'a, Handed> {
        Box::pin(self.post(parcel, at))
    }

    fn ask<'a>(&'a self, question: &'a Question, at: Moment) -> Doing<'a, Told> {
        Box::pin(self.get(question, at))
    }

    fn reports_delivery(&self) -> bool {
        true
    }
}

/// What one notification, or a list of them, says about ours. `None`: not in Notify's form, or about another.
fn told(body: Option<Value>, reference: &str) -> Option<Told> {
    let body = body?;
    let one = match body.get("notifications") {
        None => &body,
        Some(list) => match list.as_array()?.first() {
            None => return Some(Told::NeverSeen),
            Some(first) => first,
        },
    };
    let text = |name: &str| one.get(name).and_then(Value::as_str);
    let id = text("id").filter(|id| is_uuid(id))?;
    if text("reference") != Some(reference) {
        return None;
    }
    let progress = match text("status")? {
        "delivered" => Progress::Delivered,
        "permanent-failure" => failed("there is no such number or address (permanent-failure)"),
        "temporary-failure" => failed("the telephone is off or the mailbox full (temporary-failure)"),
        "technical-failure" => failed("GOV.UK Notify could not reach the network (technical-failure)"),
        _ => Progress::OnItsWay,
    };
    Some(Told::Accepted { gateway_id: id.to_owned(), progress })
}

fn failed(why: &str) -> Progress {
    Progress::Failed { why: why.to_owned() }
}

/// The first error of an answer in Notify's form: `{"status_code": 400, "errors": [{"error": …, "message": …}]}`.
fn error_of(answer: &Answer) -> Option<(String, String)> {
    let body = answer.json()?;
    let code = body.get("status_code").and_then(Value::as_u64)?;
    let first = body.get("errors")?.as_array()?.first()?;
    let text = |name: &str| first.get(name).and_then(Value::as_str).map(str::to_owned);
    (code == u64::from(answer.status.as_u16())).then_some((text("error")?, text("message")?))
}

/// A token as Notify's documentation describes it: HS256 over the service's id and the time.
fn token(service: &str, secret: &str, seconds: i64) -> String {
    let header = URL_SAFE_NO_PAD.encode(r#"{"typ":"JWT","alg":"HS256"}"#);
    let claims = URL_SAFE_NO_PAD.encode(format!(r#"{{"iat":{seconds},"iss":"{service}"}}"#));
    let signed = format!("{header}.{claims}");
    let mut signature = Vec::new();
    // HMAC takes a key of any length.
    if let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) {
        mac.update(signed.as_bytes());
        signature = mac.finalize().into_bytes().to_vec();
    }
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
}

/// The last 36 characters are the secret, the 36 before the service's id; the name before may hold hyphens too.
fn split_key(key: &str) -> Option<(String, Zeroizing<String>)> {
    let key = key.trim();
    let (rest, secret) = key.split_at_checked(key.len().checked_sub(36)?)?;
    let rest = rest.strip_suffix('-')?;
    let (_, service) = rest.split_at_checked(rest.len().checked_sub(36)?)?;
    (is_uuid(service) && is_uuid(secret)).then(|| (service.to_owned(), Zeroizing::new(secret.to_owned())))
}

fn is_uuid(text: &str) -> bool {
    let hyphen = |place: usize| matches!(place, 8 | 13 | 18 | 23);
    let fine = |(place, c): (usize, char)| if hyphen(place) { c == '-' } else { c.is_ascii_hexdigit() };
    text.len() == 36 && text.chars().enumerate().all(fine)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_is_read_from_its_end() {
        let (service, secret) =
            ("26785a09-ab16-4eb0-8407-a37497a57506", "3d844edf-8d35-48ac-975b-e847b4f122b0");
        for (key, fine) in [
            (format!("our-live-key-{service}-{secret}"), true),
            (format!(" k-{service}-{secret}\n"), true),
            (format!("{service}-{secret}"), true),
            (format!("k-{service}"), false),
            (format!("k-{service}_{secret}"), false),
            (String::new(), false),
            ("é".repeat(60), false),
        ] {
            let read = split_key(&key);
            assert_eq!(read.is_some(), fine, "{key}");
            if let Some((found, hidden)) = read {
                assert_eq!((found.as_str(), hidden.as_str()), (service, secret));
            }
        }
    }

    #[test]
    fn a_token_is_what_others_compute() {
        // Computed with Python's hmac and base64 modules.
        let token =
            token("26785a09-ab16-4eb0-8407-a37497a57506", "3d844edf-8d35-48ac-975b-e847b4f122b0", 1568818578);
        assert_eq!(token, EXPECTED);
    }

    const EXPECTED: &str = concat!(
        "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.eyJpYXQiOjE1Njg4MTg1NzgsImlzcyI6IjI2Nzg1YTA5LWFiMTYtN",
        "GViMC04NDA3LWEzNzQ5N2E1NzUwNiJ9.MnEokaCfL7I9iXy9Sq5VLdaX3RsDttj82xyi1uWdvNA",
    );
}

//! A receiver of webhooks on the loopback address that checks signatures and keeps one of two of the same key.

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;

pub const SECRET: &str = "a secret of more than sixteen bytes";

#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Manner {
    #[default]
    Good,
    Refuses,
    NotAccepted,
    TooMany,
    Internal,
    TakesAndIsSilent,
    Silent,
    TakesAndCutsShort,
    TakesAndSaysError,
    Html,
}

#[derive(Clone)]
pub struct WebhookServer {
    pub url: String,
    manner: Arc<Mutex<Manner>>,
    /// Key and body of every request that was taken, repeated ones too.
    requests: Arc<Mutex<Vec<(String, Value)>>>,
}

impl WebhookServer {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let server = Self { url, manner: Arc::default(), requests: Arc::default() };
        let routes = Router::new().route("/hook", post(take)).with_state(server.clone());
        tokio::spawn(async move { axum::serve(listener, routes).await });
        server
    }

    pub fn set(&self, manner: Manner) {
        *self.manner.lock().unwrap() = manner;
    }

    /// What its readers see: one for each key.
    pub fn messages(&self) -> Vec<(String, Value)> {
        let mut seen: Vec<(String, Value)> = Vec::new();
        for (key, body) in self.requests.lock().unwrap().iter() {
            if !seen.iter().any(|(known, _)| known == key) {
                seen.push((key.clone(), body.clone()));
            }
        }
        seen
    }

    fn keep(&self, key: String, body: Value) {
        self.requests.lock().unwrap().push((key, body));
    }
}

async fn take(State(server): State<WebhookServer>, headers: HeaderMap, body: Bytes) -> Response {
    let text = |name: &str| headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned();
    if !signed(&text("lifeboat-signature"), &body) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let (key, body) = (text("idempotency-key"), serde_json::from_slice(&body).unwrap());
    let manner = *server.manner.lock().unwrap();
    match manner {
        Manner::Good | Manner::TakesAndIsSilent | Manner::TakesAndCutsShort | Manner::TakesAndSaysError => {
            server.keep(key, body);
        }
        _ => {}
    }
    match manner {
        Manner::Good => (StatusCode::ACCEPTED, r#"{"accepted": true, "id": "w-1"}"#).into_response(),
        Manner::Refuses => StatusCode::UNPROCESSABLE_ENTITY.into_response(),
        Manner::NotAccepted => r#"{"accepted": false, "error": "no such room"}"#.into_response(),
        Manner::TooMany => (StatusCode::TOO_MANY_REQUESTS, [(header::RETRY_AFTER, "1")]).into_response(),
        Manner::Internal => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        Manner::TakesAndIsSilent | Manner::Silent => std::future::pending().await,
        Manner::TakesAndCutsShort => {
            let parts = [Ok(Bytes::from_static(b"{\"acc")), Err(std::io::Error::other("cut, on purpose"))];
            let body = Body::from_stream(futures_util::stream::iter(parts));
            (StatusCode::OK, [(header::CONTENT_LENGTH, "100")], body).into_response()
        }
        Manner::TakesAndSaysError => r#"{"error": "something"}"#.into_response(),
        Manner::Html => (StatusCode::OK, "<html>").into_response(),
    }
}

fn signed(signature: &str, body: &[u8]) -> bool {
    let Some((seconds, hex)) = signature.strip_prefix("t=").and_then(|rest| rest.split_once(",v1=")) else {
        return false;
    };
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
    mac.update(format!("{seconds}.").as_bytes());
    mac.update(body);
    let ours: String = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    ours == hex
}

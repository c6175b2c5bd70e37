//! What a form or a question sent, with our own words when it cannot be read.

use crate::mishap::Mishap;
use axum::extract::rejection::FormRejection;
use axum::extract::{Form, FromRequest, FromRequestParts, Query, Request};
use http::StatusCode;
use http::request::Parts;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::convert::Infallible;

/// A form that was sent, or why it cannot be read.
pub struct Posted<T>(pub Result<T, Mishap>);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Posted<T> {
    type Rejection = Infallible;

    async fn from_request(request: Request, state: &S) -> Result<Self, Infallible> {
        let read = Form::<T>::from_request(request, state).await;
        Ok(Self(read.map(|Form(form)| form).map_err(|rejection: FormRejection| {
            if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
                Mishap::TooLarge
            } else {
                Mishap::Bad("The form could not be read.".to_owned())
            }
        })))
    }
}

/// Whatever a form sent, field by field: so that a form that is not taken can be shown again exactly as it was typed.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(transparent)]
pub struct Typed(Vec<(String, String)>);

impl Typed {
    /// What was typed in a field; empty when it was not sent.
    pub fn text(&self, field: &str) -> &str {
        self.0.iter().find(|(name, _)| name == field).map_or("", |(_, value)| value)
    }

    /// What was typed without white space around it.
    pub fn trimmed(&self, field: &str) -> &str {
        self.text(field).trim()
    }

    /// Every value that a field was sent with: ticked boxes.
    pub fn all<'a>(&'a self, field: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(name, _)| name == field).map(|(_, value)| value.as_str())
    }

    /// Whether a field was sent with this value.
    pub fn has(&self, field: &str, value: &str) -> bool {
        self.all(field).any(|sent| sent == value)
    }

    /// A number that was sent.
    pub fn number(&self, field: &str) -> Option<u64> {
        self.trimmed(field).parse().ok()
    }

    /// Sets what stands in a field that was not sent.
    #[must_use]
    pub fn or(mut self, field: &str, value: impl Into<String>) -> Self {
        if !self.0.iter().any(|(name, _)| name == field) {
            self.0.push((field.to_owned(), value.into()));
        }
        self
    }
}

/// The question part of an address; what cannot be read counts as not asked.
pub struct Asked<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned + Default> FromRequestParts<S> for Asked<T> {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self(Query::<T>::try_from_uri(&parts.uri).map(|Query(q)| q).unwrap_or_default()))
    }
}

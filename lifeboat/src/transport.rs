//! TLS of Lifeboat's own: an authority in the house, certificates that renew themselves, doors that take them.
//!
//! On the day the hospital's own certificate services are gone or in wrong hands, so none is needed. Always: the authority's
//! key lies sealed under a key derived from the record's own, and is in memory only while it signs; the server's key is made
//! anew with each certificate and never lies on a disk. Never: a certificate for anything but a name of this house, or for
//! a sender whom a person named. Used by `serve` and `lifeboat ca`; proved by the tests of its parts and by `tests/tls.rs`.

pub mod authority;
pub mod door;
pub mod names;
mod redirect;
pub mod server_papers;
pub mod strongbox;
pub mod terms;

pub use authority::Authority;
pub use server_papers::ServerPapers;

use crate::config::{Config, WebTls};
use crate::failure::Failure;
use crate::store::Store;
use axum::Router;
use axum::http::header::CONTENT_TYPE;
use axum::routing::get;
use basics::Clock;
use rustls::ServerConfig;
use std::sync::Arc;
use strongbox::Strongbox;
use tokio::sync::watch;

/// What a running program has of TLS.
pub struct Certified {
    authority: Arc<Authority>,
    papers: Arc<ServerPapers>,
    clock: Arc<dyn Clock>,
}

impl Certified {
    /// The authority, made at the first start, and a certificate of today; `None` where no door speaks TLS.
    ///
    /// # Errors
    /// The authority does not open or cannot be made.
    pub fn open(store: &Store) -> Result<Option<Self>, Failure> {
        if !is_wanted(&store.config) {
            return Ok(None);
        }
        let clock = Arc::clone(&store.clock);
        let authority = Authority::open_or_make(store.dir(), &store.keys, &store.config.trust, clock.now())?;
        let authority = Arc::new(authority);
        let names = names::of_server(&store.config);
        let papers = ServerPapers::make(Arc::clone(&authority), names, Arc::clone(&clock))?;
        Ok(Some(Self { authority, papers, clock }))
    }

    /// On which terms the pages' door speaks TLS; `None` where it does not.
    ///
    /// # Errors
    /// The authority cannot be used.
    pub fn pages(&self, config: &Config) -> Result<Option<door::Terms>, Failure> {
        if config.tls != WebTls::Own {
            return Ok(None);
        }
        let tls = terms::of_pages(&self.authority, Arc::clone(&self.papers), Arc::clone(&self.clock))?;
        let sender = |feed: &crate::config::Feed| Some((feed.setup.name.clone(), feed.tls_sender.clone()?));
        let certificate = self.authority.pem().to_owned();
        Ok(Some(door::Terms { tls, certificate, senders: config.feeds.iter().filter_map(sender).collect() }))
    }

    /// On which terms the door of a feed with that sender does.
    ///
    /// # Errors
    /// The authority cannot be used.
    pub fn feed(&self, sender: &str) -> Result<Arc<ServerConfig>, Failure> {
        terms::of_feed(&self.authority, Arc::clone(&self.papers), Arc::clone(&self.clock), sender)
    }

    /// Keeps the certificate young until the program closes.
    pub fn tend(
        &self,
        store: &Store,
        closing: watch::Receiver<bool>,
    ) -> impl Future<Output = ()> + Send + 'static {
        Arc::clone(&self.papers).tend(Strongbox::of(store.dir(), &store.keys), closing)
    }

    /// The authority in words, for people to compare.
    pub fn words(&self) -> String {
        self.authority.fingerprint().words().join(" ")
    }
}

/// Whether any door of that configuration speaks TLS.
pub fn is_wanted(config: &Config) -> bool {
    config.tls == WebTls::Own || config.feeds.iter().any(|feed| feed.tls_sender.is_some())
}

/// Where the authority's certificate is fetched before it is trusted, at a server of that address.
pub fn redirect_address(address: &str) -> String {
    format!("{}{}", address.replacen("https://", "http://", 1), redirect::CERTIFICATE)
}

/// The pages, and beside them the authority's certificate for whoever comes by TLS already.
pub fn with_certificate(pages: Router, pem: &str) -> Router {
    let pem: Arc<str> = pem.into();
    let give = move || {
        let pem = pem.to_string();
        async move { ([(CONTENT_TYPE, redirect::CERTIFICATE_KIND)], pem) }
    };
    pages.route(redirect::CERTIFICATE, get(give))
}

//! The server's certificate: short-lived, made anew at every start and again while the program runs.
//!
//! Always: its private key is in memory alone and used for one certificate; a new one stands before the old one ends, whichever
//! way the clock is moved. Never: a ward without pages because a certificate could not be made: the old one stays, and the
//! log says why. Used by every door with TLS; proved by the tests below, with a clock that is set.

use super::Authority;
use super::authority::Issued;
use super::strongbox::Strongbox;
use crate::failure::Failure;
use basics::{Clock, Moment};
use logbook::Keys;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use serde::{Deserialize, Serialize};
use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;
use tokio::sync::watch;

/// Age at which a certificate is replaced: it counts for 14 days.
const RENEW_SECONDS: i64 = 3 * 86_400;
/// How often is looked whether one is due.
const LOOK_MS: u64 = 15_000;
/// Where `lifeboat ca renew` leaves what it asks for, sealed.
const ASKED: &str = "renew.sealed";

/// What `lifeboat ca renew` asks for.
#[derive(Serialize, Deserialize)]
struct Asked {
    names: Vec<String>,
}

/// The certificate that stands now.
struct Standing {
    key: Arc<CertifiedKey>,
    names: Vec<String>,
    made: Moment,
    until: Moment,
}

/// The server's certificate, handed to whoever greets.
pub struct ServerPapers {
    authority: Arc<Authority>,
    clock: Arc<dyn Clock>,
    standing: RwLock<Standing>,
}

impl std::fmt::Debug for ServerPapers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ServerPapers(…)")
    }
}

impl ResolvesServerCert for ServerPapers {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.key())
    }
}

impl ServerPapers {
    /// Makes the first one, for these names.
    ///
    /// # Errors
    /// A name that no certificate can hold.
    pub fn make(
        authority: Arc<Authority>,
        names: Vec<String>,
        clock: Arc<dyn Clock>,
    ) -> Result<Arc<Self>, Failure> {
        let standing = RwLock::new(made(&authority, names, clock.now())?);
        Ok(Arc::new(Self { authority, clock, standing }))
    }

    /// The certificate that stands now, with its key.
    pub fn key(&self) -> Arc<CertifiedKey> {
        Arc::clone(&self.read().key)
    }

    /// Until when it counts.
    #[cfg(test)]
    pub fn until(&self) -> Moment {
        self.read().until
    }

    /// Makes a new one when the old one is of an age, or was made in what is now the future.
    pub fn renew_if_due(&self) {
        let now = self.clock.now();
        let (age, names) = {
            let standing = self.read();
            (now.seconds_since(standing.made), standing.names.clone())
        };
        if !(0..RENEW_SECONDS).contains(&age) {
            self.renew(names, now);
        }
    }

    /// Makes a new one, for these names.
    pub fn renew(&self, names: Vec<String>, now: Moment) {
        match made(&self.authority, names, now) {
            Ok(standing) => {
                tracing::info!(until = standing.until.rfc3339(), "the server's certificate was renewed");
                *self.standing.write().unwrap_or_else(PoisonError::into_inner) = standing;
            }
            Err(failure) => tracing::error!(%failure, "the server's certificate could not be renewed"),
        }
    }

    /// Looks now and then whether one is due or asked for, until the program closes.
    pub async fn tend(self: Arc<Self>, strongbox: Strongbox, mut closing: watch::Receiver<bool>) {
        loop {
            tokio::select! {
                () = async { drop(closing.wait_for(|closing| *closing).await) } => return,
                () = tokio::time::sleep(Duration::from_millis(LOOK_MS)) => {}
            }
            self.renew_if_due();
            if let Some(names) = asked_for(&strongbox) {
                self.renew(names, self.clock.now());
            }
        }
    }

    fn read(&self) -> std::sync::RwLockReadGuard<'_, Standing> {
        self.standing.read().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Asks the Lifeboat that runs on that folder for a new certificate with these names.
///
/// # Errors
/// The wish could not be left there.
pub fn ask(data: &Path, keys: &Keys, names: Vec<String>) -> Result<(), Failure> {
    let plain = serde_json::to_vec(&Asked { names }).map_err(|e| Failure::failed(e.to_string()))?;
    Strongbox::of(data, keys).put(ASKED, &plain)
}

/// The names that somebody who has the keys asked for, once.
fn asked_for(strongbox: &Strongbox) -> Option<Vec<String>> {
    let plain = match strongbox.get(ASKED) {
        Ok(plain) => plain?,
        Err(failure) => {
            tracing::warn!(%failure, "a wish for a new certificate was not honest, and is thrown away");
            strongbox.remove(ASKED);
            return None;
        }
    };
    strongbox.remove(ASKED);
    serde_json::from_slice::<Asked>(&plain).ok().map(|asked| asked.names)
}

fn made(authority: &Authority, names: Vec<String>, now: Moment) -> Result<Standing, Failure> {
    let Issued { chain, key, until, .. } = authority.issue_server(&names, now)?;
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.to_vec()));
    let provider = rustls::crypto::ring::default_provider();
    let key = CertifiedKey::from_der(chain, key, &provider)
        .map_err(|error| Failure::failed(format!("the server's certificate cannot be used: {error}")))?;
    Ok(Standing { key: Arc::new(key), names, made: now, until })
}

#[cfg(test)]
mod tests {
    use super::*;
    use basics::FixedClock;

    fn papers(clock: &Arc<FixedClock>) -> (tempfile::TempDir, Keys, Arc<ServerPapers>) {
        let dir = tempfile::tempdir().unwrap();
        let keys = Keys::generate().unwrap();
        let authority = Authority::open_or_make(dir.path(), &keys, "Northgate", clock.now()).unwrap();
        let names = vec!["localhost".to_owned()];
        let papers = ServerPapers::make(Arc::new(authority), names, Arc::clone(clock) as _).unwrap();
        (dir, keys, papers)
    }

    /// Days, of so many, on which what stood at the end of the day had ended.
    fn days_without(papers: &ServerPapers, clock: &FixedClock, days: i64, tend: bool) -> Vec<i64> {
        let begin = clock.now();
        let mut without = Vec::new();
        for day in 0..days {
            let now = begin.plus_seconds(day * 86_400);
            clock.set(now);
            if tend {
                papers.renew_if_due();
            }
            if papers.until() <= now {
                without.push(day);
            }
        }
        without
    }

    #[test]
    fn a_certificate_is_renewed_before_it_ends() {
        let clock = Arc::new(FixedClock::new(Moment::parse_rfc3339("2026-05-12T13:00:00Z").unwrap()));
        let (_dir, _keys, papers) = papers(&clock);
        let first = papers.key();
        papers.renew_if_due();
        assert!(Arc::ptr_eq(&first, &papers.key()), "a fresh one stays");
        assert_eq!(days_without(&papers, &clock, 60, true), Vec::<i64>::new());
        assert!(!Arc::ptr_eq(&first, &papers.key()));
        // Nobody looks: the checker sees it.
        assert!(!days_without(&papers, &clock, 60, false).is_empty());
    }

    #[test]
    fn a_clock_that_is_put_back_makes_a_new_one_too() {
        let clock = Arc::new(FixedClock::new(Moment::parse_rfc3339("2031-05-12T13:00:00Z").unwrap()));
        let (_dir, _keys, papers) = papers(&clock);
        let first = papers.key();
        clock.set(Moment::parse_rfc3339("2026-05-12T13:00:00Z").unwrap());
        papers.renew_if_due();
        assert!(!Arc::ptr_eq(&first, &papers.key()));
    }

    #[test]
    fn a_wish_for_other_names_is_taken_once_and_from_nobody_without_the_keys() {
        let clock = Arc::new(FixedClock::new(Moment::parse_rfc3339("2026-05-12T13:00:00Z").unwrap()));
        let (dir, keys, _papers) = papers(&clock);
        let strongbox = Strongbox::of(dir.path(), &keys);
        assert_eq!(asked_for(&strongbox), None);
        ask(dir.path(), &keys, vec!["lifeboat.example".to_owned()]).unwrap();
        assert_eq!(asked_for(&strongbox), Some(vec!["lifeboat.example".to_owned()]));
        assert_eq!(asked_for(&strongbox), None);
        ask(dir.path(), &Keys::generate().unwrap(), vec!["evil.example".to_owned()]).unwrap();
        assert_eq!(asked_for(&strongbox), None);
        assert!(!dir.path().join("authority/renew.sealed").exists());
    }
}

//! The house's own certificate authority: made once, kept sealed, known to people by twelve words.
//!
//! Always: it signs servers of this house and senders that a person named, for a set time, and nothing below itself; its
//! private key lies in no file in clear and is wiped when it is dropped. Never: made anew while one lies there, for every
//! device of the hospital would have to learn to trust another. Used by `serve` and `lifeboat ca`.

use super::strongbox::Strongbox;
use crate::failure::Failure;
use basics::words::in_words;
use basics::{Moment, Zone};
use logbook::Keys;
use rcgen::{
    BasicConstraints, Certificate, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose,
    IsCa, Issuer, KeyPair, KeyUsagePurpose, PKCS_ECDSA_P256_SHA256,
};
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use rustls::{RootCertStore, server::ParsedCertificate};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::path::Path;
use std::sync::Arc;
use zeroize::Zeroizing;

/// The sealed key, beside its certificate.
const KEY: &str = "authority.sealed";
/// The certificate alone, which is no secret, for whoever copies it to a device.
const CERTIFICATE: &str = "authority.crt";
/// Who was given a certificate, sealed.
const ISSUED: &str = "issued.sealed";
/// Words by which people compare the authority: 120 bits.
const FINGERPRINT_WORDS: usize = 12;
/// How long the authority counts.
const AUTHORITY_DAYS: i64 = 3_653;
/// How long a server's certificate counts: it is made anew long before.
const SERVER_DAYS: i64 = 14;
/// How long a sender's certificate counts.
const SENDER_DAYS: i64 = 1_096;
/// A device whose clock is behind by less takes a new certificate all the same.
const CLOCKS_BEHIND_DAYS: i64 = 7;
const DAY_SECONDS: i64 = 86_400;
/// What a sender's name ends with in its certificate.
const SENDERS: &str = "feed.lifeboat";
/// Longest common name (X.520).
const COMMON_NAME_LETTERS_MAX: usize = 64;
/// No certificate begins before or ends after these: the machine's clock may show anything.
const FIRST_MS: i64 = 946_684_800_000;
const LAST_MS: i64 = 4_102_444_800_000;

/// By what people and machines know an authority.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fingerprint([u8; 32]);

impl Fingerprint {
    /// Twelve words, for people to compare aloud.
    pub fn words(&self) -> Vec<&'static str> {
        in_words(&self.0, FINGERPRINT_WORDS)
    }

    /// The whole SHA-256 as browsers show it: pairs of digits with colons.
    pub fn hex(&self) -> String {
        self.0.iter().map(|byte| format!("{byte:02X}")).collect::<Vec<_>>().join(":")
    }
}

/// A certificate with its key, as it is handed to a machine.
pub struct Issued {
    /// The certificate, and the authority's behind it.
    pub chain: Vec<CertificateDer<'static>>,
    /// Its certificate as text.
    pub certificate_pem: String,
    /// Its private key (PKCS#8).
    pub key: Zeroizing<Vec<u8>>,
    /// The same as text.
    pub key_pem: Zeroizing<String>,
    /// Until when it counts.
    pub until: Moment,
}

/// Somebody who was given a certificate.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Holder {
    /// The name that it holds.
    pub name: String,
    /// When it was made, in milliseconds.
    pub made_ms: i64,
    /// Until when it counts, in milliseconds.
    pub until_ms: i64,
}

/// The authority, opened.
pub struct Authority {
    name: String,
    key: Zeroizing<KeyPair>,
    certificate: CertificateDer<'static>,
    pem: String,
}

/// As it lies sealed: its name, its certificate as text, its key.
#[derive(Serialize, Deserialize)]
struct Kept {
    name: String,
    pem: String,
    key: String,
}

impl Drop for Kept {
    fn drop(&mut self) {
        zeroize::Zeroize::zeroize(&mut self.key);
    }
}

impl Authority {
    /// The authority of that data directory; `None` when none was made yet.
    ///
    /// # Errors
    /// It lies there and does not open.
    pub fn open(data: &Path, keys: &Keys) -> Result<Option<Self>, Failure> {
        let Some(plain) = Strongbox::of(data, keys).get(KEY)? else { return Ok(None) };
        let broken = || Failure::failed("the authority's file is of another version of Lifeboat");
        let kept: Kept = serde_json::from_slice(&plain).map_err(|_| broken())?;
        let bytes = Zeroizing::new(from_hex(&kept.key).ok_or_else(broken)?);
        let key = KeyPair::from_pkcs8_der_and_sign_algo(
            &PrivatePkcs8KeyDer::from(bytes.as_slice()),
            &PKCS_ECDSA_P256_SHA256,
        )
        .map_err(|_| broken())?;
        let certificate = der_of(&kept.pem).ok_or_else(broken)?;
        Ok(Some(Self {
            name: kept.name.clone(),
            key: Zeroizing::new(key),
            certificate,
            pem: kept.pem.clone(),
        }))
    }

    /// The same, made when there is none. Whoever calls holds the data directory.
    ///
    /// # Errors
    /// It does not open, or cannot be made or written.
    pub fn open_or_make(data: &Path, keys: &Keys, trust: &str, now: Moment) -> Result<Self, Failure> {
        if let Some(authority) = Self::open(data, keys)? {
            return Ok(authority);
        }
        let authority = Self::make(trust, now)?;
        let kept = Kept {
            name: authority.name.clone(),
            pem: authority.pem.clone(),
            key: to_hex(authority.key.serialized_der()),
        };
        let plain = Zeroizing::new(serde_json::to_vec(&kept).map_err(|e| Failure::failed(e.to_string()))?);
        let strongbox = Strongbox::of(data, keys);
        strongbox.put(KEY, &plain)?;
        strongbox.put_open(CERTIFICATE, &authority.pem)?;
        Ok(authority)
    }

    fn make(trust: &str, now: Moment) -> Result<Self, Failure> {
        let date = now.rfc3339();
        let date = date.get(..10).unwrap_or_default();
        let name = common_name(&format!("Lifeboat {date} {trust}"));
        let key = KeyPair::generate().map_err(not_made)?;
        let mut params = params_of(&name);
        counts(
            &mut params,
            now.plus_seconds(-30 * DAY_SECONDS),
            now.plus_seconds(AUTHORITY_DAYS * DAY_SECONDS),
        );
        let certificate = params.self_signed(&key).map_err(not_made)?;
        Ok(Self {
            name,
            key: Zeroizing::new(key),
            pem: certificate.pem(),
            certificate: certificate.der().clone(),
        })
    }

    /// By what it is known.
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint(Sha256::digest(self.certificate.as_ref()).into())
    }

    /// Its name, as devices list it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its certificate as text, for devices.
    pub fn pem(&self) -> &str {
        &self.pem
    }

    /// Itself as the only one to be trusted.
    ///
    /// # Errors
    /// Its certificate cannot be read, which a whole file cannot be the cause of.
    pub fn roots(&self) -> Result<Arc<RootCertStore>, Failure> {
        let mut roots = RootCertStore::empty();
        roots.add(self.certificate.clone()).map_err(|e| Failure::failed(e.to_string()))?;
        Ok(Arc::new(roots))
    }

    /// A certificate for this house's own server, with a key that was never used before.
    ///
    /// # Errors
    /// A name that no certificate can hold.
    pub fn issue_server(&self, names: &[String], now: Moment) -> Result<Issued, Failure> {
        let mut params = CertificateParams::new(names.to_vec()).map_err(not_made)?;
        params.distinguished_name = called(names.first().map_or("lifeboat", String::as_str));
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        self.issue(params, now, SERVER_DAYS)
    }

    /// A certificate for a sender of messages, by the name that the configuration has for it.
    ///
    /// # Errors
    /// A name that no certificate can hold.
    pub fn issue_sender(&self, name: &str, now: Moment) -> Result<Issued, Failure> {
        let mut params = CertificateParams::new(vec![sender_name(name)]).map_err(not_made)?;
        params.distinguished_name = called(&format!("{name} (sends to Lifeboat)"));
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        self.issue(params, now, SENDER_DAYS)
    }

    fn issue(&self, mut params: CertificateParams, now: Moment, days: i64) -> Result<Issued, Failure> {
        let until = now.plus_seconds(days * DAY_SECONDS);
        counts(&mut params, now.plus_seconds(-CLOCKS_BEHIND_DAYS * DAY_SECONDS), until);
        params.is_ca = IsCa::ExplicitNoCa;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.use_authority_key_identifier_extension = true;
        let key = Zeroizing::new(KeyPair::generate().map_err(not_made)?);
        let own = params_of(&self.name);
        let issuer = Issuer::from_params(&own, &*self.key);
        let certificate: Certificate = params.signed_by(&*key, &issuer).map_err(not_made)?;
        Ok(Issued {
            chain: vec![certificate.der().clone(), self.certificate.clone()],
            certificate_pem: certificate.pem(),
            key: Zeroizing::new(key.serialized_der().to_vec()),
            key_pem: Zeroizing::new(key.serialize_pem()),
            until,
        })
    }
}

/// Writes down that somebody was given a certificate.
///
/// # Errors
/// The list does not open or cannot be written.
pub fn note_holder(data: &Path, keys: &Keys, holder: Holder) -> Result<(), Failure> {
    let mut all = holders(data, keys)?;
    all.push(holder);
    let plain = serde_json::to_vec(&all).map_err(|e| Failure::failed(e.to_string()))?;
    Strongbox::of(data, keys).put(ISSUED, &plain)
}

/// Everybody who was given a certificate, the first first.
///
/// # Errors
/// The list does not open.
pub fn holders(data: &Path, keys: &Keys) -> Result<Vec<Holder>, Failure> {
    let Some(plain) = Strongbox::of(data, keys).get(ISSUED)? else { return Ok(Vec::new()) };
    serde_json::from_slice(&plain)
        .map_err(|_| Failure::failed("the list of certificates is of another version of Lifeboat"))
}

/// What a sender of that name shows.
pub fn sender_name(name: &str) -> String {
    format!("{}.{SENDERS}", name.to_ascii_lowercase())
}

/// Whether a certificate, whose chain was checked before, is a sender's of that name.
pub fn is_of_sender(certificate: &CertificateDer<'_>, name: &str) -> bool {
    let Ok(parsed) = ParsedCertificate::try_from(certificate) else { return false };
    let Ok(wanted) = rustls::pki_types::ServerName::try_from(sender_name(name)) else { return false };
    rustls::client::verify_server_name(&parsed, &wanted).is_ok()
}

fn params_of(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = called(name);
    // It signs machines, and no authority below itself.
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params
}

fn called(name: &str) -> DistinguishedName {
    let mut called = DistinguishedName::new();
    called.push(DnType::CommonName, common_name(name));
    called
}

fn common_name(text: &str) -> String {
    text.trim().chars().filter(|c| !c.is_control()).take(COMMON_NAME_LETTERS_MAX).collect()
}

/// From the beginning of one day to the beginning of another.
fn counts(params: &mut CertificateParams, from: Moment, until: Moment) {
    let day = |at: Moment| {
        let at = Moment::from_milliseconds(at.milliseconds().clamp(FIRST_MS, LAST_MS));
        let civil = Zone::utc().civil(at);
        let part = |n: i8| u8::try_from(n).unwrap_or(1);
        rcgen::date_time_ymd(i32::from(civil.year), part(civil.month), part(civil.day))
    };
    params.not_before = day(from);
    params.not_after = day(until);
}

fn not_made(error: rcgen::Error) -> Failure {
    Failure::failed(format!("the certificate could not be made: {error}"))
}

fn to_hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        let _ = write!(text, "{byte:02x}");
    }
    text
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes();
    let pair =
        |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok().filter(|p| p.len() == 2)?, 16).ok();
    digits.chunks(2).map(pair).collect()
}

/// The one certificate of a text.
fn der_of(pem: &str) -> Option<CertificateDer<'static>> {
    use rustls::pki_types::pem::PemObject;
    CertificateDer::from_pem_slice(pem.as_bytes()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Moment {
        Moment::parse_rfc3339("2026-05-12T13:00:00Z").unwrap()
    }

    /// Files below a folder that hold these bytes, as they are or as hexadecimal digits.
    fn holding(folder: &Path, wanted: &[u8]) -> Vec<String> {
        let forms = [wanted.to_vec(), to_hex(wanted).into_bytes()];
        let mut found = Vec::new();
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            let path = entry.path();
            if path.is_dir() {
                found.extend(holding(&path, wanted));
            } else {
                let bytes = std::fs::read(&path).unwrap();
                if forms.iter().any(|form| bytes.windows(form.len()).any(|w| w == form)) {
                    found.push(path.display().to_string());
                }
            }
        }
        found
    }

    #[test]
    fn the_authority_is_made_once_and_its_key_lies_in_no_file_in_clear() {
        let dir = tempfile::tempdir().unwrap();
        let keys = Keys::generate().unwrap();
        assert!(Authority::open(dir.path(), &keys).unwrap().is_none());
        let made = Authority::open_or_make(dir.path(), &keys, "Northgate (invented)", now()).unwrap();
        let again = Authority::open_or_make(dir.path(), &keys, "Another name", now()).unwrap();
        assert_eq!(made.fingerprint(), again.fingerprint());
        assert!(made.name().contains("Northgate") && again.name() == made.name());
        let secret = made.key.serialized_der();
        // The last part of the file holds the private number; the head is the same in every key.
        for part in secret.windows(24).step_by(8) {
            assert_eq!(holding(dir.path(), part), Vec::<String>::new());
        }
        // The checker would see it.
        std::fs::write(dir.path().join("planted"), secret).unwrap();
        assert_eq!(holding(dir.path(), secret).len(), 1);
        assert!(Authority::open(dir.path(), &Keys::generate().unwrap()).is_err(), "never made anew over one");
    }

    #[test]
    fn people_compare_twelve_words_and_browsers_the_digits() {
        let (one, other) =
            (Authority::make("Northgate", now()).unwrap(), Authority::make("Northgate", now()).unwrap());
        let words = one.fingerprint().words();
        assert_eq!(words.len(), 12);
        assert_ne!(words, other.fingerprint().words());
        let hex = one.fingerprint().hex();
        assert_eq!((hex.len(), hex.matches(':').count()), (95, 31));
    }

    #[test]
    fn a_sender_s_certificate_is_its_own_and_no_other_s() {
        let authority = Authority::make("Northgate", now()).unwrap();
        let issued = authority.issue_sender("PAS", now()).unwrap();
        let certificate = issued.chain.first().unwrap();
        assert!(is_of_sender(certificate, "pas"));
        for other in ["pas-2", "lab", "", "feed"] {
            assert!(!is_of_sender(certificate, other), "{other}");
        }
        assert!(issued.key_pem.contains("BEGIN PRIVATE KEY"));
        let server =
            authority.issue_server(&["lifeboat.example".to_owned(), "10.0.0.1".to_owned()], now()).unwrap();
        assert!(!is_of_sender(server.chain.first().unwrap(), "pas"));
        assert!(authority.issue_server(&["no name".to_owned() + "\u{e9}"], now()).is_err());
    }

    #[test]
    fn an_absurd_clock_makes_no_absurd_certificate() {
        for ms in [i64::MIN / 4, 0, i64::MAX / 4] {
            let at = Moment::from_milliseconds(ms);
            assert!(Authority::make("Northgate", at).unwrap().issue_sender("pas", at).is_ok());
        }
    }

    #[test]
    fn who_was_given_a_certificate_is_written_down() {
        let dir = tempfile::tempdir().unwrap();
        let keys = Keys::generate().unwrap();
        assert_eq!(holders(dir.path(), &keys).unwrap(), []);
        for name in ["pas", "lab"] {
            let holder = Holder { name: name.to_owned(), made_ms: 1, until_ms: 2 };
            note_holder(dir.path(), &keys, holder).unwrap();
        }
        let names: Vec<String> =
            holders(dir.path(), &keys).unwrap().into_iter().map(|holder| holder.name).collect();
        assert_eq!(names, ["pas", "lab"]);
    }
}

//! What `doctor` says of TLS and of what the kernel denies.

use super::{Findings, reaches_only_here};
use crate::config::{Config, WebTls};
use crate::hardening::{self, Confined};
use crate::transport::authority::holders;
use crate::{clock, keys};
use basics::{Clock, Moment};

/// Days before its end at which a sender's certificate is spoken of.
const ENDS_SOON_DAYS: i64 = 60;

/// How the pages and the feeds are encrypted.
pub(super) fn tls(config: &Config, findings: &mut Findings) {
    match config.tls {
        WebTls::Own => {
            let names = crate::transport::names::of_server(config).join(", ");
            findings.fine("tls", format!("the pages are encrypted; their certificate holds {names}"));
            if config.names.is_empty() && !config.web.ip().is_loopback() {
                findings.notice(
                    "tls",
                    "no name is set for the pages, so devices must use an address: name them ([web] names)",
                );
            }
            if config.address.starts_with("http://") {
                findings.notice("tls", "the address on sheets begins with http://; write https:// (web.address)");
            }
        }
        WebTls::Off => findings.notice("tls", "the pages go in clear, as the configuration says (web.tls = \"off\")"),
        WebTls::Unsaid if reaches_only_here(config.web) => findings.notice(
            "tls",
            "the pages go in clear: say tls = \"own\" under [web] before other machines are to reach them",
        ),
        WebTls::Unsaid => findings.notice(
            "tls",
            "the pages go in clear: whoever is on the network reads them and can change them; say tls = \"own\" under \
             [web] (docs/guides/tls.md)",
        ),
    }
    for feed in &config.feeds {
        match &feed.tls_sender {
            Some(sender) => findings.fine(
                "tls",
                format!("{} is taken from senders with a certificate for {sender} alone", feed.setup.name),
            ),
            None if !feed.setup.authenticated => findings.notice(
                "tls",
                format!(
                    "{} is an unauthenticated feed: name its senders in peers, or say tls = \"required\"",
                    feed.setup.name
                ),
            ),
            None => {}
        }
    }
    if crate::transport::is_wanted(config) {
        certificates(config, clock::SystemClock::default().now(), findings);
    }
}

/// Whether the certificates of senders that are asked for exist and count for long.
fn certificates(config: &Config, now: Moment, findings: &mut Findings) {
    if !config.data.join("authority").is_dir() || keys::needs_person(config) {
        return;
    }
    // What keeps the keys shut is said elsewhere.
    let Ok(keys) = keys::open(config, false, keys::Patience::GiveUp) else { return };
    let issued = match holders(&config.data, &keys) {
        Ok(issued) => issued,
        Err(failure) => return findings.wrong("tls", failure.to_string()),
    };
    for feed in &config.feeds {
        let Some(sender) = &feed.tls_sender else { continue };
        let theirs = issued.iter().filter(|holder| holder.name.eq_ignore_ascii_case(sender));
        match theirs.map(|holder| Moment::from_milliseconds(holder.until_ms)).max() {
            None => findings.notice(
                "tls",
                format!("nobody was given a certificate for {sender} (lifeboat ca issue {sender})"),
            ),
            Some(until) if until.seconds_since(now) < 0 => findings.wrong(
                "tls",
                format!("the certificate of {sender} has ended: lifeboat ca issue {sender}, today"),
            ),
            Some(until) if until.seconds_since(now) < ENDS_SOON_DAYS * 86_400 => findings.notice(
                "tls",
                format!(
                    "the certificate of {sender} ends on {}: lifeboat ca issue {sender}",
                    until.rfc3339()
                ),
            ),
            Some(_) => {}
        }
    }
}

/// What the kernel denies the program once it serves.
pub(super) fn confinement(findings: &mut Findings) {
    match hardening::possible() {
        Confined::Wholly => findings.fine(
            "hardening",
            "the kernel keeps a running Lifeboat to its own folders and to the ports that the configuration names",
        ),
        Confined::Partly => findings.notice(
            "hardening",
            "this kernel keeps a running Lifeboat to its own folders, but not its network; Linux 6.7 or newer does both",
        ),
        Confined::Not(why) => findings.notice(
            "hardening",
            format!("the kernel does not keep a running Lifeboat to its own folders ({why}); the service's own fences stay"),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Grade;
    use super::*;
    use crate::transport::authority::{Holder, note_holder};

    fn said(text: &str, ends_in_days: Option<i64>) -> Vec<(Grade, String)> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("lifeboat.toml");
        std::fs::write(&path, format!("data = 'record'\n{text}")).unwrap();
        let config = Config::read(&path, None).unwrap();
        if let Some(days) = ends_in_days {
            let store = crate::store::Store::open(config.clone(), crate::store::Begin::IfMissing).unwrap();
            let until = clock::SystemClock::default().now().plus_seconds(days * 86_400);
            let holder = Holder { name: "pas".to_owned(), made_ms: 0, until_ms: until.milliseconds() };
            note_holder(&config.data, &store.keys, holder).unwrap();
        }
        let mut findings = Findings::default();
        tls(&config, &mut findings);
        findings.0.into_iter().map(|finding| (finding.grade, finding.sentence)).collect()
    }

    fn says(text: &str, ends_in_days: Option<i64>, grade: Grade, words: &str) -> bool {
        said(text, ends_in_days).iter().any(|(had, sentence)| *had == grade && sentence.contains(words))
    }

    #[test]
    fn pages_in_clear_and_feeds_of_nobody_are_told() {
        assert!(says("[web]\nlisten = '0.0.0.0:8480'", None, Grade::Notice, "whoever is on the network"));
        assert!(says("", None, Grade::Notice, "the pages go in clear"));
        assert!(says("[web]\ntls = 'off'", None, Grade::Notice, "as the configuration says"));
        assert!(says("[web]\ntls = 'own'\nnames = ['lb.example']", None, Grade::Fine, "holds lb.example"));
        assert!(says("[[feeds]]\nname = 'pas'", None, Grade::Notice, "unauthenticated feed"));
        let listed = "[[feeds]]\nname = 'pas'\nlisten = '127.0.0.1:0'\npeers = ['10.1.2.3']";
        assert!(!says(listed, None, Grade::Notice, "unauthenticated feed"));
    }

    #[test]
    fn a_sender_s_certificate_that_ends_is_told_before() {
        let feed = "[[feeds]]\nname = 'pas'\ntls = 'required'";
        assert!(says(feed, Some(-1), Grade::Wrong, "has ended"));
        assert!(says(feed, Some(30), Grade::Notice, "ends on"));
        assert!(!says(feed, Some(300), Grade::Notice, "ends on"));
        let other = "[[feeds]]\nname = 'lab'\ntls = 'required'";
        assert!(says(other, Some(300), Grade::Notice, "nobody was given"));
    }
}

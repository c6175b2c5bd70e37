//! `[web]`: where the staff's pages are served, by which names, and whether by TLS; and what a feed says of its own TLS.
//!
//! Always: a name that no certificate can hold is refused with its sentence; without a word about `tls` pages go in clear, as
//! they always did, and `lifeboat doctor` warns. Never: a file or a socket opened here.

use rustls::pki_types::ServerName;
use serde::Deserialize;
use std::net::SocketAddr;

/// Most names that one certificate holds.
const NAMES_MAX: usize = 64;
/// Longest name of a sender; with what is put behind it, it must fit into a name of the net.
const SENDER_LETTERS_MAX: usize = 40;

/// How the pages are served.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum WebTls {
    /// By TLS, with certificates of Lifeboat's own authority.
    Own,
    /// In clear, on purpose.
    Off,
    /// In clear: the configuration is older than the choice.
    #[default]
    Unsaid,
}

/// The section as written.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub struct WebPart {
    pub listen: Option<SocketAddr>,
    pub address: Option<String>,
    pub post_peers: Vec<String>,
    tls: Option<TlsWord>,
    names: Vec<String>,
}

#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "lowercase")]
enum TlsWord {
    Own,
    Off,
}

/// What a feed says of TLS on its own doors.
#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "lowercase")]
pub enum FeedTlsWord {
    /// Only senders with a certificate of Lifeboat's own authority.
    Required,
    /// Plain, on purpose.
    Off,
}

impl WebPart {
    /// How the pages are served.
    pub fn tls(&self) -> WebTls {
        match self.tls {
            Some(TlsWord::Own) => WebTls::Own,
            Some(TlsWord::Off) => WebTls::Off,
            None => WebTls::Unsaid,
        }
    }

    /// The names and addresses by which people reach the pages.
    ///
    /// # Errors
    /// A sentence that names what cannot stand in a certificate.
    pub fn names(&self) -> Result<Vec<String>, String> {
        if self.names.len() > NAMES_MAX {
            return Err(format!("web.names holds more than {NAMES_MAX} names"));
        }
        for name in &self.names {
            if !is_name(name) {
                return Err(format!(
                    "\"{name}\" in web.names is no name and no address; write it as lifeboat.example or 10.1.2.3"
                ));
            }
        }
        Ok(self.names.clone())
    }
}

/// Whether a certificate can hold that as the name or the address of a machine.
pub fn is_name(text: &str) -> bool {
    ServerName::try_from(text).is_ok()
}

/// The name that a feed's senders must show; `None` where the feed wants no certificate.
///
/// # Errors
/// A sentence when the name cannot be one.
pub fn sender(feed: &str, word: Option<FeedTlsWord>, name: Option<String>) -> Result<Option<String>, String> {
    match (word, name) {
        (Some(FeedTlsWord::Required), name) => {
            let name = name.unwrap_or_else(|| feed.to_owned());
            match is_sender(&name) {
                true => Ok(Some(name)),
                false => Err(format!(
                    "\"{name}\" cannot stand in a certificate of feed {feed}: give it a tls_name of letters, digits and \
                     hyphens, at most {SENDER_LETTERS_MAX}"
                )),
            }
        }
        (_, Some(_)) => {
            Err(format!("feed {feed} has a tls_name; say tls = \"required\" as well, or remove it"))
        }
        (_, None) => Ok(None),
    }
}

/// Whether a certificate can be issued to a sender of that name.
pub fn is_sender(name: &str) -> bool {
    let plain = name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    (1..=SENDER_LETTERS_MAX).contains(&name.len()) && plain && !name.starts_with('-') && !name.ends_with('-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_no_certificate_can_hold_are_refused_in_words() {
        let read = |text: &str| toml::from_str::<WebPart>(text).map_err(|e| e.to_string())?.names();
        assert_eq!(read("names = ['lifeboat.northgate.example', '10.20.0.5', 'fd00::5']").unwrap().len(), 3);
        for bad in ["names = ['two words']", "names = ['']", "names = ['https://lifeboat.example']"] {
            assert!(read(bad).unwrap_err().contains("web.names"), "{bad}");
        }
        assert!(toml::from_str::<WebPart>("tls = 'maybe'").is_err());
    }

    #[test]
    fn a_feed_s_sender_is_called_like_the_feed_unless_it_says_otherwise() {
        let required = Some(FeedTlsWord::Required);
        assert_eq!(sender("pas", required, None).unwrap().as_deref(), Some("pas"));
        assert_eq!(sender("pas", required, Some("pas-2".to_owned())).unwrap().as_deref(), Some("pas-2"));
        assert_eq!(sender("pas", Some(FeedTlsWord::Off), None).unwrap(), None);
        for bad in ["two words", "a.b", "-a", "a-", ""] {
            assert!(sender("pas", required, Some(bad.to_owned())).unwrap_err().contains("tls_name"), "{bad}");
        }
        assert!(sender("pas", None, Some("pas".to_owned())).unwrap_err().contains("required"));
    }
}

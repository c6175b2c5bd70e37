//! `[public_page]`: where the public reads, and where the page is pushed to.
//!
//! Always: reading the section opens no file and no socket; the store's secret is in a file of its own, named here. A
//! store that cannot be made is said in a sentence and left out: the page is pressed and pushed everywhere else.

use super::read_small;
use public_page::Settings;
use serde::Deserialize;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// Connections of the public's own listener, when nothing is said.
const CONNECTIONS_MAX: usize = 8_192;

/// The section as written; paths are relative to the configuration's folder.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PublicPage {
    /// Where the public finds the page: `https://updates.northgate.example`.
    pub address: String,
    /// How the public asks questions.
    pub contact: String,
    /// The sender of CAP alerts.
    pub sender: String,
    /// The area that alerts speak of.
    pub area: String,
    /// Lifeboat's own listener for the public.
    pub public_web: Option<SocketAddr>,
    /// Its ceiling.
    pub connections_max: Option<usize>,
    /// A folder that a web server serves.
    pub folder: Option<PathBuf>,
    /// An S3-compatible store.
    pub store: Option<StorePart>,
    #[serde(skip)]
    base: PathBuf,
    #[serde(skip)]
    trust: String,
    #[serde(skip)]
    zone_name: String,
}

/// `[public_page.store]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StorePart {
    /// Where requests go; the bucket comes after it, as a path.
    pub endpoint: String,
    pub bucket: String,
    #[serde(default = "region")]
    pub region: String,
    /// A folder in the bucket.
    #[serde(default)]
    pub prefix: String,
    pub access_key: String,
    secret_file: PathBuf,
    ca_file: Option<PathBuf>,
}

fn region() -> String {
    "eu-west-2".to_owned()
}

impl PublicPage {
    /// Checks what can be checked without opening anything.
    pub fn checked(mut self, base: &Path, trust: &str, zone_name: &str) -> Result<Self, String> {
        base.clone_into(&mut self.base);
        trust.clone_into(&mut self.trust);
        zone_name.clone_into(&mut self.zone_name);
        self.folder = self.folder.map(|folder| base.join(folder));
        if self.address.is_empty() && (self.folder.is_some() || self.store.is_some()) {
            return Err("public_page.address is missing: the page must say where it stands".to_owned());
        }
        if let Some(store) = &self.store {
            let address = store.endpoint.strip_prefix("https://").or(store.endpoint.strip_prefix("http://"));
            if address.is_none_or(|rest| rest.is_empty() || rest.contains(['/', '@', ' ', '?', '#'])) {
                return Err(format!(
                    "public_page.store.endpoint = \"{}\" must be https:// and a host, nothing more",
                    store.endpoint
                ));
            }
            for (key, text) in [("bucket", &store.bucket), ("access_key", &store.access_key)] {
                if text.is_empty() || text.contains(|c: char| c.is_whitespace() || c == '/' || !c.is_ascii())
                {
                    return Err(format!("public_page.store.{key} is missing or cannot be one"));
                }
            }
        }
        if self.is_configured() {
            self.settings(self.public_web)?;
        }
        Ok(self)
    }

    /// The demonstration's: served by Lifeboat itself and pushed nowhere.
    pub fn of_demo(trust: &str, public_web: SocketAddr) -> Self {
        Self {
            public_web: Some(public_web),
            trust: trust.to_owned(),
            zone_name: "Europe/London".to_owned(),
            ..Self::default()
        }
    }

    /// Whether there is a public page at all.
    pub fn is_configured(&self) -> bool {
        !self.address.is_empty() || self.public_web.is_some()
    }

    /// What the page knows of the trust. `bound`: where Lifeboat itself serves it, for want of an address.
    pub fn settings(&self, bound: Option<SocketAddr>) -> Result<Settings, String> {
        let address = match (self.address.as_str(), bound) {
            ("", Some(bound)) => format!("http://{bound}"),
            // Never pushed: for the preview alone.
            ("", None) => "https://address-not-set.invalid".to_owned(),
            (address, _) => address.to_owned(),
        };
        let trust = if self.trust.trim().is_empty() { "Our hospitals" } else { &self.trust };
        let host = address.split("://").nth(1).and_then(|rest| rest.split(['/', ':']).next()).unwrap_or("");
        let or = |text: &str, other: String| if text.is_empty() { other } else { text.to_owned() };
        Settings {
            trust: trust.to_owned(),
            contact: self.contact.clone(),
            sender: or(&self.sender, format!("lifeboat@{host}")),
            area: or(&self.area, trust.to_owned()),
            zone_name: self.zone_name.clone(),
            address,
        }
        .checked()
        .map_err(|fault| fault.to_string())
    }

    /// Connections that the public's own listener holds.
    pub fn connections(&self) -> usize {
        self.connections_max.unwrap_or(CONNECTIONS_MAX).clamp(16, 60_000)
    }

    /// The file of the store's secret.
    pub fn secret_file(&self) -> Option<PathBuf> {
        self.store.as_ref().map(|store| self.base.join(&store.secret_file))
    }

    /// The store's secret.
    pub fn secret(&self) -> Result<Zeroizing<String>, String> {
        let path = self.secret_file().ok_or("there is no store")?;
        let bytes = Zeroizing::new(read_small(&path)?);
        let text = std::str::from_utf8(&bytes).map_err(|_| format!("{} is not text", path.display()))?;
        Ok(Zeroizing::new(text.trim().to_owned()))
    }

    /// The certificates that the store is known by, where they are not the public ones.
    pub fn certificates(&self) -> Result<Option<Vec<u8>>, String> {
        let path = self.store.as_ref().and_then(|store| store.ca_file.as_ref());
        path.map(|path| read_small(&self.base.join(path))).transpose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<PublicPage, String> {
        let section: PublicPage = toml::from_str(text).map_err(|e| e.to_string())?;
        section.checked(Path::new("etc"), "Northgate", "Europe/London")
    }

    #[test]
    fn what_cannot_be_a_public_page_is_refused_in_words() {
        let store = "[store]\nbucket = 'b'\naccess_key = 'k'\nsecret_file = 's'\nendpoint = ";
        for (text, words) in [
            ("folder = 'www'".to_owned(), "address is missing"),
            ("address = 'updates.example'".to_owned(), "https://"),
            (format!("address = 'https://u.example'\n{store}'s3.example'"), "endpoint"),
            (format!("address = 'https://u.example'\n{store}'https://k:s@s3.example'"), "endpoint"),
            ("adress = 'x'".to_owned(), "unknown field"),
        ] {
            let refused = read(&text).unwrap_err();
            assert!(refused.contains(words), "{text}: {refused}");
        }
    }

    #[test]
    fn the_page_says_where_it_stands() {
        assert!(!read("").unwrap().is_configured());
        let own = read("public_web = '127.0.0.1:0'").unwrap();
        let bound = "127.0.0.1:8481".parse().ok();
        assert_eq!(own.settings(bound).unwrap().address, "http://127.0.0.1:8481");
        let page = read("address = 'https://u.example/'\nfolder = 'www'").unwrap();
        assert_eq!(page.settings(bound).unwrap().address, "https://u.example");
        assert_eq!(page.settings(bound).unwrap().sender, "lifeboat@u.example");
        assert_eq!(page.folder.as_deref(), Some(Path::new("etc/www")));
    }
}

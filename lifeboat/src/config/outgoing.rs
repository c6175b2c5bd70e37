//! Where a configuration lets Lifeboat call, and where it lets it write: what everything else is denied by.
//!
//! Always: what is not named here is not needed; a new gateway or a new folder is added here, or it does not work under
//! `hardening`. Never: a name server asked, or a folder looked into.

use super::Config;
use std::collections::BTreeSet;
use std::path::PathBuf;

/// Name servers answer over TCP what is too long for a datagram.
const DNS: u16 = 53;

impl Config {
    /// The TCP ports that Lifeboat may call; none when the configuration names nobody.
    pub fn ports_out(&self) -> BTreeSet<u16> {
        let store = self.public_page.store.iter().map(|store| store.endpoint.clone());
        let all = self.outbound.addresses().into_iter().chain(self.diverts.addresses()).chain(store);
        let mut ports: BTreeSet<u16> = all.filter_map(|address| port_of(&address)).collect();
        if !ports.is_empty() {
            ports.insert(DNS);
        }
        ports
    }

    /// The folders below which Lifeboat may write.
    pub fn folders_out(&self) -> Vec<PathBuf> {
        std::iter::once(self.data.clone()).chain(self.public_page.folder.clone()).collect()
    }
}

/// The port of "scheme://user@host:port/path".
fn port_of(address: &str) -> Option<u16> {
    let (scheme, rest) = address.split_once("://")?;
    let host = rest.split(['/', '?', '#']).next()?.rsplit('@').next()?;
    let after = match host.split_once(']') {
        Some((_, after)) => after.strip_prefix(':'),
        None => host.split_once(':').map(|(_, port)| port),
    };
    match (after, scheme) {
        (Some(port), _) => port.parse().ok(),
        (None, "https") => Some(443),
        (None, "http") => Some(80),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    fn config(text: &str) -> Config {
        Config::parse(text, Path::new("etc/lifeboat.toml"), None).unwrap()
    }

    #[test]
    fn only_what_the_configuration_names_may_be_called() {
        let none = config("");
        assert_eq!(none.ports_out(), BTreeSet::new());
        assert_eq!(none.folders_out(), [PathBuf::from("etc/lifeboat-data")]);
        let text = "[outbound]\nsms = 'notify'\nemail = 'smtp'\n[outbound.notify]\nkey_file = 'k'\n[outbound.smtp]\n\
                    host = 'mail.example'\nfrom = 'a@b.example'\n[[outbound.webhooks]]\nname = 'rota'\n\
                    url = 'http://rota.example:8080/x'\nsecret_file = 's'\n[diverts]\nregion = 'r'\n[diverts.osrm]\n\
                    url = 'http://[fd00::5]:5000'\n[[diverts.neighbours]]\nname = 'East'\nurl = 'https://e.example/h'\n\
                    [public_page]\naddress = 'https://u.example'\nfolder = 'www'\n[public_page.store]\nbucket = 'b'\n\
                    access_key = 'k'\nsecret_file = 's'\nendpoint = 'https://s3.example:9000'\n";
        let all = config(text);
        assert_eq!(all.ports_out(), BTreeSet::from([DNS, 443, 587, 5000, 8080, 9000]));
        assert_eq!(all.folders_out(), [PathBuf::from("etc/lifeboat-data"), PathBuf::from("etc/www")]);
    }

    #[test]
    fn an_address_s_port_is_the_one_written_or_the_usual_one() {
        for (address, port) in [
            ("https://a.example", Some(443)),
            ("http://a.example/x:9", Some(80)),
            ("http://user:pass@a.example:81", Some(81)),
            ("https://[::1]", Some(443)),
            ("https://[::1]:444/", Some(444)),
            ("smtp://mail.example:25", Some(25)),
            ("nonsense", None),
        ] {
            assert_eq!(port_of(address), port, "{address}");
        }
    }
}

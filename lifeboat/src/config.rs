//! The configuration file: TOML, every key with a safe default, nothing unknown let through.
//!
//! Always: a key that is misspelt is refused with its line, since a setting that is silently ignored is found out on
//! the worst day. `lifeboat init` writes the template beside this file; a test reads it back, so that it stays true.
//! Read by every subcommand that is given `--config`; checked further by `lifeboat doctor`.

mod clinics;
mod diverts;
mod outbound;
mod outgoing;
mod public_page;
mod web;

use crate::failure::Failure;
use basics::{FeedName, SiteId, Zone};
use control_room::{AccessSetup, ClinicSetup, FeedFormat, FeedSetup, Setup};
use intake::{MllpLimits, Network, Peers};
use screens::AgeThresholds;
use serde::Deserialize;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use translate::{Headings, LocationMap};

pub use diverts::{Diverts, Neighbour as DivertNeighbour};
pub use outbound::Outbound;
pub use public_page::PublicPage;
use web::{FeedTlsWord, WebPart};
pub use web::{WebTls, is_name, is_sender};

/// The commented template that `lifeboat init` writes.
pub const TEMPLATE: &str = include_str!("../lifeboat.toml");

/// Where the record lies when nobody says.
pub const DATA_DEFAULT: &str = "lifeboat-data";

/// Everything that can be configured, checked.
#[derive(Clone, Debug)]
pub struct Config {
    /// The data directory.
    pub data: PathBuf,
    /// The trust's name, on every page and sheet.
    pub trust: String,
    /// The trust's hospitals, beside those that feeds are of.
    pub hospitals: Vec<SiteId>,
    /// The zone that the hospital's clocks show.
    pub zone: Zone,
    /// "EXERCISE" or "DEMONSTRATION" across every page and sheet.
    pub watermark: Option<String>,
    /// How a new record's keys are wrapped; `None`: by passphrase when one is in the environment.
    pub unlock: Option<Unlock>,
    /// Where the machine key is kept.
    machine_key: Option<PathBuf>,
    /// Where the web pages are served.
    pub web: SocketAddr,
    /// Whether they are served by TLS.
    pub tls: WebTls,
    /// Names and addresses by which people reach them, for the certificate.
    pub names: Vec<String>,
    /// The address in the QR codes of printed sheets; empty for none.
    pub address: String,
    /// Who may post messages over HTTP.
    pub post_peers: Peers,
    /// Ages at which data are marked.
    pub ages: AgeThresholds,
    /// Packs rendered at the same time.
    pub packs_at_once_max: usize,
    /// Seconds after which a pack is made again although nothing changed on its ward.
    pub packs_age_seconds_max: u32,
    /// Memory for the index, in mebibytes.
    pub index_cache_mb: u32,
    /// The gateways by which messages leave.
    pub outbound: Outbound,
    /// Where the public reads.
    pub public_page: PublicPage,
    /// How patients reach the hospitals about their bookings.
    pub clinics: ClinicSetup,
    /// The region of ambulance diverts, its travel times, neighbours' reports.
    pub diverts: Diverts,
    /// How much a guess costs, how long sessions last; no file changes it yet.
    pub access: AccessSetup,
    /// The feeds.
    pub feeds: Vec<Feed>,
}

/// One feed: what the control room needs to know, and the doors through which it comes.
#[derive(Clone, Debug)]
pub struct Feed {
    /// Its rules.
    pub setup: FeedSetup,
    /// Its MLLP listener, if it has one.
    pub listen: Option<SocketAddr>,
    /// Who may connect to it.
    pub peers: Peers,
    /// The ceilings of its listener.
    pub limits: MllpLimits,
    /// Its senders leave out the carriage return after a frame's end mark.
    pub end_mark_alone: bool,
    /// The name that its senders' certificates must hold; `None` where none is wanted.
    pub tls_sender: Option<String>,
}

/// How the keys of a new record are wrapped.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Unlock {
    /// A person types a passphrase at every start.
    Passphrase,
    /// The machine has a key of its own and starts unattended.
    Machine,
}

impl Config {
    /// The defaults, for commands that are given a data directory and nothing else.
    pub fn of_data(data: PathBuf) -> Self {
        Self::from_file(File::default(), data, Path::new("."))
            .unwrap_or_else(|_| unreachable!("the defaults are sound"))
    }

    /// Reads a configuration file. `data` from the command line wins over the file's.
    pub fn read(path: &Path, data: Option<PathBuf>) -> Result<Self, Failure> {
        let text = std::fs::read_to_string(path).map_err(|e| {
            Failure::usage(format!("could not read the configuration {}: {e}", path.display()))
        })?;
        Self::parse(&text, path, data)
    }

    /// Reads configuration text; `path` is for its sentences and for what is relative to it.
    pub fn parse(text: &str, path: &Path, data: Option<PathBuf>) -> Result<Self, Failure> {
        let file: File = toml::from_str(text).map_err(|e| {
            Failure::usage(format!("the configuration {} cannot be used:\n{e}", path.display()))
        })?;
        let folder = path.parent().unwrap_or(Path::new("."));
        let data =
            data.unwrap_or_else(|| folder.join(file.data.as_deref().unwrap_or(Path::new(DATA_DEFAULT))));
        Self::from_file(file, data, folder).map_err(|why| {
            Failure::usage(format!("the configuration {} cannot be used: {why}", path.display()))
        })
    }

    fn from_file(file: File, data: PathBuf, folder: &Path) -> Result<Self, String> {
        let zone_name = file.zone.as_deref().unwrap_or("Europe/London");
        let zone =
            Zone::named(zone_name).ok_or_else(|| format!("there is no time zone called {zone_name}"))?;
        let mut feeds: Vec<Feed> = Vec::new();
        for feed in file.feeds {
            let feed = feed.checked(&zone)?;
            if feeds.iter().any(|known| known.setup.name == feed.setup.name) {
                return Err(format!("two feeds are called {}", feed.setup.name));
            }
            if feed.listen.is_some() && feeds.iter().any(|known| known.listen == feed.listen) {
                return Err(format!("the feed {} listens where another does", feed.setup.name));
            }
            feeds.push(feed);
        }
        let ages = AgeThresholds {
            amber_seconds: file.ages.amber_seconds.unwrap_or(AgeThresholds::default().amber_seconds),
            red_seconds: file.ages.red_seconds.unwrap_or(AgeThresholds::default().red_seconds),
        };
        if ages.red_seconds < ages.amber_seconds {
            return Err("ages.red_seconds is less than ages.amber_seconds".to_owned());
        }
        let hospital = |name: &String| {
            SiteId::new(name).ok_or_else(|| format!("\"{name}\" in hospitals is no hospital's name"))
        };
        let hospitals = file.hospitals.iter().map(hospital).collect::<Result<_, _>>()?;
        let post_peers = peers(&file.web.post_peers)?;
        for feed in &mut feeds {
            let listed = if feed.listen.is_some() { &feed.peers } else { &post_peers };
            feed.setup.authenticated = feed.tls_sender.is_some() || names_senders(listed);
        }
        Ok(Self {
            data,
            trust: file.trust.clone().unwrap_or_default(),
            hospitals,
            zone,
            watermark: file.watermark.filter(|text| !text.trim().is_empty()),
            unlock: file.keys.unlock,
            machine_key: file.keys.machine_key.map(|path| folder.join(path)),
            web: file.web.listen.unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 8480))),
            tls: file.web.tls(),
            names: file.web.names()?,
            address: file.web.address.unwrap_or_default(),
            post_peers,
            ages,
            packs_at_once_max: file.packs.at_once_max.unwrap_or(1).clamp(1, 64),
            packs_age_seconds_max: file.packs.age_seconds_max.unwrap_or(900).max(60),
            index_cache_mb: file.index_cache_mb.unwrap_or(96),
            outbound: file.outbound.checked(folder)?,
            clinics: file.clinics.checked()?,
            diverts: file.diverts.checked(folder)?,
            public_page: file.public_page.checked(folder, file.trust.as_deref().unwrap_or(""), zone_name)?,
            access: AccessSetup::default(),
            feeds,
        })
    }

    /// The file that holds the machine key: the one named, else the credential that systemd hands over, else one beside the
    /// record.
    pub fn machine_key(&self) -> PathBuf {
        let handed_over = || {
            let folder = std::env::var_os("CREDENTIALS_DIRECTORY")?;
            Some(Path::new(&folder).join("lifeboat.key")).filter(|path| path.exists())
        };
        let named = self.machine_key.clone().or_else(handed_over);
        named.unwrap_or_else(|| self.data.join("machine.key"))
    }

    /// What the control room needs to know.
    pub fn setup(&self) -> Setup {
        Setup {
            data_dir: self.data.clone(),
            feeds: self.feeds.iter().map(|feed| feed.setup.clone()).collect(),
            zone: self.zone.clone(),
            trust: self.trust.clone(),
            index_cache_mb: self.index_cache_mb,
            watermark: self.watermark.clone(),
            address: self.address.clone(),
            clinics: self.clinics.clone(),
            access: self.access,
            ..Setup::default()
        }
    }
}

fn peers(texts: &[String]) -> Result<Peers, String> {
    let networks: Result<Vec<Network>, _> = texts.iter().map(|text| text.parse()).collect();
    networks.map(Peers::new).map_err(|e| e.to_string())
}

/// Whether the list says whom it admits: one that names nobody, or everybody, proves nothing of who sends.
fn names_senders(peers: &Peers) -> bool {
    *peers != Peers::default() && !peers.is_open_to_all()
}

/// The file as written.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct File {
    data: Option<PathBuf>,
    trust: Option<String>,
    hospitals: Vec<String>,
    zone: Option<String>,
    watermark: Option<String>,
    index_cache_mb: Option<u32>,
    keys: KeysPart,
    web: WebPart,
    ages: AgesPart,
    packs: PacksPart,
    outbound: Outbound,
    clinics: clinics::Clinics,
    diverts: Diverts,
    public_page: PublicPage,
    feeds: Vec<FeedPart>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct KeysPart {
    unlock: Option<Unlock>,
    machine_key: Option<PathBuf>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct AgesPart {
    amber_seconds: Option<u32>,
    red_seconds: Option<u32>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct PacksPart {
    at_once_max: Option<usize>,
    age_seconds_max: Option<u32>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct FeedPart {
    name: String,
    format: Format,
    listen: Option<SocketAddr>,
    peers: Vec<String>,
    tls: Option<FeedTlsWord>,
    tls_name: Option<String>,
    site: Option<String>,
    strict: bool,
    silent_after_seconds: Option<u32>,
    zone: Option<String>,
    end_mark_alone: bool,
    connections_max: Option<usize>,
    frame_bytes_max: Option<usize>,
    frame_wait_seconds_max: Option<u64>,
    locations: LocationMap,
    columns: Headings,
}

#[derive(Deserialize, Default, Clone, Copy)]
#[serde(rename_all = "lowercase")]
enum Format {
    Hl7,
    Fhir,
    #[default]
    Either,
}

impl FeedPart {
    fn checked(self, zone: &Zone) -> Result<Feed, String> {
        let name = FeedName::new(&self.name).ok_or("a feed has no name")?;
        if name.as_str() != self.name || self.name.contains(['/', '?', '#', '%']) {
            return Err(format!(
                "\"{}\" cannot be a feed's name: use letters, digits and hyphens, at most 40",
                self.name
            ));
        }
        let mut setup = FeedSetup::named(name);
        setup.site = match &self.site {
            Some(text) => {
                Some(SiteId::new(text).ok_or_else(|| format!("the site of feed {} is empty", setup.name))?)
            }
            None => None,
        };
        setup.format = match self.format {
            Format::Hl7 => FeedFormat::Hl7,
            Format::Fhir => FeedFormat::Fhir,
            Format::Either => FeedFormat::Either,
        };
        setup.strict = self.strict;
        setup.silent_after_seconds = self.silent_after_seconds.unwrap_or(setup.silent_after_seconds);
        setup.zone = match &self.zone {
            Some(text) => Zone::named(text).ok_or_else(|| format!("there is no time zone called {text}"))?,
            None => zone.clone(),
        };
        setup.locations = self.locations;
        setup.columns = self.columns;
        let mut limits = MllpLimits::default();
        limits.connections_max = self.connections_max.unwrap_or(limits.connections_max).max(1);
        limits.frame_bytes_max = self.frame_bytes_max.unwrap_or(limits.frame_bytes_max).clamp(1024, 60 << 20);
        limits.frame_wait_ms_max =
            self.frame_wait_seconds_max.map_or(limits.frame_wait_ms_max, |s| s.clamp(1, 3600) * 1000);
        let peers = peers(&self.peers).map_err(|why| format!("the peers of feed {}: {why}", setup.name))?;
        let tls_sender = web::sender(setup.name.as_str(), self.tls, self.tls_name)?;
        Ok(Feed {
            setup,
            listen: self.listen,
            peers,
            limits,
            end_mark_alone: self.end_mark_alone,
            tls_sender,
        })
    }
}

/// Largest file of a secret or of certificates.
const SECRET_BYTES_MAX: u64 = 1 << 20;

/// A secret or a certificate from its file; the error says which file and why.
fn read_small(path: &Path) -> Result<Vec<u8>, String> {
    let unread = |e: std::io::Error| format!("could not read {}: {e}", path.display());
    let length = std::fs::metadata(path).map_err(unread)?.len();
    if length > SECRET_BYTES_MAX {
        return Err(format!("{} is too large to be a secret or a certificate", path.display()));
    }
    std::fs::read(path).map_err(unread)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Config, String> {
        Config::parse(text, Path::new("etc/lifeboat.toml"), None).map_err(|failure| failure.sentence)
    }

    #[test]
    fn the_template_is_a_configuration() {
        let config = parse(TEMPLATE).unwrap();
        assert!(!config.feeds.is_empty());
        // With every commented setting switched on it must be one too: no comment may go stale.
        let all: String = TEMPLATE
            .lines()
            .map(|line| line.strip_prefix("#:").unwrap_or(line).trim_start().to_owned() + "\n")
            .collect();
        parse(&all).unwrap();
    }

    #[test]
    fn what_cannot_be_used_is_refused_in_words() {
        for (text, words) in [
            ("trsut = 'x'", "line 1"),
            ("\n[web]\nlisen = '127.0.0.1:1'", "line 3"),
            ("zone = 'Europe/Atlantis'", "no time zone called Europe/Atlantis"),
            ("[[feeds]]\nname = ''", "no name"),
            ("[[feeds]]\nname = 'a/b'", "cannot be a feed's name"),
            ("[[feeds]]\nname = 'a'\n[[feeds]]\nname = 'a'", "two feeds are called a"),
            ("[[feeds]]\nname = 'a'\npeers = ['10.0.0.0/99']", "no address and no network"),
            ("[[feeds]]\nname = 'a'\nlisten = 'here'", "line 3"),
            ("[[feeds]]\nname = 'a'\n[feeds.locations]\nwrad = 1", "line 4"),
            ("[web]\nnames = ['two words']", "no name and no address"),
            ("[[feeds]]\nname = 'a b'\ntls = 'required'", "tls_name"),
            ("[outbound]\nsms = 'nobody'", "names no gateway"),
            ("[clinics]\nphone = 'soon'", "no telephone number"),
            ("[diverts]\nregoin = 'x'", "line 2"),
            ("[diverts]\ntimes = 'x.csv'", "travel times but no region"),
            ("[diverts]\nregion = 'r'\n[diverts.osrm]\nurl = 'ftp://x'", "must begin with http"),
            ("[diverts]\nregion = 'r'\n[diverts.estimate]\nfactor = 0.5", "factor is 1 to 5"),
            ("[[diverts.neighbours]]\nname = ' '\nurl = 'http://x/'", "has no name"),
            ("[ages]\namber_seconds = 10\nred_seconds = 5", "less than"),
        ] {
            let refused = parse(text).unwrap_err();
            assert!(refused.contains(words), "{text:?}: {refused}");
            assert!(refused.contains("lifeboat.toml"), "{refused}");
        }
    }

    #[test]
    fn a_feed_is_authenticated_by_a_certificate_or_a_list_and_by_nothing_else() {
        for (feed, authenticated) in [
            ("", false),
            ("listen = '10.0.0.1:1'\npeers = ['10.1.0.0/16']", true),
            ("listen = '10.0.0.1:1'\npeers = ['0.0.0.0/0']", false),
            ("listen = '10.0.0.1:1'", false),
            ("tls = 'required'", true),
        ] {
            let config = parse(&format!("[[feeds]]\nname = 'pas'\n{feed}")).unwrap();
            assert_eq!(config.feeds[0].setup.authenticated, authenticated, "{feed}");
        }
        let posted = parse("[web]\npost_peers = ['10.1.2.3']\n[[feeds]]\nname = 'pas'").unwrap();
        assert!(posted.feeds[0].setup.authenticated);
        assert_eq!(parse("").unwrap().tls, WebTls::Unsaid, "an older configuration stays as it was");
        assert_eq!(parse(TEMPLATE).unwrap().tls, WebTls::Own, "a new one is encrypted");
    }

    #[test]
    fn paths_are_relative_to_the_file() {
        let config = parse("data = 'record'\n[keys]\nmachine_key = '/elsewhere/key'").unwrap();
        assert_eq!(config.data, Path::new("etc/record"));
        assert_eq!(config.machine_key(), Path::new("/elsewhere/key"));
        assert_eq!(parse("").unwrap().machine_key(), Path::new("etc/lifeboat-data/machine.key"));
    }
}

//! `lifeboat ca …`: the house's own certificate authority, for people: by which words devices learn to trust it, the page that
//! is printed for that, certificates for senders of messages, a new one for the server.
//!
//! Always: works beside a running Lifeboat; a private key is written to a file of mode 0600 that was not there before. Never:
//! a private key on the screen; the authority's own key anywhere. The procedure: docs/guides/tls.md.

use super::Place;
use crate::clock::SystemClock;
use crate::config::{Config, is_sender};
use crate::exit_codes::Ending;
use crate::failure::Failure;
use crate::store::{self, Begin, Store};
use crate::transport::authority::{Holder, holders, note_holder};
use crate::transport::{Authority, names, redirect_address, server_papers};
use crate::{json, keys, table};
use basics::{Clock, Moment};
use logbook::Keys;
use paper::{AuthorityPage, Letterhead, Press};
use serde::Serialize;
use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

#[derive(clap::Args)]
pub struct CaArgs {
    #[command(subcommand)]
    what: Ca,
}

#[derive(clap::Subcommand)]
enum Ca {
    /// The authority's fingerprint in words and digits, and who was given certificates
    Show(ShowArgs),
    /// The authority as one printed page: how a device learns to trust it
    Page(PageArgs),
    /// A certificate with its key for a sender of messages
    Issue(IssueArgs),
    /// A new certificate for the server, with the names of the configuration as it is now
    Renew,
}

#[derive(clap::Args)]
struct ShowArgs {
    /// The certificate itself, as text, for copying to a device
    #[arg(long, conflicts_with = "json")]
    pem: bool,
    /// JSON lines: the authority, then each certificate that was issued
    #[arg(long)]
    json: bool,
}

#[derive(clap::Args)]
struct PageArgs {
    /// Where to write the PDF; never over a file that is there
    #[arg(long, value_name = "FILE", default_value = "lifeboat-authority.pdf")]
    out: PathBuf,
}

#[derive(clap::Args)]
struct IssueArgs {
    /// The sender's name: the feed's, or its tls_name in the configuration
    name: String,
    /// The folder for NAME.crt and NAME.key; never over files that are there
    #[arg(long, value_name = "DIR", default_value = ".")]
    out: PathBuf,
}

pub fn run(place: Place, args: CaArgs) -> Result<Ending, Failure> {
    let config = place.config()?;
    let opened = Opened::of(&config)?;
    match args.what {
        Ca::Show(args) => show(&config, &opened, &args),
        Ca::Page(args) => page(&config, &opened, &args),
        Ca::Issue(args) => issue(&config, &opened, &args),
        Ca::Renew => renew(&config, &opened),
    }
}

/// The authority and what opened it.
struct Opened {
    by: By,
    authority: Authority,
    now: Moment,
}

/// The keys, beside a Lifeboat that runs or with the folder held.
enum By {
    Keys(Keys),
    Store(Box<Store>),
}

impl Opened {
    fn keys(&self) -> &Keys {
        match &self.by {
            By::Keys(keys) => keys,
            By::Store(store) => &store.keys,
        }
    }

    fn of(config: &Config) -> Result<Self, Failure> {
        let now = SystemClock::default().now();
        if store::is_held(&config.data) {
            let keys = keys::open(config, false, keys::Patience::GiveUp)?;
            let authority = Authority::open(&config.data, &keys)?.ok_or_else(|| {
                Failure::failed(
                    "the Lifeboat that runs there has no authority; say tls = \"own\" under [web], and start it again",
                )
            })?;
            return Ok(Self { by: By::Keys(keys), authority, now });
        }
        let store = Store::open(config.clone(), Begin::IfMissing)?;
        let authority = Authority::open_or_make(&config.data, &store.keys, &config.trust, now)?;
        Ok(Self { by: By::Store(Box::new(store)), authority, now })
    }
}

#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Line<'a> {
    Authority { name: &'a str, words: String, sha256: String },
    Issued { name: &'a str, made: String, until: String },
}

fn show(config: &Config, opened: &Opened, args: &ShowArgs) -> Result<Ending, Failure> {
    let fingerprint = opened.authority.fingerprint();
    if args.pem {
        table::put(opened.authority.pem().trim_end());
        return Ok(Ending::Fine);
    }
    let issued = holders(&config.data, opened.keys())?;
    let day = |ms: i64| Moment::from_milliseconds(ms).rfc3339();
    if args.json {
        let words = fingerprint.words().join(" ");
        json::line(&Line::Authority { name: opened.authority.name(), words, sha256: fingerprint.hex() });
        for Holder { name, made_ms, until_ms } in &issued {
            json::line(&Line::Issued { name, made: day(*made_ms), until: day(*until_ms) });
        }
        return Ok(Ending::Fine);
    }
    table::put(&format!("Authority  {}", opened.authority.name()));
    table::put(&format!("In words   {}", fingerprint.words().join(" ")));
    table::put(&format!("SHA-256    {}", fingerprint.hex()));
    let rows: Vec<Vec<String>> = issued
        .iter()
        .map(|holder| vec![holder.name.clone(), day(holder.made_ms), day(holder.until_ms)])
        .collect();
    if rows.is_empty() {
        table::put("No sender was given a certificate yet (lifeboat ca issue NAME).");
    } else {
        table::print(&["sender", "issued", "until"], &rows);
    }
    Ok(Ending::Fine)
}

fn page(config: &Config, opened: &Opened, args: &PageArgs) -> Result<Ending, Failure> {
    let fingerprint = opened.authority.fingerprint();
    let address = names::for_people(config);
    let page = AuthorityPage {
        name: opened.authority.name().to_owned(),
        words: fingerprint.words().into_iter().map(str::to_owned).collect(),
        sha256: fingerprint.hex(),
        certificate: redirect_address(&address),
        pages: address,
    };
    let head = Letterhead {
        trust: config.trust.clone(),
        incident: String::new(),
        printed: opened.now,
        watermark: config.watermark.clone(),
        record: String::new(),
    };
    let pdf = Press::new()
        .and_then(|press| press.authority_page(&page, &head, &config.zone))
        .map_err(|fault| Failure::failed(fault.to_string()))?;
    write_new(&args.out, 0o644, &pdf.pdf)?;
    table::put(&format!("{}: one page to print. It holds no secret.", args.out.display()));
    Ok(Ending::Fine)
}

fn issue(config: &Config, opened: &Opened, args: &IssueArgs) -> Result<Ending, Failure> {
    if !is_sender(&args.name) {
        return Err(Failure::usage(
            "a sender's name has letters, digits and hyphens, at most 40; it is the feed's name, or its tls_name",
        ));
    }
    let issued = opened.authority.issue_sender(&args.name, opened.now)?;
    let holder = Holder {
        name: args.name.clone(),
        made_ms: opened.now.milliseconds(),
        until_ms: issued.until.milliseconds(),
    };
    let (certificate, key) =
        (args.out.join(format!("{}.crt", args.name)), args.out.join(format!("{}.key", args.name)));
    write_new(&key, 0o600, issued.key_pem.as_bytes())?;
    if let Err(failure) = write_new(&certificate, 0o644, issued.certificate_pem.as_bytes())
        .and_then(|()| note_holder(&config.data, opened.keys(), holder))
    {
        // Nobody shall hold a key of which nothing is written down.
        let _ = std::fs::remove_file(&key);
        return Err(failure);
    }
    table::put(&format!(
        "{} and {} (secret): for the sender {}.",
        certificate.display(),
        key.display(),
        args.name
    ));
    table::put(&format!(
        "They count until {}. The sender also needs: lifeboat ca show --pem",
        issued.until.rfc3339()
    ));
    let wanted = config
        .feeds
        .iter()
        .any(|feed| feed.tls_sender.as_ref().is_some_and(|sender| sender.eq_ignore_ascii_case(&args.name)));
    if !wanted {
        table::put(
            "No feed asks for it yet: say tls = \"required\" under the feed, and start Lifeboat again.",
        );
    }
    Ok(Ending::Fine)
}

fn renew(config: &Config, opened: &Opened) -> Result<Ending, Failure> {
    let all = names::of_server(config);
    if matches!(opened.by, By::Store(_)) {
        table::put("Lifeboat does not run; it makes a new certificate at every start.");
    } else {
        server_papers::ask(&config.data, opened.keys(), all.clone())?;
        table::put("The Lifeboat that runs makes a new certificate within half a minute.");
    }
    table::put(&format!("Its names: {}", all.join(", ")));
    Ok(Ending::Fine)
}

fn write_new(path: &Path, mode: u32, bytes: &[u8]) -> Result<(), Failure> {
    let opened = OpenOptions::new().write(true).create_new(true).mode(mode).open(path);
    opened
        .and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()))
        .map_err(|e| Failure::failed(format!("could not write {}: {e}", path.display())))
}

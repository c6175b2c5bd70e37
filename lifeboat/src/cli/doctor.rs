//! `lifeboat doctor`: what is wrong with a configuration or a data directory, in sentences, before the day it counts.
//!
//! Always: looks at everything, even after the first fault; changes nothing but a probe file that it removes again.

mod accounts;
mod transport;

use super::Place;
use crate::config::{Config, Feed};
use crate::exit_codes::Ending;
use crate::failure::Failure;
use crate::{clock, keys, store, table};
use basics::{Clock, SiteId};
use control_room::ClinicForms;
use serde::Serialize;
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::Write;
use std::net::{SocketAddr, TcpListener};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// Below this much free space the record has no room for a day.
const FREE_BYTES_MIN: u64 = 2 << 30;
/// No machine's clock that is right shows an earlier moment (2026-01-01).
const CLOCK_MIN_MS: i64 = 1_767_225_600_000;

#[derive(clap::Args)]
pub struct DoctorArgs {
    /// JSON lines, one object a finding
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Debug)]
#[serde(rename_all = "lowercase")]
enum Grade {
    Fine,
    Notice,
    Wrong,
}

#[derive(Serialize)]
struct Finding {
    grade: Grade,
    about: &'static str,
    sentence: String,
}

#[derive(Default)]
struct Findings(Vec<Finding>);

impl Findings {
    fn fine(&mut self, about: &'static str, sentence: impl Into<String>) {
        self.0.push(Finding { grade: Grade::Fine, about, sentence: sentence.into() });
    }
    fn notice(&mut self, about: &'static str, sentence: impl Into<String>) {
        self.0.push(Finding { grade: Grade::Notice, about, sentence: sentence.into() });
    }
    fn wrong(&mut self, about: &'static str, sentence: impl Into<String>) {
        self.0.push(Finding { grade: Grade::Wrong, about, sentence: sentence.into() });
    }
}

pub fn run(place: Place, args: DoctorArgs) -> Result<Ending, Failure> {
    let config = place.config()?;
    let mut findings = Findings::default();
    if place.config.is_some() {
        findings.fine("configuration", "it can be read and every key in it is known");
    }
    // Its ports are then its own.
    let running = store::is_held(&config.data);
    data(&config, running, &mut findings);
    keys_of(&config, &mut findings);
    clock_of(&mut findings);
    ports(&config, running, &mut findings);
    feeds(&config, &mut findings);
    transport::tls(&config, &mut findings);
    transport::confinement(&mut findings);
    outbound(&config, &mut findings);
    clinic_phones(&config, &mut findings);
    clinic_forms(&config, &mut findings);
    accounts::check(&config, &mut findings);
    public_page(&config, &mut findings);
    diverts(&config, &mut findings);
    paper(&mut findings);
    for finding in &findings.0 {
        if args.json {
            crate::json::line(finding);
        } else {
            let mark = match finding.grade {
                Grade::Fine => "fine   ",
                Grade::Notice => "notice ",
                Grade::Wrong => "WRONG  ",
            };
            table::put(&format!("{mark} {:<14} {}", finding.about, finding.sentence));
        }
    }
    let worst = findings.0.iter().map(|f| f.grade).max().unwrap_or(Grade::Fine);
    if !args.json {
        let wrong = findings.0.iter().filter(|f| f.grade == Grade::Wrong).count();
        table::put(&match worst {
            Grade::Wrong => format!("{wrong} things are wrong; Lifeboat would not do its work like this."),
            _ => "Nothing is wrong.".to_owned(),
        });
    }
    Ok(if worst == Grade::Wrong { Ending::NeedsAPerson } else { Ending::Fine })
}

fn data(config: &Config, running: bool, findings: &mut Findings) {
    let dir = &config.data;
    if running {
        findings.fine("data", format!("a Lifeboat is running on {}", dir.display()));
    } else if !dir.exists() {
        let parent = dir.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
        match probe(parent) {
            Ok(()) => findings.notice(
                "data",
                format!("{} does not exist yet; it is made at the first start", dir.display()),
            ),
            Err(e) => findings.wrong("data", format!("{} cannot be made: {e}", dir.display())),
        }
        return;
    }
    match probe(dir) {
        Ok(()) => findings.fine("data", format!("{} can be written and synced", dir.display())),
        Err(e) => findings.wrong("data", format!("{} cannot be written: {e}", dir.display())),
    }
    match rustix::fs::statvfs(dir.as_path()) {
        Ok(about) => {
            let free = about.f_bavail.saturating_mul(about.f_frsize);
            let words = format!("{} MiB are free", free >> 20);
            if free < FREE_BYTES_MIN {
                findings.wrong("disk", format!("{words}; make room, the record stops when the disk is full"));
            } else {
                findings.fine("disk", words);
            }
        }
        Err(e) => findings.notice("disk", format!("free space cannot be told: {e}")),
    }
}

fn probe(dir: &Path) -> std::io::Result<()> {
    let path = dir.join(format!(".doctor-{}", std::process::id()));
    let mut file = File::create_new(&path)?;
    let written = file.write_all(b"probe").and_then(|()| file.sync_data());
    fs::remove_file(&path)?;
    written
}

fn keys_of(config: &Config, findings: &mut Findings) {
    let path = keys::key_file(&config.data);
    if !path.exists() {
        match config.data.join("book").is_dir() {
            true => findings
                .wrong("keys", format!("{} is missing, so the record cannot be opened", path.display())),
            false => findings.notice("keys", "there are none yet; they are made at the first start"),
        }
        return;
    }
    if keys::needs_person(config) && std::env::var_os(keys::PASSPHRASE_VARIABLE).is_none() {
        findings.notice(
            "keys",
            "they open by a passphrase or shares, which a person has to bring at every start",
        );
    } else {
        match keys::open(config, false, keys::Patience::GiveUp) {
            Ok(_) => findings.fine("keys", "they open the record"),
            Err(failure) => findings.wrong("keys", failure.to_string()),
        }
    }
    ways_in(config, &path, findings);
    let machine_key = config.machine_key();
    for secret in [&path, &machine_key] {
        if let Ok(about) = fs::metadata(secret)
            && about.permissions().mode() & 0o077 != 0
        {
            findings.wrong("keys", format!("others may read {}; say: chmod 600 {0}", secret.display()));
        }
    }
    if machine_key.exists() && machine_key.starts_with(&config.data) {
        let sentence =
            "the machine key lies beside the record: a stolen disk could be read (keys.machine_key)";
        findings.notice("keys", sentence);
    }
}

/// Whether a person can open the record when the machine cannot, and whether memory may end in the swap.
fn ways_in(config: &Config, path: &Path, findings: &mut Findings) {
    if let Ok(file) = logbook::KeyFile::read(path) {
        let slots = file.slots();
        if !slots.iter().any(|slot| slot.kind.is_for_people()) {
            let sentence =
                "no person can open them: when the machine key is lost, so is the record (lifeboat keys add)";
            findings.notice("keys", sentence);
        } else if !slots.iter().any(|slot| matches!(slot.kind, logbook::SlotKind::Shares { .. })) {
            let sentence = "there are no printed shares: a forgotten passphrase is a lost record (lifeboat keys add shares)";
            findings.notice("keys", sentence);
        }
    }
    let unlimited = rustix::process::getrlimit(rustix::process::Resource::Memlock).current.is_none();
    if crate::traces::has_swap() && !unlimited && config.data.exists() {
        findings.notice(
            "keys",
            "memory may be written to the swap; give the service LimitMEMLOCK=infinity, or switch swap off",
        );
    }
}

fn clock_of(findings: &mut Findings) {
    let now = clock::SystemClock::default().now();
    if now.milliseconds() < CLOCK_MIN_MS {
        findings
            .wrong("clock", format!("the machine's clock shows {}, which cannot be; set it", now.rfc3339()));
    } else {
        findings.fine("clock", format!("the machine's clock shows {}", now.rfc3339()));
    }
}

fn ports(config: &Config, running: bool, findings: &mut Findings) {
    let listens = config.feeds.iter().filter_map(|feed| feed.listen);
    for address in std::iter::once(config.web).chain(listens).chain(config.public_page.public_web) {
        match TcpListener::bind(address) {
            Ok(_) => findings.fine("ports", format!("{address} is free")),
            Err(_) if running => findings.fine("ports", format!("{address} is in use, as it should be")),
            Err(e) => findings.wrong("ports", format!("cannot listen on {address}: {e}")),
        }
    }
    if config.web.ip().is_loopback() {
        findings.notice(
            "pages",
            format!("served on {} alone: no ward can open them (web.listen)", config.web.ip()),
        );
    }
    if config.address.is_empty() {
        findings.notice("pages", "no address for the QR codes on sheets (web.address): they lead nowhere");
    }
}

fn feeds(config: &Config, findings: &mut Findings) {
    if config.feeds.is_empty() {
        findings.notice("feeds", "none is configured: nothing will arrive by itself");
    }
    for feed in &config.feeds {
        one_feed(feed, findings);
    }
}

fn one_feed(feed: &Feed, findings: &mut Findings) {
    let name = &feed.setup.name;
    match feed.listen {
        None => findings.notice("feeds", format!("{name} has no listener; it takes posts and files alone")),
        Some(address) if reaches_only_here(address) => {
            findings.notice("feeds", format!("{name} listens on {address}: no other machine can reach it"));
        }
        Some(_) if feed.peers == intake::Peers::default() && feed.tls_sender.is_none() => {
            findings.wrong("feeds", format!("{name} admits no other machine: name its senders in peers"));
        }
        Some(_) if feed.peers.is_open_to_all() => {
            findings.notice(
                "feeds",
                format!(
                    "{name} admits every machine: anybody may invent patients; name its senders in peers"
                ),
            );
        }
        Some(address) => findings.fine("feeds", format!("{name} listens on {address}")),
    }
    if feed.setup.site.is_none() && feed.setup.locations.sites.is_empty() && feed.listen.is_some() {
        let sentence =
            format!("{name} has no site: locations that name none appear under no hospital (site)");
        findings.notice("feeds", sentence);
    }
}

fn reaches_only_here(address: SocketAddr) -> bool {
    address.ip().is_loopback()
}

fn outbound(config: &Config, findings: &mut Findings) {
    let section = &config.outbound;
    if !section.reaches_people() {
        findings.notice("outbound", "no gateway is configured: nobody can be texted or mailed ([outbound])");
        return;
    }
    let made = section.make(&outbound::gateways::SlipShelf::default(), &crate::post_room::host_name());
    for gateway in &made.gateways {
        findings.fine(
            "outbound",
            format!("the gateway {} is set up (nothing was sent to try it)", gateway.name()),
        );
    }
    for fault in made.faults {
        findings.wrong("outbound", fault);
    }
    for (way, chosen) in [("text messages", &section.sms), ("mail", &section.email)] {
        if chosen.is_none() {
            findings.notice("outbound", format!("no gateway carries {way}"));
        }
    }
    for secret in section.secret_files() {
        if let Ok(about) = fs::metadata(&secret)
            && about.permissions().mode() & 0o077 != 0
        {
            findings.wrong("outbound", format!("others may read {}; say: chmod 600 {0}", secret.display()));
        }
    }
    for address in section.in_clear() {
        let sentence = format!("messages to {address} can be read on the way: use TLS");
        findings.wrong("outbound", sentence);
    }
}

/// Every notice to a patient names a number to ring; without one none is written.
fn clinic_phones(config: &Config, findings: &mut Findings) {
    let of_feeds = config.feeds.iter().filter_map(|feed| feed.setup.site.as_ref());
    let hospitals: BTreeSet<&SiteId> =
        config.hospitals.iter().chain(of_feeds).chain(config.clinics.sites.keys()).collect();
    let without: Vec<&str> = hospitals
        .into_iter()
        .filter(|site| config.clinics.contact(Some(site)).phone.is_empty())
        .map(SiteId::as_str)
        .collect();
    let trust = &config.clinics.trust.phone;
    match (trust.is_empty(), without.is_empty()) {
        (false, _) => findings.fine("clinics", format!("patients are told to ring {trust}, or their hospital")),
        (true, false) => findings.notice(
            "clinics",
            format!(
                "no telephone number for patients of {}: no notice of a postponed booking can be written \
                 ([clinics] phone)",
                without.join(", ")
            ),
        ),
        (true, true) if config.clinics.sites.is_empty() => findings.notice(
            "clinics",
            "no telephone number for patients: no notice of a postponed booking can be written ([clinics] phone)",
        ),
        (true, true) => findings.fine("clinics", "every hospital has a telephone number for patients"),
    }
}

/// The hospital's own rules, words and table: what is at fault is not used on the day, so it is said before.
fn clinic_forms(config: &Config, findings: &mut Findings) {
    let own = config.data.join("forms");
    let forms = ClinicForms::read(&config.data);
    for fault in &forms.faults {
        findings.wrong("clinics", fault.replace('\n', "; "));
    }
    let sound = |place: &Path| {
        let name = place.display().to_string();
        place.exists() && !forms.faults.iter().any(|fault| fault.starts_with(&format!("{name}:")))
    };
    let folders =
        [("clinics", "rules of triage"), ("notices", "words of notices"), ("special_lists", "special lists")];
    for (folder, what) in folders {
        let folder = own.join(folder);
        if sound(&folder) {
            findings.fine("clinics", format!("the {what} in {} can be used", folder.display()));
        }
    }
    if let Some(table) = &forms.deprivation {
        let passed_over = match table.passed_over {
            0 => String::new(),
            n => format!("; {n} rows without a postcode or a decile from 1 to 10 are passed over"),
        };
        let file = own.join("deprivation.csv");
        let words = format!("{} has {} postcodes{passed_over}", file.display(), table.postcodes());
        findings.fine("clinics", words);
    }
}

fn public_page(config: &Config, findings: &mut Findings) {
    let page = &config.public_page;
    if !page.is_configured() {
        let sentence = "the public is told nothing: give the page an address or a listener ([public_page])";
        return findings.notice("public page", sentence);
    }
    match page.settings(page.public_web) {
        Ok(settings) if settings.address.starts_with("http://") => findings.notice(
            "public page",
            format!("{} has no TLS: put a proxy with TLS before it (public_page.address)", settings.address),
        ),
        Ok(settings) => findings.fine("public page", format!("it stands at {}", settings.address)),
        Err(fault) => findings.wrong("public page", fault),
    }
    if let Some(address) = page.public_web.filter(|address| reaches_only_here(*address)) {
        findings.notice("public page", format!("served on {address} alone: no proxy elsewhere can reach it"));
    }
    if let Some(folder) = &page.folder {
        let place = if folder.exists() { folder.as_path() } else { folder.parent().unwrap_or(folder) };
        match probe(place) {
            Ok(()) => findings.fine("public page", format!("{} can be written", folder.display())),
            Err(e) => findings.wrong("public page", format!("{} cannot be written: {e}", folder.display())),
        }
    }
    if page.store.is_none() {
        return;
    }
    match crate::public_desk::store_of(page) {
        Ok(_) => findings.fine("public page", "the store is set up (nothing was sent to try it)"),
        Err(fault) => findings.wrong("public page", fault),
    }
    if let Some(secret) = page.secret_file()
        && let Ok(about) = fs::metadata(&secret)
        && about.permissions().mode() & 0o077 != 0
    {
        findings.wrong("public page", format!("others may read {}; say: chmod 600 {0}", secret.display()));
    }
    if page.store.as_ref().is_some_and(|store| store.endpoint.starts_with("http://")) {
        findings.notice("public page", "the way to the store is not encrypted (public_page.store.endpoint)");
    }
}

fn diverts(config: &Config, findings: &mut Findings) {
    let section = &config.diverts;
    if !section.has_region() {
        findings
            .notice("diverts", "no region is named: the board works, no plan can be made ([diverts] region)");
    } else {
        match crate::divert_room::from_files(section, clock::SystemClock::default().now()) {
            Ok(region) => {
                let (zones, sites) = (region.instance.zones.len(), region.instance.sites.len());
                let words = format!("{} has {zones} zones and {sites} sites", region.file);
                findings.fine("diverts", format!("{words}; travel times: {}", region.times));
                for note in region.notes {
                    findings.notice("diverts", note);
                }
            }
            Err(why) => findings.wrong("diverts", why),
        }
    }
    if let Some(osrm) = section.routing() {
        findings.notice(
            "diverts",
            format!(
                "travel times are asked of {} at the start and again while it runs (it was not asked now)",
                osrm.address
            ),
        );
    }
    for neighbour in &section.neighbours {
        let (name, every) = (&neighbour.name, neighbour.every_seconds());
        let how = match &neighbour.url {
            Some(_) => format!("the report of {name} is pulled every {every} seconds"),
            None => format!("the report of {name} is taken when it is posted"),
        };
        findings.fine("diverts", how);
    }
}

fn paper(findings: &mut Findings) {
    match paper::Press::new() {
        Ok(_) => findings.fine("paper", "the embedded fonts can be read"),
        Err(fault) => {
            findings.wrong("paper", format!("{fault}; the program's file is damaged, install it again"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is said of clinics with that configuration and those files below the data directory's `forms`.
    fn said(section: &str, forms: &[(&str, &str)]) -> Vec<(Grade, String)> {
        let dir = tempfile::tempdir().unwrap();
        for (name, text) in forms {
            let path = dir.path().join("record/forms").join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let file = dir.path().join("lifeboat.toml");
        fs::write(&file, format!("data = 'record'\n{section}")).unwrap();
        let config = Config::read(&file, None).unwrap();
        let mut findings = Findings::default();
        clinic_phones(&config, &mut findings);
        clinic_forms(&config, &mut findings);
        findings.0.into_iter().map(|finding| (finding.grade, finding.sentence)).collect()
    }

    fn check(section: &str, forms: &[(&str, &str)], wanted: &[(Grade, &str)]) {
        let said = said(section, forms);
        assert_eq!(said.len(), wanted.len(), "{section} {said:?}");
        for ((grade, sentence), (want, words)) in said.iter().zip(wanted) {
            assert!(grade == want && sentence.contains(words), "{words:?} is not {sentence:?}");
            assert!(!sentence.contains('\n'), "one finding, one line: {sentence:?}");
        }
    }

    #[test]
    fn a_missing_telephone_number_is_told_and_for_whom() {
        let (fine, notice) = (Grade::Fine, Grade::Notice);
        check("", &[], &[(notice, "no telephone number for patients: no notice")]);
        check("[clinics]\nphone = '0161 496 0000'", &[], &[(fine, "ring 0161 496 0000")]);
        let two =
            "hospitals = ['Northgate', 'Southmere']\n[clinics.sites.Northgate]\nphone = '0161 496 0001'\n";
        check(two, &[], &[(notice, "patients of Southmere:")]);
        let both = format!("{two}[clinics.sites.Southmere]\nphone = '0161 496 0002'\n");
        check(&both, &[], &[(fine, "every hospital has")]);
        let of_feed = "[[feeds]]\nname = 'pas'\nsite = 'Fernhill'\n";
        check(of_feed, &[], &[(notice, "patients of Fernhill:")]);
    }

    #[test]
    fn forms_that_would_not_be_used_on_the_day_are_told_before() {
        let phone = "[clinics]\nphone = '0161 496 0000'";
        let (fine, wrong, ring) = (Grade::Fine, Grade::Wrong, (Grade::Fine, "ring"));
        let bad = "this is no rule";
        check(phone, &[("clinics/kinds.txt", bad)], &[ring, (wrong, "the shipped rules are used")]);
        check(phone, &[("notices/english.txt", bad)], &[ring, (wrong, "the shipped words are used")]);
        let shipped = care::appointments::shipped();
        let names: Vec<String> = shipped.iter().map(|(name, _)| format!("clinics/{name}")).collect();
        let own: Vec<(&str, &str)> =
            names.iter().map(String::as_str).zip(shipped.iter().map(|(_, text)| *text)).collect();
        check(phone, &own, &[ring, (fine, "rules of triage")]);
        let table = "postcode,decile\nZZ1 1AA,1\nZZ1 1AB,12\n";
        check(
            phone,
            &[("deprivation.csv", table)],
            &[ring, (fine, "has 1 postcodes; 1 rows without a postcode")],
        );
        check(phone, &[("deprivation.csv", "postcode,rank\n")], &[ring, (wrong, "has no column “decile”")]);
    }
}

//! What the demonstration plays: kept in its folder, so that a second start goes on with the first.

use crate::config::{Config, Feed, PublicPage};
use crate::failure::Failure;
use basics::{Moment, SiteId};
use control_room::{ClinicSetup, SiteContact};
use drill::{FeedPlan, SentWard, Trust};
use intake::{MllpLimits, Peers};
use screens::AgeThresholds;
use serde::{Deserialize, Serialize};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use translate::{LocationMap, PlaceRule};

/// A feed of the demonstration counts as silent after so long: short enough to be seen.
const SILENT_AFTER_SECONDS: u32 = 60;
/// The same for one hospital's own register, which is the quieter for being one hospital's.
const REGISTER_SILENT_AFTER_SECONDS: u32 = 150;
/// The same for clinics, whose desk may say nothing for minutes; nobody should be alarmed by that.
const CLINICS_SILENT_AFTER_SECONDS: u32 = 270;

/// The seed, the beginning and whether the attack has been played.
#[derive(Clone, Debug)]
pub struct Plan {
    pub seed: u64,
    pub start: Moment,
    pub quick: bool,
    pub attacked: Option<Moment>,
    /// How far the demonstration's clock has been hurried ahead of the machine's, in milliseconds.
    pub ahead_ms: i64,
}

#[derive(Serialize, Deserialize)]
struct Kept {
    seed: u64,
    start_ms: i64,
    quick: bool,
    attacked_ms: Option<i64>,
    #[serde(default)]
    ahead_ms: i64,
}

impl Plan {
    /// The plan of the folder; a new one where there is none.
    pub fn of(dir: &Path, seed: u64, quick: bool, now: Moment) -> Result<Self, Failure> {
        let path = dir.join("demo.json");
        if !path.exists() {
            let plan = Self { seed, start: now, quick, attacked: None, ahead_ms: 0 };
            plan.keep(dir)
                .map_err(|e| Failure::failed(format!("could not write {}: {e}", path.display())))?;
            return Ok(plan);
        }
        let unreadable = |why: String| Failure::failed(format!("could not read {}: {why}", path.display()));
        let text = std::fs::read(&path).map_err(|e| unreadable(e.to_string()))?;
        let kept: Kept = serde_json::from_slice(&text).map_err(|e| unreadable(e.to_string()))?;
        Ok(Self {
            seed: kept.seed,
            start: Moment::from_milliseconds(kept.start_ms),
            quick: kept.quick,
            attacked: kept.attacked_ms.map(Moment::from_milliseconds),
            ahead_ms: kept.ahead_ms,
        })
    }

    /// Writes it down, whole.
    pub fn keep(&self, dir: &Path) -> std::io::Result<()> {
        let kept = Kept {
            seed: self.seed,
            start_ms: self.start.milliseconds(),
            quick: self.quick,
            attacked_ms: self.attacked.map(Moment::milliseconds),
            ahead_ms: self.ahead_ms,
        };
        let text = serde_json::to_vec(&kept).map_err(std::io::Error::other)?;
        let fresh = dir.join("demo.json.new");
        std::fs::write(&fresh, text)?;
        std::fs::rename(fresh, dir.join("demo.json"))
    }
}

/// Sets Lifeboat up for the trust: a listener and a location map for each of its feeds.
pub fn configure(config: &mut Config, trust: &Trust, web: SocketAddr, public_web: SocketAddr) {
    trust.name().clone_into(&mut config.trust);
    config.hospitals = drill::places::HOSPITALS.iter().filter_map(|h| SiteId::new(h.name)).collect();
    config.watermark = Some("DEMONSTRATION".to_owned());
    config.web = web;
    if web.port() != 0 {
        config.address = format!("http://{web}");
    }
    config.clinics = ClinicSetup {
        trust: SiteContact {
            name: trust.name().to_owned(),
            // Ofcom keeps 01632 960000 to 960999 for fiction.
            phone: "01632 960 100".to_owned(),
            hours: "8am to 8pm, every day".to_owned(),
        },
        ..ClinicSetup::default()
    };
    config.diverts.handed = Some(super::region::region(trust.name()));
    config.diverts.estimate = Some(Default::default());
    config.public_page = PublicPage::of_demo(trust.name(), public_web);
    config.ages = AgeThresholds { amber_seconds: 120, red_seconds: 600 };
    let plans = trust.feeds();
    let registers: Vec<&FeedPlan> = plans.iter().filter(|plan| is_register(plan)).collect();
    config.feeds = plans.iter().map(|plan| feed(plan, &registers)).collect();
}

/// Whether the feed is a hospital's own register of who lies where; the others name beds in their own ways.
fn is_register(plan: &FeedPlan) -> bool {
    plan.name.as_str().starts_with("pas")
}

fn feed(plan: &FeedPlan, registers: &[&FeedPlan]) -> Feed {
    let mut setup = plan.setup();
    setup.silent_after_seconds = match plan.name.as_str() {
        "clinics" => CLINICS_SILENT_AFTER_SECONDS,
        name if name.starts_with("pas-") => REGISTER_SILENT_AFTER_SECONDS,
        _ => SILENT_AFTER_SECONDS,
    };
    if !is_register(plan) {
        for ward in &plan.wards {
            let known = registers.iter().flat_map(|register| &register.wards);
            let own = known.into_iter().find(|own| own.site == ward.site && own.ward == ward.ward);
            if let Some(own) = own {
                name_beds_alike(&mut setup.locations, ward, own);
            }
        }
    }
    let listen = Some(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)));
    Feed {
        setup,
        listen,
        peers: Peers::default(),
        limits: MllpLimits::default(),
        end_mark_alone: false,
        tls_sender: None,
    }
}

/// The same bed gets the register's name, whichever system speaks of it; else a ward list would show it twice.
fn name_beds_alike(map: &mut LocationMap, sent: &SentWard, own: &SentWard) {
    for ((room, bed), (own_room, own_bed)) in sent.beds.iter().zip(&own.beds) {
        let text = [sent.sent_ward.as_str(), room, bed, &sent.sent_facility].join("^");
        let rule = PlaceRule {
            site: Some(own.site.to_string()),
            ward: Some(own.ward.to_string()),
            room: Some(own_room.clone()).filter(|room| !room.is_empty()),
            bed: Some(own_bed.clone()).filter(|bed| !bed.is_empty()),
        };
        map.exact.insert(text.trim_end_matches('^').to_owned(), rule);
    }
}

//! The trust's feeds: who sends what, in which dialect, and how each writes a bed.
//!
//! Always seven, as unlike each other as real suppliers' systems: other delimiters, other endings, other character
//! sets, other ways to name the same bed. Called by `Trust`, and by whoever configures Lifeboat to receive them.

use crate::people::Register;
use crate::places::{Bed, HOSPITALS, WardKind};
use crate::wire::{Charset, Dialect, Stamp};
use basics::{FeedName, SiteId, WardId};
use control_room::FeedSetup;

/// One of the trust's senders.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
#[allow(missing_docs)]
pub enum Source {
    /// Patient administration of St Brannock's, Quillford and Tarnwater.
    SharedPas,
    /// Patient administration of Eastmere General: line feeds, ISO 8859/1, odd delimiters, codes of its own.
    EastmerePas,
    /// Patient administration of Pennyfold: v2.5.1, UTF-8 undeclared, times with an offset.
    PennyfoldPas,
    Pathology,
    Prescribing,
    Imaging,
    Clinics,
}

/// All senders.
pub const SOURCES: [Source; 7] = [
    Source::SharedPas,
    Source::EastmerePas,
    Source::PennyfoldPas,
    Source::Pathology,
    Source::Prescribing,
    Source::Imaging,
    Source::Clinics,
];

/// A feed as Lifeboat has to be told of it.
#[derive(Clone, Debug)]
pub struct FeedPlan {
    /// Its name.
    pub name: FeedName,
    /// What it carries, in words.
    pub what: &'static str,
    /// The hospital that it belongs to; `None` when several share it and PV1-3 says which.
    pub site: Option<SiteId>,
    /// How it writes the wards, for the location map.
    pub wards: Vec<SentWard>,
}

impl FeedPlan {
    /// The feed as the control room is to be set up for it: its site, and a map of how it writes places.
    pub fn setup(&self) -> FeedSetup {
        let mut setup = FeedSetup::named(self.name.clone());
        setup.site = self.site.clone();
        let names_wards = self.name.as_str().starts_with("pas");
        for ward in &self.wards {
            if !ward.sent_facility.is_empty() {
                setup.locations.sites.insert(ward.sent_facility.clone(), ward.site.as_str().to_owned());
            }
            let renamed = ward.sent_ward != ward.ward.as_str();
            if names_wards || renamed {
                let rule = setup.locations.wards.entry(ward.sent_ward.clone()).or_default();
                rule.code = renamed.then(|| ward.ward.as_str().to_owned());
                rule.name = names_wards.then(|| ward.name.to_owned());
            }
        }
        setup
    }
}

/// How a feed writes a ward and its beds.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct SentWard {
    /// PV1-3.1 as sent.
    pub sent_ward: String,
    /// PV1-3.4 as sent; empty when not sent.
    pub sent_facility: String,
    pub site: SiteId,
    pub ward: WardId,
    pub name: &'static str,
    /// Every bed in ward order: room and bed as sent (empty when not sent).
    pub beds: Vec<(String, String)>,
}

/// The register that a hospital's patient system keeps.
pub fn register_of(hospital: usize) -> Register {
    match hospital {
        1 => 1,
        4 => 2,
        _ => 0,
    }
}

impl Source {
    /// The patient system of a register.
    pub fn pas(register: Register) -> Self {
        match register {
            1 => Self::EastmerePas,
            2 => Self::PennyfoldPas,
            _ => Self::SharedPas,
        }
    }

    /// Name of the feed.
    pub fn name(self) -> &'static str {
        match self {
            Self::SharedPas => "pas",
            Self::EastmerePas => "pas-eastmere",
            Self::PennyfoldPas => "pas-pennyfold",
            Self::Pathology => "pathology",
            Self::Prescribing => "prescribing",
            Self::Imaging => "imaging",
            Self::Clinics => "clinics",
        }
    }

    /// Name of the feed, as Lifeboat's rooms have it.
    pub fn feed(self) -> Option<FeedName> {
        FeedName::new(self.name())
    }

    fn what(self) -> &'static str {
        match self {
            Self::SharedPas => {
                "Admissions, transfers and discharges of St Brannock's, Quillford and Tarnwater"
            }
            Self::EastmerePas => "Admissions, transfers and discharges of Eastmere General",
            Self::PennyfoldPas => "Admissions, transfers and discharges of Pennyfold",
            Self::Pathology => "Orders and results of the trust's laboratories",
            Self::Prescribing => "Electronic prescribing, administration and observations at the bedside",
            Self::Imaging => "Imaging requests and reports",
            Self::Clinics => "Clinic appointments",
        }
    }

    /// How this sender writes.
    pub fn dialect(self) -> Dialect {
        let plain = Dialect { application: "WVPAS", ..Dialect::default() };
        match self {
            Self::SharedPas => plain,
            Self::EastmerePas => Dialect {
                application: "EASTADT",
                delimiters: ['#', '*', '~', '\\', '%'],
                ending: "\n",
                charset: Charset::Latin1,
                version: "2.3",
                ..plain
            },
            Self::PennyfoldPas => Dialect {
                application: "PENNYPAS",
                charset: Charset::Utf8Undeclared,
                version: "2.5.1",
                stamp: Stamp::WithOffset,
                ..plain
            },
            Self::Pathology => Dialect { application: "WVLIMS", version: "2.4", ..plain },
            Self::Prescribing => Dialect { application: "WVEPMA", version: "2.5", ..plain },
            Self::Imaging => {
                Dialect { application: "WVRIS", version: "2.3.1", stamp: Stamp::Minutes, ..plain }
            }
            Self::Clinics => Dialect { application: "WVBOOK", version: "2.4", ending: "\r\n", ..plain },
        }
    }

    /// PV1-3's parts as this sender writes the bed: ward, room, bed, facility.
    pub fn place(self, bed: Bed) -> [String; 4] {
        let Some((hospital, ward)) = bed.ward() else { return Default::default() };
        let (bay, number) = bed.bay();
        let own = |text: &str| text.to_owned();
        match self {
            Self::EastmerePas => {
                // No room, no facility; one code for the ward and a running number for the bed.
                [
                    format!("{}-{}", hospital.ward_prefix, ward.code),
                    String::new(),
                    format!("{:02}", bed.number),
                    String::new(),
                ]
            }
            Self::PennyfoldPas => match bay {
                Some(bay) => [own(ward.code), format!("B{bay}"), number.to_string(), own(hospital.name)],
                None => [own(ward.code), format!("SR{number}"), "1".to_owned(), own(hospital.name)],
            },
            _ => {
                let bay_word = if ward.kind == WardKind::Emergency { "Zone" } else { "Bay" };
                match bay {
                    Some(bay) => [
                        own(ward.code),
                        format!("{bay_word} {bay}"),
                        format!("Bed {}", bed.number),
                        own(hospital.code),
                    ],
                    None => [
                        own(ward.code),
                        format!("Side Room {number}"),
                        format!("Bed {}", bed.number),
                        own(hospital.code),
                    ],
                }
            }
        }
    }

    fn hospitals(self) -> &'static [usize] {
        match self {
            Self::SharedPas => &[0, 2, 3],
            Self::EastmerePas => &[1],
            Self::PennyfoldPas => &[4],
            _ => &[0, 1, 2, 3, 4],
        }
    }

    /// All that Lifeboat needs to know of this feed.
    pub fn plan(self) -> Option<FeedPlan> {
        let site = match self.hospitals() {
            [only] => HOSPITALS.get(*only).and_then(|h| SiteId::new(h.name)),
            _ => None,
        };
        let mut wards = Vec::new();
        for hospital in self.hospitals() {
            for (ward, plan) in HOSPITALS.get(*hospital)?.wards.iter().enumerate() {
                let beds: Vec<_> = (1..=plan.beds())
                    .map(|number| self.place(Bed { hospital: *hospital, ward, number }))
                    .collect();
                let [sent_ward, _, _, sent_facility] = beds.first().cloned().unwrap_or_default();
                wards.push(SentWard {
                    sent_ward,
                    sent_facility,
                    site: SiteId::new(HOSPITALS.get(*hospital)?.name)?,
                    ward: WardId::new(plan.code)?,
                    name: plan.name,
                    beds: beds.into_iter().map(|[_, room, bed, _]| (room, bed)).collect(),
                });
            }
        }
        Some(FeedPlan { name: self.feed()?, what: self.what(), site, wards })
    }
}

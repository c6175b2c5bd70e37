//! How a control room is set up: where its data lie, which feeds it takes, and what each feed's sender means.
//!
//! Built by the program from its configuration; nothing here is read from a file. Everything has a default that is
//! safe for a trial run.

use basics::{FeedName, SiteId, Zone};
use std::path::PathBuf;
use translate::LocationMap;

/// Everything a control room needs to know before it opens.
#[derive(Clone, Debug)]
pub struct Setup {
    /// The data directory: `book/` holds the record, `index/` what can be made again from it.
    pub data_dir: PathBuf,
    /// The feeds, each with its own rules. A feed not named here is taken with `FeedSetup::named`'s rules.
    pub feeds: Vec<FeedSetup>,
    /// The zone that the hospital's clocks show.
    pub zone: Zone,
    /// The trust's name, as printed on every sheet.
    pub trust: String,
    /// Memory for the index's pages and hot records, in mebibytes (default 96, at least 16).
    pub index_cache_mb: u32,
    /// "EXERCISE" or "DEMONSTRATION", printed across every sheet; `None` on the day.
    pub watermark: Option<String>,
    /// Base of the address in each sheet's QR code; empty for a plain sheet identity.
    pub address: String,
    /// Days for which a bed that nobody lies in is still shown on its ward's list (default 30).
    pub empty_bed_days_max: u32,
    /// How clinic rescue tells patients.
    pub clinics: crate::ClinicSetup,
    /// How much a guess costs, how long sessions last.
    pub access: crate::AccessSetup,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            data_dir: PathBuf::from("data"),
            feeds: Vec::new(),
            zone: Zone::london(),
            trust: String::new(),
            index_cache_mb: 96,
            watermark: None,
            address: String::new(),
            empty_bed_days_max: 30,
            clinics: crate::ClinicSetup::default(),
            access: crate::AccessSetup::default(),
        }
    }
}

/// What a feed's messages are written in.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum FeedFormat {
    /// HL7 v2; lists of bookings, which people read in, beside it.
    Hl7,
    /// FHIR R4 JSON; lists beside it.
    Fhir,
    /// Whatever the first bytes show.
    #[default]
    Either,
}

/// One feed's rules.
#[derive(Clone, Debug)]
pub struct FeedSetup {
    /// Its name: "pas", "pathology".
    pub name: FeedName,
    /// The site of a location that names none.
    pub site: Option<SiteId>,
    /// What its messages are written in.
    pub format: FeedFormat,
    /// Strict: the sender is told at once when a message was not understood. It is kept all the same.
    pub strict: bool,
    /// Seconds without a message after which the feed is marked silent (default 900).
    pub silent_after_seconds: u32,
    /// Whether the sender proves who it is (TLS with a client certificate, a token).
    pub authenticated: bool,
    /// The zone of times that carry no offset.
    pub zone: Zone,
    /// What its locations mean: sent location → site, ward, room, bed.
    pub locations: LocationMap,
    /// Headings of its lists of bookings that are not recognised by themselves.
    pub columns: translate::Headings,
    /// Who gave a hospital number that comes without its assigner; the feed's name when `None`.
    pub mrn_assigner_default: Option<String>,
}

impl FeedSetup {
    /// What the translator needs to know.
    pub(crate) fn rules(&self) -> translate::FeedRules {
        let mut rules = translate::FeedRules::new(self.name.clone());
        rules.site.clone_from(&self.site);
        rules.zone = self.zone.clone();
        rules.locations = self.locations.clone();
        rules.columns.clone_from(&self.columns);
        if let Some(assigner) = &self.mrn_assigner_default {
            rules.mrn_assigner_default.clone_from(assigner);
        }
        rules
    }

    /// A feed with the default rules.
    pub fn named(name: FeedName) -> Self {
        Self {
            name,
            site: None,
            format: FeedFormat::Either,
            strict: false,
            silent_after_seconds: 900,
            authenticated: false,
            zone: Zone::london(),
            locations: LocationMap::default(),
            columns: translate::Headings::new(),
            mrn_assigner_default: None,
        }
    }
}

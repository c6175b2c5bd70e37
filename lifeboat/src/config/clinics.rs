//! `[clinics]`: how patients reach the hospitals about their bookings, and what they are promised.
//!
//! Always: reading the section opens nothing. Without a number nothing can be told to patients, and the notices page says
//! so. Read by the control room's set-up; looked at by `lifeboat doctor`.

use basics::SiteId;
use control_room::{ClinicSetup, SiteContact};
use serde::Deserialize;
use std::collections::BTreeMap;

/// The section as written.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Clinics {
    /// The trust's name as patients know it.
    pub name: String,
    /// The number to ring, where a hospital has none of its own.
    pub phone: String,
    /// When somebody answers.
    pub hours: String,
    /// Days before a booking within which no letter arrives any more.
    pub post_days: Option<u32>,
    /// Days within which a patient is promised to hear of a new date.
    pub hear_within_days: Option<u32>,
    /// Hospitals' own.
    pub sites: BTreeMap<String, Contact>,
}

/// `[clinics.sites."Northgate General"]`
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Contact {
    name: String,
    phone: String,
    hours: String,
}

impl Clinics {
    /// What the control room needs to know.
    pub fn checked(self) -> Result<ClinicSetup, String> {
        let default = ClinicSetup::default();
        let mut sites = BTreeMap::new();
        for (name, own) in self.sites {
            let site = SiteId::new(&name)
                .ok_or_else(|| format!("\"{name}\" in clinics.sites is no hospital's name"))?;
            sites.insert(site, contact(own)?);
        }
        Ok(ClinicSetup {
            sites,
            trust: contact(Contact { name: self.name, phone: self.phone, hours: self.hours })?,
            post_days: self.post_days.unwrap_or(default.post_days).min(60),
            hear_within_days: self.hear_within_days.unwrap_or(default.hear_within_days).clamp(1, 365),
        })
    }
}

fn contact(own: Contact) -> Result<SiteContact, String> {
    let phone = basics::tidy(&own.phone, 60);
    if !phone.is_empty() && phone.chars().filter(char::is_ascii_digit).count() < 3 {
        return Err(format!("\"{phone}\" in clinics is no telephone number"));
    }
    Ok(SiteContact { name: basics::tidy(&own.name, 120), phone, hours: basics::tidy(&own.hours, 120) })
}

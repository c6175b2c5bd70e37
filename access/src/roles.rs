//! The roles that rights are given to, by the plan's own names. They say what somebody may see and do in Lifeboat; who
//! leads an incident is another matter (`incident::roles`).
//!
//! Always: the order below is the order of their numbers in the access book and never changes; a new role is added at the
//! end. Called by people, rights and every rule; proved by the table below.

use serde::{Deserialize, Serialize};

/// A role.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Role {
    /// Doctors, nurses and others who look after patients.
    WardClinician,
    /// Who runs an emergency department's shift.
    EdCoordinator,
    /// Who runs the hospital or the response: site managers, commanders and their staff.
    ControlRoom,
    /// Who keeps the log.
    Loggist,
    /// Clinic and theatre bookings, reception.
    Bookings,
    /// Press office, staff communications.
    Communications,
    /// The hospital's IT.
    It,
    /// Who looks after accounts, devices and settings of Lifeboat itself.
    Administrator,
    /// Who looks after the record of who saw what.
    PrivacyOfficer,
    /// Who may follow the incident, and sees no patient: observers, the wallboard.
    ReadOnly,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 10] = [
        Self::WardClinician,
        Self::EdCoordinator,
        Self::ControlRoom,
        Self::Loggist,
        Self::Bookings,
        Self::Communications,
        Self::It,
        Self::Administrator,
        Self::PrivacyOfficer,
        Self::ReadOnly,
    ];

    /// As people call it, in sheets and in the rights.
    pub fn words(self) -> &'static str {
        match self {
            Self::WardClinician => "ward clinician",
            Self::EdCoordinator => "ED coordinator",
            Self::ControlRoom => "control room",
            Self::Loggist => "loggist",
            Self::Bookings => "bookings",
            Self::Communications => "communications",
            Self::It => "IT",
            Self::Administrator => "administrator",
            Self::PrivacyOfficer => "privacy officer",
            Self::ReadOnly => "read-only",
        }
    }

    /// The role that a word names, as people write it.
    pub fn read(text: &str) -> Option<Self> {
        let plain: String =
            text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
        Some(match plain.as_str() {
            "wardclinician" | "clinician" | "nurse" | "doctor" | "ward" | "clinical" | "wardstaff" => {
                Self::WardClinician
            }
            "edcoordinator" | "ed" | "edlead" | "emergencydepartment" | "edcoordination" => {
                Self::EdCoordinator
            }
            "controlroom" | "control" | "sitemanager" | "commander" | "icc" => Self::ControlRoom,
            "loggist" | "log" => Self::Loggist,
            "bookings" | "booking" | "bookingsteam" | "reception" | "clinics" => Self::Bookings,
            "communications" | "comms" | "press" | "pressoffice" => Self::Communications,
            "it" | "ict" | "digital" | "informatics" => Self::It,
            "administrator" | "admin" => Self::Administrator,
            "privacyofficer" | "privacy" | "dpo" | "caldicottguardian" => Self::PrivacyOfficer,
            "readonly" | "observer" | "viewer" | "wallboard" => Self::ReadOnly,
            _ => return None,
        })
    }

    /// "ward clinician, ED coordinator, …": for refusals.
    pub fn all_words() -> String {
        Self::ALL.map(Self::words).join(", ")
    }

    /// Whether it works within places: somebody with such a role must be given some.
    pub fn needs_places(self) -> bool {
        matches!(self, Self::WardClinician | Self::EdCoordinator | Self::Bookings)
    }

    /// Whether a shift card may carry it: the roles with power over others' access never go by paper.
    pub fn by_card(self) -> bool {
        !matches!(self, Self::It | Self::Administrator | Self::PrivacyOfficer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_is_read_as_people_write_it() {
        for role in Role::ALL {
            assert_eq!(Role::read(role.words()), Some(role));
            assert_eq!(Role::read(&role.words().to_uppercase().replace(' ', "_")), Some(role));
        }
        for (text, want) in [
            ("Nurse", Some(Role::WardClinician)),
            ("Caldicott Guardian", Some(Role::PrivacyOfficer)),
            ("king", None),
        ] {
            assert_eq!(Role::read(text), want, "{text}");
        }
    }
}

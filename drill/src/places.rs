//! The simulated trust's buildings: five invented hospitals, their wards and their beds.
//!
//! Every name is invented; no hospital, trust or organisation code of these names is meant. Codes repeat between
//! hospitals (every site has an AMU), because that is what real ones do and why a site must never be dropped.
//! Called by `Trust` to place people; proved by the tests below.

/// What a ward is for; decides who lies there and what happens to them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub enum WardKind {
    Emergency,
    Assessment,
    Intensive,
    Medicine,
    Elderly,
    Surgery,
    Maternity,
    Neonatal,
    Children,
}

/// A ward: bays of beds, and side rooms.
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs)]
pub struct Ward {
    pub code: &'static str,
    pub name: &'static str,
    pub kind: WardKind,
    pub specialty: &'static str,
    /// Beds in each bay.
    pub bays: &'static [u8],
    pub side_rooms: u8,
}

/// A hospital of the trust.
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs)]
pub struct Hospital {
    pub name: &'static str,
    /// Three letters, as its own systems write it.
    pub code: &'static str,
    pub town: &'static str,
    pub wards: &'static [Ward],
    /// Its numbered wards as its own patient system calls them, in the order of `wards`.
    pub ward_prefix: &'static str,
}

/// The name of the trust.
pub const TRUST_NAME: &str = "Wendmere Vale Hospitals (simulated)";

/// A bed: hospital, ward, bed number within the ward (from 1).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
#[allow(missing_docs)]
pub struct Bed {
    pub hospital: usize,
    pub ward: usize,
    pub number: u8,
}

impl Bed {
    /// Its ward, and the hospital that ward is in.
    pub fn ward(self) -> Option<(&'static Hospital, &'static Ward)> {
        let hospital = HOSPITALS.get(self.hospital)?;
        Some((hospital, hospital.wards.get(self.ward)?))
    }

    /// The bay (from 1) that holds the bed; `None` for a side room, whose number follows.
    pub fn bay(self) -> (Option<u8>, u8) {
        let Some((_, ward)) = self.ward() else { return (None, 0) };
        let mut left = self.number;
        for (bay, beds) in (1u8..).zip(ward.bays) {
            if left <= *beds {
                return (Some(bay), left);
            }
            left -= *beds;
        }
        (None, left)
    }
}

impl Ward {
    /// Beds in bays and side rooms together.
    pub fn beds(&self) -> u8 {
        self.bays.iter().sum::<u8>() + self.side_rooms
    }
}

macro_rules! ward {
    ($code:literal, $name:literal, $kind:ident, $specialty:literal, $bays:expr, $side:literal) => {
        Ward {
            code: $code,
            name: $name,
            kind: WardKind::$kind,
            specialty: $specialty,
            bays: &$bays,
            side_rooms: $side,
        }
    };
}

/// The five hospitals, largest first.
pub static HOSPITALS: [Hospital; 5] = [
    Hospital { name: "St Brannock's", code: "BRN", town: "Wendmere", wards: &BRANNOCK, ward_prefix: "W" },
    Hospital { name: "Eastmere General", code: "EAS", town: "Eastmere", wards: &EASTMERE, ward_prefix: "EG" },
    Hospital {
        name: "Quillford Infirmary",
        code: "QUI",
        town: "Quillford",
        wards: &QUILLFORD,
        ward_prefix: "Q",
    },
    Hospital { name: "Tarnwater Royal", code: "TAR", town: "Tarnwater", wards: &TARNWATER, ward_prefix: "T" },
    Hospital {
        name: "Pennyfold Women's and Children's",
        code: "PEN",
        town: "Pennyfold",
        wards: &PENNYFOLD,
        ward_prefix: "P",
    },
];

static BRANNOCK: [Ward; 14] = [
    ward!("ED", "Emergency Department", Emergency, "180", [12, 12, 6], 4),
    ward!("AMU", "Acute Medical Unit", Assessment, "300", [6, 6, 6, 6, 6], 6),
    ward!("SAU", "Surgical Assessment Unit", Assessment, "100", [6, 6], 4),
    ward!("ITU", "Intensive Therapy Unit", Intensive, "192", [8, 8], 4),
    ward!("HDU", "High Dependency Unit", Intensive, "192", [6], 2),
    ward!("CCU", "Coronary Care Unit", Medicine, "320", [6], 4),
    ward!("RESP", "Respiratory Ward", Medicine, "340", [6, 6, 6], 6),
    ward!("STRK", "Stroke Unit", Medicine, "328", [6, 6, 6], 4),
    ward!("RENAL", "Renal Ward", Medicine, "361", [6, 6], 6),
    ward!("ONC", "Oncology and Haematology", Medicine, "370", [4, 4], 12),
    ward!("COTE1", "Care of the Elderly 1", Elderly, "430", [6, 6, 6, 6], 4),
    ward!("COTE2", "Care of the Elderly 2", Elderly, "430", [6, 6, 6, 6], 4),
    ward!("SURG1", "General Surgery", Surgery, "100", [6, 6, 6, 6], 4),
    ward!("ORTHO", "Trauma and Orthopaedics", Surgery, "110", [6, 6, 6, 6], 4),
];
static EASTMERE: [Ward; 14] = [
    ward!("ED", "Emergency Department", Emergency, "180", [10, 8], 4),
    ward!("AMU", "Acute Medical Unit", Assessment, "300", [6, 6, 6, 6], 4),
    ward!("SAU", "Surgical Assessment Unit", Assessment, "100", [6], 4),
    ward!("ITU", "Intensive Care Unit", Intensive, "192", [8], 3),
    ward!("CCU", "Coronary Care Unit", Medicine, "320", [6], 2),
    ward!("WARD5", "Respiratory", Medicine, "340", [6, 6, 6], 4),
    ward!("WARD6", "Gastroenterology", Medicine, "301", [6, 6, 6], 4),
    ward!("WARD7", "Diabetes and Endocrine", Medicine, "302", [6, 6, 6], 4),
    ward!("WARD8", "Stroke and Rehabilitation", Medicine, "328", [6, 6, 6], 4),
    ward!("WARD9", "Care of the Elderly", Elderly, "430", [6, 6, 6, 6], 4),
    ward!("WARD10", "Frailty", Elderly, "430", [6, 6, 6, 6], 4),
    ward!("WARD11", "General Surgery", Surgery, "100", [6, 6, 6, 6], 4),
    ward!("WARD12", "Orthopaedics", Surgery, "110", [6, 6, 6, 6], 4),
    ward!("MAT", "Maternity", Maternity, "501", [4, 4, 4], 8),
];
static QUILLFORD: [Ward; 14] = [
    ward!("ED", "Emergency Department", Emergency, "180", [8, 8], 2),
    ward!("AMU", "Acute Medical Unit", Assessment, "300", [6, 6, 6], 4),
    ward!("ITU", "Intensive Therapy Unit", Intensive, "192", [6], 2),
    ward!("CARD", "Cardiology", Medicine, "320", [6, 6], 4),
    ward!("RESP", "Respiratory Ward", Medicine, "340", [6, 6], 4),
    ward!("GAST", "Gastroenterology", Medicine, "301", [6, 6], 4),
    ward!("ACORN", "Acorn Ward (General Medicine)", Medicine, "300", [6, 6, 6], 3),
    ward!("BEECH", "Beech Ward (Care of the Elderly)", Elderly, "430", [6, 6, 6, 6], 2),
    ward!("CEDAR", "Cedar Ward (Care of the Elderly)", Elderly, "430", [6, 6, 6, 6], 2),
    ward!("ELM", "Elm Ward (Rehabilitation)", Elderly, "314", [6, 6, 6], 2),
    ward!("SURG", "Surgery", Surgery, "100", [6, 6, 6], 4),
    ward!("URO", "Urology", Surgery, "101", [6, 6], 2),
    ward!("ORTHO", "Trauma and Orthopaedics", Surgery, "110", [6, 6, 6], 4),
    ward!("DAY", "Day Surgery Unit", Surgery, "100", [8, 8], 0),
];
static TARNWATER: [Ward; 14] = [
    ward!("ED", "Emergency Department", Emergency, "180", [8, 6], 3),
    ward!("AMU", "Acute Medical Unit", Assessment, "300", [6, 6, 6], 4),
    ward!("ITU", "Intensive Therapy Unit", Intensive, "192", [6], 2),
    ward!("CCU", "Coronary Care Unit", Medicine, "320", [6], 2),
    ward!("1A", "Ward 1A (Respiratory)", Medicine, "340", [6, 6], 4),
    ward!("1B", "Ward 1B (General Medicine)", Medicine, "300", [6, 6], 4),
    ward!("2A", "Ward 2A (Renal)", Medicine, "361", [6, 6], 4),
    ward!("2B", "Ward 2B (Haematology)", Medicine, "303", [4], 10),
    ward!("3A", "Ward 3A (Care of the Elderly)", Elderly, "430", [6, 6, 6], 4),
    ward!("3B", "Ward 3B (Dementia)", Elderly, "430", [6, 6, 6], 4),
    ward!("4A", "Ward 4A (Surgery)", Surgery, "100", [6, 6, 6], 4),
    ward!("4B", "Ward 4B (Vascular)", Surgery, "107", [6, 6], 4),
    ward!("5A", "Ward 5A (Orthopaedics)", Surgery, "110", [6, 6, 6], 4),
    ward!("5B", "Ward 5B (Ear, Nose and Throat)", Surgery, "120", [6, 6], 2),
];
static PENNYFOLD: [Ward; 14] = [
    ward!("ED", "Children's Emergency Department", Emergency, "180", [8], 4),
    ward!("PAU", "Paediatric Assessment Unit", Children, "420", [6, 4], 4),
    ward!("PICU", "Paediatric Intensive Care", Children, "420", [6], 2),
    ward!("NICU", "Neonatal Intensive Care", Neonatal, "422", [8, 6], 4),
    ward!("SCBU", "Special Care Baby Unit", Neonatal, "422", [8], 2),
    ward!("DEL", "Delivery Suite", Maternity, "501", [], 14),
    ward!("ANTE", "Antenatal Ward", Maternity, "501", [6, 6], 4),
    ward!("POST1", "Postnatal Ward 1", Maternity, "501", [6, 6, 4], 6),
    ward!("POST2", "Postnatal Ward 2", Maternity, "501", [6, 6, 4], 4),
    ward!("GYN", "Gynaecology", Surgery, "502", [6, 6], 4),
    ward!("DOLPH", "Dolphin Ward (Children's Medicine)", Children, "420", [6, 6], 8),
    ward!("OTTER", "Otter Ward (Children's Surgery)", Children, "171", [6, 6], 4),
    ward!("SEAL", "Seal Ward (Children's Oncology)", Children, "260", [], 14),
    ward!("TEEN", "Adolescent Unit", Children, "420", [4, 4], 6),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_hospitals_of_fourteen_wards_with_over_a_thousand_beds() {
        let beds: usize = HOSPITALS.iter().flat_map(|h| h.wards).map(|ward| usize::from(ward.beds())).sum();
        assert!((1000..2000).contains(&beds), "{beds}");
        for hospital in &HOSPITALS {
            let mut codes: Vec<_> = hospital.wards.iter().map(|ward| ward.code).collect();
            codes.sort_unstable();
            codes.dedup();
            assert_eq!(codes.len(), 14, "{}", hospital.name);
        }
    }

    #[test]
    fn beds_are_counted_through_bays_then_side_rooms() {
        let bed = |number| Bed { hospital: 0, ward: 2, number }.bay();
        assert_eq!(
            [bed(1), bed(6), bed(7), bed(12), bed(13)],
            [(Some(1), 1), (Some(1), 6), (Some(2), 1), (Some(2), 6), (None, 1)]
        );
    }
}

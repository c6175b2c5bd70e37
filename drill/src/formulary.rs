//! Medicines as British wards prescribe them: generic name, dose, unit, route, form and how often.
//!
//! Plausible, never advice: doses are common adult ones from general knowledge, for a simulation only.
//! Called by `Trust` for prescriptions and doses.

use crate::chance::Chance;
use basics::Moment;

/// A line of the formulary: what is prescribed and how.
#[derive(Clone, Copy, PartialEq, Debug)]
#[allow(missing_docs)]
pub struct Medicine {
    pub code: &'static str,
    pub name: &'static str,
    pub dose: &'static str,
    pub unit: &'static str,
    pub route: (&'static str, &'static str),
    pub form: &'static str,
    /// HL7's repeat pattern: BD, TDS, QDS, Q6H, OD, ON, PRN, STAT …
    pub repeat: &'static str,
    /// Hours between doses; 0 for as required.
    pub hours: u8,
    pub indication: &'static str,
}

/// A prescription of a person.
#[derive(Clone, PartialEq, Debug)]
#[allow(missing_docs)]
pub struct Prescription {
    pub id: String,
    pub medicine: Medicine,
    /// The dose now, which a change may have altered.
    pub dose: &'static str,
    pub start: Moment,
    pub last_given: Option<Moment>,
    pub state: PrescriptionState,
    pub prescriber: &'static str,
}

/// Where a prescription stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub enum PrescriptionState {
    Active,
    Held,
    Stopped,
}

const ORAL: (&str, &str) = ("PO", "Oral");
const VEIN: (&str, &str) = ("IV", "Intravenous");
const SKIN: (&str, &str) = ("SC", "Subcutaneous");
const INHALED: (&str, &str) = ("IH", "Inhalation");
const TOPICAL: (&str, &str) = ("TD", "Transdermal");
const NEBULISED: (&str, &str) = ("NEB", "Nebulised");

macro_rules! medicine {
    ($code:literal $name:literal $dose:literal $unit:literal $route:ident $form:literal $repeat:literal $hours:literal $for:literal) => {
        Medicine {
            code: $code,
            name: $name,
            dose: $dose,
            unit: $unit,
            route: $route,
            form: $form,
            repeat: $repeat,
            hours: $hours,
            indication: $for,
        }
    };
}

/// What the trust's pharmacies stock. Codes are the trust's own.
pub static FORMULARY: [Medicine; 42] = [
    medicine!("M001" "paracetamol" "1" "g" ORAL "tablet" "QDS" 6 "Pain"),
    medicine!("M002" "amoxicillin" "500" "mg" ORAL "capsule" "TDS" 8 "Chest infection"),
    medicine!("M003" "co-amoxiclav" "1.2" "g" VEIN "injection" "Q8H" 8 "Sepsis"),
    medicine!("M004" "piperacillin with tazobactam" "4.5" "g" VEIN "infusion" "Q8H" 8 "Neutropenic sepsis"),
    medicine!("M005" "doxycycline" "100" "mg" ORAL "capsule" "OD" 24 "Chest infection"),
    medicine!("M006" "clarithromycin" "500" "mg" ORAL "tablet" "BD" 12 "Pneumonia"),
    medicine!("M007" "gentamicin" "320" "mg" VEIN "infusion" "OD" 24 "Urosepsis"),
    medicine!("M008" "vancomycin" "1" "g" VEIN "infusion" "BD" 12 "MRSA bacteraemia"),
    medicine!("M009" "bisoprolol" "2.5" "mg" ORAL "tablet" "OD" 24 "Atrial fibrillation"),
    medicine!("M010" "ramipril" "5" "mg" ORAL "capsule" "OD" 24 "Hypertension"),
    medicine!("M011" "amlodipine" "10" "mg" ORAL "tablet" "OD" 24 "Hypertension"),
    medicine!("M012" "furosemide" "40" "mg" ORAL "tablet" "BD" 12 "Heart failure"),
    medicine!("M013" "furosemide" "80" "mg" VEIN "injection" "BD" 12 "Acute heart failure"),
    medicine!("M014" "atorvastatin" "80" "mg" ORAL "tablet" "ON" 24 "Secondary prevention"),
    medicine!("M015" "aspirin" "75" "mg" ORAL "dispersible tablet" "OD" 24 "Ischaemic heart disease"),
    medicine!("M016" "clopidogrel" "75" "mg" ORAL "tablet" "OD" 24 "Stroke"),
    medicine!("M017" "apixaban" "5" "mg" ORAL "tablet" "BD" 12 "Atrial fibrillation"),
    medicine!("M018" "dalteparin" "5000" "units" SKIN "injection" "OD" 24 "Thromboprophylaxis"),
    medicine!("M019" "warfarin" "3" "mg" ORAL "tablet" "ON" 24 "Mechanical valve"),
    medicine!("M020" "insulin glargine" "18" "units" SKIN "injection" "ON" 24 "Type 1 diabetes"),
    medicine!("M021" "insulin aspart" "6" "units" SKIN "injection" "TDS" 8 "Type 1 diabetes"),
    medicine!("M022" "metformin" "500" "mg" ORAL "tablet" "BD" 12 "Type 2 diabetes"),
    medicine!("M023" "levothyroxine" "100" "micrograms" ORAL "tablet" "OD" 24 "Hypothyroidism"),
    medicine!("M024" "digoxin" "125" "micrograms" ORAL "tablet" "OD" 24 "Atrial fibrillation"),
    medicine!("M025" "omeprazole" "20" "mg" ORAL "capsule" "OD" 24 "Reflux"),
    medicine!("M026" "prednisolone" "30" "mg" ORAL "tablet" "OD" 24 "COPD exacerbation"),
    medicine!("M027" "salbutamol" "5" "mg" NEBULISED "nebuliser liquid" "Q6H" 6 "Wheeze"),
    medicine!("M028" "ipratropium" "500" "micrograms" NEBULISED "nebuliser liquid" "QDS" 6 "COPD"),
    medicine!("M029" "tiotropium" "18" "micrograms" INHALED "inhalation powder" "OD" 24 "COPD"),
    medicine!("M030" "morphine sulfate" "5" "mg" ORAL "oral solution" "PRN" 0 "Pain"),
    medicine!("M031" "morphine sulfate modified release" "10" "mg" ORAL "tablet" "BD" 12 "Pain"),
    medicine!("M032" "codeine" "30" "mg" ORAL "tablet" "PRN" 0 "Pain"),
    medicine!("M033" "ondansetron" "4" "mg" VEIN "injection" "PRN" 0 "Nausea"),
    medicine!("M034" "cyclizine" "50" "mg" ORAL "tablet" "PRN" 0 "Nausea"),
    medicine!("M035" "senna" "15" "mg" ORAL "tablet" "ON" 24 "Constipation"),
    medicine!("M036" "macrogol 3350" "1" "sachet" ORAL "oral powder" "BD" 12 "Constipation"),
    medicine!("M037" "levetiracetam" "500" "mg" ORAL "tablet" "BD" 12 "Epilepsy"),
    medicine!("M038" "sertraline" "50" "mg" ORAL "tablet" "OD" 24 "Depression"),
    medicine!("M039" "co-careldopa 25 mg/100 mg" "1" "tablet" ORAL "tablet" "Q4H" 4 "Parkinson's disease"),
    medicine!("M040" "fentanyl" "25" "micrograms/hour" TOPICAL "patch" "Q72H" 72 "Cancer pain"),
    medicine!("M041" "potassium chloride 40 mmol in sodium chloride 0.9%" "1" "litre" VEIN "infusion" "Q8H" 8 "Hypokalaemia"),
    medicine!("M042" "lorazepam" "0.5" "mg" ORAL "tablet" "PRN" 0 "Agitation"),
];

/// Another dose of the same medicine, for a change of prescription; `None` where none is usual.
pub fn other_dose(medicine: &Medicine) -> Option<&'static str> {
    Some(match (medicine.name, medicine.dose) {
        ("bisoprolol", _) => "1.25",
        ("ramipril", _) => "2.5",
        ("furosemide", "40") => "80",
        ("amlodipine", _) => "5",
        ("prednisolone", _) => "40",
        ("insulin glargine", _) => "20",
        ("insulin aspart", _) => "8",
        ("paracetamol", _) => "0.5",
        ("digoxin", _) => "62.5",
        ("levothyroxine", _) => "75",
        _ => return None,
    })
}

/// A medicine for somebody of this age; children get fewer kinds.
pub fn medicine(chance: &mut Chance, age: i16) -> Option<Medicine> {
    let children = ["M001", "M002", "M003", "M027", "M033", "M037"];
    for _ in 0..20 {
        let medicine = chance.of(&FORMULARY).copied()?;
        if age >= 16 || children.contains(&medicine.code) {
            return Some(medicine);
        }
    }
    FORMULARY.first().copied()
}

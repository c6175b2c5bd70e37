//! What laboratories measure: panels with units, ranges and the figures at which somebody is telephoned.
//!
//! Ranges are common adult ones, for a simulation only. Called by `messages::results`.

use crate::chance::Chance;

/// One measured thing.
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs)]
pub struct Analyte {
    pub code: &'static str,
    pub name: &'static str,
    /// LOINC code sent beside the local one; empty when the laboratory has none.
    pub loinc: &'static str,
    pub unit: &'static str,
    pub low: f64,
    pub high: f64,
    pub critical_low: f64,
    pub critical_high: f64,
    pub decimals: usize,
}

/// What is requested together.
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs)]
pub struct Panel {
    pub code: &'static str,
    pub name: &'static str,
    pub analytes: &'static [Analyte],
}

/// A measured figure and what it means.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct Measured {
    pub analyte: &'static Analyte,
    pub figure: String,
    pub range: String,
    /// HL7 table 0078: empty, L, H, LL, HH.
    pub abnormal: &'static str,
}

macro_rules! a {
    ($code:literal $name:literal $loinc:literal $unit:literal $low:literal $high:literal $cl:literal $ch:literal $dec:literal) => {
        Analyte {
            code: $code,
            name: $name,
            loinc: $loinc,
            unit: $unit,
            low: $low,
            high: $high,
            critical_low: $cl,
            critical_high: $ch,
            decimals: $dec,
        }
    };
}

/// The laboratories' repertoire.
pub static PANELS: [Panel; 10] = [
    Panel { code: "FBC", name: "Full blood count", analytes: &FBC },
    Panel { code: "UE", name: "Urea and electrolytes", analytes: &UE },
    Panel { code: "LFT", name: "Liver function tests", analytes: &LFT },
    Panel { code: "CRP", name: "C-reactive protein", analytes: &CRP },
    Panel { code: "TROP", name: "Troponin T (high sensitivity)", analytes: &TROP },
    Panel { code: "GAS", name: "Blood gas (arterial)", analytes: &GAS },
    Panel { code: "COAG", name: "Coagulation screen", analytes: &COAG },
    Panel { code: "BONE", name: "Bone profile", analytes: &BONE },
    Panel { code: "GLU", name: "Glucose", analytes: &GLU },
    Panel { code: "LACT", name: "Lactate", analytes: &LACT },
];

static FBC: [Analyte; 6] = [
    a!("HB" "Haemoglobin" "718-7" "g/L" 115.0 165.0 70.0 200.0 0),
    a!("WBC" "White cell count" "6690-2" "10*9/L" 4.0 11.0 1.0 30.0 1),
    a!("PLT" "Platelets" "777-3" "10*9/L" 150.0 450.0 30.0 1000.0 0),
    a!("NEUT" "Neutrophils" "751-8" "10*9/L" 2.0 7.5 0.5 25.0 1),
    a!("MCV" "Mean cell volume" "787-2" "fL" 80.0 100.0 60.0 130.0 1),
    a!("HCT" "Haematocrit" "4544-3" "L/L" 0.37 0.47 0.2 0.6 2),
];
static UE: [Analyte; 4] = [
    a!("NA" "Sodium" "2951-2" "mmol/L" 133.0 146.0 120.0 160.0 0),
    a!("K" "Potassium" "2823-3" "mmol/L" 3.5 5.3 2.5 6.5 1),
    a!("UREA" "Urea" "22664-7" "mmol/L" 2.5 7.8 0.5 30.0 1),
    a!("CREAT" "Creatinine" "14682-9" "umol/L" 45.0 104.0 15.0 354.0 0),
];
static LFT: [Analyte; 4] = [
    a!("BILI" "Bilirubin" "14631-6" "umol/L" 1.0 21.0 0.0 300.0 0),
    a!("ALT" "Alanine transaminase" "1742-6" "U/L" 5.0 40.0 0.0 1000.0 0),
    a!("ALP" "Alkaline phosphatase" "6768-6" "U/L" 30.0 130.0 0.0 1500.0 0),
    a!("ALB" "Albumin" "1751-7" "g/L" 35.0 50.0 15.0 70.0 0),
];
static CRP: [Analyte; 1] = [a!("CRP" "C-reactive protein" "1988-5" "mg/L" 0.0 5.0 -1.0 300.0 0)];
static TROP: [Analyte; 1] = [a!("TROPT" "Troponin T" "67151-1" "ng/L" 0.0 14.0 -1.0 52.0 0)];
static GAS: [Analyte; 6] = [
    a!("PH" "pH" "2744-1" "" 7.35 7.45 7.2 7.6 2),
    a!("PCO2" "Carbon dioxide, partial pressure" "2019-8" "kPa" 4.7 6.0 2.5 9.0 1),
    a!("PO2" "Oxygen, partial pressure" "2703-7" "kPa" 11.0 13.5 6.5 60.0 1),
    a!("HCO3" "Bicarbonate" "1960-4" "mmol/L" 22.0 26.0 10.0 40.0 1),
    a!("BE" "Base excess" "" "mmol/L" -2.0 2.0 -15.0 15.0 1),
    a!("GLAC" "Lactate" "32693-4" "mmol/L" 0.5 2.0 0.0 4.0 1),
];
static COAG: [Analyte; 3] = [
    a!("PT" "Prothrombin time" "5902-2" "s" 10.0 13.0 5.0 40.0 1),
    a!("APTT" "Activated partial thromboplastin time" "3173-2" "s" 25.0 37.0 15.0 100.0 1),
    a!("FIB" "Fibrinogen" "3255-7" "g/L" 1.5 4.5 0.8 10.0 1),
];
static BONE: [Analyte; 3] = [
    a!("CA" "Calcium (adjusted)" "29265-6" "mmol/L" 2.2 2.6 1.8 3.5 2),
    a!("PHOS" "Phosphate" "14879-1" "mmol/L" 0.8 1.5 0.3 3.0 2),
    a!("MG" "Magnesium" "2601-3" "mmol/L" 0.7 1.0 0.4 2.0 2),
];
static GLU: [Analyte; 1] = [a!("GLU" "Glucose" "14749-6" "mmol/L" 3.9 7.8 2.5 25.0 1)];
static LACT: [Analyte; 1] = [a!("LAC" "Lactate" "14118-4" "mmol/L" 0.5 2.0 0.0 4.0 1)];

/// A figure for the analyte: most within the range, some beyond, a few critical.
pub fn measure(chance: &mut Chance, analyte: &'static Analyte) -> Measured {
    let middle = f64::midpoint(analyte.low, analyte.high);
    let width = (analyte.high - analyte.low).max(0.1);
    let value = match chance.below(100) {
        0..=69 => chance.about(middle, width / 3.2).clamp(analyte.low, analyte.high),
        70..=82 => analyte.high + chance.fraction() * (analyte.critical_high - analyte.high) * 0.6,
        83..=95 => analyte.low - chance.fraction() * (analyte.low - analyte.critical_low) * 0.6,
        96..=97 => analyte.critical_high * (1.0 + chance.fraction() * 0.15),
        _ => analyte.critical_low - analyte.critical_low.abs() * chance.fraction() * 0.1,
    };
    // Only a base excess may be negative.
    let value = if analyte.low >= 0.0 { value.max(0.0) } else { value };
    let figure = format!("{value:.*}", analyte.decimals);
    let shown: f64 = figure.parse().unwrap_or(value);
    let abnormal = match shown {
        v if v > analyte.critical_high => "HH",
        v if v < analyte.critical_low => "LL",
        v if v > analyte.high => "H",
        v if v < analyte.low => "L",
        _ => "",
    };
    let range = format!("{:.*}-{:.*}", analyte.decimals, analyte.low, analyte.decimals, analyte.high);
    // "-0" reads as a misprint on a ward.
    let figure = if shown == 0.0 { format!("{:.*}", analyte.decimals, 0.0) } else { figure };
    Measured { analyte, figure, range, abnormal }
}

/// Vital signs: LOINC code, name, unit, middle and spread of healthy adults, decimals.
pub static VITALS: [(&str, &str, &str, f64, f64, usize); 6] = [
    ("9279-1", "Respiratory rate", "/min", 17.0, 6.0, 0),
    ("59408-5", "Oxygen saturation (pulse oximetry)", "%", 96.0, 3.0, 0),
    ("8480-6", "Systolic blood pressure", "mm[Hg]", 126.0, 30.0, 0),
    ("8462-4", "Diastolic blood pressure", "mm[Hg]", 72.0, 18.0, 0),
    ("8867-4", "Heart rate", "/min", 82.0, 28.0, 0),
    ("8310-5", "Body temperature", "Cel", 36.9, 1.2, 1),
];

/// What grows in cultures.
pub static ORGANISMS: [(&str, &str); 4] = [
    ("Escherichia coli", "Sensitive to gentamicin, co-amoxiclav; resistant to trimethoprim"),
    ("Staphylococcus aureus", "Sensitive to flucloxacillin, doxycycline"),
    ("Klebsiella pneumoniae", "Sensitive to meropenem; resistant to co-amoxiclav"),
    ("Streptococcus pneumoniae", "Sensitive to amoxicillin"),
];

/// Imaging: code, examination, report.
pub static IMAGING: [(&str, &str, &str); 6] = [
    (
        "XCHES",
        "X-ray chest",
        "Clinical details: cough, fever.\nThe heart is not enlarged. Patchy consolidation at the right base in keeping with infection.\nNo pneumothorax. No effusion.\nRepeat film in six weeks to confirm clearing.",
    ),
    (
        "CTHEAD",
        "CT head",
        "No intracranial haemorrhage. No mass effect or midline shift.\nMature infarct in the left occipital lobe.\nConclusion: no acute abnormality.",
    ),
    (
        "XHIP",
        "X-ray left hip",
        "Displaced intracapsular fracture of the left neck of femur.\nReferred to orthopaedics at the time of reporting.",
    ),
    (
        "CTPA",
        "CT pulmonary angiogram",
        "CRITICAL: bilateral segmental pulmonary emboli with signs of right heart strain.\nTelephoned to the ward at the time of reporting.",
    ),
    (
        "USABD",
        "Ultrasound abdomen",
        "Gallbladder contains several calculi; wall not thickened. Common duct 4 mm.\nLiver, spleen and kidneys normal.",
    ),
    (
        "MRSPI",
        "MRI lumbar spine",
        "Degenerative change at L4/5 with a left paracentral disc protrusion touching the L5 root.\nNo cord or cauda equina compression.",
    ),
];

//! Results, vital signs, outstanding orders and documents.

use crate::Cite;
use basics::Moment;
use serde::{Deserialize, Serialize};

/// Preliminary, final, corrected … (HL7 table 0085, FHIR observation-status).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum ResultStatus {
    Registered,
    Preliminary,
    #[default]
    Final,
    Corrected,
    Cancelled,
    /// Deleted or entered in error: kept, never shown as a result.
    Withdrawn,
}

/// Outside its range, and which way (HL7 table 0078).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum AbnormalFlag {
    Normal,
    Low,
    High,
    CriticalLow,
    CriticalHigh,
    Abnormal,
    CriticalAbnormal,
}

/// What was found.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub enum Value {
    /// A number exactly as sent ("4.10" stays so), with comparators; and the unit.
    Quantity {
        /// The figure as sent: "4.10", "<0.5", ">90".
        figure: String,
        /// The unit as sent.
        unit: String,
    },
    /// Words, lines parted by newlines.
    Text(String),
    /// A coded answer in words.
    Coded(String),
    /// A document: see the cited entry.
    Attachment {
        /// "application/pdf" and suchlike.
        mime: String,
        /// Size in bytes after decoding.
        bytes: u64,
    },
}

impl Value {
    /// The figure as a number, where it is one without comparator.
    pub fn number(&self) -> Option<f64> {
        match self {
            Value::Quantity { figure, .. } => figure.trim().parse().ok(),
            _ => None,
        }
    }

    /// The value in words, with its unit.
    pub fn shown(&self) -> String {
        match self {
            Value::Quantity { figure, unit } if unit.is_empty() => figure.clone(),
            Value::Quantity { figure, unit } => format!("{figure} {unit}"),
            Value::Text(text) | Value::Coded(text) => text.clone(),
            Value::Attachment { mime, bytes } => format!("Document ({mime}, {} kB)", bytes / 1024),
        }
    }
}

/// One measured or observed thing: a line of a report, or a vital sign.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Observation {
    /// The sender's key where there is one (FHIR id); else empty.
    pub id: String,
    pub code: String,
    /// Coding system as sent: "LN", "http://loinc.org", local.
    pub system: String,
    pub name: String,
    /// Several components of one observation (blood pressure) come as several observations.
    pub value: Option<Value>,
    /// Reference range as sent.
    pub range: String,
    pub abnormal: Option<AbnormalFlag>,
    pub status: ResultStatus,
    pub at: Option<Moment>,
    /// Remarks, lines parted by newlines.
    pub note: String,
    pub cite: Option<Cite>,
}

/// A report: what an order brought back.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct DiagnosticReport {
    /// Filler order number, FHIR id, or placer number: the key by which corrections replace.
    pub id: String,
    pub placer: String,
    pub code: String,
    pub name: String,
    pub status: ResultStatus,
    /// When the specimen was taken or the examination done.
    pub collected: Option<Moment>,
    pub reported: Option<Moment>,
    pub results: Vec<Observation>,
    /// Keys (FHIR ids) of results that the report names and that come, or came, by themselves.
    pub awaited: Vec<String>,
    /// Text of a narrative report, or remarks to the whole.
    pub text: String,
    pub requester: String,
    pub cite: Option<Cite>,
}

/// Where an order stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum OrderStatus {
    #[default]
    Requested,
    InProgress,
    /// Some results are back.
    Partial,
    Completed,
    Cancelled,
}

impl OrderStatus {
    /// Still waited for.
    pub fn outstanding(self) -> bool {
        matches!(self, Self::Requested | Self::InProgress | Self::Partial)
    }
}

/// An order for a test, examination or service.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct ServiceRequest {
    pub placer: String,
    pub filler: String,
    pub code: String,
    pub name: String,
    pub status: OrderStatus,
    pub urgent: bool,
    pub requested: Option<Moment>,
    pub requester: String,
    pub note: String,
    pub cite: Option<Cite>,
}

/// A document; its bytes stay in the cited entry.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct DocumentReference {
    pub id: String,
    pub title: String,
    pub mime: String,
    /// Size in bytes after decoding; 0 when the document is text held in `text`.
    pub bytes: u64,
    /// Where in the entry: segment index of the OBX, or index of the resource.
    pub part: u32,
    pub text: String,
    pub status: ResultStatus,
    pub at: Option<Moment>,
    pub author: String,
    pub cite: Option<Cite>,
}

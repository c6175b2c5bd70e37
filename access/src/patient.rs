//! A patient as access knows one: by the number under which their record is kept, and by nothing else.

use serde::{Deserialize, Serialize};

/// The key of a patient's record, as `care::PatientKey` has it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct Patient(pub u64);

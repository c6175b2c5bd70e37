//! How an act is written in the clinic book: one version byte, then JSON that can be read in fifty years.
//!
//! Frozen: what any version of Lifeboat wrote, every later one reads (`docs/formats/clinic_book.md`,
//! `tests/clinics_frozen.rs`). Never: half an act.

use super::Act;
use basics::EntryNumber;

/// Entry kind: one person's act.
pub const ACT: u16 = 1;

/// The version of this layout.
const VERSION: u8 = 1;

/// Longest act, in bytes as written.
pub const ACT_BYTES_MAX: usize = 16 << 20;

/// What can go wrong between an act and its bytes.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Fault {
    /// The bytes are of a kind or version that this program does not know.
    #[error("entry {0} of the clinic book is not written in a way this version knows: {1}")]
    Unknown(EntryNumber, String),
    /// The act could not be written down.
    #[error("could not write an act down: {0}")]
    Write(String),
    /// The act is longer than is kept.
    #[error("{bytes} bytes are more than one entry of the clinic book may have ({bytes_max})")]
    TooLarge {
        /// Its length, in bytes.
        bytes: usize,
        /// The ceiling, in bytes.
        bytes_max: usize,
    },
}

/// An act as the body of an entry of kind [`ACT`].
///
/// # Errors
/// An act that is too long.
pub fn write(act: &Act) -> Result<Vec<u8>, Fault> {
    let mut out = vec![VERSION];
    serde_json::to_writer(&mut out, act).map_err(|e| Fault::Write(e.to_string()))?;
    if out.len() > ACT_BYTES_MAX {
        return Err(Fault::TooLarge { bytes: out.len(), bytes_max: ACT_BYTES_MAX });
    }
    Ok(out)
}

/// Reads an entry's body.
///
/// # Errors
/// A body that this version does not know in full, with the entry's number.
pub fn read(entry: EntryNumber, kind: u16, body: &[u8]) -> Result<Act, Fault> {
    match (kind, body) {
        (ACT, [VERSION, json @ ..]) => {
            let act: Act = serde_json::from_slice(json).map_err(|e| Fault::Unknown(entry, e.to_string()))?;
            if act.facts.is_empty() {
                return Err(Fault::Unknown(entry, "an act without a fact".to_owned()));
            }
            Ok(act)
        }
        (ACT, [version, ..]) => Err(Fault::Unknown(entry, format!("version {version}"))),
        _ => Err(Fault::Unknown(entry, format!("kind {kind}, {} bytes", body.len()))),
    }
}

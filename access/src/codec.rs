//! How an act is written in the access book: one version byte, then postcard.
//!
//! Frozen: what any version of Lifeboat wrote, every later one reads (`docs/formats/access_book.md`, `tests/frozen.rs`). A new
//! fact is added at the end of its list; anything else needs a new version. Never: half an act, or bytes left over.

use crate::Act;
use basics::EntryNumber;

/// Entry kind: one act.
pub const ACT: u16 = 1;

/// The version of this layout.
const VERSION: u8 = 1;

/// Longest act, in bytes as written.
pub const ACT_BYTES_MAX: usize = 4 << 20;

/// What can go wrong between an act or a look and its bytes.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Fault {
    /// The bytes are of a kind or version that this program does not know.
    #[error("entry {0} of the {1} book is not written in a way this version knows: {2}")]
    Unknown(EntryNumber, &'static str, String),
    /// It could not be written down.
    #[error("could not write it down: {0}")]
    Write(String),
    /// It is longer than is kept.
    #[error("{bytes} bytes are more than one entry may have here ({bytes_max})")]
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
    let out = postcard::to_extend(act, vec![VERSION]).map_err(|e| Fault::Write(e.to_string()))?;
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
    let unknown = |what: String| Fault::Unknown(entry, "access", what);
    match (kind, body) {
        (ACT, [VERSION, rest @ ..]) => {
            let (act, left) = postcard::take_from_bytes::<Act>(rest).map_err(|e| unknown(e.to_string()))?;
            match (act.facts.is_empty(), left.len()) {
                (true, _) => Err(unknown("an act without a fact".to_owned())),
                (false, 0) => Ok(act),
                (false, left) => Err(unknown(format!("{left} bytes too many"))),
            }
        }
        (ACT, [version, ..]) => Err(unknown(format!("version {version}"))),
        _ => Err(unknown(format!("kind {kind}, {} bytes", body.len()))),
    }
}

//! Reading an instance from JSON (`docs/formats/divert_instance.md`), and the rules that every instance keeps.
//!
//! Always: refuses with the pathway, site or zone named and what is wanted instead; unknown keys are ignored, so that
//! newer files can be read. Never: a hole filled by a guess, or an index that does not exist let through. Bytes come
//! from the caller. Proved by `tests/bad_input.rs`, which damages every field of a good instance.

mod check;
mod raw;

pub(super) use check::{check, check_current, check_small};

use super::instance::Instance;
use super::refusal::Refusal;

/// Reads an instance and checks it.
///
/// # Errors
/// What is wrong, with its place named.
pub fn read_instance(json: &[u8]) -> Result<Instance, Refusal> {
    let json = json.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(json);
    let raw = match serde_json::from_slice::<raw::File>(json) {
        Ok(raw) => raw,
        Err(error) => return Err(raw::diagnose(json, &error)),
    };
    let instance = raw.into_instance()?;
    check(&instance)?;
    Ok(instance)
}

//! Two histories of one book: how they are recognised, and the proof that is kept.
//!
//! A book that was copied, put back and continued has two histories. Both heads are signed by the same site, so the
//! two together prove the fork to anybody who has the site's verifying key. Called by `import`, `verify` and `sites`.

use crate::format::Head;
use basics::EntryNumber;

/// Two signed heads of one book that cannot both be true.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ForkProof {
    /// The head that was known before.
    pub held: Head,
    /// The head that contradicts it.
    pub shown: Head,
    /// The first entry on which the histories differ, as far as it could be found out.
    pub entry: EntryNumber,
}

/// Compares two heads alone: a proof when both are signed by one site for one book at one size, with different
/// seals. Heads of different sizes need the entries between them (`import` and `verify` compare those).
pub fn compare_heads(held: &Head, shown: &Head) -> Option<ForkProof> {
    let comparable = held.book == shown.book && held.key == shown.key && held.size == shown.size;
    let both_signed = held.is_signed() && shown.is_signed();
    (comparable && both_signed && held.seal != shown.seal).then(|| ForkProof {
        held: held.clone(),
        shown: shown.clone(),
        entry: EntryNumber(held.size),
    })
}

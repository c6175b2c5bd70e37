//! Who may look at which page, and who may send its form: one file that people can read, `forms/access/rights.txt`.
//!
//! Always: a page that stands in no row is nobody's; a person's wards and hospitals bound what they see where the row says
//! so; every refusal says what to do instead. Never: a right that lies in code. The format is described in
//! `docs/formats/rights.md`; proved by `tests/rights.rs` (test 26 of RELIABILITY.md) and `tests/rights_cover_the_pages.rs`.

mod format;
mod may;
mod table;

pub use format::{RightsFault, RightsFaults, read};
pub use may::{Answer, Right, Wanted, Who, may};
pub use table::{Group, Rights, Whom};

/// The rights that come with Lifeboat: the text of `forms/access`, built in so that a machine taken from a bag has it.
pub fn shipped() -> (&'static str, &'static str) {
    ("rights.txt", include_str!("../../forms/access/rights.txt"))
}

//! Getting in and out: the page for whoever comes to a screen, by whichever way still works for them.
//!
//! Always: the ways that need nothing else of the hospital's working; a wrong name, passphrase, PIN or code said in one and
//! the same sentence; what was typed of a staff number kept, so that the second try is a quick one. Never: a secret on a page
//! or in an address; somebody else's session taken into use because one ended.
//! The rules are in `access::sign_in` and `access::sessions`; proved by `tests/sign_in.rs`.

mod answer;
mod demo;
pub mod out;
pub mod page;

pub use answer::{NO_COOKIE, Why, key_of, remembered, way_back};

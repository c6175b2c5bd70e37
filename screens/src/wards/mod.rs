//! Wards: every ward of every hospital, with how many patients lie there.

pub mod page;

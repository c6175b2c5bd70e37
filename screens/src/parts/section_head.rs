//! A section's heading on a patient page: what, how many, as at when, and the entry that says so.

use super::Stamp;
use askama::Template;
use askama::filters::HtmlSafe;

/// Heading, count, age and source of one section.
#[derive(Template, Clone, Debug)]
#[template(path = "parts/section_head.html")]
pub struct SectionHead {
    /// The anchor.
    pub id: &'static str,
    /// "Medicines".
    pub title: String,
    /// "4 active, 2 stopped"; empty for sections that are no list.
    pub count: String,
    /// Newest fact of the section.
    pub as_at: Stamp,
    /// Number of the entry that holds it and its feed; `None` when nothing was ever sent.
    pub source: Option<(u64, String)>,
}

impl HtmlSafe for SectionHead {}

//! The directory: the number to dial now, large; by role first; searched while typing; imported, edited, carried away.

pub mod edit;
pub mod import;
pub mod page;
pub mod print;
pub mod routes;
pub mod vcard;

use crate::desk::Look;
use incident::{Ground, IncidentBook};

/// The ground of the directory's pages: that of the incident that most people mean while one runs, else what is real.
pub fn ground(book: &IncidentBook) -> Ground {
    match crate::chosen::chosen(book, "") {
        Ok(Some(incident)) if incident.running() => incident.ground(),
        _ => Ground::Real,
    }
}

/// The trust's hospitals, for a list to choose from: name, and whether it is the one chosen.
pub fn sites(look: &Look<'_>, chosen: &str) -> Vec<(String, bool)> {
    look.incidents(|book| {
        book.hospitals.sites().iter().map(|site| (site.to_string(), site.as_str() == chosen)).collect()
    })
}

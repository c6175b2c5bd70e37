//! What the public is told: what stands there now, drafts that wait for a second person, withdrawal, history, and
//! whether the page got to where people read it.

pub mod deeds;
pub mod draft;
mod fields;
mod ground;
pub mod one;
pub mod page;
pub mod preview;

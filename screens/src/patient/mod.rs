//! A patient: one person, one page, everything that is known, each thing with its age and its source.

pub mod banner;
pub mod document;
pub mod history;
pub mod medicines;
pub mod page;
pub mod person;
pub mod results;
pub mod sheet;
pub mod signs;

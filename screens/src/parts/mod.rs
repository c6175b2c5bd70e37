//! The small pieces that many screens share: times with their age, marks of state, plots.
//!
//! Each piece is a template of its own, so every value in it is escaped where it is written; a piece may therefore
//! stand inside a page as it is. Templates never use `safe`: a test forbids the word.

mod mark;
mod plots;
pub mod qr;
mod raw;
mod section_head;
mod series_plot;
mod stamp;

pub use mark::{Level, Mark};
pub use plots::{RatePlot, TrendPlot, TrendPoint, numeric_range};
pub use raw::{Piece, RawLine, RawMessage, Said, cost};
pub use section_head::SectionHead;
pub use series_plot::SeriesPlot;
pub use stamp::{Stamp, spoken_age};

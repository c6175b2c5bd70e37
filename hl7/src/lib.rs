//! The grammar of HL7 v2 and the frames it travels in; knows no hospital.
//!
//! On the ward: whatever the hospital's systems said before they fell silent arrives here as bytes, and leaves as
//! fields that can be read. Promises: borrows and never changes what was received; never panics on any input; every
//! quantity has a ceiling; a message that cannot be read is refused in words a person can act on, never half read;
//! text is shown whole rather than cut at a delimiter its sender forgot to escape.
//! Called by `intake` (frames, files, acknowledgements), `translate` (fields) and `drill` (building). Proved by
//! RELIABILITY tests 9, 14 and 16 in `tests/`, by the corpus test there, and by the fuzz targets in `fuzz/`.

mod acknowledgement;
mod builder;
mod charset;
mod delimiters;
mod document;
mod escape;
mod field;
mod message;
pub mod mllp;
mod path;
mod segment;
mod split;
mod timestamp;
mod transcode;

pub use acknowledgement::{AckCode, acknowledgement, control_id};
pub use builder::{Builder, SegmentBuilder, Unbuildable};
pub use charset::Charset;
pub use delimiters::Delimiters;
pub use document::{Document, NotADocument};
pub use escape::escape;
pub use field::{Component, Field, Repetition};
pub use message::{MESSAGE_BYTES_MAX, Message, SEGMENTS_MAX, Unreadable};
pub use segment::Segment;
pub use split::{Piece, Pieces, split};
pub use timestamp::{Precision, Timestamp};
pub use transcode::readable;

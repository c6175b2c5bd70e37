//! Doors for data: MLLP connections, HTTP posts, files, and servers that are asked (travel times, reports). Bytes in; nothing is understood here.
//!
//! On the ward: every message of every feed comes through one of these doors in peacetime, so that the lists are
//! there on the day. Promises: nothing is answered as kept before it is on the disk; nothing received is thrown away;
//! every quantity has a ceiling (`limits`); no clock is read (one is handed) and no meaning is looked for, beyond
//! what an answer needs. Called by the program; proved by RELIABILITY tests 10, 13, 14, 15 and 20 in `tests/`.

mod json;
mod limits;
mod peers;
mod record;
mod reply;
mod tallies;
mod unpack;

pub mod files;
pub mod http;
pub mod mllp;
pub mod osrm;
pub mod pull;
pub mod replay;

pub use limits::{BodyLimits, MllpLimits};
pub use peers::{Network, NotANetwork, Peers};
pub use record::{Done, Kept, NotKept, NotTaken, Record, Taken};
pub use reply::{Outcome, Plan};
pub use tallies::{Tallies, Tally};

//! Travel times from a routing server that speaks OSRM's table service: many places at once, in blocks.
//!
//! Always: at most so many places a request as the server takes; every answer checked for its shape before it is
//! believed; a pair without a way is `None`, never nought. Never: asked for more than the ceiling in all, or for ever.
//! Called by the program when a region is read; proved by `tests/osrm.rs` against a faithful fake on a real socket.

use crate::pull::{PullFault, PullLimits, Puller};
use serde::Deserialize;

/// A place in degrees, WGS 84.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Spot {
    /// North.
    pub latitude: f64,
    /// East.
    pub longitude: f64,
}

/// A routing server.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Osrm {
    /// "http://osrm.northgate.example:5000".
    pub address: String,
    /// The server's profile: "driving" unless somebody changed it.
    pub profile: String,
    /// Places in one request; the server's own ceiling is 100 unless it was raised (`--max-table-size`).
    pub places_max: usize,
    /// Longest wait for one answer.
    pub wait_ms_max: u64,
}

/// Why there are no times: a sentence for whoever runs it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OsrmFault {
    /// The server was not reached, or its answer is no table.
    #[error("the routing server was asked in vain: {0}")]
    Pull(#[from] PullFault),
    /// It answered, but not with a table.
    #[error("the routing server's answer is not understood: {0}")]
    Answer(String),
    /// It refused.
    #[error("the routing server refused: {code}{message}")]
    Refused {
        /// Its code: "NoTable", "TooBig".
        code: String,
        /// ": " and its words, or nothing.
        message: String,
    },
    /// Too much.
    #[error("{pairs} travel times are more than the {max} that are asked for at once")]
    TooMany {
        /// Pairs wanted.
        pairs: usize,
        /// The ceiling.
        max: usize,
    },
    /// The settings cannot work.
    #[error("a request of {0} places cannot hold a zone and a site; allow at least 2")]
    Places(usize),
}

/// Pairs asked for in all.
pub const PAIRS_MAX: usize = 5_000_000;
/// Largest answer.
const ANSWER_BYTES_MAX: usize = 32 << 20;
/// Longest word kept of what a server says.
const WORDS_MAX: usize = 200;

#[derive(Deserialize)]
struct Answer {
    code: String,
    #[serde(default)]
    message: String,
    #[serde(default)]
    durations: Vec<Vec<Option<f64>>>,
}

impl Osrm {
    /// Seconds from each of `from` to each of `to`, a row for each of `from`.
    ///
    /// # Errors
    /// The first thing that went wrong; there is no half table.
    pub async fn table(
        &self,
        puller: &Puller,
        from: &[Spot],
        to: &[Spot],
    ) -> Result<Vec<Vec<Option<f64>>>, OsrmFault> {
        let pairs = from.len().saturating_mul(to.len());
        if pairs > PAIRS_MAX {
            return Err(OsrmFault::TooMany { pairs, max: PAIRS_MAX });
        }
        if self.places_max < 2 {
            return Err(OsrmFault::Places(self.places_max));
        }
        let columns_max = (self.places_max / 2).max(1);
        let mut rows: Vec<Vec<Option<f64>>> = vec![Vec::with_capacity(to.len()); from.len()];
        for columns in to.chunks(columns_max) {
            let rows_max = (self.places_max - columns.len()).max(1);
            let blocks = from.chunks(rows_max).zip(rows.chunks_mut(rows_max));
            for (block, rows) in blocks {
                let times = self.block(puller, block, columns).await?;
                rows.iter_mut().zip(times).for_each(|(row, times)| row.extend(times));
            }
        }
        Ok(rows)
    }

    async fn block(
        &self,
        puller: &Puller,
        from: &[Spot],
        to: &[Spot],
    ) -> Result<Vec<Vec<Option<f64>>>, OsrmFault> {
        let limits = PullLimits { answer_bytes_max: ANSWER_BYTES_MAX, wait_ms_max: self.wait_ms_max };
        let bytes = match puller.get(&self.question(from, to), limits).await {
            // A connection that the server had closed meanwhile is no reason to give up: asking twice harms nothing.
            Err(PullFault::Unreachable { .. }) => puller.get(&self.question(from, to), limits).await?,
            other => other?,
        };
        let answer: Answer = serde_json::from_slice(&bytes).map_err(|e| OsrmFault::Answer(e.to_string()))?;
        if answer.code != "Ok" {
            let cut =
                |text: &str| text.chars().filter(|c| !c.is_control()).take(WORDS_MAX).collect::<String>();
            let message =
                if answer.message.is_empty() { String::new() } else { format!(": {}", cut(&answer.message)) };
            return Err(OsrmFault::Refused { code: cut(&answer.code), message });
        }
        let shape =
            answer.durations.len() == from.len() && answer.durations.iter().all(|r| r.len() == to.len());
        if !shape {
            return Err(OsrmFault::Answer(format!("it is no table of {} by {}", from.len(), to.len())));
        }
        Ok(answer.durations)
    }

    /// The request's address: coordinates are longitude first, as the service wants them.
    fn question(&self, from: &[Spot], to: &[Spot]) -> String {
        let spot = |s: &Spot| format!("{:.6},{:.6}", s.longitude, s.latitude);
        let spots: Vec<String> = from.iter().chain(to).map(spot).collect();
        let numbers =
            |range: std::ops::Range<usize>| range.map(|n| n.to_string()).collect::<Vec<_>>().join(";");
        format!(
            "{}/table/v1/{}/{}?sources={}&destinations={}&annotations=duration",
            self.address.trim_end_matches('/'),
            self.profile,
            spots.join(";"),
            numbers(0..from.len()),
            numbers(from.len()..from.len() + to.len())
        )
    }
}

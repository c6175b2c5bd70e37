//! The ceilings of every door: how long, how much, how many. A hostile or broken sender meets these and nothing else.
//!
//! Always: each has a unit last in its name and a default that suits a large hospital on small hardware.
//! Used by `mllp`, `http` and `files`; proved by RELIABILITY tests 13, 14 and 15.

/// Ceilings of one MLLP listener.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct MllpLimits {
    /// Open connections of one listener. When it is reached, the connection that has waited longest without ever
    /// completing a frame makes room; connections that have proved themselves are never turned out.
    pub connections_max: usize,
    /// Longest message in bytes; a longer one is refused and its connection closed.
    pub frame_bytes_max: usize,
    /// Bytes of unfinished frames that all connections of the listener may hold together.
    pub unfinished_bytes_max: usize,
    /// From the first byte of a frame to its last, in milliseconds.
    pub frame_wait_ms_max: u64,
    /// From the connection to its first byte of a frame, in milliseconds.
    pub first_frame_wait_ms_max: u64,
    /// Silence after which a connection that has delivered is closed, in milliseconds; wards are quiet at night, so
    /// this is long (default 24 h).
    pub idle_ms_max: u64,
    /// Messages of one connection that may wait for their answer together.
    pub pipelined_max: usize,
    /// Bytes between two frames that are kept for the tray; what comes on top is counted and the connection closed.
    pub rubbish_bytes_max: usize,
    /// How long a sender may leave its answers unread before the connection is closed, in milliseconds.
    pub answer_wait_ms_max: u64,
}

impl Default for MllpLimits {
    fn default() -> Self {
        Self {
            connections_max: 1024,
            frame_bytes_max: 16 << 20,
            unfinished_bytes_max: 256 << 20,
            frame_wait_ms_max: 30_000,
            first_frame_wait_ms_max: 60_000,
            idle_ms_max: 24 * 3_600_000,
            pipelined_max: 256,
            rubbish_bytes_max: 64 << 10,
            answer_wait_ms_max: 60_000,
        }
    }
}

/// Ceilings of a body that is posted, or of a file that is imported.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct BodyLimits {
    /// Bytes as sent.
    pub body_bytes_max: usize,
    /// Bytes after decompression.
    pub inflated_bytes_max: u64,
    /// Times that a body may grow by decompression, once past the first `inflated_free_bytes`.
    pub inflated_times_max: u64,
    /// Bytes that a body may always inflate to, however well it was compressed.
    pub inflated_free_bytes: u64,
    /// Levels of JSON within each other.
    pub json_depth_max: usize,
    /// Longest single message or resource, in bytes: what one entry of the record can hold, less its header.
    pub message_bytes_max: usize,
    /// Messages in one posted body.
    pub messages_max: usize,
    /// Bodies being read at the same time, all senders together.
    pub bodies_at_once_max: usize,
    /// From the first byte of a body to its last, in milliseconds.
    pub body_wait_ms_max: u64,
}

impl Default for BodyLimits {
    fn default() -> Self {
        Self {
            body_bytes_max: 32 << 20,
            inflated_bytes_max: 64 << 20,
            inflated_times_max: 250,
            inflated_free_bytes: 4 << 20,
            json_depth_max: 128,
            message_bytes_max: 60 << 20,
            messages_max: 100_000,
            bodies_at_once_max: 8,
            body_wait_ms_max: 120_000,
        }
    }
}

impl BodyLimits {
    /// For files that a person names: far larger as a whole, since they are read piece by piece.
    pub fn for_files() -> Self {
        Self { inflated_bytes_max: 1 << 40, ..Self::default() }
    }
}

//! MLLP: the frames in which messages travel over a connection (`0x0B … 0x1C 0x0D`).
//!
//! Promises: a frame comes out byte for byte as it was sent, however the network cut it up; a frame that outgrows its
//! budget is refused as soon as it does, with the count of bytes and enough of its beginning to answer it; whatever
//! arrives between frames is handed over, not dropped. It knows no connection and no runtime. Called by `intake` and `drill`; proved by RELIABILITY test 14 and a fuzz target.

use bytes::{Buf, Bytes, BytesMut};

/// Starts a frame.
pub const START: u8 = 0x0B;
/// Ends a frame, followed by [`CARRIAGE_RETURN`].
pub const END: u8 = 0x1C;
/// Follows [`END`].
pub const CARRIAGE_RETURN: u8 = 0x0D;

/// The most a refused frame shows of its beginning: enough for its MSH.
const HEAD_BYTES_MAX: usize = 4096;
/// Stray bytes are handed over in parts of at most this.
const STRAY_BYTES_MAX: usize = 64 << 10;

/// What a connection may ask for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// The largest frame, without its marks.
    pub frame_bytes_max: usize,
    /// For senders that never send the final carriage return: 0x1C alone ends a frame at once. Otherwise it does so
    /// only before CR, LF, 0x0B or the end of the connection, and is content elsewhere.
    pub end_mark_alone: bool,
}

impl Default for Limits {
    fn default() -> Self {
        Self { frame_bytes_max: 16 << 20, end_mark_alone: false }
    }
}

/// What arrived.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Received {
    /// The content of a frame, exactly.
    Message(Bytes),
    /// A frame that was never ended: a new one began, or the connection closed.
    Unfinished(Bytes),
    /// Bytes outside any frame (line ends and blanks alone are passed over). Where they are cut depends on how they
    /// arrived; joined they are what was sent.
    Stray(Bytes),
}

/// Why a connection cannot go on, or a message cannot be framed.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The frame outgrew its budget. The connection should be answered (from `head`) and closed.
    #[error("a frame is over {frame_bytes_max} bytes ({bytes_seen} received and no end)")]
    FrameTooBig {
        /// Content bytes received so far.
        bytes_seen: usize,
        /// The budget.
        frame_bytes_max: usize,
        /// The first bytes of the content, at most 4 KiB.
        head: Bytes,
    },
    /// The content to be sent would end its own frame.
    #[error("a message to be sent holds an end-of-frame mark")]
    EndMarkInside,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Place {
    /// Between frames, and nothing but blanks since the last.
    Between,
    /// Between frames, after bytes that belong to none: blanks are now part of those.
    Stray,
    /// Inside a frame; the first `scanned` bytes of the buffer hold no end.
    Inside { scanned: usize },
}

/// Finds frames in bytes as they come; knows no connection.
#[derive(Clone, Debug)]
pub struct Deframer {
    limits: Limits,
    place: Place,
}

enum Mark {
    /// Content up to `at`, then `skip` bytes of marks.
    Ends { at: usize, skip: usize },
    /// A new frame begins at `at`.
    Restarts { at: usize },
    /// None up to `scanned`.
    None { scanned: usize },
}

impl Deframer {
    /// A deframer at the beginning of a connection.
    pub fn new(limits: Limits) -> Self {
        Self { limits, place: Place::Between }
    }

    /// Takes the next thing out of `buffer`; `None` until more bytes come. After a fault the connection is over:
    /// the buffer is emptied.
    pub fn next(&mut self, buffer: &mut BytesMut) -> Result<Option<Received>, Fault> {
        if !matches!(self.place, Place::Inside { .. })
            && let Some(stray) = self.between(buffer)
        {
            return Ok(Some(Received::Stray(stray)));
        }
        let Place::Inside { scanned } = self.place else { return Ok(None) };
        match self.find(buffer, scanned, false) {
            Mark::Ends { at, .. } | Mark::Restarts { at } if at > self.limits.frame_bytes_max => {
                self.too_big(buffer, at)
            }
            Mark::Ends { at, skip } => {
                let content = buffer.split_to(at).freeze();
                buffer.advance(skip.min(buffer.len()));
                self.place = Place::Between;
                Ok(Some(Received::Message(content)))
            }
            Mark::Restarts { at } => {
                let content = buffer.split_to(at).freeze();
                self.place = Place::Between;
                Ok(Some(Received::Unfinished(content)))
            }
            // One byte more may be an end mark whose carriage return has not come yet.
            Mark::None { .. } if buffer.len() > self.limits.frame_bytes_max.saturating_add(3) => {
                self.too_big(buffer, buffer.len())
            }
            Mark::None { scanned } => {
                self.place = Place::Inside { scanned };
                Ok(None)
            }
        }
    }

    /// As [`Deframer::next`] when no more bytes will come: an end mark without its carriage return ends the frame,
    /// and a frame without an end comes as unfinished.
    pub fn finish(&mut self, buffer: &mut BytesMut) -> Result<Option<Received>, Fault> {
        if let Some(received) = self.next(buffer)? {
            return Ok(Some(received));
        }
        let Place::Inside { scanned } = self.place else { return Ok(None) };
        self.place = Place::Between;
        let ended = match self.find(buffer, scanned, true) {
            Mark::Ends { at, .. } => Some(buffer.split_to(at).freeze()),
            _ => None,
        };
        let content = ended.clone().unwrap_or_else(|| buffer.split().freeze());
        buffer.clear();
        if content.len() > self.limits.frame_bytes_max {
            let bytes_seen = content.len();
            return self.refuse(bytes_seen, content);
        }
        Ok(match ended {
            Some(content) => Some(Received::Message(content)),
            None if content.is_empty() => None,
            None => Some(Received::Unfinished(content)),
        })
    }

    /// Passes over blanks, hands over strays, and steps into a frame when one starts.
    fn between(&mut self, buffer: &mut BytesMut) -> Option<Bytes> {
        if self.place == Place::Between {
            let blank = buffer.iter().take_while(|b| matches!(b, b'\r' | b'\n' | b' ' | b'\t' | 0)).count();
            buffer.advance(blank);
        }
        let searched = buffer.get(..buffer.len().min(STRAY_BYTES_MAX)).unwrap_or_default();
        let start = memchr::memchr(START, searched).unwrap_or(searched.len());
        if start > 0 {
            self.place = Place::Stray;
            return Some(buffer.split_to(start).freeze());
        }
        if !buffer.is_empty() {
            buffer.advance(1);
            self.place = Place::Inside { scanned: 0 };
        }
        None
    }

    /// Looks for the end of the frame that fills `buffer` from `from` on.
    fn find(&self, buffer: &[u8], from: usize, no_more_will_come: bool) -> Mark {
        let mut at = from;
        while let Some(found) = buffer.get(at..).and_then(|rest| memchr::memchr2(END, START, rest)) {
            let mark = at + found;
            let after = buffer.get(mark + 1..).unwrap_or_default();
            let is_end = buffer.get(mark) == Some(&END);
            match after {
                [CARRIAGE_RETURN, ..] if is_end => return Mark::Ends { at: mark, skip: 2 },
                [b'\n' | START, ..] if is_end => return Mark::Ends { at: mark, skip: 1 },
                _ if is_end && self.limits.end_mark_alone => return Mark::Ends { at: mark, skip: 1 },
                [] if is_end && no_more_will_come => return Mark::Ends { at: mark, skip: 1 },
                [] if is_end => return Mark::None { scanned: mark },
                [b'M', b'S', b'H', ..] if !is_end => return Mark::Restarts { at: mark },
                // A start that may yet prove to be one: what follows has to come first.
                [] | [b'M'] | [b'M', b'S'] if !is_end => return Mark::None { scanned: mark },
                _ => at = mark + 1,
            }
        }
        Mark::None { scanned: buffer.len() }
    }

    fn too_big(&mut self, buffer: &mut BytesMut, bytes_seen: usize) -> Result<Option<Received>, Fault> {
        let content = buffer.split().freeze();
        self.place = Place::Between;
        self.refuse(bytes_seen, content)
    }

    fn refuse(&self, bytes_seen: usize, content: Bytes) -> Result<Option<Received>, Fault> {
        // A copy, so that the refused bytes are given back at once.
        let head =
            Bytes::copy_from_slice(content.get(..content.len().min(HEAD_BYTES_MAX)).unwrap_or_default());
        Err(Fault::FrameTooBig { bytes_seen, frame_bytes_max: self.limits.frame_bytes_max, head })
    }
}

/// `content` in a frame.
pub fn frame(content: &[u8]) -> Result<Bytes, Fault> {
    let mut out = BytesMut::with_capacity(content.len() + 3);
    write_frame(content, &mut out)?;
    Ok(out.freeze())
}

fn write_frame(content: &[u8], out: &mut BytesMut) -> Result<(), Fault> {
    if content.contains(&END) || memchr::memmem::find(content, b"\x0BMSH").is_some() {
        return Err(Fault::EndMarkInside);
    }
    out.reserve(content.len() + 3);
    out.extend_from_slice(&[START]);
    out.extend_from_slice(content);
    out.extend_from_slice(&[END, CARRIAGE_RETURN]);
    Ok(())
}

#[cfg(test)]
mod tests;

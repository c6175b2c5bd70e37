//! Opening what was sent compressed, within a budget: a gzip bomb ends after a few megabytes, in milliseconds.
//!
//! Always: what is not gzip passes unchanged; what is grows at most by the factor and to the size that the limits
//! allow, and is refused in words beyond. Used by `http` and `files`; proved by RELIABILITY test 15.

use crate::BodyLimits;
use flate2::bufread::MultiGzDecoder;
use std::cell::Cell;
use std::io::{self, BufRead, BufReader, Read};
use std::rc::Rc;

/// Reads `source` as it is, or inflated when it begins like gzip.
pub fn reader<R: Read + 'static>(source: R, limits: &BodyLimits) -> io::Result<Unpacked> {
    let taken = Rc::new(Cell::new(0));
    let mut source = BufReader::with_capacity(128 << 10, Counted { source, taken: Rc::clone(&taken) });
    let gzip = is_gzip(source.fill_buf()?);
    let inner: Box<dyn Read> = match gzip {
        true => Box::new(MultiGzDecoder::new(source)),
        false => Box::new(source),
    };
    Ok(Unpacked { inner, taken, gzip, given: 0, limits: *limits })
}

/// Whether bytes begin like gzip.
pub fn is_gzip(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0x1F, 0x8B, 0x08])
}

/// The whole of `body`, inflated when it begins like gzip.
pub fn whole(body: Vec<u8>, limits: &BodyLimits) -> io::Result<Vec<u8>> {
    if !is_gzip(&body) {
        return Ok(body);
    }
    let mut out = Vec::new();
    reader(io::Cursor::new(body), limits)?.read_to_end(&mut out)?;
    Ok(out)
}

/// A reader that keeps to its budget.
pub struct Unpacked {
    inner: Box<dyn Read>,
    taken: Rc<Cell<u64>>,
    gzip: bool,
    given: u64,
    limits: BodyLimits,
}

impl Unpacked {
    /// Bytes taken from the source so far, as stored.
    pub fn bytes_taken(&self) -> u64 {
        self.taken.get()
    }
}

impl Read for Unpacked {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.given += read as u64;
        if self.given > self.limits.inflated_bytes_max {
            return Err(too_much(format!("more than {} bytes once opened", self.limits.inflated_bytes_max)));
        }
        let fair = self.taken.get().saturating_mul(self.limits.inflated_times_max);
        if self.gzip && self.given > self.limits.inflated_free_bytes && self.given > fair {
            let times = self.limits.inflated_times_max;
            return Err(too_much(format!(
                "it grows more than {times} times when opened, as no message does"
            )));
        }
        Ok(read)
    }
}

fn too_much(why: String) -> io::Error {
    io::Error::new(io::ErrorKind::FileTooLarge, why)
}

struct Counted<R> {
    source: R,
    taken: Rc<Cell<u64>>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.source.read(buffer)?;
        self.taken.set(self.taken.get() + read as u64);
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::{Compression, write::GzEncoder};
    use std::io::Write;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn what_was_packed_comes_out_and_a_bomb_does_not() {
        let limits = BodyLimits::default();
        assert_eq!(whole(gzip(b"MSH|"), &limits).unwrap(), b"MSH|");
        assert_eq!(whole(b"MSH|".to_vec(), &limits).unwrap(), b"MSH|");
        let two = [gzip(b"MSH|"), gzip(b"PID|")].concat();
        assert_eq!(whole(two, &limits).unwrap(), b"MSH|PID|", "several members are one body");
        let bomb = gzip(&vec![b' '; 64 << 20]);
        assert!(bomb.len() < 100_000);
        let mut seen = 0;
        let mut reader = reader(io::Cursor::new(bomb), &limits).unwrap();
        let mut buffer = vec![0; 64 << 10];
        let error = loop {
            match reader.read(&mut buffer) {
                Ok(0) => panic!("the bomb went off"),
                Ok(read) => seen += read,
                Err(error) => break error,
            }
        };
        assert_eq!(error.kind(), io::ErrorKind::FileTooLarge);
        assert!(seen <= 64 << 20, "{seen}");
        assert!(
            whole(gzip(&vec![b' '; 3 << 20]), &limits).is_ok(),
            "small bodies may be as dull as they like"
        );
    }
}

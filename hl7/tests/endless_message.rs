//! RELIABILITY test 14 at the deframer: a gigabyte without an end costs under 64 MB of memory.
//!
//! Measured on the whole process, read as a connection is; this file holds one test, so that nothing else grows
//! beside it. Planted bug: a deframer without a budget.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use hl7::mllp::{Deframer, Fault, Limits};

/// Bytes read from the connection at once.
const READ_BYTES: usize = 8 << 10;

/// The most memory this process has held, in KiB; `None` where the system does not say.
fn peak_kib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|l| l.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

/// Reads to the end or the fault; gives the fault and the growth in KiB.
fn receive(bytes: usize, limits: Limits) -> (Option<Fault>, Option<u64>) {
    let before = peak_kib();
    let mut deframer = Deframer::new(limits);
    let mut buffer = bytes::BytesMut::from(&b"\x0BMSH|^~\\&|A|B|C|D|||ORU^R01|99|P|2.4\r"[..]);
    let mut left = bytes;
    let fault = loop {
        match deframer.next(&mut buffer) {
            Ok(received) => assert_eq!(received, None),
            Err(fault) => break Some(fault),
        }
        if left == 0 {
            break None;
        }
        let read = left.min(READ_BYTES);
        buffer.reserve(read);
        buffer.extend_from_slice(&[b'x'; READ_BYTES][..read]);
        left -= read;
    };
    (fault, peak_kib().zip(before).map(|(after, before)| after - before))
}

#[test]
fn a_message_without_an_end_is_refused_before_it_costs_memory() {
    let (fault, growth_kib) = receive(1 << 30, Limits::default());
    let Some(Fault::FrameTooBig { bytes_seen, frame_bytes_max, head }) = fault else { panic!("{fault:?}") };
    assert!(bytes_seen > frame_bytes_max && bytes_seen < frame_bytes_max + (1 << 20));
    assert_eq!(hl7::control_id(&head), b"99");
    assert!(growth_kib.is_none_or(|kib| kib < 64 << 10), "{growth_kib:?} KiB");
    // The planted bug: without a budget 160 MB are kept, and the same measure shows it.
    let (fault, growth_kib) = receive(160 << 20, Limits { frame_bytes_max: usize::MAX, ..Limits::default() });
    assert!(fault.is_none());
    assert!(growth_kib.is_none_or(|kib| kib > 64 << 10), "the planted bug was not found: {growth_kib:?} KiB");
}

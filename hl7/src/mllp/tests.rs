//! Frames come out as they were sent, however the network cuts them; what is too big is refused early.

use super::*;
use proptest::prelude::*;

/// Everything received when `sent` arrives in parts of `step` bytes, with strays joined.
fn receive(sent: &[u8], step: usize, limits: Limits) -> Vec<String> {
    let mut deframer = Deframer::new(limits);
    let mut buffer = BytesMut::new();
    let mut seen: Vec<String> = Vec::new();
    let mut note = |received: Result<Option<Received>, Fault>| match received {
        Ok(None) => false,
        Ok(Some(received)) => {
            let (letter, bytes) = match received {
                Received::Message(b) => ("M:", b),
                Received::Unfinished(b) => ("U:", b),
                Received::Stray(b) => ("S:", b),
            };
            let text = String::from_utf8_lossy(&bytes).into_owned();
            match seen.last_mut().filter(|last| letter == "S:" && last.starts_with("S:")) {
                Some(last) => last.push_str(&text),
                None => seen.push(format!("{letter}{text}")),
            }
            true
        }
        Err(fault) => {
            seen.push(format!("F:{fault}"));
            false
        }
    };
    for part in sent.chunks(step.max(1)) {
        buffer.extend_from_slice(part);
        while note(deframer.next(&mut buffer)) {}
    }
    while note(deframer.finish(&mut buffer)) {}
    seen
}

fn check(sent: &str, expected: &[&str]) {
    for step in [1, 2, 3, 7, 1000] {
        assert_eq!(receive(sent.as_bytes(), step, Limits::default()), expected, "{sent:?} by {step}");
    }
}

#[test]
fn frames_come_out_as_sent() {
    check("\x0BMSH|a\r\x1C\r", &["M:MSH|a\r"]);
    check("\x0Ba\x1C\r\x0Bb\x1C\r\n\x0Bc\x1C\n", &["M:a", "M:b", "M:c"]);
    check("\x0Ba\x1C\x0Bb\x1C", &["M:a", "M:b"]);
    check("\x0B\x1C\r", &["M:"]);
    check("junk\x0Ba\x1C\r more\r\n\x0Bb\x1C\r", &["S:junk", "M:a", "S:more\r\n", "M:b"]);
    check("\x0Bhalf\x0BMSH|b\x1C\r", &["U:half", "M:MSH|b"]);
    check("\x0Bpart\x0B of\x1Cit\x1C\r", &["M:part\x0B of\x1Cit"]);
    check("\x0Bhalf", &["U:half"]);
    check("MSH|unframed\r", &["S:MSH|unframed\r"]);
    check("\r\n  \r\n", &[]);
}

#[test]
fn an_end_mark_alone_ends_a_frame_where_the_feed_says_so() {
    let limits = Limits { end_mark_alone: true, ..Limits::default() };
    let mut buffer = BytesMut::from(&b"\x0Ba\x1C"[..]);
    let received = Deframer::new(limits).next(&mut buffer).expect("no fault");
    assert_eq!(received, Some(Received::Message(Bytes::from_static(b"a"))));
}

#[test]
fn a_frame_may_be_as_big_as_its_budget_and_no_bigger() {
    let limits = Limits { frame_bytes_max: 10, ..Limits::default() };
    for step in [1, 4, 100] {
        assert_eq!(receive(b"\x0B0123456789\x1C\r", step, limits), ["M:0123456789"]);
        let refused = receive(b"\x0B0123456789A\x1C\r", step, limits);
        assert!(refused.first().is_some_and(|s| s.starts_with("F:a frame is over 10 bytes")), "{refused:?}");
    }
}

/// RELIABILITY test 14 at the parser: a gigabyte without an end is refused at 16 MiB, and the buffer stays small.
#[test]
fn a_message_without_an_end_is_refused_early() {
    let mut deframer = Deframer::new(Limits::default());
    let mut buffer = BytesMut::new();
    let part = vec![b'x'; 8192];
    buffer.extend_from_slice(b"\x0BMSH|^~\\&|A|B|C|D|||ADT^A01|99\r");
    let mut sent = 0usize;
    let mut capacity_max = 0;
    let fault = loop {
        assert!(sent < 1 << 30, "a gigabyte was taken without a word");
        buffer.extend_from_slice(&part);
        sent += part.len();
        capacity_max = capacity_max.max(buffer.capacity());
        match deframer.next(&mut buffer) {
            Ok(received) => assert_eq!(received, None),
            Err(fault) => break fault,
        }
    };
    let Fault::FrameTooBig { bytes_seen, head, .. } = fault else { panic!("another fault: {fault}") };
    assert!(bytes_seen > 16 << 20 && bytes_seen < 17 << 20, "{bytes_seen}");
    assert!(capacity_max <= 40 << 20, "{capacity_max}");
    assert_eq!(crate::control_id(&head), b"99");
}

#[test]
fn content_that_would_end_its_own_frame_is_not_sent() {
    assert!(frame(b"a\x1Cb").is_err() && frame(b"a\x0BMSH").is_err());
    assert_eq!(frame(b"a").ok().as_deref(), Some(&b"\x0Ba\x1C\r"[..]));
}

proptest! {
    #[test]
    fn however_bytes_arrive_the_same_comes_out(
        parts in proptest::collection::vec(
            prop_oneof![Just("\x0B"), Just("\x1C"), Just("\r"), Just("\n"), Just("MSH"), Just("M"), Just("x"), Just("\x1C\r\x0B")],
            0..40),
        step in 1usize..9,
    ) {
        let sent = parts.concat();
        let limits = Limits { frame_bytes_max: 50, ..Limits::default() };
        let whole = receive(sent.as_bytes(), 1000, limits);
        let cut = receive(sent.as_bytes(), step, limits);
        if whole.iter().chain(&cut).all(|s| !s.starts_with("F:")) {
            prop_assert_eq!(whole, cut);
        }
    }
}

//! What is built is what is read, whatever is put in; and a single bad line costs only itself.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use hl7::{Builder, Message};
use proptest::prelude::*;

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[A-Za-z '&|^~\\\\#\\r\\n\\t.é€]{0,20}",
        Just("\\.br\\".to_owned()),
        Just("MSH|^~\\&|".to_owned()),
        Just("\"".to_owned()),
        Just("\u{b}\u{1c}\r".to_owned()),
    ]
}

proptest! {
    #[test]
    fn what_is_built_is_what_is_read(
        values in proptest::collection::vec(proptest::collection::vec(text(), 1..5), 1..6),
    ) {
        let mut builder = Builder::default();
        builder.header().text(10, "id|7");
        let repetitions: Vec<Vec<&str>> = values.iter().map(|r| r.iter().map(String::as_str).collect()).collect();
        let slices: Vec<&[&str]> = repetitions.iter().map(Vec::as_slice).collect();
        builder.segment("ZZZ").text(1, "first").repetitions(4, &slices).text(7, "last");
        let bytes = builder.build().unwrap();
        let message = Message::parse(&bytes).unwrap();
        prop_assert_eq!(message.segments_count(), 2);
        prop_assert_eq!(message.text("MSH-10").unwrap(), "id|7");
        let segment = message.segment("ZZZ").unwrap();
        prop_assert_eq!(segment.field(7).text(), "last");
        let whole = segment.field(4);
        let read: Vec<_> = whole.repetitions().collect();
        for (i, components) in values.iter().enumerate() {
            for (j, value) in components.iter().enumerate() {
                let expected = value.replace("\r\n", "\n").replace('\r', "\n");
                let got = read.get(i).map(|r| r.component(j + 1).text().into_owned()).unwrap_or_default();
                prop_assert_eq!(got, expected);
            }
        }
        let pieces: Vec<_> = hl7::split(&bytes).collect();
        prop_assert_eq!(pieces.len(), 1);
        let frame = hl7::mllp::frame(&bytes).unwrap();
        prop_assert_eq!(&frame[1..frame.len() - 2], &bytes[..]);
    }

    #[test]
    fn a_bad_line_costs_only_itself(noise in "[a-z|^~&\\\\]{1,30}", place in 0usize..4) {
        let mut lines = vec!["PID|1||77", "PV1|1|I|W1", "AL1|1||X", "OBX|1|ST|||5"];
        let odd = format!("bad|{noise}");
        lines.insert(place, &odd);
        let raw = format!("MSH|^~\\&|A\r{}", lines.join("\r"));
        let message = Message::parse(raw.as_bytes()).unwrap();
        for (path, expected) in [("PID-3", "77"), ("PV1-3", "W1"), ("AL1-3", "X"), ("OBX-5", "5")] {
            prop_assert_eq!(message.text(path).unwrap(), expected);
        }
        prop_assert_eq!(message.segments().filter(|s| s.name().is_empty()).count(), 1);
    }
}

//! Lists that somebody damaged, or made to do damage, cut into one message a row.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use crate::common;

use basics::{FeedName, FixedClock, Moment};
use common::{Behaviour, Trial};
use intake::files::{Report, import_rows};

fn take(bytes: &[u8]) -> (Report, Vec<String>) {
    let trial = Trial::new(Behaviour::Honest);
    let clock = FixedClock::new(Moment::from_milliseconds(0));
    let report = import_rows(&trial, &FeedName::new("bookings").unwrap(), bytes, &clock).unwrap();
    (report, trial.kept())
}

const HEADING: &str = "id,surname,note,date,time,clinic";

/// Every sort of row that has gone wrong somewhere, and how many messages come of it.
const HOSTILE: [(&str, usize); 9] = [
    ("{n},O\"Brien,x,12/03/2026,08:30,Eye", 1),
    ("{n},O\"\"Brien,tube 6\",12/03/2026,08:30,Eye", 1),
    ("{n},\"Sample, Ann\",\"over\r\nthree\nlines\",12/03/2026,08:30,Eye", 1),
    ("{n},\"never closed,x,12/03/2026,08:30,Eye", 1),
    ("{n},Example,\"said \"\"no\"\"\",12/03/2026,08:30,\"Eye; left\"", 1),
    ("{n},=cmd|' /C calc'!A0,+1,@SUM(A1),-2,Eye", 1),
    ("{n},\u{202e}elpmaxE,\u{0}\u{0}", 1),
    (",,,,,", 0),
    ("\"\",\"\",,,,", 0),
];

#[test]
fn every_row_of_half_a_million_is_in_one_message_and_swallows_no_other() {
    let mut list = format!("{HEADING}\r\n");
    let (mut messages, mut plain) = (0, 0);
    for n in 0..500_000 {
        // Every tenth row is one of the hostile ones; a zero byte would make the whole file no text.
        let (row, count) = match n % 10 {
            0 => HOSTILE[n / 10 % HOSTILE.len()],
            _ => ("{n},Example,x,12/03/2026,08:30,Eye", 1),
        };
        plain += usize::from(n % 10 != 0);
        messages += count;
        list.push_str(&row.replace("{n}", &n.to_string()).replace('\u{0}', "\u{1}"));
        list.push_str("\r\n");
    }
    let (report, kept) = take(list.as_bytes());
    assert_eq!((report.messages as usize, kept.len(), report.refused.len()), (messages, messages, 0));
    let heading = format!("{HEADING}\r\n");
    let rows: Vec<&str> = kept.iter().map(|row| row.strip_prefix(&heading).unwrap()).collect();
    let well = |row: &&&str| row.ends_with(",Example,x,12/03/2026,08:30,Eye") && row.lines().count() == 1;
    assert_eq!(rows.iter().filter(well).count(), plain, "a row was swallowed by the one before");
    assert_eq!(rows.iter().filter(|row| row.lines().count() == 3).count(), 50_000 / HOSTILE.len() + 1);
    assert!(rows.iter().any(|row| row.contains("=cmd|' /C calc'!A0,+1,@SUM(A1),-2")), "a formula is text");
}

#[test]
fn a_list_in_the_wrong_letters_is_refused_or_kept_as_it_is() {
    let western = [HEADING.as_bytes(), b"\n1,M\xfcller,\x93quoted\x94,12/03/2026,08:30,Eye\n"].concat();
    let (report, kept) = take(&western);
    assert_eq!((report.messages, kept.len(), report.refused.len()), (1, 1, 0));
    let wide: Vec<u8> =
        [0xFEFFu16].into_iter().chain(HEADING.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    for (bytes, why) in [
        (&wide[..], "UTF-16"),
        (b"id,surname\n1,\0\n", "this is not a text file"),
        (b"", "the file is empty"),
        (b"id,\"surname\n1,x", "line 1: a quotation mark"),
    ] {
        let (report, kept) = take(bytes);
        assert_eq!((report.messages, kept.len(), report.refused.len()), (0, 0, 1));
        assert!(report.refused[0].why.contains(why), "{:?}", report.refused);
    }
}

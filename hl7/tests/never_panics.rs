//! RELIABILITY test 9 at the parser: millions of hostile inputs, no panic, bounded work.
//!
//! Inputs are made from a seed by cutting, repeating, joining and spoiling pieces of real messages, which gets deeper
//! than noise does. A failure prints the seed and the number of the input; `LIFEBOAT_SEED` and `LIFEBOAT_FIRST` replay
//! it. `LIFEBOAT_TORTURE=1` runs ten million. Planted bug: a reader that indexes where it should ask.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod exercise;

use std::panic::{AssertUnwindSafe, catch_unwind};

const SNIPPETS: [&str; 30] = [
    "MSH|^~\\&|PAS|NG|LB|NG|20260302140500+0000||ADT^A01^ADT_A01|77|P|2.4|||AL||44|8859/1\r",
    "MSH$%~*&#$PAS$NG$LB$NG$20260302$$ORU%R01$78$P$2.5\n",
    "MSH|",
    "MSH|^~\\&||||||||||||||||BIG-5\r",
    "MSH|^~\\&||||||||||||||||~ISO IR87\r",
    "MSH|^~\\\\&|\r\n",
    "PID|1||9991234567^^^NHS&2.16&ISO^NH~77^^^R0A^MR||Smith&de^Ann\\T\\^\"\"||19450714|F\r",
    "PV1|1|I|RCB^OBS1^BAY2-6^RCB55||||||||||||||||V1\r",
    "OBX|1|ED|X||^application^pdf^Base64^JVBERi0xLjUK\\.br\\JVBERi0xLjUK=||||||F\r",
    "OBX|2|FT|Y||line\\.sp64\\\\.sk9\\two\\X0D0A\\\\XC3\\\\XA9\\~three^four||||||C\r",
    "OBX|3|ED|Z||data:image/png;base64,iVBORw0KGgo=\r",
    "FHS|^~\\&|x\r",
    "BHS|^~\\&|y\r",
    "BTS|2\r",
    "FTS|1\r",
    "\u{b}",
    "\u{1c}\r",
    "\u{1c}",
    "\r\n\r\n",
    "\n",
    "\\",
    "|",
    "^",
    "~",
    "&",
    "\u{feff}",
    "é€\u{1F600}",
    "20260702140559.123-0530",
    "2026-07-02T14:05:59Z",
    "\0",
];

/// Marsaglia's xorshift: the same inputs from the same seed on every machine.
struct Xorshift(u64);

impl Xorshift {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, n: usize) -> usize {
        (self.next() % n.max(1) as u64) as usize
    }
}

/// Input number `n` of a seed; each is made alone, so that one can be replayed without those before it.
fn input(seed: u64, n: u64) -> Vec<u8> {
    let mut random = Xorshift(seed ^ (n + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
    random.next();
    let mut bytes = Vec::new();
    for _ in 0..1 + random.below(6) {
        let snippet = SNIPPETS[random.below(SNIPPETS.len())].as_bytes();
        let (a, b) = (random.below(snippet.len() + 1), random.below(snippet.len() + 1));
        let whole = random.below(3) > 0;
        bytes.extend_from_slice(if whole { snippet } else { &snippet[a.min(b)..a.max(b)] });
    }
    for _ in 0..random.below(5) {
        if bytes.is_empty() {
            break;
        }
        let place = random.below(bytes.len());
        match random.below(5) {
            0 => bytes[place] = random.next() as u8,
            1 => bytes.insert(place, random.next() as u8),
            2 => bytes.truncate(place),
            3 => {
                bytes.remove(place);
            }
            _ => {
                let length = random.below(bytes.len() - place).min(40);
                let part = bytes[place..place + length].to_vec();
                bytes.extend(part.iter().cycle().take(length * random.below(8)));
            }
        }
    }
    bytes
}

/// Runs `reader` over `count` inputs and tells which failed first.
fn first_failure(seed: u64, first: u64, count: u64, reader: impl Fn(&[u8])) -> Option<(u64, Vec<u8>)> {
    (first..first + count).find_map(|n| {
        let bytes = input(seed, n);
        catch_unwind(AssertUnwindSafe(|| reader(&bytes))).err().map(|_| (n, bytes))
    })
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().and_then(|v| v.parse().ok())
}

#[test]
fn hostile_bytes_never_cause_a_panic() {
    let torture = std::env::var("LIFEBOAT_TORTURE").is_ok_and(|v| v == "1");
    let seed = number("LIFEBOAT_SEED").unwrap_or(0x11FE_B0A7);
    let first = number("LIFEBOAT_FIRST").unwrap_or(0);
    let count = if torture { 10_000_000 } else { 40_000 };
    if let Some((n, bytes)) = first_failure(seed, first, count, exercise::all) {
        panic!(
            "input {n} of seed {seed} failed: {:?}\nreplay: LIFEBOAT_SEED={seed} LIFEBOAT_FIRST={n} cargo test -p hl7 --test never_panics",
            String::from_utf8_lossy(&bytes)
        );
    }
}

#[test]
fn the_check_finds_a_reader_that_indexes_where_it_should_ask() {
    let planted = |bytes: &[u8]| {
        if bytes.starts_with(b"MSH") {
            // What some readers do: take MSH-2 by its place.
            assert_eq!(bytes[4..8].len(), 4);
        }
    };
    std::panic::set_hook(Box::new(|_| {}));
    let found = first_failure(0x11FE_B0A7, 0, 40_000, planted);
    let _ = std::panic::take_hook();
    assert!(found.is_some(), "the planted bug was not found");
}

/// Inputs that make careless readers slow or large, at sizes where quadratic work would never end.
#[test]
fn large_hostile_inputs_cost_no_more_than_their_length() {
    let torture = std::env::var("LIFEBOAT_TORTURE").is_ok_and(|v| v == "1");
    let size = if torture { 16 << 20 } else { 1 << 20 };
    let head = "MSH|^~\\&|A|B|C|D|||ADT^A01|7|P|2.4\r";
    for unit in [
        "\r",
        "\n",
        "\r\u{1c} ",
        "\u{b}",
        "\u{1c}",
        "\\",
        "\\.sp64\\",
        "|",
        "^",
        "~",
        "&",
        "PID|1\r",
        "MSH",
        "x\n",
        " ",
        "\\X",
        "\u{b}MSH|\r",
        "\0",
        "FHS|\r",
        "\u{feff}",
        "\\E\\",
        "é",
    ] {
        let long = unit.repeat(size / unit.len());
        for text in [
            long.clone(),
            format!("{head}{long}"),
            format!("{head}OBX|1|ED|X||{long}\r\u{1c}\r"),
            format!("{long}{head}"),
        ] {
            let bytes = text.as_bytes();
            exercise::split(bytes);
            exercise::message(bytes);
            exercise::deframer(bytes);
        }
    }
}

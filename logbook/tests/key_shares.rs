//! Key shares: every pair of three opens, one alone tells nothing, a slip of the hand is named, shares of two ceremonies
//! are told apart, and an independent program in Python reads shares and key files from the written format alone.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod common;

use basics::words::{WORDS, word, word_place};
use common::*;
use logbook::{Costs, KeyFile, Opener, RealDisk, Share, ShareProblem, make_machine_key, suggest_passphrase};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const LIGHT: Costs = Costs { memory_kib: 64, passes: 1, lanes: 1 };

fn text(share: &Share) -> String {
    share.words().join(" ")
}

/// What a share says beside its value, and its value by its words.
fn all_of(share: &Share) -> (String, u8, u8, Vec<&'static str>) {
    (share.ceremony().to_string(), share.needed(), share.number(), share.words())
}

#[test]
fn a_share_is_read_as_people_type_it() {
    for share in Share::deal(2, 3).unwrap() {
        let words = share.words();
        assert_eq!(words.len(), 20);
        assert_eq!(
            words[..2].join(" "),
            share.ceremony().to_string(),
            "the first two words name the ceremony"
        );
        let numbered: String = words.iter().zip(1..).map(|(word, n)| format!("{n}. {word}\n")).collect();
        let short: Vec<&str> = words.iter().map(|word| &word[..4]).collect();
        let hyphens = words.join("-").to_uppercase();
        for typed in [text(&share), numbered, short.join(" "), hyphens, share.code().to_string()] {
            assert_eq!(all_of(&Share::read(&typed).unwrap()), all_of(&share), "{typed}");
        }
        let code = share.code();
        assert!(code.len() < 200 && code.bytes().all(|b| b.is_ascii_uppercase() || b == b' ' || b == b':'));
    }
    assert!(matches!(Share::deal(1, 3), Err(logbook::Fault::Shares(ShareProblem::Counts { .. }))));
    assert!(Share::deal(4, 3).is_err() && Share::deal(2, 10).is_err());
}

#[test]
fn a_slip_of_the_hand_is_named_by_its_number() {
    let share = Share::deal(2, 3).unwrap().remove(1);
    let words = share.words();
    let typed = |change: &dyn Fn(&mut Vec<String>)| {
        let mut typed: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        change(&mut typed);
        Share::read(&typed.join(" ")).map_err(|problem| problem.to_string())
    };
    for place in 0..20 {
        let right = words[place];
        // A letter left out: not on the list, and the right word is proposed.
        let said = typed(&|all| _ = all[place].remove(0)).unwrap_err();
        // ("ketch", once, from "sketch": the beginning of another word of the list, and named all the same.)
        assert!(
            said.starts_with(&format!("word {}", place + 1)) && said.contains(&format!("'{right}'")),
            "{said}"
        );
        assert!(
            said.contains("is not on the list; did you mean") || word_place(&right[1..]).is_some(),
            "{said}"
        );
        // Another word of the list.
        let other = word((word_place(right).unwrap() + 99) % WORDS);
        let said = typed(&|all| all[place] = other.to_owned()).unwrap_err();
        let want =
            format!("word {} does not fit the others: it reads '{other}' and should be '{right}'", place + 1);
        assert!(said.starts_with(&want), "{said}");
        let said = typed(&|all| _ = all.remove(place)).unwrap_err();
        assert!(said.contains("nineteen words") && said.contains(&format!("'{right}'")), "{said}");
        let said = typed(&|all| all.insert(place, "acorn".to_owned())).unwrap_err();
        assert!(said.contains("twenty-one words"), "{said}");
    }
    assert!(typed(&|all| all.swap(8, 9)).unwrap_err().contains("words 9 and 10 have changed places"));
    let two = typed(&|all| {
        all[3] = "harbuor".to_owned();
        all[7] = "zzzz".to_owned();
    });
    let two = two.unwrap_err();
    assert!(two.contains("word 4, 'harbuor', is not on the list; did you mean 'harbour'?"), "{two}");
    assert!(two.contains("word 8, 'zzzz', is not on the list"), "{two}");
    let many = typed(&|all| (3..8).for_each(|n| all[n] = word(n as u16 * 7).to_owned())).unwrap_err();
    assert!(many.contains("more than one of them must be wrong"), "{many}");
    assert!(typed(&|all| all.truncate(11)).unwrap_err().contains("twenty words, these are 11"));
    assert!(typed(&Vec::clear).unwrap_err().contains("no words here"));
    assert!(Share::read(&"acorn ".repeat(100_000)).is_err(), "and no long text costs time");
}

/// Wrong words at so many places, so often: how many were taken for a share.
fn taken(trials: u64, reads: impl Fn(&str) -> bool) -> u64 {
    let shares = Share::deal(2, 3).unwrap();
    let mut dice = logbook::trial_disks::Dice::new(seed());
    let wrong = |dice: &mut logbook::trial_disks::Dice| {
        let mut words = shares[dice.below(3) as usize].words();
        for _ in 0..=dice.below(4) {
            words[dice.below(20) as usize] = word(dice.below(1024) as u16);
        }
        words.join(" ")
    };
    let originals: Vec<String> = shares.iter().map(text).collect();
    (0..trials).map(|_| wrong(&mut dice)).filter(|text| !originals.contains(text) && reads(text)).count()
        as u64
}

#[test]
fn no_mistake_in_up_to_four_words_is_taken_for_a_share() {
    let trials = size(3_000, 100_000);
    assert_eq!(taken(trials, |text| Share::read(text).is_ok()), 0);
    // The planted fault: words that are all on the list are good enough.
    assert!(taken(100, |text| text.split(' ').all(|typed| word_place(typed).is_some())) > 90);
}

#[test]
fn shares_that_do_not_go_together_say_so() {
    let (ours, theirs) = (Share::deal(2, 3).unwrap(), Share::deal(2, 3).unwrap());
    let said = |shares: &[&Share]| {
        let shares: Vec<Share> = shares.iter().map(|share| (*share).clone()).collect();
        Opener::of_shares(&shares).unwrap_err().to_string()
    };
    assert!(said(&[&ours[0], &ours[0]]).contains("share 1 was given twice"));
    let two = said(&[&ours[0], &theirs[1]]);
    for ceremony in [ours[0].ceremony(), theirs[0].ceremony()] {
        assert!(two.contains(&format!("'{ceremony}'")), "{two}");
    }
    assert!(said(&[&ours[0]]).contains("2 shares are needed and 1 was given"));
    assert!(said(&[]).contains("are needed"));
    // Nothing of a share shows where things are logged.
    for words in [format!("{:?}", ours[0]), format!("{:?}", Opener::of_shares(&ours).unwrap())] {
        assert!(words.contains('…') || words == "Opener(shares)", "{words}");
        assert!(ours[0].words()[3..].iter().all(|word| !words.contains(word)), "{words}");
    }
    let problem = Share::read(&text(&ours[0]).replacen(ours[0].words()[5], "harbuor", 1)).unwrap_err();
    assert_eq!(format!("{problem:?}"), "ShareProblem(…)");
}

/// How far the words of one share are from chance, over so many ceremonies: χ² of its value's 13 words' low bits and of the
/// first byte, as (χ², degrees of freedom).
fn unevenness(ceremonies: u64, deal: impl Fn() -> Share) -> (f64, f64) {
    let mut tally = vec![0u64; 1024];
    for _ in 0..ceremonies {
        // The fourth to fifteenth word are 120 bits of the share's value.
        for typed in &deal().words()[3..15] {
            tally[usize::from(word_place(typed).unwrap())] += 1;
        }
    }
    let expected = (ceremonies * 12) as f64 / 1024.0;
    (tally.iter().map(|n| (*n as f64 - expected).powi(2) / expected).sum(), 1023.0)
}

/// Real shares of real randomness, in the whole way from the secret to the words. (That one share says nothing about its
/// secret is proved for every value in `shamir`; here, that what is drawn is drawn evenly.)
#[test]
fn the_words_of_one_share_are_as_good_as_chance() {
    let ceremonies = size(4_000, 100_000);
    let (chi, freedom) = unevenness(ceremonies, || Share::deal(2, 3).unwrap().remove(0));
    // Six standard deviations: one honest run in a thousand million is further off.
    let limit = freedom + 6.0 * (2.0 * freedom).sqrt();
    assert!(chi < limit, "χ² {chi}, limit {limit}");
    // The planted fault: some words never come.
    let (chi, _) = unevenness(ceremonies, || {
        let shares = std::iter::repeat_with(|| Share::deal(2, 3).unwrap().remove(0));
        shares
            .take(1_000)
            .find(|share| share.words()[3..15].iter().all(|word| !word.starts_with('c')))
            .unwrap()
    });
    assert!(chi > limit, "the planted fault went unseen: {chi}");
}

#[test]
fn a_proposed_passphrase_is_six_words_of_the_list() {
    let phrases: Vec<String> = (0..50).map(|_| suggest_passphrase().unwrap().to_string()).collect();
    assert!(
        phrases.iter().all(|p| p.split(' ').count() == 6 && p.split(' ').all(|w| word_place(w).is_some()))
    );
    assert!(phrases.iter().enumerate().all(|(n, p)| !phrases[..n].contains(p)));
}

fn python() -> Option<PathBuf> {
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("../.venv/bin/python3");
    let given = std::env::var_os("LIFEBOAT_PYTHON").map(PathBuf::from);
    let usable = |path: &PathBuf| Command::new(path).arg("-V").output().is_ok_and(|out| out.status.success());
    let found = given.into_iter().chain([own, PathBuf::from("python3")]).find(usable);
    if found.is_none() {
        println!("independent reader skipped: python3 is absent");
    }
    found
}

/// What the independent reader says to these lines.
fn theirs(python: &Path, arguments: &[&str], lines: &str) -> Vec<String> {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/keys.py");
    let list = concat!(env!("CARGO_MANIFEST_DIR"), "/../basics/src/words/list.txt");
    let mut command = Command::new(python);
    command.arg(script).arg(arguments[0]).arg(list).args(&arguments[1..]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(lines.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}

#[test]
fn an_independent_reader_agrees_on_every_pair_of_shares() {
    let Some(python) = python() else { return };
    for (needed, many) in [(2, 3), (3, 5)] {
        for _ in 0..size(3, 100) {
            let shares = Share::deal(needed, many).unwrap();
            let lines: String = shares.iter().map(|share| text(share) + "\n").collect();
            let read = theirs(&python, &["shares"], &lines);
            for (share, line) in shares.iter().zip(&read) {
                let said: Vec<&str> = line.split(' ').collect();
                assert_eq!(said[1..3], [needed.to_string(), share.number().to_string()]);
            }
            // Every choice of enough shares, in order and turned round.
            let texts: Vec<String> = shares.iter().map(text).collect();
            let choices = (0u32..1 << many).filter(|set| set.count_ones() == u32::from(needed));
            let rows: Vec<Vec<&str>> = choices
                .map(|set| {
                    (0..many).filter(|n| set >> n & 1 == 1).map(|n| texts[usize::from(n)].as_str()).collect()
                })
                .collect();
            let turned = rows.iter().map(|row| row.iter().rev().copied().collect::<Vec<_>>());
            let all: Vec<String> = rows.iter().cloned().chain(turned).map(|row| row.join("|")).collect();
            let secrets = theirs(&python, &["join"], &(all.join("\n") + "\n"));
            assert_eq!(secrets.len(), all.len());
            let Opener::Shares { secret, .. } = Opener::of_shares(&shares).unwrap() else { panic!() };
            let ours: String = secret.iter().map(|b| format!("{b:02x}")).collect();
            assert!(secrets.iter().all(|theirs| *theirs == ours), "{secrets:?}");
        }
    }
    // The planted fault: words that do not fit are seen there too.
    let share = Share::deal(2, 3).unwrap().remove(0);
    let mut words = share.words();
    words.swap(5, 6);
    if words[5] != words[6] {
        assert_eq!(theirs(&python, &["shares"], &(words.join(" ") + "\n")), ["-"]);
    }
}

#[test]
fn an_independent_reader_opens_a_key_file_every_way() {
    let Some(python) = python() else { return };
    let there = Command::new(&python)
        .args(["-c", "from cryptography.hazmat.primitives.kdf.argon2 import Argon2id"])
        .output()
        .is_ok_and(|output| output.status.success());
    if !there {
        return println!(
            "independent reader of key files skipped: the package cryptography (44 or newer) is absent"
        );
    }
    let dir = tempfile::tempdir().unwrap();
    let (path, machine_path) = (dir.path().join("keys"), dir.path().join("machine.key"));
    let secret: [u8; 64] = std::array::from_fn(|n| n as u8 ^ 0x5a);
    let keys = logbook::Keys::from_secret(&secret);
    let shares = Share::deal(2, 3).unwrap();
    let machine = make_machine_key(&machine_path).unwrap();
    let phrase = "acorn tulip harbour walnut zebra lantern";
    let mut file = KeyFile::new(&path, &keys);
    for opener in [&Opener::of_passphrase(phrase), &Opener::of_shares(&shares).unwrap(), &machine] {
        file.add(&keys, opener, at(1), LIGHT).unwrap();
    }
    file.write(&keys, &RealDisk, at(1), &[]).unwrap();
    let hex: String = secret.iter().map(|b| format!("{b:02x}")).collect();
    let path = path.to_str().unwrap();
    let two = format!("{}|{}", text(&shares[2]), text(&shares[0]));
    for (how, what) in
        [("phrase", phrase), ("shares", two.as_str()), ("machine", machine_path.to_str().unwrap())]
    {
        let said = theirs(&python, &["open", path, how, what], "").remove(0);
        assert!(said.starts_with(&hex) && said.len() == 192, "{how}: {said}");
    }
    assert_eq!(theirs(&python, &["open", path, "phrase", "wrong"], ""), ["-"]);
}

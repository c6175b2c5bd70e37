//! What somebody without the keys can do to a book, and which entry each deed strikes first.

use logbook::trial_disks::Dice;
use std::path::{Path, PathBuf};

/// One entry as it lies in a segment file.
#[derive(Clone, Debug)]
pub struct Lying {
    pub number: u64,
    pub start: usize,
    pub end: usize,
    pub commit: usize,
    pub commit_end: usize,
}

pub fn segments(dir: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = std::fs::read_dir(dir).unwrap().map(|e| e.unwrap().path()).collect();
    found.retain(|path| path.extension().is_some_and(|e| e == "segment"));
    found.sort();
    found
}

pub fn number(bytes: &[u8], at: usize, length: usize) -> u64 {
    bytes[at..at + length].iter().rev().fold(0, |n, byte| n << 8 | u64::from(*byte))
}

/// Where the entries of a whole segment lie.
pub fn entries(bytes: &[u8]) -> Vec<Lying> {
    let mut found = Vec::new();
    let mut at = 320;
    while at < bytes.len() {
        let (commit, commit_end) = (at, at + 64 + number(bytes, at + 8, 4) as usize);
        let first = number(bytes, at + 16, 8);
        at += 64;
        for n in 0..number(bytes, commit + 12, 4) {
            let end = at + 64 + number(bytes, at, 4) as usize;
            found.push(Lying { number: first + n, start: at, end, commit, commit_end });
            at = end;
        }
    }
    found
}

/// Does one deed to one segment; returns the file and the first entry that it strikes.
pub fn tamper(dir: &Path, dice: &mut Dice) -> (String, PathBuf, u64) {
    loop {
        let segments = segments(dir);
        let path = segments[dice.below(segments.len() as u64) as usize].clone();
        let mut bytes = std::fs::read(&path).unwrap();
        let all = entries(&bytes);
        if all.is_empty() {
            continue;
        }
        let at = dice.below(all.len() as u64) as usize;
        let entry = all[at].clone();
        let next = all.get(at + 1).filter(|next| next.commit == entry.commit).cloned();
        let deed = match dice.below(6) {
            0 => {
                let place = entry.start + dice.below((entry.end - entry.start) as u64) as usize;
                bytes[place] ^= 1 << dice.below(8);
                "edited"
            }
            1 => {
                bytes.truncate(entry.start + dice.below((entry.end - entry.start) as u64) as usize);
                "cut short"
            }
            2 => {
                delete(&mut bytes, &entry);
                "deleted"
            }
            3 => {
                let copy = bytes[entry.start..entry.end].to_vec();
                let length = copy.len();
                bytes.splice(entry.start..entry.start, copy);
                recount(&mut bytes, entry.commit, 1, length as i64);
                reseal(&mut bytes, entry.commit, entry.number);
                "doubled, chain mended"
            }
            4 => match next {
                None => continue,
                Some(next) => {
                    let two = [&bytes[next.start..next.end], &bytes[entry.start..entry.end]].concat();
                    bytes.splice(entry.start..next.end, two);
                    "reordered"
                }
            },
            _ => {
                if entry.end - entry.start == 64 {
                    continue;
                }
                bytes[entry.start + 16] ^= 1;
                reseal(&mut bytes, entry.commit, entry.number);
                "edited, chain mended"
            }
        };
        std::fs::write(&path, bytes).unwrap();
        let struck = if deed.starts_with("doubled") { entry.number + 1 } else { entry.number };
        return (deed.to_owned(), path, struck);
    }
}

fn recount(bytes: &mut [u8], commit: usize, entries: i64, length: i64) {
    for (at, by) in [(commit + 8, length), (commit + 12, entries)] {
        let changed = (number(bytes, at, 4) as i64 + by) as u32;
        bytes[at..at + 4].copy_from_slice(&changed.to_le_bytes());
    }
}

fn delete(bytes: &mut Vec<u8>, entry: &Lying) {
    if number(bytes, entry.commit + 12, 4) == 1 {
        bytes.drain(entry.commit..entry.commit_end);
    } else {
        bytes.drain(entry.start..entry.end);
        recount(bytes, entry.commit, -1, -((entry.end - entry.start) as i64));
    }
}

/// Mends the seals from `from` to the end of the segment, as anybody can: SHA-256 needs no key.
fn reseal(bytes: &mut [u8], _: usize, from: u64) {
    use sha2::{Digest, Sha256};
    let mut link: Option<[u8; 32]> = None;
    let mut number_now = number(bytes, 320 + 16, 8);
    let mut at = 320;
    while at < bytes.len() {
        let (count, attempt) = (number(bytes, at + 12, 4), bytes[at + 24..at + 28].to_vec());
        bytes[at + 16..at + 24].copy_from_slice(&number_now.to_le_bytes());
        if let Some(link) = link {
            bytes[at + 32..at + 64].copy_from_slice(&link);
        }
        let mut previous: [u8; 32] = bytes[at + 32..at + 64].try_into().unwrap();
        at += 64;
        for _ in 0..count {
            let end = at + 64 + number(bytes, at, 4) as usize;
            if number_now >= from {
                let mut hash = Sha256::new();
                hash.update(b"LBENTRY1");
                hash.update(previous);
                hash.update(number_now.to_le_bytes());
                hash.update(&attempt);
                hash.update(&bytes[at..end - 32]);
                let seal: [u8; 32] = hash.finalize().into();
                bytes[end - 32..end].copy_from_slice(&seal);
            }
            previous = bytes[end - 32..end].try_into().unwrap();
            (at, number_now) = (end, number_now + 1);
        }
        link = Some(previous);
    }
}

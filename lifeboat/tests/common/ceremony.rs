//! A key ceremony as a script holds it: the passphrase by environment, the words read back from the text beside each PDF.

use super::{PROGRAM, command};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

pub const PHRASE: &str = "acorn tulip harbour walnut zebra lantern";

/// The text files of shares in a folder, the first share first.
pub fn shares_in(folder: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = std::fs::read_dir(folder)
        .map(|dir| dir.flatten().map(|entry| entry.path()).collect())
        .unwrap_or_default();
    found.retain(|path| path.extension().is_some_and(|e| e == "txt"));
    found.sort();
    found
}

/// The words of a share's text file.
pub fn words(share: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(share).unwrap();
    text.lines().map(|line| line.split_whitespace().nth(1).unwrap().to_owned()).collect()
}

/// Runs a command that deals shares into `out` and answers what it asks; `answer(words, place)` is what is typed.
pub fn dealt(mut command: Command, out: &Path, answer: impl Fn(&[String], usize) -> String) -> Output {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let (mut typed, mut asked) = (child.stdin.take().unwrap(), child.stderr.take().unwrap());
    let (mut said, mut byte, mut all) = (String::new(), [0], Vec::new());
    while asked.read(&mut byte).unwrap() == 1 {
        all.push(byte[0]);
        said.push(char::from(byte[0]));
        if !said.ends_with("type them: ") {
            continue;
        }
        let question = said.rsplit("Share ").next().unwrap();
        let numbers: Vec<usize> =
            question.split(|c: char| !c.is_ascii_digit()).filter_map(|n| n.parse().ok()).collect();
        let share = words(&shares_in(out)[numbers[0] - 1]);
        let line = format!("{} {}\n", answer(&share, numbers[1]), answer(&share, numbers[2]));
        // A program that has given up hears nothing any more.
        let _ = typed.write_all(line.as_bytes());
        said.clear();
    }
    drop(typed);
    let output = child.wait_with_output().unwrap();
    Output { stderr: all, ..output }
}

/// What an attentive holder answers.
pub fn right(words: &[String], place: usize) -> String {
    words[place - 1].clone()
}

/// A ceremony for a record in `data` with its sheets in `out`; gives the shares' text files.
pub fn held(data: &Path, out: &Path, more: &[&str]) -> Vec<PathBuf> {
    let output = dealt(asked(data, out, more), out, right);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    shares_in(out)
}

/// The command of a ceremony.
pub fn asked(data: &Path, out: &Path, more: &[&str]) -> Command {
    let (data, out) = (data.to_str().unwrap(), out.to_str().unwrap());
    let mut command =
        command(&[&["keys", "ceremony", "--text", "--data", data, "--out", out], more].concat());
    command.env("LIFEBOAT_PASSPHRASE", PHRASE);
    command
}

/// Runs the program with a passphrase in its environment.
pub fn with_phrase(phrase: &str, arguments: &[&str]) -> Output {
    let mut command = command(arguments);
    command.env("LIFEBOAT_PASSPHRASE", phrase).stdin(Stdio::null()).output().unwrap()
}

/// The same without any network, where the system allows that; `None`, said aloud, where it does not.
pub fn without_network(arguments: &[&str]) -> Option<Output> {
    let allowed =
        Command::new("unshare").args(["-rn", "true"]).output().is_ok_and(|out| out.status.success());
    if !allowed {
        println!("no empty network namespace can be had here, skipped");
        return None;
    }
    let mut command = Command::new("unshare");
    command.args(["-rn", PROGRAM]).args(arguments).env_remove("LIFEBOAT_PASSPHRASE").stdin(Stdio::null());
    Some(command.output().unwrap())
}

//! Test 27 for keys: no key, passphrase or share in anything that the program wrote: its data directory, exports, logs at
//! their loudest, error sentences; no core file, and memory locked where that is allowed.

use crate::common::ceremony::{PHRASE, held, with_phrase, words};
use crate::common::{self, PROGRAM, Server, adt, command, write_messages};
use logbook::{KeyFile, Keys, Opener};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What must stand nowhere.
struct Secrets {
    keys: Keys,
    phrase: String,
    /// Each share's own words in a row, behind the three that name it.
    shares: Vec<Vec<String>>,
}

impl Secrets {
    /// Which of them stand in these bytes.
    fn shown_in(&self, bytes: &[u8]) -> Vec<String> {
        let holds =
            |what: &str| bytes.windows(what.len()).any(|part| part.eq_ignore_ascii_case(what.as_bytes()));
        let mut shown = Vec::new();
        if self.keys.shows_in(bytes) {
            shown.push("a key".to_owned());
        }
        if holds(&self.phrase) {
            shown.push("the passphrase".to_owned());
        }
        let words_alone = letters(bytes);
        for (words, n) in self.shares.iter().zip(1..) {
            // Three words in a row, whatever stands between them, are no chance.
            if words.windows(3).any(|row| words_alone.contains(&format!(" {} ", row.join(" ")))) {
                shown.push(format!("share {n}"));
            }
        }
        shown
    }
}

/// Words of small letters with one space around each: signs, figures and line ends do not count.
fn letters(bytes: &[u8]) -> String {
    let mut out = String::from(" ");
    for byte in bytes {
        match byte.is_ascii_alphabetic() {
            true => out.push(char::from(byte.to_ascii_lowercase())),
            false if !out.ends_with(' ') => out.push(' '),
            false => {}
        }
    }
    out.push(' ');
    out
}

/// Every file below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let (mut found, mut folders) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            let kind = entry.file_type().unwrap();
            if kind.is_dir() {
                folders.push(entry.path());
            } else if kind.is_file() {
                found.push(entry.path());
            }
        }
    }
    found
}

/// What a day leaves behind: the record, an export, what was printed and logged by everything that was run, wrong openers
/// among it. Gives the secrets, the folder and all that was said.
fn a_day(dir: &Path) -> (Secrets, PathBuf, Vec<u8>) {
    let (data, out) = (dir.join("data"), dir.join("papers"));
    let papers = held(&data, &out, &["--machine"]);
    let file = KeyFile::read(&data.join("keys")).unwrap();
    let keys = file.open(&Opener::of_passphrase(PHRASE)).unwrap();
    let shares = papers.iter().map(|share| words(share)[3..].to_vec()).collect();
    let secrets = Secrets { keys, phrase: PHRASE.to_owned(), shares };
    let at = data.to_str().unwrap();
    let message = dir.join("one.hl7");
    write_messages(&message, &[adt("A01", "1", "100", "ZZTEST", "3")]);
    let export = data.join("export.bundle");
    let slip = dir.join("slip");
    let mut typed = words(&papers[0]);
    typed[9] = "harbuor".to_owned();
    std::fs::write(&slip, typed.join(" ")).unwrap();
    let mut said = Vec::new();
    let [one, other] = [0, 1].map(|n: usize| papers[n].to_str().unwrap());
    let commands: Vec<Vec<&str>> = vec![
        vec!["import", message.to_str().unwrap()],
        vec!["patients"],
        vec!["export", "--out", export.to_str().unwrap()],
        vec!["verify"],
        vec!["doctor"],
        vec!["keys", "show"],
        vec!["keys", "check", one],
        vec!["keys", "unseal"],
        vec!["keys", "unseal", "--share", one, "--share", other],
        vec!["keys", "unseal", "--share", one, "--share", one],
        vec!["keys", "unseal", "--share", slip.to_str().unwrap(), "--share", other],
        vec!["keys", "unseal", "--passphrase-file", slip.to_str().unwrap()],
        vec!["keys", "remove", "9"],
    ];
    for arguments in commands {
        let mut command = command(&arguments);
        command.args(["--data", at]).env("LIFEBOAT_PASSPHRASE", PHRASE).env("LIFEBOAT_LOG", "trace");
        let output = command.stdin(Stdio::null()).output().unwrap();
        said.extend([output.stdout, output.stderr].concat());
    }
    said.extend(with_phrase("guess after guess after guess", &["keys", "unseal", "--data", at]).stderr);
    let log = dir.join("log");
    let mut serve = Command::new(PROGRAM);
    serve.env("LIFEBOAT_LOG", "trace").stderr(std::fs::File::create(&log).unwrap());
    let server = Server::up(Server::spawn(&data, "", serve), &data);
    assert_eq!(server.sender().send(&common::person(1)).unwrap(), "AA|1");
    let sealed = common::lifeboat(&["seal", "--forget-machine-credential", "--data", at]);
    said.extend([sealed.stdout, sealed.stderr, std::fs::read(log).unwrap()].concat());
    drop(server);
    (secrets, data, said)
}

#[test]
fn no_key_passphrase_or_share_stands_in_anything_that_was_written() {
    let dir = tempfile::tempdir().unwrap();
    let (secrets, data, said) = a_day(dir.path());
    assert_eq!(secrets.shown_in(&said), Vec::<String>::new(), "{}", String::from_utf8_lossy(&said));
    let written = files(&data);
    assert!(written.len() > 5, "{written:?}");
    for file in &written {
        assert_eq!(
            secrets.shown_in(&std::fs::read(file).unwrap()),
            Vec::<String>::new(),
            "{}",
            file.display()
        );
    }
    // The planted faults: a log line that tells a share, one that tells the passphrase.
    let share = secrets.shares[1].join(" ");
    assert_eq!(secrets.shown_in(format!("opened by {share}").as_bytes()), ["share 2"]);
    assert_eq!(secrets.shown_in(format!("LIFEBOAT_PASSPHRASE={PHRASE}").as_bytes()), ["the passphrase"]);
    let code: Vec<PathBuf> = files(&dir.path().join("papers"));
    assert!(
        code.iter().any(|file| !secrets.shown_in(&std::fs::read(file).unwrap()).is_empty()),
        "the papers do tell"
    );
}

/// A line of that process's status, in KiB.
fn status(process: u32, name: &str) -> u64 {
    let text = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = text.lines().find(|line| line.starts_with(name)).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

#[test]
fn a_running_lifeboat_leaves_no_core_and_locks_its_memory_where_it_may() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(&dir.path().join("data"), "");
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", server.child.id())).unwrap();
    let core = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
    assert_eq!(core.split_whitespace().skip(4).take(2).collect::<Vec<_>>(), ["0", "0"], "{core}");
    drop(server);
    let mut lifted = Command::new("sh");
    lifted.args(["-c", "ulimit -l unlimited && exec \"$0\" \"$@\"", PROGRAM]);
    let may =
        Command::new("sh").args(["-c", "ulimit -l unlimited"]).output().is_ok_and(|out| out.status.success());
    if !may {
        return println!("the limit of locked memory cannot be lifted here, skipped");
    }
    let server = Server::start_under(&dir.path().join("locked"), "", lifted);
    assert!(status(server.child.id(), "VmLck:") > 1_024, "its memory is not locked");
}

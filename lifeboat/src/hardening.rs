//! What a running Lifeboat denies itself: writing elsewhere, starting programs, calling where the configuration names nobody.
//!
//! Somebody who breaks in through a message or a page has then the record's process and little else. Always: after the keys
//! are open and before any thread is begun, since each is bound by what was denied when it began; nothing that `serve` needs
//! (`config/outgoing.rs`). Where the kernel cannot (no Landlock), that is said and Lifeboat goes on: a ward without its list is
//! worse. Never: reading narrowed here; that is the service's work (`packaging/lifeboat.service`). Called by `serve`; proved by
//! the tests below and `tests/hardening.rs`.

use crate::config::Config;
use landlock::{
    ABI, AccessFs, AccessNet, NetPort, PathBeneath, PathFd, Ruleset, RulesetAttr, RulesetCreatedAttr,
    RulesetError, RulesetStatus,
};
use std::collections::BTreeSet;
use std::path::PathBuf;

/// How far it went.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Confined {
    /// All of it.
    Wholly,
    /// An older kernel denies files, but not yet all: its network or some kinds of access stay open.
    Partly,
    /// Not at all; the words say why.
    Not(String),
}

impl Confined {
    /// Says in the log what is missing.
    pub fn say(&self) {
        match self {
            Self::Wholly => tracing::info!("this process writes below its own folders alone from now on"),
            Self::Partly => tracing::info!("this kernel denies this process a part of what it does not need"),
            Self::Not(why) => tracing::warn!(why, "this process is not confined by the kernel"),
        }
    }
}

/// Denies this thread, and all that it begins from now on, what the configuration does not need.
pub fn confine(config: &Config) -> Confined {
    let folders = config.folders_out();
    for folder in &folders {
        // A rule can be made for what exists alone. What cannot be made is said by whoever wants to write there.
        let _ = std::fs::create_dir_all(folder);
    }
    denied(&folders, &config.ports_out())
}

/// What this kernel would deny, tried on a thread that ends at once.
pub fn possible() -> Confined {
    let tried = std::thread::spawn(|| denied(&[], &BTreeSet::new())).join();
    tried.unwrap_or_else(|_| Confined::Not("it could not be tried".to_owned()))
}

fn denied(folders: &[PathBuf], ports: &BTreeSet<u16>) -> Confined {
    match deny(folders, ports) {
        Ok(RulesetStatus::FullyEnforced) => Confined::Wholly,
        Ok(RulesetStatus::PartiallyEnforced) => Confined::Partly,
        Ok(RulesetStatus::NotEnforced) => {
            Confined::Not("this kernel has no Landlock, or it is switched off".to_owned())
        }
        Err(error) => Confined::Not(error.to_string()),
    }
}

fn deny(folders: &[PathBuf], ports: &BTreeSet<u16>) -> Result<RulesetStatus, RulesetError> {
    let writing = AccessFs::from_write(ABI::V5);
    let mut rules = Ruleset::default()
        .handle_access(writing | AccessFs::Execute)?
        .handle_access(AccessNet::ConnectTcp)?
        .create()?;
    for folder in folders {
        if let Ok(folder) = PathFd::new(folder) {
            rules = rules.add_rule(PathBeneath::new(folder, writing))?;
        }
    }
    for port in ports {
        rules = rules.add_rule(NetPort::new(*port, AccessNet::ConnectTcp))?;
    }
    Ok(rules.restrict_self()?.ruleset)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::{TcpListener, TcpStream};
    use std::path::Path;
    use std::process::{Command, Stdio};

    const FOLDER: &str = "LIFEBOAT_TEST_CONFINED";
    const PORT: &str = "LIFEBOAT_TEST_PORT";
    const FREE: &str = "LIFEBOAT_TEST_FREE";

    /// Not a test by itself: the process that the test below begins. It says what it could do.
    #[test]
    fn the_process_that_is_confined() {
        let Some(folder) = std::env::var_os(FOLDER).map(PathBuf::from) else { return };
        let port: u16 = std::env::var(PORT).unwrap().parse().unwrap();
        // The name of the test stands on this line.
        println!();
        let inside = folder.join("inside");
        let old = std::fs::read(folder.join("outside/old")).is_ok();
        if std::env::var_os(FREE).is_none() {
            println!("confined {:?}", denied(std::slice::from_ref(&inside), &BTreeSet::from([port])));
        }
        let other = TcpListener::bind("127.0.0.1:0").unwrap();
        let runs = Command::new("true").stdin(Stdio::null()).status();
        for (what, done) in [
            ("read-before", old),
            ("write-inside", std::fs::write(inside.join("new"), b"x").is_ok()),
            ("rename-inside", std::fs::rename(inside.join("new"), inside.join("newer")).is_ok()),
            ("read-outside", std::fs::read(folder.join("outside/old")).is_ok()),
            ("write-outside", std::fs::write(folder.join("outside/new"), b"x").is_ok()),
            ("change-outside", std::fs::write(folder.join("outside/old"), b"x").is_ok()),
            ("remove-outside", std::fs::remove_file(folder.join("outside/old")).is_ok()),
            ("run", runs.is_ok_and(|status| status.success())),
            ("call-named", TcpStream::connect(("127.0.0.1", port)).is_ok()),
            ("call-other", TcpStream::connect(other.local_addr().unwrap()).is_ok()),
        ] {
            println!("{what} {done}");
        }
    }

    /// What a process of its own could do, confined or free.
    fn told(folder: &Path, free: bool) -> Vec<String> {
        let named = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut child = Command::new(std::env::current_exe().unwrap());
        child.args([
            "--exact",
            "hardening::tests::the_process_that_is_confined",
            "--nocapture",
            "--test-threads=1",
        ]);
        child.env(FOLDER, folder).env(PORT, named.local_addr().unwrap().port().to_string());
        if free {
            child.env(FREE, "1");
        }
        let output = child.stdin(Stdio::null()).output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{text}");
        text.lines().map(str::to_owned).collect()
    }

    fn folder() -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        for name in ["inside", "outside"] {
            std::fs::create_dir(dir.path().join(name)).unwrap();
        }
        std::fs::write(dir.path().join("outside/old"), b"old").unwrap();
        dir
    }

    #[test]
    fn a_confined_process_writes_in_its_own_folders_alone_and_calls_nobody_unnamed() {
        let dir = folder();
        let told_confined = told(dir.path(), false);
        let says = |line: &str| told_confined.iter().any(|told| told == line);
        let before = told_confined.join("\n");
        if told_confined.iter().any(|line| line.starts_with("confined Not")) {
            println!("this kernel has no Landlock, skipped");
            return;
        }
        for line in [
            "read-before true",
            "write-inside true",
            "rename-inside true",
            "read-outside true",
            "write-outside false",
            "change-outside false",
            "remove-outside false",
            "run false",
            "call-named true",
        ] {
            assert!(says(line), "{line}: {before}");
        }
        assert!(says("call-other false") || says("confined Partly"), "{before}");
        // A process that denies itself nothing would be seen.
        let free = told(folder().path(), true);
        for line in [
            "write-outside true",
            "change-outside true",
            "remove-outside true",
            "run true",
            "call-other true",
        ] {
            assert!(free.iter().any(|told| told == line), "{line}: {free:?}");
        }
    }

    #[test]
    fn whether_the_kernel_can_is_tried_without_harm() {
        let told = possible();
        println!("{told:?}");
        let dir = folder();
        std::fs::write(dir.path().join("outside/new"), b"x").unwrap();
    }
}

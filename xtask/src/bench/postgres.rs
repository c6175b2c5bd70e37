//! A PostgreSQL of our own in the scratch folder: default durability, Unix socket only.

use anyhow::{Context, ensure};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The port that names the socket.
pub const PORT: &str = "54329";

/// A running server, stopped when dropped.
pub struct Postgres {
    bin: PathBuf,
    /// Folder of the socket; its `data` folder holds the database.
    pub dir: PathBuf,
}

impl Postgres {
    /// Makes a database in a fresh `dir` and starts it.
    pub fn start(dir: &Path) -> anyhow::Result<Self> {
        std::fs::create_dir_all(dir)?;
        let postgres = Self { bin: binaries()?, dir: dir.to_owned() };
        if root() {
            ensure!(
                Command::new("chown").arg("-R").arg("postgres").arg(dir).status()?.success(),
                "chown failed"
            );
        }
        postgres.tool("initdb", &["-D", "data", "-U", "postgres", "-A", "trust", "--no-sync"])?;
        let options =
            format!("-c listen_addresses='' -c unix_socket_directories={} -p {PORT}", dir.display());
        postgres.tool("pg_ctl", &["-D", "data", "-w", "-l", "log", "-o", &options, "start"])?;
        Ok(postgres)
    }

    fn tool(&self, name: &str, arguments: &[&str]) -> anyhow::Result<()> {
        let program = self.bin.join(name);
        let mut command = if root() {
            let mut command = Command::new("runuser");
            command.args(["-u", "postgres", "--"]).arg(program);
            command
        } else {
            Command::new(program)
        };
        let done = command
            .args(arguments)
            .current_dir(&self.dir)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        ensure!(done.with_context(|| format!("running {name}"))?.success(), "{name} failed");
        Ok(())
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        drop(self.tool("pg_ctl", &["-D", "data", "-m", "immediate", "stop"]));
    }
}

fn root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|out| out.stdout.starts_with(b"0\n"))
}

fn binaries() -> anyhow::Result<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").context("PostgreSQL is not installed")?;
    let mut found: Vec<PathBuf> =
        versions.flatten().map(|v| v.path().join("bin")).filter(|bin| bin.join("initdb").exists()).collect();
    found.sort();
    found.pop().context("PostgreSQL's server programs are not installed")
}

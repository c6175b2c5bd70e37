//! Running a program and asking the operating system what it cost.

use anyhow::{Context, bail};
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// What a finished program printed, and its user and system CPU seconds.
pub struct Finished {
    /// Standard output.
    pub stdout: String,
    /// CPU seconds, user and system together, of the program and its children.
    pub cpu_s: f64,
    /// Largest resident set, MiB.
    pub peak_mib: f64,
}

/// Runs `command` to its end; fails when it does.
pub fn run(command: &mut Command) -> anyhow::Result<Finished> {
    let shown = format!("{command:?}");
    let mut timed = Command::new("python3");
    timed.arg("-c").arg(
        "import os,resource,subprocess,sys\nr=subprocess.run(sys.argv[1:],stdout=subprocess.PIPE)\n\
         u=resource.getrusage(resource.RUSAGE_CHILDREN)\nsys.stdout.buffer.write(r.stdout)\n\
         print(f'\\n@cost {u.ru_utime+u.ru_stime} {u.ru_maxrss}')\nsys.exit(r.returncode)",
    );
    timed.arg(command.get_program()).args(command.get_args());
    for (name, value) in command.get_envs() {
        if let Some(value) = value {
            timed.env(name, value);
        }
    }
    if let Some(dir) = command.get_current_dir() {
        timed.current_dir(dir);
    }
    let out = timed.stderr(Stdio::inherit()).output().with_context(|| format!("starting {shown}"))?;
    let text = String::from_utf8_lossy(&out.stdout).into_owned();
    if !out.status.success() {
        bail!("{shown} ended with {}: {text}", out.status);
    }
    let (stdout, cost) = text.rsplit_once("@cost ").context("no cost line")?;
    let mut numbers = cost.split_whitespace().filter_map(|n| n.parse::<f64>().ok());
    let cpu_s = numbers.next().context("no CPU time")?;
    let peak_kib = numbers.next().context("no peak memory")?;
    Ok(Finished { stdout: stdout.trim_end().to_owned(), cpu_s, peak_mib: peak_kib / 1024.0 })
}

/// A server that is stopped when dropped.
pub struct Server(pub Child);

impl Server {
    /// Starts `command` and waits for a line of its output that contains `ready`.
    pub fn start(command: &mut Command, ready: &str) -> anyhow::Result<Self> {
        let shown = format!("{command:?}");
        let mut child =
            command.stdout(Stdio::piped()).spawn().with_context(|| format!("starting {shown}"))?;
        let stdout = child.stdout.take().context("no output")?;
        let server = Self(child);
        let mut lines = BufReader::new(stdout).lines();
        for line in lines.by_ref() {
            if line?.contains(ready) {
                // Whatever else it prints is read and dropped, so that it never blocks on a full pipe.
                std::thread::spawn(move || lines.count());
                return Ok(server);
            }
        }
        bail!("{shown} ended before it was ready")
    }

    /// Waits until the server rests: under a tenth of one processor for a while. So that what it does behind its
    /// answers is over before anything else is measured.
    #[allow(clippy::disallowed_methods)] // Measuring is what this is for.
    pub fn settle(&self) -> anyhow::Result<()> {
        const LOOK: Duration = Duration::from_millis(300);
        let mut before = self.ticks()?;
        for _ in 0..400 {
            std::thread::sleep(LOOK);
            let now = self.ticks()?;
            // A tick is a hundredth of a second.
            if now - before < 3 {
                return Ok(());
            }
            before = now;
        }
        bail!("the server never came to rest")
    }

    /// User and system time so far, in hundredths of a second.
    fn ticks(&self) -> anyhow::Result<u64> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.0.id()))?;
        let after_name = stat.rsplit_once(')').context("no such process")?.1;
        Ok(after_name.split_whitespace().skip(11).take(2).filter_map(|t| t.parse::<u64>().ok()).sum())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

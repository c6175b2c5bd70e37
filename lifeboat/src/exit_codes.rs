//! What the program's exit codes mean to a script. The table is repeated in `docs/guides/command_line.md`.

use std::process::ExitCode;

/// How a command ended.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Ending {
    /// Everything asked for was done.
    Fine = 0,
    /// It could not be done; the last line on stderr says why.
    Failed = 1,
    /// The command line or the configuration is wrong.
    Usage = 2,
    /// Done, but something waits for a person: messages in the tray, files refused, acknowledged messages missing.
    NeedsAPerson = 3,
    /// `verify` found damage, or a rebuild does not equal the index.
    Damaged = 4,
    /// Recording stopped: a write to the record failed, nothing more was acknowledged.
    StoppedRecording = 5,
    /// Another Lifeboat is writing this data directory.
    InUse = 6,
    /// The keys are missing or do not open the record.
    NoKeys = 7,
}

impl From<Ending> for ExitCode {
    fn from(ending: Ending) -> Self {
        ExitCode::from(ending as u8)
    }
}

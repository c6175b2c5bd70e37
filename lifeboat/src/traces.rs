//! No trace of a key outside this process: no core file, no debugger of the same account, no swap where that can be had.
//!
//! Always: the first thing that `main` does, for every command, before any key or passphrase is read. Locking memory is
//! tried only where the operator lifted the limit (`LimitMEMLOCK=infinity`), for with a limit every later allocation could
//! fail; where it is not locked, `lifeboat doctor` says so when there is swap. Why all memory and not the keys' page
//! alone: docs/decisions/keys_in_memory.md. Proved by `tests/keys_traces.rs`.

use rustix::mm::{MlockAllFlags, mlockall};
use rustix::process::{DumpableBehavior, Resource, Rlimit, getrlimit, set_dumpable_behavior, setrlimit};

/// Switches core files off, and reading of this process's memory by others of the same account.
pub fn leave_no_core() {
    let nothing = Rlimit { current: Some(0), maximum: Some(0) };
    // A kernel that refuses one of these is no reason to keep a ward without its list.
    if setrlimit(Resource::Core, nothing).is_err()
        || set_dumpable_behavior(DumpableBehavior::NotDumpable).is_err()
    {
        eprintln!(
            "lifeboat: this system does not let core files be switched off; a crash may leave keys on the disk."
        );
    }
}

/// Keeps this process's memory out of the swap; true when it is.
pub fn lock_memory() -> bool {
    let unlimited = getrlimit(Resource::Memlock).current.is_none();
    // On fault: what is never touched costs nothing.
    unlimited && mlockall(MlockAllFlags::CURRENT | MlockAllFlags::FUTURE | MlockAllFlags::ONFAULT).is_ok()
}

/// Whether this machine has swap to which memory could be written.
pub fn has_swap() -> bool {
    std::fs::read_to_string("/proc/swaps").is_ok_and(|text| text.lines().count() > 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_that_was_told_leaves_no_core() {
        leave_no_core();
        assert_eq!(rustix::process::dumpable_behavior().unwrap(), DumpableBehavior::NotDumpable);
        let limit = getrlimit(Resource::Core);
        assert_eq!((limit.current, limit.maximum), (Some(0), Some(0)));
    }
}

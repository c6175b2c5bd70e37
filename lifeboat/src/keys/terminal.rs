//! Questions at the terminal, and their answers: a passphrase unseen, words seen.
//!
//! Always: questions go to stderr, so that results stay alone on stdout. A script answers the same questions on stdin,
//! where that makes sense. Called by whatever opens or makes keys.

use crate::failure::Failure;
use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};
use std::io::{BufRead, IsTerminal, Write};
use zeroize::Zeroizing;

/// Whether a person sits there.
pub fn is_there() -> bool {
    std::io::stdin().is_terminal()
}

/// Says a line to the person.
pub fn say(line: &str) {
    eprintln!("{line}");
}

/// Reads one line that is shown while it is typed; `None` at the end of the input.
pub fn ask(question: &str) -> Result<Option<Zeroizing<String>>, Failure> {
    eprint!("{question}");
    std::io::stderr().flush()?;
    line()
}

/// Reads one line without showing it; `None` at the end of the input.
pub fn ask_unseen(question: &str) -> Result<Option<Zeroizing<String>>, Failure> {
    let terminal = std::io::stdin();
    if !terminal.is_terminal() {
        return ask(question);
    }
    eprint!("{question}");
    std::io::stderr().flush()?;
    let before = tcgetattr(&terminal).map_err(std::io::Error::from)?;
    let mut unseen = before.clone();
    unseen.local_modes.remove(LocalModes::ECHO);
    tcsetattr(&terminal, OptionalActions::Flush, &unseen).map_err(std::io::Error::from)?;
    let read = line();
    let restored = tcsetattr(&terminal, OptionalActions::Flush, &before);
    eprintln!();
    restored.map_err(std::io::Error::from)?;
    read
}

fn line() -> Result<Option<Zeroizing<String>>, Failure> {
    let mut line = Zeroizing::new(String::new());
    let read = std::io::stdin().lock().read_line(&mut line)?;
    let kept = line.trim_end_matches(['\r', '\n']).len();
    line.truncate(kept);
    Ok((read > 0).then_some(line))
}

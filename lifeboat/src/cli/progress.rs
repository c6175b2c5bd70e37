//! Progress bars on stderr: shown to a person at a terminal, silent in a script.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A bar over bytes.
pub fn bytes(total: u64) -> ProgressBar {
    bar(total, "{msg:<24} {wide_bar} {bytes}/{total_bytes} {eta}")
}

/// A bar over entries.
pub fn entries(what: &str) -> ProgressBar {
    let bar = bar(0, "{msg:<24} {wide_bar} {human_pos}/{human_len} {eta}");
    bar.set_message(what.to_owned());
    bar
}

fn bar(total: u64, template: &str) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::stderr());
    match ProgressStyle::with_template(template) {
        Ok(style) => bar.set_style(style),
        Err(error) => unreachable!("the template is sound: {error}"),
    }
    bar
}

/// Waits until the index has applied everything, showing how far it is.
pub fn catch_up(room: &control_room::ControlRoom) -> Result<(), control_room::Fault> {
    let shown = entries("reading into the index");
    let result = room.catch_up(&mut |done, total| {
        shown.set_length(total);
        shown.set_position(done);
    });
    shown.finish_and_clear();
    result
}

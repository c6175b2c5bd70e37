//! `lifeboat replay FILE --to HOST:PORT`: a file's HL7 messages to an MLLP listener, at a steady rate.

use super::progress;
use crate::exit_codes::Ending;
use crate::failure::Failure;
use intake::BodyLimits;
use intake::replay::{Replay, Replayed, replay};
use std::io;
use std::path::PathBuf;

#[derive(clap::Args)]
pub struct ReplayArgs {
    /// A file of HL7 v2 messages, gzip or not
    file: PathBuf,
    /// The listener
    #[arg(long, value_name = "HOST:PORT")]
    to: String,
    /// Messages a second; 0 for as fast as they are answered
    #[arg(long, default_value_t = 0.0)]
    rate: f64,
    /// Seconds to wait for an answer
    #[arg(long, default_value_t = 5)]
    wait: u64,
}

pub fn run(args: ReplayArgs) -> Result<Ending, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let bar = progress::entries("sending");
    let order = Replay {
        to: args.to.clone(),
        per_second: args.rate,
        answer_wait_ms_max: args.wait.clamp(1, 3600) * 1000,
    };
    let path = args.file.clone();
    let (replayed, read, sent) = runtime.block_on(async {
        let (queue, messages) = tokio::sync::mpsc::channel::<Vec<u8>>(64);
        let reading = tokio::task::spawn_blocking(move || {
            intake::files::messages(&path, &BodyLimits::for_files(), &mut |bytes| {
                let gone = |_| io::Error::new(io::ErrorKind::BrokenPipe, "the sender stopped");
                queue.blocking_send(bytes.to_vec()).map_err(gone)
            })
        });
        let (replayed, sent) =
            replay(&order, messages, &mut |replayed| bar.set_position(replayed.sent)).await;
        let read = reading.await.unwrap_or_else(|e| Err(io::Error::other(e)));
        (replayed, read, sent)
    });
    bar.finish_and_clear();
    tell(&replayed);
    sent.map_err(|e| Failure::failed(format!("sending to {} stopped: {e}", args.to)))?;
    read.map_err(|e| Failure::failed(format!("could not read {}: {e}", args.file.display())))?;
    Ok(if replayed.refused > 0 { Ending::NeedsAPerson } else { Ending::Fine })
}

fn tell(replayed: &Replayed) {
    for (id, code, why) in &replayed.named {
        eprintln!(
            "refused: {} {} {}",
            crate::table::harmless(id),
            crate::table::harmless(code),
            crate::table::harmless(why)
        );
    }
    println!("sent      {:>9}", replayed.sent);
    println!("accepted  {:>9}", replayed.accepted);
    println!("refused   {:>9}", replayed.refused);
    if replayed.unasked > 0 {
        println!("unasked   {:>9}  (their headers ask for no answer)", replayed.unasked);
    }
}

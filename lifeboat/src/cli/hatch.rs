//! `lifeboat hatch`: how the hatch stands, closing it, and admitting what was kept apart, when no page can be reached.
//!
//! Always: the Lifeboat that runs on the data directory is asked; without one the record is opened for the decision. Opening
//! alone and turning messages away are for the page, which shows what is decided about.

use super::{Place, progress};
use crate::exit_codes::Ending;
use crate::failure::Failure;
use crate::hatch_door::{Ask, answer, ask};
use crate::store::{Begin, Store, is_held};
use crate::table;

#[derive(clap::Args)]
pub struct HatchArgs {
    #[command(subcommand)]
    action: Action,
}

#[derive(clap::Subcommand)]
enum Action {
    /// Say whether it is closed, by whom, and how much waits
    Show,
    /// Close it: what comes from now on is kept and acknowledged, and kept apart
    Close {
        /// Only for this feed; may be given more than once (default: all feeds)
        #[arg(long)]
        feed: Vec<String>,
        /// Why
        #[arg(long)]
        reason: String,
        /// Who decides: name
        #[arg(long)]
        by: String,
    },
    /// Admit everything that waits of a feed, in the order in which it came; this cannot be taken back
    Admit {
        /// The feed
        feed: String,
        /// Open the hatch for it too
        #[arg(long)]
        open: bool,
        /// Why
        #[arg(long)]
        reason: String,
        /// Who decides: name
        #[arg(long)]
        by: String,
    },
}

pub fn run(place: Place, args: HatchArgs) -> Result<Ending, Failure> {
    let asked = match args.action {
        Action::Show => Ask::Show,
        Action::Close { feed, reason, by } => Ask::Close { feeds: feed, reason, by },
        Action::Admit { feed, open, reason, by } => Ask::Admit { feed, open, reason, by },
    };
    let config = place.config()?;
    let said = match ask(&config.data, &asked)? {
        Some(said) => said,
        None if is_held(&config.data) => {
            return Err(Failure::new(
                Ending::InUse,
                "a Lifeboat is using this record and cannot be reached; close the hatch on its page, or try again",
            ));
        }
        None => {
            let store = Store::open(config, Begin::Never)?;
            let room = store.room()?;
            progress::catch_up(&room)?;
            let said = answer(&room, asked, store.clock.now());
            room.close();
            said
        }
    };
    let words = said.map_err(Failure::failed)?;
    words.lines().for_each(|line| table::put(&clean(line)));
    Ok(Ending::Fine)
}

/// A name or a reason may hold anything, terminal commands too.
fn clean(line: &str) -> String {
    line.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

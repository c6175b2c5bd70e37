//! `lifeboat rebuild`: the index is thrown away and made again from the record alone.

use super::{Place, progress};
use crate::exit_codes::Ending;
use crate::failure::Failure;
use crate::store::{Begin, Store};
use control_room::ControlRoom;
use std::sync::Arc;

#[derive(clap::Args)]
pub struct RebuildArgs {
    /// Print the sums as one JSON object
    #[arg(long)]
    json: bool,
}

pub fn run(place: Place, args: RebuildArgs) -> Result<Ending, Failure> {
    let store = Store::open(place.config()?, Begin::Never)?;
    let bar = progress::entries("rebuilding the index");
    let totals =
        ControlRoom::rebuild(store.setup(), &store.keys, Arc::clone(&store.clock), &mut |done, total| {
            bar.set_length(total);
            bar.set_position(done);
        });
    bar.finish_and_clear();
    let totals = totals?;
    if args.json {
        crate::json::line(&totals);
    } else {
        println!("received     {:>9}", totals.received);
        println!("understood   {:>9}", totals.understood);
        println!("in the tray  {:>9}", totals.in_tray);
        println!("cleared      {:>9}", totals.cleared);
        if totals.kept_apart + totals.turned_away > 0 {
            println!("kept apart   {:>9}", totals.kept_apart);
            println!("turned away  {:>9}", totals.turned_away);
        }
        println!("duplicates   {:>9}", totals.duplicates);
        println!("{} patients are known.", totals.patients);
    }
    Ok(Ending::Fine)
}

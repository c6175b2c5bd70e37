//! What the incident book is told when the program starts: the trust's hospitals, and the action cards.
//!
//! Cards come from `forms/action_cards` in the data directory, where an emergency planner edits them, else those built
//! into the program. Always: a broken card keeps nobody from starting; the cards in use stay, or the built-in ones are
//! taken, and each fault is told with file and line. Called by `serve`.

use crate::store::Store;
use control_room::{ControlRoom, OwnCards, Preparation, shipped_action_cards};

/// Lays hospitals and cards down in the incident book, where they are not there already.
pub fn prepare(store: &Store, room: &ControlRoom) {
    let cards = match room.own_action_cards() {
        Some(OwnCards { cards: Ok(cards), .. }) => Ok(cards),
        Some(OwnCards { folder, cards: Err(faults) }) => {
            eprintln!(
                "The action cards in {} are not used until this is mended:\n{faults}",
                folder.display()
            );
            // Whatever is in use is better known to people than what is built in.
            if room.incident().read(|book| book.cards_in_use.is_empty()) {
                shipped_action_cards()
            } else {
                Ok(Vec::new())
            }
        }
        None => shipped_action_cards(),
    };
    let cards = cards.unwrap_or_else(|faults| {
        tracing::error!(%faults, "the built-in action cards cannot be read");
        Vec::new()
    });
    let of_feeds = store.config.feeds.iter().filter_map(|feed| feed.setup.site.clone());
    let mut hospitals: Vec<_> = store.config.hospitals.iter().cloned().chain(of_feeds).collect();
    hospitals.sort_unstable();
    hospitals.dedup();
    if let Err(refused) = room.incident().prepare(Preparation { cards, hospitals }, store.clock.now()) {
        tracing::error!(%refused, "hospitals and action cards could not be laid down in the incident book");
    }
}

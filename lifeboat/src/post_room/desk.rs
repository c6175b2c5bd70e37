//! The outbox as its page sees it, and what people decide about it, carried out.

use basics::{Clock, EntryNumber};
use outbound::gateways::SlipShelf;
use outbound::{Item, ItemFilter, Outbox, Settlement, StateKind, Way};
use paper::RunnerSlip;
use screens::{PostBoard, PostDeed, PostDesk, PostGateway, PostItem};
use std::sync::Arc;

/// How long a message that is sent again stays true when its time has passed, in seconds.
const AGAIN_SECONDS: i64 = 6 * 3600;
/// Open messages looked through for the lists.
const LOOKED_AT_MAX: usize = 20_000;

/// The page's side of the outbox.
pub struct Desk {
    pub outbox: Outbox,
    pub shelf: SlipShelf,
    pub clock: Arc<dyn Clock>,
}

fn item(item: &Item) -> PostItem {
    let kind = item.state.kind();
    let route = &item.outgoing.route;
    PostItem {
        number: item.number.0,
        way: route.way().words().to_owned(),
        to: route.to().to_owned(),
        subject: item.outgoing.words.subject.clone(),
        state: kind.words().to_owned(),
        why: item.last_error.as_ref().map_or_else(String::new, |(_, why)| why.clone()),
        queued_at: item.queued_at,
        asked_by: item.outgoing.asked_by.clone(),
        stuck: kind.needs_a_person(),
        queued: kind == StateKind::Queued,
        slip_printed: route.way() == Way::Slip && kind == StateKind::Sent,
    }
}

impl PostDesk for Desk {
    fn board(&self, items_max: usize) -> PostBoard {
        let board = self.outbox.board(self.clock.now());
        let filter = ItemFilter { items_max: LOOKED_AT_MAX, ..ItemFilter::default() };
        let mut shown = PostBoard {
            halted: board.halted,
            open: board.open,
            counts: board.counts.iter().map(|(kind, n)| (kind.words().to_owned(), *n)).collect(),
            gateways: board
                .gateways
                .iter()
                .map(|gateway| PostGateway {
                    name: gateway.name.clone(),
                    carries: gateway.carries.iter().map(|way| way.words()).collect::<Vec<_>>().join(", "),
                    waiting: gateway.counts.get(&StateKind::Queued).copied().unwrap_or(0),
                    resting: gateway.resting_until.clone(),
                    next_attempt: gateway.next_attempt,
                    last_error: gateway.last_error.clone(),
                    last_minute: gateway.last_minute,
                    per_minute_max: gateway.per_minute_max,
                })
                .collect(),
            ..PostBoard::default()
        };
        for item in self.outbox.items(&filter).iter().map(item) {
            let list = match (item.stuck, item.slip_printed) {
                (true, _) => &mut shown.stuck,
                (_, true) => &mut shown.slips,
                _ => &mut shown.waiting,
            };
            if list.len() < items_max {
                list.push(item);
            }
        }
        shown
    }

    fn slips(&self) -> Vec<RunnerSlip> {
        let of = |slip: outbound::gateways::Slip| RunnerSlip {
            number: slip.number.0,
            to: slip.to,
            text: slip.body,
            asked_by: slip.asked_by,
            asked_at: slip.queued_at,
            valid_until: slip.valid_until,
            // The text says so already, first and last.
            exercise: false,
        };
        self.shelf.waiting().into_iter().map(of).collect()
    }

    fn decide(&self, number: u64, deed: PostDeed, by: &str, reason: &str) -> Result<(), String> {
        let (number, now) = (EntryNumber(number), self.clock.now());
        let settle = |settlement| self.outbox.settle(number, settlement, by, reason, now);
        let done = match deed {
            PostDeed::SendAgain => {
                let known = self.outbox.item(number).map(|item| item.valid_until);
                let valid_until =
                    known.filter(|until| *until > now).unwrap_or_else(|| now.plus_seconds(AGAIN_SECONDS));
                settle(Settlement::SendAgain { valid_until })
            }
            PostDeed::CountAsSent => settle(Settlement::CountAsSent),
            PostDeed::Close => settle(Settlement::Close),
            PostDeed::Cancel => self.outbox.cancel(number, by, reason, now),
            PostDeed::SlipTaken => self.outbox.slip_taken(number, by, now),
        };
        self.shelf.match_with(&self.outbox);
        done.map_err(|refused| refused.to_string())
    }
}

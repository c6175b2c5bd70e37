//! The book of looks: written for every page that shows patients, searched by the privacy officer alone.
//!
//! Always: a look by broken glass, and an export, are on the disk before `look` returns; ordinary looks go into the next
//! commit. When looks cannot be written, clinical reading goes on: the answer is marked, the state alarmed, and what was lost
//! is counted and sealed in the access book; an export is refused. Never: the book folded; it is read backwards as far as a
//! question needs.

use super::{AccessRefused, AccessRoom};
use crate::Fault;
use access::alarms::Alarm;
use access::break_glass::{Broken, Rate};
use access::looks::{self, Deed, Found, LOOK, Limits, Look, Question, Tally};
use access::{Asked, By};
use basics::{EntryNumber, Moment, PartialDate};
use logbook::{Disk, Keys, Loggist, Reader};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard};

/// What became of a look.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Kept {
    /// It is kept: on the disk for broken glass and exports, in the next commit for others.
    Yes,
    /// It is not, and the page is shown all the same, with these words on it.
    No(String),
}

/// How the recording of looks stands.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct LooksState {
    /// Looks that were not kept since recording last went well.
    pub lost: u64,
    /// The first and the last of them.
    pub lost_between: Option<(Moment, Moment)>,
    /// Why.
    pub why: String,
    /// Looks are kept again.
    pub over: bool,
}

impl LooksState {
    /// A sentence for every page while looks are not kept.
    pub fn words(&self) -> Option<String> {
        (self.lost > 0 && !self.over).then(|| {
            format!(
                "Who looks at patients cannot be recorded now ({}). Go on caring for them; nothing can be exported until \
                 that is mended. Tell IT.",
                self.why
            )
        })
    }
}

/// Looks given back of a search.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct LooksFound {
    /// What was found, the newest first.
    pub found: Vec<Found>,
    /// Looks read.
    pub scanned: u64,
    /// Ask again before this entry for earlier ones; `None` when there are none.
    pub earlier: Option<EntryNumber>,
}

/// Entries read at once when the book is read backwards.
const WINDOW: u64 = 2_000;

pub(super) struct Looks {
    loggist: RwLock<Option<Loggist>>,
    reader: Option<Reader>,
    /// Why the book could not be opened.
    unopened: Option<String>,
    watch: Arc<Mutex<Watch>>,
}

/// The state, and whether somebody was told.
#[derive(Default)]
struct Watch {
    state: LooksState,
    alarmed: bool,
}

impl Watch {
    fn kept(&mut self) {
        self.state.over = self.state.lost > 0;
    }

    fn lost(&mut self, why: String, at: Moment) {
        if self.state.over {
            // Lost again before what was lost first could be told: it is one trouble.
            self.state.over = false;
        }
        let since = self.state.lost_between.map_or(at, |(since, _)| since);
        self.state.lost_between = Some((since, at));
        self.state.lost = self.state.lost.saturating_add(1);
        self.state.why = why;
    }
}

impl Looks {
    /// Opens the book "looks". Where that cannot be, the house opens all the same, and says so.
    pub(super) fn open(dir: &Path, keys: &Keys, disk: Arc<dyn Disk>, at: Moment) -> Self {
        let options = logbook::Options::default();
        let opened = Loggist::open(dir, AccessRoom::looks_book_name(), keys, disk, options, at)
            .and_then(|(loggist, _)| loggist.reader().map(|reader| (loggist, reader)));
        let (loggist, reader, unopened) = match opened {
            Ok((loggist, reader)) => (Some(loggist), Some(reader), None),
            Err(fault) => {
                tracing::error!(%fault, "the book of looks could not be opened; looks are not recorded");
                (None, None, Some(fault.to_string()))
            }
        };
        Self { loggist: RwLock::new(loggist), reader, unopened, watch: Arc::default() }
    }

    fn loggist(&self) -> RwLockReadGuard<'_, Option<Loggist>> {
        self.loggist.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn watch(&self) -> MutexGuard<'_, Watch> {
        crate::room::lock(&self.watch)
    }

    pub(super) fn close(&self) {
        let loggist = self.loggist.write().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(loggist) = loggist
            && let Err(fault) = loggist.close()
        {
            tracing::error!(%fault, "the book of looks was closed with a fault");
        }
    }

    fn shut(&self) -> String {
        self.unopened.clone().unwrap_or_else(|| Fault::Closed.to_string())
    }

    /// Waits until it is on the disk.
    fn keep(&self, body: &[u8], at: Moment) -> Result<(), String> {
        let loggist = self.loggist();
        let loggist = loggist.as_ref().ok_or_else(|| self.shut())?;
        loggist.append(LOOK, body, at).map_err(|fault| fault.to_string())?;
        self.watch().kept();
        Ok(())
    }

    /// Lays it in the next commit; what becomes of that is noted when it is known.
    fn lay(&self, body: &[u8], at: Moment) -> Result<(), String> {
        let loggist = self.loggist();
        let loggist = loggist.as_ref().ok_or_else(|| self.shut())?;
        let watch = self.watch.clone();
        loggist.submit(LOOK, body, at, move |kept| match kept {
            Ok(_) => crate::room::lock(&watch).kept(),
            Err(fault) => crate::room::lock(&watch).lost(fault.to_string(), at),
        });
        Ok(())
    }
}

impl AccessRoom {
    /// Records a look before its page is shown.
    ///
    /// # Errors
    /// An export that cannot be recorded: a sentence for whoever wanted it. Reading is never refused here.
    pub fn look(&self, look: Look, at: Moment) -> Result<Kept, String> {
        let look = look.tidied();
        let exported = look.deed == Deed::Exported;
        let kept = looks::write(&look).map_err(|fault| fault.to_string()).and_then(|body| {
            match exported || look.broken.is_some() {
                true => self.looks.keep(&body, at),
                false => self.looks.lay(&body, at),
            }
        });
        let refused = match kept {
            Err(why) if exported => Some(format!(
                "Nothing can be exported now: who takes it out cannot be recorded ({why}). Ask IT to mend that, or print \
                 what care needs."
            )),
            Err(why) => {
                self.looks.watch().lost(why, at);
                None
            }
            Ok(()) => None,
        };
        self.tell_of_lost_looks(at);
        match refused {
            Some(words) => Err(words),
            // Laid, while one before was not kept: marked until it is known that they are kept again.
            None => Ok(self.looks_state().words().map_or(Kept::Yes, Kept::No)),
        }
    }

    /// Seals in the access book that looks are being lost; and, once they are kept again, how many were, for whoever asks
    /// in a year.
    fn tell_of_lost_looks(&self, at: Moment) {
        let told = {
            let mut watch = self.looks.watch();
            match (watch.state.lost, watch.state.over, watch.alarmed) {
                (0, ..) | (_, false, true) => None,
                (_, false, false) => {
                    watch.alarmed = true;
                    Some(watch.state.clone())
                }
                (_, true, _) => Some(std::mem::take(&mut *watch).state),
            }
        };
        if let Some(LooksState { lost: count, lost_between: Some((since, until)), why, .. }) = told {
            self.raise(Alarm::LooksNotKept { count, since, until, why }, at);
        }
    }

    /// How the recording of looks stands: for every page, and for the boards.
    pub fn looks_state(&self) -> LooksState {
        self.looks.watch().state.clone()
    }

    /// Searches the looks backwards from the newest, or from before an entry.
    ///
    /// # Errors
    /// Whoever is not the privacy officer; a fault of the book.
    pub fn search_looks(
        &self,
        who: &By,
        question: &Question,
        before: Option<EntryNumber>,
        (limits, at): (Limits, Moment),
    ) -> Result<LooksFound, AccessRefused> {
        let asked = |book: &access::AccessBook| looks::may_ask(&Asked { book, zone: &self.zone, who, at });
        self.read(asked)?;
        let mut all = LooksFound::default();
        self.backwards(before, limits.scanned_max, &mut |window| {
            for (entry, at, look) in window.into_iter().rev() {
                if all.found.len() >= limits.found_max {
                    return false;
                }
                all.scanned += 1;
                all.earlier = (entry.0 > 1).then_some(entry);
                if question.meets(at, &look) {
                    all.found.push(Found { entry, at, look });
                }
            }
            true
        })?;
        Ok(all)
    }

    /// How often the glass was broken beside how often patients were looked at, within the newest `looks_max` looks.
    ///
    /// # Errors
    /// A fault of the book.
    pub fn glass_rate(&self, looks_max: u64, at: Moment) -> Result<Rate, Fault> {
        let (mut tally, mut since) = (Tally::default(), at);
        self.backwards(None, looks_max, &mut |window| {
            for (_, at, look) in &window {
                tally.add(look);
                since = since.min(*at);
            }
            true
        })?;
        let broken = self.read(|book| book.glass.count(since, at.plus_seconds(1)));
        Ok(Rate { broken, looks: tally.views })
    }

    /// The same day by day by the hospital's clocks, the newest day first: their sums are [`AccessRoom::glass_rate`]'s.
    ///
    /// # Errors
    /// As for [`AccessRoom::glass_rate`].
    pub fn glass_rates_by_day(&self, looks_max: u64, at: Moment) -> Result<Vec<(PartialDate, Rate)>, Fault> {
        let (mut days, mut since) = (BTreeMap::<PartialDate, Rate>::new(), at);
        self.backwards(None, looks_max, &mut |window| {
            for (_, at, look) in &window {
                let mut tally = Tally::default();
                tally.add(look);
                let day = days.entry(self.zone.date(*at)).or_default();
                day.looks = day.looks.saturating_add(tally.views);
                since = since.min(*at);
            }
            true
        })?;
        self.read(|book| {
            let within = |broken: &&Broken| (since..=at).contains(&broken.stamp.at);
            for broken in book.glass.newest().filter(within) {
                days.entry(self.zone.date(broken.stamp.at)).or_default().broken += 1;
            }
        });
        Ok(days.into_iter().rev().collect())
    }

    /// Reads windows of looks, the newest window first, each in the order of the book, until `take` has enough.
    fn backwards(
        &self,
        before: Option<EntryNumber>,
        scanned_max: u64,
        take: &mut dyn FnMut(Vec<(EntryNumber, Moment, Look)>) -> bool,
    ) -> Result<(), Fault> {
        let Some(reader) = &self.looks.reader else { return Err(Fault::Closed) };
        let mut end = before.map_or(reader.len() + 1, |before| before.0.min(reader.len() + 1));
        let mut left = scanned_max;
        while end > 1 && left > 0 {
            let start = end.saturating_sub(WINDOW.min(left)).max(1);
            let mut window = Vec::new();
            for entry in reader.read_from(EntryNumber(start)).take((end - start) as usize) {
                let entry = entry?;
                let look = looks::read(entry.number, entry.kind, &entry.body)?;
                window.push((entry.number, entry.at, look));
            }
            left -= end - start;
            end = start;
            if !take(window) {
                break;
            }
        }
        Ok(())
    }
}

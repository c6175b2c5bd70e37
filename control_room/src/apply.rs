//! One entry of the book becomes what the index knows: translated, its patient found, its facts applied, and whatever
//! could not be understood laid in the tray.
//!
//! Always: the same entries in the same order give the same index, however they are cut into batches, however often
//! the program was killed between; so a rebuild equals the live one. Never: an entry applied twice; a fact filed by a
//! hash alone; two people joined because their numbers contradict each other.
//! Called by the follower with one batch at a time.

mod apart;
mod moves;
mod places;
mod tray;
mod who;

pub use apart::Admission;

use crate::Fault;
use crate::duplicates::{Earlier, MessageKey, Naming, judge, same};
use crate::entries::Body;
use crate::find::Slot;
use crate::follower::Fresh;
use crate::index::{CORE, IndexWriter, PlaceRow, Section, Table, Tally};
use crate::room::Shared;
use basics::{EntryNumber, FeedName, Moment, SiteId};
use care::ward_list::WardKey;
use care::{Fact, Identifier, PatientKey, Problem, ProblemKind, What};
use std::collections::{BTreeSet, HashMap, HashSet};
use translate::{Outcome, Received, Translation};

/// Keys of second and later patients first named in one entry lie this far apart: the first one's key is the entry's
/// number. So a key never comes to mean somebody else, even when other entries are understood than before.
const KEY_STEP: u64 = 1 << 40;
/// Most facts of one entry applied; more is not a message but an attack.
const FACTS_MAX: usize = 100_000;

/// What one batch changes beyond the database; forgotten when the batch fails.
#[derive(Default)]
pub struct Batch {
    /// New patients' keys, in the order of their rows.
    pub new: Vec<PatientKey>,
    new_slots: HashMap<PatientKey, Slot>,
    identifiers: HashMap<Identifier, Vec<Slot>>,
    links: HashMap<PatientKey, Option<PatientKey>>,
    /// Tray items that came (1) or went (-1).
    pub tray: Vec<(FeedName, ProblemKind, i64)>,
    /// Places heard of.
    pub places: Vec<translate::PlaceName>,
    /// The mode changed.
    pub mode: bool,
    /// Feeds that were kept apart and flow again.
    pub let_in: Vec<FeedName>,
    /// Wards on which a bed was named.
    pub wards: BTreeSet<WardKey>,
}

impl Batch {
    /// Links between records that this batch changed.
    pub fn links(&self) -> &HashMap<PatientKey, Option<PatientKey>> {
        &self.links
    }

    /// Rows of this batch's new patients.
    pub fn new_slots(&self) -> &HashMap<PatientKey, Slot> {
        &self.new_slots
    }
}

/// Applies entries to the index.
pub struct Applier<'a> {
    /// The room.
    pub shared: &'a Shared,
    /// The index.
    pub writer: &'a mut IndexWriter,
    /// Places by feed and reference.
    pub places: &'a mut HashMap<(FeedName, String), PlaceRow>,
    /// What this batch changes.
    pub batch: Batch,
}

impl Applier<'_> {
    /// Applies one entry.
    pub fn entry(&mut self, number: EntryNumber, at: Moment, body: Body<'_>) -> Result<(), Fault> {
        match body {
            Body::Received(feed, bytes) => self.received(number, at, &feed, bytes)?,
            Body::Intent(signed) => self.intent(number, at, signed)?,
        }
        self.writer.state.applied = number;
        self.writer.state.applied_at = at;
        Ok(())
    }

    /// Applies an entry that the door handed over; `known`: what is remembered of its id, when that is everything.
    pub fn fresh(
        &mut self,
        number: EntryNumber,
        fresh: &Fresh,
        known: Option<Vec<(u64, u64)>>,
    ) -> Result<(), Fault> {
        let message =
            Message { number, at: fresh.at, feed: &fresh.feed, bytes: &fresh.bytes, key: fresh.key };
        let known = known.map_or_else(|| self.known_before(number, fresh.key), Ok)?;
        self.message(&message, &known)?;
        self.writer.state.applied = number;
        self.writer.state.applied_at = fresh.at;
        Ok(())
    }

    fn tally(&mut self, feed: &FeedName) -> &mut Tally {
        let tallies = &mut self.writer.state.tallies;
        let at = match tallies.binary_search_by(|t| t.feed.cmp(feed)) {
            Ok(at) => at,
            Err(at) => {
                tallies.insert(at, Tally::new(feed.clone()));
                at
            }
        };
        // The row was found or put there just now.
        #[allow(clippy::indexing_slicing)]
        &mut tallies[at]
    }

    fn received(
        &mut self,
        number: EntryNumber,
        at: Moment,
        feed: &FeedName,
        bytes: &[u8],
    ) -> Result<(), Fault> {
        let key = MessageKey::of(&self.shared.place.sums, feed, bytes);
        let known = self.known_before(number, key)?;
        if self.message(&Message { number, at, feed, bytes, key }, &known)? {
            let applied = self.writer.state.applied;
            self.shared.door().memory.note(key, number, applied);
        }
        Ok(())
    }

    /// Applies a message; gives whether it was news.
    fn message(&mut self, message: &Message<'_>, known: &[(u64, u64)]) -> Result<bool, Fault> {
        let Message { number, at, feed, bytes, key } = *message;
        let same_id = match self.earlier(message, known)? {
            Earlier::Perhaps(_) => {
                self.tally(feed).kept_twice += 1;
                return Ok(false);
            }
            other => other == Earlier::SameIdOtherBytes,
        };
        self.writer.note_seen(key.id, number, key.content);
        let tally = self.tally(feed);
        tally.received += 1;
        tally.same_id_other_bytes += u64::from(same_id);
        tally.last_received = Some(at);
        if self.writer.state.hatch.holds(feed) {
            self.keep_apart(message)?;
        } else {
            self.understand(number, at, feed, bytes)?;
        }
        Ok(true)
    }

    /// Applies what a message says, and lays it in the tray where anything was lost.
    fn understand(
        &mut self,
        number: EntryNumber,
        at: Moment,
        feed: &FeedName,
        bytes: &[u8],
    ) -> Result<(), Fault> {
        let mut told = self.shared.translate(feed, bytes, number, at);
        let mut applied_sums = Vec::new();
        self.learn_places(feed, &told)?;
        self.facts(&mut told, None, &mut applied_sums)?;
        let tally = self.tally(feed);
        tally.last_source_time = told.sent_at.or(tally.last_source_time);
        tally.last_shown = Some(at);
        match told.outcome() {
            Outcome::Understood => tally.understood += 1,
            outcome => self.lay_in_tray(number, at, feed, told, outcome, applied_sums)?,
        }
        Ok(())
    }

    /// What is known of messages with the same id in entries before this one, oldest first.
    fn known_before(&self, number: EntryNumber, key: MessageKey) -> Result<Vec<(u64, u64)>, Fault> {
        let door = self.shared.door();
        let mut remembered = door.memory.known(key.id, number);
        let complete = door.memory.complete();
        drop(door);
        if complete {
            return Ok(remembered);
        }
        let mut all = self.shared.pool.reader()?.seen(key.id)?;
        all.retain(|(entry, _)| *entry < number.0);
        all.append(&mut remembered);
        all.sort_unstable();
        all.dedup();
        Ok(all)
    }

    /// Whether an entry before this one keeps the same message already. The door sees to that; but while the index is
    /// being made again the door cannot know them all.
    fn earlier(&self, message: &Message<'_>, known: &[(u64, u64)]) -> Result<Earlier, Fault> {
        let Message { at, feed, bytes, key, .. } = *message;
        let judged = judge(key, known);
        let Earlier::Perhaps(entry) = judged else { return Ok(judged) };
        let kept = self.shared.entry(entry)?;
        Ok(match kept {
            Some(kept) if same(key, (feed, bytes, at), &kept) => judged,
            _ if key.naming == Naming::Identified => Earlier::SameIdOtherBytes,
            _ => Earlier::None,
        })
    }

    /// Applies a message's facts; `but` names those applied before. Problems found in filing them are added.
    fn facts(
        &mut self,
        told: &mut Translation,
        but: Option<&[u64]>,
        sums: &mut Vec<u64>,
    ) -> Result<(), Fault> {
        if told.facts.len() > FACTS_MAX {
            told.facts.truncate(FACTS_MAX);
            told.problems.push(problem(
                ProblemKind::PartLost,
                "message",
                "it says more than is taken from one message",
            ));
        }
        let facts = std::mem::take(&mut told.facts);
        let mut filing = Filing::default();
        self.note_merging(&facts, &mut filing)?;
        let mut filed = Vec::with_capacity(facts.len());
        // A new number for an old record must be known before anything is filed under the new one.
        let (first, rest): (Vec<&Fact>, Vec<&Fact>) =
            facts.iter().partition(|f| matches!(f.what, What::Renumber { .. }));
        for fact in first.into_iter().chain(rest) {
            if but.is_some_and(|done| done.contains(&self.fact_sum(fact))) {
                self.still_apart(fact, &filing, &mut told.problems)?;
            } else if self.fact(fact, &mut filing, &mut told.problems)? {
                filed.push(fact);
            }
        }
        // Needed only when the message is read again: for what waits in the tray.
        let lossy = told.problems.iter().any(|p| p.kind != ProblemKind::Imperfect);
        if lossy || but.is_some() {
            sums.extend(filed.into_iter().map(|fact| self.fact_sum(fact)));
        }
        told.facts = facts;
        Ok(())
    }

    fn fact_sum(&self, fact: &Fact) -> u64 {
        let words = format!("{:?}{:?}", fact.about, fact.what);
        self.shared.place.sums.of(Table::Fact, 0, words.as_bytes())
    }

    /// Files one fact; gives whether that could be done.
    fn fact(&mut self, fact: &Fact, filing: &mut Filing, problems: &mut Vec<Problem>) -> Result<bool, Fault> {
        if !fact.about.identifiers.iter().any(Identifier::matches_records) {
            problems.push(problem(
                ProblemKind::PartLost,
                "message",
                "it names no number by which a patient is known",
            ));
            return Ok(false);
        }
        if let What::Renumber { prior } = &fact.what {
            self.renumber(fact, prior, filing, problems)?;
        }
        let slot = match &filing.last {
            Some((identifiers, slot)) if *identifiers == fact.about.identifiers => *slot,
            _ => {
                let slot = self.slot_for(&fact.about.identifiers, fact, filing, problems)?;
                filing.last = Some((fact.about.identifiers.clone(), slot));
                slot
            }
        };
        match &fact.what {
            What::Merge { prior } => self.merge(slot, prior, fact, filing, problems)?,
            What::Unmerge { prior } => self.unmerge(slot, prior)?,
            What::MoveNumbers { numbers } => self.move_numbers(slot, numbers, problems)?,
            What::MoveVisit { prior, visit } => self.move_visit(slot, (prior, visit), problems)?,
            What::Encounter(step) => {
                self.note_place_of(slot, step, fact)?;
                self.bring_visit(slot, step)?;
            }
            _ => {}
        }
        self.note_identifiers(slot, fact, filing)?;
        let mut changed = sections(&fact.what);
        if let What::Observation(told) = &fact.what
            && !told.id.is_empty()
            && self.writer.record(slot, Section::Reports.bit())?.awaits(&told.id)
        {
            changed |= Section::Reports.bit();
        }
        let record = self.writer.record_to_change(slot, changed)?;
        record.apply(&fact.what, &fact.cite);
        Ok(true)
    }

    fn note_identifiers(&mut self, slot: Slot, fact: &Fact, filing: &Filing) -> Result<(), Fault> {
        let given: Vec<Identifier> =
            fact.about.identifiers.iter().filter(|i| !filing.left_out.contains(*i)).cloned().collect();
        let record = self.writer.record_to_change(slot, CORE)?;
        let new: Vec<Identifier> =
            given.iter().filter(|i| !record.identifiers.contains(i)).cloned().collect();
        record.note_identifiers(&given, &fact.cite, fact.what.tells_number_in_use());
        for identifier in new {
            self.batch.identifiers.entry(identifier).or_default().push(slot);
        }
        Ok(())
    }
}

/// A message of the book, with its sums.
struct Message<'a> {
    number: EntryNumber,
    at: Moment,
    feed: &'a FeedName,
    bytes: &'a [u8],
    key: MessageKey,
}

/// While one message's facts are filed.
#[derive(Default)]
struct Filing {
    last: Option<(Vec<Identifier>, Slot)>,
    /// Identifiers that are not noted on the record: an NHS number that belongs to another record than the hospital
    /// number says, a sender's own key under which a linked record is kept.
    left_out: HashSet<Identifier>,
    /// Records that the message itself merges away: their numbers contradict nobody's in it.
    merging: HashSet<PatientKey>,
}

fn problem(kind: ProblemKind, place: &str, text: &str) -> Problem {
    Problem { kind, place: place.to_owned(), text: text.to_owned() }
}

/// The long lists that a fact changes or looks at (see `care::apply`).
fn sections(what: &What) -> u8 {
    match what {
        What::Report(told) if !told.awaited.is_empty() => {
            Section::Reports.bit() | Section::Observations.bit()
        }
        What::Report(_) | What::Order(_) => Section::Reports.bit(),
        What::Observation(_) => Section::Observations.bit(),
        What::Administration(_) | What::Medication(_) => Section::Administrations.bit(),
        What::Document(_) => Section::Documents.bit(),
        _ => CORE,
    }
}

/// Translates by a feed's rules. A translator that fails altogether loses one message to the tray, not the follower.
pub fn translate_guarded(
    format: crate::FeedFormat,
    bytes: &[u8],
    received: &Received,
    rules: &translate::FeedRules,
) -> Translation {
    // A list of bookings is brought by a person, and says by its heading what it is.
    let list = || translate::list(bytes, received, rules);
    let read = || match format {
        crate::FeedFormat::Hl7 => list().unwrap_or_else(|| translate::hl7(bytes, received, rules)),
        crate::FeedFormat::Fhir => list().unwrap_or_else(|| translate::fhir(bytes, received, rules)),
        crate::FeedFormat::Either => translate::any(bytes, received, rules),
    };
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(read)).unwrap_or_else(|_| {
        let mut told = Translation::default();
        let text = "the translator failed on this message; please report it";
        told.problems.push(problem(ProblemKind::NotUnderstood, "message", text));
        told
    })
}

/// The site of a ward of which nobody says where it is.
pub fn site_unnamed() -> SiteId {
    // The name is printable and short, so it is always one.
    SiteId::new("Site not named").unwrap_or_else(|| unreachable!("a printable name"))
}

//! Folding the incident book from its first entry: what a restart does.
//!
//! Reading and decrypting, understanding, and folding run side by side, for a million entries must be there within
//! five seconds; the order of folding is that of the entries. Always: an entry that is not understood stops the
//! opening with its number, for a picture with a hole in it is worse than none.

use crate::Fault;
use basics::{EntryNumber, Moment};
use incident::{Act, IncidentBook, codec};
use logbook::{Entry, Reader};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

/// Entries that travel together from one stage to the next.
const BATCH_ENTRIES: usize = 512;
/// Batches between two stages.
const BATCHES_MAX: usize = 8;

type Read = Result<Vec<Entry>, Fault>;
type Understood = Result<Vec<(EntryNumber, Moment, Act)>, Fault>;

/// Folds every entry that is durable now.
pub(super) fn replay(reader: &Reader, book: &mut IncidentBook) -> Result<(), Fault> {
    if reader.is_empty() {
        return Ok(());
    }
    let (read, to_understand) = sync_channel::<Read>(BATCHES_MAX);
    let (understood, to_fold) = sync_channel::<Understood>(BATCHES_MAX);
    std::thread::scope(|scope| {
        scope.spawn(move || read_all(reader, &read));
        scope.spawn(move || understand_all(&to_understand, &understood));
        for batch in to_fold {
            for (entry, at, act) in batch? {
                incident::fold(book, entry, at, act);
            }
        }
        Ok(())
    })
}

/// Ends early when nobody takes the batches any more.
fn read_all(reader: &Reader, read: &SyncSender<Read>) {
    let mut batch = Vec::with_capacity(BATCH_ENTRIES);
    for entry in reader.read_from(EntryNumber(1)) {
        match entry {
            Ok(entry) => batch.push(entry),
            Err(fault) => {
                drop(read.send(Err(fault.into())));
                return;
            }
        }
        if batch.len() == BATCH_ENTRIES && read.send(Ok(std::mem::take(&mut batch))).is_err() {
            return;
        }
    }
    drop(read.send(Ok(batch)));
}

fn understand_all(to_understand: &Receiver<Read>, understood: &SyncSender<Understood>) {
    for batch in to_understand {
        let acts = batch.and_then(|entries| entries.into_iter().map(understand).collect());
        let failed = acts.is_err();
        if understood.send(acts).is_err() || failed {
            return;
        }
    }
}

fn understand(entry: Entry) -> Result<(EntryNumber, Moment, Act), Fault> {
    let act = codec::read(entry.number, entry.kind, &entry.body)?;
    Ok((entry.number, entry.at, act))
}

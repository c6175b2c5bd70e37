//! Messages kept apart, in the index: put in when they come, taken out when they are admitted, marked when turned away.

use super::IndexWriter;
use crate::Fault;
use crate::hatch::ApartItem;
use crate::index::Table;
use crate::index::rows::{decode, encode};
use basics::{EntryNumber, FeedName, Moment};
use rusqlite::{OptionalExtension, params};

impl IndexWriter {
    /// A message that was kept apart.
    pub fn apart(&self, entry: EntryNumber) -> Result<Option<ApartItem>, Fault> {
        self.apart_bytes(entry)?.map(|bytes| decode(&bytes)).transpose()
    }

    fn apart_bytes(&self, entry: EntryNumber) -> Result<Option<Vec<u8>>, Fault> {
        let fault = |e| Fault::index("read a message kept apart", &e);
        let mut statement =
            self.conn.prepare_cached("SELECT body FROM apart WHERE entry = ?1").map_err(fault)?;
        statement.query_row([entry.0 as i64], |r| r.get(0)).optional().map_err(fault)
    }

    /// The messages of a feed that wait, after one entry and up to another, in the feed's order: entry, when received.
    pub fn waiting_apart(
        &self,
        feed: &FeedName,
        after: EntryNumber,
        up_to: EntryNumber,
    ) -> Result<Vec<(EntryNumber, Moment)>, Fault> {
        let fault = |e| Fault::index("read the messages kept apart", &e);
        let mut statement = self
            .conn
            .prepare_cached("SELECT body FROM apart WHERE entry > ?1 AND entry <= ?2 ORDER BY entry")
            .map_err(fault)?;
        let mut rows = statement.query(params![after.0 as i64, up_to.0 as i64]).map_err(fault)?;
        let mut waiting = Vec::new();
        while let Some(row) = rows.next().map_err(fault)? {
            let bytes = row.get_ref(0).and_then(|v| Ok(v.as_blob()?)).map_err(fault)?;
            let item: ApartItem = decode(bytes)?;
            if item.feed == *feed && item.turned_away.is_none() {
                waiting.push((item.entry, item.received));
            }
        }
        Ok(waiting)
    }

    /// Puts a message in, changes it, or (`None`) takes it out.
    pub fn set_apart(&mut self, entry: EntryNumber, item: Option<&ApartItem>) -> Result<(), Fault> {
        let fault = |e| Fault::index("write a message kept apart", &e);
        let sums = self.place.sums.clone();
        if let Some(old) = self.apart_bytes(entry)? {
            self.unsum(sums.of(Table::Apart, entry.0, &old));
        }
        match item {
            Some(item) => {
                let bytes = encode(item)?;
                self.sum(sums.of(Table::Apart, entry.0, &bytes));
                let mut put = self
                    .conn
                    .prepare_cached("INSERT INTO apart(entry, body) VALUES(?1, ?2) ON CONFLICT(entry) DO UPDATE SET body = excluded.body")
                    .map_err(fault)?;
                put.execute(params![entry.0 as i64, bytes]).map_err(fault)?;
            }
            None => {
                let mut take =
                    self.conn.prepare_cached("DELETE FROM apart WHERE entry = ?1").map_err(fault)?;
                take.execute([entry.0 as i64]).map_err(fault)?;
            }
        }
        Ok(())
    }

    /// The sum over all messages kept apart, for the check at opening.
    pub(super) fn apart_sum(&self) -> Result<u64, Fault> {
        let fault = |e| Fault::index("read the messages kept apart", &e);
        let mut total = 0u64;
        let mut statement = self.conn.prepare("SELECT entry, body FROM apart").map_err(fault)?;
        let mut rows = statement.query([]).map_err(fault)?;
        while let Some(row) = rows.next().map_err(fault)? {
            let entry: i64 = row.get(0).map_err(fault)?;
            let bytes = row.get_ref(1).and_then(|v| Ok(v.as_blob()?)).map_err(fault)?;
            total = total.wrapping_add(self.place.sums.of(Table::Apart, entry as u64, bytes));
        }
        Ok(total)
    }
}

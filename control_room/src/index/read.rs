//! Reading the index beside its writer: a few connections, each used by one reader at a time, none in anybody's way.

use super::Place;
use super::records::{read_core, read_parts, read_summary};
use super::rows::{Summary, TrayRow, decode};
use crate::Fault;
use crate::hatch::ApartItem;
use basics::EntryNumber;
use care::PatientRecord;
use rusqlite::{Connection, params};
use std::sync::{Mutex, PoisonError};

/// Connections kept when nobody reads.
const IDLE_MAX: usize = 4;

/// Connections for readers, and the place that they read.
pub struct Pool {
    place: Place,
    idle: Mutex<Vec<Connection>>,
}

/// One reader's connection; goes back to the pool when dropped.
pub struct ReadIndex<'a> {
    pool: &'a Pool,
    conn: Option<Connection>,
}

impl Pool {
    /// No connections yet; they are opened as needed.
    pub fn new(place: Place) -> Self {
        Self { place, idle: Mutex::default() }
    }

    /// A connection.
    pub fn reader(&self) -> Result<ReadIndex<'_>, Fault> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let conn = match idle {
            Some(conn) => conn,
            None => self.place.open_read()?,
        };
        Ok(ReadIndex { pool: self, conn: Some(conn) })
    }

    /// Lets go of all idle connections, for the file is about to be removed.
    pub fn clear(&self) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

impl Drop for ReadIndex<'_> {
    fn drop(&mut self) {
        let mut idle = self.pool.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(conn) = self.conn.take().filter(|c| idle.len() < IDLE_MAX && c.is_autocommit()) {
            idle.push(conn);
        }
    }
}

impl ReadIndex<'_> {
    fn conn(&self) -> Result<&Connection, Fault> {
        self.conn.as_ref().ok_or(Fault::Closed)
    }

    /// Everything `read` reads is of one moment.
    fn at_one_moment<T>(&self, read: impl FnOnce(&Connection) -> Result<T, Fault>) -> Result<T, Fault> {
        let conn = self.conn()?;
        conn.execute_batch("BEGIN").map_err(|e| Fault::index("begin to read", &e))?;
        let result = read(conn);
        conn.execute_batch("COMMIT").map_err(|e| Fault::index("end reading", &e))?;
        result
    }

    /// A patient's summary.
    pub fn summary(&self, slot: u32) -> Result<Option<Summary>, Fault> {
        Ok(read_summary(self.conn()?, &self.pool.place, slot)?.map(|(summary, _)| summary))
    }

    /// A patient's whole record, compared with the sums of its summary.
    pub fn record(&self, slot: u32) -> Result<Option<PatientRecord>, Fault> {
        self.at_one_moment(|conn| {
            let Some((summary, _)) = read_summary(conn, &self.pool.place, slot)? else { return Ok(None) };
            let (mut record, _) = read_core(conn, &self.pool.place, slot, &summary)?;
            read_parts(conn, &self.pool.place, slot, None, &summary.part_sums, &mut record)?;
            Ok(Some(record))
        })
    }

    /// Tray items after an entry, oldest first, as long as `keep` wants more; the second value of `keep`'s answer says
    /// whether to go on.
    pub fn tray(&self, after: EntryNumber, keep: &mut dyn FnMut(TrayRow) -> bool) -> Result<(), Fault> {
        let fault = |e| Fault::index("read the tray", &e);
        let conn = self.conn()?;
        let mut statement =
            conn.prepare_cached("SELECT body FROM tray WHERE entry > ?1 ORDER BY entry").map_err(fault)?;
        let mut rows = statement.query([after.0 as i64]).map_err(fault)?;
        while let Some(row) = rows.next().map_err(fault)? {
            let bytes = row.get_ref(0).and_then(|v| Ok(v.as_blob()?)).map_err(fault)?;
            if !keep(decode(bytes)?) {
                break;
            }
        }
        Ok(())
    }

    /// Messages kept apart at the hatch after an entry, oldest first, as long as `keep` wants more.
    pub fn apart(&self, after: EntryNumber, keep: &mut dyn FnMut(ApartItem) -> bool) -> Result<(), Fault> {
        let fault = |e| Fault::index("read the messages kept apart", &e);
        let conn = self.conn()?;
        let mut statement =
            conn.prepare_cached("SELECT body FROM apart WHERE entry > ?1 ORDER BY entry").map_err(fault)?;
        let mut rows = statement.query([after.0 as i64]).map_err(fault)?;
        while let Some(row) = rows.next().map_err(fault)? {
            let bytes = row.get_ref(0).and_then(|v| Ok(v.as_blob()?)).map_err(fault)?;
            if !keep(decode(bytes)?) {
                break;
            }
        }
        Ok(())
    }

    /// Entries and content sums of earlier messages with this id, in order, the newest sixteen.
    pub fn seen(&self, id: u64) -> Result<Vec<(u64, u64)>, Fault> {
        let fault = |e| Fault::index("look for a duplicate", &e);
        let mut statement = self
            .conn()?
            .prepare_cached("SELECT entry, content FROM seen WHERE id = ?1 ORDER BY entry DESC LIMIT 16")
            .map_err(fault)?;
        let rows = statement
            .query_map(params![id as i64], |r| Ok((r.get::<_, i64>(0)? as u64, r.get::<_, i64>(1)? as u64)))
            .map_err(fault)?;
        let mut found: Vec<(u64, u64)> = rows.collect::<Result<_, _>>().map_err(fault)?;
        found.reverse();
        Ok(found)
    }
}

//! Records read from the database, each compared with the sums in its summary before anybody sees it.
//!
//! Used by the writer and by readers alike, so that neither can forget the comparison.

use super::rows::{Section, Summary, decode, decode_part, part_id, section_of};
use super::{Place, Table};
use crate::Fault;
use care::PatientRecord;
use rusqlite::{Connection, OptionalExtension, params};

/// A summary and its sum.
pub(super) fn read_summary(
    conn: &Connection,
    place: &Place,
    slot: u32,
) -> Result<Option<(Summary, u64)>, Fault> {
    let fault = |e| Fault::index("read a summary", &e);
    let mut statement = conn.prepare_cached("SELECT summary FROM patient WHERE slot = ?1").map_err(fault)?;
    let bytes: Option<Vec<u8>> = statement.query_row([slot], |r| r.get(0)).optional().map_err(fault)?;
    let Some(bytes) = bytes else { return Ok(None) };
    let sum = place.sums.of(Table::Patient, u64::from(slot), &bytes);
    Ok(Some((decode(&bytes)?, sum)))
}

/// A record's core, compared with its summary; and its size.
pub(super) fn read_core(
    conn: &Connection,
    place: &Place,
    slot: u32,
    summary: &Summary,
) -> Result<(PatientRecord, usize), Fault> {
    let fault = |e| Fault::index("read a record", &e);
    let mut statement = conn.prepare_cached("SELECT body FROM core WHERE slot = ?1").map_err(fault)?;
    let bytes: Option<Vec<u8>> = statement.query_row([slot], |r| r.get(0)).optional().map_err(fault)?;
    let bytes = bytes.ok_or_else(|| Fault::damaged("a patient's record is missing"))?;
    let sum = place.sums.of(Table::Core, u64::from(slot), &bytes);
    if sum != summary.core_sum && !place.trusts_blindly() {
        return Err(Fault::damaged("a patient's record does not fit its summary"));
    }
    Ok((decode(&bytes)?, bytes.len()))
}

/// A record's long lists, one or all, compared with the summary's sums; and their size.
pub(super) fn read_parts(
    conn: &Connection,
    place: &Place,
    slot: u32,
    only: Option<Section>,
    part_sums: &[(u16, u64)],
    record: &mut PatientRecord,
) -> Result<usize, Fault> {
    let fault = |e| Fault::index("read a record", &e);
    let wanted: Vec<_> =
        part_sums.iter().filter(|(p, _)| only.is_none_or(|s| section_of(*p) == Some(s))).collect();
    let (Some((first, _)), Some((last, _))) = (wanted.first(), wanted.last()) else { return Ok(0) };
    let mut statement = conn
        .prepare_cached("SELECT id, body FROM part WHERE id BETWEEN ?1 AND ?2 ORDER BY id")
        .map_err(fault)?;
    let mut rows = statement.query(params![part_id(slot, *first), part_id(slot, *last)]).map_err(fault)?;
    let (mut read, mut size) = (0, 0);
    while let Some(row) = rows.next().map_err(fault)? {
        let id: i64 = row.get(0).map_err(fault)?;
        let bytes = row.get_ref(1).and_then(|v| Ok(v.as_blob()?)).map_err(fault)?;
        let part = (id & 0xffff) as u16;
        let sum = place.sums.of(Table::Part, id as u64, bytes);
        if !wanted.contains(&&(part, sum)) && !place.trusts_blindly() {
            return Err(Fault::damaged("a part of a record does not fit its summary"));
        }
        decode_part(record, part, bytes)?;
        read += 1;
        size += bytes.len() * 3;
    }
    if read != wanted.len() && !place.trusts_blindly() {
        return Err(Fault::damaged("a part of a record is missing"));
    }
    Ok(size)
}

//! Opening the index: everything that lies in memory is read once, and the sums over it are compared with the state's.

use super::{IndexWriter, WardState};
use crate::Fault;
use crate::index::rows::{Beds, PlaceRow, State, Summary, TrayRow, decode};
use crate::index::{Sums, Table};
use basics::{FeedName, SiteId, WardId};
use care::ward_list::WardKey;
use rusqlite::OptionalExtension;

impl IndexWriter {
    pub(super) fn read_state(&mut self) -> Result<(), Fault> {
        let fault = |e| Fault::index("read the state", &e);
        let row: Option<(Vec<u8>, i64)> = self
            .conn
            .query_row("SELECT body, sum FROM state WHERE id = 0", [], |r| Ok((r.get(0)?, r.get(1)?)))
            .optional()
            .map_err(fault)?;
        let witness = self.place.sums.witness();
        let Some((body, sum)) = row else {
            let rows: i64 = self
                .conn
                .query_row("SELECT (SELECT count(*) FROM patient) + (SELECT count(*) FROM seen)", [], |r| {
                    r.get(0)
                })
                .map_err(fault)?;
            if rows != 0 && !self.place.trusts_blindly() {
                return Err(Fault::damaged("its state is missing"));
            }
            self.state = State { witness, ..State::default() };
            return Ok(());
        };
        if self.place.sums.of(Table::State, 0, &body) as i64 != sum && !self.place.trusts_blindly() {
            return Err(Fault::damaged("its state is not as it was written"));
        }
        self.state = decode(&body)?;
        if self.state.witness != witness {
            return Err(Fault::damaged("it was made by a build that reckons sums in another way"));
        }
        Ok(())
    }

    pub(super) fn load_all(&mut self, load: &mut dyn FnMut(Loaded)) -> Result<u64, Fault> {
        let fault = |e| Fault::index("read the summaries", &e);
        let sums = self.place.sums.clone();
        let mut total = 0u64;
        let mut count = 0u64;
        let mut statement =
            self.conn.prepare("SELECT slot, summary FROM patient ORDER BY slot").map_err(fault)?;
        let mut rows = statement.query([]).map_err(fault)?;
        while let Some(row) = rows.next().map_err(fault)? {
            let slot: i64 = row.get(0).map_err(fault)?;
            let bytes = row.get_ref(1).and_then(|v| Ok(v.as_blob()?)).map_err(fault)?;
            total = total.wrapping_add(sums.of(Table::Patient, slot as u64, bytes));
            if slot != count as i64 && !self.place.trusts_blindly() {
                return Err(Fault::damaged("a patient's summary is missing"));
            }
            count += 1;
            load(Loaded::Patient(slot as u32, decode(bytes)?));
        }
        drop(rows);
        drop(statement);
        if count != self.state.patients && !self.place.trusts_blindly() {
            return Err(Fault::damaged("patients' summaries are missing"));
        }
        let mut statement =
            self.conn.prepare("SELECT entry, body FROM tray ORDER BY entry").map_err(fault)?;
        let mut rows = statement.query([]).map_err(fault)?;
        while let Some(row) = rows.next().map_err(fault)? {
            let entry: i64 = row.get(0).map_err(fault)?;
            let bytes = row.get_ref(1).and_then(|v| Ok(v.as_blob()?)).map_err(fault)?;
            total = total.wrapping_add(sums.of(Table::Tray, entry as u64, bytes));
            load(Loaded::Tray(decode(bytes)?));
        }
        drop(rows);
        drop(statement);
        let mut statement = self.conn.prepare("SELECT site, ward, body FROM ward").map_err(fault)?;
        let mut rows = statement.query([]).map_err(fault)?;
        while let Some(row) = rows.next().map_err(fault)? {
            let (site, ward): (String, String) =
                row.get(0).and_then(|s| Ok((s, row.get(1)?))).map_err(fault)?;
            let bytes = row.get_ref(2).and_then(|v| Ok(v.as_blob()?)).map_err(fault)?;
            let (Some(site), Some(ward)) = (SiteId::new(&site), WardId::new(&ward)) else {
                return Err(Fault::damaged("a ward without a name"));
            };
            let key = WardKey { site, ward };
            let sum = ward_sum(&sums, &key, bytes);
            total = total.wrapping_add(sum);
            let beds: Beds = decode(bytes)?;
            load(Loaded::Ward(key.clone(), beds.clone()));
            self.wards.insert(key, WardState { beds, sum });
        }
        drop(rows);
        drop(statement);
        Ok(total.wrapping_add(self.load_places(load)?).wrapping_add(self.apart_sum()?))
    }

    fn load_places(&self, load: &mut dyn FnMut(Loaded)) -> Result<u64, Fault> {
        let fault = |e| Fault::index("read the places", &e);
        let mut total = 0u64;
        let mut statement = self.conn.prepare("SELECT feed, reference, body FROM place").map_err(fault)?;
        let mut rows = statement.query([]).map_err(fault)?;
        while let Some(row) = rows.next().map_err(fault)? {
            let (feed, reference): (String, String) =
                row.get(0).and_then(|f| Ok((f, row.get(1)?))).map_err(fault)?;
            let bytes = row.get_ref(2).and_then(|v| Ok(v.as_blob()?)).map_err(fault)?;
            total = total.wrapping_add(place_sum(&self.place.sums, &feed, &reference, bytes));
            let feed = FeedName::new(&feed).ok_or_else(|| Fault::damaged("a place of no feed"))?;
            load(Loaded::Place(feed, reference, decode(bytes)?));
        }
        Ok(total)
    }
}

/// What opening finds. One at a time, so that its size does not matter.
#[allow(clippy::large_enum_variant)]
pub enum Loaded {
    /// A patient's row and summary.
    Patient(u32, Summary),
    /// A tray item.
    Tray(TrayRow),
    /// A ward's beds.
    Ward(WardKey, Beds),
    /// A place that a feed named.
    Place(FeedName, String, PlaceRow),
}

pub(super) fn place_sum(sums: &Sums, feed: &str, reference: &str, body: &[u8]) -> u64 {
    sums.of_parts(Table::Place, &[feed.as_bytes(), reference.as_bytes(), body])
}

pub(super) fn ward_sum(sums: &Sums, key: &WardKey, body: &[u8]) -> u64 {
    sums.of_parts(Table::Ward, &[key.site.as_str().as_bytes(), key.ward.as_str().as_bytes(), body])
}

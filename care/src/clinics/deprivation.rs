//! Where patients live by deprivation: the hospital's own table from postcodes to tenths (deciles) of the English or Welsh
//! index, for the equality report alone.
//!
//! Always: 1 is the most deprived tenth, as both indices have it; shown as fifths; a postcode that the table does not have is
//! "not recorded". Never: a ground for a decision. The table is the hospital's (`forms/deprivation.csv`: postcode, decile);
//! none is shipped. Proved by the tables below and by `tests/clinics_counts.rs`.

use basics::csv::{self, Limits, TableFault};
use std::collections::HashMap;

/// All postcodes of the country, and some.
const LIMITS: Limits =
    Limits { bytes_max: 128 << 20, rows_max: 3_000_000, columns_max: 64, field_bytes_max: 400 };

/// Headings of the postcode, folded.
const POSTCODE: [&str; 5] = ["postcode", "post code", "pcds", "pcd", "pcd7"];
/// Headings of the tenth, folded: as its publishers and analysts write them.
const DECILE: [&str; 5] = [
    "decile",
    "imd decile",
    "wimd decile",
    "index of multiple deprivation decile",
    "index of multiple deprivation imd decile",
];

/// The table.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Deprivation {
    /// By postcode, packed.
    tenths: HashMap<u64, u8>,
    /// Rows without a postcode, or whose tenth is none of 1 to 10.
    pub passed_over: usize,
}

/// A table that cannot be used.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum DeprivationFault {
    /// It is no table.
    #[error(transparent)]
    Table(#[from] TableFault),
    /// A column is missing.
    #[error("it has no column “{0}”")]
    NoColumn(&'static str),
    /// Nothing in it could be used.
    #[error("no row of it holds a postcode and a decile from 1 to 10")]
    Nothing,
}

impl Deprivation {
    /// Reads the table: a spreadsheet with the columns postcode and decile.
    ///
    /// # Errors
    /// Why it cannot be used.
    pub fn read(bytes: &[u8]) -> Result<Self, DeprivationFault> {
        let mut cuts = csv::cuts(bytes, LIMITS)?;
        let heading = cuts.next().ok_or(TableFault::Empty)?.row()?.fields;
        let column = |names: &[&str], name| {
            let is = |field: &String| names.contains(&crate::problems::folded(field).as_str());
            heading.iter().position(is).ok_or(DeprivationFault::NoColumn(name))
        };
        let (postcode, decile) = (column(&POSTCODE, "postcode")?, column(&DECILE, "decile")?);
        let mut table = Self::default();
        for cut in cuts.take(LIMITS.rows_max) {
            let read = cut.row().ok().and_then(|row| {
                let tenth = row.field(decile).parse::<u8>().ok().filter(|tenth| (1..=10).contains(tenth))?;
                Some((packed(row.field(postcode))?, tenth))
            });
            match read {
                Some((postcode, tenth)) => drop(table.tenths.insert(postcode, tenth)),
                None => table.passed_over += 1,
            }
        }
        if table.tenths.is_empty() { Err(DeprivationFault::Nothing) } else { Ok(table) }
    }

    /// How many postcodes it has.
    pub fn postcodes(&self) -> usize {
        self.tenths.len()
    }

    /// The fifth in which a postcode lies, in words; empty where the table does not say.
    pub fn fifth(&self, postcode: &str) -> &'static str {
        match packed(postcode).and_then(|p| self.tenths.get(&p)) {
            Some(1 | 2) => "1, most deprived fifth",
            Some(3 | 4) => "2",
            Some(5 | 6) => "3",
            Some(7 | 8) => "4",
            Some(_) => "5, least deprived fifth",
            None => "",
        }
    }
}

/// The letters and digits of a postcode, 5 to 7 of them, in one number.
fn packed(postcode: &str) -> Option<u64> {
    let signs = || postcode.bytes().filter(|b| !b.is_ascii_whitespace());
    let fits = (5..=7).contains(&signs().count()) && signs().all(|b| b.is_ascii_alphanumeric());
    fits.then(|| signs().fold(0, |sum, b| (sum << 8) | u64::from(b.to_ascii_uppercase())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_postcode_leads_to_its_fifth_however_it_is_written() {
        let text = "PCDS,LSOA,Index of Multiple Deprivation (IMD) Decile\r\nZZ1 1AA,E01,1\r\nZZ1 1AB,E01,10\r\nZZ1 1AC,E01,0\r\n,E01,3\r\n";
        let table = Deprivation::read(text.as_bytes()).unwrap();
        assert_eq!((table.postcodes(), table.passed_over), (2, 2));
        for (postcode, fifth) in [
            ("ZZ1 1AA", "1, most deprived fifth"),
            ("zz11aa", "1, most deprived fifth"),
            (" ZZ1  1AB ", "5, least deprived fifth"),
            ("ZZ1 1AC", ""),
            ("", ""),
            ("ZZ1 1AÄ", ""),
            ("a long way from anywhere", ""),
        ] {
            assert_eq!(table.fifth(postcode), fifth, "{postcode:?}");
        }
    }

    #[test]
    fn a_table_that_says_nothing_is_refused_with_a_reason() {
        for (text, wanted) in [
            ("postcode,rank\nZZ1 1AA,4\n", DeprivationFault::NoColumn("decile")),
            ("decile\n4\n", DeprivationFault::NoColumn("postcode")),
            ("postcode,decile\nZZ1 1AA,11\n", DeprivationFault::Nothing),
            ("", DeprivationFault::Table(TableFault::Empty)),
        ] {
            assert_eq!(Deprivation::read(text.as_bytes()), Err(wanted), "{text}");
        }
    }
}

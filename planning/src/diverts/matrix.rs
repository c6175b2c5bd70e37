//! A travel-time matrix from somebody's spreadsheet: zones down, sites across, minutes in the cells.
//!
//! Always: a hole, a negative time or a word in a cell refuses the whole matrix, with row and column named for every
//! fault (at most 20): a plan on half a matrix would send ambulances the wrong way. Never reads a file: bytes come from
//! the caller, unpacked. Proved by the tables in `tests/bad_input.rs`.

use super::estimate::{EstimateRule, estimated};
use super::instance::{Instance, Limits, TravelTime};
use super::refusal::Refusal;
use std::collections::{BTreeMap, BTreeSet};

/// Faults listed before "and n more".
const FAULTS_MAX: usize = 20;
/// Rows that a matrix may have.
const ROWS_MAX: usize = 100_000;

/// Minutes between named rows and named columns, complete.
#[derive(Debug, Clone, PartialEq)]
pub struct Matrix {
    rows: Vec<String>,
    columns: Vec<String>,
    minutes: Vec<f64>,
}

/// What a matrix did to an instance.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Fitted {
    /// Sites (indices) without a column: unreachable, unless estimated.
    pub sites_without: Vec<usize>,
    /// Zones (indices) without a row, whose times were estimated.
    pub zones_without: Vec<usize>,
    /// Columns that no site of the instance has.
    pub columns_unused: usize,
    /// Rows that no zone of the instance has.
    pub rows_unused: usize,
}

impl Matrix {
    /// Reads CSV: a header with the sites, then a row a zone, its name first. Separated by commas, semicolons or tabs.
    ///
    /// # Errors
    /// Every fault found, with row and column named.
    pub fn read(bytes: &[u8]) -> Result<Self, Refusal> {
        let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(delimiter(bytes))
            .trim(csv::Trim::All)
            .from_reader(bytes);
        let mut records = reader.byte_records();
        let mut faults = Faults::default();
        let columns = match records.next() {
            Some(Ok(header)) => names(&header),
            _ => {
                return Err(Refusal::Matrix(vec![
                    "it is empty; the first row must name the sites".to_owned(),
                ]));
            }
        };
        if columns.is_empty() {
            return Err(Refusal::Matrix(vec![
                "the first row names no site after the first column".to_owned(),
            ]));
        }
        if columns.len() > Limits::SITES_MAX {
            return Err(Refusal::TooMany { what: "columns", count: columns.len(), max: Limits::SITES_MAX });
        }
        faults.named(&columns, "column");
        let mut matrix = Self { rows: Vec::new(), columns, minutes: Vec::new() };
        for (line, record) in (2..).zip(records) {
            match record {
                Ok(record) if record.iter().all(<[u8]>::is_empty) => {}
                Ok(record) => matrix.add(&record, line, &mut faults),
                Err(error) => faults.add(|| format!("line {line} cannot be read: {error}")),
            }
            if matrix.rows.len() > ROWS_MAX {
                return Err(Refusal::TooMany { what: "rows", count: matrix.rows.len(), max: ROWS_MAX });
            }
        }
        faults.named(&matrix.rows, "row");
        if matrix.rows.is_empty() {
            faults.add(|| "it has no rows of times".to_owned());
        }
        faults.end(matrix)
    }

    /// Names of the rows.
    pub fn rows(&self) -> &[String] {
        &self.rows
    }

    /// Names of the columns.
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// Minutes from a row to a column.
    pub fn minutes(&self, row: usize, column: usize) -> Option<f64> {
        if column >= self.columns.len() {
            return None;
        }
        self.minutes.get(row * self.columns.len() + column).copied()
    }

    /// Replaces the instance's travel times by these. Rows are matched with zones by name, columns with sites by name or
    /// postcode. What the matrix does not have is estimated by `fill`, if given and places are known.
    ///
    /// # Errors
    /// No column is a site; or a zone has no row and cannot be estimated. The instance is then as before.
    pub fn fit(&self, instance: &mut Instance, fill: Option<&EstimateRule>) -> Result<Fitted, Refusal> {
        let column_of = self.columns_of_sites(instance);
        let mut fitted = Fitted {
            sites_without: (0..instance.sites.len()).filter(|s| !column_of.contains_key(s)).collect(),
            columns_unused: self.columns.len() - column_of.len(),
            ..Fitted::default()
        };
        if column_of.is_empty() {
            let first = self.columns.first().map_or("", String::as_str);
            let wanted = instance.sites.first().map_or("", |s| s.name.as_str());
            return Err(Refusal::Matrix(vec![format!(
                "no column is a site of the instance: the first column is \"{first}\", the first site \"{wanted}\""
            )]));
        }
        let row_of: BTreeMap<String, usize> =
            self.rows.iter().enumerate().map(|(i, r)| (key(r), i)).collect();
        let mut faults = Faults::default();
        let mut times = Vec::with_capacity(instance.zones.len());
        for (index, zone) in instance.zones.iter().enumerate() {
            let row = row_of.get(&key(&zone.name)).copied();
            let mut own: Vec<TravelTime> = match row {
                Some(row) => column_of
                    .iter()
                    .filter_map(|(site, column)| {
                        let minutes = self.minutes(row, *column)?;
                        Some(TravelTime { site: *site, minutes, estimated: false })
                    })
                    .collect(),
                None => Vec::new(),
            };
            if let (Some(rule), Some(place)) = (fill, zone.place) {
                let missing = instance.sites.iter().map(|s| s.place).enumerate();
                let missing = missing.filter(|(s, _)| row.is_none() || !column_of.contains_key(s));
                own.extend(estimated(rule, place, missing));
            }
            if row.is_none() {
                fitted.zones_without.push(index);
                if own.is_empty() {
                    faults.add(|| format!("there is no row for the zone \"{}\"", zone.name));
                }
            }
            times.push(own);
        }
        faults.end(())?;
        fitted.rows_unused =
            (self.rows.len() + fitted.zones_without.len()).saturating_sub(instance.zones.len());
        instance.zones.iter_mut().zip(times).for_each(|(zone, times)| zone.times = times);
        Ok(fitted)
    }

    fn columns_of_sites(&self, instance: &Instance) -> BTreeMap<usize, usize> {
        let columns: BTreeMap<String, usize> =
            self.columns.iter().enumerate().map(|(i, c)| (key(c), i)).collect();
        let codes: BTreeMap<String, usize> =
            self.columns.iter().enumerate().map(|(i, c)| (code(c), i)).collect();
        let column = |site: &super::Site| {
            let by_code = || codes.get(&code(site.postcode.as_deref()?)).copied();
            columns.get(&key(&site.name)).copied().or_else(by_code)
        };
        instance.sites.iter().enumerate().filter_map(|(i, site)| Some((i, column(site)?))).collect()
    }

    fn add(&mut self, record: &csv::ByteRecord, line: usize, faults: &mut Faults) {
        let name = String::from_utf8_lossy(record.get(0).unwrap_or_default()).into_owned();
        let row = if name.is_empty() { format!("row {line}") } else { format!("row {line} (\"{name}\")") };
        if name.is_empty() {
            faults.add(|| format!("{row} has no name in its first cell"));
        }
        let extra = record.len().saturating_sub(self.columns.len() + 1);
        if extra > 0 {
            faults.add(|| format!("{row} has {extra} cells more than the first row"));
        }
        for (index, column) in self.columns.iter().enumerate() {
            match minutes(record.get(index + 1)) {
                Ok(minutes) => self.minutes.push(minutes),
                Err(why) => {
                    faults.add(|| format!("{row}, column \"{column}\": {why}"));
                    self.minutes.push(0.0);
                }
            }
        }
        self.rows.push(name);
    }
}

/// What is wrong, the first of it listed and the rest counted.
#[derive(Default)]
struct Faults {
    listed: Vec<String>,
    count: usize,
}

impl Faults {
    fn add(&mut self, fault: impl FnOnce() -> String) {
        self.count += 1;
        if self.listed.len() < FAULTS_MAX {
            self.listed.push(fault());
        }
    }

    fn named(&mut self, names: &[String], what: &str) {
        let mut seen = BTreeSet::new();
        for name in names.iter().filter(|n| !n.is_empty()) {
            if !seen.insert(key(name)) {
                self.add(|| format!("two {what}s are called \"{name}\""));
            }
        }
        if what == "column" && names.iter().any(String::is_empty) {
            self.add(|| "a column of the first row has no name".to_owned());
        }
    }

    fn end<T>(mut self, good: T) -> Result<T, Refusal> {
        if self.count > self.listed.len() {
            self.listed.push(format!("and {} more faults", self.count - self.listed.len()));
        }
        if self.listed.is_empty() { Ok(good) } else { Err(Refusal::Matrix(self.listed)) }
    }
}

/// The separator that the first line uses most.
fn delimiter(bytes: &[u8]) -> u8 {
    let line = bytes.split(|b| *b == b'\n').next().unwrap_or_default();
    let count = |d: u8| line.iter().filter(|b| **b == d).count();
    [b',', b';', b'\t'].into_iter().rev().max_by_key(|d| count(*d)).unwrap_or(b',')
}

/// The sites of the header: all cells but the first; empty cells at the end are a spreadsheet's habit.
fn names(header: &csv::ByteRecord) -> Vec<String> {
    let mut names: Vec<String> =
        header.iter().skip(1).map(|cell| String::from_utf8_lossy(cell).into_owned()).collect();
    while names.last().is_some_and(String::is_empty) {
        names.pop();
    }
    names
}

fn minutes(cell: Option<&[u8]>) -> Result<f64, String> {
    let text = String::from_utf8_lossy(cell.unwrap_or_default());
    if text.is_empty() {
        return Err("the cell is empty; every cell needs the minutes".to_owned());
    }
    match text.parse::<f64>() {
        Ok(m) if m.is_nan() || m.is_infinite() => Err(format!("\"{text}\" is no number of minutes")),
        Ok(m) if m < 0.0 => Err(format!("{text} is negative; minutes are 0 or more")),
        Ok(m) if m > Limits::MINUTES_MAX => Err(format!("{text} minutes are more than a day")),
        Ok(m) => Ok(m),
        Err(_) => Err(format!("\"{}\" is text; give the minutes as a number such as 12.5", short(&text))),
    }
}

fn short(text: &str) -> String {
    text.chars().take(40).collect()
}

fn key(name: &str) -> String {
    name.trim().to_lowercase()
}

fn code(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).collect::<String>().to_uppercase()
}

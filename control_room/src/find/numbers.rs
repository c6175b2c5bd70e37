//! Identifiers in order: whoever types the beginning of an NHS or hospital number finds its bearers.
//!
//! A number's first sixteen letters and digits are its place in the order; a tag tells whole identifiers (kind,
//! assigner, value) apart. Both only propose: whoever decides whose record it is compares the identifier itself, and
//! so a number that a record no longer bears may stay here.
//! Kept as sorted columns, 24 bytes a number, with the newest in a small tree until they are worth merging.

use super::words::number;
use care::{Identifier, IdentifierKind};
use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash, Hasher};

/// The sorted columns.
#[derive(Default)]
pub struct Numbers {
    places: Vec<u128>,
    tags: Vec<u32>,
    slots: Vec<u32>,
    fresh: BTreeSet<(u128, u32, u32)>,
}

/// Where a number stands in the order; technical keys stand apart, where nobody's typing reaches them.
fn place(kind: Option<IdentifierKind>, value: &str) -> u128 {
    let mut bytes = [0u8; 16];
    let mut at = 0;
    if kind == Some(IdentifierKind::Technical) {
        bytes = [1; 16];
        at = 1;
    }
    for (target, byte) in bytes.iter_mut().skip(at).zip(number(value).bytes()) {
        *target = byte;
    }
    u128::from_be_bytes(bytes)
}

fn tag(identifier: &Identifier) -> u32 {
    let mut hasher = DefaultHasher::new();
    identifier.hash(&mut hasher);
    hasher.finish() as u32
}

impl Numbers {
    /// Adds an identifier of the patient in `slot`.
    pub fn add(&mut self, identifier: &Identifier, slot: u32) {
        let row = (place(Some(identifier.kind), &identifier.value), tag(identifier), slot);
        if self.rows(row.0, row.0).all(|r| r != row) {
            self.fresh.insert(row);
            if self.fresh.len() > 4096.max(self.places.len() / 8) {
                self.merge();
            }
        }
    }

    /// Slots that may bear exactly this identifier.
    pub fn bearers(&self, identifier: &Identifier) -> impl Iterator<Item = u32> {
        let (at, own_tag) = (place(Some(identifier.kind), &identifier.value), tag(identifier));
        self.rows(at, at).filter(move |row| row.1 == own_tag).map(|row| row.2)
    }

    /// Slots with a number that begins so (letters and digits; case and spaces do not matter), in the numbers' order;
    /// `true` when it may be the whole number.
    pub fn beginning(&self, start: &str) -> impl Iterator<Item = (bool, u32)> {
        let low = place(None, start);
        let length = number(start).len().min(16);
        let high = if length == 16 { low } else { low | (u128::MAX >> (8 * length)) };
        let none = length == 0;
        self.rows(low, high).filter(move |_| !none).map(move |row| (row.0 == low, row.2))
    }

    /// All rows between two places: the columns first, then the fresh ones.
    fn rows(&self, low: u128, high: u128) -> impl Iterator<Item = (u128, u32, u32)> {
        let first = self.places.partition_point(|p| *p < low);
        let sorted = self
            .places
            .iter()
            .zip(&self.tags)
            .zip(&self.slots)
            .skip(first)
            .map(|((p, t), s)| (*p, *t, *s))
            .take_while(move |row| row.0 <= high);
        sorted.chain(self.fresh.range((low, 0, 0)..=(high, u32::MAX, u32::MAX)).copied())
    }

    /// Merges the fresh rows into the columns, from the back, so that no second copy of the columns is needed.
    pub fn merge(&mut self) {
        let fresh = std::mem::take(&mut self.fresh);
        let old = self.places.len();
        let all = old + fresh.len();
        grow(&mut self.places, all);
        grow(&mut self.tags, all);
        grow(&mut self.slots, all);
        let mut read = old;
        let mut write = all;
        for row in fresh.into_iter().rev() {
            while let Some(kept) = read.checked_sub(1).and_then(|i| self.row(i)).filter(|kept| *kept > row) {
                read -= 1;
                write -= 1;
                self.put(write, kept);
            }
            write -= 1;
            self.put(write, row);
        }
    }

    fn row(&self, i: usize) -> Option<(u128, u32, u32)> {
        Some((*self.places.get(i)?, *self.tags.get(i)?, *self.slots.get(i)?))
    }

    fn put(&mut self, i: usize, row: (u128, u32, u32)) {
        if let (Some(p), Some(t), Some(s)) =
            (self.places.get_mut(i), self.tags.get_mut(i), self.slots.get_mut(i))
        {
            (*p, *t, *s) = row;
        }
    }
}

/// Makes a column longer by little more than needed: columns are large, and doubling them would waste memory.
fn grow<T: Default + Clone>(column: &mut Vec<T>, len: usize) {
    if column.capacity() < len {
        column.reserve_exact(len - column.len() + len / 16);
    }
    column.resize(len, T::default());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mrn(value: &str) -> Identifier {
        Identifier { kind: IdentifierKind::Mrn, assigner: "R0A".into(), value: value.into() }
    }

    #[test]
    fn beginnings_and_whole_numbers_are_found_before_and_after_merging() {
        let mut numbers = Numbers::default();
        for (i, value) in ["RN100", "RN101", "RN2", "9990001", "rn-100"].iter().enumerate() {
            numbers.add(&mrn(value), i as u32);
        }
        for _ in 0..2 {
            let mut found: Vec<_> = numbers.beginning("rn 1").map(|(_, s)| s).collect();
            found.sort_unstable();
            assert_eq!(found, [0, 1, 4]);
            assert_eq!(numbers.bearers(&mrn("RN100")).collect::<Vec<_>>(), [0]);
            assert_eq!(numbers.beginning("RN2").next(), Some((true, 2)));
            assert_eq!(numbers.beginning("").count(), 0);
            numbers.merge();
        }
    }

    proptest::proptest! {
        #[test]
        fn merging_keeps_the_order(values in proptest::collection::vec("[0-9]{1,4}", 0..200), every in 1usize..20) {
            let mut numbers = Numbers::default();
            for (i, value) in values.iter().enumerate() {
                numbers.add(&mrn(value), i as u32);
                if i % every == 0 {
                    numbers.merge();
                }
            }
            numbers.merge();
            proptest::prop_assert!(numbers.places.is_sorted());
            proptest::prop_assert_eq!(numbers.places.len(), values.len());
            for (i, value) in values.iter().enumerate() {
                proptest::prop_assert!(numbers.bearers(&mrn(value)).any(|s| s == i as u32));
            }
        }
    }
}

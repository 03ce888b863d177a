//! The indexes of blocks that have come in another order.
//!
//! A list in which each new index is put in its place would move a million of them for a thousand
//! blocks, so the newest are in a short list of their own.

use std::cmp::Ordering;

/// How long the short list grows before it goes into the long one.
const SHORT: usize = 256;

/// An index, and among blocks with the same one the place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Key(pub(super) u64, pub(super) usize);

impl Ord for Key {
    fn cmp(&self, other: &Self) -> Ordering {
        #[cfg(test)]
        COMPARED.set(COMPARED.get() + 1);
        self.0.cmp(&other.0).then(self.1.cmp(&other.1))
    }
}

impl PartialOrd for Key {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
thread_local! {
    /// How many indexes were compared with another.
    pub(super) static COMPARED: std::cell::Cell<u64> = const { std::cell::Cell::new(0) };
}

/// Keys in order, each once.
#[derive(Debug, Default)]
pub(super) struct Sorted {
    long: Vec<Key>,
    short: Vec<Key>,
}

impl Sorted {
    pub(super) fn insert(&mut self, key: Key) {
        let place = count_up_to(&self.short, key);
        self.short.insert(place, key);
        if self.short.len() == SHORT {
            self.long = self.merged();
            self.short.clear();
        }
    }

    /// The greatest key that is not above this one.
    pub(super) fn last_up_to(&self, key: Key) -> Option<Key> {
        let last = |list: &[Key]| list.get(count_up_to(list, key).checked_sub(1)?).copied();
        last(&self.long).max(last(&self.short))
    }

    /// The greatest key.
    pub(super) fn last(&self) -> Option<Key> {
        self.long.last().copied().max(self.short.last().copied())
    }

    /// The items in the order of the keys that have their places.
    pub(super) fn arranged<T>(&self, items: Vec<T>) -> Vec<T> {
        let mut left = Vec::with_capacity(items.len());
        for item in items {
            left.push(Some(item));
        }
        let mut arranged = Vec::with_capacity(left.len());
        for Key(_, place) in self.merged() {
            if let Some(item) = left.get_mut(place).and_then(Option::take) {
                arranged.push(item);
            }
        }
        arranged
    }

    /// All keys in order.
    fn merged(&self) -> Vec<Key> {
        let mut merged = Vec::with_capacity(self.long.len() + self.short.len());
        let (mut long, mut short) = (self.long.as_slice(), self.short.as_slice());
        loop {
            let (next, from) = match (long.first(), short.first()) {
                (Some(one), Some(other)) if one < other => (one, &mut long),
                (_, Some(other)) => (other, &mut short),
                (Some(one), None) => (one, &mut long),
                (None, None) => return merged,
            };
            merged.push(*next);
            *from = from.get(1..).unwrap_or_default();
        }
    }
}

/// How many of the keys in order are not above this one.
fn count_up_to(list: &[Key], key: Key) -> usize {
    list.partition_point(|other| *other <= key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_in_any_order_are_found_and_arranged() {
        const COUNT: usize = 3 * SHORT + 7;
        let mut sorted = Sorted::default();
        for place in 0..COUNT {
            let index = (place * 97 % COUNT) as u64;
            sorted.insert(Key(index, place));
            assert_eq!(
                sorted.last_up_to(Key(index, usize::MAX)),
                Some(Key(index, place))
            );
        }
        assert_eq!(sorted.last().map(|key| key.0), Some(COUNT as u64 - 1));
        let items: Vec<usize> = (0..COUNT).map(|place| place * 97 % COUNT).collect();
        assert!(sorted.arranged(items).into_iter().eq(0..COUNT));
    }
}

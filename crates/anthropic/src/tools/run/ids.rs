//! The ids of a conversation's calls, each of which names one call.

use std::collections::HashMap;
use std::hash::{BuildHasher, BuildHasherDefault, Hasher, RandomState};
use std::sync::OnceLock;

use crate::tools::check::is_plain;

/// So many calls a conversation is made ready for.
const USUAL: usize = 28;

/// The ids of calls, each with the number that makes the next one of it unique.
///
/// It has their hashes only, since a conversation may have many calls. Of two ids that have one
/// hash, as of two that are the same, the second becomes another.
#[derive(Debug, Clone, Default)]
pub(super) struct Ids {
    next: HashMap<u64, u64, BuildHasherDefault<Hashed>>,
}

impl<'a> FromIterator<&'a str> for Ids {
    fn from_iter<I: IntoIterator<Item = &'a str>>(ids: I) -> Self {
        let mut all = Self::default();
        // Most runs have no more, and the table does not grow in steps.
        all.next.reserve(USUAL);
        for id in ids {
            all.next.insert(hash_of(id), 2);
        }
        all
    }
}

impl Ids {
    /// Makes the id of a call one that the API takes back: some gateways count from 1 in every
    /// message. Returns whether that changed it.
    pub(super) fn make_unique(&mut self, id: &mut String) -> bool {
        let mut is_other = false;
        if id.is_empty() || !id.bytes().all(is_plain) {
            let plain = |char: char| u8::try_from(char).is_ok_and(is_plain);
            let chars = id.chars();
            *id = chars
                .map(|char| if plain(char) { char } else { '_' })
                .collect();
            if id.is_empty() {
                "call".clone_into(id);
            }
            is_other = true;
        }
        let hash = hash_of(id);
        // Only a new id has no number yet.
        let Some(mut number) = self.next.insert(hash, 2) else {
            return is_other;
        };
        let (other, other_hash) = loop {
            let other = format!("{id}-{number}");
            number = number.saturating_add(1);
            let hash = hash_of(&other);
            if !self.next.contains_key(&hash) {
                break (other, hash);
            }
        };
        self.next.insert(hash, number);
        self.next.insert(other_hash, 2);
        *id = other;
        true
    }
}

/// The hash of an id, by keys that nobody outside the process knows: whoever makes the ids can't
/// choose ones that have one hash, or that share a place in the table.
fn hash_of(id: &str) -> u64 {
    static KEYS: OnceLock<[u64; 2]> = OnceLock::new();
    let [start, factor] = *KEYS.get_or_init(|| {
        let keys = RandomState::new();
        [keys.hash_one(0), keys.hash_one(1) | 1]
    });
    #[expect(clippy::cast_possible_truncation, reason = "it is one half of two")]
    let mixed = |hash: u64, word: u64| {
        let product = u128::from(hash ^ word) * u128::from(factor);
        product as u64 ^ (product >> 64) as u64
    };
    let mut words = id.as_bytes().chunks_exact(8);
    let mut hash = start;
    for word in &mut words {
        let word = word.try_into().map_or(0, u64::from_le_bytes);
        hash = mixed(hash, word);
    }
    let rest = words.remainder().iter();
    let rest = rest.fold(id.len() as u64, |rest, byte| rest << 8 | u64::from(*byte));
    mixed(mixed(hash, rest), start)
}

/// The hash of what is one.
#[derive(Debug, Default)]
pub(super) struct Hashed(u64);

impl Hasher for Hashed {
    fn finish(&self) -> u64 {
        self.0
    }

    // A hash is a `u64`, and nothing else is a key.
    fn write(&mut self, _: &[u8]) {}

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_that_differ_anywhere_stay_as_they_are() {
        let mut ids = Ids::default();
        let mut all: Vec<String> = (1..40).map(|length| "a".repeat(length)).collect();
        for at in 0..30 {
            for byte in ["b", "B", "0", "_", "-"] {
                let mut id = "a".repeat(30);
                id.replace_range(at..=at, byte);
                all.push(id);
            }
        }
        all.extend(["toolu_1-toolu_2-".to_owned(), "toolu_2-toolu_1-".to_owned()]);
        all.extend((0..10_000).map(|number| format!("toolu_{number}")));
        for id in all {
            let mut unique = id.clone();
            assert!(!ids.make_unique(&mut unique), "{id}");
            assert_eq!(unique, id);
        }
    }

    #[test]
    fn an_id_that_comes_again_becomes_another() {
        let mut ids: Ids = ["call_1", "call_1-2"].into_iter().collect();
        let mut made = Vec::new();
        for id in ["call_1", "call_1", "call_1-2", "call_2", "call 2", ""] {
            let mut id = id.to_owned();
            let is_other = ids.make_unique(&mut id);
            made.push((id, is_other));
        }
        let made: Vec<_> = made
            .iter()
            .map(|(id, other)| (id.as_str(), *other))
            .collect();
        assert_eq!(
            made,
            [
                ("call_1-3", true),
                ("call_1-4", true),
                ("call_1-2-2", true),
                ("call_2", false),
                ("call_2-2", true),
                ("call", true),
            ]
        );
    }
}

//! The ids of a conversation's calls, each of which names one call.

use std::collections::HashMap;
use std::hash::{BuildHasher, BuildHasherDefault, Hasher, RandomState};

/// So many calls a conversation is made ready for.
const USUAL: usize = 28;

/// The ids of calls, each with the number that makes the next one of it unique.
///
/// It has their hashes only, since a conversation may have many calls. Of two ids that have one
/// hash, as of two that are the same, the second becomes another.
#[derive(Debug, Clone, Default)]
pub(super) struct Ids {
    next: HashMap<u64, u64, BuildHasherDefault<Hashed>>,
    keys: RandomState,
}

impl<'a> FromIterator<&'a str> for Ids {
    fn from_iter<I: IntoIterator<Item = &'a str>>(ids: I) -> Self {
        let mut all = Self::default();
        // Most runs have no more, and the table does not grow in steps.
        all.next.reserve(USUAL);
        for id in ids {
            all.next.insert(all.hash(id), 2);
        }
        all
    }
}

impl Ids {
    fn hash(&self, id: &str) -> u64 {
        self.keys.hash_one(id)
    }

    /// Makes the id of a call one that the API takes back: some gateways count from 1 in every
    /// message. Returns whether that changed it.
    pub(super) fn make_unique(&mut self, id: &mut String) -> bool {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
        let mut is_other = false;
        if id.is_empty() || !id.bytes().all(plain) {
            let plain = |char: char| u8::try_from(char).is_ok_and(plain);
            let chars = id.chars();
            *id = chars
                .map(|char| if plain(char) { char } else { '_' })
                .collect();
            if id.is_empty() {
                "call".clone_into(id);
            }
            is_other = true;
        }
        let hash = self.hash(id);
        // Only a new id has no number yet.
        let Some(mut number) = self.next.insert(hash, 2) else {
            return is_other;
        };
        let (other, other_hash) = loop {
            let other = format!("{id}-{number}");
            number = number.saturating_add(1);
            let hash = self.hash(&other);
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

/// The hash of what is one.
#[derive(Debug, Default)]
pub(super) struct Hashed(u64);

impl Hasher for Hashed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}
